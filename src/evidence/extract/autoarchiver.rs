//! The folders that Bellingcat's auto-archiver leaves behind.
//!
//! It saves each address that it was given as files: media, screenshots, a WACZ, texts, and one HTML page about all of them. Where
//! they lie and what they are called depends on its settings: `path_generator` puts them into the folder itself, into one named for the
//! beginning of the address, which two addresses may share, or each file into one with a random name of its own; `filename_generator` names them by 24 random letters or by the beginning of their hash. What is
//! always there is the page. It says which address was archived and when, and of each file its name (`key`), media type and hash
//! (`SHA-256:…`, or `SHA3-512:…`, which is told but not known here).
//!
//! So a capture of such a folder is one of its files, read as what it is: the WACZ, the page itself with the text of a post, a transcript. This
//! module reads the page, so that the capture's address, time and hash can be taken from it.

use super::super::document::{BlockKind, Document};
use super::{Fault, html};

/// An address that was archived, as the page about it tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Item {
    /// The address.
    pub url: String,
    /// The title of what was archived.
    pub title: Option<String>,
    /// When it was archived (RFC 3339).
    pub at: Option<String>,
    /// When it was published, as far as the archiver knows (RFC 3339).
    pub published: Option<String>,
    /// The files beside the page.
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

impl Item {
    /// What is told of a file, by its path or name.
    pub fn file(&self, path: &str) -> Option<&Archived> {
        let name = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
        let same_path = self.files.iter().find(|file| file.key == path);
        same_path.or_else(|| self.files.iter().find(|file| name(&file.key) == name(path)))
    }
}

impl Archived {
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
    let page = html::read(bytes, None, Document::default())?;
    let mut blocks = page.blocks.iter().map(|block| (&block.kind, &page.text[block.text.clone()]));
    let url = blocks.find_map(|(kind, text)| {
        let url = text.strip_prefix("Archived media for ")?;
        (*kind == BlockKind::Heading).then(|| url.strip_suffix(" - open").unwrap_or(url))
    });
    let Some(url) = url else { return Ok(None) };
    let mut item = Item { url: url.to_owned(), ..Item::default() };
    let mut is_about_files = true;
    let mut field = "";
    for (kind, text) in blocks {
        match (kind, text) {
            (BlockKind::Heading, "metadata") => is_about_files = false,
            (BlockKind::Paragraph, _) if text.starts_with("title: '") => {
                item.title =
                    text.strip_prefix("title: '").and_then(|title| title.strip_suffix('\'')).map(str::to_owned);
            }
            _ if is_about_files => about_file(&mut item.files, text),
            _ => match field {
                "_processed_at" => item.at = time(text),
                "timestamp" => item.published = time(text),
                _ => {}
            },
        }
        field = text;
    }
    Ok(Some(item))
}

/// Takes in what a line says of a file.
fn about_file(files: &mut Vec<Archived>, line: &str) {
    let Some((name, value)) = line.split_once(": ") else { return };
    let value = value.trim().to_owned();
    match (name, files.last_mut()) {
        ("key", _) => files.push(Archived { key: value, ..Archived::default() }),
        ("type", Some(file)) if file.media_type.is_none() => file.media_type = Some(value),
        ("hash", Some(file)) if file.hash.is_none() => file.hash = Some(value),
        _ => {}
    }
}

/// `2026-01-02 03:04:05.678+00:00` as RFC 3339 writes it.
fn time(text: &str) -> Option<String> {
    let is_time =
        text.len() >= 19 && text.bytes().take(4).all(|digit| digit.is_ascii_digit()) && text.as_bytes()[4] == b'-';
    is_time.then(|| text.replacen(' ', "T", 1))
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
        assert_eq!(item.files.len(), 2);
        let video = item.file("3f1d0ab2c4e5f60718293a4b.mp4").expect("it is told of");
        assert_eq!(video.media_type.as_deref(), Some("video/mp4"));
        assert_eq!(video.sha256().as_deref(), Some("9c2d1edb37402eeb22d611d867723f4df0ff4e6ae88b65a7d7b9e3f33ab1392a"));
        assert_eq!(item.file("archive/social-example-p-1/aaaa.wacz").and_then(Archived::sha256), None);
        assert_eq!(item.file("other.wacz"), None);
    }

    #[test]
    fn other_pages_are_about_nothing() {
        assert_eq!(item(b"<h1>Archived media</h1><p>key: x").expect("the page is small"), None);
    }
}
