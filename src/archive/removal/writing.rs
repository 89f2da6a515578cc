//! Writing what is left, with lists and a page about it that are made anew.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufWriter, Read, Seek, Write};

use sha2::{Digest, Sha256};

use super::super::removed::{self, Removal};
use super::super::verify::Visit;
use super::edition::Edition;
use super::gone::{Address, Gone};
use super::search::{Search, stands_alone};
use super::{NotRemoved, PAGES, Removing, TakenOut, unfit};
use crate::edition::container::{Container, Form};
use crate::edition::{CRATE, Entry, Hashed, MANIFEST, Oxum, README, SEAL, bag, info, manifest, readme};
use crate::text::hexadecimal;

/// Writes what is left.
pub(super) struct Writing<'a> {
    pub(super) edition: &'a Edition<'a>,
    pub(super) search: &'a Search,
    pub(super) gone: &'a Gone,
    pub(super) removing: &'a Removing<'a>,
}

impl Writing<'_> {
    pub(super) fn write<W, S>(&self, form: Form, to: W, scratch: [S; 3]) -> Result<(W, TakenOut), NotRemoved>
    where
        W: Write + Seek,
        S: Read + Write + Seek + Send,
    {
        let edition = self.edition;
        let [directory, manifest, sums] = scratch;
        let metadata = format!("{}{CRATE}", bag::PAYLOAD);
        let mut about = edition.about.clone();
        let mut replaced = BTreeMap::new();
        for (path, going) in &self.gone.files {
            if *path == metadata {
                about = removed::without_names(about);
                replaced.insert(path.clone(), removed::metadata(&about, &edition.metadata));
            } else if let Some(notice) = removed::notice(path, self.removing.on, self.removing.reason)
                // A link may lead to a page. Records and copies lie under names that their authors chose, which may tell as well.
                .filter(|_| going.path == Address::Quiet && path.starts_with(PAGES))
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
    fn manifest<S: Write + Send>(
        &self,
        to: S,
        replaced: &BTreeMap<String, String>,
    ) -> Result<(S, TakenOut), NotRemoved> {
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
        for (path, going) in &self.gone.files {
            match (going.path, replaced.contains_key(path)) {
                (Address::Tells, _) => taken.telling_paths += 1,
                (Address::Quiet, true) => taken.replaced.push(path.clone()),
                (Address::Quiet, false) => taken.dropped.push(path.clone()),
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
