//! Findings as JSON, for scripts and editors. What is written here is a promise.
//!
//! An array with a row for each finding, in the order of the findings. A row has these keys, in this order:
//!
//! | key | value |
//! |---|---|
//! | `code` | the stable name of the rule, such as `"unknown-key"` |
//! | `severity` | `"error"`, `"warning"` or `"note"` |
//! | `file` | the path with `/` between its parts, relative to the folder of `dossier.yaml`; `null` when the finding concerns the dossier as a whole |
//! | `line`, `column` | the first character of the place |
//! | `end_line`, `end_column` | the end of the place: the line of its last character, and the column behind that character. The same as `line` and `column` where something is missing at a place |
//! | `message` | the fact, on one line |
//! | `label` | what is to be seen at the place; the key is there only when there is something to say |
//! | `hint` | what to do, on one line; `null` when there is no advice |
//! | `fixable` | whether `dossier check --fix` mends it |
//! | `related` | other places, each with `file`, `line`, `column`, `end_line`, `end_column` and `label`; an empty array when there are none |
//!
//! Lines and columns are counted from 1, and columns count Unicode characters. All four are `null` when `file` is, and
//! when the file has no text to count in. Characters that could hide or reorder what stands around them are replaced by
//! U+FFFD in words; in `file` they are kept and written as escapes, so that the file can be found. New keys may be added;
//! those that are there keep their names and meaning.

use serde::Serialize;

use super::harmless::{harmless_json, harmless_line};
use super::position::{Files, SourceText, Unit};
use super::{Diagnostic, Place};

/// All findings as a JSON array, in the order given; ends with a line break.
pub fn to_json(findings: &[Diagnostic], sources: &impl SourceText) -> String {
    let mut files = Files::new(sources);
    let rows: Vec<Row<'_>> = findings.iter().map(|finding| row(finding, &mut files)).collect();
    let json = serde_json::to_string_pretty(&rows).expect("rows are strings and numbers, of which JSON can be made");
    harmless_json(&json) + "\n"
}

#[derive(Serialize)]
struct Row<'a> {
    code: &'a str,
    severity: &'a str,
    #[serde(flatten)]
    place: PlaceRow<'a>,
    message: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    label: String,
    hint: Option<String>,
    fixable: bool,
    related: Vec<RelatedRow<'a>>,
}

#[derive(Default, Serialize)]
struct PlaceRow<'a> {
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
}

#[derive(Serialize)]
struct RelatedRow<'a> {
    #[serde(flatten)]
    place: PlaceRow<'a>,
    label: String,
}

fn row<'a>(finding: &'a Diagnostic, files: &mut Files<'a, impl SourceText>) -> Row<'a> {
    let related = finding
        .related
        .iter()
        .map(|related| RelatedRow { place: place_row(&related.place, files), label: harmless_line(&related.label) });
    let related = related.collect();
    Row {
        code: finding.code.name(),
        severity: finding.severity.word(),
        place: finding.place.as_ref().map(|place| place_row(place, files)).unwrap_or_default(),
        message: harmless_line(&finding.message),
        label: harmless_line(&finding.label),
        hint: finding.hint.as_deref().map(harmless_line),
        fixable: !finding.fix.is_empty(),
        related,
    }
}

fn place_row<'a>(place: &'a Place, files: &mut Files<'a, impl SourceText>) -> PlaceRow<'a> {
    let extent = files.extent(place, Unit::Characters);
    PlaceRow {
        file: Some(&place.file),
        line: extent.map(|at| at.line),
        column: extent.map(|at| at.column),
        end_line: extent.map(|at| at.end_line),
        end_column: extent.map(|at| at.end_column),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect;

    use super::super::tests::{findings, sources};
    use super::*;

    #[test]
    fn findings_are_shown() {
        expect![[r#"
            [
              {
                "code": "missing-page",
                "severity": "warning",
                "file": null,
                "line": null,
                "column": null,
                "end_line": null,
                "end_column": null,
                "message": "no page says how the dossier was made",
                "hint": "write `content/pages/method.md`",
                "fixable": false,
                "related": []
              },
              {
                "code": "bad-value",
                "severity": "error",
                "file": "content/a, b: 50% & <é>.md",
                "line": 1,
                "column": 11,
                "end_line": 1,
                "end_column": 14,
                "message": "100% [wrong](x) {0} ��[31m",
                "hint": null,
                "fixable": false,
                "related": []
              },
              {
                "code": "bad-value",
                "severity": "error",
                "file": "content/a, b: 50% & <é>.md",
                "line": 2,
                "column": 7,
                "end_line": 2,
                "end_column": 10,
                "message": "100% [wrong](x) {0} ��[31m",
                "hint": null,
                "fixable": false,
                "related": []
              },
              {
                "code": "bad-value",
                "severity": "error",
                "file": "content/a, b: 50% & <é>.md",
                "line": 2,
                "column": 7,
                "end_line": 3,
                "end_column": 4,
                "message": "two lines",
                "hint": null,
                "fixable": false,
                "related": []
              },
              {
                "code": "old-id",
                "severity": "note",
                "file": "content/a, b: 50% & <é>.md",
                "line": 4,
                "column": 1,
                "end_line": 4,
                "end_column": 1,
                "message": "`jane` is an old id",
                "hint": null,
                "fixable": false,
                "related": []
              },
              {
                "code": "not-utf8",
                "severity": "error",
                "file": "content/quotes/b.md",
                "line": null,
                "column": null,
                "end_line": null,
                "end_column": null,
                "message": "the file is not UTF-8",
                "hint": null,
                "fixable": false,
                "related": []
              },
              {
                "code": "unknown-key",
                "severity": "error",
                "file": "content/quotes/a.md",
                "line": 2,
                "column": 1,
                "end_line": 2,
                "end_column": 8,
                "message": "a quote has no key `speeker`",
                "label": "unknown key",
                "hint": "did you mean `speaker`?",
                "fixable": false,
                "related": [
                  {
                    "file": "content/a, b: 50% & <é>.md",
                    "line": 2,
                    "column": 7,
                    "end_line": 2,
                    "end_column": 10,
                    "label": "first, seen here"
                  }
                ]
              },
              {
                "code": "missing-key",
                "severity": "error",
                "file": "content/quotes/a.md",
                "line": 1,
                "column": 1,
                "end_line": 1,
                "end_column": 1,
                "message": "a quote has no `text`",
                "hint": null,
                "fixable": false,
                "related": []
              }
            ]
        "#]]
        .assert_eq(&to_json(&findings(), &sources()));
    }

    #[test]
    fn no_findings_are_shown() {
        expect![[r#"
            []
        "#]]
        .assert_eq(&to_json(&[], &BTreeMap::new()));
    }
}
