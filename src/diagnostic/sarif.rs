//! Findings in SARIF 2.1.0 (Static Analysis Results Interchange Format, OASIS), which code hosts and editors show.
//!
//! Columns count UTF-16 code units, as `columnKind` says. Paths are relative to the dossier, named `SRCROOT`. A finding's
//! fingerprint is made of its code, file and message, so that it is known again when lines above it come and go; equal ones in
//! one file are told apart by their order.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;
use serde_json::{Value, json};

use super::position::{Columns, Files, SourceText, harmless_line};
use super::{Code, Diagnostic, Place, Severity};

/// What is left as it is in a relative reference (RFC 3986), beside the slash between its parts.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Value,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Value>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Value>,
    partial_fingerprints: Value,
}

/// All findings as a SARIF log with one run.
pub fn to_sarif(findings: &[Diagnostic], sources: &impl SourceText) -> String {
    let mut files = Files::new(sources);
    let codes: BTreeSet<Code> = findings.iter().map(|finding| finding.code).collect();
    let numbers: BTreeMap<Code, usize> = codes.iter().copied().zip(0..).collect();
    let mut seen: BTreeMap<(Code, &str, &str), usize> = BTreeMap::new();
    let results: Vec<Row> = findings
        .iter()
        .map(|finding| {
            let file = finding.place.as_ref().map_or("", |place| &*place.file);
            let nth = seen.entry((finding.code, file, &finding.message)).or_default();
            *nth += 1;
            let hint = finding.hint.as_ref().map(|hint| format!("\nhint: {}", harmless_line(hint))).unwrap_or_default();
            let related = finding.related.iter().enumerate();
            let related_locations = related.map(|(number, related)| other(number, related, &mut files)).collect();
            Row {
                rule_id: finding.code.name(),
                rule_index: numbers[&finding.code],
                level: level(finding.severity),
                message: json!({ "text": format!("{}{hint}", harmless_line(&finding.message)) }),
                locations: finding.place.iter().map(|place| location(place, &mut files)).collect(),
                related_locations,
                partial_fingerprints: json!({ "finding/v1": fingerprint(finding, file, *nth) }),
            }
        })
        .collect();
    let rules: Vec<Value> = codes
        .iter()
        .map(|code| {
            json!({
                "id": code.name(),
                "shortDescription": { "text": code.title() },
                "defaultConfiguration": { "level": level(code.severity()) },
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "dossier",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "columnKind": "utf16CodeUnits",
            "originalUriBaseIds": { "SRCROOT": { "description": { "text": "the folder of the dossier" } } },
            "results": results,
        }],
    });
    serde_json::to_string_pretty(&log).expect("text and numbers can be written as JSON")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn other<'a>(number: usize, related: &'a super::Related, files: &mut Files<'a, impl SourceText>) -> Value {
    let mut location = location(&related.place, files);
    location["id"] = json!(number + 1);
    location["message"] = json!({ "text": harmless_line(&related.label) });
    location
}

fn location<'a>(place: &'a Place, files: &mut Files<'a, impl SourceText>) -> Value {
    let uri = utf8_percent_encode(&place.file, PATH).to_string();
    let mut physical = json!({ "artifactLocation": { "uri": uri, "uriBaseId": "SRCROOT" } });
    if let Some(spot) = files.spot(place, Columns::Utf16) {
        physical["region"] = json!({
            "startLine": spot.line,
            "startColumn": spot.column,
            "endLine": spot.end_line,
            "endColumn": spot.end_column,
        });
    }
    json!({ "physicalLocation": physical })
}

/// The same for the same finding on every machine and with every version: FNV-1a, 64 bits.
fn fingerprint(finding: &Diagnostic, file: &str, nth: usize) -> String {
    let text = [finding.code.name(), file, &finding.message, &nth.to_string()].join("\0");
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn results(findings: &[Diagnostic], text: &str) -> Vec<Value> {
        let sources = BTreeMap::from([("content/a b.md".to_owned(), text.to_owned())]);
        let log: Value = serde_json::from_str(&to_sarif(findings, &sources)).unwrap_or_default();
        log["runs"][0]["results"].as_array().cloned().unwrap_or_default()
    }

    #[test]
    fn places_are_paths_and_code_units() {
        let file = "content/a b.md".into();
        let finding = Diagnostic::new(Code::OldId, "old").at(&file, 5..8).hint("new").related(&file, 0..4, "see");
        let found = results(&[finding], "\u{1f6aa} bad\n");
        assert_eq!(found[0]["message"]["text"], "old\nhint: new");
        assert_eq!(found[0]["level"], "note");
        let place = &found[0]["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "content/a%20b.md");
        assert_eq!(place["region"], json!({ "startLine": 1, "startColumn": 4, "endLine": 1, "endColumn": 7 }));
        assert_eq!(found[0]["relatedLocations"][0]["message"]["text"], "see");
    }

    #[test]
    fn a_finding_is_known_again_when_it_moves() {
        let file = "content/a b.md".into();
        let at = |start: usize| Diagnostic::new(Code::OldId, "old").at(&file, start..start + 1);
        let prints = |findings: &[Diagnostic], text: &str| -> Vec<Value> {
            results(findings, text).iter().map(|result| result["partialFingerprints"].clone()).collect()
        };
        let before = prints(&[at(0), at(2)], "a\nb\n");
        assert_eq!(prints(&[at(4), at(6)], "x\ny\na\nb\n"), before);
        assert_ne!(before[0], before[1]);
    }
}
