//! Single values with a form of their own: ids, lines, languages, countries, addresses.
//!
//! A value is checked when it is read and carried in its own type from then on. Numbers and booleans are refused
//! where text is meant, since YAML would already have changed what was written (`007` to 7, `1.10` to 1.1).

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{self, Deserialize, Deserializer, Visitor};
use serde::{Serialize, Serializer};

use super::countries::countries;
use crate::edtf::Edtf;
use crate::text;

/// Why a value does not have the form of its field, and what would.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScalarError {
    message: String,
    hint: Option<String>,
}

impl ScalarError {
    fn new(message: impl Into<String>) -> Self {
        ScalarError { message: message.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        ScalarError { hint: Some(hint.into()), ..self }
    }

    /// The way out, when one can be derived from what was written.
    pub fn way_out(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for ScalarError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ScalarError {}

/// Checks a text against the form named by a schema's `format`; unknown forms accept everything.
///
/// The forms are those of the types in this module and `edtf`; the same functions read the values.
pub fn check_format(format: &str, written: &str) -> Result<(), ScalarError> {
    match format {
        "id" => Id::from_str(written).map(drop),
        "line" => Line::from_str(written).map(drop),
        "markdown" => Markdown::from_str(written).map(drop),
        "lang" => Lang::from_str(written).map(drop),
        "country" => Country::from_str(written).map(drop),
        "word" => Word::from_str(written).map(drop),
        "uri" => Url::from_str(written).map(drop),
        "clock" => Time::from_str(written).map(drop),
        "sha256" => Sha256::from_str(written).map(drop),
        "digest" => Digest::from_str(written).map(drop),
        "edtf" => Edtf::from_str(written).map(drop).map_err(|error| {
            let plain = ScalarError::new(error.to_string());
            match error.hint() {
                Some(hint) => plain.hint(hint),
                None => plain,
            }
        }),
        _ => Ok(()),
    }
}

/// Declares a text type with a form: reading, writing and schema all go through its `FromStr`.
macro_rules! scalar {
    ($(#[$meta:meta])* $name:ident, $format:literal, $expecting:literal, $description:literal, $check:expr) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// The value as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = ScalarError;

            fn from_str(written: &str) -> Result<Self, ScalarError> {
                let check: fn(&str) -> Result<Cow<'_, str>, ScalarError> = $check;
                check(written).map(|value| $name(value.into()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Debug::fmt(&self.0, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Text;
                impl Visitor<'_> for Text {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($expecting)
                    }

                    fn visit_str<E: de::Error>(self, written: &str) -> Result<$name, E> {
                        $name::from_str(written).map_err(E::custom)
                    }
                }
                // Not `deserialize_str`, for which serde_yaml would hand over numbers and truth values as text.
                deserializer.deserialize_any(Text)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format, "description": $description })
            }
        }
    };
}

scalar!(
    /// A record's stable name: lower-case ASCII words joined by `-`, at most 100 characters.
    Id, "id", "an id: lower-case words joined by `-`", "an id: lower-case words joined by `-`", check_id
);
scalar!(
    /// One line of plain text that is not empty.
    Line, "line", "a line of text", "one line of plain text", check_line
);
scalar!(
    /// Markdown prose that is not empty.
    Markdown, "markdown", "text", "text in Markdown", check_markdown
);
scalar!(
    /// A language tag of BCP 47, such as `en`, `hi` or `zh-Hant`.
    Lang, "lang", "a language tag such as `en` or `hi`", "a language tag of BCP 47, such as `en` or `zh-Hant`", check_lang
);
scalar!(
    /// A country code of ISO 3166-1 alpha-2, such as `IN` or `NO`.
    Country, "country", "a country code such as `IN`", "a country code of ISO 3166-1, such as `IN` or `NO`", check_country
);
scalar!(
    /// A word of an open vocabulary: lower-case letters of any script and digits, joined by `-`.
    Word, "word", "a word in lower case", "a word of your own: lower-case letters and digits joined by `-`", check_word
);
scalar!(
    /// An absolute address with the scheme `https`, `http`, `ftp` or `mailto`.
    Url, "uri", "an address such as `https://example.org/page`", "an absolute address, such as `https://example.org/page`", check_url
);
scalar!(
    /// A time of day, `HH:MM` or `HH:MM:SS`, as on the clock at the place.
    Time, "clock", "a time such as \"18:05\"", "a time of day as `HH:MM` or `HH:MM:SS`, in quotation marks", check_time
);
scalar!(
    /// A SHA-256 digest as 64 hexadecimal digits.
    Sha256, "sha256", "a SHA-256 of 64 hexadecimal digits", "a SHA-256 as 64 hexadecimal digits", check_sha256
);

scalar!(
    /// A SHA-256 digest or its first digits, at least twelve.
    Digest, "digest", "the first digits of a SHA-256, at least twelve", "a SHA-256, or its first digits, at least twelve", check_digest
);

impl Digest {
    /// Whether these are the first digits of a whole digest, or all of them.
    pub fn begins(&self, whole: &str) -> bool {
        whole.starts_with(self.as_str())
    }
}

impl Id {
    /// An id that no author can write, for a reference to somebody who is not named.
    pub(crate) fn placeholder(number: usize) -> Id {
        Id(format!("~{number}").into())
    }

    /// A text that is a placeholder, as an id.
    pub(crate) fn from_placeholder(written: &str) -> Option<Id> {
        let id = Id(written.into());
        id.placeholder_number().is_some().then_some(id)
    }

    /// The number of a placeholder.
    pub(crate) fn placeholder_number(&self) -> Option<usize> {
        self.0.strip_prefix('~')?.parse().ok()
    }
}

fn check_id(written: &str) -> Result<Cow<'_, str>, ScalarError> {
    let shown = text::excerpt(written, 60);
    if written.is_empty() {
        return Err(ScalarError::new("the id is empty"));
    }
    if !is_joined_words(written) {
        let error = ScalarError::new(format!("`{shown}` is not an id: use lower-case words joined by `-`"));
        return Err(match text::slug(written) {
            Some(slug) => error.hint(format!("write `{}`", text::excerpt(&slug, 60))),
            None => error,
        });
    }
    if written.len() > 100 {
        let length = written.len();
        return Err(ScalarError::new(format!("`{shown}` is too long for an id: {length} characters, at most 100")));
    }
    let number = written.strip_prefix("index-").unwrap_or(written);
    if written == "index" || (number != written && number.bytes().all(|b| b.is_ascii_digit())) {
        return Err(ScalarError::new(format!("`{written}` is the name of an index page"))
            .hint("choose an id that says what the record is"));
    }
    if text::is_device_name(written) {
        return Err(
            ScalarError::new(format!("`{written}` cannot be a file name on every system")).hint("choose a longer id")
        );
    }
    Ok(written.into())
}

fn is_joined_words(written: &str) -> bool {
    written
        .split('-')
        .all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()))
}

