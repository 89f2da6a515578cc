//! Numbers that contradict each other, or say nothing alone.

use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::Number;
use crate::model::{Count, Fields};
use crate::parse::Step;
use crate::text;

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::ImpossibleCount], counts_go_from_low_to_high),
    Rule::record(&[Code::MissingKey], a_position_has_two_numbers),
];

fn counts_go_from_low_to_high(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Event(event) = &*record.fields else { return };
    for (index, count) in event.counts.iter().enumerate() {
        let Some((less, more)) = wrong_way_round(count) else { continue };
        let place =
            |field: Figure| scope.place(record, &[Step::Key("counts"), Step::Index(index), Step::Key(field.key)]);
        let message = format!(
            "of `{}`, {} ({}) is above {} ({})",
            text::excerpt(count.what.as_str(), 60),
            less.words,
            less.number,
            more.words,
            more.number
        );
        found.push(
            Diagnostic::new(Code::ImpossibleCount, message)
                .at(&record.origin.file, place(less))
                .related(&record.origin.file, place(more), more.words)
                .hint("look which number is right; `low` is the lowest that was given, `high` the highest, and `best` lies between them"),
        );
    }
}

/// One of the numbers of a count.
#[derive(Clone, Copy)]
struct Figure {
    key: &'static str,
    words: &'static str,
    number: u64,
}

/// Two numbers of which the first should not be above the second, and is. When the lowest and the highest are, where the best
/// estimate lies is no other mistake.
fn wrong_way_round(count: &Count) -> Option<(Figure, Figure)> {
    let figure = |key, words, number: Option<u64>| number.map(|number| Figure { key, words, number });
    let low = figure("low", "the lowest number", count.low);
    let best = figure("best", "the best estimate", count.best);
    let high = figure("high", "the highest number", count.high);
    let pairs = [(low, high), (low, best), (best, high)].into_iter().filter_map(|(less, more)| less.zip(more));
    pairs.into_iter().find(|(less, more)| less.number > more.number)
}

fn a_position_has_two_numbers(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Place(place) = &*record.fields else { return };
    let (written, missing) = match (place.lat, place.lon) {
        (Some(_), None) => ("lat", "lon"),
        (None, Some(_)) => ("lon", "lat"),
        _ => return,
    };
    found.push(
        scope
            .finding(
                Code::MissingKey,
                record,
                &[Step::Key(written)],
                format!("`{}` has `{written}` and no `{missing}`", record.id),
            )
            .label("alone it is no position")
            .hint(format!("add `{missing}: …`, or take `{written}` out")),
    );
}
