//! A page as it was sent: read as a capture is, and looked through for passages.

use std::io::Cursor;

use encoding_rs::Encoding;
use unicode_segmentation::UnicodeSegmentation as _;
use url::Url;

use super::target::{Passage, Target};
use super::whole::{Captured, paragraphs};
use super::{Drift, Standing, paywall};
use crate::evidence::extract::{self, Fault, Format, HEAD, Limits};
use crate::evidence::verbatim::{self, Edit, Haystack, Side, Surroundings, Wording};
use crate::evidence::{Document, HiddenBy};
use crate::external::ask::Page;

/// All that may be made of one page, in bytes.
const UNPACKED: u64 = 256 << 20;

/// A page with fewer words shows programs next to nothing: a script, or a question to its reader, comes before the rest.
const FEW_WORDS: usize = 40;

const MARK: &str = "\u{feff}";

/// A page that was read.
pub(super) struct Reading {
    pub(super) format: Format,
    documents: Vec<Document>,
    /// How many words it has.
    words: usize,
    /// The words of each paragraph.
    pub(super) paragraphs: Vec<Vec<String>>,
    /// Whether it says of itself that it is not free to read.
    is_for_some: bool,
}

/// What was seen on a page.
pub(super) struct Seen {
    pub(super) paywall: Option<String>,
    pub(super) passages: Vec<Standing>,
}

impl Reading {
    /// Reads a page, or says why it cannot be read.
    pub(super) fn new(page: &Page, url: &Url) -> Result<Reading, String> {
        let media_type = page.media_type.as_deref().unwrap_or_default();
        let (kind, charset) = (kind(media_type), charset(media_type));
        let name = name(&kind, url);
        let detected = |bytes: &[u8]| extract::detect(&name, &bytes[..bytes.len().min(HEAD)]);
        let is_text = match detected(&page.bytes) {
            Format::Text | Format::Html | Format::Srt | Format::Vtt => true,
            // Text of two bytes a letter looks like none.
            Format::Wordless => charset.is_some() && (kind.starts_with("text/") || is_html(&kind)),
            Format::Pdf | Format::Warc | Format::Wacz => false,
        };
        let decoded = if is_text { in_utf8(&page.bytes, charset) } else { None };
        let bytes = decoded.as_deref().unwrap_or(&page.bytes);
        let format = detected(bytes);
        match format {
            Format::Text | Format::Html | Format::Pdf | Format::Srt | Format::Vtt => {}
            Format::Warc | Format::Wacz => return Err("what its host sends is an archive of pages".to_owned()),
            Format::Wordless => return Err("what its host sends has no words that could be read".to_owned()),
        }
        let mut documents = Vec::new();
        let limits = Limits { total: UNPACKED, ..Limits::default() };
        let read = extract::extract(&mut Cursor::new(bytes), &name, format, &limits, &mut |document| {
            if !document.text.trim().is_empty() {
                documents.push(document);
            }
        });
        read.map_err(|fault| match fault {
            Fault::Io(error) => format!("the page cannot be read: {}", crate::read::in_words(&error)),
            Fault::Malformed(why) | Fault::Refused(why) => format!("the page cannot be read: {why}"),
        })?;
        if documents.is_empty() {
            return Err(
                "the page has no words that a program can read; a script may show some, or it is a picture".to_owned()
            );
        }
        let is_for_some = (is_html(&kind) || format == Format::Html) && paywall::is_declared(bytes);
        let paragraphs = documents.iter().flat_map(paragraphs).collect();
        let words = documents.iter().map(|document| document.text.unicode_words().count()).sum();
        Ok(Reading { format, documents, words, paragraphs, is_for_some })
    }

    /// Looks for the passages of a target.
    pub(super) fn look(&self, target: &Target, captured: Option<&Captured>) -> Seen {
        let paywall = self.paywall(captured);
        let hays: Vec<Haystack<'_>> = self.documents.iter().map(Haystack::new).collect();
        let standings = target.passages.iter().enumerate().map(|(at, passage)| {
            let as_captured = captured.and_then(|captured| captured.passages.get(at)?.as_ref());
            let drift = if hays.iter().any(|hay| stands(hay, &passage.wording)) {
                Drift::Same
            } else if let Some(edited) = self.edited(&hays, passage, as_captured) {
                edited
            } else {
                let hidden = self.documents.iter().find_map(|document| verbatim::hidden(document, &passage.wording));
                self.missing(paywall.as_ref(), captured, hidden)
            };
            Standing { words: as_captured.unwrap_or(&passage.words).clone(), drift }
        });
        let passages = standings.collect();
        Seen { paywall, passages }
    }

