//! What comes of the captures of sources: whether they are what was recorded, and whether quotations stand in them.
//!
//! Not for looking; that is [`evidence`](crate::evidence). What it came to is told here for all records at once, since it changes
//! with the captures and with what is locked, and not with the records alone.

use super::Scope;
use crate::config::Level;
use crate::diagnostic::{Code, Diagnostic, Severity, SourceText};
use crate::edtf::Day;
use crate::evidence::lock::FILE;
use crate::evidence::verbatim::{Caution, Edit, Side, Stranger};
use crate::evidence::{Comparison, CopyState, Disagreement, Evidence, Examined, Gap, HiddenBy, Omitted, Verdict};
use crate::link::{Dossier, Number};
use crate::model::Fields;
use crate::parse::{Record, Step};
use crate::text;

/// All that is to be said of what [`examine`](crate::evidence::examine) came to.
pub fn check_evidence(
    dossier: &Dossier,
    sources: &(dyn SourceText + Sync),
    evidence: &Evidence,
    today: Day,
) -> Vec<Diagnostic> {
    let scope = Scope { dossier, sources, level: dossier.settings.level, today };
    let mut found = Vec::new();
    of_copies(&scope, evidence, &mut found);
    for (number, examined, exact) in evidence.iter() {
        of_quotation(&scope, number, examined, &mut found);
        of_cited_words(&scope, number, exact, &mut found);
        of_gaps(&scope, number, evidence, &mut found);
    }
    let unlocked = evidence.disagreements.iter().filter(|other| matches!(other, Disagreement::Unlocked(_)));
    let nothing_is_locked = unlocked.count() == evidence.disagreements.len();
    if nothing_is_locked && evidence.disagreements.len() > 1 && !evidence.is_any_locked {
        let message =
            format!("what came of looking for {} quotations is not in `{FILE}`", evidence.disagreements.len());
        let finding = Diagnostic::new(Code::UnlockedQuotation, message);
        found.push(less_while_being_made(&scope, finding.hint(LOCK_THEM)));
    } else {
        found.extend(evidence.disagreements.iter().map(|disagreement| of_lock(&scope, disagreement)));
    }
    found
}

/// The fields as readers have them, which is what was looked for.
fn open_fields(record: &Record) -> &Fields {
    record.closed.as_ref().map_or(&record.fields, |closed| &closed.open.fields)
}

/// As grave as it is at level public; less while a dossier is being made.
fn by_level(scope: &Scope<'_>, finding: Diagnostic) -> Diagnostic {
    match scope.level {
        Level::Public => finding,
        Level::Internal => Diagnostic { severity: Severity::Warning, ..finding },
    }
}

/// A warning at level public; a note while a dossier is being made.
fn less_while_being_made(scope: &Scope<'_>, finding: Diagnostic) -> Diagnostic {
    match scope.level {
        Level::Public => finding,
        Level::Internal => Diagnostic { severity: Severity::Note, ..finding },
    }
}

const LOCK_THEM: &str = "run `dossier check --update-lock` where the copies are, and keep the file with the records";

fn of_copies(scope: &Scope<'_>, evidence: &Evidence, found: &mut Vec<Diagnostic>) {
    let is_any_at_hand = evidence.copies().any(|(_, copies)| copies.iter().any(|copy| copy.state != CopyState::Absent));
    let mut absent = 0_usize;
    for (number, copies) in evidence.copies() {
        let record = scope.record(number);
        let Fields::Source(source) = open_fields(record) else { continue };
        for (at, (copy, capture)) in copies.iter().zip(source.captures.iter()).enumerate() {
            let field = |key: &'static str| [Step::Key("captures"), Step::Index(at), Step::Key(key)];
            let name = text::excerpt(capture.file.as_str(), 80);
            match &copy.state {
                CopyState::AtHand(sha256, _) if capture.sha256.is_none() && scope.level == Level::Public => found.push(
                    scope
                        .finding(
                            Code::UnhashedCapture,
                            record,
                            &field("file"),
                            format!("nothing says which bytes the copy `{name}` had when it was made"),
                        )
                        .hint(format!("write `sha256: {sha256}`, or run `dossier capture {} {name}`", record.id)),
                ),
                CopyState::AtHand(..) => {}
                CopyState::Changed(now, length) => {
                    let recorded = capture.sha256.as_ref().map(|sha256| sha256.as_str()).unwrap_or_default();
                    let message = format!("the copy `{name}` has changed: recorded is {recorded}, and it is {now}");
                    let unit = if *length == 1 { "byte" } else { "bytes" };
                    found.push(
                        scope
                            .finding(Code::CaptureChanged, record, &field("sha256"), message)
                            .label(format!("it has {length} {unit} now"))
                            .hint("take the recorded file back; a new copy gets a name and an entry of its own"),
                    );
                }
                CopyState::Absent if is_any_at_hand => found.push(
                    scope
                        .finding(
                            Code::CaptureMissing,
                            record,
                            &field("file"),
                            format!("the copy `{name}` of `{}` is not there", record.id),
                        )
                        .hint(format!(
                            "put it beside the record, into `{}/` beside it, or into the folder of captures",
                            record.id
                        )),
                ),
                CopyState::Absent => absent += 1,
                CopyState::Unreadable(why) => {
                    let message = format!("the copy `{name}` of `{}` cannot be used: {why}", record.id);
                    let finding = scope.finding(Code::UnreadableCapture, record, &field("file"), message);
                    found.push(by_level(scope, finding.hint("make or fetch it again, and record what you get")));
                }
            }
        }
    }
    if absent > 0 {
        let (noun, verb) = if absent == 1 { ("copy", "is") } else { ("copies", "are") };
        found.push(
            Diagnostic::new(
                Code::CapturesAbsent,
                format!("{absent} {noun} of sources {verb} not on this machine; what is known comes from `{FILE}`"),
            )
            .hint("name the folder in which they lie with `--captures DIR`, if there is one"),
        );
    }
}

