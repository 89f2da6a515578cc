//! Looking for the quotations of a dossier in the captures of their sources, and comparing with what is locked.
//!
//! Each capture is opened once, hashed, read part by part and let go, for all quotations that cite its source; captures are read in
//! parallel, so that memory holds one document for each thread. What came of the last time is taken over for quotations that are the
//! same and whose sources and captures are.
//!
//! Only what readers have of a record is looked for: a value that is withheld, or lies in an overlay, has no part in it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::agree::{Disagreement, agree, without};
use super::comparison::{Comparison, Examined, Verdict};
use super::copy::{Candidate, Copy, CopyState, Done, Gap, tasks};
use super::lock::{Lock, Locked};
use super::wanted::{Ask, Want, sources, wants, words};
use crate::link::{Dossier, Number};
use crate::model::Citation;
use crate::parse::Record;
use crate::read::{Captures, hash};

/// What came of looking for the quotations of a dossier in captures.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// By number of record, for those of which there is something to say.
    records: BTreeMap<Number, OfRecord>,
    /// The copies of each source that has any, in their order.
    copies: BTreeMap<Number, Arc<[Copy]>>,
    /// Where what is locked does not agree with what is there.
    pub disagreements: Vec<Disagreement>,
    /// Whether anything is locked at all.
    pub is_any_locked: bool,
    captures: Option<Arc<Captures>>,
}

/// What came of one record.
#[derive(Clone, Debug)]
struct OfRecord {
    looked: Arc<Looked>,
    examined: Arc<Examined>,
}

/// What came of looking, without what is locked.
#[derive(Debug)]
pub(super) struct Looked {
    pub(super) words: String,
    pub(super) sources: Vec<Result<Comparison, Why>>,
    /// What came of the words that citations name themselves.
    pub(super) exact: Vec<Option<Verdict>>,
    /// What of the copies could not be looked through, for each citation whose source was not found to have the words.
    pub(super) gaps: Vec<Option<Gap>>,
}

/// Why words were not looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The source has no copy.
    NoCopy,
    /// It has, and none is at hand.
    Absent,
    /// They are no words of the source, or the copy has none.
    NotCheckable,
}

impl Evidence {
    /// What came of a record's quotation; `None` when there is no copy of any of its sources.
    pub fn of(&self, number: Number) -> Option<&Arc<Examined>> {
        self.records.get(&number).map(|of| &of.examined)
    }

    /// The best that came of a record's quotation.
    pub fn verdict(&self, number: Number, record: &Record) -> Verdict {
        let open = record.closed.as_ref().map_or(record, |closed| &closed.open);
        match (self.of(number), words(open)) {
            (_, Err(why)) => without(why),
            (Some(examined), Ok(_)) => examined.verdict(),
            (None, Ok(_)) => Verdict::NoCapture,
        }
    }

    /// All that something came of, with what came of the words that its citations name themselves.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Number, &Examined, &[Option<Verdict>])> {
        self.records.iter().map(|(number, of)| (*number, &*of.examined, of.looked.exact.as_slice()))
    }

    /// Whether what is locked of some quotation cannot be found anew, since a copy is not at hand.
    pub fn needs_lock(&self) -> bool {
        self.records.values().any(|of| of.looked.sources.contains(&Err(Why::Absent)))
    }

    /// What of the copies of a source could not be looked through for a record, by the number of its citation.
    pub(crate) fn gaps(&self, number: Number) -> impl Iterator<Item = (usize, &Gap)> {
        let gaps = self.records.get(&number).into_iter().flat_map(|of| &of.looked.gaps);
        gaps.enumerate().filter_map(|(at, gap)| Some((at, gap.as_ref()?)))
    }

    /// How many quotations are told of by what is locked, since no copy of a source is at hand.
    pub fn by_lock(&self) -> usize {
        let is_absent = |source: &Result<Comparison, Why>| *source == Err(Why::Absent);
        let told = |of: &&OfRecord| {
            let mut pairs = of.looked.sources.iter().zip(&of.examined.sources);
            pairs.any(|(looked, told)| is_absent(looked) && told.is_ok())
        };
        self.records.values().filter(told).count()
    }

    /// The copies of the sources that have any.
    pub fn copies(&self) -> impl Iterator<Item = (Number, &[Copy])> {
        self.copies.iter().map(|(number, copies)| (*number, &**copies))
    }

    /// What is to be locked: what came of everything whose copies are at hand, and what was locked of the rest.
    pub fn lock(&self, dossier: &Dossier, before: &Lock) -> Lock {
        let mut lock = Lock::default();
        for (number, of) in &self.records {
            let id = dossier.records[*number as usize].id.as_str();
            let sources: Vec<Comparison> = of.examined.sources.iter().flatten().cloned().collect();
            let is_known = of.looked.sources.contains(&Err(Why::Absent));
            let locked = match (sources.is_empty(), before.quotes.get(id).filter(|_| is_known)) {
                // What is not at hand cannot be looked at again, so what was said of it stays, whether it agrees or not.
                (true, Some(locked)) => locked.clone(),
                (true, None) => continue,
                (false, _) => Locked { words: of.examined.words.clone(), sources },
            };
            lock.quotes.insert(id.to_owned(), locked);
        }
        lock
    }
}

