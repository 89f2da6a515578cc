//! The preview over real sockets: it shows what a build would give, at every moment, whatever is done to the files.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufReader, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::http::{Answer, Events, Preview, without_block};
use crate::input::{Dossier, Files, Folder, assert_same, files_in, png, png_with};

const QUOTE: &str = "content/quotes/words.md";
const PAGE: &str = "/quotes/words.html";

fn quote(words: &str) -> String {
    format!("---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: {words}\nabout: gate-opened\nsource: daily\n---\n")
}

/// A dossier with a quote to edit, on which nothing else depends.
fn incident() -> Dossier {
    Dossier::small().record("quotes/words.md", quote("We did not open the gate before six."))
}

/// What a build of the folder gives.
fn built(folder: &Folder) -> Files {
    let run = folder.run(&["build", "--date", "2025-06-01", "--out", "built"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let mut files = files_in(&folder.path("built"));
    files.retain(|path, _| !path.starts_with(".dossier"));
    fs::remove_dir_all(folder.path("built")).unwrap();
    files
}

/// What the preview answers for each of some paths, without its own block.
fn shown(preview: &Preview, paths: impl Iterator<Item = String>) -> Files {
    let base = preview.url.splitn(4, '/').nth(3).unwrap();
    paths
        .map(|path| {
            let answer = preview.get(&format!("/{base}{path}"));
            assert_eq!(answer.status, 200, "{path}");
            (path, without_block(&answer.body))
        })
        .collect()
}

#[track_caller]
fn assert_shows_the_build(preview: &Preview, folder: &Folder) {
    let built = built(folder);
    assert_same(&shown(preview, built.keys().cloned()), &built);
}

#[test]
fn the_public_view_is_the_build_to_the_byte_before_and_after_edits() {
    let folder = incident().record("events/gate.gif", "not really a picture").on_disk();
    folder.write(QUOTE, quote("Before six.") + "![gate](../events/gate.gif)\n");
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    assert_shows_the_build(&preview, &folder);
    folder.write(QUOTE, quote("After six.") + "![gate](../events/gate.gif)\n");
    folder.write("content/quotes/more.md", quote("More."));
    folder.write("static/own.txt", "own");
    assert_shows_the_build(&preview, &folder);
    folder.write("dossier.yaml", "title: Another\ntheme: default\nbase_url: https://example.org/\n");
    folder.remove("static/own.txt");
    folder.write("content/events/gate.gif", "another picture");
    assert_shows_the_build(&preview, &folder);
}

#[test]
fn a_picture_is_shown_as_it_is_published() {
    let named = [(b"tEXt", b"Author\0Zelda Quux".as_slice())];
    let (clean, loaded) = (png("gate"), png_with("gate", &named));
    let folder = incident().record("events/gate.png", &loaded).file("static/logo.png", &loaded).on_disk();
    folder.write(QUOTE, quote("Six.") + "![gate](../events/gate.png)\n");
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    for path in ["/files/events/gate.png", "/static/logo.png"] {
        let answer = preview.get(path);
        assert!(answer.body == clean, "{path}");
        assert_eq!(answer.header("content-length"), clean.len().to_string(), "{path}");
        let end = preview.ask("GET", path, &["Range: bytes=-12"]);
        assert_eq!((end.status, &end.body[..]), (206, &clean[clean.len() - 12..]), "{path}");
    }
    assert_shows_the_build(&preview, &folder);
    // What readers would not see is no change.
    let tag = preview.get("/files/events/gate.png").header("etag").to_owned();
    folder.save("content/events/gate.png", &clean);
    assert_eq!(preview.get("/files/events/gate.png").header("etag"), tag);
    folder.save("content/events/gate.png", "no picture");
    assert!(preview.page(PAGE).contains("is named as a PNG picture and is none"));
    folder.save("content/events/gate.png", png("another"));
    assert!(!preview.page(PAGE).contains("is named as a PNG picture and is none"));
    assert_shows_the_build(&preview, &folder);
}

#[test]
fn an_edit_is_in_the_next_answer_however_it_is_saved() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &[]);
    assert!(preview.page(PAGE).contains("before six"));
    for round in 0..10 {
        folder.write(QUOTE, quote(&format!("Written {round}.")));
        assert!(preview.page(PAGE).contains(&format!("Written {round}.")), "written, {round}");
        folder.write("content/quotes/.swap", quote(&format!("Renamed {round}.")));
        fs::rename(folder.path("content/quotes/.swap"), folder.path(QUOTE)).unwrap();
        assert!(preview.page(PAGE).contains(&format!("Renamed {round}.")), "renamed, {round}");
        folder.remove(QUOTE);
        assert_eq!(preview.get(PAGE).status, 404, "deleted, {round}");
        folder.write(QUOTE, quote(&format!("Again {round}.")));
        assert!(preview.page(PAGE).contains(&format!("Again {round}.")), "made again, {round}");
    }
}

