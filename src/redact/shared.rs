//! Findings for logs that others than the authors can read: without what is withheld.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::Policy;
use super::fate::reason;
use crate::diagnostic::{Diagnostic, Place, SourceText};
use crate::link::{Dossier, Number};
use crate::model::Fields;
use crate::parse::Record;
use crate::text;
use crate::text::names::is_unspaced;

/// The findings as they may stand in a log that others can read. One that is about a withheld record, or that says an id or
/// a name of one, is told by its code alone, and where it stands only when that is in a record that readers see.
///
/// What cannot be read is taken for withheld: what withholds it may be the very word that is misspelt.
pub fn for_shared_log(
    findings: &[Diagnostic],
    dossier: &Dossier,
    sources: &impl SourceText,
    policy: Policy,
) -> Vec<Diagnostic> {
    let shared = Shared::new(findings, dossier, sources, policy);
    findings.iter().map(|finding| shared.finding(finding)).collect()
}

/// The same where the settings cannot be used, and so nobody knows what is withheld: codes and places in the settings alone.
pub fn for_shared_log_without_settings(findings: &[Diagnostic]) -> Vec<Diagnostic> {
    let told = |finding: &Diagnostic| Diagnostic {
        severity: finding.severity,
        place: finding.place.clone().filter(|place| !place.file.contains('/')),
        hint: Some(ELSEWHERE.to_owned()),
        ..Diagnostic::new(finding.code, finding.code.title().trim_end_matches('.'))
    };
    findings.iter().map(told).collect()
}

/// What to do about a finding of which a shared log tells nothing.
const ELSEWHERE: &str = "run `dossier check` where only the authors see what it says";

struct Shared<'a> {
    /// The settings file, which withholds nothing.
    settings: Option<&'a str>,
    /// The records of each file, and whether readers see them.
    files: BTreeMap<&'a str, Vec<(&'a Arc<Record>, bool)>>,
    /// Finds ids and names of withheld records in normal form.
    names: Option<AhoCorasick>,
}

impl<'a> Shared<'a> {
    fn new(findings: &'a [Diagnostic], dossier: &'a Dossier, sources: &impl SourceText, policy: Policy) -> Self {
        let mut files: BTreeMap<&str, Vec<(&Arc<Record>, bool)>> = BTreeMap::new();
        let mut names = Vec::new();
        for (number, record) in (0..dossier.records.len() as Number).zip(&dossier.records) {
            let is_shown = reason(dossier, number, policy).is_none();
            files.entry(&record.origin.file).or_default().push((record, is_shown));
            if !is_shown {
                names.extend(names_of(record));
            }
        }
        let places = findings.iter().filter_map(|finding| finding.place.as_ref());
        let unread: BTreeSet<&str> = places
            .filter(|place| match files.get(&*place.file) {
                Some(records) => !records.iter().any(|(record, _)| record.origin.holds(place)),
                None => place.file.contains('/'),
            })
            .map(|place| &*place.file)
            .collect();
        for file in unread {
            names.extend(names_in(file, sources.text(file).unwrap_or_default()));
        }
        names.retain(|name| !name.is_empty());
        // Too many names to look for at once: then every one of them could be there.
        let names = AhoCorasick::builder().match_kind(MatchKind::Standard).build(names).ok();
        let places = findings.iter().filter_map(|finding| finding.place.as_ref());
        let settings = places.map(|place| &*place.file).find(|file| !file.contains('/'));
        Shared { settings, files, names }
    }

    fn finding(&self, finding: &Diagnostic) -> Diagnostic {
        let is_open = |place: &Place| self.is_open(place);
        let place = finding.place.clone().filter(is_open);
        // What is said of another record may be said of one that is withheld.
        let hides_place = (finding.place.is_some() && place.is_none())
            || finding.related.iter().any(|related| !self.is_open(&related.place));
        let words = [&finding.message, &finding.label].into_iter().chain(&finding.hint);
        let mut words = words.chain(finding.related.iter().map(|related| &related.label));
        if hides_place || words.any(|words| self.names_somebody(words)) {
            let message = finding.code.title().trim_end_matches('.').to_owned();
            let mut told = Diagnostic { severity: finding.severity, place, ..Diagnostic::new(finding.code, message) };
            told.hint = Some(ELSEWHERE.to_owned());
            return told;
        }
        finding.clone()
    }

    /// Whether others may know that there is something at a place.
    fn is_open(&self, place: &Place) -> bool {
        let Some(records) = self.files.get(&*place.file) else { return self.settings == Some(&*place.file) };
        let holding = records.iter().find(|(record, _)| record.origin.holds(place));
        // The path of a file may say whom it is about.
        holding.is_some_and(|(_, is_shown)| *is_shown) && !self.names_somebody(&place.file)
    }

    fn names_somebody(&self, words: &str) -> bool {
        let words = folded(words);
        let Some(names) = &self.names else { return true };
        let is_letter = |c: char| c.is_alphanumeric();
        names.find_overlapping_iter(&words).any(|found| {
            let name = &words[found.start()..found.end()];
            // Without spaces between words, a name begins and ends anywhere; with an ending it is still that name.
            let is_spaced = !name.contains(is_unspaced);
            let begins_in_word = words[..found.start()].ends_with(is_letter);
            let ends_in_word = words[found.end()..].starts_with(is_letter);
            !(is_spaced && (begins_in_word || ends_in_word && name.chars().count() <= 3))
        })
    }
}

/// What a record that could not be read may be known by: the name of its file, and what stands behind the keys of names.
fn names_in(file: &str, text: &str) -> Vec<String> {
    let stem = file.rsplit('/').next().and_then(|name| name.split('.').next()).unwrap_or_default();
    let keys = ["name", "title", "sort_name", "id", "text", "aliases", "names", "pseudonym"];
    let of_line = |line: &str| {
        let (key, value) = line.split_once(':')?;
        keys.contains(&key.trim_start_matches(['-', ' ', '{'])).then(|| value.to_owned())
    };
    let values = text.lines().filter_map(of_line);
    let parts = values.flat_map(|value| value.split(['[', ']', ',', '{', '}']).map(str::to_owned).collect::<Vec<_>>());
    let bare = parts.map(|part| folded(part.trim().trim_matches(['"', '\''])));
    bare.chain([folded(stem)]).filter(|name| name.chars().count() > 1).collect()
}

/// The form in which names are looked for: without case and accents, with a space for whatever parts words.
fn folded(words: &str) -> String {
    let bare: String = words.nfkd().filter(|c| !is_combining_mark(*c)).collect();
    text::normal_form(&bare.replace(['-', '_', ',', '.', '/'], " "))
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
    let names = names.into_iter().map(folded);
    // Family names stand first in some lists.
    let turned = |name: String| {
        let turned = name.split(' ').rev().collect::<Vec<_>>().join(" ");
        [name, turned]
    };
    names.flat_map(turned).collect()
}
