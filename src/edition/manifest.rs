//! The manifest of an edition: every file and every field of it, one a line, each with the commitment it stands for.
//!
//! The first line is a JSON object, the [`Header`]. Each further line is an [`Entry`]:
//!
//! | line | what it says |
//! |---|---|
//! | `["SALT","file","data/site/index.html",12345,"SHA256"]` | a file of the payload: its path, its bytes, its SHA-256 |
//! | `["SALT","field","quote","doe-gate","speaker","jane-doe"]` | what readers have of a record: kind, id, key, value |
//! | `{"removed":"COMMITMENT"}` | one of these that was taken out by law |
//! | `{"notice":"data/site/index.html","bytes":700,"sha256":"…"}` | what stands there instead |
//!
//! The commitment of a file or a field is the SHA-256 of its line without the line break. The root is the SHA-256 of all commitments in
//! their order, each as 64 hexadecimal digits and a line break; notices have no part in it. An entry that is taken out leaves
//! its commitment, so the root stays. The [salt](Salt) keeps the entry from being found by hashing candidates; where a
//! manifest is kept beside its dossier for comparing, there are no salts and `null` stands in their place, and the header names the seal.
//!
//! Salted commitments of single values are those of Selective Disclosure for JWTs (RFC 9901); the salts are derived, so that the same
//! dossier makes the same edition.

use std::fmt;
use std::io::{self, BufRead, Read, Write};

use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{For, Salt, Seal};
use crate::text::{hexadecimal, is_sha256};

/// The longest line that is read, in bytes.
pub const LONGEST_LINE: u64 = 64 << 20;

/// Fewer entries than this are not worth another thread.
const FEW: usize = 64;

const FORMAT: &str = "dossier-edition";
const VERSION: u32 = 1;

/// The edition before another, as that one names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Previous {
    /// Its name.
    pub edition: String,
    /// The SHA-256 of its seal.
    pub seal: String,
}

/// What an edition is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The dossier's title.
    pub title: String,
    /// The edition's name.
    pub edition: String,
    /// Its day.
    pub date: String,
    /// For whom it is.
    pub audience: For,
    /// The edition before it.
    pub previous: Option<Previous>,
    /// The SHA-256 of its seal, in a manifest that is kept without salts.
    pub seal: Option<String>,
}

/// The header as it is written.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenHeader {
    format: String,
    version: u32,
    title: String,
    edition: String,
    date: String,
    audience: For,
    previous: Option<Previous>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    seal: Option<String>,
}

/// A line of a manifest.
#[derive(Clone, Debug, PartialEq)]
pub enum Entry {
    /// A file of the payload.
    File {
        /// Its path in the bag.
        path: String,
        /// How many bytes it has.
        bytes: u64,
        /// Its SHA-256.
        sha256: String,
    },
    /// A field of a record, as readers have it.
    Field {
        /// The kind of the record.
        kind: String,
        /// The record's id.
        id: String,
        /// The field.
        key: String,
        /// What it holds.
        value: Value,
    },
    /// What was taken out.
    Removed {
        /// The commitment it leaves.
        commitment: String,
    },
    /// A file that stands where one was taken out.
    Notice {
        /// Its path in the bag.
        path: String,
        /// How many bytes it has.
        bytes: u64,
        /// Its SHA-256.
        sha256: String,
    },
}

/// An entry that was read, with what its line comes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbered {
    /// The number of its line; the header is line 1.
    pub line: u64,
    /// The line as it stands, without the line break.
    pub text: String,
    /// What it says.
    pub entry: Entry,
    /// Whether it has a salt, where one belongs.
    pub salted: bool,
}

/// Why a manifest cannot be used.
#[derive(Debug)]
pub enum ManifestError {
    /// The system could not read it.
    Io(io::Error),
    /// A line is not what it should be.
    Line {
        /// Its number.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

impl fmt::Display for ManifestError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ManifestError::Io(error) => error.fmt(formatter),
            ManifestError::Line { line, why } => write!(formatter, "line {line} {why}"),
        }
    }
}

