//! Timestamps over a seal, those of `openssl ts` and `ots` among them. `tests/acceptance/signatures.py` asks these programs themselves.

use std::collections::BTreeMap;

use dossier::edition::timestamp::{ots, tsp};

use crate::signatures::{Random, file};

fn roots(name: &str) -> Vec<tsp::Root> {
    tsp::roots(&String::from_utf8(file(name)).unwrap()).unwrap()
}

/// What comes of an answer of `openssl ts` for the seal.
fn check(answer: &str) -> tsp::Outcome {
    tsp::verify(&file(answer), &file("seal.txt"), None, &roots("tsa-root.pem"))
}

#[test]
fn answers_of_openssl_are_confirmed_under_a_trusted_root() {
    for (answer, name) in [("rsa", "rsa"), ("p256", "p256"), ("p384", "p384"), ("ess1", "p256")] {
        let outcome = check(&format!("tsa-{answer}.tsr"));
        let tsp::Outcome::Confirmed { time, accuracy, by, root } = &outcome else { panic!("{answer}: {outcome}") };
        assert_eq!(by, &format!("CN=TSA {name}, O=Example, C=DE"));
        assert_eq!(root, "O=Example, CN=Test Root");
        assert_eq!(*accuracy, Some(1501), "one second, 500 ms, and 100 µs that are rounded up");
        assert!(time.to_string().starts_with("2026-11-26T"), "{time}");
    }
}

#[test]
fn without_the_right_root_a_time_is_not_verified() {
    for (roots, why) in [
        (Vec::new(), "no root was given that the reader trusts"),
        (roots("tsa-other-root.pem"), "its certificate leads to no root that the reader trusts"),
    ] {
        let outcome = tsp::verify(&file("tsa-p256.tsr"), &file("seal.txt"), None, &roots);
        let tsp::Outcome::Unverifiable { why: said, .. } = &outcome else { panic!("{outcome}") };
        assert_eq!(said, why);
        // What is wrong is wrong, whether there is a root or not.
        let outcome = tsp::verify(&file("tsa-p256.tsr"), b"other", None, &roots);
        assert_eq!(outcome.to_string(), "wrong: it is for other bytes; one of both was changed");
    }
    let mut both = roots("tsa-other-root.pem");
    both.extend(roots("tsa-root.pem"));
    let outcome = tsp::verify(&file("tsa-p256.tsr"), &file("seal.txt"), None, &both);
    assert!(matches!(outcome, tsp::Outcome::Confirmed { .. }), "{outcome}");
}

#[test]
fn each_way_not_to_be_confirmed_has_its_own_words() {
    for (answer, says) in [
        (
            "tsa-rejected.tsr",
            "rejected by the authority: Message digest algorithm is not supported.; the hash is not supported",
        ),
        ("tsa-usage.tsr", "wrong: the certificate of its signer is not for timestamps alone"),
        ("tsa-early.tsr", "wrong: a certificate was not valid at the time that it says"),
        ("seal.tsq", "the timestamp cannot be read: what the authority says of its success cannot be read"),
        ("seal.txt", "the timestamp cannot be read: it is no answer of an authority, or is cut off"),
    ] {
        assert_eq!(check(answer).to_string(), says, "{answer}");
    }
    let without = check("tsa-nocert.tsr").to_string();
    assert!(
        without
            .ends_with("`somebody without a certificate`, but it does not bring the certificate of its signer along")
    );
}

#[test]
fn an_answer_is_for_the_request_that_was_sent() {
    let with = |request: &str| {
        tsp::verify(&file("tsa-p256.tsr"), &file("seal.txt"), Some(&file(request)), &roots("tsa-root.pem"))
    };
    assert!(matches!(with("seal.tsq"), tsp::Outcome::Confirmed { .. }));
    let other = "wrong: it answers another request: the number that was sent along is not in it";
    assert_eq!(with("other.tsq").to_string(), other);
    assert_eq!(with("seal.txt").to_string(), "the timestamp cannot be read: the request that was sent cannot be read");
}

