//! What is withheld is in no byte of the site, and nothing of the site depends on it.

use crate::html::{faults, main_of, text};
use dossier::output::{WriteError, write_site};
use dossier::redact::Audience;

use crate::input::{Dossier, Files, assert_same, render};

/// The bytes of a site that hold a word, in any case and as a part of an address too.
pub(crate) fn found(site: &Files, word: &str) -> Vec<String> {
    let forms = [word.to_lowercase(), word.to_lowercase().replace(' ', "-"), word.to_lowercase().replace(' ', "%20")];
    site.iter()
        .filter(|(path, bytes)| {
            let text = String::from_utf8_lossy(bytes).to_lowercase();
            forms.iter().any(|form| path.to_lowercase().contains(form) || text.contains(form))
        })
        .map(|(path, _)| path.clone())
        .collect()
}

#[track_caller]
pub(crate) fn assert_absent(site: &Files, words: &[&str]) {
    for word in words {
        assert_eq!(found(site, word), [""; 0], "`{word}` is in the site");
    }
}

/// A dossier in the default theme that names one person in every way there is.
fn naming(person: &str) -> Dossier {
    Dossier::small()
        .settings("title: A dossier\nsummary: It began with [[zelda-quux]], or [[zelda-quux|Zelda Quux herself]].\nbase_url: https://example.org\nkey_actors: [zelda-quux, jane-doe]\n")
        .record("actors/zelda-quux.md", person)
        .record("actors/friend.md", "---\nname: Friend\nkind: person\nrelations: {kind: knows, to: zelda-quux}\nnot_same_as: zelda-quux\nroles: {title: Aide, at: zelda-quux}\n---\n")
        .record("events/e.md", "---\ntitle: E\ndate: 2023-06-21\nactors: [zelda-quux, {actor: zelda-was, role: witness}]\ncounts: {what: gates, best: 1, by: zelda-quux}\nstatus: {is: reported, by: zelda-quux}\nreplies: {from: zelda-quux, outcome: declined}\nupdates: {date: 2023-06-22, text: \"[[zelda-quux|Zelda Quux]] said more\"}\n---\n")
        .record("quotes/q.md", "---\nspeaker: zelda-quux\ndate: 2023-06-21\ntext: I am [[zelda-quux]].\nto: zelda-quux\nabout: [zelda-quux, gate-opened]\nvia: zelda-quux\ntranslation: {from: fr, by: zelda-quux}\ncontext_before: \"[[Zelda Quux]] was asked.\"\n---\nAfter [Zelda Quux](../actors/zelda-quux.md) had left.\n")
        .record("sources/s.md", "---\ntitle: S\npublisher: zelda-quux\nauthors: [zelda-quux, Somebody]\ncaptures: {file: copy.txt, by: zelda-was}\n---\n")
        .record("pages/p.md", "---\ntitle: P\n---\n## On [[zelda-quux]]\n\n## And [[zelda-quux|Zelda Quux]] again\n\nHere [[zelda-quux|*Zelda* Quux]] stood[^1] with [[zelda-quux]]. [[Zelda Quux|She]] left.\n\n| a | b |\n|---|---|\n| [[zelda-quux]] | x |\n\n[^1]: As [[zelda-was]] says.\n")
}

fn person(fields: &str) -> String {
    format!(
        "---\nname: Zelda Quux\nkind: person\naliases: zelda-was\nnames: Zelly\nsort_name: \"Quux, Zelda\"\nborn: 1999-09-19\nsummary: Zelda Quux lives here.\nnotes_internal: Her street is Elm Street.\ntags: quuxian\n{fields}---\nZelda Quux is [[zelda-quux]].\n"
    )
}

const NEVER: [&str; 9] = ["zelda", "zelda-quux", "zelda-was", "Zelly", "Quux", "Elm Street", "1999", "quuxian", "~0"];

#[test]
fn a_protected_person_without_display_is_in_no_byte_of_the_site() {
    for privacy in ["private", "minor", "victim", "protected-source"] {
        let site = naming(&person(&format!("privacy: {privacy}\n"))).site();
        assert_absent(&site, &NEVER);
    }
}