impl std::error::Error for ManifestError {}

impl From<io::Error> for ManifestError {
    fn from(error: io::Error) -> Self {
        ManifestError::Io(error)
    }
}

/// Writes a manifest line by line, and comes to its root on the way.
pub struct Writer<'a, W> {
    to: W,
    header: Header,
    salt: Option<&'a Salt>,
    root: Root,
    /// Lines that come next, with their commitments.
    ready: Vec<(String, String)>,
}

impl<'a, W: Write + Send> Writer<'a, W> {
    /// Writes the header. With no salt it is a manifest to be kept for comparing: it has no root of its own, and its header should name
    /// the seal.
    pub fn new(mut to: W, header: Header, salt: Option<&'a Salt>) -> io::Result<Self> {
        let written = WrittenHeader {
            format: FORMAT.to_owned(),
            version: VERSION,
            title: header.title.clone(),
            edition: header.edition.clone(),
            date: header.date.clone(),
            audience: header.audience,
            previous: header.previous.clone(),
            seal: header.seal.clone(),
        };
        write_json(&mut to, &written)?;
        Ok(Writer { to, header, salt, root: Root::default(), ready: Vec::new() })
    }

    /// Writes a file of the payload.
    pub fn file(&mut self, path: &str, bytes: u64, sha256: &str) -> io::Result<()> {
        self.files(&[(path, bytes, sha256)])
    }

    /// Writes files of the payload: of each its path, its bytes, its SHA-256.
    pub fn files(&mut self, files: &[(&str, u64, &str)]) -> io::Result<()> {
        self.entries(files, |(path, bytes, sha256)| serde_json::to_string(&("file", path, bytes, sha256)))
    }

    /// Writes a field of a record.
    pub fn field(&mut self, kind: &str, id: &str, key: &str, value: &Value) -> io::Result<()> {
        self.fields(&[(kind, id, key, value)])
    }

    /// Writes fields of records: of each the kind and the id of its record, the field, and what it holds.
    pub fn fields(&mut self, fields: &[(&str, &str, &str, &Value)]) -> io::Result<()> {
        self.entries(fields, |(kind, id, key, value)| serde_json::to_string(&("field", kind, id, key, value)))
    }

    /// Writes a line again that another manifest has.
    pub fn again(&mut self, line: &Numbered) -> io::Result<()> {
        self.flush()?;
        self.root.add(line);
        write_line(&mut self.to, &line.text)
    }

    /// Writes what an entry that is taken out leaves.
    pub fn removed(&mut self, line: &Numbered) -> io::Result<()> {
        let Some(commitment) = line.commitment() else { return Ok(()) };
        self.flush()?;
        self.root.push(&commitment);
        write_json(&mut self.to, &serde_json::json!({ "removed": commitment }))
    }

    /// Writes what stands where a file was taken out; to be called after all entries.
    pub fn notice(&mut self, path: &str, bytes: u64, sha256: &str) -> io::Result<()> {
        self.flush()?;
        write_json(&mut self.to, &serde_json::json!({ "notice": path, "bytes": bytes, "sha256": sha256 }))
    }

    /// The seal of what was written.
    pub fn finish(mut self) -> io::Result<(W, Seal)> {
        self.flush()?;
        self.to.flush()?;
        let (entries, root) = self.root.finish();
        Ok((self.to, Seal::new(&self.header, entries, root)))
    }

    /// Writes entries, which `open` tells without their salts. Of many, some are hashed at once, while those before them are written.
    fn entries<T: Sync>(
        &mut self,
        entries: &[T],
        open: impl Fn(&T) -> serde_json::Result<String> + Sync,
    ) -> io::Result<()> {
        let salt = self.salt;
        let hash = |entry: &T| Ok(salted(salt, &open(entry)?));
        if entries.len() < FEW {
            self.flush()?;
            self.ready = entries.iter().map(hash).collect::<io::Result<_>>()?;
            return Ok(());
        }
        let hash = || entries.par_iter().with_min_len(FEW).map(hash).collect::<io::Result<_>>();
        let (written, ready) = rayon::join(|| self.flush(), hash);
        written?;
        self.ready = ready?;
        Ok(())
    }