fn check_line(written: &str) -> Result<Cow<'_, str>, ScalarError> {
    let line = written.trim();
    if line.is_empty() {
        return Err(ScalarError::new("the text is empty").hint("write something here or remove the key"));
    }
    if line.contains(|c: char| c.is_control()) {
        return Err(ScalarError::new("the text has a line break or a control character").hint("write it on one line"));
    }
    Ok(line.into())
}

fn check_markdown(written: &str) -> Result<Cow<'_, str>, ScalarError> {
    if written.trim().is_empty() {
        return Err(ScalarError::new("the text is empty").hint("write something here or remove the key"));
    }
    Ok(written.trim_end().into())
}

fn check_lang(written: &str) -> Result<Cow<'_, str>, ScalarError> {
    let mut parts = written.split('-');
    let language = parts.next().unwrap_or_default();
    let is_language = (2..=3).contains(&language.len()) && language.bytes().all(|b| b.is_ascii_lowercase());
    let subtags = |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if is_language && parts.all(subtags) {
        return Ok(written.into());
    }
    let error = ScalarError::new(format!("`{}` is not a language tag", text::excerpt(written, 40)));
    Err(error.hint("write the code of the language, such as `en`, `hi`, `ar` or `zh-Hant`"))
}

fn check_country(written: &str) -> Result<Cow<'_, str>, ScalarError> {
    let is_country = |written: &str| countries!().split('|').any(|code| code == written);
    if is_country(written) {
        return Ok(written.into());
    }
    let error = ScalarError::new(format!("`{}` is not a country code", text::excerpt(written, 40)));
    let upper = written.to_ascii_uppercase();
    Err(if is_country(&upper) {
        error.hint(format!("write `{upper}`"))
    } else if upper == "UK" {
        error.hint("write `GB`, the code of the United Kingdom")
    } else {
        error.hint("write the two letters of ISO 3166-1, such as `IN` for India or `NO` for Norway")
    })
}

