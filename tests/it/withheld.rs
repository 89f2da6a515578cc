//! `dossier withheld`: what a build leaves out, in each form, and where it is never written.

use std::fs::File;
use std::process::Stdio;

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::input::{Dossier, Folder};

/// The small dossier with a record for each reason, notes, references that fall away, and files that are not copied.
fn mixed() -> Folder {
    Dossier::small()
        .settings("title: A dossier\ntheme: plain\nkey_events: [gate-opened, later]\nsummary: It was [[child]].\n")
        .record("actors/child.md", "---\nname: A Child\nkind: person\nprivacy: minor\nimage: face.png\n---\n")
        .record("actors/face.png", crate::input::png("face"))
        .record("actors/neighbour.md", "---\nname: N\nkind: person\nprivacy: private\ndisplay: role-only\nrole: a neighbour\n---\n")
        .record("events/later.md", "---\ntitle: Later\ndate: 2022\npublish_at: 2026-01-01\n---\n[x](paper.pdf)\n")
        .record("events/paper.pdf", "paper")
        .record("events/sooner.md", "---\ntitle: Sooner\ndate: 2022\npublish_at: 2025-07\n---\n")
        .record("events/never.md", "---\ntitle: Never\ndate: 2022\npublish_at: 9999\n---\n")
        .record("events/a-draft.md", "---\ntitle: A draft\ndate: 2022\ndraft: true\npublish_at: 2025-08-01\nnotes_internal: Ask again.\n---\n")
        .record("pages/inside.md", "---\ntitle: Inside\nvisibility: internal\n---\n")
        .record("pages/closed.md", "---\ntitle: Closed\nvisibility: sealed\n---\n")
        .record("pages/gone.md", "---\ntitle: Gone\ntakedown: {as: withdraw, on: 2025-05-01, reason: legal}\n---\n")
        .record("sources/copy.txt", "a copy")
        .record("sources/stray.txt", "nobody's")
        .record("sources/kept.md", "---\ntitle: Kept\ncaptures: {file: copy.txt}\n---\n")
        .record("pages/p.md", "---\ntitle: P\nnotes_internal: Not for print.\n---\nSee [[later]], [[gone|what is gone]] and [[neighbour]].\n")
        .record("quotes/q.md", "---\nspeaker: neighbour\nto: child\ndate: 2023\ntext: W.\nsource: daily\nevent: later\n---\n")
        .on_disk()
}

#[track_caller]
fn check(args: &[&str], stdout: &Expect) {
    let run = mixed().run(&[&["withheld", "--date", "2025-06-01"][..], args].concat());
    stdout.assert_eq(&run.stdout.replace("\r\n", "\n"));
    assert_eq!(run.code, 0, "{}", run.stderr);
}

