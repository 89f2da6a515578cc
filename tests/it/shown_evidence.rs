//! What readers see of the evidence: how each quotation stands to the copies of its sources, and what is kept of these.
//!
//! What came of comparing is written into `evidence.lock` as a test wants it, so that a test is about what is shown and not about how
//! words are found.

use dossier::evidence::lock::{Lock, Locked};
use serde_json::{Value, json};

use crate::html::{links, main_of, text};
use crate::input::{Dossier, Files};

const CAPTURE: &str = "kept-copy-of-the-daily.txt";

/// A quotation of a source that has a copy.
fn dossier(quote: &str) -> Dossier {
    Dossier::new()
        .settings("title: A dossier\ntheme: default\nlevel: internal\ncaptures: captures\n")
        .file(&format!("captures/{CAPTURE}"), "Nothing that matters here.")
        .record("sources/daily.md", source("").as_str())
        .record("quotes/gate.md", format!("---\nspeaker: unknown\ndate: 2023-06-21\nsource: daily\n{quote}---\n"))
}

fn source(more: &str) -> String {
    let (sha256, length) = dossier::read::hash(&mut "Nothing that matters here.".as_bytes()).unwrap();
    format!(
        "---\ntitle: The Daily\nkind: article\npublished: 2023-06-22\n{more}captures:\n  - {{file: {CAPTURE}, at: 2023-06-23, by: A keeper, method: text, sha256: {sha256}, bytes: {length}, media_type: text/plain}}\n---\n"
    )
}

/// The site after what came of the quotation `gate` was replaced, without the copies, as a machine builds it that has none.
fn site(dossier: &Dossier, found: Value) -> Files {
    let folder = dossier.on_disk();
    let run = folder.run(&["check", "--update-lock"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let path = folder.path("evidence.lock");
    let mut lock: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let of_source = &mut lock["quotes"]["gate"]["sources"][0];
    let (source, capture) = (of_source["source"].take(), of_source["capture"].take());
    *of_source = found;
    (of_source["source"], of_source["capture"]) = (source, capture);
    let gate = &lock["quotes"]["gate"];
    let words = gate["words"].as_str().unwrap().to_owned();
    let sources = serde_json::from_value(gate["sources"].clone()).unwrap();
    let lock = Lock { quotes: [("gate".to_owned(), Locked { words, sources })].into() };
    folder.write("evidence.lock", lock.to_text());
    folder.remove(&format!("captures/{CAPTURE}"));
    folder.build();
    folder.site()
}

fn page<'a>(site: &'a Files, path: &str) -> &'a str {
    std::str::from_utf8(&site[path]).unwrap()
}

fn words(site: &Files, path: &str) -> String {
    text(main_of(page(site, path)))
}

#[track_caller]
fn check(quote: &str, found: Value, expected: &[&str]) {
    let shown = words(&site(&dossier(quote), found), "quotes/gate.html");
    for words in expected {
        assert!(shown.contains(words), "`{words}` is not in: {shown}");
    }
}

const TEXT: &str = "text: The gate was opened\n";

#[test]
fn a_quotation_says_how_it_stands_to_the_copy_of_its_source() {
    check(
        TEXT,
        json!({"result": "exact"}),
        &["Word for word in the captured source.", "Each of their characters is the same"],
    );
    check(
        TEXT,
        json!({"result": "normalised", "normalisations": ["quotation-marks", "dashes"]}),
        &[
            "Word for word in the captured source, apart from: quotation marks, dashes and hyphens.",
            "Each word is the same",
        ],
    );
    check(TEXT, json!({"result": "altered"}), &["Differs from the captured source."]);
    check(TEXT, json!({"result": "not-found"}), &["Not found in the captured source."]);
}

