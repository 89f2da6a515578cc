//! Cases as text in `cases.txt`, and that validation and serde agree.

use std::fmt::Write;

use proptest::prelude::*;
use serde_json::Value;

use super::validate;
use crate::diagnostic::line_column;
use crate::model::{self, Kind};
use crate::parse::problem::Problem;
use crate::parse::tree::{read_tree, to_value};

/// Rules, each with its cases: a kind and a front matter on one line (`\n`, `\t` and `\0` stand for themselves as in
/// Rust), and below it, indented, each problem as `line:column code message; hint -> line:column label`.
const CASES: &str = include_str!("cases.txt");

fn schema(kind: Kind) -> Value {
    let schema = match kind {
        Kind::Actor => schemars::schema_for!(model::Actor),
        Kind::Event => schemars::schema_for!(model::Event),
        Kind::Quote => schemars::schema_for!(model::Quote),
        Kind::Source => schemars::schema_for!(model::Source),
        Kind::Place => schemars::schema_for!(model::Place),
        Kind::Page => schemars::schema_for!(model::Page),
    };
    schema.into()
}

/// What is wrong with a front matter, as YAML and against its schema.
fn problems(yaml: &str, schema: &Value) -> Vec<Problem> {
    let tree = read_tree(yaml);
    let against_schema = tree.root.map(|root| validate(&root, schema)).unwrap_or_default();
    tree.problems.into_iter().chain(against_schema).collect()
}

fn show(problem: &Problem, yaml: &str) -> String {
    let place = |at: usize| {
        let (line, column) = line_column(yaml, at);
        format!("{line}:{column}")
    };
    let mut shown = format!("{} {} {}", place(problem.span.start), problem.code, problem.message);
    problem.hint.iter().for_each(|hint| write!(shown, "; {hint}").unwrap());
    for (span, label) in &problem.related {
        write!(shown, " -> {} {label}", place(span.start)).unwrap();
    }
    shown
}

#[test]
fn each_case_has_the_problems_below_it() {
    let mut answered = String::new();
    for line in CASES.lines().filter(|line| !line.starts_with(' ')) {
        writeln!(answered, "{line}").unwrap();
        let Some((kind, written)) = line.split_once(' ').filter(|(kind, _)| *kind != "#") else { continue };
        let yaml = written.replace("\\n", "\n").replace("\\t", "\t").replace("\\0", "\0");
        for problem in problems(&yaml, &schema(kind.parse().unwrap())) {
            assert!(yaml.get(problem.span.clone()).is_some(), "{line}: {problem:?}");
            writeln!(answered, "    {}", show(&problem, &yaml)).unwrap();
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/parse/validate/cases.txt");
        return std::fs::write(path, answered).unwrap();
    }
    let differing = CASES.lines().zip(answered.lines()).find(|(expected, answered)| expected != answered);
    assert_eq!(differing, None, "the first line that differs, as expected and as answered");
    assert_eq!(CASES.lines().count(), answered.lines().count(), "UPDATE_EXPECT=1 writes the answers down");
}

/// Values of many types, right and wrong, as they may stand behind a colon or in brackets.
fn any_value() -> impl Strategy<Value = String> {
    let plain = prop::sample::select(vec![
        "a",
        "jane-doe",
        "2023",
        "2023-05-11",
        "1984",
        "1.5",
        "-3",
        "90.5",
        "-181",
        ".nan",
        "-.inf",
        "007",
        "true",
        "no",
        "~",
        "",
        "null",
        "NO",
        "en",
        "\"\"",
        "\"12\"",
        "'true'",
        "Jane Doe",
        "person",
        "verified",
        "https://example.org",
        "18:05",
        "[]",
        "{}",
        "answered",
        "none",
        "12 May",
        "direct",
    ]);
    let single = prop_oneof![3 => plain.prop_map(str::to_owned), 1 => "[a-zA-Z0-9 +.]{0,6}".prop_map(|text| text.trim().to_owned())];
    single.prop_recursive(2, 8, 3, |inner| {
        let pair = (any_key(), inner.clone()).prop_map(|(key, value)| format!("{key}: {value}"));
        prop_oneof![
            prop::collection::vec(inner, 1..3).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(pair, 1..3).prop_map(|pairs| format!("{{{}}}", pairs.join(", "))),
        ]
    })
}

fn any_key() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "actor", "role", "alleged", "is", "by", "on", "kind", "to", "title", "at", "from", "until", "locator", "text",
        "lang", "what", "low", "why", "outcome", "file", "sha256", "date", "speaker", "method",
    ])
    .prop_map(str::to_owned)
}

