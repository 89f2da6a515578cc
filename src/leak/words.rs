//! The words of some bytes, folded, in one pass: what is looked through in place of the bytes themselves.
//!
//! Words stand one after the other with one space behind each, whatever stood between them. Escapes are read, and what is not
//! seen is left out. A tag of HTML is a border between words; what stands in tags is gathered apart, so that words on both
//! sides of a tag stand beside each other.

use super::escape::{length_of, unescape};
use crate::text::{Class, fold};

/// Bytes beyond the words, so that eight bytes can be read at the beginning of each.
pub(super) const PADDING: usize = 8;

/// The longest stretch for which room is made at once.
const STRETCH: usize = 4096;

/// How many letters a single character can come to.
const MOST_LETTERS: usize = 256;

/// Where a word begins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Start {
    /// Its first byte among the folded ones.
    pub(super) at: u32,
    /// The byte that it was read from.
    pub(super) raw: u32,
}

/// Folded words.
#[derive(Default)]
pub(super) struct Words {
    bytes: Vec<u8>,
    starts: Vec<Start>,
    length: usize,
    count: usize,
    /// Whether a word has begun and has not ended.
    is_open: bool,
    /// Room for the letters of one character.
    letters: String,
}

/// What must be looked at more closely.
const CLOSER: u8 = 0;

/// The folded letter of an ASCII byte, a space for a border.
static FOLDED: [u8; 256] = {
    let mut folded = [b' '; 256];
    let mut byte = 0;
    while byte < 256 {
        let at = byte as u8;
        folded[byte] = match at {
            b'&' | b'%' | b'\\' | b'_' | 0x80.. => CLOSER,
            b'0'..=b'9' | b'a'..=b'z' => at,
            b'A'..=b'Z' => at.to_ascii_lowercase(),
            _ => b' ',
        };
        byte += 1;
    }
    folded
};

