//! What a finding says, in a few lines of bare text, for formats that have no room of their own for each part of it.

use super::harmless::harmless_line;
use super::position::{Files, SourceText, Unit};
use super::{Diagnostic, Place};

/// The message, and the hint on a line of its own.
pub(super) fn message_and_hint(finding: &Diagnostic) -> String {
    let message = harmless_line(&finding.message);
    match &finding.hint {
        Some(hint) => format!("{message}\nhint: {}", harmless_line(hint)),
        None => message,
    }
}

/// The message, the hint, and a line for each other place, as `see content/quotes/b.md:3:1: first defined here`.
pub(super) fn in_full<'a>(finding: &'a Diagnostic, files: &mut Files<'a, impl SourceText>) -> String {
    let related = finding.related.iter().map(|related| {
        let place = place_words(&related.place, files);
        let label = harmless_line(&related.label);
        if label.is_empty() { format!("\nsee {place}") } else { format!("\nsee {place}: {label}") }
    });
    let related: String = related.collect();
    message_and_hint(finding) + &related
}

/// A place as `content/quotes/b.md:3:1`, or the file's name alone when it has no text.
pub(super) fn place_words<'a>(place: &'a Place, files: &mut Files<'a, impl SourceText>) -> String {
    let file = harmless_line(&place.file);
    match files.extent(place, Unit::Characters) {
        Some(at) => format!("{file}:{}:{}", at.line, at.column),
        None => file,
    }
}
