//! Compares what is written with what is there, so that a file which is made again is held against the one that came, to the byte.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// How many bytes that differ are kept apart.
const MOST_DIFFERING: usize = 4096;

/// A place to write to that only compares.
pub(crate) struct Against<R> {
    original: R,
    at: u64,
    /// The byte after the last that was written.
    end: u64,
    /// Where they differ; what is written over may be right at last.
    differing: BTreeSet<u64>,
    /// Where more differed than is kept.
    lost: Option<u64>,
}

impl<R: Read + Seek> Against<R> {
    pub(crate) fn new(original: R) -> Self {
        Against { original, at: 0, end: 0, differing: BTreeSet::new(), lost: None }
    }

    /// The first byte that differs, of a file of a length.
    pub(crate) fn first_difference(&self, length: u64) -> Option<u64> {
        let unequal = (self.end != length).then(|| self.end.min(length));
        self.differing.first().copied().into_iter().chain(self.lost).chain(unequal).min()
    }
}

impl<R: Read + Seek> Write for Against<R> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut there = Vec::with_capacity(bytes.len());
        self.original.seek(SeekFrom::Start(self.at))?;
        (&mut self.original).take(bytes.len() as u64).read_to_end(&mut there)?;
        if there != bytes || self.differing.range(self.at..self.at + bytes.len() as u64).next().is_some() {
            for (at, (written, offset)) in bytes.iter().zip(self.at..).enumerate() {
                if there.get(at) == Some(written) {
                    self.differing.remove(&offset);
                } else if self.differing.len() < MOST_DIFFERING {
                    self.differing.insert(offset);
                } else {
                    self.lost = Some(self.lost.unwrap_or(offset).min(offset));
                }
            }
        }
        self.at += bytes.len() as u64;
        self.end = self.end.max(self.at);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<R> Seek for Against<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let moved = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.end.checked_add_signed(by),
        };
        self.at = moved.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}
