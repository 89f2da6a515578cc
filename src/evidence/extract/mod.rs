//! Captures of all formats, read into documents.
//!
//! One function a format, each of bytes alone. A container is read part by part, and its documents are shown one at a time, so that
//! memory does not grow with the file. What a hostile or damaged file can do is bounded by [`Limits`].

use std::io::{self, Read, Seek};

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

/// What reading a capture may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// The longest single document, in bytes after it was unpacked.
    pub document: u64,
    /// All that is unpacked of a capture, in bytes.
    pub total: u64,
    /// The most parts of a capture.
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits { document: 64 << 20, total: 16 << 30, parts: 1_000_000 }
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
