//! Quotation marks of all styles: what stands between them, and which of them have no partner.
//!
//! An apostrophe is no quotation mark, and neither are the marks of inches and of Hebrew abbreviations. Single marks look like
//! apostrophes, so what they enclose is taken for quoted, but none of them is ever missed.

use std::ops::Range;

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

/// How many quotations within each other a mark is looked for in.
const DEEPEST: usize = 32;

/// Looks for the quotation marks of a passage.
pub(super) fn quotations(text: &str) -> Quotations {
    let mut found = Quotations::default();
    let mut open: Vec<(char, usize)> = Vec::new();
    for (at, mark) in text.char_indices().filter(|(_, c)| is_mark(*c)) {
        let end = at + mark.len_utf8();
        let before = text[..at].chars().next_back();
        let after = text[end..].chars().next();
        let is_inner = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
        // In the middle of a word: an apostrophe, or the mark of an abbreviation in Hebrew.
        if is_inner(before) && is_inner(after) && matches!(mark, '"' | '”' | '\'' | '’' | '‘') {
            continue;
        }
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
            '“' | '„' | '«' | '「' | '『' | '"' => open.push((mark, at)),
            '‘' | '‚' | '\'' | '‹' | '›' if may_open => open.push((mark, at)),
            '”' | '»' if may_open => open.push((mark, at)),
            '”' | '»' | '」' | '』' => found.unopened.push(at..end),
            _ => {}
        }
    }
    let rest = open.into_iter().filter(|(mark, _)| !is_single(*mark));
    found.unclosed.extend(rest.map(|(mark, at)| at..at + mark.len_utf8()));
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
    fn a_mark_without_a_partner_is_found() {
        check("She said “no and left", &[], &["“"]);
        check("She said no” and left", &[], &["”"]);
        check("a \"b\" c\"", &["\"b\""], &["\""]);
        check("« oui", &[], &["«"]);
    }
}
