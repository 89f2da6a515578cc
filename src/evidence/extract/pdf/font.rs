//! What the codes of a font stand for, and how wide they are.

use std::collections::BTreeMap;

use encoding_rs::{Encoding, MACINTOSH, UTF_16BE, WINDOWS_1252};
use hayro_cmap::{BfString, CMap};
use hayro_syntax::object::{Array, Dict, Name, Object, Stream};
use unicode_normalization::UnicodeNormalization as _;

use super::super::Limits;
use super::decoded;

/// A glyph of which the file does not tell what it stands for.
const UNKNOWN: &str = "\u{fffd}";

/// A font, as far as its text goes.
pub(super) struct Font {
    to_unicode: Option<Box<CMap>>,
    codes: Codes,
}

enum Codes {
    /// One byte a glyph.
    Single { texts: Vec<String>, widths: Vec<f64> },
    /// Two bytes a glyph.
    Double { map: Option<Box<CMap>>, widths: BTreeMap<u32, f64>, width: f64, are_utf16: bool },
}

impl Font {
    pub(super) fn new(dict: &Dict<'_>, limits: &Limits) -> Font {
        let map = |stream: Stream<'_>| CMap::parse(&decoded(&stream, limits)?, |_| None).map(Box::new);
        let to_unicode = dict.get::<Stream<'_>>("ToUnicode").and_then(map);
        let codes = match dict.get::<Name<'_>>("Subtype").as_deref() {
            Some(b"Type0") => {
                let descendant = dict
                    .get::<Array<'_>>("DescendantFonts")
                    .and_then(|fonts| fonts.iter::<Dict<'_>>().next())
                    .unwrap_or_default();
                let name = dict.get::<Name<'_>>("Encoding");
                let is_named = |part: &str| name.as_ref().is_some_and(|name| name.as_str().contains(part));
                Codes::Double {
                    map: dict.get::<Stream<'_>>("Encoding").and_then(map),
                    widths: wide_widths(&descendant),
                    width: descendant.get::<f32>("DW").map_or(1.0, |width| f64::from(width) / 1000.0),
                    are_utf16: is_named("UCS2") || is_named("UTF16"),
                }
            }
            kind => {
                let scale = match (kind, dict.get::<Array<'_>>("FontMatrix")) {
                    (Some(b"Type3"), Some(matrix)) => matrix.iter::<f32>().next().map_or(0.001, f64::from),
                    _ => 0.001,
                };
                Codes::Single { texts: texts(dict), widths: widths(dict, scale) }
            }
        };
        Font { to_unicode, codes }
    }

    /// The codes in a string, each with its length in bytes.
    pub(super) fn codes<'b>(&self, bytes: &'b [u8]) -> impl Iterator<Item = (u32, usize)> + use<'b> {
        let width = match self.codes {
            Codes::Single { .. } => 1,
            Codes::Double { .. } => 2,
        };
        bytes.chunks(width).map(|code| (code.iter().fold(0, |all, byte| all << 8 | u32::from(*byte)), code.len()))
    }

    /// What a code stands for.
    pub(super) fn text(&self, code: u32) -> String {
        match self.to_unicode.as_ref().and_then(|map| map.lookup_bf_string(code)) {
            Some(BfString::Char(character)) => return character.to_string(),
            Some(BfString::String(text)) => return text,
            None => {}
        }
        let text = match &self.codes {
            Codes::Single { texts, .. } => texts.get(code as usize).cloned(),
            Codes::Double { are_utf16: true, .. } => char::from_u32(code).map(String::from),
            Codes::Double { .. } => None,
        };
        text.unwrap_or_else(|| UNKNOWN.to_owned())
    }

    /// How wide a code is, in parts of the size of the font.
    pub(super) fn width(&self, code: u32) -> f64 {
        match &self.codes {
            Codes::Single { widths, .. } => widths.get(code as usize).copied().unwrap_or(0.5),
            Codes::Double { map, widths, width, .. } => {
                let glyph = map.as_ref().map_or(Some(code), |map| map.lookup_cid_code(code, 2));
                glyph.and_then(|glyph| widths.get(&glyph).copied()).unwrap_or(*width)
            }
        }
    }
}

/// The widths of a font with one byte a glyph.
fn widths(dict: &Dict<'_>, scale: f64) -> Vec<f64> {
    let descriptor = dict.get::<Dict<'_>>("FontDescriptor").unwrap_or_default();
    let missing = descriptor
        .get::<f32>("MissingWidth")
        .filter(|width| *width > 0.0)
        .map_or(0.5, |width| f64::from(width) * scale);
    let mut widths = vec![missing; 256];
    let first = dict.get::<i32>("FirstChar").and_then(|first| usize::try_from(first).ok()).unwrap_or(0);
    let written = dict.get::<Array<'_>>("Widths");
    for (place, width) in widths.iter_mut().skip(first).zip(written.iter().flat_map(|widths| widths.iter::<f32>())) {
        *place = f64::from(width) * scale;
    }
    widths
}

