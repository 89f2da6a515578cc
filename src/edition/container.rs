//! The file around an edition: a zip, or a tar that Zstandard compressed. The same files give the same bytes, wherever and by however many
//! processors it is written.
//!
//! Files come one after the other with their length known; times are those of the edition's day, modes and owners are fixed. A zip has a
//! directory at its end, which grows with the number of files: it waits in a scratch file, so that memory does not grow with it. This is why
//! the zip is written here and not by the library that reads zips, which keeps it in memory. Not for reading archives.

use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};

use flate2::write::DeflateEncoder;
use flate2::{Compression, Crc};
use zstd::zstd_safe::CParameter;

use crate::edtf::Day;

/// How hard zips are packed: pages come out a third longer than at the hardest, in a third of the time.
const DEFLATE: u32 = 4;

/// How hard a tar is packed: what `zstd` does when it is not told.
const ZSTD: i32 = 3;

/// The most threads that pack a tar. How many there are makes no difference to its bytes, as long as there is one.
const MOST_THREADS: usize = 8;

/// How much of a tar a thread packs at once; so many bytes are kept for each of them.
const AT_ONCE: u32 = 2 << 20;

/// How much is copied at a time.
const CHUNK: usize = 128 * 1024;

/// A file of this length may pass what a zip says in 32 bits once it is packed.
const LARGE: u64 = 0xf000_0000;

/// What a field of 32 bits says when the number stands elsewhere in 64.
const ELSEWHERE: u32 = u32::MAX;

/// The mode of every file.
const MODE: u32 = 0o644;

/// Which file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A zip, of which each file is packed by itself.
    Zip,
    /// A tar, packed as a whole.
    TarZst,
}

/// A file that is ready to be written.
#[derive(Debug)]
pub(crate) struct Packed {
    path: String,
    length: u64,
    crc: u32,
    method: Method,
    bytes: Vec<u8>,
}

impl Form {
    /// Packs a file, where the form packs each by itself. Many can be packed at once.
    pub(crate) fn pack(self, path: String, bytes: Vec<u8>) -> Packed {
        let length = bytes.len() as u64;
        if self == Form::TarZst {
            return Packed { path, length, crc: 0, method: Method::Stored, bytes };
        }
        let mut crc = Crc::new();
        crc.update(&bytes);
        let stored = |path, bytes| Packed { path, length, crc: crc.sum(), method: Method::Stored, bytes };
        if is_packed(&path) {
            return stored(path, bytes);
        }
        let mut encoder = DeflateEncoder::new(Vec::with_capacity(bytes.len() / 3), Compression::new(DEFLATE));
        let packed = encoder.write_all(&bytes).and_then(|()| encoder.finish());
        match packed {
            Ok(packed) if packed.len() < bytes.len() => {
                Packed { path, length, crc: crc.sum(), method: Method::Deflated, bytes: packed }
            }
            // What does not become shorter stays as it is.
            _ => stored(path, bytes),
        }
    }
}

/// Writes a zip or a tar.
pub(crate) enum Container<W: Write + Seek, S: Read + Write + Seek> {
    /// A zip.
    Zip(Zip<W, S>),
    /// A tar.
    TarZst(Box<Tar<W>>),
}

impl<W: Write + Seek, S: Read + Write + Seek> Container<W, S> {
    /// Begins a file whose times are those of `day`; `scratch` is empty.
    pub(crate) fn new(form: Form, to: W, scratch: S, day: Day) -> io::Result<Self> {
        Ok(match form {
            Form::Zip => Container::Zip(Zip::new(to, scratch, day)),
            Form::TarZst => Container::TarZst(Box::new(Tar::new(to, day)?)),
        })
    }

    /// Writes a file that was packed for this form.
    pub(crate) fn put(&mut self, file: &Packed) -> io::Result<()> {
        match self {
            Container::Zip(zip) => zip.put(file),
            Container::TarZst(tar) => tar.file(&file.path, file.length, &mut file.bytes.as_slice()),
        }
    }

    /// Writes a file while it is read. It must have the length that was told.
    pub(crate) fn stream(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        match self {
            Container::Zip(zip) => zip.stream(path, length, from),
            Container::TarZst(tar) => tar.file(path, length, from),
        }
    }

    /// Ends it.
    pub(crate) fn finish(self) -> io::Result<W> {
        match self {
            Container::Zip(zip) => zip.finish(),
            Container::TarZst(tar) => tar.finish(),
        }
    }
}

/// Writes a tar.
pub(crate) struct Tar<W: Write> {
    builder: tar::Builder<zstd::Encoder<'static, W>>,
    header: tar::Header,
}

