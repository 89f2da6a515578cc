//! What a YAML parser complains of, in the words of somebody who has never heard of scalars and tokens.
//!
//! A parser reports where it stumbled, which is often a line after the mistake. So the text around is looked at for
//! the slips that people make: a tab, a colon without a space, a value with a colon in it, a quotation mark too few.

use std::ops::Range;

use super::too_deep;
use crate::diagnostic::Code;
use crate::parse::problem::Problem;
use crate::text;

/// The problem behind a parser's complaint `info` at the byte `at` of the text.
pub(super) fn explain(yaml: &str, info: &str, at: usize) -> Problem {
    let at = at.min(yaml.len());
    if info == "recursion limit exceeded" {
        return too_deep(at..at);
    }
    if let Some(nul) = yaml.find('\0') {
        return problem(nul..nul + 1, "a control character stands here").hint("remove it");
    }
    if let Some(tab) = indenting_tab(yaml, at) {
        return indented_by_tab(tab);
    }
    let known = match info {
        _ if info.contains("tab") => tab_problem(yaml, at),
        _ if info.ends_with("must be followed by a valid YAML whitespace") => tab_problem(yaml, at),
        "mapping values are not allowed in this context" => colon_problem(yaml, at),
        "simple key expect ':'" | "simple key expected" => keyless_problem(yaml, at),
        _ if info.contains("quoted") => quotation_problem(yaml, info, at),
        _ if info.starts_with("unexpected character") => Some(reserved_start(yaml, at)),
        _ if info.contains("anchor") || info.contains("tag") => Some(reserved_start(yaml, at)),
        _ if info.contains("block scalar") => block_problem(yaml, info, at),
        _ if info.contains("flow") || info.contains("bracket") => Some(bracket_problem(yaml, info, at)),
        "unexpected end of plain scalar"
        | "illegal placement of ':' indicator"
        | "while parsing a node, did not find expected node content" => Some(bracket_problem(yaml, info, at)),
        "block sequence entries are not allowed in this context" => Some(inline_item(yaml, at)),
        _ => layout_problem(yaml, info, at),
    };
    known.unwrap_or_else(|| {
        problem(word_at(yaml, at), format!("this is not YAML: {}", text::excerpt(info, 100)))
            .hint("look at indentation, colons and quotation marks on this line and the one before")
    })
}

fn problem(span: Range<usize>, message: impl Into<String>) -> Problem {
    Problem::new(Code::YamlSyntax, span, message)
}

/// A tab in the indentation of the line at `at`.
fn indenting_tab(yaml: &str, at: usize) -> Option<Range<usize>> {
    let line = line_at(yaml, at);
    let text = &yaml[line.clone()];
    let indentation = &text[..text.len() - text.trim_start_matches([' ', '\t']).len()];
    let tab = line.start + indentation.find('\t')?;
    let tabs = yaml[tab..].bytes().take_while(|byte| *byte == b'\t').count();
    Some(tab..tab + tabs)
}

fn indented_by_tab(tab: Range<usize>) -> Problem {
    problem(tab, "a tab is used for indentation").label("a tab").hint("write spaces instead")
}

fn tab_problem(yaml: &str, at: usize) -> Option<Problem> {
    let line = line_at(yaml, at);
    let Some(tab) = yaml[line.clone()].find('\t').map(|tab| line.start + tab) else {
        let below = at + yaml[at..].find('\t')?;
        return indenting_tab(yaml, below).map(indented_by_tab);
    };
    Some(problem(tab..tab + 1, "a tab stands where a space is meant").label("a tab").hint("write a space instead"))
}

