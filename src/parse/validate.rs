//! Front matter held against the JSON Schema that is made from the record's struct: every mistake at once, each with
//! its place and a way out.
//!
//! serde stops at the first mistake and knows no places; it decides what a record is, this explains why something is
//! none. Only the keywords that schemars writes for our structs are understood.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::open::{COVER, can_be_withheld, missing_alone};
use super::problem::Problem;
use super::record::schema;
use super::tree::{Entry, Node, NodeValue, quoted, reading};
use crate::diagnostic::Code;
use crate::model::{Kind, check_format};
use crate::text;

/// How many keys or words a hint lists before it says how many more there are.
const LISTED: usize = 12;

/// Everything in a record that its schema does not allow, in the order in which it stands in the text.
pub(crate) fn validate(root: &Node, schema: &Value) -> Vec<Problem> {
    check(root, schema, false).problems
}

/// The same for a record, in which a field may be the word `withheld`; also the bytes of these words.
pub(crate) fn validate_record(root: &Node, schema: &Value) -> (Vec<Problem>, Vec<Range<usize>>) {
    let Check { problems, withheld, .. } = check(root, schema, true);
    (problems, withheld)
}

fn check<'a>(root: &Node, schema: &'a Value, may_withhold: bool) -> Check<'a> {
    let mut check = Check { schema, may_withhold, problems: Vec::new(), withheld: Vec::new() };
    let Some(record) = schema.as_object() else { return check };
    match &root.value {
        NodeValue::Map(entries) => check.mapping(root, entries, record, Within::Record),
        NodeValue::Scalar { .. } | NodeValue::List(_) => {
            check.problems.push(no_keys(root));
        }
    }
    check.problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
    check
}

/// What a mapping is part of, for messages.
#[derive(Clone, Copy)]
enum Within<'a> {
    /// Nothing: it is the record itself.
    Record,
    /// The value of this key.
    Key(&'a str),
}

/// What a schema allows in one place: the alternatives of its `anyOf`, sorted by the kind of value they are for.
#[derive(Default)]
struct Allowed<'a> {
    null: bool,
    mapping: Option<&'a Map<String, Value>>,
    list: Option<&'a Map<String, Value>>,
    single: Option<Single<'a>>,
}

/// What a single value may be.
enum Single<'a> {
    /// One of some words, each with its meaning.
    Words(Vec<&'a str>),
    /// Text of some format.
    Text(&'a str),
    /// `true` or `false`.
    Truth,
    /// A whole number within limits.
    Integer { minimum: Option<i64>, maximum: Option<i64> },
    /// Any number within limits.
    Number { minimum: Option<f64>, maximum: Option<f64> },
}

struct Check<'a> {
    schema: &'a Value,
    may_withhold: bool,
    problems: Vec<Problem>,
    /// Where the word `withheld` stands in place of a value.
    withheld: Vec<Range<usize>>,
}

