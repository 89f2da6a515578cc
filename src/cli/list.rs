//! `dossier list`.
//!
//! The JSON is an array with an object for each record. Its keys are a promise; each is always there, null where there is
//! nothing to say. The columns of the CSV have the same names and the same order; lists stand in one value, joined by `; `.
//!
//! | key | value |
//! |---|---|
//! | `kind` | `actor`, `event`, `quote`, `source`, `place` or `page` |
//! | `id` | the id |
//! | `title` | the name or title; null for a quote that has none |
//! | `date` | of the event, of the words, of the publication, as it is written (EDTF); null where there is none |
//! | `status` | whether it is true, in one word; null when that is not written |
//! | `tags` | the tags, a list |
//! | `visibility` | `public`, `unlisted`, `internal` or `sealed` |
//! | `draft` | whether it is unfinished |
//! | `withheld` | why readers do not see it: `draft`, `embargoed`, `internal`, `sealed`, `withdrawn`, `unclassified`, `duplicate` or `protected`; null when they do |
//! | `errors`, `warnings` | how many there are in the record |
//! | `file`, `line` | where it begins, counted from 1; the path is relative to the dossier |
//!
//! Where one kind is asked for, its own keys follow:
//!
//! | kind | keys |
//! |---|---|
//! | actor | `actor_kind`; `privacy` and `role` or null; `quotes`, how many are theirs; `events`, in how many they took part |
//! | event | `place`, an id, or null; `actors`, the ids of those who took part; `quotes`, how many are of the event; `sources`, the ids of those it cites; `origins`, from how many independent origins these come, of those that readers see |
//! | quote | `speaker`, an id, `unknown`, `unnamed` or `withheld`; `attribution` or null; `sources` and `origins`, as of an event; `words`, all of them as plain text; `parts`, the parts that they are quoted in, or null where they are one; `verbatim`, whether they stand in the copies of its sources |
//! | source | `source_kind`, `publisher` and `url`, or null; `records`, how many records cite it |
//! | place | `country` or null; `events` and `quotes`, how many there are of the place |
//! | page | `order` or null |
//!
//! `verbatim` is an object: `result` is `exact`, `normalised`, `altered`, `not-found`, `no-capture` or `not-checkable`, the best that came of any
//! source; `sources` has an object for each source with a copy, with the keys that `evidence.lock` has (`docs/captures.md`). The CSV has the
//! result alone.
//!
//! Ids stand as they are written. Records that readers do not see are counted too.

use std::collections::BTreeSet;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::catalogue::{Catalogue, label, words};
use super::session::{DossierArgs, Session, Typed, policy};
use super::table::{csv, cut, table, terminal_width};
use super::terminal::{Shown, print_findings, result, say};
use super::{CannotRun, Outcome};
use crate::compile::compile;
use crate::diagnostic::Severity;
use crate::link::{self, Number, Role};
use crate::model::{Citation, Fields, Id, Kind, Speaker, StatusWord, Via};
use crate::parse::Record;
use crate::redact::Audience;
use crate::text;

/// List the records, all or those of one kind
///
/// The list is for authors: drafts, internal and sealed records and protected persons stand in it with their names.
///
/// Ends with 0 when all records are listed, whatever is wrong with them (`dossier check` ends with 1 then), and with 1 when some
/// could not be read and so are missing.
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// actor, event, quote, source, place or page; all when none is given
    kind: Option<Kind>,
    /// The form in which the list is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Table)]
    format: Format,
    /// Only records with this tag
    #[arg(long, value_name = "TAG")]
    tag: Option<String>,
    /// Only records of this status
    #[arg(long, value_name = "STATUS", value_parser = statuses())]
    status: Option<StatusWord>,
    /// Only records that readers do not see
    #[arg(long)]
    withheld: bool,
    /// The day for embargoes; else SOURCE_DATE_EPOCH, else today in universal time
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Columns for people, as wide as the terminal
    Table,
    /// For scripts: an array with an object for each record
    Json,
    /// For spreadsheets and scripts: a header and a line for each record
    Csv,
}

