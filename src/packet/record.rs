//! The record of a packet as its readers have it, with the quotations and sources that belong to it: for people and for programs.
//!
//! Each field is named here, so that nothing comes into a packet by default of being forgotten. Prose is taken as it is shown, never as it
//! is written, since what is written names whom readers do not know.

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::statement::to_json;
use crate::edtf::{DateFormat, Edtf};
use crate::model::{Citation, Correction, Event, Fields, Id, Kind, Line, Quote, Source, Speaker};
use crate::redact::{Found, Number, Prose, PublicDossier, PublicLink, PublicRecord, Slot};
use crate::text;

/// The version of the form of `record.json`.
const VERSION: u32 = 1;

/// How many letters of a quotation stand for a title.
const TITLE: usize = 60;

/// A record with what belongs to it.
#[derive(Serialize)]
pub(super) struct Sheet {
    format: &'static str,
    version: u32,
    dossier: String,
    record: Entry,
    quotations: Vec<Entry>,
    sources: Vec<Entry>,
}

/// One record: its fields in order, each with what readers see of it.
#[derive(Serialize)]
struct Entry {
    id: String,
    kind: &'static str,
    title: String,
    /// Why readers do not see it; only in a packet that is not for them.
    #[serde(skip_serializing_if = "Option::is_none")]
    withheld: Option<&'static str>,
    #[serde(flatten)]
    fields: Map<String, Value>,
}

impl Sheet {
    pub(super) fn new(view: View<'_>, subject: Number, quotations: &[Number], sources: &[Number]) -> Self {
        let quotations = quotations.iter().filter(|number| **number != subject);
        Sheet {
            format: "dossier-record",
            version: VERSION,
            dossier: view.0.settings.title.to_string(),
            record: view.entry(subject),
            quotations: quotations.map(|number| view.entry(*number)).collect(),
            sources: sources.iter().map(|number| view.entry(*number)).collect(),
        }
    }

    /// For programs.
    pub(super) fn to_data(&self) -> String {
        to_json(self)
    }

    /// For people: Markdown that also reads as plain text.
    pub(super) fn to_markdown(&self, warning: Option<&str>) -> String {
        let mut page = String::new();
        if let Some(warning) = warning {
            page.push_str(&format!("**{warning}**\n\n"));
        }
        page.push_str(&format!("From the dossier “{}”, as its readers have it.\n\n", self.dossier));
        self.record.write(1, &mut page);
        for (heading, entries) in [("Quotations", &self.quotations), ("Sources", &self.sources)] {
            if !entries.is_empty() {
                page.push_str(&format!("## {heading}\n\n"));
                entries.iter().for_each(|entry| entry.write(3, &mut page));
            }
        }
        page.truncate(page.trim_end().len());
        page + "\n"
    }
}

impl Entry {
    fn write(&self, level: usize, page: &mut String) {
        page.push_str(&format!("{} {}\n\n", "#".repeat(level), self.title));
        page.push_str(&format!("* id: {} ({})\n", self.id, self.kind));
        if let Some(withheld) = self.withheld {
            page.push_str(&format!("* WITHHELD FROM READERS: {withheld}\n"));
        }
        let mut prose = Vec::new();
        for (key, value) in &self.fields {
            let label = key.replace('_', " ");
            match value {
                Value::String(words) if words.contains('\n') || words.len() > 300 || PROSE.contains(&key.as_str()) => {
                    prose.push((label, words));
                }
                Value::Array(values) if values.iter().any(Value::is_object) => {
                    page.push_str(&format!("* {label}:\n"));
                    values.iter().for_each(|value| page.push_str(&format!("    * {}\n", words(value))));
                }
                value => page.push_str(&format!("* {label}: {}\n", words(value))),
            }
        }
        page.push('\n');
        for (label, words) in prose {
            let quoted: Vec<String> = words.lines().map(|line| format!("> {line}")).collect();
            page.push_str(&format!("{label}:\n\n{}\n\n", quoted.join("\n>\n")));
        }
    }
}

/// The fields that are prose, however short.
const PROSE: [&str; 4] = ["words", "context_before", "context_after", "body"];

/// A value for people.
fn words(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(words) => words.split_whitespace().collect::<Vec<_>>().join(" "),
        Value::Array(values) => values.iter().map(words).collect::<Vec<_>>().join("; "),
        Value::Object(entries) => {
            let said = |(key, value): (&String, &Value)| match key.as_str() {
                "name" | "words" | "is" => words(value),
                key => format!("{}: {}", key.replace('_', " "), words(value)),
            };
            entries.iter().map(said).collect::<Vec<_>>().join(", ")
        }
    }
}

/// A public dossier, for what its records are called and what they say.
#[derive(Clone, Copy)]
pub(super) struct View<'a>(pub(super) &'a PublicDossier);

