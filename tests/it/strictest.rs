//! What decides who sees a record, and cannot be read: nothing is published, and nothing is told of the record to others.

use crate::http::Preview;
use crate::input::{Dossier, Folder};

/// Ways to say what decides who sees a record so that it cannot be read, and what is said of each.
const UNREADABLE: [(&str, &str); 13] = [
    ("privacy: mnior", "unknown-word"),
    ("privacy: Minor", "unknown-word"),
    ("privacy: [minor, victim]", "wrong-type"),
    ("privacy:", "wrong-type"),
    ("priavcy: minor", "unknown-key"),
    ("Privacy: minor", "unknown-key"),
    ("visibility: intrnal", "unknown-word"),
    ("visibility:", "wrong-type"),
    ("visiblity: internal", "unknown-key"),
    ("display: initals", "unknown-word"),
    ("display: ~", "wrong-type"),
    ("publish_at:", "wrong-type"),
    ("draft: yes, please", "wrong-type"),
];

/// A person of whom nobody knows how much may be shown, and records that name her in every way.
fn naming(line: &str) -> Folder {
    Dossier::small()
        .set("allow: [missing-page, orphan, unused-source, untraceable-source]")
        .record("actors/zelda-quux.md", format!("---\nname: Zelda Quux\nkind: person\naliases: zelly\n{line}\n---\nShe.\n"))
        .record("actors/friend.md", "---\nname: Friend\nkind: person\nprivacy: limited\nroles: {title: Aide, at: zelda-quux}\nrelations: {kind: knows, to: zelda-quux}\n---\n")
        .record("sources/s.md", "---\ntitle: S\npublisher: zelda-quux\nauthors: zelda-quux\n---\n")
        .record("pages/p.md", "---\ntitle: P\n---\nSee [[zelda-quux]] and [her](../actors/zelda-quux.md).\n")
        .on_disk()
}

#[test]
fn what_cannot_be_read_is_an_error_that_nothing_allows_and_nothing_is_written() {
    for (line, code) in UNREADABLE {
        for level in ["internal", "public"] {
            let folder = naming(line);
            let settings = std::fs::read_to_string(folder.path("dossier.yaml")).unwrap();
            folder.write("dossier.yaml", format!("level: {level}\n{settings}"));
            let run = folder.run(&["build"]);
            assert_eq!(run.code, 1, "{line}");
            assert!(run.stderr.contains(&format!("error[{code}]")), "{line}:\n{}", run.stderr);
            assert!(!folder.path("public").exists(), "{line}");
            // What leads to her is no mistake of its own.
            assert_eq!(run.stderr.matches("error[").count(), 1, "{line}:\n{}", run.stderr);
        }
        let run = naming(line).run(&["check", "--allow", code]);
        assert!(run.code == 2 && run.stderr.contains("cannot be allowed"), "{line}:\n{}", run.stderr);
    }
}

#[test]
fn a_site_that_stands_is_left_as_it_is() {
    let folder = naming("privacy: public-figure");
    folder.write("content/pages/p.md", "---\ntitle: P\n---\nSee [[zelda-quux]].\n");
    folder.build();
    let before = folder.site();
    folder.write("content/actors/zelda-quux.md", "---\nname: Zelda Quux\nkind: person\nprivacy: mnior\n---\n");
    assert_eq!(folder.run(&["build"]).code, 1);
    crate::input::assert_same(&before, &folder.site());
}

#[test]
fn shared_logs_tell_neither_its_id_nor_its_name() {
    for (line, _) in UNREADABLE {
        for format in ["github", "sarif"] {
            let run = naming(line).run(&["check", "--format", format, "--level", "public"]);
            let said = format!("{}{}", run.stdout, run.stderr).to_lowercase();
            assert_eq!(run.code, 1, "{line}");
            for secret in ["zelda", "quux", "zelly", "mnior", "intrnal"] {
                assert!(!said.contains(secret), "{line}: {format} says `{secret}`:\n{said}");
            }
        }
    }
}

#[test]
fn it_is_not_listed_and_not_shown() {
    for (line, _) in UNREADABLE {
        let folder = naming(line);
        let list = folder.run(&["list"]);
        assert_eq!(list.code, 1, "{line}");
        assert!(!list.stdout.contains("zelda") && !list.stdout.contains("Zelda"), "{line}:\n{}", list.stdout);
        let show = folder.run(&["show", "zelda-quux"]);
        assert_eq!((show.code, show.stdout.as_str()), (1, ""), "{line}");
        assert!(show.stderr.contains("the record `zelda-quux` could not be read"), "{line}:\n{}", show.stderr);
    }
}

#[test]
fn no_view_of_the_preview_has_a_page_before_it_can_be_read() {
    let folder = naming("privacy: mnior");
    for view in ["public", "internal"] {
        let preview = Preview::start(&folder.path(""), &["--as", view]);
        for page in ["/actors/zelda-quux.html", "/actors/friend.html", "/p.html", "/sources/s.html"] {
            assert_eq!(preview.get(page).status, 503, "{view}: {page}");
        }
        folder.write("content/actors/zelda-quux.md", "---\nname: Zelda Quux\nkind: person\nprivacy: minor\n---\n");
        assert_eq!(preview.get("/actors/zelda-quux.html").status, 404, "{view}");
        let page = preview.page("/p.html");
        assert!(!page.to_lowercase().contains("zelda"), "{view}:\n{page}");
        folder.write("content/actors/zelda-quux.md", "---\nname: Zelda Quux\nkind: person\nprivacy: mnior\n---\n");
    }
}

#[test]
fn a_person_without_a_class_is_not_published_at_level_public() {
    let folder = naming("born: 1980");
    folder.write("content/pages/p.md", "---\ntitle: P\n---\nSee [[zelda-quux]].\n");
    let settings = std::fs::read_to_string(folder.path("dossier.yaml")).unwrap();
    folder.write("dossier.yaml", format!("{settings}level: public\n"));
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.contains("error[no-privacy-class]"), "{}", run.stderr);
    let list = folder.run(&["list", "actor"]);
    let row = list.stdout.lines().find(|row| row.starts_with("zelda-quux")).unwrap();
    assert!(row.contains("unclassified"), "{row}");
}
