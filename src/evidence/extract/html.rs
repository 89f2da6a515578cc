//! HTML as a reader sees it, without being laid out.
//!
//! The page is read as browsers read it, with what is misplaced or left open; then its elements decide what is text, what makes a block,
//! and what is not seen. What is known of an element is its name, its own attributes, and what the style sheets in the page say of it as
//! far as [`css`] understands them: what is of the colour of the page is taken to be seen, and so is what a linked sheet hides. A closed
//! `details` is text, since a reader can open it; what is hidden from screen readers only (`aria-hidden`) is text, since it is seen. The
//! marks that a browser draws around `q` and before items of a list are not written, so they are not text. Readings over words (`ruby`)
//! follow as a block of their own, so that the words themselves stay together. Raised digits (`sup`) are written as the characters that
//! are raised by themselves, since 10² is not 102; raised links to a place in a page are the numbers of notes and no part of the words. An
//! element that is not shown and is in another language than the page is noted as the page in another language; what is shown in another
//! language is text.

mod css;
mod look;
mod tree;

use std::ops::Range;

use html5ever::ns;

use super::super::document::{BlockKind, Document, Hidden, HiddenBy, How};
use super::Fault;
use super::encoding::Decoded;
use super::writer::Writer;
use crate::text::raised;
use css::declaration::{P, Value};
use css::selector::Place;
use css::sheet::{Holding, Sheet};
use look::Look;
use tree::{Element, Excess, Step, Tree};

