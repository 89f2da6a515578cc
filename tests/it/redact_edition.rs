//! Taking records out of a sealed edition: what is left is as it was sealed, and nothing in it tells what went.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Cursor, Read, Write};

use dossier::edition::{Entry, manifest};
use dossier::read::hash;
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::input::{Dossier, Files, Folder, Run};

const DAY: &str = "2025-06-01";
const WORDS: &str = "The lantern keeper left the north quay before any bell was rung.";

fn sha256(bytes: impl AsRef<[u8]>) -> String {
    hash(&mut bytes.as_ref()).unwrap().0
}

/// A dossier with somebody who will have to go, and others who stay.
fn dossier() -> Dossier {
    Dossier::small()
        .record(
            "actors/ilse-brandt.md",
            "---\nname: Ilse Brandt\nkind: person\nprivacy: public-figure\naliases: [keeper-brandt]\nsort_name: Brandt, Ilse\nids: {wikidata: Q99887766}\n---\nShe kept the lantern of the north quay for thirty years.\n",
        )
        .record(
            "quotes/lantern.md",
            format!("---\nspeaker: ilse-brandt\ndate: 2023-06-23\ntext: {WORDS}\nsource: daily\n---\n"),
        )
        .record("pages/quay.md", "---\ntitle: The quay\n---\nIt is said that Frau BRANDT, Ilse was there.\n")
        .record("pages/far.md", "---\ntitle: Far away\n---\nNothing of the kind.\n")
        .file("edition.salt", "ab".repeat(32))
}

fn archive(folder: &Folder, out: &str, more: &[&str]) {
    let run = folder.run(&[&["archive", "--date", DAY, "--no-record", "--out", out], more].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
}

fn redact(folder: &Folder, from: &str, records: &[&str], out: &str) -> Run {
    let mut args = vec!["redact-edition", from, "--on", "2025-07-01", "--reason", "legal", "--out", out];
    records.iter().for_each(|record| args.extend(["--record", record]));
    folder.run(&args)
}

#[track_caller]
fn redacted(folder: &Folder, from: &str, records: &[&str], out: &str) -> Files {
    let run = redact(folder, from, records, out);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let run = folder.run(&["verify", out]);
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("were taken out on 2025-07-01, for the reason `legal`"), "{}", run.stdout);
    files(folder, out)
}

/// The files of a zip by their paths in the bag.
fn files(folder: &Folder, path: &str) -> Files {
    let mut zip = ZipArchive::new(Cursor::new(fs::read(folder.path(path)).unwrap())).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().split_once('/').unwrap().1.to_owned(), content)
        })
        .collect()
}

/// The forms in which somebody may look for a value.
fn forms(value: &str) -> Vec<Vec<u8>> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let mut forms: Vec<Vec<u8>> = ["-", "_", "%20", "+", "&nbsp;", " ", ""]
        .iter()
        .map(|between| words.join(between).to_lowercase().into_bytes())
        .collect();
    forms.push(value.encode_utf16().flat_map(u16::to_le_bytes).collect());
    forms.push(value.bytes().map(|byte| format!("\\u00{byte:02x}")).collect::<String>().into_bytes());
    forms.push(value.bytes().map(|byte| format!("%{byte:02x}")).collect::<String>().into_bytes());
    forms.push(value.bytes().map(|byte| format!("&#{byte};")).collect::<String>().into_bytes());
    forms.push(value.bytes().map(|byte| format!("{byte:02x}")).collect::<String>().into_bytes());
    forms
}

fn holds(bytes: &[u8], wanted: &[u8]) -> bool {
    let lower = bytes.to_ascii_lowercase();
    lower.windows(wanted.len()).any(|some| some == wanted.to_ascii_lowercase())
}

/// No file holds any of the values in any form, in its bytes or in its path.
#[track_caller]
fn check_holds_none(files: &Files, values: &[&str]) {
    for value in values {
        for form in forms(value) {
            for (path, bytes) in files {
                let shown = String::from_utf8_lossy(&form);
                assert!(!holds(bytes, &form) && !holds(path.as_bytes(), &form), "{path} holds {shown}");
            }
        }
    }
}

const SAID: [&str; 8] = [
    "Ilse Brandt",
    "Brandt Ilse",
    "Brandt, Ilse",
    "ilse-brandt",
    "keeper-brandt",
    "Q99887766",
    "kept the lantern of the north quay",
    "ilse-brandt.html",
];

