//! What is looked for, so that it is found fast: each pattern by one of its words.
//!
//! A text is looked at twice. First its bytes, only for words that begin as a word of some pattern does; nearly all text ends
//! there. What stands around such a word is read as folded words, and compared with the patterns.

use std::collections::BTreeSet;

use super::words::{PADDING, Words};

/// How many bits say which keys there are: a filter small enough to stay near the processor.
const FILTER: u32 = 17;

/// How far from a part of a name in other bytes than text the rest of it is looked for.
const NEAR: usize = 256;

/// How many bytes before the last one of an escape its first may stand.
const LONGEST_ESCAPE: usize = 12;

/// How a pattern stands in a text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Manner {
    /// As words one after the other, whatever parts them; the last, and in scripts other than Latin each, may have an ending.
    Name,
    /// As words one after the other, whatever parts them.
    Words,
    /// As it is written, with whole words: an id.
    Literal,
    /// The same, and only where a whole value stands: an id or a title that is a common word.
    Whole,
    /// The same, letter by letter: an id that is a word of names as well.
    Written,
}

/// A longer name in which a pattern gives nothing away.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Longer {
    /// How many of its words stand before the pattern.
    pub(super) before: u32,
    /// Its folded words.
    pub(super) words: Box<str>,
}

/// What may stand behind a word that is still the same one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Endings {
    /// A number.
    Numbers,
    /// A number, or what a language adds to names.
    All,
}

/// Something that is looked for.
#[derive(Clone)]
pub(super) struct Pattern {
    /// Its folded words, with one space between two.
    pub(super) words: Box<str>,
    pub(super) manner: Manner,
    /// The number of what it gives away.
    pub(super) secret: u32,
    /// Where it does not.
    pub(super) longer: Box<[Longer]>,
}

/// A pattern, and the word by which it is found.
struct Entry {
    key: u64,
    /// The first eight bytes of that word, and which bits of eight they are.
    start: (u64, u64),
    pattern: u32,
    /// Which of its words that is.
    word: u32,
    /// Where that word begins in the pattern.
    offset: u32,
}

/// All patterns.
#[derive(Default)]
pub(super) struct Index {
    patterns: Vec<Pattern>,
    /// Which keys there are, bit by bit.
    filter: Vec<u64>,
    /// Sorted by key.
    entries: Vec<Entry>,
    /// Words that are more than a name with an ending.
    known: BTreeSet<Box<str>>,
    /// How many bytes on both sides of a word can belong to a pattern with it, with room for escapes.
    pub(super) reach: usize,
}

