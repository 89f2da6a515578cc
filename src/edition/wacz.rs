//! The site as a web archive: a WACZ 1.1.1 with one WARC 1.1, as ReplayWeb.page replays it.
//!
//! Each file of the site is the answer to a request at the address at which the site stands. Nothing was requested: the answers are made
//! from the files, at the beginning of the edition's day. Record ids come from what the records hold, so that the same site is the same
//! file. What waits for its place waits in scratch files; of the index, only what does not come in its order is kept in memory.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use memchr::memmem;
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use rayon::prelude::*;
use serde_json::json;
use sha2::{Digest, Sha256};
use url::Url;

use super::archive::{About, Hashed, PROGRAM, PayloadFile, inner};
use super::container::{Exact, OF_PARTS, Packer, STORED, Zip, gzip_long, gzip_stored, is_packed};
use crate::text::{hexadecimal, media_type};

/// How many lines of the index are packed together.
const LINES: usize = 1024;

/// What ends a record.
const END: &[u8] = b"\r\n\r\n";

/// What stands in a path of an address by its number.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

const WARC: &str = "archive/data.warc.gz";
const CDX: &str = "indexes/index.cdx.gz";
const IDX: &str = "indexes/index.idx";
const PAGES: &str = "pages/pages.jsonl";
const EXTRA: &str = "pages/extraPages.jsonl";

/// How much of a page is looked at for its title.
const HEAD: usize = 64 * 1024;

/// A web archive while it is written.
pub struct Wacz<'a, W: Write + Seek, S: Read + Write + Seek> {
    about: &'a About,
    /// The address of the site, with a slash at its end.
    base: Url,
    to: W,
    warc: BufWriter<S>,
    warc_length: u64,
    /// The lines of the index that came in their order, the last of them, and the others.
    lines: BufWriter<S>,
    last: String,
    disordered: Vec<String>,
    /// The pages at which reading begins, and the others.
    pages: String,
    extra: BufWriter<S>,
    cdx: S,
    directory: S,
    /// Files that come next; they are written while those after them are packed.
    ready: Vec<Ready>,
    files: u64,
}

/// What the index says of an answer.
struct Said {
    url: String,
    media_type: String,
    digest: String,
    /// By what it is sorted.
    key: String,
}

/// A file that is ready to be written: its title, if it is a page, and the answers that have it, packed.
struct Ready {
    path: String,
    title: Option<String>,
    answers: Vec<(Said, Vec<u8>)>,
}

/// A file that is part of a web archive, as its list has it.
struct Resource {
    path: &'static str,
    sha256: String,
    bytes: u64,
}

impl<'a, W: Write + Seek + Send, S: Read + Write + Seek + Send> Wacz<'a, W, S> {
    /// Begins a web archive of the site at `base`.
    pub fn new(about: &'a About, base: Url, to: W, scratch: [S; 5]) -> io::Result<Self> {
        let [warc, lines, extra, cdx, directory] = scratch;
        let mut wacz = Wacz {
            about,
            base,
            to,
            warc: BufWriter::new(warc),
            warc_length: 0,
            lines: BufWriter::new(lines),
            last: String::new(),
            disordered: Vec::new(),
            pages: line(&json!({ "format": "json-pages-1.0", "id": "pages", "title": "Where reading begins" })),
            extra: BufWriter::new(extra),
            cdx,
            directory,
            ready: Vec::new(),
            files: 0,
        };
        let head = line(&json!({ "format": "json-pages-1.0", "id": "extra-pages", "title": "Other pages" }));
        wacz.extra.write_all(head.as_bytes())?;
        let info = format!(
            "software: {PROGRAM}\r\nformat: WARC File Format 1.1\r\n\
             conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n\
             description: made from the files of a site, not by requests\r\n"
        );
        let digest = sha256(info.as_bytes());
        let record = [
            head_of("warcinfo", &record_id(&["warcinfo", &wacz.date(), &digest]), &wacz.date())
                .field("WARC-Filename", "data.warc.gz")
                .field("WARC-Block-Digest", &digest)
                .field("Content-Type", "application/warc-fields")
                .end(info.len() as u64)
                .as_bytes(),
            info.as_bytes(),
            END,
        ]
        .concat();
        wacz.append(&Packer::new().gzip(&record)?)?;
        Ok(wacz)
    }

