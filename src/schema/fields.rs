//! The page of all fields, for people: kinds, fields, what they may hold, and what that is made of.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{one_line, settings, vocabulary};
use crate::model::{Kind, shape};
use crate::parse;

/// The forms of single values, in the order in which the page explains them, with the name that it calls them by.
const FORMS: [(&str, &str); 11] = [
    ("id", "id"),
    ("edtf", "date"),
    ("line", "line"),
    ("markdown", "Markdown"),
    ("word", "word"),
    ("lang", "language"),
    ("country", "country"),
    ("uri", "address"),
    ("clock", "time"),
    ("sha256", "SHA-256"),
    ("digest", "digest"),
];

const OPENING: &str = "\
# Fields

<!-- Written by `dossier schema --format markdown` from the definitions that read the files. Change those, not this page. -->

What a record may say in its front matter, and what `dossier.yaml` may. `dossier new KIND ID` writes a record with all of this in it; `dossier schema` writes the same for
[editors](editors.md) and validators.

* A field that is not **required** may be left out. It may also be left empty, except for `type`, `level` and those that are `true` or `false`.
* **One or more** means: one value alone, or a list of them.
* Text that YAML would take for a number or a truth value (`1984`, `true`) stands in quotation marks. A year alone does not have to where a date is meant.
* Any value but those that decide who sees a record may be `{value: …, visibility: internal, public: …}` or the word `withheld`: [privacy.md](privacy.md) says what readers see then.
* Keys that begin with `x_` are your own and hold what you like, at the top of a record or of the settings. All others are mistakes.
";

/// The page, in Markdown.
pub fn reference() -> String {
    let mut page = Page { text: OPENING.to_owned(), parts: BTreeMap::new() };
    page.contents();
    for kind in Kind::ALL {
        page.kind(kind);
    }
    page.every_kind();
    page.settings();
    page.parts_and_vocabularies();
    page.forms();
    page.text
}

struct Page {
    text: String,
    /// What fields refer to, by the name of its definition.
    parts: BTreeMap<String, Value>,
}

impl Page {
    fn contents(&mut self) {
        let kinds = Kind::ALL.map(|kind| link(&capital(kind.word()), kind.word()));
        let _ = writeln!(
            self.text,
            "\n{} · {} · {} · {} · {}",
            kinds.join(" · "),
            link("Every kind", "every kind"),
            link("Settings", "settings"),
            link("Parts", "parts"),
            link("Forms of values", "forms of values"),
        );
    }

    fn kind(&mut self, kind: Kind) {
        let schema = parse::schema(kind);
        self.heading(2, &capital(kind.word()));
        let _ = writeln!(
            self.text,
            "{} It lies in `content/{}/`, or says `type: {kind}`. The fields of {} go for it too.\n",
            description(schema),
            kind.folder(),
            link("every kind", "every kind")
        );
        self.definitions_of(schema);
        let common = common_fields();
        let own: Vec<Field<'_>> = fields(schema).filter(|field| !common.contains(&field.name)).collect();
        self.table(&own);
    }

    fn every_kind(&mut self) {
        let (schema, common) = (parse::schema(Kind::Page), common_fields());
        self.heading(2, "Every kind");
        self.text.push_str("What a record of any kind may say.\n\n");
        let fields: Vec<Field<'_>> = fields(schema).filter(|field| common.contains(&field.name)).collect();
        self.table(&fields);
    }

    fn settings(&mut self) {
        let schema = settings();
        self.heading(2, "Settings");
        self.text.push_str("What `dossier.yaml` may say.\n\n");
        self.definitions_of(&schema);
        self.table(&fields(&schema).collect::<Vec<_>>());
    }

    fn parts_and_vocabularies(&mut self) {
        let parts = std::mem::take(&mut self.parts);
        self.heading(2, "Parts");
        self.text.push_str(
            "What fields are made of. Where a part has a short form, one value alone stands for the whole part.\n",
        );
        for (name, schema) in &parts {
            let words = vocabulary(schema);
            let long = long_form(schema);
            if words.is_none() && long.is_none() {
                continue;
            }
            self.heading(3, &capital(&spaced(name)));
            let _ = writeln!(self.text, "{}\n", description(schema));
            for (word, meaning) in words.iter().flatten() {
                let _ = writeln!(self.text, "* `{word}`: {}", decapitalised(&one_line(meaning)));
            }
            let Some(long) = long else { continue };
            let fields: Vec<Field<'_>> = fields(long).collect();
            if !std::ptr::eq(long, schema)
                && let Some(short) = fields.iter().find(|field| field.required)
            {
                let _ = writeln!(self.text, "Short form: the value of `{}` alone.\n", short.name);
            }
            self.table(&fields);
        }
    }

    fn forms(&mut self) {
        self.heading(2, "Forms of values");
        for (format, name) in FORMS {
            let Some(shape) = shape(format) else { continue };
            let date = if format == "edtf" {
                ". `?` is uncertain, `~` approximate, `%` both; `X` stands for a digit that is not known; `/` stands between \
                 the ends of a time, and `..` for an open end; `[2025-05-10,2025-05-11]` is one of these days"
            } else {
                ""
            };
            let _ = writeln!(self.text, "* <a id=\"{}\"></a>**{name}**: {}{date}.", anchor(name), shape.words);
        }
    }

