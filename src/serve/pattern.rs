//! Patterns of paths with `*` and `:name`, as in `_headers` and `_redirects`.
//!
//! A pattern has one `*` at most, which the hosts hold to as well. So it is matched in one pass over the path, and none is
//! slow, whoever wrote it.

use percent_encoding::percent_decode_str;

use super::path::encode;

/// A path with placeholders, cut at its slashes and at its `*`.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    head: Vec<Segment>,
    /// What follows the `*`, if there is one.
    tail: Option<Vec<Segment>>,
}

/// What placeholders stand for in a path, by their names; `splat` is that of `*`.
pub(crate) type Captures<'a> = Vec<(&'a str, String)>;

#[derive(Clone, Debug)]
enum Segment {
    Text(String),
    /// `:name`, for one segment that is not empty.
    Placeholder(String),
}

impl Pattern {
    /// Reads a pattern; `None` when it is no path below this host, or cannot be told apart.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let below = text.strip_prefix('/')?;
        if below.contains(['?', '#']) || below.contains(char::is_whitespace) {
            return None;
        }
        let (head, tail) = match below.split_once('*') {
            None => (segments(below)?, None),
            Some((_, tail)) if tail.contains('*') => return None,
            Some((head, tail)) => (segments(head)?, Some(segments(tail)?)),
        };
        // Beside a `*` there is only text, since nothing tells where a placeholder would end.
        let beside = tail.as_ref().map(|tail| [head.last(), tail.first()]).into_iter().flatten().flatten();
        let is_told = beside.into_iter().all(|segment| matches!(segment, Segment::Text(_)));
        is_told.then_some(Pattern { head, tail })
    }

    /// What the placeholders stand for in a decoded path, if it matches as a whole.
    pub(crate) fn captures(&self, path: &str) -> Option<Captures<'_>> {
        let parts: Vec<&str> = path.strip_prefix('/')?.split('/').collect();
        let mut captures = Captures::new();
        let Some(tail) = &self.tail else {
            return match_all(&self.head, &parts, &mut captures).then_some(captures);
        };
        let (Segment::Text(before), head) = self.head.split_last()? else { return None };
        let (Segment::Text(after), tail) = tail.split_first()? else { return None };
        // At least one part is left for the `*`, which may take several.
        let middle = head.len()..parts.len().checked_sub(tail.len())?;
        let splat = parts.get(middle.clone()).filter(|parts| !parts.is_empty())?.join("/");
        let splat = splat.strip_prefix(before.as_str())?.strip_suffix(after.as_str())?;
        let is_match = match_all(head, &parts[..middle.start], &mut captures)
            && match_all(tail, &parts[middle.end..], &mut captures);
        captures.push(("splat", splat.to_owned()));
        is_match.then_some(captures)
    }
}

/// Puts what was captured, encoded, in the place of placeholders; what is none, such as `:8080`, stays.
pub(crate) fn expand(to: &str, captures: &Captures<'_>) -> String {
    let mut pieces = to.split(':');
    let mut expanded = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_at(name_length(piece));
        match captures.iter().find(|(other, _)| *other == name) {
            Some((_, value)) => expanded.extend([&encode(value), rest]),
            None => expanded.extend([":", piece]),
        }
    }
    match expanded.strip_prefix('/') {
        // Two slashes at the beginning would name another host.
        Some(below) => format!("/{}", below.trim_start_matches('/')),
        None => expanded,
    }
}

fn segments(text: &str) -> Option<Vec<Segment>> {
    let segment = |text: &str| match text.strip_prefix(':') {
        Some(name) if !name.is_empty() && name_length(name) == name.len() => {
            Some(Segment::Placeholder(name.to_owned()))
        }
        _ => Some(Segment::Text(percent_decode_str(text).decode_utf8().ok()?.into_owned())),
    };
    text.split('/').map(segment).collect()
}

fn match_all<'a>(segments: &'a [Segment], parts: &[&str], captures: &mut Captures<'a>) -> bool {
    segments.len() == parts.len()
        && segments.iter().zip(parts).all(|(segment, part)| match segment {
            Segment::Text(text) => text == part,
            Segment::Placeholder(name) => {
                captures.push((name, (*part).to_owned()));
                !part.is_empty()
            }
        })
}

/// How much of the beginning of a text is a name: a letter, and then letters, digits and underscores.
fn name_length(text: &str) -> usize {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    if text.starts_with(|c: char| c.is_ascii_alphabetic()) { end } else { 0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_pattern_matches_whole_paths() {
        for (pattern, path, expected) in [
            ("/a", "/a", true),
            ("/a", "/a/", false),
            ("/a", "/A", false),
            ("/", "/", true),
            ("/*", "/", true),
            ("/*", "/a/b", true),
            ("/a/*", "/a/", true),
            ("/a/*", "/a/b/c", true),
            ("/a/*", "/ab", false),
            ("/*.css", "/x/y.css", true),
            ("/*.css", "/y.js", false),
            ("/a*a", "/a", false),
            ("/*/b/:c", "/x/y/b/z", true),
            ("/*/b/:c", "/b/z", false),
            ("/:a/x", "/b/x", true),
            ("/:a/x", "/b/c/x", false),
            ("/:a", "/", false),
            ("/caf%C3%A9", "/café", true),
            ("/*/*", "/a/b", false),
            ("/:a*", "/a", false),
            ("a", "/a", false),
        ] {
            let matches = Pattern::parse(pattern).is_some_and(|pattern| pattern.captures(path).is_some());
            assert_eq!(matches, expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_hostile_pattern_is_matched_in_one_pass() {
        let pattern = Pattern::parse(&format!("/{}*{}/x", ":a/".repeat(300), "/:b".repeat(300))).unwrap();
        assert!(pattern.captures(&"/a".repeat(10_000)).is_none());
    }
}
