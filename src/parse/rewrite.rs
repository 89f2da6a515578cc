//! Writing into the front matter of a record: some values, and no other byte. Comments, order and line ends stay as they are.
//!
//! What is written is put where a person would put it: in the place of the value that was there, after the last item of a list,
//! or after the last field. Whoever asks for it reads the result again, and takes it only when nothing else has come to mean
//! something else; not all that YAML allows can be foreseen here.

use std::fmt;
use std::ops::Range;

use super::record::Origin;
use super::tree::{self, Entry, Node, NodeValue};

/// What is to stand under a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Written {
    /// A text, in the place of what is there.
    Text(String),
    /// A mapping, in the place of what is there.
    Map(Vec<(&'static str, Plain)>),
    /// One more item of a list of mappings, dated under `on`: where the newest stand first, before them, else after the last.
    Item(Vec<(&'static str, Plain)>),
    /// Fields of one item of a list of mappings, counted from 0, or of the mapping that stands alone: those that are there are
    /// replaced, the others come after the last.
    Within(usize, Vec<(&'static str, Plain)>),
}

/// A value of a mapping that is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plain {
    /// A text.
    Text(String),
    /// A number.
    Number(u64),
    /// The truth value.
    True,
}

impl<T: Into<String>> From<T> for Plain {
    fn from(text: T) -> Plain {
        Plain::Text(text.into())
    }
}

impl fmt::Display for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&match self {
            Plain::Text(text) => scalar(text),
            Plain::Number(number) => number.to_string(),
            Plain::True => "true".to_owned(),
        })
    }
}

/// Why a front matter is left to its author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unwritable(String);

impl fmt::Display for Unwritable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unwritable {}

/// The text of a file after fields of one of its records were written.
pub fn write_fields(text: &str, origin: &Origin, fields: &[(&str, Written)]) -> Result<String, Unwritable> {
    let (start, end) = (origin.yaml.start, origin.yaml.end);
    let yaml = write_yaml(&text[start..end], fields)?;
    Ok(format!("{}{yaml}{}", &text[..start], &text[end..]))
}

fn write_yaml(yaml: &str, fields: &[(&str, Written)]) -> Result<String, Unwritable> {
    let Some(Node { span, value: NodeValue::Map(entries) }) = tree::read_tree(yaml).root else {
        return Err(Unwritable("the front matter is no mapping of keys and values".to_owned()));
    };
    let line_break = if yaml.contains("\r\n") { "\r\n" } else { "\n" };
    let mut page = Page { yaml, line_break, edits: Vec::new() };
    let mut new = Vec::new();
    for (key, written) in fields {
        match entries.iter().find(|entry| entry.key == *key) {
            Some(entry) => page.change(entry, written)?,
            None => new.push((*key, written)),
        }
    }
    page.add(&span, entries.last(), &new)?;
    Ok(page.finish())
}

/// A front matter that is being written into.
struct Page<'a> {
    yaml: &'a str,
    line_break: &'static str,
    /// In the order in which they were asked for; two at one place stand there in this order.
    edits: Vec<(Range<usize>, String)>,
}

