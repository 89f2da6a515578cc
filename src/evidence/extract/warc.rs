//! WARC 1.0 and 1.1 (ISO 28500), plain or compressed by gzip.
//!
//! Answers of web servers, resources and conversions are read when they are texts; all other records are passed over. Digests of records are
//! compared wherever they are written. A file that ends within a record is damaged; that one ends between two records too early, nothing in
//! it can show.
//!
//! The payload of an answer is digested by some tools with the chunks that it was sent in and by others without; either is taken.
//!
//! # Why of several libraries, and not of one
//!
//! Members of gzip are read by `flate2`, named fields by `httparse`, and digests made by `sha1` and `sha2`; where a record begins and ends is found
//! here. Libraries that read the whole format were compared on
//! 2026-11-26, with records of WARC 1.0 and 1.1, whole, cut off and changed at random (100,000 times for `warc`; the others ended before that):
//!
//! * `warc` 0.4.0 (last change of its repository in November 2024; 12 packages). A folded field, which WARC 1.0 allows, ends its head there: all
//!   fields after it are lost, `Content-Length` with them, so a good file is refused. A file that ends within a head is taken for whole, and one whose
//!   lines end in a line feed alone for empty. It tells no place.
//! * `rust_warc` 1.2.0 (no other package). It takes as much memory as a record claims to need before it reads a byte of it: a claim of 254 GB in a
//!   file of less than 1 kB ended the program where there were 6 GB. It has no way to read a record but whole, and tells no place.
//! * `warcat` 0.3.4 (June 2025; 43 packages). It reads piece by piece and knows places. It does not build with the present `blake3`, nor without
//!   `zstd`; with both amended, reading a file that ends within a head did not end in ten minutes.
//!
//! A capture that was cut off must be refused, one that is good must not be, and neither may end a build.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::GzDecoder;

use super::super::document::{Document, Part};
use super::digest::Digest;
use super::head::{self, Others};
use super::http::Response;
use super::{Fault, Format, Limits, detect, single, too_long};

/// The longest head of a record.
const LONGEST_HEAD: usize = 64 << 10;

/// What was read of a capture so far, to be held against its limits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spent {
    pub(super) bytes: u64,
    pub(super) parts: usize,
}

impl Spent {
    pub(super) fn bytes(&mut self, count: usize, limits: &Limits) -> Result<(), Fault> {
        self.bytes = self.bytes.saturating_add(count as u64);
        if self.bytes > limits.total {
            return Err(Fault::Refused(format!(
                "it holds more than {} bytes when it is unpacked, which is the most for one capture",
                limits.total
            )));
        }
        Ok(())
    }

    pub(super) fn part(&mut self, limits: &Limits) -> Result<(), Fault> {
        self.parts += 1;
        if self.parts > limits.parts {
            return Err(Fault::Refused(format!(
                "it holds more than {} parts, which is the most for one capture",
                limits.parts
            )));
        }
        Ok(())
    }
}

/// Shows each document of a WARC. `name` is that of the file in a container, or nothing.
pub(super) fn read(
    file: impl Read,
    name: &str,
    limits: &Limits,
    spent: &mut Spent,
    see: &mut dyn FnMut(Document),
) -> Result<(), Fault> {
    let mut records = Records { bytes: Unpacked::new(file)?, number: 0, limits, spent };
    while let Some(record) = records.next()? {
        if let Some(document) = document(&record, name, limits)? {
            see(document);
        }
    }
    Ok(())
}

/// A record of a WARC.
struct Record {
    number: usize,
    offset: u64,
    headers: Vec<(String, String)>,
    /// What it holds, or its beginning when that is longer than a document may be.
    block: Vec<u8>,
    is_whole: bool,
}

