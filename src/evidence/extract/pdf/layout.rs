//! Glyphs at places into words, lines and paragraphs.

use super::super::super::document::{BlockKind, Document, How};
use super::super::writer::Writer;

/// A wider gap than this part of the size of a glyph is a space.
const SPACE: f64 = 0.17;
/// A lower or higher place than this part of the size is another line.
const LINE: f64 = 0.5;
/// Lines that are farther apart than this many times the size, or than the lines before, are of two paragraphs.
const PARAGRAPH: f64 = 1.9;
const WIDER: f64 = 1.3;
/// Text of another size than this many times is another paragraph.
const OTHER_SIZE: f64 = 1.35;

/// A glyph that is drawn.
pub(super) struct Glyph<'a> {
    /// What it stands for.
    pub(super) text: &'a str,
    pub(super) at: (f64, f64),
    /// From its beginning to its end.
    pub(super) advance: (f64, f64),
    /// Where its line goes.
    pub(super) direction: (f64, f64),
    pub(super) size: f64,
}

/// A document that glyphs are written into.
pub(super) struct Layout {
    writer: Writer,
    page: u32,
    last: Option<Last>,
    /// The distance of the last two lines of the paragraph.
    pitch: Option<f64>,
    has_space: bool,
    /// The line that is being drawn.
    line: Vec<Unit>,
    /// Whether letters of a script that runs from right to left were drawn so.
    is_in_reading_order: bool,
}

/// What a glyph of a line stands for, or a space.
struct Unit {
    text: String,
    side: Side,
}

/// Where the text goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Right,
    Left,
    Number,
    Either,
}

/// The glyph before.
struct Last {
    at: (f64, f64),
    end: (f64, f64),
    direction: (f64, f64),
    size: f64,
    text: String,
}

impl Layout {
    pub(super) fn new(document: Document) -> Self {
        Layout {
            writer: Writer::new(document),
            page: 0,
            last: None,
            pitch: None,
            has_space: false,
            line: Vec::new(),
            is_in_reading_order: false,
        }
    }

    pub(super) fn page(&mut self, number: u32) {
        self.paragraph();
        self.last = None;
        self.page = number;
    }

    pub(super) fn finish(mut self) -> Document {
        self.paragraph();
        self.writer.finish()
    }

    pub(super) fn glyph(&mut self, glyph: &Glyph<'_>) {
        let is_sound = [glyph.at.0, glyph.at.1, glyph.advance.0, glyph.advance.1, glyph.size]
            .iter()
            .all(|number| number.is_finite());
        if !is_sound {
            return;
        }
        let end = (glyph.at.0 + glyph.advance.0, glyph.at.1 + glyph.advance.1);
        if glyph.text.is_empty() {
            // A further glyph of what is written already.
            if let Some(last) = &mut self.last {
                last.end = end;
            }
            return;
        }
        if glyph.text.chars().all(|character| matches!(character, ' ' | '\t' | '\n' | '\r' | '\0')) {
            self.has_space = true;
            return;
        }
        if self.is_shadow(glyph) {
            return;
        }
        self.separate(glyph);
        if self.has_space && !self.line.is_empty() {
            self.line.push(Unit { text: " ".to_owned(), side: Side::Either });
        }
        self.has_space = false;
        self.line.push(Unit { text: glyph.text.to_owned(), side: side(glyph.text) });
        let direction = unit(glyph.direction);
        // A mark over a letter may end before the letter does.
        let end = match &self.last {
            Some(last) if glyph.advance.0.hypot(glyph.advance.1) < glyph.size * 0.01 => {
                let behind = (end.0 - last.end.0) * direction.0 + (end.1 - last.end.1) * direction.1;
                let above = (end.1 - last.end.1) * direction.0 - (end.0 - last.end.0) * direction.1;
                if behind < 0.0 && behind > -glyph.size && above.abs() < glyph.size * LINE { last.end } else { end }
            }
            Some(_) | None => end,
        };
        self.last = Some(Last { at: glyph.at, end, direction, size: glyph.size, text: glyph.text.to_owned() });
    }

    /// Whether the same glyph is drawn once more beside itself, to look bold.
    fn is_shadow(&self, glyph: &Glyph<'_>) -> bool {
        let Some(last) = &self.last else { return false };
        let (x, y) = (glyph.at.0 - last.at.0, glyph.at.1 - last.at.1);
        last.text == glyph.text
            && !self.has_space
            && x.hypot(y) < glyph.size * 0.08
            && glyph.advance.0.hypot(glyph.advance.1) > glyph.size * 0.2
    }

