//! Signatures over a seal, those of `ssh-keygen` and `minisign` among them. `tests/acceptance/signatures.py` asks these programs themselves.

use std::fs;
use std::path::PathBuf;

use dossier::edition::signature::{Outcome, minisign, ssh};
use jiff::Timestamp;

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/signatures").join(name)
}

/// A file that another program made.
pub(crate) fn file(name: &str) -> Vec<u8> {
    fs::read(path(name)).unwrap()
}

fn text(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

fn day(written: &str) -> Timestamp {
    format!("{written}T12:00:00Z").parse().unwrap()
}

/// A list with one public key, with options before it.
fn list(who: &str, options: &str, key: &str) -> ssh::AllowedSigners {
    ssh::AllowedSigners::read(&format!("# whom we trust\n\n{who} {options} {}\n", text(key).trim()))
}

/// What comes of checking a signature of `ssh-keygen` over the seal.
fn check(signature: &str, trusted: &ssh::AllowedSigners) -> Outcome {
    ssh::verify(&text(signature), &file("seal.txt"), trusted, day("2026-01-01"))
}

#[test]
fn signatures_of_ssh_keygen_are_good_when_their_key_is_trusted() {
    for (key, signature) in [
        ("ed25519", "ed25519.sig"),
        ("ecdsa256", "ecdsa256.sig"),
        ("ecdsa384", "ecdsa384.sig"),
        ("rsa", "rsa.sig"),
        ("rsa", "rsa-sha256.sig"),
    ] {
        let outcome = check(signature, &list("editor@example.org", "", &format!("{key}.pub")));
        assert!(matches!(&outcome, Outcome::Good { by, .. } if by == "editor@example.org"), "{signature}: {outcome}");
        let changed = ssh::verify(
            &text(signature),
            b"dossier seal 1\ntitle: An exampl3\n",
            &list("editor@example.org", "", &format!("{key}.pub")),
            day("2026-01-01"),
        );
        assert!(matches!(changed, Outcome::Wrong { .. }), "{signature}: {changed}");
    }
}

#[test]
fn a_key_that_is_not_vouched_for_is_a_stranger() {
    let other = list("editor@example.org", "", "rsa.pub");
    let outcome = check("ed25519.sig", &other);
    assert_eq!(
        outcome.to_string(),
        "the signature fits, but nobody vouches for its key SHA256:xdE9tf6oLNQVMnpEm6PpXu9K/VJUAMFWkTkDg0cgm/k: it is not in the list of allowed signers"
    );
    let nobody = ssh::AllowedSigners::default();
    // A stranger's signature over other bytes is wrong, whoever the stranger is.
    let wrong = ssh::verify(&text("ed25519.sig"), b"", &nobody, day("2026-01-01"));
    assert!(matches!(wrong, Outcome::Wrong { .. }), "{wrong}");
}

#[test]
fn a_signature_for_something_else_is_wrong() {
    let outcome = check("other-namespace.sig", &list("editor", "", "ed25519.pub"));
    assert!(outcome.to_string().ends_with("it was made for `file` and not for `dossier`"), "{outcome}");
}

#[test]
fn the_options_of_a_signer_hold() {
    for (options, good) in [
        ("namespaces=\"git,dossier\"", true),
        ("namespaces=\"git\"", false),
        ("NAMESPACES=\"*\",valid-after=\"20250101\"", true),
        ("namespaces=\"*,!dossier\"", false),
        ("valid-after=\"20260101120000Z\"", true),
        ("valid-after=\"20260101120001Z\"", false),
        ("valid-before=\"202601011200\"", true),
        ("valid-before=\"20260101\"", false),
        ("valid-after=\"20250101Z\",valid-before=\"20270101Z\",namespaces=\"dossier\"", true),
    ] {
        let list = list("\"the editor\"", options, "ed25519.pub");
        assert_eq!(list.faults(), []);
        let outcome = check("ed25519.sig", &list);
        assert_eq!(outcome.is_good(), good, "{options}: {outcome}");
        let is_stranger = matches!(&outcome, Outcome::Stranger { why, .. } if why.contains("`the editor`, but "));
        assert_eq!(is_stranger, !good, "{options}: {outcome}");
    }
}

#[test]
fn a_line_that_cannot_be_used_is_told_and_does_not_count() {
    for (options, why) in [
        ("cert-authority", "certificates of SSH are not supported"),
        ("no-touch", "`no-touch` is no option that is known"),
        ("namespaces=\"dossier", "a quotation mark is missing"),
        ("namespaces=\"a\"b", "its options cannot be read at `b`"),
        ("namespaces=\"a\",namespaces=\"dossier\"", "it has `namespaces` twice"),
        ("valid-after=\"20250230\"", "`20250230` is no time; hint: write `20250131` or `20250131235959Z`"),
        ("valid-after", "`valid-after` is no option that is known"),
    ] {
        let list = list("editor", options, "ed25519.pub");
        let [fault] = list.faults() else { panic!("{options}: {:?}", list.faults()) };
        assert_eq!((fault.line, fault.why.as_str()), (3, why));
        let outcome = check("ed25519.sig", &list);
        assert!(matches!(outcome, Outcome::Stranger { .. }), "{options}: {outcome}");
    }
    let broken = ssh::AllowedSigners::read("editor\neditor ssh-ed25519\neditor ssh-rsa AAAA\n");
    let told: Vec<String> = broken.faults().iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "line 1 does not count: it has no public key",
            "line 2 does not count: it has no public key",
            "line 3 does not count: its public key is not of the kind `ssh-rsa`"
        ]
    );
}

