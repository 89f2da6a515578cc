//! Writing the site: what changed and nothing else, nothing that is not ours, all of it or none.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::SystemTime;

use crate::input::{Dossier, Files, Folder, assert_same, files_in};

const MANIFEST: &str = "public/.dossier-manifest";

fn small() -> Folder {
    Dossier::small().set("theme: default").settings("title: A dossier\n").on_disk()
}

/// When each file of the site was last written.
fn times(folder: &Folder) -> BTreeMap<String, SystemTime> {
    let time = |path: &String| fs::metadata(folder.path("public").join(path)).unwrap().modified().unwrap();
    folder.site().keys().map(|path| (path.clone(), time(path))).collect()
}

/// Makes every file of the site look old, so that what is written again can be told.
fn make_old(folder: &Folder) {
    let long_ago = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
    for path in folder.site().keys() {
        let file = fs::File::options().write(true).open(folder.path("public").join(path)).unwrap();
        file.set_modified(long_ago).unwrap();
    }
}

/// The files that a build writes when all of them are old.
fn rewritten(folder: &Folder) -> Vec<String> {
    make_old(folder);
    let before = times(folder);
    folder.build();
    let is_new = |(path, time): &(String, SystemTime)| before.get(path) != Some(time);
    times(folder).into_iter().filter(is_new).map(|(path, _)| path).filter(|path| !MANIFEST.ends_with(path)).collect()
}

#[track_caller]
fn assert_nothing_pending(folder: &Folder) {
    let left: Vec<String> =
        files_in(&folder.path("")).into_keys().filter(|path| path.contains("dossier-tmp")).collect();
    assert_eq!(left, [""; 0]);
    assert!(!folder.path("public.dossier-tmp").exists());
}

#[test]
fn the_first_build_writes_the_whole_site() {
    let folder = small();
    let run = folder.build();
    let site = folder.site();
    for path in [
        "index.html",
        "404.html",
        "actors/jane-doe.html",
        "dates/2023-06-21.html",
        "static/style.css",
        ".dossier-manifest",
    ] {
        assert!(site.contains_key(path), "there is no {path}");
    }
    let pages = site.keys().filter(|path| path.ends_with(".html")).count();
    assert!(run.stdout.starts_with(&format!("{pages} pages, {} files, ", site.len() - 1)), "{}", run.stdout);
    assert_nothing_pending(&folder);
}

#[test]
fn what_is_written_is_what_is_rendered() {
    let dossier = Dossier::small().settings("title: A dossier\nbase_url: https://example.org\n");
    let folder = dossier.on_disk();
    folder.build();
    let mut built = folder.site();
    built.remove(".dossier-manifest").unwrap();
    assert_same(&dossier.site(), &built);
}

#[test]
fn a_second_build_writes_nothing() {
    let folder = small();
    folder.build();
    assert_eq!(rewritten(&folder), [""; 0]);
    let run = folder.run(&["build", "--verbose"]);
    assert!(run.stderr.ends_with("wrote 0 files, deleted 0\n"), "{}", run.stderr);
}

#[test]
fn a_change_rewrites_what_it_changes_and_nothing_else() {
    let folder = small();
    folder.build();
    folder.write("content/pages/methodology.md", "---\ntitle: Method\n---\n## How\n\nBy hand and eye.\n");
    assert_eq!(rewritten(&folder), ["data/records.jsonl", "methodology.html"]);
    assert_nothing_pending(&folder);
}

#[test]
fn an_updated_site_is_the_same_as_a_fresh_one() {
    let folder = small();
    folder.build();
    folder.write(
        "content/events/new.md",
        "---\ntitle: New\ndate: 2024\nactors: jane-doe\ntags: fresh\n---\n[[authority]]\n",
    );
    folder.remove("content/quotes/not-before-six.md");
    folder.write("content/events/gate-opened.md", "---\ntitle: The gate was opened\ndate: 2023-06-20\n---\n");
    folder.build();
    let updated = folder.site();
    fs::remove_dir_all(folder.path("public")).unwrap();
    folder.build();
    assert_same(&updated, &folder.site());
}

