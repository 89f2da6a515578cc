//! Lists of paths on disk, of which one line at a time is in memory, however many there are.
//!
//! A list is [JSON Lines](https://jsonlines.org/). The first line says in which form it is written. A line that is an array is of one path:
//!
//! ```text
//! ["index.html", ["known", ["SHA-256", length, headers]], ["changed", ["SHA-256", length, headers]]]
//! ```
//!
//! what is known to be there, and what shall be done there, or `null` where the list does not say. A line that is an object holds headers; files name them by the place that
//! these lines have among each other. Paths ascend by their bytes, and each stands there once. So what is the same is written the same, and two sites are the
//! same when the SHA-256 of their lists is.
//!
//! Lists that are read are taken as if a stranger had written them: a path that would lead out of the site is refused, and so is all else that is not
//! as a publish writes it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::headers::Headers;
use super::site::LONG;
use super::state::{Change, Digits, FORM, Sent, There, Unreadable, is_of_site};
use super::store::{Body, StoreError};
use crate::output::{SiteFile, Sum};

/// A list that was written to its end and is not changed any more.
#[derive(Debug)]
pub(super) struct List {
    file: File,
    sum: Sum,
    /// How many paths it has.
    pub(super) paths: usize,
}

/// What a list says of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) path: String,
    /// What is known to be there.
    pub(super) there: Option<There>,
    /// What shall be done there.
    pub(super) change: Option<Change>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct First {
    form: u32,
}

#[derive(Serialize, Deserialize)]
struct Line<'a>(
    #[serde(borrow)] Cow<'a, str>,
    Option<(ThereKind, Option<FileForm>)>,
    Option<(ChangeKind, Option<FileForm>)>,
);

/// SHA-256, length, and the place of the headers.
#[derive(Serialize, Deserialize)]
struct FileForm(Digits, u64, usize);

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ThereKind {
    Known,
    Unknown,
    Hidden,
    Perhaps,
    Nothing,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ChangeKind {
    New,
    Again,
    Changed,
    Deleted,
}

fn unreadable(cause: io::Error) -> StoreError {
    StoreError::Io { attempt: "cannot read a list of what is published".to_owned(), cause }
}

/// That a temporary file could not be made or written.
pub(super) fn unwritten(cause: io::Error) -> StoreError {
    let folder = std::env::temp_dir();
    StoreError::Io { attempt: format!("cannot write a temporary file in `{}`", folder.display()), cause }
}

/// A temporary file, which has no name and goes with the process.
pub(super) fn scratch() -> Result<File, StoreError> {
    tempfile::tempfile().map_err(unwritten)
}

impl List {
    /// Takes a file for the list with this SHA-256, if it is one that a publish writes.
    pub(super) fn read(mut file: File, sha256: [u8; 32]) -> Result<Result<List, Unreadable>, StoreError> {
        file.rewind().map_err(unreadable)?;
        let sum = Sum::of_file(&mut file).map_err(unreadable)?;
        if sum.sha256 != sha256 {
            return Ok(Err(Unreadable));
        }
        let mut list = List { file, sum, paths: 0 };
        let mut last: Option<String> = None;
        let mut paths = 0;
        let mut lines = list.lines()?;
        loop {
            match lines.next_entry() {
                Ok(Ok(Some(entry))) => {
                    if last.is_some_and(|last| entry.path <= last) {
                        return Ok(Err(Unreadable));
                    }
                    (last, paths) = (Some(entry.path), paths + 1);
                }
                Ok(Ok(None)) => break,
                Ok(Err(unreadable)) => return Ok(Err(unreadable)),
                Err(cause) => return Err(unreadable(cause)),
            }
        }
        list.paths = paths;
        Ok(Ok(list))
    }

    /// By what it is told from all other lists.
    pub(super) fn sum(&self) -> Sum {
        self.sum
    }

    /// What it says, in the order of the paths.
    pub(super) fn entries(&mut self) -> Result<Entries<'_>, StoreError> {
        self.lines().map(Entries)
    }

    /// Its bytes, to be sent to this path.
    pub(super) fn body(&mut self, path: &str) -> Result<Body, StoreError> {
        self.file.rewind().map_err(unreadable)?;
        if self.sum.length > LONG {
            let file = self.file.try_clone().map_err(unreadable)?;
            return Ok(Body::Long(file, SiteFile { path: path.to_owned(), sum: self.sum }));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(self.sum.length).unwrap_or_default());
        self.file.read_to_end(&mut bytes).map_err(unreadable)?;
        Ok(Body::Bytes(bytes))
    }

    fn lines(&mut self) -> Result<Lines<'_>, StoreError> {
        self.file.rewind().map_err(unreadable)?;
        let from = BufReader::with_capacity(1 << 16, &mut self.file);
        Ok(Lines { from, line: Vec::new(), is_begun: false, headers: Vec::new() })
    }
}