impl Index {
    /// Sorts patterns; `known` words are not taken for another word with an ending.
    pub(super) fn new(mut patterns: Vec<Pattern>, known: BTreeSet<Box<str>>) -> Self {
        patterns.sort_by(|a, b| (&a.words, &a.manner, a.secret).cmp(&(&b.words, &b.manner, b.secret)));
        // What is found as a name need not be found as words too.
        patterns.dedup_by(|a, b| {
            let is_same =
                a.words == b.words && (a.manner == b.manner || a.manner == Manner::Words && b.manner == Manner::Name);
            if is_same && a.longer != b.longer {
                // Where one of them gives something away, both do.
                b.longer = b.longer.iter().filter(|longer| a.longer.contains(longer)).cloned().collect();
            }
            is_same
        });
        let mut counts = std::collections::HashMap::new();
        let mut entries: Vec<Entry> = Vec::with_capacity(patterns.len());
        for (number, pattern) in (0..).zip(&patterns) {
            // The word that few texts have, and by which few others are found; of several, the longest.
            let words = words_of(&pattern.words).map(|(word, offset, text)| {
                let key = key_of(text.as_bytes());
                let others: u32 = counts.get(&key).copied().unwrap_or_default();
                (others / 8 + commonness(text), std::cmp::Reverse(text.len()), word, offset, key, text)
            });
            if let Some((_, _, word, offset, key, text)) = words.min() {
                *counts.entry(key).or_default() += 1;
                entries.push(Entry { key, start: start_of(text), pattern: number, word, offset });
            }
        }
        entries.sort_by_key(|entry| (entry.key, entry.pattern));
        let mut filter = vec![0; 1 << (FILTER - 6)];
        for entry in &entries {
            let slot = slot(entry.key);
            filter[slot >> 6] |= 1 << (slot & 63);
        }
        let longest = patterns.iter().map(|pattern| pattern.words.len()).max().unwrap_or_default();
        Index { patterns, filter, entries, known, reach: 1024 + 3 * longest }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    pub(super) fn patterns(&self) -> &[Pattern] {
        &self.patterns
    }

    /// Whether a word with this key may be one by which something is found.
    pub(super) fn may_have(&self, key: u64) -> bool {
        let slot = slot(key);
        self.filter[slot >> 6] & (1 << (slot & 63)) != 0
    }

    /// Whether what stands at a byte of a text may belong to a pattern; `key` is that of the word there, which is of ASCII.
    /// `first` are the first bytes there.
    pub(super) fn may_be_at(&self, raw: &[u8], at: usize, key: u64, first: u64) -> bool {
        let first = first | u64::from_le_bytes([0x20; 8]);
        self.with_key(key).iter().filter(|entry| first & entry.start.1 == entry.start.0).any(|entry| {
            let words = self.patterns[entry.pattern as usize].words.as_bytes();
            let (before, rest) = words.split_at(entry.offset as usize);
            let length = rest.iter().position(|byte| *byte == b' ').unwrap_or(rest.len());
            let is_word = raw.get(at..at + length).is_some_and(|there| there.eq_ignore_ascii_case(&rest[..length]));
            is_word
                && before.len().checked_sub(2).is_none_or(|last| is_before(&raw[..at], before[last]))
                && rest.get(length + 1).is_none_or(|first| {
                    let behind = raw[at + length..].iter().skip_while(|byte| byte.is_ascii_alphanumeric());
                    is_beside(behind, *first)
                })
        })
    }

    /// Finds what the patterns that stand in some words give away. What does not, since it is a part of a longer name, is
    /// remembered by its place.
    pub(super) fn find(&self, words: &Words, raw: &[u8], excused: &mut BTreeSet<u32>, found: &mut BTreeSet<u32>) {
        let starts = words.starts();
        for number in 0..starts.len() - 1 {
            let (from, to) = (starts[number].at as usize, starts[number + 1].at as usize - 1);
            let key = key_at(words.bytes(), from, to - from);
            if !self.may_have(key) {
                continue;
            }
            for entry in self.with_key(key) {
                let pattern = &self.patterns[entry.pattern as usize];
                let Some(first) = number.checked_sub(entry.word as usize) else { continue };
                if !self.stands(pattern, words, first, raw) {
                    continue;
                }
                let place = starts[first].raw;
                if self.is_within_longer(pattern, words, first) {
                    excused.insert(place);
                } else if pattern.longer.is_empty() || !excused.contains(&place) {
                    found.insert(pattern.secret);
                }
            }
        }
    }

    /// Whether a pattern that stands in some words from one of them on is a part of a longer name there.
    fn is_within_longer(&self, pattern: &Pattern, words: &Words, first: usize) -> bool {
        pattern.longer.iter().any(|longer| {
            let start = first.checked_sub(longer.before as usize).map(|start| words.starts()[start].at as usize);
            start.is_some_and(|start| self.stands_with_endings(&longer.words, &words.text()[start..], Endings::All))
        })
    }

    /// The same of what stands at a byte of some bytes, for a pattern of something that is given away.
    pub(super) fn is_excused(&self, secret: u32, bytes: &[u8], at: usize) -> bool {
        let mut own = self.patterns.iter().filter(|pattern| pattern.secret == secret && !pattern.longer.is_empty());
        let from = at.saturating_sub(NEAR);
        let near = &bytes[from..bytes.len().min(at + NEAR)];
        let mut words = Words::default();
        words.read(near, 0, near.len());
        words.finish(near.len());
        let starts = &words.starts()[..words.starts().len() - 1];
        let Ok(first) = starts.binary_search_by_key(&((at - from) as u32), |start| start.raw) else { return false };
        own.any(|pattern| self.is_within_longer(pattern, &words, first))
    }

    fn with_key(&self, key: u64) -> &[Entry] {
        let from = self.entries.partition_point(|entry| entry.key < key);
        let count = self.entries[from..].iter().take_while(|entry| entry.key == key).count();
        &self.entries[from..from + count]
    }

    /// Whether a pattern stands in some words from one of them on.
    fn stands(&self, pattern: &Pattern, words: &Words, first: usize, raw: &[u8]) -> bool {
        let starts = words.starts();
        let from = starts[first].at as usize;
        let wanted = pattern.words.as_bytes();
        let there = &words.text()[from..];
        let is_exact = there.starts_with(wanted) && there.get(wanted.len()) == Some(&b' ');
        match pattern.manner {
            Manner::Words => {
                is_exact
                    || !pattern.words.contains(' ') && self.stands_with_endings(&pattern.words, there, Endings::Numbers)
            }
            Manner::Name => is_exact || self.stands_with_endings(&pattern.words, there, Endings::All),
            Manner::Literal => is_exact && is_literal(raw, starts[first].raw as usize, wanted),
            Manner::Whole => is_exact && is_whole(raw, starts[first].raw as usize, wanted.len()),
            Manner::Written => {
                let at = starts[first].raw as usize;
                is_exact && raw[at..].starts_with(wanted) && is_whole(raw, at, wanted.len())
            }
        }
    }

    fn stands_with_endings(&self, wanted: &str, there: &[u8], endings: Endings) -> bool {
        let mut there = there.split(|byte| *byte == b' ');
        let mut wanted = wanted.split(' ').peekable();
        let mut is_first = true;
        while let Some(word) = wanted.next() {
            let Some(found) = there.next().and_then(|found| std::str::from_utf8(found).ok()) else { return false };
            let is_last_of_several = wanted.peek().is_none() && !is_first;
            if found != word && !self.is_with_ending(word, found, is_last_of_several, endings) {
                return false;
            }
            is_first = false;
        }
        true
    }

    fn is_with_ending(&self, word: &str, found: &str, is_last_of_several: bool, endings: Endings) -> bool {
        let Some(ending) = found.strip_prefix(word) else { return false };
        // Accounts and names of files number those of one name.
        if (1..=4).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_digit()) {
            return is_last_of_several && word.len() >= 4 || word.len() >= 7;
        }
        if endings == Endings::Numbers {
            return false;
        }
        let may_end = if word.is_ascii() { is_last_of_several && word.len() >= 4 } else { word.len() >= 8 };
        may_end
            && ending.chars().count() <= 3
            && !ending.contains(|c: char| c.is_ascii_digit())
            && !self.known.contains(found)
    }
}

