//! The words of HTML as readers see them, and what else stands in it; and how words of it are replaced.
//!
//! It reads HTML that this program has made or cleaned, not HTML in general.

use std::collections::BTreeSet;
use std::ops::Range;

use super::run::{Mark, Run};
use crate::text::names::{LineBreaks, Reading};

/// What HTML shows, to be searched for names.
#[derive(Debug, Default)]
pub struct Shown {
    /// Its words, over the borders of emphasis, links and the like.
    pub words: Reading,
    /// What cannot be replaced: code, and the values of attributes.
    pub fixed: Reading,
    /// The stretches of the HTML in which its words stand, cut at tags and marks.
    pub pieces: Vec<Range<usize>>,
    /// The places of the headings' ids.
    pub heading_ids: Vec<Range<usize>>,
}

/// Elements within a line of text, over whose borders a name may go.
const INLINE: &[&str] = &[
    "a", "abbr", "b", "bdi", "bdo", "cite", "del", "dfn", "em", "i", "ins", "kbd", "mark", "q", "s", "samp", "small",
    "span", "strong", "sub", "sup", "time", "u", "var", "wbr",
];

impl Run {
    /// What this HTML shows. When places are not kept it can only be asked whether something may be there.
    pub fn shown(&self, keeps_places: bool) -> Shown {
        let reading = || if keeps_places { Reading::with_places() } else { Reading::default() };
        let mut shown = Shown { words: reading(), fixed: reading(), ..Shown::default() };
        let html = &*self.text;
        let mut marks = self.marks.iter().map(|(at, _)| *at).peekable();
        let mut code = 0usize;
        let mut at = 0;
        while at < html.len() {
            let end = memchr::memchr(b'<', &html.as_bytes()[at..]).map_or(html.len(), |next| at + next);
            let mut start = at;
            while start < end {
                while marks.next_if(|mark| *mark <= start).is_some() {}
                let stop = marks.peek().copied().filter(|mark| *mark < end).unwrap_or(end);
                if code > 0 {
                    push_html(&mut shown.fixed, html, start..stop);
                } else {
                    push_html(&mut shown.words, html, start..stop);
                    shown.pieces.push(start..stop);
                }
                start = stop;
            }
            if end == html.len() {
                break;
            }
            at = shown.tag(html, end, &mut code);
        }
        shown
    }

    /// The stretches of a plain text, cut at its marks.
    pub fn pieces(&self) -> Vec<Range<usize>> {
        let ends = self.marks.iter().map(|(at, _)| *at).chain([self.text.len()]);
        let mut start = 0;
        let pieces = ends.map(|end| std::mem::replace(&mut start, end)..end);
        pieces.filter(|piece| !piece.is_empty()).collect()
    }

    /// The words of a plain text, whose lines are blocks.
    pub fn words(&self) -> Reading {
        Reading::of(&self.text, LineBreaks::EndBlocks)
    }
}

impl Shown {
    /// Reads a tag that begins at a place, and says where it ends.
    fn tag(&mut self, html: &str, start: usize, code: &mut usize) -> usize {
        let end = tag_end(html, start);
        let tag = &html[start + 1..end];
        let is_closing = tag.starts_with('/');
        let tag = tag.trim_start_matches('/');
        let name = &tag[..tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len())];
        match name {
            "code" | "pre" => {
                *code = if is_closing { code.saturating_sub(1) } else { *code + 1 };
                self.words.part();
                self.fixed.part();
            }
            "br" => self.words.push_char(' ', start..end),
            _ if INLINE.contains(&name) => {}
            _ => self.words.part(),
        }
        if let Some(close) = raised_number(html, name, end).filter(|_| !is_closing && !tag.contains('=')) {
            self.words.push_char(' ', start..end);
            return close;
        }
        if is_closing || !tag.contains('=') {
            return end;
        }
        let from = end - tag.len();
        each_value(html, from + name.len()..end, |attribute, value| {
            let is_heading = matches!(name.as_bytes(), [b'h', b'1'..=b'6']) && attribute == "id";
            if is_heading {
                self.heading_ids.push(value);
                return;
            }
            self.fixed.part();
            let written = &html[value.clone()];
            if matches!(attribute, "href" | "src") && written.contains('%') {
                self.fixed.push(&super::address::percent_decode_lossy(written), value.start);
                self.fixed.part();
            }
            push_html(&mut self.fixed, html, value);
            self.fixed.part();
        });
        // The number of a note stands between words and is none.
        if name == "sup" && tag.contains("\"footnote-ref\"") {
            let close = html[end..].find("</sup>").map_or(end, |close| end + close);
            // A number over the line stands between two words, though nothing else does.
            if html[close..].trim_start_matches("</sup>").starts_with(char::is_alphanumeric) {
                self.words.push_char(' ', start..end);
            }
            return close;
        }
        end
    }
}

