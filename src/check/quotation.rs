//! Quotation marks of all styles: what stands between them, and which of them have no partner.
//!
//! An apostrophe is no quotation mark, and neither are the marks of inches and of Hebrew abbreviations. Single marks look like
//! apostrophes, so what they enclose is taken for quoted, but none of them is ever missed. In many languages letters touch a mark on
//! both sides, before it an article or a preposition, after it an ending; what such a mark is only the others tell, and so nothing is
//! missed that it may be.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// The quotations of a passage.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Quotations {
    /// What stands in quotation marks, with these.
    pub(super) inside: Vec<Range<usize>>,
    /// Marks that nothing closes; the first of them may go on in the next passage.
    pub(super) unclosed: Vec<Range<usize>>,
    /// Marks that close nothing.
    pub(super) unopened: Vec<Range<usize>>,
}

/// Whether a text can have a mark that lacks its partner, at the price of one look.
pub(super) fn may_lack_marks(text: &str) -> bool {
    memchr::memchr(b'"', text.as_bytes()).is_some()
        || (!text.is_ascii() && text.contains(|c: char| is_mark(c) && !is_single(c)))
}

fn is_mark(c: char) -> bool {
    matches!(
        c,
        '"' | '\''
            | '“'
            | '”'
            | '„'
            | '‟'
            | '‘'
            | '’'
            | '‚'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '「'
            | '」'
            | '『'
            | '』'
    )
}

/// The marks that close what each mark opens.
fn closers(mark: char) -> &'static [char] {
    match mark {
        '"' => &['"'],
        '“' => &['”'],
        '”' => &['”', '“'],
        '„' => &['“', '”', '‟', '"'],
        '«' => &['»'],
        '»' => &['«', '»'],
        '‹' => &['›'],
        '›' => &['‹', '›'],
        '「' => &['」'],
        '『' => &['』'],
        '‘' => &['’'],
        '‚' => &['‘', '’'],
        '\'' => &['\''],
        _ => &[],
    }
}

fn is_single(mark: char) -> bool {
    matches!(mark, '\'' | '‘' | '’' | '‚' | '‹' | '›')
}

fn is_double(mark: char) -> bool {
    matches!(mark, '"' | '”')
}

/// Whether a mark between letters is that of an abbreviation in Hebrew, which stands before the last letter.
fn is_abbreviation(before: Option<char>, after: &str) -> bool {
    let is_hebrew = |c: &char| matches!(c, '\u{5d0}'..='\u{5ea}');
    let mut after = after.chars();
    before.as_ref().is_some_and(is_hebrew)
        && after.next().as_ref().is_some_and(is_hebrew)
        && !after.next().is_some_and(char::is_alphanumeric)
}

/// How many quotations within each other a mark is looked for in.
const DEEPEST: usize = 32;

/// Looks for the quotation marks of a passage.
pub(super) fn quotations(text: &str) -> Quotations {
    let mut found = Quotations::default();
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut is_any_between_letters = false;
    for (at, mark) in text.char_indices().filter(|(_, c)| is_mark(*c)) {
        let end = at + mark.len_utf8();
        let before = text[..at].chars().next_back();
        let after = text[end..].chars().next();
        let is_inner = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || is_combining_mark(c));
        let is_between_letters = is_inner(before) && is_inner(after);
        let is_apostrophe = matches!(mark, '\'' | '’' | '‘');
        if is_between_letters && (is_apostrophe || (is_double(mark) && is_abbreviation(before, &text[end..]))) {
            continue;
        }
        is_any_between_letters |= is_between_letters && mark == '"';
        let may_open = !is_inner(before) && after.is_some_and(|c| !c.is_whitespace());
        let may_close = !is_single(mark) || (before.is_some_and(|c| !c.is_whitespace()) && !is_inner(after));
        let near = open.len().saturating_sub(DEEPEST);
        let partner = open[near..].iter().rposition(|(other, _)| closers(*other).contains(&mark)).filter(|_| may_close);
        let partner = partner.map(|number| near + number);
        if let Some(number) = partner {
            // What was opened within and never closed has no partner, unless it was an apostrophe.
            let inner = open.drain(number + 1..).filter(|(mark, _)| !is_single(*mark));
            found.unclosed.extend(inner.map(|(mark, at)| at..at + mark.len_utf8()));
            let start = open.pop().map_or(at, |(_, start)| start);
            found.inside.push(start..end);
            continue;
        }
        match mark {
            // Inches, and seconds of arc.
            '"' if before.is_some_and(char::is_numeric) => {}
            '”' if is_between_letters => {}
            '“' | '„' | '«' | '「' | '『' | '"' => open.push((mark, at)),
            '‘' | '‚' | '\'' | '‹' | '›' if may_open => open.push((mark, at)),
            '”' | '»' if may_open => open.push((mark, at)),
            '”' | '»' | '」' | '』' => found.unopened.push(at..end),
            _ => {}
        }
    }
    let rest = open.into_iter().filter(|(mark, _)| !is_single(*mark));
    found.unclosed.extend(rest.map(|(mark, at)| at..at + mark.len_utf8()));
    // One that stands between letters may be the partner of any of these.
    found.unclosed.retain(|mark| !is_any_between_letters || !text[mark.clone()].starts_with('"'));
    found.unclosed.sort_by_key(|range| range.start);
    found
}

