//! Front matter as a tree in which every key and value knows its bytes.
//!
//! A record is read straight into its struct, which keeps no positions. This second, slower reading is made when
//! something is wrong or when a finding needs a place. It also refuses what would be read silently otherwise:
//! duplicate keys, tags, and aliases that grow without end.
//!
//! It reads one document of at most a few hundred kilobytes; splitting files and capping sizes is the caller's part.

mod syntax;

use std::collections::BTreeMap;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError, Span, StrInput};

use super::open::uncovered;
use super::problem::Problem;
use crate::diagnostic::Code;
use crate::text;

pub(super) use syntax::quoted;

/// How deeply lists and mappings may stand in each other.
const DEEPEST: usize = 64;

/// How many values a front matter may have once its aliases are resolved.
const MOST_NODES: usize = 20_000;

/// What was read, as far as it could be, and what is wrong with it as YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tree {
    /// The outermost value; none when the text is empty, cannot be parsed or is too complex.
    pub(crate) root: Option<Node>,
    /// What is wrong, in the order in which it stands in the text.
    pub(crate) problems: Vec<Problem>,
}

/// A value and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// The bytes of the value without its key; empty where a value is missing.
    pub(crate) span: Range<usize>,
    /// The value.
    pub(crate) value: NodeValue,
}

/// A value as YAML has it, before anybody asks what it means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NodeValue {
    /// Text, or what may be read as a number, a truth value or nothing when it is plain.
    Scalar {
        /// The text without quotation marks, escapes and indentation.
        text: String,
        /// Whether it was written without quotation marks and not as a block.
        plain: bool,
    },
    /// Values one after the other.
    List(Vec<Node>),
    /// Keys with values, in the order in which they were written; a key may stand in it twice.
    Map(Vec<Entry>),
}

/// A key and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The key as text.
    pub(crate) key: String,
    /// The bytes of the key.
    pub(crate) key_span: Range<usize>,
    /// The value.
    pub(crate) value: Node,
}

/// One step on the way from a record to one of its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Into the value under a key.
    Key(&'a str),
    /// Into an item of a list, counted from 0.
    Index(usize),
}

/// Reads one YAML document.
pub(crate) fn read_tree(yaml: &str) -> Tree {
    let mut reader = Reader {
        yaml,
        offsets: Offsets::new(yaml),
        open: Vec::new(),
        root: None,
        anchors: BTreeMap::new(),
        nodes: 0,
        problems: Vec::new(),
    };
    let stop = reader.read(Parser::new_from_str(yaml)).err();
    let root = if stop.is_none() { reader.root } else { None };
    let mut problems = reader.problems;
    problems.extend(stop.map(|Stop(problem)| *problem));
    problems.sort_by_key(|problem| (problem.span.start, problem.span.end));
    Tree { root, problems }
}

/// The bytes of the value at the end of a path, in the short form too: where the path asks for the first item of what
/// is no list, or for a key of what is a single value, it stays.
pub fn locate(yaml: &str, path: &[Step<'_>]) -> Option<Range<usize>> {
    read_tree(yaml).root?.at(path).map(|node| node.span.clone())
}

/// The tree as serde_yaml would read it, without the top-level keys that begin with `x_`.
pub(crate) fn to_value(root: &Node) -> serde_yaml::Value {
    match &root.value {
        NodeValue::Map(entries) => mapping(entries.iter().filter(|entry| !entry.key.starts_with("x_"))),
        NodeValue::Scalar { .. } | NodeValue::List(_) => value_of(root),
    }
}

/// What serde_yaml reads in a scalar: nothing, a truth value, a number, or else text.
pub(super) fn reading(text: &str, plain: bool) -> serde_yaml::Value {
    // Only words and numbers can mean something else than themselves; `---` alone would be taken for a marker.
    let may_be_read = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.~_".contains(&byte));
    if !plain || !may_be_read || text.starts_with("---") || text.starts_with("...") {
        return text.into();
    }
    serde_yaml::from_str(text).unwrap_or_else(|_| text.into())
}

fn value_of(node: &Node) -> serde_yaml::Value {
    match &node.value {
        NodeValue::Scalar { text, plain } => reading(text, *plain),
        NodeValue::List(items) => items.iter().map(value_of).collect::<Vec<_>>().into(),
        NodeValue::Map(entries) => mapping(entries.iter()),
    }
}

fn mapping<'a>(entries: impl Iterator<Item = &'a Entry>) -> serde_yaml::Value {
    let pairs = entries.map(|entry| (entry.key.as_str().into(), value_of(&entry.value)));
    serde_yaml::Value::Mapping(pairs.collect())
}

