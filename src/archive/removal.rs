//! Taking records out of a sealed edition, which leaves a number in place of each entry that says something of them.
//!
//! Only whole files and whole fields are taken out, and none is rewritten, since each entry of the manifest stands for one of them. What a
//! record says of itself in the manifest is looked for in all other fields and in all files, in every form that [`leak`](crate::leak)
//! knows; what holds any of it goes. The seal, its signatures and its timestamps stay as they are. Lists of sums and what the edition says of
//! itself are made anew, so that nothing that went can be told by its hash.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use aho_corasick::{AhoCorasick, AhoCorasickBuilder};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::removed::{self, Removal};
use super::verify::{Bag, Refused, Visit, about_of, open_bag};
use crate::edition::container::{Container, Form};
use crate::edition::manifest::{self, Numbered};
use crate::edition::{
    About, CAPTURES, CONTENT, CRATE, Entry, Hashed, LOCK, MANIFEST, ManifestError, Oxum, Part, README, SEAL, SETTINGS,
    SITE, Seal, bag, info, readme, ro_crate,
};
use crate::edtf::Day;
use crate::leak::{Scan, Stage};
use crate::model::TakedownReason;
use crate::redact::secrets_of_published;
use crate::text::{hexadecimal, is_sha256};

/// How much of a file is looked at together, and how far pieces overlap.
const PIECE: usize = 8 << 20;
const OVERLAP: usize = 64 * 1024;

/// The longest file about an edition that is held.
const LONGEST_TAG: u64 = 4 << 20;

/// What is to be taken out.
#[derive(Clone, Debug)]
pub struct Removing<'a> {
    /// The ids of the records.
    pub records: &'a [String],
    /// The day on which that is done.
    pub on: Day,
    /// The class of reason.
    pub reason: TakedownReason,
}

/// What was taken out.
#[derive(Clone, Debug, Default)]
pub struct TakenOut {
    /// Fields of the records themselves, and of others that said something of them.
    pub own_fields: u64,
    /// See above.
    pub other_fields: u64,
    /// Files whose path tells of the records; nothing stands there now.
    pub telling_paths: u64,
    /// Files that said something of them, where a notice stands now.
    pub replaced: Vec<String>,
    /// The same, where nothing stands now.
    pub dropped: Vec<String>,
}

impl TakenOut {
    /// How many files there are of all sorts.
    pub fn files(&self) -> u64 {
        self.telling_paths + (self.replaced.len() + self.dropped.len()) as u64
    }
}

/// Why nothing was taken out.
#[derive(Debug)]
pub enum NotRemoved {
    /// The system refused.
    Io(io::Error),
    /// The archive or what was asked for does not allow it.
    Unfit(String),
}

impl From<io::Error> for NotRemoved {
    fn from(error: io::Error) -> Self {
        NotRemoved::Io(error)
    }
}

impl From<Refused> for NotRemoved {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Io(error) => NotRemoved::Io(error),
            Refused::Unsafe(file, why) => {
                NotRemoved::Unfit(file.map_or(why.clone(), |file| format!("`{file}`: {why}")))
            }
        }
    }
}

impl From<ManifestError> for NotRemoved {
    fn from(error: ManifestError) -> Self {
        match error {
            ManifestError::Io(error) => NotRemoved::Io(error),
            other => NotRemoved::Unfit(format!("`{MANIFEST}` cannot be used: {other}")),
        }
    }
}

fn unfit<T>(why: impl fmt::Display) -> Result<T, NotRemoved> {
    Err(NotRemoved::Unfit(why.to_string()))
}

/// Takes records out of an edition that was verified, and writes what is left. `open` opens the archive, which is read several times.
pub fn remove<R, W, S>(
    open: &dyn Fn() -> io::Result<R>,
    removing: &Removing<'_>,
    form: Form,
    to: W,
    scratch: [S; 3],
) -> Result<(W, TakenOut), NotRemoved>
where
    R: Read + Seek,
    W: Write + Seek,
    S: Read + Write + Seek,
{
    let bag = open_bag(open)?;
    let edition = Edition::read(&*bag)?;
    let search = Search::new(&edition, removing)?;
    edition.check_frame(&search)?;
    let gone = Gone::find(&edition, &search)?;
    Writing { edition: &edition, search: &search, gone: &gone, removing }.write(form, to, scratch)
}

