//! Where names stand in a text: the one definition of what a match of a name is.
//!
//! Names and texts are compared in a form of their own, a [`Reading`]: letters without case and accents, one space for
//! whatever may part the words of a name, and a sign for what parts more. A name is found where it begins and ends on the
//! border of a word. Scripts without spaces have no such borders; Arabic and Hebrew put short words before a name, and Korean
//! puts them behind it. Figures that are glued to a name, as in those of accounts and files, end it as well, unless it is so
//! short that it is likely to be something else. Where a name of several words goes on with a few letters, it is likely to be a
//! form of that name.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use aho_corasick::AhoCorasick;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{canonical_combining_class, is_combining_mark};

use super::is_apostrophe;

/// Parts words that may belong to one name.
const SPACE: char = ' ';
/// Parts a family name from the names that are written after it.
const COMMA: char = ',';
/// Parts what belongs to no one name.
const BREAK: char = '\n';

/// A text in the form in which names are looked for, with the place of each of its letters.
#[derive(Debug, Default)]
pub struct Reading {
    form: String,
    /// For each byte of the form, the bytes of the letter in the text that it comes from; nothing when places are not kept.
    places: Vec<(u32, u32)>,
    keeps_places: bool,
    line_breaks: LineBreaks,
    gap: Gap,
    /// How many letters the last word has.
    word: usize,
    /// Where words begin in the form that begin with a capital letter in the text.
    capitals: Vec<usize>,
}

/// What a line break is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineBreaks {
    /// A space like others; an empty line ends a block.
    #[default]
    AreSpaces,
    /// The end of a block.
    EndBlocks,
}

/// What stands between the last letter and the next one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Gap {
    #[default]
    None,
    Space,
    /// A space with a line break in it.
    Line,
    /// A full stop, which ends a sentence when a space follows.
    Stop,
    Comma,
    Break,
}

impl Reading {
    /// Reads a text.
    pub fn of(text: &str, line_breaks: LineBreaks) -> Self {
        let mut reading = Reading { line_breaks, ..Reading::with_places() };
        reading.push(text, 0);
        reading
    }

    /// Nothing yet; it will know the place of each letter.
    pub fn with_places() -> Self {
        Reading { keeps_places: true, ..Reading::default() }
    }

    /// Goes on with a text that stands at a place; percent codes of addresses are the letters that they stand for.
    pub fn push(&mut self, text: &str, at: usize) {
        let mut done = 0;
        while let Some(c) = text[done..].chars().next() {
            let (c, length) = percent_code(&text.as_bytes()[done..]).unwrap_or((c, c.len_utf8()));
            let start = at + done;
            self.push_char(c, start..start + length);
            done += length;
        }
    }

    /// Goes on with a letter that is written in some bytes.
    pub fn push_char(&mut self, c: char, span: Range<usize>) {
        if c.is_ascii() {
            match c {
                'a'..='z' | '0'..='9' => self.letter(c, &span),
                'A'..='Z' => self.capital(|reading| reading.letter(c.to_ascii_lowercase(), &span)),
                _ => self.between(c),
            }
        } else if c.is_uppercase() {
            self.capital(|reading| reading.push_wide(c, span));
        } else {
            self.push_wide(c, span);
        }
    }

    /// Goes on with a capital letter.
    fn capital(&mut self, push: impl FnOnce(&mut Self)) {
        let begins = self.gap != Gap::None || self.form.is_empty();
        let before = self.form.len();
        push(self);
        if begins && self.form.len() > before {
            // A sign that parts words has come before it, but for the first.
            self.capitals.push(if before == 0 { 0 } else { before + 1 });
        }
    }

    /// Nothing goes on over this place.
    pub fn part(&mut self) {
        self.gap = Gap::Break;
    }

    fn push_wide(&mut self, c: char, span: Range<usize>) {
        if is_ignored(c) {
            return self.join(&span);
        }
        // The number of a note stands between words and is none.
        if super::fold::is_raised(c) {
            return self.between(' ');
        }
        if is_apostrophe(c) {
            return self.between(c);
        }
        if is_latin(c) && c.is_alphabetic() {
            let plain = deunicode::deunicode_char(c).unwrap_or_default();
            for letter in plain.chars().filter(char::is_ascii_alphanumeric) {
                self.letter(letter.to_ascii_lowercase(), &span);
            }
            return;
        }
        if !c.is_alphanumeric() && !is_combining_mark(c) {
            return self.between(c);
        }
        let mut is_seen = false;
        for part in c.nfkd().filter(|part| !is_accent(*part)).flat_map(char::to_lowercase) {
            is_seen = true;
            match part {
                _ if is_accent(part) => {}
                'ς' => self.letter('σ', &span),
                'ى' | 'ی' => self.letter('ي', &span),
                'ک' => self.letter('ك', &span),
                'ة' => self.letter('ه', &span),
                _ if part.is_alphanumeric() || is_combining_mark(part) => self.letter(part, &span),
                _ => self.between(part),
            }
        }
        if !is_seen {
            self.join(&span);
        }
    }