impl Page<'_> {
    fn edit(&mut self, place: Range<usize>, text: impl Into<String>) {
        self.edits.push((place, text.into()));
    }

    fn finish(mut self) -> String {
        self.edits.sort_by_key(|(place, _)| place.start);
        let mut written = String::with_capacity(self.yaml.len() + 200);
        let mut at = 0;
        for (place, text) in self.edits {
            written.push_str(&self.yaml[at..place.start.max(at)]);
            written.push_str(&text);
            at = place.end.max(at);
        }
        written + &self.yaml[at..]
    }

    /// Writes under a key that is there.
    fn change(&mut self, entry: &Entry, written: &Written) -> Result<(), Unwritable> {
        let (key, value) = (&entry.key, &entry.value);
        if self.yaml[value.span.start..].starts_with('*') {
            return Err(Unwritable(format!("what stands under `{key}` is an alias of another value")));
        }
        match written {
            Written::Text(text) => self.replace(entry, &scalar(text)),
            Written::Map(fields) => self.replace(entry, &flow(fields)),
            Written::Item(fields) => return self.add_item(entry, fields),
            Written::Within(at, fields) => return self.write_within(entry, *at, fields),
        }
        Ok(())
    }

    /// Writes into a mapping that stands alone or in a list.
    fn write_within(&mut self, entry: &Entry, at: usize, fields: &[(&str, Plain)]) -> Result<(), Unwritable> {
        let item = match &entry.value.value {
            NodeValue::List(items) => items.get(at),
            NodeValue::Map(_) if at == 0 => Some(&entry.value),
            NodeValue::Map(_) | NodeValue::Scalar { .. } => None,
        };
        let refused = |why: &str| Unwritable(format!("item {} under `{}` {why}", at + 1, entry.key));
        let Some(Node { span, value: NodeValue::Map(known) }) = item else {
            return Err(refused("is no mapping of keys and values"));
        };
        let is_alias = |node: &Node| self.yaml[node.span.start..].starts_with('*');
        if item.is_some_and(is_alias) || known.iter().any(|entry| is_alias(&entry.value)) {
            return Err(refused("is an alias of another value, or has one in it"));
        }
        let Some(last) = known.last() else { return Err(refused("has nothing in it")) };
        let end = last.value.span.end.max(last.key_span.end);
        let mut new = Vec::new();
        for (key, value) in fields {
            match known.iter().find(|entry| entry.key == *key) {
                Some(entry) => self.replace(entry, &value.to_string()),
                None => new.push(format!("{key}: {value}")),
            }
        }
        if new.is_empty() {
            return Ok(());
        }
        if self.yaml[span.start..].starts_with('{') {
            self.edit(end..end, new.iter().map(|field| format!(", {field}")).collect::<String>());
            return Ok(());
        }
        // The others stand below the first key, which may stand behind the sign of the item.
        let before = &self.yaml[self.line_start(known[0].key_span.start)..known[0].key_span.start];
        let pad = " ".repeat(before.chars().count());
        let lines: Vec<String> = new.iter().map(|field| format!("{pad}{field}")).collect();
        self.add_lines(end, &lines.join(self.line_break));
        Ok(())
    }

    /// Puts a value on one line in the place of another.
    fn replace(&mut self, entry: &Entry, text: &str) {
        let value = &entry.value.span;
        let between = &self.yaml[entry.key_span.end.min(value.start)..value.start];
        // A comment behind the colon stays, and then the value stays on its own line.
        let is_bare = between.trim() == ":" || between.is_empty();
        if is_bare {
            self.edit(entry.key_span.end..value.end.max(entry.key_span.end), format!(": {text}"));
        } else {
            self.edit(value.clone(), text);
        }
    }

    fn add_item(&mut self, entry: &Entry, fields: &[(&str, Plain)]) -> Result<(), Unwritable> {
        let value = &entry.value;
        let first = self.yaml[value.span.clone()].chars().next();
        match (&value.value, first) {
            (NodeValue::List(items), Some('[')) => match items.last() {
                None => self.edit(value.span.start + 1..value.span.start + 1, flow(fields)),
                Some(_) if newest_first(items) => {
                    self.edit(value.span.start + 1..value.span.start + 1, format!("{}, ", flow(fields)));
                }
                Some(last) => self.edit(last.span.end..last.span.end, format!(", {}", flow(fields))),
            },
            (NodeValue::List(items), Some('-')) => {
                let line = self.line_start(value.span.start);
                let pad = self.yaml[line..value.span.start].to_owned();
                let item = self.item(&pad, fields);
                if newest_first(items) {
                    self.edit(line..line, format!("{item}{}", self.line_break));
                } else {
                    self.add_lines(value.span.end, &item);
                }
            }
            (NodeValue::Map(_), Some('{')) => {
                self.edit(value.span.start..value.span.start, "[");
                self.edit(value.span.end..value.span.end, format!(", {}]", flow(fields)));
            }
            // One value stood alone; it becomes the first item of a list.
            (NodeValue::Map(_), _) => {
                let pad = self.yaml[self.line_start(value.span.start)..value.span.start].to_owned();
                self.edit(value.span.start..value.span.start, "- ");
                let breaks: Vec<usize> = self.yaml[value.span.clone()].match_indices('\n').map(|(at, _)| at).collect();
                for at in breaks {
                    let line = value.span.start + at + 1;
                    let is_empty = self.yaml[line..].starts_with(['\r', '\n']);
                    self.edit(line..line, if is_empty { "" } else { "  " });
                }
                let item = self.item(&pad, fields);
                self.add_lines(value.span.end, &item);
            }
            (NodeValue::Scalar { .. }, _) => self.replace(entry, &format!("[{}]", flow(fields))),
            (NodeValue::List(_), _) => {
                return Err(Unwritable(format!("the list under `{}` is written in a form of its own", entry.key)));
            }
        }
        Ok(())
    }

    /// Writes under keys that are not there yet, after the last field.
    fn add(&mut self, root: &Range<usize>, last: Option<&Entry>, new: &[(&str, &Written)]) -> Result<(), Unwritable> {
        let Some(last) = last.filter(|_| !new.is_empty()) else { return Ok(()) };
        let end = last.value.span.end.max(last.key_span.end);
        if self.yaml[root.start..].starts_with('{') {
            for (key, written) in new {
                let value = on_one_line(written).ok_or_else(|| Unwritable(format!("there is no `{key}`")))?;
                self.edit(end..end, format!(", {key}: {value}"));
            }
            return Ok(());
        }
        let pad = self.yaml[self.line_start(root.start)..root.start].to_owned();
        if !pad.trim().is_empty() {
            return Err(Unwritable("the first key does not stand at the beginning of its line".to_owned()));
        }
        let inner = format!("{pad}  ");
        let mut lines = Vec::new();
        for (key, written) in new {
            match written {
                Written::Text(text) => lines.push(format!("{pad}{key}: {}", scalar(text))),
                Written::Map(fields) => {
                    lines.push(format!("{pad}{key}:"));
                    lines.extend(fields.iter().map(|(key, value)| format!("{inner}{key}: {value}")));
                }
                Written::Item(fields) => {
                    lines.push(format!("{pad}{key}:"));
                    lines.push(self.item(&inner, fields));
                }
                Written::Within(..) => return Err(Unwritable(format!("there is no `{key}`"))),
            }
        }
        self.add_lines(end, &lines.join(self.line_break));
        Ok(())
    }

    /// Puts lines below the one that a place is in.
    fn add_lines(&mut self, place: usize, lines: &str) {
        match self.yaml[place..].find('\n') {
            Some(at) => self.edit(place + at + 1..place + at + 1, format!("{lines}{}", self.line_break)),
            None => self.edit(self.yaml.len()..self.yaml.len(), format!("{}{lines}", self.line_break)),
        }
    }

    /// An item of a list as lines, without the last line break.
    fn item(&self, pad: &str, fields: &[(&str, Plain)]) -> String {
        let line = |(at, (key, value)): (usize, &(&str, Plain))| {
            format!("{pad}{} {key}: {}", if at == 0 { "-" } else { " " }, value)
        };
        fields.iter().enumerate().map(line).collect::<Vec<_>>().join(self.line_break)
    }

    fn line_start(&self, at: usize) -> usize {
        self.yaml[..at].rfind('\n').map_or(0, |line_break| line_break + 1)
    }
}

