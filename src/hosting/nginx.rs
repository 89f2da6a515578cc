//! A snippet for nginx, to be included in the `server` whose `root` is the folder of the site, or the one that holds it.
//!
//! nginx compares locations with the decoded path, so a name stands there as it is, in quotation marks; where a reader is led to is
//! percent-encoded, so that no `$` in it can be a variable. Headers of a place are not those of the place around it as soon as it has one of
//! its own, so they are written out wherever one differs.

use std::collections::BTreeMap;

use super::wishes::{FOR_EVER, UNTIL_ASKED, Wishes};
use crate::text::{decoded_path, encoded_path};

const HEAD: &str = "\
# What nginx is to be told of this site; written by the build. Include it in a server without a `location` for the same path:
#     server { listen 443 ssl; root /srv/site; include /srv/site/.hosting/nginx.conf; }
";

/// The snippet.
pub(super) fn snippet(wishes: &Wishes) -> String {
    let base = decoded_path(&wishes.base);
    let at = |path: &str| quoted(&format!("{base}{path}"));
    let mut text = String::from(HEAD);
    let named = format!("@gone{}", encoded_path(&base).replace(['/', '%', '.'], "_"));
    if !wishes.gone.is_empty() {
        text.push_str(&format!("location {named} {{\n"));
        text.push_str(&files(wishes));
        text.push_str(&headers(wishes, UNTIL_ASKED));
        // The page that says so, with the status that says so to machines.
        text.push_str("    try_files $uri =410;\n}\n");
    }
    text.push_str(&format!("location {} {{\n    index index.html;\n    absolute_redirect off;\n", at("")));
    text.push_str(&files(wishes));
    text.push_str(&headers(wishes, UNTIL_ASKED));
    text.push_str(&format!("    error_page 404 {};\n", at("404.html")));
    text.push_str("    location ~ \"/\\.(?!well-known/)\" { return 404; }\n");
    text.push_str(&format!("    location = {} {{ internal; }}\n", at("404.html")));
    for path in &wishes.hashed {
        text.push_str(&format!("    location = {} {{\n{}    }}\n", at(path), headers(wishes, FOR_EVER)));
    }
    for path in &wishes.gone {
        text.push_str(&format!("    location = {} {{ error_page 410 {named}; return 410; }}\n", at(path)));
    }
    for (from, to) in &wishes.moved {
        let to = quoted(&format!("{}{}", wishes.base.replace('$', "%24"), encoded_path(to)));
        text.push_str(&format!("    location = {} {{ return 301 {to}; }}\n", at(from)));
    }
    text.push_str("}\n");
    text
}

/// What says of which type a file is.
fn files(wishes: &Wishes) -> String {
    let mut by_type: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (ending, media_type) in &wishes.types {
        by_type.entry(media_type.split(';').next().unwrap_or(media_type)).or_default().push(ending);
    }
    let is_text = |essence: &str| {
        wishes.types.values().any(|media_type| media_type.contains("charset") && media_type.starts_with(essence))
    };
    let mut text = String::from("    default_type application/octet-stream;\n    types {\n");
    for (essence, endings) in &by_type {
        text.push_str(&format!("        {essence} {};\n", endings.join(" ")));
    }
    text.push_str("    }\n    charset utf-8;\n");
    // `text/html` is always among them.
    let with_charset: Vec<&str> =
        by_type.keys().copied().filter(|essence| *essence != "text/html" && is_text(essence)).collect();
    if !with_charset.is_empty() {
        text.push_str(&format!("    charset_types {};\n", with_charset.join(" ")));
    }
    text
}

fn headers(wishes: &Wishes, cache: &str) -> String {
    let mut text = String::new();
    for (name, value) in &wishes.headers {
        text.push_str(&format!("    add_header {name} {} always;\n", quoted(value)));
    }
    text.push_str(&format!("    add_header Cache-Control {};\n", quoted(cache)));
    text
}

/// A word of nginx's in quotation marks.
fn quoted(word: &str) -> String {
    let mut quoted = String::from("\"");
    for c in word.chars() {
        if matches!(c, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wishes(base: &str, moved: (&str, &str), gone: &[&str]) -> Wishes {
        Wishes {
            base: base.to_owned(),
            headers: vec![("X-Content-Type-Options", "nosniff".to_owned())],
            moved: vec![(moved.0.to_owned(), moved.1.to_owned())],
            gone: gone.iter().map(|path| (*path).to_owned()).collect(),
            hashed: Vec::new(),
            types: BTreeMap::new(),
            rare: Vec::new(),
        }
    }

    /// The words of a line as nginx reads them: those in quotation marks, without their marks and backslashes.
    fn words(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut rest = line;
        while let Some(start) = rest.find('"') {
            let mut word = String::new();
            let mut chars = rest[start + 1..].char_indices();
            let mut end = rest.len();
            while let Some((at, c)) = chars.next() {
                match c {
                    '"' => {
                        end = start + 1 + at + 1;
                        break;
                    }
                    '\\' => word.extend(chars.next().map(|(_, escaped)| escaped)),
                    c => word.push(c),
                }
            }
            words.push(word);
            rest = &rest[end..];
        }
        words
    }

    #[test]
    fn a_site_below_a_path_is_asked_for_by_the_decoded_path_and_led_on_by_the_encoded_one() {
        let text = snippet(&wishes("/a%20b/", ("c/old.html", "c/né.html"), &["c/x.html"]));
        assert!(text.contains("location \"/a b/\" {"), "{text}");
        assert!(text.contains("location = \"/a b/c/old.html\" { return 301 \"/a%20b/c/n%C3%A9.html\"; }"), "{text}");
        assert!(text.contains("location = \"/a b/c/x.html\" { error_page 410 @gone_a_20b_; return 410; }"), "{text}");
        assert!(text.contains("location @gone_a_20b_ {"), "{text}");
    }

    proptest! {
        #[test]
        fn any_name_stays_in_its_quotation_marks_and_is_no_variable(from in "[^\\p{Cc}/]{1,20}", to in "[^\\p{Cc}/]{1,20}") {
            let text = snippet(&wishes("/", (&from, &to), &[]));
            let line = text.lines().find(|line| line.contains("return 301")).unwrap();
            let words = words(line);
            prop_assert_eq!(words.len(), 2, "{}", line);
            prop_assert_eq!(&words[0], &format!("/{from}"));
            prop_assert!(!words[1].contains('$'));
            prop_assert_eq!(decoded_path(&words[1]), format!("/{to}"));
        }
    }
}
