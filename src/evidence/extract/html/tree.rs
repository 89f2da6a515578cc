//! The tree that a browser makes of HTML, in which each text knows where it stands in the source.
//!
//! The tokenizer of `html5gum` tells where it is; the tree builder of `html5ever` moves what is misplaced, as the standard asks for. Text
//! goes through the tree builder in the order in which it is written, though not all at once and not all of it: so the words that come
//! out are the next such words of what went in since the last tag.

use std::borrow::Cow;
use std::cell::RefCell;
use std::convert::Infallible;
use std::ops::Range;
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{Attribute, LocalName, QualName, ns};
use html5gum::emitters::callback::{Callback, CallbackEmitter, CallbackEvent};
use html5gum::{Emitter, ForwardingEmitter, Span, State, Tokenizer};

use super::super::super::document::How;
use super::css::declaration::Declaration;
use super::look::Look;

/// How deep elements may lie in each other. Browsers stop at 512.
const DEEPEST: u16 = 1024;
/// How many nodes a page may have.
const MOST_NODES: usize = 4_000_000;
/// How many style sheets of a page are read.
const MOST_SHEETS: usize = 10_000;

/// No node.
const NONE: u32 = u32::MAX;

/// A page.
pub(super) struct Tree {
    nodes: Vec<Node>,
    looks: Vec<Look>,
    /// All text, in the order of the source.
    pub(super) text: String,
    /// Where the text stands in the source, in order; each holds up to the next one.
    pub(super) places: Vec<Place>,
    /// Whether it may have style sheets; then the attributes of its elements were kept.
    has_sheets: bool,
    /// Whether it is read by the rules for pages older than the standard.
    pub(super) is_quirky: bool,
}

/// Where text stands in the source.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) text: usize,
    pub(super) source: Range<usize>,
    pub(super) how: How,
}

/// A place in a page.
struct Node {
    parent: u32,
    before: u32,
    after: u32,
    first: u32,
    last: u32,
    depth: u16,
    content: Content,
}

/// What stands at a place of a page.
pub(super) enum Content {
    /// The page, or what is in a template.
    Root,
    /// An element.
    Element(Box<Element>),
    /// A part of the text of the tree.
    Text(Range<usize>),
    /// A comment.
    Comment(String),
}

/// An element.
pub(super) struct Element {
    pub(super) name: Rc<QualName>,
    look: usize,
    /// The bytes of its tag in the source.
    pub(super) tag: Range<usize>,
    /// What is in it if it is a template.
    contents: u32,
}

/// A way through a page.
pub(super) enum Step<'a> {
    Enter(&'a Element, &'a Look),
    Leave,
    Text(Range<usize>),
    Comment(&'a str),
}

/// Why a page is not read.
pub(super) enum Excess {
    Depth,
    Nodes,
}

impl Tree {
    /// Makes the tree of a page.
    pub(super) fn new(source: &str) -> Result<Tree, Excess> {
        let sink = Sink {
            growth: RefCell::new(Growth::new(source.len())),
            unnamed: Rc::new(QualName::new(None, ns!(), LocalName::default())),
        };
        sink.growth.borrow_mut().tree.has_sheets = begins_style(source);
        let opts = TreeBuilderOpts { drop_doctype: true, scripting_enabled: true, ..TreeBuilderOpts::default() };
        let builder = TreeBuilder::new(sink, opts);
        let emitter = Positions { inner: CallbackEmitter::new(Reading::new(&builder, source.as_bytes())) };
        let Ok(()) = Tokenizer::new_with_emitter(source, emitter).finish();
        let growth = builder.sink.growth.into_inner();
        match growth.excess {
            Some(excess) => Err(excess),
            None => Ok(growth.tree),
        }
    }

