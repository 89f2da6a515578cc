//! Findings as workflow commands of GitHub Actions, which shows them beside the lines of a change.
//!
//! One line for each: `::error file=…,line=…,endLine=…,col=…,endColumn=…,title=…::message`, escaped as its documentation of workflow
//! commands says. Columns count characters. An end column is given only for places on one line; GitHub ignores it else.

use std::fmt::Write as _;

use super::position::{Columns, Files, SourceText, harmless_line};
use super::{Diagnostic, Severity};

/// All findings as workflow commands, a line each, in the order given.
pub fn to_github(findings: &[Diagnostic], sources: &impl SourceText) -> String {
    let mut files = Files::new(sources);
    let mut text = String::new();
    for finding in findings {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let _ = write!(text, "::{command} ");
        if let Some(place) = &finding.place {
            let _ = write!(text, "file={},", property(&place.file));
            if let Some(spot) = files.spot(place, Columns::Characters) {
                let _ = write!(text, "line={},endLine={},", spot.line, spot.end_line);
                if spot.line == spot.end_line {
                    // The end column is that of the last character.
                    let end = (spot.end_column - 1).max(spot.column);
                    let _ = write!(text, "col={},endColumn={end},", spot.column);
                }
            }
        }
        let hint = finding.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        let _ =
            writeln!(text, "title={}::{}", property(finding.code.name()), data(&format!("{}{hint}", finding.message)));
    }
    text
}

fn data(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(harmless_line).collect();
    lines.join("\n").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect;

    use super::*;
    use crate::diagnostic::Code;

    #[test]
    fn each_finding_is_one_line() {
        let file = "content/a, b: 100%.md".into();
        let sources = BTreeMap::from([("content/a, b: 100%.md".to_owned(), "\u{1f6aa} bad\r\nworse\n".to_owned())]);
        let findings = [
            Diagnostic::new(Code::BadSetting, "no\nsetting, 5 %").hint("do: this"),
            Diagnostic::new(Code::UnknownKey, "no\u{1b}[31m").at(&file, 5..8),
            Diagnostic::new(Code::OldId, "no").at(&file, 5..12),
            Diagnostic::new(Code::UnsafeHtml, "no").at(&"gone.md".into(), 5..12),
        ];
        expect![[r#"
            ::error title=bad-setting::no%0Asetting, 5 %25%0Ahint: do: this
            ::error file=content/a%2C b%3A 100%25.md,line=1,endLine=1,col=3,endColumn=5,title=unknown-key::no�[31m
            ::notice file=content/a%2C b%3A 100%25.md,line=1,endLine=2,title=old-id::no
            ::warning file=gone.md,title=unsafe-html::no
        "#]]
        .assert_eq(&to_github(&findings, &sources));
    }

    proptest::proptest! {
        #[test]
        fn no_text_leaves_its_line(message in "\\PC*|[\\r\\n:,%]{0,9}", file in "(\\PC|[\\r\\n:,%]){0,20}") {
            let finding = Diagnostic::new(Code::BadValue, message).at(&file.as_str().into(), 0..9);
            let text = to_github(&[finding], &BTreeMap::from([(file, "text".to_owned())]));
            proptest::prop_assert_eq!(text.trim_end_matches('\n').lines().count(), 1);
            proptest::prop_assert!(!text.contains('\r'));
        }
    }
}
