//! `dossier show`: one record as the program understands it.
//!
//! JSON is an object whose keys are stable and always there: `asked` (the id that was typed), `id`, `kind`, `file`, `line`,
//! `fields` (as written in the front matter, short forms included), `references` (`field`, `written`, and `id`, `kind` and
//! `title` of the record found, each null when there is none), `date` (`written`, `earliest`, `latest`) or null, `withheld`
//! (why readers do not see the record, or null), `unmet` (what level public asks beside), `backlinks` (`id`, `kind`,
//! `field`, `file`, `line`) and `findings` (`code`, `severity`, `message`, `hint`, `line`).
//!
//! The fields are the record's YAML read once more, so that no second definition of a record has to be kept.

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::session::{DossierArgs, Session, Typed, policy};
use super::terminal::{Shown, print_findings, result, say};
use super::{CannotRun, Outcome};
use crate::check::unmet_in_public;
use crate::diagnostic::{Diagnostic, SourceText, line_column};
use crate::link::{Dossier, Edge, EdgePlace, Reference, each_reference};
use crate::model::Id;
use crate::parse::{Record, Slot, place_in};
use crate::redact::{Audience, Policy, Withheld, withheld_from_readers};
use crate::text;

/// Show one record with its references, backlinks and findings
///
/// It is for authors: withheld records and internal notes are shown too. An old id finds its record. Ends with 0 also when
/// the dossier has errors, and with 2 when there is no such record.
#[derive(Debug, Args)]
pub(super) struct ShowArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// The record's id, or an old one
    id: String,
    /// How the record is printed
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// The day for embargoes; else SOURCE_DATE_EPOCH, else today in universal time
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Lines for people.
    Text,
    /// A JSON object.
    Json,
}

pub(super) fn run(args: &ShowArgs) -> Result<Outcome, CannotRun> {
    let policy = policy(args.date.as_deref(), Audience::Readers)?;
    let mut session = Session::read(&args.dossier, &Typed::default())?;
    let Some(compiled) = session.compile(policy) else {
        print_findings(&session.findings(), session.sources(), Shown::Errors);
        return Err(CannotRun::new("the settings cannot be used"));
    };
    let dossier = &compiled.stages.dossier;
    let ids = &dossier.index.ids;
    let Some(number) = ids.find(&args.id) else {
        let cannot = CannotRun::new(format!("no record has the id `{}`", text::excerpt(&args.id, 60)));
        let near = text::nearest(&args.id, dossier.records.iter().map(|record| record.id.as_str()));
        return Err(if near.is_empty() {
            cannot.hint("`dossier list KIND` lists the ids; a file that cannot be read is named by `dossier check`")
        } else {
            cannot.hint(format!("did you mean {}?", text::alternatives(&near)))
        });
    };
    let record = &dossier.records[number as usize];
    if ids.is_old(&args.id) {
        say(&format!("`{}` is an old id of `{}`", args.id, record.id));
    }
    let shown = describe(&args.id, dossier, number, &compiled.findings, session.sources(), policy);
    match args.format {
        Format::Text => print_text(&shown),
        Format::Json => result(
            &serde_json::to_string_pretty(&shown)
                .map_err(|error| CannotRun::new(format!("cannot write JSON: {error}")))?,
        ),
    }
    Ok(Outcome::Fine)
}

fn describe(
    asked: &str,
    dossier: &Dossier,
    number: u32,
    findings: &[Diagnostic],
    sources: &(impl SourceText + Sync),
    policy: Policy,
) -> Value {
    let record = &dossier.records[number as usize];
    let file = sources.text(&record.origin.file).unwrap_or_default();
    let line = |offset: usize| line_column(file, offset).0;
    let fields: Value =
        serde_yaml::from_str(file.get(record.origin.yaml.clone()).unwrap_or_default()).unwrap_or_default();
    let mut references = Vec::new();
    each_reference(&record.fields, &mut |reference| references.push(resolved(dossier, &reference)));
    let edges = dossier.edges.iter().filter(|edge| edge.to == number);
    let backlinks: Vec<Value> = edges.map(|edge| backlink(dossier, edge, sources)).collect();
    let reason = withheld_from_readers(dossier, number, policy).into_iter().find_map(|withheld| match withheld {
        Withheld::Record(reason) => Some(reason.word()),
        Withheld::Notes | Withheld::Reference(..) => None,
    });
    let findings: Vec<Value> = findings
        .iter()
        .filter_map(|finding| {
            let place = finding.place.as_ref().filter(|place| record.origin.holds(place))?;
            Some(json!({
                "code": finding.code.to_string(), "severity": finding.severity.word(), "message": finding.message,
                "hint": finding.hint, "line": line(place.span.start),
            }))
        })
        .collect();
    let day = |day: Option<crate::edtf::Day>| day.map(|day| day.to_string());
    let date = record.fields.date().map(
        |date| json!({ "written": date.as_str(), "earliest": day(date.earliest()), "latest": day(date.latest()) }),
    );
    json!({
        "asked": asked,
        "id": record.id.as_str(),
        "kind": record.kind().word(),
        "file": *record.origin.file,
        "line": line(record.origin.start(file).start),
        "fields": fields,
        "references": references,
        "date": date,
        "withheld": reason,
        "unmet": unmet_in_public(dossier, sources, policy.today, number),
        "backlinks": backlinks,
        "findings": findings,
    })
}

