//! Fenced code as HTML with a dozen classes, so that a theme colours it and a strict Content-Security-Policy holds.
//!
//! syntect parses; its own HTML writer is not used, since it wraps each token in several elements. The syntaxes are
//! loaded when the first block of code is met, and never when there is none.

use std::sync::LazyLock;

use syntect::parsing::{ParseState, Scope, ScopeStack, SyntaxReference, SyntaxSet};

use crate::text::escape_html;

static SYNTAXES: LazyLock<SyntaxSet> = LazyLock::new(SyntaxSet::load_defaults_newlines);

/// The classes, with the scopes that each stands for, most telling first.
static CLASSES: LazyLock<Vec<(Scope, &'static str)>> = LazyLock::new(|| {
    CLASS_OF_SCOPE.iter().filter_map(|(scope, class)| Scope::new(scope).ok().map(|scope| (scope, *class))).collect()
});

const CLASS_OF_SCOPE: [(&str, &str); 27] = [
    ("punctuation.definition.string", "string"),
    ("punctuation.definition.comment", "comment"),
    ("comment", "comment"),
    ("string", "string"),
    ("constant.character.escape", "string"),
    ("constant.numeric", "number"),
    ("constant", "constant"),
    ("keyword.operator", "operator"),
    ("keyword", "keyword"),
    ("storage.type.function", "keyword"),
    ("storage", "keyword"),
    ("entity.name.function", "function"),
    ("support.function", "function"),
    ("variable.function", "function"),
    ("entity.name.tag", "tag"),
    ("entity.other.attribute-name", "attribute"),
    ("entity.name", "type"),
    ("entity.other.inherited-class", "type"),
    ("support.type", "type"),
    ("support.class", "type"),
    ("support.constant", "constant"),
    ("variable.parameter", "variable"),
    ("variable.language", "constant"),
    ("variable", "variable"),
    ("markup.heading", "keyword"),
    ("markup.raw", "string"),
    ("punctuation", "punctuation"),
];

/// The longest block that is highlighted; a longer one is shown plain, since its parsing would hold up the build.
const LIMIT: usize = 64 * 1024;

/// The code as the inside of a `code` element.
pub(crate) fn highlight(language: &str, code: &str) -> String {
    match find_syntax(language) {
        Some(syntax) if code.len() <= LIMIT => emit(syntax, code).unwrap_or_else(|| escape_html(code)),
        _ => escape_html(code),
    }
}

fn find_syntax(language: &str) -> Option<&'static SyntaxReference> {
    let token = language.split([',', ' ', '{']).next().unwrap_or_default();
    if token.is_empty() || matches!(token, "text" | "txt" | "plain") {
        return None;
    }
    SYNTAXES.find_syntax_by_token(token)
}

fn emit(syntax: &SyntaxReference, code: &str) -> Option<String> {
    let mut state = ParseState::new(syntax);
    let mut stack = ScopeStack::new();
    let mut writer = Writer { html: String::with_capacity(code.len() * 2), open: None };
    for line in code.split_inclusive('\n') {
        let operations = state.parse_line(line, &SYNTAXES).ok()?;
        let mut done = 0;
        for (position, operation) in operations {
            let position = position.min(line.len());
            writer.write(class_of(&stack), &line[done..position]);
            stack.apply(&operation).ok()?;
            done = position;
        }
        writer.write(class_of(&stack), &line[done..]);
    }
    Some(writer.finish())
}

/// The class of the innermost scope that has one.
fn class_of(stack: &ScopeStack) -> Option<&'static str> {
    stack
        .scopes
        .iter()
        .rev()
        .find_map(|scope| CLASSES.iter().find_map(|(prefix, class)| prefix.is_prefix_of(*scope).then_some(*class)))
}

/// Writes spans, merging neighbours of one class.
struct Writer {
    html: String,
    open: Option<&'static str>,
}

impl Writer {
    fn write(&mut self, class: Option<&'static str>, text: &str) {
        if text.is_empty() {
            return;
        }
        // White space has no colour, so it need not end a span.
        let is_blank = text.trim().is_empty();
        if class != self.open && !is_blank {
            self.close();
            if let Some(class) = class {
                self.html.push_str("<span class=\"hl-");
                self.html.push_str(class);
                self.html.push_str("\">");
            }
            self.open = class;
        }
        self.html.push_str(&escape_html(text));
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.html.push_str("</span>");
        }
    }

    fn finish(mut self) -> String {
        self.close();
        self.html
    }
}

/// The names of all classes, without their prefix `hl-`.
pub fn class_names() -> Vec<&'static str> {
    let mut names: Vec<_> = CLASS_OF_SCOPE.iter().map(|(_, class)| *class).collect();
    names.sort_unstable();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_gets_few_classes_and_stays_the_same_text() {
        let html = highlight("python", "# a < b\ndef f(x):\n    return 'é'\n");
        assert!(html.starts_with("<span class=\"hl-comment\"># a &lt; b"), "{html}");
        assert!(html.contains("<span class=\"hl-function\">f</span>"), "{html}");
        let mut text = String::new();
        let mut inside = false;
        for c in html.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                _ if !inside => text.push(c),
                _ => {}
            }
        }
        assert_eq!(text.replace("&lt;", "<").replace("&#39;", "'"), "# a < b\ndef f(x):\n    return 'é'\n");
    }

    #[test]
    fn unknown_languages_are_shown_plain() {
        assert_eq!(highlight("klingon", "a < b"), "a &lt; b");
        assert_eq!(highlight("", "a"), "a");
    }
}
