//! The marks between letters: which stand there, in which order, and what each does.

use std::ops::Range;

use super::between::Between;
use super::character::{Class, class, is_ideographic, is_unspaced, push_compatible};

/// A mark, or several that are one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    pub(super) sort: Sort,
    /// Where it stands in what is between.
    pub(super) text: Range<usize>,
}

/// What sort of mark it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Space,
    /// A quotation mark of any style.
    Quote,
    /// A mark within a word.
    Apostrophe {
        is_double: bool,
    },
    Dash(Dash),
    Ellipsis,
    /// Any other, as it is in its usual form.
    Other(char),
}

/// What a dash does. The spaces around it are part of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dash {
    /// Joins two words: `re-sign`.
    Joining,
    /// Stands for "to", or joins two words, or separates them without spaces: `10–12`.
    Ranging,
    /// Separates: `united — not`.
    Separating,
    /// Begins a word, as the minus of a number: `-5`.
    Leading,
    /// Ends a word: `pre- and post-war`.
    Trailing,
    /// A hyphen at the end of a line, which may or may not belong to the word.
    AtLineEnd,
}

impl Dash {
    fn is_like(self, other: Dash) -> bool {
        let ranging = |one: Dash| matches!(one, Dash::Joining | Dash::Separating);
        let line_end = |one: Dash| matches!(one, Dash::Joining | Dash::Trailing);
        self == other
            || self == Dash::Ranging && ranging(other)
            || other == Dash::Ranging && ranging(self)
            || self == Dash::AtLineEnd && line_end(other)
            || other == Dash::AtLineEnd && line_end(self)
    }
}

impl Sort {
    pub(super) fn is_like(self, other: Sort) -> bool {
        match (self, other) {
            (Sort::Dash(one), Sort::Dash(other)) => one.is_like(other),
            _ => self == other,
        }
    }

    /// Whether a word goes on over it, for a quotation that begins just behind it.
    pub(super) fn goes_on_before(self) -> bool {
        match self {
            Sort::Dash(dash) => !matches!(dash, Dash::Separating | Dash::Trailing),
            Sort::Apostrophe { .. } => true,
            Sort::Space | Sort::Quote | Sort::Ellipsis | Sort::Other(_) => false,
        }
    }

    /// The same for a quotation that ends just before it.
    pub(super) fn goes_on_after(self) -> bool {
        match self {
            Sort::Dash(dash) => !matches!(dash, Dash::Separating | Dash::Leading),
            Sort::Apostrophe { .. } => true,
            Sort::Space | Sort::Quote | Sort::Ellipsis | Sort::Other(_) => false,
        }
    }

    /// A mark of the end of a sentence or a part of one, which a quotation's own sentence may ask for.
    pub(super) fn is_final(self) -> bool {
        matches!(self, Sort::Other('.' | ',' | ';' | ':' | '،' | '؛' | '۔' | '。' | '、' | '।' | '॥'))
    }

    /// A mark that makes of a sentence what it would not be without it.
    pub(super) fn is_telling(self) -> bool {
        matches!(self, Sort::Other('!' | '?' | '؟' | '‽' | '%' | '‰'))
    }
}

/// Whether two rows of marks are alike, one by one.
pub(super) fn are_like(ours: &[Mark], theirs: &[Mark]) -> bool {
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(one, other)| one.sort.is_like(other.sort))
}

