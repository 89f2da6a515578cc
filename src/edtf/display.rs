//! Dates for readers, in their language: names and order from CLDR, by way of ICU4X, and [words](super::words) around
//! them.

use std::fmt;

use icu_calendar::{Date as IcuDate, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{M, MD, Y, YM, YMD, YMDE};
use icu_decimal::options::{DecimalFormatterOptions, GroupingStrategy};
use icu_decimal::{DecimalFormatter, input::Decimal};
use icu_locale::{Locale, locale};

use super::day::Day;
use super::expression::{Date, Digits, End, Expression, Fields, Member, SetKind, Year};
use super::words::{Kind, Number, Words, words};
use super::{Edtf, Meaning};

type Formatter<F> = FixedCalendarDateTimeFormatter<Gregorian, F>;

/// Writes dates in one language. Made once: making it loads the names and patterns of the language.
///
/// The calendar is always the Gregorian one; the digits are those of the language. The words around a date ("about",
/// "between") are there in English, Hindi, Arabic, Spanish and French, and are English in other languages.
pub struct DateFormat {
    words: &'static Words,
    order: Order,
    number: DecimalFormatter,
    year: Formatter<Y>,
    month: Formatter<M>,
    year_month: Formatter<YM>,
    month_day: Formatter<MD>,
    full: Formatter<YMD>,
    with_weekday: Formatter<YMDE>,
}

/// Where the year stands in a full date, which decides at which end of an interval it can be left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    YearFirst,
    YearLast,
    Other,
}

/// A text and how it behaves in a sentence.
struct Phrase {
    text: String,
    kind: Kind,
}

impl Phrase {
    fn new(text: String, kind: Kind) -> Self {
        Self { text, kind }
    }
}

impl DateFormat {
    /// The format of a language, given as a BCP 47 tag. What is no tag, and what CLDR does not know, becomes English;
    /// `en` itself writes the day before the month, and `en-US` the other way round.
    pub fn new(lang: &str) -> Self {
        const ENGLISH: Locale = locale!("en-001");
        let mut locale = lang.parse().unwrap_or(ENGLISH);
        if locale.id.language == ENGLISH.id.language {
            locale.id.region = locale.id.region.or(ENGLISH.id.region);
        }
        Self::load(&locale).or_else(|| Self::load(&ENGLISH)).expect("the data for English is compiled in")
    }

    fn load(locale: &Locale) -> Option<Self> {
        let mut without_groups = DecimalFormatterOptions::default();
        without_groups.grouping_strategy = Some(GroupingStrategy::Never);
        let mut format = Self {
            words: words(locale.id.language.as_str()),
            order: Order::Other,
            number: DecimalFormatter::try_new(locale.into(), without_groups).ok()?,
            year: Formatter::try_new(locale.into(), Y::long()).ok()?,
            month: Formatter::try_new(locale.into(), M::long()).ok()?,
            year_month: Formatter::try_new(locale.into(), YM::long()).ok()?,
            month_day: Formatter::try_new(locale.into(), MD::long()).ok()?,
            full: Formatter::try_new(locale.into(), YMD::long()).ok()?,
            with_weekday: Formatter::try_new(locale.into(), YMDE::long()).ok()?,
        };
        let day = Day::new(2025, 5, 11)?;
        // The root of CLDR, which stands in for languages that it does not know, has no names but M01 to M12.
        if format.month_name(5).contains("M05") {
            return None;
        }
        format.order = match (format.day(day), format.day_short(day)) {
            (full, short) if full.starts_with(&short) => Order::YearLast,
            (full, short) if full.ends_with(&short) => Order::YearFirst,
            _ => Order::Other,
        };
        Some(format)
    }

    /// The date for a reader: "11 May 2025", "about 2025", "10–11 May 2025".
    ///
    /// Where unspecified digits leave something that has no name, what was written stands for itself.
    pub fn display(&self, date: &Edtf) -> String {
        match &date.meaning {
            Meaning::Day(day) => self.day(*day),
            Meaning::Other(expression) => self.expression(expression, date.as_str()),
        }
    }

    /// "11 May 2025"
    pub fn day(&self, day: Day) -> String {
        self.full.format(&gregorian(day)).to_string()
    }

