//! Checking a packet that came from anybody: whether it is safe to read, whether it is whole and unchanged, whether what it states agrees
//! with what is in it, and whether the words stand in the copies that it holds.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek};

use serde::Serialize;
use serde_json::Value;

use super::container::{Container, Refused, is_of_content, shown};
use super::statement::{Cited, For, Quotation, Statement};
use super::{README, RECORD, RECORD_DATA, STATEMENT, SUMS, readme, sums};
use crate::evidence::extract::{self, Fault, Limits, ReadSeek};
use crate::evidence::verbatim::{self, Haystack, Surroundings, Wording};
use crate::evidence::{Comparison, Document, Normalisation, Place, Verdict};
use crate::read::{hash, in_words};

/// The longest text of a packet that is read, in bytes.
const LONGEST_TEXT: u64 = 64 << 20;

/// Copies up to this length are unpacked into memory.
const IN_MEMORY: u64 = 64 << 20;

/// How many bytes tell of what format a file is.
const HEAD: u64 = 4096;

/// How the check of one thing ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Held {
    /// It is as it should be.
    Yes,
    /// It is not.
    No,
    /// It could not be looked at here.
    Open,
}

/// One thing that was checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// What sort of check it is: `container`, `files`, `frame`, `statement`, `captures` or `words` of a packet; `container`, `bag`, `files`,
    /// `frame`, `seal`, `previous`, `removals`, `signature` or `timestamp` of an edition.
    pub about: &'static str,
    /// How it ended.
    pub held: Held,
    /// What came of it, in words.
    pub says: String,
    /// The file that it is about, when it is one.
    pub file: Option<String>,
}

/// What came of checking a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// What the file is: `evidence-packet`, `edition`, `bag` or `web-archive`.
    pub kind: &'static str,
    /// What it says that it is about; `None` when that cannot be read.
    pub subject: Option<String>,
    /// All that was checked, in the order in which it was.
    pub checks: Vec<Check>,
}

impl Checked {
    /// Whether nothing differs.
    pub fn holds(&self) -> bool {
        self.checks.iter().all(|check| check.held != Held::No)
    }

    /// Notes what came of a check.
    pub(crate) fn say(&mut self, about: &'static str, held: Held, file: Option<&str>, says: impl Into<String>) {
        self.checks.push(Check { about, held, says: says.into(), file: file.map(shown) });
    }
}

/// Checks a packet. `open` opens the file, which is read twice; `None` says that it is no packet.
pub fn verify<R: Read + Seek>(open: &dyn Fn() -> io::Result<R>) -> io::Result<Option<Checked>> {
    let mut checked = Checked { kind: "evidence-packet", subject: None, checks: Vec::new() };
    let mut container = match Container::open(open()?) {
        Ok(container) => container,
        Err(Refused::Io(error)) => return Err(error),
        Err(Refused::NoZip) => return Ok(None),
        Err(Refused::Unsafe(file, why)) => {
            checked.say("container", Held::No, file.as_deref(), why);
            return Ok(Some(checked));
        }
    };
    if [STATEMENT, SUMS].iter().all(|path| container.find(path).is_none()) {
        return Ok(None);
    }
    let count = container.entries().len();
    checked.say("container", Held::Yes, None, format!("the zip is safe to read and to unpack; it has {count} files"));
    let found = check_files(&mut container, &mut checked);
    check_frame(&mut container, open()?, &mut checked)?;
    if let Some(statement) = check_statement(&mut container, &found, &mut checked) {
        check_words(&mut container, &statement, &mut checked);
    }
    Ok(Some(checked))
}

