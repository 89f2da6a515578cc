//! Bytes into characters, and from each character back to its bytes.
//!
//! The encoding is the one that the file itself begins with (a byte-order mark), else the one that it was sent with, else the one
//! that its HTML names, else UTF-8, else `windows-1252`, as browsers do. It is never guessed from how often letters occur.

use std::borrow::Cow;
use std::ops::Range;

use encoding_rs::{CoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252, X_USER_DEFINED};

/// How many bytes at the beginning of HTML are looked through for its encoding; the standard asks for 1,024 at least.
const PRESCAN: usize = 4096;

/// The characters of a file, and where each of them stands in it.
pub(super) struct Decoded<'a> {
    /// The characters.
    pub(super) text: Cow<'a, str>,
    places: Places,
}

/// Where characters stand in a file.
enum Places {
    /// Each byte of the text is a byte of the file, so many bytes further on.
    Same(u64),
    /// Stretches in order, then the end. A stretch is as long in the text as in the file, or it is characters that share their bytes.
    Stretches(Vec<Stretch>),
}

struct Stretch {
    text: usize,
    byte: u64,
}

impl<'a> Decoded<'a> {
    /// Reads plain text, sent as `charset` if that is known.
    pub(super) fn text(bytes: &'a [u8], charset: Option<&str>) -> Self {
        Self::new(bytes, charset.and_then(named))
    }

    /// Reads HTML, which may name its encoding itself.
    pub(super) fn html(bytes: &'a [u8], charset: Option<&str>) -> Self {
        Self::new(
            bytes,
            charset.and_then(named).or_else(|| prescan(&bytes[..bytes.len().min(PRESCAN)])).or_else(|| of_xml(bytes)),
        )
    }

    fn new(bytes: &'a [u8], declared: Option<&'static Encoding>) -> Self {
        let (encoding, mark) = match Encoding::for_bom(bytes) {
            Some((encoding, length)) => (Some(encoding), length),
            None => (declared, 0),
        };
        let body = &bytes[mark..];
        if encoding.is_none_or(|encoding| encoding == UTF_8)
            && let Ok(text) = std::str::from_utf8(body)
        {
            return Decoded { text: Cow::Borrowed(text), places: Places::Same(mark as u64) };
        }
        match encoding {
            Some(encoding) if encoding == UTF_8 => damaged_utf8(body, mark as u64),
            Some(encoding) => by_characters(body, mark as u64, encoding),
            None => by_characters(body, mark as u64, WINDOWS_1252),
        }
    }

