//! The site as the last build wrote it, and what of it is sent.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::{Compression, GzBuilder};
use rayon::prelude::*;

use super::headers::{Encoding, Headers, headers, is_packed};
use super::plan::Wanted;
use super::state::Sent;
use super::store::Body;
use crate::output::{Built, SiteFile, WriteError};

/// A file that is longer is sent piece by piece.
pub(super) const LONG: u64 = 8 << 20;
/// A file that is longer is not packed, since that is done in memory.
const PACKED_UP_TO: u64 = 32 << 20;

/// What the ending of a packed copy is that lies beside a file.
const PACKED: &str = ".gz";

/// What is done with text on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    /// It is sent as it is.
    None,
    /// It is packed, and its headers say so.
    InPlace,
    /// A packed copy is put beside it, for servers that look for one.
    Beside,
}

/// The site as the last build wrote it, which no build may write to meanwhile.
#[derive(Debug)]
pub struct Site {
    built: Built,
    files: Vec<SiteFile>,
    /// What is sent, in the order of the paths, and of which file each is made.
    wanted: Vec<Wanted>,
    sources: Vec<usize>,
}

impl Site {
    /// Reads the list of what the last build wrote.
    pub fn open(mut built: Built) -> Result<Site, WriteError> {
        let files = built.all()?;
        Ok(Site { built, files, wanted: Vec::new(), sources: Vec::new() })
    }

    /// How many files it has.
    pub fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Looks whether every file is as the build wrote it.
    pub fn verify(&self) -> Result<(), WriteError> {
        let folder = self.built.folder();
        let changed: Mutex<Vec<String>> = Mutex::new(Vec::new());
        self.files.par_iter().try_for_each(|file| match file.check(folder) {
            Err(WriteError::Changed(paths)) => {
                changed.lock().unwrap_or_else(PoisonError::into_inner).extend(paths);
                Ok(())
            }
            other => other,
        })?;
        let mut changed = changed.into_inner().unwrap_or_else(PoisonError::into_inner);
        changed.sort();
        if changed.is_empty() { Ok(()) } else { Err(WriteError::Changed(changed)) }
    }

    /// Where its files lie.
    pub(super) fn folder(&self) -> &Path {
        self.built.folder()
    }

    /// Decides what is sent of each file.
    pub(super) fn prepare(&mut self, packing: Packing, has_headers: bool) {
        let mut shared: BTreeSet<Arc<Headers>> = BTreeSet::new();
        let mut share = |headers: Headers| match shared.get(&headers) {
            Some(there) => Arc::clone(there),
            None => {
                let headers = Arc::new(headers);
                shared.insert(Arc::clone(&headers));
                headers
            }
        };
        let mut wanted = Vec::with_capacity(self.files.len());
        for (source, file) in self.files.iter().enumerate() {
            let is_packed =
                packing != Packing::None && is_packed(&file.path, file.sum.length) && file.sum.length <= PACKED_UP_TO;
            let encoding = (is_packed && packing == Packing::InPlace).then_some(Encoding::Gzip);
            let of_file = if has_headers { headers(&file.path, encoding) } else { Headers::default() };
            let sent = Sent { sha256: file.sum.sha256, headers: share(of_file) };
            wanted.push((Wanted { path: file.path.as_str().into(), sent }, source));
            let beside = format!("{}{PACKED}", file.path);
            let is_there = || self.files.binary_search_by(|file| file.path.as_str().cmp(&beside)).is_ok();
            if is_packed && packing == Packing::Beside && !is_there() {
                let headers = share(Headers { encoding: Some(Encoding::Gzip), ..Headers::default() });
                let sent = Sent { sha256: file.sum.sha256, headers };
                wanted.push((Wanted { path: beside.into(), sent }, source));
            }
        }
        wanted.sort_by(|(one, _), (other, _)| one.path.cmp(&other.path));
        (self.wanted, self.sources) = wanted.into_iter().unzip();
    }

    pub(super) fn wanted(&self) -> &[Wanted] {
        &self.wanted
    }

    /// The file of which a path is made.
    pub(super) fn source(&self, path: &str) -> &SiteFile {
        let at = self.wanted.binary_search_by(|file| (*file.path).cmp(path)).expect("only what is wanted is sent");
        &self.files[self.sources[at]]
    }

    /// The bytes that are sent for a path; an error when the file is not as the build wrote it.
    pub(super) fn body(&self, path: &str, headers: &Headers) -> Result<Body<'_>, WriteError> {
        let file = self.source(path);
        match headers.encoding {
            Some(Encoding::Gzip) => Ok(Body::Bytes(gzip(&file.read(self.folder())?))),
            None if file.sum.length > LONG => Ok(Body::Long(file.open_long(self.folder())?, file)),
            None => Ok(Body::Bytes(file.read(self.folder())?)),
        }
    }
}

/// The same bytes for the same bytes: no name and no time is packed with them.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::new(8));
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("memory takes all that is written")
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_packed_is_the_same_each_time_and_can_be_unpacked() {
        let bytes = b"We did not open the gate before six. ".repeat(100);
        let packed = gzip(&bytes);
        assert!(packed.len() < 200 && packed == gzip(&bytes));
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(&*packed).read_to_end(&mut unpacked).unwrap();
        assert_eq!(unpacked, bytes);
    }
}
