//! SubRip and WebVTT: what is said, from when until when.
//!
//! `fasrt` reads them: the blocks of WebVTT, the text of its cues, and the tags of SubRip as players know them. It borrows from the text that
//! it is given, and so every word has its place in the file. A cue's number or name is not text; what stands in no cue is hidden. Who speaks is
//! known from a `<v Name>` that stands at the beginning of a cue. References such as `&amp;` are read in SubRip too, as some players do.
//!
//! Which lines of SubRip are a cue is found here. `fasrt` leaves out a cue whose times have a point or one digit for hours, lines that end in a
//! carriage return alone, and what is said after an empty line, and says nothing of it: a quotation would be missing from its source though
//! players show it. `srtlib`, `subtp`, `rsubs-lib` and `aspasia` were compared too. They refuse a byte-order mark or files without
//! numbers, or leave out the same; none takes off tags, and none tells places. For WebVTT `servo-webvtt` reads the same cues, without places;
//! `webvtt-parser` knows neither `STYLE` nor a byte-order mark; `rsubs-lib` panics on what is damaged.

use std::ops::Range;

use fasrt::srt::text::{TextParser, TextToken};
use fasrt::vtt::cue::{CueParser, CueToken, Tag};
use fasrt::vtt::{Block, Cue, Hour, Parser, Timestamp};

use super::super::document::{BlockKind, Document, Hidden, HiddenBy, How};
use super::encoding::Decoded;
use super::writer::Writer;
use super::{Fault, Format};

/// Reads a transcript into a document.
pub(super) fn read(bytes: &[u8], charset: Option<&str>, format: Format, document: Document) -> Result<Document, Fault> {
    let decoded = Decoded::text(bytes, charset);
    let mut transcript = Transcript { decoded: &decoded, writer: Writer::new(document) };
    match format {
        Format::Vtt => transcript.webvtt()?,
        _ => transcript.subrip()?,
    }
    Ok(transcript.writer.finish())
}

/// A transcript that is gone through.
struct Transcript<'a> {
    decoded: &'a Decoded<'a>,
    writer: Writer,
}

/// A part of what is said in a cue.
enum Piece {
    Text(Range<usize>),
    Break(Range<usize>),
}

