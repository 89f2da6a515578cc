//! Words of the authors that say more than the record's status allows: a verdict before the verdict, and words that judge what they
//! should only report. What stands in quotation marks is somebody else's.

mod terms;

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::passage::{Field, Passage, Words, each_field, finding_at};
use super::prose::MOST;
use super::quotation::quotations;
use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::{Number, Role};
use crate::model::{Fields, SourceKind};
use crate::parse::Record;
use terms::{Fault, LANGUAGES, Term};

pub(super) const RULES: &[Rule] =
    &[Rule::record(&[Code::WordBeforeVerdict, Code::LoadedWord], words_say_no_more_than_is_known)];

/// The words of a language, to be looked for all at once.
struct Table {
    code: &'static str,
    automaton: AhoCorasick,
    /// The term of each pattern, and its form.
    forms: Vec<(&'static Term, String)>,
}

static TABLES: LazyLock<Vec<Table>> = LazyLock::new(|| {
    let tables = LANGUAGES.iter().filter_map(|language| {
        let mut forms = Vec::new();
        for term in language.terms {
            for (form, prefix) in term.forms.iter().flat_map(|form| language.prefixes.iter().map(move |p| (form, p))) {
                forms.push((term, format!("{prefix}{form}")));
            }
        }
        // Without its first letter, which may be a capital. The longest form at a place is found by its borders.
        let patterns = forms.iter().map(|(_, form)| without_first(form));
        let automaton = AhoCorasick::new(patterns).ok()?;
        Some(Table { code: language.code, automaton, forms })
    });
    tables.collect()
});

fn without_first(form: &str) -> &str {
    let mut letters = form.chars();
    letters.next();
    letters.as_str()
}

/// A word that was found, and its term.
type Hit = (Range<usize>, &'static Term);

impl Table {
    /// The table of a language, such as that of `en` for `en-IN`.
    fn of(lang: &str) -> Option<&'static Table> {
        let code = lang.split('-').next().unwrap_or_default();
        TABLES.iter().find(|table| table.code.eq_ignore_ascii_case(code))
    }

    /// The words of the table in a text, whatever stands around them.
    fn hits<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Hit> + 'a {
        self.automaton.find_overlapping_iter(text).filter_map(|found| {
            let (term, form) = &self.forms[found.pattern().as_usize()];
            let before = &text[..found.start()];
            let first = before.chars().next_back()?;
            let is_first = form.starts_with(first) || first.to_lowercase().eq(form.chars().take(1));
            let range = found.start() - first.len_utf8()..found.end();
            (is_first && is_alone(text, &range)).then_some((range, *term))
        })
    }
}

/// Whether a stretch of text is a word by itself, not a part of one or of words joined by a hyphen.
fn is_alone(text: &str, range: &Range<usize>) -> bool {
    let joins = |c: char| {
        c.is_alphanumeric() || matches!(c, '-' | '\u{2010}' | '\u{2011}' | '_' | '\u{200c}' | '\u{200d}') || is_mark(c)
    };
    !text[..range.start].ends_with(joins) && !text[range.end..].starts_with(joins)
}

fn is_mark(c: char) -> bool {
    unicode_normalization::char::is_combining_mark(c)
}

impl Term {
    /// Whether the words around it leave it saying too much.
    fn counts_between(&self, before: &str, after: &str) -> bool {
        let (before, after) = (lower_end(before), lower_start(after));
        let comes_next = |words: &&str| match *words {
            "0" => after.starts_with(char::is_numeric),
            words => after.strip_prefix(words).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)),
        };
        let came_before = |words: &&str| {
            before.strip_suffix(words).is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || is_mark(c)))
        };
        !self.not_after.iter().any(came_before)
            && !self.not_before.iter().any(comes_next)
            && (self.only_before.is_empty() || self.only_before.iter().any(comes_next))
    }
}

/// The last letters of a text, small.
fn lower_end(text: &str) -> String {
    let start = text.ceil_char_boundary(text.len().saturating_sub(80));
    text[start..].trim_end().to_lowercase()
}

/// The first letters of a text, small.
fn lower_start(text: &str) -> String {
    text[..text.floor_char_boundary(text.len().min(80))].trim_start().to_lowercase()
}

fn words_say_no_more_than_is_known(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let lang = record.fields.common().lang.map_or(scope.dossier.settings.lang(), |lang| lang.as_str());
    let Some(table) = Table::of(lang) else { return };
    each_field(record, Words::Own, &mut |field| {
        if table.hits(field.text()).next().is_some() {
            look_at_passages(scope, number, table, &field, found);
        }
    });
}

