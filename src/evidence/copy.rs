//! One copy of a source: reading it once for all that is to be looked for in it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::io::{Cursor, Read as _, Seek as _};
use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation as _;

use super::comparison::{Comparison, Omitted, Verdict};
use super::examine::Before;
use super::extract::{self, Fault, Format, Limits, ReadSeek};
use super::fragment::Page;
use super::verbatim::{self, Found, Haystack, Surroundings};
use super::wanted::{Ask, Want};
use super::{Document, Place};
use crate::link::{Dossier, Number};
use crate::model::{Capture, Source};
use crate::parse::Record;
use crate::read::{Captures, FoundCapture, hash, in_words};
use crate::text;

/// How many words are shown before and after a quotation, at most.
const AROUND: usize = 8;

/// In how many bytes they are looked for: a block may be the whole of a long text.
const FAR: usize = 1000;

/// Captures up to this length are held in memory while they are read.
const IN_MEMORY: u64 = 32 << 20;

/// How many bytes tell of what format a file is.
const HEAD: usize = 4096;

/// A copy of a source, as it was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Copy {
    /// How it is.
    pub state: CopyState,
    /// What it is by its bytes, when it is at hand.
    pub format: Option<Format>,
}

/// How a copy is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyState {
    /// It is at hand, and is the one that was recorded, or none was: its SHA-256, and its length in bytes.
    AtHand(String, u64),
    /// It has other bytes than those that were recorded: the SHA-256 of these, and their length.
    Changed(String, u64),
    /// It is not on this machine.
    Absent,
    /// It cannot be read, or what it is called cannot be the name of a capture.
    Unreadable(String),
}

/// One copy of a source, and what is to be looked for in it.
pub(super) struct Task<'a> {
    pub(super) source: Number,
    record: &'a Record,
    /// Which of its copies.
    at: usize,
    capture: &'a Capture,
    url: Option<&'a str>,
    pub(super) asks: Vec<Ask>,
}

pub(super) fn tasks<'a>(
    dossier: &'a Dossier,
    sources: &BTreeMap<Number, &'a Source>,
    wants: &[Want<'_>],
    before: Option<Before<'_>>,
) -> Vec<Task<'a>> {
    let mut asks: BTreeMap<Number, Vec<Ask>> = BTreeMap::new();
    for (want, of) in wants.iter().enumerate().filter(|(_, of)| of.known.is_none()) {
        for (citation, cited) in of.citations.iter().enumerate() {
            let Some(source) = cited.source else { continue };
            let kinds = [(of.words.is_ok() && cited.may_have_them, false), (cited.exact.is_some(), true)];
            let wanted = kinds.into_iter().filter(|(is_wanted, _)| *is_wanted);
            asks.entry(source).or_default().extend(wanted.map(|(_, is_exact)| Ask { want, citation, is_exact }));
        }
    }
    let mut tasks = Vec::new();
    for (source, fields) in sources {
        let asks = asks.remove(source).unwrap_or_default();
        if asks.is_empty() && before.is_some_and(|before| before.copies(dossier, *source).is_some()) {
            continue;
        }
        let record: &Record = &dossier.records[*source as usize];
        let url = fields.url.as_ref().map(|url| url.as_str());
        let copies = fields.captures.iter().enumerate();
        tasks.extend(copies.map(|(at, capture)| Task {
            source: *source,
            record,
            at,
            capture,
            url,
            asks: asks.clone(),
        }));
    }
    tasks
}

/// What came of a task: how the copy is, for each search the best of what was found, and what could not be looked through.
pub(super) struct Done {
    pub(super) copy: Copy,
    pub(super) candidates: Vec<Option<Candidate>>,
    pub(super) gap: Option<Gap>,
}

/// What of a copy could not be looked through.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Gap {
    /// A part of it holds a text that cannot be read: which copy of the source, and where and why in words.
    Part(usize, String),
    /// It has no text at all.
    NoText(usize),
}

/// A result, and how good it is beside others.
pub(super) struct Candidate {
    /// The verdict, whether it is of another address than the source's, which copy and which document.
    pub(super) rank: (Verdict, bool, usize, usize),
    pub(super) comparison: Comparison,
}