#[test]
fn the_report_has_each_reason_and_the_soonest_embargo_first() {
    check(
        &[],
        &expect![[r#"
        PRIVATE: this report names what readers must not see. Keep it out of the site and of logs that others read.

        What readers do not see on 2025-06-01

        Embargoed, the soonest first: 3
        id      until       kind   file                        title
        sooner  2025-07     event  content/events/sooner.md:2  Sooner
        later   2026-01-01  event  content/events/later.md:2   Later
        never   9999        event  content/events/never.md:2   Never

        Drafts: 1
        id       until       also       kind   file                         title
        a-draft  2025-08-01  embargoed  event  content/events/a-draft.md:2  A draft

        Internal: 1
        id      kind  file                       title
        inside  page  content/pages/inside.md:2  Inside

        Sealed: 1
        id      kind  file                       title
        closed  page  content/pages/closed.md:2  Closed

        Withdrawn: 1
        id    taken down                                      kind  file                     title
        gone  withdraw 2025-05-01 (legal), gone.html answers  page  content/pages/gone.md:2  Gone

        Protected persons: 2
        id         shown as     kind   file                           title
        child      (nothing)    actor  content/actors/child.md:2      A Child
        neighbour  a neighbour  actor  content/actors/neighbour.md:2  N

        Notes for the authors: 2
        id       field           kind   file
        a-draft  notes_internal  event  content/events/a-draft.md:6
        p        notes_internal  page   content/pages/p.md:3

        References that fall away: 8
        in              field       to         why        readers see            file
        p               body        later      embargoed  “…”                    content/pages/p.md:5
        p               body        gone       withdrawn  the words of the link  content/pages/p.md:5
        p               body        neighbour  protected  “a neighbour”          content/pages/p.md:5
        q               speaker     neighbour  protected  “a neighbour”          content/quotes/q.md:2
        q               to.0        child      protected  “withheld”             content/quotes/q.md:3
        q               event       later      embargoed  nothing                content/quotes/q.md:7
        (the settings)  key_events  later      embargoed  nothing                dossier.yaml:3
        (the settings)  summary     child      protected  “withheld”             dossier.yaml:4

        Files that are not copied: 4
        file                       why       used by
        content/actors/face.png    withheld  child
        content/events/paper.pdf   withheld  later
        content/sources/copy.txt   capture   kept
        content/sources/stray.txt  unused

        9 records, 2 notes, 0 fields, 8 references, 4 files
    "#]],
    );
}

#[test]
fn the_report_as_csv_has_a_line_for_each() {
    check(
        &["--format", "csv"],
        &expect![[r#"
            part,reason,until,id,kind,title,field,to,instead,file,line
            record,embargoed,2025-07,sooner,event,Sooner,,,,content/events/sooner.md,2
            record,embargoed,2026-01-01,later,event,Later,,,,content/events/later.md,2
            record,embargoed,9999,never,event,Never,,,,content/events/never.md,2
            record,draft,2025-08-01,a-draft,event,A draft,,,,content/events/a-draft.md,2
            record,internal,,inside,page,Inside,,,,content/pages/inside.md,2
            record,sealed,,closed,page,Closed,,,,content/pages/closed.md,2
            record,withdrawn,,gone,page,Gone,,,,content/pages/gone.md,2
            record,protected,,child,actor,A Child,,,,content/actors/child.md,2
            record,protected,,neighbour,actor,N,,,,content/actors/neighbour.md,2
            note,,,a-draft,event,,notes_internal,,,content/events/a-draft.md,6
            note,,,p,page,,notes_internal,,,content/pages/p.md,3
            reference,embargoed,,p,,,body,later,“…”,content/pages/p.md,5
            reference,withdrawn,,p,,,body,gone,the words of the link,content/pages/p.md,5
            reference,protected,,p,,,body,neighbour,“a neighbour”,content/pages/p.md,5
            reference,protected,,q,,,speaker,neighbour,“a neighbour”,content/quotes/q.md,2
            reference,protected,,q,,,to.0,child,“withheld”,content/quotes/q.md,3
            reference,embargoed,,q,,,event,later,nothing,content/quotes/q.md,7
            reference,embargoed,,,,,key_events,later,nothing,dossier.yaml,3
            reference,protected,,,,,summary,child,“withheld”,dossier.yaml,4
            file,withheld,,child,,,,,,content/actors/face.png,
            file,withheld,,later,,,,,,content/events/paper.pdf,
            file,capture,,kept,,,,,,content/sources/copy.txt,
            file,unused,,,,,,,,content/sources/stray.txt,
        "#]],
    );
}

#[test]
fn the_report_as_json_has_every_key() {
    let run = mixed().run(&["withheld", "--date", "2025-06-01", "--format", "json"]);
    let report: Value = serde_json::from_str(&run.stdout).unwrap();
    let keys: Vec<&String> = report.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["private", "date", "records", "notes", "fields", "references", "files", "counts"]);
    expect![[r#"{"records":9,"notes":2,"fields":0,"references":8,"files":4}"#]]
        .assert_eq(&serde_json::to_string(&report["counts"]).unwrap());
    let of = |part: &str, id: &str| {
        let rows = report[part].as_array().unwrap();
        rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("{report:#}")).to_string()
    };
    expect![[r#"{"reason":"withdrawn","also":[],"until":null,"id":"gone","kind":"page","title":"Gone","display":null,"takedown":{"as":"withdraw","on":"2025-05-01","reason":"legal","address":"gone.html"},"file":"content/pages/gone.md","line":2}"#]].assert_eq(&of("records", "gone"));
    expect![[r#"{"reason":"draft","also":["embargoed"],"until":"2025-08-01","id":"a-draft","kind":"event","title":"A draft","display":null,"takedown":null,"file":"content/events/a-draft.md","line":2}"#]].assert_eq(&of("records", "a-draft"));
    expect![[r#"{"reason":"protected","also":[],"until":null,"id":"child","kind":"actor","title":"A Child","display":"","takedown":null,"file":"content/actors/child.md","line":2}"#]].assert_eq(&of("records", "child"));
    expect![[r#"{"id":"p","field":"body","to":"later","reason":"embargoed","instead":"ellipsis","display":null,"file":"content/pages/p.md","line":5}"#]].assert_eq(&of("references", "p"));
}

#[test]
fn what_is_reported_is_what_a_build_leaves_out() {
    let folder = mixed();
    let report = folder.run(&["withheld", "--date", "2025-06-01", "--format", "json"]);
    let report: Value = serde_json::from_str(&report.stdout).unwrap();
    assert_eq!(folder.run(&["build", "--date", "2025-06-01"]).code, 0);
    let site = folder.site();
    let all = folder.run(&["list", "--date", "2025-06-01", "--format", "json"]);
    let all: Value = serde_json::from_str(&all.stdout).unwrap();
    for row in all.as_array().unwrap() {
        let (kind, id) = (row["kind"].as_str().unwrap(), row["id"].as_str().unwrap());
        let path = if kind == "page" { format!("{id}.html") } else { format!("{kind}s/{id}.html") };
        let is_reported = report["records"].as_array().unwrap().iter().any(|other| other["id"] == id);
        // What was withdrawn has a page that says so.
        assert_eq!(site.contains_key(&path) && id != "gone", !is_reported, "{id}");
    }
    for row in report["files"].as_array().unwrap() {
        let path = row["file"].as_str().unwrap().replacen("content/", "files/", 1);
        assert!(!site.contains_key(&path), "{path}");
    }
}

#[test]
fn a_dossier_that_withholds_nothing_says_so() {
    let run = Dossier::small().on_disk().run(&["withheld", "--date", "2025-06-01"]);
    expect![[r#"
        PRIVATE: this report names what readers must not see. Keep it out of the site and of logs that others read.

        What readers do not see on 2025-06-01

        0 records, 0 notes, 0 fields, 0 references, 0 files
    "#]]
    .assert_eq(&run.stdout);
}

#[cfg(unix)]
#[test]
fn the_report_is_not_written_into_the_folder_of_the_site() {
    let folder = mixed();
    folder.build();
    std::os::unix::fs::symlink(folder.path("public"), folder.path("elsewhere")).unwrap();
    let write = |path: &str| {
        let file = File::create(folder.path(path)).unwrap();
        let mut command = folder.command(&["withheld"]);
        let output = command.stdout(Stdio::from(file)).stderr(Stdio::piped()).output().unwrap();
        (output.status.code(), std::fs::read_to_string(folder.path(path)).unwrap().len())
    };
    for path in ["public/report.txt", "public/actors/../actors/report.txt", "elsewhere/events/report.txt"] {
        assert_eq!(write(path), (Some(2), 0), "{path}");
    }
    let (code, length) = write("report.txt");
    assert!(code == Some(0) && length > 100);
}

#[test]
fn records_that_cannot_be_read_are_named_as_missing() {
    let folder = Dossier::small().record("pages/bad.md", "---\ntitel: Bad\n---\n").on_disk();
    let run = folder.run(&["withheld"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("1 record could not be read and is not listed: `bad`"), "{}", run.stderr);
}