    /// The style sheets that stand in the page, each with the media that it is for; not those in templates and shadow roots.
    pub(super) fn sheets(&self) -> Vec<(String, String)> {
        let nodes = if self.has_sheets { &self.nodes[..] } else { &[] };
        let sheets = nodes.iter().filter_map(|node| match &node.content {
            Content::Element(element) if &*element.name.local == "style" => Some((node, &self.looks[element.look])),
            _ => None,
        });
        let is_css = |kind: &str| kind.is_empty() || kind.eq_ignore_ascii_case("text/css");
        let sheets = sheets.filter(|(_, look)| look.of("type").is_none_or(is_css)).take(MOST_SHEETS);
        let sheets = sheets.filter(|(node, _)| self.is_of_page(node));
        sheets.map(|(node, look)| (self.text_in(node), look.of("media").unwrap_or_default().to_owned())).collect()
    }

    /// Whether a node hangs in the page itself.
    fn is_of_page(&self, node: &Node) -> bool {
        let mut at = node.parent;
        while at != NONE && !matches!(self.nodes[at as usize].content, Content::Root) {
            at = self.nodes[at as usize].parent;
        }
        at == 0
    }

    /// The text that stands directly in a node.
    fn text_in(&self, node: &Node) -> String {
        let mut all = String::new();
        let mut at = node.first;
        while at != NONE {
            let node = &self.nodes[at as usize];
            if let Content::Text(text) = &node.content {
                all.push_str(&self.text[text.clone()]);
            }
            at = node.after;
        }
        all
    }

    /// What the elements' own styles declare.
    pub(super) fn declarations(&self) -> impl Iterator<Item = Declaration> {
        self.looks.iter().filter_map(|look| look.style.as_ref()).flatten().copied()
    }

    /// Goes through the page in its order.
    pub(super) fn walk<'a>(&'a self, mut see: impl FnMut(Step<'a>)) {
        let mut at = 0;
        loop {
            let node = &self.nodes[at as usize];
            let mut below = node.first;
            match &node.content {
                Content::Root => {}
                Content::Element(element) => {
                    see(Step::Enter(element, &self.looks[element.look]));
                    if element.contents != NONE && below == NONE {
                        below = self.nodes[element.contents as usize].first;
                    }
                }
                Content::Text(text) => see(Step::Text(text.clone())),
                Content::Comment(comment) => see(Step::Comment(comment)),
            }
            if below != NONE {
                at = below;
                continue;
            }
            loop {
                let node = &self.nodes[at as usize];
                if matches!(node.content, Content::Element(_)) {
                    see(Step::Leave);
                }
                if node.after != NONE {
                    at = node.after;
                    break;
                }
                if node.parent == NONE {
                    return;
                }
                at = node.parent;
            }
        }
    }
}

/// Whether the tag of a style sheet may begin anywhere in a page.
fn begins_style(source: &str) -> bool {
    let source = source.as_bytes();
    let tag = |at: usize| source.get(at + 1..at + 6).is_some_and(|name| name.eq_ignore_ascii_case(b"style"));
    memchr::memchr_iter(b'<', source).any(tag)
}

/// A tree that grows, and the text that goes through the tree builder.
struct Growth {
    tree: Tree,
    /// The text since the last tag that has not come out again.
    under_way: Range<usize>,
    /// The look and the bytes of the tag that is being worked on.
    look: usize,
    tag: Range<usize>,
    most_nodes: usize,
    excess: Option<Excess>,
}

impl Growth {
    fn new(length: usize) -> Self {
        let root =
            Node { parent: NONE, before: NONE, after: NONE, first: NONE, last: NONE, depth: 0, content: Content::Root };
        Growth {
            tree: Tree {
                nodes: vec![root],
                looks: vec![Look::default()],
                text: String::with_capacity(length),
                places: Vec::new(),
                has_sheets: false,
                is_quirky: false,
            },
            under_way: 0..0,
            look: 0,
            tag: 0..0,
            // Elements that have to be opened again after others were closed cannot grow beyond what was written.
            most_nodes: (length + 1024).min(MOST_NODES),
            excess: None,
        }
    }

    fn add(&mut self, content: Content) -> u32 {
        let number = self.tree.nodes.len();
        if number >= self.most_nodes {
            self.excess.get_or_insert(Excess::Nodes);
        }
        self.tree.nodes.push(Node {
            parent: NONE,
            before: NONE,
            after: NONE,
            first: NONE,
            last: NONE,
            depth: 0,
            content,
        });
        u32::try_from(number).unwrap_or(NONE - 1)
    }