impl Record {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| &**value)
    }

    fn url(&self) -> Option<&str> {
        self.header("warc-target-uri").map(|url| url.trim_start_matches('<').trim_end_matches('>'))
    }

    /// How people find it.
    fn place(&self) -> String {
        let url = self.url().map(|url| format!(", `{url}`")).unwrap_or_default();
        format!("record {} (from byte {}{url})", self.number, self.offset)
    }

    /// A digest that it carries.
    fn digest(&self, name: &str) -> Result<Option<Digest>, Fault> {
        match self.header(name).and_then(|written| Some((written, Digest::parse(written)?))) {
            None => Ok(None),
            Some((_, Ok(digest))) => Ok(Some(digest)),
            Some((written, Err(()))) => {
                Err(Fault::Malformed(format!("{} has a digest that is none, `{written}`", self.place())))
            }
        }
    }

    fn wrong(&self, of: &str, digest: &Digest, found: &str) -> Fault {
        Fault::Malformed(format!(
            "{} was changed: the digest of its {of} is written as `{}` and is `{found}`",
            self.place(),
            digest.written()
        ))
    }
}

/// The records of a WARC, in order.
struct Records<'a, R: Read> {
    bytes: Unpacked<R>,
    number: usize,
    limits: &'a Limits,
    spent: &'a mut Spent,
}

impl<R: Read> Records<'_, R> {
    fn next(&mut self) -> Result<Option<Record>, Fault> {
        let Some(offset) = self.bytes.start()? else {
            return match self.number {
                0 => Err(Fault::Malformed("it holds no record at all".to_owned())),
                _ => Ok(None),
            };
        };
        self.number += 1;
        self.spent.part(self.limits)?;
        let mut record =
            Record { number: self.number, offset, headers: self.head(offset)?, block: Vec::new(), is_whole: true };
        let length =
            record.header("content-length").and_then(|length| length.parse::<u64>().ok()).ok_or_else(|| {
                Fault::Malformed(format!("{} does not say how long it is (`Content-Length`)", record.place()))
            })?;
        self.block(&mut record, length)?;
        Ok(Some(record))
    }

    /// The named fields at the beginning of a record.
    fn head(&mut self, offset: u64) -> Result<Vec<(String, String)>, Fault> {
        let mut size = 0;
        let version = self.line(&mut size, offset)?;
        if !version.starts_with("WARC/") {
            return Err(no_record(offset));
        }
        let mut lines = Vec::new();
        loop {
            let line = self.line(&mut size, offset)?;
            if line.is_empty() {
                break;
            }
            lines.extend_from_slice(line.as_bytes());
            lines.extend_from_slice(b"\r\n");
        }
        head::fields(&lines, Others::Refuse).ok_or_else(|| {
            Fault::Malformed(format!(
                "the record from byte {offset} has a line in its head that is no field{}",
                odd(&lines)
            ))
        })
    }

    fn line(&mut self, size: &mut usize, offset: u64) -> Result<String, Fault> {
        let mut line = Vec::new();
        loop {
            let here = self.bytes.fill()?;
            if here.is_empty() {
                let is_record = *size > line.len() || b"WARC/".starts_with(&line[..line.len().min(5)]);
                let within = format!("the head of the record from byte {offset}");
                return Err(if is_record { self.bytes.cut_off(&within) } else { no_record(offset) });
            }
            let end = memchr::memchr(b'\n', here);
            let taken = end.map_or(here.len(), |end| end + 1);
            line.extend_from_slice(&here[..taken]);
            self.bytes.take(taken);
            self.spent.bytes(taken, self.limits)?;
            *size += taken;
            if *size > LONGEST_HEAD {
                return Err(Fault::Malformed(format!(
                    "the record from byte {offset} has a head of more than {LONGEST_HEAD} bytes"
                )));
            }
            if end.is_some() {
                line.truncate(line.trim_ascii_end().len());
                return Ok(String::from_utf8_lossy(&line).into_owned());
            }
        }
    }

    /// What a record holds, and the two line breaks after it; its digest is compared on the way.
    fn block(&mut self, record: &mut Record, length: u64) -> Result<(), Fault> {
        let digest = record.digest("warc-block-digest")?;
        let mut hasher = digest.as_ref().map(Digest::hasher);
        record.is_whole = length <= self.limits.document;
        let most = if record.is_whole { usize::MAX } else { LONGEST_HEAD };
        let mut left = length;
        while left > 0 {
            let here = self.bytes.fill()?;
            if here.is_empty() {
                return Err(self.bytes.cut_off(&format!("{}, of which {left} bytes are missing", record.place())));
            }
            let taken = usize::try_from(left).map_or(here.len(), |left| left.min(here.len()));
            if let Some(hasher) = &mut hasher {
                hasher.update(&here[..taken]);
            }
            let kept = taken.min(most.saturating_sub(record.block.len()));
            record.block.extend_from_slice(&here[..kept]);
            self.bytes.take(taken);
            self.spent.bytes(taken, self.limits)?;
            left -= taken as u64;
        }
        self.line_breaks(record)?;
        if let (Some(digest), Some(hasher)) = (&digest, hasher)
            && let Some(found) = digest.differs_from(hasher)
        {
            return Err(record.wrong("content", digest, &found));
        }
        Ok(())
    }

    fn line_breaks(&mut self, record: &Record) -> Result<(), Fault> {
        let mut breaks = 0;
        while breaks < 2 {
            match self.bytes.fill()?.first() {
                Some(b'\n') => breaks += 1,
                Some(b'\r') => {}
                Some(_) => {
                    return Err(Fault::Malformed(format!("{} goes on where it says that it ends", record.place())));
                }
                None => return Err(self.bytes.cut_off(&format!("the end of {}", record.place()))),
            }
            self.bytes.take(1);
        }
        Ok(())
    }
}