/// A colon that cannot begin a value: the value before it has none of the quotation marks that it needs, or the line
/// was read as the rest of the value above.
fn colon_problem(yaml: &str, at: usize) -> Option<Problem> {
    let line = line_at(yaml, at);
    let before = &yaml[line.start..at];
    if let Some((value, hint)) = unquoted_value(yaml, line.clone(), at) {
        return Some(problem(value, "a value with a colon in it needs quotation marks").hint(hint));
    }
    let above = line_above(yaml, line.start)?;
    if let Some(found) = missing_space(yaml, above.clone()).or_else(|| missing_colon(yaml, above.clone())) {
        return Some(found);
    }
    let indentation = line.start..at - before.trim_start().len();
    let found = problem(word_at(yaml, indentation.end), "this line is indented further than the line above it");
    Some(found.label("starts too far to the right").hint("start it in the same column as the keys above"))
}

/// The value that begins before `at` on a line, and how to write it in quotation marks.
fn unquoted_value(yaml: &str, line: Range<usize>, at: usize) -> Option<(Range<usize>, String)> {
    let colon = line.start + yaml[line.start..at].find(": ")?;
    let key = yaml[line.start..colon].trim_start_matches(['-', ' ', '\t']);
    let value = yaml[colon + 1..line.end].trim();
    let start = colon + 1 + yaml[colon + 1..line.end].find(value)?;
    let hint = format!("write `{}: {}`", text::excerpt(key, 40), quoted(value));
    Some((start..start + value.len(), hint))
}

/// A line that should be a key with a value and is not.
fn keyless_problem(yaml: &str, at: usize) -> Option<Problem> {
    let here = line_at(yaml, at);
    let line = if yaml[here.start..at].trim().is_empty() { line_above(yaml, here.start)? } else { here };
    missing_space(yaml, line.clone()).or_else(|| missing_colon(yaml, line))
}

/// `date:2025`: a colon that a space should follow.
fn missing_space(yaml: &str, line: Range<usize>) -> Option<Problem> {
    let content = content_of(yaml, line);
    let text = &yaml[content.clone()];
    let colon = text.find(':')?;
    let (key, value) = (&text[..colon], &text[colon + 1..]);
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    if !is_key || value.is_empty() || value.starts_with([' ', '\t', '/']) || value.contains(": ") {
        return None;
    }
    let colon = content.start + colon;
    let found = problem(colon..colon + 1, "a space is missing after the colon").label("no space after this");
    Some(found.hint(format!("write `{key}: {}`", text::excerpt(value, 40))))
}

/// `date 2025`: a line that has no colon at all.
fn missing_colon(yaml: &str, line: Range<usize>) -> Option<Problem> {
    let content = content_of(yaml, line);
    let text = &yaml[content.clone()];
    if text.is_empty() || text.contains(": ") || text.ends_with(':') {
        return None;
    }
    let found = problem(content, "this line is no key with a value").label("no colon here");
    Some(found.hint("write it as `key: value`, or indent it if it continues the value above"))
}

fn quotation_problem(yaml: &str, info: &str, at: usize) -> Option<Problem> {
    if info.starts_with("invalid trailing content") {
        return Some(after_quotation(yaml, at));
    }
    let start = yaml[at..].find(['"', '\''])? + at;
    let never_closed = ["end of stream", "document indicator", "invalid indentation"];
    if never_closed.iter().any(|part| info.contains(part)) {
        let mark = &yaml[start..start + 1];
        let found = problem(start..start + 1, "a quotation mark is never closed").label("opened here");
        return Some(
            found.hint(format!("write `{mark}` at the end of the value too; lines that continue it are indented")),
        );
    }
    let escape = wrong_escape(yaml, start)?;
    let shown = text::excerpt(&yaml[escape.clone()], 10);
    let found = problem(escape, format!("`{shown}` means nothing between double quotation marks"));
    Some(found.hint("write a backslash twice, or use single quotation marks around the value"))
}

/// Text behind the mark that closes a value: the author meant the marks to be part of it.
fn after_quotation(yaml: &str, at: usize) -> Problem {
    let line = line_at(yaml, at);
    let end = at + yaml[at..line.end].trim_end().len();
    let is_single = yaml[..at].trim_end().ends_with('\'');
    let found = problem(at..end.max(at), "the value goes on after its closing quotation mark").label("after the mark");
    found.hint(if is_single {
        "write an apostrophe within single quotation marks twice, or put the whole value in double ones"
    } else {
        "put the whole value in single quotation marks, such as `'\"one\" and \"two\"'`"
    })
}