impl Node {
    /// The value at the end of a path, in the short form too; none where the path leads nowhere.
    pub(crate) fn at(&self, path: &[Step<'_>]) -> Option<&Node> {
        path.iter().try_fold(self, |node, step| match (step, &uncovered(node).value) {
            (Step::Key(key), NodeValue::Map(_)) => uncovered(node).entry(key).map(|entry| &entry.value),
            (Step::Key(_), NodeValue::Scalar { .. }) => Some(node),
            (Step::Key(_), NodeValue::List(_)) => None,
            (Step::Index(index), NodeValue::List(items)) => items.get(*index),
            (Step::Index(index), _) => (*index == 0).then_some(node),
        })
    }

    /// The entry under a key of this mapping; `source` answers for `sources`, as it does in records.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        let NodeValue::Map(entries) = &self.value else { return None };
        let named = |name: &str| entries.iter().find(|entry| entry.key == name);
        named(key).or_else(|| if key == "sources" { named("source") } else { None })
    }

    /// How many values this is, itself included, and how deeply they stand in each other.
    fn size_and_depth(&self) -> (usize, usize) {
        let grow = |(size, depth): (usize, usize), node: &Node| {
            let (more, deeper) = node.size_and_depth();
            (size + more, depth.max(deeper + 1))
        };
        match &self.value {
            NodeValue::Scalar { .. } => (1, 0),
            NodeValue::List(items) => items.iter().fold((1, 1), grow),
            NodeValue::Map(entries) => entries.iter().map(|entry| &entry.value).fold((1, 1), grow),
        }
    }
}

/// Why reading ends early.
struct Stop(Box<Problem>);

impl From<Problem> for Stop {
    fn from(problem: Problem) -> Self {
        Stop(Box::new(problem))
    }
}

/// A list or mapping whose end has not been seen.
struct Open {
    start: usize,
    anchor: usize,
    children: Children,
}

enum Children {
    Items(Vec<Node>),
    Entries { done: Vec<Entry>, key: Option<Key> },
}

/// What stands before the colon; `text` is none when it is no text.
struct Key {
    text: Option<String>,
    span: Range<usize>,
}

