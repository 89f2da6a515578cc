//! Fields of a record that cannot both be right: replies, translations, corrections and positions.

use super::identity::words_key;
use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::link::Number;
use crate::model::{ActorKind, Fields, Mode, Outcome, Reply};
use crate::parse::{Record, Step};
use crate::text;

const CODES: &[Code] = &[Code::Contradiction];

pub(super) const RULES: &[Rule] = &[
    Rule::record(CODES, a_reply_is_what_came_of_asking),
    Rule::record(CODES, an_answer_is_given).at_public(),
    Rule::record(CODES, a_translation_is_from_the_language_of_the_original),
    Rule::record(CODES, direct_words_are_those_of_the_source),
    Rule::record(CODES, a_correction_changes_something),
    Rule::record(CODES, a_coarse_position_is_coarse),
];

/// A finding at one of two fields, which names the other.
fn contradiction(
    scope: &Scope<'_>,
    record: &Record,
    (field, other): (&[Step<'_>], &[Step<'_>]),
    label: &str,
    message: impl Into<String>,
) -> Diagnostic {
    let related = scope.place(record, other);
    scope.finding(Code::Contradiction, record, field, message).related(&record.origin.file, related, label)
}

/// The way to a field of an entry in a list.
fn entry(list: &'static str, index: usize, key: &'static str) -> [Step<'static>; 3] {
    [Step::Key(list), Step::Index(index), Step::Key(key)]
}

fn a_reply_is_what_came_of_asking(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    for (index, reply) in record.fields.common().replies.iter().enumerate() {
        if reply.quote.is_none() {
            continue;
        }
        let at = |key| entry("replies", index, key);
        if reply.outcome == Outcome::None {
            let message = format!("no answer of `{}` is said to have come, and here it is", scope.shown(&reply.from));
            found.push(
                contradiction(scope, record, (&at("quote"), &at("outcome")), "said here", message)
                    .hint("write `outcome: answered`, or take the quote out"),
            );
        }
        if let Some(other) = is_answered_by_another(scope, reply) {
            let message =
                format!("`{}` was asked, and the answer is in the words of `{other}`", scope.shown(&reply.from));
            found.push(
                contradiction(scope, record, (&at("quote"), &at("from")), "asked here", message)
                    .hint("name the quote with their own words; or, where somebody answers for another, write `as:` in that quote, such as `as: Lawyer of the keeper`"),
            );
        }
    }
}

/// Who answered in place of the person who was asked. Bodies answer by somebody; for a person those do to whom they have a tie, and
/// others in a capacity of theirs.
fn is_answered_by_another<'a>(scope: &'a Scope<'_>, reply: &Reply) -> Option<&'a str> {
    let ids = &scope.dossier.index.ids;
    let Fields::Quote(quote) = &*scope.record(ids.find(reply.quote.as_ref()?.as_str())?).fields else { return None };
    let (asked, speaker) = (ids.find(reply.from.as_str())?, ids.find(quote.speaker.actor()?.as_str())?);
    let Fields::Actor(person) = &*scope.record(asked).fields else { return None };
    let is_tied = || person.relations.iter().any(|tie| ids.find(tie.to.as_str()) == Some(speaker));
    let is_another = person.kind == ActorKind::Person && asked != speaker && quote.capacity.is_none() && !is_tied();
    // Of the speaker nothing but the id is known here: the record that asks does not refer to them.
    is_another.then(|| scope.record(speaker).id.as_str())
}

fn an_answer_is_given(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let replies = record.fields.common().replies.iter().enumerate();
    for (index, reply) in replies.filter(|(_, reply)| reply.outcome == Outcome::Answered && reply.quote.is_none()) {
        let message = format!("`{}` answered, and nothing says what", scope.shown(&reply.from));
        let finding = scope.finding(Code::Contradiction, record, &entry("replies", index, "outcome"), message);
        let finding = finding.hint("write their words as a quote, and its id under `quote`");
        found.push(Diagnostic { severity: Severity::Note, ..finding });
    }
}