fn resolved(dossier: &Dossier, reference: &Reference<'_>) -> Value {
    let found = dossier.index.ids.find(reference.id).map(|number| &dossier.records[number as usize]);
    json!({
        "field": reference.path.to_string(),
        "written": reference.id,
        "id": found.map(|record| record.id.as_str()),
        "kind": found.map(|record| record.kind().word()),
        "title": found.and_then(|record| record.fields.title()).map(ToString::to_string),
    })
}

fn backlink(dossier: &Dossier, edge: &Edge, sources: &impl SourceText) -> Value {
    let from = &dossier.records[edge.from as usize];
    let text = sources.text(&from.origin.file).unwrap_or_default();
    let (field, start) = match edge.place {
        EdgePlace::Field(index) => field_of(dossier, from, edge, index, text),
        EdgePlace::Prose(slot, index) => {
            let link = from.texts.get(slot).and_then(|prose| prose.links.get(index as usize));
            let span = link.map_or(0..0, |link| link.span.clone());
            (word(slot).to_owned(), place_in(text, &from.origin, slot, "", span).start)
        }
    };
    json!({
        "id": Id::as_str(&from.id), "kind": from.kind().word(), "field": field, "file": *from.origin.file,
        "line": line_column(text, start).0,
    })
}

/// The field in which an edge stands, and its place in the file.
fn field_of(dossier: &Dossier, from: &Record, edge: &Edge, index: u32, text: &str) -> (String, usize) {
    let mut found = None;
    each_reference(&from.fields, &mut |reference| {
        let is_it = reference.role == edge.role
            && reference.index == index
            && dossier.index.ids.find(reference.id) == Some(edge.to);
        if is_it && found.is_none() {
            found = Some(reference.path);
        }
    });
    let path = found.unwrap_or_default();
    (path.to_string(), from.origin.field(text, &path.steps()).start)
}

/// The field that a text is.
fn word(slot: Slot) -> &'static str {
    match slot {
        Slot::Body => "body",
        Slot::Text => "text",
        Slot::Before => "context_before",
        Slot::After => "context_after",
        Slot::Original => "original.text",
        Slot::Update(_) => "updates.text",
    }
}

fn print_text(shown: &Value) {
    let of = |value: &Value, key: &str| plain(&value[key]);
    let list = |key: &str| shown[key].as_array().map(Vec::as_slice).unwrap_or_default();
    result(&format!("{} ({})", of(shown, "id"), of(shown, "kind")));
    result(&format!("{}:{}", of(shown, "file"), of(shown, "line")));
    match &shown["withheld"] {
        Value::Null => result("readers see it"),
        reason => result(&format!("readers do not see it: {}", plain(reason))),
    }
    if let Some(date) = shown["date"].as_object() {
        let day = |key: &str| date.get(key).and_then(Value::as_str).unwrap_or("open").to_owned();
        result(&format!("date {}: from {} to {}", day("written"), day("earliest"), day("latest")));
    }
    result("\nfields");
    for (key, value) in shown["fields"].as_object().into_iter().flatten() {
        result(&format!("  {key}: {}", plain(value)));
    }
    section("references", list("references"), |row| match row["id"].as_str() {
        Some(id) => {
            let title = row["title"].as_str().map(|title| format!("{} ", text::excerpt(title, 80))).unwrap_or_default();
            format!("{}: {} → {title}({} `{id}`)", of(row, "field"), of(row, "written"), of(row, "kind"))
        }
        None => format!("{}: {} (no record)", of(row, "field"), of(row, "written")),
    });
    section("referred to by", list("backlinks"), |row| {
        format!("{} {}, {} ({}:{})", of(row, "kind"), of(row, "id"), of(row, "field"), of(row, "file"), of(row, "line"))
    });
    section("level public asks", list("unmet"), plain);
    section("findings", list("findings"), |row| {
        format!("{}[{}] line {}: {}", of(row, "severity"), of(row, "code"), of(row, "line"), of(row, "message"))
    });
}

fn section(title: &str, rows: &[Value], show: impl Fn(&Value) -> String) {
    if !rows.is_empty() {
        result(&format!("\n{title}"));
        rows.iter().for_each(|row| result(&format!("  {}", show(row))));
    }
}

/// A value on one line; what would move or hide the text around it is made visible.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text::excerpt(&text.split_whitespace().collect::<Vec<_>>().join(" "), 400),
        other => text::excerpt(&other.to_string(), 400),
    }
}