    fn node(&mut self, id: u32) -> &mut Node {
        &mut self.tree.nodes[id as usize]
    }

    /// Hangs a node under another one, before one of its children or at the end.
    fn hang(&mut self, id: u32, parent: u32, sibling: u32) {
        self.detach(id);
        let before = if sibling == NONE { self.node(parent).last } else { self.node(sibling).before };
        let depth = self.node(parent).depth.saturating_add(1);
        if depth > DEEPEST {
            self.excess.get_or_insert(Excess::Depth);
        }
        let node = self.node(id);
        (node.parent, node.before, node.after, node.depth) = (parent, before, sibling, depth);
        if let Content::Element(element) = &node.content
            && element.contents != NONE
        {
            let contents = element.contents;
            self.node(contents).depth = depth;
        }
        match before {
            NONE => self.node(parent).first = id,
            before => self.node(before).after = id,
        }
        match sibling {
            NONE => self.node(parent).last = id,
            sibling => self.node(sibling).before = id,
        }
    }

    fn detach(&mut self, id: u32) {
        let node = self.node(id);
        let (parent, before, after) = (node.parent, node.before, node.after);
        (node.parent, node.before, node.after) = (NONE, NONE, NONE);
        if parent == NONE {
            return;
        }
        match before {
            NONE => self.node(parent).first = after,
            before => self.node(before).after = after,
        }
        match after {
            NONE => self.node(parent).last = before,
            after => self.node(after).before = before,
        }
    }

    /// Hangs text, which is the next such text that went into the tree builder.
    fn hang_text(&mut self, text: &str, parent: u32, sibling: u32) {
        let Some(range) = self.come_out(text) else { return };
        let before = if sibling == NONE { self.node(parent).last } else { self.node(sibling).before };
        if before != NONE
            && let Content::Text(last) = &mut self.node(before).content
            && last.end == range.start
        {
            last.end = range.end;
            return;
        }
        let id = self.add(Content::Text(range));
        self.hang(id, parent, sibling);
    }

    /// The tree builder leaves out white space or words in some places, always whole stretches of them.
    fn come_out(&mut self, text: &str) -> Option<Range<usize>> {
        let mut start = self.under_way.start;
        while let Some(rest) = self.tree.text.get(start..self.under_way.end) {
            if rest.starts_with(text) {
                self.under_way.start = start + text.len();
                return Some(start..start + text.len());
            }
            start += rest.chars().next()?.len_utf8();
        }
        None
    }
}

/// What the tree builder hands over: a node and its name.
#[derive(Clone)]
struct Handle {
    id: u32,
    name: Rc<QualName>,
}

/// The attribute by which an element keeps its look while it goes through the tree builder.
const LOOK: &str = "i";

struct Sink {
    growth: RefCell<Growth>,
    unnamed: Rc<QualName>,
}

impl Sink {
    fn handle(&self, id: u32) -> Handle {
        Handle { id, name: Rc::clone(&self.unnamed) }
    }

    fn place(&self, child: NodeOrText<Handle>, parent: u32, sibling: u32) {
        let mut growth = self.growth.borrow_mut();
        match child {
            NodeOrText::AppendNode(node) => growth.hang(node.id, parent, sibling),
            NodeOrText::AppendText(text) => growth.hang_text(&text, parent, sibling),
        }
    }
}

/// The look of an element among its attributes.
fn look_in(attributes: &[Attribute]) -> usize {
    let own = attributes.iter().find(|attribute| &*attribute.name.local == LOOK);
    own.and_then(|attribute| attribute.value.parse().ok()).unwrap_or(0)
}

impl TreeSink for Sink {
    type Handle = Handle;
    type Output = ();
    type ElemName<'a> = &'a QualName;

    fn finish(self) {}

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> Handle {
        self.handle(0)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> &'a QualName {
        &target.name
    }