/// What a list says, in the order of the paths.
#[derive(Debug)]
pub(super) struct Entries<'a>(Lines<'a>);

impl Iterator for Entries<'_> {
    type Item = Result<Entry, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        let entry = match self.0.next_entry() {
            Ok(Ok(entry)) => Ok(entry?),
            // Somebody changed it after it was looked through.
            Ok(Err(Unreadable)) => Err(io::Error::from(io::ErrorKind::InvalidData)),
            Err(error) => Err(error),
        };
        Some(entry.map_err(unreadable))
    }
}

#[derive(Debug)]
struct Lines<'a> {
    from: BufReader<&'a mut File>,
    line: Vec<u8>,
    is_begun: bool,
    headers: Vec<Arc<Headers>>,
}

impl Lines<'_> {
    fn next_entry(&mut self) -> io::Result<Result<Option<Entry>, Unreadable>> {
        loop {
            self.line.clear();
            if self.from.read_until(b'\n', &mut self.line)? == 0 {
                return Ok(if self.is_begun { Ok(None) } else { Err(Unreadable) });
            }
            match self.parse() {
                Ok(None) => {}
                other => return Ok(other),
            }
        }
    }

    /// What the line says of a path, if it is of one.
    fn parse(&mut self) -> Result<Option<Entry>, Unreadable> {
        let malformed = |_| Unreadable;
        if !self.is_begun {
            let First { form } = serde_json::from_slice(&self.line).map_err(malformed)?;
            self.is_begun = true;
            return if form == FORM { Ok(None) } else { Err(Unreadable) };
        }
        if self.line.starts_with(b"{") {
            self.headers.push(Arc::new(serde_json::from_slice(&self.line).map_err(malformed)?));
            return Ok(None);
        }
        let Line(path, there, change) = serde_json::from_slice(&self.line).map_err(malformed)?;
        if !is_of_site(&path) {
            return Err(Unreadable);
        }
        let sent = |FileForm(Digits(sha256), length, place)| {
            let headers = Arc::clone(self.headers.get(place).ok_or(Unreadable)?);
            Ok(Sent { sum: Sum { sha256, length }, headers })
        };
        let there = there.map(|there| match there {
            (ThereKind::Known, Some(file)) => Ok(There::Known(sent(file)?)),
            (ThereKind::Hidden, Some(file)) => Ok(There::Hidden(sent(file)?)),
            (ThereKind::Unknown, None) => Ok(There::Unknown),
            (ThereKind::Perhaps, None) => Ok(There::Perhaps),
            (ThereKind::Nothing, None) => Ok(There::Nothing),
            _ => Err(Unreadable),
        });
        let change = change.map(|change| match change {
            (ChangeKind::New, Some(file)) => Ok(Change::New(sent(file)?)),
            (ChangeKind::Again, Some(file)) => Ok(Change::Again(sent(file)?)),
            (ChangeKind::Changed, Some(file)) => Ok(Change::Changed(sent(file)?)),
            (ChangeKind::Deleted, None) => Ok(Change::Deleted),
            _ => Err(Unreadable),
        });
        Ok(Some(Entry { path: path.into_owned(), there: there.transpose()?, change: change.transpose()? }))
    }
}

/// A list that is being written.
#[derive(Debug)]
pub(super) struct Writer {
    to: BufWriter<File>,
    digest: Sha256,
    length: u64,
    paths: usize,
    places: BTreeMap<Arc<Headers>, usize>,
    line: Vec<u8>,
}

impl Writer {
    pub(super) fn new() -> Result<Writer, StoreError> {
        let mut writer = Writer {
            to: BufWriter::with_capacity(1 << 16, scratch()?),
            digest: Sha256::new(),
            length: 0,
            paths: 0,
            places: BTreeMap::new(),
            line: Vec::new(),
        };
        writer.line(&First { form: FORM })?;
        Ok(writer)
    }

    /// Adds what is to be said of a path, which comes after all that were added before.
    pub(super) fn add(&mut self, Entry { path, there, change }: &Entry) -> Result<(), StoreError> {
        let there_kind = there.as_ref().map(|there| match there {
            There::Known(_) => ThereKind::Known,
            There::Hidden(_) => ThereKind::Hidden,
            There::Unknown => ThereKind::Unknown,
            There::Perhaps => ThereKind::Perhaps,
            There::Nothing => ThereKind::Nothing,
        });
        let change_kind = change.as_ref().map(|change| match change {
            Change::New(_) => ChangeKind::New,
            Change::Again(_) => ChangeKind::Again,
            Change::Changed(_) => ChangeKind::Changed,
            Change::Deleted => ChangeKind::Deleted,
        });
        let there = self.file(there.as_ref().and_then(There::sent))?;
        let change = self.file(change.as_ref().and_then(Change::sent))?;
        let there = there_kind.map(|kind| (kind, there));
        self.line(&Line(path.into(), there, change_kind.map(|kind| (kind, change))))?;
        self.paths += 1;
        Ok(())
    }