    /// Writes what is ready.
    fn flush(&mut self) -> io::Result<()> {
        for (line, commitment) in std::mem::take(&mut self.ready) {
            self.root.push(&commitment);
            write_line(&mut self.to, &line)?;
        }
        Ok(())
    }
}

/// The line of an entry that is given without its salt, and its commitment.
fn salted(salt: Option<&Salt>, open: &str) -> (String, String) {
    // `["file",…]` becomes `["SALT","file",…]`.
    let inner = open.trim_start_matches('[');
    let line = match salt {
        Some(salt) => format!("[\"{}\",{inner}", salt.of(open.as_bytes())),
        None => format!("[null,{inner}"),
    };
    let commitment = commitment_of(&line);
    (line, commitment)
}

fn write_json(to: &mut impl Write, value: &impl Serialize) -> io::Result<()> {
    let line = serde_json::to_string(value)?;
    write_line(to, &line)
}

fn write_line(to: &mut impl Write, line: &str) -> io::Result<()> {
    to.write_all(line.as_bytes())?;
    to.write_all(b"\n")
}

fn commitment_of(line: &str) -> String {
    hexadecimal(&Sha256::digest(line))
}

impl Numbered {
    /// What the line commits to; a notice has no part in that.
    pub fn commitment(&self) -> Option<String> {
        match &self.entry {
            Entry::File { .. } | Entry::Field { .. } => Some(commitment_of(&self.text)),
            Entry::Removed { commitment } => Some(commitment.clone()),
            Entry::Notice { .. } => None,
        }
    }
}

/// The root of a manifest while it is made.
#[derive(Clone, Debug, Default)]
pub struct Root {
    digest: Sha256,
    entries: u64,
}

impl Root {
    /// Takes in an entry that was read.
    pub fn add(&mut self, line: &Numbered) {
        if let Some(commitment) = line.commitment() {
            self.push(&commitment);
        }
    }

    /// How many entries there were, and the root.
    pub fn finish(self) -> (u64, String) {
        (self.entries, hexadecimal(&self.digest.finalize()))
    }

    fn push(&mut self, commitment: &str) {
        self.digest.update(commitment);
        self.digest.update("\n");
        self.entries += 1;
    }
}

/// Reads a manifest that came from anybody, line by line.
pub struct Reader<R> {
    from: R,
    line: u64,
    /// The header.
    pub header: Header,
}

impl<R: BufRead> Reader<R> {
    /// Reads the header.
    pub fn new(mut from: R) -> Result<Self, ManifestError> {
        let text = read_line(&mut from, 1)?
            .ok_or_else(|| ManifestError::Line { line: 1, why: "is missing: the manifest is empty".to_owned() })?;
        let fault = |why: String| ManifestError::Line { line: 1, why };
        let written: WrittenHeader =
            serde_json::from_str(&text).map_err(|error| fault(format!("is not the header of an edition: {error}")))?;
        if written.format != FORMAT {
            return Err(fault(format!("does not say `{FORMAT}`")));
        }
        if written.version != VERSION {
            return Err(fault(format!("says version {}, and this program reads version {VERSION}", written.version)));
        }
        let digests = [written.previous.as_ref().map(|previous| &previous.seal), written.seal.as_ref()];
        if digests.into_iter().flatten().any(|digest| !is_sha256(digest)) {
            return Err(fault("has a seal that is no SHA-256".to_owned()));
        }
        let header = Header {
            title: written.title,
            edition: written.edition,
            date: written.date,
            audience: written.audience,
            previous: written.previous,
            seal: written.seal,
        };
        Ok(Reader { from, line: 1, header })
    }