fn of_quotation(scope: &Scope<'_>, number: Number, examined: &Examined, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    for (at, comparison) in examined.sources.iter().enumerate() {
        let Ok(comparison) = comparison else { continue };
        let words = [Step::Key(if is_original(record) { "original" } else { "text" })];
        let finding = match comparison.result {
            Verdict::Altered => Some(altered(scope, record, &words, comparison)),
            Verdict::NotFound => Some(not_found(scope, record, &words, comparison)),
            Verdict::Exact | Verdict::Normalised | Verdict::NoCapture | Verdict::NotCheckable => None,
        };
        found.extend(finding.map(|finding| by_level(scope, finding)));
        of_omissions(scope, record, &words, comparison, found);
        found.extend(comparison.cautions.iter().map(|caution| of_caution(scope, record, &words, comparison, *caution)));
        if comparison.ambiguous {
            let message = format!(
                "the words of `{}` stand {} times in the copy of `{}`",
                record.id, comparison.places, comparison.source
            );
            let sources = [Step::Key("sources"), Step::Index(at)];
            found.push(
                scope
                    .finding(Code::AmbiguousPassage, record, &sources, message)
                    .hint("say which place is meant with a few words before or after: `prefix: …`, `suffix: …`"),
            );
        }
    }
}

fn is_original(record: &Record) -> bool {
    matches!(open_fields(record), Fields::Quote(quote) if quote.original.is_some())
}

fn altered(scope: &Scope<'_>, record: &Record, field: &[Step<'_>], comparison: &Comparison) -> Diagnostic {
    let message = format!("the words of `{}` are not those of its source `{}`", record.id, comparison.source);
    let finding = scope.finding(Code::AlteredQuotation, record, field, message);
    let finding = if comparison.differences.is_empty() {
        finding
    } else if comparison.differences.iter().all(|edit| edit.of == Side::Both) {
        let label = "the words are the same; what differs is a space, a hyphen, or who speaks them";
        finding.label(comparison.nearest.as_ref().map_or(label.to_owned(), |near| {
            format!("{label}: the source has {}", text::excerpt(&near.escape_debug().to_string(), 400))
        }))
    } else {
        finding.label(differences(&comparison.differences))
    };
    if let Some(Stranger { letter, script, word, .. }) = comparison.strangers.first() {
        let word = text::excerpt(word, 40);
        return finding.hint(format!("the `{letter}` in `{word}` is a letter of another script ({script}) that looks alike; write it as the source does"));
    }
    finding.hint("write the words as the source has them, `[...]` for what is left out and `[words]` for what was put in, or say `mode: paraphrase`")
}

/// How many words are told around a difference.
const AROUND: usize = 4;

/// How many letters of a difference are told.
const LONGEST: usize = 80;

/// Which words differ: `[-until-]` stands in the quotation alone, `[+before+]` in the source alone.
fn differences(edits: &[Edit]) -> String {
    let mut told = String::new();
    for (at, edit) in edits.iter().enumerate() {
        let words = match edit.of {
            Side::Both => shortened(&edit.words, at == 0, at + 1 == edits.len()),
            Side::Quotation => format!("[-{}-]", text::excerpt(&edit.words, LONGEST)),
            Side::Source => format!("[+{}+]", text::excerpt(&edit.words, LONGEST)),
            Side::LeftOut => "[...]".to_owned(),
        };
        if !told.is_empty() {
            told.push(' ');
        }
        told.push_str(&words);
    }
    format!("`[-…-]` is in the quotation alone, `[+…+]` in the source alone: {}", text::excerpt(&told, 400))
}