#[test]
fn the_page_of_a_removed_record_goes_and_so_does_the_folder_that_it_empties() {
    let folder = Dossier::small()
        .record("pages/deep/er/file.pdf", "file")
        .record("pages/p.md", "---\ntitle: P\n---\n[x](deep/er/file.pdf)\n")
        .on_disk();
    folder.build();
    assert!(folder.path("public/files/pages/deep/er/file.pdf").exists());
    folder.remove("content/pages/p.md");
    folder.build();
    assert!(!folder.path("public/p.html").exists());
    assert!(!folder.path("public/files").exists());
}

#[test]
fn files_of_others_are_never_touched() {
    let folder = small();
    folder.build();
    let others = [
        "public/CNAME",
        "public/actors/mine.html",
        "public/own/deep/file",
        "public/.well-known/security.txt",
        "public/actors.html",
    ];
    for path in others {
        folder.write(path, "mine");
    }
    folder.remove("content/places/harbour.md");
    folder.write("content/events/gate-opened.md", "---\ntitle: The gate is opened\ndate: 2023-06-20\n---\n");
    folder.build();
    for path in others {
        assert_eq!(fs::read(folder.path(path)).unwrap(), b"mine", "{path}");
    }
}

#[test]
fn a_file_of_others_in_the_way_is_an_error_that_changes_nothing() {
    for in_the_way in ["public/actors/new.html", "public/tags/fresh.html/x"] {
        let folder = small();
        folder.build();
        folder.write(in_the_way, "mine");
        let before = folder.site();
        folder.write("content/actors/new.md", "---\nname: New\nkind: person\ntags: fresh\n---\n");
        let run = folder.run(&["build"]);
        assert_eq!(run.code, 2, "{}", run.stderr);
        assert!(run.stderr.contains("no build has written `"), "{}", run.stderr);
        assert!(
            run.stderr.contains("hint: move them away, or choose another folder with `--out`; nothing was written"),
            "{}",
            run.stderr
        );
        assert_same(&before, &folder.site());
    }
}

#[test]
fn a_folder_of_others_is_added_to_and_never_overwritten() {
    let folder = small();
    folder.write("public/index.html", "mine");
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 2);
    assert_eq!(folder.site().into_keys().collect::<Vec<_>>(), ["index.html"]);
    folder.remove("public/index.html");
    folder.write("public/readme.txt", "mine");
    folder.build();
    assert_eq!(folder.site()["readme.txt"], b"mine");
}

#[test]
fn a_manifest_that_was_tampered_with_deletes_nothing_outside() {
    let folder = small();
    folder.build();
    folder.write("outside", "mine");
    folder.write("public/kept/x", "mine");
    let absolute = folder.path("outside").display().to_string();
    for state in ["finished", "unfinished"] {
        for line in [
            "../outside",
            absolute.as_str(),
            "actors/../../outside",
            "./../outside",
            "kept",
            "kept/",
            "",
            ".",
            "..",
            "a\\..\\outside",
        ] {
            folder.write(MANIFEST, format!("dossier manifest 1: {state}\nindex.html\n{line}\n"));
            // What the manifest does not list is not ours any more, so the build may refuse; it may delete nothing.
            folder.run(&["build"]);
            assert_eq!(fs::read(folder.path("outside")).unwrap(), b"mine", "{line}");
            assert_eq!(fs::read(folder.path("public/kept/x")).unwrap(), b"mine", "{line}");
        }
    }
}

#[test]
fn a_manifest_that_is_rubbish_is_no_manifest() {
    for rubbish in [
        &b""[..],
        b"\n",
        b"\xff\xfe",
        b"dossier manifest 9: finished\nindex.html\n",
        b"rubbish\nindex.html\nstatic/style.css\n",
    ] {
        let folder = small();
        folder.build();
        folder.write(MANIFEST, rubbish);
        let run = folder.run(&["build"]);
        assert_eq!(run.code, 2, "{}", run.stderr);
    }
}

fn link(target: &Path, path: &Path) {
    std::os::unix::fs::symlink(target, path).unwrap();
}

#[test]
fn a_folder_of_the_site_that_is_a_link_is_not_followed() {
    let folder = small();
    folder.build();
    fs::create_dir(folder.path("outside")).unwrap();
    fs::rename(folder.path("public/actors"), folder.path("outside/actors")).unwrap();
    link(&folder.path("outside/actors"), &folder.path("public/actors"));
    let before = files_in(&folder.path("outside"));
    folder.write("content/actors/jane-doe.md", "---\nname: Changed\nkind: person\n---\n");
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert_same(&before, &files_in(&folder.path("outside")));
}

