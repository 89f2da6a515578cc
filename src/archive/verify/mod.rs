//! Checking an archive or a folder that came from anybody: whether it is safe to unpack, whether it keeps the rules of its form, whether
//! it is whole and unchanged, and, of an edition, whether it is what was sealed.
//!
//! Files are read as streams; of each, its path, its length and its SHA-256 are kept, and of short files about the bag what they say.

mod bagit;
mod beside;
mod edition;
mod frames;
mod heads;
mod names;
mod tar;
mod trust;
mod wacz;
mod zip;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read, Seek, Write};

use sha2::{Digest, Sha256};

use crate::edition::{Before, SEAL};
use crate::edtf::Day;
use crate::packet::{self, Checked, Held, is_of_content, shown};
use crate::read::in_words;

pub(super) use self::edition::about_of;
use self::tar::{Damage, Packing, Tar};
use self::zip::Zip;

pub use self::beside::{Beside, add_beside, beside};
pub use self::trust::{Trusted, beside_path, check_beside, is_beside_name};

/// How much is read at a time.
const CHUNK: usize = 128 * 1024;

/// How much longer than the archive all that is in it may be: the best that Deflate can do, and far more than pages come to.
const MOST_GROWTH: u64 = 1000;

/// What may be unpacked of a short archive.
const ALWAYS: u64 = 16 << 20;

/// The longest file about a bag that is kept, and how much of them in all.
const LONGEST_KEPT: u64 = 4 << 20;
const MOST_KEPT: u64 = 64 << 20;

/// The files about a bag whose words count, by their paths in it, or the beginnings of these.
const KEPT: [&str; 8] = [
    "bagit.txt",
    "bag-info.txt",
    "package-info.txt",
    "fetch.txt",
    "README.txt",
    "edition/seal.txt",
    "edition/removed.txt",
    "data/ro-crate-metadata.json",
];

/// How many things are told of an archive; of others only how many there are.
const MOST_TOLD: usize = 10_000;

/// How much may be unpacked of an archive of a length.
fn most(length: u64) -> u64 {
    length.saturating_mul(MOST_GROWTH).max(ALWAYS)
}

/// What else is asked of an archive.
#[derive(Debug, Default)]
pub struct Asked {
    /// The edition before, as it is at hand.
    pub previous: Option<Before>,
    /// Whose signatures and timestamps count.
    pub trusted: Trusted,
}

/// Why an archive is not read further.
#[derive(Debug)]
pub enum Refused {
    /// The system could not read it.
    Io(io::Error),
    /// It is damaged, or was made to do harm: with which of its files, and what is wrong.
    Unsafe(Option<String>, String),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Refused::Io(error)
    }
}