#[test]
fn what_is_left_is_as_it_was_sealed_and_says_nothing_of_what_went() {
    let folder = dossier().on_disk();
    archive(&folder, "whole.zip", &[]);
    let whole = files(&folder, "whole.zip");
    let left = redacted(&folder, "whole.zip", &["ilse-brandt"], "left.zip");
    assert_eq!(left["edition/seal.txt"], whole["edition/seal.txt"]);
    check_holds_none(&left, &SAID);
    // The record's own page answers with nothing, since its address tells; another page has a notice; others are as they were.
    assert!(
        !left.contains_key("data/site/actors/ilse-brandt.html")
            && !left.contains_key("data/site/actors/keeper-brandt.html")
    );
    let notice = String::from_utf8(left["data/site/quay.html"].clone()).unwrap();
    assert!(
        notice.contains("taken out of this edition on <time>2025-07-01</time>. The class of reason is: legal."),
        "{notice}"
    );
    for path in [
        "data/site/far.html",
        "data/site/places/harbour.html",
        "data/site/actors/authority.html",
        "data/site/static/style.css",
    ] {
        assert!(left[path] == whole[path], "{path}");
    }
    let told = String::from_utf8(left["edition/removed.txt"].clone()).unwrap();
    assert!(told.contains("\nOn 2025-07-01, for the reason `legal`: "), "{told}");
}

#[test]
fn nobody_finds_by_hashing_what_went() {
    let folder = dossier().on_disk();
    archive(&folder, "whole.zip", &[]);
    let whole = files(&folder, "whole.zip");
    let left = redacted(&folder, "whole.zip", &["ilse-brandt"], "left.zip");
    let lines: Vec<_> =
        manifest::Reader::new(whole["edition/manifest.jsonl"].as_slice()).unwrap().map(Result::unwrap).collect();
    let kept: BTreeSet<String> = manifest::Reader::new(left["edition/manifest.jsonl"].as_slice())
        .unwrap()
        .map(|line| line.unwrap().text)
        .collect();
    let mut candidates = Vec::new();
    let mut gone = 0;
    for line in lines.iter().filter(|line| !kept.contains(&line.text)) {
        gone += 1;
        let open: Vec<Value> = match &line.entry {
            Entry::Field { kind, id, key, value } => vec![
                json!(["field", kind, id, key, value]),
                json!([Value::Null, "field", kind, id, key, value]),
                json!(["", "field", kind, id, key, value]),
                json!([kind, id, key, value]),
                value.clone(),
            ],
            Entry::File { path, bytes, sha256 } => {
                // The hash of a file that went stands nowhere, and hers is one that others can make.
                candidates.push(sha256.clone());
                vec![
                    json!(["file", path, bytes, sha256]),
                    json!([Value::Null, "file", path, bytes, sha256]),
                    json!(path),
                ]
            }
            other => panic!("{other:?}"),
        };
        for value in open {
            let text = value.to_string();
            candidates.extend([sha256(&text), sha256(format!("{text}\n")), sha256(text.trim_matches('"'))]);
        }
        // The salt went with the entry.
        candidates.push(line.text[2..34].to_owned());
    }
    candidates.extend(SAID.iter().map(sha256));
    assert!(gone > 12, "{gone}");
    for (path, bytes) in &left {
        let text = String::from_utf8_lossy(bytes).to_lowercase();
        let found: Vec<&String> = candidates.iter().filter(|candidate| text.contains(candidate.as_str())).collect();
        assert!(found.is_empty(), "{path}: {found:?}");
    }
}

#[test]
fn one_removal_comes_after_another_and_what_is_not_there_cannot_go() {
    let folder = dossier().on_disk();
    archive(&folder, "whole.zip", &[]);
    redacted(&folder, "whole.zip", &["ilse-brandt"], "one.zip");
    let two = redacted(&folder, "one.zip", &["lantern"], "two.zip");
    check_holds_none(&two, &SAID);
    check_holds_none(&two, &[WORDS]);
    let told = String::from_utf8(two["edition/removed.txt"].clone()).unwrap();
    assert_eq!(told.matches("On 2025-07-01").count(), 2, "{told}");
    // Both at once leave the same entries.
    let both = redacted(&folder, "whole.zip", &["ilse-brandt", "lantern"], "both.zip");
    assert_eq!(both["edition/manifest.jsonl"], two["edition/manifest.jsonl"]);
    let check = |from: &str, record: &str, why: &str| {
        let run = redact(&folder, from, &[record], "none.zip");
        assert_eq!(run.code, 2, "{}", run.stdout);
        assert!(run.stderr.contains(why), "{}", run.stderr);
        assert!(!folder.path("none.zip").exists());
    };
    check("whole.zip", "nobody", "the edition has no record `nobody`");
    check("one.zip", "ilse-brandt", "entries were taken out of it before, and it may be one of these");
    check("dossier.yaml", "lantern", "`dossier.yaml` is no edition");
    folder.write("changed.zip", {
        let mut bytes = fs::read(folder.path("whole.zip")).unwrap();
        let at = bytes.len() / 2;
        bytes[at] ^= 1;
        bytes
    });
    check("changed.zip", "lantern", "`changed.zip` does not verify");
    let run = redact(&folder, "whole.zip", &["lantern"], "two.zip");
    assert!(run.stderr.contains("`two.zip` is there already"), "{}", run.stderr);
}

