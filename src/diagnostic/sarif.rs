//! Findings as SARIF 2.1.0, the form in which code hosts and editors exchange what was found.
//!
//! The standard is "Static Analysis Results Interchange Format (SARIF) Version 2.1.0 Plus Errata 01" of OASIS; only what
//! a dossier needs of it is written. Some of it is easily done wrong:
//!
//! * Columns count units of UTF-16, which `columnKind` says, since that is what editors count and the standard's default.
//! * Paths are relative references as RFC 3986 has them, from `SRCROOT`, the folder of `dossier.yaml`. So the same dossier
//!   gives the same bytes on every machine, and no machine's folders are told.
//! * A finding about the dossier as a whole is placed at that folder, because there are readers who refuse a result that
//!   has no place.
//! * In a message braces are doubled, since single ones hold places for arguments, and `](` has a backslash, lest the
//!   words of an author become a link.
//! * Each result has a fingerprint by which it is known again in the next run. It is made of the code, the file, the
//!   message, and a number that tells equal ones apart, and not of lines: who adds a line at the top of a file has
//!   not made the findings below new ones. Its name says how it was made; another way needs another name.

use std::collections::{BTreeMap, BTreeSet};
use std::hash::Hasher as _;

use fnv::FnvHasher;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use super::harmless::{harmless_json, harmless_line};
use super::plain::message_and_hint;
use super::position::{Extent, Files, SourceText, Unit};
use super::{Code, Diagnostic, Place, Severity};

/// The name of the folder that paths are relative to.
const ROOT: &str = "SRCROOT";

/// What stands as it is in the path of a relative reference. The colon is not part of it, so that no first part of a path
/// is taken for a scheme.
const PATH: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// All findings as one SARIF log, in the order given; ends with a line break.
pub fn to_sarif(findings: &[Diagnostic], sources: &impl SourceText) -> String {
    let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code.name()).collect();
    let indices: BTreeMap<&str, usize> = codes.iter().enumerate().map(|(index, name)| (*name, index)).collect();
    let mut files = Files::new(sources);
    let mut numbers = Numbers::default();
    let results = findings.iter().map(|finding| {
        let fingerprints = Fingerprints { finding: fingerprint(finding, numbers.next(finding)) };
        let rule_index = indices.get(finding.code.name()).copied().unwrap_or_default();
        result(finding, rule_index, fingerprints, &mut files)
    });
    let run = Run {
        results: results.collect(),
        tool: Tool {
            driver: Driver { name: "dossier", semantic_version: env!("CARGO_PKG_VERSION"), rules: rules(&codes) },
        },
        original_uri_base_ids: BTreeMap::from([(
            ROOT,
            Base { description: text("the folder of `dossier.yaml`".into()) },
        )]),
        column_kind: "utf16CodeUnits",
    };
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [run],
    };
    let json = serde_json::to_string_pretty(&log).expect("a log is strings and numbers, of which JSON can be made");
    harmless_json(&json) + "\n"
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'a str,
    version: &'a str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    column_kind: &'a str,
    original_uri_base_ids: BTreeMap<&'a str, Base>,
    results: Vec<Outcome<'a>>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver<'a> {
    name: &'a str,
    semantic_version: &'a str,
    rules: Vec<Rule<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule<'a> {
    id: &'a str,
    short_description: Text,
    default_configuration: Configuration<'a>,
}

#[derive(Serialize)]
struct Configuration<'a> {
    level: &'a str,
}

#[derive(Serialize)]
struct Base {
    description: Text,
}

/// A finding.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome<'a> {
    rule_id: &'a str,
    rule_index: usize,
    level: &'a str,
    message: Text,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: Fingerprints,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    physical_location: Physical<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical<'a> {
    artifact_location: Artifact<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<Region>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Artifact<'a> {
    uri: String,
    uri_base_id: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct Text {
    text: String,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "dossierFinding/v1")]
    finding: String,
}

/// How many findings there were so far that only their places tell apart.
#[derive(Default)]
pub(super) struct Numbers<'a> {
    seen: BTreeMap<(Code, &'a str, &'a str), usize>,
}

impl<'a> Numbers<'a> {
    pub(super) fn next(&mut self, finding: &'a Diagnostic) -> usize {
        let number = self.seen.entry((finding.code, file(finding), &finding.message)).or_insert(0);
        *number += 1;
        *number
    }
}

fn file(finding: &Diagnostic) -> &str {
    finding.place.as_ref().map_or("", |place| &place.file)
}

/// The hash is FNV-1a, which is the same in every version and on every machine.
pub(super) fn fingerprint(finding: &Diagnostic, number: usize) -> String {
    let mut hasher = FnvHasher::default();
    for part in [finding.code.name(), file(finding), &finding.message, &number.to_string()] {
        hasher.write(part.as_bytes());
        // A byte of no UTF-8, so that no two lists of parts run together.
        hasher.write(&[0xff]);
    }
    format!("{:016x}", hasher.finish())
}

