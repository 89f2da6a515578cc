//! `dossier check`: what is printed and how it ends; allowances, denials and levels; fixes to the byte.

use expect_test::{Expect, expect};

use crate::input::{Dossier, Folder};

/// What the command prints as its result, and how it ends.
fn check(folder: &Folder, args: &[&str], code: i32, stdout: &Expect) {
    let run = folder.run(&[&["check", "--date", "2025-06-01"], args].concat());
    stdout.assert_eq(&run.stdout);
    assert_eq!(run.code, code, "{}", run.stderr);
}

fn read(folder: &Folder, path: &str) -> String {
    std::fs::read_to_string(folder.path(path)).unwrap()
}

/// What a file holds after its mistakes were mended.
fn fix(path: &str, before: &str, after: &str) {
    let folder =
        Dossier::small().record("actors/old-ids.md", "---\nname: A\nkind: group\naliases: [first, second]\n---\n");
    let folder = folder.record(path, before).on_disk();
    let path = format!("content/{path}");
    let shown = folder.run(&["check", "--fix", "--dry-run"]);
    assert_eq!(read(&folder, &path), before, "a dry run writes nothing");
    assert_eq!(shown.code, i32::from(before != after), "{}", shown.stderr);
    folder.run(&["check", "--fix"]);
    assert_eq!(read(&folder, &path), after);
    assert_eq!(folder.run(&["check", "--fix"]).stderr, "mended 0 findings in 0 files\n");
}

#[test]
fn a_sound_dossier_has_no_findings() {
    check(&Dossier::small().on_disk(), &[], 0, &expect!["no findings\n"]);
}

