//! That the expressions and the functions that read values agree.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fancy_regex::Regex;
use proptest::prelude::*;

use super::{Shape, shape};
use crate::model::check_format;

const FORMATS: [&str; 11] =
    ["id", "line", "markdown", "lang", "country", "word", "uri", "clock", "sha256", "digest", "edtf"];

/// Whether a validator that reads the shape alone accepts a text.
fn accepts(format: &str, text: &str) -> bool {
    type Compiled = (Shape, Regex, Option<Regex>);
    static SHAPES: LazyLock<BTreeMap<&str, Compiled>> = LazyLock::new(|| {
        let compile = |format| {
            let shape = shape(format).expect("the form has a shape");
            let regex = |pattern: &str| Regex::new(pattern).expect("the pattern is one");
            (format, (shape, regex(shape.pattern), shape.except.map(regex)))
        };
        FORMATS.into_iter().map(compile).collect()
    });
    let (shape, pattern, except) = &SHAPES[format];
    let matches = |regex: &Regex| regex.is_match(text).expect("the match ends");
    let is_short = shape.longest.is_none_or(|longest| text.chars().count() <= longest as usize);
    is_short && matches(pattern) && !except.as_ref().is_some_and(matches)
}

fn check_same(format: &str, text: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(accepts(format, text), check_format(format, text).is_ok(), "{} {:?}", format, text);
    Ok(())
}

fn check_never_refused(text: &str) -> Result<(), TestCaseError> {
    prop_assert!(check_format("edtf", text).is_err() || accepts("edtf", text), "{:?} is refused", text);
    Ok(())
}

/// Texts near to those of a form: one of its own, or one with a character put in, taken out or exchanged.
fn near(form: &'static str) -> impl Strategy<Value = String> {
    (form, any::<prop::sample::Index>(), 0..4_u8, any_character()).prop_map(|(text, at, how, c)| {
        let mut characters: Vec<char> = text.chars().collect();
        let at = at.index(characters.len() + 1);
        match how {
            0 => {}
            1 => characters.insert(at, c),
            2 if at < characters.len() => drop(characters.remove(at)),
            _ if at < characters.len() => characters[at] = c,
            _ => {}
        }
        characters.into_iter().collect()
    })
}

fn any_character() -> impl Strategy<Value = char> {
    prop_oneof![
        prop::sample::select(
            "-_.:/?~%X ,[]{}aZ09\t\n\r\u{0}\u{85}\u{a0}\u{2003}\u{200b}\u{2028}\u{3000}\u{feff}éÉß"
                .chars()
                .collect::<Vec<_>>()
        ),
        any::<char>(),
    ]
}

#[test]
fn each_character_is_a_letter_of_words_for_both_or_for_none() {
    let differing: Vec<char> = (char::MIN..=char::MAX)
        .filter(|c| *c != '-')
        .filter(|c| accepts("word", &c.to_string()) != check_format("word", &c.to_string()).is_ok())
        .collect();
    assert_eq!(differing, [' '; 0]);
}

#[test]
fn each_character_may_stand_in_a_line_and_an_address_for_both_or_for_none() {
    let characters = (char::MIN..=char::MAX).filter(|c| u32::from(*c) < 0x3100 || u32::from(*c) > 0xfe00);
    for c in characters.take(0x4000) {
        for (format, text) in [
            ("line", format!("{c}")),
            ("line", format!("a{c}")),
            ("line", format!("a{c}b")),
            ("line", format!("{c}a")),
            ("markdown", format!("{c}")),
            ("uri", format!("http://{c}")),
            ("uri", format!("http://a{c}b")),
        ] {
            assert_eq!(accepts(format, &text), check_format(format, &text).is_ok(), "{format} {text:?}");
        }
    }
}

