//! Findings as JUnit XML, which servers for continuous integration read as the outcome of tests.
//!
//! A suite for each file in which something was found, in the order of their paths, and a test case for each finding.
//! Errors and warnings are failures; notes are cases that pass and say something. What concerns the dossier as a whole
//! stands in a suite `dossier` before the others, and so does the one case that passes when nothing was found.
//!
//! There is no schema that all readers agree on. Here stands what Jenkins, GitLab, Azure and GitHub's actions read: no
//! times, as nothing was measured, and `file` and `line` on each case for those who link to the source. The name of a
//! case has no line in it, so that a server sees that a finding which has moved is the one it knows.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::harmless::harmless_line;
use super::plain::{in_full, place_words};
use super::position::{Files, SourceText, Unit};
use super::{Diagnostic, Severity};
use crate::text::escape_html;

/// The suite of what concerns no file.
const WHOLE: &str = "dossier";

/// All findings as one JUnit document; ends with a line break.
pub fn to_junit(findings: &[Diagnostic], sources: &impl SourceText) -> String {
    let mut files = Files::new(sources);
    let mut suites: BTreeMap<Option<&str>, Vec<&Diagnostic>> = BTreeMap::new();
    for finding in findings {
        suites.entry(finding.place.as_ref().map(|place| &*place.file)).or_default().push(finding);
    }
    let (tests, failed) = (findings.len().max(1), failures(findings));
    let mut xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    let _ = writeln!(xml, "<testsuites name=\"dossier check\" tests=\"{tests}\" failures=\"{failed}\" errors=\"0\">");
    if suites.is_empty() {
        let _ = writeln!(xml, "  <testsuite name=\"{WHOLE}\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\">");
        let _ = writeln!(xml, "    <testcase name=\"no findings\" classname=\"{WHOLE}\"/>\n  </testsuite>");
    }
    for (file, findings) in suites {
        let name = attribute(file.unwrap_or(WHOLE));
        let (tests, failed) = (findings.len(), failures(findings.iter().copied()));
        let _ = write!(xml, "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failed}\"");
        let _ = writeln!(xml, " errors=\"0\" skipped=\"0\">");
        let mut known = BTreeMap::new();
        for finding in findings {
            let nth = known.entry((finding.code, &finding.message)).or_insert(0);
            *nth += 1;
            xml.push_str(&case(finding, *nth, &mut files));
        }
        xml.push_str("  </testsuite>\n");
    }
    xml + "</testsuites>\n"
}

fn failures<'a>(findings: impl IntoIterator<Item = &'a Diagnostic>) -> usize {
    findings.into_iter().filter(|finding| is_failure(finding)).count()
}

fn is_failure(finding: &Diagnostic) -> bool {
    match finding.severity {
        Severity::Error | Severity::Warning => true,
        Severity::Note => false,
    }
}

/// A test case; `nth` tells those apart that would have one name.
fn case<'a>(finding: &'a Diagnostic, nth: usize, files: &mut Files<'a, impl SourceText>) -> String {
    let message = attribute(&finding.message);
    let number = if nth == 1 { String::new() } else { format!(" ({nth})") };
    let class = attribute(finding.place.as_ref().map_or(WHOLE, |place| &place.file));
    let mut xml = format!("    <testcase name=\"{}: {message}{number}\" classname=\"{class}\"", finding.code);
    let mut head = format!("{}[{}]: ", finding.severity.word(), finding.code);
    if let Some(place) = &finding.place {
        let _ = write!(xml, " file=\"{class}\"");
        if let Some(at) = files.extent(place, Unit::Characters) {
            let _ = write!(xml, " line=\"{}\"", at.line);
        }
        head = format!("{}: {head}", place_words(place, files));
    }
    let said = content(&(head + &in_full(finding, files)));
    if is_failure(finding) {
        let _ = writeln!(xml, ">\n      <failure type=\"{}\" message=\"{message}\">{said}</failure>", finding.code);
    } else {
        let _ = writeln!(xml, ">\n      <system-out>{said}</system-out>");
    }
    xml + "    </testcase>\n"
}

/// Text for the value of an attribute, on one line.
fn attribute(text: &str) -> String {
    content(&harmless_line(text))
}

