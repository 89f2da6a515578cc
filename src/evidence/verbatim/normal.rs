//! The normal form of a text: its letters alone, and where they stand in the text.
//!
//! The letters are what is searched. What stands between them (spaces, quotation marks, hyphens, vowel points) is not dropped but
//! compared by itself, by rules of its own, in [`super::between`].

use std::ops::Range;

use unicode_normalization::char::compose;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc, is_nfc_quick};

use super::between::Between;
use super::character::{Class, Reading, class, class_of_form, is_compatible, is_joined, push_compatible, reading};
use crate::evidence::Normalisation;
use crate::evidence::normalisation::Needed;

/// The longest text that is read, in bytes; places are counted in 32 bits.
const LONGEST: usize = 1 << 30;

/// A text's letters, composed (NFC) and in their usual form, and where each stands.
///
/// Texts longer than [`LONGEST`] have no letters.
#[derive(Clone, Debug, Default)]
pub(super) struct Normal {
    pub(super) letters: String,
    runs: Vec<Run>,
}

/// Letters with nothing between them.
#[derive(Clone, Copy, Debug)]
struct Run {
    /// Where they begin in the letters; they end where the next begins.
    letters: u32,
    /// Where they stand in the text.
    start: u32,
    end: u32,
    how: How,
}

/// How letters are written in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    /// As they are.
    Literal,
    /// Otherwise: what it takes to make letters of it, and whether points are among it.
    Otherwise { needed: Needed, has_points: bool },
}

/// A place at which something may stand between two letters.
#[derive(Clone, Copy, Debug)]
pub(super) struct Break {
    /// The place in the letters.
    pub(super) at: usize,
    /// The run that begins there.
    run: usize,
}

impl Normal {
    pub(super) fn new(text: &str) -> Normal {
        if text.len() > LONGEST {
            return Normal::default();
        }
        let letters = String::with_capacity(text.len());
        let mut making = Making { text, letters, runs: Vec::with_capacity(text.len() / 6), open: None };
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            if byte.is_ascii() {
                if byte.is_ascii_alphanumeric() {
                    making.open.get_or_insert(at);
                } else {
                    making.close(at);
                }
                at += 1;
                continue;
            }
            let Some(c) = text[at..].chars().next() else { break };
            match reading(c) {
                Reading::Plain => {
                    making.open.get_or_insert(at);
                    at += c.len_utf8();
                }
                Reading::Between => {
                    making.close(at);
                    at += c.len_utf8();
                }
                Reading::Woven => at = making.cluster(at, c),
            }
        }
        making.close(bytes.len());
        Normal { letters: making.letters, runs: making.runs }
    }

    /// The place in the text of what begins at a place in the letters; `None` inside of letters that are not written as they are.
    pub(super) fn start(&self, at: usize) -> Option<usize> {
        let run = &self.runs[self.holding(at)?];
        match run.how {
            How::Literal => Some(run.start as usize + at - run.letters as usize),
            How::Otherwise { .. } => (at == run.letters as usize).then_some(run.start as usize),
        }
    }

    /// The place in the text behind what ends at a place in the letters.
    pub(super) fn end(&self, at: usize) -> Option<usize> {
        let number = self.holding(at.checked_sub(1)?)?;
        let run = &self.runs[number];
        match run.how {
            How::Literal => Some(run.start as usize + at - run.letters as usize),
            How::Otherwise { .. } => (at == self.run_end(number)).then_some(run.end as usize),
        }
    }

    /// The place in the letters of the first letter that stands at a place of the text or after it.
    pub(super) fn letters_from(&self, text: usize) -> usize {
        let number = self.runs.partition_point(|run| (run.end as usize) <= text);
        let Some(run) = self.runs.get(number) else { return self.letters.len() };
        match run.how {
            How::Literal => run.letters as usize + text.saturating_sub(run.start as usize),
            How::Otherwise { .. } if text <= run.start as usize => run.letters as usize,
            How::Otherwise { .. } => self.run_end(number),
        }
    }

    /// The places in some of the letters, ends included, at which something may stand between two letters.
    pub(super) fn breaks(&self, letters: Range<usize>) -> impl Iterator<Item = Break> + '_ {
        let first = self.runs.partition_point(|run| (run.letters as usize) < letters.start);
        let runs = self.runs[first..].iter().enumerate();
        let breaks = runs.map(move |(number, run)| Break { at: run.letters as usize, run: first + number });
        let last = Break { at: self.letters.len(), run: self.runs.len() };
        breaks.chain([last]).take_while(move |one| one.at <= letters.end)
    }

    /// What stands in the text at a break, unless points are written there in an order of their own.
    pub(super) fn plain_between<'t>(&self, text: &'t str, at: Break) -> Option<&'t str> {
        let before = at.run.checked_sub(1).map(|number| &self.runs[number]);
        if before.is_some_and(|run| matches!(run.how, How::Otherwise { has_points: true, .. })) {
            return None;
        }
        let start = before.map_or(0, |run| run.end as usize);
        Some(&text[start..self.runs.get(at.run).map_or(text.len(), |run| run.start as usize)])
    }

    /// What stands in the text before the letter at a place, and after the one that comes before it.
    pub(super) fn between<'t>(&self, text: &'t str, at: usize) -> Between<'t> {
        let next = self.runs.partition_point(|run| (run.letters as usize) < at);
        let before = next.checked_sub(1).map(|number| &self.runs[number]);
        let beside = |text, start, woven| Between {
            woven,
            text,
            start,
            before: self.letters[..at].chars().next_back(),
            after: self.letters[at..].chars().next(),
        };
        let start = before.map_or(0, |run| run.end as usize);
        let end = match self.runs.get(next) {
            Some(run) if run.letters as usize == at => run.start as usize,
            None if at >= self.letters.len() => text.len(),
            Some(_) | None => return beside("", self.start(at).unwrap_or(start), ""),
        };
        let woven = match before {
            Some(Run { start, end, how: How::Otherwise { has_points: true, .. }, .. }) => {
                &text[*start as usize..*end as usize]
            }
            _ => "",
        };
        beside(&text[start..end], start, woven)
    }

    /// The letters in a part that are not written as they are: where, what the text has there, and what it takes to make letters of it.
    pub(super) fn otherwise<'t>(
        &'t self,
        text: &'t str,
        letters: Range<usize>,
    ) -> impl Iterator<Item = (Range<usize>, &'t str, Needed)> {
        let first = self.holding(letters.start).unwrap_or(self.runs.len());
        let runs = self.runs[first..].iter().enumerate().map(move |(number, run)| (first + number, run));
        runs.take_while(move |(_, run)| (run.letters as usize) < letters.end).filter_map(move |(number, run)| {
            let How::Otherwise { needed, .. } = run.how else { return None };
            let written = &text[run.start as usize..run.end as usize];
            Some((run.letters as usize..self.run_end(number), written, needed))
        })
    }

    /// The run that holds a place in the letters.
    fn holding(&self, at: usize) -> Option<usize> {
        if at >= self.letters.len() {
            return None;
        }
        self.runs.partition_point(|run| run.letters as usize <= at).checked_sub(1)
    }

    fn run_end(&self, number: usize) -> usize {
        self.runs.get(number + 1).map_or(self.letters.len(), |next| next.letters as usize)
    }
}

