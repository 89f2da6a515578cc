//! What a search found: where the words stand, what it took, and what is not shown of what stands there.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::border::blocks;
use super::haystack::Haystack;
use super::omission::{self, Cause, Omission, Tells};
use super::wording::{JointKind, Wording};
use crate::evidence::normalisation::Needed;
use crate::evidence::{BlockKind, Normalisation, Normalisations};

/// Where words stand, and what it took to find them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The pieces, in [`Document::text`](crate::evidence::Document::text). Pieces between which the source has the same ellipsis or the
    /// same brackets are one.
    pub pieces: Vec<Range<usize>>,
    /// What had to be made equal; empty when the words are exactly the same.
    pub normalisations: Normalisations,
    /// What was left out between two pieces, and what words in brackets stand for.
    pub omissions: Vec<Omission>,
    /// How many words or groups of words in brackets were skipped.
    pub insertions: usize,
    /// What of the words a reader could take otherwise than in the source.
    pub cautions: BTreeSet<Caution>,
    /// How many places have these words; at least so many, when there are very many.
    pub places: usize,
    /// Whether what should stand around them does.
    pub surroundings_met: Met,
}

/// Something that lets words say another thing than they do in their source, although each of them stands there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Caution {
    /// Words in brackets negate what the source does not negate there.
    InsertedNegation,
    /// What somebody else says between two parts negates them, or makes a condition of them.
    TellingAside,
    /// They go on from a heading, an item, a cell or a caption into another block.
    AcrossBlocks,
}

/// Whether what was said to stand around words stands there; `None` where nothing was said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Met {
    /// Before them.
    pub prefix: Option<bool>,
    /// After them.
    pub suffix: Option<bool>,
}

impl Met {
    /// Whether nothing that was said is wrong.
    pub fn is_met(self) -> bool {
        self.prefix != Some(false) && self.suffix != Some(false)
    }

    fn wrong(self) -> usize {
        usize::from(self.prefix == Some(false)) + usize::from(self.suffix == Some(false))
    }
}

/// Where a piece stands.
#[derive(Clone, Debug)]
pub(super) struct Placed {
    pub(super) text: Range<usize>,
    pub(super) needed: Needed,
    /// Whether it goes on from the piece before, with the same marks between.
    pub(super) goes_on: bool,
    /// What stands between it and the piece before.
    pub(super) hidden: Option<(Range<usize>, usize)>,
}

/// A place at which all pieces stand.
pub(super) struct Place {
    pub(super) placed: Vec<Placed>,
    pub(super) met: Met,
}

impl Place {
    pub(super) fn end(&self) -> usize {
        self.placed.last().map_or(0, |placed| placed.text.end)
    }

    fn needed(&self) -> Needed {
        self.placed.iter().fold(Needed::NONE, |all, placed| all.and(placed.needed))
    }

    /// The less, the better; what comes first is preferred when nothing else is.
    pub(super) fn rank(&self) -> (usize, usize, u32) {
        let hidden = self.placed.iter().filter_map(|placed| placed.hidden.as_ref()).map(|(_, words)| words).sum();
        (self.met.wrong(), hidden, self.needed().count())
    }

    pub(super) fn found(self, hay: &Haystack<'_>, wording: &Wording, places: usize) -> Found {
        let mut needed = self.needed();
        let mut pieces: Vec<Range<usize>> = Vec::new();
        let mut omissions = Vec::new();
        let mut insertions = wording.before.len() + wording.after.len();
        for (number, placed) in self.placed.iter().enumerate() {
            if let Some(last) = pieces.last_mut().filter(|_| placed.goes_on) {
                last.end = placed.text.end;
                continue;
            }
            pieces.push(placed.text.clone());
            let Some((hidden, _)) = &placed.hidden else { continue };
            let joint = &wording.joints[number - 1];
            insertions += joint.inserted.len();
            match joint.kind {
                JointKind::Omission => omissions.push(omission::omission(hay, hidden.clone(), Cause::Ellipsis)),
                JointKind::Insertion => match omission::replaced(hay, hidden.clone(), &joint.inserted) {
                    omission::Replaced::Nothing => {}
                    omission::Replaced::FirstLetter => {
                        insertions -= joint.inserted.len();
                        needed = needed.with(Normalisation::FirstLetter);
                    }
                    omission::Replaced::Words(omission) => omissions.push(omission),
                },
                JointKind::Aside => {}
            }
        }
        let whole = self.placed.first().map_or(0, |placed| placed.text.start)..self.end();
        let text = &hay.document.text;
        let before = omission::before(hay, whole.start, &wording.before);
        let after = omission::after(hay, whole.end, &wording.after);
        let negates_at = |inserted: &[String], replaced: Option<&Omission>, has: &dyn Fn(&str) -> bool| {
            negates(inserted)
                && !replaced.is_some_and(|one| one.tells.contains(&Tells::Negation))
                && !has(&inserted.join(" "))
        };
        let negates_at_edge =
            negates_at(&wording.before, before.as_ref(), &|words| text[..whole.start].trim_end().ends_with(words))
                || negates_at(&wording.after, after.as_ref(), &|words| {
                    text[whole.end..].trim_start().starts_with(words)
                });
        omissions.splice(0..0, before);
        omissions.extend(after);
        for piece in &pieces {
            needed = needed.and(hay.written(piece));
        }
        let mut cautions = self.cautions(hay, wording, &pieces);
        if negates_at_edge {
            cautions.insert(Caution::InsertedNegation);
        }
        let normalisations = needed.into();
        Found { pieces, normalisations, omissions, insertions, cautions, places, surroundings_met: self.met }
    }

    fn cautions(&self, hay: &Haystack<'_>, wording: &Wording, pieces: &[Range<usize>]) -> BTreeSet<Caution> {
        let text = &hay.document.text;
        let mut cautions = BTreeSet::new();
        for (number, placed) in self.placed.iter().enumerate() {
            let Some((hidden, _)) = placed.hidden.as_ref().filter(|_| !placed.goes_on) else { continue };
            let joint = &wording.joints[number - 1];
            let hidden = &text[hidden.clone()];
            match joint.kind {
                JointKind::Aside => {
                    let tells = omission::tells(hidden);
                    if tells.contains(&Tells::Negation) || tells.contains(&Tells::Condition) {
                        cautions.insert(Caution::TellingAside);
                    }
                }
                JointKind::Insertion | JointKind::Omission => {
                    if negates(&joint.inserted) && !omission::tells(hidden).contains(&Tells::Negation) {
                        cautions.insert(Caution::InsertedNegation);
                    }
                }
            }
        }
        let is_apart = |kind: &BlockKind| matches!(kind, BlockKind::Heading | BlockKind::Other);
        let is_across = |piece: &Range<usize>| {
            let blocks = blocks(hay.document, piece);
            blocks.len() > 1 && blocks.iter().any(|block| is_apart(&block.kind))
        };
        if pieces.iter().any(is_across) {
            cautions.insert(Caution::AcrossBlocks);
        }
        cautions
    }
}

/// Whether words in brackets negate.
fn negates(inserted: &[String]) -> bool {
    !inserted.is_empty() && omission::tells(&inserted.join(" ")).contains(&Tells::Negation)
}
