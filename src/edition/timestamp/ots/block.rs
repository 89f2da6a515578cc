//! The headers of blocks of Bitcoin.

use ring::digest::{SHA256, digest};

use super::Standing;
use crate::text::hexadecimal;

/// The length of a header, in bytes.
pub const HEADER: usize = 80;

/// How hard a block was to make, at the least, from the block of a number on, in units of the first block. These are about half of the lowest
/// that there was, so that they refuse no block of Bitcoin, and a header that anybody can make in an afternoon. There was nothing like
/// OpenTimestamps before block 350000, in 2015.
const HARDNESS: [(u64, f64); 7] = [
    (900_000, 5e13),
    (800_000, 2.5e13),
    (700_000, 7e12),
    (600_000, 6e12),
    (500_000, 9e11),
    (400_000, 7e10),
    (350_000, 2e10),
];

/// What comes of a message that the block of a number is said to have as its Merkle root.
pub(super) fn check(height: u64, message: &[u8], header: Option<&[u8; HEADER]>) -> Standing {
    match HARDNESS.iter().find(|(from, _)| height >= *from) {
        Some((_, least)) => check_with(height, message, header, *least),
        None => Standing::Wrong { why: format!("block {height} is older than all timestamps in Bitcoin") },
    }
}

fn check_with(height: u64, message: &[u8], header: Option<&[u8; HEADER]>, least: f64) -> Standing {
    let Ok(root) = <[u8; 32]>::try_from(message) else {
        return Standing::Wrong { why: format!("what should be the Merkle root of block {height} has not 32 bytes") };
    };
    let Some(header) = header else { return Standing::Unverifiable { height, root: reversed(&root) } };
    let wrong = |why: String| Standing::Wrong { why };
    if header[36..68] != root {
        let own = reversed(&header[36..68]);
        return wrong(format!("block {height} has the Merkle root {own}, and the proof leads to {}", reversed(&root)));
    }
    let hash = digest(&SHA256, digest(&SHA256, header).as_ref());
    let bits = u32::from_le_bytes([header[72], header[73], header[74], header[75]]);
    let Some((target, hardness)) = target(bits) else {
        return wrong(format!(
            "the header that was given for block {height} is none of Bitcoin: its target is {bits:08x}"
        ));
    };
    let hash: Vec<u8> = hash.as_ref().iter().rev().copied().collect();
    if hash[..] > target[..] {
        return wrong(format!("the header that was given for block {height} is none of Bitcoin: no work went into it"));
    }
    if hardness < least {
        return wrong(format!(
            "the header that was given for block {height} is none of Bitcoin: too little work went into it"
        ));
    }
    let time = u32::from_le_bytes([header[68], header[69], header[70], header[71]]);
    Standing::Confirmed { height, time, block: hexadecimal(&hash) }
}

/// The number that a hash must not be above, and how hard it is to get there.
fn target(bits: u32) -> Option<([u8; 32], f64)> {
    let (length, digits) = (usize::try_from(bits >> 24).ok()?, bits & 0x00ff_ffff);
    // The highest bit is a sign.
    if !(3..=32).contains(&length) || digits == 0 || digits & 0x0080_0000 != 0 {
        return None;
    }
    let mut target = [0; 32];
    target[32 - length..35 - length].copy_from_slice(&digits.to_be_bytes()[1..]);
    let hardness = 65_535.0 / f64::from(digits) * 256_f64.powi(29 - i32::try_from(length).ok()?);
    Some((target, hardness))
}

/// As explorers show hashes: the last byte first.
fn reversed(bytes: &[u8]) -> String {
    hexadecimal(&bytes.iter().rev().copied().collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The header of a block of 2011, and of the same block with another time.
    const HEX: &str = "0100000081cd02ab7e569e8bcd9317e2fe99f2de44d49ab2b8851ba4a308000000000000e320b6c2fffc8d750423db8b1eb942ae710e951ed797f7affc8892b0f1fc122bc7f5d74df2b9441a42a14695";

    fn header(digits: &str) -> [u8; HEADER] {
        let digits: Vec<u8> =
            (0..HEADER).map(|at| u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).unwrap()).collect();
        digits.try_into().unwrap()
    }

    fn told(height: u64, header: &[u8; HEADER], least: f64) -> String {
        check_with(height, &header[36..68], Some(header), least).to_string()
    }

    #[test]
    fn a_header_of_bitcoin_confirms_its_merkle_root() {
        let header = header(HEX);
        assert_eq!(
            told(125_552, &header, 200_000.0),
            "confirmed by block 125552 of Bitcoin, made about 2011-05-21T17:26:31Z, with the hash 00000000000000001e8d6829a8a21adc5d38d0a473b144b6765798e61f98bd1d"
        );
        let other = check_with(125_552, &[7; 32], Some(&header), 0.0).to_string();
        assert!(other.starts_with("wrong: block 125552 has the Merkle root 2b12fcf1b09288fc"), "{other}");
        assert_eq!(
            check_with(1, &[7; 31], None, 0.0).to_string(),
            "wrong: what should be the Merkle root of block 1 has not 32 bytes"
        );
    }

    #[test]
    fn a_header_without_work_is_refused() {
        let why = |height, header: &[u8; HEADER]| {
            let Standing::Wrong { why } = check(height, &header[36..68], Some(header)) else { panic!("it is taken") };
            why.rsplit_once(": ").map_or(why.clone(), |(_, why)| why.to_owned())
        };
        let real = header(HEX);
        assert_eq!(why(900_000, &real), "too little work went into it");
        assert_eq!(why(125_552, &real), "block 125552 is older than all timestamps in Bitcoin");
        let mut changed = real;
        changed[68] ^= 1;
        assert_eq!(why(900_000, &changed), "no work went into it");
        for (bits, told) in
            [([0, 0, 0, 0], "00000000"), ([0, 0, 0x80, 0x20], "20800000"), ([1, 0, 0, 0xff], "ff000001")]
        {
            changed[72..76].copy_from_slice(&bits);
            assert_eq!(why(900_000, &changed), format!("its target is {told}"));
        }
    }

    #[test]
    fn how_hard_a_block_was_is_what_explorers_show() {
        for (bits, hardness) in [(0x1d00_ffff, 1.0), (0x1a44_b9f2, 244_112.487), (0x1806_b99f, 163_491_654_908.959)] {
            let (_, own) = target(bits).unwrap();
            assert!((own / hardness - 1.0).abs() < 1e-6, "{bits:x}: {own}");
        }
    }
}
