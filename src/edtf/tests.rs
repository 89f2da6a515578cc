//! One rule a line.

use super::{Answer, DateFormat, Day, Edtf};

use Answer::{No, Possibly, Yes};

fn date(text: &str) -> Edtf {
    text.parse().unwrap()
}

fn day(text: &str) -> Day {
    date(text).earliest().unwrap()
}

fn check_bounds(text: &str, expected: &str) {
    let date = date(text);
    let show = |day: Option<Day>| day.map_or("..".to_owned(), |day| day.to_string());
    assert_eq!(format!("{} {}", show(date.earliest()), show(date.latest())), expected, "{text}");
    assert_eq!(date.to_string(), text);
}

#[test]
fn bounds() {
    check_bounds("2025-05-11", "2025-05-11 2025-05-11");
    check_bounds("2025-02", "2025-02-01 2025-02-28");
    check_bounds("2024-02", "2024-02-01 2024-02-29");
    check_bounds("2025", "2025-01-01 2025-12-31");
    check_bounds("2025-05-11?", "2025-05-11 2025-05-11");
    check_bounds("2025~", "2025-01-01 2025-12-31");
    check_bounds("2025-05-~11", "2025-05-11 2025-05-11");
    check_bounds("?2025-05", "2025-05-01 2025-05-31");
    check_bounds("2025-05-XX", "2025-05-01 2025-05-31");
    check_bounds("2025-05-1X", "2025-05-10 2025-05-19");
    check_bounds("2025-XX-11", "2025-01-11 2025-12-11");
    check_bounds("1X25", "1025-01-01 1925-12-31");
    check_bounds("199X", "1990-01-01 1999-12-31");
    check_bounds("XXXX-02-29", "0000-02-29 9996-02-29");
    check_bounds("2025-21", "2025-03-01 2025-05-31");
    check_bounds("2025-24", "2025-12-01 2026-02-28");
    check_bounds("2025-29", "2025-09-01 2025-11-30");
    check_bounds("2025-34", "2025-04-01 2025-06-30");
    check_bounds("-0044-03-15", "-0044-03-15 -0044-03-15");
    check_bounds("Y17000", ".. ..");
    check_bounds("Y-17000/2025", ".. 2025-12-31");
    check_bounds("9999-24", "9999-12-01 ..");
    check_bounds("2025-05-10/2025-05-11", "2025-05-10 2025-05-11");
    check_bounds("2025-05/2025", "2025-05-01 2025-12-31");
    check_bounds("2025-05-10/..", "2025-05-10 ..");
    check_bounds("2025-05-10/", "2025-05-10 ..");
    check_bounds("../2025", ".. 2025-12-31");
    check_bounds("/2025", ".. 2025-12-31");
    check_bounds("[2025-05-12,2025-05-10]", "2025-05-10 2025-05-12");
    check_bounds("[..2025]", ".. 2025-12-31");
    check_bounds("{2024,2026..}", "2024-01-01 ..");
    check_bounds("{2024..2026}", "2024-01-01 2026-12-31");
}

fn check_error(text: &str, expected: &str) {
    let error = text.parse::<Edtf>().unwrap_err();
    let hint = error.hint().map_or(String::new(), |hint| format!("; {hint}"));
    assert_eq!(format!("{}: {error}{hint}", error.offset()), expected, "{text}");
}

#[test]
fn errors() {
    check_error("", "0: the date is empty; leave the field out, or write `XXXX` for a date that is not known");
    check_error("2025-13", "0: month 13 does not exist");
    check_error("2025-00-10", "0: month 0 does not exist");
    check_error("2025-13-05", "0: month 13 does not exist; write `2025-05-13`");
    check_error("2025-02-30", "0: 30 february 2025 does not exist; february 2025 ends with `2025-02-28`");
    check_error("2025-06-31?", "0: 31 june 2025 does not exist; june 2025 ends with `2025-06-30`");
    check_error("2025-02-3X", "0: no date matches `2025-02-3X`");
    check_error("soon", "0: `soon` is not an EDTF date");
    check_error("2025-05-10/2025-02-30", "11: 30 february 2025 does not exist; february 2025 ends with `2025-02-28`");
    check_error(
        "2025-05-11/2025-05-10",
        "0: `2025-05-11/2025-05-10` ends before it begins; the earlier date goes first: `2025-05-10/2025-05-11`",
    );
    check_error("../..", "0: `../..` has no date at either end; give one of the ends, as in `2025-05-10/..`");
    check_error("[2025,2026", "0: the set `[2025,2026` is not closed; end it with `]`");
    check_error("[", "0: the set `[` is not closed; end it with `]`");
    check_error("[2025,[2026]]", "6: a set cannot stand in a set; list all the dates in one set");
    check_error(
        "[2025,,2026]",
        "6: a member of the set has no date; put one comma between two dates, and none at the ends",
    );
    check_error("{2025,2026-13}", "6: month 13 does not exist");
    check_error("[2026..2025]", "1: `2026..2025` ends before it begins; the earlier date goes first: `2025..2026`");
    check_error(
        "[2025..2026-05]",
        "1: `2025..2026-05` is not a range of days, months or years; \
         give both ends as days, as months or as years, without `?`, `~`, `%` and `X`",
    );
}