/// A way through the elements of a page, seen or not.
pub(super) enum Node<'a> {
    /// An element of this name begins.
    Open(&'a str),
    /// The one that was opened last ends.
    Close,
    /// What is written in it.
    Text(&'a str),
}

/// Goes through the elements of a page as they lie in each other, for those who know what a page's parts mean.
pub(super) fn walk(bytes: &[u8], mut see: impl FnMut(Node<'_>)) -> Result<(), Fault> {
    let tree = tree_of(&Decoded::html(bytes, None))?;
    tree.walk(|step| match step {
        Step::Enter(element, _) => see(Node::Open(&element.name.local)),
        Step::Leave => see(Node::Close),
        Step::Text(text) => see(Node::Text(&tree.text[text])),
        Step::Comment(_) => {}
    });
    Ok(())
}

/// Reads HTML into a document, sent as `charset` if that is known.
pub(super) fn read(bytes: &[u8], charset: Option<&str>, document: Document) -> Result<Document, Fault> {
    let decoded = Decoded::html(bytes, charset);
    let tree = tree_of(&decoded)?;
    let sheet = Sheet::new(&tree.sheets(), tree.is_quirky, tree.declarations());
    let mut page = Page {
        sheet: sheet.as_ref(),
        path: Vec::new(),
        decoded: &decoded,
        tree: &tree,
        writer: Writer::new(document),
        states: Vec::new(),
        space: None,
        readings: Vec::new(),
        hiding: None,
        title: None,
    };
    tree.walk(|step| match step {
        Step::Enter(element, look) => page.enter(element, look),
        Step::Leave => page.leave(),
        Step::Text(text) => page.text(text),
        Step::Comment(comment) => page.hide(HiddenBy::Comment, comment),
    });
    if sheet.as_ref().is_some_and(Sheet::is_exceeded) {
        return Err(Fault::Refused("its style sheets ask for more than can be looked through".to_owned()));
    }
    Ok(page.finish())
}

fn tree_of(decoded: &Decoded<'_>) -> Result<Tree, Fault> {
    Tree::new(&decoded.text).map_err(|excess| match excess {
        Excess::Depth => Fault::Refused("its elements lie in each other more deeply than any browser shows".to_owned()),
        Excess::Nodes => Fault::Refused("it has more elements than a page can have".to_owned()),
    })
}

/// The characters that a reference of HTML stands for, or itself if it stands for none.
pub(super) fn characters_of(reference: &str) -> String {
    Tree::new(&format!("<p>{reference}")).map(|tree| tree.text).unwrap_or_default()
}

/// A page that is gone through.
struct Page<'a> {
    sheet: Option<&'a Sheet>,
    /// The elements that are open, where the page has style sheets.
    path: Vec<Place<'a>>,
    decoded: &'a Decoded<'a>,
    tree: &'a Tree,
    writer: Writer,
    /// What holds in each of the elements that are open.
    states: Vec<State>,
    /// White space that counts if words follow in the same line.
    space: Option<(Option<Range<u64>>, How)>,
    /// Readings over words of the block.
    readings: Vec<Range<usize>>,
    /// The place among the hidden texts of the one that is being collected.
    hiding: Option<usize>,
    title: Option<String>,
}

/// What holds in an element.
#[derive(Clone, Copy, Default)]
struct State {
    /// Why it and all in it has no place in the text that is seen.
    hidden: Option<HiddenBy>,
    /// Why it and all in it is not seen although it has its place.
    veiled: Option<HiddenBy>,
    /// Why its words are not seen, though those of elements in it may be: `visibility`, and letters without size.
    invisible: Option<HiddenBy>,
    tiny: Option<HiddenBy>,
    /// Why it is not seen as long as it stays within the box of an element around it.
    cut_off: Option<HiddenBy>,
    /// Whether that box keeps what is positioned.
    keeps_positioned: bool,
    is_pre: bool,
    is_reading: bool,
    is_raised: bool,
    /// Whether it leads to a place in a page.
    is_anchor: bool,
    is_title: bool,
    /// Whether its text is markup that was not read, since a browser shows something else instead.
    is_raw: bool,
    is_block: bool,
    kind: Kind,
}

impl State {
    /// Takes in what styles say of an element but for `display: none`.
    fn take(&mut self, holding: &Holding, is_html: bool, name: &str) {
        let by = |property| holding.hides(property).map(by_style);
        match holding.value(P::Visibility) {
            None | Some(Value::Inherits) => {}
            Some(_) => self.invisible = by(P::Visibility),
        }
        match holding.value(P::FontSize) {
            None | Some(Value::Inherits) => {}
            Some(_) => self.tiny = by(P::FontSize),
        }
        let kind = holding.value(P::Kind);
        if kind == Some(Value::Boxless) {
            return;
        }
        let is = |property, value| holding.value(property) == Some(value);
        let position = holding.value(P::Position);
        let is_out = position == Some(Value::Hides);
        if is_out && !self.keeps_positioned {
            self.cut_off = None;
        }
        let is_box = is_out
            || is(P::Float, Value::Hides)
            || kind == Some(Value::Boxed)
            || kind.is_none() && is_html && has_plain_box(name);
        let far = match position {
            Some(Value::Hides) => [P::Left, P::Top, P::Right, P::Bottom, P::Clip].into_iter().find_map(by),
            Some(Value::Relative) => [P::Left, P::Top].into_iter().find_map(by),
            _ => None,
        };
        let unpainted = || by(P::Opacity).or_else(|| by(P::ClipPath));
        let skipped = || by(P::ContentVisibility).filter(|_| is_box);
        if let Some(by) = far.or_else(unpainted).or_else(skipped) {
            if is_out {
                // Words before and after it stand together.
                self.hidden = self.hidden.or(Some(by));
            } else {
                self.veiled = self.veiled.or(Some(by));
            }
        }
        let squeezed = |sizes: [_; 2], overflow, paddings: [_; 2], least| {
            let size = sizes.into_iter().find_map(by)?;
            let is_cut = is(overflow, Value::Hides)
                && !is(least, Value::Shows)
                && !is(P::Flex, Value::Shows)
                && !paddings.into_iter().any(|padding| is(padding, Value::Shows));
            is_cut.then_some(size)
        };
        let across = || squeezed([P::Width, P::MaxWidth], P::OverflowX, [P::PaddingLeft, P::PaddingRight], P::MinWidth);
        let down =
            || squeezed([P::Height, P::MaxHeight], P::OverflowY, [P::PaddingTop, P::PaddingBottom], P::MinHeight);
        let is_positioned = is_out || position == Some(Value::Relative);
        if let Some(by) = down().or_else(across).filter(|_| is_box) {
            if is_out && self.hidden.is_none() {
                self.hidden = Some(by);
            } else if self.cut_off.is_none() {
                (self.cut_off, self.keeps_positioned) = (Some(by), is_positioned);
            }
        } else if self.cut_off.is_some() && is_positioned {
            self.keeps_positioned = true;
        }
    }

    /// Why words in it are not seen.
    fn unseen(&self) -> Option<HiddenBy> {
        self.hidden.or(self.veiled).or(self.cut_off).or(self.invisible).or(self.tiny)
    }
}

/// What hides something that a style hides.
fn by_style(is_by_sheet: bool) -> HiddenBy {
    if is_by_sheet { HiddenBy::StyleSheet } else { HiddenBy::NotShown }
}

/// What a block in an element is.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Kind {
    #[default]
    Running,
    Heading,
    Other,
}

