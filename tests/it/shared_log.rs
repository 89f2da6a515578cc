//! What the formats for shared logs tell: nothing of what is withheld, whatever form it is written in.

use crate::input::{Dossier, Folder};

/// A dossier at level public with a person, and a draft that nobody may know of.
fn with_secrets() -> Folder {
    Dossier::small()
        .set("level: public\nallow: [missing-page]")
        .record(
            "actors/anna-secret.md",
            "---\nname: Anna Secret\nkind: person\nprivacy: victim\nnames: Аня\ntags: [b, a]\n---\nSee [[nothing-1]].\n",
        )
        .record("events/hidden-visit.md", "---\ntitle: A visit\ndate: 2024\ndraft: true\n---\n")
        .record("quotes/slip.md", "---\nspeaker: jane-doe\ndate: 2024\ntext: So it was.\nsource: dayly\n---\nSee [[anna-secrt]], [[annas-secrets]].\n")
        .on_disk()
}

#[test]
fn formats_for_shared_logs_tell_nothing_of_what_is_withheld() {
    let folder = with_secrets();
    // What is withheld does not depend on the level, and `internal` is what a dossier is at that says none.
    for (format, level) in [("github", "public"), ("sarif", "public"), ("github", "internal"), ("sarif", "internal")] {
        let run = folder.run(&["check", "--format", format, "--level", level]);
        assert_eq!(run.code, 1);
        let said = format!("{}{}", run.stdout, run.stderr).to_lowercase();
        for secret in ["anna-secret", "anna secret", "аня", "hidden-visit", "nothing-1"] {
            // A longer word that only holds the name is somebody's own.
            assert!(!said.replace("annas-secrets", "").contains(secret), "{format} says `{secret}`:\n{said}");
        }
        assert!(said.contains("no source has the id `dayly`"), "{format} does not say what is in the open:\n{said}");
    }
    let open = folder.run(&["check", "--format", "json"]);
    assert!(open.stdout.contains("anna-secret") && open.stdout.contains("nothing-1"));
}

#[test]
fn what_cannot_be_read_is_taken_for_withheld_in_shared_logs() {
    let folder = Dossier::small()
        .set("level: public\nallow: [missing-page]")
        .record("places/hideout.md", "---\nname: Rue Morgue\nvisiblity: sealed\nlat: \"secret-12\"\n---\n")
        .record(
            "events/two.yaml",
            "id: open-one\ntitle: Open\ndate: 2024\nsource: daily\n---\nid: closed-one\ntitle: Closed\ndate: Rue Morgue 12\nvisibility: sealed\n",
        )
        .record("pages/naming.md", "---\ntitle: Naming\n---\nSee [[Rue Morgue]] and [[closed-one-too]].\n")
        .on_disk();
    let said = folder.run(&["check", "--format", "github"]).stdout.to_lowercase();
    for secret in ["morgue", "hideout", "secret-12"] {
        assert!(!said.contains(secret), "it says `{secret}`:\n{said}");
    }
    assert!(said.contains("closed-one-too") || said.contains("unknown-reference"), "{said}");
}

/// What both formats say of a dossier at level public in which a page has a text.
fn said(dossier: &Dossier, body: &str) -> String {
    let page = format!("---\ntitle: X\n---\n{body}\n");
    let folder = dossier.clone().set("level: public\nallow: [missing-page]").record("pages/x.md", page).on_disk();
    ["github", "sarif"].map(|format| folder.run(&["check", "--format", format]).stdout).concat()
}

/// A record is withheld, or cannot be read; neither format says anything of some words with which a page speaks of it.
fn hides(path: &str, record: impl AsRef<[u8]>, body: &str, secrets: &[&str]) {
    let said = said(&Dossier::small().record(path, record), body);
    assert!(said.contains("content/pages/x.md"), "the page has no finding:\n{said}");
    for secret in secrets {
        assert!(!said.to_lowercase().contains(&secret.to_lowercase()), "`{secret}` is said:\n{said}");
    }
}

