//! Passages of text as readers see them, paragraph by paragraph, with the place of each part in what the author wrote.
//!
//! Rules look at a text as a whole first; only where something is to be found is its Markdown read again, for the places.

use std::ops::Range;

use pulldown_cmark::{Event, LinkType, Options, Parser, Tag, TagEnd};

use super::Scope;
use crate::diagnostic::{Code, Diagnostic};
use crate::model::{self, Fields};
use crate::parse::{Record, Slot, Step, place_in};

/// Stands for what is no words of the author: code, pictures, titles of other records.
const OTHER: char = '\u{fffc}';
/// Stands for raw HTML, which may keep one direction of writing from the other.
const MARKUP: char = '\u{200e}';

/// One paragraph, heading, item, cell or field.
#[derive(Debug, Default)]
pub(super) struct Passage {
    /// What readers see.
    pub(super) text: String,
    /// Whether it stands in a block quote, and so may be the words of another.
    pub(super) is_quoted: bool,
    /// In how many lists, tables and block quotes it stands.
    pub(super) depth: usize,
    /// Where parts of the text begin, and their bytes in the Markdown.
    parts: Vec<(usize, Range<usize>)>,
}

impl Passage {
    fn push(&mut self, words: &str, span: Range<usize>) {
        self.parts.push((self.text.len(), span));
        self.text.push_str(words);
    }

    /// The bytes of the Markdown in which a part of the text stands.
    pub(super) fn span(&self, range: Range<usize>) -> Range<usize> {
        let start = self.at(range.start).start;
        let last = range.end.saturating_sub(1).max(range.start);
        start..self.at(last).end.max(start)
    }

    /// From a place to the next one, where text and Markdown are the same; else all of what stands for the text.
    fn at(&self, place: usize) -> Range<usize> {
        let number = self.parts.partition_point(|(start, _)| *start <= place).saturating_sub(1);
        let Some((start, span)) = self.parts.get(number) else { return 0..0 };
        let end = self.parts.get(number + 1).map_or(self.text.len(), |(next, _)| *next);
        let is_literal = end - start == span.len();
        if is_literal { span.start + (place - start)..span.start + (place - start) + 1 } else { span.clone() }
    }
}

/// Reads Markdown again, for the places of its words.
pub(super) fn passages(markdown: &str, is_body: bool) -> Vec<Passage> {
    let mut done = Vec::new();
    let mut open = Passage::default();
    let (mut quotes, mut depth, mut skipped) = (0usize, 0usize, 0usize);
    for (event, span) in Parser::new_ext(markdown, options(is_body)).into_offset_iter() {
        let ends_passage = match &event {
            Event::Start(tag) => !is_inline(&tag.to_end()),
            Event::End(tag) => !is_inline(tag),
            Event::Rule => true,
            _ => false,
        };
        if ends_passage && !open.text.is_empty() {
            done.push(std::mem::take(&mut open));
        }
        match &event {
            Event::Start(tag) if is_nest(&tag.to_end()) => depth += 1,
            Event::End(tag) if is_nest(tag) => depth = depth.saturating_sub(1),
            _ => {}
        }
        open.is_quoted = quotes > 0;
        open.depth = depth;
        match event {
            Event::Start(Tag::BlockQuote(_)) => quotes += 1,
            Event::End(TagEnd::BlockQuote(_)) => quotes = quotes.saturating_sub(1),
            Event::Start(tag) if is_of_others(&tag) => {
                skipped += 1;
                if is_inline(&tag.to_end()) {
                    open.push(OTHER.encode_utf8(&mut [0; 4]), span);
                }
            }
            // What was skipped ends with the link, picture or block that it began with; links hold no links.
            Event::End(TagEnd::Link | TagEnd::Image | TagEnd::CodeBlock | TagEnd::HtmlBlock) => {
                skipped = skipped.saturating_sub(1);
            }
            _ if skipped > 0 => {}
            // Between two parts of a quotation nothing is said.
            Event::Text(words) if *words == *model::Words::BETWEEN.trim() => {}
            Event::Text(words) => open.push(&words, span),
            Event::SoftBreak | Event::HardBreak => open.push(" ", span),
            Event::Code(_) | Event::InlineMath(_) | Event::DisplayMath(_) => {
                open.push(OTHER.encode_utf8(&mut [0; 4]), span);
            }
            Event::InlineHtml(_) => open.push(MARKUP.encode_utf8(&mut [0; 4]), span),
            _ => {}
        }
    }
    if !open.text.is_empty() {
        done.push(open);
    }
    done
}

