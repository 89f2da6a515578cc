//! What a date means once it has been read: the value behind an [`Edtf`](super::Edtf) that is not a plain day.

use super::Precision;
use super::bounds::{Bound, Span};
use super::day::Day;

#[derive(Clone, Debug)]
pub(super) enum Expression {
    Date(Date),
    Interval { start: End, end: End },
    Set { kind: SetKind, members: Vec<Member> },
}

#[derive(Clone, Debug)]
pub(super) enum End {
    Date(Date),
    Open,
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SetKind {
    OneOf,
    AllOf,
}

#[derive(Clone, Debug)]
pub(super) enum Member {
    Date(Date),
    /// This date or any before it.
    UpTo(Date),
    /// This date or any after it.
    From(Date),
    /// All dates between the two, both included. They are of the same precision, unqualified and fully specified.
    Range(Date, Date),
}

/// A single date: its digits, its bounds, and whether it is in doubt.
#[derive(Clone, Debug)]
pub(super) struct Date {
    pub(super) fields: Fields,
    pub(super) span: Span,
    pub(super) doubt: Doubt,
}

/// The qualification of all components together: whether any of them is in doubt.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Doubt {
    pub(super) uncertain: bool,
    pub(super) approximate: bool,
}

#[derive(Clone, Debug)]
pub(super) enum Fields {
    LongYear(i64),
    Season { year: Year, code: u8 },
    Calendar { year: Year, month: Option<Digits<2>>, day: Option<Digits<2>> },
}

/// A year of four digits; one with unspecified digits is never negative.
#[derive(Clone, Copy, Debug)]
pub(super) struct Year {
    pub(super) negative: bool,
    pub(super) digits: Digits<4>,
}

/// Decimal digits, the highest first; `None` is an `X`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Digits<const N: usize>(pub(super) [Option<u8>; N]);

impl Expression {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Date(date) => date.span,
            Self::Interval { start, end } => {
                let start = start.date().map_or(Bound::Past, |date| date.span.start);
                let end = end.date().map_or(Bound::Future, |date| date.span.end);
                Span { start, end }
            }
            Self::Set { members, .. } => members
                .iter()
                .map(Member::span)
                .reduce(Span::union)
                .unwrap_or(Span { start: Bound::Past, end: Bound::Future }),
        }
    }

    pub(super) fn precision(&self) -> Precision {
        match self {
            Self::Date(date) => date.precision(),
            Self::Interval { .. } => Precision::Interval,
            Self::Set { .. } => Precision::Set,
        }
    }

    /// Every date that is written in it, in that order.
    pub(super) fn dates(&self) -> impl Iterator<Item = &Date> {
        let (ends, members): ([Option<&Date>; 2], &[Member]) = match self {
            Self::Date(date) => ([Some(date), None], &[]),
            Self::Interval { start, end } => ([start.date(), end.date()], &[]),
            Self::Set { members, .. } => ([None, None], members),
        };
        ends.into_iter().flatten().chain(members.iter().flat_map(Member::dates))
    }

    /// The days that stand in it as days, in order and once each. A run of more than `limit` days is given by its two
    /// ends.
    pub(super) fn stated_days(&self, limit: usize) -> Vec<Day> {
        let mut days = match self {
            Self::Date(date) => date.day().into_iter().collect(),
            Self::Interval { start, end } => {
                run(start.date().and_then(Date::day), end.date().and_then(Date::day), limit)
            }
            Self::Set { members, .. } => members.iter().flat_map(|member| member.stated_days(limit)).collect(),
        };
        days.sort_unstable();
        days.dedup();
        days
    }
}

/// The days from one to the other, or only these two when there are more than `limit` or one of them is missing.
fn run(first: Option<Day>, last: Option<Day>, limit: usize) -> Vec<Day> {
    match (first, last) {
        (Some(first), Some(last)) if usize::try_from(first.days_until(last)).is_ok_and(|more| more < limit) => {
            std::iter::successors(Some(first), |day| day.next()).take_while(|day| *day <= last).collect()
        }
        _ => [first, last].into_iter().flatten().collect(),
    }
}

