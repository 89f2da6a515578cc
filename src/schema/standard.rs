//! Schemas that say the same to validators and editors that know nothing of us.
//!
//! Ours names forms such as `id` under `format`, which others ignore or refuse; here they are patterns and lengths. What our
//! reading does beside the schema is said in it: `source` for `sources`, keys that begin with `x_`, an empty mapping,
//! and which word `type` may be. The years that YAML takes for numbers stay numbers.
//!
//! Editors read `markdownDescription`, `markdownEnumDescriptions` and `patternErrorMessage`; to validators they mean nothing.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{Subject, one_line, settings, vocabulary};
use crate::diagnostic::Code;
use crate::model::{Kind, Shape, shape};
use crate::parse;

const DRAFT: &str = "https://json-schema.org/draft/2020-12/schema";

/// Keys that the schema of every file says first, in this order.
const FIRST: [&str; 6] = ["$schema", "$id", "title", "description", "markdownDescription", "type"];

pub(super) fn schema(subject: Subject) -> Value {
    let mut schema = match subject {
        Subject::Kind(kind) => of_kind(kind),
        Subject::Record => of_any_kind(),
        Subject::Settings => of_settings(),
    };
    let title = match subject {
        Subject::Kind(kind) => format!("dossier: {kind}"),
        Subject::Record => "dossier: record of any kind".to_owned(),
        Subject::Settings => "dossier: settings".to_owned(),
    };
    schema.insert("$schema".to_owned(), DRAFT.into());
    schema.insert("$id".to_owned(), format!("urn:dossier:schema:{subject}").into());
    schema.insert("title".to_owned(), title.into());
    let first = FIRST.iter().filter_map(|key| schema.get(*key).map(|value| ((*key).to_owned(), value.clone())));
    let mut ordered: Map<String, Value> = first.collect();
    let definitions = schema.remove("$defs");
    ordered.extend(schema.into_iter().filter(|(key, _)| !FIRST.contains(&key.as_str())));
    ordered.extend(definitions.map(|definitions| ("$defs".to_owned(), definitions)));
    Value::Object(ordered)
}

fn of_kind(kind: Kind) -> Map<String, Value> {
    let mut schema = of_file(parse::schema(kind));
    if let Some(field) = part(&mut schema, &["properties", "type"]) {
        field.retain(|keyword, _| keyword.ends_with("escription"));
        field.insert("const".to_owned(), kind.word().into());
    }
    if let Some(code) = part(&mut schema, &["$defs", "Allowance", "properties", "code"]) {
        code.shift_remove("$ref");
        code.extend(codes(Code::can_be_allowed));
    }
    allow_withholding(&mut schema);
    if let Some(Value::Object(definitions)) = schema.get_mut("$defs") {
        for definition in definitions.values_mut().filter_map(Value::as_object_mut) {
            allow_withholding(definition);
        }
    }
    schema
}

/// Lets every value be withheld for which something else can stand, or nothing.
fn allow_withholding(schema: &mut Map<String, Value>) {
    if schema.get("type").is_some_and(|kind| kind == "string") {
        return;
    }
    let required: BTreeSet<String> = schema
        .get("required")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(|name| name.as_str().map(str::to_owned))
        .collect();
    if let Some(Value::Object(fields)) = schema.get_mut("properties") {
        for (name, field) in fields.iter_mut().filter(|(name, _)| parse::can_be_withheld(name)) {
            let needs_another = required.contains(name) && name != "speaker";
            within_lists(field);
            *field = withholdable(field, needs_another);
        }
    }
    if let Some(values) = schema.get_mut("additionalProperties").filter(|values| values.is_object()) {
        *values = withholdable(values, false);
    }
    for alternative in schema.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten() {
        if let Value::Object(alternative) = alternative {
            allow_withholding(alternative);
        }
    }
}

/// Lets every item of the lists that a field may be, be withheld.
fn within_lists(field: &mut Value) {
    if let Some(items) = field.get_mut("items") {
        *items = withholdable(items, false);
    }
    for alternative in field.get_mut("anyOf").and_then(Value::as_array_mut).into_iter().flatten() {
        within_lists(alternative);
    }
}

/// A value with words about it.
fn described(value: &Value, words: &str) -> Value {
    let mut value = value.clone();
    if let Value::Object(value) = &mut value {
        value.insert("markdownDescription".to_owned(), words.into());
    }
    value
}