#[test]
fn what_was_not_compared_says_why() {
    let shown = |dossier: &Dossier| text(main_of(&dossier.page("quotes/q.html")));
    let quote = |more: &str| {
        let quote =
            format!("---\nspeaker: unknown\ndate: 2023-06-21\ntext: The gate was opened\nsource: s\n{more}---\n");
        Dossier::new()
            .settings("title: A dossier\ntheme: default\n")
            .record("sources/s.md", "---\ntitle: S\n---\n")
            .record("quotes/q.md", quote)
    };
    let without_copy = quote("");
    assert!(shown(&without_copy).contains("No copy of the source to compare with."), "{}", shown(&without_copy));
    assert!(!without_copy.page("quotes/index.html").contains("no copy"), "a list says it where some were compared");
    let paraphrase = shown(&quote("mode: paraphrase\n"));
    assert!(paraphrase.contains("Not compared word for word."), "{paraphrase}");
    let copy = "---\ntitle: S\ncaptures: {file: a.txt}\n---\n";
    let translated = shown(&quote("translation: {from: hi}\n").record("sources/s.md", copy));
    assert!(translated.contains("The original is not at hand"), "{translated}");
}

#[test]
fn each_mark_of_omission_says_what_it_hides() {
    let quote = "text: The gate was opened [...] at six [...] by hand. [...]\n";
    let omissions = json!([{"words": 14, "negation": true, "attribution": true}, {"words": 1}]);
    check(
        quote,
        json!({"result": "exact", "omissions": omissions}),
        &[
            "opened [… 14 words left out, among them a negation, an attribution] at six [… 1 word left out] by hand. […]",
        ],
    );
    check(
        quote,
        json!({"result": "exact", "omissions": [{"words": 14}]}),
        &["opened […] at six […] by hand. […]", "Left out between the words quoted: 14 words left out"],
    );
}

#[test]
fn of_a_translation_the_marks_of_the_original_are_told() {
    let quote =
        "text: Open [...] now\noriginal: {lang: fr, text: 'Ouvert [...] maintenant'}\ntranslation: {from: fr}\n";
    check(
        quote,
        json!({"result": "exact", "omissions": [{"words": 2}]}),
        &["Open […] now", "Ouvert [… 2 words left out] maintenant"],
    );
}

#[test]
fn the_words_around_stand_apart_in_the_language_of_the_source() {
    let found =
        json!({"result": "exact", "before": "dit-il : «", "after": "», puis", "place": {"page": 3, "paragraph": 4}});
    let built = site(&dossier(TEXT).record("sources/daily.md", source("lang: fr\n")), found);
    let shown = words(&built, "quotes/gate.html");
    assert!(shown.contains("… dit-il : «[the words quoted]», puis …"), "{shown}");
    assert!(shown.contains("In the captured copy: page 3, paragraph 4"), "{shown}");
    let html = page(&built, "quotes/gate.html");
    assert!(html.contains("<p lang=\"fr\" dir=\"ltr\">… dit-il"), "{html}");
    assert!(!shown[..shown.find("Compared with the source").unwrap()].contains("dit-il"), "{shown}");
}

#[test]
fn where_the_citation_has_a_locator_paragraphs_are_not_counted_twice() {
    let located = "---\nspeaker: unknown\ndate: 2023-06-21\nsource: {source: daily, locator: paragraph 2}\ntext: The gate was opened\n---\n";
    let found = json!({"result": "exact", "place": {"page": 3, "paragraph": 4}});
    let shown = words(&site(&dossier(TEXT).record("quotes/gate.md", located), found), "quotes/gate.html");
    assert!(shown.contains("In the captured copy: page 3 ") && !shown.contains("paragraph 4"), "{shown}");
}

#[test]
fn a_recording_is_located_by_its_time() {
    let place = json!({"time": [723_000, 729_500]});
    check(TEXT, json!({"result": "exact", "place": place}), &["In the captured copy: from 00:12:03 to 00:12:09"]);
}

#[test]
fn words_that_stand_there_more_than_once_say_so() {
    let found = json!({"result": "exact", "places": 2, "ambiguous": true});
    check(TEXT, found, &["They stand there 2 times. Which of these places is meant is not told."]);
}

