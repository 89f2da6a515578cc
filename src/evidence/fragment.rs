//! Text fragments: the part of an address that leads a browser to words in a page (WICG, URL Fragment Text Directives).

use std::ops::Range;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::UnicodeSegmentation as _;

use super::Document;

/// Words of at most so many letters are named whole; of more only the beginning and the end.
const LONGEST: usize = 200;

/// How many words at each end of a long passage are named.
const EDGE: usize = 5;

/// How many words before or after are named at most, to tell a place from others.
const AROUND: usize = 12;

/// `-`, `,` and `&` part what stands in a directive, and so all but letters and digits is encoded.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'.').remove(b'_').remove(b'~');

/// A document as a browser compares it.
pub(super) struct Page<'a> {
    document: &'a Document,
    /// Where blocks and lines begin: a browser finds no words across such a border, not even across a line break.
    borders: Vec<usize>,
    /// The text without case and accents, with one space for each run of white space.
    folded: String,
    /// Where each byte of that comes from.
    from: Vec<usize>,
}

impl<'a> Page<'a> {
    /// A document made ready, once for all passages.
    pub(super) fn new(document: &'a Document) -> Self {
        let lines = document.text.match_indices('\n').map(|(at, _)| at + 1);
        let mut borders: Vec<usize> = document.blocks.iter().map(|block| block.text.start).chain(lines).collect();
        borders.sort_unstable();
        let mut page = Page {
            document,
            borders,
            folded: String::with_capacity(document.text.len()),
            from: Vec::with_capacity(document.text.len()),
        };
        for (at, c) in document.text.char_indices() {
            // Nearly all letters of most pages.
            if c.is_ascii_graphic() {
                page.folded.push(c.to_ascii_lowercase());
                page.from.push(at);
                continue;
            }
            let length = page.folded.len();
            if !c.is_whitespace() {
                page.folded.extend(fold(c));
            } else if !page.folded.ends_with(' ') {
                page.folded.push(' ');
            }
            page.from.resize(page.from.len() + page.folded.len() - length, at);
        }
        page
    }

    /// What leads to a passage, from `text=` on; `None` when no few words tell it from others.
    ///
    /// A browser takes the first place that fits, without regard to case, so what is named here fits nowhere before the passage. Each of
    /// the named parts stands within one block, since a browser looks for it there.
    pub(super) fn fragment(&self, passage: Range<usize>) -> Option<String> {
        let words = self.words(passage.clone());
        let (first, last) = (words.first()?.clone(), words.last()?.clone());
        let is_short = passage.len() <= LONGEST && self.block(first.start) == self.block(last.start);
        let (start, end) = if is_short {
            (first.start..last.end, None)
        } else {
            let mut of_first = words.iter().take(EDGE).filter(|word| self.block(word.start) == self.block(first.start));
            let mut of_last =
                words.iter().rev().take(EDGE).filter(|word| self.block(word.start) == self.block(last.start));
            let start = first.start..of_first.next_back()?.end;
            let end = of_last.next_back()?.start..last.end;
            // Where both ends meet, the words of one are as good.
            if end.start < start.end { (first.start..last.end, None) } else { (start, Some(end)) }
        };
        let mut prefixes = std::iter::once(None).chain(self.prefixes(first.start).map(Some));
        let prefix = prefixes.find(|prefix| self.first(prefix.as_ref(), &start) == Some(start.start))?;
        let suffix = match &end {
            None => None,
            Some(end) => {
                let mut suffixes = std::iter::once(None).chain(self.suffixes(last.end).map(Some));
                suffixes.find(|suffix| self.end_after(start.end, end, suffix.as_ref()) == Some(end.start))?
            }
        };
        let encoded = |range: &Range<usize>| {
            let words: Vec<&str> = self.document.text[range.clone()].split_whitespace().collect();
            utf8_percent_encode(&words.join(" "), ENCODED).to_string()
        };
        let prefix = prefix.map(|prefix| format!("{}-,", encoded(&prefix))).unwrap_or_default();
        let end = end.map(|end| format!(",{}", encoded(&end))).unwrap_or_default();
        let suffix = suffix.map(|suffix| format!(",-{}", encoded(&suffix))).unwrap_or_default();
        Some(format!("text={prefix}{}{end}{suffix}", encoded(&start)))
    }

    /// What may be named before a passage, from little to much. A browser wants it to stand directly before, so the marks between the
    /// words and the passage are part of it; and it finds none across a border.
    fn prefixes(&self, passage: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        let words = self.neighbours(0..passage, true);
        let end = self.document.text[..passage].trim_end().len();
        let marks = words.last().map_or(0, |word| word.end).max(self.line(end.saturating_sub(1)))..end;
        let whole = words.into_iter().rev().map(move |word| word.start..end);
        whole.chain([marks]).filter_map(|range| self.named(range))
    }

