//! A zip that came from anybody, read in the order in which it lies there.
//!
//! A zip says everything twice, before each file and in the directory at its end, and programs do not agree which of the two they believe. So
//! both must say the same; files must lie one after the other with nothing between them; and nothing stands before the first or after
//! the end. The directory is read as a stream.

use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use flate2::Crc;
use flate2::read::DeflateDecoder;
use rayon::prelude::*;

use super::names::Names;
use super::{Bag, Refused, Visit, copy, quoted};
use crate::edition::container::{Packed, Packer, WHOLE, Zip as Writer};
use crate::edtf::Day;
use crate::packet::{Against, is_of_content, shown};
use crate::read::in_words;

/// The most files of a zip that is read.
const MOST_FILES: u64 = 10_000_000;

/// What a field of 32 bits says when the number stands elsewhere in 64.
const ELSEWHERE: u64 = u32::MAX as u64;

/// What each part of the directory begins with, read as a number of 32 bits from its lowest byte on.
const LISTED: u32 = 0x0201_4b50;

/// The length of what ends a zip.
const END: u64 = 22;

/// How far back the end of a zip may be looked for.
const FAR: u64 = 66_000;

/// How many files are packed again at once.
const AT_ONCE: usize = 256;

/// Opens a file once more, from its beginning.
pub(super) type Open<'a, R> = &'a dyn Fn() -> io::Result<R>;

/// A zip of which all that it says of itself was looked at.
pub(super) struct Zip<'a, R> {
    open: Open<'a, R>,
    length: u64,
    directory: u64,
    end: u64,
    count: u64,
}

/// A file in a zip.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) path: String,
    pub(super) length: u64,
    packed: u64,
    crc: u32,
    pub(super) is_stored: bool,
    /// Where its header begins, where its bytes begin, and where the next may begin.
    begin: u64,
    start: u64,
    next: u64,
    /// Where the directory begins and ends to speak of it.
    listed: Range<u64>,
}

fn number(bytes: &[u8], at: usize, length: usize) -> u64 {
    let digits = bytes.get(at..at + length).unwrap_or_default();
    digits.iter().rev().fold(0, |number, digit| number << 8 | u64::from(*digit))
}

/// Names the file that lies at a place, where something is wrong with what the directory says of it; what it says may be another name.
fn named<R: Read + Seek>(refused: Refused, files: &mut R, at: u64) -> io::Result<Refused> {
    let Refused::Unsafe(path, why) = refused else { return Ok(refused) };
    files.seek(SeekFrom::Start(at))?;
    let mut local = Vec::new();
    files.by_ref().take(30).read_to_end(&mut local)?;
    let mut name = Vec::new();
    files.by_ref().take(number(&local, 26, 2)).read_to_end(&mut name)?;
    let name = String::from_utf8_lossy(&name).into_owned();
    let is_file = local.starts_with(b"PK\x03\x04") && !name.is_empty();
    Ok(match path {
        None if is_file => Refused::Unsafe(Some(name), why),
        Some(path) if is_file && path != name => {
            Refused::Unsafe(Some(path), format!("{why}; where it should lie, the zip has {}", quoted(&name)))
        }
        path => Refused::Unsafe(path, why),
    })
}

fn refused<T>(why: impl Into<String>) -> Result<T, Refused> {
    Err(Refused::Unsafe(None, why.into()))
}

