//! Names of those who are protected, where they stand as bare text: what stands in place of them.
//!
//! In prose it is what a link to the person would show, and looks the same. In a line without marks it is the display text, or
//! `[…]` where nothing may be said. In the words of others the change is bracketed.

use std::collections::BTreeSet;
use std::str::FromStr;

use super::{Fate, Protected};
use crate::link::{Dossier, LinkTo, Number, Part, each_part};
use crate::model::{Fields, Line, Markdown};
use crate::parse::{Heading, Link, Mark, Prose, Run, Slot, Step, Swap, Target};
use crate::text::names::{Form, LineBreaks, Meaning, Mention, Names, Reading};
use crate::text::{escape_html, slug};

/// Stands in a line of text for somebody of whom nothing is shown; the same in all languages.
const LEFT_OUT: &str = "[…]";

/// Puts display texts in place of names.
pub(super) struct Cover<'a> {
    pub(super) dossier: &'a Dossier,
    pub(super) names: &'a Names,
    pub(super) fates: &'a [Fate],
    pub(super) protected: &'a [Protected],
}

/// Whether a text holds the words of others, in which changes are bracketed.
pub(super) fn is_quoted(slot: Slot) -> bool {
    matches!(slot, Slot::Text | Slot::Original)
}

/// Takes the display text from whoever is called by a name of somebody protected.
pub(super) fn silence(names: &Names, protected: &mut [Protected]) {
    for person in protected.iter_mut().filter(|person| !person.display.is_empty()) {
        if !names.mentions(&Reading::of(&person.display, LineBreaks::AreSpaces)).is_empty() {
            person.display.clear();
        }
    }
}

/// Words as they stand in place of others' words, in HTML; within brackets of the editor they need none of their own.
pub(super) fn bracketed_html(words: &str, run: &Run, at: usize) -> String {
    let class = if words.is_empty() || words == "…" { "omitted" } else { "inserted" };
    match (is_in_brackets(run, at), words.is_empty()) {
        (true, true) => "…".to_owned(),
        (true, false) => escape_html(words),
        (false, _) => format!("<span class=\"{class}\">{}</span>", escape_html(&bracketed(words))),
    }
}

/// The same in plain text.
pub(super) fn bracketed_plain(words: &str, run: &Run, at: usize) -> String {
    match (is_in_brackets(run, at), words.is_empty()) {
        (true, true) => "…".to_owned(),
        (true, false) => words.to_owned(),
        (false, _) => bracketed(words),
    }
}

fn bracketed(words: &str) -> String {
    if words.is_empty() { LEFT_OUT.to_owned() } else { format!("[{words}]") }
}

/// Whether a place stands in brackets, as far as can be seen from what is written just before it.
fn is_in_brackets(run: &Run, at: usize) -> bool {
    let before = &run.text[run.text.floor_char_boundary(at.saturating_sub(200))..at];
    before.rfind(['[', ']']).is_some_and(|bracket| before[bracket..].starts_with('['))
}

