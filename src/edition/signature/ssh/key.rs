//! Keys of SSH: the public ones of which signatures are checked, and the private ones of Ed25519 with which we sign.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use ring::digest::{SHA256, digest};
use ring::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512,
    RsaPublicKeyComponents, UnparsedPublicKey,
};
use zeroize::{Zeroize, ZeroizeOnDrop};

use super::super::{is_ed25519, is_pair, sign_ed25519};
use super::armor;
use super::wire::{Wire, put};
use crate::text::excerpt;

/// The name of keys and signatures of Ed25519.
const ED25519: &[u8] = b"ssh-ed25519";

/// What a private key begins with.
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// The longest private key that is read, in characters.
const LONGEST: usize = 32 << 10;

/// What is to be done with a key that cannot be used here.
const BY_SSH_KEYGEN: &str = "hint: `unzip -p EDITION.zip '*/edition/seal.txt' > seal.txt`, `ssh-keygen -Y sign -n dossier -f KEY seal.txt`, and then `dossier sign EDITION.zip --add seal.txt.sig`";

/// A public key, as a signature or a list has it.
pub(super) struct PublicKey {
    blob: Vec<u8>,
    kind: Kind,
}

enum Kind {
    Ed25519(Vec<u8>),
    P256(Vec<u8>),
    P384(Vec<u8>),
    Rsa { e: Vec<u8>, n: Vec<u8> },
}

impl PublicKey {
    /// Reads the bytes of a key.
    pub(super) fn read(blob: &[u8]) -> Result<PublicKey, String> {
        let mut wire = Wire::new(blob);
        let broken = || "its public key cannot be read".to_owned();
        let name = wire.string().ok_or_else(broken)?;
        let kind = match name {
            ED25519 => wire.string().filter(|key| key.len() == 32).map(|key| Kind::Ed25519(key.to_vec())),
            b"ecdsa-sha2-nistp256" => curve(&mut wire, b"nistp256", 65).map(Kind::P256),
            b"ecdsa-sha2-nistp384" => curve(&mut wire, b"nistp384", 97).map(Kind::P384),
            b"ssh-rsa" => {
                let (e, n) = (wire.big(), wire.big());
                e.zip(n).map(|(e, n)| Kind::Rsa { e: e.to_vec(), n: n.to_vec() })
            }
            _ => return Err(format!("keys of the kind `{}` are not supported", in_message(name))),
        };
        let kind = kind.filter(|_| wire.is_empty()).ok_or_else(broken)?;
        if let Kind::Rsa { n, .. } = &kind
            && !(256..=1024).contains(&n.len())
        {
            return Err("RSA keys of less than 2048 or more than 8192 bits are not supported".to_owned());
        }
        Ok(PublicKey { blob: blob.to_vec(), kind })
    }

    pub(super) fn blob(&self) -> &[u8] {
        &self.blob
    }

    pub(super) fn fingerprint(&self) -> String {
        fingerprint(&self.blob)
    }

    /// Whether a signature, with its name, was made by this key over some bytes.
    pub(super) fn fits(&self, signed: &[u8], signature: &[u8]) -> Result<bool, String> {
        let mut wire = Wire::new(signature);
        let parts = wire.string().zip(wire.string()).filter(|_| wire.is_empty());
        let Some((name, made)) = parts else {
            return Err("its innermost part is cut off, or something follows it".to_owned());
        };
        Ok(match (&self.kind, name) {
            (Kind::Ed25519(key), ED25519) => is_ed25519(key, signed, made),
            (Kind::P256(key), b"ecdsa-sha2-nistp256") => pair(made, 32).is_some_and(|made| {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key).verify(signed, &made).is_ok()
            }),
            (Kind::P384(key), b"ecdsa-sha2-nistp384") => pair(made, 48).is_some_and(|made| {
                UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, key).verify(signed, &made).is_ok()
            }),
            (Kind::Rsa { e, n }, b"rsa-sha2-256" | b"rsa-sha2-512") => {
                let by =
                    if name == b"rsa-sha2-256" { &RSA_PKCS1_2048_8192_SHA256 } else { &RSA_PKCS1_2048_8192_SHA512 };
                padded(made, n.len())
                    .is_some_and(|made| RsaPublicKeyComponents { n, e }.verify(by, signed, &made).is_ok())
            }
            _ => return Err(format!("signatures of the kind `{}` are not supported for its key", in_message(name))),
        })
    }
}

/// The point of a key on a curve.
fn curve(wire: &mut Wire<'_>, name: &[u8], length: usize) -> Option<Vec<u8>> {
    let (curve, point) = (wire.string()?, wire.string()?);
    (curve == name && point.len() == length).then(|| point.to_vec())
}