#[test]
fn while_a_record_cannot_be_read_no_name_is_said() {
    for front in [
        "name: Maria Doe # real name\nprivcy: private",
        "nmae: Maria Doe\nprivacy: private",
        "Name: Maria Doe\nprivcy: private",
        "name : Maria Doe\nprivcy: private",
        "\"name\": Maria Doe\nprivcy: private",
        "name: >-\n  Maria Doe\nprivcy: private",
        "name:\n  Maria Doe\nprivcy: private",
        "name: &n Maria Doe\nprivcy: private",
        "name: !!str Maria Doe\nprivcy: private",
        "name: \"Maria \\x44oe\"\nprivcy: private",
        "name: Maria Doe (Mia)\nprivcy: private",
        "name: A B\nnames:\n  - Maria Doe\nprivcy: private",
        "name: Maria Doe: x\nprivacy: private",
    ] {
        let record = format!("---\n{front}\nkind: person\n---\n");
        hides("actors/p1.md", record, "See [[Maria Doe]].", &["Maria Doe", "p1.md"]);
    }
    hides("actors/p1.md", "---\n{kind: person, name: Maria Doe, privcy: private}\n---\n", "[[Maria Doe]]", &["Maria"]);
    let returns = "---\rname: Maria Doe\rkind: person\rprivacy: private\r---\r";
    hides("actors/p1.md", returns, "See [[Maria Doe]].", &["Maria"]);
    let several = "id: p2\nname: Open\nkind: group\n---\nid: p3\nname: Maria Doe: x\nkind: person\nprivacy: private\n";
    hides("actors/p.yaml", several, "[[Maria Doe]]", &["Maria"]);
}

#[test]
fn while_a_file_is_no_text_no_name_is_said() {
    let record = "---\nname: Jos\u{e9} Doe\nkind: person\nprivacy: private\n---\n";
    let latin: Vec<u8> = record.chars().map(|c| c as u8).collect();
    hides("actors/p1.md", latin, "[[Jos\u{e9} Doe]]", &["Jos"]);
    let large = format!("---\nname: Maria Doe\nkind: person\nsummary: {}\n---\n", "x".repeat(3_000_000));
    hides("actors/p1.md", large, "[[Maria Doe]]", &["Maria"]);
    let broken = "---\nname: A\nkind: persn\n---\n";
    hides("actors/Maria Doe/p1.md", broken, "[[Maria Doe]]", &["Maria"]);
}

#[test]
fn while_a_record_cannot_be_read_settings_say_no_name() {
    let dossier = Dossier::small().record("actors/p1.md", "---\nname: Maria Doe\nkind: persn\n---\n");
    let said = said(&dossier.set("summary: Of [[Maria Doe]] and others."), "[[nobody]]");
    assert!(said.contains("dossier.yaml") && !said.contains("Maria"), "{said}");
}

#[test]
fn a_name_with_backticks_gets_around_nothing() {
    hides("actors/p1.md", "---\nname: Maria\nkind: persn\n---\n", "[[jane-doe` Maria `harbour]]", &["Maria"]);
}

#[test]
fn while_a_record_cannot_be_read_what_is_ours_is_still_said() {
    let dossier = Dossier::small().record("actors/p1.md", "---\nname: Maria\nkind: persn\n---\n");
    let said = said(&dossier, "[x](../actors/jane-doe.md#nowhere)\n\n# One\n\n### Two");
    assert!(said.contains("content/pages/x.md,line=4"), "{said}");
    assert!(said.contains("skipped-heading"), "{said}");
}

#[test]
fn a_title_that_is_cut_is_not_said() {
    let title = "Raid on the warehouse at the northern quay planned for the first week of June by the special unit";
    let event = |more: &str| format!("---\ntitle: {title}\ndate: 2023\n{more}\n---\n");
    hides("events/e1.md", event("visiblity: internal"), &format!("[[{title}]]"), &["Raid on"]);
    let file = title.replace(' ', "%20");
    hides("events/e1.md", event("visibility: internal"), &format!("![x]({file}.jpg)"), &["Raid on", "Raid%20on"]);
    let far = format!("![x](a-folder-with-quite-a-long-name/and-another-one-in-it/{file}.jpg)");
    hides("events/e1.md", event("visibility: internal"), &far, &["Raid"]);
}