#[test]
fn times_of_day_are_refused() {
    let hint = "write `2025-05-11`, and the time of day in `time:`, a field of its own";
    for text in ["2025-05-11T12:30", "2025-05-11T12:30:00Z", "2025-05-11 12:30", "2025-05-11T12"] {
        check_error(text, &format!("0: `{text}` has a time of day, which is not part of a date; {hint}"));
    }
}

#[test]
fn parts_of_level_2_are_refused() {
    check_error("Y17E7", "0: `Y17E7` has an exponential year, which a dossier does not support");
    check_error("1950S2", "0: `1950S2` has significant digits, which a dossier does not support");
    check_error(
        "2025-40",
        "0: `2025-40` has a quadrimester or half-year, which a dossier does not support; \
         write the months as an interval, as in `2025-01/2025-06`",
    );
    check_error(
        "..2025-05-10/2025-05-11",
        "0: `..2025-05-10/2025-05-11` has an interval with a loose end, which a dossier does not support; \
         use a set, as in `[..2025-05-10]`",
    );
}

fn check_hint(text: &str, expected: &str) {
    let error = text.parse::<Edtf>().unwrap_err();
    assert_eq!(error.hint().unwrap_or_default(), expected, "{text}");
}

#[test]
fn hints() {
    check_hint("11.05.2025", "write `2025-05-11`");
    check_hint("2025/05/11", "write `2025-05-11`");
    check_hint("2025.05.11", "write `2025-05-11`");
    check_hint("2025/05", "write `2025-05`");
    check_hint("05/2025", "write `2025-05`");
    check_hint("20250511", "write `2025-05-11`");
    check_hint("2025-5-11", "write `2025-05-11`");
    check_hint("2025-5", "write `2025-05`");
    check_hint("May 11, 2025", "write `2025-05-11`");
    check_hint("Sunday, 11th of May 2025", "write `2025-05-11`");
    check_hint("Sept 2025", "write `2025-09`");
    check_hint("13/05/2025", "write `2025-05-13`");
    check_hint("05/13/2025", "write `2025-05-13`");
    check_hint("05/05/2025", "write `2025-05-05`");
    check_hint("05/06/2025", "write `2025-06-05` if the day stands first, `2025-05-06` if the month does");
    check_hint("11/05/2025", "write `2025-05-11` if the day stands first, `2025-11-05` if the month does");
    check_hint("circa 2025", "write `2025~`");
    check_hint("c. May 2025", "write `2025-05~`");
    check_hint("ca.1950", "write `1950~`");
    check_hint("around 11/05/2025", "");
    check_hint("1990s", "write `199X`");
    check_hint("until 2025", "write `../2025`");
    check_hint("since May 2025", "write `2025-05/..`");
    check_hint("before 2025", "write `[..2024]`");
    check_hint("before 1 March 2024", "write `[..2024-02-29]`");
    check_hint("before January 2025", "write `[..2024-12]`");
    check_hint("by 2025", "write `[..2025]`");
    check_hint("Wednesday, 21 June 2023", "write `2023-06-21`");
    check_hint("Sunday 21 June 2023", "");
    check_hint("2010-2012", "write `2010/2012`");
    check_hint("10 May 2025 – 11 May 2025", "write `2025-05-10/2025-05-11`");
    check_hint("2025-05-10 to 2025-05-11", "write `2025-05-10/2025-05-11`");
    check_hint("2025-05-10..2025-05-11", "write `2025-05-10/2025-05-11`");
    check_hint(" 2025-05-11 ", "write `2025-05-11`");
    check_hint("2025-xx", "write `2025-XX`");
    check_hint("25", "write `0025`");
    check_hint("31.02.2025", "");
    check_hint("१०/०५/२०२५", "write `2025-05-10` if the day stands first, `2025-10-05` if the month does");
    check_hint("١١.٥.٢٠٢٥", "write `2025-05-11`");
    check_hint("11 mai 2025", "write `2025-05-11`");
    check_hint("11 de mayo de 2025", "write `2025-05-11`");
    check_hint("1er août 2025", "write `2025-08-01`");
    check_hint("11 मई 2025", "write `2025-05-11`");
    check_hint("11 सितम्बर 2025", "write `2025-09-11`");
    check_hint("11 مايو 2025", "write `2025-05-11`");
    check_hint("maybe 2025", "");
}

