//! Publishing into a folder: what changed and nothing else, in an order that readers can live with, nothing that is not ours.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;
#[cfg(feature = "cloud")]
use std::{
    io::{self, BufRead, BufReader, Write},
    net::TcpListener,
    sync::mpsc,
};

use sha2::{Digest, Sha256};

use crate::input::{Dossier, Files, Folder, Run, assert_same, files_in, slashed};

const OWN: &str = ".dossier-publish/";

fn small() -> Folder {
    Dossier::small().settings("title: A dossier\n").on_disk()
}

fn url(folder: &Folder) -> String {
    address(&folder.path("www"))
}

fn publish(folder: &Folder, args: &[&str]) -> Run {
    folder.run(&[&["publish", &url(folder)], args].concat())
}

#[track_caller]
fn published(folder: &Folder, args: &[&str]) -> Run {
    let run = publish(folder, args);
    assert_eq!(run.code, 0, "{}", run.stderr);
    run
}

#[track_caller]
fn refused(folder: &Folder, args: &[&str], why: &str) {
    let before = www(folder);
    let run = publish(folder, args);
    assert_eq!(run.code, 2, "{}\n{}", run.stdout, run.stderr);
    assert!(run.stderr.contains(why), "{}", run.stderr);
    assert_same(&before, &www(folder));
}

/// The address of a folder.
fn address(folder: &Path) -> String {
    format!("file:///{}", slashed(folder).trim_start_matches('/'))
}

/// All that stands where readers look, without what publishers write down for each other.
fn www(folder: &Folder) -> Files {
    let path = folder.path("www");
    let mut files = if path.exists() { files_in(&path) } else { Files::new() };
    files.retain(|path, _| !path.starts_with(OWN));
    files
}

fn site(folder: &Folder) -> Files {
    let mut site = folder.site();
    site.remove(".dossier-manifest");
    site
}

#[track_caller]
fn assert_published(folder: &Folder) {
    assert_same(&site(folder), &www(folder));
}

fn last_line(run: &Run) -> &str {
    run.stdout.trim_end().lines().last().unwrap_or_default()
}

#[test]
fn the_first_publish_builds_and_puts_the_whole_site_there() {
    let folder = small();
    let run = published(&folder, &[]);
    assert_published(&folder);
    let count = site(&folder).len();
    assert!(last_line(&run).starts_with(&format!("sent {count} files, ")), "{}", run.stdout);
    assert!(last_line(&run).contains(", and deleted 0 in "), "{}", run.stdout);
}

#[test]
fn what_is_there_already_is_not_sent_again() {
    let folder = small();
    published(&folder, &[]);
    let times = |folder: &Folder| -> Vec<_> {
        let time = |path: &String| fs::metadata(folder.path("www").join(path)).unwrap().modified().unwrap();
        files_in(&folder.path("www")).keys().map(time).collect()
    };
    let before = times(&folder);
    let run = published(&folder, &["--built"]);
    assert!(last_line(&run).starts_with("nothing to do in "), "{}", run.stdout);
    assert_eq!(before, times(&folder));
}

#[test]
fn only_what_changed_is_sent_and_only_what_is_ours_is_deleted() {
    let folder = small();
    published(&folder, &[]);
    folder.write("www/robots.txt", "not ours");
    folder.write("www/places/notes.txt", "not ours");
    folder.write("content/pages/methodology.md", "---\ntitle: Method\n---\nOther words.\n");
    folder.remove("content/quotes/not-before-six.md");
    folder.write("content/events/gate-opened.md", "---\ntitle: The gate is opened\ndate: 2023-06-21\n---\n");
    let dry = published(&folder, &["--dry-run"]);
    let steps: Vec<&str> = dry.stdout.lines().filter(|line| line.starts_with(['n', 'c', 'd'])).collect();
    assert!(steps.contains(&"changed methodology.html"), "{}", dry.stdout);
    assert!(steps.contains(&"deleted quotes/not-before-six.html"), "{}", dry.stdout);
    assert!(!steps.contains(&"changed static/style.css"), "{}", dry.stdout);
    // The home page is the last that is sent; what is deleted comes after all that is sent.
    let at = |step: &str| steps.iter().position(|there| *there == step).unwrap();
    assert!(at("changed methodology.html") < at("changed index.html"));
    assert!(steps[at("changed index.html") + 1..].iter().all(|step| step.starts_with("deleted ")), "{steps:?}");
    let sent = steps.iter().filter(|step| !step.starts_with("deleted ")).count();
    let run = published(&folder, &[]);
    assert!(last_line(&run).starts_with(&format!("sent {sent} files, ")), "{}", run.stdout);
    let mut expected = site(&folder);
    expected.insert("robots.txt".to_owned(), b"not ours".to_vec());
    expected.insert("places/notes.txt".to_owned(), b"not ours".to_vec());
    assert_same(&expected, &www(&folder));
}