#[test]
fn a_withheld_name_is_not_said_in_any_form() {
    for (name, written) in [
        ("Maria Anna Doe", "[[Doe, Maria Anna]]"),
        ("Sean O\u{2019}Brien", "[[Sean O'Brien]]"),
        ("Jean\u{2011}Luc Roe", "[[Jean\u{2013}Luc Roe]]"),
        ("Łukasz Øster", "[[Lukasz Oster]]"),
        ("Anna Müller", "[[Anna Mueller]]"),
        ("IŞIK İnan", "[[ışık inan]]"),
        ("محمد علي", "[[ومحمد علي]]"),
        ("김민수", "[[기자김민수]]"),
        ("王小明", "[[王 小明]]"),
        ("Maria Doe", "![x](MariaDoe.jpg)"),
        ("Maria Doe", "[[Maria&nbsp;Doe]]"),
        ("Maria Doe", "[[*Maria* Doe]]"),
    ] {
        let record = format!("---\nname: {name}\nkind: person\nprivacy: private\n---\n");
        let bare = written.trim_matches(['!', '[', ']', '(', ')', 'x']);
        hides("actors/p1.md", record, written, &[bare]);
    }
}

#[test]
fn a_withheld_value_and_the_words_of_a_withheld_quote_are_not_said() {
    let event = "---\ntitle: E\ndate: 2023\nactors:\n  value: maria-do\n  visibility: internal\n---\n";
    hides("events/e1.md", event, "[[Maria Do]]", &["maria"]);
    let quote =
        "---\nspeaker: jane-doe\ndate: 2023\ntext: She was in the house by the river.\nvisibility: internal\n---\n";
    hides("quotes/q1.md", quote, "[[She was in the house by the river]]", &["house"]);
}

#[test]
fn a_family_name_alone_is_not_told() {
    let dossier = Dossier::small()
        .set("level: public\ncontact: us")
        .record("actors/p1.md", "---\nname: Zorba Quixley\nkind: person\nprivacy: victim\n---\n")
        .record(
            "pages/p.md",
            "---\ntitle: P\n---\n[[quixley]] [[mr-quixley]] [[quixleys]] ![x](quixley-house.jpg) [[nobody-else]]\n",
        );
    let folder = dossier.on_disk();
    for format in ["github", "sarif"] {
        let run = folder.run(&["check", "--format", format]);
        assert!(!run.stdout.to_lowercase().contains("quixley"), "{}", run.stdout);
        assert!(run.stdout.contains("nobody-else"), "{}", run.stdout);
    }
}

#[test]
fn where_and_when_a_minor_was_is_not_said() {
    let folder = Dossier::small()
        .set("level: public\nallow: [missing-page]")
        .record(
            "events/visit.md",
            "---\ntitle: A visit\ndate: 2023-03-17\ntime: \"08:15\"\nplace: harbor\nsensitivity: minor\nfollows: gate-opened\nsource: daily\n---\n",
        )
        .record(
            "places/house.md",
            "---\nname: The house\ncountry: NL\nlat: 52.123456\nlon: 4.654321\nobscured: true\nsensitivity: minor\n---\n",
        )
        .record("events/after.md", "---\ntitle: After it\ndate: 2022-04-05\nfollows: visit\nsource: daily\n---\n")
        .record("quotes/slip.md", "---\nspeaker: jane-doe\ndate: 2024\ntext: So it was.\nplace: harbro\nsource: daily\n---\n")
        .on_disk();
    let open = folder.run(&["check", "--format", "json"]).stdout;
    for format in ["github", "sarif"] {
        let said = folder.run(&["check", "--format", format]).stdout;
        for secret in ["2023-03-17", "08:15", "`harbor`", "52.123456", "4.654321"] {
            assert!(!said.contains(secret), "{format} says `{secret}`:\n{said}");
        }
        assert!(said.contains("`harbro`"), "{format} does not say what is in the open:\n{said}");
    }
    assert!(open.contains("lat: 52.123456"), "{open}");
    assert!(open.contains("(2023-03-17) is before") && open.contains("which it follows (2023-03-17)"), "{open}");
}

