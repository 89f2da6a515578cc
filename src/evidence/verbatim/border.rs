//! Where a word ends (UAX 29), and a paragraph's speaker.

use std::ops::Range;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::character::is_unspaced;
use crate::evidence::{Block, BlockKind, Document};

/// How far a border of words is looked for, in characters to each side.
const NEAR: usize = 32;

/// Whether no word goes on over a place in a text. In scripts that put no spaces between words, words end between any two characters as a
/// reader sees them.
pub(super) fn is_word_border(text: &str, at: usize) -> bool {
    let before = text[..at].chars().next_back();
    let after = text[at..].chars().next();
    let (Some(before), Some(after)) = (before, after) else { return true };
    if before.is_whitespace() || after.is_whitespace() {
        return true;
    }
    if is_unspaced(before) || is_unspaced(after) {
        return GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0) == Ok(true);
    }
    let is_near = |(number, (_, c)): &(usize, (usize, char))| *number < NEAR && !c.is_whitespace();
    let start = text[..at].char_indices().rev().enumerate().take_while(is_near).last();
    let end = text[at..].char_indices().enumerate().take_while(is_near).last();
    let start = start.map_or(at, |(_, (place, _))| place);
    let end = end.map_or(at, |(_, (place, c))| at + place + c.len_utf8());
    text[start..end].split_word_bound_indices().any(|(place, _)| start + place == at)
}

/// The number of words in a text. Of scripts that put no spaces between words, each character counts.
pub(super) fn words(text: &str) -> usize {
    text.unicode_words().count()
}

/// The blocks of a document that a part of its text touches.
pub(super) fn blocks<'d>(document: &'d Document, text: &Range<usize>) -> &'d [Block] {
    let first = document.blocks.partition_point(|block| block.text.end <= text.start);
    let behind = document.blocks.partition_point(|block| block.text.start < text.end);
    &document.blocks[first.min(behind)..behind]
}

/// Whether more than one person speaks in some blocks, as far as the document says who.
pub(super) fn has_several_speakers(blocks: &[Block]) -> bool {
    let mut speakers = blocks.iter().filter_map(|block| match &block.kind {
        BlockKind::Cue { speaker, .. } => speaker.as_ref(),
        _ => None,
    });
    let first = speakers.next();
    speakers.any(|speaker| Some(speaker) != first)
}
