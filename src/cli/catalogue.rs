//! All records of a dossier, with what its authors ask of each: where it stands, what it is called, who refers to it, what is
//! wrong with it, and whether readers see it.
//!
//! For reports to authors only: nothing is left out that readers may not see.

use std::collections::BTreeMap;

use super::table::cut;
use crate::compile::Stages;
use crate::diagnostic::{Diagnostic, LineIndex, Place, SourceText};
use crate::evidence::Evidence;
use crate::link::{Dossier, Edge, EdgePlace, Number, each_reference};
use crate::parse::{Record, Slot, Step};
use crate::read::Sources;
use crate::redact::{Policy, Reason, Withheld, withheld_from_readers};

/// All records of a dossier, and the findings by the record that they are about.
pub(super) struct Catalogue<'a> {
    pub(super) dossier: &'a Dossier,
    pub(super) evidence: &'a Evidence,
    pub(super) sources: &'a Sources,
    policy: Policy,
    lines: BTreeMap<&'a str, LineIndex>,
    findings: BTreeMap<Number, Vec<Diagnostic>>,
    /// The findings in files of records that are about no record that could be read.
    unread: Vec<Diagnostic>,
}

impl<'a> Catalogue<'a> {
    pub(super) fn new(stages: &'a Stages, findings: &[Diagnostic], sources: &'a Sources, policy: Policy) -> Self {
        let (dossier, evidence) = (&stages.dossier, &stages.evidence);
        let lines = sources
            .files
            .iter()
            .chain(&sources.overlay)
            .map(|file| (&*file.path, LineIndex::new(&file.text)))
            .collect();
        let mut catalogue =
            Catalogue { dossier, evidence, sources, policy, lines, findings: BTreeMap::new(), unread: Vec::new() };
        for finding in findings {
            let Some(place) = &finding.place else { continue };
            match catalogue.record_at(place) {
                Some(number) => catalogue.findings.entry(number).or_default().push(finding.clone()),
                None if catalogue.lines.contains_key(&*place.file) => catalogue.unread.push(finding.clone()),
                None => {}
            }
        }
        catalogue
    }

    pub(super) fn record(&self, number: Number) -> &'a Record {
        &self.dossier.records[number as usize]
    }

    /// The record that a place is in. The beginning of a file belongs to its first record.
    fn record_at(&self, place: &Place) -> Option<Number> {
        let records = &self.dossier.records;
        let wanted = (&*place.file, place.span.start);
        // What lies outside of the dossier comes after all others, each part in the order of paths.
        let inside = records.partition_point(|record| !record.origin.is_outside);
        let is_outside = self.sources.overlay.iter().any(|file| file.path == place.file);
        let part = if is_outside { inside..records.len() } else { 0..inside };
        let is_before = |record: &std::sync::Arc<Record>| (&*record.origin.file, record.origin.yaml.start) <= wanted;
        let after = part.start + records[part.clone()].partition_point(is_before);
        let before = after.checked_sub(1).filter(|at| part.contains(at)).filter(|at| records[*at].origin.holds(place));
        let is_first = |record: &Record| {
            let above = self.text(record).get(..record.origin.yaml.start).unwrap_or_default().trim();
            record.origin.file == place.file && ["", "---"].contains(&above)
        };
        let first = || records.get(after).filter(|record| place.span.end == 0 && is_first(record)).map(|_| after);
        before.or_else(first).map(|at| at as Number)
    }

    /// The text of a record's file.
    pub(super) fn text(&self, record: &Record) -> &'a str {
        self.sources.text(&record.origin.file).unwrap_or_default()
    }

    /// The line of a byte in a record's file.
    fn line_of(&self, record: &Record, offset: usize) -> usize {
        self.lines.get(&*record.origin.file).map_or(1, |lines| lines.line(offset).0)
    }

    /// The line of a byte in a file.
    pub(super) fn line_in(&self, file: &str, offset: usize) -> usize {
        self.lines.get(file).map_or(1, |lines| lines.line(offset).0)
    }

    /// The line on which a record begins.
    pub(super) fn line(&self, record: &Record) -> usize {
        self.line_of(record, record.origin.start(self.text(record)).start)
    }

    /// The line of a field of a record; that of the record when the field is not written there.
    pub(super) fn line_of_field(&self, record: &Record, field: &[Step<'_>]) -> usize {
        self.line_of(record, record.origin.field(self.text(record), field).start)
    }

    /// The line on which the prose of a record begins.
    pub(super) fn line_of_body(&self, record: &Record) -> usize {
        match &record.origin.body {
            Some(body) => {
                let text = self.text(record).get(body.clone()).unwrap_or_default();
                self.line_of(record, body.start + text.len() - text.trim_start().len())
            }
            None => self.line_of_field(record, &[Step::Key("body")]),
        }
    }

    /// The line of a link in the prose of a record.
    pub(super) fn line_of_link(&self, record: &Record, slot: Slot, index: u32) -> usize {
        self.line_of(record, record.link_place(slot, index as usize, self.text(record)).start)
    }

    /// The line on which a record refers to another.
    pub(super) fn line_of_edge(&self, edge: &Edge) -> usize {
        let record = self.record(edge.from);
        match edge.place {
            EdgePlace::Prose(slot, index) => self.line_of_link(record, slot, index),
            EdgePlace::Field(index) => {
                let mut path = Vec::new();
                each_reference(&record.fields, &mut |reference| {
                    let is_it = reference.role == edge.role
                        && reference.index == index
                        && self.dossier.index.ids.find(reference.id) == Some(edge.to);
                    if is_it && path.is_empty() {
                        path = reference.path.steps();
                    }
                });
                self.line_of_field(record, &path)
            }
        }
    }

    /// The findings about a record.
    pub(super) fn findings(&self, number: Number) -> &[Diagnostic] {
        self.findings.get(&number).map(Vec::as_slice).unwrap_or_default()
    }

    /// The findings about what could not be read as a record.
    pub(super) fn unread(&self) -> &[Diagnostic] {
        &self.unread
    }

    /// Why readers do not see a record; none when they do.
    pub(super) fn withheld(&self, number: Number) -> Option<Reason> {
        let withheld = withheld_from_readers(self.dossier, number, self.policy);
        withheld.into_iter().find_map(|withheld| match withheld {
            Withheld::Record(reason) => Some(reason),
            Withheld::Notes | Withheld::Reference(..) => None,
        })
    }
}

/// What a record is called: its name or title, or the first words of a quote.
pub(super) fn label(record: &Record) -> String {
    match record.fields.title() {
        Some(title) => title.to_string(),
        None => format!("“{}”", cut(&words(record), 60)),
    }
}

/// The words of a quote as plain text on one line.
pub(super) fn words(record: &Record) -> String {
    record.texts.get(Slot::Text).map(|prose| one_line(&prose.plain.text)).unwrap_or_default()
}

/// A text on one line.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