    /// The words of the page that are nearest to a passage, if any are near. They are compared with the words as the copy has them where
    /// it is at hand, so that what the quotation left out is no difference.
    fn edited(&self, hays: &[Haystack<'_>], passage: &Passage, as_captured: Option<&String>) -> Option<Drift> {
        let whole = as_captured.map(|words| verbatim::wording(&[words.as_str()]));
        let wording = whole.as_ref().filter(|whole| !whole.is_empty()).unwrap_or(&passage.wording);
        let near = self.documents.iter().zip(hays);
        let near = near.filter_map(|(document, hay)| Some((document, verbatim::nearest(hay, wording)?)));
        let (document, near) = near.max_by_key(|(_, near)| near.score)?;
        let nearest = in_a_line(document.text.get(near.text).unwrap_or_default());
        Some(Drift::Edited { nearest, edits: old_before_new(near.edits) })
    }

    /// What is known of words of which the page has nothing.
    fn missing(&self, paywall: Option<&String>, captured: Option<&Captured>, hidden: Option<HiddenBy>) -> Drift {
        if let Some(why) = paywall {
            return Drift::Paywalled { why: why.clone() };
        }
        match hidden {
            Some(HiddenBy::Script | HiddenBy::NotShown | HiddenBy::StyleSheet) => {
                let why = "the words are in a part of the page that is shown only by a script, if at all".to_owned();
                return Drift::Unknown { why };
            }
            Some(_) => {
                return Drift::Gone { why: "they stand on it only where readers do not see them".to_owned() };
            }
            None => {}
        }
        let words = self.words;
        let was_longer = captured.is_none_or(|captured| captured.words() > 2 * words);
        if self.format == Format::Html && words < FEW_WORDS && was_longer {
            let shown = if words == 1 { "one word".to_owned() } else { format!("{words} words") };
            let why = format!("the page shows programs no more than {shown}; a script may show the rest");
            return Drift::Unknown { why };
        }
        Drift::Gone { why: "nothing like them stands on it".to_owned() }
    }

    /// By what the page shows that it is for subscribers.
    fn paywall(&self, captured: Option<&Captured>) -> Option<String> {
        if self.is_for_some {
            return Some("the page says of itself that it is not free to read (`isAccessibleForFree`)".to_owned());
        }
        let captured = captured.filter(|captured| captured.format != Format::Pdf || self.format == Format::Pdf)?;
        if !paywall::is_cut_off(&captured.paragraphs, &self.paragraphs) {
            return None;
        }
        let (words, all) = (self.paragraphs.iter().map(Vec::len).sum::<usize>(), captured.words());
        Some(format!("the page shows programs {words} words where the copy has {all}, and of these only the beginning"))
    }
}

fn stands(hay: &Haystack<'_>, wording: &Wording) -> bool {
    verbatim::find(hay, wording, &Surroundings { prefix: None, suffix: None }).is_some()
}

/// What went stands before what came in its place.
fn old_before_new(mut edits: Vec<Edit>) -> Vec<Edit> {
    for at in 1..edits.len() {
        if (edits[at - 1].of, edits[at].of) == (Side::Source, Side::Quotation) {
            edits.swap(at - 1, at);
        }
    }
    edits
}

/// With single spaces, whatever breaks the lines have.
pub(super) fn in_a_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A media type in small letters, without what is said beside it.
fn kind(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_html(kind: &str) -> bool {
    matches!(kind, "text/html" | "application/xhtml+xml")
}

/// The character encoding that a media type names.
fn charset(media_type: &str) -> Option<&'static Encoding> {
    let named = media_type.split(';').skip(1).find_map(|said| {
        let (key, value) = said.split_once('=')?;
        key.trim().eq_ignore_ascii_case("charset").then(|| value.trim().trim_matches(['"', '\'']))
    });
    named.and_then(|name| Encoding::for_label(name.as_bytes()))
}

/// The name that a file with the page would have: what is read of it depends on its ending.
fn name(kind: &str, url: &Url) -> String {
    let ending = match kind {
        _ if is_html(kind) => "html",
        "application/pdf" => "pdf",
        "text/plain" => "txt",
        "text/vtt" => "vtt",
        "application/x-subrip" => "srt",
        _ => {
            let last = url.path_segments().and_then(|mut all| all.next_back()).unwrap_or_default();
            return if last.contains('.') { last.to_owned() } else { "page".to_owned() };
        }
    };
    format!("page.{ending}")
}

/// A page in UTF-8 with a mark that says so, where its bytes are that already, or are what its host says that they are. `None` when
/// only the page itself can tell.
fn in_utf8(bytes: &[u8], charset: Option<&'static Encoding>) -> Option<Vec<u8>> {
    if Encoding::for_bom(bytes).is_some() {
        return None;
    }
    // Hosts often name another encoding than that of the page; what can be read as UTF-8 is nothing else.
    let is_utf8 = !bytes.is_ascii() && std::str::from_utf8(bytes).is_ok();
    let text = if is_utf8 {
        bytes.to_vec()
    } else {
        let text = charset?.decode_without_bom_handling_and_without_replacement(bytes)?;
        text.into_owned().into_bytes()
    };
    Some([MARK.as_bytes(), &text].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(bytes: &[u8], media_type: &str, expected: Option<&str>) {
        let read = in_utf8(bytes, charset(media_type));
        let read = read.map(|bytes| String::from_utf8(bytes).unwrap().trim_start_matches(MARK).to_owned());
        assert_eq!(read.as_deref(), expected);
    }

    #[test]
    fn a_page_is_in_the_encoding_that_its_host_names_where_that_can_be() {
        check_text(b"\xc4\xe0", "text/html; charset=windows-1251", Some("Да"));
        check_text(b"\x93\xfa", "text/html; x=y; Charset=\"Shift_JIS\"", Some("日"));
        check_text("né".as_bytes(), "text/html; charset=iso-8859-1", Some("né"));
        check_text(b"\x1b$BF|\x1b(B", "text/html; charset=iso-2022-jp", Some("日"));
    }

    #[test]
    fn where_its_host_is_silent_or_wrong_the_page_tells_itself() {
        check_text(b"n\xe9", "text/html", None);
        check_text(b"n\xe9", "text/html; charset=utf-8", None);
        check_text(b"n\xe9", "text/html; charset=klingon", None);
        check_text(b"\xff\xfen\0", "text/html; charset=utf-8", None);
    }

    #[test]
    fn a_page_is_named_by_its_media_type_and_else_by_its_address() {
        let name = |media_type: &str, address: &str| name(&kind(media_type), &Url::parse(address).unwrap());
        assert_eq!(name("Text/HTML; charset=utf-8", "http://a.example/b.php"), "page.html");
        assert_eq!(name("application/octet-stream", "http://a.example/b/minutes.pdf?x"), "minutes.pdf");
        assert_eq!(name("", "http://a.example/"), "page");
    }
}
