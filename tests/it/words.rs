//! The words of a quotation: one text, or a list of parts where somebody else's words stand between.

use crate::input::Dossier;
use serde_json::{Value, json};

/// The small dossier with these words, as YAML.
fn saying(text: &str) -> Dossier {
    Dossier::small().record(
        "quotes/not-before-six.md",
        format!("---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: {text}\nsource: daily\n---\n"),
    )
}

fn page(dossier: &Dossier) -> String {
    dossier.page("quotes/not-before-six.html")
}

#[test]
fn parts_are_read_as_one_quotation_with_a_sign_that_says_what_stands_between() {
    let page = page(&saying("[We did not *open*, \"the gate [...] before six\"]"));
    let sign = "<span class=\"parted\" role=\"img\" aria-label=\"Here somebody else’s words stand between in the source\" \
        title=\"Here somebody else’s words stand between in the source\" lang=\"en\"> ⋯ </span>";
    let words = format!("<p>We did not <em>open</em>{sign}the gate <span class=\"omitted\">[…]</span> before six</p>");
    assert!(page.contains(&words), "{page}");
    assert!(
        page.contains("<title>Jane Doe: “We did not open ⋯ the gate […] before six” | A dossier</title>"),
        "{page}"
    );
}

#[test]
fn one_text_and_a_list_of_one_are_the_same() {
    let one = saying("We did not open it.");
    assert_eq!(page(&one), page(&saying("[We did not open it.]")));
    assert!(!page(&one).contains("parted"));
}

#[test]
fn a_list_or_code_in_one_part_does_not_swallow_the_next() {
    let page = page(&saying("[\"- one\\n- two\", \"```\\ncode\\n```\", open it]"));
    assert_eq!(page.matches("class=\"parted\"").count(), 2, "{page}");
    assert!(page.contains("<li>two</li>") && page.contains("<p>open it</p>"), "{page}");
}

#[test]
fn links_and_names_in_parts_are_what_they_are_in_one_text() {
    let dossier = saying("[\"Ask [[authority]]\", \"as Zelda Quux said, not [[nobody]]\"]").record(
        "actors/witness.md",
        "---\nname: Zelda Quux\nkind: person\nprivacy: private\ndisplay: role-only\nrole: A witness\n---\n",
    );
    assert_eq!(
        dossier.findings(),
        "content/quotes/not-before-six.md:4:54 unknown-reference no record has the id or name `nobody`\n"
    );
    let dossier = saying("[Ask Zelda, \"not [[authority]]\", as Zelda Quux said]").record(
        "actors/witness.md",
        "---\nname: Zelda Quux\nkind: person\nprivacy: private\ndisplay: role-only\nrole: A witness\n---\n",
    );
    let page = page(&dossier);
    assert!(page.contains(">Harbour Authority</a>") && page.contains("[A witness]"), "{page}");
    assert!(!page.contains("Quux"), "{page}");
}

#[test]
fn a_part_that_is_withheld_is_seen_to_be_left_out() {
    let with = |hidden: &str| saying(&format!("[We did not, {{value: {hidden}, visibility: internal}}, open it]"));
    let site = with("dear Zelda").site();
    assert_eq!(site, with("my good friend of old").site());
    let page = page(&with("dear Zelda"));
    assert!(page.contains(" ⋯ </span><span class=\"omitted\">[…]</span><span class=\"parted\""), "{page}");
}

#[test]
fn lists_and_records_as_json_have_the_joined_words_and_the_parts() {
    let folder = saying("[We did not *open*, it]").on_disk();
    let json = |args: &[&str]| -> Value { serde_json::from_str(&folder.run(args).stdout).unwrap() };
    let row = &json(&["list", "quote", "--format", "json"])[0];
    assert_eq!((&row["words"], &row["parts"]), (&json!("We did not open ⋯ it"), &json!(["We did not open", "it"])));
    let shown = json(&["show", "not-before-six", "--format", "json"]);
    assert_eq!(shown["fields"]["text"], json!(["We did not *open*", "it"]));
}

#[test]
fn the_same_words_are_the_same_quotation_however_they_are_parted() {
    let dossier = saying("[We did not open, the gate]").record(
        "quotes/again.md",
        "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We did not open the gate.\nsource: daily\n---\n",
    );
    assert!(dossier.findings().contains("duplicate-record"), "{}", dossier.findings());
}
