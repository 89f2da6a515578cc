//! Characters that are written as others: entities of HTML, percent codes of addresses, backslashes of JSON, scripts and
//! styles, codes in names of XML.

use html5ever::data::NAMED_ENTITIES;

/// The longest name of an entity that is looked up.
const LONGEST_NAME: usize = 32;

/// The character that is written at the beginning of some bytes, and how many bytes that takes; none where they are no escape.
/// What an escape stands for may begin another one, as in `&amp;#74;`.
pub(super) fn unescape(bytes: &[u8]) -> Option<(char, usize)> {
    let mut first = char::from(*bytes.first()?);
    let mut taken = 1;
    let mut found = None;
    while let Some((c, length)) = behind(first, bytes.get(taken..)?) {
        taken += length;
        found = Some((c, taken));
        first = c;
    }
    found
}

/// What the bytes behind the first character of an escape make of it.
fn behind(first: char, rest: &[u8]) -> Option<(char, usize)> {
    match first {
        '&' => numeric_entity(rest).or_else(|| named_entity(rest)),
        '%' => percent(rest),
        '\\' => backslash(rest),
        '_' => in_name(rest),
        _ => None,
    }
}

fn numeric_entity(rest: &[u8]) -> Option<(char, usize)> {
    let digits = rest.strip_prefix(b"#")?;
    let (digits, base, before) = match digits.first()? {
        b'x' | b'X' => (digits.get(1..)?, 16, 2),
        _ => (digits, 10, 1),
    };
    let (c, length) = number(digits, base, 12)?;
    let closed = usize::from(digits.get(length) == Some(&b';'));
    Some((c, before + length + closed))
}

fn named_entity(rest: &[u8]) -> Option<(char, usize)> {
    let length = rest.iter().take(LONGEST_NAME).take_while(|byte| byte.is_ascii_alphanumeric()).count();
    let is_closed = rest.get(length) == Some(&b';');
    let name = std::str::from_utf8(rest.get(..length + usize::from(is_closed))?).ok()?;
    // Some may stand without their semicolon, and then end where the longest known name ends.
    (1..=name.len()).rev().find_map(|end| match NAMED_ENTITIES.get(name.get(..end)?)? {
        (0, _) => None,
        (code, _) => Some((char::from_u32(*code)?, end)),
    })
}

/// `%20`, and the several codes of a character that takes several bytes; a code that is no UTF-8 is taken for Latin 1. The percent
/// signs of codes may be written as codes themselves, as in an address that is a part of another one.
fn percent(rest: &[u8]) -> Option<(char, usize)> {
    let (first, length) = code(rest)?;
    let mut bytes = vec![first];
    let mut taken = length;
    while bytes.len() < length_of(first) {
        let next = rest.get(taken..).and_then(|rest| rest.strip_prefix(b"%")).and_then(code);
        let Some((byte, length)) = next else { break };
        bytes.push(byte);
        taken += 1 + length;
    }
    match std::str::from_utf8(&bytes).ok().and_then(|text| text.chars().next()) {
        Some(c) => Some((c, taken)),
        None => Some((char::from(first), length)),
    }
}

/// The byte that is written behind a percent sign, and how long that is.
fn code(rest: &[u8]) -> Option<(u8, usize)> {
    let byte = |at: usize| {
        let digits = std::str::from_utf8(rest.get(at..at + 2)?).ok().filter(|digits| !digits.starts_with('+'))?;
        u8::from_str_radix(digits, 16).ok()
    };
    let (mut code, mut length) = (byte(0)?, 2);
    while let Some(next) = byte(length).filter(|_| code == b'%') {
        (code, length) = (next, length + 2);
    }
    Some((code, length))
}

/// `_x0020_`, as programs for drawings and tables write what a name in XML cannot have.
fn in_name(rest: &[u8]) -> Option<(char, usize)> {
    let digits = rest.strip_prefix(b"x")?;
    let (c, length) = number(digits, 16, 6)?;
    (length > 1 && digits.get(length) == Some(&b'_')).then_some((c, length + 2))
}

