//! What changed, as text: like a newspaper's list of corrections, with `[-words that are gone-]` and `{+those that are new+}`.

use std::path::Path;

use super::{Diff, Piece, RecordChange, parts, shortened, summary};
use crate::cli::table::printable;
use crate::cli::terminal::plural;
use crate::diagnostic::Color;
use crate::edition::FileChanges;

/// How many files are named of those that came, and of those that went.
const NAMED: usize = 20;

/// All that changed. `names` are how the two were named; editions have names of their own.
pub(super) fn text(diff: &Diff, names: (&Path, &Path), color: Color) -> String {
    let mut text = String::new();
    let name = |edition: &Option<String>, path: &Path| match edition {
        Some(edition) => printable(edition),
        None => path.display().to_string(),
    };
    let (before, after) = (name(&diff.before, names.0), name(&diff.after, names.1));
    line(&mut text, &format!("from {before} to {after}: {}", summary(diff)));
    for (removed, name) in [(diff.removed_before, &before), (diff.removed_after, &after)] {
        if removed > 0 {
            let entries = plural(removed as usize, "entry").replace("entrys", "entries");
            line(&mut text, &format!("of {name}, {entries} taken out by law could not be compared"));
        }
    }
    for (_, title, records) in parts(diff) {
        line(&mut text, &format!("\n{} ({})", styled(&title.to_uppercase(), BOLD, color), records.len()));
        for change in records {
            record(&mut text, change, color);
        }
    }
    if let Some(files) = &diff.files {
        of_files(&mut text, files, color);
    }
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

fn record(text: &mut String, change: &RecordChange, color: Color) {
    let was = change.was_id.as_ref().map(|was| format!(", before `{was}`")).unwrap_or_default();
    let title = if change.title == change.id { String::new() } else { format!(": {}", change.title) };
    line(text, &printable(&format!("  {} `{}`{was}{title}", change.kind, change.id)));
    let mut whys: Vec<&str> = Vec::new();
    for field in &change.fields {
        // Why something was corrected is told below, and old ids with the new one.
        if field.key == "corrections" || field.key == "aliases" {
            continue;
        }
        let words: String = shortened(&field.words).iter().map(|piece| shown(piece, color)).collect();
        line(text, &format!("    {}: {}", printable(&field.key.replace('_', " ")), words.replace('\n', "\n      ")));
        whys.extend(field.why.as_deref().filter(|why| !whys.contains(why)));
    }
    for why in whys {
        line(text, &format!("    why: {}", printable(why)));
    }
}

const BOLD: &str = "1";
const GONE: &str = "31;9";
const NEW: &str = "32";

fn styled(text: &str, style: &str, color: Color) -> String {
    match color {
        Color::Always => format!("\u{1b}[{style}m{text}\u{1b}[0m"),
        Color::Never => text.to_owned(),
    }
}

fn shown(piece: &Piece, color: Color) -> String {
    // Line breaks are part of some texts; what else could move the cursor is not shown.
    let lines = |text: &str| text.split('\n').map(printable).collect::<Vec<_>>().join("\n");
    match (piece, color) {
        (Piece::Same(text), _) => lines(text),
        (Piece::Gone(text), Color::Always) => styled(&lines(text), GONE, color),
        (Piece::New(text), Color::Always) => styled(&lines(text), NEW, color),
        (Piece::Gone(text), Color::Never) => format!("[-{}-]", lines(text)),
        (Piece::New(text), Color::Never) => format!("{{+{}+}}", lines(text)),
    }
}

fn of_files(text: &mut String, files: &FileChanges, color: Color) {
    let FileChanges { new, changed, gone } = files;
    if *files == FileChanges::default() {
        return;
    }
    let counts = format!("{} new, {} changed, {} gone", new.len(), changed.len(), gone.len());
    line(text, &format!("\n{}: {counts}", styled("FILES OF THE SITE", BOLD, color)));
    for (word, paths) in [("gone", gone), ("new", new)] {
        for path in paths.iter().take(NAMED) {
            line(text, &format!("  {word}: {}", printable(path)));
        }
        if paths.len() > NAMED {
            line(text, &format!("  {word}: {} more, which `--format json` names", paths.len() - NAMED));
        }
    }
}
