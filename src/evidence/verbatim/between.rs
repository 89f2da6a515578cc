//! What stands between two letters, and when it says the same in a quotation as in its source.
//!
//! Every mark counts, and so does its place. What may differ is how a mark is drawn, and white space where it says nothing.

use std::ops::Range;

use super::character::{Class, class, is_ideographic, is_unspaced, push_compatible};
use crate::evidence::Normalisation;
use crate::evidence::normalisation::Needed;

/// What stands between two letters of a text.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Between<'t> {
    /// The letters before, where points are written among them in an order of their own.
    pub(super) woven: &'t str,
    pub(super) text: &'t str,
    /// Where it stands in the whole text.
    pub(super) start: usize,
    /// The letters beside it.
    pub(super) before: Option<char>,
    pub(super) after: Option<char>,
}

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

    /// Whether a word ends at it, for a quotation that begins just behind it.
    fn is_border_before(self) -> bool {
        matches!(self, Dash::Separating | Dash::Trailing)
    }

    /// The same for a quotation that ends just before it.
    fn is_border_after(self) -> bool {
        matches!(self, Dash::Separating | Dash::Leading)
    }
}

impl Sort {
    pub(super) fn is_like(self, other: Sort) -> bool {
        match (self, other) {
            (Sort::Dash(one), Sort::Dash(other)) => one.is_like(other),
            _ => self == other,
        }
    }

    /// A mark of the end of a sentence or a part of one, which a quotation's own sentence may ask for.
    fn is_final(self) -> bool {
        matches!(self, Sort::Other('.' | ',' | ';' | ':' | '،' | '؛' | '۔' | '。' | '、' | '।' | '॥'))
    }

    /// A mark that makes of a sentence what it would not be without it.
    fn is_telling(self) -> bool {
        matches!(self, Sort::Other('!' | '?' | '؟' | '‽' | '%' | '‰'))
    }
}

/// What it takes to take one for the other, where they stand between the same two letters; `None` if they say different things.
pub(super) fn inner(quotation: &Between<'_>, source: &Between<'_>) -> Option<Needed> {
    if quotation.text == source.text && quotation.woven == source.woven {
        return Some(Needed::NONE);
    }
    let points = points(quotation, source)?;
    let (ours, theirs) = (marks(quotation), marks(source));
    let lines = like(&ours, &theirs).or_else(|| like(&ours, &without_reopening(&theirs, source)))?;
    Some(points.and(needed(quotation.text, source.text, lines)))
}

/// What a quotation's beginning or end takes, and up to where it reaches in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) needed: Needed,
    /// A place in the source's text.
    pub(super) text: usize,
    /// The same with the characters after it that are not seen, if there are any: where a word goes on over them, they belong to it.
    pub(super) further: Option<(usize, Needed)>,
}

/// Whether what stands before the first letter of a piece stands there in the source too.
pub(super) fn leading(quotation: &Between<'_>, source: &Between<'_>) -> Option<Edge> {
    let mut ours = marks(quotation);
    let theirs = marks(source);
    // Only spaces and marks of an omission can be left out at the outer end.
    let outer = ours.iter().take_while(|mark| matches!(mark.sort, Sort::Space | Sort::Ellipsis)).count();
    ours.drain(..outer);
    let mut stripped = Needed::NONE;
    loop {
        let tail = theirs.len().checked_sub(ours.len()).map(|start| &theirs[start..]);
        if let Some(tail) = tail.filter(|tail| are_like(&ours, tail)) {
            let reach = |marks: &[Mark], text: &str, is: fn(Class) -> bool| {
                let end = marks.first().map_or(text.len(), |mark| mark.text.start);
                let start = text[..end].trim_end_matches(|c| is(class_of_form(c))).len();
                // What has no width belongs to what stands before it.
                let first = text[start..end].find(|c| !matches!(class(c), Class::ZeroWidth | Class::SoftHyphen));
                first.map_or(end, |first| start + first)
            };
            let edge = |is: fn(Class) -> bool| {
                let (our_start, start) = (reach(&ours, quotation.text, is), reach(tail, source.text, is));
                let needed = needed(&quotation.text[our_start..], &source.text[start..], LineEnds::None);
                (source.start + start, stripped.and(needed))
            };
            let is_word = tail.is_empty()
                && theirs.last().is_some_and(|mark| match mark.sort {
                    Sort::Dash(dash) => !dash.is_border_before(),
                    Sort::Apostrophe { .. } => true,
                    _ => false,
                });
            let (near, far) = (edge(|_| false), edge(is_unseen));
            let edge = Edge { text: near.0, needed: near.1, further: (far.0 < near.0).then_some(far) };
            return (!is_word).then_some(edge);
        }
        if ours.first().is_none_or(|mark| mark.sort != Sort::Quote) {
            return None;
        }
        stripped = stripped.with(Normalisation::QuotationMarks);
        let outer = 1 + ours[1..].iter().take_while(|mark| mark.sort == Sort::Space).count();
        ours.drain(..outer);
    }
}

