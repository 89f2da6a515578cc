//! The style sheets in a page, as far as they say whether words are seen.
//!
//! This is no layout: what is asked of a sheet is which of its declarations hold for an element, of those properties that take words out of
//! sight. [`declaration`] reads what a declaration says, [`selector`] for which elements a rule holds, [`media`] in which windows, and
//! [`sheet`] finds what holds for one element when all are heard.
//!
//! What is not understood never hides. It may show again what something else hides, so a rule that perhaps holds is heard when it shows and
//! passed over when it hides.

pub(super) mod declaration;
mod media;
pub(super) mod selector;
pub(super) mod sheet;

/// Whether something holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Truth {
    No,
    /// It depends on what is not known here.
    Perhaps,
    Yes,
}

impl Truth {
    fn not(self) -> Truth {
        match self {
            Truth::No => Truth::Yes,
            Truth::Perhaps => Truth::Perhaps,
            Truth::Yes => Truth::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Truth {
        if holds { Truth::Yes } else { Truth::No }
    }
}

#[cfg(test)]
mod tests;
