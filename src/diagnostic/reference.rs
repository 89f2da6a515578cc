//! All codes and what they mean, as a page of the documentation; and what `dossier explain` takes from the same words.

use super::{Code, Severity};

/// The page `docs/findings.md`.
pub fn reference() -> String {
    let mut page = String::from(
        "# Findings\n\n\
        What `dossier check`, `dossier build` and `dossier serve` may say of a dossier. Each finding has a code; \
        `dossier explain CODE` prints what stands here. This page is made from the program and is not edited by hand.\n\n\
        | Code | Severity | Title |\n| --- | --- | --- |\n",
    );
    for code in Code::ALL {
        page.push_str(&format!("| [`{code}`](#{code}) | {} | {} |\n", code.severity().word(), code.title()));
    }
    for code in Code::ALL {
        page.push_str(&format!("\n## `{code}`\n\n{} ({})\n\n", code.title(), code.severity().word()));
        for line in lines(code.explanation()) {
            match line {
                Line::Heading(heading) => page.push_str(&format!(
                    "### {heading}
"
                )),
                Line::Prose(text) | Line::Fence(text) | Line::Snippet(text) => page.push_str(&format!(
                    "{text}
"
                )),
            }
        }
        page.push_str(&format!("\n### Allowing it\n\n{}\n", allowing(*code)));
    }
    page
}

/// Whether findings of a code can be allowed, and how; one paragraph.
pub fn allowing(code: Code) -> String {
    let deny = format!("`deny: [{code}]` in `dossier.yaml` or `--deny {code}`");
    match (code.can_be_allowed(), code.severity()) {
        (true, severity) => {
            let mut text = format!(
                "When it is right as it is, write `allow: [{{code: {code}, why: …}}]` into the record, with your reason."
            );
            text.push_str(&match code.can_be_allowed_for_all() {
                true => {
                    format!(" For all records: `allow: [{code}]` in `dossier.yaml`, or `dossier check --allow {code}`.")
                }
                false => {
                    format!(" `allow: [{code}]` in `dossier.yaml` allows what stands in that file, and in no record.")
                }
            });
            if severity != Severity::Error {
                text.push_str(&format!(" To make it an error: {deny}."));
            }
            text
        }
        (false, Severity::Error) => "It cannot be allowed: it is to be mended.".to_owned(),
        (false, Severity::Warning | Severity::Note) => format!("It cannot be allowed. To make it an error: {deny}."),
    }
}

/// A line of an explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line<'a> {
    /// A heading, without its marks.
    Heading(&'a str),
    /// A paragraph, or the empty line between two.
    Prose(&'a str),
    /// The line before or after a snippet.
    Fence(&'a str),
    /// A line of a snippet.
    Snippet(&'a str),
}

/// The lines of an explanation. What looks like a heading in a snippet is none.
pub fn lines(explanation: &str) -> impl Iterator<Item = Line<'_>> {
    let mut is_snippet = false;
    explanation.lines().map(move |line| {
        if line.starts_with("```") {
            is_snippet = !is_snippet;
            return Line::Fence(line);
        }
        match line.strip_prefix("## ") {
            _ if is_snippet => Line::Snippet(line),
            Some(heading) => Line::Heading(heading),
            None => Line::Prose(line),
        }
    })
}
