//! Folders that Bellingcat's auto-archiver leaves behind: what is recorded of them, what is compared, and what is never read.

use std::fmt::Write as _;

use expect_test::expect;
use serde_json::{Value, json};

use super::{BYE, HELLO, RECORD, capture, files, json, read, refused};
use crate::input::{Dossier, Folder, assert_same};

/// The address of the source.
const URL: &str = "https://daily.example/gate";

/// A file as the page about it tells: its name and hash.
type Told<'a> = (&'a str, Option<&'a str>);

/// A page about an address, in the shape in which the archiver writes it.
fn page(url: &str, content: &str, files: &[Told<'_>]) -> String {
    let mut rows = String::new();
    for (name, hash) in files {
        let hash =
            hash.map(|hash| format!("<li><b>hash:</b>\n<span class=\"copy\">{hash}</span>\n</li>")).unwrap_or_default();
        // Writing into a string cannot fail.
        let _ = writeln!(
            rows,
            "<tr><td><ul><li><b>key:</b> <span class=\"copy\">archive/gate/{name}</span></li>\
             <li><b>type:</b> <span class=\"copy\">text/plain</span></li>{hash}</ul></td>\
             <td><a href=\"archive/gate/{name}\">open</a></td></tr>"
        );
    }
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{url}</title></head><body>\n\
         <h2>Archived media for <span class=\"copy\">{url}</span> - <a href=\"{url}\">open</a></h2>\n\
         <h2 class=\"center\">content {} item(s)</h2>\n\
         <table class=\"content\"><tr><th>about</th><th>files and preview</th></tr><tbody>\n{rows}</tbody></table>\n\
         <h2 class=\"center\">metadata</h2>\n<table class=\"metadata\"><tr><th>key</th><th>value</th></tr>\n\
         <tr><td>_processed_at</td><td>\n<span class=\"copy\">2023-06-24 23:30:05.678901+00:00</span>\n</td></tr>\n\
         <tr><td>content</td><td>\n<span class=\"copy\">{content}</span>\n</td></tr></table></body></html>\n",
        files.len()
    )
}

fn sha256(hash: &str) -> String {
    format!("SHA-256:{hash}")
}

/// The small dossier with a source at the address, and a folder `in` of these files.
fn archived(files: &[(&str, &str)]) -> Folder {
    let front_matter = format!("---\ntitle: A\nurl: {URL}\n---\nProse.\n");
    let small = Dossier::small().record("sources/daily.md", front_matter);
    files.iter().fold(small, |small, (name, bytes)| small.file(&format!("in/{name}"), bytes)).on_disk()
}

/// A folder of a page and two files.
fn item() -> Folder {
    let hello = sha256(HELLO);
    let page = page(URL, "She spoke.", &[("a.txt", Some(&hello)), ("b.txt", Some(&sha256(BYE)))]);
    archived(&[("page.html", &page), ("a.txt", "hello"), ("b.txt", "bye")])
}

