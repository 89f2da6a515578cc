//! The past editions of a dossier in their order, and what is needed of them to make the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;

use super::diff::{Became, Snapshot, diff};
use super::{For, Header, Previous};

/// What a dossier keeps of its past editions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// The editions, oldest first.
    pub editions: Vec<PastEdition>,
    /// Every file of the site of any of them, by its path, with the place of the last edition that has it.
    pub paths: BTreeMap<String, usize>,
    /// The records of the last one as readers had them.
    pub last: Snapshot,
    /// The corrections of each record, by kind and id, with the place of the first edition that has them.
    corrections: BTreeMap<(String, String), Vec<(Value, usize)>>,
}

/// A past edition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastEdition {
    /// The file that tells of it.
    pub file: Arc<str>,
    /// What it says of itself.
    pub header: Header,
    /// How many records it has.
    pub records: usize,
    /// What was done since the edition before it; nothing of the first.
    pub done: Option<Done>,
}

/// How many records became what from one edition to the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Done {
    /// Records that were not there.
    pub new: usize,
    /// Records in which something was corrected.
    pub corrected: usize,
    /// Records that changed otherwise: in their status, their sources, their ids.
    pub changed: usize,
    /// Records that are no longer there.
    pub withdrawn: usize,
}

impl Past {
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.editions.is_empty()
    }

    /// The places of those that were made for readers, oldest first.
    pub fn public(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.editions.len()).filter(|at| self.editions[*at].header.audience == For::Public)
    }

    /// Takes in the next edition.
    pub fn add(&mut self, file: Arc<str>, header: Header, mut snapshot: Snapshot) {
        let at = self.editions.len();
        let files = std::mem::take(&mut snapshot.files);
        self.paths.extend(files.into_keys().map(|path| (path, at)));
        for (key, fields) in &snapshot.records {
            let Some(corrections) = fields.get("corrections").and_then(Value::as_array) else { continue };
            let known = self.corrections.entry(key.clone()).or_default();
            for correction in corrections {
                if !known.iter().any(|(other, _)| other == correction) {
                    known.push((correction.clone(), at));
                }
            }
        }
        let done = (at > 0).then(|| done(&self.last, &snapshot));
        self.editions.push(PastEdition { file, header, records: snapshot.records.len(), done });
        self.last = snapshot;
    }

    /// The place of the edition for readers since which a correction of a record stands; none when none has it.
    pub fn since(&self, kind: &str, id: &str, correction: &Value) -> Option<usize> {
        let known = self.corrections.get(&(kind.to_owned(), id.to_owned()))?;
        let (_, first) = known.iter().find(|(other, _)| other == correction)?;
        self.public().find(|at| at >= first)
    }
}

fn done(before: &Snapshot, after: &Snapshot) -> Done {
    let mut done = Done::default();
    for record in diff(before, after).records {
        let count = match record.became.as_slice() {
            became if became.contains(&Became::New) => &mut done.new,
            became if became.contains(&Became::Withdrawn) => &mut done.withdrawn,
            became if became.contains(&Became::Corrected) => &mut done.corrected,
            _ => &mut done.changed,
        };
        *count += 1;
    }
    done
}

/// What is wrong with how editions name each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Break {
    /// It names an edition before it that is not there.
    Missing(Previous),
    /// Another one names the same edition before it.
    Fork(usize),
    /// Whoever goes from each edition to the one before it comes back to it.
    Loop,
    /// It is the same as another one.
    Twice(usize),
    /// Another one, which is not the same, has its name.
    SameName(usize),
    /// It does not tell its seal, so that no other can name it.
    NoSeal,
}