#[test]
fn what_cannot_be_read_is_never_good_or_wrong() {
    let trusted = list("editor", "", "ecdsa521.pub");
    let whole = text("ed25519.sig");
    let lines: Vec<&str> = whole.lines().collect();
    let cut = format!("{}\n{}\n{}\n{}", lines[0], lines[1], &lines[2][..6], lines[5]);
    for (signature, why) in [
        (text("ecdsa521.sig"), "keys of the kind `ecdsa-sha2-nistp521` are not supported"),
        (String::new(), "it does not stand between `-----BEGIN SSH SIGNATURE-----` and `-----END SSH SIGNATURE-----`"),
        (text("ed25519.sig").replace("U1NI", "U1NJ"), "what is in it is no SSH signature"),
        (text("ed25519.sig").replace("AAAAAQ", "AAAAAg"), "it has the version 2, and only 1 is known"),
        (text("ed25519.sig").replace("MVaAEK\n", ""), "it is no base64"),
        (cut, "it is cut off"),
    ] {
        let outcome = ssh::verify(&signature, &file("seal.txt"), &trusted, day("2026-01-01"));
        let Outcome::Unreadable { why: said } = &outcome else { panic!("{outcome}") };
        assert_eq!(said, why);
    }
}

#[test]
fn we_sign_to_the_byte_as_ssh_keygen_does() {
    let key = ssh::SigningKey::read(&text("ed25519")).unwrap();
    assert_eq!(ssh::sign(&key, &file("seal.txt")), text("ed25519.sig"));
}

#[test]
fn a_key_that_does_not_sign_says_what_does() {
    let hint = "hint: `unzip -p EDITION.zip '*/edition/seal.txt' > seal.txt`, `ssh-keygen -Y sign -n dossier -f KEY seal.txt`, and then \
        `dossier sign EDITION.zip --add seal.txt.sig`";
    for (key, why) in [
        (text("ed25519-locked"), format!("the key is protected by a passphrase, and such a key is not opened here; {hint}")),
        (text("ecdsa256"), format!("keys of the kind `ecdsa-sha2-nistp256` do not sign here; {hint}")),
        ("-----BEGIN PRIVATE KEY-----\nx\n".to_owned(), format!("the key is not in the format of OpenSSH; {hint}")),
        (
            text("ed25519.pub"),
            "this is no private key: it does not stand between `-----BEGIN OPENSSH PRIVATE KEY-----` and `-----END OPENSSH PRIVATE KEY-----`"
                .to_owned(),
        ),
    ] {
        assert_eq!(ssh::SigningKey::read(&key).unwrap_err(), why);
    }
}

fn trusted(name: &str) -> Vec<minisign::PublicKey> {
    vec![minisign::PublicKey::read("the desk", &text(name)).unwrap()]
}

#[test]
fn signatures_of_minisign_are_good_when_their_key_is_trusted() {
    for (key, signature, said) in [
        ("minisign.pub", "minisign.minisig", "edition 1 of An example"),
        ("minisign.pub", "legacy.minisig", "legacy"),
        ("locked.pub", "locked.minisig", "with a password"),
    ] {
        let outcome = minisign::verify(&text(signature), &file("seal.txt"), &trusted(key));
        let Outcome::Good { by, comment, .. } = &outcome else { panic!("{signature}: {outcome}") };
        assert_eq!((by.as_str(), comment.as_deref()), ("the desk", Some(said)));
        let changed = minisign::verify(&text(signature), b"other", &trusted(key));
        assert!(matches!(changed, Outcome::Wrong { .. }), "{signature}: {changed}");
        let comment = text(signature).replace(said, "edition 2");
        let changed = minisign::verify(&comment, &file("seal.txt"), &trusted(key));
        assert!(changed.to_string().ends_with("the comment that was signed with it was changed"), "{changed}");
    }
}

