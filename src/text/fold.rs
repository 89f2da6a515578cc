//! The form in which words are compared by those who look for hidden ones: without case, accents, width, and what is not seen.
//!
//! A character is folded by itself, so that a text can be folded as it is read. What folds to the same letters may not be the
//! same word to everybody; it is meant for searches that should rather find too much.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a character is to words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    /// It is not seen, or is only a mark on the letter before it: no letter, and no border between words.
    Unseen,
    /// It stands between words.
    Border,
    /// It is a part of a word; its letters were added.
    Letters,
    /// It is of a script that puts no spaces between words: a word of its own, or several of them with spaces between.
    Sign,
}

/// Adds the folded letters of a character, and says what it is.
pub(crate) fn fold(c: char, letters: &mut String) -> Class {
    match c {
        '0'..='9' | 'a'..='z' => letters.push(c),
        'A'..='Z' => letters.push(c.to_ascii_lowercase()),
        '\0'..='\u{a0}' => return Class::Border,
        _ if is_unseen(c) => return Class::Unseen,
        _ if is_raised(c) || is_apostrophe(c) => return Class::Border,
        // The dot between the parts of a name in Japanese.
        '\u{30a0}' | '\u{30fb}' | '\u{ff65}' => return Class::Border,
        '\u{2000}'..='\u{206f}' | '\u{3000}'..='\u{3004}' | '\u{3008}'..='\u{3030}' => return Class::Border,
        _ if is_latin(c) => return latin(c, letters),
        _ => return any(c, letters),
    }
    Class::Letters
}

/// The folded words of a text, with one space between two.
pub(crate) fn folded_words(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    let mut letters = String::new();
    let mut is_open = false;
    for c in text.chars() {
        letters.clear();
        let class = fold(c, &mut letters);
        if class == Class::Unseen {
            continue;
        }
        let goes_on = is_open && class == Class::Letters;
        if !goes_on && !words.is_empty() && !letters.is_empty() {
            words.push(' ');
        }
        words.push_str(&letters);
        is_open = class == Class::Letters;
    }
    words
}

/// A letter of a script that puts no spaces between words, or that adds endings to a name without one.
pub(crate) fn is_sign(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1100}'..='\u{11ff}' | '\u{1780}'..='\u{17ff}')
        || matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3031}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Marks that a writer may leave out, and characters that show nothing. In scripts of India and others the marks are vowels, and
/// count.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}'..='\u{5c2}' | '\u{61c}')
        || matches!(c, '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{180b}'..='\u{180e}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        || matches!(c, '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180f}' | '\u{3164}' | '\u{ffa0}')
        || matches!(c, '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// An apostrophe, whichever sign is written for it; some of them count as letters elsewhere.
pub(crate) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '`' | '\u{b4}' | '\u{2b9}'..='\u{2bf}' | '\u{2c8}' | '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2035}')
        || matches!(c, '\u{55a}' | '\u{5f3}' | '\u{a78b}' | '\u{a78c}' | '\u{ff07}')
}

/// A number over or under the line, in a circle, or of parts: it stands beside a word, as that of a note, and never within one.
pub(crate) fn is_raised(c: char) -> bool {
    !c.is_ascii()
        && c.is_numeric()
        && !matches!(c, '\u{ff10}'..='\u{ff19}')
        && std::iter::once(c).nfkd().next() != Some(c)
}

fn is_latin(c: char) -> bool {
    matches!(c, '\u{aa}' | '\u{ba}' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}') && c.is_alphabetic()
}

fn latin(c: char, letters: &mut String) -> Class {
    let plain = deunicode::deunicode_char(c).unwrap_or_default();
    let before = letters.len();
    letters.extend(plain.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()));
    if letters.len() > before { Class::Letters } else { Class::Border }
}

fn any(c: char, letters: &mut String) -> Class {
    let before = letters.len();
    let mut is_of_signs = false;
    for part in std::iter::once(c).nfkd().flat_map(char::to_lowercase) {
        if is_sign(part) {
            if letters.len() > before {
                letters.push(' ');
            }
            letters.push(part);
            is_of_signs = true;
        } else if is_latin(part) {
            latin(part, letters);
        } else if !is_unseen(part) && (part.is_alphanumeric() || is_combining_mark(part)) {
            letters.push(match part {
                'ς' => 'σ',
                // Arabic letters that keyboards of several languages have in several forms.
                'ى' | 'ی' => 'ي',
                'ک' => 'ك',
                'ة' => 'ه',
                _ => part,
            });
        }
    }
    match (letters.len() > before, is_of_signs) {
        (false, _) => Class::Border,
        (true, true) => Class::Sign,
        (true, false) => Class::Letters,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        assert_eq!(folded_words(text), expected);
    }

    #[test]
    fn case_accents_and_width_make_no_difference() {
        check("RENÉE d'Éon", "renee d eon");
        check("Rene\u{301}e", "renee");
        check("Łukasz Ødegård Weiß", "lukasz odegard weiss");
        check("Ｊａｎｅ", "jane");
        check("ΟΔΥΣΣΕΥΣ", "οδυσσευσ");
        check("Ёлка", "елка");
        check("O\u{2bc}Hara, O\u{2bb}Hara, O\u{2032}Hara", "o hara o hara o hara");
        check("田・中", "田 中");
    }

    #[test]
    fn what_is_not_seen_parts_no_words() {
        check("Ja\u{ad}ne D\u{200b}oe", "jane doe");
        check("Ja\u{3164}ne D\u{ffa0}oe", "jane doe");
        check("Jane\u{a0}\n Doe, b. 1980", "jane doe b 1980");
        check("مُحَمَّد", "محمد");
        check("أحمد", "احمد");
        check("ا\u{654}حمد", "احمد");
    }

    #[test]
    fn letters_of_several_keyboards_are_one() {
        assert_eq!(folded_words("علی کریمی"), folded_words("علي كريمي"));
        assert_eq!(folded_words("فاطمة"), folded_words("فاطمه"));
    }

    #[test]
    fn signs_are_words_of_their_own() {
        check("王 明", "王 明");
        check("王明said", "王 明 said");
        check("가", "\u{1100} \u{1161}");
        assert_eq!(folded_words("가나"), folded_words("\u{1100}\u{1161}\u{1102}\u{1161}"));
    }

    #[test]
    fn vowels_of_indian_scripts_stay() {
        assert_ne!(folded_words("की"), folded_words("का"));
    }
}
