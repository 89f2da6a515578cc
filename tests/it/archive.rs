//! Editions in one file: the same bytes wherever they are made, what is in them and what never is, and what is refused.

use std::fs;
use std::io::{Cursor, Read};

use dossier::edition::{self, For, manifest};
use dossier::read::hash;
use zip::ZipArchive;

use crate::input::{Dossier, Files, Folder, Run, assert_same};

/// A secret for salts, so that two folders make the same edition.
const SALT: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n";

const DAY: &str = "2025-06-01";

/// What only its authors may see, in several places.
const HIDDEN: &str = "zzqhidden";

fn sha256(bytes: &[u8]) -> String {
    hash(&mut &*bytes).unwrap().0
}

/// A dossier with a record that readers do not see, and a copy of a source that they do not see either.
fn dossier() -> Dossier {
    Dossier::small()
        .record("pages/inner.md", format!("---\ntitle: Inner {HIDDEN}\nvisibility: internal\n---\n{HIDDEN}\n"))
        .record("pages/an-unusual-zzqname.md", "---\ntitle: Unusual\nvisibility: internal\n---\n")
        .record("actors/jane-doe.md", format!("---\nname: Jane Doe\nkind: person\nnotes_internal: {HIDDEN}\n---\n"))
        .record(
            "sources/daily.md",
            format!(
                "---\ntitle: Keeper denies\nkind: article\ncaptures:\n  - {{file: daily.txt, sha256: {}}}\n  - {{file: scan.txt, sha256: {}}}\n---\n",
                sha256(b"We did not open the gate before six."),
                sha256(b"We did not open the gate before six. Seen."),
            ),
        )
        .record("sources/daily/daily.txt", "We did not open the gate before six.")
        .file("captures/scan.txt", "We did not open the gate before six. Seen.")
        .set("captures: captures")
        .file("edition.salt", SALT)
}

fn archive(folder: &Folder, more: &[&str]) -> Run {
    folder.run(&[&["archive", "--date", DAY, "--force"], more].concat())
}

/// Makes an edition of which nothing is kept, since the next build would tell of it, and expects that it goes well.
#[track_caller]
fn made(folder: &Folder, out: &str, more: &[&str]) -> Vec<u8> {
    recorded(folder, out, &[more, &["--no-record"]].concat())
}

/// Makes an edition and expects that it goes well.
#[track_caller]
fn recorded(folder: &Folder, out: &str, more: &[&str]) -> Vec<u8> {
    let run = archive(folder, &[&["--out", out], more].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    fs::read(folder.path(out)).unwrap()
}

/// The files of an archive, by their paths below its one folder, and the name of that folder.
fn unpacked(bytes: &[u8]) -> (String, Files) {
    let mut found: Vec<(String, Vec<u8>)> = Vec::new();
    if bytes.starts_with(b"PK") {
        let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
        for at in 0..zip.len() {
            let mut file = zip.by_index(at).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            found.push((file.name().unwrap().into_owned(), content));
        }
    } else {
        for entry in tar::Archive::new(zstd::Decoder::new(bytes).unwrap()).entries().unwrap() {
            let mut entry = entry.unwrap();
            let mut content = Vec::new();
            entry.read_to_end(&mut content).unwrap();
            found.push((entry.path().unwrap().to_str().unwrap().to_owned(), content));
        }
    }
    let top = found[0].0.split_once('/').unwrap().0.to_owned();
    let inner = |path: String| path.strip_prefix(&top).and_then(|path| path.strip_prefix('/')).unwrap().to_owned();
    let files = found.into_iter().map(|(path, bytes)| (inner(path), bytes)).collect();
    (top, files)
}

fn text<'a>(files: &'a Files, path: &str) -> &'a str {
    std::str::from_utf8(&files[path]).unwrap()
}

#[test]
fn two_folders_and_other_circumstances_give_the_same_bytes() {
    let (one, other) = (dossier().on_disk(), dossier().on_disk());
    for out in ["edition.zip", "edition.tar.zst"] {
        let first = made(&one, out, &[]);
        let mut command = other.command(&["archive", "--date", DAY, "--out", out, "--quiet", "--no-record"]);
        command.envs([("RAYON_NUM_THREADS", "5"), ("TZ", "Pacific/Kiritimati"), ("LC_ALL", "tr_TR.UTF-8")]);
        let run = Run::of(command);
        assert_eq!((run.code, run.stdout.as_str()), (0, ""), "{}", run.stderr);
        assert!(first == fs::read(other.path(out)).unwrap(), "{out} differs");
    }
}