#[test]
fn a_burst_of_a_thousand_files_is_taken_in_while_somebody_reads() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    preview.page(PAGE);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers: Vec<_> = (0..2)
            .map(|_| {
                scope.spawn(|| {
                    let mut read = 0;
                    while !done.load(Ordering::Relaxed) {
                        assert!(preview.page("/quotes/index.html").trim_end().ends_with("</html>"));
                        read += 1;
                    }
                    read
                })
            })
            .collect();
        for number in 0..1000 {
            folder.write(
                &format!("content/quotes/deep/{}/q{number}.md", number % 7),
                quote(&format!("Number {number}.")),
            );
        }
        let last = preview.until("/quotes/q999.html", |answer| answer.status == 200);
        assert!(last.text().contains("Number 999."));
        done.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 0);
        }
    });
    // What was put into new folders before they were watched has come by the second look.
    preview.until("/quotes/index-10.html", |answer| answer.status == 200 && answer.text().contains("Number"));
    assert_shows_the_build(&preview, &folder);
    fs::remove_dir_all(folder.path("content/quotes/deep")).unwrap();
    assert_eq!(preview.get("/quotes/q999.html").status, 404);
    assert_shows_the_build(&preview, &folder);
}

#[test]
fn a_folder_of_records_can_be_exchanged_as_a_checkout_does() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    preview.page(PAGE);
    fs::rename(folder.path("content"), folder.path("old")).unwrap();
    let answer = preview.get(PAGE);
    assert!(answer.text().contains("there are no records here"), "{}", answer.text());
    assert!(answer.text().contains("before six"), "the last good page stands behind");
    incident().record("quotes/new.md", quote("New.")).lay(&folder);
    preview.until("/quotes/new.html", |answer| answer.status == 200);
    assert_shows_the_build(&preview, &folder);
    // The new folder is watched as the old one was.
    folder.write(QUOTE, quote("In the new folder."));
    assert!(preview.page(PAGE).contains("In the new folder."));
}

#[test]
fn while_errors_stand_they_lie_over_the_last_good_page() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    let good = preview.page(PAGE);
    assert!(!good.contains("_dossier-overlay"));
    folder.write(QUOTE, quote("Six.").replace("about:", "mediun: post\nabout:"));
    let bad = preview.page(PAGE);
    for words in [
        "The dossier has 1 error",
        "error[unknown-key]: unknown key `mediun`",
        "mediun: post",
        "did you mean `medium`?",
        "words.md&amp;line=5&amp;column=1",
    ] {
        assert!(bad.contains(words), "`{words}` is not in\n{bad}");
    }
    assert_eq!(without_block(bad.as_bytes()), without_block(good.as_bytes()));
    folder.write(QUOTE, "---\nspeaker: \"<script>alert(1)</script>\"\n---\n");
    let hostile = preview.page(PAGE);
    assert!(hostile.contains("&lt;script&gt;alert(1)") && !hostile.contains("<script>alert"), "{hostile}");
    folder.write(QUOTE, quote("Mended."));
    let mended = preview.page(PAGE);
    assert!(mended.contains("Mended.") && !mended.contains("_dossier-overlay"));
}

#[test]
fn a_dossier_that_begins_with_errors_is_shown_when_they_are_mended() {
    let folder = incident().on_disk();
    folder.write(QUOTE, "---\nspeaker: nobody\n---\n");
    let preview = Preview::start(&folder.path(""), &[]);
    let answer = preview.get(PAGE);
    assert_eq!(answer.status, 503);
    assert!(answer.text().contains("_dossier-overlay") && answer.text().contains("There is no page to show yet"));
    folder.write("dossier.yaml", "title: [\n");
    assert!(preview.get("/").text().contains("dossier.yaml:1:"), "{}", preview.get("/").text());
    folder.write("dossier.yaml", "title: A dossier\n");
    folder.write(QUOTE, quote("At last."));
    assert!(preview.page(PAGE).contains("At last."));
}

