//! A zip, by APPNOTE.TXT 6.3.10, with 64 bits where 32 do not suffice.
//!
//! It has a directory at its end, which grows with the number of files: it waits in a scratch file, so that memory does not grow with it. This
//! is why the zip is written here and not by the library that reads zips, which keeps it in memory.

use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use flate2::Crc;

use super::deflate::{self, OF_PARTS, Packer, WHOLE};
use super::{Exact, Form, MODE};
use crate::edtf::Day;

/// How much is copied at a time.
const CHUNK: usize = 128 * 1024;

/// A file of this length may pass what a zip says in 32 bits once it is packed.
const LARGE: u64 = 0xf000_0000;

/// What a field of 32 bits says when the number stands elsewhere in 64.
const ELSEWHERE: u32 = u32::MAX;

/// A file that is ready to be written.
#[derive(Debug)]
pub(crate) struct Packed {
    pub(super) path: String,
    pub(super) length: u64,
    crc: u32,
    method: Method,
    pub(super) bytes: Vec<u8>,
}

impl Packed {
    /// A file as it is.
    pub(super) fn stored(path: String, bytes: Vec<u8>) -> Self {
        let crc = sum(&bytes);
        Packed { path, length: bytes.len() as u64, crc, method: Method::Stored, bytes }
    }

    /// A file of a tar, of which no sum is needed.
    pub(super) fn unsummed(path: String, bytes: Vec<u8>) -> Self {
        Packed { path, length: bytes.len() as u64, crc: 0, method: Method::Stored, bytes }
    }

    /// A file packed as it is in a new zip.
    pub(super) fn new(packer: &mut Packer, path: String, bytes: Vec<u8>) -> io::Result<Self> {
        if is_packed(&path) {
            return Ok(Packed::stored(path, bytes));
        }
        let length = bytes.len() as u64;
        if length > WHOLE {
            let mut packed = Vec::new();
            let mut take = |part: &[u8]| {
                packed.extend_from_slice(part);
                Ok(())
            };
            let crc = deflate::long(&mut bytes.as_slice(), length, OF_PARTS, &mut take)?.sum();
            return Ok(Packed { path, length, crc, method: Method::Deflated, bytes: packed });
        }
        let packed = packer.deflate(&bytes)?;
        // What does not become shorter stays as it is.
        if packed.len() >= bytes.len() {
            return Ok(Packed::stored(path, bytes));
        }
        Ok(Packed { path, length, crc: sum(&bytes), method: Method::Deflated, bytes: packed })
    }

    /// A short file packed as it lay in another zip: as it was, or packed.
    pub(crate) fn again(packer: &mut Packer, path: String, bytes: Vec<u8>, is_stored: bool) -> io::Result<Self> {
        if is_stored {
            return Ok(Packed::stored(path, bytes));
        }
        let (length, crc) = (bytes.len() as u64, sum(&bytes));
        Ok(Packed { path, length, crc, method: Method::Deflated, bytes: packer.deflate(&bytes)? })
    }
}

fn sum(bytes: &[u8]) -> u32 {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum()
}

/// How a file lies in a zip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Stored,
    Deflated,
}

impl Method {
    fn number(self) -> u16 {
        match self {
            Method::Stored => 0,
            Method::Deflated => 8,
        }
    }
}

/// Writes a zip.
pub(crate) struct Zip<W: Write, S: Write> {
    to: W,
    at: u64,
    directory: BufWriter<S>,
    directory_length: u64,
    files: u64,
    date: u16,
}

/// What a zip says of a file twice: before it and in the directory.
struct Said<'a> {
    path: &'a str,
    method: Method,
    crc: u32,
    packed: u64,
    length: u64,
}

impl<W: Write + Seek, S: Read + Write + Seek> Zip<W, S> {
    pub(crate) fn new(to: W, scratch: S, day: Day) -> Self {
        Zip { to, at: 0, directory: BufWriter::new(scratch), directory_length: 0, files: 0, date: dos_date(day) }
    }

    /// Writes a file that was packed.
    pub(crate) fn put(&mut self, file: &Packed) -> io::Result<()> {
        let Packed { path, length, crc, method, bytes } = file;
        let said = Said { path, method: *method, crc: *crc, packed: bytes.len() as u64, length: *length };
        let begin = self.at;
        self.head(&said)?;
        self.write_all(bytes)?;
        self.list(&said, begin)
    }

    /// Writes a file as it is, so that a reader can jump into it.
    pub(crate) fn store(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        self.copy(path, length, from, Method::Stored)
    }