#[cfg(unix)]
#[test]
fn who_may_read_the_files_makes_no_difference() {
    use std::os::unix::fs::PermissionsExt;
    let folder = dossier().on_disk();
    let first = made(&folder, "one.zip", &["--audience", "sealed"]);
    for path in ["content/pages/inner.md", "content/sources/daily/daily.txt", "dossier.yaml"] {
        fs::set_permissions(folder.path(path), fs::Permissions::from_mode(0o600)).unwrap();
    }
    assert!(first == made(&folder, "two.zip", &["--audience", "sealed"]));
}

#[test]
fn a_zip_and_a_tar_hold_the_same_files() {
    let folder = dossier().on_disk();
    let (top, zip) = unpacked(&made(&folder, "edition.zip", &[]));
    let (other, tar) = unpacked(&made(&folder, "edition.tar.zst", &[]));
    assert_eq!((top.as_str(), other.as_str()), ("a-dossier-2025-06-01", "a-dossier-2025-06-01"));
    assert_same(&zip, &tar);
}

#[test]
fn an_edition_is_the_site_in_a_bag() {
    let folder = dossier().on_disk();
    let (_, files) = unpacked(&made(&folder, "edition.zip", &[]));
    let site: Files = files
        .iter()
        .filter_map(|(path, bytes)| Some((path.strip_prefix("data/site/")?.to_owned(), bytes.clone())))
        .collect();
    assert_eq!(folder.run(&["build", "--date", DAY]).code, 0);
    let mut built = folder.site();
    built.remove(".dossier-manifest");
    assert_same(&site, &built);
    let tags: Vec<&str> = files.keys().map(String::as_str).filter(|path| !path.starts_with("data/site/")).collect();
    let expected = [
        "README.txt",
        "bag-info.txt",
        "bagit.txt",
        "data/ro-crate-metadata.json",
        "edition/manifest.jsonl",
        "edition/seal.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
    ];
    assert_eq!(tags, expected);
    assert_eq!(text(&files, "bagit.txt"), "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    let payload = || files.iter().filter(|(path, _)| path.starts_with("data/"));
    let oxum =
        format!("Payload-Oxum: {}.{}\n", payload().map(|(_, bytes)| bytes.len()).sum::<usize>(), payload().count());
    assert!(text(&files, "bag-info.txt").contains(&oxum), "{}", text(&files, "bag-info.txt"));
    assert!(text(&files, "bag-info.txt").contains("Bagging-Date: 2025-06-01\n"));
    let sums: String = payload().map(|(path, bytes)| format!("{}  {path}\n", sha256(bytes))).collect();
    assert_eq!(text(&files, "manifest-sha256.txt"), sums);
    let tags = files.iter().filter(|(path, _)| !path.starts_with("data/") && *path != "tagmanifest-sha256.txt");
    let sums: String = tags.map(|(path, bytes)| format!("{}  {path}\n", sha256(bytes))).collect();
    assert_eq!(text(&files, "tagmanifest-sha256.txt"), sums);
}

#[test]
fn the_seal_stands_for_every_file_and_every_field() {
    let folder = dossier().on_disk();
    let (_, files) = unpacked(&recorded(&folder, "edition.zip", &[]));
    let mut root = manifest::Root::default();
    let mut listed = Files::new();
    let mut fields = Vec::new();
    for line in manifest::Reader::new(files["edition/manifest.jsonl"].as_slice()).unwrap() {
        let line = line.unwrap();
        assert!(line.salted);
        root.add(&line);
        match line.entry {
            edition::Entry::File { path, sha256, .. } => drop(listed.insert(path, sha256.into_bytes())),
            edition::Entry::Field { kind, id, key, .. } => fields.push(format!("{kind} {id} {key}")),
            other => panic!("{other:?}"),
        }
    }
    let payload: Files = files
        .iter()
        .filter(|(path, _)| path.starts_with("data/"))
        .map(|(path, bytes)| (path.clone(), sha256(bytes).into_bytes()))
        .collect();
    assert_same(&listed, &payload);
    assert!(fields.contains(&"quote not-before-six speaker".to_owned()), "{fields:?}");
    assert!(!fields.iter().any(|field| field.contains("inner")), "{fields:?}");
    let seal: edition::Seal = text(&files, "edition/seal.txt").parse().unwrap();
    assert_eq!((seal.entries, seal.root.clone()), root.finish());
    assert_eq!((seal.edition.as_str(), seal.date.as_str(), seal.audience), (DAY, DAY, For::Public));
    let kept = fs::read(folder.path("editions/2025-06-01.jsonl")).unwrap();
    let kept = manifest::Reader::new(kept.as_slice()).unwrap();
    assert_eq!(kept.header.seal, Some(seal.sha256()));
    assert!(kept.map(Result::unwrap).all(|line| !line.salted));
}

#[test]
fn the_secret_and_what_is_withheld_are_in_no_edition_for_everybody() {
    let folder = dossier().on_disk();
    for out in ["edition.zip", "edition.tar.zst"] {
        let (_, files) = unpacked(&made(&folder, out, &[]));
        for (path, bytes) in &files {
            let shown = String::from_utf8_lossy(bytes);
            assert!(!shown.contains(HIDDEN) && !path.contains("inner"), "{path}");
            assert!(!shown.contains("zzqname"), "{path}");
            assert!(!shown.contains(SALT.trim()), "{path}");
        }
    }
}

#[test]
fn a_sealed_edition_takes_records_settings_and_captures_and_neither_overlay_nor_secret() {
    let folder = dossier().on_disk();
    let overlay = tempfile::tempdir().unwrap();
    fs::write(overlay.path().join("more.md"), "---\ntype: page\ntitle: zzqoverlay\n---\n").unwrap();
    let overlay = overlay.path().to_str().unwrap().to_owned();
    let (top, files) = unpacked(&made(&folder, "edition.zip", &["--audience", "sealed", "--overlay", &overlay]));
    assert_eq!(top, "a-dossier-2025-06-01-sealed");
    let outside: Vec<&str> = files
        .keys()
        .map(String::as_str)
        .filter(|path| path.starts_with("data/") && !path.starts_with("data/site/"))
        .collect();
    let expected = [
        "data/captures/scan.txt",
        "data/content/actors/authority.md",
        "data/content/actors/jane-doe.md",
        "data/content/events/gate-opened.md",
        "data/content/pages/an-unusual-zzqname.md",
        "data/content/pages/inner.md",
        "data/content/pages/methodology.md",
        "data/content/places/harbour.md",
        "data/content/quotes/not-before-six.md",
        "data/content/sources/daily.md",
        "data/content/sources/daily/daily.txt",
        "data/dossier.yaml",
        "data/ro-crate-metadata.json",
    ];
    assert_eq!(outside, expected);
    assert!(text(&files, "README.txt").contains("NOT FOR PUBLICATION"));
    assert!(text(&files, "data/content/pages/inner.md").contains(HIDDEN));
    for (path, bytes) in &files {
        let shown = String::from_utf8_lossy(bytes);
        assert!(!shown.contains("zzqoverlay") && !shown.contains(SALT.trim()), "{path}");
        assert!(!path.starts_with("data/site/") || !shown.contains(HIDDEN), "{path}");
    }
}

#[test]
fn the_secret_among_the_records_is_not_taken_either() {
    let folder = dossier().on_disk();
    folder.write("content/edition.salt", SALT);
    let run = archive(&folder, &["--out", "a.zip", "--audience", "sealed", "--salt", "content/edition.salt"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("the secret `content/edition.salt` lies in `content`"), "{}", run.stderr);
}

#[test]
fn a_capture_that_changed_or_is_missing_makes_no_sealed_edition() {
    let folder = dossier().on_disk();
    folder.write("captures/scan.txt", "Something else.");
    let run = archive(&folder, &["--out", "a.zip", "--audience", "sealed"]);
    assert_ne!(run.code, 0);
    assert!(!folder.path("a.zip").exists());
    folder.remove("captures/scan.txt");
    let run = archive(&folder, &["--out", "a.zip", "--audience", "sealed"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("the copy `scan.txt` of `daily` belongs to a sealed edition"), "{}", run.stderr);
    assert_eq!(archive(&folder, &["--out", "a.zip"]).code, 0);
}

#[test]
fn a_first_edition_makes_the_secret_and_says_so() {
    let folder = dossier().on_disk();
    folder.remove("edition.salt");
    let run = archive(&folder, &["--out", "a.zip", "--no-record"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("made `edition.salt`, a secret"), "{}", run.stderr);
    let secret = fs::read_to_string(folder.path("edition.salt")).unwrap();
    assert_eq!(secret.trim().len(), 64);
    assert!(!run.stderr.contains(secret.trim()) && !run.stdout.contains(secret.trim()));
    let first = fs::read(folder.path("a.zip")).unwrap();
    assert!(first == made(&folder, "b.zip", &[]));
    let run = archive(&folder, &["--out", "a.zip", "--salt", "nowhere.salt"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("cannot read `nowhere.salt`"), "{}", run.stderr);
    folder.write("edition.salt", "");
    let run = archive(&folder, &["--out", "a.zip"]);
    assert!(run.stderr.contains("a salt is 64 hexadecimal digits on one line"), "{}", run.stderr);
}

#[test]
fn an_edition_names_the_one_before_it_by_its_archive_or_by_what_is_kept() {
    let folder = dossier().on_disk();
    made(&folder, "one.tar.zst", &["--edition", "v1"]);
    recorded(&folder, "one.zip", &["--edition", "v1"]);
    let seals: Vec<String> = ["one.zip", "one.tar.zst", "editions/v1.jsonl"]
        .into_iter()
        .map(|previous| {
            let (_, files) = unpacked(&made(&folder, "two.zip", &["--edition", "v2", "--previous", previous]));
            text(&files, "edition/seal.txt").to_owned()
        })
        .collect();
    assert!(seals[0].contains(" v1\n"), "{}", seals[0]);
    assert!(seals.iter().all(|seal| *seal == seals[0]), "{seals:?}");
    let run = archive(&folder, &["--out", "two.zip", "--edition", "v1", "--previous", "one.zip"]);
    assert!(run.stderr.contains("`one.zip` is of an edition `v1` too"), "{}", run.stderr);
    let run = archive(&folder, &["--out", "two.zip", "--edition", "v2", "--previous", "dossier.yaml"]);
    assert!(run.stderr.contains("`dossier.yaml` does not tell of an edition"), "{}", run.stderr);
    let run = folder.run(&["archive", "--date", "2024-01-01", "--out", "old.zip", "--previous", "one.zip"]);
    assert!(
        run.stderr.contains("`one.zip` is of 2025-06-01, which is after the day of this edition"),
        "{}",
        run.stderr
    );
}

#[test]
fn what_is_kept_of_an_edition_is_never_written_over_unasked() {
    let folder = dossier().on_disk();
    recorded(&folder, "one.zip", &[]);
    folder.write("content/pages/methodology.md", "---\ntitle: Method\n---\nBy machine.\n");
    let run = folder.run(&["archive", "--date", DAY, "--out", "two.zip"]);
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("`editions/2025-06-01.jsonl` keeps what another edition of this name said"),
        "{}",
        run.stderr
    );
    assert!(!folder.path("two.zip").exists());
    let left: Vec<String> =
        crate::input::files_in(&folder.path("")).into_keys().filter(|path| path.contains("pending")).collect();
    assert_eq!(left, [""; 0]);
}

#[test]
fn a_dossier_with_errors_makes_no_edition() {
    let folder = dossier().record("events/gate-opened.md", "---\ntitle: Gate\ndate: 2023-13\n---\n").on_disk();
    let run = archive(&folder, &["--out", "a.zip"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("no edition was made"), "{}", run.stderr);
    assert!(!folder.path("a.zip").exists());
}

#[test]
fn what_would_be_given_away_makes_no_edition() {
    let folder = dossier()
        .record("actors/quux.md", "---\nname: Renée Quux\nkind: person\nprivacy: protected-source\n---\n")
        .file("static/app.js", "const who = \"Renée Quux\";")
        .on_disk();
    let run = archive(&folder, &["--out", "a.zip"]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(!folder.path("a.zip").exists());
}

#[test]
fn where_an_edition_may_not_be_written_it_is_refused() {
    let folder = dossier().on_disk();
    folder.build();
    let check = |args: &[&str], why: &str| {
        let run = folder.run(&[&["archive", "--date", DAY], args].concat());
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.stderr.contains(why), "{args:?}: {}", run.stderr);
    };
    check(&["--out", "edition.rar"], "the ending of `edition.rar` does not tell what to make");
    check(&["--out", ".zip"], "the ending of `.zip` does not tell what to make");
    check(&["--out", "public/a.zip"], "lies in `public`, which is the folder of the site");
    check(&["--out", "content/pages/a.zip"], "lies in `content`, from which the dossier is read");
    check(&["--out", "nowhere/a.zip"], "there is no folder `nowhere`");
    check(&["--out", "a.zip", "--edition", "../a"], "`../a` cannot be the name of an edition");
    check(&["--out", "a.zip", "--edition", "nul"], "`nul` cannot be the name of an edition");
    check(&["--out", "a.zip", "--built", "--audience", "sealed"], "a sealed edition takes the records too");
    made(&folder, "a.zip", &[]);
    check(&["--out", "a.zip"], "`a.zip` is there already");
}

#[test]
fn a_web_archive_is_the_same_bytes_and_holds_nothing_withheld() {
    let (one, other) = (dossier().on_disk(), dossier().on_disk());
    let address = ["--url", "https://example.org/dossier/"];
    let first = made(&one, "site.wacz", &address);
    let mut command = other.command(&["archive", "--date", DAY, "--out", "site.wacz", address[0], address[1]]);
    command.envs([("RAYON_NUM_THREADS", "5"), ("TZ", "Pacific/Kiritimati")]);
    assert_eq!(Run::of(command).code, 0);
    assert!(first == fs::read(other.path("site.wacz")).unwrap());
    let mut zip = ZipArchive::new(Cursor::new(&first)).unwrap();
    let mut warc = String::new();
    flate2::read::MultiGzDecoder::new(zip.by_name("archive/data.warc.gz").unwrap()).read_to_string(&mut warc).unwrap();
    assert!(warc.contains("WARC-Target-URI: https://example.org/dossier/actors/jane-doe.html\r\n"));
    assert!(!warc.contains(HIDDEN) && !warc.contains(SALT.trim()));
    assert!(!other.path("editions").exists());
}

#[test]
fn a_web_archive_takes_an_address_and_nothing_that_belongs_to_a_bag() {
    let folder = dossier().on_disk();
    let check = |args: &[&str], why: &str| {
        let run = archive(&folder, args);
        assert_eq!(run.code, 2, "{args:?}");
        assert!(run.stderr.contains(why), "{args:?}: {}", run.stderr);
    };
    check(&["--out", "a.wacz"], "the dossier does not say where it stands");
    check(&["--out", "a.wacz", "--audience", "sealed"], "`--audience sealed` has no meaning for it");
    check(&["--out", "a.wacz", "--salt", "edition.salt"], "`--salt` has no meaning for it");
    check(&["--out", "a.zip", "--format", "wacz"], "what `--format` asks for does not end in `.zip`");
    check(&["--out", "a.wacz", "--format", "bagit"], "what `--format` asks for does not end in `.wacz`");
}

#[test]
fn a_built_site_and_the_dossier_itself_give_the_same_bytes() {
    let folder = dossier().set("base_url: https://example.org/").on_disk();
    assert_eq!(folder.run(&["build", "--date", DAY]).code, 0);
    for out in ["edition.zip", "edition.tar.zst", "edition.wacz"] {
        let direct = made(&folder, out, &[]);
        assert!(direct == made(&folder, out, &["--built"]), "{out} differs");
    }
}

#[test]
fn a_built_site_that_lists_the_edition_itself_is_refused_and_can_be_built_without() {
    let folder = dossier().on_disk();
    let first = recorded(&folder, "edition.zip", &[]);
    assert_eq!(folder.run(&["build", "--date", DAY]).code, 0);
    let run = archive(&folder, &["--out", "again.zip", "--built"]);
    assert_eq!(run.code, 2);
    let why = format!("the site that was built lists the edition `{DAY}`, which is not past");
    assert!(run.stderr.contains(&why), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("dossier build --edition {DAY}")), "{}", run.stderr);
    assert_eq!(folder.run(&["build", "--date", DAY, "--edition", DAY]).code, 0);
    assert!(first == made(&folder, "again.zip", &["--built"]));
}

#[test]
fn a_built_site_is_taken_as_its_list_says() {
    let folder = dossier().on_disk();
    let check = |why: &str| {
        let run = archive(&folder, &["--out", "a.zip", "--built", "--no-record"]);
        assert_eq!(run.code, 2);
        assert!(run.stderr.contains(why), "{}", run.stderr);
        assert!(!folder.path("a.zip").exists());
    };
    check("no build has written `public`");
    folder.build();
    folder.write("public/strange.html", HIDDEN);
    let (_, files) = unpacked(&made(&folder, "b.zip", &["--built"]));
    assert!(files.contains_key("data/site/index.html") && !files.contains_key("data/site/strange.html"));
    assert!(!files.contains_key("data/site/.dossier-manifest"));
    let list = fs::read_to_string(folder.path("public/.dossier-manifest")).unwrap();
    folder.write("public/.dossier-manifest", list.replace("2: finished", "1: unfinished"));
    check("the last build of `public` did not come to its end");
    folder.write("public/.dossier-manifest", list.replace("2: finished", "1: finished"));
    check("`public` does not say which bytes the build looked through");
    folder.write("public/.dossier-manifest", list.replace("404.html", "../dossier.yaml"));
    check("is not as a build writes it");
    folder.write("public/.dossier-manifest", &list);
    folder.remove("public/timeline.html");
    check("`public/timeline.html` changed since the build looked through it");
    folder.run(&["build", "--drafts"]);
    check("`public` shows what is unfinished");
    folder.build();
    let page = fs::read_to_string(folder.path("public/timeline.html")).unwrap();
    folder.write("public/timeline.html", page.replacen('e', "f", 1));
    check("`public/timeline.html` changed since the build looked through it");
}
