//! Reading the pages of a site as a browser would: tags and their attributes, text, links and where they lead.
//!
//! It reads what this program writes, which quotes all attributes and closes all elements, and complains of the rest.

use std::collections::{BTreeMap, BTreeSet};

use crate::input::Files;

/// A tag with its attributes, decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) is_end: bool,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Tag {
    pub(crate) fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// A piece of a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    Tag(Tag),
    /// Text, decoded; what stands in a `script` is not.
    Text(String),
}

/// Elements that have no end tag.
const VOID: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// Cuts a page into its pieces; what is no HTML that this program would write is an error.
pub(crate) fn pieces(html: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix("<!--") {
            let end = after.find("-->").ok_or("a comment has no end")?;
            rest = &after[end + 3..];
        } else if rest.get(..9).is_some_and(|start| start.eq_ignore_ascii_case("<!doctype")) {
            let end = rest.find('>').ok_or("the doctype has no end")?;
            rest = &rest[end + 1..];
        } else if rest.starts_with('<') {
            let (tag, after) = tag(rest)?;
            rest = after;
            let is_raw = !tag.is_end && (tag.name == "script" || tag.name == "style");
            let end_tag = format!("</{}", tag.name);
            pieces.push(Piece::Tag(tag));
            if is_raw {
                let end = rest.find(&end_tag).ok_or("a script has no end")?;
                pieces.push(Piece::Text(rest[..end].to_owned()));
                rest = &rest[end..];
            }
        } else {
            let end = rest.find('<').unwrap_or(rest.len());
            pieces.push(Piece::Text(decode(&rest[..end])));
            rest = &rest[end..];
        }
    }
    Ok(pieces)
}

fn tag(html: &str) -> Result<(Tag, &str), String> {
    let shown = || html.chars().take(60).collect::<String>();
    let is_end = html.starts_with("</");
    let mut rest = &html[if is_end { 2 } else { 1 }..];
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-').unwrap_or(rest.len());
    let name = rest[..end].to_ascii_lowercase();
    if name.is_empty() {
        return Err(format!("`<` begins no tag: {}", shown()));
    }
    rest = &rest[end..];
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>").or(rest.strip_prefix('>')) {
            return Ok((Tag { name, is_end, attributes }, after));
        }
        let end = rest
            .find(|c: char| c.is_whitespace() || "=>/\"'<".contains(c))
            .ok_or_else(|| format!("a tag has no end: {}", shown()))?;
        if end == 0 {
            return Err(format!("an attribute has no name: {}", shown()));
        }
        let attribute = rest[..end].to_ascii_lowercase();
        rest = &rest[end..];
        let value = match rest.strip_prefix('=') {
            None => "",
            Some(after) => {
                let quoted = after
                    .strip_prefix('"')
                    .ok_or_else(|| format!("an attribute without quotation marks: {}", shown()))?;
                let end = quoted.find('"').ok_or_else(|| format!("an attribute has no end: {}", shown()))?;
                rest = &quoted[end + 1..];
                &quoted[..end]
            }
        };
        if attributes.iter().any(|(other, _)| *other == attribute) {
            return Err(format!("the attribute `{attribute}` stands twice: {}", shown()));
        }
        attributes.push((attribute, decode(value)));
    }
}

/// Puts characters in place of their entities.
pub(crate) fn decode(text: &str) -> String {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        decoded.push_str(&rest[..at]);
        rest = &rest[at..];
        let entity = rest.find(';').filter(|end| *end < 12).and_then(|end| Some((character(&rest[1..end])?, end + 1)));
        match entity {
            Some((character, length)) => {
                decoded.push(character);
                rest = &rest[length..];
            }
            None => {
                decoded.push('&');
                rest = &rest[1..];
            }
        }
    }
    decoded + rest
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some('\u{a0}'),
        _ => {
            let number = name.strip_prefix('#')?;
            let number = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(number)
        }
    }
}

/// The tags of a page.
pub(crate) fn tags(html: &str) -> Vec<Tag> {
    let pieces = pieces(html).unwrap_or_else(|error| panic!("{error}"));
    pieces.into_iter().filter_map(|piece| if let Piece::Tag(tag) = piece { Some(tag) } else { None }).collect()
}