/// Whether a quotation that stays open at the end of a passage goes on in the next one, which begins with a mark of its own.
pub(super) fn goes_on(text: &str, unclosed: &Range<usize>, next: &str) -> bool {
    let mark = text[unclosed.clone()].chars().next();
    let first = next.trim_start().chars().next();
    match mark {
        Some('«') => matches!(first, Some('«' | '»')),
        _ => mark.is_some() && mark == first,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, inside: &[&str], missing: &[&str]) {
        let found = quotations(text);
        let words =
            |ranges: &[Range<usize>]| ranges.iter().map(|range| text[range.clone()].to_owned()).collect::<Vec<_>>();
        assert_eq!(words(&found.inside), inside, "{text}");
        assert_eq!([words(&found.unclosed), words(&found.unopened)].concat(), missing, "{text}");
    }

    #[test]
    fn marks_of_all_styles_have_partners() {
        check("She said “no” and ‘yes’.", &["“no”", "‘yes’"], &[]);
        check("« Non », dit-il, „nein“, »nej«, ”nej”, »nej».", &["« Non »", "„nein“", "»nej«", "”nej”", "»nej»"], &[]);
        check("「はい」と『本』", &["「はい」", "『本』"], &[]);
        check("\"a 'b' c\"", &["'b'", "\"a 'b' c\""], &[]);
    }

    #[test]
    fn apostrophes_are_no_quotation_marks() {
        check("It’s the dogs’ bowl, the ’90s, rock 'n' roll, l'État, ‘Ali's", &["'n'"], &[]);
        check("a board of 5' 10\" and צה\"ל", &[], &[]);
    }

    #[test]
    fn letters_may_touch_a_mark_on_both_sides() {
        check("他说“好”了。", &["“好”"], &[]);
        check("彼は“はい”と言った。", &["“はい”"], &[]);
        check("그는 “아니오”라고 말했다. \"네\"라고", &["“아니오”", "\"네\""], &[]);
        check("قال و\"لا نعرف\" ثم ذهب. لـ\"حزب العمال\"", &["\"لا نعرف\"", "\"حزب العمال\""], &[]);
        check("ה\"ארץ\" פרסם", &["\"ארץ\""], &[]);
        check("\"צה\"ל אמר\"", &["\"צה\"ל אמר\""], &[]);
        check("เขาพูดว่า\"ไม่\"แล้วไป", &["\"ไม่\""], &[]);
        check("“Cumhuriyet”te", &["“Cumhuriyet”"], &[]);
        check("”Kaleva”n mukaan", &["”Kaleva”"], &[]);
        check("„Magyar Nemzet”ben", &["„Magyar Nemzet”"], &[]);
        check("the “A”s and “B”s.", &["“A”", "“B”"], &[]);
    }

    #[test]
    fn a_mark_without_a_partner_is_found() {
        check("他说“好了。", &[], &["“"]);
        check("그는 “아니오라고 말했다.", &[], &["“"]);
        check("قال \"لا نعرف ثم ذهب.", &[], &["\""]);
        check("She said “no and left", &[], &["“"]);
        check("She said no” and left", &[], &["”"]);
        check("a \"b\" c\"", &["\"b\""], &["\""]);
        check("« oui", &[], &["«"]);
    }
}
