//! `_headers` and `_redirects`, as Netlify, Cloudflare Pages and GitLab Pages read them, each in its own way.
//!
//! | | Netlify | Cloudflare Pages | GitLab Pages |
//! |---|---|---|---|
//! | `_headers` | yes | 100 rules | no |
//! | `_redirects` | yes | 2,000 rules of at most 1,000 characters | 1,000 rules, 64 KiB |
//! | a rule against a file of that name | wins when forced, `!` | wins | loses |
//! | 410 | yes | no | no |
//! | `x.html` | answers there | is led on to `x` | answers there |
//!
//! A path is written as the links of pages write it, percent-encoded, so neither white space nor `*`, `:` or `#` can change what a line means.

use super::wishes::{FOR_EVER, Wishes};
use crate::config::Hosting;
use crate::text::encoded_path;
use crate::text::media_type;

/// How much a host takes.
struct Limits {
    rules: usize,
    line: usize,
    bytes: usize,
}

fn limits(hosting: Hosting) -> Limits {
    match hosting {
        Hosting::CloudflarePages => Limits { rules: 2000, line: 1000, bytes: usize::MAX },
        Hosting::GitlabPages => Limits { rules: 1000, line: usize::MAX, bytes: 64 * 1024 },
        _ => Limits { rules: usize::MAX, line: usize::MAX, bytes: usize::MAX },
    }
}

/// How many rules of headers Cloudflare Pages takes.
const CLOUDFLARE_HEADER_RULES: usize = 100;

/// The `_headers` file, and how many rules had no room.
pub(super) fn headers(wishes: &Wishes, hosting: Hosting) -> (String, usize) {
    let mut text = String::from("/*\n");
    for (name, value) in &wishes.headers {
        text.push_str(&format!("  {name}: {value}\n"));
    }
    // Both hosts let pages be asked for again each time by themselves; a header that two rules set would be sent twice.
    let hashed = wishes.hashed.iter().map(|path| (path, "Cache-Control", FOR_EVER.to_owned()));
    let rare = wishes.rare.iter().map(|path| (path, "Content-Type", media_type(path)));
    let rules: Vec<_> = hashed.chain(rare).collect();
    let most = if hosting == Hosting::CloudflarePages { CLOUDFLARE_HEADER_RULES - 1 } else { usize::MAX };
    for (path, name, value) in rules.iter().take(most) {
        text.push_str(&format!("\n/{}\n  {name}: {value}\n", encoded_path(path)));
    }
    (text, rules.len().saturating_sub(most))
}

/// The `_redirects` file, and how many rules had no room.
pub(super) fn redirects(wishes: &Wishes, hosting: Hosting) -> (String, usize) {
    let Limits { rules, line: longest, bytes } = limits(hosting);
    let mut text = String::new();
    let (mut written, mut left_out) = (0, 0);
    for line in gone(wishes).chain(moved(wishes, hosting)) {
        let has_room = written < rules && line.len() <= longest && text.len() + line.len() < bytes;
        if has_room {
            text.push_str(&line);
            text.push('\n');
            written += 1;
        } else {
            left_out += 1;
        }
    }
    if hosting == Hosting::CloudflarePages {
        // The address without an ending shows the page that leads on, so these may be missing without loss.
        for line in moved_bare(wishes).filter(|line| line.len() <= longest).take(rules - written) {
            text.push_str(&line);
            text.push('\n');
        }
    }
    (text, left_out)
}

/// The page that says so is shown, with the status that says so to machines.
fn gone(wishes: &Wishes) -> impl Iterator<Item = String> {
    wishes.gone.iter().map(|path| {
        let path = encoded_path(path);
        format!("/{path} /{path} 410!")
    })
}

fn moved(wishes: &Wishes, hosting: Hosting) -> impl Iterator<Item = String> {
    let base = &wishes.base;
    wishes.moved.iter().map(move |(from, to)| {
        let (from, to) = (encoded_path(from), encoded_path(to));
        match hosting {
            Hosting::Netlify => format!("/{from} {base}{to} 301!"),
            // There each address without an ending is the one that answers; the other would lead on once more.
            Hosting::CloudflarePages => format!("/{from} {base}{} 301", bare(&to)),
            // There a site that is one of many is asked for by its whole path.
            _ => format!("{base}{from} {base}{to} 301"),
        }
    })
}

