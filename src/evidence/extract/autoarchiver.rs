//! The folders that Bellingcat's auto-archiver leaves behind.
//!
//! It saves each address that it was given as files: media, screenshots, a WACZ, texts, and one HTML page about all of them. Where
//! they lie and what they are called depends on its settings: `path_generator` puts them into the folder itself, into one named for the
//! beginning of the address, which two addresses may share, or each file into one with a random name of its own; `filename_generator` names them by 24 random letters or by the beginning of their hash. What is
//! always there is the page. It says which address was archived and when, and of each file its name (`key`), media type and hash
//! (`SHA-256:…`, or `SHA3-512:…`, which is told but not known here).
//!
//! So a capture of such a folder is each of its files, read as what it is: the WACZ, the page itself with the text of a post, a transcript. This
//! module reads the page, so that address, time and hashes can be taken from it. Not for finding the files: what a page says of a path is
//! no place to look in.

use super::Fault;
use super::html::{self, Node, collapsed};

/// What such a page begins with, before the address.
const BEGINNING: &str = "Archived media for ";

/// An address that was archived, as the page about it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// The address.
    pub url: String,
    /// The address that was asked for, where the archiver made another one of it.
    pub original_url: Option<String>,
    /// The title of what was archived.
    pub title: Option<String>,
    /// When it was archived (RFC 3339).
    pub at: Option<String>,
    /// When it was published, as far as the archiver knows (RFC 3339).
    pub published: Option<String>,
    /// The files beside the page, each before those that were made of it.
    pub files: Vec<Archived>,
}

/// A file that was archived.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Archived {
    /// Its path in the folder that the archiver saves to.
    pub key: String,
    /// Its media type.
    pub media_type: Option<String>,
    /// Its hash, as `SHA-256:…`.
    pub hash: Option<String>,
}

impl Archived {
    /// Its name, which is the last part of its path.
    pub fn name(&self) -> &str {
        self.key.rsplit(['/', '\\']).next().unwrap_or_default()
    }

    /// Its SHA-256 in small letters, when that is the hash that was made of it.
    pub fn sha256(&self) -> Option<String> {
        let (algorithm, value) = self.hash.as_ref()?.split_once(':')?;
        let is_sha256 =
            algorithm == "SHA-256" && value.len() == 64 && value.bytes().all(|digit| digit.is_ascii_hexdigit());
        is_sha256.then(|| value.to_ascii_lowercase())
    }
}

/// Reads the page about an archived address; `None` for any other page.
///
/// # Errors
///
/// When the page has more or deeper elements than are read.
pub fn item(bytes: &[u8]) -> Result<Option<Item>, Fault> {
    if memchr::memmem::find(bytes, BEGINNING.as_bytes()).is_none() {
        return Ok(None);
    }
    let mut page = Page::default();
    html::walk(bytes, |node| match node {
        Node::Open(name) => page.open(name),
        Node::Close => page.close(),
        Node::Text(text) => page.text(text),
    })?;
    Ok(page.has_address.then_some(page.item))
}

/// A page that is gone through. What it means hangs on where its elements lie, since the words in them are anybody's.
#[derive(Default)]
struct Page {
    item: Item,
    has_address: bool,
    elements: Vec<Element>,
    lists: Vec<List>,
    /// How many tables have begun: the first one is about the files, the second one about the address.
    tables: usize,
    /// The cells of the row.
    cells: Vec<String>,
}

/// An element that is open.
#[derive(Default)]
struct Element {
    name: String,
    /// What is written in it and not in one of its lists.
    text: String,
    /// What it is called, if it is an item of a list: the bold words before the others.
    label: String,
    /// Whether the last thing in it is a `div`. One stands before a list of anything else than what is said of a file.
    ends_with_div: bool,
}

/// A list that is open.
struct List {
    /// Whether it may be what is said of a file: its path, its type, and more.
    is_of_file: bool,
    /// How many items it has had.
    length: usize,
    /// Which of the files it is of.
    file: usize,
}

impl Page {
    fn open(&mut self, name: &str) {
        let parent = self.elements.last();
        if name == "ul" {
            let is_of_file = self.tables == 1
                && parent.is_some_and(|parent| matches!(&*parent.name, "td" | "div") && !parent.ends_with_div);
            self.lists.push(List { is_of_file, length: 0, file: 0 });
        }
        self.tables += usize::from(name == "table");
        if name == "tr" {
            self.cells.clear();
        }
        self.elements.push(Element { name: name.to_owned(), ..Element::default() });
    }

    fn text(&mut self, text: &str) {
        if let Some(element) = self.elements.last_mut() {
            element.text.push_str(text);
        }
    }

