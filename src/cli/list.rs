//! `dossier list`.

use clap::{Args, ValueEnum};
use serde_json::json;

use super::session::{DossierArgs, Session, Typed};
use super::terminal::{Shown, print_findings, result};
use super::{CannotRun, Outcome};
use crate::diagnostic::has_errors;
use crate::model::Kind;
use crate::parse::{Record, parse};

/// List the records of a kind
#[derive(Debug, Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// actor, event, quote, source, place or page
    kind: Kind,
    /// How the list is printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Columns for people.
    Table,
    /// A JSON array with a row per record.
    Json,
}

pub(super) fn run(args: &ListArgs) -> Result<Outcome, CannotRun> {
    let session = Session::read(&args.dossier, &Typed::default())?;
    let mut findings = session.findings();
    let Some(inputs) = session.inputs() else {
        print_findings(&findings, session.sources(), Shown::Warnings);
        return Ok(Outcome::Findings);
    };
    let parsed = parse(&inputs.sources, None);
    findings.extend(parsed.findings().cloned());
    findings.sort();
    let records = parsed.records();
    let rows: Vec<&Record> =
        records.whole.iter().map(|record| &**record).filter(|record| record.kind() == args.kind).collect();
    match args.format {
        Format::Table => print_table(&rows),
        Format::Json => print_json(&rows)?,
    }
    print_findings(&findings, session.sources(), Shown::Warnings);
    Ok(if has_errors(&findings) { Outcome::Findings } else { Outcome::Fine })
}

fn columns(record: &Record) -> [String; 5] {
    let common = record.fields.common();
    [
        record.id.to_string(),
        record.fields.date().map(ToString::to_string).unwrap_or_default(),
        common.status.map(|status| status.is.word().to_owned()).unwrap_or_default(),
        record.fields.title().map(ToString::to_string).unwrap_or_default(),
        record.origin.file.to_string(),
    ]
}

fn print_table(rows: &[&Record]) {
    let mut table = vec![["id", "date", "status", "title", "file"].map(str::to_owned)];
    table.extend(rows.iter().map(|record| columns(record)));
    let widths: Vec<usize> =
        (0..5).map(|column| table.iter().map(|row| row[column].chars().count()).max().unwrap_or(0).min(60)).collect();
    for row in &table {
        let cells = row.iter().zip(&widths).map(|(cell, width)| {
            let padding = width.saturating_sub(cell.chars().count());
            format!("{cell}{}", " ".repeat(padding))
        });
        result(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

fn print_json(rows: &[&Record]) -> Result<(), CannotRun> {
    let rows: Vec<serde_json::Value> = rows
        .iter()
        .map(|record| {
            let [id, date, status, title, file] = columns(record);
            let optional = |text: String| if text.is_empty() { serde_json::Value::Null } else { json!(text) };
            json!({ "id": id, "kind": record.kind().word(), "date": optional(date), "status": optional(status), "title": optional(title), "file": file })
        })
        .collect();
    let text =
        serde_json::to_string_pretty(&rows).map_err(|error| CannotRun::new(format!("cannot write JSON: {error}")))?;
    result(&text);
    Ok(())
}