    /// Lets an accent or a mark that is not seen belong to the letter before it.
    fn join(&mut self, span: &Range<usize>) {
        if self.gap != Gap::None {
            return;
        }
        let Some(last) = self.places.last().copied() else { return };
        if last.1 as usize == span.start {
            for place in self.places.iter_mut().rev().take_while(|place| **place == last) {
                place.1 = span.end as u32;
            }
        }
    }

    fn letter(&mut self, c: char, span: &Range<usize>) {
        if self.gap != Gap::None {
            if !self.form.is_empty() {
                let parting = match self.gap {
                    Gap::Comma => COMMA,
                    Gap::Break => BREAK,
                    Gap::None | Gap::Space | Gap::Line | Gap::Stop => SPACE,
                };
                self.form.push(parting);
                if self.keeps_places {
                    // No letter has no bytes, so this is the place of none.
                    self.places.push((span.start as u32, span.start as u32));
                }
            }
            self.gap = Gap::None;
            self.word = 0;
        }
        self.form.push(c);
        self.word += 1;
        if self.keeps_places {
            self.places.extend(std::iter::repeat_n((span.start as u32, span.end as u32), c.len_utf8()));
        }
    }

    fn between(&mut self, c: char) {
        self.gap = match (c, self.gap) {
            (_, Gap::Break) => Gap::Break,
            ('\n', _) if self.line_breaks == LineBreaks::EndBlocks => Gap::Break,
            ('\n', Gap::None | Gap::Space) => Gap::Line,
            ('\n', Gap::Line) => Gap::Break,
            (c, Gap::Stop) if c.is_whitespace() => Gap::Break,
            (c, Gap::None) if c.is_whitespace() => Gap::Space,
            (c, gap) if c.is_whitespace() => gap,
            // After a long word a full stop ends a sentence; after a short one it stands for the rest of the word.
            ('.', Gap::None) => {
                if self.word > 3 {
                    Gap::Stop
                } else {
                    Gap::Space
                }
            }
            (',' | '،', Gap::None | Gap::Space) => Gap::Comma,
            // Also the marks of Markdown that were meant as such and are none.
            ('-' | '_' | '*' | '\u{2010}' | '\u{2011}' | '+', Gap::None | Gap::Space | Gap::Line) => Gap::Space,
            ('״' | '·' | '・' | '‧', Gap::None) => Gap::Space,
            (c, Gap::None) if is_apostrophe(c) => Gap::Space,
            _ => Gap::Break,
        };
    }

    /// The form itself.
    pub fn form(&self) -> &str {
        &self.form
    }

    fn is_capital(&self, at: usize) -> bool {
        self.capitals.binary_search(&at).is_ok()
    }

    /// The bytes of the text from which a part of the form comes; `None` when the part begins or ends within a letter.
    fn span(&self, form: &Range<usize>) -> Option<Range<usize>> {
        if !self.keeps_places {
            return Some(form.clone());
        }
        let is_apart = |at: usize| at == 0 || at == self.places.len() || self.places[at - 1] != self.places[at];
        (is_apart(form.start) && is_apart(form.end))
            .then(|| self.places[form.start].0 as usize..self.places[form.end - 1].1 as usize)
    }
}

/// How often an address may have been percent-encoded.
const ENCODED: u8 = 2;

/// The letter that is written in percent codes at the beginning of some bytes, and how many of them it takes.
fn percent_code(bytes: &[u8]) -> Option<(char, usize)> {
    if bytes.first() != Some(&b'%') {
        return None;
    }
    let (first, mut length) = octet(bytes, ENCODED)?;
    if length == 1 {
        return None;
    }
    let mut utf8 = vec![first];
    let more = match first {
        0x00..=0x7f => 0,
        0xc2..=0xdf => 1,
        0xe0..=0xef => 2,
        0xf0..=0xf4 => 3,
        _ => return None,
    };
    for _ in 0..more {
        let (next, taken) = octet(bytes.get(length..)?, ENCODED)?;
        utf8.push(next);
        length += taken;
    }
    Some((std::str::from_utf8(&utf8).ok()?.chars().next()?, length))
}

/// The first byte of an address whose percent codes were undone some times, and how many bytes it was written in.
fn octet(bytes: &[u8], times: u8) -> Option<(u8, usize)> {
    let Some(before) = times.checked_sub(1) else { return Some((*bytes.first()?, 1)) };
    let (first, length) = octet(bytes, before)?;
    let digit = |at: usize| {
        let (digit, taken) = octet(bytes.get(at..)?, before)?;
        Some((char::from(digit).to_digit(16)? as u8, at + taken))
    };
    let code = || {
        let (high, at) = digit(length)?;
        let (low, at) = digit(at)?;
        Some((high * 16 + low, at))
    };
    match code().filter(|_| first == b'%') {
        Some((byte, taken)) => Some((byte, taken)),
        None => Some((first, length)),
    }
}

