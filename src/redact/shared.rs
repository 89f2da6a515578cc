//! Findings for logs that others than the authors can read: without what is withheld.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Policy;
use super::fate::reason;
use super::known::{Names, Parts};
use crate::diagnostic::{Code, Diagnostic, Place};
use crate::link::{Dossier, Number};
use crate::model::{ActorKind, Fields, Kind};
use crate::parse::{Record, schema};

/// The findings as they may stand in a log that others can read. One that is about a withheld record or value, or that says
/// such a value, or an id or a name of such a record, is told by its code alone, and where it stands only when that is in a record that readers see.
/// One that private references decide is not told at all.
///
/// What cannot be read is taken for withheld: what withholds it may be the very word that is misspelt. As nobody knows then
/// which names it has, every finding is told by its code alone that says anything of what authors wrote.
pub fn for_shared_log(findings: &[Diagnostic], dossier: &Dossier, policy: Policy) -> Vec<Diagnostic> {
    let shared = Shared::new(findings, dossier, policy);
    let told = findings.iter().filter(|finding| !BY_REFERENCES.contains(&finding.code));
    told.map(|finding| shared.finding(finding)).collect()
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

/// Findings that say how somebody could be found whose name is not shown: by where they stand alone, they would help whoever looks.
const REVEALING: [Code; 7] = [
    Code::TraceableQuotation,
    Code::UniqueRole,
    Code::ExactTimeAndPlace,
    Code::NamedRelative,
    Code::ProtectedName,
    Code::DoubtfulMention,
    Code::DayInId,
];

/// Findings of which the code says, beside a record that readers see, what is withheld: that another one has something in common
/// with it, or that its person is under age.
const TELLING_BESIDE: [Code; 3] = [Code::SameName, Code::DuplicateRecord, Code::ChildNamed];

/// Those among them that say it of an id, which stands in other findings too.
const IN_ADDRESS: [Code; 2] = [Code::ProtectedName, Code::DayInId];

/// Findings that name the digest of words in which somebody may be named whom readers do not see: who has a name in mind could find out
/// by it whether it is that.
const BY_DIGEST: [Code; 2] = [Code::StaleTranslation, Code::UnpinnedTranslation];

/// Findings that are there when nothing refers to a record, and not when only something does that readers do not see: who has the log
/// and the site would learn from the one that is missing that there is such a thing.
const BY_REFERENCES: [Code; 2] = [Code::Orphan, Code::UnusedSource];

struct Shared<'a> {
    /// The records of each file, and whether readers see them.
    files: BTreeMap<&'a str, Vec<(&'a Arc<Record>, bool)>>,
    /// The names of withheld records, and the paths of what could not be read.
    names: Names,
    /// The records that have something for their authors alone, and what it is: who reads of it beside them knows whose it is.
    closed: Vec<(&'a Arc<Record>, Names)>,
    /// The words that may be said while something could not be read; none when all was read.
    open_words: Option<BTreeSet<&'a str>>,
}

impl<'a> Shared<'a> {
    fn new(findings: &[Diagnostic], dossier: &'a Dossier, policy: Policy) -> Self {
        let mut files: BTreeMap<&str, Vec<(&Arc<Record>, bool)>> = BTreeMap::new();
        let (mut names, mut closed) = (Vec::new(), Vec::new());
        let (mut shown, mut hidden, mut public_words) = (Vec::new(), Vec::new(), BTreeSet::new());
        let mut telling: BTreeMap<&str, Vec<&Place>> = BTreeMap::new();
        for place in
            findings.iter().filter(|finding| IN_ADDRESS.contains(&finding.code)).filter_map(|f| f.place.as_ref())
        {
            telling.entry(&place.file).or_default().push(place);
        }
        for (number, record) in (0..dossier.records.len() as Number).zip(&dossier.records) {
            // What is found of a record by its id and file would be told by them.
            let tells = telling.get(&*record.origin.file);
            let tells = tells.is_some_and(|places| places.iter().any(|place| record.origin.holds(place)));
            let is_shown = !tells && reason(dossier, number, policy).is_none();
            files.entry(&record.origin.file).or_default().push((record, is_shown));
            // Of short values, such as a country's two letters, other words are full.
            let values = record.private().iter().flat_map(|private| &private.values);
            let telling = values.filter(|value| value.chars().count() > 3 || !value.is_ascii());
            names.extend(telling.map(|value| (value.clone(), Parts::All)));
            let for_authors = for_authors(record);
            if !for_authors.is_empty() {
                // A place is known by its id in much that has nothing to do with this record; a day is not.
                let is_day = |text: &&String| {
                    text.len() > 3
                        && text.contains(|c: char| c.is_ascii_digit())
                        && dossier.index.ids.find(text).is_none()
                };
                names.extend(for_authors.iter().filter(is_day).map(|text| (text.clone(), Parts::All)));
                closed.push((record, Names::new(for_authors.into_iter().map(|text| (text, Parts::All)))));
            }
            if is_shown {
                shown.push(record.id.as_str());
                public_words.extend(words_of_names(record));
            } else {
                names.extend(names_of(record));
                hidden.push(record);
            }
        }
        // A family name alone says whom it is about, unless it is that of somebody whom readers see.
        let single = hidden.into_iter().filter(|record| is_person(record)).flat_map(words_of_names);
        let single = single.filter(|word| word.chars().count() > 3 && !public_words.contains(word));
        names.extend(single.map(|word| (word, Parts::All)));
        let unread: BTreeSet<&str> = findings.iter().filter_map(|finding| unread_by(finding, &files)).collect();
        let content = dossier.settings.content();
        let all_read = unread.is_empty() && dossier.index.broken().is_empty();
        names.extend(
            unread.into_iter().flat_map(|file| names_in(file, content)).map(|name| (name.to_owned(), Parts::All)),
        );
        let open_words = (!all_read).then(|| our_words().into_iter().chain(shown).collect());
        Shared { files, names: Names::new(names), closed, open_words }
    }

