//! Raw HTML in Markdown: what is kept, and what is said of the rest.

use std::sync::LazyLock;

use ammonia::UrlRelative;

use super::run::PENDING;
use crate::text;

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

pub(super) static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
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
        // Ids that begin with an underscore are those of the theme.
        (_, "id") => (!value.starts_with('_')).then(|| value.into()),
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

/// Elements that stand within a word without parting it.
const WITHIN_WORDS: [&str; 21] = [
    "a", "abbr", "b", "bdi", "bdo", "cite", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small",
    "span", "strong", "time", "u",
];

/// Elements that are taken out where they stand in no table.
const TABLE_PARTS: [&str; 9] = ["caption", "col", "colgroup", "tbody", "td", "tfoot", "th", "thead", "tr"];

/// Raw HTML with a space before everything that parts words: blocks, line breaks, comments, and what is not kept. Without it,
/// words that a page shows apart would be one to whoever reads the text alone. `is_in_word` says whether there is a word before
/// it; `None` when nothing parts words.
pub(super) fn parted(raw: &str, is_in_word: bool) -> Option<String> {
    let (mut parted, mut parts) = (String::new(), false);
    let mut done = 0;
    for (at, _) in raw.match_indices('<') {
        let tag = &raw[at + 1..];
        let name = tag.strip_prefix('/').unwrap_or(tag);
        let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
        let is_within = WITHIN_WORDS.contains(&name[..end].to_ascii_lowercase().as_str());
        let is_tag = tag.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '/' | '!' | '?'));
        if is_tag && !is_within {
            parts = true;
            parted.push_str(&raw[done..at]);
            let is_after_word = if at == 0 { is_in_word } else { raw[..at].ends_with(char::is_alphanumeric) };
            // What is kept parts words by itself, but for cells that stand in no table.
            let name = name[..end].to_ascii_lowercase();
            if is_after_word && (!ELEMENTS.contains(&name.as_str()) || TABLE_PARTS.contains(&name.as_str())) {
                parted.push(' ');
            }
            done = at;
        }
    }
    parts.then(|| parted + &raw[done..])
}

/// Names what the sanitiser will take out of a piece of raw HTML, as far as it can be seen from the piece alone.
pub(super) fn unsafe_part(lower: &str) -> Option<String> {
    for (at, _) in lower.match_indices('<') {
        let tag = &lower[at + 1..];
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let name = &tag[..end];
        if !name.is_empty() && !ELEMENTS.contains(&name) {
            return Some(format!("`<{}>`", text::excerpt(name, 30)));
        }
        // The next `<` ends it too: a tag is not looked at again for each one that is open before it.
        let inside = &tag[..tag.find(['<', '>']).unwrap_or(tag.len())];
        for word in inside.split_ascii_whitespace().skip(1) {
            if let Some((attribute, _)) = word.split_once('=')
                && (attribute == "style" || (attribute.starts_with("on") && attribute.len() > 3))
            {
                return Some(format!("the attribute `{}`", text::excerpt(attribute, 30)));
            }
        }
        if name == "img" && inside.contains("src") {
            return Some("a picture that is not written in Markdown".to_owned());
        }
        if inside.contains("javascript:") || inside.contains("data:") {
            return Some("an address that could run a program".to_owned());
        }
    }
    None
}
