//! Evidence packets: what is in them and what never is, that they are the same bytes anywhere, and that nothing can be changed unseen.

use std::fs;
use std::io::{Cursor, Read, Write};

use dossier::packet::{Checked, Held, verify};
use dossier::read::hash;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::input::{Dossier, Files, Folder, Run};

const ARTICLE: &str = "Keeper denies\n\nJane Doe spoke on Wednesday. “We did not open the gate before six,” she said, “and \
                       nobody asked us to.”\n\nThe authority said that it would look into the matter if the police agreed.\n";

fn sha256(bytes: &[u8]) -> String {
    hash(&mut &*bytes).unwrap().0
}

/// A dossier with a quotation that stands in a copy of its source, with more lines for the record of the source.
fn dossier(source: &str) -> Dossier {
    Dossier::small()
        .record(
            "quotes/not-before-six.md",
            "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We did not open the gate before six.\nevent: gate-opened\nvia: {actor: authority, verb: quoted, source: daily}\nsource: {source: daily, locator: p. 3}\ncorrections: {on: 2023-07-01, field: date, why: The day was wrong.}\n---\n",
        )
        .record(
            "sources/daily.md",
            format!(
                "---\ntitle: Keeper denies\nkind: article\npublished: 2023-06-22\nurl: https://example.org/keeper\n{source}\ncaptures:\n  - {{file: daily.txt, at: 2023-06-23, by: authority, method: text, sha256: {}}}\n---\n",
                sha256(ARTICLE.as_bytes())
            ),
        )
        .record("sources/daily/daily.txt", ARTICLE)
}

const OPEN: &str = "licence: CC-BY-4.0";

fn evidence(folder: &Folder, id: &str, more: &[&str]) -> Run {
    folder.run(&[&["evidence", id, "--date", "2025-06-01"], more].concat())
}

/// Makes a packet, and expects that it goes well.
#[track_caller]
fn packet(folder: &Folder, id: &str, more: &[&str]) -> Vec<u8> {
    let run = evidence(folder, id, &[more, &["--force", "--out", "packet-INTERNAL.zip"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    fs::read(folder.path("packet-INTERNAL.zip")).unwrap()
}

fn unzip(bytes: &[u8]) -> Files {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut files = Files::new();
    for at in 0..zip.len() {
        let mut file = zip.by_index(at).unwrap();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        files.insert(file.name().unwrap().into_owned(), content);
    }
    files
}

/// The files as a packet of them would be: with the right fingerprints, in the right order.
fn zip_again(mut files: Files) -> Vec<u8> {
    files.remove("SHA256SUMS");
    let sums: String = files.iter().map(|(path, bytes)| format!("{}  {path}\n", sha256(bytes))).collect();
    files.insert("SHA256SUMS".to_owned(), sums.into_bytes());
    zip(&files)
}

fn stored() -> SimpleFileOptions {
    SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644)
        .system(zip::System::Unix)
}

fn zip(files: &Files) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        zip.start_file(path.as_str(), stored()).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn checked(bytes: &[u8]) -> Option<Checked> {
    verify(&|| Ok(Cursor::new(bytes))).unwrap()
}

/// What differs, a line each.
fn differences(bytes: &[u8]) -> String {
    let checked = checked(bytes).expect("it is a packet");
    let differing = checked.checks.iter().filter(|check| check.held == Held::No);
    let line = |check: &dossier::packet::Check| {
        format!("{}: {}: {}\n", check.about, check.file.as_deref().unwrap_or("-"), check.says)
    };
    differing.map(line).collect()
}

#[track_caller]
fn assert_differs(bytes: &[u8], expected: &str) {
    let found = differences(bytes);
    assert!(found.contains(expected), "{expected:?} is not in:\n{found}");
}

fn text<'f>(files: &'f Files, path: &str) -> &'f str {
    std::str::from_utf8(files.get(path).unwrap_or_else(|| panic!("no {path} in {:?}", files.keys()))).unwrap()
}

