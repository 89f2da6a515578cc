//! Markdown in one pass: HTML with open places for links, plain text, links, headings.
//!
//! CommonMark with tables, footnotes, strikethrough, task lists, heading ids, definition lists, alerts and wiki links.
//! What a link leads to is not known yet, so the HTML keeps [`Mark`]s where a link begins and ends; the render stage
//! fills them for the page on which the prose stands. Raw HTML goes through ammonia's allow-list.

mod address;
mod footnotes;
mod outline;
mod plain;
mod raw_html;
mod run;
mod words;

use std::collections::BTreeMap;
use std::ops::Range;

use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html,
};

use super::highlight::highlight;
use crate::diagnostic::Code;
use crate::model::Words;
use crate::text::{self, escape_html};
use address::{Address, classify};
use footnotes::Footnotes;
use outline::Outline;
use plain::Plain;
use raw_html::{SANITISER, parted, unsafe_part};
pub use run::{Mark, Run};
use run::{PENDING, cut_marks, mark_edits, mark_parts, mark_plain_parts, pending};
pub use words::{Moved, Shown, Swap};

/// Where a link or picture of prose leads, as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// `[[name#anchor]]`.
    Wiki {
        /// An id, an old id or a name.
        name: Box<str>,
        /// The heading, or empty.
        anchor: Box<str>,
    },
    /// `[label](path#anchor)` to a file relative to the record's own.
    File {
        /// The path, percent-decoded.
        path: Box<str>,
        /// The heading, or empty.
        anchor: Box<str>,
    },
    /// `[label](#anchor)` on the same page.
    Anchor(Box<str>),
}

/// A link or picture that the link stage resolves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Where it leads.
    pub target: Target,
    /// Its bytes in the prose.
    pub span: Range<usize>,
    /// Whether the author wrote a label; otherwise the record's title stands there.
    pub labelled: bool,
    /// Whether it is a picture.
    pub is_picture: bool,
    /// The sentence around it, in the plain text.
    pub sentence: Range<usize>,
}

/// A heading of prose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// Its id on the page.
    pub id: String,
    /// Its text.
    pub title: String,
    /// Its level, 1 to 6.
    pub level: u8,
}

/// Prose that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prose {
    /// As HTML.
    pub html: Run,
    /// As plain text, blocks parted by line breaks.
    pub plain: Run,
    /// Its links and pictures within the dossier.
    pub links: Vec<Link>,
    /// Its headings.
    pub headings: Vec<Heading>,
    /// What a link may name behind `#`, sorted: the ids of its headings, of its notes and of the places that they are for.
    pub anchors: Box<[Box<str>]>,
    /// Whether it has highlighted code.
    pub has_code: bool,
}

/// What is wrong in prose; spans are bytes of the Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProseProblem {
    pub(crate) code: Code,
    pub(crate) span: Range<usize>,
    pub(crate) message: String,
    pub(crate) hint: &'static str,
}

/// How much of Markdown a text may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it; headings begin one level below the title of the page.
    Body,
    /// All of it; headings begin two levels below the title, since the prose stands in a part of the page.
    Notes,
    /// No footnotes and no headings' ids, since several such texts stand on one page.
    Passage,
    /// A passage that is quoted: `[…]` is what was left out of it, `[words]` what was put in.
    Words,
    /// The same for its plain text alone, which is compared with a source. It has what a page shows beside the words: the numbers of
    /// lists, raised digits, and `~~` around what is struck out.
    Compared,
}

impl Extent {
    fn stands_alone(self) -> bool {
        matches!(self, Extent::Body | Extent::Notes)
    }
}

