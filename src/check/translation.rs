//! What a translation is of: the original's words are pinned by their digest, so that nobody changes them and leaves a translation of
//! others standing.

use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::Number;
use crate::model::Fields;
use crate::parse::{Record, Step};

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::StaleTranslation], a_translation_is_of_the_original_as_it_stands),
    Rule::record(&[Code::UnpinnedTranslation], a_translation_says_which_words_it_is_of),
];

/// How many digits of a digest are enough to tell two texts apart, and few enough to be read.
const SHOWN: usize = 16;

const TRANSLATION: Step<'static> = Step::Key("translation");
const ORIGINAL: [Step<'static>; 2] = [Step::Key("original"), Step::Key("text")];

fn a_translation_is_of_the_original_as_it_stands(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Quote(quote) = &*record.fields else { return };
    let Some(of) = quote.translation.as_ref().and_then(|translation| translation.of.as_ref()) else { return };
    let Some(now) = record.original_digest().filter(|now| !of.begins(now)) else { return };
    let (now, then) = (&now[..SHOWN], of.as_str());
    let then = &then[..then.len().min(SHOWN)];
    let message = format!(
        "the original of `{}` was changed after it was translated: its words have the digest `{now}`, and the translation is of `{then}`",
        record.id
    );
    found.push(
        scope
            .finding(Code::StaleTranslation, record, &[TRANSLATION, Step::Key("of")], message)
            .related(&record.origin.file, scope.place(record, &ORIGINAL), "the words as they are now")
            .hint(format!("compare the translation with them, and when it is right write `of: \"{now}\"`")),
    );
}

fn a_translation_says_which_words_it_is_of(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Quote(quote) = &*record.fields else { return };
    if quote.translation.as_ref().is_none_or(|translation| translation.of.is_some()) {
        return;
    }
    let Some(now) = record.original_digest() else { return };
    let of = format!("of: \"{}\"", &now[..SHOWN]);
    let message = format!("nothing says which words the translation of `{}` is of", record.id);
    let finding = scope
        .finding(Code::UnpinnedTranslation, record, &[TRANSLATION], message)
        .hint(format!("write `{of}` under `translation`, so that a later change of the original is seen"));
    found.push(with_pin(finding, scope, record, &of));
}

/// Lets a line stand before `from`, which every translation has. Where the mapping has a name for other places, or the key is written in a
/// way of its own, there is no fix.
fn with_pin(finding: Diagnostic, scope: &Scope<'_>, record: &Record, of: &str) -> Diagnostic {
    let text = scope.text(record);
    let translation = scope.place(record, &[TRANSLATION]);
    let from = scope.place(record, &[TRANSLATION, Step::Key("from")]);
    let Some(before) = text.get(translation.start..from.start) else { return finding };
    let Some(key) = before.rfind("from").filter(|key| before[*key..].trim_end() == "from:") else { return finding };
    let at = translation.start + key;
    let start = text[..at].rfind('\n').map_or(0, |line_break| line_break + 1);
    // What leads to the mapping stands before it, and may give it a name.
    let named = text[..translation.start].rsplit("translation").next().unwrap_or_default();
    if named.contains(['&', '*', '!']) || before.contains(['&', '*', '!', '#']) {
        return finding;
    }
    let pad = &text[start..at];
    let line_break = if text[..at].ends_with("\r\n") || text[..start].ends_with("\r\n") { "\r\n" } else { "\n" };
    let then = match before.trim_start().starts_with('{') {
        true => ", ".to_owned(),
        false if pad.trim().is_empty() => format!("{line_break}{pad}"),
        false => return finding,
    };
    finding.fix(&record.origin.file, at..at, format!("{of}{then}"))
}
