//! What a host asks of programs in its `robots.txt`, as RFC 9309 has it, with `Crawl-delay` beside it.
//!
//! Reading never fails: what is not understood is passed over. Not for fetching the file.

use std::time::Duration;

/// What one program may ask of a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Robots {
    rules: Vec<Rule>,
    /// The pause that the host wants between two requests.
    pub(super) delay: Option<Duration>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    allows: bool,
    pattern: String,
}

/// More rules than any honest host has; what follows is passed over.
const RULES: usize = 2000;
/// Of a pattern, at most this much is read.
const PATTERN: usize = 2000;

impl Robots {
    /// Reads the rules for a program: those of all groups that name it, or else those for everybody.
    pub(super) fn read(text: &str, program: &str) -> Robots {
        let (mut own, mut everybody) = (Robots::default(), Robots::default());
        let mut is_named = false;
        // Whether the group that is being read is for the program, and whether for everybody.
        let (mut for_own, mut for_everybody, mut in_agents) = (false, false, false);
        for line in text.trim_start_matches('\u{feff}').split(['\n', '\r']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim());
            if key == "user-agent" {
                if !in_agents {
                    (for_own, for_everybody) = (false, false);
                }
                let end = value.find(|c: char| !(c.is_ascii_alphabetic() || c == '-' || c == '_'));
                for_own |= value[..end.unwrap_or(value.len())].eq_ignore_ascii_case(program);
                for_everybody |= value == "*";
                is_named |= for_own;
                in_agents = true;
                continue;
            }
            let is_rule = matches!(key.as_str(), "allow" | "disallow" | "crawl-delay");
            in_agents &= !is_rule;
            for (is_meant, robots) in [(for_own, &mut own), (for_everybody, &mut everybody)] {
                if is_meant && is_rule {
                    robots.add(&key, value);
                }
            }
        }
        if is_named { own } else { everybody }
    }

    fn add(&mut self, key: &str, value: &str) {
        if key == "crawl-delay" {
            let seconds = value.parse::<f64>().ok().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
            self.delay = seconds.or(self.delay);
        } else if !value.is_empty() && value.len() <= PATTERN && self.rules.len() < RULES {
            self.rules.push(Rule { allows: key == "allow", pattern: normal(value) });
        }
    }

    /// Whether a path, with its query, may be asked for: the longest pattern that fits decides, and of two the kinder.
    pub(super) fn allows(&self, path: &str) -> bool {
        let path = normal(path);
        let fitting = self.rules.iter().filter(|rule| fits(rule.pattern.as_bytes(), path.as_bytes()));
        fitting.max_by_key(|rule| (rule.pattern.len(), rule.allows)).is_none_or(|rule| rule.allows)
    }
}

/// A path in the one form in which it is compared: letters, digits and `-._~` as they are, all that is not ASCII encoded, and
/// what else is encoded left so: an encoded slash or star is not the sign itself.
fn normal(path: &str) -> String {
    let mut normal = String::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let encoded = (first == b'%').then(|| after.first_chunk().and_then(octet)).flatten();
        let octet = encoded.unwrap_or(first);
        rest = if encoded.is_some() { &after[2..] } else { after };
        let is_plain = if encoded.is_some() {
            octet.is_ascii_alphanumeric() || b"-._~".contains(&octet)
        } else {
            octet.is_ascii()
        };
        if is_plain {
            normal.push(char::from(octet));
        } else {
            normal.push_str(percent_encoding::percent_encode_byte(octet));
        }
    }
    normal
}

/// The octet of two hexadecimal digits.
fn octet(digits: &[u8; 2]) -> Option<u8> {
    let digit = |digit: u8| char::from(digit).to_digit(16);
    u8::try_from(digit(digits[0])? * 16 + digit(digits[1])?).ok()
}

