//! The levels of headings on the page.

/// The levels of headings: whichever level an author begins with, the page goes on from its title without a gap.
#[derive(Default)]
pub(super) struct Outline {
    first: Option<u8>,
    last: Option<u8>,
}

impl Outline {
    /// The level on the page of a heading of `level` in the text; `top` is that of the first.
    pub(super) fn shown(&mut self, level: u8, top: u8) -> u8 {
        let first = *self.first.get_or_insert(level);
        let wanted = (top + level).saturating_sub(first).max(top);
        let shown = wanted.min(self.last.unwrap_or(top - 1) + 1).min(6);
        self.last = Some(shown);
        shown
    }
}