#[test]
fn a_template_that_breaks_on_one_page_leaves_the_others_and_the_page_as_it_was() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    let good = preview.page("/methodology.html");
    folder.write("templates/page.html", "{% extends \"base.html\" %}{% block main %}{{ free.no.such }}{% endblock %}");
    let bad = preview.page("/methodology.html");
    assert!(bad.contains("This page cannot be rendered") && bad.contains("free.no.such"), "{bad}");
    assert_eq!(without_block(bad.as_bytes()), without_block(good.as_bytes()));
    assert!(!preview.page(PAGE).contains("_dossier-overlay"));
    folder.remove("templates/page.html");
    assert!(!preview.page("/methodology.html").contains("_dossier-overlay"));
}

#[test]
fn open_pages_are_told_what_changed_and_what_did_not() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    let mut of_quote = Events::open(&preview, "quotes/words.html");
    let mut of_place = Events::open(&preview, "places/harbour.html");
    let (quote_first, place_first) = (of_quote.next(), of_place.next());
    folder.save(QUOTE, quote("Other words."));
    let (quote_then, place_then) = (of_quote.next(), of_place.next());
    assert_ne!(quote_first["page"], quote_then["page"]);
    assert_eq!(place_first["page"], place_then["page"]);
    assert!(preview.page(PAGE).contains(&format!("data-page=\"{}\"", quote_then["page"].as_str().unwrap())));

    folder.save("static/style.css", "p { color: red }");
    let styled = of_quote.next();
    assert_eq!(styled["page"], quote_then["page"]);
    assert_eq!(styled["files"]["static/style.css"], styled["revision"]);

    folder.save(QUOTE, "---\n---\n");
    let broken = of_quote.next();
    assert_ne!(broken["findings"], "");
    assert_eq!(broken["page"], quote_then["page"]);
    folder.remove(QUOTE);
    let gone = of_quote.next();
    assert_eq!((gone["findings"].as_str(), gone["page"].as_str()), (Some(""), Some("")));
}

#[test]
fn a_page_that_was_not_there_is_told_when_it_comes_under_any_of_its_addresses() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &[]);
    let mut clean = Events::open(&preview, "soon");
    assert_eq!(clean.next()["page"], "");
    folder.save("content/pages/soon.md", "---\ntitle: Soon\n---\n");
    assert_ne!(clean.next()["page"], "");
}

#[test]
fn no_name_of_a_file_that_the_site_does_not_show_is_told() {
    let folder = incident().record("sources/passport.gif", "1").record("events/gate.gif", "1").on_disk();
    folder.write(QUOTE, quote("Six.") + "![gate](../events/gate.gif)\n");
    let preview = Preview::start(&folder.path(""), &[]);
    let mut events = Events::open(&preview, "index.html");
    events.next();
    folder.save("content/sources/passport.gif", "22");
    folder.save("content/events/gate.gif", "22");
    let told = preview.until("/_dossier/block?path=index.html", |answer| answer.status == 200).text();
    let mut state = events.next();
    while state["files"]["files/events/gate.gif"].is_null() {
        state = events.next();
    }
    assert!(!state.to_string().contains("passport") && !told.contains("passport"), "{state}");
}

#[test]
fn a_theme_that_was_broken_is_seen_when_it_is_mended() {
    let folder = incident().on_disk();
    let manifest = "name: mine\napi: \"1\"\nextends: plain\n";
    folder.write("themes/mine/theme.yaml", manifest);
    folder.write("dossier.yaml", "title: A dossier\ntheme: mine\n");
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    assert!(!preview.page(PAGE).contains("_dossier-overlay"));
    for round in 0..3 {
        folder.save("themes/mine/theme.yaml", "nme: mine\n");
        assert!(preview.page(PAGE).contains("_dossier-overlay"), "broken, {round}");
        folder.save("themes/mine/theme.yaml", manifest);
        assert!(!preview.page(PAGE).contains("_dossier-overlay"), "mended, {round}");
        folder.remove("themes/mine/theme.yaml");
        assert!(preview.page(PAGE).contains("_dossier-overlay"), "deleted, {round}");
        folder.save("themes/mine/theme.yaml", manifest);
        assert!(!preview.page(PAGE).contains("_dossier-overlay"), "restored, {round}");
    }
    folder.write("themes/mine/static/style.css", "p { color: green }");
    assert!(preview.get("/static/style.css").text().contains("green"));
}

