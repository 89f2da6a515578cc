//! The example in this repository, and the pages of every theme: what is checked in is what is built, and every link on
//! every page leads somewhere.

use std::path::Path;
use std::sync::LazyLock;

use expect_test::expect;
use tempfile::TempDir;

use crate::html::{broken_links, faults, repeated_ids, text};
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

/// What the records of the example say that readers do not see: of each that is withheld all but its role, and of the others
/// the notes.
fn withheld_texts() -> Vec<String> {
    let mut texts = Vec::new();
    let mut withheld = 0;
    for (path, bytes) in files_in(&root().join("content")) {
        let Some(text) = path.ends_with(".md").then(|| String::from_utf8(bytes).unwrap()) else { continue };
        let (front, body) = text.trim_start_matches("---\n").split_once("\n---").unwrap();
        let front: serde_yaml::Mapping = serde_yaml::from_str(front).unwrap();
        let says = |key: &str, words: &[&str]| {
            front.get(key).and_then(serde_yaml::Value::as_str).is_some_and(|word| words.contains(&word))
        };
        let is_withheld = says("privacy", &["private", "minor", "victim", "protected-source"])
            || says("visibility", &["internal", "sealed"])
            || ["draft", "publish_at", "takedown"].iter().any(|key| front.contains_key(key));
        for (key, value) in &front {
            // These are words of ours, shown in place of the name, or ids of what readers see.
            let is_open = ["kind", "privacy", "visibility", "display", "role", "source", "sources"];
            let is_told = is_withheld && !is_open.contains(&key.as_str().unwrap()) || key == "notes_internal";
            if is_told {
                each_text(value, &mut texts);
            }
        }
        if is_withheld {
            withheld += 1;
            let id = path.rsplit('/').next().unwrap().trim_end_matches(".md");
            texts.extend([id.to_owned(), id.replace('-', " ")]);
            texts.push(body.trim().to_owned());
        }
    }
    assert!(withheld > 0, "the example withholds no record");
    let sentences =
        texts.iter().flat_map(|text| text.split(['.', '\n', '(', ')'])).map(|part| part.trim().to_lowercase());
    // Two words of a note are nobody's secret.
    sentences.filter(|part| part.contains('-') || part.split(' ').count() > 2).collect()
}

fn each_text(value: &serde_yaml::Value, texts: &mut Vec<String>) {
    match value {
        serde_yaml::Value::String(text) => texts.push(text.clone()),
        serde_yaml::Value::Sequence(values) => values.iter().for_each(|value| each_text(value, texts)),
        serde_yaml::Value::Mapping(entries) => entries.values().for_each(|value| each_text(value, texts)),
        _ => {}
    }
}

#[test]
fn the_protected_people_of_the_example_are_in_no_byte() {
    let words = withheld_texts();
    assert!(words.iter().any(|word| word == "relatives of the official"), "{words:?}");
    let sites =
        [files_in(&root().join("public")), build(&["--theme", "plain"]), build(&["--base-url", "https://example.org"])];
    for (path, bytes) in sites.iter().chain([&*EXAMPLE]).flatten() {
        let bytes = String::from_utf8_lossy(bytes).to_lowercase();
        // Once as it stands, and once as it is read.
        let read = if path.ends_with(".html") { text(&bytes) } else { String::new() };
        for word in &words {
            for form in [word.clone(), word.replace(' ', "-"), word.replace(' ', "%20")] {
                let is_there = path.contains(&form) || bytes.contains(&form) || read.contains(&form);
                assert!(!is_there, "`{form}` is in `{path}`");
            }
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

/// The captured article, which is somebody else's and lies outside of the project, where it is at hand.
fn captures() -> Option<String> {
    let folder = root().join("../shared/captures");
    folder.is_dir().then(|| folder.to_str().expect("the path is UTF-8").to_owned())
}

#[test]
fn every_quotation_stands_in_the_captured_article() {
    let captures = captures();
    let mut typed = vec!["list", "quote", "--format", "json"];
    typed.extend(captures.iter().flat_map(|folder| ["--captures", folder]));
    let run = Run::of(program(root(), &typed));
    let quotes: Vec<serde_json::Value> = serde_json::from_str(&run.stdout).expect("the list is JSON");
    let results: Vec<String> = quotes
        .iter()
        .map(|quote| format!("{}: {}", quote["id"].as_str().unwrap(), quote["verbatim"]["result"]))
        .collect();
    expect![[r#"
        misri-bilateral-understanding: "exact"
        misri-serious-note: "exact"
        ias-association-solidarity: "exact"
        rao-vilification: "exact"
        yadav-antisocial-elements: "exact"
        yadav-demands-investigation: "exact"
        yadav-no-minister-acted: "not-checkable"
        yadav-shameful-and-disgraceful: "exact""#]]
    .assert_eq(&results.join("\n"));
}

#[test]
fn the_site_is_the_same_with_and_without_the_captured_article() {
    let Some(captures) = captures() else {
        // Then the site is that of the lock file alone, which `what_is_checked_in_is_what_is_built` compares.
        return;
    };
    let with = build(&["--captures", &captures]);
    let differences = differences(&with, &EXAMPLE);
    assert!(differences.is_empty(), "with the article (first) and without it (second):\n{}", differences.join("\n"));
    let run = Run::of(program(root(), &["check", "--captures", &captures]));
    assert_eq!((run.code, run.stdout.lines().last()), (0, Some("no findings")), "{}", run.stdout);
}
