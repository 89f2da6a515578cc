//! The first stage: one walk over a folder and one read per file.
//!
//! This stage and `output` are the only ones between `cli` and the disk. A file that cannot be used is a finding and
//! never hides another file. Text is kept without a byte-order mark; all offsets count from there. A folder that was read
//! can be brought up to date path by path, and is then what reading it afresh would give.

mod attachment;
mod captures;
mod editions;
mod file;
mod folder;
mod theme;

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

pub use attachment::{Attachment, Copied};
pub use captures::{CapturePlace, Captures, FoundCapture, folder_of, hash};
pub use editions::{EDITIONS, Editions, not_past};
pub use file::FILE_LIMIT;
pub use folder::{Changes, Folder, Identity, Stamp, identity};
pub use theme::{embedded_theme_names, embedded_words, linked_themes, read_overrides, read_theme};

use crate::diagnostic::{Diagnostic, SourceText};
use file::{Found, Read, read_file};

/// Why the machine could not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// What was tried, with the path.
    pub attempt: String,
    /// What came of it.
    pub cause: io::Error,
    /// What to do.
    pub hint: Option<String>,
}

impl Failure {
    /// Wraps a system's error with the attempt.
    pub fn new(attempt: impl Into<String>, cause: io::Error) -> Self {
        Failure { attempt: attempt.into(), cause, hint: None }
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.attempt, in_words(&self.cause))
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// What a system's error says, for people: the common ones in plain words, all without the system's number.
pub fn in_words(error: &io::Error) -> String {
    if error.get_ref().is_some() {
        // Somebody has found words for it already.
        return error.to_string();
    }
    let words = match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder",
        io::ErrorKind::PermissionDenied => "the system does not permit it",
        io::ErrorKind::AlreadyExists => "it is there already",
        io::ErrorKind::NotADirectory => "it is no folder, or lies in what is none",
        io::ErrorKind::IsADirectory => "it is a folder",
        io::ErrorKind::StorageFull => "the disk is full",
        io::ErrorKind::QuotaExceeded => "there is no room left for your files",
        io::ErrorKind::ReadOnlyFilesystem => "nothing can be written to this disk",
        io::ErrorKind::AddrInUse => "another program uses this port",
        io::ErrorKind::AddrNotAvailable => "this machine does not have that address",
        _ => {
            let said = error.to_string();
            let words = said.rsplit_once(" (os error ").map_or(said.as_str(), |(words, _)| words);
            let mut letters = words.chars();
            return letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default();
        }
    };
    words.to_owned()
}

/// How a file of records is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Markdown with front matter: one record.
    Markdown,
    /// YAML documents: any number of records.
    Yaml,
}

impl Form {
    /// How a file in the folder of records is written, by its name; `None` when it is no file of records.
    pub fn of(path: &Path) -> Option<Form> {
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Form::Markdown),
            "yaml" | "yml" => Some(Form::Yaml),
            _ => None,
        }
    }
}

/// A file of records as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Path relative to the dossier, with `/` between its parts.
    pub path: Arc<str>,
    /// Path relative to the folder of records.
    pub inner: String,
    /// How it is written.
    pub form: Form,
    /// Its text; of a file that is not UTF-8, the text with marks in place of what could not be read.
    pub text: String,
    /// Whether the text is the file's own, so that it may be parsed.
    pub usable: bool,
}

/// Everything a build reads from the folder of records, in path order.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The settings file, when there is one.
    pub settings: Option<Arc<SourceFile>>,
    /// The files of records. A file that did not change between two looks is the same pointer.
    pub files: Vec<Arc<SourceFile>>,
    /// The files of what lies outside of the dossier and readers never see.
    pub overlay: Vec<Arc<SourceFile>>,
    /// The other files.
    pub attachments: Arc<Vec<Attachment>>,
    /// What is known of quotations whose captures are not at hand.
    pub lock: Option<Arc<SourceFile>>,
    /// What is kept of past editions. The same pointer as before means that none of it has changed.
    pub editions: Arc<Editions>,
}

impl SourceText for Sources {
    fn text(&self, file: &str) -> Option<&str> {
        if let Some(settings) = self.settings.as_ref().filter(|settings| *settings.path == *file) {
            return Some(&settings.text);
        }
        if let Some(lock) = self.lock.as_ref().filter(|lock| *lock.path == *file) {
            return Some(&lock.text);
        }
        if let Some(text) = self.editions.text(file) {
            return Some(text);
        }
        match self.files.binary_search_by(|other| (*other.path).cmp(file)) {
            Ok(found) => Some(&self.files[found].text),
            Err(_) => self.overlay.iter().find(|other| *other.path == *file).map(|other| &*other.text),
        }
    }
}

/// Opens a file that must not lie outside of `root`, which is free of symbolic links. A link that has come to lead out of it since
/// the file was found is refused, also when it comes while this is looked at.
pub fn open_within(root: &Path, path: &Path) -> io::Result<(File, fs::Metadata)> {
    // Opening what is no file could wait for ever.
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    let real = path.canonicalize()?;
    // What was opened must be what lies there.
    if !real.starts_with(root) || !is_same_file(&metadata, &fs::symlink_metadata(&real)?) {
        return Err(io::Error::from(io::ErrorKind::PermissionDenied));
    }
    Ok((file, metadata))
}

fn is_same_file(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        one.is_file() && (one.dev(), one.ino()) == (other.dev(), other.ino())
    }
    #[cfg(not(unix))]
    {
        one.is_file() && other.is_file() && one.len() == other.len()
    }
}

/// Reads a file of a dossier that is no record, its settings or what is locked; `None` when there is none.
pub fn read_settings(path: &Path, name: &str) -> Result<(Option<Arc<SourceFile>>, Vec<Diagnostic>), Failure> {
    let metadata = match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((None, Vec::new())),
        Err(error) => return Err(Failure::new(format!("cannot read `{}`", path.display()), error)),
        metadata => metadata,
    };
    let found = Found { path: name.into(), inner: name.to_owned(), form: Form::Yaml, on_disk: path.to_owned() };
    Ok(match read_file(found, metadata) {
        Read::File(file, finding) => (Some(Arc::new(file)), finding.into_iter().map(|finding| *finding).collect()),
        Read::Nothing(finding) => (None, vec![*finding]),
    })
}
