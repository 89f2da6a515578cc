//! What a quotation leaves out of its source: how much, and what it tells.

mod terms;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::between::Between;
use super::border::{blocks, has_several_speakers, label, words};
use super::character::{Class, class, is_ideographic};
use super::haystack::Haystack;
use super::marks::{Sort, marks};
use super::normal::Normal;
use super::search::MOST_REPLACED;
use crate::evidence::BlockKind;
use terms::LANGUAGES;

/// Words of a source that a quotation does not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Omission {
    /// Where they stand in [`Document::text`](crate::evidence::Document::text).
    pub text: Range<usize>,
    /// Why they are not shown.
    pub cause: Cause,
    /// How many words they are; of Chinese and other scripts without spaces, how many characters.
    pub words: usize,
    /// What they tell that a reader should know.
    pub tells: BTreeSet<Tells>,
    /// Which border lies between what stands before and after them.
    pub crosses: Crossing,
}

/// Why words are not shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// `[...]`, `…` and the like stand for them.
    Ellipsis,
    /// These words in brackets stand for them.
    Brackets(String),
}

/// What words tell without which a sentence may say something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tells {
    /// That something is not so: "not", "never", "denied".
    Negation,
    /// On what it depends: "if", "unless".
    Condition,
    /// Who says so: "said", "according to".
    Attribution,
}

/// A border between two pieces of a quotation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Crossing {
    /// None.
    #[default]
    Nothing,
    /// The source closes a quotation there, in the same paragraph.
    Quotation,
    /// The end of a paragraph.
    Paragraph,
    /// Words of another speaker: another cue's, or those of a quotation that was opened in a later paragraph after one was closed.
    Speaker,
}

/// Describes what is left out between two pieces.
pub(super) fn omission(hay: &Haystack<'_>, text: Range<usize>, cause: Cause) -> Omission {
    let hidden = &hay.document.text[text.clone()];
    Omission { cause, words: words(hidden), tells: tells(hidden), crosses: crosses(hay, &text), text }
}

/// What words in brackets stand for.
pub(super) enum Replaced {
    Nothing,
    /// The same word, but for the case of its first letter.
    FirstLetter,
    Words(Omission),
}

/// Compares words in brackets with those of the source in whose place they stand.
pub(super) fn replaced(hay: &Haystack<'_>, text: Range<usize>, inserted: &[String]) -> Replaced {
    let hidden = &hay.document.text[text.clone()];
    let ours = inserted.join(" ");
    if hidden.trim() == ours || Normal::new(hidden).letters.is_empty() {
        return Replaced::Nothing;
    }
    let (mut ours, mut theirs) = (ours.chars(), hidden.trim().chars());
    let first = (ours.next(), theirs.next());
    if let (Some(one), Some(other)) = first
        && one.to_lowercase().eq(other.to_lowercase())
        && ours.as_str() == theirs.as_str()
    {
        return Replaced::FirstLetter;
    }
    Replaced::Words(omission(hay, text, Cause::Brackets(inserted.join(" "))))
}

/// What words in brackets at the beginning of a quotation stand for: the rest of the word that they change, or the words from the
/// beginning of the sentence, if so few are there.
pub(super) fn before(hay: &Haystack<'_>, start: usize, inserted: &[String]) -> Option<Omission> {
    let text = &hay.document.text[..start];
    let word = text.rfind(|c| class(c) != Class::Letter);
    let sentence = text.rfind(ends_sentence);
    let behind = |at: usize| at + text[at..].chars().next().map_or(0, char::len_utf8);
    replaced_at_edge(hay, word.map_or(0, behind)..start, sentence.map_or(0, behind)..start, inserted)
}

