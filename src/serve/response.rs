//! From content to an HTTP response, as RFC 9110 has it.
//!
//! What a request wants is read in [`wants`](super::wants); what comes of it is decided here. Nothing is read or sent here. A file stays a path and a span of bytes, which the caller streams.

use std::io::Write;
use std::path::PathBuf;

use bytes::Bytes;
use flate2::{Compression, write::GzEncoder};
use headers::{AcceptRanges, CacheControl, ContentLength, ContentRange, HeaderMapExt, Vary};
use http::header::{
    ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_MATCH, IF_NONE_MATCH, RANGE,
};
use http::{Method, Response, StatusCode};

use super::wants::{self, Span, Strength};
use crate::text::is_text;

/// The size from which compressing is worth it.
const COMPRESSED_FROM: usize = 1024;

/// What the body of a response is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Payload {
    /// No body.
    Empty,
    /// All of these.
    Bytes(Bytes),
    /// A part of a file, which lies within it as long as the file keeps its length.
    File {
        /// Where the file lies.
        path: PathBuf,
        /// The first byte.
        start: u64,
        /// How many bytes.
        length: u64,
    },
}

/// What there is at a path, whoever asks for it.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    /// Its bytes, or where they are.
    pub(crate) source: Source,
    /// Its `Content-Type`.
    pub(crate) media_type: String,
    /// A hash of its bytes in hex, the strong validator.
    pub(crate) etag: String,
}

/// Where the bytes of a content are.
#[derive(Clone, Debug)]
pub(crate) enum Source {
    /// Here.
    Memory(Bytes),
    /// On the disk.
    File {
        /// Where the file lies.
        path: PathBuf,
        /// How many bytes it has.
        length: u64,
    },
}

/// In which form the content is sent.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Coding {
    Identity,
    Gzip,
}

/// Answers a GET or HEAD request with a content.
///
/// Only with status 200 are there validators, conditions and ranges, since a page of an error is not what was asked for.
pub(crate) fn respond(
    method: &Method,
    request: &HeaderMap,
    status: StatusCode,
    content: &Content,
) -> Response<Payload> {
    let mut response = Response::new(Payload::Empty);
    *response.status_mut() = status;
    response.headers_mut().typed_insert(CacheControl::new().with_no_cache());
    if is_text(&content.media_type) {
        response.headers_mut().typed_insert(Vary::from(ACCEPT_ENCODING));
    }
    // RFC 9110 defines ranges for GET alone, and has all other methods ignore them.
    let range = request.get(RANGE).filter(|_| method == Method::GET && status == StatusCode::OK);
    let coding = if range.is_none() { content.coding_for(request) } else { Coding::Identity };
    let mut span = Span::Whole;
    if status == StatusCode::OK {
        response.headers_mut().typed_insert(AcceptRanges::bytes());
        let (status, tag) = content.check_conditions(request, coding);
        if let Ok(value) = HeaderValue::try_from(tag) {
            response.headers_mut().insert(ETAG, value);
        }
        if status != StatusCode::OK {
            *response.status_mut() = status;
            return response;
        }
        if range.is_some() {
            span = wants::span(request, &content.tag(Coding::Identity), content.length());
        }
    }
    content.fill(&mut response, coding, span);
    if method == Method::HEAD {
        *response.body_mut() = Payload::Empty;
    }
    response
}

impl Content {
    fn length(&self) -> u64 {
        match &self.source {
            Source::Memory(bytes) => bytes.len() as u64,
            Source::File { length, .. } => *length,
        }
    }

    /// The entity tag of a form: two forms are different bytes, and so need different tags.
    fn tag(&self, coding: Coding) -> String {
        match coding {
            Coding::Identity => format!("\"{}\"", self.etag),
            Coding::Gzip => format!("\"{}-gzip\"", self.etag),
        }
    }

    fn coding_for(&self, request: &HeaderMap) -> Coding {
        match &self.source {
            Source::Memory(bytes)
                if bytes.len() >= COMPRESSED_FROM && is_text(&self.media_type) && wants::gzip(request) =>
            {
                Coding::Gzip
            }
            _ => Coding::Identity,
        }
    }

    /// The status that the conditions of a request lead to, and the tag that goes with it.
    fn check_conditions(&self, request: &HeaderMap, coding: Coding) -> (StatusCode, String) {
        let other = if coding == Coding::Gzip { Coding::Identity } else { Coding::Gzip };
        // The form that would be sent comes first. If the client has only the other one, then that is what it must be told
        // is fresh: a cache looks for what it has by the tag.
        let tags = [self.tag(coding), self.tag(other)];
        let named = |name, strength| tags.iter().find(|tag| wants::names(request, &name, strength, tag)).cloned();
        if request.contains_key(IF_MATCH) && named(IF_MATCH, Strength::Strong).is_none() {
            return (StatusCode::PRECONDITION_FAILED, self.tag(coding));
        }
        match named(IF_NONE_MATCH, Strength::Weak) {
            Some(tag) => (StatusCode::NOT_MODIFIED, tag),
            None => (StatusCode::OK, self.tag(coding)),
        }
    }

