//! Findings: what is wrong with what an author wrote, where it stands, and what to do.
//!
//! A finding is data. It is made where the mistake is seen, collected over all files, and turned into text only at
//! the border of the program. A machine's failure (a disk that is full) is not a finding but an error.

mod code;
mod fix;
mod github;
mod gitlab;
mod harmless;
mod json;
mod junit;
mod plain;
mod position;
mod reference;
mod sarif;
mod text;
#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

pub use code::{Code, Severity, UnknownCode};
pub use fix::{Edit, apply};
pub use github::to_github;
pub use gitlab::to_gitlab;
pub use json::to_json;
pub use junit::to_junit;
pub use position::{LineIndex, SourceText, line_column};
pub use reference::{Line, allowing, lines, reference};
pub use sarif::to_sarif;
pub use text::{Color, summary_line, to_text};

/// Some bytes of a file, named by the file's path relative to the dossier.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The path with `/` between its parts, relative to the folder of `dossier.yaml`.
    pub file: Arc<str>,
    /// Byte offsets in the file as it was read; empty at a place where something is missing.
    pub span: Span,
}

/// A half-open range of byte offsets that can be ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

impl From<Range<usize>> for Span {
    fn from(range: Range<usize>) -> Self {
        Span { start: range.start, end: range.end }
    }
}

impl Place {
    /// Some bytes of a file.
    pub fn new(file: &Arc<str>, span: Range<usize>) -> Self {
        Place { file: Arc::clone(file), span: span.into() }
    }
}

/// Another place that helps to understand a finding, such as "first defined here".
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Related {
    /// Where.
    pub place: Place,
    /// What is to be seen there.
    pub label: String,
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Diagnostic {
    /// Where it is; none when it concerns the dossier as a whole.
    pub place: Option<Place>,
    /// Which rule found it.
    pub code: Code,
    /// How grave it is.
    pub severity: Severity,
    /// The fact, in lower case, without a full stop.
    pub message: String,
    /// A word or two under the excerpt.
    pub label: String,
    /// Other places.
    pub related: Vec<Related>,
    /// What to do.
    pub hint: Option<String>,
    /// The change that mends it, when there is only one right one; else empty.
    pub fix: Vec<Edit>,
}

impl Diagnostic {
    /// A finding of the code's own severity.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Diagnostic {
            place: None,
            code,
            severity: code.severity(),
            message: message.into(),
            label: String::new(),
            related: Vec::new(),
            hint: None,
            fix: Vec::new(),
        }
    }

    /// Says where it is.
    #[must_use]
    pub fn at(mut self, file: &Arc<str>, span: Range<usize>) -> Self {
        self.place = Some(Place::new(file, span));
        self
    }

    /// Puts words under the excerpt.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Mends it by writing something else in a place.
    #[must_use]
    pub fn fix(mut self, file: &Arc<str>, span: Range<usize>, text: impl Into<String>) -> Self {
        self.fix.push(Edit { place: Place::new(file, span), text: text.into() });
        self
    }

    /// Points to another place.
    #[must_use]
    pub fn related(mut self, file: &Arc<str>, span: Range<usize>, label: impl Into<String>) -> Self {
        self.related.push(Related { place: Place::new(file, span), label: label.into() });
        self
    }
}

/// Whether any of the findings forbids a build.
pub fn has_errors(findings: &[Diagnostic]) -> bool {
    findings.iter().any(|finding| finding.severity == Severity::Error)
}
