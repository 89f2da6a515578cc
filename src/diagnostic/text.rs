//! Findings as text for people: the message, the place, the words themselves underlined, and the way out.
//!
//! The drawing is that of the compiler rustc, made by its own renderer. It is handed only the lines around a place,
//! never a whole file, so that ten thousand findings in large files cost no more than what is shown of them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use annotate_snippets::renderer::Renderer;
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Origin, Snippet};

use super::harmless::{PLACEHOLDER, harmless, harmless_line};
use super::position::{Files, LineIndex, SourceText, boundary};
use super::{Code, Diagnostic, Place, Severity};

/// How many bytes of a long line are shown on each side of a place.
const CONTEXT: usize = 400;

/// How many lines of a place that spans many are shown.
const MOST_LINES: usize = 6;

/// How many lines may lie between two places that are shown at one look.
const NEAR_LINES: usize = 20;

/// Whether the text is for a terminal that shows colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Color {
    /// Bare text.
    Never,
    /// With the escape codes of terminals.
    Always,
}

/// All findings as text, in the order given: the first `limit` in full, and of the rest how many there are of each code.
pub fn to_text(findings: &[Diagnostic], sources: &impl SourceText, color: Color, limit: usize) -> String {
    let renderer = match color {
        Color::Never => Renderer::plain(),
        Color::Always => Renderer::styled(),
    };
    let (shown, rest) = findings.split_at(limit.min(findings.len()));
    let mut files = Files::new(sources);
    let mut text = String::new();
    for finding in shown {
        text.push_str(&one(finding, &mut files, &renderer));
        text.push_str("\n\n");
    }
    if !rest.is_empty() {
        text.push_str(&more(rest));
        text.push('\n');
    }
    text
}

/// How many findings there are of each severity, and in how many files: `3 errors, 1 warning in 2 files`.
pub fn summary_line(findings: &[Diagnostic]) -> String {
    let counts: Vec<String> = [Severity::Error, Severity::Warning, Severity::Note]
        .into_iter()
        .map(|severity| (findings.iter().filter(|finding| finding.severity == severity).count(), severity.word()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| counted(count, word))
        .collect();
    if counts.is_empty() {
        return "no findings".to_owned();
    }
    let files: BTreeSet<&str> =
        findings.iter().filter_map(|finding| finding.place.as_ref()).map(|place| place.file.as_ref()).collect();
    match files.len() {
        0 => counts.join(", "),
        files => format!("{} in {}", counts.join(", "), counted(files, "file")),
    }
}

fn counted(count: usize, word: &str) -> String {
    if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") }
}

/// What is said of the findings that are not shown: "… and 12 more: unknown-key ×10, bad-date ×2".
fn more(rest: &[Diagnostic]) -> String {
    let mut counts: BTreeMap<Code, usize> = BTreeMap::new();
    for finding in rest {
        *counts.entry(finding.code).or_default() += 1;
    }
    let mut counts: Vec<(Code, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(code, count)| (std::cmp::Reverse(*count), *code));
    let counts: Vec<String> = counts.iter().map(|(code, count)| format!("{code} ×{count}")).collect();
    format!("… and {} more: {}", rest.len(), counts.join(", "))
}

/// A place to underline, with the words that stand beside the line.
struct Mark<'a> {
    place: &'a Place,
    label: &'a str,
    kind: AnnotationKind,
}

/// One finding in full, without a line break at its end.
fn one<'a>(finding: &'a Diagnostic, files: &mut Files<'a, impl SourceText>, renderer: &Renderer) -> String {
    let level = match finding.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let mut group = Group::with_title(level.primary_title(harmless_line(&finding.message)).id(finding.code.name()));
    let mut places = Vec::new();
    for marks in marks_by_view(finding, files) {
        match view(finding.code, &marks, files) {
            View::Lines(snippet, place) => {
                group = group.element(snippet);
                places.push(place);
            }
            View::FileOnly(file) => group = group.element(Origin::path(file)),
        }
    }
    let Some(hint) = &finding.hint else { return with_places(&renderer.render(&[group]), &places) };
    if finding.place.is_none() {
        // The renderer would draw the margin of an excerpt that is not there.
        return format!("{}\n = hint: {}", renderer.render(&[group]), harmless_line(hint));
    }
    let group = group.element(Level::HELP.with_name("hint").message(harmless_line(hint)));
    with_places(&renderer.render(&[group]), &places)
}