#[test]
fn a_folder_on_the_way_to_the_records_can_be_exchanged() {
    let folder = incident().on_disk();
    fs::create_dir(folder.path("data")).unwrap();
    fs::rename(folder.path("content"), folder.path("data/content")).unwrap();
    let settings = "title: A dossier\ntheme: plain\ncontent: data/content\n";
    folder.write("dossier.yaml", settings);
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    preview.page(PAGE);
    incident().record("quotes/words.md", quote("In another folder.")).lay(&folder);
    folder.write("dossier.yaml", settings);
    fs::rename(folder.path("data/content"), folder.path("data/old")).unwrap();
    fs::rename(folder.path("content"), folder.path("data/content")).unwrap();
    assert!(preview.page(PAGE).contains("In another folder."));
    folder.write("data/content/quotes/words.md", quote("Edited there."));
    assert!(preview.page(PAGE).contains("Edited there."));
    fs::rename(folder.path("data"), folder.path("away")).unwrap();
    assert!(preview.page(PAGE).contains("_dossier-overlay"));
    fs::rename(folder.path("away"), folder.path("data")).unwrap();
    let back = preview.until(PAGE, |answer| !answer.text().contains("_dossier-overlay"));
    assert!(back.text().contains("Edited there."));
    // A folder that becomes a link to another one.
    fs::rename(folder.path("data/content"), folder.path("data/moved")).unwrap();
    std::os::unix::fs::symlink("moved", folder.path("data/content")).unwrap();
    folder.write("data/moved/quotes/words.md", quote("Behind a link."));
    assert!(preview.page(PAGE).contains("Behind a link."));
    folder.write("data/moved/quotes/words.md", quote("Behind a link, again."));
    assert!(preview.page(PAGE).contains("Behind a link, again."));
}

#[test]
fn what_nobody_reads_of_its_talk_holds_up_no_page() {
    use std::process::Stdio;
    let folder = incident().on_disk();
    let mut command = crate::input::program(&folder.path(""), &["serve", "--port", "0"]);
    command.stderr(Stdio::piped());
    let preview = Preview::with_talk(command);
    preview.page(PAGE);
    for round in 0..300 {
        folder.save(QUOTE, quote("Six.").replace("about:", &format!("mediun{round}: {}\nabout:", "x".repeat(300))));
        assert!(preview.page(PAGE).contains(&format!("mediun{round}")), "{round}");
    }
    assert_eq!(preview.end("-TERM"), Some(0));
}

#[test]
fn a_touch_is_no_change() {
    let folder = incident().record("events/gate.gif", "picture").record("sources/passport.gif", "1").on_disk();
    folder.write(QUOTE, quote("Six.") + "![gate](../events/gate.gif)\n");
    let preview = Preview::start(&folder.path(""), &[]);
    let mut events = Events::open(&preview, "index.html");
    let first = events.next();
    let tag = preview.get("/files/events/gate.gif").header("etag").to_owned();
    for path in [QUOTE, "dossier.yaml", "content/events/gate.gif", "content/sources/passport.gif"] {
        // By a new file with the same words, and by a new time.
        folder.save(path, fs::read(folder.path(path)).unwrap());
        let file = fs::File::open(folder.path(path)).unwrap();
        file.set_modified(std::time::SystemTime::now()).unwrap();
    }
    assert_eq!(preview.get("/files/events/gate.gif").header("etag"), tag);
    // A file that no page shows may even differ.
    folder.save("content/sources/passport.gif", "2");
    preview.page(PAGE);
    folder.save("content/pages/methodology.md", "---\ntitle: Other\n---\n");
    let second = events.next();
    assert_eq!(second["revision"].as_u64(), first["revision"].as_u64().map(|revision| revision + 1));
    assert_eq!(second["files"], first["files"]);
    folder.write("content/events/gate.gif", "another picture");
    let told = &events.next()["files"]["files/events/gate.gif"];
    assert_eq!(told.as_u64(), first["revision"].as_u64().map(|revision| revision + 2));
    assert_ne!(preview.get("/files/events/gate.gif").header("etag"), tag);
}

#[test]
fn the_two_views_differ_in_what_they_hold() {
    let folder = incident()
        .record("quotes/unfinished.md", quote("Unfinished.").replace("---\nspeaker", "---\ndraft: true\nspeaker"))
        .record("pages/method.md", "---\ntitle: Method\nnotes_internal: Elm Street\n---\nSee [[unfinished]].\n")
        .on_disk();
    let internal = Preview::start(&folder.path(""), &[]);
    let page = internal.page("/quotes/unfinished.html");
    for words in ["_dossier-banner", "Internal view", "[draft] ", "this whole page: draft"] {
        assert!(page.contains(words), "`{words}` is not in\n{page}");
    }
    let method = internal.page("/method.html");
    assert!(method.contains("its internal notes") && method.contains("unfinished: draft"), "{method}");
    assert!(!method.contains("Elm Street"));
    let public = Preview::start(&folder.path(""), &["--as", "public"]);
    assert_eq!(public.get("/quotes/unfinished.html").status, 404);
    let method = public.page("/method.html");
    assert!(!method.contains("_dossier-banner") && !method.contains("unfinished"), "{method}");
    assert!(method.contains("its internal notes"), "{method}");
    assert_shows_the_build(&public, &folder);
}

