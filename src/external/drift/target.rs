//! Which pages are looked at: those of sources whose copies have the words of a quotation; and what is looked for there.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};

use super::page::in_a_line;
use super::whole::Captured;
use crate::diagnostic::{Place, SourceText};
use crate::evidence::extract::{self, Fault, HEAD, Limits, ReadSeek};
use crate::evidence::verbatim::{self, Haystack, Surroundings, Wording};
use crate::evidence::{Document, Evidence, looked_for};
use crate::link::{Dossier, Number};
use crate::model::{Fields, Source};
use crate::parse::{Record, Run, Step};
use crate::read::{Captures, FoundCapture, hash};

/// Copies up to this length are held in memory while they are read.
const IN_MEMORY: u64 = 32 << 20;

/// A source whose page is looked at, and what is looked for there.
pub struct Target {
    /// The id of the source.
    pub source: String,
    /// The address of its page, as it was written.
    pub url: String,
    /// Where that is written.
    pub place: Place,
    /// What is looked for, in the order of the quotations.
    pub passages: Vec<Passage>,
    /// The file of the source in the folder of records.
    inner: String,
    /// The names of its copies.
    copies: Vec<String>,
}

/// The words of a quotation that were found in a copy of the source.
pub struct Passage {
    /// The id of the quotation.
    pub quote: String,
    /// Where its words are written.
    pub place: Place,
    /// The SHA-256 of the copy.
    pub capture: String,
    /// The words as the quotation has them.
    pub words: String,
    pub(super) wording: Wording,
}

/// All pages that are looked at, sorted by the id of their source. Withheld records count too, as everywhere where an author asks.
pub fn targets(dossier: &Dossier, evidence: &Evidence, sources: &dyn SourceText) -> Vec<Target> {
    let mut targets: BTreeMap<Number, Target> = BTreeMap::new();
    for (number, examined, _) in evidence.iter() {
        let record = &dossier.records[number as usize];
        let (words, wording) = match looked_for(record.open()) {
            Some(words) => (words.join(Run::PARTED), words),
            None => continue,
        };
        for comparison in examined.sources.iter().flatten().filter(|comparison| comparison.result.holds()) {
            let Some(of) = dossier.index.ids.find(&comparison.source) else { continue };
            let source = &dossier.records[of as usize];
            let Fields::Source(fields) = &*source.fields else { continue };
            let Some(target) = target(&mut targets, of, source, fields, sources) else { continue };
            if target.passages.iter().any(|passage| passage.quote == record.id.as_str()) {
                continue;
            }
            let parts: Vec<&str> = wording.iter().map(String::as_str).collect();
            target.passages.push(Passage {
                quote: record.id.as_str().to_owned(),
                place: place(record, &[Step::Key(field(record))], sources),
                capture: comparison.capture.clone(),
                words: words.clone(),
                wording: verbatim::wording(&parts),
            });
        }
    }
    let mut targets: Vec<Target> = targets.into_values().collect();
    targets.sort_by(|one, other| one.source.cmp(&other.source));
    targets
}

/// The target of a source; none when it has no address.
fn target<'a>(
    targets: &'a mut BTreeMap<Number, Target>,
    number: Number,
    record: &Record,
    source: &Source,
    sources: &dyn SourceText,
) -> Option<&'a mut Target> {
    let url = source.url.as_ref()?;
    Some(targets.entry(number).or_insert_with(|| Target {
        source: record.id.as_str().to_owned(),
        url: url.as_str().to_owned(),
        place: place(record, &[Step::Key("url")], sources),
        passages: Vec::new(),
        inner: record.origin.inner.to_string(),
        copies: source.captures.iter().map(|capture| capture.file.as_str().to_owned()).collect(),
    }))
}

fn place(record: &Record, path: &[Step<'_>], sources: &dyn SourceText) -> Place {
    let text = sources.text(&record.origin.file).unwrap_or_default();
    Place::new(&record.origin.file, record.origin.field(text, path))
}

/// The field in which the words stand that were looked for.
fn field(record: &Record) -> &'static str {
    let is_original = matches!(&*record.fields, Fields::Quote(quote) if quote.original.is_some());
    if is_original { "original" } else { "text" }
}

impl Target {
    /// What a copy of the source has, when it is at hand and is the one in which the first of the passages was found. Of the documents
    /// of an archive, it is the one of these addresses, or else the one with most of the passages.
    pub(super) fn captured(&self, captures: &Captures, urls: &[&str]) -> Option<Captured> {
        let wanted = &self.passages.first()?.capture;
        let found = self.copies.iter().filter_map(|name| {
            let found = captures.find(&self.inner, &self.source, name).ok().flatten()?;
            Some((name, found))
        });
        // A copy that cannot be read has been told of by the check itself.
        found.into_iter().find_map(|(name, found)| self.read(name, &found, wanted, urls).ok().flatten())
    }

    fn read(&self, name: &str, found: &FoundCapture, wanted: &str, urls: &[&str]) -> Result<Option<Captured>, Fault> {
        let (mut file, metadata) = found.open().map_err(Fault::Io)?;
        let mut memory;
        let file: &mut dyn ReadSeek = if metadata.len() <= IN_MEMORY {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(Fault::Io)?;
            memory = Cursor::new(bytes);
            &mut memory
        } else {
            &mut file
        };
        if hash(&mut &mut *file).map_err(Fault::Io)?.0 != wanted {
            return Ok(None);
        }
        file.rewind().map_err(Fault::Io)?;
        let mut head = Vec::new();
        (&mut *file).take(HEAD as u64).read_to_end(&mut head).map_err(Fault::Io)?;
        file.rewind().map_err(Fault::Io)?;
        let format = extract::detect(name, &head);
        let mut best: Option<((bool, usize), Captured)> = None;
        let mut see = |document: Document| {
            let hay = Haystack::new(&document);
            let found = self.passages.iter().map(|passage| in_copy(&document, &hay, passage)).collect::<Vec<_>>();
            let url = document.part.as_ref().and_then(|part| part.url.as_deref());
            let is_meant = url.is_some_and(|url| urls.contains(&url));
            let rank = (is_meant, found.iter().flatten().count());
            if rank.1 > 0 && best.as_ref().is_none_or(|(other, _)| *other < rank) {
                best = Some((rank, Captured::new(&document, format, wanted, found)));
            }
        };
        extract::extract(file, name, format, &Limits::default(), &mut see)?;
        Ok(best.map(|(_, captured)| captured))
    }
}

/// The words of a passage as the copy has them, with what the quotation left out.
fn in_copy(document: &Document, hay: &Haystack<'_>, passage: &Passage) -> Option<String> {
    let found = verbatim::find(hay, &passage.wording, &Surroundings { prefix: None, suffix: None })?;
    let (start, end) = (found.pieces.first()?.start, found.pieces.last()?.end);
    document.text.get(start..end).map(in_a_line)
}
