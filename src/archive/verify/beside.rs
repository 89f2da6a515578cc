//! The seal of an edition that exists, what lies beside it, and adding to that. All else stays as it was, to the byte.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek, Write};

use sha2::{Digest, Sha256};

use super::tar::{Packing, Tar};
use super::zip::Zip;
use super::{Bag, LONGEST_KEPT, MOST_KEPT, Refused, SEAL, Visit};
use crate::archive::removed;
use crate::edition::container::Container;
use crate::edition::{Form, Hashed, Seal, bag};
use crate::edtf::Day;
use crate::text::hexadecimal;

/// The seal of an edition, and what lies beside it.
#[derive(Debug)]
pub struct Beside {
    /// The seal.
    pub seal: Seal,
    /// Its bytes, which are what is signed.
    pub text: Vec<u8>,
    /// Signatures and timestamps, by their paths in the edition.
    pub files: BTreeMap<String, Vec<u8>>,
    /// In which form the edition is.
    pub form: Form,
    day: Day,
    /// The folder in which the edition lies in the archive, with a slash at its end.
    top: String,
}

/// Opens a file once more, from its beginning.
type Open<'a, R> = &'a dyn Fn() -> io::Result<R>;

/// Reads the seal of an edition. The edition is not verified here.
pub fn beside<R: Read + Seek>(open: Open<'_, R>) -> Result<Beside, Refused> {
    let form = form(open)?;
    let mut kept = Kept::default();
    match form {
        Form::Zip => Zip::open(open)?.each_file(&mut |path, length, _, from| kept.file(path, length, from))?,
        Form::TarZst => Tar::open(open, Packing::Zstandard)?.each(&mut kept)?,
    }
    let ending = format!("/{SEAL}");
    let mut seals = kept.files.keys().filter(|path| *path == SEAL || path.ends_with(&ending));
    let (Some(path), None) = (seals.next(), seals.next()) else {
        return unfit("it is no edition: it has no seal, or more than one");
    };
    let top = path.strip_suffix(SEAL).unwrap_or_default().to_owned();
    let mut files: BTreeMap<String, Vec<u8>> =
        kept.files.into_iter().filter_map(|(path, bytes)| Some((path.strip_prefix(&top)?.to_owned(), bytes))).collect();
    let text = files.remove(SEAL).unwrap_or_default();
    let seal = std::str::from_utf8(&text).map_err(|_| "it is no text".to_owned());
    let seal = seal.and_then(|text| text.parse::<Seal>().map_err(|why| why.to_string()));
    match seal.and_then(|seal| Ok((removed::day(&seal.date).ok_or("its date is no day")?, seal))) {
        Ok((day, seal)) => Ok(Beside { seal, text, files, form, day, top }),
        Err(why) => Err(Refused::Unsafe(Some(SEAL.to_owned()), format!("it cannot be used: {why}"))),
    }
}

/// Writes an edition again with more files beside its seal, by their paths in it; those that are there already are replaced. The sums of
/// all that is no payload are made anew. `scratch` is empty.
pub fn add_beside<R: Read + Seek, W: Write + Seek, S: Read + Write + Seek>(
    open: Open<'_, R>,
    beside: &Beside,
    added: &BTreeMap<String, Vec<u8>>,
    to: W,
    scratch: S,
) -> Result<W, Refused> {
    let mut again = Again {
        top: &beside.top,
        to: Container::new(beside.form, to, scratch, beside.day),
        added: added.clone(),
        sums: BTreeMap::new(),
    };
    match beside.form {
        Form::Zip => Zip::open(open)?
            .each_file(&mut |path, length, is_stored, from| again.file(path, length, is_stored, from))?,
        Form::TarZst => Tar::open(open, Packing::Zstandard)?.each(&mut again)?,
    }
    Ok(again.finish()?)
}

/// In which form an archive is; others than editions have are refused.
fn form<R: Read>(open: Open<'_, R>) -> Result<Form, Refused> {
    let mut head = Vec::new();
    open()?.take(4).read_to_end(&mut head)?;
    match head.as_slice() {
        b"PK\x03\x04" => Ok(Form::Zip),
        [0x28, 0xb5, 0x2f, 0xfd] => Ok(Form::TarZst),
        _ => unfit("it is no edition: it is neither a zip nor a tar.zst"),
    }
}

fn unfit<T>(why: &str) -> Result<T, Refused> {
    Err(Refused::Unsafe(None, why.to_owned()))
}