/// The same for the end.
pub(super) fn after(hay: &Haystack<'_>, end: usize, inserted: &[String]) -> Option<Omission> {
    let text = &hay.document.text;
    let until = |found: Option<usize>| found.map_or(text.len(), |at| end + at);
    let word = until(text[end..].find(|c| class(c) != Class::Letter));
    replaced_at_edge(hay, end..word, end..until(text[end..].find(ends_sentence)), inserted)
}

fn replaced_at_edge(
    hay: &Haystack<'_>,
    rest_of_word: Range<usize>,
    rest_of_sentence: Range<usize>,
    inserted: &[String],
) -> Option<Omission> {
    if inserted.is_empty() {
        return None;
    }
    let text =
        if rest_of_word.is_empty() || is_unspaced_at(hay, &rest_of_word) { rest_of_sentence } else { rest_of_word };
    let count = hay.document.text[text.clone()].unicode_words().take(MOST_REPLACED + 1).count();
    if count > MOST_REPLACED {
        return None;
    }
    match replaced(hay, text, inserted) {
        Replaced::Words(omission) => Some(omission),
        Replaced::Nothing | Replaced::FirstLetter => None,
    }
}

/// Whether words have no borders that are seen in some part of a document.
fn is_unspaced_at(hay: &Haystack<'_>, text: &Range<usize>) -> bool {
    hay.document.text[text.clone()].contains(super::character::is_unspaced)
}

fn ends_sentence(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '\n' | '。' | '！' | '？' | '।' | '؟' | '۔') || class(c) == Class::Double
}

/// Which border lies in a part of a document.
fn crosses(hay: &Haystack<'_>, text: &Range<usize>) -> Crossing {
    let all = &hay.document.text;
    let around = text.start.saturating_sub(1)..(text.end + 1).min(all.len());
    let blocks = blocks(hay.document, &around);
    let (closes, opens_later) =
        quotes(&all[text.clone()], all[..text.start].chars().next_back(), all[text.end..].chars().next());
    // What one person says goes on from cue to cue.
    let is_transcript = blocks.iter().all(|block| matches!(block.kind, BlockKind::Cue { .. })) && !blocks.is_empty();
    let is_over_paragraphs = !is_transcript && (blocks.len() > 1 || all[text.clone()].contains("\n\n"));
    if has_several_speakers(blocks) || is_over_paragraphs && closes && opens_later || goes_to_another(all, text) {
        Crossing::Speaker
    } else if is_over_paragraphs {
        Crossing::Paragraph
    } else if closes {
        Crossing::Quotation
    } else {
        Crossing::Nothing
    }
}

/// Whether a line between two pieces begins with the label of another speaker than the one before.
fn goes_to_another(all: &str, text: &Range<usize>) -> bool {
    let lines = all[text.clone()].match_indices('\n').filter_map(|(at, _)| label(&all[text.start + at + 1..]));
    let labels: Vec<&str> = lines.chain(all[text.clone()].contains(" >> ").then_some(">>")).collect();
    // A line with a colon may be any; where people speak in turn, there is one before it too.
    let near = all.floor_char_boundary(text.start.saturating_sub(TURN))..text.start;
    let before = all[near].rsplit('\n').find_map(label);
    labels.iter().any(|other| match before {
        Some(before) => before != *other || !other.starts_with(char::is_alphanumeric),
        None => !other.starts_with(char::is_alphanumeric),
    })
}

/// How far back the label of the one who speaks is looked for, in bytes.
const TURN: usize = 4_000;