impl From<Kind> for BlockKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Running => BlockKind::Paragraph,
            Kind::Heading => BlockKind::Heading,
            Kind::Other => BlockKind::Other,
        }
    }
}

impl<'a> Page<'a> {
    fn state(&self) -> State {
        self.states.last().copied().unwrap_or_default()
    }

    fn enter(&mut self, element: &'a Element, look: &'a Look) {
        let outer = self.state();
        let name = &*element.name.local;
        let is_html = element.name.ns == ns!(html);
        self.language(name, look);
        for told in &look.told {
            self.hide(HiddenBy::Attribute, told);
        }
        let mut state = State { is_block: false, ..outer };
        if is_html && name == "title" && self.title.is_none() {
            self.title = Some(String::new());
            state.is_title = true;
        }
        if self.sheet.is_some() {
            self.path.push(Place { name, look });
        }
        let holding = match name {
            // A page of which nothing is seen is one that a script shows.
            "html" | "body" => None,
            _ => Holding::of(self.sheet, &self.path, look),
        };
        state.hidden = self.hidden(outer.hidden, is_html, name, look, holding.as_ref());
        if let Some(holding) = &holding {
            state.take(holding, is_html, name);
        }
        if is_html {
            state.is_pre |= matches!(name, "pre" | "textarea" | "listing" | "xmp" | "plaintext");
            state.is_reading |= matches!(name, "rt" | "rtc");
            state.is_raised = name == "sup" || outer.is_raised && name != "sub";
            state.is_anchor |= look.is_anchor;
            state.is_raw = matches!(name, "noscript" | "noembed" | "noframes" | "iframe");
        }
        if let Some(kind) = block(is_html, name) {
            state.is_block = true;
            state.kind = if outer.kind == Kind::Heading { Kind::Heading } else { kind };
            self.border(state);
        } else if is_html && name == "br" {
            self.line_break(element.tag.clone(), state);
        }
        self.states.push(state);
    }

    fn leave(&mut self) {
        let Some(state) = self.states.pop() else { return };
        self.path.pop();
        if state.is_block {
            self.border(state);
        }
        if self.state().hidden.is_none() {
            self.hiding = None;
        }
    }

    /// Where an element that makes a block begins or ends.
    fn border(&mut self, state: State) {
        match (state.hidden, self.hiding) {
            // What has no box breaks no paragraph.
            (None, _) => self.end_block(),
            (Some(_), Some(number)) => {
                if let Some(hidden) = self.writer.document().hidden.get_mut(number) {
                    hidden.text.push(' ');
                }
            }
            (Some(_), None) => {}
        }
    }

    fn end_block(&mut self) {
        self.writer.end();
        self.space = None;
        for reading in std::mem::take(&mut self.readings) {
            self.space = Some((None, How::Space));
            self.flow(reading, State { kind: Kind::Other, ..State::default() });
        }
        self.writer.end();
        self.space = None;
    }

    /// One line break is one; two are an empty line, and so the end of a paragraph.
    fn line_break(&mut self, tag: Range<usize>, state: State) {
        if state.unseen().is_some() || state.is_reading || !self.writer.is_in_block() {
            return;
        }
        if self.writer.is_at_line_start() {
            return self.end_block();
        }
        self.space = None;
        self.writer.push("\n", Some(self.decoded.bytes(tag)), How::Space);
    }

    fn language(&mut self, name: &str, look: &Look) {
        let said = match name {
            "html" => look.lang.as_ref(),
            "meta" if look.is_language => look.told.first(),
            _ => None,
        };
        let lang = &mut self.writer.document().lang;
        if lang.is_none() {
            *lang = said.filter(|said| !said.is_empty()).cloned();
        }
    }

    /// Why what is in an element is not seen.
    fn hidden(
        &mut self,
        outer: Option<HiddenBy>,
        is_html: bool,
        name: &str,
        look: &Look,
        holding: Option<&Holding>,
    ) -> Option<HiddenBy> {
        let by_name = match name {
            "script" => Some(HiddenBy::Script),
            "style" => Some(HiddenBy::Style),
            _ if is_html => never_shown(name).then_some(HiddenBy::NotShown),
            "title" | "desc" | "metadata" | "defs" | "symbol" | "annotation" | "annotation-xml" => {
                Some(HiddenBy::NotShown)
            }
            _ => None,
        };
        let display = holding.and_then(|holding| holding.value(P::Display));
        let put_away = match holding.and_then(|holding| holding.hides(P::Display)) {
            Some(is_by_sheet) => Some(by_style(is_by_sheet)),
            // A style beats the attribute.
            None if display.is_some() => None,
            None => (look.hidden || is_html && name == "dialog" && !look.open).then_some(HiddenBy::NotShown),
        };
        let own = by_name.or(put_away);
        match own {
            Some(HiddenBy::Script | HiddenBy::Style) => own,
            _ => match outer.or(own) {
                Some(HiddenBy::NotShown | HiddenBy::StyleSheet) if self.is_other_language(look) => {
                    Some(HiddenBy::OtherLanguage)
                }
                by => by,
            },
        }
    }