/// Both numbers of an ECDSA signature, each with its full length.
fn pair(made: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut wire = Wire::new(made);
    let (r, s) = (padded(wire.big()?, length)?, padded(wire.big()?, length)?);
    wire.is_empty().then(|| [r, s].concat())
}

/// A number with zeros before it, up to a length.
fn padded(number: &[u8], length: usize) -> Option<Vec<u8>> {
    let mut padded = vec![0; length.checked_sub(number.len())?];
    padded.extend(number);
    Some(padded)
}

/// The fingerprint of a public key, as `ssh-keygen -l` prints it.
pub(super) fn fingerprint(blob: &[u8]) -> String {
    format!("SHA256:{}", STANDARD_NO_PAD.encode(digest(&SHA256, blob)))
}

/// A private Ed25519 key. What is secret in it is zeroed when it is dropped.
pub struct SigningKey {
    // In a box, so that the seed lies in one place however the key is moved.
    seed: Box<[u8; 32]>,
    public: [u8; 32],
}

impl SigningKey {
    /// Reads a file as `ssh-keygen -t ed25519` writes it. The text stays with the caller, who has to zero it.
    pub fn read(text: &str) -> Result<SigningKey, String> {
        if text.len() > LONGEST {
            return Err(format!("the key has more than {LONGEST} characters"));
        }
        if let Some(rest) = text.trim_start().strip_prefix("-----BEGIN ")
            && !rest.starts_with("OPENSSH PRIVATE KEY-----")
        {
            return Err(format!("the key is not in the format of OpenSSH; {BY_SSH_KEYGEN}"));
        }
        let bytes = armor::read("OPENSSH PRIVATE KEY", text).map_err(|why| format!("this is no private key: {why}"))?;
        let broken = || "the private key is broken".to_owned();
        let mut wire = Wire::new(&bytes);
        if wire.take(MAGIC.len()) != Some(MAGIC) {
            return Err(broken());
        }
        let mut part = || wire.string().ok_or_else(broken);
        let (cipher, derivation, _options) = (part()?, part()?, part()?);
        if wire.number() != Some(1) {
            return Err("the file has more than one key, or none".to_owned());
        }
        let (public, inner) = (wire.string().ok_or_else(broken)?, wire.string().ok_or_else(broken)?);
        let name = Wire::new(public).string().ok_or_else(broken)?;
        if name != ED25519 {
            return Err(format!("keys of the kind `{}` do not sign here; {BY_SSH_KEYGEN}", in_message(name)));
        }
        if cipher != b"none" || derivation != b"none" {
            return Err(format!(
                "the key is protected by a passphrase, and such a key is not opened here; {BY_SSH_KEYGEN}"
            ));
        }
        if !wire.is_empty() {
            return Err(broken());
        }
        let key = SigningKey::read_inner(inner).ok_or_else(broken)?;
        if key.public() != public { Err(broken()) } else { Ok(key) }
    }

    fn read_inner(inner: &[u8]) -> Option<SigningKey> {
        let mut wire = Wire::new(inner);
        let (one, other) = (wire.number()?, wire.number()?);
        let (name, public, pair, _comment) = (wire.string()?, wire.string()?, wire.string()?, wire.string()?);
        let is_padding = wire.rest().len() < 256 && wire.rest().iter().zip(1..=u8::MAX).all(|(byte, at)| *byte == at);
        if one != other || name != ED25519 || !is_padding || pair.len() != 64 || pair.get(32..) != Some(public) {
            return None;
        }
        let mut key = SigningKey { seed: Box::new([0; 32]), public: public.try_into().ok()? };
        key.seed.copy_from_slice(&pair[..32]);
        is_pair(&key.seed, &key.public).then_some(key)
    }

    /// The fingerprint of its public half.
    pub fn fingerprint(&self) -> String {
        fingerprint(&self.public())
    }

    /// The bytes of its public half.
    pub(super) fn public(&self) -> Vec<u8> {
        let mut blob = Vec::new();
        put(&mut blob, ED25519);
        put(&mut blob, &self.public);
        blob
    }

    /// A signature with its name.
    pub(super) fn sign(&self, signed: &[u8]) -> Vec<u8> {
        let made =
            sign_ed25519(&self.seed, &self.public, signed).expect("both halves were compared when the key was read");
        let mut signature = Vec::new();
        put(&mut signature, ED25519);
        put(&mut signature, &made);
        signature
    }
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl ZeroizeOnDrop for SigningKey {}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("fingerprint", &self.fingerprint()).finish_non_exhaustive()
    }
}

/// A name that came from a file, for messages.
fn in_message(name: &[u8]) -> String {
    excerpt(&String::from_utf8_lossy(name), 60)
}
