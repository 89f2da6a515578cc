//! What is looked for: all that the records to be taken out say of themselves, and the words that were given.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use serde_json::{Map, Value};

use super::super::packed::Wanted;
use super::edition::Edition;
use super::{NotRemoved, PAGES, Removing, unfit};
use crate::edition::Entry;
use crate::edition::manifest::Numbered;
use crate::leak::{Scan, Stage};
use crate::redact::secrets_of_published;
use crate::text::is_sha256;

/// What is looked for.
pub(super) struct Search {
    pub(super) records: BTreeSet<String>,
    pub(super) scans: Vec<Scan>,
    /// Names of files and SHA-256 that the records name.
    pub(super) files: BTreeSet<String>,
    pub(super) sums: BTreeSet<String>,
    /// The words that were given, as they stand between signs that are no letters.
    pub(super) words: Option<AhoCorasick>,
    /// The words of the names of persons, likewise.
    pub(super) parts_of_names: Option<AhoCorasick>,
    /// See [`TakenOut::by_page`].
    pub(super) by_page: BTreeMap<String, Vec<String>>,
}

impl Search {
    pub(super) fn new(edition: &Edition<'_>, removing: &Removing<'_>) -> Result<Self, NotRemoved> {
        let records: BTreeSet<String> = removing.records.iter().cloned().collect();
        let mut found: BTreeMap<(String, String), Map<String, Value>> = BTreeMap::new();
        let (mut before, mut pages) = (0_u64, BTreeMap::<String, Vec<String>>::new());
        edition.lines(&mut |line| {
            match &line.entry {
                Entry::Field { kind, id, key, value } if records.contains(id) => {
                    found.entry((kind.clone(), id.clone())).or_default().insert(key.clone(), value.clone());
                }
                Entry::Removed { .. } => before += 1,
                Entry::File { path, .. } => {
                    let stem = path.strip_prefix(PAGES).and_then(|path| path.strip_suffix(".html"));
                    let id =
                        stem.map(|stem| stem.rsplit('/').next().unwrap_or(stem)).filter(|id| records.contains(*id));
                    id.into_iter().for_each(|id| pages.entry(id.to_owned()).or_default().push(path.clone()));
                }
                _ => {}
            }
            Ok(())
        })?;
        // A record that stands in no list has a page, and no entries of its own.
        let mut by_page = BTreeMap::new();
        pages.retain(|id, _| !found.keys().any(|(_, other)| other == id));
        for (id, paths) in pages {
            let said = edition.said_by_pages(&paths)?;
            let names = said.names.iter().map(|name| Value::from(name.as_str())).collect();
            let fields = Map::from_iter([
                ("kind".to_owned(), "person".into()),
                ("names".to_owned(), Value::Array(names)),
                ("summary".to_owned(), said.summary.into()),
            ]);
            found.insert(("actor".to_owned(), id.clone()), fields);
            by_page.insert(id, said.names);
        }
        for record in &records {
            if !found.keys().any(|(_, id)| id == record) {
                let already = match before {
                    0 => String::new(),
                    before => format!("; {before} entries were taken out of it before, and it may be one of these"),
                };
                return unfit(format!(
                    "the edition has no record `{record}`, and no page of one{already}; the ids that it has stand in its \
                     `edition/manifest.jsonl`, and `--word` takes out all that says some words"
                ));
            }
        }
        let (mut files, mut sums) = (BTreeSet::new(), BTreeSet::new());
        for value in found.values().flat_map(Map::values) {
            each_text(value, &mut |text| {
                let name = text.rsplit('/').next().unwrap_or_default();
                let is_name = name.rsplit_once('.').is_some_and(|(stem, ending)| {
                    !stem.is_empty() && (2..=5).contains(&ending.len()) && !name.contains(char::is_whitespace)
                });
                if is_sha256(text) {
                    sums.insert(text.to_owned());
                } else if is_name && !text.contains("://") {
                    files.insert(name.to_owned());
                }
            });
        }
        let mut scans: Vec<Scan> =
            found.iter().map(|((kind, id), fields)| Scan::new(secrets_of_published(kind, id, fields))).collect();
        scans.extend(removing.words.iter().map(|words| {
            let fields =
                Map::from_iter([("kind".to_owned(), "person".into()), ("name".to_owned(), words.as_str().into())]);
            Scan::new(secrets_of_published("actor", "", &fields))
        }));
        let persons = found.iter().filter(|((kind, _), fields)| {
            kind == "actor" && fields.get("kind").and_then(Value::as_str) == Some("person")
        });
        let mut parts = BTreeSet::new();
        for value in persons.flat_map(|(_, fields)| ["name", "names"].map(|key| fields.get(key))).flatten() {
            each_text(value, &mut |text| {
                let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
                parts.extend(words.map(str::to_owned));
            });
        }
        let aliases = found.values().filter_map(|fields| fields.get("aliases"));
        let mut records = records;
        aliases.for_each(|aliases| each_text(aliases, &mut |alias| records.extend([alias.to_owned()])));
        let words = finder(removing.words.iter().map(String::as_str).filter(|words| !words.trim().is_empty()));
        let parts_of_names = finder(parts.iter().map(String::as_str));
        Ok(Search { records, scans, files, sums, words, parts_of_names, by_page })
    }

