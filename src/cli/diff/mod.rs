//! `dossier diff`.
//!
//! The JSON is an object. Its keys are a promise; each is always there, null where there is nothing to say.
//!
//! | key | value |
//! |---|---|
//! | `before`, `after` | the names of the two editions; null of a built site, which has none |
//! | `records` | the records that are not the same, by kind and id; none of those that are |
//! | `unchanged` | how many are the same |
//! | `files` | `new`, `changed` and `gone`: paths in the site; null where one of the two does not tell of its files |
//! | `removed_before`, `removed_after` | how many entries were taken out of each by law, and so could not be compared |
//!
//! A record is an object:
//!
//! | key | value |
//! |---|---|
//! | `kind`, `id`, `title` | what it is, as it is called now |
//! | `lang` | the language of its words, where it tells |
//! | `was_id` | its id before, when it was renamed |
//! | `became` | what became of it, at least one: `new`, `withdrawn`, `renamed`, `corrected`, `status`, `sources`, `changed` (something differs, and no correction tells of it) |
//! | `fields` | the fields that differ: `key`; `was` and `now`, as in `data/records.jsonl`; `words`, a list of `{"is": "same"|"gone"|"new", "text": …}`; `why`, from the correction that tells of it |

mod open;
mod page;
mod plain;

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::terminal::{color, result, say};
use super::{CannotRun, Outcome};
use crate::edition::{Became, Diff, Piece, RecordChange, diff};
use crate::read::in_words;
use open::{can_be_verified, open};

/// Tell what changed from one edition to another, word by word
///
/// Each of the two is an archive that `dossier archive` wrote, the manifest that is kept of it in `editions/`, that folder for
/// the last edition in it, the folder of a built site, or an archive that was unpacked. Records are compared as readers have them:
/// what is new, corrected, withdrawn, renamed, of another status, or rests on other sources. It needs no dossier and no network.
/// What both say of themselves is compared; whether an archive is as it was sealed, `dossier verify` tells.
///
/// Ends with 0 when they say the same, with 1 when they differ, and with 2 when one of them cannot be read.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    /// The edition before
    before: PathBuf,
    /// The edition after
    after: PathBuf,
    /// The form in which the changes are told
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write to this file, which is replaced; else to standard output
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: like a newspaper's list of corrections
    Text,
    /// For scripts: an object
    Json,
    /// A page for readers, in one file
    Html,
}

pub(super) fn run(args: &DiffArgs) -> Result<Outcome, CannotRun> {
    let (before, after) = rayon::join(|| open(&args.before), || open(&args.after));
    let (before, after) = (before?, after?);
    let found = diff(&before, &after);
    let told = match args.format {
        Format::Text => {
            let color = match args.out {
                Some(_) => crate::diagnostic::Color::Never,
                None => color(&std::io::stdout()),
            };
            plain::text(&found, (&args.before, &args.after), color)
        }
        Format::Json => serde_json::to_string_pretty(&found)
            .map_err(|error| CannotRun::new(format!("cannot write JSON: {error}")))?,
        Format::Html => page::page(&found, (&before, &after)),
    };
    match &args.out {
        Some(out) => write(out, &told)?,
        None => result(told.trim_end()),
    }
    let archives: Vec<String> = [&args.before, &args.after]
        .into_iter()
        .filter(|path| args.format != Format::Json && can_be_verified(path))
        .map(|path| format!("`{}`", path.display()))
        .collect();
    if !archives.is_empty() {
        let are = if archives.len() == 1 { "is as it was" } else { "are as they were" };
        say(&format!(
            "this compares what the two say of themselves; `dossier verify` tells whether {} {are} sealed",
            archives.join(" and ")
        ));
    }
    Ok(if found.is_empty() { Outcome::Fine } else { Outcome::Findings })
}

fn write(out: &Path, told: &str) -> Result<(), CannotRun> {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".pending");
    let pending = out.with_file_name(name);
    let written = fs::write(&pending, told.trim_end().to_owned() + "\n").and_then(|()| fs::rename(&pending, out));
    written
        .map_err(|error| {
            drop(fs::remove_file(&pending));
            CannotRun::new(format!("cannot write `{}`: {}", out.display(), in_words(&error)))
        })
        .map(|()| say(&format!("wrote `{}`", out.display())))
}

