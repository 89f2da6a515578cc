//! Packing with Deflate (RFC 1951), so that the same bytes come out the same on each machine: a file of common length in one go, a longer
//! one part by part.
//!
//! What a packer had before, how fast the bytes come, and what a processor can do make no difference. This is why no file is handed over
//! to a packer piece by piece: there are some that pack otherwise when the pieces are others.

use std::io::{self, Read};

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use libdeflater::{CompressionLvl, Compressor};
use rayon::prelude::*;

/// The longest file that is packed in one go, and so is in memory as a whole.
pub(crate) const WHOLE: u64 = 4 << 20;

/// How hard a file is packed in one go: pages come out by a thirtieth longer than at the usual level, in a third of the time.
const FAST: i32 = 1;

/// How hard the parts of a longer file are packed. Little is gained by more, and at the fastest level of all parts come out by a third longer.
pub(crate) const OF_PARTS: Compression = Compression::new(2);

/// The same for what is packed already: it stands as it is.
pub(crate) const STORED: Compression = Compression::none();

/// How long a part of a longer file is, and how many of them are packed at once, on however many processors.
const PART: u64 = 512 << 10;
const AT_ONCE: usize = 8;

/// Packs files one after the other, each in one go.
pub(crate) struct Packer {
    fast: Compressor,
    /// Room for what is packed, which is taken up anew by each file.
    room: Vec<u8>,
}

impl Packer {
    pub(crate) fn new() -> Self {
        Packer { fast: at_level(FAST), room: Vec::new() }
    }

    /// A file as a stream of Deflate.
    pub(super) fn deflate(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        grow(&mut self.room, self.fast.deflate_compress_bound(bytes.len()));
        let length = self.fast.deflate_compress(bytes, &mut self.room).map_err(io::Error::other)?;
        Ok(self.room[..length].to_vec())
    }

    /// Bytes as a member of a gzip file.
    pub(crate) fn gzip(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        gzip(&mut self.fast, &mut self.room, bytes)
    }
}

/// Bytes that are packed already as a member of a gzip file, in which they stand as they are.
pub(crate) fn gzip_stored(bytes: &[u8]) -> io::Result<Vec<u8>> {
    gzip(&mut at_level(0), &mut Vec::new(), bytes)
}

fn gzip(compressor: &mut Compressor, room: &mut Vec<u8>, bytes: &[u8]) -> io::Result<Vec<u8>> {
    grow(room, compressor.gzip_compress_bound(bytes.len()));
    let length = compressor.gzip_compress(bytes, room).map_err(io::Error::other)?;
    Ok(room[..length].to_vec())
}

fn grow(room: &mut Vec<u8>, least: usize) {
    if room.len() < least {
        room.resize(least, 0);
    }
}

fn at_level(level: i32) -> Compressor {
    Compressor::new(CompressionLvl::new(level).unwrap_or_default())
}

/// Packs a longer file as a member of a gzip file (RFC 1952), which names neither a file nor a time.
pub(crate) fn gzip_long(
    from: &mut dyn Read,
    length: u64,
    level: Compression,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    take(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])?;
    let crc = long(from, length, level, take)?;
    take(&crc.sum().to_le_bytes())?;
    take(&crc.amount().to_le_bytes())
}

