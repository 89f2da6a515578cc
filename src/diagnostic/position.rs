//! Where findings stand, as people and other programs count, and texts that are safe to print.

use std::collections::BTreeMap;

use super::Place;

/// What stands for a place until the renderer is done: a character without meaning, which is shown of no text.
pub(super) const PLACEHOLDER: char = '\u{e000}';

/// Where the text of a file can be looked up again.
pub trait SourceText {
    /// The text as it was read; none when the file is gone or is not text.
    fn text(&self, file: &str) -> Option<&str>;
}

/// Where the lines of a text begin: the line and column of an offset without reading the text from its start again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    pub(super) starts: Vec<usize>,
}

impl LineIndex {
    /// Finds the lines of a text once.
    pub fn new(text: &str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        LineIndex { starts: [0].into_iter().chain(breaks.map(|(at, _)| at + 1)).collect() }
    }

    /// The line, counted from 1, and the byte at which it begins.
    pub fn line(&self, offset: usize) -> (usize, usize) {
        let line = self.starts.partition_point(|start| *start <= offset);
        (line, line.checked_sub(1).and_then(|line| self.starts.get(line)).copied().unwrap_or(0))
    }

    /// The line and the column of a byte, both counted from 1; columns count characters. A byte beyond the text
    /// counts as its end.
    pub fn line_column(&self, text: &str, offset: usize) -> (usize, usize) {
        let offset = boundary(text, offset);
        let (line, start) = self.line(offset);
        (line, text.get(start..offset).map_or(0, |before| before.chars().count()) + 1)
    }
}

/// The line and the column of a byte, as [`LineIndex::line_column`], for a single look into a text.
pub fn line_column(text: &str, offset: usize) -> (usize, usize) {
    let offset = boundary(text, offset);
    let before = text.get(..offset).unwrap_or_default();
    let start = before.rfind('\n').map_or(0, |line_break| line_break + 1);
    let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
    (line, before.get(start..).map_or(0, |column| column.chars().count()) + 1)
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
}

/// The lines and columns of a place, all counted from 1. The end is that of the last character, and behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

/// What a column counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Columns {
    /// Characters, as editors show them.
    Characters,
    /// The code units of UTF-16, as SARIF counts where nothing else is said.
    Utf16,
}

impl<'a, S: SourceText> Files<'a, S> {
    /// The lines and columns of a place; none when its file is not text.
    pub(super) fn spot(&mut self, place: &'a Place, columns: Columns) -> Option<Spot> {
        let (text, lines) = self.get(&place.file)?;
        let at = |offset: usize| {
            let offset = boundary(text, offset);
            let (line, start) = lines.line(offset);
            let before = text.get(start..offset).unwrap_or_default();
            let column = match columns {
                Columns::Characters => before.chars().count(),
                Columns::Utf16 => before.encode_utf16().count(),
            };
            (line, column + 1)
        };
        let (line, column) = at(place.span.start);
        let (end_line, end_column) = at(place.span.end.max(place.span.start));
        Some(Spot { line, column, end_line, end_column })
    }
}

/// The text with a visible sign for each character that could hide or reorder what stands around it. Characters that
/// the renderer deals with itself, and joiners, without which some scripts cannot be read, stay.
pub(super) fn harmless(text: &str) -> String {
    let is_unsafe = |c: char| {
        matches!(c, '\u{80}'..='\u{9f}' | '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}')
            || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | PLACEHOLDER)
    };
    text.chars().map(|c| if is_unsafe(c) { '\u{fffd}' } else { c }).collect()
}

/// The last character boundary at or before an offset that may lie beyond the text.
pub(super) fn boundary(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// Text for a message: harmless, and on one line.
pub(super) fn harmless_line(text: &str) -> String {
    let visible = |c: char| if c.is_control() { '\u{fffd}' } else { c };
    harmless(text).replace(['\n', '\t'], " ").chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn an_index_and_a_single_look_agree() {
        let text = "a\r\né\u{1f469}x\n\nend";
        let index = LineIndex::new(text);
        for offset in 0..text.len() + 3 {
            assert_eq!(index.line_column(text, offset), line_column(text, offset), "{offset}");
        }
        assert_eq!(line_column(text, text.find('x').unwrap_or_default()), (2, 3));
    }

    #[test]
    fn columns_are_characters_or_code_units() {
        let text = "a\r\n\t\u{1f6aa}e\u{301} \u{639}x";
        let sources = BTreeMap::from([("a.md".to_owned(), text.to_owned())]);
        let start = text.find('x').unwrap_or_default();
        let place = Place::new(&"a.md".into(), start..start + 90);
        let mut files = Files::new(&sources);
        let shown = |spot: Option<Spot>| spot.map(|spot| (spot.line, spot.column, spot.end_line, spot.end_column));
        assert_eq!(shown(files.spot(&place, Columns::Characters)), Some((2, 7, 2, 8)));
        assert_eq!(shown(files.spot(&place, Columns::Utf16)), Some((2, 8, 2, 9)));
    }
}
