//! The search: pieces in order, each word for word, and of several places the one that is meant.

use std::ops::Range;

use super::between;
use super::border::{blocks, has_several_speakers, is_word_border, words};
use super::edge::{self, Edge};
use super::found::{Found, Met, Place, Placed};
use super::haystack::Haystack;
use super::marks::{Dash, Sort, marks};
use super::normal::Normal;
use super::omission::{self, Tells};
use super::wording::{JointKind, MOST_PIECES, Piece, Wording};
use crate::evidence::Normalisation;
use crate::evidence::normalisation::Needed;

/// The most words that may be left out between two pieces of one passage.
pub const MOST_HIDDEN: usize = 300;
/// The most words that words in brackets may stand for; of scripts without spaces, characters.
pub const MOST_REPLACED: usize = 4;
/// The most words of somebody else between two parts of a quotation.
pub const MOST_ASIDE: usize = 25;

/// How many letters of a document are looked at between two pieces, in bytes.
const WINDOW: usize = 12_000;
/// What a search may cost: about the bytes that are compared after letters were found. No text that people wrote comes near to it.
const MOST_STEPS: usize = 2_000_000;

/// What stands around the place that is meant, where the words stand more than once (`prefix` and `suffix` of the W3C's
/// `TextQuoteSelector`).
#[derive(Clone, Copy, Debug, Default)]
pub struct Surroundings<'a> {
    /// What stands just before.
    pub prefix: Option<&'a str>,
    /// What stands just after.
    pub suffix: Option<&'a str>,
}

/// Looks for words in a document: the place that is meant, else the one where least is left out, else the one that takes the fewest
/// normalisations, else the first.
///
/// A piece ends where words of the source end. Pieces follow each other with at most [`MOST_HIDDEN`] words between two; words in brackets
/// stand for at most [`MOST_REPLACED`] words of the same paragraph; between two parts the source must close the quotation and open it
/// again after at most [`MOST_ASIDE`] words of the same paragraph.
pub fn find(hay: &Haystack<'_>, wording: &Wording, near: &Surroundings<'_>) -> Option<Found> {
    if let Some(literal) = &wording.literal
        && let Some(found) = find_as_read(hay, literal, near)
    {
        return Some(found);
    }
    find_as_read(hay, wording, near)
}

fn find_as_read(hay: &Haystack<'_>, wording: &Wording, near: &Surroundings<'_>) -> Option<Found> {
    let first = wording.pieces.first().filter(|_| wording.pieces.len() <= MOST_PIECES)?;
    let letters = hay.normal.letters.as_bytes();
    let longest = wording.pieces.iter().max_by_key(|piece| piece.probe.len())?;
    longest.finder.find(letters)?;
    let letters_of = |text: Option<&str>| text.map(|text| Normal::new(text).letters);
    let near = (letters_of(near.prefix), letters_of(near.suffix));
    let mut search = Search { hay, wording, near, steps: MOST_STEPS, placed: Vec::new() };
    let mut best: Option<Place> = None;
    let mut ends = Vec::new();
    // Where the first piece may stand is often; the longest must come near after it.
    let reach = wording.joints.len() * WINDOW + wording.pieces.iter().map(|piece| piece.letters.len()).sum::<usize>();
    let mut longest_at = None;
    for at in first.finder.find_iter_overlapping(letters, first.probe.start) {
        if search.steps == 0 {
            break;
        }
        if longest_at.is_none_or(|known| known < at) {
            longest_at = longest.finder.find(&letters[at..]).map(|found| at + found);
        }
        let Some(next) = longest_at else { break };
        if next - at > reach {
            continue;
        }
        search.placed.clear();
        search.steps = search.steps.saturating_sub(64);
        let Some(start) = search.start(0, at) else { continue };
        if !search.piece(0, at, start) {
            continue;
        }
        let place = search.place();
        ends.push(place.end());
        if best.as_ref().is_none_or(|best| place.rank() < best.rank()) {
            best = Some(place);
        }
    }
    ends.sort_unstable();
    ends.dedup();
    Some(best?.found(hay, wording, ends.len()))
}