    pub(super) fn stream(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        if is_packed(path) {
            return self.copy(path, length, from, Method::Stored);
        }
        if length > WHOLE {
            return self.copy(path, length, from, Method::Deflated);
        }
        self.put(&Form::Zip.pack(&mut Packer::new(), path.to_owned(), whole(from, length)?)?)
    }

    /// Writes a file again as it lay in another zip: as it is, or packed.
    pub(crate) fn again(&mut self, path: &str, length: u64, from: &mut dyn Read, is_stored: bool) -> io::Result<()> {
        if is_stored {
            return self.copy(path, length, from, Method::Stored);
        }
        if length > WHOLE {
            return self.copy(path, length, from, Method::Deflated);
        }
        self.put(&Packed::again(&mut Packer::new(), path.to_owned(), whole(from, length)?, false)?)
    }

    /// Writes a file while it is read.
    fn copy(&mut self, path: &str, length: u64, from: &mut dyn Read, method: Method) -> io::Result<()> {
        let begin = self.at;
        // What is not known yet is written over when it is.
        let unknown = Said { path, method, crc: 0, packed: 0, length };
        self.head(&unknown)?;
        let start = self.at;
        let mut exact = Exact::new(from, length);
        let crc = match method {
            Method::Deflated => deflate::long(&mut exact, length, OF_PARTS, &mut |bytes| self.write_all(bytes))?,
            Method::Stored => {
                let mut crc = Crc::new();
                each_chunk(&mut exact, |bytes| {
                    crc.update(bytes);
                    self.write_all(bytes)
                })?;
                crc
            }
        };
        exact.end()?;
        let said = Said { crc: crc.sum(), packed: self.at - start, ..unknown };
        self.to.seek(SeekFrom::Start(begin))?;
        self.to.write_all(&self.local(&said))?;
        self.to.seek(SeekFrom::Start(self.at))?;
        self.list(&said, begin)
    }

    pub(crate) fn finish(mut self) -> io::Result<W> {
        let (start, length, files) = (self.at, self.directory_length, self.files);
        let mut directory = self.directory.into_inner().map_err(io::IntoInnerError::into_error)?;
        directory.rewind()?;
        io::copy(&mut directory, &mut self.to)?;
        let is_large = files >= u64::from(u16::MAX) || start >= u64::from(ELSEWHERE) || length >= u64::from(ELSEWHERE);
        let mut end = Vec::new();
        if is_large {
            end.extend(b"PK\x06\x06");
            end.extend(44_u64.to_le_bytes());
            end.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
            for number in [files, files, length, start] {
                end.extend(number.to_le_bytes());
            }
            end.extend(b"PK\x06\x07");
            end.extend(0_u32.to_le_bytes());
            end.extend((start + length).to_le_bytes());
            end.extend(1_u32.to_le_bytes());
        }
        end.extend(b"PK\x05\x06");
        end.extend([0; 4]);
        let short = u16::try_from(files).unwrap_or(u16::MAX).to_le_bytes();
        end.extend(short);
        end.extend(short);
        end.extend(in_32(length).to_le_bytes());
        end.extend(in_32(start).to_le_bytes());
        end.extend([0; 2]);
        self.to.write_all(&end)?;
        self.to.flush()?;
        Ok(self.to)
    }

    fn head(&mut self, said: &Said<'_>) -> io::Result<()> {
        let head = self.local(said);
        self.write_all(&head)
    }

    /// What stands before a file.
    fn local(&self, said: &Said<'_>) -> Vec<u8> {
        let is_large = said.length >= LARGE;
        let mut head = b"PK\x03\x04".to_vec();
        self.common(said, is_large, &mut head);
        let (packed, length) = if is_large { (ELSEWHERE, ELSEWHERE) } else { (in_32(said.packed), in_32(said.length)) };
        head.extend(packed.to_le_bytes());
        head.extend(length.to_le_bytes());
        head.extend(name_length(said.path).to_le_bytes());
        head.extend(if is_large { 20_u16 } else { 0 }.to_le_bytes());
        head.extend(said.path.as_bytes());
        if is_large {
            head.extend([1, 0, 16, 0]);
            head.extend(said.length.to_le_bytes());
            head.extend(said.packed.to_le_bytes());
        }
        head
    }

