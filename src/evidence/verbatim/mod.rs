//! Whether words stand in a document: exactly, after a declared normalisation, or not.
//!
//! A text has a normal form: its letters. The letters of a quotation are searched for in those of the document, and where they are
//! found, what stands between the letters is compared by rules of its own. So a difference is either none, or one of the
//! [declared](super::Normalisation) ones, or the words do not stand there. Nothing is guessed.
//!
//! * **Letters** are the same in NFC and in another width or presentation form. Another case, a letter of another script that looks alike, a
//!   superscript and another script's digit are not the same.
//! * **Marks** count, each in its place. A quotation mark may be of any style, single or double, since style changes with nesting; one that is
//!   left out within a quotation is a difference. At the very ends of a quotation they are its own.
//! * **A hyphen** joins words and is never nothing, but at the end of a line, where it may be any. **A dash** separates, however long it is and
//!   with or without spaces. An en dash without spaces may be either. A minus belongs to its number.
//! * **White space** counts where it stands, not how much it is. Beside characters of Han and Kana it says nothing.
//! * **Vowel points** of Arabic and Hebrew may be left out, and not changed.
//! * **The ends** of a piece are ends of words (UAX 29) of the source; `re-sign` and `10-12` are one word. In scripts without spaces, words end
//!   between any two characters. A full stop or comma at the end may be the quotation's own, but not in place of a question mark.
//! * **What is left out** stands in order within one passage; see [`find`].

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

pub use found::{Caution, Found, Met};
pub use haystack::Haystack;
pub use hidden::hidden;
pub use nearest::{Edit, Nearest, Side, Stranger, nearest};
pub use omission::{Cause, Crossing, Omission, Tells};
pub use search::{MOST_ASIDE, MOST_HIDDEN, MOST_REPLACED, Surroundings, find};
pub use wording::{Wording, wording};

#[cfg(test)]
mod tests;