fn a_translation_is_from_the_language_of_the_original(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Quote(quote) = &*record.fields else { return };
    let lang = quote.lang.as_ref().map_or(scope.dossier.settings.lang(), |lang| lang.as_str());
    let from = [Step::Key("translation"), Step::Key("from")];
    let original = |key| [Step::Key("original"), Step::Key(key)];
    if let (Some(translation), Some(words)) = (&quote.translation, &quote.original)
        && language(translation.from.as_str()) != language(words.lang.as_str())
    {
        let message = format!(
            "the words were translated from `{}`, and as they were said they are in `{}`",
            translation.from, words.lang
        );
        found.push(
            contradiction(scope, record, (&from, &original("lang")), "the language in which they were said", message)
                .hint(format!(
                    "write `from: {}`; or, where they went through a third language, say so in `method`",
                    words.lang
                )),
        );
    }
    // From one writing of a language to another there is something to say; from a language into itself there is not.
    if let Some(translation) = &quote.translation
        && translation.from.as_str() == lang
    {
        let message = format!("the words were translated from `{lang}`, the language that they are in");
        let finding = scope.finding(Code::Contradiction, record, &from, message);
        found.push(finding.hint(
            "write the language in which they were said; take `translation` out when this is that; or write the `lang` that they are in now",
        ));
    }
    if let Some(words) = &quote.original
        && text::normal_form(words.text.as_str()) == text::normal_form(&quote.text.in_a_row())
    {
        let message = "the words as they were said are the same as those of the translation";
        found.push(
            contradiction(scope, record, (&original("text"), &[Step::Key("text")]), "the same words", message)
                .hint("write the words in the language in which they were said; or take `original` out when nothing was translated"),
        );
    }
}

/// Words that are said to be those that were said are those that stand in the source; either may be a part of the other.
fn direct_words_are_those_of_the_source(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Quote(quote) = &*record.fields else { return };
    let is_own = quote.mode == Some(Mode::Direct) && quote.translation.is_none() && quote.original.is_none();
    // What was left out or put in is marked, and then nothing is known of the rest.
    let is_whole = |words: &str| !words.contains(['[', '…']) && !words.contains("...");
    if !is_own || !is_whole(quote.text.as_str()) {
        return;
    }
    let lang = quote.lang.as_ref().map_or(scope.dossier.settings.lang(), |lang| lang.as_str());
    let is_in_other_language = |source: &str| {
        let source = scope.dossier.index.ids.find(source).map(|source| scope.record(source));
        let other = source.and_then(|source| source.fields.common().lang);
        other.is_some_and(|other| language(other.as_str()) != language(lang))
    };
    for (index, citation) in quote.sources.iter().enumerate() {
        let Some(exact) = citation.exact.as_ref().filter(|exact| is_whole(exact.as_str())) else { continue };
        let there = words_key(exact.as_str());
        let is_there = |part: &str| {
            let here = words_key(part);
            here.contains(&there) || there.contains(&here)
        };
        if quote.text.parts().all(is_there) || is_in_other_language(citation.source.as_str()) {
            continue;
        }
        let (exact, text) = (entry("sources", index, "exact"), [Step::Key("text")]);
        let message = "the words are said to be those that were said, and the source has other words";
        found.push(
            contradiction(scope, record, (&exact, &text), "the words of this record", message)
                .hint("write the words as they stand in the source, with `[...]` for what is left out; or `mode: indirect` or `paraphrase`"),
        );
    }
}

fn a_correction_changes_something(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    for (index, correction) in record.fields.common().corrections.iter().enumerate() {
        if correction.was.is_some() && correction.was == correction.now {
            let at = |key| entry("corrections", index, key);
            found.push(
                contradiction(
                    scope,
                    record,
                    (&at("now"), &at("was")),
                    "stood there before",
                    "what stands there now is what stood there before",
                )
                .hint(
                    "write under `was` what readers saw before the correction, and under `now` what they see after it",
                ),
            );
        }
    }
}

fn a_coarse_position_is_coarse(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Place(place) = &*record.fields else { return };
    if !place.obscured {
        return;
    }
    let both = [("lat", place.lat), ("lon", place.lon)];
    let Some((key, degrees)) = both.into_iter().find_map(|(key, degrees)| Some((key, degrees.filter(is_fine)?))) else {
        return;
    };
    let message = format!("the position of `{}` is said to be coarsened, and `{key}: {degrees}` is exact", record.id);
    found.push(
        contradiction(scope, record, (&[Step::Key(key)], &[Step::Key("obscured")]), "said here", message).hint(format!(
            "round both numbers, as in `{key}: {degrees:.1}`, which is a place within some kilometres; or take `obscured` out"
        )),
    );
}

/// Whether degrees tell a place to about a hundred metres: they have three decimals or more.
fn is_fine(degrees: &f64) -> bool {
    degrees.to_string().split_once('.').is_some_and(|(_, decimals)| decimals.len() > 2)
}

/// The language without its country and script.
fn language(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}