#[test]
fn what_static_hosts_do() {
    let folder = incident().record("events/gate.gif", "0123456789").on_disk();
    folder.write(QUOTE, quote("Six.") + "![gate](../events/gate.gif)\n");
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    let status_and_place = |path: &str| {
        let answer = preview.get(path);
        (answer.status, answer.header("location").to_owned())
    };
    assert_eq!(status_and_place("/"), (200, String::new()));
    assert_eq!(status_and_place("/actors/"), (200, String::new()));
    assert_eq!(status_and_place("/actors"), (301, "/actors/".to_owned()));
    assert_eq!(status_and_place("/actors/jane-doe"), (200, String::new()));
    assert_eq!(status_and_place("/actors/%6Aane-doe.html"), (200, String::new()));
    assert!(preview.page("/actors/jane-doe").contains("Jane Doe"));
    let missing = preview.get("/actors/nobody.html");
    assert_eq!(missing.status, 404);
    assert!(
        missing.text().contains("There is no such page") && missing.text().contains("data-path=\"actors/nobody.html\"")
    );

    let types = [
        ("/", "text/html; charset=utf-8"),
        ("/static/style.css", "text/css; charset=utf-8"),
        ("/files/events/gate.gif", "image/gif"),
    ];
    for (path, expected) in types {
        assert_eq!(preview.get(path).header("content-type"), expected, "{path}");
    }
    for path in ["/static/style.css", "/files/events/gate.gif", PAGE] {
        let whole = preview.get(path);
        let head = preview.ask("HEAD", path, &[]);
        assert_eq!((head.status, head.body.len()), (200, 0), "{path}");
        assert_eq!(head.header("content-type"), whole.header("content-type"));
        let again = preview.ask("GET", path, &[&format!("If-None-Match: {}", whole.header("etag"))]);
        assert_eq!((again.status, again.body.len()), (304, 0), "{path}");
        let other = preview.ask("GET", path, &["If-None-Match: \"other\""]);
        assert_eq!(other.status, 200, "{path}");
    }
    let part = preview.ask("GET", "/files/events/gate.gif", &["Range: bytes=2-4"]);
    assert_eq!((part.status, part.text().as_str(), part.header("content-range")), (206, "234", "bytes 2-4/10"));
    let end = preview.ask("GET", "/files/events/gate.gif", &["Range: bytes=-3"]);
    assert_eq!((end.status, end.text().as_str()), (206, "789"));
    let beyond = preview.ask("GET", "/files/events/gate.gif", &["Range: bytes=20-"]);
    assert_eq!((beyond.status, beyond.header("content-range")), (416, "bytes */10"));
    let style = preview.get("/static/style.css");
    let part = preview.ask("GET", "/static/style.css", &["Range: bytes=0-9"]);
    assert_eq!((part.status, &part.body[..]), (206, &style.body[..10]));
}

