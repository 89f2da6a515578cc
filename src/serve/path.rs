//! From the path of a request to a file of the site, and back to a `Location`.
//!
//! A path is decoded once and refused when it could mean two things. Nothing here asks the disk: whether a file exists is
//! the caller's to say.

use std::borrow::Cow;
use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// All but the unreserved characters of RFC 3986 and the slash.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Why a path is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadPath {
    /// It does not begin with a slash.
    NotRooted,
    /// A `%` stands before something else than two hex digits.
    BrokenEscape,
    /// It is not UTF-8 when it is decoded.
    NotUtf8,
    /// It holds a control character, such as NUL or a line break.
    Control,
    /// It holds a backslash, which some take for a slash.
    Backslash,
    /// A segment is `.` or `..`.
    DotSegment,
    /// A segment holds a slash, written as `%2F`.
    EncodedSlash,
    /// Two slashes stand side by side.
    EmptySegment,
}

/// What a static host has for a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The file at this path below the base.
    File(String),
    /// The file goes by this other path below the base, which differs in its last slash.
    MoveTo(String),
    /// Nothing.
    Missing,
}

/// Decodes the path of a request, once: `%252e` is the text `%2e`.
///
/// The slash at the beginning stays, and so does one at the end.
pub(crate) fn decode(raw_path: &str) -> Result<String, BadPath> {
    let segments = raw_path.strip_prefix('/').ok_or(BadPath::NotRooted)?;
    let last = segments.split('/').count() - 1;
    let mut path = String::with_capacity(raw_path.len());
    for (index, raw) in segments.split('/').enumerate() {
        // The last segment is empty when the path ends with a slash.
        if raw.is_empty() && index < last {
            return Err(BadPath::EmptySegment);
        }
        path.push('/');
        path.push_str(&decode_segment(raw)?);
    }
    Ok(path)
}

/// Looks for a file the way static hosts do; `path` is decoded and begins below the base, without a slash.
///
/// A path that is moved to is one at which there is a file, so that nobody is sent in circles.
pub(crate) fn find(path: &str, exists: impl Fn(&str) -> bool) -> Found {
    let Some(folder) = path.strip_suffix('/').or(path.is_empty().then_some("")) else {
        return find_file(path, exists);
    };
    let index = format!("{path}index.html");
    if exists(&index) {
        Found::File(index)
    } else if !folder.is_empty() && exists(&format!("{folder}.html")) {
        Found::MoveTo(folder.to_owned())
    } else {
        Found::Missing
    }
}

/// Encodes a path for a `Location`: only ASCII, and never `//` at the beginning, which would name another host.
pub(crate) fn encode(path: &str) -> String {
    let below = path.trim_start_matches('/');
    let root = if below.len() < path.len() { "/" } else { "" };
    format!("{root}{}", utf8_percent_encode(below, ESCAPED))
}

fn decode_segment(raw: &str) -> Result<Cow<'_, str>, BadPath> {
    let is_escape = |after: &str| after.len() >= 2 && after.bytes().take(2).all(|byte| byte.is_ascii_hexdigit());
    if !raw.split('%').skip(1).all(is_escape) {
        return Err(BadPath::BrokenEscape);
    }
    let segment = percent_decode_str(raw).decode_utf8().map_err(|_| BadPath::NotUtf8)?;
    match &*segment {
        "." | ".." => Err(BadPath::DotSegment),
        text if text.contains(char::is_control) => Err(BadPath::Control),
        text if text.contains('\\') => Err(BadPath::Backslash),
        text if text.contains('/') => Err(BadPath::EncodedSlash),
        _ => Ok(segment),
    }
}

fn find_file(path: &str, exists: impl Fn(&str) -> bool) -> Found {
    let page = format!("{path}.html");
    if exists(path) {
        Found::File(path.to_owned())
    } else if exists(&page) {
        Found::File(page)
    } else if exists(&format!("{path}/index.html")) {
        Found::MoveTo(format!("{path}/"))
    } else {
        Found::Missing
    }
}

impl fmt::Display for BadPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadPath::NotRooted => "the path does not begin with `/`; ask for `/` or for a path below it",
            BadPath::BrokenEscape => {
                "a `%` in the path is not followed by two hex digits; write `%25` for the character"
            }
            BadPath::NotUtf8 => "the path is not UTF-8; encode its characters as UTF-8",
            BadPath::Control => "the path holds a control character; leave it out",
            BadPath::Backslash => "the path holds a backslash; write `/` between its parts",
            BadPath::DotSegment => "the path holds `.` or `..` as a part; write out where it leads",
            BadPath::EncodedSlash => "the path holds a slash as `%2F`; write `/` between its parts",
            BadPath::EmptySegment => "the path holds `//`; write one `/` between its parts",
        })
    }
}

