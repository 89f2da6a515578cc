//! Somebody whose name is not shown, and what is shown that leads to them all the same: words that a search finds, an office that one
//! person holds, a day and a small place, a tie to somebody who is named.
//!
//! Only what readers see is looked at. Of a protected person they see the display text and what other records say of them; not the
//! page, nor birth, picture, country, offices and ties of their own record, so these are not warned of.
//!
//! What these rules find points to where somebody could be found, so logs that others can read are told the code alone.

mod names;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use super::{Rule, Scope};
use crate::config::Level;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::edtf::Edtf;
use crate::link::{Number, Role, each_reference};
use crate::model::{Actor, Display, Fields, Id, Kind, Mode, Place, Quote, Source, SourceKind, Speaker, Visibility};
use crate::parse::{Record, Step};
use crate::text;

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::TraceableQuotation], words_of_the_protected_cannot_be_searched_for),
    Rule::record(&[Code::ExactTimeAndPlace], a_day_and_a_place_do_not_find_the_protected),
    Rule::record(&[Code::NamedRelative], nobody_named_is_a_relative_of_the_protected),
    Rule::record(&[Code::UniqueRole], capacity_is_not_that_of_one_person),
    Rule::whole(
        &[Code::UniqueRole, Code::NamedRelative],
        &[Kind::Actor],
        are_shown_alike,
        roles_are_not_those_of_one_person,
    ),
    Rule::record(&[Code::DayInId], no_id_holds_a_day_that_is_not_shown),
    names::RULE,
];

/// Whether readers never see a record, whatever day it is; of what is not finished they will.
fn stays_hidden(record: &Record) -> bool {
    matches!(record.fields.common().visibility, Visibility::Internal | Visibility::Sealed)
}

/// The actor of a record whose name readers do not see.
fn nameless(record: &Record) -> Option<&Actor> {
    match &*record.fields {
        Fields::Actor(actor) if actor.is_protected() || stays_hidden(record) => Some(actor),
        _ => None,
    }
}

/// The actor of a record whom readers see by name.
fn named(record: &Record) -> Option<&Actor> {
    match &*record.fields {
        Fields::Actor(actor) if nameless(record).is_none() => Some(actor),
        _ => None,
    }
}

impl<'a> Scope<'a> {
    fn find(&self, id: &Id) -> Option<&'a Record> {
        self.dossier.index.ids.find(id.as_str()).map(|number| self.record(number))
    }

    /// The actor with an id, when readers do not see the name.
    fn find_nameless(&self, id: &Id) -> Option<&'a Record> {
        self.find(id).filter(|record| nameless(record).is_some())
    }

    fn lang(&self, record: &'a Record) -> &'a str {
        record.fields.common().lang.map_or(self.dossier.settings.lang(), |lang| lang.as_str())
    }

    /// A finding of this file: while a dossier is being made, it is worth knowing and no more.
    fn advice(&self, finding: Diagnostic) -> Diagnostic {
        let severity = if self.level == Level::Public { finding.severity } else { Severity::Note };
        Diagnostic { severity, ..finding }
    }
}

/// Whether the speaker of a quote is known to its authors and not shown; with the record, where there is one.
fn hidden_speaker<'a>(scope: &Scope<'a>, quote: &Quote) -> Option<Option<&'a Record>> {
    match &quote.speaker {
        Speaker::Actor(id) => scope.find_nameless(id).map(Some),
        Speaker::Withheld => Some(None),
        // The source does not say who it was.
        Speaker::Unknown | Speaker::Unnamed => None,
    }
}

fn words_of_the_protected_cannot_be_searched_for(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Quote(quote) = &*record.fields else { return };
    let Some(speaker) = hidden_speaker(scope, quote).filter(|_| !stays_hidden(record)) else { return };
    let mut told = false;
    each_reference(&record.fields, &mut |reference| {
        let Some(cited) = scope.resolve(&reference).map(|to| scope.record(to)) else { return };
        let Fields::Source(source) = &*cited.fields else { return };
        if told || reference.role != Role::Cited || stays_hidden(cited) {
            return;
        }
        let (field, address) = match (&source.url, source.archived.first()) {
            (Some(url), _) => ("url", url),
            (None, Some(url)) => ("archived", url),
            (None, None) => return,
        };
        let (message, way_out) = if is_own_post(scope, source, speaker) {
            let message = format!(
                "`{}` is the words of somebody whose name is not shown, and `{}` leads to the post itself",
                record.id, cited.id
            );
            let way_out = format!(
                "the post says whose it is, whatever words stand here: write `visibility: internal` in `{}`, or cite somebody who reports it",
                cited.id
            );
            (message, way_out)
        } else if is_verbatim(quote) {
            let message = format!(
                "`{}` has the very words of somebody whose name is not shown, and `{}` says where they are published",
                record.id, cited.id
            );
            let way_out = format!(
                "whoever searches for the words may find the name: say it in your own words and write `mode: paraphrase`, or withhold the source with `visibility: internal` in `{}`",
                cited.id
            );
            (message, way_out)
        } else {
            return;
        };
        told = true;
        let finding = scope
            .finding(Code::TraceableQuotation, record, &reference.path.steps(), message)
            .related(&cited.origin.file, scope.place(cited, &[Step::Key(field)]), "the address that readers see")
            .hint(format!(
                "{way_out}; or say why nobody can be found by `{}`: `allow: [{{code: traceable-quotation, why: …}}]`",
                text::excerpt(address.as_str(), 60)
            ));
        found.push(scope.advice(with_person(scope, finding, speaker)));
    });
}