impl<'a> Check<'a> {
    fn mapping(&mut self, node: &Node, entries: &[Entry], object: &'a Map<String, Value>, within: Within<'_>) {
        let no_properties = Map::new();
        let properties = object.get("properties").and_then(Value::as_object);
        let names: Vec<&str> = properties.unwrap_or(&no_properties).keys().map(String::as_str).collect();
        let written: BTreeSet<&str> = entries.iter().filter_map(|entry| field_of(&entry.key, &names)).collect();
        let free: Vec<&str> = names.iter().copied().filter(|name| !written.contains(name)).collect();
        for entry in entries {
            let known = field_of(&entry.key, &names).and_then(|name| properties?.get(name));
            let schema = known.or_else(|| object.get("additionalProperties").filter(|schema| **schema != false));
            match schema {
                Some(schema) if self.is_withheld(entry, schema, object, within) => {
                    self.withheld.push(entry.value.span.clone());
                }
                Some(schema) => {
                    self.key_format(entry, object);
                    self.value(&entry.value, schema, &entry.key);
                }
                None if matches!(within, Within::Record) && entry.key.starts_with("x_") => {}
                None => {
                    let problem = unknown_key(entry, &free, within);
                    let same = |other: &&Entry| {
                        field_of(&other.key, &names).is_none()
                            && only_candidate(&other.key, &free) == only_candidate(&entry.key, &free)
                    };
                    // Two that can mean one key are for the author to sort out.
                    let is_alone = entries.iter().filter(same).nth(1).is_none();
                    self.problems.push(Problem { fix: problem.fix.filter(|_| is_alone), ..problem });
                }
            }
        }
        self.two_names(entries, &names);
        // A key that is there under a misspelt name is not missed a second time.
        let meant: Vec<String> = entries
            .iter()
            .filter(|entry| field_of(&entry.key, &names).is_none())
            .filter_map(|entry| only_candidate(&entry.key, &free).map(str::to_owned))
            .collect();
        let required = object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for name in required.filter(|name| !written.contains(name) && !meant.iter().any(|meant| meant == name)) {
            let schema = properties.and_then(|properties| properties.get(name)).unwrap_or(&Value::Null);
            let problem = self.missing_key(node, name, schema);
            self.problems.push(problem);
        }
    }

    fn value(&mut self, node: &Node, schema: &'a Value, key: &str) {
        if allows_anything(schema) {
            return;
        }
        let allowed = self.allowed(schema);
        match (&node.value, &allowed) {
            (NodeValue::Map(entries), Allowed { mapping: Some(object), .. }) => {
                self.mapping(node, entries, object, Within::Key(key));
            }
            (NodeValue::List(items), Allowed { list: Some(list), .. }) => {
                let Some(schema) = list.get("items") else { return };
                if items.is_empty() && list.contains_key("minItems") {
                    self.problems.push(empty_list(node, key));
                }
                // In prose, text stays text.
                let may_withhold = self.may_withhold
                    && can_be_withheld(key)
                    && !matches!(self.allowed(schema).single, Some(Single::Text("markdown")));
                for item in items {
                    if may_withhold && is_word_withheld(item) {
                        self.withheld.push(item.span.clone());
                    } else {
                        self.value(item, schema, key);
                    }
                }
            }
            (NodeValue::Scalar { text, plain }, _) => {
                self.problems.extend(self.scalar(node, text, *plain, &allowed, key));
            }
            (NodeValue::Map(entries), _) => {
                let problem = wrong_type(node, key, &allowed, "a mapping");
                let is_meant = self.may_withhold && entries.iter().any(|entry| entry.key == "value");
                self.problems.push(if is_meant { problem.hint(COVER) } else { problem });
            }
            (NodeValue::List(_), _) => {
                let problem = wrong_type(node, key, &allowed, "a list");
                self.problems.push(problem);
            }
        }
    }

    /// Whether a field says that it is withheld, and can do so. What must be there has its own way of saying it, or none; in
    /// parts of a field, text stays text.
    fn is_withheld(&self, entry: &Entry, schema: &'a Value, object: &Map<String, Value>, within: Within<'_>) -> bool {
        let required = object.get("required").and_then(Value::as_array).into_iter().flatten();
        self.may_withhold
            && is_word_withheld(&entry.value)
            && can_be_withheld(&entry.key)
            && !required.filter_map(Value::as_str).any(|name| name == entry.key)
            && (matches!(within, Within::Record)
                || !matches!(self.allowed(schema).single, Some(Single::Text("line" | "markdown"))))
    }

