//! The passage nearest to words that do not stand in a document, and how it differs: for people to look at, never to let words pass.
//!
//! What it costs is bounded: of a document the first [`MOST_TOKENS`] words and marks are looked at, of a quotation the first
//! [`MOST_COMPARED`]. The stretches that share most of its rarer words are compared word by word.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use serde::{Deserialize, Serialize};
use similar::{Algorithm, DiffOp, capture_diff_slices};
use unicode_normalization::UnicodeNormalization;
use unicode_script::{Script, UnicodeScript};
use unicode_segmentation::UnicodeSegmentation;

use super::character::{Class, class, is_unspaced, push_compatible};
use super::haystack::Haystack;
use super::wording::Wording;

/// The most words and marks of a document that are looked at.
const MOST_TOKENS: usize = 1_000_000;
/// The most words and marks of a quotation that are compared.
const MOST_COMPARED: usize = 600;
/// How many words of a document may be left out at an omission, here.
const LEFT_OUT: usize = 60;
/// How many stretches of a document are compared word by word.
const STRETCHES: usize = 3;
/// How much a passage must share with a quotation to be near to it, of 1,000.
const NEAR: u32 = 600;

/// The passage nearest to some words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nearest {
    /// Where it stands in [`Document::text`](crate::evidence::Document::text).
    pub text: Range<usize>,
    /// How it differs, word by word.
    pub edits: Vec<Edit>,
    /// How much it shares with the quotation, of 1,000; to be compared with other documents.
    pub score: u32,
    /// Letters that look at home in their word and are of another script.
    pub strangers: Vec<Stranger>,
}

/// Some words and marks in a row, and who has them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Edit {
    /// Who has them.
    pub of: Side,
    /// The words, as they are written there.
    pub words: String,
}

/// Who has some words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Side {
    /// Both; they are written as in the source.
    Both,
    /// The quotation alone.
    Quotation,
    /// The source alone.
    Source,
    /// The source alone, where the quotation says that something was left out.
    LeftOut,
}

/// A letter of another script than its word is expected to be in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub struct Stranger {
    /// The letter.
    pub letter: char,
    /// Its script, as Unicode names it.
    pub script: String,
    /// The word.
    pub word: String,
    /// Who has the word.
    pub of: Side,
}

/// Finds the passage nearest to words that do not stand in a document; `None` when nothing is near enough to be called altered.
pub fn nearest(hay: &Haystack<'_>, wording: &Wording) -> Option<Nearest> {
    let quotation = Quotation::new(wording);
    let text = &hay.document.text;
    let source: Vec<Token> = tokens(text, 0).take(MOST_TOKENS).map(|token| quotation.known(text, token)).collect();
    let stretches = stretches(&quotation, &source);
    let near = stretches.into_iter().filter_map(|stretch| compare(&quotation, text, &source[stretch]));
    near.filter(|near| near.score >= NEAR)
        .max_by(|one, other| one.score.cmp(&other.score).then(other.text.start.cmp(&one.text.start)))
}

/// The most letters in brackets that are taken for the same in the other case, in a piece.
const MOST_CASES: usize = 16;

/// A word, or a mark.
#[derive(Clone, Debug)]
struct Token {
    text: Range<usize>,
    /// The number of its form; 0 when the quotation does not have it.
    form: usize,
    is_word: bool,
}

/// The words of a quotation.
struct Quotation<'w> {
    /// The piece of each token, and its place in that.
    tokens: Vec<(&'w str, Token)>,
    forms: BTreeMap<String, usize>,
    /// The tokens before which something may be left out.
    joints: BTreeSet<usize>,
}