    fn finding(&self, finding: &Diagnostic) -> Diagnostic {
        let is_open = |place: &Place| !REVEALING.contains(&finding.code) && self.is_open(place);
        let place = finding.place.clone().filter(is_open);
        // What is said of another record may be said of one that is withheld.
        let hides_place = (finding.place.is_some() && place.is_none())
            || finding.related.iter().any(|related| !self.is_open(&related.place));
        let places = || finding.place.iter().chain(finding.related.iter().map(|related| &related.place));
        let is_private = places().any(|place| self.is_private(place));
        let words = || {
            let words = [&finding.message, &finding.label].into_iter().chain(&finding.hint);
            words.chain(finding.related.iter().map(|related| &related.label))
        };
        let is_for_authors = self.closed.iter().any(|(record, names)| {
            places().any(|place| record.origin.holds(place)) && words().any(|words| names.are_in(words))
        });
        let has_digest = BY_DIGEST.contains(&finding.code);
        if hides_place || is_private || is_for_authors || has_digest || words().any(|words| !self.may_be_said(words)) {
            let message = finding.code.title().trim_end_matches('.').to_owned();
            let place = place.filter(|_| !TELLING_BESIDE.contains(&finding.code)).map(beginning);
            let mut told = Diagnostic { severity: finding.severity, place, ..Diagnostic::new(finding.code, message) };
            told.hint = Some(ELSEWHERE.to_owned());
            return told;
        }
        finding.clone()
    }

    /// Whether others may know that there is something at a place.
    fn is_open(&self, place: &Place) -> bool {
        let Some(records) = self.files.get(&*place.file) else { return is_settings(&place.file) };
        let holding = records.iter().find(|(record, _)| record.origin.holds(place));
        // The path of a file may say whom it is about.
        holding.is_some_and(|(_, is_shown)| *is_shown) && !self.names.are_in(&place.file)
    }

    /// Whether a place is in a value that readers do not see of a record that they see.
    fn is_private(&self, place: &Place) -> bool {
        let records = self.files.get(&*place.file).into_iter().flatten();
        let mut private = records.flat_map(|(record, _)| record.private());
        private.any(|private| place.span.start <= private.span.end && private.span.start <= place.span.end)
    }

    fn may_be_said(&self, words: &str) -> bool {
        self.open_words.as_ref().is_none_or(|open| says_only(words, open)) && !self.names.are_in(words)
    }
}

/// Where something begins. Where it ends would tell how long it is, such as a value that readers do not see.
fn beginning(place: Place) -> Place {
    Place { span: (place.span.start..place.span.start).into(), ..place }
}

/// Whether a text of ours says of what authors wrote only what is open. All that we take from them stands in backticks, and what
/// we say around it is in small letters; so a name with backticks of its own does not get around this.
fn says_only(words: &str, open: &BTreeSet<&str>) -> bool {
    const OURS: [&str; 4] = ["EDTF", "HTML", "Markdown", "YAML"];
    let parts: Vec<&str> = words.split('`').collect();
    let is_ours = |part: &&str| {
        let mut words = part.split(|c: char| !c.is_alphanumeric());
        words.all(|word| OURS.contains(&word) || !word.contains(|c: char| !c.is_ascii() || c.is_ascii_uppercase()))
    };
    // A field is named with the way to it, such as `relations[0].to`.
    let is_open_path = |part: &str| {
        let mut steps = part.split(['.', '[', ']']).filter(|step| !step.is_empty());
        steps.all(|step| open.contains(step) || step.bytes().all(|byte| byte.is_ascii_digit()))
    };
    parts.len() % 2 == 1
        && parts.iter().step_by(2).all(is_ours)
        && parts.iter().skip(1).step_by(2).all(|part| open.contains(part) || is_open_path(part))
}

/// Whether a file is that of the settings, which withholds nothing: all others lie in folders.
fn is_settings(file: &str) -> bool {
    !file.contains('/')
}