#[test]
fn the_same_removal_is_the_same_bytes_from_either_form() {
    let folder = dossier().on_disk();
    archive(&folder, "whole.zip", &[]);
    archive(&folder, "whole.tar.zst", &[]);
    let bytes = |from: &str, out: &str| {
        let run = redact(&folder, from, &["ilse-brandt"], out);
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(folder.run(&["verify", out]).code, 0);
        fs::read(folder.path(out)).unwrap()
    };
    assert!(bytes("whole.zip", "a.zip") == bytes("whole.tar.zst", "b.zip"));
    assert!(bytes("whole.zip", "a.tar.zst") == bytes("whole.tar.zst", "b.tar.zst"));
}

#[test]
fn a_sealed_edition_loses_the_record_file_and_the_copies_of_its_source() {
    let copy = "A copy of what the daily wrote.";
    let folder = dossier()
        .record(
            "sources/daily.md",
            format!(
                "---\ntitle: Keeper denies\nkind: article\ncaptures: {{file: scan.txt, sha256: {}}}\n---\n",
                sha256(copy)
            ),
        )
        .file("captures/scan.txt", copy)
        .set("captures: captures")
        .on_disk();
    archive(&folder, "whole.zip", &["--audience", "sealed"]);
    assert!(files(&folder, "whole.zip").contains_key("data/captures/scan.txt"));
    let left = redacted(&folder, "whole.zip", &["daily"], "left.zip");
    for path in ["data/captures/scan.txt", "data/content/sources/daily.md"] {
        assert!(left.get(path).is_none_or(|bytes| bytes.starts_with(b"What stood here")), "{path}");
    }
    check_holds_none(&left, &["Keeper denies", copy, &sha256(copy)]);
}

