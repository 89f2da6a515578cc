//! Quotations and the captures of their sources: what is found, what is told, what is locked, and that a build is the same either way.

use std::fmt::Write as _;

use dossier::compile::{Compiled, compile};
use dossier::edtf::Day;
use dossier::redact::{Audience, Policy};
use dossier::workspace::{Overrides, Workspace};
use expect_test::{Expect, expect};

use crate::input::{Dossier, Folder, lines, render};

const ARTICLE: &str = "Keeper denies\n\nJane Doe spoke on Wednesday. “We did not open the gate before six,” she said, “and \
                       nobody asked us to.”\n\nThe authority said that it would look into the matter if the police agreed.\n";

/// A dossier with one quotation and a copy of its source.
fn dossier(quote: &str) -> Dossier {
    quotes(&[("said", quote)])
}

fn quotes(quotes: &[(&str, &str)]) -> Dossier {
    let mut dossier = Dossier::new()
        .record("actors/jane-doe.md", "---\nname: Jane Doe\nkind: person\nprivacy: public-figure\n---\n")
        .record("sources/daily.md", "---\ntitle: Keeper denies\nkind: article\ncaptures: {file: daily.txt}\n---\n")
        .record("sources/daily/daily.txt", ARTICLE);
    for (id, quote) in quotes {
        let front = format!("---\nspeaker: jane-doe\ndate: 2023-06-21\nsource: daily\n{quote}\n---\n");
        dossier = dossier.record(&format!("quotes/{id}.md"), front);
    }
    dossier
}

fn open(folder: &Folder) -> Workspace {
    Workspace::open(&folder.path("dossier.yaml"), Overrides::default()).unwrap()
}

fn compiled(workspace: &Workspace) -> Compiled {
    let policy = Policy { today: Day::new(2025, 6, 1).unwrap(), audience: Audience::Readers };
    compile(workspace.inputs().unwrap(), workspace.findings(), policy, None, &mut |_| {})
}

/// The result of each quotation, and all findings.
fn told(folder: &Folder) -> String {
    let workspace = open(folder);
    let compiled = compiled(&workspace);
    let dossier = &compiled.stages.dossier;
    let mut told = String::new();
    for (number, record) in (0..).zip(&dossier.records) {
        if record.origin.inner.starts_with("quotes/") {
            let verdict = compiled.stages.evidence.verdict(number, record);
            let _ = writeln!(told, "{}: {}", record.id, verdict.word());
        }
    }
    told + &lines(&compiled.findings, workspace.sources())
}

#[track_caller]
fn check(quote: &str, expected: &Expect) {
    expected.assert_eq(&told(&dossier(quote).on_disk()));
}

fn read(folder: &Folder, path: &str) -> String {
    std::fs::read_to_string(folder.path(path)).unwrap()
}

fn lock(folder: &Folder) {
    let text = compiled(&open(folder)).stages.lock().to_text();
    folder.write("evidence.lock", text.as_bytes());
}