#[test]
fn links_lead_to_the_words_on_the_page_of_the_source_and_in_its_archived_copies() {
    let more = "url: https://example.org/a#part\narchived: https://web.archive.org/web/2023/https://example.org/a\n";
    let found = json!({"result": "exact", "fragment": "text=The%20gate,opened"});
    let built = site(&dossier(TEXT).record("sources/daily.md", source(more)), found);
    let links = links(main_of(page(&built, "quotes/gate.html")));
    let to = |label: &str| {
        let found = links.iter().find(|(_, of)| of == label).unwrap_or_else(|| panic!("no `{label}` in {links:?}"));
        found.0.as_str()
    };
    assert_eq!(to("Find the words on the source’s own page"), "https://example.org/a#part:~:text=The%20gate,opened");
    assert_eq!(
        to("Find the words in the archived copy"),
        "https://web.archive.org/web/2023/https://example.org/a#:~:text=The%20gate,opened"
    );
}

#[test]
fn the_page_of_a_source_tells_what_its_copies_are_and_what_was_compared_with_them() {
    let dossier = dossier(TEXT).record(
        "quotes/other.md",
        "---\nspeaker: unknown\ndate: 2023-06-22\ntext: By hand\nmode: paraphrase\nsource: daily\ntitle: The other\n---\n",
    );
    let built = site(&dossier, json!({"result": "exact"}));
    let shown = words(&built, "sources/daily.html");
    for words in [
        "Made on 23 June 2023",
        "Made by A keeper",
        "text/plain",
        "26 bytes",
        "1 quotation; 1 stands there word for word",
        "the copy has not changed since it was recorded",
        "does not show that the source tells the truth",
        "sha256sum",
        "The other, unknown not compared",
    ] {
        assert!(shown.contains(words), "`{words}` is not in: {shown}");
    }
    let (sha256, _) = dossier::read::hash(&mut "Nothing that matters here.".as_bytes()).unwrap();
    assert!(shown.replace(' ', "").contains(&sha256), "{shown}");
    let index = words(&built, "quotes/index.html");
    assert!(index.contains("2 quotations; 1 of them stands word for word in a captured source"), "{index}");
}

#[test]
fn where_a_copy_lies_is_told_nowhere() {
    let built = site(&dossier(TEXT), json!({"result": "exact", "place": {"part": "inner-file.html", "paragraph": 1}}));
    for (path, bytes) in &built {
        let shown = String::from_utf8_lossy(bytes);
        assert!(!shown.contains(CAPTURE) && !shown.contains("inner-file"), "{path}");
    }
}

#[test]
fn every_language_of_the_interface_has_words_for_it() {
    let found =
        json!({"result": "normalised", "normalisations": ["dashes"], "omissions": [{"words": 14, "negation": true}]});
    let quote = "text: The gate [...] was opened\n";
    for (lang, expected) in [
        ("ar", ["عدا ما يلي: الشرطات.", "[… حُذفت 14 كلمة، ومن ذلك: نفي]"]),
        ("es", ["salvo: rayas y guiones.", "[… 14 palabras omitidas, entre ellas una negación]"]),
        ("fr", ["à ceci près : les tirets et traits d’union.", "[… 14 mots omis, dont une négation]"]),
        ("hi", ["अंतर केवल इनमें: डैश और योजक चिह्न।", "[… 14 शब्द छोड़े गए, जिनमें: निषेध]"]),
    ] {
        let dossier = dossier(quote).set(&format!("lang: {lang}"));
        let shown = words(&site(&dossier, found.clone()), "quotes/gate.html");
        for words in expected {
            assert!(shown.contains(words), "{lang}: `{words}` is not in: {shown}");
        }
    }
}

#[test]
fn the_plain_theme_says_it_too() {
    let dossier = dossier(TEXT).settings("title: A dossier\ntheme: plain\nlevel: internal\ncaptures: captures\n");
    let built = site(&dossier, json!({"result": "exact"}));
    assert!(words(&built, "quotes/gate.html").contains("Word for word in the captured source."));
    let shown = words(&built, "sources/daily.html");
    assert!(
        shown.contains("Checksum (SHA-256)") && shown.contains("does not show that the source tells the truth"),
        "{shown}"
    );
}
