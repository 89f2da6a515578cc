//! How many sources of a record its readers see, and from how many independent origins these come.

use std::collections::BTreeMap;

use super::{Found, Number, PublicDossier, PublicRecord};
use crate::link::origins;
use crate::model::{Fields, Id, Source, Via};

/// What a record rests on, as its readers see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RestsOn {
    /// How many sources, each once however often it is cited.
    pub sources: usize,
    /// From how many independent origins they come.
    pub origins: usize,
}

impl PublicDossier {
    /// What a record rests on. A source that readers do not see is none.
    pub fn rests_on(&self, record: &PublicRecord) -> RestsOn {
        let source = |id: &Id| -> Option<(Number, &Source)> {
            let Found::Record(number) = self.find(id) else { return None };
            match &*self.records[number as usize].fields {
                Fields::Source(source) => Some((number, source)),
                _ => None,
            }
        };
        let via: &[Via] = match &*record.fields {
            Fields::Quote(quote) => &quote.via,
            _ => &[],
        };
        let cited = record.fields.common().sources.iter().filter_map(|citation| source(&citation.source));
        let cited: BTreeMap<Number, &Source> = cited.collect();
        let sources = cited.len();
        RestsOn { sources, origins: if sources < 2 { sources } else { origins(cited, via, &source).len() } }
    }
}
