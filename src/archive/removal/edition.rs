//! An edition as it lies in an archive, of which something is to be taken out.

use std::collections::BTreeMap;
use std::io::{self, BufReader, Read};

use super::super::verify::{Bag, Visit, about_of};
use super::search::Search;
use super::{NotRemoved, unfit};
use crate::edition::manifest::{self, Numbered};
use crate::edition::{About, CRATE, MANIFEST, SEAL, Seal, bag};

/// The longest file about an edition that is held.
const LONGEST_TAG: u64 = 4 << 20;

/// An edition as it lies in an archive.
pub(super) struct Edition<'a> {
    pub(super) bag: &'a dyn Bag,
    /// The folder of the bag, with a slash at its end.
    pub(super) top: String,
    /// The files that are neither payload nor lists, by their paths in the bag.
    pub(super) tags: BTreeMap<String, Vec<u8>>,
    pub(super) seal: Seal,
    pub(super) about: About,
    /// What it says to catalogues.
    pub(super) metadata: String,
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
    pub(super) fn read(bag: &'a dyn Bag) -> Result<Self, NotRemoved> {
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
    pub(super) fn lines(&self, see: &mut dyn FnMut(&Numbered) -> Result<(), NotRemoved>) -> Result<(), NotRemoved> {
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
    pub(super) fn said_by_pages(&self, paths: &[String]) -> Result<Said, NotRemoved> {
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
    pub(super) fn check_frame(&self, search: &Search) -> Result<(), NotRemoved> {
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
pub(super) struct Said {
    pub(super) names: Vec<String>,
    pub(super) summary: String,
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