    /// The same for what follows a passage.
    fn suffixes(&self, passage: usize) -> impl Iterator<Item = Range<usize>> + '_ {
        let text = &self.document.text;
        let words = self.neighbours(passage..text.len(), false);
        let start = text.len() - text[passage..].trim_start().len();
        let marks = start..words.first().map_or(text.len(), |word| word.start);
        let line = self.borders.iter().copied().find(|border| *border > start).unwrap_or(text.len());
        let marks = start..marks.end.min(line).max(start);
        let whole = words.into_iter().map(move |word| start..word.end);
        whole.chain([marks]).filter_map(|range| self.named(range))
    }

    /// A part without white space at its ends, when there is something in it and no border.
    fn named(&self, range: Range<usize>) -> Option<Range<usize>> {
        let text = self.document.text.get(range.clone())?;
        let start = range.end - text.trim_start().len();
        let named = start..start + text.trim().len();
        (!named.is_empty() && self.block(named.start) == self.block(named.end - 1)).then_some(named)
    }

    /// Where the block or line begins in which a byte stands.
    fn line(&self, at: usize) -> usize {
        self.borders[..self.block(at)].last().copied().unwrap_or(0)
    }

    /// The words of a part of the text.
    fn words(&self, part: Range<usize>) -> Vec<Range<usize>> {
        let words = self.document.text[part.clone()].unicode_word_indices();
        words.map(|(at, word)| part.start + at..part.start + at + word.len()).collect()
    }

    /// The words next to a passage, of the block that is nearest.
    fn neighbours(&self, part: Range<usize>, is_before: bool) -> Vec<Range<usize>> {
        // Far more than can be needed, so that a long text is not cut into words for each of its quotations.
        let near = 64 * AROUND;
        let part = if is_before {
            self.document.text.floor_char_boundary(part.end.saturating_sub(near)).max(part.start)..part.end
        } else {
            part.start..self.document.text.ceil_char_boundary(part.start + near).min(part.end)
        };
        let words = self.words(part);
        let nearest = if is_before { words.last() } else { words.first() };
        let block = nearest.map(|word| self.block(word.start));
        let of_block = words.iter().filter(|word| Some(self.block(word.start)) == block).cloned();
        let mut of_block: Vec<_> = of_block.collect();
        if is_before {
            of_block.drain(..of_block.len().saturating_sub(AROUND));
        } else {
            of_block.truncate(AROUND);
        }
        of_block
    }

    /// The number of the block, or of the line in it, in which a byte stands.
    fn block(&self, at: usize) -> usize {
        self.borders.partition_point(|border| *border <= at)
    }

    fn fold(&self, part: &Range<usize>) -> &str {
        let start = self.from.partition_point(|from| *from < part.start);
        let end = self.from.partition_point(|from| *from < part.end);
        &self.folded[start..end]
    }

    /// Where some words stand from a place of the folded text on, as whole words.
    fn places<'p>(&'p self, words: &'p str, from: usize) -> impl Iterator<Item = usize> + 'p {
        self.folded[from..].match_indices(words).map(move |(at, _)| from + at).filter(move |at| {
            let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
            !is_letter(self.folded[..*at].chars().next_back())
                && !is_letter(self.folded[at + words.len()..].chars().next())
        })
    }

    /// Where a browser comes to that looks for a prefix and a beginning.
    fn first(&self, prefix: Option<&Range<usize>>, start: &Range<usize>) -> Option<usize> {
        let words = self.fold(start);
        let prefix = prefix.map(|prefix| self.fold(prefix));
        let mut places = self.places(words, 0);
        let fits = |at: &usize| prefix.is_none_or(|prefix| self.folded[..*at].trim_end_matches(' ').ends_with(prefix));
        places.find(fits).map(|at| self.from[at])
    }

    /// Where it comes to that looks for an end, followed by a suffix, after a place.
    fn end_after(&self, after: usize, end: &Range<usize>, suffix: Option<&Range<usize>>) -> Option<usize> {
        let words = self.fold(end);
        let suffix = suffix.map(|suffix| self.fold(suffix));
        let from = self.from.partition_point(|from| *from < after);
        let fits = |at: &usize| {
            suffix.is_none_or(|suffix| self.folded[at + words.len()..].trim_start_matches(' ').starts_with(suffix))
        };
        self.places(words, from).find(fits).map(|at| self.from[at])
    }
}