pub(super) fn options(is_body: bool) -> Options {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
        | Options::ENABLE_WIKILINKS;
    if is_body { options | Options::ENABLE_FOOTNOTES | Options::ENABLE_HEADING_ATTRIBUTES } else { options }
}

fn is_inline(tag: &TagEnd) -> bool {
    matches!(
        tag,
        TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Link | TagEnd::Image | TagEnd::Superscript
    )
}

fn is_nest(tag: &TagEnd) -> bool {
    matches!(tag, TagEnd::List(_) | TagEnd::Table | TagEnd::BlockQuote(_) | TagEnd::DefinitionList)
}

/// Code, pictures, addresses, and the ids of records that stand for their titles.
fn is_of_others(tag: &Tag<'_>) -> bool {
    match tag {
        Tag::CodeBlock(_) | Tag::HtmlBlock | Tag::Image { .. } => true,
        Tag::Link { link_type, .. } => {
            matches!(link_type, LinkType::Autolink | LinkType::Email | LinkType::WikiLink { has_pothole: false })
        }
        _ => false,
    }
}

/// Where a part of a text stands in its file.
pub(super) type PlaceOf<'a> = dyn Fn(Range<usize>) -> Range<usize> + 'a;

/// A text of a record.
pub(super) enum Field<'a> {
    /// A field on one line, by its way in the front matter.
    Line(Vec<Step<'a>>, &'a str),
    /// Prose in Markdown, and its words as readers see them, blocks parted by line breaks.
    Prose(Slot, &'a str),
}

impl<'a> Field<'a> {
    /// What readers see.
    pub(super) fn text(&self) -> &'a str {
        match self {
            Field::Line(_, text) | Field::Prose(_, text) => text,
        }
    }

    /// The passages of the text, and for each a way to find the place of a part.
    pub(super) fn each_passage(
        &self,
        scope: &Scope<'_>,
        record: &Record,
        see: &mut dyn FnMut(&[Passage], &PlaceOf<'_>),
    ) {
        let file = scope.text(record);
        match self {
            Field::Line(path, text) => {
                let mut passage = Passage::default();
                passage.push(text, 0..text.len());
                let whole = scope.place(record, path);
                see(&[passage], &|span| same_words(file, whole.clone(), text, span));
            }
            Field::Prose(slot, _) => {
                let written = record.markdown(*slot, file);
                let passages = passages(&written, *slot == Slot::Body);
                see(&passages, &|span| prose_place(record, *slot, file, &written, span));
            }
        }
    }
}

/// The place of a part of prose, also where its words stand in a field more than once.
pub(super) fn prose_place(record: &Record, slot: Slot, file: &str, written: &str, span: Range<usize>) -> Range<usize> {
    if slot == Slot::Body && record.origin.body.is_some() {
        return place_in(file, &record.origin, slot, written, span);
    }
    let whole = place_in(file, &record.origin, slot, written, 0..0);
    same_words(file, whole, written, span)
}

/// The place in a YAML value of the words at `span` of the text that it means: as often as they stand before, so often they
/// stand before in the value. The whole value where it is written in another way.
fn same_words(file: &str, whole: Range<usize>, text: &str, span: Range<usize>) -> Range<usize> {
    let words = text.get(span.clone()).unwrap_or_default();
    if words.is_empty() {
        return whole;
    }
    let before = text[..span.start].matches(words).count();
    match file[whole.clone()].match_indices(words).nth(before) {
        Some((at, _)) => whole.start + at..whole.start + at + words.len(),
        None => whole,
    }
}

