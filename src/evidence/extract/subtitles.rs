//! SubRip and WebVTT: what is said, from when until when.
//!
//! Each cue is a block. Tags are taken off, and references are read as in HTML, as WebVTT asks for; SubRip has no rules of its own and is
//! read in the same way, with the tags in braces that some players know. A cue's number or name is not text. Who speaks is known from a
//! `<v Name>` that stands at the beginning of a cue.

use std::ops::Range;

use super::super::document::{BlockKind, Document, Hidden, HiddenBy, How};
use super::encoding::Decoded;
use super::writer::Writer;
use super::{Fault, Format};

/// Reads a transcript into a document.
pub(super) fn read(bytes: &[u8], charset: Option<&str>, format: Format, document: Document) -> Result<Document, Fault> {
    let decoded = Decoded::text(bytes, charset);
    let is_vtt = format == Format::Vtt;
    let mut transcript = Transcript { decoded: &decoded, writer: Writer::new(document), is_vtt, last: None };
    let mut blocks = blocks(&decoded.text).into_iter();
    if is_vtt {
        let header = blocks.next();
        let text = header.as_ref().and_then(|lines| lines.first()).map_or("", |line| &decoded.text[line.clone()]);
        let rest = text.strip_prefix("WEBVTT").filter(|rest| rest.is_empty() || rest.starts_with([' ', '\t']));
        if rest.is_none() {
            return Err(Fault::Malformed("it does not begin with `WEBVTT`, so it is no WebVTT".to_owned()));
        }
        if let Some(lines) = &header {
            transcript.header(lines);
        }
    }
    for lines in blocks {
        transcript.block(&lines);
    }
    if transcript.last.is_none() && !is_vtt && !decoded.text.trim().is_empty() {
        return Err(Fault::Malformed(
            "it has no line with times (`00:00:01,000 --> 00:00:02,000`), so it is no SubRip".to_owned(),
        ));
    }
    Ok(transcript.writer.finish())
}

/// A transcript that is gone through.
struct Transcript<'a> {
    decoded: &'a Decoded<'a>,
    writer: Writer,
    is_vtt: bool,
    /// The last cue.
    last: Option<BlockKind>,
}

impl Transcript<'_> {
    fn line(&self, line: &Range<usize>) -> &str {
        &self.decoded.text[line.clone()]
    }

    /// What stands in the first block of WebVTT.
    fn header(&mut self, lines: &[Range<usize>]) {
        for line in lines.iter().skip(1) {
            let field = self.line(line);
            if let Some(lang) = field.strip_prefix("Language:").map(|lang| lang.trim().to_owned()) {
                self.writer.document().lang.get_or_insert(lang);
            }
        }
        let text = lines.iter().map(|line| self.line(line)).collect::<Vec<_>>().join("\n");
        self.hide(text.trim_start_matches("WEBVTT").trim());
    }

    fn hide(&mut self, text: &str) {
        if !text.is_empty() {
            self.writer.document().hidden.push(Hidden { by: HiddenBy::Note, text: text.to_owned() });
        }
    }

    /// A cue, or something else between two empty lines.
    fn block(&mut self, lines: &[Range<usize>]) {
        let found = lines.iter().take(2).enumerate().find_map(|(number, line)| Some((number, times(self.line(line))?)));
        let Some((number, (from, until))) = found else {
            // An empty line within what is said ends the cue in WebVTT. In SubRip nothing says so.
            if let Some(cue) = self.last.clone().filter(|_| !self.is_vtt) {
                return self.said(lines, &cue);
            }
            let text = lines.iter().map(|line| self.line(line)).collect::<Vec<_>>().join("\n");
            return self.hide(&text);
        };
        let lines = &lines[number + 1..];
        let speaker = self.speaker(lines);
        let cue = BlockKind::Cue { from, until, speaker };
        self.said(lines, &cue);
        self.last = Some(cue);
    }

    /// Who speaks in a cue that begins with a voice.
    fn speaker(&self, lines: &[Range<usize>]) -> Option<String> {
        let pieces = lines.iter().flat_map(|line| pieces(&self.decoded.text, line.clone()));
        for piece in pieces {
            match piece {
                Piece::Tag(tag) => {
                    if let Some(speaker) = speaker(self.line(&tag)) {
                        return Some(speaker);
                    }
                }
                Piece::Literal(_) | Piece::Reference(_) => return None,
            }
        }
        None
    }

    fn said(&mut self, lines: &[Range<usize>], cue: &BlockKind) {
        self.writer.begin(cue);
        for (number, line) in lines.iter().enumerate() {
            if number > 0 {
                let between = lines[number - 1].end..line.start;
                let how = if self.line(&between) == "\n" { How::Literal } else { How::Space };
                self.writer.push("\n", Some(self.decoded.bytes(between)), how);
            }
            for piece in &pieces(&self.decoded.text, line.clone()) {
                self.piece(piece);
            }
        }
        self.writer.end();
    }

    fn piece(&mut self, piece: &Piece) {
        match piece {
            Piece::Tag(_) => {}
            Piece::Literal(place) => {
                for (part, bytes) in self.decoded.parts(place.clone()) {
                    self.writer.push(&self.decoded.text[part], Some(bytes), How::Literal);
                }
            }
            Piece::Reference(place) => {
                let characters = super::html::characters_of(&self.decoded.text[place.clone()]);
                self.writer.push(&characters, Some(self.decoded.bytes(place.clone())), How::Entity);
            }
        }
    }
}