fn backslash(rest: &[u8]) -> Option<(char, usize)> {
    match rest.first()? {
        b'u' if rest.get(1) == Some(&b'{') => {
            let (c, length) = number(rest.get(2..)?, 16, 6)?;
            Some((c, 2 + length + usize::from(rest.get(2 + length) == Some(&b'}'))))
        }
        b'u' => {
            let unit = |at: usize| {
                let digits =
                    std::str::from_utf8(rest.get(at..at + 4)?).ok().filter(|digits| !digits.starts_with('+'))?;
                u16::from_str_radix(digits, 16).ok()
            };
            let first = unit(1)?;
            if let Some(c) = char::from_u32(u32::from(first)) {
                return Some((c, 5));
            }
            let second = rest.get(5..7).filter(|mark| *mark == b"\\u").and_then(|_| unit(7))?;
            let c = char::decode_utf16([first, second]).next()?.ok()?;
            Some((c, 11))
        }
        b'x' => {
            let (c, length) = number(rest.get(1..3)?, 16, 2)?;
            (length == 2).then_some((c, 3))
        }
        b'n' | b'r' | b't' | b'b' | b'f' | b'v' => Some((' ', 1)),
        b'"' | b'\'' | b'/' => Some((' ', 1)),
        // Of styles; a space behind the digits belongs to them.
        b'0'..=b'9' => {
            let (c, length) = number(rest, 16, 6)?;
            Some((c, length + usize::from(rest.get(length) == Some(&b' '))))
        }
        _ => None,
    }
}

/// The character of the number that some bytes begin with, of at most so many digits.
fn number(digits: &[u8], base: u32, most: usize) -> Option<(char, usize)> {
    let length = digits.iter().take(most).take_while(|byte| char::from(**byte).is_digit(base)).count();
    let number = u32::from_str_radix(std::str::from_utf8(digits.get(..length)?).ok()?, base).ok()?;
    Some((char::from_u32(number)?, length))
}

/// How many bytes a character takes in UTF-8, by the first of them.
pub(super) fn length_of(first: u8) -> usize {
    match first {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(written: &str, expected: char) {
        assert_eq!(unescape(format!("{written}|").as_bytes()), Some((expected, written.len())), "{written}");
    }

    #[test]
    fn entities_are_read() {
        check("&#74;", 'J');
        check("&#x4A;", 'J');
        check("&#0000074", 'J');
        check("&eacute;", 'é');
        check("&eacute", 'é');
        check("&nbsp;", '\u{a0}');
        check("&amp;#74;", 'J');
        check("&amp;", '&');
    }

    #[test]
    fn codes_of_addresses_are_read() {
        check("%4a", 'J');
        check("%C3%A9", 'é');
        check("%E9", 'é');
        check("%254A", 'J');
        check("%25C3%25A9", 'é');
        check("%2525E0%2525A4%2525B0", 'र');
        check("%25E9", 'é');
        check("%F0%9F%91%A9", '\u{1f469}');
    }

    #[test]
    fn backslashes_are_read() {
        check("\\u004a", 'J');
        check("\\u{4a}", 'J');
        check("\\ud83d\\udc69", '\u{1f469}');
        check("\\x4a", 'J');
        check("\\4a ", 'J');
        check("\\n", ' ');
    }

    #[test]
    fn codes_in_names_are_read() {
        check("_x0020_", ' ');
        check("_x2F_", '/');
        check("_x00e9_", 'é');
    }

    #[test]
    fn other_text_is_no_escape() {
        for text in [
            "& b",
            "100% sure",
            "\\",
            "&;",
            "&#;",
            "&#xzz;",
            "%",
            "%4",
            "\\u12",
            "&",
            "%+1",
            "_",
            "_x_",
            "_x2_",
            "_x20",
            "_X20_",
        ] {
            assert_eq!(unescape(text.as_bytes()), None, "{text}");
        }
    }
}
