//! PNG: a signature, and chunks with a length, a name and a checksum each.

use std::io::{Read, Write};

use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};

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
    Dropped,
    /// It says which side is up.
    Exif,
    /// It says which colours are meant.
    Profile,
    End,
}

/// What becomes of a chunk, by its name and length. One that is kept has no room for more than it should hold, except the picture itself.
fn fate(name: [u8; 4], length: usize) -> Result<Fate, Fault> {
    let kept = |fits: bool| Ok(if fits { Fate::Kept } else { Fate::Dropped });
    match &name {
        b"IHDR" if length == 13 => Ok(Fate::Kept),
        b"PLTE" if length <= 768 && length.is_multiple_of(3) => Ok(Fate::Kept),
        b"IDAT" | b"fdAT" => Ok(Fate::Kept),
        b"IEND" => Ok(Fate::End),
        b"tRNS" => kept(length <= 256),
        b"gAMA" | b"cICP" => kept(length == 4),
        b"cHRM" => kept(length == 32),
        b"sRGB" => kept(length == 1),
        b"sBIT" => kept(length <= 4),
        b"pHYs" => kept(length == 9),
        b"bKGD" => kept(length <= 6),
        b"mDCV" | b"mDCv" => kept(length == 24),
        b"cLLI" | b"cLLi" | b"acTL" => kept(length == 8),
        b"fcTL" => kept(length == 26),
        b"eXIf" => Ok(Fate::Exif),
        b"iCCP" => Ok(Fate::Profile),
        // A capital says that the picture cannot be shown without it.
        [b'A'..=b'Z', ..] => Err(broken("it has a part that no browser knows")),
        _ => Ok(Fate::Dropped),
    }
}

pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, Fault> {
    let mut out = Vec::with_capacity(bytes.len());
    out.extend(BEGINNING);
    let mut at = BEGINNING.len();
    let (mut has_header, mut has_pixels, mut has_profile) = (false, false, false);
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
        if !has_header && name != *b"IHDR" {
            return Err(broken("it begins without saying how large it is"));
        }
        let end = at.checked_add(8 + length).ok_or(cut_short)?;
        let body = bytes.get(at + 8..end).ok_or(cut_short)?;
        // The checksum belongs to the chunk, also where it is wrong.
        let chunk = bytes.get(at..end + 4).ok_or(cut_short)?;
        match fate(name, length)? {
            Fate::Kept => out.extend_from_slice(chunk),
            Fate::Dropped => {}
            Fate::Exif => {
                let side = &mut turned[usize::from(has_pixels)];
                *side = side.or_else(|| exif::orientation(body));
            }
            Fate::Profile if has_profile || has_pixels => {}
            Fate::Profile => {
                has_profile = true;
                if let Some(profile) = profile(body) {
                    write(&mut out, *b"iCCP", &profile);
                }
            }
            Fate::End => break,
        }
        if name == *b"IHDR" {
            if has_header {
                return Err(broken("it says twice how large it is"));
            }
            has_header = true;
            place_before = out.len();
        }
        has_pixels |= name == *b"IDAT";
        at = end + 4;
    }
    if !has_pixels {
        return Err(broken("there is no picture in it"));
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
    let length = u32::try_from(body.len()).expect("what is written by itself is short");
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
