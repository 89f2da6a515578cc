//! `dossier capture`: what it writes into the record, where the copy lies, and what it never does.

mod folder;

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::input::{Dossier, Files, Folder, Run, assert_same, files_in};

/// The SHA-256 of `hello`, of `bye`, and of `hellO`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
const BYE: &str = "b49f425a7e1f9cff3856329ada223f2f9d368f15a00cf48df16ca95986137fe8";
const HELL_O: &str = "04a6f55face2f46be8c23f627d539827615851e10751b63ec59db6d2c706b770";

const RECORD: &str = "content/sources/daily.md";

/// The small dossier, with files that are to be recorded.
fn small() -> Dossier {
    Dossier::small()
        .file("in/page.txt", "hello")
        .file("in/other/page.txt", "bye")
        .file("in/page.html", "<html><p>hello")
}

fn source(front_matter: &str) -> Folder {
    small().record("sources/daily.md", format!("---\n{front_matter}---\nProse.\n")).on_disk()
}

#[track_caller]
fn capture(folder: &Folder, args: &[&str]) -> Run {
    let run = folder.run(&[&["capture"][..], args].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run
}

/// What is said by a command that changes nothing.
#[track_caller]
fn refused(folder: &Folder, args: &[&str], expected: &Expect) {
    let before = files(folder);
    let run = folder.run(&[&["capture"][..], args].concat());
    assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
    expected.assert_eq(&run.stderr);
    assert_same(&before, &files(folder));
}

fn files(folder: &Folder) -> Files {
    files_in(&folder.path(""))
}

fn read(folder: &Folder, path: &str) -> String {
    std::fs::read_to_string(folder.path(path)).unwrap()
}

fn json(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}

#[test]
fn a_file_is_copied_beside_its_source_and_recorded() {
    let folder = source("# the daily\ntitle:  \"Keeper denies\" # its title\nkind: article\n");
    let run = capture(&folder, &["daily", "in/page.txt", "--at", "2023-06-23", "--by", "jane-doe"]);
    expect![[r#"
        ---
        # the daily
        title:  "Keeper denies" # its title
        kind: article
        captures:
          - file: page.txt
            at: 2023-06-23
            by: jane-doe
            method: text
            sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
            bytes: 5
            media_type: text/plain
        ---
        Prose.
    "#]]
    .assert_eq(&read(&folder, RECORD));
    expect![[r#"
        `daily`: recorded `page.txt`
          lies at     content/sources/daily/page.txt (copied from in/page.txt)
          sha256      2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
          bytes       5
          media_type  text/plain
          method      text
          at          2023-06-23
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
    "#]]
    .assert_eq(&run.stderr);
    assert_eq!(read(&folder, "content/sources/daily/page.txt"), "hello");
    assert_eq!(read(&folder, "in/page.txt"), "hello");
    let names: Vec<_> = std::fs::read_dir(folder.path("content/sources/daily")).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[test]
fn what_nobody_said_is_left_out_and_that_is_told() {
    let folder = source("title: A\n");
    let run = capture(&folder, &["daily", "in/page.txt", "in/page.html"]);
    assert_eq!(run.stdout.matches("at          not said; say it with `--at`").count(), 2, "{}", run.stdout);
    let record = read(&folder, RECORD);
    assert!(!record.contains("at:") && !record.contains("by:"), "{record}");
    assert!(record.contains("  - file: page.html\n    method: html\n"), "{record}");
}

#[test]
fn with_a_folder_of_captures_the_copy_lies_there() {
    let set = "title: A dossier\ntheme: plain\ncaptures: ../captures\n";
    for (settings, args) in [(set, &[][..]), ("title: A dossier\n", &["--captures", "../captures"][..])] {
        let outer = Folder::empty();
        std::fs::create_dir_all(outer.path("captures")).unwrap();
        for (path, bytes) in files_in(&small().settings(settings).on_disk().path("")) {
            outer.write(&format!("dossier/{path}"), bytes);
        }
        let run = |more: &[&str]| {
            let args = [&["capture", "daily"][..], more, args].concat();
            Run::of(crate::input::program(&outer.path("dossier"), &args))
        };
        let recorded = run(&["in/page.txt"]);
        assert_eq!(recorded.code, 0, "{}", recorded.stderr);
        assert!(recorded.stdout.contains("lies at     ../captures/daily/page.txt (copied"), "{}", recorded.stdout);
        assert!(!recorded.stderr.contains("note:"), "{}", recorded.stderr);
        assert_eq!(read(&outer, "captures/daily/page.txt"), "hello");
        assert!(!outer.path("dossier/content/sources/daily").exists());
        assert!(read(&outer, "dossier/content/sources/daily.md").contains("- file: page.txt\n"));
        // What lies there already is recorded and not copied.
        outer.write("captures/whole/talk.vtt", "WEBVTT\n");
        let recorded = run(&["../captures/whole/talk.vtt"]);
        assert!(recorded.stdout.contains("lies at     ../captures/whole/talk.vtt\n"), "{}", recorded.stdout);
        let record = read(&outer, "dossier/content/sources/daily.md");
        assert!(record.contains("- file: whole/talk.vtt\n    method: transcript\n"), "{record}");
        let states = run(&[]);
        assert_eq!(states.stdout.matches(": as recorded\n").count(), 2, "{}", states.stdout);
    }
}

#[test]
fn a_file_that_lies_where_captures_lie_stays_there() {
    let folder = source("title: A\n");
    folder.write("content/sources/beside.txt", "hello");
    folder.write("content/sources/daily/deep/own.txt", "bye");
    let run = capture(&folder, &["daily", "content/sources/beside.txt", "content/sources/daily/deep/own.txt"]);
    assert!(run.stdout.contains("lies at     content/sources/beside.txt\n"), "{}", run.stdout);
    let record = read(&folder, RECORD);
    assert!(record.contains("- file: beside.txt\n") && record.contains("- file: deep/own.txt\n"), "{record}");
    assert!(!folder.path("content/sources/daily/beside.txt").exists());
}

#[test]
fn a_file_with_other_bytes_is_never_overwritten() {
    let folder = source("title: A\n");
    capture(&folder, &["daily", "in/page.txt"]);
    refused(
        &folder,
        &["daily", "in/other/page.txt", "--replace"],
        &expect![[r#"
            error: `content/sources/daily/page.txt` is there already and has other bytes
              2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824  content/sources/daily/page.txt
              b49f425a7e1f9cff3856329ada223f2f9d368f15a00cf48df16ca95986137fe8  in/other/page.txt
            hint: a capture is never overwritten; give the new one a name of its own with `--name NAME`
        "#]],
    );
    capture(&folder, &["daily", "in/other/page.txt", "--name", "page-2.txt"]);
    assert_eq!(read(&folder, "content/sources/daily/page.txt"), "hello");
    assert_eq!(read(&folder, "content/sources/daily/page-2.txt"), "bye");
}

#[test]
fn two_files_of_one_name_are_not_taken_for_one() {
    let folder = source("title: A\n");
    let before = files(&folder);
    let run = folder.run(&["capture", "daily", "in/page.txt", "in/other/page.txt"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains(HELLO) && run.stderr.contains(BYE), "{}", run.stderr);
    assert_same(&before, &files(&folder));
}

#[test]
fn recording_a_file_again_adds_what_is_missing_and_changes_nothing() {
    let folder = source("title: A\ncaptures: [{file: page.txt, method: scan}] # one\n");
    capture(&folder, &["daily", "in/page.txt"]);
    let line = format!(
        "captures: [{{file: page.txt, method: scan, sha256: {HELLO}, bytes: 5, media_type: text/plain}}] # one\n"
    );
    assert_eq!(read(&folder, RECORD), format!("---\ntitle: A\n{line}---\nProse.\n"));
    let before = files(&folder);
    let run = capture(&folder, &["daily", "in/page.txt"]);
    assert!(run.stdout.starts_with("`daily`: `page.txt` is recorded already\n"), "{}", run.stdout);
    assert_eq!(run.stderr, "");
    // Also under another name, unless that is asked for.
    folder.write("renamed.txt", "hello");
    let run = capture(&folder, &["daily", "renamed.txt"]);
    assert!(run.stdout.starts_with("`daily`: `page.txt` is recorded already\n"), "{}", run.stdout);
    folder.remove("renamed.txt");
    assert_same(&before, &files(&folder));
    refused(
        &folder,
        &["daily", "in/page.txt", "--method", "text"],
        &expect![[r#"
            error: `page.txt` is recorded with `method: scan`, not `text`
            hint: leave the option out, or record the new value with `--replace`
        "#]],
    );
}

#[test]
fn a_changed_byte_is_an_error_that_names_both_hashes() {
    let folder = source("title: A\n");
    capture(&folder, &["daily", "in/page.txt", "--at", "2023-06-23"]);
    folder.write("content/sources/daily/page.txt", "hellO");
    refused(
        &folder,
        &["daily", "content/sources/daily/page.txt"],
        &expect![[r#"
            error: `page.txt` is not what is recorded: a byte of it has changed
              recorded  2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
              found     04a6f55face2f46be8c23f627d539827615851e10751b63ec59db6d2c706b770
            hint: bring back the file that was recorded; or record this one beside it with `--name NAME`, or in its place with `--replace`
        "#]],
    );
    let run = capture(&folder, &["daily", "content/sources/daily/page.txt", "--replace"]);
    expect![[r#"
        `daily`: replaced what was recorded of `page.txt`
          lies at     content/sources/daily/page.txt
          sha256      04a6f55face2f46be8c23f627d539827615851e10751b63ec59db6d2c706b770
          bytes       5
          media_type  text/plain
          method      text
          at          2023-06-23
          by          not said; say it with `--by`
          changed `sha256`: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824 became 04a6f55face2f46be8c23f627d539827615851e10751b63ec59db6d2c706b770
          note: `at` was said of the bytes before; say it of these with `--at` and `--by` where it differs
    "#]]
    .assert_eq(&run.stdout);
    let record = read(&folder, RECORD);
    assert!(record.contains(HELL_O) && !record.contains(HELLO), "{record}");
}

#[test]
fn a_capture_that_was_lost_is_brought_back_by_its_own_bytes_only() {
    let folder = source(&format!("title: A\ncaptures: {{file: page.txt, sha256: {HELLO}}}\n"));
    let run = folder.run(&["capture", "daily", "in/other/page.txt"]);
    assert!(run.code == 2 && run.stderr.contains(HELLO) && run.stderr.contains(BYE), "{}", run.stderr);
    assert!(!folder.path("content/sources/daily").exists());
    capture(&folder, &["daily", "in/page.txt"]);
    assert_eq!(read(&folder, "content/sources/daily/page.txt"), "hello");
}

#[test]
fn without_a_file_the_captures_are_compared_with_what_is_recorded() {
    let captures = format!(
        "captures:\n- {{file: same.txt, sha256: {HELLO}}}\n- {{file: changed.txt, sha256: {HELLO}, bytes: 5}}\n- {{file: gone.txt, sha256: {BYE}}}\n- file: new.txt\n- file: ../up.txt\n"
    );
    let folder = source(&format!("title: A\n{captures}"));
    for (name, words) in [("same.txt", "hello"), ("changed.txt", "hellO"), ("new.txt", "bye")] {
        folder.write(&format!("content/sources/daily/{name}"), words);
    }
    let before = files(&folder);
    let run = folder.run(&["capture", "daily"]);
    expect![[r#"
        `same.txt`: as recorded
          lies at     content/sources/daily/same.txt
          sha256      2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
          bytes       5
        `changed.txt`: changed
          lies at     content/sources/daily/changed.txt
          recorded    2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824, 5 bytes
          found       04a6f55face2f46be8c23f627d539827615851e10751b63ec59db6d2c706b770, 5 bytes
        `gone.txt`: missing
          recorded    b49f425a7e1f9cff3856329ada223f2f9d368f15a00cf48df16ca95986137fe8
        `new.txt`: its hash is not recorded
          lies at     content/sources/daily/new.txt
          sha256      b49f425a7e1f9cff3856329ada223f2f9d368f15a00cf48df16ca95986137fe8
          bytes       3
        `../up.txt`: cannot be read: the path has `.` or `..` in it
    "#]]
    .assert_eq(&run.stdout);
    assert_eq!(run.code, 1);
    let run = folder.run(&["capture", "daily", "--format", "json"]);
    assert_eq!(run.code, 1);
    let captures = json(&run)["captures"].as_array().unwrap().clone();
    let states: Vec<&str> = captures.iter().map(|capture| capture["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["as-recorded", "changed", "missing", "hash-not-recorded", "unreadable"]);
    assert_eq!((&captures[1]["recorded_sha256"], &captures[1]["sha256"]), (&Value::from(HELLO), &Value::from(HELL_O)));
    assert_same(&before, &files(&folder));
}

#[test]
fn captures_that_are_as_recorded_end_it_with_0() {
    let folder = source("title: A\n");
    let run = capture(&folder, &["daily"]);
    assert_eq!(run.stderr, "`daily` names no captures\nhint: record one with `dossier capture daily FILE`\n");
    capture(&folder, &["daily", "in/page.txt"]);
    capture(&folder, &["daily"]);
}

#[test]
fn a_folder_of_captures_that_is_elsewhere_does_not_keep_from_looking_at_the_others() {
    let folder = small().set("captures: ../nowhere").on_disk();
    folder
        .write(RECORD, format!("---\ntitle: A\ncaptures: [{{file: a.txt, sha256: {HELLO}}}, {{file: b.txt}}]\n---\n"));
    folder.write("content/sources/a.txt", "hello");
    let run = folder.run(&["capture", "daily"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.starts_with("the folder of captures `../nowhere` is not on this machine\n"), "{}", run.stderr);
    assert!(run.stdout.contains("`a.txt`: as recorded") && run.stdout.contains("`b.txt`: missing"), "{}", run.stdout);
    refused(
        &folder,
        &["daily", "in/page.txt"],
        &expect![[r#"
            error: the folder of captures `../nowhere` is not there
            hint: make the folder, or name another one with `--captures DIR`
        "#]],
    );
}

#[test]
fn a_dry_run_shows_the_change_and_makes_none() {
    let folder = source("title: A\r\ncaptures:\r\n  - file: old.txt # kept\r\nkind: article\r\n");
    let before = files(&folder);
    let run = capture(&folder, &["daily", "in/page.txt", "--dry-run"]);
    expect![[r#"
        --- a/content/sources/daily.md
        +++ b/content/sources/daily.md
        @@ -2,6 +2,11 @@
         title: A
         captures:
           - file: old.txt # kept
        +  - file: page.txt
        +    method: text
        +    sha256: 2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824
        +    bytes: 5
        +    media_type: text/plain
         kind: article
         ---
         Prose.
    "#]]
    .assert_eq(&run.stdout.replace('\r', ""));
    assert!(run.stderr.starts_with("`daily`: `page.txt` would be recorded\n"), "{}", run.stderr);
    assert_same(&before, &files(&folder));
    let json = json(&capture(&folder, &["daily", "in/page.txt", "--dry-run", "--format", "json"]));
    assert_eq!(json["captures"][0]["copied"], false);
    assert!(json["diff"].as_str().unwrap().replace('\r', "").contains("+  - file: page.txt\n"), "{json}");
    assert_same(&before, &files(&folder));
}

#[test]
fn the_json_has_every_key() {
    let folder = source("title: A\n");
    let run = capture(&folder, &["daily", "in/page.txt", "--by", "Somebody", "--format", "json"]);
    expect![[r#"
        {
          "source": "daily",
          "record": "content/sources/daily.md",
          "dry_run": false,
          "items": [],
          "captures": [
            {
              "file": "page.txt",
              "state": "recorded",
              "path": "content/sources/daily/page.txt",
              "copied": true,
              "sha256": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824",
              "bytes": 5,
              "recorded_sha256": null,
              "recorded_bytes": null,
              "media_type": "text/plain",
              "method": "text",
              "at": null,
              "by": "Somebody",
              "stated_hash": null,
              "is_as_stated": null,
              "changes": [
                {
                  "key": "by",
                  "before": null,
                  "after": "Somebody"
                },
                {
                  "key": "method",
                  "before": null,
                  "after": "text"
                },
                {
                  "key": "sha256",
                  "before": null,
                  "after": "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
                },
                {
                  "key": "bytes",
                  "before": null,
                  "after": 5
                },
                {
                  "key": "media_type",
                  "before": null,
                  "after": "text/plain"
                }
              ],
              "why": null
            }
          ],
          "diff": null
        }
    "#]]
    .assert_eq(&run.stdout);
}

#[test]
fn a_record_among_others_in_one_file_is_changed_alone() {
    let (first, last) = ("\u{feff}type: source\nid: one\ntitle: One # 1\n", "type: source\nid: three\ntitle: Three");
    let two = "# the second\ntype: source\nid: two\ntitle: Two\ncaptures: {file: a.txt} # a\n# its end\n";
    let folder = small().on_disk();
    folder.write("content/sources/many.yaml", format!("{first}---\n{two}---\n{last}"));
    for id in ["two", "three", "one"] {
        capture(&folder, &[id, "in/page.txt"]);
    }
    let fields = format!("sha256: {HELLO}, bytes: 5, media_type: text/plain");
    let block = format!("captures:\n  - file: page.txt\n    method: text\n    {}", fields.replace(", ", "\n    "));
    let two = two.replace("{file: a.txt}", &format!("[{{file: a.txt}}, {{file: page.txt, method: text, {fields}}}]"));
    assert_eq!(read(&folder, "content/sources/many.yaml"), format!("{first}{block}\n---\n{two}---\n{last}\n{block}"),);
    assert_eq!(read(&folder, "content/sources/three/page.txt"), "hello");
    assert_eq!(folder.run(&["capture", "one"]).code, 0);
}

#[test]
fn a_name_that_not_every_place_can_have_is_changed() {
    let folder = source("title: A\n");
    folder.write("in/notes.md", "# Notes");
    let run = capture(&folder, &["daily", "in/notes.md"]);
    let note = "note: it is called `notes.md.txt`, since not every system or place can have `notes.md`";
    assert!(run.stdout.contains(note), "{}", run.stdout);
    capture(&folder, &["daily", "in/page.txt", "--name", "../../a?b\u{202e}.txt"]);
    assert_eq!(read(&folder, "content/sources/daily/a-b-.txt"), "hello");
    folder.build();
    refused(
        &folder,
        &["daily", "in/page.html", "--name", ".."],
        &expect![[r#"
            error: `..` is no name that a file can have on every system
            hint: choose one with `--name NAME`
        "#]],
    );
}

#[test]
fn what_cannot_be_recorded_is_told_with_a_way_out() {
    let folder = small().record("sources/other.md", "---\ntitle: O\naliases: other-was\n---\n").on_disk();
    folder.write("in/empty.txt", "");
    folder.write("static/kept/readme.txt", "x");
    let check = |args: &[&str], expected: Expect| refused(&folder, args, &expected);
    check(
        &["dayly", "in/page.txt"],
        expect![[r#"
        error: no record has the id `dayly`
        hint: did you mean `daily`?
    "#]],
    );
    check(
        &["jane-doe", "in/page.txt"],
        expect![[r#"
        error: `jane-doe` is an actor, not a source
        hint: captures are copies of sources; `dossier list source` shows their ids
    "#]],
    );
    check(
        &["daily", "in/nothing.txt"],
        expect![[r#"
        error: cannot read `in/nothing.txt`: there is no such file or folder
    "#]],
    );
    check(
        &["daily", "in"],
        expect![[r#"
        error: `in` is a folder, and no page of auto-archiver about an archived address lies in it
        hint: name the files in it
    "#]],
    );
    check(
        &["daily", "in/empty.txt"],
        expect![[r#"
        error: `in/empty.txt` has nothing in it
        hint: look why the copy failed, and make it again
    "#]],
    );
    check(
        &["daily", "content/sources/other.md"],
        expect![[r#"
        error: `content/sources/other.md` cannot be recorded where it lies: files that end in `.md` or `.yaml` in the folder of records are records
        hint: rename it or move it elsewhere, or let it be copied under another name, such as `--name "copy-of-other.md"`
    "#]],
    );
    check(
        &["daily", "in/page.txt", "--captures", "static/kept"],
        expect![[r#"
        error: the folder of captures `static/kept` lies in `static`, which is published
        hint: move it to a folder that is not part of the site
    "#]],
    );
    check(
        &["daily", "in/page.txt", "in/page.html", "--name", "a"],
        expect![[r#"
        error: `--name` is for one file
        hint: record the files one by one
    "#]],
    );
    check(
        &["daily", "--at", "2024"],
        expect![[r#"
        error: `--at` goes with a file that is to be recorded
        hint: `dossier capture daily FILE`
    "#]],
    );
    let run = capture(&folder, &["other-was", "in/page.txt"]);
    assert!(run.stderr.starts_with("`other-was` is an old id of `other`\n"), "{}", run.stderr);
    assert_eq!(read(&folder, "content/sources/other/page.txt"), "hello");
}

#[test]
fn a_source_that_cannot_be_read_is_told_of() {
    let folder = source("title: A\ncaptures: [\n");
    let run = folder.run(&["capture", "daily", "in/page.txt"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("the record `daily` could not be read"), "{}", run.stderr);
}

#[test]
fn what_is_newly_wrong_is_told() {
    let folder = source("title: A\npublished: 2023-06-22\n");
    let run = capture(&folder, &["daily", "in/page.txt", "--at", "2023-06-01"]);
    assert!(run.stderr.contains("content/sources/daily.md:6:9"), "{}", run.stderr);
}

#[cfg(unix)]
#[test]
fn nothing_is_written_through_a_link_out_of_the_folder() {
    let folder = source("title: A\n");
    std::fs::create_dir(folder.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../../elsewhere", folder.path("content/sources/daily")).unwrap();
    let run = folder.run(&["capture", "daily", "in/page.txt"]);
    assert_eq!(run.code, 2, "{}", run.stdout);
    assert!(run.stderr.contains("is a symbolic link out of"), "{}", run.stderr);
    assert!(std::fs::read_dir(folder.path("elsewhere")).unwrap().next().is_none());
    assert!(!read(&folder, RECORD).contains("captures"));
}

#[test]
fn no_build_publishes_a_capture() {
    let words = "words that stand in the copy alone";
    let folder = small().settings("title: A dossier\n").on_disk();
    folder.write("in/copy.txt", words);
    folder.write("in/picture.png", crate::input::png(words));
    folder.write("content/sources/beside.txt", words);
    let run =
        capture(&folder, &["daily", "in/copy.txt", "in/picture.png", "content/sources/beside.txt", "--format", "json"]);
    folder.build();
    let site = folder.site();
    let page = String::from_utf8(site["sources/daily.html"].clone()).unwrap();
    let whole = page.replace("</span><wbr><span>", "");
    assert!(whole.contains(json(&run)["captures"][0]["sha256"].as_str().unwrap()), "{page}");
    for (path, bytes) in &site {
        assert!(!path.contains("copy") && !path.contains("picture.png") && !path.contains("beside"), "{path}");
        assert!(!String::from_utf8_lossy(bytes).contains(words), "{path}");
    }
    // A link would, and so nothing is written.
    for link in ["sources/daily/copy.txt", "sources/daily/picture.png", "sources/beside.txt"] {
        folder.write("content/pages/p.md", format!("---\ntitle: P\n---\nSee ![it](../{link}).\n"));
        let run = folder.run(&["build"]);
        assert_eq!(run.code, 1, "{link}");
        assert!(run.stderr.contains("error[published-capture]"), "{}", run.stderr);
        assert_same(&site, &folder.site());
    }
    // Settings say no reason, and so they cannot allow it.
    folder.write("dossier.yaml", "title: A dossier\nallow: [published-capture]\n");
    assert_eq!(folder.run(&["build"]).code, 1);
    assert_same(&site, &folder.site());
}

#[test]
fn what_lies_where_sources_look_is_a_capture_and_nothing_else() {
    let folder = small()
        .set("captures: ./content/kept/")
        .record("sources/daily.md", "---\ntitle: A\ncaptures: [{file: a.txt}, {file: b.txt}]\n---\n")
        .record("sources/a.txt", "A capture beside its record.")
        .record("sources/daily/c.txt", "One that nobody has named yet.")
        .record("kept/a.txt", "One in the folder of captures.")
        .record("kept/daily/b.txt", "Another one.")
        .record("kept/c.txt", "Nobody's.")
        .record("actors/a.txt", "Another file of that name.")
        .on_disk();
    let run = folder.run(&["withheld", "--format", "csv"]);
    let files: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("file,")).collect();
    expect![[r#"
        file,unused,,,,,,,,content/actors/a.txt,
        file,capture,,daily,,,,,,content/kept/a.txt,
        file,unused,,,,,,,,content/kept/c.txt,
        file,capture,,daily,,,,,,content/kept/daily/b.txt,
        file,capture,,daily,,,,,,content/sources/a.txt,
        file,capture,,daily,,,,,,content/sources/daily/c.txt,
    "#]]
    .assert_eq(&(files.join("\n") + "\n"));
    folder.write("content/pages/p.md", "---\ntitle: P\n---\n[One](../kept/daily/b.txt), [two](../actors/a.txt)\n");
    let run = folder.run(&["check"]);
    assert_eq!((run.stdout + &run.stderr).matches("error[published-capture]").count(), 1);
}
