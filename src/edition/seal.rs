//! The seal: what an edition is, in ten lines, and one number that stands for all of it. This is what is signed.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use super::{For, Header, Previous};
use crate::text::{hexadecimal, is_sha256};

const FIRST: &str = "dossier edition seal 1";

/// The longest seal that is read.
pub const LONGEST_SEAL: u64 = 64 * 1024;

/// What an edition is, and the root of its manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seal {
    /// The dossier's title.
    pub title: String,
    /// The edition's name.
    pub edition: String,
    /// Its day.
    pub date: String,
    /// For whom it is.
    pub audience: For,
    /// The edition before it.
    pub previous: Option<Previous>,
    /// How many entries its manifest has.
    pub entries: u64,
    /// The root of the manifest: a SHA-256 over the commitments of all entries.
    pub root: String,
}

/// Why a text is no seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealError(pub String);

impl fmt::Display for SealError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for SealError {}

impl Seal {
    /// The seal of a manifest.
    pub fn new(header: &Header, entries: u64, root: String) -> Self {
        Seal {
            title: one_line(&header.title),
            edition: one_line(&header.edition),
            date: one_line(&header.date),
            audience: header.audience,
            previous: header.previous.clone(),
            entries,
            root,
        }
    }

    /// The text that is signed. The same seal is always the same text.
    pub fn to_text(&self) -> String {
        let previous = match &self.previous {
            Some(previous) => format!("{} {}", previous.seal, one_line(&previous.edition)),
            None => "none".to_owned(),
        };
        format!(
            "{FIRST}\ntitle: {}\nedition: {}\ndate: {}\naudience: {}\nprevious: {previous}\nentries: {}\nroot: {}\n",
            self.title,
            self.edition,
            self.date,
            self.audience.word(),
            self.entries,
            self.root
        )
    }

    /// What it is known by: the SHA-256 of its text.
    pub fn sha256(&self) -> String {
        hexadecimal(&Sha256::digest(self.to_text()))
    }

    /// What the next edition says of this one.
    pub fn as_previous(&self) -> Previous {
        Previous { edition: self.edition.clone(), seal: self.sha256() }
    }
}

/// A text without line breaks and other control characters.
fn one_line(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

impl FromStr for Seal {
    type Err = SealError;

    /// Reads a seal; what is not written as [`Seal::to_text`] writes it is none.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut lines = text.lines();
        if lines.next() != Some(FIRST) {
            return Err(SealError(format!("it does not begin with `{FIRST}`")));
        }
        let mut value = |key: &str| {
            let line = lines.next().unwrap_or_default();
            let value = line.strip_prefix(key).and_then(|rest| rest.strip_prefix(": "));
            value.map(str::to_owned).ok_or_else(|| SealError(format!("it has no line `{key}: ` where one should be")))
        };
        let (title, edition, date) = (value("title")?, value("edition")?, value("date")?);
        let audience = match value("audience")?.as_str() {
            "public" => For::Public,
            "sealed" => For::Sealed,
            _ => return Err(SealError("its audience is neither `public` nor `sealed`".to_owned())),
        };
        let previous = match value("previous")?.as_str() {
            "none" => None,
            written => {
                let parts = written.split_once(' ').filter(|(seal, _)| is_sha256(seal));
                let (seal, edition) =
                    parts.ok_or_else(|| SealError("its previous edition has no SHA-256".to_owned()))?;
                Some(Previous { edition: edition.to_owned(), seal: seal.to_owned() })
            }
        };
        let entries = value("entries")?;
        let entries = entries.parse().map_err(|_| SealError("its number of entries is none".to_owned()))?;
        let root = value("root")?;
        if !is_sha256(&root) {
            return Err(SealError("its root is no SHA-256".to_owned()));
        }
        let seal = Seal { title, edition, date, audience, previous, entries, root };
        if seal.to_text() != text {
            return Err(SealError(
                "it is not written as seals are; something was added or spaced otherwise".to_owned(),
            ));
        }
        Ok(seal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal() -> Seal {
        let header = Header {
            title: "The\ngate".to_owned(),
            edition: "2025-05-11".to_owned(),
            date: "2025-05-11".to_owned(),
            audience: For::Public,
            previous: Some(Previous { edition: "first one".to_owned(), seal: "0a".repeat(32) }),
            seal: None,
        };
        Seal::new(&header, 3, "ff".repeat(32))
    }

    #[test]
    fn a_seal_is_one_text() {
        let text = format!(
            "dossier edition seal 1\ntitle: The gate\nedition: 2025-05-11\ndate: 2025-05-11\naudience: public\n\
             previous: {} first one\nentries: 3\nroot: {}\n",
            "0a".repeat(32),
            "ff".repeat(32)
        );
        assert_eq!(seal().to_text(), text);
        assert_eq!(text.parse(), Ok(seal()));
        let first = Seal { previous: None, ..seal() };
        assert_eq!(first.to_text().parse(), Ok(first));
    }

    #[test]
    fn what_is_written_otherwise_is_no_seal() {
        let text = seal().to_text();
        let wrong = [
            (text.replace("seal 1", "seal 2"), "it does not begin with `dossier edition seal 1`"),
            (text.replace("date", "day"), "it has no line `date: ` where one should be"),
            (text.replace("public", "all"), "its audience is neither `public` nor `sealed`"),
            (text.replace("0a0a", "0A0A"), "its previous edition has no SHA-256"),
            (text.replace("entries: 3", "entries: x"), "its number of entries is none"),
            (
                text.replace("entries: 3", "entries: 03"),
                "it is not written as seals are; something was added or spaced otherwise",
            ),
            (text.replace("ffff", "f"), "its root is no SHA-256"),
            (text.clone() + "more\n", "it is not written as seals are; something was added or spaced otherwise"),
            (text.replace('\n', "\r\n"), "it is not written as seals are; something was added or spaced otherwise"),
            (String::new(), "it does not begin with `dossier edition seal 1`"),
        ];
        for (text, why) in wrong {
            assert_eq!(text.parse::<Seal>(), Err(SealError(why.to_owned())), "{text}");
        }
    }
}
