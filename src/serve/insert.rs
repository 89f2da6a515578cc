//! Where the preview's own block stands in a page: directly after the tag that opens its body.

/// What begins the block and what ends it; the page without all between them is the page as it is built.
pub(super) const BEGIN: &str = "<!--dossier-preview-->";
pub(super) const END: &str = "<!--/dossier-preview-->";

/// A page with a block in it.
pub(super) fn insert(page: &[u8], block: &str) -> Vec<u8> {
    let at = after_body_tag(page).unwrap_or(page.len());
    let mut whole = Vec::with_capacity(page.len() + BEGIN.len() + block.len() + END.len());
    whole.extend_from_slice(&page[..at]);
    whole.extend_from_slice(BEGIN.as_bytes());
    whole.extend_from_slice(block.as_bytes());
    whole.extend_from_slice(END.as_bytes());
    whole.extend_from_slice(&page[at..]);
    whole
}

/// The place after `<body …>`; `None` when a page has no such tag, as the standard allows.
fn after_body_tag(page: &[u8]) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'<', &page[at..]) {
        let start = at + found;
        let rest = &page[start..];
        if rest.starts_with(b"<!--") {
            at = start + memchr::memmem::find(rest, b"-->")? + 3;
            continue;
        }
        let name = rest.get(1..5).unwrap_or_default();
        let is_body = name.eq_ignore_ascii_case(b"body")
            && rest.get(5).is_some_and(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'/'));
        if is_body {
            return end_of_tag(rest).map(|end| start + end);
        }
        // What stands in these is text, whatever it looks like.
        let closing: Option<&[u8]> = match name.to_ascii_lowercase().as_slice() {
            b"scri" => Some(b"</script"),
            b"styl" => Some(b"</style"),
            b"titl" => Some(b"</title"),
            _ => None,
        };
        at = match closing {
            Some(closing) => start + 1 + find_ignoring_case(&rest[1..], closing)?,
            None => start + 1,
        };
    }
    None
}

/// The place after the `>` of a tag, past values in quotation marks.
fn end_of_tag(tag: &[u8]) -> Option<usize> {
    let mut quote = None;
    for (at, byte) in tag.iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
    }
    None
}

fn find_ignoring_case(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|some| some.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::insert;

    fn check(page: &str, expected: &str) {
        let whole = String::from_utf8(insert(page.as_bytes(), "@")).unwrap();
        assert_eq!(whole, expected.replace('@', "<!--dossier-preview-->@<!--/dossier-preview-->"));
    }

    #[test]
    fn the_block_stands_after_the_tag_of_the_body() {
        check("<html><body>x", "<html><body>@x");
        check("<BODY class=\"a > b\" id='>'>x</body>", "<BODY class=\"a > b\" id='>'>@x</body>");
        check("<body\nclass=a>x", "<body\nclass=a>@x");
    }

    #[test]
    fn what_only_looks_like_a_body_is_passed_over() {
        check("<!-- <body> --><title><body></title><body>x", "<!-- <body> --><title><body></title><body>@x");
        check("<script>\"<body>\"</script><bodyguard><body>x", "<script>\"<body>\"</script><bodyguard><body>@x");
        check("<style>/*<body>*/</style><body>", "<style>/*<body>*/</style><body>@");
    }

    #[test]
    fn a_page_without_a_body_has_it_at_its_end() {
        check("<p>x", "<p>x@");
        check("", "@");
        check("<body", "<body@");
        check("<!-- <body>", "<!-- <body>@");
    }
}
