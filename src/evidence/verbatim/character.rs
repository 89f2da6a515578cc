//! What a character is to the comparison: a letter, or what may stand between letters; and which characters are the same letter in
//! another form.

use std::iter;

use unicode_normalization::char::{canonical_combining_class, decompose_compatible, is_combining_mark};
use unicode_normalization::{IsNormalized, is_nfc_quick};

use crate::evidence::Normalisation;

/// What a character is to the comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// A letter, digit, mark on a letter, or sign that is read as a word of its own.
    Letter,
    /// White space.
    Space,
    /// A single quotation mark or an apostrophe.
    Single,
    /// A double quotation mark.
    Double,
    /// A hyphen or a minus sign.
    Hyphen,
    /// A dash that is also used as a hyphen between numbers.
    En,
    /// A dash that separates, however it is spaced.
    Em,
    /// A full stop.
    Dot,
    /// An ellipsis in one character.
    Ellipsis,
    /// A vowel mark that a writer may leave out.
    Point,
    /// What makes a word longer on the line.
    Extender,
    /// A soft hyphen.
    SoftHyphen,
    /// A character without width, or a mark of direction.
    ZeroWidth,
    /// Any other mark between words.
    Mark,
}

/// How a character is to be read when a normal form is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// A letter that stands for itself.
    Plain,
    /// Something between letters.
    Between,
    /// A character that has other forms, or that is one with the letter before it.
    Woven,
}

/// The class of a character that is in no compatible form.
pub(super) fn class(c: char) -> Class {
    match c {
        '0'..='9' | 'a'..='z' | 'A'..='Z' => Class::Letter,
        '\t'..='\r' | ' ' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' => Class::Space,
        '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}' => Class::Space,
        '\'' | '`' | '´' | '‘' | '’' | '‚' | '‛' | '‹' | '›' | '׳' | '\u{2bb}' | '\u{2bc}' | '❛' | '❜' => {
            Class::Single
        }
        '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '״' | '「' | '」' | '『' | '』' | '〝' | '〞' | '〟' | '❝' | '❞' => {
            Class::Double
        }
        '-' | '\u{2010}' | '\u{2011}' | '\u{2212}' | '\u{58a}' | '\u{5be}' => Class::Hyphen,
        '\u{2012}' | '\u{2013}' => Class::En,
        '\u{2014}' | '\u{2015}' | '\u{2e3a}' | '\u{2e3b}' => Class::Em,
        '.' => Class::Dot,
        '…' | '⋯' => Class::Ellipsis,
        '\u{64b}'..='\u{652}' | '\u{656}' | '\u{657}' | '\u{670}' | '\u{610}'..='\u{61a}' => Class::Point,
        '\u{6d6}'..='\u{6dc}' | '\u{6df}'..='\u{6e4}' | '\u{6e7}' | '\u{6e8}' | '\u{6ea}'..='\u{6ed}' => Class::Point,
        '\u{591}'..='\u{5bd}' | '\u{5bf}' | '\u{5c1}' | '\u{5c2}' | '\u{5c4}' | '\u{5c5}' | '\u{5c7}' => Class::Point,
        '\u{640}' => Class::Extender,
        '\u{ad}' => Class::SoftHyphen,
        '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => {
            Class::ZeroWidth
        }
        '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => Class::ZeroWidth,
        '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => Class::ZeroWidth,
        '\0'..='\u{7f}' => Class::Mark,
        '\u{2e00}'..='\u{2e7f}' | '\u{3001}'..='\u{3004}' | '\u{3008}'..='\u{3020}' | '\u{3030}' | '\u{303d}' => {
            Class::Mark
        }
        _ if c.is_alphanumeric() || is_combining_mark(c) => Class::Letter,
        // From here on there are signs for money, arrows and pictures; before, what remains separates words.
        '\u{2070}'.. => Class::Letter,
        _ => Class::Mark,
    }
}

/// How a character is to be read.
pub(super) fn reading(c: char) -> Reading {
    match c {
        _ if is_plain(c) => Reading::Plain,
        '\0'..='\u{a0}' | '«' | '»' | '\u{2000}'..='\u{2027}' | '\u{3000}'..='\u{3002}' => Reading::Between,
        '،' | '؛' | '؟' | '।' => Reading::Between,
        _ if is_compatible(c) || is_joined(c) || is_nfc_quick(iter::once(c)) == IsNormalized::No => Reading::Woven,
        _ if class(c) == Class::Letter => Reading::Plain,
        _ => Reading::Between,
    }
}

/// Whether a character is one of the usual letters, of which nothing has to be asked: a shorter way to the same answer.
fn is_plain(c: char) -> bool {
    match c {
        '\u{c0}'..='\u{131}' | '\u{134}'..='\u{17e}' | '\u{180}'..='\u{1bf}' => !matches!(c, '×' | '÷'),
        '\u{391}'..='\u{3a1}' | '\u{3a3}'..='\u{3ce}' | '\u{400}'..='\u{481}' | '\u{48a}'..='\u{52f}' => true,
        '\u{5d0}'..='\u{5ea}' | '\u{620}'..='\u{63f}' | '\u{641}'..='\u{64a}' | '\u{660}'..='\u{669}' => true,
        '\u{671}'..='\u{6d3}' | '\u{900}'..='\u{93b}' | '\u{93d}'..='\u{94c}' | '\u{966}'..='\u{96f}' => true,
        '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'..='\u{30fe}' => true,
        '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => true,
        _ => false,
    }
}

