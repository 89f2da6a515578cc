//! What changed from one edition to another: record by record, field by field, word by word.
//!
//! Two [`Snapshot`]s are compared, each read from a manifest or from the data of a built site. A record that has another id and names the old
//! one among its aliases was renamed; that others name it by its new id is no change of theirs. A changed field is declared when a correction
//! was added since that names it, or names no field.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::BufRead;

use indexmap::IndexMap;
use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;
use similar::{Algorithm, DiffOp, capture_diff_slices};

use super::manifest::{Entry, ManifestError, Reader};
use super::{Header, Previous};

/// How many words times words are compared one by one; of longer texts all between what begins and ends alike has changed.
const MOST_COMPARED: usize = 4_000_000;

/// The fields that say how true something is and who said so.
const STATUS: [&str; 2] = ["status", "attribution"];

/// The fields that say on what a record rests.
const SOURCES: [&str; 5] = ["sources", "captures", "via", "archived", "syndicated_from"];

/// The fields that tell of changes and are none themselves.
const TELLING: [&str; 2] = ["corrections", "aliases"];

/// The fields that say where and in which clothes a record stands, and nothing of what happened.
const ARRANGING: [&str; 6] = ["image", "image_alt", "order", "sort_name", "tags", "template"];

/// An edition, or a built site, as it is compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Snapshot {
    /// What it is; a built site says nothing of that.
    pub header: Option<Header>,
    /// The fields of each record, by kind and id.
    pub records: BTreeMap<(String, String), IndexMap<String, Value>>,
    /// The SHA-256 of each file of the site by its path in the site, where it is known.
    pub files: BTreeMap<String, String>,
    /// How many entries were taken out by law.
    pub removed: u64,
}

/// The folder of the site in an edition.
const SITE: &str = "data/site/";

impl Snapshot {
    /// Reads a manifest.
    pub fn from_manifest(reader: Reader<impl BufRead>) -> Result<Self, ManifestError> {
        let mut snapshot = Snapshot { header: Some(reader.header.clone()), ..Snapshot::default() };
        for line in reader {
            match line?.entry {
                Entry::File { path, sha256, .. } => {
                    if let Some(path) = path.strip_prefix(SITE) {
                        snapshot.files.insert(path.to_owned(), sha256);
                    }
                }
                Entry::Field { kind, id, key, value } => {
                    snapshot.records.entry((kind, id)).or_default().insert(key, value);
                }
                Entry::Removed { .. } => snapshot.removed += 1,
                Entry::Notice { path, .. } => {
                    if let Some(path) = path.strip_prefix(SITE) {
                        snapshot.files.insert(path.to_owned(), String::new());
                    }
                }
            }
        }
        Ok(snapshot)
    }

    /// Takes in a line of `data/records.jsonl`; `false` when it is none.
    pub fn add_line(&mut self, line: &str) -> bool {
        #[derive(serde::Deserialize)]
        struct Line {
            kind: String,
            id: String,
            fields: IndexMap<String, Value>,
        }
        let Ok(Line { kind, id, fields }) = serde_json::from_str(line) else { return false };
        self.records.insert((kind, id), fields);
        true
    }

    /// What it is called.
    pub fn name(&self) -> Option<&str> {
        self.header.as_ref().map(|header| header.edition.as_str())
    }

    /// How the next edition names it.
    pub fn as_previous(&self) -> Option<Previous> {
        let header = self.header.as_ref()?;
        Some(Previous { edition: header.edition.clone(), seal: header.seal.clone()? })
    }
}

/// What changed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diff {
    /// The name of the edition before, where it has one.
    pub before: Option<String>,
    /// That of the edition after.
    pub after: Option<String>,
    /// The records that are not the same, by kind and id.
    pub records: Vec<RecordChange>,
    /// How many records are the same.
    pub unchanged: usize,
    /// The files of the site that are not the same, where both say what files they have.
    pub files: Option<FileChanges>,
    /// How many entries of the edition before were taken out by law, and cannot be compared.
    pub removed_before: u64,
    /// How many of the edition after.
    pub removed_after: u64,
}

