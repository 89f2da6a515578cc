//! The last look before anything is shown to readers: whether some bytes hold what is withheld from them.
//!
//! A [`Scan`] knows what is withheld and tells nobody; it only says where it found something, and from which field of which
//! record that comes. `docs/privacy-scan.md` says for authors what is looked for, in which forms, and what is not found.
//!
//! Not for deciding what is withheld; that is [`redact`](crate::redact)'s part.

mod base64;
mod binary;
mod encoded;
mod escape;
mod forms;
mod index;
mod sieve;
mod words;

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::diagnostic::{Code, Diagnostic, SourceText};
use crate::redact::{Held, Secrets, Sort};
use crate::text::folded_words;
use base64::Base64;
use binary::Binary;
use index::Index;
use words::Words;

/// How many findings there are at most.
const MOST: usize = 100;

/// How many things of one file are told.
const MOST_OF_A_FILE: usize = 10;

/// How many bytes are looked at together; what is longer is looked at in pieces that overlap.
const PIECE: usize = 1 << 20;

/// How far pieces overlap.
const OVERLAP: usize = 4096;

/// How often text that is written in other bytes may be written in others again.
const DEEPEST: usize = 2;

/// The longest bytes, of those that were base64, that cannot be a file of their own, such as a picture.
const CONTAINER: usize = 64;

/// Where in the making of a site something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// In the path of a file.
    Path,
    /// In a page, which is made by a template.
    Page,
    /// In a file that the program makes for machines.
    Machine,
    /// In a static file of the theme or the dossier.
    Asset,
    /// In a file beside the records, which is copied.
    Attachment,
}

impl Stage {
    /// What such a file is called in a message.
    fn noun(self) -> &'static str {
        match self {
            Stage::Path => "the path",
            Stage::Page => "the page",
            Stage::Machine => "the file",
            Stage::Asset => "the static file",
            Stage::Attachment => "the attachment",
        }
    }

    fn way_out(self) -> &'static str {
        match self {
            Stage::Path => "rename the file or the record",
            Stage::Page => "take it out of the template, the settings or the public record that it comes from",
            Stage::Machine => "take it out of the settings or the public record that it comes from",
            Stage::Asset => "take it out of the static file",
            Stage::Attachment => "take it out of the file beside the records, or show another one",
        }
    }
}

/// Something withheld that would have been shown.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Leak {
    /// The path in the site, without the names in it that give something away.
    path: String,
    stage: Stage,
    /// What is given away, by number.
    secret: u32,
}

/// Who reads what is said of leaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reader {
    /// The author, at a terminal or in the preview.
    Author,
    /// Anybody, as in the log of a build server: not even the name of a record's file is told when it gives something away.
    Anybody,
}

/// Knows all that is withheld, and finds it in bytes.
pub struct Scan {
    index: Index,
    /// Where the values come from.
    sources: Vec<Arc<Held>>,
    /// What is looked for in files that are no text; made when the first of them is met.
    binary: OnceLock<Binary>,
    /// What is looked for in base64.
    base64: OnceLock<Base64>,
    secrets: Secrets,
}

impl std::fmt::Debug for Scan {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "a scan for {:?}", self.secrets)
    }
}

impl Scan {
    /// Makes ready to look for all that is withheld.
    pub fn new(secrets: Secrets) -> Self {
        let public = forms::Public::new(&secrets);
        let mut patterns = Vec::new();
        for secret in secrets.values() {
            forms::patterns(secret, &public, &mut |pattern| patterns.push(pattern));
        }
        let sources = secrets.sources().to_vec();
        let index = Index::new(patterns, public.words);
        Scan { index, sources, binary: OnceLock::new(), base64: OnceLock::new(), secrets }
    }

    /// What some bytes give away that would stand under a path of the site.
    pub fn bytes(&self, path: &str, stage: Stage, bytes: &[u8]) -> Vec<Leak> {
        if self.index.is_empty() {
            return Vec::new();
        }
        let mut found = BTreeSet::new();
        self.look(bytes, 0, &mut found);
        if found.is_empty() {
            return Vec::new();
        }
        let path = self.shown_path(path);
        found.into_iter().take(MOST_OF_A_FILE).map(|secret| Leak { path: path.clone(), stage, secret }).collect()
    }

