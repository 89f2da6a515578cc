//! The external addresses of a dossier: those of fields, and those of links in prose.
//!
//! Prose is read again for them; only this command needs them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Link, html};
use crate::config;
use crate::diagnostic::{Place, SourceText};
use crate::link::Dossier;
use crate::model::{Fields, Url};
use crate::parse::{Extent, Outward, Record, Step, each_text, locate, place_in, read_outward};
use crate::read::Sources;

/// Each external address of a dossier once, with its places; sorted by address. Withheld records count too: it is their
/// author who asks.
pub fn links(dossier: &Dossier, sources: &Sources) -> Vec<Link> {
    let mut found: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    let mut add = |address: &str, place: Place| {
        let lower = address.get(..8).unwrap_or(address).to_ascii_lowercase();
        if lower.starts_with("http://") || lower.starts_with("https://") {
            found.entry(address.to_owned()).or_default().push(place);
        }
    };
    for record in &dossier.records {
        let text = sources.text(&record.origin.file).unwrap_or_default();
        fields(record, text, &mut add);
        prose(record, text, &mut add);
    }
    if let Some(summary) = &dossier.settings.summary {
        let file: Arc<str> =
            sources.settings.as_ref().map_or_else(|| config::FILE.into(), |file| Arc::clone(&file.path));
        let text = sources.text(&file).unwrap_or_default();
        let whole = locate(text, &[Step::Key("summary")]).unwrap_or(0..0);
        for (address, _) in addresses(summary.as_str(), Extent::Passage) {
            add(&address, Place::new(&file, whole.clone()));
        }
    }
    let links = found.into_iter().map(|(address, mut places)| {
        places.sort();
        places.dedup();
        Link { address, places }
    });
    links.collect()
}

fn fields(record: &Record, text: &str, add: &mut impl FnMut(&str, Place)) {
    // Of all kinds, only sources have addresses.
    let Fields::Source(source) = &*record.fields else { return };
    let mut field = |url: &Url, path: &[Step<'_>]| {
        add(url.as_str(), Place::new(&record.origin.file, record.origin.field(text, path)));
    };
    if let Some(url) = &source.url {
        field(url, &[Step::Key("url")]);
    }
    for (at, url) in source.archived.iter().enumerate() {
        field(url, &[Step::Key("archived"), Step::Index(at)]);
    }
}

fn prose(record: &Record, text: &str, add: &mut impl FnMut(&str, Place)) {
    each_text(text, &record.fields, &record.origin, &mut |slot, markdown, extent| {
        for (address, span) in addresses(markdown, extent) {
            let span = place_in(text, &record.origin, slot, markdown, span);
            add(&address, Place::new(&record.origin.file, span));
        }
    });
}

/// The addresses in Markdown that lead out of the dossier.
fn addresses(markdown: &str, extent: Extent) -> Vec<(String, std::ops::Range<usize>)> {
    // Nearly all prose has none.
    if !markdown.contains("://") && !markdown.contains('&') {
        return Vec::new();
    }
    let outward = read_outward(markdown, extent).into_iter().flat_map(|outward| match outward {
        Outward::Link(address, span) => vec![(address, span)],
        Outward::Html(raw, span) => html::links(&raw).into_iter().map(|address| (address, span.clone())).collect(),
    });
    outward.collect()
}
