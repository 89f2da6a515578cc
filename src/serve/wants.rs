//! What a request wants of a content: another version than it has, a part, a coding.
//!
//! The headers are read as RFC 9110 has them. One that cannot be read asks for nothing.

use std::ops::RangeInclusive;

use http::header::{ACCEPT_ENCODING, HeaderMap, HeaderName, IF_RANGE, RANGE};

/// Which part of a content is wanted.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Span {
    /// All of it.
    Whole,
    /// The bytes from the first to the last of these, which lie within the content.
    Part(RangeInclusive<u64>),
    /// One that the content does not have.
    Unsatisfiable,
}

/// How two entity tags are compared.
#[derive(Clone, Copy)]
pub(crate) enum Strength {
    /// A weak tag is equal to none.
    Strong,
    /// Whether a tag is weak makes no difference.
    Weak,
}

/// Whether a list of entity tags holds a tag, or `*`, which stands for all.
///
/// A tag of ours has no comma, and so lists need no more than to be cut at theirs. The typed headers are no help: in a
/// build with debug assertions they panic on a tag with a space.
pub(crate) fn names(request: &HeaderMap, name: &HeaderName, strength: Strength, tag: &str) -> bool {
    let is_it = |item: &str| match (item.strip_prefix("W/"), strength) {
        (Some(weak), Strength::Weak) => weak == tag,
        (Some(_), Strength::Strong) => false,
        (None, _) => item == tag || item == "*",
    };
    items(request, name).any(is_it)
}

/// The part that is wanted of a content that has a tag and a length.
///
/// A part of another version is never wanted. No content has a date, and so `If-Range` with one asks for the whole.
pub(crate) fn span(request: &HeaderMap, tag: &str, length: u64) -> Span {
    let is_current = request.get_all(IF_RANGE).iter().all(|value| value == tag);
    let mut ranges = request.get_all(RANGE).iter();
    match (ranges.next().and_then(|range| range.to_str().ok()), ranges.next()) {
        (Some(range), None) if is_current => parse_range(range, length).unwrap_or(Span::Whole),
        _ => Span::Whole,
    }
}

/// Whether gzip is accepted, and identity not preferred to it.
pub(crate) fn gzip(request: &HeaderMap) -> bool {
    let (mut gzip, mut any, mut identity) = (None, None, None);
    for item in items(request, &ACCEPT_ENCODING) {
        let (coding, parameters) = item.split_once(';').unwrap_or((item, ""));
        let quality = quality(parameters);
        match coding.trim().to_ascii_lowercase().as_str() {
            "gzip" | "x-gzip" => gzip = Some(quality),
            "identity" => identity = Some(quality),
            "*" => any = Some(quality),
            _ => {}
        }
    }
    let gzip = gzip.or(any).unwrap_or(0.0);
    gzip > 0.0 && identity.is_none_or(|identity| identity <= gzip)
}

/// Reads the value of a `Range` header; `None` when it is to be ignored.
///
/// Several ranges are ignored, which a server may do. The typed header is no help, as it takes a suffix that is longer
/// than the content for one that cannot be satisfied.
fn parse_range(text: &str, length: u64) -> Option<Span> {
    // A number that is too large for us is beyond the end of any content.
    let number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        is_number.then(|| text.parse().unwrap_or(u64::MAX))
    };
    let (unit, range) = text.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let (first, last) = range.trim_matches([' ', '\t']).split_once('-')?;
    let (start, end) = match (first, last) {
        ("", suffix) => match number(suffix)? {
            0 => return Some(Span::Unsatisfiable),
            // The end of nothing is nothing, which no `Content-Range` can say.
            _ if length == 0 => return None,
            suffix => (length.saturating_sub(suffix), u64::MAX),
        },
        (first, "") => (number(first)?, u64::MAX),
        (first, last) => (number(first)?, number(last)?),
    };
    if end < start {
        return None;
    }
    let is_within = start < length;
    Some(if is_within { Span::Part(start..=end.min(length - 1)) } else { Span::Unsatisfiable })
}

/// The weight among the parameters of an item; one that cannot be read is 0, so that nothing is sent that was not wanted.
fn quality(parameters: &str) -> f32 {
    let weights = parameters.split(';').filter_map(|parameter| parameter.split_once('='));
    let mut weights = weights.filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"));
    let Some((_, weight)) = weights.next() else { return 1.0 };
    weight.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight)).unwrap_or(0.0)
}

