//! `dossier list` and `dossier show`: what they say of records, in each form, and how they end.

use expect_test::{Expect, expect};
use serde_json::Value;

use crate::input::{Dossier, Folder, Run};

/// What a command prints as its result; it says nothing beside.
fn check(folder: &Folder, args: &[&str], stdout: &Expect) {
    let run = run(folder, args);
    stdout.assert_eq(&run.stdout);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

fn run(folder: &Folder, args: &[&str]) -> Run {
    folder.run(&[args, &["--date", "2025-06-01"]].concat())
}

fn json(folder: &Folder, args: &[&str]) -> Value {
    let run = run(folder, &[args, &["--format", "json"]].concat());
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr))
}

/// The ids of a list, in their order.
fn ids(folder: &Folder, args: &[&str]) -> String {
    let rows = json(folder, &[&["list"], args].concat());
    let ids: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["id"].as_str().unwrap()).collect();
    ids.join(" ")
}

/// The small dossier with records that readers do not see, and one with mistakes.
fn mixed() -> Folder {
    Dossier::small()
        .record("actors/child.md", "---\nname: A Child\nkind: person\nprivacy: minor\n---\n")
        .record(
            "events/a-draft.md",
            "---\ntitle: Later\ndate: 2022~\ndraft: true\nstatus: disputed\ntags: [Gates]\n---\n",
        )
        .record("events/embargoed.md", "---\ntitle: To come\ndate: ../2021\npublish_at: 2025-07-01\n---\n")
        .record("pages/noted.md", "---\ntitle: Notes\nvisibility: internal\n---\nSee [[nobody]].\n")
        .record("sources/undated.md", "---\ntitle: A leaflet\naliases: the-leaflet\n---\n")
        .on_disk()
}

