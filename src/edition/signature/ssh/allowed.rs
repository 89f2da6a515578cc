//! `allowed_signers`, the list in which a reader says whose keys count, for what, and from when to when; `ssh-keygen(1)` describes it under
//! ALLOWED SIGNERS.
//!
//! Times without a `Z` are read as UTC, where `ssh-keygen` takes the time zone of the machine: an answer must not depend on that.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::super::NAMESPACE;
use super::wire::Wire;
use crate::text::excerpt;

/// Whom a reader trusts.
#[derive(Clone, Debug, Default)]
pub struct AllowedSigners {
    lines: Vec<Line>,
    faults: Vec<Fault>,
}

/// A line that does not count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Its number, from 1 on.
    pub line: usize,
    /// Why.
    pub why: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {} does not count: {}", self.line, self.why)
    }
}

#[derive(Clone, Debug)]
struct Line {
    principals: String,
    options: Options,
    blob: Vec<u8>,
}

#[derive(Clone, Debug, Default)]
struct Options {
    namespaces: Option<String>,
    after: Option<Timestamp>,
    before: Option<Timestamp>,
}

impl AllowedSigners {
    /// Reads a list. Lines that cannot be used are left out, and [told](Self::faults).
    pub fn read(text: &str) -> AllowedSigners {
        let mut signers = AllowedSigners::default();
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            match Line::read(line) {
                Ok(line) => signers.lines.push(line),
                Err(why) => signers.faults.push(Fault { line: at + 1, why }),
            }
        }
        signers
    }

    /// Whether no line counts.
    pub fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// The lines that do not count.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Whose key this is, or why it does not count.
    pub(super) fn who(&self, blob: &[u8], at: Timestamp) -> Result<String, String> {
        let lines: Vec<&Line> = self.lines.iter().filter(|line| line.blob == blob).collect();
        let mut by: Vec<&str> = lines
            .iter()
            .filter(|line| line.options.refuse(at).is_none())
            .map(|line| line.principals.as_str())
            .collect();
        by.dedup();
        if !by.is_empty() {
            return Ok(excerpt(&by.join(", "), 200));
        }
        match lines.first().and_then(|line| Some((line, line.options.refuse(at)?))) {
            Some((line, why)) => Err(format!("it is listed for `{}`, but {why}", excerpt(&line.principals, 200))),
            None => Err("it is not in the list of allowed signers".to_owned()),
        }
    }
}

impl Line {
    fn read(line: &str) -> Result<Line, String> {
        let (principals, rest) = field(line)?;
        let principals = unquoted(principals).to_owned();
        if principals.is_empty() {
            return Err("it names nobody".to_owned());
        }
        let (first, after) = field(rest)?;
        let (options, rest) = if is_kind(first) { (Options::default(), rest) } else { (Options::read(first)?, after) };
        let mut words = rest.split_ascii_whitespace();
        let (Some(kind), Some(digits)) = (words.next(), words.next()) else {
            return Err("it has no public key".to_owned());
        };
        let blob = STANDARD.decode(digits).map_err(|_| "its public key is no base64".to_owned())?;
        if Wire::new(&blob).string() != Some(kind.as_bytes()) {
            return Err(format!("its public key is not of the kind `{}`", excerpt(kind, 60)));
        }
        Ok(Line { principals, options, blob })
    }
}

impl Options {
    fn read(text: &str) -> Result<Options, String> {
        let mut options = Options::default();
        let mut rest = text;
        while !rest.is_empty() {
            let end = rest.find([',', '=']).unwrap_or(rest.len());
            let name = rest[..end].to_ascii_lowercase();
            let value = match rest[end..].strip_prefix("=\"") {
                Some(after) => {
                    let (value, after) = after.split_once('"').ok_or("a quotation mark is missing")?;
                    rest = after;
                    Some(value)
                }
                None => {
                    rest = &rest[end..];
                    None
                }
            };
            rest = match rest.strip_prefix(',') {
                Some(after) if !after.is_empty() => after,
                None if rest.is_empty() => rest,
                _ => return Err(format!("its options cannot be read at `{}`", excerpt(rest, 20))),
            };
            options.take(&name, value)?;
        }
        Ok(options)
    }