    fn create_element(&self, name: QualName, attributes: Vec<Attribute>, flags: ElementFlags) -> Handle {
        let mut growth = self.growth.borrow_mut();
        let name = Rc::new(name);
        let contents = if flags.template { growth.add(Content::Root) } else { NONE };
        let element = Element { name: Rc::clone(&name), look: look_in(&attributes), tag: growth.tag.clone(), contents };
        let id = growth.add(Content::Element(Box::new(element)));
        if contents != NONE {
            // So that a way through the page comes back to the template.
            growth.node(contents).parent = id;
        }
        Handle { id, name }
    }

    fn create_comment(&self, text: StrTendril) -> Handle {
        let id = self.growth.borrow_mut().add(Content::Comment(text.to_string()));
        self.handle(id)
    }

    fn create_pi(&self, _: StrTendril, data: StrTendril) -> Handle {
        self.create_comment(data)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.place(child, parent.id, NONE);
    }

    fn append_based_on_parent_node(&self, element: &Handle, before: &Handle, child: NodeOrText<Handle>) {
        let parent = self.growth.borrow_mut().node(element.id).parent;
        match parent {
            NONE => self.place(child, before.id, NONE),
            parent => self.place(child, parent, element.id),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    fn get_template_contents(&self, target: &Handle) -> Handle {
        match &self.growth.borrow_mut().node(target.id).content {
            Content::Element(element) if element.contents != NONE => self.handle(element.contents),
            Content::Root | Content::Element(_) | Content::Text(_) | Content::Comment(_) => target.clone(),
        }
    }

    fn same_node(&self, one: &Handle, other: &Handle) -> bool {
        one.id == other.id
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.growth.borrow_mut().tree.is_quirky = mode == QuirksMode::Quirks;
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let parent = self.growth.borrow_mut().node(sibling.id).parent;
        if parent != NONE {
            self.place(child, parent, sibling.id);
        }
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<Attribute>) {
        let growth = &mut *self.growth.borrow_mut();
        let added = growth.tree.looks[look_in(&attributes)].clone();
        let next = growth.tree.looks.len();
        let Content::Element(element) = &mut growth.node(target.id).content else { return };
        let old = std::mem::replace(&mut element.look, next);
        let look = growth.tree.looks[old].clone().or(added);
        growth.tree.looks.push(look);
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.growth.borrow_mut().detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, parent: &Handle) {
        let mut growth = self.growth.borrow_mut();
        loop {
            let child = growth.node(node.id).first;
            if child == NONE {
                return;
            }
            growth.hang(child, parent.id, NONE);
        }
    }

    /// What such a template holds is shown in the element that it stands in.
    fn attach_declarative_shadow(&self, location: &Handle, template: &Handle, _: &[Attribute]) -> bool {
        let contents = self.get_template_contents(template);
        let mut growth = self.growth.borrow_mut();
        if contents.id == template.id || growth.node(contents.id).parent != template.id {
            return false;
        }
        growth.hang(contents.id, location.id, NONE);
        true
    }
}

/// Puts the tokens of `html5gum` into the tree builder.
struct Reading<'a> {
    builder: &'a TreeBuilder<Handle, Sink>,
    source: &'a [u8],
    /// Where the tokenizer is, and where what has been worked on ends.
    position: usize,
    end: usize,
    tag_start: usize,
    /// The places of the text that is being collected, counted from its beginning, and its length.
    places: Vec<Place>,
    length: usize,
    /// The tag that is being read.
    tag: Option<Tag>,
    attribute: Vec<u8>,
    look: Look,
    keeps_attributes: bool,
    state: Option<State>,
}

impl<'a> Reading<'a> {
    fn new(builder: &'a TreeBuilder<Handle, Sink>, source: &'a [u8]) -> Self {
        Reading {
            builder,
            source,
            position: 0,
            end: 0,
            tag_start: 0,
            places: Vec::new(),
            length: 0,
            tag: None,
            attribute: Vec::new(),
            look: Look::default(),
            keeps_attributes: builder.sink.growth.borrow().tree.has_sheets,
            state: None,
        }
    }

