//! scrypt (RFC 7914), with which the passwords of secret keys are stretched. Its outer part, PBKDF2, is of a library; the inner part is here,
//! since the crate that has it brings six others along.

use std::num::NonZeroU32;

use ring::pbkdf2::{self, PBKDF2_HMAC_SHA256};
use zeroize::Zeroizing;

/// The size of blocks, in units of 128 bytes. libsodium knows no other.
const R: usize = 8;

/// The words of a block.
const WORDS: usize = 32 * R;

/// The most memory that a key may ask for: as much as `minisign` takes when it makes one.
const MOST_MEMORY: u64 = 1 << 30;

/// How hard it is made to try passwords.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cost {
    log_n: u32,
    p: u32,
}

impl Cost {
    /// What libsodium takes for its limits of effort and memory.
    pub(super) fn of(effort: u64, memory: u64) -> Result<Cost, String> {
        let effort = effort.max(32_768);
        let log = |most: u64| (1..63).find(|log| 1_u64 << log > most / 2).unwrap_or(63);
        let (log_n, p) = if effort < memory / 32 {
            (log(effort / (4 * R as u64)), 1)
        } else {
            let log_n = log(memory / (128 * R as u64));
            (log_n, (((effort / 4) >> log_n).min(0x3fff_ffff) / R as u64).max(1))
        };
        // At most what `minisign` itself takes for its hardest key, so that a broken file cannot keep the machine busy.
        let is_too_much = (128 * R as u64).checked_shl(log_n).is_none_or(|bytes| bytes > MOST_MEMORY);
        if is_too_much || p > 1 << 16 || p << log_n > 1 << 22 {
            return Err("the secret key asks for more memory or work than `minisign` takes".to_owned());
        }
        Ok(Cost { log_n, p: u32::try_from(p).expect("2^16 at most") })
    }
}

/// Fills `out` with what comes of a password.
pub(super) fn derive(password: &[u8], salt: &[u8], cost: Cost, out: &mut [u8]) -> Result<(), String> {
    stretch::<WORDS>(password, salt, cost, out)
}

fn stretch<const WORDS: usize>(password: &[u8], salt: &[u8], cost: Cost, out: &mut [u8]) -> Result<(), String> {
    let mut bytes = Zeroizing::new(vec![0; 4 * WORDS * cost.p as usize]);
    pbkdf2::derive(PBKDF2_HMAC_SHA256, NonZeroU32::MIN, salt, password, &mut bytes);
    let n = 1_usize << cost.log_n;
    let mut table: Zeroizing<Vec<[u32; WORDS]>> = Zeroizing::new(Vec::new());
    table.try_reserve_exact(n).map_err(|_| "there is not enough memory to open the secret key".to_owned())?;
    table.resize(n, [0; WORDS]);
    for part in bytes.chunks_exact_mut(4 * WORDS) {
        let mut block = Zeroizing::new([0_u32; WORDS]);
        for (word, four) in block.iter_mut().zip(part.as_chunks::<4>().0) {
            *word = u32::from_le_bytes(*four);
        }
        mix(&mut block, &mut table);
        for (four, word) in part.as_chunks_mut::<4>().0.iter_mut().zip(block.iter()) {
            *four = word.to_le_bytes();
        }
    }
    pbkdf2::derive(PBKDF2_HMAC_SHA256, NonZeroU32::MIN, &bytes, password, out);
    Ok(())
}

/// scryptROMix.
fn mix<const WORDS: usize>(block: &mut [u32; WORDS], table: &mut [[u32; WORDS]]) {
    let mut next = Zeroizing::new([0_u32; WORDS]);
    for row in table.iter_mut() {
        *row = *block;
        mix_block(block, &mut next);
    }
    for _ in 0..table.len() {
        // The length is a power of two.
        let at = block[WORDS - 16] as usize & (table.len() - 1);
        for (word, other) in block.iter_mut().zip(&table[at]) {
            *word ^= other;
        }
        mix_block(block, &mut next);
    }
}

/// scryptBlockMix.
fn mix_block<const WORDS: usize>(block: &mut [u32; WORDS], next: &mut [u32; WORDS]) {
    let mut last = [0; 16];
    last.copy_from_slice(&block[WORDS - 16..]);
    for (at, part) in block.as_chunks::<16>().0.iter().enumerate() {
        for (word, other) in last.iter_mut().zip(part) {
            *word ^= other;
        }
        salsa(&mut last);
        let to = 16 * (at / 2 + if at % 2 == 0 { 0 } else { WORDS / 32 });
        next[to..to + 16].copy_from_slice(&last);
    }
    block.copy_from_slice(next);
}

/// Salsa20/8.
fn salsa(block: &mut [u32; 16]) {
    let mut x = *block;
    let mut quarter = |a: usize, b: usize, c: usize, d: usize| {
        x[b] ^= x[a].wrapping_add(x[d]).rotate_left(7);
        x[c] ^= x[b].wrapping_add(x[a]).rotate_left(9);
        x[d] ^= x[c].wrapping_add(x[b]).rotate_left(13);
        x[a] ^= x[d].wrapping_add(x[c]).rotate_left(18);
    };
    for _ in 0..4 {
        quarter(0, 4, 8, 12);
        quarter(5, 9, 13, 1);
        quarter(10, 14, 2, 6);
        quarter(15, 3, 7, 11);
        quarter(0, 1, 2, 3);
        quarter(5, 6, 7, 4);
        quarter(10, 11, 8, 9);
        quarter(15, 12, 13, 14);
    }
    for (word, mixed) in block.iter_mut().zip(x) {
        *word = word.wrapping_add(mixed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first bytes of what comes of a password, in hexadecimal digits.
    fn first(derived: &[u8]) -> String {
        derived[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn the_vectors_of_rfc_7914_come_out() {
        let mut out = [0; 64];
        stretch::<32>(b"", b"", Cost { log_n: 4, p: 1 }, &mut out).unwrap();
        assert_eq!(first(&out), "77d6576238657b20");
        stretch::<WORDS>(b"password", b"NaCl", Cost { log_n: 10, p: 16 }, &mut out).unwrap();
        assert_eq!(first(&out), "fdbabe1c9d347200");
    }

    #[test]
    fn a_key_cannot_ask_for_more_than_minisign_takes() {
        assert_eq!(Cost::of(33_554_432, 1 << 30), Ok(Cost { log_n: 20, p: 1 }), "what `minisign` takes");
        assert_eq!(Cost::of(1_048_576, 1 << 25), Ok(Cost { log_n: 15, p: 1 }), "what it takes with little memory");
        assert!(Cost::of(u64::MAX, u64::MAX).is_err() && Cost::of(u64::MAX, 1 << 30).is_err());
        assert!(Cost::of(1 << 40, 1 << 30).is_err() && Cost::of(0, 0).is_ok());
    }
}