/// The words that both have, as far as they are next to a difference.
fn shortened(words: &str, is_first: bool, is_last: bool) -> String {
    let all: Vec<&str> = words.split_whitespace().collect();
    let first = if is_first { &all[..0] } else { &all[..AROUND.min(all.len())] };
    let last = if is_last { &all[all.len()..] } else { &all[all.len().saturating_sub(AROUND)..] };
    if first.len() + last.len() >= all.len() {
        return all.join(" ");
    }
    [first.join(" "), "…".to_owned(), last.join(" ")].join(" ").trim().to_owned()
}

fn not_found(scope: &Scope<'_>, record: &Record, field: &[Step<'_>], comparison: &Comparison) -> Diagnostic {
    let source = &comparison.source;
    let message = match comparison.hidden {
        None => format!("the words of `{}` do not stand in the copy of `{source}`", record.id),
        Some(by) => format!(
            "the words of `{}` stand in the copy of `{source}` only {}, where a reader does not see them",
            record.id,
            where_hidden(by)
        ),
    };
    let finding = scope.finding(Code::QuotationNotFound, record, field, message);
    finding.hint("look whether it is the right source and the right copy; a translation needs `original`, words that give the sense only need `mode: paraphrase`")
}

fn where_hidden(by: HiddenBy) -> &'static str {
    match by {
        HiddenBy::Comment => "in a comment",
        HiddenBy::Script => "in a script",
        HiddenBy::Style => "in a style sheet",
        HiddenBy::NotShown => "in a part that is not shown",
        HiddenBy::StyleSheet => "in a part that a style sheet of the page hides",
        HiddenBy::Attribute => "in a description or title",
        HiddenBy::OtherLanguage => "in a version in another language",
        HiddenBy::Note => "in a note",
    }
}

fn of_omissions(
    scope: &Scope<'_>,
    record: &Record,
    field: &[Step<'_>],
    comparison: &Comparison,
    found: &mut Vec<Diagnostic>,
) {
    let nth = |at: usize| match comparison.omissions.len() {
        1 => "the mark of omission".to_owned(),
        _ => format!("mark of omission {}", at + 1),
    };
    for (at, omitted) in comparison.omissions.iter().enumerate() {
        let Omitted { words, negation, condition, attribution, speaker, .. } = *omitted;
        let noun = if words == 1 { "word" } else { "words" };
        let sorts = [
            (negation, "a negation"),
            (condition, "a condition"),
            (attribution, "somebody to whom the words are ascribed"),
        ];
        let sorts: Vec<&str> = sorts.into_iter().filter(|(is_there, _)| *is_there).map(|(_, sort)| sort).collect();
        if let Some((last, rest)) = sorts.split_last() {
            let what = if rest.is_empty() { (*last).to_owned() } else { format!("{} and {last}", rest.join(", ")) };
            let source = &comparison.source;
            let message = match omitted.brackets {
                true => {
                    format!("in `{}` words in brackets stand for {words} {noun} of `{source}`, with {what}", record.id)
                }
                false => format!("in `{}` {} hides {words} {noun} of `{source}`, with {what}", record.id, nth(at)),
            };
            found.push(
                scope
                    .finding(Code::TellingOmission, record, field, message)
                    .hint("show these words, or allow the code in the record and say why they do not bear on the rest"),
            );
        }
        if speaker {
            let message = format!(
                "in `{}` {} goes from the words of one to those of another in `{}`",
                record.id,
                nth(at),
                comparison.source
            );
            found.push(
                scope
                    .finding(Code::OmissionAcrossSpeakers, record, field, message)
                    .hint("make a quotation for each of them"),
            );
        }
    }
}

fn of_caution(
    scope: &Scope<'_>,
    record: &Record,
    field: &[Step<'_>],
    comparison: &Comparison,
    caution: Caution,
) -> Diagnostic {
    let (id, source) = (&record.id, &comparison.source);
    let (code, message, hint) = match caution {
        Caution::InsertedNegation => (
            Code::TellingInsertion,
            format!("words in brackets in `{id}` negate what `{source}` does not negate there"),
            "take them out, or quote the words that negate it; if they do not turn the sense, allow the code in the record and say why",
        ),
        Caution::TellingAside => (
            Code::TellingInsertion,
            format!(
                "what `{source}` says between two parts of `{id}` has a negation or a condition, and readers do not see it"
            ),
            "make two quotations, or allow the code in the record and say why it does not bear on the words",
        ),
        Caution::AcrossBlocks => (
            Code::QuotationAcrossBlocks,
            format!(
                "the words of `{id}` go on from a heading, an item, a cell or a caption of `{source}` into what stands beside it"
            ),
            "quote the words of one, or put `[...]` where it ends",
        ),
    };
    scope.finding(code, record, field, message).hint(hint)
}

fn of_cited_words(scope: &Scope<'_>, number: Number, exact: &[Option<Verdict>], found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    for (at, verdict) in exact.iter().enumerate() {
        if verdict.is_some_and(|verdict| !verdict.holds()) {
            let field = [Step::Key("sources"), Step::Index(at), Step::Key("exact")];
            let message =
                format!("the words under `exact` in `{}` do not stand in the copy of their source", record.id);
            found.push(
                scope
                    .finding(Code::CitedWordsNotFound, record, &field, message)
                    .hint("write them as the source has them"),
            );
        }
    }
}

/// What could not be looked through for words that were not found.
fn of_gaps(scope: &Scope<'_>, number: Number, evidence: &Evidence, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    for (at, gap) in evidence.gaps(number) {
        let Some(citation) = open_fields(record).common().sources.get(at) else { continue };
        let (source, id) = (&citation.source, &record.id);
        let name = |at: usize| {
            let of = scope.dossier.index.ids.find(source.as_str()).map(|number| open_fields(scope.record(number)));
            let capture = of.and_then(|fields| match fields {
                Fields::Source(source) => source.captures.get(at),
                _ => None,
            });
            capture.map(|capture| text::excerpt(capture.file.as_str(), 80)).unwrap_or_default()
        };
        let field = [Step::Key("sources"), Step::Index(at)];
        let (message, hint) = match gap {
            Gap::Part(at, why) => (
                format!(
                    "the words of `{id}` were looked for in `{}` of `{source}`, of which a part cannot be read: {why}",
                    name(*at)
                ),
                "if they stand in that part, capture the page in another way as well",
            ),
            Gap::NoText(at) => (
                format!("the words of `{id}` cannot be looked for in `{}` of `{source}`, which has no text", name(*at)),
                "capture the words too: the page as HTML or WACZ, a scan with its text, what is said as a transcript",
            ),
        };
        let finding = scope.finding(Code::UnreadableCapture, record, &field, message).hint(hint);
        let severity = if scope.level == Level::Public { Severity::Warning } else { Severity::Note };
        found.push(Diagnostic { severity, ..finding });
    }
}

