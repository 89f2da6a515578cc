//! What past editions ask of the next one: that what changed is told of, and that each of their addresses keeps answering.
//!
//! What readers have now is compared with what they had in the last edition. Nothing is said of an edition to readers; findings are for
//! authors. Not for comparing two editions, which [`edition`](crate::edition) does.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;
use serde_json::Value;

use crate::config::Level;
use crate::data;
use crate::diagnostic::{Code, Diagnostic, Severity, SourceText};
use crate::edition::{Past, PastEdition, Renames, changed_fields};
use crate::leak::Scan;
use crate::link::Dossier;
use crate::model::Kind;
use crate::parse::{Record, Step};
use crate::plan::Site;
use crate::read::Sources;
use crate::redact::{Audience, Number, PublicDossier, PublicRecord, Redaction};
use crate::text;

/// What comparing came to, with what the next time needs to know to take over what is the same.
#[derive(Debug, Default)]
pub struct Kept {
    past: Arc<Past>,
    renames: Renames,
    /// Each record as it was compared, with the fields of which no correction tells.
    compared: Vec<Compared>,
    findings: Vec<Diagnostic>,
}

/// A record that was compared.
type Compared = (Arc<PublicRecord>, Arc<[Undeclared]>);

/// A field that changed, and no correction tells of it.
#[derive(Debug)]
struct Undeclared {
    key: String,
    /// What it was, as JSON.
    was: String,
}

impl Kept {
    /// What was found.
    pub fn findings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.findings.iter()
    }
}

/// Compares what readers have with what they had. For authors alone, who see more, nothing is compared. `scan` is asked for what finds all that
/// is withheld, when something changed that no correction tells of.
pub fn check(
    dossier: &Dossier,
    sources: &Sources,
    redaction: &Redaction,
    site: &Site,
    scan: &dyn Fn() -> Scan,
    before: Option<&Kept>,
) -> Kept {
    let (past, public) = (&site.plan.past, &redaction.public);
    if past.is_empty() || public.audience == Audience::Authors {
        return Kept::default();
    }
    let were: Vec<Option<&str>> = public.records.iter().map(|record| was_id(past, public, record)).collect();
    let renames = renames(&public.records, &were);
    let known = before.filter(|before| Arc::ptr_eq(&before.past, past) && before.renames == renames);
    let compare = |(number, record): (usize, &Arc<PublicRecord>)| -> Compared {
        let known = known.and_then(|before| before.compared.get(number));
        match known.filter(|(other, _)| Arc::ptr_eq(other, record)) {
            Some(known) => known.clone(),
            None => (Arc::clone(record), undeclared(past, public, number as Number, were[number], &renames).into()),
        }
    };
    let compared: Vec<Compared> = public.records.par_iter().enumerate().map(compare).collect();
    let asked = Asked { dossier, sources, past, site };
    let mut findings = Vec::new();
    let made = OnceCell::new();
    for (record, fields) in &compared {
        // What went because somebody is withheld now is no correction of what was said.
        let told = fields.iter().filter(|field| made.get_or_init(scan).fields(field.was.as_bytes()).is_empty());
        findings.extend(told.filter_map(|field| asked.of_field(record, field)));
    }
    asked.of_addresses(&mut findings);
    Kept { past: Arc::clone(past), renames, compared, findings }
}

/// The id that a record had in the last edition; none when it was not there.
fn was_id<'a>(past: &Past, public: &PublicDossier, record: &'a PublicRecord) -> Option<&'a str> {
    if !record.listed {
        return None;
    }
    let is_there = |id: &str| past.last.records.contains_key(&(record.kind().word().to_owned(), id.to_owned()));
    if is_there(record.id.as_str()) {
        return Some(record.id.as_str());
    }
    let mut aliases = record.fields.common().aliases.iter().map(|alias| alias.as_str());
    aliases.find(|alias| is_there(alias) && public.find_text(alias).is_none())
}

fn renames(records: &[Arc<PublicRecord>], were: &[Option<&str>]) -> Renames {
    let mut renames = Renames::default();
    for (record, was) in records.iter().zip(were) {
        if let Some(was) = was.filter(|was| *was != record.id.as_str()) {
            renames.add(was, record.id.as_str());
        }
    }
    renames
}

fn undeclared(
    past: &Past,
    public: &PublicDossier,
    number: Number,
    was_id: Option<&str>,
    renames: &Renames,
) -> Vec<Undeclared> {
    let record = &public.records[number as usize];
    let Some(was_id) = was_id else { return Vec::new() };
    let was = past.last.records.get(&(record.kind().word().to_owned(), was_id.to_owned()));
    let Some(was) = was else { return Vec::new() };
    let now = data::fields(public, number).into_iter().collect();
    let changes = changed_fields(was, &now, renames);
    let is_withheld = |key: &str| record.withheld.iter().any(|field| **field == *key);
    let is_shown_otherwise = |value: &Option<Value>| value.as_ref().is_some_and(holds_display);
    let told = changes.into_iter().filter(|field| {
        // Who is protected now, or no longer, is another matter than what was said.
        field.needs_correction()
            && !is_withheld(&field.key)
            && !is_shown_otherwise(&field.was)
            && !is_shown_otherwise(&field.now)
    });
    told.map(|field| Undeclared { key: field.key, was: field.was.map(|was| was.to_string()).unwrap_or_default() })
        .collect()
}