/// What became of the files of a site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileChanges {
    /// Paths that were not there.
    pub new: Vec<String>,
    /// Paths with other bytes.
    pub changed: Vec<String>,
    /// Paths that are no longer there.
    pub gone: Vec<String>,
}

/// What became of a record. A record can be several of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Became {
    /// It was not there before.
    New,
    /// It is no longer there.
    Withdrawn,
    /// It has another id.
    Renamed,
    /// Something changed, and a correction says so.
    Corrected,
    /// How true it is, or whether it was said, is told otherwise.
    Status,
    /// It rests on other sources.
    Sources,
    /// Something changed that no correction tells of.
    Changed,
}

impl Became {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Became::New => "new",
            Became::Withdrawn => "withdrawn",
            Became::Renamed => "renamed",
            Became::Corrected => "corrected",
            Became::Status => "status changed",
            Became::Sources => "sources changed",
            Became::Changed => "changed without a correction",
        }
    }
}

/// A record that is not the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RecordChange {
    /// Its kind.
    pub kind: String,
    /// Its id, as it is now.
    pub id: String,
    /// What it is called: its title or name, else its first words.
    pub title: String,
    /// The language of its words, where it tells.
    pub lang: Option<String>,
    /// Its id before, when it was renamed.
    pub was_id: Option<String>,
    /// What became of it.
    pub became: Vec<Became>,
    /// The fields that differ, in the order of the record; none for records that are new or withdrawn.
    pub fields: Vec<FieldChange>,
}

/// A field that is not the same.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FieldChange {
    /// The field.
    pub key: String,
    /// What it held.
    pub was: Option<Value>,
    /// What it holds.
    pub now: Option<Value>,
    /// Both in words, with what differs.
    pub words: Vec<Piece>,
    /// Why it was changed, when a correction since then tells of it.
    pub why: Option<String>,
}

/// A run of words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "is", content = "text")]
pub enum Piece {
    /// They stand in both.
    Same(String),
    /// They stood there before.
    Gone(String),
    /// They stand there now.
    New(String),
}

impl FieldChange {
    /// Whether a correction must tell of it and none does: what readers relied on is not what it was. What was added is no correction, be it
    /// where nothing stood or to a list.
    pub fn needs_correction(&self) -> bool {
        let was_kept = match (&self.was, &self.now) {
            (None, _) => true,
            (Some(Value::Array(was)), Some(Value::Array(now))) => was.iter().all(|value| now.contains(value)),
            (Some(was), Some(Value::Array(now))) => now.contains(was),
            _ => false,
        };
        self.why.is_none() && !was_kept && !is_told_elsewhere(&self.key)
    }
}

/// Whether a change of a field shows by itself or in its own place: a record's state, sources, and the list of corrections; or says nothing
/// that anybody could rely on.
fn is_told_elsewhere(key: &str) -> bool {
    STATUS.contains(&key)
        || SOURCES.contains(&key)
        || TELLING.contains(&key)
        || ARRANGING.contains(&key)
        || key == "withheld"
}

/// The ids that records had, with those that they have now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Renames(BTreeMap<String, String>);

impl Renames {
    /// Takes in that a record has another id.
    pub fn add(&mut self, was: &str, now: &str) {
        self.0.insert(was.to_owned(), now.to_owned());
    }