/// Keeps the seal and what lies beside it.
#[derive(Default)]
struct Kept {
    files: BTreeMap<String, Vec<u8>>,
    length: u64,
}

impl Visit for Kept {
    fn folder(&mut self, _: &str) {}

    fn file(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        let inner = path.split_once('/').map_or("", |(_, inner)| inner);
        if ![path, inner].iter().any(|path| path.starts_with(SEAL)) {
            return Ok(());
        }
        self.length = self.length.saturating_add(length);
        if length > LONGEST_KEPT || self.length > MOST_KEPT {
            return Err(io::Error::other(format!("`{}` is longer than such files are", crate::packet::shown(path))));
        }
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes)?;
        self.files.insert(path.to_owned(), bytes);
        Ok(())
    }

    fn broken(&mut self, path: &str, _: &str) {
        self.files.remove(path);
    }
}

/// An edition while it is written again.
struct Again<'a, W: Write + Seek, S: Read + Write + Seek> {
    top: &'a str,
    to: Container<W, S>,
    /// What is still to be added, by its path in the edition.
    added: BTreeMap<String, Vec<u8>>,
    /// The sums of all that is no payload.
    sums: BTreeMap<String, String>,
}

impl<W: Write + Seek, S: Read + Write + Seek> Again<'_, W, S> {
    fn file(&mut self, path: &str, length: u64, is_stored: bool, from: &mut dyn Read) -> io::Result<()> {
        let Some(inner) = path.strip_prefix(self.top).filter(|inner| !inner.starts_with(bag::PAYLOAD)) else {
            return self.copy(path, length, is_stored, from);
        };
        if inner == bag::TAG_SUMS {
            return Ok(());
        }
        // Those of an edition are in the order of their paths, and stay so.
        let later = self.added.split_off(inner);
        let before = std::mem::replace(&mut self.added, later);
        before.into_iter().try_for_each(|(path, bytes)| self.put(path, &bytes))?;
        if self.added.contains_key(inner) {
            return Ok(());
        }
        let mut hashed = Hashed::new(from);
        self.copy(path, length, is_stored, &mut hashed)?;
        let sha256 = hashed.sha256();
        self.sums.insert(inner.to_owned(), sha256);
        Ok(())
    }

    fn copy(&mut self, path: &str, length: u64, is_stored: bool, from: &mut dyn Read) -> io::Result<()> {
        match &mut self.to {
            Container::Zip(zip) => zip.again(path, length, from, is_stored),
            Container::TarZst(tar) => tar.file(path, length, from),
        }
    }

    fn put(&mut self, path: String, mut bytes: &[u8]) -> io::Result<()> {
        let sha256 = hexadecimal(&Sha256::digest(bytes));
        self.to.stream(&format!("{}{path}", self.top), bytes.len() as u64, &mut bytes)?;
        self.sums.insert(path, sha256);
        Ok(())
    }

    fn finish(mut self) -> io::Result<W> {
        let rest = std::mem::take(&mut self.added);
        rest.into_iter().try_for_each(|(path, bytes)| self.put(path, &bytes))?;
        let sums: String = self.sums.iter().map(|(path, sha256)| bag::sum_line(sha256, path)).collect();
        self.put(bag::TAG_SUMS.to_owned(), sums.as_bytes())?;
        self.to.finish()
    }
}

impl<W: Write + Seek, S: Read + Write + Seek> Visit for Again<'_, W, S> {
    fn folder(&mut self, _: &str) {}

    fn file(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        self.file(path, length, false, from)
    }

    fn broken(&mut self, _: &str, _: &str) {}
}

/// What looks at a file: its path, its length, whether it lies unpacked, and its bytes.
type See<'a> = dyn FnMut(&str, u64, bool, &mut dyn Read) -> io::Result<()> + 'a;

impl<R: Read + Seek> Zip<'_, R> {
    /// Shows all files, each with whether it lies unpacked; ends at the first that cannot be unpacked.
    fn each_file(&self, see: &mut See<'_>) -> Result<(), Refused> {
        self.each(&mut |entry| {
            if entry.path.ends_with('/') {
                return Ok(());
            }
            match self.unpack(entry, &mut |from| see(&entry.path, entry.length, entry.is_stored, from))? {
                Ok(()) => Ok(()),
                Err(why) => Err(Refused::Unsafe(Some(entry.path.clone()), why)),
            }
        })
    }
}
