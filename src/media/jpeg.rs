//! JPEG: segments, each behind a marker, with the coded picture between some of them.

use memchr::memchr;

use super::{Fault, Picture, exif, icc};

/// How a file begins: the marker of the start, and that of the next segment.
pub(super) const BEGINNING: [u8; 3] = [0xff, START, 0xff];

const START: u8 = 0xd8;
const END: u8 = 0xd9;
const SCAN: u8 = 0xda;
/// The tables of Huffman codes.
const TABLES: u8 = 0xc4;
const QUANTISATION: u8 = 0xdb;
/// How many blocks stand between two marks of a restart.
const RESTART: u8 = 0xdd;
/// What arithmetic coding begins with.
const CONDITIONS: u8 = 0xcc;

const EXIF: &[u8] = b"Exif\0\0";
const PROFILE: &[u8] = b"ICC_PROFILE\0";

/// The most bytes of a profile that one segment holds: its length takes two, the name and the numbers fourteen.
const PROFILE_PIECE: usize = 0xffff - 2 - 14;

const fn broken(why: &'static str) -> Fault {
    Fault::Broken(Picture::Jpeg, why)
}

const CUT_SHORT: Fault = Fault::CutShort(Picture::Jpeg);

/// What stands before the picture and is kept, in the order in which it is written.
#[derive(Default)]
struct Opening<'a> {
    /// The header of JFIF, without the small picture that may be in it.
    jfif: Option<&'a [u8]>,
    turned: Option<u8>,
    /// The pieces of the colour profile: their number, how many there are, and their bytes.
    profile: Vec<(u8, u8, &'a [u8])>,
    /// How colours are coded, as Adobe writes it.
    adobe: Option<&'a [u8]>,
}

pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut opening = Opening::default();
    let mut rest = Vec::with_capacity(bytes.len());
    let mut at = 2;
    let (mut frame, mut has_scan) = (None, false);
    // What is said of arithmetic coding before it is known whether the picture is coded so.
    let mut conditions: Vec<&[u8]> = Vec::new();
    loop {
        // What stands between two segments is passed over, as programs that show pictures do.
        let marker_at = memchr(0xff, bytes.get(at..).unwrap_or_default()).ok_or(CUT_SHORT)? + at;
        let Some(after) = after_marks(bytes, marker_at) else { return Err(CUT_SHORT) };
        let marker = bytes[after];
        at = after + 1;
        match marker {
            END => break,
            START => return Err(broken("a second picture begins within it")),
            // A byte that stands for itself, one of no meaning, and the marks within a scan: none has anything behind it.
            0x00 | 0x01 | 0xd0..=0xd7 => continue,
            _ => {}
        }
        let body = segment(bytes, at)?;
        at += 2 + body.len();
        match marker {
            TABLES | QUANTISATION | RESTART => {
                check(marker, body)?;
                keep(&mut rest, marker, body);
            }
            CONDITIONS => {
                check(marker, body)?;
                match frame {
                    Some(frame) if is_arithmetic(frame) => keep(&mut rest, marker, body),
                    Some(_) => {}
                    None => conditions.push(body),
                }
            }
            // The sequential ones, the progressive one and the one without loss, and the first ones of them in arithmetic coding.
            0xc0..=0xc3 | 0xc9 | 0xca => {
                if frame.replace(marker).is_some() {
                    return Err(broken("it says twice how large it is"));
                }
                check(marker, body)?;
                keep(&mut rest, marker, body);
                for body in conditions.drain(..).filter(|_| is_arithmetic(marker)) {
                    keep(&mut rest, CONDITIONS, body);
                }
            }
            // How pictures in several sizes hang together, and a height that is said after the picture: passed over by
            // programs that show pictures.
            0xdc | 0xde | 0xdf => {}
            SCAN if frame.is_none() => return Err(broken("it begins without saying how large it is")),
            SCAN => {
                has_scan = true;
                check(marker, body)?;
                keep(&mut rest, marker, body);
                let end = end_of_scan(bytes, at)?;
                rest.extend_from_slice(&bytes[at..end]);
                at = end;
            }
            0xe0..=0xef if !has_scan => opening.take(marker, body),
            // What programs add, and remarks.
            0xe0..=0xef | 0xfe => {}
            _ => return Err(broken("it has a part that no browser knows")),
        }
    }
    if !has_scan {
        return Err(broken("there is no picture in it"));
    }
    let mut out = vec![0xff, START];
    opening.write(&mut out);
    out.append(&mut rest);
    out.extend([0xff, END]);
    Ok(out)
}

fn is_arithmetic(frame: u8) -> bool {
    matches!(frame, 0xc9 | 0xca)
}