impl<'a, R: Read + Seek> Zip<'a, R> {
    /// Looks at all that a zip says of itself.
    pub(super) fn open(open: Open<'a, R>) -> Result<Self, Refused> {
        let mut file = open()?;
        let length = file.seek(SeekFrom::End(0))?;
        let tail_at = length.saturating_sub(FAR);
        file.seek(SeekFrom::Start(tail_at))?;
        let mut tail = Vec::new();
        file.take(FAR).read_to_end(&mut tail)?;
        let Some(at) = tail.len().checked_sub(END as usize) else {
            return refused("its end is missing: it is cut off or damaged");
        };
        let end = &tail[at..];
        if !end.starts_with(b"PK\x05\x06") || number(end, 20, 2) != 0 {
            return match tail.windows(4).rposition(|four| four == b"PK\x05\x06") {
                Some(found) if found == at => refused("its end is damaged: it says that something stands behind it"),
                Some(found) => {
                    let after = (tail.len() - found) as u64;
                    refused(format!("something stands after its end: {} bytes", after.saturating_sub(END)))
                }
                None => refused("its end is missing: it is cut off or damaged"),
            };
        }
        if [(4, 2), (6, 2)].iter().any(|(at, length)| number(end, *at, *length) != 0)
            || number(end, 8, 2) != number(end, 10, 2)
        {
            return refused("it says that it is a part of several files");
        }
        let mut said = [(number(end, 10, 2), 0xffff), (number(end, 12, 4), ELSEWHERE), (number(end, 16, 4), ELSEWHERE)];
        let mut directory_end = length - END;
        let locator = at.checked_sub(20).map(|at| &tail[at..at + 20]).filter(|found| found.starts_with(b"PK\x06\x07"));
        if let Some(locator) = locator {
            let place = number(locator, 8, 8);
            let far = place.checked_sub(tail_at).and_then(|at| usize::try_from(at).ok());
            let far = far.and_then(|at| tail.get(at..at + 56)).unwrap_or_default();
            let is_there = far.starts_with(b"PK\x06\x06") && number(far, 4, 8) == 44 && place + 56 + 20 + END == length;
            if !is_there
                || number(locator, 4, 4) != 0
                || number(far, 16, 8) != 0
                || number(far, 24, 8) != number(far, 32, 8)
            {
                return refused("what it says of itself in 64 bits (ZIP64) cannot be used");
            }
            for ((value, elsewhere), at) in said.iter_mut().zip([32, 40, 48]) {
                let large = number(far, at, 8);
                if *value != *elsewhere && *value != large {
                    return refused("what it says of itself in 64 bits (ZIP64) and in 32 does not agree");
                }
                *value = large;
            }
            directory_end = place;
        }
        let [count, size, directory] = said.map(|(value, _)| value);
        if count > MOST_FILES {
            return refused(format!("it has {count} files, and {MOST_FILES} are the most"));
        }
        if directory.checked_add(size) != Some(directory_end) {
            return refused(
                "its directory does not lie where it says: something was put before it or between, or it is damaged",
            );
        }
        let zip = Zip { open, length, directory, end: directory_end, count };
        zip.check()?;
        Ok(zip)
    }

    /// Looks at all files together.
    fn check(&self) -> Result<(), Refused> {
        let mut names = Names::default();
        let mut total: u64 = 0;
        self.each(&mut |entry| {
            let refuse = |why: &str| Err(Refused::Unsafe(Some(entry.path.clone()), why.to_owned()));
            if let Err(why) = names.add(&entry.path) {
                return refuse(why);
            }
            total = total.saturating_add(entry.length);
            if total > super::most(self.length) {
                return refuse("with it, more would be unpacked than the zip can honestly hold");
            }
            Ok(())
        })
    }

    /// All files in their order, each with what is said of it in both places compared.
    pub(super) fn each(&self, see: &mut dyn FnMut(&Entry) -> Result<(), Refused>) -> Result<(), Refused> {
        let mut directory = BufReader::new((self.open)()?);
        directory.seek(SeekFrom::Start(self.directory))?;
        let mut directory = directory.take(self.end - self.directory);
        let mut files = (self.open)()?;
        let mut at = 0;
        for _ in 0..self.count {
            let listed = self.end - directory.limit();
            let entry = self.entry(&mut directory, &mut files, at);
            let mut entry = entry.or_else(|refused| Err(named(refused, &mut files, at)?))?;
            entry.listed = listed..self.end - directory.limit();
            at = entry.next;
            see(&entry)?;
        }
        if directory.limit() != 0 {
            return refused("its directory has more in it than files");
        }
        if at != self.directory {
            return refused("something that belongs to no file stands before its directory");
        }
        Ok(())
    }

