//! Where a word or a number ends (UAX 29, and more), and a paragraph's speaker.

use std::ops::Range;

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::character::{Class, class, is_unspaced};
use crate::evidence::{Block, BlockKind, Document};

/// How far a border of words is looked for, in characters to each side.
const NEAR: usize = 32;

/// Whether no word or number goes on over a place in a text. In scripts that put no spaces between words, words end between any two
/// characters as a reader sees them.
pub(super) fn is_word_border(text: &str, at: usize) -> bool {
    if is_in_number(text, at) {
        return false;
    }
    let before = text[..at].chars().next_back();
    let after = text[at..].chars().next();
    let (Some(before), Some(after)) = (before, after) else { return true };
    if before.is_whitespace() || after.is_whitespace() {
        return true;
    }
    if is_unspaced(before) || is_unspaced(after) {
        if is_bound_to_next(before) || is_bound_to_last(after) {
            return false;
        }
        return GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0) == Ok(true);
    }
    let is_near = |(number, (_, c)): &(usize, (usize, char))| *number < NEAR && !c.is_whitespace();
    let start = text[..at].char_indices().rev().enumerate().take_while(is_near).last();
    let end = text[at..].char_indices().enumerate().take_while(is_near).last();
    let start = start.map_or(at, |(_, (place, _))| place);
    let end = end.map_or(at, |(_, (place, c))| at + place + c.len_utf8());
    text[start..end].split_word_bound_indices().any(|(place, _)| start + place == at)
}

/// A vowel of Thai or Lao that is written before the letter after which it is spoken.
fn is_bound_to_next(c: char) -> bool {
    matches!(c, '\u{e40}'..='\u{e44}' | '\u{ec0}'..='\u{ec4}')
}

/// A mark of length or repetition, or a small kana, which is read as one with what stands before it. Small `っ` begins words.
fn is_bound_to_last(c: char) -> bool {
    matches!(
        c,
        'ー' | '々'
            | '〻'
            | 'ゝ'
            | 'ゞ'
            | 'ヽ'
            | 'ヾ'
            | 'ゃ'
            | 'ゅ'
            | 'ょ'
            | 'ぁ'
            | 'ぃ'
            | 'ぅ'
            | 'ぇ'
            | 'ぉ'
            | 'ゎ'
            | 'ャ'
            | 'ュ'
            | 'ョ'
            | 'ァ'
            | 'ィ'
            | 'ゥ'
            | 'ェ'
            | 'ォ'
            | 'ヮ'
            | 'ｰ'
            | 'ｬ'
            | 'ｭ'
            | 'ｮ'
            | 'ｧ'
            | 'ｨ'
            | 'ｩ'
            | 'ｪ'
            | 'ｫ'
            | 'ๆ'
            | 'ໆ'
    )
}

/// Whether a number goes on over a place: to its sign of money or percent, its exponent or fraction, the rest of a time or ratio, or the
/// digits after a space that does not break.
fn is_in_number(text: &str, at: usize) -> bool {
    let (head, tail) = (&text[..at], &text[at..]);
    let (mut before, mut after) = (head.chars().rev(), tail.chars());
    let (Some(last), Some(first)) = (before.next(), after.next()) else { return false };
    let is_within = |c: char| matches!(c, ':' | '/' | '⁄' | '×' | '^' | '\u{a0}' | '\u{2009}' | '\u{202f}');
    let is_space = |c: char| matches!(c, ' ' | '\u{a0}' | '\u{2009}' | '\u{202f}');
    if is_digit(last) {
        let mut sign = tail.trim_start_matches(is_space).chars();
        let (sign, behind) = (sign.next(), sign.next());
        // In `in 2023 $5 million` the sign belongs to the next number.
        return is_part(first)
            || sign.is_some_and(is_of_number)
            || sign.is_some_and(is_money) && !behind.is_some_and(is_digit)
            || is_within(first) && after.next().is_some_and(|c| is_digit(c) || is_part(c));
    }
    if is_digit(first) {
        let mut sign = head.trim_end_matches(is_space).chars().rev();
        let (sign, behind) = (sign.next(), sign.find(|c| !is_space(*c)));
        return matches!(last, '±' | '+' | '~' | '<' | '>' | '≤' | '≥' | '≈' | '#' | '№' | '§')
            || sign.is_some_and(is_money) && !behind.is_some_and(is_digit)
            || is_within(last) && before.next().is_some_and(is_digit);
    }
    false
}

fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
        || c.is_numeric() && !is_part(c) && !matches!(c, '\u{2460}'..='\u{24ff}' | '\u{2776}'..='\u{2793}')
}

/// An exponent, an index or a fraction.
fn is_part(c: char) -> bool {
    matches!(c, '²' | '³' | '¹' | '¼' | '½' | '¾' | '\u{2070}'..='\u{208e}' | '\u{2150}'..='\u{215f}' | '\u{2189}')
}

/// A sign that says of what a number before it is, however it is spaced.
fn is_of_number(c: char) -> bool {
    matches!(c, '%' | '‰' | '‱' | '٪' | '％' | '﹪' | '°' | '℃' | '℉' | '′' | '″')
}

fn is_money(c: char) -> bool {
    matches!(
        c,
        '$' | '¢' | '£' | '¤' | '¥' | '֏' | '؋' | '৲' | '৳' | '૱' | '௹' | '฿' | '៛' | '\u{20a0}'
            ..='\u{20cf}' | '﷼' | '﹩' | '＄' | '￠' | '￡' | '￥' | '￦'
    )
}

/// The number of words in a text. Of scripts that put no spaces between words, each character counts.
pub(super) fn words(text: &str) -> usize {
    text.unicode_words().count()
}

/// The blocks of a document that a part of its text touches.
pub(super) fn blocks<'d>(document: &'d Document, text: &Range<usize>) -> &'d [Block] {
    let first = document.blocks.partition_point(|block| block.text.end <= text.start);
    let behind = document.blocks.partition_point(|block| block.text.start < text.end);
    &document.blocks[first.min(behind)..behind]
}

/// Whether more than one person speaks in some blocks, as far as the document says who.
pub(super) fn has_several_speakers(blocks: &[Block]) -> bool {
    let mut speakers = blocks.iter().filter_map(|block| match &block.kind {
        BlockKind::Cue { speaker, .. } => speaker.as_ref(),
        _ => None,
    });
    let first = speakers.next();
    speakers.any(|speaker| Some(speaker) != first)
}

/// Who speaks by the label at the beginning of a line: `JANE DOE: …`, `Q. …`, `>> …`, `— …`. A sign alone tells that somebody else does.
pub(super) fn label(line: &str) -> Option<&str> {
    let bare = line.trim_start_matches([' ', '\t']);
    let spoken = bare.trim_start_matches(['>', '-', '–', '—', '―', ' ']);
    let signs = bare[..bare.len() - spoken.len()].trim_end();
    let end = spoken.char_indices().take(LONGEST_LABEL).find(|(_, c)| matches!(c, ':' | '：' | '.' | '\n'));
    let name = end.filter(|(_, c)| *c != '\n').map(|(at, c)| (&spoken[..at], c, &spoken[at + c.len_utf8()..]));
    let name = name.filter(|(name, mark, behind)| {
        let is_apart = behind.starts_with(char::is_whitespace) || *mark == '：';
        is_apart && if *mark == '.' { matches!(*name, "Q" | "A") } else { is_name(name) }
    });
    match name {
        Some((name, ..)) => Some(name),
        None if matches!(signs, ">>" | ">>>" | "—" | "–" | "―") => Some(signs),
        None => None,
    }
}

/// The longest label of a speaker, in characters.
const LONGEST_LABEL: usize = 48;

/// Whether each word could be one of a name: of at most five, without marks, the first and last with a capital where there are any.
fn is_name(words: &str) -> bool {
    let all: Vec<&str> = words.split_whitespace().collect();
    let is_capital = |word: &&str| word.chars().find(|c| c.is_alphabetic()).is_some_and(|c| !c.is_lowercase());
    (1..=5).contains(&all.len())
        && all.first().is_some_and(is_capital)
        && all.last().is_some_and(is_capital)
        && words.chars().all(|c| {
            c.is_alphanumeric()
                || matches!(c, ' ' | '-' | '\'' | '’' | '·' | '(' | ')')
                || !c.is_ascii() && class(c) == Class::Letter
        })
}
