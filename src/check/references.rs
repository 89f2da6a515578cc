//! What records refer to: records that readers do not see or that were withdrawn, themselves, and each other in a loop; and records to
//! which nothing leads.

use std::collections::{BTreeMap, BTreeSet};

use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::link::{LinkTo, Number, Role, each_reference};
use crate::model::{Fields, Hold, Kind, StatusWord};
use crate::parse::{Record, Step};

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::WithheldReference], readers_see_what_is_referred_to),
    Rule::record(&[Code::RetractedReference], what_is_referred_to_stands),
    Rule::record(&[Code::SelfReference], a_record_does_not_refer_to_itself),
    Rule::record(&[Code::ReferenceLoop], words_pass_each_hand_once),
    Rule::whole(&[Code::ReferenceLoop], &[Kind::Event, Kind::Quote, Kind::Source], |_, _| true, references_have_an_end),
    Rule::whole(&[Code::Orphan, Code::UnusedSource], &Kind::ALL, are_held_back_alike, each_record_is_of_use)
        .at_public(),
];

/// Why readers do not see a record whatever it says of a person.
fn hold(scope: &Scope<'_>, record: &Record) -> Option<Hold> {
    record.fields.common().holds(scope.today).next()
}

/// Whether readers do not see a record whatever it says of a person.
pub(super) fn is_held_back(scope: &Scope<'_>, record: &Record) -> bool {
    hold(scope, record).is_some()
}

pub(super) fn are_held_back_alike(one: &Record, other: &Record) -> bool {
    let of = |record: &Record| {
        let common = record.fields.common();
        (common.visibility, common.draft, common.publish_at.cloned(), common.takedown.map(|takedown| takedown.done))
    };
    of(one) == of(other)
}

fn readers_see_what_is_referred_to(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    // Nearly no record has any, and then nothing more is asked.
    let edges = &scope.dossier.outgoing[number as usize].edges;
    // What lies outside of the dossier is nothing that it could refer to at all.
    let is_hidden =
        |to: Number| to != number && is_held_back(scope, scope.record(to)) && !scope.record(to).origin.is_outside;
    if !edges.iter().any(|edge| is_hidden(edge.to)) || is_held_back(scope, record) {
        return;
    }
    let finding = |to: Number, place| {
        let other = scope.record(to);
        let why = match hold(scope, other) {
            Some(Hold::Sealed) => "sealed",
            Some(Hold::Internal) => "internal",
            Some(Hold::Withdrawn) => "withdrawn",
            Some(Hold::Draft) => "a draft",
            Some(Hold::Embargoed) | None => "embargoed",
        };
        let way_out = match hold(scope, other) {
            Some(Hold::Withdrawn) => {
                "take the reference out, or allow this finding; readers find nothing where it stands"
            }
            _ => "publish that record too, or take the reference out; readers find nothing where it stands",
        };
        Diagnostic::new(Code::WithheldReference, format!("readers will not see `{}`, which is {why}", other.id))
            .at(&record.origin.file, place)
            .related(&other.origin.file, other.origin.start(scope.text(other)), "this record")
            .hint(way_out)
    };
    // A field that readers do not see may lead to whom they do not see.
    let open = record.closed.as_ref().map(|closed| &closed.open);
    let mut shown = BTreeSet::new();
    if let Some(open) = open {
        each_reference(&open.fields, &mut |reference| shown.extend(scope.resolve(&reference)));
    }
    each_reference(&record.fields, &mut |reference| {
        let to = scope.resolve(&reference).filter(|to| is_hidden(*to) && (open.is_none() || shown.contains(to)));
        if let Some(to) = to {
            found.push(finding(to, scope.place(record, &reference.path.steps())));
        }
    });
    // A text is told of each record once, however often it leads there.
    let mut told = BTreeSet::new();
    scope.each_link(number, |slot, to, place| {
        let is_shown = open.is_none_or(|open| open.texts.get(slot) == record.texts.get(slot));
        if is_hidden(to) && is_shown && told.insert((slot, to)) {
            found.push(finding(to, place()));
        }
    });
}

fn what_is_referred_to_stands(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let is_retracted =
        |record: &Record| record.fields.common().status.is_some_and(|status| status.is == StatusWord::Retracted);
    let edges = &scope.dossier.outgoing[number as usize].edges;
    if !edges.iter().any(|edge| is_retracted(scope.record(edge.to))) || is_retracted(record) {
        return;
    }
    each_reference(&record.fields, &mut |reference| {
        let Some(to) = scope.resolve(&reference) else { return };
        let rests_on = match reference.role {
            Role::Cited | Role::PartOf | Role::Follows | Role::Answers | Role::AtEvent | Role::ReplyQuote => true,
            // A word about what was withdrawn is no mistake, nor is a person who took part in it.
            _ => false,
        };
        let other = scope.record(to);
        if rests_on && is_retracted(other) {
            let message = format!("`{}` was retracted, and this record still rests on it", other.id);
            found.push(
                scope
                    .finding(Code::RetractedReference, record, &reference.path.steps(), message)
                    .related(&other.origin.file, scope.place(other, &[Step::Key("status")]), "retracted here")
                    .hint("look for another source, or say `status: retracted` here as well"),
            );
        }
    });
}

