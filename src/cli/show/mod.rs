//! `dossier show`.
//!
//! The JSON is an object. Its keys are a promise; each is always there, null where there is nothing to say.
//!
//! | key | value |
//! |---|---|
//! | `id`, `kind` | of the record |
//! | `old_id` | the id that was asked for, when it is an old one of the record; else null |
//! | `title` | the name or title; the first words of a quote that has none |
//! | `file`, `line` | where it begins; lines count from 1, paths are relative to the dossier |
//! | `fields` | the front matter with every key of the kind, in the long form: lists are lists, citations are objects. What is not written is null, false or an empty list. It can be written into a file as it is, and is the same record there |
//! | `extra` | the keys that begin with `x_` |
//! | `body` | the prose, in Markdown; null when there is none |
//! | `dates` | the dates among the fields: `field`, `written`, `words` in English, `earliest` and `latest` as days, null where that end is open or unknown |
//! | `references` | the records that it refers to: `field`, `role`, `id` as it is written, `line`, and `record`, an object with `id`, `kind`, `title`, `withheld`, `file`, `line`; null when no record is found |
//! | `backlinks` | the records that refer to it: `role`, `id`, `kind`, `title`, `withheld`, `file`, and `line`, that of the reference |
//! | `withheld` | why readers do not see it: `draft`, `embargoed`, `internal`, `sealed`, `withdrawn`, `unclassified`, `duplicate` or `protected`; null when they do |
//! | `why_withheld` | the same as a sentence; null when they see it |
//! | `level` | the level of the dossier, `internal` or `public` |
//! | `unmet_at_public` | what level `public` asks of the record beside what is there, as sentences |
//! | `findings` | what is wrong with it, as objects with the keys of `dossier check --format json` |
//!
//! A `field` is the way through `fields`: keys, and numbers that count from 0, joined by dots, as in `sources.0.source`; for links
//! of prose it is the text that they stand in, such as `body`.
//!
//! The CSV has the columns `part`, `name`, `value`, `means`, `file` and `line`, and a line for each value that is written (`part` is
//! `field`; `means` what a reference or date leads to), and for each `link`, `withheld`, `unmet`, `backlink` and `finding`.

mod fields;
mod text;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::catalogue::{Catalogue, label};
use super::session::{DossierArgs, Session, Typed, policy};
use super::table::csv;
use super::terminal::{Shown, print_findings, result, say};
use super::{CannotRun, Outcome};
use crate::check::unmet_in_public;
use crate::compile::compile;
use crate::diagnostic::{Diagnostic, to_json};
use crate::link::{LinkTo, Number, Path, Role, each_reference};
use crate::model::Visibility;
use crate::parse::{Record, Slot, Step};
use crate::redact::{Audience, Reason};
use crate::text::{alternatives, excerpt, nearest, slug};
use fields::{Dated, dates, written};

/// Show one record as the program understands it
///
/// What is written, with the records that it names, what its dates mean, whether readers see it, who refers to it, and what is
/// wrong with it. It is for authors: drafts, internal and sealed records and protected persons are shown with their names.
///
/// Ends with 0 when the record is shown, whatever is wrong with it, with 1 when it is there and could not be read, and with 2 when
/// there is none.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// The record's id, or an old one
    id: String,
    /// The form in which the record is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The day for embargoes; else SOURCE_DATE_EPOCH, else today in universal time
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For scripts: an object
    Json,
    /// For spreadsheets and scripts: a line for each value, backlink and finding
    Csv,
}

/// A record as the program understands it.
#[derive(Serialize)]
struct Portrait {
    id: String,
    kind: &'static str,
    old_id: Option<String>,
    title: String,
    file: String,
    line: usize,
    fields: Value,
    extra: Map<String, Value>,
    body: Option<String>,
    dates: Vec<Dated>,
    references: Vec<Refers>,
    backlinks: Vec<Backlink>,
    withheld: Option<&'static str>,
    why_withheld: Option<String>,
    level: &'static str,
    unmet_at_public: Vec<String>,
    findings: Value,
}

/// A record that is referred to, or refers.
#[derive(Serialize)]
struct Other {
    id: String,
    kind: &'static str,
    title: String,
    withheld: Option<&'static str>,
    file: String,
    line: usize,
}