    fn file(&mut self, sent: Option<&Sent>) -> Result<Option<FileForm>, StoreError> {
        let Some(Sent { sum, headers }) = sent else { return Ok(None) };
        let place = match self.places.get(headers) {
            Some(place) => *place,
            None => {
                self.line(&**headers)?;
                let place = self.places.len();
                self.places.insert(Arc::clone(headers), place);
                place
            }
        };
        Ok(Some(FileForm(Digits(sum.sha256), sum.length, place)))
    }

    fn line(&mut self, value: &impl Serialize) -> Result<(), StoreError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value).expect("texts, numbers and lists of them can always be written");
        self.line.push(b'\n');
        self.digest.update(&self.line);
        self.length += self.line.len() as u64;
        self.to.write_all(&self.line).map_err(unwritten)
    }

    pub(super) fn end(self) -> Result<List, StoreError> {
        let file = self.to.into_inner().map_err(|error| unwritten(error.into_error()))?;
        let sum = Sum { sha256: self.digest.finalize().into(), length: self.length };
        Ok(List { file, sum, paths: self.paths })
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::publish::headers::headers;

    pub(in crate::publish) fn sent(path: &str, byte: u8) -> Sent {
        Sent { sum: Sum { sha256: [byte; 32], length: 3 }, headers: Arc::new(headers(path, None)) }
    }

    pub(in crate::publish) fn entry(path: &str, there: Option<There>, change: Option<Change>) -> Entry {
        Entry { path: path.to_owned(), there, change }
    }

    pub(in crate::publish) fn list<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> List {
        let mut writer = Writer::new().unwrap();
        entries.into_iter().for_each(|entry| writer.add(entry).unwrap());
        writer.end().unwrap()
    }

    fn entries() -> Vec<Entry> {
        vec![
            entry("a b.html", Some(There::Known(sent("a.html", 1))), None),
            entry("b.html", Some(There::Unknown), Some(Change::Changed(sent("b.html", 2)))),
            entry("c.css", Some(There::Perhaps), Some(Change::Again(sent("c.css", 3)))),
            entry("d.html", Some(There::Nothing), Some(Change::New(sent("d.html", 4)))),
            entry("old.html", None, Some(Change::Deleted)),
            entry("é \"#?%.html", Some(There::Hidden(sent("x.html", 5))), None),
        ]
    }

    fn text(list: &mut List) -> String {
        match list.body("list").unwrap() {
            Body::Bytes(bytes) => String::from_utf8(bytes).unwrap(),
            Body::Long(..) => panic!("it is short"),
        }
    }

    fn read(text: &str) -> Result<Vec<Entry>, Unreadable> {
        let mut file = scratch().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let mut list = List::read(file, Sum::of(text.as_bytes()).sha256).unwrap()?;
        let entries: Vec<Entry> = list.entries().unwrap().collect::<Result<_, _>>().unwrap();
        assert_eq!(entries.len(), list.paths);
        Ok(entries)
    }

    #[test]
    fn what_is_written_is_read_again_and_the_same_is_written_the_same() {
        let mut list = list(&entries());
        let written = text(&mut list);
        assert_eq!(list.sum(), Sum::of(written.as_bytes()));
        assert_eq!(read(&written), Ok(entries()));
        // Reading it has left it where it can be read once more.
        assert_eq!(list.entries().unwrap().map(Result::unwrap).collect::<Vec<_>>(), entries());
        assert_eq!(text(&mut list), written);
    }

    #[test]
    fn what_a_publish_would_not_write_is_refused() {
        let good = text(&mut list(&entries()));
        for (from, to) in [
            ("a b.html", "../a.html"),
            ("a b.html", "/etc/passwd"),
            ("a b.html", ".dossier-publish/claim.json"),
            ("a b.html", "z.html"),
            ("a b.html", "b.html"),
            ("\"form\":2", "\"form\":3"),
            ("0101", "010"),
            ("0101", "010é"),
            (",0]", ",9]"),
            ("\"unknown\"", "\"known\""),
            ("\"new\"", "\"deleted\""),
            ("\"new\"", "\"old\""),
            ("{\"form\":2}\n", ""),
            ("null", "0"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "{from}");
            assert_eq!(read(&bad), Err(Unreadable), "{to}");
        }
        assert_eq!(read(""), Err(Unreadable));
        assert_eq!(read(good.get(..good.len() - 9).unwrap()), Err(Unreadable));
        let mut file = scratch().unwrap();
        file.write_all(good.as_bytes()).unwrap();
        assert!(matches!(List::read(file, [0; 32]), Ok(Err(Unreadable))), "it has another SHA-256");
    }
}