impl Cover<'_> {
    /// What may be shown of somebody who has a name; nothing when it may be one of several.
    fn display(&self, meaning: &Meaning) -> &str {
        let display = |number: &Number| match self.fates[*number as usize] {
            Fate::Protected(person) => self.protected[person as usize].display.as_str(),
            Fate::Hidden | Fate::Public(_) => "",
        };
        let mut displays = meaning.protected.iter().map(display);
        let first = displays.next().unwrap_or_default();
        if displays.all(|display| display == first) { first } else { "" }
    }

    /// A line without names; `None` when it has none.
    pub(super) fn line(&self, text: &str) -> Option<String> {
        self.text(text, false, &|_| false)
    }

    fn text(&self, text: &str, is_quoted: bool, is_kept: &dyn Fn(&Mention<'_>) -> bool) -> Option<String> {
        let reading = Reading::of(text, LineBreaks::AreSpaces);
        let mut covered = String::new();
        let mut done = 0;
        for mention in self.names.mentions(&reading).iter().filter(|mention| is_replaced(mention) && !is_kept(mention))
        {
            let display = self.display(mention.meaning);
            covered.push_str(&text[done..mention.span.start]);
            let is_bracketed = is_quoted && !display.is_empty();
            covered.push_str(&match display {
                "" => LEFT_OUT.to_owned(),
                _ if is_bracketed => bracketed(display),
                _ => display.to_owned(),
            });
            done = mention.span.end;
        }
        covered.push_str(&text[done..]);
        (done > 0).then_some(covered)
    }

    /// A record's fields without names.
    pub(super) fn fields(&self, number: Number, fields: &Fields) -> Fields {
        let mut covered = fields.clone();
        let ids = &self.dossier.index.ids;
        let put = |line: &mut Line, text: Option<String>| {
            if let Some(new) = text.and_then(|text| Line::from_str(&text).ok()) {
                *line = new;
            }
        };
        each_part(&mut covered, &mut |path, part| match part {
            // An id is shown as what it names, or not at all.
            Part::Line(line) if ids.find(line.as_str()).is_some() => {}
            Part::Line(line) => put(line, self.line(line.as_str())),
            Part::Quoted(line) => put(line, self.text(line.as_str(), true, &|_| false)),
            Part::Name(line) => {
                put(line, self.text(line.as_str(), false, &|mention| mention.meaning.told_apart.contains(&number)));
            }
            Part::Prose(text) => {
                let is_quoted = path.last() == Some(&Step::Key("text")) && path.first() != Some(&Step::Key("updates"));
                let new = self.text(text.as_str(), is_quoted, &|_| false);
                if let Some(new) = new.and_then(|new| Markdown::from_str(&new).ok()) {
                    *text = new;
                }
            }
            Part::Fixed(_) => {}
        });
        covered
    }

    /// A value of the author's own without names.
    pub(super) fn value(&self, value: &mut serde_json::Value) {
        match value {
            serde_json::Value::String(text) => {
                if let Some(new) = self.line(text) {
                    *text = new;
                }
            }
            serde_json::Value::Array(values) => values.iter_mut().for_each(|value| self.value(value)),
            serde_json::Value::Object(entries) => entries.values_mut().for_each(|value| self.value(value)),
            serde_json::Value::Null | serde_json::Value::Bool(_) | serde_json::Value::Number(_) => {}
        }
    }

    /// Prose without names. What stands in place of each is the label of a link, one more than there were.
    pub(super) fn prose(&self, prose: &Prose, links: &[LinkTo], is_quoted: bool) -> Prose {
        let mut number = prose.links.len() as u32;
        let mut swaps = |run: &Run, reading: &Reading, bracket: &dyn Fn(&str, &Run, usize) -> String| {
            let labels = labels(run, links);
            let mentions = self.names.mentions(reading);
            let replaced = mentions.into_iter().filter(|mention| is_replaced(mention) && !is_told(mention, &labels));
            let swap = |mention: Mention<'_>| {
                number += 1;
                let label = bracket(self.display(mention.meaning), run, mention.span.start);
                Swap { span: mention.span, number: number - 1, label }
            };
            replaced.map(swap).collect::<Vec<_>>()
        };
        let shown = prose.html.shown(true);
        let in_html = swaps(
            &prose.html,
            &shown.words,
            if is_quoted { &bracketed_html } else { &|words, _, _| escape_html(words) },
        );
        let in_plain = swaps(
            &prose.plain,
            &prose.plain.words(),
            if is_quoted { &bracketed_plain } else { &|words, _, _| words.to_owned() },
        );
        let headings = self.headings(&prose.headings);
        if in_html.is_empty() && in_plain.is_empty() && headings == prose.headings {
            return prose.clone();
        }
        let renamed = |range: &std::ops::Range<usize>| {
            let id = &prose.html.text[range.clone()];
            let at = prose.headings.iter().position(|heading| heading.id == id)?;
            (headings[at].id != id).then(|| (range.clone(), headings[at].id.clone()))
        };
        let ids: Vec<_> = if headings == prose.headings {
            Vec::new()
        } else {
            shown.heading_ids.iter().filter_map(renamed).collect()
        };
        let (html, _) = prose.html.swap(&shown.pieces, &in_html, &ids);
        let (plain, moved) = prose.plain.swap(&prose.plain.pieces(), &in_plain, &[]);
        let mut links = prose.links.clone();
        for link in &mut links {
            let (start, end) = (moved.place(link.sentence.start), moved.place(link.sentence.end));
            link.sentence = start..end.max(start);
        }
        let added =
            Link { target: Target::Anchor("".into()), span: 0..0, labelled: true, is_picture: false, sentence: 0..0 };
        links.resize(number as usize, added);
        let anchors = self.anchors(&prose.anchors, &prose.headings, &headings);
        Prose { html, plain, links, headings, anchors, has_code: prose.has_code }
    }

    /// What can be linked to, with the addresses of headings as they are now.
    fn anchors(&self, anchors: &[Box<str>], before: &[Heading], now: &[Heading]) -> Box<[Box<str>]> {
        let renamed = |anchor: &str| -> Box<str> {
            let at = before.iter().position(|heading| heading.id == anchor);
            at.map_or(anchor, |at| now[at].id.as_str()).into()
        };
        let mut anchors: Vec<Box<str>> =
            if before == now { anchors.to_vec() } else { anchors.iter().map(|anchor| renamed(anchor)).collect() };
        anchors.sort_unstable();
        anchors.into()
    }

    /// Headings without names, neither in what they say nor in the addresses that were made from it.
    fn headings(&self, headings: &[Heading]) -> Vec<Heading> {
        let says = |text: &str| !self.names.mentions(&Reading::of(text, LineBreaks::AreSpaces)).is_empty();
        let titles: Vec<Option<String>> = headings.iter().map(|heading| self.line(&heading.title)).collect();
        let tells = |(heading, title): (&Heading, &Option<String>)| title.is_some() || says(&heading.id);
        let telling: Vec<bool> = headings.iter().zip(&titles).map(tells).collect();
        let kept = headings.iter().zip(&telling).filter(|(_, tells)| !**tells);
        let mut taken: BTreeSet<String> = kept.map(|(heading, _)| heading.id.clone()).collect();
        let covered = headings.iter().zip(titles).zip(telling).map(|((heading, title), tells)| {
            let title = title.unwrap_or_else(|| heading.title.clone());
            let id = if tells {
                let wanted = slug(&title).filter(|id| !says(id)).unwrap_or_else(|| "section".to_owned());
                let mut ids = std::iter::once(wanted.clone()).chain((1..).map(|number| format!("{wanted}-{number}")));
                // There are more numbers than headings.
                ids.find(|id| !taken.contains(id)).unwrap_or(wanted)
            } else {
                heading.id.clone()
            };
            taken.insert(id.clone());
            Heading { id, title, level: heading.level }
        });
        covered.collect()
    }
}