    fn entry(&self, directory: &mut impl Read, files: &mut R, at: u64) -> Result<Entry, Refused> {
        let damaged = |error: io::Error| match is_of_content(&error) {
            true => Refused::Unsafe(None, "its directory is cut off or damaged".to_owned()),
            false => Refused::Io(error),
        };
        let mut head = [0; 46];
        directory.read_exact(&mut head).map_err(damaged)?;
        let mut rest = vec![0; (number(&head, 28, 2) + number(&head, 30, 2) + number(&head, 32, 2)) as usize];
        directory.read_exact(&mut rest).map_err(damaged)?;
        let name = &rest[..number(&head, 28, 2) as usize];
        let path = String::from_utf8_lossy(name).into_owned();
        let refuse = |why: &str| Err(Refused::Unsafe(Some(path.clone()), why.to_owned()));
        if !head.starts_with(b"PK\x01\x02") {
            return refused("its directory is damaged");
        }
        let flags = number(&head, 8, 2);
        let extra = &rest[name.len()..name.len() + number(&head, 30, 2) as usize];
        let Some(extra) = Extra::read(extra) else { return refuse("what is added to its header is damaged") };
        if std::str::from_utf8(name).is_err() || !name.is_ascii() && flags & 1 << 11 == 0 && extra.name != Some(name) {
            return refuse("its name is not marked as UTF-8, and programs do not agree what it is");
        }
        if extra.name.is_some_and(|other| other != name) {
            return refuse("it has two names");
        }
        if flags & (1 | 1 << 6 | 1 << 13) != 0 || extra.is_encrypted {
            return refuse("it is encrypted");
        }
        if flags & 1 << 5 != 0 || number(&head, 34, 2) != 0 {
            return refuse("it is not a whole file");
        }
        let method = number(&head, 10, 2);
        if !matches!(method, 0 | 8) {
            return refuse(&format!("it is compressed in a way that is not known here, number {method}"));
        }
        // The sort of file stands in the upper bits of the mode; plain files and folders are the ones that cannot do anything.
        match number(&head, 38, 4) >> 16 & 0o170_000 {
            0 | 0o100_000 | 0o040_000 => {}
            0o120_000 => return refuse("it is a symbolic link, which can lead anywhere"),
            _ => return refuse("it is no plain file"),
        }
        let mut large = extra.large.unwrap_or_default().chunks_exact(8).map(|eight| number(eight, 0, 8));
        let mut said = [number(&head, 24, 4), number(&head, 20, 4), number(&head, 42, 4)];
        for value in said.iter_mut().filter(|value| **value == ELSEWHERE) {
            let Some(large) = large.next() else { return refuse("its length in 64 bits (ZIP64) is missing") };
            *value = large;
        }
        if large.next().is_some() {
            return refuse("its length stands there twice, in 32 bits and in 64 (ZIP64)");
        }
        let [length, packed, begin] = said;
        if method == 0 && packed != length {
            return refuse("it is stored as it is, and has two lengths");
        }
        if path.ends_with('/') && length != 0 {
            return refuse("it is named as a folder, and has bytes");
        }
        if begin != at {
            return refuse(if begin < at {
                "it lies over another file in the zip, or out of order"
            } else {
                "something that belongs to no file stands before it in the zip"
            });
        }
        let crc = number(&head, 16, 4) as u32;
        let mut entry = Entry {
            path: path.clone(),
            length,
            packed,
            crc,
            is_stored: method == 0,
            begin,
            start: 0,
            next: 0,
            listed: 0..0,
        };
        let cut = |error: io::Error| match is_of_content(&error) {
            true => Refused::Unsafe(Some(path.clone()), "it is cut off".to_owned()),
            false => Refused::Io(error),
        };
        files.seek(SeekFrom::Start(begin))?;
        let mut local = [0; 30];
        files.read_exact(&mut local).map_err(cut)?;
        let mut rest = vec![0; (number(&local, 26, 2) + number(&local, 28, 2)) as usize];
        files.read_exact(&mut rest).map_err(cut)?;
        let own = number(&local, 26, 2) as usize;
        let Some(own_extra) = Extra::read(&rest[own..]) else {
            return refuse("what is added to its header is damaged");
        };
        let is_streamed = flags & 1 << 3 != 0;
        let same =
            |here: usize, there: usize, length: usize| number(&local, here, length) == number(&head, there, length);
        let sizes = || {
            let mut large = own_extra.large.unwrap_or_default().chunks_exact(8).map(|eight| number(eight, 0, 8));
            let (long, short) = (number(&local, 22, 4), number(&local, 18, 4));
            match own_extra.large {
                Some(_) if long == ELSEWHERE || short == ELSEWHERE => {
                    [long, short].map(|value| if value == ELSEWHERE { large.next().unwrap_or_default() } else { value })
                }
                _ => [long, short],
            }
        };
        let agrees = local.starts_with(b"PK\x03\x04")
            && rest[..own] == *name
            && same(6, 8, 2)
            && same(8, 10, 2)
            && same(10, 12, 4)
            && own_extra.name.is_none_or(|other| other == name)
            && (is_streamed || same(14, 16, 4) && sizes() == [length, packed]);
        if !agrees {
            return refuse("what stands before it and what the directory of the zip says of it does not agree");
        }
        entry.start = begin + 30 + rest.len() as u64;
        entry.next = match entry.start.checked_add(packed) {
            Some(next) if next <= self.directory => next,
            _ => return refuse("it reaches into the directory of the zip"),
        };
        if is_streamed {
            files.seek(SeekFrom::Start(entry.next))?;
            let mut after = Vec::new();
            files.by_ref().take(24).read_to_end(&mut after)?;
            let Some(taken) = descriptor(&after, &entry) else {
                return refuse("what stands behind it and what the directory of the zip says of it does not agree");
            };
            entry.next += taken;
        }
        Ok(entry)
    }

