//! What must come before what: a birth before words, words before their publication, a question before its answer.
//!
//! Each order has three answers. It is *impossible* when all that the one date can mean lies before all that the other can mean, and
//! neither is marked as uncertain (`?`) or approximate (`~`): an error. It is *doubtful* when that holds of marked dates, or when two
//! periods overlap and the wrong one both begins and ends first: a warning. A date that is merely wide, such as a year in which the
//! other lies, says nothing about the order, and neither is anything said of it.
//!
//! Of what is said to have been done, today is the last day on which that can have been. What can mean today as well, or is marked, is
//! left alone.
//!
//! The day on which an embargo ends must be certain.
//!
//! A correction may be older than what it corrects is dated, and a publication may come at any time; of these nothing is asked.

use super::{Rule, Scope, each_list_of_sources};
use crate::diagnostic::{Code, Diagnostic};
use crate::edtf::{Answer, Day, Edtf};
use crate::link::Number;
use crate::model::{Actor, ActorKind, Event, Fields, Hold, Id, Quote, Source, end_of_embargo};
use crate::parse::{Record, Step};
use crate::text;

const CODES: &[Code] = &[Code::ImpossibleOrder, Code::DoubtfulOrder];

pub(super) const RULES: &[Rule] = &[
    Rule::record(CODES, a_life_has_a_beginning_and_an_end),
    Rule::record(CODES, words_are_said_before_they_are_printed),
    Rule::record(CODES, events_stand_in_their_order),
    Rule::record(CODES, who_takes_part_is_alive),
    Rule::record(CODES, sources_are_read_after_they_are_published),
    Rule::record(CODES, work_on_a_record_comes_after_it),
    Rule::record(&[Code::FutureDate], what_was_done_was_done_by_today),
    Rule::record(&[Code::UncertainEmbargo], an_embargo_has_a_certain_end),
];

fn an_embargo_has_a_certain_end(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Some(date) = record.fields.common().publish_at.filter(|date| end_of_embargo(date).is_none()) else { return };
    let example = date.latest().or(date.earliest()).map_or_else(|| "2026-01-01".to_owned(), |day| day.to_string());
    let message =
        format!("`{}` names no day on which the record may be shown for certain", text::excerpt(date.as_str(), 40));
    found.push(scope.finding(Code::UncertainEmbargo, record, &[Step::Key("publish_at")], message).hint(format!(
        "write the first day on which readers may see it, such as `publish_at: {example}`; until there is one, `draft: true` or `visibility: internal`"
    )));
}

/// A date, where it stands, and what happened then: `the death`.
struct Point<'a> {
    date: &'a Edtf,
    record: &'a Record,
    field: Vec<Step<'a>>,
    words: String,
}

fn point<'a>(
    date: Option<&'a Edtf>,
    record: &'a Record,
    field: &[Step<'a>],
    words: impl Into<String>,
) -> Option<Point<'a>> {
    Some(Point { date: date?, record, field: field.to_vec(), words: words.into() })
}

/// How much is wrong with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    Doubtful,
    Impossible,
}

/// What is wrong when the one should come first, on the same day at the latest.
fn fault(first: &Edtf, second: &Edtf) -> Option<Fault> {
    let is_marked = |date: &Edtf| date.is_uncertain() || date.is_approximate();
    match second.before(first) {
        Answer::Yes if is_marked(first) || is_marked(second) => Some(Fault::Doubtful),
        Answer::Yes => Some(Fault::Impossible),
        Answer::No => None,
        Answer::Possibly => {
            let begins_too_soon = second.earliest()? < first.earliest()?;
            let ends_too_soon = second.latest()? < first.latest()?;
            (begins_too_soon && ends_too_soon).then_some(Fault::Doubtful)
        }
    }
}

/// The same where each was dated at a place of its own: there one day may have begun while it was the day before elsewhere. Between
/// years, or months, that is no reason.
fn fault_between_places(first: &Edtf, second: &Edtf) -> Option<Fault> {
    let is_day = |date: &Edtf| date.earliest() == date.latest();
    let is_one_day_apart = || second.latest()?.next().zip(first.earliest()).map(|(next, begins)| next >= begins);
    match fault(first, second)? {
        Fault::Impossible if (is_day(first) || is_day(second)) && is_one_day_apart() == Some(true) => {
            Some(Fault::Doubtful)
        }
        fault => Some(fault),
    }
}