    fn table(&mut self, fields: &[Field<'_>]) {
        self.text.push_str("| field | | what it holds | what it is |\n|---|---|---|---|\n");
        for field in fields {
            let required = if field.required { "required " } else { "" };
            let name = match field.name {
                "sources" => "`sources`, `source`".to_owned(),
                name => format!("`{name}`"),
            };
            let holds = holds(field.schema);
            let _ = writeln!(self.text, "| {name} | {required}| {holds} | {} |", in_cell(&description(field.schema)));
        }
    }

    fn heading(&mut self, level: usize, title: &str) {
        let _ = write!(self.text, "\n{} {title}\n\n", "#".repeat(level));
    }

    fn definitions_of(&mut self, schema: &Value) {
        let definitions = schema.get("$defs").and_then(Value::as_object).into_iter().flatten();
        self.parts.extend(definitions.map(|(name, part)| (name.clone(), part.clone())));
    }
}

/// One field of a record, a part or the settings.
#[derive(Clone, Copy)]
struct Field<'a> {
    name: &'a str,
    schema: &'a Value,
    required: bool,
}

fn fields(schema: &Value) -> impl Iterator<Item = Field<'_>> {
    let required = schema.get("required").and_then(Value::as_array);
    let is_required = move |name: &str| required.is_some_and(|names| names.iter().any(|required| *required == name));
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.map(move |(name, schema)| Field { name, schema, required: is_required(name) })
}

/// The names of the fields that are the same in all kinds.
fn common_fields() -> Vec<&'static str> {
    let properties = |kind: Kind| parse::schema(kind).get("properties").and_then(Value::as_object);
    let is_common = |name: &str, schema: &Value| {
        Kind::ALL.into_iter().all(|kind| properties(kind).and_then(|fields| fields.get(name)) == Some(schema))
    };
    let candidates = properties(Kind::Page).into_iter().flatten();
    candidates.filter(|(name, schema)| is_common(name, schema)).map(|(name, _)| name.as_str()).collect()
}

/// The form of a part in which each field stands under its own key.
fn long_form(schema: &Value) -> Option<&Value> {
    let is_long = |schema: &&Value| schema.get("properties").is_some();
    let alternatives = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    Some(schema).filter(is_long).or_else(|| alternatives.into_iter().find(is_long))
}

/// What a field holds, in words.
fn holds(schema: &Value) -> String {
    let Some(schema) = schema.as_object() else { return "anything".to_owned() };
    let alternatives = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    let has_list = alternatives.clone().any(|alternative| is_of_type(alternative, "array"));
    let one = alternatives.into_iter().find(|alternative| !is_of_type(alternative, "null"));
    match one {
        Some(one) if has_list => format!("one or more: {}", holds(one)),
        Some(one) => holds(one),
        None => of_one_value(schema),
    }
}

fn of_one_value(schema: &Map<String, Value>) -> String {
    let text = |keyword: &str| schema.get(keyword).and_then(Value::as_str);
    if let Some(name) = text("$ref").and_then(|target| target.strip_prefix("#/$defs/")) {
        return if name == "Edtf" { form("edtf") } else { link(&spaced(name), &spaced(name)) };
    }
    let is = |name: &str| schema.get("type").is_some_and(|kind| kind == name || is_among(kind, name));
    if let Some(format) = text("format").filter(|format| shape(format).is_some()) {
        return form(format);
    }
    if is("boolean") {
        return "`true` or `false`".to_owned();
    }
    if is("integer") {
        let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_i64);
        return match (limit("minimum"), limit("maximum")) {
            (Some(least), Some(most)) => format!("a whole number from {least} to {most}"),
            (Some(least), None) => format!("a whole number from {least}"),
            _ => "a whole number".to_owned(),
        };
    }
    if is("number") {
        let limit = |keyword: &str| schema.get(keyword).and_then(Value::as_f64);
        return match (limit("minimum"), limit("maximum")) {
            (Some(least), Some(most)) => format!("a number from {least} to {most}"),
            _ => "a number".to_owned(),
        };
    }
    let value_of = |keyword: &str| schema.get(keyword).filter(|schema| schema.is_object()).map(holds);
    match (value_of("propertyNames"), value_of("additionalProperties")) {
        (Some(key), Some(value)) => format!("a mapping: {key} to {value}"),
        _ => "a mapping".to_owned(),
    }
}

fn is_of_type(schema: &Value, name: &str) -> bool {
    schema.get("type").is_some_and(|kind| kind == name)
}

fn is_among(kinds: &Value, name: &str) -> bool {
    kinds.as_array().is_some_and(|kinds| kinds.iter().any(|kind| kind == name))
}

fn form(format: &str) -> String {
    let name = FORMS.iter().find(|(other, _)| *other == format).map_or(format, |(_, name)| name);
    link(name, name)
}

fn link(text: &str, heading: &str) -> String {
    format!("[{text}](#{})", anchor(heading))
}

/// The name by which a heading can be linked to.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

/// The documentation of a field or part.
fn description(schema: &Value) -> String {
    let own = schema.get("description").or_else(|| long_form(schema)?.get("description"));
    own.and_then(Value::as_str).map(one_line).unwrap_or_default()
}

fn in_cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// A name of words that begin with capitals, as two words.
fn spaced(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_uppercase).chain(characters).collect()
}

fn decapitalised(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().into_iter().flat_map(char::to_lowercase).chain(characters).collect()
}
