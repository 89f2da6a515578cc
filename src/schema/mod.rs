//! What authors can write, for editors and for readers: JSON Schemas of draft 2020-12, and a page of all fields.
//!
//! Both are made from the schemas by which [`parse`](crate::parse) finds mistakes, and those from the structs that it reads
//! into; so there is nothing here that could be forgotten when a field is added. Nothing is written to the disk here.

mod fields;
mod standard;

use std::fmt;
use std::str::FromStr;

use serde_json::Value;

use crate::config;
use crate::model::Kind;

pub use fields::reference;

/// What a schema describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The front matter of a record of one kind.
    Kind(Kind),
    /// That of a record of any kind, as its `type` says.
    Record,
    /// `dossier.yaml`.
    Settings,
}

impl Subject {
    /// All, in the order in which a reader meets them.
    pub const ALL: [Subject; 8] = [
        Subject::Kind(Kind::Actor),
        Subject::Kind(Kind::Event),
        Subject::Kind(Kind::Quote),
        Subject::Kind(Kind::Source),
        Subject::Kind(Kind::Place),
        Subject::Kind(Kind::Page),
        Subject::Record,
        Subject::Settings,
    ];

    /// The word for it on the command line.
    pub fn word(self) -> &'static str {
        match self {
            Subject::Kind(kind) => kind.word(),
            Subject::Record => "record",
            Subject::Settings => "settings",
        }
    }

    /// The name of the file for its schema.
    pub fn file_name(self) -> String {
        let stem = match self {
            Subject::Kind(_) | Subject::Record => self.word(),
            Subject::Settings => config::FILE.trim_end_matches(".yaml"),
        };
        format!("{stem}.schema.json")
    }

    /// Its schema, for any validator of draft 2020-12 and for the completions and tooltips of editors.
    pub fn schema(self) -> Value {
        standard::schema(self)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Subject {
    type Err = String;

    /// Reads the word of a subject, or the name of a kind's folder.
    fn from_str(word: &str) -> Result<Self, String> {
        let named = Subject::ALL.into_iter().find(|subject| subject.word() == word);
        named.or_else(|| Kind::from_str(word).ok().map(Subject::Kind)).ok_or_else(|| {
            "there are schemas for: actor, event, quote, source, place, page, record, settings".to_owned()
        })
    }
}

/// The schema of the settings as schemars writes it.
fn settings() -> Value {
    schemars::schema_for!(config::Settings).into()
}

/// The words that a schema allows, each with its meaning, where it is a closed vocabulary.
fn vocabulary(schema: &Value) -> Option<Vec<(&str, &str)>> {
    let alternatives = schema.get("oneOf")?.as_array()?;
    alternatives.iter().map(word_and_meaning).collect()
}

fn word_and_meaning(alternative: &Value) -> Option<(&str, &str)> {
    let text = |keyword: &str| alternative.get(keyword).and_then(Value::as_str);
    Some((text("const")?, text("description").unwrap_or_default()))
}

/// Documentation on one line, as it stands in no struct that is formatted.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
