//! What readers are told of quotations in the copies of their sources.
//!
//! A copy may say what is withheld, a few words before or after a quotation as much as anywhere. So words of a copy that would say it
//! in any form are left out, and nothing is told of a quotation whose words readers do not have as they were looked for.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fate::Fate;
use super::fields::Lens;
use super::known::{Names, Parts};
use super::secrets::{Sort, secrets};
use super::{Audience, Number, PublicDossier, Redaction};
use crate::evidence::{Comparison, Evidence, Examined};
use crate::link::Dossier;
use crate::parse::Slot;

/// What readers are told, by the number of the public record.
pub(super) fn public_evidence(
    dossier: &Dossier,
    evidence: &Evidence,
    redaction: &Redaction,
) -> BTreeMap<Number, Arc<Examined>> {
    let lens = Lens { dossier, fates: &redaction.fates };
    let mut names = None;
    let mut told = BTreeMap::new();
    for (number, examined, _) in evidence.iter() {
        let Fate::Public(public) = redaction.fates[number as usize] else { continue };
        if !has_its_words(dossier, number, &redaction.public, public) {
            continue;
        }
        let cited = dossier.records[number as usize].open().fields.common().sources.iter();
        let sources = cited.zip(&examined.sources).filter(|(citation, _)| lens.is_shown(&citation.source));
        let sources = sources.map(|(_, source)| {
            let comparison = source.clone()?;
            let names = names.get_or_insert_with(|| withheld_words(dossier, redaction));
            Ok(without(comparison, names.as_ref()))
        });
        let sources: Vec<_> = sources.collect();
        if sources.iter().any(Result::is_ok) {
            told.insert(public, Arc::new(Examined { words: String::new(), sources }));
        }
    }
    told
}

/// Whether readers have the words as they were looked for.
fn has_its_words(dossier: &Dossier, number: Number, public: &PublicDossier, at: Number) -> bool {
    let (whole, own) = (dossier.records[number as usize].open(), &public.records[at as usize]);
    [Slot::Text, Slot::Original].into_iter().all(|slot| {
        let words = |texts: &crate::parse::Texts| texts.get(slot).map(|prose| prose.plain.text.clone());
        Arc::ptr_eq(&whole.texts, &own.texts) || words(&whole.texts) == words(&own.texts)
    })
}

/// All names and words that are withheld; `None` when nothing is.
fn withheld_words(dossier: &Dossier, redaction: &Redaction) -> Option<Names> {
    if redaction.policy.audience == Audience::Authors {
        return None;
    }
    let secrets = secrets(dossier, redaction);
    let values = secrets.values().iter().map(|secret| {
        let parts = if secret.sort == Sort::Person { Parts::FirstAndLast } else { Parts::All };
        (secret.value.clone(), parts)
    });
    let values: Vec<_> = values.collect();
    (!values.is_empty()).then(|| Names::new(values))
}

/// A result without what is for authors, and without words that say what is withheld.
fn without(comparison: Comparison, names: Option<&Names>) -> Comparison {
    let around = [&comparison.before, &comparison.after, comparison.fragment.as_ref().unwrap_or(&comparison.before)];
    let says = names.is_some_and(|names| around.into_iter().any(|words| says(names, words)));
    let (before, after, fragment) = match says {
        true => Default::default(),
        false => (comparison.before.clone(), comparison.after.clone(), comparison.fragment.clone()),
    };
    let (cautions, nearest, differences, strangers, hidden) = Default::default();
    Comparison { before, after, fragment, cautions, nearest, differences, strangers, hidden, ..comparison }
}

/// Whether words say one of the names. Those of a copy are cut where they begin and end, and what is cut off there is not said.
fn says(names: &Names, words: &str) -> bool {
    let words = percent_encoding::percent_decode_str(words).decode_utf8_lossy();
    names.are_in(&words)
}