#[test]
fn a_packet_has_the_record_the_passage_and_how_to_check_it() {
    let folder = dossier("").on_disk();
    let files = unzip(&packet(&folder, "not-before-six", &[]));
    let paths: Vec<&str> = files.keys().map(String::as_str).collect();
    let expected = ["README.txt", "SHA256SUMS", "evidence.json", "excerpts/daily.txt", "record.json", "record.md"];
    assert_eq!(paths, expected);
    let record = text(&files, "record.md");
    for line in [
        "> We did not open the gate before six.",
        "* speaker: Jane Doe, id: jane-doe",
        "    * Harbour Authority, id: authority, verb: quoted, in: Keeper denies, id: daily",
        "    * on: 2023-07-01, field: date, why: The day was wrong.",
        "### Keeper denies",
        "* url: https://example.org/keeper",
    ] {
        assert!(record.lines().any(|own| own.starts_with(line)), "{line:?} is not in:\n{record}");
    }
    let excerpt = text(&files, "excerpts/daily.txt").replace("\n    ", " ");
    assert!(excerpt.contains("spoke on Wednesday. “ »We did not open the gate before six.« "), "{excerpt}");
    let page = text(&files, "README.txt");
    for line in [
        "Result: normalised",
        "Made: on 2023-06-23, by Harbour Authority, as text",
        "sha256sum -c SHA256SUMS",
        "integrity is not truth",
    ] {
        assert!(page.replace('\n', " ").contains(line), "{line:?} is not in:\n{page}");
    }
    assert!(!page.contains("daily.txt'"), "the file of a copy that is not passed on is not named:\n{page}");
    let statement: serde_json::Value = serde_json::from_str(text(&files, "evidence.json")).unwrap();
    assert_eq!(statement["quotations"][0]["words"][0], "We did not open the gate before six.");
    assert_eq!(statement["captures"][0]["sha256"], sha256(ARTICLE.as_bytes()));
    assert_eq!(statement["captures"][0]["passed"], "no");
}

#[test]
fn a_packet_of_an_event_has_its_quotations() {
    let folder = dossier("").on_disk();
    let files = unzip(&packet(&folder, "gate-opened", &[]));
    assert!(
        text(&files, "record.md").contains("## Quotations\n\n### Jane Doe: “We did not open the gate before six.”\n")
    );
    assert!(text(&files, "README.txt").contains("Quotation `not-before-six`:"));
}

#[test]
fn a_copy_is_passed_on_where_its_licence_says_so_or_its_author_does() {
    let open = dossier(OPEN).on_disk();
    let closed = dossier("licence: all rights reserved").on_disk();
    let path = "captures/daily/daily.txt";
    let files = unzip(&packet(&open, "not-before-six", &[]));
    assert_eq!(text(&files, path), ARTICLE);
    assert!(!files.contains_key("excerpts/daily.txt"));
    assert!(!text(&files, "README.txt").contains("NOT FOR PUBLICATION"));
    assert!(!unzip(&packet(&open, "not-before-six", &["--without-captures"])).contains_key(path));
    assert!(!unzip(&packet(&closed, "not-before-six", &[])).contains_key(path));
    let files = unzip(&packet(&closed, "not-before-six", &["--with-captures"]));
    assert_eq!(text(&files, path), ARTICLE);
    for page in ["README.txt", "record.md"] {
        assert!(text(&files, page).contains("NOT FOR PUBLICATION"), "{page}");
    }
}

#[test]
fn the_page_names_the_bytes_of_the_words() {
    let folder = dossier(OPEN).on_disk();
    let files = unzip(&packet(&folder, "not-before-six", &[]));
    let page = text(&files, "README.txt");
    let command = page.lines().find_map(|line| line.trim().strip_prefix("tail -c +")).unwrap();
    let (start, rest) = command.split_once(' ').unwrap();
    let (file, length) = rest.split_once(" | head -c ").unwrap();
    assert_eq!(file, "'captures/daily/daily.txt'");
    let (start, length): (usize, usize) = (start.parse().unwrap(), length.parse().unwrap());
    let words = &ARTICLE[start - 1..start - 1 + length];
    assert!(words.starts_with("We did not open the gate before six"), "{words}");
}

