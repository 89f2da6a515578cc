//! Footnotes, collected while prose is read and written after it.

use std::collections::BTreeMap;

use pulldown_cmark::{CowStr, html};

use super::Events;

/// Footnotes in the order of their first use, written after the prose.
#[derive(Default)]
pub(super) struct Footnotes<'a> {
    uses: Vec<(String, usize)>,
    definitions: BTreeMap<String, Events<'a>>,
}

impl<'a> Footnotes<'a> {
    /// The note's number and how often it has now been used.
    pub(super) fn refer(&mut self, label: &str) -> (usize, usize) {
        if let Some(found) = self.uses.iter().position(|(known, _)| known == label) {
            self.uses[found].1 += 1;
            return (found + 1, self.uses[found].1);
        }
        self.uses.push((label.to_owned(), 1));
        (self.uses.len(), 1)
    }

    pub(super) fn define(&mut self, label: CowStr<'a>, events: Events<'a>) {
        self.definitions.entry(label.into_string()).or_insert(events);
    }

    pub(super) fn write(&mut self, html: &mut String) {
        if self.uses.is_empty() {
            return;
        }
        html.push_str("<section class=\"footnotes\"><ol>\n");
        for (index, (label, uses)) in self.uses.iter().enumerate() {
            let number = index + 1;
            html.push_str(&format!("<li id=\"fn-{number}\">"));
            if let Some(events) = self.definitions.remove(label) {
                html::push_html(html, events.into_iter());
            }
            for used in 1..=*uses {
                let suffix = if used == 1 { String::new() } else { format!("-{used}") };
                html.push_str(&format!("<a class=\"footnote-back\" href=\"#fnref-{number}{suffix}\">↩</a>"));
            }
            html.push_str("</li>\n");
        }
        html.push_str("</ol></section>\n");
    }
}
