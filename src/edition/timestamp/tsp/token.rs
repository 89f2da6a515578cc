//! The timestamp in an answer: a signed message of CMS (RFC 5652) around what the authority says (RFC 3161, section 2.4.2).

use core::time::Duration;

use jiff::civil::DateTime;
use jiff::{Timestamp, tz::TimeZone};
use ring::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::ring as algorithms;
use webpki::{EndEntityCert, Error, KeyUsage};

use super::certificate::{self, Certificate, FOR_TIMESTAMPS};
use super::der::{self, INTEGER, OBJECT, OCTETS, SEQUENCE, SET, TIME, Values, field};
use super::{Asked, HASHES, Outcome, Root, small};

const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
const TIMESTAMP: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4];
const CONTENT_TYPE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 3];
const MESSAGE_DIGEST: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 4];
const CERTIFICATE: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 12];
const CERTIFICATE_2: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 2, 47];

/// Signatures of RSA that name no hash, since it is named beside them.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];

/// Signatures of ECDSA.
const ECDSA: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3];

/// All that are supported.
const ALGORITHMS: [&dyn SignatureVerificationAlgorithm; 14] = [
    algorithms::RSA_PKCS1_2048_8192_SHA256,
    algorithms::RSA_PKCS1_2048_8192_SHA384,
    algorithms::RSA_PKCS1_2048_8192_SHA512,
    algorithms::RSA_PKCS1_2048_8192_SHA256_ABSENT_PARAMS,
    algorithms::RSA_PKCS1_2048_8192_SHA384_ABSENT_PARAMS,
    algorithms::RSA_PKCS1_2048_8192_SHA512_ABSENT_PARAMS,
    algorithms::RSA_PSS_2048_8192_SHA256_LEGACY_KEY,
    algorithms::RSA_PSS_2048_8192_SHA384_LEGACY_KEY,
    algorithms::RSA_PSS_2048_8192_SHA512_LEGACY_KEY,
    algorithms::ECDSA_P256_SHA256,
    algorithms::ECDSA_P256_SHA384,
    algorithms::ECDSA_P384_SHA256,
    algorithms::ECDSA_P384_SHA384,
    algorithms::ED25519,
];

/// A timestamp as it was read, and not yet checked.
pub(super) struct Token<'a> {
    /// What the authority says, as it was written.
    content: &'a [u8],
    info: Info<'a>,
    certificates: Vec<&'a [u8]>,
    signer: Signer<'a>,
}

/// What the authority says.
struct Info<'a> {
    policy: &'a [u8],
    /// The hash of the message, with what names its kind.
    imprint: &'a [u8],
    hash: &'a [u8],
    digest: &'a [u8],
    time: Timestamp,
    accuracy: Option<u64>,
    nonce: Option<&'a [u8]>,
}

/// Who signed it, and how.
struct Signer<'a> {
    id: der::Value<'a>,
    hash: &'a [u8],
    /// What is signed, as it was written.
    attributes: der::Value<'a>,
    /// What names the signature, with its parameters.
    algorithm: &'a [u8],
    signature: &'a [u8],
}

