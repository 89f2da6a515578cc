//! The file around an edition: a zip, or a tar that Zstandard compressed. The same files give the same bytes, wherever and by however many
//! processors it is written.
//!
//! Files come one after the other with their length known; times are those of the edition's day, modes and owners are fixed. Not for reading
//! archives.

mod deflate;
mod tar;
mod zip;

use std::io::{self, Read, Seek, Write};

use crate::edtf::Day;

pub(crate) use deflate::{OF_PARTS, Packer, STORED, WHOLE, gzip_long, gzip_stored};
pub(crate) use tar::{Tar, head};
pub(crate) use zip::{Packed, Zip, is_packed};

/// The mode of every file.
const MODE: u32 = 0o644;

/// Which file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A zip, of which each file is packed by itself.
    Zip,
    /// A tar, of which some files are packed together.
    TarZst,
}

impl Form {
    /// Packs a file, where the form packs each by itself. Many can be packed at once.
    pub(crate) fn pack(self, packer: &mut Packer, path: String, bytes: Vec<u8>) -> io::Result<Packed> {
        match self {
            Form::Zip => Packed::new(packer, path, bytes),
            Form::TarZst => Ok(Packed::unsummed(path, bytes)),
        }
    }
}

/// Writes a zip or a tar.
pub(crate) enum Container<W: Write + Seek, S: Read + Write + Seek> {
    /// A zip.
    Zip(Zip<W, S>),
    /// A tar.
    TarZst(Tar<W>),
}

impl<W: Write + Seek, S: Read + Write + Seek> Container<W, S> {
    /// Begins a file whose times are those of `day`; `scratch` is empty.
    pub(crate) fn new(form: Form, to: W, scratch: S, day: Day) -> Self {
        match form {
            Form::Zip => Container::Zip(Zip::new(to, scratch, day)),
            Form::TarZst => Container::TarZst(Tar::new(to, day)),
        }
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

/// Reads as many bytes as were told, no more and no fewer.
pub(super) struct Exact<'a> {
    from: &'a mut dyn Read,
    left: u64,
}

impl<'a> Exact<'a> {
    pub(super) fn new(from: &'a mut dyn Read, length: u64) -> Self {
        Exact { from, left: length }
    }

    /// At the end, nothing may be left on either side.
    pub(super) fn end(self) -> io::Result<()> {
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
            ("top/data/long.txt", "A line of a long file.\n".repeat(200_000).into_bytes()),
            ("top/data/picture.png", vec![7; 1000]),
            ("top/data/प.txt", Vec::new()),
            ("top/list.txt", b"of sums".to_vec()),
        ]
    }

    fn write(form: Form, streamed: bool) -> Vec<u8> {
        let mut container = Container::new(form, Cursor::new(Vec::new()), Cursor::new(Vec::new()), day());
        for (path, bytes) in files() {
            match streamed {
                true => container.stream(path, bytes.len() as u64, &mut bytes.as_slice()).unwrap(),
                false => {
                    container.put(&form.pack(&mut Packer::new(), path.to_owned(), bytes).unwrap()).unwrap();
                }
            }
        }
        container.finish().unwrap().into_inner()
    }

    #[test]
    fn a_zip_is_read_by_others_and_is_the_same_whether_its_files_come_at_once_or_in_parts() {
        assert!(write(Form::Zip, true) == write(Form::Zip, false));
        for streamed in [false, true] {
            let bytes = write(Form::Zip, streamed);
            let mut zip = ::zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
            assert_eq!(zip.len(), 6);
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
        let mut tar = ::tar::Archive::new(zstd::Decoder::new(bytes.as_slice()).unwrap());
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
        // Long enough for more than one part.
        let mut state = 1_u64;
        let noise: Vec<u8> = std::iter::repeat_with(|| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 60) as u8
        })
        .take(20 << 20)
        .collect();
        let write = |form, threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut container = Container::new(form, Cursor::new(Vec::new()), Cursor::new(Vec::new()), day());
                container.stream("a", noise.len() as u64, &mut noise.as_slice()).unwrap();
                container.finish().unwrap().into_inner()
            })
        };
        for form in [Form::Zip, Form::TarZst] {
            let one = write(form, 1);
            assert!(one == write(form, 2) && one == write(form, 7), "{form:?}");
        }
    }

    #[test]
    fn a_file_that_changes_its_length_is_refused() {
        for form in [Form::Zip, Form::TarZst] {
            for length in [2, 4] {
                let mut container = Container::new(form, Cursor::new(Vec::new()), Cursor::new(Vec::new()), day());
                assert!(container.stream("a", length, &mut &b"abc"[..]).is_err(), "{form:?} {length}");
            }
        }
    }

    /// The lengths of what stands in each frame.
    fn frames(bytes: &[u8]) -> Vec<usize> {
        let mut lengths = Vec::new();
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = zstd::zstd_safe::find_frame_compressed_size(rest).unwrap();
            lengths.push(zstd::bulk::decompress(&rest[..length], 2 << 20).unwrap().len());
            rest = &rest[length..];
        }
        lengths
    }

    #[test]
    fn a_frame_holds_whole_files_or_part_of_one() {
        let block = |length: usize| length.next_multiple_of(512);
        // The first has a name that takes three blocks; the long one begins a frame, and what comes behind it has room in the last.
        let first = 3 * 512 + block(1) + 512 + block(110_000);
        let long = 512 + 4_600_000 - (4 << 20);
        let last = block(long) + 512 + block(1000) + 512;
        let expected = [first, 1 << 20, 1 << 20, 1 << 20, 1 << 20, last, 512 + block(7), 1024];
        assert_eq!(frames(&write(Form::TarZst, true)), expected);
    }
}
