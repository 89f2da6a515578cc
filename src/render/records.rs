//! Records as the subjects of their pages.

use std::collections::BTreeMap;

use tera::Value;

use super::view::{View, text, view};
use super::{Depth, Renderer, direction};
use crate::model::{Actor, CorrectionKind, Event, Fields, Kind, Place, Quote, Relation, Source};
use crate::redact::{Found, Number, PublicRecord, Role, Slot, Standing};

impl Renderer {
    /// The template of a record's page, and what it sees.
    pub(super) fn record_page(&self, number: Number, depth: Depth) -> (String, &'static str, Value) {
        let record = self.site.record(number);
        let mut view = View::of(&self.record(number, depth));
        let common = record.fields.common();
        let corrections: Vec<Value> =
            (0..common.corrections.len()).map(|at| self.correction(number, at, depth)).collect();
        view.set("corrections", corrections);
        view.set("replies", self.replies(record, depth));
        view.set("mentions", self.mentions(number, depth));
        view.set("cite", self.cite(record));
        view.set("tags", self.tag_links(number, depth));
        view.set("sensitivity", common.sensitivity.iter().map(|word| Value::from(word.as_str())).collect::<Vec<_>>());
        view.set("withheld", record.withheld.iter().map(|field| Value::from(&**field)).collect::<Vec<_>>());
        let extra: Vec<(String, Value)> =
            record.extra.iter().map(|(key, value)| (key.clone(), Value::from_serializable(value))).collect();
        view.set("extra", Value::from(extra.into_iter().collect::<std::collections::BTreeMap<_, _>>()));
        let (template, subject) = match &*record.fields {
            Fields::Actor(actor) => {
                self.actor_page(&mut view, number, record, actor, depth);
                ("actor.html".to_owned(), "actor")
            }
            Fields::Event(event) => {
                self.event_page(&mut view, number, record, event, depth);
                ("event.html".to_owned(), "event")
            }
            Fields::Quote(quote) => {
                self.quote_page(&mut view, number, record, quote, depth);
                ("quote.html".to_owned(), "quote")
            }
            Fields::Source(source) => {
                self.source_page(&mut view, number, record, source, depth);
                ("source.html".to_owned(), "source")
            }
            Fields::Place(place) => {
                self.place_page(&mut view, number, record, place, depth);
                ("place.html".to_owned(), "place")
            }
            Fields::Page(page) => {
                view.set("html", self.html_of(record, Slot::Body, depth));
                let template = page.template.as_ref().map_or("page", |template| template.as_str());
                (format!("{template}.html"), "free")
            }
        };
        (template, subject, view.value())
    }

    pub(super) fn actor_page(
        &self,
        view: &mut View,
        number: Number,
        record: &PublicRecord,
        actor: &Actor,
        depth: Depth,
    ) {
        view.set("html", self.html_of(record, Slot::Body, depth));
        let names = actor.names.iter().map(|name| {
            let lang = name.lang.as_ref().map(|lang| lang.as_str()).unwrap_or_default();
            let kind = text(name.kind.as_ref());
            view! { text: name.text.as_str(), lang: lang, dir: direction(lang), kind: kind }.value()
        });
        view.set("names", names.collect::<Vec<_>>());
        let roles = actor.roles.iter().map(|role| {
            view! {
                title: role.title.as_str(),
                at: role.at.as_ref().map(|at| self.reference_or_text(at, depth)),
                from: self.optional_date(role.from.as_ref(), depth),
                until: self.optional_date(role.until.as_ref(), depth),
            }
            .value()
        });
        view.set("roles", roles.collect::<Vec<_>>());
        let country = actor.country.as_ref().map(|country| country.as_str()).unwrap_or_default();
        view.set("country", country);
        view.set("country_name", self.country_name(country));
        let ids = actor.ids.iter().map(|(name, value)| view! { name: name.as_str(), value: value.as_str() }.value());
        view.set("ids", ids.collect::<Vec<_>>());
        view.set("born", self.optional_date(actor.born.as_ref(), depth));
        view.set("died", self.optional_date(actor.died.as_ref(), depth));
        view.set("image", record.image.map(|at| view! { href: self.attachment_href(at, depth) }.value()));
        view.set("relations", self.relations(number, actor, depth));
        let others = actor.not_same_as.iter().map(|id| self.reference_of(id, depth)).collect::<Vec<_>>();
        view.set("not_same_as", others);
        view.set("quotes_by", self.referring(number, Kind::Quote, &[Role::Spoke], depth));
        let said = self.said(number);
        for (key, standing) in
            [("said", Standing::OnRecord), ("reported", Standing::Reported), ("contested", Standing::Contested)]
        {
            view.set(key, self.records(said.get(&standing).map_or(&[], Vec::as_slice), depth));
        }
        view.set("quotes_about", self.referring(number, Kind::Quote, &[Role::About], depth));
        view.set("quotes_to", self.referring(number, Kind::Quote, &[Role::To], depth));
        let events = self.events_of(number);
        let entries: Vec<Value> =
            events.iter().map(|(event, role, alleged)| self.entry(*event, role, *alleged, "", depth)).collect();
        view.set("events_in", entries);
        let timeline = self.actor_timeline(number, &events);
        let seen: Vec<Number> = timeline.iter().map(|(record, _, _)| *record).collect();
        let entries: Vec<Value> =
            timeline.iter().map(|(record, role, alleged)| self.entry(*record, role, *alleged, "", depth)).collect();
        view.set("timeline", entries);
        view.set("days", self.days_of(&seen, depth));
        let published = self.referring(number, Kind::Source, &[Role::Published, Role::Wrote], depth);
        view.set("published", published);
    }

