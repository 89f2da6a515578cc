//! The schemas before a validator that knows only what the standard says: all of the example is accepted.

use std::fs;
use std::path::Path;

use dossier::model::Kind;
use dossier::schema::Subject;
use serde_json::{Map, Value};

/// Why a value is not what a schema asks for; only the keywords that our schemas use are understood, and any other is one.
struct Validator<'a> {
    root: &'a Value,
}

impl Validator<'_> {
    fn check(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let Value::Object(keywords) = schema else { return Ok(()) };
        keywords.iter().try_for_each(|(keyword, asked)| {
            let holds = self.keyword(keywords, keyword, asked, value)?;
            holds.then_some(()).ok_or_else(|| format!("`{keyword}` does not hold for {value}"))
        })
    }

    fn accepts(&self, schema: &Value, value: &Value) -> bool {
        self.check(schema, value).is_ok()
    }

    fn keyword(
        &self,
        schema: &Map<String, Value>,
        keyword: &str,
        asked: &Value,
        value: &Value,
    ) -> Result<bool, String> {
        let several = || asked.as_array().unwrap().iter();
        let (fields, text) = (value.as_object(), value.as_str());
        Ok(match keyword {
            "$schema" | "$id" | "$defs" | "title" | "examples" | "default" | "then" | "else" => true,
            "description" | "markdownDescription" | "markdownEnumDescriptions" | "patternErrorMessage" => true,
            "$ref" => {
                let target = self.root.pointer(asked.as_str().unwrap().trim_start_matches('#')).unwrap();
                return self.check(target, value).map(|()| true);
            }
            "type" => match asked {
                Value::String(one) => is_of_type(value, one),
                _ => several().any(|one| is_of_type(value, one.as_str().unwrap())),
            },
            "enum" => several().any(|word| word == value),
            "const" => asked == value,
            "pattern" => text.is_none_or(|text| matches(asked, text)),
            "maxLength" => text.is_none_or(|text| text.chars().count() as u64 <= asked.as_u64().unwrap()),
            "minimum" => value.as_f64().is_none_or(|number| number >= asked.as_f64().unwrap()),
            "maximum" => value.as_f64().is_none_or(|number| number <= asked.as_f64().unwrap()),
            "not" => !self.accepts(asked, value),
            "anyOf" => several().any(|one| self.accepts(one, value)),
            "allOf" => return several().try_for_each(|one| self.check(one, value)).map(|()| true),
            "if" => {
                let branch = if self.accepts(asked, value) { "then" } else { "else" };
                return schema.get(branch).map_or(Ok(()), |branch| self.check(branch, value)).map(|()| true);
            }
            "items" => {
                return value
                    .as_array()
                    .into_iter()
                    .flatten()
                    .try_for_each(|one| self.check(asked, one))
                    .map(|()| true);
            }
            "dependentRequired" => fields.is_none_or(|fields| {
                let mut written = asked.as_object().unwrap().iter().filter(|(name, _)| fields.contains_key(*name));
                written.all(|(_, others)| {
                    others.as_array().unwrap().iter().all(|name| fields.contains_key(name.as_str().unwrap()))
                })
            }),
            "required" => fields.is_none_or(|fields| several().all(|name| fields.contains_key(name.as_str().unwrap()))),
            "properties" => {
                let mut written =
                    fields.into_iter().flatten().filter_map(|(name, value)| Some((asked.get(name)?, value)));
                return written.try_for_each(|(schema, value)| self.check(schema, value)).map(|()| true);
            }
            "propertyNames" => {
                fields.into_iter().flatten().all(|(name, _)| self.accepts(asked, &Value::String(name.clone())))
            }
            "patternProperties" => true,
            "additionalProperties" => {
                let own = schema.get("patternProperties").and_then(Value::as_object);
                let is_known = |name: &str| {
                    schema.get("properties").is_some_and(|known| known.get(name).is_some())
                        || own.into_iter().flatten().any(|(pattern, _)| matches(&Value::String(pattern.clone()), name))
                };
                let others = || fields.into_iter().flatten().filter(|(name, _)| !is_known(name));
                match asked {
                    Value::Bool(is_allowed) => *is_allowed || others().next().is_none(),
                    schema => others().all(|(_, value)| self.accepts(schema, value)),
                }
            }
            other => return Err(format!("`{other}` is a keyword that this test does not know")),
        })
    }
}

fn matches(pattern: &Value, text: &str) -> bool {
    fancy_regex::Regex::new(pattern.as_str().unwrap()).unwrap().is_match(text).unwrap()
}

fn is_of_type(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("there is no type {other}"),
    }
}

fn check(subject: Subject, yaml: &str) -> Result<(), String> {
    let schema = subject.schema();
    Validator { root: &schema }.check(&schema, &serde_yaml::from_str(yaml).unwrap())
}

/// The front matter of each record of the example, with its kind and the name of its file.
fn example() -> Vec<(Kind, String, String)> {
    let content = Path::new(env!("CARGO_MANIFEST_DIR")).join("content");
    let mut records = Vec::new();
    for kind in Kind::ALL {
        for entry in walkdir::WalkDir::new(content.join(kind.folder())).sort_by_file_name() {
            let entry = entry.unwrap();
            if entry.path().extension().is_some_and(|ending| ending == "md") {
                let text = fs::read_to_string(entry.path()).unwrap();
                let yaml = text.strip_prefix("---\n").unwrap().split("\n---").next().unwrap();
                records.push((kind, entry.path().display().to_string(), yaml.to_owned()));
            }
        }
    }
    assert!(records.len() > 30, "{}", records.len());
    records
}