impl<W: Write> Tar<W> {
    /// Begins a tar.
    pub(crate) fn new(to: W, day: Day) -> io::Result<Self> {
        let mut encoder = zstd::Encoder::new(to, ZSTD)?;
        // One thread beside this one and eight beside it cut the tar in the same places; no thread would not.
        let threads = rayon::current_num_threads().clamp(1, MOST_THREADS);
        encoder.multithread(u32::try_from(threads).unwrap_or(1))?;
        encoder.set_parameter(CParameter::JobSize(AT_ONCE))?;
        encoder.include_checksum(true)?;
        Ok(Tar { builder: tar::Builder::new(encoder), header: plain(day) })
    }

    /// Writes a file while it is read. It must have the length that was told.
    pub(crate) fn file(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        // A header of its own: the names of files before it would leave letters behind the end of this one's.
        let mut header = self.header.clone();
        header.set_size(length);
        let mut exact = Exact::new(from, length);
        self.builder.append_data(&mut header, path, &mut exact)?;
        exact.end()
    }

    /// Ends it.
    pub(crate) fn finish(self) -> io::Result<W> {
        self.builder.into_inner()?.finish()
    }
}

/// What stands in a tar before a file, to the byte as it is written here.
pub(crate) fn head(path: &str, length: u64, day: Day) -> io::Result<Vec<u8>> {
    let mut builder = tar::Builder::new(Vec::new());
    let mut header = plain(day);
    header.set_size(length);
    builder.append_data(&mut header, path, io::empty())?;
    Ok(builder.get_ref().clone())
}

fn plain(day: Day) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mode(MODE);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(seconds(day));
    header
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