    /// A value as it would have been written with the ids of today.
    fn of<'a>(&self, value: &'a Value) -> Cow<'a, Value> {
        if self.0.is_empty() { Cow::Borrowed(value) } else { Cow::Owned(self.replaced(value)) }
    }

    fn replaced(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.in_text(text)),
            Value::Array(values) => values.iter().map(|value| self.replaced(value)).collect(),
            Value::Object(entries) => entries
                .iter()
                .map(|(key, value)| (key.clone(), self.replaced(value)))
                .collect::<serde_json::Map<_, _>>()
                .into(),
            other => other.clone(),
        }
    }

    /// A text that is an id, or has some in double brackets, as links without words of their own have.
    fn in_text(&self, text: &str) -> String {
        if let Some(now) = self.0.get(text) {
            return now.clone();
        }
        let mut parts = text.split("[[");
        let mut replaced = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            replaced.push_str("[[");
            match part.split_once("]]").and_then(|(id, rest)| Some((self.0.get(id)?, rest))) {
                Some((now, rest)) => replaced.extend([now, "]]", rest]),
                None => replaced.push_str(part),
            }
        }
        replaced
    }
}

/// Compares two editions.
pub fn diff(before: &Snapshot, after: &Snapshot) -> Diff {
    let mut renames = Renames::default();
    let mut was_ids = BTreeMap::new();
    for ((kind, id), now) in &after.records {
        if before.records.contains_key(&(kind.clone(), id.clone())) {
            continue;
        }
        let key = |alias: &str| (kind.clone(), alias.to_owned());
        let was = aliases(now)
            .find(|alias| before.records.contains_key(&key(alias)) && !after.records.contains_key(&key(alias)));
        if let Some(was) = was {
            renames.add(was, id);
            was_ids.insert((kind, id), was);
        }
    }
    let found: Vec<Option<RecordChange>> = after
        .records
        .par_iter()
        .map(|((kind, id), now)| {
            let was_id = was_ids.get(&(kind, id)).copied();
            match before.records.get(&(kind.clone(), was_id.unwrap_or(id).to_owned())) {
                Some(was) => changed(kind, id, was_id, (was, now), &renames),
                None => Some(whole(kind, id, now, Became::New)),
            }
        })
        .collect();
    let mut records: Vec<RecordChange> = found.into_iter().flatten().collect();
    let unchanged = after.records.len() - records.len();
    let renamed: BTreeSet<(&String, &str)> = was_ids.iter().map(|((kind, _), was)| (*kind, *was)).collect();
    for ((kind, id), was) in &before.records {
        if !after.records.contains_key(&(kind.clone(), id.clone())) && !renamed.contains(&(kind, id.as_str())) {
            records.push(whole(kind, id, was, Became::Withdrawn));
        }
    }
    records.sort_by(|a, b| (&a.kind, &a.id).cmp(&(&b.kind, &b.id)));
    Diff {
        before: before.name().map(str::to_owned),
        after: after.name().map(str::to_owned),
        records,
        unchanged,
        files: (!before.files.is_empty() && !after.files.is_empty()).then(|| files(before, after)),
        removed_before: before.removed,
        removed_after: after.removed,
    }
}

impl Diff {
    /// Whether there is nothing to tell.
    pub fn is_empty(&self) -> bool {
        self.records.is_empty() && self.files.as_ref().is_none_or(|files| *files == FileChanges::default())
    }

    /// How many records became something.
    pub fn count(&self, became: Became) -> usize {
        self.records.iter().filter(|record| record.became.contains(&became)).count()
    }
}

/// What became of a record that is there in both; `None` when nothing did.
fn changed(
    kind: &str,
    id: &str,
    was_id: Option<&str>,
    (was, now): (&IndexMap<String, Value>, &IndexMap<String, Value>),
    renames: &Renames,
) -> Option<RecordChange> {
    if was_id.is_none() && was == now {
        return None;
    }
    let fields = changed_fields(was, now, renames);
    let mut became = BTreeSet::new();
    became.extend(was_id.map(|_| Became::Renamed));
    for field in &fields {
        became.extend(match field.key.as_str() {
            key if STATUS.contains(&key) => Some(Became::Status),
            key if SOURCES.contains(&key) => Some(Became::Sources),
            key if TELLING.contains(&key) => None,
            _ if field.why.is_some() => Some(Became::Corrected),
            _ => Some(Became::Changed),
        });
    }
    if became.is_empty() {
        // Old ids tell of nothing by themselves.
        if fields.iter().all(|field| field.key != "corrections") {
            return None;
        }
        // Only the list of corrections grew.
        became.insert(Became::Corrected);
    }
    let became = became.into_iter().collect();
    Some(RecordChange { was_id: was_id.map(str::to_owned), became, fields, ..whole(kind, id, now, Became::New) })
}

