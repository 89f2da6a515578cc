//! Front matter without what is withheld: field by field, so that nothing is kept by default of being forgotten.

use std::str::FromStr;

use super::Fate;
use crate::link::Dossier;
use crate::model::{
    Actor, Citation, Event, Fields, Id, Line, Many, Participant, Quote, Relation, Reply, Role, Source, Speaker, Via,
};

/// What each id of the full dossier is to the public.
pub(super) struct Lens<'a> {
    pub(super) dossier: &'a Dossier,
    pub(super) fates: &'a [Fate],
}

impl Lens<'_> {
    fn fate(&self, id: &str) -> Option<Fate> {
        self.dossier.index.ids.find(id).map(|number| self.fates[number as usize])
    }

    /// Whether a text may be shown as it is: it names nobody, or somebody public by their present id.
    pub(super) fn is_public(&self, text: &str) -> bool {
        match self.fate(text) {
            None => true,
            Some(Fate::Public(_)) => !self.dossier.index.ids.is_old(text),
            Some(Fate::Protected(_) | Fate::Hidden) => false,
        }
    }

    /// The id as the public may see it: the present one, a placeholder, or none.
    fn id(&self, id: &Id) -> Option<Id> {
        match self.fate(id.as_str()) {
            Some(Fate::Public(_)) => {
                self.dossier.index.ids.find(id.as_str()).map(|number| self.dossier.records[number as usize].id.clone())
            }
            Some(Fate::Protected(number)) => Some(Id::placeholder(number as usize)),
            Some(Fate::Hidden) | None => None,
        }
    }

    /// Whether a source that is cited is one that readers see.
    pub(super) fn is_shown(&self, source: &Id) -> bool {
        self.id(source).is_some()
    }

    /// Whether an id names somebody who may be named.
    fn is_named(&self, id: &str) -> bool {
        matches!(self.fate(id), Some(Fate::Public(_)))
    }

    /// A text that may be an id: the present one of somebody public, the text itself when it names nobody.
    fn line(&self, line: &Line) -> Option<Line> {
        match self.fate(line.as_str()) {
            None => Some(line.clone()),
            Some(Fate::Public(_)) => {
                let number = self.dossier.index.ids.find(line.as_str())?;
                Line::from_str(self.dossier.records[number as usize].id.as_str()).ok()
            }
            Some(Fate::Protected(_) | Fate::Hidden) => None,
        }
    }
}

/// Takes out of a record's fields what the public may not see.
pub(super) fn redact(fields: &Fields, lens: &Lens<'_>) -> Fields {
    macro_rules! with_common {
        ($record:expr) => {{
            let mut record = $record;
            record.sources = citations(&record.sources, lens);
            record.replies = record.replies.iter().filter_map(|reply| redact_reply(reply, lens)).collect();
            record.notes_internal = None;
            record.allow = Many::default();
            record.takedown = record.takedown.take().filter(|takedown| !super::hides_takedown(Some(takedown)));
            record.not_secret = Many::default();
            if let Some(status) = &mut record.status {
                status.by = status.by.as_ref().and_then(|by| lens.line(by));
            }
            record
        }};
    }
    match fields {
        Fields::Actor(actor) => Fields::Actor(with_common!(redact_actor(actor, lens))),
        Fields::Event(event) => Fields::Event(with_common!(redact_event(event, lens))),
        Fields::Quote(quote) => Fields::Quote(with_common!(redact_quote(quote, lens))),
        Fields::Source(source) => Fields::Source(with_common!(redact_source(source, lens))),
        Fields::Place(place) => Fields::Place(with_common!(place.clone())),
        Fields::Page(page) => Fields::Page(with_common!(page.clone())),
    }
}

fn ids(ids: &Many<Id>, lens: &Lens<'_>) -> Many<Id> {
    ids.iter().filter_map(|id| lens.id(id)).collect()
}

