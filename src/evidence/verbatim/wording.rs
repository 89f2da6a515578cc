//! The words of a quotation as what is looked for.
//!
//! An author may leave words out (`[...]`, `[…]`, `(…)`, `...`, `…`), put words of their own in brackets, and write the first letter in the
//! other case (`[T]he`). Quotations from a source that has such marks itself are found as they are: that is tried first.

use std::ops::Range;

use memchr::memmem::Finder;

use super::between::Between;
use super::character::{Class, class};
use super::normal::Normal;

/// The most pieces that a quotation may have; one with more is not looked for.
pub(super) const MOST_PIECES: usize = 100;

/// The longest text in brackets that is read as an insertion, in characters.
const LONGEST_INSERTION: usize = 400;

/// The words of a quotation as what is looked for: pieces, with what may stand between them.
#[derive(Clone, Debug)]
pub struct Wording {
    key: String,
    pub(super) parts: Vec<Part>,
    pub(super) pieces: Vec<Piece>,
    /// What joins a piece to the one after it; one fewer than pieces.
    pub(super) joints: Vec<Joint>,
    /// Words in brackets before the first piece and after the last.
    pub(super) before: Vec<String>,
    pub(super) after: Vec<String>,
    /// The same words with all marks taken as the source's own, where that may be another wording.
    pub(super) literal: Option<Box<Wording>>,
}

/// A part of the quotation: what stands between somebody else's words.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) text: String,
    pub(super) normal: Normal,
}

/// Words that follow each other in the source too.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// The part it belongs to.
    pub(super) part: usize,
    /// Its letters in the part's normal form.
    pub(super) letters: Range<usize>,
    /// Where it stands in the part's text, with the marks around it.
    pub(super) text: Range<usize>,
    /// Letters that may have the other case, which is as long, by their place in the part's letters.
    pub(super) flexible: Vec<(usize, char)>,
    /// The letters that are searched for, counted from the first of the piece, and the search.
    pub(super) probe: Range<usize>,
    pub(super) finder: Finder<'static>,
    /// Whether an editor's brackets stand in its first or last word.
    pub(super) starts_in_word: bool,
    pub(super) ends_in_word: bool,
}

/// What joins a piece to the one after it.
#[derive(Clone, Debug, Default)]
pub(super) struct Joint {
    pub(super) kind: JointKind,
    /// The words in brackets that stand there.
    pub(super) inserted: Vec<String>,
}

/// What may stand in the source between two pieces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum JointKind {
    /// Words that were left out.
    Omission,
    /// A few words that words in brackets stand for, or none.
    #[default]
    Insertion,
    /// Somebody else's words, outside of the quotation.
    Aside,
}

/// Reads the plain text of each part of a quotation; there are several where somebody else's words stand between them ("he said").
pub fn wording(parts: &[&str]) -> Wording {
    let mut read = read(parts, Marks::OfTheEditor);
    if let [part] = parts
        && (part.contains(['…', '⋯', '[', '［', '〔']) || part.contains("..") || part.contains(". ."))
    {
        read.literal = Some(Box::new(self::read(parts, Marks::OfTheSource)));
    }
    read
}

impl Wording {
    /// Whether there is no word that could be looked for.
    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// The words of each piece, as the quotation has them.
    pub fn pieces(&self) -> impl Iterator<Item = &str> {
        self.pieces.iter().map(|piece| {
            let text = &self.parts[piece.part].text[piece.text.clone()];
            text.trim_matches(|c: char| {
                matches!(class(c), Class::Space | Class::Single | Class::Double | Class::ZeroWidth)
            })
        })
    }

    /// How many words or groups of words in brackets the editor put in.
    pub fn insertions(&self) -> usize {
        self.before.len() + self.after.len() + self.joints.iter().map(|joint| joint.inserted.len()).sum::<usize>()
    }

    /// What is the same for two quotations when their words are, to be stored or hashed.
    pub fn key(&self) -> String {
        self.key.clone()
    }
}

impl Piece {
    /// What stands in the quotation before the piece's first letter, and after its last.
    pub(super) fn edges<'w>(&self, part: &'w Part) -> (Between<'w>, Between<'w>) {
        let mut leading = part.normal.between(&part.text, self.letters.start);
        let start = self.text.start.clamp(leading.start, leading.start + leading.text.len());
        leading.text = &leading.text[start - leading.start..];
        leading.start = start;
        leading.woven = "";
        leading.before = None;
        let mut trailing = part.normal.between(&part.text, self.letters.end);
        let end = self.text.end.clamp(trailing.start, trailing.start + trailing.text.len());
        trailing.text = &trailing.text[..end - trailing.start];
        trailing.after = None;
        (leading, trailing)
    }
}