    /// Writes files of the site, by their paths in it.
    pub fn files(&mut self, files: Vec<(PayloadFile, Vec<u8>)>) -> io::Result<()> {
        let (base, date) = (self.base.clone(), self.date());
        let pack = |packer: &mut Packer, (file, bytes): (PayloadFile, Vec<u8>)| {
            let urls = addresses(&base, &file.path)?.into_iter();
            let answers = urls.map(|url| answer(packer, url, &file, &date, &bytes)).collect::<io::Result<_>>()?;
            Ok(Ready { title: title(&file.path, &bytes), path: file.path, answers })
        };
        let pack = || files.into_par_iter().map_init(Packer::new, pack).collect::<io::Result<_>>();
        let (written, ready) = rayon::join(|| self.flush(), pack);
        written?;
        self.ready = ready?;
        Ok(())
    }

    /// Writes what is ready.
    fn flush(&mut self) -> io::Result<()> {
        for Ready { path, title, answers } in std::mem::take(&mut self.ready) {
            self.files += 1;
            if let Some(title) = title {
                self.page(&path, &answers[0].0.url, &title)?;
            }
            for (said, record) in answers {
                let at = self.warc_length;
                self.append(&record)?;
                self.index(&said, at)?;
            }
        }
        Ok(())
    }

    /// Writes a long file while it is read.
    pub fn stream(&mut self, file: &PayloadFile, from: &mut (impl Read + Seek)) -> io::Result<()> {
        self.flush()?;
        self.files += 1;
        let date = self.date();
        for url in addresses(&self.base, &file.path)? {
            from.rewind()?;
            let (said, head) = said(url, file, &date);
            let length = head.len() as u64 + file.length + END.len() as u64;
            let level = if is_packed(&file.path) { STORED } else { OF_PARTS };
            let at = self.warc_length;
            let mut hashed = Hashed::new(from);
            let mut exact = Exact::new(&mut hashed, file.length);
            let mut record = head.as_bytes().chain(&mut exact).chain(END);
            gzip_long(&mut record, length, level, &mut |bytes| self.append(bytes))?;
            exact.end()?;
            file.check(&hashed.sha256())?;
            self.index(&said, at)?;
        }
        Ok(())
    }