/// The first line without a colon, for a message.
fn odd(lines: &[u8]) -> String {
    let lines = String::from_utf8_lossy(lines);
    let line = lines.lines().find(|line| !line.starts_with([' ', '\t']) && !line.contains(':'));
    line.map(|line| format!(", `{}`", line.chars().take(60).collect::<String>())).unwrap_or_default()
}

fn no_record(offset: u64) -> Fault {
    Fault::Malformed(format!("at byte {offset} a record should begin, and none does"))
}

/// The document in a record, when it holds a text.
fn document(record: &Record, name: &str, limits: &Limits) -> Result<Option<Document>, Fault> {
    let is_response = match record.header("warc-type").map(str::to_ascii_lowercase).as_deref() {
        Some("response") => true,
        Some("resource" | "conversion") => false,
        _ => return Ok(None),
    };
    let part = Part {
        name: name.to_owned(),
        offset: Some(record.offset),
        url: record.url().map(str::to_owned),
        at: record.header("warc-date").map(str::to_owned),
    };
    let mut document = Document { part: Some(part), ..Document::default() };
    let response = is_response.then(|| Response::parse(&record.block)).flatten();
    let content_type = match &response {
        Some(response) => response.header("content-type").unwrap_or_default(),
        None => record.header("content-type").unwrap_or_default(),
    };
    let url = record.url().unwrap_or_default();
    let body = response.as_ref().map_or(&*record.block, |response| response.body);
    let may_be_text = format_of(content_type, url, body).is_some() || response.is_some() && is_vague(content_type);
    if !record.is_whole {
        let unread = may_be_text.then(|| too_long(limits.document).to_string());
        return Ok(unread.map(|unread| Document { unread: Some(unread), ..document }));
    }
    check_payload(record, body, response.as_ref())?;
    if !may_be_text {
        return Ok(None);
    }
    let payload = match &response {
        Some(response) => {
            let is_text = !is_vague(content_type) && format_of(content_type, url, body) != Some(Format::Pdf);
            response.decoded(if is_text { limits.text } else { limits.document })
        }
        None => Ok(body.into()),
    };
    let payload = match payload {
        Ok(payload) if payload.is_empty() => return Ok(None),
        Ok(payload) => payload,
        Err(unread) => return Ok(Some(Document { unread: Some(unread), ..document })),
    };
    let Some(format) = format_of(content_type, url, &payload) else { return Ok(None) };
    let charset = parameter(content_type, "charset");
    let part = document.part.clone();
    document = match single(&payload, format, charset, limits, document) {
        Ok(document) => document,
        Err(fault) => Document { part, unread: Some(fault.to_string()), ..Document::default() },
    };
    Ok(Some(document))
}