impl<'a> Token<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Token<'a>, String> {
        Token::read_data(bytes)
            .ok_or_else(|| "the timestamp in it is cut off, or is not in the form that RFC 3161 asks for".to_owned())
    }

    fn read_data(bytes: &'a [u8]) -> Option<Token<'a>> {
        let mut outer = der::only(bytes, SEQUENCE)?;
        (outer.next(OBJECT)?.content == SIGNED_DATA).then_some(())?;
        let mut data = der::only(outer.next(field(0))?.content, SEQUENCE)?;
        data.next(INTEGER)?;
        data.next(SET)?;
        let mut inner = data.enter(SEQUENCE)?;
        (inner.next(OBJECT)?.content == TIMESTAMP).then_some(())?;
        let content = inner.enter(field(0))?.next(OCTETS)?.content;
        let mut certificates = Vec::new();
        if let Some(mut values) = data.enter(field(0)) {
            while !values.is_empty() {
                // What is no sequence is a certificate of another kind, which nobody uses.
                let value = values.any()?;
                if value.tag == SEQUENCE {
                    certificates.push(value.written);
                }
            }
        }
        data.next(field(1));
        let mut signers = data.enter(SET)?;
        let signer = Signer::read(signers.enter(SEQUENCE)?)?;
        if !signers.is_empty() || !data.is_empty() {
            return None;
        }
        Some(Token { content, info: Info::read(der::only(content, SEQUENCE)?)?, certificates, signer })
    }

    /// What comes of it for a message.
    pub(super) fn check(&self, message: &[u8], asked: Option<&Asked>, roots: &[Root]) -> Outcome {
        match self.find(message, asked, roots) {
            Ok(outcome) | Err(outcome) => outcome,
        }
    }

    fn find(&self, message: &[u8], asked: Option<&Asked>, roots: &[Root]) -> Result<Outcome, Outcome> {
        let time = self.info.time;
        let certificate = self.certificate();
        let by = match &certificate {
            Some(certificate) => certificate::name(certificate.subject),
            None => "somebody without a certificate".to_owned(),
        };
        let open = |why: String| Outcome::Unverifiable { time, by: by.clone(), why };
        let hash = hash(self.info.hash)
            .ok_or_else(|| open("the hash of the bytes is of a kind that is not supported".to_owned()))?;
        if digest(hash, message).as_ref() != self.info.digest {
            return Err(wrong("it is for other bytes; one of both was changed"));
        }
        if let Some(asked) = asked {
            self.info.answers(asked)?;
        }
        let certificate =
            certificate.ok_or_else(|| open("it does not bring the certificate of its signer along".to_owned()))?;
        self.check_signature(&certificate, &open)?;
        if let Some(why) = certificate.refuse() {
            return Err(wrong(why));
        }
        let root = self.check_chain(&certificate, roots, &open)?;
        Ok(Outcome::Confirmed { time, accuracy: self.info.accuracy, by, root })
    }

    /// The certificate that its signer names.
    fn certificate(&self) -> Option<Certificate<'a>> {
        let certificates = self.certificates.iter().filter_map(|written| Certificate::read(written));
        certificates.into_iter().find(|certificate| self.signer.is_by(certificate))
    }

    /// That the holder of the certificate signed what the authority says.
    fn check_signature(&self, certificate: &Certificate<'_>, open: &dyn Fn(String) -> Outcome) -> Result<(), Outcome> {
        let signer = &self.signer;
        let hash =
            hash(signer.hash).ok_or_else(|| open("it is signed over a hash that is not supported".to_owned()))?;
        let attribute =
            |name| signer.attribute(name).ok_or_else(|| wrong("it does not sign all that RFC 3161 asks for"));
        if attribute(CONTENT_TYPE)?.next(OBJECT).is_none_or(|kind| kind.content != TIMESTAMP) {
            return Err(wrong("what is signed is no timestamp"));
        }
        let digested = digest(hash, self.content);
        if attribute(MESSAGE_DIGEST)?.next(OCTETS).is_none_or(|own| own.content != digested.as_ref()) {
            return Err(wrong("what the authority says was changed"));
        }
        let named = signer.attribute(CERTIFICATE_2).and_then(|list| names(list, certificate, true));
        let named = named.or_else(|| signer.attribute(CERTIFICATE).and_then(|list| names(list, certificate, false)));
        if named != Some(true) {
            return Err(wrong("the certificate in it is not the one that was signed along"));
        }
        let parsed = CertificateDer::from(certificate.written);
        let parsed = EndEntityCert::try_from(&parsed)
            .map_err(|error| open(format!("the certificate of its signer cannot be used: {error}")))?;
        // Signed is the set, while the tag of its place was written.
        let mut signed = signer.attributes.written.to_vec();
        signed[0] = SET;
        let mut is_known = false;
        for algorithm in signer.algorithms() {
            match parsed.verify_signature(algorithm, &signed, signer.signature) {
                Ok(()) => return Ok(()),
                Err(Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_)) => {}
                Err(_) => is_known = true,
            }
        }
        match is_known {
            true => Err(wrong("its signature was not made by the key of its certificate")),
            false => Err(open(
                "its signature is of a kind that is not supported; hint: `openssl ts -verify` may know it".to_owned(),
            )),
        }
    }

    /// The name of the root that the certificate leads to.
    fn check_chain(
        &self,
        certificate: &Certificate<'_>,
        roots: &[Root],
        open: &dyn Fn(String) -> Outcome,
    ) -> Result<String, Outcome> {
        if roots.is_empty() {
            return Err(open("no root was given that the reader trusts".to_owned()));
        }
        let anchors: Vec<_> = roots.iter().filter_map(|root| webpki::anchor_from_trusted_cert(&root.0).ok()).collect();
        let others: Vec<CertificateDer<'_>> =
            self.certificates.iter().map(|written| CertificateDer::from(*written)).collect();
        let own = CertificateDer::from(certificate.written);
        let parsed = EndEntityCert::try_from(&own)
            .map_err(|error| open(format!("the certificate of its signer cannot be used: {error}")))?;
        let second = u64::try_from(self.info.time.as_second()).map_err(|_| wrong("its time is before 1970"))?;
        let at = UnixTime::since_unix_epoch(Duration::from_secs(second));
        let usage = KeyUsage::required(FOR_TIMESTAMPS);
        let path = parsed.verify_for_usage(&ALGORITHMS, &anchors, &others, at, usage, None, None);
        match path {
            Ok(path) => Ok(certificate::name(&der::put(SEQUENCE, path.anchor().subject.as_ref()))),
            Err(Error::UnknownIssuer) => {
                Err(open("its certificate leads to no root that the reader trusts".to_owned()))
            }
            Err(Error::CertExpired { .. } | Error::CertNotValidYet { .. }) => {
                Err(wrong("a certificate was not valid at the time that it says"))
            }
            Err(error) => Err(open(format!("its certificate does not lead to a root that the reader trusts: {error}"))),
        }
    }
}