    /// Unpacks a file; the inner error says why it cannot be.
    pub(super) fn unpack(
        &self,
        entry: &Entry,
        see: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>,
    ) -> io::Result<Result<(), String>> {
        let mut file = (self.open)()?;
        file.seek(SeekFrom::Start(entry.start))?;
        // Most files are short.
        let room = usize::try_from(entry.packed).unwrap_or(super::CHUNK).clamp(512, super::CHUNK);
        let mut raw = BufReader::with_capacity(room, file).take(entry.packed);
        let mut summed = Summed { from: &mut io::empty(), crc: Crc::new(), length: 0 };
        let (result, used);
        if entry.is_stored {
            summed.from = &mut raw;
            result = see(&mut summed).and_then(|()| copy(&mut summed, &mut io::sink()));
            used = summed.length;
        } else {
            let mut inflated = DeflateDecoder::new(&mut raw);
            {
                let mut limited = inflated.by_ref().take(entry.length.saturating_add(1));
                let mut inner = Summed { from: &mut limited, crc: Crc::new(), length: 0 };
                result = see(&mut inner).and_then(|()| copy(&mut inner, &mut io::sink()));
                (summed.crc, summed.length) = (inner.crc, inner.length);
            }
            used = inflated.total_in();
        }
        match result {
            Err(error) if is_of_content(&error) => {
                return Ok(Err(format!("it cannot be unpacked: {}", in_words(&error))));
            }
            Err(error) => return Err(error),
            Ok(()) => {}
        }
        Ok(if summed.length != entry.length {
            Err(format!("it has another length than the {} bytes that the zip says", entry.length))
        } else if used != entry.packed {
            Err("something stands behind its packed bytes".to_owned())
        } else if summed.crc.sum() != entry.crc {
            Err("its sum in the zip (CRC-32) is not that of its bytes".to_owned())
        } else {
            Ok(())
        })
    }