/// Looks at the files of a bag, one after the other.
pub trait Visit {
    /// A folder, with a slash at its end.
    fn folder(&mut self, path: &str);
    /// A file, with its length and its bytes.
    fn file(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()>;
    /// A file that cannot be read, and why; some of it may have been seen.
    fn broken(&mut self, path: &str, why: &str);
}

/// Where the files of a bag lie.
pub trait Bag {
    /// Shows all files, always in the same order.
    fn each(&self, visit: &mut dyn Visit) -> Result<(), Refused>;
    /// Shows one file.
    fn one(&self, path: &str, see: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>) -> Result<(), Refused>;
}

/// Checks an archive. `open` opens the file, which is read several times; `None` says that it is nothing that can be verified.
pub fn verify<R: Read + Seek>(open: &dyn Fn() -> io::Result<R>, asked: &Asked) -> io::Result<Option<Checked>> {
    let mut head = Vec::new();
    open()?.take(512).read_to_end(&mut head)?;
    // One byte of what a file is known by may be what was changed.
    let is_nearly = |magic: [u8; 4]| head.iter().zip(magic).filter(|(found, byte)| *found == byte).count() >= 3;
    let packing = match head.as_slice() {
        _ if is_nearly(*b"PK\x03\x04") || is_nearly(*b"PK\x05\x06") => return verify_zip(open, asked),
        _ if is_nearly([0x28, 0xb5, 0x2f, 0xfd]) => Packing::Zstandard,
        [0x1f, 0x8b, ..] => Packing::Gzip,
        _ if head.get(257..262) == Some(b"ustar") => Packing::Plain,
        // What does not begin as a zip may be one that somebody has put something before.
        _ => return packet::verify(open),
    };
    let tar = Tar::open(open, packing)?.tolerant();
    let mut look = match Look::new(&tar) {
        Ok(look) => look,
        Err(Refused::Io(error)) => return Err(error),
        Err(Refused::Unsafe(file, why)) => return Ok(Some(refused("bag", file.as_deref(), &why))),
    };
    look.damages = tar.damages();
    if !look.is_bag() {
        return Ok(None);
    }
    let count = look.files.len();
    let is_whole = look.damages.is_empty() && tar.fault().is_none();
    match tar.fault() {
        None if !is_whole => {}
        None => look.say("container", Held::Yes, None, &format!("the tar is safe to unpack; it has {count} files")),
        Some(why) => look.no("container", None, &why),
    }
    let sealed = look.check(asked)?;
    look.tell_damages();
    if let Some(day) = sealed.filter(|_| is_whole) {
        if tar.is_zstandard() {
            look.frame(tar.frame(day))?;
        } else {
            look.say(
                "frame",
                Held::Open,
                None,
                "it was packed again in another way than editions are; that was not looked at",
            );
        }
    }
    Ok(Some(look.checked))
}

fn verify_zip<R: Read + Seek>(open: &dyn Fn() -> io::Result<R>, asked: &Asked) -> io::Result<Option<Checked>> {
    let (mut is_bag, mut is_web_archive, mut is_packet) = (false, false, false);
    zip::names(open, &mut |name| {
        let inner = name.split_once('/').map_or("", |(_, inner)| inner);
        is_bag |= [name, inner].iter().any(|path| *path == "bagit.txt" || path.starts_with("data/"));
        is_web_archive |= name == "datapackage.json" || name == "datapackage-digest.json";
        is_packet |= name == "evidence.json" || name == "SHA256SUMS";
    })?;
    if is_packet && !is_bag && !is_web_archive {
        return packet::verify(open);
    }
    let zip = match Zip::open(open) {
        Ok(zip) => zip,
        Err(Refused::Io(error)) => return Err(error),
        Err(Refused::Unsafe(file, why)) if is_bag || is_web_archive => {
            return Ok(Some(refused(if is_bag { "bag" } else { "web-archive" }, file.as_deref(), &why)));
        }
        Err(Refused::Unsafe(..)) => return packet::verify(open),
    };
    let mut look = match Look::new(&zip) {
        Ok(look) => look,
        Err(Refused::Io(error)) => return Err(error),
        Err(Refused::Unsafe(file, why)) => return Ok(Some(refused("bag", file.as_deref(), &why))),
    };
    let count = look.files.len();
    look.say("container", Held::Yes, None, &format!("the zip is safe to unpack; it has {count} files"));
    let sealed = if look.is_bag() {
        look.check(asked)?
    } else if is_web_archive {
        wacz::check(&mut look)?
    } else {
        return Ok(None);
    };
    if let Some(day) = sealed {
        let differs = zip.frame(day).map(|found| found.map(|(at, place)| (Some(at), place)));
        look.frame(differs)?;
    }
    Ok(Some(look.checked))
}

/// Opens an archive of an edition, to read it as a bag.
pub(super) fn open_bag<'a, R: Read + Seek>(open: &'a dyn Fn() -> io::Result<R>) -> Result<Box<dyn Bag + 'a>, Refused> {
    let mut head = Vec::new();
    open()?.take(4).read_to_end(&mut head)?;
    match head.as_slice() {
        [0x28, 0xb5, 0x2f, 0xfd] => Ok(Box::new(Tar::open(open, Packing::Zstandard)?)),
        _ => Ok(Box::new(Zip::open(open)?)),
    }
}