    /// The same of a file that is too long to be held as a whole, from where it is read to its end.
    pub fn file(&self, path: &str, stage: Stage, mut content: impl Read) -> io::Result<Vec<Leak>> {
        if self.index.is_empty() {
            return Ok(Vec::new());
        }
        let mut leaks = Vec::new();
        let mut piece = Vec::new();
        loop {
            let read = content.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
            if read < PIECE {
                leaks.extend(self.bytes(path, stage, &piece));
                return Ok(leaks);
            }
            let end = end_of_words(&piece);
            leaks.extend(self.bytes(path, stage, &piece[..end]));
            piece.drain(..end_of_words(&piece[..end - OVERLAP]));
        }
    }

    /// What paths of the site give away.
    pub fn paths<'a>(&self, paths: impl Iterator<Item = &'a str> + Clone) -> Vec<Leak> {
        if self.index.is_empty() {
            return Vec::new();
        }
        // In nearly all cases there is nothing, which one look at all of them says.
        let all = paths.clone().collect::<Vec<_>>().join("\n");
        let mut found = BTreeSet::new();
        self.look(all.as_bytes(), 0, &mut found);
        if found.is_empty() {
            return Vec::new();
        }
        paths.flat_map(|path| self.bytes(path, Stage::Path, path.as_bytes())).collect()
    }

    /// Those of some old paths that give something away, by this measure or by a stricter one: where nobody needs the path any more, a single
    /// word of the name of a person is enough.
    pub fn old_paths<'a>(&self, paths: impl Iterator<Item = &'a str>) -> BTreeSet<&'a str> {
        if self.index.is_empty() {
            return BTreeSet::new();
        }
        let public = forms::Public::new(&self.secrets).words;
        let persons = self.secrets.values().iter().filter(|secret| secret.sort == Sort::Person);
        let words: BTreeSet<String> = persons
            .flat_map(|secret| folded_words(&secret.value).split(' ').map(str::to_owned).collect::<Vec<_>>())
            .filter(|word| word.chars().count() > 3 && !public.contains(word.as_str()))
            .collect();
        let has_word = |path: &str| folded_words(path).split(' ').any(|word| words.contains(word));
        paths.filter(|path| has_word(path) || !self.paths(std::iter::once(*path)).is_empty()).collect()
    }

    /// The fields whose values some bytes hold, as they are called in messages.
    pub fn fields(&self, bytes: &[u8]) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        if !self.index.is_empty() {
            self.look(bytes, 0, &mut found);
        }
        found.into_iter().map(|secret| self.sources[secret as usize].field()).collect()
    }

    /// What is to be said of leaks: the first of them, by path.
    pub fn findings(&self, leaks: &[Leak], reader: Reader, sources: &dyn SourceText) -> Vec<Diagnostic> {
        let leaks: BTreeSet<&Leak> = leaks.iter().collect();
        leaks.into_iter().take(MOST).map(|leak| self.finding(leak, reader, sources)).collect()
    }

    fn finding(&self, leak: &Leak, reader: Reader, sources: &dyn SourceText) -> Diagnostic {
        let held = &self.sources[leak.secret as usize];
        let (field, why) = (held.field(), held.why());
        let place = held.place(sources);
        // The name of a record's file is its id, and whatever stands in a log may tell of it.
        let is_open = || !held.is_of_withheld_record() && !held.is_outside() && !self.gives_away(&place.file);
        let is_told = reader == Reader::Author || is_open();
        let (kind, folder) = held.record();
        let whose = if is_told { String::new() } else { format!(" of one {kind} in `{folder}`") };
        let (noun, path) = (leak.stage.noun(), &leak.path);
        let message = format!("{noun} `{path}` gives away what is withheld by {field}{whose}: {why}");
        let mut hint = leak.stage.way_out().to_owned();
        if is_told && self.is_id_of_one_word(leak.secret) {
            hint.push_str(
                "; an id of one word is looked for wherever that word stands: give the person one of several words",
            );
        }
        if is_told {
            hint.push_str("; if it is a common word, except it in the record that this points to: `not_secret: [{text: …, why: …}]`");
        } else {
            hint.push_str("; a build in a terminal says of which record");
        }
        let finding = Diagnostic::new(Code::Leak, message).hint(hint);
        if is_told { Diagnostic { place: Some(place), ..finding } } else { finding }
    }

    /// Whether what is given away is the id of a person that may be a word as well.
    fn is_id_of_one_word(&self, secret: u32) -> bool {
        let mut values = self.secrets.values().iter().filter(|value| value.from == secret);
        values.any(|value| value.sort == Sort::PersonId && !value.value.contains(['-', '_']))
    }

    /// A path without the names in it that give something away.
    fn shown_path(&self, path: &str) -> String {
        if !self.gives_away(path) {
            return path.to_owned();
        }
        let names = path.split('/').map(|name| if self.gives_away(name) { "…" } else { name });
        let shown = names.collect::<Vec<_>>().join("/");
        // What is given away by several names together, or only where it stands.
        if shown == path || self.gives_away(&shown) { "…".to_owned() } else { shown }
    }

    fn gives_away(&self, words: &str) -> bool {
        let mut found = BTreeSet::new();
        self.look(words.as_bytes(), 0, &mut found);
        !found.is_empty()
    }

    fn look(&self, bytes: &[u8], depth: usize, found: &mut BTreeSet<u32>) {
        let mut from = 0;
        loop {
            let piece = &bytes[from..];
            if piece.len() <= PIECE {
                return self.look_at_piece(piece, depth, found);
            }
            let end = end_of_words(&piece[..PIECE]);
            self.look_at_piece(&piece[..end], depth, found);
            from += end_of_words(&piece[..end - OVERLAP]);
        }
    }

    fn binary(&self) -> &Binary {
        self.binary.get_or_init(|| Binary::new(&self.secrets, &self.index))
    }

    fn look_at_piece(&self, bytes: &[u8], depth: usize, found: &mut BTreeSet<u32>) {
        if is_text(bytes) {
            self.look_at_text(bytes, depth, found);
        } else {
            self.binary().find(bytes, &self.index, found);
        }
        if std::str::from_utf8(bytes).is_err() {
            self.binary().find_wide(bytes, found);
        }
        if depth < DEEPEST {
            self.look_at_wide_text(bytes, depth + 1, found);
        }
        if depth < DEEPEST {
            let base64 = self.base64.get_or_init(|| Base64::new(&self.secrets, &self.index));
            self.look_at_base64(bytes, base64, found);
            for digits in base64::joined(bytes) {
                self.look_at_base64(&digits, base64, found);
                self.look_at_text(&digits, depth, found);
            }
        }
    }

    /// Looks at what the digits of values are the beginning of.
    fn look_at_base64(&self, raw: &[u8], base64: &Base64, found: &mut BTreeSet<u32>) {
        for (from, to) in base64.stretches(raw) {
            let decoded = encoded::decoded_from(&raw[from..to]);
            self.look_at_text(&decoded, DEEPEST, found);
            self.look_at_wide_text(&decoded, DEEPEST, found);
            self.binary().find_wide(&decoded, found);
        }
    }

    /// Looks at what some bytes say in UTF-16.
    fn look_at_wide_text(&self, bytes: &[u8], depth: usize, found: &mut BTreeSet<u32>) {
        if memchr::memchr(0, bytes).is_some() {
            encoded::utf16(bytes).iter().for_each(|text| self.look_at_text(text.as_bytes(), depth, found));
        }
    }

    fn look_at_text(&self, raw: &[u8], depth: usize, found: &mut BTreeSet<u32>) {
        let sifted = sieve::sift(raw, &self.index);
        let mut close: Vec<Range<usize>> = Vec::new();
        for part in sifted.close {
            let part = whole_words(raw, part);
            match close.last_mut() {
                Some(last) if part.start <= last.end => last.end = last.end.max(part.end),
                _ => close.push(part),
            }
        }
        let mut words = Parts::default();
        for part in close {
            let mut excused = BTreeSet::new();
            words.read(raw, part.clone(), Readings::Read);
            words.each(|words| self.index.find(words, raw, &mut excused, found));
            if memchr::memmem::find(&raw[part.clone()], b"<rt").is_some() {
                words.read(raw, part, Readings::LeftOut);
                self.index.find(&words.text, raw, &mut excused, found);
            }
        }
        if depth >= DEEPEST {
            return;
        }
        let mut done = 0;
        for at in sifted.encoded {
            if at < done {
                continue;
            }
            let stretch = encoded::base64_around(raw, at);
            done = stretch.end;
            for bytes in encoded::decoded(&raw[stretch]) {
                if bytes.len() > CONTAINER {
                    self.look_at_piece(&bytes, depth + 1, found);
                } else if encoded::may_hold_words(&bytes) {
                    self.look_at_text(&bytes, depth + 1, found);
                }
            }
        }
    }
}