/// A value, or what stands in its place when it is withheld.
fn withholdable(value: &Value, needs_another: bool) -> Value {
    let mut bare = value.clone();
    let mut whole = Map::new();
    if let Value::Object(bare) = &mut bare {
        let described = bare.iter().filter(|(keyword, _)| keyword.ends_with("escription") || *keyword == "default");
        whole.extend(described.map(|(keyword, value)| (keyword.clone(), value.clone())));
        bare.retain(|keyword, _| !whole.contains_key(keyword));
    }
    let mut keys = vec!["value", "visibility"];
    keys.extend(needs_another.then_some("public"));
    let covered = json!({
        "type": "object",
        "description": "A value that readers do not see.",
        "properties": {
            "value": described(&bare, "What the authors know."),
            "visibility": {
                "enum": ["internal", "sealed"],
                "markdownDescription": "Who sees it: `internal` for the authors, `sealed` for nobody who need not know.",
            },
            "public": described(&bare, "What readers see in its place."),
        },
        "required": keys,
        "additionalProperties": false,
    });
    let mut forms = vec![bare, covered];
    if !needs_another {
        forms.push(json!({ "const": "withheld" }));
    }
    whole.insert("anyOf".to_owned(), forms.into());
    Value::Object(whole)
}

fn of_settings() -> Map<String, Value> {
    let mut schema = of_file(&settings());
    let is_any: fn(Code) -> bool = |_| true;
    for (key, is_listed) in [("allow", Code::can_be_allowed as fn(Code) -> bool), ("deny", is_any)] {
        if let Some(field) = part(&mut schema, &["properties", key]) {
            let one = Value::Object(codes(is_listed));
            let many = json!([one, { "type": "array", "items": one }, { "type": "null" }]);
            field.insert("anyOf".to_owned(), many);
        }
    }
    schema
}

/// A code of a finding: which there are is known to no struct, since the model stands before the findings.
fn codes(is_listed: fn(Code) -> bool) -> Map<String, Value> {
    let listed = || Code::ALL.iter().copied().filter(|code| is_listed(*code));
    Map::from_iter([
        ("type".to_owned(), "string".into()),
        ("enum".to_owned(), listed().map(Code::name).collect()),
        ("markdownEnumDescriptions".to_owned(), listed().map(Code::title).collect()),
    ])
}

fn part<'a>(schema: &'a mut Map<String, Value>, path: &[&str]) -> Option<&'a mut Map<String, Value>> {
    let (first, rest) = path.split_first()?;
    let first = schema.get_mut(*first)?;
    rest.iter().try_fold(first, |part, key| part.get_mut(*key))?.as_object_mut()
}

/// A record is what its `type` says; where there is none, the folder says it, which a schema cannot see.
fn of_any_kind() -> Map<String, Value> {
    let mut definitions = Map::new();
    for kind in Kind::ALL {
        let mut schema = of_kind(kind);
        if let Some(Value::Object(parts)) = schema.remove("$defs") {
            definitions.extend(parts);
        }
        definitions.insert(kind.word().to_owned(), schema.into());
    }
    let target = |kind: Kind| json!({ "$ref": format!("#/$defs/{kind}") });
    let is = |kind: Kind| json!({ "properties": { "type": { "const": kind.word() } }, "required": ["type"] });
    let mut cases: Vec<Value> =
        Kind::ALL.into_iter().map(|kind| json!({ "if": is(kind), "then": target(kind) })).collect();
    cases.push(json!({ "if": { "required": ["type"] }, "else": { "anyOf": Kind::ALL.map(target) } }));
    let description = "A record of any kind; `type` says of which, where its folder does not.";
    let schema = json!({
        "description": description,
        "markdownDescription": description,
        "type": "object",
        "properties": { "type": { "description": "The kind of record.", "enum": Kind::ALL.map(Kind::word) } },
        "allOf": cases,
        "$defs": definitions,
    });
    match schema {
        Value::Object(schema) => schema,
        _ => Map::new(),
    }
}

/// What stands at the top of a file may have keys of the author's own.
fn of_file(ours: &Value) -> Map<String, Value> {
    let mut forms = BTreeSet::new();
    let Value::Object(mut schema) = translate(ours, &mut forms) else { return Map::new() };
    let own = json!({ "^x_": { "description": "A field of your own, with any value." } });
    schema.insert("patternProperties".to_owned(), own);
    if let Value::Object(definitions) = schema.entry("$defs").or_insert_with(|| json!({})) {
        let named = forms.iter().filter_map(|form| shape(form));
        definitions.extend(named.map(|shape| (shape.format.to_owned(), of_shape(&shape).into())));
    }
    schema
}

