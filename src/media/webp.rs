//! WebP: a RIFF container, whose chunks have a name and a length and begin at even places.

use super::{Fault, Picture, exif, icc};

/// The flags of the chunk that says what is in a file with more than the picture.
const HAS_PROFILE: u8 = 0b0010_0000;
const HAS_ALPHA: u8 = 0b0001_0000;
const HAS_EXIF: u8 = 0b0000_1000;
const MOVES: u8 = 0b0000_0010;

const fn broken(why: &'static str) -> Fault {
    Fault::Broken(Picture::Webp, why)
}

const CUT_SHORT: Fault = Fault::CutShort(Picture::Webp);

pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let length = le32(bytes, 4).ok_or(CUT_SHORT)?;
    // What stands behind that length is no part of the picture.
    let chunks = bytes.get(12..length.checked_add(8).ok_or(CUT_SHORT)?).ok_or(CUT_SHORT)?;
    let mut out = b"RIFF\0\0\0\0WEBP".to_vec();
    match chunks.get(..4) {
        Some(b"VP8X") => extended(&mut out, chunks)?,
        Some(b"VP8 " | b"VP8L") => {
            let (name, body, _) = chunk(chunks)?.ok_or(CUT_SHORT)?;
            write(&mut out, name, body);
        }
        None => return Err(CUT_SHORT),
        Some(_) => return Err(broken("it has no picture where that should be")),
    }
    let length = u32::try_from(out.len() - 8).map_err(|_| broken("it is too long"))?;
    out[4..8].copy_from_slice(&length.to_le_bytes());
    Ok(out)
}

/// A file with a transparent layer, a profile, several pictures or metadata.
fn extended(out: &mut Vec<u8>, chunks: &[u8]) -> Result<(), Fault> {
    let mut turned = None;
    let mut profile = None;
    let mut header = None;
    let (mut moving, mut still) = (Vec::new(), Still::default());
    let (mut has_anim, mut has_frame) = (false, false);
    let mut left = chunks;
    while let Some((name, body, rest)) = chunk(left)? {
        left = rest;
        match &name {
            b"VP8X" if header.is_none() => {
                header = Some(<[u8; 10]>::try_from(body).map_err(|_| broken("its header is too long or short"))?);
            }
            b"VP8X" => return Err(broken("it has two headers")),
            b"ICCP" => profile = profile.or_else(|| icc::only_colours(body)),
            b"EXIF" => {
                // Some programs write what stands before EXIF in JPEG here too.
                let tiff = body.strip_prefix(b"Exif\0\0").unwrap_or(body);
                turned = turned.or_else(|| exif::orientation(tiff));
            }
            b"ANIM" if body.len() == 6 && !has_anim => {
                has_anim = true;
                write(&mut moving, name, body);
            }
            b"ANMF" => {
                has_frame = true;
                write(&mut moving, name, &frame(body)?);
            }
            _ => still.take(name, body),
        }
    }
    let mut header = header.ok_or(CUT_SHORT)?;
    // One that moves has all of its pictures in frames, and one that does not has no frames.
    let mut kept = Vec::new();
    if header[0] & MOVES != 0 && has_frame {
        kept = moving;
    } else if still.picture.is_some() {
        still.write(&mut kept);
    } else {
        return Err(broken("there is no picture in it"));
    }
    header[0] &= HAS_ALPHA | MOVES;
    header[0] |= if profile.is_some() { HAS_PROFILE } else { 0 };
    header[0] |= if turned.is_some() { HAS_EXIF } else { 0 };
    header[1..4].fill(0);
    write(out, *b"VP8X", &header);
    if let Some(profile) = profile {
        write(out, *b"ICCP", &profile);
    }
    out.append(&mut kept);
    if let Some(turned) = turned {
        write(out, *b"EXIF", &exif::with_orientation(turned));
    }
    Ok(())
}

/// One picture of several: where and how long it is shown, and its chunks.
fn frame(body: &[u8]) -> Result<Vec<u8>, Fault> {
    let (place, mut left) = body.split_at_checked(16).ok_or(CUT_SHORT)?;
    let mut out = place.to_vec();
    let mut still = Still::default();
    while let Some((name, body, rest)) = chunk(left)? {
        left = rest;
        still.take(name, body);
    }
    still.write(&mut out);
    Ok(out)
}

/// A picture that stands, and the transparent layer of one that has none in itself.
#[derive(Default)]
struct Still<'a> {
    alpha: Option<&'a [u8]>,
    picture: Option<([u8; 4], &'a [u8])>,
}

impl<'a> Still<'a> {
    /// Takes a chunk when it is the first of its sort; the layer stands before the picture.
    fn take(&mut self, name: [u8; 4], body: &'a [u8]) {
        match &name {
            b"ALPH" if self.picture.is_none() => self.alpha = self.alpha.or(Some(body)),
            b"VP8 " | b"VP8L" => self.picture = self.picture.or(Some((name, body))),
            _ => {}
        }
    }

    fn write(self, out: &mut Vec<u8>) {
        let Some((name, body)) = self.picture else { return };
        if let Some(alpha) = self.alpha.filter(|_| name == *b"VP8 ") {
            write(out, *b"ALPH", alpha);
        }
        write(out, name, body);
    }
}

/// A chunk, with its name and what is in it, and what stands behind it; `None` at the end.
#[expect(clippy::type_complexity, reason = "the three parts of a chunk are named in the line above")]
fn chunk(bytes: &[u8]) -> Result<Option<([u8; 4], &[u8], &[u8])>, Fault> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let name: [u8; 4] = bytes.get(..4).and_then(|name| name.try_into().ok()).ok_or(CUT_SHORT)?;
    let length = le32(bytes, 4).ok_or(CUT_SHORT)?;
    let end = length.checked_add(8).ok_or(CUT_SHORT)?;
    let body = bytes.get(8..end).ok_or(CUT_SHORT)?;
    // Some programs leave out the byte that fills the last chunk up.
    let rest = bytes.get(end + length % 2..).unwrap_or_default();
    Ok(Some((name, body, rest)))
}

fn write(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    let length = u32::try_from(body.len()).expect("what stood in a chunk fits into one");
    out.extend(name);
    out.extend(length.to_le_bytes());
    out.extend_from_slice(body);
    out.extend((body.len() % 2 == 1).then_some(0));
}

fn le32(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(four)).ok()
}
