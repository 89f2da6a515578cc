//! From how many independent origins some sources come: whatever repeats another is that other, under whatever address it stands.
//!
//! Sources are of one origin when one is syndicated from the other, or both from a third, however many stages lie between; and
//! when the words of a quotation went from one to the other through its hands (`via`): each hand's source, and each source that a
//! hand published, goes back to the first of them. That two have one publisher makes them of one origin no more than two witnesses
//! of one family are one.

use std::collections::BTreeSet;

use super::Number;
use crate::model::{Id, Source, Via};

/// Looks a source up by its id: its number, and its fields. Whoever asks decides which sources there are.
pub type LookUp<'l, 's> = dyn Fn(&Id) -> Option<(Number, &'s Source)> + 'l;

/// What some sources go back to, each origin once.
pub fn origins<'s>(
    cited: impl IntoIterator<Item = (Number, &'s Source)>,
    via: &[Via],
    look_up: &LookUp<'_, 's>,
) -> BTreeSet<Number> {
    let cited: Vec<(Number, &Source)> = cited.into_iter().collect();
    let published = |hand: &Via| {
        let is_theirs = |(_, source): &&(Number, &Source)| {
            source.publisher.as_ref().is_some_and(|publisher| publisher.as_str() == hand.actor.as_str())
        };
        cited.iter().filter(is_theirs).map(|(number, source)| (*number, *source)).collect::<Vec<_>>()
    };
    let chain: Vec<(Number, &Source)> =
        via.iter().flat_map(|hand| hand.source.as_ref().and_then(look_up).into_iter().chain(published(hand))).collect();
    let passed_on: BTreeSet<Number> = chain.iter().map(|(number, _)| *number).collect();
    let first = chain.first().map(|first| way(*first, look_up).1);
    let origin = |source: (Number, &'s Source)| {
        let (stages, end) = way(source, look_up);
        first.filter(|_| stages.iter().any(|stage| passed_on.contains(stage))).unwrap_or(end)
    };
    cited.iter().map(|source| origin(*source)).collect()
}

/// The sources from which one was taken, beginning with itself, and the one at the end. Of those that were taken from each other,
/// all come to the same one.
fn way<'s>(source: (Number, &'s Source), look_up: &LookUp<'_, 's>) -> (Vec<Number>, Number) {
    let mut stages = vec![source.0];
    let (mut last, mut at) = source;
    while let Some((number, from)) = at.syndicated_from.as_ref().and_then(look_up) {
        if let Some(again) = stages.iter().position(|stage| *stage == number) {
            last = stages[again..].iter().copied().min().unwrap_or(number);
            break;
        }
        stages.push(number);
        (last, at) = (number, from);
    }
    (stages, last)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Sources by their names, each with what is written of it, and the hands: how many origins those of one letter have.
    fn check(sources: &[(&str, &str)], via: &str, expected: usize) {
        let read = |yaml: &str| serde_yaml::from_str::<Source>(&format!("title: A source\n{yaml}")).unwrap();
        let all: BTreeMap<&str, (Number, Source)> =
            (0..).zip(sources).map(|(number, (id, yaml))| (*id, (number, read(yaml)))).collect();
        let via: Vec<Via> = serde_yaml::from_str(via).unwrap();
        let look_up = |id: &Id| all.get(id.as_str()).map(|(number, source)| (*number, source));
        let cited = all.iter().filter(|(id, _)| id.len() == 1).map(|(_, (number, source))| (*number, source));
        assert_eq!(origins(cited, &via, &look_up).len(), expected, "{sources:?} {via:?}");
    }

    #[test]
    fn sources_that_say_nothing_of_each_other_are_independent() {
        check(&[("a", ""), ("b", "")], "[]", 2);
        check(&[("a", "publisher: daily"), ("b", "publisher: daily")], "[]", 2);
        check(&[], "[]", 0);
    }

    #[test]
    fn what_is_syndicated_is_what_it_was_taken_from() {
        check(&[("a", ""), ("b", "syndicated_from: a")], "[]", 1);
        check(
            &[
                ("a", "syndicated_from: wire"),
                ("b", "syndicated_from: desk"),
                ("desk", "syndicated_from: wire"),
                ("wire", ""),
            ],
            "[]",
            1,
        );
        check(&[("a", "syndicated_from: wire"), ("b", "syndicated_from: nobody"), ("wire", "")], "[]", 2);
    }

    #[test]
    fn sources_taken_from_each_other_are_one() {
        check(&[("a", "syndicated_from: b"), ("b", "syndicated_from: c"), ("c", "syndicated_from: a")], "[]", 1);
        check(&[("a", "syndicated_from: b"), ("b", "syndicated_from: c"), ("c", "syndicated_from: b")], "[]", 1);
        check(&[("a", "syndicated_from: a"), ("b", "")], "[]", 2);
    }

    #[test]
    fn what_the_hands_passed_on_goes_back_to_the_first_of_them() {
        let both = "[{actor: x, source: a}, {actor: y, source: b}]";
        check(&[("a", ""), ("b", "")], both, 1);
        check(&[("a", ""), ("b", ""), ("c", "")], both, 2);
        check(&[("a", "syndicated_from: desk"), ("b", ""), ("desk", "")], both, 1);
        check(&[("a", "publisher: x"), ("b", "publisher: y"), ("c", "publisher: z")], "[x, y]", 2);
        check(
            &[("a", "syndicated_from: wire"), ("b", ""), ("wire", "")],
            "[{actor: x, source: wire}, {actor: y, source: b}]",
            1,
        );
    }
}
