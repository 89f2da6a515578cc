//! What a file is, by its first bytes, and where these do not say it by its name.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::Format;

/// How many bytes of a file [`detect`] asks for.
pub const HEAD: usize = 4096;

/// What a file is, by its first [`HEAD`] bytes and its name.
///
/// Bytes that only one format begins with decide; a name that promises another format does not change what a file is.
pub fn detect(name: &str, head: &[u8]) -> Format {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().to_ascii_lowercase();
    by_bytes(&name, head).or_else(|| by_name(&name, head)).unwrap_or_else(|| {
        let is_utf16 = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
        if head.contains(&0) && !is_utf16 { Format::Wordless } else { Format::Text }
    })
}

/// By what stands at the beginning.
fn by_bytes(name: &str, head: &[u8]) -> Option<Format> {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    if text.starts_with(b"WARC/") {
        return Some(Format::Warc);
    }
    if head.starts_with(b"\x1f\x8b") {
        return Some(packed(head));
    }
    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        // What calls itself a WACZ is read as one, so that it is told why it is none.
        return Some(if name.ends_with(".wacz") { Format::Wacz } else { zipped(head) });
    }
    // Some programs write something before a PDF.
    if memchr::memmem::find(&head[..head.len().min(1024)], b"%PDF-").is_some_and(|at| at == 0 || !is_markup(text)) {
        return Some(Format::Pdf);
    }
    if let Some(rest) = text.strip_prefix(b"WEBVTT")
        && rest.first().is_none_or(u8::is_ascii_whitespace)
    {
        return Some(Format::Vtt);
    }
    if is_markup(text) {
        return Some(Format::Html);
    }
    let wordless: [&[u8]; 12] = [
        b"\x89PNG",
        b"\xff\xd8\xff",
        b"GIF8",
        b"RIFF",
        b"OggS",
        b"ID3",
        b"fLaC",
        b"\x1a\x45\xdf\xa3",
        b"BZh",
        b"\xfd7zXZ",
        b"7z\xbc\xaf",
        b"\x28\xb5\x2f\xfd",
    ];
    let is_video = head.get(4..8) == Some(b"ftyp");
    (is_video || wordless.iter().any(|mark| head.starts_with(mark))).then_some(Format::Wordless)
}

/// By its name, when its bytes are those of text.
fn by_name(name: &str, head: &[u8]) -> Option<Format> {
    match name.rsplit_once('.')?.1 {
        "html" | "htm" | "xhtml" | "xht" | "shtml" => Some(Format::Html),
        "srt" => Some(Format::Srt),
        "vtt" => Some(Format::Vtt),
        "txt" if is_subrip(head) => Some(Format::Srt),
        "json" | "jsonl" | "cdx" | "cdxj" | "css" | "js" | "mht" | "mhtml" | "xml" | "svg" => Some(Format::Wordless),
        _ => None,
    }
}

/// Something in gzip: a WARC, or nothing that is read.
fn packed(head: &[u8]) -> Format {
    let mut begins = [0; 5];
    match MultiGzDecoder::new(head).read_exact(&mut begins) {
        Ok(()) if &begins == b"WARC/" => Format::Warc,
        Ok(()) | Err(_) => Format::Wordless,
    }
}

/// A zip file: a WACZ, or nothing that is read.
fn zipped(head: &[u8]) -> Format {
    // The name of the first entry stands at its 30th byte.
    let length = head.get(26..28).map_or(0, |length| usize::from(u16::from_le_bytes([length[0], length[1]])));
    let first = head.get(30..30 + length).unwrap_or_default();
    let is_wacz = [&b"datapackage"[..], b"archive/", b"pages/", b"indexes/", b"fuzzy.json"]
        .iter()
        .any(|begins| first.starts_with(begins));
    if is_wacz { Format::Wacz } else { Format::Wordless }
}

/// Whether text begins as HTML does.
fn is_markup(head: &[u8]) -> bool {
    let mut rest = head.trim_ascii_start();
    while let Some(comment) = rest.strip_prefix(b"<!--") {
        let Some(end) = memchr::memmem::find(comment, b"-->") else { return true };
        rest = comment[end + 3..].trim_ascii_start();
    }
    let begins = |with: &[u8]| rest.get(..with.len()).is_some_and(|start| start.eq_ignore_ascii_case(with));
    let marks: [&[u8]; 14] = [
        b"<!doctype html",
        b"<html",
        b"<head",
        b"<body",
        b"<title",
        b"<meta",
        b"<script",
        b"<style",
        b"<div",
        b"<p>",
        b"<h1",
        b"<table",
        b"<article",
        b"<link",
    ];
    let is_xhtml = begins(b"<?xml") && memchr::memmem::find(rest, b"<html").is_some();
    is_xhtml || marks.iter().any(|mark| begins(mark))
}

/// Whether text begins with a number and times, as SubRip does.
fn is_subrip(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    let mut lines = text.trim_start_matches('\u{feff}').lines().map(str::trim).filter(|line| !line.is_empty());
    let is_number = lines.next().is_some_and(|line| line.bytes().all(|byte| byte.is_ascii_digit()));
    is_number && lines.next().is_some_and(|line| line.contains(" --> "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, head: &[u8], format: Format) {
        assert_eq!(detect(name, head), format, "{name}");
    }

    #[test]
    fn bytes_say_what_a_file_is_whatever_its_name() {
        check("a.txt", b"%PDF-1.7\n", Format::Pdf);
        check("a.html", b"WARC/1.1\r\n", Format::Warc);
        check("a.txt", b"\xef\xbb\xbfWEBVTT\n\n", Format::Vtt);
        check("a.bin", b"<!-- saved --><!DOCTYPE HTML><p>", Format::Html);
        check("a", b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'>", Format::Html);
        check("a.html", b"\x89PNG\r\n\x1a\n", Format::Wordless);
        check("a.mp4", b"\0\0\0\x20ftypisom", Format::Wordless);
        check(
            "a.zip",
            b"PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0datapackage.json",
            Format::Wacz,
        );
        let office = b"PK\x03\x04\x0a\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.odt";
        check("a.odt", office, Format::Wordless);
        check("a.wacz", office, Format::Wacz);
    }

    #[test]
    fn names_say_it_where_bytes_do_not() {
        check("a/b.SRT", b"1\n", Format::Srt);
        check("a.txt", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nHello\r\n", Format::Srt);
        check("a.htm", b"Plain words", Format::Html);
        check("a.json", b"{}", Format::Wordless);
        check("a.txt", b"WEBVTTs are files", Format::Text);
        check("a.md", "words of no kind, सच".as_bytes(), Format::Text);
        check("a", b"\xff\xfew\0", Format::Text);
        check("a", b"w\0o", Format::Wordless);
        check("a", b"", Format::Text);
    }

    #[test]
    fn what_is_packed_is_looked_into() {
        use std::io::Write as _;
        let pack = |bytes: &[u8]| {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            packed.write_all(bytes).expect("memory can be written");
            packed.finish().expect("memory can be written")
        };
        check("a.gz", &pack(b"WARC/1.0\r\n"), Format::Warc);
        check("a.warc.gz", &pack(b"words"), Format::Wordless);
    }
}
