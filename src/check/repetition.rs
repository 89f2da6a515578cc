//! What stands twice in one list of a record.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{Rule, Scope, each_list_of_sources};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::Number;
use crate::model::{Fields, Id};
use crate::parse::{Record, Step};
use crate::text;

const CODES: &[Code] = &[Code::RepeatedEntry];

pub(super) const RULES: &[Rule] = &[
    Rule::record(CODES, an_actor_takes_part_once_in_a_role),
    Rule::record(CODES, a_source_is_cited_once_for_a_place_in_it),
    Rule::record(CODES, a_record_is_named_once),
];

fn an_actor_takes_part_once_in_a_role(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Event(event) = &*record.fields else { return };
    let list = List { scope, record, field: &[Step::Key("actors")] };
    list.stand_once(
        &event.actors,
        |part| (scope.shown(&part.actor), part.role.as_ref()),
        |(actor, role)| match role {
            Some(role) => format!("`{actor}` takes part twice as `{role}`"),
            None => format!("`{actor}` takes part twice"),
        },
        found,
    );
}

fn a_source_is_cited_once_for_a_place_in_it(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    each_list_of_sources(record, |field, citations| {
        let list = List { scope, record, field };
        list.stand_once(
            citations,
            // Two passages of a source without pages are told apart by their words.
            |citation| (scope.shown(&citation.source), citation.locator.as_ref(), citation.exact.as_ref()),
            |(source, locator, _)| match locator {
                Some(locator) => format!("`{source}` is cited twice at `{}`", text::excerpt(locator.as_str(), 60)),
                None => format!("`{source}` is cited twice"),
            },
            found,
        );
    });
}

fn a_record_is_named_once(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let mut once = |key, ids: &[Id]| {
        let list = List { scope, record, field: &[Step::Key(key)] };
        list.stand_once(ids, |id| scope.shown(id), |id| format!("`{id}` stands twice under `{key}`"), found);
    };
    match &*record.fields {
        Fields::Actor(actor) => once("not_same_as", &actor.not_same_as),
        Fields::Event(event) => once("follows", &event.follows),
        Fields::Quote(quote) => {
            once("to", &quote.to);
            once("about", &quote.about);
        }
        Fields::Source(_) | Fields::Place(_) | Fields::Page(_) => {}
    }
}

/// A list of a record.
struct List<'a> {
    scope: &'a Scope<'a>,
    record: &'a Record,
    field: &'a [Step<'static>],
}

impl List<'_> {
    /// Tells each entry that has the key of an earlier one.
    fn stand_once<'e, T: PartialEq, K: Ord + Copy>(
        &self,
        entries: &'e [T],
        key: impl Fn(&'e T) -> K,
        message: impl Fn(K) -> String,
        found: &mut Vec<Diagnostic>,
    ) {
        // Most lists have one entry.
        if entries.len() < 2 {
            return;
        }
        let mut first: BTreeMap<K, usize> = BTreeMap::new();
        for (at, entry) in entries.iter().enumerate() {
            let key = key(entry);
            let known = *first.entry(key).or_insert(at);
            if known == at {
                continue;
            }
            let finding = Diagnostic::new(Code::RepeatedEntry, message(key))
                .at(&self.record.origin.file, self.place(at))
                .related(&self.record.origin.file, self.place(known), "first here");
            let removal = (entries[known] == *entry).then(|| self.removal(at)).flatten();
            found.push(match removal {
                Some(place) => finding.hint("`dossier check --fix` takes the second out; or write what was meant").fix(
                    &self.record.origin.file,
                    place,
                    "",
                ),
                None => finding.hint("put what both of them say into one, or write what was meant"),
            });
        }
    }

    fn place(&self, at: usize) -> Range<usize> {
        self.scope.place(self.record, &[self.field, &[Step::Index(at)]].concat())
    }

    /// What has to go so that an entry goes, from the end of the one before it; nothing where a remark stands there, or something has a
    /// name for other places.
    fn removal(&self, at: usize) -> Option<Range<usize>> {
        let text = self.scope.text(self.record);
        let (before, own) = (self.place(at.checked_sub(1)?), self.place(at));
        let between = text.get(before.end..own.start)?.trim();
        let rest = text.get(own.end..)?.lines().next().unwrap_or_default().trim();
        let is_plain =
            !text.get(before.start..own.end)?.contains(['#', '&', '*', '!', '|', '>']) && !rest.contains('#');
        let is_entry = matches!(between, "," | "-") && (rest.is_empty() || rest.starts_with([',', ']', '}']));
        (is_plain && is_entry).then_some(before.end..own.end)
    }
}
