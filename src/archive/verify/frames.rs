//! The frames of Zstandard in a file, one after the other, so that reading can go on behind one that is damaged.

use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};

use zstd::stream::raw::{Decoder, InBuffer, Operation, OutBuffer};

use super::CHUNK;

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
