//! How much of a page as a whole is as it was captured, paragraph by paragraph.
//!
//! Two paragraphs are the same when they have the same words in the same order; what stands between words is not compared.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use unicode_segmentation::UnicodeSegmentation as _;

use super::page::Reading;
use crate::evidence::extract::Format;
use crate::evidence::{BlockKind, Document};

/// How many paragraphs of a copy are on the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraphs {
    /// The SHA-256 of the copy.
    pub capture: String,
    /// How many paragraphs the copy has.
    pub captured: usize,
    /// How many of them the page has too.
    pub same: usize,
    /// How many the page has that the copy has not.
    pub new: usize,
}

/// What a copy has.
pub(super) struct Captured {
    pub(super) sha256: String,
    pub(super) format: Format,
    /// The words of each paragraph, in order.
    pub(super) paragraphs: Vec<Vec<String>>,
    /// The words of each passage of the target as the copy has them, where it does.
    pub(super) passages: Vec<Option<String>>,
}

impl Captured {
    pub(super) fn new(document: &Document, format: Format, sha256: &str, passages: Vec<Option<String>>) -> Self {
        Captured { sha256: sha256.to_owned(), format, paragraphs: paragraphs(document), passages }
    }

    /// How many words it has.
    pub(super) fn words(&self) -> usize {
        self.paragraphs.iter().map(Vec::len).sum()
    }
}

/// The words of each paragraph and heading of a document. Lists, tables and captions are left out: on many pages they are what changes
/// from day to day.
pub(super) fn paragraphs(document: &Document) -> Vec<Vec<String>> {
    let is_running = |kind: &BlockKind| *kind != BlockKind::Other;
    let blocks = document.blocks.iter().filter(|block| is_running(&block.kind));
    let texts = blocks.filter_map(|block| document.text.get(block.text.clone()));
    let words = texts.map(|text| {
        let composed: String = text.nfc().collect();
        composed.unicode_words().map(str::to_owned).collect::<Vec<_>>()
    });
    words.filter(|words| !words.is_empty()).collect()
}

/// Compares a page with a copy; `None` where one of them is drawn on sheets, whose paragraphs are cut otherwise.
pub(super) fn compare(captured: &Captured, page: &Reading) -> Option<Paragraphs> {
    if (captured.format == Format::Pdf) != (page.format == Format::Pdf) || captured.paragraphs.is_empty() {
        return None;
    }
    let there: BTreeSet<&Vec<String>> = page.paragraphs.iter().collect();
    let known: BTreeSet<&Vec<String>> = captured.paragraphs.iter().collect();
    let same = captured.paragraphs.iter().filter(|paragraph| there.contains(paragraph)).count();
    let new = page.paragraphs.iter().filter(|paragraph| !known.contains(paragraph)).count();
    Some(Paragraphs { capture: captured.sha256.clone(), captured: captured.paragraphs.len(), same, new })
}
