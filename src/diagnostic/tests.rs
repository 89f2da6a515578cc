//! What holds for every format: the findings that the tests of the formats show, and that no text breaks a format.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::*;

/// Text in which columns are easily counted wrong: an emoji of several characters, a combining mark, a tab, and words
/// that are read from the right, with the ends of lines that Windows writes.
const ODD: &str = "a: \u{1f469}\u{200d}\u{1f4bb} e\u{301} bad\r\n\t\u{639}\u{631}\u{628}\u{64a} bad\r\ntwo\r\n";

/// The file of the odd text, of which the name must be encoded in addresses, properties and attributes.
const ODD_FILE: &str = "content/a, b: 50% & <\u{e9}>.md";

pub(super) fn sources() -> BTreeMap<String, String> {
    BTreeMap::from([
        ("content/quotes/a.md".to_owned(), "date: 2023\nspeeker: jane-doe\n".to_owned()),
        (ODD_FILE.to_owned(), ODD.to_owned()),
    ])
}

/// One finding of each sort that a format may have to show in its own way.
pub(super) fn findings() -> Vec<Diagnostic> {
    let (plain, odd) = (Arc::from("content/quotes/a.md"), Arc::from(ODD_FILE));
    let bad = ODD.find("bad").unwrap_or_default();
    let second = ODD.rfind("bad").unwrap_or_default();
    vec![
        Diagnostic::new(Code::MissingPage, "no page says how the dossier was made")
            .hint("write `content/pages/method.md`"),
        Diagnostic::new(Code::BadValue, "100% [wrong](x)\n{0} \u{202e}\u{1b}[31m").at(&odd, bad..bad + 3),
        Diagnostic::new(Code::BadValue, "100% [wrong](x)\n{0} \u{202e}\u{1b}[31m").at(&odd, second..second + 5),
        Diagnostic::new(Code::BadValue, "two lines").at(&odd, second..ODD.len()),
        Diagnostic::new(Code::OldId, "`jane` is an old id").at(&odd, 900..990),
        Diagnostic::new(Code::NotUtf8, "the file is not UTF-8").at(&Arc::from("content/quotes/b.md"), 3..4),
        Diagnostic::new(Code::UnknownKey, "a quote has no key `speeker`")
            .at(&plain, 11..18)
            .label("unknown key")
            .hint("did you mean `speaker`?")
            .related(&odd, second..second + 3, "first, seen here"),
        Diagnostic::new(Code::MissingKey, "a quote has no `text`").at(&plain, 0..0),
    ]
}

#[test]
fn ten_thousand_findings_in_one_large_line_are_no_trouble() {
    let file = Arc::from("a.yaml");
    let text = "\u{e9}\u{1f469}bad ".repeat(1_000_000);
    let each = text.len() / 10_000;
    let findings: Vec<Diagnostic> =
        (0..10_000).map(|at| Diagnostic::new(Code::BadValue, "no").at(&file, at * each..at * each + 3)).collect();
    let sources = BTreeMap::from([("a.yaml".to_owned(), text)]);
    let began = Instant::now();
    for format in [to_json, to_sarif, to_github, to_gitlab, to_junit] {
        assert!(format(&findings, &sources).len() > 500_000);
    }
    // Counting each column from the start of the line takes minutes.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

proptest::proptest! {
    #[test]
    fn no_text_breaks_a_format(
        text in "(\\PC|[\\r\\n\\t]){0,40}",
        words in "([a-z:,%\\[\\](){}<>&'\"\\\\ \\r\\n\\t]|\\PC|[\0-\u{1f}\u{7f}-\u{9f}\u{202e}\u{2028}\u{feff}\u{fffe}\u{ffff}]|::|]]>|%0A|##\\[){0,30}",
        start in 0_usize..60,
        length in 0_usize..60,
        severity in 0_usize..3,
    ) {
        let file: Arc<str> = Arc::from(format!("content/{words}.md"));
        let code = [Code::BadValue, Code::UnsafeHtml, Code::OldId][severity];
        let finding = Diagnostic::new(code, &*words).label(&*words).hint(&*words).at(&file, start..start + length);
        let findings = [finding.related(&file, start..length, &*words), Diagnostic::new(code, &*words)];
        let sources = BTreeMap::from([(file.to_string(), text)]);

        let json: Value = serde_json::from_str(&to_json(&findings, &sources)).unwrap_or_default();
        proptest::prop_assert_eq!(&json[0]["file"], &Value::from(&*file));
        proptest::prop_assert!(json[0]["line"].as_u64() <= json[0]["end_line"].as_u64());

        let sarif: Value = serde_json::from_str(&to_sarif(&findings, &sources)).unwrap_or_default();
        let uri = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
        let decoded = percent_encoding::percent_decode_str(uri.as_str().unwrap_or_default()).decode_utf8_lossy();
        proptest::prop_assert_eq!(&*decoded, &*file);

        let github = to_github(&findings, &sources);
        proptest::prop_assert_eq!(github.lines().count(), 2);
        proptest::prop_assert!(github.lines().all(|line| line.starts_with("::") && line.split("::").count() >= 3));

        let gitlab: Value = serde_json::from_str(&to_gitlab(&findings, &sources)).unwrap_or_default();
        proptest::prop_assert_eq!(gitlab.as_array().map_or(0, Vec::len), 2);
        proptest::prop_assert!(gitlab[0]["location"]["lines"]["begin"].as_u64() >= Some(1));

        let junit = to_junit(&findings, &sources);
        let document = roxmltree::Document::parse(&junit);
        proptest::prop_assert!(document.is_ok(), "{:?}\n{}", document.err(), junit);
        let seen = document.map_or(0, |document| document.descendants().filter(|node| node.has_tag_name("testcase")).count());
        proptest::prop_assert_eq!(seen, 2);

        for shown in [to_json(&findings, &sources), to_sarif(&findings, &sources), github, to_gitlab(&findings, &sources), junit] {
            let harm = shown.chars().find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{202e}' | '\u{2028}' | '\u{feff}'));
            proptest::prop_assert_eq!(harm, None);
        }
    }
}
