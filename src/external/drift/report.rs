//! The report that is kept of one look at live pages: JSON, as `docs/drift.md` describes it.

use jiff::Timestamp;
use serde::Serialize;

use super::{Drift, Looked, Standing, Target};
use crate::evidence::verbatim::{Edit, Side};

/// The first field of the file.
const FORMAT: &str = "dossier drift 1";

const ABOUT: &str = "What the live pages of sources had of the words that are quoted from them, when they were asked for. This is for \
                     the authors of the dossier: it holds addresses and words of records, those of withheld records too. Do not \
                     publish it.";

#[derive(Serialize)]
struct Written<'a> {
    format: &'static str,
    about: &'static str,
    made: String,
    program: &'static str,
    sources: Vec<OfSource<'a>>,
}

#[derive(Serialize)]
struct OfSource<'a> {
    id: &'a str,
    url: &'a str,
    asked: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    final_url: Option<&'a str>,
    redirected: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paywall: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    paragraphs: Option<OfParagraphs<'a>>,
    quotations: Vec<OfPassage<'a>>,
}

#[derive(Serialize)]
struct OfParagraphs<'a> {
    capture: &'a str,
    captured: usize,
    same: usize,
    new: usize,
}

#[derive(Serialize)]
struct OfPassage<'a> {
    id: &'a str,
    capture: &'a str,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'a str>,
    passage: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    nearest: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    diff: Vec<Run<'a>>,
}

/// Some words in a row, with a sign: `=` for those that the passage and the page have, `-` for those of the passage alone, `+` for
/// those of the page alone, and `…` for those that the passage leaves out.
#[derive(Serialize)]
struct Run<'a>(&'static str, &'a str);

/// The text of the file.
pub fn report(targets: &[Target], looked: &[Looked], made: Timestamp) -> String {
    let written = Written {
        format: FORMAT,
        about: ABOUT,
        made: seconds(made),
        program: concat!("dossier ", env!("CARGO_PKG_VERSION")),
        sources: targets.iter().zip(looked).map(|(target, looked)| of_source(target, looked)).collect(),
    };
    let json = serde_json::to_string_pretty(&written).expect("a tree of strings and numbers can be written as JSON");
    json + "\n"
}

/// A moment in universal time, to the second.
fn seconds(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn of_source<'a>(target: &'a Target, looked: &'a Looked) -> OfSource<'a> {
    let answer = looked.answer.as_ref();
    let sent = answer.and_then(|answer| answer.sent.as_ref());
    let passages = target.passages.iter().zip(&looked.passages);
    OfSource {
        id: &target.source,
        url: &target.url,
        asked: seconds(looked.asked),
        final_url: answer.map(|answer| answer.url.as_str()),
        redirected: looked.is_elsewhere,
        status: answer.map(|answer| answer.status),
        sha256: sent.map(|(sha256, _)| sha256.as_str()),
        bytes: sent.map(|(_, length)| *length),
        paywall: looked.paywall.as_deref(),
        paragraphs: looked.paragraphs.as_ref().map(|of| OfParagraphs {
            capture: &of.capture,
            captured: of.captured,
            same: of.same,
            new: of.new,
        }),
        quotations: passages
            .map(|(passage, standing)| of_passage(&passage.quote, &passage.capture, standing))
            .collect(),
    }
}

fn of_passage<'a>(id: &'a str, capture: &'a str, Standing { words, drift }: &'a Standing) -> OfPassage<'a> {
    let (nearest, edits) = match drift {
        Drift::Edited { nearest, edits } => (Some(nearest.as_str()), edits.as_slice()),
        Drift::Same | Drift::Gone { .. } | Drift::Paywalled { .. } | Drift::Unknown { .. } => (None, &[][..]),
    };
    let diff = edits.iter().map(|Edit { of, words }| Run(sign(*of), words)).collect();
    OfPassage { id, capture, result: drift.word(), why: drift.why(), passage: words, nearest, diff }
}

fn sign(of: Side) -> &'static str {
    match of {
        Side::Both => "=",
        Side::Quotation => "-",
        Side::Source => "+",
        Side::LeftOut => "…",
    }
}
