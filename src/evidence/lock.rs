//! `evidence.lock`: what came of looking for quotations in captures, kept beside the settings for machines that have no captures.
//!
//! It is JSON with a line for each value, in the order of the ids, so that a change of one quotation is a change of its lines alone. It
//! has the capture's SHA-256 and a few words around each quotation, as the site shows them, and nothing else of a capture. What lies in
//! an overlay is never in it.
//!
//! What is said of each quotation is sealed with a digest of it. That is no protection against who means to deceive; it finds what was
//! changed by hand, and two versions that were merged line by line into one that never was.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, de};

use super::comparison::Comparison;
use crate::diagnostic::{Code, Diagnostic};
use crate::read::{SourceFile, hash};
use crate::text;

/// The name of the file, beside that of the settings.
pub const FILE: &str = "evidence.lock";

/// The version of its form.
const VERSION: u32 = 2;

const ABOUT: &str = "What came of looking for each quotation in the captured copies of its sources. Written by \
                     `dossier check --update-lock`; keep it with the records, and do not change it by hand.";

/// What is locked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// By id of the quotation.
    pub quotes: BTreeMap<String, Locked>,
}

/// What is locked of one quotation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Locked {
    /// The digest of the words that were looked for, and of what was said to stand around them.
    pub words: String,
    /// What came of each source that has a copy.
    pub sources: Vec<Comparison>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default)]
    about: String,
    version: u32,
    #[serde(default, deserialize_with = "each_once")]
    quotes: BTreeMap<String, Sealed>,
}

/// What is locked of one quotation, as it is written.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Sealed {
    words: String,
    sources: Vec<Comparison>,
    seal: String,
}

impl Sealed {
    fn new(id: &str, Locked { words, sources }: &Locked) -> Sealed {
        let sealed =
            serde_json::to_vec(&(id, words, sources)).expect("a tree of strings and numbers can be written as JSON");
        let (mut seal, _) = hash(&mut sealed.as_slice()).expect("memory can be read");
        seal.truncate(16);
        Sealed { words: words.clone(), sources: sources.clone(), seal }
    }

    /// What was sealed; `None` when it is not that any more.
    fn open(self, id: &str) -> Option<Locked> {
        let locked = Locked { words: self.words, sources: self.sources };
        (Sealed::new(id, &locked).seal == self.seal).then_some(locked)
    }
}

/// Reads an object in which no key may stand twice.
fn each_once<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Sealed>, D::Error> {
    struct EachOnce;
    impl<'de> de::Visitor<'de> for EachOnce {
        type Value = BTreeMap<String, Sealed>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("quotations by their ids")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut quotes = BTreeMap::new();
            while let Some((id, sealed)) = map.next_entry::<String, Sealed>()? {
                let twice = format!("`{}` stands there twice", text::excerpt(&id, 80));
                if quotes.insert(id, sealed).is_some() {
                    return Err(de::Error::custom(twice));
                }
            }
            Ok(quotes)
        }
    }
    from.deserialize_map(EachOnce)
}

impl Lock {
    /// Reads the file; what cannot be used is a finding, and nothing is locked then.
    pub fn read(file: &Arc<SourceFile>) -> (Lock, Option<Diagnostic>) {
        let bad = |message: String, place: Option<(usize, usize)>| {
            let at = place.map_or(0, |(line, column)| offset(&file.text, line, column));
            let finding = Diagnostic::new(Code::BadLock, message)
                .at(&file.path, at..at)
                .hint("take the last good one back, or write it anew with `dossier check --update-lock`");
            (Lock::default(), Some(finding))
        };
        if !file.usable {
            return bad(format!("`{FILE}` is not text"), None);
        }
        match serde_json::from_str::<Written>(&file.text) {
            Ok(written) if written.version == VERSION => {
                let mut lock = Lock::default();
                let mut broken = Vec::new();
                for (id, sealed) in written.quotes {
                    match sealed.open(&id) {
                        Some(locked) => drop(lock.quotes.insert(id, locked)),
                        None => broken.push(id),
                    }
                }
                let finding = broken.first().map(|id| {
                    let at = file.text.find(&format!("\"{id}\"")).unwrap_or(0);
                    let others = if broken.len() == 1 { "" } else { ", and of others," };
                    let message = format!("what `{FILE}` says of `{}`{others} is not what was written there", text::excerpt(id, 80));
                    Diagnostic::new(Code::BadLock, message)
                        .at(&file.path, at..at)
                        .hint("it was changed by hand, or two versions were merged: take the last good one back, or run `dossier check --update-lock` where the copies are")
                });
                (lock, finding)
            }
            Ok(written) => {
                bad(format!("`{FILE}` has the form {}, and this program knows {VERSION}", written.version), None)
            }
            Err(error) => {
                let said = error.to_string();
                let said = said.split_once(" at line ").map_or(said.as_str(), |(said, _)| said);
                bad(format!("`{FILE}` cannot be read: {said}"), Some((error.line(), error.column())))
            }
        }
    }