/// Whether a pattern fits the beginning of a path; `*` is anything, `$` at the end is the end. Takes at most as many steps as
/// both are long, multiplied.
fn fits(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, to_the_end) = match pattern.strip_suffix(b"$") {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let (mut at, mut in_path) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    loop {
        if at == pattern.len() && (!to_the_end || in_path == path.len()) {
            return true;
        }
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, in_path));
            at += 1;
        } else if at < pattern.len() && pattern.get(at) == path.get(in_path) {
            at += 1;
            in_path += 1;
        } else if let Some((star_at, from)) = star.filter(|(_, from)| *from < path.len()) {
            star = Some((star_at, from + 1));
            (at, in_path) = (star_at + 1, from + 1);
        } else {
            return false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, allowed: &[&str], forbidden: &[&str]) {
        let robots = Robots::read(text, "dossier");
        for path in allowed {
            assert!(robots.allows(path), "`{path}` should be allowed");
        }
        for path in forbidden {
            assert!(!robots.allows(path), "`{path}` should be forbidden");
        }
    }

    #[test]
    fn a_pattern_is_the_beginning_of_a_path() {
        check("User-agent: *\nDisallow: /private\n", &["/", "/public", "/Private"], &["/private", "/private/a?b"]);
    }

    #[test]
    fn nothing_and_an_empty_rule_forbid_nothing() {
        check("", &["/a"], &[]);
        check("User-agent: *\nDisallow:\n", &["/a"], &[]);
        check("<html>no robots here: at all</html>", &["/a"], &[]);
    }

    #[test]
    fn a_group_that_names_the_program_stands_before_that_for_everybody() {
        let text = "User-agent: *\nDisallow: /\n\nUser-agent: other\nUser-agent: Dossier/1.0\nDisallow: /a\n";
        check(text, &["/", "/b"], &["/a"]);
        check("User-agent: dossier-eater\nDisallow: /\n", &["/"], &[]);
    }

    #[test]
    fn groups_of_one_program_are_one() {
        let text =
            "User-agent: dossier\nDisallow: /a\nUser-agent: x\nDisallow: /c\nUser-agent: dossier\nDisallow: /b\n";
        check(text, &["/c"], &["/a", "/b"]);
    }

    #[test]
    fn the_longest_pattern_decides_and_of_two_the_kinder() {
        check("User-agent: *\nDisallow: /a\nAllow: /a/b\n", &["/a/b/c"], &["/a", "/a/c"]);
        check("User-agent: *\nDisallow: /a\nAllow: /a\n", &["/a"], &[]);
    }

    #[test]
    fn stars_and_ends_are_understood() {
        check("User-agent: *\nDisallow: /*.pdf$\n", &["/a.pdf?x", "/a.html"], &["/a.pdf", "/b/c.pdf.pdf"]);
        check("User-agent: *\nDisallow: /a*b*c\n", &["/acb"], &["/a-b-c-d"]);
    }

    #[test]
    fn encoded_letters_are_the_letters() {
        check("User-agent: *\nDisallow: /ü\n", &["/u"], &["/%C3%BC", "/%c3%bc"]);
        check("User-agent: *\nDisallow: /a-b\n", &["/a%2Fb"], &["/%61%2db", "/a%2Db/c%2fd"]);
        check("User-agent: *\nDisallow: /a%2fb/%\n", &["/a/b/%"], &["/%61%2Fb/%", "/a%2Fb/%x"]);
    }

    #[test]
    fn a_pause_is_read() {
        assert_eq!(
            Robots::read("User-agent: *\nCrawl-delay: 2.5\n", "dossier").delay,
            Some(Duration::from_millis(2500))
        );
        assert_eq!(Robots::read("User-agent: *\nCrawl-delay: -1\n", "dossier").delay, None);
    }

    #[test]
    fn many_stars_take_no_time() {
        let text = format!("User-agent: *\nDisallow: /{}x\n", "*a".repeat(900));
        assert!(Robots::read(&text, "dossier").allows(&format!("/{}", "a".repeat(4000))));
    }
}
