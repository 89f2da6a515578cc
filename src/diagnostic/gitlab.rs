//! Findings as a code quality report of GitLab, which shows them in a merge request beside the lines that they are about.
//!
//! The form is the part of the Code Climate report that GitLab reads: an array with an object for each finding. GitLab looks for
//! `path` below the top of the repository, so that a dossier has to be the root of its repository. Each finding needs a path and
//! a line; one that has none is told of line 1 of `dossier.yaml`. What is new and what is mended, GitLab tells by the fingerprint,
//! which is made as in SARIF.

use serde::Serialize;

use super::harmless::{harmless_json, harmless_line};
use super::plain::in_full;
use super::position::{Files, SourceText, Unit};
use super::sarif::{Numbers, fingerprint};
use super::{Diagnostic, Severity};

/// Where a finding about the dossier as a whole is shown.
const WHOLE: &str = "dossier.yaml";

#[derive(Serialize)]
struct Issue<'a> {
    description: String,
    check_name: &'a str,
    fingerprint: String,
    severity: &'a str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

/// All findings as one report, in the order given; ends with a line break.
pub fn to_gitlab(findings: &[Diagnostic], sources: &impl SourceText) -> String {
    let mut files = Files::new(sources);
    let mut numbers = Numbers::default();
    let issues: Vec<Issue> = findings
        .iter()
        .map(|finding| Issue {
            description: in_full(finding, &mut files),
            check_name: finding.code.name(),
            fingerprint: fingerprint(finding, numbers.next(finding)),
            severity: severity(finding.severity),
            location: location(finding, &mut files),
        })
        .collect();
    let json =
        serde_json::to_string_pretty(&issues).expect("issues are strings and numbers, of which JSON can be made");
    harmless_json(&json) + "\n"
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "major",
        Severity::Warning => "minor",
        Severity::Note => "info",
    }
}

fn location<'a>(finding: &'a Diagnostic, files: &mut Files<'a, impl SourceText>) -> Location {
    let Some(place) = &finding.place else {
        return Location { path: WHOLE.to_owned(), lines: Lines { begin: 1, end: 1 } };
    };
    let lines = files.extent(place, Unit::Characters).map(|at| Lines { begin: at.line, end: at.end_line });
    Location { path: harmless_line(&place.file), lines: lines.unwrap_or(Lines { begin: 1, end: 1 }) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect;

    use super::super::tests::{findings, sources};
    use super::*;

    #[test]
    fn findings_are_shown() {
        let report = to_gitlab(&findings(), &sources());
        let issues: Vec<serde_json::Value> = serde_json::from_str(&report).unwrap();
        let short = |issue: &serde_json::Value| {
            let at = &issue["location"];
            format!(
                "{} {}:{}-{} {}: {}\n",
                issue["severity"],
                at["path"],
                at["lines"]["begin"],
                at["lines"]["end"],
                issue["check_name"],
                issue["description"]
            )
        };
        expect![[r#"
            "minor" "dossier.yaml":1-1 "missing-page": "no page says how the dossier was made\nhint: write `content/pages/method.md`"
            "major" "content/a, b: 50% & <é>.md":1-1 "bad-value": "100% [wrong](x) {0} ��[31m"
            "major" "content/a, b: 50% & <é>.md":2-2 "bad-value": "100% [wrong](x) {0} ��[31m"
            "major" "content/a, b: 50% & <é>.md":2-3 "bad-value": "two lines"
            "info" "content/a, b: 50% & <é>.md":4-4 "old-id": "`jane` is an old id"
            "major" "content/quotes/b.md":1-1 "not-utf8": "the file is not UTF-8"
            "major" "content/quotes/a.md":2-2 "unknown-key": "a quote has no key `speeker`\nhint: did you mean `speaker`?\nsee content/a, b: 50% & <é>.md:2:7: first, seen here"
            "major" "content/quotes/a.md":1-1 "missing-key": "a quote has no `text`"
        "#]].assert_eq(&issues.iter().map(short).collect::<String>());
    }

    #[test]
    fn no_two_findings_have_one_fingerprint() {
        let report = to_gitlab(&findings(), &sources());
        let issues: Vec<serde_json::Value> = serde_json::from_str(&report).unwrap();
        let fingerprints: std::collections::BTreeSet<&str> =
            issues.iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
        assert_eq!(fingerprints.len(), findings().len());
    }

    #[test]
    fn no_findings_are_shown() {
        expect![["[]\n"]].assert_eq(&to_gitlab(&[], &BTreeMap::new()));
    }
}