    /// The text of the file.
    pub fn to_text(&self) -> String {
        let sealed = self.quotes.iter().map(|(id, locked)| (id.clone(), Sealed::new(id, locked)));
        let written = Written { about: ABOUT.to_owned(), version: VERSION, quotes: sealed.collect() };
        let json =
            serde_json::to_string_pretty(&written).expect("a tree of strings and numbers can be written as JSON");
        json + "\n"
    }
}

/// The byte at which a line and column stand, both counted from 1; columns count bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start = match line.checked_sub(2) {
        None => 0,
        Some(before) => text.match_indices('\n').nth(before).map_or(text.len(), |(at, _)| at + 1),
    };
    text.floor_char_boundary((start + column.saturating_sub(1)).min(text.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::comparison::{Omitted, Place, Verdict};
    use crate::read::Form;

    fn file(text: &str) -> Arc<SourceFile> {
        Arc::new(SourceFile {
            path: FILE.into(),
            inner: FILE.to_owned(),
            form: Form::Yaml,
            text: text.to_owned(),
            usable: true,
        })
    }

    #[test]
    fn what_is_written_is_read_again() {
        let comparison = Comparison {
            source: "daily".to_owned(),
            capture: "ab".repeat(32),
            result: Verdict::Normalised,
            normalisations: vec![crate::evidence::Normalisation::Dashes],
            place: Place { bytes: Some((3, 40)), paragraph: Some(2), ..Place::default() },
            omissions: vec![Omitted { words: 3, negation: true, ..Omitted::default() }],
            cautions: vec![crate::evidence::verbatim::Caution::AcrossBlocks],
            places: 2,
            ambiguous: true,
            before: "he said: \"# yes".to_owned(),
            after: "- no\u{2028}".to_owned(),
            fragment: Some("text=a".to_owned()),
            nearest: None,
            differences: Vec::new(),
            strangers: Vec::new(),
            hidden: None,
        };
        let locked = Locked { words: "0123456789abcdef".to_owned(), sources: vec![comparison] };
        let lock = Lock { quotes: BTreeMap::from([("no".to_owned(), locked)]) };
        let (read, finding) = Lock::read(&file(&lock.to_text()));
        assert_eq!((read, finding), (lock, None));
    }

    #[test]
    fn a_damaged_file_says_where() {
        let (lock, finding) =
            Lock::read(&file("{\"version\": 2,\n\"quotes\": {\n\"a\": {\"words\": \"x\", \"sauces\": []}}}\n"));
        let finding = finding.expect("it is no lock");
        assert_eq!(lock, Lock::default());
        assert!(finding.message.contains("sauces"), "{}", finding.message);
        assert_eq!(finding.place.map(|place| place.span.start), Some(54));
        let (_, finding) = Lock::read(&file("{\"version\": 3}"));
        assert_eq!(finding.expect("it is too new").message, "`evidence.lock` has the form 3, and this program knows 2");
    }

    #[test]
    fn what_was_changed_by_hand_or_merged_is_not_believed() {
        let one = |words: &str| Locked { words: words.to_owned(), sources: Vec::new() };
        let lock =
            |words: &str| Lock { quotes: BTreeMap::from([("a".to_owned(), one("0")), ("b".to_owned(), one(words))]) };
        let text = lock("11").to_text();
        let (read, finding) = Lock::read(&file(&text.replace("\"11\"", "\"12\"")));
        assert_eq!(read.quotes.keys().collect::<Vec<_>>(), ["a"]);
        assert_eq!(
            finding.expect("it was changed").message,
            "what `evidence.lock` says of `b` is not what was written there"
        );
        // What was said of one quotation holds for no other.
        let (read, _) = Lock::read(&file(&text.replace("\"b\"", "\"c\"")));
        assert_eq!(read.quotes.keys().collect::<Vec<_>>(), ["a"]);
        let (_, finding) = Lock::read(&file(&text.replace("\"b\"", "\"a\"")));
        assert_eq!(
            finding.expect("it stands there twice").message,
            "`evidence.lock` cannot be read: `a` stands there twice"
        );
    }
}