/// An edition as it lies in an archive.
struct Edition<'a> {
    bag: &'a dyn Bag,
    /// The folder of the bag, with a slash at its end.
    top: String,
    /// The files that are neither payload nor lists, by their paths in the bag.
    tags: BTreeMap<String, Vec<u8>>,
    seal: Seal,
    about: About,
    /// What it says to catalogues.
    metadata: String,
}

/// Looks for the files about an edition.
#[derive(Default)]
struct Tags {
    top: Option<String>,
    files: BTreeMap<String, Vec<u8>>,
}

impl Visit for Tags {
    fn folder(&mut self, _: &str) {}

    fn file(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        let (top, inner) = path.split_once('/').unwrap_or(("", path));
        self.top.get_or_insert_with(|| format!("{top}/"));
        let is_asked = !inner.starts_with(bag::PAYLOAD) || inner == format!("{}{CRATE}", bag::PAYLOAD);
        if is_asked && length <= LONGEST_TAG && ![MANIFEST, bag::SUMS, bag::TAG_SUMS].contains(&inner) {
            let mut bytes = Vec::new();
            from.read_to_end(&mut bytes)?;
            self.files.insert(inner.to_owned(), bytes);
        }
        Ok(())
    }

    fn broken(&mut self, _: &str, _: &str) {}
}

impl<'a> Edition<'a> {
    fn read(bag: &'a dyn Bag) -> Result<Self, NotRemoved> {
        let mut tags = Tags::default();
        bag.each(&mut tags)?;
        let text = tags.files.get(SEAL).and_then(|bytes| std::str::from_utf8(bytes).ok()).unwrap_or_default();
        let seal: Seal = match text.parse() {
            Ok(seal) => seal,
            Err(why) => return unfit(format!("`{SEAL}` cannot be used: {why}")),
        };
        let metadata = tags.files.remove(&format!("{}{CRATE}", bag::PAYLOAD));
        let Some(about) = about_of(&seal, metadata.as_deref()) else { return unfit("its date is no day") };
        let metadata = String::from_utf8(metadata.unwrap_or_default()).unwrap_or_default();
        Ok(Edition { bag, top: tags.top.unwrap_or_default(), tags: tags.files, seal, about, metadata })
    }

    /// All lines of the manifest.
    fn lines(&self, see: &mut dyn FnMut(&Numbered) -> Result<(), NotRemoved>) -> Result<(), NotRemoved> {
        let mut failed = None;
        self.bag.one(&format!("{}{MANIFEST}", self.top), &mut |from| {
            let mut all = || -> Result<(), NotRemoved> {
                for line in manifest::Reader::new(BufReader::new(&mut *from))? {
                    see(&line?)?;
                }
                Ok(())
            };
            failed = all().err();
            Ok(())
        })?;
        failed.map_or(Ok(()), Err)
    }

    /// What cannot be taken out, since it is what was signed.
    fn check_frame(&self, search: &Search) -> Result<(), NotRemoved> {
        for (path, bytes) in self.tags.iter().filter(|(path, _)| path.starts_with(SEAL)) {
            if search.tells(bytes) {
                return unfit(format!(
                    "`{path}` says something of it, and what is signed stays as it is; the whole edition has to be withdrawn"
                ));
            }
        }
        if search.tells(self.top.as_bytes()) {
            return unfit(
                "the name of the folder in the archive says something of it; the whole edition has to be withdrawn",
            );
        }
        Ok(())
    }
}

/// What is looked for.
struct Search {
    records: BTreeSet<String>,
    scans: Vec<Scan>,
    /// Names of files and SHA-256 that the records name.
    files: BTreeSet<String>,
    sums: BTreeSet<String>,
}

