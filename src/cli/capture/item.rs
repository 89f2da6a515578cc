//! The folder of an address that Bellingcat's auto-archiver archived: which page is about it, and which files are those of the page.
//!
//! A page tells of a file by a path on the machine of the archiver. That is never opened: a file is one of the folder that has its name.
//! What lies elsewhere is not looked for, and no symbolic link out of the folder is followed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde_json::{Value, json};

use super::super::CannotRun;
use super::super::terminal::plural;
use super::unreadable;
use crate::check::address_key;
use crate::edtf::Edtf;
use crate::evidence::extract::Limits;
use crate::evidence::extract::autoarchiver::{self, Archived};
use crate::model::{Sha256, Source};
use crate::text::excerpt;

/// How many things of a kind are listed in a message.
const MOST_LISTED: usize = 20;

/// What was archived of an address, as far as it lies in a folder.
pub(super) struct Item {
    /// The folder, as it was named.
    folder: PathBuf,
    /// The name of the page about the address.
    pub(super) page: String,
    /// What the page says.
    about: autoarchiver::Item,
    /// Whether the page is about the address of the source; `None` when the source has none.
    is_of_source: Option<bool>,
    /// The page and the files that it lists.
    pub(super) files: Vec<Listed>,
    /// What the page lists and is not recorded.
    pub(super) left_out: Vec<LeftOut>,
    /// The names of what else lies in the folder.
    others: Vec<String>,
}

/// A file of an item.
pub(super) struct Listed {
    pub(super) path: PathBuf,
    pub(super) stated: Stated,
}

/// What is stated of the bytes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stated {
    /// Nothing, since it is the page itself.
    OfItself,
    /// Nothing.
    Nothing,
    /// A hash that is not known here, such as `SHA3-512:…`.
    Other(String),
    /// Its SHA-256.
    Sha256(Sha256),
}

/// A file that the page lists and that is not recorded.
pub(super) struct LeftOut {
    name: String,
    why: &'static str,
}

/// What lies in a folder under a name.
enum Entry {
    /// A file, with its length.
    File(u64),
    Folder,
    /// Something that is never read, and why.
    Other(&'static str),
}

/// What lies in a folder, by its names.
struct Entries {
    folder: PathBuf,
    by_name: BTreeMap<String, Entry>,
}

/// Reads the folder of an item. Where several pages lie in it, `wanted` is the name of one.
pub(super) fn read(folder: &Path, wanted: Option<&str>, id: &str, source: &Source) -> Result<Item, CannotRun> {
    let entries = Entries::read(folder).map_err(|error| unreadable(folder, &error))?;
    let mut pages = entries.pages()?;
    if pages.is_empty() {
        return Err(without_page(&entries));
    }
    // A page that was archived may be such a page itself; the one about it lists it.
    let names = |(page, about): (&String, &autoarchiver::Item)| {
        let names = about.files.iter().map(|file| file.name().to_owned());
        names.filter(|name| name != page).collect::<Vec<_>>()
    };
    let listed: BTreeSet<String> = pages.iter().flat_map(names).collect();
    let top: Vec<&String> = pages.keys().filter(|name| !listed.contains(*name)).collect();
    let page = match (wanted, top.as_slice()) {
        (Some(wanted), _) if pages.contains_key(wanted) => wanted.to_owned(),
        (None, [page]) => (*page).clone(),
        _ => return Err(several(folder, wanted, &pages, source)),
    };
    let about = pages.remove(&page).expect("the page is one of them");
    let mut item = Item {
        folder: folder.to_owned(),
        is_of_source: is_of_source(&about, source),
        files: vec![Listed { path: folder.join(&page), stated: Stated::OfItself }],
        page,
        about,
        left_out: Vec::new(),
        others: Vec::new(),
    };
    item.look_for_files(&entries)?;
    if item.files.len() == 1 && !item.about.files.is_empty() {
        return Err(alone(folder, &item, id));
    }
    Ok(item)
}

impl Entries {
    fn read(folder: &Path) -> io::Result<Entries> {
        let root = folder.canonicalize()?;
        let mut by_name = BTreeMap::new();
        for entry in fs::read_dir(&root)? {
            let entry = entry?;
            let found = match entry.path().canonicalize() {
                _ if entry.file_name().to_str().is_none() => Entry::Other("its name is no text"),
                Ok(real) if !real.starts_with(&root) => Entry::Other("it is a symbolic link out of the folder"),
                Ok(real) => match fs::metadata(real)? {
                    metadata if metadata.is_file() => Entry::File(metadata.len()),
                    metadata if metadata.is_dir() => Entry::Folder,
                    _ => Entry::Other("it is no file that could be read again"),
                },
                Err(_) => Entry::Other("it is a symbolic link that leads nowhere"),
            };
            by_name.insert(entry.file_name().to_string_lossy().into_owned(), found);
        }
        Ok(Entries { folder: folder.to_owned(), by_name })
    }

