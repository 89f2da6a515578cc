//! Prose on a page: links filled in for where the page stands.

use std::ops::Range;

use tera::Value;

use super::view::html;
use super::{Depth, Renderer};
use crate::model::{Fields, Quote};
use crate::redact::{Mark, Prose, PublicLink, PublicRecord, Run, Slot};
use crate::text::escape_html;

impl Renderer {
    /// The HTML of a text, with its links for a page at this depth.
    pub(super) fn html_of(&self, record: &PublicRecord, slot: Slot, depth: Depth) -> Value {
        record
            .texts
            .get(slot)
            .map_or_else(|| Value::from(""), |prose| html(&self.fill(prose, record.links(slot), depth)))
    }

    /// The HTML of a quote's words. Where another speaks between their parts, the sign for it says so, in the language of the
    /// page and not in theirs.
    pub(super) fn words_html(&self, record: &PublicRecord, quote: &Quote, depth: Depth) -> Value {
        let Some(prose) = record.texts.get(Slot::Text) else { return Value::from("") };
        let filled = self.fill(prose, record.links(Slot::Text), depth);
        if !quote.text.are_several() {
            return html(&filled);
        }
        let (said, lang) = (escape_html(&self.theme.words.string("parted")), self.site.dossier.settings.lang());
        let sign = format!(
            "<span class=\"parted\" role=\"img\" aria-label=\"{said}\" title=\"{said}\" lang=\"{lang}\"> ⋯ </span>"
        );
        html(&filled.replace(Run::PARTED_HTML, &sign))
    }

    /// The HTML of prose with its links filled in.
    pub(super) fn fill(&self, prose: &Prose, links: &[PublicLink], depth: Depth) -> String {
        let Run { text: source, marks } = &prose.html;
        let mut filled = String::with_capacity(source.len() + 48 * marks.len());
        let mut done = 0;
        let mut ends: Vec<&'static str> = Vec::new();
        let mut skip: Option<u32> = None;
        for (number, (at, mark)) in marks.iter().enumerate() {
            if let Some(closing) = skip {
                if *mark == Mark::Close(closing) {
                    skip = None;
                    done = *at;
                } else {
                    continue;
                }
            }
            filled.push_str(&source[done..*at]);
            done = *at;
            match mark {
                Mark::Open(index) => {
                    let labelled = prose.links.get(*index as usize).is_none_or(|link| link.labelled);
                    let link = links.get(*index as usize).unwrap_or(&PublicLink::Nothing);
                    let title = self.open_link(link, depth, &mut filled, &mut ends);
                    if matches!(link, PublicLink::Protected) && prose.html.is_label_empty(number) {
                        filled.push_str(&escape_html(&self.theme.words.word("withheld")));
                    }
                    if let (Some(title), false) = (title, labelled) {
                        filled.push_str(&escape_html(&title));
                        skip = Some(*index);
                    }
                }
                Mark::Close(_) => filled.push_str(ends.pop().unwrap_or_default()),
                Mark::Address(index) => {
                    if let Some(PublicLink::Attachment(at)) = links.get(*index as usize) {
                        filled.push_str(&escape_html(&self.attachment_href(*at, depth)));
                    }
                }
            }
        }
        filled.push_str(&source[done..]);
        filled
    }

    /// Writes the beginning of a link and returns the title that stands for a label.
    pub(super) fn open_link(
        &self,
        link: &PublicLink,
        depth: Depth,
        filled: &mut String,
        ends: &mut Vec<&'static str>,
    ) -> Option<String> {
        let mut anchor = |href: &str| {
            filled.push_str("<a href=\"");
            filled.push_str(&escape_html(href));
            filled.push_str("\">");
            ends.push("</a>");
        };
        match link {
            PublicLink::Record(number, heading) => {
                let target = self.site.record(*number);
                let href = self.href(target, depth);
                anchor(&if heading.is_empty() { href } else { format!("{href}#{heading}") });
                Some(self.title(target))
            }
            PublicLink::Here(heading) => {
                anchor(&format!("#{heading}"));
                None
            }
            PublicLink::Attachment(at) => {
                anchor(&self.attachment_href(*at, depth));
                None
            }
            PublicLink::Protected => {
                filled.push_str("<span class=\"withheld\">");
                ends.push("</span>");
                None
            }
            PublicLink::Nothing => {
                ends.push("");
                None
            }
        }
    }

    /// Percent-encodes what may stand in a file's name and not in an address.
    pub(super) fn attachment_href(&self, at: u32, depth: Depth) -> String {
        let inner = &self.site.dossier.attachments[at as usize].inner;
        format!("{}files/{}", depth.prefix(), crate::text::encoded_path(inner))
    }

    /// Some of a text as plain text, with titles in place of ids.
    pub(super) fn plain(&self, record: &PublicRecord, slot: Slot, prose: &Prose, range: Range<usize>) -> String {
        self.plain_of(prose, record.links(slot), range)
    }

    pub(super) fn plain_of(&self, prose: &Prose, links: &[PublicLink], range: Range<usize>) -> String {
        self.plain_with(prose, links, range, &|record| self.title(record))
    }

    /// The words of a quote, as they stand in its title. A quote without a title that they link to is called by its
    /// speaker alone, since its own words may link back to these.
    pub(super) fn words(&self, record: &PublicRecord) -> String {
        let Some(prose) = record.texts.get(Slot::Text) else { return String::new() };
        self.plain_with(prose, record.links(Slot::Text), 0..prose.plain.text.len(), &|linked| match (
            linked.fields.title(),
            &*linked.fields,
        ) {
            (None, Fields::Quote(quote)) => self.speaker_name(quote),
            _ => self.title(linked),
        })
    }

    fn plain_with(
        &self,
        prose: &Prose,
        links: &[PublicLink],
        range: Range<usize>,
        title: &dyn Fn(&PublicRecord) -> String,
    ) -> String {
        if prose.plain.marks.is_empty() {
            return prose.plain.text[range].to_owned();
        }
        prose.plain.fill_plain(range, &|index, label| {
            let labelled = prose.links.get(index as usize).is_none_or(|link| link.labelled);
            match links.get(index as usize) {
                Some(PublicLink::Record(number, _)) if !labelled => Some(title(self.site.record(*number))),
                Some(PublicLink::Protected) if label.is_empty() => Some(self.theme.words.word("withheld")),
                _ => None,
            }
        })
    }
}