/// The rules that found something, by name.
fn rules<'a>(codes: &BTreeSet<&'a str>) -> Vec<Rule<'a>> {
    let mut rules: Vec<&Code> = Code::ALL.iter().filter(|code| codes.contains(code.name())).collect();
    rules.sort_by_key(|code| code.name());
    let rule = |code: &&Code| Rule {
        id: code.name(),
        short_description: text(code.title().to_owned()),
        default_configuration: Configuration { level: level(code.severity()) },
    };
    rules.iter().map(rule).collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

fn result<'a>(
    finding: &'a Diagnostic,
    rule_index: usize,
    partial_fingerprints: Fingerprints,
    files: &mut Files<'a, impl SourceText>,
) -> Outcome<'a> {
    let own = match &finding.place {
        Some(place) => location(place, &finding.label, files),
        None => Location { physical_location: physical(".".to_owned(), None), message: None },
    };
    let related = finding.related.iter().map(|related| location(&related.place, &related.label, files));
    let related_locations = related.collect();
    Outcome {
        rule_id: finding.code.name(),
        rule_index,
        level: level(finding.severity),
        message: text(literal(&message_and_hint(finding))),
        locations: [own],
        related_locations,
        partial_fingerprints,
    }
}

fn location<'a>(place: &'a Place, label: &str, files: &mut Files<'a, impl SourceText>) -> Location<'a> {
    let label = literal(&harmless_line(label));
    Location {
        physical_location: physical(
            utf8_percent_encode(&place.file, &PATH).to_string(),
            files.extent(place, Unit::Utf16).map(region),
        ),
        message: (!label.is_empty()).then(|| text(label)),
    }
}

fn physical<'a>(uri: String, region: Option<Region>) -> Physical<'a> {
    Physical { artifact_location: Artifact { uri, uri_base_id: ROOT }, region }
}

fn region(at: Extent) -> Region {
    Region { start_line: at.line, start_column: at.column, end_line: at.end_line, end_column: at.end_column }
}

fn text(text: String) -> Text {
    Text { text }
}