    fn scalar(&self, node: &Node, text: &str, plain: bool, allowed: &Allowed<'_>, key: &str) -> Option<Problem> {
        let read = reading(text, plain);
        if read.is_null() {
            // A mapping whose keys are the author's own may be left empty.
            let is_free = allowed.mapping.is_some_and(|object| !object.contains_key("properties"));
            return (!allowed.null && !is_free).then(|| no_value(node, text, allowed, key));
        }
        if self.may_withhold
            && text == "withheld"
            && matches!(allowed.single, Some(Single::Text("edtf") | Single::Number { .. }))
        {
            return Some(missing_alone(node, key));
        }
        let Some(single) = &allowed.single else {
            let problem = wrong_type(node, key, allowed, "a single value");
            return Some(match allowed.mapping {
                Some(object) => problem.hint(format!("write it with keys of its own: {}", self.long_form(object))),
                None => problem,
            });
        };
        match single {
            Single::Words(words) if words.contains(&text) => None,
            Single::Words(words) => Some(unknown_word(node, text, words, key)),
            Single::Truth if read.is_bool() => None,
            Single::Truth => Some(no_truth(node, text, key)),
            Single::Integer { minimum, maximum } => whole_number(node, text, &read, (*minimum, *maximum), key),
            Single::Number { minimum, maximum } => number(node, text, &read, (*minimum, *maximum), key),
            // A year alone is a number to YAML, and a date to everybody who writes one.
            Single::Text(format) if read.is_string() || *format == "edtf" => wrong_format(node, text, format),
            Single::Text(_) => Some(not_text(node, text, &read, key)),
        }
    }

    /// Sorts out what a schema allows, through its references and alternatives.
    fn allowed(&self, schema: &'a Value) -> Allowed<'a> {
        let mut allowed = Allowed::default();
        self.add_allowed(schema, &mut allowed, 0);
        allowed
    }

    fn add_allowed(&self, schema: &'a Value, allowed: &mut Allowed<'a>, depth: usize) {
        let Some(object) = schema.as_object().filter(|_| depth < 16) else { return };
        if let Some(target) = object.get("$ref").and_then(Value::as_str) {
            let target = target.strip_prefix('#').and_then(|pointer| self.schema.pointer(pointer));
            if let Some(target) = target {
                self.add_allowed(target, allowed, depth + 1);
            }
        }
        if let Some(words) = words_of(object) {
            allowed.single = Some(Single::Words(words));
            return;
        }
        for list in ["anyOf", "oneOf"] {
            let alternatives = object.get(list).and_then(Value::as_array).into_iter().flatten();
            alternatives.for_each(|alternative| self.add_allowed(alternative, allowed, depth + 1));
        }
        let types: Vec<&str> = match object.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => Vec::new(),
        };
        for name in types {
            match name {
                "null" => allowed.null = true,
                "object" => allowed.mapping = Some(object),
                "array" => allowed.list = Some(object),
                "string" => {
                    let format = object.get("format").and_then(Value::as_str).unwrap_or_default();
                    allowed.single = Some(Single::Text(format));
                }
                // A date may also be the number that YAML makes of a year; its format says more than its types.
                _ if allowed.single.is_some() => {}
                "boolean" => allowed.single = Some(Single::Truth),
                "integer" => {
                    let limit = |keyword: &str| object.get(keyword).and_then(Value::as_i64);
                    allowed.single = Some(Single::Integer { minimum: limit("minimum"), maximum: limit("maximum") });
                }
                "number" => {
                    let limit = |keyword: &str| object.get(keyword).and_then(Value::as_f64);
                    allowed.single = Some(Single::Number { minimum: limit("minimum"), maximum: limit("maximum") });
                }
                _ => {}
            }
        }
    }

    /// Checks a key that the author chose, where the schema says of what form such keys are.
    fn key_format(&mut self, entry: &Entry, object: &'a Map<String, Value>) {
        let Some(names) = object.get("propertyNames") else { return };
        let key =
            Node { span: entry.key_span.clone(), value: NodeValue::Scalar { text: entry.key.clone(), plain: false } };
        self.value(&key, names, &entry.key);
    }

    /// `source` and `sources` are one field.
    fn two_names(&mut self, entries: &[Entry], names: &[&str]) {
        let named = |name: &str| entries.iter().find(|entry| entry.key == name);
        let (Some(one), Some(many)) = (named("source"), named("sources")) else { return };
        if names.contains(&"source") {
            return;
        }
        let (first, second) = if one.key_span.start < many.key_span.start { (one, many) } else { (many, one) };
        let message = "`source` and `sources` are two names of one field";
        let problem = Problem::new(Code::DuplicateKey, second.key_span.clone(), message)
            .label("again here")
            .related(first.key_span.clone(), "first here")
            .hint("put all of them into `sources: [first, second]`");
        self.problems.push(problem);
    }

