//! Writes a document block by block, and notes where its words stand.

use std::ops::Range;

use super::super::document::{Anchor, Block, BlockKind, Document, How};

/// What stands between two blocks.
const BETWEEN: &str = "\n\n";

/// A document that is being written.
#[derive(Default)]
pub(super) struct Writer {
    document: Document,
    /// Where the block that is being written begins, and what it is.
    block: Option<(usize, BlockKind)>,
}

impl Writer {
    pub(super) fn new(document: Document) -> Self {
        Writer { document, block: None }
    }

    /// Begins a block if none is being written.
    pub(super) fn begin(&mut self, kind: &BlockKind) {
        if self.block.is_some() {
            return;
        }
        if !self.document.text.is_empty() {
            self.anchor(None, How::Space);
            self.document.text.push_str(BETWEEN);
        }
        self.block = Some((self.document.text.len(), kind.clone()));
    }

    /// Whether a block is being written.
    pub(super) fn is_in_block(&self) -> bool {
        self.block.is_some()
    }

    /// Whether nothing stands in the present line.
    pub(super) fn is_at_line_start(&self) -> bool {
        self.block
            .as_ref()
            .is_none_or(|(start, _)| self.document.text.len() == *start || self.document.text.ends_with('\n'))
    }

    /// Writes words of the block. What is literal and goes on where the last words ended is one stretch with them.
    pub(super) fn push(&mut self, text: &str, bytes: Option<Range<u64>>, how: How) {
        if text.is_empty() {
            return;
        }
        if !self.goes_on(text, bytes.as_ref(), how) {
            self.anchor(bytes, how);
        }
        self.document.text.push_str(text);
    }

    /// Makes the last stretch longer if the words are the next ones of it.
    fn goes_on(&mut self, text: &str, bytes: Option<&Range<u64>>, how: How) -> bool {
        let length = self.document.text.len();
        let Some(last) = self.document.anchors.last_mut() else { return false };
        if last.how == How::Drawn && how == How::Drawn {
            return true;
        }
        let (Some(before), Some(bytes)) = (&mut last.bytes, bytes) else { return false };
        let is_same = how == How::Literal
            && last.how == How::Literal
            && before.end == bytes.start
            && (length - last.text) as u64 == before.end - before.start
            && text.len() as u64 == bytes.end - bytes.start;
        if is_same {
            before.end = bytes.end;
        }
        is_same
    }

    fn anchor(&mut self, bytes: Option<Range<u64>>, how: How) {
        self.document.anchors.push(Anchor { text: self.document.text.len(), bytes, how });
    }

    /// Ends the block; white space at its end is taken off.
    pub(super) fn end(&mut self) {
        let Some((start, kind)) = self.block.take() else { return };
        let document = &mut self.document;
        let length = document.text.len();
        let end = start + document.text[start..].trim_end_matches([' ', '\t', '\n', '\r', '\x0c']).len();
        document.text.truncate(end);
        if end > start {
            document.blocks.push(Block { text: start..end, kind });
        } else if let Some(before) = document.blocks.last() {
            document.text.truncate(before.text.end);
        } else {
            document.text.clear();
        }
        let end = document.text.len();
        let mut reached = length;
        while let Some(anchor) = document.anchors.last_mut() {
            if anchor.text < end {
                if let (How::Literal, Some(bytes)) = (anchor.how, &mut anchor.bytes)
                    && (reached - anchor.text) as u64 == bytes.end - bytes.start
                {
                    bytes.end -= (reached - end) as u64;
                }
                break;
            }
            reached = anchor.text;
            document.anchors.pop();
        }
    }

    /// The document, finished but for what the writer does not know.
    pub(super) fn finish(mut self) -> Document {
        self.end();
        self.document
    }

    /// What is known of the document beside its text.
    pub(super) fn document(&mut self) -> &mut Document {
        &mut self.document
    }
}