/// The places of a finding: those that can be seen at one look stand together, the finding's own place first.
fn marks_by_view<'a>(finding: &'a Diagnostic, files: &mut Files<'a, impl SourceText>) -> Vec<Vec<Mark<'a>>> {
    let Some(place) = &finding.place else { return Vec::new() };
    let mut views = vec![vec![Mark { place, label: &finding.label, kind: AnnotationKind::Primary }]];
    for related in &finding.related {
        let mark = Mark { place: &related.place, label: &related.label, kind: AnnotationKind::Context };
        let is_near = files.get(&place.file).is_some_and(|(_, lines)| {
            let (one, other) = (place.span.start, related.place.span.start);
            lines.line(one).0.abs_diff(lines.line(other).0) <= NEAR_LINES && one.abs_diff(other) <= CONTEXT
        });
        match views.first_mut() {
            Some(first) if is_near && related.place.file == place.file => first.push(mark),
            _ => views.push(vec![mark]),
        }
    }
    views
}

/// How one or several places of one file are shown.
enum View<'a> {
    /// As underlined lines, below the `file:line:column` of the first place.
    Lines(Snippet<'a, Annotation<'a>>, String),
    /// By the file's name alone, since there is no text to show, or it must not be shown.
    FileOnly(String),
}

fn view<'a>(code: Code, marks: &[Mark<'a>], files: &mut Files<'a, impl SourceText>) -> View<'a> {
    let Some(first) = marks.first() else { return View::FileOnly(String::new()) };
    let file = harmless_line(&first.place.file);
    let Some((text, lines)) = files.get(&first.place.file) else { return View::FileOnly(file) };
    if !code.shows_words() {
        let (line, column) = lines.line_column(text, first.place.span.start);
        return View::FileOnly(format!("{file}:{line}:{column}"));
    }
    let shown = shown_bytes(marks, text, lines);
    let in_shown = |offset: usize| {
        let offset = boundary(text, offset.clamp(shown.start, shown.end));
        harmless(&text[shown.start..offset]).len()
    };
    let (first_line, _) = lines.line(shown.start);
    let snippet = Snippet::source(harmless(&text[shown.clone()])).line_start(first_line);
    let mut snippet = snippet.path(PLACEHOLDER.to_string());
    for mark in marks {
        let span = in_shown(mark.place.span.start)..in_shown(mark.place.span.end.max(mark.place.span.start));
        let label = Some(harmless_line(mark.label)).filter(|label| !label.is_empty());
        snippet = snippet.annotation(mark.kind.span(span).label(label));
    }
    let (line, column) = lines.line_column(text, first.place.span.start.clamp(shown.start, shown.end));
    View::Lines(snippet, format!("{file}:{line}:{column}"))
}

/// The part of a text in which all marks can be seen: whole lines, unless they are very long.
fn shown_bytes(marks: &[Mark<'_>], text: &str, lines: &LineIndex) -> Range<usize> {
    let places = || marks.iter().map(|mark| mark.place.span);
    let first = boundary(text, places().map(|span| span.start).min().unwrap_or(0));
    let last = places().map(|span| span.start).max().unwrap_or(first);
    let last_end = places().map(|span| span.end).max().unwrap_or(first).max(last);
    let (last_line, _) = lines.line(last.min(text.len()));
    let start = lines.line(first).1;
    // A place that spans many lines is shown by its first ones.
    let cap = lines.start_of(last_line + MOST_LINES).map_or(text.len(), |next| next - 1);
    let end = last_end.clamp(first, cap.max(first));
    let end = boundary(text, end);
    // An end right behind a line break does not reach into the next line, unless a place begins there.
    let end = if end > last && text[..end].ends_with('\n') { end - 1 } else { end };
    let far = boundary(text, end.saturating_add(CONTEXT));
    let line_end = text[end..far].find('\n').map_or(far, |length| end + length);
    let shown = start..line_end;
    let shown = if shown.len() <= 4 * CONTEXT {
        shown
    } else {
        let near = boundary(text, first.saturating_sub(CONTEXT)).max(start);
        near..line_end.min(boundary(text, first.saturating_add(2 * CONTEXT)))
    };
    let start = shown.start;
    start..start + text[shown].trim_end_matches('\r').len()
}

/// Puts in the places for which the renderer was given a placeholder: in a line that is cut it would count its columns
/// from the cut.
fn with_places(rendered: &str, places: &[String]) -> String {
    let mut parts = rendered.split(PLACEHOLDER);
    let mut text = parts.next().unwrap_or_default().to_owned();
    for (part, place) in parts.zip(places) {
        text.push_str(place);
        text.push_str(part.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit()));
    }
    text
}

#[cfg(test)]
#[expect(clippy::needless_pass_by_value, reason = "`expect!` makes values, which read better at the call without `&`")]
mod tests {
    use std::sync::Arc;

    use expect_test::{Expect, expect};

    use super::super::line_column;
    use super::*;

