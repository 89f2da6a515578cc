//! Which names may lie beside each other, so that every system unpacks the same files.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use unicode_normalization::UnicodeNormalization;

use crate::packet::unsafe_name;

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
        let (name, sort) = match path.strip_suffix('/') {
            Some(name) => (name, Sort::Folder),
            None => (path, Sort::File),
        };
        for (at, _) in name.match_indices('/') {
            if *self.seen.entry(key(&name[..at])).or_insert(Sort::Above) == Sort::File {
                return Err("it lies in a file, as if that were a folder");
            }
        }
        match self.seen.insert(key(name), sort) {
            None => Ok(()),
            Some(Sort::Above) if sort == Sort::Folder => Ok(()),
            Some(Sort::Above) => Err("it is a file, and others lie in it as if it were a folder"),
            Some(_) => {
                Err("its name is there twice, or differs from another only in capital letters or in how accents are \
                            written, and systems do not agree which of the two they unpack")
            }
        }
    }
}

/// What a name is on systems that do not tell capital letters and accents apart.
fn key(name: &str) -> [u8; 16] {
    let folded: String = name.nfc().flat_map(char::to_lowercase).nfc().collect();
    let mut key = [0; 16];
    key.copy_from_slice(&Sha256::digest(folded)[..16]);
    key
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
    fn names_that_are_one_file_somewhere_are_refused() {
        check(&["a/b", "a/c", "ab", "a/", "d/", "d/e"], None);
        check(&["a", "a"], Some("a"));
        check(&["a/Ä.txt", "a/ä.TXT"], Some("a/ä.TXT"));
        check(&["\u{e9}", "e\u{301}"], Some("e\u{301}"));
        check(&["a", "A/b"], Some("A/b"));
        check(&["a/b", "a"], Some("a"));
        check(&["d/", "d/"], Some("d/"));
        check(&["../a"], Some("../a"));
    }
}