#[test]
fn that_somebody_is_called_as_one_whom_readers_see_is_not_said_beside_them() {
    for name in ["a-witness", "z-witness"] {
        let folder = Dossier::small()
            .set("level: public\nallow: [missing-page, unused-source]")
            .record(&format!("actors/{name}.md"), "---\nname: Jane Doe\nkind: person\nprivacy: victim\n---\n")
            .record(
                &format!("sources/{name}s.md"),
                "---\ntitle: Hers\nkind: article\nurl: https://example.org/daily/1\nvisibility: internal\n---\n",
            )
            .record("sources/m-open.md", "---\ntitle: Ours\nkind: article\nurl: https://example.org/daily/1\n---\n")
            .on_disk();
        for format in ["github", "sarif"] {
            let said = folder.run(&["check", "--format", format]).stdout;
            assert!(said.contains("same-name") && said.contains("duplicate-record"), "{said}");
            for path in ["actors/jane-doe.md", "sources/m-open.md"] {
                assert!(!said.contains(path), "{format} points to `{path}`:\n{said}");
            }
        }
    }
}

#[test]
fn that_somebody_is_under_age_is_not_said_where_the_day_of_birth_is_withheld() {
    let child = |born: &str| {
        Dossier::small()
            .set("level: public\nallow: [missing-page, orphan]")
            .record(
                "actors/kim.md",
                format!("---\nname: Kim Roe\nkind: person\nprivacy: public-figure\nborn: {born}\nsource: daily\n---\n"),
            )
            .on_disk()
            .run(&["check", "--format", "github"])
            .stdout
    };
    let said = child("{value: 2015-02-03, visibility: internal}");
    assert!(said.contains("child-named") && !said.contains("kim"), "{said}");
    let open = child("2015-02-03");
    assert!(open.contains("actors/kim.md") && open.contains("not yet 18"), "{open}");
}

#[test]
fn the_digest_of_words_that_may_name_somebody_is_not_told() {
    let original = "original: {lang: fr, text: Vu par Zorba Quixley.}";
    let quote = |id: &str, translation: &str| {
        (
            format!("quotes/{id}.md"),
            format!(
                "---\nspeaker: jane-doe\ndate: 2023\ntext: Seen by {id}.\nsource: daily\ntranslation: {{from: fr{translation}}}\n{original}\n---\n"
            ),
        )
    };
    let mut dossier =
        Dossier::small().record("actors/p1.md", "---\nname: Zorba Quixley\nkind: person\nprivacy: victim\n---\n");
    for (path, text) in [quote("stale", ", of: \"0123456789ab\""), quote("unpinned", "")] {
        dossier = dossier.record(&path, text);
    }
    let said = said(&dossier, "");
    assert!(said.contains("stale-translation") && said.contains("unpinned-translation"), "{said}");
    assert!(said.contains("quotes/unpinned.md") && !said.contains("0123456789ab"), "{said}");
    let told = dossier.findings();
    let digest = told.split_once("have the digest `").and_then(|(_, rest)| rest.get(..16)).unwrap();
    assert!(!said.contains(digest), "{said}");
}

#[test]
fn that_a_withheld_record_or_value_refers_to_something_is_not_told() {
    let said = |path: &str, private: &str| {
        let dossier = Dossier::small()
            .set("level: public\nallow: [missing-page, withheld-reference]")
            .record("places/tower.md", "---\nname: Tower\n---\n")
            .record("places/steeple.md", "---\nname: Steeple\n---\n")
            .record("sources/leaflet.md", "---\ntitle: Leaflet\nurl: https://example.org/leaflet\n---\n");
        let folder = dossier.record(path, private).on_disk();
        ["github", "sarif"].map(|format| folder.run(&["check", "--format", format]).stdout).concat()
    };
    let event = |place: &str, source: &str| {
        format!("---\ntitle: E\ndate: 2023\nplace: {place}\nsource: {source}\nvisibility: internal\n---\n")
    };
    let value = |place: &str| {
        format!("---\ntitle: F\ndate: 2023\nplace: {{value: {place}, visibility: internal}}\nsource: daily\n---\n")
    };
    assert_eq!(said("events/e.md", &event("tower", "leaflet")), said("events/e.md", &event("harbour", "daily")));
    assert_eq!(said("events/f.md", &value("tower")), said("events/f.md", &value("steeple")));
}

#[test]
fn how_long_a_withheld_value_is_is_not_told() {
    let said = |value: &str| {
        let place = format!(
            "---\nname: Tower\nlat: {{value: {value}, visibility: internal}}\nx_a: [{{value: {value}, visibility: sealed}}]\n---\n"
        );
        said(&Dossier::small().record("places/tower.md", place), "")
    };
    let short = said("1");
    assert!(short.contains("missing-key"), "{short}");
    assert_eq!(short, said("51.123456"));
}