/// Reads Markdown.
pub fn read_prose(markdown: &str, extent: Extent) -> (Prose, Vec<ProseProblem>) {
    let events = Parser::new_ext(markdown, options(extent)).into_offset_iter();
    let mut reader = Reader {
        markdown,
        extent,
        prose: Prose::default(),
        problems: Vec::new(),
        plain: Plain::default(),
        has_raw_html: false,
        literal: Literal::default(),
        outline: Outline::default(),
        heading_ids: BTreeMap::new(),
        footnotes: Footnotes::default(),
        tables: Vec::new(),
        open_links: Vec::new(),
        lists: Vec::new(),
        is_raised: false,
    };
    let mut out = Vec::new();
    reader.read(events, &mut out);
    let mut rendered = String::with_capacity(markdown.len() + markdown.len() / 2);
    let footnotes = &mut reader.footnotes;
    html::push_html(&mut rendered, out.into_iter().map(|event| footnotes.numbered(event)));
    footnotes.write(&mut rendered);
    if reader.has_raw_html {
        rendered = SANITISER.clean(&rendered).to_string();
    }
    if extent == Extent::Words {
        rendered = mark_edits(&rendered);
    }
    let Reader { mut prose, problems, mut plain, has_raw_html, footnotes, .. } = reader;
    if extent == Extent::Words && markdown.contains(Words::BETWEEN) {
        rendered = mark_parts(&rendered);
        plain.text = mark_plain_parts(&plain.text);
    }
    prose.html = cut_marks(&rendered, prose.links.len());
    let may_have_notes = extent.stands_alone() && (has_raw_html || !footnotes.is_empty());
    prose.anchors = anchors(&prose.headings, if may_have_notes { &prose.html.text } else { "" });
    plain.finish(&mut prose);
    (prose, problems)
}

/// The ids that a link to the prose may name: of headings, and of notes as the HTML has them.
fn anchors(headings: &[Heading], html: &str) -> Box<[Box<str>]> {
    const ID: &str = "id=\"";
    let ids = html.match_indices(ID).filter_map(|(at, _)| html[at + ID.len()..].split_once('"')).map(|(id, _)| id);
    let notes = ids.filter(|id| id.starts_with("fn-") || id.starts_with("fnref-"));
    let mut anchors: Vec<Box<str>> =
        headings.iter().map(|heading| heading.id.as_str()).chain(notes).map(Box::from).collect();
    anchors.sort_unstable();
    anchors.into()
}

fn options(extent: Extent) -> Options {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
        | Options::ENABLE_WIKILINKS;
    if extent.stands_alone() {
        options |= Options::ENABLE_FOOTNOTES | Options::ENABLE_HEADING_ATTRIBUTES;
    }
    options
}

/// What may lead out of the dossier, with its bytes in the Markdown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outward {
    /// The address of a link.
    Link(String, Range<usize>),
    /// Raw HTML, which may hold links.
    Html(String, Range<usize>),
}

/// Reads Markdown for what leads out of the dossier alone: few ask for it, and so [`Prose`] does not keep it.
pub fn read_outward(markdown: &str, extent: Extent) -> Vec<Outward> {
    let mut outward = Vec::new();
    for (event, span) in Parser::new_ext(markdown, options(extent)).into_offset_iter() {
        match event {
            Event::Start(Tag::Link { link_type, dest_url, .. })
                if !matches!(link_type, LinkType::WikiLink { .. } | LinkType::Email)
                    && matches!(classify(&dest_url), Address::External) =>
            {
                outward.push(Outward::Link(dest_url.into_string(), span));
            }
            Event::Html(raw) | Event::InlineHtml(raw) => outward.push(Outward::Html(raw.into_string(), span)),
            _ => {}
        }
    }
    outward
}

struct Reader<'a> {
    markdown: &'a str,
    extent: Extent,
    prose: Prose,
    problems: Vec<ProseProblem>,
    plain: Plain,
    has_raw_html: bool,
    literal: Literal,
    outline: Outline,
    heading_ids: BTreeMap<String, usize>,
    footnotes: Footnotes<'a>,
    tables: Vec<Table>,
    open_links: Vec<LinkEnd>,
    /// The number of the next item of each list that is open, where it has numbers.
    lists: Vec<Option<u64>>,
    /// Whether the text is one of raised characters, such as an exponent.
    is_raised: bool,
}

/// The text of the block that is being read, as it will stand on the page, without code and without labels' links.
#[derive(Default)]
struct Literal {
    text: String,
    span: Range<usize>,
}

impl Literal {
    fn push(&mut self, words: &str, span: &Range<usize>) {
        if self.text.is_empty() {
            self.span.start = span.start;
        }
        self.span.end = span.end;
        self.text.push_str(words);
    }
}

/// Whether a text has the beginning of a wiki link in it.
fn has_open_link(text: &str) -> bool {
    text.match_indices("[[").any(|(at, _)| text[at + 2..].starts_with(|c: char| c.is_alphanumeric()))
}

/// How a link that was opened ends.
#[derive(Clone, Copy)]
enum LinkEnd {
    /// It is one of ours.
    Pending(usize),
    /// It leads out of the dossier.
    External,
    /// Its address was refused; only the label is kept.
    Refused,
}

struct Table {
    alignments: Vec<Alignment>,
    cell: usize,
    in_head: bool,
}

