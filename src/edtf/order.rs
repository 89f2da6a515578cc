//! Which date comes first: the order in which dates are listed, and what can be said about two of them.

use std::cmp::Ordering;

use super::bounds::Span;
use super::expression::Doubt;
use super::{Answer, Edtf};

/// The place of a date in a list. The order is total and the same everywhere.
///
/// By the earliest day, open and unknown starts first; then the narrower before the wider, so that a day comes before
/// its month and the month before its year; then the certain before the uncertain. Dates with equal keys are told
/// apart by what was written, which [`Edtf`]'s own order does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SortKey {
    // With equal starts, the earlier end is the narrower span.
    span: Span,
    doubt: Doubt,
}

impl Edtf {
    /// Where it goes in a list of dates.
    pub fn sort_key(&self) -> SortKey {
        SortKey {
            span: self.span(),
            doubt: Doubt { uncertain: self.is_uncertain(), approximate: self.is_approximate() },
        }
    }

    /// Whether all of it lies before all of the other.
    ///
    /// `Yes` when its latest day is before the other's earliest, `No` when its earliest day is on or after the other's
    /// latest, `Possibly` otherwise. Qualifiers do not widen the bounds, so `2024~` is before `2025`: whoever needs
    /// more asks [`Edtf::is_approximate`].
    pub fn before(&self, other: &Self) -> Answer {
        let (this, that) = (self.span(), other.span());
        if this.end < that.start {
            return Answer::Yes;
        }
        // Two ends beyond the calendar are equal without being the same day.
        let same_day = this.start == that.end && this.start.day().is_some();
        if this.start > that.end || same_day { Answer::No } else { Answer::Possibly }
    }

    /// Whether all of it lies after all of the other; `a.after(b)` is `b.before(a)`.
    pub fn after(&self, other: &Self) -> Answer {
        other.before(self)
    }
}

impl Ord for Edtf {
    fn cmp(&self, other: &Self) -> Ordering {
        self.sort_key().cmp(&other.sort_key()).then_with(|| self.written.cmp(&other.written))
    }
}

impl PartialOrd for Edtf {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