    /// Ends it; returns where it was written, and how many files of the site it holds.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        self.flush()?;
        let idx = self.pack_index()?;
        let date = self.date();
        let mut zip = Zip::new(self.to, self.directory, self.about.day);
        let mut resources = Vec::new();
        let scratch: [(&'static str, S); 3] = [(WARC, inner(self.warc)?), (CDX, self.cdx), (EXTRA, inner(self.extra)?)];
        for (path, mut from) in scratch {
            let bytes = from.seek(SeekFrom::End(0))?;
            from.rewind()?;
            let mut hashed = Hashed::new(&mut from);
            zip.store(path, bytes, &mut hashed)?;
            resources.push(Resource { path, sha256: hashed.sha256(), bytes });
        }
        for (path, text) in [(IDX, idx), (PAGES, self.pages)] {
            zip.store(path, text.len() as u64, &mut text.as_bytes())?;
            resources.push(Resource { path, sha256: hexadecimal(&Sha256::digest(&text)), bytes: text.len() as u64 });
        }
        resources.sort_by_key(|resource| resource.path);
        let package = package(self.about, &self.base, &date, &resources);
        let digest = json!({ "path": "datapackage.json", "hash": sha256(package.as_bytes()) });
        for (path, text) in [("datapackage.json", package), ("datapackage-digest.json", format!("{digest:#}\n"))] {
            zip.store(path, text.len() as u64, &mut text.as_bytes())?;
        }
        Ok((zip.finish()?, self.files))
    }

    /// The moment of all records.
    fn date(&self) -> String {
        format!("{}T00:00:00Z", self.about.header.date)
    }

    fn append(&mut self, record: &[u8]) -> io::Result<()> {
        self.warc_length += record.len() as u64;
        self.warc.write_all(record)
    }

    /// Notes a record that ends here for the index.
    fn index(&mut self, said: &Said, at: u64) -> io::Result<()> {
        let Said { url, media_type, digest, key } = said;
        let fields = json!({
            "url": url,
            "mime": media_type.split(';').next().unwrap_or_default(),
            "status": "200",
            "digest": digest,
            "length": (self.warc_length - at).to_string(),
            "offset": at.to_string(),
            "filename": "data.warc.gz",
        });
        let moment: String = self.date().chars().filter(char::is_ascii_digit).collect();
        let line = format!("{key} {moment} {fields}\n");
        if line <= self.last {
            self.disordered.push(line);
            return Ok(());
        }
        self.lines.write_all(line.as_bytes())?;
        self.last = line;
        Ok(())
    }

    fn page(&mut self, path: &str, url: &str, title: &str) -> io::Result<()> {
        let id = hexadecimal(&Sha256::digest(url)[..10]);
        let page = line(&json!({ "id": id, "url": url, "ts": self.date(), "title": title }));
        if path.ends_with("index.html") {
            self.pages.push_str(&page);
            return Ok(());
        }
        self.extra.write_all(page.as_bytes())
    }

    /// Packs the index, sorted, part by part, and says where each part begins.
    fn pack_index(&mut self) -> io::Result<String> {
        let mut packer = Packer::new();
        self.disordered.sort();
        self.lines.flush()?;
        let lines = self.lines.get_mut();
        lines.rewind()?;
        let mut ordered = BufReader::new(lines);
        let mut next = String::new();
        ordered.read_line(&mut next)?;
        let mut disordered = self.disordered.drain(..).peekable();
        let mut idx = "!meta 0 {\"format\": \"cdxj-gzip-1.0\", \"filename\": \"index.cdx.gz\"}\n".to_owned();
        let (mut part, mut count, mut at) = (String::new(), 0, 0);
        loop {
            let is_earlier = disordered.peek().is_some_and(|line| next.is_empty() || *line < next);
            let line = if is_earlier { disordered.next().unwrap_or_default() } else { std::mem::take(&mut next) };
            if !is_earlier {
                ordered.read_line(&mut next)?;
            }
            count += usize::from(!line.is_empty());
            part.push_str(&line);
            if count == LINES || (line.is_empty() && count > 0) {
                let packed = packer.gzip(part.as_bytes())?;
                let begin = part.split(" {").next().unwrap_or_default();
                let place = json!({
                    "offset": at,
                    "length": packed.len(),
                    "digest": sha256(&packed),
                    "filename": "index.cdx.gz",
                });
                idx.push_str(&format!("{begin} {place}\n"));
                self.cdx.write_all(&packed)?;
                at += packed.len();
                part.clear();
                count = 0;
            }
            if line.is_empty() {
                return Ok(idx);
            }
        }
    }
}

/// The list of a web archive's files.
fn package(about: &About, base: &Url, date: &str, resources: &[Resource]) -> String {
    let header = &about.header;
    let resource = |resource: &Resource| {
        let name = resource.path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        json!({
            "name": name,
            "path": resource.path,
            "hash": format!("sha256:{}", resource.sha256),
            "bytes": resource.bytes,
        })
    };
    let package = json!({
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": header.title,
        "description": format!(
            "The website of the dossier “{}” as it stood on {}, edition {}, made from its files.",
            header.title, header.date, header.edition
        ),
        "created": date,
        "software": PROGRAM,
        "mainPageUrl": base.as_str(),
        "mainPageDate": date,
        "resources": resources.iter().map(resource).collect::<Vec<_>>(),
    });
    format!("{package:#}\n")
}

/// The addresses of a file: its own, and that of its folder where it is what a folder shows, which comes first.
fn addresses(base: &Url, path: &str) -> io::Result<Vec<String>> {
    let wrong = |error: url::ParseError| io::Error::other(format!("`{path}` has no address: {error}"));
    let encoded = utf8_percent_encode(path, ENCODED).to_string();
    let own = Url::parse(&format!("{base}{encoded}")).map_err(wrong)?;
    let folder = encoded.strip_suffix("index.html").filter(|folder| folder.is_empty() || folder.ends_with('/'));
    let folder = folder.map(|folder| Url::parse(&format!("{base}{folder}"))).transpose().map_err(wrong)?;
    Ok(folder.into_iter().chain([own]).map(String::from).collect())
}

/// By what an address is sorted: its host turned around, its path, all in small letters (SURT).
fn key(url: &str) -> String {
    let small = url.to_ascii_lowercase();
    let Ok(parsed) = Url::parse(&small) else { return small };
    let host = parsed.host_str().unwrap_or_default();
    let host = match host.strip_prefix("www").map(|rest| rest.trim_start_matches(|c: char| c.is_ascii_digit())) {
        Some(rest) => rest.strip_prefix('.').unwrap_or(host),
        None => host,
    };
    let turned: Vec<&str> = host.split('.').rev().collect();
    let port = parsed.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}{port}){}", turned.join(","), parsed.path()).to_ascii_lowercase()
}

