//! What is looked for in files that are no text, such as pictures: names as they are, in a few spellings, wherever they stand.

use std::collections::BTreeSet;
use std::ops::Range;

use aho_corasick::AhoCorasick;

use super::index::{Index, Manner};
use crate::redact::{Secrets, Sort};
use crate::text::names::{is_hangul, is_unspaced};

/// The fewest bytes of what is looked for; shorter ones stand in many files by chance.
const SHORTEST: usize = 6;

/// The fewest bytes of what is looked for in UTF-16: two signs, of which many names are made.
const SHORTEST_WIDE: usize = 4;

/// How many letters must stand around so short a name: eight are so by chance once in some hundreds, and four bytes are those of a
/// name once in four thousand million.
const AROUND: usize = 8;

/// With what text of UTF-16 begins.
const MARK: u16 = 0xfeff;

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
    wide_names: Vec<WideName>,
}

/// What is known of a name in UTF-16.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct WideName {
    secret: u32,
    order: Order,
    /// Whether its few bytes stand in many files by chance, and so count only within text.
    is_short: bool,
}

/// Which byte of two comes first.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Order {
    Low,
    High,
}

impl Binary {
    pub(super) fn new(secrets: &Secrets, index: &Index) -> Self {
        let mut names: BTreeSet<(Vec<u8>, u32)> = BTreeSet::new();
        let mut add = |name: String, secret: u32| {
            if name.len() >= SHORTEST {
                names.insert((name.into_bytes(), secret));
            }
        };
        for pattern in
            index.patterns().iter().filter(|pattern| !matches!(pattern.manner, Manner::Whole | Manner::Written))
        {
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
        let mut wide: BTreeSet<(Vec<u8>, WideName)> = BTreeSet::new();
        let written = names.iter().filter_map(|(name, secret)| Some((std::str::from_utf8(name).ok()?, *secret)));
        for (name, secret) in written.filter(|(name, _)| name.contains(is_unspaced) || name.contains(is_hangul)) {
            for (order, bytes_of) in
                [(Order::Low, u16::to_le_bytes as fn(u16) -> [u8; 2]), (Order::High, u16::to_be_bytes)]
            {
                let bytes: Vec<u8> = name.encode_utf16().flat_map(bytes_of).collect();
                if bytes.len() >= SHORTEST_WIDE {
                    let is_short = bytes.len() < SHORTEST;
                    wide.insert((bytes, WideName { secret, order, is_short }));
                }
            }
        }
        let wide_names = wide.iter().map(|(_, name)| *name).collect();
        let wide = AhoCorasick::new(wide.iter().map(|(name, _)| name)).ok();
        let secrets = names.iter().map(|(_, secret)| *secret).collect();
        let names = AhoCorasick::builder().ascii_case_insensitive(true).build(names.iter().map(|(name, _)| name)).ok();
        Binary { names, secrets, wide, wide_names }
    }

    /// Tells what some bytes give away, beside what stands in longer names that the index knows.
    pub(super) fn find(&self, bytes: &[u8], index: &Index, found: &mut BTreeSet<u32>) {
        // Too many names for one automaton: then any of them could be there.
        let Some(names) = &self.names else {
            found.extend(self.secrets.first());
            return;
        };
        for name in names.find_overlapping_iter(bytes) {
            let secret = self.secrets[name.pattern().as_usize()];
            if !found.contains(&secret) && !index.is_excused(secret, bytes, name.start()) {
                found.insert(secret);
            }
        }
    }

    /// Tells what some bytes give away in UTF-16.
    pub(super) fn find_wide(&self, bytes: &[u8], found: &mut BTreeSet<u32>) {
        let Some(wide) = &self.wide else {
            found.extend(self.wide_names.first().map(|name| name.secret));
            return;
        };
        for hit in wide.find_overlapping_iter(bytes) {
            let name = self.wide_names[hit.pattern().as_usize()];
            if !name.is_short || stands_in_text(bytes, hit.range(), name.order) {
                found.insert(name.secret);
            }
        }
    }
}

/// Whether some bytes stand within text of UTF-16: among many of its letters, behind the mark with which it begins, or alone
/// between two zeros or ends.
fn stands_in_text(bytes: &[u8], name: Range<usize>, order: Order) -> bool {
    let unit = |two: &[u8]| match order {
        Order::Low => u16::from_le_bytes([two[0], two[1]]),
        Order::High => u16::from_be_bytes([two[0], two[1]]),
    };
    let is_text = |unit: &u16| is_of_text(*unit);
    let before = || bytes[..name.start].rchunks_exact(2).map(unit);
    let behind = || bytes[name.end..].chunks_exact(2).map(unit);
    let (left, right) =
        (before().take(AROUND).take_while(is_text).count(), behind().take(AROUND).take_while(is_text).count());
    let (first, next) = (before().nth(left), behind().nth(right));
    let is_end = |unit: Option<u16>| unit.is_none_or(|unit| unit == 0);
    left + right >= AROUND || first == Some(MARK) || is_end(first) && is_end(next)
}

/// Whether a unit of UTF-16 is one of ASCII text, or of a script in which names of two signs are written.
fn is_of_text(unit: u16) -> bool {
    matches!(unit, 0x09 | 0x0a | 0x0d | 0x20..=0x7e | 0x3000..=0x30ff | 0x4e00..=0x9fff | 0xac00..=0xd7a3 | 0xff01..=0xff60)
}
