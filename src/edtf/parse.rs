//! From text to meaning. What EDTF is, `edtf-core` decides; here its value becomes ours, without the parts that are
//! refused.

use std::str::FromStr;

use edtf_core as core;

use super::bounds::{Bound, Span};
use super::day::Day;
use super::error::{EdtfError, ErrorKind, Unsupported};
use super::expression::{Date, Digits, Doubt, End, Expression, Fields, Member, SetKind, Year};
use super::{Edtf, Meaning};

impl FromStr for Edtf {
    type Err = EdtfError;

    fn from_str(written: &str) -> Result<Self, EdtfError> {
        let parsed = core::Edtf::parse(written).map_err(|_| EdtfError::diagnose(written))?;
        let expression = expression(&parsed).map_err(|kind| EdtfError::whole(kind, written))?;
        let meaning = match plain_day(&expression) {
            Some(day) => Meaning::Day(day),
            None => Meaning::Other(Box::new(expression)),
        };
        Ok(Self { written: written.into(), meaning })
    }
}

/// Whether it is a date, without finding out why not: for whoever is finding that out.
pub(super) fn is_accepted(written: &str) -> bool {
    core::Edtf::parse(written).is_ok_and(|parsed| expression(&parsed).is_ok())
}

fn plain_day(expression: &Expression) -> Option<Day> {
    match expression {
        Expression::Date(date) if !date.doubt.exists() => date.day(),
        _ => None,
    }
}

fn expression(parsed: &core::Edtf) -> Result<Expression, ErrorKind> {
    match parsed {
        core::Edtf::Date(parsed) => date(parsed).map(Expression::Date),
        core::Edtf::DateTime(_) => Err(ErrorKind::TimeOfDay),
        core::Edtf::Interval(interval) => {
            Ok(Expression::Interval { start: end(&interval.start)?, end: end(&interval.end)? })
        }
        core::Edtf::Set(set) => {
            let kind = match set.kind {
                core::SetKind::OneMember => SetKind::OneOf,
                core::SetKind::AllMembers => SetKind::AllOf,
            };
            let members = set.elements.iter().map(member).collect::<Result<_, _>>()?;
            Ok(Expression::Set { kind, members })
        }
    }
}

fn end(parsed: &core::IntervalEndpoint) -> Result<End, ErrorKind> {
    match parsed {
        core::IntervalEndpoint::Date(parsed) => date(parsed).map(End::Date),
        core::IntervalEndpoint::Open => Ok(End::Open),
        core::IntervalEndpoint::Unknown => Ok(End::Unknown),
        core::IntervalEndpoint::OnOrBefore(_) | core::IntervalEndpoint::OnOrAfter(_) => {
            Err(ErrorKind::Unsupported(Unsupported::LooseEnd))
        }
    }
}

fn member(parsed: &core::SetElement) -> Result<Member, ErrorKind> {
    Ok(match parsed {
        core::SetElement::Date(parsed) => Member::Date(date(parsed)?),
        core::SetElement::OnOrBefore(parsed) => Member::UpTo(date(parsed)?),
        core::SetElement::OnOrAfter(parsed) => Member::From(date(parsed)?),
        core::SetElement::Range(first, last) => Member::Range(date(first)?, date(last)?),
    })
}

fn date(parsed: &core::Date) -> Result<Date, ErrorKind> {
    if parsed.year.significant_digits.is_some() {
        return Err(ErrorKind::Unsupported(Unsupported::SignificantDigits));
    }
    let fields = match parsed.year.kind {
        core::YearKind::Exponential { .. } => return Err(ErrorKind::Unsupported(Unsupported::ExponentialYear)),
        core::YearKind::Big { value } => Fields::LongYear(value),
        core::YearKind::Standard { negative, digits } => {
            let year = Year { negative, digits: Digits(digits) };
            match parsed.month.and_then(core::DateField::value) {
                Some(37..) => return Err(ErrorKind::Unsupported(Unsupported::PartOfYear)),
                Some(code @ 21..) => Fields::Season { year, code },
                _ => Fields::Calendar {
                    year,
                    month: parsed.month.map(|month| Digits(month.digits)),
                    day: parsed.day.map(|day| Digits(day.digits)),
                },
            }
        }
    };
    let doubt = Doubt { uncertain: parsed.is_uncertain(), approximate: parsed.is_approximate() };
    Ok(Date { fields, span: span(parsed), doubt })
}

fn span(parsed: &core::Date) -> Span {
    let bounds = core::Edtf::Date(*parsed).bounds();
    let start = bound(bounds.earliest).unwrap_or(Bound::Past);
    let end = bound(bounds.latest).unwrap_or(Bound::Future);
    Span { start, end }
}

/// Years that no [`Day`] can have are before or after every day.
fn bound(parsed: core::Bound) -> Option<Bound> {
    match parsed {
        core::Bound::Date(date) if date.year < -9999 => Some(Bound::Past),
        core::Bound::Date(date) if date.year > 9999 => Some(Bound::Future),
        core::Bound::Date(date) => Day::new(i16::try_from(date.year).ok()?, date.month, date.day).map(Bound::Day),
        core::Bound::NegativeInfinity => Some(Bound::Past),
        core::Bound::PositiveInfinity => Some(Bound::Future),
        core::Bound::Unknown => None,
    }
}
