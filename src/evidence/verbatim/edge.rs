//! The beginning and the end of a piece: its marks, and those of the source there.

use super::between::{Between, LineEnds, needed, points};
use super::character::{Class, class, class_of_form};
use super::marks::{Mark, Sort, are_like, marks};
use crate::evidence::Normalisation;
use crate::evidence::normalisation::Needed;

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
                let needed = needed(&quotation.text[our_start..], &source.text[start..], LineEnds::AsWritten);
                (source.start + start, stripped.and(needed))
            };
            let (near, far) = (edge(|_| false), edge(is_unseen));
            let edge = Edge { text: near.0, needed: near.1, further: (far.0 < near.0).then_some(far) };
            let goes_on = tail.is_empty() && theirs.last().is_some_and(|mark| mark.sort.goes_on_before());
            return (!goes_on).then_some(edge);
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
    let points = points(quotation, source)?;
    let theirs = marks(source);
    for way in ways(marks(quotation)) {
        let Some(head) = theirs.get(..way.marks.len()).filter(|head| are_like(&way.marks, head)) else { continue };
        let next = theirs[head.len()..].iter().map(|mark| mark.sort).find(|sort| *sort != Sort::Space);
        let ends_otherwise = way.needed.has(Normalisation::FinalMark) && next.is_some_and(Sort::is_telling);
        if ends_otherwise || head.is_empty() && theirs.first().is_some_and(|mark| mark.sort.goes_on_after()) {
            continue;
        }
        let reach = |marks: &[Mark], text: &str, is: fn(Class) -> bool| {
            let start = marks.last().map_or(0, |mark| mark.text.end);
            start + text[start..].find(|c| !is(class_of_form(c))).unwrap_or(text.len() - start)
        };
        let edge = |is: fn(Class) -> bool| {
            let (our_end, end) = (reach(&way.marks, quotation.text, is), reach(head, source.text, is));
            let needed = needed(&quotation.text[..our_end], &source.text[..end], LineEnds::AsWritten);
            (source.start + end, way.needed.and(points).and(needed))
        };
        let (near, far) = (edge(|class| matches!(class, Class::Point | Class::Extender)), edge(is_unseen));
        return Some(Edge { text: near.0, needed: near.1, further: (far.0 > near.0).then_some(far) });
    }
    None
}

/// A way to read the marks at the end of a quotation.
struct Way {
    /// Those that the source must have.
    marks: Vec<Mark>,
    needed: Needed,
}

/// The ways to read the marks at the end of a quotation: all as they are; without quotation marks at the very end; and without a mark
/// that its own sentence asks for.
fn ways(mut marks: Vec<Mark>) -> Vec<Way> {
    strip(&mut marks, |sort| matches!(sort, Sort::Space | Sort::Ellipsis));
    let mut bare = marks.clone();
    let is_outer = |sort| matches!(sort, Sort::Space | Sort::Quote);
    strip(&mut bare, is_outer);
    let needed = Needed::NONE.with_if(bare.len() < marks.len(), Normalisation::QuotationMarks);
    let mut ways = vec![Way { marks, needed: Needed::NONE }];
    if !needed.is_empty() {
        ways.push(Way { marks: bare.clone(), needed });
    }
    if bare.pop_if(|mark| mark.sort.is_final()).is_some() {
        let needed = needed.with(Normalisation::FinalMark);
        ways.push(Way { marks: bare.clone(), needed });
        strip(&mut bare, is_outer);
        ways.push(Way { marks: bare, needed: needed.with(Normalisation::QuotationMarks) });
    }
    ways
}

fn strip(marks: &mut Vec<Mark>, is: impl Fn(Sort) -> bool) {
    while marks.pop_if(|mark| is(mark.sort)).is_some() {}
}

/// Whether characters of a class belong to the word in which they stand.
fn is_unseen(class: Class) -> bool {
    matches!(class, Class::Point | Class::Extender | Class::ZeroWidth | Class::SoftHyphen)
}