/// Compares each file with its fingerprint; gives the fingerprints that the files have.
fn check_files<R: Read + Seek>(container: &mut Container<R>, checked: &mut Checked) -> BTreeMap<String, (String, u64)> {
    let mut found = BTreeMap::new();
    for at in 0..container.entries().len() {
        let entry = container.entries()[at].clone();
        match container.read(at, |file| hash(&mut &mut *file)) {
            Ok((_, length)) if length != entry.length => {
                let says = format!("it has {length} bytes, and the zip says that it has {}", entry.length);
                checked.say("files", Held::No, Some(&entry.path), says);
            }
            Ok(measured) => drop(found.insert(entry.path, measured)),
            Err(error) => {
                let says = format!("it cannot be unpacked: {}", in_words(&error));
                checked.say("files", Held::No, Some(&entry.path), says);
            }
        }
    }
    let listed = match text(container, SUMS).and_then(|text| sums::read(&text)) {
        Ok(listed) => listed,
        Err(why) => {
            checked.say("files", Held::No, Some(SUMS), format!("the list of fingerprints cannot be used: {why}"));
            return found;
        }
    };
    let mut same = 0;
    for (path, sha256) in &listed {
        match found.get(path) {
            Some((own, _)) if own == sha256 => same += 1,
            Some((own, _)) => {
                let says = format!("it was changed: listed is the SHA-256 {sha256}, and it has {own}");
                checked.say("files", Held::No, Some(path), says);
            }
            None if container.find(path).is_some() => {}
            None => checked.say("files", Held::No, Some(path), "it is missing"),
        }
    }
    // A folder that holds one of the files says nothing that their paths do not say.
    let is_folder = |path: &str| path.ends_with('/') && listed.keys().any(|listed| listed.starts_with(path));
    let added = found.iter().filter(|(path, (_, length))| !(*length == 0 && is_folder(path))).map(|(path, _)| path);
    for path in added.filter(|path| *path != SUMS && !listed.contains_key(*path)) {
        checked.say("files", Held::No, Some(path), "it was added: no fingerprint is listed for it");
    }
    for path in [README, RECORD, RECORD_DATA, STATEMENT].iter().filter(|path| !listed.contains_key(**path)) {
        checked.say("files", Held::No, Some(path), "it is missing in the list of fingerprints, and each packet has it");
    }
    let all = listed.len();
    let held = if same == all { Held::Yes } else { Held::No };
    checked.say("files", held, None, format!("{same} of {all} listed files are there with the SHA-256 that is listed"));
    found
}

/// Looks at what stands around the files.
fn check_frame<R: Read + Seek>(container: &mut Container<R>, again: R, checked: &mut Checked) -> io::Result<()> {
    match container.frame(again) {
        Ok(None) => checked.say("frame", Held::Yes, None, "around its files the zip is to the byte as it was written"),
        Ok(Some((at, place))) => {
            let says = format!(
                "around its files the zip is not as it was written: from byte {at} on, {place}; something was changed there, or another \
                 program packed the files again"
            );
            checked.say("frame", Held::No, None, says);
        }
        Err(error) if is_of_content(&error) => {
            // What cannot be unpacked has been told where it was looked at first.
            if checked.holds() {
                checked.say("frame", Held::No, None, format!("it cannot be read a second time: {}", in_words(&error)));
            }
        }
        Err(error) => return Err(error),
    }
    Ok(())
}

/// Reads what the packet states, and compares it with what is there.
fn check_statement<R: Read + Seek>(
    container: &mut Container<R>,
    found: &BTreeMap<String, (String, u64)>,
    checked: &mut Checked,
) -> Option<Statement> {
    let statement = match text(container, STATEMENT).and_then(|text| Statement::read(text.as_bytes())) {
        Ok(statement) => statement,
        Err(why) => {
            checked.say("statement", Held::No, Some(STATEMENT), format!("it cannot be used: {why}"));
            return None;
        }
    };
    let marked = if statement.audience == For::Internal { ", INTERNAL" } else { "" };
    let subject = &statement.subject;
    checked.subject =
        Some(format!("{} `{}`{marked}, made by {}", subject.kind, shown(&subject.id), shown(&statement.program)));
    let before = checked.checks.len();
    match text(container, RECORD_DATA).and_then(|text| {
        let record: Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        Ok(record)
    }) {
        Ok(record) if record["record"]["id"].as_str() == Some(subject.id.as_str()) => {
            let found = |quotation: &&Quotation| quotation.sources.iter().any(|cited| cited.result.holds());
            for quotation in statement.quotations.iter().filter(found).filter(|own| !has_words(&record, own)) {
                let says = format!("the words of `{}` are others than in {STATEMENT}", shown(&quotation.id));
                checked.say("statement", Held::No, Some(RECORD_DATA), says);
            }
        }
        Ok(_) => checked.say(
            "statement",
            Held::No,
            Some(RECORD_DATA),
            format!("it is about another record than {STATEMENT}"),
        ),
        Err(why) => checked.say("statement", Held::No, Some(RECORD_DATA), format!("it cannot be used: {why}")),
    }
    match text(container, README) {
        Ok(page) => {
            let lines: Vec<&str> = page.lines().map(str::trim).collect();
            for fact in readme::facts(&statement).iter().filter(|fact| !lines.contains(&fact.trim())) {
                let says = format!("it does not agree with {STATEMENT}, which asks for the line “{}”", shown(fact));
                checked.say("statement", Held::No, Some(README), says);
            }
        }
        Err(why) => checked.say("statement", Held::No, Some(README), format!("it cannot be used: {why}")),
    }
    if checked.checks.len() == before {
        checked.say("statement", Held::Yes, None, format!("{README}, {RECORD_DATA} and {STATEMENT} say the same"));
    }
    for capture in &statement.captures {
        let Some(path) = &capture.file else {
            let says = format!("a copy of `{}` is not in the packet and was not looked at", shown(&capture.source));
            checked.say("captures", Held::Open, None, says);
            continue;
        };
        match (found.get(path), &capture.sha256) {
            (Some((own, length)), Some(sha256)) if own == sha256 && capture.bytes == Some(*length) => {
                checked.say(
                    "captures",
                    Held::Yes,
                    Some(path),
                    format!("it is the copy of `{}` that was recorded", shown(&capture.source)),
                );
            }
            (Some((own, length)), sha256) => {
                let sha256 = sha256
                    .as_deref()
                    .map_or("no SHA-256".to_owned(), |sha256| format!("the SHA-256 {}", shown(sha256)));
                let says = format!(
                    "it is not the copy that {STATEMENT} tells of: stated is {sha256}, and it has {own} and {length} bytes"
                );
                checked.say("captures", Held::No, Some(path), says);
            }
            (None, _) => {
                checked.say("captures", Held::No, Some(path), format!("{STATEMENT} tells of it, and it is not there"));
            }
        }
    }
    Some(statement)
}

