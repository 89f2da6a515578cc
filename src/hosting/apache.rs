//! `.htaccess` for Apache, at the root of the site, where Apache reads it by itself and never serves it.
//!
//! It needs `AllowOverride FileInfo` and the modules that come with Apache: alias, headers, mime and, for what was taken down, rewrite. It may
//! be included in the `<Directory>` of the site as well. `Redirect` compares with the decoded path; where a reader is led to is percent-encoded.

use super::wishes::{FOR_EVER, UNTIL_ASKED, Wishes};
use crate::text::{decoded_path, encoded_path};

const HEAD: &str =
    "# What Apache is to be told of this site; written by the build. It needs `AllowOverride FileInfo`.\n";

/// The file.
pub(super) fn htaccess(wishes: &Wishes) -> String {
    let base = decoded_path(&wishes.base);
    let at = |path: &str| quoted(&format!("{base}{path}"));
    let mut text = String::from(HEAD);
    text.push_str(&format!("ErrorDocument 404 {}\n", quoted(&format!("{}404.html", wishes.base))));
    text.push_str("<IfModule mod_headers.c>\n");
    for (name, value) in &wishes.headers {
        text.push_str(&format!("    Header always set {name} {}\n", quoted_value(value)));
    }
    text.push_str(&format!("    Header set Cache-Control {}\n", quoted_value(UNTIL_ASKED)));
    for path in &wishes.hashed {
        // The name says by itself which file is meant; it has neither white space nor wildcards.
        let name = path.rsplit('/').next().unwrap_or(path);
        text.push_str(&format!(
            "    <Files \"{name}\">\n        Header set Cache-Control {}\n    </Files>\n",
            quoted_value(FOR_EVER)
        ));
    }
    text.push_str("</IfModule>\n<IfModule mod_mime.c>\n");
    for (ending, media_type) in &wishes.types {
        let essence = media_type.split(';').next().unwrap_or(media_type);
        text.push_str(&format!("    AddType {essence} .{ending}\n"));
        if media_type.contains("charset") {
            text.push_str(&format!("    AddCharset utf-8 .{ending}\n"));
        }
    }
    text.push_str("</IfModule>\n<IfModule mod_alias.c>\n");
    text.push_str("    RedirectMatch 404 \"/\\.(?!well-known/)\"\n");
    for (from, to) in &wishes.moved {
        let to = quoted(&format!("{}{}", wishes.base, encoded_path(to)));
        text.push_str(&format!("    Redirect 301 {} {to}\n", at(from)));
    }
    text.push_str("</IfModule>\n");
    if !wishes.gone.is_empty() {
        text.push_str(&gone(wishes));
    }
    text
}

/// The page that says so is shown, with the status that says so to machines. It is asked for a second time for that, and then not refused.
fn gone(wishes: &Wishes) -> String {
    let mut text = String::from("<IfModule mod_rewrite.c>\n    RewriteEngine On\n");
    for path in &wishes.gone {
        text.push_str("    RewriteCond %{ENV:REDIRECT_STATUS} \"^$\"\n");
        // Here a backslash before a mark stays, and what it means is left to the pattern.
        let pattern = format!("^{}$", literal(path)).replace('"', "\\\"");
        text.push_str(&format!("    RewriteRule \"{pattern}\" - [R=410]\n"));
    }
    text.push_str("</IfModule>\n");
    for path in &wishes.gone {
        let name = path.rsplit('/').next().unwrap_or(path);
        let page = quoted(&format!("{}{}", wishes.base, encoded_path(path)));
        text.push_str(&format!(
            "<FilesMatch {}>\n    ErrorDocument 410 {page}\n</FilesMatch>\n",
            quoted(&format!("^{}$", literal(name)))
        ));
    }
    text
}

/// A regular expression that means exactly this text.
fn literal(text: &str) -> String {
    let mut pattern = String::new();
    for c in text.chars() {
        if "\\.+*?()|[]{}^$".contains(c) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

/// A word of Apache's in quotation marks.
fn quoted(word: &str) -> String {
    format!("\"{}\"", word.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The value of a header, in which a percent sign begins a format.
fn quoted_value(value: &str) -> String {
    quoted(&value.replace('%', "%%"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn wishes(base: &str, moved: (&str, &str), gone: &str) -> Wishes {
        Wishes {
            base: base.to_owned(),
            headers: vec![("X-Odd", "100% \"sure\"".to_owned())],
            moved: vec![(moved.0.to_owned(), moved.1.to_owned())],
            gone: vec![gone.to_owned()],
            hashed: Vec::new(),
            types: BTreeMap::new(),
            rare: Vec::new(),
        }
    }

    /// The words in quotation marks of a line, as Apache reads them: a backslash is one before a mark or another backslash only.
    fn words(line: &str) -> Vec<String> {
        let mut words = Vec::new();
        let mut chars = line.chars().peekable();
        while chars.by_ref().any(|c| c == '"') {
            let mut word = String::new();
            while let Some(c) = chars.next() {
                match (c, chars.peek().copied()) {
                    ('"', _) => break,
                    ('\\', Some(next @ ('"' | '\\'))) => {
                        word.push(next);
                        chars.next();
                    }
                    _ => word.push(c),
                }
            }
            words.push(word);
        }
        words
    }

    #[test]
    fn a_site_below_a_path_is_asked_for_by_the_decoded_path_and_led_on_by_the_encoded_one() {
        let text = htaccess(&wishes("/a%20b/", ("c/old.html", "c/né.html"), "c/x.html"));
        assert!(text.contains("Redirect 301 \"/a b/c/old.html\" \"/a%20b/c/n%C3%A9.html\"\n"), "{text}");
        assert!(text.contains("RewriteRule \"^c/x\\.html$\" - [R=410]\n"), "{text}");
        assert!(text.contains("Header always set X-Odd \"100%% \\\"sure\\\"\"\n"), "{text}");
    }

    proptest! {
        #[test]
        fn any_name_stays_in_its_quotation_marks_and_a_pattern_means_it_alone(from in "[^\\p{Cc}/]{1,20}", to in "[^\\p{Cc}/]{1,20}") {
            let text = htaccess(&wishes("/", (&from, &to), &from));
            let line = |start: &str| text.lines().find(|line| line.trim_start().starts_with(start)).unwrap();
            let moved = words(line("Redirect 301"));
            prop_assert_eq!(&moved[0], &format!("/{from}"));
            prop_assert_eq!(decoded_path(&moved[1]), format!("/{to}"));
            let pattern = line("RewriteRule").trim().strip_prefix("RewriteRule \"").unwrap();
            let pattern = pattern.strip_suffix("\" - [R=410]").unwrap();
            let pattern = fancy_regex::Regex::new(pattern).unwrap();
            prop_assert!(pattern.is_match(&from).unwrap());
            let longer = format!("{from}x");
            prop_assert!(!pattern.is_match(&longer).unwrap());
        }
    }
}
