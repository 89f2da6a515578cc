//! What the addresses of Markdown links are, and which of them may stand in a page.

/// What an address in a Markdown link is.
pub(super) enum Address<'a> {
    External,
    Anchor(&'a str),
    File(String, &'a str),
    Refused,
}

pub(super) fn classify(address: &str) -> Address<'_> {
    if let Some(anchor) = address.strip_prefix('#') {
        return Address::Anchor(anchor);
    }
    let scheme_end = address.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')));
    if let Some(end) = scheme_end
        && end > 0
        && address[end..].starts_with(':')
    {
        let scheme = address[..end].to_ascii_lowercase();
        return match scheme.as_str() {
            "http" | "https" | "mailto" | "ftp" | "tel" => Address::External,
            _ => Address::Refused,
        };
    }
    if address.starts_with('/') || address.is_empty() || address.contains(|c: char| c.is_control() || c == '\\') {
        return Address::Refused;
    }
    let (path, anchor) = address.split_once('#').unwrap_or((address, ""));
    match percent_decode(path) {
        Some(path) if !path.contains(char::is_control) => Address::File(path, anchor),
        _ => Address::Refused,
    }
}

/// Undoes percent-encoding; `None` when the result is not UTF-8.
fn percent_decode(path: &str) -> Option<String> {
    String::from_utf8(decoded(path)).ok()
}

/// Undoes percent-encoding, with a sign in place of what is not UTF-8.
pub(super) fn percent_decode_lossy(path: &str) -> String {
    String::from_utf8_lossy(&decoded(path)).into_owned()
}

fn decoded(path: &str) -> Vec<u8> {
    let bytes = path.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = |digit: u8| char::from(digit).to_digit(16);
        let digits = (bytes[at] == b'%' && at + 2 < bytes.len()).then(|| (hex(bytes[at + 1]), hex(bytes[at + 2])));
        if let Some((Some(high), Some(low))) = digits {
            decoded.push((high * 16 + low) as u8);
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    decoded
}