#[test]
fn a_rehearsal_changes_nothing() {
    let folder = small();
    fs::create_dir(folder.path("www")).unwrap();
    let run = published(&folder, &["--dry-run"]);
    assert!(run.stdout.contains("new     index.html\n"), "{}", run.stdout);
    assert!(last_line(&run).starts_with("would send "), "{}", run.stdout);
    assert!(fs::read_dir(folder.path("www")).unwrap().next().is_none());
}

#[test]
fn files_of_others_are_not_replaced_unless_that_is_asked_for() {
    let folder = small();
    folder.build();
    folder.write("www/index.html", "not ours");
    refused(&folder, &["--built"], "no publish has put `index.html` at ");
    refused(&folder, &["--built", "--dry-run"], "replace them with `--adopt`");
    published(&folder, &["--built", "--adopt"]);
    assert_published(&folder);
}

#[test]
fn nothing_is_written_through_a_link() {
    let folder = small();
    folder.build();
    fs::create_dir_all(folder.path("www")).unwrap();
    fs::create_dir(folder.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink(folder.path("elsewhere"), folder.path("www/actors")).unwrap();
    let run = publish(&folder, &["--built"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no publish has put `actors` at "), "{}", run.stderr);
    let run = publish(&folder, &["--built", "--adopt"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("/www/actors` is no folder"), "{}", run.stderr);
    assert!(files_in(&folder.path("elsewhere")).is_empty());
}

#[test]
fn while_an_error_stands_nothing_is_sent() {
    let folder = small();
    folder.write("content/actors/jane-doe.md", "---\nnam: Jane Doe\n---\n");
    let run = publish(&folder, &[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.ends_with("nothing was sent\n"), "{}", run.stderr);
    assert!(!folder.path("www").exists());
    refused(&folder, &["--built"], "no build has written `public`");
}

#[test]
fn what_shows_drafts_is_not_published() {
    let folder = small();
    refused(&folder, &["--drafts"], "what is unfinished is not published");
    folder.run(&["build", "--drafts"]);
    refused(&folder, &["--built"], "`public` shows what is unfinished");
}

#[test]
fn only_what_a_finished_build_wrote_is_published() {
    let folder = small();
    refused(&folder, &["--built"], "no build has written `public`");
    folder.build();
    let list = fs::read_to_string(folder.path("public/.dossier-manifest")).unwrap();
    folder.write("public/.dossier-manifest", list.replace("2: finished", "1: finished"));
    refused(&folder, &["--built"], "does not say which bytes the build looked through");
    folder.write("public/.dossier-manifest", list.replace("2: finished", "1: unfinished"));
    refused(&folder, &["--built"], "did not come to its end");
    folder.write("public/.dossier-manifest", list.replace("404.html", "../404.html"));
    refused(&folder, &["--built"], "is not as a build writes it");
}

#[cfg(unix)]
#[test]
fn the_folder_that_is_built_into_is_known_by_whatever_way_it_is_named() {
    let folder = small();
    folder.build();
    std::os::unix::fs::symlink(folder.path("public"), folder.path("elsewhere")).unwrap();
    for path in ["elsewhere", "elsewhere/below", "elsewhere/actors"] {
        let run = folder.run(&["publish", "--built", &address(&folder.path(path))]);
        assert_eq!(run.code, 2, "{path}");
        assert!(run.stderr.contains("into the folder that it is built into"), "{path}: {}", run.stderr);
    }
}

#[test]
fn what_changed_since_the_build_is_not_published() {
    let folder = small();
    folder.build();
    published(&folder, &["--built"]);
    let page = fs::read_to_string(folder.path("public/timeline.html")).unwrap();
    folder.write("public/timeline.html", page.replacen('e', "f", 1));
    refused(&folder, &["--built"], "`public/timeline.html` changed since the build looked through it");
    folder.remove("public/timeline.html");
    refused(&folder, &["--built"], "`public/timeline.html` changed since the build looked through it");
    // A file that no build wrote is no part of the site.
    folder.write("public/strange.html", "strange");
    published(&folder, &[]);
    assert!(!folder.path("www/strange.html").exists());
}

#[test]
fn of_two_publishers_one_is_refused() {
    let folder = small();
    published(&folder, &[]);
    let claim = fs::read_to_string(folder.path("www/.dossier-publish/claim.json")).unwrap();
    let lock = File::options().write(true).open(folder.path("www/.dossier-publish/lock")).unwrap();
    lock.try_lock().unwrap();
    folder.write("content/pages/more.md", "---\ntitle: More\n---\n");
    let since = claim.split("\"since\":\"").nth(1).unwrap().split('"').next().unwrap();
    refused(&folder, &[], &format!("another publisher is at work at {} since {since}", folder.path("www").display()));
    drop(lock);
    published(&folder, &[]);
    assert_published(&folder);
}

#[test]
fn what_was_broken_off_is_completed_and_its_rest_is_deleted() {
    let folder = small();
    published(&folder, &[]);
    folder.write("content/pages/second.md", "---\ntitle: Second\n---\n");
    folder.write("content/pages/methodology.md", "---\ntitle: Method\n---\nOther words.\n");
    // A folder in the way of a page that changes ends the publish where new pages are there and changed ones are not.
    fs::remove_file(folder.path("www/methodology.html")).unwrap();
    folder.write("www/methodology.html/x", "in the way");
    let run = publish(&folder, &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("methodology.html`: "), "{}", run.stderr);
    assert!(folder.path("www/second.html").exists());
    fs::remove_dir_all(folder.path("www/methodology.html")).unwrap();
    // The page that the plan brought is of no site any more: nobody may forget that it is ours.
    folder.remove("content/pages/second.md");
    let run = published(&folder, &[]);
    assert!(run.stderr.contains("completing what an earlier publisher began"), "{}", run.stderr);
    assert_published(&folder);
    assert!(last_line(&published(&folder, &[])).starts_with("nothing to do"));
}

#[test]
fn what_a_killed_publisher_left_half_written_is_cleared_away() {
    let folder = small();
    published(&folder, &[]);
    folder.write("www/.dossier-publish/pending/0", "half a pa");
    folder.write("content/pages/second.md", "---\ntitle: Second\n---\n");
    published(&folder, &[]);
    assert!(fs::read_dir(folder.path("www/.dossier-publish/pending")).unwrap().next().is_none());
}

#[test]
fn packed_copies_lie_beside_text_and_go_when_they_are_not_wanted_any_more() {
    let folder = small();
    published(&folder, &["--precompress"]);
    let there = www(&folder);
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&*there["index.html.gz"]).read_to_string(&mut unpacked).unwrap();
    assert_eq!(unpacked.as_bytes(), there["index.html"]);
    assert!(last_line(&published(&folder, &["--precompress"])).starts_with("nothing to do"));
    published(&folder, &[]);
    assert_published(&folder);
}

#[test]
fn names_arrive_as_they_are() {
    let dossier = Dossier::small().settings("title: A dossier\n");
    let strange = "pages/a b+c%20é 🌊.gif";
    let folder = dossier.record(strange, b"GIF89a").on_disk();
    folder.write("content/pages/p.md", "---\ntitle: P\n---\n![x](<a b+c%2520é 🌊.gif>)\n");
    published(&folder, &[]);
    assert!(folder.path("www/files").join(strange).exists(), "{:?}", www(&folder).keys());
    assert_published(&folder);
}

#[test]
fn a_place_that_is_none_is_named_and_a_secret_in_it_is_not() {
    let folder = small();
    folder.build();
    let check = |url: &str, why: &str| {
        let run = folder.run(&["publish", "--built", url]);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains(why), "{}", run.stderr);
        assert!(!run.stderr.contains("sesame"), "{}", run.stderr);
    };
    check("www", "that is no address");
    check("s3://key:sesame@bucket/x", "the address has a name or a password in it");
    if !cfg!(feature = "cloud") {
        check("s3://bucket/x", "this program was made without the storage of services");
    }
    check("az://site/x?sig=sesame", "the address has a `?` or a `#` in it");
    check(&address(&folder.path("no/such/place")), "there is no such folder\nhint: make that folder");
    check(&address(&folder.path("public")), "into the folder that it is built into");
    check(&address(&folder.path("public/below")), "into the folder that it is built into");
    folder.write("file", "x");
    check(&address(&folder.path("file")), "it is no folder");
}

/// A stand-in for a service, where nothing is and nobody may write; what is asked of it, with the credentials that came.
#[cfg(feature = "cloud")]
fn stand_in() -> (String, mpsc::Receiver<(String, Option<String>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (tell, told) = mpsc::channel();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let head: Vec<String> =
                reader.by_ref().lines().map_while(Result::ok).take_while(|line| !line.is_empty()).collect();
            let Some(asked) = head.first() else { continue };
            let field = |name: &str| {
                let value =
                    |line: &String| line.to_ascii_lowercase().strip_prefix(name).map(|value| value.trim().to_owned());
                head.iter().find_map(value)
            };
            let length = field("content-length:").map_or(0, |length| length.parse().unwrap());
            io::copy(&mut reader.take(length), &mut io::sink()).unwrap();
            let status = if asked.starts_with("GET ") { "404 Not Found" } else { "403 Forbidden" };
            let method = asked.split(' ').next().unwrap().to_owned();
            tell.send((method, field("authorization:"))).unwrap();
            write!(stream, "HTTP/1.1 {status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").unwrap();
        }
    });
    (address, told)
}

#[cfg(feature = "cloud")]
#[test]
fn a_stand_in_for_google_is_asked_without_credentials_and_gets_none() {
    let folder = small();
    folder.build();
    // An account of somebody that is set for other programs.
    folder.write(
        "account.json",
        r#"{"type": "authorized_user", "client_id": "a", "client_secret": "sesame", "refresh_token": "sesame"}"#,
    );
    let (address, told) = stand_in();
    let mut command = folder.command(&["publish", "--built", "gs://bucket/site"]);
    command.env("STORAGE_EMULATOR_HOST", address).env("GOOGLE_APPLICATION_CREDENTIALS", folder.path("account.json"));
    let run = Run::of(command);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("cannot write `site/.dossier-publish/claim.json` in `bucket`"), "{}", run.stderr);
    assert!(run.stderr.contains("403"), "{}", run.stderr);
    let asked: Vec<_> = told.try_iter().collect();
    assert!(asked.iter().any(|(method, _)| method == "PUT"), "{asked:?}");
    assert!(
        asked.iter().all(|(_, credentials)| credentials.as_deref().is_none_or(|it| it == "bearer none")),
        "{asked:?}"
    );
}

