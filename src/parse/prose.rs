//! Markdown in one pass: HTML with open places for links, plain text, links, headings.
//!
//! CommonMark with tables, footnotes, strikethrough, task lists, heading ids, definition lists, alerts and wiki links.
//! What a link leads to is not known yet, so the HTML keeps [`Mark`]s where a link begins and ends; the render stage
//! fills them for the page on which the prose stands. Raw HTML goes through ammonia's allow-list.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use ammonia::UrlRelative;
use pulldown_cmark::{
    Alignment, BlockQuoteKind, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html,
};
use unicode_segmentation::UnicodeSegmentation;

use super::highlight::highlight;
use crate::diagnostic::Code;
use crate::text::{self, escape_html};

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
    /// The sentence around it, in the plain text.
    pub sentence: Range<usize>,
}

/// An open place in a [`Run`]; the number is that of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The link's label begins.
    Open(u32),
    /// The link's label ends.
    Close(u32),
    /// The address of a picture stands here.
    Address(u32),
}

/// Text with open places, in order of their position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The text.
    pub text: Box<str>,
    /// The places.
    pub marks: Box<[(usize, Mark)]>,
}

impl Run {
    /// The text of `range` with the labels of links replaced: `label` gives the words for a link, or `None` to keep
    /// those that stand there.
    pub fn fill_plain(&self, range: Range<usize>, label: &dyn Fn(u32) -> Option<String>) -> String {
        let mut filled = String::with_capacity(range.len());
        let mut done = range.start;
        for (at, mark) in self.marks.iter().filter(|(at, _)| range.start <= *at && *at <= range.end) {
            match mark {
                Mark::Open(number) if *at >= done => {
                    if let Some(words) = label(*number) {
                        filled.push_str(&self.text[done..*at]);
                        filled.push_str(&words);
                        done = self.end_of(*number).map_or(*at, |end| end.min(range.end)).max(done);
                    }
                }
                Mark::Open(_) | Mark::Close(_) | Mark::Address(_) => {}
            }
        }
        filled.push_str(&self.text[done.min(range.end)..range.end]);
        filled
    }

    /// Where the label of a link ends.
    fn end_of(&self, number: u32) -> Option<usize> {
        self.marks.iter().find(|(_, mark)| *mark == Mark::Close(number)).map(|(at, _)| *at)
    }

    /// The run with the labels of some links replaced for good, and a function from old places to new ones.
    #[must_use]
    pub fn relabel(&self, label: &dyn Fn(u32) -> Option<String>) -> (Run, Vec<(usize, usize)>) {
        let mut text = String::with_capacity(self.text.len());
        let mut marks = Vec::with_capacity(self.marks.len());
        let mut moved = vec![(0, 0)];
        let mut done = 0;
        let mut skip_to = None;
        for (at, mark) in &self.marks {
            if let Some(closing) = skip_to {
                if *mark != Mark::Close(closing) {
                    continue;
                }
                skip_to = None;
                done = *at;
                moved.push((*at, text.len()));
            }
            text.push_str(&self.text[done..*at]);
            done = *at;
            marks.push((text.len(), *mark));
            if let Mark::Open(number) = mark
                && let Some(words) = label(*number)
            {
                text.push_str(&words);
                skip_to = Some(*number);
            }
        }
        text.push_str(&self.text[done..]);
        (Run { text: text.into(), marks: marks.into() }, moved)
    }
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
}

impl Extent {
    fn stands_alone(self) -> bool {
        matches!(self, Extent::Body | Extent::Notes)
    }
}

/// Reads Markdown.
pub fn read_prose(markdown: &str, extent: Extent) -> (Prose, Vec<ProseProblem>) {
    let mut options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_DEFINITION_LIST
        | Options::ENABLE_GFM
        | Options::ENABLE_WIKILINKS;
    if extent.stands_alone() {
        options |= Options::ENABLE_FOOTNOTES | Options::ENABLE_HEADING_ATTRIBUTES;
    }
    let events = Parser::new_ext(markdown, options).into_offset_iter();
    let mut reader = Reader {
        markdown,
        extent,
        prose: Prose::default(),
        problems: Vec::new(),
        plain: Plain::default(),
        has_raw_html: false,
        outline: Outline::default(),
        heading_ids: BTreeMap::new(),
        footnotes: Footnotes::default(),
        tables: Vec::new(),
        open_links: Vec::new(),
    };
    let mut out = Vec::new();
    reader.read(events, &mut out);
    let mut rendered = String::with_capacity(markdown.len() + markdown.len() / 2);
    html::push_html(&mut rendered, out.into_iter());
    reader.footnotes.write(&mut rendered);
    if reader.has_raw_html {
        rendered = SANITISER.clean(&rendered).to_string();
    }
    if extent == Extent::Words {
        rendered = mark_edits(&rendered);
    }
    let Reader { mut prose, problems, plain, .. } = reader;
    prose.html = cut_marks(&rendered, prose.links.len());
    plain.finish(&mut prose);
    (prose, problems)
}

