//! The first stage: one walk over a folder and one read per file.
//!
//! This stage and `output` are the only ones between `cli` and the disk. A file that cannot be used is a finding and
//! never hides another file. Text is kept without a byte-order mark; all offsets count from there.

mod theme;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

pub use theme::{embedded_theme_names, read_overrides, read_theme};

use crate::diagnostic::{Code, Diagnostic, SourceText};
use crate::text;

/// The largest file that is read as records.
pub const FILE_LIMIT: u64 = 64 * 1024 * 1024;

/// Why the machine could not do what was asked.
#[derive(Debug)]
pub struct Failure {
    /// What was tried, with the path.
    pub attempt: String,
    /// What came of it.
    pub cause: io::Error,
}

impl Failure {
    /// Wraps a system's error with the attempt.
    pub fn new(attempt: impl Into<String>, cause: io::Error) -> Self {
        Failure { attempt: attempt.into(), cause }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.attempt, self.cause)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.cause)
    }
}

/// How a file of records is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Markdown with front matter: one record.
    Markdown,
    /// YAML documents: any number of records.
    Yaml,
}

/// A file of records as it was read.
#[derive(Clone, Debug)]
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

/// A file beside the records: a picture, a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Path relative to the folder of records.
    pub inner: String,
    /// Where it lies on the disk.
    pub on_disk: PathBuf,
}

/// Everything a build reads from the folder of records, in path order.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The settings file, when there is one.
    pub settings: Option<SourceFile>,
    /// The files of records.
    pub files: Vec<SourceFile>,
    /// The other files.
    pub attachments: Vec<Attachment>,
}

impl SourceText for Sources {
    fn text(&self, file: &str) -> Option<&str> {
        if let Some(settings) = self.settings.as_ref().filter(|settings| *settings.path == *file) {
            return Some(&settings.text);
        }
        let found = self.files.binary_search_by(|other| (*other.path).cmp(file)).ok()?;
        Some(&self.files[found].text)
    }
}

/// Reads the settings file of a dossier; `None` when there is none.
pub fn read_settings(path: &Path, name: &str) -> Result<(Option<SourceFile>, Vec<Diagnostic>), Failure> {
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((None, Vec::new())),
        Err(error) => return Err(Failure::new(format!("cannot read `{}`", path.display()), error)),
        Ok(_) => {}
    }
    let found = Found { path: name.into(), inner: name.to_owned(), form: Form::Yaml, on_disk: path.to_owned() };
    Ok(match read_file(found) {
        Read::File(file, finding) => (Some(file), finding.into_iter().collect()),
        Read::Nothing(finding) => (None, vec![*finding]),
    })
}

/// Reads the folder of records `content`, which is named `name` in messages.
pub fn read(content: &Path, name: &str) -> Result<(Sources, Vec<Diagnostic>), Failure> {
    let failed = |error| Failure::new(format!("cannot read the folder of records `{}`", content.display()), error);
    let real_root = content.canonicalize().map_err(failed)?;
    if !real_root.is_dir() {
        return Err(failed(io::Error::from(io::ErrorKind::NotADirectory)));
    }
    let Walk { mut records, mut attachments, mut findings } = walk(&real_root, name);
    records.sort_unstable_by(|a, b| a.path.cmp(&b.path));
    attachments.sort_unstable_by(|a, b| a.inner.cmp(&b.inner));
    let read: Vec<Read> = records.into_par_iter().map(read_file).collect();
    let mut files = Vec::with_capacity(read.len());
    for outcome in read {
        match outcome {
            Read::File(file, found) => {
                files.push(file);
                findings.extend(found);
            }
            Read::Nothing(finding) => findings.push(*finding),
        }
    }
    Ok((Sources { settings: None, files, attachments }, findings))
}

/// A file of records that the walk found.
struct Found {
    path: Arc<str>,
    inner: String,
    form: Form,
    on_disk: PathBuf,
}

#[derive(Default)]
struct Walk {
    records: Vec<Found>,
    attachments: Vec<Attachment>,
    findings: Vec<Diagnostic>,
}

fn walk(root: &Path, name: &str) -> Walk {
    let mut walk = Walk::default();
    let mut outside = Vec::new();
    let entries = WalkDir::new(root).follow_links(true).sort_by_file_name().into_iter().filter_entry(|entry| {
        if entry.depth() > 0 && is_hidden(entry) {
            return false;
        }
        let leaves = entry.depth() > 0 && entry.path_is_symlink() && leaves_folder(entry.path(), root);
        if leaves {
            outside.push(entry.path().to_owned());
        }
        !leaves
    });
    for entry in entries {
        match entry {
            Ok(entry) if entry.file_type().is_file() => walk.take(&entry, root, name),
            Ok(_) => {}
            Err(error) => walk.findings.push(walk_error(&error, root, name)),
        }
    }
    for path in outside {
        let shown: Arc<str> = format!("{name}/{}", inner_path(&path, root)).into();
        walk.findings.push(
            Diagnostic::new(
                Code::LinkLeavesFolder,
                format!("`{shown}` is a symbolic link out of the folder of records"),
            )
            .at(&shown, 0..0)
            .hint("copy the file into the folder, or remove the link; it was not read"),
        );
    }
    walk
}

