//! Where bytes of a text stand for people and programs that count lines and columns.
//!
//! Lines end with `\n` or `\r\n` and with nothing else. Lines and columns count from 1. A place beyond the text counts
//! as its end, one within a character as the beginning of the character, and one within `\r\n` as the end of the line.

use std::collections::BTreeMap;

use super::Place;

/// Where the text of a file can be looked up again.
pub trait SourceText {
    /// The text as it was read; none when the file is gone or is not text.
    fn text(&self, file: &str) -> Option<&str>;
}

/// What columns count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Unicode characters, as this program counts them elsewhere.
    Characters,
    /// The units of UTF-16, as editors count: two for a character beyond the basic plane, such as an emoji.
    Utf16,
}

/// Where the lines of a text begin: the line and column of an offset without reading the text from its start again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<usize>,
    /// What stands before each block of the text, so that a column in a line of megabytes is found at once too.
    before_blocks: Vec<Counts>,
}

/// How many characters and units of UTF-16 begin before an offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    characters: usize,
    utf16: usize,
}

/// How many bytes are counted anew for each column.
const BLOCK: usize = 1024;

impl LineIndex {
    /// Finds the lines of a text once.
    pub fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let blocks = text.as_bytes().chunks(BLOCK).scan(Counts::default(), |before, block| {
            *before = before.and(block);
            Some(*before)
        });
        LineIndex {
            starts: [0].into_iter().chain(breaks.map(|(at, _)| at + 1)).collect(),
            before_blocks: [Counts::default()].into_iter().chain(blocks).collect(),
        }
    }

    /// The line, counted from 1, and the byte at which it begins.
    pub fn line(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        (line, self.start_of(line).unwrap_or(0))
    }

    /// The byte at which a line begins; none when the text has fewer lines.
    pub(super) fn start_of(&self, line: usize) -> Option<usize> {
        self.starts.get(line.checked_sub(1)?).copied()
    }

    /// The line and the column of a byte, both counted from 1; columns count characters. A byte beyond the text
    /// counts as its end.
    pub fn line_column(&self, text: &str, offset: usize) -> (usize, usize) {
        self.position(text, offset, Unit::Characters)
    }

    fn position(&self, text: &str, offset: usize, unit: Unit) -> (usize, usize) {
        let offset = standing(text, offset);
        let (line, start) = self.line(offset);
        let before = |offset: usize| {
            let block = offset / BLOCK;
            let counted = self.before_blocks.get(block).copied().unwrap_or_default();
            let counted = counted.and(text.as_bytes().get(block * BLOCK..offset).unwrap_or_default());
            match unit {
                Unit::Characters => counted.characters,
                Unit::Utf16 => counted.utf16,
            }
        };
        (line, before(offset) - before(start) + 1)
    }
}

impl Counts {
    fn and(self, bytes: &[u8]) -> Self {
        let begins = bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count();
        let begins_pair = bytes.iter().filter(|byte| **byte >= 0b1111_0000).count();
        Counts { characters: self.characters + begins, utf16: self.utf16 + begins + begins_pair }
    }
}

/// The line and the column of a byte, as [`LineIndex::line_column`], for a single look into a text.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let offset = standing(text, offset);
    let before = text.get(..offset).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before.get(start..).map_or(0, |column| column.chars().count()) + 1)
}

/// From where to where a place reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    /// The line of the first character.
    pub(super) line: usize,
    /// The column of the first character.
    pub(super) column: usize,
    /// The line of the last character.
    pub(super) end_line: usize,
    /// The column behind the last character; that of the first where the place is empty.
    pub(super) end_column: usize,
}

/// The texts of files with their lines, each looked up when it is first asked for.
pub(super) struct Files<'a, S> {
    sources: &'a S,
    known: BTreeMap<&'a str, Option<(&'a str, LineIndex)>>,
}

impl<'a, S: SourceText> Files<'a, S> {
    pub(super) fn new(sources: &'a S) -> Self {
        Files { sources, known: BTreeMap::new() }
    }

    pub(super) fn get(&mut self, file: &'a str) -> Option<&(&'a str, LineIndex)> {
        let look_up = || self.sources.text(file).map(|text| (text, LineIndex::new(text)));
        self.known.entry(file).or_insert_with(look_up).as_ref()
    }