impl<'w> Quotation<'w> {
    fn new(wording: &'w Wording) -> Quotation<'w> {
        let mut quotation = Quotation { tokens: Vec::new(), forms: BTreeMap::new(), joints: BTreeSet::new() };
        for (number, piece) in wording.pieces().enumerate() {
            if number > 0 {
                quotation.joints.insert(quotation.tokens.len());
            }
            for token in tokens(piece, 0) {
                if quotation.tokens.len() == MOST_COMPARED {
                    quotation.take_other_cases(wording);
                    return quotation;
                }
                let next = quotation.forms.len() + 1;
                let form = *quotation.forms.entry(form(&piece[token.text.clone()])).or_insert(next);
                quotation.tokens.push((piece, Token { form, ..token }));
            }
        }
        quotation.take_other_cases(wording);
        quotation
    }

    /// Takes the word of `[T]he` for the same in the other case.
    fn take_other_cases(&mut self, wording: &Wording) {
        for piece in wording.pieces.iter().filter(|piece| !piece.flexible.is_empty()) {
            let part = &wording.parts[piece.part];
            let words = part.text[piece.text.clone()].split_word_bound_indices();
            let words = words.map(|(at, word)| (piece.text.start + at, word)).filter_map(|(start, word)| {
                let is_of_word = |place: &usize| (start..start + word.len()).contains(place);
                let letter = piece.flexible.iter().take(MOST_CASES).find_map(|(at, other)| {
                    part.normal.start(*at).filter(is_of_word).map(|place| (place - start, *other))
                });
                letter.map(|(place, other)| (word, place, other))
            });
            for (word, place, other) in words {
                let behind = word[place..].chars().skip(1);
                let otherwise: String = word[..place].chars().chain([other]).chain(behind).collect();
                if let Some(number) = self.forms.get(&form(word)).copied() {
                    self.forms.entry(form(&otherwise)).or_insert(number);
                }
            }
        }
    }

    /// A token of a source with the number that its form has here.
    fn known(&self, text: &str, token: Token) -> Token {
        let written = &text[token.text.clone()];
        let number = match written.is_ascii() && token.is_word && !written.contains('\'') {
            true => self.forms.get(written),
            false => self.forms.get(&form(written)),
        };
        Token { form: number.copied().unwrap_or(0), ..token }
    }
}

/// The words and marks of a text.
fn tokens(text: &str, start: usize) -> impl Iterator<Item = Token> {
    let words = text.split_word_bound_indices();
    words.filter(|(_, word)| !word.chars().all(|c| matches!(class(c), Class::Space | Class::ZeroWidth))).map(
        move |(at, word)| {
            let is_word = word.chars().any(|c| class(c) == Class::Letter);
            Token { text: start + at..start + at + word.len(), form: 0, is_word }
        },
    )
}

/// What two words have in common that differ only by a declared normalisation.
fn form(word: &str) -> String {
    let mut chars = Vec::new();
    for c in word.chars() {
        if push_compatible(c, &mut chars).is_none() {
            chars.push(c);
        }
    }
    let composed = chars.into_iter().nfc();
    let kept = composed.filter_map(|c| match class(c) {
        Class::Point | Class::Extender | Class::SoftHyphen | Class::ZeroWidth => None,
        Class::Single | Class::Double => Some('"'),
        Class::Hyphen | Class::En | Class::Em => Some('-'),
        _ => Some(c),
    });
    kept.collect()
}

/// The stretches of a source that share most of the rarer words of a quotation.
fn stretches(quotation: &Quotation<'_>, source: &[Token]) -> Vec<Range<usize>> {
    let count = quotation.forms.len() + 1;
    let (mut wanted, mut there) = (vec![0_usize; count], vec![0_usize; count]);
    for (_, token) in quotation.tokens.iter().filter(|(_, token)| token.is_word) {
        wanted[token.form] += 1;
    }
    for token in source {
        there[token.form] += 1;
    }
    let weight =
        |form: usize| if wanted[form] == 0 { 0 } else { 1 + (source.len() / there[form].max(1)).ilog2() as usize };
    let weights: Vec<usize> = (0..count).map(|form| if source.is_empty() { 0 } else { weight(form) }).collect();
    let left_out = (quotation.joints.len() * LEFT_OUT).min(MOST_COMPARED);
    let width = (quotation.tokens.len() * 5 / 4 + 8 + left_out).min(source.len());
    let mut held = vec![0_usize; count];
    let mut score = 0;
    let mut scores = Vec::with_capacity(source.len());
    for (number, token) in source.iter().enumerate() {
        held[token.form] += 1;
        if held[token.form] <= wanted[token.form] {
            score += weights[token.form];
        }
        if let Some(gone) = number.checked_sub(width) {
            let gone = source[gone].form;
            if held[gone] <= wanted[gone] {
                score -= weights[gone];
            }
            held[gone] -= 1;
        }
        scores.push(score);
    }
    let mut stretches: Vec<Range<usize>> = Vec::new();
    for _ in 0..STRETCHES {
        let is_free =
            |end: usize| stretches.iter().all(|stretch| end < stretch.start || stretch.end + width <= end + 1);
        let best = scores.iter().enumerate().filter(|(end, score)| **score > 0 && is_free(*end));
        let Some((end, _)) = best.max_by_key(|(end, score)| (**score, usize::MAX - end)) else { break };
        stretches.push((end + 1).saturating_sub(width)..end + 1);
    }
    // The stretch ends with the last word that is the same; the quotation may go on otherwise.
    let more = quotation.tokens.len() / 4 + 8;
    stretches.into_iter().map(|stretch| stretch.start..(stretch.end + more).min(source.len())).collect()
}

/// Compares a quotation with a stretch of a source, word by word.
fn compare(quotation: &Quotation<'_>, text: &str, source: &[Token]) -> Option<Nearest> {
    let ours: Vec<usize> = quotation.tokens.iter().map(|(_, token)| token.form).collect();
    let theirs: Vec<usize> = source.iter().map(|token| token.form).collect();
    let mut runs = Vec::new();
    for op in capture_diff_slices(Algorithm::Myers, &theirs, &ours) {
        let (theirs, ours) = (op.old_range(), op.new_range());
        if matches!(op, DiffOp::Equal { .. }) {
            runs.push(Run { of: Side::Both, ours, theirs });
            continue;
        }
        if !theirs.is_empty() {
            let of = if quotation.joints.contains(&ours.start) { Side::LeftOut } else { Side::Source };
            runs.push(Run { of, ours: ours.start..ours.start, theirs: theirs.clone() });
        }
        if !ours.is_empty() {
            runs.push(Run { of: Side::Quotation, ours, theirs: theirs.end..theirs.end });
        }
    }
    trim(&mut runs, End::First);
    trim(&mut runs, End::Last);
    let words = |side: Side| {
        let of_side = runs.iter().filter(|run| run.of == side);
        let words = of_side.map(|run| match side {
            Side::Quotation => quotation.tokens[run.ours.clone()].iter().filter(|(_, token)| token.is_word).count(),
            _ => source[run.theirs.clone()].iter().filter(|token| token.is_word).count(),
        });
        words.sum::<usize>()
    };
    let (same, all) = (words(Side::Both), 2 * words(Side::Both) + words(Side::Quotation) + words(Side::Source));
    let first = runs.iter().find(|run| !run.theirs.is_empty())?.theirs.start;
    let last = runs.iter().rfind(|run| !run.theirs.is_empty())?.theirs.end;
    let score = u32::try_from(2 * same * 1_000 / all.max(1)).ok()?;
    let edits = runs.iter().map(|run| run.edit(quotation, text, source)).collect();
    let strangers = strangers(quotation, text, source, &runs);
    let text = source[first].text.start..source[last - 1].text.end;
    (same > 1).then_some(Nearest { text, edits, score, strangers })
}

/// Words in a row that the same side has.
#[derive(Clone, Debug)]
struct Run {
    of: Side,
    ours: Range<usize>,
    theirs: Range<usize>,
}

impl Run {
    fn edit(&self, quotation: &Quotation<'_>, text: &str, source: &[Token]) -> Edit {
        let words = match self.of {
            Side::Quotation => {
                let mut words = String::new();
                let mut last: Option<(&str, usize)> = None;
                for (piece, token) in &quotation.tokens[self.ours.clone()] {
                    match last {
                        Some((other, end)) if std::ptr::eq(other, *piece) => {
                            words.push_str(&piece[end..token.text.start]);
                        }
                        Some(_) => words.push(' '),
                        None => {}
                    }
                    words.push_str(&piece[token.text.clone()]);
                    last = Some((piece, token.text.end));
                }
                words
            }
            _ => {
                let tokens = &source[self.theirs.clone()];
                let range = tokens.first().map_or(0, |token| token.text.start)..tokens.last().map_or(0, |t| t.text.end);
                text[range].to_owned()
            }
        };
        Edit { of: self.of, words }
    }
}

/// An end of a stretch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    First,
    Last,
}

