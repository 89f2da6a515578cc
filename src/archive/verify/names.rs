//! Which names may lie beside each other, so that every system unpacks the same files.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::packet::unsafe_name;

/// The longest path, in bytes; systems take less or as much.
const LONGEST: usize = 4096;

/// How many folders may lie in each other.
const DEEPEST: usize = 100;

/// The names that were seen, each by sixteen bytes that stand for it, so that many of them take little room.
#[derive(Default)]
pub(super) struct Names {
    seen: BTreeMap<[u8; 16], Sort>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    File,
    Folder,
    /// A folder of which only what lies in it tells.
    Above,
}

impl Names {
    /// Takes in the name of a file, or that of a folder with a slash at its end; the error says why it would do harm.
    pub(super) fn add(&mut self, path: &str) -> Result<(), &'static str> {
        if let Some(why) = unsafe_name(path) {
            return Err(why);
        }
        if path.len() > LONGEST || path.bytes().filter(|byte| *byte == b'/').count() > DEEPEST {
            return Err("its path is longer than systems take");
        }
        let (name, sort) = match path.strip_suffix('/') {
            Some(name) => (name, Sort::Folder),
            None => (path, Sort::File),
        };
        let (folders, own) = name.rsplit_once('/').unwrap_or(("", name));
        let mut above = [0; 16];
        for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
            above = key(above, folder);
            if *self.seen.entry(above).or_insert(Sort::Above) == Sort::File {
                return Err("it lies in a file, as if that were a folder");
            }
        }
        match self.seen.insert(key(above, own), sort) {
            None => Ok(()),
            Some(Sort::Above) if sort == Sort::Folder => Ok(()),
            Some(Sort::Above) => Err("it is a file, and others lie in it as if it were a folder"),
            Some(_) => Err(
                "its name is there twice, or differs from another only in capital letters, in how accents are written, in a dot \
                     or space at its end, or behind a colon, and systems do not agree which of the two they unpack",
            ),
        }
    }
}

/// What a name in a folder is on systems that do not tell capital letters and accents apart, drop dots and spaces at the end, and keep what
/// stands behind a colon within the file before it.
fn key(folder: [u8; 16], name: &str) -> [u8; 16] {
    let name = name.split(':').next().filter(|name| !name.is_empty()).unwrap_or(name);
    let name = name.trim_end_matches(['.', ' ']);
    let folded: String = match name.is_ascii() {
        // Nearly every name is, and an archive may have very many.
        true => name.to_ascii_lowercase(),
        // First to capitals, since some small letters share one.
        false => name.nfc().map(capital).flat_map(char::to_lowercase).nfc().collect(),
    };
    let mut key = [0; 16];
    key.copy_from_slice(&Sha256::new().chain_update(folder).chain_update(folded).finalize()[..16]);
    key
}

/// The capital of a letter, where that is one letter.
fn capital(letter: char) -> char {
    let mut capitals = letter.to_uppercase();
    capitals.next().filter(|_| capitals.next().is_none()).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(names: &[&str], refused: Option<&str>) {
        let mut seen = Names::default();
        let found = names.iter().find(|name| seen.add(name).is_err());
        assert_eq!(found.copied(), refused, "{names:?}");
    }

    #[test]
    fn a_path_is_no_longer_than_systems_take() {
        let (long, deep) = ("n".repeat(LONGEST + 1), "d/".repeat(DEEPEST + 1) + "f");
        check(&[&long], Some(&long));
        check(&[&deep], Some(&deep));
        check(&[&"d/".repeat(DEEPEST)], None);
    }

    #[test]
    fn names_that_are_one_file_somewhere_are_refused() {
        check(&["a/b", "a/c", "ab", "a/", "d/", "d/e"], None);
        check(&["a", "a"], Some("a"));
        check(&["a/Ä.txt", "a/ä.TXT"], Some("a/ä.TXT"));
        check(&["\u{e9}", "e\u{301}"], Some("e\u{301}"));
        check(&["a", "A/b"], Some("A/b"));
        check(&["a/b", "a"], Some("a"));
        check(&["d/", "d/"], Some("d/"));
        check(&["../a"], Some("../a"));
        check(&["a.txt", "a.txt. ."], Some("a.txt. ."));
        check(&["a.txt", "a.txt::$DATA"], Some("a.txt::$DATA"));
        check(&["ab:c", "de:f"], None);
        check(&["s", "\u{17f}"], Some("\u{17f}"));
        check(&["K", "\u{212a}"], Some("\u{212a}"));
        check(&["stra\u{df}e", "strasse"], None);
    }
}