/// Checks a bag that lies unpacked; `None` says that it is none.
pub fn verify_folder(bag: &dyn Bag, asked: &Asked) -> io::Result<Option<Checked>> {
    let mut look = match Look::new(bag) {
        Ok(look) => look,
        Err(Refused::Io(error)) => return Err(error),
        Err(Refused::Unsafe(file, why)) => return Ok(Some(refused("bag", file.as_deref(), &why))),
    };
    if !look.is_bag() || !look.top.is_empty() {
        return Ok(None);
    }
    let mut names = names::Names::default();
    let paths: Vec<String> = look.files.keys().cloned().collect();
    for path in paths {
        if let Err(why) = names.add(&path) {
            look.say("container", Held::Open, Some(&path), &format!("it can be a trouble elsewhere: {why}"));
        }
    }
    look.check(asked)?;
    Ok(Some(look.checked))
}

/// What is told of an archive that is not read.
fn refused(kind: &'static str, file: Option<&str>, why: &str) -> Checked {
    let mut checked = Checked { kind, subject: None, checks: Vec::new() };
    checked.say("container", Held::No, file, why);
    checked
}

/// A file of a bag.
struct Found {
    length: u64,
    sha256: [u8; 32],
    /// Which of the bag's manifests list it, each by a bit.
    listed: u32,
    is_broken: bool,
    /// Whether the edition's manifest lists it.
    is_sealed: bool,
}

/// A bag whose files were all read once.
struct Look<'a> {
    bag: &'a dyn Bag,
    /// The folder in which the bag lies in an archive, with a slash at its end.
    top: String,
    files: BTreeMap<String, Found>,
    folders: BTreeSet<String>,
    kept: BTreeMap<String, Vec<u8>>,
    broken: usize,
    /// How many things that differ were not told any more.
    untold: u64,
    /// Parts of the archive that are damaged, and the files that each took with it.
    damages: Vec<Damage>,
    lost: Vec<(usize, String)>,
    checked: Checked,
}

impl<'a> Look<'a> {
    fn new(bag: &'a dyn Bag) -> Result<Self, Refused> {
        let mut read = First::default();
        bag.each(&mut read)?;
        let checked = Checked { kind: "bag", subject: None, checks: Vec::new() };
        let First { files, folders, kept, broken, .. } = read;
        let mut look = Look {
            bag,
            top: String::new(),
            files,
            folders,
            kept,
            broken: broken.len(),
            untold: 0,
            damages: Vec::new(),
            lost: Vec::new(),
            checked,
        };
        for (path, why) in broken {
            look.no("files", Some(&path), &why);
            if let Some(found) = look.files.get_mut(&path) {
                found.is_broken = true;
            }
        }
        look.top = look.find_top();
        look.name_by_top();
        Ok(look)
    }

    /// The folder of the bag, where it does not lie at the top.
    fn find_top(&self) -> String {
        let is_at = |top: &str| {
            let has_list = || {
                let list = format!("{top}manifest-");
                self.files.range(list.clone()..).next().is_some_and(|(path, _)| path.starts_with(&list))
            };
            ["bagit.txt", "edition/seal.txt"].iter().any(|path| self.files.contains_key(&format!("{top}{path}")))
                || has_list()
        };
        if is_at("") {
            return String::new();
        }
        let tops: BTreeSet<&str> =
            self.files.keys().filter_map(|path| path.find('/').map(|end| &path[..=end])).collect();
        tops.iter().find(|top| is_at(top)).map(|top| (*top).to_owned()).unwrap_or_default()
    }

    /// Names all files by their paths in the bag.
    fn name_by_top(&mut self) {
        if self.top.is_empty() {
            return;
        }
        let top = self.top.clone();
        let inner = |path: &str| path.strip_prefix(&top).map(str::to_owned);
        let mut outside = Vec::new();
        for (path, found) in std::mem::take(&mut self.files) {
            match inner(&path) {
                Some(inner) => drop(self.files.insert(inner, found)),
                None => outside.push(path),
            }
        }
        self.folders = self.folders.iter().filter_map(|path| inner(path)).collect();
        self.kept = std::mem::take(&mut self.kept)
            .into_iter()
            .filter_map(|(path, bytes)| Some((inner(&path)?, bytes)))
            .collect();
        for path in outside {
            self.no("files", Some(&path), "it was added: it lies outside of the folder of the bag");
        }
    }