/// A dossier with one record for each reason to withhold a record, and a page that links to all of them.
fn withholding() -> Dossier {
    let quote = |more: &str| {
        format!(
            "---\nspeaker: jane-doe\ndate: 2023-06-21\ntitle: \"On the {more}\"\ntext: Words.\n{more}\nsource: daily\n---\n"
        )
    };
    Dossier::small()
        .settings("title: A dossier\n")
        .record("quotes/unfinished.md", quote("draft: true"))
        .record("quotes/embargoed.md", quote("publish_at: 2030-01-01"))
        .record("quotes/internal.md", quote("visibility: internal"))
        .record("quotes/closed.md", quote("visibility: sealed"))
        .record("actors/zelda-quux.md", "---\nname: Zelda Quux\nkind: person\nprivacy: private\ndraft: true\n---\n")
        .record("pages/p.md", "---\ntitle: P\nnotes_internal: Elm Street\n---\n[[unfinished]], [[embargoed]], [[internal]], [[closed]], [[zelda-quux]].\n")
}

#[test]
fn authors_see_what_is_unfinished_embargoed_or_internal_and_no_more() {
    let paths = |site: &Files| -> Vec<String> {
        let ids = ["unfinished", "embargoed", "internal", "closed", "not-before-six"];
        ids.iter().map(|id| format!("quotes/{id}.html")).filter(|path| site.contains_key(path)).collect()
    };
    let (made, _) = withholding().compile_for(Audience::Authors);
    let site = render(&made.renderer.unwrap());
    assert_eq!(
        paths(&site),
        ["quotes/unfinished.html", "quotes/embargoed.html", "quotes/internal.html", "quotes/not-before-six.html"]
    );
    assert_eq!(paths(&withholding().site()), ["quotes/not-before-six.html"]);
    assert_absent(&site, &["Zelda", "Quux", "Elm Street", "On the visibility: sealed"]);
    let index = text(main_of(std::str::from_utf8(&site["quotes/index.html"]).unwrap()));
    for mark in ["[draft] ", "[embargoed] ", "[internal] "] {
        assert!(index.contains(mark), "`{mark}` is not in {index}");
    }
}

