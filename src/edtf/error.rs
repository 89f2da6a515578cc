//! Why a text is not a date, and what its author probably meant.

use std::fmt;

use super::guess::guess;
use super::parse::is_accepted;
use crate::text::excerpt;

/// A text that is not EDTF, or not the part of it that is [accepted](super#what-is-accepted).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EdtfError {
    kind: ErrorKind,
    offset: usize,
    /// What is wrong: the part of the text that begins at `offset`, or all of it.
    text: Box<str>,
}

/// What is wrong with a text that is not a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is nothing, or only white space.
    Empty,
    /// It does not have the form of a date.
    NotADate,
    /// A time of day follows the date.
    TimeOfDay,
    /// The number in the place of the month is neither a month nor a season.
    NoSuchMonth(u8),
    /// The month does not have that day.
    NoSuchDay {
        /// The year, which decides whether February has 29 days.
        year: i16,
        /// The month, from 1 to 12.
        month: u8,
        /// The day that it does not have.
        day: u8,
    },
    /// No day fits the digits that are given beside the `X`.
    NoMatch,
    /// The second date of an interval or of a range is before the first.
    EndBeforeStart,
    /// An interval has a date at neither end.
    NoEnd,
    /// A set is not closed by the bracket that belongs to it.
    Unclosed,
    /// A set stands in a set.
    Nested,
    /// A set has a member without a date.
    EmptyMember,
    /// A range in a set has an end that is qualified, masked or a season, or ends of two kinds.
    UnevenRange,
    /// It is EDTF, but of a part that is not supported.
    Unsupported(Unsupported),
}

/// The parts of EDTF level 2 that are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unsupported {
    /// `Y17E7`
    ExponentialYear,
    /// `1950S2`
    SignificantDigits,
    /// A quadrimester or a half-year: `2025-37` to `2025-41`
    PartOfYear,
    /// An interval that begins on or before a date or ends on or after one: `..2025-05-10/2025-05-11`
    LooseEnd,
}

impl EdtfError {
    /// What is wrong, for programs.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// Where in the text it is wrong: the byte at which the faulty part begins.
    pub fn offset(&self) -> usize {
        self.offset
    }

    /// What to write instead, where that can be told.
    pub fn hint(&self) -> Option<String> {
        hint(self.kind, &self.text)
    }

    pub(super) fn whole(kind: ErrorKind, text: &str) -> Self {
        Self { kind, offset: 0, text: text.into() }
    }

    /// Finds out what is wrong with a text that is not EDTF.
    pub(super) fn diagnose(text: &str) -> Self {
        if text.trim().is_empty() {
            return Self::whole(ErrorKind::Empty, text);
        }
        if date_before_time(text).is_some() {
            return Self::whole(ErrorKind::TimeOfDay, text);
        }
        if text.starts_with(['[', '{']) {
            return diagnose_set(text);
        }
        match text.split_once('/') {
            // Guessing comes first, since `11/05/2025` was never meant as an interval.
            Some((start, end)) if guess(text).is_empty() => diagnose_interval(text, start, end),
            _ => Self::whole(date_fault(text), text),
        }
    }

    fn part(kind: ErrorKind, whole: &str, part: &str) -> Self {
        let offset = (part.as_ptr().addr()).saturating_sub(whole.as_ptr().addr());
        Self { kind, offset, text: part.into() }
    }
}

fn diagnose_interval(text: &str, start: &str, end: &str) -> EdtfError {
    let is_dated = |end: &&str| !matches!(*end, "" | "..");
    if end.contains('/') {
        return EdtfError::whole(ErrorKind::NotADate, text);
    }
    match [start, end].into_iter().filter(is_dated).find(|end| !is_date(end)) {
        Some(faulty) => EdtfError::part(date_fault(faulty), text, faulty),
        None if is_dated(&start) && is_dated(&end) => EdtfError::whole(ErrorKind::EndBeforeStart, text),
        None => EdtfError::whole(ErrorKind::NoEnd, text),
    }
}

