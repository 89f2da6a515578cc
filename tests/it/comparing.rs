//! `dossier diff`: two editions compared, as text, JSON and a page.

use expect_test::expect;
use serde_json::Value;

use crate::editions::kept;
use crate::html::faults;
use crate::input::{Dossier, Folder, Run};

fn quote(words: &str, more: &str) -> String {
    format!(
        "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: {words}\nabout: gate-opened\nevent: gate-opened\nto: authority\nsource: daily\n{more}---\n"
    )
}

fn before() -> Dossier {
    Dossier::small()
        .record("quotes/not-before-six.md", quote("We did not open the gate before six.", ""))
        .record("pages/old.md", "---\ntitle: Old\n---\n")
        .record("pages/notes.md", "---\ntitle: Notes\nsummary: \"A <b>note</b> of it\"\n---\n")
}

fn after() -> Dossier {
    Dossier::small()
        .record(
            "quotes/not-before-six.md",
            quote(
                "We did open the old gate before six.",
                "corrections: {on: 2025-05-20, field: text, why: Misheard.}\n",
            ),
        )
        .record("pages/new.md", "---\ntitle: New\n---\n")
        .record("pages/notes.md", "---\ntitle: Notes\nsummary: \"A <i>note</i> of it\"\n---\n")
        .record("places/east-harbour.md", "---\nname: East Harbour\naliases: harbour\ncountry: NL\n---\n")
}

/// Two editions beside each other.
fn folder() -> Folder {
    let folder = Folder::empty();
    let (one, seal) = kept(&before().site(), "first", "2025-05-11", None);
    let site = after_site();
    folder.write("one.jsonl", one);
    folder.write("two.jsonl", kept(&site, "second", "2025-06-01", Some(&seal)).0);
    folder
}

fn after_site() -> crate::input::Files {
    let dossier = after().without("content/places/harbour.md").record(
        "events/gate-opened.md",
        "---\ntitle: The gate is opened\ndate: 2023-06-21\nplace: east-harbour\nactors: [jane-doe, {actor: authority, role: in-charge, alleged: true}]\nsource: daily\ntags: gates\nstatus: disputed\n---\nSee [her words](../quotes/not-before-six.md).\n",
    );
    dossier.site()
}

