//! What readers do not see of a record, for its authors: a report, never a part of the site.

use super::fate::{Reason, reason};
use super::{Audience, Policy};
use crate::link::{Dossier, LinkTo, Number, each_reference};

/// Something of a record that readers do not see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Withheld {
    /// The record itself.
    Record(Reason),
    /// Its internal notes.
    Notes,
    /// A record that it refers to; with its id when those who are told see that record.
    Reference(Option<String>, Reason),
}

/// What readers do not see of a record, whoever sees more.
pub fn withheld_from_readers(dossier: &Dossier, number: Number, policy: Policy) -> Vec<Withheld> {
    let readers = match policy.audience {
        Audience::Authors => Policy { audience: Audience::Readers, ..policy },
        Audience::Readers | Audience::ReadersOfDrafts => policy,
    };
    let record = &dossier.records[number as usize];
    let mut withheld: Vec<Withheld> = reason(dossier, number, readers).map(Withheld::Record).into_iter().collect();
    withheld.extend(record.fields.common().notes_internal.map(|_| Withheld::Notes));
    let mut references = std::collections::BTreeSet::new();
    each_reference(&record.fields, &mut |reference| references.extend(dossier.index.ids.find(reference.id)));
    for (_, links) in &dossier.outgoing[number as usize].targets {
        references.extend(links.iter().filter_map(|link| match link {
            LinkTo::Record(to, _) => Some(*to),
            LinkTo::Here(_) | LinkTo::Attachment(_) | LinkTo::Nothing => None,
        }));
    }
    withheld.extend(references.into_iter().filter(|to| *to != number).filter_map(|to| {
        let reason = reason(dossier, to, readers)?;
        let is_told = policy.audience == Audience::Authors && reason.is_shown_to_authors();
        Some(Withheld::Reference(is_told.then(|| dossier.records[to as usize].id.to_string()), reason))
    }));
    withheld
}
