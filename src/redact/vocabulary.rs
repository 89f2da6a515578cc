//! The words of the program and of its own themes. They stand in every site as whole values, and so tell nothing of a record
//! that happens to be called by one of them.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::shared::our_words;
use crate::model::Kind;
use crate::read::embedded_words;
use crate::text::folded_words;

/// The names of pages, folders and files that a site has beside those of its records and themes.
const PATHS: [&str; 12] = [
    "index",
    "dates",
    "tags",
    "timeline",
    "network",
    "corrections",
    "files",
    "static",
    "sitemap",
    "robots",
    "highlight",
    "style",
];

/// What machines are told that pages are of.
const TYPES: [&str; 17] = [
    "website",
    "CreativeWork",
    "Dataset",
    "Event",
    "GovernmentOrganization",
    "NewsArticle",
    "NewsMediaOrganization",
    "Organization",
    "Person",
    "Place",
    "PoliticalParty",
    "Quotation",
    "Report",
    "SocialMediaPosting",
    "WebPage",
    "WebSite",
    "Article",
];

/// What readers see of these fields says how a page is made and not what it is about.
pub(super) const FORMAL: [&str; 3] = ["template", "lang", "media_type"];

/// Those in Latin letters, folded. They are asked for and never walked.
static LATIN: LazyLock<HashSet<String>> = LazyLock::new(|| folded(is_latin));

/// Those in other letters, of which there are many and for which few ask.
static OTHERS: LazyLock<HashSet<String>> = LazyLock::new(|| folded(|words| !is_latin(words)));

/// Whether a value is a word of the program or a text of its themes.
pub(super) fn is_ours(value: &str) -> bool {
    let words = folded_words(value);
    if words.is_ascii() { LATIN.contains(&words) } else { OTHERS.contains(&words) }
}

/// Whether what some words are folded to has letters of ASCII alone.
fn is_latin(words: &str) -> bool {
    words.is_ascii() || !words.chars().any(|c| c.is_alphabetic() && c > '\u{24f}')
}

fn folded(is_meant: impl Fn(&str) -> bool) -> HashSet<String> {
    let kinds = Kind::ALL.into_iter().flat_map(|kind| [kind.word(), kind.folder()]);
    let words = our_words().into_iter().chain(kinds).chain(PATHS).chain(TYPES).chain(embedded_words());
    let mut different: Vec<&str> = words.filter(|words| !words.is_empty() && is_meant(words)).collect();
    // Most of them stand in several templates.
    different.sort_unstable();
    different.dedup();
    different.into_iter().map(folded_words).filter(|words| !words.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_is_found_whatever_its_letters() {
        let lost: Vec<&str> =
            embedded_words().filter(|words| !folded_words(words).is_empty() && !is_ours(words)).collect();
        assert_eq!(lost, [""; 0]);
        assert!(embedded_words().any(|words| !is_latin(words)));
    }
}
