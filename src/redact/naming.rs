//! Whether some words say what one record is called, for authors who take a record down.

use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::model::Fields;
use crate::parse::Record;
use crate::text;

/// How much of what a record is called is looked for in some words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Naming {
    /// Its names and titles, each as a whole.
    Names,
    /// Its ids too, and each word of a person's name.
    AnyPart,
}

/// Whether some words say what a record is called, whatever their case and accents.
pub fn says_name_of(record: &Record, words: &str, naming: Naming) -> bool {
    let common = record.fields.common();
    let ids = std::iter::once(&record.id).chain(common.aliases).flat_map(|id| both_ways(folded(id.as_str())));
    let ids: BTreeSet<String> = ids.collect();
    let title: Vec<String> =
        record.fields.title().into_iter().flat_map(|title| both_ways(folded(title.as_str()))).collect();
    // A name that is an id as well is a name all the same.
    let mut names = names_of(record);
    names.retain(|name| !ids.contains(name) || title.contains(name));
    if naming == Naming::AnyPart {
        if let Fields::Actor(_) = &*record.fields {
            let parts = names.iter().flat_map(|name| name.split(' ')).filter(|part| part.chars().count() > 2);
            names = parts.map(str::to_owned).chain(names.iter().cloned()).collect();
        }
        names.extend(ids);
    }
    names.retain(|name| !name.is_empty());
    let words = folded(words);
    let is_letter = |c: char| c.is_alphanumeric();
    names.iter().any(|name| {
        let is_spaced = !name.contains(is_unspaced);
        words.match_indices(name.as_str()).any(|(at, found)| {
            let is_part = words[..at].ends_with(is_letter) || words[at + found.len()..].starts_with(is_letter);
            !(is_spaced && is_part)
        })
    })
}

/// What a record is known by, in normal form.
fn names_of(record: &Record) -> Vec<String> {
    let common = record.fields.common();
    let mut names = vec![record.id.as_str()];
    names.extend(common.aliases.iter().map(|alias| alias.as_str()));
    names.extend(record.fields.title().map(|title| title.as_str()));
    if let Fields::Actor(actor) = &*record.fields {
        names.extend(actor.names.iter().map(|name| name.text.as_str()));
        names.extend(actor.sort_name.as_ref().map(|name| name.as_str()));
    }
    names.into_iter().map(folded).flat_map(both_ways).collect()
}

/// A name as it is and turned around: family names stand first in some lists.
fn both_ways(name: String) -> [String; 2] {
    let turned = name.split(' ').rev().collect::<Vec<_>>().join(" ");
    [name, turned]
}

/// The form in which names are looked for: without case and accents, with a space for whatever parts words.
fn folded(words: &str) -> String {
    let bare: String = words.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    text::normal_form(&bare.replace(['-', '_', ',', '.', '/'], " "))
}

/// A letter of a script that puts no spaces between words.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
