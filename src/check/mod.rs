//! The rules: what a dossier must hold before it may be published, each a function over the linked dossier.

use std::ops::Range;

use rayon::prelude::*;

use crate::config::Level;
use crate::diagnostic::{Code, Diagnostic, SourceText};
use crate::link::Dossier;
use crate::model::{ActorKind, Fields, StatusWord};
use crate::parse::{Record, Step};
use crate::read::Sources;

/// A rule looks at one record of a linked dossier.
type Rule = fn(&Record) -> Option<Broken>;

/// What a rule found: the code, the fact, the field it is about, and the way out.
struct Broken {
    code: Code,
    message: String,
    field: &'static str,
    hint: &'static str,
}

/// The rules that hold at level `public`.
const PUBLIC: &[Rule] = &[person_has_privacy_class, quote_and_event_have_a_source, verified_says_how_and_when];

/// Applies the rules of the dossier's level.
pub fn check(dossier: &Dossier, sources: &Sources) -> Vec<Diagnostic> {
    let rules = rules(dossier.settings.level);
    if rules.is_empty() {
        return Vec::new();
    }
    dossier.records.par_iter().flat_map_iter(|record| apply(rules, record, sources)).collect()
}

/// What a record would have to mend before its dossier holds at a level, in the words of its findings.
pub fn unmet(record: &Record, level: Level) -> Vec<String> {
    rules(level).iter().filter_map(|rule| rule(record)).map(|broken| broken.message).collect()
}

fn rules(level: Level) -> &'static [Rule] {
    match level {
        Level::Internal => &[],
        Level::Public => PUBLIC,
    }
}

fn apply<'a>(
    rules: &'a [Rule],
    record: &'a Record,
    sources: &'a Sources,
) -> impl Iterator<Item = Diagnostic> + use<'a> {
    rules.iter().filter_map(|rule| rule(record)).map(|broken| {
        let span = place(record, broken.field, sources);
        Diagnostic::new(broken.code, broken.message).at(&record.origin.file, span).hint(broken.hint)
    })
}

fn place(record: &Record, field: &str, sources: &Sources) -> Range<usize> {
    record.origin.field(sources.text(&record.origin.file).unwrap_or_default(), &[Step::Key(field)])
}

fn person_has_privacy_class(record: &Record) -> Option<Broken> {
    let Fields::Actor(actor) = &*record.fields else { return None };
    (actor.kind == ActorKind::Person && actor.privacy.is_none()).then(|| Broken {
        code: Code::NoPrivacyClass,
        message: format!("nothing says how much of `{}` may be shown", record.id),
        field: "name",
        hint: "write `privacy: public-figure`, `limited`, `private`, `minor`, `victim` or `protected-source`",
    })
}

fn quote_and_event_have_a_source(record: &Record) -> Option<Broken> {
    let what = match &*record.fields {
        Fields::Quote(_) => "quote",
        Fields::Event(_) => "event",
        Fields::Actor(_) | Fields::Source(_) | Fields::Place(_) | Fields::Page(_) => return None,
    };
    record.fields.common().sources.is_empty().then(|| Broken {
        code: Code::NoSource,
        message: format!("the {what} `{}` has no source", record.id),
        field: "date",
        hint: "write `source:` with the id of the source that it rests on",
    })
}

fn verified_says_how_and_when(record: &Record) -> Option<Broken> {
    let status = record.fields.common().status?;
    let is_bare = status.is == StatusWord::Verified && (status.method.is_none() || status.on.is_none());
    is_bare.then(|| Broken {
        code: Code::VerifiedWithoutMethod,
        message: format!("`{}` is said to be verified, but not how and when", record.id),
        field: "status",
        hint: "write `status: {is: verified, on: 2025-05-11, method: …, by: …}`",
    })
}