    /// Where the zip first differs from what is written of its files by this program, and in which of them.
    pub(super) fn frame(&self, day: Day) -> Result<Option<(u64, String)>, Refused> {
        let against = BufWriter::with_capacity(2 * super::CHUNK, Against::new((self.open)()?));
        let mut writer = Writer::new(against, io::Cursor::new(Vec::new()), day);
        let mut broken = None;
        let mut some = Vec::new();
        let mut length = 0;
        self.each(&mut |entry| {
            let unpacked = if entry.length > WHOLE {
                pack_again(&mut some, &mut writer)?;
                let mut write = |from: &mut dyn Read| writer.again(&entry.path, entry.length, from, entry.is_stored);
                self.unpack(entry, &mut write)?
            } else {
                let mut bytes = Vec::new();
                let unpacked = self.unpack(entry, &mut |from| copy(from, &mut bytes))?;
                length += bytes.len() as u64;
                some.push((entry.path.clone(), bytes, entry.is_stored));
                if length > WHOLE || some.len() >= AT_ONCE {
                    pack_again(&mut some, &mut writer)?;
                    length = 0;
                }
                unpacked
            };
            match unpacked {
                Ok(()) => Ok(()),
                Err(why) => {
                    broken = Some(entry.clone());
                    Err(Refused::Unsafe(Some(entry.path.clone()), why))
                }
            }
        })
        .or_else(|refused| if broken.is_some() { Ok(()) } else { Err(refused) })?;
        if let Some(entry) = broken {
            return Ok(Some((entry.begin, format!("in `{}`", shown(&entry.path)))));
        }
        pack_again(&mut some, &mut writer)?;
        let against = writer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        let Some(at) = against.first_difference(self.length) else { return Ok(None) };
        let mut place = "in the end of the zip, behind what it says of files".to_owned();
        self.each(&mut |entry| {
            if (entry.begin..entry.next).contains(&at) {
                let header = if at < entry.start { "in the header of" } else { "in" };
                place = format!("{header} `{}`", shown(&entry.path));
            } else if entry.listed.contains(&at) {
                place = format!("in what the directory at its end says of `{}`", shown(&entry.path));
            }
            Ok(())
        })?;
        Ok(Some((at, place)))
    }
}

impl<R: Read + Seek> Bag for Zip<'_, R> {
    fn each(&self, visit: &mut dyn Visit) -> Result<(), Refused> {
        Zip::each(self, &mut |entry| {
            if entry.path.ends_with('/') {
                visit.folder(&entry.path);
                return Ok(());
            }
            if let Err(why) = self.unpack(entry, &mut |from| visit.file(&entry.path, entry.length, from))? {
                visit.broken(&entry.path, &why);
            }
            Ok(())
        })
    }

    fn one(&self, path: &str, see: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>) -> Result<(), Refused> {
        Zip::each(self, &mut |entry| {
            if entry.path == path
                && let Err(why) = self.unpack(entry, see)?
            {
                return Err(Refused::Unsafe(Some(path.to_owned()), why));
            }
            Ok(())
        })
    }
}

/// Packs files again, some at once, and writes them in their order. Of each: its path, its bytes, and whether it lay there as it is.
fn pack_again<W: Write + Seek, S: Read + Write + Seek>(
    some: &mut Vec<(String, Vec<u8>, bool)>,
    writer: &mut Writer<W, S>,
) -> io::Result<()> {
    let pack = |packer: &mut Packer, (path, bytes, is_stored)| Packed::again(packer, path, bytes, is_stored);
    let packed: Vec<Packed> = some.par_drain(..).map_init(Packer::new, pack).collect::<io::Result<_>>()?;
    packed.iter().try_for_each(|file| writer.put(file))
}

/// What stands behind a file whose length was not known when it was written: in one of the four forms that there are.
fn descriptor(after: &[u8], entry: &Entry) -> Option<u64> {
    for mark in [&b"PK\x07\x08"[..], b""] {
        for size in [4, 8] {
            let mut expected = mark.to_vec();
            expected.extend(entry.crc.to_le_bytes());
            expected.extend(&entry.packed.to_le_bytes()[..size]);
            expected.extend(&entry.length.to_le_bytes()[..size]);
            if after.starts_with(&expected) {
                return Some(expected.len() as u64);
            }
        }
    }
    None
}