fn look_at_passages(scope: &Scope<'_>, number: Number, table: &Table, field: &Field<'_>, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let rests_on_court = LazyLock::new(|| rests_on_court(scope, number));
    field.each_passage(scope, record, &mut |passages, place| {
        for (passage, own) in passages.iter().zip(own_words(passages)) {
            let text = &passage.text;
            let hits = table.hits(text).filter(|(range, term)| {
                is_outside(&own, range) && term.counts_between(&text[..range.start], &text[range.end..])
            });
            for (range, term) in hits.filter(|_| !passage.is_quoted).take(MOST) {
                if term.fault == Fault::Loaded || !*rests_on_court {
                    let place = place(passage.span(range.clone()));
                    found.push(finding(record, term, &text[range], place));
                }
            }
        }
    });
}

/// For each passage, what in it stands in quotation marks; what stays open is quoted to its end.
fn own_words(passages: &[Passage]) -> Vec<Vec<Range<usize>>> {
    let quoted = passages.iter().map(|passage| {
        let marks = quotations(&passage.text);
        let mut inside = marks.inside;
        inside.extend(marks.unclosed.first().map(|mark| mark.start..passage.text.len()));
        outermost(inside)
    });
    quoted.collect()
}

/// Ranges without those that lie in others, in their order; ranges that overlap become one.
fn outermost(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| range.start);
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut().filter(|last| range.start < last.end) {
            Some(last) => last.end = last.end.max(range.end),
            None => merged.push(range),
        }
    }
    merged
}

/// Whether a range meets none of some ranges that stand in their order.
fn is_outside(ordered: &[Range<usize>], range: &Range<usize>) -> bool {
    let next = ordered.partition_point(|other| other.end <= range.start);
    ordered.get(next).is_none_or(|other| range.end <= other.start)
}

fn finding(record: &Record, term: &Term, word: &str, place: Range<usize>) -> Diagnostic {
    let Term { why, instead, .. } = term;
    match term.fault {
        Fault::Verdict => finding_at(
            Code::WordBeforeVerdict,
            record,
            place,
            format!("`{word}` {why}, and this record rests on no source of a court"),
        )
        .hint(format!(
            "write who says so and what is known, as in `{instead}`; or cite the ruling, a source with `kind: court`"
        )),
        Fault::Loaded => finding_at(Code::LoadedWord, record, place, format!("`{word}` {why}"))
            .hint(format!("write `{instead}`, or put the word in quotation marks when it is somebody’s own")),
    }
}

/// Whether a record cites a court, or is the source of one itself.
fn rests_on_court(scope: &Scope<'_>, number: Number) -> bool {
    let is_court = |number: Number| match &*scope.record(number).fields {
        Fields::Source(source) => source.kind == Some(SourceKind::Court),
        _ => false,
    };
    let mut edges = scope.dossier.outgoing[number as usize].edges.iter();
    is_court(number) || edges.any(|edge| edge.role == Role::Cited && is_court(edge.to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(lang: &str, text: &str, expected: &[&str]) {
        let table = Table::of(lang).unwrap();
        let quoted = quotations(text);
        let hits = table.hits(text).filter(|(range, term)| {
            quoted.inside.iter().all(|quoted| quoted.end <= range.start || range.end <= quoted.start)
                && term.counts_between(&text[..range.start], &text[range.end..])
        });
        let words: Vec<&str> = hits.map(|(range, _)| &text[range]).collect();
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn each_language_has_its_words() {
        check(
            "en",
            "Murderers and a terrorist admitted it; he revealed and claimed that",
            &["Murderers", "terrorist", "admitted", "revealed", "claimed"],
        );
        check("hi", "हत्यारे ने कबूल किया कि वह दोषी है", &["हत्यारे", "कबूल किया", "दोषी"]);
        check("ar", "واعترف القاتل", &["واعترف", "القاتل"]);
        check("es", "El asesino confesó; Reveló que", &["asesino", "confesó", "Reveló"]);
        check("fr", "L’assassin a avoué qu’il est coupable", &["assassin", "a avoué", "coupable"]);
    }

    #[test]
    fn words_that_say_no_more_than_is_known_are_left_alone() {
        check("en", "He was admitted to hospital and pleaded not guilty, the alleged murderer", &[]);
        check("en", "A terrorist attack claimed 12 lives; a group claimed responsibility", &[]);
        check("en", "exposed to radiation, an anti-terrorist unit, guiltyish, unclaimed, admittedly", &[]);
        check("en", "She called him “a murderer” and 'guilty'", &[]);
        check("hi", "कथित हत्यारा, निर्दोष, आतंकवादी हमला", &[]);
        check("ar", "هجوم إرهابي", &[]);
        check("es", "el presunto asesino; atentado terrorista; se declaró culpable; admitió a trámite", &[]);
        check("fr", "le meurtrier présumé, une attaque terroriste, non coupable", &[]);
    }

    #[test]
    fn no_form_stands_twice_and_all_are_small() {
        for language in LANGUAGES {
            let mut forms: Vec<&str> = language.terms.iter().flat_map(|term| term.forms).copied().collect();
            assert!(forms.iter().all(|form| form.to_lowercase() == *form), "{}", language.code);
            let all = forms.len();
            forms.sort_unstable();
            forms.dedup();
            assert_eq!(forms.len(), all, "{}", language.code);
        }
    }
}