/// The address by which the HTML names link `number` until [`cut_marks`] takes it out.
///
/// An author's own address cannot be taken for it: Markdown links of this scheme are refused, and raw HTML that
/// holds it is dropped.
const PENDING: &str = "dossier:";

fn pending(number: usize) -> String {
    format!("{PENDING}{number}")
}

/// Marks the editor's brackets in quoted words, outside of tags.
fn mark_edits(html: &str) -> String {
    let mut marked = String::with_capacity(html.len() + 64);
    let mut rest = html;
    while let Some(at) = memchr::memchr2(b'<', b'[', rest.as_bytes()) {
        marked.push_str(&rest[..at]);
        rest = &rest[at..];
        let (closing, is_tag) = if rest.starts_with('<') { ('>', true) } else { (']', false) };
        let end = rest.find(closing).map_or(rest.len(), |end| end + 1);
        let piece = &rest[..end];
        let is_whole = piece.ends_with(closing) && !piece[1..].contains(['<', '[']);
        if is_tag || !is_whole {
            let end = if is_tag { end } else { 1 };
            marked.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let class = if piece == "[…]" { "omitted" } else { "inserted" };
        marked.push_str(&format!("<span class=\"{class}\">{piece}</span>"));
        rest = &rest[end..];
    }
    marked.push_str(rest);
    marked
}

/// Turns the pending addresses of the HTML into marks.
fn cut_marks(html: &str, links: usize) -> Run {
    const OPEN: &str = "<a href=\"dossier:";
    const SRC: &str = "src=\"dossier:";
    if links == 0 {
        return Run { text: html.into(), marks: Box::default() };
    }
    let mut text = String::with_capacity(html.len());
    let mut marks = Vec::with_capacity(2 * links);
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(at) = memchr::memchr2(b'<', b's', rest.as_bytes()) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some((number, after)) = from.strip_prefix(OPEN).and_then(|tail| pending_number(tail, links)) {
            // What ammonia adds to the tag stands between the address and the bracket.
            let end = after.find('>').map_or(after.len(), |end| end + 1);
            marks.push((text.len(), Mark::Open(number)));
            open.push(number);
            rest = &after[end..];
        } else if let (Some(number), Some(after)) = (open.last().copied(), from.strip_prefix("</a>")) {
            marks.push((text.len(), Mark::Close(number)));
            open.pop();
            rest = after;
        } else if let Some((number, after)) = from.strip_prefix(SRC).and_then(|tail| pending_number(tail, links)) {
            text.push_str("src=\"");
            marks.push((text.len(), Mark::Address(number)));
            text.push('"');
            rest = after;
        } else {
            text.push_str(&from[..1]);
            rest = &from[1..];
        }
    }
    text.push_str(rest);
    Run { text: text.into(), marks: marks.into() }
}

fn pending_number(tail: &str, links: usize) -> Option<(u32, &str)> {
    let end = tail.find('"')?;
    let number: u32 = tail[..end].parse().ok()?;
    ((number as usize) < links).then_some((number, &tail[end + 1..]))
}

struct Reader<'a> {
    markdown: &'a str,
    extent: Extent,
    prose: Prose,
    problems: Vec<ProseProblem>,
    plain: Plain,
    has_raw_html: bool,
    outline: Outline,
    heading_ids: BTreeMap<String, usize>,
    footnotes: Footnotes<'a>,
    tables: Vec<Table>,
    open_links: Vec<LinkEnd>,
}

/// The levels of headings: whichever level an author begins with, the page goes on from its title without a gap.
#[derive(Default)]
struct Outline {
    first: Option<u8>,
    last: Option<u8>,
}

