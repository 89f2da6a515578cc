//! Documents as tests show them.

use std::fmt::Write as _;

use super::super::document::Document;

/// Blocks, hidden texts and anchors, one a line, with the bytes of the file.
pub(super) fn show(document: &Document, bytes: &[u8]) -> String {
    let mut shown = String::new();
    if let Some(title) = &document.title {
        let _ = writeln!(shown, "title {title:?}");
    }
    if let Some(lang) = &document.lang {
        let _ = writeln!(shown, "lang {lang:?}");
    }
    shown.push_str(&words(document));
    for anchor in &document.anchors {
        let place = anchor.bytes.clone().map_or_else(
            || "-".to_owned(),
            |bytes_of| {
                let written = bytes.get(bytes_of.start as usize..bytes_of.end as usize).unwrap_or_default();
                format!("{}..{} {:?}", bytes_of.start, bytes_of.end, String::from_utf8_lossy(written))
            },
        );
        let _ = writeln!(shown, "{} {:?} {place}", anchor.text, anchor.how);
    }
    shown
}

/// Blocks and hidden texts alone, one a line.
pub(super) fn words(document: &Document) -> String {
    let mut shown = String::new();
    for block in &document.blocks {
        let _ = writeln!(shown, "{:?} {:?}", block.kind, &document.text[block.text.clone()]);
    }
    for hidden in &document.hidden {
        let _ = writeln!(shown, "hidden by {:?} {:?}", hidden.by, hidden.text);
    }
    shown
}
