//! Words as people compare and name them: slugs, normal forms, nearest names, safe excerpts.
//!
//! Not for Markdown or HTML; those belong to `parse` and `render`.

mod files;
mod fold;
mod media_type;
pub mod names;
pub(crate) mod page;

pub(crate) use files::{is_device_name, safe_file_name};
pub(crate) use fold::{Class, fold, folded_words, is_apostrophe};
pub(crate) use media_type::{ending, is_text, media_type};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization;

/// Proposes an id for a title: lower-case ASCII words joined by `-`, or `None` when nothing readable is left.
///
/// Other scripts are transliterated, which loses vowels in some; ids are therefore proposed, never made silently.
pub fn slug(title: &str) -> Option<String> {
    let mut slug = String::with_capacity(title.len());
    for c in deunicode::deunicode(title).chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    (!slug.is_empty()).then_some(slug)
}

/// A path of the site as it stands in an address: percent-encoded, but for slashes.
pub fn encoded_path(path: &str) -> String {
    const KEPT: AsciiSet = NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(path, &KEPT).to_string()
}

/// The path that an encoded one means.
pub fn decoded_path(path: &str) -> String {
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// The form in which two names are the same name: NFKC, lower case, single spaces.
pub fn normal_form(name: &str) -> String {
    let lower: String = name.nfkc().flat_map(char::to_lowercase).collect();
    lower.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A short form for messages: at most `limit` characters, control and direction characters made visible.
pub fn excerpt(text: &str, limit: usize) -> String {
    let mut short: String =
        text.chars().take(limit).map(|c| if is_unsafe_in_messages(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(limit).is_some() {
        short.push('…');
    }
    short
}

/// Characters that would move, hide or reorder the text around them.
pub(crate) fn is_unsafe_in_messages(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// A number in raised digits, such as an exponent, by the characters that are raised by themselves; `None` for other text.
pub(crate) fn raised(text: &str) -> Option<String> {
    let raised = text.trim().chars().map(|c| match c {
        '0' => Some('⁰'),
        '1' => Some('¹'),
        '2' => Some('²'),
        '3' => Some('³'),
        '4'..='9' => char::from_u32(u32::from(c) - u32::from('4') + u32::from('⁴')),
        '+' => Some('⁺'),
        '-' | '\u{2212}' | '–' => Some('⁻'),
        '(' => Some('⁽'),
        ')' => Some('⁾'),
        _ => None,
    });
    raised
        .collect::<Option<String>>()
        .filter(|raised| !raised.is_empty() && text.contains(|c: char| c.is_ascii_digit()))
}

/// The candidates nearest to what was written, nearest first, at most three; none when nothing is near.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let written = written.to_lowercase();
    // A third of the letters may differ, so that a short word is not taken for any other short word.
    let limit = (written.chars().count() / 3).clamp(1, 4);
    let mut near: Vec<(usize, &str)> = candidates
        .into_iter()
        .filter(|candidate| candidate.len().abs_diff(written.len()) <= 4 * limit)
        .filter_map(|candidate| {
            let distance = strsim::osa_distance(&written, &candidate.to_lowercase());
            (distance <= limit).then_some((distance, candidate))
        })
        .collect();
    near.sort_unstable();
    near.dedup();
    near.into_iter().map(|(_, candidate)| candidate).take(3).collect()
}

/// Joins names as a person would read them aloud: "`a`, `b` or `c`".
pub fn alternatives<S: AsRef<str>>(names: &[S]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("`{}`", name.as_ref())).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// Escapes text for HTML content and quoted attributes.
pub fn escape_html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Bytes as hexadecimal digits, in lower case.
pub fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| char::from(DIGITS[usize::from(value)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// The bytes that hexadecimal digits stand for, when there are as many as are asked for and nothing else.
pub fn from_hexadecimal<const LENGTH: usize>(digits: &str) -> Option<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    if digits.len() != 2 * LENGTH {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16);
    for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks_exact(2)) {
        *byte = u8::try_from(16 * value(pair[0])? + value(pair[1])?).ok()?;
    }
    Some(bytes)
}

/// Whether a text is a SHA-256 as programs write it: 64 hexadecimal digits in lower case.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_keep_what_can_be_read() {
        let check = |title, expected: Option<&str>| assert_eq!(slug(title).as_deref(), expected, "{title:?}");
        check("Jane  Doe!", Some("jane-doe"));
        check("Überwachung", Some("uberwachung"));
        check("विक्रम", Some("vikrm"));
        check("---", None);
        check("", None);
    }

    #[test]
    fn excerpts_are_short_and_cannot_reorder_a_message() {
        assert_eq!(excerpt("abcdef", 3), "abc…");
        assert_eq!(excerpt("a\u{202e}b\nc", 9), "a\u{fffd}b\u{fffd}c");
    }

    #[test]
    fn nearest_finds_slips_and_not_other_words() {
        let keys = ["speaker", "source", "sources", "summary"];
        assert_eq!(nearest("speeker", keys), ["speaker"]);
        assert_eq!(nearest("sorce", keys), ["source"]);
        assert!(nearest("colour", keys).is_empty());
        assert!(nearest("x", keys).is_empty());
    }

    #[test]
    fn names_are_compared_in_normal_form() {
        assert_eq!(normal_form("  Jane\u{a0}DOE "), "jane doe");
        assert_eq!(normal_form("e\u{301}"), normal_form("é"));
    }
}