impl Outline {
    /// The level on the page of a heading of `level` in the text; `top` is that of the first.
    fn shown(&mut self, level: u8, top: u8) -> u8 {
        let first = *self.first.get_or_insert(level);
        let wanted = (top + level).saturating_sub(first).max(top);
        let shown = wanted.min(self.last.unwrap_or(top - 1) + 1).min(6);
        self.last = Some(shown);
        shown
    }
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
        let mut footnote: Option<(CowStr<'a>, Events<'a>)> = None;
        for (event, span) in events {
            // The innermost place that collects events.
            let into: &mut Events<'a> = match (&mut heading, &mut footnote) {
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
                    self.plain.push(&words);
                    into.push(Event::Text(words));
                }
                Event::Code(words) => {
                    self.plain.push(&words);
                    into.push(Event::Code(words));
                }
                Event::SoftBreak | Event::HardBreak => {
                    self.plain.push(" ");
                    into.push(event);
                }
                Event::Html(raw) | Event::InlineHtml(raw) => {
                    if let Some(kept) = self.raw_html(raw, span) {
                        into.push(Event::InlineHtml(kept));
                    }
                }
                Event::FootnoteReference(label) => {
                    let (number, use_number) = self.footnotes.refer(&label);
                    let suffix = if use_number == 1 { String::new() } else { format!("-{use_number}") };
                    into.push(Event::InlineHtml(
                        format!(
                            "<sup class=\"footnote-ref\"><a id=\"fnref-{number}{suffix}\" href=\"#fn-{number}\">{number}</a></sup>"
                        )
                        .into(),
                    ));
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
                    if let Some((level, id, place, inner)) = heading.take() {
                        let into = footnote.as_mut().map_or(&mut *out, |(_, inner)| inner);
                        self.heading(level, id, place, inner, into);
                    }
                }
                Event::Start(Tag::FootnoteDefinition(label)) => {
                    self.plain.block();
                    footnote = Some((label, Vec::new()));
                }
                Event::End(TagEnd::FootnoteDefinition) => {
                    self.plain.block();
                    if let Some((label, inner)) = footnote.take() {
                        self.footnotes.define(label, inner);
                    }
                }
                Event::Start(Tag::Image { dest_url, title, .. }) => {
                    let destination = self.destination(LinkType::Inline, &dest_url, &span, true, true);
                    let number = match destination {
                        LinkEnd::Pending(number) => number,
                        LinkEnd::External | LinkEnd::Refused => usize::MAX,
                    };
                    image = Some((number, String::new(), title.into_string(), 0));
                }
                Event::Start(Tag::Link { link_type, dest_url, title, .. }) => {
                    let labelled = !matches!(link_type, LinkType::WikiLink { has_pothole: false });
                    let end = self.destination(link_type, &dest_url, &span, labelled, false);
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
                Event::End(TagEnd::TableHead) => into.push(Event::Html("</tr></thead><tbody>\n".into())),
                Event::Start(Tag::TableRow) => {
                    self.row(false);
                    into.push(Event::Html("<tr>".into()));
                }
                Event::End(TagEnd::TableRow) => {
                    self.plain.block();
                    into.push(Event::Html("</tr>\n".into()));
                }
                Event::Start(Tag::TableCell) => into.push(Event::Html(self.cell().into())),
                Event::End(TagEnd::TableCell) => {
                    self.plain.push(" ");
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
                        self.plain.block();
                    }
                    into.push(event);
                }
                Event::End(ref end) => {
                    if is_block_end(end) {
                        self.plain.block();
                    }
                    into.push(event);
                }
                Event::Rule | Event::InlineMath(_) | Event::DisplayMath(_) => {
                    self.plain.block();
                    into.push(event);
                }
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

    /// Writes a heading with its id.
    fn heading(
        &mut self,
        level: HeadingLevel,
        id: Option<String>,
        place: usize,
        inner: Events<'a>,
        into: &mut Events<'a>,
    ) {
        let title = self.plain.text[place..].trim().to_owned();
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
        self.prose.links.push(Link { target, span: span.clone(), labelled, sentence: place..place });
        LinkEnd::Pending(number)
    }

