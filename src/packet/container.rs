//! The zip around a packet: written in one way only, and read without trust.
//!
//! Files are stored as they are, sorted by their paths, all with the same time and mode, so that the same files are the same bytes
//! wherever they are written. What is read may come from anybody: nothing is unpacked to the disk, and what would be unsafe for whoever
//! unpacks it is refused by name.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use zip::result::ZipError;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, System, ZipArchive, ZipWriter};

use super::Against;
use crate::read::in_words;
use crate::text;

/// The most files of a zip that is read.
const MOST_FILES: usize = 10_000;

/// How much longer than the zip all its files may be.
const MOST_GROWTH: u64 = 100;

/// What may be unpacked of a short one.
const ALWAYS: u64 = 1 << 20;

/// How much is compared at a time.
const CHUNK: usize = 128 * 1024;

/// Writes a zip, file by file.
pub(super) struct Writer<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> Writer<W> {
    pub(super) fn new(to: W) -> Self {
        Writer(ZipWriter::new(to))
    }

    /// Begins the next file, whose length is known; its bytes are written after that.
    pub(super) fn file(&mut self, path: &str, length: u64) -> io::Result<&mut impl Write> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Stored)
            .last_modified_time(DateTime::default())
            .unix_permissions(0o644)
            .system(System::Unix)
            .large_file(length >= u64::from(u32::MAX));
        self.0.start_file(path, options)?;
        Ok(&mut self.0)
    }

    pub(super) fn finish(self) -> io::Result<W> {
        Ok(self.0.finish()?)
    }
}

/// A zip that was looked at and is safe to read.
pub(super) struct Container<R> {
    archive: ZipArchive<R>,
    /// The entries in the order of the zip.
    entries: Vec<Entry>,
    /// How many bytes it has.
    length: u64,
}

/// A file in a zip.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) length: u64,
    pub(super) is_stored: bool,
    /// Where its header begins, where its bytes begin, and where they end.
    header: u64,
    start: u64,
    end: u64,
}

/// Why a zip is not read.
#[derive(Debug)]
pub(super) enum Refused {
    /// The system could not read it.
    Io(io::Error),
    /// It is no zip at all.
    NoZip,
    /// It is damaged, or was made to do harm: what is wrong, and with which of its files.
    Unsafe(Option<String>, String),
}

impl Refused {
    fn whole(why: impl Into<String>) -> Self {
        Refused::Unsafe(None, why.into())
    }

    fn of(path: &str, why: impl Into<String>) -> Self {
        Refused::Unsafe(Some(shown(path)), why.into())
    }
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Refused::Io(error)
    }
}

impl<R: Read + Seek> Container<R> {
    /// Looks at all that a zip says of itself before anything of it is read.
    pub(super) fn open(mut file: R) -> Result<Self, Refused> {
        let length = file.seek(SeekFrom::End(0))?;
        let mut head = [0; 4];
        file.rewind()?;
        let begins_as_zip = file.read_exact(&mut head).is_ok() && head == *b"PK\x03\x04";
        file.rewind()?;
        let mut archive = match ZipArchive::new(file) {
            Ok(archive) => archive,
            Err(ZipError::Io(error)) if !is_of_content(&error) => return Err(Refused::Io(error)),
            Err(_) if !begins_as_zip => return Err(Refused::NoZip),
            Err(error) => return Err(Refused::whole(format!("it is cut off or damaged: {}", said(&error)))),
        };
        if archive.len() > MOST_FILES {
            return Err(Refused::whole(format!("it has {} files, and {MOST_FILES} are the most", archive.len())));
        }
        if archive.has_duplicate_names() {
            let path = twice(archive)?;
            return Err(Refused::of(
                &path,
                "it is there twice, and programs do not agree which of the two they unpack",
            ));
        }
        if archive.offset() != 0 {
            return Err(Refused::whole("something else stands before it"));
        }
        let mut entries = Vec::with_capacity(archive.len());
        for at in 0..archive.len() {
            entries.push(entry(&mut archive, at)?);
        }
        check_together(&entries, archive.central_directory_start(), length)?;
        Ok(Container { archive, entries, length })
    }

    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn find(&self, path: &str) -> Option<usize> {
        self.entries.iter().position(|entry| entry.path == path)
    }

    /// Reads a file; what it unpacks to is never more than it says.
    pub(super) fn read<T>(&mut self, at: usize, see: impl FnOnce(&mut dyn Read) -> io::Result<T>) -> io::Result<T> {
        let length = self.entries[at].length;
        // Whether the bytes are the right ones is told by a better sum than that of the zip.
        let options = zip::read::ZipReadOptions::new().ignore_crc32(true);
        let file = self.archive.by_index_with_options(at, options)?;
        see(&mut file.take(length))
    }