    /// The parts of a range of the text with their bytes: each as long in the file as in the text, or one character.
    pub(super) fn parts(&self, range: Range<usize>) -> impl Iterator<Item = (Range<usize>, Range<u64>)> + '_ {
        let mut next = range.start;
        std::iter::from_fn(move || {
            if next >= range.end {
                return None;
            }
            let (part, bytes) = match &self.places {
                Places::Same(shift) => (next..range.end, next as u64 + shift..range.end as u64 + shift),
                Places::Stretches(stretches) => part_in(stretches, next..range.end),
            };
            next = part.end;
            Some((part, bytes))
        })
    }

    /// The bytes in which a range of the text stands, all together.
    pub(super) fn bytes(&self, range: Range<usize>) -> Range<u64> {
        let start = self.boundary(range.start, Side::Begins);
        start..self.boundary(range.end, Side::Ends).max(start)
    }

    fn boundary(&self, at: usize, side: Side) -> u64 {
        match &self.places {
            Places::Same(shift) => at as u64 + shift,
            Places::Stretches(stretches) => {
                let number = stretches.partition_point(|stretch| stretch.text <= at).saturating_sub(1);
                let here = &stretches[number];
                let Some(after) = stretches.get(number + 1) else { return here.byte };
                let is_same = (after.text - here.text) as u64 == after.byte - here.byte;
                match side {
                    _ if is_same => here.byte + (at - here.text) as u64,
                    Side::Ends if at > here.text => after.byte,
                    Side::Begins | Side::Ends => here.byte,
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Begins,
    Ends,
}

/// The part at the beginning of a range that lies in one stretch.
fn part_in(stretches: &[Stretch], range: Range<usize>) -> (Range<usize>, Range<u64>) {
    let number = stretches.partition_point(|stretch| stretch.text <= range.start).saturating_sub(1);
    let here = &stretches[number];
    let Some(after) = stretches.get(number + 1) else { return (range, here.byte..here.byte) };
    let end = range.end.min(after.text);
    let is_same = (after.text - here.text) as u64 == after.byte - here.byte;
    let bytes = match is_same {
        true => here.byte + (range.start - here.text) as u64..here.byte + (end - here.text) as u64,
        false => here.byte..after.byte,
    };
    (range.start..end, bytes)
}

/// The encoding of a name, as HTML knows them.
fn named(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.trim().trim_matches(['"', '\'']).as_bytes())
}

/// UTF-8 in which some bytes are none: each such place is one U+FFFD.
fn damaged_utf8(bytes: &[u8], shift: u64) -> Decoded<'static> {
    let mut text = String::with_capacity(bytes.len());
    let mut stretches = Vec::new();
    let mut at = shift;
    for chunk in bytes.utf8_chunks() {
        if !chunk.valid().is_empty() {
            stretches.push(Stretch { text: text.len(), byte: at });
            text.push_str(chunk.valid());
            at += chunk.valid().len() as u64;
        }
        if !chunk.invalid().is_empty() {
            stretches.push(Stretch { text: text.len(), byte: at });
            text.push(char::REPLACEMENT_CHARACTER);
            at += chunk.invalid().len() as u64;
        }
    }
    stretches.push(Stretch { text: text.len(), byte: at });
    Decoded { text: Cow::Owned(text), places: Places::Stretches(stretches) }
}

/// Another encoding, byte by byte, since the decoder tells only then which bytes made a character.
fn by_characters(bytes: &[u8], shift: u64, encoding: &'static Encoding) -> Decoded<'static> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 2);
    let mut stretches: Vec<Stretch> = Vec::new();
    let mut is_plain = false;
    let mut begun = 0;
    for at in 0..=bytes.len() {
        let is_last = at == bytes.len();
        let given = bytes.get(at..at + 1).unwrap_or_default();
        let before = text.len();
        // One byte makes a few characters at the most; the loop is for the letter of the decoder's contract.
        let mut rest = given;
        loop {
            text.reserve(32);
            let (result, read, _) = decoder.decode_to_string(rest, &mut text, is_last);
            rest = &rest[read..];
            if result == CoderResult::InputEmpty {
                break;
            }
        }
        if text.len() == before {
            continue;
        }
        let end = (at + 1).min(bytes.len());
        let continues_plain = end - begun == 1 && text.len() - before == 1;
        // A mark that only the end brings, when all bytes have made characters, shares those of the one before.
        if !(is_plain && continues_plain) && begun < bytes.len() {
            stretches.push(Stretch { text: before, byte: shift + begun as u64 });
        }
        is_plain = continues_plain;
        begun = end;
    }
    stretches.push(Stretch { text: text.len(), byte: shift + bytes.len() as u64 });
    Decoded { text: Cow::Owned(text), places: Places::Stretches(stretches) }
}

/// The encoding that a `meta` element at the beginning of HTML names.
fn prescan(head: &[u8]) -> Option<&'static Encoding> {
    let mut rest = head;
    while let Some(at) = memchr::memchr(b'<', rest) {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix(b"!--") {
            let end = memchr::memmem::find(comment, b"-->")?;
            rest = &comment[end..];
        } else if rest.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"meta")) {
            let end = memchr::memchr(b'>', rest)?;
            if let Some(encoding) = charset_in(&rest[4..end]) {
                // What could be read so far is not UTF-16.
                return Some(match encoding {
                    _ if encoding == UTF_16BE || encoding == UTF_16LE => UTF_8,
                    _ if encoding == X_USER_DEFINED => WINDOWS_1252,
                    _ => encoding,
                });
            }
        }
    }
    None
}