#[test]
fn what_authors_see_is_never_written() {
    let (made, _) = withholding().compile_for(Audience::Authors);
    let folder = tempfile::TempDir::new().unwrap();
    let written = write_site(&made.renderer.unwrap(), &made.scan.unwrap(), &folder.path().join("public"), &|| {});
    assert!(matches!(written, Err(WriteError::NotForReaders)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn initials_are_not_shown_where_they_would_be_the_name() {
    for name in ["王 明", "J K", "김민수"] {
        let person = format!("---\nname: {name}\nkind: person\nprivacy: private\ndisplay: initials\n---\n");
        let site = Dossier::small()
            .record("actors/witness.md", person)
            .record("pages/p.md", "---\ntitle: P\n---\nSeen by [[witness]].\n")
            .site();
        let initials: String = name.split(' ').map(|word| format!("{}.", word.chars().next().unwrap())).collect();
        assert_absent(&site, &[name, &initials, &initials.replace('.', ". ")]);
    }
}

#[test]
fn a_picture_in_a_label_that_is_replaced_is_not_copied() {
    let site = naming(&person("privacy: victim\ndisplay: role-only\nrole: a neighbour\n"))
        .record("pages/face.gif", "a face")
        .record("pages/r.md", "---\ntitle: R\n---\n[[zelda-quux|![her face](face.gif)]]\n")
        .site();
    assert_absent(&site, &["face.gif", "her face", "Zelda"]);
}

#[test]
fn full_display_does_not_undo_protection() {
    assert_absent(&naming(&person("privacy: minor\ndisplay: full\n")).site(), &NEVER);
}

#[test]
fn a_person_who_is_omitted_is_in_no_byte_of_the_site() {
    assert_absent(&naming(&person("privacy: private\ndisplay: omit\n")).site(), &NEVER);
    assert_absent(&naming(&person("privacy: public-figure\ndisplay: omit\n")).site(), &NEVER);
}

#[test]
fn a_person_shown_by_role_is_named_by_role_alone() {
    let dossier = naming(&person("privacy: victim\ndisplay: role-only\nrole: a neighbour\n"));
    let site = dossier.site();
    assert_absent(&site, &NEVER);
    let page = text(main_of(&dossier.page("p.html")));
    assert!(page.contains("Here a neighbour stood"), "{page}");
    assert!(page.contains("with a neighbour. a neighbour left."), "{page}");
    let home = text(main_of(&dossier.page("index.html")));
    assert!(home.contains("It began with a neighbour, or a neighbour."), "{home}");
    let quote = text(main_of(&dossier.page("quotes/q.html")));
    assert!(quote.contains("a neighbour"), "{quote}");
    assert!(!site.contains_key("actors/zelda-quux.html"));
}

#[test]
fn a_person_shown_by_initials_is_named_by_them_alone() {
    let dossier = naming(&person("privacy: private\ndisplay: initials\n"));
    assert_absent(&dossier.site(), &NEVER);
    let page = text(main_of(&dossier.page("p.html")));
    assert!(page.contains("Here Z. Q. stood"), "{page}");
}

#[test]
fn a_person_shown_by_pseudonym_is_named_by_it_alone() {
    let dossier = naming(&person("privacy: protected-source\ndisplay: pseudonym\npseudonym: Aurora\n"));
    assert_absent(&dossier.site(), &NEVER);
    let page = text(main_of(&dossier.page("p.html")));
    assert!(page.contains("Here Aurora stood"), "{page}");
}

#[test]
fn a_display_text_is_text_and_no_html() {
    let dossier = naming(&person("privacy: private\ndisplay: role-only\nrole: <b>&amp; \"x\"</b>\n"));
    let page = dossier.page("p.html");
    assert!(page.contains("&lt;b&gt;&amp;amp; &quot;x&quot;&lt;/b&gt;"), "{page}");
    for (path, bytes) in dossier.site().iter().filter(|(path, _)| path.ends_with(".html")) {
        assert_eq!(faults(std::str::from_utf8(bytes).unwrap()), [""; 0], "{path}");
    }
}

/// A dossier that refers to a record by all kinds of links and fields.
fn referring(record: &str) -> Dossier {
    Dossier::small()
        .settings("title: A dossier\nbase_url: https://example.org\nallow: impossible-order\nkey_events: [secret-thing, gate-opened]\n")
        .record("events/secret-thing.md", format!("---\ntitle: Quuxmas\ndate: 1987-12-24\naliases: secret-was\nactors: jane-doe\ntags: quuxian\ncorrections: {{on: 2024-02-02, why: Quuxmas was wrong}}\nsource: daily\nplace: harbour\n{record}---\nQuuxmas it was, with [[jane-doe]] and ![a picture](quux.gif).\n"))
        .record("events/quux.gif", "picture")
        .record("events/e.md", "---\ntitle: E\ndate: 2023-06-21\npart_of: secret-thing\nfollows: secret-was\n---\nAs at [[secret-thing]], [[secret-was]] and [[Quuxmas]]; see [that](secret-thing.md).\n\n## After [[secret-thing]]\n")
        .record("quotes/q.md", "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: Remember [[secret-thing]].\nevent: secret-thing\nabout: [secret-thing, gate-opened]\n---\n")
}

const SECRET: [&str; 6] = ["Quuxmas", "secret-thing", "secret-was", "1987", "quux", "picture"];

#[test]
fn drafts_are_absent_with_all_their_traces() {
    assert_absent(&referring("draft: true\n").site(), &SECRET);
}

#[test]
fn internal_and_sealed_records_are_absent_with_all_their_traces() {
    assert_absent(&referring("visibility: internal\n").site(), &SECRET);
    assert_absent(&referring("visibility: sealed\n").site(), &SECRET);
}

#[test]
fn a_record_is_absent_until_the_day_on_which_it_may_be_published() {
    assert_absent(&referring("publish_at: 2025-06-02\n").on(2025, 6, 1).site(), &SECRET);
    assert_absent(&referring("publish_at: 2025-06\n").on(2025, 6, 29).site(), &SECRET);
    let is_there = |dossier: Dossier| dossier.site().contains_key("events/secret-thing.html");
    assert!(is_there(referring("publish_at: 2025-06-02\n").on(2025, 6, 2)));
    assert!(is_there(referring("publish_at: 2025-06\n").on(2025, 6, 30)));
    assert!(is_there(referring("")));
}

#[test]
fn a_record_whose_embargo_has_no_certain_end_is_withheld_and_nothing_is_built() {
    for day in [
        "2025-01-01~",
        "2025-01-01?",
        "2025-01-01%",
        "2025-~01-01",
        "2025-01?",
        "2024-12-01/2025-01-01",
        "2025-01-01/..",
        "../2025-01-01",
        "/2025-01-01",
        "\"[2025-01-01,2025-02-01]\"",
        "\"{2025-01-01,2025-02-01}\"",
    ] {
        let folder = referring(&format!("publish_at: {day}\n")).on_disk();
        let run = folder.run(&["build", "--date", "2026-01-01"]);
        assert_eq!(run.code, 1, "{day}");
        assert!(run.stderr.contains("error[uncertain-embargo]"), "{day}:\n{}", run.stderr);
        assert!(run.stderr.contains("write the first day on which readers may see it"), "{day}:\n{}", run.stderr);
        let shared = folder.run(&["check", "--format", "github", "--date", "2026-01-01"]).stdout.to_lowercase();
        assert!(shared.contains("uncertain-embargo") && !shared.contains("secret-thing"), "{day}:\n{shared}");
        let withheld = folder.run(&["withheld", "--date", "2026-01-01"]).stdout;
        assert!(withheld.contains("secret-thing"), "{day}:\n{withheld}");
    }
}

#[test]
fn the_day_of_the_build_is_typed_or_comes_from_the_environment() {
    let folder = referring("publish_at: 2025-06-02\n").on_disk();
    let is_there = |date: &str, epoch: Option<&str>| {
        let mut command = folder.command(&["build"]);
        if !date.is_empty() {
            command.args(["--date", date]);
        }
        if let Some(epoch) = epoch {
            command.env("SOURCE_DATE_EPOCH", epoch);
        }
        let run = crate::input::Run::of(command);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let site = folder.site();
        if !site.contains_key("events/secret-thing.html") {
            assert_absent(&site, &SECRET);
        }
        site.contains_key("events/secret-thing.html")
    };
    assert!(is_there("2025-06-02", None));
    assert!(!is_there("2025-06-01", None));
    // The second before, and the first second of that day in universal time.
    assert!(!is_there("", Some("1748822399")));
    assert!(is_there("", Some("1748822400")));
    assert!(!is_there("2025-06-01", Some("1748822400")));
}

#[test]
fn what_was_published_and_is_withdrawn_goes_from_the_folder() {
    let folder = referring("").on_disk();
    folder.build();
    assert!(folder.path("public/events/secret-thing.html").exists());
    assert!(folder.path("public/files/events/quux.gif").exists());
    folder.write(
        "content/events/secret-thing.md",
        "---\ntitle: Quuxmas\ndate: 1987-12-24\naliases: secret-was\ndraft: true\n---\n",
    );
    folder.build();
    assert_absent(&folder.site(), &["Quuxmas", "secret-thing", "1987", "quux.gif"]);
    assert!(!folder.path("public/files").exists());
}

#[test]
fn an_unlisted_record_has_a_page_and_stands_in_no_list() {
    let dossier = Dossier::small()
        .settings("title: A dossier\nbase_url: https://example.org\nkey_events: [hushed, gate-opened]\nkey_actors: [quietus, jane-doe]\n")
        .record("events/hushed.md", "---\ntitle: Hushed\ndate: 2023-06-21\nvisibility: unlisted\nactors: jane-doe\nsource: daily\nplace: harbour\ntags: hushing\ncorrections: {on: 2024-02-02, why: It was hushed}\nfollows: gate-opened\n---\n[[jane-doe]]\n")
        .record("events/before.md", "---\ntitle: Before\ndate: 2023-06-20\n---\n")
        .record("events/zafter.md", "---\ntitle: Zafter\ndate: 2023-06-22\n---\n")
        .record("actors/quietus.md", "---\nname: Quietus\nkind: person\nvisibility: unlisted\nrelations: {kind: knows, to: jane-doe}\n---\n")
        .record("quotes/hushed-words.md", "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: Hush.\nabout: gate-opened\nvisibility: unlisted\nsource: daily\n---\n")
        .record("pages/hushed-page.md", "---\ntitle: Hushed page\nvisibility: unlisted\norder: 1\n---\n")
        .record("pages/p.md", "---\ntitle: P\n---\nSee [[hushed]].\n");
    let site = dossier.site();
    // In the data is the record that links to it.
    let places = ["data/records.jsonl", "events/hushed.html", "hushed-page.html", "p.html", "quotes/hushed-words.html"];
    assert_eq!(found(&site, "hush"), places);
    let records = String::from_utf8(site["data/records.jsonl"].clone()).unwrap();
    let naming: Vec<&str> = records.lines().filter(|line| line.to_lowercase().contains("hush")).collect();
    assert!(matches!(naming.as_slice(), [line] if line.contains("\"id\":\"p\"")), "{naming:?}");
    assert_eq!(found(&site, "quietus"), ["actors/quietus.html"]);
    let page = dossier.page("events/hushed.html");
    assert!(page.contains("noindex"), "{page}");
    assert!(!page.contains("class=\"turn\""), "{page}");
}

#[test]
fn an_unlisted_methodology_is_not_on_the_home_page() {
    let dossier = Dossier::small()
        .settings("title: A dossier\n")
        .record("pages/methodology.md", "---\ntitle: Method\nvisibility: unlisted\n---\n");
    let home = dossier.page("index.html");
    assert!(!home.contains("methodology.html"), "{home}");
}

#[test]
fn internal_notes_are_never_published() {
    let kinds = [
        "actors/jane-doe.md",
        "events/gate-opened.md",
        "quotes/not-before-six.md",
        "sources/daily.md",
        "places/harbour.md",
        "pages/methodology.md",
    ];
    let folder = Dossier::small().settings("title: A dossier\n").on_disk();
    for path in kinds {
        let path = format!("content/{path}");
        let text = std::fs::read_to_string(folder.path(&path)).unwrap();
        folder.write(&path, text.replacen("---\n", "---\nnotes_internal: Quuxian note\n", 1));
    }
    folder.build();
    assert_absent(&folder.site(), &["Quuxian"]);
}

#[test]
fn an_attachment_is_copied_when_a_public_record_uses_it_and_only_then() {
    let dossier = Dossier::small()
        .record("pages/used.pdf", "used")
        .record("pages/unused.pdf", "unused")
        .record("actors/face.gif", "face")
        .record("pages/p.md", "---\ntitle: P\n---\n[x](used.pdf)\n")
        .record("pages/d.md", "---\ntitle: D\ndraft: true\n---\n[x](unused.pdf)\n")
        .record(
            "actors/z.md",
            "---\nname: Z\nkind: person\nprivacy: minor\nimage: face.gif\n---\n[x](../pages/unused.pdf)\n",
        );
    let folder = dossier.on_disk();
    folder.build();
    let files: Vec<String> = folder.site().into_keys().filter(|path| path.starts_with("files/")).collect();
    assert_eq!(files, ["files/pages/used.pdf"]);
}

#[test]
fn changing_what_is_private_changes_no_byte() {
    let protected = |name: &str, more: &str| {
        naming(&format!("---\nname: {name}\nkind: person\naliases: zelda-was\nnames: Zelda Quux\nprivacy: victim\ndisplay: role-only\nrole: a neighbour\n{more}---\n{name}\n")).site()
    };
    assert_same(
        &protected("Zelda One", ""),
        &protected("Zelda The Second", "born: 1950\ncountry: NL\ntags: other\nnotes_internal: x\nsummary: y\n"),
    );
    let secret = |title: &str, more: &str| {
        let text = format!(
            "---\ntitle: {title}\ndate: 1987-12-24\naliases: secret-was\nvisibility: internal\n{more}---\n{title}\n"
        );
        referring("").record("events/secret-thing.md", text).site()
    };
    assert_same(
        &secret("Quuxmas", ""),
        &secret(
            "Quuxmas",
            "time: \"18:05\"\nactors: [jane-doe, authority]\ntags: more\nplace: harbour\nsource: daily\nstatus: refuted\n",
        ),
    );
}

#[test]
fn a_record_that_is_withheld_leaves_the_same_bytes_as_none() {
    let without = Dossier::small().settings("title: A dossier\n");
    let with = without
        .clone()
        .record("actors/aaa.md", "---\nname: Aaa\nkind: person\nprivacy: private\n---\n[[jane-doe]]\n")
        .record("events/aaa-event.md", "---\ntitle: Aaa event\ndate: 2020-01-01\ndraft: true\nactors: [jane-doe, aaa]\nplace: harbour\ntags: gates\nsource: daily\n---\n[[jane-doe]] [[gate-opened]]\n")
        .record("quotes/aaa-quote.md", "---\nspeaker: jane-doe\nabout: authority\ndate: 2019\ntext: A\nvisibility: sealed\nsource: daily\n---\n[[methodology]]\n")
        .record("quotes/zzz.md", "---\nspeaker: jane-doe\nabout: authority\ndate: 2019\ntext: A\npublish_at: 2030\nsource: daily\n---\n");
    assert_same(&without.site(), &with.site());
}

/// A dossier in which single values of public records are withheld, with these values in them.
fn with_private_values(name: &str, day: &str, words: &str) -> Dossier {
    let actor = format!(
        "---\nname: {{value: {name}, visibility: sealed, public: The keeper}}\nkind: person\nprivacy: public-figure\nnames: [{{value: {name} the Elder, visibility: internal}}, Kay]\nborn: {{value: {day}, visibility: internal}}\nroles: [{{title: Keeper, at: {{value: {name} and Sons, visibility: internal}}}}]\nimage: {{value: face.png, visibility: internal}}\nx_file: {{value: {words}, visibility: internal}}\nx_box: {{number: {{value: {words}, visibility: internal}}, shelf: 7}}\n---\nHere.\n"
    );
    let quote = format!(
        "---\nspeaker: {{value: jane-doe, visibility: internal}}\ndate: {{value: {day}, visibility: internal, public: 1999}}\ntext: {{value: {words}, visibility: internal, public: \"They said something.\"}}\nabout: [{{value: friend, visibility: internal}}, gate-opened]\nplace: {{value: harbour, visibility: internal}}\ncontext_before: {{value: \"{words} [[friend]]\", visibility: internal}}\nsource: daily\ntags: [{{value: hidden-subject, visibility: internal}}, gates]\n---\n"
    );
    let event = format!(
        "---\ntitle: E\ndate: 2023-06-21\nactors: [{{value: friend, visibility: internal}}]\nupdates: [{{date: 2023-06-22, text: First.}}, {{value: {{date: 2023-06-23, text: \"{words} [[friend]]\"}}, visibility: internal}}, {{date: 2023-06-24, text: \"Last, see [[gate-opened]].\"}}]\n---\n"
    );
    Dossier::small()
        .settings("title: A dossier\nbase_url: https://example.org\n")
        .record("actors/keeper.md", actor)
        .record("actors/face.png", crate::input::png("a face"))
        .record("actors/friend.md", "---\nname: Friend\nkind: person\nprivacy: public-figure\n---\n")
        .record("quotes/q.md", quote)
        .record("events/e.md", event)
}

#[test]
fn a_value_that_is_withheld_is_in_no_byte_of_the_site() {
    let dossier = with_private_values("Zelda Quux", "1999-09-19", "the cellar was locked");
    let site = dossier.site();
    assert_absent(&site, &["Zelda", "Quux", "1999-09", "cellar", "face.png", "hidden-subject"]);
    let quote = text(main_of(&dossier.page("quotes/q.html")));
    assert!(quote.contains("They said something."), "{quote}");
    assert!(
        !quote.contains("author = {{Jane Doe}}") && !quote.contains("East Harbour") && !quote.contains("Friend"),
        "{quote}"
    );
    let actor = dossier.page("actors/keeper.html");
    assert!(actor.contains("The keeper") && actor.contains("Kay"), "{actor}");
}

#[test]
fn nobody_is_led_to_a_record_by_a_value_that_is_withheld() {
    let dossier = with_private_values("Zelda Quux", "1999-09-19", "the cellar was locked");
    for page in ["actors/friend.html", "actors/jane-doe.html", "places/harbour.html"] {
        let page = dossier.page(page);
        assert!(!page.contains("quotes/q.html") && !page.contains("events/e.html"), "{page}");
    }
    let event = text(main_of(&dossier.page("events/e.html")));
    assert!(event.contains("First.") && event.contains("Last, see The gate is opened."), "{event}");
    assert!(!event.contains("Friend"), "{event}");
}

#[test]
fn another_private_value_gives_the_same_site() {
    let one = with_private_values("Zelda Quux", "1999-09-19", "the cellar was locked").site();
    let other = with_private_values("Jim", "1950-01-01", "nobody knows").site();
    assert_same(&one, &other);
}

#[test]
fn authors_see_the_values_that_readers_do_not() {
    let (made, _) =
        with_private_values("Zelda Quux", "1999-09-19", "the cellar was locked").compile_for(Audience::Authors);
    let site = render(&made.renderer.unwrap());
    for (path, words) in
        [("actors/keeper.html", "Zelda Quux"), ("quotes/q.html", "the cellar was locked"), ("events/e.html", "Friend")]
    {
        let page = std::str::from_utf8(&site[path]).unwrap();
        assert!(page.contains(words), "`{words}` is not in {path}");
    }
}

#[test]
fn readers_are_told_of_what_is_known_and_withheld() {
    let dossier = Dossier::small().settings("title: A dossier\n").record(
        "quotes/q.md",
        "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: Not before six.\nplace: withheld\nabout: [withheld, gate-opened]\nevent: {value: gate-opened, visibility: internal, public: withheld}\nsource: daily\n---\n",
    );
    let page = text(main_of(&dossier.page("quotes/q.html")));
    assert!(page.contains("Known, and withheld: place, whom it is about, the occasion"), "{page}");
}

#[test]
fn a_record_about_a_minor_tells_neither_day_nor_place() {
    let dossier = Dossier::small()
        .settings("title: A dossier\n")
        .record("places/elm-street.md", "---\nname: Elm Street\ncountry: NL\n---\n")
        .record("events/e.md", "---\ntitle: A child is hurt\ndate: 2019-03-17\ntime: \"18:05\"\ntz: Europe/Amsterdam\nplace: elm-street\nsensitivity: minor\nupdates: {date: 2019-04-02, text: Later.}\nsource: daily\n---\n")
        .record("events/f.md", "---\ntitle: A child is heard\ndate: 2018-03-16/2018-05-02?\nplace: {value: elm-street, visibility: internal, public: harbour}\nsensitivity: [graphic, minor]\nsource: daily\n---\n");
    let site = dossier.site();
    let page = text(main_of(&dossier.page("events/e.html")));
    assert!(page.contains("March 2019") && page.contains("April 2019"), "{page}");
    assert_absent(
        &site,
        &["2019-03-17", "17 March", "18:05", "2019-04-02", "2 April", "2018-03-16", "16 March", "dates/2019-03-17"],
    );
    assert!(!page.contains("Elm Street") && !page.contains("Amsterdam"), "{page}");
    assert!(!dossier.page("places/elm-street.html").contains("events/"));
    let other = text(main_of(&dossier.page("events/f.html")));
    assert!(other.contains("East Harbour") && other.contains("2018"), "{other}");
}

#[test]
fn a_record_about_a_minor_tells_its_day_and_place_nowhere_else() {
    let dossier = Dossier::small()
        .settings("title: A dossier\n")
        .record("places/elm-street.md", "---\nname: Elm Street\ncountry: NL\nlat: 52.123456\nlon: 4.654321\nsensitivity: minor\n---\n")
        .record("actors/pupil.md", "---\nname: A pupil\nkind: person\nprivacy: limited\nborn: 2011-03-04\nsensitivity: minor\n---\n")
        .record("sources/s.md", "---\ntitle: S\npublished: 2019-03-18\nsensitivity: minor\n---\n")
        .record("events/e.md", "---\ntitle: A child is hurt\ndate: 2019-03-17\nplace: elm-street\nsensitivity: withheld\nstatus: {is: verified, on: 2019-03-19, by: elm-street, method: By hand}\ncounts: {what: hurt, best: 1, by: elm-street}\ncorrections: {on: 2020-01-01, field: date, was: 2019-03-16, now: 2019-03-17, why: It was wrong.}\nsource: daily\n---\n")
        .record("quotes/q.md", "---\nspeaker: jane-doe\ndate: 2019-03-20\ntext: So it was.\nplace: elm-street\nabout: [elm-street, gate-opened]\nsensitivity: minor\nsource: daily\n---\n");
    let site = dossier.site();
    assert_absent(
        &site,
        &[
            "52.123456",
            "4.654321",
            "2011-03",
            "4 March 2011",
            "18 March 2019",
            "17 March 2019",
            "19 March 2019",
            "16 March 2019",
            "20 March 2019",
            "2019-03-1",
            "2019-03-20",
        ],
    );
    for page in ["events/e.html", "quotes/q.html"] {
        assert!(!dossier.page(page).contains("Elm Street"), "{page}");
    }
}

#[test]
fn what_decides_who_sees_a_record_cannot_be_withheld_nor_half_said() {
    for (field, code) in [
        ("takedown: {value: {as: withdraw, on: 2024-01-01, reason: safety}, visibility: internal}", "cannot-withhold"),
        ("takedown: withheld", "wrong-type"),
        ("takedown:", "bad-value"),
        ("not_secret: {value: {text: A, why: B}, visibility: internal}", "cannot-withhold"),
        ("x_note: {value: S, visibility: internal, why: because}", "cannot-withhold"),
        ("x_note: {Value: S, Visibility: internal}", "cannot-withhold"),
        ("x_note: [{value: S, visibilty: internal}]", "cannot-withhold"),
    ] {
        let said = Dossier::small().record("pages/p.md", format!("---\ntitle: P\n{field}\n---\n")).findings();
        assert!(said.contains(code), "{field}: {said}");
    }
    let free = Dossier::small().record("pages/p.md", "---\ntitle: P\nx_note: {value: 3, unit: m}\n---\n");
    assert_eq!(free.findings(), "");
}

#[test]
fn a_name_beside_something_that_parts_words_is_found_in_every_view() {
    let person =
        "---\nname: Zorba Quixley\nkind: person\nprivacy: victim\ndisplay: role-only\nrole: a neighbour\n---\n";
    for words in [
        "| x | Zorba Quixley |\n|---|---|\n| witness | b |",
        "| witness |\n|---|\n| Zorba Quixley |",
        "witness<br>Zorba Quixley<br>witness",
        "x<hr>Zorba Quixley",
        "witness<wbr>Zorba Quixley",
        "witness<!-- c -->Zorba Quixley",
        "Zorba[^1] Quixley[^1]witness\n\n[^1]: A note.",
        "<td>witness</td><td>Zorba Quixley</td>",
        "<center>witness</center><center>Zorba Quixley</center>",
        "`x`Zorba Quixley",
        "I met Zorba Quixley¹ at the gate, and ½Zorba Quixley②",
    ] {
        let site = Dossier::small()
            .settings("title: A dossier\nbase_url: https://example.org\n")
            .record("actors/p1.md", person)
            .record("pages/p.md", format!("---\ntitle: P\n---\n{words}\n"))
            .site();
        assert_eq!(found(&site, "Quixley"), [""; 0], "{words}");
    }
}