/// Whether what stands behind the last letter of a piece stands there in the source too.
pub(super) fn trailing(quotation: &Between<'_>, source: &Between<'_>) -> Option<Edge> {
    let points_needed = points(quotation, source)?;
    let theirs = marks(source);
    let mut ours = marks(quotation);
    while ours.last().is_some_and(|mark| matches!(mark.sort, Sort::Space | Sort::Ellipsis)) {
        ours.pop();
    }
    let mut without_quotes = ours.clone();
    while without_quotes.last().is_some_and(|mark| matches!(mark.sort, Sort::Space | Sort::Quote)) {
        without_quotes.pop();
    }
    let stripped = Needed::NONE.with_if(without_quotes.len() < ours.len(), Normalisation::QuotationMarks);
    let mut ways = vec![(ours, Needed::NONE)];
    if !stripped.is_empty() {
        ways.push((without_quotes.clone(), stripped));
    }
    if without_quotes.last().is_some_and(|mark| mark.sort.is_final()) {
        let final_mark = stripped.with(Normalisation::FinalMark);
        without_quotes.pop();
        ways.push((without_quotes.clone(), final_mark));
        let mut bare = without_quotes;
        while bare.last().is_some_and(|mark| matches!(mark.sort, Sort::Space | Sort::Quote)) {
            bare.pop();
        }
        ways.push((bare, final_mark.with(Normalisation::QuotationMarks)));
    }
    for (ours, way) in ways {
        let Some(head) = theirs.get(..ours.len()).filter(|head| are_like(&ours, head)) else { continue };
        let next = theirs[head.len()..].iter().map(|mark| mark.sort).find(|sort| *sort != Sort::Space);
        let is_final_mark = way.and(Needed::NONE.with(Normalisation::FinalMark)) == way;
        if is_final_mark && next.is_some_and(Sort::is_telling) {
            continue;
        }
        let is_word = head.is_empty()
            && theirs.first().is_some_and(|mark| match mark.sort {
                Sort::Dash(dash) => !dash.is_border_after(),
                Sort::Apostrophe { .. } => true,
                _ => false,
            });
        if is_word {
            continue;
        }
        let of_letter: fn(Class) -> bool = |class| matches!(class, Class::Point | Class::Extender);
        let reach = |marks: &[Mark], text: &str, is: fn(Class) -> bool| {
            let start = marks.last().map_or(0, |mark| mark.text.end);
            start + text[start..].find(|c| !is(class_of_form(c))).unwrap_or(text.len() - start)
        };
        let edge = |is: fn(Class) -> bool| {
            let (our_end, end) = (reach(&ours, quotation.text, is), reach(head, source.text, is));
            let needed = needed(&quotation.text[..our_end], &source.text[..end], LineEnds::None);
            (source.start + end, way.and(points_needed).and(needed))
        };
        let (near, far) = (edge(of_letter), edge(is_unseen));
        return Some(Edge { text: near.0, needed: near.1, further: (far.0 > near.0).then_some(far) });
    }
    None
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
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let is_digit = |c: Option<char>| c.is_some_and(char::is_numeric);
    let is_hyphen = matches!(mark.class, Class::Hyphen | Class::SoftHyphen);
    let ends_line = is_hyphen
        && is_letter(before)
        && is_last_but_space
        && is_letter(between.after)
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

/// Whether hyphens at line ends had to be read otherwise than they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LineEnds {
    None,
    Read,
}

fn are_like(ours: &[Mark], theirs: &[Mark]) -> bool {
    ours.len() == theirs.len() && ours.iter().zip(theirs).all(|(one, other)| one.sort.is_like(other.sort))
}

