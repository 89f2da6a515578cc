//! What a captured file is, by its first bytes and its name.

use std::fs::File;
use std::io::{self, Read};

use crate::evidence::extract::{Format, HEAD, detect};

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
    file.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(media_type(name, &head))
}

/// What a file with this name and these first bytes is. The bytes are believed before the name.
pub(super) fn media_type(name: &str, head: &[u8]) -> MediaType {
    let guess = mime_guess::from_path(name.to_ascii_lowercase()).first_raw();
    let name = match detect(name, head) {
        // The ending says more of a text than its bytes do.
        Format::Text => guess.filter(|guess| is_of_words(guess)).unwrap_or("text/plain"),
        // What is promised by the ending and not kept by the bytes is not believed.
        Format::Wordless => guess.filter(|guess| !is_of_words(guess)).unwrap_or("application/octet-stream"),
        format => format.media_type().unwrap_or("application/octet-stream"),
    };
    MediaType { name, method: method(name) }
}

/// Whether files of a media type hold words that could be compared.
fn is_of_words(name: &str) -> bool {
    name.starts_with("text/") || matches!(name, "application/pdf" | "application/warc" | "message/rfc822")
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
        let wacz = [b"PK\x03\x04".as_slice(), &[0; 22], &[16, 0, 0, 0], b"datapackage.json"].concat();
        check("a.wacz", &wacz, "application/wacz wacz");
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
