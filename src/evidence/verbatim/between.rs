//! What stands between two letters, and when it says the same in a quotation as in its source.
//!
//! Every mark counts, and so does its place. What may differ is how a mark is drawn, and white space where it says nothing.

use super::character::{Class, class, class_of_form, push_compatible};
use super::marks::{Dash, Mark, Sort, are_like, marks};
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

/// What it takes to take one for the other, where they stand between the same two letters; `None` if they say different things.
pub(super) fn inner(quotation: &Between<'_>, source: &Between<'_>) -> Option<Needed> {
    if quotation.text == source.text && quotation.woven == source.woven {
        return Some(Needed::NONE);
    }
    let points = points(quotation, source)?;
    let (ours, theirs) = (marks(quotation), marks(source));
    // The hyphen of `10-12` belongs there at the end of a line too.
    let may_vanish = [source.before, source.after].into_iter().flatten().all(char::is_alphabetic);
    let lines =
        like(&ours, &theirs, may_vanish).or_else(|| like(&ours, &without_reopening(&theirs, source), may_vanish))?;
    Some(points.and(needed(quotation.text, source.text, lines)))
}

/// Whether hyphens at line ends had to be read otherwise than they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LineEnds {
    AsWritten,
    Read,
}

/// Whether two rows of marks say the same. A hyphen at the end of a line may be none between letters.
fn like(ours: &[Mark], theirs: &[Mark], may_vanish: bool) -> Option<LineEnds> {
    let at_line_end = |marks: &[Mark]| matches!(marks, [Mark { sort: Sort::Dash(Dash::AtLineEnd), .. }]);
    if may_vanish && (ours.is_empty() && at_line_end(theirs) || theirs.is_empty() && at_line_end(ours)) {
        return Some(LineEnds::Read);
    }
    if !are_like(ours, theirs) {
        return None;
    }
    let has_become = |one: &[Mark], other: &[Mark]| {
        at_line_end(one) && matches!(other, [Mark { sort: Sort::Dash(Dash::Joining), .. }])
    };
    let is_read = has_become(ours, theirs) || has_become(theirs, ours);
    Some(if is_read { LineEnds::Read } else { LineEnds::AsWritten })
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
pub(super) fn needed(quotation: &str, source: &str, lines: LineEnds) -> Needed {
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
pub(super) fn points(quotation: &Between<'_>, source: &Between<'_>) -> Option<Needed> {
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