#[test]
fn the_same_dossier_gives_the_same_bytes_anywhere() {
    let first = packet(&dossier(OPEN).on_disk(), "not-before-six", &[]);
    let folder = dossier(OPEN).on_disk();
    for (zone, threads, locale) in [("Pacific/Kiritimati", "1", "C"), ("America/Adak", "2", "de_DE.UTF-8")] {
        let mut command = folder.command(&["evidence", "not-before-six", "--force", "--date", "2025-06-01"]);
        command.env("TZ", zone).env("RAYON_NUM_THREADS", threads).env("LC_ALL", locale);
        assert_eq!(Run::of(command).code, 0);
        assert!(fs::read(folder.path("evidence-not-before-six.zip")).unwrap() == first, "{zone}");
    }
}

#[test]
fn what_readers_do_not_see_is_refused_and_marked_when_it_is_asked_for() {
    let hidden = "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We did not open the gate before six.\nsource: daily\nvisibility: internal\n---\n";
    let folder = dossier("")
        .record("quotes/hidden.md", hidden)
        .record("quotes/shut.md", hidden.replace("internal", "sealed"))
        .on_disk();
    let run = evidence(&folder, "hidden", &[]);
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(
        run.stderr.contains("readers do not see `hidden`, which is internal; no packet is made of it"),
        "{}",
        run.stderr
    );
    assert_eq!(evidence(&folder, "shut", &["--internal"]).code, 2);
    assert_eq!(evidence(&folder, "hidden", &["--internal", "--out", "plain.zip"]).code, 2);
    let run = evidence(&folder, "hidden", &["--internal"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("warning: the packet is INTERNAL"));
    let bytes = fs::read(folder.path("evidence-hidden-INTERNAL.zip")).unwrap();
    let files = unzip(&bytes);
    for page in ["README.txt", "record.md"] {
        assert!(text(&files, page).contains("INTERNAL: this packet"), "{page}");
    }
    assert!(checked(&bytes).unwrap().subject.unwrap().contains("INTERNAL"));
    assert_eq!(
        fs::read_dir(folder.path("."))
            .unwrap()
            .filter(|file| file.as_ref().unwrap().file_name().to_string_lossy().ends_with("zip"))
            .count(),
        1
    );
}

#[test]
fn only_quotations_and_events_have_packets() {
    let folder = dossier("").on_disk();
    let run = evidence(&folder, "jane-doe", &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`jane-doe` is an actor, and packets are made of quotes and events"), "{}", run.stderr);
    assert!(evidence(&folder, "not-before-sixx", &[]).stderr.contains("did you mean `not-before-six`?"));
}

#[test]
fn a_copy_with_other_bytes_than_were_recorded_is_refused() {
    let folder = dossier(OPEN).on_disk();
    let other = ARTICLE.replace("Wednesday", "Thursday");
    folder.write("content/sources/daily/daily.txt", &other);
    for more in [&[][..], &["--with-captures"]] {
        let run = evidence(&folder, "not-before-six", more);
        assert_ne!(run.code, 0);
        for sha256 in [sha256(ARTICLE.as_bytes()), sha256(other.as_bytes())] {
            assert!(run.stderr.contains(&sha256), "{}", run.stderr);
        }
        assert!(!folder.path("evidence-not-before-six.zip").exists());
    }
    folder.remove("content/sources/daily/daily.txt");
    let run = evidence(&folder, "not-before-six", &["--with-captures"]);
    assert_ne!(run.code, 0);
    assert!(!folder.path("evidence-not-before-six.zip").exists());
}

#[test]
fn nothing_is_replaced_unasked_and_nothing_is_written_into_the_site() {
    let folder = dossier("").on_disk();
    folder.build();
    folder.write("evidence-not-before-six.zip", "mine");
    let run = evidence(&folder, "not-before-six", &[]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`evidence-not-before-six.zip` is there already"), "{}", run.stderr);
    assert_eq!(fs::read(folder.path("evidence-not-before-six.zip")).unwrap(), b"mine");
    assert_eq!(evidence(&folder, "not-before-six", &["--force"]).code, 0);
    for out in ["public/packet.zip", "public/quotes/../packet.zip", "public"] {
        assert_eq!(evidence(&folder, "not-before-six", &["--out", out]).code, 2, "{out}");
    }
    assert!(!folder.path("evidence-not-before-six.zip.pending").exists());
}

/// The names and words that no reader may have.
const WITHHELD: [&str; 5] =
    ["Ellen Verhoeven", "ellen-verhoeven", "Verhoeven", "Operation Nightjar", "harbour cat is called Mortimer"];

/// A dossier in which what is withheld stands around everything.
fn guarded() -> Dossier {
    let article = ARTICLE
        .replace("she said", "she told Ellen Verhoeven")
        .replace("Jane Doe spoke", "Before Ellen Verhoeven spoke");
    dossier("")
        .record("actors/ellen-verhoeven.md", "---\nname: Ellen Verhoeven\nkind: person\nprivacy: victim\n---\n")
        .record(
            "quotes/not-before-six.md",
            "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We did not open the gate before six.\nevent: gate-opened\nto: ellen-verhoeven\nvia: {actor: ellen-verhoeven, verb: quoted}\nsources: [daily, secret-file]\nnotes_internal: The harbour cat is called Mortimer and nobody may know.\ncontext_after: She spoke to [[ellen-verhoeven]] and to Ellen Verhoeven.\n---\n",
        )
        .record(
            "quotes/hidden.md",
            "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We knew about Operation Nightjar since the spring.\nevent: gate-opened\nsource: daily\nvisibility: internal\n---\n",
        )
        .record("sources/secret-file.md", "---\ntitle: Operation Nightjar\nkind: document\nvisibility: sealed\n---\n")
        .record(
            "sources/daily.md",
            format!("---\ntitle: Keeper denies\nkind: article\nauthors: ellen-verhoeven\ncaptures: {{file: daily.txt, by: ellen-verhoeven, sha256: {}}}\n---\n", sha256(article.as_bytes())),
        )
        .record("sources/daily/daily.txt", article)
}

#[test]
fn nothing_that_is_withheld_is_in_any_byte_of_a_packet() {
    let folder = guarded().on_disk();
    for id in ["not-before-six", "gate-opened"] {
        let bytes = packet(&folder, id, &[]);
        let mut files = unzip(&bytes);
        files.insert("the zip".to_owned(), bytes);
        for (path, content) in &files {
            let content = String::from_utf8_lossy(content).to_lowercase();
            for word in WITHHELD {
                assert!(!content.contains(&word.to_lowercase()), "{word} in {path} of {id}:\n{content}");
            }
        }
        assert!(text(&files, "evidence.json").contains("\"result\": \"normalised\""));
    }
}

#[test]
fn a_copy_that_gives_something_away_is_passed_on_by_its_author_alone() {
    let source = guarded();
    let folder = source.on_disk();
    let record = fs::read_to_string(folder.path("content/sources/daily.md")).unwrap();
    folder.write("content/sources/daily.md", record.replace("kind: article", "kind: article\nlicence: CC0-1.0"));
    let run = evidence(&folder, "not-before-six", &[]);
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("`captures/daily/daily.txt` gives away what is withheld"), "{}", run.stderr);
    assert!(!folder.path("evidence-not-before-six.zip").exists());
    assert_eq!(evidence(&folder, "not-before-six", &["--without-captures"]).code, 0);
    folder.write("content/sources/daily.md", record);
    let run = evidence(&folder, "not-before-six", &["--with-captures", "--force"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stderr.contains("gives away what is withheld"), "{}", run.stderr);
}

#[test]
fn a_packet_that_was_not_touched_is_verified() {
    let folder = dossier(OPEN).on_disk();
    let bytes = packet(&folder, "not-before-six", &[]);
    assert_eq!(differences(&bytes), "");
    let checked = checked(&bytes).unwrap();
    assert_eq!(
        checked.subject.as_deref(),
        Some(concat!("quote `not-before-six`, made by dossier ", env!("CARGO_PKG_VERSION")))
    );
    let says: Vec<&str> = checked.checks.iter().map(|check| check.about).collect();
    assert_eq!(says, ["container", "files", "frame", "statement", "captures", "words"]);
    assert!(checked.checks.iter().all(|check| check.held == Held::Yes), "{checked:?}");
}

#[test]
fn a_packet_of_words_that_the_copy_has_otherwise_is_verified_too() {
    let altered =
        "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We did never open the gate before six.\nsource: daily\n---\n";
    let folder = dossier(OPEN).record("quotes/not-before-six.md", altered).set("level: internal").on_disk();
    let bytes = packet(&folder, "not-before-six", &[]);
    assert!(text(&unzip(&bytes), "README.txt").contains("Result: altered"));
    assert_eq!(differences(&bytes), "");
}

#[test]
fn a_packet_of_words_with_links_among_them_is_verified_too() {
    for text in ["We did not open [[gate-opened|the gate]] before six.", "We did not open [[gate-opened]] before six."]
    {
        let quote = format!("---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: \"{text}\"\nsource: daily\n---\n");
        let folder = dossier(OPEN).record("quotes/not-before-six.md", quote).set("level: internal").on_disk();
        assert_eq!(differences(&packet(&folder, "not-before-six", &[])), "", "{text}");
    }
}

#[test]
fn what_cannot_be_looked_at_is_said_to_be_open() {
    let folder = dossier("").on_disk();
    let checked = checked(&packet(&folder, "not-before-six", &[])).unwrap();
    let open: Vec<&str> =
        checked.checks.iter().filter(|check| check.held == Held::Open).map(|check| check.about).collect();
    assert_eq!(open, ["captures", "words"]);
    assert!(checked.holds());
}

#[test]
fn one_changed_byte_is_found_wherever_it_is() {
    let folder = dossier(OPEN).on_disk();
    let bytes = packet(&folder, "not-before-six", &[]);
    let mut zip = ZipArchive::new(Cursor::new(&bytes)).unwrap();
    let mut places: Vec<(u64, u64, String)> = Vec::new();
    for at in 0..zip.len() {
        let file = zip.by_index(at).unwrap();
        let start = file.data_start().unwrap();
        places.push((start, start + file.size(), file.name().unwrap().into_owned()));
    }
    let mut random: u64 = 20_230_621;
    let mut next = |below: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % below
    };
    // All of what stands around the files, and 200 places anywhere.
    let is_frame = |at: &u64| !places.iter().any(|(start, end, _)| (start..end).contains(&at));
    let frame: Vec<u64> = (0..bytes.len() as u64).filter(is_frame).collect();
    let anywhere: Vec<u64> = (0..200).map(|_| next(bytes.len() as u64)).collect();
    for at in anywhere.into_iter().chain(frame) {
        let mut changed = bytes.clone();
        changed[at as usize] ^= 1 << next(8);
        let found = differences(&changed);
        assert!(!found.is_empty(), "byte {at}");
        if let Some((_, _, path)) = places.iter().find(|(start, end, _)| (start..end).contains(&&at)) {
            assert!(found.contains(path.as_str()), "byte {at} is in `{path}`:\n{found}");
        }
    }
}

#[test]
fn a_packet_that_is_cut_off_or_has_more_is_found() {
    let folder = dossier(OPEN).on_disk();
    let bytes = packet(&folder, "not-before-six", &[]);
    for length in (4..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        assert!(!differences(&bytes[..length]).is_empty(), "{length}");
    }
    for (before, after) in [("x", ""), ("", "x"), ("PK", "PK")] {
        let more = [before.as_bytes(), &bytes, after.as_bytes()].concat();
        assert!(!differences(&more).is_empty(), "{before:?} {after:?}");
    }
}

#[test]
fn what_is_missing_added_or_changed_is_named() {
    let folder = dossier(OPEN).on_disk();
    let files = unzip(&packet(&folder, "not-before-six", &[]));
    for path in files.keys() {
        let mut fewer = files.clone();
        fewer.remove(path);
        let expected = if path == "SHA256SUMS" {
            "the list of fingerprints cannot be used: it is not there"
        } else {
            "it is missing"
        };
        assert_differs(&zip(&fewer), &format!("files: {path}: {expected}"));
    }
    let mut more = files.clone();
    more.insert("captures/daily/other.txt".to_owned(), b"x".to_vec());
    assert_differs(&zip(&more), "files: captures/daily/other.txt: it was added: no fingerprint is listed for it");
    let mut other = files.clone();
    other.insert("record.md".to_owned(), b"x".to_vec());
    assert_differs(&zip(&other), "files: record.md: it was changed: listed is the SHA-256 ");
    assert_eq!(differences(&zip_again(files)), "");
}

#[test]
fn a_packet_that_was_packed_again_is_told_from_one_that_was_changed() {
    let folder = dossier(OPEN).on_disk();
    let files = unzip(&packet(&folder, "not-before-six", &[]));
    let mut again = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in &files {
        again.start_file(path.as_str(), stored().compression_method(CompressionMethod::Deflated)).unwrap();
        again.write_all(bytes).unwrap();
    }
    let again = again.finish().unwrap().into_inner();
    let found = differences(&again);
    assert!(found.starts_with("frame: -: ") && found.lines().count() == 1, "{found}");
}

/// Changes a file of a packet, and sets its fingerprints right again, as somebody would who wants to deceive.
fn forged(files: &Files, path: &str, from: &str, to: &str) -> Vec<u8> {
    let mut files = files.clone();
    let own = text(&files, path);
    assert!(own.contains(from), "{from:?} is not in {path}:\n{own}");
    let own = own.replace(from, to);
    files.insert(path.to_owned(), own.into_bytes());
    zip_again(files)
}

#[test]
fn what_is_stated_is_looked_at_again() {
    let folder = dossier(OPEN).on_disk();
    let files = unzip(&packet(&folder, "not-before-six", &[]));
    let forge = |path: &str, from: &str, to: &str| forged(&files, path, from, to);
    assert_differs(
        &forge("evidence.json", "\"normalised\"", "\"exact\""),
        "statement: README.txt: it does not agree with evidence.json",
    );
    assert_differs(&forge("evidence.json", "\"normalised\"", "\"exact\""), "stated is exact, and they are normalised");
    assert_differs(
        &forge("evidence.json", "did not open", "did open"),
        "stated is normalised, and they do not stand there",
    );
    assert_differs(&forge("evidence.json", "spoke on Wednesday", "lied on Wednesday"), "other words stand around them");
    assert_differs(&forge("evidence.json", "\"paragraph\": ", "\"paragraph\": 1"), "they stand in another place");
    assert_differs(
        &forge("README.txt", "Result: normalised", "Result: exact"),
        "statement: README.txt: it does not agree",
    );
    assert_differs(
        &forge("record.json", "\"id\": \"not-before-six\"", "\"id\": \"other\""),
        "it is about another record than evidence.json",
    );
    assert_differs(
        &forge("record.json", "We did not open", "We did open"),
        "statement: record.json: the words of `not-before-six` are others than in evidence.json",
    );
    assert_differs(
        &forge("evidence.json", "\"version\": 1", "\"version\": 2"),
        "it has the form 2, and this program knows 1",
    );
    assert_differs(&forge("evidence.json", "\"program\"", "\"programme\""), "evidence.json: it cannot be used");
    let copy = "captures/daily/daily.txt";
    assert_differs(&forge(copy, "did not open", "did open"), "it is not the copy that evidence.json tells of");
}

/// A zip of files that are not what they should be.
fn hostile(make: impl FnOnce(&mut ZipWriter<Cursor<Vec<u8>>>)) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("evidence.json", stored()).unwrap();
    zip.write_all(b"{}").unwrap();
    make(&mut zip);
    zip.finish().unwrap().into_inner()
}

/// Replaces some bytes wherever they are, as often as they must be there.
fn patched(bytes: &[u8], from: &[u8], to: &[u8], times: usize) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let mut bytes = bytes.to_vec();
    let places: Vec<usize> = (0..=bytes.len() - from.len()).filter(|at| bytes[*at..].starts_with(from)).collect();
    assert_eq!(places.len(), times, "{from:?}");
    for at in places {
        bytes[at..at + to.len()].copy_from_slice(to);
    }
    bytes
}