impl Words {
    /// The words, with a space behind each and some bytes beyond.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.length + PADDING]
    }

    /// The words without what is beyond.
    pub(super) fn text(&self) -> &[u8] {
        &self.bytes[..self.length]
    }

    /// Where each word begins, and behind them where another one would.
    pub(super) fn starts(&self) -> &[Start] {
        &self.starts[..=self.count]
    }

    /// Takes the words out.
    pub(super) fn clear(&mut self) {
        (self.length, self.count, self.is_open) = (0, 0, false);
    }

    /// Reads a part of some bytes.
    pub(super) fn read(&mut self, raw: &[u8], from: usize, to: usize) {
        let mut at = from;
        while at < to {
            let end = to.min(at + STRETCH);
            at = self.read_stretch(raw, at, end);
        }
    }

    /// Ends the last word.
    pub(super) fn border(&mut self) {
        if self.is_open {
            self.room(1);
            self.bytes[self.length] = b' ';
            self.length += 1;
            self.is_open = false;
        }
    }

    /// Ends the words.
    pub(super) fn finish(&mut self, raw: usize) {
        self.border();
        self.room(1);
        self.bytes[self.length..self.length + PADDING].fill(0);
        self.starts[self.count] = Start { at: self.length as u32, raw: raw as u32 };
    }

    fn room(&mut self, letters: usize) {
        let bytes = self.length + letters + PADDING;
        if self.bytes.len() < bytes {
            self.bytes.resize(bytes.max(2 * self.bytes.len()), 0);
        }
        let starts = self.count + letters / 2 + 2;
        if self.starts.len() < starts {
            self.starts.resize(starts.max(2 * self.starts.len()), Start::default());
        }
    }

    /// Reads on to the end, or a little beyond it when a character does.
    fn read_stretch(&mut self, raw: &[u8], from: usize, to: usize) -> usize {
        let mut at = from;
        while at < to {
            self.room(to - at + 2);
            at = self.read_plain(raw, at, to);
            if at < to {
                at += self.read_closer(raw, at);
            }
        }
        at
    }

    /// Reads bytes that are what they are, up to one that is not.
    fn read_plain(&mut self, raw: &[u8], from: usize, to: usize) -> usize {
        let (mut length, mut count, mut is_open) = (self.length, self.count, self.is_open);
        let bytes = self.bytes.as_mut_slice();
        let starts = self.starts.as_mut_slice();
        let mut stopped = to;
        for (at, byte) in raw[from..to].iter().enumerate() {
            let folded = FOLDED[*byte as usize];
            if folded == CLOSER {
                stopped = from + at;
                break;
            }
            // Without branches: a letter is added, and a border where none stands yet.
            let is_letter = folded != b' ';
            bytes[length] = folded;
            starts[count] = Start { at: length as u32, raw: (from + at) as u32 };
            count += usize::from(is_letter & !is_open);
            length += usize::from(is_letter | is_open);
            is_open = is_letter;
        }
        (self.length, self.count, self.is_open) = (length, count, is_open);
        stopped
    }

    /// Reads an escape, or a character beyond ASCII; gives how many bytes it took.
    fn read_closer(&mut self, raw: &[u8], at: usize) -> usize {
        let byte = raw[at];
        let (c, taken) = if byte < 0x80 {
            unescape(&raw[at..]).unwrap_or((' ', 1))
        } else {
            let length = length_of(byte);
            let is_followed = raw.get(at + 1).is_some_and(|next| next & 0xc0 == 0x80);
            let bytes = raw.get(at..at + length).filter(|_| length > 1 && is_followed);
            match bytes.and_then(|bytes| std::str::from_utf8(bytes).ok()).and_then(|text| text.chars().next()) {
                Some(c) => (c, length),
                // Text that is no UTF-8 is of Latin 1.
                None => (char::from(byte), 1),
            }
        };
        self.push(c, at);
        taken
    }

    fn push(&mut self, c: char, raw: usize) {
        self.letters.clear();
        let class = fold(c, &mut self.letters);
        match class {
            Class::Unseen => {}
            Class::Border => self.border(),
            Class::Letters => {
                self.room(MOST_LETTERS);
                self.add(raw);
            }
            Class::Sign => {
                self.border();
                self.room(MOST_LETTERS);
                self.add(raw);
                self.border();
            }
        }
    }

    /// Adds the letters of one character, which may be several words.
    fn add(&mut self, raw: usize) {
        for byte in self.letters.bytes().take(MOST_LETTERS) {
            let is_letter = byte != b' ';
            self.bytes[self.length] = byte;
            self.starts[self.count] = Start { at: self.length as u32, raw: raw as u32 };
            self.count += usize::from(is_letter && !self.is_open);
            self.length += usize::from(is_letter || self.is_open);
            self.is_open = is_letter;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: impl AsRef<[u8]>, expected: &str) {
        let raw = text.as_ref();
        let mut words = Words::default();
        words.read(raw, 0, raw.len());
        words.finish(raw.len());
        assert_eq!(std::str::from_utf8(words.text()), Ok(expected));
        let starts = words.starts();
        assert_eq!(starts.len() - 1, expected.split_whitespace().count());
        for (start, word) in starts.iter().zip(expected.split_whitespace()) {
            assert!(expected[start.at as usize..].starts_with(word));
        }
    }

    #[test]
    fn words_are_folded() {
        check("Jane  DOE", "jane doe ");
        check(" <b>Jane</b>", "b jane b ");
        check("Ren\u{e9}e&#32;D&ouml;e%20x\\u0041", "renee doe xa ");
        check(b"Ren\xe9e", "renee ");
        check("王明", "王 明 ");
        check("가x", "\u{1100} \u{1161} x ");
        check("", "");
        check("a\u{ad}b", "ab ");
    }

    #[test]
    fn they_are_those_of_a_text() {
        for text in ["Łukasz — Ødegård", "ﷺ", "100% \\ & é\u{301}", "ﬁn Ǆ"] {
            let expected = crate::text::folded_words(text);
            check(text, &if expected.is_empty() { expected } else { expected + " " });
        }
    }

    #[test]
    fn long_texts_are_read_whole() {
        let text = "Zoë & 王 ".repeat(5000);
        check(&text, &"zoe 王 ".repeat(5000));
    }
}