/// Takes from an end what the source alone has, but for as many words as the quotation has others there. A few words that are the same
/// by chance, with many between them and the rest, are not taken for the same.
fn trim(runs: &mut Vec<Run>, end: End) {
    if end == End::Last {
        runs.reverse();
    }
    let is_kept = |number: &usize| runs[*number].of == Side::Both && !is_by_chance(&runs[*number], &runs[number + 1..]);
    if let Some(kept) = (0..runs.len()).find(is_kept) {
        let outer: Vec<Run> = runs.drain(..kept).collect();
        let ours = outer.iter().filter(|run| !run.ours.is_empty()).map(|run| run.ours.clone());
        let ours = ours.reduce(|all, one| all.start.min(one.start)..all.end.max(one.end)).unwrap_or(0..0);
        let beside = outer.iter().rev().take_while(|run| run.of != Side::Both).find(|run| run.of == Side::Source);
        let theirs = beside.map_or(0..0, |run| match end {
            End::First => run.theirs.start.max(run.theirs.end.saturating_sub(ours.len()))..run.theirs.end,
            End::Last => run.theirs.start..run.theirs.end.min(run.theirs.start + ours.len()),
        });
        let source = Run { of: Side::Source, ours: ours.start..ours.start, theirs: theirs.clone() };
        let quotation = Run { of: Side::Quotation, ours, theirs: theirs.end..theirs.end };
        let mut both = vec![source, quotation];
        both.retain(|run| !run.ours.is_empty() || !run.theirs.is_empty());
        if end == End::Last {
            both.reverse();
        }
        runs.splice(0..0, both);
    }
    if end == End::Last {
        runs.reverse();
    }
}

