//! Signatures and keys of `minisign`, to the byte as that program reads and writes them.
//!
//! Made are signatures over the BLAKE2b-512 of a message, as the program makes them today; checked are also those over the message itself,
//! which it made before. A signature names its key by an id only: without the public key nothing can be checked.

mod scrypt;

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use blake2::digest::consts::U32;
use blake2::{Blake2b, Blake2b512, Digest};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use super::{OTHER_BYTES, Outcome, is_ed25519, is_pair, sign_ed25519};
use crate::text::excerpt;

/// What the first line of keys and signatures begins with; it is not signed.
const UNTRUSTED: &str = "untrusted comment: ";

/// What the third line of a signature begins with; what follows is signed.
const TRUSTED: &str = "trusted comment: ";

/// The longest comment that the program reads, in bytes.
const LONGEST_TRUSTED: usize = 8000;

/// The longest key or signature that is read, in characters.
const LONGEST: usize = 16 << 10;

/// What is signed.
const LEGACY: &[u8; 2] = b"Ed";
const HASHED: &[u8; 2] = b"ED";

/// Signs a message. The comment is signed as well; the day is none of it unless the caller says so.
pub fn sign(key: &SigningKey, message: &[u8], comment: &str) -> Result<String, String> {
    if comment.len() > LONGEST_TRUSTED || comment.chars().any(|c| c.is_control() && c != '\t') {
        return Err(format!("the comment of a signature is one line of at most {LONGEST_TRUSTED} bytes"));
    }
    let made = key.sign(&Blake2b512::digest(message));
    let global = key.sign(&[&made, comment.as_bytes()].concat());
    let first = STANDARD.encode([HASHED.as_slice(), &key.id, &made].concat());
    Ok(format!("{UNTRUSTED}signature of a dossier\n{first}\n{TRUSTED}{comment}\n{}\n", STANDARD.encode(global)))
}

/// Checks a signature over a message, as somebody who trusts these keys.
pub fn verify(text: &str, message: &[u8], trusted: &[PublicKey]) -> Outcome {
    let signature = match Signature::read(text) {
        Ok(signature) => signature,
        Err(why) => return Outcome::Unreadable { why },
    };
    let key = shown(signature.id);
    // Two keys may say that they have the same id; then one of them has to fit.
    let mut outcome = Outcome::NoKey { key: key.clone() };
    for public in trusted.iter().filter(|public| public.id == signature.id) {
        match signature.fits(message, public) {
            Ok(()) => {
                let comment = excerpt(&signature.comment, 200);
                return Outcome::Good { by: public.name.clone(), key, comment: Some(comment) };
            }
            Err(why) => outcome = Outcome::Wrong { key: key.clone(), why: why.to_owned() },
        }
    }
    outcome
}

/// A public key that a reader trusts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    id: [u8; 8],
    key: [u8; 32],
}

impl PublicKey {
    /// Reads a file as `minisign -G` writes it, or its second line alone. The name is the reader's own for whose key it is.
    pub fn read(name: &str, text: &str) -> Result<PublicKey, String> {
        if text.len() > LONGEST {
            return Err(format!("the public key has more than {LONGEST} characters"));
        }
        let mut lines = text.trim().lines();
        let mut digits = lines.next().unwrap_or_default();
        if digits.starts_with(UNTRUSTED.trim_end()) {
            digits = lines.next().unwrap_or_default();
        }
        let broken = || {
            "this is no public key of `minisign`; hint: its last line has 56 characters and begins with `RW`".to_owned()
        };
        let bytes: [u8; 42] = decode(digits).filter(|_| lines.next().is_none()).ok_or_else(broken)?;
        let (kind, rest) = bytes.split_first_chunk::<2>().ok_or_else(broken)?;
        let (id, key) = rest.split_first_chunk::<8>().ok_or_else(broken)?;
        if kind != LEGACY {
            return Err(broken());
        }
        Ok(PublicKey { name: excerpt(name, 200), id: *id, key: key.try_into().map_err(|_| broken())? })
    }

    /// Its id, as `minisign` prints it.
    pub fn id(&self) -> String {
        shown(self.id)
    }
}

/// A signature as it was read, and not yet checked.
struct Signature {
    is_hashed: bool,
    id: [u8; 8],
    made: [u8; 64],
    comment: String,
    global: [u8; 64],
}

impl Signature {
    fn read(text: &str) -> Result<Signature, String> {
        if text.len() > LONGEST {
            return Err(format!("it has more than {LONGEST} characters"));
        }
        let mut lines = text.lines();
        let mut line = || lines.next().ok_or("it is cut off: a signature of `minisign` has four lines");
        let (untrusted, first, comment, global) = (line()?, line()?, line()?, line()?);
        if !untrusted.starts_with(UNTRUSTED.trim_end()) {
            return Err(format!("its first line does not begin with `{UNTRUSTED}`"));
        }
        let comment =
            comment.strip_prefix(TRUSTED).ok_or_else(|| format!("its third line does not begin with `{TRUSTED}`"))?;
        if lines.any(|line| !line.trim().is_empty()) {
            return Err("it has more than four lines".to_owned());
        }
        let made: [u8; 74] = decode(first).ok_or("its second line is no signature")?;
        let global = decode(global).ok_or("its fourth line is no signature")?;
        let (kind, id, made) = (&made[..2], &made[2..10], &made[10..]);
        let is_hashed = match kind {
            kind if kind == HASHED => true,
            kind if kind == LEGACY => false,
            _ => return Err("it is of a kind that is not known".to_owned()),
        };
        let wrong = |_| "its second line is no signature".to_owned();
        Ok(Signature {
            is_hashed,
            id: id.try_into().map_err(wrong)?,
            made: made.try_into().map_err(wrong)?,
            comment: comment.to_owned(),
            global,
        })
    }