/// Marks that are not seen: soft hyphens, joiners, directions, and the stroke that only makes Arabic words longer.
fn is_ignored(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{640}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}'
    )
}

/// Accents, points and strokes on letters, without which the letter is still that letter. What makes up the letters of Indian
/// scripts, and the marks of Japanese that make one letter another, are none.
fn is_accent(c: char) -> bool {
    matches!(canonical_combining_class(c), 1 | 7 | 10..=36 | 200..)
}

fn is_latin(c: char) -> bool {
    matches!(c, '\u{aa}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}')
}

/// A letter of a script that puts no spaces between words.
pub fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// A letter of Korean.
pub(crate) fn is_hangul(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{11ff}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}')
}

fn is_parting(c: char) -> bool {
    matches!(c, SPACE | COMMA | BREAK)
}

/// Somebody whose names are looked for, by a number that only the caller understands.
pub type Bearer = u32;

/// Names to be looked for, of those who are protected, and longer or equal names of others.
#[derive(Debug)]
pub struct Names {
    automaton: AhoCorasick,
    names: Vec<(String, Meaning)>,
}

/// Who has a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Meaning {
    /// Those who are protected.
    pub protected: BTreeSet<Bearer>,
    /// Others of whom is said that they are somebody else.
    pub told_apart: BTreeSet<Bearer>,
    /// Others of whom nothing is said.
    pub others: BTreeSet<Bearer>,
    /// Whether it is one word that the author began with a capital, and so may be an ordinary word without one.
    pub is_capital_word: bool,
    /// The words of all names of those who are protected, and whether a name begins or ends with it: beside a name they are a part
    /// of it, as a family name is behind a short form of a first name.
    pub parts: BTreeMap<String, bool>,
}

/// Where somebody protected is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention<'a> {
    /// The bytes of the text.
    pub span: Range<usize>,
    /// Who has the name.
    pub meaning: &'a Meaning,
    /// How the name stands there.
    pub form: Form,
    /// Others whose longer name it is a part of.
    pub within: Option<Bearer>,
}

/// How a name stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// As it is.
    Whole,
    /// With a few letters at its end.
    Inflected,
}

struct Hit<'a> {
    /// The bytes of the form.
    range: Range<usize>,
    /// The bytes of the text.
    span: Range<usize>,
    meaning: &'a Meaning,
    form: Form,
}

impl Names {
    /// Makes ready to look for names, given in their form; `None` when there are none, or more than can be looked for.
    pub fn new(names: BTreeMap<String, Meaning>) -> Option<Names> {
        let names: Vec<(String, Meaning)> = names.into_iter().filter(|(form, _)| !form.is_empty()).collect();
        if names.is_empty() {
            return None;
        }
        let automaton = AhoCorasick::new(names.iter().map(|(form, _)| form)).ok()?;
        Some(Names { automaton, names })
    }

    /// Whether a text may name somebody; when it says no, [`Names::mentions`] finds nothing.
    pub fn may_stand_in(&self, reading: &Reading) -> bool {
        self.hits(reading).next().is_some()
    }