#[test]
fn words_that_stand_in_the_copy_are_found() {
    check(
        "text: We did not open the gate before six",
        &expect![[r#"
            said: exact
            content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
        "#]],
    );
}

#[test]
fn one_other_word_is_told_with_what_differs() {
    check(
        "text: We did not open the gate until six",
        &expect![[r#"
            said: altered
            content/quotes/said.md:5:7 altered-quotation the words of `said` are not those of its source `daily`
            content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
        "#]],
    );
}

#[test]
fn words_that_stand_nowhere_are_an_error_when_the_dossier_is_public() {
    check(
        "text: Nobody had a key to that door",
        &expect![[r#"
        said: not-found
        content/quotes/said.md:5:7 quotation-not-found the words of `said` do not stand in the copy of `daily`
        content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
    "#]],
    );
    let public = dossier("text: Nobody had a key to that door").set("level: public").on_disk();
    assert!(told(&public).contains("quotation-not-found"));
}

#[test]
fn a_paraphrase_is_not_looked_for() {
    check("mode: paraphrase\ntext: She denied it", &expect![["said: not-checkable\n"]]);
}

#[test]
fn a_translation_is_checked_by_the_words_as_they_were_said() {
    check(
        "lang: de\ntext: Wir haben das Tor nicht vor sechs geöffnet\ntranslation: {from: en}\noriginal: {lang: en, text: We did not open the gate before six}",
        &expect![[r#"
            said: exact
            content/quotes/said.md:6:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
            content/quotes/said.md:7:14 unpinned-translation nothing says which words the translation of `said` is of
        "#]],
    );
    check(
        "lang: de\ntext: Wir haben das Tor nicht vor sechs geöffnet\ntranslation: {from: en}",
        &expect![["said: not-checkable\n"]],
    );
}

#[test]
fn where_no_word_differs_it_says_so() {
    let folder = dossier("text: the co- operation of all\n")
        .record("sources/daily/daily.txt", "They want the co -operation of all of them.")
        .on_disk();
    let run = folder.run(&["check"]);
    assert!(
        run.stderr.contains("the words are the same") || run.stdout.contains("the words are the same"),
        "{}{}",
        run.stdout,
        run.stderr
    );
}

/// The result of words in a page.
#[track_caller]
fn in_page(html: &str, text: &str, expected: &str) {
    let folder = dossier(&format!("text: {}", serde_json::to_string(text).unwrap()))
        .record("sources/daily.md", "---\ntitle: Keeper denies\nkind: article\ncaptures: {file: daily.html}\n---\n")
        .record("sources/daily/daily.html", format!("<!doctype html><html lang=en><meta charset=utf-8>{html}"))
        .on_disk();
    let told = told(&folder);
    assert_eq!(told.lines().next(), Some(format!("said: {expected}").as_str()), "{text} in {html}");
}

#[test]
fn what_a_page_shows_beside_the_words_of_markdown_is_compared() {
    in_page("<p>1999. It was bad", "1999. It was bad", "exact");
    in_page("<p>1999. It was bad", "2023. It was bad", "altered");
    in_page("<p>He was not here at all", "He was ~~not~~ here at all", "altered");
    in_page("<p>He was not here at all", "He was <del>not</del> here at all", "altered");
    in_page("<p>He was ~~not~~ here at all", "He was ~~not~~ here at all", "exact");
    in_page("<p>It was 10<sup>2</sup> of them", "It was 10<sup>2</sup> of them", "normalised");
}

#[test]
fn raised_digits_and_numbers_of_notes_are_no_digits_of_what_they_stand_by() {
    in_page("<p>It was 10<sup>2</sup> of them", "It was 10² of them", "normalised");
    in_page("<p>It was 10<sup>2</sup> of them", "It was 102 of them", "altered");
    in_page("<p>We left<sup><a href=#n>[1]</a></sup> and came back", "We left and came back", "normalised");
    in_page("<p>On the 1<sup>st</sup> of May", "On the 1st of May", "normalised");
}

#[test]
fn a_mark_of_omission_that_hides_a_negation_or_condition_is_told() {
    check(
        "text: We did [...] open the gate before six",
        &expect![[r#"
        said: exact
        content/quotes/said.md:5:7 telling-omission in `said` the mark of omission hides 1 word of `daily`, with a negation
        content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
    "#]],
    );
    check(
        "text: The authority said that it would look into the matter [...] agreed",
        &expect![[r#"
        said: exact
        content/quotes/said.md:5:7 telling-omission in `said` the mark of omission hides 3 words of `daily`, with a condition
        content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
    "#]],
    );
}

#[test]
fn a_copy_with_other_bytes_names_both_hashes() {
    let changed = dossier("text: We did not open the gate before six").record(
        "sources/daily.md",
        "---\ntitle: Keeper denies\nkind: article\ncaptures:\n  - file: daily.txt\n    sha256: 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae\n---\n",
    );
    expect![[r#"
        said: no-capture
        content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
        content/sources/daily.md:6:13 capture-changed the copy `daily.txt` has changed: recorded is 2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae, and it is 77063c9e20b7f2338610e3d109acb83cb3a00bbf244038c61525b0fe28f300db
    "#]].assert_eq(&told(&changed.on_disk()));
}

#[test]
fn a_copy_that_is_not_there_or_cannot_be_one_is_told() {
    let named = |file: &str| {
        dossier("text: We did not open the gate before six").record(
            "sources/other.md",
            format!("---\ntitle: Other\nkind: article\ncaptures: {{file: {file:?}}}\n---\n"),
        )
    };
    expect![[r#"
        said: exact
        content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
        content/sources/other.md:4:18 capture-missing the copy `gone.html` of `other` is not there
    "#]].assert_eq(&told(&named("gone.html").on_disk()));
    expect![[r#"
        said: exact
        content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
        content/sources/other.md:4:18 unreadable-capture the copy `../../dossier.yaml` of `other` cannot be used: the path has `.` or `..` in it
    "#]].assert_eq(&told(&named("../../dossier.yaml").on_disk()));
}

/// A record of a web archive.
fn response(url: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let answer = [format!("HTTP/1.1 200 OK\r\n{fields}\r\n\r\n").as_bytes(), body].concat();
    let head = format!("WARC/1.1\r\nWARC-Type: response\r\nWARC-Target-URI: {url}\r\nContent-Length: {}", answer.len());
    [head.as_bytes(), b"\r\n\r\n", &answer, b"\r\n\r\n"].concat()
}

/// What is told of a quotation whose copy is this file.
fn told_of_copy(name: &str, bytes: &[u8]) -> String {
    let source = format!("---\ntitle: Keeper denies\nkind: article\ncaptures: {{file: {name}}}\n---\n");
    let dossier = dossier("text: We did not open the gate.").record("sources/daily.md", source);
    told(&dossier.record(&format!("sources/daily/{name}"), bytes).on_disk())
}

#[test]
fn a_part_of_a_copy_that_cannot_be_read_is_told_when_words_were_not_found() {
    let packed =
        response("https://a.example/1", "Content-Type: text/html\r\nContent-Encoding: zstd", b"\x28\xb5\x2f\xfd\x01");
    let other = response("https://a.example/2", "Content-Type: text/html", b"<p>Other words.");
    expect![[r#"
        said: not-found
        content/quotes/said.md:4:9 unreadable-capture the words of `said` were looked for in `daily.warc` of `daily`, of which a part cannot be read: `https://a.example/1`: it is compressed in a way that is not read here, `zstd`
        content/quotes/said.md:5:7 quotation-not-found the words of `said` do not stand in the copy of `daily`
        content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
    "#]].assert_eq(&told_of_copy("daily.warc", &[&packed[..], &other].concat()));
    let found = response("https://a.example/2", "Content-Type: text/html", b"<p>We did not open the gate.");
    expect![[r#"
        said: exact
        content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
    "#]].assert_eq(&told_of_copy("daily.warc", &[&packed[..], &found].concat()));
}

#[test]
fn a_copy_without_text_is_told_and_where_its_words_are_hidden() {
    expect![[r#"
        said: not-checkable
        content/quotes/said.md:4:9 unreadable-capture the words of `said` cannot be looked for in `daily.png` of `daily`, which has no text
    "#]].assert_eq(&told_of_copy("daily.png", b"\x89PNG\r\n\x1a\n"));
    expect![[r#"
        said: not-found
        content/quotes/said.md:5:7 quotation-not-found the words of `said` stand in the copy of `daily` only in a script, where a reader does not see them
        content/quotes/said.md:5:7 unlocked-quotation what came of looking for `said` in its source is not in `evidence.lock`
    "#]].assert_eq(&told_of_copy(
        "daily.html",
        b"<html><script>{\"text\": \"We did not open the gate.\"}</script><div></div>",
    ));
}

#[test]
fn without_the_copies_what_is_locked_gives_the_same_site() {
    let folder = quotes(&[
        ("a", "text: We did not open the gate before six"),
        ("b", "text: 'Jane Doe spoke [...] \"We did not open the gate\"'"),
    ])
    .on_disk();
    lock(&folder);
    let with = compiled(&open(&folder));
    let site = render(&with.renderer.unwrap());
    folder.remove("content/sources/daily/daily.txt");
    let workspace = open(&folder);
    let without = compiled(&workspace);
    expect![[r#"
        captures-absent 1 copy of sources is not on this machine; what is known comes from `evidence.lock`
    "#]]
    .assert_eq(&lines(&without.findings, workspace.sources()));
    assert_eq!(render(&without.renderer.unwrap()), site);
}

#[test]
fn what_is_locked_must_agree_with_what_is_there() {
    let folder = dossier("text: We did not open the gate before six").on_disk();
    lock(&folder);
    assert_eq!(told(&folder), "said: exact\n");
    let said = |quote: &str| {
        dossier(quote).lay(&folder);
        told(&folder)
    };
    expect![[r#"
        said: exact
        content/quotes/said.md:5:7 lock-differs the words of `said`, or those said to be around them, are others than those that `evidence.lock` tells of
    "#]]
    .assert_eq(&said("text: nobody asked us to"));
    folder.remove("content/sources/daily/daily.txt");
    let quote = read(&folder, "content/quotes/said.md").replace("nobody asked us to", "everybody asked us to");
    folder.write("content/quotes/said.md", quote.as_bytes());
    expect![[r#"
        said: no-capture
        captures-absent 1 copy of sources is not on this machine; what is known comes from `evidence.lock`
        content/quotes/said.md:5:7 lock-differs the words of `said`, or those said to be around them, are others than those that `evidence.lock` tells of
    "#]]
    .assert_eq(&told(&folder));
}

#[test]
fn what_is_locked_is_of_the_place_that_was_meant() {
    let twice = |near: &str| {
        dossier("text: We left")
            .record("sources/daily/daily.txt", "Bob: We left. Ann: We left.")
            .record(
                "quotes/said.md",
                format!("---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We left\nsource: {{source: daily, prefix: '{near}'}}\n---\n"),
            )
    };
    let folder = twice("Bob:").on_disk();
    lock(&folder);
    assert_eq!(told(&folder), "said: exact\n");
    twice("Ann:").lay(&folder);
    folder.remove("content/sources/daily/daily.txt");
    assert!(told(&folder).contains("lock-differs"), "{}", told(&folder));
}

#[test]
fn a_damaged_lock_is_not_overwritten_where_copies_are_absent() {
    let folder = dossier("text: We did not open the gate before six").on_disk();
    lock(&folder);
    folder.remove("content/sources/daily/daily.txt");
    let changed = read(&folder, "evidence.lock").replace("\"exact\"", "\"normalised\"");
    folder.write("evidence.lock", changed.as_bytes());
    assert!(told(&folder).contains("bad-lock"), "{}", told(&folder));
    let run = folder.run(&["check", "--update-lock"]);
    assert!(run.code != 0 && run.stderr.contains("is damaged"), "{}", run.stderr);
    assert_eq!(read(&folder, "evidence.lock"), changed);
}

#[test]
fn a_copy_that_was_exchanged_with_its_record_is_told_of() {
    let folder = dossier("text: We did not open the gate before six").on_disk();
    lock(&folder);
    folder.write("content/sources/daily/daily.txt", ARTICLE.replace("Wednesday", "Thursday").as_bytes());
    expect![[r#"
        said: exact
        content/quotes/said.md:4:9 lock-differs `said` was compared with another copy: `evidence.lock` has 77063c9e20b7f2338610e3d109acb83cb3a00bbf244038c61525b0fe28f300db, and now it is effe32926f4586a8ab3a9609da19d1b25a78d846b0fbd5d4a70fa9aa68859ccc
    "#]].assert_eq(&told(&folder));
}

#[test]
fn what_is_locked_of_a_quotation_that_is_gone_is_told_of() {
    let folder = quotes(&[("a", "text: nobody asked us to"), ("b", "text: Jane Doe spoke")]).on_disk();
    lock(&folder);
    folder.remove("content/quotes/b.md");
    expect![[r#"
        a: exact
        evidence.lock:1:1 lock-differs `evidence.lock` tells of `b`, which is no quotation with a copy of its source any more
    "#]].assert_eq(&told(&folder));
}

#[test]
fn words_around_a_quotation_that_name_somebody_withheld_are_left_out() {
    let told = |name: &str| {
        let folder = dossier("text: she said")
            .record("actors/hidden.md", format!("---\nname: {name}\nkind: person\nvisibility: internal\n---\n"))
            .record("sources/daily/daily.txt", "It was Mary Roe who was there, she said, and Mary Roe stayed.")
            .on_disk();
        let compiled = compiled(&open(&folder));
        let public = compiled.renderer.unwrap().site().dossier.clone();
        let quote = public.find_text("said").unwrap();
        let examined = public.evidence(quote).unwrap().sources[0].clone().unwrap();
        (examined.before, examined.after)
    };
    let around = ("It was Mary Roe who was there,".to_owned(), ", and Mary Roe stayed.".to_owned());
    assert_eq!(told("Somebody Else"), around);
    for name in ["Mary Roe", "ROE, Mary", "Mary Ann Roe"] {
        assert_eq!(told(name), (String::new(), String::new()), "{name}");
    }
}

#[test]
fn the_command_writes_what_is_locked_and_is_content_then() {
    let folder = dossier("text: We did not open the gate before six").on_disk();
    let first = folder.run(&["check", "--update-lock"]);
    assert_eq!((first.code, first.stderr.as_str()), (0, "`evidence.lock` has 1 quotation, 1 of them changed\n"));
    let written = read(&folder, "evidence.lock");
    let second = folder.run(&["check", "--update-lock"]);
    assert_eq!((second.code, second.stderr.as_str()), (0, "`evidence.lock` has 1 quotation, 0 of them changed\n"));
    assert_eq!(read(&folder, "evidence.lock"), written);
    let beside: Vec<_> = std::fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!beside.iter().any(|name| name.to_string_lossy().starts_with('.')), "{beside:?}");
}