    /// From where to where a place reaches; none when its file has no text. A break at the end of a line does not make
    /// the place reach into the next line.
    pub(super) fn extent(&mut self, place: &'a Place, unit: Unit) -> Option<Extent> {
        let (text, lines) = self.get(&place.file)?;
        let start = boundary(text, place.span.start);
        let end = boundary(text, place.span.end.max(start));
        let end = if end > start && text[..end].ends_with('\n') { end - 1 } else { end };
        let (line, column) = lines.position(text, start, unit);
        let (end_line, end_column) = lines.position(text, end, unit);
        Some(Extent { line, column, end_line, end_column })
    }
}

/// The last character boundary at or before an offset that may lie beyond the text.
pub(super) fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// The last place at or before an offset where a cursor can stand: not within a character, and not within `\r\n`.
fn standing(text: &str, offset: usize) -> usize {
    let offset = boundary(text, offset);
    let (before, after) = text.split_at(offset);
    if before.ends_with('\r') && after.starts_with('\n') { offset - 1 } else { offset }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    impl SourceText for BTreeMap<String, String> {
        fn text(&self, file: &str) -> Option<&str> {
            self.get(file).map(String::as_str)
        }
    }

    /// Where the bytes of a place reach, as `line:column-line:column` in characters and in units of UTF-16.
    #[track_caller]
    fn check(text: &str, span: std::ops::Range<usize>, characters: &str, utf16: &str) {
        let sources = BTreeMap::from([("a.md".to_owned(), text.to_owned())]);
        let place = Place::new(&Arc::from("a.md"), span);
        let mut files = Files::new(&sources);
        let mut shown = |unit| {
            let extent = files.extent(&place, unit).map(|at| (at.line, at.column, at.end_line, at.end_column));
            extent.map_or_else(String::new, |(a, b, c, d)| format!("{a}:{b}-{c}:{d}"))
        };
        assert_eq!((shown(Unit::Characters).as_str(), shown(Unit::Utf16).as_str()), (characters, utf16));
    }

    #[test]
    fn columns_count_characters_or_units_of_utf_16() {
        check("a: bad\n", 3..6, "1:4-1:7", "1:4-1:7");
        check("\tbad", 1..4, "1:2-1:5", "1:2-1:5");
        check("\u{1f469}\u{200d}\u{1f4bb} bad", 12..15, "1:5-1:8", "1:7-1:10");
        check("e\u{301} bad", 4..7, "1:4-1:7", "1:4-1:7");
        check("\u{639}\u{631}\u{628}\u{64a} bad", 9..12, "1:6-1:9", "1:6-1:9");
    }

    #[test]
    fn the_end_of_a_line_is_no_part_of_the_next_line() {
        check("one\ntwo\n", 0..4, "1:1-1:4", "1:1-1:4");
        check("one\r\ntwo\r\n", 0..5, "1:1-1:4", "1:1-1:4");
        check("one\r\ntwo\r\n", 0..8, "1:1-2:4", "1:1-2:4");
        check("one\r\ntwo\r\n", 3..5, "1:4-1:4", "1:4-1:4");
        check("one\r\ntwo\r\n", 4..5, "1:4-1:4", "1:4-1:4");
        check("one\n\n", 4..5, "2:1-2:1", "2:1-2:1");
        check("a\rb", 2..3, "1:3-1:4", "1:3-1:4");
    }

    #[test]
    fn places_beyond_the_text_are_its_end() {
        check("ab\n", 90..99, "2:1-2:1", "2:1-2:1");
        check("ab", 1..99, "1:2-1:3", "1:2-1:3");
        check("é\u{1f469}", 3..5, "1:2-1:2", "1:2-1:2");
        check("", 0..0, "1:1-1:1", "1:1-1:1");
    }

    #[test]
    fn an_index_and_a_single_look_agree() {
        let text = "a\r\né\u{1f469}x\n\nend".repeat(500);
        let index = LineIndex::new(&text);
        for offset in (0..text.len() + 3).step_by(7).chain(0..20) {
            assert_eq!(index.line_column(&text, offset), line_column(&text, offset), "{offset}");
        }
        assert_eq!(line_column(&text, text.find('x').unwrap_or_default()), (2, 3));
        let long = "é\u{1f469}x".repeat(5000);
        let index = LineIndex::new(&long);
        for offset in (0..long.len()).step_by(333) {
            assert_eq!(index.line_column(&long, offset), line_column(&long, offset), "{offset}");
        }
    }
}