#[test]
fn what_is_written_down_there_is_not_trusted() {
    let folder = small();
    published(&folder, &[]);
    folder.write("precious", "mine");
    // Whoever can write there can also make its name fit.
    let own = folder.path("www/.dossier-publish");
    let list = lists(&folder).pop().unwrap();
    let number = list.split_once('-').unwrap().1;
    let name = |bytes: &[u8]| format!("{}-{number}", dossier::text::hexadecimal(&Sha256::digest(bytes)));
    let text = fs::read_to_string(own.join(&list)).unwrap();
    let bad = text.replacen("404.html", "../precious", 1);
    assert_ne!(text, bad);
    fs::write(own.join(name(bad.as_bytes())), &bad).unwrap();
    let claim = fs::read_to_string(own.join("claim.json")).unwrap();
    fs::write(own.join("claim.json"), claim.replace(&list, &name(bad.as_bytes()))).unwrap();
    refused(&folder, &["--built"], &format!("`.dossier-publish/{}` at ", name(bad.as_bytes())));
    assert_eq!(fs::read(folder.path("precious")).unwrap(), b"mine");
    // Nor is a list that is not the one that was written.
    fs::write(own.join("claim.json"), &claim).unwrap();
    fs::write(own.join(&list), text.replacen("404.html", "403.html", 1)).unwrap();
    folder.write("content/pages/second.md", "---\ntitle: Second\n---\n");
    refused(&folder, &[], &format!("`.dossier-publish/{list}` at "));
    fs::remove_file(own.join(&list)).unwrap();
    refused(&folder, &[], "is missing, or not as a publish writes it");
}

#[test]
fn beside_the_site_lie_the_claim_and_the_list_of_what_is_there_and_nothing_else() {
    let folder = small();
    published(&folder, &[]);
    let first = lists(&folder);
    folder.write("content/pages/second.md", "---\ntitle: Second\n---\n");
    published(&folder, &[]);
    let second = lists(&folder);
    assert!(first.len() == 1 && second.len() == 1 && first != second, "{first:?} {second:?}");
    // The same site has the same list, under a name that was not there before.
    folder.remove("content/pages/second.md");
    published(&folder, &[]);
    let third = lists(&folder);
    let sha256 = |lists: &[String]| lists[0].split_once('-').unwrap().0.to_owned();
    assert!(third.len() == 1 && third != first && sha256(&third) == sha256(&first), "{first:?} {third:?}");
}

/// The lists that publishers have written down.
fn lists(folder: &Folder) -> Vec<String> {
    let entries = fs::read_dir(folder.path("www/.dossier-publish")).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !["claim.json", "lock", "pending"].contains(&&**name)).collect()
}