    /// Whether it can be taken for a bag.
    fn is_bag(&self) -> bool {
        let is_list = |path: &&String| path.starts_with("manifest-") && path.ends_with(".txt");
        self.files.contains_key("bagit.txt")
            || self.files.contains_key("edition/seal.txt")
            // What tells may have been lost.
            || !self.damages.is_empty() && self.files.keys().any(|path| path.contains("/data/"))
            || self.files.keys().any(|path| is_list(&path))
                && self.files.keys().any(|path| path.starts_with(bagit::PAYLOAD))
    }

    /// Checks it as a bag, and as an edition where it is one; gives the day of the edition.
    fn check(&mut self, asked: &Asked) -> io::Result<Option<Day>> {
        bagit::check(self)?;
        let day = edition::check(self, asked)?;
        if self.untold > 0 {
            let says = format!("{} more things differ, which are not told one by one", self.untold);
            self.checked.say("files", Held::No, None, says);
        }
        Ok(day)
    }

    /// Whether a file is there and could be read to its end.
    fn is_whole(&self, path: &str) -> bool {
        self.files.get(path).is_some_and(|found| !found.is_broken)
    }

    /// The path of a file in the archive.
    fn full(&self, path: &str) -> String {
        format!("{}{path}", self.top)
    }

    /// What is said of a file that is listed in `list` and was not met. Where it may have gone with a part of the archive that is damaged, it
    /// counts as one that was met and is broken.
    fn missing(&mut self, path: &str, list: &str) -> String {
        let full = self.full(path);
        let Some(at) = self.damages.iter().position(|damage| damage.holds(&full)) else {
            return format!("it is missing: {list}");
        };
        let Damage { begin, end, .. } = self.damages[at];
        self.lost.push((at, full));
        self.broken += 1;
        let found = Found { length: 0, sha256: [0; 32], listed: 0, is_broken: true, is_sealed: false };
        self.files.insert(path.to_owned(), found);
        format!("it lies in what is damaged, bytes {begin} to {} of the archive, and cannot be read: {list}", end - 1)
    }

    /// Tells of the parts of the archive that are damaged.
    fn tell_damages(&mut self) {
        for (at, damage) in self.damages.clone().into_iter().enumerate() {
            let Damage { begin, end, why, first, .. } = &damage;
            let lost: Vec<&String> = self.lost.iter().filter(|(of, _)| *of == at).map(|(_, path)| path).collect();
            let took = match (&lost[..], first) {
                ([], None) if damage.before.is_none() => "it is the end of the tar, and no file lies there".to_owned(),
                ([], None) => match &damage.after {
                    Some(after) => {
                        format!("it begins in {} or behind it, and takes no other file with it", quoted(after))
                    }
                    None => "no file that is listed lies there".to_owned(),
                },
                ([], Some(first)) => format!(
                    "what lies there, from {} on, could be read, and each file was compared with what is listed",
                    quoted(first)
                ),
                ([one], _) => format!("with it goes {}", quoted(one)),
                ([first, .., last], _) => {
                    format!("with it go {} files, from {} to {}", lost.len(), quoted(first), quoted(last))
                }
            };
            self.no("container", None, &format!("bytes {begin} to {} are damaged ({why}); {took}", end - 1));
        }
    }

    fn say(&mut self, about: &'static str, held: Held, file: Option<&str>, says: &str) {
        if self.checked.checks.len() < MOST_TOLD || file.is_none() {
            self.checked.say(about, held, file, says);
        } else if held == Held::No {
            self.untold += 1;
        }
    }

    fn no(&mut self, about: &'static str, file: Option<&str>, says: &str) {
        self.say(about, Held::No, file, says);
    }