/// Whose words a rule wants to see.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Words {
    /// Those of the dossier's authors.
    Own,
    /// Those of others too: names, titles of sources, quotes.
    All,
}

/// Shows the texts of a record that readers see, but for what only names places in sources.
pub(super) fn each_field<'a>(record: &'a Record, wanted: Words, see: &mut dyn FnMut(Field<'a>)) {
    let fields = &*record.fields;
    let all = wanted == Words::All;
    let key = Step::Key;
    let mut line = |path: Vec<Step<'a>>, text: &'a str| see(Field::Line(path, text));
    let heading = match fields {
        Fields::Actor(_) | Fields::Place(_) => all.then_some("name"),
        Fields::Source(_) => all.then_some("title"),
        Fields::Event(_) | Fields::Quote(_) | Fields::Page(_) => Some("title"),
    };
    if let (Some(field), Some(title)) = (heading, fields.title()) {
        line(vec![key(field)], title.as_str());
    }
    if let Some(summary) = fields.common().summary {
        line(vec![key("summary")], summary.as_str());
    }
    match fields {
        Fields::Actor(actor) => {
            if let Some(role) = &actor.role {
                line(vec![key("role")], role.as_str());
            }
            for (index, role) in actor.roles.iter().enumerate() {
                line(vec![key("roles"), Step::Index(index), key("title")], role.title.as_str());
            }
            for (index, tie) in actor.relations.iter().enumerate() {
                if let Some(role) = &tie.role {
                    line(vec![key("relations"), Step::Index(index), key("role")], role.as_str());
                }
            }
            for (index, name) in actor.names.iter().enumerate().filter(|_| all) {
                line(vec![key("names"), Step::Index(index), key("text")], name.text.as_str());
            }
            if let Some(sorted) = actor.sort_name.as_ref().filter(|_| all) {
                line(vec![key("sort_name")], sorted.as_str());
            }
        }
        Fields::Event(event) => {
            let stated = event.actors.iter().enumerate().filter(|(_, participant)| !participant.alleged);
            for (index, participant) in stated {
                if let Some(role) = &participant.role {
                    line(vec![key("actors"), Step::Index(index), key("role")], role.as_str());
                }
            }
        }
        Fields::Quote(quote) => {
            if let Some(capacity) = &quote.capacity {
                line(vec![key("as")], capacity.as_str());
            }
        }
        Fields::Source(_) | Fields::Place(_) | Fields::Page(_) => {}
    }
    for (slot, prose) in record.texts.iter() {
        let is_own = !matches!(slot, Slot::Text | Slot::Original);
        if all || is_own {
            see(Field::Prose(slot, &prose.plain.text));
        }
    }
}

/// A finding at a place of a record.
pub(super) fn finding_at(code: Code, record: &Record, place: Range<usize>, message: impl Into<String>) -> Diagnostic {
    Diagnostic::new(code, message).at(&record.origin.file, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_keep_the_place_of_each_word_and_leave_out_what_is_not_said() {
        let markdown = "A *b* &amp; [c](d) `e` [[f]] [[g|h]]\nnext\n\n> quoted\n\n```\ncode\n```\n";
        let all = passages(markdown, true);
        let texts: Vec<(&str, bool)> = all.iter().map(|passage| (passage.text.as_str(), passage.is_quoted)).collect();
        assert_eq!(texts, [("A b & c \u{fffc} \u{fffc} h next", false), ("quoted", true)]);
        let place = |word: &str| {
            let at = all[0].text.find(word).unwrap();
            &markdown[all[0].span(at..at + word.len())]
        };
        assert_eq!(["b", "&", "c", "h", "next", "h next"].map(place), ["b", "&amp;", "c", "h", "next", "h]]\nnext"]);
    }
}