/// Looks for the words again in the copies that are in the packet.
fn check_words<R: Read + Seek>(container: &mut Container<R>, statement: &Statement, checked: &mut Checked) {
    for quotation in &statement.quotations {
        for cited in &quotation.sources {
            let Some(stated) = &cited.comparison else { continue };
            let of = format!("the words of `{}`", shown(&quotation.id));
            let Some(capture) = statement.capture(stated) else {
                let says = format!(
                    "{of} are said to stand in a copy of `{}` of which nothing is stated",
                    shown(&cited.source)
                );
                checked.say("words", Held::No, Some(STATEMENT), says);
                continue;
            };
            let Some(path) = &capture.file else {
                let says =
                    format!("{of} were not looked for: the copy of `{}` is not in the packet", shown(&cited.source));
                checked.say("words", Held::Open, None, says);
                continue;
            };
            let Some(at) = container.find(path) else { continue };
            let asked = Asked { quotation, cited, stated, url: capture.url.as_deref() };
            match look(container, at, &asked) {
                Ok(differences) if differences.is_empty() => {
                    let says = format!("{of} were looked for again: {}, as is stated", stated.result.word());
                    checked.say("words", Held::Yes, Some(path), says);
                }
                Ok(differences) => {
                    let says =
                        format!("{of} were looked for again, and it is not as is stated: {}", differences.join("; "));
                    checked.say("words", Held::No, Some(path), says);
                }
                Err((held, why)) => {
                    checked.say("words", held, Some(path), format!("{of} could not be looked for again: {why}"));
                }
            }
        }
    }
}

/// Whether the data of a record have the words of a quotation, which are its own or those of its original, part by part.
fn has_words(data: &Value, quotation: &Quotation) -> bool {
    let others = data["quotations"].as_array().into_iter().flatten();
    let mut records = [&data["record"]].into_iter().chain(others);
    let Some(record) = records.find(|record| record["id"].as_str() == Some(&*quotation.id)) else { return false };
    let letters = |text: &str| text.split_whitespace().collect::<String>();
    let told = [&record["original"]["words"], &record["words"]].into_iter().filter_map(Value::as_str).map(letters);
    told.into_iter().any(|told| {
        let mut rest = told.as_str();
        quotation.words.iter().all(|part| {
            let part = letters(part);
            let found = rest.find(&*part);
            rest = found.map_or("", |at| &rest[at + part.len()..]);
            found.is_some()
        })
    })
}

/// What is looked for again, and what is stated of it.
struct Asked<'a> {
    quotation: &'a Quotation,
    cited: &'a Cited,
    stated: &'a Comparison,
    /// The address of the source.
    url: Option<&'a str>,
}

/// What differs from what is stated when the words of a quotation are looked for again; an error says why they are not looked for, and
/// what that means for the packet.
fn look<R: Read + Seek>(
    container: &mut Container<R>,
    at: usize,
    asked: &Asked<'_>,
) -> Result<Vec<String>, (Held, String)> {
    let entry = container.entries()[at].clone();
    let differs = |why: String| (Held::No, why);
    if entry.length <= IN_MEMORY {
        let bytes = container.read(at, |file| {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map(|_| bytes)
        });
        let bytes = bytes.map_err(|error| differs(in_words(&error)))?;
        asked.look(&mut Cursor::new(bytes), &entry.path).map_err(differs)
    } else if entry.is_stored {
        let mut file = container.seek(at).map_err(|error| differs(in_words(&error)))?;
        asked.look(&mut file, &entry.path).map_err(differs)
    } else {
        Err((Held::Open, "the copy is long and packed; unpack it, and look there".to_owned()))
    }
}