fn with_file(path: &'static str) -> Vec<u8> {
    hostile(|zip| {
        zip.start_file(path, stored()).unwrap();
        zip.write_all(b"harm").unwrap();
    })
}

#[test]
fn hostile_zips_are_refused_by_name() {
    let named = |name: &str| patched(&with_file("0123456789"), b"0123456789", name.as_bytes(), 2);
    assert_differs(&named("../../../a"), "container: ../../../a: its path leads out of the folder");
    assert_differs(&named("/etc/passw"), "container: /etc/passw: its path does not begin in the folder");
    assert_differs(&named("C:\\windows"), "container: C:\\windows: its name has a backslash in it");
    assert_differs(&named("c:/windows"), "container: c:/windows: its path does not begin in the folder");
    assert_differs(&named("aa//bb.txt"), "its path has a folder without a name");
    assert_differs(&named("x/com1.txt"), "some systems keep its name for a device");
    assert_differs(&named("a\nb\u{1b}[31mcd"), "its name has a character in it that cannot be seen");
    assert_differs(&patched(&with_file("0123456789"), b"0123456789", b"\xff\xfe34567890", 2), "its name is not UTF-8");
    let link = hostile(|zip| zip.add_symlink("captures/link", "/etc/passwd", stored()).unwrap());
    assert_differs(&link, "container: captures/link: it is a symbolic link");
    let twice = patched(&with_file("evidence.jsOn"), b"evidence.jsOn", b"evidence.json", 2);
    assert_differs(&twice, "container: evidence.json: it is there twice");
    assert_differs(
        &with_file("EVIDENCE.json"),
        "container: EVIDENCE.json: on many systems it is the same file as `evidence.json`",
    );
    assert_differs(
        &with_file("evidence.json/x"),
        "container: evidence.json/x: it lies in `evidence.json`, which is a file",
    );
    let before = [b"#!/bin/sh\n".as_slice(), &with_file("a")].concat();
    assert!(checked(&before).is_none_or(|checked| !checked.holds()));
}