impl std::error::Error for BadPath {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_path_is_decoded_once() {
        for (raw, path) in [
            ("/", "/"),
            ("/actors/jane-doe.html", "/actors/jane-doe.html"),
            ("/actors/", "/actors/"),
            ("/caf%C3%A9%20x", "/café x"),
            ("/caf\u{e9}", "/café"),
            ("/%252e%252E/x", "/%2e%2E/x"),
            ("/%252f", "/%2f"),
            ("/.well-known/...", "/.well-known/..."),
            ("/a+b", "/a+b"),
        ] {
            assert_eq!(decode(raw).unwrap(), path, "{raw}");
        }
    }

    #[test]
    fn a_path_that_could_mean_two_things_is_refused() {
        for (raw, reason) in [
            ("", BadPath::NotRooted),
            ("*", BadPath::NotRooted),
            ("x/y", BadPath::NotRooted),
            ("/%", BadPath::BrokenEscape),
            ("/%4", BadPath::BrokenEscape),
            ("/%4/1", BadPath::BrokenEscape),
            ("/%zz", BadPath::BrokenEscape),
            ("/%+1", BadPath::BrokenEscape),
            ("/%%41", BadPath::BrokenEscape),
            ("/%é", BadPath::BrokenEscape),
            ("/%ff", BadPath::NotUtf8),
            ("/%c0%af", BadPath::NotUtf8),
            ("/%00", BadPath::Control),
            ("/a%0d%0ab", BadPath::Control),
            ("/%7f", BadPath::Control),
            ("/%c2%85", BadPath::Control),
            ("/a%5Cb", BadPath::Backslash),
            ("/a\\b", BadPath::Backslash),
            ("/.", BadPath::DotSegment),
            ("/a/../b", BadPath::DotSegment),
            ("/%2e%2E/x", BadPath::DotSegment),
            ("/.%2e", BadPath::DotSegment),
            ("/a%2Fb", BadPath::EncodedSlash),
            ("/..%2f", BadPath::EncodedSlash),
            ("//", BadPath::EmptySegment),
            ("//example.com", BadPath::EmptySegment),
            ("/a//b", BadPath::EmptySegment),
            ("/a//", BadPath::EmptySegment),
        ] {
            assert_eq!(decode(raw), Err(reason), "{raw}");
        }
    }

    const SITE: [&str; 6] =
        ["index.html", "style.css", "actors/index.html", "actors/jane-doe.html", "both.html", "both/index.html"];

    fn look(path: &str) -> Found {
        find(path, |file| SITE.contains(&file))
    }

    #[test]
    fn files_are_found_as_static_hosts_find_them() {
        let file = |path: &str| Found::File(path.to_owned());
        let moved = |path: &str| Found::MoveTo(path.to_owned());
        for (path, found) in [
            ("", file("index.html")),
            ("style.css", file("style.css")),
            ("style.css/", Found::Missing),
            ("index", file("index.html")),
            ("actors/", file("actors/index.html")),
            ("actors", moved("actors/")),
            ("actors/jane-doe.html", file("actors/jane-doe.html")),
            ("actors/jane-doe", file("actors/jane-doe.html")),
            ("actors/jane-doe/", moved("actors/jane-doe")),
            ("both", file("both.html")),
            ("both/", file("both/index.html")),
            ("nobody", Found::Missing),
            ("nobody/", Found::Missing),
            ("/", Found::Missing),
        ] {
            assert_eq!(look(path), found, "{path}");
        }
    }

    #[test]
    fn a_site_without_a_first_page_has_nothing_at_its_base() {
        assert_eq!(find("", |file| file == ".html"), Found::Missing);
    }

    #[test]
    fn a_move_leads_to_a_file() {
        for path in ["actors", "actors/jane-doe/"] {
            let Found::MoveTo(target) = look(path) else { panic!("`{path}` is moved") };
            assert!(matches!(look(&target), Found::File(_)), "{target}");
        }
    }

    #[test]
    fn an_encoded_path_stays_on_this_host() {
        for (path, encoded) in [
            ("/actors/jane-doe_1.~html", "/actors/jane-doe_1.~html"),
            ("/café x/", "/caf%C3%A9%20x/"),
            ("//example.com", "/example.com"),
            ("///", "/"),
            ("/\\example.com", "/%5Cexample.com"),
            ("javascript:x", "javascript%3Ax"),
            ("/a?b#c%\r\n", "/a%3Fb%23c%25%0D%0A"),
            ("", ""),
        ] {
            assert_eq!(encode(path), encoded, "{path}");
        }
    }

    #[test]
    fn what_was_encoded_decodes_to_the_same() {
        for path in ["/", "/a b/", "/%2e/é", "/?#[]@!$&'()*+,;="] {
            assert_eq!(decode(&encode(path)).unwrap(), path);
        }
    }
}
