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
fn an_entry_that_stands_twice_stands_once() {
    let event = |fields: &str| format!("---\ntitle: X\ndate: 2023\n{fields}\nsummary: S\n---\n");
    let mended = |before: &str, after: &str| fix("events/x.md", &event(before), &event(after));
    mended("source: [daily, 'daily',  daily]", "source: [daily]");
    mended("actors:\n  - jane-doe\n\n  - actor: jane-doe\n  - authority", "actors:\n  - jane-doe\n  - authority");
    mended(
        "actors:\n- actor: jane-doe\n  role: witness\n- actor: jane-doe\n  role: witness\n",
        "actors:\n- actor: jane-doe\n  role: witness\n",
    );
    mended(
        "actors: {actor: jane-doe, sources: [{source: daily}, {source: daily}]}",
        "actors: {actor: jane-doe, sources: [{source: daily}]}",
    );
    mended("actors:\n  - jane-doe\n  - actor: jane-doe\n    role:", "actors:\n  - jane-doe");
    mended("actors:\n  - actor: jane-doe\n    role:\n  - jane-doe", "actors:\n  - actor: jane-doe\n    role:");
    // An old id is renewed first.
    mended("actors: [old-ids, first]", "actors: [old-ids]");
}

#[test]
fn an_entry_that_differs_or_has_a_remark_is_left_alone() {
    let check = |fields: &str| {
        let event = format!("---\ntitle: X\ndate: 2023\n{fields}\nsummary: S\n---\n");
        let said = Dossier::small().record("events/x.md", event.clone()).findings();
        assert!(said.contains("repeated-entry"), "{said}");
        fix("events/x.md", &event, &event);
    };
    check("source:\n  - daily # the first page\n  - daily");
    check("source:\n  - daily\n  # the last page\n  - daily");
    check("source:\n  - daily\n  - daily # the last page");
    check("source: [&a daily, *a]");
    check("source: [daily, {source: daily, note: at the top}]");
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

/// Actors of one name, each of whom says of whom it is told apart.
fn namesakes(told_apart: &[&[usize]]) -> String {
    let records = told_apart.iter().enumerate().map(|(at, others)| {
        let others: Vec<String> = others.iter().map(|other| format!("n{other}")).collect();
        let fields = format!("name: Ann Other\nkind: person\nnot_same_as: [{}]", others.join(", "));
        (format!("actors/n{at}.md"), format!("---\n{fields}\n---\n"))
    });
    records.fold(Dossier::new(), |dossier, (path, text)| dossier.record(&path, text)).findings()
}

#[test]
fn of_actors_of_one_name_each_pair_is_told_apart() {
    let check = |told_apart: &[&[usize]], expected: &str| {
        let said = namesakes(told_apart);
        let said: Vec<&str> =
            said.lines().filter_map(|line| line.split_once(" same-name ").map(|(_, said)| said)).collect();
        assert_eq!(said.join("\n"), expected, "{told_apart:?}");
    };
    check(&[&[], &[0], &[0, 1]], "");
    check(&[&[1, 2], &[2], &[]], "");
    check(&[&[1, 2], &[], &[]], "`n2` has the same name as `n1`");
    check(&[&[], &[], &[]], "`n1` has the same name as `n0`\n`n2` has the same name as `n0`, `n1`");
    check(&[&[1, 2, 3, 4], &[2, 3, 4], &[3, 4], &[], &[]], "`n4` has the same name as `n3`");
    check(&[&[], &[0], &[0, 1], &[0, 1, 2], &[]], "`n4` has the same name as `n1`, `n2`, `n3`");
}

#[test]
fn a_code_is_allowed_or_denied_and_not_both() {
    let folder = Dossier::small().set("allow: [orphan, untidy-tags]\ndeny: untidy-tags").on_disk();
    let run = folder.run(&["check"]);
    assert!(
        run.code == 1 && run.stdout.contains("error[bad-setting]: `untidy-tags` stands under `allow` and under `deny`"),
        "{}",
        run.stdout
    );
    assert!(run.stdout.contains("allowed here") && run.stdout.contains("denied here"), "{}", run.stdout);
    let run = folder.run(&["check", "--allow", "untidy-tags"]);
    assert_eq!(run.code, 0, "what is typed decides: {}", run.stdout);
    let run = folder.run(&["check", "--allow", "untidy-tags", "--deny", "orphan,untidy-tags"]);
    let said = "error: `--allow` and `--deny` both name `untidy-tags`\nhint: leave one of them out; it can only be one of the two\n";
    assert_eq!((run.code, run.stderr.as_str()), (2, said));
}

#[test]
fn keys_in_capitals_and_for_one_or_many_are_mended() {
    fix("pages/x.md", "---\nTitle: X\ntag: [a]\nalias: y\n---\n", "---\ntitle: X\ntags: [a]\naliases: y\n---\n");
    fix(
        "sources/x.md",
        "---\nTITLE: X\nkind: report\nauthor: A\nTags: a\n---\n",
        "---\ntitle: X\nkind: report\nauthors: A\ntags: a\n---\n",
    );
    for other in ["datum: 2023", "schlagworte: [a]", "mots: [a]"] {
        let page = format!("---\ntitle: X\n{other}\n---\n");
        let folder = Dossier::small().record("pages/x.md", &page).on_disk();
        folder.run(&["check", "--fix"]);
        assert_eq!(read(&folder, "content/pages/x.md"), page, "nobody knows what was meant");
    }
}

#[test]
fn the_settings_are_mended_before_the_records() {
    let settings = "titel: It # the title\ntheme: plain\n";
    let folder = Dossier::new().settings(settings).record("pages/x.md", "---\ntitel: X\n---\n").on_disk();
    let shown = folder.run(&["check", "--fix", "--dry-run"]);
    assert!(shown.code == 1 && shown.stdout.contains("+title: It # the title"), "{}{}", shown.stdout, shown.stderr);
    assert_eq!(read(&folder, "dossier.yaml"), settings);
    let run = folder.run(&["check", "--fix"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "mended 2 findings in 2 files\n"), "{}", run.stdout);
    assert_eq!(read(&folder, "dossier.yaml"), "title: It # the title\ntheme: plain\n");
    assert_eq!(read(&folder, "content/pages/x.md"), "---\ntitle: X\n---\n");
}

#[test]
fn a_file_that_may_only_be_read_is_left_as_it_is() {
    use std::os::unix::fs::PermissionsExt;
    let page = "---\ntitel: X\n---\n";
    let folder = Dossier::small().record("pages/x.md", page).record("pages/y.md", page).on_disk();
    std::fs::set_permissions(folder.path("content/pages/x.md"), std::fs::Permissions::from_mode(0o444)).unwrap();
    let run = folder.run(&["check", "--fix"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("x.md` may only be read, and was left as it is\n"), "{}", run.stderr);
    assert_eq!(read(&folder, "content/pages/x.md"), page);
    assert_eq!(read(&folder, "content/pages/y.md"), "---\ntitle: X\n---\n");
}

#[test]
fn one_file_at_two_paths_is_mended_once() {
    let folder = Dossier::small().record("pages/x.md", "---\ntitel: X\n---\n").on_disk();
    std::os::unix::fs::symlink("x.md", folder.path("content/pages/y.md")).unwrap();
    let run = folder.run(&["check", "--fix"]);
    assert!(run.stderr.starts_with("mended 1 finding in 1 file\n"), "{}", run.stderr);
    assert_eq!(read(&folder, "content/pages/x.md"), "---\ntitle: X\n---\n");
    assert!(folder.path("content/pages/y.md").is_symlink());
}

#[test]
fn a_list_of_records_is_told_how_records_are_parted() {
    let folder = Dossier::small().record("people.yaml", "- id: a\n  name: A\n- id: b\n  name: B\n").on_disk();
    let run = folder.run(&["check"]);
    assert!(run.stdout.contains("error[wrong-type]: the records stand in a list"), "{}", run.stdout);
    assert!(run.stdout.contains("`id: first`, its other keys, `---`, `id: second`"), "{}", run.stdout);
}

#[test]
fn a_folder_of_records_that_is_not_there_is_told_in_plain_words() {
    let folder = Folder::empty();
    folder.write("dossier.yaml", "title: T\n");
    for command in ["check", "build", "list"] {
        let run = folder.run(&[command]);
        assert_eq!(run.code, 2);
        assert!(
            run.stderr.contains("there are no records here: the folder `") && run.stderr.contains("dossier init"),
            "{}",
            run.stderr
        );
        assert!(!run.stderr.contains("os error"), "{}", run.stderr);
    }
}