impl Task<'_> {
    pub(super) fn run(&self, captures: &Captures, wants: &[Want<'_>]) -> Done {
        let nothing = || self.asks.iter().map(|_| None).collect();
        let without = |state: CopyState, format: Option<Format>| Done {
            copy: Copy { state, format },
            candidates: nothing(),
            gap: None,
        };
        let name = self.capture.file.as_str();
        let found = match captures.find(&self.record.origin.inner, self.record.id.as_str(), name) {
            Ok(Some(found)) => found,
            Ok(None) => return without(CopyState::Absent, None),
            Err(error) => return without(CopyState::Unreadable(in_words(&error)), None),
        };
        match self.read(&found, wants) {
            Ok(done) => done,
            Err(Fault::Io(error)) => without(CopyState::Unreadable(in_words(&error)), None),
            Err(Fault::Malformed(why) | Fault::Refused(why)) => without(CopyState::Unreadable(why), None),
        }
    }

    fn read(&self, found: &FoundCapture, wants: &[Want<'_>]) -> Result<Done, Fault> {
        let (mut file, metadata) = found.open().map_err(Fault::Io)?;
        let mut memory;
        let (sha256, length, file): (String, u64, &mut dyn ReadSeek) = if metadata.len() <= IN_MEMORY {
            let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or_default());
            file.read_to_end(&mut bytes).map_err(Fault::Io)?;
            let (sha256, length) = hash(&mut bytes.as_slice()).map_err(Fault::Io)?;
            memory = Cursor::new(bytes);
            (sha256, length, &mut memory)
        } else {
            let (sha256, length) = hash(&mut file).map_err(Fault::Io)?;
            file.rewind().map_err(Fault::Io)?;
            (sha256, length, &mut file)
        };
        let mut head = Vec::new();
        (&mut *file).take(HEAD as u64).read_to_end(&mut head).map_err(Fault::Io)?;
        let format = extract::detect(self.capture.file.as_str(), &head);
        let recorded = self.capture.sha256.as_ref().map(|sha256| sha256.as_str().to_ascii_lowercase());
        if recorded.is_some_and(|recorded| recorded != sha256) {
            let copy = Copy { state: CopyState::Changed(sha256, length), format: Some(format) };
            return Ok(Done { copy, candidates: self.asks.iter().map(|_| None).collect(), gap: None });
        }
        let (candidates, gap) = match self.asks.is_empty() {
            true => (Vec::new(), None),
            false => self.look(file, format, &sha256, wants)?,
        };
        let copy = Copy { state: CopyState::AtHand(sha256, length), format: Some(format) };
        Ok(Done { copy, candidates, gap })
    }

    /// Looks for everything in all documents; for what does not stand in any, goes through them once more for what is near.
    fn look(
        &self,
        file: &mut dyn ReadSeek,
        format: Format,
        sha256: &str,
        wants: &[Want<'_>],
    ) -> Result<(Vec<Option<Candidate>>, Option<Gap>), Fault> {
        let mut best: Vec<Option<Candidate>> = self.asks.iter().map(|_| None).collect();
        let mut number = 0;
        let mut is_any_hidden = false;
        let mut gap = None;
        self.each_document(file, format, &mut |document| {
            if let Some(why) = &document.unread {
                gap.get_or_insert_with(|| Gap::Part(self.at, unread(document, why)));
            }
            is_any_hidden |= !document.hidden.is_empty();
            if !has_text(document) {
                return;
            }
            let hay = Haystack::new(document);
            let page = OnceCell::new();
            let fragment = |passage| page.get_or_init(|| Page::new(document)).fragment(passage);
            for (ask, best) in self.asks.iter().zip(&mut best) {
                let (wording, near) = wants[ask.want].asked(*ask);
                let Some(found) = verbatim::find(&hay, wording, &near) else { continue };
                let comparison = self.comparison(sha256, document, &found, &near, &fragment);
                keep(best, Candidate { rank: self.rank(comparison.result, document, number), comparison });
            }
            number += 1;
        })?;
        if number == 0 {
            gap.get_or_insert(Gap::NoText(self.at));
        }
        if (number > 0 || is_any_hidden) && best.iter().any(Option::is_none) {
            let missing: Vec<usize> = (0..best.len()).filter(|at| best[*at].is_none()).collect();
            let mut scores = vec![0; best.len()];
            let mut number = 0;
            self.each_document(file, format, &mut |document| {
                let hay = Haystack::new(document);
                for at in &missing {
                    let ask = self.asks[*at];
                    let (wording, _) = wants[ask.want].asked(ask);
                    let hidden = verbatim::hidden(document, wording);
                    if !has_text(document) && hidden.is_none() {
                        continue;
                    }
                    let near = verbatim::nearest(&hay, wording);
                    let Some(near) = near else {
                        let comparison = Comparison { hidden, ..self.nothing(sha256, Verdict::NotFound) };
                        let rank = self.rank(Verdict::NotFound, document, number);
                        keep(&mut best[*at], Candidate { rank, comparison });
                        continue;
                    };
                    // The nearest of all documents, not the first that has something near.
                    if near.score > scores[*at] {
                        scores[*at] = near.score;
                        let comparison = Comparison {
                            place: document.locate(near.text.clone()).into(),
                            nearest: Some(document.text[near.text].to_owned()),
                            differences: near.edits,
                            strangers: near.strangers,
                            hidden,
                            ..self.nothing(sha256, Verdict::Altered)
                        };
                        let rank = self.rank(Verdict::Altered, document, number);
                        best[*at] = Some(Candidate { rank, comparison });
                    }
                }
                number += usize::from(has_text(document));
            })?;
        }
        Ok((best, gap))
    }

    fn each_document(
        &self,
        file: &mut dyn ReadSeek,
        format: Format,
        see: &mut dyn FnMut(&Document),
    ) -> Result<(), Fault> {
        file.rewind().map_err(Fault::Io)?;
        let mut see = |document: Document| see(&document);
        extract::extract(file, self.capture.file.as_str(), format, &Limits::default(), &mut see)
    }

    fn rank(&self, verdict: Verdict, document: &Document, number: usize) -> (Verdict, bool, usize, usize) {
        let url = document.part.as_ref().and_then(|part| part.url.as_deref());
        (verdict, url.is_some() && url != self.url, self.at, number)
    }

    /// A result of which nothing else is to be said.
    fn nothing(&self, sha256: &str, result: Verdict) -> Comparison {
        Comparison {
            source: self.record.id.as_str().to_owned(),
            capture: sha256.to_owned(),
            result,
            normalisations: Vec::new(),
            place: Place::default(),
            omissions: Vec::new(),
            cautions: Vec::new(),
            places: 1,
            ambiguous: false,
            before: String::new(),
            after: String::new(),
            fragment: None,
            nearest: None,
            differences: Vec::new(),
            strangers: Vec::new(),
            hidden: None,
        }
    }

    fn comparison(
        &self,
        sha256: &str,
        document: &Document,
        found: &Found,
        near: &Surroundings<'_>,
        fragment: &dyn Fn(Range<usize>) -> Option<String>,
    ) -> Comparison {
        let start = found.pieces.first().map_or(0, |piece| piece.start);
        let end = found.pieces.last().map_or(start, |piece| piece.end);
        let is_exact = found.normalisations.is_empty();
        let is_told = near.prefix.is_some() || near.suffix.is_some();
        Comparison {
            normalisations: found.normalisations.iter().copied().collect(),
            place: document.locate(start..end).into(),
            omissions: found.omissions.iter().map(Omitted::from).collect(),
            cautions: found.cautions.iter().copied().collect(),
            places: found.places,
            ambiguous: found.places > 1 && !(is_told && found.surroundings_met.is_met()),
            before: before(document, start),
            after: after(document, end),
            fragment: self.url.and_then(|_| fragment(start..end)),
            ..self.nothing(sha256, if is_exact { Verdict::Exact } else { Verdict::Normalised })
        }
    }
}

/// Whether a document has words that a reader sees. A scanned page without a text layer has none, nor has what only a script shows.
fn has_text(document: &Document) -> bool {
    !document.text.trim().is_empty()
}

/// Which part of a copy cannot be read, and why.
fn unread(document: &Document, why: &str) -> String {
    let part = document.part.as_ref();
    let told = part.and_then(|part| part.url.as_deref().or(Some(&*part.name))).filter(|told| !told.is_empty());
    let told = told.map(|told| format!("`{}`: ", text::excerpt(told, 200)));
    format!("{}{why}", told.unwrap_or_default())
}

/// Keeps the better of two.
fn keep(best: &mut Option<Candidate>, candidate: Candidate) {
    if best.as_ref().is_none_or(|best| candidate.rank < best.rank) {
        *best = Some(candidate);
    }
}

/// A few words before a place, of the same block.
fn before(document: &Document, at: usize) -> String {
    let block = document.blocks.iter().find(|block| block.text.start <= at && at <= block.text.end);
    let start = block.map_or(at, |block| block.text.start).max(at.saturating_sub(FAR));
    let text = &document.text[document.text.ceil_char_boundary(start).min(at)..at];
    let words: Vec<(usize, &str)> = text.unicode_word_indices().collect();
    let from = words.len().checked_sub(AROUND).map_or(0, |first| words[first].0);
    tidy(&text[from..])
}

/// A few words after a place, of the same block.
fn after(document: &Document, at: usize) -> String {
    let block = document.blocks.iter().find(|block| block.text.start <= at && at <= block.text.end);
    let end = block.map_or(at, |block| block.text.end).min(at + FAR);
    let text = &document.text[at..document.text.floor_char_boundary(end).max(at)];
    let mut words = text.unicode_word_indices();
    let until = words.nth(AROUND - 1).map_or(text.len(), |(start, word)| start + word.len());
    tidy(&text[..until])
}

/// With single spaces.
fn tidy(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