/// A part of a line of a cue.
enum Piece {
    Literal(Range<usize>),
    Reference(Range<usize>),
    Tag(Range<usize>),
}

/// The parts of a line: tags, references, and what lies between them.
fn pieces(text: &str, line: Range<usize>) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = line.start;
    let mut at = line.start;
    while let Some(found) = memchr::memchr3(b'<', b'&', b'{', &text.as_bytes()[at..line.end]) {
        let start = at + found;
        let rest = &text[start..line.end];
        let length = match rest.as_bytes()[0] {
            b'<' if rest[1..].starts_with(|letter: char| letter == '/' || letter.is_ascii_alphanumeric()) => {
                rest.find('>').map(|end| end + 1)
            }
            b'{' if rest[1..].starts_with('\\') => rest.find('}').map(|end| end + 1),
            b'&' => reference(rest),
            _ => None,
        };
        let Some(length) = length else {
            at = start + 1;
            continue;
        };
        if literal < start {
            pieces.push(Piece::Literal(literal..start));
        }
        let place = start..start + length;
        pieces.push(if rest.starts_with('&') { Piece::Reference(place) } else { Piece::Tag(place) });
        literal = start + length;
        at = literal;
    }
    if literal < line.end {
        pieces.push(Piece::Literal(literal..line.end));
    }
    pieces
}

/// The length of a reference such as `&amp;` at the beginning of a text.
fn reference(text: &str) -> Option<usize> {
    let end = text.bytes().take(40).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
    (is_name && super::html::characters_of(&text[..=end]) != text[..=end]).then_some(end + 1)
}

/// Who speaks by a tag `<v.loud Name>`.
fn speaker(tag: &str) -> Option<String> {
    let rest = tag.strip_prefix("<v")?.strip_suffix('>')?;
    let (classes, name) = rest.split_once([' ', '\t'])?;
    let name = super::html::characters_of(name.trim());
    ((classes.is_empty() || classes.starts_with('.')) && !name.is_empty()).then_some(name)
}

/// The lines that stand together between empty ones, without line breaks.
fn blocks(text: &str) -> Vec<Vec<Range<usize>>> {
    let mut blocks: Vec<Vec<Range<usize>>> = vec![Vec::new()];
    for line in super::text::lines(text) {
        match (line.words.is_empty(), blocks.last_mut()) {
            (false, Some(block)) => block.push(line.words),
            (true, Some(block)) if block.is_empty() => {}
            (true | false, _) => blocks.push(Vec::new()),
        }
    }
    blocks.retain(|block| !block.is_empty());
    blocks
}