fn diagnose_set(text: &str) -> EdtfError {
    let closing = if text.starts_with('[') { ']' } else { '}' };
    let Some(inner) = text.get(1..).and_then(|rest| rest.strip_suffix(closing)) else {
        return EdtfError::whole(ErrorKind::Unclosed, text);
    };
    if let Some(at) = inner.find(['[', ']', '{', '}']) {
        return EdtfError::part(ErrorKind::Nested, text, &inner[at..]);
    }
    inner
        .split(',')
        .find_map(|member| member_fault(text, member))
        .unwrap_or_else(|| EdtfError::whole(ErrorKind::NotADate, text))
}

fn member_fault(text: &str, member: &str) -> Option<EdtfError> {
    let (first, last) = member.split_once("..").unwrap_or((member, ""));
    if first.is_empty() && last.is_empty() {
        return Some(EdtfError::part(ErrorKind::EmptyMember, text, member));
    }
    let faulty = [first, last].into_iter().find(|part| !part.is_empty() && !is_date(part));
    if let Some(part) = faulty {
        return Some(EdtfError::part(date_fault(part), text, part));
    }
    // Both dates are in order by themselves, so it is the two together that are not.
    if is_accepted(&format!("[{member}]")) || first.is_empty() || last.is_empty() {
        return None;
    }
    let is_reversed = is_accepted(&format!("[{last}..{first}]"));
    let kind = if is_reversed { ErrorKind::EndBeforeStart } else { ErrorKind::UnevenRange };
    Some(EdtfError::part(kind, text, member))
}

fn is_date(text: &str) -> bool {
    !text.starts_with(['[', '{']) && edtf_core::is_valid(text)
}

/// What is wrong with a text that should have been a single date.
fn date_fault(text: &str) -> ErrorKind {
    let bare: String = text.chars().filter(|c| !matches!(c, '?' | '~' | '%')).collect();
    let Some((year, month, day)) = fields(&bare) else { return ErrorKind::NotADate };
    if bare.contains('X') {
        return ErrorKind::NoMatch;
    }
    let (Ok(year), Ok(month)) = (year.parse::<i16>(), month.parse::<u8>()) else { return ErrorKind::NotADate };
    match (month, day.map(str::parse::<u8>)) {
        (1..=12, Some(Ok(day))) if super::Day::new(year, month, day).is_none() => {
            ErrorKind::NoSuchDay { year, month, day }
        }
        (0 | 13..=20 | 42.., _) => ErrorKind::NoSuchMonth(month),
        _ => ErrorKind::NotADate,
    }
}

/// The year, the month and perhaps the day of a text that has the form of a date, whatever its numbers.
fn fields(bare: &str) -> Option<(&str, &str, Option<&str>)> {
    let is_number = |text: &str, length: usize| {
        text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'X')
    };
    let sign = usize::from(bare.starts_with('-'));
    let (year, rest) = bare.split_at_checked(sign + 4)?;
    let rest = rest.strip_prefix('-')?;
    let (month, day) = match rest.split_once('-') {
        Some((month, day)) => (month, Some(day)),
        None => (rest, None),
    };
    let fits = is_number(&year[sign..], 4) && is_number(month, 2) && day.is_none_or(|day| is_number(day, 2));
    fits.then_some((year, month, day))
}

/// The date of a text that goes on with a time of day.
fn date_before_time(text: &str) -> Option<&str> {
    let (date, time) = text.split_at_checked(10)?;
    let time = time.strip_prefix(['T', 't', ' '])?;
    let is_time = time.starts_with(|c: char| c.is_ascii_digit()) && (text.contains('T') || time.contains(':'));
    (is_time && is_date(date)).then_some(date)
}

impl std::error::Error for EdtfError {}

