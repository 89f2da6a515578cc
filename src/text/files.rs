//! Names of files that every system can store.

use unicode_normalization::UnicodeNormalization;

use super::is_unsafe_in_messages;

/// File names that some systems keep for devices; nothing could be stored there.
const DEVICE_NAMES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2",
    "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Whether some systems keep a file name for a device, with whatever ending.
pub(crate) fn is_device_name(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    DEVICE_NAMES.iter().any(|device| stem.eq_ignore_ascii_case(device))
}

/// The longest name that is made here, in bytes; some systems take 255, and endings may be added.
const LONGEST: usize = 150;

/// A name under which every system can store a file, as near to another one as can be; `None` when nothing is left of it.
pub(crate) fn safe_file_name(name: &str) -> Option<String> {
    let is_refused =
        |c: char| is_unsafe_in_messages(c) || matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|');
    let plain: String = name.nfc().map(|c| if is_refused(c) { '-' } else { c }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    // A dot in front hides a file, and so do the signs that editors leave; a dot at the end falls away on some systems.
    let plain = plain.trim_start_matches(['.', ' ', '#', '-']).trim_end_matches(['.', ' ', '~', '#']);
    let plain = if is_device_name(plain) { format!("file-{plain}") } else { plain.to_owned() };
    (!plain.is_empty()).then(|| shortened(&plain))
}

/// A name that is not too long, with its ending.
fn shortened(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let (stem, ending) = match name.rsplit_once('.') {
        Some((stem, ending)) if ending.len() < 20 => (stem, format!(".{ending}")),
        _ => (name, String::new()),
    };
    let mut end = (LONGEST - ending.len()).min(stem.len());
    while !stem.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}{ending}", stem[..end].trim_end_matches(['.', ' ']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_safe_and_stay_as_near_as_can_be() {
        let check = |name, expected: Option<&str>| assert_eq!(safe_file_name(name).as_deref(), expected, "{name:?}");
        check("page (1).html", Some("page (1).html"));
        check("000_dbb52.txt", Some("000_dbb52.txt"));
        check("समाचार.pdf", Some("समाचार.pdf"));
        check("https://a.example/b?c=d.html", Some("https---a.example-b-c=d.html"));
        check("../../etc/passwd", Some("etc-passwd"));
        check(".hidden~", Some("hidden"));
        check("a\u{202e}fdp.txt\n", Some("a-fdp.txt-"));
        check("  a \t b. ", Some("a - b"));
        check("NUL.txt", Some("file-NUL.txt"));
        check("...", None);
        check("", None);
        let long = safe_file_name(&format!("{}.warc.gz", "é".repeat(300))).unwrap();
        assert!(long.len() <= LONGEST && long.ends_with("é.gz"), "{long}");
    }

    #[test]
    fn devices_are_known_by_their_names_with_any_ending() {
        for name in ["con", "NUL", "aux.txt", "Com1 .html", "lpt9.tar.gz"] {
            assert!(is_device_name(name), "{name}");
        }
        for name in ["console", "com", "com10", "a.con", "", "nul-1"] {
            assert!(!is_device_name(name), "{name}");
        }
    }
}
