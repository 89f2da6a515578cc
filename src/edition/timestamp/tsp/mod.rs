//! Timestamps of RFC 3161, where an authority signs what it was shown and when: requests and answers as `openssl ts` reads and writes them.
//!
//! Whether a certificate was revoked is not asked, since nothing here asks anybody. Answers that are signed with SHA-1, and curves beside P-256,
//! P-384 and Ed25519, are not supported and are told.

mod certificate;
mod der;
mod token;

use std::fmt;

use jiff::Timestamp;
use ring::digest::{self, digest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde::Serialize;

use crate::text::excerpt;
use der::{BIT_STRING, BOOLEAN, INTEGER, OCTETS, SEQUENCE, UTF8, Values};
use token::Token;

/// The longest answer that is read, in bytes; ordinary ones have some thousand.
const LONGEST: usize = 1 << 20;

/// The hashes that are supported, by what names them.
const HASHES: [(&[u8], &digest::Algorithm); 3] = [
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1], &digest::SHA256),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2], &digest::SHA384),
    (&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3], &digest::SHA512),
];

/// What came of checking an answer. Only the first of these shows a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// An authority under a root that the reader trusts has seen these bytes.
    Confirmed {
        /// When.
        time: Timestamp,
        /// How far the time may be off at most, in milliseconds, when the authority says that.
        accuracy: Option<u64>,
        /// Who says so.
        by: String,
        /// The root that the reader trusts.
        root: String,
    },
    /// It says that somebody has seen these bytes, which is not known to be true.
    Unverifiable {
        /// When, as it says.
        time: Timestamp,
        /// Who, as it says.
        by: String,
        /// What is missing.
        why: String,
    },
    /// The authority refused, and gave no timestamp.
    Rejected {
        /// What it said.
        why: String,
    },
    /// It does not hold, or it is for other bytes.
    Wrong {
        /// What does not agree.
        why: String,
    },
    /// It cannot be read.
    Unreadable {
        /// Why.
        why: String,
    },
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Confirmed { time, by, root, .. } => {
                write!(f, "confirmed for {time} by `{by}` under the trusted root `{root}`")
            }
            Outcome::Unverifiable { time, by, why } => {
                write!(f, "not verified: it says {time} and `{by}`, but {why}")
            }
            Outcome::Rejected { why } => write!(f, "rejected by the authority: {why}"),
            Outcome::Wrong { why } => write!(f, "wrong: {why}"),
            Outcome::Unreadable { why } => write!(f, "the timestamp cannot be read: {why}"),
        }
    }
}

/// A request for a timestamp of a message, to be sent as `application/timestamp-query`. The nonce is a number that was never used before.
pub fn request(message: &[u8], nonce: &[u8]) -> Vec<u8> {
    let (name, algorithm) = HASHES[0];
    let hash = der::put(SEQUENCE, &[der::put(der::OBJECT, name), der::put(0x05, b"")].concat());
    let imprint = der::put(SEQUENCE, &[hash, der::put(OCTETS, digest(algorithm, message).as_ref())].concat());
    let asks_for_certificates = der::put(BOOLEAN, &[0xff]);
    der::put(SEQUENCE, &[der::put_number(&[1]), imprint, der::put_number(nonce), asks_for_certificates].concat())
}

/// Certificates that a reader trusts to name authorities, from a file in PEM.
pub fn roots(pem: &str) -> Result<Vec<Root>, String> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
    let certificates = certificates.map_err(|_| "the file of roots is no PEM")?;
    if certificates.is_empty() {
        return Err("there is no certificate in the file of roots; hint: it has to be in PEM".to_owned());
    }
    let checked = certificates.into_iter().map(|certificate| match webpki::anchor_from_trusted_cert(&certificate) {
        Ok(_) => Ok(Root(certificate)),
        Err(error) => Err(format!("a certificate in the file of roots cannot be used: {error}")),
    });
    checked.collect()
}

/// A certificate that a reader trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Root(CertificateDer<'static>);

/// Checks an answer for a message, with the request that was sent when that is at hand.
pub fn verify(answer: &[u8], message: &[u8], request: Option<&[u8]>, roots: &[Root]) -> Outcome {
    let unreadable = |why: &str| Outcome::Unreadable { why: why.to_owned() };
    if answer.len() > LONGEST {
        return unreadable("it is longer than 1 MiB");
    }
    let asked = match request.map(|request| Asked::read(request).ok_or("the request that was sent cannot be read")) {
        Some(Ok(asked)) => Some(asked),
        Some(Err(why)) => return unreadable(why),
        None => None,
    };
    let Some(mut response) = der::only(answer, SEQUENCE) else {
        return unreadable("it is no answer of an authority, or is cut off");
    };
    let Some(status) = response.enter(SEQUENCE).and_then(|status| Status::read(status)) else {
        return unreadable("what the authority says of its success cannot be read");
    };
    // 0 is granted, and 1 is granted with changes.
    if status.number > 1 {
        return Outcome::Rejected { why: status.says };
    }
    let Some(token) = response.any().filter(|_| response.is_empty()) else {
        return unreadable("it says that it has a timestamp, and has none");
    };
    match Token::read(token.written) {
        Ok(token) => token.check(message, asked.as_ref(), roots),
        Err(why) => Outcome::Unreadable { why },
    }
}

/// What an authority says of its success.
struct Status {
    number: u64,
    says: String,
}

impl Status {
    fn read(mut values: Values<'_>) -> Option<Status> {
        let number = small(values.next(INTEGER)?.content)?;
        let mut says = Vec::new();
        if let Some(mut texts) = values.enter(SEQUENCE) {
            while let Some(text) = texts.next(UTF8) {
                says.push(excerpt(&String::from_utf8_lossy(text.content), 200));
            }
        }
        if let Some([unused, bits @ ..]) = values.next(BIT_STRING).map(|bits| bits.content) {
            let set = (0..bits.len().min(8) * 8 - usize::from(*unused).min(bits.len().min(8) * 8))
                .filter(|bit| bits[bit / 8] & (0x80 >> (bit % 8)) != 0);
            says.extend(set.map(|bit| failure(bit).to_owned()));
        }
        if says.is_empty() {
            says.push(format!("status {number}, without a reason"));
        }
        Some(Status { number, says: says.join("; ") })
    }
}

/// What a bit of the reasons for a failure means.
fn failure(bit: usize) -> &'static str {
    match bit {
        0 => "the hash is not supported",
        2 => "the request is not permitted",
        5 => "the request has a wrong form",
        14 => "its clock is not at hand",
        15 => "the policy is not known",
        16 => "an extension is not known",
        17 => "what it was asked to add cannot be had",
        25 => "it failed",
        _ => "for a reason that has no name",
    }
}

/// What was asked for, as the request has it.
struct Asked {
    imprint: Vec<u8>,
    nonce: Option<Vec<u8>>,
    policy: Option<Vec<u8>>,
}

impl Asked {
    fn read(request: &[u8]) -> Option<Asked> {
        let mut values = der::only(request, SEQUENCE)?;
        values.next(INTEGER)?;
        Some(Asked {
            imprint: values.next(SEQUENCE)?.content.to_vec(),
            policy: values.next(der::OBJECT).map(|policy| policy.content.to_vec()),
            nonce: values.next(INTEGER).map(|nonce| nonce.content.to_vec()),
        })
    }
}

/// A number that is small and not negative.
fn small(content: &[u8]) -> Option<u64> {
    if content.is_empty() || content.len() > 8 || content[0] >= 0x80 {
        return None;
    }
    Some(content.iter().fold(0, |sum, digit| sum << 8 | u64::from(*digit)))
}