impl Transcript<'_> {
    fn line(&self, line: &Range<usize>) -> &str {
        &self.decoded.text[line.clone()]
    }

    fn webvtt(&mut self) -> Result<(), Fault> {
        let decoded = self.decoded;
        let text = &*decoded.text;
        let mut reached = 0;
        for block in Parser::new(text) {
            let block = block
                .map_err(|_| Fault::Malformed("it does not begin with `WEBVTT`, so it is no WebVTT".to_owned()))?;
            let Block::Cue(cue) = block else { continue };
            let Some(body) = place(text, cue.body_ref()).filter(|body| !body.is_empty()) else { continue };
            let name = cue.header_ref().identifier().and_then(|name| place(text, name.as_str()));
            self.between(reached..body.start, name.as_ref());
            self.cue(&cue, &body);
            reached = body.end;
        }
        self.between(reached..text.len(), None);
        Ok(())
    }

    /// What stands between two cues of WebVTT, beside the times and name of the second.
    fn between(&mut self, place: Range<usize>, name: Option<&Range<usize>>) {
        let start = place.start;
        for lines in blocks(&self.decoded.text[place]) {
            let lines = lines.into_iter().map(|line| line.start + start..line.end + start);
            let lines: Vec<&str> = lines
                .filter(|line| name.is_none_or(|name| name.start != line.start))
                .map(|line| &self.decoded.text[line])
                .filter(|line| !line.contains("-->"))
                .collect();
            if start == 0
                && let Some(lang) = lines.iter().skip(1).find_map(|line| line.strip_prefix("Language:"))
                && lines.first().is_some_and(|line| line.starts_with("WEBVTT"))
            {
                self.writer.document().lang.get_or_insert(lang.trim().to_owned());
            }
            let text = lines.join("\n");
            self.hide(if start == 0 { text.trim_start_matches("WEBVTT").trim() } else { &text });
        }
    }

    fn hide(&mut self, text: &str) {
        if !text.is_empty() {
            self.writer.document().hidden.push(Hidden { by: HiddenBy::Note, text: text.to_owned() });
        }
    }

    fn cue(&mut self, cue: &Cue<'_, &str>, body: &Range<usize>) {
        let decoded = self.decoded;
        let header = cue.header_ref();
        let mut speaker = None;
        let mut pieces = Vec::new();
        for token in CueParser::new(&decoded.text[body.clone()]) {
            match token {
                CueToken::Text(words) => pieces.extend(place(&decoded.text, words.as_raw()).map(Piece::Text)),
                CueToken::StartTag { tag: Tag::Voice, annotation: Some(name), .. }
                    if speaker.is_none() && self.is_silent(&pieces) =>
                {
                    speaker = Some(name.normalize().to_owned());
                }
                CueToken::StartTag { .. } | CueToken::EndTag(_) | CueToken::Timestamp(_) => {}
            }
        }
        let kind = BlockKind::Cue { from: milliseconds(header.start()), until: milliseconds(header.end()), speaker };
        self.said(&pieces, &kind);
    }

    fn is_silent(&self, pieces: &[Piece]) -> bool {
        pieces.iter().all(|piece| match piece {
            Piece::Text(words) | Piece::Break(words) => self.line(words).trim().is_empty(),
        })
    }

    fn subrip(&mut self) -> Result<(), Fault> {
        let mut last = None;
        for lines in blocks(&self.decoded.text) {
            self.cues(&lines, &mut last);
        }
        if last.is_none() && !self.decoded.text.trim().is_empty() {
            return Err(Fault::Malformed(
                "it has no line with times (`00:00:01,000 --> 00:00:02,000`), so it is no SubRip".to_owned(),
            ));
        }
        Ok(())
    }

    /// The cues between two empty lines of SubRip. What stands before their first times belongs to the cue before, as an empty line within
    /// what is said does not end it.
    fn cues(&mut self, lines: &[Range<usize>], last: &mut Option<BlockKind>) {
        let begins = |number: usize| lines.get(number).is_some_and(|line| times(self.line(line)).is_some());
        let starts: Vec<usize> = (0..lines.len()).filter(|number| begins(*number)).collect();
        let is_number = |line: &Range<usize>| self.line(line).trim().bytes().all(|byte| byte.is_ascii_digit());
        let mut bodies = Vec::new();
        let mut from = 0;
        for end in starts.iter().copied().chain([lines.len()]) {
            let is_named = end < lines.len() && end > from && (end == 1 || is_number(&lines[end - 1]));
            bodies.push(from..if is_named { end - 1 } else { end });
            from = end + 1;
        }
        for (number, body) in bodies.into_iter().enumerate() {
            if let Some(start) = number.checked_sub(1).and_then(|number| starts.get(number)) {
                *last =
                    times(self.line(&lines[*start])).map(|(from, until)| BlockKind::Cue { from, until, speaker: None });
            }
            let (Some(first), Some(end)) =
                (lines.get(body.start), body.end.checked_sub(1).and_then(|end| lines.get(end)))
            else {
                continue;
            };
            if body.is_empty() {
                continue;
            }
            match last {
                Some(cue) => self.subrip_said(first.start..end.end, cue),
                None => {
                    let text = self.line(&(first.start..end.end)).to_owned();
                    self.hide(&text);
                }
            }
        }
    }

    fn subrip_said(&mut self, body: Range<usize>, cue: &BlockKind) {
        let decoded = self.decoded;
        let mut pieces = Vec::new();
        let mut reached = body.start;
        for token in TextParser::new(&decoded.text[body]) {
            match token {
                TextToken::Text(words) => {
                    let Some(words) = place(&decoded.text, words) else { continue };
                    reached = words.end;
                    pieces.push(Piece::Text(words));
                }
                TextToken::LineBreak => pieces.push(Piece::Break(reached..reached)),
                TextToken::StartTag(_) | TextToken::EndTag(_) | TextToken::InlineCode(_) => {}
            }
        }
        self.said(&pieces, cue);
    }

    fn said(&mut self, pieces: &[Piece], cue: &BlockKind) {
        self.writer.begin(cue);
        for piece in pieces {
            match piece {
                Piece::Text(words) => self.words(words.clone()),
                Piece::Break(_) if self.writer.is_at_line_start() => {}
                Piece::Break(_) => self.writer.push("\n", None, How::Space),
            }
        }
        self.writer.end();
    }

    /// Words with the line breaks and references among them. White space before a line break is not text.
    fn words(&mut self, place: Range<usize>) {
        let decoded = self.decoded;
        let text = &decoded.text[..place.end];
        let mut literal = place.start;
        let mut at = place.start;
        while let Some(found) = memchr::memchr3(b'\n', b'\r', b'&', &text.as_bytes()[at..]) {
            let start = at + found;
            let rest = &text[start..];
            if rest.starts_with('&') {
                at = start + 1;
                if let Some(length) = reference(rest) {
                    self.literal(literal..start);
                    let bytes = decoded.bytes(start..start + length);
                    self.writer.push(&super::html::characters_of(&rest[..length]), Some(bytes), How::Entity);
                    at = start + length;
                    literal = at;
                }
                continue;
            }
            at = start + if rest.starts_with("\r\n") { 2 } else { 1 };
            let end = literal + text[literal..start].trim_end().len();
            self.literal(literal..end);
            if !self.writer.is_at_line_start() {
                let how = if &text[end..at] == "\n" { How::Literal } else { How::Space };
                self.writer.push("\n", Some(decoded.bytes(end..at)), how);
            }
            literal = at;
        }
        self.literal(literal..place.end);
    }

    fn literal(&mut self, place: Range<usize>) {
        for (part, bytes) in self.decoded.parts(place) {
            self.writer.push(&self.decoded.text[part], Some(bytes), How::Literal);
        }
    }
}

