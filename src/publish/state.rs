//! What publishers write down beside the site, for whoever comes next.
//!
//! One small file changes, `claim.json`: who is publishing, how far it has come, and by their names which lists hold. A [list](super::list) is named by its
//! SHA-256 and a number that no other has, is never changed, and lies there before the claim names it: so one conditional write moves all from one state to
//! the next, and a late request that deletes an old list meets no new one.
//! All of it holds nothing that the site does not: paths, hashes and headers that readers have anyway. It is read as if a stranger had
//! written it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::headers::Headers;
use crate::output::{Sum, is_inside};
use crate::text::{from_hexadecimal, hexadecimal};

/// The name under which all that is ours beside the site stands.
pub(super) const FOLDER: &str = ".dossier-publish";

/// Who is publishing, and how far it has come.
pub(super) const CLAIM: &str = "claim.json";

/// The form in which all of it is written.
pub(super) const FORM: u32 = 2;

/// What was sent of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// The bytes of the file as the build wrote it, before it was packed.
    pub(super) sum: Sum,
    pub(super) headers: Arc<Headers>,
}

/// What is known of a path where the site stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum There {
    /// These bytes, which are ours.
    Known(Sent),
    /// A file of ours; nobody knows which bytes it has.
    Unknown,
    /// These bytes, which are ours, and to which nothing leads yet.
    Hidden(Sent),
    /// A file of ours or none; nothing leads to it.
    Perhaps,
    /// No file of ours.
    Nothing,
}

impl There {
    /// The file, where it is known which it is.
    pub(super) fn sent(&self) -> Option<&Sent> {
        match self {
            There::Known(sent) | There::Hidden(sent) => Some(sent),
            There::Unknown | There::Perhaps | There::Nothing => None,
        }
    }
}

/// What is done to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// A file is put where nothing of ours is.
    New(Sent),
    /// A file is put where nothing is, or a file of ours that nothing leads to.
    Again(Sent),
    /// A file of ours is replaced.
    Changed(Sent),
    /// A file of ours is deleted.
    Deleted,
}

impl Change {
    /// The file that is put there, if one is.
    pub(super) fn sent(&self) -> Option<&Sent> {
        match self {
            Change::New(sent) | Change::Again(sent) | Change::Changed(sent) => Some(sent),
            Change::Deleted => None,
        }
    }
}

/// Who is publishing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    form: u32,
    /// Told apart from all others by this.
    pub(super) token: String,
    /// When it began, by its own clock: for people alone.
    pub(super) since: String,
    pub(super) stage: Stage,
    /// How often it says that it lives, in milliseconds.
    pub(super) every: u64,
    /// How often it has said so.
    pub(super) count: u64,
    /// The list of what the last publish put there that came to its end, or to its deletions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) published: Option<ListName>,
    /// The list of what it will do, and of what it found that the other does not say; none while it has not made one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<ListName>,
    /// All steps of the plan before this one are done.
    pub(super) done: usize,
    /// No step from this one on was begun.
    pub(super) open: usize,
}

/// How it stands with a publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stage {
    /// It is at work, or was cut off.
    Working,
    /// It has stopped by itself before the end.
    Stopped,
    /// It came to its end, and left nothing undone.
    Finished,
}

/// That something is not as a publish writes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

impl Claim {
    pub(super) fn new(token: String, since: String, every: u64) -> Claim {
        let stage = Stage::Working;
        Claim { form: FORM, token, since, stage, every, count: 0, published: None, plan: None, done: 0, open: 0 }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Claim, Unreadable> {
        serde_json::from_slice(bytes).ok().filter(|claim: &Claim| claim.form == FORM).ok_or(Unreadable)
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let mut bytes = serde_json::to_vec(self).expect("texts and numbers can always be written");
        bytes.push(b'\n');
        bytes
    }
}

/// A SHA-256, which is written in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Digits(pub(super) [u8; 32]);

/// The name of a list: `SHA256-NUMBER.jsonl`, in hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "&str", into = "String")]
pub(super) struct ListName {
    pub(super) sha256: [u8; 32],
    /// Taken at random each time.
    pub(super) number: [u8; 8],
}

impl TryFrom<&str> for ListName {
    type Error = &'static str;

    fn try_from(name: &str) -> Result<Self, Self::Error> {
        let parts = name.strip_suffix(".jsonl").and_then(|name| name.split_once('-'));
        let numbers = parts.and_then(|(sha256, number)| Some((from_hexadecimal(sha256)?, from_hexadecimal(number)?)));
        let (sha256, number) = numbers.ok_or("that is no name of a list")?;
        let parsed = ListName { sha256, number };
        // There is one way to write it.
        if parsed.to_string() == name { Ok(parsed) } else { Err("that is no name of a list") }
    }
}

impl fmt::Display for ListName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}.jsonl", hexadecimal(&self.sha256), hexadecimal(&self.number))
    }
}

impl From<ListName> for String {
    fn from(name: ListName) -> String {
        name.to_string()
    }
}

impl Serialize for Digits {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hexadecimal(&self.0))
    }
}

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = <&str>::deserialize(deserializer)?;
        from_hexadecimal(digits).map(Digits).ok_or_else(|| serde::de::Error::custom("that is no SHA-256"))
    }
}

/// Whether a path lies within a site and is none of our own.
pub(super) fn is_of_site(path: &str) -> bool {
    is_inside(path) && path.split('/').next() != Some(FOLDER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_claim_that_is_written_is_read_again_and_another_form_is_refused() {
        let mut claim = Claim::new("abc".to_owned(), "2026-11-26T19:52:56Z".to_owned(), 3000);
        assert_eq!(Claim::parse(&claim.write()), Ok(claim.clone()));
        let name = |sha256| Some(ListName { sha256: [sha256; 32], number: [7; 8] });
        (claim.published, claim.plan) = (name(1), name(2));
        let written = String::from_utf8(claim.write()).unwrap();
        assert_eq!(Claim::parse(written.as_bytes()), Ok(claim));
        for (from, to) in [("\"form\":2", "\"form\":1"), ("0101", "../0"), ("working", "asleep")] {
            assert_eq!(Claim::parse(written.replacen(from, to, 1).as_bytes()), Err(Unreadable), "{to}");
        }
        assert_eq!(Claim::parse(b"{}"), Err(Unreadable));
    }

    #[test]
    fn a_list_is_known_by_its_name() {
        let list = ListName { sha256: [0xab; 32], number: [0xcd; 8] };
        let name = list.to_string();
        assert_eq!(ListName::try_from(&*name), Ok(list));
        for other in ["claim.json", "x.jsonl", &name[1..], &name.to_uppercase(), &name.replace("ab", "AB")] {
            assert!(ListName::try_from(other).is_err(), "{other}");
        }
    }
}