    fn is_other_language(&mut self, look: &Look) -> bool {
        let primary = |tag: &str| tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        match (&look.lang, &self.writer.document().lang) {
            (Some(own), Some(page)) if !own.is_empty() => primary(own) != primary(page),
            (Some(_) | None, Some(_) | None) => false,
        }
    }

    fn text(&mut self, text: Range<usize>) {
        let state = self.state();
        if state.is_title {
            if let Some(title) = &mut self.title {
                title.push_str(&self.tree.text[text]);
            }
        } else if let Some(by) = state.unseen() {
            let words = &self.tree.text[text];
            if state.is_raw { self.collect(by, &words_of(words)) } else { self.collect(by, words) }
        } else if state.is_raised && state.is_anchor {
            self.collect(HiddenBy::Note, &self.tree.text[text]);
        } else if state.is_reading {
            self.readings.push(text);
        } else if let Some(raised) = state.is_raised.then(|| raised(&self.tree.text[text.clone()])).flatten() {
            self.raised(text, &raised, state);
        } else {
            self.flow(text, state);
        }
    }

    /// Adds to a hidden text, or begins one.
    fn collect(&mut self, by: HiddenBy, words: &str) {
        let all = &mut self.writer.document().hidden;
        match self.hiding.and_then(|number| all.get_mut(number)) {
            Some(hidden) if hidden.by == by => hidden.text.push_str(words),
            Some(_) | None => {
                self.hiding = Some(all.len());
                all.push(Hidden { by, text: words.to_owned() });
            }
        }
    }

    /// Notes a hidden text that is whole.
    fn hide(&mut self, by: HiddenBy, words: &str) {
        if !words.trim().is_empty() {
            self.writer.document().hidden.push(Hidden { by, text: words.to_owned() });
        }
    }

    /// Writes text that is seen.
    fn flow(&mut self, text: Range<usize>, state: State) {
        let (tree, decoded) = (self.tree, self.decoded);
        let first = tree.places.partition_point(|place| place.text <= text.start).saturating_sub(1);
        for (number, place) in tree.places.iter().enumerate().skip(first) {
            if place.text >= text.end {
                break;
            }
            let end = tree.places.get(number + 1).map_or(tree.text.len(), |next| next.text);
            let part = place.text.max(text.start)..end.min(text.end);
            if part.is_empty() {
                continue;
            }
            match place.how {
                How::Literal => {
                    let start = place.source.start + (part.start - place.text);
                    self.literal(start..start + part.len(), state);
                }
                how => {
                    let words = &tree.text[part];
                    let bytes = Some(decoded.bytes(place.source.clone()));
                    if !state.is_pre && words.bytes().all(is_white) {
                        self.space.get_or_insert((bytes, how));
                    } else {
                        self.go_on(state);
                        self.writer.push(words, bytes, how);
                    }
                }
            }
        }
    }

    /// Writes a number in raised digits.
    fn raised(&mut self, text: Range<usize>, raised: &str, state: State) {
        let places = &self.tree.places;
        let first = places.partition_point(|place| place.text <= text.start).saturating_sub(1);
        let bytes = places.get(first).map(|place| {
            let start = (place.source.start + (text.start - place.text)).min(place.source.end);
            self.decoded.bytes(start..(start + text.len()).min(place.source.end))
        });
        self.go_on(state);
        self.writer.push(raised, bytes, How::Entity);
    }

    /// Writes text that stands in the source as it is.
    fn literal(&mut self, source: Range<usize>, state: State) {
        let text = &self.decoded.text[source.clone()];
        if state.is_pre {
            if self.writer.is_in_block() || !text.bytes().all(is_white) {
                self.go_on(state);
                self.push(source);
            }
            return;
        }
        let bytes = text.as_bytes();
        let mut at = 0;
        while at < bytes.len() {
            let from = at;
            if is_white(bytes[at]) {
                at += bytes[at..].iter().position(|byte| !is_white(*byte)).unwrap_or(bytes.len() - at);
                let how = if &bytes[from..at] == b" " { How::Literal } else { How::Space };
                let written = self.decoded.bytes(source.start + from..source.start + at);
                self.space.get_or_insert((Some(written), how));
                continue;
            }
            // One space between two words is a part of the stretch.
            while at < bytes.len() {
                at += bytes[at..].iter().position(|byte| is_white(*byte)).unwrap_or(bytes.len() - at);
                match bytes.get(at..at + 2) {
                    Some([b' ', next]) if !is_white(*next) => at += 1,
                    _ => break,
                }
            }
            self.go_on(state);
            self.push(source.start + from..source.start + at);
        }
    }