/// Whether the items of a list stand in the order of their days, the newest first.
fn newest_first(items: &[Node]) -> bool {
    let day = |item: &Node| match item.entry("on").map(|entry| &entry.value.value) {
        Some(NodeValue::Scalar { text, .. }) => text.clone(),
        _ => String::new(),
    };
    match items {
        [first, .., last] => day(first) > day(last),
        _ => false,
    }
}

/// A new value on one line; none for what is a part of a value that is there.
fn on_one_line(written: &Written) -> Option<String> {
    match written {
        Written::Text(text) => Some(scalar(text)),
        Written::Map(fields) => Some(flow(fields)),
        Written::Item(fields) => Some(format!("[{}]", flow(fields))),
        Written::Within(..) => None,
    }
}

fn flow(fields: &[(&str, Plain)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{{}}}", fields.join(", "))
}

/// A text as YAML has it: plain where it can be nothing else, in quotation marks where it could.
fn scalar(text: &str) -> String {
    let is_harmless = |c: char| c.is_alphanumeric() || " -._/".contains(c);
    let is_plain = text.starts_with(char::is_alphanumeric) && text.ends_with(char::is_alphanumeric);
    let reads_as_itself = || matches!(tree::reading(text, true), serde_yaml::Value::String(read) if read == text);
    if is_plain && text.chars().all(is_harmless) && reads_as_itself() {
        return text.to_owned();
    }
    // What JSON says in quotation marks, YAML says in the same way.
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Written {
        Written::Text(text.to_owned())
    }

    fn item() -> Written {
        Written::Item(vec![("on", "2026-11-26".into()), ("why", "It was wrong, we think.".into())])
    }

    #[track_caller]
    fn check(yaml: &str, fields: &[(&str, Written)], expected: &str) {
        assert_eq!(write_yaml(yaml, fields).unwrap(), expected);
    }

    #[test]
    fn a_value_that_is_there_is_replaced_and_what_stands_around_it_stays() {
        let unlisted = [("visibility", text("unlisted"))];
        check(
            "# a\ntitle: A # the title\nvisibility:  public # all\nlang: en\n",
            &unlisted,
            "# a\ntitle: A # the title\nvisibility: unlisted # all\nlang: en\n",
        );
        check("visibility: \"public\"\r\nlang: en\r\n", &unlisted, "visibility: unlisted\r\nlang: en\r\n");
        check("visibility:\nlang: en\n", &unlisted, "visibility: unlisted\nlang: en\n");
        check("visibility: # who\n  public\n", &unlisted, "visibility: # who\n  unlisted\n");
    }

    #[test]
    fn a_new_field_stands_after_the_last_with_the_line_ends_of_the_others() {
        let fields = [
            ("display", text("omit")),
            ("takedown", Written::Map(vec![("as", "anonymise".into()), ("silent", Plain::True)])),
        ];
        check(
            "name: A\nkind: person # p\n# the end\n",
            &fields,
            "name: A\nkind: person # p\ndisplay: omit\ntakedown:\n  as: anonymise\n  silent: true\n# the end\n",
        );
        check(
            "name: A\r\nkind: person\r\n",
            &fields,
            "name: A\r\nkind: person\r\ndisplay: omit\r\ntakedown:\r\n  as: anonymise\r\n  silent: true\r\n",
        );
        check(
            "name: A\nnames:\n- text: B\n  lang: en",
            &fields,
            "name: A\nnames:\n- text: B\n  lang: en\ndisplay: omit\ntakedown:\n  as: anonymise\n  silent: true",
        );
        check(
            "  name: A\n  kind: person\n",
            &fields,
            "  name: A\n  kind: person\n  display: omit\n  takedown:\n    as: anonymise\n    silent: true\n",
        );
        check(
            "{name: A, kind: person}\n",
            &fields,
            "{name: A, kind: person, display: omit, takedown: {as: anonymise, silent: true}}\n",
        );
        check("body: |\n  One.\n\n  Two.\n\n", &fields[..1], "body: |\n  One.\n\n  Two.\ndisplay: omit\n\n");
    }

    #[test]
    fn an_item_is_added_to_a_list_in_the_form_that_the_list_has() {
        let fields = [("corrections", item())];
        let quoted = "\"It was wrong, we think.\"";
        check("title: A\n", &fields, &format!("title: A\ncorrections:\n  - on: 2026-11-26\n    why: {quoted}\n"));
        check(
            "corrections:\n- on: 2024-01-01 # first\n  why: x # y\nlang: en\n",
            &fields,
            &format!(
                "corrections:\n- on: 2024-01-01 # first\n  why: x # y\n- on: 2026-11-26\n  why: {quoted}\nlang: en\n"
            ),
        );
        check(
            "corrections:\n    - {on: 2024-01-01, why: x}\n",
            &fields,
            &format!("corrections:\n    - {{on: 2024-01-01, why: x}}\n    - on: 2026-11-26\n      why: {quoted}\n"),
        );
        check(
            "corrections:\n  - {on: 2025, why: x}\n  - {on: 2024, why: y}\n",
            &fields,
            &format!(
                "corrections:\n  - on: 2026-11-26\n    why: {quoted}\n  - {{on: 2025, why: x}}\n  - {{on: 2024, why: y}}\n"
            ),
        );
        check(
            "corrections: [{on: 2024, why: x}, ]\n",
            &fields,
            &format!("corrections: [{{on: 2024, why: x}}, {{on: 2026-11-26, why: {quoted}}}, ]\n"),
        );
        check(
            "corrections: []\nlang: en\n",
            &fields,
            &format!("corrections: [{{on: 2026-11-26, why: {quoted}}}]\nlang: en\n"),
        );
    }

    #[test]
    fn one_that_stands_alone_becomes_the_first_of_a_list() {
        let fields = [("corrections", item())];
        let quoted = "\"It was wrong, we think.\"";
        check(
            "corrections: {on: 2024, why: x} # z\n",
            &fields,
            &format!("corrections: [{{on: 2024, why: x}}, {{on: 2026-11-26, why: {quoted}}}] # z\n"),
        );
        check(
            "corrections:\n  on: 2024 # z\n  # then\n\n  why: >\n    x\n    y\nlang: en\n",
            &fields,
            &format!(
                "corrections:\n  - on: 2024 # z\n    # then\n\n    why: >\n      x\n      y\n  - on: 2026-11-26\n    why: {quoted}\nlang: en\n"
            ),
        );
        check("corrections: ~\n", &fields, &format!("corrections: [{{on: 2026-11-26, why: {quoted}}}]\n"));
    }

    #[test]
    fn fields_within_an_item_are_replaced_where_they_stand_and_come_after_the_last() {
        let within = |at| [("captures", Written::Within(at, vec![("at", "2024".into()), ("bytes", Plain::Number(5))]))];
        check(
            "captures:\n  - file: a.txt # x\n  - # two\n    file: b.txt\n    at: \"2023\" # then\n\nlang: en\n",
            &within(1),
            "captures:\n  - file: a.txt # x\n  - # two\n    file: b.txt\n    at: \"2024\" # then\n    bytes: 5\n\nlang: en\n",
        );
        check(
            "captures:\r\n- file: a.txt # x\r\n- file: b.txt\r\n",
            &within(0),
            "captures:\r\n- file: a.txt # x\r\n  at: \"2024\"\r\n  bytes: 5\r\n- file: b.txt\r\n",
        );
        check("captures: [{file: a.txt}, ]\n", &within(0), "captures: [{file: a.txt, at: \"2024\", bytes: 5}, ]\n");
        check("captures: {at: 2023, file: a.txt}", &within(0), "captures: {at: \"2024\", file: a.txt, bytes: 5}");
        check("captures:\n  file: a.txt", &within(0), "captures:\n  file: a.txt\n  at: \"2024\"\n  bytes: 5");
        for refused in ["captures: a\n", "captures: []\n", "lang: en\n", "x: &a {file: b}\ncaptures: [*a]\n"] {
            assert!(write_yaml(refused, &within(0)).is_err(), "{refused}");
        }
    }

    #[test]
    fn texts_are_quoted_where_they_could_be_something_else() {
        let pairs = [
            ("A few words", "A few words"),
            ("2026-11-26", "2026-11-26"),
            ("a: b", "\"a: b\""),
            ("No", "No"),
            ("text/html", "text/html"),
            ("a_b/2 (1).txt", "\"a_b/2 (1).txt\""),
            ("1_000", "1_000"),
            ("1e5", "\"1e5\""),
            ("1984", "\"1984\""),
            ("null", "\"null\""),
            ("say \"a\" # b", "\"say \\\"a\\\" # b\""),
            ("विक्रम", "\"विक्रम\""),
            ("- a", "\"- a\""),
        ];
        for (text, expected) in pairs {
            assert_eq!(scalar(text), expected);
            let read: serde_yaml::Value = serde_yaml::from_str(&scalar(text)).unwrap();
            assert_eq!(read, serde_yaml::Value::from(text));
        }
    }

    #[test]
    fn what_is_an_alias_is_left_to_the_author() {
        let refused = write_yaml("a: &x [{on: 2024, why: y}]\ncorrections: *x\n", &[("corrections", item())]);
        assert_eq!(refused.unwrap_err().to_string(), "what stands under `corrections` is an alias of another value");
        assert!(write_yaml("- a\n", &[("display", text("omit"))]).is_err());
    }
}