    /// The pages in the folder that are about an archived address.
    fn pages(&self) -> Result<BTreeMap<String, autoarchiver::Item>, CannotRun> {
        let mut pages = BTreeMap::new();
        let most = Limits::default().document;
        for (name, entry) in &self.by_name {
            let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
            let is_page = ending.eq_ignore_ascii_case("html") || ending.eq_ignore_ascii_case("htm");
            if !is_page || !matches!(entry, Entry::File(length) if *length <= most) {
                continue;
            }
            let path = self.folder.join(name);
            let mut bytes = Vec::new();
            let read = File::open(&path).and_then(|file| file.take(most).read_to_end(&mut bytes));
            read.map_err(|error| unreadable(&path, &error))?;
            // What no browser shows is no page of the archiver either.
            if let Ok(Some(about)) = autoarchiver::item(&bytes) {
                pages.insert(name.clone(), about);
            }
        }
        Ok(pages)
    }
}

impl Item {
    /// Finds what the page lists, by its names.
    fn look_for_files(&mut self, entries: &Entries) -> Result<(), CannotRun> {
        let mut by_name: BTreeMap<&str, Stated> = BTreeMap::new();
        for file in &self.about.files {
            let (name, stated) = (file.name(), stated(file));
            match by_name.get(name) {
                None => {
                    by_name.insert(name, stated.clone());
                }
                Some(known) if *known == stated || stated == Stated::Nothing => continue,
                Some(Stated::Nothing) => {
                    by_name.insert(name, stated.clone());
                    let path = entries.folder.join(name);
                    let earlier = self.files.iter_mut().filter(|file| file.path == path);
                    earlier.for_each(|file| file.stated = stated.clone());
                    continue;
                }
                Some(_) => {
                    return Err(CannotRun::new(format!(
                        "`{}` states two hashes of `{}`",
                        self.page,
                        excerpt(name, 80)
                    ))
                    .hint("find out which is right, and name the files one by one"));
                }
            }
            let why = match entries.by_name.get(name) {
                _ if name == self.page => continue,
                Some(Entry::File(0)) => "there is nothing in it",
                Some(Entry::File(_)) => {
                    self.files.push(Listed { path: entries.folder.join(name), stated });
                    continue;
                }
                Some(Entry::Folder) => "it is a folder",
                Some(Entry::Other(why)) => why,
                None => "it is not there",
            };
            self.left_out.push(LeftOut { name: name.to_owned(), why });
        }
        let is_known = |name: &str| name == self.page || by_name.contains_key(name);
        self.others = entries.by_name.keys().filter(|name| !is_known(name)).cloned().collect();
        Ok(())
    }

    /// The day on which it was archived.
    pub(super) fn at(&self) -> Option<Edtf> {
        Edtf::from_str(self.about.at.as_ref()?.get(..10)?).ok()
    }

    /// What is to be said of the item beside its files.
    pub(super) fn remarks(&self, id: &str, source: &Source) -> Vec<String> {
        let (folder, page) = (self.folder.display(), excerpt(&self.page, 80));
        let url = excerpt(&self.about.url, 200);
        let at = self.at().map(|at| format!(", archived on {at}")).unwrap_or_default();
        let mut remarks = vec![format!("`{folder}` holds the copy of {url}{at}, which `{page}` is about")];
        match (self.is_of_source, &source.url) {
            (Some(false), Some(own)) => remarks.push(format!(
                "warning: `{page}` is about another address than `{id}`\n  archived  {url}\n  source    {own}\nhint: look whether it is the right source; addresses of archived copies of its page stand under `archived`"
            )),
            (None, _) => remarks.push(format!("note: `{id}` has no `url` that the archived address could be compared with")),
            _ => {}
        }
        for LeftOut { name, why } in self.left_out.iter().take(MOST_LISTED) {
            remarks.push(format!("warning: `{page}` lists `{}`, which was left out: {why}", excerpt(name, 80)));
        }
        remarks.extend(and_more(self.left_out.len(), "such file"));
        let unchecked: Vec<String> = self.files.iter().filter_map(Listed::unchecked).collect();
        if !unchecked.is_empty() {
            let files = plural(unchecked.len(), "file");
            remarks.push(format!("note: {files} could not be compared with a hash: {}", in_a_row(&unchecked)));
        }
        if !self.others.is_empty() {
            let others: Vec<String> = self.others.iter().map(|name| format!("`{}`", excerpt(name, 80))).collect();
            remarks.push(format!("note: `{page}` does not list what else lies in `{folder}`: {}", in_a_row(&others)));
        }
        remarks
    }