/// What stands between the tags of a piece of a page, with single spaces.
pub(crate) fn text(html: &str) -> String {
    let mut text = String::new();
    for piece in pieces(html).unwrap_or_else(|error| panic!("{error}")) {
        match piece {
            Piece::Text(words) => text.push_str(&words),
            Piece::Tag(tag) if is_inline(&tag.name) => {}
            Piece::Tag(_) => text.push(' '),
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn is_inline(name: &str) -> bool {
    [
        "a", "abbr", "b", "bdi", "cite", "code", "em", "i", "mark", "q", "small", "span", "strong", "sub", "sup",
        "time", "u",
    ]
    .contains(&name)
}

/// What is inside of `<main>`.
pub(crate) fn main_of(html: &str) -> &str {
    let start = html.find("<main").expect("a page has a main element");
    let start = start + html[start..].find('>').expect("the tag ends") + 1;
    let end = html.rfind("</main>").expect("the main element ends");
    html[start..end].trim()
}

/// Where the links of a page lead, as written, with their labels.
pub(crate) fn links(html: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    let mut open: Option<(String, String)> = None;
    for piece in pieces(html).unwrap_or_else(|error| panic!("{error}")) {
        match piece {
            Piece::Tag(tag) if tag.name == "a" && tag.is_end => links.extend(open.take()),
            Piece::Tag(tag) if tag.name == "a" => {
                open = tag.attribute("href").map(|href| (href.to_owned(), String::new()));
            }
            Piece::Text(words) => {
                if let Some((_, label)) = &mut open {
                    label.push_str(&words);
                }
            }
            Piece::Tag(_) => {}
        }
    }
    let tidy = |label: String| label.split_whitespace().collect::<Vec<_>>().join(" ");
    links.into_iter().map(|(href, label)| (href, tidy(label))).collect()
}

/// Everything about a page that no page may have: elements out of order, what could run a program, inline styles.
pub(crate) fn faults(html: &str) -> Vec<String> {
    let pieces = match pieces(html) {
        Ok(pieces) => pieces,
        Err(error) => return vec![error],
    };
    let mut faults = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut ids = BTreeSet::new();
    for piece in &pieces {
        let Piece::Tag(tag) = piece else { continue };
        let name = tag.name.as_str();
        if tag.is_end {
            match open.pop() {
                Some(last) if last == name || (last, name) == ("link", "a") => {}
                other => {
                    faults.push(format!("`</{name}>` closes `{}`", other.unwrap_or("nothing")));
                    return faults;
                }
            }
            continue;
        }
        if !VOID.contains(&name) {
            open.push(if name == "a" && tag.attribute("href").is_some() { "link" } else { name });
        }
        match name {
            "script" if tag.attribute("type") != Some("application/ld+json") || tag.attributes.len() != 1 => {
                faults.push(format!("a script: {tag:?}"));
            }
            "style" | "iframe" | "object" | "embed" | "form" | "svg" | "math" | "template" => {
                faults.push(format!("`<{name}>` stands in a page"));
            }
            "base" if !open.contains(&"head") => faults.push("`<base>` stands outside of the head".to_owned()),
            // One that leads nowhere is no link.
            "a" if tag.attribute("href").is_some() && open.iter().filter(|other| **other == "link").count() > 1 => {
                faults.push("a link in a link".to_owned());
            }
            _ => {}
        }
        for (attribute, value) in &tag.attributes {
            if attribute == "style" || attribute.starts_with("on") || attribute == "srcdoc" {
                faults.push(format!("the attribute `{attribute}` of `<{name}>`"));
            }
            let scheme: String =
                value.to_ascii_lowercase().chars().filter(|c| !c.is_whitespace() && !c.is_control()).collect();
            let is_address = ["href", "src", "action", "formaction", "poster", "cite", "data", "srcset"]
                .contains(&attribute.as_str());
            let is_unsafe = ["javascript:", "data:", "vbscript:", "file:", "blob:"]
                .iter()
                .any(|unsafe_one| scheme.starts_with(unsafe_one));
            if is_address && is_unsafe {
                faults.push(format!("the address `{value}`"));
            }
            if attribute == "id" {
                ids.insert(value.as_str());
            }
        }
    }
    if !open.is_empty() {
        faults.push(format!("these are never closed: {open:?}"));
    }
    for piece in &pieces {
        let Piece::Tag(tag) = piece else { continue };
        for name in ["aria-labelledby", "aria-describedby", "for"] {
            let named = tag.attribute(name).unwrap_or_default();
            for id in named.split_whitespace().filter(|id| !ids.contains(id)) {
                faults.push(format!("`{name}` names `{id}`, which is not there"));
            }
        }
    }
    faults
}

/// The ids that a page has more than once.
pub(crate) fn repeated_ids(html: &str) -> Vec<String> {
    let mut ids = BTreeSet::new();
    let tags = tags(html);
    let all = tags.iter().filter_map(|tag| tag.attribute("id"));
    all.filter(|id| !ids.insert(*id)).map(str::to_owned).collect()
}

/// Every link of a site that leads nowhere, by the page that it stands on; nothing when all is well.
///
/// Links within the site are relative, lead to files and not to folders, and name ids that are there.
pub(crate) fn broken_links(site: &Files) -> Vec<String> {
    let pages: BTreeMap<&str, Vec<Tag>> = site
        .iter()
        .filter(|(path, _)| path.ends_with(".html"))
        .map(|(path, bytes)| (path.as_str(), tags(std::str::from_utf8(bytes).expect("pages are UTF-8"))))
        .collect();
    let ids: BTreeMap<&str, BTreeSet<&str>> =
        pages.iter().map(|(path, tags)| (*path, tags.iter().filter_map(|tag| tag.attribute("id")).collect())).collect();
    let mut broken = Vec::new();
    for (path, tags) in &pages {
        for (tag, address) in tags.iter().flat_map(addresses) {
            if let Some(fault) = fault_of(site, &ids, path, tag, &address) {
                broken.push(format!("{path}: `{address}` {fault}"));
            }
        }
    }
    for (path, bytes) in site.iter().filter(|(path, _)| path.ends_with(".css")) {
        let css = String::from_utf8_lossy(bytes);
        for found in ["@import", "url(http", "url(/", "url(\"http", "url(\"/", "url('http", "url('/"] {
            if css.contains(found) {
                broken.push(format!("{path}: `{found}`"));
            }
        }
    }
    broken
}

/// Every address that a tag has.
fn addresses(tag: &Tag) -> Vec<(&Tag, String)> {
    let mut found = Vec::new();
    for (name, value) in &tag.attributes {
        match name.as_str() {
            "href" | "src" | "action" | "poster" | "cite" | "data" | "formaction" => found.push((tag, value.clone())),
            "srcset" => found.extend(
                value.split(',').filter_map(|part| part.split_whitespace().next()).map(|part| (tag, part.to_owned())),
            ),
            _ => {}
        }
    }
    if tag.attribute("http-equiv").is_some_and(|name| name.eq_ignore_ascii_case("refresh")) {
        let url = tag.attribute("content").and_then(|content| content.split_once("url=")).map(|(_, url)| url);
        found.push((tag, url.expect("a refresh names its address").to_owned()));
    }
    found
}

fn fault_of(
    site: &Files,
    ids: &BTreeMap<&str, BTreeSet<&str>>,
    page: &str,
    tag: &Tag,
    address: &str,
) -> Option<String> {
    let lower = address.to_ascii_lowercase();
    if ["http://", "https://", "mailto:", "tel:", "ftp://"].iter().any(|scheme| lower.starts_with(scheme)) {
        // Only the page for an address that is not there is shown under any address.
        let may_leave =
            tag.name == "a" || (tag.name == "base" && page == "404.html") || tag.attribute("rel") == Some("canonical");
        return (!may_leave).then(|| format!("makes `<{}>` depend on another site", tag.name));
    }
    let (file, anchor) = match address.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (address, None),
    };
    if file.starts_with('/') || file.contains("://") || file.contains('?') {
        return Some("is not relative".to_owned());
    }
    let target = if file.is_empty() {
        if address.is_empty() {
            return Some("is empty".to_owned());
        }
        page.to_owned()
    } else {
        match resolve(page, file) {
            Some(target) => target,
            None => return Some("leads out of the site".to_owned()),
        }
    };
    if !site.contains_key(&target) {
        return Some("leads to no file".to_owned());
    }
    let anchor = anchor.filter(|anchor| !anchor.is_empty())?;
    let is_there = ids.get(target.as_str()).is_some_and(|ids| ids.contains(percent_decode(anchor).as_str()));
    (!is_there).then(|| "names no id of that page".to_owned())
}

/// The path in the site of an address on a page; none when it leads out of the site.
fn resolve(page: &str, address: &str) -> Option<String> {
    let mut parts: Vec<String> = page.split('/').map(str::to_owned).collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(percent_decode(part)),
        }
    }
    Some(parts.join("/"))
}