#[test]
fn a_list_of_all_kinds_is_sorted_by_kind_date_and_id() {
    check(
        &mixed(),
        &["list"],
        &expect![[r#"
            id              withheld   errors  kind    date        status    file                                title
            authority                          actor                         content/actors/authority.md:2       Harbour Authority
            child           protected          actor                         content/actors/child.md:2           A Child
            jane-doe                           actor                         content/actors/jane-doe.md:2        Jane Doe
            embargoed       embargoed          event   ../2021               content/events/embargoed.md:2       To come
            a-draft         draft              event   2022~       disputed  content/events/a-draft.md:2         Later
            gate-opened                        event   2023-06-21            content/events/gate-opened.md:2     The gate is opened
            not-before-six                     quote   2023-06-21            content/quotes/not-before-six.md:2  “We did not open the gate before six.”
            daily                              source  2023-06-22            content/sources/daily.md:2          Keeper denies
            undated                            source                        content/sources/undated.md:2        A leaflet
            harbour                            place                         content/places/harbour.md:2         East Harbour
            methodology                        page                          content/pages/methodology.md:2      Method
            noted           internal        1  page                          content/pages/noted.md:2            Notes
        "#]],
    );
}

#[test]
fn a_list_of_one_kind_has_its_own_columns() {
    let folder = Dossier::small().on_disk();
    check(
        &folder,
        &["list", "quote"],
        &expect![[r#"
            id              date        speaker   source  file                                words
            not-before-six  2023-06-21  jane-doe  daily   content/quotes/not-before-six.md:2  We did not open the gate before six.
        "#]],
    );
    check(
        &folder,
        &["list", "actors"],
        &expect![[r#"
            id         kind          privacy        quotes  events  file                           name
            authority  organisation                      0       1  content/actors/authority.md:2  Harbour Authority
            jane-doe   person        public-figure       1       1  content/actors/jane-doe.md:2   Jane Doe
        "#]],
    );
    check(
        &folder,
        &["list", "source"],
        &expect![[r#"
            id     kind     published   records  file                        title
            daily  article  2023-06-22        2  content/sources/daily.md:2  Keeper denies
        "#]],
    );
}

#[test]
fn a_list_as_json_has_every_key_and_null_for_nothing() {
    check(
        &Dossier::small().on_disk(),
        &["list", "quote", "--format", "json"],
        &expect![[r#"
            [
              {
                "kind": "quote",
                "id": "not-before-six",
                "title": null,
                "date": "2023-06-21",
                "status": null,
                "tags": [],
                "visibility": "public",
                "draft": false,
                "withheld": null,
                "errors": 0,
                "warnings": 0,
                "file": "content/quotes/not-before-six.md",
                "line": 2,
                "speaker": "jane-doe",
                "attribution": null,
                "sources": [
                  "daily"
                ],
                "origins": 1,
                "words": "We did not open the gate before six.",
                "parts": null,
                "verbatim": {
                  "result": "no-capture",
                  "sources": []
                }
              }
            ]
        "#]],
    );
}

#[test]
fn rows_of_a_list_have_the_same_keys_whatever_they_hold() {
    let folder = mixed();
    for kind in ["actor", "event", "quote", "source", "place", "page"] {
        let rows = json(&folder, &["list", kind]);
        let keys = |row: &Value| row.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let rows = rows.as_array().unwrap();
        assert!(rows.iter().all(|row| keys(row) == keys(&rows[0])), "{rows:?}");
        let csv = run(&folder, &["list", kind, "--format", "csv"]).stdout;
        assert_eq!(csv.lines().next().unwrap(), keys(&rows[0]).join(","), "{kind}");
        assert_eq!(csv.lines().count(), rows.len() + 1, "{csv}");
    }
}

#[test]
fn csv_is_that_of_the_standard_and_changes_no_value() {
    let folder = Dossier::new()
        .record("sources/a.md", "---\ntitle: '=1+1, \"said\" he'\ntags: [b, a]\npublisher: A, B\n---\n")
        .on_disk();
    let run = run(&folder, &["list", "source", "--format", "csv"]);
    expect![[r#"
        kind,id,title,date,status,tags,visibility,draft,withheld,errors,warnings,file,line,source_kind,publisher,url,records
        source,a,"=1+1, ""said"" he",,,b; a,public,false,,0,0,content/sources/a.md,2,,"A, B",,0
    "#]]
    .assert_eq(&run.stdout.replace("\r\n", "\n"));
    assert_eq!(run.stdout.matches("\r\n").count(), 2);
    assert_eq!(run.stdout.matches('\n').count(), 2);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, "note: 1 value begins like a formula; tell a spreadsheet to take all columns for text\n")
    );
}

#[test]
fn a_list_can_be_asked_for_less() {
    let folder = mixed();
    assert_eq!(ids(&folder, &["--tag", "gates"]), "a-draft gate-opened");
    assert_eq!(ids(&folder, &["--status", "disputed"]), "a-draft");
    assert_eq!(ids(&folder, &["--withheld"]), "child embargoed a-draft noted");
    assert_eq!(ids(&folder, &["event", "--withheld", "--tag", "gates"]), "a-draft");
    let run = run(&folder, &["list", "--tag", "nothing"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", "no record fits\n"));
    assert_eq!(folder.run(&["list", "--status", "true"]).code, 2);
}

#[test]
fn an_embargo_ends_on_the_day_that_is_asked_about() {
    let folder = mixed();
    let run = folder.run(&["list", "event", "--withheld", "--date", "2025-07-01", "--format", "json"]);
    assert!(run.stdout.contains("a-draft") && !run.stdout.contains("embargoed"), "{}", run.stdout);
}

#[test]
fn a_list_that_lacks_records_says_so_and_ends_with_1() {
    let folder = Dossier::small()
        .record("pages/broken.md", "no front matter")
        .record(
            "quotes/many.yaml",
            "id: first\nspeaker: jane-doe\n---\nid: second\nspeaker: unknown\ndate: 2023\ntext: So.\n",
        )
        .on_disk();
    let run = run(&folder, &["list", "quote"]);
    assert_eq!(run.code, 1);
    expect![[r#"
        id              date        speaker    source  file                                words
        second          2023        (unknown)          content/quotes/many.yaml:4          So.
        not-before-six  2023-06-21  jane-doe   daily   content/quotes/not-before-six.md:2  We did not open the gate before six.
    "#]]
    .assert_eq(&run.stdout);
    assert!(
        run.stderr.contains("error[no-front-matter]") && run.stderr.contains("error[missing-key]"),
        "{}",
        run.stderr
    );
    assert!(
        run.stderr.ends_with("2 records could not be read and are not listed: `broken`, `first`\n"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_record_is_shown_as_the_program_understands_it() {
    let folder = Dossier::small()
        .record(
            "events/meeting.md",
            "---\ntitle: A meeting\ndate: 2023-05/..\nplace: harbour\nactors: [jane-doe, {actor: nobody, role: guest}]\nstatus: {is: verified, by: Jane Doe, on: 2023-07-01}\nsource: {source: daily, locator: p. 4}\ntags: [b, a]\nx_number: 7\nnotes_internal: Ask again.\nupdates: {date: 2024, text: \"One.\\n\\nTwo with [[authority]].\"}\n---\nBefore [the gate](gate-opened.md).\n",
        )
        .on_disk();
    let run = run(&folder, &["show", "meeting"]);
    expect![[r#"
        event meeting: A meeting
        content/events/meeting.md:2

        title: A meeting
        date: 2023-05/.. → from May 2023, 2023-05-01 to no last day
        place: harbour → East Harbour (place)
        actors:
          - actor: jane-doe → Jane Doe (actor)
          - actor: nobody → no record that fits
            role: guest
        updates:
          - date: 2024 → 2024, 2024-01-01 to 2024-12-31
            text:
              One.

              Two with [[authority]].
        tags: b, a
        status:
          is: verified
          by: Jane Doe
          on: 2023-07-01 → Saturday, 1 July 2023
        sources:
          - source: daily → Keeper denies (source)
            locator: p. 4
        notes_internal: Ask again.
        x_number: 7

        prose, 3 words: Before [the gate](gate-opened.md).

        links in prose, 2 times:
          gate-opened  in body, line 13            The gate is opened (event)
          authority    in updates.0.text, line 11  Harbour Authority (actor)

        readers see it
        readers never see `notes_internal`
        level `public` asks for more:
          `meeting` is said to be verified, but not how

        no record refers to it

        3 findings

        error[unknown-reference]: no actor has the id `nobody`
         --> content/events/meeting.md:5:28
          |
        5 | actors: [jane-doe, {actor: nobody, role: guest}]
          |                            ^^^^^^
          |
          = hint: write an actor with `dossier new actor nobody`, or name one that is there

        warning[verified-without-method]: `meeting` is said to be verified, but not how
         --> content/events/meeting.md:6:9
          |
        6 | status: {is: verified, by: Jane Doe, on: 2023-07-01}
          |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          |
          = hint: write `status: {is: verified, on: 2025-05-11, method: …, by: …}`

        note[untidy-tags]: the tags are not in the order of the alphabet
         --> content/events/meeting.md:8:7
          |
        8 | tags: [b, a]
          |       ^^^^^^
          |
          = hint: `dossier check --fix` puts them in order
    "#]]
    .assert_eq(&run.stdout);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""));
}

#[test]
fn a_record_as_json_has_every_key() {
    let folder = Dossier::small().on_disk();
    check(
        &folder,
        &["show", "harbour", "--format", "json"],
        &expect![[r#"
        {
          "id": "harbour",
          "kind": "place",
          "old_id": null,
          "title": "East Harbour",
          "file": "content/places/harbour.md",
          "line": 2,
          "fields": {
            "name": "East Harbour",
            "country": "NL",
            "lat": null,
            "lon": null,
            "precision": null,
            "obscured": false,
            "id": null,
            "type": null,
            "aliases": [],
            "summary": null,
            "tags": [],
            "lang": null,
            "visibility": null,
            "draft": false,
            "publish_at": null,
            "status": null,
            "sources": [],
            "corrections": [],
            "takedown": null,
            "replies": [],
            "sensitivity": [],
            "allow": [],
            "not_secret": [],
            "notes_internal": null,
            "body": null
          },
          "extra": {},
          "body": null,
          "dates": [],
          "references": [],
          "backlinks": [
            {
              "role": "place",
              "id": "gate-opened",
              "kind": "event",
              "title": "The gate is opened",
              "withheld": null,
              "file": "content/events/gate-opened.md",
              "line": 4
            }
          ],
          "withheld": null,
          "why_withheld": null,
          "level": "internal",
          "unmet_at_public": [],
          "findings": []
        }
    "#]],
    );
}

#[test]
fn references_are_resolved_and_backlinks_name_role_and_line() {
    let shown = json(&Dossier::small().on_disk(), &["show", "jane-doe"]);
    let references = shown["references"].as_array().unwrap().iter();
    let references: Vec<String> = references
        .map(|to| format!("{} {} {}: {}", to["field"], to["role"], to["line"], to["record"]["title"]))
        .collect();
    let backlinks = shown["backlinks"].as_array().unwrap().iter();
    let backlinks: Vec<String> =
        backlinks.map(|from| format!("{} {} {}:{}", from["role"], from["id"], from["file"], from["line"])).collect();
    expect![[r#"
        relations.0.to relation 6: Harbour Authority
        body mentioned 8: Harbour Authority

        spoke not-before-six content/quotes/not-before-six.md:2
        took-part gate-opened content/events/gate-opened.md:5
    "#]]
    .assert_eq(&format!("{}\n\n{}\n", references.join("\n"), backlinks.join("\n")).replace('"', ""));
}

#[test]
fn a_record_as_csv_has_a_line_for_each_value_and_backlink() {
    let run = run(&Dossier::small().on_disk(), &["show", "daily", "--format", "csv"]);
    expect![[r#"
        part,name,value,means,file,line
        record,id,daily,,content/sources/daily.md,2
        record,kind,source,,content/sources/daily.md,2
        field,title,Keeper denies,,content/sources/daily.md,2
        field,kind,article,,content/sources/daily.md,3
        field,published,2023-06-22,"Thursday, 22 June 2023",content/sources/daily.md,4
        backlink,cited,gate-opened,The gate is opened (event),content/events/gate-opened.md,6
        backlink,cited,not-before-six,“We did not open the gate before six.” (quote),content/quotes/not-before-six.md,8
    "#]]
    .assert_eq(&run.stdout.replace("\r\n", "\n"));
}

#[test]
fn why_readers_do_not_see_a_record_is_said() {
    let folder = mixed();
    let said = |id: &str| {
        let text = run(&folder, &["show", id]).stdout;
        text.lines().find(|line| line.starts_with("readers")).unwrap().to_owned()
    };
    let said: Vec<String> = ["jane-doe", "child", "a-draft", "embargoed", "noted"].iter().map(|id| said(id)).collect();
    expect![[r#"
        readers see it
        readers do not see it: the person is protected by `privacy` or `display`; at most a display text is shown
        readers do not see it: it is unfinished: `draft: true`
        readers do not see it: its day has not come: `publish_at: 2025-07-01`
        readers do not see it: it is for the authors: `visibility: internal`"#]]
    .assert_eq(&said.join("\n"));
}

#[test]
fn what_the_next_level_asks_is_said() {
    let folder = Dossier::small().record("events/e.md", "---\ntitle: E\ndate: 2023\n---\n").on_disk();
    let shown = json(&folder, &["show", "e"]);
    assert_eq!(shown["level"], "internal");
    assert_eq!(shown["unmet_at_public"], serde_json::json!(["the event `e` has no source"]));
    let text = run(&folder, &["show", "e"]).stdout;
    assert!(text.contains("level `public` asks for more:\n  the event `e` has no source\n"), "{text}");
}

#[test]
fn findings_are_shown_with_their_record_and_no_other() {
    let folder = Dossier::small()
        .record("pages/two.yaml", "id: one\ntitle: One\nbody: See [[nobody]].\n---\nid: two\ntitle: Two\n")
        .on_disk();
    let run = run(&folder, &["show", "one"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, ""), "a record with errors is shown like any other");
    assert!(run.stdout.contains("\n1 finding\n\nerror[unknown-reference]: no record has"), "{}", run.stdout);
    assert_eq!(json(&folder, &["show", "one"])["findings"][0]["code"], "unknown-reference");
    assert_eq!(json(&folder, &["show", "two"])["findings"], serde_json::json!([]));
}

#[test]
fn an_old_id_finds_the_record_and_is_called_one() {
    let folder = mixed();
    let run = run(&folder, &["show", "the-leaflet"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "`the-leaflet` is an old id of `undated`\n"));
    assert!(run.stdout.starts_with("source undated: A leaflet\n"), "{}", run.stdout);
    assert_eq!(json(&folder, &["show", "the-leaflet"])["old_id"], "the-leaflet");
    assert_eq!(json(&folder, &["show", "undated"])["old_id"], Value::Null);
}

#[test]
fn an_unknown_id_ends_with_2_and_a_near_one() {
    let folder = mixed();
    for (typed, hint) in [
        ("jane-deo", "did you mean `jane-doe`?"),
        ("Jane Doe", "did you mean `jane-doe`?"),
        ("the-leaflt", "did you mean `the-leaflet`?"),
        ("xyzzy", "`dossier list` shows the ids of all records"),
    ] {
        let run = run(&folder, &["show", typed]);
        let said = format!("error: no record has the id `{typed}`\nhint: {hint}\n");
        assert_eq!((run.code, run.stdout.as_str(), run.stderr), (2, "", said));
    }
    assert_eq!(folder.run(&["show"]).code, 2);
}

#[test]
fn a_record_that_cannot_be_read_ends_with_1_and_why() {
    let folder = Dossier::small()
        .record("pages/broken.md", "---\ntitel: T\n---\n")
        .record("pages/other.md", "no front matter")
        .on_disk();
    let run = run(&folder, &["show", "broken"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("error[unknown-key]") && !run.stderr.contains("no-front-matter"), "{}", run.stderr);
    assert!(run.stderr.ends_with("the record `broken` could not be read\n"), "{}", run.stderr);
}

#[test]
fn of_two_records_with_one_id_the_other_is_named() {
    let folder = Dossier::small().record("pages/more.yaml", "id: methodology\ntitle: Again\n").on_disk();
    let run = run(&folder, &["show", "methodology"]);
    assert_eq!(run.code, 0);
    let (other, said) = ("content/pages/more.yaml:1", &run.stderr);
    assert_eq!(*said, format!("another record has this id: {other}\n"), "{}", run.stdout);
}

#[test]
fn what_is_shown_moves_nothing_on_the_terminal() {
    let folder = Dossier::new().record("pages/a.md", "---\ntitle: \"a\u{202e}b\"\n---\nx\u{9b}2Jy\n").on_disk();
    for args in [&["show", "a"][..], &["list"]] {
        let text = run(&folder, args).stdout;
        assert!(!text.contains(['\u{202e}', '\u{9b}']) && text.contains("a\u{fffd}b"), "{text}");
    }
}

/// The example dossier, which lies where the program is made.
fn example(args: &[&str]) -> Run {
    Run::of(crate::input::program(std::path::Path::new(env!("CARGO_MANIFEST_DIR")), args))
}

#[test]
fn every_record_of_the_example_can_be_shown_and_written_again() {
    let list = example(&["list", "--format", "json"]);
    assert_eq!(list.code, 0, "{}", list.stderr);
    let rows: Vec<Value> = serde_json::from_str(&list.stdout).unwrap();
    assert!(rows.len() > 30);
    let again = Folder::empty();
    again.write("dossier.yaml", std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/dossier.yaml")).unwrap());
    let mut shown = Vec::new();
    for row in &rows {
        let id = row["id"].as_str().unwrap();
        let run = example(&["show", id, "--format", "json"]);
        let record: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{id}: {}", run.stderr));
        assert_eq!((&record["kind"], &record["file"], &record["line"]), (&row["kind"], &row["file"], &row["line"]));
        // JSON is YAML, and the long form of a record is that record.
        let (kind, fields) = (record["kind"].as_str().unwrap(), record["fields"].to_string());
        again.write(&format!("content/{kind}s/{id}.md"), format!("---\n{}\n---\n", without_body(&fields)));
        shown.push((id.to_owned(), record));
    }
    for (id, record) in shown {
        let copy = json(&again, &["show", &id]);
        let mut fields = record["fields"].clone();
        fields["body"] = Value::Null;
        assert_eq!(copy["fields"], fields, "{id}");
        assert_eq!(copy["dates"], record["dates"], "{id}");
    }
}

/// Fields without those that say nothing, of which some may not be written so, and without the prose, which has no place in the front
/// matter of a Markdown file.
fn without_body(fields: &str) -> String {
    let mut fields: serde_json::Map<String, Value> = serde_json::from_str(fields).unwrap();
    fields.retain(|key, value| key != "body" && !value.is_null());
    Value::from(fields).to_string()
}