/// Whether somebody protected stands in a value.
fn holds_display(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(holds_display),
        Value::Object(entries) => {
            (entries.len() == 1 && entries.contains_key("display")) || entries.values().any(holds_display)
        }
        _ => false,
    }
}

/// What the past asks, and of what.
struct Asked<'a> {
    dossier: &'a Dossier,
    sources: &'a Sources,
    past: &'a Past,
    site: &'a Site,
}

impl Asked<'_> {
    fn of_field(&self, record: &PublicRecord, field: &Undeclared) -> Option<Diagnostic> {
        let last = self.past.editions.last()?;
        let key = &field.key;
        let message = format!(
            "`{key}` of `{}` is not what it was in the edition `{}`, and no correction tells of it",
            record.id,
            name(last)
        );
        let finding = Diagnostic::new(Code::UndeclaredChange, message).hint(format!(
            "tell of it: `corrections: [{{on: DAY, field: {key}, why: …}}]`; with `kind: minor` if it is a typing error or the like"
        ));
        let found = self.record(record.id.as_str())?;
        let text = self.sources.text(&found.origin.file).unwrap_or_default();
        let place = found.origin.field(text, &[Step::Key(key)]);
        Some(self.graded(finding.at(&found.origin.file, place), Severity::Note))
    }

    fn of_addresses(&self, findings: &mut Vec<Diagnostic>) {
        let is_there = |path: &str| self.site.plan.routes.contains_key(path);
        let mut told = BTreeSet::new();
        if let Some(last) = self.past.editions.last() {
            for (kind, id) in self.past.last.records.keys() {
                let Some(path) = path_of(kind, id).filter(|path| !is_there(path)) else { continue };
                findings.extend(self.of_record(kind, id, &path, last));
                told.insert(path);
            }
        }
        for (path, at) in self.past.paths.iter().filter(|(path, _)| !is_there(path) && !told.contains(*path)) {
            findings.extend(self.of_address(path, &self.past.editions[*at]));
        }
    }

    /// A record of the last edition at whose address nothing answers.
    fn of_record(&self, kind: &str, id: &str, path: &str, last: &PastEdition) -> Option<Diagnostic> {
        let (shown, edition) = (text::excerpt(id, 80), name(last));
        let Some(record) = self.record(id) else {
            let message =
                format!("the {kind} `{shown}` of the edition `{edition}` is gone, and nothing answers at `{path}`");
            let finding = Diagnostic::new(Code::VanishedRecord, message).hint(
                "put it back, and take it down with `dossier takedown`; or, if it has another id, write the old one under `aliases`",
            );
            return Some(self.graded(finding.at(&last.file, 0..0), Severity::Warning));
        };
        if is_silent(record) {
            return None;
        }
        let message =
            format!("readers had `{shown}` in the edition `{edition}`, and now nothing answers at its address");
        let finding = Diagnostic::new(Code::VanishedRecord, message)
            .hint(format!("`dossier takedown {shown}` leaves a page there that says so; or let them see it again"));
        let text = self.sources.text(&record.origin.file).unwrap_or_default();
        Some(self.graded(finding.at(&record.origin.file, record.origin.start(text)), Severity::Warning))
    }

    /// An address of any past edition at which nothing answers.
    fn of_address(&self, path: &str, edition: &PastEdition) -> Option<Diagnostic> {
        let is_file = path.starts_with("files/");
        // Files of themes, and those for machines alone, are no addresses that anybody cites.
        if !is_file && (!path.ends_with(".html") || path.starts_with("static/")) {
            return None;
        }
        let id = path.strip_suffix(".html").map(|path| path.rsplit_once('/').map_or(path, |(_, id)| id));
        if id.and_then(|id| self.record(id)).is_some_and(is_silent) {
            return None;
        }
        let message = format!(
            "nothing answers at `{}`, which was an address of the edition `{}`",
            text::excerpt(path, 120),
            name(edition)
        );
        let finding = Diagnostic::new(Code::LostAddress, message).hint(match is_file {
            true => "put the file back where it was, and let a record link to it",
            false => "write the old id under `aliases` of what has taken its place, or take the record down with `dossier takedown`",
        });
        Some(self.graded(finding.at(&edition.file, 0..0), Severity::Note))
    }

    fn record(&self, id: &str) -> Option<&Record> {
        self.dossier.index.ids.find(id).map(|number| &*self.dossier.records[number as usize])
    }

    /// As grave as it is at level public; less while a dossier is being made.
    fn graded(&self, finding: Diagnostic, less: Severity) -> Diagnostic {
        match self.dossier.settings.level {
            Level::Public => finding,
            Level::Internal => Diagnostic { severity: less, ..finding },
        }
    }
}

fn name(edition: &PastEdition) -> String {
    text::excerpt(&edition.header.edition, 60)
}

/// Whether no page is to answer at the address of a record, since the address itself tells what was taken down.
fn is_silent(record: &Record) -> bool {
    record.fields.common().takedown.is_some_and(|takedown| takedown.silent)
}

/// The path of the page of a record in an edition.
fn path_of(kind: &str, id: &str) -> Option<String> {
    let kind = Kind::ALL.iter().find(|known| known.word() == kind)?;
    Some(match kind {
        Kind::Page => format!("{id}.html"),
        kind => format!("{}/{id}.html", kind.folder()),
    })
}
