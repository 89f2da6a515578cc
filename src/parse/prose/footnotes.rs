//! Footnotes, collected while prose is read and written after it.

use std::collections::BTreeMap;

use pulldown_cmark::{CowStr, Event, html};

use super::Events;

/// Footnotes in the order of their first use, written after the prose.
#[derive(Default)]
pub(super) struct Footnotes<'a> {
    uses: Vec<(String, usize)>,
    /// The places of the labels in that list.
    numbers: BTreeMap<String, usize>,
    definitions: BTreeMap<String, Events<'a>>,
}

impl<'a> Footnotes<'a> {
    /// Puts a link to the note in place of a reference, and anything else as it is.
    pub(super) fn numbered(&mut self, event: Event<'a>) -> Event<'a> {
        let Event::FootnoteReference(label) = event else { return event };
        let index = match self.numbers.get(&*label) {
            Some(known) => *known,
            None => {
                self.numbers.insert(label.to_string(), self.uses.len());
                self.uses.push((label.into_string(), 0));
                self.uses.len() - 1
            }
        };
        self.uses[index].1 += 1;
        let (number, suffix) = (index + 1, suffix(self.uses[index].1));
        Event::InlineHtml(
            format!(
                "<sup class=\"footnote-ref\"><a id=\"fnref-{number}{suffix}\" href=\"#fn-{number}\">{number}</a></sup>"
            )
            .into(),
        )
    }

    /// Whether no note was used yet.
    pub(super) fn is_empty(&self) -> bool {
        self.uses.is_empty()
    }

    pub(super) fn define(&mut self, label: CowStr<'a>, events: Events<'a>) {
        self.definitions.entry(label.into_string()).or_insert(events);
    }

    pub(super) fn write(&mut self, html: &mut String) {
        // A note may use further notes, which then stand after it, and those before it once more.
        let mut notes = Vec::new();
        while let Some((label, _)) = self.uses.get(notes.len()) {
            let events = self.definitions.remove(label).unwrap_or_default();
            let mut note = String::new();
            html::push_html(&mut note, events.into_iter().map(|event| self.numbered(event)));
            notes.push(note);
        }
        if notes.is_empty() {
            return;
        }
        html.push_str("<section class=\"footnotes\"><ol>\n");
        for (index, (note, (_, uses))) in notes.iter().zip(&self.uses).enumerate() {
            let number = index + 1;
            html.push_str(&format!("<li id=\"fn-{number}\">{note}"));
            for used in 1..=*uses {
                let suffix = suffix(used);
                html.push_str(&format!("<a class=\"footnote-back\" href=\"#fnref-{number}{suffix}\">↩</a>"));
            }
            html.push_str("</li>\n");
        }
        html.push_str("</ol></section>\n");
    }
}

/// What tells the uses of one note apart.
fn suffix(used: usize) -> String {
    if used == 1 { String::new() } else { format!("-{used}") }
}