fn check_falls(text: &str, first: &str, last: &str, expected: Answer) {
    assert_eq!(date(text).falls_on(day(first), day(last)), expected, "{text} in {first} to {last}");
}

fn check_day(text: &str, on: &str, expected: Answer) {
    check_falls(text, on, on, expected);
}

/// In the month or year with this name.
fn check_period(text: &str, period: &str, expected: Answer) {
    let period = date(period);
    let found = date(text).falls_on(period.earliest().unwrap(), period.latest().unwrap());
    assert_eq!(found, expected, "{text} in {period}");
}

#[test]
fn a_single_date_falls_where_all_that_it_can_mean_lies() {
    check_day("2025-05-11", "2025-05-11", Yes);
    check_day("2025-05-11", "2025-05-12", No);
    check_day("2025-05-11?", "2025-05-11", Possibly);
    check_day("2025-05-~11", "2025-05-11", Possibly);
    check_period("2025-05-11%", "2025", Possibly);
    check_period("2025-05", "2025-05", Yes);
    check_period("2025-05-XX", "2025-05", Yes);
    check_day("2025-05", "2025-05-31", Possibly);
    check_day("2025-05-XX", "2025-06-01", No);
    check_period("2025-05", "2025", Yes);
    check_period("2025", "2025-05", Possibly);
    check_period("2025-21", "2025", Yes);
    check_period("2025-24", "2025", Possibly);
    check_period("Y17000", "2025", No);
    check_falls("2025-05-11", "2025-05-12", "2025-05-10", No);
}

#[test]
fn masks_leave_gaps() {
    check_day("2025-XX-11", "2025-05-11", Possibly);
    check_day("2025-XX-11", "2025-05-12", No);
    check_period("2025-XX-11", "2025", Yes);
    check_period("2025-XX-31", "2025-06", No);
    check_period("2025-1X", "2025-11", Possibly);
    check_period("2025-X1", "2025-05", No);
    check_period("1X25", "1825", Possibly);
    check_period("1X25", "1830", No);
    check_day("XXXX-02-29", "2024-02-29", Possibly);
    check_period("XXXX-02-29", "2025", No);
}

#[test]
fn an_interval_lasts() {
    check_day("2025-05-10/2025-05-12", "2025-05-11", Yes);
    check_day("2025-05-10/2025-05-12", "2025-05-13", No);
    check_period("2025-05-10/2025-05-12", "2025-05", Yes);
    check_period("2025-04-30/2025-06-01", "2025-05", Yes);
    check_day("2025-05-10/2025-06", "2025-05-20", Yes);
    check_day("2025-05-10/2025-06", "2025-06-15", Possibly);
    check_period("2025-05-10/2025-06", "2025-06", Yes);
    check_day("2025-05/2025-07", "2025-05-15", Possibly);
    check_day("2025-05/2025-07", "2025-06-15", Yes);
    check_day("2025-05/2025-05", "2025-05-15", Possibly);
    check_day("2025-05-10?/2025-05-12", "2025-05-11", Possibly);
    check_day("2025-05-10?/2025-05-12", "2025-05-12", Yes);
}

#[test]
fn an_open_or_unknown_end_is_only_possible() {
    for end in ["2025-05-10/..", "2025-05-10/"] {
        check_day(end, "2025-05-09", No);
        check_day(end, "2025-05-10", Yes);
        check_day(end, "2025-05-11", Possibly);
    }
    for start in ["../2025-05-11", "/2025-05-11"] {
        check_day(start, "2025-05-10", Possibly);
        check_day(start, "2025-05-11", Yes);
        check_day(start, "2025-05-12", No);
    }
}

#[test]
fn of_a_one_of_set_no_member_is_certain() {
    check_day("[2025-05-10,2025-05-12]", "2025-05-10", Possibly);
    check_day("[2025-05-10,2025-05-12]", "2025-05-11", No);
    check_period("[2025-05-10,2025-05-12]", "2025-05", Yes);
    check_period("[2025-05-10,2025-06-12]", "2025-05", Possibly);
    check_day("[2025-05-10..2025-05-12]", "2025-05-11", Possibly);
    check_period("[2025-05-10..2025-05-12]", "2025-05", Yes);
    check_period("[..2025]", "1700", Possibly);
    check_period("[..2025]", "2026", No);
}