type Events<'a> = Vec<Event<'a>>;

impl<'a> Reader<'a> {
    fn read(&mut self, events: impl Iterator<Item = (Event<'a>, Range<usize>)>, out: &mut Events<'a>) {
        let mut code: Option<(String, String)> = None;
        let mut heading: Option<(HeadingLevel, Option<String>, usize, Events<'a>)> = None;
        let mut image: Option<(usize, String, String, usize)> = None;
        // A note may be defined inside of a note.
        let mut notes: Vec<(CowStr<'a>, Events<'a>)> = Vec::new();
        for (event, span) in events {
            // The innermost place that collects events.
            let into: &mut Events<'a> = match (&mut heading, notes.last_mut()) {
                (Some((_, _, _, inner)), _) => inner,
                (None, Some((_, inner))) => inner,
                (None, None) => out,
            };
            if let Some((destination, alt, title, depth)) = &mut image {
                match event {
                    Event::End(TagEnd::Image) if *depth == 0 => {
                        let tag = self.image_tag(*destination, alt, title);
                        into.push(Event::InlineHtml(tag.into()));
                        image = None;
                    }
                    Event::Start(Tag::Image { .. }) => *depth += 1,
                    Event::End(TagEnd::Image) => *depth -= 1,
                    Event::Text(words) | Event::Code(words) => {
                        self.plain.push(&words);
                        alt.push_str(&words);
                    }
                    Event::SoftBreak | Event::HardBreak => alt.push(' '),
                    _ => {}
                }
                continue;
            }
            if let Some((language, text)) = &mut code {
                match event {
                    Event::Text(words) => text.push_str(&words),
                    Event::End(TagEnd::CodeBlock) => {
                        self.plain.block();
                        self.plain.push(text);
                        self.plain.block();
                        self.prose.has_code |= !language.is_empty();
                        let class = escape_html(language.split([' ', ',', '{']).next().unwrap_or_default());
                        let inner = highlight(language, text);
                        let html = if class.is_empty() {
                            format!("<pre class=\"highlight\" tabindex=\"0\"><code>{inner}</code></pre>\n")
                        } else {
                            format!(
                                "<pre class=\"highlight\" tabindex=\"0\"><code data-lang=\"{class}\">{inner}</code></pre>\n"
                            )
                        };
                        into.push(Event::Html(html.into()));
                        code = None;
                    }
                    _ => {}
                }
                continue;
            }
            match event {
                Event::Text(words) => {
                    match self.is_raised.then(|| text::raised(&words)).flatten() {
                        Some(raised) => self.plain.push_joined(&raised),
                        None => self.plain.push(&words),
                    }
                    self.literal.push(&words, &span);
                    into.push(Event::Text(words));
                }
                Event::Code(words) => {
                    self.plain.part();
                    self.plain.push(&words);
                    self.plain.part();
                    into.push(Event::Code(words));
                }
                Event::SoftBreak | Event::HardBreak => {
                    self.plain.push(" ");
                    into.push(event);
                }
                Event::Html(raw) | Event::InlineHtml(raw) => {
                    let parted = parted(&raw, self.plain.text.ends_with(char::is_alphanumeric));
                    if parted.is_some() {
                        self.plain.part();
                    }
                    self.compared_html(&raw);
                    // Also where it is taken out, what stood on both sides is not one word.
                    match (self.raw_html(raw, span), parted) {
                        (Some(_), Some(parted)) => into.push(Event::InlineHtml(parted.into())),
                        (Some(kept), None) => into.push(Event::InlineHtml(kept)),
                        (None, Some(_)) => into.push(Event::InlineHtml(" ".into())),
                        (None, None) => {}
                    }
                }
                Event::TaskListMarker(done) => {
                    into.push(Event::InlineHtml(if done { "☑ ".into() } else { "☐ ".into() }));
                }
                Event::Start(Tag::CodeBlock(kind)) => {
                    let language = match kind {
                        CodeBlockKind::Fenced(info) => info.trim().to_owned(),
                        CodeBlockKind::Indented => String::new(),
                    };
                    code = Some((language, String::new()));
                }
                Event::Start(Tag::Heading { level, id, .. }) => {
                    self.plain.block();
                    let place = self.plain.text.len();
                    heading = Some((level, id.map(CowStr::into_string), place, Vec::new()));
                }
                Event::End(TagEnd::Heading(_)) => {
                    self.end_literal();
                    if let Some((level, id, place, inner)) = heading.take() {
                        let into = notes.last_mut().map_or(&mut *out, |(_, inner)| inner);
                        self.heading(level, id, place, inner, into);
                    }
                }
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    self.plain.block();
                    notes.push((label, Vec::new()));
                }
                Event::End(TagEnd::FootnoteDefinition) => {
                    self.plain.block();
                    if let Some((label, inner)) = notes.pop() {
                        self.footnotes.define(label, inner);
                    }
                }
                Event::Start(Tag::Image { dest_url, title, .. }) => {
                    let destination = self.destination(LinkType::Inline, &dest_url, &span, true, true);
                    if has_open_link(&title) {
                        self.broken_link(&span);
                    }
                    let number = match destination {
                        LinkEnd::Pending(number) => number,
                        LinkEnd::External | LinkEnd::Refused => usize::MAX,
                    };
                    image = Some((number, String::new(), title.into_string(), 0));
                }
                Event::Start(Tag::Link { link_type, dest_url, title, .. }) => {
                    let labelled = !matches!(link_type, LinkType::WikiLink { has_pothole: false });
                    let end = self.destination(link_type, &dest_url, &span, labelled, false);
                    if has_open_link(&title) {
                        self.broken_link(&span);
                    }
                    self.open_links.push(end);
                    let title =
                        if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape_html(&title)) };
                    match end {
                        LinkEnd::Pending(number) => {
                            self.plain.marks.push((self.plain.text.len(), Mark::Open(number as u32)));
                            into.push(Event::InlineHtml(format!("<a href=\"{}\">", pending(number)).into()));
                        }
                        LinkEnd::External => {
                            let email = link_type == LinkType::Email;
                            let scheme = if email { "mailto:" } else { "" };
                            let href = escape_html(&dest_url);
                            into.push(Event::InlineHtml(
                                format!(
                                    "<a href=\"{scheme}{href}\" class=\"external\" rel=\"noopener noreferrer\"{title}>"
                                )
                                .into(),
                            ));
                        }
                        LinkEnd::Refused => {}
                    }
                }
                Event::End(TagEnd::Link) => match self.open_links.pop() {
                    Some(LinkEnd::Pending(number)) => {
                        self.plain.marks.push((self.plain.text.len(), Mark::Close(number as u32)));
                        into.push(Event::InlineHtml("</a>".into()));
                    }
                    Some(LinkEnd::External) => into.push(Event::InlineHtml("</a>".into())),
                    Some(LinkEnd::Refused) | None => {}
                },
                Event::Start(Tag::Table(alignments)) => {
                    self.plain.block();
                    self.tables.push(Table { alignments, cell: 0, in_head: false });
                    into.push(Event::Html("<table>".into()));
                }
                Event::End(TagEnd::Table) => {
                    self.tables.pop();
                    into.push(Event::Html("</tbody></table>\n".into()));
                }
                Event::Start(Tag::TableHead) => {
                    self.row(true);
                    into.push(Event::Html("<thead><tr>".into()));
                }
                Event::End(TagEnd::TableHead) => {
                    self.plain.block();
                    into.push(Event::Html("</tr></thead><tbody>\n".into()));
                }
                Event::Start(Tag::TableRow) => {
                    self.row(false);
                    into.push(Event::Html("<tr>".into()));
                }
                Event::End(TagEnd::TableRow) => {
                    self.plain.block();
                    into.push(Event::Html("</tr>\n".into()));
                }
                Event::Start(Tag::TableCell) => {
                    if self.tables.last().is_some_and(|table| table.cell > 0) {
                        self.plain.push(" · ");
                    }
                    into.push(Event::Html(self.cell().into()));
                }
                Event::End(TagEnd::TableCell) => {
                    self.end_literal();
                    let head = self.tables.last().is_some_and(|table| table.in_head);
                    into.push(Event::Html(if head { "</th>".into() } else { "</td>".into() }));
                }
                Event::Start(Tag::BlockQuote(Some(kind))) => {
                    self.plain.block();
                    let class = match kind {
                        BlockQuoteKind::Note => "note",
                        BlockQuoteKind::Tip => "tip",
                        BlockQuoteKind::Important => "important",
                        BlockQuoteKind::Warning => "warning",
                        BlockQuoteKind::Caution => "caution",
                    };
                    into.push(Event::Html(format!("<blockquote class=\"callout {class}\">\n").into()));
                }
                Event::End(TagEnd::BlockQuote(Some(_))) => {
                    self.plain.block();
                    into.push(Event::Html("</blockquote>\n".into()));
                }
                Event::Start(ref tag) => {
                    if is_block(tag) {
                        self.end_literal();
                        self.plain.block();
                    }
                    self.compared(tag);
                    into.push(event);
                }
                Event::End(ref end) => {
                    if is_block_end(end) {
                        self.end_literal();
                        self.plain.block();
                    }
                    match end {
                        TagEnd::Strikethrough if self.extent == Extent::Compared => self.plain.push("~~"),
                        TagEnd::List(_) => drop(self.lists.pop()),
                        _ => {}
                    }
                    into.push(event);
                }
                // It gets its number when it is written, in the order in which a reader meets it.
                Event::FootnoteReference(_) => {
                    self.plain.part();
                    into.push(event);
                }
                Event::Rule | Event::InlineMath(_) | Event::DisplayMath(_) => {
                    self.plain.block();
                    into.push(event);
                }
            }
        }
    }

    /// Writes what a page shows where an element begins and its text does not have.
    fn compared(&mut self, tag: &Tag<'_>) {
        match tag {
            Tag::List(first) => self.lists.push(*first),
            Tag::Item if self.extent == Extent::Compared => {
                if let Some(Some(number)) = self.lists.last_mut() {
                    self.plain.push(&format!("{number}. "));
                    *number = number.saturating_add(1);
                }
            }
            Tag::Strikethrough if self.extent == Extent::Compared => self.plain.push("~~"),
            _ => {}
        }
    }

    /// The same for raw HTML.
    fn compared_html(&mut self, raw: &str) {
        if self.extent != Extent::Compared {
            return;
        }
        for (at, _) in raw.match_indices('<') {
            let tag = &raw[at + 1..];
            let is_end = tag.starts_with('/');
            let name = tag.trim_start_matches('/');
            let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
            match name.to_ascii_lowercase().as_str() {
                "del" | "s" => self.plain.push("~~"),
                "sup" => self.is_raised = !is_end,
                _ => {}
            }
        }
    }

    fn row(&mut self, in_head: bool) {
        if let Some(table) = self.tables.last_mut() {
            table.cell = 0;
            table.in_head = in_head;
        }
    }

    fn cell(&mut self) -> String {
        let Some(table) = self.tables.last_mut() else { return "<td>".to_owned() };
        let class = match table.alignments.get(table.cell) {
            Some(Alignment::Left) => " class=\"align-left\"",
            Some(Alignment::Center) => " class=\"align-center\"",
            Some(Alignment::Right) => " class=\"align-right\"",
            Some(Alignment::None) | None => "",
        };
        table.cell += 1;
        if table.in_head { format!("<th scope=\"col\"{class}>") } else { format!("<td{class}>") }
    }

    /// Looks at the text of a block that has ended for links that Markdown did not take for links.
    fn end_literal(&mut self) {
        let Literal { text, span } = std::mem::take(&mut self.literal);
        // Who writes a backslash before the bracket means the bracket.
        let is_meant = self.markdown[span.clone()].contains("\\[");
        if has_open_link(&text) && !is_meant {
            self.broken_link(&span);
        }
    }

    fn broken_link(&mut self, span: &Range<usize>) {
        self.problem(
            Code::BrokenLink,
            span,
            "`[[` begins a link here that Markdown does not take for one".to_owned(),
            "write `[[id|label]]` with plain words as the label, in a table `[[id\\|label]]`, and outside of HTML; \
             for brackets as such write `\\[[`",
        );
    }

    /// Writes a heading with its id.
    fn heading(
        &mut self,
        level: HeadingLevel,
        id: Option<String>,
        place: usize,
        inner: Events<'a>,
        into: &mut Events<'a>,
    ) {
        let title = self.plain.without_links(place);
        self.plain.block();
        let shown = self.outline.shown(level as u8, if self.extent == Extent::Notes { 3 } else { 2 });
        if !self.extent.stands_alone() {
            into.push(Event::Html(format!("<h{shown}>").into()));
        } else {
            let wanted = id
                .and_then(|id| text::slug(&id))
                .or_else(|| text::slug(&title))
                .unwrap_or_else(|| "section".to_owned());
            let id = self.heading_id(wanted);
            into.push(Event::Html(format!("<h{shown} id=\"{id}\">").into()));
            self.prose.headings.push(Heading { id, title, level: level as u8 });
        }
        into.extend(inner);
        into.push(Event::Html(format!("</h{shown}>\n").into()));
    }

    /// An id that no heading before it has.
    fn heading_id(&mut self, wanted: String) -> String {
        let mut id = wanted.clone();
        let mut number = self.heading_ids.get(&wanted).copied().unwrap_or(0);
        while self.heading_ids.contains_key(&id) {
            number += 1;
            id = format!("{wanted}-{number}");
        }
        self.heading_ids.insert(wanted, number);
        self.heading_ids.entry(id.clone()).or_insert(0);
        id
    }

    fn image_tag(&self, number: usize, alt: &str, title: &str) -> String {
        if number == usize::MAX {
            return format!("<span class=\"withheld\">{}</span>", escape_html(alt));
        }
        let title = if title.is_empty() { String::new() } else { format!(" title=\"{}\"", escape_html(title)) };
        format!("<img alt=\"{}\"{title} loading=\"lazy\" src=\"{}\">", escape_html(alt), pending(number))
    }

    /// Decides what an address is, and keeps those that lead into the dossier.
    fn destination(
        &mut self,
        kind: LinkType,
        address: &str,
        span: &Range<usize>,
        labelled: bool,
        is_image: bool,
    ) -> LinkEnd {
        let target = match kind {
            LinkType::WikiLink { .. } => {
                // In a table the bar before a label is written `\|`, and its backslash stays.
                let address = address.trim().trim_end_matches('\\');
                let (name, anchor) = address.split_once('#').unwrap_or((address, ""));
                Target::Wiki { name: name.trim().into(), anchor: anchor.trim().into() }
            }
            LinkType::Email => return LinkEnd::External,
            _ => match classify(address) {
                Address::External if !is_image => return LinkEnd::External,
                Address::External => {
                    self.problem(Code::MissingFile, span, format!("the picture `{}` lies outside of the dossier", text::excerpt(address, 80)),
                        "keep a copy of the picture beside the record and name that, so that the page does not depend on another site");
                    return LinkEnd::Refused;
                }
                Address::Anchor(anchor) => Target::Anchor(anchor.into()),
                Address::File(path, anchor) => Target::File { path: path.into(), anchor: anchor.into() },
                Address::Refused => {
                    self.problem(Code::UnsafeAddress, span, format!("the address `{}` is not allowed in a page", text::excerpt(address, 80)),
                        "use an address that starts with `https://`, `http://` or `mailto:`, or the path of a file beside this one");
                    return LinkEnd::Refused;
                }
            },
        };
        let number = self.prose.links.len();
        let place = self.plain.text.len();
        self.prose.links.push(Link {
            target,
            span: span.clone(),
            labelled,
            is_picture: is_image,
            sentence: place..place,
        });
        LinkEnd::Pending(number)
    }

    fn raw_html(&mut self, raw: CowStr<'a>, span: Range<usize>) -> Option<CowStr<'a>> {
        self.has_raw_html = true;
        if has_open_link(&raw) {
            self.broken_link(&span);
        }
        // What stands in a label may have to be replaced as a whole, and HTML could break out of it.
        if self.open_links.iter().any(|link| matches!(link, LinkEnd::Pending(_))) {
            self.problem(
                Code::UnsafeHtml,
                &span,
                "HTML within the label of a link is removed".to_owned(),
                "write the label in Markdown",
            );
            return None;
        }
        let lower = raw.to_ascii_lowercase();
        if lower.contains(PENDING) {
            self.problem(
                Code::UnsafeHtml,
                &span,
                "this HTML uses an address that stands for something else here".to_owned(),
                "remove it",
            );
            return None;
        }
        if let Some(reason) = unsafe_part(&lower) {
            self.problem(
                Code::UnsafeHtml,
                &span,
                format!("{reason} is removed from the page"),
                "write it in Markdown, or remove it; scripts, styles, frames and forms never reach a page",
            );
        }
        Some(raw)
    }

    fn problem(&mut self, code: Code, span: &Range<usize>, message: String, hint: &'static str) {
        let end = self.markdown[span.clone()].trim_end().len() + span.start;
        self.problems.push(ProseProblem { code, span: span.start..end, message, hint });
    }
}

fn is_block(tag: &Tag<'_>) -> bool {
    !matches!(tag, Tag::Emphasis | Tag::Strong | Tag::Strikethrough | Tag::Superscript | Tag::Subscript)
}

fn is_block_end(end: &TagEnd) -> bool {
    !matches!(end, TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough | TagEnd::Superscript | TagEnd::Subscript)
}

#[cfg(test)]
mod tests;
