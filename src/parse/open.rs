//! What readers see of a record whose author withholds some of its values.
//!
//! Any value may be written as `{value: …, visibility: internal}`, and as `{value: …, visibility: internal, public: …}` where
//! readers see something else in its place. Such a record has two forms: one with all values, and an open one, read and
//! linked by itself, in which these values never were.

use std::ops::Range;
use std::sync::Arc;

use super::problem::Problem;
use super::tree::{Entry, Node, NodeValue};
use crate::diagnostic::Code;
use crate::text;

/// Something in a record that its readers do not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Private {
    /// The field, such as `born` or `roles[0].at`.
    pub field: String,
    /// The file that it stands in.
    pub file: Arc<str>,
    /// The bytes of the value in its file.
    pub span: Range<usize>,
    /// The texts that stand there.
    pub values: Vec<String>,
}

/// The keys that decide who sees a record, or that everything else hangs on. They are what they are for everybody.
const DECIDING: [&str; 12] = [
    "type",
    "id",
    "visibility",
    "draft",
    "publish_at",
    "privacy",
    "display",
    "sensitivity",
    "takedown",
    "allow",
    "not_secret",
    "notes_internal",
];

/// Whether a field of a record can be withheld by itself.
pub(crate) fn can_be_withheld(key: &str) -> bool {
    !DECIDING.contains(&key)
}

/// A value with who may see it.
struct Cover<'a> {
    value: &'a Node,
    visibility: &'a Node,
    public: Option<&'a Node>,
}

fn cover(node: &Node) -> Option<Cover<'_>> {
    let NodeValue::Map(entries) = &node.value else { return None };
    let named = |name: &str| entries.iter().find(|entry| entry.key == name).map(|entry| &entry.value);
    let is_cover = entries.iter().all(|entry| matches!(&*entry.key, "value" | "visibility" | "public"));
    Some(Cover { value: named("value")?, visibility: named("visibility")?, public: named("public") })
        .filter(|_| is_cover)
}

/// The value itself, where it stands with who may see it.
pub(super) fn uncovered(node: &Node) -> &Node {
    match cover(node) {
        Some(cover) => uncovered(cover.value),
        None => node,
    }
}

/// Puts all values in the place of what says who may see them; tells which of them readers do not see.
pub(super) fn uncover(root: &mut Node, problems: &mut Vec<Problem>) -> Vec<Private> {
    let mut private = Vec::new();
    if let NodeValue::Map(entries) = &mut root.value {
        for Entry { key, value, .. } in entries {
            if cover(value).is_some() && !can_be_withheld(key) {
                let message = format!("`{key}` decides what readers see, and cannot be withheld itself");
                problems.push(
                    Problem::new(Code::CannotWithhold, value.span.clone(), message).hint("write its value alone"),
                );
            }
            uncover_at(value, &mut key.clone(), &mut private, problems);
        }
    }
    private
}

fn uncover_at(node: &mut Node, field: &mut String, private: &mut Vec<Private>, problems: &mut Vec<Problem>) {
    while let Some(cover) = cover(node) {
        // What is no word of ours is read as the strictest.
        problems.extend(unknown_visibility(cover.visibility));
        let mut values = Vec::new();
        each_text(cover.value, &mut |text| values.push(text.to_owned()));
        private.push(Private { field: field.clone(), file: "".into(), span: cover.value.span.clone(), values });
        *node = cover.value.clone();
    }
    problems.extend(misspelt_cover(node).filter(|_| field.starts_with("x_")));
    let length = field.len();
    match &mut node.value {
        NodeValue::Scalar { .. } => {}
        NodeValue::List(items) => {
            for (at, item) in items.iter_mut().enumerate() {
                field.push_str(&format!("[{at}]"));
                uncover_at(item, field, private, problems);
                field.truncate(length);
            }
        }
        NodeValue::Map(entries) => {
            for Entry { key, value, .. } in entries {
                field.push('.');
                field.push_str(key);
                uncover_at(value, field, private, problems);
                field.truncate(length);
            }
        }
    }
}

/// A mapping of the author's own that seems to say who may see it, and not in our words. What stands in a field of ours is held
/// against its definition anyway.
fn misspelt_cover(node: &Node) -> Option<Problem> {
    let NodeValue::Map(entries) = &node.value else { return None };
    let is_meant = |entry: &&Entry| {
        let key = entry.key.to_lowercase();
        key == "visibility" || !text::nearest(&key, ["visibility"]).is_empty()
    };
    let entry = entries.iter().find(is_meant)?;
    let message = format!("`{}` does not withhold what it stands beside", text::excerpt(&entry.key, 40));
    Some(Problem::new(Code::CannotWithhold, entry.key_span.clone(), message).hint(COVER))
}

/// How a value is withheld.
pub(super) const COVER: &str = "a value that readers do not see is written `{value: …, visibility: internal}`; beside it there can be \
    `public: …`, which they see instead, and nothing else";

fn unknown_visibility(node: &Node) -> Option<Problem> {
    match &node.value {
        NodeValue::Scalar { text, .. } if text == "internal" || text == "sealed" => None,
        NodeValue::Scalar { text, .. } => {
            let message =
                format!("`{}` is not a word that the `visibility` of a value may have", text::excerpt(text, 40));
            let problem = Problem::new(Code::UnknownWord, node.span.clone(), message).label("unknown word");
            Some(problem.hint("write `internal` or `sealed`; what everybody may see is written alone"))
        }
        NodeValue::List(_) | NodeValue::Map(_) => Some(
            Problem::new(Code::WrongType, node.span.clone(), "the `visibility` of a value is one word")
                .hint("write `internal` or `sealed`"),
        ),
    }
}