/// The widths of a font with two bytes a glyph: `first [width …]` or `first last width`.
fn wide_widths(dict: &Dict<'_>) -> BTreeMap<u32, f64> {
    let mut widths = BTreeMap::new();
    let Some(written) = dict.get::<Array<'_>>("W") else { return widths };
    let mut objects = written.iter::<Object<'_>>();
    let number = |object: Option<Object<'_>>| match object {
        Some(Object::Number(number)) => Some(number.as_f64()),
        _ => None,
    };
    while let Some(first) = number(objects.next()) {
        let first = first.clamp(0.0, 65535.0) as u32;
        match objects.next() {
            Some(Object::Array(list)) => {
                widths.extend((first..=65535).zip(list.iter::<f32>().map(|width| f64::from(width) / 1000.0)));
            }
            Some(Object::Number(last)) => {
                let Some(width) = number(objects.next()) else { break };
                let last = last.as_f64().clamp(0.0, 65535.0) as u32;
                widths.extend((first..=last).map(|code| (code, width / 1000.0)));
            }
            _ => break,
        }
    }
    widths
}

/// What the codes of a font with one byte a glyph stand for, by its encoding and the names of its glyphs.
fn texts(dict: &Dict<'_>) -> Vec<String> {
    let encoding = dict.get::<Dict<'_>>("Encoding");
    let base = dict.get::<Name<'_>>("Encoding").or_else(|| encoding.as_ref()?.get::<Name<'_>>("BaseEncoding"));
    let own_name = dict.get::<Name<'_>>("BaseFont");
    let is_of_symbols =
        own_name.is_some_and(|name| name.as_str().contains("Symbol") || name.as_str().contains("Dingbats"));
    let mut texts: Vec<String> = match base.as_deref() {
        Some(b"WinAnsiEncoding") => of_encoding(WINDOWS_1252),
        Some(b"MacRomanEncoding") => of_encoding(MACINTOSH),
        _ if is_of_symbols => vec![UNKNOWN.to_owned(); 256],
        _ => standard(),
    };
    let Some(differences) = encoding.and_then(|encoding| encoding.get::<Array<'_>>("Differences")) else {
        return texts;
    };
    let mut code = 0_usize;
    for object in differences.iter::<Object<'_>>() {
        match object {
            Object::Number(number) => code = usize::try_from(number.as_i64()).unwrap_or(256),
            Object::Name(name) => {
                if let Some(text) = texts.get_mut(code) {
                    *text = of_name(name.as_str()).unwrap_or_else(|| UNKNOWN.to_owned());
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    texts
}

fn of_encoding(encoding: &'static Encoding) -> Vec<String> {
    (0..=255_u8).map(|code| encoding.decode_without_bom_handling(&[code]).0.into_owned()).collect()
}

/// Adobe's standard encoding.
fn standard() -> Vec<String> {
    let mut texts: Vec<String> = (0..=255_u8)
        .map(|code| if code.is_ascii() { char::from(code).to_string() } else { UNKNOWN.to_owned() })
        .collect();
    let others = "'’`‘¡¡¢¢££¤⁄¥¥¦ƒ§§¨¤©'ª“«««‹\u{ad}›®ﬁ¯ﬂ±–²†³‡´·¶¶·•¸‚¹„º”»»¼…½‰¿¿áÆãªèŁéØêŒëºñæõıøłùøúœûß";
    let mut pairs = others.chars();
    while let (Some(code), Some(text)) = (pairs.next(), pairs.next()) {
        if let Some(place) = texts.get_mut(code as usize) {
            *place = text.to_string();
        }
    }
    texts
}

/// What the name of a glyph stands for, by Adobe's rules and the names of Latin letters and marks.
fn of_name(name: &str) -> Option<String> {
    // What comes after a full stop says only how it looks.
    let name = name.split('.').next().filter(|name| !name.is_empty())?;
    if let Some((first, rest)) = name.split_once('_') {
        return Some(of_name(first)? + &of_name(rest)?);
    }
    let mut letters = name.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        return Some(letter.to_string());
    }
    let hex = name.strip_prefix("uni").filter(|hex| hex.len() % 4 == 0).map(|hex| (hex, 4));
    let hex =
        hex.or_else(|| name.strip_prefix('u').filter(|hex| (4..=6).contains(&hex.len())).map(|hex| (hex, hex.len())));
    if let Some((digits, length)) = hex.filter(|(digits, _)| digits.bytes().all(|digit| digit.is_ascii_hexdigit())) {
        let codes = (0..digits.len()).step_by(length).map(|at| u32::from_str_radix(&digits[at..at + length], 16).ok());
        return codes.map(|code| char::from_u32(code?)).collect();
    }
    if let Some((_, text)) = NAMES.iter().find(|(other, _)| *other == name) {
        return Some((*text).to_owned());
    }
    // Letters with a mark above or below: `eacute`, `Scaron`.
    let letter = name.chars().next().filter(char::is_ascii_alphabetic)?;
    let (_, mark) = MARKS.iter().find(|(mark, _)| *mark == &name[1..])?;
    Some([letter, *mark].into_iter().nfc().collect())
}

const MARKS: [(&str, char); 13] = [
    ("grave", '\u{300}'),
    ("acute", '\u{301}'),
    ("circumflex", '\u{302}'),
    ("tilde", '\u{303}'),
    ("macron", '\u{304}'),
    ("breve", '\u{306}'),
    ("dotaccent", '\u{307}'),
    ("dieresis", '\u{308}'),
    ("ring", '\u{30a}'),
    ("hungarumlaut", '\u{30b}'),
    ("caron", '\u{30c}'),
    ("cedilla", '\u{327}'),
    ("ogonek", '\u{328}'),
];

const NAMES: [(&str, &str); 107] = [
    ("space", " "),
    ("nbspace", "\u{a0}"),
    ("exclam", "!"),
    ("quotedbl", "\""),
    ("numbersign", "#"),
    ("dollar", "$"),
    ("percent", "%"),
    ("ampersand", "&"),
    ("quotesingle", "'"),
    ("parenleft", "("),
    ("parenright", ")"),
    ("asterisk", "*"),
    ("plus", "+"),
    ("comma", ","),
    ("hyphen", "-"),
    ("sfthyphen", "\u{ad}"),
    ("minus", "−"),
    ("period", "."),
    ("slash", "/"),
    ("zero", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("colon", ":"),
    ("semicolon", ";"),
    ("less", "<"),
    ("equal", "="),
    ("greater", ">"),
    ("question", "?"),
    ("at", "@"),
    ("bracketleft", "["),
    ("backslash", "\\"),
    ("bracketright", "]"),
    ("asciicircum", "^"),
    ("underscore", "_"),
    ("grave", "`"),
    ("braceleft", "{"),
    ("bar", "|"),
    ("braceright", "}"),
    ("asciitilde", "~"),
    ("exclamdown", "¡"),
    ("cent", "¢"),
    ("sterling", "£"),
    ("currency", "¤"),
    ("yen", "¥"),
    ("brokenbar", "¦"),
    ("section", "§"),
    ("dieresis", "¨"),
    ("copyright", "©"),
    ("ordfeminine", "ª"),
    ("guillemotleft", "«"),
    ("logicalnot", "¬"),
    ("registered", "®"),
    ("macron", "¯"),
    ("degree", "°"),
    ("plusminus", "±"),
    ("acute", "´"),
    ("mu", "µ"),
    ("paragraph", "¶"),
    ("periodcentered", "·"),
    ("cedilla", "¸"),
    ("ordmasculine", "º"),
    ("guillemotright", "»"),
    ("onequarter", "¼"),
    ("onehalf", "½"),
    ("threequarters", "¾"),
    ("questiondown", "¿"),
    ("AE", "Æ"),
    ("ae", "æ"),
    ("OE", "Œ"),
    ("oe", "œ"),
    ("Oslash", "Ø"),
    ("oslash", "ø"),
    ("Eth", "Ð"),
    ("eth", "ð"),
    ("Thorn", "Þ"),
    ("thorn", "þ"),
    ("germandbls", "ß"),
    ("Lslash", "Ł"),
    ("lslash", "ł"),
    ("Dcroat", "Đ"),
    ("dcroat", "đ"),
    ("dotlessi", "ı"),
    ("multiply", "×"),
    ("divide", "÷"),
    ("endash", "–"),
    ("emdash", "—"),
    ("quoteleft", "‘"),
    ("quoteright", "’"),
    ("quotesinglbase", "‚"),
    ("quotedblleft", "“"),
    ("quotedblright", "”"),
    ("quotedblbase", "„"),
    ("dagger", "†"),
    ("daggerdbl", "‡"),
    ("bullet", "•"),
    ("ellipsis", "…"),
    ("perthousand", "‰"),
    ("fi", "ﬁ"),
    ("fl", "ﬂ"),
    ("Euro", "€"),
];

/// A string of text in a PDF: UTF-16 or UTF-8 with a mark, else nearly Latin-1.
pub(super) fn text_string(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => UTF_16BE.decode_without_bom_handling(rest).0.into_owned(),
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
    }
}