/// Writes a zip, by APPNOTE.TXT 6.3.10, with 64 bits where 32 do not suffice.
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

    fn put(&mut self, file: &Packed) -> io::Result<()> {
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

    fn stream(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        self.copy(path, length, from, if is_packed(path) { Method::Stored } else { Method::Deflated })
    }

    /// Writes a file again as it lay in another zip: as it is, or packed.
    pub(crate) fn again(&mut self, path: &str, length: u64, from: &mut dyn Read, is_stored: bool) -> io::Result<()> {
        self.copy(path, length, from, if is_stored { Method::Stored } else { Method::Deflated })
    }

    fn copy(&mut self, path: &str, length: u64, from: &mut dyn Read, method: Method) -> io::Result<()> {
        let begin = self.at;
        // What is not known yet is written over when it is.
        let unknown = Said { path, method, crc: 0, packed: 0, length };
        self.head(&unknown)?;
        let start = self.at;
        let mut crc = Crc::new();
        let mut exact = Exact::new(from, length);
        let mut chunk = vec![0; CHUNK];
        if method == Method::Stored {
            each_chunk(&mut exact, &mut chunk, |bytes| {
                crc.update(bytes);
                self.write_all(bytes)
            })?;
        } else {
            let mut encoder = DeflateEncoder::new(&mut *self, Compression::new(DEFLATE));
            each_chunk(&mut exact, &mut chunk, |bytes| {
                crc.update(bytes);
                encoder.write_all(bytes)
            })?;
            encoder.finish()?;
        }
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
fn is_packed(path: &str) -> bool {
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

fn each_chunk(from: &mut dyn Read, chunk: &mut [u8], mut take: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
    loop {
        match from.read(chunk) {
            Ok(0) => return Ok(()),
            Ok(read) => take(&chunk[..read])?,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads as many bytes as were told, no more and no fewer.
struct Exact<'a> {
    from: &'a mut dyn Read,
    left: u64,
}

impl<'a> Exact<'a> {
    fn new(from: &'a mut dyn Read, length: u64) -> Self {
        Exact { from, left: length }
    }

    /// At the end, nothing may be left on either side.
    fn end(self) -> io::Result<()> {
        match self.left == 0 && self.from.read(&mut [0])? == 0 {
            true => Ok(()),
            false => Err(io::Error::other("it changed its length while it was read")),
        }
    }
}

impl Read for Exact<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        let read = self.from.read(&mut bytes[..most])?;
        if read == 0 && most > 0 {
            return Err(io::Error::other("it became shorter while it was read"));
        }
        self.left -= read as u64;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn day() -> Day {
        Day::new(2025, 5, 11).unwrap()
    }

    fn files() -> Vec<(&'static str, Vec<u8>)> {
        vec![
            (
                "top/data/long-name-that-no-header-of-a-tar-can-hold-since-it-has-more-than-a-hundred-letters-in-it-as-this-one.txt",
                b"a".to_vec(),
            ),
            ("top/data/page.html", "A page of some words. ".repeat(5000).into_bytes()),
            ("top/data/picture.png", vec![7; 1000]),
            ("top/data/प.txt", Vec::new()),
        ]
    }

    fn write(form: Form, streamed: bool) -> Vec<u8> {
        let mut container = Container::new(form, Cursor::new(Vec::new()), Cursor::new(Vec::new()), day()).unwrap();
        for (path, bytes) in files() {
            match streamed {
                true => container.stream(path, bytes.len() as u64, &mut bytes.as_slice()).unwrap(),
                false => container.put(&form.pack(path.to_owned(), bytes)).unwrap(),
            }
        }
        container.finish().unwrap().into_inner()
    }

    #[test]
    fn a_zip_is_read_by_others_and_says_the_same_of_each_file_twice() {
        for streamed in [false, true] {
            let bytes = write(Form::Zip, streamed);
            let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            assert_eq!(zip.len(), 4);
            for (at, (path, expected)) in files().into_iter().enumerate() {
                let mut file = zip.by_index(at).unwrap();
                assert_eq!(file.name().unwrap(), path);
                assert_eq!(file.unix_mode(), Some(0o100_644));
                assert_eq!(
                    file.last_modified().map(|time| (time.year(), time.month(), time.day())),
                    Some((2025, 5, 11))
                );
                let mut found = Vec::new();
                file.read_to_end(&mut found).unwrap();
                assert!(found == expected, "{path}");
            }
        }
    }

    #[test]
    fn a_tar_is_the_same_whether_its_files_come_at_once_or_in_parts() {
        assert!(write(Form::TarZst, true) == write(Form::TarZst, false));
        let bytes = write(Form::TarZst, true);
        let mut tar = tar::Archive::new(zstd::Decoder::new(bytes.as_slice()).unwrap());
        let mut paths = Vec::new();
        for entry in tar.entries().unwrap() {
            let mut entry = entry.unwrap();
            assert_eq!((entry.header().mtime().unwrap(), entry.header().mode().unwrap()), (1_746_921_600, 0o644));
            let mut found = Vec::new();
            entry.read_to_end(&mut found).unwrap();
            paths.push((entry.path().unwrap().to_str().unwrap().to_owned(), found));
        }
        let expected: Vec<_> = files().into_iter().map(|(path, bytes)| (path.to_owned(), bytes)).collect();
        assert!(paths == expected);
    }

    #[test]
    fn the_number_of_threads_makes_no_difference() {
        // Long enough for more than one part of a tar.
        let mut state = 1_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 60) as u8
        })
        .take(20 << 20)
        .collect();
        let write = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut tar =
                    Container::new(Form::TarZst, Cursor::new(Vec::new()), Cursor::new(Vec::new()), day()).unwrap();
                tar.stream("a", noise.len() as u64, &mut noise.as_slice()).unwrap();
                tar.finish().unwrap().into_inner()
            })
        };
        let one = write(1);
        assert!(one == write(2) && one == write(7));
    }

    #[test]
    fn a_file_that_changes_its_length_is_refused() {
        for form in [Form::Zip, Form::TarZst] {
            for length in [2, 4] {
                let mut container =
                    Container::new(form, Cursor::new(Vec::new()), Cursor::new(Vec::new()), day()).unwrap();
                assert!(container.stream("a", length, &mut &b"abc"[..]).is_err(), "{form:?} {length}");
            }
        }
    }

    #[test]
    fn more_files_than_16_bits_count_take_a_directory_of_64() {
        let mut zip = Zip::new(Cursor::new(Vec::new()), Cursor::new(Vec::new()), day());
        for number in 0..70_000 {
            zip.put(&Form::Zip.pack(format!("{number:05}"), Vec::new())).unwrap();
        }
        let bytes = zip.finish().unwrap().into_inner();
        let archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        assert_eq!(archive.len(), 70_000);
    }

    #[test]
    fn days_are_those_of_the_calendar_as_far_as_a_format_goes() {
        let of = |year, month, day| Day::new(year, month, day).unwrap();
        assert_eq!(seconds(of(1970, 1, 1)), 0);
        assert_eq!(seconds(of(2024, 2, 29)), 1_709_164_800);
        assert_eq!(seconds(of(1969, 12, 31)), 0);
        assert_eq!(dos_date(of(1979, 1, 1)), dos_date(of(1980, 1, 1)));
        assert_eq!(dos_date(of(2025, 5, 11)), 45 << 9 | 5 << 5 | 11);
        assert_eq!(dos_date(of(3000, 1, 1)), dos_date(of(2107, 12, 31)));
    }
}