#[test]
fn page_and_files_are_recorded() {
    let folder = item();
    let run = capture(&folder, &["daily", "in", "--by", "jane-doe"]);
    expect![[r#"
        ---
        title: A
        url: https://daily.example/gate
        captures:
          - file: page.html
            at: 2023-06-24
            by: jane-doe
            method: auto-archiver
            sha256: c7dad272b8b1a4363ccffdb2aca57cd0615e713a66b669001163c46edc6378c5
            bytes: 1308
            media_type: text/html
          - file: a.txt
            at: 2023-06-24
            by: jane-doe
            method: auto-archiver
            sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
            bytes: 5
            media_type: text/plain
          - file: b.txt
            at: 2023-06-24
            by: jane-doe
            method: auto-archiver
            sha256: b49f425a7e1f9cff3856329ada223f2f9d368f15a00cf48df16ca95986137fe8
            bytes: 3
            media_type: text/plain
        ---
        Prose.
    "#]]
    .assert_eq(&read(&folder, RECORD));
    expect![[r#"
        `daily`: recorded `page.html`
          lies at     content/sources/daily/page.html (copied from in/page.html)
          sha256      c7dad272b8b1a4363ccffdb2aca57cd0615e713a66b669001163c46edc6378c5
          stated      not compared: it is the page that states the hashes
          bytes       1308
          media_type  text/html
          method      auto-archiver
          at          2023-06-24
          by          jane-doe
        `daily`: recorded `a.txt`
          lies at     content/sources/daily/a.txt (copied from in/a.txt)
          sha256      2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
          stated      its page states the same hash
          bytes       5
          media_type  text/plain
          method      auto-archiver
          at          2023-06-24
          by          jane-doe
        `daily`: recorded `b.txt`
          lies at     content/sources/daily/b.txt (copied from in/b.txt)
          sha256      b49f425a7e1f9cff3856329ada223f2f9d368f15a00cf48df16ca95986137fe8
          stated      its page states the same hash
          bytes       3
          media_type  text/plain
          method      auto-archiver
          at          2023-06-24
          by          jane-doe
    "#]]
    .assert_eq(&run.stdout);
    expect![[r#"
        warning[quotation-not-found]: the words of `not-before-six` do not stand in the copy of `daily`
         --> content/quotes/not-before-six.md:4:7
          |
        4 | text: We did not open the gate before six.
          |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = hint: look whether it is the right source and the right copy; a translation needs `original`, words that give the sense only need `mode: paraphrase`

        1 warning in 1 file
        content/sources/daily.md was changed
        captures are private: no build copies them; readers are told hash, date, maker and method
        note: what lies in `content` goes wherever the dossier is shared; a folder elsewhere can be set with `captures:`
        `in` holds the copy of https://daily.example/gate, archived on 2023-06-24, which `page.html` is about
    "#]].assert_eq(&run.stderr);
    assert_eq!(read(&folder, "content/sources/daily/page.html"), read(&folder, "in/page.html"));
    assert_eq!(read(&folder, "content/sources/daily/a.txt"), "hello");
    assert_eq!(capture(&folder, &["daily"]).stdout.matches(": as recorded\n").count(), 3);
    // Once more changes nothing.
    let before = files(&folder);
    let run = capture(&folder, &["daily", "in/"]);
    assert_eq!(run.stdout.matches(" is recorded already\n").count(), 3, "{}", run.stdout);
    assert_same(&before, &files(&folder));
}

#[test]
fn words_are_found_in_the_page_and_in_its_files() {
    let words = "We did not open the gate before six.";
    let transcript = format!("WEBVTT\n\n00:01.000 --> 00:04.000\n{words}\n");
    let html = format!("<!DOCTYPE html><title>A</title><p>{words}</p>");
    for (content, files, expected) in [
        (words, vec![("a.txt", "hello")], "exact"),
        ("She spoke.", vec![("a.txt", "hello")], "not-found"),
        ("She spoke.", vec![("a.vtt", &*transcript)], "exact"),
        ("She spoke.", vec![("a.html", &*html)], "exact"),
    ] {
        let told: Vec<Told<'_>> = files.iter().map(|(name, _)| (*name, None)).collect();
        let page = page(URL, content, &told);
        let folder = archived(&[&files[..], &[("page.html", &*page)]].concat());
        capture(&folder, &["daily", "in"]);
        let quotes: Value = serde_json::from_str(&folder.run(&["list", "quote", "--format", "json"]).stdout).unwrap();
        assert_eq!(quotes[0]["verbatim"]["result"], expected, "{files:?}");
    }
}

#[test]
fn a_file_with_another_hash_than_the_page_states_is_refused() {
    let folder = item();
    folder.write("in/a.txt", "hellO");
    let expected = expect![[r#"
        error: `in/a.txt` is not what was archived: `page.html` states another hash
          stated  2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
          found   04a6f55face2f46be8c23f627d539827615851e10751b63ec59db6d2c706b770
        hint: bring back the file that was archived; one that is named by itself is recorded as it is
    "#]];
    refused(&folder, &["daily", "in"], &expected);
    refused(&folder, &["daily", "in", "--replace"], &expected);
}

#[test]
fn what_is_listed_and_cannot_be_recorded_is_told() {
    let listed = [("a.txt", None), ("gone.mp4", None), ("empty.png", None), ("sub", None)];
    let page = page(URL, "", &listed);
    let folder = archived(&[("page.html", &page), ("a.txt", "hello"), ("empty.png", ""), ("sub/x.txt", "x")]);
    let run = folder.run(&["capture", "daily", "in"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let warnings: Vec<&str> = run.stderr.lines().filter(|line| line.starts_with("warning: ")).collect();
    expect![[r#"
        warning: `page.html` lists `gone.mp4`, which was left out: it is not there
        warning: `page.html` lists `empty.png`, which was left out: there is nothing in it
        warning: `page.html` lists `sub`, which was left out: it is a folder"#]]
    .assert_eq(&warnings.join("\n"));
    assert!(read(&folder, RECORD).contains("- file: a.txt\n"));
    assert!(!read(&folder, RECORD).contains("gone"));
}

#[test]
fn what_a_page_says_of_a_path_is_never_opened() {
    let listed = [("a.txt", None), ("../../secret.txt", None), ("/etc/hostname", None), ("..", None), ("..\\x", None)];
    let page = page(URL, "", &listed);
    let folder = archived(&[("page.html", &page), ("a.txt", "hello")]);
    folder.write("secret.txt", "words that nobody may see");
    folder.write("x", "words that nobody may see");
    let run = folder.run(&["capture", "daily", "in", "--format", "json"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    let not_there = |name: &str| json!({"file": name, "why": "it is not there"});
    assert_eq!(
        json(&run)["items"][0]["left_out"],
        json!([not_there("secret.txt"), not_there("hostname"), not_there(".."), not_there("x")])
    );
    assert_eq!(json(&run)["captures"].as_array().unwrap().len(), 2);
}

#[cfg(unix)]
#[test]
fn no_link_out_of_the_folder_is_followed() {
    let page_of = |files| page(URL, "", files);
    let folder =
        archived(&[("page.html", &page_of(&[("a.txt", None), ("b.txt", None), ("c.txt", None)])), ("a.txt", "hello")]);
    folder.write("secret.txt", "words that nobody may see");
    std::os::unix::fs::symlink("../secret.txt", folder.path("in/b.txt")).unwrap();
    std::os::unix::fs::symlink("a.txt", folder.path("in/c.txt")).unwrap();
    let run = folder.run(&["capture", "daily", "in"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(
        run.stderr.contains("lists `b.txt`, which was left out: it is a symbolic link out of the folder"),
        "{}",
        run.stderr
    );
    assert!(!read(&folder, RECORD).contains("b.txt"));
    // Nor is a page read through one.
    folder.write("other/page.html", page_of(&[]));
    folder.remove("in/page.html");
    std::os::unix::fs::symlink("../other/page.html", folder.path("in/page.html")).unwrap();
    let run = folder.run(&["capture", "daily", "in"]);
    assert!(run.code == 2 && run.stderr.contains("no page of auto-archiver"), "{}", run.stderr);
}

#[test]
fn several_pages_in_one_folder_are_listed_and_one_can_be_named() {
    let (one, two) = (page("https://daily.example/other", "", &[("a.txt", None)]), page(URL, "", &[("b.txt", None)]));
    let folder = archived(&[("1.html", &one), ("2.html", &two), ("a.txt", "hello"), ("b.txt", "bye")]);
    refused(
        &folder,
        &["daily", "in"],
        &expect![[r#"
        error: `in` holds 2 pages of auto-archiver about archived addresses
          2.html  https://daily.example/gate, 2023-06-24
          1.html  https://daily.example/other, 2023-06-24
        hint: name the one that is meant, such as `--item 2.html`
    "#]],
    );
    refused(
        &folder,
        &["daily", "in", "--item", "3.html"],
        &expect![[r#"
        error: no page of auto-archiver in `in` is called `3.html`; there are
          2.html  https://daily.example/gate, 2023-06-24
          1.html  https://daily.example/other, 2023-06-24
        hint: name the one that is meant, such as `--item 2.html`
    "#]],
    );
    refused(
        &folder,
        &["daily", "in/a.txt", "--item", "2.html"],
        &expect![[r#"
        error: `--item` is for one folder of auto-archiver
        hint: name the folder, or record the folders one by one
    "#]],
    );
    let run = capture(&folder, &["daily", "in", "--item", "2.html"]);
    assert!(
        run.stderr.contains("note: `2.html` does not list what else lies in `in`: `1.html`, `a.txt`\n"),
        "{}",
        run.stderr
    );
    let record = read(&folder, RECORD);
    assert!(record.contains("b.txt") && !record.contains("a.txt") && !record.contains("1.html"), "{record}");
}

#[test]
fn a_page_that_another_one_lists_is_one_of_its_files() {
    let inner = page("https://daily.example/other", "", &[("x.txt", None)]);
    let outer = page(URL, "", &[("1.html", None)]);
    let folder = archived(&[("1.html", &inner), ("2.html", &outer)]);
    let run = capture(&folder, &["daily", "in", "--format", "json"]);
    assert_eq!(json(&run)["items"][0]["page"], "2.html");
    assert_eq!(json(&run)["captures"][1]["file"], "1.html");
}

#[test]
fn what_could_not_be_compared_is_told() {
    let sha3 = format!("SHA3-512:{}", "a".repeat(128));
    let hello = sha256(HELLO);
    let page = page(URL, "", &[("a.txt", Some(&hello)), ("b.txt", Some(&sha3)), ("c.txt", None), ("d.txt", Some("x"))]);
    let folder =
        archived(&[("page.html", &page), ("a.txt", "hello"), ("b.txt", "bye"), ("c.txt", "c"), ("d.txt", "d")]);
    let run = capture(&folder, &["daily", "in", "--dry-run"]);
    let notes: Vec<&str> = run.stderr.lines().filter(|line| line.contains("compared")).collect();
    expect![[r#"
          stated      not compared: it is the page that states the hashes
          stated      not compared: its page states SHA3-512, and only SHA-256 is compared
          stated      not compared: its page states no hash
          stated      not compared: its page states something that is no hash
        note: 3 files could not be compared with a hash: `b.txt` (SHA3-512, and only SHA-256 is compared), `c.txt` (none is stated), `d.txt` (something that is no hash)"#]].assert_eq(&notes.join("\n"));
    let run = capture(&folder, &["daily", "in", "--dry-run", "--format", "json"]);
    let stated: Vec<Value> = json(&run)["captures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|capture| json!([capture["file"], capture["stated_hash"], capture["is_as_stated"]]))
        .collect();
    assert_eq!(
        Value::from(stated),
        json!([
            ["page.html", null, null],
            ["a.txt", hello, true],
            ["b.txt", sha3, null],
            ["c.txt", null, null],
            ["d.txt", "x", null]
        ])
    );
}

#[test]
fn another_address_than_that_of_the_source_is_warned_of() {
    let check = |own: &str, url: &str, expected: Value| {
        let folder = archived(&[("page.html", &page(url, "", &[("a.txt", None)])), ("a.txt", "hello")]);
        folder.write(RECORD, format!("---\ntitle: A\n{own}---\n"));
        let run = capture(&folder, &["daily", "in", "--format", "json"]);
        assert_eq!(json(&run)["items"][0]["is_of_source"], expected, "{own} {url}");
        assert_eq!(json(&run)["items"][0]["url"], url);
    };
    let own = format!("url: {URL}\n");
    check(&own, URL, true.into());
    check(&own, "http://www.daily.example/gate/?utm_source=x#top", true.into());
    check(&own, "https://daily.example/gates", false.into());
    check("", URL, Value::Null);
    check(&format!("{own}archived: https://archive.example/1\n"), "https://archive.example/1", true.into());
    let folder =
        archived(&[("page.html", &page("https://daily.example/gates", "", &[("a.txt", None)])), ("a.txt", "hello")]);
    let run = capture(&folder, &["daily", "in"]);
    let warning = run.stderr.split_once("warning: `page.html`").unwrap().1;
    expect![[r#"
         is about another address than `daily`
          archived  https://daily.example/gates
          source    https://daily.example/gate
        hint: look whether it is the right source; addresses of archived copies of its page stand under `archived`
    "#]]
    .assert_eq(warning.split("note: ").next().unwrap());
}

#[test]
fn a_dry_run_of_a_folder_writes_nothing() {
    let folder = item();
    let before = files(&folder);
    let run = capture(&folder, &["daily", "in", "--dry-run"]);
    assert_eq!(run.stdout.matches("\n+  - file: ").count(), 3, "{}", run.stdout);
    assert_eq!(run.stdout.matches("\n+    method: auto-archiver\n+    sha256: ").count(), 3, "{}", run.stdout);
    let run = json(&capture(&folder, &["daily", "in", "--dry-run", "--format", "json"]));
    expect![[r#"
        [
          {
            "folder": "in",
            "page": "page.html",
            "url": "https://daily.example/gate",
            "at": "2023-06-24",
            "is_of_source": true,
            "left_out": [],
            "not_listed": []
          }
        ]"#]]
    .assert_eq(&serde_json::to_string_pretty(&run["items"]).unwrap());
    assert!(run["diff"].is_string() && run["captures"][0]["copied"] == false);
    assert_same(&before, &files(&folder));
}

#[test]
fn what_is_recorded_already_stays_until_it_is_to_be_replaced() {
    let folder = item();
    let entry = format!("captures: [{{file: a.txt, at: 2023-06-20, method: scan, sha256: {HELLO}}}]\n");
    folder.write(RECORD, format!("---\ntitle: A\nurl: {URL}\n{entry}---\n"));
    let run = capture(&folder, &["daily", "in", "--dry-run", "--format", "json"]);
    let of_file =
        |run: &Value| json!([run["captures"][1]["state"], run["captures"][1]["at"], run["captures"][1]["method"]]);
    assert_eq!(of_file(&json(&run)), json!(["completed", "2023-06-20", "scan"]));
    let run = capture(&folder, &["daily", "in"]);
    assert!(
        run.stdout.contains("note: `at` is `2023-06-20`, and its page says that it was archived on 2023-06-24\n"),
        "{}",
        run.stdout
    );
    let run = capture(&folder, &["daily", "in", "--replace", "--format", "json"]);
    assert_eq!(of_file(&json(&run)), json!(["replaced", "2023-06-24", "auto-archiver"]));
    // What is typed goes before what the page says.
    let run =
        capture(&folder, &["daily", "in", "--replace", "--at", "2023-06", "--method", "crawl", "--format", "json"]);
    assert_eq!(of_file(&json(&run)), json!(["replaced", "2023-06", "crawl"]));
}

#[test]
fn folders_in_which_page_and_files_do_not_lie_together_are_told_of() {
    let told = [("b.txt", None), ("c.txt", None)];
    let folder = archived(&[("1/page.html", &page(URL, "", &told)), ("2/b.txt", "bye"), ("3/c.txt", "c")]);
    refused(
        &folder,
        &["daily", "in/1"],
        &expect![[r#"
        error: none of the 2 files that `page.html` lists lies in `in/1`
        hint: where it was archived with `path_generator: random`, each file lies in a folder of its own: copy the page and its files into one folder, where they are found by their names, and name that one; `path_generator: url` keeps them together from the beginning; the page alone is recorded by `dossier capture daily in/1/page.html`
    "#]],
    );
    refused(
        &folder,
        &["daily", "in"],
        &expect![[r#"
        error: in `in` each file lies in a folder of its own, as `path_generator: random` has it
        hint: copy the page and its files into one folder, where they are found by their names, and name that one; `path_generator: url` keeps them together from the beginning
    "#]],
    );
    folder.write("in/1/b.txt", "bye");
    refused(
        &folder,
        &["daily", "in"],
        &expect![[r#"
        error: no page of auto-archiver lies in `in` itself, but in folders in it
        hint: name the one that is meant: `in/1`
    "#]],
    );
    refused(
        &folder,
        &["daily", "in/1", "--name", "a"],
        &expect![[r#"
        error: `--name` is for one file, not for a folder
        hint: the files in it keep their names
    "#]],
    );
}

#[test]
fn a_page_without_files_is_recorded_alone() {
    let folder = archived(&[("page.html", &page(URL, "She spoke.", &[])), ("other.txt", "x")]);
    let run = capture(&folder, &["daily", "in", "--format", "json"]);
    assert_eq!(json(&run)["captures"].as_array().unwrap().len(), 1);
    assert_eq!(json(&run)["items"][0]["not_listed"], json!(["other.txt"]));
}

#[test]
fn two_hashes_of_one_file_are_refused() {
    let told = [("a.txt", Some(&*sha256(HELLO))), ("other/a.txt", Some(&sha256(BYE)))]
        .map(|(name, hash)| (name, hash.map(str::to_owned)));
    let told: Vec<Told<'_>> = told.iter().map(|(name, hash)| (*name, hash.as_deref())).collect();
    let folder = archived(&[("page.html", &page(URL, "", &told)), ("a.txt", "hello")]);
    refused(
        &folder,
        &["daily", "in"],
        &expect![[r#"
        error: `page.html` states two hashes of `a.txt`
        hint: find out which is right, and name the files one by one
    "#]],
    );
}