#[test]
fn each_record_of_the_example_is_accepted_as_its_kind_and_as_any() {
    for (kind, path, yaml) in example() {
        for subject in [Subject::Kind(kind), Subject::Record] {
            assert_eq!(check(subject, &yaml), Ok(()), "{subject}: {path}");
        }
    }
    let settings = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("dossier.yaml")).unwrap();
    assert_eq!(check(Subject::Settings, &settings), Ok(()));
}

#[test]
fn what_reading_takes_and_refuses_a_schema_does_too() {
    for (is_right, fields) in [
        (true, "date: 2025"),
        (true, "date: 2025-05-11"),
        (true, "date: '2025-05-10/2025-05-11'"),
        (false, "date: 2025-13"),
        (false, "date: 20250511"),
        (false, "date: 2025.5"),
        (true, "date: 2025\nsource: a"),
        (true, "date: 2025\nsource: {source: a, locator: p. 3}"),
        (true, "date: 2025\nsources: [a, {source: b}]"),
        (false, "date: 2025\nsource: a\nsources: b"),
        (false, "date: 2025\nsource: {locator: p. 3}"),
        (true, "date: 2025\nx_own: {any: [thing]}"),
        (false, "date: 2025\nown: 1"),
        (true, "date: 2025\nplace:\ntags:"),
        (false, "date: 2025\ndraft:"),
        (false, "date: 2025\ntime: 18:05:99"),
        (true, "date: 2025\ncounts: {what: dead, low: 3}"),
        (false, "date: 2025\ncounts: {what: dead, low: -3}"),
        (true, "date: 2025\nallow: {code: old-id, why: so}"),
        (false, "date: 2025\nplace: con"),
        (true, "date: 2025\nplace: withheld"),
        (true, "date: 2025\ncategory: {value: raid, visibility: internal}"),
        (false, "date: 2025\ncategory: {value: raid, visibility: secret}"),
        (false, "date: 2025\ncategory: {value: raid}"),
        (false, "date: 2025\ncategory: {value: raid, visibility: internal, why: so}"),
        (false, "date: 2025\ncategory: {value: [raid], visibility: internal}"),
        (false, "date: withheld"),
        (false, "date: {value: 2025, visibility: internal}"),
        (true, "date: {value: 2025-05-11, visibility: internal, public: 2025}"),
        (false, "date: {value: 2025-05-11, visibility: internal, public: spring}"),
        (false, "date: 2025\ndraft: {value: true, visibility: internal}"),
        (true, "date: 2025\ntags: [a, {value: b, visibility: sealed}, withheld]"),
        (true, "date: 2025\ntags: {value: [a, b], visibility: sealed}"),
        (true, "date: 2025\ncounts: {what: dead, low: {value: 3, visibility: internal}, best: withheld}"),
        (false, "date: 2025\ncounts: {what: {value: dead, visibility: internal}}"),
        (true, "date: 2025\nsource: {source: a, accessed: withheld}"),
    ] {
        let yaml = format!("title: A\n{fields}\n");
        assert_eq!(check(Subject::Kind(Kind::Event), &yaml).is_ok(), is_right, "{yaml}");
        let said = crate::input::Dossier::new().record("events/a.md", format!("---\n{yaml}---\n")).findings();
        let shape = [
            "bad-date",
            "bad-value",
            "wrong-type",
            "unknown-key",
            "missing-key",
            "bad-id",
            "duplicate-key",
            "unknown-word",
            "cannot-withhold",
        ];
        assert_eq!(!shape.iter().any(|code| said.contains(code)), is_right, "{yaml}{said}");
    }
}

#[test]
fn a_position_is_on_the_earth_and_has_two_numbers() {
    for (is_right, fields) in [
        (true, "lat: 18.95\nlon: 72.83"),
        (true, "lat: -90\nlon: 180"),
        (true, "country: IN"),
        (false, "lat: 90.5\nlon: 0"),
        (false, "lat: 0\nlon: -181"),
        (false, "lat: 18.95"),
        (false, "lon: 72.83"),
    ] {
        let yaml = format!("name: A\n{fields}\n");
        assert_eq!(check(Subject::Kind(Kind::Place), &yaml).is_ok(), is_right, "{yaml}");
        let said = crate::input::Dossier::new().record("places/a.md", format!("---\n{yaml}---\n")).findings();
        assert_eq!(!["bad-value", "missing-key"].iter().any(|code| said.contains(code)), is_right, "{yaml}{said}");
    }
}

#[test]
fn a_code_is_one_that_there_is_and_may_be_allowed() {
    let allow =
        |code: &str| check(Subject::Kind(Kind::Page), &format!("title: A\nallow: [{{code: {code}, why: so}}]")).is_ok();
    assert_eq!([allow("old-id"), allow("no-such-code"), allow("duplicate-id")], [true, false, false]);
    let settings = |line: &str| check(Subject::Settings, &format!("title: A\n{line}")).is_ok();
    assert!(settings("allow: old-id") && settings("deny: [old-id, unsafe-html]"));
    assert!(!settings("allow: duplicate-id") && !settings("deny: [no-such-code]"));
}

#[test]
fn a_schema_is_the_same_each_time() {
    for subject in Subject::ALL {
        let text = || serde_json::to_string(&subject.schema()).unwrap();
        assert_eq!(text(), text(), "{subject}");
    }
}