#[test]
fn without_its_public_key_a_signature_of_minisign_is_not_checked() {
    for trusted in [Vec::new(), trusted("locked.pub")] {
        let outcome = minisign::verify(&text("minisign.minisig"), &file("seal.txt"), &trusted);
        assert_eq!(outcome, Outcome::NoKey { key: "68E6FDC085829B37".to_owned() });
    }
}

#[test]
fn the_second_line_of_a_public_key_is_enough() {
    let line = text("minisign.pub").lines().nth(1).unwrap().to_owned();
    assert_eq!(minisign::PublicKey::read("the desk", &line).unwrap(), trusted("minisign.pub")[0]);
    assert!(minisign::PublicKey::read("the desk", &line[1..]).is_err());
}

#[test]
fn we_sign_as_minisign_does_with_locked_keys_and_others() {
    for (key, password, signature) in
        [("minisign.key", None, "minisign.minisig"), ("locked.key", Some(b"open sesame".as_slice()), "locked.minisig")]
    {
        let key = minisign::SigningKey::read(&text(key), password).unwrap();
        let theirs = text(signature);
        let comment = theirs.lines().nth(2).unwrap().strip_prefix("trusted comment: ").unwrap();
        let ours = minisign::sign(&key, &file("seal.txt"), comment).unwrap();
        // Their first line, which nobody signed, says that it is from minisign.
        assert_eq!(ours.lines().skip(1).collect::<Vec<_>>(), theirs.lines().skip(1).collect::<Vec<_>>());
        assert!(minisign::sign(&key, b"", "two\nlines").is_err());
    }
}

#[test]
fn a_locked_key_opens_with_its_password_alone() {
    let read = |password: Option<&[u8]>| minisign::SigningKey::read(&text("locked.key"), password).unwrap_err();
    assert_eq!(read(None), "the secret key is locked with a password, and none was given");
    assert_eq!(read(Some(b"open sesam")), "the password does not open the secret key");
}

/// What is turned over, so that no memory of this test holds it as it is.
#[cfg(target_os = "linux")]
fn turned(digits: &str) -> Vec<u8> {
    // The second half, since whoever gives memory back writes over the beginning of it.
    let half = &digits.as_bytes()[32..];
    half.chunks(2).map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap()).collect()
}

