//! What came of looking at live pages, said at the quotations and at the addresses of their sources. None of it is an error: what others
//! do with their pages is no fault of a dossier.

use super::{Drift, Looked, Standing, Target};
use crate::diagnostic::{Code, Diagnostic, Place, Related};
use crate::evidence::verbatim::{Edit, Side};
use crate::text;

/// How many quotations are named in a line.
const NAMED: usize = 3;

/// How many words are told before and after a difference.
const AROUND: usize = 3;

/// What is to be said, sorted by place.
pub fn findings(targets: &[Target], looked: &[Looked]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (target, looked) in targets.iter().zip(looked) {
        of_passages(target, looked, &mut findings);
        of_source(target, looked, &mut findings);
    }
    findings.sort();
    findings
}

fn of_passages(target: &Target, looked: &Looked, findings: &mut Vec<Diagnostic>) {
    let source = &target.source;
    for (passage, Standing { drift, .. }) in target.passages.iter().zip(&looked.passages) {
        let quote = &passage.quote;
        let finding = match drift {
            Drift::Edited { edits, .. } => Diagnostic::new(
                Code::DriftedQuotation,
                format!("the page of `{source}` has other words now than those quoted in `{quote}`"),
            )
            .label(text::excerpt(&differences(edits), 300))
            .hint("the quotation stands as it was captured; open the page, capture it anew beside the first copy, and tell readers that the page was changed"),
            Drift::Gone { why } => Diagnostic::new(
                Code::GoneQuotation,
                format!("the words of `{quote}` are not on the page of `{source}` any more: {}", text::excerpt(why, 200)),
            )
            .hint("keep the captured copy, look for the page in a web archive, and write the address that you find under `archived`"),
            Drift::Same | Drift::Paywalled { .. } | Drift::Unknown { .. } => continue,
        };
        findings.push(at(finding, &passage.place, &target.place, "the address"));
    }
}

fn of_source(target: &Target, looked: &Looked, findings: &mut Vec<Diagnostic>) {
    let source = &target.source;
    if let Some(answer) = looked.answer.as_ref().filter(|_| looked.is_elsewhere) {
        let finding =
            Diagnostic::new(Code::MovedSource, format!("the address of `{source}` leads to another page now"));
        let to = text::excerpt(&answer.url, 300);
        let finding = finding.hint(format!("open `{to}`; if it is the same page, write that address"));
        findings.push(Diagnostic { place: Some(target.place.clone()), ..finding });
    }
    let said_of = |reason: fn(&Drift) -> Option<&String>| {
        let of_passage = |(passage, standing): (_, &'_ Standing)| Some((passage, reason(&standing.drift)?.clone()));
        target.passages.iter().zip(&looked.passages).filter_map(of_passage).collect::<Vec<_>>()
    };
    let for_some = said_of(|drift| match drift {
        Drift::Paywalled { why } => Some(why),
        _ => None,
    });
    if let Some((first, why)) = for_some.first() {
        let quotes = named(for_some.iter().map(|(passage, _)| passage.quote.as_str()));
        let message = format!(
            "the page of `{source}` is not for everybody, so {quotes} could not be looked for: {}",
            text::excerpt(why, 200)
        );
        let finding = Diagnostic::new(Code::PaywalledSource, message)
            .hint("open it in a browser; keep the captured copy, and write `access: paywall` so that readers know");
        findings.push(at(finding, &target.place, &first.place, "quoted here"));
    }
    let undecided = said_of(|drift| match drift {
        Drift::Unknown { why } => Some(why),
        _ => None,
    });
    if let Some((first, why)) = undecided.first() {
        let quotes = named(undecided.iter().map(|(passage, _)| passage.quote.as_str()));
        let message =
            format!("nobody knows whether the page of `{source}` still has {quotes}: {}", text::excerpt(why, 200));
        let finding = Diagnostic::new(Code::UndecidedDrift, message)
            .hint("open it in a browser and compare it with the captured copy");
        findings.push(at(finding, &target.place, &first.place, "quoted here"));
    }
}

fn at(finding: Diagnostic, place: &Place, other: &Place, label: &str) -> Diagnostic {
    let related = Related { place: other.clone(), label: label.to_owned() };
    Diagnostic { place: Some(place.clone()), related: vec![related], ..finding }
}

/// What differs, in one line with a few words around: `We did [-not-] open the gate`.
fn differences(edits: &[Edit]) -> String {
    let mut told: Vec<String> = Vec::new();
    for (at, Edit { of, words }) in edits.iter().enumerate() {
        let (is_first, is_last) = (at == 0, at + 1 == edits.len());
        let words: Vec<&str> = words.split_whitespace().collect();
        if words.is_empty() {
            continue;
        }
        told.push(match of {
            Side::Quotation => format!("[-{}-]", words.join(" ")),
            Side::Source => format!("[+{}+]", words.join(" ")),
            Side::LeftOut => "[…]".to_owned(),
            Side::Both if is_first => shortened(&words, 0, AROUND),
            Side::Both if is_last => shortened(&words, AROUND, 0),
            Side::Both => shortened(&words, AROUND, AROUND),
        });
    }
    told.join(" ")
}

/// So many words of the beginning and of the end, and a mark for those between.
fn shortened(words: &[&str], first: usize, last: usize) -> String {
    if words.len() <= first + last {
        return words.join(" ");
    }
    let (first, last) = (&words[..first], &words[words.len() - last..]);
    let parts = [first, &["…"], last].concat();
    parts.join(" ")
}

/// Quotations by their ids: "`a`", "`a` and `b`", "`a`, `b`, `c` and 4 more".
fn named<'a>(ids: impl Iterator<Item = &'a str>) -> String {
    let ids: Vec<String> = ids.map(|id| format!("`{id}`")).collect();
    match ids.as_slice() {
        [rest @ .., last] if !rest.is_empty() && ids.len() <= NAMED => format!("{} and {last}", rest.join(", ")),
        _ if ids.len() > NAMED => format!("{} and {} more", ids[..NAMED].join(", "), ids.len() - NAMED),
        _ => ids.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_quotations_are_named_and_the_rest_counted() {
        assert_eq!(named(["a"].into_iter()), "`a`");
        assert_eq!(named(["a", "b", "c"].into_iter()), "`a`, `b` and `c`");
        assert_eq!(named(["a", "b", "c", "d"].into_iter()), "`a`, `b`, `c` and 1 more");
    }

    #[test]
    fn what_went_and_what_came_is_told_with_words_around_it() {
        let edit = |of, words: &str| Edit { of, words: words.to_owned() };
        let edits = [
            edit(Side::Both, "on that day we did"),
            edit(Side::Quotation, "not"),
            edit(Side::Both, "open it"),
            edit(Side::LeftOut, "or so"),
            edit(Side::Both, "before"),
            edit(Side::Source, "seven"),
        ];
        assert_eq!(differences(&edits), "… day we did [-not-] open it […] before [+seven+]");
    }
}