    fn push(&mut self, source: Range<usize>) {
        for (part, bytes) in self.decoded.parts(source) {
            self.writer.push(&self.decoded.text[part], Some(bytes), How::Literal);
        }
    }

    /// Begins a block, or writes the space before the words that follow.
    fn go_on(&mut self, state: State) {
        self.hiding = None;
        let space = self.space.take();
        if !self.writer.is_in_block() {
            self.writer.begin(&state.kind.into());
        } else if let Some((bytes, how)) = space
            && !self.writer.is_at_line_start()
        {
            self.writer.push(" ", bytes, how);
        }
    }

    fn finish(mut self) -> Document {
        self.end_block();
        let mut document = self.writer.finish();
        document.title = self.title.map(|title| collapsed(&title)).filter(|title| !title.is_empty()).or(document.title);
        for hidden in &mut document.hidden {
            hidden.text = match hidden.by {
                HiddenBy::Script | HiddenBy::Style => hidden.text.trim().to_owned(),
                _ => collapsed(&hidden.text),
            };
        }
        document.hidden.retain(|hidden| !hidden.text.is_empty());
        document
    }
}

/// White space that CSS collapses.
fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c')
}

/// Words with one space between them.
pub(super) fn collapsed(text: &str) -> String {
    let mut words = text.split_ascii_whitespace();
    let mut collapsed = String::with_capacity(text.len());
    collapsed.extend(words.next());
    for word in words {
        collapsed.push(' ');
        collapsed.push_str(word);
    }
    collapsed
}

/// The words in markup that a browser does not read.
fn words_of(markup: &str) -> String {
    let mut words = String::new();
    if let Ok(tree) = Tree::new(markup) {
        tree.walk(|step| match step {
            Step::Text(text) => words.push_str(&tree.text[text]),
            Step::Enter(_, look) => words.extend(look.told.iter().flat_map(|told| [" ", told, " "])),
            Step::Leave => words.push(' '),
            Step::Comment(_) => {}
        });
    }
    words
}

/// What an element of HTML is if it makes a block of its own.
fn block(is_html: bool, name: &str) -> Option<Kind> {
    match name {
        "text" if !is_html => Some(Kind::Other),
        _ if !is_html => None,
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => Some(Kind::Heading),
        "li" | "dt" | "dd" | "td" | "th" | "caption" | "figcaption" | "legend" | "summary" | "option" | "optgroup"
        | "select" => Some(Kind::Other),
        "address" | "article" | "aside" | "blockquote" | "body" | "center" | "col" | "colgroup" | "details"
        | "dialog" | "dir" | "div" | "dl" | "fieldset" | "figure" | "footer" | "form" | "frameset" | "header"
        | "hgroup" | "hr" | "html" | "listing" | "main" | "menu" | "nav" | "ol" | "p" | "plaintext" | "pre"
        | "search" | "section" | "table" | "tbody" | "textarea" | "tfoot" | "thead" | "tr" | "ul" | "xmp" => {
            Some(Kind::Running)
        }
        _ => None,
    }
}

/// Whether an element makes a box of its own that can have a size and has no room around what is in it.
fn has_plain_box(name: &str) -> bool {
    matches!(
        name,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "center"
            | "dd"
            | "div"
            | "dl"
            | "dt"
            | "figcaption"
            | "figure"
    ) || matches!(name, "footer" | "form" | "h1" | "h2" | "h3" | "h4" | "h5" | "h6" | "header" | "hgroup" | "li")
        || matches!(name, "main" | "nav" | "p" | "pre" | "search" | "section")
}

/// Whether a browser that runs scripts and plays media shows nothing of what is written in such an element.
fn never_shown(name: &str) -> bool {
    matches!(
        name,
        "head"
            | "template"
            | "noscript"
            | "noembed"
            | "noframes"
            | "iframe"
            | "audio"
            | "video"
            | "canvas"
            | "object"
            | "datalist"
            | "progress"
            | "meter"
            | "rp"
    )
}

#[cfg(test)]
mod tests;
