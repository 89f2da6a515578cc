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
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::packed::{self, Wanted};
use super::removed::{self, Removal};
use super::verify::{Bag, Refused, Visit, about_of, open_bag};
use crate::edition::container::{Container, Form};
use crate::edition::manifest::{self, Numbered};
use crate::edition::{
    About, CRATE, Entry, Hashed, MANIFEST, ManifestError, Oxum, README, SEAL, Seal, bag, info, readme,
};
use crate::edtf::Day;
use crate::leak::{Scan, Stage};
use crate::model::TakedownReason;
use crate::redact::secrets_of_published;
use crate::text::{hexadecimal, is_sha256};

/// How much of a file is looked at together, and how far pieces overlap.
const PIECE: usize = 8 << 20;
const OVERLAP: usize = 64 * 1024;

/// Where the pages lie, and the other files of the site.
const PAGES: &str = "data/site/";

/// The longest file about an edition that is held.
const LONGEST_TAG: u64 = 4 << 20;

/// What is to be taken out.
#[derive(Clone, Debug)]
pub struct Removing<'a> {
    /// The ids of the records.
    pub records: &'a [String],
    /// Words that are not to stand anywhere, such as a name.
    pub words: &'a [String],
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
    /// Records without entries of their own, which were known by their pages, each with what its page is called.
    pub by_page: BTreeMap<String, Vec<String>>,
    /// Other records of which no field is left, by kind and id.
    pub with_them: BTreeSet<(String, String)>,
    /// Files that are left in which a part of a name stands.
    pub parts_of_names: Vec<String>,
    /// How many fields are left in which one stands.
    pub parts_in_fields: u64,
    /// Files that are left and could not be looked into, with why where that is known.
    pub closed: Vec<(String, Option<String>)>,
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
    let mut gone = Gone::find(&edition, &search)?;
    let notes = std::mem::take(&mut gone.notes);
    let (to, mut taken) =
        Writing { edition: &edition, search: &search, gone: &gone, removing }.write(form, to, scratch)?;
    if taken.own_fields + taken.other_fields + taken.files() == 0 {
        return unfit("nothing in it says any of the words");
    }
    let is_left = |path: &String| !gone.files.contains_key(path);
    taken.parts_of_names = notes.parts_of_names.into_iter().filter(is_left).collect();
    taken.closed = notes.closed.into_iter().filter(|(path, _)| is_left(path)).collect();
    taken.by_page = search.by_page;
    Ok((to, taken))
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

    /// What pages say that they are about.
    fn said_by_pages(&self, paths: &[String]) -> Result<Said, NotRemoved> {
        let mut said = Said::default();
        for path in paths {
            self.bag.one(&format!("{}{path}", self.top), &mut |from| {
                let mut bytes = Vec::new();
                from.take(LONGEST_TAG).read_to_end(&mut bytes)?;
                said.page(&String::from_utf8_lossy(&bytes));
                Ok(())
            })?;
        }
        Ok(said)
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

/// What a page says that it is about.
#[derive(Default)]
struct Said {
    names: Vec<String>,
    summary: String,
}

impl Said {
    /// Takes in the headline of a page, and its description for machines.
    fn page(&mut self, html: &str) {
        let between = |from: &str, to: &str| {
            let rest = html.split_once(from)?.1;
            Some(rest.split_once(to)?.0)
        };
        let headline = between("<h1", "</h1>").and_then(|rest| Some(rest.split_once('>')?.1));
        let headline = headline.map(plain).filter(|text| !text.is_empty());
        self.names.extend(headline);
        if let Some(description) =
            between("<meta name=\"description\"", ">").and_then(|tag| tag.split_once("content=\""))
        {
            self.summary.push_str(&plain(description.1.split('"').next().unwrap_or_default()));
            self.summary.push('\n');
        }
    }
}

/// The words of a piece of HTML.
fn plain(html: &str) -> String {
    let mut text = String::new();
    for (at, part) in html.split('<').enumerate() {
        text.push_str(if at == 0 { part } else { part.split_once('>').map_or("", |(_, text)| text) });
    }
    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")];
    let text = signs.iter().fold(text, |text, (written, sign)| text.replace(written, sign));
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// What is looked for.
struct Search {
    records: BTreeSet<String>,
    scans: Vec<Scan>,
    /// Names of files and SHA-256 that the records name.
    files: BTreeSet<String>,
    sums: BTreeSet<String>,
    /// The words that were given, as they stand between signs that are no letters.
    words: Option<AhoCorasick>,
    /// The words of the names of persons, likewise.
    parts_of_names: Option<AhoCorasick>,
    /// See [`TakenOut::by_page`].
    by_page: BTreeMap<String, Vec<String>>,
}

impl Search {
    fn new(edition: &Edition<'_>, removing: &Removing<'_>) -> Result<Self, NotRemoved> {
        let records: BTreeSet<String> = removing.records.iter().cloned().collect();
        let mut found: BTreeMap<(String, String), Map<String, Value>> = BTreeMap::new();
        let (mut before, mut pages) = (0_u64, BTreeMap::<String, Vec<String>>::new());
        edition.lines(&mut |line| {
            match &line.entry {
                Entry::Field { kind, id, key, value } if records.contains(id) => {
                    found.entry((kind.clone(), id.clone())).or_default().insert(key.clone(), value.clone());
                }
                Entry::Removed { .. } => before += 1,
                Entry::File { path, .. } => {
                    let stem = path.strip_prefix(PAGES).and_then(|path| path.strip_suffix(".html"));
                    let id =
                        stem.map(|stem| stem.rsplit('/').next().unwrap_or(stem)).filter(|id| records.contains(*id));
                    id.into_iter().for_each(|id| pages.entry(id.to_owned()).or_default().push(path.clone()));
                }
                _ => {}
            }
            Ok(())
        })?;
        // A record that stands in no list has a page, and no entries of its own.
        let mut by_page = BTreeMap::new();
        pages.retain(|id, _| !found.keys().any(|(_, other)| other == id));
        for (id, paths) in pages {
            let said = edition.said_by_pages(&paths)?;
            let names = said.names.iter().map(|name| Value::from(name.as_str())).collect();
            let fields = Map::from_iter([
                ("kind".to_owned(), "person".into()),
                ("names".to_owned(), Value::Array(names)),
                ("summary".to_owned(), said.summary.into()),
            ]);
            found.insert(("actor".to_owned(), id.clone()), fields);
            by_page.insert(id, said.names);
        }
        for record in &records {
            if !found.keys().any(|(_, id)| id == record) {
                let already = match before {
                    0 => String::new(),
                    before => format!("; {before} entries were taken out of it before, and it may be one of these"),
                };
                return unfit(format!(
                    "the edition has no record `{record}`, and no page of one{already}; the ids that it has stand in its \
                     `edition/manifest.jsonl`, and `--word` takes out all that says some words"
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
        let mut scans: Vec<Scan> =
            found.iter().map(|((kind, id), fields)| Scan::new(secrets_of_published(kind, id, fields))).collect();
        scans.extend(removing.words.iter().map(|words| {
            let fields =
                Map::from_iter([("kind".to_owned(), "person".into()), ("name".to_owned(), words.as_str().into())]);
            Scan::new(secrets_of_published("actor", "", &fields))
        }));
        let persons = found.iter().filter(|((kind, _), fields)| {
            kind == "actor" && fields.get("kind").and_then(Value::as_str) == Some("person")
        });
        let mut parts = BTreeSet::new();
        for value in persons.flat_map(|(_, fields)| ["name", "names"].map(|key| fields.get(key))).flatten() {
            each_text(value, &mut |text| {
                let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| word.chars().count() > 2);
                parts.extend(words.map(str::to_owned));
            });
        }
        let aliases = found.values().filter_map(|fields| fields.get("aliases"));
        let mut records = records;
        aliases.for_each(|aliases| each_text(aliases, &mut |alias| records.extend([alias.to_owned()])));
        let words = finder(removing.words.iter().map(String::as_str).filter(|words| !words.trim().is_empty()));
        let parts_of_names = finder(parts.iter().map(String::as_str));
        Ok(Search { records, scans, files, sums, words, parts_of_names, by_page })
    }

    /// Whether some bytes say something of the records.
    fn tells(&self, bytes: &[u8]) -> bool {
        self.scans.iter().any(|scan| !scan.bytes("", Stage::Machine, bytes).is_empty())
            || self.leads_there(bytes)
            || stands_alone(self.words.as_ref(), bytes)
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
            || stands_alone(self.words.as_ref(), path.as_bytes())
    }

    /// Whether an entry is of the records, or says something of them.
    fn takes(&self, line: &Numbered) -> bool {
        match &line.entry {
            Entry::Field { id, .. } => self.records.contains(id) || self.tells(line.text.as_bytes()),
            _ => false,
        }
    }
}

impl Wanted for Search {
    fn in_name(&self, name: &str) -> bool {
        self.path_tells(name)
    }

    fn in_bytes(&self, bytes: &[u8]) -> bool {
        self.tells(bytes)
    }
}

/// Hashes that are looked for in what is packed.
struct Sums<'a>(&'a AhoCorasick);

impl Wanted for Sums<'_> {
    fn in_name(&self, name: &str) -> bool {
        self.0.is_match(name)
    }

    fn in_bytes(&self, bytes: &[u8]) -> bool {
        self.0.is_match(bytes)
    }
}

/// Whether a page only leads to another one.
fn leads_on(page: &[u8]) -> bool {
    memchr::memmem::find(page, b"http-equiv=\"refresh\"").is_some()
}

/// Whether some words stand there, and not as a part of longer ones.
fn stands_alone(words: Option<&AhoCorasick>, bytes: &[u8]) -> bool {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    words.is_some_and(|words| {
        words.find_overlapping_iter(bytes).any(|found| {
            // Four bytes are the longest sign.
            let before = String::from_utf8_lossy(&bytes[found.start().saturating_sub(4)..found.start()]);
            let after = String::from_utf8_lossy(&bytes[found.end()..bytes.len().min(found.end() + 4)]);
            !is_letter(before.chars().next_back()) && !is_letter(after.chars().next())
        })
    })
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
    notes: Notes,
}

/// What people have to look at themselves.
#[derive(Default)]
struct Notes {
    parts_of_names: Vec<String>,
    closed: Vec<(String, Option<String>)>,
}

impl Gone {
    /// Files that say something of the records, and then those that name the hash of a file that goes, until there are no more.
    fn find(edition: &Edition<'_>, search: &Search) -> Result<Self, NotRemoved> {
        let mut look = Look { top: &edition.top, search, sums: None, found: BTreeMap::new(), notes: Notes::default() };
        edition.bag.each(&mut look)?;
        let (mut files, notes) = (look.found, look.notes);
        loop {
            let sums =
                finder(files.values().map(|(sha256, _)| sha256.as_str()).chain(search.sums.iter().map(String::as_str)));
            let (sums_of, found) = (sums.as_ref(), files.clone());
            let mut look = Look { top: &edition.top, search, sums: sums_of, found, notes: Notes::default() };
            edition.bag.each(&mut look)?;
            let is_done = look.found.len() == files.len();
            files = look.found;
            if is_done {
                return Ok(Gone { files, sums, notes });
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
    notes: Notes,
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
        let mut path_tells = self.sums.is_none() && self.search.path_tells(&inner[bag::PAYLOAD.len()..]);
        let mut digest = Sha256::new();
        let mut tells = path_tells;
        let (mut has_part, mut is_closed) = (false, false);
        let mut unseen = None;
        let mut piece = Vec::new();
        (&mut *from).take(PIECE as u64).read_to_end(&mut piece)?;
        if packed::is_packed(&piece) {
            (&mut *from).take(packed::LARGEST - piece.len() as u64).read_to_end(&mut piece)?;
            let said = match self.sums {
                None => packed::says(&piece, self.search),
                Some(sums) => packed::says(&piece, &Sums(sums)),
            };
            match said {
                Ok(says) => tells |= says,
                Err(why) => unseen = Some(why),
            }
        } else {
            is_closed = packed::is_closed(&piece[..piece.len().min(4096)]);
        }
        let mut kept = 0;
        loop {
            if piece.len() == kept {
                break;
            }
            digest.update(&piece[kept..]);
            tells |= match self.sums {
                None => !tells && self.search.tells(&piece),
                Some(sums) => sums.is_match(&piece),
            };
            // The address of a page that only leads on to it is another name of it.
            path_tells |= self.sums.is_none() && leads_on(&piece) && self.search.leads_there(&piece);
            has_part |= self.sums.is_none() && stands_alone(self.search.parts_of_names.as_ref(), &piece);
            let from_here = piece.len().saturating_sub(OVERLAP);
            piece.drain(..from_here);
            kept = piece.len();
            (&mut *from).take(PIECE as u64).read_to_end(&mut piece)?;
        }
        let sha256 = hexadecimal(&digest.finalize());
        // A part of a name is no reason to take out a file, and reason enough to leave nothing at the address of one that goes.
        let has_part_in_path = stands_alone(self.search.parts_of_names.as_ref(), inner.as_bytes());
        if tells || self.sums.is_none() && self.search.sums.contains(&sha256) {
            self.found.insert(inner.to_owned(), (sha256, path_tells || has_part_in_path));
            return Ok(());
        }
        if has_part || has_part_in_path {
            self.notes.parts_of_names.push(inner.to_owned());
        }
        if is_closed || unseen.is_some() {
            self.notes.closed.push((inner.to_owned(), unseen));
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
                about = removed::without_names(about);
                replaced.insert(path.clone(), removed::metadata(&about, &edition.metadata));
            } else if let Some(notice) = removed::notice(path, self.removing.on, self.removing.reason)
                // A link may lead to a page. Records and copies lie under names that their authors chose, which may tell as well.
                .filter(|_| !path_tells && path.starts_with(PAGES))
            {
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
            // What these always say tells nothing, and what else they say of the edition stands in its seal, which was looked at.
            let is_fixed = [README, removed::FILE].contains(&path);
            if !is_fixed && self.search.tells(text.as_bytes()) || self.gone.is_named_in(text.as_bytes()) {
                return unfit(format!("`{path}` would say something of it; the whole edition has to be withdrawn"));
            }
            tags.insert(path.to_owned(), Made::Bytes(text.into_bytes()));
        }
        if replaced.get(&metadata).is_some_and(|text| self.search.tells(text.as_bytes())) {
            return unfit(format!(
                "what would stand at `{metadata}` says something of it; the whole edition has to be withdrawn"
            ));
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
        let mut kept = BTreeSet::new();
        let mut notices: BTreeMap<String, (u64, String)> = BTreeMap::new();
        self.edition.lines(&mut |line| {
            match &line.entry {
                Entry::File { path, .. } if self.gone.files.contains_key(path) => writer.removed(line)?,
                Entry::Field { kind, id, .. }
                    if self.search.takes(line) || self.gone.is_named_in(line.text.as_bytes()) =>
                {
                    match self.search.records.contains(id) {
                        true => taken.own_fields += 1,
                        false => {
                            taken.other_fields += 1;
                            taken.with_them.insert((kind.clone(), id.clone()));
                        }
                    }
                    writer.removed(line)?;
                }
                Entry::Notice { path, bytes, sha256 } => {
                    if !self.gone.files.contains_key(path) {
                        notices.insert(path.clone(), (*bytes, sha256.clone()));
                    }
                }
                Entry::Field { kind, id, .. } => {
                    kept.insert((kind.clone(), id.clone()));
                    let has_part = stands_alone(self.search.parts_of_names.as_ref(), line.text.as_bytes());
                    taken.parts_in_fields += u64::from(has_part);
                    writer.again(line)?;
                }
                _ => writer.again(line)?,
            }
            Ok(())
        })?;
        taken.with_them.retain(|record| !kept.contains(record));
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
