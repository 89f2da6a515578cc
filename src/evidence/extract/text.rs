//! Plain text: blocks are what stands between blank lines. Nothing is taken for a heading, since nothing says that it is one.

use std::ops::Range;

use super::super::document::{BlockKind, Document, How};
use super::encoding::Decoded;
use super::writer::Writer;

/// Reads plain text into a document, sent as `charset` if that is known.
pub(super) fn read(bytes: &[u8], charset: Option<&str>, document: Document) -> Document {
    let decoded = Decoded::text(bytes, charset);
    let text = &*decoded.text;
    let mut writer = Writer::new(document);
    let mut line_end: Option<Range<usize>> = None;
    for Line { words, end } in lines(text) {
        if words.is_empty() {
            writer.end();
            line_end = None;
            continue;
        }
        match line_end.take() {
            Some(end) => {
                let how = if &text[end.clone()] == "\n" { How::Literal } else { How::Space };
                push(&mut writer, &decoded, "\n", end, how);
            }
            None => writer.begin(&BlockKind::Paragraph),
        }
        push(&mut writer, &decoded, &text[words.clone()], words, How::Literal);
        line_end = Some(end);
    }
    writer.finish()
}

/// A line without the white space at its end, and what stands between its words and those of the next line.
pub(super) struct Line {
    pub(super) words: Range<usize>,
    end: Range<usize>,
}

/// The lines of a text, ended by a line feed, a carriage return, or both.
pub(super) fn lines(text: &str) -> impl Iterator<Item = Line> + '_ {
    let mut start = 0;
    std::iter::from_fn(move || {
        if start >= text.len() {
            return None;
        }
        let rest = &text[start..];
        let length = memchr::memchr3(b'\n', b'\r', b'\x0c', rest.as_bytes()).unwrap_or(rest.len());
        let mark = match rest.as_bytes().get(length..) {
            Some([b'\r', b'\n', ..]) => 2,
            Some([_, ..]) => 1,
            Some([]) | None => 0,
        };
        let words = rest[..length].trim_end();
        let words = start..start + if words.trim_start().is_empty() { 0 } else { words.len() };
        let line = Line { end: words.end..start + length + mark, words };
        start += length + mark;
        Some(line)
    })
}

/// Writes part of the text, character by character where that is how the file's bytes are known.
fn push(writer: &mut Writer, decoded: &Decoded<'_>, text: &str, place: Range<usize>, how: How) {
    if how != How::Literal {
        return writer.push(text, Some(decoded.bytes(place)), how);
    }
    for (part, bytes) in decoded.parts(place) {
        writer.push(&decoded.text[part], Some(bytes), how);
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::shown::show;
    use super::*;

    fn check(bytes: &[u8], expect: &Expect) {
        expect.assert_eq(&show(&read(bytes, None, Document::default()), bytes));
    }

    #[test]
    fn blank_lines_make_blocks_and_line_breaks_stay() {
        check(
            b"One\ntwo  three\n\n \t\nfour\n",
            &expect![[r#"
                Paragraph "One\ntwo  three"
                Paragraph "four"
                0 Literal 0..14 "One\ntwo  three"
                14 Space -
                16 Literal 19..23 "four"
            "#]],
        );
    }

    #[test]
    fn line_breaks_of_other_systems_are_line_breaks() {
        check(
            b"\xef\xbb\xbfone \r\ntwo\rthree\r\n\r\nfour",
            &expect![[r#"
                Paragraph "one\ntwo\nthree"
                Paragraph "four"
                0 Literal 3..6 "one"
                3 Space 6..9 " \r\n"
                4 Literal 9..12 "two"
                7 Space 12..13 "\r"
                8 Literal 13..18 "three"
                13 Space -
                15 Literal 22..26 "four"
            "#]],
        );
    }

    #[test]
    fn each_character_of_another_encoding_has_its_bytes() {
        check(
            b"\xff\xfeh\0\xe9\0\n\0!\0",
            &expect![[r#"
                Paragraph "hé\n!"
                0 Literal 2..4 "h\0"
                1 Literal 4..6 "�\0"
                3 Literal 6..8 "\n\0"
                4 Literal 8..10 "!\0"
            "#]],
        );
    }

    #[test]
    fn nothing_has_no_blocks() {
        check(b" \n\r\n\t", &expect![""]);
    }
}
