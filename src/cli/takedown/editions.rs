//! Which files of past editions still hold something of a record: its page, its id, or what it is called.
//!
//! Files are looked at as they are; those that gzip made are unpacked, and a tar is read as the bytes that it is. Into other
//! archives, and into pictures and documents that are packed, nobody looks here: archives are named as not looked into.

use std::fs;
use std::io::{self, Read};
use std::path::Path;

use aho_corasick::AhoCorasick;
use flate2::read::MultiGzDecoder;
use walkdir::WalkDir;

use crate::cli::CannotRun;
use crate::model::Fields;
use crate::parse::Record;
use crate::text::escape_html;

/// The most of a file, unpacked, that is looked at.
const LARGEST: u64 = 512 * 1024 * 1024;

/// What a file holds of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holds {
    /// It is the page.
    Page,
    /// It says what the record is called.
    Name,
    /// It has the id in it, as a link has.
    Id,
}

impl Holds {
    pub(super) fn words(self) -> &'static str {
        match self {
            Holds::Page => "its page",
            Holds::Name => "what it is called",
            Holds::Id => "its id",
        }
    }
}

/// What was found in a folder of editions.
#[derive(Debug, Default)]
pub(super) struct Editions {
    /// The files that hold something, by their paths below the folder.
    pub(super) holding: Vec<(String, Holds)>,
    /// The files that nobody looked into, and why.
    pub(super) closed: Vec<(String, String)>,
    /// How many files were looked at.
    pub(super) files: usize,
}

/// Looks through all files below a folder.
pub(super) fn look(folder: &Path, record: &Record) -> Result<Editions, CannotRun> {
    if !folder.is_dir() {
        return Err(CannotRun::new(format!("`{}` is no folder", folder.display()))
            .hint("`--editions` takes the folder in which past editions of the site lie"));
    }
    let needles = Needles::of(record)?;
    let mut editions = Editions::default();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                let path = error.path().map(|path| below(folder, path)).unwrap_or_default();
                editions.closed.push((path, error.to_string()));
                continue;
            }
        };
        let path = below(folder, entry.path());
        if entry.path_is_symlink() {
            editions.closed.push((path, "a link; what it leads to was not looked at".to_owned()));
        } else if entry.file_type().is_file() {
            editions.files += 1;
            match bytes_of(entry.path()) {
                Ok(bytes) => {
                    editions.holding.extend(needles.find(&path, &bytes).map(|holds| (path.clone(), holds)));
                    if let Some(what) = packed(&bytes) {
                        editions.closed.push((path, format!("{what}; what is packed in it was not looked at")));
                    }
                }
                Err(error) => editions.closed.push((path, error.to_string())),
            }
        }
    }
    Ok(editions)
}

fn below(folder: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(folder).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

fn bytes_of(path: &Path) -> io::Result<Vec<u8>> {
    let too_large = || io::Error::other("larger than 512 MiB; it was not looked at");
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.starts_with(b"\x1f\x8b") {
        let mut unpacked = Vec::new();
        MultiGzDecoder::new(&*bytes).take(LARGEST + 1).read_to_end(&mut unpacked)?;
        bytes = unpacked;
    }
    if bytes.len() as u64 > LARGEST { Err(too_large()) } else { Ok(bytes) }
}

/// What packed a file, where that is something that hides what is in it.
fn packed(bytes: &[u8]) -> Option<&'static str> {
    let marks: [(&[u8], &str); 5] = [
        (b"PK\x03\x04", "a zip file"),
        (b"\xfd7zXZ\x00", "an xz file"),
        (b"BZh", "a bzip2 file"),
        (b"\x28\xb5\x2f\xfd", "a zstd file"),
        (b"7z\xbc\xaf\x27\x1c", "a 7z file"),
    ];
    marks.into_iter().find(|(mark, _)| bytes.starts_with(mark)).map(|(_, what)| what)
}

/// What is looked for.
struct Needles {
    /// The ends of the paths of the record's pages.
    pages: Vec<String>,
    ids: Vec<String>,
    /// Finds names, and after them ids.
    all: AhoCorasick,
    names: usize,
}

impl Needles {
    fn of(record: &Record) -> Result<Self, CannotRun> {
        let common = record.fields.common();
        let ids: Vec<String> = std::iter::once(&record.id).chain(common.aliases).map(ToString::to_string).collect();
        let folder = record.kind().folder();
        let page = |id: &String| match record.kind() {
            crate::model::Kind::Page => format!("{id}.html"),
            _ => format!("{folder}/{id}.html"),
        };
        let mut called: Vec<String> = record.fields.title().map(ToString::to_string).into_iter().collect();
        if let Fields::Actor(actor) = &*record.fields {
            called.extend(actor.names.iter().map(|name| name.text.to_string()));
            called.extend(actor.sort_name.as_ref().map(ToString::to_string));
        }
        let mut names: Vec<String> = Vec::new();
        for name in called {
            let percent = percent_encoding::utf8_percent_encode(&name, percent_encoding::NON_ALPHANUMERIC).to_string();
            let json = serde_json::Value::from(name.as_str()).to_string();
            names.extend([name.to_lowercase(), name.to_uppercase(), escape_html(&name), percent]);
            names.push(json.trim_matches('"').to_owned());
            names.push(name);
        }
        names.sort();
        names.dedup();
        let all = AhoCorasick::builder().ascii_case_insensitive(true).build(names.iter().chain(&ids));
        let all = all.map_err(|error| CannotRun::new(format!("the names cannot be looked for: {error}")))?;
        Ok(Needles { pages: ids.iter().map(page).collect(), ids, all, names: names.len() })
    }

    fn find(&self, path: &str, bytes: &[u8]) -> Option<Holds> {
        let is_page =
            |page: &String| path == page || path.strip_suffix(page.as_str()).is_some_and(|rest| rest.ends_with('/'));
        if self.pages.iter().any(is_page) {
            return Some(Holds::Page);
        }
        let mut id = self.ids.iter().any(|id| stands_in(path.as_bytes(), id.as_bytes()));
        for found in self.all.find_overlapping_iter(bytes) {
            if found.pattern().as_usize() < self.names {
                return Some(Holds::Name);
            }
            id |= is_whole(bytes, found.start(), found.end());
        }
        id.then_some(Holds::Id)
    }
}

fn stands_in(bytes: &[u8], id: &[u8]) -> bool {
    let starts = 0..bytes.len().saturating_sub(id.len().saturating_sub(1));
    starts.into_iter().any(|at| bytes[at..].starts_with(id) && is_whole(bytes, at, at + id.len()))
}

/// Whether what stands there is an id, and no part of a longer one.
fn is_whole(bytes: &[u8], start: usize, end: usize) -> bool {
    let goes_on = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'-');
    !goes_on(start.checked_sub(1).and_then(|at| bytes.get(at))) && !goes_on(bytes.get(end))
}