/// Whether bytes are text, be it in an old encoding: no control characters, or proper UTF-8.
fn is_text(bytes: &[u8]) -> bool {
    let is_control = |byte: &u8| matches!(byte, 0..=8 | 14..=31 | 127);
    // The last character may be cut.
    match std::str::from_utf8(bytes) {
        Ok(_) => true,
        Err(error) if error.valid_up_to() + 4 > bytes.len() && error.error_len().is_none() => true,
        Err(_) => !bytes.iter().any(is_control),
    }
}

/// Where the last whole words of a piece end, when it is cut between words at all.
fn end_of_words(piece: &[u8]) -> usize {
    piece.len() - piece.iter().rev().take(OVERLAP).position(u8::is_ascii_whitespace).unwrap_or(0)
}

/// A part of some bytes, made longer so that it begins and ends with whole words.
fn whole_words(raw: &[u8], part: Range<usize>) -> Range<usize> {
    let is_letter = |byte: &&u8| byte.is_ascii_alphanumeric() || **byte >= 0x80;
    let before = raw[..part.start].iter().rev().take(OVERLAP).take_while(is_letter).count();
    let behind = raw[part.end..].iter().take(OVERLAP).take_while(is_letter).count();
    part.start - before..part.end + behind
}

/// How long a number over the line is that stands behind the name of a tag: it is that of a note, and no part of the words around it.
fn raised_number(behind: &[u8], tag: &[u8]) -> usize {
    let number = behind.iter().skip(1).take_while(|byte| byte.is_ascii_digit()).count();
    let is_raised = tag == b"<sup" && (1..=3).contains(&number) && behind[1 + number..].starts_with(b"</sup>");
    if is_raised { 1 + number } else { 0 }
}