/// A record with every field, and one to three of its lines dropped, renamed or given another value.
fn mutated(lines: &'static [&'static str]) -> impl Strategy<Value = String> {
    let change = (0..lines.len(), 0..4_u8, any_key(), any_value());
    prop::collection::vec(change, 0..4).prop_map(move |changes| {
        let mut lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        for (at, how, key, value) in changes {
            let line = lines[at].clone();
            let (old_key, old_value) = line.split_once(": ").unwrap_or(("tags", "a"));
            lines[at] = match how {
                0 => String::new(),
                1 => format!("{key}: {old_value}"),
                _ => format!("{old_key}: {value}"),
            };
        }
        lines.iter().filter(|line| !line.is_empty()).map(|line| format!("{line}\n")).collect()
    })
}

const QUOTE: &[&str] = &[
    "text: We did not open.",
    "speaker: jane-doe",
    "date: 2023-05-11",
    "to: [john]",
    "about: gate",
    "event: fire",
    "mode: direct",
    "via: {actor: daily, verb: quoted, date: 2023}",
    "translation: {from: hi, by: Jane}",
    "original: {lang: hi, text: abc}",
    "sources: [daily, {source: times, locator: p. 3, accessed: 2024}]",
    "status: {is: verified, by: desk, on: 2024}",
    "visibility: public",
    "draft: false",
    "corrections: [{on: 2024, why: it was wrong, kind: addition}]",
    "replies: {from: jane, outcome: declined}",
];
const ACTOR: &[&str] = &[
    "name: Jane Doe",
    "kind: person",
    "names: [J. Doe, {text: Jane, lang: en}]",
    "country: NO",
    "ids: {wikidata: Q42}",
    "born: 1980",
    "roles: [Minister, {title: Mayor, from: 2001}]",
    "relations: {kind: leads, to: party, from: 2002}",
    "privacy: limited",
    "display: full",
    "tags: court",
];
const EVENT: &[&str] = &[
    "title: Fire",
    "date: 2023-05",
    "time: 18:05",
    "place: gate",
    "actors: [a, {actor: b, role: target, alleged: true}]",
    "counts: [{what: dead, low: 1, best: 2, high: 3}]",
    "updates: {date: 2024, text: more}",
    "follows: [x]",
];
const PLACE: &[&str] = &["name: Gate", "country: IN", "lat: 12.5", "lon: -3", "precision: city", "obscured: true"];

/// What is accepted here can be read; what is not, serde refuses as well when it is given the same tree.
fn agree<T: serde::de::DeserializeOwned>(kind: Kind, yaml: &str) -> Result<(), TestCaseError> {
    let tree = read_tree(yaml);
    let Some(root) = tree.root else { return Ok(()) };
    let found = validate(&root, &schema(kind));
    let read = serde_yaml::from_value::<T>(to_value(&root)).map(drop).map_err(|error| error.to_string());
    if found.is_empty() {
        prop_assert_eq!(&read, &Ok(()), "nothing found in {}", yaml);
        let typed = serde_yaml::from_str::<T>(yaml).map(drop).map_err(|error| error.to_string());
        // From text, serde reads an empty mapping where nothing stands but not in `~`; from the tree, in both.
        let is_null_mapping = ["ids: ~\n", "ids: null\n"].iter().any(|line| yaml.contains(line));
        prop_assert!(typed.is_ok() || is_null_mapping || !tree.problems.is_empty(), "{typed:?} in {yaml}");
    } else {
        prop_assert!(read.is_err() || !tree.problems.is_empty(), "{found:?} in {yaml}");
    }
    Ok(())
}

proptest! {
    #[test]
    fn serde_agrees_on_quotes(yaml in mutated(QUOTE)) {
        agree::<model::Quote>(Kind::Quote, &yaml)?;
    }

    #[test]
    fn serde_agrees_on_actors(yaml in mutated(ACTOR)) {
        agree::<model::Actor>(Kind::Actor, &yaml)?;
    }

    #[test]
    fn serde_agrees_on_events(yaml in mutated(EVENT)) {
        agree::<model::Event>(Kind::Event, &yaml)?;
    }

    #[test]
    fn serde_agrees_on_places(yaml in mutated(PLACE)) {
        agree::<model::Place>(Kind::Place, &yaml)?;
    }

    #[test]
    fn nothing_that_can_be_typed_breaks_reading(yaml in "([a-c:#&*!|>'\"%@`\\[\\]{},?\\- \t\r\n\0\u{feff}é\u{1f469}]|title: |: |\n  |\n- ){0,40}") {
        for problem in problems(&yaml, &schema(Kind::Page)) {
            prop_assert!(yaml.get(problem.span.clone()).is_some(), "{problem:?}");
        }
    }
}