/// Packs a longer file as one stream of Deflate; comes to its sum.
pub(super) fn long(
    from: &mut dyn Read,
    length: u64,
    level: Compression,
    take: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<Crc> {
    let mut crc = Crc::new();
    let mut left = length;
    let mut parts: Vec<Part> = Vec::new();
    while left > 0 {
        let mut count = 0;
        while left > 0 && count < AT_ONCE {
            if count == parts.len() {
                parts.push(Part::new(level));
            }
            left -= parts[count].read(from, left)?;
            count += 1;
        }
        let (parts, is_end) = (&mut parts[..count], left == 0);
        parts.par_iter_mut().enumerate().try_for_each(|(at, part)| part.pack(is_end && at + 1 == count))?;
        for part in parts {
            take(&part.packed)?;
            crc.combine(&part.crc);
        }
    }
    Ok(crc)
}

/// A part of a stream, with room that is taken up anew by each.
struct Part {
    compress: Compress,
    bytes: Vec<u8>,
    packed: Vec<u8>,
    crc: Crc,
}

impl Part {
    fn new(level: Compression) -> Self {
        Part { compress: Compress::new(level, false), bytes: Vec::new(), packed: Vec::new(), crc: Crc::new() }
    }

    /// Reads as much as belongs to it of what is left; comes to how much that is.
    fn read(&mut self, from: &mut dyn Read, left: u64) -> io::Result<u64> {
        let length = left.min(PART);
        self.bytes.resize(usize::try_from(length).unwrap_or_default(), 0);
        from.read_exact(&mut self.bytes)?;
        Ok(length)
    }

    /// Packs it. It ends with a whole byte, so that another may follow.
    fn pack(&mut self, is_last: bool) -> io::Result<()> {
        let Part { compress, bytes, packed, crc } = self;
        crc.reset();
        crc.update(bytes);
        compress.reset();
        packed.clear();
        packed.reserve_exact(bytes.len() + bytes.len() / 64 + 1024);
        let (flush, expected) = match is_last {
            true => (FlushCompress::Finish, Status::StreamEnd),
            false => (FlushCompress::Sync, Status::Ok),
        };
        let status = compress.compress_vec(bytes, packed, flush)?;
        // There is always room for more than Deflate can come to.
        match status == expected && compress.total_in() == bytes.len() as u64 && packed.len() < packed.capacity() {
            true => Ok(()),
            false => Err(io::Error::other("a part could not be packed")),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::read::{DeflateDecoder, GzDecoder};
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::text::hexadecimal;

    /// Words of no language, always the same.
    fn text(length: usize) -> Vec<u8> {
        let mut state = 7_u64;
        let mut next = move |below: u64| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) % below
        };
        let mut text = Vec::new();
        while text.len() < length {
            let word = next(3000) + 300;
            text.extend_from_slice(format!("{word:x}{}", [" ", ". ", "\n", " of "][next(4) as usize]).as_bytes());
        }
        text.truncate(length);
        text
    }

    #[test]
    fn what_is_packed_is_unpacked_again() {
        for length in [0, 1, 300, 70_000, WHOLE as usize] {
            let (text, mut found) = (text(length), Vec::new());
            let packed = Packer::new().deflate(&text).unwrap();
            DeflateDecoder::new(packed.as_slice()).read_to_end(&mut found).unwrap();
            assert!(found == text, "{length}");
            for packed in [Packer::new().gzip(&text).unwrap(), gzip_stored(&text).unwrap()] {
                found.clear();
                GzDecoder::new(packed.as_slice()).read_to_end(&mut found).unwrap();
                assert!(found == text, "{length}");
            }
        }
        for length in [PART + 1, 8 * PART, 9 * PART + 17] {
            let (text, mut packed, mut found) = (text(length as usize), Vec::new(), Vec::new());
            let crc = long(&mut text.as_slice(), length, OF_PARTS, &mut |bytes| packed.write_all(bytes)).unwrap();
            DeflateDecoder::new(packed.as_slice()).read_to_end(&mut found).unwrap();
            assert!(found == text, "{length}");
            let mut whole = Crc::new();
            whole.update(&text);
            assert_eq!((crc.sum(), crc.amount()), (whole.sum(), whole.amount()));
        }
    }

    #[test]
    fn what_was_packed_before_makes_no_difference() {
        let mut part = Part::new(OF_PARTS);
        let mut pack = |length: u64| {
            part.read(&mut text(length as usize).as_slice(), length).unwrap();
            part.pack(true).unwrap();
            part.packed.clone()
        };
        let first = [pack(PART), pack(70_000)];
        assert!([pack(PART), pack(70_000)] == first);
        let mut packer = Packer::new();
        packer.deflate(&text(900_000)).unwrap();
        packer.deflate(&vec![7; 70_000]).unwrap();
        for length in [10, 5000, 300_000] {
            assert!(packer.deflate(&text(length)).unwrap() == Packer::new().deflate(&text(length)).unwrap());
        }
    }

    /// The same numbers have to come out on each machine; another version of what packs may come to others.
    #[test]
    fn what_is_packed_is_the_same_on_each_machine() {
        let sum = |bytes: &[u8]| hexadecimal(&Sha256::digest(bytes))[..16].to_owned();
        let mut long_one = Vec::new();
        let length = 3 * PART + 5;
        long(&mut text(length as usize).as_slice(), length, OF_PARTS, &mut |bytes| long_one.write_all(bytes)).unwrap();
        let found = [
            sum(&Packer::new().deflate(&text(400_000)).unwrap()),
            sum(&Packer::new().gzip(&text(5000)).unwrap()),
            sum(&long_one),
        ];
        assert_eq!(found, ["441904549da123ac", "68e88560b7becfae", "949ee27e36fd6f6f"]);
    }
}
