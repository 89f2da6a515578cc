//! A tar that Zstandard packed, frame by frame.
//!
//! A frame of Zstandard (RFC 8878) stands by itself, and has a sum of what it holds. Frames hold whole files, as many as fit; a longer file takes
//! several; each file that belongs to no payload, such as a list of sums, has one of its own, and so has the end of the tar. So a byte
//! that is changed takes few files with it, what lies behind can be read, and the lists tell what is missing. All that reads
//! Zstandard reads such frames as one file.

use std::io::{self, Read, Write};

use rayon::prelude::*;

use super::{Exact, MODE};
use crate::edition::bag;
use crate::edtf::Day;

/// How hard frames are packed: what `zstd` does when it is not told.
const ZSTD: i32 = 3;

/// How much of the tar a frame holds at most, but for what fills up the last block of a file. Half as much would take 4 of 100 more bytes.
const FRAME: usize = 1 << 20;

/// How many frames are packed at once, on however many processors.
const AT_ONCE: usize = 4;

/// The length of a block of a tar.
const BLOCK: usize = 512;

/// Writes a tar.
pub(crate) struct Tar<W: Write> {
    to: W,
    day: Day,
    /// What the next frame holds.
    frame: Vec<u8>,
    /// Frames that wait for being packed.
    full: Vec<Vec<u8>>,
    /// Room for frames and for what they are packed to, which is taken up anew.
    spare: Vec<Vec<u8>>,
    packed: Vec<Vec<u8>>,
}

impl<W: Write> Tar<W> {
    /// Begins a tar.
    pub(crate) fn new(to: W, day: Day) -> Self {
        Tar { to, day, frame: room(), full: Vec::new(), spare: Vec::new(), packed: vec![Vec::new(); AT_ONCE] }
    }

    /// Writes a file while it is read. It must have the length that was told.
    pub(crate) fn file(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        let head = head(path, length, self.day)?;
        let fits = (self.frame.len() + head.len()) as u64 + length <= FRAME as u64;
        if !fits || !is_payload(path) {
            self.cut()?;
        }
        self.frame.extend_from_slice(&head);
        let mut exact = Exact::new(from, length);
        while exact.left > 0 {
            if self.frame.len() >= FRAME {
                self.cut()?;
            }
            let room = (FRAME - self.frame.len()) as u64;
            exact.by_ref().take(room).read_to_end(&mut self.frame)?;
        }
        exact.end()?;
        let end = self.frame.len();
        self.frame.resize(end + padding(length), 0);
        Ok(())
    }

    /// Ends it.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        self.cut()?;
        self.frame.resize(2 * BLOCK, 0);
        self.cut()?;
        self.flush()?;
        Ok(self.to)
    }

    /// Ends a frame.
    fn cut(&mut self) -> io::Result<()> {
        if self.frame.is_empty() {
            return Ok(());
        }
        let next = self.spare.pop().unwrap_or_else(room);
        self.full.push(std::mem::replace(&mut self.frame, next));
        if self.full.len() < AT_ONCE { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.full.par_iter().zip(&mut self.packed).try_for_each(|(frame, room)| pack(frame, room))?;
        self.packed.iter().take(self.full.len()).try_for_each(|frame| self.to.write_all(frame))?;
        self.full.iter_mut().for_each(Vec::clear);
        self.spare.append(&mut self.full);
        Ok(())
    }
}

/// Room for a frame.
fn room() -> Vec<u8> {
    Vec::with_capacity(FRAME + BLOCK)
}

/// Packs a frame by a packer of its own, so that what was packed before makes no difference.
fn pack(frame: &[u8], room: &mut Vec<u8>) -> io::Result<()> {
    let mut compressor = zstd::bulk::Compressor::new(ZSTD)?;
    compressor.include_checksum(true)?;
    room.clear();
    room.reserve(zstd::zstd_safe::compress_bound(frame.len()));
    compressor.compress_to_buffer(frame, room)?;
    Ok(())
}

fn is_payload(path: &str) -> bool {
    path.split_once('/').is_some_and(|(_, inner)| inner.starts_with(bag::PAYLOAD))
}

/// How many bytes fill up the last block of a file.
fn padding(length: u64) -> usize {
    usize::try_from(length.next_multiple_of(BLOCK as u64) - length).unwrap_or_default()
}

/// What stands in a tar before a file, to the byte as it is written here.
pub(crate) fn head(path: &str, length: u64, day: Day) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::with_capacity(BLOCK));
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(MODE);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(seconds(day));
    header.set_size(length);
    builder.append_data(&mut header, path, io::empty())?;
    Ok(builder.get_ref().clone())
}

/// A day as tars say it: seconds since 1970, in which they begin.
fn seconds(day: Day) -> u64 {
    // Days from civil, by counting years from March, so that leap days come last.
    let (year, month) = (i64::from(day.year()), i64::from(day.month()));
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (153 * month + 2) / 5
        + i64::from(day.day())
        - 1
        - 719_468;
    u64::try_from(days).unwrap_or(0) * 86_400
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        let of = |year, month, day| Day::new(year, month, day).unwrap();
        assert_eq!(seconds(of(1970, 1, 1)), 0);
        assert_eq!(seconds(of(2024, 2, 29)), 1_709_164_800);
        assert_eq!(seconds(of(1969, 12, 31)), 0);
    }
}
