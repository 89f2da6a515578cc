//! Signs of a page that is for subscribers: what it says of itself, and what it lacks of its copy.

use std::cell::RefCell;

use html5ever::tendril::{SliceExt as _, StrTendril};
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use serde_json::Value;

/// The property of schema.org by which publishers say it.
const PROPERTY: &str = "isAccessibleForFree";

/// Paragraphs with fewer words stand on many pages, such as a day or a name.
const TELLING: usize = 6;

/// More of a page's data than this is not looked at.
const DATA: usize = 4 << 20;

/// Whether a page says of itself, or of a part of itself, that it is not free to read: in JSON-LD or in microdata.
pub(super) fn is_declared(html: &[u8]) -> bool {
    if memchr::memmem::find(html, PROPERTY.as_bytes()).is_none() {
        return false;
    }
    let tokenizer = Tokenizer::new(Declared::default(), TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(String::from_utf8_lossy(html).as_ref().to_tendril());
    while let html5ever::TokenizerResult::Script(()) = tokenizer.feed(&queue) {}
    tokenizer.end();
    let declared = tokenizer.sink;
    let data = declared.data.into_inner();
    declared.in_microdata.into_inner()
        || data.iter().any(|json| serde_json::from_str(json).is_ok_and(|json| is_said(&json)))
}

/// Whether a page has only the beginning of what its copy has: less than half of the words, among them the first paragraph that tells
/// something, and nothing of the second half.
pub(super) fn is_cut_off(copy: &[Vec<String>], page: &[Vec<String>]) -> bool {
    let count = |all: &[Vec<String>]| all.iter().map(Vec::len).sum::<usize>();
    let telling: Vec<&Vec<String>> = copy.iter().filter(|paragraph| paragraph.len() >= TELLING).collect();
    let is_there = |paragraph: &&Vec<String>| page.contains(paragraph);
    let (first, second) = telling.split_at(telling.len().div_ceil(2));
    2 * count(page) < count(copy)
        && first.first().is_some_and(is_there)
        && !second.is_empty()
        && !second.iter().any(is_there)
}

/// Whether JSON-LD says it of what it describes. What a page says of other pages, such as those that it links to, does not count.
fn is_said(json: &Value) -> bool {
    match json {
        Value::Array(all) => all.iter().any(is_said),
        Value::Object(of) => {
            let parts = ["@graph", "hasPart", "mainEntity"].into_iter().filter_map(|part| of.get(part));
            of.get(PROPERTY).is_some_and(is_false) || parts.into_iter().any(is_said)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

fn is_false(value: &Value) -> bool {
    match value {
        Value::Bool(said) => !said,
        Value::String(said) => says_false(said),
        Value::Array(all) => all.iter().any(is_false),
        Value::Null | Value::Number(_) | Value::Object(_) => false,
    }
}

/// Whether it is `False`, or the address of that at schema.org.
fn says_false(said: &str) -> bool {
    said.trim().rsplit('/').next().is_some_and(|last| last.eq_ignore_ascii_case("false"))
}

/// What a page has of such data.
#[derive(Default)]
struct Declared {
    in_microdata: RefCell<bool>,
    /// The texts of scripts with JSON-LD.
    data: RefCell<Vec<String>>,
    is_in_data: RefCell<bool>,
}

impl TokenSink for Declared {
    type Handle = ();

    fn process_token(&self, token: Token, _: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(Tag { kind: TagKind::StartTag, name, attrs, .. }) => {
                let value = |key: &str| {
                    let mut attributes = attrs.iter();
                    attributes.find(|attribute| &*attribute.name.local == key).map(|attribute| &*attribute.value)
                };
                let is_meant =
                    value("itemprop").is_some_and(|names| names.split_ascii_whitespace().any(|name| name == PROPERTY));
                let said = value("content").or_else(|| value("href"));
                if is_meant && said.is_some_and(says_false) {
                    self.in_microdata.replace(true);
                }
                if &*name != "script" {
                    return super::super::html::inner(&name);
                }
                let kind = value("type").map(|kind| kind.split(';').next().unwrap_or_default().trim());
                if kind.is_some_and(|kind| kind.eq_ignore_ascii_case("application/ld+json")) {
                    self.is_in_data.replace(true);
                    self.data.borrow_mut().push(String::new());
                }
                return TokenSinkResult::RawData(RawKind::ScriptData);
            }
            Token::TagToken(_) => drop(self.is_in_data.replace(false)),
            Token::CharacterTokens(text) if *self.is_in_data.borrow() => self.keep(&text),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Declared {
    fn keep(&self, text: &StrTendril) {
        if let Some(data) = self.data.borrow_mut().last_mut().filter(|data| data.len() + text.len() <= DATA) {
            data.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(html: &str, expected: bool) {
        assert_eq!(is_declared(html.as_bytes()), expected, "{html}");
    }

    #[test]
    fn a_page_says_that_it_is_not_free_in_json_ld() {
        let page = |json: &str| format!("<title>a</title><script type=\"application/ld+json\">{json}</script><p>b");
        check(&page(r#"{"@type": "NewsArticle", "isAccessibleForFree": false}"#), true);
        check(&page(r#"[{"@graph": [{"isAccessibleForFree": "False"}]}]"#), true);
        check(&page(r#"{"hasPart": {"isAccessibleForFree": "http://schema.org/False", "cssSelector": ".p"}}"#), true);
        check(&page(r#"{"isAccessibleForFree": true}"#), false);
        check(&page(r#"{"isAccessibleForFree": false"#), false);
    }

    #[test]
    fn a_page_says_that_it_is_not_free_in_microdata() {
        check("<meta itemprop='name isAccessibleForFree' content=False>", true);
        check("<link itemprop=isAccessibleForFree href='https://schema.org/False'>", true);
        check("<meta itemprop=isAccessibleForFree content=true>", false);
    }

    #[test]
    fn what_a_page_says_of_others_or_to_people_is_no_sign() {
        let json =
            r#"{"isRelatedTo": {"isAccessibleForFree": false}, "itemListElement": [{"isAccessibleForFree": false}]}"#;
        check(&format!("<script type=application/ld+json>{json}</script>"), false);
        check("<p>We wrote isAccessibleForFree: false into our pages.", false);
        check("<script>var a = {\"isAccessibleForFree\": false}</script>", false);
        check("<!-- <meta itemprop=isAccessibleForFree content=False> -->", false);
    }

    #[test]
    fn a_beginning_without_its_end_is_cut_off() {
        let paragraph = |word: &str| vec![word.to_owned(); TELLING];
        let copy = ["a", "b", "c", "d"].map(paragraph);
        assert!(is_cut_off(&copy, &["a"].map(paragraph)));
        assert!(!is_cut_off(&copy, &["a", "b", "c"].map(paragraph)), "most of it is there");
        assert!(!is_cut_off(&copy, &["d"].map(paragraph)), "the end is there");
        assert!(!is_cut_off(&copy, &["x"].map(paragraph)), "it is another text");
        assert!(!is_cut_off(&["a"].map(paragraph), &[vec!["a".to_owned()]]), "a short text has no halves");
    }
}
