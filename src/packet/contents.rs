//! What goes into a packet, gathered from what readers have, and its bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek, Write};

use super::container::Writer;
use super::licence::lets_pass_on;
use super::readme;
use super::record::{Sheet, View, is_subject};
use super::statement::{Capture, Cited, For, Passed, Quotation, Statement, Subject};
use super::{CAPTURES, EXCERPTS, README, RECORD, RECORD_DATA, STATEMENT, SUMS, sums};
use crate::evidence::Verdict;
use crate::model::{Citation, Fields, Id, Kind, Mode, Quote, Source};
use crate::read::hash;
use crate::redact::{Audience, Found, Number, PublicDossier, PublicRecord, Run, Slot};

/// Which copies of sources are passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passing {
    /// Those of which the licence says that everybody may.
    AsLicensed,
    /// All, as the author of the packet chose.
    All,
    /// None.
    Nothing,
}

/// A copy of a source that belongs to a packet.
#[derive(Clone, Debug)]
pub struct Copy {
    /// The source.
    pub source: Id,
    /// Its file, as the record of the source names it.
    pub name: String,
    /// Whether it is passed on.
    pub passed: Passed,
    /// The source among the records of the dossier, and which of its copies it is.
    number: Number,
    at: usize,
}

/// What the file of a copy was measured to be.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its SHA-256.
    pub sha256: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// Its media type, where its first bytes tell it.
    pub media_type: Option<&'static str>,
}

/// All that stands in a packet.
#[derive(Debug)]
pub struct Packet {
    files: BTreeMap<String, Content>,
    /// What it states.
    pub statement: Statement,
}

/// What stands in a file of a packet.
#[derive(Debug)]
pub enum Content {
    /// Bytes that were made for it.
    Made(Vec<u8>),
    /// A copy of a source, by its place among the [copies], with what it must be.
    Copy(usize, Measured),
}

/// Why there is no packet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// Packets are made of quotations and events, and this is neither.
    Kind(Kind),
    /// A copy is to be passed on and is not at hand: its source and its name.
    Absent(String, String),
    /// A copy has other bytes than were recorded: its source, its name, the SHA-256 that was recorded, and its own.
    Changed(String, String, String, String),
    /// Two copies of a source would be one file: its id and their path.
    Alike(String, String),
}

/// Whether a packet can be made of a record.
pub fn is_fit(record: &PublicRecord) -> Result<(), Unfit> {
    if is_subject(record.kind()) { Ok(()) } else { Err(Unfit::Kind(record.kind())) }
}

/// The copies of the sources on which a quotation or an event rests.
pub fn copies(dossier: &PublicDossier, subject: Number, passing: Passing) -> Vec<Copy> {
    let view = View(dossier);
    let sources = sources(view, subject, &quotations(view, subject));
    let of_source = sources.into_iter().filter_map(|number| match &*view.record(number).fields {
        Fields::Source(source) => Some((number, source)),
        _ => None,
    });
    let copies = of_source.flat_map(|(number, source)| {
        let is_open = source.licence.as_ref().is_some_and(|licence| lets_pass_on(licence.as_str()));
        let passed = match passing {
            Passing::AsLicensed | Passing::All if is_open => Passed::ByLicence,
            Passing::All => Passed::ByAuthor,
            Passing::AsLicensed | Passing::Nothing => Passed::No,
        };
        source.captures.iter().enumerate().map(move |(at, capture)| Copy {
            source: view.record(number).id.clone(),
            name: capture.file.to_string(),
            passed,
            number,
            at,
        })
    });
    copies.collect()
}

