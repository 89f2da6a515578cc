//! Which files of past editions still hold something of a record: its page, its id, or what it is called.
//!
//! Files are looked at as they are; those that gzip made are unpacked, and a tar is read as the bytes that it is. Into other
//! archives, and into pictures and documents that are packed, nobody looks here: archives are named as not looked into.

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use walkdir::WalkDir;

use crate::cli::CannotRun;
use crate::leak::Scan;
use crate::parse::Record;
use crate::plan::path_of_id;
use crate::redact::secrets_of;

/// The most of a file, unpacked, that is looked at.
const LARGEST: u64 = 512 * 1024 * 1024;

/// What was found in a folder of editions.
#[derive(Debug, Default)]
pub(super) struct Editions {
    /// The files that hold something, by their paths below the folder, and what they hold.
    pub(super) holding: Vec<(String, String)>,
    /// The files that nobody looked into, and why.
    pub(super) closed: Vec<(String, String)>,
    /// How many files were looked at.
    pub(super) files: usize,
}

/// Looks through all files below a folder.
pub(super) fn look(folder: &Path, record: &Arc<Record>) -> Result<Editions, CannotRun> {
    if !folder.is_dir() {
        return Err(CannotRun::new(format!("`{}` is no folder", folder.display()))
            .hint("`--editions` takes the folder in which past editions of the site lie"));
    }
    let search = Search::of(record);
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
                    editions.holding.extend(search.find(&path, &bytes).map(|holds| (path.clone(), holds)));
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

/// What is looked for: what would be withheld of the record, in all forms in which the last look of a build finds it.
struct Search {
    /// The ends of the paths of the record's pages.
    pages: Vec<String>,
    scan: Scan,
}

impl Search {
    fn of(record: &Arc<Record>) -> Self {
        let ids = std::iter::once(&record.id).chain(record.fields.common().aliases);
        let pages = ids.map(|id| path_of_id(record.kind(), id)).collect();
        Search { pages, scan: Scan::new(secrets_of(record)) }
    }

    /// What a file holds of the record.
    fn find(&self, path: &str, bytes: &[u8]) -> Option<String> {
        let is_page =
            |page: &String| path == page || path.strip_suffix(page.as_str()).is_some_and(|rest| rest.ends_with('/'));
        if self.pages.iter().any(is_page) {
            return Some("its page".to_owned());
        }
        let mut fields = self.scan.fields(bytes);
        fields.extend(self.scan.fields(path.as_bytes()));
        let fields: Vec<String> = fields.into_iter().collect();
        (!fields.is_empty()).then(|| fields.join(", "))
    }
}