/// Whether two rows of marks say the same. A hyphen at the end of a line may be none.
fn like(ours: &[Mark], theirs: &[Mark]) -> Option<LineEnds> {
    let at_line_end = |marks: &[Mark]| matches!(marks, [Mark { sort: Sort::Dash(Dash::AtLineEnd), .. }]);
    if ours.is_empty() && at_line_end(theirs) || theirs.is_empty() && at_line_end(ours) {
        return Some(LineEnds::Read);
    }
    if !are_like(ours, theirs) {
        return None;
    }
    let has_become = |one: &[Mark], other: &[Mark]| {
        at_line_end(one) && matches!(other, [Mark { sort: Sort::Dash(Dash::Joining), .. }])
    };
    let is_read = has_become(ours, theirs) || has_become(theirs, ours);
    Some(if is_read { LineEnds::Read } else { LineEnds::None })
}

/// The marks of a source without the quotation mark that opens each paragraph of a quotation that goes on.
fn without_reopening(theirs: &[Mark], source: &Between<'_>) -> Vec<Mark> {
    let is_break = |mark: &Mark| mark.sort == Sort::Space && source.text[mark.text.clone()].contains("\n\n");
    let mut marks = theirs.to_vec();
    if let Some(at) = marks.iter().position(is_break)
        && !marks[..at].iter().any(|mark| mark.sort == Sort::Quote)
        && marks.get(at + 1).is_some_and(|mark| mark.sort == Sort::Quote)
    {
        marks.remove(at + 1);
    }
    marks
}

/// Which normalisations make two equal that say the same.
fn needed(quotation: &str, source: &str, lines: LineEnds) -> Needed {
    let differ = |is: fn(Class) -> bool| {
        let of = |text| of_class(text, is);
        !of(quotation).eq(of(source))
    };
    let has_ellipsis = |text: &str| text.contains(['…', '⋯']) || text.matches('.').count() > 2;
    let dots_differ = differ(|class| matches!(class, Class::Dot | Class::Ellipsis));
    let is_ellipsis = has_ellipsis(quotation) || has_ellipsis(source);
    let reads_lines = lines == LineEnds::Read;
    Needed::NONE
        .with_if(reads_lines, Normalisation::LineHyphens)
        .with_if(!reads_lines && differ(|class| class == Class::Space), Normalisation::WhiteSpace)
        .with_if(!reads_lines && differ(|class| class == Class::SoftHyphen), Normalisation::SoftHyphens)
        .with_if(
            !reads_lines && differ(|class| matches!(class, Class::Hyphen | Class::En | Class::Em)),
            Normalisation::Dashes,
        )
        .with_if(differ(|class| matches!(class, Class::Single | Class::Double)), Normalisation::QuotationMarks)
        .with_if(dots_differ && is_ellipsis, Normalisation::Ellipsis)
        .with_if(dots_differ && !is_ellipsis || differ(|class| class == Class::Mark), Normalisation::CompatibleForms)
        .with_if(differ(|class| class == Class::ZeroWidth), Normalisation::ZeroWidth)
        .with_if(differ(|class| class == Class::Extender), Normalisation::Points)
}

/// The characters of some classes, as they are written.
fn of_class(text: &str, is: fn(Class) -> bool) -> impl Iterator<Item = char> {
    text.chars().filter(move |c| is(class_of_form(*c)))
}

/// What the vowel points of the same letter take: those of one must all be among those of the other.
fn points(quotation: &Between<'_>, source: &Between<'_>) -> Option<Needed> {
    let of = |between: &Between<'_>| {
        let mut points: Vec<char> = Vec::new();
        let mut forms = Vec::new();
        for c in between.woven.chars().chain(between.text.chars()) {
            forms.clear();
            if push_compatible(c, &mut forms).is_none() {
                forms.push(c);
            }
            points.extend(forms.iter().filter(|c| class(**c) == Class::Point));
        }
        points
    };
    let (mut ours, mut theirs) = (of(quotation), of(source));
    if ours == theirs {
        return Some(Needed::NONE);
    }
    ours.sort_unstable();
    theirs.sort_unstable();
    if ours == theirs {
        return Some(Needed::NONE.with(Normalisation::UnicodeForm));
    }
    let (few, many) = if ours.len() < theirs.len() { (&ours, &theirs) } else { (&theirs, &ours) };
    let is_within = few.iter().all(|point| many.binary_search(point).is_ok());
    is_within.then(|| Needed::NONE.with(Normalisation::Points))
}

/// Whether characters of a class belong to the word in which they stand.
fn is_unseen(class: Class) -> bool {
    matches!(class, Class::Point | Class::Extender | Class::ZeroWidth | Class::SoftHyphen)
}

/// The class of a character's usual form.
fn class_of_form(c: char) -> Class {
    let mut forms = Vec::new();
    push_compatible(c, &mut forms);
    class(forms.first().copied().unwrap_or(c))
}