/// A reference to another record.
#[derive(Serialize)]
struct Refers {
    field: String,
    role: &'static str,
    id: String,
    line: usize,
    record: Option<Other>,
}

/// A reference from another record.
#[derive(Serialize)]
struct Backlink {
    role: &'static str,
    #[serde(flatten)]
    from: Other,
}

pub(super) fn run(args: &ShowArgs) -> Result<Outcome, CannotRun> {
    let policy = policy(args.date.as_deref(), Audience::Readers)?;
    let session = Session::read(&args.dossier, &Typed::default())?;
    let Some(inputs) = session.inputs() else {
        print_findings(&session.findings(), session.sources(), Shown::Warnings);
        return Ok(Outcome::Findings);
    };
    let compiled = compile(inputs, session.findings(), policy, None, &mut |_| {});
    let catalogue = Catalogue::new(&compiled.stages, &compiled.findings, session.sources(), policy);
    let ids = &catalogue.dossier.index.ids;
    let Some(number) = ids.find(&args.id) else { return not_shown(&catalogue, &args.id) };
    let mut portrait = portrait(&catalogue, number);
    portrait.unmet_at_public = unmet_in_public(catalogue.dossier, session.sources(), policy.today, number);
    if ids.is_old(&args.id) {
        portrait.old_id = Some(args.id.clone());
        say(&format!("`{}` is an old id of `{}`", args.id, portrait.id));
    }
    for (other, record) in (0..).zip(&catalogue.dossier.records) {
        if record.id.as_str() == portrait.id && other != number {
            say(&format!("another record has this id: {}:{}", record.origin.file, catalogue.line(record)));
        }
    }
    match args.format {
        Format::Text => result(&text::portrait(&portrait, &catalogue, number)),
        Format::Json => {
            let text = serde_json::to_string_pretty(&portrait);
            result(&text.map_err(|error| CannotRun::new(format!("cannot write JSON: {error}")))?);
        }
        Format::Csv => {
            let header = ["part", "name", "value", "means", "file", "line"];
            result(csv(&header, &lines(&portrait, &catalogue, number))?.trim_end_matches('\n'));
        }
    }
    Ok(Outcome::Fine)
}

/// Says why there is nothing to show: the record could not be read, or there is none.
pub(super) fn not_shown(catalogue: &Catalogue<'_>, id: &str) -> Result<Outcome, CannotRun> {
    let index = &catalogue.dossier.index;
    if index.broken().contains(id) {
        let is_named = |path: &str| path.rsplit('/').next().and_then(|name| name.split('.').next()) == Some(id);
        let is_own = |finding: &&Diagnostic| finding.place.as_ref().is_some_and(|place| is_named(&place.file));
        let own: Vec<_> = catalogue.unread().iter().filter(is_own).cloned().collect();
        let findings = if own.is_empty() { catalogue.unread() } else { &own };
        print_findings(findings, catalogue.sources, Shown::Errors);
        say(&format!("the record `{}` could not be read", excerpt(id, 60)));
        return Ok(Outcome::Findings);
    }
    let records = &catalogue.dossier.records;
    let ids = records.iter().flat_map(|record| std::iter::once(&record.id).chain(record.fields.common().aliases));
    let near = nearest(&slug(id).unwrap_or_default(), ids.map(|id| id.as_str()));
    Err(CannotRun::new(format!("no record has the id `{}`", excerpt(id, 60))).hint(match near.as_slice() {
        [] => "`dossier list` shows the ids of all records".to_owned(),
        near => format!("did you mean {}?", alternatives(near)),
    }))
}

fn portrait(catalogue: &Catalogue<'_>, number: Number) -> Portrait {
    let record = catalogue.record(number);
    let fields = json!(&*record.fields);
    let body = record.markdown(Slot::Body, catalogue.text(record)).trim().to_owned();
    let withheld = catalogue.withheld(number);
    Portrait {
        id: record.id.to_string(),
        kind: record.kind().word(),
        old_id: None,
        title: label(record),
        file: record.origin.file.to_string(),
        line: catalogue.line(record),
        dates: dates(&fields, record.kind()),
        fields,
        extra: record.extra.iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
        body: Some(body).filter(|body| !body.is_empty()),
        references: references(catalogue, number),
        backlinks: backlinks(catalogue, number),
        withheld: withheld.map(Reason::word),
        why_withheld: withheld.map(|reason| why(reason, record)),
        level: catalogue.dossier.settings.level.word(),
        unmet_at_public: Vec::new(),
        findings: serde_json::from_str(&to_json(catalogue.findings(number), catalogue.sources)).unwrap_or_default(),
    }
}