/// Says a schema of ours in the words of the standard; `forms` are those that it refers to.
fn translate(ours: &Value, forms: &mut BTreeSet<String>) -> Value {
    let Value::Object(ours) = ours else { return ours.clone() };
    let mut schema = Map::new();
    if let Some(words) = vocabulary(&Value::Object(ours.clone())) {
        schema.insert("type".to_owned(), "string".into());
        schema.insert("enum".to_owned(), words.iter().map(|(word, _)| *word).collect());
        schema.insert(
            "markdownEnumDescriptions".to_owned(),
            words.iter().map(|(_, meaning)| one_line(meaning)).collect(),
        );
    }
    for (keyword, value) in ours {
        match (keyword.as_str(), value) {
            ("properties" | "$defs", Value::Object(named)) => {
                let named = named.iter().map(|(name, schema)| (name.clone(), translate(schema, forms)));
                schema.insert(keyword.clone(), Value::Object(named.collect()));
            }
            ("items" | "additionalProperties" | "propertyNames", _) => {
                schema.insert(keyword.clone(), translate_part(value, forms));
            }
            ("oneOf", _) if schema.contains_key("enum") => {}
            ("anyOf" | "oneOf", Value::Array(several)) => {
                let several = several.iter().map(|schema| translate_part(schema, forms));
                schema.insert(keyword.clone(), several.collect());
            }
            ("description", Value::String(text)) => {
                // Both, since of a field and what it refers to an editor takes the first that has one of them.
                let text = one_line(text);
                schema.insert(keyword.clone(), text.clone().into());
                schema.insert("markdownDescription".to_owned(), text.into());
            }
            ("format", Value::String(format)) => schema.extend(of_format(format, forms)),
            // An editor would write them where nothing is as good.
            ("default", Value::Null | Value::Object(_) | Value::Array(_)) => {}
            _ => {
                schema.insert(keyword.clone(), value.clone());
            }
        }
    }
    allow_short_name(&mut schema);
    allow_empty_mapping(&mut schema);
    Value::Object(schema)
}

/// What is no field: that it is a text of its form, the form says.
fn translate_part(ours: &Value, forms: &mut BTreeSet<String>) -> Value {
    let mut schema = translate(ours, forms);
    if let Value::Object(schema) = &mut schema
        && schema.get("$ref").is_some_and(|_| ours.get("format").is_some())
    {
        schema.retain(|keyword, _| !keyword.ends_with("escription"));
    }
    schema
}

/// What stands for a format: a form of ours, or the limits of a number.
fn of_format(format: &str, forms: &mut BTreeSet<String>) -> Map<String, Value> {
    let limits = match format {
        "int64" => json!({ "minimum": i64::MIN, "maximum": i64::MAX }),
        "uint64" => json!({ "maximum": u64::MAX }),
        // The number that YAML makes of a year may be any that four digits and a sign can be.
        "edtf" => {
            let mut date = shape(format).map(|shape| of_shape(&shape)).unwrap_or_default();
            date.extend([("minimum".to_owned(), (-9999).into()), ("maximum".to_owned(), 9999.into())]);
            return date;
        }
        _ if shape(format).is_some() => {
            forms.insert(format.to_owned());
            json!({ "$ref": format!("#/$defs/{format}") })
        }
        _ => return Map::new(),
    };
    match limits {
        Value::Object(limits) => limits,
        _ => Map::new(),
    }
}

/// A form without a type, so that what may be left empty can refer to it as well.
fn of_shape(shape: &Shape) -> Map<String, Value> {
    let mut form = Map::new();
    form.insert("pattern".to_owned(), shape.pattern.into());
    form.insert("patternErrorMessage".to_owned(), format!("This must be {}.", shape.words).into());
    form.extend(shape.longest.map(|longest| ("maxLength".to_owned(), longest.into())));
    form.extend(shape.except.map(|except| ("not".to_owned(), json!({ "type": "string", "pattern": except }))));
    if !shape.examples.is_empty() {
        form.insert("examples".to_owned(), shape.examples.into());
    }
    form
}

/// `source` may stand for `sources` where there is no field of that name, and not beside it.
fn allow_short_name(schema: &mut Map<String, Value>) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    if properties.contains_key("source") {
        return;
    }
    let Some(at) = properties.keys().position(|name| name == "sources") else { return };
    let mut alias = properties["sources"].clone();
    alias["description"] = "What it rests on: another name of `sources`, for one source.".into();
    alias["markdownDescription"] = alias["description"].clone();
    properties.shift_insert(at, "source".to_owned(), alias);
    schema.insert("not".to_owned(), json!({ "required": ["source", "sources"] }));
}

/// A mapping whose keys are the author's own may be left empty.
fn allow_empty_mapping(schema: &mut Map<String, Value>) {
    let is_free = schema.get("additionalProperties").is_some_and(|others| *others != false);
    if is_free && !schema.contains_key("properties") && schema.get("type").is_some_and(|kind| kind == "object") {
        schema.insert("type".to_owned(), json!(["object", "null"]));
    }
}