/// The words of a part of some bytes, in three ways: what may stand beside each other in one need not in another.
#[derive(Default)]
struct Parts {
    /// Between tags.
    text: Words,
    /// In tags.
    tags: Words,
    /// As they stand, where `<` begins no tag.
    plain: Words,
}

/// What becomes of the small letters that say how the signs before them are read, as in `<ruby>田中<rt>たなか</rt></ruby>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Readings {
    Read,
    LeftOut,
}

/// Begins text in XML in which nothing is a tag.
const CDATA: &[u8] = b"<![CDATA[";

impl Parts {
    fn read(&mut self, raw: &[u8], part: Range<usize>, readings: Readings) {
        let Parts { text, tags, plain } = self;
        [&mut *text, &mut *tags, &mut *plain].into_iter().for_each(Words::clear);
        plain.read(raw, part.start, part.end);
        let mut at = part.start;
        while let Some(open) = memchr::memchr(b'<', &raw[at..part.end]).map(|open| at + open) {
            text.read(raw, at, open);
            text.border();
            let is_tag = raw.get(open + 1).is_some_and(|next| next.is_ascii_alphabetic() || b"/!?".contains(next));
            at = open + 1;
            if raw[open..part.end].starts_with(CDATA) {
                at = open + CDATA.len();
            } else if is_tag {
                let close = memchr::memchr(b'>', &raw[open..part.end]).map_or(part.end, |close| open + close);
                tags.read(raw, open, close);
                tags.border();
                at = close + raised_number(&raw[close..part.end], &raw[open..close]);
                let is_reading = raw[open..].starts_with(b"<rt") || raw[open..].starts_with(b"<rp");
                if is_reading && readings == Readings::LeftOut {
                    at = memchr::memchr(b'<', &raw[at..part.end]).map_or(part.end, |next| at + next);
                }
            }
        }
        text.read(raw, at, part.end);
        [text, tags, plain].into_iter().for_each(|words| words.finish(part.end));
    }

    fn each(&self, see: impl FnMut(&Words)) {
        [&self.text, &self.tags, &self.plain].into_iter().for_each(see);
    }
}

#[cfg(test)]
mod tests {
    use index::{Manner, Pattern};
    use proptest::collection::vec;
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;

