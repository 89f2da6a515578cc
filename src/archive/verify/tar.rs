//! A tar that came from anybody, plain or packed with Zstandard or gzip, read in one go from its beginning.
//!
//! Names may stand in the header, in the long form of GNU, or in that of pax; nothing else of these is used. What is neither file nor
//! folder is refused.

use std::cell::RefCell;
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use flate2::read::MultiGzDecoder;

use super::names::Names;
use super::zip::Open;
use super::{Bag, Refused, Visit, copy};
use crate::edition::container::{self, Tar as Writer};
use crate::edtf::Day;
use crate::packet::{Against, is_of_content, shown};
use crate::read::in_words;

/// The length of a block.
const BLOCK: usize = 512;

/// The longest name, and what pax may say of a file, in bytes.
const LONGEST: u64 = 64 * 1024;

/// The most that may stand of a file before its bytes.
const LONGEST_HEAD: usize = 4 * LONGEST as usize;

/// How many files a tar may have whatever its length, and how many bytes of the packed tar there are at the least for each more: more than
/// that of any honest file are its sums.
const ALWAYS: u64 = 100_000;
const LEAST: u64 = 32;

/// How a tar is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Plain,
    Zstandard,
    Gzip,
}

/// A tar.
pub(super) struct Tar<'a, R> {
    open: Open<'a, R>,
    packing: Packing,
    length: u64,
    /// What is wrong at the end, behind all files, which could be read.
    fault: RefCell<Option<String>>,
}

/// What the header of a file says, with its bytes.
struct Head {
    path: String,
    length: u64,
    raw: Vec<u8>,
}

/// A tar as it is unpacked.
struct Unpacked<'a> {
    from: &'a mut dyn Read,
    /// How much may still come.
    left: u64,
}

impl Read for Unpacked<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        if most == 0 && !bytes.is_empty() {
            return Err(io::Error::new(io::ErrorKind::InvalidData, BOMB));
        }
        let read = self.from.read(&mut bytes[..most])?;
        self.left -= read as u64;
        Ok(read)
    }
}

const BOMB: &str = "more would be unpacked than the archive can honestly hold";

impl<'a, R: Read + Seek> Tar<'a, R> {
    pub(super) fn open(open: Open<'a, R>, packing: Packing) -> io::Result<Self> {
        let length = open()?.seek(SeekFrom::End(0))?;
        Ok(Tar { open, packing, length, fault: RefCell::new(None) })
    }

    /// Reads all of it. `see` is given the header of each file and its bytes.
    fn read(&self, see: &mut dyn FnMut(&Head, &mut dyn Read) -> Result<(), Refused>) -> Result<u64, Refused> {
        let file = BufReader::with_capacity(super::CHUNK, (self.open)()?);
        let mut zstandard;
        let mut gzip;
        let mut plain;
        let from: &mut dyn Read = match self.packing {
            Packing::Plain => {
                plain = file;
                &mut plain
            }
            Packing::Zstandard => {
                zstandard = zstd::Decoder::with_buffer(file)?;
                &mut zstandard
            }
            Packing::Gzip => {
                gzip = MultiGzDecoder::new(file);
                &mut gzip
            }
        };
        let mut names = Names::default();
        let mut last: Option<String> = None;
        let mut from = Unpacked { from, left: super::most(self.length) };
        let mut count = 0;
        loop {
            let head = match head(&mut from, last.as_deref()) {
                Ok(Some(head)) => head,
                Ok(None) => break,
                Err(refused) => return Err(refused),
            };
            let refuse = |why: String| Refused::Unsafe(Some(head.path.clone()), why);
            names.add(&head.path).map_err(|why| refuse(why.to_owned()))?;
            count += 1;
            if count > ALWAYS + self.length / LEAST {
                return Err(refuse("with it, the tar has more files than it can honestly hold".to_owned()));
            }
            if head.length > from.left {
                return Err(refuse(format!("with it, {BOMB}")));
            }
            let mut content = from.by_ref().take(head.length);
            let seen = see(&head, &mut content);
            let failed = |error: io::Error| match is_of_content(&error) {
                true => refuse(format!("the archive cannot be unpacked from here on: {}", in_words(&error))),
                false => Refused::Io(error),
            };
            match seen {
                Err(Refused::Io(error)) => return Err(failed(error)),
                Err(refused) => return Err(refused),
                Ok(()) => {}
            }
            copy(&mut content, &mut io::sink()).map_err(failed)?;
            if content.limit() != 0 {
                return Err(refuse("it is cut off".to_owned()));
            }
            let mut padding = vec![0; padding(head.length)];
            from.read_exact(&mut padding).map_err(failed)?;
            if padding.iter().any(|byte| *byte != 0) {
                return Err(refuse("something stands behind it where nothing should".to_owned()));
            }
            last = Some(head.path);
        }
        if self.packing == Packing::Zstandard
            && let Some(fault) = frames((self.open)()?)?
        {
            *self.fault.borrow_mut() = Some(fault.to_owned());
        }
        let mut rest = Rest { length: BLOCK as u64, is_empty: true };
        let fault = match io::copy(&mut from, &mut rest) {
            Err(error) if is_of_content(&error) => {
                format!("it is damaged, or something stands after its end: {}", in_words(&error))
            }
            Err(error) => return Err(Refused::Io(error)),
            Ok(_) if !rest.is_empty => "something stands after the end of the tar".to_owned(),
            Ok(_) if rest.length < 2 * BLOCK as u64 || !rest.length.is_multiple_of(BLOCK as u64) => {
                "the end of the tar is cut off".to_owned()
            }
            Ok(_) => return Ok(rest.length),
        };
        *self.fault.borrow_mut() = Some(fault);
        Ok(rest.length)
    }