struct Reader<'a> {
    yaml: &'a str,
    offsets: Offsets,
    open: Vec<Open>,
    root: Option<Node>,
    /// The values with an anchor that are complete, by the parser's number for it.
    anchors: BTreeMap<usize, Node>,
    /// How many values were made, copies included.
    nodes: usize,
    problems: Vec<Problem>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, mut parser: Parser<'a, StrInput<'a>>) -> Result<(), Stop> {
        let mut documents = 0;
        // The parser is asked event by event, since its own `load` calls itself for each level of nesting.
        while let Some(event) = parser.next_event() {
            let (event, span) = event.map_err(|error| Stop::from(self.syntax_problem(&error)))?;
            match event {
                Event::DocumentStart(_) => {
                    documents += 1;
                    if documents > 1 {
                        return Err(Stop::from(self.second_document(span)));
                    }
                }
                Event::Scalar(text, style, anchor, tag) => {
                    self.refuse_tag(tag.is_some(), &span);
                    let has_properties = anchor > 0 || tag.is_some();
                    let span = self.scalar_span(&text, style, has_properties, span);
                    let value = NodeValue::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                    self.complete(Node { span, value }, anchor)?;
                }
                Event::SequenceStart(anchor, tag) => {
                    self.refuse_tag(tag.is_some(), &span);
                    self.open(&span, anchor, Children::Items(Vec::new()))?;
                }
                Event::MappingStart(anchor, tag) => {
                    self.refuse_tag(tag.is_some(), &span);
                    self.open(&span, anchor, Children::Entries { done: Vec::new(), key: None })?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(&span)?,
                Event::Alias(anchor) => self.resolve(anchor, &span)?,
                Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
            }
        }
        if self.root.is_none() {
            let problem = Problem::new(Code::YamlSyntax, 0..0, "the front matter is empty");
            return Err(Stop::from(problem.hint("write keys with values, such as `title: A title`")));
        }
        Ok(())
    }

    fn open(&mut self, span: &Span, anchor: usize, children: Children) -> Result<(), Stop> {
        let start = self.first_dash(self.after_properties(self.offsets.byte(span.start.index())), &children);
        if self.open.len() >= DEEPEST {
            return Err(Stop::from(too_deep(start..start)));
        }
        self.open.push(Open { start, anchor, children });
        Ok(())
    }

    fn close(&mut self, end: &Span) -> Result<(), Stop> {
        let Some(Open { start, anchor, children }) = self.open.pop() else { return Ok(()) };
        let end = self.offsets.byte(end.start.index());
        let last = match &children {
            Children::Items(items) => items.last().map(|item| item.span.end),
            Children::Entries { done, .. } => done.last().map(|entry| entry.value.span.end.max(entry.key_span.end)),
        };
        let closing = match self.yaml.as_bytes().get(start) {
            Some(b'[') => Some(b']'),
            Some(b'{') => Some(b'}'),
            _ => None,
        };
        // The parser ends a block where the next one starts; its last value is where a reader sees its end.
        let end = match closing {
            Some(bracket) if self.yaml.as_bytes().get(end) == Some(&bracket) => end + 1,
            _ => last.unwrap_or(start),
        };
        let value = match children {
            Children::Items(items) => NodeValue::List(items),
            Children::Entries { done, .. } => NodeValue::Map(done),
        };
        self.complete(Node { span: start..end.max(start), value }, anchor)
    }

    fn resolve(&mut self, anchor: usize, span: &Span) -> Result<(), Stop> {
        let span = self.bytes(span);
        let Some(node) = self.anchors.get(&anchor) else {
            let problem = Problem::new(Code::YamlTooComplex, span, "the alias stands inside the value that it names");
            return Err(Stop::from(problem.hint("write the value out")));
        };
        let (size, depth) = node.size_and_depth();
        if self.nodes + size > MOST_NODES {
            return Err(Stop::from(too_many(span, "this alias")));
        }
        if self.open.len() + depth > DEEPEST {
            return Err(Stop::from(too_deep(span)));
        }
        self.nodes += size - 1;
        let copy = Node { span, value: node.value.clone() };
        self.complete(copy, 0)
    }

    /// Hands a complete value to the list or mapping that it stands in.
    fn complete(&mut self, node: Node, anchor: usize) -> Result<(), Stop> {
        self.nodes += 1;
        if anchor > 0 {
            // What is kept for aliases counts too, or anchors within anchors would grow the memory.
            self.nodes += node.size_and_depth().0;
            self.anchors.insert(anchor, node.clone());
        }
        if self.nodes > MOST_NODES {
            let place = node.span.start..node.span.start;
            return Err(Stop::from(too_many(place, "this value")));
        }
        let Some(parent) = self.open.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        let (done, key) = match &mut parent.children {
            Children::Items(items) => {
                items.push(node);
                return Ok(());
            }
            Children::Entries { done, key } => (done, key),
        };
        match key.take() {
            None => *key = Some(key_of(node, &mut self.problems)),
            Some(Key { text: None, .. }) => {}
            Some(Key { text: Some(text), span }) => {
                let value = place_missing_value(node, &span, self.yaml);
                if let Some(first) = done.iter().find(|entry| entry.key == text) {
                    self.problems.push(duplicate(&text, span.clone(), first.key_span.clone()));
                }
                done.push(Entry { key: text, key_span: span, value });
            }
        }
        Ok(())
    }

    fn refuse_tag(&mut self, has_tag: bool, span: &Span) {
        if !has_tag {
            return;
        }
        let start = self.offsets.byte(span.start.index());
        let rest = self.yaml.get(start..).unwrap_or_default();
        let tag = start + rest.find('!').unwrap_or(0);
        let word = self.yaml.get(tag..).unwrap_or_default();
        let end = tag + word.find(|c: char| c.is_whitespace() || ",[]{}".contains(c)).unwrap_or(word.len());
        let shown = text::excerpt(self.yaml.get(tag..end).unwrap_or_default(), 40);
        let problem =
            Problem::new(Code::YamlSyntax, tag..end, format!("`{shown}` is a tag, which records do not have"));
        self.problems.push(
            problem.label("a tag").hint("remove it, or put the value in quotation marks if the `!` belongs to it"),
        );
    }

    fn second_document(&self, span: Span) -> Problem {
        let problem = Problem::new(Code::YamlSyntax, self.bytes(&span), "a second document starts here");
        problem.hint("keep to one block of keys between two lines of `---`")
    }

    fn syntax_problem(&self, error: &ScanError) -> Problem {
        syntax::explain(self.yaml, error.info(), self.offsets.byte(error.marker().index()))
    }

    fn bytes(&self, span: &Span) -> Range<usize> {
        let start = self.offsets.byte(span.start.index());
        start..self.offsets.byte(span.end.index()).max(start)
    }

    /// The bytes of a scalar alone: the parser adds anchors before it, and blanks and comments after it.
    fn scalar_span(&self, text: &str, style: ScalarStyle, has_properties: bool, span: Span) -> Range<usize> {
        let span = self.bytes(&span);
        match style {
            ScalarStyle::Plain if text.is_empty() => span.start..span.start,
            ScalarStyle::Plain => self.after_properties(span.start)..span.end,
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                let start = self.after_properties(span.start);
                start..closing_mark(self.yaml, start).unwrap_or(span.end)
            }
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let start = if has_properties { self.after_properties(span.start) } else { span.start };
                let written = self.yaml.get(start..span.end).unwrap_or_default();
                start..start + written.trim_end().len()
            }
        }
    }

    /// Where a list starts that stands in the column of its key, of which the parser shows us the first item only.
    fn first_dash(&self, start: usize, children: &Children) -> usize {
        let is_value = matches!(self.open.last(), Some(Open { children: Children::Entries { key: Some(_), .. }, .. }));
        let line = self.yaml.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        let before = self.yaml.get(line..start).unwrap_or_default();
        let item = before.trim_start();
        let is_dash =
            item.strip_prefix('-').is_some_and(|rest| matches!(rest.trim_start().chars().next(), None | Some('#')));
        match children {
            Children::Items(_) if is_value && is_dash => start - item.len(),
            _ => start,
        }
    }

    /// Where the value itself starts when there may be an anchor or a tag before it.
    fn after_properties(&self, start: usize) -> usize {
        let mut rest = self.yaml.get(start..).unwrap_or_default();
        while rest.starts_with(['&', '!']) {
            rest = rest.trim_start_matches(|c: char| !c.is_whitespace()).trim_start();
        }
        self.yaml.len() - rest.len()
    }
}