/// The parts of a list of changes in the order in which somebody looks for them, with what each is called. A record stands in the first
/// that it belongs to.
const PARTS: [(Became, &str); 7] = [
    (Became::Changed, "Changed without a correction"),
    (Became::Corrected, "Corrected"),
    (Became::Withdrawn, "Withdrawn"),
    (Became::Status, "Of another status"),
    (Became::Sources, "Rests on other sources"),
    (Became::Renamed, "Renamed"),
    (Became::New, "New"),
];

/// The records of each part.
fn parts(diff: &Diff) -> Vec<(Became, &'static str, Vec<&RecordChange>)> {
    let part_of = |record: &RecordChange| PARTS.iter().position(|(became, _)| record.became.contains(became));
    let mut parts: Vec<(Became, &str, Vec<&RecordChange>)> =
        PARTS.iter().map(|(became, title)| (*became, *title, Vec::new())).collect();
    for record in &diff.records {
        if let Some(at) = part_of(record) {
            parts[at].2.push(record);
        }
    }
    parts.retain(|(_, _, records)| !records.is_empty());
    parts
}

/// What a list of changes begins with, such as `2 new, 1 withdrawn; 40 are the same`.
fn summary(diff: &Diff) -> String {
    let counts: Vec<String> = PARTS
        .iter()
        .filter_map(|(became, _)| Some((diff.count(*became), became)).filter(|(count, _)| *count > 0))
        .map(|(count, became)| format!("{count} {}", became.word()))
        .collect();
    match (counts.is_empty(), diff.unchanged) {
        (true, 1) => "the one record is the same".to_owned(),
        (true, same) => format!("all {same} records are the same"),
        (false, 0) => counts.join(", "),
        (false, 1) => format!("{}; 1 is the same", counts.join(", ")),
        (false, same) => format!("{}; {same} are the same", counts.join(", ")),
    }
}

/// How many characters of what stands in both are shown beside what differs.
const AROUND: usize = 60;

/// The words of a field with what is the same in both cut short, as far as it is not needed to see where a change stands.
fn shortened(words: &[Piece]) -> Vec<Piece> {
    let last = words.len().saturating_sub(1);
    let short = |(at, piece): (usize, &Piece)| match piece {
        Piece::Same(text) => {
            let head = if at == 0 { 0 } else { AROUND };
            let tail = if at == last { 0 } else { AROUND };
            Piece::Same(gap(text, head, tail))
        }
        other => other.clone(),
    };
    words.iter().enumerate().map(short).collect()
}

/// A text without its middle, cut between words where it can be.
fn gap(text: &str, head: usize, tail: usize) -> String {
    let count = text.chars().count();
    // What is left out is worth a sign only when it is longer than that.
    if count <= head + tail + 20 {
        return text.to_owned();
    }
    let at = |chars: usize| text.char_indices().nth(chars).map_or(text.len(), |(at, _)| at);
    let (start, end) = (&text[..at(head)], &text[at(count - tail)..]);
    let start = start.rfind(char::is_whitespace).map_or(start, |at| &start[..at]);
    let end = end.find(char::is_whitespace).map_or(end, |at| &end[at..]);
    let (start, end) = (start.trim_end(), end.trim_start());
    let between = |text: &str| if text.is_empty() { "" } else { " " };
    format!("{start}{}…{}{end}", between(start), between(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_the_same_is_cut_between_words() {
        let text = "one two three four five six seven eight nine ten";
        assert_eq!(gap(text, 10, 10), "one two … nine ten");
        assert_eq!(gap(text, 0, 10), "… nine ten");
        assert_eq!(gap(text, 10, 0), "one two …");
        assert_eq!(gap("one two three", 3, 3), "one two three");
        assert_eq!(gap(&"ü".repeat(50), 5, 5), format!("{0} … {0}", "ü".repeat(5)));
    }
}