impl View<'_> {
    pub(super) fn record(&self, number: Number) -> &PublicRecord {
        &self.0.records[number as usize]
    }

    /// The title of a record; a quotation without one is called by its speaker and first words.
    pub(super) fn title(&self, record: &PublicRecord) -> String {
        match (&*record.fields, record.fields.title()) {
            (_, Some(title)) => title.to_string(),
            (Fields::Quote(quote), None) => {
                let words = self.prose(record, Slot::Text).unwrap_or_default();
                let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
                format!("{}: “{}”", self.speaker(quote), text::excerpt(&words, TITLE))
            }
            (_, None) => record.id.to_string(),
        }
    }

    /// What a line says that may be the id of an actor.
    pub(super) fn name_of(&self, line: &Line) -> String {
        let found = self.0.find_text(line.as_str()).map(|number| self.name(number));
        found.unwrap_or_else(|| line.to_string())
    }

    /// A text of a record as it is shown.
    pub(super) fn prose(&self, record: &PublicRecord, slot: Slot) -> Option<String> {
        let prose = record.texts.get(slot)?;
        Some(self.plain(prose, record.links(slot)).trim().to_owned()).filter(|text| !text.is_empty())
    }

    fn plain(&self, prose: &Prose, links: &[PublicLink]) -> String {
        prose.plain.fill_plain(0..prose.plain.text.len(), &|index, label| {
            let labelled = prose.links.get(index as usize).is_none_or(|link| link.labelled);
            match links.get(index as usize) {
                Some(PublicLink::Record(number, _)) if !labelled => Some(self.name(*number)),
                Some(PublicLink::Protected) if label.is_empty() => Some("withheld".to_owned()),
                _ => None,
            }
        })
    }

    /// What a record is called where another names it: never by words that could name that one again.
    fn name(&self, number: Number) -> String {
        let record = self.record(number);
        record.fields.title().map_or_else(|| record.id.to_string(), ToString::to_string)
    }

    fn speaker(&self, quote: &Quote) -> String {
        match &quote.speaker {
            Speaker::Actor(id) => match self.0.find(id) {
                Found::Record(number) => self.name(number),
                Found::Protected(protected) => display(&protected.display),
                Found::Nothing => "unknown".to_owned(),
            },
            Speaker::Unknown => "unknown".to_owned(),
            Speaker::Unnamed => "unnamed".to_owned(),
            Speaker::Withheld => "withheld".to_owned(),
        }
    }

    fn id(&self, id: &Id) -> Value {
        match self.0.find(id) {
            Found::Record(number) => json!({ "name": self.name(number), "id": self.record(number).id }),
            Found::Protected(protected) => json!({ "name": display(&protected.display) }),
            Found::Nothing => Value::Null,
        }
    }

    fn line(&self, line: &Line) -> Value {
        match self.0.find_text(line.as_str()) {
            Some(number) => json!({ "name": self.name(number), "id": self.record(number).id }),
            None => json!(line),
        }
    }

    fn ids(&self, ids: &[Id]) -> Value {
        Value::Array(ids.iter().map(|id| self.id(id)).collect())
    }

    fn citations(&self, citations: &[Citation]) -> Value {
        let citation = |citation: &Citation| {
            with(
                self.id(&citation.source),
                json!({
                    "locator": citation.locator,
                    "exact": citation.exact,
                    "prefix": citation.prefix,
                    "suffix": citation.suffix,
                    "accessed": citation.accessed,
                    "stance": citation.stance,
                    "note": citation.note,
                }),
            )
        };
        Value::Array(citations.iter().map(citation).collect())
    }

    fn entry(&self, number: Number) -> Entry {
        let record = self.record(number);
        let own = match &*record.fields {
            Fields::Quote(quote) => self.quote(record, quote),
            Fields::Event(event) => self.event(record, event),
            Fields::Source(source) => self.source(source),
            Fields::Actor(_) | Fields::Place(_) | Fields::Page(_) => Value::Null,
        };
        let common = record.fields.common();
        let status = common.status.map(|status| {
            json!({
                "is": status.is,
                "by": status.by.as_ref().map(|by| self.line(by)),
                "on": status.on,
                "method": status.method,
            })
        });
        let replies = common.replies.iter().map(|reply| {
            with(
                self.id(&reply.from),
                json!({
                    "asked_on": reply.asked_on,
                    "deadline": reply.deadline,
                    "outcome": reply.outcome,
                    "quotation": reply.quote.as_ref().map(|quote| self.id(quote)),
                }),
            )
        });
        let correction = |correction: &Correction| {
            json!({
                "on": correction.on,
                "kind": correction.kind,
                "field": correction.field,
                "was": correction.was,
                "now": correction.now,
                "why": correction.why,
            })
        };
        let shared = json!({
            "summary": common.summary,
            "tags": common.tags,
            "lang": common.lang,
            "status": status,
            "sources": self.citations(common.sources),
            "corrections": common.corrections.iter().map(correction).collect::<Vec<_>>(),
            "replies": replies.collect::<Vec<_>>(),
            "sensitivity": common.sensitivity,
            "withheld_fields": record.withheld,
            "body": self.prose(record, Slot::Body),
        });
        let fields = with(own, shared);
        Entry {
            id: record.id.to_string(),
            kind: record.kind().word(),
            title: self.title(record),
            withheld: record.mark.map(|reason| reason.word()),
            fields: tidy(fields).and_then(|fields| fields.as_object().cloned()).unwrap_or_default(),
        }
    }

    fn quote(&self, record: &PublicRecord, quote: &Quote) -> Value {
        let speaker = match &quote.speaker {
            Speaker::Actor(id) => self.id(id),
            Speaker::Unknown | Speaker::Unnamed | Speaker::Withheld => json!(self.speaker(quote)),
        };
        let via = quote.via.iter().map(|via| {
            with(
                self.id(&via.actor),
                json!({
                    "verb": via.verb,
                    "in": via.source.as_ref().map(|source| self.id(source)),
                    "date": via.date.as_ref().map(date),
                }),
            )
        });
        let original = quote
            .original
            .as_ref()
            .map(|original| json!({ "lang": original.lang, "words": self.prose(record, Slot::Original) }));
        let translation = quote.translation.as_ref().map(|translation| {
            json!({
                "from": translation.from,
                "method": translation.method,
                "by": translation.by.as_ref().map(|by| self.line(by)),
            })
        });
        json!({
            "words": self.prose(record, Slot::Text),
            "speaker": speaker,
            "as": quote.capacity,
            "said": date(&quote.date),
            "to": self.ids(&quote.to),
            "about": self.ids(&quote.about),
            "at_event": quote.event.as_ref().map(|event| self.id(event)),
            "place": quote.place.as_ref().map(|place| self.id(place)),
            "medium": quote.medium,
            "mode": quote.mode,
            "stance": quote.stance,
            "attribution": quote.attribution,
            "passed_on_by": via.collect::<Vec<_>>(),
            "context_before": self.prose(record, Slot::Before),
            "context_after": self.prose(record, Slot::After),
            "in_reply_to": quote.in_reply_to.as_ref().map(|quote| self.id(quote)),
            "original": original,
            "translation": translation,
        })
    }

    fn event(&self, record: &PublicRecord, event: &Event) -> Value {
        let actors = event.actors.iter().map(|participant| {
            with(
                self.id(&participant.actor),
                json!({
                    "role": participant.role,
                    "alleged": participant.alleged,
                    "sources": self.citations(&participant.sources),
                }),
            )
        });
        let counts = event.counts.iter().map(|count| {
            json!({
                "what": count.what,
                "low": count.low,
                "best": count.best,
                "high": count.high,
                "by": count.by.as_ref().map(|by| self.line(by)),
            })
        });
        let updates = (0..)
            .zip(event.updates.iter())
            .map(|(at, update)| json!({ "date": date(&update.date), "text": self.prose(record, Slot::Update(at)) }));
        json!({
            "date": date(&event.date),
            "time": event.time,
            "tz": event.tz,
            "place": event.place.as_ref().map(|place| self.id(place)),
            "took_part": actors.collect::<Vec<_>>(),
            "category": event.category,
            "part_of": event.part_of.as_ref().map(|whole| self.id(whole)),
            "follows": self.ids(&event.follows),
            "counts": counts.collect::<Vec<_>>(),
            "updates": updates.collect::<Vec<_>>(),
        })
    }

    fn source(&self, source: &Source) -> Value {
        json!({
            "kind_of_source": source.kind,
            "url": source.url,
            "publisher": source.publisher.as_ref().map(|publisher| self.line(publisher)),
            "authors": source.authors.iter().map(|author| self.line(author)).collect::<Vec<_>>(),
            "published": source.published.as_ref().map(date),
            "accessed": source.accessed.as_ref().map(date),
            "archived": source.archived,
            "repeats": source.syndicated_from.as_ref().map(|first| self.id(first)),
            "access": source.access,
            "licence": source.licence,
        })
    }
}

/// Whether packets are made of records of a kind.
pub(super) fn is_subject(kind: Kind) -> bool {
    matches!(kind, Kind::Quote | Kind::Event)
}

fn display(text: &str) -> String {
    if text.is_empty() { "withheld".to_owned() } else { text.to_owned() }
}

fn date(date: &Edtf) -> Value {
    json!({ "words": DateFormat::new("en").display(date), "edtf": date.as_str() })
}

/// One object with the entries of both. What is no object is left out.
fn with(value: Value, more: Value) -> Value {
    let entries = [value, more].into_iter().filter_map(|value| match value {
        Value::Object(entries) => Some(entries),
        _ => None,
    });
    Value::Object(entries.flatten().collect())
}

/// A value without what says nothing.
fn tidy(value: Value) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::Array(values) => {
            let values: Vec<Value> = values.into_iter().filter_map(tidy).collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        Value::Object(entries) => {
            let entries: Map<String, Value> =
                entries.into_iter().filter_map(|(key, value)| Some((key, tidy(value)?))).collect();
            (!entries.is_empty()).then_some(Value::Object(entries))
        }
        value => Some(value),
    }
}
