//! Checking editions and other bags: what is missing, added or changed is named, each changed byte is found, and what would do harm is
//! refused by name.

use std::fs;
use std::io::{Cursor, Read, Write};

use dossier::read::hash;
use serde_json::Value;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use crate::input::{Dossier, Folder, Run};

const DAY: &str = "2025-06-01";
const TOP: &str = "a-dossier-2025-06-01";

fn sha256(bytes: &[u8]) -> String {
    hash(&mut &*bytes).unwrap().0
}

/// An edition of the small dossier, in a folder.
fn edition(out: &str) -> Folder {
    let folder = Dossier::small().file("edition.salt", "ab".repeat(32)).set("base_url: https://example.org/").on_disk();
    let run = folder.run(&["archive", "--date", DAY, "--out", out]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    folder
}

fn verify(folder: &Folder, file: &str) -> Run {
    folder.run(&["verify", file])
}

/// What differs, one on each line.
fn differing(folder: &Folder, file: &str) -> String {
    let run = verify(folder, file);
    assert_eq!(run.code, 1, "{}{}", run.stdout, run.stderr);
    run.stdout.lines().filter_map(|line| line.strip_prefix("DIFFERS ")).map(|line| format!("{line}\n")).collect()
}

#[track_caller]
fn check_differs(folder: &Folder, file: &str, why: &str) {
    let found = differing(folder, file);
    assert!(found.contains(why), "{found}");
}

/// The files of a zip in their order.
fn unzipped(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|at| {
            let mut file = zip.by_index(at).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            (file.name().unwrap().into_owned(), content)
        })
        .collect()
}

