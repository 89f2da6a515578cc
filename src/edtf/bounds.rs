//! The ends of a stretch of time, of which either may be beyond every day.

use super::day::Day;

/// One end of a [`Span`]. The order is that of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Bound {
    /// Before every day: an open or unknown start, or a year before -9999.
    Past,
    Day(Day),
    /// After every day: an open or unknown end, or a year after 9999.
    Future,
}

impl Bound {
    pub(super) fn day(self) -> Option<Day> {
        match self {
            Self::Day(day) => Some(day),
            Self::Past | Self::Future => None,
        }
    }
}

/// A stretch of time with both its ends; `start <= end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Span {
    pub(super) start: Bound,
    pub(super) end: Bound,
}

impl Span {
    pub(super) fn of_day(day: Day) -> Self {
        Self { start: Bound::Day(day), end: Bound::Day(day) }
    }

    pub(super) fn days(first: Day, last: Day) -> Self {
        Self { start: Bound::Day(first), end: Bound::Day(last) }
    }

    pub(super) fn union(self, other: Self) -> Self {
        Self { start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    pub(super) fn overlaps(self, other: Self) -> bool {
        self.start <= other.end && other.start <= self.end
    }

    pub(super) fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}