fn wrong(why: &str) -> Outcome {
    Outcome::Wrong { why: why.to_owned() }
}

fn hash(name: &[u8]) -> Option<&'static digest::Algorithm> {
    HASHES.iter().find(|(own, _)| *own == name).map(|(_, algorithm)| *algorithm)
}

impl<'a> Info<'a> {
    fn read(mut values: Values<'a>) -> Option<Info<'a>> {
        (values.next(INTEGER)?.content == [1]).then_some(())?;
        let policy = values.next(OBJECT)?.content;
        let imprint = values.next(SEQUENCE)?.content;
        let mut parts = Values::new(imprint);
        let hash = parts.enter(SEQUENCE)?.next(OBJECT)?.content;
        let digest = parts.next(OCTETS)?.content;
        values.next(INTEGER)?;
        let time = time(values.next(TIME)?.content)?;
        let accuracy = match values.enter(SEQUENCE) {
            Some(accuracy) => Some(milliseconds(accuracy)?),
            None => None,
        };
        values.next(der::BOOLEAN);
        let nonce = values.next(INTEGER).map(|nonce| nonce.content);
        Some(Info { policy, imprint, hash, digest, time, accuracy, nonce })
    }

    /// That it is what was asked for.
    fn answers(&self, asked: &Asked) -> Result<(), Outcome> {
        if asked.imprint != self.imprint {
            return Err(wrong("it answers another request"));
        }
        if asked.nonce.as_deref().is_some_and(|nonce| self.nonce != Some(nonce)) {
            return Err(wrong("it answers another request: the number that was sent along is not in it"));
        }
        if asked.policy.as_deref().is_some_and(|policy| self.policy != policy) {
            return Err(wrong("it was given under another policy than was asked for"));
        }
        Ok(())
    }
}

/// `YYYYMMDDHHMMSS[.fraction]Z`.
fn time(written: &[u8]) -> Option<Timestamp> {
    let written = std::str::from_utf8(written).ok()?.strip_suffix('Z')?;
    let (seconds, fraction) = written.split_once('.').unwrap_or((written, "0"));
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if seconds.len() != 14 || !is_digits(seconds) || !is_digits(fraction) {
        return None;
    }
    let part = |from: usize| seconds[from..from + 2].parse::<i8>().ok();
    let nanos = format!("{fraction:0<9}")[..9].parse().ok()?;
    let year = seconds[..4].parse().ok()?;
    let time = DateTime::new(year, part(4)?, part(6)?, part(8)?, part(10)?, part(12)?, nanos).ok()?;
    TimeZone::UTC.to_timestamp(time).ok()
}

/// How far off a time may be, rounded up.
fn milliseconds(mut accuracy: Values<'_>) -> Option<u64> {
    let mut part = |tag: u8| accuracy.next(tag).map_or(Some(0), |value| small(value.content));
    let (seconds, millis, micros) = (part(INTEGER)?, part(0x80)?, part(0x81)?);
    seconds.checked_mul(1000)?.checked_add(millis)?.checked_add(micros.div_ceil(1000))
}

impl<'a> Signer<'a> {
    fn read(mut values: Values<'a>) -> Option<Signer<'a>> {
        values.next(INTEGER)?;
        Some(Signer {
            id: values.any()?,
            hash: values.enter(SEQUENCE)?.next(OBJECT)?.content,
            attributes: values.next(field(0))?,
            algorithm: values.next(SEQUENCE)?.content,
            signature: values.next(OCTETS)?.content,
        })
    }

    fn is_by(&self, certificate: &Certificate<'_>) -> bool {
        match self.id.tag {
            SEQUENCE => {
                let mut parts = Values::new(self.id.content);
                let (issuer, serial) = (parts.next(SEQUENCE), parts.next(INTEGER));
                issuer.is_some_and(|issuer| issuer.written == certificate.issuer)
                    && serial.is_some_and(|serial| serial.content == certificate.serial)
            }
            _ => self.id.tag == 0x80 && certificate.key_id == Some(self.id.content),
        }
    }

    /// The values of an attribute that stands there once.
    fn attribute(&self, name: &[u8]) -> Option<Values<'a>> {
        let mut attributes = Values::new(self.attributes.content);
        let mut found = None;
        while !attributes.is_empty() {
            let mut attribute = attributes.enter(SEQUENCE)?;
            if attribute.next(OBJECT)?.content == name {
                if found.is_some() {
                    return None;
                }
                found = Some(attribute.enter(SET)?);
            }
        }
        found
    }