/// A normal form that is being made.
struct Making<'t> {
    text: &'t str,
    letters: String,
    runs: Vec<Run>,
    /// Where the letters that stand as they are began.
    open: Option<usize>,
}

impl Making<'_> {
    /// Ends the letters that stand as they are.
    fn close(&mut self, end: usize) {
        if let Some(start) = self.open.take() {
            self.push(start..end, How::Literal);
            self.letters.push_str(&self.text[start..end]);
        }
    }

    fn push(&mut self, text: Range<usize>, how: How) {
        let letters = self.letters.len() as u32;
        self.runs.push(Run { letters, start: text.start as u32, end: text.end as u32, how });
    }

    /// Reads a letter with all that becomes one with it, and says where it ends.
    fn cluster(&mut self, at: usize, first: char) -> usize {
        let mut start = at;
        // A mark between words in another form is no letter, and nothing becomes one with it.
        if !is_joined(first) && class_of_form(first) != Class::Letter {
            self.close(at);
            return at + first.len_utf8();
        }
        if is_joined(first)
            && let Some(base) = self.text[..at].chars().next_back()
            // Some marks between words become signs that are read as words, such as `=` with a stroke through it.
            && (self.open.is_some() || compose(base, first).is_some())
        {
            start = at - base.len_utf8();
        }
        // Nearly always a mark stands where it belongs.
        let marks = self.text[at..].find(|c| !is_joined(c)).map_or(self.text.len(), |length| at + length);
        let is_followed_by_form = self.text[marks..].chars().next().is_some_and(is_compatible);
        if start < marks && !is_followed_by_form && is_nfc_quick(self.text[start..marks].chars()) == IsNormalized::Yes {
            self.as_they_are(start, marks);
            return marks;
        }
        let mut needed = Needed::NONE;
        let mut chars = Vec::new();
        let mut end = start;
        for (place, c) in self.text[start..].char_indices() {
            let known = chars.len();
            let form = push_compatible(c, &mut chars);
            if form.is_none() {
                chars.push(c);
            }
            if place > 0 && !chars[known..].iter().all(|c| is_joined(*c)) {
                chars.truncate(known);
                break;
            }
            if let Some(form) = form {
                needed = needed.with(form);
            }
            end = start + place + c.len_utf8();
        }
        let composed: Vec<char> = chars.iter().copied().nfc().collect();
        // Vowel points are compared by themselves, in whatever order they were typed.
        let letters = |chars: &[char]| chars.iter().copied().filter(|c| class(*c) != Class::Point).collect::<Vec<_>>();
        if needed.is_empty() && letters(&composed) == letters(&chars) {
            self.as_they_are(start, end);
            return end;
        }
        if composed != chars && !is_nfc(&self.text[start..end]) {
            needed = needed.with(Normalisation::UnicodeForm);
        }
        match self.open {
            Some(open) if open < start => self.close(start),
            _ => self.open = None,
        }
        let is_letter = |c: &char| class(*c) == Class::Letter;
        if composed.iter().any(is_letter) {
            let has_points = !composed.iter().all(is_letter);
            self.push(start..end, How::Otherwise { needed, has_points });
            self.letters.extend(composed.iter().filter(|c| is_letter(c)));
        }
        end
    }

    fn as_they_are(&mut self, start: usize, end: usize) {
        for (place, c) in self.text[start..end].char_indices() {
            if class(c) == Class::Letter {
                self.open.get_or_insert(start + place);
            } else {
                self.close(start + place);
            }
        }
    }
}
