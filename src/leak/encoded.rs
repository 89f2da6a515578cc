//! Text that is written in other bytes: base64 in a text, UTF-16 in anything.

use std::ops::Range;

use super::escape::length_of;

/// The longest stretch of base64 that is read at once; what is longer is read in pieces that overlap.
const LONGEST: usize = 1 << 20;

/// How many bytes in a row must have the same neighbour before they are taken for UTF-16: three characters of one script.
const SAME: usize = 3;

/// How far from such characters their text is looked for.
const NEAR: usize = 256;

/// The stretch of base64 around a byte. A line break in it is a part of it when the lines are long, as in mail and keys.
pub(super) fn base64_around(raw: &[u8], at: usize) -> Range<usize> {
    let is_digit = |byte: &u8| value(*byte).is_some();
    let from = at - raw[..at].iter().rev().take_while(|byte| is_digit(byte)).count();
    let (mut line, mut to) = (from, at);
    loop {
        to += raw[to..].iter().take(LONGEST).take_while(|byte| is_digit(byte)).count();
        let breaks = raw[to..].iter().take(2).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let is_wrapped = to - line >= 60 && breaks > 0 && raw.get(to + breaks).is_some_and(is_digit);
        if !is_wrapped || to - from > LONGEST {
            return from..to;
        }
        to += breaks;
        line = to;
    }
}

/// What a stretch of base64 says, beginning with each of its first four digits: what stands before it may be no part of it.
pub(super) fn decoded(raw: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let digits: Vec<u8> = raw.iter().filter_map(|byte| value(*byte)).collect();
    (0..4).map(move |skip| bytes_of(digits.get(skip..).unwrap_or_default()))
}

/// What base64 says from the first of some bytes on, up to what is no digit.
pub(super) fn decoded_from(raw: &[u8]) -> Vec<u8> {
    bytes_of(&raw.iter().map_while(|byte| value(*byte)).collect::<Vec<u8>>())
}

fn bytes_of(digits: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(digits.len() / 4 * 3 + 3);
    for four in digits.chunks(4) {
        let bits = four.iter().fold(0, |bits: u32, digit| bits << 6 | u32::from(*digit)) << (6 * (4 - four.len()));
        let whole = four.len() * 6 / 8;
        bytes.extend_from_slice(&bits.to_be_bytes()[1..1 + whole]);
    }
    bytes
}

/// Whether some bytes may hold a word: four letters, or two beyond ASCII, in a row. What is no base64 decodes to bytes that do not.
pub(super) fn may_hold_words(bytes: &[u8]) -> bool {
    let (mut at, mut run) = (0, 0);
    while let Some(byte) = bytes.get(at) {
        let length = length_of(*byte);
        let is_letter = byte.is_ascii_alphanumeric() || *byte == b' ';
        let is_whole = || bytes.get(at..at + length).is_some_and(|bytes| std::str::from_utf8(bytes).is_ok());
        run = if is_letter || length > 1 && is_whole() { run + length.min(2) } else { 0 };
        if run >= 4 {
            return true;
        }
        at += if run > 0 { length } else { 1 };
    }
    false
}

/// The value of a digit, of either alphabet.
pub(super) fn value(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

/// Text of UTF-16 in some bytes, of either order.
pub(super) fn utf16(raw: &[u8]) -> Vec<String> {
    let mut stretches: Vec<Range<usize>> = Vec::new();
    let is_same = |at: usize| {
        let of = |step: usize| raw[at + 2 * step];
        (1..SAME).all(|step| of(step) == of(0)) && (0..SAME - 1).any(|step| raw[at + 2 * step + 1] != of(0))
    };
    for at in 0..raw.len().saturating_sub(2 * SAME - 1) {
        if raw[at] != raw[at + 2] || !is_same(at) {
            continue;
        }
        let (from, to) = (at.saturating_sub(NEAR), (at + NEAR).min(raw.len()));
        match stretches.last_mut() {
            Some(last) if from <= last.end => last.end = to,
            _ => stretches.push(from..to),
        }
    }
    let orders: [fn([u8; 2]) -> u16; 2] = [u16::from_le_bytes, u16::from_be_bytes];
    let mut texts = Vec::new();
    for stretch in stretches {
        for order in orders {
            for skip in 0..2 {
                let bytes = raw.get(stretch.start + skip..stretch.end).unwrap_or_default();
                let units = bytes.as_chunks().0.iter().map(|two| order(*two));
                texts.push(char::decode_utf16(units).map(|c| c.unwrap_or(' ')).collect());
            }
        }
    }
    texts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_base64(text: &[u8], at: usize, expected: &str) {
        let found = decoded(&text[base64_around(text, at)]);
        let found: Vec<String> = found.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).collect();
        assert!(found.iter().any(|found| found.contains(expected)), "{found:?}");
    }

    #[test]
    fn base64_is_read_wherever_it_begins() {
        check_base64(b"{\"a\": \"SmFuZSBEb2U=\"}", 10, "Jane Doe");
        check_base64(b"/x/SmFuZSBEb2U", 5, "Jane Doe");
        check_base64(b"/SmFuZSBEb2U", 5, "Jane Doe");
        check_base64(b"IUphbmUgRG9l", 0, "Jane Doe");
        check_base64(b"ISFKYW5lIERvZQ==", 3, "Jane Doe");
    }

    #[test]
    fn what_is_no_text_is_known_from_words() {
        for text in ["Jane", "\0\u{1}May 3\u{2}", "Ян", "王明", "x: né e"] {
            assert!(may_hold_words(text.as_bytes()), "{text}");
        }
        for bytes in [&b"Ja\0ne\x01"[..], b"\xc3\xff\xd0\x01\xe2\x80", b"", b"\x05\xea\xdd\x71\xcb\x9b\xa6\xe2\x4a\xc1"]
        {
            assert!(!may_hold_words(bytes), "{bytes:?}");
        }
    }

    #[test]
    fn base64_of_several_lines_is_one() {
        let line = "QUFB".repeat(19);
        check_base64(format!("{}\r\nSmFuZSBEb2U=", line.trim_end_matches("QUFB")).as_bytes(), 0, "");
        check_base64(format!("{line}SmFu\r\nZSBEb2U=").as_bytes(), 70, "Jane Doe");
    }

    #[test]
    fn utf_16_is_read_in_either_order() {
        for text in ["Jane Doe", "Иван Петров"] {
            for order in [u16::to_le_bytes, u16::to_be_bytes] {
                for before in ["", "x"] {
                    let mut bytes = before.as_bytes().to_vec();
                    bytes.extend(text.encode_utf16().flat_map(order));
                    bytes.extend([0, 0]);
                    assert!(utf16(&bytes).iter().any(|found| found.contains(text)), "{text}");
                }
            }
        }
        assert_eq!(utf16(&[0; 100]), [""; 0]);
    }
}
