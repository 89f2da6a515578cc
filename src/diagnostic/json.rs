//! Findings as JSON, for scripts: an array with an object for each finding. The keys are a promise.
//!
//! | key | value |
//! |---|---|
//! | `code` | the stable name of the rule |
//! | `severity` | `error`, `warning` or `note` |
//! | `file` | the path relative to the dossier, with `/`; null when the finding is about the dossier as a whole |
//! | `line`, `column` | where it begins, counted from 1; columns count characters; null without a file or when the file is not text |
//! | `end_line`, `end_column` | where it ends; the column is that behind the last character |
//! | `message` | the fact |
//! | `label` | a word or two about the place; null when there are none |
//! | `hint` | what to do; null when nothing is to be said |
//! | `fixable` | whether `dossier check --fix` mends it |
//! | `related` | other places, as objects with `file`, `line`, `column`, `end_line`, `end_column` and `label` |

use serde::Serialize;

use super::position::{Columns, Files, SourceText};
use super::{Diagnostic, Place};

#[derive(Serialize)]
struct Row<'a> {
    code: &'a str,
    severity: &'a str,
    file: Option<&'a str>,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    message: &'a str,
    label: Option<&'a str>,
    hint: Option<&'a str>,
    fixable: bool,
    related: Vec<Other<'a>>,
}

#[derive(Serialize)]
struct Other<'a> {
    file: &'a str,
    line: Option<usize>,
    column: Option<usize>,
    end_line: Option<usize>,
    end_column: Option<usize>,
    label: &'a str,
}

/// All findings as a JSON array, in the order given.
pub fn to_json(findings: &[Diagnostic], sources: &impl SourceText) -> String {
    let mut files = Files::new(sources);
    let rows: Vec<Row<'_>> = findings.iter().map(|finding| row(finding, &mut files)).collect();
    serde_json::to_string_pretty(&rows).expect("rows of text and numbers can be written as JSON")
}

fn row<'a>(finding: &'a Diagnostic, files: &mut Files<'a, impl SourceText>) -> Row<'a> {
    let spot = finding.place.as_ref().and_then(|place| files.spot(place, Columns::Characters));
    let mut other = |place: &'a Place, label: &'a str| {
        let spot = files.spot(place, Columns::Characters);
        Other {
            file: &place.file,
            line: spot.map(|spot| spot.line),
            column: spot.map(|spot| spot.column),
            end_line: spot.map(|spot| spot.end_line),
            end_column: spot.map(|spot| spot.end_column),
            label,
        }
    };
    Row {
        code: finding.code.name(),
        severity: finding.severity.word(),
        file: finding.place.as_ref().map(|place| &*place.file),
        line: spot.map(|spot| spot.line),
        column: spot.map(|spot| spot.column),
        end_line: spot.map(|spot| spot.end_line),
        end_column: spot.map(|spot| spot.end_column),
        message: &finding.message,
        label: Some(&*finding.label).filter(|label| !label.is_empty()),
        hint: finding.hint.as_deref(),
        fixable: !finding.fix.is_empty(),
        related: finding.related.iter().map(|related| other(&related.place, &related.label)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect;

    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn each_finding_is_a_row() {
        let file = "content/a.md".into();
        let sources = BTreeMap::from([("content/a.md".to_owned(), "\u{1f6aa} bad\nworse\n".to_owned())]);
        let findings = [
            Diagnostic::new(Code::BadSetting, "no \"setting\""),
            Diagnostic::new(Code::UnknownKey, "no").at(&file, 5..8).label("here").hint("do").related(
                &file,
                9..14,
                "there",
            ),
        ];
        expect![[r#"
            [
              {
                "code": "bad-setting",
                "severity": "error",
                "file": null,
                "line": null,
                "column": null,
                "end_line": null,
                "end_column": null,
                "message": "no \"setting\"",
                "label": null,
                "hint": null,
                "fixable": false,
                "related": []
              },
              {
                "code": "unknown-key",
                "severity": "error",
                "file": "content/a.md",
                "line": 1,
                "column": 3,
                "end_line": 1,
                "end_column": 6,
                "message": "no",
                "label": "here",
                "hint": "do",
                "fixable": false,
                "related": [
                  {
                    "file": "content/a.md",
                    "line": 2,
                    "column": 1,
                    "end_line": 2,
                    "end_column": 6,
                    "label": "there"
                  }
                ]
              }
            ]"#]]
        .assert_eq(&to_json(&findings, &sources));
        assert_eq!(to_json(&[], &sources), "[]");
    }
}