    /// A file that is read from any place; only what is stored as it is can be.
    pub(super) fn seek(&mut self, at: usize) -> io::Result<impl Read + Seek + '_> {
        Ok(self.archive.by_index_seek(at)?)
    }

    /// Whether the zip is to the byte what [`Writer`] makes of its files, given the same zip a second time; else where it first differs,
    /// and what stands there.
    pub(super) fn frame(&mut self, again: R) -> io::Result<Option<(u64, String)>> {
        let mut order: Vec<usize> = (0..self.entries.len()).collect();
        order.sort_by(|one, other| self.entries[*one].path.cmp(&self.entries[*other].path));
        let mut writer = Writer::new(Against::new(again));
        for at in order {
            let Entry { path, length, .. } = self.entries[at].clone();
            let to = writer.file(&path, length)?;
            self.read(at, |from| io::copy(&mut BufReader::with_capacity(CHUNK, from), to))?;
        }
        let against = writer.finish()?;
        Ok(against.first_difference(self.length).map(|at| (at, self.what_stands_at(at))))
    }

    fn what_stands_at(&self, at: u64) -> String {
        let of = |entry: &&Entry| (entry.header..entry.end).contains(&at);
        match self.entries.iter().find(of) {
            Some(entry) if at < entry.start => format!("in the header of `{}`", shown(&entry.path)),
            Some(entry) => format!("in `{}`", shown(&entry.path)),
            None => "in the directory at its end".to_owned(),
        }
    }
}

/// A path as it may be printed, whoever chose it.
pub(crate) fn shown(path: &str) -> String {
    let path: String = path.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
    text::excerpt(&path, 120)
}

/// What one entry says of itself.
fn entry<R: Read + Seek>(archive: &mut ZipArchive<R>, at: usize) -> Result<Entry, Refused> {
    let (path, length, packed, method, header, start, mode, is_encrypted, is_link) = {
        let name = |raw: &[u8]| String::from_utf8_lossy(raw).into_owned();
        let path = archive.file_names_raw().nth(at).map(name).unwrap_or_default();
        let broken = |error: &ZipError| Refused::of(&path, format!("its header is damaged: {}", said(error)));
        let file = archive.by_index_raw(at).map_err(|error| broken(&error))?;
        if std::str::from_utf8(file.name_raw()).is_err() || file.name().map_err(|error| broken(&error))? != path {
            return Err(Refused::of(&path, "its name is not UTF-8, and programs do not agree what it is"));
        }
        let start = file.data_start().unwrap_or_else(|| file.header_start());
        (
            path.clone(),
            file.size(),
            file.compressed_size(),
            file.compression(),
            file.header_start(),
            start,
            file.unix_mode(),
            file.encrypted(),
            file.is_symlink(),
        )
    };
    let refuse = |why: &str| Err(Refused::of(&path, why));
    if let Some(why) = unsafe_name(&path) {
        return refuse(why);
    }
    // The sort of file stands in the upper bits of the mode; plain files and folders are the ones that cannot do anything.
    let sort = mode.map_or(0, |mode| mode & 0o170_000);
    if is_link || sort == 0o120_000 {
        return refuse("it is a symbolic link, which can lead anywhere");
    }
    if !matches!(sort, 0 | 0o100_000 | 0o040_000) {
        return refuse("it is no plain file");
    }
    if is_encrypted {
        return refuse("it is encrypted");
    }
    if !matches!(method, CompressionMethod::Stored | CompressionMethod::Deflated) {
        return refuse(&format!("it is compressed in a way that is not known here: {method:?}"));
    }
    let is_stored = method == CompressionMethod::Stored;
    if is_stored && packed != length {
        return refuse("it is stored as it is, and has two lengths");
    }
    let Some(end) = start.checked_add(packed) else { return refuse("it is longer than a file can be") };
    Ok(Entry { path, length, is_stored, header, start, end })
}

/// What entries say together.
fn check_together(entries: &[Entry], directory: u64, length: u64) -> Result<(), Refused> {
    let mut folded: BTreeMap<String, &str> = BTreeMap::new();
    for Entry { path, .. } in entries {
        let name = path.trim_end_matches('/').to_lowercase();
        if let Some(other) = folded.insert(name, path) {
            return Err(Refused::of(path, format!("on many systems it is the same file as `{}`", shown(other))));
        }
    }
    for Entry { path, .. } in entries {
        let above = path.trim_end_matches('/').match_indices('/').map(|(at, _)| path[..at].to_lowercase());
        let file = above.filter_map(|above| folded.get(&above)).find(|other| !other.ends_with('/'));
        if let Some(file) = file {
            return Err(Refused::of(path, format!("it lies in `{}`, which is a file", shown(file))));
        }
    }
    let mut placed: Vec<&Entry> = entries.iter().collect();
    placed.sort_by_key(|entry| (entry.header, entry.end));
    for two in placed.windows(2) {
        if two[0].end > two[1].header {
            return Err(Refused::of(&two[1].path, format!("it lies over `{}` in the zip", shown(&two[0].path))));
        }
    }
    if let Some(last) = placed.iter().find(|entry| entry.end > directory) {
        return Err(Refused::of(&last.path, "it reaches into the directory of the zip"));
    }
    let total = entries.iter().try_fold(0_u64, |total, entry| total.checked_add(entry.length));
    let most = length.saturating_mul(MOST_GROWTH).max(ALWAYS);
    match total.filter(|total| *total <= most) {
        Some(_) => Ok(()),
        None => {
            let longest = entries.iter().max_by_key(|entry| entry.length).map(|entry| entry.path.as_str());
            Err(Refused::of(
                longest.unwrap_or_default(),
                "all files together would unpack to far more than the zip can honestly hold",
            ))
        }
    }
}