impl Search {
    fn new(edition: &Edition<'_>, removing: &Removing<'_>) -> Result<Self, NotRemoved> {
        let records: BTreeSet<String> = removing.records.iter().cloned().collect();
        let mut found: BTreeMap<(String, String), Map<String, Value>> = BTreeMap::new();
        let mut before = 0_u64;
        edition.lines(&mut |line| {
            match &line.entry {
                Entry::Field { kind, id, key, value } if records.contains(id) => {
                    found.entry((kind.clone(), id.clone())).or_default().insert(key.clone(), value.clone());
                }
                Entry::Removed { .. } => before += 1,
                _ => {}
            }
            Ok(())
        })?;
        for record in &records {
            if !found.keys().any(|(_, id)| id == record) {
                let already = match before {
                    0 => String::new(),
                    before => format!("; {before} entries were taken out of it before, and it may be one of these"),
                };
                return unfit(format!(
                    "the edition has no record `{record}`{already}; the ids that it has stand in its `edition/manifest.jsonl`"
                ));
            }
        }
        let (mut files, mut sums) = (BTreeSet::new(), BTreeSet::new());
        for value in found.values().flat_map(Map::values) {
            each_text(value, &mut |text| {
                let name = text.rsplit('/').next().unwrap_or_default();
                let is_name = name.rsplit_once('.').is_some_and(|(stem, ending)| {
                    !stem.is_empty() && (2..=5).contains(&ending.len()) && !name.contains(char::is_whitespace)
                });
                if is_sha256(text) {
                    sums.insert(text.to_owned());
                } else if is_name && !text.contains("://") {
                    files.insert(name.to_owned());
                }
            });
        }
        let scans =
            found.iter().map(|((kind, id), fields)| Scan::new(secrets_of_published(kind, id, fields))).collect();
        let aliases = found.values().filter_map(|fields| fields.get("aliases"));
        let mut records = records;
        aliases.for_each(|aliases| each_text(aliases, &mut |alias| records.extend([alias.to_owned()])));
        Ok(Search { records, scans, files, sums })
    }

    /// Whether some bytes say something of the records.
    fn tells(&self, bytes: &[u8]) -> bool {
        self.scans.iter().any(|scan| !scan.bytes("", Stage::Machine, bytes).is_empty()) || self.leads_there(bytes)
    }

    /// Whether a page of the records is linked to.
    fn leads_there(&self, bytes: &[u8]) -> bool {
        self.records.iter().any(|id| {
            let page = format!("{id}.html");
            let is_of_other = |at: usize| {
                at.checked_sub(1)
                    .is_some_and(|at| bytes[at].is_ascii_alphanumeric() || bytes[at] == b'-' || bytes[at] == b'_')
            };
            memchr::memmem::find_iter(bytes, page.as_bytes()).any(|at| !is_of_other(at))
        })
    }

    /// Whether a path says something of them.
    fn path_tells(&self, path: &str) -> bool {
        let is_own = |part: &str| {
            let stem = part.split('.').next().unwrap_or_default();
            self.records.contains(part) || self.records.contains(stem)
        };
        path.split('/').any(is_own)
            || self.files.contains(path.rsplit('/').next().unwrap_or_default())
            || self.scans.iter().any(|scan| !scan.bytes("", Stage::Path, path.as_bytes()).is_empty())
    }

    /// Whether an entry is of the records, or says something of them.
    fn takes(&self, line: &Numbered) -> bool {
        match &line.entry {
            Entry::Field { id, .. } => self.records.contains(id) || self.tells(line.text.as_bytes()),
            _ => false,
        }
    }
}

fn each_text(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(values) => values.iter().for_each(|value| each_text(value, see)),
        Value::Object(entries) => entries.values().for_each(|value| each_text(value, see)),
        _ => {}
    }
}

/// What is taken out.
struct Gone {
    /// Files by their paths in the bag: their SHA-256, and whether the path itself tells.
    files: BTreeMap<String, (String, bool)>,
    /// What finds the SHA-256 of these.
    sums: Option<AhoCorasick>,
}

