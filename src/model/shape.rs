//! The forms of single values as regular expressions, for validators that know nothing of ours.
//!
//! Where an expression can say a form, it accepts what [`check_format`](super::check_format) accepts and nothing else. A
//! date is more than that (30 February has the shape of one), so there it only never refuses what is right. The expressions
//! keep to what JSON Schema recommends: characters, classes, groups, counts and anchors, which are the same in all of the
//! dialects in use. What a form excludes stands in an expression of its own, since looking ahead is not among them.
//!
//! Our own validation does not ask these: a message of ours says more than that an expression does not match.

use std::sync::LazyLock;

use super::countries::countries;
use super::scalars::is_letter_of_word;

/// What can be said of a form without running our code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The form's name, as under `format`.
    pub format: &'static str,
    /// What a text of this form is, in words that end "it must be ...".
    pub words: &'static str,
    /// What every text of this form matches.
    pub pattern: &'static str,
    /// What no text of this form matches.
    pub except: Option<&'static str>,
    /// The most characters that it may have.
    pub longest: Option<u32>,
    /// Texts of this form, where they help more than they would if somebody took them over as they are.
    pub examples: &'static [&'static str],
}

/// What can be said of a form; nothing of those that accept everything.
pub fn shape(format: &str) -> Option<Shape> {
    Some(match format {
        "id" => Shape {
            format: "id",
            words: "an id: lower-case ASCII words and numbers joined by `-`, at most 100 characters",
            pattern: "^[a-z0-9]+(-[a-z0-9]+)*$",
            except: Some("^(index(-[0-9]+)?|con|prn|aux|nul|com[1-9]|lpt[1-9])$"),
            longest: Some(100),
            examples: &[],
        },
        "line" => Shape {
            format: "line",
            words: "one line of plain text",
            pattern: &LINE,
            except: None,
            longest: None,
            examples: &[],
        },
        "markdown" => Shape {
            format: "markdown",
            words: "text in Markdown that is not empty",
            pattern: &NOT_EMPTY,
            except: None,
            longest: None,
            examples: &[],
        },
        "lang" => Shape {
            format: "lang",
            words: "a language tag of BCP 47, such as `en` or `zh-Hant`",
            pattern: "^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$",
            except: None,
            longest: None,
            examples: &["en", "hi", "zh-Hant"],
        },
        "country" => Shape {
            format: "country",
            words: "a country code of ISO 3166-1, such as `IN` or `NO`",
            pattern: concat!("^(", countries!(), ")$"),
            except: None,
            longest: None,
            examples: &["IN", "NO"],
        },
        "word" => Shape {
            format: "word",
            words: "a word of your own: lower-case letters of any script and digits, joined by `-`, at most 60 characters",
            pattern: &WORD,
            except: None,
            longest: Some(60),
            examples: &[],
        },
        "uri" => Shape {
            format: "uri",
            words: "an absolute address that begins with `https://`, `http://`, `ftp://` or `mailto:`",
            pattern: &ADDRESS,
            except: None,
            longest: None,
            examples: &["https://example.org/page"],
        },
        "clock" => Shape {
            format: "clock",
            words: "a time of day as `HH:MM` or `HH:MM:SS`",
            pattern: "^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$",
            except: None,
            longest: None,
            examples: &["18:05"],
        },
        "sha256" => Shape {
            format: "sha256",
            words: "a SHA-256 as 64 hexadecimal digits",
            pattern: "^[0-9A-Fa-f]{64}$",
            except: None,
            longest: None,
            examples: &[],
        },
        "digest" => Shape {
            format: "digest",
            words: "a SHA-256 or its first digits: 12 to 64 hexadecimal digits",
            pattern: "^[0-9A-Fa-f]{12,64}$",
            except: None,
            longest: None,
            examples: &[],
        },
        "edtf" => Shape {
            format: "edtf",
            words: "a date in EDTF, such as `2025-05-11`, `2025-05`, `2025~` or `2025-05-10/2025-05-11`",
            pattern: &DATE,
            except: None,
            longest: None,
            examples: &[],
        },
        _ => return None,
    })
}

/// White space of Unicode, which [`str::trim`] takes away, as the inside of a class.
const SPACES: &str = r"\t-\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// Control characters.
const CONTROLS: &str = r"\u0000-\u001f\u007f-\u009f";
/// White space that is no control character.
const VISIBLE_SPACES: &str = r" \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";

static NOT_EMPTY: LazyLock<String> = LazyLock::new(|| format!("[^{SPACES}]"));

static LINE: LazyLock<String> = LazyLock::new(|| {
    let edge = format!("[^{CONTROLS}{VISIBLE_SPACES}]");
    format!("^[{SPACES}]*{edge}([^{CONTROLS}]*{edge})?[{SPACES}]*$")
});

static ADDRESS: LazyLock<String> = LazyLock::new(|| {
    let schemes = "[Hh][Tt][Tt][Pp][Ss]?://|[Ff][Tt][Pp]://|[Mm][Aa][Ii][Ll][Tt][Oo]:";
    format!("^({schemes})[^/{CONTROLS}{VISIBLE_SPACES}][^{CONTROLS}{VISIBLE_SPACES}]*$")
});

/// Which letters are no capitals is known to the standard library alone, so the class is made from what it says.
static WORD: LazyLock<String> = LazyLock::new(|| {
    let mut class = String::from("[");
    let mut letters = ('\0'..=char::MAX).filter(|c| is_letter_of_word(*c)).peekable();
    while let Some(first) = letters.next() {
        let mut last = first;
        while let Some(next) = letters.next_if(|next| u32::from(*next) == u32::from(last) + 1) {
            last = next;
        }
        class.push_str(&in_class(first));
        match u32::from(last) - u32::from(first) {
            0 => {}
            1 => class.push_str(&in_class(last)),
            _ => class.extend(["-", &in_class(last)]),
        }
    }
    class.push(']');
    format!("^{class}+(-{class}+)*$")
});

/// A character as a class of an expression has it. Some of those outside of ASCII do not show, or join what stands before
/// them; for those beyond four digits the dialects have no escape in common.
fn in_class(c: char) -> String {
    match u32::from(c) {
        code @ 0x80..=0xffff => format!(r"\u{code:04x}"),
        _ => c.to_string(),
    }
}

static DATE: LazyLock<String> = LazyLock::new(|| {
    let doubt = "[?~%]?";
    let year = "-?[0-9X]{4}";
    let month = "(0[1-9X]|1[0-2X]|2[1-9X]|3[0-6X]|X[0-9X])";
    let day = "(0[1-9X]|[12][0-9X]|3[01X]|X[0-9X])";
    let date =
        format!("({doubt}{year}{doubt}(-{doubt}{month}{doubt}(-{doubt}{day}{doubt})?)?|{doubt}Y-?[0-9]{{5,}}{doubt})");
    let member = format!(r"(\.\.{date}|{date}(\.\.({date})?)?)");
    let interval = format!(r"{date}/({date}|\.\.)?|(\.\.)?/{date}");
    format!(r"^({date}|{interval}|\[ *{member}( *, *{member})* *\]|\{{ *{member}( *, *{member})* *\}})$")
});

#[cfg(test)]
mod tests;
