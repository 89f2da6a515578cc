//! A day of the Gregorian calendar, without a time and without a time zone.

use std::fmt;

use jiff::civil;
use serde::{Serialize, Serializer};

/// A day from -9999-01-01 to 9999-12-31; it displays as `YYYY-MM-DD`.
///
/// Years are counted as in ISO 8601: the year 0 is 1 BC. The Gregorian calendar is also used before it was introduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Day(civil::Date);

impl Day {
    /// The day with these numbers, or `None` when the calendar has no such day.
    pub fn new(year: i16, month: u8, day: u8) -> Option<Self> {
        let month = i8::try_from(month).ok()?;
        let day = i8::try_from(day).ok()?;
        civil::Date::new(year, month, day).ok().map(Self)
    }

    /// The year, from -9999 to 9999.
    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The month, from 1 to 12.
    pub fn month(self) -> u8 {
        self.0.month().unsigned_abs()
    }

    /// The day of the month, from 1 to 31.
    pub fn day(self) -> u8 {
        self.0.day().unsigned_abs()
    }

    /// The day after, or `None` after the last day of the year 9999.
    pub fn next(self) -> Option<Self> {
        self.0.tomorrow().ok().map(Self)
    }

    /// The day before, or `None` before the first day of the year -9999.
    pub fn prev(self) -> Option<Self> {
        self.0.yesterday().ok().map(Self)
    }

    /// The first day of the month of this day.
    pub fn first_of_month(self) -> Self {
        Self(self.0.first_of_month())
    }

    /// The last day of the month of this day.
    pub fn last_of_month(self) -> Self {
        Self(self.0.last_of_month())
    }

    /// The first day of the year of this day.
    pub fn first_of_year(self) -> Self {
        Self(self.0.first_of_year())
    }

    /// The last day of the year of this day.
    pub fn last_of_year(self) -> Self {
        Self(self.0.last_of_year())
    }

    /// How many days later the other one is; negative when it is earlier.
    pub fn days_until(self, other: Self) -> i64 {
        self.0.duration_until(other.0).as_hours() / 24
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.year() < 0 { "-" } else { "" };
        write!(f, "{sign}{:04}-{:02}-{:02}", self.year().unsigned_abs(), self.month(), self.day())
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
