//! The files `_headers` and `_redirects`, read as Netlify and Cloudflare Pages read them.
//!
//! A line that cannot be read is skipped, as hosts do. What a preview cannot know or do is skipped as well: conditions such
//! as the country of a visitor, and other hosts behind a rewrite.

use http::header::{HeaderName, HeaderValue, SET_COOKIE};
use percent_encoding::{CONTROLS, percent_decode_str, utf8_percent_encode};

use super::pattern::{Pattern, expand};

/// The longest line that is read, which bounds what a placeholder that is repeated can grow to.
const LINE_LIMIT: usize = 2000;

/// Headers that belong to the connection, to the way the body is sent or to what the server checks it by.
const OURS: [&str; 20] = [
    "accept-ranges",
    // A browser that keeps pages shows old ones, and those of another view of the same port.
    "age",
    "cache-control",
    "expires",
    "pragma",
    "allow",
    "connection",
    "content-encoding",
    "content-length",
    "content-range",
    "date",
    "etag",
    "keep-alive",
    "location",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "vary",
];

/// The rules of a `_headers` file.
#[derive(Clone, Debug, Default)]
pub(crate) struct HeaderRules(Vec<(Pattern, Vec<(HeaderName, HeaderValue)>)>);

/// The rules of a `_redirects` file, in their order.
#[derive(Clone, Debug, Default)]
pub(crate) struct RedirectRules(Vec<Redirect>);

/// Where a rule leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Redirected {
    /// A path with a slash at its beginning or, of a redirect, an address; percent-encoded, and with its query.
    pub(crate) to: String,
    /// 301, 302, 303, 307 or 308 send the browser there; 200 and 404 show what is there.
    pub(crate) status: u16,
}

#[derive(Clone, Debug)]
struct Redirect {
    from: Pattern,
    to: String,
    status: u16,
    shadowing: Shadowing,
}

/// What becomes of a file at the path of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shadowing {
    /// The file is shown.
    FileWins,
    /// The rule is followed: it ends with `!`.
    RuleWins,
}

impl HeaderRules {
    /// Reads a `_headers` file.
    pub(crate) fn parse(text: &str) -> Self {
        let mut rules: Vec<(Pattern, Vec<(HeaderName, HeaderValue)>)> = Vec::new();
        // Headers below a path that cannot be read belong to no rule, and not to the one before.
        let mut is_open = false;
        for line in lines(text) {
            if line.starts_with([' ', '\t']) {
                if let (true, Some((_, headers))) = (is_open, rules.last_mut()) {
                    headers.extend(parse_header(line));
                }
            } else {
                let pattern = Pattern::parse(line.trim_end());
                is_open = pattern.is_some();
                rules.extend(pattern.map(|pattern| (pattern, Vec::new())));
            }
        }
        HeaderRules(rules)
    }

    /// The headers for a decoded path that begins with a slash, in the order of the file.
    ///
    /// Several values of a header are joined by a comma; only cookies cannot be.
    pub(crate) fn for_path(&self, path: &str) -> Vec<(HeaderName, HeaderValue)> {
        let mut given: Vec<(HeaderName, HeaderValue)> = Vec::new();
        let matching = self.0.iter().filter(|(pattern, _)| pattern.captures(path).is_some());
        for (name, value) in matching.flat_map(|(_, headers)| headers) {
            let earlier = given.iter_mut().find(|(other, _)| other == name && *name != SET_COOKIE);
            match earlier {
                None => given.push((name.clone(), value.clone())),
                Some((_, earlier)) => {
                    let joined = HeaderValue::from_bytes(&[earlier.as_bytes(), b", ", value.as_bytes()].concat());
                    *earlier = joined.expect("two values and a comma are a value");
                }
            }
        }
        given
    }
}

impl RedirectRules {
    /// Reads a `_redirects` file.
    pub(crate) fn parse(text: &str) -> Self {
        RedirectRules(lines(text).filter_map(Redirect::parse).collect())
    }

    /// Where the first rule leads that applies to a decoded path that begins with a slash.
    ///
    /// A slash at the end makes no difference, but a rule that would lead back to the same path does not apply. `exists`
    /// says whether there is a file at the path.
    pub(crate) fn find(&self, path: &str, exists: impl Fn(&str) -> bool) -> Option<Redirected> {
        let is_file = exists(path);
        let other = path.strip_suffix('/').map_or_else(|| format!("{path}/"), str::to_owned);
        self.0.iter().filter(|rule| !is_file || rule.shadowing == Shadowing::RuleWins).find_map(|rule| {
            let captures = rule.from.captures(path).or_else(|| rule.from.captures(&other))?;
            let to = expand(&rule.to, &captures);
            let is_circle = percent_decode_str(to.split(['?', '#']).next()?).eq(path.bytes());
            (!is_circle).then_some(Redirected { to, status: rule.status })
        })
    }
}

impl Redirect {
    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace().take_while(|word| !word.starts_with('#'));
        let (from, to, status) = (words.next()?, words.next()?, words.next().unwrap_or("301"));
        // What follows a status is a condition, and what is none in its place is one as well.
        if words.next().is_some() {
            return None;
        }
        let (status, shadowing) = match status.strip_suffix('!') {
            Some(status) => (status, Shadowing::RuleWins),
            None => (status, Shadowing::FileWins),
        };
        let status = status.parse().ok()?;
        let is_path = to.starts_with('/') && !to.starts_with("//");
        let is_address = to.starts_with("https://") || to.starts_with("http://");
        let can_be_done = match status {
            301 | 302 | 303 | 307 | 308 => is_path || is_address,
            200 | 404 => is_path,
            _ => false,
        };
        if !can_be_done || to.contains(char::is_control) || to.contains('\\') {
            return None;
        }
        let to = utf8_percent_encode(to, CONTROLS).to_string();
        Some(Redirect { from: Pattern::parse(from)?, to, status, shadowing })
    }
}