#[test]
fn pages_come_compressed_to_those_who_ask_for_it() {
    use std::io::Read;
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    let plain = preview.get("/static/style.css");
    let packed = preview.ask("GET", "/static/style.css", &["Accept-Encoding: br;q=0.1, gzip"]);
    assert_eq!(plain.header("content-encoding"), "");
    // A short file is not worth it.
    let page = preview.ask("GET", PAGE, &["Accept-Encoding: gzip"]);
    assert_eq!((page.status, page.header("content-encoding"), page.header("vary")), (200, "gzip", "accept-encoding"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(&page.body[..]).read_to_string(&mut text).unwrap();
    assert!(text.trim_end().ends_with("</html>"));
    assert!(packed.body.len() <= plain.body.len());
}

#[test]
fn a_dossier_can_say_which_headers_and_redirects_its_host_sends() {
    let folder = incident().on_disk();
    folder.write("static/_headers", "/actors/*\n  X-Own: yes\n  Content-Length: 3\n  Cache-Control: max-age=9\n");
    folder.write("static/_redirects", "/people/* /actors/:splat 301\n/old /quotes/index.html 200\n/out https://example.org/ 302\n/quotes/* /nowhere 301\n");
    let preview = Preview::start(&folder.path(""), &["--as", "public", "--base-path", "sub"]);
    assert_shows_the_build(&preview, &folder);
    assert_eq!(preview.get("/sub/actors/jane-doe.html").header("x-own"), "yes");
    assert_eq!(preview.get(&format!("/sub{PAGE}")).header("x-own"), "");
    let moved = preview.get("/sub/people/jane-doe.html");
    assert_eq!((moved.status, moved.header("location")), (301, "/sub/actors/jane-doe.html"));
    let out = preview.get("/sub/out");
    assert_eq!((out.status, out.header("location")), (302, "https://example.org/"));
    assert!(preview.page("/sub/old").contains("Quotations"));
    // A file that is there comes before a rule that does not insist.
    assert_eq!(preview.get(&format!("/sub{PAGE}")).status, 200);
    // Patterns are those of what is asked for, and hold for what is not there too.
    assert_eq!(preview.get("/sub/actors/jane-doe").header("x-own"), "yes");
    let missing = preview.get("/sub/actors/nobody");
    assert_eq!((missing.status, missing.header("x-own"), missing.header("cache-control")), (404, "yes", "no-cache"));
    // A change of the rules holds at once.
    folder.write("static/_redirects", "/people/* /actors/ 302\n");
    assert_eq!(preview.get("/sub/people/x").header("location"), "/sub/actors/");
}

#[test]
fn what_is_written_for_the_host_alone_changes_nothing_in_a_preview() {
    let folder = incident().set("hosting: netlify\nbase_url: https://dossier.example/").on_disk();
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    assert_shows_the_build(&preview, &folder);
    let page = preview.get(PAGE);
    assert_eq!((page.status, page.header("strict-transport-security")), (200, ""));
    assert!(!page.header("content-security-policy").contains("upgrade-insecure-requests"));
}

#[test]
fn the_site_can_stand_below_a_path() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &["--as", "public", "--base-path", "/a/b"]);
    assert!(preview.url.ends_with("/a/b/"), "{}", preview.url);
    assert_shows_the_build(&preview, &folder);
    for path in ["/", "/a/b"] {
        let answer = preview.get(path);
        assert_eq!((answer.status, answer.header("location")), (302, "/a/b/"), "{path}");
    }
    assert_eq!(preview.get("/index.html").status, 404);
    assert_eq!(preview.get("/a/b/_dossier/preview.js").header("content-type"), "text/javascript; charset=utf-8");
    assert_eq!(preview.get("/a/b/actors").header("location"), "/a/b/actors/");
    assert_eq!(Events::open(&preview, "index.html").next()["findings"], "");
}

#[test]
fn the_page_for_what_is_not_there_finds_its_way_home() {
    let folder = incident().set("base_url: https://example.org/x/").on_disk();
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    let missing = preview.get("/actors/deep/nobody.html").text();
    assert!(missing.contains(&format!("<base href=\"{}\">", preview.url)), "{missing}");
    assert!(preview.page("/404.html").contains("<base href=\"https://example.org/x/\">"));
}