/// Makes a packet. `measured` tells of each of the [copies], in their order, what its file is when it is at hand.
pub fn make(
    dossier: &PublicDossier,
    subject: Number,
    copies: &[Copy],
    measured: &[Option<Measured>],
) -> Result<Packet, Unfit> {
    let view = View(dossier);
    let record = view.record(subject);
    is_fit(record)?;
    let audience = match dossier.audience {
        Audience::Readers | Audience::ReadersOfDrafts => For::Readers,
        Audience::Authors => For::Internal,
    };
    let quotations = quotations(view, subject);
    let sources: Vec<Number> = sources(view, subject, &quotations).into_iter().collect();
    let title = view.title(record);
    let about = Subject { id: record.id.to_string(), kind: record.kind().word().to_owned(), title };
    let mut statement = Statement::new(audience, dossier.settings.title.to_string(), about);
    statement.quotations = quotations.iter().filter_map(|number| quotation(view, *number)).collect();
    let mut files = BTreeMap::new();
    for (at, (copy, measured)) in copies.iter().zip(measured).enumerate() {
        let capture = capture(view, copy, measured.as_ref())?;
        if let (Some(path), Some(measured)) = (&capture.file, measured)
            && files.insert(path.clone(), Content::Copy(at, measured.clone())).is_some()
        {
            return Err(Unfit::Alike(copy.source.to_string(), path.clone()));
        }
        statement.captures.push(capture);
    }
    let sheet = Sheet::new(view, subject, &quotations, &sources);
    let warning = readme::warning(&statement);
    let mut texts = vec![
        (RECORD.to_owned(), sheet.to_markdown(warning)),
        (RECORD_DATA.to_owned(), sheet.to_data()),
        (STATEMENT.to_owned(), statement.to_text()),
    ];
    for number in sources {
        let source = &view.record(number).id;
        let text = readme::excerpt(&statement, source.as_str(), &view.title(view.record(number)));
        texts.extend(text.map(|text| (format!("{EXCERPTS}{source}.txt"), text)));
    }
    files.extend(texts.into_iter().map(|(path, text)| (path, Content::Made(text.into_bytes()))));
    let paths = files.keys().map(String::as_str).collect::<Vec<_>>();
    let page = readme::page(&statement, &paths);
    files.insert(README.to_owned(), Content::Made(page.into_bytes()));
    let sums = files.iter().map(|(path, content)| (path.clone(), content.sha256())).collect();
    files.insert(SUMS.to_owned(), Content::Made(sums::to_text(&sums).into_bytes()));
    Ok(Packet { files, statement })
}

impl Packet {
    /// Its files by their paths.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Content)> {
        self.files.iter().map(|(path, content)| (path.as_str(), content))
    }

    /// Writes it as a zip. `open` opens one of the [copies]; when its bytes are no longer what they were measured to be, nothing that
    /// was written counts.
    pub fn write<W: Write + Seek>(
        &self,
        to: W,
        open: &mut dyn FnMut(usize) -> io::Result<Box<dyn Read>>,
    ) -> io::Result<W> {
        let mut zip = Writer::new(to);
        for (path, content) in &self.files {
            match content {
                Content::Made(bytes) => zip.file(path, bytes.len() as u64)?.write_all(bytes)?,
                Content::Copy(at, measured) => {
                    let from = open(*at)?.take(measured.bytes.saturating_add(1));
                    let to = zip.file(path, measured.bytes)?;
                    let (sha256, length) = hash(&mut Passage { from, to })?;
                    if sha256 != measured.sha256 || length != measured.bytes {
                        let why = format!("the copy for `{path}` was changed while the packet was made");
                        return Err(io::Error::other(why));
                    }
                }
            }
        }
        zip.finish()
    }
}

impl Content {
    fn sha256(&self) -> String {
        match self {
            Content::Made(bytes) => hash(&mut bytes.as_slice()).expect("memory can be read").0,
            Content::Copy(_, measured) => measured.sha256.clone(),
        }
    }
}

/// Hands on what is read.
struct Passage<R, W> {
    from: R,
    to: W,
}

impl<R: Read, W: Write> Read for Passage<R, W> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(bytes)?;
        self.to.write_all(&bytes[..read])?;
        Ok(read)
    }
}

/// The quotation itself; of an event, the quotations that stand in lists and were said at it.
fn quotations(view: View<'_>, subject: Number) -> Vec<Number> {
    if view.record(subject).kind() == Kind::Quote {
        return vec![subject];
    }
    let at_event = |record: &PublicRecord| match &*record.fields {
        Fields::Quote(Quote { event: Some(event), .. }) => {
            view.0.find(event) == Found::Record(subject) && record.listed
        }
        _ => false,
    };
    (0..).zip(&view.0.records).filter(|(_, record)| at_event(record)).map(|(number, _)| number).collect()
}

/// The sources that these records cite.
fn sources(view: View<'_>, subject: Number, quotations: &[Number]) -> BTreeSet<Number> {
    fn cited(citations: &[Citation]) -> impl Iterator<Item = &Id> {
        citations.iter().map(|citation| &citation.source)
    }
    let mut ids = Vec::new();
    for number in std::iter::once(subject).chain(quotations.iter().copied()) {
        let fields = &view.0.records[number as usize].fields;
        ids.extend(cited(fields.common().sources));
        match &**fields {
            Fields::Quote(quote) => ids.extend(quote.via.iter().filter_map(|via| via.source.as_ref())),
            Fields::Event(event) => ids.extend(event.actors.iter().flat_map(|actor| cited(&actor.sources))),
            _ => {}
        }
    }
    let found = ids.into_iter().filter_map(|id| match view.0.find(id) {
        Found::Record(number) => Some(number),
        Found::Protected(_) | Found::Nothing => None,
    });
    found.collect()
}