/// How often the opposite of some bytes stands in the memory of this process that can be written.
#[cfg(target_os = "linux")]
fn in_memory(turned: &[u8]) -> usize {
    use std::os::unix::fs::FileExt;
    let memory = fs::File::open("/proc/self/mem").unwrap();
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let start: Vec<u8> = turned[..8].iter().map(|byte| !byte).collect();
    let mut page = vec![0; 1 << 20];
    let mut found = 0;
    for line in maps.lines().filter(|line| line.contains(" rw") && !line.contains("[v")) {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let (mut at, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        while at < to {
            let most = page.len().min(usize::try_from(to - at).unwrap());
            let Ok(length @ 1..) = memory.read_at(&mut page[..most], at) else { break };
            let own = page.as_ptr().addr()..page.as_ptr().addr() + page.len();
            found += memchr::memmem::find_iter(&page[..length], &start)
                .filter(|place| !own.contains(&(usize::try_from(at).unwrap() + place)))
                .filter(|place| page[*place..length].len() >= turned.len())
                .filter(|place| page[*place..].iter().zip(turned).all(|(byte, turned)| *byte == !turned))
                .count();
            // What lies across the end of a piece is found in the next one.
            at += length.saturating_sub(turned.len() - 1).max(1) as u64;
        }
        page.fill(0);
    }
    found
}

/// The seeds and what signing makes of them are looked for in all memory, while a key is there and after it was dropped.
#[cfg(target_os = "linux")]
#[test]
fn nothing_of_a_key_is_left_in_memory_when_it_is_dropped() {
    let seeds = [
        turned("9d6360015186da3e9bdbc4e855661a2f2c16a0e0e4bee0b790d526c6f46b0ba3"),
        turned("3cfb737485cdccd3f59174110bb6921c732c44e29f686901f651cd8a0a269c93"),
    ];
    let expanded = [
        turned("a62764bdfc6da6b4500a5a92cd111ff61571cb0be4f2f03f15d2e0bd7ee96e6f"),
        turned("c4fd2039260bcd6b061197862cfc29fb29f97c65bd9714325e450c751f7d517a"),
    ];
    let ssh = ssh::SigningKey::read(&text("ed25519-zeroed")).unwrap();
    let minisign = minisign::SigningKey::read(&text("minisign-zeroed.key"), None).unwrap();
    ssh::sign(&ssh, b"one");
    minisign::sign(&minisign, b"two", "").unwrap();
    assert_eq!(seeds.each_ref().map(|seed| in_memory(seed)), [1, 1], "each key holds its seed once");
    assert_eq!(expanded.each_ref().map(|bytes| in_memory(bytes)), [0, 0], "nothing is left of signing");
    drop((ssh, minisign));
    assert_eq!(seeds.each_ref().map(|seed| in_memory(seed)), [0, 0], "nothing is left of the keys");
}

#[test]
fn nothing_of_a_key_is_in_what_is_said_of_it() {
    let ssh = ssh::SigningKey::read(&text("ed25519")).unwrap();
    assert_eq!(
        format!("{ssh:?}"),
        "SigningKey { fingerprint: \"SHA256:xdE9tf6oLNQVMnpEm6PpXu9K/VJUAMFWkTkDg0cgm/k\", .. }"
    );
    let minisign = minisign::SigningKey::read(&text("minisign.key"), None).unwrap();
    assert_eq!(format!("{minisign:?}"), "SigningKey { id: \"68E6FDC085829B37\", .. }");
    // Whatever is broken in a key, eight characters of it in a row are in no error.
    for name in ["ed25519", "ed25519-locked", "minisign.key", "locked.key"] {
        let whole = text(name);
        for at in 0..whole.len() {
            for broken in [whole[..at].to_owned(), format!("{}!{}", &whole[..at], &whole[at + 1..])] {
                let said = [
                    ssh::SigningKey::read(&broken).err().unwrap_or_default(),
                    minisign::SigningKey::read(&broken, None).err().unwrap_or_default(),
                ];
                for said in said {
                    let digits = whole.lines().filter(|line| !line.starts_with('-') && !line.starts_with('u'));
                    let shown = digits
                        .flat_map(|line| line.as_bytes().windows(8))
                        .find(|eight| memchr::memmem::find(said.as_bytes(), eight).is_some());
                    assert_eq!(shown, None, "{name} at {at}: {said}");
                }
            }
        }
    }
}

/// Numbers without a pattern, the same in each run.
pub(crate) struct Random(u64);

impl Random {
    /// Begins at some number.
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    /// The next number below a limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % limit.max(1)
    }

    /// Some bytes with a few changes: bytes that are other, left out, doubled, cut off.
    pub(crate) fn changed(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut changed = bytes.to_vec();
        for _ in 0..=self.below(4) {
            let at = self.below(changed.len());
            match self.below(8) {
                0 => changed.truncate(at),
                1 if !changed.is_empty() => drop(changed.remove(at)),
                2 => changed.insert(at, u8::try_from(self.below(256)).unwrap()),
                3 => {
                    let piece = changed[at..changed.len().min(at + 16)].to_vec();
                    changed.splice(at..at, piece);
                }
                _ if !changed.is_empty() => changed[at] = u8::try_from(self.below(256)).unwrap(),
                _ => {}
            }
        }
        changed
    }
}

#[test]
fn no_change_to_a_signature_makes_it_good_for_something_else() {
    let mut random = Random::new(1);
    let message = file("seal.txt");
    let ssh_list = list("editor", "", "ed25519.pub");
    let keys = trusted("minisign.pub");
    let (sshsig, minisig) = (file("ed25519.sig"), file("minisign.minisig"));
    let (ssh_key, list) = (file("ed25519"), file("rsa.pub"));
    for _ in 0..25_000 {
        let changed = random.changed(&sshsig);
        let outcome = ssh::verify(&String::from_utf8_lossy(&changed), &message, &ssh_list, day("2026-01-01"));
        // Another line break is not another signature.
        let digits = |bytes: &[u8]| String::from_utf8_lossy(bytes).split_whitespace().collect::<String>();
        assert!(!outcome.is_good() || digits(&changed) == digits(&sshsig), "{}", String::from_utf8_lossy(&changed));
        let changed = random.changed(&minisig);
        let changed = String::from_utf8_lossy(&changed);
        let signed = |text: &str| text.lines().skip(1).map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
        let outcome = minisign::verify(&changed, &message, &keys);
        let is_same = || signed(changed.trim_end()) == signed(std::str::from_utf8(&minisig).unwrap().trim_end());
        assert!(!outcome.is_good() || is_same(), "{changed}");
        drop(ssh::SigningKey::read(&String::from_utf8_lossy(&random.changed(&ssh_key))));
        drop(ssh::AllowedSigners::read(&format!(
            "a valid-after=\"20250101\" {}",
            String::from_utf8_lossy(&random.changed(&list))
        )));
    }
}
