//! Findings for logs that others than the authors can read: without what is withheld.

use std::collections::BTreeMap;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

use super::Policy;
use super::fate::reason;
use crate::diagnostic::{Diagnostic, Place, SourceText};
use crate::link::{Dossier, Number};
use crate::model::Fields;
use crate::parse::Record;
use crate::text;

/// What a record that cannot be read may not hold, if its findings are to be told: words that withhold.
const WITHHOLDING: [&str; 7] =
    ["visibility", "draft", "publish_at", "privacy", "display", "sensitivity", "type: actor"];

/// The findings as they may stand in a log that others can read. One that is about a withheld record, or that says an id or
/// a name of one, is told by its code alone, and where it stands only when that is in a record that readers see.
///
/// What cannot be read is taken for withheld when it may be: an actor, or anything with a key that withholds.
pub fn for_shared_log(
    findings: &[Diagnostic],
    dossier: &Dossier,
    sources: &impl SourceText,
    policy: Policy,
) -> Vec<Diagnostic> {
    let shared = Shared::new(dossier, sources, policy);
    findings.iter().map(|finding| shared.finding(finding)).collect()
}

struct Shared<'a, S> {
    sources: &'a S,
    /// The records of each file, and whether readers see them.
    files: BTreeMap<&'a str, Vec<(&'a Arc<Record>, bool)>>,
    /// Finds ids and names of withheld records in normal form.
    names: Option<AhoCorasick>,
}

impl<'a, S: SourceText> Shared<'a, S> {
    fn new(dossier: &'a Dossier, sources: &'a S, policy: Policy) -> Self {
        let mut files: BTreeMap<&str, Vec<(&Arc<Record>, bool)>> = BTreeMap::new();
        let mut names = Vec::new();
        for (number, record) in (0..dossier.records.len() as Number).zip(&dossier.records) {
            let is_shown = reason(dossier, number, policy).is_none();
            files.entry(&record.origin.file).or_default().push((record, is_shown));
            if !is_shown {
                names.extend(names_of(record));
            }
        }
        names.retain(|name| !name.is_empty());
        // Too many names to look for at once: then every one of them could be there.
        let names = AhoCorasick::builder().match_kind(MatchKind::Standard).build(names).ok();
        Shared { sources, files, names }
    }

    fn finding(&self, finding: &Diagnostic) -> Diagnostic {
        let is_open = |place: &Place| self.is_open(place);
        let place = finding.place.clone().filter(is_open);
        let hides_place = finding.place.is_some() && place.is_none();
        let words = [&finding.message, &finding.label].into_iter().chain(&finding.hint);
        let mut words = words.chain(finding.related.iter().map(|related| &related.label));
        if hides_place || words.any(|words| self.names_somebody(words)) {
            let message = finding.code.title().trim_end_matches('.').to_owned();
            let mut told = Diagnostic { severity: finding.severity, place, ..Diagnostic::new(finding.code, message) };
            told.hint = Some("run `dossier check` where only the authors see what it says".to_owned());
            return told;
        }
        let related = finding.related.iter().filter(|related| self.is_open(&related.place)).cloned().collect();
        Diagnostic { related, place, ..finding.clone() }
    }

    /// Whether others may know that there is something at a place.
    fn is_open(&self, place: &Place) -> bool {
        let Some(records) = self.files.get(&*place.file) else { return self.is_harmless(&place.file) };
        // The path of a file that holds a withheld record may be its id.
        let is_alone = records.len() == 1;
        let holding = records.iter().find(|(record, _)| record.origin.holds(place));
        let is_shown = holding.map_or_else(|| records.iter().all(|(_, is_shown)| *is_shown), |(_, is_shown)| *is_shown);
        is_shown && (is_alone || !self.names_somebody(&place.file))
    }

    /// Whether a file of which no record could be read can hold nothing that is withheld.
    fn is_harmless(&self, file: &str) -> bool {
        let Some(text) = self.sources.text(file) else { return false };
        let is_record = file.contains('/');
        !is_record || !(file.contains("/actors/") || WITHHOLDING.iter().any(|word| text.contains(word)))
    }

    fn names_somebody(&self, words: &str) -> bool {
        let words = text::normal_form(words);
        let Some(names) = &self.names else { return true };
        let is_letter = |c: char| c.is_alphanumeric();
        names
            .find_overlapping_iter(&words)
            .any(|found| !words[..found.start()].ends_with(is_letter) && !words[found.end()..].starts_with(is_letter))
    }
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
    names.into_iter().map(text::normal_form).collect()
}