/// The first eight bytes of a word as a number, and all bits of those.
fn start_of(word: &str) -> (u64, u64) {
    let mut bytes = ([0; PADDING], [0; PADDING]);
    for (at, byte) in word.bytes().take(PADDING).enumerate() {
        (bytes.0[at], bytes.1[at]) = (byte, u8::MAX);
    }
    (u64::from_le_bytes(bytes.0), u64::from_le_bytes(bytes.1))
}

/// How often a word is likely to stand in any text, as a measure against others: short words stand everywhere.
fn commonness(word: &str) -> u32 {
    match word.len() {
        0..=2 => 64,
        3 => 32,
        4 => 8,
        5 => 2,
        _ => 0,
    }
}

/// The words of a pattern: number, place and text.
fn words_of(words: &str) -> impl Iterator<Item = (u32, u32, &str)> {
    let mut offset = 0;
    (0..).zip(words.split(' ')).map(move |(number, word)| {
        let at = offset;
        offset += word.len() as u32 + 1;
        (number, at, word)
    })
}

/// The first letters of a word as a number: four bytes, or eight where letters take several bytes.
pub(super) fn key_of(word: &[u8]) -> u64 {
    let mut bytes = [0; PADDING];
    let length = word.len().min(PADDING);
    bytes[..length].copy_from_slice(&word[..length]);
    cut(u64::from_le_bytes(bytes), length)
}

