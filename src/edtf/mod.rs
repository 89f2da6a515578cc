//! Dates as an author writes them, and what they mean: the parts of EDTF (ISO 8601-2:2019, annex A) that a dossier
//! needs.
//!
//! An [`Edtf`] keeps what was written, to the letter, beside its meaning: the earliest and the latest day, whether it
//! falls on a day or in a period ([`Edtf::falls_on`], with three answers), what comes before what, and how a reader of
//! a given language sees it ([`DateFormat`]). It is not for times of day, time zones or calendars other than the
//! Gregorian one, and it never asks what day it is today.
//!
//! ```
//! use dossier::edtf::{Answer, DateFormat, Day, Edtf};
//!
//! let date: Edtf = "2025-05-1X".parse()?;
//! let (first, last) = (Day::new(2025, 5, 1).unwrap(), Day::new(2025, 5, 31).unwrap());
//! assert_eq!(date.falls_on(first, last), Answer::Yes);
//! assert_eq!(date.falls_on(first, first), Answer::No);
//! assert_eq!(DateFormat::new("en").display(&date), "between 10 and 19 May 2025");
//!
//! let error = "11.05.2025".parse::<Edtf>().unwrap_err();
//! assert_eq!(error.to_string(), "`11.05.2025` is not an EDTF date");
//! assert_eq!(error.hint().as_deref(), Some("write `2025-05-11`"));
//! # Ok::<(), dossier::edtf::EdtfError>(())
//! ```
//!
//! # What is accepted
//!
//! ```text
//! edtf       = date / interval / one-of / all-of
//! date       = [q] year [q] [ "-" [q] month [q] [ "-" [q] day [q] ] ]
//!            / [q] year [q] "-" [q] season [q]
//!            / "Y" [ "-" ] 5*19DIGIT [q]           ; a year beyond 9999, bounds unknown
//! year       = [ "-" ] 4DIGIT / 4( DIGIT / "X" )   ; 0000 is 1 BC, -0001 is 2 BC
//! month      = 2( DIGIT / "X" )                    ; 01 to 12
//! day        = 2( DIGIT / "X" )                    ; must exist in that month of that year
//! season     = "21" / "22" / "23" / "24"           ; spring, summer, autumn, winter
//!            / "25" … "28"                         ; the same, northern hemisphere
//!            / "29" … "32"                         ; the same, southern hemisphere
//!            / "33" … "36"                         ; first to fourth quarter
//! q          = "?" / "~" / "%"                     ; uncertain, approximate, both
//! interval   = ( date / ".." / "" ) "/" ( date / ".." / "" )    ; ".." is open, "" is unknown; one end is a date
//! one-of     = "[" member *( "," member ) "]"      ; one of these, and it is not known which
//! all-of     = "{" member *( "," member ) "}"      ; all of these
//! member     = date / ".." date / date ".." / date ".." date
//! ```
//!
//! That is level 0 without times of day, the whole of level 1, and of level 2: sets, qualification of single
//! components (`2025-05-~11`, `?2025-05`), unspecified digits anywhere (`1X25`, `2025-XX-11`), unspecified digits in
//! intervals, seasons by hemisphere, and quarters. A qualifier after a component also covers those to its left; one
//! before it covers that alone.
//!
//! # What is refused
//!
//! Each of these has an [`ErrorKind`] of its own, and most have a [hint](EdtfError::hint):
//!
//! * times of day (`2025-05-11T12:30:00Z`), although level 0 knows them: a record has a field `time` of its own, and a
//!   date must never move by a time zone;
//! * exponential years (`Y17E7`), significant digits (`1950S2`), quadrimesters and half-years (`2025-37` to
//!   `2025-41`), and intervals that begin on or before a day (`..2025-05-10/2025-05-11`, `2025-05-10/2025-05-11..`);
//! * days, months and seasons that do not exist, and masks that no day matches (`2025-02-3X`);
//! * intervals that end before they begin, and intervals without any date (`../..`);
//! * everything else that is not in the grammar: spaces, lower-case `x`, separators other than `-`.
//!
//! # Decisions
//!
//! **A qualifier does not move bounds.** `2025~` reaches from 1 January to 31 December 2025, as in ISO 8601-2, 8.4.2.
//! But it takes away certainty: what is qualified falls on a day or in a period *possibly*, never certainly.
//!
//! **Seasons are whole months.** Spring is March to May and winter December to the next February; in the southern
//! hemisphere (29 to 32) they are shifted by half a year. A season without a hemisphere reads as a northern one: where
//! that is wrong, write the southern number or the months.
//!
//! **Open and unknown ends have no bound.** [`Edtf::earliest`] and [`Edtf::latest`] are `None` there, and for years
//! beyond -9999 to 9999. When dates are compared, such an end lies before or after every day.
//!
//! **What is delegated.** The crate `edtf-core` decides what is EDTF and computes the bounds of a single date. Ours
//! are: the refusals above, the reasons and hints (it knows a fixed sentence and an offset, from which no kind of
//! error can be told), the smaller value that is kept, sets and intervals as something that lasts or is unknown, and
//! its relation to a period.
//!
//! # References
//!
//! * ISO 8601-2:2019, *Date and time — Representations for information interchange — Part 2: Extensions*, clauses 4,
//!   6, 8, 9, 10 and annex A.
//! * Library of Congress, [*Extended Date/Time Format (EDTF) Specification*](https://www.loc.gov/standards/datetime/),
//!   2019.