/// What is added to a header.
#[derive(Default)]
struct Extra<'a> {
    large: Option<&'a [u8]>,
    name: Option<&'a [u8]>,
    is_encrypted: bool,
}

impl<'a> Extra<'a> {
    fn read(mut bytes: &'a [u8]) -> Option<Self> {
        let mut extra = Extra::default();
        while !bytes.is_empty() {
            let (head, rest) = bytes.split_at_checked(4)?;
            let (field, rest) = rest.split_at_checked(number(head, 2, 2) as usize)?;
            match number(head, 0, 2) {
                1 if extra.large.is_some() || field.len() % 8 != 0 => return None,
                1 => extra.large = Some(field),
                0x7075 => extra.name = Some(field.get(5..)?),
                0x9901 | 0x0017 => extra.is_encrypted = true,
                _ => {}
            }
            bytes = rest;
        }
        Some(extra)
    }
}

/// Comes to the sum and the length of what is read.
struct Summed<'a> {
    from: &'a mut dyn Read,
    crc: Crc,
    length: u64,
}

impl Read for Summed<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(bytes)?;
        self.crc.update(&bytes[..read]);
        self.length += read as u64;
        Ok(read)
    }
}

/// The names in a zip, as far as they can be had, to tell what it may be; nothing of it is trusted. Where a part of the directory is damaged,
/// it goes on with the next that begins as one.
pub(super) fn names<R: Read + Seek>(open: Open<'_, R>, see: &mut dyn FnMut(&str)) -> io::Result<()> {
    let mut file = open()?;
    let length = file.seek(SeekFrom::End(0))?;
    let tail_at = length.saturating_sub(FAR);
    file.seek(SeekFrom::Start(tail_at))?;
    let mut tail = Vec::new();
    file.by_ref().take(FAR).read_to_end(&mut tail)?;
    file.rewind()?;
    let mut local = [0; 30];
    if file.read_exact(&mut local).is_ok() {
        let mut name = Vec::new();
        file.by_ref().take(number(&local, 26, 2)).read_to_end(&mut name)?;
        see(&String::from_utf8_lossy(&name));
    }
    file.seek(SeekFrom::Start(directory(&tail, tail_at)))?;
    let mut directory = BufReader::new(file);
    let mut word = 0;
    loop {
        let bytes = directory.fill_buf()?;
        if bytes.is_empty() {
            return Ok(());
        }
        let found = bytes.iter().position(|byte| {
            word = word >> 8 | u32::from(*byte) << 24;
            word == LISTED
        });
        let used = found.map_or(bytes.len(), |last| last + 1);
        directory.consume(used);
        if found.is_some() {
            let mut said = Vec::new();
            directory.by_ref().take(42).read_to_end(&mut said)?;
            let own = directory.by_ref().take(number(&said, 24, 2)).read_to_end(&mut said)?;
            see(&String::from_utf8_lossy(&said[said.len() - own..]));
            // How long it says to be may be what is damaged.
            directory.seek_relative(-(said.len() as i64))?;
        }
    }
}

/// Where the directory of a zip may begin, from the last bytes of that.
fn directory(tail: &[u8], tail_at: u64) -> u64 {
    let Some(at) = tail.windows(4).rposition(|four| four == b"PK\x05\x06") else { return tail_at };
    let far =
        tail.windows(4).rposition(|four| four == b"PK\x06\x06").filter(|_| number(&tail[at..], 16, 4) == ELSEWHERE);
    // By its length, since something may have been put before all of it; or where it says, in case that the length is damaged.
    let (end, size, said) = match far {
        Some(far) => (far, number(&tail[far..], 40, 8), number(&tail[far..], 48, 8)),
        None => (at, number(&tail[at..], 12, 4), number(&tail[at..], 16, 4)),
    };
    (tail_at + end as u64).saturating_sub(size).min(said)
}