    /// Shows a finding of which the places are named by the words that stand there.
    fn check(text: &str, words: &[&str], expected: Expect) {
        let place = |word: &str| text.find(word).map_or(0..0, |at| at..at + word.len());
        let file = Arc::from("content/quotes/a.md");
        let finding = Diagnostic::new(Code::UnknownKey, "a quote has no key `speeker`").hint("did you mean `speaker`?");
        let finding = finding.at(&file, place(words[0])).label("unknown key");
        let finding = words[1..].iter().fold(finding, |finding, word| finding.related(&file, place(word), "see here"));
        check_findings(text, &[finding], 10, expected);
    }

    fn check_findings(text: &str, findings: &[Diagnostic], limit: usize, expected: Expect) {
        let sources = BTreeMap::from([("content/quotes/a.md".to_owned(), text.to_owned())]);
        expected.assert_eq(&to_text(findings, &sources, Color::Never, limit));
    }

    fn at(span: Range<usize>) -> Diagnostic {
        Diagnostic::new(Code::BadValue, "no").at(&Arc::from("content/quotes/a.md"), span)
    }

    #[test]
    fn the_words_are_underlined() {
        check(
            "date: 2023\nspeeker: jane-doe\n",
            &["speeker"],
            expect![[r#"
            error[unknown-key]: a quote has no key `speeker`
             --> content/quotes/a.md:2:1
              |
            2 | speeker: jane-doe
              | ^^^^^^^ unknown key
              |
              = hint: did you mean `speaker`?

        "#]],
        );
    }

    #[test]
    fn related_places_stand_in_the_same_excerpt_when_near() {
        check(
            "speeker: a\nname: b\nspeaker: c\n",
            &["speeker", "speaker"],
            expect![[r#"
            error[unknown-key]: a quote has no key `speeker`
             --> content/quotes/a.md:1:1
              |
            1 | speeker: a
              | ^^^^^^^ unknown key
            2 | name: b
            3 | speaker: c
              | ------- see here
              |
              = hint: did you mean `speaker`?

        "#]],
        );
        let far = format!("speeker: a\n{}speaker: c\n", "# filler\n".repeat(100));
        check(
            &far,
            &["speeker", "speaker"],
            expect![[r#"
            error[unknown-key]: a quote has no key `speeker`
               --> content/quotes/a.md:1:1
                |
              1 | speeker: a
                | ^^^^^^^ unknown key
                |
               ::: content/quotes/a.md:102:1
                |
            102 | speaker: c
                | ------- see here
                |
                = hint: did you mean `speaker`?

        "#]],
        );
    }

    #[test]
    fn where_something_is_missing_at_the_beginning_of_a_line_that_line_is_shown() {
        let finding = at(8..8).related(&Arc::from("content/quotes/a.md"), 0..4, "see here");
        check_findings(
            "name: a\ndate: b\n",
            &[finding],
            10,
            expect![[r#"
            error[bad-value]: no
             --> content/quotes/a.md:2:1
              |
            1 | name: a
              | ---- see here
            2 | date: b
              | ^

        "#]],
        );
    }

    #[test]
    fn columns_count_characters_whatever_the_script() {
        check(
            "a: \u{1f469}\u{200d}\u{1f4bb} e\u{301}\r\n\t\u{639}\u{631}\u{628}\u{64a} bad\r\n",
            &["bad"],
            expect![[r#"
                error[unknown-key]: a quote has no key `speeker`
                 --> content/quotes/a.md:2:7
                  |
                2 |     عربي bad
                  |          ^^^ unknown key
                  |
                  = hint: did you mean `speaker`?

            "#]],
        );
        check(
            "\u{939}\u{93f}\u{928}\u{94d}\u{926}\u{940}: bad\n",
            &["bad"],
            expect![[r#"
            error[unknown-key]: a quote has no key `speeker`
             --> content/quotes/a.md:1:9
              |
            1 | हिन्दी: bad
              |        ^^^ unknown key
              |
              = hint: did you mean `speaker`?

        "#]],
        );
        check(
            "text: \u{202e}evil\u{1b}[31m\u{85} bad\n",
            &["bad"],
            expect![[r#"
            error[unknown-key]: a quote has no key `speeker`
             --> content/quotes/a.md:1:19
              |
            1 | text: �evil␛[31m� bad
              |                   ^^^ unknown key
              |
              = hint: did you mean `speaker`?

        "#]],
        );
    }

    #[test]
    fn long_lines_are_cut_and_keep_their_column() {
        let long = format!("first\n{}bad {}", "word ".repeat(20_000), "more ".repeat(20_000));
        check(
            &long,
            &["bad"],
            expect![[r#"
            error[unknown-key]: a quote has no key `speeker`
             --> content/quotes/a.md:2:100001
              |
            2 | ...d word word word word word word word word word word word bad more more more more more more more more more more more more more more...
              |                                                             ^^^ unknown key
              |
              = hint: did you mean `speaker`?

        "#]],
        );
    }

    #[test]
    fn a_place_of_many_lines_is_shown_by_its_first_ones() {
        let text = "text: |\n  one\n  two\n  three\n  four\n  five\n  six\n  seven\n  eight\nname: b\n";
        check(
            text,
            &[&text[10..60]],
            expect![[r#"
            error[unknown-key]: a quote has no key `speeker`
             --> content/quotes/a.md:2:3
              |
            2 | /   one
            3 | |   two
            4 | |   three
            5 | |   four
            6 | |   five
            7 | |   six
              | |_____^ unknown key
              |
              = hint: did you mean `speaker`?

        "#]],
        );
    }

    #[test]
    fn what_cannot_be_shown_is_named() {
        let missing = Diagnostic::new(Code::NotUtf8, "the file is not UTF-8").hint("save it as UTF-8");
        let missing = missing.at(&Arc::from("content/quotes/\u{202e}b.md"), 3..4);
        check_findings(
            "",
            &[missing],
            10,
            expect![[r#"
            error[not-utf8]: the file is not UTF-8
            --> content/quotes/�b.md
             = hint: save it as UTF-8

        "#]],
        );
        let whole = Diagnostic::new(Code::BadSetting, "no\nsetting").hint("write one");
        check_findings(
            "",
            &[whole],
            10,
            expect![[r#"
            error[bad-setting]: no setting
             = hint: write one

        "#]],
        );
    }

    #[test]
    fn places_beyond_the_text_and_within_a_character_are_moved() {
        check_findings(
            "é",
            &[at(1..1), at(0..90), at(90..99)],
            10,
            expect![[r#"
            error[bad-value]: no
             --> content/quotes/a.md:1:1
              |
            1 | é
              | ^

            error[bad-value]: no
             --> content/quotes/a.md:1:1
              |
            1 | é
              | ^

            error[bad-value]: no
             --> content/quotes/a.md:1:2
              |
            1 | é
              |  ^

        "#]],
        );
        check_findings(
            "a\r\nb\r\n",
            &[at(1..2), at(2..3), at(6..6)],
            10,
            expect![[r#"
            error[bad-value]: no
             --> content/quotes/a.md:1:2
              |
            1 | a
              |  ^

            error[bad-value]: no
             --> content/quotes/a.md:1:2
              |
            1 | a
              |  ^

            error[bad-value]: no
             --> content/quotes/a.md:3:1
              |
            3 |
              | ^

        "#]],
        );
    }

    #[test]
    fn only_the_first_are_shown_in_full() {
        let findings: Vec<Diagnostic> = (0..10_000).map(|at_byte| at(at_byte..at_byte + 1)).collect();
        check_findings(
            "a",
            &findings,
            1,
            expect![[r#"
            error[bad-value]: no
             --> content/quotes/a.md:1:1
              |
            1 | a
              | ^

            … and 9999 more: bad-value ×9999
        "#]],
        );
    }

    #[test]
    fn summaries_count_files_once() {
        let check = |findings: &[Diagnostic], expected| assert_eq!(summary_line(findings), expected);
        check(&[], "no findings");
        check(&[at(0..1)], "1 error in 1 file");
        let warning = Diagnostic::new(Code::UnsafeHtml, "no").at(&Arc::from("content/b.md"), 0..0);
        check(&[at(0..1), at(2..3), warning], "2 errors, 1 warning in 2 files");
        check(&[Diagnostic::new(Code::OldId, "old")], "1 note");
    }

    proptest::proptest! {
        #[test]
        fn no_text_and_no_place_is_too_odd(
            text in "(\\PC|[\\r\\n\\t:0-9\u{85}\u{202e}\u{e000}]){0,60}",
            start in 0_usize..90,
            length in 0_usize..90,
            other in 0_usize..90,
            times in 1_usize..70,
        ) {
            let (start, length, other) = (start * times, length * times, other * times);
            let finding = at(start..start + length).related(&Arc::from("content/quotes/a.md"), other..other + 3, "b");
            let text = text.repeat(times);
            let (line, column) = line_column(&text, start);
            let is_shown = text.get(start..).is_some_and(|rest| !rest.is_empty() && !rest.starts_with(['\r', '\n']));
            let sources = BTreeMap::from([("content/quotes/a.md".to_owned(), text)]);
            let shown = to_text(&[finding], &sources, Color::Never, 1);
            let place = format!("--> content/quotes/a.md:{line}:{column}\n");
            proptest::prop_assert!(!is_shown || shown.contains(&place), "{place}{shown}");
        }
    }
}