/// A zip as an ordinary program makes it.
fn zipped(files: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
        zip.start_file(path.as_str(), options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A bag by somebody else, with one file, and what else is asked for.
fn bag(more: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
    let mut files = vec![
        ("bag/bagit.txt".to_owned(), b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n".to_vec()),
        ("bag/data/a.txt".to_owned(), b"one".to_vec()),
        ("bag/manifest-sha256.txt".to_owned(), format!("{} data/a.txt\n", sha256(b"one")).into_bytes()),
    ];
    files.extend(more.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())));
    files
}

/// One file of a tar with a header that anybody may have written.
fn tarred(files: &[(&str, u8, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (path, kind, bytes) in files {
        let mut header = tar::Header::new_ustar();
        header.as_mut_bytes()[..path.len()].copy_from_slice(path.as_bytes());
        header.set_mode(0o644);
        header.set_size(bytes.len() as u64);
        header.set_entry_type(tar::EntryType::new(*kind));
        header.set_cksum();
        tar.extend(header.as_bytes());
        tar.extend(*bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

#[test]
fn an_edition_holds_in_each_form() {
    let folder = edition("edition.zip");
    assert_eq!(folder.run(&["archive", "--date", DAY, "--out", "edition.tar.zst"]).code, 0);
    for file in ["edition.zip", "edition.tar.zst"] {
        let run = verify(&folder, file);
        assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains("are as they were sealed"), "{}", run.stdout);
        assert!(run.stdout.contains("the archive is to the byte as it was written"), "{}", run.stdout);
        assert!(!run.stdout.contains("\nopen"), "{}", run.stdout);
        assert!(run.stderr.contains("who made it is not shown, since no signature was checked"), "{}", run.stderr);
    }
    let run = folder.run(&["verify", "--format", "json", "edition.zip"]);
    let value: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((value["kind"].as_str(), value["verified"].as_bool()), (Some("edition"), Some(true)));
}

#[test]
fn an_unpacked_edition_holds_and_what_is_changed_in_it_is_named() {
    let folder = edition("edition.zip");
    for (path, bytes) in unzipped(&fs::read(folder.path("edition.zip")).unwrap()) {
        folder.write(&path, bytes);
    }
    let run = verify(&folder, TOP);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    folder.write(&format!("{TOP}/data/site/index.html"), "other");
    folder.write(&format!("{TOP}/data/site/more.html"), "more");
    folder.write(&format!("{TOP}/edition/more.txt"), "more");
    folder.write(&format!("{TOP}/README.txt"), "Trust me.");
    folder.remove(&format!("{TOP}/data/site/404.html"));
    let found = differing(&folder, TOP);
    for expected in [
        "`data/site/index.html`: it was changed: `manifest-sha256.txt` lists the SHA-256",
        "`data/site/index.html`: it was changed: `edition/manifest.jsonl` lists the SHA-256",
        "`data/site/more.html`: it was added: no manifest lists it",
        "`data/site/more.html`: it was added: `edition/manifest.jsonl` does not list it",
        "`edition/more.txt`: it was added: no edition has such a file",
        "`README.txt`: it was changed",
        "`data/site/404.html`: it is missing: `manifest-sha256.txt` lists it",
    ] {
        assert!(found.contains(expected), "{expected}\n\n{found}");
    }
}

#[test]
fn whoever_makes_all_sums_anew_does_not_make_the_seal_anew() {
    let folder = edition("edition.zip");
    let mut files = unzipped(&fs::read(folder.path("edition.zip")).unwrap());
    let place = |files: &[(String, Vec<u8>)], path: &str| {
        files.iter().position(|(found, _)| *found == format!("{TOP}/{path}")).unwrap()
    };
    let replace = |files: &mut Vec<(String, Vec<u8>)>, path: &str, was: &str, now: &str| {
        let at = place(files, path);
        files[at].1 = String::from_utf8(files[at].1.clone()).unwrap().replace(was, now).into_bytes();
    };
    let page = place(&files, "data/site/index.html");
    let was = sha256(&files[page].1);
    files[page].1 = files[page].1.iter().map(|byte| if *byte == b'e' { b'a' } else { *byte }).collect();
    let now = sha256(&files[page].1);
    for list in ["manifest-sha256.txt", "edition/manifest.jsonl"] {
        let before = sha256(&files[place(&files, list)].1);
        replace(&mut files, list, &was, &now);
        let after = sha256(&files[place(&files, list)].1);
        replace(&mut files, "tagmanifest-sha256.txt", &before, &after);
    }
    folder.write("other.zip", zipped(&files));
    let found = differing(&folder, "other.zip");
    assert!(found.contains("`edition/manifest.jsonl`: it is not the one that was sealed"), "{found}");
    assert!(!found.contains("it was changed"), "{found}");
}

#[test]
fn each_changed_byte_is_found_and_the_file_named() {
    let folder = edition("edition.zip");
    assert_eq!(folder.run(&["archive", "--date", DAY, "--out", "edition.tar.zst"]).code, 0);
    assert_eq!(folder.run(&["archive", "--date", DAY, "--out", "edition.wacz"]).code, 0);
    let mut state = 7_u64;
    let mut chance = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for file in ["edition.zip", "edition.tar.zst", "edition.wacz"] {
        let original = fs::read(folder.path(file)).unwrap();
        let owners: Vec<(u64, String)> = match file {
            "edition.tar.zst" => Vec::new(),
            _ => {
                let mut zip = ZipArchive::new(Cursor::new(&original)).unwrap();
                (0..zip.len())
                    .map(|at| {
                        let file = zip.by_index_raw(at).unwrap();
                        (file.header_start(), file.name().unwrap().rsplit_once('/').unwrap_or_default().1.to_owned())
                    })
                    .collect()
            }
        };
        let directory = original.windows(4).position(|four| four == b"PK\x01\x02").unwrap_or(0);
        for _ in 0..30 {
            let at = chance(original.len());
            let mut changed = original.clone();
            changed[at] ^= 1 << chance(8);
            folder.write("changed", &changed);
            let found = differing(&folder, "changed");
            let owner = owners.iter().rev().find(|(begin, _)| *begin <= at as u64 && at < directory);
            assert!(owner.is_none_or(|(_, name)| found.contains(name)), "{file}, byte {at}, {owner:?}: {found}");
            let names_a_part = found.contains('`') || found.contains("end") || found.contains("directory");
            assert!(names_a_part, "{file}, byte {at}: {found}");
        }
    }
}

#[test]
fn what_the_archive_is_is_known_where_its_directory_is_damaged() {
    let folder = edition("edition.zip");
    assert_eq!(folder.run(&["archive", "--date", DAY, "--out", "edition.wacz"]).code, 0);
    for (file, kind) in [("edition.zip", "bag"), ("edition.wacz", "web-archive")] {
        let original = fs::read(folder.path(file)).unwrap();
        let begin = original.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
        let first = unzipped(&original)[0].0.clone();
        // What it is known by, the lengths of the name and of what is added, where the file lies, and the name.
        for at in [0, 3, 28, 29, 30, 42, 46] {
            let mut changed = original.clone();
            changed[begin + at] ^= 0x40;
            folder.write("changed", &changed);
            let run = folder.run(&["verify", "--format", "json", "changed"]);
            let told: Value = serde_json::from_str(&run.stdout).unwrap();
            assert_eq!((run.code, told["kind"].as_str()), (1, Some(kind)), "{file}, {at}: {}", run.stdout);
            assert!(run.stdout.contains(&first), "{file}, {at}: {}", run.stdout);
        }
    }
}

/// A bag packed as editions are, in frames of which each holds some files; one byte of a frame is changed, and more files may lie in the last.
fn framed(changed: Option<usize>, more: &[(&str, u8, &[u8])]) -> Vec<u8> {
    // The long file goes on in a frame that begins as if it were another tar.
    let long = [vec![b'd'; 1024], tarred(&[("other/x", b'0', b"x")])].concat();
    let payload: [(&str, &[u8]); 4] = [("a", b"one"), ("b", b"two"), ("c", b"three"), ("d", &long)];
    let list: String = payload.iter().map(|(name, bytes)| format!("{} data/{name}\n", sha256(bytes))).collect();
    let tar = |files: &[(&str, u8, &[u8])]| {
        let mut tar = tarred(files);
        tar.truncate(tar.len() - 1024);
        tar
    };
    let whole = tar(&[("bag/data/d", b'0', &long)]);
    let tags = [("bag/bagit.txt", b'0', &b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"[..])];
    let frames = [
        tar(&[("bag/data/a", b'0', b"one"), ("bag/data/b", b'0', b"two")]),
        tar(&[("bag/data/c", b'0', b"three")]),
        whole[..1536].to_vec(),
        whole[1536..].to_vec(),
        tar(&[&tags[..], &[("bag/manifest-sha256.txt", b'0', list.as_bytes())], more].concat()),
        vec![0; 1024],
    ];
    let mut packed = Vec::new();
    for (number, frame) in frames.iter().enumerate() {
        let mut compressor = zstd::bulk::Compressor::new(3).unwrap();
        compressor.include_checksum(true).unwrap();
        let mut frame = compressor.compress(frame).unwrap();
        if changed == Some(number) {
            // What it is known by, or the sum of the last one, which nothing lies behind.
            let at = if number == 5 { frame.len() - 1 } else { 1 };
            frame[at] ^= 0x55;
        }
        packed.extend(frame);
    }
    packed
}

#[test]
fn what_is_damaged_takes_only_the_files_of_its_frame_with_it() {
    let folder = Folder::empty();
    folder.write("bag.tar.zst", framed(None, &[]));
    let run = verify(&folder, "bag.tar.zst");
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let check = |changed: usize, named: &[&str]| {
        folder.write("bag.tar.zst", framed(Some(changed), &[]));
        let found = differing(&folder, "bag.tar.zst");
        assert!(found.contains("damaged"), "{found}");
        for name in ["data/a", "data/b", "data/c", "data/d", "other/x"] {
            let says = [format!("`{name}`: "), format!("`bag/{name}`: ")];
            let is_named = found.lines().any(|line| says.iter().any(|begin| line.starts_with(begin)));
            assert_eq!(is_named, named.contains(&name), "{changed}, {name}: {found}");
        }
    };
    check(0, &["data/a", "data/b"]);
    check(1, &["data/c"]);
    check(2, &["data/d"]);
    check(3, &["data/d"]);
    check(4, &[]);
    check_differs(&folder, "bag.tar.zst", "`bagit.txt`: it lies in what is damaged");
    check(5, &[]);
    check_differs(&folder, "bag.tar.zst", "the end of the tar");
    // Where a frame unpacks to other bytes, the file is known by its sum.
    let whole = framed(None, &[]);
    let at = whole.windows(3).position(|three| three == b"two").unwrap();
    folder.write("bag.tar.zst", [&whole[..at], b"tow", &whole[at + 3..]].concat());
    let found = differing(&folder, "bag.tar.zst");
    assert!(found.contains("`data/b`: it was changed") && !found.contains("`data/a`"), "{found}");
}

#[test]
fn what_an_edition_declares_may_be_lost_and_the_rest_is_compared() {
    let folder = edition("edition.tar.zst");
    let original = fs::read(folder.path("edition.tar.zst")).unwrap();
    let magic = [0x28, 0xb5, 0x2f, 0xfd];
    let mut begins: Vec<usize> =
        original.windows(4).enumerate().filter(|(_, four)| *four == magic).map(|(at, _)| at).collect();
    begins.push(original.len());
    let names = |frame: &[u8]| -> Vec<String> {
        let tar = zstd::stream::decode_all(frame).unwrap();
        let mut tar = tar::Archive::new(&tar[..]);
        let path = |entry: tar::Entry<'_, &[u8]>| entry.path().unwrap().to_str().unwrap().to_owned();
        tar.entries().unwrap().map_while(Result::ok).map(path).collect()
    };
    for lost in [
        "bagit.txt",
        "manifest-sha256.txt",
        "tagmanifest-sha256.txt",
        "edition/manifest.jsonl",
        "data/ro-crate-metadata.json",
    ] {
        let path = format!("{TOP}/{lost}");
        let frame = begins.windows(2).find(|frame| names(&original[frame[0]..frame[1]]).contains(&path)).unwrap();
        let inside = names(&original[frame[0]..frame[1]]);
        let mut changed = original.clone();
        changed[frame[0] + 1] ^= 0x55;
        folder.write("changed", &changed);
        let run = folder.run(&["verify", "--format", "json", "changed"]);
        let told: Value = serde_json::from_str(&run.stdout).unwrap();
        let named = told["checks"].as_array().unwrap().iter().filter(|check| check["held"] == "no");
        let named: Vec<&str> = named.filter_map(|check| check["file"].as_str()).collect();
        assert!(named.contains(&lost), "{lost}: {named:?}");
        let is_in_frame = |name: &&&str| inside.contains(&format!("{TOP}/{name}"));
        assert!(named.iter().all(|name| is_in_frame(&name)), "{lost}: {named:?}, {inside:?}");
    }
}

#[test]
fn what_would_do_harm_behind_what_is_damaged_is_refused_all_the_same() {
    let folder = Folder::empty();
    folder.write("bag.tar.zst", framed(Some(1), &[("bag/link", b'2', b"")]));
    check_differs(&folder, "bag.tar.zst", "`bag/link`: it is a symbolic link");
    folder.write("bag.tar.zst", framed(Some(1), &[("bag/data/a", b'0', b"")]));
    check_differs(&folder, "bag.tar.zst", "`bag/data/a`: its name is there twice");
}

#[test]
fn what_is_damaged_is_not_searched_without_end() {
    let folder = Folder::empty();
    let first = zstd::bulk::compress(&tarred(&[("bag/bagit.txt", b'0', b"")])[..512], 3).unwrap();
    folder.write("bag.tar.zst", [first, [0x28, 0xb5, 0x2f, 0xfd].repeat(30_000)].concat());
    check_differs(&folder, "bag.tar.zst", "what is damaged is too long to look for what lies behind it");
}

#[test]
fn a_tar_has_no_more_files_than_its_length_can_be_honest_for() {
    let folder = Folder::empty();
    let names: Vec<String> = (0..115_000).map(|number| format!("bag/data/{number}")).collect();
    let files: Vec<(&str, u8, &[u8])> = names.iter().map(|name| (name.as_str(), b'0', &b""[..])).collect();
    folder.write("bag.tar.zst", zstd::bulk::compress(&tarred(&files), 1).unwrap());
    check_differs(&folder, "bag.tar.zst", "with it, the tar has more files than it can honestly hold");
}

#[test]
fn the_edition_before_is_the_one_that_is_named() {
    let folder = edition("one.zip");
    let args = ["archive", "--date", "2025-06-02", "--out", "two.zip", "--previous", "one.zip"];
    assert_eq!(folder.run(&args).code, 0);
    let run = verify(&folder, "two.zip");
    assert_eq!(run.code, 0, "{}", run.stdout);
    assert!(run.stdout.contains("open    it follows the edition `2025-06-01`"), "{}", run.stdout);
    for (previous, says) in [
        (
            "one.zip",
            "the one that was given has the seal that it names; whether that one is whole, `dossier verify` tells of it",
        ),
        (
            "editions/2025-06-01.jsonl",
            "what is kept of it tells of the seal that it names; that was not compared with the edition itself",
        ),
    ] {
        let run = folder.run(&["verify", "two.zip", "--previous", previous]);
        assert_eq!(run.code, 0, "{}", run.stdout);
        assert!(run.stdout.contains(says), "{}", run.stdout);
    }
    let run = folder.run(&["verify", "two.zip", "--previous", "two.zip"]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.contains("DIFFERS it follows the edition `2025-06-01` with the seal"), "{}", run.stdout);
    let run = folder.run(&["verify", "one.zip", "--previous", "dossier.yaml"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`dossier.yaml` does not tell of an edition"), "{}", run.stderr);
}

#[test]
fn a_bag_of_somebody_else_is_checked_by_the_rules_of_bagit() {
    let folder = Folder::empty();
    folder.write("bag.zip", zipped(&bag(&[])));
    let run = verify(&folder, "bag.zip");
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    assert!(run.stdout.starts_with("bag.zip: a bag\n"), "{}", run.stdout);
    let check = |more: &[(&str, &str)], why: &str| {
        folder.write("bag.zip", zipped(&bag(more)));
        check_differs(&folder, "bag.zip", why);
    };
    check(&[("bag/data/b.txt", "two")], "`data/b.txt`: it was added: no manifest lists it");
    check(&[("other.txt", "two")], "`other.txt`: it was added: it lies outside of the folder of the bag");
    check(
        &[("bag/manifest-md5.txt", "00 data/a.txt\n")],
        "`data/a.txt`: it was changed: `manifest-md5.txt` lists the sum 00, and it has f97c5d29941bfb1b2fdab0874906ab82",
    );
    check(&[("bag/manifest-sha512.txt", "")], "`data/a.txt`: `manifest-sha512.txt` does not list it");
    check(
        &[("bag/tagmanifest-sha256.txt", "00 bag-info.txt\n")],
        "`bag-info.txt`: it is missing: `tagmanifest-sha256.txt` lists it",
    );
    check(
        &[("bag/bag-info.txt", "Payload-Oxum: 4.1\n")],
        "it says that the payload has 4 bytes in 1 files, and it has 3 in 1",
    );
    check(&[("bag/fetch.txt", "https://example.org/ - ../b\n")], "`../b` would do harm: it leads out of the bag");
    folder.write("bag.zip", zipped(&bag(&[])[1..]));
    check_differs(&folder, "bag.zip", "`bagit.txt`: it is missing: each bag has it");
}

#[test]
fn a_bag_with_holes_is_told_to_be_one() {
    let folder = Folder::empty();
    let mut files = bag(&[("bag/fetch.txt", "https://example.org/b.txt 3 data/b.txt\n")]);
    files[2].1.extend(format!("{} data/b.txt\n", sha256(b"two")).into_bytes());
    folder.write("bag.zip", zipped(&files));
    check_differs(
        &folder,
        "bag.zip",
        "`data/b.txt`: it is not there yet: `fetch.txt` says that it is to be had from https://example.org/b.txt",
    );
}

#[test]
fn a_zip_that_would_do_harm_is_refused_by_name() {
    let folder = Folder::empty();
    let check = |bytes: Vec<u8>, why: &str| {
        folder.write("bag.zip", bytes);
        check_differs(&folder, "bag.zip", why);
    };
    for (name, why) in [
        ("../evil.txt", "`../evil.txt`: its path leads out of the folder"),
        ("/evil.txt", "`/evil.txt`: its path does not begin in the folder"),
        ("C:/evil.txt", "`C:/evil.txt`: its path does not begin in the folder"),
        ("bag\\evil.txt", "`bag\\evil.txt`: its name has a backslash in it"),
        ("bag/con.txt", "`bag/con.txt`: some systems keep its name for a device"),
        (
            "bag/DATA/A.txt",
            "`bag/DATA/A.txt`: its name is there twice, or differs from another only in capital letters",
        ),
        ("bag/data/a.txt/b", "`bag/data/a.txt/b`: it lies in a file"),
        ("bag/data/a.txt.", "`bag/data/a.txt.`: its name is there twice"),
        ("bag/data/a.txt::$DATA", "`bag/data/a.txt::$DATA`: its name is there twice"),
    ] {
        check(zipped(&bag(&[(name, "x")])), why);
    }
    check(
        zipped(&bag(&[("bag/data/e\u{301}", "x"), ("bag/data/\u{e9}", "x")])),
        "`bag/data/\u{e9}`: its name is there twice",
    );
    let mut link = ZipWriter::new(Cursor::new(zipped(&bag(&[]))));
    link = ZipWriter::new_append(link.finish().unwrap()).unwrap();
    link.add_symlink("bag/data/link", "/etc/passwd", SimpleFileOptions::default()).unwrap();
    check(link.finish().unwrap().into_inner(), "`bag/data/link`: it is a symbolic link");
    let plain = zipped(&bag(&[]));
    check([&plain[..], b"more"].concat(), "something stands after its end: 4 bytes");
    check(plain[..plain.len() - 10].to_vec(), "something stands after its end");
    let first = plain.windows(4).position(|four| four == b"PK\x01\x02").unwrap();
    let patched = |at: usize, bytes: &[u8]| {
        let mut patched = plain.clone();
        patched[at..at + bytes.len()].copy_from_slice(bytes);
        patched
    };
    check(patched(first + 8, &[1]), "`bag/bagit.txt`: it is encrypted");
    check(patched(first + 10, &[12]), "`bag/bagit.txt`: it is compressed in a way that is not known here, number 12");
    check(patched(first + 24, &[0xff; 4]), "`bag/bagit.txt`: its length in 64 bits (ZIP64) is missing");
    check(patched(first + 24, &[1]), "`bag/bagit.txt`: what stands before it and what the directory of the zip says");
    check(patched(first + 42, &[9]), "`bag/bagit.txt`: something that belongs to no file stands before it");
    check(patched(30, b"bog"), "`bag/bagit.txt`: what stands before it and what the directory of the zip says");
    let end = plain.len() - 22;
    check(patched(end + 16, &[0]), "its directory does not lie where it says");
    check_cut(&folder);
    let mut before = b"PK\x03\x04before".to_vec();
    before.extend(&plain);
    check(before, "its directory does not lie where it says: something was put before it");
}

/// A zip is cut off at each of its bytes.
#[track_caller]
fn check_cut(folder: &Folder) {
    let plain = zipped(&bag(&[]));
    for length in (0..plain.len()).step_by(37).chain([4, 21, 22, 23]) {
        folder.write("cut.zip", &plain[..length]);
        let run = verify(folder, "cut.zip");
        assert!(matches!(run.code, 1 | 2), "cut at {length}: {} {}", run.code, run.stderr);
    }
    folder.write("cut.zip", b"PK\x05\x06");
    assert!(matches!(verify(folder, "cut.zip").code, 1 | 2));
}

#[test]
fn a_tar_that_would_do_harm_is_refused_by_name() {
    let folder = Folder::empty();
    let files = bag(&[]);
    let plain: Vec<(&str, u8, &[u8])> = files.iter().map(|(path, bytes)| (path.as_str(), b'0', &bytes[..])).collect();
    folder.write("bag.tar", tarred(&plain));
    assert_eq!(verify(&folder, "bag.tar").code, 0);
    let check = |path: &str, kind: u8, why: &str| {
        let tar = tarred(&[&plain[..], &[(path, kind, b"")]].concat());
        folder.write("bag.tar", &tar);
        check_differs(&folder, "bag.tar", why);
        folder.write("bag.tar.zst", zstd::encode_all(&tar[..], 3).unwrap());
        check_differs(&folder, "bag.tar.zst", why);
    };
    check("../evil", b'0', "`../evil`: its path leads out of the folder");
    check("/evil", b'0', "`/evil`: its path does not begin in the folder");
    check("bag/link", b'1', "`bag/link`: it is a hard link");
    check("bag/link", b'2', "`bag/link`: it is a symbolic link");
    check("bag/tty", b'3', "`bag/tty`: it is a device or a pipe");
    check("bag/pipe", b'6', "`bag/pipe`: it is a device or a pipe");
    check("bag/holes", b'S', "`bag/holes`: it is a file with holes");
    check("bag/bagit.txt", b'0', "`bag/bagit.txt`: its name is there twice");
    folder.write("bag.tar", [tarred(&plain), b"more".to_vec()].concat());
    check_differs(&folder, "bag.tar", "something stands after the end of the tar");
    // What other programs read as another number, or as none, is no number.
    let at = tarred(&plain[..1]).len() - 1024;
    let mut signed = tarred(&plain);
    signed[at + 124..at + 126].copy_from_slice(b"+0");
    let sum: u32 = (0..512).map(|i| if (148..156).contains(&i) { 32 } else { u32::from(signed[at + i]) }).sum();
    signed[at + 148..at + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    folder.write("bag.tar", signed);
    check_differs(&folder, "bag.tar", "`bag/data/a.txt`: its length is no number");
    folder.write("bag.tar", &tarred(&plain)[..2048]);
    check_differs(&folder, "bag.tar", "the archive cannot be read behind `bag/data/a.txt`: it is cut off there");
    let said = [&b"60000 comment="[..], &vec![b'a'; 60_000 - 15], b"\n"].concat();
    let many = vec![("bag/data/b", b'x', &said[..]); 10];
    folder.write("bag.tar", tarred(&[&plain[..], &many[..]].concat()));
    check_differs(&folder, "bag.tar", "more stands before the next file than belongs to any");
    let packed = zstd::encode_all(&tarred(&plain)[..], 3).unwrap();
    let half = tarred(&plain).len() / 2;
    let parts = [&tarred(&plain)[..half], &tarred(&plain)[half..]].map(|part| zstd::encode_all(part, 3).unwrap());
    folder.write("bag.tar.zst", parts.concat());
    assert_eq!(verify(&folder, "bag.tar.zst").code, 0);
    let skipped = [&0x184d_2a50_u32.to_le_bytes()[..], &4_u32.to_le_bytes(), b"more"].concat();
    folder.write("bag.tar.zst", [&packed[..], &skipped[..]].concat());
    check_differs(&folder, "bag.tar.zst", "something is packed along that no program unpacks");
    let zeros = vec![0; 64 << 20];
    let bomb = tarred(&[&plain[..], &[("bag/data/zeros", b'0', &zeros[..])]].concat());
    folder.write("bag.tar.zst", zstd::encode_all(&bomb[..], 3).unwrap());
    check_differs(
        &folder,
        "bag.tar.zst",
        "`bag/data/zeros`: with it, more would be unpacked than the archive can honestly hold",
    );
}

#[test]
fn what_is_no_archive_is_told_to_be_none() {
    let folder = Folder::empty();
    folder.write("a.txt", "hello");
    folder.write("a.zip", zipped(&[("a.txt".to_owned(), b"hello".to_vec())]));
    for path in ["a.txt", "a.zip", "."] {
        let run = verify(&folder, path);
        assert_eq!(run.code, 2, "{path}: {}", run.stdout);
        assert!(run.stderr.contains("is neither an edition nor another bag"), "{path}: {}", run.stderr);
    }
}

#[cfg(unix)]
#[test]
fn a_link_in_a_folder_is_not_followed() {
    let folder = Folder::empty();
    for (path, bytes) in bag(&[]) {
        folder.write(&path, bytes);
    }
    assert_eq!(verify(&folder, "bag").code, 0);
    std::os::unix::fs::symlink("/etc/hostname", folder.path("bag/data/link")).unwrap();
    check_differs(&folder, "bag", "`data/link`: it is a link or no plain file, and was not followed");
}

#[test]
fn of_very_many_things_that_differ_some_are_told_and_the_others_counted() {
    let folder = Folder::empty();
    let list: String = (0..30_000).map(|number| format!("{number:064x}  data/{number}\n")).collect();
    folder.write("bag.zip", zipped(&bag(&[("bag/manifest-sha512.txt", &list)])));
    let found = differing(&folder, "bag.zip");
    let told = found.lines().count();
    let untold = found.lines().last().and_then(|line| line.split_once(" more things differ")).unwrap().0;
    assert!(told <= 10_000 && told - 1 + untold.parse::<usize>().unwrap() == 30_002, "{told} {untold}");
}

#[test]
fn every_list_of_sums_is_compared_or_told() {
    let folder = Folder::empty();
    let right = format!("{} data/a.txt\n", sha256(b"one"));
    let names: Vec<String> = (1..40).map(|dashes| format!("bag/manifest-sha{}256.txt", "-".repeat(dashes))).collect();
    let lists: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), right.as_str())).collect();
    folder.write("bag.zip", zipped(&bag(&lists)));
    check_differs(&folder, "bag.zip", "it has more than 32 lists of sums, and not all of them were compared");
    let (md5, sha1) =
        ("f97c5d29941bfb1b2fdab0874906ab82 data/a.txt\n", "fe05bcdcdc4928012781a5f1a2a77cbb5398e106 data/a.txt\n");
    folder.write("bag.zip", zipped(&bag(&[("bag/manifest-md5.txt", md5), ("bag/manifest-sha1.txt", sha1)])));
    assert_eq!(verify(&folder, "bag.zip").code, 0);
    folder.write(
        "bag.zip",
        zipped(&bag(&[("bag/manifest-md5.txt", md5), ("bag/manifest-sha1.txt", &sha1.replace("fe", "ff"))])),
    );
    check_differs(&folder, "bag.zip", "`data/a.txt`: it was changed: `manifest-sha1.txt` lists the sum ff05bcdc");
}

#[test]
fn a_page_about_an_edition_that_is_too_long_to_look_at_is_told() {
    let folder = edition("edition.zip");
    let mut files = unzipped(&fs::read(folder.path("edition.zip")).unwrap());
    for (path, bytes) in &mut files {
        if path.ends_with("/README.txt") {
            *bytes = b"Trust me. ".repeat(500_000);
        }
    }
    folder.write("other.zip", zipped(&files));
    check_differs(&folder, "other.zip", "`README.txt`: it is longer than such a file is, and was not looked at");
}

/// An unpacked edition in which somebody put other bytes in the place of a file, as if the file had been taken out by law.
fn as_if_taken_out(folder: &Folder, path: &str, instead: &str, removed: &str) {
    let files = unzipped(&fs::read(folder.path("edition.zip")).unwrap());
    let (mut lines, mut notices) = (String::new(), String::new());
    let manifest = files.iter().find(|(found, _)| found.ends_with("/edition/manifest.jsonl")).unwrap();
    for line in String::from_utf8(manifest.1.clone()).unwrap().lines() {
        if line.contains(&format!("\"file\",\"{path}\"")) {
            lines += &format!("{{\"removed\":\"{}\"}}\n", sha256(line.as_bytes()));
            let (length, sum) = (instead.len(), sha256(instead.as_bytes()));
            notices = format!("{{\"notice\":\"{path}\",\"bytes\":{length},\"sha256\":\"{sum}\"}}\n");
        } else {
            lines += &format!("{line}\n");
        }
    }
    let mut inner: Vec<(String, Vec<u8>)> = files
        .into_iter()
        .map(|(found, bytes)| (found.strip_prefix(&format!("{TOP}/")).unwrap().to_owned(), bytes))
        .map(|(found, bytes)| match found.as_str() {
            "edition/manifest.jsonl" => (found, format!("{lines}{notices}").into_bytes()),
            found if found == path => (found.to_owned(), instead.as_bytes().to_vec()),
            _ => (found, bytes),
        })
        .collect();
    inner.push(("edition/removed.txt".to_owned(), removed.as_bytes().to_vec()));
    let payload: Vec<usize> =
        inner.iter().filter(|(path, _)| path.starts_with("data/")).map(|(_, bytes)| bytes.len()).collect();
    let oxum = format!("Payload-Oxum: {}.{}\n", payload.iter().sum::<usize>(), payload.len());
    let info = inner.iter_mut().find(|(path, _)| path == "bag-info.txt").unwrap();
    let text = String::from_utf8(info.1.clone()).unwrap();
    info.1 = format!("{}{oxum}", text.split_once("Payload-Oxum").unwrap().0).into_bytes();
    for (list, of_payload) in [("manifest-sha256.txt", true), ("tagmanifest-sha256.txt", false)] {
        let listed = inner.iter().filter(|(path, _)| path.starts_with("data/") == of_payload && path != list);
        let sums: String = listed.map(|(path, bytes)| format!("{}  {path}\n", sha256(bytes))).collect();
        let at = inner.iter().position(|(path, _)| path == list).unwrap();
        inner[at].1 = sums.into_bytes();
    }
    inner.iter().for_each(|(path, bytes)| folder.write(&format!("{TOP}/{path}"), bytes));
}

/// What an edition says of what was taken out of it.
fn removed(files: u64) -> String {
    format!(
        "Something was taken out of this edition\n=======================================\n\n\
         Each entry that was taken out of edition/manifest.jsonl has left a number there, by\n\
         which nobody can tell what it was. All other entries are as they were sealed.\n\
         Where a page stood, a notice stands in its place, unless its address would tell.\n\n\
         On 2025-07-01, for the reason `legal`: {files} files and 0 fields of records\n"
    )
}

const NOTICE: &str = "<!doctype html>
<html lang=\"en\">
<meta charset=\"utf-8\">
<meta name=\"robots\" content=\"noindex\">
<meta name=\"viewport\" content=\"width=device-width\">
<title>Taken out</title>
<style>
:root { color-scheme: light dark }
body { max-width: 34rem; margin: 12vh auto; padding: 0 1.25rem; font: 1.125rem/1.6 Georgia, serif }
h1 { font-size: 1.5rem; line-height: 1.25 }
time { white-space: nowrap }
</style>
<h1>Taken out</h1>
<p>What stood here was taken out of this edition on <time>2025-07-01</time>. The class of reason is: legal.</p>
</html>
";

#[test]
fn other_words_in_place_of_what_was_taken_out_are_found() {
    let folder = edition("edition.zip");
    as_if_taken_out(&folder, "data/site/index.html", "<p>They never denied it.</p>", &removed(1));
    check_differs(
        &folder,
        TOP,
        "`data/site/index.html`: it says something else than that something was taken out: it was changed or added after the seal was made",
    );
    // Of a notice that says no more than that, everybody is told that nobody answers for it.
    as_if_taken_out(&folder, "data/site/index.html", NOTICE, &removed(1));
    let run = verify(&folder, TOP);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    let says = "TAKEN OUT: it says that 1 files and 0 fields of records were taken out on 2025-07-01, for the reason `legal`. No seal or \
        signature stands for that: whoever has an edition can take out of it what they like. Ask its publisher whether they did";
    assert!(run.stdout.contains(says), "{}", run.stdout);
    assert!(
        run.stdout
            .contains("\nverified: what is there is as it was sealed, and not all is there: something was TAKEN OUT"),
        "{}",
        run.stdout
    );
}

#[test]
fn nothing_is_told_to_be_taken_out_that_was_not() {
    let folder = edition("edition.zip");
    as_if_taken_out(&folder, "nothing", "", &removed(0));
    check_differs(&folder, TOP, "`edition/removed.txt`: it tells of a removal by which nothing went");
    let page = "data/site/more.html";
    as_if_taken_out(&folder, "data/site/index.html", NOTICE, &removed(1));
    let manifest = fs::read_to_string(folder.path(&format!("{TOP}/edition/manifest.jsonl"))).unwrap();
    let (length, sum) = (NOTICE.len(), sha256(NOTICE.as_bytes()));
    let notice = format!("{{\"notice\":\"{page}\",\"bytes\":{length},\"sha256\":\"{sum}\"}}\n");
    folder.write(&format!("{TOP}/edition/manifest.jsonl"), manifest + &notice);
    folder.write(&format!("{TOP}/{page}"), NOTICE);
    check_differs(&folder, TOP, "`edition/manifest.jsonl`: it has more notices than files that were taken out");
}