/// Where a number over the line ends that stands behind a tag: like that of a note it is no part of the words around it.
fn raised_number(html: &str, name: &str, end: usize) -> Option<usize> {
    let (number, _) = html[end..].split_once("</sup>").filter(|_| name == "sup")?;
    let is_number = (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(end + number.len())
}

/// Where a tag ends: behind the next `>` that does not stand in a value.
fn tag_end(html: &str, start: usize) -> usize {
    let mut quote = None;
    for (offset, byte) in html.as_bytes()[start..].iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return start + offset + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), _) if open == byte => quote = None,
            _ => {}
        }
    }
    html.len()
}

/// Shows the name of each attribute of a tag and the place of its value.
fn each_value(html: &str, inside: Range<usize>, mut see: impl FnMut(&str, Range<usize>)) {
    let mut at = inside.start;
    while let Some(equals) = html[at..inside.end].find('=').map(|equals| at + equals) {
        let attribute = html[at..equals].rsplit(|c: char| c.is_whitespace()).next().unwrap_or_default();
        let rest = &html[equals + 1..inside.end];
        let (start, length) = match rest.bytes().next() {
            Some(quote @ (b'"' | b'\'')) => {
                (equals + 2, rest[1..].find(char::from(quote)).unwrap_or(rest.len().saturating_sub(1)))
            }
            _ => (equals + 1, rest.find([' ', '>']).unwrap_or(rest.len())),
        };
        see(attribute, start..start + length);
        at = (start + length).min(inside.end);
    }
}

/// Reads text of HTML, with what its entities stand for.
fn push_html(reading: &mut Reading, html: &str, range: Range<usize>) {
    const ENTITIES: &[(&str, char)] =
        &[("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"'), ("&nbsp;", ' '), ("&#39;", '\'')];
    let mut at = range.start;
    while let Some(next) = memchr::memchr(b'&', &html.as_bytes()[at..range.end]).map(|next| at + next) {
        reading.push(&html[at..next], at);
        let rest = &html[next..range.end];
        let known = ENTITIES.iter().find(|(entity, _)| rest.starts_with(entity)).map(|(entity, c)| (entity.len(), *c));
        let (length, c) = known.or_else(|| numeric(rest)).unwrap_or((1, '&'));
        reading.push_char(c, next..next + length);
        at = next + length;
    }
    reading.push(&html[at..range.end], at);
}

/// The length of a numeric entity and what it stands for.
fn numeric(text: &str) -> Option<(usize, char)> {
    let digits = text.strip_prefix("&#")?;
    let end = digits.bytes().take(9).position(|byte| byte == b';')?;
    let code = match digits[..end].strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16),
        None => digits[..end].parse(),
    };
    Some((end + 3, char::from_u32(code.ok()?)?))
}

/// What stands in place of some words.
#[derive(Clone, Debug)]
pub struct Swap {
    /// The bytes of the words.
    pub span: Range<usize>,
    /// The link whose label stands there.
    pub number: u32,
    /// The label.
    pub label: String,
}

/// Where text went when some of it was replaced.
#[derive(Debug, Default)]
pub struct Moved(Vec<(Range<usize>, usize)>);

impl Moved {
    /// The new place of an old one; within words that were replaced, the end of what stands there now.
    pub fn place(&self, old: usize) -> usize {
        let next = self.0.partition_point(|(from, _)| from.start < old);
        match next.checked_sub(1).map(|last| &self.0[last]) {
            Some((from, to)) => to + old.saturating_sub(from.end),
            None => old,
        }
    }
}

