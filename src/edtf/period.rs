//! Whether a date falls on a day or in a period, and which days it names.

use super::bounds::{Bound, Span};
use super::day::Day;
use super::expression::{Date, End, Expression, Fields, Member, SetKind};
use super::{Answer, Edtf, Meaning, Precision};

impl Edtf {
    /// Whether it falls within the days from `first` to `last`, both included: on a day when they are the same, in a
    /// month or a year when they are its ends. `No` when `last` is before `first`.
    ///
    /// * A single date falls there certainly when everything that it can mean lies there and it is not qualified:
    ///   `2025-05` and `2025-05-XX` fall in May 2025, and possibly on each of its days; `2025-05-11?` possibly falls
    ///   on 11 May.
    /// * What an interval means lasts, so that it falls on every day between the latest start and the earliest end:
    ///   `2025-05-10/2025-05-12` on each of three days; `2025-05-10/2025-06` on the days to 1 June and in June, and
    ///   possibly on the later days of June. Beside an open, unknown or qualified end only the other end is certain.
    /// * A one-of set falls there certainly when each of its members does, an all-of set when any of its members does.
    pub fn falls_on(&self, first: Day, last: Day) -> Answer {
        if last < first {
            return Answer::No;
        }
        let period = Span::days(first, last);
        match &self.meaning {
            Meaning::Day(day) if period.contains(Span::of_day(*day)) => Answer::Yes,
            Meaning::Day(_) => Answer::No,
            Meaning::Other(expression) => expression_in(expression, period),
        }
    }

    /// The days that it names as days, in order and once each: the ones that deserve a page for what happened then.
    ///
    /// A day itself, qualified or not; each day from one end of an interval or of a range in a set to the other, or
    /// only the two ends when there are more than `limit`; the members of sets. Nothing for months, years and masks.
    pub fn stated_days(&self, limit: usize) -> Vec<Day> {
        match &self.meaning {
            Meaning::Day(day) => vec![*day],
            Meaning::Other(expression) => expression.stated_days(limit),
        }
    }
}

fn expression_in(expression: &Expression, period: Span) -> Answer {
    match expression {
        Expression::Date(date) => date_in(date, period),
        Expression::Interval { start, end } => {
            if interval_is_certain(start, end, period) {
                Answer::Yes
            } else {
                possibly_if(expression.span().overlaps(period))
            }
        }
        Expression::Set { kind: SetKind::OneOf, members } => {
            let mut answers = members.iter().map(|member| alternative_in(member, period));
            let Some(first) = answers.next() else { return Answer::No };
            answers.fold(first, |all, answer| if all == answer { all } else { Answer::Possibly })
        }
        Expression::Set { kind: SetKind::AllOf, members } => {
            members.iter().map(|member| member_in(member, period)).max().unwrap_or(Answer::No)
        }
    }
}

fn date_in(date: &Date, period: Span) -> Answer {
    if !can_fall_in(date, period) {
        Answer::No
    } else if is_certain_in(date, period) {
        Answer::Yes
    } else {
        Answer::Possibly
    }
}

fn is_certain_in(date: &Date, period: Span) -> bool {
    !date.doubt.exists() && period.contains(date.span)
}

/// An interval is certain where one of its ends is, and on what lies between the latest start and the earliest end.
fn interval_is_certain(start: &End, end: &End, period: Span) -> bool {
    let ends = [start.date(), end.date()];
    if ends.into_iter().flatten().any(|date| is_certain_in(date, period)) {
        return true;
    }
    let [Some(start), Some(end)] = ends else { return false };
    let core = Span { start: start.span.end, end: end.span.start };
    !start.doubt.exists() && !end.doubt.exists() && core.start <= core.end && core.overlaps(period)
}

/// A member of a one-of set: what may be meant.
fn alternative_in(member: &Member, period: Span) -> Answer {
    match member {
        Member::Date(date) => date_in(date, period),
        Member::Range(..) if period.contains(member.span()) => Answer::Yes,
        Member::Range(..) | Member::UpTo(_) | Member::From(_) => possibly_if(member.span().overlaps(period)),
    }
}

/// A member of an all-of set: what is meant beside the others.
fn member_in(member: &Member, period: Span) -> Answer {
    match member {
        Member::Date(date) => date_in(date, period),
        Member::UpTo(date) | Member::From(date) if is_certain_in(date, period) => Answer::Yes,
        Member::Range(first, _) if holds_a_unit(first.precision(), member.span(), period) => Answer::Yes,
        Member::UpTo(_) | Member::From(_) | Member::Range(..) => possibly_if(member.span().overlaps(period)),
    }
}

/// Whether some whole day, month or year of the range lies within the period.
fn holds_a_unit(unit: Precision, range: Span, period: Span) -> bool {
    let (Bound::Day(from), Bound::Day(to)) = (range.start.max(period.start), range.end.min(period.end)) else {
        return false;
    };
    let end_of_unit = |day: Day| match unit {
        Precision::Month => day.last_of_month(),
        Precision::Day => day,
        _ => day.last_of_year(),
    };
    let starts_unit = match unit {
        Precision::Month => from == from.first_of_month(),
        Precision::Day => true,
        _ => from == from.first_of_year(),
    };
    let whole = if starts_unit { Some(from) } else { end_of_unit(from).next() };
    from <= to && whole.is_some_and(|start| end_of_unit(start) <= to)
}

/// Whether any day that the date can mean lies within the period. Masks leave gaps: `2025-XX-11` means eleven of no
/// month but the 11th of each.
fn can_fall_in(date: &Date, period: Span) -> bool {
    if !date.span.overlaps(period) {
        return false;
    }
    let Fields::Calendar { year, month, day } = &date.fields else { return true };
    let from = date.span.start.max(period.start);
    let to = date.span.end.min(period.end);
    let (Bound::Day(from), Bound::Day(to)) = (from, to) else { return true };
    let month_can = |year: i16, number: u8| {
        let day_can = |day: Day| from <= day && day <= to;
        match day {
            Some(day) => (1..=31)
                .filter(|number| day.matches(u16::from(*number)))
                .filter_map(|day| Day::new(year, number, day))
                .any(day_can),
            None => Day::new(year, number, 1).is_some_and(|first| first <= to && from <= first.last_of_month()),
        }
    };
    (from.year()..=to.year()).filter(|number| year.matches(*number)).any(|number| match month {
        Some(month) => (1..=12).any(|candidate| month.matches(u16::from(candidate)) && month_can(number, candidate)),
        None => true,
    })
}

fn possibly_if(condition: bool) -> Answer {
    if condition { Answer::Possibly } else { Answer::No }
}