fn moved_bare(wishes: &Wishes) -> impl Iterator<Item = String> {
    let base = &wishes.base;
    wishes.moved.iter().map(move |(from, to)| {
        let (from, to) = (encoded_path(from), encoded_path(to));
        format!("/{} {base}{} 301", bare(&from), bare(&to))
    })
}

fn bare(path: &str) -> &str {
    path.strip_suffix(".html").unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn wishes(moved: Vec<(String, String)>, gone: Vec<String>) -> Wishes {
        let headers = vec![("X-Content-Type-Options", "nosniff".to_owned())];
        let (hashed, rare) = (Vec::new(), vec!["files/a b;c.wacz".to_owned()]);
        Wishes { base: "/".to_owned(), headers, moved, gone, hashed, types: BTreeMap::new(), rare }
    }

    fn many(n: usize) -> Wishes {
        wishes((0..n).map(|at| (format!("actors/old-{at}.html"), format!("actors/new-{at}.html"))).collect(), vec![])
    }

    #[test]
    fn each_host_is_told_in_its_own_way() {
        let asked = wishes(vec![("a/old.html".to_owned(), "a/new.html".to_owned())], vec!["a/x.html".to_owned()]);
        assert_eq!(redirects(&asked, Hosting::Netlify).0, "/a/x.html /a/x.html 410!\n/a/old.html /a/new.html 301!\n");
        let asked = Wishes { gone: Vec::new(), ..asked };
        assert_eq!(redirects(&asked, Hosting::CloudflarePages).0, "/a/old.html /a/new 301\n/a/old /a/new 301\n");
        let asked = Wishes { base: "/project/".to_owned(), ..asked };
        assert_eq!(redirects(&asked, Hosting::GitlabPages).0, "/project/a/old.html /project/a/new.html 301\n");
        assert_eq!(
            headers(&asked, Hosting::Netlify).0,
            "/*\n  X-Content-Type-Options: nosniff\n\n/files/a%20b%3Bc.wacz\n  Content-Type: application/wacz\n"
        );
    }

    #[test]
    fn what_a_host_has_no_room_for_is_counted_and_not_written() {
        let (text, left_out) = redirects(&many(2100), Hosting::CloudflarePages);
        assert_eq!((text.lines().count(), left_out), (2000, 100));
        let (text, left_out) = redirects(&many(1500), Hosting::CloudflarePages);
        assert_eq!((text.lines().count(), left_out), (2000, 0));
        let (text, left_out) = redirects(&many(1100), Hosting::GitlabPages);
        assert_eq!((text.lines().count(), left_out), (1000, 100));
        let long = format!("actors/{}.html", "é".repeat(200));
        let asked = wishes(vec![(long.clone(), "actors/a.html".to_owned())], vec![]);
        assert_eq!(redirects(&asked, Hosting::CloudflarePages), (String::new(), 1));
        let asked = wishes(vec![(long, "actors/a.html".to_owned()); 60], vec![]);
        let (text, left_out) = redirects(&asked, Hosting::GitlabPages);
        assert!(text.len() < 64 * 1024 && left_out > 0, "{} bytes, {left_out} left out", text.len());
    }

    proptest! {
        #[test]
        fn any_name_is_one_word_of_one_line_that_means_that_name(from in "[^/\0]{1,20}", to in "[^/\0]{1,20}") {
            let asked = wishes(vec![(from.clone(), to.clone())], vec![from.clone()]);
            let (text, _) = redirects(&asked, Hosting::Netlify);
            let lines: Vec<&str> = text.lines().collect();
            prop_assert_eq!(lines.len(), 2);
            let words: Vec<&str> = lines[1].split_whitespace().collect();
            prop_assert_eq!(words.len(), 3);
            prop_assert!(!lines[1].contains(['*', ':', '#']));
            let decoded = |word: &str| percent_encoding::percent_decode_str(word).decode_utf8().unwrap().into_owned();
            prop_assert_eq!(decoded(words[0]), format!("/{from}"));
            prop_assert_eq!(decoded(words[1]), format!("/{to}"));
        }
    }
}
