//! Captures of all formats, read into documents.
//!
//! One function a format, each of bytes alone. A container is read part by part, and its documents are shown one at a time, so that
//! memory does not grow with the file. What a hostile or damaged file can do is bounded by [`Limits`].

pub mod autoarchiver;
mod detect;
mod digest;
mod encoding;
mod head;
mod html;
mod http;
mod pdf;
#[cfg(test)]
mod shown;
mod subtitles;
mod text;
mod wacz;
mod warc;
mod writer;

use std::fmt;
use std::io::{self, Read, Seek};

use super::document::Document;

pub use detect::{HEAD, detect};

/// What a capture is read from.
pub trait ReadSeek: Read + Seek {}

impl<T: Read + Seek> ReadSeek for T {}

/// The formats of captures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// Plain text.
    Text,
    /// HTML, by the WHATWG's rules.
    Html,
    /// PDF with a text layer.
    Pdf,
    /// WARC 1.0 or 1.1 (ISO 28500), also compressed by gzip record by record.
    Warc,
    /// WACZ 1.1.1.
    Wacz,
    /// SubRip.
    Srt,
    /// WebVTT.
    Vtt,
    /// Something without words that could be compared, such as a picture or a recording.
    Wordless,
}

impl Format {
    /// What people call it.
    pub fn name(self) -> &'static str {
        match self {
            Format::Text => "plain text",
            Format::Html => "HTML",
            Format::Pdf => "PDF",
            Format::Warc => "WARC",
            Format::Wacz => "WACZ",
            Format::Srt => "SubRip",
            Format::Vtt => "WebVTT",
            Format::Wordless => "a file without text",
        }
    }

    /// Its media type, where the format has one.
    pub fn media_type(self) -> Option<&'static str> {
        match self {
            Format::Text => Some("text/plain"),
            Format::Html => Some("text/html"),
            Format::Pdf => Some("application/pdf"),
            Format::Warc => Some("application/warc"),
            Format::Wacz => Some("application/wacz"),
            Format::Srt => Some("application/x-subrip"),
            Format::Vtt => Some("text/vtt"),
            Format::Wordless => None,
        }
    }
}

/// What reading a capture may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest single document, in bytes after it was unpacked.
    pub document: u64,
    /// The longest single document that is text through and through, which takes some fifteen times its length of memory to look through.
    pub text: u64,
    /// All that is unpacked of a capture, in bytes.
    pub total: u64,
    /// The most parts of a capture.
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { document: 64 << 20, text: 16 << 20, total: 16 << 30, parts: 1_000_000 }
    }
}

/// Why a capture cannot be read.
#[derive(Debug)]
pub enum Fault {
    /// The system could not read it.
    Io(io::Error),
    /// It is not what its format asks for: what is wrong, where that is known in which part and at which byte.
    Malformed(String),
    /// It would cost more than the limits allow, or tries to write outside of itself.
    Refused(String),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Io(error) => write!(f, "it cannot be read: {error}"),
            Fault::Malformed(what) | Fault::Refused(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Fault::Io(error) => Some(error),
            Fault::Malformed(_) | Fault::Refused(_) => None,
        }
    }
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Fault::Io(error)
    }
}

/// Shows each document of a capture, one at a time, in the order of the capture.
///
/// `name` is the file's name, which says what the file is where its bytes do not.
///
/// # Errors
///
/// The first fault ends the reading; what was shown before it stands in the capture nevertheless.
pub fn extract(
    file: &mut dyn ReadSeek,
    name: &str,
    format: Format,
    limits: &Limits,
    see: &mut dyn FnMut(Document),
) -> Result<(), Fault> {
    let _ = name;
    match format {
        Format::Text | Format::Html | Format::Pdf | Format::Srt | Format::Vtt => {
            see(single(&whole(file, limits)?, format, None, limits, Document::default())?);
        }
        Format::Wordless => {}
        Format::Warc => warc::read(file, "", limits, &mut warc::Spent::default(), see)?,
        Format::Wacz => wacz::read(file, limits, see)?,
    }
    Ok(())
}

/// The document of a file that has one, sent as `charset` if that is known.
fn single(
    bytes: &[u8],
    format: Format,
    charset: Option<&str>,
    limits: &Limits,
    document: Document,
) -> Result<Document, Fault> {
    if format != Format::Pdf && bytes.len() as u64 > limits.text {
        return Err(too_long(limits.text));
    }
    match format {
        Format::Html => html::read(bytes, charset, document),
        Format::Pdf => pdf::read(bytes, limits, document),
        Format::Srt | Format::Vtt => subtitles::read(bytes, charset, format, document),
        _ => Ok(text::read(bytes, charset, document)),
    }
}

/// A file that is one document.
fn whole(file: &mut dyn ReadSeek, limits: &Limits) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    file.take(limits.document.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limits.document {
        return Err(too_long(limits.document));
    }
    Ok(bytes)
}

fn too_long(most: u64) -> Fault {
    Fault::Refused(format!("it is longer than {most} bytes, which is the most for one document"))
}

#[cfg(test)]
mod tests;
