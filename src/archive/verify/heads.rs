//! The headers of a tar (POSIX.1-2001, and what GNU adds), one after the other: the name of a file, its length, and nothing that leads elsewhere.

use std::io::{self, Read};

use super::Refused;
use crate::packet::{is_of_content, shown};
use crate::read::in_words;

/// The length of a block.
pub(super) const BLOCK: usize = 512;

/// The longest name, and what pax may say of a file, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The most that may stand of a file before its bytes.
const LONGEST_HEAD: usize = 4 * LONGEST as usize;

/// What the header of a file says, with its bytes.
pub(super) struct Head {
    pub(super) path: String,
    pub(super) length: u64,
    pub(super) raw: Vec<u8>,
}

pub(super) fn padding(length: u64) -> usize {
    (BLOCK - (length % BLOCK as u64) as usize) % BLOCK
}

/// The next header; `None` at the end.
pub(super) fn head(from: &mut dyn Read, last: Option<&str>) -> Result<Option<Head>, Refused> {
    let mut raw = Vec::new();
    let (mut long, mut pax_path, mut pax_length) = (None, None, None);
    loop {
        let at = raw.len();
        if at > LONGEST_HEAD {
            let why = "more stands before the next file than belongs to any";
            return Err(Refused::Unsafe(last.map(str::to_owned), why.to_owned()));
        }
        raw.resize(at + BLOCK, 0);
        let place = || match last {
            Some(last) => format!("behind `{}`", shown(last)),
            None => "at its beginning".to_owned(),
        };
        let broken = |why: &str| {
            Refused::Unsafe(last.map(str::to_owned), format!("the archive cannot be read {}: {why}", place()))
        };
        let failed = |error: io::Error| match is_of_content(&error) {
            true if error.kind() == io::ErrorKind::UnexpectedEof => broken("it is cut off there"),
            true => broken(&in_words(&error)),
            false => Refused::Io(error),
        };
        from.read_exact(&mut raw[at..]).map_err(failed)?;
        let block = &raw[at..];
        if at == 0 && block.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        // Where the sum itself stands, spaces are counted.
        let sum = block[..148].iter().chain(&block[156..]).fold(8 * 32, |sum, byte| sum + u64::from(*byte));
        if octal(&block[148..156]) != Some(sum) {
            return Err(broken("the header there is damaged"));
        }
        let is_gnu = &block[257..265] == b"ustar  \0";
        let is_posix = &block[257..263] == b"ustar\0";
        let mut name = text(&block[..100]).to_vec();
        if is_posix && block[345] != 0 {
            name = [text(&block[345..500]), b"/", &name].concat();
        }
        let own = String::from_utf8_lossy(&name).into_owned();
        let refuse = |why: &str| Refused::Unsafe(Some(own.clone()), why.to_owned());
        if !is_gnu && !is_posix {
            return Err(refuse("its header is of a kind that is not known here"));
        }
        let length = number(&block[124..136]).ok_or_else(|| refuse("its length is no number"))?;
        let kind = block[156];
        if matches!(kind, b'L' | b'x') {
            if length > LONGEST {
                return Err(refuse("its name is too long"));
            }
            let mut said = vec![0; length as usize + padding(length)];
            from.read_exact(&mut said).map_err(failed)?;
            raw.extend_from_slice(&said);
            said.truncate(length as usize);
            if kind == b'L' {
                let end = said.iter().position(|byte| *byte == 0).unwrap_or(said.len());
                said.truncate(end);
                if long.replace(said).is_some() {
                    return Err(refuse("it has several names"));
                }
                continue;
            }
            let records = pax(&said).ok_or_else(|| refuse("what pax says of it is damaged"))?;
            for (key, value) in records {
                match key.as_str() {
                    "path" if pax_path.is_none() => pax_path = Some(value.into_bytes()),
                    "size" if pax_length.is_none() => {
                        pax_length = Some(decimal(&value).ok_or_else(|| refuse("its length is no number"))?);
                    }
                    "path" | "size" => return Err(refuse("it has several names or lengths")),
                    _ if key == "linkpath" || key == "hdrcharset" || key.starts_with("GNU.sparse") => {
                        return Err(refuse("it is no plain file"));
                    }
                    _ => {}
                }
            }
            continue;
        }
        let path = match (long, pax_path) {
            (Some(_), Some(_)) => return Err(refuse("it has several names")),
            (Some(name), None) | (None, Some(name)) => name,
            (None, None) => name,
        };
        let mut path = String::from_utf8(path)
            .map_err(|_| refuse("its name is not UTF-8, and programs do not agree what it is"))?;
        let refuse = |why: &str| Refused::Unsafe(Some(path.clone()), why.to_owned());
        match kind {
            b'0' | 0 => {}
            b'5' => {}
            b'1' => return Err(refuse("it is a hard link, and programs do not agree what that unpacks to")),
            b'2' => return Err(refuse("it is a symbolic link, which can lead anywhere")),
            b'3' | b'4' | b'6' => return Err(refuse("it is a device or a pipe")),
            b'K' => return Err(refuse("it is a link")),
            b'S' => return Err(refuse("it is a file with holes, which programs do not unpack alike")),
            _ => return Err(refuse("it is no plain file")),
        }
        let length = pax_length.unwrap_or(length);
        // Many programs write every path as one that begins in the folder where it is unpacked.
        if let Some(inner) = path.strip_prefix("./") {
            path = inner.to_owned();
        }
        if kind == b'5' {
            if length != 0 {
                return Err(Refused::Unsafe(Some(path), "it is a folder, and has bytes".to_owned()));
            }
            if !path.ends_with('/') {
                path.push('/');
            }
        } else if path.ends_with('/') {
            return Err(Refused::Unsafe(Some(path), "it is named as a folder, and is none".to_owned()));
        }
        return Ok(Some(Head { path, length, raw }));
    }
}

fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    &field[..end]
}

fn octal(field: &[u8]) -> Option<u64> {
    let digits = std::str::from_utf8(text(field)).ok()?.trim_matches(' ');
    match digits.bytes().all(|digit| digit.is_ascii_digit()) {
        true if digits.is_empty() => Some(0),
        true => u64::from_str_radix(digits, 8).ok(),
        // Here `+7` would be a number too, and other programs take it for another.
        false => None,
    }
}

fn decimal(digits: &str) -> Option<u64> {
    digits.parse().ok().filter(|_| digits.bytes().all(|digit| digit.is_ascii_digit()))
}

/// A number in octal digits or, of long files, in bytes.
fn number(field: &[u8]) -> Option<u64> {
    match field.first() {
        Some(0x80) if field[1..4].iter().all(|byte| *byte == 0) => {
            Some(field[4..].iter().fold(0, |number, byte| number << 8 | u64::from(*byte)))
        }
        Some(0x80..) => None,
        _ => octal(field),
    }
}

/// What pax says: lines with their lengths before them.
fn pax(mut bytes: &[u8]) -> Option<Vec<(String, String)>> {
    let mut records = Vec::new();
    while !bytes.is_empty() {
        let space = bytes.iter().position(|byte| *byte == b' ')?;
        let length = usize::try_from(decimal(std::str::from_utf8(&bytes[..space]).ok()?)?).ok()?;
        let (record, rest) = bytes.split_at_checked(length)?;
        let record = std::str::from_utf8(record.get(space + 1..)?).ok()?.strip_suffix('\n')?;
        let (key, value) = record.split_once('=')?;
        records.push((key.to_owned(), value.to_owned()));
        bytes = rest;
    }
    Some(records)
}
