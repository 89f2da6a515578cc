//! Base64 of what is withheld, looked for as it is written: wherever it begins, and whatever stands around it.
//!
//! Of a value, the digits that do not depend on its neighbours are known for each of the three places at which it may begin
//! within three bytes. What is found so is decoded from there and read like any text.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::encoded::value;
use super::escape::unescape;
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

/// The fewest digits of a line of base64 that may go on in the next one. Lines of prose end in shorter words.
const LINE: usize = 16;

/// How far a line of base64 may be from the next one.
const INDENT: usize = 64;

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
        for secret in secrets.values().iter().filter(|secret| looked_for.contains(&secret.from)) {
            for order in [u16::to_le_bytes, u16::to_be_bytes] {
                let wide: Vec<u8> = secret.value.encode_utf16().flat_map(order).take(LONGEST).collect();
                if wide.len() >= SHORTEST {
                    spelled.insert(wide);
                }
            }
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
    value(byte).is_some()
}

/// Base64 that is cut into lines or of which digits are written as escapes, each stretch of it in one line and without them.
pub(super) fn joined(raw: &[u8]) -> Vec<Vec<u8>> {
    let mut joined = Vec::new();
    let mut done = 0;
    for at in joints(raw) {
        if at < done {
            continue;
        }
        let before = raw[done..at].iter().rev().take_while(|byte| is_digit(**byte)).count();
        let mut digits = raw[at - before..at].to_vec();
        let mut line = before;
        let mut end = at;
        while let Some((digit, taken)) = joint(&raw[end..], line) {
            digits.extend(digit);
            let start = end + taken;
            let more = raw[start..].iter().take_while(|byte| is_digit(**byte)).count();
            digits.extend_from_slice(&raw[start..start + more]);
            line = if digit.is_some() { line + 1 + more } else { more };
            end = start + more;
        }
        if end > at {
            done = end;
            joined.extend((digits.len() >= FEWEST).then_some(digits));
        }
    }
    joined
}

/// The bytes at which an escape may begin, or a line of base64 end, in order.
fn joints(raw: &[u8]) -> impl Iterator<Item = usize> + '_ {
    let line_end = |at: usize| {
        let spaces = raw[..at].iter().rev().take(INDENT).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        Some(at - spaces).filter(|end| *end >= LINE && is_digit(raw[end - 1]))
    };
    let mut lines = memchr::memchr2_iter(b'\n', b'\r', raw).filter_map(line_end).peekable();
    let mut escapes = memchr::memchr3_iter(b'&', b'%', b'\\', raw).peekable();
    std::iter::from_fn(move || match (lines.peek(), escapes.peek()) {
        (Some(line), Some(escape)) if line < escape => lines.next(),
        (Some(_), None) => lines.next(),
        _ => escapes.next(),
    })
}

/// What may stand between two digits of base64 and how long it is: another digit that is written as an escape, or the end of a
/// line that had so many digits.
fn joint(rest: &[u8], line: usize) -> Option<(Option<u8>, usize)> {
    if rest.starts_with(b"\\/") {
        return Some((Some(b'/'), 2));
    }
    let read = |rest: &[u8]| unescape(rest).or_else(|| Some((char::from(*rest.first()?), 1)));
    match unescape(rest) {
        Some((c, taken)) if c.is_ascii() && is_digit(c as u8) => return Some((Some(c as u8), taken)),
        _ if line < LINE => return None,
        _ => {}
    }
    let mut taken = 0;
    let mut is_broken = false;
    while let Some((c, length)) = read(rest.get(taken..)?) {
        // The backslash of a line that goes on in the next one.
        let is_continued = rest[taken..].starts_with(b"\\\n") || rest[taken..].starts_with(b"\\\r");
        if !(c.is_ascii_whitespace() || is_continued) || taken > INDENT {
            break;
        }
        // Among escapes, `\\n` is read as a space.
        is_broken |= matches!(c, '\n' | '\r') || rest[taken] == b'\\';
        taken += length;
    }
    let goes_on = || rest.get(taken).is_some_and(|byte| is_digit(*byte));
    (is_broken && goes_on()).then_some((None, taken))
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
    fn lines_and_escapes_are_joined() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<String> =
                joined(text.as_bytes()).into_iter().map(|text| String::from_utf8(text).unwrap()).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        let line = "QUFB".repeat(4);
        for end in
            ["\n", "\r\n", "\n    ", " \n\t", "\\n", "\\r\\n", "&#10;", "&#xA;", "%0A", "%0D%0A", "\\\n", "&#13;&#10;"]
        {
            check(&format!("x {line}{end}SmFu{end}y"), &[&format!("{line}SmFu")]);
            check(&format!("x {line}{end}{line}{end}SmFu."), &[&format!("{line}{line}SmFu")]);
        }
        for slash in ["\\/", "%2F", "%252f", "&#47;", "&#x2f;", "&sol;", "\\u002f", "\\x2F"] {
            check(&format!("\"TmFkaWE{slash}VmVy\""), &["TmFkaWE/VmVy"]);
        }
        check("&#84;m&#70;kaWEx", &["TmFkaWEx"]);
        check("words at the end\nof a line, 100% of them & more\\", &[]);
        check("aaaa%2Fbb c", &[]);
        check(&format!("{line} {line}"), &[]);
        check(&format!("{line}\n"), &[]);
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
