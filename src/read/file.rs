//! Reading one file of records: its text, or the finding that says why it cannot be used.

use std::fs::{self, Metadata};
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Form, SourceFile, in_words};
use crate::diagnostic::{Code, Diagnostic};

/// The largest file that is read as records.
pub const FILE_LIMIT: u64 = 64 * 1024 * 1024;

/// A file of records that the walk found.
pub(super) struct Found {
    pub(super) path: Arc<str>,
    pub(super) inner: String,
    pub(super) form: Form,
    pub(super) on_disk: PathBuf,
}

/// What came of reading it.
pub(super) enum Read {
    File(SourceFile, Option<Box<Diagnostic>>),
    Nothing(Box<Diagnostic>),
}

/// Reads a file of which the system has said what it is.
pub(super) fn read_file(found: Found, metadata: io::Result<Metadata>) -> Read {
    let Found { path, inner, form, on_disk } = found;
    let unreadable = |error: io::Error| {
        Read::Nothing(Box::new(
            Diagnostic::new(Code::UnreadableFile, format!("cannot read `{path}`: {}", in_words(&error)))
                .at(&path, 0..0)
                .hint("check that the file is there and that you may read it"),
        ))
    };
    match metadata {
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
        return Read::File(
            SourceFile { path, inner, form, text: String::new(), usable: false },
            Some(Box::new(finding)),
        );
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
            Read::File(SourceFile { path, inner, form, text, usable: false }, Some(Box::new(finding)))
        }
    }
}
