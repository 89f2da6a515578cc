//! Translations: what readers see of them and of the original, and what pins the one to the other.

use crate::input::{Dossier, Folder};

const ORIGINAL: &str = "original: {lang: hi, text: हम वहाँ थे।}";
/// The first digits of the digest of these words, and of others.
const RIGHT: &str = "fd9cba53a400b1b7";
const OTHER: &str = "248ad6de006dc168";

fn dossier(fields: &str) -> Dossier {
    Dossier::small().settings("title: A dossier\ntheme: default\n").record("quotes/q.md", quote(fields))
}

fn quote(fields: &str) -> String {
    format!("---\nspeaker: jane-doe\ndate: 2023-06-20\ntext: We were there.\nsource: daily\n{fields}\n---\n")
}

fn translated(of: &str) -> String {
    format!("translation: {{from: hi, by: jane-doe, method: machine, of: \"{of}\"}}\n{ORIGINAL}")
}

const STALE: &str = "The original was changed after this translation was made.";

#[test]
fn readers_see_both_in_their_languages_and_who_translated_how() {
    for theme in ["default", "plain"] {
        let page =
            dossier(&translated(RIGHT)).settings(&format!("title: A dossier\ntheme: {theme}\n")).page("quotes/q.html");
        assert!(page.contains("lang=\"hi\" dir=\"ltr\">") && page.contains("<p>हम वहाँ थे।</p>"), "{page}");
        assert!(page.contains("The original, Hindi</p>"), "{page}");
        let told = "Translated from Hindi by Jane Doe, machine translation; the original stands beside it.";
        assert!(page.contains(told) && !page.contains(STALE), "{page}");
        // The digest is for the authors.
        assert!(!page.contains(RIGHT), "{page}");
    }
    let arabic = "translation: {from: ar}\noriginal: {lang: ar, text: كنا هناك.}";
    assert!(dossier(arabic).page("quotes/q.html").contains("lang=\"ar\" dir=\"rtl\">"));
}

#[test]
fn readers_are_told_of_a_translation_of_other_words() {
    for theme in ["default", "plain"] {
        let stale = dossier(&translated(OTHER)).settings(&format!("title: A dossier\ntheme: {theme}\n"));
        assert!(stale.page("quotes/q.html").contains(&format!("<b>{STALE}</b>")));
    }
    // A form of the same letters is no change.
    assert!(!dossier(&translated(&RIGHT.to_uppercase())).page("quotes/q.html").contains(STALE));
}

#[test]
fn nothing_is_told_of_changes_in_words_that_readers_do_not_see() {
    let witness = "---\nname: Zelda Quux\nkind: person\nprivacy: private\n---\n";
    let named = |of: &str| {
        let fields =
            format!("translation: {{from: fr, of: \"{of}\"}}\noriginal: {{lang: fr, text: Vu par Zelda Quux.}}");
        dossier(&fields).record("actors/witness.md", witness).site()
    };
    assert_eq!(named(RIGHT), named(OTHER));
    let covered = |of: &str| {
        let fields = format!(
            "translation: {{from: hi, of: \"{of}\"}}\noriginal: {{lang: hi, text: {{value: हम वहाँ थे।, visibility: internal, public: हम थे।}}}}"
        );
        dossier(&fields).site()
    };
    assert_eq!(covered(RIGHT), covered(OTHER));
}

/// What a quote with some fields is after mending, from its sixth line on.
fn mended(fields: &str) -> String {
    let folder = Dossier::small().record("quotes/q.md", quote(fields)).on_disk();
    folder.run(&["check", "--fix"]);
    let read = |folder: &Folder| std::fs::read_to_string(folder.path("content/quotes/q.md")).unwrap();
    let text = read(&folder);
    // A second time there is nothing to mend.
    folder.run(&["check", "--fix"]);
    assert_eq!(read(&folder), text);
    let start = quote("").len() - "\n---\n".len();
    text[start..text.len() - "\n---\n".len()].to_owned()
}

#[test]
fn the_digest_is_put_where_a_translation_has_none() {
    let check = |before: &str, after: &str| {
        assert_eq!(mended(&format!("{before}\n{ORIGINAL}")), format!("{after}\n{ORIGINAL}"));
    };
    check("translation: {from: hi}", "translation: {of: \"fd9cba53a400b1b7\", from: hi}");
    check(
        "translation: # by whom?\n  method: human\n  from: hi # they say\n  by: A",
        "translation: # by whom?\n  method: human\n  of: \"fd9cba53a400b1b7\"\n  from: hi # they say\n  by: A",
    );
    check("translation:\r\n  from: hi", "translation:\r\n  of: \"fd9cba53a400b1b7\"\r\n  from: hi");
}

#[test]
fn a_digest_that_is_there_is_never_mended_and_neither_is_what_is_written_in_a_way_of_its_own() {
    for fields in [
        format!("translation: {{from: hi, of: \"{OTHER}\"}}\n{ORIGINAL}"),
        format!("translation: &t {{from: hi}}\n{ORIGINAL}"),
        format!("translation: {{\"from\": hi}}\n{ORIGINAL}"),
        format!("translation: {{? from : hi}}\n{ORIGINAL}"),
        "translation: {from: hi}".to_owned(),
    ] {
        assert_eq!(mended(&fields), fields);
    }
}