    /// Whether a key made it over a message, or what does not agree.
    fn fits(&self, message: &[u8], public: &PublicKey) -> Result<(), &'static str> {
        let is_made = match self.is_hashed {
            true => is_ed25519(&public.key, &Blake2b512::digest(message), &self.made),
            false => is_ed25519(&public.key, message, &self.made),
        };
        if !is_made {
            return Err(OTHER_BYTES);
        }
        let with_comment = [&self.made, self.comment.as_bytes()].concat();
        if !is_ed25519(&public.key, &with_comment, &self.global) {
            return Err("it is over these bytes, but the comment that was signed with it was changed");
        }
        Ok(())
    }
}

/// A private key. What is secret in it is zeroed when it is dropped.
pub struct SigningKey {
    // In a box, so that the seed lies in one place however the key is moved.
    seed: Box<[u8; 32]>,
    public: [u8; 32],
    id: [u8; 8],
}

/// Whether the file of a private key says that it is locked with a password.
pub fn is_locked(text: &str) -> bool {
    let digits = text.trim().lines().nth(1).unwrap_or_default();
    // Eight digits are six bytes: the kinds of the key, of its lock and of its sum.
    digits.get(..8).and_then(|digits| STANDARD.decode(digits).ok()).is_some_and(|kinds| kinds[2..4] == *b"Sc")
}

/// Where the parts of the file of a private key begin.
const SALT: usize = 6;
const EFFORT: usize = SALT + 32;
const MEMORY: usize = EFFORT + 8;
const LOCKED: usize = MEMORY + 8;
const CHECKSUM: usize = LOCKED + 8 + 64;
const END: usize = CHECKSUM + 32;

impl SigningKey {
    /// Reads a file as `minisign -G` writes it, which is locked with a password, or as `minisign -G -W` does, which is not. The text and the
    /// password stay with the caller, who has to zero them.
    pub fn read(text: &str, password: Option<&[u8]>) -> Result<SigningKey, String> {
        let broken = || "this is no secret key of `minisign`".to_owned();
        if text.len() > LONGEST {
            return Err(broken());
        }
        let mut lines = text.trim().lines();
        let first = lines.next().unwrap_or_default();
        let digits = lines.next().unwrap_or_default();
        if !first.starts_with(UNTRUSTED.trim_end()) || lines.next().is_some() || digits.trim_end().len() != 212 {
            return Err(broken());
        }
        // `212` digits decode into at most `159` bytes.
        let mut bytes = Zeroizing::new(vec![0; 159]);
        let length = STANDARD.decode_slice(digits.trim_end(), &mut bytes).map_err(|_| broken())?;
        if length != END || bytes[..2] != *LEGACY || bytes[4..6] != *b"B2" {
            return Err(broken());
        }
        match &bytes[2..4] {
            [0, 0] => {}
            b"Sc" => {
                let password = password.ok_or("the secret key is locked with a password, and none was given")?;
                unlock(&mut bytes, password)?;
            }
            _ => return Err("the secret key is locked in a way that is not known".to_owned()),
        }
        let (id, pair) = bytes[LOCKED..CHECKSUM].split_first_chunk::<8>().ok_or_else(broken)?;
        let (seed, public) = pair.split_at(32);
        let mut key = SigningKey { seed: Box::new([0; 32]), public: public.try_into().map_err(|_| broken())?, id: *id };
        key.seed.copy_from_slice(seed);
        if is_pair(&key.seed, &key.public) { Ok(key) } else { Err("the secret key is broken".to_owned()) }
    }

    /// The id of the key, as `minisign` prints it.
    pub fn id(&self) -> String {
        shown(self.id)
    }

    fn sign(&self, message: &[u8]) -> [u8; 64] {
        sign_ed25519(&self.seed, &self.public, message).expect("both halves were compared when the key was read")
    }
}

/// Opens what is locked, in its place.
fn unlock(bytes: &mut [u8], password: &[u8]) -> Result<(), String> {
    let number = |at: usize| bytes[at..at + 8].iter().rev().fold(0_u64, |sum, byte| sum << 8 | u64::from(*byte));
    let cost = scrypt::Cost::of(number(EFFORT), number(MEMORY))?;
    let mut stream = Zeroizing::new([0; END - LOCKED]);
    scrypt::derive(password, &bytes[SALT..EFFORT], cost, stream.as_mut_slice())?;
    for (byte, key) in bytes[LOCKED..].iter_mut().zip(stream.iter()) {
        *byte ^= key;
    }
    let sum = Blake2b::<U32>::new().chain_update(&bytes[..2]).chain_update(&bytes[LOCKED..CHECKSUM]).finalize();
    if sum[..] != bytes[CHECKSUM..END] {
        return Err("the password does not open the secret key".to_owned());
    }
    Ok(())
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.seed.zeroize();
    }
}

impl ZeroizeOnDrop for SigningKey {}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id()).finish_non_exhaustive()
    }
}

/// The id of a key, as `minisign` prints it.
fn shown(id: [u8; 8]) -> String {
    format!("{:016X}", u64::from_le_bytes(id))
}

/// Bytes of a known length from base64.
fn decode<const LENGTH: usize>(digits: &str) -> Option<[u8; LENGTH]> {
    STANDARD.decode(digits.trim_end()).ok()?.try_into().ok()
}
