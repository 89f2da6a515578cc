//! Records as data: what readers have of each, for programs that compare, count and import.
//!
//! `data/records.jsonl` has one JSON object a line for each listed record, in path order; after [`PART`] records it goes on in
//! `data/records-2.jsonl`. The keys of an object are a promise:
//!
//! | key | value |
//! |---|---|
//! | `kind` | `actor`, `event`, `quote`, `source`, `place` or `page` |
//! | `id` | the id of the record |
//! | `url` | the path of its page from the root of the site |
//! | `fields` | its fields as in its front matter, in the long form, without those that say nothing |
//!
//! A reference is the id of the record that it leads to; in place of a protected person stands `{"display": "…"}` with what readers are
//! shown. Prose is plain text as it reads; a link without words of its own is `[[id]]`. The fields that say who may see a record, and for
//! makers only, are not there. `withheld` names the fields of which readers are told that they are withheld.

use serde_json::{Map, Value, json};

use crate::plan::{Site, path_of_record};
use crate::redact::{Number, PublicDossier, PublicLink, PublicRecord, Slot};

/// How many records stand in one file.
pub use crate::plan::RECORDS_PER_FILE as PART;

/// The fields that are for the makers of a dossier, or say how its site treats a record.
const NOT_FOR_READERS: [&str; 14] = [
    "id",
    "type",
    "visibility",
    "draft",
    "publish_at",
    "takedown",
    "allow",
    "not_secret",
    "notes_internal",
    "privacy",
    "display",
    "pseudonym",
    // By these pages are made, and no page shows them.
    "sort_name",
    "template",
];

/// What stands in citations for machines to find a place in a source by, and on no page.
const NOT_ON_PAGES: [&str; 2] = ["prefix", "suffix"];

/// The fields that refer to other records by their ids.
const REFERENCES: [&str; 14] = [
    "about",
    "actor",
    "event",
    "follows",
    "from",
    "in_reply_to",
    "not_same_as",
    "part_of",
    "place",
    "quote",
    "source",
    "speaker",
    "syndicated_from",
    "to",
];

/// A file of records; they are counted from 1.
pub fn records(site: &Site, part: usize) -> Vec<u8> {
    let listed = (0..).zip(&site.dossier.records).filter(|(_, record)| record.listed);
    let mut lines = Vec::new();
    for (number, record) in listed.skip(part.saturating_sub(1) * PART).take(PART) {
        let line = json!({
            "kind": record.kind().word(),
            "id": record.id,
            "url": path_of_record(record),
            "fields": fields(&site.dossier, number),
        });
        // Whoever takes the file for a page must not meet elements in it.
        lines.extend_from_slice(line.to_string().replace('<', "\\u003c").as_bytes());
        lines.push(b'\n');
    }
    lines
}

/// What readers have of a record, field by field, in the order of its kind.
pub fn fields(dossier: &PublicDossier, number: Number) -> Map<String, Value> {
    let record = &dossier.records[number as usize];
    // The fields of a record are scalars, lists and maps with texts as keys.
    let written = serde_json::to_value(&*record.fields).unwrap_or_default();
    let protected = |written: &str| dossier.protected(written).map(|protected| protected.display.clone());
    let mut fields = Map::new();
    let Value::Object(written) = written else { return fields };
    for (key, value) in written {
        if NOT_FOR_READERS.contains(&key.as_str()) {
            continue;
        }
        let value = match key.as_str() {
            "body" => prose(dossier, record, Slot::Body),
            "text" => prose(dossier, record, Slot::Text),
            "context_before" => prose(dossier, record, Slot::Before),
            "context_after" => prose(dossier, record, Slot::After),
            "original" => put(value, "text", prose(dossier, record, Slot::Original)),
            "updates" => each(value, |at, update| put(update, "text", prose(dossier, record, Slot::Update(at)))),
            // What a copy is called tells of the folders of its keepers.
            "captures" => each(value, |_, capture| put(capture, "file", Value::Null)),
            _ => value,
        };
        if let Some(value) = said(&key, value, &protected) {
            fields.insert(key, value);
        }
    }
    if !record.withheld.is_empty() {
        fields.insert("withheld".to_owned(), json!(record.withheld));
    }
    fields
}

/// A text of a record as it reads.
fn prose(dossier: &PublicDossier, record: &PublicRecord, slot: Slot) -> Value {
    let Some(prose) = record.texts.get(slot) else { return Value::Null };
    let links = record.links(slot);
    let text = prose.plain.fill_plain(0..prose.plain.text.len(), &|index, label| {
        let labelled = prose.links.get(index as usize).is_none_or(|link| link.labelled);
        match links.get(index as usize) {
            Some(PublicLink::Protected) if label.is_empty() => Some("withheld".to_owned()),
            _ if labelled => None,
            // What the other is called is said there, and may change without this record having been changed.
            Some(PublicLink::Record(number, _)) => Some(format!("[[{}]]", dossier.records[*number as usize].id)),
            _ => None,
        }
    });
    Value::from(text.trim())
}

fn put(mut value: Value, key: &str, shown: Value) -> Value {
    if let Some(object) = value.as_object_mut() {
        object.insert(key.to_owned(), shown);
    }
    value
}

fn each(value: Value, change: impl Fn(u32, Value) -> Value) -> Value {
    match value {
        Value::Array(values) => Value::Array((0..).zip(values).map(|(at, value)| change(at, value)).collect()),
        value => value,
    }
}

/// A value without what says nothing, and with what readers are shown in place of somebody protected.
fn said(key: &str, value: Value, shown: &dyn Fn(&str) -> Option<String>) -> Option<Value> {
    match value {
        Value::Null | Value::Bool(false) => None,
        Value::String(text) if text.is_empty() => None,
        Value::String(text) => match shown(&text).filter(|_| REFERENCES.contains(&key)) {
            Some(display) => Some(json!({ "display": display })),
            None => Some(Value::String(text)),
        },
        Value::Array(values) => {
            let values: Vec<Value> = values.into_iter().filter_map(|value| said(key, value, shown)).collect();
            (!values.is_empty()).then_some(Value::Array(values))
        }
        Value::Object(entries) => {
            let is_shown = |(key, _): &(String, Value)| !NOT_ON_PAGES.contains(&key.as_str());
            let entries = entries.into_iter().filter(is_shown).filter_map(|(key, value)| {
                let value = said(&key, value, shown)?;
                Some((key, value))
            });
            let entries: Map<String, Value> = entries.collect();
            (!entries.is_empty()).then_some(Value::Object(entries))
        }
        value => Some(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_says_nothing_is_left_out() {
        let dossier = json!({ "a": null, "b": [], "c": "", "d": false, "e": [{ "f": null }], "g": 0, "h": ["x"] });
        let none = |_: &str| None;
        assert_eq!(said("", dossier, &none), Some(json!({ "g": 0, "h": ["x"] })));
    }

    #[test]
    fn who_is_protected_is_a_display_text_where_a_reference_stands_and_nowhere_else() {
        let shown = |written: &str| (written == "~0").then(|| "a resident".to_owned());
        let value = json!({ "speaker": "~0", "to": ["~0", "jane-doe"], "summary": "~0" });
        let expected = json!({ "speaker": { "display": "a resident" }, "to": [{ "display": "a resident" }, "jane-doe"], "summary": "~0" });
        assert_eq!(said("", value, &shown), Some(expected));
    }
}
