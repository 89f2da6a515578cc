//! Whether words stand in a document: exactly, after a declared normalisation, or not.
//!
//! A text has a normal form: its letters. The letters of a quotation are searched for in those of the document, and where they are
//! found, what stands between the letters is compared by rules of its own. So a difference is either none, or one of the
//! [declared](super::Normalisation) ones, or the words do not stand there. Nothing is guessed.
//!
//! What is not the same letter: another case, another script's letter that looks alike, a superscript, another digit.

mod between;
mod border;
mod character;
mod edge;
mod found;
mod haystack;
mod hidden;
mod marks;
mod nearest;
mod normal;
mod omission;
mod search;
mod wording;

pub use found::{Found, Met};
pub use haystack::Haystack;
pub use hidden::hidden;
pub use nearest::{Edit, Nearest, Side, Stranger, nearest};
pub use omission::{Cause, Crossing, Omission, Tells};
pub use search::{MOST_ASIDE, MOST_HIDDEN, MOST_REPLACED, Surroundings, find};
pub use wording::{Wording, wording};

#[cfg(test)]
mod tests;
