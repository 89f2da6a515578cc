//! Reading a folder of records: what a disk can hold that is no record, and that it never hides what is.

use std::fs;
use std::path::Path;

use dossier::read::{FILE_LIMIT, Folder as Records};
use expect_test::{Expect, expect};

use crate::input::{Dossier, Folder, lines};

const PAGE: &str = "---\ntitle: A\n---\n";

/// What is said of a folder of records by reading and parsing, a line each; and which records were found.
fn look(folder: &Folder) -> (String, Vec<String>) {
    let (read, sources) = Records::read(&folder.path("content"), "content").unwrap();
    let parsed = dossier::parse::parse(&sources, None);
    let mut findings: Vec<_> = read.findings().chain(parsed.findings()).cloned().collect();
    findings.sort();
    (lines(&findings, &sources), parsed.records().whole.iter().map(|record| record.id.to_string()).collect())
}

/// Expects some words about a folder that holds one record beside what is wrong, and that the record is found.
fn check(folder: &Folder, expected: &Expect) {
    folder.write("content/pages/good.md", PAGE);
    let (said, records) = look(folder);
    expected.assert_eq(&said);
    assert_eq!(records, ["good"]);
}

fn say(folder: &Folder) -> String {
    fs::create_dir_all(folder.path("content/pages")).unwrap();
    look(folder).0
}