impl Gone {
    /// Files that say something of the records, and then those that name the hash of a file that goes, until there are no more.
    fn find(edition: &Edition<'_>, search: &Search) -> Result<Self, NotRemoved> {
        let mut look = Look { top: &edition.top, search, sums: None, found: BTreeMap::new() };
        edition.bag.each(&mut look)?;
        let mut files = look.found;
        loop {
            let sums =
                finder(files.values().map(|(sha256, _)| sha256.as_str()).chain(search.sums.iter().map(String::as_str)));
            let mut look = Look { top: &edition.top, search, sums: sums.as_ref(), found: files.clone() };
            edition.bag.each(&mut look)?;
            let is_done = look.found.len() == files.len();
            files = look.found;
            if is_done {
                return Ok(Gone { files, sums });
            }
        }
    }

    /// Whether some bytes name the hash of a file that goes.
    fn is_named_in(&self, bytes: &[u8]) -> bool {
        self.sums.as_ref().is_some_and(|sums| sums.is_match(bytes))
    }
}

fn finder<'a>(sums: impl Iterator<Item = &'a str>) -> Option<AhoCorasick> {
    let sums: BTreeSet<&str> = sums.collect();
    if sums.is_empty() {
        return None;
    }
    AhoCorasickBuilder::new().ascii_case_insensitive(true).build(sums).ok()
}

/// Looks through the payload.
struct Look<'a> {
    top: &'a str,
    search: &'a Search,
    /// In the first look, what the records say; then, hashes.
    sums: Option<&'a AhoCorasick>,
    found: BTreeMap<String, (String, bool)>,
}

impl Visit for Look<'_> {
    fn folder(&mut self, _: &str) {}

    fn file(&mut self, path: &str, _: u64, from: &mut dyn Read) -> io::Result<()> {
        let Some(inner) = path.strip_prefix(self.top).filter(|inner| inner.starts_with(bag::PAYLOAD)) else {
            return Ok(());
        };
        if self.found.contains_key(inner) {
            return Ok(());
        }
        let path_tells = self.sums.is_none() && self.search.path_tells(&inner[bag::PAYLOAD.len()..]);
        let mut digest = Sha256::new();
        let mut tells = path_tells;
        let mut piece = Vec::new();
        loop {
            let kept = piece.len();
            (&mut *from).take(PIECE as u64).read_to_end(&mut piece)?;
            if piece.len() == kept {
                break;
            }
            digest.update(&piece[kept..]);
            tells |= match self.sums {
                None => !tells && self.search.tells(&piece),
                Some(sums) => sums.is_match(&piece),
            };
            let from = piece.len().saturating_sub(OVERLAP);
            piece.drain(..from);
        }
        let sha256 = hexadecimal(&digest.finalize());
        if tells || self.sums.is_none() && self.search.sums.contains(&sha256) {
            self.found.insert(inner.to_owned(), (sha256, path_tells));
        }
        Ok(())
    }

    fn broken(&mut self, _: &str, _: &str) {}
}

/// Writes what is left.
struct Writing<'a> {
    edition: &'a Edition<'a>,
    search: &'a Search,
    gone: &'a Gone,
    removing: &'a Removing<'a>,
}

