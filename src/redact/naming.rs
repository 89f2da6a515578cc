//! Whether some words say what one record is called, for authors who take a record down.

use super::known::{Names, Parts};
use crate::model::Fields;
use crate::parse::Record;

/// How much of what a record is called is looked for in some words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Its names and titles, each as a whole.
    Names,
    /// Its ids too, and each word of a person's name.
    AnyPart,
}

/// What one record is called, in all forms in which it may be written.
#[derive(Debug)]
pub struct Called(Names);

impl Called {
    /// What a record is called.
    pub fn new(record: &Record, naming: Naming) -> Self {
        let common = record.fields.common();
        let mut names: Vec<String> = record.fields.title().map(ToString::to_string).into_iter().collect();
        if let Fields::Actor(actor) = &*record.fields {
            names.extend(actor.known_as().map(str::to_owned));
            if naming == Naming::AnyPart {
                let words = actor.known_as().flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
                names.extend(words.filter(|word| word.chars().count() > 2).map(str::to_owned));
            }
        }
        if naming == Naming::AnyPart {
            names.extend(std::iter::once(&record.id).chain(common.aliases).map(ToString::to_string));
        }
        Called(Names::new(names.into_iter().map(|name| (name, Parts::All))))
    }

    /// Whether some words say it.
    pub fn is_said_in(&self, words: &str) -> bool {
        self.0.are_in(words)
    }
}