fn of_lock(scope: &Scope<'_>, disagreement: &Disagreement) -> Diagnostic {
    const UPDATE: &str =
        "when it is right, run `dossier check --update-lock` where the copies are, and keep the file with the change";
    let at = |number: Number, field: &[Step<'_>], message: String| {
        scope.finding(Code::LockDiffers, scope.record(number), field, message).hint(UPDATE)
    };
    let id = |number: Number| scope.record(number).id.as_str();
    let text = [Step::Key("text")];
    let cited = |at: usize| [Step::Key("sources"), Step::Index(at)];
    match disagreement {
        Disagreement::Unlocked(number) => {
            let message = format!("what came of looking for `{}` in its source is not in `{FILE}`", id(*number));
            let finding = scope.finding(Code::UnlockedQuotation, scope.record(*number), &text, message);
            less_while_being_made(scope, finding.hint(LOCK_THEM))
        }
        Disagreement::Words(number) => at(
            *number,
            &text,
            format!(
                "the words of `{}`, or those said to be around them, are others than those that `{FILE}` tells of",
                id(*number)
            ),
        ),
        Disagreement::Capture(number, citation, was, now) => at(
            *number,
            &cited(*citation),
            format!("`{}` was compared with another copy: `{FILE}` has {was}, and now it is {now}", id(*number)),
        ),
        Disagreement::Result(number, citation, was, now) => at(
            *number,
            &cited(*citation),
            format!("the result of `{}` was `{}` by `{FILE}`, and is `{}`", id(*number), was.word(), now.word()),
        ),
        Disagreement::Details(number, citation) => at(
            *number,
            &cited(*citation),
            format!("`{FILE}` tells something else of where and how `{}` stands in its source", id(*number)),
        ),
        Disagreement::Source(number, source) => at(
            *number,
            &text,
            format!(
                "`{FILE}` tells of `{}` in `{}`, which it does not cite or which has no copy any more",
                id(*number),
                text::excerpt(source, 80)
            ),
        ),
        Disagreement::Gone(id) => Diagnostic::new(
            Code::LockDiffers,
            format!(
                "`{FILE}` tells of `{}`, which is no quotation with a copy of its source any more",
                text::excerpt(id, 80)
            ),
        )
        .at(&FILE.into(), 0..0)
        .hint(UPDATE),
    }
}
