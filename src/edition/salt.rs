//! Salts: what makes an entry of an edition impossible to guess once it was taken out.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::text::hexadecimal;

/// The secret from which the salts of a dossier's editions are made: 32 bytes, of which nothing is ever shown.
///
/// It is an input of an edition, so that whoever has it makes the same edition. It stands in no edition: there are only the
/// salts that were made from it, one for each entry, and none of them tells of another.
#[derive(Clone)]
pub struct Salt(Zeroizing<[u8; 32]>);

impl Salt {
    /// Takes 32 bytes from a source of randomness.
    pub fn new(random: [u8; 32]) -> Self {
        Salt(Zeroizing::new(random))
    }

    /// The salt of an entry, 16 bytes in hexadecimal digits: HMAC-SHA256 (RFC 2104) of what it says, cut in half.
    pub fn of(&self, entry: &[u8]) -> String {
        // An HMAC takes keys of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.0).expect("an HMAC takes a key of 32 bytes");
        mac.update(entry);
        hexadecimal(&mac.finalize().into_bytes()[..16])
    }

    /// The line of a file that holds it.
    pub fn to_line(&self) -> Zeroizing<String> {
        Zeroizing::new(hexadecimal(&*self.0) + "\n")
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Salt")
    }
}

impl FromStr for Salt {
    type Err = &'static str;

    /// Reads the text of a file that holds one. The error says what is wrong and nothing of the text.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.trim();
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err("a salt is 64 hexadecimal digits on one line");
        }
        let mut bytes = Zeroizing::new([0; 32]);
        for (byte, pair) in bytes.iter_mut().zip(digits.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).unwrap_or_default();
            *byte = u8::from_str_radix(pair, 16).unwrap_or_default();
        }
        Ok(Salt(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_salt_depends_on_the_secret_and_on_the_entry() {
        let (one, other) = (Salt::new([1; 32]), Salt::new([2; 32]));
        assert_eq!(one.of(b"a").len(), 32);
        assert_eq!(one.of(b"a"), one.of(b"a"));
        assert_ne!(one.of(b"a"), one.of(b"b"));
        assert_ne!(one.of(b"a"), other.of(b"a"));
    }

    #[test]
    fn the_secret_is_read_from_its_file_and_never_shown() {
        let salt = Salt::new([0xab; 32]);
        let line = salt.to_line();
        assert_eq!(*line, "ab".repeat(32) + "\n");
        assert_eq!(line.parse::<Salt>().unwrap().of(b"a"), salt.of(b"a"));
        assert_eq!(format!("{salt:?}"), "Salt");
        for wrong in ["", "ab", &"xy".repeat(32), &format!("{}\n{}", "ab".repeat(32), "ab".repeat(32))] {
            let error = wrong.parse::<Salt>().unwrap_err();
            assert_eq!(error, "a salt is 64 hexadecimal digits on one line");
        }
    }
}
