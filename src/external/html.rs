//! What is looked for in HTML: the places of a page that a link may name, and the links of raw HTML.
//!
//! The text is read as it comes in, by the tokenizer of a browser's grade parser; no tree is made of it.

use std::cell::RefCell;
use std::collections::BTreeSet;

use html5ever::tendril::{ByteTendril, StrTendril, TendrilSink};
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};

/// Reads a page piece by piece, and crosses off the anchors that it has.
pub(super) struct Anchors(html5ever::tendril::stream::Utf8LossyDecoder<Reading>);

struct Reading {
    tokenizer: Tokenizer<Missing>,
    queue: BufferQueue,
}

struct Missing(RefCell<BTreeSet<String>>);

impl Anchors {
    /// Looks for these.
    pub(super) fn new(wanted: BTreeSet<String>) -> Self {
        let tokenizer = Tokenizer::new(Missing(RefCell::new(wanted)), TokenizerOpts::default());
        let reading = Reading { tokenizer, queue: BufferQueue::default() };
        Anchors(html5ever::tendril::stream::Utf8LossyDecoder::new(reading))
    }

    /// Reads on.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        self.0.process(ByteTendril::from_slice(bytes));
    }

    /// Whether none is missing any more.
    pub(super) fn are_found(&self) -> bool {
        self.0.inner_sink.tokenizer.sink.0.borrow().is_empty()
    }

    /// Those that the page does not have.
    pub(super) fn missing(self) -> BTreeSet<String> {
        self.0.finish()
    }
}

impl TendrilSink<html5ever::tendril::fmt::UTF8> for Reading {
    type Output = BTreeSet<String>;

    fn process(&mut self, text: StrTendril) {
        self.queue.push_back(text);
        while let html5ever::TokenizerResult::Script(()) = self.tokenizer.feed(&self.queue) {}
    }

    fn error(&mut self, _: std::borrow::Cow<'static, str>) {}

    fn finish(self) -> BTreeSet<String> {
        self.tokenizer.end();
        self.tokenizer.sink.0.into_inner()
    }
}

impl TokenSink for Missing {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(Tag { kind: TagKind::StartTag, name, attrs, .. }) = token {
            let inner = inner(&name);
            for attribute in attrs {
                let is_anchor = match &*attribute.name.local {
                    "id" => true,
                    "name" => &*name == "a",
                    _ => false,
                };
                if is_anchor {
                    let mut missing = self.0.borrow_mut();
                    missing.remove(&*attribute.value);
                    // A well-known host of code writes ids so, and a script of it finds them without.
                    if let Some(rest) = attribute.value.strip_prefix("user-content-") {
                        missing.remove(rest);
                    }
                }
            }
            return inner;
        }
        TokenSinkResult::Continue
    }
}

/// How what is inside of an element is read: in a script, `<` begins nothing.
pub(super) fn inner(name: &str) -> TokenSinkResult<()> {
    match name {
        "script" => TokenSinkResult::RawData(RawKind::ScriptData),
        "style" | "iframe" | "noembed" | "noframes" | "xmp" => TokenSinkResult::RawData(RawKind::Rawtext),
        "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
        "plaintext" => TokenSinkResult::Plaintext,
        _ => TokenSinkResult::Continue,
    }
}

/// The addresses of the links in a piece of HTML.
pub(super) fn links(html: &str) -> Vec<String> {
    struct Found(RefCell<Vec<String>>);
    impl TokenSink for Found {
        type Handle = ();

        fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
            if let Token::TagToken(Tag { kind: TagKind::StartTag, name, attrs, .. }) = token
                && &*name == "a"
            {
                let addresses = attrs.iter().filter(|attribute| &*attribute.name.local == "href");
                self.0.borrow_mut().extend(addresses.map(|attribute| attribute.value.to_string()));
            }
            TokenSinkResult::Continue
        }
    }
    let tokenizer = Tokenizer::new(Found(RefCell::default()), TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(html));
    while let html5ever::TokenizerResult::Script(()) = tokenizer.feed(&queue) {}
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(html: &str, wanted: &[&str]) -> Vec<String> {
        let mut anchors = Anchors::new(wanted.iter().map(|&anchor| anchor.to_owned()).collect());
        // As badly cut as a network may cut it.
        for byte in html.as_bytes() {
            anchors.read(&[*byte]);
        }
        anchors.missing().into_iter().collect()
    }

    #[test]
    fn ids_and_names_of_links_are_anchors() {
        let html =
            "<h2 id=one>1</h2><a name=\"two\"></a><p id='d&eacute;j&agrave;'><input name=three><!-- <b id=four> -->";
        assert_eq!(missing(html, &["one", "two", "déjà", "three", "four"]), ["four", "three"]);
    }

    #[test]
    fn what_stands_in_a_script_is_neither_an_anchor_nor_hides_one() {
        let html = "<title>A <!-- title</title><style>a:after { content: '<!--<b x=\"' }</style>\
                    <script>if (a<b && c.innerHTML == \"<p id='inner'><!--\") { d = '\"' }</script><p id=after>";
        assert_eq!(missing(html, &["inner", "after"]), ["inner"]);
    }

    #[test]
    fn links_of_raw_html_are_read() {
        assert_eq!(
            links("<p><a class=x href='https://a.example/?a=1&amp;b=2'>a</a> <img src=b>"),
            ["https://a.example/?a=1&b=2"]
        );
    }
}