#[test]
fn names_of_index_pages_and_devices_are_no_ids() {
    for text in ["index", "index-2", "index-page", "con", "com1", "com10", "lpt9", "aux", "nul-1", "nul", "prn", "com0"]
    {
        assert_eq!(accepts("id", text), check_format("id", text).is_ok(), "{text}");
    }
    for length in [99, 100, 101] {
        let text = "a".repeat(length);
        assert_eq!(accepts("id", &text), check_format("id", &text).is_ok(), "{length}");
    }
    for length in [59, 60, 61] {
        let text = "é".repeat(length);
        assert_eq!(accepts("word", &text), check_format("word", &text).is_ok(), "{length}");
    }
}

#[test]
fn a_shape_shows_examples_of_its_own_form() {
    for format in FORMATS {
        for example in shape(format).expect("the form has a shape").examples {
            assert_eq!(check_format(format, example), Ok(()), "{format} {example}");
        }
    }
}

#[test]
fn what_nobody_would_take_for_a_date_is_refused() {
    for text in [
        "",
        "soon",
        "12 May 2025",
        "2025/05/11",
        "11.05.2025",
        "2025-5-11",
        "20250511",
        "2025-13",
        "2025-00",
        "2025-05-32",
        "2025-05-11T12:30",
        "Y17E7",
        "1950S2",
        "2025-40",
        "999",
        "[2025",
        "2025]",
        "[2025,,2026]",
        "{}",
        "/",
        "../",
        "../..",
        "2025..",
        "circa 2025",
        "2025-05-11 ",
        " 2025",
    ] {
        assert!(check_format("edtf", text).is_err(), "{text:?} is a date");
        assert!(!accepts("edtf", text), "{text:?} is accepted");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn ids_are_the_same(text in near("[a-z0-9]{1,5}(-[a-z0-9]{1,4}){0,3}")) { check_same("id", &text)?; }

    #[test]
    fn lines_are_the_same(text in near("\\PC{0,12}")) { check_same("line", &text)?; check_same("markdown", &text)?; }

    #[test]
    fn language_tags_are_the_same(text in near("[a-z]{1,4}(-[A-Za-z0-9]{1,9}){0,2}")) { check_same("lang", &text)?; }

    #[test]
    fn countries_are_the_same(text in near("[A-Z]{2}")) { check_same("country", &text)?; }

    #[test]
    fn words_are_the_same(text in near("(\\p{L}|[a-z0-9]){1,4}(-[a-zé0-9]{1,4}){0,2}")) { check_same("word", &text)?; }

    #[test]
    fn addresses_are_the_same(text in near("(https://|http://|ftp://|mailto:|HTTPS://|www\\.|//)[a-z./]{0,6}\\PC{0,4}")) { check_same("uri", &text)?; }

    #[test]
    fn times_are_the_same(text in near("[0-2][0-9]:[0-6][0-9](:[0-6][0-9])?")) { check_same("clock", &text)?; }

    #[test]
    fn digests_are_the_same(text in near("[0-9a-fA-F]{64}")) { check_same("sha256", &text)?; }

    #[test]
    fn beginnings_of_digests_are_the_same(text in near("[0-9a-fA-F]{11,65}")) { check_same("digest", &text)?; }

    #[test]
    fn no_date_is_refused(text in near(
        "[?~%]?(-?[0-9X]{4}|[12][0-9]{3}|Y-?[0-9]{5,7})[?~%]?(-[?~%]?([01][0-9X]|2[1-4]|3[0-9]|XX)[?~%]?(-[?~%]?([0-3][0-9X]|XX)[?~%]?)?)?",
    )) { check_never_refused(&text)?; }

    #[test]
    fn no_interval_or_set_is_refused(text in near(
        "((19[0-9]{2}|\\.\\.|)/(20[0-9]{2}(-0[1-9]~?)?|\\.\\.|))|[\\[{] ?(\\.\\.)?19[0-9]{2}(, ?19[5-9][0-9]\\.\\.20[0-4][0-9]){0,2}(, ?20[0-9]{2}-0[1-9])?(\\.\\.)? ?[\\]}]",
    )) { check_never_refused(&text)?; }

    #[test]
    fn nothing_that_is_typed_is_a_date_for_us_alone(text in "[-0-9XYSE?~%./,{}\\[\\] ]{0,14}") { check_never_refused(&text)?; }
}