#[test]
fn nothing_is_deleted_through_a_link() {
    for state in ["finished", "unfinished"] {
        let folder = small();
        folder.build();
        folder.write("outside/photo.png", "mine");
        folder.write("outside/photo.png.dossier-tmp", "mine");
        link(&folder.path("outside"), &folder.path("public/files"));
        let paths: String =
            folder.site().keys().filter(|path| !MANIFEST.ends_with(*path)).map(|path| format!("{path}\n")).collect();
        let manifest = format!("dossier manifest 1: {state}\n{paths}files/photo.png\n");
        folder.write(MANIFEST, manifest);
        folder.build();
        assert_eq!(files_in(&folder.path("outside")).len(), 2, "{state}");
    }
}

#[test]
fn the_folder_of_the_site_may_be_a_link() {
    let folder = small();
    fs::create_dir(folder.path("elsewhere")).unwrap();
    link(&folder.path("elsewhere"), &folder.path("public"));
    folder.build();
    assert!(folder.path("elsewhere/index.html").is_file());
    folder.build();
    assert!(folder.path("public").is_symlink());
}

#[test]
fn a_file_of_the_site_that_is_a_link_is_not_written_through() {
    let folder = small();
    folder.build();
    folder.write("outside.html", "mine");
    folder.remove("public/methodology.html");
    link(&folder.path("outside.html"), &folder.path("public/methodology.html"));
    folder.write("content/pages/methodology.md", "---\ntitle: Changed\n---\n");
    folder.run(&["build"]);
    assert_eq!(fs::read(folder.path("outside.html")).unwrap(), b"mine");
}

#[test]
fn a_link_with_the_name_of_a_file_in_the_making_is_not_written_through() {
    for pending in ["public/methodology.html.dossier-tmp", "public/.dossier-manifest.dossier-tmp"] {
        let folder = small();
        folder.build();
        folder.write("outside", "mine");
        link(&folder.path("outside"), &folder.path(pending));
        folder.write("content/pages/methodology.md", "---\ntitle: Changed\n---\n");
        folder.build();
        assert_eq!(fs::read(folder.path("outside")).unwrap(), b"mine", "{pending}");
        assert!(!folder.path("public/methodology.html").is_symlink());
        assert_nothing_pending(&folder);
    }
}

#[test]
fn a_build_with_a_mistake_in_a_record_changes_nothing() {
    let folder = small();
    folder.build();
    make_old(&folder);
    let (before, written) = (folder.site(), times(&folder));
    folder.write("content/pages/methodology.md", "---\ntitle: Changed\n---\n[[nobody]]\n");
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 1);
    assert!(run.stderr.ends_with("1 error in 1 file\nnothing was written\n"), "{}", run.stderr);
    assert_same(&before, &folder.site());
    assert_eq!(written, times(&folder));
}

/// A template that fails on the page of one record and on no other.
const FAILS_ONCE: &str = "{% extends \"base.html\" %}{% block main %}{% if free.id == \"zzz\" %}{{ free.no.such.field }}{% endif %}changed{% endblock %}";