impl End {
    pub(super) fn date(&self) -> Option<&Date> {
        match self {
            Self::Date(date) => Some(date),
            Self::Open | Self::Unknown => None,
        }
    }
}

impl Member {
    pub(super) fn span(&self) -> Span {
        match self {
            Self::Date(date) => date.span,
            Self::UpTo(date) => Span { start: Bound::Past, end: date.span.end },
            Self::From(date) => Span { start: date.span.start, end: Bound::Future },
            Self::Range(first, last) => first.span.union(last.span),
        }
    }

    fn dates(&self) -> impl Iterator<Item = &Date> {
        let (first, second) = match self {
            Self::Date(date) | Self::UpTo(date) | Self::From(date) => (date, None),
            Self::Range(first, last) => (first, Some(last)),
        };
        std::iter::once(first).chain(second)
    }

    fn stated_days(&self, limit: usize) -> Vec<Day> {
        match self {
            Self::Date(date) | Self::UpTo(date) | Self::From(date) => date.day().into_iter().collect(),
            Self::Range(first, last) => run(first.day(), last.day(), limit),
        }
    }
}

impl Date {
    /// The one day that it names, qualified or not.
    pub(super) fn day(&self) -> Option<Day> {
        (self.precision() == Precision::Day && self.span.start == self.span.end)
            .then(|| self.span.start.day())
            .flatten()
    }

    /// The first day of the one month that it names, qualified or not.
    pub(super) fn month(&self) -> Option<Day> {
        match self.fields {
            Fields::Calendar { month: Some(_), day: None, .. } if self.precision() == Precision::Month => {
                self.span.start.day()
            }
            _ => None,
        }
    }

    pub(super) fn precision(&self) -> Precision {
        match &self.fields {
            Fields::LongYear(_) => Precision::Year,
            Fields::Season { year, .. } => year.precision().unwrap_or(Precision::Season),
            Fields::Calendar { year, month, day } => {
                let month = month.and_then(Digits::value);
                let day = day.and_then(Digits::value);
                year.precision().unwrap_or(match (month, day) {
                    (Some(_), Some(_)) => Precision::Day,
                    (Some(_), None) => Precision::Month,
                    (None, _) => Precision::Year,
                })
            }
        }
    }
}

impl Doubt {
    pub(super) fn exists(self) -> bool {
        self.uncertain || self.approximate
    }
}

impl Year {
    pub(super) fn value(self) -> Option<i16> {
        let value = i16::try_from(self.digits.value()?).ok()?;
        Some(if self.negative { -value } else { value })
    }

    pub(super) fn matches(self, value: i16) -> bool {
        self.negative == (value < 0) && self.digits.matches(value.unsigned_abs())
    }

    /// How much of the year is known, or `None` when all of it is.
    fn precision(self) -> Option<Precision> {
        match self.digits.known_in_front() {
            0 => Some(Precision::Unknown),
            1 => Some(Precision::Millennium),
            2 => Some(Precision::Century),
            3 => Some(Precision::Decade),
            _ => None,
        }
    }
}

impl<const N: usize> Digits<N> {
    pub(super) fn value(self) -> Option<u16> {
        self.0.into_iter().try_fold(0, |value, digit| Some(value * 10 + u16::from(digit?)))
    }

    pub(super) fn matches(self, value: u16) -> bool {
        let mut rest = value;
        self.0.into_iter().rev().all(|digit| {
            let last = rest % 10;
            rest /= 10;
            digit.is_none_or(|digit| u16::from(digit) == last)
        })
    }

    /// How many digits stand before the first `X`.
    pub(super) fn known_in_front(self) -> usize {
        self.0.into_iter().take_while(Option::is_some).count()
    }

    /// How many digits are known, wherever they stand.
    pub(super) fn known(self) -> usize {
        self.0.into_iter().flatten().count()
    }
}