impl Writing<'_> {
    fn write<W, S>(&self, form: Form, to: W, scratch: [S; 3]) -> Result<(W, TakenOut), NotRemoved>
    where
        W: Write + Seek,
        S: Read + Write + Seek,
    {
        let edition = self.edition;
        let [directory, manifest, sums] = scratch;
        let metadata = format!("{}{CRATE}", bag::PAYLOAD);
        let mut about = edition.about.clone();
        let mut replaced = BTreeMap::new();
        for (path, (_, path_tells)) in &self.gone.files {
            if *path == metadata {
                // What it says of publisher and licence is what tells; the rest stands in the seal as well.
                about = About { publisher: None, licence: None, base_url: None, ..about };
                replaced.insert(path.clone(), ro_crate(&about, &self.parts()));
            } else if let Some(notice) = self.notice(path).filter(|_| !path_tells) {
                replaced.insert(path.clone(), notice);
            }
        }
        let mut payload = Payload {
            top: &edition.top,
            gone: self.gone,
            replaced: &replaced,
            container: Container::new(form, to, directory, about.day),
            sums: BufWriter::new(sums),
            oxum: Oxum::default(),
        };
        edition.bag.each(&mut payload)?;
        let Payload { mut container, sums, oxum, .. } = payload;
        let (manifest, taken) = self.manifest(manifest, &replaced)?;
        let mut removals = match edition.tags.get(removed::FILE) {
            None => Vec::new(),
            Some(bytes) => match std::str::from_utf8(bytes).ok().and_then(removed::read) {
                Some(removals) => removals,
                None => return unfit(format!("`{}` is not as such a file is written", removed::FILE)),
            },
        };
        removals.push(Removal {
            on: self.removing.on.to_string(),
            reason: self.removing.reason,
            files: self.sealed_files()?,
            fields: taken.own_fields + taken.other_fields,
        });
        let mut tags: BTreeMap<String, Made<S>> = BTreeMap::new();
        for (path, bytes) in edition.tags.iter().filter(|(path, _)| path.starts_with(SEAL)) {
            tags.insert(path.clone(), Made::Bytes(bytes.clone()));
        }
        for (path, text) in [
            (README, readme::page(&about)),
            (bag::INFO, info(&about, oxum)),
            (bag::DECLARATION, bag::DECLARED.to_owned()),
            (removed::FILE, removed::to_text(&removals)),
        ] {
            if self.search.tells(text.as_bytes()) || self.gone.is_named_in(text.as_bytes()) {
                return unfit(format!("`{path}` would say something of it; the whole edition has to be withdrawn"));
            }
            tags.insert(path.to_owned(), Made::Bytes(text.into_bytes()));
        }
        for (path, text) in &replaced {
            if self.search.tells(text.as_bytes()) {
                return unfit(format!(
                    "what would stand at `{path}` says something of it; the whole edition has to be withdrawn"
                ));
            }
        }
        tags.insert(MANIFEST.to_owned(), Made::Stream(manifest));
        tags.insert(bag::SUMS.to_owned(), Made::Stream(sums.into_inner().map_err(io::IntoInnerError::into_error)?));
        let mut list = String::new();
        for (path, made) in tags {
            let full = format!("{}{path}", edition.top);
            let sha256 = match made {
                Made::Bytes(bytes) => {
                    container.stream(&full, bytes.len() as u64, &mut bytes.as_slice())?;
                    hexadecimal(&Sha256::digest(&bytes))
                }
                Made::Stream(mut from) => {
                    let length = from.seek(io::SeekFrom::End(0))?;
                    from.rewind()?;
                    let mut hashed = Hashed::new(&mut from);
                    container.stream(&full, length, &mut hashed)?;
                    hashed.sha256()
                }
            };
            list.push_str(&bag::sum_line(&sha256, &path));
        }
        let path = format!("{}{}", edition.top, bag::TAG_SUMS);
        container.stream(&path, list.len() as u64, &mut list.as_bytes())?;
        Ok((container.finish()?, taken))
    }

    /// How many of the files that go have an entry of their own, and are not notices of an earlier removal.
    fn sealed_files(&self) -> Result<u64, NotRemoved> {
        let mut files = 0;
        self.edition.lines(&mut |line| {
            files += u64::from(matches!(&line.entry, Entry::File { path, .. } if self.gone.files.contains_key(path)));
            Ok(())
        })?;
        Ok(files)
    }

    /// The manifest of what is left.
    fn manifest<S: Write>(&self, to: S, replaced: &BTreeMap<String, String>) -> Result<(S, TakenOut), NotRemoved> {
        let mut writer = manifest::Writer::new(BufWriter::new(to), self.edition.about.header.clone(), None)?;
        let mut taken = TakenOut::default();
        let mut notices: BTreeMap<String, (u64, String)> = BTreeMap::new();
        self.edition.lines(&mut |line| {
            match &line.entry {
                Entry::File { path, .. } if self.gone.files.contains_key(path) => writer.removed(line)?,
                Entry::Field { id, .. } if self.search.takes(line) || self.gone.is_named_in(line.text.as_bytes()) => {
                    match self.search.records.contains(id) {
                        true => taken.own_fields += 1,
                        false => taken.other_fields += 1,
                    }
                    writer.removed(line)?;
                }
                Entry::Notice { path, bytes, sha256 } => {
                    if !self.gone.files.contains_key(path) {
                        notices.insert(path.clone(), (*bytes, sha256.clone()));
                    }
                }
                _ => writer.again(line)?,
            }
            Ok(())
        })?;
        for (path, text) in replaced {
            notices.insert(path.clone(), (text.len() as u64, hexadecimal(&Sha256::digest(text))));
        }
        for (path, (bytes, sha256)) in &notices {
            writer.notice(path, *bytes, sha256)?;
        }
        let (to, seal) = writer.finish()?;
        if seal != self.edition.seal {
            return unfit("what is left does not come to the seal; its manifest is not as this program writes it");
        }
        for (path, (_, path_tells)) in &self.gone.files {
            match (path_tells, replaced.contains_key(path)) {
                (true, _) => taken.telling_paths += 1,
                (false, true) => taken.replaced.push(path.clone()),
                (false, false) => taken.dropped.push(path.clone()),
            }
        }
        Ok((to.into_inner().map_err(io::IntoInnerError::into_error)?, taken))
    }

    /// The parts of the payload, as the edition tells of them.
    fn parts(&self) -> Vec<Part> {
        let all = [CAPTURES, CONTENT, SETTINGS, LOCK].into_iter().chain(SITE);
        all.filter(|part| self.edition.metadata.contains(&format!("\"{}\"", part.path))).collect()
    }

    /// What stands where a file was; `None` of files that are no text.
    fn notice(&self, path: &str) -> Option<String> {
        let Removing { on, reason, .. } = self.removing;
        let says = format!(
            "What stood here was taken out of this edition on {on}. The class of reason is: {}.",
            reason.word()
        );
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        match ending {
            "html" => Some(format!(
                "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"robots\" content=\"noindex\">\n\
                 <meta name=\"viewport\" content=\"width=device-width\">\n<title>Taken out</title>\n<p>{says}</p>\n</html>\n"
            )),
            "txt" | "md" => Some(format!("{says}\n")),
            "json" | "jsonl" => Some(format!("{}\n", json!({ "notice": says }))),
            _ => None,
        }
    }
}

