//! `dossier withheld`.
//!
//! The JSON is an object. Its keys are a promise; each is always there, null where there is nothing to say.
//!
//! | key | value |
//! |---|---|
//! | `private` | a reminder of what this is |
//! | `date` | the day that embargoes were asked for |
//! | `records` | the records that readers do not see, embargoes first and the soonest of them before the others: `reason`, one of `embargoed`, `draft`, `internal`, `sealed`, `withdrawn`, `unclassified`, `duplicate`, `protected`; `also`, further reasons; `until`, the day of its embargo as it is written; `id`, `kind`, `title`; `display`, what stands in place of the name of somebody protected, empty when nothing does; `takedown`, an object with `as`, `on`, `reason` and `address`, the page that says so; `file`, `line` |
//! | `notes` | what is for authors in any record: `id`, `kind`, `field` (`notes_internal` or `allow`), `file`, `line` |
//! | `fields` | single values that are withheld, in the record or by the overlay: `id`, `kind`, `field`, `file`, `line` |
//! | `references` | the references of what readers see to what they do not: `id` of the record that refers (null for the settings), `field`, `to`, `reason`, `instead` (`nothing`, `display`, `label`, `ellipsis`), `display`, `file`, `line` |
//! | `files` | the files beside the records that are not copied: `file`, `why` (`withheld`, `capture` or `unused`), `used_by`, the ids of the records that use it |
//! | `counts` | how many there are of each |
//!
//! The CSV has a line for each of them, with the columns `part` (`record`, `note`, `field`, `reference`, `file`), `reason`, `until`,
//! `id`, `kind`, `title`, `field`, `to`, `instead`, `file` and `line`.

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use super::catalogue::{Catalogue, label};
use super::list::{missing, plain};
use super::session::{DossierArgs, Session, Typed, policy};
use super::show::{text_of, way};
use super::table::{csv, table, terminal_width};
use super::terminal::{Shown, is_result_in, print_findings, result, say};
use super::{CannotRun, Outcome};
use crate::compile::compile;
use crate::config;
use crate::diagnostic::line_column;
use crate::parse::{Record, Step, locate};
use crate::plan::path_of_id;
use crate::read::Sources;
use crate::redact::{Audience, Fallen, FallenPlace, Instead, LeftOutFile, LeftOutRecord, Policy, Reason, left_out};

const PRIVATE: &str =
    "PRIVATE: this report names what readers must not see. Keep it out of the site and of logs that others read.";

/// Report what a build leaves out, and why
///
/// The report is private. It is printed and never written into the folder of the site; nothing is printed when standard output
/// is a file in there.
///
/// Ends with 0 when all is reported, and with 1 when some records could not be read and so are missing.
#[derive(Debug, Args)]
pub(super) struct WithheldArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// The form in which the report is printed
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
    /// For spreadsheets and scripts: a line for each record, note, reference and file
    Csv,
}

type Row = Map<String, Value>;

/// All that is left out, as rows with the keys of the JSON.
struct Report {
    records: Vec<Row>,
    notes: Vec<Row>,
    fields: Vec<Row>,
    references: Vec<Row>,
    files: Vec<Row>,
}

pub(super) fn run(args: &WithheldArgs) -> Result<Outcome, CannotRun> {
    let policy = policy(args.date.as_deref(), Audience::Readers)?;
    let session = Session::read(&args.dossier, &Typed::default())?;
    let Some(inputs) = session.inputs() else {
        print_findings(&session.findings(), session.sources(), Shown::Warnings);
        return Ok(Outcome::Findings);
    };
    let out = session.workspace.root().join(inputs.settings.out());
    if is_result_in(&out) {
        return Err(CannotRun::new(format!(
            "this report is private, and `{}` is the folder of the site",
            out.display()
        ))
        .hint("send it to a file elsewhere; nothing was printed"));
    }
    let compiled = compile(inputs, session.findings(), policy, None, &mut |_| {});
    let catalogue = Catalogue::new(&compiled.stages, &compiled.findings, session.sources(), policy);
    let report = Report::new(&catalogue, session.sources(), policy);
    match args.format {
        Format::Text => result(&report.text(policy)),
        Format::Json => {
            say("note: this report is private");
            let text = serde_json::to_string_pretty(&report.json(policy));
            result(&text.map_err(|error| CannotRun::new(format!("cannot write JSON: {error}")))?);
        }
        Format::Csv => {
            say("note: this report is private");
            result(csv(&COLUMNS, &report.lines())?.trim_end_matches('\n'));
        }
    }
    Ok(missing(&catalogue))
}