    /// Whether this program, in this version, has made the edition.
    fn is_by_this_version(&self) -> bool {
        let info = self.kept.get("bag-info.txt").and_then(|bytes| std::str::from_utf8(bytes).ok());
        let labels = info.and_then(|info| bagit::labels(info).ok()).unwrap_or_default();
        labels.iter().any(|(label, value)| label == "Bag-Software-Agent" && value == crate::edition::PROGRAM)
    }

    /// Tells whether the archive around the files is as it was written.
    fn frame(&mut self, found: Result<Option<(Option<u64>, String)>, Refused>) -> io::Result<()> {
        let (at, place) = match found {
            Ok(None) => {
                self.say("frame", Held::Yes, None, "around its files the archive is to the byte as it was written");
                return Ok(());
            }
            Ok(Some(found)) => found,
            Err(Refused::Io(error)) if !is_of_content(&error) => return Err(error),
            Err(Refused::Io(error)) => (None, in_words(&error)),
            Err(Refused::Unsafe(file, why)) => {
                self.no("frame", file.as_deref(), &why);
                return Ok(());
            }
        };
        let from = at.map(|at| format!("from byte {at} on, ")).unwrap_or_default();
        if self.checked.kind == "edition" && self.checked.holds() && !self.is_by_this_version() {
            let says = format!(
                "around its files the archive is not as this version of the program writes it: {from}{place}; another version made it, \
                 which may pack files otherwise"
            );
            self.say("frame", Held::Open, None, &says);
            return Ok(());
        }
        let says = format!(
            "around its files the archive is not as it was written: {from}{place}; something was changed there, or another program packed \
             the files again"
        );
        self.no("frame", None, &says);
        Ok(())
    }
}

/// Reads all files for the first time.
#[derive(Default)]
struct First {
    files: BTreeMap<String, Found>,
    folders: BTreeSet<String>,
    kept: BTreeMap<String, Vec<u8>>,
    length_kept: u64,
    broken: Vec<(String, String)>,
}

impl Visit for First {
    fn folder(&mut self, path: &str) {
        // Only whether there is a payload matters, which also stands in the paths of files.
        if path.matches('/').count() <= 2 {
            self.folders.insert(path.to_owned());
        }
    }

    fn file(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        let mut digest = Sha256::new();
        let inner = path.split_once('/').map_or("", |(_, inner)| inner);
        let is_kept = [path, inner].iter().any(|path| {
            KEPT.contains(path)
                || path.starts_with("edition/seal.txt.")
                || *path == "datapackage.json"
                || *path == "datapackage-digest.json"
        }) && length <= LONGEST_KEPT
            && self.length_kept + length <= MOST_KEPT;
        let mut kept = Vec::new();
        let mut chunk = vec![0; CHUNK.min(usize::try_from(length).unwrap_or(CHUNK) + 1)];
        loop {
            let read = from.read(&mut chunk)?;
            if read == 0 {
                break;
            }
            digest.update(&chunk[..read]);
            if is_kept {
                kept.extend_from_slice(&chunk[..read]);
            }
        }
        if is_kept {
            self.length_kept += length;
            self.kept.insert(path.to_owned(), kept);
        }
        let found = Found { length, sha256: digest.finalize().into(), listed: 0, is_broken: false, is_sealed: false };
        self.files.insert(path.to_owned(), found);
        Ok(())
    }

    fn broken(&mut self, path: &str, why: &str) {
        self.kept.remove(path);
        let found = Found { length: 0, sha256: [0; 32], listed: 0, is_broken: true, is_sealed: false };
        self.files.entry(path.to_owned()).or_insert(found);
        self.broken.push((path.to_owned(), why.to_owned()));
    }
}

/// Copies to the end, and counts nothing.
fn copy(from: &mut dyn Read, to: &mut dyn Write) -> io::Result<()> {
    io::copy(from, to).map(drop)
}

/// What a text says, as it may be printed.
fn quoted(text: &str) -> String {
    format!("`{}`", shown(text))
}
