//! What a captured file is, by its first bytes and its name.

use std::fs::File;
use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

/// How much of a file is looked at.
const HEAD: u64 = 4 * 1024;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct MediaType {
    /// Its media type.
    pub(super) name: &'static str,
    /// The method that `captures:` has for such files; none where the file does not tell how it was made.
    pub(super) method: Option<&'static str>,
}

/// Looks at the beginning of a file.
pub(super) fn of_file(name: &str, file: &mut File) -> io::Result<MediaType> {
    let mut head = Vec::new();
    file.take(HEAD).read_to_end(&mut head)?;
    Ok(media_type(name, &head))
}

/// What a file with this name and these first bytes is. The bytes are believed before the name.
pub(super) fn media_type(name: &str, head: &[u8]) -> MediaType {
    let lower = name.to_ascii_lowercase();
    let guess = mime_guess::from_path(&lower).first_raw().unwrap_or("application/octet-stream");
    let name = if head.starts_with(b"%PDF-") {
        "application/pdf"
    } else if head.starts_with(b"WARC/1.") || is_packed_warc(head) {
        "application/warc"
    } else if head.starts_with(b"PK\x03\x04") {
        match guess {
            _ if lower.ends_with(".wacz") => "application/wacz",
            guess if guess.starts_with("application/") => guess,
            _ => "application/zip",
        }
    } else {
        match std::str::from_utf8(whole_characters(head)) {
            Ok(text) if !text.contains('\0') => of_text(guess, text.trim_start_matches('\u{feff}').trim_start()),
            // What is promised by the ending and not kept by the bytes is not believed.
            _ if matches!(guess, "application/pdf" | "application/warc") || guess.starts_with("text/") => {
                if is_html(&head.to_ascii_lowercase()) { "text/html" } else { "application/octet-stream" }
            }
            _ => guess,
        }
    };
    MediaType { name, method: method(name) }
}

/// What a text is. Formats that are text and begin in no way of their own are known by their ending.
fn of_text(guess: &'static str, text: &str) -> &'static str {
    let text = text.as_bytes();
    if text.starts_with(b"WEBVTT") {
        "text/vtt"
    } else if is_subrip(text) {
        "application/x-subrip"
    } else if is_html(&text.to_ascii_lowercase()) || matches!(guess, "text/html" | "application/xhtml+xml") {
        "text/html"
    } else if guess.starts_with("text/") || matches!(guess, "application/json" | "image/svg+xml" | "message/rfc822") {
        guess
    } else {
        "text/plain"
    }
}

fn is_html(head: &[u8]) -> bool {
    let start = head.iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(0);
    let head = &head[start..];
    head.starts_with(b"<!doctype html") || head.starts_with(b"<html")
}

/// Whether a text begins with the number and the times of a first cue.
fn is_subrip(text: &[u8]) -> bool {
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let is_number = |line: &[u8]| !line.is_empty() && line.iter().all(u8::is_ascii_digit);
    let has_times =
        |line: &[u8]| line.first().is_some_and(u8::is_ascii_digit) && line.windows(5).any(|some| some == b" --> ");
    lines.next().is_some_and(is_number) && lines.next().is_some_and(has_times)
}

fn is_packed_warc(head: &[u8]) -> bool {
    let mut unpacked = Vec::new();
    // What is cut off ends with an error; what was unpacked before counts.
    let _ = MultiGzDecoder::new(head).take(7).read_to_end(&mut unpacked);
    unpacked == b"WARC/1."
}

/// The beginning of a file without a character that was cut in two.
fn whole_characters(head: &[u8]) -> &[u8] {
    match std::str::from_utf8(head) {
        Err(error) if error.error_len().is_none() => &head[..error.valid_up_to()],
        _ => head,
    }
}

fn method(name: &str) -> Option<&'static str> {
    Some(match name {
        "text/html" => "html",
        "application/pdf" => "pdf",
        "application/warc" => "warc",
        "application/wacz" => "wacz",
        "text/vtt" | "application/x-subrip" => "transcript",
        _ if name.starts_with("text/") => "text",
        _ if name.starts_with("image/") => "image",
        _ if name.starts_with("audio/") => "audio",
        _ if name.starts_with("video/") => "video",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[track_caller]
    fn check(name: &str, head: &[u8], expected: &str) {
        let found = media_type(name, head);
        assert_eq!(format!("{} {}", found.name, found.method.unwrap_or("-")), expected, "{name}");
    }

    #[test]
    fn a_file_is_what_its_bytes_say_before_what_its_name_says() {
        check("a.txt", b"Words.", "text/plain text");
        check("a", b"Words.", "text/plain text");
        check("a.md", b"# Words", "text/markdown text");
        check("a.txt", "é".as_bytes().split_last().unwrap().1, "text/plain text");
        check("a.txt", b"\xef\xbb\xbf<!DOCTYPE html><p>", "text/html html");
        check("a.htm", b"<p>", "text/html html");
        check("a.html", b"\n<html>\xe9", "text/html html");
        check("a.html", b"%PDF-1.7", "application/pdf pdf");
        check("a.pdf", b"\x00\x01\xff", "application/octet-stream -");
        check("a.warc", b"WARC/1.1\r\n", "application/warc warc");
        check("a.wacz", b"PK\x03\x04..", "application/wacz wacz");
        check("a.zip", b"PK\x03\x04..", "application/zip -");
        check("a.vtt", b"WEBVTT\n", "text/vtt transcript");
        check("a.txt", b"1\r\n00:00:01,000 --> 00:00:02,000\r\nWords\r\n", "application/x-subrip transcript");
        check("a.PNG", b"\x89PNG\r\n\x1a\n\0\0", "image/png image");
        check("a.mp4", b"\0\0\0 ftyp", "video/mp4 video");
        check("a", b"\0", "application/octet-stream -");
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(b"WARC/1.0\r\nWARC-Type: response\r\n").unwrap();
        let packed = packed.finish().unwrap();
        check("a.warc.gz", &packed, "application/warc warc");
        check("a.gz", &packed[..packed.len() - 4], "application/warc warc");
        check("a.tar.gz", &[0x1f, 0x8b, 8, 0], "application/gzip -");
    }
}
