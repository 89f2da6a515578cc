//! Text with open places for links: how it is cut out of HTML, relabelled and filled.

use std::ops::Range;

/// An open place in a [`Run`]; the number is that of the link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mark {
    /// The link's label begins.
    Open(u32),
    /// The link's label ends.
    Close(u32),
    /// The address of a picture stands here.
    Address(u32),
}

/// Text with open places, in order of their position.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The text.
    pub text: Box<str>,
    /// The places.
    pub marks: Box<[(usize, Mark)]>,
}

impl Run {
    /// What stands in plain text where another speaks between two parts of a quotation: neither a sign of the speaker's nor the
    /// `[…]` of what was left out.
    pub const PARTED: &str = " ⋯ ";

    /// The same in HTML; the page puts words to the sign.
    pub const PARTED_HTML: &str = "<span class=\"parted\"> ⋯ </span>";

    /// The text of `range` with the labels of links replaced: `label` gives the words for a link, of which it is told those
    /// that stand there, or `None` to keep these.
    pub fn fill_plain(&self, range: Range<usize>, label: &dyn Fn(u32, &str) -> Option<String>) -> String {
        let mut filled = String::with_capacity(range.len());
        let mut done = range.start;
        // The marks stand in their order, and there may be very many of them beside those of a short range.
        let first = self.marks.partition_point(|(at, _)| *at < range.start);
        for (index, (at, mark)) in self.marks.iter().enumerate().skip(first) {
            if *at > range.end {
                break;
            }
            match mark {
                Mark::Open(number) if *at >= done => {
                    let end = self.end_of(index, *number).unwrap_or(*at);
                    if let Some(words) = label(*number, &self.text[*at..end]) {
                        filled.push_str(&self.text[done..*at]);
                        filled.push_str(&words);
                        done = end.min(range.end).max(done);
                    }
                }
                Mark::Open(_) | Mark::Close(_) | Mark::Address(_) => {}
            }
        }
        filled.push_str(&self.text[done.min(range.end)..range.end]);
        filled
    }

    /// Whether nothing stands between the mark at `index`, which opens a label, and that which closes it.
    pub fn is_label_empty(&self, index: usize) -> bool {
        match self.marks.get(index) {
            Some((at, Mark::Open(number))) => self.end_of(index, *number) == Some(*at),
            _ => false,
        }
    }

    /// Where the label of a link ends that the mark at `index` opens.
    fn end_of(&self, index: usize, number: u32) -> Option<usize> {
        self.marks[index..].iter().find(|(_, mark)| *mark == Mark::Close(number)).map(|(at, _)| *at)
    }

    /// The run with the labels of some links replaced for good, and a function from old places to new ones.
    #[must_use]
    pub fn relabel(&self, label: &dyn Fn(u32) -> Option<String>) -> (Run, Vec<(usize, usize)>) {
        let mut text = String::with_capacity(self.text.len());
        let mut marks = Vec::with_capacity(self.marks.len());
        let mut moved = vec![(0, 0)];
        let mut done = 0;
        let mut skip_to = None;
        for (at, mark) in &self.marks {
            if let Some(closing) = skip_to {
                if *mark != Mark::Close(closing) {
                    continue;
                }
                skip_to = None;
                done = *at;
                moved.push((*at, text.len()));
            }
            text.push_str(&self.text[done..*at]);
            done = *at;
            marks.push((text.len(), *mark));
            if let Mark::Open(number) = mark
                && let Some(words) = label(*number)
            {
                text.push_str(&words);
                skip_to = Some(*number);
            }
        }
        text.push_str(&self.text[done..]);
        (Run { text: text.into(), marks: marks.into() }, moved)
    }
}

/// The address by which the HTML names link `number` until [`cut_marks`] takes it out.
///
/// An author's own address cannot be taken for it: Markdown links of this scheme are refused, and raw HTML that
/// holds it is dropped.
pub(super) const PENDING: &str = "dossier:";

pub(super) fn pending(number: usize) -> String {
    format!("{PENDING}{number}")
}

