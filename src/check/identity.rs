//! Two records that may be one: the same name, the same id elsewhere, the same address, the same words.
//!
//! Records are sorted by what they have in common, so that none is compared with all others; each is told of the first that is like
//! it, and an actor of those before it that it is not told apart from. Messages name records by their ids, since a name may be that of somebody who is protected.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::{Number, Role};
use crate::model::{Actor, ActorKind, Fields, Kind, Quote, Source};
use crate::parse::{Record, Step};
use crate::text;

pub(super) const RULES: &[Rule] = &[
    Rule::whole(&[Code::SameName], &[Kind::Actor], are_known_alike, actors_of_one_name_are_told_apart),
    Rule::whole(&[Code::DuplicateRecord], &[Kind::Actor], are_known_alike, ids_elsewhere_are_of_one_actor),
    Rule::whole(&[Code::DuplicateRecord], &[Kind::Source], are_known_alike, a_source_is_one_record),
    Rule::whole(&[Code::DuplicateRecord], &[Kind::Place], are_known_alike, a_place_is_one_record),
    Rule::whole(&[Code::DuplicateRecord], &[Kind::Event], are_known_alike, an_event_is_one_record),
    Rule::whole(&[Code::DuplicateRecord], &[Kind::Quote], are_known_alike, words_are_one_record),
];

/// Whether two states of a record are the same to the rules of this file.
fn are_known_alike(one: &Record, other: &Record) -> bool {
    let aliases = |record: &Record| record.fields.common().aliases.to_vec();
    aliases(one) == aliases(other)
        && match (&*one.fields, &*other.fields) {
            (Fields::Actor(a), Fields::Actor(b)) => {
                (&a.name, a.kind, &a.names, &a.sort_name, &a.ids, &a.not_same_as)
                    == (&b.name, b.kind, &b.names, &b.sort_name, &b.ids, &b.not_same_as)
            }
            (Fields::Source(a), Fields::Source(b)) => {
                (&a.title, &a.url, &a.publisher, &a.published) == (&b.title, &b.url, &b.publisher, &b.published)
            }
            (Fields::Place(a), Fields::Place(b)) => (&a.name, &a.country) == (&b.name, &b.country),
            (Fields::Event(a), Fields::Event(b)) => (&a.title, &a.date) == (&b.title, &b.date),
            (Fields::Quote(a), Fields::Quote(b)) => {
                (&a.text, &a.speaker, &a.date) == (&b.text, &b.speaker, &b.date)
                    && *a.to == *b.to
                    && *a.sources == *b.sources
            }
            _ => false,
        }
}

fn actors<'a>(scope: &Scope<'a>) -> impl Iterator<Item = (Number, &'a Record, &'a Actor)> {
    (0..).zip(&scope.dossier.records).filter_map(|(number, record)| match &*record.fields {
        Fields::Actor(actor) => Some((number, &**record, actor)),
        _ => None,
    })
}

/// The form in which two names are of the same: without accents and case, its words in the order of the alphabet, since family
/// names stand first in some lists.
fn name_key(name: &str) -> String {
    let bare: String = name.nfkd().filter(|c| !is_accent(*c)).collect();
    let lower = text::normal_form(&bare);
    let mut words: Vec<&str> =
        lower.split(|c: char| c.is_whitespace() || c == ',').filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    words.join(" ")
}

