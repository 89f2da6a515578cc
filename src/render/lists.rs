//! Records as they stand in lists, and which records stand in the lists of another.

use tera::Value;

use super::view::{View, text, view};
use super::{Depth, Renderer, direction};
use crate::model::{
    Actor, Attribution, Event, Fields, Id, Kind, Mode, Participant, Place, Quote, Source, Speaker, Via,
};
use crate::redact::{EdgePlace, Number, PublicRecord, Role, Slot};

impl Renderer {
    /// A record as it stands in lists.
    pub(super) fn make_record(&self, number: Number, depth: Depth) -> Value {
        let record = self.site.record(number);
        let common = record.fields.common();
        let lang = self.lang(record);
        let rests_on = self.site.dossier.rests_on(record);
        let mut view = view! {
            kind: record.kind().word(),
            id: record.id.as_str(),
            title: self.title(record),
            href: self.href(record, depth),
            summary: text(common.summary),
            lang: lang,
            dir: direction(lang),
            date: self.optional_date(record.fields.date(), depth),
            status: self.status(common.status, depth),
            sources: self.citations(common.sources, depth),
            source_count: rests_on.sources,
            origins: rests_on.origins,
            unlisted: !record.listed,
            mark: record.mark.map_or("", |reason| reason.word()),
        };
        match &*record.fields {
            Fields::Actor(actor) => self.actor_in_list(&mut view, number, actor),
            Fields::Event(event) => self.event_in_list(&mut view, event, depth),
            Fields::Quote(quote) => self.quote_in_list(&mut view, number, record, quote, depth),
            Fields::Source(source) => self.source_in_list(&mut view, number, source, depth),
            Fields::Place(place) => self.place_in_list(&mut view, place),
            Fields::Page(_) => {}
        }
        view.value()
    }

    pub(super) fn actor_in_list(&self, view: &mut View, number: Number, actor: &Actor) {
        let activity = self.site.plan.activity.get(&number).copied().unwrap_or_default();
        view.set("role", text(actor.role.as_ref()));
        view.set("actor_kind", actor.kind.word());
        view.set("quotes", activity.quotes);
        view.set("events", activity.events);
    }

    pub(super) fn event_in_list(&self, view: &mut View, event: &Event, depth: Depth) {
        let actors: Vec<Value> = event.actors.iter().map(|participant| self.participant(participant, depth)).collect();
        view.set("actors", actors);
        view.set("place", self.optional_reference(event.place.as_ref(), depth));
        view.set("time", text(event.time.as_ref()));
        view.set("tz", text(event.tz.as_ref()));
        view.set("category", text(event.category.as_ref()));
    }

    pub(super) fn participant(&self, participant: &Participant, depth: Depth) -> Value {
        view! {
            actor: self.reference_of(&participant.actor, depth),
            role: text(participant.role.as_ref()),
            alleged: participant.alleged,
            sources: self.citations(&participant.sources, depth),
        }
        .value()
    }

    pub(super) fn quote_in_list(
        &self,
        view: &mut View,
        number: Number,
        record: &PublicRecord,
        quote: &Quote,
        depth: Depth,
    ) {
        let (speaker, kind) = match &quote.speaker {
            Speaker::Actor(id) => (self.reference_of(id, depth), "actor"),
            Speaker::Unknown => (self.named(&self.speaker_name(quote), "actor"), "unknown"),
            Speaker::Unnamed => (self.named(&self.speaker_name(quote), "actor"), "unnamed"),
            Speaker::Withheld => (self.named(&self.speaker_name(quote), "actor"), "withheld"),
        };
        let references = |ids: &[Id]| -> Vec<Value> { ids.iter().map(|id| self.reference_of(id, depth)).collect() };
        view.set("speaker", speaker);
        view.set("speaker_kind", kind);
        view.set("capacity", text(quote.capacity.as_ref()));
        view.set("to", references(&quote.to));
        view.set("about", references(&quote.about));
        view.set("medium", text(quote.medium.as_ref()));
        view.set("mode", quote.mode.unwrap_or(Mode::Direct).word());
        view.set("stance", text(quote.stance.as_ref()));
        view.set("attribution", quote.attribution.unwrap_or(Attribution::Sourced).word());
        view.set("html", self.quoted_html(number, record, Slot::Text, depth));
        view.set("event", self.optional_reference(quote.event.as_ref(), depth));
        let translation = quote.translation.as_ref().map(|translation| {
            view! {
                from: translation.from.as_str(),
                from_name: self.language_name(translation.from.as_str()),
                method: text(translation.method.as_ref()),
                by: translation.by.as_ref().map(|by| self.text_of(by)).unwrap_or_default(),
                stale: record.is_stale,
            }
            .value()
        });
        view.set("translation", translation);
        let original = quote.original.as_ref().map(|original| {
            let lang = original.lang.as_str();
            view! { lang: lang, lang_name: self.language_name(lang), dir: direction(lang), html: self.quoted_html(number, record, Slot::Original, depth) }.value()
        });
        view.set("original", original);
        view.set("via", quote.via.iter().map(|hand| self.hand(hand, depth)).collect::<Vec<_>>());
        view.set("standing", self.site.dossier.standing(quote).word());
        view.set("verbatim", self.verbatim(number, record, quote, depth));
    }