/// Whether a text closes a quotation that was opened before it, and opens another after that.
fn quotes(text: &str, before: Option<char>, after: Option<char>) -> (bool, bool) {
    let between = Between { text, before, after, ..Between::default() };
    let mut closes = false;
    for (start, _) in text.char_indices().filter(|(_, c)| matches!(class(*c), Class::Single | Class::Double)) {
        let mark = text[start..].chars().next();
        let left = text[..start].chars().next_back().or(between.before);
        let behind = start + mark.map_or(0, char::len_utf8);
        let right = text[behind..].chars().next().or(between.after);
        let is_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        let is_gap = |c: Option<char>| c.is_none_or(char::is_whitespace);
        if is_word(left) && is_word(right) && !left.is_some_and(is_ideographic) {
            continue;
        }
        let opens = match mark {
            Some('“' | '‘' | '„' | '‚' | '「' | '『' | '〝') if !is_gap(right) => {
                !(mark == Some('“') && is_gap(right))
            }
            Some('”' | '」' | '』' | '〞') => false,
            _ if is_gap(left) && !is_gap(right) => true,
            _ if is_gap(left) && is_gap(right) => matches!(mark, Some('«' | '‹')),
            _ => matches!(left, Some('(' | '[' | '¿' | '¡' | '—' | '-')),
        };
        if opens && closes {
            return (true, true);
        }
        closes |= !opens;
        if opens && !closes {
            // What opens first here is closed here too, or goes on behind: nothing was closed before.
            let is_closed =
                marks(&Between { text: &text[behind..], ..between }).iter().any(|mark| mark.sort == Sort::Quote);
            if !is_closed {
                return (false, true);
            }
        }
    }
    (closes, false)
}

/// What some words tell.
pub(super) fn tells(text: &str) -> BTreeSet<Tells> {
    let table = &*TABLE;
    let mut tells = BTreeSet::new();
    let letters = simple(text);
    for word in letters.unicode_words() {
        tells.extend(table.words.get(word).into_iter().flatten());
        for (ending, what) in &table.endings {
            if word.len() > ending.len() && word.ends_with(ending) {
                tells.insert(*what);
            }
        }
        for (beginning, what) in &table.beginnings {
            if word.len() > beginning.len() && word.starts_with(beginning) {
                tells.insert(*what);
            }
        }
        for prefix in terms::JOINED {
            let rest = word.strip_prefix(prefix).and_then(|rest| table.words.get(rest));
            tells.extend(rest.into_iter().flatten());
        }
    }
    let spaced = format!(" {} ", letters.unicode_words().collect::<Vec<_>>().join(" "));
    for (phrase, what) in &table.phrases {
        let is_there = match phrase.chars().all(super::character::is_unspaced) {
            true => letters.contains(phrase.as_str()),
            false => spaced.contains(&format!(" {phrase} ")),
        };
        if is_there {
            tells.insert(*what);
        }
    }
    tells
}

/// A text in small letters, without vowel points, and with one sort of apostrophe.
fn simple(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let kept = text
        .nfc()
        .filter(|c| !matches!(class(*c), Class::Point | Class::Extender | Class::SoftHyphen | Class::ZeroWidth));
    kept.map(|c| if class(c) == Class::Single { '\'' } else { c }).flat_map(char::to_lowercase).collect()
}

/// The terms of all languages, by how they are found.
#[derive(Default)]
struct Table {
    words: BTreeMap<String, BTreeSet<Tells>>,
    /// Several words, or characters of a script without spaces.
    phrases: Vec<(String, Tells)>,
    /// What a word ends in, or begins with.
    endings: Vec<(String, Tells)>,
    beginnings: Vec<(String, Tells)>,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table::default();
    for language in LANGUAGES {
        let sorts = [
            (language.negations, Tells::Negation),
            (language.conditions, Tells::Condition),
            (language.attributions, Tells::Attribution),
        ];
        for (terms, tells) in sorts {
            for term in terms {
                let term = simple(term);
                if let Some(ending) = term.strip_prefix('-') {
                    table.endings.push((ending.to_owned(), tells));
                } else if let Some(beginning) = term.strip_suffix('-') {
                    table.beginnings.push((beginning.to_owned(), tells));
                } else if term.contains(' ') || term.chars().all(super::character::is_unspaced) {
                    table.phrases.push((term, tells));
                } else {
                    table.words.entry(term).or_default().insert(tells);
                }
            }
        }
    }
    table
});