    /// What was found to be wrong behind all files when they were read.
    pub(super) fn fault(&self) -> Option<String> {
        self.fault.borrow().clone()
    }

    /// Where the archive first differs from what is written of its files by this program, and in which of them.
    pub(super) fn frame(&self, day: Day) -> Result<Option<(Option<u64>, String)>, Refused> {
        let mut place = None;
        let mut writer = Writer::new(Against::new((self.open)()?), day)?;
        let end = self.read(&mut |head, from| {
            if place.is_none() && container::head(&head.path, head.length, day)? != head.raw {
                place = Some(format!("in the header of `{}`", shown(&head.path)));
            }
            writer.file(&head.path, head.length, from)?;
            Ok(())
        })?;
        let against = writer.finish()?;
        if let Some(place) = place {
            return Ok(Some((None, place)));
        }
        if end != 2 * BLOCK as u64 {
            return Ok(Some((None, "at the end of the tar".to_owned())));
        }
        let place = "in how the files are packed, and none of them differs".to_owned();
        Ok(against.first_difference(self.length).map(|at| (Some(at), place)))
    }

    /// Whether it is packed as editions are.
    pub(super) fn is_zstandard(&self) -> bool {
        self.packing == Packing::Zstandard
    }
}

impl<R: Read + Seek> Bag for Tar<'_, R> {
    fn each(&self, visit: &mut dyn Visit) -> Result<(), Refused> {
        self.read(&mut |head, from| {
            if head.path.ends_with('/') {
                visit.folder(&head.path);
                return Ok(());
            }
            Ok(visit.file(&head.path, head.length, from)?)
        })
        .map(drop)
    }

    fn one(&self, path: &str, see: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>) -> Result<(), Refused> {
        self.read(&mut |head, from| if head.path == path { Ok(see(from)?) } else { Ok(()) }).map(drop)
    }
}

/// What is wrong with the frames of what Zstandard has packed (RFC 8878, section 3). Programs pass over some of them, whatever is in these.
fn frames(mut from: impl Read + Seek) -> io::Result<Option<&'static str>> {
    from.rewind()?;
    let mut from = BufReader::new(from);
    let mut field = |length: u64, skipped: u64| -> io::Result<u64> {
        let mut bytes = [0; 8];
        from.seek_relative(i64::try_from(skipped).unwrap_or(i64::MAX))?;
        from.read_exact(&mut bytes[..length as usize])?;
        Ok(u64::from_le_bytes(bytes))
    };
    let mut all = || {
        let mut skipped = 0;
        loop {
            if field(4, skipped)? != 0xfd2f_b528 {
                return Ok(Some("something is packed along that no program unpacks"));
            }
            let descriptor = field(1, 0)?;
            let is_single = descriptor >> 5 & 1;
            let content = match (descriptor >> 6, is_single) {
                (0, is_single) => is_single,
                (flag, _) => 1 << flag,
            };
            skipped = (1 - is_single) + [0, 1, 2, 4][(descriptor & 3) as usize] + content;
            loop {
                let block = field(3, skipped)?;
                // Of a block that is one byte again and again, only that byte is there.
                skipped = if block >> 1 & 3 == 1 { 1 } else { block >> 3 };
                if block & 1 == 1 {
                    break;
                }
            }
            skipped += (descriptor >> 2 & 1) * 4;
        }
    };
    match all() {
        // It is at its end. Where that is within a frame, unpacking it tells of that.
        Err(error) if is_of_content(&error) => Ok(None),
        found => found,
    }
}

/// What stands behind the files.
struct Rest {
    length: u64,
    is_empty: bool,
}

impl io::Write for Rest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.is_empty &= bytes.iter().all(|byte| *byte == 0);
        self.length += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn padding(length: u64) -> usize {
    (BLOCK - (length % BLOCK as u64) as usize) % BLOCK
}

/// The next header; `None` at the end.
fn head(from: &mut dyn Read, last: Option<&str>) -> Result<Option<Head>, Refused> {
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
        let sum: u64 =
            block.iter().zip(0..).map(|(byte, at)| if (148..156).contains(&at) { 32 } else { u64::from(*byte) }).sum();
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
