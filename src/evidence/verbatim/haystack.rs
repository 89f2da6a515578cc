//! A document made ready to be looked through.

use std::ops::Range;

use super::normal::Normal;
use crate::evidence::normalisation::Needed;
use crate::evidence::{Document, How, Normalisation};

/// A document made ready to be looked through, once for all quotations.
#[derive(Debug)]
pub struct Haystack<'d> {
    pub(super) document: &'d Document,
    pub(super) normal: Normal,
}

impl<'d> Haystack<'d> {
    /// Reads the letters of a document.
    pub fn new(document: &'d Document) -> Haystack<'d> {
        Haystack { document, normal: Normal::new(&document.text) }
    }

    /// What the file has otherwise than the document's text in some part of it: references, tags, and white space.
    pub(super) fn written(&self, text: &Range<usize>) -> Needed {
        let anchors = &self.document.anchors;
        let first = anchors.partition_point(|anchor| anchor.text <= text.start).saturating_sub(1);
        let mut needed = Needed::NONE;
        let mut end = None;
        for anchor in anchors[first..].iter().take_while(|anchor| anchor.text < text.end) {
            match anchor.how {
                How::Literal | How::Drawn => {}
                How::Space => needed = needed.with(Normalisation::WhiteSpace),
                How::Entity => needed = needed.with(Normalisation::Entities),
            }
            let Some(bytes) = &anchor.bytes else { continue };
            if let Some((end, place)) = end
                && end != bytes.start
                && !self.document.text[place..anchor.text].contains("\n\n")
            {
                needed = needed.with(Normalisation::Tags);
            }
            end = Some((bytes.end, anchor.text));
        }
        needed
    }
}
