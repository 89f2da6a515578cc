//! Taking records out of a sealed edition, which leaves a number in place of each entry that says something of them.
//!
//! Only whole files and whole fields are taken out, and none is rewritten, since each entry of the manifest stands for one of them. What a
//! record says of itself in the manifest is looked for in all other fields and in all files, in every form that [`leak`](crate::leak)
//! knows; what holds any of it goes. The seal, its signatures and its timestamps stay as they are. Lists of sums and what the edition says of
//! itself are made anew, so that nothing that went can be told by its hash.

mod edition;
mod gone;
mod search;
mod writing;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::{self, Read, Seek, Write};

use super::verify::{Refused, open_bag};
use crate::edition::container::Form;
use crate::edition::{MANIFEST, ManifestError};
use crate::edtf::Day;
use crate::model::TakedownReason;
use edition::Edition;
use gone::Gone;
use search::Search;
use writing::Writing;

/// Where the pages lie, and the other files of the site.
const PAGES: &str = "data/site/";

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
    S: Read + Write + Seek + Send,
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
