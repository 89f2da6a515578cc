//! The fields of a record as values: which of them are written, and what its dates mean.
//!
//! The values are the structs of the record as serde writes them, and what a value is says the schema made from the same structs.

use std::str::FromStr;

use serde::Serialize;
use serde_json::Value;

use crate::edtf::{DateFormat, Day, Edtf, Precision};
use crate::model::Kind;
use crate::parse::{Step, schema};

/// A date among the fields, and what it means.
#[derive(Serialize)]
pub(super) struct Dated {
    pub(super) field: String,
    written: String,
    words: String,
    earliest: Option<Day>,
    latest: Option<Day>,
}

impl Dated {
    /// "about May 2025, 2025-05-01 to 2025-05-31"
    pub(super) fn meaning(&self) -> String {
        let day = |day: Option<Day>, none: &str| day.map_or_else(|| none.to_owned(), |day| day.to_string());
        match (self.earliest, self.latest) {
            (Some(first), Some(last)) if first == last => self.words.clone(),
            (first, last) => format!("{}, {} to {}", self.words, day(first, "no first day"), day(last, "no last day")),
        }
    }
}

/// All dates of a record.
pub(super) fn dates(fields: &Value, kind: Kind) -> Vec<Dated> {
    let root = schema(kind);
    let format = DateFormat::new("en");
    let mut dates = Vec::new();
    each_date(fields, root, root, &mut Vec::new(), &mut |way, written| {
        let Ok(date) = Edtf::from_str(written) else { return };
        // The name of a day says nothing that is not written; its week-day may.
        let words =
            match date.earliest().filter(|_| date.precision() == Precision::Day && date.earliest() == date.latest()) {
                Some(day) if !date.is_uncertain() && !date.is_approximate() => format.day_long(day),
                _ => format.display(&date),
            };
        dates.push(Dated {
            field: way.join("."),
            written: written.to_owned(),
            words,
            earliest: date.earliest(),
            latest: date.latest(),
        });
    });
    dates
}

fn each_date(
    value: &Value,
    schema: &Value,
    root: &Value,
    way: &mut Vec<String>,
    see: &mut impl FnMut(&[String], &str),
) {
    let forms = forms(schema, root);
    let part = |key: &str| forms.iter().find_map(|form| form.get(key));
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                let inner = forms.iter().find_map(|form| form.get("properties")?.get(key));
                if let Some(inner) = inner {
                    way.push(key.clone());
                    each_date(value, inner, root, way, see);
                    way.pop();
                }
            }
        }
        Value::Array(values) => {
            for (index, value) in values.iter().enumerate() {
                if let Some(inner) = part("items") {
                    way.push(index.to_string());
                    each_date(value, inner, root, way, see);
                    way.pop();
                }
            }
        }
        Value::String(written) if forms.iter().any(|form| form.get("format").is_some_and(|name| name == "edtf")) => {
            see(way, written);
        }
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// The forms that a value may have: a schema itself, and those that it refers to or chooses among.
fn forms<'a>(schema: &'a Value, root: &'a Value) -> Vec<&'a Value> {
    let mut forms = vec![schema];
    let mut at = 0;
    while let Some(form) = forms.get(at).copied() {
        at += 1;
        let named = form.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix('#'));
        let chosen = ["anyOf", "oneOf", "allOf"].iter().filter_map(|key| form.get(key)?.as_array()).flatten();
        for more in named.and_then(|pointer| root.pointer(pointer)).into_iter().chain(chosen) {
            // A schema may lead to itself.
            if !forms.iter().any(|known| std::ptr::eq(*known, more)) {
                forms.push(more);
            }
        }
    }
    forms
}

/// Whether a value says anything: nothing, `false` and an empty list are what is understood when nothing is written.
pub(super) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(values) => !values.is_empty(),
        Value::Object(entries) => entries.values().any(says_something),
        Value::Bool(true) | Value::Number(_) | Value::String(_) => true,
    }
}

/// A single value among the fields, and the way to it.
pub(super) struct Written {
    pub(super) way: String,
    pub(super) value: String,
}

impl Written {
    /// The way as it is looked up in a file.
    pub(super) fn steps(&self) -> Vec<Step<'_>> {
        self.way.split('.').map(|step| step.parse().map_or(Step::Key(step), Step::Index)).collect()
    }
}

/// The single values among the fields that say something.
pub(super) fn written(fields: &Value) -> Vec<Written> {
    let mut found = Vec::new();
    collect(fields, &mut Vec::new(), &mut found);
    found
}

fn collect(value: &Value, way: &mut Vec<String>, found: &mut Vec<Written>) {
    let mut inner = |step: String, value: &Value| {
        way.push(step);
        collect(value, way, found);
        way.pop();
    };
    match value {
        value if !says_something(value) => {}
        Value::Object(entries) => entries.iter().for_each(|(key, value)| inner(key.clone(), value)),
        Value::Array(values) => values.iter().enumerate().for_each(|(index, value)| inner(index.to_string(), value)),
        single => found.push(Written { way: way.join("."), value: plain(single) }),
    }
}

/// A single value as text.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
