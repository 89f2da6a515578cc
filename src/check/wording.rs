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
use terms::{Fault, LANGUAGES, Language, Term};

pub(super) const RULES: &[Rule] =
    &[Rule::record(&[Code::WordBeforeVerdict, Code::LoadedWord], words_say_no_more_than_is_known)];

/// The words of a language, to be looked for all at once.
struct Table {
    language: &'static Language,
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
        Some(Table { language, automaton, forms })
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
        TABLES.iter().find(|table| table.language.code.eq_ignore_ascii_case(code))
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
    fn counts_in(&self, language: &Language, text: &str, range: &Range<usize>) -> bool {
        let (before, word, after) = (&text[..range.start], &text[range.clone()], &text[range.end..]);
        if is_of_name(before, word) || is_of_law(language, after) {
            return false;
        }
        let (before, after) = (lower_end(before), lower_start(after));
        let comes_next = |words: &&str| match *words {
            "0" => after.starts_with(char::is_numeric),
            words if words.ends_with(['\'', '’']) => after.starts_with(words),
            words => after.strip_prefix(words).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)),
        };
        let came_before = |words: &&str| {
            before.strip_suffix(words).is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || is_mark(c)))
        };
        let end_of_sentence = |c: char| matches!(c, '.' | '!' | '?' | ';' | '؟' | '؛' | '।' | '۔');
        let mut last: Vec<&str> = tokens(before.rsplit(end_of_sentence).next().unwrap_or_default()).collect();
        last.drain(..last.len().saturating_sub(NEAR));
        let next: Vec<&str> = tokens(after.split(end_of_sentence).next().unwrap_or_default()).take(NEAR).collect();
        let is_any = |near: &[&str], words: &[&str]| near.iter().any(|word| words.contains(word));
        let is_denied = is_any(&last, language.denied_after) || is_any(&next, language.denied_before);
        !is_denied
            && !is_any(&last, self.not_near)
            && !is_any(&next, self.not_near)
            && (self.only_near.is_empty() || is_any(&next, self.only_near))
            && !self.not_after.iter().any(came_before)
            && !self.not_before.iter().any(comes_next)
            && (self.only_before.is_empty() || self.only_before.iter().any(comes_next))
    }
}

/// How many words away another one still tells what a word means.
const NEAR: usize = 6;

/// The words of a text without what stands between them.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && !is_mark(c)).filter(|token| !token.is_empty())
}

fn is_capital(word: &str) -> bool {
    word.starts_with(char::is_uppercase)
}

/// Whether a word ends a name or title, as in `The Book Thief`: it has a capital, and so has the word before it, with which no sentence
/// begins.
fn is_of_name(before: &str, word: &str) -> bool {
    let mut words = before[before.ceil_char_boundary(before.len().saturating_sub(AROUND))..].split_whitespace().rev();
    let is_last = |word: &str| word.ends_with(['.', '!', '?', ':', ',', ';']);
    let last = words.next().filter(|last| is_capital(last) && !is_last(last));
    is_capital(word) && last.is_some() && words.next().is_some_and(|earlier| !is_last(earlier))
}

/// Whether what follows goes on to the name of a law, as in `Terrorist and Disruptive Activities (Prevention) Act`.
fn is_of_law(language: &Language, after: &str) -> bool {
    let mut words = tokens(&after[..after.floor_char_boundary(after.len().min(AROUND))]).take(NEAR);
    let has_capitals = language.laws.iter().any(|law| is_capital(law));
    let goes_on =
        |word: &&str| !has_capitals || is_capital(word) || matches!(*word, "and" | "of" | "the" | "for" | "or");
    words.by_ref().take_while(goes_on).any(|word| language.laws.contains(&word))
}

/// How many bytes before and after a word are looked at.
const AROUND: usize = 240;

/// The last letters of a text, small.
fn lower_end(text: &str) -> String {
    let start = text.ceil_char_boundary(text.len().saturating_sub(AROUND));
    text[start..].trim_end().to_lowercase()
}

/// The first letters of a text, small.
fn lower_start(text: &str) -> String {
    text[..text.floor_char_boundary(text.len().min(AROUND))].trim_start().to_lowercase()
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
            let hits = table
                .hits(text)
                .filter(|(range, term)| is_outside(&own, range) && term.counts_in(table.language, text, range));
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
                && term.counts_in(table.language, text, range)
        });
        let words: Vec<&str> = hits.map(|(range, _)| &text[range]).collect();
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn each_language_has_its_words() {
        check(
            "en",
            "Murderers and a terrorist admitted it; he revealed it and claimed that",
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
    fn what_is_denied_or_left_open_is_no_verdict() {
        check("en", "He denied being a murderer; she was no murderer. Nobody is guilty until a court says so", &[]);
        check("en", "The court has not yet said whether she is guilty. He wasn’t a thief", &[]);
        check("en", "He was not there. The murderer was", &["murderer"]);
        check("en", "He never confessed", &[]);
        check("hi", "वह दोषी नहीं है। वह हत्यारा होने से इनकार करता है", &[]);
        check("ar", "نفى أنه مجرم", &[]);
        check("es", "Nadie es culpable. Ella es culpable", &["culpable"]);
        check("fr", "Personne n'est coupable. Elle n’est pas coupable. Elle est coupable", &["coupable"]);
    }

    #[test]
    fn names_of_laws_books_and_things_are_no_verdict() {
        check("en", "under the Terrorist and Disruptive Activities (Prevention) Act, terrorist activities of", &[]);
        check("en", "Terrorist Jane Doe wrote The Act", &["Terrorist"]);
        check(
            "en",
            "foreign terrorist fighters read The Book Thief; a killer blow. The culprit was a faulty valve",
            &[],
        );
        check("en", "The Thief of the books, the Thief", &["Thief", "Thief"]);
        check("hi", "आतंकवादी और विघटनकारी गतिविधियां (निवारण) अधिनियम", &[]);
    }

    #[test]
    fn courts_physicians_and_states_judge_nobody_by_their_words() {
        check("en", "The High Court admitted the petition and admitted the recording as evidence", &[]);
        check("en", "The school admitted girls in 1971. They admitted defeat. The heat exposed the pipes", &[]);
        check("en", "The post-mortem revealed three wounds and revealed that she fell", &[]);
        check("en", "He claimed political asylum, and the flood claimed many lives", &[]);
        check(
            "en",
            "She admitted to the killing; he revealed that she claimed to be there",
            &["admitted", "revealed", "claimed"],
        );
        check("hi", "इस्तीफ़ा स्वीकार किया, याचिका को स्वीकार किया और मुआवज़े का दावा किया", &[]);
        check("hi", "उसने दावा किया कि वह वहाँ था", &["दावा किया"]);
        check("ar", "اعترفت النرويج بدولة فلسطين، وهذا كشف حساب، كشف الطبيب على المريض", &[]);
        check("ar", "كشف الوزير عن السر واعترف بالقتل", &["كشف", "واعترف"]);
        check(
            "es",
            "El juez admitió la prueba, la autopsia reveló tres heridas y la defensa alegó la prescripción",
            &[],
        );
        check("es", "Admitió que fue él", &["Admitió"]);
        check("fr", "L’autopsie révèle trois plaies, et l’Union a admis l'Ukraine", &[]);
        check("fr", "Il a admis qu’il mentait", &["a admis"]);
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