/// The order of editions, oldest first: each after the one that it names, and else by day and name; and what is wrong with the chain.
pub fn order(headers: &[Header]) -> (Vec<usize>, Vec<(usize, Break)>) {
    let mut by_day: Vec<usize> = (0..headers.len()).collect();
    by_day.sort_by(|a, b| {
        let key = |at: &usize| (&headers[*at].date, &headers[*at].edition, *at);
        key(a).cmp(&key(b))
    });
    let (mut by_seal, mut by_name) = (BTreeMap::new(), BTreeMap::new());
    let mut breaks = Vec::new();
    for at in &by_day {
        let header = &headers[*at];
        match &header.seal {
            None => breaks.push((*at, Break::NoSeal)),
            Some(seal) => match by_seal.get(seal) {
                Some(other) => breaks.push((*at, Break::Twice(*other))),
                None => drop(by_seal.insert(seal, *at)),
            },
        }
        match by_name.get(&header.edition) {
            Some(other) if !breaks.iter().any(|(broken, _)| broken == at) => {
                breaks.push((*at, Break::SameName(*other)));
            }
            Some(_) => {}
            None => drop(by_name.insert(&header.edition, *at)),
        }
    }
    let mut before: BTreeMap<usize, usize> = BTreeMap::new();
    let mut named: BTreeMap<usize, usize> = BTreeMap::new();
    for at in &by_day {
        let Some(previous) = &headers[*at].previous else { continue };
        let Some(found) = by_seal.get(&previous.seal).copied() else {
            breaks.push((*at, Break::Missing(previous.clone())));
            continue;
        };
        before.insert(*at, found);
        match named.get(&found) {
            Some(other) => breaks.push((*at, Break::Fork(*other))),
            None => drop(named.insert(found, *at)),
        }
    }
    let mut ordered = Vec::new();
    let mut done = BTreeSet::new();
    for at in &by_day {
        // The way back to an edition that stands in the order already, or to the first.
        let mut way = Vec::new();
        let mut here = Some(*at);
        while let Some(now) = here.filter(|now| !done.contains(now)) {
            if way.contains(&now) {
                breaks.push((now, Break::Loop));
                break;
            }
            way.push(now);
            here = before.get(&now).copied();
        }
        for now in way.into_iter().rev() {
            done.insert(now);
            ordered.push(now);
        }
    }
    (ordered, breaks)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(edition: &str, date: &str, previous: Option<&str>) -> Header {
        let seal = |name: &str| crate::text::hexadecimal(&[name.as_bytes()[0]; 32]);
        Header {
            title: "T".to_owned(),
            edition: edition.to_owned(),
            date: date.to_owned(),
            audience: For::Public,
            previous: previous.map(|name| Previous { edition: name.to_owned(), seal: seal(name) }),
            seal: Some(seal(edition)),
        }
    }

    fn check(headers: &[Header], expected: &[usize], breaks: &[(usize, Break)]) {
        assert_eq!(order(headers), (expected.to_vec(), breaks.to_vec()));
    }

    #[test]
    fn each_comes_after_the_one_that_it_names_and_else_by_day_and_name() {
        check(
            &[header("c", "2025", Some("b")), header("b", "2025", Some("a")), header("a", "2025", None)],
            &[2, 1, 0],
            &[],
        );
        check(
            &[header("b", "2025-02", None), header("a", "2025-03", None), header("c", "2025-02", None)],
            &[0, 2, 1],
            &[],
        );
    }

    #[test]
    fn what_breaks_the_chain_is_named() {
        let missing = Break::Missing(header("x", "", Some("a")).previous.unwrap());
        check(&[header("b", "2025", Some("a"))], &[0], &[(0, missing)]);
        let fork = [header("a", "2023", None), header("b", "2024", Some("a")), header("c", "2025", Some("a"))];
        check(&fork, &[0, 1, 2], &[(2, Break::Fork(1))]);
        let round = [header("a", "2024", Some("b")), header("b", "2025", Some("a"))];
        check(&round, &[1, 0], &[(0, Break::Loop)]);
        check(&[header("a", "2024", Some("a"))], &[0], &[(0, Break::Loop)]);
        check(&[header("a", "2024", None), header("a", "2024", None)], &[0, 1], &[(1, Break::Twice(0))]);
        let other = Header { seal: Some("f".repeat(64)), ..header("a", "2025", None) };
        check(&[header("a", "2024", None), other], &[0, 1], &[(1, Break::SameName(0))]);
        check(&[Header { seal: None, ..header("a", "2024", None) }], &[0], &[(0, Break::NoSeal)]);
    }

    #[test]
    fn what_was_done_is_counted_and_a_correction_has_the_edition_that_it_came_with() {
        let snapshot = |records: &[(&str, Value)]| {
            let mut snapshot = Snapshot::default();
            for (id, fields) in records {
                snapshot.add_line(&serde_json::json!({ "kind": "quote", "id": id, "fields": fields }).to_string());
            }
            snapshot
        };
        let why = serde_json::json!({ "on": "2025", "why": "misheard" });
        let first = snapshot(&[("a", serde_json::json!({ "text": "one" })), ("b", serde_json::json!({ "text": "b" }))]);
        let second = snapshot(&[
            ("a", serde_json::json!({ "text": "two", "corrections": [why] })),
            ("c", serde_json::json!({ "text": "c" })),
        ]);
        let mut past = Past::default();
        past.add("editions/a.jsonl".into(), header("a", "2024", None), first);
        past.add("editions/b.jsonl".into(), header("b", "2025", None), second.clone());
        past.add("editions/c.jsonl".into(), header("c", "2026", None), second);
        let done: Vec<Option<Done>> = past.editions.iter().map(|edition| edition.done).collect();
        let changed = Done { new: 1, corrected: 1, changed: 0, withdrawn: 1 };
        assert_eq!(done, [None, Some(changed), Some(Done::default())]);
        assert_eq!(past.since("quote", "a", &why), Some(1));
        assert_eq!(past.since("quote", "c", &why), None);
    }
}
