//! Base64 of what is withheld, looked for as it is written: wherever it begins, and whatever stands around it.
//!
//! Of a value, the digits that do not depend on its neighbours are known for each of the three places at which it may begin
//! within three bytes. What is found so is decoded from there and read like any text.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::index::{Index, Manner};
use crate::redact::Secrets;

/// The fewest bytes of what is looked for. At each of its places, seven bytes have at least eight digits of their own: 48 bits,
/// which a megabyte of other base64 holds by chance once in ten thousand when a thousand names are looked for. With six it
/// would be once in two hundred.
const SHORTEST: usize = 7;

/// How many digits of its own the shortest value has at least.
const FEWEST: usize = 8;

/// How many bytes of a value are looked for; the rest is read once they are found.
const LONGEST: usize = 24;

/// How many digits are read from where something was found.
const NEAR: usize = 512;

/// What may stand between the words of a name.
const BETWEEN: [&str; 4] = [" ", "-", "_", ", "];

/// The digits beyond letters and figures, of either alphabet.
const ALPHABETS: [[u8; 2]; 2] = [*b"+/", *b"-_"];

/// How many digits of the first four are of its neighbours, by how many bytes stand before a value in the first three.
const SKIPPED: [usize; 3] = [0, 2, 3];

/// Looks for the digits of values.
pub(super) struct Base64 {
    digits: Option<AhoCorasick>,
    /// How many digits of the same four stand before each of them.
    skipped: Vec<usize>,
}

impl Base64 {
    pub(super) fn new(secrets: &Secrets, index: &Index) -> Self {
        let mut spelled: BTreeSet<Vec<u8>> = BTreeSet::new();
        let mut add = |spelling: String| {
            if spelling.len() >= SHORTEST {
                spelled.insert(spelling.into_bytes().into_iter().take(LONGEST).collect());
            }
        };
        for pattern in
            index.patterns().iter().filter(|pattern| !matches!(pattern.manner, Manner::Whole | Manner::Written))
        {
            let title: Vec<String> = pattern.words.split(' ').map(capital).collect();
            for between in BETWEEN {
                add(pattern.words.replace(' ', between));
                add(pattern.words.to_uppercase().replace(' ', between));
                add(title.join(between));
            }
            add(capital(&pattern.words));
        }
        let looked_for: BTreeSet<u32> = index.patterns().iter().map(|pattern| pattern.secret).collect();
        for secret in secrets.values().iter().filter(|secret| looked_for.contains(&secret.from)) {
            add(secret.value.clone());
            add(secret.value.to_lowercase());
            add(secret.value.to_uppercase());
            add(secret.value.split(' ').map(capital).collect::<Vec<_>>().join(" "));
        }
        let mut digits = BTreeSet::new();
        for value in &spelled {
            for (before, skipped) in SKIPPED.iter().enumerate() {
                digits.extend(ALPHABETS.map(|alphabet| (inner_digits(value, before, alphabet), *skipped)));
            }
        }
        let skipped = digits.iter().map(|(_, skipped)| *skipped).collect();
        let digits = AhoCorasick::new(digits.iter().map(|(digits, _)| digits)).ok();
        Base64 { digits, skipped }
    }

    /// The stretches of some bytes that are to be decoded, each from a whole group of four digits on.
    pub(super) fn stretches(&self, raw: &[u8]) -> BTreeSet<(usize, usize)> {
        let Some(digits) = &self.digits else { return BTreeSet::new() };
        // Most bytes stand in short words and in marks, where there is nothing to look for.
        let found = runs(raw).flat_map(|run| {
            let found = digits.find_overlapping_iter(&raw[run.clone()]);
            found.map(move |found| (run.start + found.start(), run.start + found.end(), found.pattern().as_usize()))
        });
        let stretch = |(start, end, pattern): (usize, usize, usize)| {
            Some((start.checked_sub(self.skipped[pattern])?, raw.len().min(end + NEAR)))
        };
        found.filter_map(stretch).collect()
    }
}

fn is_digit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

/// The stretches of digits, without those that are too short to hold any value.
fn runs(raw: &[u8]) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        // Of each stretch that is long enough one byte is looked at, however it lies.
        while let Some(byte) = raw.get(at + FEWEST - 1) {
            if !is_digit(*byte) {
                at += FEWEST;
                continue;
            }
            let seen = at + FEWEST - 1;
            let before = raw[at..seen].iter().rev().take_while(|byte| is_digit(**byte)).count();
            let after = raw[seen..].iter().take_while(|byte| is_digit(**byte)).count();
            at = seen + after;
            if before + after >= FEWEST {
                return Some(seen - before..at);
            }
        }
        None
    })
}

/// A word with a capital letter at its beginning.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The digits of a value that are the same whatever stands around it, when some bytes stand before it in the first three.
fn inner_digits(value: &[u8], before: usize, beyond: [u8; 2]) -> Vec<u8> {
    let bits = |at: usize| {
        let bit = |at: usize| value[(at / 8) - before] >> (7 - at % 8) & 1;
        (at..at + 6).fold(0, |digit, at| digit << 1 | bit(at))
    };
    let end = (before + value.len()) * 8 / 6;
    let digit = |digit: u8| match digit {
        0..=25 => b'A' + digit,
        26..=51 => b'a' + digit - 26,
        52..=61 => b'0' + digit - 52,
        62 => beyond[0],
        _ => beyond[1],
    };
    (SKIPPED[before]..end).map(|at| digit(bits(at * 6))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_do_not_depend_on_what_stands_around() {
        assert_eq!(inner_digits(b"Jane Doe", 0, *b"+/"), b"SmFuZSBEb2");
        // `!Jane Doe` and `!!Jane Doe`.
        assert_eq!(inner_digits(b"Jane Doe", 1, *b"+/"), b"phbmUgRG9l");
        assert_eq!(inner_digits(b"Jane Doe", 2, *b"+/"), b"KYW5lIERvZ");
        for before in 0..3 {
            assert!(inner_digits(&[b'a'; SHORTEST], before, *b"+/").len() >= FEWEST);
        }
    }

    #[test]
    fn each_stretch_of_enough_digits_is_looked_at_wherever_it_lies() {
        for lead in 0..20 {
            for length in 1..30 {
                let text = format!("{}{}.short.{}", ".".repeat(lead), "a".repeat(length), "b".repeat(8));
                let found: Vec<_> = runs(text.as_bytes()).map(|run| text[run].to_owned()).collect();
                let long = (length >= FEWEST).then(|| "a".repeat(length));
                assert_eq!(found, long.into_iter().chain(["b".repeat(8)]).collect::<Vec<_>>(), "{lead} {length}");
            }
        }
    }
}
