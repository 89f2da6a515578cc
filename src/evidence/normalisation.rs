//! What may differ between a quotation and its source without a word being another one: the declared list.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// The normalisations that a comparison needed.
pub type Normalisations = BTreeSet<Normalisation>;

/// A difference that leaves every word as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Normalisation {
    /// The same characters composed otherwise: Unicode NFC (UAX 15).
    UnicodeForm,
    /// Presentation forms, half-width and full-width letters, and other compatible forms of the same letters.
    CompatibleForms,
    /// Ligatures such as `ﬁ`.
    Ligatures,
    /// Spaces, tabs and line breaks.
    WhiteSpace,
    /// Quotation marks and apostrophes of another style.
    QuotationMarks,
    /// Dashes and hyphens of another length.
    Dashes,
    /// Three full stops for an ellipsis that the source has itself.
    Ellipsis,
    /// Soft hyphens.
    SoftHyphens,
    /// Characters without width, and marks of direction.
    ZeroWidth,
    /// A hyphen at the end of a line.
    LineHyphens,
    /// Vowel marks and letter extenders that a writer may leave out, in Arabic and Hebrew.
    Points,
    /// Character references of HTML.
    Entities,
    /// Tags of HTML.
    Tags,
    /// The first letter in brackets, with the other case.
    FirstLetter,
    /// A full stop, comma or the like at the end that is not the source's.
    FinalMark,
}

/// Every normalisation, in the order of the list.
const ALL: [Normalisation; 15] = [
    Normalisation::UnicodeForm,
    Normalisation::CompatibleForms,
    Normalisation::Ligatures,
    Normalisation::WhiteSpace,
    Normalisation::QuotationMarks,
    Normalisation::Dashes,
    Normalisation::Ellipsis,
    Normalisation::SoftHyphens,
    Normalisation::ZeroWidth,
    Normalisation::LineHyphens,
    Normalisation::Points,
    Normalisation::Entities,
    Normalisation::Tags,
    Normalisation::FirstLetter,
    Normalisation::FinalMark,
];

/// Normalisations as a set that costs nothing to copy, for as long as words are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Needed(u16);

impl Needed {
    pub(super) const NONE: Needed = Needed(0);

    pub(super) fn with(self, normalisation: Normalisation) -> Needed {
        Needed(self.0 | 1 << normalisation as u16)
    }

    pub(super) fn with_if(self, is_needed: bool, normalisation: Normalisation) -> Needed {
        if is_needed { self.with(normalisation) } else { self }
    }

    pub(super) fn and(self, other: Needed) -> Needed {
        Needed(self.0 | other.0)
    }

    /// What is in one of both alone.
    pub(super) fn differing(self, other: Needed) -> Needed {
        Needed(self.0 ^ other.0)
    }

    pub(super) fn has(self, normalisation: Normalisation) -> bool {
        self.0 & 1 << normalisation as u16 != 0
    }

    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) fn count(self) -> u32 {
        self.0.count_ones()
    }
}

impl From<Needed> for Normalisations {
    fn from(needed: Needed) -> Normalisations {
        ALL.into_iter().filter(|one| needed.has(*one)).collect()
    }
}