/// The texts in a value, keys left out.
pub(super) fn each_text(node: &Node, see: &mut dyn FnMut(&str)) {
    match &node.value {
        NodeValue::Scalar { text, .. } if text.is_empty() => {}
        NodeValue::Scalar { text, .. } => see(text),
        NodeValue::List(items) => items.iter().for_each(|item| each_text(item, see)),
        NodeValue::Map(entries) => entries.iter().for_each(|entry| each_text(&entry.value, see)),
    }
}

/// A record as its readers have it: without the values that are for others, and with what stands in their place.
pub(super) fn opened(root: &Node) -> Node {
    let mut open = open(root).unwrap_or_else(|| Node { span: root.span.clone(), value: NodeValue::Map(Vec::new()) });
    if let (NodeValue::Map(all), NodeValue::Map(entries)) = (&root.value, &mut open.value) {
        let is_speaker = |entry: &&Entry| entry.key == "speaker";
        // Who spoke has a word of its own for what is not said.
        if let Some(speaker) =
            all.iter().find(is_speaker).filter(|_| !entries.iter().any(|entry| entry.key == "speaker"))
        {
            let value = NodeValue::Scalar { text: "withheld".to_owned(), plain: true };
            let value = Node { span: speaker.value.span.clone(), value };
            entries.push(Entry { value, ..speaker.clone() });
        }
        let words = |entry: &Entry| entry.key == "text";
        if let (Some(written), Some(entry)) =
            (all.iter().find(|entry| words(entry)), entries.iter_mut().find(|entry| words(entry)))
            && let NodeValue::List(parts) = &written.value.value
        {
            entry.value.value = NodeValue::List(parts.iter().map(open_part).collect());
        }
    }
    open
}

/// A part of a quotation. Where it is withheld, readers see that something was left out.
fn open_part(part: &Node) -> Node {
    open(part).unwrap_or_else(|| {
        let value = NodeValue::Scalar { text: "[...]".to_owned(), plain: false };
        Node { span: part.span.clone(), value }
    })
}

fn open(node: &Node) -> Option<Node> {
    if let Some(cover) = cover(node) {
        return cover.public.and_then(open);
    }
    let value = match &node.value {
        NodeValue::Scalar { .. } => node.value.clone(),
        NodeValue::List(items) => NodeValue::List(items.iter().filter_map(open).collect()),
        NodeValue::Map(entries) => NodeValue::Map(
            entries.iter().filter_map(|entry| Some(Entry { value: open(&entry.value)?, ..entry.clone() })).collect(),
        ),
    };
    Some(Node { span: node.span.clone(), value })
}

/// Takes out the values at some bytes, each the word `withheld`, and says in which fields of the record they stood.
pub(super) fn take_out(root: &mut Node, withheld: &[Range<usize>]) -> Vec<Box<str>> {
    let NodeValue::Map(entries) = &mut root.value else { return Vec::new() };
    let mut fields = Vec::new();
    let is_withheld = |node: &Node| withheld.contains(&node.span);
    entries.retain_mut(|entry| {
        if is_withheld(&entry.value) {
            fields.push(entry.key.as_str().into());
            return false;
        }
        if matches!(&entry.value.value, NodeValue::List(items) if items.iter().any(is_withheld)) {
            fields.push(entry.key.as_str().into());
        }
        take_out_below(&mut entry.value, withheld);
        true
    });
    fields
}

fn take_out_below(node: &mut Node, withheld: &[Range<usize>]) {
    match &mut node.value {
        NodeValue::Scalar { .. } => {}
        NodeValue::List(items) => {
            items.retain(|item| !withheld.contains(&item.span));
            items.iter_mut().for_each(|item| take_out_below(item, withheld));
        }
        NodeValue::Map(entries) => {
            entries.retain(|entry| !withheld.contains(&entry.value.span));
            entries.iter_mut().for_each(|entry| take_out_below(&mut entry.value, withheld));
        }
    }
}

/// What is missing in what readers see, told of the value that is withheld and not of the record, which has it.
pub(super) fn missing_in_public(problem: Problem, places: &[(String, Range<usize>)]) -> Problem {
    let key = problem.message.strip_prefix('`').and_then(|rest| rest.strip_suffix("` is missing"));
    let Some(key) = key.filter(|_| problem.code == Code::MissingKey) else { return problem };
    let is_meant =
        |field: &str| field.strip_suffix(key).is_some_and(|before| before.is_empty() || before.ends_with('.'));
    let span = places.iter().find(|(field, _)| is_meant(field)).map_or(problem.span, |(_, span)| span.clone());
    cannot_do_without(span, key)
}

/// Something that must be there is the word `withheld`.
pub(super) fn missing_alone(node: &Node, key: &str) -> Problem {
    cannot_do_without(node.span.clone(), key)
}

fn cannot_do_without(span: Range<usize>, key: &str) -> Problem {
    let key = text::excerpt(key, 40);
    let example = if key == "date" { "2025" } else { "…" };
    Problem::new(Code::CannotWithhold, span, format!("readers cannot do without `{key}`"))
        .label("withheld")
        .hint(format!(
            "say what they see instead: `{key}: {{value: …, visibility: internal, public: {example}}}`; or withhold the whole record"
        ))
}