fn quotation(view: View<'_>, number: Number) -> Option<Quotation> {
    let record = view.record(number);
    let Fields::Quote(quote) = &*record.fields else { return None };
    let examined = view.0.evidence(number);
    let is_indirect = matches!(quote.mode, Some(Mode::Indirect | Mode::Paraphrase));
    // Where there is a copy, and readers are told nothing of it, the words were not compared with it as they stand here.
    let has_copy = |source: &Id| match view.0.find(source) {
        Found::Record(number) => {
            matches!(&*view.record(number).fields, Fields::Source(source) if !source.captures.is_empty())
        }
        Found::Protected(_) | Found::Nothing => false,
    };
    let sources = quote.sources.iter().enumerate().map(|(at, citation)| {
        let looked = examined.and_then(|examined| examined.sources.get(at));
        let comparison = looked.and_then(|looked| looked.as_ref().ok()).cloned();
        let result = match (&comparison, looked) {
            (Some(comparison), _) => comparison.result,
            (None, Some(Err(why))) => *why,
            (None, _) if is_indirect || has_copy(&citation.source) => Verdict::NotCheckable,
            (None, _) => Verdict::NoCapture,
        };
        Cited {
            source: citation.source.to_string(),
            locator: citation.locator.as_ref().map(ToString::to_string),
            prefix: citation.prefix.as_ref().map(ToString::to_string),
            suffix: citation.suffix.as_ref().map(ToString::to_string),
            result,
            comparison,
        }
    });
    Some(Quotation { id: record.id.to_string(), words: words(record, quote), sources: sources.collect() })
}

/// The words that were looked for: the original ones where they are given, else those of each part between which somebody else speaks.
fn words(record: &PublicRecord, quote: &Quote) -> Vec<String> {
    let slot = if quote.original.is_some() { Slot::Original } else { Slot::Text };
    let Some(prose) = record.texts.get(slot) else { return Vec::new() };
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    match slot == Slot::Text && quote.text.are_several() {
        true => prose.plain.text.split(Run::PARTED).map(one_line).collect(),
        false => vec![one_line(&prose.plain.text)],
    }
}

/// What is stated of a copy.
fn capture(view: View<'_>, copy: &Copy, measured: Option<&Measured>) -> Result<Capture, Unfit> {
    let record = view.record(copy.number);
    let Fields::Source(Source { captures, url, licence, .. }) = &*record.fields else {
        unreachable!("copies are those of sources")
    };
    let recorded = &captures[copy.at];
    let source = record.id.to_string();
    let sha256 = recorded.sha256.as_ref().map(|sha256| sha256.as_str().to_ascii_lowercase());
    let (sha256, bytes) = match (sha256, measured) {
        (Some(recorded), Some(now)) if recorded != now.sha256 => {
            return Err(Unfit::Changed(source, copy.name.clone(), recorded, now.sha256.clone()));
        }
        (_, Some(now)) => (Some(now.sha256.clone()), Some(now.bytes)),
        (recorded_sha256, None) => (recorded_sha256, recorded.bytes),
    };
    if copy.passed != Passed::No && measured.is_none() {
        return Err(Unfit::Absent(source, copy.name.clone()));
    }
    let measured_type = measured.and_then(|measured| measured.media_type).map(str::to_owned);
    Ok(Capture {
        title: view.title(record),
        url: url.as_ref().map(ToString::to_string),
        licence: licence.as_ref().map(ToString::to_string),
        sha256,
        bytes,
        media_type: recorded.media_type.as_ref().map(ToString::to_string).or(measured_type),
        at: recorded.at.as_ref().map(ToString::to_string),
        by: recorded.by.as_ref().map(|by| view.name_of(by)),
        method: recorded.method.as_ref().map(ToString::to_string),
        passed: copy.passed,
        file: (copy.passed != Passed::No).then(|| path_of(&copy.source, &copy.name)),
        source,
    })
}

/// Where a copy lies in a packet. Its folder says of which source it is, also where its name says so too.
fn path_of(source: &Id, name: &str) -> String {
    let own = name.strip_prefix(source.as_str()).and_then(|name| name.strip_prefix('/')).unwrap_or(name);
    format!("{CAPTURES}{source}/{own}")
}