    /// Gives the response its body, and the headers that describe it.
    fn fill(&self, response: &mut Response<Payload>, coding: Coding, span: Span) {
        let whole = self.length();
        let (start, length) = match span {
            Span::Whole => (0, whole),
            Span::Part(range) => {
                *response.status_mut() = StatusCode::PARTIAL_CONTENT;
                if let Ok(range) = ContentRange::bytes(range.clone(), whole) {
                    response.headers_mut().typed_insert(range);
                }
                (*range.start(), range.end() - range.start() + 1)
            }
            Span::Unsatisfiable => {
                *response.status_mut() = StatusCode::RANGE_NOT_SATISFIABLE;
                response.headers_mut().typed_insert(ContentRange::unsatisfied_bytes(whole));
                response.headers_mut().typed_insert(ContentLength(0));
                return;
            }
        };
        let (payload, length) = match &self.source {
            Source::File { path, .. } => (Payload::File { path: path.clone(), start, length }, length),
            Source::Memory(bytes) => {
                let bytes = if coding == Coding::Gzip { gzip(bytes) } else { part(bytes, start, length) };
                let length = bytes.len() as u64;
                (Payload::Bytes(bytes), length)
            }
        };
        let headers = response.headers_mut();
        let media_type = HeaderValue::try_from(&self.media_type);
        headers
            .insert(CONTENT_TYPE, media_type.unwrap_or_else(|_| HeaderValue::from_static("application/octet-stream")));
        headers.typed_insert(ContentLength(length));
        if coding == Coding::Gzip {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        }
        *response.body_mut() = payload;
    }
}

fn part(bytes: &Bytes, start: u64, length: u64) -> Bytes {
    let at = |byte: u64| usize::try_from(byte).unwrap_or(usize::MAX).min(bytes.len());
    bytes.slice(at(start)..at(start.saturating_add(length)))
}

