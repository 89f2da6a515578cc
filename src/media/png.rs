//! PNG: a signature, and chunks with a length, a name and a checksum each.

use std::io::{Read, Write};

use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc, Decompress, FlushDecompress, Status};

use super::{Fault, Picture, be32, exif, icc};

/// The signature.
pub(super) const BEGINNING: [u8; 8] = *b"\x89PNG\r\n\x1a\n";

/// The longest chunk.
const LONGEST: usize = 0x7fff_ffff;

/// The longest colour profile; those that are in use have less than four million bytes.
const PROFILE_LIMIT: u64 = 16 * 1024 * 1024;

const fn broken(why: &'static str) -> Fault {
    Fault::Broken(Picture::Png, why)
}

/// What becomes of a chunk.
enum Fate {
    Kept,
    /// What stands behind that many of its bytes goes.
    Cut(usize),
    Dropped,
    /// It says which side is up.
    Exif,
    /// It says which colours are meant.
    Profile,
    End,
}

/// What has been seen of a picture.
struct Seen {
    depth: u8,
    colours: u8,
    /// The chunks of which there is one, and that are kept.
    once: Vec<[u8; 4]>,
    has_pixels: bool,
    /// The most colours that a pixel can name, or as many as there are in the palette.
    palette: usize,
    /// How many of the pictures that move are still to come.
    frames: usize,
    /// Whether a picture that moves has begun and the one that stands is over.
    is_in_frame: bool,
    /// Reads the packed pixels, to know where they end.
    pixels: Pixels,
}

/// Packed pixels, which may go on over several chunks.
enum Pixels {
    Packed(Box<Decompress>),
    /// They have ended; what stands behind is seen nowhere.
    Over,
}

impl Pixels {
    fn new() -> Self {
        Pixels::Packed(Box::new(Decompress::new(true)))
    }

    /// How many of some bytes, behind those before, belong to the pixels. Where they are damaged nobody knows where they end, nor
    /// what else stands in their place.
    fn belonging(&mut self, bytes: &[u8]) -> Result<usize, Fault> {
        let decoder = match self {
            Pixels::Packed(decoder) => decoder,
            Pixels::Over => return Ok(0),
        };
        let mut unpacked = [0; 16 * 1024];
        let mut read = 0;
        loop {
            let before = (decoder.total_in(), decoder.total_out());
            let status = decoder.decompress(&bytes[read..], &mut unpacked, FlushDecompress::None);
            read += (decoder.total_in() - before.0) as usize;
            match status {
                Ok(Status::StreamEnd) => {
                    *self = Pixels::Over;
                    return Ok(read);
                }
                Ok(_) if (decoder.total_in(), decoder.total_out()) != before => {}
                // All has been read.
                Ok(_) => return Ok(bytes.len()),
                Err(_) => return Err(broken("its packed pixels are damaged")),
            }
        }
    }

    /// Nothing more comes of them.
    fn end(&self) -> Result<(), Fault> {
        match self {
            Pixels::Packed(_) => Err(broken("its packed pixels have no end")),
            Pixels::Over => Ok(()),
        }
    }
}

/// The types of colours.
const GREY: u8 = 0;
const COLOUR: u8 = 2;
const PALETTE: u8 = 3;
const GREY_ALPHA: u8 = 4;
const COLOUR_ALPHA: u8 = 6;

impl Seen {
    fn new(header: [u8; 13]) -> Result<Self, Fault> {
        let [.., depth, colours, _, _, _] = header;
        let is_known = match colours {
            GREY => matches!(depth, 1 | 2 | 4 | 8 | 16),
            PALETTE => matches!(depth, 1 | 2 | 4 | 8),
            COLOUR | GREY_ALPHA | COLOUR_ALPHA => matches!(depth, 8 | 16),
            _ => false,
        };
        if !is_known {
            return Err(broken("its colours are of no known type"));
        }
        let (once, palette) = (Vec::new(), 0);
        Ok(Seen {
            depth,
            colours,
            once,
            has_pixels: false,
            palette,
            frames: 0,
            is_in_frame: false,
            pixels: Pixels::new(),
        })
    }

