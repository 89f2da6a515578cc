//! `SHA256SUMS`, as `sha256sum` writes and reads it: a line for each file, sorted by their paths.

use std::collections::BTreeMap;

use crate::text::is_sha256;

/// The text of the file.
pub(super) fn to_text(sums: &BTreeMap<String, String>) -> String {
    sums.iter().map(|(path, sha256)| format!("{sha256}  {path}\n")).collect()
}

/// The fingerprints by path; an error says which line is none.
pub(super) fn read(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut sums = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        let parts = line.split_once("  ").filter(|(sha256, path)| is_sha256(sha256) && !path.is_empty());
        let Some((sha256, path)) = parts else {
            return Err(format!("line {} is not a SHA-256, two spaces and a path", at + 1));
        };
        if sums.insert(path.to_owned(), sha256.to_owned()).is_some() {
            return Err(format!("line {} names a file for the second time", at + 1));
        }
    }
    // What programs read alike can be written in several ways; a packet has one.
    if to_text(&sums) != text { Err("its lines are not sorted by their paths".to_owned()) } else { Ok(sums) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again_and_nothing_else() {
        let sums = BTreeMap::from([("a b.txt".to_owned(), "0a".repeat(32)), ("c/d".to_owned(), "ff".repeat(32))]);
        let text = to_text(&sums);
        assert_eq!(text, format!("{}  a b.txt\n{}  c/d\n", "0a".repeat(32), "ff".repeat(32)));
        assert_eq!(read(&text), Ok(sums));
        let wrong = [
            (text.to_uppercase(), "line 1 is not a SHA-256, two spaces and a path"),
            (text.replace("  c", " *c"), "line 2 is not a SHA-256, two spaces and a path"),
            (text.replace("c/d", "a b.txt"), "line 2 names a file for the second time"),
            (text.replace("c/d", "a"), "its lines are not sorted by their paths"),
            (text.trim_end().to_owned(), "its lines are not sorted by their paths"),
        ];
        for (text, why) in wrong {
            assert_eq!(read(&text), Err(why.to_owned()));
        }
    }
}
