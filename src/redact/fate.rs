//! What becomes of each record: shown, replaced by a display text, or hidden.

use rayon::prelude::*;

use super::{Audience, Policy, Protected, Tombstone};
use crate::config::{Level, Settings};
use crate::link::{Dossier, Number, display_text};
use crate::model::{ActorKind, Fields, Hold};
use crate::parse::Record;

/// Why readers do not see a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It is unfinished.
    Draft,
    /// Its day has not come.
    Embargoed,
    /// It is for the authors.
    Internal,
    /// It is sealed.
    Sealed,
    /// It was withdrawn after it had been published.
    Withdrawn,
    /// Nothing says how much of a person may be shown.
    Unclassified,
    /// Another record has its id.
    SecondOfItsId,
    /// The person is protected.
    Protected,
}

impl Reason {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Reason::Draft => "draft",
            Reason::Embargoed => "embargoed",
            Reason::Internal => "internal",
            Reason::Sealed => "sealed",
            Reason::Withdrawn => "withdrawn",
            Reason::Unclassified => "unclassified",
            Reason::SecondOfItsId => "duplicate",
            Reason::Protected => "protected",
        }
    }

    /// Whether authors see such a record in the preview, marked as what it is.
    pub(super) fn is_shown_to_authors(self) -> bool {
        match self {
            Reason::Draft | Reason::Embargoed | Reason::Internal => true,
            // At the address of what was withdrawn authors see what readers see there.
            Reason::Sealed | Reason::Withdrawn | Reason::Unclassified | Reason::SecondOfItsId | Reason::Protected => {
                false
            }
        }
    }
}

impl From<Hold> for Reason {
    fn from(hold: Hold) -> Reason {
        match hold {
            Hold::Sealed => Reason::Sealed,
            Hold::Internal => Reason::Internal,
            Hold::Withdrawn => Reason::Withdrawn,
            Hold::Draft => Reason::Draft,
            Hold::Embargoed => Reason::Embargoed,
        }
    }
}

/// What is decided about a record by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The audience sees it.
    Shown,
    /// The audience sees it, marked with why readers do not.
    Marked(Reason),
    /// It is a person of whom at most a display text is shown.
    Protected,
    /// The audience does not see it.
    Hidden,
}

impl Verdict {
    /// What a record that is shown is marked with.
    pub(super) fn mark(self) -> Option<Reason> {
        match self {
            Verdict::Marked(reason) => Some(reason),
            Verdict::Shown | Verdict::Protected | Verdict::Hidden => None,
        }
    }
}

/// What becomes of a record among the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Public(Number),
    Protected(u32),
    Hidden,
}

/// Decides about each record; `known` gives what was decided before where that still holds.
pub(super) fn verdicts(
    dossier: &Dossier,
    policy: Policy,
    known: impl Fn(usize) -> Option<Verdict> + Sync,
) -> Vec<Verdict> {
    let decide = |number: usize| known(number).unwrap_or_else(|| verdict(dossier, number as Number, policy));
    (0..dossier.records.len()).into_par_iter().map(decide).collect()
}

/// Numbers those who are shown and those who are protected.
pub(super) fn number(dossier: &Dossier, verdicts: &[Verdict]) -> (Vec<Fate>, Vec<Protected>) {
    let mut protected = Vec::new();
    let mut next = 0;
    let fates = verdicts.iter().zip(&dossier.records).map(|(verdict, record)| match verdict {
        Verdict::Shown | Verdict::Marked(_) => {
            next += 1;
            Fate::Public(next - 1)
        }
        Verdict::Protected => {
            protected.push(Protected { display: display_of(record) });
            Fate::Protected(protected.len() as u32 - 1)
        }
        Verdict::Hidden => Fate::Hidden,
    });
    (fates.collect(), protected)
}

fn verdict(dossier: &Dossier, number: Number, policy: Policy) -> Verdict {
    match reason(dossier, number, policy) {
        None => Verdict::Shown,
        Some(Reason::Protected) => Verdict::Protected,
        Some(reason) if policy.audience == Audience::Authors && reason.is_shown_to_authors() => {
            // Whoever is protected stays so, whatever else holds of the record.
            if is_protected(&dossier.records[number as usize]) { Verdict::Protected } else { Verdict::Marked(reason) }
        }
        Some(_) => Verdict::Hidden,
    }
}

/// The pages that stand in place of those that were taken down. What readers would not see anyway has none: its address never
/// told them anything.
pub(super) fn tombstones(dossier: &Dossier, policy: Policy) -> Vec<Tombstone> {
    let of = |number: &Number| {
        let (number, record) = (*number, &dossier.records[*number as usize]);
        let common = record.fields.common();
        let takedown = common.takedown.filter(|takedown| takedown.done.takes_the_page() && !takedown.silent)?;
        let is_alone = common.holds(policy.today).all(|hold| hold == Hold::Withdrawn);
        let has_page = is_alone && !dossier.index.ids.is_second(number);
        has_page.then(|| Tombstone {
            kind: record.kind(),
            ids: std::iter::once(&record.id).chain(common.aliases).cloned().collect(),
            on: takedown.on.clone(),
            reason: takedown.reason,
        })
    };
    dossier.guarded.iter().filter_map(of).collect()
}

/// Why readers do not see a record; `None` when they do.
pub(super) fn reason(dossier: &Dossier, number: Number, policy: Policy) -> Option<Reason> {
    let record = &dossier.records[number as usize];
    let common = record.fields.common();
    // Of two records with one id only the first is anybody's.
    if dossier.index.ids.is_second(number) {
        return Some(Reason::SecondOfItsId);
    }
    let shows_drafts = policy.audience == Audience::ReadersOfDrafts;
    let hold = common.holds(policy.today).find(|hold| !(shows_drafts && *hold == Hold::Draft));
    if let Some(hold) = hold {
        return Some(hold.into());
    }
    if is_unclassified(record, &dossier.settings) {
        return Some(Reason::Unclassified);
    }
    is_protected(record).then_some(Reason::Protected)
}

fn is_unclassified(record: &Record, settings: &Settings) -> bool {
    match &*record.fields {
        Fields::Actor(actor) => {
            settings.level == Level::Public && actor.kind == ActorKind::Person && actor.privacy.is_none()
        }
        _ => false,
    }
}

pub(super) fn is_protected(record: &Record) -> bool {
    matches!(&*record.fields, Fields::Actor(actor) if actor.is_protected())
}

pub(super) fn display_of(record: &Record) -> String {
    match &*record.fields {
        Fields::Actor(actor) => display_text(actor).unwrap_or_default(),
        _ => String::new(),
    }
}