fn whole(kind: &str, id: &str, fields: &IndexMap<String, Value>, became: Became) -> RecordChange {
    let title = ["title", "name", "text"].iter().find_map(|key| fields.get(*key)?.as_str());
    RecordChange {
        kind: kind.to_owned(),
        id: id.to_owned(),
        title: crate::text::excerpt(title.unwrap_or(id), 80),
        lang: fields.get("lang").and_then(Value::as_str).map(str::to_owned),
        was_id: None,
        became: vec![became],
        fields: Vec::new(),
    }
}

fn aliases(fields: &IndexMap<String, Value>) -> impl Iterator<Item = &str> {
    let list = fields.get("aliases").and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str)
}

/// The fields of a record that differ, in its order.
pub fn changed_fields(
    was: &IndexMap<String, Value>,
    now: &IndexMap<String, Value>,
    renames: &Renames,
) -> Vec<FieldChange> {
    let declared = corrections_since(was, now);
    let keys = now.keys().chain(was.keys().filter(|key| !now.contains_key(*key)));
    let differing = keys.filter(|key| was.get(*key) != now.get(*key));
    let change = |key: &String| {
        let (old, new) = (was.get(key), now.get(key));
        let renamed = old.map(|old| renames.of(old));
        if renamed.as_deref() == new {
            return None;
        }
        let why = declared.iter().find(|(field, _)| field.is_none_or(|field| field == key)).map(|(_, why)| *why);
        Some(FieldChange {
            key: key.clone(),
            was: old.cloned(),
            now: new.cloned(),
            words: pieces(&words(renamed.as_deref()), &words(new)),
            why: why.map(str::to_owned),
        })
    };
    differing.filter_map(change).collect()
}

/// The corrections that were added: the field that each names, and why.
fn corrections_since<'a>(
    was: &IndexMap<String, Value>,
    now: &'a IndexMap<String, Value>,
) -> Vec<(Option<&'a str>, &'a str)> {
    let of = |fields: &IndexMap<String, Value>| {
        fields.get("corrections").and_then(Value::as_array).cloned().unwrap_or_default()
    };
    let mut known = of(was);
    let list = now.get("corrections").and_then(Value::as_array);
    let mut added = Vec::new();
    for correction in list.into_iter().flatten() {
        if let Some(at) = known.iter().position(|other| other == correction) {
            known.swap_remove(at);
            continue;
        }
        let text = |key: &str| correction.get(key).and_then(Value::as_str);
        added.push((text("field"), text("why").unwrap_or_default()));
    }
    added
}

/// A value in words, as somebody would read it.
fn words(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(Value::Bool(value)) => value.to_string(),
        Some(Value::Number(value)) => value.to_string(),
        Some(Value::Array(values)) => values.iter().map(|value| words(Some(value))).collect::<Vec<_>>().join("; "),
        Some(Value::Object(entries)) => {
            let entries =
                entries.iter().map(|(key, value)| format!("{}: {}", key.replace('_', " "), words(Some(value))));
            entries.collect::<Vec<_>>().join(", ")
        }
    }
}