    /// Whether some bytes say something of the records.
    pub(super) fn tells(&self, bytes: &[u8]) -> bool {
        self.scans.iter().any(|scan| !scan.bytes("", Stage::Machine, bytes).is_empty())
            || self.leads_there(bytes)
            || stands_alone(self.words.as_ref(), bytes)
    }

    /// Whether a page of the records is linked to.
    pub(super) fn leads_there(&self, bytes: &[u8]) -> bool {
        self.records.iter().any(|id| {
            let page = format!("{id}.html");
            let is_of_other = |at: usize| {
                at.checked_sub(1)
                    .is_some_and(|at| bytes[at].is_ascii_alphanumeric() || bytes[at] == b'-' || bytes[at] == b'_')
            };
            memchr::memmem::find_iter(bytes, page.as_bytes()).any(|at| !is_of_other(at))
        })
    }

    /// Whether a path says something of them.
    pub(super) fn path_tells(&self, path: &str) -> bool {
        let is_own = |part: &str| {
            let stem = part.split('.').next().unwrap_or_default();
            self.records.contains(part) || self.records.contains(stem)
        };
        path.split('/').any(is_own)
            || self.files.contains(path.rsplit('/').next().unwrap_or_default())
            || self.scans.iter().any(|scan| !scan.bytes("", Stage::Path, path.as_bytes()).is_empty())
            || stands_alone(self.words.as_ref(), path.as_bytes())
    }

    /// Whether an entry is of the records, or says something of them.
    pub(super) fn takes(&self, line: &Numbered) -> bool {
        match &line.entry {
            Entry::Field { id, .. } => self.records.contains(id) || self.tells(line.text.as_bytes()),
            _ => false,
        }
    }
}

impl Wanted for Search {
    fn in_name(&self, name: &str) -> bool {
        self.path_tells(name)
    }

    fn in_bytes(&self, bytes: &[u8]) -> bool {
        self.tells(bytes)
    }
}

/// Whether some words stand there, and not as a part of longer ones.
pub(super) fn stands_alone(words: Option<&AhoCorasick>, bytes: &[u8]) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    words.is_some_and(|words| {
        words.find_overlapping_iter(bytes).any(|found| {
            // Four bytes are the longest sign.
            let before = String::from_utf8_lossy(&bytes[found.start().saturating_sub(4)..found.start()]);
            let after = String::from_utf8_lossy(&bytes[found.end()..bytes.len().min(found.end() + 4)]);
            !is_letter(before.chars().next_back()) && !is_letter(after.chars().next())
        })
    })
}

fn each_text(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(values) => values.iter().for_each(|value| each_text(value, see)),
        Value::Object(entries) => entries.values().for_each(|value| each_text(value, see)),
        _ => {}
    }
}

pub(super) fn finder<'a>(sums: impl Iterator<Item = &'a str>) -> Option<AhoCorasick> {
    let sums: BTreeSet<&str> = sums.collect();
    if sums.is_empty() {
        return None;
    }
    AhoCorasickBuilder::new().ascii_case_insensitive(true).build(sums).ok()
}