    fn raw_html(&mut self, raw: CowStr<'a>, span: Range<usize>) -> Option<CowStr<'a>> {
        self.has_raw_html = true;
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

/// What an address in a Markdown link is.
enum Address<'a> {
    External,
    Anchor(&'a str),
    File(String, &'a str),
    Refused,
}

fn classify(address: &str) -> Address<'_> {
    if let Some(anchor) = address.strip_prefix('#') {
        return Address::Anchor(anchor);
    }
    let scheme_end = address.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')));
    if let Some(end) = scheme_end
        && end > 0
        && address[end..].starts_with(':')
    {
        let scheme = address[..end].to_ascii_lowercase();
        return match scheme.as_str() {
            "http" | "https" | "mailto" | "ftp" | "tel" => Address::External,
            _ => Address::Refused,
        };
    }
    if address.starts_with('/') || address.is_empty() || address.contains(|c: char| c.is_control() || c == '\\') {
        return Address::Refused;
    }
    let (path, anchor) = address.split_once('#').unwrap_or((address, ""));
    match percent_decode(path) {
        Some(path) if !path.contains('\0') => Address::File(path, anchor),
        _ => Address::Refused,
    }
}

/// Undoes percent-encoding; `None` when the result is not UTF-8.
fn percent_decode(path: &str) -> Option<String> {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |digit: u8| char::from(digit).to_digit(16);
        let digits = (bytes[at] == b'%' && at + 2 < bytes.len()).then(|| (hex(bytes[at + 1]), hex(bytes[at + 2])));
        if let Some((Some(high), Some(low))) = digits {
            decoded.push((high * 16 + low) as u8);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).ok()
}

/// Elements of raw HTML that are kept; all else is taken out.
const ELEMENTS: [&str; 61] = [
    "a",
    "abbr",
    "b",
    "bdi",
    "bdo",
    "blockquote",
    "br",
    "caption",
    "cite",
    "code",
    "col",
    "colgroup",
    "dd",
    "del",
    "details",
    "dfn",
    "div",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "mark",
    "ol",
    "p",
    "pre",
    "q",
    "rp",
    "rt",
    "ruby",
    "s",
    "samp",
    "section",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "time",
    "tr",
    "u",
    "ul",
];

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(ELEMENTS.into())
        .generic_attributes(["class", "dir", "id", "lang", "title"].into())
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("img", ["alt", "src", "loading"])
        .add_tag_attributes("time", ["datetime"])
        .add_tag_attributes("code", ["data-lang"])
        .add_tag_attributes("th", ["scope", "colspan", "rowspan"])
        .add_tag_attributes("td", ["colspan", "rowspan"])
        .add_tag_attributes("ol", ["start"])
        .add_tag_attributes("details", ["open"])
        .add_tag_attributes("pre", ["tabindex"])
        .url_schemes(["http", "https", "mailto", "ftp", "tel", "dossier"].into())
        .url_relative(UrlRelative::Custom(Box::new(OnlyAnchors)))
        .clean_content_tags(["script", "style", "iframe", "object", "template", "noscript", "svg", "math"].into())
        .link_rel(Some("noopener noreferrer"));
    // A picture from elsewhere would tell that site who reads the page.
    builder.attribute_filter(|element, attribute, value| match (element, attribute) {
        ("img", "src") => value.starts_with(PENDING).then(|| value.into()),
        _ => Some(value.into()),
    });
    builder
});

/// Of the relative addresses in raw HTML only those within the page are kept; others could not be checked.
struct OnlyAnchors;

impl ammonia::UrlRelativeEvaluate<'_> for OnlyAnchors {
    fn evaluate<'a>(&self, address: &'a str) -> Option<std::borrow::Cow<'a, str>> {
        address.starts_with('#').then_some(std::borrow::Cow::Borrowed(address))
    }
}

/// Names what the sanitiser will take out of a piece of raw HTML, as far as it can be seen from the piece alone.
fn unsafe_part(lower: &str) -> Option<String> {
    for (at, _) in lower.match_indices('<') {
        let tag = &lower[at + 1..];
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = &tag[..end];
        if !name.is_empty() && !ELEMENTS.contains(&name) {
            return Some(format!("`<{}>`", text::excerpt(name, 30)));
        }
        let inside = &tag[..tag.find('>').unwrap_or(tag.len())];
        for word in inside.split_ascii_whitespace().skip(1) {
            if let Some((attribute, _)) = word.split_once('=')
                && (attribute == "style" || (attribute.starts_with("on") && attribute.len() > 3))
            {
                return Some(format!("the attribute `{}`", text::excerpt(attribute, 30)));
            }
        }
        if inside.contains("javascript:") || inside.contains("data:") {
            return Some("an address that could run a program".to_owned());
        }
    }
    None
}