/// The same of a word in folded bytes.
fn key_at(bytes: &[u8], at: usize, length: usize) -> u64 {
    let first = bytes[at..].first_chunk().copied().unwrap_or_default();
    cut(u64::from_le_bytes(first), length)
}

/// Eight bytes without those beyond a word and beyond a key.
pub(super) fn cut(bytes: u64, length: usize) -> u64 {
    let most = if bytes & 0x80 == 0 { 4 } else { 8 };
    let bits = 8 * length.min(most) as u32;
    bytes & u64::MAX.checked_shr(64 - bits).unwrap_or_default()
}

fn slot(key: u64) -> usize {
    (key.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - FILTER)) as usize
}

/// Whether the nearest letter of ASCII in a direction is the one that is wanted. Where an escape, a tag or other letters come
/// first, that is not known, and may be.
fn is_beside<'a>(bytes: impl Iterator<Item = &'a u8>, wanted: u8) -> bool {
    for byte in bytes.take(64) {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => return byte.eq_ignore_ascii_case(&wanted),
            b'&' | b';' | b'%' | b'\\' | b'_' | b'<' | b'>' | 0x80.. => return true,
            _ => {}
        }
    }
    true
}

/// The same of what stands before a word. The last letter there may be that of an escape, as the `0` of `%20` is.
fn is_before(raw: &[u8], wanted: u8) -> bool {
    let near = &raw[raw.len().saturating_sub(64)..];
    let Some(at) = near.iter().rposition(|byte| !matches!(byte, b' ' | b'-' | b'_' | b'.' | b',' | b'/' | b'\n'))
    else {
        return true;
    };
    let escape = &near[at.saturating_sub(LONGEST_ESCAPE)..=at];
    is_beside(raw.iter().rev(), wanted) || escape.iter().any(|byte| matches!(byte, b'&' | b'%' | b'\\'))
}

/// Whether an id stands at a byte as it is written.
fn is_literal(raw: &[u8], at: usize, words: &[u8]) -> bool {
    let there = raw.get(at..at + words.len()).unwrap_or_default();
    there.len() == words.len()
        && there.iter().zip(words).all(|(there, word)| match word {
            b' ' => matches!(there, b'-' | b'_'),
            _ => there.eq_ignore_ascii_case(word),
        })
}

/// Whether what stands at a byte is a whole value: a name in a path, between quotation marks, or all that an element holds.
fn is_whole(raw: &[u8], at: usize, length: usize) -> bool {
    let (before, rest) = raw.split_at(at.min(raw.len()));
    let behind = rest.get(length..).unwrap_or_default();
    let quoted = |mark: &[u8]| before.ends_with(mark) && behind.starts_with(mark) && !is_word_of_markup(before, mark);
    let is_in_path = before.is_empty() || before.ends_with(b"/") || before.ends_with(b"#");
    quoted(b"\"") && !behind.starts_with(b"\":")
        || quoted(b"'")
        || quoted(b"&quot;")
        || before.ends_with(b">") && behind.starts_with(b"<")
        || is_in_path && (behind.starts_with(b".html") || behind.starts_with(b"\"") || behind.starts_with(b"#"))
}

/// Whether a value in quotation marks is one that markup gives a meaning of its own: a class, a type, a language.
fn is_word_of_markup(before: &[u8], mark: &[u8]) -> bool {
    let before = &before[..before.len() - mark.len()];
    let Some(before) = before.strip_suffix(b"=") else { return false };
    let name = before.iter().rev().take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'-').count();
    let name = &before[before.len() - name..];
    ![&b"id"[..], b"href", b"src", b"content", b"alt", b"title", b"value"].contains(&name)
        && !name.starts_with(b"data-")
}