#[test]
fn a_request_is_to_the_byte_what_openssl_makes() {
    let theirs = file("seal.tsq");
    // Their nonce is the number before the last three bytes.
    let nonce = &theirs[theirs.len() - 11..theirs.len() - 3];
    assert_eq!(tsp::request(&file("seal.txt"), nonce), theirs);
    assert_eq!(tsp::request(b"", &[0, 0, 0x80]).len(), tsp::request(b"", &[0x80]).len());
}

#[test]
fn roots_are_read_from_pem_or_told() {
    assert_eq!(tsp::roots("").unwrap_err(), "there is no certificate in the file of roots; hint: it has to be in PEM");
    let broken = String::from_utf8(file("tsa-root.pem")).unwrap().replace("MII", "MIJ");
    assert!(tsp::roots(&broken).is_err());
}

/// What a calendar answers: some steps, and that it promises to go on.
fn pending(steps: &[u8]) -> Vec<u8> {
    let uri = b"https://calendar.example.org";
    let mut answer = [steps, &[0x00, 0x83, 0xdf, 0xe3, 0x0d, 0x2e, 0xf9, 0x0c, 0x8e, 29, 28]].concat();
    answer.extend(uri);
    answer
}

/// What a calendar answers later: some steps, and a block.
fn attested(steps: &[u8], height: &[u8]) -> Vec<u8> {
    let length = u8::try_from(height.len()).unwrap();
    [steps, &[0x00, 0x05, 0x88, 0x96, 0x0d, 0x73, 0xd7, 0x19, 0x01, length], height].concat()
}

/// The number 900000.
const HEIGHT: [u8; 3] = [0xa0, 0xf7, 0x36];

#[test]
fn a_promise_is_pending_and_a_block_without_its_header_is_not_verified() {
    let request = ots::Request::new(&file("seal.txt"), [7; 16]);
    let mut proof = request.answered(&[&pending(&[0xf0, 2, 1, 2, 0x08])]).unwrap();
    assert_eq!(ots::Proof::read(&proof.to_bytes()).unwrap(), proof);
    let standings = proof.check(&file("seal.txt"), &BTreeMap::new());
    let [ots::Standing::Pending { calendar, commitment }] = standings.as_slice() else { panic!("{standings:?}") };
    assert_eq!(calendar, "https://calendar.example.org");
    let commitment = commitment.clone();

    assert_eq!(proof.upgrade("00", &attested(&[0x08], &HEIGHT)), Ok(false), "it belongs to something else");
    assert_eq!(proof.upgrade(&commitment, &attested(&[0x08], &HEIGHT)), Ok(true));
    assert_eq!(ots::Proof::read(&proof.to_bytes()).unwrap(), proof);
    let standings = proof.check(&file("seal.txt"), &BTreeMap::new());
    let told: Vec<String> = standings.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2);
    assert!(told[0].starts_with("pending: `https://calendar.example.org` has promised it"), "{told:?}");
    assert!(told[1].starts_with("not verified: it names block 900000 of Bitcoin; hint: the header"), "{told:?}");
    assert_eq!(ots::summary(&standings), Some(&standings[1]));

    // A header that somebody made up has the right root and no work.
    let ots::Standing::Unverifiable { root, .. } = &standings[1] else { panic!("{told:?}") };
    let mut header = [0; ots::HEADER];
    for (at, two) in root.as_bytes().chunks(2).rev().enumerate() {
        header[36 + at] = u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap();
    }
    header[72..76].copy_from_slice(&[0xff, 0xff, 0x00, 0x1d]);
    let headers = BTreeMap::from([(900_000, header)]);
    let standings = proof.check(&file("seal.txt"), &headers);
    assert_eq!(
        ots::summary(&standings).unwrap().to_string(),
        "wrong: the header that was given for block 900000 is none of Bitcoin: no work went into it"
    );
    let standings = proof.check(&file("seal.txt"), &BTreeMap::from([(900_000, [0; ots::HEADER])]));
    let told = ots::summary(&standings).unwrap().to_string();
    assert!(told.starts_with("wrong: block 900000 has the Merkle root 0000"), "{told}");
}

