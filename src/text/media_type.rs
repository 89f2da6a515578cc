//! What hosts say that a file is.

/// The `Content-Type` of a file, by the end of its name.
pub(crate) fn media_type(path: &str) -> String {
    let essence = mime_guess::from_path(path).first_raw().unwrap_or("application/octet-stream");
    let charset = if is_text(essence) { "; charset=utf-8" } else { "" };
    format!("{essence}{charset}")
}

/// Whether a media type is one of text, which has a charset and is worth compressing.
pub(crate) fn is_text(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence.starts_with("text/")
        || essence.ends_with("+json")
        || essence.ends_with("+xml")
        || matches!(&*essence, "application/json" | "application/xml" | "application/javascript")
}
