//! The digests that web archives carry of themselves: `sha1:`, `sha256:` and `sha512:`, in base 16, 32 or 64.

use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha512};

use crate::text::hexadecimal;

/// A digest as it is written in an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digest {
    algorithm: Algorithm,
    value: Vec<u8>,
    written: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Sha1,
    Sha256,
    Sha512,
}

impl Digest {
    /// Reads a digest; `None` for algorithms that are not known here.
    ///
    /// # Errors
    ///
    /// When the algorithm is known and the value cannot be one of its digests.
    pub(super) fn parse(written: &str) -> Option<Result<Digest, ()>> {
        let (algorithm, value) = written.trim().split_once(':')?;
        let algorithm = match algorithm.to_ascii_lowercase().replace('-', "").as_str() {
            "sha1" => Algorithm::Sha1,
            "sha256" => Algorithm::Sha256,
            "sha512" => Algorithm::Sha512,
            _ => return None,
        };
        let length = algorithm.length();
        let read = [base16(value), base32(value), base64(value)];
        let value = read.into_iter().flatten().find(|bytes| bytes.len() == length);
        Some(value.map(|value| Digest { algorithm, value, written: written.trim().to_owned() }).ok_or(()))
    }

    /// Something that bytes go into, to be compared with this at the end.
    pub(super) fn hasher(&self) -> Hasher {
        match self.algorithm {
            Algorithm::Sha1 => Hasher::Sha1(Box::default()),
            Algorithm::Sha256 => Hasher::Sha256(Box::default()),
            Algorithm::Sha512 => Hasher::Sha512(Box::default()),
        }
    }

    /// The digest that bytes have, if it is another one, as this one is written.
    pub(super) fn differs(&self, bytes: &[u8]) -> Option<String> {
        let mut hasher = self.hasher();
        hasher.update(bytes);
        self.differs_from(hasher)
    }

    /// The digest of what went into a hasher, if it is another one.
    pub(super) fn differs_from(&self, hasher: Hasher) -> Option<String> {
        let found = hasher.finish();
        (found != self.value).then(|| {
            let (algorithm, value) = self.written.split_once(':').unwrap_or_default();
            let in_base32 = base32(value).is_some_and(|bytes| bytes == self.value);
            format!("{algorithm}:{}", if in_base32 { to_base32(&found) } else { hexadecimal(&found) })
        })
    }

    /// How it is written.
    pub(super) fn written(&self) -> &str {
        &self.written
    }
}

impl Algorithm {
    fn length(self) -> usize {
        match self {
            Algorithm::Sha1 => 20,
            Algorithm::Sha256 => 32,
            Algorithm::Sha512 => 64,
        }
    }
}

/// A digest that is being made.
pub(super) enum Hasher {
    Sha1(Box<Sha1>),
    Sha256(Box<Sha256>),
    Sha512(Box<Sha512>),
}

impl Hasher {
    pub(super) fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Sha1(hasher) => sha1::Digest::update(&mut **hasher, bytes),
            Hasher::Sha256(hasher) => hasher.update(bytes),
            Hasher::Sha512(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Hasher::Sha1(hasher) => sha1::Digest::finalize(*hasher).to_vec(),
            Hasher::Sha256(hasher) => hasher.finalize().to_vec(),
            Hasher::Sha512(hasher) => hasher.finalize().to_vec(),
        }
    }
}

fn base16(text: &str) -> Option<Vec<u8>> {
    let digits: Option<Vec<u32>> = text.chars().map(|digit| digit.to_digit(16)).collect();
    let digits = digits.filter(|digits| digits.len() % 2 == 0)?;
    digits.chunks_exact(2).map(|pair| u8::try_from(pair[0] << 4 | pair[1]).ok()).collect()
}

const BASE32: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

fn base32(text: &str) -> Option<Vec<u8>> {
    let digit =
        |letter: u8| BASE32.iter().position(|digit| *digit == letter.to_ascii_uppercase()).map(|digit| digit as u32);
    in_bits(text, 5, digit)
}

fn to_base32(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in bytes {
        bits = bits << 8 | u32::from(*byte);
        count += 8;
        while count >= 5 {
            count -= 5;
            text.push(char::from(BASE32[(bits >> count & 31) as usize]));
        }
        bits &= (1 << count) - 1;
    }
    if count > 0 {
        text.push(char::from(BASE32[(bits << (5 - count) & 31) as usize]));
    }
    text
}

fn base64(text: &str) -> Option<Vec<u8>> {
    let digit = |letter: u8| match letter {
        b'A'..=b'Z' => Some(u32::from(letter - b'A')),
        b'a'..=b'z' => Some(u32::from(letter - b'a') + 26),
        b'0'..=b'9' => Some(u32::from(letter - b'0') + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    in_bits(text, 6, digit)
}

/// Reads digits of so many bits each into bytes.
fn in_bits(text: &str, width: u32, digit: impl Fn(u8) -> Option<u32>) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        bits = bits << width | digit(letter)?;
        count += width;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 255) as u8);
        }
        bits &= (1 << count) - 1;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_writing_a_digest_is_read() {
        for written in [
            "sha1:a9993e364706816aba3e25717850c26c9cd0d89d",
            "sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5",
            "SHA-1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5",
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            "sha-256:ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=",
            "sha512:ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        ] {
            let digest = Digest::parse(written).expect("the algorithm is known").expect("it is a digest");
            assert_eq!(digest.differs(b"abc"), None, "{written}");
            assert!(digest.differs(b"abd").is_some(), "{written}");
        }
        assert_eq!(Digest::parse("md5:900150983cd24fb0d6963f7d28e17f72"), None);
        assert_eq!(Digest::parse("sha1:short"), Some(Err(())));
    }

    #[test]
    fn another_digest_is_written_in_the_same_way() {
        let check = |written: &str, other: &str| {
            let digest = Digest::parse(written).and_then(Result::ok).expect("it is a digest");
            assert_eq!(digest.differs(b"abc").as_deref(), Some(other));
        };
        check("sha1:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5");
        check(&format!("sha1:{}", "0".repeat(40)), "sha1:a9993e364706816aba3e25717850c26c9cd0d89d");
    }
}
