//! A record as text for people, laid out as its front matter is.

use std::fmt::Write as _;

use serde_json::Value;

use super::fields::{plain, says_something};
use super::{Backlink, Portrait, is_unlisted};
use crate::cli::catalogue::{Catalogue, one_line};
use crate::cli::table::{cut, printable, table, terminal_width};
use crate::cli::terminal::color;
use crate::config::Level;
use crate::diagnostic::to_text;
use crate::link::Number;

/// The whole record.
pub(super) fn portrait(portrait: &Portrait, catalogue: &Catalogue<'_>, number: Number) -> String {
    let mut text =
        format!("{} {}: {}\n{}:{}\n\n", portrait.kind, portrait.id, portrait.title, portrait.file, portrait.line);
    for line in map(portrait, &portrait.fields, "") {
        let _ = writeln!(text, "{line}");
    }
    for line in map(portrait, &Value::Object(portrait.extra.clone()), "x") {
        let _ = writeln!(text, "{line}");
    }
    if let Some(body) = &portrait.body {
        let words = one_line(body);
        let _ = writeln!(text, "\nprose, {}: {}", counted(words.split(' ').count(), "word"), cut(&words, 100));
    }
    let links: Vec<Vec<String>> = portrait
        .links()
        .map(|link| {
            let means = link.record.as_ref().map(|other| other.words()).unwrap_or_default();
            vec![link.id.clone(), format!("in {}, line {}", link.field, link.line), means]
        })
        .collect();
    section(&mut text, "links in prose", &["id", "place", "record"], &links);
    text.push('\n');
    readers(&mut text, portrait, catalogue, number);
    let backlinks: Vec<Vec<String>> = portrait
        .backlinks
        .iter()
        .map(|Backlink { role, from }| {
            vec![(*role).to_owned(), from.id.clone(), format!("{}:{}", from.file, from.line), from.words()]
        })
        .collect();
    match backlinks.len() {
        0 => text.push_str("\nno record refers to it\n"),
        _ => section(&mut text, "referred to", &["role", "id", "file", "record"], &backlinks),
    }
    let mut text: String = text.split('\n').map(|line| printable(line.trim_end())).collect::<Vec<_>>().join("\n");
    match catalogue.findings(number) {
        [] => text.push_str("\nno findings"),
        findings => {
            let printed = to_text(findings, catalogue.sources, color(&std::io::stdout()), usize::MAX);
            let _ = write!(text, "\n{}\n\n{}", counted(findings.len(), "finding"), printed.trim_end());
        }
    }
    text
}

fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}

/// Some rows under a heading; nothing when there are none.
fn section(text: &mut String, heading: &str, header: &[&str], rows: &[Vec<String>]) {
    if rows.is_empty() {
        return;
    }
    let width = terminal_width().map(|width| width.saturating_sub(2));
    let _ = writeln!(
        text,
        "\n{heading}, {}:",
        if rows.len() == 1 { "once".to_owned() } else { format!("{} times", rows.len()) }
    );
    // The header says what each row says itself.
    for line in table(header, rows, width).lines().skip(1) {
        let _ = writeln!(text, "  {line}");
    }
}

/// Whether readers see it, and what the next level asks.
fn readers(text: &mut String, portrait: &Portrait, catalogue: &Catalogue<'_>, number: Number) {
    let record = catalogue.record(number);
    let _ = match &portrait.why_withheld {
        Some(why) => writeln!(text, "readers do not see it: {why}"),
        None if is_unlisted(record) => {
            writeln!(text, "readers see it where it is linked, and in no list: `visibility: unlisted`")
        }
        None => writeln!(text, "readers see it"),
    };
    if record.fields.common().notes_internal.is_some() {
        text.push_str("readers never see `notes_internal`\n");
    }
    // At level `public` what is asked is among the findings.
    if catalogue.dossier.settings.level == Level::Internal {
        match portrait.unmet_at_public.as_slice() {
            [] => text.push_str("level `public` asks nothing more of it\n"),
            unmet => {
                text.push_str("level `public` asks for more:\n");
                unmet.iter().for_each(|message| {
                    let _ = writeln!(text, "  {message}");
                });
            }
        }
    }
}

/// A value as it is printed: beside its key, or in lines below it.
enum Printed {
    Beside(String),
    Below(Vec<String>),
}

/// The entries of a mapping that say something, each beginning with its key.
fn map(portrait: &Portrait, value: &Value, way: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for (key, value) in value.as_object().into_iter().flatten().filter(|(_, value)| says_something(value)) {
        // The prose is shown apart, wherever it stands.
        if way.is_empty() && key == "body" {
            continue;
        }
        match print(portrait, value, &join(way, key)) {
            Printed::Beside(text) => lines.push(format!("{key}: {text}")),
            Printed::Below(below) => {
                lines.push(format!("{key}:"));
                lines.extend(below.into_iter().map(|line| format!("  {line}")));
            }
        }
    }
    lines
}

fn print(portrait: &Portrait, value: &Value, way: &str) -> Printed {
    match value {
        Value::Object(_) => Printed::Below(map(portrait, value, way)),
        Value::Array(values) => list(portrait, values, way),
        single => {
            let text = plain(single);
            match portrait.meaning(way) {
                Some(means) => Printed::Beside(format!("{text} → {means}")),
                None if text.contains('\n') => Printed::Below(text.lines().map(str::to_owned).collect()),
                None => Printed::Beside(text),
            }
        }
    }
}

fn list(portrait: &Portrait, values: &[Value], way: &str) -> Printed {
    let ways = || (0..values.len()).map(|index| join(way, &index.to_string()));
    let is_plain = values.iter().all(|value| value.is_string()) && ways().all(|way| portrait.meaning(&way).is_none());
    if is_plain {
        return Printed::Beside(values.iter().map(plain).collect::<Vec<_>>().join(", "));
    }
    let mut lines = Vec::new();
    for (value, way) in values.iter().zip(ways()) {
        let item = match print(portrait, value, &way) {
            Printed::Beside(text) => vec![text],
            Printed::Below(lines) => lines,
        };
        lines.extend(
            item.into_iter().enumerate().map(|(at, line)| format!("{} {line}", if at == 0 { "-" } else { " " })),
        );
    }
    Printed::Below(lines)
}

fn join(way: &str, step: &str) -> String {
    if way.is_empty() { step.to_owned() } else { format!("{way}.{step}") }
}
