//! What is locked beside what is there: whether the two agree, and which of them is told.

use std::collections::BTreeMap;

use super::comparison::{Comparison, Examined, Verdict};
use super::examine::{Looked, Why};
use super::lock::Locked;
use super::wanted::Want;
use crate::link::Number;
use crate::model::Source;

/// Something that does not agree with `evidence.lock`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disagreement {
    /// A quotation that is not locked, though its source has a copy.
    Unlocked(Number),
    /// The words of a quotation are others than those that were looked for.
    Words(Number),
    /// A source of a quotation decided with another copy: the SHA-256 that is locked, and the one of now.
    Capture(Number, usize, String, String),
    /// Its result is another one.
    Result(Number, usize, Verdict, Verdict),
    /// The result is the same and something else is not: the place, what had to be overlooked, or what is hidden.
    Details(Number, usize),
    /// A source that is locked is not cited any more, or has no copy any more.
    Source(Number, String),
    /// What is locked is no quotation of the dossier that could be looked for.
    Gone(String),
}

/// What is said in the end: what came of looking, or what is locked where no copy is at hand; and where the two do not agree.
pub(super) fn agree(
    want: &Want<'_>,
    looked: &Looked,
    of: &BTreeMap<Number, &Source>,
    locked: Option<&Locked>,
    disagreements: &mut Vec<Disagreement>,
) -> Examined {
    let number = want.number;
    let is_known = locked.is_none_or(|locked| locked.words == looked.words);
    if !is_known {
        disagreements.push(Disagreement::Words(number));
    }
    // A source may be cited twice; each time is locked by itself, in the order of the citations.
    let mut of_source: BTreeMap<&str, Vec<&Comparison>> = BTreeMap::new();
    for comparison in locked.iter().flat_map(|locked| &locked.sources).rev() {
        of_source.entry(&comparison.source).or_default().push(comparison);
    }
    let mut is_unlocked = false;
    let mut sources = Vec::with_capacity(looked.sources.len());
    for (at, (cited, result)) in want.citations.iter().zip(&looked.sources).enumerate() {
        let locked = of_source.get_mut(cited.citation.source.as_str()).and_then(Vec::pop);
        sources.push(match (result, locked) {
            (Ok(now), Some(locked)) if is_known => {
                if now.capture != locked.capture {
                    let (was, now) = (locked.capture.clone(), now.capture.clone());
                    disagreements.push(Disagreement::Capture(number, at, was, now));
                } else if now.result != locked.result {
                    disagreements.push(Disagreement::Result(number, at, locked.result, now.result));
                } else if now != locked {
                    disagreements.push(Disagreement::Details(number, at));
                }
                Ok(now.clone())
            }
            (Ok(now), Some(_)) => Ok(now.clone()),
            (Ok(now), None) => {
                is_unlocked = true;
                Ok(now.clone())
            }
            (Err(Why::Absent), Some(locked)) if is_known => {
                let copies =
                    cited.source.and_then(|source| of.get(&source)).into_iter().flat_map(|of| of.captures.iter());
                let recorded: Option<Vec<String>> = copies
                    .map(|copy| copy.sha256.as_ref().map(|sha256| sha256.as_str().to_ascii_lowercase()))
                    .collect();
                match recorded.filter(|recorded| !recorded.contains(&locked.capture)) {
                    Some(recorded) => {
                        let now = recorded.join(", ");
                        disagreements.push(Disagreement::Capture(number, at, locked.capture.clone(), now));
                        Err(Verdict::NoCapture)
                    }
                    None => Ok(locked.clone()),
                }
            }
            (Err(Why::Absent), Some(_)) => Err(Verdict::NoCapture),
            (Err(Why::Absent), None) => {
                is_unlocked = true;
                Err(Verdict::NoCapture)
            }
            (Err(why), Some(locked)) => {
                disagreements.push(Disagreement::Source(number, locked.source.clone()));
                Err(without(*why))
            }
            (Err(why), None) => Err(without(*why)),
        });
    }
    for rest in of_source.into_values().flatten() {
        disagreements.push(Disagreement::Source(number, rest.source.clone()));
    }
    if is_unlocked && is_known {
        disagreements.push(Disagreement::Unlocked(number));
    }
    Examined { words: looked.words.clone(), sources }
}

pub(super) fn without(why: Why) -> Verdict {
    match why {
        Why::NoCopy | Why::Absent => Verdict::NoCapture,
        Why::NotCheckable => Verdict::NotCheckable,
    }
}