#[test]
fn a_proof_for_other_bytes_is_wrong() {
    let request = ots::Request::new(&file("seal.txt"), [7; 16]);
    let proof = request.answered(&[&pending(&[]), &attested(&[0x08], &HEIGHT)]).unwrap();
    let standings = proof.check(b"other", &BTreeMap::new());
    assert_eq!(standings.len(), 1);
    assert_eq!(standings[0].to_string(), "wrong: it was made for other bytes; one of both was changed");
}

#[test]
fn what_goes_over_unknown_steps_or_to_unknown_places_shows_nothing() {
    let request = ots::Request::new(b"", [0; 16]);
    let keccak = request.answered(&[&attested(&[0x67], &HEIGHT)]).unwrap();
    assert_eq!(
        keccak.check(b"", &BTreeMap::new())[0].to_string(),
        "not verified: it goes over Keccak-256, which is not supported"
    );
    let mut litecoin = attested(&[0x08], &HEIGHT);
    litecoin[2] = 0x06;
    let litecoin = request.answered(&[&litecoin]).unwrap();
    assert_eq!(
        litecoin.check(b"", &BTreeMap::new())[0].to_string(),
        "not verified: what it leads to is of a kind that is not supported (0688960d73d71901)"
    );
}

#[test]
fn a_proof_has_limits() {
    let request = ots::Request::new(b"", [0; 16]);
    let deep = vec![0x08; 300];
    let wide = [0xff, 0x08, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0].repeat(9_000);
    for (answer, why) in [
        (vec![], "this is no answer of a calendar: it is cut off"),
        (pending(&deep), "this is no answer of a calendar: more than 256 of its steps follow each other"),
        (pending(&wide), "this is no answer of a calendar: it has more than 10000 steps"),
        (pending(&[0xf0, 0]), "this is no answer of a calendar: one of its steps adds nothing"),
        (pending(&[0xf0, 0x81, 0x20]), "this is no answer of a calendar: a part of it has more than 4096 bytes"),
        (pending(&[0xaa]), "this is no answer of a calendar: it has a step of the kind aa, which is not known"),
        ([pending(&[]), vec![0]].concat(), "something follows the answer of the calendar"),
        (vec![0; (1 << 20) + 1], "the answer has more than 1048576 bytes"),
    ] {
        assert_eq!(request.answered(&[&answer]).unwrap_err(), why);
    }
    // Each of many steps doubles what it is given.
    let doubling = request.answered(&[&pending(&[0xf3; 12])]).unwrap();
    let told = doubling.check(b"", &BTreeMap::new())[0].to_string();
    assert_eq!(told, "not verified: one of its steps makes more than 4096 bytes");
}

#[test]
fn no_change_to_a_timestamp_makes_it_good_for_something_else() {
    let mut random = Random::new(2);
    let message = file("seal.txt");
    let (roots, answer, request) = (roots("tsa-root.pem"), file("tsa-p256.tsr"), file("seal.tsq"));
    let whole = tsp::verify(&answer, &message, Some(&request), &roots);
    for _ in 0..20_000 {
        let changed = random.changed(&answer);
        let outcome = tsp::verify(&changed, &message, Some(&request), &roots);
        assert!(outcome == whole || !matches!(outcome, tsp::Outcome::Confirmed { .. }), "{outcome}");
        tsp::verify(&answer, &message, Some(&random.changed(&request)), &roots);
    }
    let request = ots::Request::new(&message, [7; 16]);
    let proof = request
        .answered(&[&pending(&[0xf0, 2, 1, 2, 0x08]), &attested(&[0x08, 0xf1, 1, 1, 0x02, 0x03, 0xf2], &HEIGHT)]);
    let proof = proof.unwrap().to_bytes();
    for _ in 0..80_000 {
        if let Ok(changed) = ots::Proof::read(&random.changed(&proof)) {
            let standings = changed.check(&message, &BTreeMap::new());
            assert!(!standings.iter().any(|standing| matches!(standing, ots::Standing::Confirmed { .. })));
            assert_eq!(ots::Proof::read(&changed.to_bytes()), Ok(changed));
        }
    }
}
