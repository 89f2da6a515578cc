//! What came of looking for a quotation in the copies of one source, as a value that can be kept in a file and shown.

use serde::{Deserialize, Serialize};

use super::verbatim::{Cause, Caution, Crossing, Edit, Omission, Stranger, Tells};
use super::{HiddenBy, Locator, Normalisation};

/// Whether words stand in a source. The order is from the best result to none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// They stand there, character for character.
    Exact,
    /// They stand there word for word, after declared normalisations.
    Normalised,
    /// Words much like them stand there, and not they.
    Altered,
    /// They do not stand there.
    NotFound,
    /// There is no copy of the source.
    NoCapture,
    /// They are not words of the source: a paraphrase, a translation without its original, or words that are withheld; or the copy
    /// has no text.
    NotCheckable,
}

impl Verdict {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Verdict::Exact => "exact",
            Verdict::Normalised => "normalised",
            Verdict::Altered => "altered",
            Verdict::NotFound => "not-found",
            Verdict::NoCapture => "no-capture",
            Verdict::NotCheckable => "not-checkable",
        }
    }

    /// Whether every word stands in the source.
    pub fn holds(self) -> bool {
        matches!(self, Verdict::Exact | Verdict::Normalised)
    }
}

/// What came of looking for the words of a quotation in the copies of one of its sources.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Comparison {
    /// The id of the source.
    pub source: String,
    /// The SHA-256 of the capture that decided it, in hexadecimal digits.
    pub capture: String,
    /// The result.
    pub result: Verdict,
    /// What had to be overlooked, in the order of the list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub normalisations: Vec<Normalisation>,
    /// Where the words stand.
    #[serde(default, skip_serializing_if = "Place::is_nowhere")]
    pub place: Place,
    /// What the marks of omission hide, in their order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub omissions: Vec<Omitted>,
    /// What of the words a reader could take otherwise than in the source; for authors.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cautions: Vec<Caution>,
    /// How often the words stand in the copy, when that is more than once.
    #[serde(default = "once", skip_serializing_if = "is_once")]
    pub places: usize,
    /// Whether nothing says which of several places is meant.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ambiguous: bool,
    /// A few words that stand before them in the copy.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub before: String,
    /// A few words that stand after them.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub after: String,
    /// What leads a browser to the words in the live page: a text fragment as the URL Fragment Text Directives draft has it, from `text=` on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fragment: Option<String>,
    /// The passage nearest to words that do not stand there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nearest: Option<String>,
    /// In which words the two differ.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<Edit>,
    /// Letters of another script that look like those of the words.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub strangers: Vec<Stranger>,
    /// Why readers of the copy do not see the words, when they stand only in what is hidden there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<HiddenBy>,
}

/// Where in a capture words stand, as far as its format tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct Place {
    /// The file within a container.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub part: String,
    /// Where the record begins in a web archive, in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<u64>,
    /// The first byte, and the byte after the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<(u64, u64)>,
    /// The page, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The paragraph, counted from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paragraph: Option<u32>,
    /// From and until when in a recording, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<(u64, u64)>,
}

impl Place {
    fn is_nowhere(&self) -> bool {
        *self == Place::default()
    }
}

impl From<Locator> for Place {
    fn from(locator: Locator) -> Self {
        let (part, record) = locator.part.map(|part| (part.name, part.offset)).unwrap_or_default();
        Place {
            part,
            record,
            bytes: locator.bytes.map(|bytes| (bytes.start, bytes.end)),
            page: locator.page,
            paragraph: locator.paragraph,
            time: locator.time.map(|time| (time.start, time.end)),
        }
    }
}

/// What one mark of omission hides, or one insertion in brackets that stands in place of words of the source.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Omitted {
    /// How many words.
    pub words: usize,
    /// Whether words in brackets stand for them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub brackets: bool,
    /// Whether one of them negates.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub negation: bool,
    /// Whether one of them makes a condition.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub condition: bool,
    /// Whether one of them says that somebody else said it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub attribution: bool,
    /// Whether the border of a paragraph is among them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub paragraph: bool,
    /// Whether somebody else speaks in between.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub speaker: bool,
}

impl From<&Omission> for Omitted {
    fn from(omission: &Omission) -> Self {
        let tells = |what: Tells| omission.tells.contains(&what);
        Omitted {
            words: omission.words,
            brackets: matches!(omission.cause, Cause::Brackets(_)),
            negation: tells(Tells::Negation),
            condition: tells(Tells::Condition),
            attribution: tells(Tells::Attribution),
            paragraph: matches!(omission.crosses, Crossing::Paragraph | Crossing::Speaker),
            speaker: omission.crosses == Crossing::Speaker,
        }
    }
}

fn once() -> usize {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_once(places: &usize) -> bool {
    *places == 1
}

/// What came of one quotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examined {
    /// The SHA-256 of what was looked for, its first 16 hexadecimal digits; empty when nothing could be looked for.
    pub words: String,
    /// For each of its sources, in their order: what came of its copies, or why there is nothing to say.
    pub sources: Vec<Result<Comparison, Verdict>>,
}

impl Examined {
    /// The best of its results.
    pub fn verdict(&self) -> Verdict {
        let verdicts = self.sources.iter().map(|source| source.as_ref().map_or_else(|why| *why, |found| found.result));
        verdicts.min().unwrap_or(Verdict::NoCapture)
    }
}