#[test]
fn of_an_all_of_set_each_member_is_certain() {
    check_day("{2025-05-10,2025-05-12}", "2025-05-10", Yes);
    check_day("{2025-05-10,2025-05-12}", "2025-05-11", No);
    check_day("{2025-05-10,2025-06}", "2025-06-11", Possibly);
    check_day("{2025-05-10..2025-05-12}", "2025-05-11", Yes);
    check_day("{2025-04..2025-06}", "2025-05-11", Possibly);
    check_period("{2025-04..2025-06}", "2025-05", Yes);
    check_falls("{2025-04..2025-06}", "2025-04-02", "2025-05-30", Possibly);
    check_period("{2024..2026}", "2025", Yes);
    check_period("{2024..2026}", "2025-05", Possibly);
    check_day("{2025-05-10..}", "2025-05-10", Yes);
    check_day("{2025-05-10..}", "2025-05-11", Possibly);
}

fn check_days(text: &str, expected: &str) {
    let days: Vec<String> = date(text).stated_days(4).iter().map(Day::to_string).collect();
    assert_eq!(days.join(" "), expected, "{text}");
}

#[test]
fn stated_days() {
    check_days("2025-05-11", "2025-05-11");
    check_days("2025-05-11?", "2025-05-11");
    check_days("2025-05", "");
    check_days("2025-05-1X", "");
    check_days("2025-04-29/2025-05-02", "2025-04-29 2025-04-30 2025-05-01 2025-05-02");
    check_days("2025-04-29/2025-05-03", "2025-04-29 2025-05-03");
    check_days("2025-05-10/..", "2025-05-10");
    check_days("2025-05/2025-06-02", "2025-06-02");
    check_days("[2025-05-12,2025-05-10,2025-05-10]", "2025-05-10 2025-05-12");
    check_days("{2025-05-10..2025-05-12,2025-06}", "2025-05-10 2025-05-11 2025-05-12");
    check_days("-9999-01-01/9999-12-31", "-9999-01-01 9999-12-31");
}

fn check_before(first: &str, second: &str, expected: Answer) {
    assert_eq!(date(first).before(&date(second)), expected, "{first} before {second}");
    assert_eq!(date(second).after(&date(first)), expected, "{second} after {first}");
}

#[test]
fn before_and_after() {
    check_before("2025-05-10", "2025-05-11", Yes);
    check_before("2025-05-11", "2025-05-11", No);
    check_before("2025-05-11", "2025", Possibly);
    check_before("2024", "2025", Yes);
    check_before("2025", "2024", No);
    check_before("2025-05-10/..", "2026", Possibly);
    check_before("../2024", "2025", Yes);
    check_before("Y17000", "2025", No);
    check_before("2025", "Y17000", Yes);
    check_before("Y17000", "Y18000", Possibly);
    check_before("Y-17000", "2025", Yes);
}

#[test]
fn order_is_by_start_then_the_narrower_then_the_certain() {
    let sorted = [
        "../2024",
        "/2025",
        "2024",
        "2025-01-01",
        "2025-01-01?",
        "2025-01-01/2025-01-02",
        "2025-01",
        "2025-01-XX",
        "2025",
        "2025-XX",
        "2025~",
        "2025-01-01/..",
        "2025-05-11",
        "Y17000",
    ];
    let mut dates = sorted.map(date);
    dates.reverse();
    dates.sort();
    assert_eq!(dates.each_ref().map(Edtf::as_str), sorted);
}

fn check_display(lang: &str, text: &str, expected: &str) {
    assert_eq!(DateFormat::new(lang).display(&date(text)), expected, "{text} in {lang}");
}

