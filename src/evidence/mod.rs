//! Captured sources, and whether quotations stand in them, word for word.
//!
//! A capture is read by its format ([`extract`]) into [documents](Document): text as a reader sees it, each part of which knows where it
//! stands in the file. Words are looked for in documents exactly, after a declared [normalisation](Normalisation), by [`verbatim`].
//!
//! Nothing here is fuzzy: one word that was changed, added, left out or moved is never `exact` or `normalised`.

mod agree;
mod comparison;
mod copy;
mod document;
mod examine;
pub mod extract;
mod fragment;
pub mod lock;
mod normalisation;
pub mod verbatim;
mod wanted;

pub use agree::Disagreement;
pub use comparison::{Comparison, Examined, Omitted, Place, Verdict};
pub use copy::{Copy, CopyState, Gap};
pub use document::{Anchor, Block, BlockKind, Document, Hidden, HiddenBy, How, Locator, Part};
pub use examine::{Evidence, examine};
pub use normalisation::{Normalisation, Normalisations};
pub(crate) use wanted::looked_for;
