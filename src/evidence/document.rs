//! The text of a capture as a reader sees it, and where each part of it stands in the file.

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// One text in a capture: the whole of most files, one page or response of a web archive.
///
/// `text` holds the blocks in the order of the file, with `"\n\n"` between two; a line break that a reader sees within a block is
/// `"\n"`. White space that a reader does not see was taken out or made one space; everything else stands as the file has it, after its
/// character encoding and its entities were read: no other normalisation happens here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Document {
    /// Which part of a capture it is, when a capture can have several.
    pub part: Option<Part>,
    /// Its title, when the format has one.
    pub title: Option<String>,
    /// Its language, when the format says it (BCP 47).
    pub lang: Option<String>,
    /// The text.
    pub text: String,
    /// The blocks of the text, in order; they do not overlap and leave out nothing but what stands between two.
    pub blocks: Vec<Block>,
    /// Where parts of the text stand in the file, sorted by `text`; each holds up to the next one.
    pub anchors: Vec<Anchor>,
    /// What a reader does not see, in the order of the file.
    pub hidden: Vec<Hidden>,
    /// Why this part of a capture could not be read although it holds a text, in words; then there is no text here.
    pub unread: Option<String>,
}

/// A part of a capture that has several.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    /// The name of the file or record in the capture: `archive/data.warc.gz`, `media/transcript.vtt`; empty for a file that is a
    /// single WARC.
    pub name: String,
    /// Where the record begins in that file, in bytes of the file as it lies there (compressed where it is), for WARC.
    pub offset: Option<u64>,
    /// The address that was captured.
    pub url: Option<String>,
    /// When it was captured, as the capture says it (RFC 3339).
    pub at: Option<String>,
}

/// A paragraph, or what stands like one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Where it stands in the text.
    pub text: Range<usize>,
    /// What it is.
    pub kind: BlockKind,
}

/// What a block is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BlockKind {
    /// A paragraph of running text.
    Paragraph,
    /// A heading.
    Heading,
    /// An item of a list, a cell of a table, a caption.
    Other,
    /// Words of a transcript, from and until so many milliseconds after its beginning, and who speaks where the file says so.
    Cue {
        /// The beginning, in milliseconds.
        from: u64,
        /// The end, in milliseconds.
        until: u64,
        /// Who speaks.
        speaker: Option<String>,
    },
    /// A paragraph of a page of a PDF, counted from 1.
    OfPage(u32),
}

/// Where the text from a place on stands in the file.
///
/// For PDF no bytes are told, since words are drawn there and not written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Anchor {
    /// The place in the text at which this begins.
    pub text: usize,
    /// The bytes of the file, or of the payload of the part after its content encoding was taken off; `None` where words have none.
    pub bytes: Option<Range<u64>>,
    /// How the text stands there.
    pub how: How,
}

/// How text stands in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum How {
    /// The same bytes, or the same characters in the file's encoding.
    Literal,
    /// White space that is written otherwise, or a break that is not written at all.
    Space,
    /// A reference such as `&amp;` or `&#8217;`.
    Entity,
    /// Drawn glyphs that stand for the characters.
    Drawn,
}

/// Text that a reader does not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Why it is not seen.
    pub by: HiddenBy,
    /// The text.
    pub text: String,
}

/// Why text is not seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HiddenBy {
    /// A comment.
    Comment,
    /// A script, or data for scripts such as JSON-LD.
    Script,
    /// A style sheet.
    Style,
    /// An element that is not shown: `hidden`, `template`, `noscript`, or its own `style` (`display: none`, `visibility: hidden`).
    NotShown,
    /// An element that a style sheet in the page hides.
    StyleSheet,
    /// An attribute: `alt`, `title`, `aria-label`, the content of a `meta` element.
    Attribute,
    /// The page in another language than its own.
    OtherLanguage,
    /// Notes, styles and settings of a transcript; the numbers of notes in a page.
    Note,
}

/// Where in a capture a passage stands, for people and for programs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Locator {
    /// The part of the capture.
    pub part: Option<Part>,
    /// The bytes of the file or of the part's payload, from the first letter to behind the last.
    pub bytes: Option<Range<u64>>,
    /// The page of a PDF, counted from 1.
    pub page: Option<u32>,
    /// The paragraph, counted from 1 over the paragraphs of running text of the document, or of the page.
    pub paragraph: Option<u32>,
    /// From and until when in a transcript, in milliseconds.
    pub time: Option<Range<u64>>,
}

impl Document {
    /// Where a part of the text stands.
    pub fn locate(&self, text: Range<usize>) -> Locator {
        let touched = self.blocks.iter().filter(|block| block.text.start < text.end && text.start < block.text.end);
        let mut locator = Locator { part: self.part.clone(), bytes: self.bytes(text.clone()), ..Locator::default() };
        let mut first = None;
        for block in touched {
            first.get_or_insert(block);
            if let BlockKind::Cue { from, until, .. } = block.kind {
                let start = locator.time.as_ref().map_or(from, |time| time.start.min(from));
                locator.time = Some(start..until.max(start));
            }
        }
        match first.map(|block| &block.kind) {
            Some(BlockKind::OfPage(page)) => {
                locator.page = Some(*page);
                locator.paragraph = self.count(first, |kind| matches!(kind, BlockKind::OfPage(other) if other == page));
            }
            Some(BlockKind::Paragraph) => {
                locator.paragraph = self.count(first, |kind| *kind == BlockKind::Paragraph);
            }
            Some(BlockKind::Heading | BlockKind::Other | BlockKind::Cue { .. }) | None => {}
        }
        locator
    }

    /// The number of a block among those of its sort.
    fn count(&self, block: Option<&Block>, is_of_sort: impl Fn(&BlockKind) -> bool) -> Option<u32> {
        let start = block?.text.start;
        let before = self.blocks.iter().filter(|other| other.text.start <= start && is_of_sort(&other.kind));
        u32::try_from(before.count()).ok()
    }

    /// The bytes in which a part of the text stands, as far as its ends have any.
    fn bytes(&self, text: Range<usize>) -> Option<Range<u64>> {
        let start = self.byte(text.start)?.start;
        let end = self.byte(text.end.checked_sub(1)?)?.end;
        (start < end).then_some(start..end)
    }

    /// The bytes of the character that holds a byte of the text, or of the anchor that it belongs to where these are not the same.
    fn byte(&self, at: usize) -> Option<Range<u64>> {
        let number = self.anchors.partition_point(|anchor| anchor.text <= at).checked_sub(1)?;
        let anchor = &self.anchors[number];
        let bytes = anchor.bytes.clone()?;
        let end = self.anchors.get(number + 1).map_or(self.text.len(), |next| next.text);
        let is_same = anchor.how == How::Literal && (end - anchor.text) as u64 == bytes.end - bytes.start;
        if !is_same {
            return Some(bytes);
        }
        let start = bytes.start + (at - anchor.text) as u64;
        Some(start..start + 1)
    }
}
