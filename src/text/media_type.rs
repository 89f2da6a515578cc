//! The media types of files by the ends of their names, with what tables of types do not know or say otherwise.

/// The type of a file as a `Content-Type` says it, with the encoding of text.
pub(crate) fn media_type(path: &str) -> String {
    let known = match ending(path).as_deref() {
        Some("jsonl") => Some("application/jsonl"),
        Some("wacz") => Some("application/wacz"),
        Some("warc") => Some("application/warc"),
        Some("webmanifest") => Some("application/manifest+json"),
        Some("geojson") => Some("application/geo+json"),
        Some("atom") => Some("application/atom+xml"),
        Some("rss") => Some("application/rss+xml"),
        Some("ics") => Some("text/calendar"),
        Some("bib") => Some("application/x-bibtex"),
        Some("md") => Some("text/markdown"),
        Some("vtt") => Some("text/vtt"),
        Some("js" | "mjs") => Some("text/javascript"),
        _ => None,
    };
    let essence = known.or_else(|| mime_guess::from_path(path).first_raw()).unwrap_or("application/octet-stream");
    let charset = if is_text(essence) { "; charset=utf-8" } else { "" };
    format!("{essence}{charset}")
}

/// Whether a media type is one of text, of which the encoding has to be said and which is worth compressing.
pub(crate) fn is_text(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || essence.ends_with("json")
        || essence.ends_with("xml")
        || matches!(&*essence, "application/jsonl" | "application/x-bibtex" | "application/javascript")
}

/// The end of a file's name in lower case, without its dot; none when no table could name it.
pub(crate) fn ending(path: &str) -> Option<String> {
    let name = path.rsplit('/').next()?;
    let (before, ending) = name.rsplit_once('.')?;
    let is_plain = (1..=16).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (is_plain && !before.is_empty()).then(|| ending.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(path: &str, expected: &str) {
        assert_eq!(media_type(path), expected);
    }

    #[test]
    fn text_says_its_encoding_and_what_tables_do_not_know_is_known() {
        check("index.html", "text/html; charset=utf-8");
        check("data/records.jsonl", "application/jsonl; charset=utf-8");
        check("static/style.css", "text/css; charset=utf-8");
        check("static/app.js", "text/javascript; charset=utf-8");
        check("sitemap.xml", "text/xml; charset=utf-8");
        check("files/plan.svg", "image/svg+xml; charset=utf-8");
        check("files/page.WACZ", "application/wacz");
        check("static/site.webmanifest", "application/manifest+json; charset=utf-8");
        check("files/photo.jpg", "image/jpeg");
        check("files/nothing", "application/octet-stream");
    }

    #[test]
    fn an_ending_is_what_a_table_of_types_can_name() {
        assert_eq!(ending("a/b.JPG").as_deref(), Some("jpg"));
        for path in [".nojekyll", "a/.htaccess", "a.b/c", "x.a;b", "x.", "x.é"] {
            assert_eq!(ending(path), None, "{path}");
        }
    }
}