fn other(catalogue: &Catalogue<'_>, number: Number) -> Other {
    let record = catalogue.record(number);
    Other {
        id: record.id.to_string(),
        kind: record.kind().word(),
        title: label(record),
        withheld: catalogue.withheld(number).map(Reason::word),
        file: record.origin.file.to_string(),
        line: catalogue.line(record),
    }
}

/// What a record refers to, in its fields and then in its prose. Plain text that may be an id and is none is left out.
fn references(catalogue: &Catalogue<'_>, number: Number) -> Vec<Refers> {
    let record = catalogue.record(number);
    let mut references = Vec::new();
    each_reference(&record.fields, &mut |reference| {
        let found = catalogue.dossier.index.ids.find(reference.id);
        let found = found.filter(|to| reference.kinds.contains(&catalogue.record(*to).kind()));
        if found.is_some() || !reference.optional {
            references.push(Refers {
                field: way(&reference.path, reference.role),
                role: reference.role.word(),
                id: reference.id.to_owned(),
                line: catalogue.line_of_field(record, &reference.path.steps()),
                record: found.map(|to| other(catalogue, to)),
            });
        }
    });
    for (slot, links) in &catalogue.dossier.outgoing[number as usize].targets {
        for (index, link) in (0..).zip(links) {
            let LinkTo::Record(to, _) = link else { continue };
            references.push(Refers {
                field: text_of(*slot),
                role: Role::Mentioned.word(),
                id: catalogue.record(*to).id.to_string(),
                line: catalogue.line_of_link(record, *slot, index),
                record: Some(other(catalogue, *to)),
            });
        }
    }
    references
}

/// The way through the fields to a reference.
pub(super) fn way(path: &Path, role: Role) -> String {
    let mut steps: Vec<String> = path
        .steps()
        .iter()
        .map(|step| match step {
            Step::Key(key) => (*key).to_owned(),
            Step::Index(index) => index.to_string(),
        })
        .collect();
    // A citation of a part of a list has a path that ends at the citation.
    if role == Role::Cited && steps.last().is_some_and(|step| step != "source") {
        steps.push("source".to_owned());
    }
    steps.join(".")
}

/// The way through the fields to a text.
pub(super) fn text_of(slot: Slot) -> String {
    match slot {
        Slot::Body => "body".to_owned(),
        Slot::Text => "text".to_owned(),
        Slot::Before => "context_before".to_owned(),
        Slot::After => "context_after".to_owned(),
        Slot::Original => "original.text".to_owned(),
        Slot::Update(number) => format!("updates.{number}.text"),
    }
}

fn backlinks(catalogue: &Catalogue<'_>, number: Number) -> Vec<Backlink> {
    let edges = catalogue.dossier.edges_to(number).iter();
    let mut backlinks: Vec<Backlink> = edges
        .map(|edge| Backlink {
            role: edge.role.word(),
            from: Other { line: catalogue.line_of_edge(edge), ..other(catalogue, edge.from) },
        })
        .collect();
    backlinks.sort_by(|one, other| {
        let key = |backlink: &'_ Backlink| (backlink.role, backlink.from.kind);
        let place = |backlink: &'_ Backlink| (backlink.from.file.clone(), backlink.from.line);
        key(one).cmp(&key(other)).then_with(|| place(one).cmp(&place(other)))
    });
    backlinks
}