    /// "Sunday, 11 May 2025"
    pub fn day_long(&self, day: Day) -> String {
        self.with_weekday.format(&gregorian(day)).to_string()
    }

    /// "11 May"
    pub fn day_short(&self, day: Day) -> String {
        self.month_day.format(&gregorian(day)).to_string()
    }

    /// "May 2025"; the numbers themselves when there is no such month.
    pub fn month(&self, year: i16, month: u8) -> String {
        Day::new(year, month, 1)
            .map_or_else(|| format!("{year:04}-{month:02}"), |day| self.year_month.format(&gregorian(day)).to_string())
    }

    /// "May"; the number itself when there is no such month.
    pub fn month_name(&self, month: u8) -> String {
        Day::new(2000, month, 1).map_or_else(|| month.to_string(), |day| self.month.format(&gregorian(day)).to_string())
    }

    /// "2025"; with the era where the reader needs it, as in "45 BC".
    pub fn year(&self, year: i16) -> String {
        Day::new(year, 1, 1).map_or_else(|| year.to_string(), |day| self.year.format(&gregorian(day)).to_string())
    }

    fn expression(&self, expression: &Expression, written: &str) -> String {
        match expression {
            Expression::Date(date) => self.date(date, written).text,
            Expression::Interval { start, end } => self.interval(start, end, written),
            Expression::Set { kind, members } => self.set(*kind, members, written),
        }
    }

    fn interval(&self, start: &End, end: &End, written: &str) -> String {
        let words = self.words;
        // The text of an interval is that of its two ends.
        let (written_start, written_end) = written.split_once('/').unwrap_or((written, written));
        let until = |date: &Date| {
            let Phrase { text, kind } = self.date(date, written_end);
            fill(words.until.get(kind), &[&text])
        };
        let from = |date: &Date| {
            let Phrase { text, kind } = self.date(date, written_start);
            fill(words.from.get(kind), &[&text])
        };
        match (start, end) {
            (End::Date(start), End::Date(end)) => self.range(start, end, (written_start, written_end)),
            (End::Date(start), End::Open) => from(start),
            (End::Date(start), End::Unknown) => fill(words.end_unknown, &[&from(start)]),
            (End::Open, End::Date(end)) => until(end),
            (End::Unknown, End::Date(end)) => fill(words.start_unknown, &[&until(end)]),
            (End::Open | End::Unknown, End::Open | End::Unknown) => words.unknown.to_owned(),
        }
    }

    fn range(&self, start: &Date, end: &Date, written: (&str, &str)) -> String {
        let Pair { start, end, is_close, .. } = self.pair(start, end, written);
        let dash = if is_close { "–" } else { " – " };
        format!("{start}{dash}{end}")
    }

    fn set(&self, kind: SetKind, members: &[Member], written: &str) -> String {
        let words = self.words;
        let conjunction = match kind {
            SetKind::OneOf => words.or,
            SetKind::AllOf => words.and,
        };
        let inner = written.trim_matches(['[', ']', '{', '}']);
        let texts = inner.split(',');
        if let ([Member::Date(first), Member::Date(second)], Some(written)) = (members, inner.split_once(',')) {
            let Pair { start, end, .. } = self.pair(first, second, written);
            return format!("{start}{conjunction}{end}");
        }
        let mut phrases: Vec<String> =
            members.iter().zip(texts).map(|(member, written)| self.member(kind, member, written)).collect();
        let last = phrases.pop().unwrap_or_default();
        if phrases.is_empty() { last } else { format!("{}{conjunction}{last}", phrases.join(words.comma)) }
    }

    fn member(&self, kind: SetKind, member: &Member, written: &str) -> String {
        let words = self.words;
        let bare = written.trim_matches('.');
        match (member, kind) {
            (Member::Date(date), _) => self.date(date, written).text,
            (Member::UpTo(date), SetKind::OneOf) => fill(words.or_earlier, &[&self.date(date, bare).text]),
            (Member::From(date), SetKind::OneOf) => fill(words.or_later, &[&self.date(date, bare).text]),
            (Member::UpTo(date), SetKind::AllOf) => {
                let Phrase { text, kind } = self.date(date, bare);
                fill(words.until.get(kind), &[&text])
            }
            (Member::From(date), SetKind::AllOf) => {
                let Phrase { text, kind } = self.date(date, bare);
                fill(words.from.get(kind), &[&text])
            }
            (Member::Range(first, last), _) => {
                let written = written.split_once("..").unwrap_or((written, written));
                match kind {
                    SetKind::OneOf => self.between(first, last, written).text,
                    SetKind::AllOf => self.range(first, last, written),
                }
            }
        }
    }

