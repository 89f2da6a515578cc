//! Splitting a file into its documents and a document into front matter and prose, without copying.

use std::ops::Range;

use crate::read::{Form, SourceFile};

/// The largest front matter of a Markdown file, or document of a record file, that is read as YAML.
pub(crate) const YAML_LIMIT: usize = 256 * 1024;

/// One record's bytes in its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Document {
    /// The YAML between the fences, or the whole document of a record file.
    pub(crate) yaml: Range<usize>,
    /// The Markdown after the front matter; `None` in a record file, where prose stands under `body:`.
    pub(crate) body: Option<Range<usize>>,
}

/// Why a Markdown file has no front matter that could be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum FrontError {
    /// The file does not start with `---`.
    Missing,
    /// There is no second `---`; the range is that of the first.
    Unclosed(Range<usize>),
}

/// Splits a file into its documents.
pub(crate) fn split(file: &SourceFile) -> Result<Vec<Document>, FrontError> {
    match file.form {
        Form::Markdown => split_markdown(&file.text).map(|document| vec![document]),
        Form::Yaml => Ok(split_yaml(&file.text)),
    }
}

fn split_markdown(text: &str) -> Result<Document, FrontError> {
    let mut lines = Lines::new(text, 0);
    let opening = loop {
        match lines.next() {
            Some(line) if text[line.clone()].trim().is_empty() => {}
            Some(line) if is_fence(&text[line.clone()]) => break line,
            _ => return Err(FrontError::Missing),
        }
    };
    let start = lines.position;
    for line in lines {
        let content = text[line.clone()].trim_end();
        if content == "---" || content == "..." {
            let body = next_line(text, line.end);
            return Ok(Document { yaml: start..line.start, body: Some(body..text.len()) });
        }
    }
    Err(FrontError::Unclosed(opening))
}

fn split_yaml(text: &str) -> Vec<Document> {
    let mut documents = Vec::new();
    let mut start = 0;
    let mut push = |range: Range<usize>| {
        if text[range.clone()].lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with('#')) {
            documents.push(Document { yaml: range, body: None });
        }
    };
    for line in Lines::new(text, 0) {
        let content = &text[line.clone()];
        // At the start of a line these marks end a document, even inside of a block of text (YAML 1.2, 9.1.4).
        if is_fence(content) || content.trim_end() == "..." {
            push(start..line.start);
            start = next_line(text, line.end);
        }
    }
    push(start..text.len());
    documents
}

fn is_fence(line: &str) -> bool {
    line.trim_end() == "---"
}

fn next_line(text: &str, end_of_line: usize) -> usize {
    text[end_of_line..].find('\n').map_or(text.len(), |newline| end_of_line + newline + 1)
}

/// The lines of a text as ranges, without their line ends.
struct Lines<'a> {
    text: &'a str,
    position: usize,
}

impl<'a> Lines<'a> {
    fn new(text: &'a str, position: usize) -> Self {
        Lines { text, position }
    }
}

impl Iterator for Lines<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        if self.position >= self.text.len() {
            return None;
        }
        let start = self.position;
        let rest = &self.text.as_bytes()[start..];
        let length = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        self.position = (start + length + 1).min(self.text.len());
        let end = if rest[..length].ends_with(b"\r") { start + length - 1 } else { start + length };
        Some(start..end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markdown(text: &str) -> Result<(&str, &str), FrontError> {
        split_markdown(text).map(|document| (&text[document.yaml], &text[document.body.expect("Markdown has a body")]))
    }

    #[test]
    fn front_matter_stands_between_fences() {
        assert_eq!(markdown("---\na: 1\n---\nProse\n"), Ok(("a: 1\n", "Prose\n")));
        assert_eq!(markdown("---\r\na: 1\r\n---\r\nProse\r\n"), Ok(("a: 1\r\n", "Prose\r\n")));
        assert_eq!(markdown("\n---\na: 1\n---"), Ok(("a: 1\n", "")));
        assert_eq!(markdown("---\n---\n"), Ok(("", "")));
        assert_eq!(markdown("---\na: '\n --- '\n---\nx"), Ok(("a: '\n --- '\n", "x")));
        assert_eq!(markdown("Prose"), Err(FrontError::Missing));
        assert_eq!(markdown("---\na: 1\n"), Err(FrontError::Unclosed(0..3)));
        assert_eq!(markdown("--- x\n---\n"), Err(FrontError::Missing));
    }

    #[test]
    fn record_files_hold_any_number_of_documents() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<&str> = split_yaml(text).into_iter().map(|document| &text[document.yaml]).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("a: 1\n", &["a: 1\n"]);
        check("---\na: 1\n---\nb: 2\n", &["a: 1\n", "b: 2\n"]);
        check("# only a comment\n---\na: 1\n...\n", &["a: 1\n"]);
        check("", &[]);
        check("---\r\na: 1\r\n---\r\nb: 2", &["a: 1\r\n", "b: 2"]);
    }
}