#[test]
fn packed_files_that_cannot_be_read_safely_are_refused_by_name() {
    // The flags and the method stand behind the signature: in the local header at 6 and 8, in the directory at 8 and 10.
    let set = |offset: (usize, usize), value: u16| {
        let mut bytes = with_file("captures/x");
        let find = |bytes: &[u8], signature: &[u8]| bytes.windows(4).rposition(|some| some == signature).unwrap();
        for (signature, offset) in [(b"PK\x03\x04", offset.0), (b"PK\x01\x02", offset.1)] {
            let at = find(&bytes, signature) + offset;
            bytes[at..at + 2].copy_from_slice(&value.to_le_bytes());
        }
        bytes
    };
    assert_differs(&set((6, 8), 1), "container: captures/x: it is encrypted");
    assert_differs(&set((8, 10), 12), "container: captures/x: it is compressed in a way that is not known here");
    assert_differs(&set((8, 10), 99), "container: captures/x:");
    let bomb = hostile(|zip| {
        zip.start_file("captures/bomb", stored().compression_method(CompressionMethod::Deflated)).unwrap();
        zip.write_all(&vec![0; 8 << 20]).unwrap();
    });
    assert_differs(&bomb, "container: captures/bomb: all files together would unpack to far more");
    // One that says that it is short is cut where it says that it ends, and is not what it says.
    let liar = patched(&bomb, &(8_u32 << 20).to_le_bytes(), &100_u32.to_le_bytes(), 2);
    assert!(!differences(&liar).is_empty());
    // The second file lies where the first does.
    let mut over = with_file("captures/x");
    let at = over.windows(4).rposition(|some| some == b"PK\x01\x02").unwrap() + 42;
    over[at..at + 4].copy_from_slice(&0_u32.to_le_bytes());
    assert_differs(&over, "container: ");
}

