//! The tag files of a BagIt 1.0 bag (RFC 8493), as ordinary tools read them.

use std::borrow::Cow;

/// The folder of the payload.
pub(crate) const PAYLOAD: &str = "data/";

/// What declares a bag.
pub(crate) const DECLARATION: &str = "bagit.txt";

/// What it says.
pub(crate) const DECLARED: &str = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";

/// What is known of a bag.
pub(crate) const INFO: &str = "bag-info.txt";

/// The SHA-256 of each file of the payload.
pub(crate) const SUMS: &str = "manifest-sha256.txt";

/// The SHA-256 of each other file.
pub(crate) const TAG_SUMS: &str = "tagmanifest-sha256.txt";

/// How much the payload is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oxum {
    /// Its bytes.
    pub bytes: u64,
    /// Its files.
    pub files: u64,
}

/// A line of a list of sums.
pub(crate) fn sum_line(sha256: &str, path: &str) -> String {
    format!("{sha256}  {}\n", written(path))
}

/// A path as a list of sums has it: line breaks and `%` are encoded, and nothing else (RFC 8493, section 2.1.3).
pub(crate) fn written(path: &str) -> Cow<'_, str> {
    if !path.contains(['\r', '\n', '%']) {
        return Cow::Borrowed(path);
    }
    Cow::Owned(path.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A"))
}

/// The text of `bag-info.txt`: labels with their values, each on one line.
pub(crate) fn info(entries: &[(&str, &str)]) -> String {
    let line = |(label, value): &(&str, &str)| {
        let value = value.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
        format!("{label}: {}\n", value.collect::<Vec<_>>().join(" "))
    };
    entries.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_and_percent_signs_are_encoded_and_nothing_else() {
        let check = |path, expected| assert_eq!(written(path), expected);
        check("data/site/index.html", "data/site/index.html");
        check("data/a b\\ü.txt", "data/a b\\ü.txt");
        check("data/100%.txt", "data/100%25.txt");
        check("data/a\r\nb%0A", "data/a%0D%0Ab%250A");
    }

    #[test]
    fn a_value_is_one_line() {
        let text = info(&[("External-Description", " The\n gate: one "), ("Payload-Oxum", "10.2")]);
        assert_eq!(text, "External-Description: The gate: one\nPayload-Oxum: 10.2\n");
    }
}