fn link(folder: &Folder, target: impl AsRef<Path>, path: &str) {
    let path = folder.path(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(target, path).unwrap();
}

fn with_link_to_nothing() -> Folder {
    let folder = Folder::empty();
    link(&folder, "nothing.md", "content/pages/broken.md");
    folder
}

pub(crate) fn say_of_a_link_to_nothing() -> String {
    say(&with_link_to_nothing())
}

#[test]
fn a_link_to_nothing_is_a_finding() {
    check(
        &with_link_to_nothing(),
        &expect![[r#"
            content/pages/broken.md:1:1 unreadable-file cannot read `content/pages/broken.md`: there is no such file or folder
        "#]],
    );
}

fn with_huge_file() -> Folder {
    let folder = Folder::empty();
    folder.write("content/pages/huge.md", PAGE);
    // The file has a hole, so it takes no room.
    let file = fs::OpenOptions::new().write(true).open(folder.path("content/pages/huge.md")).unwrap();
    file.set_len(FILE_LIMIT + 1024 * 1024).unwrap();
    folder
}

pub(crate) fn say_of_a_huge_file() -> String {
    say(&with_huge_file())
}

#[test]
fn a_file_of_more_than_64_mib_is_not_read() {
    check(
        &with_huge_file(),
        &expect![[r#"
            content/pages/huge.md:1:1 file-too-large `content/pages/huge.md` is 65 MiB; at most 64 MiB are read
        "#]],
    );
}

fn with_link_out_of_the_tree() -> Folder {
    let folder = Folder::empty();
    folder.write("elsewhere/secret.md", PAGE);
    link(&folder, folder.path("elsewhere/secret.md"), "content/pages/file.md");
    link(&folder, "../elsewhere", "content/pages/folder");
    link(&folder, "/etc/hostname", "content/pages/system.md");
    folder
}

pub(crate) fn say_of_a_link_out_of_the_tree() -> String {
    say(&with_link_out_of_the_tree())
}

#[test]
fn a_link_out_of_the_tree_is_not_followed() {
    let folder = with_link_out_of_the_tree();
    link(&folder, "../../elsewhere", "content/pages/relative");
    folder.remove("content/pages/folder");
    check(
        &folder,
        &expect![[r#"
            content/pages/file.md:1:1 link-leaves-folder `content/pages/file.md` is a symbolic link out of the folder of records
            content/pages/relative:1:1 link-leaves-folder `content/pages/relative` is a symbolic link out of the folder of records
            content/pages/system.md:1:1 link-leaves-folder `content/pages/system.md` is a symbolic link out of the folder of records
        "#]],
    );
}

#[test]
fn a_link_in_a_circle_is_a_finding() {
    let folder = Folder::empty();
    link(&folder, "../../pages", "content/pages/deeper/round");
    link(&folder, "..", "content/pages/up");
    link(&folder, "itself.md", "content/pages/itself.md");
    check(
        &folder,
        &expect![[r#"
            content/pages/deeper/round:1:1 unreadable-file `content/pages/deeper/round` is a symbolic link to a folder that it lies in
            content/pages/itself.md:1:1 unreadable-file cannot read `content/pages/itself.md`: too many levels of symbolic links
            content/pages/up:1:1 unreadable-file `content/pages/up` is a symbolic link to a folder that it lies in
        "#]],
    );
}

#[test]
fn a_link_within_the_tree_is_read_as_a_file_of_its_own() {
    let folder = Folder::empty();
    folder.write("content/pages/good.md", PAGE);
    link(&folder, "good.md", "content/pages/again.md");
    link(&folder, "pages", "content/actors");
    let (said, records) = look(&folder);
    expect![[r#"
        content/actors/again.md:2:1 missing-key `kind` is missing
        content/actors/again.md:2:1 missing-key `name` is missing
        content/actors/again.md:2:1 unknown-key unknown key `title`
        content/actors/good.md:2:1 missing-key `kind` is missing
        content/actors/good.md:2:1 missing-key `name` is missing
        content/actors/good.md:2:1 unknown-key unknown key `title`
    "#]]
    .assert_eq(&said);
    assert_eq!(records, ["again", "good"]);
}

fn with_bytes_that_are_no_text() -> Folder {
    let folder = Folder::empty();
    folder.write("content/pages/latin.md", b"---\ntitle: caf\xe9\n---\n");
    folder.write("content/pages/nothing.md", b"\xff\xfe\xff\xfe");
    folder.write("content/pages/utf16.md", b"\xff\xfe-\0-\0-\0\n\0");
    folder.write("content/pages/utf16be.md", b"\xfe\xff\0-\0-\0-\0\n");
    folder
}

pub(crate) fn say_of_bytes_that_are_no_text() -> String {
    say(&with_bytes_that_are_no_text())
}

#[test]
fn bytes_that_are_not_utf8_are_named_with_their_place() {
    check(
        &with_bytes_that_are_no_text(),
        &expect![[r#"
            content/pages/latin.md:2:11 not-utf8 `content/pages/latin.md` is not UTF-8: byte 0xe9 stands for no character
            content/pages/nothing.md:1:1 not-utf8 `content/pages/nothing.md` is UTF-16, not UTF-8
            content/pages/utf16.md:1:1 not-utf8 `content/pages/utf16.md` is UTF-16, not UTF-8
            content/pages/utf16be.md:1:1 not-utf8 `content/pages/utf16be.md` is UTF-16, not UTF-8
        "#]],
    );
}

fn with_empty_files() -> Folder {
    let folder = Folder::empty();
    folder.write("content/pages/nothing.md", "");
    folder.write("content/pages/nothing.yaml", "");
    folder.write("content/pages/space.md", " \n\t\n\n");
    folder.write("content/pages/space.yaml", " \n\n");
    folder.write("content/pages/mark.md", "\u{feff}");
    folder
}

pub(crate) fn say_of_a_file_without_a_byte() -> String {
    say(&with_empty_files())
}

#[test]
fn a_file_without_anything_in_it_is_a_finding() {
    check(
        &with_empty_files(),
        &expect![[r#"
            content/pages/mark.md:1:1 no-front-matter `content/pages/mark.md` does not start with front matter
            content/pages/nothing.md:1:1 empty-file `content/pages/nothing.md` has nothing in it
            content/pages/nothing.yaml:1:1 empty-file `content/pages/nothing.yaml` has nothing in it
            content/pages/space.md:1:1 no-front-matter `content/pages/space.md` does not start with front matter
            content/pages/space.yaml:1:1 empty-file `content/pages/space.yaml` has no record in it
        "#]],
    );
}

/// On a disk that takes upper and lower case for the same, the two files are one; so these are only in memory.
pub(crate) fn say_of_names_that_differ_in_case() -> String {
    Dossier::new()
        .record("actors/Jane.md", "---\nid: jane-one\nname: Jane\nkind: person\n---\n")
        .record("actors/jane.md", "---\nname: Jane\nkind: person\n---\n")
        .findings()
}

#[test]
fn names_that_differ_only_in_case_are_a_finding() {
    expect![[r#"
        content/actors/jane.md:1:1 id-differs-in-case `content/actors/Jane.md` and `content/actors/jane.md` differ only in upper and lower case
        content/actors/jane.md:2:7 same-name `jane` has the same name as `jane-one`
    "#]]
    .assert_eq(&say_of_names_that_differ_in_case());
}

#[test]
fn a_file_that_may_not_be_read_is_a_finding_unless_everything_may_be_read() {
    let folder = Folder::empty();
    folder.write("content/pages/closed.md", PAGE);
    folder.write("content/pages/good.md", PAGE);
    let closed = folder.path("content/pages/closed.md");
    fs::set_permissions(&closed, std::os::unix::fs::PermissionsExt::from_mode(0o000)).unwrap();
    // Whoever is root may read all files.
    let is_root = fs::read(&closed).is_ok();
    let (said, records) = look(&folder);
    let expected = "content/pages/closed.md:1:1 unreadable-file cannot read `content/pages/closed.md`: the system does not permit it\n";
    assert_eq!((said.as_str(), records.len()), if is_root { ("", 2) } else { (expected, 1) });
}

#[test]
fn what_is_neither_file_nor_folder_is_passed_over() {
    let folder = Folder::empty();
    folder.write("content/pages/good.md", PAGE);
    let _socket = std::os::unix::net::UnixListener::bind(folder.path("content/pages/socket.md")).unwrap();
    check(&folder, &expect![""]);
}

#[test]
fn marks_of_byte_order_and_line_ends_of_other_systems_make_no_difference() {
    let text =
        "---\nspeaker: unknown\ndate: 2025-05-11\ntext: |\n  One\n  two.\n---\nProse [x](https://e.org).\n\n- a\n- b\n";
    let site = |text: String| Dossier::new().record("quotes/q.md", text).site();
    let plain = site(text.to_owned());
    crate::input::assert_same(&plain, &site(text.replace('\n', "\r\n")));
    let folder = Dossier::new().record("quotes/q.md", format!("\u{feff}{}", text.replace('\n', "\r\n"))).on_disk();
    folder.build();
    let built = folder.site();
    assert_eq!(built["quotes/q.html"], plain["quotes/q.html"]);
}

#[test]
fn places_are_counted_without_the_mark_of_byte_order() {
    let folder = Folder::empty();
    folder.write("content/pages/a.md", "\u{feff}---\r\ntitle: A\r\nordre: 1\r\n---\r\n");
    assert_eq!(say(&folder), "content/pages/a.md:3:1 unknown-key unknown key `ordre`\n");
}

#[test]
fn two_records_with_one_id_are_a_finding_that_names_both() {
    let folder = Dossier::new()
        .record("actors/jane.md", "---\nname: Jane\nkind: person\n---\n")
        .record("pages/other.md", "---\nid: jane\ntitle: Jane\n---\n")
        .record("events/e.md", "---\ntitle: E\ndate: 2025\naliases: jane\n---\n")
        .on_disk();
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 1);
    expect![[r#"
        error[duplicate-id]: `jane` is already the id of another record
         --> content/events/e.md:4:10
          |
        4 | aliases: jane
          |          ^^^^
          |
         ::: content/actors/jane.md:2:1
          |
        2 | name: Jane
          | ---------- first used here
          |
          = hint: give one of them another id; an id is unique in the whole dossier, old ids included

        error[duplicate-id]: `jane` is already the id of another record
         --> content/pages/other.md:2:5
          |
        2 | id: jane
          |     ^^^^
          |
         ::: content/actors/jane.md:2:1
          |
        2 | name: Jane
          | ---------- first used here
          |
          = hint: give one of them another id; an id is unique in the whole dossier, old ids included

        2 errors in 2 files
        nothing was written
    "#]]
    .assert_eq(&run.stderr);
}

#[test]
fn names_of_files_may_hold_anything_that_the_system_allows() {
    let folder = Folder::empty();
    for name in [
        "🙂.md",
        "a\u{200f}b.md",
        "with space.md",
        "it's \"so\".md",
        "new\nline.md",
        "back\\slash.md",
        "-.md",
        ".md.md",
    ] {
        folder.write(&format!("content/pages/{name}"), PAGE);
    }
    let long = format!("content/pages/{}.md", "x".repeat(240));
    folder.write(&long, PAGE);
    folder.write("content/pages/with id é.md", "---\nid: accent\ntitle: A\n---\n");
    folder.write("content/pages/good.md", PAGE);
    let (said, records) = look(&folder);
    assert_eq!(records, ["good", "accent"]);
    expect![[r#"
        content/pages/-.md:1:1 bad-id the name of the file is not an id: `-` is not an id: use lower-case words joined by `-`
        content/pages/a‏b.md:1:1 bad-id the name of the file is not an id: `a�b` is not an id: use lower-case words joined by `-`
        content/pages/back\slash.md:1:1 bad-id the name of the file is not an id: `back\slash` is not an id: use lower-case words joined by `-`
        content/pages/it's "so".md:1:1 bad-id the name of the file is not an id: `it's "so"` is not an id: use lower-case words joined by `-`
        content/pages/new
        line.md:1:1 bad-id the name of the file is not an id: `new�line` is not an id: use lower-case words joined by `-`
        content/pages/with space.md:1:1 bad-id the name of the file is not an id: `with space` is not an id: use lower-case words joined by `-`
        content/pages/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.md:1:1 bad-id the name of the file is not an id: `xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…` is too long for an id: 240 characters, at most 100
        content/pages/🙂.md:1:1 bad-id the name of the file is not an id: `🙂` is not an id: use lower-case words joined by `-`
    "#]]
    .assert_eq(&said);
}

#[test]
fn a_files_name_cannot_reorder_or_colour_what_is_printed() {
    let folder = Dossier::new().on_disk();
    for (name, text) in
        [("a\u{202e}b.md", ""), ("new\nline.md", "rubbish"), ("\u{1b}[31mred.md", PAGE), ("\u{7}.yaml", "a: [")]
    {
        folder.write(&format!("content/pages/{name}"), text);
    }
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 1);
    let found: String = run.stderr.chars().filter(|c| "\u{202e}\u{1b}\u{7}".contains(*c)).collect();
    assert_eq!(found, "", "{:?}", run.stderr);
    assert!(!run.stderr.lines().any(|line| line.starts_with("line.md")), "{}", run.stderr);
}

#[test]
fn a_name_of_300_characters_is_no_panic() {
    let name = "x".repeat(300);
    let said = Dossier::new().record(&format!("pages/{name}.md"), PAGE).findings();
    assert!(said.contains("is too long for an id: 300 characters, at most 100"), "{said}");
}

#[test]
fn several_broken_files_are_all_reported_at_once_in_the_order_of_their_paths() {
    let folder = Dossier::new()
        .record("pages/z.md", "no front matter")
        .record("pages/m.md", "---\ntitle: A\n")
        .record("pages/c.md", b"\xff")
        .record("actors/b.md", "")
        .record("actors/a.md", "---\nname: [\n---\n")
        .on_disk();
    link(&folder, "nowhere", "content/actors/c.md");
    let run = folder.run(&["build"]);
    let places: Vec<&str> = run.stderr.lines().filter_map(|line| line.trim_start().strip_prefix("--> ")).collect();
    assert_eq!(
        places,
        [
            "content/actors/a.md:2:7",
            "content/actors/b.md:1:1",
            "content/actors/c.md",
            "content/pages/c.md:1:1",
            "content/pages/m.md:1:1",
            "content/pages/z.md:1:1"
        ]
    );
    assert!(run.stderr.ends_with("6 errors in 6 files\nnothing was written\n"), "{}", run.stderr);
    assert_eq!(run.code, 1);
}

#[test]
fn what_editors_leave_behind_is_nobodys_record() {
    let folder = Folder::empty();
    for name in [".hidden.md", "a.md~", "#a.md#", ".git/config.md", ".a.md.swp"] {
        folder.write(&format!("content/pages/{name}"), "rubbish");
    }
    check(&folder, &expect![""]);
}