    fn missing_key(&self, node: &Node, name: &str, schema: &'a Value) -> Problem {
        let place = node.span.start..node.span.start;
        let problem = Problem::new(Code::MissingKey, place, format!("`{name}` is missing")).label("needed here");
        let line = format!("add `{name}: {}`", self.example(name, schema));
        problem.hint(match schema.get("description").and_then(Value::as_str) {
            Some(description) => format!("{line} ({})", in_sentence(description)),
            None => line,
        })
    }

    /// The keys that a long form cannot do without, with examples.
    fn long_form(&self, object: &'a Map<String, Value>) -> String {
        let property = |name: &str| object.get("properties").and_then(|properties| properties.get(name));
        let required = object.get("required").and_then(Value::as_array).into_iter().flatten();
        let keys = required
            .filter_map(Value::as_str)
            .map(|name| format!("{name}: {}", self.example(name, property(name).unwrap_or(&Value::Null))));
        format!("`{{{}}}`", keys.collect::<Vec<_>>().join(", "))
    }

    /// What could stand under a key.
    fn example(&self, name: &str, schema: &'a Value) -> String {
        let allowed = self.allowed(schema);
        let example = match (&allowed.single, name) {
            (Some(Single::Words(words)), _) => words.first().copied().unwrap_or_default(),
            (Some(Single::Truth), _) => "true",
            (Some(Single::Integer { .. } | Single::Number { .. }), _) => "12",
            (Some(Single::Text("id")), "source") => "daily-2023-06-22",
            (Some(Single::Text("id")), _) => "jane-doe",
            (Some(Single::Text("edtf")), _) => "2023-06-21",
            (Some(Single::Text("lang")), _) => "en",
            (Some(Single::Text("country")), _) => "IN",
            (Some(Single::Text("uri")), _) => "https://example.org/page",
            (Some(Single::Text("clock")), _) => "\"18:05\"",
            (Some(Single::Text("word")), _) => "leads",
            (Some(Single::Text("markdown")), _) => "We did not open the gate before six.",
            (Some(Single::Text(_)), "name") => "Jane Doe",
            (Some(Single::Text(_)), _) => "A few words",
            (None, _) => "…",
        };
        example.to_owned()
    }
}

fn is_word_withheld(node: &Node) -> bool {
    matches!(&node.value, NodeValue::Scalar { text, .. } if text == "withheld")
}

fn no_keys(root: &Node) -> Problem {
    let place = root.span.start..root.span.start;
    let problem = Problem::new(Code::WrongType, place, "the front matter has no keys");
    match &root.value {
        NodeValue::Scalar { text, plain: true } if text.contains(':') => {
            let spaced = text::excerpt(&text.replacen(':', ": ", 1), 60);
            problem.hint(format!("put a space after the colon: `{spaced}`"))
        }
        _ => problem.hint("write keys with values, such as `title: A title`"),
    }
}

/// The field that a key stands for: itself, or `sources` where one source may be written as `source`.
fn field_of<'n>(key: &str, names: &[&'n str]) -> Option<&'n str> {
    let named = |wanted: &str| names.iter().copied().find(|name| *name == wanted);
    named(key).or_else(|| if key == "source" { named("sources") } else { None })
}

/// Whether a schema says nothing about values, as for a theme's own options.
fn allows_anything(schema: &Value) -> bool {
    let says = ["$ref", "type", "anyOf", "oneOf", "enum", "const"];
    schema.as_object().is_none_or(|object| says.iter().all(|keyword| !object.contains_key(*keyword)))
}

