//! The first look at a text: where it may hold something, found without reading it as words.
//!
//! Sixty-four bytes are looked at together. Of each word the first four letters are asked for in a small table. Where an
//! escape or a letter beyond ASCII may be a part of a word, the text is to be read closely too.

use std::ops::Range;

use super::escape::{length_of, unescape};
use super::index::{Index, cut};
use crate::text::{Class, fold};

/// How many bytes are looked at together.
const BLOCK: usize = 64;

/// The shortest word in which something may be encoded.
const ENCODED: usize = 8;

/// What the first look found.
#[derive(Default)]
pub(super) struct Sifted {
    /// What is to be read closely, in order, not overlapping.
    pub(super) close: Vec<Range<usize>>,
    /// Where words begin that may be base64.
    pub(super) encoded: Vec<usize>,
}

/// Looks at a text for the first time.
pub(super) fn sift(raw: &[u8], index: &Index) -> Sifted {
    let mut sieve = Sieve { raw, index, sifted: Sifted::default(), letters: String::new(), is_word: false, skip: 0 };
    for at in (0..raw.len()).step_by(BLOCK) {
        sieve.block(at);
    }
    sieve.sifted
}

struct Sieve<'a> {
    raw: &'a [u8],
    index: &'a Index,
    sifted: Sifted,
    letters: String,
    /// Whether the byte before the block is of a word.
    is_word: bool,
    /// Up to where bytes belong to an escape that has been read.
    skip: usize,
}

impl Sieve<'_> {
    fn block(&mut self, at: usize) {
        let rest = &self.raw[at..];
        let (mut letters, mut closer) = match rest.first_chunk::<BLOCK>() {
            Some(block) => masks(block),
            None => {
                let mut block = [b' '; BLOCK];
                block[..rest.len()].copy_from_slice(rest);
                masks(&block)
            }
        };
        if self.skip > at {
            let skipped = u64::MAX.checked_shl((self.skip - at) as u32).unwrap_or_default();
            (letters, closer) = (letters & skipped, closer & skipped);
        }
        while closer != 0 {
            let bit = closer.trailing_zeros();
            let end = self.escape(at + bit as usize) - at;
            let behind = u64::MAX.checked_shl(end as u32).unwrap_or_default();
            // What belongs to an escape is no word.
            letters &= behind | !u64::MAX.checked_shl(bit).unwrap_or_default();
            closer &= behind;
        }
        let mut starts = letters & !(letters << 1 | u64::from(self.is_word));
        self.is_word = letters >> (BLOCK - 1) != 0;
        while starts != 0 {
            let bit = starts.trailing_zeros();
            starts &= starts - 1;
            let mut length = (!(letters >> bit)).trailing_zeros() as usize;
            if bit as usize + length >= BLOCK {
                let rest = &self.raw[at + bit as usize..];
                length = rest.iter().take(BLOCK).take_while(|byte| byte.is_ascii_alphanumeric()).count();
            }
            self.word(at + bit as usize, length);
        }
    }

    /// A word of ASCII letters begins.
    #[inline]
    fn word(&mut self, at: usize, length: usize) {
        let first = match self.raw[at..].first_chunk::<8>() {
            Some(first) => u64::from_le_bytes(*first),
            None => {
                let mut first = [0; 8];
                let rest = &self.raw[at..];
                first[..rest.len()].copy_from_slice(rest);
                u64::from_le_bytes(first)
            }
        };
        let key = cut(first | 0x2020_2020, length);
        if self.index.may_have(key) && self.index.may_be_at(self.raw, at, key, first) {
            self.read_closely(at, at);
        }
        if length >= ENCODED && is_mixed(first) {
            self.sifted.encoded.push(at);
        }
    }

    /// An escape or a letter beyond ASCII begins; gives where it ends.
    fn escape(&mut self, at: usize) -> usize {
        let byte = self.raw[at];
        let read = if byte < 0x80 {
            unescape(&self.raw[at..])
        } else {
            let length = length_of(byte);
            let bytes = self.raw.get(at..at + length);
            bytes.and_then(|bytes| Some((std::str::from_utf8(bytes).ok()?.chars().next()?, length)))
        };
        let (c, length) = match read {
            Some(read) => read,
            None if byte < 0x80 => return at + 1,
            None => (char::from(byte), 1),
        };
        self.letters.clear();
        if fold(c, &mut self.letters) != Class::Border {
            self.read_closely(at, at + length);
        }
        self.skip = at + length;
        at + length
    }

    fn read_closely(&mut self, from: usize, to: usize) {
        let (from, to) = (from.saturating_sub(self.index.reach), (to + self.index.reach).min(self.raw.len()));
        match self.sifted.close.last_mut() {
            Some(last) if from <= last.end => last.end = last.end.max(to),
            _ => self.sifted.close.push(from..to),
        }
    }
}

/// Whether the first letters of a word are not all small, beside the very first.
fn is_mixed(first: u64) -> bool {
    const SMALL: u64 = 0x6060_6060_6060_6000;
    first & SMALL != SMALL
}

/// The bits of the bytes that are letters or digits of ASCII, and of those that must be looked at more closely.
fn masks(block: &[u8; BLOCK]) -> (u64, u64) {
    let (mut letters, mut closer) = (0, 0);
    for (number, eight) in block.as_chunks::<8>().0.iter().enumerate() {
        let bytes = u64::from_le_bytes(*eight);
        let high = bytes & each(0x80);
        let low = bytes & each(0x7f);
        // The top bit of each byte that lies between two, all being below 0x80.
        let between =
            |bytes: u64, first: u8, last: u8| (bytes + each(0x80 - first)) & !(bytes + each(0x7f - last)) & each(0x80);
        let word = (between(low | each(0x20), b'a', b'z') | between(low, b'0', b'9')) & !high;
        let escape = between(low, b'%', b'&') | between(low, b'\\', b'\\') | between(low, b'_', b'_');
        letters |= gather(word) << (8 * number);
        closer |= gather(escape & !high | high) << (8 * number);
    }
    (letters, closer)
}

/// A byte eight times.
const fn each(byte: u8) -> u64 {
    u64::from_le_bytes([byte; 8])
}

/// The top bits of eight bytes, side by side.
fn gather(tops: u64) -> u64 {
    (tops >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_those_of_each_byte() {
        for first in (0..=255u8).step_by(BLOCK) {
            let block: [u8; BLOCK] = std::array::from_fn(|at| first + at as u8);
            let (letters, closer) = masks(&block);
            for (at, byte) in block.iter().enumerate() {
                assert_eq!(letters >> at & 1 == 1, byte.is_ascii_alphanumeric(), "{byte}");
                let is_closer = *byte >= 0x80 || b"&%\\_".contains(byte);
                assert_eq!(closer >> at & 1 == 1, is_closer, "{byte}");
            }
        }
    }
}
