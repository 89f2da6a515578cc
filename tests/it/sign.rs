//! Signatures and timestamps in editions: made here or elsewhere, added, checked, and never a byte of a key.

use std::collections::BTreeMap;
use std::fs;

use dossier::edition::signature::{Outcome, minisign, ssh};
use dossier::edition::timestamp::ots;
use jiff::Timestamp;
use zip::ZipArchive;

use crate::input::{Dossier, Folder, Run};
use crate::signatures::file;

const DAY: &str = "2025-06-01";

/// A dossier in `d/`, and beside it the keys.
fn desk() -> Folder {
    let folder = Folder::empty();
    for (path, bytes) in Dossier::small().files() {
        folder.write(&format!("d/{path}"), bytes);
    }
    folder.write("d/edition.salt", "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n");
    for name in ["ed25519", "ed25519-locked", "minisign.key", "minisign.pub", "locked.key", "locked.pub", "rsa.sig"] {
        folder.write(name, file(name));
    }
    folder.write("password", "open sesame\n");
    folder.write("signers", [b"editor@example.org ".to_vec(), file("ed25519.pub")].concat());
    folder.write("strangers", [b"other@example.org ".to_vec(), file("rsa.pub")].concat());
    folder
}

fn archive(folder: &Folder, out: &str, more: &[&str]) -> Run {
    let args = ["archive", "--config", "d/dossier.yaml", "--date", DAY, "--no-record", "--out", out];
    folder.run(&[&args, more].concat())
}

/// Runs a command that goes well; gives what it printed.
#[track_caller]
fn fine(folder: &Folder, args: &[&str]) -> String {
    let run = folder.run(args);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
    run.stdout
}

#[track_caller]
fn unsigned(folder: &Folder, out: &str) {
    let run = archive(folder, out, &[]);
    assert_eq!(run.code, 0, "{}", run.stderr);
}

/// The end of what is printed on standard error, of a command that ends with a code.
#[track_caller]
fn refused(folder: &Folder, args: &[&str], code: i32, expected: &str) {
    let run = folder.run(args);
    assert!(run.code == code && run.stderr.contains(expected), "{}: {}{}", run.code, run.stdout, run.stderr);
}

/// The seal and what lies beside it.
fn beside(folder: &Folder, archive: &str) -> BTreeMap<String, Vec<u8>> {
    let mut zip = ZipArchive::new(fs::File::open(folder.path(archive)).unwrap()).unwrap();
    let mut found = BTreeMap::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).unwrap();
        let name = entry.name().unwrap().into_owned();
        if let Some((_, name)) = name.split_once("/edition/seal.txt") {
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut entry, &mut bytes).unwrap();
            found.insert(name.to_owned(), bytes);
        }
    }
    found
}

#[test]
fn an_edition_that_is_signed_when_it_is_made_is_the_one_that_is_signed_later() {
    let folder = desk();
    for out in ["a.zip", "a.tar.zst"] {
        unsigned(&folder, out);
        let now = format!("now-{out}");
        let run = archive(&folder, &now, &["--sign", "ed25519", "--sign", "minisign.key"]);
        assert_eq!(run.code, 0, "{}", run.stderr);
        let later = format!("later-{out}");
        let printed = fine(&folder, &["sign", out, "--key", "ed25519", "--key", "minisign.key", "--out", &later]);
        assert!(printed.contains("added `edition/seal.txt.minisig`"), "{printed}");
        assert!(fs::read(folder.path(&now)).unwrap() == fs::read(folder.path(&later)).unwrap(), "{out}");
        let printed = fine(&folder, &["verify", &later, "--signers", "signers", "--minisign-key", "minisign.pub"]);
        for line in [
            "good signature by `editor@example.org`",
            "good signature by `minisign.pub`",
            "around its files the archive is to the byte",
        ] {
            assert!(printed.contains(line), "{printed}");
        }
    }
    let files = beside(&folder, "later-a.zip");
    let signers = ssh::AllowedSigners::read(&fs::read_to_string(folder.path("signers")).unwrap());
    let outcome =
        ssh::verify(std::str::from_utf8(&files[".sig"]).unwrap(), &files[""], &signers, Timestamp::UNIX_EPOCH);
    assert!(outcome.is_good(), "{outcome}");
    let public = minisign::PublicKey::read("desk", std::str::from_utf8(&file("minisign.pub")).unwrap()).unwrap();
    let outcome = minisign::verify(std::str::from_utf8(&files[".minisig"]).unwrap(), &files[""], &[public]);
    assert!(
        matches!(&outcome, Outcome::Good { comment: Some(comment), .. } if comment.starts_with("edition 2025-06-01 of ")),
        "{outcome}"
    );
}