enum Made<S> {
    Bytes(Vec<u8>),
    Stream(S),
}

/// Copies the payload, without what goes.
struct Payload<'a, W: Write + Seek, S: Read + Write + Seek> {
    top: &'a str,
    gone: &'a Gone,
    replaced: &'a BTreeMap<String, String>,
    container: Container<W, S>,
    sums: BufWriter<S>,
    oxum: Oxum,
}

impl<W: Write + Seek, S: Read + Write + Seek> Visit for Payload<'_, W, S> {
    fn folder(&mut self, _: &str) {}

    fn file(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<()> {
        let Some(inner) = path.strip_prefix(self.top).filter(|inner| inner.starts_with(bag::PAYLOAD)) else {
            return Ok(());
        };
        let mut text = self.replaced.get(inner).map(|text| text.as_bytes());
        let (length, from): (u64, &mut dyn Read) = match &mut text {
            Some(text) => (text.len() as u64, text),
            None if self.gone.files.contains_key(inner) => return Ok(()),
            None => (length, from),
        };
        let mut hashed = Hashed::new(from);
        self.container.stream(path, length, &mut hashed)?;
        let sha256 = hashed.sha256();
        self.oxum.bytes += length;
        self.oxum.files += 1;
        self.sums.write_all(bag::sum_line(&sha256, inner).as_bytes())
    }

    fn broken(&mut self, _: &str, _: &str) {}
}