/// The marks of what stands between two letters: each in its place, and spaces only where they say something.
pub(super) fn marks(between: &Between<'_>) -> Vec<Mark> {
    let raw = raw_marks(between);
    let raw = with_ellipses(&raw);
    let mut marks: Vec<Mark> = Vec::with_capacity(raw.len());
    let is_spaced = |mark: Option<&Raw>| mark.is_some_and(|mark| mark.class == Class::Space);
    for (number, mark) in raw.iter().enumerate() {
        let previous = number.checked_sub(1).and_then(|number| raw.get(number));
        let next = raw.get(number + 1);
        let sort = match mark.class {
            Class::Space if is_silent(between, &raw, number) => continue,
            Class::Space => Sort::Space,
            Class::Single | Class::Double => {
                let is_alone = raw.len() == 1;
                let is_in_word = |c: Option<char>| c.is_some_and(|c| !is_unspaced(c));
                if is_alone && is_in_word(between.before) && is_in_word(between.after) {
                    Sort::Apostrophe { is_double: mark.class == Class::Double }
                } else {
                    Sort::Quote
                }
            }
            Class::Hyphen | Class::En | Class::Em | Class::SoftHyphen => {
                let before = if number == 0 { between.before } else { None };
                let after = if number + 1 == raw.len() { between.after } else { None };
                let spaces = (is_spaced(previous), is_spaced(next));
                match dash(between, mark, before, after, spaces, number + 2 == raw.len()) {
                    Some(dash) => Sort::Dash(dash),
                    None => continue,
                }
            }
            Class::Ellipsis => Sort::Ellipsis,
            _ => Sort::Other(mark.char),
        };
        marks.push(Mark { sort, text: mark.text.clone() });
    }
    marks
}

/// What a dash does at its place; `None` for a soft hyphen that is not at the end of a line.
fn dash(
    between: &Between<'_>,
    mark: &Raw,
    before: Option<char>,
    after: Option<char>,
    (is_spaced_before, is_spaced_after): (bool, bool),
    is_last_but_space: bool,
) -> Option<Dash> {
    let is_in_word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let is_digit = |c: Option<char>| c.is_some_and(char::is_numeric);
    let is_hyphen = matches!(mark.class, Class::Hyphen | Class::SoftHyphen);
    let ends_line = is_hyphen
        && is_in_word(before)
        && is_last_but_space
        && is_in_word(between.after)
        && between.text[mark.text.end..].contains(['\n', '\r', '\u{2028}']);
    if ends_line {
        return Some(Dash::AtLineEnd);
    }
    Some(match mark.class {
        Class::SoftHyphen => return None,
        Class::Em if is_digit(before) && is_digit(after) => Dash::Ranging,
        Class::Em => Dash::Separating,
        _ if is_spaced_before && is_spaced_after => Dash::Separating,
        Class::Hyphen if before.is_some() && after.is_some() => Dash::Joining,
        Class::En if before.is_some() && after.is_some() => Dash::Ranging,
        Class::Hyphen if after.is_some() => Dash::Leading,
        Class::En if is_digit(after) => Dash::Leading,
        Class::Hyphen if before.is_some() => Dash::Trailing,
        _ => Dash::Separating,
    })
}

/// A mark as it is written.
#[derive(Clone, Debug)]
struct Raw {
    class: Class,
    /// In its usual form.
    char: char,
    text: Range<usize>,
}

/// The marks as they are written, without what is not seen; several spaces, dashes or ellipses in a row are one.
fn raw_marks(between: &Between<'_>) -> Vec<Raw> {
    let mut raw: Vec<Raw> = Vec::new();
    let mut forms = Vec::new();
    for (at, written) in between.text.char_indices() {
        forms.clear();
        push_compatible(written, &mut forms);
        let c = forms.first().copied().unwrap_or(written);
        let class = class(c);
        let text = at..at + written.len_utf8();
        match (raw.last_mut(), class) {
            (_, Class::Letter | Class::Point | Class::Extender | Class::ZeroWidth) => {}
            (Some(last), Class::Space | Class::Ellipsis) if last.class == class => last.text.end = text.end,
            (Some(last), Class::Hyphen | Class::En | Class::Em)
                if matches!(last.class, Class::Hyphen | Class::En | Class::Em) && last.text.end == at =>
            {
                last.class = Class::Em;
                last.text.end = text.end;
            }
            (Some(last), Class::Single) if last.class == class && last.char == c && last.text.end == at => {
                last.class = Class::Double;
                last.text.end = text.end;
            }
            _ => raw.push(Raw { class, char: c, text }),
        }
    }
    // A soft hyphen counts at the end of a line only.
    let is_line_end =
        |raw: &[Raw]| matches!(raw, [Raw { class: Class::SoftHyphen, .. }, Raw { class: Class::Space, .. }]);
    if !is_line_end(&raw) {
        raw.retain(|mark| mark.class != Class::SoftHyphen);
    }
    raw
}

