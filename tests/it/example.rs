//! The example in this repository, and the pages of every theme: what is checked in is what is built, and every link on
//! every page leads somewhere.

use std::path::Path;
use std::sync::LazyLock;

use tempfile::TempDir;

use crate::html::{broken_links, faults, repeated_ids};
use crate::input::{Dossier, Files, Folder, Run, differences, files_in, program};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn build(args: &[&str]) -> Files {
    let out = TempDir::new().unwrap();
    let site = out.path().join("site");
    let mut typed = vec!["build", "--out", site.to_str().unwrap()];
    typed.extend(args);
    let run = Run::of(program(root(), &typed));
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    files_in(&site)
}

/// The example as it is built now.
static EXAMPLE: LazyLock<Files> = LazyLock::new(|| build(&[]));

fn pages(site: &Files) -> impl Iterator<Item = (&str, &str)> {
    let pages = site.iter().filter(|(path, _)| path.ends_with(".html"));
    pages.map(|(path, bytes)| (path.as_str(), std::str::from_utf8(bytes).expect("pages are UTF-8")))
}

#[test]
fn what_is_checked_in_is_what_is_built() {
    let public = root().join("public");
    assert!(public.is_dir(), "there is no `public/`; build it with `cargo run -- build` and check it in");
    let differences = differences(&files_in(&public), &EXAMPLE);
    assert!(
        differences.is_empty(),
        "`public/` (first) is not what the records and themes come to now (second); rebuild it with `cargo run -- build`:\n{}",
        differences.join("\n")
    );
}

#[test]
fn the_protected_people_of_the_example_are_in_no_byte() {
    for (path, bytes) in EXAMPLE.iter() {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        for word in ["relatives-protected", "relatives of the official", "never enter who they are"] {
            assert!(!path.contains(word) && !text.contains(word), "`{word}` is in `{path}`");
        }
    }
}

#[track_caller]
fn assert_sound(site: &Files) {
    assert_eq!(broken_links(site), [""; 0]);
    for (path, page) in pages(site) {
        assert_eq!(faults(page), [""; 0], "{path}");
        assert_eq!(repeated_ids(page), [""; 0], "{path}");
    }
    let all: Vec<(&str, &str)> = pages(site).collect();
    assert!(all.len() > 10, "there are {} pages only", all.len());
}

#[test]
fn every_page_of_the_example_is_sound() {
    assert_sound(&EXAMPLE);
}

#[test]
fn every_page_of_the_example_in_the_plain_theme_is_sound() {
    assert_sound(&build(&["--theme", "plain"]));
}

#[test]
fn every_page_of_the_example_with_an_address_is_sound() {
    let site = build(&["--base-url", "https://example.org/dossier"]);
    assert_sound(&site);
    let sitemap = String::from_utf8(site["sitemap.xml"].clone()).unwrap();
    let listed = sitemap.matches("<loc>https://example.org/dossier/").count();
    let indexed = pages(&site).filter(|(_, page)| !page.contains("content=\"noindex\"")).count();
    assert_eq!(listed, indexed);
}

#[test]
fn every_page_of_a_new_dossier_is_sound() {
    let folder = Folder::empty();
    assert_eq!(folder.run(&["init", "."]).code, 0);
    for theme in ["default", "plain"] {
        assert_eq!(folder.run(&["build", "--theme", theme]).code, 0);
        assert_sound(&folder.site());
    }
}

#[test]
fn every_page_in_every_language_is_sound() {
    for lang in ["hi", "ar", "es", "fr"] {
        let site = Dossier::small().settings(&format!("title: T\nlang: {lang}\n")).site();
        assert_sound(&site);
        let home = String::from_utf8(site["index.html"].clone()).unwrap();
        let dir = if lang == "ar" { "rtl" } else { "ltr" };
        assert!(home.contains(&format!("<html lang=\"{lang}\" dir=\"{dir}\">")), "{home}");
    }
}

#[test]
fn an_empty_dossier_is_sound() {
    for theme in ["default", "plain"] {
        let site = Dossier::new().settings(&format!("title: T\ntheme: {theme}\n")).site();
        assert_eq!(broken_links(&site), [""; 0]);
        for (path, page) in pages(&site) {
            assert_eq!(faults(page), [""; 0], "{path}");
        }
    }
}
