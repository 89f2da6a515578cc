//! `dossier takedown`: what it writes into the record, what readers find after it, and when it does nothing.

use expect_test::{Expect, expect};

use crate::html::{broken_links, faults, main_of, text};
use crate::input::{Dossier, Files, Folder, Run, files_in};

const DAY: [&str; 2] = ["--date", "2025-06-01"];

/// A dossier with a person whom others name by reference alone, under an id that says nothing.
fn small() -> Dossier {
    Dossier::small()
        .settings("title: A dossier\nbase_url: https://example.org\nkey_actors: [witness-3, jane-doe]\n")
        .record("actors/witness-3.md", PERSON)
        .record("events/e.md", "---\ntitle: E\ndate: 2023-06-21\nactors: {actor: witness-3, role: witness}\nsource: daily\n---\nSeen by [[witness-3]], see [[witness-3|who it was]].\n")
        .record("quotes/q.md", "---\nspeaker: witness-3\ndate: 2023-06-21\ntext: I saw it.\nabout: authority\nsource: daily\n---\n")
}

const PERSON: &str = "---\n# The witness.\nname: Zelda Quux\nkind: person # a person\naliases: witness-was\nprivacy: limited # for now\nrole: A neighbour\n\ntags: [quuxian]\n---\nZelda Quux lives here.\n";

