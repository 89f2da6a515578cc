//! How text is written, whatever it says: quotation marks without partners, writing of two directions, letters that look like
//! others, headings that skip a level, pictures that nobody describes.
//!
//! Messages show single letters and marks only, since a text may have the name of somebody who is protected.

use std::ops::Range;

use pulldown_cmark::{Event, Parser, Tag, TagEnd};
use unicode_script::{Script, UnicodeScript};

use super::passage::{Field, Passage, Words, each_field, finding_at, options, prose_place};
use super::quotation::{goes_on, may_lack_marks, quotations};
use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::Number;
use crate::parse::{Record, Slot};

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::UnbalancedQuotation], each_quotation_mark_has_a_partner),
    Rule::record(&[Code::HiddenDirection, Code::MixedDirection], text_is_shown_in_the_order_in_which_it_is_read),
    Rule::record(&[Code::LookAlikeLetters], a_word_is_of_one_script),
    Rule::record(&[Code::SkippedHeading], headings_skip_no_level),
    Rule::record(&[Code::ImageWithoutText], each_picture_is_described).at_public(),
];

/// How many faults of one sort are told of one text; the others come to light when these are mended.
pub(super) const MOST: usize = 100;

fn each_quotation_mark_has_a_partner(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let lacks = |text: &str| {
        let marks = quotations(text);
        !marks.unclosed.is_empty() || !marks.unopened.is_empty()
    };
    each_field(record, Words::All, &mut |field| {
        if may_lack_marks(field.text()) && field.text().lines().any(lacks) {
            field.each_passage(scope, record, &mut |passages, place| {
                for Lone { passage, mark, lacks } in lone_marks(passages).into_iter().take(MOST) {
                    let passage = &passages[passage];
                    let word = &passage.text[mark.clone()];
                    let message = match (word, lacks) {
                        ("\"", _) => "the quotation mark `\"` has no partner".to_owned(),
                        (_, Lacks::Beginning) => format!("`{word}` closes a quotation that nothing opens"),
                        (_, Lacks::End) => format!("`{word}` opens a quotation that nothing closes"),
                    };
                    found.push(
                        finding_at(Code::UnbalancedQuotation, record, place(passage.span(mark)), message).hint(
                            "write the missing mark; a quotation of several paragraphs opens in each of them and closes in the last",
                        ),
                    );
                }
            });
        }
    });
}

/// A quotation mark without its partner.
struct Lone {
    /// The number of its passage.
    passage: usize,
    mark: Range<usize>,
    lacks: Lacks,
}

/// What of a quotation is missing.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lacks {
    Beginning,
    End,
}

/// The marks without partners in some passages.
fn lone_marks(passages: &[Passage]) -> Vec<Lone> {
    let mut lone: Vec<Lone> = Vec::new();
    for (number, passage) in passages.iter().enumerate() {
        let text = &passage.text;
        let marks = quotations(text);
        for mark in marks.unopened {
            let opener = match &text[mark.clone()] {
                "”" => ["“", "„"].as_slice(),
                "»" => &["«"],
                "」" => &["「"],
                _ => &["『"],
            };
            // A quotation may hold a list or a table, and so end in another passage.
            let is_around_list = lone.last().is_some_and(|last| {
                let first = &passages[last.passage];
                last.lacks == Lacks::End
                    && opener.contains(&&first.text[last.mark.clone()])
                    && passages[last.passage + 1..=number].iter().any(|passage| passage.depth > first.depth)
            });
            if is_around_list {
                lone.pop();
            } else {
                lone.push(Lone { passage: number, mark, lacks: Lacks::Beginning });
            }
        }
        let next = passages.get(number + 1).map_or("", |passage| &passage.text);
        let ends_here = marks.unclosed.into_iter().filter(|mark| !goes_on(text, mark, next));
        lone.extend(ends_here.map(|mark| Lone { passage: number, mark, lacks: Lacks::End }));
    }
    lone
}

/// Marks that are not seen and change the direction of what follows.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn is_right_to_left(c: char) -> bool {
    c >= '\u{590}'
        && c.is_alphabetic()
        && matches!(
            c.script(),
            Script::Hebrew
                | Script::Arabic
                | Script::Syriac
                | Script::Thaana
                | Script::Nko
                | Script::Adlam
                | Script::Samaritan
                | Script::Mandaic
                | Script::Hanifi_Rohingya
        )
}

/// Whether a text has letters from U+0590 to U+08FF or of the forms of Arabic, by its bytes alone.
fn may_be_right_to_left(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, 0xd6..=0xdf | 0xe0 | 0xef | 0xf0))
}