    /// Where somebody protected is named, in order, without overlaps. What is a part of the name of somebody who is told
    /// apart from them is no mention of them.
    pub fn mentions(&self, reading: &Reading) -> Vec<Mention<'_>> {
        let (mut hits, mut others) = (Vec::new(), Vec::new());
        for hit in self.hits(reading) {
            if !hit.meaning.protected.is_empty() {
                hits.push(hit);
            } else if hit.form == Form::Whole {
                others.push(hit);
            }
        }
        if hits.is_empty() {
            return Vec::new();
        }
        let apart: Vec<&Hit<'_>> = others.iter().filter(|hit| !hit.meaning.told_apart.is_empty()).collect();
        let apart = Longer::new(apart);
        hits.retain(|hit| apart.around(&hit.span).is_none());
        // The longest first among those that begin together, and whole names before their forms.
        hits.sort_by_key(|hit| (hit.span.start, hit.form == Form::Inflected, std::cmp::Reverse(hit.span.end)));
        let longer = Longer::new(others.iter().collect());
        let mut mentions: Vec<Mention<'_>> = Vec::new();
        let (mut taken, mut overlapping): (Vec<Range<usize>>, Vec<&Hit<'_>>) = (Vec::new(), Vec::new());
        for hit in hits.iter().filter(|hit| hit.form == Form::Whole) {
            if taken.last().is_some_and(|last| hit.range.start < last.end) {
                overlapping.push(hit);
                continue;
            }
            taken.push(hit.range.clone());
            let (span, meaning, form) = (hit.span.clone(), hit.meaning, hit.form);
            mentions.push(Mention { span, meaning, form, within: longer.around(&hit.span) });
        }
        // Of a name that begins within another one nothing may be left over.
        for hit in overlapping {
            // Where a text was read twice, as it is written and decoded, places do not only grow.
            let before = taken.partition_point(|taken| taken.start <= hit.range.start);
            let Some(number) = before.checked_sub(1) else { continue };
            let next = taken.get(number + 1).map_or(usize::MAX, |next| next.start);
            let (done, end) = (taken[number].end, hit.range.end.min(next));
            // Behind a comma stands the next of a list: `Jane Doe, Jane Roe`.
            let is_next = reading.form[done.min(end)..end].starts_with(COMMA);
            if done < end && !is_next && reading.form[done..end].contains(|c| !is_parting(c)) {
                taken[number].end = end;
                let end = hit.span.end.min(mentions.get(number + 1).map_or(usize::MAX, |next| next.span.start));
                mentions[number].span.end = end;
            }
        }
        // Nor of the rest of a name of which only a part stands among the names.
        for number in 0..mentions.len() {
            let limits = (
                number.checked_sub(1).map_or(0, |before| taken[before].end),
                taken.get(number + 1).map_or(reading.form.len(), |next| next.start),
            );
            let is_capital = reading.is_capital(taken[number].start);
            let range = with_parts(reading, &taken[number], limits, &mentions[number].meaning.parts, is_capital);
            let span = reading.span(&range).filter(|span| range != taken[number] && longer.around(span).is_none());
            if let Some(span) = span {
                let mention = &mut mentions[number];
                mention.span = span.start.min(mention.span.start)..span.end.max(mention.span.end);
                taken[number] = range;
            }
        }
        let mut forms: Vec<Mention<'_>> = Vec::new();
        for hit in hits.iter().filter(|hit| hit.form == Form::Inflected) {
            let next = mentions.partition_point(|mention| mention.span.end <= hit.span.start);
            let is_free = mentions.get(next).is_none_or(|mention| hit.span.end <= mention.span.start);
            let is_after = forms.last().is_none_or(|last| last.span.end <= hit.span.start);
            if is_free && is_after {
                let (span, meaning, form) = (hit.span.clone(), hit.meaning, hit.form);
                forms.push(Mention { span, meaning, form, within: None });
            }
        }
        mentions.extend(forms);
        mentions.sort_by_key(|mention| mention.span.start);
        mentions
    }

    fn hits<'a, 'r>(&'a self, reading: &'r Reading) -> impl Iterator<Item = Hit<'a>> + use<'a, 'r> {
        let form = &reading.form;
        self.automaton.find_overlapping_iter(form).filter_map(move |found| {
            let range = found.start()..found.end();
            let (name, meaning) = &self.names[found.pattern().as_usize()];
            if !begins_on_border(&form[..range.start], name) {
                return None;
            }
            let (how, end) = ending(name, &form[range.end..])?;
            let range = range.start..range.end + end;
            let span = reading.span(&range)?;
            Some(Hit { range, span, meaning, form: how })
        })
    }
}

/// Some bytes of a text, which say who is meant in whatever words, with the parts of names of theirs that stand beside them; `None`
/// when none does.
pub fn with_parts_beside(
    reading: &Reading,
    said: &Range<usize>,
    parts: &BTreeMap<String, bool>,
) -> Option<Range<usize>> {
    let is_said =
        |place: &(u32, u32)| said.start <= place.0 as usize && place.1 as usize <= said.end && place.0 < place.1;
    let start = reading.places.iter().position(is_said)?;
    let end = start + reading.places[start..].iter().take_while(|place| place.1 as usize <= said.end).count();
    let end = start + reading.form[start..end].trim_end_matches(is_parting).len();
    let range = with_parts(reading, &(start..end), (0, reading.form.len()), parts, true);
    if range == (start..end) { None } else { reading.span(&range) }
}