impl Report {
    fn new(catalogue: &Catalogue<'_>, sources: &Sources, policy: Policy) -> Self {
        let left = left_out(catalogue.dossier, sources, policy);
        Report {
            records: left.records.iter().map(|left| record_row(catalogue, left, policy)).collect(),
            notes: notes(catalogue),
            fields: withheld_fields(catalogue),
            references: left.references.iter().map(|fallen| reference_row(catalogue, fallen)).collect(),
            files: left.files.iter().map(|file| file_row(catalogue, file)).collect(),
        }
    }

    fn counts(&self) -> Row {
        let parts = self.parts();
        parts.into_iter().map(|(part, rows)| (part.to_owned(), json!(rows.len()))).collect()
    }

    /// The parts, as the JSON has them.
    fn parts(&self) -> [(&'static str, &[Row]); 5] {
        [
            ("records", self.records.as_slice()),
            ("notes", self.notes.as_slice()),
            ("fields", self.fields.as_slice()),
            ("references", self.references.as_slice()),
            ("files", self.files.as_slice()),
        ]
    }

    fn json(&self, policy: Policy) -> Value {
        let mut report = Row::new();
        report.insert("private".to_owned(), json!(PRIVATE));
        report.insert("date".to_owned(), json!(policy.today));
        report.extend(self.parts().into_iter().map(|(part, rows)| (part.to_owned(), json!(rows))));
        report.insert("counts".to_owned(), Value::Object(self.counts()));
        Value::Object(report)
    }

    fn lines(&self) -> Vec<Vec<String>> {
        let mut lines = Vec::new();
        for (part, rows) in self.parts() {
            for row in rows {
                let cell = |column: &&str| match *column {
                    "part" => part.trim_end_matches('s').to_owned(),
                    "reason" if part == "files" => plain(&row["why"]),
                    "id" if part == "files" => plain(&row["used_by"]),
                    "instead" => instead(row).unwrap_or_default(),
                    column => row.get(column).map(plain).unwrap_or_default(),
                };
                lines.push(COLUMNS.iter().map(cell).collect());
            }
        }
        lines
    }

    fn text(&self, policy: Policy) -> String {
        let mut text = format!("{PRIVATE}\n\nWhat readers do not see on {}", policy.today);
        let mut add = |title: &str, columns: &[(&str, &str)], rows: &[&Row]| {
            if rows.is_empty() {
                return;
            }
            let header: Vec<&str> = columns.iter().map(|(title, _)| *title).collect();
            let cells = |row: &&Row| columns.iter().map(|(_, key)| cell(row, key)).collect::<Vec<String>>();
            let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
            text.push_str(&format!("\n\n{title}: {}\n{}", rows.len(), table(&header, &rows, terminal_width())));
        };
        let columns = [
            ("id", "id"),
            ("until", "until"),
            ("also", "also"),
            ("shown as", "display"),
            ("taken down", "takedown"),
            ("kind", "kind"),
            ("file", "place"),
            ("title", "title"),
        ];
        for (reason, title) in REASONS {
            let rows: Vec<&Row> = self.records.iter().filter(|row| row["reason"] == reason.word()).collect();
            add(title, &columns, &rows);
        }
        let all = |rows: &'_ [Row]| -> Vec<Row> { rows.to_vec() };
        let (notes, fields, references, files) =
            (all(&self.notes), all(&self.fields), all(&self.references), all(&self.files));
        add(
            "Notes for the authors",
            &[("id", "id"), ("field", "field"), ("kind", "kind"), ("file", "place")],
            &notes.iter().collect::<Vec<_>>(),
        );
        add(
            "Values that are withheld",
            &[("id", "id"), ("field", "field"), ("kind", "kind"), ("file", "place")],
            &fields.iter().collect::<Vec<_>>(),
        );
        add(
            "References that fall away",
            &[
                ("in", "id"),
                ("field", "field"),
                ("to", "to"),
                ("why", "reason"),
                ("readers see", "instead"),
                ("file", "place"),
            ],
            &references.iter().collect::<Vec<_>>(),
        );
        add(
            "Files that are not copied",
            &[("file", "file"), ("why", "why"), ("used by", "used_by")],
            &files.iter().collect::<Vec<_>>(),
        );
        let counts: Vec<String> = self.counts().iter().map(|(part, count)| counted(part, count)).collect();
        text.push_str(&format!("\n\n{}", counts.join(", ")));
        text
    }
}

const COLUMNS: [&str; 11] =
    ["part", "reason", "until", "id", "kind", "title", "field", "to", "instead", "file", "line"];

/// The reasons, in the order of the report.
const REASONS: [(Reason, &str); 8] = [
    (Reason::Embargoed, "Embargoed, the soonest first"),
    (Reason::Draft, "Drafts"),
    (Reason::Internal, "Internal"),
    (Reason::Sealed, "Sealed"),
    (Reason::Withdrawn, "Withdrawn"),
    (Reason::Unclassified, "Persons without a privacy class"),
    (Reason::SecondOfItsId, "Second of their id"),
    (Reason::Protected, "Protected persons"),
];

fn counted(part: &str, count: &Value) -> String {
    let one = part.trim_end_matches('s');
    format!("{count} {}", if *count == json!(1) { one } else { part })
}

fn record_row(catalogue: &Catalogue<'_>, left: &LeftOutRecord, policy: Policy) -> Row {
    let record = catalogue.record(left.number);
    let common = record.fields.common();
    let also: Vec<&str> = left.reasons.iter().skip(1).map(|reason| reason.word()).collect();
    let is_embargoed = common.holds(policy.today).any(|hold| hold == crate::model::Hold::Embargoed);
    let takedown = common.takedown.map(|takedown| {
        let is_alone = common.holds(policy.today).all(|hold| hold == crate::model::Hold::Withdrawn);
        let has_page = takedown.done.takes_the_page() && !takedown.silent && is_alone;
        json!({
            "as": takedown.done,
            "on": takedown.on,
            "reason": takedown.reason,
            "address": has_page.then(|| path_of_id(record.kind(), &record.id)),
        })
    });
    let values = [
        ("reason", json!(left.reasons[0].word())),
        ("also", json!(also)),
        ("until", json!(common.publish_at.filter(|_| is_embargoed))),
        ("id", json!(record.id)),
        ("kind", json!(record.kind().word())),
        ("title", json!(label(record))),
        ("display", json!(left.display)),
        ("takedown", json!(takedown)),
    ];
    with_place(values, record, catalogue.line(record))
}

/// A row with the file and the line of a record.
fn with_place<const N: usize>(values: [(&str, Value); N], record: &Record, line: usize) -> Row {
    let place = [("file", json!(&*record.origin.file)), ("line", json!(line))];
    values.into_iter().chain(place).map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What is for the authors in any record, withheld or not.
fn notes(catalogue: &Catalogue<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for record in &catalogue.dossier.records {
        let common = record.fields.common();
        let fields = [("notes_internal", common.notes_internal.is_some()), ("allow", !common.allow.is_empty())];
        for (field, _) in fields.into_iter().filter(|(_, is_there)| *is_there) {
            let line = catalogue.line_of_field(record, &[Step::Key(field)]);
            let values = [("id", json!(record.id)), ("kind", json!(record.kind().word())), ("field", json!(field))];
            rows.push(with_place(values, record, line));
        }
    }
    rows
}

/// Values of single fields that readers do not see, of all records that have any.
fn withheld_fields(catalogue: &Catalogue<'_>) -> Vec<Row> {
    let mut rows = Vec::new();
    for record in &catalogue.dossier.records {
        for private in record.private() {
            let values = [
                ("id", json!(record.id)),
                ("kind", json!(record.kind().word())),
                ("field", json!(private.field)),
                ("file", json!(&*private.file)),
                ("line", json!(catalogue.line_in(&private.file, private.span.start))),
            ];
            rows.push(values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
        }
    }
    rows
}

fn reference_row(catalogue: &Catalogue<'_>, fallen: &Fallen) -> Row {
    let (instead, display) = match &fallen.instead {
        Instead::Nothing => ("nothing", None),
        Instead::Display(display) => ("display", Some(display)),
        Instead::Label => ("label", None),
        Instead::Ellipsis => ("ellipsis", None),
    };
    let to = catalogue.record(fallen.to);
    let from = fallen.from.map(|from| catalogue.record(from));
    let (field, file, line) = match (fallen.place, from) {
        (FallenPlace::Field(path, role), Some(from)) => {
            (way(&path, role), from.origin.file.to_string(), catalogue.line_of_field(from, &path.steps()))
        }
        (FallenPlace::Link(slot, index), Some(from)) => {
            (text_of(slot), from.origin.file.to_string(), catalogue.line_of_link(from, slot, index))
        }
        (FallenPlace::Setting(key), _) => {
            let file = catalogue.sources.settings.as_ref();
            let text = file.map(|file| file.text.as_str()).unwrap_or_default();
            let start = locate(text, &[Step::Key(key)]).map_or(0, |span| span.start);
            let name = file.map_or_else(|| config::FILE.to_owned(), |file| file.path.to_string());
            (key.to_owned(), name, line_column(text, start).0)
        }
        (FallenPlace::Field(..) | FallenPlace::Link(..), None) => (String::new(), String::new(), 1),
    };
    let values = [
        ("id", json!(from.map(|from| &from.id))),
        ("field", json!(field)),
        ("to", json!(to.id)),
        ("reason", json!(fallen.reason.word())),
        ("instead", json!(instead)),
        ("display", json!(display)),
        ("file", json!(file)),
        ("line", json!(line)),
    ];
    values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

fn file_row(catalogue: &Catalogue<'_>, file: &LeftOutFile) -> Row {
    let why = match (file.used_by.is_empty(), file.captured_by.is_empty()) {
        (false, _) => "withheld",
        (true, false) => "capture",
        (true, true) => "unused",
    };
    let by = file.used_by.iter().chain(&file.captured_by);
    let ids: Vec<&str> = by.map(|number| catalogue.record(*number).id.as_str()).collect();
    let path = format!("{}/{}", catalogue.dossier.settings.content(), file.inner);
    let values = [("file", json!(path)), ("why", json!(why)), ("used_by", json!(ids))];
    values.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What readers see in place of a reference, in words.
fn instead(row: &Row) -> Option<String> {
    let display = row.get("display").map(plain).unwrap_or_default();
    Some(match row.get("instead")?.as_str()? {
        "display" if display.is_empty() => "“withheld”".to_owned(),
        "display" => format!("“{display}”"),
        "label" => "the words of the link".to_owned(),
        "ellipsis" => "“…”".to_owned(),
        other => other.to_owned(),
    })
}

/// What stands in a cell of a table.
fn cell(row: &Row, key: &str) -> String {
    let value = row.get(key).unwrap_or(&Value::Null);
    match key {
        "place" => format!("{}:{}", plain(&row["file"]), plain(&row["line"])),
        "display" if value == "" => "(nothing)".to_owned(),
        "id" if value.is_null() => "(the settings)".to_owned(),
        "instead" => instead(row).unwrap_or_default(),
        "takedown" => value.as_object().map(taken_down).unwrap_or_default(),
        _ => plain(value),
    }
}

fn taken_down(takedown: &Map<String, Value>) -> String {
    let of = |key: &str| takedown.get(key).map(plain).unwrap_or_default();
    let address = Some(of("address")).filter(|address| !address.is_empty());
    let answers = address.map_or_else(|| "no page".to_owned(), |address| format!("{address} answers"));
    format!("{} {} ({}), {answers}", of("as"), of("on"), of("reason"))
}