/// Words without the signs that have a meaning in a SARIF message.
fn literal(words: &str) -> String {
    words.replace('{', "{{").replace('}', "}}").replace("](", "\\](")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect;

    use super::super::tests::{findings, sources};
    use super::*;

    fn without_version(log: &str) -> String {
        let version = format!("\"semanticVersion\": \"{}\"", env!("CARGO_PKG_VERSION"));
        log.replace(&version, "\"semanticVersion\": \"VERSION\"")
    }

    #[test]
    fn a_finding_that_has_moved_is_the_same_one() {
        let file = std::sync::Arc::from("content/quotes/a.md");
        let finding = |at: usize| Diagnostic::new(Code::BadValue, "no").at(&file, at..at + 1);
        let same = |one: &Diagnostic, other: &Diagnostic| fingerprint(one, 1) == fingerprint(other, 1);
        assert!(same(&finding(0), &finding(90)));
        assert!(!same(&finding(0), &Diagnostic::new(Code::BadDate, "no").at(&file, 0..1)));
        assert!(!same(&finding(0), &Diagnostic::new(Code::BadValue, "yes").at(&file, 0..1)));
        assert!(!same(&finding(0), &Diagnostic::new(Code::BadValue, "no")));
        assert_ne!(fingerprint(&finding(0), 1), fingerprint(&finding(0), 2));
    }

    #[test]
    fn findings_are_shown() {
        expect![[r#"
            {
              "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
              "version": "2.1.0",
              "runs": [
                {
                  "tool": {
                    "driver": {
                      "name": "dossier",
                      "semanticVersion": "VERSION",
                      "rules": [
                        {
                          "id": "bad-value",
                          "shortDescription": {
                            "text": "A value does not have the form that the field asks for."
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          }
                        },
                        {
                          "id": "missing-key",
                          "shortDescription": {
                            "text": "A key that this kind of record must have is missing."
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          }
                        },
                        {
                          "id": "missing-page",
                          "shortDescription": {
                            "text": "Nothing tells readers how the dossier was made, how it is corrected, or whom to write to."
                          },
                          "defaultConfiguration": {
                            "level": "warning"
                          }
                        },
                        {
                          "id": "not-utf8",
                          "shortDescription": {
                            "text": "A file is not UTF-8."
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          }
                        },
                        {
                          "id": "old-id",
                          "shortDescription": {
                            "text": "A reference uses an old id."
                          },
                          "defaultConfiguration": {
                            "level": "note"
                          }
                        },
                        {
                          "id": "unknown-key",
                          "shortDescription": {
                            "text": "A key that this kind of record does not have."
                          },
                          "defaultConfiguration": {
                            "level": "error"
                          }
                        }
                      ]
                    }
                  },
                  "columnKind": "utf16CodeUnits",
                  "originalUriBaseIds": {
                    "SRCROOT": {
                      "description": {
                        "text": "the folder of `dossier.yaml`"
                      }
                    }
                  },
                  "results": [
                    {
                      "ruleId": "missing-page",
                      "ruleIndex": 2,
                      "level": "warning",
                      "message": {
                        "text": "no page says how the dossier was made\nhint: write `content/pages/method.md`"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": ".",
                              "uriBaseId": "SRCROOT"
                            }
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "dossierFinding/v1": "cb5cdd11128e7abe"
                      }
                    },
                    {
                      "ruleId": "bad-value",
                      "ruleIndex": 0,
                      "level": "error",
                      "message": {
                        "text": "100% [wrong\\](x) {{0}} ��[31m"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "content/a%2C%20b%3A%2050%25%20%26%20%3C%C3%A9%3E.md",
                              "uriBaseId": "SRCROOT"
                            },
                            "region": {
                              "startLine": 1,
                              "startColumn": 13,
                              "endLine": 1,
                              "endColumn": 16
                            }
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "dossierFinding/v1": "749c6cb3921283d6"
                      }
                    },
                    {
                      "ruleId": "bad-value",
                      "ruleIndex": 0,
                      "level": "error",
                      "message": {
                        "text": "100% [wrong\\](x) {{0}} ��[31m"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "content/a%2C%20b%3A%2050%25%20%26%20%3C%C3%A9%3E.md",
                              "uriBaseId": "SRCROOT"
                            },
                            "region": {
                              "startLine": 2,
                              "startColumn": 7,
                              "endLine": 2,
                              "endColumn": 10
                            }
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "dossierFinding/v1": "74926cb3920a2f51"
                      }
                    },
                    {
                      "ruleId": "bad-value",
                      "ruleIndex": 0,
                      "level": "error",
                      "message": {
                        "text": "two lines"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "content/a%2C%20b%3A%2050%25%20%26%20%3C%C3%A9%3E.md",
                              "uriBaseId": "SRCROOT"
                            },
                            "region": {
                              "startLine": 2,
                              "startColumn": 7,
                              "endLine": 3,
                              "endColumn": 4
                            }
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "dossierFinding/v1": "e05bee5396ce81ac"
                      }
                    },
                    {
                      "ruleId": "old-id",
                      "ruleIndex": 4,
                      "level": "note",
                      "message": {
                        "text": "`jane` is an old id"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "content/a%2C%20b%3A%2050%25%20%26%20%3C%C3%A9%3E.md",
                              "uriBaseId": "SRCROOT"
                            },
                            "region": {
                              "startLine": 4,
                              "startColumn": 1,
                              "endLine": 4,
                              "endColumn": 1
                            }
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "dossierFinding/v1": "24ac5cf0d83ff46a"
                      }
                    },
                    {
                      "ruleId": "not-utf8",
                      "ruleIndex": 3,
                      "level": "error",
                      "message": {
                        "text": "the file is not UTF-8"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "content/quotes/b.md",
                              "uriBaseId": "SRCROOT"
                            }
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "dossierFinding/v1": "4cba03db60c0f878"
                      }
                    },
                    {
                      "ruleId": "unknown-key",
                      "ruleIndex": 5,
                      "level": "error",
                      "message": {
                        "text": "a quote has no key `speeker`\nhint: did you mean `speaker`?"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "content/quotes/a.md",
                              "uriBaseId": "SRCROOT"
                            },
                            "region": {
                              "startLine": 2,
                              "startColumn": 1,
                              "endLine": 2,
                              "endColumn": 8
                            }
                          },
                          "message": {
                            "text": "unknown key"
                          }
                        }
                      ],
                      "relatedLocations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "content/a%2C%20b%3A%2050%25%20%26%20%3C%C3%A9%3E.md",
                              "uriBaseId": "SRCROOT"
                            },
                            "region": {
                              "startLine": 2,
                              "startColumn": 7,
                              "endLine": 2,
                              "endColumn": 10
                            }
                          },
                          "message": {
                            "text": "first, seen here"
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "dossierFinding/v1": "a3ba607ea14ae67a"
                      }
                    },
                    {
                      "ruleId": "missing-key",
                      "ruleIndex": 1,
                      "level": "error",
                      "message": {
                        "text": "a quote has no `text`"
                      },
                      "locations": [
                        {
                          "physicalLocation": {
                            "artifactLocation": {
                              "uri": "content/quotes/a.md",
                              "uriBaseId": "SRCROOT"
                            },
                            "region": {
                              "startLine": 1,
                              "startColumn": 1,
                              "endLine": 1,
                              "endColumn": 1
                            }
                          }
                        }
                      ],
                      "partialFingerprints": {
                        "dossierFinding/v1": "f2f5d396b418f289"
                      }
                    }
                  ]
                }
              ]
            }
        "#]].assert_eq(&without_version(&to_sarif(&findings(), &sources())));
    }

    #[test]
    fn no_findings_are_shown() {
        expect![[r#"
            {
              "$schema": "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
              "version": "2.1.0",
              "runs": [
                {
                  "tool": {
                    "driver": {
                      "name": "dossier",
                      "semanticVersion": "VERSION",
                      "rules": []
                    }
                  },
                  "columnKind": "utf16CodeUnits",
                  "originalUriBaseIds": {
                    "SRCROOT": {
                      "description": {
                        "text": "the folder of `dossier.yaml`"
                      }
                    }
                  },
                  "results": []
                }
              ]
            }
        "#]]
        .assert_eq(&without_version(&to_sarif(&[], &BTreeMap::new())));
    }
}