#[test]
fn what_the_seal_itself_says_cannot_be_taken_out() {
    let folder = dossier().settings("title: The case of Ilse Brandt\ntheme: plain\n").on_disk();
    archive(&folder, "whole.zip", &[]);
    let run = redact(&folder, "whole.zip", &["ilse-brandt"], "left.zip");
    assert_eq!(run.code, 2);
    assert!(
        run.stderr.contains("`edition/seal.txt` says something of it, and what is signed stays as it is"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_publisher_who_goes_is_no_longer_named_to_catalogues() {
    let folder = dossier().set("publisher: Ilse Brandt").on_disk();
    archive(&folder, "whole.zip", &[]);
    let left = redacted(&folder, "whole.zip", &["ilse-brandt"], "left.zip");
    check_holds_none(&left, &SAID);
    let crate_: Value = serde_json::from_slice(&left["data/ro-crate-metadata.json"]).unwrap();
    assert_eq!(crate_["@graph"][1]["hasPart"][0]["@id"], "site/");
}

/// A zip with one file, whose words cannot be read from its bytes.
fn zipped(name: &str, text: &str) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file(name, SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)).unwrap();
    zip.write_all(text.repeat(3).as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

#[test]
fn what_is_packed_in_a_file_goes_as_well_and_what_cannot_be_looked_into_is_named() {
    let folder = dossier()
        .record(
            "pages/papers.md",
            "---\ntitle: Papers\n---\n[One](one.zip) and [two](two.zip) and [three](three.docx).\n",
        )
        .file("content/pages/one.zip", zipped("a.txt", "The keeper was Ilse Brandt, they say. "))
        .file("content/pages/two.zip", zipped("a.txt", "Nobody was there, they say. "))
        .file("content/pages/three.docx", [&b"\xd0\xcf\x11\xe0"[..], &[0; 600]].concat())
        .on_disk();
    for (out, of_site, more) in [("whole.zip", true, &[][..]), ("sealed.zip", false, &["--audience", "sealed"])] {
        archive(&folder, out, more);
        let whole = files(&folder, out);
        let run = redact(&folder, out, &["ilse-brandt"], &format!("left-{out}"));
        assert_eq!(run.code, 0, "{}", run.stderr);
        let left = files(&folder, &format!("left-{out}"));
        let at = if of_site { "data/site/files/pages/" } else { "data/content/pages/" };
        assert!(whole.contains_key(&format!("{at}one.zip")), "{:?}", whole.keys());
        assert!(!left.contains_key(&format!("{at}one.zip")));
        assert!(left.contains_key(&format!("{at}two.zip")));
        let told = run.stderr.lines().find(|line| line.contains("cannot be looked into")).unwrap_or_default();
        assert!(told.contains(&format!("`{at}three.docx`")) && !told.contains("two.zip"), "{}", run.stderr);
    }
}

#[test]
fn a_record_that_stands_in_no_list_is_known_by_its_page() {
    let folder = dossier()
        .record(
            "actors/quiet.md",
            "---\nname: Karl Meisner\nkind: person\nprivacy: public-figure\nvisibility: unlisted\naliases: [karl-old]\n\
             summary: He watched the locks from the shore that whole evening.\n---\nA fisherman.\n",
        )
        .record("pages/watch.md", "---\ntitle: The watch\n---\nIt was Meisner, Karl who watched.\n")
        .on_disk();
    archive(&folder, "whole.zip", &[]);
    assert!(
        !String::from_utf8_lossy(&files(&folder, "whole.zip")["edition/manifest.jsonl"])
            .contains("\"actor\",\"quiet\"")
    );
    let run = redact(&folder, "whole.zip", &["quiet"], "left.zip");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stdout
            .contains("`quiet` stands in no list, and is known here by its page alone, which is called `Karl Meisner`"),
        "{}",
        run.stdout
    );
    assert_eq!(folder.run(&["verify", "left.zip"]).code, 0);
    let left = files(&folder, "left.zip");
    assert!(!left.contains_key("data/site/actors/quiet.html") && !left.contains_key("data/site/actors/karl-old.html"));
    check_holds_none(&left, &["Karl Meisner", "Meisner, Karl", "watched the locks from the shore", "quiet.html"]);
}

#[test]
fn no_notice_stands_where_a_part_of_the_name_stands_in_the_address() {
    let folder =
        dossier().record("pages/brandt-and-others.md", "---\ntitle: Others\n---\nIlse Brandt and others.\n").on_disk();
    archive(&folder, "whole.zip", &[]);
    let left = redacted(&folder, "whole.zip", &["ilse-brandt"], "left.zip");
    assert!(left.contains_key("data/site/quay.html") && !left.contains_key("data/site/brandt-and-others.html"));
}

#[test]
fn words_that_are_named_go_and_a_part_of_a_name_that_is_left_is_told() {
    let folder = dossier().record("pages/far.md", "---\ntitle: Far away\n---\nMrs. “Brandt” left.\n").on_disk();
    archive(&folder, "whole.zip", &[]);
    let run = redact(&folder, "whole.zip", &["ilse-brandt"], "left.zip");
    assert!(files(&folder, "left.zip").contains_key("data/site/far.html"));
    let told = run.stderr.lines().find(|line| line.contains("a part of the name is left in")).unwrap_or_default();
    assert!(
        told.contains("in 1 field of records and in the files `data/site/far.html`") && !told.contains("places"),
        "{}",
        run.stderr
    );
    let words = |words: &str, out: &str| {
        folder.run(&[
            "redact-edition",
            "left.zip",
            "--word",
            words,
            "--on",
            "2025-07-01",
            "--reason",
            "legal",
            "--out",
            out,
        ])
    };
    let run = words("brandt", "none.zip");
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(folder.run(&["verify", "none.zip"]).code, 0);
    check_holds_none(&files(&folder, "none.zip"), &["Brandt"]);
    let run = words("Nobody-of-that-name", "other.zip");
    assert!(run.code == 2 && run.stderr.contains("nothing in it says any of the words"), "{}", run.stderr);
    let run = words("B", "other.zip");
    assert!(run.code == 2 && run.stderr.contains("`--word`: `B` is too short to look for"), "{}", run.stderr);
}

#[test]
fn another_record_of_which_nothing_is_left_is_told() {
    let folder = dossier()
        .record(
            "actors/ilse-brandt-neumann.md",
            "---\nname: Ilse Brandt-Neumann\nkind: person\nprivacy: public-figure\n---\n",
        )
        .on_disk();
    archive(&folder, "whole.zip", &[]);
    let run = redact(&folder, "whole.zip", &["ilse-brandt"], "left.zip");
    assert!(run.stdout.contains("of other records nothing is left: actor `ilse-brandt-neumann`"), "{}", run.stdout);
}
