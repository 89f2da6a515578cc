//! `dossier check --fix`: what has no one right answer stays as it was, and what a dry run shows is a patch.

use std::process::{Command, Stdio};

use crate::input::{Dossier, Folder};

fn read(folder: &Folder, path: &str) -> String {
    std::fs::read_to_string(folder.path(path)).unwrap()
}

/// A file that nothing is changed in, however often it is asked for.
fn stays(path: &str, text: &str) {
    let folder = Dossier::small().record(path, text).on_disk();
    let run = folder.run(&["check", "--fix"]);
    assert_eq!(read(&folder, &format!("content/{path}")), text);
    assert_eq!(run.stderr, "mended 0 findings in 0 files\n", "{text}");
}

#[test]
fn a_key_of_another_kind_is_not_misspelt() {
    let quote = |line: &str| format!("---\nspeaker: jane-doe\ndate: 2023\ntext: So it was.\n{line}\n---\n");
    let event = |line: &str| format!("---\ntitle: X\ndate: 2023\n{line}\n---\n");
    for line in ["published: 2023-06-22", "in: oslo", "at: the harbour", "tz: jane-doe"] {
        stays("quotes/x.md", &quote(line));
    }
    for line in ["published: 2023-06-22", "in: oslo", "ids: x", "country: NO", "publisher: Daily"] {
        stays("events/x.md", &event(line));
    }
    for line in ["i: x", "ad: x", "publish_by: 2024"] {
        stays("pages/x.md", &format!("---\ntitle: X\n{line}\n---\n"));
    }
    stays("quotes/x.md", &quote("source: {source: daily, not: x}"));
}

#[test]
fn a_key_that_is_only_misspelt_is_mended() {
    for (written, meant) in [("tag: a", "tags: a"), ("Summary: a", "summary: a"), ("sumary: a", "summary: a")] {
        let page = |line: &str| format!("---\ntitle: X\n{line}\n---\n");
        let folder = Dossier::small().record("pages/x.md", page(written)).on_disk();
        folder.run(&["check", "--fix"]);
        assert_eq!(read(&folder, "content/pages/x.md"), page(meant));
    }
}

#[test]
fn a_weekday_that_does_not_fit_is_for_the_author() {
    stays("events/x.md", "---\ntitle: X\ndate: Sunday 21 June 2023\n---\n");
}

#[test]
fn before_a_date_is_without_it() {
    for (written, meant) in [("before 2023", "[..2022]"), ("before 1 March 2024", "[..2024-02-29]")] {
        let event = |date: &str| format!("---\ntitle: X\ndate: {date}\n---\n");
        let folder = Dossier::small().record("events/x.md", event(written)).on_disk();
        folder.run(&["check", "--fix"]);
        assert_eq!(read(&folder, "content/events/x.md"), event(&format!("\"{meant}\"")));
    }
}

#[test]
fn tags_that_are_blocks_stay() {
    stays("pages/x.md", "---\ntitle: X\ntags:\n- |-\n  z\n- 'a'\n---\n");
    stays("pages/x.md", "---\ntitle: X\ntags:\n- 'x'\n- |\n  b\n---\n");
}

#[test]
fn a_value_with_a_tag_stays() {
    stays("pages/x.md", "---\ntitle: !!int 5\n---\n");
}

/// The diff of a dry run changes the same bytes as the fix itself.
fn applies(folder: &Folder, path: &str) {
    let patch = folder.run(&["check", "--fix", "--dry-run"]).stdout;
    folder.write("fix.patch", &patch);
    let before = read(folder, path);
    let git = Command::new("git").args(["apply", "fix.patch"]).current_dir(folder.path("")).output().unwrap();
    assert!(git.status.success(), "{}\n{patch}", String::from_utf8_lossy(&git.stderr));
    let patched = read(folder, path);
    folder.write(path, before);
    folder.run(&["check", "--fix"]);
    assert_eq!(patched, read(folder, path));
}

#[test]
fn the_diff_of_any_file_is_a_patch() {
    let page = "---\ntitel: X\n---\n\none\rtwo\n";
    for text in [page, "---\ntitel: X\n---\none\rtwo", "---\r\ntitel: X\r\n---\r\nText\r\n", "---\ntitel: X\n---"] {
        applies(&Dossier::small().record("pages/x.md", text).on_disk(), "content/pages/x.md");
    }
    for name in ["a\tb", "a\"b", "a b", "\u{e9}\t"] {
        let path = format!("pages/{name}.yaml");
        let folder = Dossier::small().record(&path, "id: x\ntitel: X\n").on_disk();
        applies(&folder, &format!("content/{path}"));
    }
    let dotted = Dossier::small().set("content: ./content").record("pages/x.md", page).on_disk();
    assert!(dotted.run(&["check", "--format", "json"]).stdout.contains("\"content/pages/x.md\""));
    applies(&dotted, "content/pages/x.md");
}

#[test]
fn the_diff_of_a_linked_file_is_that_of_the_file() {
    let folder = Dossier::small().file("content/store/e2.txt", "---\ntitel: X\n---\n").on_disk();
    std::os::unix::fs::symlink("../store/e2.txt", folder.path("content/pages/e2.md")).unwrap();
    applies(&folder, "content/store/e2.txt");
}

#[test]
fn a_dry_run_prints_a_diff_or_nothing() {
    let run = Dossier::small().set("level: pubic").on_disk().run(&["check", "--fix", "--dry-run"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("pubic"), "{}", run.stderr);
}

#[test]
fn a_result_that_cannot_be_written_is_said() {
    let folder = Dossier::small().on_disk();
    for args in [["check", "--format", "json"], ["schema", "event", "--stdout"]] {
        let args = if args[0] == "schema" { &args[..2] } else { &args[..] };
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = folder.command(args).stdout(Stdio::from(full)).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.starts_with("error: cannot print the result: "), "{said}");
    }
}
