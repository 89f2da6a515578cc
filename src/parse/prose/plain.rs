//! The plain text of prose, and the sentences around its links.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

use super::Prose;
use super::run::{Mark, Run};

/// The plain text as it grows.
#[derive(Default)]
pub(super) struct Plain {
    pub(super) text: String,
    pub(super) marks: Vec<(usize, Mark)>,
    /// Whether what comes is no part of the word before it.
    is_parted: bool,
}

impl Plain {
    pub(super) fn push(&mut self, words: &str) {
        let is_in_word = self.text.ends_with(char::is_alphanumeric) && words.starts_with(char::is_alphanumeric);
        if std::mem::take(&mut self.is_parted) && is_in_word {
            self.text.push(' ');
        }
        self.text.push_str(words);
    }

    /// Adds what is one with the word before it.
    pub(super) fn push_joined(&mut self, words: &str) {
        self.is_parted = false;
        self.text.push_str(words);
    }

    /// Parts what was said from what comes: something stands between them that is not text.
    pub(super) fn part(&mut self) {
        self.is_parted = true;
    }

    /// The text from a place on, without the labels of links: what stands there may have to be withheld, and so must not
    /// become part of a heading's id.
    pub(super) fn without_links(&self, place: usize) -> String {
        let mut text = String::new();
        let mut done = place;
        for (at, mark) in &self.marks[self.marks.partition_point(|(at, _)| *at < place)..] {
            match mark {
                Mark::Open(_) => text.push_str(&self.text[done..*at]),
                Mark::Close(_) => {}
                Mark::Address(_) => continue,
            }
            done = *at;
        }
        text.push_str(&self.text[done..]);
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    /// Ends a block.
    pub(super) fn block(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Finds the sentence around each link and hands everything over.
    pub(super) fn finish(self, prose: &mut Prose) {
        let Plain { text, marks, .. } = self;
        for (place, mark) in &marks {
            if let Mark::Open(number) = mark
                && let Some(link) = prose.links.get_mut(*number as usize)
            {
                link.sentence = sentence_around(&text, *place);
            }
        }
        prose.plain = Run { text: text.into(), marks: marks.into() };
    }
}

/// The longest stretch of text in which the sentence around a link is looked for, to either side.
const SENTENCE_REACH: usize = 250;

fn sentence_around(text: &str, place: usize) -> Range<usize> {
    // A block may be as long as the text, and have a hundred thousand links: no more of it is looked at than counts.
    let start = text.floor_char_boundary(place.saturating_sub(SENTENCE_REACH));
    let start = text[start..place].rfind('\n').map_or(start, |newline| start + newline + 1);
    let end = text.floor_char_boundary(place + SENTENCE_REACH);
    let end = text[place..end].find('\n').map_or(end, |newline| place + newline);
    for (at, sentence) in text[start..end].split_sentence_bound_indices() {
        let range = start + at..start + at + sentence.len();
        if range.contains(&place) || range.end == end {
            let trimmed = sentence.trim_end().len();
            return range.start..(range.start + trimmed).max(place.min(range.end));
        }
    }
    start..end
}