mod bounds;
mod day;
mod display;
mod error;
mod expression;
mod guess;
mod order;
mod parse;
mod period;
#[cfg(test)]
mod properties;
mod serial;
#[cfg(test)]
mod tests;
mod words;

use std::fmt;
use std::hash::{Hash, Hasher};

pub use day::Day;
pub use display::DateFormat;
pub use error::{EdtfError, ErrorKind, Unsupported};
pub use order::SortKey;

use bounds::Span;
use expression::Expression;

/// A date, an interval or a set of dates as it was written, together with what it means.
///
/// Two are equal when they were written alike: `2025-05-11?` and `?2025-?05-?11` mean the same and are not equal.
/// Order is by [`SortKey`], then by what was written.
#[derive(Clone)]
pub struct Edtf {
    written: Box<str>,
    meaning: Meaning,
}

/// Nearly all dates of a dossier are plain days, so these need no second allocation.
#[derive(Clone)]
enum Meaning {
    Day(Day),
    Other(Box<Expression>),
}

/// What can be said with three values about a date: that it holds, that it may, that it does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Answer {
    /// It is not so, whatever the date means.
    No,
    /// It may be so: the date leaves it open.
    Possibly,
    /// It is so, whatever the date means.
    Yes,
}

/// The finest unit that is wholly known, or the kind of a date that has more than one part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Precision {
    /// A day: `2025-05-11`.
    Day,
    /// A month: `2025-05`, `2025-05-XX`, `2025-05-1X`.
    Month,
    /// A season or a quarter: `2025-21`.
    Season,
    /// A year: `2025`, `2025-XX`, `2025-XX-11`.
    Year,
    /// Ten years: `202X`.
    Decade,
    /// A hundred years: `20XX`.
    Century,
    /// A thousand years: `2XXX`, `1X25`.
    Millennium,
    /// Not even the millennium is known: `XXXX`, `XXXX-12-25`.
    Unknown,
    /// From one date to another: `2025-05-10/2025-05-11`.
    Interval,
    /// One of several, or several at once: `[2025,2026]`, `{2025,2026}`.
    Set,
}

impl Edtf {
    /// What was written, unchanged; parsing it again gives an equal value.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// The first day that it can mean, or `None` when that end is open, unknown, or beyond the years that a [`Day`]
    /// can have.
    pub fn earliest(&self) -> Option<Day> {
        self.span().start.day()
    }

    /// The last day that it can mean, or `None` when that end is open, unknown, or beyond the years that a [`Day`] can
    /// have.
    pub fn latest(&self) -> Option<Day> {
        self.span().end.day()
    }

    /// How much of it is known.
    pub fn precision(&self) -> Precision {
        match &self.meaning {
            Meaning::Day(_) => Precision::Day,
            Meaning::Other(expression) => expression.precision(),
        }
    }

    /// Whether any part of it is marked as uncertain, with `?` or `%`.
    pub fn is_uncertain(&self) -> bool {
        match &self.meaning {
            Meaning::Day(_) => false,
            Meaning::Other(expression) => expression.dates().any(|date| date.doubt.uncertain),
        }
    }

    /// Whether any part of it is marked as approximate, with `~` or `%`.
    pub fn is_approximate(&self) -> bool {
        match &self.meaning {
            Meaning::Day(_) => false,
            Meaning::Other(expression) => expression.dates().any(|date| date.doubt.approximate),
        }
    }

    /// Whether it is written as an interval, `a/b`.
    pub fn is_interval(&self) -> bool {
        self.precision() == Precision::Interval
    }

    fn span(&self) -> Span {
        match &self.meaning {
            Meaning::Day(day) => Span::of_day(*day),
            Meaning::Other(expression) => expression.span(),
        }
    }
}

impl From<Day> for Edtf {
    fn from(day: Day) -> Self {
        Self { written: day.to_string().into(), meaning: Meaning::Day(day) }
    }
}

impl fmt::Display for Edtf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.written)
    }
}

impl fmt::Debug for Edtf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Edtf({})", self.written)
    }
}

impl PartialEq for Edtf {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

impl Eq for Edtf {}

impl Hash for Edtf {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.written.hash(state);
    }
}