/// Whether something stands in place of a name that was found; of what only may be a form of it, nothing does.
fn is_replaced(mention: &Mention<'_>) -> bool {
    mention.form == Form::Whole
}

/// A label in a run, and the record that its link leads to.
type Label = (std::ops::Range<usize>, Number);

/// The labels of links to records, in order.
fn labels(run: &Run, links: &[LinkTo]) -> Vec<Label> {
    let mut open: Vec<(u32, usize)> = Vec::new();
    let mut labels = Vec::new();
    for (at, mark) in &run.marks {
        match mark {
            Mark::Open(number) => open.push((*number, *at)),
            Mark::Close(_) => {
                if let Some((number, start)) = open.pop()
                    && let Some(LinkTo::Record(to, _)) = links.get(number as usize)
                {
                    labels.push((start..*at, *to));
                }
            }
            Mark::Address(_) => {}
        }
    }
    labels
}

/// Whether a name stands in a link to somebody who has it and is told apart from whoever is protected.
fn is_told(mention: &Mention<'_>, labels: &[Label]) -> bool {
    let next = labels.partition_point(|(label, _)| label.end < mention.span.end);
    labels
        .get(next)
        .is_some_and(|(label, to)| label.start <= mention.span.start && mention.meaning.told_apart.contains(to))
}