/// Whose the brackets and ellipses in a quotation are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Marks {
    OfTheEditor,
    OfTheSource,
}

/// The text of a part, without brackets around first letters, and what its editor did.
struct Edited {
    text: String,
    edits: Vec<(Range<usize>, Editing)>,
    /// Where the letters stand that were in brackets.
    capitals: Vec<usize>,
}

/// Something in the text of a part that is not the source's.
enum Editing {
    Omission,
    Insertion(String),
}

fn read(parts: &[&str], marks: Marks) -> Wording {
    let mut wording = Wording {
        key: key(parts),
        parts: Vec::new(),
        pieces: Vec::new(),
        joints: Vec::new(),
        before: Vec::new(),
        after: Vec::new(),
        literal: None,
    };
    // What stands between the last piece and the one to come.
    let mut joint = Joint::default();
    for (number, text) in parts.iter().enumerate() {
        if number > 0 && !wording.pieces.is_empty() {
            joint.kind = JointKind::Aside;
        }
        let Edited { text, edits, capitals } = match marks {
            Marks::OfTheEditor => edited(text),
            Marks::OfTheSource => Edited { text: (*text).to_owned(), edits: Vec::new(), capitals: Vec::new() },
        };
        let part = Part { normal: Normal::new(&text), text };
        let mut start = 0;
        for (place, edit) in edits {
            push_piece(&mut wording, &mut joint, &part, start..place.start, &capitals);
            match edit {
                Editing::Omission if joint.kind == JointKind::Insertion => joint.kind = JointKind::Omission,
                Editing::Omission => {}
                Editing::Insertion(words) => {
                    let is_in_word = |c: Option<char>| c.is_some_and(|c| class(c) == Class::Letter);
                    if is_in_word(part.text[..place.start].chars().next_back())
                        && let Some(piece) = wording.pieces.last_mut()
                    {
                        piece.ends_in_word = true;
                    }
                    joint.inserted.push(words);
                }
            }
            start = place.end;
        }
        let end = part.text.len();
        push_piece(&mut wording, &mut joint, &part, start..end, &capitals);
        wording.parts.push(part);
    }
    wording.after = joint.inserted;
    wording
}

/// The parts, one after the other, each with a mark of its end that stands in none of them.
fn key(parts: &[&str]) -> String {
    let parts = parts.iter().map(|part| part.replace('\u{1b}', "\u{1b}[").replace('\u{1e}', "\u{1b}]"));
    parts.collect::<Vec<_>>().join("\u{1e}")
}

/// Adds a piece where a part of the text has letters, and what was before it.
fn push_piece(wording: &mut Wording, joint: &mut Joint, part: &Part, text: Range<usize>, capitals: &[usize]) {
    let letters = part.normal.letters_from(text.start)..part.normal.letters_from(text.end);
    // More pieces than are looked for need not be read.
    if letters.is_empty() || wording.pieces.len() > MOST_PIECES {
        return;
    }
    let all = &part.normal.letters;
    let flexible: Vec<(usize, char)> = capitals
        .iter()
        .filter(|at| text.contains(at))
        .filter_map(|at| {
            let at = part.normal.letters_from(*at);
            Some((at, other_case(all[at..].chars().next()?)?))
        })
        .collect();
    let probe = probe(all, &letters, &flexible);
    let finder = Finder::new(&all.as_bytes()[letters.start + probe.start..letters.start + probe.end]).into_owned();
    let is_bracket = |c: Option<char>| c.is_some_and(|c| matches!(c, ']' | '］'));
    let first = part.normal.start(letters.start).unwrap_or(text.start);
    let joint = std::mem::take(joint);
    let is_after_insertion = joint.kind == JointKind::Insertion && !joint.inserted.is_empty();
    let starts_in_word =
        is_after_insertion && first == text.start && is_bracket(part.text[..first].chars().next_back());
    if wording.pieces.is_empty() {
        wording.before = joint.inserted;
    } else {
        wording.joints.push(joint);
    }
    let part = wording.parts.len();
    let ends_in_word = false;
    wording.pieces.push(Piece { part, letters, text, flexible, probe, finder, starts_in_word, ends_in_word });
}