    fn take(&mut self, name: &str, value: Option<&str>) -> Result<(), String> {
        let is_second = match (name, value) {
            ("cert-authority", None) => return Err("certificates of SSH are not supported".to_owned()),
            ("namespaces", Some(value)) => self.namespaces.replace(value.to_owned()).is_some(),
            ("valid-after", Some(value)) => self.after.replace(time(value)?).is_some(),
            ("valid-before", Some(value)) => self.before.replace(time(value)?).is_some(),
            _ => return Err(format!("`{}` is no option that is known", excerpt(name, 60))),
        };
        if is_second { Err(format!("it has `{name}` twice")) } else { Ok(()) }
    }

    /// Why a line with these does not count at a time.
    fn refuse(&self, at: Timestamp) -> Option<String> {
        if let Some(namespaces) = self.namespaces.as_deref().filter(|namespaces| !lists(namespaces, NAMESPACE)) {
            return Some(format!("for `{}` and not for `{NAMESPACE}`", excerpt(namespaces, 100)));
        }
        if let Some(after) = self.after.filter(|after| at < *after) {
            return Some(format!("only from {after} on, and asked is for {at}"));
        }
        let before = self.before.filter(|before| at > *before)?;
        Some(format!("only until {before}, and asked is for {at}"))
    }
}

/// What stands up to the next space that is not between quotation marks, and the rest.
fn field(line: &str) -> Result<(&str, &str), String> {
    let mut is_quoted = false;
    let end = line.find(|c: char| {
        is_quoted ^= c == '"';
        !is_quoted && c.is_ascii_whitespace()
    });
    match end {
        None if is_quoted => Err("a quotation mark is missing".to_owned()),
        None => Ok((line, "")),
        Some(end) => Ok((&line[..end], line[end..].trim_start())),
    }
}

fn unquoted(text: &str) -> &str {
    text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text)
}

/// Whether a word names a kind of key, and so no options stand before it.
fn is_kind(word: &str) -> bool {
    ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"].iter().any(|start| word.starts_with(start))
}

/// `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`, with or without `Z`.
fn time(written: &str) -> Result<Timestamp, String> {
    let digits = written.strip_suffix('Z').unwrap_or(written);
    let parsed = || {
        if !matches!(digits.len(), 8 | 12 | 14) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let part = |from: usize, to: usize| digits.get(from..to).map_or(Some(0), |part| part.parse::<i8>().ok());
        let year = digits.get(..4)?.parse().ok()?;
        let time = DateTime::new(year, part(4, 6)?, part(6, 8)?, part(8, 10)?, part(10, 12)?, part(12, 14)?, 0).ok()?;
        TimeZone::UTC.to_timestamp(time).ok()
    };
    parsed()
        .ok_or_else(|| format!("`{}` is no time; hint: write `20250131` or `20250131235959Z`", excerpt(written, 30)))
}

/// Whether a list of patterns, separated by commas, has a name; one with `!` before it takes it out.
fn lists(patterns: &str, name: &str) -> bool {
    let mut is_listed = false;
    for pattern in patterns.split(',') {
        match pattern.strip_prefix('!') {
            Some(pattern) if fits(pattern.as_bytes(), name.as_bytes()) => return false,
            Some(_) => {}
            None => is_listed |= fits(pattern.as_bytes(), name.as_bytes()),
        }
    }
    is_listed
}

/// Whether a pattern with `*` and `?` is for a name. In time that grows with the product of both lengths, whatever the pattern.
fn fits(pattern: &[u8], name: &[u8]) -> bool {
    let (mut at, mut after) = (0, 0);
    let mut star = None;
    while at < name.len() {
        match pattern.get(after) {
            Some(b'*') => {
                star = Some((after, at));
                after += 1;
            }
            Some(c) if *c == b'?' || *c == name[at] => (at, after) = (at + 1, after + 1),
            _ => {
                let Some((from, taken)) = star else { return false };
                star = Some((from, taken + 1));
                (at, after) = (taken + 1, from + 1);
            }
        }
    }
    pattern[after..].iter().all(|c| *c == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_fit_as_in_openssh() {
        for (patterns, is_listed) in [
            ("dossier", true),
            ("git", false),
            ("git,dossier", true),
            ("*", true),
            ("d*r", true),
            ("doss?er", true),
            ("*,!dossier", false),
            ("!git", false),
            ("", false),
        ] {
            assert_eq!(lists(patterns, "dossier"), is_listed, "{patterns}");
        }
    }
}