#[test]
fn changes_are_told_part_by_part_and_word_by_word() {
    let run = folder().run(&["diff", "one.jsonl", "two.jsonl"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    let records = run.stdout.split("\nFILES OF THE SITE").next().unwrap();
    expect![[r#"
        from first to second: 1 changed without a correction, 1 corrected, 1 withdrawn, 1 status changed, 1 renamed, 1 new; 4 are the same

        CHANGED WITHOUT A CORRECTION (1)
          page `notes`: Notes
            summary: A <[-b-]{+i+}>note</[-b-]{+i+}> of it

        CORRECTED (1)
          quote `not-before-six`: We did open the old gate before six.
            text: We did [-not -]open the{+ old+} gate before six.
            why: Misheard.

        WITHDRAWN (1)
          page `old`: Old

        OF ANOTHER STATUS (1)
          event `gate-opened`: The gate is opened
            status: {+is: disputed+}

        RENAMED (1)
          place `east-harbour`, before `harbour`: East Harbour

        NEW (1)
          page `new`: New
    "#]]
    .assert_eq(records);
    assert!(run.stdout.contains("  gone: old.html\n") && run.stdout.contains("  new: new.html\n"), "{}", run.stdout);
}

#[test]
fn the_same_is_the_same_however_it_is_kept() {
    let folder = before().on_disk();
    folder.build();
    for (name, args) in [("a.zip", &[][..]), ("b.tar.zst", &["--force"][..])] {
        let run = folder.run(&[&["archive", "--out", name, "--date", "2025-05-11"][..], args].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
    }
    let kept = std::fs::read(folder.path("editions/2025-05-11.jsonl")).unwrap();
    let run = folder.run(&["archive", "--out", "again.zip", "--date", "2025-05-11"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let read = |name: &str| std::fs::read(folder.path(name)).unwrap();
    assert!(read("a.zip") == read("again.zip") && kept == read("editions/2025-05-11.jsonl"));
    let ways = ["a.zip", "b.tar.zst", "editions/2025-05-11.jsonl"];
    for other in ways {
        let run = folder.run(&["diff", "a.zip", other]);
        assert_eq!(
            (run.code, run.stdout.as_str()),
            (0, "from 2025-05-11 to 2025-05-11: all 9 records are the same\n"),
            "{other}"
        );
        let verified = if other.ends_with(".jsonl") {
            "`a.zip` is as it was"
        } else {
            &format!("`a.zip` and `{other}` are as they were")
        };
        let says =
            format!("this compares what the two say of themselves; `dossier verify` tells whether {verified} sealed\n");
        assert_eq!(run.stderr, says);
    }
    let run = folder.run(&["diff", "a.zip", "public"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "from 2025-05-11 to public: all 9 records are the same\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn the_json_has_the_keys_that_are_promised() {
    let run = folder().run(&["diff", "one.jsonl", "two.jsonl", "--format", "json"]);
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&told), ["before", "after", "records", "unchanged", "files", "removed_before", "removed_after"]);
    let quote = told["records"].as_array().unwrap().iter().find(|record| record["id"] == "not-before-six").unwrap();
    assert_eq!(keys(quote), ["kind", "id", "title", "lang", "was_id", "became", "fields"]);
    assert_eq!(quote["became"], serde_json::json!(["corrected"]));
    let field = &quote["fields"][0];
    assert_eq!(keys(field), ["key", "was", "now", "words", "why"]);
    assert_eq!(field["words"][1], serde_json::json!({ "is": "gone", "text": "not " }));
}

#[test]
fn the_page_stands_alone_and_shows_what_was_written_as_it_was_written() {
    let folder = folder();
    let run = folder.run(&["diff", "one.jsonl", "two.jsonl", "--format", "html", "--out", "changes.html"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (1, "", "wrote `changes.html`\n"));
    let page = std::fs::read_to_string(folder.path("changes.html")).unwrap();
    // A page in one file has its look in it; the pages of a site have not.
    assert_eq!(faults(&page.replace("<style>", "<!--").replace("</style>", "-->")), [""; 0]);
    for loaded in ["<script", "<link", "src=", "url(", "@import"] {
        assert!(!page.contains(loaded), "{loaded}");
    }
    assert!(page.contains("&lt;<del>b</del><ins>i</ins>&gt;note"), "{page}");
    assert!(page.contains("We did <del>not </del>open the<ins> old</ins> gate"), "{page}");
}

#[test]
fn what_cannot_be_compared_is_named() {
    let folder = folder();
    folder.write("text.txt", "x");
    folder.write("cut.jsonl", &std::fs::read(folder.path("one.jsonl")).unwrap()[..3000]);
    folder.write("some.zip", b"PK\x03\x04nothing");
    folder.write("empty/x.txt", "x");
    let check = |other: &str, message: &str| {
        let run: Run = folder.run(&["diff", "one.jsonl", other]);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{other}");
        assert!(run.stderr.contains(message), "{}", run.stderr);
    };
    check("none.jsonl", "cannot read `none.jsonl`: there is no such file or folder");
    check("text.txt", "cannot compare `text.txt`: it is neither the archive of an edition nor the manifest of one");
    check("cut.jsonl", "cannot compare `cut.jsonl`: its manifest cannot be used: line ");
    check("some.zip", "cannot compare `some.zip`: it is no zip that can be read");
    check("empty", "cannot compare `empty`: there is neither `data/records.jsonl` nor `edition/manifest.jsonl` in it");
}

#[test]
fn nothing_that_was_written_moves_a_terminal() {
    let folder = Folder::empty();
    let site = |words: &str| {
        Dossier::small().record("pages/notes.md", format!("---\ntitle: Notes\nsummary: \"{words}\"\n---\n")).site()
    };
    folder.write("one.jsonl", kept(&site("one"), "first", "2025-05-11", None).0);
    let other = kept(&site("two"), "second", "2025-05-11", None).0;
    folder.write("two.jsonl", other.replace("\"two\"", "\"\\u001b[2J\\u202etwo\\r\""));
    let run = folder.run(&["diff", "one.jsonl", "two.jsonl"]);
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}', '\r']), "{}", run.stdout);
}