    fn between(&self, first: &Date, last: &Date, written: (&str, &str)) -> Phrase {
        let Pair { start, end, kind, .. } = self.pair(first, last, written);
        Phrase::new(fill(self.words.between.get(kind), &[&start, &end]), Kind::Phrase)
    }

    /// One date, with what is in doubt about it.
    fn date(&self, date: &Date, written: &str) -> Phrase {
        let mut phrase = self.name(date, written);
        if date.doubt.approximate {
            phrase = Phrase::new(fill(self.words.about.get(phrase.kind), &[&phrase.text]), Kind::Phrase);
        }
        if date.doubt.uncertain {
            phrase.text = fill(self.words.uncertain, &[&phrase.text]);
        }
        phrase
    }

    fn name(&self, date: &Date, written: &str) -> Phrase {
        let phrase = match &date.fields {
            Fields::LongYear(year) => Some(Phrase::new(self.digits(*year), Kind::Month)),
            Fields::Season { year, code } => year.value().map(|year| self.season(year, *code)),
            Fields::Calendar { year, month, day } => match year.value() {
                Some(year) => self.in_year(date, year, *month, *day),
                None => self.in_masked_year(*year, month.map_or(0, Digits::known) + day.map_or(0, Digits::known)),
            },
        };
        phrase.unwrap_or_else(|| Phrase::new(written.replace(['?', '~', '%'], ""), Kind::Month))
    }

    fn season(&self, year: i16, code: u8) -> Phrase {
        let (patterns, kind) = match code {
            ..33 => (&self.words.seasons, self.words.season_kind),
            _ => (&self.words.quarters, Kind::Noun),
        };
        // 21 to 24, 25 to 28, 29 to 32 and 33 to 36 are four of a kind each.
        let pattern = patterns[usize::from(code.saturating_sub(21) % 4)];
        Phrase::new(fill(pattern, &[&self.year(year)]), kind)
    }

    /// A date of a known year, or nothing when its mask has no name.
    fn in_year(&self, date: &Date, year: i16, month: Option<Digits<2>>, day: Option<Digits<2>>) -> Option<Phrase> {
        let known = |digits: Option<Digits<2>>| digits.map_or(0, Digits::known);
        let ends = || date.span.start.day().zip(date.span.end.day());
        match (month.and_then(Digits::value), known(month), known(day)) {
            (_, 0, 0) => Some(Phrase::new(self.year(year), Kind::Month)),
            (Some(month), _, 0) => Some(Phrase::new(self.month(year, u8::try_from(month).ok()?), Kind::Month)),
            (Some(_), _, 2) => ends().map(|(day, _)| Phrase::new(self.day(day), Kind::Day)),
            (Some(_), _, 1) if day?.known_in_front() == 1 => {
                let (first, last) = ends()?;
                let (start, end) = self.two_days(first, last);
                Some(Phrase::new(fill(self.words.between.get(Kind::Day), &[&start, &end]), Kind::Phrase))
            }
            (None, 1, 0) if month?.known_in_front() == 1 => {
                let (first, last) = ends()?;
                let (start, end) = self.two_months(first, last);
                Some(Phrase::new(fill(self.words.between.get(Kind::Month), &[&start, &end]), Kind::Phrase))
            }
            _ => None,
        }
    }

    fn in_masked_year(&self, year: Year, known_after: usize) -> Option<Phrase> {
        let digits = year.digits;
        if known_after > 0 || digits.known() != digits.known_in_front() {
            return None;
        }
        let front = digits.0.into_iter().flatten().fold(0, |value, digit| value * 10 + u16::from(digit));
        let (pattern, number) = match digits.known() {
            0 => return Some(Phrase::new(self.words.unknown.to_owned(), Kind::Phrase)),
            2 => (self.words.century)(front + 1),
            3 => (self.words.decade)(front * 10),
            _ => return None,
        };
        let number = match number {
            Number::Digits(number) => self.digits(i64::from(number)),
            Number::Roman(number) => roman(number),
        };
        Some(Phrase::new(fill(pattern, &[&number]), Kind::Noun))
    }

