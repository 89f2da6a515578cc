//! Which records fall on which day, month and year, certainly or possibly.
//!
//! A day has a page when some record states that day. A record whose date is a month, a year or vaguer is listed with its
//! own period, and as a possibility on the days of its month that have a page. Nothing scans all records for one page.

use std::collections::BTreeMap;

use super::outline::Outline;
use crate::edtf::{Answer, Day, Edtf};
use crate::model::Kind;
use crate::redact::Number;

/// An interval of at most this many days is listed on each of its days; a longer one on its first and last.
const LONGEST_RUN: usize = 366;

/// How many month-dated records are named on a day's page; all of them are named on the month's.
const POSSIBLE_OF_MONTH: usize = 50;

/// The records of a day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DayIndex {
    /// What certainly falls on it.
    pub certain: Vec<Number>,
    /// What possibly does.
    pub possible: Vec<Number>,
}

/// The records of a month that state no day of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MonthIndex {
    /// What certainly falls in it.
    pub certain: Vec<Number>,
    /// What possibly does.
    pub possible: Vec<Number>,
    /// What states days of it, and certainly falls on none of them: one day of several, or an uncertain one.
    pub between: Vec<Number>,
}

/// The records of a year that state no month of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct YearIndex {
    /// What certainly falls in it.
    pub certain: Vec<Number>,
    /// What possibly does.
    pub possible: Vec<Number>,
}

/// The calendar of the dossier; each period in it has a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DateIndex {
    /// The days.
    pub days: BTreeMap<Day, DayIndex>,
    /// The months, by year and number.
    pub months: BTreeMap<(i16, u8), MonthIndex>,
    /// The years.
    pub years: BTreeMap<i16, YearIndex>,
    /// How many dated records fall in no year that has a page.
    pub elsewhere: usize,
}

impl DateIndex {
    pub(super) fn new(outlines: &[Outline<'_>], rank: &[u32]) -> Self {
        let mut dated: Vec<(Number, &Edtf)> = (0..)
            .zip(outlines)
            .filter(|(_, outline)| outline.listed && matches!(outline.kind, Kind::Event | Kind::Quote | Kind::Source))
            .filter_map(|(number, outline)| Some((number, outline.date?)))
            .collect();
        dated.sort_unstable_by_key(|(number, _)| rank[*number as usize]);
        let mut index = DateIndex::default();
        let stated: Vec<Vec<Day>> = dated.iter().map(|(_, date)| date.stated_days(LONGEST_RUN)).collect();
        for ((number, date), days) in dated.iter().zip(&stated) {
            index.make_pages(*number, date, days);
        }
        for ((number, date), days) in dated.iter().zip(&stated) {
            index.attach(*number, date, days);
        }
        index
    }

    /// Makes the pages that a date asks for.
    fn make_pages(&mut self, number: Number, date: &Edtf, days: &[Day]) {
        for day in days {
            let entry = self.days.entry(*day).or_default();
            match date.falls_on(*day, *day) {
                Answer::Yes => entry.certain.push(number),
                Answer::Possibly => entry.possible.push(number),
                Answer::No => {}
            }
            self.months.entry((day.year(), day.month())).or_default();
            self.years.entry(day.year()).or_default();
        }
        if let (true, Some(first), Some(last)) = (days.is_empty(), date.earliest(), date.latest())
            && first.year() == last.year()
        {
            self.years.entry(first.year()).or_default();
            if first.month() == last.month() {
                self.months.entry((first.year(), first.month())).or_default();
            }
        }
    }

    /// Lists a date that states no day under the periods it falls in.
    fn attach(&mut self, number: Number, date: &Edtf, days: &[Day]) {
        if !days.is_empty() {
            if days.iter().all(|day| date.falls_on(*day, *day) != Answer::Yes) {
                let mut months: Vec<(i16, u8)> = days.iter().map(|day| (day.year(), day.month())).collect();
                months.dedup();
                for month in months {
                    self.months.entry(month).or_default().between.push(number);
                }
            }
            return;
        }
        let (first, last) = match (date.earliest(), date.latest()) {
            (Some(first), Some(last)) => (first, last),
            // An open end is at the one end that is known.
            (Some(only), None) | (None, Some(only)) => (only, only),
            (None, None) => {
                self.elsewhere += 1;
                return;
            }
        };
        let is_one_month = (first.year(), first.month()) == (last.year(), last.month());
        if is_one_month && let Some(month) = self.months.get_mut(&(first.year(), first.month())) {
            match date.falls_on(first.first_of_month(), first.last_of_month()) {
                Answer::Yes => month.certain.push(number),
                Answer::Possibly => month.possible.push(number),
                Answer::No => {}
            }
            for (day, entry) in self.days.range_mut(first..=last) {
                if entry.possible.len() < POSSIBLE_OF_MONTH && date.falls_on(*day, *day) != Answer::No {
                    entry.possible.push(number);
                }
            }
            return;
        }
        let mut found = false;
        for (year, entry) in self.years.range_mut(first.year()..=last.year()) {
            let Some(start) = Day::new(*year, 1, 1) else { continue };
            match date.falls_on(start, start.last_of_year()) {
                Answer::Yes => entry.certain.push(number),
                Answer::Possibly => entry.possible.push(number),
                Answer::No => continue,
            }
            found = true;
        }
        if !found {
            self.elsewhere += 1;
        }
    }

    /// The days of a month that have a page.
    pub fn days_of(&self, year: i16, month: u8) -> impl Iterator<Item = (&Day, &DayIndex)> {
        let first = Day::new(year, month, 1);
        let range = first.map(|first| self.days.range(first..=first.last_of_month()));
        range.into_iter().flatten()
    }

    /// The months of a year that have a page.
    pub fn months_of(&self, year: i16) -> impl Iterator<Item = (u8, &MonthIndex)> {
        self.months.range((year, 0)..=(year, u8::MAX)).map(|((_, month), entry)| (*month, entry))
    }
}