fn citations(citations: &Many<Citation>, lens: &Lens<'_>) -> Many<Citation> {
    let public = |citation: &Citation| Some(Citation { source: lens.id(&citation.source)?, ..citation.clone() });
    citations.iter().filter_map(public).collect()
}

fn redact_reply(reply: &Reply, lens: &Lens<'_>) -> Option<Reply> {
    let quote = reply.quote.as_ref().and_then(|quote| lens.id(quote));
    Some(Reply { from: lens.id(&reply.from)?, quote, ..reply.clone() })
}

fn redact_actor(actor: &Actor, lens: &Lens<'_>) -> Actor {
    let role = |role: &Role| Role { at: role.at.as_ref().and_then(|at| lens.line(at)), ..role.clone() };
    let relation = |relation: &Relation| {
        Some(Relation { to: lens.id(&relation.to)?, sources: citations(&relation.sources, lens), ..relation.clone() })
    };
    Actor {
        roles: actor.roles.iter().map(role).collect(),
        relations: actor.relations.iter().filter_map(relation).collect(),
        // That somebody protected has a similar name would tell much of the name.
        not_same_as: actor
            .not_same_as
            .iter()
            .filter(|id| lens.is_named(id.as_str()))
            .filter_map(|id| lens.id(id))
            .collect(),
        ..actor.clone()
    }
}

fn redact_event(event: &Event, lens: &Lens<'_>) -> Event {
    let participant = |participant: &Participant| {
        let sources = citations(&participant.sources, lens);
        Some(Participant { actor: lens.id(&participant.actor)?, sources, ..participant.clone() })
    };
    let mut redacted = Event {
        place: event.place.as_ref().and_then(|place| lens.id(place)),
        actors: event.actors.iter().filter_map(participant).collect(),
        part_of: event.part_of.as_ref().and_then(|whole| lens.id(whole)),
        follows: ids(&event.follows, lens),
        ..event.clone()
    };
    let counts = redacted.counts.iter().cloned().map(|mut count| {
        count.by = count.by.as_ref().and_then(|by| lens.line(by));
        count
    });
    redacted.counts = counts.collect();
    redacted
}

fn redact_quote(quote: &Quote, lens: &Lens<'_>) -> Quote {
    let via = |via: &Via| {
        let source = via.source.as_ref().and_then(|source| lens.id(source));
        Some(Via { actor: lens.id(&via.actor)?, source, ..via.clone() })
    };
    let speaker = match &quote.speaker {
        Speaker::Actor(id) => lens.id(id).map_or(Speaker::Withheld, Speaker::Actor),
        other => other.clone(),
    };
    Quote {
        speaker,
        to: ids(&quote.to, lens),
        about: ids(&quote.about, lens),
        event: quote.event.as_ref().and_then(|event| lens.id(event)),
        place: quote.place.as_ref().and_then(|place| lens.id(place)),
        via: quote.via.iter().filter_map(via).collect(),
        in_reply_to: quote.in_reply_to.as_ref().and_then(|quote| lens.id(quote)),
        translation: quote.translation.clone().map(|mut translation| {
            translation.by = translation.by.as_ref().and_then(|by| lens.line(by));
            // Who has a name in mind could find out by it whether the words had that name.
            translation.of = None;
            translation
        }),
        ..quote.clone()
    }
}

fn redact_source(source: &Source, lens: &Lens<'_>) -> Source {
    Source {
        publisher: source.publisher.as_ref().and_then(|publisher| lens.line(publisher)),
        authors: source.authors.iter().filter_map(|author| lens.line(author)).collect(),
        syndicated_from: source.syndicated_from.as_ref().and_then(|first| lens.id(first)),
        captures: source
            .captures
            .iter()
            .cloned()
            .map(|mut capture| {
                capture.by = capture.by.as_ref().and_then(|by| lens.line(by));
                capture
            })
            .collect(),
        ..source.clone()
    }
}
