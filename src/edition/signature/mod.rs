//! Signatures over the bytes of a seal, as `ssh-keygen -Y` and `minisign` make and check them.
//!
//! Nothing here touches the disk or the clock: whoever calls reads the keys, and says whom a reader trusts and at what time that is asked.
//! What is private in a key is zeroed when it is dropped, and stands in no message.

pub mod minisign;
pub mod ssh;

use std::fmt;

use serde::Serialize;

/// The namespace of our SSH signatures, so that none that was made for something else, such as a commit, passes for one of an edition.
pub const NAMESPACE: &str = "dossier";

/// What came of checking a signature. Only the first of these says that somebody whom the reader trusts signed these bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// It is over exactly these bytes, by a key that the reader trusts.
    Good {
        /// Whose key it is, in the words of the reader's list.
        by: String,
        /// The fingerprint or the id of the key.
        key: String,
        /// What the signer said beside it, and signed as well.
        #[serde(skip_serializing_if = "Option::is_none")]
        comment: Option<String>,
    },
    /// It is over exactly these bytes, by a key for which nobody vouches. Everybody can make such a one.
    Stranger {
        /// The fingerprint of the key.
        key: String,
        /// Why the key does not count.
        why: String,
    },
    /// Nothing was checked, since the public key that this takes is not at hand.
    NoKey {
        /// The id of the key that is said to have made it.
        key: String,
    },
    /// It is not a signature over these bytes.
    Wrong {
        /// The fingerprint or the id of the key that is said to have made it.
        key: String,
        /// What does not agree.
        why: String,
    },
    /// It cannot be read, or it is of a kind that is not supported.
    Unreadable {
        /// Why.
        why: String,
    },
}

impl Outcome {
    /// Whether somebody whom the reader trusts signed exactly these bytes.
    pub fn is_good(&self) -> bool {
        matches!(self, Outcome::Good { .. })
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Good { by, key, comment: None } => write!(f, "good signature by `{by}` with the key {key}"),
            Outcome::Good { by, key, comment: Some(comment) } => {
                write!(f, "good signature by `{by}` with the key {key}, who says `{comment}`")
            }
            Outcome::Stranger { key, why } => {
                write!(f, "the signature fits, but nobody vouches for its key {key}: {why}")
            }
            Outcome::NoKey { key } => {
                write!(f, "not checked: the public key {key} is needed; hint: get it from the publisher by another way")
            }
            Outcome::Wrong { key, why } => write!(f, "wrong signature in the name of the key {key}: {why}"),
            Outcome::Unreadable { why } => write!(f, "the signature cannot be read: {why}"),
        }
    }
}

/// Why a signature with the right form is wrong, in most cases.
const OTHER_BYTES: &str = "it was not made by this key over these bytes; one of both was changed";

/// How much of the stack the making of a signature needs at most.
const STACK: usize = 16 << 10;

/// An Ed25519 signature.
///
/// The library expands the seed where it signs and leaves that behind on the stack, which is therefore overwritten.
fn sign_ed25519(seed: &[u8; 32], public: &[u8; 32], message: &[u8]) -> Option<[u8; 64]> {
    #[inline(never)]
    fn sign(seed: &[u8; 32], public: &[u8; 32], message: &[u8]) -> Option<[u8; 64]> {
        let pair = ring::signature::Ed25519KeyPair::from_seed_and_public_key(seed, public).ok()?;
        pair.sign(message).as_ref().try_into().ok()
    }
    let signature = sign(seed, public, message);
    zeroize::zeroize_stack::<STACK>();
    signature
}

/// Whether both halves of an Ed25519 key belong together.
fn is_pair(seed: &[u8; 32], public: &[u8; 32]) -> bool {
    sign_ed25519(seed, public, b"").is_some()
}

/// Whether an Ed25519 signature is over a message.
fn is_ed25519(public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    ring::signature::UnparsedPublicKey::new(&ring::signature::ED25519, public).verify(message, signature).is_ok()
}