/// A finding with the person whom it is about, where the dossier has a record of them.
fn with_person(scope: &Scope<'_>, finding: Diagnostic, person: Option<&Record>) -> Diagnostic {
    let Some(person) = person else { return finding };
    finding.related(&person.origin.file, person.origin.start(scope.text(person)), "whose name is not shown")
}

/// Whether the words stand in a quote as they were said.
fn is_verbatim(quote: &Quote) -> bool {
    let is_reported = matches!(quote.mode, Some(Mode::Indirect | Mode::Paraphrase));
    !is_reported || quote.original.is_some() || quote.sources.iter().any(|citation| citation.exact.is_some())
}

/// Whether a source is a post by the speaker, as far as is said.
fn is_own_post(scope: &Scope<'_>, source: &Source, speaker: Option<&Record>) -> bool {
    let number = |id: &str| scope.dossier.index.ids.find(id);
    let of_speaker = |author: &str| {
        speaker.is_some_and(|speaker| number(author).is_some() && number(author) == number(speaker.id.as_str()))
    };
    source.kind == Some(SourceKind::Post)
        && (source.authors.is_empty() || source.authors.iter().any(|author| of_speaker(author.as_str())))
}

fn a_day_and_a_place_do_not_find_the_protected(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let (date, place) = match &*record.fields {
        Fields::Event(event) => (&event.date, &event.place),
        Fields::Quote(quote) => (&quote.date, &quote.place),
        Fields::Actor(_) | Fields::Source(_) | Fields::Place(_) | Fields::Page(_) => return,
    };
    let Some(place) = place.as_ref().and_then(|place| scope.find(place)).filter(|_| is_exact(date)) else { return };
    let is_small = matches!(&*place.fields, Fields::Place(place) if words::is_small(place));
    // Where a child is concerned, readers see a coarser day and place than stand here.
    if !is_small || stays_hidden(record) || stays_hidden(place) || concerns_a_child(record) {
        return;
    }
    let (person, what) = match &*record.fields {
        Fields::Event(event) => (
            event.actors.iter().find_map(|participant| scope.find_nameless(&participant.actor).map(Some)),
            "took part in",
        ),
        Fields::Quote(quote) => (hidden_speaker(scope, quote), "spoke in"),
        _ => return,
    };
    let Some(person) = person else { return };
    let exactness = match &*place.fields {
        Fields::Place(Place { precision: Some(_), .. }) => (Step::Key("precision"), "a small place"),
        _ => (Step::Key("lat"), "an exact position; when it stands for a whole town, write `precision: city`"),
    };
    let message = format!(
        "somebody whose name is not shown {what} `{}`, which has both its day and a small place, `{}`",
        record.id, place.id
    );
    let finding = scope
        .finding(Code::ExactTimeAndPlace, record, &[Step::Key("date")], message)
        .related(&place.origin.file, scope.place(place, &[exactness.0]), exactness.1)
        .hint(format!(
            "write the month, as in `date: {}`; or name a larger place; or make the position coarser there and say so with `obscured: true`; or say why this finds nobody: `allow: [{{code: exact-time-and-place, why: …}}]`",
            month(date)
        ));
    found.push(scope.advice(with_person(scope, finding, person)));
}

/// Whether a date is one certain day.
fn is_exact(date: &Edtf) -> bool {
    date.earliest().is_some() && date.earliest() == date.latest() && !date.is_approximate()
}

/// The month of a date, as it is written.
fn month(date: &Edtf) -> String {
    date.earliest().map_or_else(|| "2025-05".to_owned(), |day| day.to_string().chars().take(7).collect())
}

fn concerns_a_child(record: &Record) -> bool {
    record.fields.common().sensitivity.iter().any(|word| word.as_str() == "minor")
}