    pub(super) fn json(&self) -> Value {
        let left_out: Vec<Value> =
            self.left_out.iter().map(|LeftOut { name, why }| json!({"file": name, "why": why})).collect();
        json!({
            "folder": self.folder.display().to_string(),
            "page": self.page,
            "url": self.about.url,
            "at": self.at(),
            "is_of_source": self.is_of_source,
            "left_out": left_out,
            "not_listed": self.others,
        })
    }
}

impl Listed {
    /// Its name and why it cannot be compared with a hash; `None` of the page, of which there never is one.
    fn unchecked(&self) -> Option<String> {
        let name = self.path.file_name().unwrap_or_default().to_string_lossy();
        match &self.stated {
            Stated::OfItself | Stated::Sha256(_) => None,
            Stated::Nothing => Some(format!("`{}` (none is stated)", excerpt(&name, 80))),
            Stated::Other(hash) => Some(format!("`{}` ({})", excerpt(&name, 80), algorithm(hash))),
        }
    }
}

impl Stated {
    /// What came of comparing it with the bytes, which have that hash if one is known.
    pub(super) fn in_words(&self) -> String {
        match self {
            Stated::OfItself => "not compared: it is the page that states the hashes".to_owned(),
            Stated::Nothing => "not compared: its page states no hash".to_owned(),
            Stated::Other(hash) => format!("not compared: its page states {}", algorithm(hash)),
            Stated::Sha256(_) => "its page states the same hash".to_owned(),
        }
    }