fn a_record_does_not_refer_to_itself(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let outgoing = &scope.dossier.outgoing[number as usize];
    if outgoing.edges.iter().any(|edge| edge.to == number) {
        each_reference(&record.fields, &mut |reference| {
            if scope.resolve(&reference) == Some(number) {
                let message = format!("`{}` refers to itself under `{}`", record.id, reference.path);
                found.push(
                    scope
                        .finding(Code::SelfReference, record, &reference.path.steps(), message)
                        .hint("name the other record that was meant, or take it out"),
                );
            }
        });
    }
    for (slot, links) in &outgoing.targets {
        for (index, link) in (0..).zip(links) {
            // A link to a heading of the same page leads somewhere.
            let is_told =
                found.last().is_some_and(|last| last.code == Code::SelfReference && last.severity == Severity::Warning);
            if matches!(link, LinkTo::Record(to, anchor) if *to == number && anchor.is_empty()) && !is_told {
                let finding = Diagnostic::new(Code::SelfReference, format!("`{}` links to itself", record.id))
                    .at(&record.origin.file, scope.link_place(record, *slot, index))
                    .hint("name the other record that was meant, or write the words without a link");
                found.push(Diagnostic { severity: Severity::Warning, ..finding });
            }
        }
    }
}

fn words_pass_each_hand_once(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Quote(quote) = &*record.fields else { return };
    if quote.via.len() < 2 {
        return;
    }
    let mut seen = BTreeMap::new();
    for (index, hand) in quote.via.iter().enumerate() {
        let key = (hand.actor.as_str(), hand.source.as_ref().map(|source| source.as_str()));
        let path = |index| [Step::Key("via"), Step::Index(index), Step::Key("actor")];
        match seen.get(&key) {
            None => {
                seen.insert(key, index);
            }
            Some(first) => found.push(
                scope
                    .finding(
                        Code::ReferenceLoop,
                        record,
                        &path(index),
                        format!("the words pass through `{}` twice", hand.actor),
                    )
                    .related(&record.origin.file, scope.place(record, &path(*first)), "first here")
                    .hint("name each hand once, in the order in which the words went through them"),
            ),
        }
    }
}

/// The references that must come to an end, and what is said of one that does not.
const CHAINS: [(Role, &str, &str); 4] = [
    (Role::PartOf, "part_of", "is part of itself"),
    (Role::Follows, "follows", "follows from itself"),
    (Role::Answers, "in_reply_to", "answers itself"),
    (Role::Repeats, "syndicated_from", "is repeated from itself"),
];

fn references_have_an_end(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    for (role, field, what) in CHAINS {
        let mut next: BTreeMap<Number, Vec<Number>> = BTreeMap::new();
        for edge in scope.dossier.edges.iter().filter(|edge| edge.role == role && edge.from != edge.to) {
            next.entry(edge.from).or_default().push(edge.to);
        }
        for chain in loops(&next) {
            let first = scope.record(chain[0]);
            let place = |record: &Record| scope.place(record, &[Step::Key(field)]);
            let way: Vec<Number> = chain.iter().chain(chain.first()).copied().collect();
            let message = format!("`{}` {what}: {}", first.id, shortened(scope, &way));
            let finding = Diagnostic::new(Code::ReferenceLoop, message)
                .at(&first.origin.file, place(first))
                .hint(format!("take out one of the `{field}` on the way"));
            let others = chain[1..].iter().take(10).map(|number| scope.record(*number));
            found.push(
                others
                    .fold(finding, |finding, other| finding.related(&other.origin.file, place(other), "and this one")),
            );
        }
    }
}

/// A way of at most a dozen steps.
fn shortened(scope: &Scope<'_>, way: &[Number]) -> String {
    let id = |number: &Number| scope.record(*number).id.to_string();
    if way.len() <= 12 {
        return way.iter().map(id).collect::<Vec<_>>().join(" → ");
    }
    let (start, end) = (way[..6].iter().map(id), way[way.len() - 5..].iter().map(id));
    let ids: Vec<String> = start.chain([format!("… {} more …", way.len() - 11)]).chain(end).collect();
    ids.join(" → ")
}