#[test]
fn who_asks_for_a_signer_gets_no_edition_verified_without_one() {
    let folder = desk();
    unsigned(&folder, "a.zip");
    fine(&folder, &["verify", "a.zip"]);
    let run = folder.run(&["verify", "a.zip", "--signers", "signers"]);
    assert!(run.code == 1 && run.stdout.contains("no SSH signature holds by the list"), "{}", run.stdout);
    fine(&folder, &["sign", "a.zip", "--key", "ed25519"]);
    // Nobody was asked for, and nobody is vouched for.
    let printed = fine(&folder, &["verify", "a.zip"]);
    assert!(
        printed.contains("open    `edition/seal.txt.sig`: the signature fits, and whose key it is was not looked at"),
        "{printed}"
    );
    folder.write("nobody", "This is a list of friends.\n");
    refused(
        &folder,
        &["verify", "a.zip", "--signers", "nobody"],
        2,
        "`nobody` names nobody whose signatures count; line 1 does not count: ",
    );
    let run = folder.run(&["verify", "a.zip", "--signers", "strangers"]);
    assert!(run.code == 1 && run.stdout.contains("no SSH signature holds by the list"), "{}", run.stdout);
    let run = folder.run(&["verify", "a.zip", "--minisign-key", "minisign.pub"]);
    assert!(run.code == 1 && run.stdout.contains("no signature of minisign holds"), "{}", run.stdout);
    fine(&folder, &["verify", "a.zip", "--signers", "signers"]);
}

#[test]
fn a_second_signature_takes_a_name_and_none_is_replaced() {
    let folder = desk();
    unsigned(&folder, "a.zip");
    fine(&folder, &["sign", "a.zip", "--key", "ed25519"]);
    let before = fs::read(folder.path("a.zip")).unwrap();
    refused(
        &folder,
        &["sign", "a.zip", "--key", "ed25519"],
        2,
        "the edition has `edition/seal.txt.sig` already\nhint: `--name NAME`",
    );
    refused(&folder, &["sign", "a.zip", "--key", "ed25519", "--name", "../x"], 2, "cannot be a name");
    assert!(before == fs::read(folder.path("a.zip")).unwrap());
    fine(&folder, &["sign", "a.zip", "--key", "ed25519", "--name", "desk"]);
    assert_eq!(beside(&folder, "a.zip").into_keys().collect::<Vec<_>>(), ["", ".desk.sig", ".sig"]);
    let printed = fine(&folder, &["verify", "a.zip", "--signers", "signers"]);
    assert!(printed.contains("`edition/seal.txt.desk.sig`: good signature"), "{printed}");
}