    /// Notes a file for the directory.
    fn list(&mut self, said: &Said<'_>, begin: u64) -> io::Result<()> {
        let far: Vec<u64> =
            [said.length, said.packed, begin].into_iter().filter(|number| *number >= u64::from(ELSEWHERE)).collect();
        let mut entry = b"PK\x01\x02".to_vec();
        let version: u16 = if far.is_empty() { 20 } else { 45 };
        // Made on Unix, so that the mode is understood.
        entry.extend((version | 3 << 8).to_le_bytes());
        self.common(said, !far.is_empty(), &mut entry);
        entry.extend(in_32(said.packed).to_le_bytes());
        entry.extend(in_32(said.length).to_le_bytes());
        entry.extend(name_length(said.path).to_le_bytes());
        let extra = if far.is_empty() { 0 } else { 4 + 8 * far.len() };
        entry.extend(u16::try_from(extra).unwrap_or_default().to_le_bytes());
        // No comment, the first and only disk, nothing said of what it is inside.
        entry.extend([0; 6]);
        entry.extend(((0o100_000 | MODE) << 16).to_le_bytes());
        entry.extend(in_32(begin).to_le_bytes());
        entry.extend(said.path.as_bytes());
        if !far.is_empty() {
            entry.extend([1, 0]);
            entry.extend(u16::try_from(8 * far.len()).unwrap_or_default().to_le_bytes());
            far.iter().for_each(|number| entry.extend(number.to_le_bytes()));
        }
        self.directory.write_all(&entry)?;
        self.directory_length += entry.len() as u64;
        self.files += 1;
        Ok(())
    }

    /// What both places say alike: the version, that names are UTF-8, the method, the time, the sum.
    fn common(&self, said: &Said<'_>, is_large: bool, to: &mut Vec<u8>) {
        to.extend(if is_large { 45_u16 } else { 20 }.to_le_bytes());
        to.extend(0x0800_u16.to_le_bytes());
        to.extend(said.method.number().to_le_bytes());
        to.extend(0_u16.to_le_bytes());
        to.extend(self.date.to_le_bytes());
        to.extend(said.crc.to_le_bytes());
    }
}

impl<W: Write, S: Write> Write for Zip<W, S> {
    /// Writes what stands in the zip, and counts it.
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write_all(bytes)?;
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A number in 32 bits, or that it stands elsewhere.
fn in_32(number: u64) -> u32 {
    u32::try_from(number).unwrap_or(ELSEWHERE)
}

/// Paths of sites are far shorter than a zip can say.
fn name_length(path: &str) -> u16 {
    u16::try_from(path.len()).unwrap_or(u16::MAX)
}

/// Whether a file is packed already, as its name says, so that packing it again would only take time.
pub(crate) fn is_packed(path: &str) -> bool {
    const ENDINGS: [&str; 26] = [
        "7z", "avif", "br", "bz2", "docx", "epub", "flac", "gif", "gz", "jpeg", "jpg", "m4a", "m4v", "mov", "mp3",
        "mp4", "odt", "ogg", "png", "tgz", "wacz", "webm", "webp", "woff2", "xz", "zip",
    ];
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)) || ending.eq_ignore_ascii_case("zst")
}

/// A day as zips say it; they begin in 1980 and end in 2107.
fn dos_date(day: Day) -> u16 {
    match day.year() {
        ..1980 => 1 << 5 | 1,
        2108.. => 127 << 9 | 12 << 5 | 31,
        year => year.abs_diff(1980) << 9 | u16::from(day.month()) << 5 | u16::from(day.day()),
    }
}

/// A file as a whole, which must have the length that was told.
fn whole(from: &mut dyn Read, length: u64) -> io::Result<Vec<u8>> {
    let mut exact = Exact::new(from, length);
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
    exact.read_to_end(&mut bytes)?;
    exact.end()?;
    Ok(bytes)
}

fn each_chunk(from: &mut dyn Read, mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    let mut chunk = vec![0; CHUNK];
    loop {
        match from.read(&mut chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => take(&chunk[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn day() -> Day {
        Day::new(2025, 5, 11).unwrap()
    }

    #[test]
    fn more_files_than_16_bits_count_take_a_directory_of_64() {
        let mut zip = Zip::new(Cursor::new(Vec::new()), Cursor::new(Vec::new()), day());
        for number in 0..70_000 {
            zip.put(&Packed::stored(format!("{number:05}"), Vec::new())).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(archive.len(), 70_000);
    }

    #[test]
    fn days_are_those_of_the_calendar_as_far_as_a_zip_goes() {
        let of = |year, month, day| Day::new(year, month, day).unwrap();
        assert_eq!(dos_date(of(1979, 1, 1)), dos_date(of(1980, 1, 1)));
        assert_eq!(dos_date(of(2025, 5, 11)), 45 << 9 | 5 << 5 | 11);
        assert_eq!(dos_date(of(3000, 1, 1)), dos_date(of(2107, 12, 31)));
    }
}