#[test]
fn display_in_english() {
    let check = |text, expected| check_display("en", text, expected);
    check("2025-05-11", "11 May 2025");
    check("2025-05", "May 2025");
    check("2025", "2025");
    check("2025-XX-XX", "2025");
    check("2025-05-11?", "11 May 2025 (uncertain)");
    check("2025~", "about 2025");
    check("2025-05-11%", "about 11 May 2025 (uncertain)");
    check("2025-05-~11", "about 11 May 2025");
    check("2025-05-XX", "May 2025");
    check("2025-05-1X", "between 10 and 19 May 2025");
    check("2025-1X", "between October and December 2025");
    check("2025-XX-11?", "2025-XX-11 (uncertain)");
    check("1X25", "1X25");
    check("199X", "1990s");
    check("18XX", "19th century");
    check("20XX", "21st century");
    check("XXXX", "date unknown");
    check("2025-21", "spring 2025");
    check("2025-32", "winter 2025");
    check("2025-34", "second quarter of 2025");
    check("2025-05-10/2025-05-11", "10–11 May 2025");
    check("2025-04-30/2025-05-02", "30 April – 2 May 2025");
    check("2024-12-30/2025-01-02", "30 December 2024 – 2 January 2025");
    check("2025-05/2025-07", "May–July 2025");
    check("2024/2025", "2024–2025");
    check("2025-05-10?/2025-05-11", "10 May 2025 (uncertain) – 11 May 2025");
    check("2025-05-10/..", "from 10 May 2025");
    check("2025-05-10/", "from 10 May 2025 (end unknown)");
    check("../2025", "until 2025");
    check("../2025~", "until about 2025");
    check("../199X", "until the 1990s");
    check("/2025-05", "until May 2025 (start unknown)");
    check("[2025-05-10,2025-05-11]", "10 or 11 May 2025");
    check("[2025-05-10..2025-05-12]", "between 10 and 12 May 2025");
    check("[..2025]", "2025 or earlier");
    check("[2025-05-10..]", "10 May 2025 or later");
    check("{2023,2024,2025-05}", "2023, 2024 and May 2025");
    check("{2025-05-10..2025-05-12}", "10–12 May 2025");
    check("Y17000", "17000");
    check("-0044-03-15", "15 March 45 BC");
}

#[test]
fn display_in_other_languages() {
    check_display("en-US", "2025-05-10/2025-05-11", "May 10–11, 2025");
    check_display("fr", "2025-05-11~", "vers le 11 mai 2025");
    check_display("fr", "../2025-05", "jusqu’en mai 2025");
    check_display("fr", "18XX", "XIXe siècle");
    check_display("es", "2025-05-10/2025-05-11", "10–11 de mayo de 2025");
    check_display("es", "[2025-05-10..2025-05-12]", "entre el 10 y el 12 de mayo de 2025");
    check_display("hi", "2025-05-10/..", "10 मई, 2025 से");
    check_display("hi", "199X", "1990 का दशक");
    check_display("ar", "2025~", "نحو 2025");
    check_display("ar", "199X", "تسعينيات القرن 20");
    check_display("ar-EG", "2025-05-11", "١١ مايو ٢٠٢٥");
    check_display("ja", "2025-05-10/2025-05-11", "2025年5月10日–5月11日");
    check_display("de", "2025-05-11", "11. Mai 2025");
}

#[test]
fn unknown_languages_and_calendars_of_others() {
    check_display("xx", "2025-05-11", "11 May 2025");
    check_display("", "2025-05-11", "11 May 2025");
    check_display("not a language", "2025-05-11", "11 May 2025");
    check_display("en-u-ca-buddhist", "2025-05-11", "11 May 2025");
    check_display("fa", "2025-05-11", "۱۱ مه ۲۰۲۵");
}

#[test]
fn days_and_months_for_readers() {
    let format = DateFormat::new("en");
    assert_eq!(format.day_long(day("2025-05-11")), "Sunday, 11 May 2025");
    assert_eq!(format.day_short(day("2025-05-11")), "11 May");
    assert_eq!(format.month(2025, 5), "May 2025");
    assert_eq!(format.month_name(5), "May");
    assert_eq!(format.year(-44), "45 BC");
    assert_eq!((format.month(2025, 13), format.month_name(0)), ("2025-13".to_owned(), "0".to_owned()));
}

#[test]
fn front_matter_has_strings_and_bare_years() {
    let read =
        |yaml| serde_yaml::from_str::<Edtf>(yaml).map(|date| date.to_string()).map_err(|error| error.to_string());
    assert_eq!(read("2025-05-11"), Ok("2025-05-11".to_owned()));
    assert_eq!(read("2025"), Ok("2025".to_owned()));
    assert_eq!(read("11.05.2025"), Err("`11.05.2025` is not an EDTF date".to_owned()));
    assert_eq!(read("25"), Err("`25` is not an EDTF date".to_owned()));
    assert_eq!(serde_json::to_string(&date("2025~")).unwrap(), r#""2025~""#);
}

#[test]
fn threads_can_share_all_of_it() {
    fn check<T: Send + Sync>() {}
    check::<Edtf>();
    check::<super::EdtfError>();
    check::<DateFormat>();
    assert!(size_of::<Edtf>() <= 32);
}