/// A letter as a browser compares it: by what it is at the first level of collation, and so without case and accents. What is
/// folded here and not there costs a word of context and does no harm.
fn fold(c: char) -> impl Iterator<Item = char> {
    let letters: [Option<char>; 2] = match c {
        'ß' | 'ẞ' => [Some('s'), Some('s')],
        'æ' | 'Æ' => [Some('a'), Some('e')],
        'œ' | 'Œ' => [Some('o'), Some('e')],
        'ø' | 'Ø' => [Some('o'), None],
        'đ' | 'Đ' => [Some('d'), None],
        'ł' | 'Ł' => [Some('l'), None],
        'ı' => [Some('i'), None],
        _ => [Some(c), None],
    };
    letters.into_iter().flatten().nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Block, BlockKind};

    fn document(text: &str) -> Document {
        let mut blocks = Vec::new();
        let mut at = 0;
        for block in text.split("\n\n") {
            blocks.push(Block { text: at..at + block.len(), kind: BlockKind::Paragraph });
            at += block.len() + 2;
        }
        Document { text: text.to_owned(), blocks, ..Document::default() }
    }

    #[track_caller]
    fn check(text: &str, words: &str, nth: usize, expected: Option<&str>) {
        let at = text.match_indices(words).nth(nth).expect("the words stand there").0;
        assert_eq!(Page::new(&document(text)).fragment(at..at + words.len()).as_deref(), expected, "{words}");
    }

    #[test]
    fn few_words_that_stand_once_are_named_whole() {
        check("She said: we will, not now.", "we will, not now", 0, Some("text=we%20will%2C%20not%20now"));
        check("Er sagt: schön-gut.", "schön-gut", 0, Some("text=sch%C3%B6n%2Dgut"));
    }

    #[test]
    fn the_first_of_several_places_needs_no_more_and_the_others_are_told_by_what_stands_before() {
        let text = "They said never again. She said Never again. We never again";
        check(text, "never again", 0, Some("text=never%20again"));
        check(text, "never again", 1, Some("text=We-,never%20again"));
        check("A heading\n\nyes. no.\n\nThen\n\nno.", "no", 1, Some("text=Then-,no"));
        check("no no no", "no", 2, Some("text=no%20no-,no"));
    }

    #[test]
    fn long_passages_are_named_by_their_ends() {
        let middle = "and so on ".repeat(30);
        let text = format!(
            "Here one two three four five six {middle}seven eight nine ten eleven. Seven eight nine ten eleven"
        );
        let words = format!("one two three four five six {middle}seven eight nine ten eleven");
        check(&text, &words, 0, Some("text=one%20two%20three%20four%20five,seven%20eight%20nine%20ten%20eleven"));
        check("one two\n\nthree four", "two\n\nthree", 0, Some("text=two,three"));
        check("a b x c x d", "b x c x d", 0, Some("text=b%20x%20c%20x%20d"));
    }

    #[test]
    fn an_end_that_stands_earlier_too_is_told_by_what_follows() {
        check("go a\n\nstop b\n\nstop c", "a\n\nstop b\n\nstop", 0, Some("text=a,stop,-c"));
    }

    #[test]
    fn marks_between_what_is_named_before_and_the_passage_are_part_of_it() {
        check("We sail. He said: “We sail.”", "We sail", 1, Some("text=said%3A%20%E2%80%9C-,We%20sail"));
        check("He “We sail.” said: “We sail.”", "We sail", 1, Some("text=said%3A%20%E2%80%9C-,We%20sail"));
        check("We sail. Then\n\n“We sail.”", "We sail", 1, Some("text=%E2%80%9C-,We%20sail"));
        check("“We sail.” Then:\n\n“We sail.”", "We sail", 1, None);
        check("We sail. Then:\n\nWe sail.", "We sail", 1, Some("text=Then%3A-,We%20sail"));
        check("go a\n\nstop b\n\nstop, c", "a\n\nstop b\n\nstop", 0, Some("text=a,stop,-%2C%20c"));
    }

    #[test]
    fn words_on_both_sides_of_a_line_break_are_named_apart() {
        check("It is closed for\ngood, he said", "closed for\ngood", 0, Some("text=closed%20for,good"));
    }

    #[test]
    fn what_differs_in_accents_alone_is_the_same_to_a_browser() {
        check(
            "the pâté was served, then the pate was served",
            "the pate was served",
            0,
            Some("text=then-,the%20pate%20was%20served"),
        );
        check("die Straße, die strasse", "die strasse", 0, Some("text=Stra%C3%9Fe%2C-,die%20strasse"));
    }

    #[test]
    fn what_cannot_be_told_from_others_has_none() {
        check("x, no\n\nx, no\n\nx, no", "no", 1, None);
    }
}