fn statuses() -> impl TypedValueParser<Value = StatusWord> {
    let words = StatusWord::ALL.iter().map(|status| status.word());
    PossibleValuesParser::new(words).try_map(|word| {
        let known = StatusWord::ALL.iter().find(|status| status.word() == word);
        known.copied().ok_or("there is no such status")
    })
}

pub(super) fn run(args: &ListArgs) -> Result<Outcome, CannotRun> {
    let policy = policy(args.date.as_deref(), Audience::Readers)?;
    let session = Session::read(&args.dossier, &Typed::default())?;
    let Some(inputs) = session.inputs() else {
        print_findings(&session.findings(), session.sources(), Shown::Warnings);
        return Ok(Outcome::Findings);
    };
    let compiled = compile(inputs, session.findings(), policy, None, &mut |_| {});
    let catalogue = Catalogue::new(&compiled.stages, &compiled.findings, session.sources(), policy);
    let listed = listed(&catalogue, args);
    match args.format {
        Format::Table if listed.is_empty() => say("no record fits"),
        Format::Table => {
            let columns = columns(args.kind);
            let header: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
            let rows: Vec<Vec<String>> = listed
                .iter()
                .map(|number| {
                    let row = row(&catalogue, *number, args.kind);
                    columns.iter().map(|(_, key)| cell(&row, key, catalogue.record(*number))).collect()
                })
                .collect();
            result(&table(&header, &rows, terminal_width()));
        }
        Format::Json => {
            let rows: Vec<Map<String, Value>> =
                listed.iter().map(|number| row(&catalogue, *number, args.kind)).collect();
            let text = serde_json::to_string_pretty(&rows);
            result(&text.map_err(|error| CannotRun::new(format!("cannot write JSON: {error}")))?);
        }
        Format::Csv => {
            let header: Vec<&str> = COMMON.iter().chain(own_keys(args.kind)).copied().collect();
            let rows: Vec<Vec<String>> = listed
                .iter()
                .map(|number| row(&catalogue, *number, args.kind).iter().map(plain_cell).collect())
                .collect();
            result(csv(&header, &rows)?.trim_end_matches('\n'));
        }
    }
    Ok(missing(&catalogue))
}

/// Says which records could not be read, and why.
pub(super) fn missing(catalogue: &Catalogue<'_>) -> Outcome {
    let broken = catalogue.dossier.index.broken();
    if broken.is_empty() {
        return Outcome::Fine;
    }
    print_findings(catalogue.unread(), catalogue.sources, Shown::Errors);
    let names: Vec<String> = broken.iter().take(5).map(|id| format!("`{}`", text::excerpt(id, 60))).collect();
    let more = if broken.len() > names.len() { " and others" } else { "" };
    let (records, are) = if broken.len() == 1 { ("record", "is") } else { ("records", "are") };
    say(&format!("{} {records} could not be read and {are} not listed: {}{more}", broken.len(), names.join(", ")));
    Outcome::Findings
}

/// The records that are asked for: by kind, then by date with those that have none at the end, then by id.
fn listed(catalogue: &Catalogue<'_>, args: &ListArgs) -> Vec<Number> {
    let tag = args.tag.as_deref().map(text::normal_form);
    let fits = |number: &Number| {
        let record = catalogue.record(*number);
        let common = record.fields.common();
        args.kind.is_none_or(|kind| record.kind() == kind)
            && tag.as_ref().is_none_or(|tag| common.tags.iter().any(|other| text::normal_form(other.as_str()) == *tag))
            && args.status.is_none_or(|status| common.status.is_some_and(|other| other.is == status))
            && (!args.withheld || catalogue.withheld(*number).is_some())
    };
    let mut listed: Vec<Number> = (0..catalogue.dossier.records.len() as Number).filter(fits).collect();
    listed.sort_by_key(|number| {
        let record = catalogue.record(*number);
        let date = record.fields.date();
        (record.kind(), date.is_none(), date, &record.id, *number)
    });
    listed
}