/// A name with the words before and behind it, within some limits, that are parts of other names of whoever has it; beside a name
/// with a capital letter each of these has one, too.
fn with_parts(
    reading: &Reading,
    name: &Range<usize>,
    limits: (usize, usize),
    parts: &BTreeMap<String, bool>,
    is_capital: bool,
) -> Range<usize> {
    // Where a text was read twice, as it is written and decoded, places do not only grow.
    if limits.0 > name.start || limits.1 < name.end {
        return name.clone();
    }
    let form = &*reading.form;
    // A family name may stand before a comma; what stands behind one is the next of a list.
    let is_near = |c: char| matches!(c, SPACE | COMMA);
    // Beside a name with a capital letter a word without one is no name: `Anna may`.
    let is_written_small =
        |at: usize| is_capital && !reading.is_capital(at) && form[at..].starts_with(char::is_lowercase);
    let ends_name = |at: usize, word: &str| {
        let is_form = |part: &str| {
            let ending = word.strip_prefix(part).filter(|_| part.chars().count() >= 3);
            ending.is_some_and(|ending| ending.chars().count() <= 3 && ending.chars().all(char::is_alphabetic))
        };
        !is_written_small(at) && parts.iter().any(|(part, is_end)| *is_end && (part == word || is_form(part)))
    };
    let is_within = |word: &str| parts.contains_key(word) || word.chars().count() == 1;
    let (mut start, mut end) = (name.start, name.end);
    let mut at = name.end;
    while let Some(rest) = form[at..limits.1].strip_prefix(SPACE) {
        let word = rest.split(is_parting).next().unwrap_or_default();
        at += 1 + word.len();
        if ends_name(at - word.len(), word) {
            end = at;
        } else if word.is_empty() || !is_within(word) {
            break;
        }
    }
    let mut at = name.start;
    while let Some(rest) = form[limits.0..at].strip_suffix(is_near) {
        let word = rest.rsplit(is_parting).next().unwrap_or_default();
        at -= 1 + word.len();
        if ends_name(at, word) {
            start = at;
        } else if word.is_empty() || !is_within(word) {
            break;
        }
    }
    start..end
}

/// Stretches of text, to be asked which of them holds another one and is longer.
struct Longer<'a> {
    /// By beginning and then by end, each with the one that ends last of all that do not begin later.
    hits: Vec<(&'a Hit<'a>, usize)>,
}

impl<'a> Longer<'a> {
    fn new(mut hits: Vec<&'a Hit<'a>>) -> Self {
        hits.sort_by_key(|hit| (hit.span.start, hit.span.end));
        let mut furthest = 0;
        let mut ordered: Vec<(&Hit<'_>, usize)> = Vec::with_capacity(hits.len());
        for (number, hit) in hits.into_iter().enumerate() {
            let is_further = ordered.get(furthest).is_none_or(|(last, _)| hit.span.end >= last.span.end);
            furthest = if is_further { number } else { furthest };
            ordered.push((hit, furthest));
        }
        Longer { hits: ordered }
    }

    /// Somebody whose longer name is around a stretch.
    fn around(&self, span: &Range<usize>) -> Option<Bearer> {
        let until = self.hits.partition_point(|(hit, _)| hit.span.start <= span.start);
        let (_, furthest) = self.hits.get(until.checked_sub(1)?)?;
        let (hit, _) = self.hits[*furthest];
        let is_around = hit.span.end >= span.end && hit.span != *span;
        let mut bearers = hit.meaning.told_apart.iter().chain(&hit.meaning.others);
        if is_around { bearers.next().copied() } else { None }
    }
}

/// Words that Arabic writes before a name without a space: and, so, in, for, like, and the article.
const ARABIC: &[&str] =
    &["و", "ف", "ب", "ل", "ك", "س", "ول", "وب", "فل", "فب", "وك", "ال", "وال", "بال", "لل", "كال", "فال", "ولل"];
/// Letters that Hebrew writes before a name.
const HEBREW: &str = "והבלמשכ";

/// What may be written before a name in the same word, in Arabic and Hebrew; nothing before a short one, which would be another word.
pub(crate) fn before_in_word(name: &str) -> Vec<String> {
    if name.chars().filter(|c| c.is_alphanumeric()).count() < 4 {
        return Vec::new();
    }
    match name.chars().next() {
        Some('\u{600}'..='\u{6ff}') => ARABIC.iter().map(|prefix| (*prefix).to_owned()).collect(),
        Some('\u{5d0}'..='\u{5ea}') => {
            let more = |first: char| HEBREW.chars().map(move |second| format!("{first}{second}"));
            HEBREW.chars().map(String::from).chain(HEBREW.chars().flat_map(more)).collect()
        }
        _ => Vec::new(),
    }
}

/// Whether figures before or behind a name are none of its own: it has two words, or is no short one.
fn is_apart_from_figures(name: &str) -> bool {
    name.contains(is_parting) || name.chars().count() >= 7
}

fn begins_on_border(before: &str, name: &str) -> bool {
    let Some(last) = before.chars().next_back().filter(|c| !is_parting(*c)) else { return true };
    let Some(first) = name.chars().next() else { return false };
    if last.is_numeric() && !first.is_numeric() && is_apart_from_figures(name) {
        return true;
    }
    if is_unspaced(first) || (is_unspaced(last) && !is_combining_mark(first)) {
        return true;
    }
    let longest = if matches!(first, '\u{5d0}'..='\u{6ff}') { 4 } else { return false };
    let prefix: Vec<char> = before.chars().rev().take(longest).take_while(|c| !is_parting(*c)).collect();
    let prefix: String = prefix.into_iter().rev().collect();
    let is_hebrew = prefix.chars().count() <= 2 && prefix.chars().all(|c| HEBREW.contains(c));
    name.chars().count() >= 3 && (ARABIC.contains(&prefix.as_str()) || is_hebrew)
}

/// How a name ends that is followed by some text, and how many bytes of the text belong to it; `None` when it is no such name.
fn ending(name: &str, after: &str) -> Option<(Form, usize)> {
    let Some(next) = after.chars().next().filter(|c| !is_parting(*c)) else { return Some((Form::Whole, 0)) };
    let last = name.chars().next_back()?;
    if next.is_numeric() && !last.is_numeric() && is_apart_from_figures(name) {
        return Some((Form::Whole, 0));
    }
    if is_unspaced(last) || is_unspaced(next) {
        // A sign that belongs to the letter before it makes it another letter.
        return (!is_combining_mark(next)).then_some((Form::Whole, 0));
    }
    if is_hangul(last) && is_hangul(next) {
        return Some((Form::Whole, 0));
    }
    let tail: String = after.chars().take(4).take_while(|c| !is_parting(*c)).collect();
    let last_word = name.rsplit(is_parting).next().unwrap_or_default();
    let is_form = tail.chars().count() <= 3
        && tail.chars().all(|c| !c.is_numeric())
        && last_word.len() < name.len()
        && last_word.chars().count() >= 3;
    is_form.then_some((Form::Inflected, tail.len()))
}

/// The words of which names are made, and whether one of the names begins or ends with each.
pub fn parts_of<'a>(names: impl Iterator<Item = &'a str>) -> BTreeMap<String, bool> {
    let mut parts = BTreeMap::new();
    for name in names {
        let mut reading = Reading::default();
        reading.push(name, 0);
        let words: Vec<&str> = reading.form.split(is_parting).filter(|word| word.chars().count() > 1).collect();
        for (at, word) in words.iter().enumerate() {
            *parts.entry((*word).to_owned()).or_default() |= at == 0 || at + 1 == words.len();
        }
    }
    parts
}