/// Text that is harmless already, escaped for XML and without the two characters that XML forbids and text may have.
fn content(text: &str) -> String {
    escape_html(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
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
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="dossier check" tests="8" failures="7" errors="0">
              <testsuite name="dossier" tests="1" failures="1" errors="0" skipped="0">
                <testcase name="missing-page: no page says how the dossier was made" classname="dossier">
                  <failure type="missing-page" message="no page says how the dossier was made">warning[missing-page]: no page says how the dossier was made
            hint: write `content/pages/method.md`</failure>
                </testcase>
              </testsuite>
              <testsuite name="content/a, b: 50% &amp; &lt;é&gt;.md" tests="4" failures="3" errors="0" skipped="0">
                <testcase name="bad-value: 100% [wrong](x) {0} ��[31m" classname="content/a, b: 50% &amp; &lt;é&gt;.md" file="content/a, b: 50% &amp; &lt;é&gt;.md" line="1">
                  <failure type="bad-value" message="100% [wrong](x) {0} ��[31m">content/a, b: 50% &amp; &lt;é&gt;.md:1:11: error[bad-value]: 100% [wrong](x) {0} ��[31m</failure>
                </testcase>
                <testcase name="bad-value: 100% [wrong](x) {0} ��[31m (2)" classname="content/a, b: 50% &amp; &lt;é&gt;.md" file="content/a, b: 50% &amp; &lt;é&gt;.md" line="2">
                  <failure type="bad-value" message="100% [wrong](x) {0} ��[31m">content/a, b: 50% &amp; &lt;é&gt;.md:2:7: error[bad-value]: 100% [wrong](x) {0} ��[31m</failure>
                </testcase>
                <testcase name="bad-value: two lines" classname="content/a, b: 50% &amp; &lt;é&gt;.md" file="content/a, b: 50% &amp; &lt;é&gt;.md" line="2">
                  <failure type="bad-value" message="two lines">content/a, b: 50% &amp; &lt;é&gt;.md:2:7: error[bad-value]: two lines</failure>
                </testcase>
                <testcase name="old-id: `jane` is an old id" classname="content/a, b: 50% &amp; &lt;é&gt;.md" file="content/a, b: 50% &amp; &lt;é&gt;.md" line="4">
                  <system-out>content/a, b: 50% &amp; &lt;é&gt;.md:4:1: note[old-id]: `jane` is an old id</system-out>
                </testcase>
              </testsuite>
              <testsuite name="content/quotes/a.md" tests="2" failures="2" errors="0" skipped="0">
                <testcase name="unknown-key: a quote has no key `speeker`" classname="content/quotes/a.md" file="content/quotes/a.md" line="2">
                  <failure type="unknown-key" message="a quote has no key `speeker`">content/quotes/a.md:2:1: error[unknown-key]: a quote has no key `speeker`
            hint: did you mean `speaker`?
            see content/a, b: 50% &amp; &lt;é&gt;.md:2:7: first, seen here</failure>
                </testcase>
                <testcase name="missing-key: a quote has no `text`" classname="content/quotes/a.md" file="content/quotes/a.md" line="1">
                  <failure type="missing-key" message="a quote has no `text`">content/quotes/a.md:1:1: error[missing-key]: a quote has no `text`</failure>
                </testcase>
              </testsuite>
              <testsuite name="content/quotes/b.md" tests="1" failures="1" errors="0" skipped="0">
                <testcase name="not-utf8: the file is not UTF-8" classname="content/quotes/b.md" file="content/quotes/b.md">
                  <failure type="not-utf8" message="the file is not UTF-8">content/quotes/b.md: error[not-utf8]: the file is not UTF-8</failure>
                </testcase>
              </testsuite>
            </testsuites>
        "#]].assert_eq(&to_junit(&findings(), &sources()));
    }

    #[test]
    fn no_findings_are_shown() {
        expect![[r#"
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites name="dossier check" tests="1" failures="0" errors="0">
              <testsuite name="dossier" tests="1" failures="0" errors="0" skipped="0">
                <testcase name="no findings" classname="dossier"/>
              </testsuite>
            </testsuites>
        "#]]
        .assert_eq(&to_junit(&[], &BTreeMap::new()));
    }
}