#[test]
fn a_locked_key_takes_a_password_from_a_file_or_a_terminal() {
    let folder = desk();
    let run = archive(&folder, "a.zip", &["--sign", "locked.key", "--password-file", "password"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    fine(&folder, &["verify", "a.zip", "--minisign-key", "locked.pub"]);
    refused(
        &folder,
        &["sign", "a.zip", "--key", "locked.key", "--name", "b"],
        2,
        "there is no terminal to ask for it\nhint: `--password-file FILE`",
    );
    folder.write("other", "another\n");
    refused(
        &folder,
        &["sign", "a.zip", "--key", "locked.key", "--name", "b", "--password-file", "other"],
        2,
        "error: `locked.key`: the password does not open the secret key",
    );
    refused(
        &folder,
        &["sign", "a.zip", "--key", "ed25519-locked"],
        2,
        "`ssh-keygen -Y sign -n dossier -f KEY seal.txt`, and then `dossier sign EDITION.zip --add",
    );
    refused(&folder, &["sign", "a.zip", "--key", "minisign.pub"], 2, "error: `minisign.pub`");
    refused(
        &folder,
        &["sign", "a.zip", "--key", "signers"],
        2,
        "is neither a private key of SSH nor a secret key of minisign",
    );
}

#[test]
fn no_byte_of_a_key_or_a_password_is_in_an_edition_or_printed() {
    let folder = desk();
    let keys = ["--sign", "ed25519", "--sign", "minisign.key", "--sign", "locked.key", "--password-file", "password"];
    let run = archive(&folder, "a.zip", &[&keys[..], &["--audience", "sealed"]].concat());
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(archive(&folder, "a.tar.zst", &[&keys[..], &["--audience", "sealed"]].concat()).code, 0);
    fine(
        &folder,
        &["sign", "a.zip", "--key", "ed25519", "--key", "locked.key", "--password-file", "password", "--name", "b"],
    );
    let mut all = [run.stdout.into_bytes(), run.stderr.into_bytes(), fs::read(folder.path("a.zip")).unwrap()].concat();
    let mut zip = ZipArchive::new(fs::File::open(folder.path("a.zip")).unwrap()).unwrap();
    for at in 0..zip.len() {
        std::io::Read::read_to_end(&mut zip.by_index(at).unwrap(), &mut all).unwrap();
    }
    let tar = fs::read(folder.path("a.tar.zst")).unwrap();
    all.extend(zstd::decode_all(tar.as_slice()).unwrap());
    // Any part of 24 letters of what is written of a private key, but for what is in its public half.
    let public = [file("ed25519.pub"), file("minisign.pub"), file("locked.pub")].concat();
    let mut looked = 0;
    for name in ["ed25519", "minisign.key", "locked.key"] {
        let text = String::from_utf8(file(name)).unwrap();
        for line in text.lines().filter(|line| !line.contains(' ')) {
            for part in line.as_bytes().windows(24).step_by(4) {
                let is_in = |all: &[u8]| memchr::memmem::find(all, part).is_some();
                looked += 1;
                assert!(!is_in(&all) || is_in(&public), "a part of `{name}` is there");
            }
        }
    }
    assert!(looked > 100);
    assert!(memchr::memmem::find(&all, b"open sesame").is_none());
}

#[test]
fn a_key_in_the_folder_of_the_dossier_is_not_taken() {
    let folder = desk();
    folder.write("d/content/key", file("ed25519"));
    let run = archive(&folder, "a.zip", &["--sign", "d/content/key"]);
    assert!(
        run.code == 2 && run.stderr.contains("lies in the folder of the dossier, where no key belongs"),
        "{}",
        run.stderr
    );
    assert!(!folder.path("a.zip").exists());
    unsigned(&folder, "a.zip");
    let refusal = "`d/content/key` lies in the folder of the dossier, where no key belongs";
    refused(&folder, &["sign", "a.zip", "--key", "d/content/key"], 2, refusal);
}

#[test]
fn what_was_changed_is_not_signed() {
    let folder = desk();
    unsigned(&folder, "a.tar.zst");
    let mut tar = zstd::decode_all(fs::read(folder.path("a.tar.zst")).unwrap().as_slice()).unwrap();
    let at = memchr::memmem::find(&tar, b"<html").unwrap();
    tar[at + 1] = b'H';
    folder.write("a.tar.zst", zstd::encode_all(tar.as_slice(), 3).unwrap());
    let before = fs::read(folder.path("a.tar.zst")).unwrap();
    refused(
        &folder,
        &["sign", "a.tar.zst", "--key", "ed25519"],
        1,
        "is not as it was sealed, and nothing was added to it",
    );
    assert!(before == fs::read(folder.path("a.tar.zst")).unwrap());
}

#[test]
fn a_signature_from_elsewhere_is_added_when_it_is_over_this_seal() {
    let folder = desk();
    unsigned(&folder, "a.zip");
    refused(&folder, &["sign", "a.zip", "--add", "rsa.sig"], 1, "wrong signature in the name of the key");
    refused(&folder, &["sign", "a.zip", "--add", "ed25519"], 2, "`ed25519` is a private key and no signature");
    fine(&folder, &["sign", "a.zip", "--key", "ed25519", "--key", "minisign.key", "--out", "b.zip"]);
    let files = beside(&folder, "b.zip");
    folder.write("s.sig", &files[".sig"]);
    folder.write("s.minisig", &files[".minisig"]);
    refused(
        &folder,
        &["sign", "a.zip", "--add", "s.minisig"],
        2,
        "nothing is added unchecked\nhint: name the public key",
    );
    fine(&folder, &["sign", "a.zip", "--add", "s.sig", "--add", "s.minisig", "--minisign-key", "minisign.pub"]);
    assert!(fs::read(folder.path("a.zip")).unwrap() == fs::read(folder.path("b.zip")).unwrap());
}

/// What a calendar answers: it goes on with some bytes and promises, or names a block.
fn promise(uri: &str) -> Vec<u8> {
    let uri = uri.as_bytes();
    let length = u8::try_from(uri.len()).unwrap();
    [b"\xf0\x04abcd\x08\x00\x83\xdf\xe3\x0d\x2e\xf9\x0c\x8e".to_vec(), vec![length + 1, length], uri.to_vec()].concat()
}

const BLOCK: &[u8] = b"\xf0\x02tx\x08\x08\x00\x05\x88\x96\x0d\x73\xd7\x19\x01\x03\x8b\xf8\x36";

#[test]
fn a_calendar_is_pending_first_and_names_a_block_later() {
    let folder = desk();
    unsigned(&folder, "a.zip");
    let printed = fine(&folder, &["timestamp", "request", "a.zip", "--out", "ask"]);
    assert!(
        printed
            .contains("--data-binary @ask/seal.txt.ots-digest -o ask/calendar-answer https://CALENDAR.example/digest"),
        "{printed}"
    );
    refused(&folder, &["timestamp", "request", "a.zip", "--out", "ask"], 2, "its answer may be on its way");
    folder.write("ask/answer", promise("https://calendar.example"));
    let printed = fine(&folder, &["timestamp", "add", "a.zip", "ask/answer"]);
    assert!(
        printed.contains("open    `edition/seal.txt.ots`: pending: `https://calendar.example` has promised it"),
        "{printed}"
    );
    fine(&folder, &["verify", "a.zip"]);
    refused(&folder, &["timestamp", "add", "a.zip", "ask/answer"], 1, "it leads to no block that was not known");
    folder.write("later", BLOCK);
    let printed = fine(&folder, &["timestamp", "add", "a.zip", "later"]);
    assert!(
        printed.contains("open    `edition/seal.txt.ots`: not verified: it names block 900107 of Bitcoin"),
        "{printed}"
    );
    let header = format!("900107={}", "00".repeat(80));
    let run = folder.run(&["timestamp", "show", "a.zip", "--bitcoin-header", &header]);
    assert!(
        run.code == 1 && run.stdout.contains("DIFFERS `edition/seal.txt.ots`: wrong: block 900107 has"),
        "{}",
        run.stdout
    );
    let run = folder.run(&["timestamp", "show", "a.zip", "--bitcoin-header", "900108=00"]);
    assert!(run.code == 2 && run.stderr.contains("is no header of a block"), "{}", run.stderr);
    let proof = ots::Proof::read(&beside(&folder, "a.zip")[".ots"]).unwrap();
    assert!(proof.is_for(&beside(&folder, "a.zip")[""]));
}

#[test]
fn an_answer_to_something_else_is_not_stored() {
    let folder = desk();
    unsigned(&folder, "a.zip");
    let before = fs::read(folder.path("a.zip")).unwrap();
    folder.write("other/a.tsr", file("tsa-p256.tsr"));
    folder.write("other/rejected.tsr", file("tsa-rejected.tsr"));
    folder.write("other/answer", promise("https://calendar.example"));
    let proof = ots::Request::new(b"other bytes", [1; 16]).answered(&[&promise("https://c.example")]).unwrap();
    folder.write("other/a.ots", proof.to_bytes());
    refused(&folder, &["timestamp", "add", "a.zip", "other/a.tsr"], 1, "wrong: it is for other bytes");
    refused(&folder, &["timestamp", "add", "a.zip", "other/rejected.tsr"], 1, "rejected by the authority");
    refused(&folder, &["timestamp", "add", "a.zip", "other/a.ots"], 1, "wrong: it was made for other bytes");
    refused(
        &folder,
        &["timestamp", "add", "a.zip", "other/answer"],
        2,
        "is no timestamp by itself, and for the answer of a calendar there is no `",
    );
    refused(
        &folder,
        &["timestamp", "add", "a.zip", "password"],
        2,
        "is no timestamp by itself, and for the answer of a calendar there is no `",
    );
    assert!(before == fs::read(folder.path("a.zip")).unwrap());
}

#[test]
fn a_whole_proof_is_stored_and_a_fuller_one_takes_its_place() {
    let folder = desk();
    unsigned(&folder, "a.zip");
    let seal = beside(&folder, "a.zip")[""].clone();
    let mut proof = ots::Request::new(&seal, [7; 16]).answered(&[&promise("https://c.example")]).unwrap();
    let pending = proof.clone();
    folder.write("one.ots", proof.to_bytes());
    fine(&folder, &["timestamp", "add", "a.zip", "one.ots"]);
    let Some(ots::Standing::Pending { commitment, .. }) = proof.check(&seal, &BTreeMap::new()).pop() else { panic!() };
    proof.upgrade(&commitment, BLOCK).unwrap();
    folder.write("two.ots", proof.to_bytes());
    fine(&folder, &["timestamp", "add", "a.zip", "two.ots"]);
    assert!(beside(&folder, "a.zip")[".ots"] == proof.to_bytes());
    folder.write("one.ots", pending.to_bytes());
    refused(&folder, &["timestamp", "add", "a.zip", "one.ots"], 2, "the edition has `edition/seal.txt.ots` already");
    fine(&folder, &["timestamp", "add", "a.zip", "one.ots", "--name", "c"]);
    fine(&folder, &["verify", "a.zip"]);
}

#[test]
fn what_was_signed_and_stamped_stays_so_when_something_is_taken_out() {
    let folder = desk();
    unsigned(&folder, "a.zip");
    fine(&folder, &["sign", "a.zip", "--key", "ed25519", "--key", "minisign.key"]);
    fine(&folder, &["timestamp", "request", "a.zip", "--out", "ask"]);
    folder.write("ask/answer", promise("https://calendar.example"));
    fine(&folder, &["timestamp", "add", "a.zip", "ask/answer"]);
    let redact = |from: &str, record: &str, out: &str| {
        let args =
            ["redact-edition", from, "--record", record, "--on", "2025-07-01", "--reason", "legal", "--out", out];
        fine(&folder, &args);
    };
    redact("a.zip", "daily", "b.tar.zst");
    redact("b.tar.zst", "authority", "c.zip");
    let printed = fine(&folder, &["verify", "c.zip", "--signers", "signers", "--minisign-key", "minisign.pub"]);
    assert_eq!(printed.matches("good signature by").count(), 2, "{printed}");
    assert_eq!(printed.matches("TAKEN OUT").count(), 3, "{printed}");
    let signed: BTreeMap<_, _> = beside(&folder, "a.zip");
    assert!(signed.contains_key(".ots"), "{:?}", signed.keys());
    assert_eq!(beside(&folder, "c.zip"), signed);
    // And it can be signed once more.
    fine(&folder, &["sign", "c.zip", "--key", "ed25519", "--name", "later"]);
    fine(&folder, &["verify", "c.zip", "--signers", "signers"]);
}