    /// The ways in which its signature may have been made.
    fn algorithms(&self) -> Vec<&'static dyn SignatureVerificationAlgorithm> {
        let name = Values::new(self.algorithm).next(OBJECT).map_or(&[][..], |name| name.content);
        if name == RSA {
            let at = HASHES.iter().position(|(own, _)| *own == self.hash);
            return at.map(|at| ALGORITHMS[at]).into_iter().collect();
        }
        // ECDSA has no parameters, and some write an empty one.
        let written = if name.starts_with(ECDSA) { der::put(OBJECT, name) } else { self.algorithm.to_vec() };
        ALGORITHMS.into_iter().filter(|algorithm| algorithm.signature_alg_id().as_ref() == written).collect()
    }
}

/// Whether the first certificate that was signed along is this one; `None` when that cannot be read.
fn names(mut list: Values<'_>, certificate: &Certificate<'_>, has_hash: bool) -> Option<bool> {
    let mut first = list.enter(SEQUENCE)?.enter(SEQUENCE)?.enter(SEQUENCE)?;
    let algorithm = match first.enter(SEQUENCE) {
        Some(mut algorithm) if has_hash => hash(algorithm.next(OBJECT)?.content)?,
        _ if has_hash => &SHA256,
        _ => &SHA1_FOR_LEGACY_USE_ONLY,
    };
    Some(first.next(OCTETS)?.content == digest(algorithm, certificate.written).as_ref())
}
