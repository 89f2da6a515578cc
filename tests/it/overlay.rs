//! What lies outside of the dossier: readers see the same with it and without it, and authors are told what it adds.

use crate::input::{Dossier, Folder, Run, assert_same, program, render};
use dossier::redact::Audience;

/// A dossier with a witness whose name is not in it, and with a page that says nothing of it.
fn dossier() -> Dossier {
    Dossier::small()
        .settings("title: A dossier\nbase_url: https://example.org\n")
        .record("actors/witness.md", "---\nname: Witness A\nkind: person\nprivacy: public-figure\n---\nShe saw it.\n")
        .record("pages/p.md", "---\ntitle: P\n---\nSeen by [[witness]].\n")
}

fn with_overlay() -> Dossier {
    dossier()
        .sealed(
            "actors/witness.md",
            "---\nname: Zelda Quux\nborn: 1999-09-19\nrelations: {kind: knows, to: jane-doe}\nnotes_internal: Elm Street\ntags: hidden-subject\n---\nShe lives in a cellar.\n",
        )
        .sealed("quotes/confession.md", "---\nspeaker: witness\ndate: 2023-06-21\ntext: I held the key.\nabout: jane-doe\ntags: gates\n---\n")
        .sealed(
            "more.yaml",
            "type: actor\nid: stranger\nname: Jim Strange\nkind: person\n---\ntype: event\nid: gate-opened\nplace: cellar\n---\ntype: place\nid: cellar\nname: The Cellar\n",
        )
}

#[test]
fn readers_see_the_same_with_an_overlay_and_without() {
    assert_same(&with_overlay().site(), &dossier().site());
}

#[test]
fn authors_see_what_an_overlay_adds_to_a_record() {
    let (made, _) = with_overlay().compile_for(Audience::Authors);
    let site = render(&made.renderer.unwrap());
    let page = std::str::from_utf8(&site["actors/witness.html"]).unwrap();
    assert!(page.contains("Zelda Quux") && page.contains("1999"), "{page}");
    // What is sealed by itself has no page for anybody.
    assert!(!site.contains_key("quotes/confession.html") && !site.contains_key("actors/stranger.html"));
}

#[test]
fn a_record_cannot_rest_on_what_only_an_overlay_has() {
    let dossier = with_overlay().record("pages/q.md", "---\ntitle: Q\n---\nSee [[stranger]].\n");
    assert_eq!(
        dossier.findings(),
        "content/pages/q.md:4:5 unknown-reference no record has the id or name `stranger`\n"
    );
}

#[test]
fn an_overlay_cannot_decide_what_readers_see_and_says_what_is_wrong_in_it() {
    let said = dossier()
        .sealed("actors/witness.md", "---\nprivacy: private\nborn: yesterday\nnmae: Zelda\n---\n")
        .sealed("actors/jane-doe.md", "---\nvisibility: sealed\n---\n")
        .sealed("events/authority.md", "---\ntitle: E\n---\n")
        .sealed("quotes/broken.md", "---\nspeaker: jane-doe\n---\n")
        .findings();
    for expected in [
        "../sealed/actors/witness.md:2:1 cannot-withhold `privacy` decides what readers see, and cannot stand in an overlay",
        "../sealed/actors/witness.md:3:7 bad-date `yesterday` is not an EDTF date",
        "../sealed/actors/witness.md:4:1 unknown-key unknown key `nmae`",
        "../sealed/actors/jane-doe.md:2:1 cannot-withhold `visibility` decides",
        "../sealed/events/authority.md:2:1 unknown-kind `authority` is of another kind in the dossier than in the overlay",
        "../sealed/quotes/broken.md:2:1 missing-key `text` is missing",
    ] {
        assert!(said.contains(expected), "`{expected}` is not in\n{said}");
    }
}

/// A dossier on the disk with an overlay beside it.
fn on_disk() -> Folder {
    let folder = Folder::empty();
    folder.write("dossier/dossier.yaml", "title: A dossier\ntheme: plain\noverlay: ../sealed\n");
    folder.write(
        "dossier/content/actors/witness.md",
        "---\nname: Witness A\nkind: person\nprivacy: public-figure\n---\n",
    );
    folder.write("sealed/actors/witness.md", "---\nborn: 1999-09-19\n---\n");
    folder
}

#[test]
fn an_overlay_is_set_or_typed_and_may_be_on_no_machine_but_one() {
    let folder = on_disk();
    let shown = |args: &[&str]| Run::of(program(&folder.path("dossier"), args));
    let with = shown(&["show", "witness", "--format", "json"]);
    assert!(with.stdout.contains("1999-09-19"), "{}", with.stdout);
    std::fs::rename(folder.path("sealed"), folder.path("elsewhere")).unwrap();
    let without = shown(&["check", "--all"]);
    assert!(
        without.stdout.contains("note[overlay-absent]: the overlay `../sealed` is not on this machine"),
        "{}",
        without.stdout
    );
    assert_eq!(without.code, 0);
    let typed = shown(&["show", "witness", "--format", "json", "--overlay", "../elsewhere"]);
    assert!(typed.stdout.contains("1999-09-19"), "{}", typed.stdout);
    let wrong = shown(&["build", "--overlay", "../nowhere"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("cannot read the overlay `../nowhere`"), "{}", wrong.stderr);
    std::fs::rename(folder.path("elsewhere"), folder.path("dossier/elsewhere")).unwrap();
    let inside = shown(&["build", "--overlay", "elsewhere"]);
    assert_eq!(inside.code, 2);
    assert!(inside.stderr.contains("it lies in the folder of the dossier"), "{}", inside.stderr);
}

pub(crate) fn say_of_an_absent_overlay() -> String {
    let folder = on_disk();
    std::fs::remove_dir_all(folder.path("sealed")).unwrap();
    Run::of(program(&folder.path("dossier"), &["check", "--all"])).stdout
}

#[test]
fn what_an_overlay_adds_is_reported_to_the_authors() {
    let folder = on_disk();
    folder.write(
        "dossier/content/quotes/q.md",
        "---\nspeaker: {value: witness, visibility: internal}\ndate: 2023\ntext: Yes.\n---\n",
    );
    folder.write("sealed/actors/stranger.md", "---\nname: Jim Strange\nkind: person\n---\n");
    let run = Run::of(program(&folder.path("dossier"), &["withheld", "--format", "csv"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    for row in [
        "field,,,q,quote,,speaker,,,content/quotes/q.md,2",
        "field,,,witness,actor,,born,,,../sealed/actors/witness.md,2",
    ] {
        assert!(run.stdout.contains(row), "`{row}` is not in\n{}", run.stdout);
    }
    assert!(run.stdout.contains("record,sealed,,stranger,actor,Jim Strange"), "{}", run.stdout);
}