fn gzip(bytes: &Bytes) -> Bytes {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let written = encoder.write_all(bytes).and_then(|()| encoder.finish());
    written.expect("a vector takes all that is written to it").into()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use std::io::Read;

    use http::HeaderName;

    use super::*;
    use crate::text::media_type;

    fn text(length: usize) -> Content {
        let bytes = b"0123456789".iter().copied().cycle().take(length).collect();
        Content { source: Source::Memory(bytes), media_type: media_type("page.html"), etag: "abc".to_owned() }
    }

    fn map(headers: &[(HeaderName, &str)]) -> HeaderMap {
        headers.iter().map(|(name, text)| (name.clone(), HeaderValue::from_str(text).unwrap())).collect()
    }

    fn get(content: &Content, headers: &[(HeaderName, &str)]) -> Response<Payload> {
        respond(&Method::GET, &map(headers), StatusCode::OK, content)
    }

    fn header<'a>(response: &'a Response<Payload>, name: &str) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn content_is_described() {
        let response = get(&text(10), &[]);
        assert_eq!(response.status(), 200);
        for (name, value) in [
            ("etag", "\"abc\""),
            ("cache-control", "no-cache"),
            ("accept-ranges", "bytes"),
            ("content-type", "text/html; charset=utf-8"),
            ("content-length", "10"),
            ("vary", "accept-encoding"),
            ("content-encoding", ""),
        ] {
            assert_eq!(header(&response, name), value, "{name}");
        }
        assert_eq!(*response.body(), Payload::Bytes(Bytes::from_static(b"0123456789")));
    }

    #[test]
    fn what_the_client_has_is_not_sent_again() {
        for (has, status, tag) in [
            ("W/\"abc\"", 304, "\"abc\""),
            ("\"abc-gzip\"", 304, "\"abc-gzip\""),
            ("*", 304, "\"abc\""),
            ("\"x\"", 200, "\"abc\""),
        ] {
            let response = get(&text(10), &[(IF_NONE_MATCH, has)]);
            assert_eq!((response.status().as_u16(), header(&response, "etag")), (status, tag), "{has}");
        }
        let response = get(&text(10), &[(IF_NONE_MATCH, "\"abc\""), (RANGE, "bytes=0-1")]);
        assert_eq!((response.status().as_u16(), response.body()), (304, &Payload::Empty));
        assert_eq!((header(&response, "cache-control"), header(&response, "vary")), ("no-cache", "accept-encoding"));
        assert_eq!((header(&response, "content-type"), header(&response, "content-length")), ("", ""));
    }

    #[test]
    fn a_client_that_insists_on_another_version_is_refused() {
        for (wants, status) in [("\"abc\"", 200), ("\"abc-gzip\"", 200), ("*", 200), ("W/\"abc\"", 412), ("", 412)] {
            assert_eq!(get(&text(10), &[(IF_MATCH, wants)]).status(), status, "{wants}");
        }
    }

    #[test]
    fn one_range_is_sent_by_itself() {
        for (range, status, content_range, body) in [
            ("bytes=2-4", 206, "bytes 2-4/10", "234"),
            ("bytes=-99", 206, "bytes 0-9/10", "0123456789"),
            ("bytes=10-", 416, "bytes */10", ""),
            ("bytes=0-1,3-4", 200, "", "0123456789"),
        ] {
            let response = get(&text(10), &[(RANGE, range)]);
            let bytes = if let Payload::Bytes(bytes) = response.body() { &bytes[..] } else { b"" };
            let seen = (response.status().as_u16(), header(&response, "content-range"), bytes);
            assert_eq!(seen, (status, content_range, body.as_bytes()), "{range}");
            assert_eq!(header(&response, "content-length"), body.len().to_string(), "{range}");
        }
    }

    #[test]
    fn a_part_of_a_file_is_left_on_the_disk() {
        let source = Source::File { path: "scan.pdf".into(), length: 5000 };
        let content = Content { source, media_type: media_type("scan.pdf"), etag: "abc".to_owned() };
        let response = get(&content, &[(RANGE, "bytes=1000-1999"), (ACCEPT_ENCODING, "gzip")]);
        assert_eq!(*response.body(), Payload::File { path: "scan.pdf".into(), start: 1000, length: 1000 });
        assert_eq!((header(&response, "content-length"), header(&response, "vary")), ("1000", ""));
    }

    #[test]
    fn gzip_is_the_same_content_under_another_tag() {
        let response = get(&text(2000), &[(ACCEPT_ENCODING, "gzip")]);
        let Payload::Bytes(bytes) = response.body() else { panic!("it comes from memory") };
        assert_eq!(header(&response, "etag"), "\"abc-gzip\"");
        assert_eq!(header(&response, "content-length"), bytes.len().to_string());
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&bytes[..]).read_to_end(&mut unpacked).unwrap();
        assert_eq!(Payload::Bytes(unpacked.into()), *get(&text(2000), &[]).body());
        for (has, tag) in [("\"abc\"", "\"abc\""), ("\"abc\", W/\"abc-gzip\"", "\"abc-gzip\"")] {
            let response = get(&text(2000), &[(ACCEPT_ENCODING, "gzip"), (IF_NONE_MATCH, has)]);
            assert_eq!((response.status().as_u16(), header(&response, "etag")), (304, tag), "{has}");
        }
    }

    #[test]
    fn what_is_small_or_packed_or_in_part_is_not_compressed() {
        let picture = Content { media_type: media_type("face.png"), ..text(2000) };
        for (content, range) in [(text(1023), ""), (picture, ""), (text(2000), "bytes=0-1999")] {
            let mut headers = vec![(ACCEPT_ENCODING, "gzip")];
            headers.extend((!range.is_empty()).then_some((RANGE, range)));
            assert_eq!(header(&get(&content, &headers), "content-encoding"), "");
        }
    }

    #[test]
    fn head_tells_the_same_without_a_body() {
        for accepted in ["", "gzip"] {
            let headers = [(ACCEPT_ENCODING, accepted)];
            let head = respond(&Method::HEAD, &map(&headers), StatusCode::OK, &text(2000));
            assert_eq!(head.headers(), get(&text(2000), &headers).headers());
            assert_eq!(*head.body(), Payload::Empty);
        }
        let head = respond(&Method::HEAD, &map(&[(RANGE, "bytes=0-1")]), StatusCode::OK, &text(10));
        assert_eq!((head.status().as_u16(), header(&head, "content-length")), (200, "10"));
    }

    #[test]
    fn a_page_of_an_error_is_sent_whole_and_each_time() {
        let headers = [(IF_NONE_MATCH, "*"), (IF_MATCH, "\"x\""), (RANGE, "bytes=0-1")];
        let response = respond(&Method::GET, &map(&headers), StatusCode::NOT_FOUND, &text(10));
        assert_eq!((response.status().as_u16(), header(&response, "content-length")), (404, "10"));
        assert_eq!((header(&response, "etag"), header(&response, "accept-ranges")), ("", ""));
    }

    #[test]
    fn the_end_of_a_name_tells_the_media_type() {
        for (path, expected) in [
            ("actors/jane-doe.html", "text/html; charset=utf-8"),
            ("a.css", "text/css; charset=utf-8"),
            ("a.js", "text/javascript; charset=utf-8"),
            ("a.json", "application/json; charset=utf-8"),
            ("a.jsonld", "application/ld+json; charset=utf-8"),
            ("feed.atom", "application/atom+xml; charset=utf-8"),
            ("sitemap.xml", "text/xml; charset=utf-8"),
            ("a.SVG", "image/svg+xml; charset=utf-8"),
            ("a.png", "image/png"),
            ("a.pdf", "application/pdf"),
            ("a.woff2", "font/woff2"),
            ("a.unknown", "application/octet-stream"),
            ("LICENSE", "application/octet-stream"),
        ] {
            assert_eq!(media_type(path), expected, "{path}");
        }
    }
}