/// Footnotes in the order of their first use, written after the prose.
#[derive(Default)]
struct Footnotes<'a> {
    uses: Vec<(String, usize)>,
    definitions: BTreeMap<String, Events<'a>>,
}

impl<'a> Footnotes<'a> {
    /// The note's number and how often it has now been used.
    fn refer(&mut self, label: &str) -> (usize, usize) {
        if let Some(found) = self.uses.iter().position(|(known, _)| known == label) {
            self.uses[found].1 += 1;
            return (found + 1, self.uses[found].1);
        }
        self.uses.push((label.to_owned(), 1));
        (self.uses.len(), 1)
    }

    fn define(&mut self, label: CowStr<'a>, events: Events<'a>) {
        self.definitions.entry(label.into_string()).or_insert(events);
    }

    fn write(&mut self, html: &mut String) {
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

/// The plain text as it grows.
#[derive(Default)]
struct Plain {
    text: String,
    marks: Vec<(usize, Mark)>,
}

impl Plain {
    fn push(&mut self, words: &str) {
        self.text.push_str(words);
    }

    /// Ends a block.
    fn block(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        }
    }

    /// Finds the sentence around each link and hands everything over.
    fn finish(self, prose: &mut Prose) {
        let Plain { text, marks } = self;
        for (place, mark) in &marks {
            if let Mark::Open(number) = mark
                && let Some(link) = prose.links.get_mut(*number as usize)
            {
                link.sentence = sentence_around(&text, *place);
            }
        }
        prose.plain = Run { text: text.into(), marks: marks.into() };
    }
}

/// The longest stretch of text in which the sentence around a link is looked for, to either side.
const SENTENCE_REACH: usize = 250;

fn sentence_around(text: &str, place: usize) -> Range<usize> {
    let block_start = text[..place].rfind('\n').map_or(0, |newline| newline + 1);
    let block_end = text[place..].find('\n').map_or(text.len(), |newline| place + newline);
    let start = text.floor_char_boundary(block_start.max(place.saturating_sub(SENTENCE_REACH)));
    let end = text.floor_char_boundary(block_end.min(place + SENTENCE_REACH));
    for (at, sentence) in text[start..end].split_sentence_bound_indices() {
        let range = start + at..start + at + sentence.len();
        if range.contains(&place) || range.end == end {
            let trimmed = sentence.trim_end().len();
            return range.start..(range.start + trimmed).max(place.min(range.end));
        }
    }
    start..end
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The HTML with marks shown as `{0` … `}`.
    fn shown(run: &Run) -> String {
        let mut text = String::new();
        let mut done = 0;
        for (at, mark) in &run.marks {
            text.push_str(&run.text[done..*at]);
            done = *at;
            match mark {
                Mark::Open(number) => text.push_str(&format!("{{{number}:")),
                Mark::Close(_) => text.push('}'),
                Mark::Address(number) => text.push_str(&format!("{{@{number}}}")),
            }
        }
        text + &run.text[done..]
    }

    fn check(markdown: &str, expected: &str) {
        let (prose, problems) = read_prose(markdown, Extent::Body);
        assert_eq!(problems, [], "{markdown:?}");
        assert_eq!(shown(&prose.html).trim_end(), expected, "{markdown:?}");
    }

    fn complain(markdown: &str, message: &str, html: &str) {
        let (prose, problems) = read_prose(markdown, Extent::Body);
        let messages: Vec<_> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(messages, [message], "{markdown:?}");
        assert_eq!(shown(&prose.html).trim_end(), html, "{markdown:?}");
    }

    #[test]
    fn links_into_the_dossier_stay_open() {
        check("a [[jane]] b", "<p>a {0:jane} b</p>");
        check("[[jane|Ms *Doe*]]", "<p>{0:Ms <em>Doe</em>}</p>");
        check("[x](../a.md#b) [y](#c)", "<p>{0:x} {1:y}</p>");
        check("![a *b*](p.jpg)", "<p><img alt=\"a b\" loading=\"lazy\" src=\"{@0}\"></p>");
        check("[![a](p.jpg)](q.md)", "<p>{0:<img alt=\"a\" loading=\"lazy\" src=\"{@1}\">}</p>");
    }

    #[test]
    fn links_out_of_the_dossier_are_marked() {
        check(
            "<https://e.org/?a&b>",
            "<p><a href=\"https://e.org/?a&amp;b\" class=\"external\" rel=\"noopener noreferrer\">https://e.org/?a&amp;b</a></p>",
        );
    }

    #[test]
    fn tables_have_classes_and_no_styles() {
        check(
            "|a|b|\n|:-|-:|\n|1|2|",
            "<table><thead><tr><th scope=\"col\" class=\"align-left\">a</th><th scope=\"col\" class=\"align-right\">b</th></tr></thead><tbody>\n\
             <tr><td class=\"align-left\">1</td><td class=\"align-right\">2</td></tr>\n</tbody></table>",
        );
    }

    #[test]
    fn what_an_editor_did_to_quoted_words_is_marked() {
        let (prose, _) = read_prose("A [b] *c* […] d [[x]] [", Extent::Words);
        assert_eq!(
            shown(&prose.html).trim_end(),
            "<p>A <span class=\"inserted\">[b]</span> <em>c</em> <span class=\"omitted\">[…]</span> d {0:x} [</p>"
        );
    }

    #[test]
    fn headings_have_ids_of_their_own() {
        check(
            "## A b\n## A b\n#### x {#own}",
            "<h2 id=\"a-b\">A b</h2>\n<h2 id=\"a-b-1\">A b</h2>\n<h3 id=\"own\">x</h3>",
        );
        check("# अ", "<h2 id=\"a\">अ</h2>");
    }

    #[test]
    fn footnotes_stand_after_the_prose_in_order_of_use() {
        check(
            "x[^b]\n\n[^b]: note",
            "<p>x<sup class=\"footnote-ref\"><a id=\"fnref-1\" href=\"#fn-1\">1</a></sup></p>\n\
             <section class=\"footnotes\"><ol>\n<li id=\"fn-1\"><p>note</p>\n<a class=\"footnote-back\" href=\"#fnref-1\">↩</a></li>\n</ol></section>",
        );
    }

    #[test]
    fn raw_html_is_sanitised_and_said_so() {
        check("a <b>c</b> [[x]]", "<p>a <b>c</b> {0:x}</p>");
        complain("a <script>alert(1)</script>", "`<script>` is removed from the page", "<p>a </p>");
        complain("<p onclick=\"x()\">a</p>", "the attribute `onclick` is removed from the page", "<p>a</p>");
        complain(
            "<img src=\"https://e.org/a.png\" style=\"x\">",
            "the attribute `style` is removed from the page",
            "<img>",
        );
        complain(
            "<a href=\"dossier:0\">a</a>",
            "this HTML uses an address that stands for something else here",
            "<p>a</p>",
        );
    }

    #[test]
    fn addresses_that_run_programs_are_refused() {
        complain("[x](javascript:alert(1))", "the address `javascript:alert(1)` is not allowed in a page", "<p>x</p>");
        complain("[x](dossier:0)", "the address `dossier:0` is not allowed in a page", "<p>x</p>");
        complain("[x](/etc/passwd)", "the address `/etc/passwd` is not allowed in a page", "<p>x</p>");
        complain("[x](data:text/html,a)", "the address `data:text/html,a` is not allowed in a page", "<p>x</p>");
    }

    #[test]
    fn a_link_knows_its_sentence() {
        let (prose, _) = read_prose("First. Then [[jane]] went.\nLast one.\n\nOther.", Extent::Body);
        assert_eq!(&prose.plain.text[prose.links[0].sentence.clone()], "Then jane went.");
    }

    #[test]
    fn many_open_brackets_take_no_time_and_do_no_harm() {
        let (prose, _) = read_prose(&"[".repeat(100_000), Extent::Body);
        assert!(prose.html.text.len() > 100_000);
        read_prose(&"[[".repeat(50_000), Extent::Body);
        read_prose(&"> ".repeat(50_000), Extent::Body);
        read_prose(&"*a _b ".repeat(20_000), Extent::Body);
    }
}