/// Where a part of a text stands in it, when it is borrowed from there.
fn place(text: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let end = start.checked_add(part.len())?;
    (end <= text.len()).then_some(start..end)
}

/// The length of a reference such as `&amp;` at the beginning of a text.
fn reference(text: &str) -> Option<usize> {
    let end = text.bytes().take(40).position(|byte| byte == b';')?;
    let name = &text[1..end];
    let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'#');
    (is_name && super::html::characters_of(&text[..=end]) != text[..=end]).then_some(end + 1)
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

/// A time of WebVTT. Its hours have no bound.
fn milliseconds(time: Timestamp) -> u64 {
    let within = Timestamp::from_hmsm(Hour::new(), time.minutes(), time.seconds(), time.millis()).to_duration();
    time.hours()
        .as_u64()
        .saturating_mul(3_600_000)
        .saturating_add(within.as_secs() * 1000 + u64::from(within.subsec_millis()))
}

/// The times of a cue of SubRip, in milliseconds.
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
    fn cues_of_webvtt_end_where_browsers_end_them() {
        // As automatic captions are written; then no empty line between two cues, and times that browsers do not read.
        check(
            "WEBVTT\n\n00:01.000 --> 00:02.000 position:0%\n \nwe<00:00:01.500><c> did</c>\n00:03.000 --> 00:04.000\nnot\n\n00:00:05,000 --> 00:00:06,000\nlost\n\n\
             00:07.000 --> 9999999999999:00:08.000\n<b>far</b>\n",
            Format::Vtt,
            &expect![[r#"
                Cue { from: 1000, until: 2000, speaker: None } "we did"
                Cue { from: 3000, until: 4000, speaker: None } "not"
                Cue { from: 7000, until: 18446744073709551615, speaker: None } "far"
                hidden by Note "lost"
                0 Literal 46..48 "we"
                2 Literal 65..69 " did"
                6 Space -
                8 Literal 98..101 "not"
                11 Space -
                13 Literal 180..183 "far"
            "#]],
        );
    }

    #[test]
    fn cues_of_subrip_need_no_empty_line_and_no_number() {
        check(
            "00:00:01.000 --> 0:00:02.000\nWe<br>did &amp; <3 not\n2\n00:00:03,000 --> 00:00:04,000\nleave\r\r1999 was late\n",
            Format::Srt,
            &expect![[r#"
                Cue { from: 1000, until: 2000, speaker: None } "We\ndid & <3 not"
                Cue { from: 3000, until: 4000, speaker: None } "leave"
                Cue { from: 3000, until: 4000, speaker: None } "1999 was late"
                0 Literal 29..31 "We"
                2 Space -
                3 Literal 35..39 "did "
                7 Entity 39..44 "&amp;"
                8 Literal 44..51 " <3 not"
                15 Space -
                17 Literal 84..89 "leave"
                22 Space -
                24 Literal 91..104 "1999 was late"
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
