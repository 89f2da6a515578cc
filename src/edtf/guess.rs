//! What an author meant who did not write EDTF: other orders, separators and words, in English; months in other languages too, and
//! digits of other scripts.
//!
//! Only for hints. A guess is never taken as the date.

use super::day::Day;
use super::parse::is_accepted;

/// A date that may be meant, and the reading under which it is.
pub(super) struct Guess {
    pub(super) date: String,
    pub(super) reading: &'static str,
}

/// The dates that a text may mean, each of them valid: none, one, or two when day and month can be taken for each
/// other.
pub(super) fn guess(text: &str) -> Vec<Guess> {
    // Whoever writes more than this writes prose.
    const LONGEST: usize = 64;
    if text.len() > LONGEST {
        return Vec::new();
    }
    let text: String = text.trim().to_lowercase().chars().map(western).collect();
    let mut guesses = single(&text);
    if guesses.is_empty() {
        guesses.extend(with_words(&text).or_else(|| interval(&text)).map(sure));
    }
    guesses.retain(|guess| is_accepted(&guess.date) && weekday_fits(&text, &guess.date));
    guesses.dedup_by(|second, first| second.date == first.date);
    guesses
}

/// A digit of Arabic, Persian or Devanagari as a Western one.
fn western(c: char) -> char {
    let zero = match c {
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{966}'..='\u{96f}' => '\u{966}',
        _ => return c,
    };
    char::from_digit(u32::from(c) - u32::from(zero), 10).unwrap_or(c)
}

fn sure(date: String) -> Guess {
    Guess { date, reading: "that is meant" }
}

/// One date, in any order, with any separators.
fn single(text: &str) -> Vec<Guess> {
    if let Some(date) = upper(text).or_else(|| decade(text)) {
        return vec![sure(date)];
    }
    let words = words(text);
    match *words.as_slice() {
        [Word::Number(year, 8)] => {
            vec![sure(format!("{:04}-{:02}-{:02}", year / 10_000, year / 100 % 100, year % 100))]
        }
        [Word::Number(year, 1..=3)] if text.bytes().all(|byte| byte.is_ascii_digit()) => {
            vec![sure(format!("{year:04}"))]
        }
        [Word::Number(year, 4), Word::Number(month, 1..=2)]
        | [Word::Number(month, 1..=2), Word::Number(year, 4)]
        | [Word::Month(month), Word::Number(year, 4)]
        | [Word::Number(year, 4), Word::Month(month)] => {
            vec![sure(format!("{year:04}-{month:02}"))]
        }
        [Word::Number(year, 4), Word::Number(month, 1..=2), Word::Number(day, 1..=2)]
        | [Word::Number(year, 4), Word::Month(month), Word::Number(day, 1..=2)]
        | [Word::Month(month), Word::Number(day, 1..=2), Word::Number(year, 4)]
        | [Word::Number(day, 1..=2), Word::Month(month), Word::Number(year, 4)] => year_first(year, month, day),
        [Word::Number(first, 1..=2), Word::Number(second, 1..=2), Word::Number(year, 4)] => {
            let day_first = sure(format!("{year:04}-{second:02}-{first:02}"));
            // With full stops, the day stands first wherever such dates are written.
            if text.contains('.') && second <= 12 {
                return vec![day_first];
            }
            vec![
                Guess { reading: "the day stands first", ..day_first },
                Guess { date: format!("{year:04}-{first:02}-{second:02}"), reading: "the month does" },
            ]
        }
        _ => Vec::new(),
    }
}

fn year_first(year: u32, month: u32, day: u32) -> Vec<Guess> {
    // `2025-13-05` can only be meant the other way round.
    let (month, day) = if month > 12 && day <= 12 { (day, month) } else { (month, day) };
    vec![sure(format!("{year:04}-{month:02}-{day:02}"))]
}

/// What is EDTF but for its case or the white space around it.
fn upper(text: &str) -> Option<String> {
    let text = text.to_uppercase();
    is_accepted(&text).then_some(text)
}

/// `1990s`
fn decade(text: &str) -> Option<String> {
    let digits = text.strip_prefix("the ").unwrap_or(text).strip_suffix("0s")?;
    (digits.len() == 3).then(|| format!("{digits}X"))
}

/// A date after a word that says how it is meant.
fn with_words(text: &str) -> Option<String> {
    const APPROXIMATE: [&str; 10] =
        ["circa", "approximately", "approx.", "approx", "around", "about", "ca.", "ca", "c.", "c"];
    let after = |word: &str| {
        let rest = text.strip_prefix(word)?;
        let is_apart = word.ends_with('.') || rest.starts_with(' ') || rest.starts_with(|c: char| c.is_ascii_digit());
        let date = if is_apart { one(rest.trim())? } else { return None };
        Some(date)
    };
    if let Some(date) = APPROXIMATE.iter().find_map(|word| after(word)) {
        return Some(format!("{date}~"));
    }
    if let Some(date) = ["until", "till"].iter().find_map(|word| after(word)) {
        return Some(format!("../{date}"));
    }
    if let Some(date) = ["since", "from"].iter().find_map(|word| after(word)) {
        return Some(format!("{date}/.."));
    }
    let last = after("by").or_else(|| after("before").and_then(|date| just_before(&date)))?;
    Some(format!("[..{last}]"))
}