fn nobody_named_is_a_relative_of_the_protected(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Some(actor) = named(record).filter(|actor| !actor.relations.is_empty()) else { return };
    for (index, relation) in actor.relations.iter().enumerate().filter(|(_, relation)| words::is_family(&relation.kind))
    {
        let Some(relative) = scope.find_nameless(&relation.to) else { continue };
        let message = format!("`{}` is named, and shown as of one family with somebody who is not", record.id);
        let finding = scope
            .finding(Code::NamedRelative, record, &[Step::Key("relations"), Step::Index(index), Step::Key("kind")], message)
            .hint("take the relation out, and keep what you know of it in `notes_internal`; or say why it finds nobody: `allow: [{code: named-relative, why: …}]`");
        found.push(scope.advice(with_person(scope, finding, Some(relative))));
    }
}

fn capacity_is_not_that_of_one_person(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Quote(quote) = &*record.fields else { return };
    let Some(capacity) = quote.capacity.as_ref().filter(|_| !stays_hidden(record)) else { return };
    let Some(speaker) = hidden_speaker(scope, quote) else { return };
    let Some(office) = words::sole_office(capacity.as_str(), scope.lang(record)) else { return };
    let message = format!(
        "the name of who said `{}` is not shown, and `as` names an office that one person holds: `{office}`",
        record.id
    );
    let finding = scope
        .finding(Code::UniqueRole, record, &[Step::Key("as")], message)
        .hint("write a broader one, as in `as: an official`; or say why it finds nobody: `allow: [{code: unique-role, why: …}]`");
    found.push(scope.advice(with_person(scope, finding, speaker)));
}

/// Whether two states of an actor are the same to what looks at their roles.
fn are_shown_alike(one: &Record, other: &Record) -> bool {
    let hold = |record: &Record| record.fields.common().visibility;
    let lang = |record: &Record| record.fields.common().lang.cloned();
    match (&*one.fields, &*other.fields) {
        (Fields::Actor(a), Fields::Actor(b)) => {
            hold(one) == hold(other)
                && lang(one) == lang(other)
                && (&a.name, &a.names, &a.role, &a.roles, &a.relations, a.privacy, a.display)
                    == (&b.name, &b.names, &b.role, &b.roles, &b.relations, b.privacy, b.display)
        }
        _ => false,
    }
}

fn roles_are_not_those_of_one_person(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let by_role: Vec<(&Record, &Actor, &str)> = scope
        .dossier
        .records
        .iter()
        .filter_map(|record| {
            let actor = nameless(record).filter(|actor| actor.display == Some(Display::RoleOnly))?;
            // A record that is held back has no display text either.
            let role = actor.role.as_ref().filter(|_| !stays_hidden(record))?;
            Some((&**record, actor, role.as_str()))
        })
        .collect();
    if by_role.is_empty() {
        return;
    }
    let holders = holders(scope);
    let mut names = None;
    for (record, actor, role) in by_role {
        let lang = scope.lang(record);
        found.extend(unique_role(scope, record, actor, role, lang, &holders).map(|finding| scope.advice(finding)));
        if let Some(relative) = words::near_relative(role, lang) {
            let names = names.get_or_insert_with(|| names_shown(scope));
            found.extend(relative_of(scope, record, actor, relative, role, names).map(|finding| scope.advice(finding)));
        }
    }
}

/// How many hold each office at each place.
fn holders(scope: &Scope<'_>) -> BTreeMap<(String, String), usize> {
    let mut holders = BTreeMap::new();
    for record in &scope.dossier.records {
        let Fields::Actor(actor) = &*record.fields else { continue };
        let offices: BTreeSet<_> = actor.roles.iter().filter_map(|role| office_key(scope, role)).collect();
        for office in offices {
            *holders.entry(office).or_default() += 1;
        }
    }
    holders
}

fn office_key(scope: &Scope<'_>, role: &crate::model::Role) -> Option<(String, String)> {
    let at = role.at.as_ref()?;
    let body = scope.dossier.index.ids.find(at.as_str()).map(|number| scope.record(number).id.to_string());
    Some((text::normal_form(role.title.as_str()), body.unwrap_or_else(|| text::normal_form(at.as_str()))))
}

fn unique_role(
    scope: &Scope<'_>,
    record: &Record,
    actor: &Actor,
    role: &str,
    lang: &str,
    holders: &BTreeMap<(String, String), usize>,
) -> Option<Diagnostic> {
    let place = [Step::Key("role")];
    if let Some(office) = words::sole_office(role, lang) {
        let message =
            format!("`{}` is shown by role, and the role is one that one person holds: `{office}`", record.id);
        return Some(
            scope
                .finding(Code::UniqueRole, record, &place, message)
                .hint("write a broader role, as in `role: an official`; or say why it finds nobody: `allow: [{code: unique-role, why: …}]`"),
        );
    }
    if words::are_others_said(role, lang) {
        return None;
    }
    let is_only = |office: &&crate::model::Role| {
        words::holds(role, office.title.as_str())
            && office_key(scope, office).is_some_and(|key| holders.get(&key) == Some(&1))
    };
    let office = actor.roles.iter().find(is_only)?;
    let message = format!(
        "`{}` is shown by role, and nobody else in this dossier is `{}` at `{}`",
        record.id,
        office.title.as_str(),
        office.at.as_ref().map(|at| at.as_str()).unwrap_or_default()
    );
    Some(
        scope
            .finding(Code::UniqueRole, record, &place, message)
            .hint("write a broader role, as in `role: an employee`, or, where many hold it, `a` before it; or say why it finds nobody: `allow: [{code: unique-role, why: …}]`"),
    )
}