impl Run {
    /// The run with words replaced by labels of links, each at the first of the pieces in which the words stood, and with
    /// some other stretches replaced as they are. What is empty then is taken away, tags and links with it.
    #[must_use]
    pub fn swap(&self, pieces: &[Range<usize>], swaps: &[Swap], literal: &[(Range<usize>, String)]) -> (Run, Moved) {
        let mut edits: Vec<(Range<usize>, What<'_>)> =
            literal.iter().map(|(range, text)| (range.clone(), What::Literal(text))).collect();
        let mut emptied = BTreeSet::new();
        for swap in swaps {
            let first = pieces.partition_point(|piece| piece.end <= swap.span.start);
            let parts = pieces[first..].iter().take_while(|piece| piece.start < swap.span.end);
            for (number, piece) in parts.enumerate() {
                let part = piece.start.max(swap.span.start)..piece.end.min(swap.span.end);
                if number == 0 {
                    edits.push((part, What::Label(swap)));
                } else {
                    edits.push((self.emptied(part, &mut emptied), What::Nothing));
                }
            }
        }
        edits.sort_by_key(|(range, _)| range.start);
        let mut marks = self.marks.iter().filter(|(_, mark)| match mark {
            Mark::Open(number) | Mark::Close(number) => !emptied.contains(number),
            Mark::Address(_) => true,
        });
        let mut run = Growing { text: String::with_capacity(self.text.len()), marks: Vec::new(), done: 0 };
        let mut next = marks.next();
        let mut moved = Moved::default();
        for (range, what) in edits {
            while let Some((at, mark)) = next.filter(|(at, _)| *at <= range.start) {
                run.go_to(&self.text, *at);
                run.mark(*mark);
                next = marks.next();
            }
            run.go_to(&self.text, range.start);
            match what {
                What::Label(swap) => {
                    run.mark(Mark::Open(swap.number));
                    run.text.push_str(&swap.label);
                    run.mark(Mark::Close(swap.number));
                }
                What::Literal(text) => run.text.push_str(text),
                What::Nothing => {}
            }
            run.done = run.done.max(range.end);
            moved.0.push((range, run.text.len()));
        }
        while let Some((at, mark)) = next {
            run.go_to(&self.text, *at);
            run.mark(*mark);
            next = marks.next();
        }
        run.go_to(&self.text, self.text.len());
        (Run { text: run.text.into(), marks: run.marks.into() }, moved)
    }

    /// A part that will be empty, with the tags around it when there is nothing else between them; a link around it is noted.
    fn emptied(&self, part: Range<usize>, emptied: &mut BTreeSet<u32>) -> Range<usize> {
        let mut part = part;
        loop {
            let at = |wanted: usize| {
                let first = self.marks.partition_point(|(at, _)| *at < wanted);
                let here = self.marks[first..].iter().take_while(move |(at, _)| *at == wanted);
                here.map(|(_, mark)| *mark)
            };
            let opened = at(part.start).find_map(|mark| match mark {
                Mark::Open(number) if !emptied.contains(&number) => Some(number),
                _ => None,
            });
            if let Some(number) = opened.filter(|number| at(part.end).any(|mark| mark == Mark::Close(*number))) {
                emptied.insert(number);
                continue;
            }
            let is_marked = at(part.start).chain(at(part.end)).any(|mark| match mark {
                Mark::Open(number) | Mark::Close(number) => !emptied.contains(&number),
                Mark::Address(_) => true,
            });
            match around(&self.text, &part).filter(|_| !is_marked) {
                Some(wider) => part = wider,
                None => return part,
            }
        }
    }
}

/// The tags of the element that holds a part and nothing else, with that part.
fn around(html: &str, part: &Range<usize>) -> Option<Range<usize>> {
    let before = html[..part.start].strip_suffix('>')?;
    let start = before.rfind('<')?;
    let tag = &html[start + 1..part.start];
    let name = &tag[..tag.find(|c: char| !c.is_ascii_alphanumeric())?];
    if name.is_empty() || !INLINE.contains(&name) {
        return None;
    }
    let rest = html[part.end..].strip_prefix("</")?.strip_prefix(name)?.strip_prefix('>')?;
    Some(start..html.len() - rest.len())
}

enum What<'a> {
    Label(&'a Swap),
    Literal(&'a str),
    Nothing,
}

/// A run that is being written from another one.
struct Growing {
    text: String,
    marks: Vec<(usize, Mark)>,
    done: usize,
}

impl Growing {
    fn go_to(&mut self, from: &str, place: usize) {
        if place > self.done {
            self.text.push_str(&from[self.done..place]);
            self.done = place;
        }
    }

    fn mark(&mut self, mark: Mark) {
        self.marks.push((self.text.len(), mark));
    }
}