#[test]
fn verify_says_what_it_checked_and_ends_as_it_found_it() {
    let folder = dossier(OPEN).on_disk();
    folder.write("packet.zip", packet(&folder, "not-before-six", &[]));
    let run = folder.run(&["verify", "packet.zip"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (0, "it is as it was made; whether what it says is true is another question\n")
    );
    assert!(run.stdout.ends_with("verified: nothing differs\n"), "{}", run.stdout);
    let run = folder.run(&["verify", "packet.zip", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&value["verified"], &value["checks"][0]["held"]), (&true.into(), &"yes".into()));
    let mut changed = fs::read(folder.path("packet.zip")).unwrap();
    let at = changed.windows(8).position(|some| some == b"EVIDENCE").unwrap();
    changed[at] = b'e';
    folder.write("packet.zip", changed);
    let run = folder.run(&["verify", "packet.zip"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("DIFFERS `README.txt`: it was changed: listed is the SHA-256 "), "{}", run.stdout);
    folder.write("text.txt", "text");
    for (file, said) in [
        ("text.txt", "is neither an edition nor another bag, a web archive or an evidence packet"),
        ("none.zip", "cannot read `none.zip`"),
        ("content", "is neither an edition"),
    ] {
        let run = folder.run(&["verify", file]);
        assert_eq!(run.code, 2, "{file}");
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}
