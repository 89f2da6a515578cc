//! The words of the program and of its own themes. They stand in every site as whole values, and so tell nothing of a record
//! that happens to be called by one of them.

use std::collections::BTreeSet;
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

static OURS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let kinds = Kind::ALL.into_iter().flat_map(|kind| [kind.word(), kind.folder()]);
    let words = our_words().into_iter().chain(kinds).chain(PATHS).chain(TYPES).chain(embedded_words());
    words.map(folded_words).filter(|words| !words.is_empty()).collect()
});

/// Whether a value is a word of the program or a text of its themes.
pub(super) fn is_ours(value: &str) -> bool {
    OURS.contains(&folded_words(value))
}