/// The times of a cue, in milliseconds.
fn times(line: &str) -> Option<(u64, u64)> {
    let (from, rest) = line.split_once("-->")?;
    let until = rest.split_whitespace().next()?;
    Some((time(from.trim())?, time(until)?))
}

/// `00:01:02.345`, also with a comma, and without hours.
fn time(text: &str) -> Option<u64> {
    let (clock, fraction) = text.split_once(['.', ','])?;
    let number = |digits: &str| -> Option<u64> {
        let is_number = !digits.is_empty() && digits.len() <= 9 && digits.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| digits.parse().ok()).flatten()
    };
    let mut seconds = 0;
    let parts: Vec<&str> = clock.split(':').collect();
    if !(2..=3).contains(&parts.len()) || fraction.len() != 3 {
        return None;
    }
    for part in parts {
        seconds = seconds * 60 + number(part)?;
    }
    Some(seconds * 1000 + number(fraction)?)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::super::shown::show;
    use super::*;

    fn check(text: &str, format: Format, expect: &Expect) {
        let shown = match read(text.as_bytes(), None, format, Document::default()) {
            Ok(document) => show(&document, text.as_bytes()),
            Err(fault) => format!("{fault}\n"),
        };
        expect.assert_eq(&shown);
    }

    #[test]
    fn cues_of_webvtt_have_times_and_speakers() {
        check(
            "WEBVTT - A hearing\nLanguage: en\n\nNOTE not said\n\nSTYLE\n::cue { color: red }\n\n1\n00:01.000 --> 01:02:03.500 align:start\n\
             <v.loud Jane Doe>We did <i>not</i> &amp; will not</v>\nopen &lt;it&bogus; <00:02.000>now\n\n00:05.000 --> 00:06.000\n- Why?\n",
            Format::Vtt,
            &expect![[r#"
                lang "en"
                Cue { from: 1000, until: 3723500, speaker: Some("Jane Doe") } "We did not & will not\nopen <it&bogus; now"
                Cue { from: 5000, until: 6000, speaker: None } "- Why?"
                hidden by Note "- A hearing\nLanguage: en"
                hidden by Note "NOTE not said"
                hidden by Note "STYLE\n::cue { color: red }"
                0 Literal 134..141 "We did "
                7 Literal 144..147 "not"
                10 Literal 151..152 " "
                11 Entity 152..157 "&amp;"
                12 Literal 157..166 " will not"
                21 Literal 170..176 "\nopen "
                27 Entity 176..180 "&lt;"
                28 Literal 180..190 "it&bogus; "
                38 Literal 201..204 "now"
                41 Space -
                43 Literal 230..236 "- Why?"
            "#]],
        );
    }

    #[test]
    fn cues_of_subrip_are_read_as_players_read_them() {
        check(
            "\u{feff}1\r\n00:00:01,000 --> 00:00:02,000 X1:1\r\n{\\an8}<font color=\"red\">We</font> did\r\nnot. 1 < 2\r\n\r\n\r\n2\r\n00:00:03,000 --> 00:00:04,000\r\nAnd\r\n\r\nso on\r\n",
            Format::Srt,
            &expect![[r#"
                Cue { from: 1000, until: 2000, speaker: None } "We did\nnot. 1 < 2"
                Cue { from: 3000, until: 4000, speaker: None } "And"
                Cue { from: 3000, until: 4000, speaker: None } "so on"
                0 Literal 66..68 "We"
                2 Literal 75..79 " did"
                6 Space 79..81 "\r\n"
                7 Literal 81..91 "not. 1 < 2"
                17 Space -
                19 Literal 131..134 "And"
                22 Space -
                24 Literal 138..143 "so on"
            "#]],
        );
    }

    #[test]
    fn what_is_no_transcript_is_said_to_be_none() {
        check(
            "words",
            Format::Srt,
            &expect![[r#"
            it has no line with times (`00:00:01,000 --> 00:00:02,000`), so it is no SubRip
        "#]],
        );
        check(
            "WEBVTTX",
            Format::Vtt,
            &expect![[r#"
            it does not begin with `WEBVTT`, so it is no WebVTT
        "#]],
        );
        check("", Format::Srt, &expect![[r#""#]]);
    }
}