/// Compares the digest of a payload, where one is written.
fn check_payload(record: &Record, body: &[u8], response: Option<&Response<'_>>) -> Result<(), Fault> {
    if record.header("warc-truncated").is_some() || record.header("warc-segment-number").is_some() {
        return Ok(());
    }
    let Some(digest) = record.digest("warc-payload-digest")? else { return Ok(()) };
    let Some(found) = digest.differs(body) else { return Ok(()) };
    match response.map(Response::unchunked) {
        Some(unchunked) if digest.differs(&unchunked).is_none() => Ok(()),
        Some(_) | None => Err(record.wrong("payload", &digest, &found)),
    }
}

/// The format of a text, by the media type that it was sent with, else by its name and first bytes; nothing for other things.
fn format_of(content_type: &str, url: &str, payload: &[u8]) -> Option<Format> {
    match content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "text/html" | "application/xhtml+xml" => Some(Format::Html),
        "text/plain" | "text/markdown" => Some(Format::Text),
        "application/pdf" | "application/x-pdf" => Some(Format::Pdf),
        "text/vtt" => Some(Format::Vtt),
        "application/x-subrip" | "text/srt" | "application/srt" => Some(Format::Srt),
        _ if is_vague(content_type) => {
            let path = url.split(['?', '#']).next().unwrap_or_default();
            let format = detect(path, &payload[..payload.len().min(super::HEAD)]);
            matches!(format, Format::Html | Format::Pdf | Format::Vtt | Format::Srt).then_some(format)
        }
        _ => None,
    }
}

/// Whether a media type says nothing.
fn is_vague(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim();
    essence.is_empty()
        || essence.eq_ignore_ascii_case("application/octet-stream")
        || essence.eq_ignore_ascii_case("unknown/unknown")
}

/// A parameter of a media type.
fn parameter<'a>(content_type: &'a str, name: &str) -> Option<&'a str> {
    let parameters = content_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    parameters.into_iter().find(|(other, _)| other.trim().eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
}

/// The bytes of a file, unpacked where they are packed, with their place in the file.
struct Unpacked<R: Read> {
    source: Source<R>,
    buffer: Vec<u8>,
    taken: usize,
    /// Where the first byte of the buffer stands in the file, or the packed member that it is in.
    start: u64,
}

enum Source<R: Read> {
    Plain(Counted<R>),
    Packed(Box<GzDecoder<Counted<R>>>),
    Ended(u64),
}

impl<R: Read> Unpacked<R> {
    fn new(file: R) -> Result<Self, Fault> {
        let mut file = Counted { file: BufReader::with_capacity(64 << 10, file), position: 0 };
        let is_packed = file.fill_buf()?.starts_with(b"\x1f");
        let source = if is_packed { Source::Packed(Box::new(GzDecoder::new(file))) } else { Source::Plain(file) };
        Ok(Unpacked { source, buffer: Vec::new(), taken: 0, start: 0 })
    }

    /// Where the next record begins, if one does. What stands between records beside line breaks is left for it to complain.
    fn start(&mut self) -> Result<Option<u64>, Fault> {
        loop {
            let here = self.fill()?;
            match here.first() {
                None => return Ok(None),
                Some(b'\r' | b'\n') => self.take(1),
                Some(_) => {
                    let is_plain = matches!(self.source, Source::Plain(_));
                    return Ok(Some(self.start + if is_plain { self.taken as u64 } else { 0 }));
                }
            }
        }
    }

