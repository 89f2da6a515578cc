//! Quotations that stand only in what a reader does not see.

use super::haystack::Haystack;
use super::search::{Surroundings, find};
use super::wording::Wording;
use crate::evidence::{Document, HiddenBy};

const ALL: [HiddenBy; 8] = [
    HiddenBy::NotShown,
    HiddenBy::StyleSheet,
    HiddenBy::Attribute,
    HiddenBy::OtherLanguage,
    HiddenBy::Note,
    HiddenBy::Script,
    HiddenBy::Comment,
    HiddenBy::Style,
];

/// Where words stand in what a reader of a document does not see; to be asked when they do not stand in what is seen.
pub fn hidden(document: &Document, wording: &Wording) -> Option<HiddenBy> {
    ALL.into_iter().find(|by| {
        let texts = document.hidden.iter().filter(|hidden| hidden.by == *by).map(|hidden| hidden.text.as_str());
        let text = texts.collect::<Vec<_>>().join("\n\n");
        let document = Document { text, ..Document::default() };
        !document.text.is_empty() && find(&Haystack::new(&document), wording, &Surroundings::default()).is_some()
    })
}