/// The keys of every row.
const COMMON: &[&str] = &[
    "kind",
    "id",
    "title",
    "date",
    "status",
    "tags",
    "visibility",
    "draft",
    "withheld",
    "errors",
    "warnings",
    "file",
    "line",
];

/// The keys that rows of one kind have beside the common ones.
fn own_keys(kind: Option<Kind>) -> &'static [&'static str] {
    match kind {
        Some(Kind::Actor) => &["actor_kind", "privacy", "role", "quotes", "events"],
        Some(Kind::Event) => &["place", "actors", "quotes", "sources", "origins"],
        Some(Kind::Quote) => &["speaker", "attribution", "sources", "origins", "words", "parts", "verbatim"],
        Some(Kind::Source) => &["source_kind", "publisher", "url", "records"],
        Some(Kind::Place) => &["country", "events", "quotes"],
        Some(Kind::Page) => &["order"],
        None => &[],
    }
}

/// A record with the keys of a list of its kind, or of all kinds, in their order.
fn row(catalogue: &Catalogue<'_>, number: Number, kind: Option<Kind>) -> Map<String, Value> {
    let record = catalogue.record(number);
    let common = record.fields.common();
    let count =
        |severity: Severity| catalogue.findings(number).iter().filter(|finding| finding.severity == severity).count();
    let values = [
        json!(record.kind().word()),
        json!(record.id),
        json!(record.fields.title()),
        json!(record.fields.date()),
        json!(common.status.map(|status| status.is)),
        json!(common.tags),
        json!(common.visibility),
        json!(common.draft),
        json!(catalogue.withheld(number).map(|reason| reason.word())),
        json!(count(Severity::Error)),
        json!(count(Severity::Warning)),
        json!(&*record.origin.file),
        json!(catalogue.line(record)),
    ];
    let own = if kind.is_some() { own_values(catalogue, number) } else { Vec::new() };
    let keys = COMMON.iter().chain(own_keys(kind)).map(|key| (*key).to_owned());
    keys.zip(values.into_iter().chain(own)).collect()
}

/// The values of the keys that a record's kind has for itself.
fn own_values(catalogue: &Catalogue<'_>, number: Number) -> Vec<Value> {
    let record = catalogue.record(number);
    let referring = |kind: Kind, role: Role| json!(referring(catalogue, number, Some(kind), role));
    let cited = |citations: &[Citation]| json!(citations.iter().map(|citation| &citation.source).collect::<Vec<&Id>>());
    match &*record.fields {
        Fields::Actor(actor) => vec![
            json!(actor.kind),
            json!(actor.privacy),
            json!(actor.role),
            referring(Kind::Quote, Role::Spoke),
            referring(Kind::Event, Role::TookPart),
        ],
        Fields::Event(event) => vec![
            json!(event.place),
            json!(event.actors.iter().map(|participant| &participant.actor).collect::<Vec<&Id>>()),
            referring(Kind::Quote, Role::AtEvent),
            cited(&event.sources),
            json!(origins(catalogue, record, &[])),
        ],
        Fields::Quote(quote) => {
            let verbatim = json!({
                "result": catalogue.evidence.verdict(number, record),
                "sources": catalogue.evidence.of(number).into_iter().flat_map(|of| of.sources.iter().flatten()).collect::<Vec<_>>(),
            });
            let parts = quote.text.are_several().then(|| record.quoted_parts());
            vec![
                json!(quote.speaker),
                json!(quote.attribution),
                cited(&quote.sources),
                json!(origins(catalogue, record, &quote.via)),
                json!(words(record)),
                json!(parts),
                verbatim,
            ]
        }
        Fields::Source(source) => vec![
            json!(source.kind),
            json!(source.publisher),
            json!(source.url),
            json!(self::referring(catalogue, number, None, Role::Cited)),
        ],
        Fields::Place(place) => {
            vec![json!(place.country), referring(Kind::Event, Role::Place), referring(Kind::Quote, Role::Place)]
        }
        Fields::Page(page) => vec![json!(page.order)],
    }
}