fn percent_decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let hex = text.get(at + 1..at + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match (bytes[at], hex) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                at += 3;
            }
            (byte, _) => {
                decoded.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8(decoded).expect("addresses are UTF-8")
}

#[test]
fn a_broken_page_is_seen() {
    let check = |html: &str, fault: &str| assert_eq!(faults(html), [fault], "{html}");
    check("<p>a</b>", "`</b>` closes `p`");
    check("<p>a", "these are never closed: [\"p\"]");
    check("<p onclick=\"x\">a</p>", "the attribute `onclick` of `<p>`");
    check("<a href=\"java&#115;cript:x\">a</a>", "the address `javascript:x`");
    check("<a href=x>a</a>", "an attribute without quotation marks: <a href=x>a</a>");
    assert_eq!(repeated_ids("<i id=\"a\"></i><i id=\"a\"></i>"), ["a"]);
    check("<a href=\"a\"><a href=\"b\"></a></a>", "a link in a link");
    check("<style>a{}</style>", "`<style>` stands in a page");
    assert_eq!(faults("<p>a<br>b &lt; c</p><script type=\"application/ld+json\">{\"a\":\"</p>\"}</script>"), [""; 0]);
}

#[test]
fn a_broken_link_is_seen() {
    let check = |href: &str, expected: &[&str]| {
        let page = format!("<a href=\"{href}\">x</a>");
        let site = [("a/b.html".to_owned(), page.into_bytes()), ("c.html".to_owned(), b"<i id=\"d\"></i>".to_vec())];
        assert_eq!(broken_links(&site.into()), expected, "{href}");
    };
    check("../c.html#d", &[]);
    check("https://example.org/#x", &[]);
    check("../c.html#e", &["a/b.html: `../c.html#e` names no id of that page"]);
    check("c.html", &["a/b.html: `c.html` leads to no file"]);
    check("../a", &["a/b.html: `../a` leads to no file"]);
    check("/c.html", &["a/b.html: `/c.html` is not relative"]);
    check("../../c.html", &["a/b.html: `../../c.html` leads out of the site"]);
    check("#x", &["a/b.html: `#x` names no id of that page"]);
}