    /// A hand through which words went, with the words around its name that say what it did.
    fn hand(&self, hand: &Via, depth: Depth) -> Value {
        let verb = hand.verb.as_ref().map(|verb| verb.as_str());
        let phrase = self.theme.words.passed_on(verb);
        let (before, after) = phrase.split_once("{who}").unwrap_or((&phrase, ""));
        view! {
            actor: self.reference_of(&hand.actor, depth),
            verb: verb.unwrap_or_default(),
            before: before,
            after: after,
            source: self.optional_reference(hand.source.as_ref(), depth),
            date: self.optional_date(hand.date.as_ref(), depth),
        }
        .value()
    }

    pub(super) fn source_in_list(&self, view: &mut View, number: Number, source: &Source, depth: Depth) {
        let authors: Vec<Value> = source.authors.iter().map(|author| self.reference_or_text(author, depth)).collect();
        view.set("source_kind", source.kind.map_or("", |kind| kind.word()));
        view.set("publisher", source.publisher.as_ref().map(|publisher| self.text_of(publisher)).unwrap_or_default());
        view.set("authors", authors);
        view.set("url", text(source.url.as_ref()));
        view.set("cited", self.referrers(number, |role| role == Role::Cited).len());
    }

    pub(super) fn place_in_list(&self, view: &mut View, place: &Place) {
        let country = place.country.as_ref().map(|country| country.as_str()).unwrap_or_default();
        view.set("country", country);
        view.set("country_name", self.country_name(country));
        view.set("precision", text(place.precision.as_ref()));
    }

    /// The records that refer to one in a role, in time order, each once.
    pub(super) fn referrers(&self, number: Number, is_wanted: impl Fn(Role) -> bool) -> Vec<Number> {
        let edges = self.site.dossier.edges_to(number);
        let mut found: Vec<Number> = edges.iter().filter(|edge| is_wanted(edge.role)).map(|edge| edge.from).collect();
        found.sort_unstable_by_key(|from| self.site.plan.rank[*from as usize]);
        found.dedup();
        found
    }

    pub(super) fn records(&self, numbers: &[Number], depth: Depth) -> Value {
        Value::from(numbers.iter().map(|number| self.record(*number, depth)).collect::<Vec<_>>())
    }

    pub(super) fn referring(&self, number: Number, kind: Kind, roles: &[Role], depth: Depth) -> Value {
        let mut found = self.referrers(number, |role| roles.contains(&role));
        found.retain(|from| self.site.record(*from).kind() == kind);
        self.records(&found, depth)
    }

    /// The records that mention one in prose, each once, with the sentence of the first mention.
    pub(super) fn mentions(&self, number: Number, depth: Depth) -> Value {
        let edges = self.site.dossier.edges_to(number);
        let mut found: Vec<(u32, Number, EdgePlace)> = edges
            .iter()
            .filter(|edge| edge.role == Role::Mentioned)
            .map(|edge| (self.site.plan.rank[edge.from as usize], edge.from, edge.place))
            .collect();
        found.sort_unstable();
        found.dedup_by_key(|(_, from, _)| *from);
        let entries: Vec<Value> = found
            .into_iter()
            .map(|(_, from, place)| {
                let sentence = match place {
                    EdgePlace::Prose(slot, index) => self.sentence(from, slot, index),
                    EdgePlace::Field(_) => String::new(),
                };
                self.entry(from, "mentioned", false, &sentence, depth)
            })
            .collect();
        Value::from(entries)
    }

    pub(super) fn sentence(&self, number: Number, slot: Slot, index: u32) -> String {
        let record = self.site.record(number);
        let Some(prose) = record.texts.get(slot) else { return String::new() };
        let Some(link) = prose.links.get(index as usize) else { return String::new() };
        self.plain(record, slot, prose, link.sentence.clone()).trim().to_owned()
    }

    pub(super) fn entry(&self, number: Number, role: &str, alleged: bool, sentence: &str, depth: Depth) -> Value {
        let record = self.site.record(number);
        view! {
            date: self.optional_date(record.fields.date(), depth),
            record: self.record(number, depth),
            role: role,
            alleged: alleged,
            sentence: sentence,
        }
        .value()
    }
}