    /// Ends the word, the line or the paragraph before a glyph.
    fn separate(&mut self, glyph: &Glyph<'_>) {
        let Some(last) = &self.last else { return };
        let (x, y) = last.direction;
        let gap = (glyph.at.0 - last.end.0, glyph.at.1 - last.end.1);
        let along = gap.0 * x + gap.1 * y;
        let down = gap.0 * y - gap.1 * x;
        let size = glyph.size.max(last.size);
        let (other_x, other_y) = unit(glyph.direction);
        if x * other_x + y * other_y < 0.9 {
            return self.paragraph();
        }
        if down.abs() > size * LINE {
            let is_far = down > size * PARAGRAPH || self.pitch.is_some_and(|pitch| down > pitch * WIDER);
            let is_other = size > glyph.size.min(last.size) * OTHER_SIZE;
            if down < 0.0 || is_far || is_other {
                return self.paragraph();
            }
            self.pitch = Some(down);
            return self.line();
        }
        if along < -size * 0.6 {
            let is_leftwards = side(glyph.text) == Side::Left && side(&last.text) == Side::Left;
            let width = glyph.advance.0.hypot(glyph.advance.1) + (last.end.0 - last.at.0).hypot(last.end.1 - last.at.1);
            if !is_leftwards || -along > width + size {
                return self.line();
            }
            self.is_in_reading_order = true;
            self.has_space |= -along - width > size * SPACE;
        } else {
            self.has_space |= along > size * SPACE;
        }
    }

    /// Ends a line.
    fn line(&mut self) {
        self.has_space = false;
        let mut line = std::mem::take(&mut self.line);
        if !std::mem::take(&mut self.is_in_reading_order) {
            put_in_reading_order(&mut line);
        }
        if line.is_empty() {
            return;
        }
        if self.writer.is_in_block() {
            self.writer.push("\n", None, How::Space);
        }
        self.writer.begin(&BlockKind::OfPage(self.page));
        for unit in line {
            self.writer.push(&unit.text, None, How::Drawn);
        }
    }

    fn paragraph(&mut self) {
        self.line();
        self.pitch = None;
        self.writer.end();
    }
}

/// Which way text goes.
fn side(text: &str) -> Side {
    for character in text.chars() {
        match character {
            '\u{590}'..='\u{65f}'
            | '\u{66d}'..='\u{6ef}'
            | '\u{6fa}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{feff}' => return Side::Left,
            _ if character.is_numeric() => return Side::Number,
            _ if character.is_alphabetic() => return Side::Right,
            _ => {}
        }
    }
    Side::Either
}

/// Turns a line that was drawn from left to right although its script runs from right to left.
///
/// Words of other scripts and numbers keep their order. What stands between two of them goes with them.
fn put_in_reading_order(line: &mut [Unit]) {
    let count = |side| line.iter().filter(|unit| unit.side == side).count();
    let (left, right) = (count(Side::Left), count(Side::Right));
    if left == 0 {
        return;
    }
    let turned = if left >= right {
        0..line.len()
    } else {
        let is_left = |unit: &Unit| unit.side == Side::Left;
        line.iter().position(is_left).unwrap_or(0)..line.iter().rposition(is_left).map_or(0, |last| last + 1)
    };
    let line = &mut line[turned];
    line.reverse();
    for unit in &mut *line {
        if let Some((_, mirrored)) = MIRRORED.iter().find(|(one, _)| *one == unit.text) {
            unit.text = (*mirrored).to_owned();
        }
    }
    let mut start = 0;
    while let Some(first) = line[start..].iter().position(|unit| matches!(unit.side, Side::Right | Side::Number)) {
        let first = start + first;
        let end = line[first..].iter().position(|unit| unit.side == Side::Left).map_or(line.len(), |end| first + end);
        let last =
            line[first..end].iter().rposition(|unit| unit.side != Side::Either).map_or(first, |last| first + last);
        line[first..=last].reverse();
        start = last + 1;
    }
}

const MIRRORED: [(&str, &str); 8] =
    [("(", ")"), (")", "("), ("[", "]"), ("]", "["), ("{", "}"), ("}", "{"), ("«", "»"), ("»", "«")];

fn unit((x, y): (f64, f64)) -> (f64, f64) {
    let length = x.hypot(y);
    if length > 0.0 && length.is_finite() { (x / length, y / length) } else { (1.0, 0.0) }
}