impl Asked<'_> {
    fn look(&self, file: &mut dyn ReadSeek, path: &str) -> Result<Vec<String>, String> {
        let parts: Vec<&str> = self.quotation.words.iter().map(String::as_str).collect();
        let wording = verbatim::wording(&parts);
        if wording.is_empty() {
            return Err("the packet does not say which words they are".to_owned());
        }
        let mut head = Vec::new();
        file.take(HEAD).read_to_end(&mut head).map_err(|error| in_words(&error))?;
        file.rewind().map_err(|error| in_words(&error))?;
        let name = path.rsplit('/').next().unwrap_or(path);
        let format = extract::detect(name, &head);
        let mut best: Option<Seen> = None;
        let mut number = 0;
        let mut see = |document: Document| {
            if !document.text.trim().is_empty() {
                let seen = self.see(&document, number, &wording);
                best = best.take().into_iter().chain(seen).min_by_key(|seen| seen.rank);
                number += 1;
            }
        };
        extract::extract(file, name, format, &Limits::default(), &mut see).map_err(|fault| match fault {
            Fault::Io(error) => in_words(&error),
            Fault::Malformed(why) | Fault::Refused(why) => why,
        })?;
        Ok(differences(best.as_ref(), self.stated))
    }

    fn see(&self, document: &Document, number: usize, wording: &Wording) -> Option<Seen> {
        let Asked { cited, stated, .. } = self;
        let near = Surroundings { prefix: cited.prefix.as_deref(), suffix: cited.suffix.as_deref() };
        let found = verbatim::find(&Haystack::new(document), wording, &near)?;
        let start = found.pieces.first()?.start;
        let end = found.pieces.last()?.end;
        let result = if found.normalisations.is_empty() { Verdict::Exact } else { Verdict::Normalised };
        let own = document.part.as_ref().and_then(|part| part.url.as_deref());
        Some(Seen {
            rank: (result, own.is_some() && own != self.url, number),
            place: document.locate(start..end).into(),
            normalisations: found.normalisations.iter().copied().collect(),
            omissions: found.omissions.iter().map(|omission| omission.words).collect(),
            places: found.places,
            is_among: ends_with(&document.text[..start], &stated.before)
                && starts_with(&document.text[end..], &stated.after),
        })
    }
}

/// What was seen of the words in one document.
struct Seen {
    /// The result, whether it is of another address than the source's, and which document.
    rank: (Verdict, bool, usize),
    place: Place,
    normalisations: Vec<Normalisation>,
    omissions: Vec<usize>,
    places: usize,
    /// Whether the words around them are those that are stated.
    is_among: bool,
}

/// Whether a text ends with some words, whatever white space parts them.
fn ends_with(text: &str, words: &str) -> bool {
    let mut last = text.split_whitespace().rev();
    let mut words = words.split_whitespace().rev().peekable();
    // The first of the words may be cut, at a mark that stands before it.
    while let Some(word) = words.next() {
        let Some(own) = last.next() else { return false };
        if own != word && (words.peek().is_some() || !own.ends_with(word)) {
            return false;
        }
    }
    true
}

fn starts_with(text: &str, words: &str) -> bool {
    let mut first = text.split_whitespace();
    let mut words = words.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let Some(own) = first.next() else { return false };
        if own != word && (words.peek().is_some() || !own.starts_with(word)) {
            return false;
        }
    }
    true
}

fn differences(seen: Option<&Seen>, stated: &Comparison) -> Vec<String> {
    let now = seen.map(|seen| seen.rank.0);
    match (seen, now) {
        (Some(seen), Some(now)) if now == stated.result => {
            let omitted: Vec<usize> = stated.omissions.iter().map(|omitted| omitted.words).collect();
            let parts = [
                (seen.normalisations == stated.normalisations, "other differences of writing are overlooked"),
                (seen.place == stated.place, "they stand in another place"),
                (seen.omissions == omitted, "the omissions leave out another number of words"),
                (seen.places == stated.places, "they stand there another number of times"),
                (seen.is_among, "other words stand around them"),
            ];
            parts.into_iter().filter(|(is_same, _)| !is_same).map(|(_, what)| what.to_owned()).collect()
        }
        (_, Some(now)) => vec![format!("stated is {}, and they are {}", stated.result.word(), now.word())],
        (_, None) if !stated.result.holds() => Vec::new(),
        (_, None) => vec![format!("stated is {}, and they do not stand there", stated.result.word())],
    }
}

/// A text of the packet.
fn text<R: Read + Seek>(container: &mut Container<R>, path: &str) -> Result<String, String> {
    let at = container.find(path).ok_or_else(|| "it is not there".to_owned())?;
    if container.entries()[at].length > LONGEST_TEXT {
        return Err("it is too long".to_owned());
    }
    let text = container.read(at, |file| {
        let mut text = String::new();
        file.read_to_string(&mut text).map(|_| text)
    });
    text.map_err(|error| in_words(&error))
}