/// Short words before a family name that some write together with it.
const PARTICLES: [&str; 44] = [
    "a", "abu", "af", "al", "ap", "av", "bar", "ben", "bin", "d", "da", "dal", "de", "del", "della", "den", "der",
    "des", "di", "do", "dos", "du", "el", "ibn", "in", "la", "las", "le", "los", "mac", "mc", "o", "st", "ten", "ter",
    "t", "van", "vande", "vom", "von", "y", "ze", "zu", "zum",
];

/// Where the family name begins among the words of a name, as far as the short words before it tell.
pub(crate) fn family_at(words: &[&str]) -> usize {
    let is_particle = |word: &str| PARTICLES.contains(&super::folded_words(word).as_str());
    let before = words.iter().skip(1).rev().skip(1).take_while(|word| is_particle(word)).count();
    words.len().saturating_sub(1 + before)
}

/// A name, and as it stands where the signs and spaces within its parts are left out: `OBrien`, `AnnaLena Doe`, `Jan deVries`.
pub(crate) fn joined_parts(name: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::from([name.to_owned()]);
    let is_hyphen = |c: char| matches!(c, '-' | '\u{2010}' | '\u{2011}');
    let has_words = name.contains(char::is_whitespace);
    if has_words || name.chars().count() > 6 {
        names.insert(name.chars().filter(|c| !is_apostrophe(*c)).collect());
    }
    // An id has hyphens between the parts of a name.
    if has_words {
        names.extend(names.clone().into_iter().map(|name| name.replace(is_hyphen, "")));
        names.extend(names.clone().into_iter().filter(|name| !name.contains(',')).map(|name| {
            let words: Vec<&str> = name.split_whitespace().collect();
            let (given, family) = words.split_at(family_at(&words));
            [given, &[&family.concat()]].concat().join(" ")
        }));
    }
    names
}

/// The forms in which a name is looked for; `words` is written as a name or as an id.
pub fn forms_of(words: &str) -> BTreeSet<String> {
    joined_parts(words).iter().flat_map(|words| forms_as_written(words)).collect()
}