/// The names that readers see of persons, as slugs.
fn names_shown(scope: &Scope<'_>) -> BTreeSet<String> {
    let shown = scope.dossier.records.iter().filter_map(|record| named(record));
    let names = shown.flat_map(|actor| [&actor.name].into_iter().chain(actor.names.iter().map(|name| &name.text)));
    // One word may be any word.
    names.filter_map(|name| text::slug(name.as_str())).filter(|name| name.contains('-')).collect()
}

fn relative_of(
    scope: &Scope<'_>,
    record: &Record,
    actor: &Actor,
    relative: &str,
    role: &str,
    names: &BTreeSet<String>,
) -> Option<Diagnostic> {
    let family = actor.relations.iter().filter(|relation| words::is_family(&relation.kind));
    let known = family.filter_map(|relation| scope.find(&relation.to)).find(|other| named(other).is_some());
    let message = match known {
        Some(other) => format!(
            "`{}` is shown by role, and the role says who it is to those who know the family of `{}`: `{relative}`",
            record.id, other.id
        ),
        None if says_a_name(role, names) => {
            format!("`{}` is shown by role, and the role says whose relative it is: `{relative}`", record.id)
        }
        None => return None,
    };
    Some(
        scope
            .finding(Code::NamedRelative, record, &[Step::Key("role")], message)
            .hint("write a broader role, as in `role: a private person`; or say why it finds nobody: `allow: [{code: named-relative, why: …}]`"),
    )
}

/// Whether some words hold one of some names.
fn says_a_name(words: &str, names: &BTreeSet<String>) -> bool {
    let slug = text::slug(words).unwrap_or_default();
    let words: Vec<&str> = slug.split('-').collect();
    // No name that is looked for has more words than this.
    (2..=6).any(|length| words.windows(length).any(|run| names.contains(&run.join("-"))))
}

fn no_id_holds_a_day_that_is_not_shown(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    if !concerns_a_child(record) || stays_hidden(record) || nameless(record).is_some() {
        return;
    }
    let common = record.fields.common();
    let aliases = common.aliases.iter().enumerate();
    let old = aliases.map(|(index, alias)| (alias, vec![Step::Key("aliases"), Step::Index(index)]));
    for (id, field) in [(&record.id, vec![Step::Key("id")])].into_iter().chain(old) {
        let Some(day) = day_in(id.as_str()) else { continue };
        let what = if *id == record.id { "id" } else { "old id" };
        let message = format!("the {what} `{id}` says `{day}`, and the day is not shown where a child is concerned");
        found.push(scope.advice(scope.finding(Code::DayInId, record, &field, message).hint(
            "give it an id without the day, and do not keep the old one under `aliases`, where it would stay an address; or say why: `allow: [{code: day-in-id, why: …}]`",
        )));
    }
}

/// A day that an id says, as it says it.
fn day_in(id: &str) -> Option<&str> {
    let is_number = |word: &str, length: usize| word.len() == length && word.bytes().all(|byte| byte.is_ascii_digit());
    let is_day = |day: &str| {
        let words: Vec<&str> = day.split('-').collect();
        match words.as_slice() {
            [year, month, day] => is_number(year, 4) && is_number(month, 2) && is_number(day, 2),
            [day] => is_number(day, 8) && (day.starts_with("19") || day.starts_with("20")),
            _ => false,
        }
    };
    let starts = [0].into_iter().chain(id.match_indices('-').map(|(at, _)| at + 1));
    let ends_word = |end: usize| id.len() == end || id.as_bytes().get(end) == Some(&b'-');
    starts
        .flat_map(|start| [start..start + 10, start..start + 8])
        .filter(|range| ends_word(range.end))
        .find_map(|range| id.get(range).filter(|day| is_day(day)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_in_an_id_is_found_on_the_borders_of_words() {
        let check = |id: &str, day: Option<&str>| assert_eq!(day_in(id), day, "{id}");
        check("at-the-gate-2025-05-11", Some("2025-05-11"));
        check("2025-05-11-at-the-gate", Some("2025-05-11"));
        check("gate-20250511-x", Some("20250511"));
        check("gate-2025-05", None);
        check("gate-12025-05-11", None);
        check("gate-2025-05-111", None);
        check("room-12345678", None);
    }
}