/// Finds occurrences that may overlap.
trait Overlapping {
    /// The places at which a piece could begin whose searched letters stand so far behind its first.
    fn find_iter_overlapping(&self, letters: &[u8], offset: usize) -> impl Iterator<Item = usize>;
}

impl Overlapping for memchr::memmem::Finder<'_> {
    fn find_iter_overlapping(&self, letters: &[u8], offset: usize) -> impl Iterator<Item = usize> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let at = from + self.find(letters.get(from..)?)?;
            from = at + 1;
            Some(at)
        })
        .filter_map(move |at| at.checked_sub(offset))
    }
}

/// A search under way.
struct Search<'s> {
    hay: &'s Haystack<'s>,
    wording: &'s Wording,
    /// The letters that should stand before and after the words.
    near: (Option<String>, Option<String>),
    /// What it may still cost.
    steps: usize,
    /// Where the pieces stand so far.
    placed: Vec<Placed>,
}

impl Search<'_> {
    /// Places a piece and all that come after it. Its beginning has been looked at.
    fn piece(&mut self, number: usize, at: usize, start: Placed) -> bool {
        let wording = self.wording;
        let piece = &wording.pieces[number];
        let Some(needed) = self.body(piece, at) else { return false };
        let end = at + piece.letters.len();
        let known = self.placed.len();
        let Some(next) = wording.pieces.get(number + 1) else {
            let Some(edge) = self.end(piece, end) else { return false };
            self.push(start, needed.and(edge.needed), edge.text);
            return true;
        };
        let joint = &wording.joints[number];
        if joint.kind != JointKind::Aside
            && let Some((between, next_at)) = self.literally(piece, next, end)
            && let Some(text_end) = self.hay.normal.end(end)
        {
            self.push(start.clone(), needed.and(between), text_end);
            let begun = Placed { text: text_end..text_end, needed: Needed::NONE, goes_on: true, hidden: None };
            if self.piece(number + 1, next_at, begun) {
                return true;
            }
            self.placed.truncate(known);
        }
        let Some(edge) = self.end(piece, end) else { return false };
        self.push(start, needed.and(edge.needed), edge.text);
        let found = match joint.kind {
            JointKind::Omission => self.after_omission(number + 1, end, edge.text),
            JointKind::Insertion => self.after_insertion(number + 1, end, edge.text),
            JointKind::Aside => self.after_aside(number + 1, end, edge.text),
        };
        if !found {
            self.placed.truncate(known);
        }
        found
    }

    fn push(&mut self, start: Placed, needed: Needed, end: usize) {
        self.placed.push(Placed { text: start.text.start..end, needed: start.needed.and(needed), ..start });
    }

    /// Compares a piece with the letters at a place, and what stands between them.
    fn body(&mut self, piece: &Piece, at: usize) -> Option<Needed> {
        let part = &self.wording.parts[piece.part];
        self.steps = self.steps.saturating_sub(16 + piece.letters.len());
        if self.steps == 0 {
            return None;
        }
        let letters = self.hay.normal.letters.as_bytes();
        let theirs = letters.get(at..at + piece.letters.len())?;
        let ours = &part.normal.letters.as_bytes()[piece.letters.clone()];
        let mut needed = Needed::NONE;
        let mut from = 0;
        for (place, other) in &piece.flexible {
            let (start, end) = (place - piece.letters.start, place - piece.letters.start + other.len_utf8());
            if ours[from..start] != theirs[from..start] {
                return None;
            }
            if ours[start..end] != theirs[start..end] {
                let mut buffer = [0; 4];
                if *other.encode_utf8(&mut buffer).as_bytes() != theirs[start..end] {
                    return None;
                }
                needed = needed.with(Normalisation::FirstLetter);
            }
            from = end;
        }
        if ours[from..] != theirs[from..] {
            return None;
        }
        let inside = piece.letters.start + 1..piece.letters.end - 1;
        Some(needed.and(self.between(piece.part, inside, at, piece.letters.start)?).and(self.forms(piece, at)))
    }

    /// Compares what stands between letters, at each place from one of the part's letters to another, ends included.
    fn between(&mut self, part: usize, letters: Range<usize>, at: usize, first: usize) -> Option<Needed> {
        let (hay, part) = (self.hay, &self.wording.parts[part]);
        let mut needed = Needed::NONE;
        if letters.start > letters.end {
            return Some(needed);
        }
        let theirs = letters.start - first + at..letters.end - first + at;
        let text = &hay.document.text;
        let mut ours = part.normal.breaks(letters).peekable();
        let mut theirs = hay.normal.breaks(theirs).peekable();
        loop {
            let place = match (ours.peek(), theirs.peek().map(|their| their.at - at + first)) {
                (Some(our), Some(their)) => our.at.min(their),
                (Some(our), None) => our.at,
                (None, Some(their)) => their,
                (None, None) => return Some(needed),
            };
            let our = ours.next_if(|our| our.at == place);
            let their = theirs.next_if(|their| their.at - at + first == place);
            self.steps = self.steps.saturating_sub(8);
            // Nearly always there is the same space in both.
            if let (Some(our), Some(their)) = (our, their)
                && let Some(same) = part.normal.plain_between(&part.text, our)
                && hay.normal.plain_between(text, their) == Some(same)
                && !same.contains('\n')
            {
                continue;
            }
            let our = part.normal.between(&part.text, place);
            let their = hay.normal.between(text, place - first + at);
            self.steps = self.steps.saturating_sub(our.text.len() + their.text.len());
            needed = needed.and(between::inner(&our, &their)?);
            if their.text.contains("\n\n") {
                let around = their.start.saturating_sub(1)..their.start + their.text.len() + 1;
                if has_several_speakers(blocks(hay.document, &around)) {
                    return None;
                }
            }
        }
    }

    /// What it takes to make the same letters of those that are written otherwise.
    fn forms(&self, piece: &Piece, at: usize) -> Needed {
        let part = &self.wording.parts[piece.part];
        let ours = part.normal.otherwise(&part.text, piece.letters.clone()).map(|(letters, text, needed)| {
            let start = letters.start - piece.letters.start + at;
            (start..start + letters.len(), text, needed)
        });
        let ours: Vec<_> = ours.collect();
        let their_letters = at..at + piece.letters.len();
        let theirs: Vec<_> = self.hay.normal.otherwise(&self.hay.document.text, their_letters).collect();
        let mut all = Needed::NONE;
        let same = |one: &Range<usize>, others: &[(Range<usize>, &str, Needed)]| {
            let number = others.binary_search_by_key(&one.start, |(letters, ..)| letters.start).ok()?;
            (others[number].0 == *one).then_some(number)
        };
        for (letters, text, needed) in &ours {
            match same(letters, &theirs).map(|number| &theirs[number]) {
                Some((_, other, _)) if other == text => {}
                Some((_, _, others)) => {
                    let differing = needed.differing(*others);
                    all = all.and(if differing.is_empty() { *needed } else { differing });
                }
                None => all = all.and(*needed),
            }
        }
        theirs.iter().filter(|(letters, ..)| same(letters, &ours).is_none()).fold(all, |all, (_, _, one)| all.and(*one))
    }

    /// Whether a piece goes on in the source with all that stands between it and the next, marks and words in brackets included.
    fn literally(&mut self, piece: &Piece, next: &Piece, end: usize) -> Option<(Needed, usize)> {
        let part = &self.wording.parts[piece.part];
        let ours = &part.normal.letters.as_bytes()[piece.letters.end..next.letters.start];
        let theirs = self.hay.normal.letters.as_bytes().get(end..end + ours.len())?;
        if ours != theirs {
            return None;
        }
        let needed = self.between(piece.part, piece.letters.end..next.letters.start, end, piece.letters.end)?;
        Some((needed, end + ours.len()))
    }

    /// Whether a piece may begin at a place: where a word does, with the marks that the quotation has before it.
    fn start(&self, number: usize, at: usize) -> Option<Placed> {
        let piece = &self.wording.pieces[number];
        let hay = self.hay;
        // Before the letters that were searched there may be any.
        let first = hay.normal.start(at).filter(|_| hay.normal.letters.is_char_boundary(at))?;
        let their = hay.normal.between(&hay.document.text, at);
        let (our, _) = piece.edges(&self.wording.parts[piece.part]);
        let edge = match edge::leading(&our, &their) {
            Some(edge) => edge,
            None if piece.starts_in_word && our.text.is_empty() => {
                Edge { needed: Needed::NONE, text: first, further: None }
            }
            None => return None,
        };
        let edge = self.at_border(edge, piece.starts_in_word)?;
        Some(Placed { text: edge.text..edge.text, needed: edge.needed, goes_on: false, hidden: None })
    }

    /// The same for the end of a piece.
    fn end(&self, piece: &Piece, at: usize) -> Option<Edge> {
        let hay = self.hay;
        let last = hay.normal.end(at)?;
        let their = hay.normal.between(&hay.document.text, at);
        let (_, our) = piece.edges(&self.wording.parts[piece.part]);
        let edge = match edge::trailing(&our, &their) {
            Some(edge) => edge,
            None if piece.ends_in_word => Edge { needed: Needed::NONE, text: last, further: None },
            None => return None,
        };
        self.at_border(edge, piece.ends_in_word)
    }

    /// An edge where a word of the source ends, with what is not seen if need be.
    fn at_border(&self, edge: Edge, is_in_word: bool) -> Option<Edge> {
        let is_border = |at: usize| is_word_border(&self.hay.document.text, at);
        if is_in_word || is_border(edge.text) {
            return Some(edge);
        }
        let (text, needed) = edge.further.filter(|(further, _)| is_border(*further))?;
        Some(Edge { text, needed, further: None })
    }

    /// The next places at which a piece could begin, within a bound.
    fn next(&self, number: usize, from: usize) -> impl Iterator<Item = usize> + use<'_> {
        let letters = self.hay.normal.letters.as_bytes();
        let window = &letters[from.min(letters.len())..(from + WINDOW).min(letters.len())];
        let piece = &self.wording.pieces[number];
        piece.finder.find_iter_overlapping(window, piece.probe.start).map(move |at| from + at)
    }

    fn after_omission(&mut self, number: usize, end: usize, text_end: usize) -> bool {
        let candidates: Vec<usize> = self.next(number, end).take(MOST_HIDDEN + 1).collect();
        self.steps = self.steps.saturating_sub(16 * candidates.len());
        for at in candidates {
            let Some(start) = self.start(number, at) else { continue };
            let Some(start) = self.hiding(start, text_end, MOST_HIDDEN) else { return false };
            if self.piece(number, at, start) {
                return true;
            }
            if self.steps == 0 {
                return false;
            }
        }
        false
    }

    fn after_insertion(&mut self, number: usize, end: usize, text_end: usize) -> bool {
        let text = &self.hay.document.text;
        let mut candidates = vec![end];
        self.steps = self.steps.saturating_sub(256);
        if self.wording.pieces[number - 1].ends_in_word || self.wording.pieces[number].starts_in_word {
            candidates = self.next(number, end).take(64).collect();
        } else {
            let behind = &text[text_end..];
            let starts = unicode_segmentation::UnicodeSegmentation::unicode_word_indices(behind);
            let starts =
                starts.take(MOST_REPLACED + 1).map(|(place, _)| self.hay.normal.letters_from(text_end + place));
            candidates.extend(starts);
            candidates.dedup();
        }
        for at in candidates {
            let Some(start) = self.start(number, at) else { continue };
            let Some(start) = self.hiding(start, text_end, MOST_REPLACED) else { continue };
            let is_of_paragraph = |range: &Range<usize>| !text[range.clone()].contains("\n\n");
            if start.hidden.as_ref().is_some_and(|(hidden, words)| *words == 0 || is_of_paragraph(hidden))
                && self.piece(number, at, start)
            {
                return true;
            }
        }
        false
    }

    fn after_aside(&mut self, number: usize, end: usize, text_end: usize) -> bool {
        let candidates: Vec<usize> = self.next(number, end).take(MOST_ASIDE + 1).collect();
        for at in candidates {
            let Some(start) = self.start(number, at) else { continue };
            let Some(start) = self.hiding(start, text_end, MOST_ASIDE) else { return false };
            if self.is_aside(end, at) && self.piece(number, at, start) {
                return true;
            }
        }
        false
    }

    /// Whether the source closes the quotation at a place and opens it again at another, with words that are not quoted between.
    fn is_aside(&self, from: usize, until: usize) -> bool {
        let (hay, text) = (self.hay, &self.hay.document.text);
        if from >= until {
            return false;
        }
        let has =
            |at: usize, is: fn(Sort) -> bool| marks(&hay.normal.between(text, at)).iter().any(|mark| is(mark.sort));
        let is_quote = |sort: Sort| sort == Sort::Quote;
        let is_dash = |sort: Sort| sort == Sort::Dash(Dash::Separating);
        let (Some(start), Some(end)) = (hay.normal.end(from), hay.normal.start(until)) else { return false };
        let hidden = &text[start..end];
        // Where a second sentence names who speaks, it may be somebody else.
        let names_speaker = |part: &str| omission::tells(part).contains(&Tells::Attribution);
        let mut sentences = hidden.match_indices(['.', '!', '?']).map(|(at, mark)| hidden.split_at(at + mark.len()));
        if sentences.any(|(first, rest)| names_speaker(first) && names_speaker(rest)) {
            return false;
        }
        let quotes_within = hay.normal.breaks(from + 1..until - 1).any(|one| has(one.at, is_quote));
        if hidden.contains("\n\n") || quotes_within {
            return false;
        }
        // In Russian and Polish dashes stand there, and the guillemets go on.
        has(from, is_quote) && has(until, is_quote)
            || has(from, is_dash) && has(until, is_dash) && omission::tells(hidden).contains(&Tells::Attribution)
    }

    /// The beginning of a piece with what is hidden before it, when that is not too much.
    fn hiding(&mut self, start: Placed, from: usize, most: usize) -> Option<Placed> {
        let hidden = from.min(start.text.start)..start.text.start;
        self.steps = self.steps.saturating_sub(32 + 2 * hidden.len());
        let words = words(&self.hay.document.text[hidden.clone()]);
        (words <= most).then_some(Placed { hidden: Some((hidden, words)), ..start })
    }

    /// What has been found.
    fn place(&self) -> Place {
        let start = self.placed.first().map_or(0, |placed| placed.text.start);
        let end = self.placed.last().map_or(0, |placed| placed.text.end);
        let placed = self.placed.clone();
        Place { placed, met: self.met(start..end) }
    }

    /// Whether what should stand around a place does, as far as its letters go.
    fn met(&self, text: Range<usize>) -> Met {
        let normal = &self.hay.normal;
        let (prefix, suffix) = &self.near;
        let before = || &normal.letters[..normal.letters_from(text.start)];
        let after = || &normal.letters[normal.letters_from(text.end)..];
        Met {
            prefix: prefix.as_ref().map(|prefix| before().ends_with(prefix)),
            suffix: suffix.as_ref().map(|suffix| after().starts_with(suffix)),
        }
    }
}