    /// The bytes that come next, none at the end.
    fn fill(&mut self) -> Result<&[u8], Fault> {
        while self.taken == self.buffer.len() {
            self.taken = 0;
            self.buffer.resize(64 << 10, 0);
            let position = self.source.position();
            if let Source::Plain(_) = self.source {
                self.start = position;
            }
            let read = match &mut self.source {
                Source::Plain(file) => file.read(&mut self.buffer),
                Source::Packed(file) => file.read(&mut self.buffer),
                Source::Ended(_) => Ok(0),
            };
            let read = match read {
                Ok(read) => read,
                Err(error) => {
                    self.buffer.clear();
                    return Err(self.fault(error));
                }
            };
            self.buffer.truncate(read);
            if read == 0 && !self.next_member()? {
                break;
            }
        }
        Ok(&self.buffer[self.taken..])
    }

    fn take(&mut self, count: usize) {
        self.taken += count;
    }

    /// Goes on to the next packed member, if there is one.
    fn next_member(&mut self) -> Result<bool, Fault> {
        let end = self.source.position();
        match std::mem::replace(&mut self.source, Source::Ended(end)) {
            Source::Packed(member) => {
                let mut file = member.into_inner();
                match file.fill_buf()?.first() {
                    None => return Ok(false),
                    Some(0x1f) => {}
                    Some(_) => return Err(no_record(end)),
                }
                self.start = file.position;
                self.source = Source::Packed(Box::new(GzDecoder::new(file)));
                Ok(true)
            }
            Source::Plain(_) | Source::Ended(_) => Ok(false),
        }
    }

    fn fault(&self, error: io::Error) -> Fault {
        let at = self.source.position();
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.cut_off(&format!("the compressed record from byte {}", self.start)),
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => Fault::Malformed(format!(
                "the compressed record from byte {} is damaged near byte {at}: {error}",
                self.start
            )),
            _ => Fault::Io(error),
        }
    }

    /// That the file ends within something.
    fn cut_off(&self, within: &str) -> Fault {
        Fault::Malformed(format!("it is cut off: the file ends at byte {}, within {within}", self.source.position()))
    }
}

impl<R: Read> Source<R> {
    fn position(&self) -> u64 {
        match self {
            Source::Plain(file) => file.position,
            Source::Packed(file) => file.get_ref().position,
            Source::Ended(position) => *position,
        }
    }
}