/// The same marks with three full stops, spaced or not, made an ellipsis; of four, the first is a full stop.
fn with_ellipses(raw: &[Raw]) -> Vec<Raw> {
    let mut marks = Vec::with_capacity(raw.len());
    let mut at = 0;
    while at < raw.len() {
        let mut dots = Vec::new();
        let mut next = at;
        while raw.get(next).is_some_and(|mark| mark.class == Class::Dot) {
            dots.push(next);
            let is_spaced = raw.get(next + 1).is_some_and(|mark| mark.class == Class::Space)
                && raw.get(next + 2).is_some_and(|mark| mark.class == Class::Dot);
            next += if is_spaced { 2 } else { 1 };
        }
        let (Some(first), Some(last)) = (dots.first(), dots.last()) else {
            marks.push(raw[at].clone());
            at += 1;
            continue;
        };
        match dots.len() {
            1 | 2 => marks.extend_from_slice(&raw[*first..=*last]),
            4 => {
                marks.push(raw[*first].clone());
                let text = raw[dots[1]].text.start..raw[*last].text.end;
                marks.push(Raw { class: Class::Ellipsis, char: '…', text });
            }
            _ => {
                let text = raw[*first].text.start..raw[*last].text.end;
                marks.push(Raw { class: Class::Ellipsis, char: '…', text });
            }
        }
        at = last + 1;
    }
    marks
}

/// Whether a space says nothing at its place: beside a dash or an ellipsis, which have been asked for it; beside characters of Han or
/// Kana; at the end of a line in another script without spaces; before the marks before which French puts one; and within guillemets.
fn is_silent(between: &Between<'_>, raw: &[Raw], number: usize) -> bool {
    let previous = number.checked_sub(1).map(|number| &raw[number]);
    let next = raw.get(number + 1);
    let is = |mark: Option<&Raw>, classes: &[Class]| mark.is_some_and(|mark| classes.contains(&mark.class));
    let dashes = [Class::Hyphen, Class::En, Class::Em, Class::SoftHyphen, Class::Ellipsis];
    if is(previous, &dashes) || is(next, &dashes) {
        return true;
    }
    let written = |mark: &Raw| between.text[mark.text.clone()].chars().next();
    let before = previous.map_or(between.before, written);
    let after = next.map_or(between.after, written);
    let either = |is: fn(char) -> bool| before.is_some_and(is) || after.is_some_and(is);
    let is_among = between.before.is_some_and(is_ideographic) || between.after.is_some_and(is_ideographic);
    if is_among && either(is_ideographic) {
        return true;
    }
    let ends_line = between.text[raw[number].text.clone()].contains(['\n', '\r']);
    if ends_line && before.is_some_and(is_unspaced) && after.is_some_and(is_unspaced) {
        return true;
    }
    if next.is_some_and(|mark| matches!(mark.char, '!' | '?' | ';' | ':' | '%')) {
        return true;
    }
    let is_outside =
        |mark: Option<&Raw>, letter: Option<char>| mark.map_or(letter.is_none(), |m| m.class != Class::Single);
    let opens = previous.is_some_and(|mark| matches!(mark.char, '«' | '‹'));
    let closes = next.is_some_and(|mark| matches!(mark.char, '»' | '›'));
    opens
        && is_outside(number.checked_sub(2).map(|number| &raw[number]), if number == 1 { between.before } else { None })
        || closes && is_outside(raw.get(number + 2), if number + 2 == raw.len() { between.after } else { None })
}
