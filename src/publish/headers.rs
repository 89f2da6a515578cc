//! What a host is told to say of each file: what it is, how long to keep it, and how it is packed.

use serde::{Deserialize, Serialize};

use crate::hosting::{FOR_EVER, UNTIL_ASKED, has_content_hash};
use crate::text::{is_text, media_type};

/// The size from which packing is worth it.
const PACKED_FROM: u64 = 1024;

/// What is set beside the bytes of a file; nothing of it where the site goes into a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Headers {
    /// `Content-Type`.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// `Cache-Control`.
    #[serde(rename = "cache", default, skip_serializing_if = "Option::is_none")]
    pub cache_control: Option<String>,
    /// `Content-Encoding`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<Encoding>,
}

impl Headers {
    /// What is set beside what publishers write down for each other: nobody keeps it.
    pub(super) fn of_own() -> Headers {
        let content_type = Some("application/json; charset=utf-8".to_owned());
        Headers { content_type, cache_control: Some("no-store".to_owned()), encoding: None }
    }
}

/// How the bytes of a file are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoding {
    /// RFC 1952.
    Gzip,
}

/// What is set of a file of the site where a host keeps it.
pub fn headers(path: &str, encoding: Option<Encoding>) -> Headers {
    let cache = if has_hash(path) { FOR_EVER } else { UNTIL_ASKED };
    Headers { content_type: Some(media_type(path)), cache_control: Some(cache.to_owned()), encoding }
}

/// Whether a file is worth packing: one of text that is not tiny.
pub fn is_packed(path: &str, length: u64) -> bool {
    length >= PACKED_FROM && is_text(&media_type(path))
}

/// Whether the name of a file changes with its bytes. What lies beside records is named by its author: a picture that was replaced must
/// not stay with readers for a year.
fn has_hash(path: &str) -> bool {
    path.starts_with("static/") && has_content_hash(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_said_to_be_what_it_is_and_text_with_its_encoding() {
        for (path, expected) in [
            ("actors/jane-doe.html", "text/html; charset=utf-8"),
            ("static/style.css", "text/css; charset=utf-8"),
            ("data/records.jsonl", "application/jsonl; charset=utf-8"),
            ("sitemap.xml", "text/xml; charset=utf-8"),
            ("files/scan.pdf", "application/pdf"),
            ("files/photo.jpg", "image/jpeg"),
            ("CNAME", "application/octet-stream"),
        ] {
            assert_eq!(headers(path, None).content_type.as_deref(), Some(expected), "{path}");
        }
    }

    #[test]
    fn only_what_changes_its_name_with_its_bytes_is_kept_for_good() {
        for path in ["static/style.0a1b2c3d.css", "static/font-0123456789abcdef.woff2"] {
            assert_eq!(headers(path, None).cache_control.as_deref(), Some(FOR_EVER), "{path}");
        }
        for path in [
            "index.html",
            "static/style.css",
            "static/scan-20250511.pdf",
            "static/a.deadbeef.pdf",
            "files/photo-0a1b2c3d.jpg",
            "static/x.0a1b2c3d/style.css",
        ] {
            assert_eq!(headers(path, None).cache_control.as_deref(), Some(UNTIL_ASKED), "{path}");
        }
    }

    #[test]
    fn text_is_packed_and_what_is_packed_already_is_not() {
        assert!(is_packed("index.html", 5000) && is_packed("data/records.jsonl", 5000));
        assert!(!is_packed("index.html", 100) && !is_packed("files/photo.jpg", 5000));
    }
}
