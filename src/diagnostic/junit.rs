//! Findings as JUnit XML, which continuous-integration servers show as tests: a suite for each file, a case for each finding.
//!
//! Errors and warnings are failures; notes are cases that passed and say something. A dossier without findings is one case that
//! passed, since an empty report is often taken for a run that broke off.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::position::{Columns, Files, SourceText, harmless};
use super::{Diagnostic, Severity};

/// The name of the suite of what concerns the dossier as a whole.
const WHOLE: &str = "dossier";

/// All findings as a JUnit report.
pub fn to_junit(findings: &[Diagnostic], sources: &impl SourceText) -> String {
    let mut files = Files::new(sources);
    let mut suites: BTreeMap<&str, Vec<&Diagnostic>> = BTreeMap::new();
    for finding in findings {
        let suite = finding.place.as_ref().map_or(WHOLE, |place| &*place.file);
        suites.entry(suite).or_default().push(finding);
    }
    let is_failure = |finding: &&Diagnostic| finding.severity != Severity::Note;
    let failures = findings.iter().filter(|finding| is_failure(finding)).count();
    let tests = findings.len().max(1);
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let _ = writeln!(xml, "<testsuites name=\"dossier check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"0\">");
    if findings.is_empty() {
        xml.push_str("  <testsuite name=\"dossier\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">\n    <testcase name=\"no findings\" classname=\"dossier\"/>\n  </testsuite>\n");
    }
    for (suite, findings) in &suites {
        let failures = findings.iter().copied().filter(is_failure).count();
        let _ = writeln!(
            xml,
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"0\" skipped=\"0\">",
            escaped(suite),
            findings.len()
        );
        for finding in findings {
            case(&mut xml, suite, finding, &mut files);
        }
        xml.push_str("  </testsuite>\n");
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn case<'a>(xml: &mut String, suite: &str, finding: &'a Diagnostic, files: &mut Files<'a, impl SourceText>) {
    let spot = finding.place.as_ref().and_then(|place| files.spot(place, Columns::Characters));
    let place = match (&finding.place, spot) {
        (Some(place), Some(spot)) => format!("{}:{}:{}", place.file, spot.line, spot.column),
        (Some(place), None) => place.file.to_string(),
        (None, _) => String::new(),
    };
    let name = format!("{} {place}", finding.code);
    let _ = write!(xml, "    <testcase name=\"{}\" classname=\"{}\"", escaped(name.trim_end()), escaped(suite));
    if let Some(place) = &finding.place {
        let _ = write!(xml, " file=\"{}\"", escaped(&place.file));
    }
    if let Some(spot) = spot {
        let _ = write!(xml, " line=\"{}\"", spot.line);
    }
    let hint = finding.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
    let text = escaped(&format!("{}: {}{hint}", finding.severity.word(), finding.message));
    let _ = match finding.severity {
        Severity::Error | Severity::Warning => writeln!(
            xml,
            ">\n      <failure type=\"{}\" message=\"{}\">{text}</failure>\n    </testcase>",
            escaped(finding.code.name()),
            escaped(&finding.message)
        ),
        Severity::Note => writeln!(xml, ">\n      <system-out>{text}</system-out>\n    </testcase>"),
    };
}

/// Text for XML 1.0, content and attributes, without the characters that it forbids.
fn escaped(text: &str) -> String {
    let is_forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}');
    let allowed: String = harmless(text).chars().map(|c| if is_forbidden(c) { '\u{fffd}' } else { c }).collect();
    crate::text::escape_html(&allowed)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect;

    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn files_are_suites_and_findings_cases() {
        let file = "content/a.md".into();
        let sources = BTreeMap::from([("content/a.md".to_owned(), "bad\nworse\n".to_owned())]);
        let findings = [
            Diagnostic::new(Code::BadSetting, "no <setting> & \"none\"\u{1}"),
            Diagnostic::new(Code::UnknownKey, "no").at(&file, 4..9).hint("do"),
            Diagnostic::new(Code::OldId, "old").at(&file, 0..3),
        ];
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="dossier check" tests="3" failures="2" errors="0">
              <testsuite name="content/a.md" tests="2" failures="1" errors="0" skipped="0">
                <testcase name="unknown-key content/a.md:2:1" classname="content/a.md" file="content/a.md" line="2">
                  <failure type="unknown-key" message="no">error: no
            hint: do</failure>
                </testcase>
                <testcase name="old-id content/a.md:1:1" classname="content/a.md" file="content/a.md" line="1">
                  <system-out>note: old</system-out>
                </testcase>
              </testsuite>
              <testsuite name="dossier" tests="1" failures="1" errors="0" skipped="0">
                <testcase name="bad-setting" classname="dossier">
                  <failure type="bad-setting" message="no &lt;setting&gt; &amp; &quot;none&quot;�">error: no &lt;setting&gt; &amp; &quot;none&quot;�</failure>
                </testcase>
              </testsuite>
            </testsuites>
        "#]]
        .assert_eq(&to_junit(&findings, &sources));
    }

    #[test]
    fn no_findings_are_a_test_that_passed() {
        let report = to_junit(&[], &BTreeMap::new());
        assert!(report.contains("tests=\"1\" failures=\"0\"") && report.contains("<testcase name=\"no findings\""));
    }

    proptest::proptest! {
        #[test]
        fn no_text_leaves_its_place(message in "[^a]*", file in "[^a]{0,20}") {
            let finding = Diagnostic::new(Code::BadValue, message).at(&file.as_str().into(), 0..9);
            let text = to_junit(&[finding], &BTreeMap::from([(file, "text".to_owned())]));
            proptest::prop_assert_eq!(text.matches('<').count(), 9);
            let is_forbidden = |c: char| (c < ' ' && !matches!(c, '\n' | '\t' | '\r')) || matches!(c, '\u{fffe}' | '\u{ffff}');
            proptest::prop_assert!(!text.contains(is_forbidden));
        }
    }
}
