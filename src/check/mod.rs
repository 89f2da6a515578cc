//! The rules: what is wrong, or likely to be, in a dossier whose references are resolved.
//!
//! Each rule is a pure function in a table, [`RULES`]. Most look at one record and at those that it refers to; what they found
//! stands until one of these changes. Others look at all records of some kinds at once. No rule compares all pairs.
//!
//! What authors have allowed, and what the settings want to hear of, is decided after all stages have had their say, by
//! [`settle`].

mod attachments;
mod contradiction;
mod dates;
mod evidence;
mod exceptions;
mod fairness;
mod figures;
mod identity;
mod level;
mod mentions;
mod passage;
mod prose;
mod quotation;
mod references;
mod reidentify;
mod repetition;
mod settle;
mod sourcing;
mod tidy;
mod translation;
mod wording;

use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use crate::config::Level;
use crate::diagnostic::{Code, Diagnostic, Severity, SourceText};
use crate::edtf::Day;
use crate::link::{Dossier, LinkTo, Number, Reference};
use crate::model::{Citation, Fields, Id, Kind};
use crate::parse::{Record, Slot, Step};

pub use evidence::check_evidence;
pub(crate) use identity::address_key;
pub use settle::{settle, settle_asked};

/// A rule.
pub struct Rule {
    /// The codes of what it finds.
    pub codes: &'static [Code],
    /// The level from which on it holds.
    level: Level,
    look: Look,
}

/// What a rule looks at.
enum Look {
    /// One record, and those that it refers to; nothing else.
    Record(fn(&Scope<'_>, Number, &mut Vec<Diagnostic>)),
    /// All records of some kinds, and who refers to whom; the settings too.
    Whole(Whole),
}

/// A rule that looks at many records at once.
#[derive(Clone, Copy)]
struct Whole {
    kinds: &'static [Kind],
    /// Whether two states of a record, which refer to the same, are one to the rule.
    same: fn(&Record, &Record) -> bool,
    look: fn(&Scope<'_>, &mut Vec<Diagnostic>),
}

impl Rule {
    const fn record(codes: &'static [Code], look: fn(&Scope<'_>, Number, &mut Vec<Diagnostic>)) -> Rule {
        Rule { codes, level: Level::Internal, look: Look::Record(look) }
    }

    const fn whole(
        codes: &'static [Code],
        kinds: &'static [Kind],
        same: fn(&Record, &Record) -> bool,
        look: fn(&Scope<'_>, &mut Vec<Diagnostic>),
    ) -> Rule {
        Rule { codes, level: Level::Internal, look: Look::Whole(Whole { kinds, same, look }) }
    }

    const fn at_public(self) -> Rule {
        Rule { level: Level::Public, ..self }
    }
}

/// All rules.
pub static RULES: &[&[Rule]] = &[
    references::RULES,
    dates::RULES,
    figures::RULES,
    contradiction::RULES,
    sourcing::RULES,
    fairness::RULES,
    wording::RULES,
    prose::RULES,
    identity::RULES,
    repetition::RULES,
    tidy::RULES,
    translation::RULES,
    attachments::RULES,
    reidentify::RULES,
    exceptions::RULES,
    level::RULES,
    mentions::RULES,
];

/// What is not looked for each time: what only asking other hosts can find, and what past editions ask of what readers have.
const ASKED_FOR: [Code; 13] = [
    Code::DeadLink,
    Code::MovedLink,
    Code::UnreachableLink,
    Code::DeadLinkAnchor,
    Code::UncheckedLink,
    Code::DriftedQuotation,
    Code::GoneQuotation,
    Code::MovedSource,
    Code::PaywalledSource,
    Code::UndecidedDrift,
    Code::UndeclaredChange,
    Code::VanishedRecord,
    Code::LostAddress,
];

/// The rules that hold at a level.
fn rules(level: Level) -> impl Iterator<Item = &'static Rule> {
    RULES.iter().copied().flatten().filter(move |rule| rule.level <= level)
}

/// What the rules look at.
pub struct Scope<'a> {
    pub(crate) dossier: &'a Dossier,
    sources: &'a (dyn SourceText + Sync),
    /// How strict the checks are.
    level: Level,
    /// The day of the build.
    pub(crate) today: Day,
}

impl<'a> Scope<'a> {
    fn record(&self, number: Number) -> &'a Record {
        &self.dossier.records[number as usize]
    }