/// The items of a header that is a list, on one line or on several.
fn items<'a>(request: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = request.get_all(name).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(|item| item.trim_matches([' ', '\t']))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use http::header::{HeaderValue, IF_NONE_MATCH};

    use super::*;

    fn map(headers: &[(HeaderName, &str)]) -> HeaderMap {
        headers.iter().map(|(name, text)| (name.clone(), HeaderValue::from_str(text).unwrap())).collect()
    }

    #[test]
    fn a_list_of_tags_names_a_tag() {
        for (list, weakly, strongly) in [
            ("\"abc\"", true, true),
            ("W/\"abc\"", true, false),
            ("\"x\" ,\t\"abc\"", true, true),
            ("*", true, true),
            ("\"x\"", false, false),
            ("abc", false, false),
            ("w/\"abc\"", false, false),
            ("\"a b\",,\"", false, false),
            ("", false, false),
        ] {
            let request = map(&[(IF_NONE_MATCH, list)]);
            let named = |strength| names(&request, &IF_NONE_MATCH, strength, "\"abc\"");
            assert_eq!((named(Strength::Weak), named(Strength::Strong)), (weakly, strongly), "{list}");
        }
        let lines = map(&[(IF_NONE_MATCH, "\"x\""), (IF_NONE_MATCH, "\"abc\"")]);
        assert!(names(&lines, &IF_NONE_MATCH, Strength::Weak, "\"abc\""));
    }

    #[test]
    fn one_range_of_bytes_is_read() {
        for (range, length, expected) in [
            ("bytes=2-4", 10, Span::Part(2..=4)),
            ("Bytes= 0-0 ", 10, Span::Part(0..=0)),
            ("bytes=7-", 10, Span::Part(7..=9)),
            ("bytes=-3", 10, Span::Part(7..=9)),
            ("bytes=-99", 10, Span::Part(0..=9)),
            ("bytes=8-99999999999999999999999", 10, Span::Part(8..=9)),
            ("bytes=10-", 10, Span::Unsatisfiable),
            ("bytes=99999999999999999999999-", 10, Span::Unsatisfiable),
            ("bytes=-0", 10, Span::Unsatisfiable),
            ("bytes=0-", 0, Span::Unsatisfiable),
            ("bytes=-1", 0, Span::Whole),
            ("bytes=0-1,3-4", 10, Span::Whole),
            ("bytes=4-2", 10, Span::Whole),
            ("bytes=-", 10, Span::Whole),
            ("bytes=+1-2", 10, Span::Whole),
            ("bytes=1", 10, Span::Whole),
            ("lines=1-2", 10, Span::Whole),
        ] {
            assert_eq!(span(&map(&[(RANGE, range)]), "\"abc\"", length), expected, "{range}");
        }
        assert_eq!(span(&map(&[(RANGE, "bytes=0-1"), (RANGE, "bytes=0-1")]), "\"abc\"", 10), Span::Whole);
    }

    #[test]
    fn a_range_of_another_version_is_not_wanted() {
        for (version, expected) in [
            ("\"abc\"", Span::Part(0..=1)),
            ("W/\"abc\"", Span::Whole),
            ("\"abc-gzip\"", Span::Whole),
            ("Sat, 10 May 2025 12:00:00 GMT", Span::Whole),
        ] {
            let request = map(&[(RANGE, "bytes=0-1"), (IF_RANGE, version)]);
            assert_eq!(span(&request, "\"abc\"", 10), expected, "{version}");
        }
    }

    #[test]
    fn gzip_is_wanted_by_those_who_accept_it() {
        for (accepted, wanted) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.8", true),
            ("x-gzip", true),
            ("*", true),
            ("identity;q=0.5, gzip;q=1", true),
            ("", false),
            ("br", false),
            ("gzip;q=0", false),
            ("gzip; q=0.000, *", false),
            ("*;q=0", false),
            ("gzip;q=2", false),
            ("gzip;q=NaN", false),
            ("identity, gzip;q=0.5", false),
        ] {
            assert_eq!(gzip(&map(&[(ACCEPT_ENCODING, accepted)])), wanted, "{accepted}");
        }
        assert!(!gzip(&HeaderMap::new()));
    }
}