/// The record of a file at an address, packed.
fn answer(
    packer: &mut Packer,
    url: String,
    file: &PayloadFile,
    date: &str,
    bytes: &[u8],
) -> io::Result<(Said, Vec<u8>)> {
    let (said, head) = said(url, file, date);
    let record = [head.as_bytes(), bytes, END].concat();
    let record = if is_packed(&file.path) { gzip_stored(&record)? } else { packer.gzip(&record)? };
    Ok((said, record))
}

/// What the index says of a file at an address, and what stands before it in its record.
fn said(url: String, file: &PayloadFile, date: &str) -> (Said, String) {
    let media_type = media_type(&file.path);
    let http = http(&media_type, file.length);
    let digest = format!("sha256:{}", hexadecimal(&file.sha256));
    let head = head_of_answer(&url, date, &digest, http.len() as u64 + file.length) + &http;
    (Said { key: key(&url), url, media_type, digest }, head)
}

/// The head of an answer. It has no digest of the whole record, which would say what that of the file says, and double the work.
fn head_of_answer(url: &str, date: &str, payload: &str, length: u64) -> String {
    head_of("response", &record_id(&["response", url, date, payload]), date)
        .field("WARC-Target-URI", url)
        .field("WARC-Payload-Digest", payload)
        .field("Content-Type", "application/http; msgtype=response")
        .end(length)
}

/// What a server would say before the file.
fn http(media_type: &str, length: u64) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n")
}