/// The encoding that a declaration of XML names, which browsers heed in HTML too.
fn of_xml(bytes: &[u8]) -> Option<&'static Encoding> {
    let declaration = bytes.strip_prefix(b"<?xml")?;
    let declaration = &declaration[..memchr::memchr(b'>', &declaration[..declaration.len().min(PRESCAN)])?];
    let at = memchr::memmem::find(declaration, b"encoding")?;
    let value = declaration[at + "encoding".len()..].trim_ascii_start().strip_prefix(b"=")?.trim_ascii_start();
    let mark = *value.first().filter(|mark| matches!(mark, b'"' | b'\''))?;
    let encoding = Encoding::for_label(&value[1..=memchr::memchr(mark, &value[1..])?])?;
    Some(if encoding == UTF_16BE || encoding == UTF_16LE { UTF_8 } else { encoding })
}

/// The encoding behind `charset=` in the attributes of a `meta` element or in a media type.
fn charset_in(attributes: &[u8]) -> Option<&'static Encoding> {
    let lower = attributes.to_ascii_lowercase();
    for at in memchr::memmem::find_iter(&lower, b"charset") {
        let rest = lower[at + "charset".len()..].trim_ascii_start();
        let Some(rest) = rest.strip_prefix(b"=") else { continue };
        let rest = rest.trim_ascii_start();
        let rest = rest.strip_prefix(b"\"").or_else(|| rest.strip_prefix(b"'")).unwrap_or(rest).trim_ascii_start();
        let end = rest.iter().position(|byte| matches!(byte, b'"' | b'\'' | b';' | b'/') || byte.is_ascii_whitespace());
        if let Some(encoding) = Encoding::for_label(&rest[..end.unwrap_or(rest.len())]) {
            return Some(encoding);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], charset: Option<&str>, text: &str) {
        let decoded = Decoded::html(bytes, charset);
        assert_eq!(decoded.text, text);
        let mut end = None;
        for (range, bytes) in decoded.parts(0..decoded.text.len()) {
            assert!(end.is_none_or(|end| end == bytes.start), "the stretches leave out bytes");
            assert_eq!(decoded.bytes(range), bytes);
            end = Some(bytes.end);
        }
        assert!(text.is_empty() || end == Some(bytes.len() as u64));
    }

    #[test]
    fn the_encoding_is_that_of_the_mark_then_of_the_sender_then_of_the_page() {
        check(b"\xef\xbb\xbfn\xc3\xa9", Some("latin1"), "né");
        check(b"\xff\xfen\0\xe9\0", None, "né");
        check(b"\xfe\xff\0n\0\xe9", None, "né");
        check("<meta charset=koi8-r>né".as_bytes(), Some("utf-8"), "<meta charset=koi8-r>né");
        check(b"<meta charset='windows-1251'>\xc4\xe0", None, "<meta charset='windows-1251'>Да");
        check(
            b"<meta http-equiv=content-type content=\"text/html; charset=Shift_JIS\">\x93\xfa",
            None,
            "<meta http-equiv=content-type content=\"text/html; charset=Shift_JIS\">日",
        );
        check(b"<!-- <meta charset=koi8-r> -->\xe9", None, "<!-- <meta charset=koi8-r> -->é");
        check(
            b"<?xml version='1.0' encoding=\"windows-1251\"?>\xc4\xe0",
            None,
            "<?xml version='1.0' encoding=\"windows-1251\"?>Да",
        );
        check(b"<?xml encoding='utf-16'?>\xc3\xa9", None, "<?xml encoding='utf-16'?>é");
        check("né".as_bytes(), None, "né");
        check(b"n\xe9", None, "né");
    }

    #[test]
    fn bytes_that_are_no_characters_are_one_mark_each() {
        check(b"\xef\xbb\xbfa\xffb\xe2\x82", None, "a\u{fffd}b\u{fffd}");
        check(b"\xff\xfea\0\0\xd8b\0", None, "a\u{fffd}b");
        // Of two halves of characters the first is told by the second, and the second by the end.
        check(b"\xff\xfe\0\xd8\0\xd8", None, "\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_character_stands_in_its_own_bytes() {
        let decoded = Decoded::text(b"a\x93\xfa\x96{b", Some("shift_jis"));
        assert_eq!(decoded.text, "a日本b");
        let parts: Vec<_> = decoded.parts(0..8).collect();
        assert_eq!(parts, [(0..1, 0..1), (1..4, 1..3), (4..7, 3..5), (7..8, 5..6)]);
    }
}
