//! The command line: its wiring, its exit codes, and what goes to which stream.

use std::fs;

use expect_test::{Expect, expect};

use crate::input::{Dossier, Folder, files_in};

fn check(folder: &Folder, args: &[&str], code: i32, stderr: &Expect) {
    let run = folder.run(args);
    stderr.assert_eq(&run.stderr);
    assert_eq!(run.code, code);
}

#[test]
fn init_makes_a_dossier_that_builds_without_findings() {
    let folder = Folder::empty();
    let run = folder.run(&["init", "new/dossier"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.contains("dossier build --config new/dossier/dossier.yaml"), "{}", run.stdout);
    let run = folder.run(&["build", "--verbose", "--config", "new/dossier/dossier.yaml"]);
    assert_eq!(run.code, 0);
    assert!(run.stderr.starts_with("read 9 files of records\nwrote "), "{}", run.stderr);
    assert!(folder.path("new/dossier/public/index.html").exists());
}

#[test]
fn a_new_dossier_is_ready_for_level_public_too() {
    let folder = Folder::empty();
    folder.run(&["init", "."]);
    let settings = fs::read_to_string(folder.path("dossier.yaml")).unwrap();
    folder.write("dossier.yaml", settings.replace("level: internal", "level: public"));
    let run = folder.build();
    assert_eq!(run.stderr, "");
}

#[test]
fn init_overwrites_nothing() {
    let folder = Folder::empty();
    folder.write("d/content/actors/jane-doe.md", "mine");
    check(
        &folder,
        &["init", "d"],
        2,
        &expect![[r#"
            error: there is already `d/content/actors/jane-doe.md`
            hint: choose an empty folder; nothing was written
        "#]],
    );
    assert_eq!(files_in(&folder.path("d")).len(), 1);
    folder.write("file", "mine");
    assert_eq!(folder.run(&["init", "file"]).code, 2);
    assert_eq!(fs::read(folder.path("file")).unwrap(), b"mine");
}

/// Fills in the keys that a new record leaves empty.
fn fill(folder: &Folder, path: &str, values: &[(&str, &str)]) {
    let mut text = fs::read_to_string(folder.path(path)).unwrap();
    for (key, value) in values {
        let empty = format!("\n{key}:\n");
        assert!(text.contains(&empty), "`{key}` is not asked for:\n{text}");
        text = text.replace(&empty, &format!("\n{key}: {value}\n"));
    }
    assert!(text.contains("\ndraft: true\n"), "{text}");
    folder.write(path, text.replace("\ndraft: true\n", "\n"));
}

#[test]
fn a_new_record_of_each_kind_builds_as_soon_as_it_is_filled_in() {
    let kinds = [
        ("actor", "actors", &[("name", "A"), ("kind", "person")][..]),
        ("event", "events", &[("title", "E"), ("date", "2023-06-21")]),
        ("quote", "quotes", &[("text", "Words"), ("speaker", "jane-doe"), ("date", "2023-06-21")]),
        ("source", "sources", &[("title", "S")]),
        ("place", "places", &[("name", "P")]),
        ("page", "pages", &[("title", "P")]),
    ];
    let folder = Dossier::small().on_disk();
    for (kind, place, values) in kinds {
        let run = folder.run(&["new", kind, &format!("new-{kind}")]);
        let path = format!("content/{place}/new-{kind}.md");
        assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, format!("./{path}\n").as_str(), ""));
        let run = folder.run(&["build"]);
        assert_eq!(run.code, 1, "an empty {kind} builds");
        assert!(run.stderr.contains(&format!("`{}` has no value", values[0].0)), "{}", run.stderr);
        fill(&folder, &path, values);
        let run = folder.build();
        assert_eq!(run.stderr, "", "{kind}");
        let page =
            if kind == "page" { "public/new-page.html".to_owned() } else { format!("public/{place}/new-{kind}.html") };
        assert!(folder.path(&page).exists(), "{page}");
    }
}

#[test]
fn new_overwrites_nothing_and_takes_no_id_twice() {
    let folder = Dossier::small().on_disk();
    check(
        &folder,
        &["new", "page", "jane-doe"],
        2,
        &expect![[r#"
            error: `jane-doe` is already the id of `content/actors/jane-doe.md`
            hint: choose another id; an id is unique in the whole dossier
        "#]],
    );
    folder.write("content/pages/broken.md", "mine");
    assert_eq!(folder.run(&["new", "page", "broken"]).code, 2);
    assert_eq!(fs::read(folder.path("content/pages/broken.md")).unwrap(), b"mine");
    check(
        &folder,
        &["new", "page", "Not An Id"],
        2,
        &expect![[r#"
            error: `Not An Id` is not an id: use lower-case words joined by `-`
            hint: write `not-an-id`
        "#]],
    );
    check(
        &folder,
        &["new", "page", "../escape"],
        2,
        &expect![[r#"
            error: `../escape` is not an id: use lower-case words joined by `-`
            hint: write `escape`
        "#]],
    );
    assert_eq!(folder.run(&["new", "pamphlet", "x"]).code, 2);
}

#[test]
fn completions_are_made_for_each_shell() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = Folder::empty().run(&["completions", shell]);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""));
        assert!(run.stdout.contains("dossier") && run.stdout.contains("completions"), "{shell}: {}", run.stdout);
    }
    assert_eq!(Folder::empty().run(&["completions", "tcl"]).code, 2);
}

#[test]
fn manual_pages_are_printed_or_written() {
    let folder = Folder::empty();
    let run = folder.run(&["man"]);
    assert_eq!(run.code, 0);
    assert!(run.stdout.contains(".TH dossier 1"), "{}", run.stdout);
    assert_eq!(folder.run(&["man", "--out", "man"]).code, 0);
    let pages: Vec<String> = files_in(&folder.path("man")).into_keys().collect();
    for page in ["dossier.1", "dossier-build.1", "dossier-init.1", "dossier-list.1", "dossier-new.1", "dossier-show.1"]
    {
        assert!(pages.iter().any(|other| other == page), "there is no {page} in {pages:?}");
    }
}

#[test]
fn help_and_version_are_results() {
    let folder = Folder::empty();
    for args in [&["--help"][..], &["help"], &["build", "--help"], &["--version"], &["build", "--version"]] {
        let run = folder.run(args);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{args:?}");
        assert!(run.stdout.contains("dossier"), "{args:?}");
    }
}

#[test]
fn wrong_arguments_end_with_2() {
    let folder = Dossier::small().on_disk();
    for args in [
        &[][..],
        &["bild"],
        &["build", "--quite"],
        &["build", "--quiet", "--verbose"],
        &["build", "extra"],
        &["new"],
        &["new", "page"],
        &["list", "pamphlets"],
        &["list", "page", "--format", "xml"],
        &["show"],
        &["show", "jane-doe", "--format", "xml"],
        &["init"],
        &["build", "--date", "yesterday"],
        &["build", "--date", "2025-02-30"],
        &["build", "--date", "2025-05"],
        &["build", "--date", "2025-05-11?"],
        &["build", "--base-url", "example.org"],
        &["build", "--base-url", "javascript:alert(1)"],
        &["build", "--theme", "../default"],
    ] {
        let run = folder.run(args);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{args:?}: {}", run.stderr);
        assert!(!run.stderr.is_empty(), "{args:?}");
    }
    assert!(!folder.path("public").exists());
}

#[test]
fn an_address_that_is_none_is_told_with_a_way_out() {
    check(
        &Dossier::small().on_disk(),
        &["build", "--base-url", "example.org"],
        2,
        &expect![[r#"
            error: `--base-url`: `example.org` is not an absolute address
            hint: start it with `https://` or `http://`
        "#]],
    );
}

#[test]
fn a_day_in_the_environment_that_is_none_ends_with_2() {
    let folder = Dossier::small().on_disk();
    for seconds in ["tomorrow", "", "99999999999999999999"] {
        let mut command = folder.command(&["build"]);
        command.env("SOURCE_DATE_EPOCH", seconds);
        let run = crate::input::Run::of(command);
        assert_eq!(run.code, 2);
        assert!(run.stderr.starts_with("error: SOURCE_DATE_EPOCH `"), "{}", run.stderr);
    }
}

#[test]
fn where_there_is_no_dossier_is_an_error_with_a_way_out() {
    for command in ["build", "list"] {
        let args = if command == "list" { vec!["list", "page"] } else { vec!["build"] };
        check(
            &Folder::empty(),
            &args,
            2,
            &expect![[r#"
                error: there is no dossier here: `dossier.yaml` does not exist
                hint: go to the folder of a dossier, name its settings with `--config`, or make one with `dossier init DIR`
            "#]],
        );
    }
    let folder = Folder::empty();
    folder.write("dossier.yaml", "title: T\n");
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.starts_with("error: there are no records here: the folder `./content` does not exist"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_build_prints_its_result_and_says_nothing() {
    let folder = Dossier::small().on_disk();
    let run = folder.build();
    assert_eq!(run.stderr, "");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{}", run.stdout);
    assert!(lines[0].ends_with(": ./public/index.html"), "{}", lines[0]);
    assert!(lines[1].starts_with("read ") && lines[1].contains("render and write "), "{}", lines[1]);
}

#[test]
fn findings_are_said_and_are_no_result() {
    let folder = Dossier::small().record("pages/broken.md", "---\ntitle: A\n---\n[[nobody]]\n").on_disk();
    let run = folder.run(&["build"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.starts_with("error[unknown-reference]"), "{}", run.stderr);
}

#[test]
fn quiet_says_errors_only_and_verbose_says_notes_too() {
    let folder = Dossier::small()
        .record("pages/p.md", "---\ntitle: P\naliases: q\n---\n<b onclick=\"x\">a</b> [[q]]\n")
        .on_disk();
    let said = |args: &[&str]| {
        let run = folder.run(args);
        assert_eq!(run.code, 0, "{}", run.stderr);
        ["warning[unsafe-html]", "note[old-id]", "files of records"].map(|words| run.stderr.contains(words)).to_vec()
    };
    assert_eq!(said(&["build", "--quiet"]), [false, false, false]);
    assert_eq!(said(&["build"]), [true, false, false]);
    assert_eq!(said(&["build", "--verbose"]), [true, true, true]);
    let run = folder.run(&["build", "--quiet"]);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    folder.write("content/pages/p.md", "rubbish");
    let run = folder.run(&["build", "--quiet"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("error[no-front-matter]"), "{}", run.stderr);
}

#[test]
fn what_is_printed_has_no_colour_unless_it_is_wanted() {
    let folder = Dossier::small().record("pages/p.md", "rubbish").on_disk();
    assert!(!folder.run(&["build"]).stderr.contains('\u{1b}'));
    let mut command = folder.command(&["build"]);
    command.env_remove("NO_COLOR").env("CLICOLOR_FORCE", "1");
    assert!(crate::input::Run::of(command).stderr.contains('\u{1b}'));
}

#[test]
fn drafts_are_shown_when_they_are_asked_for() {
    let folder = Dossier::small().record("pages/p.md", "---\ntitle: P\ndraft: true\n---\n").on_disk();
    folder.build();
    assert!(!folder.path("public/p.html").exists());
    assert_eq!(folder.run(&["build", "--drafts"]).code, 0);
    assert!(folder.path("public/p.html").exists());
}

#[test]
fn settings_of_another_name_and_place_may_be_named() {
    let folder = Dossier::small().on_disk();
    fs::rename(folder.path("dossier.yaml"), folder.path("other.yaml")).unwrap();
    assert_eq!(folder.run(&["build", "--config", "other.yaml"]).code, 0);
    folder.write("other.yaml", "titel: T\n");
    let run = folder.run(&["build", "--config", "other.yaml"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("--> other.yaml:1:1"), "{}", run.stderr);
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    use std::process::Stdio;
    let folder = Dossier::small().on_disk();
    for args in [&["list", "actor"][..], &["show", "jane-doe"], &["build"], &["man"], &["completions", "bash"]] {
        let mut child = folder.command(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), said.as_ref()), (Some(0), ""), "{args:?}");
    }
}

#[test]
fn a_dry_run_says_what_would_change_and_changes_nothing() {
    let folder = Dossier::small().on_disk();
    let fresh = folder.run(&["build", "--dry-run"]);
    assert_eq!(fresh.code, 0, "{}", fresh.stderr);
    assert!(!folder.path("public").exists());
    let all = fresh.stdout.split_whitespace().nth(2).unwrap().to_owned();
    assert!(fresh.stdout.starts_with(&format!("would write {all} and delete 0 of {all} files\n")), "{}", fresh.stdout);
    folder.build();
    let before = files_in(&folder.path("public"));
    assert!(folder.run(&["build", "--dry-run"]).stdout.starts_with("would write 0 and delete 0 of "));
    folder.remove("content/places/harbour.md");
    folder.write("content/events/gate-opened.md", "---\ntitle: Another title\ndate: 2023-06-21\n---\n");
    let changed = folder.run(&["build", "--dry-run"]).stdout;
    assert!(changed.starts_with("would write ") && !changed.starts_with("would write 0"), "{changed}");
    assert!(changed.contains("delete ") && !changed.contains("delete 0"), "{changed}");
    assert_eq!(files_in(&folder.path("public")), before);
}