/// Whether a character can become one with the letter before it.
pub(super) fn is_joined(c: char) -> bool {
    c >= '\u{300}'
        && !is_plain(c)
        && (canonical_combining_class(c) != 0 || is_nfc_quick(iter::once(c)) == IsNormalized::Maybe)
        && class(c) != Class::ZeroWidth
}

/// Adds the characters that a compatible form stands for, and says what sort of form it is; adds nothing to others.
///
/// Superscripts, fractions, numbers in circles, units in a square and the like are no forms of the same letters.
pub(super) fn push_compatible(c: char, out: &mut Vec<char>) -> Option<Normalisation> {
    if !is_compatible(c) {
        return None;
    }
    match c {
        // Hangul letters by themselves are kept apart from those that make up a syllable.
        '\u{ffa1}'..='\u{ffbe}' => out.extend(char::from_u32(c as u32 - 0xffa1 + 0x3131)),
        '\u{ffc2}'..='\u{ffc7}' => out.extend(char::from_u32(c as u32 - 0xffc2 + 0x314f)),
        '\u{ffca}'..='\u{ffcf}' => out.extend(char::from_u32(c as u32 - 0xffca + 0x3155)),
        '\u{ffd2}'..='\u{ffd7}' => out.extend(char::from_u32(c as u32 - 0xffd2 + 0x315b)),
        '\u{ffda}'..='\u{ffdc}' => out.extend(char::from_u32(c as u32 - 0xffda + 0x3161)),
        '\u{ffe3}' => out.push('\u{af}'),
        // The vowel marks of Arabic by themselves are shown on a space.
        _ => decompose_compatible(c, |part| {
            if part != ' ' {
                out.push(part);
            }
        }),
    }
    Some(match c {
        '\u{132}' | '\u{133}' | '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}' => Normalisation::Ligatures,
        '\u{fb00}'..='\u{fb06}' | '\u{fb13}'..='\u{fb17}' | '\u{fb4f}' => Normalisation::Ligatures,
        _ => Normalisation::CompatibleForms,
    })
}

/// The class of a character's usual form.
pub(super) fn class_of_form(c: char) -> Class {
    let mut forms = Vec::new();
    push_compatible(c, &mut forms);
    class(forms.first().copied().unwrap_or(c))
}

/// Whether a character is another form of letters or marks.
pub(super) fn is_compatible(c: char) -> bool {
    match c {
        '\0'..='\u{b4}' => false,
        '\u{b5}' | '\u{132}' | '\u{133}' | '\u{17f}' | '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}' => true,
        // The Greek question mark and middle dot, and angle brackets, are other marks in NFC.
        '\u{37e}' | '\u{387}' | '\u{2329}' | '\u{232a}' => true,
        '\u{1f4}'..='\u{2e9e}' => false,
        '\u{2e9f}' | '\u{2ef3}' | '\u{2f00}'..='\u{2fd5}' => true,
        '\u{2fd6}'..='\u{faff}' => false,
        '\u{fb00}'..='\u{fb06}' | '\u{fb13}'..='\u{fb17}' | '\u{fb20}'..='\u{fb28}' | '\u{fb4f}' => true,
        '\u{fb50}'..='\u{fbb1}' | '\u{fbd3}'..='\u{fd3d}' | '\u{fd50}'..='\u{fdc7}' | '\u{fdf0}'..='\u{fdf9}' => true,
        '\u{fe10}'..='\u{fe16}' | '\u{fe35}'..='\u{fe44}' | '\u{fe47}' | '\u{fe48}' | '\u{fe50}'..='\u{fe6b}' => true,
        '\u{fe70}'..='\u{fefc}' => true,
        '\u{ffa0}' => false,
        '\u{ff01}'..='\u{ffee}' | '\u{1d400}'..='\u{1d7ff}' => true,
        _ => false,
    }
}

/// A character of a script that puts no spaces between words.
pub(super) fn is_unspaced(c: char) -> bool {
    is_ideographic(c)
        || matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
            | '\u{a9e0}'..='\u{a9ff}' | '\u{aa60}'..='\u{aa7f}')
}

/// A character beside which white space says nothing: of Han or Kana, or a mark made for these.
pub(super) fn is_ideographic(c: char) -> bool {
    matches!(c, '\u{2e80}'..='\u{2fdf}' | '\u{3001}'..='\u{30ff}' | '\u{3100}'..='\u{312f}' | '\u{31a0}'..='\u{31ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}' | '\u{ff61}'..='\u{ff9f}' | '\u{20000}'..='\u{323af}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_way_to_usual_letters_gives_the_same_answer() {
        for c in '\u{80}'..=char::MAX {
            let is_woven = is_compatible(c)
                || canonical_combining_class(c) != 0 && class(c) != Class::ZeroWidth
                || matches!(is_nfc_quick(iter::once(c)), IsNormalized::Maybe | IsNormalized::No);
            match reading(c) {
                Reading::Plain => assert!(!is_woven && class(c) == Class::Letter, "{c:?}"),
                Reading::Between => assert!(class(c) != Class::Letter, "{c:?}"),
                Reading::Woven => assert!(is_woven, "{c:?}"),
            }
        }
    }
}
