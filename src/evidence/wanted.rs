//! What is to be looked for: the words of quotations and of citations, as readers have them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::examine::{Before, Looked, Why};
use super::verbatim::{self, Surroundings, Wording};
use crate::link::{Dossier, Number};
use crate::model::{Citation, Fields, Lang, Mode, Quote, Source};
use crate::parse::Record;

/// The sources that have copies, as readers have them.
pub(super) fn sources(dossier: &Dossier) -> BTreeMap<Number, &Source> {
    let numbered = (0..).zip(&dossier.records).filter(|(_, record)| !record.origin.is_outside);
    let sources = numbered.filter_map(|(number, record): (Number, _)| match &*record.open().fields {
        Fields::Source(source) if !source.captures.is_empty() => Some((number, source)),
        _ => None,
    });
    sources.collect()
}

/// What is to be looked for of a record.
pub(super) struct Want<'a> {
    pub(super) number: Number,
    /// The record as readers have it.
    pub(super) record: &'a Record,
    /// What came of it the last time, when that stands.
    pub(super) known: Option<Arc<Looked>>,
    /// The words of its quotation; an error says why there are none.
    pub(super) words: Result<Wording, Why>,
    pub(super) citations: Vec<Cited<'a>>,
}

/// A citation, with the number of its source when that has copies.
pub(super) struct Cited<'a> {
    pub(super) citation: &'a Citation,
    pub(super) source: Option<Number>,
    /// Whether the words of the quotation can stand in that source.
    pub(super) may_have_them: bool,
    /// The words that it names itself.
    pub(super) exact: Option<Wording>,
}

/// One search: of which record, by which of its citations, and whether for the words that the citation names itself.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Ask {
    pub(super) want: usize,
    pub(super) citation: usize,
    pub(super) is_exact: bool,
}

pub(super) fn wants<'a>(
    dossier: &'a Dossier,
    sources: &BTreeMap<Number, &Source>,
    before: Option<Before<'_>>,
) -> Vec<Want<'a>> {
    let numbered = (0..).zip(&dossier.records).filter(|(_, record)| !record.origin.is_outside);
    let wants = numbered.filter_map(|(number, whole): (Number, &Arc<Record>)| {
        let record = whole.open();
        let cited: Vec<(&Citation, Option<Number>)> = record
            .fields
            .common()
            .sources
            .iter()
            .map(|citation| {
                let source = dossier.index.ids.find(citation.source.as_str());
                (citation, source.filter(|source| sources.contains_key(source)))
            })
            .collect();
        if cited.iter().all(|(_, source)| source.is_none()) {
            return None;
        }
        let is_quote = matches!(&*record.fields, Fields::Quote(_));
        if !is_quote && cited.iter().all(|(citation, _)| citation.exact.is_none()) {
            return None;
        }
        let known = before.and_then(|before| before.looked(dossier, whole)).cloned();
        let is_known = known.is_some();
        let citations = cited.into_iter().map(|(citation, source)| {
            let exact = citation.exact.as_ref().filter(|_| !is_known);
            let may_have_them = source.is_some_and(|source| !is_foreign(dossier, record, sources[&source]));
            Cited { citation, source, may_have_them, exact: exact.map(|exact| verbatim::wording(&[exact.as_str()])) }
        });
        let words = if is_known { Err(Why::NotCheckable) } else { words(record) };
        Some(Want { number, record, known, words, citations: citations.collect() })
    });
    wants.collect()
}

/// Whether the words are a translation of which a source cannot have a word, since it is in another language.
fn is_foreign(dossier: &Dossier, record: &Record, source: &Source) -> bool {
    let Fields::Quote(Quote { translation: Some(_), original: None, lang, .. }) = &*record.fields else { return false };
    let primary = |lang: Option<&Lang>| {
        let lang = lang.map_or(dossier.settings.lang(), Lang::as_str);
        lang.split('-').next().unwrap_or(lang).to_ascii_lowercase()
    };
    primary(lang.as_ref()) != primary(source.lang.as_ref())
}

/// The words of a quotation that its source must have, part by part: the original ones where they are given. None where the
/// quotation gives no words of its source.
pub(crate) fn looked_for(record: &Record) -> Option<Vec<String>> {
    let Fields::Quote(quote) = &*record.fields else { return None };
    if matches!(quote.mode, Some(Mode::Indirect | Mode::Paraphrase)) {
        return None;
    }
    let parts = record.compared_parts();
    Some(parts).filter(|parts| parts.iter().any(|part| !part.trim().is_empty()))
}

/// The same, as it is looked for.
pub(super) fn words(record: &Record) -> Result<Wording, Why> {
    let parts = looked_for(record).ok_or(Why::NotCheckable)?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    Some(verbatim::wording(&parts)).filter(|wording| !wording.is_empty()).ok_or(Why::NotCheckable)
}

impl Want<'_> {
    /// What is the same as long as the same words are looked for at the same place.
    pub(super) fn key(&self, words: &Wording) -> String {
        let mut key = words.key();
        for Cited { citation, .. } in &self.citations {
            let (prefix, suffix) = (citation.prefix.as_ref(), citation.suffix.as_ref());
            if prefix.is_some() || suffix.is_some() {
                let near = [
                    Some(citation.source.as_str()),
                    prefix.map(|near| near.as_str()),
                    suffix.map(|near| near.as_str()),
                ];
                key.extend(near.into_iter().flat_map(|near| ["\u{1d}", near.unwrap_or_default()]));
            }
        }
        key
    }

    /// What a search is for, and what stands around it.
    pub(super) fn asked(&self, ask: Ask) -> (&Wording, Surroundings<'_>) {
        let cited = &self.citations[ask.citation];
        let wording = if ask.is_exact { cited.exact.as_ref() } else { self.words.as_ref().ok() };
        let near = Surroundings {
            prefix: cited.citation.prefix.as_ref().map(|prefix| prefix.as_str()),
            suffix: cited.citation.suffix.as_ref().map(|suffix| suffix.as_str()),
        };
        (wording.expect("a search is made only for words that are there"), near)
    }
}