/// Takes what stands before a colon as a key.
fn key_of(node: Node, problems: &mut Vec<Problem>) -> Key {
    match node.value {
        NodeValue::Scalar { text, plain } if !(plain && text.is_empty()) => Key { text: Some(text), span: node.span },
        NodeValue::Scalar { .. } => {
            let problem = Problem::new(Code::YamlSyntax, node.span.clone(), "there is no key before the colon");
            problems.push(problem.hint("write the name of a field before it, such as `title: A title`"));
            Key { text: None, span: node.span }
        }
        NodeValue::List(_) | NodeValue::Map(_) => {
            let problem = Problem::new(Code::YamlSyntax, node.span.clone(), "a list or mapping cannot be a key");
            problems.push(problem.hint("put the key in quotation marks if its brackets belong to it"));
            Key { text: None, span: node.span }
        }
    }
}

/// Puts a value that is not there behind the colon, where a person would write it.
fn place_missing_value(node: Node, key: &Range<usize>, yaml: &str) -> Node {
    match &node.value {
        NodeValue::Scalar { text, plain: true } if text.is_empty() => {
            let rest = yaml.get(key.end..).unwrap_or_default();
            let colon = rest.len() - rest.trim_start_matches([' ', '\t']).len();
            let place = if rest[colon..].starts_with(':') { key.end + colon + 1 } else { key.end };
            Node { span: place..place, ..node }
        }
        _ => node,
    }
}

fn duplicate(key: &str, second: Range<usize>, first: Range<usize>) -> Problem {
    let shown = text::excerpt(key, 40);
    Problem::new(Code::DuplicateKey, second, format!("`{shown}` stands twice in one mapping"))
        .label("again here")
        .related(first, "first here")
        .hint("keep one of them")
}

pub(super) fn too_deep(span: Range<usize>) -> Problem {
    Problem::new(Code::YamlTooComplex, span, format!("lists and mappings are nested more than {DEEPEST} levels deep"))
        .hint("close a bracket that is open, or take the text into quotation marks")
}

fn too_many(span: Range<usize>, what: &str) -> Problem {
    Problem::new(Code::YamlTooComplex, span, format!("with {what} the front matter has more than {MOST_NODES} values"))
        .hint("write out what an alias stands for, or split the record")
}

/// The byte after the quotation mark that closes the scalar which starts at `start`.
fn closing_mark(yaml: &str, start: usize) -> Option<usize> {
    let bytes = yaml.as_bytes();
    let quote = *bytes.get(start)?;
    let mut at = start + 1;
    while let Some(&byte) = bytes.get(at) {
        match byte {
            b'\\' if quote == b'"' => at += 2,
            b'\'' if quote == b'\'' && bytes.get(at + 1) == Some(&b'\'') => at += 2,
            _ if byte == quote => return Some(at + 1),
            _ => at += 1,
        }
    }
    None
}

/// From the parser's characters to bytes.
enum Offsets {
    /// All characters are one byte long.
    Ascii { length: usize },
    /// The first byte of each character, and the length of the text.
    Table(Vec<usize>),
}

impl Offsets {
    fn new(yaml: &str) -> Self {
        if yaml.is_ascii() {
            return Offsets::Ascii { length: yaml.len() };
        }
        Offsets::Table(yaml.char_indices().map(|(at, _)| at).chain([yaml.len()]).collect())
    }

    fn byte(&self, character: usize) -> usize {
        match self {
            Offsets::Ascii { length } => character.min(*length),
            Offsets::Table(starts) => starts.get(character).or(starts.last()).copied().unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests;
