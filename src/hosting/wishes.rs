//! What a site wishes of any host, before it is said in the words of one.

use std::collections::{BTreeMap, BTreeSet};

use super::policy;
use super::{Assets, can_say_gone};
use crate::plan::{Route, Site, path_of_record};
use crate::text::{ending, media_type};

/// Which addresses are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Addresses {
    /// All of them.
    All,
    /// All but those of what was taken down.
    WithoutTombstones,
}

/// For how long a file may be kept whose name changes with its content.
pub(crate) const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// For how long all else may be kept: until it is asked for again, which costs little when it has not changed.
pub(crate) const UNTIL_ASKED: &str = "public, max-age=0, must-revalidate";

/// What is wished. Paths are from the root of the site, as they are and without a slash at their beginning.
#[derive(Debug)]
pub(super) struct Wishes {
    /// The path of the site at its address, percent-encoded, with a slash at both ends.
    pub(super) base: String,
    /// What is sent with every file, names and values.
    pub(super) headers: Vec<(&'static str, String)>,
    /// Old addresses and where they lead.
    pub(super) moved: Vec<(String, String)>,
    /// The addresses of what was taken down; a page at each of them says so.
    pub(super) gone: Vec<String>,
    /// Static files whose names change with their content.
    pub(super) hashed: Vec<String>,
    /// The type of each ending of a file's name.
    pub(super) types: BTreeMap<String, String>,
    /// The files by endings that hosts know little of.
    pub(super) rare: Vec<String>,
}

impl Wishes {
    pub(super) fn of(site: &Site, assets: &Assets, addresses: Addresses) -> Wishes {
        let settings = &site.dossier.settings;
        let routes = &site.plan.routes;
        let moved = routes.iter().filter_map(|(path, route)| match route {
            Route::Redirect(number) => Some((path.clone(), path_of_record(site.record(*number)))),
            _ => None,
        });
        let names_gone = addresses == Addresses::All && can_say_gone(settings.hosting);
        let gone = routes.iter().filter(|(_, route)| names_gone && matches!(route, Route::Tombstone(..)));
        let hashed = routes.iter().filter(|(path, route)| matches!(route, Route::Asset(_)) && has_content_hash(path));
        let served = || routes.iter().filter(|(_, route)| !matches!(route, Route::Host(_))).map(|(path, _)| path);
        let endings: BTreeSet<String> = served().filter_map(|path| ending(path)).collect();
        let types: BTreeMap<String, String> =
            endings.into_iter().map(|ending| (ending.clone(), media_type(&format!("x.{ending}")))).collect();
        let rare = served().filter(|path| ending(path).is_some_and(|ending| is_rare(&ending)));
        Wishes {
            base: settings.base_path(),
            headers: policy::headers(site, assets),
            moved: moved.collect(),
            gone: gone.map(|(path, _)| path.clone()).collect(),
            hashed: hashed.map(|(path, _)| path.clone()).collect(),
            rare: rare.cloned().collect(),
            types,
        }
    }
}

/// Whether hosts are likely not to know what a file with this ending is.
fn is_rare(ending: &str) -> bool {
    matches!(ending, "jsonl" | "wacz" | "warc" | "webmanifest" | "geojson" | "bib" | "ics" | "vtt" | "atom")
}

/// Whether a file's name holds a hash of its content, as bundlers of scripts and styles put it there: a part of at least eight hexadecimal digits
/// with both letters and numbers among them, so that a day is none.
pub fn has_content_hash(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_hash = |part: &str| {
        (8..=64).contains(&part.len())
            && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
            && part.contains(|c: char| c.is_ascii_digit())
            && part.contains(|c: char| c.is_ascii_lowercase())
    };
    // A name with other characters would have to be written otherwise for each host.
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    is_plain && name.split(['.', '-', '_']).any(is_hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_a_hash_of_its_content_may_be_kept_for_ever_and_one_with_a_day_may_not() {
        for name in ["static/app.3f2a1b9c.js", "static/deep/style-0123456789abcdef.css", "static/a_00ff00ff.woff2"] {
            assert!(has_content_hash(name), "{name}");
        }
        for name in [
            "static/style.css",
            "static/report-20230621.pdf",
            "static/decade.css",
            "static/facade12 .css",
            "static/abc123.js",
            "static/DEADBEEF1.js",
        ] {
            assert!(!has_content_hash(name), "{name}");
        }
    }
}