/// Two texts word by word.
fn pieces(was: &str, now: &str) -> Vec<Piece> {
    let (was, now): (Vec<&str>, Vec<&str>) = (split(was), split(now));
    let start = was.iter().zip(&now).take_while(|(a, b)| a == b).count();
    let end = was[start..].iter().rev().zip(now[start..].iter().rev()).take_while(|(a, b)| a == b).count();
    let (old, new) = (&was[start..was.len() - end], &now[start..now.len() - end]);
    let mut pieces = Pieces::default();
    pieces.add(&was[..start], Piece::Same);
    if old.len().saturating_mul(new.len()) > MOST_COMPARED {
        pieces.add(old, Piece::Gone);
        pieces.add(new, Piece::New);
    } else {
        for op in capture_diff_slices(Algorithm::Myers, old, new) {
            match op {
                DiffOp::Equal { old_index, len, .. } => pieces.add(&old[old_index..old_index + len], Piece::Same),
                op => {
                    pieces.add(&old[op.old_range()], Piece::Gone);
                    pieces.add(&new[op.new_range()], Piece::New);
                }
            }
        }
    }
    pieces.add(&was[was.len() - end..], Piece::Same);
    pieces.0
}

/// Words, and the spaces and signs between them, each by itself.
fn split(text: &str) -> Vec<&str> {
    use unicode_segmentation::UnicodeSegmentation;
    text.split_word_bounds().collect()
}

#[derive(Default)]
struct Pieces(Vec<Piece>);

impl Pieces {
    fn add(&mut self, words: &[&str], piece: impl Fn(String) -> Piece) {
        if words.is_empty() {
            return;
        }
        let text = words.concat();
        match (self.0.last_mut(), piece(text)) {
            (Some(Piece::Same(last)), Piece::Same(text))
            | (Some(Piece::Gone(last)), Piece::Gone(text))
            | (Some(Piece::New(last)), Piece::New(text)) => last.push_str(&text),
            (_, piece) => self.0.push(piece),
        }
    }
}