#[test]
fn what_could_do_harm_is_refused() {
    let folder = incident().record("events/gate.gif", "picture").on_disk();
    folder.write("secret.txt", "secret");
    folder.write(QUOTE, quote("Six.") + "![gate](../events/gate.gif)\n");
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    let host = preview.authority().to_owned();
    let port = host.rsplit(':').next().unwrap().to_owned();
    let refused = |answer: &Answer, statuses: &[u16], what: &str| {
        assert!(statuses.contains(&answer.status), "{what}: {} {}", answer.status, answer.text());
        assert!(!answer.text().contains("secret") && !answer.text().contains("A dossier"), "{what}: {}", answer.text());
    };
    // Ways out of the site.
    for path in [
        "/../secret.txt",
        "/static/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/%2e%2e%2fsecret.txt",
        "/..%2fsecret.txt",
        "/static/..%5c..%5csecret.txt",
        "/static\\..\\secret.txt",
        "/a%00.html",
        "/%",
        "/%zz",
        "/%ff",
        "/./index.html",
        "//secret.txt",
        "/static//style.css",
        "/static%2fstyle.css",
        "/a%0d%0ab",
    ] {
        refused(&preview.get(path), &[400], path);
    }
    for path in [
        "/%252e%252e/secret.txt",
        "/secret.txt",
        "/dossier.yaml",
        "/content/quotes/not-before-six.md",
        "/content/",
        "/quotes/not-before-six.md",
        "/.git/config",
        "/etc/passwd",
        "/_dossier/",
        "/_dossier/../secret.txt%3f",
        "/templates/base.html",
        "/files/events/../gate.gif%3f",
    ] {
        let answer = preview.get(path);
        assert!([400, 404].contains(&answer.status), "{path}: {}", answer.status);
        assert!(!answer.text().contains("secret.txt\n") && !answer.text().contains("speaker: jane-doe"), "{path}");
    }
    // Names that lead elsewhere (DNS rebinding), and pages of other sites.
    for name in [
        "evil.example",
        "evil.example:80",
        &format!("evil.example:{port}"),
        "127.0.0.1:1",
        &format!("127.0.0.1.evil.example:{port}"),
        "0x7f.1",
        "",
    ] {
        refused(
            &preview.send(&format!("GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n")),
            &[400, 403],
            name,
        );
    }
    refused(&preview.send("GET / HTTP/1.1\r\nConnection: close\r\n\r\n"), &[400], "no host");
    refused(
        &preview.send(&format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n")),
        &[400],
        "two hosts",
    );
    for header in [
        "Origin: http://evil.example",
        "Origin: null",
        "Origin: http://127.0.0.1:1",
        &format!("Origin: https://{host}"),
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image",
        "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: iframe",
    ] {
        refused(&preview.ask("GET", "/", &[header]), &[403], header);
        refused(&preview.ask("GET", "/_dossier/events?path=index.html", &[header]), &[403], header);
    }
    assert_eq!(preview.ask("GET", "/", &[&format!("Origin: http://{host}")]).status, 200);
    assert_eq!(
        preview
            .ask("GET", "/", &["Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"])
            .status,
        200
    );
    assert_eq!(
        preview.send(&format!("GET / HTTP/1.1\r\nHost: localhost:{port}\r\nConnection: close\r\n\r\n")).status,
        200
    );
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"] {
        let answer = preview.ask(method, "/", &["Content-Length: 0"]);
        refused(&answer, &[405], method);
        assert_eq!(answer.header("allow"), "GET, HEAD");
    }
    // Heads that are too large.
    refused(&preview.ask("GET", "/", &[&format!("X-Long: {}", "x".repeat(100_000))]), &[431], "a large head");
    let answer = preview.get("/");
    for (name, value) in [("x-content-type-options", "nosniff"), ("cross-origin-resource-policy", "same-origin")] {
        assert_eq!(answer.header(name), value);
    }
}

#[test]
fn a_link_that_comes_to_lead_out_of_the_records_is_not_followed() {
    let folder = incident().record("events/gate.gif", "picture").on_disk();
    folder.write(QUOTE, quote("Six.") + "![gate](../events/gate.gif)\n");
    folder.write("secret.txt", "secret");
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    assert_eq!(preview.get("/files/events/gate.gif").text(), "picture");
    folder.remove("content/events/gate.gif");
    std::os::unix::fs::symlink("../../secret.txt", folder.path("content/events/gate.gif")).unwrap();
    let answer = preview.get("/files/events/gate.gif");
    assert!(answer.status >= 400 && !answer.text().contains("secret"), "{} {}", answer.status, answer.text());
}

#[test]
fn slow_clients_do_not_hold_up_others() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &[]);
    let slow: Vec<_> = (0..200)
        .map(|_| {
            let mut stream = preview.connect();
            stream.write_all(b"GET / HT").unwrap();
            stream
        })
        .collect();
    for _ in 0..20 {
        assert_eq!(preview.get(PAGE).status, 200);
    }
    drop(slow);
}

#[test]
fn one_connection_serves_many_requests() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &[]);
    let mut stream = BufReader::new(preview.connect());
    for _ in 0..5 {
        let request = format!("GET {PAGE} HTTP/1.1\r\nHost: {}\r\n\r\n", preview.authority());
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        assert_eq!(Answer::read(&mut stream, false).status, 200);
    }
}

#[test]
fn it_ends_with_0_frees_its_port_and_leaves_nothing_behind() {
    let folder = incident().on_disk();
    let before: BTreeSet<String> = files_in(&folder.path("")).into_keys().collect();
    for signal in ["-INT", "-TERM"] {
        let preview = Preview::start(&folder.path(""), &[]);
        let authority = preview.authority().to_owned();
        preview.page(PAGE);
        // A page that is open, and a client that never finishes, do not keep it alive.
        let mut events = Events::open(&preview, "index.html");
        events.next();
        let mut slow = preview.connect();
        slow.write_all(b"GET ").unwrap();
        assert_eq!(preview.end(signal), Some(0), "{signal}");
        std::net::TcpListener::bind(&authority).unwrap();
    }
    assert_eq!(files_in(&folder.path("")).into_keys().collect::<BTreeSet<_>>(), before);
}