    /// Notes where characters stand that were just read.
    fn note(&mut self, characters: &[u8]) {
        let stands_at = |start: usize| self.source.get(start..start + characters.len()) == Some(characters);
        let just_read =
            self.position.checked_sub(characters.len()).filter(|start| *start >= self.end && stands_at(*start));
        // Behind the last characters may follow something that is none, such as the end of a CDATA section.
        let unread = self.source.get(self.end..self.position).unwrap_or_default();
        let reference = memchr::memchr(b'&', unread).map(|at| self.end + at);
        let start = match just_read {
            Some(start) if start == self.end || reference.is_none_or(|reference| reference == start) => Some(start),
            _ => (reference.is_none() && stands_at(self.end)).then_some(self.end),
        };
        let (source, how) = match start {
            Some(start) => (start..start + characters.len(), How::Literal),
            None if unread.ends_with(b"\r") => {
                let is_followed = self.source.get(self.position) == Some(&b'\n');
                (self.position - 1..self.position + usize::from(is_followed), How::Space)
            }
            None => {
                let start = reference.unwrap_or(self.end);
                (start..self.position.max(start), How::Entity)
            }
        };
        self.end = source.end;
        match self.places.last_mut() {
            Some(last) if how == How::Literal && last.how == How::Literal && last.source.end == source.start => {
                last.source.end = source.end;
            }
            _ => self.places.push(Place { text: self.length, source, how }),
        }
        self.length += characters.len();
    }

    fn text(&mut self, characters: &[u8]) {
        let characters = String::from_utf8_lossy(characters);
        {
            let growth = &mut *self.builder.sink.growth.borrow_mut();
            if growth.excess.is_some() {
                return;
            }
            let start = growth.tree.text.len();
            growth.tree.text.push_str(&characters);
            growth.under_way.end = growth.tree.text.len();
            growth.tree.places.extend(self.places.drain(..).map(|place| Place { text: place.text + start, ..place }));
        }
        self.length = 0;
        for (number, part) in characters.split('\0').enumerate() {
            if number > 0 {
                self.token(Token::NullCharacterToken);
            }
            self.token(Token::CharacterTokens(StrTendril::from_slice(part)));
        }
    }

    /// Hands over a token that is no text: what text has not come out by then never will.
    fn markup(&mut self, token: Token) {
        self.token(token);
        let growth = &mut *self.builder.sink.growth.borrow_mut();
        let end = growth.tree.text.len();
        growth.under_way = end..end;
    }

    fn token(&mut self, token: Token) {
        if self.builder.sink.growth.borrow().excess.is_some() {
            return;
        }
        match self.builder.process_token(token, 1) {
            TokenSinkResult::Continue | TokenSinkResult::EncodingIndicator(_) | TokenSinkResult::Script(_) => {}
            TokenSinkResult::Plaintext => self.state = Some(State::PlainText),
            TokenSinkResult::RawData(RawKind::Rcdata) => self.state = Some(State::RcData),
            TokenSinkResult::RawData(RawKind::Rawtext) => self.state = Some(State::RawText),
            TokenSinkResult::RawData(RawKind::ScriptData | RawKind::ScriptDataEscaped(_)) => {
                self.state = Some(State::ScriptData);
            }
        }
    }

    fn close(&mut self, is_self_closing: bool) {
        self.finish_attribute(b"");
        let Some(mut tag) = self.tag.take() else { return };
        tag.self_closing = is_self_closing;
        let look = std::mem::take(&mut self.look);
        {
            let growth = &mut *self.builder.sink.growth.borrow_mut();
            growth.tag = self.tag_start..self.position;
            growth.look = 0;
            if look.is_of_interest() {
                growth.look = growth.tree.looks.len();
                growth.tree.looks.push(look);
                tag.attrs.push(attribute(LOOK, &growth.look.to_string()));
            }
        }
        self.markup(Token::TagToken(tag));
    }

