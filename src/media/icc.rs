//! Colour profiles, as ICC.1 has them: a header, a table, and what it names.
//!
//! A profile decides which colours are seen, and so it stays. But profiles of screens name the make, model and number of the
//! screen, and the day on which somebody measured it. So a profile is made anew, from those of its parts that are numbers to calculate
//! colours with. The texts that each profile must have say the same in all of them.

use std::collections::{BTreeMap, BTreeSet};

use super::be32;

/// The length of the header; the table follows.
const HEADER: usize = 128;

/// More than any profile has.
const MOST_PARTS: usize = 100;

/// The parts by which colours are calculated.
const COLOURS: [&[u8; 4]; 26] = [
    b"rXYZ", b"gXYZ", b"bXYZ", b"rTRC", b"gTRC", b"bTRC", b"kTRC", b"wtpt", b"bkpt", b"chad", b"A2B0", b"A2B1",
    b"A2B2", b"A2B3", b"B2A0", b"B2A1", b"B2A2", b"B2A3", b"D2B0", b"D2B1", b"D2B2", b"D2B3", b"B2D0", b"B2D1",
    b"gamt", b"cicp",
];

/// The forms that these may have, none of which is a text.
const NUMBERS: [&[u8; 4]; 10] =
    [b"XYZ ", b"curv", b"para", b"mft1", b"mft2", b"mAB ", b"mBA ", b"sf32", b"cicp", b"mpet"];

/// A profile that gives the same colours and says nothing else; `None` of what cannot be read as one, and which programs that show
/// pictures therefore pass over.
pub(super) fn only_colours(profile: &[u8]) -> Option<Vec<u8>> {
    let header = profile.get(..HEADER)?;
    let count = be32(profile, HEADER)?;
    if header[36..40] != *b"acsp" || count > MOST_PARTS {
        return None;
    }
    let mut parts: Vec<([u8; 4], &[u8])> = Vec::new();
    for number in 0..count {
        let entry = profile.get(HEADER + 4 + number * 12..HEADER + 16 + number * 12)?;
        let name: [u8; 4] = entry[..4].try_into().ok()?;
        let (start, length) = (be32(entry, 4)?, be32(entry, 8)?);
        if !COLOURS.contains(&&name) || parts.iter().any(|(other, _)| *other == name) {
            continue;
        }
        let part = profile.get(start..start.checked_add(length)?)?;
        if NUMBERS.iter().any(|form| part.starts_with(*form)) {
            parts.push((name, part));
        }
    }
    let has = |wanted: &[u8; 4]| parts.iter().any(|(name, _)| name == wanted);
    if !(has(b"A2B0") || has(b"kTRC") || (has(b"rXYZ") && has(b"rTRC"))) {
        return None;
    }
    // Parts may lie over each other, and then come to more than the whole.
    let distinct: BTreeSet<&[u8]> = parts.iter().map(|(_, part)| *part).collect();
    if distinct.into_iter().map(<[u8]>::len).sum::<usize>() > profile.len() {
        return None;
    }
    let (description, copyright) = if header[8] < 4 {
        (old_description("colours"), [b"text\0\0\0\0".as_slice(), b"none\0"].concat())
    } else {
        (text("colours"), text("none"))
    };
    parts.push((*b"desc", &description));
    parts.push((*b"cprt", &copyright));
    Some(write(header, &parts))
}

fn write(header: &[u8], parts: &[([u8; 4], &[u8])]) -> Vec<u8> {
    let mut out = clean_header(header);
    out.extend((parts.len() as u32).to_be_bytes());
    let mut place = HEADER + 4 + parts.len() * 12;
    let mut body: Vec<u8> = Vec::new();
    // Parts that are the same, as the curves of three colours often are, are written once.
    let mut written: BTreeMap<&[u8], usize> = BTreeMap::new();
    for (name, part) in parts {
        let start = *written.entry(part).or_insert_with(|| {
            let start = place;
            body.extend_from_slice(part);
            let fill = part.len().wrapping_neg() % 4;
            body.extend(std::iter::repeat_n(0, fill));
            place += part.len() + fill;
            start
        });
        out.extend(name);
        out.extend((start as u32).to_be_bytes());
        out.extend((part.len() as u32).to_be_bytes());
    }
    out.append(&mut body);
    let length = out.len() as u32;
    out[..4].copy_from_slice(&length.to_be_bytes());
    out
}

/// The header without the maker of the program, of the screen, its model, the day, and a checksum of it all.
fn clean_header(header: &[u8]) -> Vec<u8> {
    let mut out = vec![0; HEADER];
    // The version, the class, the spaces of colours.
    out[8..24].copy_from_slice(&header[8..24]);
    // A day must be there: the first of a year.
    out[24..36].copy_from_slice(&[0x07, 0xd0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0]);
    out[36..40].copy_from_slice(b"acsp");
    // How it is meant, and the white that it rests on.
    out[64..80].copy_from_slice(&header[64..80]);
    out
}

/// A text as profiles from version 4 on have it.
fn text(words: &str) -> Vec<u8> {
    let letters: Vec<u8> = words.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut out = b"mluc\0\0\0\0\0\0\0\x01\0\0\0\x0cenUS".to_vec();
    out.extend((letters.len() as u32).to_be_bytes());
    out.extend(28_u32.to_be_bytes());
    out.extend(letters);
    out
}

/// A description as profiles before version 4 have it, without its forms for other scripts.
fn old_description(words: &str) -> Vec<u8> {
    let mut out = b"desc\0\0\0\0".to_vec();
    out.extend((words.len() as u32 + 1).to_be_bytes());
    out.extend_from_slice(words.as_bytes());
    out.push(0);
    out.extend([0; 4 + 4 + 2 + 1 + 67]);
    out
}