/// Whether a date is that of somebody who read or copied a source, wherever they were.
fn is_of_readers(point: &Point<'_>) -> bool {
    point.field.first().is_some_and(|step| matches!(step, Step::Key("accessed" | "captures")))
}

fn fault_between(first: Option<Point<'_>>, second: Option<Point<'_>>) -> Option<Fault> {
    fault(first?.date, second?.date)
}

/// Says of two points of time that they are in the wrong order, at the place of the one that stands in the record.
fn in_order(
    scope: &Scope<'_>,
    record: &Record,
    first: Option<Point<'_>>,
    second: Option<Point<'_>>,
    found: &mut Vec<Diagnostic>,
) {
    let (Some(first), Some(second)) = (first, second) else { return };
    let is_of_one_place = std::ptr::eq(first.record, second.record) && !is_of_readers(&second);
    let fault = if is_of_one_place { fault } else { fault_between_places };
    let Some(fault) = fault(first.date, second.date) else { return };
    found.push(finding(scope, record, &first, &second, fault));
}

fn finding(scope: &Scope<'_>, record: &Record, first: &Point<'_>, second: &Point<'_>, fault: Fault) -> Diagnostic {
    match fault {
        Fault::Impossible => told(scope, record, first, second, (Code::ImpossibleOrder, "")),
        Fault::Doubtful => told(scope, record, first, second, (Code::DoubtfulOrder, "perhaps ")),
    }
}

/// Of an order that is another one for certain, where that may have a reason.
fn unlikely(scope: &Scope<'_>, record: &Record, first: &Point<'_>, second: &Point<'_>) -> Diagnostic {
    told(scope, record, first, second, (Code::DoubtfulOrder, ""))
}

fn told(
    scope: &Scope<'_>,
    record: &Record,
    first: &Point<'_>,
    second: &Point<'_>,
    (code, perhaps): (Code, &str),
) -> Diagnostic {
    let message = format!("{} ({}) is {perhaps}before {} ({})", second.words, second.date, first.words, first.date);
    let is_here = |point: &Point<'_>| std::ptr::eq(point.record, record);
    let (here, other) = if is_here(second) { (second, first) } else { (first, second) };
    scope
        .finding(code, record, &here.field, message)
        .related(&other.record.origin.file, scope.place(other.record, &other.field), other.words.clone())
        .hint(format!("look which date is right; when both are, say why: `allow: [{{code: {code}, why: …}}]`"))
}

fn actor<'a>(scope: &Scope<'a>, id: Option<&Id>) -> Option<(&'a Record, &'a Actor)> {
    let record = scope.record(scope.dossier.index.ids.find(id?.as_str())?);
    match &*record.fields {
        Fields::Actor(actor) => Some((record, actor)),
        _ => None,
    }
}

fn source<'a>(scope: &Scope<'a>, id: &Id) -> Option<(&'a Record, &'a Source)> {
    let record = scope.record(scope.dossier.index.ids.find(id.as_str())?);
    match &*record.fields {
        Fields::Source(source) => Some((record, source)),
        _ => None,
    }
}

fn event<'a>(scope: &Scope<'a>, id: &Id) -> Option<(&'a Record, &'a Event)> {
    let record = scope.record(scope.dossier.index.ids.find(id.as_str())?);
    match &*record.fields {
        Fields::Event(event) => Some((record, event)),
        _ => None,
    }
}

