//! What lies outside of the dossier: sealed records, and private fields of records that are not.
//!
//! A document of an overlay whose id a record of the dossier has adds to that record what readers never see; any other is a
//! sealed record. What readers see is the same with an overlay and without one.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use super::front::{self, Document, FrontError};
use super::open::{Private, can_be_withheld, each_text, take_out, uncover};
use super::problem::Problem;
use super::record::{Closed, Record, kind_of, parse_document, read_texts, read_valid, schema, written_id};
use super::tree::{self, Entry, Node, NodeValue};
use super::validate::validate_record;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{Fields, Kind};
use crate::read::SourceFile;

/// What came of one file of an overlay.
#[derive(Debug)]
pub(super) struct OverlayFile {
    pub(super) file: Arc<SourceFile>,
    /// The ids in it, with the record of the dossier that has each.
    met: Vec<(String, Option<Arc<Record>>)>,
    /// Sealed records.
    pub(super) sealed: Vec<Arc<Record>>,
    /// Records of the dossier, and what they are with what is added to them.
    pub(super) added: Vec<(Arc<Record>, Arc<Record>)>,
    pub(super) findings: Vec<Diagnostic>,
}

/// The records of the dossier by their ids, each with the text of its file.
pub(super) type Known<'a> = BTreeMap<&'a str, (&'a Arc<Record>, &'a SourceFile)>;

impl OverlayFile {
    /// Whether reading the file again would give the same.
    pub(super) fn is_still(&self, file: &Arc<SourceFile>, known: &Known<'_>) -> bool {
        let is_same = |(id, record): &(String, Option<Arc<Record>>)| match (known.get(id.as_str()), record) {
            (Some((now, _)), Some(then)) => Arc::ptr_eq(now, then),
            (now, then) => now.is_none() && then.is_none(),
        };
        Arc::ptr_eq(&self.file, file) && self.met.iter().all(is_same)
    }

    pub(super) fn read(file: &Arc<SourceFile>, known: &Known<'_>) -> Self {
        let mut read = OverlayFile {
            file: Arc::clone(file),
            met: Vec::new(),
            sealed: Vec::new(),
            added: Vec::new(),
            findings: Vec::new(),
        };
        if !file.usable {
            return read;
        }
        match front::split(file) {
            Ok(documents) => {
                let is_alone = documents.len() == 1;
                documents.into_iter().for_each(|document| read.document(document, is_alone, known));
            }
            Err(FrontError::Missing | FrontError::Unclosed(_)) => read.findings.push(
                Diagnostic::new(Code::NoFrontMatter, format!("`{}` has no front matter", file.path))
                    .at(&file.path, 0..0)
                    .hint("put the private fields between two lines `---`"),
            ),
        }
        read
    }

    fn document(&mut self, document: Document, is_alone: bool, known: &Known<'_>) {
        let file = Arc::clone(&self.file);
        let yaml = &file.text[document.yaml.clone()];
        let stem = file.inner.rsplit('/').next().and_then(|name| name.rsplit_once('.')).map_or("", |(stem, _)| stem);
        let id = written_id(yaml).unwrap_or(stem);
        let met = known.get(id);
        self.met.push((id.to_owned(), met.map(|(record, _)| Arc::clone(record))));
        let Some((record, source)) = met else {
            let record = parse_document(&file, document, is_alone, &mut self.findings);
            self.sealed.extend(record.map(|record| Arc::new(sealed(record))));
            return;
        };
        let kind = match kind_of(&file, yaml) {
            Ok(kind) => kind,
            Err(problem) => {
                self.findings.push(problem.into_diagnostic(&file.path, document.yaml.start));
                return;
            }
        };
        if kind != record.kind() {
            let message = format!("`{id}` is of another kind in the dossier than in the overlay");
            let place = document.yaml.start..document.yaml.start;
            self.findings.push(
                Diagnostic::new(Code::UnknownKind, message)
                    .at(&file.path, place)
                    .hint(format!("put the file into `{}/` of the overlay", record.kind().folder())),
            );
            return;
        }
        let mut problems = Vec::new();
        let addition = Addition { file: &file, document: &document, record, source };
        let made = match kind {
            Kind::Actor => addition.add(Fields::Actor, &mut problems),
            Kind::Event => addition.add(Fields::Event, &mut problems),
            Kind::Quote => addition.add(Fields::Quote, &mut problems),
            Kind::Source => addition.add(Fields::Source, &mut problems),
            Kind::Place => addition.add(Fields::Place, &mut problems),
            Kind::Page => addition.add(Fields::Page, &mut problems),
        };
        self.findings
            .extend(problems.into_iter().map(|problem| problem.into_diagnostic(&file.path, document.yaml.start)));
        self.added.extend(made.map(|made| (Arc::clone(record), Arc::new(made))));
    }
}

