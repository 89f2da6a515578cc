//! What files carry beside what they show: who made a picture, where, when and with what. Pictures lose it before they are
//! copied; of other files it is told that they carry it.
//!
//! Pure: bytes in, bytes out. What a file is, its first bytes decide and not its name. A picture is taken apart by the
//! documents that define its format (ITU-T T.81 and JFIF, the W3C's PNG, Google's WebP container), what is known to be needed to show it
//! is kept byte by byte, and all else goes, whatever it is: other parts, unknown parts, and what stands after the end. Nothing is
//! decoded, and so what is seen stays the same. A picture that cannot be taken apart is not copied.

mod exif;
mod icc;
mod jpeg;
mod png;
mod traces;
mod webp;

use std::fmt;

use crate::diagnostic::{Code, Diagnostic, Severity};

pub use traces::{Trace, Traces, gif_texts};

/// A format of pictures that is taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Picture {
    /// JPEG.
    Jpeg,
    /// PNG, also one that moves.
    Png,
    /// WebP.
    Webp,
}

impl Picture {
    /// The format of a file, by its first twelve bytes.
    pub fn of(head: &[u8]) -> Option<Picture> {
        if head.starts_with(&jpeg::BEGINNING) {
            Some(Picture::Jpeg)
        } else if head.starts_with(&png::BEGINNING) {
            Some(Picture::Png)
        } else if head.starts_with(b"RIFF") && head.get(8..12) == Some(b"WEBP") {
            Some(Picture::Webp)
        } else {
            None
        }
    }

    /// The format that the end of a name promises.
    fn named(path: &str) -> Option<Picture> {
        let (_, ending) = path.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "jpg" | "jpeg" | "jpe" | "jfif" | "pjpeg" | "pjp" => Some(Picture::Jpeg),
            "png" | "apng" => Some(Picture::Png),
            "webp" => Some(Picture::Webp),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Picture::Jpeg => "JPEG",
            Picture::Png => "PNG",
            Picture::Webp => "WebP",
        }
    }
}

/// Why a picture cannot be taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The name ends as that of a picture, and the file is none.
    NoPicture(Picture),
    /// It ends before it is whole.
    CutShort(Picture),
    /// It is not as its format has it.
    Broken(Picture, &'static str),
}

impl Fault {
    /// The finding for a file, which is named by its path in the dossier.
    pub fn finding(self, path: &str) -> Diagnostic {
        let hint = match self {
            Fault::NoPicture(_) => "give the file the ending of what it is, or put the picture in its place",
            Fault::CutShort(_) | Fault::Broken(..) => {
                "open it in a picture editor and save it anew; what cannot be read cannot be freed of metadata, and is not copied"
            }
        };
        Diagnostic::new(Code::UnreadablePicture, format!("`{path}` {self}")).hint(hint)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NoPicture(picture) => write!(f, "is named as a {} picture and is none", picture.name()),
            Fault::CutShort(picture) => write!(f, "is a {} picture of which the end is missing", picture.name()),
            Fault::Broken(picture, why) => write!(f, "is not a {} picture as it should be: {why}", picture.name()),
        }
    }
}

impl std::error::Error for Fault {}

/// Whether a file is to be taken apart, by its first twelve bytes or by its name.
pub fn is_picture(path: &str, head: &[u8]) -> bool {
    Picture::of(head).or_else(|| Picture::named(path)).is_some()
}

/// A picture without all that is not needed to show it; `None` of a file that is no picture and is not named as one.
pub fn strip(path: &str, bytes: &[u8]) -> Result<Option<Vec<u8>>, Fault> {
    match (Picture::of(bytes), Picture::named(path)) {
        (Some(Picture::Jpeg), _) => jpeg::strip(bytes).map(Some),
        (Some(Picture::Png), _) => png::strip(bytes).map(Some),
        (Some(Picture::Webp), _) => webp::strip(bytes).map(Some),
        (None, Some(promised)) => Err(Fault::NoPicture(promised)),
        (None, None) => Ok(None),
    }
}

/// The part of a file that was read to look for metadata.
#[derive(Clone, Copy, Debug)]
pub struct Window<'a> {
    /// Its beginning.
    pub head: &'a [u8],
    /// Its end, of a file that is longer than its beginning.
    pub tail: &'a [u8],
    /// Whether all of it is in the head.
    pub is_whole: bool,
}

impl<'a> Window<'a> {
    /// All of a file.
    pub fn whole(bytes: &'a [u8]) -> Self {
        Window { head: bytes, tail: &[], is_whole: true }
    }
}

/// What a look into a file found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// What is copied with the file.
    pub traces: Traces,
    /// Why it cannot be copied, as far as the part that was read tells.
    pub fault: Option<Fault>,
}

/// Looks at a file for what would be copied with it.
pub fn look(path: &str, window: Window<'_>) -> Look {
    if !is_picture(path, window.head) {
        return Look { traces: traces::traces(window), fault: None };
    }
    // Where only a part was read, the rest is looked at when it is copied.
    let fault = match (window.is_whole, Picture::of(window.head), Picture::named(path)) {
        (true, ..) => strip(path, window.head).err(),
        (false, None, Some(promised)) => Some(Fault::NoPicture(promised)),
        (false, ..) => None,
    };
    Look { traces: Traces::default(), fault }
}

impl Look {
    /// The finding about a file, which is named by its path in the dossier; `None` when there is nothing to say.
    pub fn finding(self, path: &str) -> Option<Diagnostic> {
        if let Some(fault) = self.fault {
            return Some(fault.finding(path));
        }
        if self.traces.is_empty() {
            return None;
        }
        let message = if self.traces.are_all_hidden() {
            format!("`{path}` is copied as it is, with {}", self.traces)
        } else {
            format!("`{path}` is copied as it is, and carries {}", self.traces)
        };
        let severity = if self.traces.tell_of_somebody() { Severity::Warning } else { Severity::Note };
        let finding = Diagnostic::new(Code::MetadataKept, message)
            .hint("use a copy without it, as `dossier explain metadata-kept` tells, or say in `allow` why it may stay");
        Some(Diagnostic { severity, ..finding })
    }
}

/// Reads numbers of a format whose most significant byte comes first.
fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

#[cfg(test)]
mod tests;