#[test]
fn the_next_free_port_is_taken() {
    let folder = incident().on_disk();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let preview = Preview::of(crate::input::program(&folder.path(""), &["serve", "--port", &port.to_string()]));
    let other: u16 = preview.authority().rsplit(':').next().unwrap().parse().unwrap();
    assert!(other > port && other <= port + 100, "{other} after {port}");
    assert_eq!(preview.get(PAGE).status, 200);
}

#[test]
fn files_can_be_looked_at_instead_of_watched() {
    let folder = incident().on_disk();
    let preview = Preview::start(&folder.path(""), &["--poll", "30"]);
    preview.page(PAGE);
    folder.write(QUOTE, quote("Looked at, and longer than before."));
    preview.until(PAGE, |answer| answer.text().contains("Looked at, and longer"));
}

#[test]
fn what_cannot_be_served_is_said() {
    let folder = incident().on_disk();
    for (args, words) in [
        (&["serve", "--base-path", "/a b/"][..], "`--base-path`: `/a b/` is no path"),
        (&["serve", "--editor", "javascript:{file}"], "opens no file"),
        (&["serve", "--editor", "vim"], "opens no file"),
        (&["serve", "--host", "no.such.host.invalid"], "cannot find the address"),
        (&["serve", "--date", "someday"], "`--date`: `someday` is not a day"),
        (&["serve", "--config", "none/dossier.yaml"], "there is no dossier here"),
    ] {
        let run = folder.run(args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.stderr.contains(words) && run.stderr.contains("error: "), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn the_public_view_shows_no_page_that_gives_something_away_and_says_so() {
    let person = "---\nname: Zelda Quux\nkind: person\nprivacy: public-figure\nvisibility: internal\n---\n";
    let folder = incident()
        .record("actors/witness-seven.md", person)
        .record("events/gate.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"><title>A gate</title></svg>")
        .file("static/own.txt", "own")
        .on_disk();
    folder.write(QUOTE, quote("Before six.") + "![gate](../events/gate.svg)\n");
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    assert!(preview.page(PAGE).contains("Before six."));
    folder.write(QUOTE, quote("Zelda Quux opened it.") + "![gate](../events/gate.svg)\n");
    folder.write("content/events/gate.svg", "<svg><title>Quux, Zelda</title></svg>");
    folder.write("static/own.txt", "by zelda-quux");
    folder.write("static/zelda-quux.txt", "own");
    for (path, status) in [
        // Behind the finding is the page as it was when it gave nothing away.
        (PAGE, 200),
        ("/events/gate-opened.html", 500),
        ("/files/events/gate.svg", 500),
        ("/static/own.txt", 500),
        ("/static/zelda-quux.txt", 500),
    ] {
        let answer = preview.get(path);
        assert_eq!(answer.status, status, "{path}");
        let text = answer.text();
        assert!(text.contains("gives away what is withheld by `name`"), "{text}");
        assert!(!text.contains("Quux") && !text.contains("zelda"), "{text}");
    }
    let authors = Preview::start(&folder.path(""), &["--as", "internal"]);
    assert!(authors.page(PAGE).contains("Zelda Quux opened it."));
    folder.write(QUOTE, quote("Nobody opened it."));
    assert!(preview.page(PAGE).contains("Nobody opened it."));
}

#[test]
fn the_last_good_page_is_not_shown_once_it_would_give_something_away() {
    let person = |privacy: &str| format!("---\nname: Zelda Quux\nkind: person\nprivacy: {privacy}\n---\n");
    let folder = incident().record("actors/witness-seven.md", person("public-figure")).on_disk();
    folder.write(QUOTE, quote("Zelda Quux opened it."));
    let preview = Preview::start(&folder.path(""), &["--as", "public"]);
    assert!(preview.page(PAGE).contains("Zelda Quux opened it."));
    folder.write("content/actors/witness-seven.md", person("private"));
    folder.write("templates/quote.html", "{{ no.such.thing }}");
    let answer = preview.get(PAGE);
    assert!(answer.status == 500 && !answer.text().contains("Quux"), "{}", answer.text());
}