/// Looks for all quotations. What came of the last time may be given.
pub fn examine(
    dossier: &Dossier,
    captures: &Arc<Captures>,
    lock: &Lock,
    before: Option<(&Dossier, &Evidence)>,
) -> Evidence {
    let before = before
        .filter(|(_, evidence)| evidence.captures.as_ref().is_some_and(|old| Arc::ptr_eq(old, captures)))
        .map(|(dossier, evidence)| Before { dossier, evidence });
    let sources = sources(dossier);
    if sources.is_empty() && lock.quotes.is_empty() {
        return Evidence { captures: Some(Arc::clone(captures)), ..Evidence::default() };
    }
    let wants = wants(dossier, &sources, before);
    let tasks = tasks(dossier, &sources, &wants, before);
    let done: Vec<Done> = tasks.par_iter().map(|task| task.run(captures, &wants)).collect();
    let mut copies: BTreeMap<Number, Vec<Copy>> = BTreeMap::new();
    let mut found: BTreeMap<Ask, Candidate> = BTreeMap::new();
    let mut gaps: BTreeMap<Ask, Gap> = BTreeMap::new();
    for (task, done) in tasks.iter().zip(done) {
        copies.entry(task.source).or_default().push(done.copy);
        for (ask, gap) in task.asks.iter().zip(done.gap.iter().cycle()) {
            let known = gaps.entry(*ask).or_insert_with(|| gap.clone());
            // A part that cannot be read is told before a copy that never had a text.
            *known = (*known).clone().min(gap.clone());
        }
        for (ask, candidate) in task.asks.iter().zip(done.candidates) {
            let Some(candidate) = candidate else { continue };
            match found.get(ask) {
                Some(other) if other.rank <= candidate.rank => {}
                Some(_) | None => drop(found.insert(*ask, candidate)),
            }
        }
    }
    let mut copies: BTreeMap<Number, Arc<[Copy]>> =
        copies.into_iter().map(|(number, copies)| (number, copies.into())).collect();
    for number in sources.keys() {
        if let Some(known) = before.and_then(|before| before.copies(dossier, *number)) {
            copies.entry(*number).or_insert_with(|| Arc::clone(known));
        }
    }
    let mut disagreements = Vec::new();
    let mut records = BTreeMap::new();
    for (at, want) in wants.into_iter().enumerate() {
        let looked = match &want.known {
            Some(known) => Arc::clone(known),
            None => Arc::new(want.looked(at, &copies, &mut found, &mut gaps)),
        };
        let locked = lock.quotes.get(want.record.id.as_str());
        let examined = Arc::new(agree(&want, &looked, &sources, locked, &mut disagreements));
        records.insert(want.number, OfRecord { looked, examined });
    }
    for id in lock.quotes.keys() {
        let of = dossier.index.ids.find(id).filter(|number| dossier.records[*number as usize].id.as_str() == id);
        if of.and_then(|number| records.get(&number)).is_none() {
            disagreements.push(Disagreement::Gone(id.clone()));
        }
    }
    let is_any_locked = !lock.quotes.is_empty();
    Evidence { records, copies, disagreements, is_any_locked, captures: Some(Arc::clone(captures)) }
}