impl fmt::Display for EdtfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = excerpt(&self.text, 60);
        match self.kind {
            ErrorKind::Empty => f.write_str("the date is empty"),
            ErrorKind::NotADate => write!(f, "`{text}` is not an EDTF date"),
            ErrorKind::TimeOfDay => write!(f, "`{text}` has a time of day, which is not part of a date"),
            ErrorKind::NoSuchMonth(month) => write!(f, "month {month} does not exist"),
            ErrorKind::NoSuchDay { year, month, day } => {
                write!(f, "{day} {} {year} does not exist", month_name(month))
            }
            ErrorKind::NoMatch => write!(f, "no date matches `{text}`"),
            ErrorKind::EndBeforeStart => write!(f, "`{text}` ends before it begins"),
            ErrorKind::NoEnd => write!(f, "`{text}` has no date at either end"),
            ErrorKind::Unclosed => write!(f, "the set `{text}` is not closed"),
            ErrorKind::Nested => f.write_str("a set cannot stand in a set"),
            ErrorKind::EmptyMember => f.write_str("a member of the set has no date"),
            ErrorKind::UnevenRange => write!(f, "`{text}` is not a range of days, months or years"),
            ErrorKind::Unsupported(part) => write!(f, "`{text}` has {part}, which a dossier does not support"),
        }
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ExponentialYear => "an exponential year",
            Self::SignificantDigits => "significant digits",
            Self::PartOfYear => "a quadrimester or half-year",
            Self::LooseEnd => "an interval with a loose end",
        })
    }
}

fn hint(kind: ErrorKind, text: &str) -> Option<String> {
    match kind {
        ErrorKind::Empty => Some("leave the field out, or write `XXXX` for a date that is not known".to_owned()),
        ErrorKind::NotADate | ErrorKind::NoSuchMonth(_) => proposal(text),
        ErrorKind::TimeOfDay => {
            let date = date_before_time(text).or_else(|| text.get(..10))?;
            Some(format!("write `{date}`, and the time of day in `time:`, a field of its own"))
        }
        ErrorKind::NoSuchDay { year, month, .. } => {
            let last = super::Day::new(year, month, 1)?.last_of_month();
            Some(format!("{} {year} ends with `{last}`", month_name(month)))
        }
        ErrorKind::EndBeforeStart => {
            let separator = if text.contains('/') { "/" } else { ".." };
            let (first, last) = text.split_once(separator)?;
            Some(format!("the earlier date goes first: `{last}{separator}{first}`"))
        }
        ErrorKind::NoEnd => Some("give one of the ends, as in `2025-05-10/..`".to_owned()),
        ErrorKind::Unclosed => {
            let closing = if text.starts_with('[') { ']' } else { '}' };
            Some(format!("end it with `{closing}`"))
        }
        ErrorKind::Nested => Some("list all the dates in one set".to_owned()),
        ErrorKind::EmptyMember => Some("put one comma between two dates, and none at the ends".to_owned()),
        ErrorKind::UnevenRange => {
            Some("give both ends as days, as months or as years, without `?`, `~`, `%` and `X`".to_owned())
        }
        ErrorKind::Unsupported(Unsupported::LooseEnd) => Some("use a set, as in `[..2025-05-10]`".to_owned()),
        ErrorKind::Unsupported(Unsupported::PartOfYear) => {
            Some("write the months as an interval, as in `2025-01/2025-06`".to_owned())
        }
        ErrorKind::NoMatch | ErrorKind::Unsupported(_) => None,
    }
}

fn proposal(text: &str) -> Option<String> {
    match guess(text).as_slice() {
        [] => None,
        [only] => Some(format!("write `{}`", only.date)),
        several => {
            let ways: Vec<String> =
                several.iter().map(|guess| format!("`{}` if {}", guess.date, guess.reading)).collect();
            Some(format!("write {}", ways.join(", ")))
        }
    }
}

fn month_name(month: u8) -> &'static str {
    const NAMES: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    NAMES.get(usize::from(month).wrapping_sub(1)).copied().unwrap_or("month")
}