impl Walk {
    fn take(&mut self, entry: &DirEntry, root: &Path, name: &str) {
        let inner = inner_path(entry.path(), root);
        let path: Arc<str> = format!("{name}/{inner}").into();
        if entry.path().to_str().is_none() {
            self.findings.push(
                Diagnostic::new(Code::BadId, format!("the name of `{}` is not UTF-8", text::excerpt(&path, 200)))
                    .at(&path, 0..0)
                    .hint("rename the file with letters that every system can show"),
            );
            return;
        }
        let ending = entry.path().extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        let form = match ending.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Form::Markdown,
            "yaml" | "yml" => Form::Yaml,
            _ => {
                self.attachments.push(Attachment { inner, on_disk: entry.path().to_owned() });
                return;
            }
        };
        self.records.push(Found { path, inner, form, on_disk: entry.path().to_owned() });
    }
}

/// Hidden files and the leavings of editors are nobody's records.
fn is_hidden(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

fn leaves_folder(link: &Path, root: &Path) -> bool {
    // A link that cannot be resolved leads nowhere and is reported by the walk itself.
    link.canonicalize().is_ok_and(|target| !target.starts_with(root))
}

fn inner_path(path: &Path, root: &Path) -> String {
    let inner = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn walk_error(error: &walkdir::Error, root: &Path, name: &str) -> Diagnostic {
    let path = error.path().map(|path| inner_path(path, root)).unwrap_or_default();
    let shown: Arc<str> = if path.is_empty() { name.into() } else { format!("{name}/{path}").into() };
    let finding = if error.loop_ancestor().is_some() {
        Diagnostic::new(Code::UnreadableFile, format!("`{shown}` is a symbolic link to a folder that it lies in"))
            .hint("remove the link")
    } else {
        let cause = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
        Diagnostic::new(Code::UnreadableFile, format!("cannot read `{shown}`: {cause}"))
            .hint("check that the file is there and that you may read it")
    };
    finding.at(&shown, 0..0)
}

enum Read {
    File(SourceFile, Option<Diagnostic>),
    Nothing(Box<Diagnostic>),
}

fn read_file(found: Found) -> Read {
    let Found { path, inner, form, on_disk } = found;
    let unreadable = |error: io::Error| {
        Read::Nothing(Box::new(
            Diagnostic::new(Code::UnreadableFile, format!("cannot read `{path}`: {error}"))
                .at(&path, 0..0)
                .hint("check that the file is there and that you may read it"),
        ))
    };
    match fs::metadata(&on_disk) {
        Ok(metadata) if metadata.len() > FILE_LIMIT => {
            let size = metadata.len() / (1024 * 1024);
            let finding =
                Diagnostic::new(Code::FileTooLarge, format!("`{path}` is {size} MiB; at most 64 MiB are read"))
                    .at(&path, 0..0)
                    .hint("split the file, or move it out of the folder of records if it is no record");
            return Read::Nothing(Box::new(finding));
        }
        Ok(_) => {}
        Err(error) => return unreadable(error),
    }
    let bytes = match fs::read(&on_disk) {
        Ok(bytes) => bytes,
        Err(error) => return unreadable(error),
    };
    if bytes.is_empty() {
        let finding = Diagnostic::new(Code::EmptyFile, format!("`{path}` has nothing in it"))
            .at(&path, 0..0)
            .hint("write a record, or delete the file");
        return Read::File(SourceFile { path, inner, form, text: String::new(), usable: false }, Some(finding));
    }
    match String::from_utf8(bytes) {
        Ok(mut text) => {
            if text.starts_with('\u{feff}') {
                text.drain(..'\u{feff}'.len_utf8());
            }
            Read::File(SourceFile { path, inner, form, text, usable: true }, None)
        }
        Err(error) => {
            let start = error.utf8_error().valid_up_to();
            let bytes = error.as_bytes();
            let is_utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
            let (message, start) = if is_utf16 {
                (format!("`{path}` is UTF-16, not UTF-8"), 0)
            } else {
                (format!("`{path}` is not UTF-8: byte 0x{:02x} stands for no character", bytes[start]), start)
            };
            let text = String::from_utf8_lossy(bytes).into_owned();
            let end = text[start..].chars().next().map_or(start, |c| start + c.len_utf8());
            let finding = Diagnostic::new(Code::NotUtf8, message)
                .at(&path, start..end)
                .hint("save the file with the encoding UTF-8; editors offer it under \"save with encoding\"");
            Read::File(SourceFile { path, inner, form, text, usable: false }, Some(finding))
        }
    }
}