/// Marks the editor's brackets in quoted words, outside of tags.
pub(super) fn mark_edits(html: &str) -> String {
    let mut marked = String::with_capacity(html.len() + 64);
    let mut rest = html;
    while let Some(at) = memchr::memchr2(b'<', b'[', rest.as_bytes()) {
        marked.push_str(&rest[..at]);
        rest = &rest[at..];
        let (closing, is_tag) = if rest.starts_with('<') { ('>', true) } else { (']', false) };
        let end = rest.find(closing).map_or(rest.len(), |end| end + 1);
        let piece = &rest[..end];
        let is_whole = piece.ends_with(closing) && !piece[1..].contains(['<', '[']);
        if is_tag || !is_whole {
            let end = if is_tag { end } else { 1 };
            marked.push_str(&rest[..end]);
            rest = &rest[end..];
            continue;
        }
        let class = if piece == "[…]" { "omitted" } else { "inserted" };
        marked.push_str(&format!("<span class=\"{class}\">{piece}</span>"));
        rest = &rest[end..];
    }
    marked.push_str(rest);
    marked
}

/// What the Markdown of a quotation has there, as it comes out of a block.
const BETWEEN: &str = "\u{fdd0}";

/// Puts the sign of two parts where the parts of a quotation meet: paragraphs that meet there are one.
pub(super) fn mark_parts(html: &str) -> String {
    let joined = html.replace(&format!("</p>\n<p>{BETWEEN}</p>\n<p>"), Run::PARTED_HTML);
    joined.replace(BETWEEN, Run::PARTED_HTML)
}

/// The same in plain text, where nothing moves.
pub(super) fn mark_plain_parts(text: &str) -> String {
    text.replace(&format!("\n{BETWEEN}\n"), Run::PARTED).replace(BETWEEN, Run::PARTED.trim())
}

/// Turns the pending addresses of the HTML into marks.
pub(super) fn cut_marks(html: &str, links: usize) -> Run {
    const OPEN: &str = "<a href=\"dossier:";
    const SRC: &str = "src=\"dossier:";
    if links == 0 {
        return Run { text: html.into(), marks: Box::default() };
    }
    let mut text = String::with_capacity(html.len());
    let mut marks = Vec::with_capacity(2 * links);
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(at) = memchr::memchr2(b'<', b's', rest.as_bytes()) {
        let (before, from) = rest.split_at(at);
        text.push_str(before);
        if let Some((number, after)) = from.strip_prefix(OPEN).and_then(|tail| pending_number(tail, links)) {
            // What ammonia adds to the tag stands between the address and the bracket.
            let end = after.find('>').map_or(after.len(), |end| end + 1);
            marks.push((text.len(), Mark::Open(number)));
            open.push(number);
            rest = &after[end..];
        } else if let (Some(number), Some(after)) = (open.last().copied(), from.strip_prefix("</a>")) {
            marks.push((text.len(), Mark::Close(number)));
            open.pop();
            rest = after;
        } else if let Some((number, after)) = from.strip_prefix(SRC).and_then(|tail| pending_number(tail, links)) {
            text.push_str("src=\"");
            marks.push((text.len(), Mark::Address(number)));
            text.push('"');
            rest = after;
        } else {
            text.push_str(&from[..1]);
            rest = &from[1..];
        }
    }
    text.push_str(rest);
    Run { text: text.into(), marks: marks.into() }
}

fn pending_number(tail: &str, links: usize) -> Option<(u32, &str)> {
    let end = tail.find('"')?;
    let number: u32 = tail[..end].parse().ok()?;
    ((number as usize) < links).then_some((number, &tail[end + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Words;

    #[test]
    fn the_sign_between_parts_moves_nothing_in_plain_text() {
        let before = format!("a\n{BETWEEN}\nb\n");
        let after = mark_plain_parts(&before);
        assert_eq!(after, "a ⋯ b\n");
        assert_eq!(before.len(), after.len());
        assert_eq!(Words::BETWEEN.trim(), BETWEEN);
    }
}
