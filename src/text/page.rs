//! Pages of plain text: for those who have nothing but a terminal or an editor.

/// How wide a page is, in letters.
const WIDTH: usize = 78;

/// A page as it grows. Between its parts stands one blank line.
#[derive(Debug, Default)]
pub(crate) struct Page {
    text: String,
}

impl Page {
    /// The whole page.
    pub(crate) fn finish(mut self) -> String {
        self.text.truncate(self.text.trim_end().len());
        self.text + "\n"
    }

    /// Whether nothing stands on it.
    pub(crate) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// A line as it is, however long.
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Ends a part.
    pub(crate) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// A heading over a rule made of one sign.
    pub(crate) fn heading(&mut self, heading: &str, rule: char) {
        self.blank();
        let lines = wrapped(heading, WIDTH);
        let width = lines.iter().map(|line| line.chars().count()).max().unwrap_or(0);
        lines.iter().for_each(|line| self.line(line));
        self.line(&rule.to_string().repeat(width));
        self.blank();
    }

    /// A part of running text.
    pub(crate) fn paragraph(&mut self, text: &str) {
        self.blank();
        wrapped(text, WIDTH).iter().for_each(|line| self.line(line));
        self.blank();
    }

    /// Running text that stands in by so many letters.
    pub(crate) fn indented(&mut self, text: &str, by: usize) {
        let indent = " ".repeat(by);
        wrapped(text, WIDTH - by).iter().for_each(|line| self.line(&format!("{indent}{line}")));
    }

    /// What is to be typed.
    pub(crate) fn command(&mut self, command: &str) {
        self.line(&format!("    {command}"));
    }

    /// A file, and what is in it.
    pub(crate) fn item(&mut self, path: &str, what: &str) {
        self.line(&format!("  {path}"));
        self.line(&format!("      {what}"));
    }
}

/// A text in lines of at most so many letters; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let last = lines.last_mut().expect("there is always a line");
        if !last.is_empty() && last.chars().count() + 1 + word.chars().count() > width {
            lines.push(word.to_owned());
        } else {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(word);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_one_blank_line_between_its_parts_and_none_at_its_end() {
        let mut page = Page::default();
        page.heading("A page", '=');
        page.paragraph(&"word ".repeat(20));
        page.indented("inside", 4);
        page.blank();
        page.command("sha256sum -c LIST");
        page.blank();
        let words = "word ".repeat(15);
        let rest = "word ".repeat(5);
        let expected =
            format!("A page\n======\n\n{}\n{}\n\n    inside\n\n    sha256sum -c LIST\n", words.trim(), rest.trim());
        assert_eq!(page.finish(), expected);
    }

    #[test]
    fn a_word_that_is_too_long_has_a_line_of_its_own() {
        assert_eq!(wrapped("a bcdefg h", 4), ["a", "bcdefg", "h"]);
        assert_eq!(wrapped("", 4), [""]);
    }
}