/// The lines that say something, without those that are too long to be meant.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.lines().filter(|line| {
        let trimmed = line.trim();
        !trimmed.is_empty() && !trimmed.starts_with('#') && line.len() <= LINE_LIMIT
    })
}

fn parse_header(line: &str) -> Option<(HeaderName, HeaderValue)> {
    let (name, value) = line.trim().split_once(':')?;
    let name = HeaderName::try_from(name.trim_end()).ok().filter(|name| !OURS.contains(&name.as_str()))?;
    let value = HeaderValue::try_from(value.trim()).ok().filter(|value| !value.is_empty())?;
    Some((name, value))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// The headers for a path, one `name: value` a line.
    fn headers(text: &str, path: &str) -> String {
        let shown = |(name, value): &(HeaderName, HeaderValue)| format!("{name}: {}", value.to_str().unwrap());
        HeaderRules::parse(text).for_path(path).iter().map(shown).collect::<Vec<_>>().join("\n")
    }

    /// Where a rule leads from a path at which there is no file.
    fn redirected(text: &str, path: &str) -> String {
        let found = RedirectRules::parse(text).find(path, |_| false);
        found.map_or_else(String::new, |found| format!("{} {}", found.to, found.status))
    }

    #[test]
    fn headers_of_all_matching_rules_add_up() {
        let text = "# all\n/*\n  X-A: 1\n  # more\n  X-C: no\n/a\n\tx-a: 2\n  X-B: b: c\n/z\n  X-Z: 1\n";
        assert_eq!(headers(text, "/a"), "x-a: 1, 2\nx-c: no\nx-b: b: c");
        assert_eq!(headers(&text.replace('\n', "\r\n"), "/z"), "x-a: 1\nx-c: no\nx-z: 1");
    }

    #[test]
    fn cookies_are_not_joined() {
        assert_eq!(headers("/\n  Set-Cookie: a=1\n  Set-Cookie: b=2", "/"), "set-cookie: a=1\nset-cookie: b=2");
    }

    #[test]
    fn headers_that_cannot_be_set_are_skipped() {
        for line in
            ["Content-Length: 1", "transfer-encoding: chunked", "no colon", "! X-A", "X A: 1", "X-A:", "X-A: \u{1}"]
        {
            assert_eq!(headers(&format!("/\n  {line}\n  X-B: 1"), "/"), "x-b: 1", "{line}");
        }
    }

    #[test]
    fn headers_below_a_path_that_cannot_be_read_belong_to_no_rule() {
        assert_eq!(headers("  X-0: 1\n/a\n  X-A: 1\nhttps://example.com/*\n  X-B: 1", "/a"), "x-a: 1");
    }

    #[test]
    fn the_first_rule_leads_on() {
        for (rule, path, expected) in [
            ("/a /b", "/a", "/b 301"),
            ("/a /b 302 # moved", "/a", "/b 302"),
            ("/a /b\n/a /c", "/a", "/b 301"),
            ("/a /b", "/a/", "/b 301"),
            ("/a/ /b 308", "/a", "/b 308"),
            ("/a/* /b/:splat", "/a/x/y.html", "/b/x/y.html 301"),
            ("/a/* /b/:splat", "/a", "/b/ 301"),
            ("/:year/:name /:name-:year?y=:year#:name", "/2025/x", "/x-2025?y=2025#x 301"),
            ("/* /index.html 200", "/deep/path", "/index.html 200"),
            ("/x/* /404.html 404", "/x/y", "/404.html 404"),
            ("/a https://example.com:8080/:b", "/a", "https://example.com:8080/:b 301"),
            ("/:a https://example.com/:ab/:a", "/:ab", "https://example.com/:ab/%3Aab 301"),
            ("/a /é", "/a", "/%C3%A9 301"),
            ("/b /c", "/a", ""),
        ] {
            assert_eq!(redirected(rule, path), expected, "{rule}");
        }
    }

    #[test]
    fn a_rule_that_cannot_be_followed_is_skipped() {
        for rule in [
            "/a",
            "/a b",
            "/a //example.com",
            "/a /\\example.com",
            "/a javascript:x",
            "/a /b\u{7f}",
            "/a /b 418",
            "/a /b x",
            "/a /b Country=de",
            "/a /b 302 Country=de",
            "/a id=:id /b 301",
            "/a https://example.com/ 200",
            "# /a /b",
        ] {
            assert_eq!(redirected(rule, "/a"), "", "{rule}");
        }
        assert_eq!(redirected(&format!("/a /{}", "b".repeat(LINE_LIMIT)), "/a"), "");
    }

    #[test]
    fn what_is_put_in_stays_on_this_host_and_is_encoded() {
        assert_eq!(redirected("/a/* /:splat", "/a//example.com"), "/example.com 301");
        assert_eq!(redirected("/a/* /:splat", "/a/x y\r\n?"), "/x%20y%0D%0A%3F 301");
    }

    #[test]
    fn a_rule_does_not_lead_to_itself() {
        assert_eq!(redirected("/a /a/ 301\n/a/ /b 302", "/a/"), "/b 302");
        assert_eq!(redirected("/a:b /a:b?x", "/a:b"), "");
        assert_eq!(redirected("/* /:splat", "/a b"), "");
    }

    #[test]
    fn a_file_is_shadowed_only_by_force() {
        let find = |text| RedirectRules::parse(text).find("/a", |path| path == "/a").map(|found| found.to);
        assert_eq!(find("/a /b\n/* /c 200"), None);
        assert_eq!(find("/a /b\n/a /c 302!"), Some("/c".to_owned()));
    }
}