/// Whether some words that are the same have too much between them and the rest.
fn is_by_chance(same: &Run, rest: &[Run]) -> bool {
    let between = rest.iter().take_while(|run| run.of != Side::Both).filter(|run| run.of == Side::Source);
    let has_rest = rest.iter().any(|run| run.of == Side::Both);
    has_rest && between.map(|run| run.theirs.len()).sum::<usize>() > 3 * same.ours.len() + 1
}

/// Finds letters of another script in words that differ: in a word of several scripts those that its counterpart does not have, and
/// all of a word that is as long as its counterpart and of another script.
fn strangers(quotation: &Quotation<'_>, text: &str, source: &[Token], runs: &[Run]) -> Vec<Stranger> {
    let mut strangers = Vec::new();
    for pair in runs.windows(2) {
        let (theirs, ours) = match pair {
            [Run { of: Side::Source | Side::LeftOut, theirs, .. }, Run { of: Side::Quotation, ours, .. }] => {
                (theirs, ours)
            }
            [Run { of: Side::Quotation, ours, .. }, Run { of: Side::Source | Side::LeftOut, theirs, .. }] => {
                (theirs, ours)
            }
            _ => continue,
        };
        let ours = quotation.tokens[ours.clone()].iter().map(|(piece, token)| &piece[token.text.clone()]);
        let theirs = source[theirs.clone()].iter().map(|token| &text[token.text.clone()]);
        let (ours, theirs): (Vec<&str>, Vec<&str>) = (ours.collect(), theirs.collect());
        for (side, words, others) in [(Side::Quotation, &ours, &theirs), (Side::Source, &theirs, &ours)] {
            let expected: BTreeSet<&str> = others.iter().flat_map(|word| scripts(word)).collect();
            for word in words {
                let own = scripts(word);
                let has_twin = others.iter().any(|other| other.chars().count() == word.chars().count());
                let is_strange = own.len() > 1 || has_twin && own.is_disjoint(&expected);
                let is_home = |script: &str| expected.contains(script) && (expected.len() == 1 || own.len() == 1);
                if !is_strange || expected.is_empty() || own.iter().all(|script| is_home(script)) {
                    continue;
                }
                for letter in word.chars() {
                    if let Some(script) = script(letter).filter(|script| !is_home(script)) {
                        let (script, word) = (script.to_owned(), (*word).to_owned());
                        strangers.push(Stranger { letter, script, word, of: side });
                    }
                }
            }
        }
    }
    strangers
}

fn scripts(word: &str) -> BTreeSet<&'static str> {
    word.chars().filter_map(script).collect()
}

/// The script of a letter, as far as it can be taken for one of another script.
fn script(letter: char) -> Option<&'static str> {
    match letter.script() {
        Script::Common | Script::Inherited | Script::Unknown => None,
        _ if is_unspaced(letter) => None,
        script => Some(script.full_name()),
    }
}