/// How many loops of one sort are told; who has more has one mistake that makes them all.
const MOST_LOOPS: usize = 50;

/// The loops in a graph, each from its lowest number; as many as take all loops apart when each loses one reference.
fn loops(next: &BTreeMap<Number, Vec<Number>>) -> Vec<Vec<Number>> {
    let mut found = Vec::new();
    let mut done: BTreeSet<Number> = BTreeSet::new();
    for start in next.keys() {
        // The way to where we stand, and how many of the references of each were followed.
        let mut way: Vec<(Number, usize)> = Vec::new();
        let mut on_way: BTreeMap<Number, usize> = BTreeMap::new();
        let mut enter = Some(*start).filter(|start| !done.contains(start));
        loop {
            if let Some(number) = enter.take() {
                on_way.insert(number, way.len());
                way.push((number, 0));
            }
            let Some((number, followed)) = way.last_mut() else { break };
            let Some(to) = next.get(number).and_then(|all| all.get(*followed)).copied() else {
                done.insert(*number);
                on_way.remove(number);
                way.pop();
                continue;
            };
            *followed += 1;
            match on_way.get(&to) {
                Some(_) if found.len() >= MOST_LOOPS => {}
                Some(at) => {
                    let mut chain: Vec<Number> = way[*at..].iter().map(|(number, _)| *number).collect();
                    let lowest = chain.iter().enumerate().min_by_key(|(_, number)| **number).map_or(0, |(at, _)| at);
                    chain.rotate_left(lowest);
                    found.push(chain);
                }
                None if done.contains(&to) => {}
                None => enter = Some(to),
            }
        }
    }
    found
}

fn each_record_is_of_use(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    // A record that cannot be read may be what leads there.
    if !scope.dossier.index.broken().is_empty() {
        return;
    }
    let settings = &scope.dossier.settings;
    let summary = scope.dossier.summary.as_ref().map(|(_, links)| links.as_slice()).unwrap_or_default();
    let on_home: BTreeSet<Number> = summary
        .iter()
        .filter_map(|link| match link {
            LinkTo::Record(to, _) => Some(*to),
            LinkTo::Here(_) | LinkTo::Attachment(_) | LinkTo::Nothing => None,
        })
        .collect();
    let is_key = |record: &Record| settings.key_actors.contains(&record.id) || settings.key_events.contains(&record.id);
    for (number, record) in (0..).zip(&scope.dossier.records) {
        let is_referred_to = scope.dossier.edges_to(number).iter().any(|edge| edge.from != number);
        if is_referred_to || on_home.contains(&number) || is_held_back(scope, record) {
            continue;
        }
        let refers = !scope.dossier.outgoing[number as usize].edges.is_empty();
        let finding = |code, message: String| {
            Diagnostic::new(code, message).at(&record.origin.file, record.origin.start(scope.text(record)))
        };
        match record.kind() {
            Kind::Page => {}
            Kind::Source => found.push(
                finding(Code::UnusedSource, format!("nothing rests on the source `{}`", record.id))
                    .hint("name it under `sources` of the records that rest on it, or write `visibility: internal`; delete only what was never published, since links may lead to it"),
            ),
            Kind::Actor | Kind::Event | Kind::Quote | Kind::Place if refers || is_key(record) => {}
            Kind::Actor | Kind::Event | Kind::Quote | Kind::Place => found.push(
                finding(Code::Orphan, format!("`{}` refers to nothing, and nothing refers to it", record.id))
                    .hint("name it in the records that it belongs to, or write `visibility: internal`; delete only what was never published, since links may lead to it"),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_loop_is_found_once_from_its_lowest_number() {
        let check = |edges: &[(Number, Number)], expected: &[&[Number]]| {
            let mut next: BTreeMap<Number, Vec<Number>> = BTreeMap::new();
            for (from, to) in edges {
                next.entry(*from).or_default().push(*to);
            }
            assert_eq!(loops(&next), expected, "{edges:?}");
        };
        check(&[(0, 1), (1, 2)], &[]);
        check(&[(2, 1), (1, 2), (0, 2)], &[&[1, 2]]);
        check(&[(5, 3), (3, 4), (4, 5), (4, 3)], &[&[3, 4, 5], &[3, 4]]);
        check(&[(0, 1), (0, 2), (1, 3), (2, 3)], &[]);
        let long: Vec<(Number, Number)> = (0..100_000).map(|number| (number, (number + 1) % 100_000)).collect();
        let mut next: BTreeMap<Number, Vec<Number>> = BTreeMap::new();
        long.iter().for_each(|(from, to)| next.entry(*from).or_default().push(*to));
        assert_eq!(loops(&next).iter().map(Vec::len).collect::<Vec<_>>(), [100_000]);
    }
}
