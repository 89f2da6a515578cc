//! A problem of one front matter, placed in the text of that front matter alone.
//!
//! Which file it stands in, and where the front matter begins there, is added when it becomes a [`Diagnostic`].

use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Code, Diagnostic};

/// What is wrong at some bytes of a front matter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Which rule found it.
    pub code: Code,
    /// The bytes that are wrong; empty at a place where something is missing.
    pub span: Range<usize>,
    /// The fact, in lower case, without a full stop.
    pub message: String,
    /// A word or two under the excerpt; may be empty.
    pub label: String,
    /// Other bytes of the same front matter, and what is to be seen there.
    pub related: Vec<(Range<usize>, String)>,
    /// What to do.
    pub hint: Option<String>,
    /// What to write in which bytes, when that is the only right way to mend it.
    pub fix: Option<(Range<usize>, String)>,
}

impl Problem {
    /// A problem without label, other places and hint.
    pub fn new(code: Code, span: Range<usize>, message: impl Into<String>) -> Self {
        Problem {
            code,
            span,
            message: message.into(),
            label: String::new(),
            related: Vec::new(),
            hint: None,
            fix: None,
        }
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

    /// Mends it by writing something else in some bytes.
    #[must_use]
    pub fn fix(mut self, span: Range<usize>, text: impl Into<String>) -> Self {
        self.fix = Some((span, text.into()));
        self
    }

    /// Points to another place of the same front matter.
    #[must_use]
    pub fn related(mut self, span: Range<usize>, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// Without its fix where a tag stands before the value: with the tag, the value would still not be what is meant.
    #[must_use]
    pub fn unless_tagged(mut self, yaml: &str) -> Self {
        self.fix = self.fix.filter(|(span, _)| {
            let before = yaml.get(..span.start).unwrap_or_default();
            let word = before.trim_end_matches([' ', '\t']).rsplit(char::is_whitespace).next();
            !word.is_some_and(|word| word.starts_with('!'))
        });
        self
    }

    /// The finding in `file`, in which the front matter begins at the byte `offset`.
    pub fn into_diagnostic(self, file: &Arc<str>, offset: usize) -> Diagnostic {
        let moved = |span: Range<usize>| span.start + offset..span.end + offset;
        let finding = Diagnostic::new(self.code, self.message).at(file, moved(self.span)).label(self.label);
        let finding =
            self.related.into_iter().fold(finding, |finding, (span, label)| finding.related(file, moved(span), label));
        let finding = match self.fix {
            Some((span, text)) => finding.fix(file, moved(span), text),
            None => finding,
        };
        match self.hint {
            Some(hint) => finding.hint(hint),
            None => finding,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_places_move_by_where_the_front_matter_begins() {
        let problem = Problem::new(Code::DuplicateKey, 7..10, "twice").related(0..3, "first").hint("remove one");
        let finding = problem.into_diagnostic(&Arc::from("a.md"), 4);
        let places = [finding.place.as_ref(), finding.related.first().map(|related| &related.place)];
        let spans = places.map(|place| place.map(|place| (place.span.start, place.span.end)));
        assert_eq!(spans, [Some((11, 14)), Some((4, 7))]);
        assert_eq!(finding.hint.as_deref(), Some("remove one"));
    }
}