    /// The id that a record has now, where it is referred to by an old one.
    fn shown(&self, id: &'a Id) -> &'a str {
        let to = self.dossier.index.ids.find(id.as_str());
        to.map_or(id.as_str(), |to| self.record(to).id.as_str())
    }

    /// The text of a record's file.
    fn text(&self, record: &Record) -> &'a str {
        self.sources.text(&record.origin.file).unwrap_or_default()
    }

    /// Where a field of a record stands; the record's first line when it is not written.
    fn place(&self, record: &Record, field: &[Step<'_>]) -> Range<usize> {
        record.origin.field(self.text(record), field)
    }

    /// The record that a reference names; none where it is plain text.
    fn resolve(&self, reference: &Reference<'_>) -> Option<Number> {
        let to = self.dossier.index.ids.find(reference.id)?;
        reference.kinds.contains(&self.record(to).kind()).then_some(to)
    }

    /// Shows each record that the prose of a record links to; where the link stands is looked up when it is asked for.
    fn each_link(&self, number: Number, mut see: impl FnMut(Slot, Number, &dyn Fn() -> Range<usize>)) {
        let record = self.record(number);
        for (slot, links) in &self.dossier.outgoing[number as usize].targets {
            for (index, link) in (0..).zip(links) {
                if let LinkTo::Record(to, _) = link {
                    see(*slot, *to, &|| self.link_place(record, *slot, index));
                }
            }
        }
    }

    /// Where a link of prose stands.
    fn link_place(&self, record: &Record, slot: Slot, index: usize) -> Range<usize> {
        record.link_place(slot, index, self.text(record))
    }

    /// A finding at a field of a record.
    fn finding(&self, code: Code, record: &Record, field: &[Step<'_>], message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(code, message).at(&record.origin.file, self.place(record, field))
    }
}

/// Shows each list of sources that stands in a record, with the way to it.
fn each_list_of_sources(record: &Record, mut see: impl FnMut(&[Step<'static>], &[Citation])) {
    see(&[Step::Key("sources")], record.fields.common().sources);
    let mut within = |field, index, citations| {
        see(&[Step::Key(field), Step::Index(index), Step::Key("sources")], citations);
    };
    match &*record.fields {
        Fields::Actor(actor) => {
            actor.relations.iter().enumerate().for_each(|(index, tie)| within("relations", index, &tie.sources));
        }
        Fields::Event(event) => {
            event.actors.iter().enumerate().for_each(|(index, part)| within("actors", index, &part.sources));
        }
        Fields::Quote(_) | Fields::Source(_) | Fields::Place(_) | Fields::Page(_) => {}
    }
}

/// What the rules found in a dossier.
#[derive(Debug)]
pub struct Checked {
    today: Day,
    /// By record.
    records: Vec<Arc<[Diagnostic]>>,
    /// By rule that looks at many records.
    whole: Vec<Arc<[Diagnostic]>>,
}

impl Checked {
    /// All findings.
    pub fn findings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.records.iter().chain(&self.whole).flat_map(|findings| findings.iter())
    }
}

/// Applies the rules of the dossier's level. What was found `before` is taken over where nothing that it rests on has changed.
pub fn check(
    dossier: &Dossier,
    sources: &(dyn SourceText + Sync),
    today: Day,
    before: Option<(&Dossier, &Checked)>,
) -> Checked {
    let level = dossier.settings.level;
    let scope = Scope { dossier, sources, level, today };
    let before = before.filter(|(old, checked)| {
        checked.today == today
            && Arc::ptr_eq(&old.settings, &dossier.settings)
            && Arc::ptr_eq(&old.index, &dossier.index)
            && dossier.mentions.has_names_of(&old.mentions)
    });
    // One empty list for all records of which there is nothing to say.
    let nothing: Arc<[Diagnostic]> = Arc::new([]);
    let same = |old: &Dossier, number: Number| {
        let number = number as usize;
        Arc::ptr_eq(&old.records[number], &dossier.records[number])
    };
    let records = (0..dossier.records.len() as Number).into_par_iter().map(|number| {
        let outgoing = &dossier.outgoing[number as usize];
        let known = before.filter(|(old, _)| {
            same(old, number)
                && Arc::ptr_eq(&old.outgoing[number as usize], outgoing)
                && outgoing.edges.iter().all(|edge| same(old, edge.to))
        });
        if let Some((_, checked)) = known {
            return Arc::clone(&checked.records[number as usize]);
        }
        let found = of_record(&scope, number);
        if found.is_empty() { Arc::clone(&nothing) } else { found.into() }
    });
    let records = records.collect();
    // The records that differ, looked for once for all rules.
    let changed: Option<Vec<(&Record, &Record)>> = before.map(|(old, _)| {
        let pairs = old.records.iter().zip(&dossier.records);
        pairs.filter(|(old, new)| !Arc::ptr_eq(old, new)).map(|(old, new)| (&**old, &**new)).collect()
    });
    let whole = rules(level).filter_map(|rule| match rule.look {
        Look::Whole(whole) => Some(whole),
        Look::Record(_) => None,
    });
    let whole = whole.enumerate().map(|(at, rule)| {
        if let (Some((old, checked)), Some(changed)) = (before, &changed)
            && Arc::ptr_eq(&old.edges, &dossier.edges)
            && stands(&rule, &checked.whole[at], changed)
        {
            return Arc::clone(&checked.whole[at]);
        }
        let mut found = Vec::new();
        (rule.look)(&scope, &mut found);
        found.into()
    });
    Checked { today, records, whole: whole.collect() }
}

/// Whether what a rule found still holds after some records changed: to the rule they are what they were, and nothing that it found is in
/// their files, where places may have moved.
fn stands(rule: &Whole, found: &[Diagnostic], changed: &[(&Record, &Record)]) -> bool {
    let concerns = |record: &Record| rule.kinds.contains(&record.kind());
    changed.iter().filter(|(old, new)| concerns(old) || concerns(new)).all(|(old, new)| {
        let is_told = |finding: &Diagnostic| {
            let places = finding.related.iter().map(|related| &related.place);
            places.chain(&finding.place).any(|place| place.file == new.origin.file)
        };
        (rule.same)(old, new) && !found.iter().any(is_told)
    })
}

fn of_record(scope: &Scope<'_>, number: Number) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for rule in rules(scope.level) {
        if let Look::Record(look) = rule.look {
            look(scope, number, &mut found);
        }
    }
    found
}

/// What a record would have to mend before its dossier holds at level `public`, beside what is an error at any level; in the words
/// of its findings.
pub fn unmet_in_public(
    dossier: &Dossier,
    sources: &(dyn SourceText + Sync),
    today: Day,
    number: Number,
) -> Vec<String> {
    let errors = |level: Level| {
        let found = of_record(&Scope { dossier, sources, level, today }, number).into_iter();
        found.filter(|finding| finding.severity == Severity::Error)
    };
    let anyway: Vec<Diagnostic> = errors(Level::Internal).collect();
    errors(Level::Public).filter(|finding| !anyway.contains(finding)).map(|finding| finding.message).collect()
}

/// Whether findings of a code were looked for at a level, so that an allowance of it can be known not to be needed.
fn is_looked_for(code: Code, level: Level) -> bool {
    // Other hosts are asked only when an author wants that.
    if ASKED_FOR.contains(&code) {
        return false;
    }
    let all = || RULES.iter().copied().flatten();
    !all().any(|rule| rule.level > level && rule.codes.contains(&code))
}