const RIGHT_TO_LEFT: &[&str] = &["ar", "he", "fa", "ur", "ps", "sd", "ug", "yi", "dv", "ckb", "syr", "ks"];

fn text_is_shown_in_the_order_in_which_it_is_read(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let lang = record.fields.common().lang.map_or(scope.dossier.settings.lang(), |lang| lang.as_str());
    let is_left_to_right = !RIGHT_TO_LEFT.contains(&lang.split('-').next().unwrap_or_default());
    each_field(record, Words::All, &mut |field| {
        let text = field.text();
        if text.is_ascii() {
            return;
        }
        let has_hidden = text.contains(is_direction);
        let is_mixed = is_left_to_right && may_be_right_to_left(text) && text.contains(is_right_to_left);
        if !has_hidden && !is_mixed {
            return;
        }
        field.each_passage(scope, record, &mut |passages, place| {
            let limit = found.len() + MOST;
            for passage in passages.iter() {
                if found.len() >= limit {
                    return;
                }
                for (mark, message) in hidden_marks(&passage.text).into_iter().take(MOST) {
                    found.push(
                        finding_at(Code::HiddenDirection, record, place(passage.span(mark)), message).hint(
                            "take it out; to keep words of another direction together, put U+2068 before and U+2069 after them",
                        ),
                    );
                }
                for range in numbers_in_doubt(&passage.text).into_iter().filter(|_| is_mixed).take(MOST) {
                    found.push(number_in_doubt(record, &field, place(passage.span(range))));
                }
            }
        });
    });
}

fn number_in_doubt(record: &Record, field: &Field<'_>, place: Range<usize>) -> Diagnostic {
    let hint = match field {
        Field::Prose(..) => "put `<bdi>` before and `</bdi>` after the words that are written from right to left",
        Field::Line(..) => "put the marks U+2068 before and U+2069 after the words that are written from right to left",
    };
    let message = "a number after words written from right to left is shown on their other side";
    finding_at(Code::MixedDirection, record, place, message).hint(hint)
}

/// The hidden marks of a passage that turn letters around, or that are not closed or close nothing.
fn hidden_marks(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut open: Vec<(char, usize)> = Vec::new();
    for (at, mark) in text.char_indices().filter(|(_, c)| is_direction(*c)) {
        let is_isolate = |c: char| matches!(c, '\u{2066}'..='\u{2068}');
        match mark {
            '\u{202d}' | '\u{202e}' => {
                let code = u32::from(mark);
                let message = format!("a hidden mark (U+{code:04X}) turns the order of the letters after it around");
                found.push((at..at + mark.len_utf8(), message));
                open.push((mark, at));
            }
            '\u{202a}' | '\u{202b}' | '\u{2066}'..='\u{2068}' => open.push((mark, at)),
            _ => {
                let closes = |(other, _): &(char, usize)| is_isolate(*other) == (mark == '\u{2069}');
                // Deeper than this no reader follows them (Unicode, annex 9, `max_depth`).
                let near = open.len().saturating_sub(125);
                match open[near..].iter().rposition(closes).map(|number| near + number) {
                    Some(number) => {
                        let inner = open.drain(number..).skip(1);
                        found.extend(inner.filter_map(unclosed));
                    }
                    None => {
                        let message = format!(
                            "a hidden mark (U+{:04X}) ends a direction of writing that nothing begins",
                            u32::from(mark)
                        );
                        found.push((at..at + mark.len_utf8(), message));
                    }
                }
            }
        }
    }
    found.extend(open.into_iter().filter_map(unclosed));
    found
}

/// What is said of a mark that nothing closes; of one that turns letters around it was said already.
fn unclosed((mark, at): (char, usize)) -> Option<(Range<usize>, String)> {
    let message = format!("a hidden mark (U+{:04X}) begins a direction of writing that nothing ends", u32::from(mark));
    (!matches!(mark, '\u{202d}' | '\u{202e}')).then(|| (at..at + mark.len_utf8(), message))
}

