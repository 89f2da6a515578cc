//! Through whose hands words went, how they stand for that, and how many independent origins their sources have.

use crate::input::Dossier;
use serde_json::{Value, json};

fn quote(more: &str) -> String {
    format!("---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We did not open it.\n{more}\n---\n")
}

/// The small dossier in the default theme, with a platform, a second paper, and these fields of its quote.
fn dossier(more: &str) -> Dossier {
    Dossier::small()
        .settings("title: A dossier\ntheme: default\n")
        .record("actors/square.md", "---\nname: The Square\nkind: platform\n---\n")
        .record("actors/weekly.md", "---\nname: The Weekly\nkind: media\n---\n")
        .record("sources/copy.md", "---\ntitle: Keeper denies again\nkind: article\npublisher: weekly\n---\n")
        .record("quotes/not-before-six.md", quote(more))
}

/// The part of a page between two texts, without tags, each space once.
fn between(page: &str, start: &str, end: &str) -> String {
    let from = page.find(start).unwrap_or_else(|| panic!("no {start} in {page}"));
    let part = &page[from..];
    let part = &part[..part.find(end).unwrap_or(part.len())];
    let bare: String = part.split('<').map(|piece| piece.split_once('>').map_or(piece, |(_, text)| text)).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn a_chain_is_told_in_plain_words_in_the_order_in_which_the_words_went() {
    let dossier = dossier(
        "source: daily\nvia: [{actor: square, verb: carried, date: 2023-06-22, source: copy}, {actor: weekly, verb: quoted}, authority, {actor: square, verb: sung}]",
    );
    let page = dossier.page("quotes/not-before-six.html");
    assert_eq!(
        between(&page, "<dt>Through whose hands</dt>", "</dl>"),
        "Through whose hands first carried by The Square, 22 June 2023, Keeper denies again then quoted by The Weekly \
         then passed on by Harbour Authority then passed on by The Square (sung)"
    );
    let list = dossier.page("actors/jane-doe.html");
    assert_eq!(
        between(&list, "<br>Through whose hands", "</p>"),
        "Through whose hands: first carried by The Square; then quoted by The Weekly; then passed on by Harbour Authority; \
         then passed on by The Square (sung)"
    );
}

#[test]
fn one_hand_is_neither_the_first_nor_the_last() {
    let page = dossier("source: daily\nvia: {actor: square, verb: carried}").page("actors/jane-doe.html");
    assert_eq!(between(&page, "<br>Through whose hands", "</p>"), "Through whose hands: carried by The Square");
}

#[test]
fn a_page_of_a_person_keeps_what_was_said_apart_from_what_is_reported() {
    let page = dossier("source: daily\nvia: {actor: square, verb: carried}")
        .record("quotes/told.md", quote("title: As told\nsource: daily\nattribution: attributed"))
        .record("quotes/denied.md", quote("title: As denied\nsource: daily\nattribution: denied"))
        .page("actors/jane-doe.html");
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no {text} in {page}"));
    let order = [
        "Said on record</h2>",
        "quotes/not-before-six.html",
        "Reported to have been said</h2>",
        "As told",
        "Disputed or denied</h2>",
        "As denied",
    ];
    assert!(order.map(at).is_sorted(), "{page}");
}

#[test]
fn sources_that_repeat_one_are_counted_as_one_origin() {
    let repeated = dossier("sources: [daily, {source: daily, locator: p. 4}, copy]")
        .record("sources/copy.md", "---\ntitle: Keeper denies again\nkind: article\nsyndicated_from: daily\n---\n");
    let page = repeated.page("quotes/not-before-six.html");
    assert_eq!(between(&page, "<div class=\"n\">", "</p>"), "2 sources, 1 independent origin");
    let two = dossier("sources: [daily, copy]").page("quotes/not-before-six.html");
    assert_eq!(between(&two, "<div class=\"n\">", "</p>"), "2 sources, 2 independent origins");
    let one = dossier("source: daily").page("quotes/not-before-six.html");
    assert!(!one.contains("independent"), "{one}");
}

#[test]
fn sources_that_readers_do_not_see_are_not_counted() {
    let with = |visibility: &str| {
        dossier("sources: [daily, copy]").record(
            "sources/copy.md",
            format!("---\ntitle: Keeper denies again\nkind: article\nvisibility: {visibility}\n---\n"),
        )
    };
    assert!(!with("internal").page("quotes/not-before-six.html").contains("independent"));
    let rows = |dossier: &Dossier| -> Value {
        serde_json::from_str(&dossier.on_disk().run(&["list", "quote", "--format", "json"]).stdout).unwrap()
    };
    assert_eq!(rows(&with("internal"))[0]["origins"], json!(1));
    assert_eq!(rows(&with("public"))[0]["origins"], json!(2));
}