    fn read(&mut self) -> Result<Option<Numbered>, ManifestError> {
        self.line += 1;
        let line = self.line;
        let Some(text) = read_line(&mut self.from, line)? else { return Ok(None) };
        let fault = |why: &str| ManifestError::Line { line, why: why.to_owned() };
        let value: Value = serde_json::from_str(&text)
            .map_err(|error| ManifestError::Line { line, why: format!("is no JSON: {error}") })?;
        let (entry, salted) = entry(value).ok_or_else(|| fault("is neither a file nor a field nor a removal"))?;
        let digest = match &entry {
            Entry::File { sha256, .. } | Entry::Notice { sha256, .. } => Some(sha256),
            Entry::Removed { commitment } => Some(commitment),
            Entry::Field { .. } => None,
        };
        if digest.is_some_and(|digest| !is_sha256(digest)) {
            return Err(fault("has a SHA-256 that is none"));
        }
        Ok(Some(Numbered { line, text, entry, salted }))
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Numbered, ManifestError>;

    fn next(&mut self) -> Option<Self::Item> {
        self.read().transpose()
    }
}

/// A line without its line break; `None` at the end.
fn read_line(from: &mut impl BufRead, line: u64) -> Result<Option<String>, ManifestError> {
    let fault = |why: &str| ManifestError::Line { line, why: why.to_owned() };
    let mut bytes = Vec::new();
    from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes)?;
    if bytes.is_empty() {
        return Ok(None);
    }
    if bytes.pop() != Some(b'\n') {
        return Err(fault("is cut off"));
    }
    String::from_utf8(bytes).map(Some).map_err(|_| fault("is not UTF-8"))
}