    /// The quotes that are given as an actor's, in time order, by how they stand.
    fn said(&self, number: Number) -> BTreeMap<Standing, Vec<Number>> {
        let mut said: BTreeMap<Standing, Vec<Number>> = BTreeMap::new();
        for from in self.referrers(number, |role| role == Role::Spoke) {
            if let Fields::Quote(quote) = &*self.site.record(from).fields {
                said.entry(self.site.dossier.standing(quote)).or_default().push(from);
            }
        }
        said
    }

    /// The events that an actor took part in, with the role and whether it is alleged.
    pub(super) fn events_of(&self, number: Number) -> Vec<(Number, String, bool)> {
        let mut events: Vec<(Number, String, bool)> = Vec::new();
        for event in self.referrers(number, |role| role == Role::TookPart) {
            let Fields::Event(fields) = &*self.site.record(event).fields else { continue };
            for participant in fields.actors.iter() {
                if self.site.dossier.find(&participant.actor) == Found::Record(number) {
                    let role = participant.role.as_ref().map_or("took-part", |role| role.as_str());
                    events.push((event, role.to_owned(), participant.alleged));
                }
            }
        }
        events
    }

    /// What an actor said and took part in, in time order.
    pub(super) fn actor_timeline(
        &self,
        number: Number,
        events: &[(Number, String, bool)],
    ) -> Vec<(Number, String, bool)> {
        let spoken = self.referrers(number, |role| role == Role::Spoke);
        let mut timeline: Vec<(Number, String, bool)> =
            spoken.into_iter().map(|quote| (quote, "spoke".to_owned(), false)).chain(events.iter().cloned()).collect();
        timeline.sort_by_key(|(record, _, _)| self.site.plan.rank[*record as usize]);
        timeline
    }

    pub(super) fn relations(&self, number: Number, actor: &Actor, depth: Depth) -> Value {
        let relation = |relation: &Relation, other: Value, incoming: bool| {
            view! {
                kind: relation.kind.as_str(),
                other: other,
                role: text(relation.role.as_ref()),
                from: self.optional_date(relation.from.as_ref(), depth),
                until: self.optional_date(relation.until.as_ref(), depth),
                incoming: incoming,
                sources: self.citations(&relation.sources, depth),
            }
            .value()
        };
        let own = actor.relations.iter().map(|own| relation(own, self.reference_of(&own.to, depth), false));
        let mut all: Vec<Value> = own.collect();
        for other in self.referrers(number, |role| role == Role::Relation) {
            let Fields::Actor(fields) = &*self.site.record(other).fields else { continue };
            for theirs in
                fields.relations.iter().filter(|theirs| self.site.dossier.find(&theirs.to) == Found::Record(number))
            {
                all.push(relation(theirs, self.reference(other, depth), true));
            }
        }
        Value::from(all)
    }

    pub(super) fn event_page(
        &self,
        view: &mut View,
        number: Number,
        record: &PublicRecord,
        event: &Event,
        depth: Depth,
    ) {
        view.set("html", self.html_of(record, Slot::Body, depth));
        view.set("part_of", self.optional_reference(event.part_of.as_ref(), depth));
        view.set("parts", self.referring(number, Kind::Event, &[Role::PartOf], depth));
        view.set("follows", event.follows.iter().map(|id| self.reference_of(id, depth)).collect::<Vec<_>>());
        view.set("followed_by", self.referring(number, Kind::Event, &[Role::Follows], depth));
        let counts = event.counts.iter().map(|count| {
            view! {
                what: count.what.as_str(),
                low: count.low,
                best: count.best,
                high: count.high,
                by: count.by.as_ref().map(|by| self.reference_or_text(by, depth)),
            }
            .value()
        });
        view.set("counts", counts.collect::<Vec<_>>());
        let updates = (0..).zip(&event.updates).map(|(at, update)| {
            view! { date: self.date(&update.date, depth), html: self.html_of(record, Slot::Update(at), depth) }.value()
        });
        view.set("updates", updates.collect::<Vec<_>>());
        view.set("quotes", self.referring(number, Kind::Quote, &[Role::AtEvent, Role::About], depth));
    }