/// The closed vocabulary that a schema is, if it is one.
fn words_of(object: &Map<String, Value>) -> Option<Vec<&str>> {
    if let Some(word) = object.get("const") {
        return word.as_str().map(|word| vec![word]);
    }
    if let Some(words) = object.get("enum").and_then(Value::as_array) {
        return Some(words.iter().filter_map(Value::as_str).collect());
    }
    let alternatives = object.get("oneOf").and_then(Value::as_array)?;
    let words: Option<Vec<_>> = alternatives.iter().map(|alternative| words_of(alternative.as_object()?)).collect();
    words.map(|words| words.concat())
}

fn unknown_key(entry: &Entry, free: &[&str], within: Within<'_>) -> Problem {
    let shown = text::excerpt(&entry.key, 40);
    let message = match within {
        Within::Record => format!("unknown key `{shown}`"),
        Within::Key(key) => format!("unknown key `{shown}` in `{}`", text::excerpt(key, 40)),
    };
    let problem = Problem::new(Code::UnknownKey, entry.key_span.clone(), message).label("no such key");
    let near = candidates(&entry.key, free);
    match (near.is_empty(), free.is_empty()) {
        (false, _) => {
            let problem = problem.hint(format!("did you mean {}?", text::alternatives(&near)));
            match only_candidate(&entry.key, free).filter(|only| is_slip(&entry.key, only)) {
                Some(only) => problem.fix(entry.key_span.clone(), only),
                None => problem,
            }
        }
        (true, false) => problem.hint(format!("there are these keys: {}", listed(free))),
        (true, true) => problem.hint("remove it"),
    }
}

/// The one key that can have been meant by another.
fn only_candidate<'a>(key: &str, free: &[&'a str]) -> Option<&'a str> {
    match candidates(key, free).as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

/// The keys that can have been meant by another: the same word in capitals, or for one or many things, else what is near.
fn candidates<'a>(key: &str, free: &[&'a str]) -> Vec<&'a str> {
    let written = key.to_lowercase();
    let is_plural =
        |one: &str, many: &str| many.strip_prefix(one).is_some_and(|ending| ending == "s" || ending == "es");
    let is_same = |name: &&str| *name == written || is_plural(name, &written) || is_plural(&written, name);
    let same: Vec<&str> = free.iter().copied().filter(is_same).collect();
    if same.is_empty() { text::nearest(key, free.iter().copied()) } else { same }
}

/// Whether a key can only be another one that was misspelt. One that some other kind or part has is no misspelling, and
/// what is short, or would give a record another address or an embargo, is left to the author.
fn is_slip(key: &str, meant: &str) -> bool {
    let small = key.to_lowercase();
    if small == meant {
        return true;
    }
    let is_one_of_several = meant.strip_suffix('s') == Some(&small);
    !is_key_elsewhere(&small)
        && !matches!(meant, "id" | "publish_at")
        && (small.chars().count() > 3 || is_one_of_several)
}

/// Whether any kind of record, or a part of one, has a key.
fn is_key_elsewhere(key: &str) -> bool {
    static KEYS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
        let mut keys = BTreeSet::from(["source"]);
        Kind::ALL.into_iter().for_each(|kind| keys_of(schema(kind), &mut keys));
        keys
    });
    KEYS.contains(key)
}