    fn close(&mut self) {
        let Some(element) = self.elements.pop() else { return };
        match &*element.name {
            "h2" => self.heading(&collapsed(&element.text)),
            "p" if self.tables == 0 && self.item.title.is_none() => {
                let text = collapsed(&element.text);
                let title = text.strip_prefix("title: '").and_then(|rest| rest.strip_suffix('\''));
                self.item.title = title.map(str::to_owned);
            }
            "li" => self.said(&collapsed(&element.label), &collapsed(&element.text)),
            "ul" => drop(self.lists.pop()),
            "td" => self.cells.push(collapsed(&element.text)),
            "tr" if self.tables == 2 => self.row(),
            _ => {}
        }
        let Some(parent) = self.elements.last_mut() else { return };
        parent.ends_with_div = element.name == "div";
        match &*element.name {
            "b" if parent.name == "li" && parent.label.is_empty() => parent.label = element.text,
            "b" | "span" | "a" => parent.text.push_str(&element.text),
            _ => parent.text.push(' '),
        }
    }

    fn heading(&mut self, text: &str) {
        if let Some(url) = text.strip_prefix(BEGINNING)
            && !self.has_address
        {
            self.has_address = true;
            url.strip_suffix(" - open").unwrap_or(url).clone_into(&mut self.item.url);
        }
    }

    /// Takes in an item of the list that is open.
    fn said(&mut self, label: &str, value: &str) {
        let Some(list) = self.lists.last_mut().filter(|list| list.is_of_file) else { return };
        let files = &mut self.item.files;
        match (list.length, label) {
            (0, "key:") => {
                list.file = files.len();
                files.push(Archived { key: value.to_owned(), ..Archived::default() });
            }
            (1, "type:") => files[list.file].media_type = Some(value.to_owned()),
            (0, _) => list.is_of_file = false,
            (1, _) => {
                list.is_of_file = false;
                files.truncate(list.file);
            }
            (_, "hash:") if files[list.file].hash.is_none() => files[list.file].hash = Some(value.to_owned()),
            _ => {}
        }
        list.length += 1;
    }

    /// Takes in a row about the address.
    fn row(&mut self) {
        let [key, value] = self.cells.as_slice() else { return };
        let item = &mut self.item;
        match &**key {
            "_processed_at" if item.at.is_none() => item.at = time(value),
            "timestamp" if item.published.is_none() => item.published = time(value),
            "original_url" if item.original_url.is_none() => item.original_url = Some(value.clone()),
            _ => {}
        }
    }
}