/// Whether a segment holds what it should and nothing behind it; programs that show pictures refuse it otherwise.
fn check(marker: u8, body: &[u8]) -> Result<(), Fault> {
    let parts = |each: fn(&[u8]) -> Option<usize>| {
        let mut left = body;
        while !left.is_empty() {
            left = left.get(each(left)?..)?;
        }
        Some(())
    };
    let fits = match marker {
        TABLES => parts(|left| {
            let (head, counts) = (left.first()?, left.get(1..17)?);
            let codes: usize = counts.iter().map(|count| usize::from(*count)).sum();
            (head & 0xec == 0 && codes <= 256).then_some(17 + codes)
        })
        .is_some(),
        QUANTISATION => parts(|left| match left.first()? {
            0x00..=0x03 => Some(65),
            0x10..=0x13 => Some(129),
            _ => None,
        })
        .is_some(),
        CONDITIONS => parts(|left| (left.first()? & 0xec == 0).then_some(2)).is_some(),
        RESTART => body.len() == 2,
        SCAN => matches!(body.first(), Some(count @ 1..=4) if body.len() == 4 + 2 * usize::from(*count)),
        _ => match body {
            [_, 0, 0, ..] => return Err(broken("it does not say how high it is")),
            [_, _, _, _, _, count @ 1..=4, ..] => body.len() == 6 + 3 * usize::from(*count),
            _ => false,
        },
    };
    if fits { Ok(()) } else { Err(broken("a part of it holds more or less than it should")) }
}

/// The place behind one or more bytes 0xff that begin a marker.
fn after_marks(bytes: &[u8], at: usize) -> Option<usize> {
    bytes[at..].iter().position(|byte| *byte != 0xff).map(|marks| at + marks)
}

/// What is in a segment, whose length stands at a place.
fn segment(bytes: &[u8], at: usize) -> Result<&[u8], Fault> {
    let length: [u8; 2] = bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).ok_or(CUT_SHORT)?;
    let length = usize::from(u16::from_be_bytes(length));
    if length < 2 {
        return Err(broken("the length of a part cannot be"));
    }
    bytes.get(at + 2..at + length).ok_or(CUT_SHORT)
}

/// Where the coded picture that begins at a place ends.
fn end_of_scan(bytes: &[u8], start: usize) -> Result<usize, Fault> {
    let mut at = start;
    loop {
        let mark = memchr(0xff, bytes.get(at..).unwrap_or_default()).ok_or(CUT_SHORT)? + at;
        let after = after_marks(bytes, mark).ok_or(CUT_SHORT)?;
        if !matches!(bytes[after], 0x00 | 0xd0..=0xd7) {
            return Ok(mark);
        }
        at = after + 1;
    }
}

fn keep(out: &mut Vec<u8>, marker: u8, body: &[u8]) {
    let length = u16::try_from(body.len() + 2).expect("what stood in a segment fits into one");
    out.extend([0xff, marker]);
    out.extend(length.to_be_bytes());
    out.extend_from_slice(body);
}

impl<'a> Opening<'a> {
    /// Takes what is needed of a segment that programs add.
    fn take(&mut self, marker: u8, body: &'a [u8]) {
        match marker {
            // Up to the size of the small picture that may follow.
            0xe0 if body.starts_with(b"JFIF\0") => self.jfif = self.jfif.or(body.get(..12)),
            0xe1 => {
                let turned = body.strip_prefix(EXIF).and_then(exif::orientation);
                self.turned = self.turned.or(turned);
            }
            0xe2 => {
                if let Some([number, of, piece @ ..]) = body.strip_prefix(PROFILE) {
                    self.profile.push((*number, *of, piece));
                }
            }
            0xee if body.starts_with(b"Adobe") => self.adobe = self.adobe.or(body.get(..12)),
            _ => {}
        }
    }

    fn write(mut self, out: &mut Vec<u8>) {
        if let Some(jfif) = self.jfif {
            keep(out, 0xe0, &[jfif, &[0, 0]].concat());
        }
        if let Some(turned) = self.turned {
            keep(out, 0xe1, &[EXIF, &exif::with_orientation(turned)].concat());
        }
        if let Some(profile) = self.profile() {
            let pieces: Vec<&[u8]> = profile.chunks(PROFILE_PIECE).collect();
            if let Ok(of) = u8::try_from(pieces.len()) {
                for (number, piece) in (1..=of).zip(pieces) {
                    keep(out, 0xe2, &[PROFILE, &[number, of], piece].concat());
                }
            }
        }
        if let Some(adobe) = self.adobe {
            keep(out, 0xee, adobe);
        }
    }

    /// The colour profile, when all of its pieces are there.
    fn profile(&mut self) -> Option<Vec<u8>> {
        self.profile.sort_by_key(|(number, ..)| *number);
        let of = self.profile.len();
        let is_whole = (1..)
            .zip(&self.profile)
            .all(|(at, (number, all, _))| usize::from(*number) == at && usize::from(*all) == of);
        if !is_whole {
            return None;
        }
        icc::only_colours(&self.profile.iter().map(|(.., piece)| *piece).collect::<Vec<_>>().concat())
    }
}