/// Letters of any script, so that an author may call a role what it is called in the language of the dossier.
fn is_word(written: &str) -> bool {
    written.split('-').all(|part| !part.is_empty() && part.chars().all(is_letter_of_word))
}

/// Whether a word may have this character, beside the `-` between its parts.
pub(super) fn is_letter_of_word(c: char) -> bool {
    match c {
        'a'..='z' | '0'..='9' => true,
        _ => !c.is_ascii() && !c.is_uppercase() && !c.is_whitespace() && !text::is_unsafe_in_messages(c),
    }
}

fn check_word(written: &str) -> Result<Cow<'_, str>, ScalarError> {
    if is_word(written) && written.chars().count() <= 60 {
        return Ok(written.into());
    }
    let error = ScalarError::new(format!(
        "`{}` is not a plain word: use lower-case letters and digits joined by `-`",
        text::excerpt(written, 40)
    ));
    Err(match text::slug(written) {
        Some(slug) => error.hint(format!("write `{}`", text::excerpt(&slug, 60))),
        None => error,
    })
}

fn check_url(written: &str) -> Result<Cow<'_, str>, ScalarError> {
    let shown = text::excerpt(written, 60);
    if written.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(ScalarError::new(format!("`{shown}` has a space or a control character"))
            .hint("write a space in an address as `%20`"));
    }
    let lower = written.to_ascii_lowercase();
    let rest = ["https://", "http://", "ftp://", "mailto:"].iter().find_map(|scheme| lower.strip_prefix(scheme));
    match rest {
        Some(rest) if !rest.is_empty() && !rest.starts_with('/') => Ok(written.into()),
        Some(_) => Err(ScalarError::new(format!("`{shown}` names no host"))),
        None if lower.starts_with("www.") => {
            Err(ScalarError::new(format!("`{shown}` lacks its scheme")).hint(format!("write `https://{shown}`")))
        }
        None => Err(ScalarError::new(format!("`{shown}` is not an absolute address"))
            .hint("start it with `https://` or `http://`")),
    }
}

fn check_time(written: &str) -> Result<Cow<'_, str>, ScalarError> {
    let parts: Vec<&str> = written.split(':').collect();
    let in_range = |part: &str, limit: u8| {
        part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit()) && part.parse::<u8>().is_ok_and(|n| n < limit)
    };
    let is_time = match parts.as_slice() {
        [hour, minute] => in_range(hour, 24) && in_range(minute, 60),
        [hour, minute, second] => in_range(hour, 24) && in_range(minute, 60) && in_range(second, 60),
        _ => false,
    };
    if is_time {
        return Ok(written.into());
    }
    let error = ScalarError::new(format!("`{}` is not a time of day", text::excerpt(written, 40)));
    Err(error.hint("write hours and minutes in quotation marks, such as \"18:05\""))
}

