//! The frames of Zstandard in a file, one after the other, so that reading can go on behind one that is damaged.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

use super::CHUNK;
use crate::packet::is_of_content;

/// What each frame begins with, read as a number of 32 bits from its lowest byte on.
const MAGIC: u32 = 0xfd2f_b528;

/// Unpacks frame by frame.
pub(super) struct Frames<R> {
    file: BufReader<R>,
    decoder: Decoder<'static>,
    /// Where in the file the next byte lies.
    at: u64,
    /// Where the frame began of which something was read last.
    pub(super) begin: u64,
    pub(super) is_inside: bool,
}

impl<R: Read + Seek> Frames<R> {
    /// Begins at a place of a file.
    pub(super) fn new(mut file: R, at: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(at))?;
        let file = BufReader::with_capacity(CHUNK, file);
        Ok(Frames { file, decoder: Decoder::new()?, at, begin: at, is_inside: false })
    }

    /// Reads from the frame at hand; nothing comes at its end.
    pub(super) fn within(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        while self.is_inside {
            let input = self.file.fill_buf()?;
            let is_end = input.is_empty();
            let (mut from, mut to) = (InBuffer::around(input), OutBuffer::around(&mut *bytes));
            let left = self.decoder.run(&mut from, &mut to)?;
            let (used, written) = (from.pos(), to.pos());
            self.file.consume(used);
            self.at += used as u64;
            self.is_inside = left != 0;
            if written > 0 {
                return Ok(written);
            }
            if is_end && self.is_inside {
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it is cut off"));
            }
        }
        Ok(0)
    }

    /// Goes to the next place behind the beginning of the frame at hand where another may begin; tells where that is, which may be the end.
    pub(super) fn go_on(&mut self) -> io::Result<u64> {
        self.decoder.reinit()?;
        self.is_inside = false;
        self.go_to(self.begin + 1)?;
        let mut word = 0;
        loop {
            let bytes = self.file.fill_buf()?;
            if bytes.is_empty() {
                self.begin = self.at;
                return Ok(self.at);
            }
            let found = bytes.iter().position(|byte| {
                word = word >> 8 | u32::from(*byte) << 24;
                word == MAGIC
            });
            let used = found.map_or(bytes.len(), |last| last + 1);
            self.file.consume(used);
            self.at += used as u64;
            if found.is_some() {
                self.go_to(self.at - 4)?;
                self.begin = self.at;
                return Ok(self.at);
            }
        }
    }

    /// Goes to a place of the file; one that was read just now is not read again.
    fn go_to(&mut self, at: u64) -> io::Result<()> {
        self.file.seek_relative(at.wrapping_sub(self.at).cast_signed())?;
        self.at = at;
        Ok(())
    }
}

impl<R: Read + Seek> Read for Frames<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        loop {
            if !self.is_inside {
                if self.file.fill_buf()?.is_empty() {
                    return Ok(0);
                }
                (self.begin, self.is_inside) = (self.at, true);
            }
            match self.within(bytes)? {
                0 => {}
                read => return Ok(read),
            }
        }
    }
}

/// What is wrong with the frames of what Zstandard has packed (RFC 8878, section 3). Programs pass over some of them, whatever is in these.
pub(super) fn fault(mut from: impl Read + Seek) -> io::Result<Option<&'static str>> {
    from.rewind()?;
    let mut from = BufReader::new(from);
    let mut field = |length: u64, skipped: u64| -> io::Result<u64> {
        let mut bytes = [0; 8];
        from.seek_relative(i64::try_from(skipped).unwrap_or(i64::MAX))?;
        from.read_exact(&mut bytes[..length as usize])?;
        Ok(u64::from_le_bytes(bytes))
    };
    let mut all = || {
        let mut skipped = 0;
        loop {
            if field(4, skipped)? != u64::from(MAGIC) {
                return Ok(Some("something is packed along that no program unpacks"));
            }
            let descriptor = field(1, 0)?;
            let is_single = descriptor >> 5 & 1;
            let content = match (descriptor >> 6, is_single) {
                (0, is_single) => is_single,
                (flag, _) => 1 << flag,
            };
            skipped = (1 - is_single) + [0, 1, 2, 4][(descriptor & 3) as usize] + content;
            loop {
                let block = field(3, skipped)?;
                // Of a block that is one byte again and again, only that byte is there.
                skipped = if block >> 1 & 3 == 1 { 1 } else { block >> 3 };
                if block & 1 == 1 {
                    break;
                }
            }
            skipped += (descriptor >> 2 & 1) * 4;
        }
    };
    match all() {
        // It is at its end. Where that is within a frame, unpacking it tells of that.
        Err(error) if is_of_content(&error) => Ok(None),
        found => found,
    }
}