/// Words from right to left in other text, with the number after them that is shown before them.
fn numbers_in_doubt(text: &str) -> Vec<Range<usize>> {
    let is_left = |c: char| (c.is_alphabetic() && !is_right_to_left(c)) || c == '\u{200e}';
    // What is written from right to left as a whole has its numbers where they belong.
    if !text.chars().find(|c| is_left(*c) || is_right_to_left(*c)).is_some_and(is_left) {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut isolates = 0usize;
    // The brackets that are open, and whether they are of the outer direction: what stands before them is, or something in them.
    let mut brackets: Vec<(char, bool)> = Vec::new();
    // The last word from right to left, and the number that follows it.
    let mut word: Option<Range<usize>> = None;
    let mut number: Option<Range<usize>> = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match c {
            '\u{2066}'..='\u{2068}' => isolates += 1,
            '\u{2069}' => isolates = isolates.saturating_sub(1),
            _ if isolates > 0 => {}
            _ if is_right_to_left(c) => {
                number = None;
                match &mut word {
                    Some(word) if word.end == at => word.end = end,
                    _ => word = Some(at..end),
                }
            }
            // Marks belong to their letters.
            _ if word.as_ref().is_some_and(|word| word.end == at) && is_mark_of_letter(c) => {
                word = word.map(|word| word.start..end);
            }
            _ if is_left(c) => {
                found.extend(number.take());
                word = None;
                brackets.iter_mut().for_each(|(_, is_outer)| *is_outer = true);
            }
            // Deeper than this no reader follows them (Unicode, annex 9, BD16).
            '(' | '[' | '{' if brackets.len() < 63 => brackets.push((c, word.is_none())),
            ')' | ']' | '}' => {
                let Some(at) = brackets.iter().rposition(|(open, _)| are_partners(*open, c)) else { continue };
                let is_outer = brackets[at].1;
                brackets.truncate(at);
                if is_outer {
                    found.extend(number.take());
                    word = None;
                }
            }
            '0'..='9' => {
                if let Some(word) = &word {
                    let start = number.as_ref().map_or(word.start, |number| number.start);
                    number = Some(start..end);
                }
            }
            _ => {}
        }
    }
    found.extend(number);
    found
}

fn are_partners(open: char, close: char) -> bool {
    matches!((open, close), ('(', ')') | ('[', ']') | ('{', '}'))
}

fn is_mark_of_letter(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

fn a_word_is_of_one_script(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    each_field(record, Words::All, &mut |field| {
        let text = field.text();
        // Greek and Cyrillic begin with these bytes.
        let may_be_mixed = !text.is_ascii() && text.bytes().any(|byte| matches!(byte, 0xcd..=0xd4));
        if !may_be_mixed || !words(text).any(|word| strange_letter(&text[word]).is_some()) {
            return;
        }
        field.each_passage(scope, record, &mut |passages, place| {
            let limit = found.len() + MOST;
            for passage in passages {
                for word in words(&passage.text) {
                    if found.len() >= limit {
                        return;
                    }
                    let Some((letter, script, others)) = strange_letter(&passage.text[word.clone()]) else { continue };
                    let message = format!(
                        "a word has letters of two scripts that look alike: its `{letter}` (U+{:04X}) is {script}, the others are {others}",
                        u32::from(letter)
                    );
                    found.push(
                        finding_at(Code::LookAlikeLetters, record, place(passage.span(word)), message)
                            .hint("type the word again; nobody finds it by searching while its letters are mixed"),
                    );
                }
            }
        });
    });
}

/// The words of a text, as stretches of letters.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let is_part = |c: char| c.is_alphabetic() || is_mark_of_letter(c);
    let mut rest = 0;
    std::iter::from_fn(move || {
        let start = rest + text[rest..].find(is_part)?;
        let end = text[start..].find(|c| !is_part(c)).map_or(text.len(), |length| start + length);
        rest = end;
        Some(start..end)
    })
}

/// Cyrillic letters that look like Latin ones.
const CYRILLIC: &str = "асеорхуіјѕһԁԛԝАВЕКМНОРСТХУІЈЅԚԜ";
/// Greek letters that do; not those that are signs of physics beside Latin letters.
const GREEK: &str = "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο";
/// Latin letters that look like Cyrillic ones.
const LATIN_IN_CYRILLIC: &str = "aceopxyijsABCEHIKMOPTXYJS";
/// Latin letters that look like Greek ones.
const LATIN_IN_GREEK: &str = "ABEZHIKMNOPTYXov";

/// The first letter of a word that is of another script than the rest and looks as if it were not; with its script and theirs.
fn strange_letter(word: &str) -> Option<(char, &'static str, &'static str)> {
    if word.is_ascii() {
        return None;
    }
    let of = |script: Script| word.chars().filter(move |c| c.script() == script);
    let latin = of(Script::Latin).count();
    let (script, name, like_latin, like_other) = match (of(Script::Cyrillic).count(), of(Script::Greek).count()) {
        (1.., 0) => (Script::Cyrillic, "Cyrillic", CYRILLIC, LATIN_IN_CYRILLIC),
        (0, 1..) => (Script::Greek, "Greek", GREEK, LATIN_IN_GREEK),
        _ => return None,
    };
    let other = of(script).count();
    // The shorter part is the strange one; of a word of two letters nobody can tell.
    if latin >= other && latin >= 2 && other >= 1 && of(script).all(|c| like_latin.contains(c)) {
        return of(script).next().map(|letter| (letter, name, "Latin"));
    }
    if other > latin && latin >= 1 && of(Script::Latin).all(|c| like_other.contains(c)) {
        return of(Script::Latin).next().map(|letter| (letter, "Latin", name));
    }
    None
}