/// `2026-01-02 03:04:05.678+00:00` as RFC 3339 writes it.
fn time(text: &str) -> Option<String> {
    let (day, _) = text.split_once([' ', 'T'])?;
    let is_day = day.len() == 10
        && day
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    is_day.then(|| text.replacen(' ', "T", 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page as version 1 of the archiver writes it, without its style and scripts.
    const PAGE: &str = r#"

<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>https://social.example/p/1</title><style>html { color: red }</style></head>
<body>
    <div id="notification"></div>
    <h2>Archived media for <span class="copy">https://social.example/p/1</span> - <a href="https://social.example/p/1">open</a></h2>

    <p><b>title:</b> '<span class="copy">The gate &amp; the crowd</span>'</p>

    <h2 class="center">content 2 item(s)</h2>
    <form class="center"><label><input type="checkbox" id="safe-media-view" checked> Safe Media View</label></form>
    <table class="content">
        <tr><th>about</th><th>files and preview</th></tr>
        <tbody>
            <tr>
                <td>
        <ul>
            <li><b>key:</b> <span class="copy">archive/social-example-p-1/3f1d0ab2c4e5f60718293a4b.mp4</span></li>
            <li><b>type:</b> <span class="copy">video/mp4</span></li>
                <li><b>hash:</b>
<span class="copy">SHA-256:9C2D1EDB37402EEB22D611D867723F4DF0FF4E6AE88B65A7D7B9E3F33AB1392A</span>
</li>
        </ul>
                </td>
                <td><video src="x.mp4" controls>Your browser does not support the video element.</video><a href="x">open</a> or <a href="x" download="">download</a></td>
            </tr>
            <tr>
                <td>
        <ul>
            <li><b>key:</b> <span class="copy">archive/social-example-p-1/aaaa.wacz</span></li>
            <li><b>type:</b> <span class="copy">application/wacz</span></li>
        </ul>
                </td>
                <td></td>
            </tr>
        </tbody>
    </table>
    <h2 class="center">metadata</h2>
    <table class="metadata">
        <tr><th>key</th><th>value</th></tr>
        <tr><td>_processed_at</td><td>
<span class="copy">2026-01-02 03:04:05.678901+00:00</span>
</td></tr>
        <tr><td>url</td><td><span class="copy"><a href="https://social.example/p/1" rel="noopener">https://social.example/p/1</a></span></td></tr>
        <tr><td>content</td><td><span class="copy">We did not open the gate.</span></td></tr>
        <tr><td>timestamp</td><td><span class="copy">2026-01-01 10:00:00+00:00</span></td></tr>
    </table>
    <p class="center">Made with <a href="x">bellingcat/auto-archiver</a> v1.1.0</p>
</body>
<script>run();</script>
</html>"#;

    #[test]
    fn the_page_tells_address_time_and_files() {
        let item = item(PAGE.as_bytes()).expect("the page is small").expect("it is about an item");
        assert_eq!(item.url, "https://social.example/p/1");
        assert_eq!(item.title.as_deref(), Some("The gate & the crowd"));
        assert_eq!(item.at.as_deref(), Some("2026-01-02T03:04:05.678901+00:00"));
        assert_eq!(item.published.as_deref(), Some("2026-01-01T10:00:00+00:00"));
        let [video, wacz] = item.files.as_slice() else { panic!("{:?}", item.files) };
        assert_eq!(video.name(), "3f1d0ab2c4e5f60718293a4b.mp4");
        assert_eq!(video.media_type.as_deref(), Some("video/mp4"));
        assert_eq!(video.sha256().as_deref(), Some("9c2d1edb37402eeb22d611d867723f4df0ff4e6ae88b65a7d7b9e3f33ab1392a"));
        assert_eq!((&*wacz.key, wacz.sha256()), ("archive/social-example-p-1/aaaa.wacz", None));
    }

    /// What the first table says of files, in its rows.
    #[track_caller]
    fn check_files(said: &str, expected: &[(&str, Option<&str>)]) {
        let page =
            format!("<h2>{BEGINNING}<span>https://a.example/</span></h2><table><tr><td>{said}</td></tr></table>");
        let item = item(page.as_bytes()).expect("the page is small").expect("it is about an item");
        let files: Vec<_> = item.files.iter().map(|file| (&*file.key, file.hash.as_deref())).collect();
        assert_eq!(files, expected);
    }

    #[test]
    fn a_hash_is_of_the_file_in_whose_list_it_stands() {
        let inner =
            "<a href=x>open</a><br><ul><li><b>key:</b> <span>a/1.jpg</span></li><li><b>type:</b> image/jpeg</li></ul>";
        check_files(
            &format!(
                "<ul><li><b>key:</b> <span>a/v.mp4</span></li><li><b>type:</b> video/mp4</li>\
                 <p></p><div><b>thumbnails (1):</b><p></p><div>{inner}</div></div><p></p>\
                 <li><b>hash:</b>\n<span>SHA-256:aa</span>\n</li></ul>"
            ),
            &[("a/v.mp4", Some("SHA-256:aa")), ("a/1.jpg", None)],
        );
    }

    #[test]
    fn what_a_post_says_of_keys_is_no_file() {
        let list =
            "<ul><li><b>key:</b> <span>../x</span></li><li><b>type:</b> a/b</li><li><b>hash:</b> SHA-256:bb</li></ul>";
        check_files(
            &format!(
                "<ul><li><b>key:</b> <span>a.txt</span></li><li><b>type:</b> text/plain</li>\
                 <li><b>metadata:</b> {list}</li>\
                 <div><b>data (1):</b><div><div>Copy as JSON</div>{list}</div></div>\
                 <li><b>text:</b> <span>hash: SHA-256:cc</span></li></ul>"
            ),
            &[("a.txt", None)],
        );
        check_files("<ul><li><b>key:</b> x</li><li><b>text:</b> y</li></ul><p>key: y</p>", &[]);
    }

    #[test]
    fn the_time_is_that_of_the_row_and_the_first_one_holds() {
        let row = |key: &str, value: &str| format!("<tr><td>{key}</td><td><span>{value}</span></td></tr>");
        let rows = [
            row("content", "_processed_at"),
            row("_processed_at", "2026-01-02 03:04:05+00:00"),
            row("_processed_at", "2020-01-02 03:04:05+00:00"),
            row("timestamp", "yesterday"),
            row("original_url", "<a href='x'>https://a.example/?utm_source=b</a>"),
        ];
        let page = format!("<h2>{BEGINNING}https://a.example/</h2><table></table><table>{}</table>", rows.concat());
        let item = item(page.as_bytes()).expect("the page is small").expect("it is about an item");
        assert_eq!(item.at.as_deref(), Some("2026-01-02T03:04:05+00:00"));
        assert_eq!(item.published, None);
        assert_eq!(item.original_url.as_deref(), Some("https://a.example/?utm_source=b"));
    }

    #[test]
    fn other_pages_are_about_nothing() {
        assert_eq!(item(b"<h1>Archived media</h1><p>key: x").expect("the page is small"), None);
    }
}