/// A record that readers never see, whatever it says of itself.
fn sealed(record: Record) -> Record {
    let mut fields = (*record.fields).clone();
    fields.seal();
    let mut origin = record.origin;
    origin.is_outside = true;
    Record { fields: Arc::new(fields), origin, closed: None, ..record }
}

/// Private fields for a record of the dossier.
struct Addition<'a> {
    file: &'a SourceFile,
    document: &'a Document,
    record: &'a Arc<Record>,
    /// The file of the record.
    source: &'a SourceFile,
}

impl Addition<'_> {
    fn add<T: DeserializeOwned>(&self, wrap: fn(T) -> Fields, problems: &mut Vec<Problem>) -> Option<Record> {
        let schema = schema(self.record.kind());
        let tree = tree::read_tree(&self.file.text[self.document.yaml.clone()]);
        problems.extend(tree.problems);
        let mut private = tree.root?;
        drop(uncover(&mut private, problems));
        // What the record has need not be said again.
        let mut partial = schema.clone();
        if let Some(schema) = partial.as_object_mut() {
            schema.remove("required");
        }
        let (found, _) = validate_record(&private, &partial);
        problems.extend(found);
        let NodeValue::Map(entries) = private.value else { return None };
        problems.extend(entries.iter().filter_map(deciding));
        if !problems.is_empty() {
            return None;
        }
        let mut root = tree::read_tree(&self.source.text[self.record.origin.yaml.clone()]).root?;
        drop(uncover(&mut root, &mut Vec::new()));
        let (_, words) = validate_record(&root, schema);
        take_out(&mut root, &words);
        let mut values: Vec<Private> = self.record.private().to_vec();
        for entry in entries.into_iter().filter(|entry| can_be_added(&entry.key)) {
            values.push(self.private(&entry));
            lay(&mut root, entry);
        }
        values.extend(self.prose());
        let (fields, extra) = read_valid::<T>(&root, problems)?;
        let fields = wrap(fields);
        // What is wrong with the record's own texts was found in it.
        let texts = read_texts(self.source, &fields, &self.record.origin, &mut Vec::new());
        Some(Record {
            fields: Arc::new(fields),
            extra,
            texts: Arc::new(texts),
            closed: Some(Box::new(Closed { open: Arc::clone(self.record.open()), private: values })),
            ..Record::clone(self.record)
        })
    }

    fn private(&self, entry: &Entry) -> Private {
        let mut values = Vec::new();
        each_text(&entry.value, &mut |text| values.push(text.to_owned()));
        Private {
            field: entry.key.clone(),
            file: Arc::clone(&self.file.path),
            span: self.moved(&entry.value.span),
            values,
        }
    }

    /// The prose under private fields, which is nobody's but the authors'.
    fn prose(&self) -> Option<Private> {
        let span = self.document.body.clone()?;
        let text = self.file.text.get(span.clone()).filter(|text| !text.trim().is_empty())?;
        let file = Arc::clone(&self.file.path);
        Some(Private { field: "body".to_owned(), file, span, values: vec![text.to_owned()] })
    }

    fn moved(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.document.yaml.start;
        span.start + start..span.end + start
    }
}

/// Whether a key of an overlay says something of its record, and not only which it is.
fn can_be_added(key: &str) -> bool {
    !matches!(key, "id" | "type")
}

/// What decides who sees a record is said in the record, or the site would not be the same without the overlay.
fn deciding(entry: &Entry) -> Option<Problem> {
    let is_private = matches!(entry.key.as_str(), "notes_internal" | "allow" | "not_secret");
    if can_be_withheld(&entry.key) || is_private || !can_be_added(&entry.key) {
        return None;
    }
    let message = format!("`{}` decides what readers see, and cannot stand in an overlay", entry.key);
    Some(Problem::new(Code::CannotWithhold, entry.key_span.clone(), message).hint("write it in the record itself"))
}

/// Puts a field in the place of what the record has there.
fn lay(root: &mut Node, entry: Entry) {
    let NodeValue::Map(entries) = &mut root.value else { return };
    let is_source = |key: &str| matches!(key, "source" | "sources");
    entries.retain(|other| other.key != entry.key && !(is_source(&other.key) && is_source(&entry.key)));
    entries.push(entry);
}