/// What the program itself says in backticks: codes, the keys of records and the words that they may have.
pub(super) fn our_words() -> BTreeSet<&'static str> {
    let mut words: BTreeSet<&'static str> = Code::ALL.iter().map(|code| code.name()).collect();
    words.extend(["dossier.yaml", "dossier check", "dossier check --fix"]);
    Kind::ALL.into_iter().for_each(|kind| words_of(schema(kind), &mut words));
    words
}

fn words_of(schema: &'static serde_json::Value, words: &mut BTreeSet<&'static str>) {
    use serde_json::Value;
    match schema {
        Value::Object(object) => {
            for (keyword, value) in object {
                match (keyword.as_str(), value) {
                    ("properties", Value::Object(properties)) => words.extend(properties.keys().map(String::as_str)),
                    ("const", Value::String(word)) => drop(words.insert(word.as_str())),
                    ("enum", Value::Array(all)) => words.extend(all.iter().filter_map(Value::as_str)),
                    _ => {}
                }
                words_of(value, words);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| words_of(value, words)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The file of which a finding says that it, or a record in it, could not be read.
fn unread_by<'f>(finding: &'f Diagnostic, files: &BTreeMap<&str, Vec<(&Arc<Record>, bool)>>) -> Option<&'f str> {
    // A template is nobody's record.
    let place = finding.place.as_ref().filter(|_| finding.code != Code::BadTheme)?;
    let is_read = match files.get(&*place.file) {
        Some(records) => records.iter().any(|(record, _)| record.origin.holds(place)),
        None => is_settings(&place.file),
    };
    (!is_read).then_some(&*place.file)
}

/// What a record that could not be read may be known by: the names of its file and of the folders in which it lies.
fn names_in<'f>(file: &'f str, content: &str) -> impl Iterator<Item = &'f str> {
    let inner = file.strip_prefix(content).unwrap_or(file);
    let (folders, name) = inner.rsplit_once('/').unwrap_or(("", inner));
    // The folders of kinds and of years say nothing.
    let is_telling = |folder: &&str| {
        Kind::of_folder(folder).is_none() && !folder.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
    };
    folders.split('/').filter(is_telling).chain(name.split('.').next())
}

/// The texts in the fields of a record that its readers do not have: what is withheld of it by itself, and of one about a minor
/// the day and the place.
fn for_authors(record: &Arc<Record>) -> BTreeSet<String> {
    if Arc::ptr_eq(record, record.open()) {
        return BTreeSet::new();
    }
    let texts = |record: &Record| {
        let mut texts = BTreeSet::new();
        // What cannot be written is told by nothing else either.
        texts_of(&serde_json::to_value(&*record.fields).unwrap_or_default(), &mut texts);
        texts
    };
    let open = texts(record.open());
    texts(record).into_iter().filter(|text| !open.contains(text)).collect()
}

fn texts_of(value: &serde_json::Value, texts: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::String(text) => drop(texts.insert(text.clone())),
        serde_json::Value::Array(values) => values.iter().for_each(|value| texts_of(value, texts)),
        serde_json::Value::Object(entries) => entries.values().for_each(|value| texts_of(value, texts)),
        serde_json::Value::Number(number) => drop(texts.insert(number.to_string())),
        serde_json::Value::Null | serde_json::Value::Bool(_) => {}
    }
}

fn is_person(record: &Record) -> bool {
    matches!(&*record.fields, Fields::Actor(actor) if matches!(actor.kind, ActorKind::Person | ActorKind::Unnamed))
}

/// The words of which the names of an actor are made, in small letters.
fn words_of_names(record: &Arc<Record>) -> Vec<String> {
    let Fields::Actor(actor) = &*record.fields else { return Vec::new() };
    let words = actor.known_as().flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
    words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
}

/// What a record is known by.
fn names_of(record: &Record) -> Vec<(String, Parts)> {
    let common = record.fields.common();
    let mut names = vec![record.id.as_str()];
    names.extend(common.aliases.iter().map(|alias| alias.as_str()));
    names.extend(record.fields.title().map(|title| title.as_str()));
    let (file, is_alone) = (&*record.origin.file, record.origin.body.is_some());
    names.extend(file.rsplit('/').next().and_then(|name| name.split('.').next()).filter(|_| is_alone));
    let mut parts = Parts::All;
    if let Fields::Actor(actor) = &*record.fields {
        names.extend(actor.known_as());
        names.extend(actor.pseudonym.as_ref().map(|name| name.as_str()));
        // A role of one word is that of many.
        names.extend(actor.role.as_ref().map(|role| role.as_str()).filter(|role| role.contains(' ')));
        parts = Parts::FirstAndLast;
    }
    if let Fields::Quote(quote) = &*record.fields {
        names.extend(quote.text.parts());
    }
    names.into_iter().map(|name| (name.to_owned(), parts)).collect()
}
