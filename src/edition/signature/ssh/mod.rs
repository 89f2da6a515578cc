//! SSH signatures: the format `SSHSIG` of OpenSSH, which `ssh-keygen -Y sign` and `ssh-keygen -Y verify` speak.
//!
//! Signed is with Ed25519 keys. Checked are Ed25519, ECDSA on P-256 and P-384, and RSA with SHA-2. For all other keys `ssh-keygen` itself
//! makes the signature, which lies in the same place.

mod allowed;
mod armor;
mod key;
mod wire;

pub use allowed::{AllowedSigners, Fault};
pub use key::SigningKey;

use jiff::Timestamp;
use ring::digest;

use super::{NAMESPACE, OTHER_BYTES, Outcome};
use crate::text::excerpt;
use key::PublicKey;
use wire::{Wire, put};

/// What such a signature begins with, and what is signed begins with as well.
const MAGIC: &[u8; 6] = b"SSHSIG";

/// The line around a signature.
const LABEL: &str = "SSH SIGNATURE";

/// The longest signature that is read, in characters; those of the longest RSA keys have 6,000.
const LONGEST: usize = 32 << 10;

/// Signs a message, to the byte as `ssh-keygen -Y sign -n dossier` does.
pub fn sign(key: &SigningKey, message: &[u8]) -> String {
    let hashed = digest::digest(&digest::SHA512, message);
    let made = key.sign(&signed(NAMESPACE.as_bytes(), b"", b"sha512", hashed.as_ref()));
    let mut blob = MAGIC.to_vec();
    blob.extend(1_u32.to_be_bytes());
    for part in [&key.public(), NAMESPACE.as_bytes(), b"", b"sha512", &made] {
        put(&mut blob, part);
    }
    armor::write(LABEL, &blob)
}

/// Checks a signature over a message, as somebody who trusts these signers at a certain time.
pub fn verify(text: &str, message: &[u8], trusted: &AllowedSigners, at: Timestamp) -> Outcome {
    let signature = match Signature::read(text) {
        Ok(signature) => signature,
        Err(why) => return Outcome::Unreadable { why },
    };
    let key = signature.key.fingerprint();
    if signature.namespace != NAMESPACE.as_bytes() {
        let namespace = excerpt(&String::from_utf8_lossy(&signature.namespace), 60);
        let why = format!("it was made for `{namespace}` and not for `{NAMESPACE}`");
        return Outcome::Wrong { key, why };
    }
    match signature.fits(message) {
        Ok(true) => {}
        Ok(false) => return Outcome::Wrong { key, why: OTHER_BYTES.to_owned() },
        Err(why) => return Outcome::Unreadable { why },
    }
    match trusted.who(signature.key.blob(), at) {
        Ok(by) => Outcome::Good { by, key, comment: None },
        Err(why) => Outcome::Stranger { key, why },
    }
}

/// What is signed, in place of the message itself.
fn signed(namespace: &[u8], reserved: &[u8], algorithm: &[u8], hashed: &[u8]) -> Vec<u8> {
    let mut signed = MAGIC.to_vec();
    for part in [namespace, reserved, algorithm, hashed] {
        put(&mut signed, part);
    }
    signed
}

/// A signature as it was read, and not yet checked.
struct Signature {
    key: PublicKey,
    namespace: Vec<u8>,
    reserved: Vec<u8>,
    hash: &'static digest::Algorithm,
    hash_name: &'static [u8],
    made: Vec<u8>,
}

impl Signature {
    fn read(text: &str) -> Result<Signature, String> {
        if text.len() > LONGEST {
            return Err(format!("it has more than {LONGEST} characters"));
        }
        let blob = armor::read(LABEL, text)?;
        let mut wire = Wire::new(&blob);
        let cut = || "it is cut off".to_owned();
        if wire.take(MAGIC.len()) != Some(MAGIC) {
            return Err("what is in it is no SSH signature".to_owned());
        }
        match wire.number().ok_or_else(cut)? {
            1 => {}
            version => return Err(format!("it has the version {version}, and only 1 is known")),
        }
        let mut part = || wire.string().ok_or_else(cut);
        let (key, namespace, reserved, algorithm, made) = (part()?, part()?, part()?, part()?, part()?);
        if !wire.is_empty() {
            return Err("something follows at its end".to_owned());
        }
        let (hash, hash_name): (_, &[u8]) = match algorithm {
            b"sha256" => (&digest::SHA256, b"sha256"),
            b"sha512" => (&digest::SHA512, b"sha512"),
            _ => return Err("it names neither `sha256` nor `sha512` as the hash of what is signed".to_owned()),
        };
        Ok(Signature {
            key: PublicKey::read(key)?,
            namespace: namespace.to_vec(),
            reserved: reserved.to_vec(),
            hash,
            hash_name,
            made: made.to_vec(),
        })
    }

    /// Whether its key made it over this message.
    fn fits(&self, message: &[u8]) -> Result<bool, String> {
        let hashed = digest::digest(self.hash, message);
        self.key.fits(&signed(&self.namespace, &self.reserved, self.hash_name, hashed.as_ref()), &self.made)
    }
}