/// Why readers do not see a record.
fn why(reason: Reason, record: &Record) -> String {
    let common = record.fields.common();
    match reason {
        Reason::Draft => "it is unfinished: `draft: true`".to_owned(),
        Reason::Embargoed => {
            let day = common.publish_at.map(ToString::to_string).unwrap_or_default();
            format!("its day has not come: `publish_at: {day}`")
        }
        Reason::Internal => "it is for the authors: `visibility: internal`".to_owned(),
        Reason::Sealed => "it is sealed: `visibility: sealed`".to_owned(),
        Reason::Withdrawn => "it was withdrawn: `takedown: {as: withdraw}`".to_owned(),
        Reason::Unclassified => {
            "nothing says how much of this person may be shown; at level `public` it needs `privacy`".to_owned()
        }
        Reason::SecondOfItsId => "another record has its id".to_owned(),
        Reason::Protected => {
            "the person is protected by `privacy` or `display`; at most a display text is shown".to_owned()
        }
    }
}

/// Whether a record has a page that stands in no list.
fn is_unlisted(record: &Record) -> bool {
    record.fields.common().visibility == Visibility::Unlisted
}

/// The record as the lines of a CSV.
fn lines(portrait: &Portrait, catalogue: &Catalogue<'_>, number: Number) -> Vec<Vec<String>> {
    let record = catalogue.record(number);
    let row = |part: &str, name: &str, value: &str, means: &str, file: &str, line: Option<usize>| {
        let line = line.map(|line| line.to_string()).unwrap_or_default();
        [part, name, value, means, file, &line].map(str::to_owned).to_vec()
    };
    let begins = |part, name, value: &str| row(part, name, value, "", &portrait.file, Some(portrait.line));
    let mut rows = vec![begins("record", "id", &portrait.id), begins("record", "kind", portrait.kind)];
    for field in written(&portrait.fields).iter().filter(|field| field.way != "body") {
        let means = portrait.meaning(&field.way).unwrap_or_default();
        let line = catalogue.line_of_field(record, &field.steps());
        rows.push(row("field", &field.way, &field.value, &means, &portrait.file, Some(line)));
    }
    if let Some(body) = &portrait.body {
        let line = catalogue.line_of_body(record);
        rows.push(row("field", "body", body, "", &portrait.file, Some(line)));
    }
    for (key, value) in &portrait.extra {
        rows.push(begins("extra", key, &value.as_str().map_or_else(|| value.to_string(), str::to_owned)));
    }
    for link in portrait.links() {
        let means = link.record.as_ref().map(Other::words).unwrap_or_default();
        rows.push(row("link", &link.field, &link.id, &means, &portrait.file, Some(link.line)));
    }
    if let (Some(word), Some(why)) = (portrait.withheld, &portrait.why_withheld) {
        rows.push(row("withheld", word, "", why, &portrait.file, Some(portrait.line)));
    }
    rows.extend(portrait.unmet_at_public.iter().map(|message| begins("unmet", "public", message)));
    for Backlink { role, from } in &portrait.backlinks {
        rows.push(row("backlink", role, &from.id, &from.words(), &from.file, Some(from.line)));
    }
    for finding in portrait.findings.as_array().into_iter().flatten() {
        let text = |key: &str| finding.get(key).and_then(Value::as_str).unwrap_or_default();
        let line = finding.get("line").and_then(Value::as_u64).map(|line| line as usize);
        rows.push(row("finding", text("code"), text("message"), text("hint"), text("file"), line));
    }
    rows
}

impl Other {
    /// "Jane Doe (actor, draft)"
    fn words(&self) -> String {
        let withheld = self.withheld.map(|reason| format!(", {reason}")).unwrap_or_default();
        format!("{} ({}{withheld})", self.title, self.kind)
    }
}

impl Portrait {
    /// The links of its prose.
    fn links(&self) -> impl Iterator<Item = &Refers> {
        self.references.iter().filter(|reference| reference.role == Role::Mentioned.word())
    }

    /// What a value means, when it is a reference or a date.
    fn meaning(&self, way: &str) -> Option<String> {
        let mut fields = self.references.iter().filter(|reference| reference.role != Role::Mentioned.word());
        if let Some(reference) = fields.find(|reference| reference.field == way) {
            let found = reference.record.as_ref();
            return Some(found.map_or("no record that fits".to_owned(), |other| match other.id == reference.id {
                true => other.words(),
                false => format!("now `{}`: {}", other.id, other.words()),
            }));
        }
        self.dates.iter().find(|date| date.field == way).map(Dated::meaning)
    }
}