/// A mark that a writer may leave out. In scripts of India and others the marks are vowels, and stay.
fn is_accent(c: char) -> bool {
    c == '\u{640}' || is_combining_mark(c) && matches!(c, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{670}')
}

fn actors_of_one_name_are_told_apart(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let mut by_name: BTreeMap<String, Vec<(Number, Vec<Step<'static>>)>> = BTreeMap::new();
    // Whoever is not named has no name that could be another's.
    for (number, _, actor) in actors(scope).filter(|(_, _, actor)| actor.kind != ActorKind::Unnamed) {
        let mut keys = BTreeSet::new();
        let mut add = |name: &str, field: Vec<Step<'static>>| {
            let key = name_key(name);
            if keys.insert(key.clone()) {
                by_name.entry(key).or_default().push((number, field));
            }
        };
        add(actor.name.as_str(), vec![Step::Key("name")]);
        for (index, other) in actor.names.iter().enumerate() {
            add(other.text.as_str(), vec![Step::Key("names"), Step::Index(index), Step::Key("text")]);
        }
        if let Some(sorted) = &actor.sort_name {
            add(sorted.as_str(), vec![Step::Key("sort_name")]);
        }
    }
    let pair = |one: Number, other: Number| (one.min(other), one.max(other));
    let not_same = scope.dossier.edges.iter().filter(|edge| edge.role == Role::NotSame);
    let mut told: BTreeSet<(Number, Number)> = not_same.map(|edge| pair(edge.from, edge.to)).collect();
    let mut named: BTreeMap<Number, usize> = BTreeMap::new();
    for same in by_name.values().filter(|same| same.len() > 1) {
        for (at, (number, field)) in same.iter().enumerate() {
            let named = named.entry(*number).or_default();
            let before = same[..at].iter().rev().take(FARTHEST);
            let before = before.filter(|(other, _)| !told.contains(&pair(*number, *other)));
            let mut others: Vec<&(Number, Vec<Step<'static>>)> = before.take(MOST_NAMED - *named).collect();
            others.reverse();
            told.extend(others.iter().map(|(other, _)| pair(*number, *other)));
            *named += others.len();
            if !others.is_empty() {
                found.push(of_one_name(scope, scope.record(*number), field, &others));
            }
        }
    }
}

/// How many others each actor is told of. Who has more of them begins with these.
const MOST_NAMED: usize = 3;

/// How many of those before it each actor is compared with, where it is told apart from the nearest.
const FARTHEST: usize = 100;

fn of_one_name(
    scope: &Scope<'_>,
    record: &Record,
    field: &[Step<'_>],
    others: &[&(Number, Vec<Step<'static>>)],
) -> Diagnostic {
    let ids: Vec<&str> = others.iter().map(|(number, _)| scope.record(*number).id.as_str()).collect();
    let (named, hint, label) = match ids.as_slice() {
        [only] => (
            format!("`{only}`"),
            format!("make one record of them, or write `not_same_as: {only}` when they are two"),
            "the other one",
        ),
        _ => (
            format!("`{}`", ids.join("`, `")),
            format!("make one record of those that are one, and name the others: `not_same_as: [{}]`", ids.join(", ")),
            "one of the others",
        ),
    };
    let finding = scope
        .finding(Code::SameName, record, field, format!("`{}` has the same name as {named}", record.id))
        .hint(hint);
    others.iter().fold(finding, |finding, (number, field)| {
        let other = scope.record(*number);
        finding.related(&other.origin.file, scope.place(other, field), label)
    })
}

fn are_told_apart(one: &Record, other: &Record) -> bool {
    let says = |record: &Record, other: &Record| match &*record.fields {
        Fields::Actor(actor) => {
            let aliases = other.fields.common().aliases;
            actor.not_same_as.iter().any(|id| *id == other.id || aliases.contains(id))
        }
        _ => false,
    };
    says(one, other) || says(other, one) || are_said_to_others(one, other)
}

/// Whether the same words were said twice, such as `No comment`: to others, as other sources have it.
fn are_said_to_others(one: &Record, other: &Record) -> bool {
    let (Fields::Quote(one), Fields::Quote(other)) = (&*one.fields, &*other.fields) else { return false };
    let sources = |quote: &Quote| quote.sources.iter().map(|citation| citation.source.clone()).collect::<BTreeSet<_>>();
    let to = |quote: &Quote| quote.to.iter().cloned().collect::<BTreeSet<_>>();
    !one.to.is_empty()
        && !other.to.is_empty()
        && to(one).is_disjoint(&to(other))
        && sources(one).is_disjoint(&sources(other))
}

/// Tells each record of the first that has the same key; of two keys in a row that lead to one other, once.
fn same_as_first<K: Ord>(
    scope: &Scope<'_>,
    keys: impl Iterator<Item = (K, Number, Vec<Step<'static>>)>,
    what: &str,
    found: &mut Vec<Diagnostic>,
) {
    let mut first: BTreeMap<K, (Number, Vec<Step<'static>>)> = BTreeMap::new();
    let mut told = None;
    for (key, number, field) in keys {
        let Some((known, known_field)) = first.get(&key) else {
            first.insert(key, (number, field));
            continue;
        };
        let (record, other) = (scope.record(number), scope.record(*known));
        if number == *known || told == Some((number, *known)) || are_told_apart(record, other) {
            continue;
        }
        told = Some((number, *known));
        found.push(
            scope
                .finding(Code::DuplicateRecord, record, &field, format!("`{}` and `{}` {what}", record.id, other.id))
                .related(&other.origin.file, scope.place(other, known_field), "the other one")
                .hint("make one record of them, with the other id under `aliases`; or say why there are two: `allow: [{code: duplicate-record, why: …}]`"),
        );
    }
}

fn ids_elsewhere_are_of_one_actor(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let keys = actors(scope).flat_map(|(number, _, actor)| {
        actor.ids.iter().map(move |(scheme, id)| ((scheme.as_str(), id.as_str()), number, vec![Step::Key("ids")]))
    });
    same_as_first(scope, keys, "have the same id elsewhere", found);
}

fn a_source_is_one_record(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let sources: Vec<(Number, &Source)> = (0..)
        .zip(&scope.dossier.records)
        .filter_map(|(number, record)| match &*record.fields {
            Fields::Source(source) => Some((number, source)),
            _ => None,
        })
        .collect();
    // Parts of one page, such as the posts of a live report, are several sources where they have titles of their own.
    let by_address = sources.iter().flat_map(|(number, source)| {
        let keys = source.url.as_ref().map(|url| {
            let (page, part) = (address_key(url.as_str()), part_of_page(url.as_str()));
            [(page.clone(), Err(part)), (page, Ok(name_key(source.title.as_str())))]
        });
        keys.into_iter().flatten().map(|key| (key, *number, vec![Step::Key("url")]))
    });
    same_as_first(scope, by_address, "have the same address", found);
    // Those with addresses are told apart by them.
    let by_title = sources.iter().filter(|(_, source)| source.url.is_none()).filter_map(|(number, source)| {
        let publisher = name_key(source.publisher.as_ref()?.as_str());
        let key = (name_key(source.title.as_str()), publisher, source.published.as_ref()?.as_str());
        Some((key, *number, vec![Step::Key("title")]))
    });
    same_as_first(scope, by_title, "have the same title, publisher and date", found);
}

/// The form in which two addresses are of the same page: without scheme, `www.`, fragment, last slash, and what only follows readers
/// from page to page.
pub(crate) fn address_key(url: &str) -> String {
    let bare = url.split('#').next().unwrap_or_default();
    let bare = bare.split_once("://").map_or(bare, |(_, rest)| rest);
    let (path, query) = bare.split_once('?').unwrap_or((bare, ""));
    let (host, path) = path.split_once('/').unwrap_or((path, ""));
    let host = host.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let is_tracking = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default();
        name.is_empty() || name.starts_with("utm_") || ["fbclid", "gclid", "igshid", "mc_cid", "mc_eid"].contains(&name)
    };
    let query: Vec<&str> = query.split('&').filter(|pair| !is_tracking(pair)).collect();
    format!("{host}/{}?{}", path.trim_end_matches('/'), query.join("&"))
}

/// The part of a page that an address leads to; nothing where it is but the way in which somebody came to read it.
fn part_of_page(url: &str) -> &str {
    let part = url.split_once('#').map_or("", |(_, part)| part);
    if matches!(part, "top" | "main" | "content" | "comments") || part.starts_with(":~:") { "" } else { part }
}

fn a_place_is_one_record(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let keys = (0..).zip(&scope.dossier.records).filter_map(|(number, record)| match &*record.fields {
        Fields::Place(place) => {
            let country = place.country.as_ref().map(|country| country.as_str());
            Some(((name_key(place.name.as_str()), country), number, vec![Step::Key("name")]))
        }
        _ => None,
    });
    same_as_first(scope, keys, "are places of one name in one country", found);
}

fn an_event_is_one_record(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let keys = (0..).zip(&scope.dossier.records).filter_map(|(number, record)| match &*record.fields {
        Fields::Event(event) => {
            Some(((event.date.as_str(), name_key(event.title.as_str())), number, vec![Step::Key("title")]))
        }
        _ => None,
    });
    same_as_first(scope, keys, "have the same title and date", found);
}

fn words_are_one_record(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let quotes = (0..).zip(&scope.dossier.records).filter_map(|(number, record)| match &*record.fields {
        Fields::Quote(quote) => Some((number, quote)),
        _ => None,
    });
    // Words are compared only where a speaker has more than one quote of a day, since most are of any length. Sorting numbers finds
    // those; that two days have one number makes no difference to what is compared then.
    let mut by_day: Vec<(u64, Number, &Quote)> = quotes
        // Two whom nobody names may well have said the same.
        .filter_map(|(number, quote)| {
            let mut day = DefaultHasher::new();
            (quote.speaker.actor()?, quote.date.as_str()).hash(&mut day);
            Some((day.finish(), number, quote))
        })
        .collect();
    by_day.sort_unstable_by_key(|(day, number, _)| (*day, *number));
    for of_day in by_day.chunk_by(|a, b| a.0 == b.0).filter(|of_day| of_day.len() > 1) {
        let keys = of_day.iter().map(|(_, number, quote)| {
            let said = (quote.speaker.actor(), quote.date.as_str(), words_key(&quote.text.in_a_row()));
            (said, *number, vec![Step::Key("text")])
        });
        same_as_first(scope, keys, "look like the same quotation: one speaker, one day, and the same words", found);
    }
}

/// The form in which two quotations have the same words: without punctuation, case and spaces. Between digits something is left, since
/// `1.5` is not `15`; and words of nothing but such signs stay as they are.
pub(super) fn words_key(words: &str) -> String {
    let normal = text::normal_form(words);
    let mut key = String::with_capacity(normal.len());
    let mut is_apart = false;
    for c in normal.chars() {
        if is_punctuation(c) {
            is_apart = true;
            continue;
        }
        if is_apart && c.is_numeric() && key.ends_with(char::is_numeric) {
            key.push(' ');
        }
        is_apart = false;
        key.push(c);
    }
    if key.is_empty() { normal } else { key }
}

/// Spaces, and signs that make no other words of those beside them; `5 %` is something else than 5.
fn is_punctuation(c: char) -> bool {
    match c {
        '$' | '%' | '+' | '<' | '=' | '>' | '&' | '@' | '#' | '^' | '|' => false,
        _ if c.is_ascii() => !c.is_ascii_alphanumeric(),
        '¡' | '§' | '«' | '¶' | '·' | '»' | '¿' | '\u{589}' | '\u{5be}' | '\u{60c}' | '\u{61b}' | '\u{61f}'
        | '\u{6d4}' => true,
        '\u{964}' | '\u{965}' | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}' => c != '‰' && c != '‱',
        '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}' | '\u{3014}'..='\u{301f}' => true,
        _ => c.is_whitespace(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_accents_case_and_order() {
        let same = |one: &str, other: &str| name_key(one) == name_key(other);
        assert!(same("Renée Dupont", "DUPONT, Renee"));
        assert!(same("محمد", "مُحَمَّد"));
        assert!(!same("Jane Doe", "Jane Roe"));
        assert!(!same("की", "का"));
    }

    #[test]
    fn words_are_compared_without_punctuation_case_and_spaces() {
        let same = |one: &str, other: &str| words_key(one) == words_key(other);
        assert!(same("We did not open; nobody asked.", "“We did not open — nobody asked!”"));
        assert!(same("It's **over**", "IT’S OVER…"));
        assert!(same("Re-opened\u{a0}it", "reopened it"));
        assert!(same("हम ने नहीं खोला।", "हम ने नहीं खोला"));
        assert!(same("لا، أبدا", "لا أبدا"));
        assert!(same("「はい。」", "はい"));
        assert!(!same("1.5 million", "15 million"));
        assert!(!same("5 %", "5"));
        assert!(!same("?", "!"));
        assert!(!same("की", "का"));
        assert!(!same("We did not open", "We did not"));
    }

    #[test]
    fn addresses_are_compared_without_what_makes_no_difference() {
        let same = |one: &str, other: &str| address_key(one) == address_key(other);
        assert!(same("https://www.example.org/a/?utm_source=x&id=3#top", "http://EXAMPLE.org/a?id=3"));
        assert!(!same("https://example.org/a?id=3", "https://example.org/a?id=4"));
        assert!(!same("https://example.org/A", "https://example.org/a"));
        assert!(same("https://example.org", "https://example.org/"));
    }
}
