//! What records rest on, and how well.

use std::collections::BTreeMap;

use super::{Rule, Scope};
use crate::config::Level;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::link::{Number, origins};
use crate::model::{Citation, Fields, Id, Kind, Source, SourceKind, StatusWord, Via};
use crate::parse::{Record, Step};

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::ReviewOverdue], verification_is_looked_at_again),
    Rule::record(&[Code::VerifiedWithoutMethod], verified_says_how_by_whom_and_when),
    Rule::record(&[Code::NoPrimarySource], handed_on_words_have_a_beginning).at_public(),
    Rule::record(&[Code::UntraceableSource], a_source_can_be_found_again).at_public(),
    Rule::whole(&[Code::OneOrigin], &Kind::ALL, rest_on_the_same, what_is_corroborated_has_two_origins),
];

fn verification_is_looked_at_again(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Some(review_by) = record.fields.common().status.and_then(|status| status.review_by.as_ref()) else { return };
    if review_by.latest().is_some_and(|day| day < scope.today) {
        let message = format!("the status of `{}` was to be looked at again by {review_by}", record.id);
        found.push(
            scope
                .finding(Code::ReviewOverdue, record, &[Step::Key("status"), Step::Key("review_by")], message)
                .hint("look whether it still holds, and set `on` and `review_by` anew"),
        );
    }
}

fn verified_says_how_by_whom_and_when(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Some(status) = record.fields.common().status else { return };
    if status.is != StatusWord::Verified {
        return;
    }
    let missing = [(status.method.is_none(), "how"), (status.by.is_none(), "by whom"), (status.on.is_none(), "when")];
    let missing: Vec<&str> = missing.into_iter().filter(|(missing, _)| *missing).map(|(_, what)| what).collect();
    let Some((last, rest)) = missing.split_last() else { return };
    let what = if rest.is_empty() { (*last).to_owned() } else { format!("{} and {last}", rest.join(", ")) };
    // Readers are owed how and when; who it was may have to stay unsaid.
    let is_owed = scope.level == Level::Public && missing != ["by whom"];
    let message = format!("`{}` is said to be verified, but not {what}", record.id);
    let finding = scope
        .finding(Code::VerifiedWithoutMethod, record, &[Step::Key("status")], message)
        .hint("write `status: {is: verified, on: 2025-05-11, method: …, by: …}`");
    found.push(Diagnostic { severity: if is_owed { Severity::Error } else { Severity::Warning }, ..finding });
}

/// What somebody said, issued or decided, as against what others report of it.
fn is_primary(kind: Option<SourceKind>) -> bool {
    match kind {
        Some(SourceKind::Article | SourceKind::Report | SourceKind::Book) | None => false,
        Some(_) => true,
    }
}

fn handed_on_words_have_a_beginning(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Quote(quote) = &*record.fields else { return };
    if quote.via.is_empty() || quote.via.iter().any(|hand| hand.source.is_some()) {
        return;
    }
    let is_primary = |citation: &Citation| {
        let source = scope.dossier.index.ids.find(citation.source.as_str()).map(|number| scope.record(number));
        matches!(source.map(|source| &*source.fields), Some(Fields::Source(source)) if is_primary(source.kind))
    };
    if !quote.sources.iter().any(is_primary) {
        let message = format!(
            "the words of `{}` went through other hands, and nothing says where they were said first",
            record.id
        );
        found.push(
            scope
                .finding(Code::NoPrimarySource, record, &[Step::Key("via")], message)
                .hint("cite the post, statement, broadcast or document itself, or name under `via` the `source` in which each hand passed them on"),
        );
    }
}

fn a_source_can_be_found_again(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Source(source) = &*record.fields else { return };
    let is_findable = source.url.is_some()
        || source.publisher.is_some()
        || !source.archived.is_empty()
        || !source.authors.is_empty()
        || !source.captures.is_empty();
    if !is_findable {
        let message = format!("nothing says where the source `{}` can be found", record.id);
        found.push(
            scope
                .finding(Code::UntraceableSource, record, &[Step::Key("title")], message)
                .hint("write its `url`, `publisher`, `authors`, or an address under `archived`"),
        );
    }
}

fn rest_on_the_same(one: &Record, other: &Record) -> bool {
    let of = |record: &Record| {
        let common = record.fields.common();
        let cited: Vec<Id> = common.sources.iter().map(|citation| citation.source.clone()).collect();
        let from = match &*record.fields {
            Fields::Source(source) => (source.syndicated_from.clone(), source.publisher.clone()),
            _ => (None, None),
        };
        (common.status.map(|status| status.is), cited, from, hands(record).to_vec())
    };
    of(one) == of(other)
}

fn source<'a>(scope: &Scope<'a>, id: &Id) -> Option<(Number, &'a Source)> {
    let number = scope.dossier.index.ids.find(id.as_str())?;
    match &*scope.record(number).fields {
        Fields::Source(source) => Some((number, source)),
        _ => None,
    }
}

/// The hands through which the words of a record went, where it has words.
fn hands(record: &Record) -> &[Via] {
    match &*record.fields {
        Fields::Quote(quote) => &quote.via,
        _ => &[],
    }
}

fn what_is_corroborated_has_two_origins(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    for record in &scope.dossier.records {
        let common = record.fields.common();
        let Some(status) = common.status.filter(|status| status.is == StatusWord::Corroborated) else { continue };
        let cited: BTreeMap<Number, &Source> =
            common.sources.iter().filter_map(|citation| source(scope, &citation.source)).collect();
        let different = origins(cited.clone(), hands(record), &|id| source(scope, id));
        let (Some(origin), 1) = (different.first(), different.len()) else { continue };
        let word = status.is.word();
        let message = if cited.len() == 1 {
            format!("`{}` is said to be {word}, and rests on one source", record.id)
        } else {
            format!("`{}` is said to be {word}, and its {} sources all repeat one", record.id, cited.len())
        };
        let origin = scope.record(*origin);
        found.push(
            scope
                .finding(Code::OneOrigin, record, &[Step::Key("status")], message)
                .related(&origin.origin.file, scope.place(origin, &[Step::Key("title")]), "all of it comes from here")
                .hint("cite a source that is independent of it, or write `status: reported`"),
        );
    }
}
