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