fn keys_of(schema: &'static Value, keys: &mut BTreeSet<&'static str>) {
    match schema {
        Value::Object(object) => {
            let properties = object.get("properties").and_then(Value::as_object);
            keys.extend(properties.into_iter().flat_map(Map::keys).map(String::as_str));
            object.values().for_each(|value| keys_of(value, keys));
        }
        Value::Array(values) => values.iter().for_each(|value| keys_of(value, keys)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn unknown_word(node: &Node, written: &str, words: &[&str], key: &str) -> Problem {
    let shown = text::excerpt(written, 40);
    let message = format!("`{shown}` is not a word that `{}` may have", text::excerpt(key, 40));
    let problem = Problem::new(Code::UnknownWord, node.span.clone(), message).label("unknown word");
    let near = text::nearest(written, words.iter().copied());
    if near.is_empty() {
        problem.hint(format!("write {}", text::alternatives(words)))
    } else {
        problem.hint(format!("did you mean {}?", text::alternatives(&near)))
    }
}

fn no_value(node: &Node, written: &str, allowed: &Allowed<'_>, key: &str) -> Problem {
    let key = text::excerpt(key, 40);
    let problem = Problem::new(Code::WrongType, node.span.clone(), format!("`{key}` has no value"));
    let is_text = matches!(allowed.single, Some(Single::Text(_)));
    if is_text && !written.is_empty() && written != "~" {
        let problem = problem.label("YAML reads this as nothing");
        return problem.hint(format!("put it in quotation marks if that is the text: `{}`", quoted(written)));
    }
    // Only what must be there, and lists and truth values, are asked for without a way to leave them empty.
    let is_list = allowed.list.is_some_and(|list| !list.contains_key("minItems"));
    let is_required = !is_list && !matches!(allowed.single, Some(Single::Truth));
    problem.label("nothing here").hint(if is_required { "write a value" } else { "write a value or remove the key" })
}

/// A list that must have something in it.
fn empty_list(node: &Node, key: &str) -> Problem {
    let message = format!("`{}` is an empty list", text::excerpt(key, 40));
    Problem::new(Code::WrongType, node.span.clone(), message).label("nothing in it").hint("write a value")
}

fn not_text(node: &Node, written: &str, read: &serde_yaml::Value, key: &str) -> Problem {
    let (what, shown) = (if read.is_bool() { "a truth value" } else { "a number" }, text::excerpt(written, 40));
    let key = text::excerpt(key, 40);
    let message = format!("`{key}` is text, and YAML reads `{shown}` as {what}");
    Problem::new(Code::WrongType, node.span.clone(), message)
        .label(what)
        .hint(format!("put it in quotation marks: `{}`", quoted(written)))
        .fix(node.span.clone(), quoted(written))
}

fn no_truth(node: &Node, written: &str, key: &str) -> Problem {
    let message = format!("`{}` is either `true` or `false`", text::excerpt(key, 40));
    let problem = Problem::new(Code::WrongType, node.span.clone(), message).label("neither");
    match written.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "on" | "1" => problem.hint("write `true`"),
        "false" | "no" | "n" | "off" | "0" => problem.hint("write `false`"),
        _ => problem.hint("write `true` or `false`, without quotation marks"),
    }
}

fn whole_number(
    node: &Node,
    written: &str,
    read: &serde_yaml::Value,
    (minimum, maximum): (Option<i64>, Option<i64>),
    key: &str,
) -> Option<Problem> {
    let Some(number) = read.as_i64().map(i128::from).or_else(|| read.as_u64().map(i128::from)) else {
        return Some(no_number(node, written, key, "a whole number"));
    };
    let limit = match (minimum.map(i128::from), maximum.map(i128::from)) {
        (Some(minimum), _) if number < minimum => format!("cannot be less than {minimum}"),
        (_, Some(maximum)) if number > maximum => format!("cannot be more than {maximum}"),
        // Without limits it is a number of 64 bits with a sign.
        (None, _) if number > i128::from(i64::MAX) => format!("cannot be more than {}", i64::MAX),
        _ => return None,
    };
    let message = format!("`{}` {limit}", text::excerpt(key, 40));
    Some(Problem::new(Code::BadValue, node.span.clone(), message).label("out of range"))
}

fn number(
    node: &Node,
    written: &str,
    read: &serde_yaml::Value,
    limits: (Option<f64>, Option<f64>),
    key: &str,
) -> Option<Problem> {
    // YAML has a word for what is no number, and takes it for one.
    let Some(number) = read.as_f64().filter(|number| !number.is_nan()) else {
        return Some(no_number(node, written, key, "a number"));
    };
    let limit = match limits {
        (Some(minimum), _) if number < minimum => format!("cannot be less than {minimum}"),
        (_, Some(maximum)) if number > maximum => format!("cannot be more than {maximum}"),
        _ => return None,
    };
    let message = format!("`{}` {limit}", text::excerpt(key, 40));
    let problem = Problem::new(Code::BadValue, node.span.clone(), message).label("out of range");
    Some(match limits {
        (Some(minimum), Some(maximum)) => problem.hint(format!("write a number from {minimum} to {maximum}")),
        _ => problem,
    })
}

fn no_number(node: &Node, written: &str, key: &str, what: &str) -> Problem {
    let message = format!("`{}` is {what}", text::excerpt(key, 40));
    let problem = Problem::new(Code::WrongType, node.span.clone(), message).label(format!("not {what}"));
    if reading(written, true).is_number() && node.span.len() > written.len() {
        return problem.hint(format!("write it without quotation marks: `{written}`"));
    }
    problem.hint("write digits alone, or remove the key")
}

fn wrong_format(node: &Node, written: &str, format: &str) -> Option<Problem> {
    let error = check_format(format, written).err()?;
    let code = if format == "edtf" { Code::BadDate } else { Code::BadValue };
    let problem = Problem::new(code, node.span.clone(), error.to_string());
    let hint = match (error.way_out(), format) {
        (Some(hint), _) => hint,
        (None, "edtf") => "write a date as `2025-05-11`, `2025-05` or `2025`, and `2025~` for about that year",
        (None, _) => return Some(problem),
    };
    // Where there is one way to write the date that was meant, that is it.
    let meant = hint.strip_prefix("write `").and_then(|rest| rest.strip_suffix('`')).map(str::to_owned);
    // Of an interval, a set or a doubtful date the proposal may be a part only.
    let is_bare = !written.contains(['/', '[', '{', '?', '~', '%']) && !written.contains("..");
    let is_only_written_otherwise = format == "edtf" && is_bare && problem.message.ends_with("is not an EDTF date");
    // A year of one or two digits may be of any century.
    let is_only_written_otherwise =
        is_only_written_otherwise && !meant.as_ref().is_some_and(|meant| meant.starts_with('0'));
    let meant = meant.filter(|meant| is_only_written_otherwise && check_format(format, meant).is_ok());
    let problem = problem.hint(hint);
    Some(match meant {
        // Brackets and commas would make a list of it.
        Some(meant) if meant.contains(['[', '{', ',']) => problem.fix(node.span.clone(), quoted(&meant)),
        Some(meant) => problem.fix(node.span.clone(), meant),
        None => problem,
    })
}

fn wrong_type(node: &Node, key: &str, allowed: &Allowed<'_>, found: &str) -> Problem {
    let meant = match allowed {
        Allowed { single: Some(_), list: Some(_), .. } => "one value or a list",
        Allowed { single: Some(_), .. } => "one value",
        Allowed { mapping: Some(_), list: Some(_), .. } => "a mapping or a list of them",
        Allowed { mapping: Some(_), .. } => "a mapping",
        Allowed { list: Some(_), .. } => "a list",
        Allowed { .. } => "nothing",
    };
    let message = format!("`{}` is {meant}, not {found}", text::excerpt(key, 40));
    let problem = Problem::new(Code::WrongType, node.span.clone(), message).label(found);
    match (found, &allowed.single) {
        ("a list", Some(_)) => {
            problem.hint("keep one value, without `- ` and brackets; put it in quotation marks if they belong to it")
        }
        ("a mapping", Some(_)) => {
            problem.hint("put the value in quotation marks if the colon or the braces belong to it")
        }
        _ => problem,
    }
}

/// A field's documentation as part of a sentence: without its full stop, beginning small.
fn in_sentence(description: &str) -> String {
    let sentence = description.trim_end_matches('.').split_whitespace().collect::<Vec<_>>().join(" ");
    let mut characters = sentence.chars();
    match (characters.next(), characters.next()) {
        // `SHA-256` and `EDTF` keep their letters.
        (Some(_), Some(second)) if second.is_uppercase() => sentence,
        (Some(first), _) => first.to_lowercase().chain(sentence.chars().skip(1)).collect(),
        (None, _) => sentence,
    }
}

fn listed(names: &[&str]) -> String {
    let shown = names.iter().take(LISTED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests;