/// Runs `takedown` and gives the file of the record after it.
#[track_caller]
fn take_down(folder: &Folder, id: &str, args: &[&str]) -> Run {
    let run = folder.run(&[&["takedown", id][..], args, &DAY].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    run
}

fn read(folder: &Folder, path: &str) -> String {
    std::fs::read_to_string(folder.path(path)).unwrap()
}

#[track_caller]
fn check(before: &str, args: &[&str], after: &Expect) {
    let folder = small().record("actors/witness-3.md", before).on_disk();
    take_down(&folder, "witness-3", args);
    after.assert_eq(&read(&folder, "content/actors/witness-3.md"));
}

/// The files that say a word, but for the list of the build's own files.
fn saying(site: &Files, word: &str) -> Vec<String> {
    let word = word.to_lowercase();
    let says = |bytes: &[u8]| String::from_utf8_lossy(bytes).to_lowercase().contains(&word);
    let files = site.iter().filter(|(path, bytes)| *path != ".dossier-manifest" && says(bytes));
    files.map(|(path, _)| path.clone()).collect()
}

fn page(folder: &Folder, path: &str) -> String {
    read(folder, &format!("public/{path}"))
}

#[track_caller]
fn assert_tombstone(folder: &Folder, path: &str, reason: &str) {
    let page = page(folder, path);
    assert_eq!(faults(&page), [""; 0]);
    assert!(page.contains("<meta name=\"robots\" content=\"noindex\">"), "{page}");
    assert!(!page.contains("canonical") && !page.contains(path), "{page}");
    let words = text(main_of(&page));
    assert!(words.contains("This page has been withdrawn"), "{words}");
    assert!(words.contains("1 June 2025") && words.contains(reason), "{words}");
}

#[test]
fn a_person_is_anonymised_to_their_role() {
    check(
        PERSON,
        &["--as", "anonymise", "--reason", "privacy"],
        &expect![[r#"
            ---
            # The witness.
            name: Zelda Quux
            kind: person # a person
            aliases: witness-was
            privacy: private # for now
            role: A neighbour

            tags: [quuxian]
            display: role-only
            corrections:
              - on: 2025-06-01
                kind: removal
                why: "Somebody’s privacy required it."
            takedown:
              as: anonymise
              on: 2025-06-01
              reason: privacy
            ---
            Zelda Quux lives here.
        "#]],
    );
}

#[test]
fn a_person_without_a_role_or_with_one_that_names_them_is_left_out() {
    for role in ["", "role: The Quux of old\n"] {
        let person = format!("---\nname: Zelda Quux\nkind: person\nprivacy: victim\n{role}---\n");
        let folder = small().record("actors/witness-3.md", person).on_disk();
        take_down(&folder, "witness-3", &["--as", "anonymise", "--reason", "safety"]);
        let text = read(&folder, "content/actors/witness-3.md");
        assert!(text.contains("\nprivacy: victim\n") && text.contains("\ndisplay: omit\n"), "{text}");
    }
}

#[test]
fn a_person_is_given_a_pseudonym() {
    let person = "---\r\nname: Zelda Quux\r\nkind: person\r\ncorrections: {on: 2024, why: A date} # one\r\n---\r\n";
    let folder = small().record("actors/witness-3.md", person).on_disk();
    let args = ["--as", "pseudonymise", "--pseudonym", "Aurora", "--reason", "consent", "--why", "It was asked for."];
    take_down(&folder, "witness-3", &args);
    let text = read(&folder, "content/actors/witness-3.md");
    assert_eq!(text.matches("\r\n").count(), text.matches('\n').count());
    expect![[r#"
        ---
        name: Zelda Quux
        kind: person
        corrections: [{on: 2024, why: A date}, {on: 2025-06-01, kind: removal, why: "It was asked for."}] # one
        privacy: private
        pseudonym: Aurora
        display: pseudonym
        takedown:
          as: pseudonymise
          on: 2025-06-01
          reason: consent
        ---
    "#]]
    .assert_eq(&text.replace("\r\n", "\n"));
}

#[test]
fn a_record_is_deindexed_annotated_or_withdrawn() {
    let page = "---\ntitle: Notes\nvisibility: public\ncorrections:\n- {on: 2025-01-01, why: b}\n- {on: 2024-01-01, why: a}\n---\nText.\n";
    let check = |args: &[&str], after: &Expect| {
        let folder = small().record("pages/notes.md", page).on_disk();
        take_down(&folder, "notes", args);
        after.assert_eq(&read(&folder, "content/pages/notes.md"));
    };
    check(
        &["--as", "deindex", "--reason", "privacy"],
        &expect![[r#"
            ---
            title: Notes
            visibility: unlisted
            corrections:
            - on: 2025-06-01
              kind: removal
              why: "Somebody’s privacy required it."
            - {on: 2025-01-01, why: b}
            - {on: 2024-01-01, why: a}
            takedown:
              as: deindex
              on: 2025-06-01
              reason: privacy
            ---
            Text.
        "#]],
    );
    check(
        &["--as", "annotate", "--reason", "legal", "--why", "A court looks into it: see the docket."],
        &expect![[r#"
            ---
            title: Notes
            visibility: public
            corrections:
            - on: 2025-06-01
              kind: addition
              why: "A court looks into it: see the docket."
            - {on: 2025-01-01, why: b}
            - {on: 2024-01-01, why: a}
            takedown:
              as: annotate
              on: 2025-06-01
              reason: legal
              note: "A court looks into it: see the docket."
            ---
            Text.
        "#]],
    );
    check(
        &["--as", "withdraw", "--reason", "error"],
        &expect![[r#"
            ---
            title: Notes
            visibility: public
            corrections:
            - on: 2025-06-01
              kind: retraction
              why: "It should not have been published as it was."
            - {on: 2025-01-01, why: b}
            - {on: 2024-01-01, why: a}
            takedown:
              as: withdraw
              on: 2025-06-01
              reason: error
            ---
            Text.
        "#]],
    );
}

#[test]
fn one_record_of_many_in_a_file_is_changed_alone() {
    let many = "---\nid: one\nspeaker: jane-doe\ndate: 2023\ntext: One.\n# before the second\n---\nid: two\nspeaker: jane-doe\ndate: 2023\ntext: >-\n  Two,\n  and more.";
    let folder = small().record("quotes/many.yaml", many).on_disk();
    take_down(&folder, "one", &["--as", "withdraw", "--reason", "legal"]);
    take_down(&folder, "two", &["--as", "deindex", "--reason", "legal"]);
    expect![[r#"
        ---
        id: one
        speaker: jane-doe
        date: 2023
        text: One.
        corrections:
          - on: 2025-06-01
            kind: removal
            why: "A legal obligation required it."
        takedown:
          as: withdraw
          on: 2025-06-01
          reason: legal
        # before the second
        ---
        id: two
        speaker: jane-doe
        date: 2023
        text: >-
          Two,
          and more.
        visibility: unlisted
        corrections:
          - on: 2025-06-01
            kind: removal
            why: "A legal obligation required it."
        takedown:
          as: deindex
          on: 2025-06-01
          reason: legal"#]]
    .assert_eq(&read(&folder, "content/quotes/many.yaml"));
}

#[test]
fn whoever_is_anonymised_is_in_no_byte_and_the_old_addresses_answer() {
    for (way, shown) in [("anonymise", "A neighbour"), ("pseudonymise", "Aurora")] {
        let folder = small().on_disk();
        folder.build();
        assert!(saying(&folder.site(), "Zelda").len() > 3);
        let pseudonym: &[&str] = if way == "pseudonymise" { &["--pseudonym", "Aurora"] } else { &[] };
        take_down(&folder, "witness-3", &[&["--as", way, "--reason", "safety"][..], pseudonym].concat());
        folder.build();
        let site = folder.site();
        for word in ["Zelda", "Quux", "witness-3", "witness-was", "lives here"] {
            assert_eq!(saying(&site, word), [""; 0], "{word}");
        }
        assert!(text(main_of(&page(&folder, "events/e.html"))).contains(&format!("Seen by {shown}, see {shown}.")));
        assert_tombstone(&folder, "actors/witness-3.html", "Somebody’s safety");
        assert_tombstone(&folder, "actors/witness-was.html", "Somebody’s safety");
        assert_eq!(broken_links(&site), [""; 0]);
    }
}

#[test]
fn what_is_withdrawn_is_in_no_byte_and_its_addresses_answer() {
    let events = "---\ntitle: Feastmas\ndate: 1987-12-24\naliases: thing-was\nactors: jane-doe\ntags: feasting\nplace: harbour\nsource: daily\n---\nWith ![a picture](quux.png).\n";
    let other = "---\ntitle: F\ndate: 2023-06-21\nfollows: thing-1\nsource: daily\n---\nAs at [[thing-1]], and [[thing-1|at the feast]].\n";
    for theme in ["default", "plain"] {
        let folder = small()
            .set(&format!("theme: {theme}"))
            .record("events/thing-1.md", events)
            .record("events/quux.png", crate::input::png("picture"))
            .record("events/f.md", other)
            .on_disk();
        take_down(&folder, "thing-1", &["--as", "withdraw", "--reason", "consent"]);
        folder.build();
        let site = folder.site();
        for word in ["Feastmas", "feasting", "thing-1", "thing-was", "1987", "quux.png", "picture"] {
            assert_eq!(saying(&site, word), [""; 0], "{word} in {theme}");
        }
        assert!(!site.keys().any(|path| path.starts_with("files/")));
        assert_tombstone(&folder, "events/thing-1.html", "Consent that was not given, or was taken back");
        assert_tombstone(&folder, "events/thing-was.html", "Consent that was not given, or was taken back");
        if theme == "default" {
            let words = text(main_of(&page(&folder, "events/f.html")));
            assert!(words.contains("As at …, and at the feast."), "{words}");
        }
        assert_eq!(broken_links(&site), [""; 0]);
    }
}

#[test]
fn nothing_but_the_day_and_the_class_of_reason_depends_on_what_was_withdrawn() {
    let site = |title: &str, more: &str| {
        let takedown = "takedown: {as: withdraw, on: 2025-06-01, reason: legal}";
        let event = format!("---\ntitle: {title}\ndate: 1987-12-24\n{takedown}\n{more}---\n{title}\n");
        small().record("events/thing-1.md", event).site()
    };
    let (one, other) = (site("One", ""), site("Two", "tags: x\nactors: jane-doe\nsource: daily\nsummary: S.\n"));
    crate::input::assert_same(&one, &other);
    let mut other = other;
    other.remove("events/thing-1.html");
    crate::input::assert_same(&small().site(), &other);
}

#[test]
fn what_is_deindexed_has_a_page_and_stands_in_no_list() {
    let folder = small().on_disk();
    take_down(&folder, "e", &["--as", "deindex", "--reason", "privacy"]);
    folder.build();
    assert!(page(&folder, "events/e.html").contains("<meta name=\"robots\" content=\"noindex\">"));
    assert_eq!(saying(&folder.site(), "/e.html"), ["events/e.html"]);
    // It stays so when only one of the two fields is left.
    folder.write("content/events/e.md", read(&folder, "content/events/e.md").replace("visibility: unlisted\n", ""));
    folder.build();
    assert_eq!(saying(&folder.site(), "/e.html"), ["events/e.html"]);
}

#[test]
fn what_is_annotated_says_so_on_its_page() {
    for theme in ["default", "plain"] {
        let folder = small().set(&format!("theme: {theme}")).on_disk();
        take_down(&folder, "e", &["--as", "annotate", "--reason", "legal", "--why", "It is <before> a court."]);
        take_down(&folder, "methodology", &["--as", "annotate", "--reason", "error"]);
        folder.build();
        let words = text(main_of(&page(&folder, "events/e.html")));
        assert!(words.contains("A notice about this page, 1 June 2025: It is <before> a court."), "{words}");
        let words = text(main_of(&page(&folder, "methodology.html")));
        assert!(
            words.contains("A notice about this page, 1 June 2025: An error of the makers of this dossier"),
            "{words}"
        );
        assert!(page(&folder, "events/index.html").contains("e.html"));
    }
}

#[test]
fn whoever_was_anonymised_stays_so_when_the_other_fields_are_taken_out() {
    let person = "---\nname: Zelda Quux\nkind: person\nprivacy: public-figure\nrole: A neighbour\ntakedown: {as: anonymise, on: 2025-06-01, reason: privacy}\n---\n";
    let site = small().record("actors/witness-3.md", person).site();
    for word in ["Zelda", "Quux", "witness-3"] {
        assert_eq!(saying(&site, word), [""; 0]);
    }
}

#[test]
fn a_silent_takedown_leaves_no_page() {
    let folder = small().on_disk();
    take_down(&folder, "witness-3", &["--as", "withdraw", "--reason", "privacy", "--silent"]);
    assert!(read(&folder, "content/actors/witness-3.md").contains("\n  silent: true\n"));
    folder.build();
    let site = folder.site();
    assert!(!site.keys().any(|path| path.contains("witness")), "{:?}", site.keys());
    assert!(!String::from_utf8_lossy(&site[".dossier-manifest"]).contains("witness"));
}

#[test]
fn what_readers_never_saw_gets_no_page() {
    for hold in ["draft: true", "visibility: internal", "publish_at: 2030-01-01"] {
        let event = format!("---\ntitle: Quuxmas\ndate: 1987\n{hold}\n---\n");
        let folder = small().record("events/thing-1.md", &event).on_disk();
        let run = take_down(&folder, "thing-1", &["--as", "withdraw", "--reason", "legal"]);
        assert!(
            run.stderr.contains("no page will answer at the address: readers do not see the record today"),
            "{}",
            run.stderr
        );
        folder.build();
        assert!(!folder.site().keys().any(|path| path.contains("thing-1")));
        // What holds the record back holds back that there was one, too.
        let without = read(&folder, "content/events/thing-1.md").replace("  silent: true\n", "");
        folder.write("content/events/thing-1.md", without);
        folder.build();
        assert!(!folder.site().keys().any(|path| path.contains("thing-1")), "{hold}");
    }
}

#[test]
fn a_dry_run_shows_the_change_and_makes_none() {
    let folder = small().on_disk();
    let before = files_in(&folder.path("."));
    let run = take_down(&folder, "witness-was", &["--as", "anonymise", "--reason", "privacy", "--dry-run"]);
    expect![[r#"
        --- a/content/actors/witness-3.md
        +++ b/content/actors/witness-3.md
        @@ -3,9 +3,18 @@
         name: Zelda Quux
         kind: person # a person
         aliases: witness-was
        -privacy: limited # for now
        +privacy: private # for now
         role: A neighbour
         
         tags: [quuxian]
        +display: role-only
        +corrections:
        +  - on: 2025-06-01
        +    kind: removal
        +    why: "Somebody’s privacy required it."
        +takedown:
        +  as: anonymise
        +  on: 2025-06-01
        +  reason: privacy
         ---
         Zelda Quux lives here.
    "#]]
    .assert_eq(&run.stdout);
    expect![[r#"
        `witness-3` would be anonymised: content/actors/witness-3.md
        readers see `A neighbour` in place of the name; see to it that this does not say who it is
        actors/witness-3.html will say that something was withdrawn, on which day and for which class of reason
        actors/witness-was.html will say that something was withdrawn, on which day and for which class of reason
        note: an address has the id in it, and so has the list of the files of a build; where the id tells who or what it was, write `silent: true` under `takedown`, as `--silent` does
    "#]]
    .assert_eq(&run.stderr);
    crate::input::assert_same(&before, &files_in(&folder.path(".")));
}

#[test]
fn what_is_taken_down_already_is_left_as_it_is_or_taken_down_further() {
    let folder = small().on_disk();
    let run = |way: &str| folder.run(&["takedown", "e", "--as", way, "--reason", "legal", "--date", "2025-06-02"]);
    take_down(&folder, "e", &["--as", "deindex", "--reason", "privacy"]);
    let text = read(&folder, "content/events/e.md");
    let again = run("deindex");
    assert_eq!(again.code, 1);
    assert_eq!(again.stderr, "`e` is taken down already: `as: deindex` since 2025-06-01; nothing was changed\n");
    let less = run("annotate");
    assert_eq!(less.code, 1);
    assert!(less.stderr.contains("which goes further than `annotate`"), "{}", less.stderr);
    assert_eq!(read(&folder, "content/events/e.md"), text);
    assert_eq!(run("withdraw").code, 0);
    let further = read(&folder, "content/events/e.md");
    let end = &further[further.find("corrections:").unwrap()..];
    expect![[r#"
        corrections:
          - on: 2025-06-01
            kind: removal
            why: "Somebody’s privacy required it."
          - on: 2025-06-02
            kind: removal
            why: "A legal obligation required it."
        takedown: {as: withdraw, on: 2025-06-02, reason: legal}
        ---
        Seen by [[witness-3]], see [[witness-3|who it was]].
    "#]]
    .assert_eq(end);
}

#[track_caller]
fn refused(folder: &Folder, args: &[&str], code: i32, message: &str) {
    let before = files_in(&folder.path("."));
    let run = folder.run(&[&["takedown"][..], args, &DAY].concat());
    assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{}", run.stderr);
    assert!(run.stderr.contains(message), "{}", run.stderr);
    crate::input::assert_same(&before, &files_in(&folder.path(".")));
}

#[test]
fn what_cannot_be_done_is_refused_with_what_to_do() {
    let folder = small()
        .record("pages/alias.md", "---\ntitle: &t Alias\nsummary: *t\nvisibility: &v public\nx_own: *v\n---\n")
        .on_disk();
    let privacy = ["--reason", "privacy"];
    let refuse = |args: &[&str], message: &str| refused(&folder, &[args, &privacy].concat(), 2, message);
    refuse(&["witness-4", "--as", "withdraw"], "did you mean `witness-3` or `witness-was`?");
    refuse(&["e", "--as", "anonymise"], "`--as anonymise` is for actors, and `e` is of the kind `event`");
    refuse(&["witness-3", "--as", "pseudonymise"], "needs a name that stands in place of the real one");
    refuse(&["witness-3", "--as", "pseudonymise", "--pseudonym", "Ms. quux"], "says the name of the person");
    refuse(&["witness-3", "--as", "withdraw", "--why", "Zelda asked for it"], "`--why` says what the record is called");
    refuse(&["witness-3", "--as", "withdraw", "--why", "As witness-3 asked"], "`--why` says what the record is called");
    refuse(&["e", "--as", "deindex", "--silent"], "the page stays");
    refuse(&["e", "--as", "withdraw", "--editions", "nowhere"], "`nowhere` is no folder");
    refuse(&["e", "--as", "forget"], "invalid value 'forget'");
    refuse(&["alias", "--as", "deindex"], "cannot be changed by itself");
}

#[test]
fn in_another_language_the_reason_is_asked_for() {
    let folder = small().set("lang: fr").on_disk();
    refused(&folder, &["e", "--as", "withdraw", "--reason", "legal"], 2, "`--why TEXT`");
    take_down(&folder, "e", &["--as", "withdraw", "--reason", "legal", "--why", "Un juge l’a ordonné."]);
    folder.build();
    let words = text(main_of(&page(&folder, "events/e.html")));
    assert!(words.contains("Cette page a été retirée") && words.contains("Une obligation légale"), "{words}");
}

#[test]
fn mistakes_elsewhere_do_not_stand_in_the_way() {
    let folder = small().record("pages/bad.md", "---\ntitel: Bad\n---\n").on_disk();
    take_down(&folder, "e", &["--as", "withdraw", "--reason", "legal"]);
    assert!(read(&folder, "content/events/e.md").contains("as: withdraw"));
    refused(&folder, &["bad", "--as", "withdraw", "--reason", "legal"], 1, "the record `bad` could not be read");
}

#[test]
fn references_to_what_was_withdrawn_are_found() {
    let findings = small()
        .record(
            "events/thing-1.md",
            "---\ntitle: T\ndate: 1987\ntakedown: {as: withdraw, on: 2025-06-01, reason: legal}\n---\n",
        )
        .record("events/f.md", "---\ntitle: F\ndate: 2023\nfollows: thing-1\n---\n")
        .findings();
    assert!(findings.contains("withheld-reference readers will not see `thing-1`, which is withdrawn"), "{findings}");
}

#[test]
fn where_a_name_is_still_written_is_told() {
    let folder = small()
        .record("pages/p.md", "---\ntitle: P\n---\nHere [[witness-3]].\n\nQUUX, Zelda and\nMs. Quux.\n")
        .record("pages/d.md", "---\ntitle: D\ndraft: true\n---\nZelda Quux.\n")
        .on_disk();
    let run = take_down(&folder, "witness-3", &["--as", "anonymise", "--reason", "privacy"]);
    let told = "what it is called is written in 2 places of other records; see what readers will find there:\n  content/pages/p.md:6\n  content/pages/p.md:7\n";
    assert!(run.stderr.contains(told), "{}", run.stderr);
}

#[test]
fn past_editions_that_hold_it_are_listed() {
    let folder = small().record("events/e-2.md", "---\ntitle: E two\ndate: 2023\n---\n").on_disk();
    folder.build();
    let public = folder.path("public");
    std::fs::create_dir(folder.path("past")).unwrap();
    std::fs::rename(&public, folder.path("past/2024")).unwrap();
    let page = std::fs::read(folder.path("past/2024/actors/witness-3.html")).unwrap();
    folder.write("past/old.html.gz", {
        let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, &page).unwrap();
        packed.finish().unwrap()
    });
    folder.write("past/old.zip", b"PK\x03\x04 and what is in it");
    folder.write("past/notes.txt", "See witness-3.");
    folder.write("past/cut.html", "By <b>Quux</b>,\n&nbsp;Zelda.");
    folder.write("past/pictures/zelda-quux.txt", "x");
    folder.write("past/others.txt", "See witness-33 and witness 4.");
    let args = ["--as", "withdraw", "--reason", "legal", "--editions", "past"];
    let run = take_down(&folder, "witness-3", &args);
    let lines: Vec<&str> = run.stdout.lines().collect();
    for line in [
        "2024/actors/witness-3.html: its page",
        "2024/actors/witness-was.html: its page",
        "2024/events/e.html: `name`, the id",
        "notes.txt: the id",
        "cut.html: `name`",
        "pictures/zelda-quux.txt: `name`",
        "old.html.gz: `name`, the id",
    ] {
        assert!(lines.contains(&line), "{line}\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("others.txt") && !run.stdout.contains("methodology.html"), "{}", run.stdout);
    assert!(run.stderr.contains("not looked into: old.zip: a zip file"), "{}", run.stderr);
    // They are listed when there is nothing more to take down, too.
    let again = folder.run(&[&["takedown", "witness-3"][..], &args].concat());
    assert_eq!((again.code, again.stdout), (1, run.stdout));
}