fn headings_skip_no_level(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    for (slot, _) in record.texts.iter().filter(|(_, prose)| prose.headings.len() > 1) {
        let file = scope.text(record);
        let written = record.markdown(slot, file);
        // To skip a level, a heading must be of the third or lower.
        if !written.contains("###") {
            continue;
        }
        let mut last = None;
        for (event, span) in Parser::new_ext(&written, options(slot == Slot::Body)).into_offset_iter() {
            let Event::Start(Tag::Heading { level, .. }) = event else { continue };
            let level = level as usize;
            if let Some(above) = last.filter(|above| level > above + 1) {
                let end = span.start + written[span.clone()].trim_end().len();
                let place = prose_place(record, slot, file, &written, span.start..end);
                let message = format!("a heading of level {level} follows one of level {above}");
                found.push(finding_at(Code::SkippedHeading, record, place, message).hint(format!(
                    "begin it with `{}`, one more than the heading above it has",
                    "#".repeat(above + 1)
                )));
            }
            last = Some(level);
        }
    }
}

fn each_picture_is_described(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    for (slot, prose) in record.texts.iter() {
        if memchr::memmem::find(prose.html.text.as_bytes(), b"alt=\"\"").is_none() {
            continue;
        }
        let file = scope.text(record);
        let written = record.markdown(slot, file);
        let mut open: Option<(Range<usize>, bool)> = None;
        for (event, span) in Parser::new_ext(&written, options(slot == Slot::Body)).into_offset_iter() {
            match event {
                Event::Start(Tag::Image { .. }) => open = Some((span, false)),
                Event::Text(words) | Event::Code(words) => {
                    if let Some((_, is_described)) = &mut open {
                        *is_described |= !words.trim().is_empty();
                    }
                }
                Event::End(TagEnd::Image) => {
                    if let Some((span, false)) = open.take() {
                        let place = prose_place(record, slot, file, &written, span);
                        found.push(
                            finding_at(Code::ImageWithoutText, record, place, "nothing says what this picture shows")
                                .hint("write it between the brackets, for those who do not see it, as in `![the gate at noon](gate.jpg)`"),
                        );
                    }
                }
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strange_letter_is_one_that_hides() {
        let check = |word: &str, expected: Option<char>| {
            assert_eq!(strange_letter(word).map(|(letter, _, _)| letter), expected, "{word}");
        };
        check("Мisri", Some('М'));
        check("pаypal", Some('а'));
        check("Mοscow", Some('ο'));
        check("Мoсквa", Some('o'));
        check("Αθήνa", None);
        check("Aθήνα", Some('A'));
        for word in [
            "Москва",
            "Αθήνα",
            "naïve",
            "hν",
            "ΔT",
            "kΩ",
            "TNFα",
            "Hα",
            "IKKα",
            "SMSка",
            "東京タワー",
            "ひらがな漢字",
            "한글漢字",
        ] {
            check(word, None);
        }
    }

    #[test]
    fn a_number_after_words_from_right_to_left_is_in_doubt() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<&str> = numbers_in_doubt(text).into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("the paper السلام (2024) said", &["السلام (2024"]);
        check("the law תיק 4000", &["תיק 4000"]);
        check("in 2024 السلام said, in 2025", &[]);
        check("the paper \u{2068}السلام\u{2069} 2024, السلام\u{200e} 2024", &[]);
        check("the words الفقرة 12 من, then", &[]);
        check("قال 2024 said", &[]);
        // Brackets belong to what stands before them.
        check("Ahmed Hassan (أحمد حسن), 48, spoke.", &[]);
        check("the town (البلد) 2", &[]);
        check("the town (البلد 2) is", &["البلد 2"]);
        check("the paper السلام (البلد) 2", &["البلد) 2"]);
        check("the paper السلام (a البلد) 2", &[]);
    }

    #[test]
    fn hidden_marks_come_in_pairs() {
        let check = |text: &str, expected: &[usize]| {
            let found: Vec<usize> = hidden_marks(text).into_iter().map(|(range, _)| range.start).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("a \u{2067}b\u{2069} \u{202b}c\u{202c}", &[]);
        check("a \u{2067}b", &[2]);
        check("a\u{2069}", &[1]);
        check("a\u{202e}b\u{202c}", &[1]);
        check("\u{2067}\u{202b}x\u{2069}", &[3]);
    }
}