    /// Two dates beside each other, without saying twice what they share.
    fn pair(&self, first: &Date, last: &Date, written: (&str, &str)) -> Pair {
        if !first.doubt.exists() && !last.doubt.exists() {
            if let Some((first, last)) = first.day().zip(last.day()) {
                let (start, end) = self.two_days(first, last);
                let is_close = same_month(first, last);
                return Pair { start, end, is_close, kind: Kind::Day };
            }
            if let Some((first, last)) = first.month().zip(last.month()) {
                let (start, end) = self.two_months(first, last);
                return Pair { start, end, is_close: first.year() == last.year(), kind: Kind::Month };
            }
        }
        let start = self.date(first, written.0);
        let end = self.date(last, written.1);
        let is_close = !start.text.contains(' ') && !end.text.contains(' ');
        let kind = if start.kind == end.kind { start.kind } else { Kind::Phrase };
        Pair { start: start.text, end: end.text, is_close, kind }
    }

    fn two_days(&self, first: Day, last: Day) -> (String, String) {
        if same_month(first, last)
            && let Some(pair) = self.two_days_of_month(first, last)
        {
            return pair;
        }
        if first.year() != last.year() {
            return (self.day(first), self.day(last));
        }
        match self.order {
            Order::YearLast => (self.day_short(first), self.day(last)),
            Order::YearFirst => (self.day(first), self.day_short(last)),
            Order::Other => (self.day(first), self.day(last)),
        }
    }

    /// Two days of one month, of which only one names it; or nothing when the day is no word of its own.
    fn two_days_of_month(&self, first: Day, last: Day) -> Option<(String, String)> {
        let (start, end) = (self.day(first), self.day(last));
        let (start_words, end_words): (Vec<_>, Vec<_>) = (start.split(' ').collect(), end.split(' ').collect());
        let differs = start_words.iter().zip(&end_words).position(|(start, end)| start != end)?;
        if start_words.len() == 1 {
            return None;
        }
        let (before, day_and_after) = start_words.split_at_checked(differs)?;
        let day = day_and_after.first()?.trim_end_matches(',');
        let head: String = before.iter().flat_map(|word| [word, " "]).collect();
        let tail = end_words.get(differs..)?.join(" ");
        Some((format!("{head}{day}"), tail))
    }

    fn two_months(&self, first: Day, last: Day) -> (String, String) {
        let month = |day: Day| self.month(day.year(), day.month());
        if first.year() != last.year() {
            return (month(first), month(last));
        }
        match self.order {
            Order::YearLast => (self.month_name(first.month()), month(last)),
            Order::YearFirst => (month(first), self.month_name(last.month())),
            Order::Other => (month(first), month(last)),
        }
    }

    /// A number without separators, in the digits of the language.
    fn digits(&self, number: i64) -> String {
        self.number.format(&Decimal::from(number)).to_string()
    }
}

impl fmt::Debug for DateFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DateFormat").field("order", &self.order).finish_non_exhaustive()
    }
}

/// Two dates that stand beside each other in a text.
struct Pair {
    start: String,
    end: String,
    /// Whether they are so short together that no space goes around a dash.
    is_close: bool,
    kind: Kind,
}

fn same_month(first: Day, last: Day) -> bool {
    first.first_of_month() == last.first_of_month()
}

fn gregorian(day: Day) -> IcuDate<Gregorian> {
    IcuDate::try_new_gregorian(i32::from(day.year()), day.month(), day.day())
        .expect("a Day is a day of the Gregorian calendar")
}

/// Puts the texts in the places of a pattern, one after the other.
fn fill(pattern: &str, texts: &[&str]) -> String {
    let mut pieces = pattern.split("{}");
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for (piece, text) in pieces.zip(texts) {
        filled.push_str(text);
        filled.push_str(piece);
    }
    filled
}

fn roman(number: u16) -> String {
    const NUMERALS: [(u16, &str); 9] =
        [(100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")];
    let mut rest = number;
    let mut roman = String::new();
    for (value, numeral) in NUMERALS {
        while rest >= value {
            roman.push_str(numeral);
            rest -= value;
        }
    }
    roman
}