fn files(before: &Snapshot, after: &Snapshot) -> FileChanges {
    let mut changes = FileChanges::default();
    for (path, sha256) in &after.files {
        match before.files.get(path) {
            None => changes.new.push(path.clone()),
            Some(was) if was != sha256 => changes.changed.push(path.clone()),
            Some(_) => {}
        }
    }
    changes.gone = before.files.keys().filter(|path| !after.files.contains_key(*path)).cloned().collect();
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(records: &[(&str, &str, Value)]) -> Snapshot {
        let mut snapshot = Snapshot::default();
        for (kind, id, fields) in records {
            let line = serde_json::json!({ "kind": kind, "id": id, "url": "x", "fields": fields });
            assert!(snapshot.add_line(&line.to_string()));
        }
        snapshot
    }

    fn became(before: Value, after: Value) -> Vec<Became> {
        let diff = diff(&snapshot(&[("quote", "q", before)]), &snapshot(&[("quote", "q", after)]));
        diff.records.into_iter().flat_map(|record| record.became).collect()
    }

    #[test]
    fn the_same_is_no_change() {
        let one = serde_json::json!({ "text": "We did not.", "speaker": "doe" });
        assert_eq!(became(one.clone(), one), []);
    }

    #[test]
    fn a_changed_field_is_told_word_by_word() {
        let before = snapshot(&[("quote", "q", serde_json::json!({ "text": "We did not open the gate." }))]);
        let after = snapshot(&[("quote", "q", serde_json::json!({ "text": "We did open the old gate." }))]);
        let diff = diff(&before, &after);
        let expected = [
            Piece::Same("We did ".to_owned()),
            Piece::Gone("not ".to_owned()),
            Piece::Same("open the".to_owned()),
            Piece::New(" old".to_owned()),
            Piece::Same(" gate.".to_owned()),
        ];
        assert_eq!(diff.records[0].fields[0].words, expected);
        assert_eq!(diff.records[0].became, [Became::Changed]);
        assert!(diff.records[0].fields[0].needs_correction());
    }

    #[test]
    fn a_correction_added_since_declares_the_field_that_it_names() {
        let old = serde_json::json!({ "text": "one", "date": "2025" });
        let corrected = |field: &str| serde_json::json!({ "text": "two", "date": "2025", "corrections": [{ "on": "2025-06", "field": field, "why": "misheard" }] });
        assert_eq!(became(old.clone(), corrected("text")), [Became::Corrected]);
        assert_eq!(became(old.clone(), corrected("date")), [Became::Changed]);
        let of_all = serde_json::json!({ "text": "two", "date": "2026", "corrections": [{ "on": "2025-06", "why": "misheard" }] });
        assert_eq!(became(old, of_all), [Became::Corrected]);
        let already = serde_json::json!({ "text": "one", "corrections": [{ "on": "2025-06", "why": "old" }] });
        let again = serde_json::json!({ "text": "two", "corrections": [{ "on": "2025-06", "why": "old" }] });
        assert_eq!(became(already, again), [Became::Changed]);
    }

    #[test]
    fn status_and_sources_are_told_apart() {
        let old = serde_json::json!({ "text": "one", "status": { "is": "reported" }, "sources": [{ "source": "a" }] });
        let status =
            serde_json::json!({ "text": "one", "status": { "is": "verified" }, "sources": [{ "source": "a" }] });
        let sources =
            serde_json::json!({ "text": "one", "status": { "is": "reported" }, "sources": [{ "source": "b" }] });
        assert_eq!(became(old.clone(), status), [Became::Status]);
        assert_eq!(became(old, sources), [Became::Sources]);
    }

    #[test]
    fn a_record_that_names_its_old_id_was_renamed() {
        let before = snapshot(&[("actor", "doe", serde_json::json!({ "name": "Doe" }))]);
        let after = snapshot(&[("actor", "jane-doe", serde_json::json!({ "name": "Doe", "aliases": ["doe"] }))]);
        let diff = diff(&before, &after);
        assert_eq!(diff.records.len(), 1);
        assert_eq!(diff.records[0].was_id.as_deref(), Some("doe"));
        assert_eq!(diff.records[0].became, [Became::Renamed]);
    }

    #[test]
    fn who_names_a_renamed_record_by_its_new_id_has_not_changed() {
        let actor = |id: &str, aliases: Value| {
            ("actor", id.to_owned(), serde_json::json!({ "name": "Doe", "aliases": aliases }))
        };
        let quote = |id: &str| serde_json::json!({ "speaker": id, "to": ["x", id], "text": format!("See [[{id}]] and [[x]].") });
        let (doe, jane) = (actor("doe", Value::Null), actor("jane-doe", serde_json::json!(["doe"])));
        let before = snapshot(&[(doe.0, &doe.1, doe.2), ("quote", "q", quote("doe"))]);
        let after = snapshot(&[(jane.0, &jane.1, jane.2), ("quote", "q", quote("jane-doe"))]);
        let found: Vec<String> = diff(&before, &after).records.into_iter().map(|record| record.id).collect();
        assert_eq!(found, ["jane-doe"]);
        assert_eq!(diff(&before, &after).unchanged, 1);
    }

    #[test]
    fn what_came_and_what_went_is_named() {
        let before = snapshot(&[("actor", "a", serde_json::json!({ "name": "A" }))]);
        let after = snapshot(&[("actor", "b", serde_json::json!({ "name": "B" }))]);
        let found: Vec<(String, Vec<Became>)> =
            diff(&before, &after).records.into_iter().map(|record| (record.id, record.became)).collect();
        assert_eq!(found, [("a".to_owned(), vec![Became::Withdrawn]), ("b".to_owned(), vec![Became::New])]);
    }

    #[test]
    fn what_was_added_where_nothing_stood_needs_no_correction() {
        let before = snapshot(&[("quote", "q", serde_json::json!({ "text": "one" }))]);
        let after = snapshot(&[("quote", "q", serde_json::json!({ "text": "one", "summary": "new" }))]);
        let diff = diff(&before, &after);
        assert!(!diff.records[0].fields[0].needs_correction());
    }
}