fn a_life_has_a_beginning_and_an_end(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Actor(actor) = &*record.fields else { return };
    let at = |date, field: &[Step<'static>], words: &str| point(date, record, field, words);
    let born = || at(actor.born.as_ref(), &[Step::Key("born")], "the birth");
    let died = || at(actor.died.as_ref(), &[Step::Key("died")], "the death");
    in_order(scope, record, born(), died(), found);
    for (index, role) in actor.roles.iter().enumerate() {
        let field = |key| [Step::Key("roles"), Step::Index(index), Step::Key(key)];
        let from = || at(role.from.as_ref(), &field("from"), "the beginning of the office");
        let until = || at(role.until.as_ref(), &field("until"), "the end of the office");
        in_order(scope, record, from(), until(), found);
        in_order(scope, record, born(), from(), found);
        in_order(scope, record, from(), died(), found);
        // An office that lies beyond the life as a whole is one mistake, not two.
        if fault_between(born(), until()) > fault_between(born(), from()) {
            in_order(scope, record, born(), until(), found);
        }
        if fault_between(until(), died()) > fault_between(from(), died()) {
            in_order(scope, record, until(), died(), found);
        }
    }
    for (index, relation) in actor.relations.iter().enumerate() {
        let field = |key| [Step::Key("relations"), Step::Index(index), Step::Key(key)];
        let from = || at(relation.from.as_ref(), &field("from"), "the beginning of the tie");
        let until = || at(relation.until.as_ref(), &field("until"), "the end of the tie");
        in_order(scope, record, from(), until(), found);
        // Bodies have ties to those who made them, and to those who go on with what they did.
        if actor.kind == ActorKind::Person {
            in_order(scope, record, born(), from(), found);
            let is_before = fault_between(from(), died()).is_none();
            perhaps_in_order(scope, record, from(), died(), found);
            perhaps_in_order(scope, record, until().filter(|_| is_before), died(), found);
        }
    }
}

/// The same for an order that is seldom another one: it is doubtful at most.
fn perhaps_in_order(
    scope: &Scope<'_>,
    record: &Record,
    first: Option<Point<'_>>,
    second: Option<Point<'_>>,
    found: &mut Vec<Diagnostic>,
) {
    let (Some(first), Some(second)) = (first, second) else { return };
    if fault_between_places(first.date, second.date) == Some(Fault::Impossible) {
        found.push(unlikely(scope, record, &first, &second));
    }
}

/// As what the dead take part in events: these speak of them, or happen to what is left of them.
const OF_THE_DEAD: &[&str] = &[
    "author",
    "commemorated",
    "dead",
    "deceased",
    "defendant",
    "honoured",
    "honored",
    "mentioned",
    "named",
    "object",
    "remembered",
    "subject",
    "target",
    "topic",
    "victim",
];

fn who_takes_part_is_alive(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Event(own) = &*record.fields else { return };
    let happened = || point(Some(&own.date), record, &[Step::Key("date")], "the event");
    for part in &own.actors {
        let Some((other, who)) = actor(scope, Some(&part.actor)).filter(|(_, who)| who.kind == ActorKind::Person)
        else {
            continue;
        };
        let at = |date, key, what: &str| {
            point(date, other, &[Step::Key(key)], format!("{what} of the participant `{}`", other.id))
        };
        perhaps_in_order(scope, record, at(who.born.as_ref(), "born", "the birth"), happened(), found);
        // A day of which nobody says more may be that on which they died.
        if !part.role.as_ref().is_some_and(|role| OF_THE_DEAD.contains(&role.as_str())) {
            perhaps_in_order(scope, record, happened(), at(who.died.as_ref(), "died", "the death"), found);
        }
    }
}

fn words_are_said_before_they_are_printed(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Quote(quote) = &*record.fields else { return };
    let said = || point(Some(&quote.date), record, &[Step::Key("date")], "the day of the words");
    if let Some((other, speaker)) = actor(scope, quote.speaker.actor()) {
        let born = point(speaker.born.as_ref(), other, &[Step::Key("born")], format!("the birth of `{}`", other.id));
        in_order(scope, record, born, said(), found);
        let died = point(speaker.died.as_ref(), other, &[Step::Key("died")], format!("the death of `{}`", other.id));
        in_order(scope, record, said(), died, found);
        in_office(scope, record, quote, other, speaker, found);
    }
    published_after(scope, record, quote, found);
    for (index, hand) in quote.via.iter().enumerate() {
        let field = [Step::Key("via"), Step::Index(index), Step::Key("date")];
        in_order(
            scope,
            record,
            said(),
            point(hand.date.as_ref(), record, &field, "the passing on of the words"),
            found,
        );
    }
    let answered = quote.in_reply_to.as_ref().and_then(|id| scope.dossier.index.ids.find(id.as_str()));
    if let Some(answered) = answered.map(|number| scope.record(number)) {
        let words = format!("the day of `{}`, which they answer", answered.id);
        let question = match &*answered.fields {
            Fields::Quote(question) => point(Some(&question.date), answered, &[Step::Key("date")], words),
            _ => None,
        };
        in_order(scope, record, question, said(), found);
    }
}

/// Words cannot stand in a source that was published before they were said. Where other sources came later, that one may be cited for
/// something else, and it is only in doubt.
fn published_after(scope: &Scope<'_>, record: &Record, quote: &Quote, found: &mut Vec<Diagnostic>) {
    let mut faults = Vec::new();
    let mut is_printed_later = false;
    for citation in &quote.sources {
        let Some((other, source)) = source(scope, &citation.source) else { continue };
        let Some(published) = &source.published else { continue };
        match fault_between_places(&quote.date, published) {
            Some(fault) => faults.push((other, published, fault)),
            None => is_printed_later = true,
        }
    }
    for (other, published, fault) in faults {
        let said = point(Some(&quote.date), record, &[Step::Key("date")], "the day of the words");
        let printed =
            point(Some(published), other, &[Step::Key("published")], format!("the publication of `{}`", other.id));
        if let (Some(said), Some(printed)) = (said, printed) {
            found.push(match fault {
                Fault::Impossible if is_printed_later => unlikely(scope, record, &said, &printed),
                fault => finding(scope, record, &said, &printed, fault),
            });
        }
    }
}

/// Who speaks in the capacity of an office of theirs holds it at that time, in one of its terms.
fn in_office(
    scope: &Scope<'_>,
    record: &Record,
    quote: &Quote,
    other: &Record,
    speaker: &Actor,
    found: &mut Vec<Diagnostic>,
) {
    let Some(capacity) = quote.capacity.as_ref().filter(|_| !speaker.roles.is_empty()) else { return };
    let capacity = text::normal_form(capacity.as_str());
    let mut best: Option<(Fault, Diagnostic)> = None;
    let terms = speaker.roles.iter().enumerate().filter(|(_, role)| text::normal_form(role.title.as_str()) == capacity);
    for (index, role) in terms {
        let field = |key| [Step::Key("roles"), Step::Index(index), Step::Key(key)];
        let said = || point(Some(&quote.date), record, &[Step::Key("date")], "the day of the words");
        let from = point(role.from.as_ref(), other, &field("from"), "the beginning of the speaker's office");
        let until = point(role.until.as_ref(), other, &field("until"), "the end of the speaker's office");
        let faults = [(from, said()), (said(), until)].into_iter().filter_map(|(first, second)| {
            let (first, second) = (first?, second?);
            let fault = fault(first.date, second.date)?;
            Some((fault, finding(scope, record, &first, &second, fault)))
        });
        let Some(worst) = faults.max_by_key(|(fault, _)| *fault) else { return };
        if best.as_ref().is_none_or(|(fault, _)| worst.0 < *fault) {
            best = Some(worst);
        }
    }
    found.extend(best.map(|(_, finding)| finding));
}

fn events_stand_in_their_order(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Event(own) = &*record.fields else { return };
    let happened = |words: &str| point(Some(&own.date), record, &[Step::Key("date")], words);
    for (index, update) in own.updates.iter().enumerate() {
        let field = [Step::Key("updates"), Step::Index(index), Step::Key("date")];
        in_order(scope, record, happened("the event"), point(Some(&update.date), record, &field, "the update"), found);
    }
    for id in &own.follows {
        let before = event(scope, id);
        let before = before.and_then(|(other, before)| {
            point(Some(&before.date), other, &[Step::Key("date")], format!("`{}`, which it follows", other.id))
        });
        in_order(scope, record, before, happened("the event"), found);
    }
    let Some((other, whole)) = own.part_of.as_ref().and_then(|id| event(scope, id)) else { return };
    let (begin, end) = (whole.date.earliest(), whole.date.latest());
    let is_outside = own.date.latest().is_some_and(|last| begin.is_some_and(|begin| last < begin))
        || own.date.earliest().is_some_and(|first| end.is_some_and(|end| end < first));
    if is_outside {
        let is_marked = |date: &Edtf| date.is_uncertain() || date.is_approximate();
        let is_doubtful = is_marked(&own.date) || is_marked(&whole.date);
        let code = if is_doubtful { Code::DoubtfulOrder } else { Code::ImpossibleOrder };
        let message =
            format!("the event ({}) is outside of `{}`, of which it is a part ({})", own.date, other.id, whole.date);
        found.push(
            scope
                .finding(code, record, &[Step::Key("date")], message)
                .related(&other.origin.file, scope.place(other, &[Step::Key("date")]), "the whole")
                .hint("look which date is right; a larger event lasts as long as its parts: `date: 2025-05-10/2025-05-14`"),
        );
    }
}

fn sources_are_read_after_they_are_published(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    if let Fields::Source(own) = &*record.fields {
        let published =
            || point(own.published.as_ref(), record, &[Step::Key("published")], "the publication of the source");
        in_order(
            scope,
            record,
            published(),
            point(own.accessed.as_ref(), record, &[Step::Key("accessed")], "the day on which it was read"),
            found,
        );
        for (index, capture) in own.captures.iter().enumerate() {
            let field = [Step::Key("captures"), Step::Index(index), Step::Key("at")];
            in_order(scope, record, published(), point(capture.at.as_ref(), record, &field, "the copy"), found);
        }
        if let Some((other, first)) = own.syndicated_from.as_ref().and_then(|id| source(scope, id)) {
            let words = format!("the publication of `{}`, which it repeats", other.id);
            let first = point(first.published.as_ref(), other, &[Step::Key("published")], words);
            in_order(scope, record, first, published(), found);
        }
    }
    for (index, citation) in record.fields.common().sources.iter().enumerate() {
        let Some((other, cited)) = citation.accessed.as_ref().and_then(|_| source(scope, &citation.source)) else {
            continue;
        };
        let field = [Step::Key("sources"), Step::Index(index), Step::Key("accessed")];
        let words = format!("the publication of `{}`", other.id);
        let published = point(cited.published.as_ref(), other, &[Step::Key("published")], words);
        in_order(
            scope,
            record,
            published,
            point(citation.accessed.as_ref(), record, &field, "the day on which it was read"),
            found,
        );
    }
}

fn work_on_a_record_comes_after_it(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let common = record.fields.common();
    if let Some(status) = common.status {
        let on = || point(status.on.as_ref(), record, &[Step::Key("status"), Step::Key("on")], "the verification");
        let field = match &*record.fields {
            Fields::Source(_) => "published",
            _ => "date",
        };
        in_order(
            scope,
            record,
            point(record.fields.date(), record, &[Step::Key(field)], "the record's own date"),
            on(),
            found,
        );
        let review = [Step::Key("status"), Step::Key("review_by")];
        in_order(
            scope,
            record,
            on(),
            point(status.review_by.as_ref(), record, &review, "the day of the next review"),
            found,
        );
    }
    for (index, reply) in common.replies.iter().enumerate() {
        let field = |key| [Step::Key("replies"), Step::Index(index), Step::Key(key)];
        let asked = || point(reply.asked_on.as_ref(), record, &field("asked_on"), "the request");
        if let Some((other, who)) = actor(scope, Some(&reply.from)).filter(|(_, who)| who.kind == ActorKind::Person) {
            let words = format!("the death of `{}`", other.id);
            perhaps_in_order(
                scope,
                record,
                asked(),
                point(who.died.as_ref(), other, &[Step::Key("died")], words),
                found,
            );
        }
        let asked = asked();
        in_order(
            scope,
            record,
            asked,
            point(reply.deadline.as_ref(), record, &field("deadline"), "the day on which the answer was due"),
            found,
        );
    }
}

fn what_was_done_was_done_by_today(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let common = record.fields.common();
    let mut done = |date: Option<&Edtf>, field: &[Step<'_>], what: &str| {
        if let Some(date) = date.filter(|date| is_to_come(date, scope.today)) {
            found.push(
                scope
                    .finding(Code::FutureDate, record, field, format!("{what} dated {date}, which has not come yet"))
                    .hint("look whether the year was mistyped, and write the day on which it was done"),
            );
        }
    };
    let status = common.status.and_then(|status| status.on.as_ref());
    done(status, &[Step::Key("status"), Step::Key("on")], "the verification is");
    for (index, correction) in common.corrections.iter().enumerate() {
        let field = [Step::Key("corrections"), Step::Index(index), Step::Key("on")];
        done(Some(&correction.on), &field, "the correction is");
    }
    for (index, reply) in common.replies.iter().enumerate() {
        let field = [Step::Key("replies"), Step::Index(index), Step::Key("asked_on")];
        done(reply.asked_on.as_ref(), &field, "the request is");
    }
    each_list_of_sources(record, |list, citations| {
        for (index, citation) in citations.iter().enumerate().filter(|(_, citation)| citation.accessed.is_some()) {
            let field = [list, &[Step::Index(index), Step::Key("accessed")]].concat();
            done(citation.accessed.as_ref(), &field, "the reading of the source is");
        }
    });
    match &*record.fields {
        Fields::Actor(actor) if actor.kind == ActorKind::Person => {
            done(actor.died.as_ref(), &[Step::Key("died")], "the death is");
        }
        Fields::Event(event) => {
            for (index, update) in event.updates.iter().enumerate() {
                let field = [Step::Key("updates"), Step::Index(index), Step::Key("date")];
                done(Some(&update.date), &field, "the update is");
            }
        }
        Fields::Quote(quote) => {
            // A speech may be made ready for the day on which it is given.
            if !common.holds(scope.today).any(|hold| hold == Hold::Embargoed) {
                done(Some(&quote.date), &[Step::Key("date")], "the words are");
            }
            for (index, hand) in quote.via.iter().enumerate() {
                let field = [Step::Key("via"), Step::Index(index), Step::Key("date")];
                done(hand.date.as_ref(), &field, "the passing on of the words is");
            }
        }
        Fields::Source(source) => {
            done(source.accessed.as_ref(), &[Step::Key("accessed")], "the reading of the source is");
            for (index, capture) in source.captures.iter().enumerate() {
                let field = [Step::Key("captures"), Step::Index(index), Step::Key("at")];
                done(capture.at.as_ref(), &field, "the copy is");
            }
        }
        // What happens, and what ends, may be known before.
        Fields::Actor(_) | Fields::Place(_) | Fields::Page(_) => {}
    }
}

/// Whether a date lies after today, whatever it means. Today is a day of universal time, and in the east the next one has begun.
fn is_to_come(date: &Edtf, today: Day) -> bool {
    let is_marked = date.is_uncertain() || date.is_approximate();
    let last = today.next().unwrap_or(today);
    !is_marked && date.earliest().is_some_and(|first| first > last)
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    #[test]
    fn an_order_has_three_answers() {
        let check = |first: &str, second: &str, expected: &str| {
            let date = |written| Edtf::from_str(written).expect("the dates of this test are dates");
            let answer = match fault(&date(first), &date(second)) {
                Some(Fault::Impossible) => "impossible",
                Some(Fault::Doubtful) => "doubtful",
                None => "",
            };
            assert_eq!(answer, expected, "{first}, then {second}");
        };
        check("2024-05-10", "2024-05-11", "");
        check("2024-05-10", "2024-05-10", "");
        check("2024-05-10", "2024-05-09", "impossible");
        check("2024-05", "2024-04-30", "impossible");
        check("2024-05~", "2024-04-30", "doubtful");
        check("2024-05-10", "2024-05-09?", "doubtful");
        // A wide date in which the other lies leaves the order open.
        check("2024-05", "2024-05-03", "");
        check("2024", "2024-01-01", "");
        check("2024-05-10", "2024", "");
        check("2024-05-10/2024-05-20", "2024-05-05/2024-05-12", "doubtful");
        check("2024-05-05/2024-05-12", "2024-05-10/2024-05-20", "");
        check("2024-05-10/..", "2024-05-05/..", "");
        check("../2024-05-10", "2024-05-05", "");
    }

    #[test]
    fn between_two_places_a_day_is_left_open() {
        let check = |first: &str, second: &str, expected: Option<Fault>| {
            let date = |written| Edtf::from_str(written).expect("the dates of this test are dates");
            assert_eq!(fault_between_places(&date(first), &date(second)), expected, "{first}, then {second}");
        };
        check("2023-06-21", "2023-06-21", None);
        check("2023-06-21", "2023-06-20", Some(Fault::Doubtful));
        check("2023-06-21", "2023-06-19", Some(Fault::Impossible));
        check("2023-06-21", "2023-06", None);
        check("2023-07", "2023-06-30", Some(Fault::Doubtful));
        check("2023-07", "2023-06-29", Some(Fault::Impossible));
        check("2023", "2022", Some(Fault::Impossible));
    }

    #[test]
    fn what_can_have_been_by_today_is_not_to_come() {
        let today = Day::new(2025, 5, 30).expect("the day of this test is a day");
        let check = |written: &str, expected: bool| {
            let date = Edtf::from_str(written).expect("the dates of this test are dates");
            assert_eq!(is_to_come(&date, today), expected, "{written}");
        };
        check("2025-05-30", false);
        // Somewhere it is this day already.
        check("2025-05-31", false);
        check("2025-06-01", true);
        check("2025-06", true);
        check("2026", true);
        check("2025", false);
        check("2025-0X", false);
        check("2026?", false);
        check("2025-06~", false);
        check("2025-05-01/2026-01-01", false);
        check("2025-07-01/..", true);
        check("../2026-01-01", false);
    }
}
