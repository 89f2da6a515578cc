//! That a schema says beside the structs what reading does beside them. What others make of it is shown by `tests/acceptance/schemas.py`.

use serde_json::{Value, json};

use super::Subject;
use crate::model::Kind;

fn schema(word: &str) -> Value {
    word.parse::<Subject>().unwrap().schema()
}

/// Walks through a schema and all that it is made of.
fn each_part<'a>(schema: &'a Value, visit: &mut impl FnMut(&'a Value)) {
    visit(schema);
    match schema {
        Value::Object(parts) => parts.values().for_each(|part| each_part(part, visit)),
        Value::Array(parts) => parts.iter().for_each(|part| each_part(part, visit)),
        _ => {}
    }
}

#[test]
fn a_schema_is_whole_by_itself() {
    for subject in Subject::ALL {
        let schema = subject.schema();
        each_part(&schema, &mut |part| {
            if let Some(target) = part.get("$ref").and_then(Value::as_str) {
                let pointer = target.strip_prefix('#').unwrap_or_else(|| panic!("{subject} leads to {target}"));
                assert!(schema.pointer(pointer).is_some(), "{subject} has no {target}");
            }
        });
    }
}

#[test]
fn no_form_is_left_that_only_we_know() {
    for subject in Subject::ALL {
        let schema = subject.schema();
        each_part(&schema, &mut |part| {
            assert_eq!(part.get("format").filter(|format| format.is_string()), None, "{part}");
        });
    }
}

#[test]
fn each_field_tells_editors_what_it_is() {
    for subject in Subject::ALL {
        let schema = subject.schema();
        each_part(&schema, &mut |part| {
            let fields = part.get("properties").and_then(Value::as_object).into_iter().flatten();
            // A condition has properties too, which nobody reads; and what a withheld value is, is said of its field.
            let is_read = part.get("type").is_some() && part["description"] != "A value that readers do not see.";
            for (name, field) in fields.filter(|_| is_read) {
                let described = [field, &field["anyOf"][0]].map(|form| &form["markdownDescription"]);
                assert!(
                    described.iter().any(|text| text.is_string()) || field.get("enum").is_some(),
                    "{subject}: {name} {field}"
                );
            }
        });
    }
}

#[test]
fn a_text_that_may_be_empty_refers_to_its_form_all_the_same() {
    let schema = schema("place");
    let country = &schema["properties"]["country"]["anyOf"][0];
    assert_eq!(country["type"], json!(["string", "null"]));
    assert_eq!(country["$ref"], "#/$defs/country");
    let pattern = schema["$defs"]["country"]["pattern"].as_str().unwrap();
    assert!(pattern.starts_with("^(AD|AE|AF|") && pattern.ends_with("|ZM|ZW)$"), "{pattern}");
}

#[test]
fn a_source_has_two_names_in_the_same_places_as_in_reading() {
    let schema = schema("event");
    let names_of =
        |at: &str| ["source", "sources"].map(|name| !schema.pointer(at).unwrap()["properties"][name].is_null());
    assert_eq!(names_of(""), [true, true]);
    assert_eq!(names_of("/$defs/Participant/anyOf/1"), [true, true]);
    assert_eq!(names_of("/$defs/Citation/anyOf/1"), [true, false]);
    assert_eq!(schema["not"], json!({ "required": ["source", "sources"] }));
}

#[test]
fn keys_of_your_own_stand_at_the_top_only() {
    for subject in Subject::ALL.into_iter().filter(|subject| *subject != Subject::Record) {
        let schema = subject.schema();
        assert!(schema["patternProperties"]["^x_"].is_object() && schema["additionalProperties"] == false, "{subject}");
    }
    assert_eq!(schema("event")["$defs"]["Citation"]["anyOf"][1].get("patternProperties"), None);
}

#[test]
fn the_type_of_a_record_is_its_kind() {
    for kind in Kind::ALL {
        assert_eq!(Subject::Kind(kind).schema()["properties"]["type"]["const"], kind.word());
    }
}

#[test]
fn a_mapping_of_your_own_keys_may_be_empty() {
    assert_eq!(schema("actor")["properties"]["ids"]["anyOf"][0]["type"], json!(["object", "null"]));
    assert_eq!(schema("settings")["properties"]["options"]["type"], json!(["object", "null"]));
}