/// The title of a page that people read; `None` of other files, and of pages that only lead on.
fn title(path: &str, bytes: &[u8]) -> Option<String> {
    if !path.ends_with(".html") || path == "404.html" {
        return None;
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    if memmem::find(head, b"http-equiv=\"refresh\"").is_some() {
        return None;
    }
    let end = memmem::find(head, b"</title>")?;
    let head = String::from_utf8_lossy(&head[..end + "</title>".len()]);
    let (_, rest) = head.split_once("<title>")?;
    let (title, _) = rest.split_once("</title>")?;
    let plain = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&#x27;", "'"), ("&amp;", "&")]
        .into_iter()
        .fold(title.to_owned(), |text, (written, meant)| text.replace(written, meant));
    Some(plain.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// The head of a WARC record as it grows.
struct Head(String);

fn head_of(sort: &str, id: &str, date: &str) -> Head {
    Head(format!("WARC/1.1\r\nWARC-Type: {sort}\r\nWARC-Record-ID: <urn:uuid:{id}>\r\nWARC-Date: {date}\r\n"))
}

impl Head {
    fn field(mut self, name: &str, value: &str) -> Self {
        self.0.push_str(&format!("{name}: {value}\r\n"));
        self
    }

    fn end(self, length: u64) -> String {
        self.field("Content-Length", &length.to_string()).0 + "\r\n"
    }
}

/// An id that comes from what a record is: a UUID of version 8 (RFC 9562).
fn record_id(parts: &[&str]) -> String {
    let mut bytes = Sha256::digest(parts.join("\n"));
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hexadecimal(&bytes[..16]);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hexadecimal(&Sha256::digest(bytes)))
}

fn line(value: &serde_json::Value) -> String {
    format!("{value}\n")
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::edition::archive::tests::about;

    fn scratch() -> [Cursor<Vec<u8>>; 5] {
        std::array::from_fn(|_| Cursor::new(Vec::new()))
    }

    #[test]
    fn an_address_is_sorted_by_its_host_from_behind() {
        let check = |url, expected| assert_eq!(key(url), expected);
        check("https://example.org/a/B.html", "org,example)/a/b.html");
        check("https://www.example.org:8443/", "org,example:8443)/");
        check("http://www2.example.org/x", "org,example)/x");
        check("https://wwwx.example.org/", "org,example,wwwx)/");
        check("https://example.org/%E0%A4%AA", "org,example)/%e0%a4%aa");
    }

    #[test]
    fn a_folder_has_an_address_too() {
        let base = Url::parse("https://example.org/d/").unwrap();
        let of = |path| addresses(&base, path).unwrap();
        assert_eq!(of("index.html"), ["https://example.org/d/", "https://example.org/d/index.html"]);
        assert_eq!(
            of("actors/index.html"),
            ["https://example.org/d/actors/", "https://example.org/d/actors/index.html"]
        );
        assert_eq!(of("actors/myindex.html"), ["https://example.org/d/actors/myindex.html"]);
        assert_eq!(of("a b/100%.txt"), ["https://example.org/d/a%20b/100%25.txt"]);
    }

    #[test]
    fn a_long_file_that_changes_while_it_is_read_is_refused() {
        let about = about();
        let base = Url::parse("https://example.org/").unwrap();
        let file = PayloadFile::of("z.txt".to_owned(), b"abc");
        for (now, expected) in
            [("abd", "it changed while it was read"), ("abcd", "it changed its length while it was read")]
        {
            let mut wacz = Wacz::new(&about, base.clone(), Cursor::new(Vec::new()), scratch()).unwrap();
            let error = wacz.stream(&file, &mut Cursor::new(now)).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }

    #[test]
    fn the_index_is_sorted_and_says_where_each_record_is() {
        let about = about();
        let base = Url::parse("https://example.org/").unwrap();
        let mut wacz = Wacz::new(&about, base, Cursor::new(Vec::new()), scratch()).unwrap();
        let page = |title: &str| format!("<html><title>{title}</title>").into_bytes();
        let with_bytes = |path, bytes: Vec<u8>| (PayloadFile::of(path, &bytes), bytes);
        wacz.files((0..1500).map(|number| with_bytes(format!("a/{number:04}.html"), page("One"))).collect()).unwrap();
        wacz.files(vec![with_bytes("a/index.html".to_owned(), page("A &amp; B"))]).unwrap();
        wacz.stream(&PayloadFile::of("z.txt".to_owned(), b"abc"), &mut Cursor::new(b"abc")).unwrap();
        let (to, count) = wacz.finish().unwrap();
        assert_eq!(count, 1502);
        let mut zip = zip::ZipArchive::new(to).unwrap();
        let mut read = |path: &str| {
            let mut bytes = Vec::new();
            zip.by_name(path).unwrap().read_to_end(&mut bytes).unwrap();
            bytes
        };
        let (warc, cdx, idx) = (read(WARC), read(CDX), read(IDX));
        let mut lines = String::new();
        flate2::read::MultiGzDecoder::new(cdx.as_slice()).read_to_string(&mut lines).unwrap();
        let lines: Vec<&str> = lines.lines().collect();
        assert_eq!(lines.len(), 1503);
        assert!(lines.is_sorted());
        assert!(lines[0].starts_with("org,example)/a/ 20250511000000 {"), "{}", lines[0]);
        assert_eq!(String::from_utf8(idx).unwrap().lines().count(), 3);
        for line in [lines[0], lines[700], lines[1502]] {
            let fields: serde_json::Value = serde_json::from_str(&line[line.find('{').unwrap()..]).unwrap();
            let number = |name: &str| fields[name].as_str().unwrap().parse::<usize>().unwrap();
            let record = &warc[number("offset")..][..number("length")];
            let mut text = String::new();
            flate2::read::GzDecoder::new(record).read_to_string(&mut text).unwrap();
            assert!(text.contains(&format!("WARC-Target-URI: {}\r\n", fields["url"].as_str().unwrap())), "{text}");
        }
        let pages = String::from_utf8(read(PAGES)).unwrap();
        assert!(pages.contains("\"title\":\"A & B\""), "{pages}");
        assert_eq!(pages.lines().count(), 2);
        assert_eq!(String::from_utf8(read(EXTRA)).unwrap().lines().count(), 1501);
    }
}