/// The first escape that YAML does not know, in a value between double quotation marks.
fn wrong_escape(yaml: &str, start: usize) -> Option<Range<usize>> {
    let mut characters = yaml[start + 1..].char_indices();
    while let Some((at, c)) = characters.next() {
        let escape = start + 1 + at;
        match c {
            '"' => return None,
            '\\' => {
                let (_, escaped) = characters.next()?;
                let length = match escaped {
                    'x' => 2,
                    'u' => 4,
                    'U' => 8,
                    c if "0abt\tnvfre \"/\\N_LP\n\r".contains(c) => continue,
                    c => return Some(escape..escape + 1 + c.len_utf8()),
                };
                let digits = &yaml[escape + 2..];
                let found = digits.bytes().take(length).take_while(u8::is_ascii_hexdigit).count();
                let number = u32::from_str_radix(&digits[..found], 16).ok();
                if found < length || number.and_then(char::from_u32).is_none() {
                    return Some(escape..escape + 2 + found);
                }
            }
            _ => {}
        }
    }
    None
}

/// A value that begins with a character that YAML keeps for itself.
fn reserved_start(yaml: &str, at: usize) -> Problem {
    let line = line_at(yaml, at);
    let value = yaml[at..line.end].trim_end();
    let Some(first) = value.chars().next() else {
        return problem(at..at, "a value is missing here").hint("write a value or remove the key");
    };
    let shown = text::excerpt(&first.to_string(), 1);
    problem(at..at + value.len(), format!("a value that begins with `{shown}` needs quotation marks"))
        .hint(format!("write `{}`", quoted(value)))
}

fn block_problem(yaml: &str, info: &str, at: usize) -> Option<Problem> {
    if info.contains("did not find expected comment or line break") {
        return Some(reserved_start(yaml, at));
    }
    if info.contains("wrongly indented") {
        let found = problem(word_at(yaml, at), "this line is indented less than the first line of its text");
        return Some(found.hint("indent all lines of the text by the same number of spaces"));
    }
    None
}

fn bracket_problem(yaml: &str, info: &str, at: usize) -> Problem {
    let span = word_at(yaml, at);
    let is_closing = yaml[span.clone()].starts_with([']', '}']);
    if info == "misplaced bracket" || (info.contains("node content") && is_closing) {
        let found = problem(span.start..(span.start + 1).min(yaml.len()), "this bracket closes nothing");
        return found.hint("remove it, or put the value in quotation marks if it belongs to it");
    }
    if let Some(open) = unclosed_bracket(yaml, at) {
        let (list, closing) = if yaml[open..].starts_with('[') { ("list", "]") } else { ("mapping", "}") };
        let found = problem(open..open + 1, format!("a {list} in brackets is not closed")).label("opened here");
        let found = if span.is_empty() { found } else { found.related(span, "not expected here") };
        return found.hint(format!(
            "close it with `{closing}` and put commas between its values; a value that begins with a bracket needs quotation marks"
        ));
    }
    problem(span, "a value is expected here").hint("write a value, in quotation marks if it begins with a sign")
}

/// `key: - value`: a list that begins on the line of its key.
fn inline_item(yaml: &str, at: usize) -> Problem {
    problem(at..(at + 1).min(yaml.len()), "a list cannot begin on the line of its key")
        .hint("put the first `- ` on a line of its own, or write the list as `[first, second]`")
}