fn check_sha256(written: &str) -> Result<Cow<'_, str>, ScalarError> {
    if written.len() == 64 && written.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(written.to_ascii_lowercase().into());
    }
    let shown = text::excerpt(written, 70);
    Err(ScalarError::new(format!("`{shown}` is not a SHA-256: it needs 64 hexadecimal digits")))
}

fn check_digest(written: &str) -> Result<Cow<'_, str>, ScalarError> {
    if (12..=64).contains(&written.len()) && written.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Ok(written.to_ascii_lowercase().into());
    }
    let shown = text::excerpt(written, 70);
    Err(ScalarError::new(format!("`{shown}` is no beginning of a SHA-256: it needs 12 to 64 hexadecimal digits")))
}

#[cfg(test)]
mod tests {
    use super::check_format;

    /// Shows a value as accepted, or what is said of it.
    fn check(format: &str, written: &str, expected: &str) {
        let answer = match check_format(format, written) {
            Ok(()) => "fine".to_owned(),
            Err(error) => match error.way_out() {
                Some(hint) => format!("{error}; {hint}"),
                None => error.to_string(),
            },
        };
        assert_eq!(answer, expected, "{format} {written:?}");
    }

    #[test]
    fn ids_are_lower_case_words() {
        check("id", "jane-doe-2", "fine");
        check("id", "", "the id is empty");
        check("id", "Jane Doe", "`Jane Doe` is not an id: use lower-case words joined by `-`; write `jane-doe`");
        check("id", "../etc", "`../etc` is not an id: use lower-case words joined by `-`; write `etc`");
        check("id", "a\0b", "`a\u{fffd}b` is not an id: use lower-case words joined by `-`; write `a-b`");
        check("id", "index-2", "`index-2` is the name of an index page; choose an id that says what the record is");
        check("id", "nul", "`nul` cannot be a file name on every system; choose a longer id");
    }

    #[test]
    fn countries_are_codes_and_norway_is_one() {
        check("country", "NO", "fine");
        check("country", "no", "`no` is not a country code; write `NO`");
        check(
            "country",
            "India",
            "`India` is not a country code; write the two letters of ISO 3166-1, such as `IN` for India or `NO` for Norway",
        );
    }

    #[test]
    fn addresses_are_absolute_and_harmless() {
        check("uri", "https://example.org/a", "fine");
        check("uri", "www.example.org", "`www.example.org` lacks its scheme; write `https://www.example.org`");
        check(
            "uri",
            "javascript:alert(1)",
            "`javascript:alert(1)` is not an absolute address; start it with `https://` or `http://`",
        );
        check("uri", "https:///x", "`https:///x` names no host");
    }

    #[test]
    fn words_are_of_any_script() {
        check("word", "took-part", "fine");
        check("word", "شاهد", "fine");
        check("word", "गवाह", "fine");
        check("word", "../x", "`../x` is not a plain word: use lower-case letters and digits joined by `-`; write `x`");
        check(
            "word",
            "Zeuge",
            "`Zeuge` is not a plain word: use lower-case letters and digits joined by `-`; write `zeuge`",
        );
        check(
            "word",
            "a\u{202e}b",
            "`a\u{fffd}b` is not a plain word: use lower-case letters and digits joined by `-`; write `ab`",
        );
    }

    #[test]
    fn times_are_clock_times() {
        check("clock", "18:05", "fine");
        check(
            "clock",
            "24:00",
            "`24:00` is not a time of day; write hours and minutes in quotation marks, such as \"18:05\"",
        );
    }

    #[test]
    fn lines_are_not_empty_and_have_no_breaks() {
        check("line", "A name", "fine");
        check("line", "  ", "the text is empty; write something here or remove the key");
        check("line", "a\nb", "the text has a line break or a control character; write it on one line");
    }
}