/// A file that counts what is read of it.
struct Counted<R: Read> {
    file: BufReader<R>,
    position: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.position += read as u64;
        Ok(read)
    }
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.file.fill_buf()
    }

    fn consume(&mut self, count: usize) {
        self.position += count as u64;
        self.file.consume(count);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use expect_test::{Expect, expect};

    use super::*;

    /// A record with some fields; what it holds is the last argument.
    fn record(kind: &str, fields: &str, block: &[u8]) -> Vec<u8> {
        let head = format!("WARC/1.1\r\nWARC-Type: {kind}\r\n{fields}Content-Length: {}\r\n\r\n", block.len());
        [head.as_bytes(), block, b"\r\n\r\n"].concat()
    }

    fn response(url: &str, http: &str) -> Vec<u8> {
        let fields = format!(
            "WARC-Target-URI: {url}\r\nWARC-Date: 2026-01-02T03:04:05Z\r\nContent-Type: application/http;msgtype=response\r\n"
        );
        record("response", &fields, http.as_bytes())
    }

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        packed.write_all(bytes).expect("memory can be written");
        packed.finish().expect("memory can be written")
    }

    fn shown(bytes: &[u8], limits: &Limits) -> String {
        let mut shown = String::new();
        let read = read(bytes, "", limits, &mut Spent::default(), &mut |document: Document| {
            let part = document.part.expect("each document of a WARC is a part");
            let words = document.unread.map_or(document.text, |unread| format!("! {unread}"));
            shown +=
                &format!("{} {} {words:?}\n", part.offset.expect("a record has a place"), part.url.unwrap_or_default());
        });
        if let Err(fault) = read {
            shown += &format!("fault: {fault}\n");
        }
        shown
    }

    fn check(bytes: &[u8], expect: &Expect) {
        expect.assert_eq(&shown(bytes, &Limits::default()));
    }

    fn page() -> Vec<u8> {
        response("https://a.example/1", "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<p>One")
    }

    #[test]
    fn texts_are_read_and_other_records_passed_over() {
        let all = [
            record("warcinfo", "Content-Type: application/warc-fields\r\n", b"software: a\r\n"),
            page(),
            record("request", "WARC-Target-URI: https://a.example/1\r\n", b"GET / HTTP/1.1\r\n\r\n"),
            record(
                "revisit",
                "WARC-Target-URI: https://a.example/1\r\n",
                b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n",
            ),
            response("https://a.example/2", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"a\": 1}"),
            response("https://a.example/3", "HTTP/1.1 200 OK\r\n\r\n<!doctype html><p>Two"),
            record(
                "resource",
                "WARC-Target-URI: <https://a.example/4>\r\nContent-Type: text/plain; charset=iso-8859-1\r\n",
                b"caf\xe9",
            ),
            record("conversion", "Content-Type: text/vtt\r\n", b"WEBVTT\n\n00:01.000 --> 00:02.000\nThree"),
            response(
                "https://a.example/5",
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: zstd\r\n\r\n\u{28}\u{1}",
            ),
            response("https://a.example/6", "HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n%PDF-none"),
        ];
        let expected = &expect![[r#"
            109 https://a.example/1 "One"
            822 https://a.example/3 "Two"
            1039 https://a.example/4 "café"
            1185  "Three"
            1305 https://a.example/5 "! it is compressed in a way that is not read here, `zstd`"
            1552 https://a.example/6 "! it is damaged so badly that no page of it is found"
        "#]];
        check(&all.concat(), expected);
        let one_by_one: Vec<u8> = all.iter().flat_map(|record| packed(record)).collect();
        let places = |text: &str| {
            text.lines().map(|line| line.split_once(' ').map(|(_, rest)| rest.to_owned())).collect::<Vec<_>>()
        };
        assert_eq!(places(&shown(&one_by_one, &Limits::default())), places(&shown(&all.concat(), &Limits::default())));
        assert_eq!(
            places(&shown(&packed(&all.concat()), &Limits::default())),
            places(&shown(&all.concat(), &Limits::default()))
        );
    }

    #[test]
    fn records_are_found_again_in_the_file_as_it_lies_there() {
        let first = packed(&record("warcinfo", "", b"a"));
        check(
            &[&first[..], &packed(&page())].concat(),
            &expect![[r#"
                74 https://a.example/1 "One"
            "#]],
        );
        assert!(
            shown(&[&first[..], &packed(&page())].concat(), &Limits::default())
                .starts_with(&format!("{} ", first.len()))
        );
    }

    #[test]
    fn a_file_that_is_cut_off_says_where() {
        let whole = [page(), page()].concat();
        for length in [whole.len() - 1, whole.len() - 8, page().len() + 20] {
            let shown = shown(&whole[..length], &Limits::default());
            assert!(
                shown.contains(&format!("fault: it is cut off: the file ends at byte {length}, within ")),
                "{shown}"
            );
        }
        let whole = packed(&page());
        for length in 1..whole.len() {
            let shown = shown(&whole[..length], &Limits::default());
            assert!(shown.contains("fault: ") || length < 2, "{length}: {shown}");
        }
        check(
            &whole[..whole.len() - 9],
            &expect![[r#"
                0 https://a.example/1 "One"
                fault: it is cut off: the file ends at byte 175, within the compressed record from byte 0
            "#]],
        );
    }

    #[test]
    fn digests_are_compared() {
        let block =
            b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
        let with =
            |digest: &str| record("response", &format!("WARC-Target-URI: https://a.example\r\n{digest}\r\n"), block);
        check(
            &with("WARC-Payload-Digest: sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5"),
            &expect![[r#"
            0 https://a.example "abc"
        "#]],
        );
        check(
            &with("WARC-Payload-Digest: md5:none"),
            &expect![[r#"
            0 https://a.example "abc"
        "#]],
        );
        check(
            &with("WARC-Payload-Digest: sha1:AGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5"),
            &expect![[r#"
            fault: record 1 (from byte 0, `https://a.example`) was changed: the digest of its payload is written as `sha1:AGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5` and is `sha1:EZMCEYKLYMOWXPIGFLXFT3WW62PQVRQP`
        "#]],
        );
        check(
            &with("WARC-Block-Digest: sha1:AGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5"),
            &expect![[r#"
            fault: record 1 (from byte 0, `https://a.example`) was changed: the digest of its content is written as `sha1:AGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5` and is `sha1:KFBB2DVN4MGSDWUU2F757G67VW2BBMAM`
        "#]],
        );
        check(
            &with("WARC-Block-Digest: sha1:none"),
            &expect![[r#"
            fault: record 1 (from byte 0, `https://a.example`) has a digest that is none, `sha1:none`
        "#]],
        );
    }

    #[test]
    fn what_is_no_warc_is_said_to_be_none() {
        check(
            b"",
            &expect![[r#"
            fault: it holds no record at all
        "#]],
        );
        check(
            b"words\n",
            &expect![[r#"
            fault: at byte 0 a record should begin, and none does
        "#]],
        );
        check(
            &[page(), b"words\n".to_vec()].concat(),
            &expect![[r#"
            0 https://a.example/1 "One"
            fault: at byte 227 a record should begin, and none does
        "#]],
        );
        check(
            b"WARC/1.0\r\nWARC-Type: response\r\n\r\n",
            &expect![[r#"
            fault: record 1 (from byte 0) does not say how long it is (`Content-Length`)
        "#]],
        );
        check(
            b"WARC/1.0\r\nContent-Length: 18446744073709551615\r\n\r\nwords",
            &expect![[r#"
            fault: it is cut off: the file ends at byte 55, within record 1 (from byte 0), of which 18446744073709551610 bytes are missing
        "#]],
        );
        check(
            b"WARC/1.0\r\nContent-Length: 2\r\n\r\nwords",
            &expect![[r#"
            fault: record 1 (from byte 0) goes on where it says that it ends
        "#]],
        );
        let mut damaged = packed(&page());
        damaged[30] ^= 255;
        assert!(
            shown(&damaged, &Limits::default())
                .starts_with("fault: the compressed record from byte 0 is damaged near byte ")
        );
    }

    #[test]
    fn limits_hold() {
        let long = response(
            "https://a.example",
            &format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n{}", " ".repeat(5000)),
        );
        let tight = Limits { document: 1000, text: 1000, total: 10_000, parts: 2 };
        let shown = |bytes: &[u8]| shown(bytes, &tight);
        expect![[r#"
            0 https://a.example/1 "One"
            227 https://a.example/1 "One"
            fault: it holds more than 2 parts, which is the most for one capture
        "#]]
        .assert_eq(&shown(&[page(), page(), page()].concat()));
        expect![[r#"
            0 https://a.example "! it is longer than 1000 bytes, which is the most for one document"
        "#]]
        .assert_eq(&shown(&long));
        expect![[r#"
            0 https://a.example "! it is longer than 1000 bytes, which is the most for one document"
            fault: it holds more than 10000 bytes when it is unpacked, which is the most for one capture
        "#]]
        .assert_eq(&shown(&[long.clone(), long].concat()));
        expect![[r#"
            fault: it holds more than 10000 bytes when it is unpacked, which is the most for one capture
        "#]]
        .assert_eq(&shown(&packed(&record("resource", "", &vec![b' '; 1_000_000]))));
    }
}