/// What a line says, and whether it has a salt.
fn entry(value: Value) -> Option<(Entry, bool)> {
    match value {
        Value::Array(parts) => {
            let mut parts = parts.into_iter();
            let salted = match parts.next()? {
                Value::Null => false,
                Value::String(salt) if salt.len() == 32 && salt.bytes().all(|byte| byte.is_ascii_hexdigit()) => true,
                _ => return None,
            };
            let text = |parts: &mut std::vec::IntoIter<Value>| match parts.next() {
                Some(Value::String(text)) => Some(text),
                _ => None,
            };
            let entry = match text(&mut parts)?.as_str() {
                "file" => {
                    Entry::File { path: text(&mut parts)?, bytes: parts.next()?.as_u64()?, sha256: text(&mut parts)? }
                }
                "field" => Entry::Field {
                    kind: text(&mut parts)?,
                    id: text(&mut parts)?,
                    key: text(&mut parts)?,
                    value: parts.next()?,
                },
                _ => return None,
            };
            parts.next().is_none().then_some((entry, salted))
        }
        Value::Object(object) => {
            let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
            let entry = match object.len() {
                1 => Entry::Removed { commitment: text("removed")? },
                3 => Entry::Notice {
                    path: text("notice")?,
                    bytes: object.get("bytes")?.as_u64()?,
                    sha256: text("sha256")?,
                },
                _ => return None,
            };
            Some((entry, true))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header {
        Header {
            title: "The gate".to_owned(),
            edition: "first".to_owned(),
            date: "2025-05-11".to_owned(),
            audience: For::Public,
            previous: None,
            seal: None,
        }
    }

    fn manifest(salt: Option<&Salt>) -> (String, Seal) {
        let mut writer = Writer::new(Vec::new(), header(), salt).unwrap();
        writer.file("data/site/a \"b\".html", 12, &"0a".repeat(32)).unwrap();
        writer.field("quote", "doe-gate", "speaker", &"jane-doe".into()).unwrap();
        writer.field("quote", "doe-gate", "tags", &serde_json::json!(["[one]", 2])).unwrap();
        let (text, seal) = writer.finish().unwrap();
        (String::from_utf8(text).unwrap(), seal)
    }

    fn read(text: &str) -> Vec<Numbered> {
        Reader::new(text.as_bytes()).unwrap().map(Result::unwrap).collect()
    }

    fn root(lines: &[Numbered]) -> (u64, String) {
        let mut root = Root::default();
        lines.iter().for_each(|line| root.add(line));
        root.finish()
    }

    #[test]
    fn what_is_written_is_read_again_and_comes_to_the_same_root() {
        let salt = Salt::new([7; 32]);
        let (text, seal) = manifest(Some(&salt));
        let lines = read(&text);
        assert_eq!(lines.len(), 3);
        assert!(lines.iter().all(|line| line.salted));
        let field = Entry::Field {
            kind: "quote".to_owned(),
            id: "doe-gate".to_owned(),
            key: "tags".to_owned(),
            value: serde_json::json!(["[one]", 2]),
        };
        assert_eq!(lines[2].entry, field);
        assert_eq!(root(&lines), (3, seal.root.clone()));
        assert_eq!(seal.entries, 3);
        assert_eq!(Reader::new(text.as_bytes()).unwrap().header, header());
    }

    #[test]
    fn a_commitment_is_the_hash_of_the_line_and_the_root_that_of_the_commitments() {
        let (text, seal) = manifest(Some(&Salt::new([7; 32])));
        let commitments: String = text.lines().skip(1).map(|line| commitment_of(line) + "\n").collect();
        assert_eq!(hexadecimal(&Sha256::digest(commitments)), seal.root);
    }

    #[test]
    fn without_salts_null_stands_there() {
        let (text, _) = manifest(None);
        assert!(text.lines().nth(2).unwrap().starts_with("[null,\"field\",\"quote\","), "{text}");
        assert!(read(&text).iter().all(|line| !line.salted));
    }

    #[test]
    fn what_is_taken_out_leaves_the_root_as_it_was() {
        let (text, seal) = manifest(Some(&Salt::new([7; 32])));
        let lines = read(&text);
        let mut writer = Writer::new(Vec::new(), header(), None).unwrap();
        writer.again(&lines[0]).unwrap();
        writer.removed(&lines[1]).unwrap();
        writer.again(&lines[2]).unwrap();
        writer.notice("data/site/x.html", 3, &"bb".repeat(32)).unwrap();
        let (redacted, resealed) = writer.finish().unwrap();
        assert_eq!(resealed, seal);
        let redacted = String::from_utf8(redacted).unwrap();
        assert!(!redacted.contains("jane-doe"), "{redacted}");
        assert_eq!(root(&read(&redacted)), (3, seal.root));
    }

    #[test]
    fn a_changed_letter_is_another_root() {
        let (text, seal) = manifest(Some(&Salt::new([7; 32])));
        let changed = text.replace("jane-doe", "john-doe");
        assert_ne!(root(&read(&changed)).1, seal.root);
    }

    #[test]
    fn the_line_that_cannot_be_used_is_named() {
        let (text, _) = manifest(Some(&Salt::new([7; 32])));
        let first = text.lines().next().unwrap().to_owned() + "\n";
        let wrong = [
            (String::new(), "line 1 is missing: the manifest is empty"),
            (first.replace("dossier-edition", "other"), "line 1 does not say `dossier-edition`"),
            (
                first.replace("\"version\":1", "\"version\":2"),
                "line 1 says version 2, and this program reads version 1",
            ),
            (first.clone() + "[1]\n", "line 2 is neither a file nor a field nor a removal"),
            (first.clone() + "[null,\"file\",\"a\",1,\"b\"]\n", "line 2 has a SHA-256 that is none"),
            (first.clone() + "[null,\"field\",\"a\",\"b\",\"c\",1]", "line 2 is cut off"),
            (
                first.clone() + "[null,\"field\",\"a\",\"b\",\"c\",1,2]\n",
                "line 2 is neither a file nor a field nor a removal",
            ),
            (first + "{\"removed\":\"x\"}\n", "line 2 has a SHA-256 that is none"),
        ];
        for (text, why) in wrong {
            let found = Reader::new(text.as_bytes()).and_then(|reader| reader.collect::<Result<Vec<_>, _>>());
            assert_eq!(found.unwrap_err().to_string(), why, "{text}");
        }
    }
}