/// Why a name would do harm to whoever unpacks it.
pub(crate) fn unsafe_name(path: &str) -> Option<&'static str> {
    let bytes = path.as_bytes();
    let parts = || path.trim_end_matches('/').split('/');
    if path.is_empty() {
        Some("its name is empty")
    } else if path.contains(char::is_control) {
        Some("its name has a character in it that cannot be seen")
    } else if path.contains('\\') {
        Some("its name has a backslash in it, which parts folders on some systems")
    } else if bytes[0] == b'/' || (bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':') {
        Some("its path does not begin in the folder into which it is unpacked")
    } else if parts().any(|part| matches!(part, "." | "..")) {
        Some("its path leads out of the folder into which it is unpacked")
    } else if parts().any(str::is_empty) {
        Some("its path has a folder without a name")
    } else if parts().any(text::is_device_name) {
        Some("some systems keep its name for a device")
    } else {
        None
    }
}

/// The name that stands in the directory twice. The library keeps one of the two, and so the directory is read here once more.
fn twice(archive: ZipArchive<impl Read + Seek>) -> io::Result<String> {
    let start = archive.central_directory_start();
    let mut file = BufReader::new(archive.into_inner());
    file.seek(SeekFrom::Start(start))?;
    let mut names = BTreeSet::new();
    let mut header = [0; 46];
    while file.read_exact(&mut header).is_ok() && header.starts_with(b"PK\x01\x02") {
        let [name, extra, comment] = [28, 30, 32].map(|at| u16::from_le_bytes([header[at], header[at + 1]]));
        let mut bytes = vec![0; usize::from(name)];
        file.read_exact(&mut bytes)?;
        let name = String::from_utf8_lossy(&bytes).into_owned();
        if !names.insert(name.clone()) {
            return Ok(name);
        }
        file.seek_relative(i64::from(extra) + i64::from(comment))?;
    }
    Ok(String::new())
}

/// Whether what failed is due to what was read, and not to the system that was to read it.
pub(crate) fn is_of_content(error: &io::Error) -> bool {
    use io::ErrorKind::{InvalidData, InvalidInput, UnexpectedEof};
    error.raw_os_error().is_none() || matches!(error.kind(), InvalidData | InvalidInput | UnexpectedEof)
}

/// What the library says, in our words where it is the system's.
fn said(error: &ZipError) -> String {
    match error {
        ZipError::Io(error) => in_words(error),
        other => {
            let said = other.to_string();
            said.strip_prefix("invalid Zip archive: ").unwrap_or(&said).to_lowercase()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    fn packed(files: &[(&str, &str)]) -> Vec<u8> {
        let mut writer = Writer::new(Cursor::new(Vec::new()));
        for (path, text) in files {
            writer.file(path, text.len() as u64).unwrap().write_all(text.as_bytes()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    #[test]
    fn the_zip_is_the_same_bytes_with_each_version_of_the_library() {
        let expected = [
            "504b03040a000000000000002100e5f958ec020000000200000005000000612e747874",
            "4f6b",
            "504b01020a030a000000000000002100e5f958ec0200000002000000050000000000000000000000a48100000000612e747874",
            "504b0506000000000100010033000000250000000000",
        ];
        let hex: String = packed(&[("a.txt", "Ok")]).iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, expected.concat());
    }

    #[test]
    fn what_was_written_so_is_to_the_byte_as_it_was_written() {
        let zip = packed(&[("a.txt", "one"), ("b/c.txt", "")]);
        let mut container = Container::open(Cursor::new(zip.as_slice())).ok().unwrap();
        assert_eq!(container.frame(Cursor::new(zip.as_slice())).unwrap(), None);
        assert_eq!(container.read(0, |file| io::read_to_string(file)).unwrap(), "one");
        let other = packed(&[("b/c.txt", ""), ("a.txt", "one")]);
        let mut container = Container::open(Cursor::new(other.as_slice())).ok().unwrap();
        let difference = container.frame(Cursor::new(other.as_slice())).unwrap();
        assert!(difference.is_some_and(|(_, place)| place == "in the header of `b/c.txt`"));
    }

    #[test]
    fn names_that_would_do_harm_are_refused() {
        for name in ["", "/a", "C:a", "../a", "a/../b", "./a", "a//b", "a\\b", "nul", "a/com1.txt", "a\nb"] {
            assert!(unsafe_name(name).is_some(), "{name:?}");
        }
        for name in ["a", "a/b.txt", "..a", "a b", "é/ü", "folder/"] {
            assert_eq!(unsafe_name(name), None, "{name:?}");
        }
    }
}
