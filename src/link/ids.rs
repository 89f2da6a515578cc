//! Which record an id names.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::Number;
use crate::diagnostic::{Code, Diagnostic, SourceText};
use crate::model::Id;
use crate::parse::{Record, Step};
use crate::read::Sources;

/// The records by id and by old id. It is only ever asked for one id at a time, never walked.
#[derive(Clone, Debug, Default)]
pub struct Ids {
    now: HashMap<Id, Number>,
    old: HashMap<Id, Number>,
    /// The records whose id another one has already.
    second: BTreeSet<Number>,
}

impl std::borrow::Borrow<str> for Id {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl Ids {
    /// Collects the ids; of two records with one id the first in path order keeps it.
    pub(crate) fn new(records: &[Arc<Record>], sources: &Sources, findings: &mut Vec<Diagnostic>) -> Self {
        let mut ids = Ids { now: HashMap::with_capacity(records.len()), old: HashMap::new(), second: BTreeSet::new() };
        for (number, record) in (0..).zip(records) {
            if let Some(&first) = ids.now.get(&record.id) {
                findings.push(taken(record, &records[first as usize], &record.id, &[Step::Key("id")], sources));
                ids.second.insert(number);
            } else {
                ids.now.insert(record.id.clone(), number);
            }
        }
        for (number, record) in (0..).zip(records) {
            for (index, alias) in record.fields.common().aliases.iter().enumerate() {
                let first = ids.now.get(alias).or_else(|| ids.old.get(alias)).copied();
                if let Some(first) = first {
                    let path = [Step::Key("aliases"), Step::Index(index)];
                    findings.push(taken(record, &records[first as usize], alias, &path, sources));
                } else {
                    ids.old.insert(alias.clone(), number);
                }
            }
        }
        ids
    }

    /// The record that an id or old id names.
    pub fn find(&self, id: &str) -> Option<Number> {
        self.now.get(id).or_else(|| self.old.get(id)).copied()
    }

    /// Whether another record has the id of this one already.
    pub fn is_second(&self, number: Number) -> bool {
        self.second.contains(&number)
    }

    /// Whether an id is an old one.
    pub fn is_old(&self, id: &str) -> bool {
        !self.now.contains_key(id) && self.old.contains_key(id)
    }
}

fn taken(record: &Record, first: &Record, id: &Id, path: &[Step<'_>], sources: &Sources) -> Diagnostic {
    let place = |record: &Record, path: &[Step<'_>]| {
        record.origin.field(sources.text(&record.origin.file).unwrap_or_default(), path)
    };
    Diagnostic::new(Code::DuplicateId, format!("`{id}` is already the id of another record"))
        .at(&record.origin.file, place(record, path))
        .related(&first.origin.file, place(first, &[Step::Key("id")]), "first used here")
        .hint("give one of them another id; an id is unique in the whole dossier, old ids included")
}