    /// The hash, as it is stated.
    pub(super) fn hash(&self) -> Option<String> {
        match self {
            Stated::OfItself | Stated::Nothing => None,
            Stated::Other(hash) => Some(hash.clone()),
            Stated::Sha256(hash) => Some(format!("SHA-256:{hash}")),
        }
    }
}

/// What kind of hash one is that is not known here.
fn algorithm(hash: &str) -> String {
    match hash.split_once(':') {
        Some((name, _)) if name != "SHA-256" && !name.is_empty() => {
            format!("{}, and only SHA-256 is compared", excerpt(name, 20))
        }
        _ => "something that is no hash".to_owned(),
    }
}

fn stated(file: &Archived) -> Stated {
    match (file.sha256().and_then(|sha256| Sha256::from_str(&sha256).ok()), &file.hash) {
        (Some(sha256), _) => Stated::Sha256(sha256),
        (None, Some(hash)) => Stated::Other(hash.clone()),
        (None, None) => Stated::Nothing,
    }
}

/// Whether a page is about the address of a source, or about one of its archived copies.
fn is_of_source(about: &autoarchiver::Item, source: &Source) -> Option<bool> {
    let own = std::iter::once(source.url.as_ref()?).chain(source.archived.iter());
    let keys: Vec<String> = own.map(|url| address_key(url.as_str())).collect();
    let archived = std::iter::once(&about.url).chain(&about.original_url);
    Some(archived.map(|url| address_key(url)).any(|key| keys.contains(&key)))
}

/// Why a file is not what was archived.
pub(super) fn changed(path: &Path, page: &str, stated: &Sha256, found: &Sha256) -> CannotRun {
    CannotRun::new(format!(
        "`{}` is not what was archived: `{}` states another hash\n  stated  {stated}\n  found   {found}",
        path.display(),
        excerpt(page, 80)
    ))
    .hint("bring back the file that was archived; one that is named by itself is recorded as it is")
}

/// Why a folder is none that could be recorded.
fn without_page(entries: &Entries) -> CannotRun {
    let folder = entries.folder.display();
    let folders = entries.by_name.iter().filter(|(_, entry)| matches!(entry, Entry::Folder));
    let inner: Vec<(PathBuf, Entries, BTreeMap<String, autoarchiver::Item>)> = folders
        .filter_map(|(name, _)| {
            let path = entries.folder.join(name);
            let inner = Entries::read(&path).ok()?;
            let pages = inner.pages().ok().filter(|pages| !pages.is_empty())?;
            Some((path, inner, pages))
        })
        .collect();
    let is_alone = |(_, inner, pages): &(PathBuf, Entries, BTreeMap<String, autoarchiver::Item>)| {
        let mut files = pages.values().flat_map(|page| &page.files).peekable();
        files.peek().is_some() && files.all(|file| !inner.by_name.contains_key(file.name()))
    };
    if inner.is_empty() {
        CannotRun::new(format!(
            "`{folder}` is a folder, and no page of auto-archiver about an archived address lies in it"
        ))
        .hint("name the files in it")
    } else if inner.iter().all(is_alone) {
        CannotRun::new(format!(
            "in `{folder}` each file lies in a folder of its own, as `path_generator: random` has it"
        ))
        .hint(RANDOM)
    } else {
        let paths: Vec<String> = inner.iter().map(|(path, ..)| format!("`{}`", path.display())).collect();
        CannotRun::new(format!("no page of auto-archiver lies in `{folder}` itself, but in folders in it"))
            .hint(format!("name the one that is meant: {}", in_a_row(&paths)))
    }
}

/// What to do where page and files lie in different folders.
const RANDOM: &str = "copy the page and its files into one folder, where they are found by their names, and name that one; `path_generator: url` keeps them together from the beginning";

/// Why a page without its files is not recorded as a folder.
fn alone(folder: &Path, item: &Item, id: &str) -> CannotRun {
    let path = folder.join(&item.page);
    let what = match item.left_out.as_slice() {
        [LeftOut { name, why }] => {
            format!("the file that `{}` lists cannot be recorded: `{}`: {why}", item.page, excerpt(name, 80))
        }
        left_out => format!(
            "none of the {} that `{}` lists lies in `{}`",
            plural(left_out.len(), "file"),
            item.page,
            folder.display()
        ),
    };
    CannotRun::new(what).hint(format!(
        "where it was archived with `path_generator: random`, each file lies in a folder of its own: {RANDOM}; the page alone is recorded by `dossier capture {id} {}`",
        path.display()
    ))
}

/// Why it is not known which page is meant.
fn several(
    folder: &Path,
    wanted: Option<&str>,
    pages: &BTreeMap<String, autoarchiver::Item>,
    source: &Source,
) -> CannotRun {
    let mut pages: Vec<_> = pages.iter().collect();
    // The one that is most likely meant stands first.
    pages.sort_by_key(|(_, about)| is_of_source(about, source) != Some(true));
    let mut message = match wanted {
        Some(wanted) => format!(
            "no page of auto-archiver in `{}` is called `{}`; there {}",
            folder.display(),
            excerpt(wanted, 80),
            if pages.len() == 1 { "is" } else { "are" }
        ),
        None => format!(
            "`{}` holds {} of auto-archiver about archived addresses",
            folder.display(),
            plural(pages.len(), "page")
        ),
    };
    for (name, about) in pages.iter().take(MOST_LISTED) {
        let at = about.at.as_deref().and_then(|at| at.get(..10)).map(|at| format!(", {at}")).unwrap_or_default();
        message.push_str(&format!("\n  {}  {}{at}", excerpt(name, 80), excerpt(&about.url, 200)));
    }
    if let Some(more) = and_more(pages.len(), "page") {
        message.push_str(&format!("\n  {more}"));
    }
    let first = pages.first().map_or("", |(name, _)| name);
    CannotRun::new(message).hint(format!("name the one that is meant, such as `--item {}`", excerpt(first, 80)))
}

/// What follows a list that is not whole.
fn and_more(count: usize, what: &str) -> Option<String> {
    (count > MOST_LISTED).then(|| format!("and {} more", plural(count - MOST_LISTED, what)))
}

fn in_a_row(things: &[String]) -> String {
    let mut row = things.iter().take(MOST_LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if things.len() > MOST_LISTED {
        row.push_str(&format!(", and {} more", things.len() - MOST_LISTED));
    }
    row
}
