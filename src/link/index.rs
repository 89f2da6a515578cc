//! What records are known by: ids, names, files and headings. It is all that linking one record asks of the others.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, OnceLock};

use super::{Ids, Number};
use crate::diagnostic::{Code, Diagnostic};
use crate::model::Fields;
use crate::parse::{Heading, Record, Slot};
use crate::read::{Attachment, SourceFile, Sources};
use crate::text;

/// What records are known by.
#[derive(Clone, Debug)]
pub struct Index {
    /// Their ids and old ids.
    pub ids: Ids,
    /// The ids of records that could not be read.
    pub(super) broken: BTreeSet<String>,
    /// The records by the path of their file; of a file with several records, the first.
    pub(super) paths: HashMap<Arc<str>, Number>,
    /// The records by the normal form of their names; made when the first link by name is met.
    names: OnceLock<BTreeMap<String, BTreeSet<Number>>>,
    attachments: Arc<Vec<Attachment>>,
    /// The files of records, those that cannot be read among them.
    files: Vec<Arc<str>>,
    /// What is wrong with ids and files.
    pub(super) findings: Vec<Diagnostic>,
}

impl Index {
    pub(super) fn new(records: &[Arc<Record>], broken: BTreeSet<String>, sources: &Sources) -> Self {
        let mut findings = names_that_differ_in_case(sources);
        let ids = Ids::new(records, sources, &mut findings);
        let mut paths = HashMap::with_capacity(records.len());
        for (number, record) in (0..).zip(records) {
            paths.entry(Arc::clone(&record.origin.inner)).or_insert(number);
        }
        let attachments = Arc::clone(&sources.attachments);
        let files = sources.files.iter().map(|file| Arc::clone(&file.path)).collect();
        Index { ids, broken, paths, names: OnceLock::new(), attachments, files, findings }
    }

    /// The files beside the records, in path order.
    pub fn attachments(&self) -> &[Attachment] {
        &self.attachments
    }

    /// The ids of records that could not be read, as far as they are known.
    pub fn broken(&self) -> &BTreeSet<String> {
        &self.broken
    }

    /// The path of an attachment in the folder of records, by its place.
    pub fn attachment(&self, at: u32) -> Option<&str> {
        self.attachments.get(at as usize).map(|attachment| attachment.inner.as_str())
    }

    /// Whether the index of some records is that of others too.
    pub(super) fn holds(
        &self,
        before: &[Arc<Record>],
        records: &[Arc<Record>],
        broken: &BTreeSet<String>,
        sources: &Sources,
    ) -> bool {
        // A finding names places, which move when a file changes.
        self.findings.is_empty()
            && before.len() == records.len()
            && self.broken == *broken
            && (Arc::ptr_eq(&self.attachments, &sources.attachments) || self.attachments == sources.attachments)
            && self.files.iter().eq(sources.files.iter().map(|file| &file.path))
            && before.iter().zip(records).all(|(old, new)| Arc::ptr_eq(old, new) || Known::of(old) == Known::of(new))
    }

    /// The records that have a name, in their order. Where readers know some of them by it, it is these: what is withheld makes
    /// no name that readers see ambiguous.
    pub(super) fn named(&self, name: &str, records: &[Arc<Record>]) -> Vec<Number> {
        let (names, wanted) = (self.names.get_or_init(|| names_of(records)), text::normal_form(name));
        let found: Vec<Number> = names.get(&wanted).into_iter().flatten().copied().collect();
        let is_open = |number: &Number| {
            let record = &records[*number as usize];
            !record.origin.is_outside && names_in(record.open()).any(|name| text::normal_form(name) == wanted)
        };
        let open: Vec<Number> = found.iter().copied().filter(|number| found.len() > 1 && is_open(number)).collect();
        if open.is_empty() { found } else { open }
    }
}

/// What one record is known by.
#[derive(PartialEq, Eq)]
struct Known<'a> {
    id: &'a str,
    kind: crate::model::Kind,
    file: &'a str,
    aliases: Vec<&'a str>,
    names: Vec<&'a str>,
    is_outside: bool,
    headings: &'a [Heading],
    /// With those of the notes, which can be linked to as well.
    anchors: &'a [Box<str>],
}

impl<'a> Known<'a> {
    fn of(record: &'a Arc<Record>) -> Self {
        let body = record.texts.get(Slot::Body);
        Known {
            id: record.id.as_str(),
            kind: record.kind(),
            file: &record.origin.inner,
            aliases: record.fields.common().aliases.iter().map(|alias| alias.as_str()).collect(),
            names: names(record).collect(),
            is_outside: record.origin.is_outside,
            headings: body.map(|body| body.headings.as_slice()).unwrap_or_default(),
            anchors: body.map(|body| &*body.anchors).unwrap_or_default(),
        }
    }
}

/// What a record is called, by its authors and by its readers.
fn names(record: &Arc<Record>) -> impl Iterator<Item = &str> {
    let open = record.closed.as_ref().map(|_| names_in(record.open()));
    names_in(record).chain(open.into_iter().flatten())
}

fn names_in(record: &Record) -> impl Iterator<Item = &str> {
    let others = match &*record.fields {
        Fields::Actor(actor) => &*actor.names,
        _ => &[],
    };
    record.fields.title().into_iter().chain(others.iter().map(|name| &name.text)).map(|name| name.as_str())
}

fn names_of(records: &[Arc<Record>]) -> BTreeMap<String, BTreeSet<Number>> {
    let mut named: BTreeMap<String, BTreeSet<Number>> = BTreeMap::new();
    for (number, record) in (0..).zip(records) {
        for name in names(record) {
            named.entry(text::normal_form(name)).or_default().insert(number);
        }
    }
    named
}

/// Two files whose names differ only in case are one file on some systems.
fn names_that_differ_in_case(sources: &Sources) -> Vec<Diagnostic> {
    let mut seen: HashMap<String, &SourceFile> = HashMap::with_capacity(sources.files.len());
    let mut findings = Vec::new();
    for file in &sources.files {
        let stem = super::stem(&file.inner);
        match seen.entry(stem.to_lowercase()) {
            std::collections::hash_map::Entry::Occupied(first) if super::stem(&first.get().inner) != stem => {
                let first = first.get();
                findings.push(
                    Diagnostic::new(
                        Code::IdDiffersInCase,
                        format!("`{}` and `{}` differ only in upper and lower case", first.path, file.path),
                    )
                    .at(&file.path, 0..0)
                    .related(&first.path, 0..0, "the other one")
                    .hint("rename one of them; some systems and readers cannot tell them apart"),
                );
            }
            std::collections::hash_map::Entry::Occupied(_) => {}
            std::collections::hash_map::Entry::Vacant(vacant) => {
                vacant.insert(file);
            }
        }
    }
    findings
}