/// What came of the last time.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    dossier: &'a Dossier,
    evidence: &'a Evidence,
}

impl<'a> Before<'a> {
    /// The number that a record had, when it is the one that it was.
    fn number(self, record: &Arc<Record>) -> Option<Number> {
        let number = self.dossier.index.ids.find(record.id.as_str())?;
        Arc::ptr_eq(&self.dossier.records[number as usize], record).then_some(number)
    }

    /// The copies of a source that is what it was.
    pub(super) fn copies(self, dossier: &Dossier, number: Number) -> Option<&'a Arc<[Copy]>> {
        let old = self.number(&dossier.records[number as usize])?;
        self.evidence.copies.get(&old)
    }

    /// What came of a record that is what it was, and so are the sources that it cites.
    pub(super) fn looked(self, dossier: &Dossier, record: &Arc<Record>) -> Option<&'a Arc<Looked>> {
        let old = self.number(record)?;
        let is_same = |citation: &Citation| {
            let source =
                |of: &'a Dossier| of.index.ids.find(citation.source.as_str()).map(|at| &of.records[at as usize]);
            let now = dossier.index.ids.find(citation.source.as_str()).map(|at| &dossier.records[at as usize]);
            match (source(self.dossier), now) {
                (Some(old), Some(now)) => Arc::ptr_eq(old, now),
                (None, None) => true,
                _ => false,
            }
        };
        let is_known = record.open().fields.common().sources.iter().all(is_same);
        self.evidence.records.get(&old).filter(|_| is_known).map(|of| &of.looked)
    }
}

impl Want<'_> {
    /// What came of its searches.
    fn looked(
        &self,
        at: usize,
        copies: &BTreeMap<Number, Arc<[Copy]>>,
        found: &mut BTreeMap<Ask, Candidate>,
        gaps: &mut BTreeMap<Ask, Gap>,
    ) -> Looked {
        let sources = self.citations.iter().enumerate().map(|(citation, cited)| {
            let Some(source) = cited.source else { return Err(Why::NoCopy) };
            self.words.as_ref().map_err(|why| *why)?;
            if !cited.may_have_them {
                return Err(Why::NotCheckable);
            }
            let ask = Ask { want: at, citation, is_exact: false };
            match found.remove(&ask) {
                Some(candidate) => Ok(candidate.comparison),
                None if is_any_at_hand(copies, source) => Err(Why::NotCheckable),
                None => Err(Why::Absent),
            }
        });
        let sources: Vec<Result<Comparison, Why>> = sources.collect();
        let gaps = sources.iter().enumerate().map(|(citation, came)| {
            let gap = gaps.remove(&Ask { want: at, citation, is_exact: false })?;
            let is_found = came.as_ref().is_ok_and(|comparison| comparison.result.holds());
            // That a picture has no text is worth a word only where nothing else has any.
            let is_of_interest = matches!(gap, Gap::Part(..)) || came.is_err();
            (!is_found && is_of_interest).then_some(gap)
        });
        let gaps = gaps.collect();
        let exact = (0..self.citations.len()).map(|citation| {
            let ask = Ask { want: at, citation, is_exact: true };
            found.remove(&ask).map(|candidate| candidate.comparison.result)
        });
        let exact = exact.collect();
        Looked {
            words: self.words.as_ref().map(|words| digest(&self.key(words))).unwrap_or_default(),
            sources,
            exact,
            gaps,
        }
    }
}

fn is_any_at_hand(copies: &BTreeMap<Number, Arc<[Copy]>>, source: Number) -> bool {
    let mut copies = copies.get(&source).into_iter().flat_map(|copies| copies.iter());
    copies.any(|copy| matches!(copy.state, CopyState::AtHand(..)))
}

/// The first 16 hexadecimal digits of the SHA-256.
fn digest(text: &str) -> String {
    let (mut sha256, _) = hash(&mut text.as_bytes()).expect("memory can be read");
    sha256.truncate(16);
    sha256
}
