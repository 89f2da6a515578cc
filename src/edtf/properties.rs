//! What holds for every date and every text.

use std::sync::LazyLock;

use proptest::prelude::*;

use super::{Answer, DateFormat, Day, Edtf};

static FORMATS: LazyLock<Vec<DateFormat>> =
    LazyLock::new(|| ["en", "hi", "ar", "es", "fr", "ja"].map(DateFormat::new).into());

/// Texts that have the form of EDTF; most are dates, some do not exist.
fn single() -> impl Strategy<Value = String> {
    let year = prop_oneof![6 => "20(2[0-9]|19)", 1 => "[0-2X][0-9X][0-9X][0-9X]", 1 => "-0[0-9]{3}", 1 => "9999|0000"];
    let rest = prop_oneof![
        3 => "-(0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-8])",
        1 => "-[01X][0-9X]-[0-3X][0-9X]",
        2 => "-(0[1-9]|1[0-2])",
        1 => "-[0123X][0-9X]",
        2 => "",
    ];
    (year, rest, "[?~%]?").prop_map(|(year, rest, qualifier)| format!("{year}{rest}{qualifier}"))
}

fn written() -> impl Strategy<Value = String> {
    let end = prop_oneof![4 => single(), 1 => Just("..".to_owned()), 1 => Just(String::new())];
    let member = prop_oneof![
        4 => single(),
        1 => (single(), single()).prop_map(|(first, last)| format!("{first}..{last}")),
        1 => single().prop_map(|date| format!("..{date}")),
        1 => single().prop_map(|date| format!("{date}..")),
    ];
    let members = prop::collection::vec(member, 1..4);
    prop_oneof![
        4 => single(),
        3 => (end.clone(), end).prop_map(|(start, end)| format!("{start}/{end}")),
        3 => (members, any::<bool>()).prop_map(|(members, one_of)| {
            let members = members.join(",");
            if one_of { format!("[{members}]") } else { format!("{{{members}}}") }
        }),
        1 => "Y-?[1-9][0-9]{4,17}",
    ]
}

fn date() -> impl Strategy<Value = Edtf> {
    written().prop_filter_map("not a date", |text| text.parse().ok())
}

fn day() -> impl Strategy<Value = Day> {
    (2018_i16..2031, 1_u8..13, 1_u8..32).prop_filter_map("not a day", |(year, month, day)| Day::new(year, month, day))
}

proptest! {
    #[test]
    fn any_text_is_a_date_or_an_error_that_can_be_shown(text in prop_oneof![
        any::<String>(), ".{0,300}", "[0-9XTZY.,/ ~?%\\-\\[\\]{}\u{0}à]{0,40}", written()
    ]) {
        match text.parse::<Edtf>() {
            Ok(date) => {
                prop_assert_eq!(date.as_str(), &text);
                for format in &*FORMATS {
                    prop_assert!(!format.display(&date).is_empty());
                }
            }
            Err(error) => {
                prop_assert!(text.is_char_boundary(error.offset()));
                prop_assert!(!error.to_string().contains(char::is_control));
                error.hint();
            }
        }
    }

    #[test]
    fn what_is_displayed_parses_to_the_same(date in date()) {
        let again: Edtf = date.to_string().parse().unwrap();
        prop_assert_eq!(&again, &date);
        prop_assert_eq!(again.sort_key(), date.sort_key());
    }

    #[test]
    fn a_plain_day_is_what_it_says(day in day()) {
        let date: Edtf = day.to_string().parse().unwrap();
        prop_assert_eq!((date.earliest(), date.latest()), (Some(day), Some(day)));
        prop_assert_eq!(date, Edtf::from(day));
    }

    #[test]
    fn bounds_are_in_order(date in date()) {
        if let (Some(earliest), Some(latest)) = (date.earliest(), date.latest()) {
            prop_assert!(earliest <= latest);
        }
    }

    #[test]
    fn order_is_total(a in date(), b in date(), c in date()) {
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a.cmp(&b).is_eq(), a == b);
        let mut sorted = [a, b, c];
        sorted.sort();
        let [a, b, c] = sorted;
        prop_assert!(a <= b && b <= c && a <= c);
    }

    #[test]
    fn before_agrees_with_the_order(a in date(), b in date()) {
        prop_assert_eq!(a.before(&b), b.after(&a));
        if a.before(&b) == Answer::Yes {
            prop_assert!(a.sort_key() < b.sort_key());
            prop_assert_eq!(b.before(&a), Answer::No);
        }
    }

    #[test]
    fn what_falls_on_a_day_has_it_within_its_bounds(date in date(), day in day()) {
        if date.falls_on(day, day) != Answer::No {
            prop_assert!(date.earliest().is_none_or(|earliest| earliest <= day));
            prop_assert!(date.latest().is_none_or(|latest| day <= latest));
        }
    }

    #[test]
    fn a_longer_period_is_never_less_certain(date in date(), day in day()) {
        let on_day = date.falls_on(day, day);
        let in_month = date.falls_on(day.first_of_month(), day.last_of_month());
        let in_year = date.falls_on(day.first_of_year(), day.last_of_year());
        prop_assert!(on_day <= in_month && in_month <= in_year);
    }

    #[test]
    fn nothing_qualified_falls_certainly(text in single(), day in day()) {
        if let (true, Ok(date)) = (text.ends_with(['?', '~', '%']), text.parse::<Edtf>()) {
            prop_assert_ne!(date.falls_on(day.first_of_year(), day.last_of_year()), Answer::Yes);
        }
    }

    #[test]
    fn it_possibly_falls_on_each_day_that_it_states(date in date()) {
        let days = date.stated_days(366);
        prop_assert!(days.is_sorted());
        for day in days {
            prop_assert_ne!(date.falls_on(day, day), Answer::No);
        }
    }

    /// Bounds are tight for single dates: the record can fall on the first and on the last of its days.
    #[test]
    fn a_single_date_can_fall_on_both_its_bounds(text in single()) {
        if let Ok(date) = text.parse::<Edtf>() {
            for day in [date.earliest(), date.latest()].into_iter().flatten() {
                prop_assert_ne!(date.falls_on(day, day), Answer::No);
            }
        }
    }
}