    pub(super) fn quote_page(
        &self,
        view: &mut View,
        number: Number,
        record: &PublicRecord,
        quote: &Quote,
        depth: Depth,
    ) {
        view.set("body", self.html_of(record, Slot::Body, depth));
        view.set("context_before", self.html_of(record, Slot::Before, depth));
        view.set("context_after", self.html_of(record, Slot::After, depth));
        let answered = quote.in_reply_to.as_ref().map(|id| self.site.dossier.find(id));
        let answered = match answered {
            Some(Found::Record(answered)) => self.record(answered, depth),
            Some(Found::Protected(_) | Found::Nothing) | None => Value::none(),
        };
        view.set("in_reply_to", answered);
        view.set("answers", self.referring(number, Kind::Quote, &[Role::Answers], depth));
        view.set("place", self.optional_reference(quote.place.as_ref(), depth));
        let speaker = match quote.speaker.actor().map(|id| self.site.dossier.find(id)) {
            Some(Found::Record(speaker)) => self.record(speaker, depth),
            Some(Found::Protected(_) | Found::Nothing) | None => Value::none(),
        };
        view.set("speaker_record", speaker);
    }

    pub(super) fn source_page(
        &self,
        view: &mut View,
        number: Number,
        record: &PublicRecord,
        source: &Source,
        depth: Depth,
    ) {
        view.set("html", self.html_of(record, Slot::Body, depth));
        view.set("archived", source.archived.iter().map(|url| Value::from(url.as_str())).collect::<Vec<_>>());
        view.set("accessed", self.optional_date(source.accessed.as_ref(), depth));
        view.set("access", text(source.access.as_ref()));
        view.set("licence", text(source.licence.as_ref()));
        view.set("syndicated_from", self.optional_reference(source.syndicated_from.as_ref(), depth));
        view.set("repeated_by", self.referring(number, Kind::Source, &[Role::Repeats], depth));
        view.set("quotes", self.referring(number, Kind::Quote, &[Role::Cited], depth));
        view.set("events", self.referring(number, Kind::Event, &[Role::Cited], depth));
        let mut others = self.referrers(number, |role| role == Role::Cited);
        others.retain(|from| !matches!(self.site.record(*from).kind(), Kind::Quote | Kind::Event));
        view.set("others", self.records(&others, depth));
        view.set("captures", self.captures(number, source, depth));
        view.set("compared", self.compared_with(number, depth));
    }

    pub(super) fn place_page(
        &self,
        view: &mut View,
        number: Number,
        record: &PublicRecord,
        place: &Place,
        depth: Depth,
    ) {
        view.set("html", self.html_of(record, Slot::Body, depth));
        view.set("lat", text(place.lat.as_ref()));
        view.set("lon", text(place.lon.as_ref()));
        view.set("obscured", place.obscured);
        view.set("events", self.referring(number, Kind::Event, &[Role::Place], depth));
        view.set("quotes", self.referring(number, Kind::Quote, &[Role::Place, Role::About], depth));
    }

    pub(super) fn correction(&self, number: Number, at: usize, depth: Depth) -> Value {
        let correction = &self.site.record(number).fields.common().corrections[at];
        view! {
            on: self.date(&correction.on, depth),
            // Of a person, `minor` means something else.
            kind: correction.kind.map_or("correction", |kind| match kind {
                CorrectionKind::Minor => "minor-change",
                kind => kind.word(),
            }),
            field: text(correction.field.as_ref()),
            was: text(correction.was.as_ref()),
            now: text(correction.now.as_ref()),
            why: correction.why.as_str(),
            record: self.reference(number, depth),
            edition: self.edition_of(number, at, depth),
        }
        .value()
    }

    pub(super) fn replies(&self, record: &PublicRecord, depth: Depth) -> Value {
        let replies = record.fields.common().replies.iter().map(|reply| {
            view! {
                from: self.reference_of(&reply.from, depth),
                asked_on: self.optional_date(reply.asked_on.as_ref(), depth),
                deadline: self.optional_date(reply.deadline.as_ref(), depth),
                outcome: reply.outcome.word(),
                quote: self.optional_reference(reply.quote.as_ref(), depth),
            }
            .value()
        });
        Value::from(replies.collect::<Vec<_>>())
    }
}