fn forms_as_written(words: &str) -> BTreeSet<String> {
    let form = |words: &str| {
        let mut reading = Reading::default();
        reading.push(words, 0);
        reading.form
    };
    let name = form(words);
    let mut forms = BTreeSet::new();
    // What stands before a comma is the family name; without one, it is likely to be the last word.
    if let Some((family, rest)) = name.split_once(COMMA) {
        forms.insert(format!("{rest} {family}"));
        forms.insert(format!("{family} {rest}"));
    } else if let Some((rest, family)) = name.rsplit_once(SPACE) {
        forms.insert(format!("{family}{COMMA}{rest}"));
        forms.insert(format!("{family} {rest}"));
        // A family name of several words, `de Vries, Jan`.
        for (at, _) in name.match_indices(SPACE) {
            forms.insert(format!("{}{COMMA}{}", &name[at + 1..], &name[..at]));
        }
    }
    // As one word, as in the names of accounts and hosts; short ones are likely to be other words.
    let joined: String = name.chars().filter(|c| !is_parting(*c)).collect();
    if name.contains(is_parting) && (joined.chars().count() >= 7 || joined.contains(is_unspaced)) {
        forms.insert(joined);
    }
    // As the program itself would write it in an id.
    if !words.is_ascii()
        && let Some(slug) = super::slug(words).filter(|slug| slug.contains('-'))
    {
        forms.insert(form(&slug));
    }
    forms.insert(name);
    // A single letter is nobody's name.
    forms.retain(|form| form.chars().count() > 1 || form.contains(is_unspaced));
    forms
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(of: &[&str]) -> Names {
        let mut names: BTreeMap<String, Meaning> = BTreeMap::new();
        for (bearer, name) in (0..).zip(of) {
            for form in forms_of(name) {
                names.entry(form).or_default().protected.insert(bearer);
            }
        }
        Names::new(names).unwrap()
    }

    #[track_caller]
    fn check(name: &str, text: &str, expected: &[&str]) {
        let names = names(&[name]);
        let reading = Reading::of(text, LineBreaks::AreSpaces);
        let found: Vec<&str> = names
            .mentions(&reading)
            .into_iter()
            .filter(|mention| mention.form == Form::Whole)
            .map(|mention| &text[mention.span])
            .collect();
        assert_eq!(found, expected, "`{name}` in `{text}`");
        let mut without_places = Reading::default();
        without_places.push(text, 0);
        assert!(expected.is_empty() || names.may_stand_in(&without_places));
    }

    #[test]
    fn a_name_is_found_on_the_borders_of_words() {
        check("May", "May, may I? The Mayor of Maytown and O’May-Bell", &["May", "may", "May"]);
        check("Jane Doe", "Jane Doering, Mary-Jane Doe; jane  doe.", &["Jane Doe", "jane  doe"]);
        check("Jane Doe", "Jane. Doe; Jane! Doe; Jane / Doe; Doe, Jane", &["Doe, Jane"]);
        check("J. Doe", "J. Doe, J Doe, J.Doe", &["J. Doe", "J Doe", "J.Doe"]);
    }

    #[test]
    fn a_name_is_found_however_it_is_written() {
        check("Jane Doe", "JANE DOE’s, Jane Doe's", &["JANE DOE", "Jane Doe"]);
        check(
            "Jane Doe",
            "Jane\nDoe, Jane\u{a0}Doe, Ja\u{ad}ne D\u{200b}oe",
            &["Jane\nDoe", "Jane\u{a0}Doe", "Ja\u{ad}ne D\u{200b}oe"],
        );
        check("Jane Doe", "Jane\n\nDoe", &[]);
        check("Jörg Weiß", "Jo\u{308}rg WEISS, Jorg Weiss\u{301}", &["Jo\u{308}rg WEISS", "Jorg Weiss\u{301}"]);
        check("Łukasz Ørsted", "lukasz orsted", &["lukasz orsted"]);
        check(
            "Doe, Jane",
            "Doe, Jane and Jane Doe, Jane Doe or DOE Jane",
            &["Doe, Jane", "Jane Doe", "Jane Doe", "DOE Jane"],
        );
        check(
            "jane-doe",
            "jane-doe, jane_doe, jane.doe@e.org, @janedoe",
            &["jane-doe", "jane_doe", "jane.doe", "janedoe"],
        );
    }

    #[test]
    fn what_stands_behind_a_comma_is_the_next_of_a_list() {
        check("Jane Doe", "Jane Doe, Jane Roe and Doe, Jane Doe", &["Jane Doe", "Doe, Jane Doe"]);
        let names = names(&["Jane Doe", "Jane Roe"]);
        let text = "Jane Doe, Jane Roe, Jane Doe";
        let reading = Reading::of(text, LineBreaks::AreSpaces);
        let found = names.mentions(&reading).into_iter().map(|mention| &text[mention.span]);
        assert_eq!(found.collect::<Vec<_>>(), ["Jane Doe", "Jane Roe", "Jane Doe"]);
    }

    #[test]
    fn a_raised_number_parts_the_words_of_a_name() {
        check("Jane Doe", "Jane² Doe, Jane Doe¹ and Jane¹²Doe", &["Jane² Doe", "Jane Doe", "Jane¹²Doe"]);
    }

    #[test]
    fn a_family_name_of_several_words_is_found_before_its_comma() {
        check("Jan de Vries", "de Vries, Jan and Vries, Jan de", &["de Vries, Jan", "Vries, Jan de"]);
        check("Jan van der Berg", "van der Berg, Jan; Berg, Jan", &["van der Berg, Jan"]);
    }

    #[test]
    fn signs_and_spaces_within_the_parts_of_a_name_may_be_left_out() {
        for apostrophe in ["'", "’", "\u{2bc}", "\u{2bb}", "`", "\u{2032}", ""] {
            let written = format!("Seán O{apostrophe}Connor");
            check("Seán O’Connor", &written, &[&written]);
        }
        check("Мар’яна Дем’янчук", "Мар\u{2bc}яна Дем\u{2bc}янчук", &["Мар\u{2bc}яна Дем\u{2bc}янчук"]);
        check(
            "Jan de Vries",
            "jan.devries@e.org, DEVRIES Jan, Jan deVries",
            &["jan.devries", "DEVRIES Jan", "Jan deVries"],
        );
        check("Anna Roe-Nowak", "Anna RoeNowak, @annaroenowak", &["Anna RoeNowak", "annaroenowak"]);
        check("D’Art", "a dart", &[]);
    }

    #[test]
    fn percent_codes_are_the_letters_that_they_stand_for() {
        for written in [
            "Jane%20Doe",
            "jane%2520doe",
            "jane%5Fdoe",
            "jane%2Edoe",
            "jane%25%32%30doe",
            "%4Aane%20Doe",
            "jane%2ddo%65",
        ] {
            check("Jane Doe", &format!("https://x.org/{written}.html"), &[written]);
        }
        check("Jane Doe", "https://x.org/?a=%2FJane%20Doe%2F", &["Jane%20Doe"]);
        check(
            "Jörg Weiß",
            "J%C3%B6rg%20Wei%C3%9F, J%25C3%25B6rg+Weiss",
            &["J%C3%B6rg%20Wei%C3%9F", "J%25C3%25B6rg+Weiss"],
        );
        check("Jane Doe", "100%, 5%Jane Doe, %, %2, %zz, %c3 Jane Doe %e2%82", &["Jane Doe", "Jane Doe"]);
    }

    #[test]
    fn figures_that_are_glued_to_a_name_end_it() {
        check(
            "Jane Doeling",
            "janedoeling1970, @janedoeling70, Jane Doeling1, jane-doeling1.gif, IMG_janedoeling2.gif, 7janedoeling",
            &["janedoeling", "janedoeling", "Jane Doeling", "jane-doeling", "janedoeling", "janedoeling"],
        );
        check("Doeling", "doeling70", &["doeling"]);
        check("Doe", "doe70, 3doe", &[]);
        check("Agent Doe 47", "Agent Doe 471, Agent Doe 47", &["Agent Doe 47"]);
    }

    #[test]
    fn each_script_has_its_borders() {
        check("राम कुमार", "राम कुमार ने, राम\u{a0}कुमारी", &["राम कुमार"]);
        check("राम", "रमा और राम", &["राम"]);
        check("علي حسن", "وعلي حسن ولعلي حسن وقال عَلِيّ حَسَن", &["علي حسن", "علي حسن", "عَلِيّ حَسَن"]);
        check("أحمد", "احمد ومحمد", &["احمد"]);
        check("דוד כהן", "ודוד כהן", &["דוד כהן"]);
        check("张三", "昨天张三说", &["张三"]);
        check("が", "か が", &["が"]);
        check("김철수", "김철수는 왔다", &["김철수"]);
        check("สมชาย", "นายสมชายพูด", &["สมชาย"]);
        check("王 明", "王明", &["王明"]);
        check("विक्रम सेठ", "vikrm-setth", &["vikrm-setth"]);
    }

    #[test]
    fn a_few_letters_at_the_end_may_be_a_form_of_the_name() {
        let names = names(&["Anna Müller", "May"]);
        let check = |text: &str, expected: &[&str]| {
            let reading = Reading::of(text, LineBreaks::AreSpaces);
            let found = names.mentions(&reading).into_iter().filter(|mention| mention.form == Form::Inflected);
            assert_eq!(found.map(|mention| &text[mention.span]).collect::<Vec<_>>(), expected, "{text}");
        };
        check("Anna Müllers Haus; Anna Müllerstein; Mays", &["Anna Müllers"]);
    }

    #[test]
    fn names_that_overlap_are_one_mention_and_the_longest_counts() {
        let names = names(&["Jane Doe", "Doe Smith", "Jane"]);
        let text = "Jane Doe Smith and Jane";
        let reading = Reading::of(text, LineBreaks::AreSpaces);
        let found: Vec<_> = names
            .mentions(&reading)
            .into_iter()
            .map(|mention| (&text[mention.span], mention.meaning.protected.clone()))
            .collect();
        assert_eq!(found, [("Jane Doe Smith", BTreeSet::from([0])), ("Jane", BTreeSet::from([2]))]);
    }
}
