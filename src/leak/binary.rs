//! What is looked for in files that are no text, such as pictures: names as they are, in a few spellings, wherever they stand.

use std::collections::BTreeSet;

use aho_corasick::AhoCorasick;

use super::index::{Index, Manner};
use crate::redact::{Secrets, Sort};
use crate::text::names::{is_hangul, is_unspaced};

/// The fewest bytes of what is looked for; shorter ones stand in many files by chance.
const SHORTEST: usize = 6;

/// The longest name, in bytes.
const LONGEST: usize = 60;

/// What may stand between the words of a name.
const BETWEEN: [&str; 9] = [" ", "-", "_", ".", "", ", ", "%20", "+", "/"];

/// Looks for names in bytes.
pub(super) struct Binary {
    names: Option<AhoCorasick>,
    /// What each of them gives away.
    secrets: Vec<u32>,
    /// The same of names beyond ASCII in UTF-16, which have no bytes by which that could be known.
    wide: Option<AhoCorasick>,
    wide_secrets: Vec<u32>,
}

impl Binary {
    pub(super) fn new(secrets: &Secrets, index: &Index) -> Self {
        let mut names: BTreeSet<(Vec<u8>, u32)> = BTreeSet::new();
        let mut add = |name: String, secret: u32| {
            if name.len() >= SHORTEST {
                names.insert((name.into_bytes(), secret));
            }
        };
        for pattern in index.patterns().iter().filter(|pattern| pattern.manner != Manner::Whole) {
            // Sentences are written as such.
            let most = if pattern.words.len() > LONGEST { 1 } else { BETWEEN.len() };
            for between in &BETWEEN[..most] {
                add(pattern.words.replace(' ', between), pattern.secret);
            }
        }
        // Letters beyond ASCII as they are written, of values that are looked for at all.
        let looked_for: BTreeSet<u32> = index.patterns().iter().map(|pattern| pattern.secret).collect();
        let written = secrets.values().iter().filter(|secret| {
            matches!(secret.sort, Sort::Person | Sort::Name | Sort::Family | Sort::Title)
                && looked_for.contains(&secret.from)
        });
        for secret in written.filter(|secret| !secret.value.is_ascii()) {
            add(secret.value.clone(), secret.from);
            add(secret.value.to_lowercase(), secret.from);
            add(secret.value.to_uppercase(), secret.from);
        }
        let mut wide: BTreeSet<(Vec<u8>, u32)> = BTreeSet::new();
        let written = names.iter().filter_map(|(name, secret)| Some((std::str::from_utf8(name).ok()?, *secret)));
        for (name, secret) in written.filter(|(name, _)| name.contains(is_unspaced) || name.contains(is_hangul)) {
            for order in [u16::to_le_bytes, u16::to_be_bytes] {
                let bytes: Vec<u8> = name.encode_utf16().flat_map(order).collect();
                if bytes.len() >= SHORTEST {
                    wide.insert((bytes, secret));
                }
            }
        }
        let wide_secrets = wide.iter().map(|(_, secret)| *secret).collect();
        let wide = AhoCorasick::new(wide.iter().map(|(name, _)| name)).ok();
        let secrets = names.iter().map(|(_, secret)| *secret).collect();
        let names = AhoCorasick::builder().ascii_case_insensitive(true).build(names.iter().map(|(name, _)| name)).ok();
        Binary { names, secrets, wide, wide_secrets }
    }

    /// Tells what some bytes give away.
    pub(super) fn find(&self, bytes: &[u8], found: &mut BTreeSet<u32>) {
        // Too many names for one automaton: then any of them could be there.
        let Some(names) = &self.names else {
            found.extend(self.secrets.first());
            return;
        };
        found.extend(names.find_overlapping_iter(bytes).map(|name| self.secrets[name.pattern().as_usize()]));
    }

    /// Tells what some bytes give away in UTF-16.
    pub(super) fn find_wide(&self, bytes: &[u8], found: &mut BTreeSet<u32>) {
        let Some(wide) = &self.wide else {
            found.extend(self.wide_secrets.first());
            return;
        };
        found.extend(wide.find_overlapping_iter(bytes).map(|name| self.wide_secrets[name.pattern().as_usize()]));
    }
}
