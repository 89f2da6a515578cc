//! Which files go: those that say something of the records, and then those that name the hash of one that goes.

use std::collections::BTreeMap;
use std::io::{self, Read};

use aho_corasick::AhoCorasick;
use sha2::{Digest, Sha256};

use super::super::packed::{self, Wanted};
use super::super::verify::Visit;
use super::NotRemoved;
use super::edition::Edition;
use super::search::{Search, finder, stands_alone};
use crate::edition::bag;
use crate::text::hexadecimal;

/// How much of a file is looked at together, and how far pieces overlap.
const PIECE: usize = 8 << 20;
const OVERLAP: usize = 64 * 1024;

/// What is taken out.
pub(super) struct Gone {
    /// Files by their paths in the bag.
    pub(super) files: BTreeMap<String, Going>,
    /// What finds the SHA-256 of these.
    pub(super) sums: Option<AhoCorasick>,
    pub(super) notes: Notes,
}

/// What is known of a file that goes.
#[derive(Clone, Debug)]
pub(super) struct Going {
    sha256: String,
    pub(super) path: Address,
}

/// Whether the path of a file says something as well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Address {
    /// It does, and so nothing may stand there.
    Tells,
    /// It does not.
    Quiet,
}

/// What people have to look at themselves.
#[derive(Default)]
pub(super) struct Notes {
    pub(super) parts_of_names: Vec<String>,
    pub(super) closed: Vec<(String, Option<String>)>,
}

impl Gone {
    /// Files that say something of the records, and then those that name the hash of a file that goes, until there are no more.
    pub(super) fn find(edition: &Edition<'_>, search: &Search) -> Result<Self, NotRemoved> {
        let (mut files, notes) = Look::through(edition, search, For::Records, BTreeMap::new())?;
        loop {
            let named = files.values().map(|going| going.sha256.as_str()).chain(search.sums.iter().map(String::as_str));
            let Some(sums) = finder(named) else { return Ok(Gone { files, sums: None, notes }) };
            let (found, _) = Look::through(edition, search, For::Hashes(&sums), files.clone())?;
            let is_done = found.len() == files.len();
            files = found;
            if is_done {
                return Ok(Gone { files, sums: Some(sums), notes });
            }
        }
    }

    /// Whether some bytes name the hash of a file that goes.
    pub(super) fn is_named_in(&self, bytes: &[u8]) -> bool {
        self.sums.as_ref().is_some_and(|sums| sums.is_match(bytes))
    }
}

/// What the payload is looked through for.
#[derive(Clone, Copy)]
enum For<'a> {
    /// For what says something of the records.
    Records,
    /// For the hashes of files that go.
    Hashes(&'a AhoCorasick),
}

/// Looks through the payload.
struct Look<'a> {
    top: &'a str,
    search: &'a Search,
    kind: For<'a>,
    found: BTreeMap<String, Going>,
    notes: Notes,
}

impl Look<'_> {
    /// Adds to the files that go those of an edition in which something stands.
    fn through(
        edition: &Edition<'_>,
        search: &Search,
        kind: For<'_>,
        found: BTreeMap<String, Going>,
    ) -> Result<(BTreeMap<String, Going>, Notes), NotRemoved> {
        let mut look = Look { top: &edition.top, search, kind, found, notes: Notes::default() };
        edition.bag.each(&mut look)?;
        Ok((look.found, look.notes))
    }
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
        let is_for_records = matches!(self.kind, For::Records);
        let mut path_tells = is_for_records && self.search.path_tells(&inner[bag::PAYLOAD.len()..]);
        let mut digest = Sha256::new();
        let mut tells = path_tells;
        let (mut has_part, mut is_closed) = (false, false);
        let mut unseen = None;
        let mut piece = Vec::new();
        (&mut *from).take(PIECE as u64).read_to_end(&mut piece)?;
        if packed::is_packed(&piece) {
            (&mut *from).take(packed::LARGEST - piece.len() as u64).read_to_end(&mut piece)?;
            let said = match self.kind {
                For::Records => packed::says(&piece, self.search),
                For::Hashes(sums) => packed::says(&piece, &Sums(sums)),
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
            tells |= match self.kind {
                For::Records => !tells && self.search.tells(&piece),
                For::Hashes(sums) => sums.is_match(&piece),
            };
            // The address of a page that only leads on to it is another name of it.
            path_tells |= is_for_records && leads_on(&piece) && self.search.leads_there(&piece);
            has_part |= is_for_records && stands_alone(self.search.parts_of_names.as_ref(), &piece);
            let from_here = piece.len().saturating_sub(OVERLAP);
            piece.drain(..from_here);
            kept = piece.len();
            (&mut *from).take(PIECE as u64).read_to_end(&mut piece)?;
        }
        let sha256 = hexadecimal(&digest.finalize());
        // A part of a name is no reason to take out a file, and reason enough to leave nothing at the address of one that goes.
        let has_part_in_path = stands_alone(self.search.parts_of_names.as_ref(), inner.as_bytes());
        if tells || is_for_records && self.search.sums.contains(&sha256) {
            let path = if path_tells || has_part_in_path { Address::Tells } else { Address::Quiet };
            self.found.insert(inner.to_owned(), Going { sha256, path });
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