fn layout_problem(yaml: &str, info: &str, at: usize) -> Option<Problem> {
    let span = word_at(yaml, at);
    let hint_column = "start it in the same column as the line that it belongs with";
    match info {
        "comment intercepting the multiline text" => {
            let found = problem(span, "a comment stands in the middle of a value");
            Some(found.hint("put the value in quotation marks if the `#` belongs to it"))
        }
        "comments must be separated from other tokens by whitespace" => {
            let found = problem(span, "a `#` stands right behind a value");
            Some(found.hint("put a space before a comment; put the value in quotation marks if the `#` belongs to it"))
        }
        "found unprintable character" => {
            let found = problem(span, "a control character stands here");
            Some(found.hint("remove it"))
        }
        "while parsing a block collection, did not find expected '-' indicator" => {
            let found = problem(span, "this line is no item of the list above it");
            Some(found.hint("begin it with `- `, or start it in the column of the list's key"))
        }
        "while parsing a block mapping, did not find expected key" => {
            let line = line_at(yaml, at);
            if let Some((value, hint)) = unquoted_value(yaml, line.clone(), at) {
                return Some(
                    problem(value, "a value that begins with a bracket or a mark needs quotation marks").hint(hint),
                );
            }
            let is_line = yaml[line.start..at].trim().is_empty();
            let what = if is_line { "this line starts in a column of its own" } else { "nothing can follow here" };
            Some(problem(span, what).hint(hint_column))
        }
        "invalid indentation" | "did not find expected <document start>" => {
            Some(problem(span, "this line does not belong to the lines above").hint(hint_column))
        }
        _ => None,
    }
}

/// The last bracket before `at` that nothing closes, quotation marks and comments left aside.
fn unclosed_bracket(yaml: &str, at: usize) -> Option<usize> {
    let mut open = Vec::new();
    let mut quote = None;
    for (place, c) in yaml[..at].char_indices() {
        match (quote, c) {
            (Some(mark), c) if mark == c => quote = None,
            (None, '"' | '\'') if !open.is_empty() => quote = Some(c),
            (None, '[' | '{') => open.push(place),
            (None, ']' | '}') => drop(open.pop()),
            _ => {}
        }
    }
    open.pop()
}

/// The value as it could stand in a front matter, in the quotation marks that suit it.
pub(in crate::parse) fn quoted(value: &str) -> String {
    let value = text::excerpt(value, 60);
    if value.contains(['"', '\\']) { format!("'{}'", value.replace('\'', "''")) } else { format!("\"{value}\"") }
}

/// The bytes of the line that `at` is in, without its line break.
fn line_at(yaml: &str, at: usize) -> Range<usize> {
    let start = yaml[..at].rfind('\n').map_or(0, |line_break| line_break + 1);
    let end = yaml[at..].find('\n').map_or(yaml.len(), |line_break| at + line_break);
    let text = &yaml[start..end];
    start..start + text.strip_suffix('\r').unwrap_or(text).len().max(at - start)
}

/// The nearest line above the one that starts at `start` which has something on it and is no comment.
fn line_above(yaml: &str, start: usize) -> Option<Range<usize>> {
    let mut end = start;
    while end > 0 {
        let line = line_at(yaml, end - 1);
        let text = yaml[line.clone()].trim();
        if !text.is_empty() && !text.starts_with('#') {
            return Some(line);
        }
        end = line.start;
    }
    None
}

/// A line without its indentation, its list marks and the blanks at its end.
fn content_of(yaml: &str, line: Range<usize>) -> Range<usize> {
    let text = yaml[line.clone()].trim_end();
    let mut content = text.trim_start();
    while let Some(item) = content.strip_prefix("- ") {
        content = item.trim_start();
    }
    let start = line.start + text.len() - content.len();
    start..start + content.len()
}

/// The word that starts at `at`, without the rest of its line.
fn word_at(yaml: &str, at: usize) -> Range<usize> {
    // At the very end there is nothing to show but the last word's end.
    let at = if yaml[at..].trim().is_empty() { yaml.trim_end().len() } else { at };
    let rest = &yaml[at..];
    at..at + rest.find(char::is_whitespace).unwrap_or(rest.len())
}