    fn scan() -> Scan {
        let words =
            ["renee quux", "quux renee", "may", "王 明", "иван петров", "a b", "the spare key of the lighthouse"];
        let patterns = (0..).zip(words).map(|(secret, words)| {
            let longer = Box::default();
            Pattern { words: words.into(), manner: Manner::Name, secret, longer }
        });
        let index = Index::new(patterns.collect(), BTreeSet::new());
        Scan {
            index,
            sources: Vec::new(),
            binary: OnceLock::new(),
            base64: OnceLock::new(),
            secrets: Secrets::default(),
        }
    }

    fn found(look: impl FnOnce(&mut BTreeSet<u32>)) -> BTreeSet<u32> {
        let mut found = BTreeSet::new();
        look(&mut found);
        found
    }

    /// Parts of which hits and near hits are made.
    const PARTS: [&str; 44] = [
        "Renée",
        "QUUX",
        "quux",
        "Ren",
        "é",
        "e\u{301}e",
        "Qu",
        "ux",
        "May",
        "or",
        "王",
        "明",
        "Иван",
        "а",
        "Петров",
        "у",
        " ",
        "  ",
        "\n",
        "-",
        ", ",
        "<b>",
        "</b>",
        "<",
        ">",
        "&",
        "&#82;",
        "&eacute;",
        "%C3%A9",
        "%20",
        "%",
        "\\u0051",
        "\\n",
        "\\",
        "\u{ad}",
        "\u{200b}",
        "&nbsp;",
        "&shy;",
        "a",
        "b",
        "the spare key",
        " of the lighthouse",
        "0",
        "\u{a0}",
    ];

    /// The words of a name as they may be written, and what may stand between them.
    const FIRST: [&str; 9] = [
        "Renée",
        "RENEE",
        "Ren&eacute;e",
        "Re&shy;nee",
        "%52enee",
        "ren\\u00e9e",
        "R\u{200b}enee",
        "Rene\u{301}e",
        "renee",
    ];
    const BETWEEN: [&str; 11] =
        [" ", "\n", "&nbsp;", "_", "%20", " <b>", "</td><td class=\"x\">", "\\n", ", ", "&amp;nbsp;", " \u{ad}"];
    const LAST: [&str; 6] = ["Quux", "QUUX", "Q&#117;ux", "Qu\u{ad}ux", "quux", "&#x51;uux"];

    proptest! {
        #[test]
        fn a_name_is_found_far_from_anything_else(
            first in select(&FIRST[..]),
            between in select(&BETWEEN[..]),
            last in select(&LAST[..]),
            before in 300..430usize,
            filler in select(&[".", "x ", " x", "word.", "<p>"][..]),
        ) {
            let whole = before / filler.len();
            let filler = filler.repeat(whole) + &"-".repeat(before - whole * filler.len());
            let text = format!("{filler} {first}{between}{last} {filler}");
            prop_assert!(found(|found| scan().look_at_text(text.as_bytes(), DEEPEST, found)).contains(&0), "{text:?}");
        }

        #[test]
        fn the_first_look_loses_nothing(parts in vec(select(&PARTS[..]), 0..60), before in 0..70usize) {
            let text = ".".repeat(before) + &parts.concat();
            let raw = text.as_bytes();
            let scan = scan();
            let quick = found(|found| scan.look_at_text(raw, DEEPEST, found));
            let mut words = Parts::default();
            words.read(raw, 0..raw.len(), Readings::Read);
            let slow = found(|found| {
                let mut excused = BTreeSet::new();
                words.each(|words| scan.index.find(words, raw, &mut excused, found));
            });
            prop_assert!(slow.is_subset(&quick), "{slow:?} is more than {quick:?}");
        }

        #[test]
        fn a_name_is_found_whatever_stands_around_it(before in any::<String>(), behind in any::<String>()) {
            for name in ["Renée Quux", "RENEE_QUUX", "Ren&eacute;e%20Quux", "<b>Renée</b>\n<i>Quux</i>"] {
                let text = format!("{before} {name} {behind}");
                prop_assert!(found(|found| scan().look(text.as_bytes(), 0, found)).contains(&0), "{text:?}");
            }
        }

        #[test]
        fn nothing_that_a_file_can_hold_is_too_much(bytes in vec(any::<u8>(), 0..600)) {
            found(|found| scan().look(&bytes, 0, found));
        }
    }
}