/// From how many independent origins the sources of a record come, of those that readers see.
fn origins(catalogue: &Catalogue<'_>, record: &Record, via: &[Via]) -> usize {
    let source = |id: &Id| {
        let number = catalogue.dossier.index.ids.find(id.as_str())?;
        match &*catalogue.record(number).fields {
            Fields::Source(source) if catalogue.withheld(number).is_none() => Some((number, source)),
            _ => None,
        }
    };
    let cited = record.fields.common().sources.iter().filter_map(|citation| source(&citation.source));
    link::origins(cited, via, &source).len()
}

/// How many records refer to one in a role.
fn referring(catalogue: &Catalogue<'_>, number: Number, kind: Option<Kind>, role: Role) -> usize {
    let edges = catalogue.dossier.edges_to(number).iter().filter(|edge| edge.role == role).map(|edge| edge.from);
    let of_kind = |from: &Number| kind.is_none_or(|kind| catalogue.record(*from).kind() == kind);
    edges.filter(of_kind).collect::<BTreeSet<Number>>().len()
}

/// The columns of a table, each with the key of what stands in it. Long text stands last, where it pushes nothing away.
fn columns(kind: Option<Kind>) -> Vec<(&'static str, &'static str)> {
    let (first, last): (&[(&str, &str)], (&str, &str)) = match kind {
        None => (&[("id", "id"), ("kind", "kind"), ("date", "date"), ("status", "status")], ("title", "title")),
        Some(Kind::Actor) => (
            &[("id", "id"), ("kind", "actor_kind"), ("privacy", "privacy"), ("quotes", "quotes"), ("events", "events")],
            ("name", "title"),
        ),
        Some(Kind::Event) => (
            &[("id", "id"), ("date", "date"), ("status", "status"), ("place", "place"), ("quotes", "quotes")],
            ("title", "title"),
        ),
        Some(Kind::Quote) => (
            &[
                ("id", "id"),
                ("date", "date"),
                ("speaker", "speaker"),
                ("status", "status"),
                ("attribution", "attribution"),
                ("source", "sources"),
            ],
            ("words", "words"),
        ),
        Some(Kind::Source) => (
            &[
                ("id", "id"),
                ("kind", "source_kind"),
                ("published", "date"),
                ("publisher", "publisher"),
                ("records", "records"),
            ],
            ("title", "title"),
        ),
        Some(Kind::Place) => {
            (&[("id", "id"), ("country", "country"), ("events", "events"), ("quotes", "quotes")], ("name", "title"))
        }
        Some(Kind::Page) => (&[("id", "id"), ("order", "order")], ("title", "title")),
    };
    // What most records have nothing of is left out of the table; where it is there, it should not be what there is no room for.
    let seldom = [("withheld", "withheld"), ("errors", "errors"), ("warnings", "warnings")];
    first[..1].iter().chain(&seldom).chain(&first[1..]).chain([&("file", "file"), &last]).copied().collect()
}

/// How much of a quote stands in a table.
const FIRST_WORDS: usize = 100;

/// What stands in a cell of a table.
fn cell(row: &Map<String, Value>, key: &str, record: &Record) -> String {
    let value = row.get(key).unwrap_or(&Value::Null);
    match key {
        "title" => label(record),
        "words" => cut(&plain(value), FIRST_WORDS),
        "file" => format!("{}:{}", plain(value), row.get("line").map(plain).unwrap_or_default()),
        "withheld" if value.is_null() && row.get("visibility") == Some(&json!("unlisted")) => "unlisted".to_owned(),
        // A record without findings is the usual one.
        "errors" | "warnings" if *value == json!(0) => String::new(),
        "speaker" if matches!(&*record.fields, Fields::Quote(quote) if !matches!(quote.speaker, Speaker::Actor(_))) => {
            format!("({})", plain(value))
        }
        _ => plain(value),
    }
}

/// A value as it stands in a table or in CSV.
fn plain_cell((key, value): (&String, &Value)) -> String {
    if key == "verbatim" { plain(&value["result"]) } else { plain(value) }
}

pub(super) fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) => values.iter().map(plain).collect::<Vec<_>>().join("; "),
        Value::Bool(_) | Value::Number(_) | Value::Object(_) => value.to_string(),
    }
}