#[test]
fn findings_are_the_result_and_errors_end_with_1() {
    let folder = Dossier::small().record("pages/a.md", "---\ntitle: A\ntags: [b, a]\n---\nSee [[nobody]].\n").on_disk();
    check(
        &folder,
        &[],
        1,
        &expect![[r#"
            note[untidy-tags]: the tags are not in the order of the alphabet
             --> content/pages/a.md:3:7
              |
            3 | tags: [b, a]
              |       ^^^^^^
              |
              = hint: `dossier check --fix` puts them in order

            error[unknown-reference]: no record has the id or name `nobody`
             --> content/pages/a.md:5:5
              |
            5 | See [[nobody]].
              |     ^^^^^^^^^^
              |
              = hint: link to the id of a record, as in `[[jane-doe]]` or `[[jane-doe|her]]`

            1 error, 1 note in 1 file
        "#]],
    );
}

#[test]
fn what_is_typed_stands_over_the_settings() {
    let dossier = Dossier::small().record("pages/a.md", "---\ntitle: A\ntags: [b, a]\n---\n");
    let folder = dossier.on_disk();
    check(&folder, &["--allow", "untidy-tags"], 0, &expect!["no findings\n"]);
    assert_eq!(folder.run(&["check", "--deny", "untidy-tags"]).code, 1);
    let quiet = dossier.clone().set("allow: untidy-tags").on_disk();
    check(&quiet, &[], 0, &expect!["no findings\n"]);
    assert_eq!(quiet.run(&["check", "--deny", "untidy-tags"]).code, 1);
    let strict = dossier.set("deny: untidy-tags").on_disk();
    assert_eq!(strict.run(&["check"]).code, 1);
    check(&strict, &["--allow", "untidy-tags"], 0, &expect!["no findings\n"]);
}

#[test]
fn a_level_can_be_tried() {
    let folder = Dossier::small().record("events/b.md", "---\ntitle: B\ndate: 2024\n---\n").on_disk();
    let run = folder.run(&["check", "--level", "internal"]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    let run = folder.run(&["check", "--level", "public"]);
    assert!(run.code == 1 && run.stdout.contains("error[no-source]: the event `b` has no source"), "{}", run.stdout);
}

#[test]
fn codes_that_are_none_or_cannot_be_allowed_are_refused() {
    let folder = Dossier::small().on_disk();
    for (args, said) in [
        (
            ["--deny", "untidy-tag"],
            "error: `--deny`: no finding has the code `untidy-tag`\nhint: did you mean `untidy-tags`?\n",
        ),
        (
            ["--allow", "no-source"],
            "error: `--allow`: `no-source` cannot be allowed\nhint: mend what it says; `dossier explain no-source` tells how\n",
        ),
    ] {
        let run = folder.run(&["check", args[0], args[1]]);
        assert_eq!((run.code, run.stderr.as_str()), (2, said));
    }
}

#[test]
fn ten_thousand_findings_are_counted_and_a_hundred_shown() {
    let links: String = (0..10_000).map(|number| format!("[[nobody-{number}]]\n")).collect();
    let folder = Dossier::small().record("pages/a.md", format!("---\ntitle: A\n---\n{links}")).on_disk();
    let run = folder.run(&["check"]);
    assert_eq!(run.stdout.matches("error[").count(), 100);
    assert!(run.stdout.contains("… and 9900 more: unknown-reference ×9900\n"), "{}", run.stdout);
    assert_eq!(folder.run(&["check", "--all"]).stdout.matches("error[").count(), 10_000);
}

#[test]
fn a_misspelt_key_is_mended_and_all_else_stays() {
    fix(
        "events/x.md",
        "---\r\n# The day.\r\ndate:   2023-6-21   # a Wednesday\r\ntitel: 'It''s \u{1f6aa}'\r\nsource: daily\r\n---\r\nProse.  \r\n",
        "---\r\n# The day.\r\ndate:   2023-06-21   # a Wednesday\r\ntitle: 'It''s \u{1f6aa}'\r\nsource: daily\r\n---\r\nProse.  \r\n",
    );
}

#[test]
fn what_yaml_takes_for_a_number_is_put_in_quotation_marks() {
    fix(
        "sources/x.md",
        "---\ntitle: 1984\nkind: report\npublished: 2023\n---\n",
        "---\ntitle: \"1984\"\nkind: report\npublished: 2023\n---\n",
    );
}

#[test]
fn old_ids_are_renewed_in_fields_and_links() {
    fix(
        "events/x.md",
        "---\ntitle: X\ndate: 2023\nactors: [first, {actor: 'second', role: witness}]\n---\nSee [[first]] and [[second|first]].\n",
        "---\ntitle: X\ndate: 2023\nactors: [old-ids, {actor: 'old-ids', role: witness}]\n---\nSee [[old-ids]] and [[old-ids|first]].\n",
    );
}

#[test]
fn tags_are_sorted_and_stand_once() {
    let page = |tags: &str| format!("---\ntitle: X\n{tags}\nsummary: S\n---\n");
    fix("pages/x.md", &page("tags: [ zulu,  'alpha', Zulu ]"), &page("tags: [ 'alpha',  zulu ]"));
    fix("pages/x.md", &page("tags:\n  - c\n  - a\n\n  - b"), &page("tags:\n  - a\n  - b\n\n  - c"));
    fix("pages/x.md", &page("tags:\n- b\n- a\n- b\n- b"), &page("tags:\n- a\n- b"));
    // A remark may be about the tag beside it.
    let remarked = page("tags:\n  - b # of the harbour\n  - a");
    fix("pages/x.md", &remarked, &remarked);
}

#[test]
fn what_has_several_answers_is_left_alone() {
    let event = "---\ntitle: X\ndate: 5/11/2023\nstatus: verifed\n---\n";
    let folder = Dossier::small().record("events/x.md", event).on_disk();
    let run = folder.run(&["check", "--fix"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, "mended 0 findings in 0 files\n"));
    assert_eq!(read(&folder, "content/events/x.md"), event);
}

#[test]
fn a_byte_order_mark_and_permissions_stay() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Dossier::small().record("pages/x.md", "\u{feff}---\ntitel: X\n---\n").on_disk();
    let path = folder.path("content/pages/x.md");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(folder.run(&["check", "--fix"]).code, 0);
    assert_eq!(read(&folder, "content/pages/x.md"), "\u{feff}---\ntitle: X\n---\n");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    let left: Vec<_> =
        std::fs::read_dir(folder.path("content/pages")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[test]
fn formats_for_machines_hold_every_finding() {
    let folder = Dossier::small().record("pages/a.md", "---\ntitle: A\ntags: [b, a]\n---\nSee [[nobody]].\n").on_disk();
    let rows: Vec<serde_json::Value> =
        serde_json::from_str(&folder.run(&["check", "--format", "json"]).stdout).unwrap();
    let shown: Vec<String> = rows
        .iter()
        .map(|row| format!("{} {} {}:{}:{}", row["severity"], row["code"], row["file"], row["line"], row["column"]))
        .collect();
    assert_eq!(
        shown.join("\n"),
        "\"note\" \"untidy-tags\" \"content/pages/a.md\":3:7\n\"error\" \"unknown-reference\" \"content/pages/a.md\":5:5"
    );
    let sarif: serde_json::Value = serde_json::from_str(&folder.run(&["check", "--format", "sarif"]).stdout).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 2);
    assert_eq!(folder.run(&["check", "--format", "github"]).stdout.lines().count(), 2);
    let junit = folder.run(&["check", "--format", "junit"]).stdout;
    assert!(junit.contains("tests=\"2\" failures=\"1\""), "{junit}");
}

#[test]
fn words_that_only_hold_an_old_id_stay() {
    let dossier = Dossier::small().record("events/blaze.md", "---\ntitle: B\ndate: 2023\naliases: [fire, day]\n---\n");
    let quote = |link: &str| {
        format!(
            "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: They fired at us near [[{link}]].\nabout: {link}\n---\n"
        )
    };
    let folder = dossier.record("quotes/q.md", quote("fire")).on_disk();
    assert_eq!(folder.run(&["check", "--fix"]).code, 0);
    assert_eq!(read(&folder, "content/quotes/q.md"), quote("blaze"));
}

#[test]
fn a_fix_never_makes_a_file_worse() {
    fix("events/x.md", "---\ntitle: X\ndate: before 2025\n---\n", "---\ntitle: X\ndate: \"[..2024]\"\n---\n");
    for unsure in [
        "---\ntitel: One\ntitl: Two\n---\n",
        "---\ntitle: X\ntags: [&a zoo, art]\nsummary: *a\n---\n",
        "---\ntitle: X\ntags:\n  - zoo\n  # of art\n  - art\n---\n",
        "---\ntitle: X\ntags: &t [zoo, art]\nx_same: *t\n---\n",
        "---\ntitle: X\ntags:\n  - >\n    zoo\n    park\n  - art\n---\n",
        "---\ntitle: X\ntype: event\ndate: 2023-6-1/2023-6-3\n---\n",
        "---\ntitle: X\ntype: event\ndate: 2023-6-3?\n---\n",
        "---\ntitle: X\ntype: event\ndate: \"[2023-6-20,2023-6-21]\"\n---\n",
    ] {
        let folder = Dossier::small().record("pages/x.md", unsure).on_disk();
        folder.run(&["check", "--fix"]);
        assert_eq!(read(&folder, "content/pages/x.md"), unsure);
    }
}

#[test]
fn what_a_dry_run_shows_can_be_applied_as_a_patch() {
    let folder = Dossier::small().record("events/x.md", "---\ntitel: X\ndate: 2023\n---\n\nProse.\n").on_disk();
    folder.write("fix.patch", folder.run(&["check", "--fix", "--dry-run"]).stdout);
    let git =
        std::process::Command::new("git").args(["apply", "fix.patch"]).current_dir(folder.path("")).output().unwrap();
    assert!(git.status.success(), "{}", String::from_utf8_lossy(&git.stderr));
    assert_eq!(read(&folder, "content/events/x.md"), "---\ntitle: X\ndate: 2023\n---\n\nProse.\n");
}