/// The year, month or day before one: who says "before 2023" means no day of it.
fn just_before(date: &str) -> Option<String> {
    let numbers: Option<Vec<i16>> = date.split('-').map(|part| part.parse().ok()).collect();
    Some(match *numbers? {
        [year] if year > 0 => format!("{:04}", year - 1),
        [year, 1] if year > 0 => format!("{:04}-12", year - 1),
        [year, month] => format!("{year:04}-{:02}", month - 1),
        [year, month, day] => {
            let day = Day::new(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?)?;
            day.prev()?.to_string()
        }
        _ => return None,
    })
}

/// Two dates with something else than a solidus between them.
fn interval(text: &str) -> Option<String> {
    [" - ", " – ", "–", " to ", "..", "-"].iter().find_map(|separator| {
        let (start, end) = text.split_once(separator)?;
        Some(format!("{}/{}", one(start.trim())?, one(end.trim())?))
    })
}

/// The date that a text means if it can mean only one.
fn one(text: &str) -> Option<String> {
    match single(text).as_slice() {
        [only] => Some(only.date.clone()),
        _ => None,
    }
}

#[derive(Clone, Copy)]
enum Word {
    /// A number and how many digits it has.
    Number(u32, usize),
    /// The number of the month that is named.
    Month(u32),
}

/// The numbers and months of a text, or nothing when it has other words.
fn words(text: &str) -> Vec<Word> {
    const OTHERS: [&str; 9] = ["th", "st", "nd", "rd", "of", "de", "del", "er", "le"];
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_alphanumeric()) {
        rest = &rest[start..];
        let is_number = rest.starts_with(|c: char| c.is_ascii_digit());
        let length =
            rest.find(|c: char| if is_number { !c.is_ascii_digit() } else { !is_letter(c) }).unwrap_or(rest.len());
        // A digit of another script is neither.
        if length == 0 {
            return Vec::new();
        }
        let (word, after) = rest.split_at(length);
        rest = after;
        match (word.parse::<u32>(), month(word)) {
            (Ok(number), _) => words.push(Word::Number(number, length)),
            (_, Some(month)) => words.push(Word::Month(month)),
            _ if OTHERS.contains(&word) || weekday(word).is_some() => {}
            _ => return Vec::new(),
        }
    }
    words
}

/// A letter, or a sign that is written on one.
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '\u{93c}' | '\u{94d}')
}

fn month(word: &str) -> Option<u32> {
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
    let found = (1..).zip(NAMES).find(|(_, name)| *name == word || (word.len() == 3 && name.starts_with(word)));
    let found = found.map(|(number, _)| number).or((word == "sept").then_some(9));
    found.or_else(|| {
        ELSEWHERE.iter().find_map(|names| (1..).zip(names).find(|(_, name)| **name == word)).map(|(number, _)| number)
    })
}

/// The months in French, Spanish, German, Hindi and Arabic; where a language has two names, the other one stands in a row below.
const ELSEWHERE: [[&str; 12]; 7] = [
    [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    [
        "januar",
        "februar",
        "märz",
        "april",
        "mai",
        "juni",
        "juli",
        "august",
        "september",
        "oktober",
        "november",
        "dezember",
    ],
    ["जनवरी", "फरवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर"],
    ["जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितम्बर", "अक्तूबर", "नवम्बर", "दिसम्बर"],
    ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر", "نوفمبر", "ديسمبر"],
    ["", "شباط", "آذار", "نيسان", "أيار", "حزيران", "تموز", "آب", "أيلول", "", "", ""],
];

/// The day of the week that a word names, counted from Monday.
fn weekday(word: &str) -> Option<i64> {
    const NAMES: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let found = (0..).zip(NAMES).find(|(_, name)| *name == word || (word.len() == 3 && name.starts_with(word)));
    found.map(|(number, _)| number)
}

/// Whether a date is on the day of the week that is named with it, if one is: else one of the two is wrong, and nobody but
/// the author knows which.
fn weekday_fits(text: &str, date: &str) -> bool {
    let mut named = text.split(|c: char| !c.is_alphabetic()).filter_map(weekday);
    let Some(first) = named.next() else { return true };
    let numbers: Vec<i16> = date.split('-').filter_map(|part| part.parse().ok()).collect();
    let [year, month, day] = *numbers else { return false };
    let day = u8::try_from(month).ok().zip(u8::try_from(day).ok()).and_then(|(month, day)| Day::new(year, month, day));
    // The first day of the year 2024 was a Monday.
    let monday = Day::new(2024, 1, 1);
    named.next().is_none() && monday.zip(day).is_some_and(|(monday, day)| monday.days_until(day).rem_euclid(7) == first)
}