    /// What becomes of a chunk behind the header. One that is kept has its place there and no room for more than it should hold,
    /// except the picture itself.
    fn fate(&mut self, name: [u8; 4], body: &[u8]) -> Result<Fate, Fault> {
        let length = body.len();
        match &name {
            b"PLTE" => return Ok(self.palette(length)),
            // The picture that stands is over.
            b"IDAT" if self.is_in_frame => return Ok(Fate::Dropped),
            b"IDAT" => {
                self.has_pixels = true;
                return Ok(Fate::Cut(self.pixels.belonging(body)?));
            }
            b"IEND" => return Ok(Fate::End),
            b"eXIf" => return Ok(Fate::Exif),
            b"iCCP" => return Ok(if self.is_first(name) { Fate::Profile } else { Fate::Dropped }),
            b"fcTL" | b"fdAT" => return self.frame(name, body),
            // A capital says that the picture cannot be shown without it.
            [b'A'..=b'Z', ..] => return Err(broken("it has a part that no browser knows")),
            _ => {}
        }
        let fits = match (&name, self.colours) {
            (b"tRNS", GREY) => length == 2,
            (b"tRNS", COLOUR) => length == 6,
            (b"tRNS", PALETTE) => length <= self.palette,
            (b"sBIT", GREY) | (b"bKGD", PALETTE) => length == 1,
            (b"sBIT", COLOUR | PALETTE) => length == 3,
            (b"sBIT", GREY_ALPHA) | (b"bKGD", GREY | GREY_ALPHA) => length == 2,
            (b"sBIT", COLOUR_ALPHA) => length == 4,
            (b"bKGD", COLOUR | COLOUR_ALPHA) => length == 6,
            (b"gAMA" | b"cICP", _) => length == 4,
            (b"cHRM", _) => length == 32,
            (b"sRGB", _) => length == 1,
            (b"pHYs", _) => length == 9,
            (b"mDCV" | b"mDCv", _) => length == 24,
            (b"cLLI" | b"cLLi" | b"acTL", _) => length == 8,
            _ => false,
        };
        if !fits || !self.is_first(name) {
            return Ok(Fate::Dropped);
        }
        if name == *b"acTL" {
            self.frames = be32(body, 0).unwrap_or_default();
        }
        Ok(Fate::Kept)
    }

    /// Whether a chunk stands before the picture and is the first of its name.
    fn is_first(&mut self, name: [u8; 4]) -> bool {
        let is_first = !self.has_pixels && !self.once.contains(&name);
        if is_first {
            self.once.push(name);
        }
        is_first
    }

    /// The colours that pixels name by their numbers; of other pictures they are only a suggestion.
    fn palette(&mut self, length: usize) -> Fate {
        if self.colours != PALETTE || !self.is_first(*b"PLTE") {
            return Fate::Dropped;
        }
        self.palette = (length / 3).min(1 << self.depth);
        Fate::Cut(self.palette * 3)
    }

    /// A part of a picture that moves: only of those that were announced.
    fn frame(&mut self, name: [u8; 4], body: &[u8]) -> Result<Fate, Fault> {
        let length = body.len();
        if name == *b"fdAT" {
            // Its number stands before the pixels.
            return Ok(match body.get(4..) {
                Some(pixels) if self.is_in_frame => Fate::Cut(4 + self.pixels.belonging(pixels)?),
                _ => Fate::Dropped,
            });
        }
        let fits = length == 26 && self.frames > 0 && (self.has_pixels || self.is_first(name));
        self.is_in_frame = fits && self.has_pixels;
        if self.is_in_frame {
            self.pixels.end()?;
            self.pixels = Pixels::new();
        }
        if !fits {
            return Ok(Fate::Dropped);
        }
        self.frames -= 1;
        Ok(Fate::Kept)
    }
}

pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend(BEGINNING);
    let mut at = BEGINNING.len();
    let mut seen: Option<Seen> = None;
    // Which side is up, as said before the picture and after it.
    let mut turned = [None, None];
    let mut place_before = 0;
    loop {
        let cut_short = Fault::CutShort(Picture::Png);
        let length = be32(bytes, at).ok_or(cut_short)?;
        let name: [u8; 4] = bytes.get(at + 4..at + 8).and_then(|name| name.try_into().ok()).ok_or(cut_short)?;
        if length > LONGEST || !name.iter().all(u8::is_ascii_alphabetic) {
            return Err(broken("the length or name of a part cannot be"));
        }
        let end = at.checked_add(8 + length).ok_or(cut_short)?;
        let is_header = name == *b"IHDR";
        if seen.is_none() && !is_header {
            return Err(broken("it begins without saying how large it is"));
        }
        let body = bytes.get(at + 8..end).ok_or(cut_short)?;
        // The checksum belongs to the chunk, also where it is wrong.
        let chunk = bytes.get(at..end + 4).ok_or(cut_short)?;
        at = end + 4;
        let Some(seen) = seen.as_mut().filter(|_| !is_header) else {
            if seen.is_some() {
                return Err(broken("it says twice how large it is"));
            }
            let header = body.try_into().map_err(|_| broken("its header is too long or short"))?;
            seen = Some(Seen::new(header)?);
            out.extend_from_slice(chunk);
            place_before = out.len();
            continue;
        };
        let has_pixels = seen.has_pixels;
        match seen.fate(name, body)? {
            Fate::Kept => out.extend_from_slice(chunk),
            Fate::Cut(length) if length == body.len() => out.extend_from_slice(chunk),
            Fate::Cut(length) => write(&mut out, name, &body[..length]),
            Fate::Dropped => {}
            Fate::Exif => {
                let side = &mut turned[usize::from(has_pixels)];
                *side = side.or_else(|| exif::orientation(body));
            }
            Fate::Profile => {
                if let Some(profile) = profile(body) {
                    write(&mut out, *b"iCCP", &profile);
                }
            }
            Fate::End => break,
        }
    }
    match seen.filter(|seen| seen.has_pixels) {
        Some(seen) => seen.pixels.end()?,
        None => return Err(broken("there is no picture in it")),
    }
    match turned {
        [Some(turned), _] => {
            let rest = out.split_off(place_before);
            write(&mut out, *b"eXIf", &exif::with_orientation(turned));
            out.extend(rest);
        }
        [None, Some(turned)] => write(&mut out, *b"eXIf", &exif::with_orientation(turned)),
        [None, None] => {}
    }
    write(&mut out, *b"IEND", &[]);
    Ok(out)
}

fn write(out: &mut Vec<u8>, name: [u8; 4], body: &[u8]) {
    let length = u32::try_from(body.len()).expect("what is written is never longer than a chunk that was read");
    let mut crc = Crc::new();
    crc.update(&name);
    crc.update(body);
    out.extend(length.to_be_bytes());
    out.extend(name);
    out.extend_from_slice(body);
    out.extend(crc.sum().to_be_bytes());
}

/// A colour profile as its chunk has it: a name, a byte that says how it is packed, and the packed profile.
fn profile(body: &[u8]) -> Option<Vec<u8>> {
    let name = memchr::memchr(0, body)?;
    let packed = body.get(name + 1..)?.strip_prefix(&[0])?;
    let mut profile = Vec::new();
    ZlibDecoder::new(packed).take(PROFILE_LIMIT).read_to_end(&mut profile).ok()?;
    let mut encoder = ZlibEncoder::new(b"icc\0\0".to_vec(), Compression::best());
    encoder.write_all(&icc::only_colours(&profile)?).ok()?;
    encoder.finish().ok()
}
