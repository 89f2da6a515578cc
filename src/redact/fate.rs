//! What becomes of each record: shown, replaced by a display text, or hidden.

use rayon::prelude::*;

use super::{Audience, Policy, Protected};
use crate::config::{Level, Settings};
use crate::link::{Dossier, Number};
use crate::model::{Actor, ActorKind, Display, Fields, Hold};
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
            Reason::Unclassified => "unclassified",
            Reason::SecondOfItsId => "duplicate",
            Reason::Protected => "protected",
        }
    }

    /// Whether authors see such a record in the preview, marked as what it is.
    pub(super) fn is_shown_to_authors(self) -> bool {
        match self {
            Reason::Draft | Reason::Embargoed | Reason::Internal => true,
            Reason::Sealed | Reason::Unclassified | Reason::SecondOfItsId | Reason::Protected => false,
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
        return Some(match hold {
            Hold::Sealed => Reason::Sealed,
            Hold::Internal => Reason::Internal,
            Hold::Draft => Reason::Draft,
            Hold::Embargoed => Reason::Embargoed,
        });
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

fn is_protected(record: &Record) -> bool {
    matches!(&*record.fields, Fields::Actor(actor) if display_text(actor).is_some())
}

pub(super) fn display_of(record: &Record) -> String {
    match &*record.fields {
        Fields::Actor(actor) => display_text(actor).unwrap_or_default(),
        _ => String::new(),
    }
}

/// The text in place of an actor's name; `None` when the name itself may be shown.
fn display_text(actor: &Actor) -> Option<String> {
    let is_protected = actor.privacy.is_some_and(|privacy| privacy.is_protected());
    let text =
        |line: &Option<crate::model::Line>| line.as_ref().map(|line| line.as_str().to_owned()).unwrap_or_default();
    match (actor.display, is_protected) {
        (None | Some(Display::Full), false) => None,
        (None | Some(Display::Full | Display::Omit), _) => Some(String::new()),
        (Some(Display::Initials), _) => Some(initials(actor.name.as_str())),
        (Some(Display::Pseudonym), _) => Some(text(&actor.pseudonym)),
        (Some(Display::RoleOnly), _) => Some(text(&actor.role)),
    }
}

/// The initials of a name; nothing where they would say the name or most of it: in scripts that write words or syllables
/// as one sign, and in names of single letters.
fn initials(name: &str) -> String {
    let is_sign = |c: char| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    let is_telling = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() < 2;
    if name.chars().any(is_sign) || name.split([' ', '-']).any(is_telling) {
        return String::new();
    }
    let letters: Vec<String> = name
        .split([' ', '-'])
        .filter_map(|word| word.chars().find(|c| c.is_alphabetic()))
        .map(|c| format!("{c}."))
        .collect();
    letters.join(" ")
}