/// The longest stretch of letters that must be as they are, counted from the first.
fn probe(all: &str, letters: &Range<usize>, flexible: &[(usize, char)]) -> Range<usize> {
    let mut longest = 0..0;
    let mut start = letters.start;
    let ends = flexible.iter().map(|(at, other)| (*at, other.len_utf8())).chain([(letters.end, 0)]);
    for (end, length) in ends {
        debug_assert!(all.is_char_boundary(end));
        if end.saturating_sub(start) > longest.len() {
            longest = start - letters.start..end - letters.start;
        }
        start = end + length;
    }
    longest
}

/// The same letter in the other case, where it has one that is as long.
fn other_case(c: char) -> Option<char> {
    let mut lower = c.to_lowercase();
    let mut upper = c.to_uppercase();
    let other = if c.is_uppercase() { (lower.next()?, lower.next()) } else { (upper.next()?, upper.next()) };
    (other.1.is_none() && other.0 != c && other.0.len_utf8() == c.len_utf8()).then_some(other.0)
}

/// Finds what an editor did in a text: omissions and insertions with their places, and the first letters that were in brackets, which
/// are taken out of the text.
fn edited(text: &str) -> Edited {
    let mut clean = String::with_capacity(text.len());
    let mut edits = Vec::new();
    let mut capitals = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        let start = clean.len();
        if let Some(length) = ellipsis(rest) {
            clean.push_str(&rest[..length]);
            edits.push((start..clean.len(), Editing::Omission));
            at += length;
            continue;
        }
        if let Some((inner, length)) = bracket(rest) {
            let behind = &rest[length..];
            if let Some(letter) = first_letter(inner, text[..at].chars().next_back(), behind) {
                capitals.push(start);
                clean.push(letter);
                at += length;
                continue;
            }
            clean.push_str(&rest[..length]);
            edits.push((start..clean.len(), Editing::Insertion(inner.trim().to_owned())));
            at += length;
            continue;
        }
        clean.push(c);
        at += c.len_utf8();
    }
    Edited { text: clean, edits, capitals }
}

/// The length of a mark of omission at the beginning of a text, brackets included.
fn ellipsis(text: &str) -> Option<usize> {
    let first = text.chars().next()?;
    let closing = match first {
        '[' => Some(']'),
        '(' => Some(')'),
        '［' => Some('］'),
        '（' => Some('）'),
        '.' | '…' | '⋯' => None,
        _ => return None,
    };
    let Some(closing) = closing else { return dots(text) };
    let inner = text[first.len_utf8()..].trim_start();
    let dots = dots(inner)?;
    let rest = inner[dots..].trim_start().strip_prefix(closing)?;
    Some(text.len() - rest.len())
}

/// The length of an ellipsis at the beginning of a text; of four full stops the first ends a sentence.
fn dots(text: &str) -> Option<usize> {
    let one = text.find(|c| !matches!(c, '…' | '⋯')).unwrap_or(text.len());
    if one > 0 {
        return Some(one);
    }
    let mut ends = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '.' => ends.push(at + 1),
            _ if class(c) == Class::Space => {}
            _ => break,
        }
    }
    // A full stop, and then an ellipsis in one character.
    if ends.len() == 1 && text[1..].trim_start().starts_with('…') {
        return None;
    }
    (ends.len() == 3 || ends.len() > 4).then(|| ends.last().copied()).flatten()
}

/// What stands in brackets at the beginning of a text, and how long that is with them.
fn bracket(text: &str) -> Option<(&str, usize)> {
    let is_open = |c: char| matches!(c, '[' | '［' | '〔');
    let first = text.chars().next().filter(|c| is_open(*c))?;
    let mut depth = 0;
    for (at, c) in text.char_indices().take(LONGEST_INSERTION) {
        if is_open(c) {
            depth += 1;
            if depth > 8 {
                return None;
            }
        } else if matches!(c, ']' | '］' | '〕') {
            depth -= 1;
            if depth == 0 {
                return Some((&text[first.len_utf8()..at], at + c.len_utf8()));
            }
        }
    }
    None
}

/// The letter of `[T]he`.
fn first_letter(inner: &str, before: Option<char>, behind: &str) -> Option<char> {
    let mut chars = inner.chars();
    let letter = chars.next().filter(|c| c.is_alphabetic() && other_case(*c).is_some())?;
    let is_at_start = before.is_none_or(|c| !c.is_alphanumeric());
    let mut behind = behind.chars();
    let goes_on = match behind.next() {
        Some(c) if class(c) == Class::Single => behind.next().is_some_and(char::is_alphabetic),
        Some(c) => c.is_alphabetic(),
        None => false,
    };
    (chars.next().is_none() && is_at_start && goes_on).then_some(letter)
}