#[test]
fn a_template_that_fails_at_one_page_changes_nothing() {
    let folder = small();
    folder.write("content/pages/zzz.md", "---\ntitle: Z\n---\n");
    folder.build();
    let before = folder.site();
    folder.write("templates/page.html", FAILS_ONCE);
    folder.write("content/actors/new.md", "---\nname: New\nkind: person\n---\n");
    let run = folder.run(&["build"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("the page `zzz.html` cannot be rendered"), "{}", run.stderr);
    assert_same(&before, &folder.site());
    assert_nothing_pending(&folder);
}

#[test]
fn a_first_build_that_fails_leaves_nothing() {
    let folder = small();
    folder.write("content/pages/zzz.md", "---\ntitle: Z\n---\n");
    folder.write("templates/page.html", FAILS_ONCE);
    assert_eq!(folder.run(&["build"]).code, 1);
    assert!(!folder.path("public").exists());
    assert_nothing_pending(&folder);
}

#[test]
fn a_build_that_fails_leaves_a_folder_of_others_as_it_was() {
    let folder = small();
    folder.write("public/mine.txt", "mine");
    folder.write("content/pages/zzz.md", "---\ntitle: Z\n---\n");
    folder.write("templates/page.html", FAILS_ONCE);
    assert_eq!(folder.run(&["build"]).code, 1);
    assert_eq!(folder.site().into_keys().collect::<Vec<_>>(), ["mine.txt"]);
}

#[test]
fn a_folder_of_others_with_the_name_of_ours_is_not_taken_over() {
    let folder = small();
    folder.write("public.dossier-tmp/mine.txt", "mine");
    folder.run(&["build"]);
    assert_eq!(fs::read(folder.path("public.dossier-tmp/mine.txt")).unwrap(), b"mine");
}

#[test]
fn attachments_keep_their_names_whatever_they_are() {
    let names = ["photo 1.gif", "10:30.gif", "back\\slash.gif", "quote'd \"x\".gif", "é🙂.gif", "a%20b.gif", "#?.gif"];
    let encoded = |name: &str| name.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
    let links: String = names.iter().map(|name| format!("![x]({})\n", encoded(name))).collect();
    let mut dossier = Dossier::small().record("pages/p.md", format!("---\ntitle: P\n---\n{links}"));
    for name in names {
        dossier = dossier.record(&format!("pages/{name}"), name);
    }
    let folder = dossier.on_disk();
    folder.build();
    let site = folder.site();
    for name in names {
        assert_eq!(site.get(&format!("files/pages/{name}")).map(Vec::as_slice), Some(name.as_bytes()), "{name}");
    }
    assert_eq!(crate::html::broken_links(&site), [""; 0]);
    assert_eq!(rewritten(&folder), [""; 0]);
    folder.remove("content/pages/p.md");
    folder.build();
    let left: Vec<String> = folder.site().into_keys().filter(|path| path.starts_with("files/")).collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn an_attachment_cannot_put_a_line_into_the_manifest() {
    let dossier = Dossier::small()
        .record("pages/a\nmine.txt", "x")
        .record("pages/p.md", "---\ntitle: P\n---\n[x](a%0Amine.txt)\n");
    let folder = dossier.on_disk();
    if folder.run(&["build"]).code == 0 {
        folder.write("public/mine.txt", "mine");
        folder.remove("content/pages/p.md");
        folder.run(&["build"]);
        assert_eq!(fs::read(folder.path("public/mine.txt")).unwrap(), b"mine");
    }
    assert!(!fs::read_to_string(folder.path(MANIFEST)).unwrap_or_default().lines().any(|line| line == "mine.txt"));
}

#[test]
fn the_site_is_not_written_into_what_it_is_made_from() {
    let folder = small();
    fs::create_dir(folder.path("templates")).unwrap();
    for out in [".", "..", "content", "content/site", "content/actors/deep/site", "templates", "templates/site"] {
        let before = files_in(&folder.path(""));
        let run = folder.run(&["build", "--out", out]);
        assert_eq!(run.code, 2, "--out {out}: {}", run.stdout);
        assert!(run.stderr.contains("since the dossier is read from there"), "{}", run.stderr);
        assert_same(&before, &files_in(&folder.path("")));
    }
}

#[test]
fn the_folder_of_the_site_is_set_or_typed() {
    let folder = Dossier::small().set("out: build/site").on_disk();
    folder.build();
    assert!(folder.path("build/site/index.html").is_file());
    assert_eq!(folder.run(&["build", "--out", "typed"]).code, 0);
    assert!(folder.path("typed/index.html").is_file());
    assert!(!folder.path("public").exists());
}

#[test]
fn where_the_site_cannot_be_written_the_path_is_named() {
    let folder = small();
    folder.write("file", "no folder");
    let run = folder.run(&["build", "--out", "file/site"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.starts_with("error: cannot "), "{}", run.stderr);
    assert!(run.stderr.contains("file/site"), "{}", run.stderr);
    let _: Files = folder_is_as_it_was(&folder);
}

fn folder_is_as_it_was(folder: &Folder) -> Files {
    let files = files_in(&folder.path(""));
    assert_eq!(files["file"], b"no folder");
    files
}