    /// Takes an attribute whose value is known, or which has none.
    fn finish_attribute(&mut self, value: &[u8]) {
        let name = std::mem::take(&mut self.attribute);
        let Some(tag) = &mut self.tag else { return };
        if name.is_empty() {
            return;
        }
        let value = || String::from_utf8_lossy(value);
        if self.keeps_attributes {
            self.look.keep(&name, &value());
        }
        // What the tree builder asks for.
        if let b"type" | b"encoding" | b"color" | b"face" | b"size" | b"shadowrootmode" = &*name {
            let name = String::from_utf8_lossy(&name);
            if tag.attrs.iter().all(|other| *other.name.local != *name) {
                tag.attrs.push(attribute(&name, &value()));
            }
        } else {
            self.look.attribute(&tag.name, &name, value);
        }
    }
}

fn attribute(name: &str, value: &str) -> Attribute {
    Attribute { name: QualName::new(None, ns!(), LocalName::from(name)), value: StrTendril::from_slice(value) }
}

fn tag(kind: TagKind, name: &[u8]) -> Tag {
    let name = LocalName::from(String::from_utf8_lossy(name));
    Tag { kind, name, self_closing: false, attrs: Vec::new(), had_duplicate_attributes: false }
}

impl Callback<Infallible, ()> for Reading<'_> {
    fn handle_event(&mut self, event: CallbackEvent<'_>, _: Span<()>) -> Option<Infallible> {
        let tendril = |bytes: &[u8]| StrTendril::from_slice(&String::from_utf8_lossy(bytes));
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.tag = Some(tag(TagKind::StartTag, name));
                self.look = Look::default();
            }
            CallbackEvent::AttributeName { name } => {
                self.finish_attribute(b"");
                self.attribute.extend_from_slice(name);
            }
            CallbackEvent::AttributeValue { value } => self.finish_attribute(value),
            CallbackEvent::CloseStartTag { self_closing } => self.close(self_closing),
            CallbackEvent::EndTag { name } => {
                self.tag = None;
                self.builder.sink.growth.borrow_mut().tag = self.tag_start..self.position;
                self.markup(Token::TagToken(tag(TagKind::EndTag, name)));
            }
            CallbackEvent::String { value } => self.text(value),
            CallbackEvent::Comment { value } => self.markup(Token::CommentToken(tendril(value))),
            CallbackEvent::Doctype { name, public_identifier, system_identifier, force_quirks } => {
                self.markup(Token::DoctypeToken(Doctype {
                    name: Some(name).filter(|name| !name.is_empty()).map(tendril),
                    public_id: public_identifier.map(tendril),
                    system_id: system_identifier.map(tendril),
                    force_quirks,
                }));
            }
            CallbackEvent::Error(_) => {}
        }
        None
    }
}

/// Tells the reading where the tokenizer is.
struct Positions<'a> {
    inner: CallbackEmitter<Reading<'a>>,
}

impl Positions<'_> {
    /// Everything up to here has been worked on.
    fn pass(&mut self) {
        let reading = self.inner.callback_mut();
        reading.end = reading.position;
    }
}

impl ForwardingEmitter for Positions<'_> {
    type Token = Infallible;

    fn inner(&mut self) -> &mut impl Emitter<Token = Infallible> {
        &mut self.inner
    }

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn move_position(&mut self, offset: isize) {
        let reading = self.inner.callback_mut();
        reading.position = reading.position.saturating_add_signed(offset);
    }

    fn emit_string(&mut self, characters: &[u8]) {
        self.inner.callback_mut().note(characters);
        self.inner.emit_string(characters);
    }

    fn start_open_tag(&mut self) {
        let reading = self.inner.callback_mut();
        reading.tag_start = reading.position.saturating_sub(1);
        self.inner.start_open_tag();
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        let own = self.inner.emit_current_tag();
        self.pass();
        self.inner.callback_mut().state.take().or(own)
    }

    fn emit_current_comment(&mut self) {
        self.inner.emit_current_comment();
        self.pass();
    }

    fn emit_current_doctype(&mut self) {
        self.inner.emit_current_doctype();
        self.pass();
    }

    fn emit_eof(&mut self) {
        self.inner.emit_eof();
        let reading = self.inner.callback_mut();
        reading.markup(Token::EOFToken);
        reading.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.inner.callback_mut().builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
