//! Findings as workflow commands of GitHub Actions, which shows them beside the lines that they are about.
//!
//! `::error file=content/a.md,line=3,endLine=3,col=1,endColumn=7,title=dossier (bad-date)::a date has no month 13`, one
//! finding a line. GitHub looks for `file` below the root of the repository, so that a dossier has to be the root of its
//! repository, or lines are shown in the log only.
//!
//! Of columns GitHub says that they count from 1, that an end which is not given is the beginning, and that they may be
//! given only where a place is of one line. It says not what they count. Here they count Unicode characters, as in the
//! other formats, and `endColumn` is the column of the last character, as `endLine` is the line of it. A place of
//! several lines has no columns.

use super::harmless::harmless_line;
use super::plain::in_full;
use super::position::{Files, SourceText, Unit};
use super::{Diagnostic, Place, Severity};

/// All findings as workflow commands, in the order given, each on a line of its own.
pub fn to_github(findings: &[Diagnostic], sources: &impl SourceText) -> String {
    let mut files = Files::new(sources);
    findings.iter().map(|finding| command(finding, &mut files) + "\n").collect()
}

fn command<'a>(finding: &'a Diagnostic, files: &mut Files<'a, impl SourceText>) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let place = finding.place.as_ref().map(|place| place_properties(place, files)).unwrap_or_default();
    let title = property(&format!("dossier ({})", finding.code));
    format!("::{name} {place}title={title}::{}", data(&in_full(finding, files)))
}

/// The properties that say where, with a comma behind each.
fn place_properties<'a>(place: &'a Place, files: &mut Files<'a, impl SourceText>) -> String {
    let file = property(&harmless_line(&place.file));
    let Some(at) = files.extent(place, Unit::Characters) else { return format!("file={file},") };
    let lines = format!("file={file},line={},endLine={},", at.line, at.end_line);
    if at.line != at.end_line {
        return lines;
    }
    let last_column = at.column.max(at.end_column.saturating_sub(1));
    format!("{lines}col={},endColumn={last_column},", at.column)
}

/// Text for behind the `::` of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Text for the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
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
            ::warning title=dossier (missing-page)::no page says how the dossier was made%0Ahint: write `content/pages/method.md`
            ::error file=content/a%2C b%3A 50%25 & <é>.md,line=1,endLine=1,col=11,endColumn=13,title=dossier (bad-value)::100%25 [wrong](x) {0} ��[31m
            ::error file=content/a%2C b%3A 50%25 & <é>.md,line=2,endLine=2,col=7,endColumn=9,title=dossier (bad-value)::100%25 [wrong](x) {0} ��[31m
            ::error file=content/a%2C b%3A 50%25 & <é>.md,line=2,endLine=3,title=dossier (bad-value)::two lines
            ::notice file=content/a%2C b%3A 50%25 & <é>.md,line=4,endLine=4,col=1,endColumn=1,title=dossier (old-id)::`jane` is an old id
            ::error file=content/quotes/b.md,title=dossier (not-utf8)::the file is not UTF-8
            ::error file=content/quotes/a.md,line=2,endLine=2,col=1,endColumn=7,title=dossier (unknown-key)::a quote has no key `speeker`%0Ahint: did you mean `speaker`?%0Asee content/a, b: 50%25 & <é>.md:2:7: first, seen here
            ::error file=content/quotes/a.md,line=1,endLine=1,col=1,endColumn=1,title=dossier (missing-key)::a quote has no `text`
        "#]].assert_eq(&to_github(&findings(), &sources()));
    }

    #[test]
    fn no_findings_are_shown() {
        expect![[""]].assert_eq(&to_github(&[], &BTreeMap::new()));
    }
}
