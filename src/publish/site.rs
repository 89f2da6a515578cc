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
use super::{Address, Options};
use crate::output::{Built, SiteFile, Sum, WriteError};

/// A file that is longer is sent piece by piece.
pub(super) const LONG: u64 = 8 << 20;
/// A file that is longer is not packed, since that is done in memory.
const PACKED_UP_TO: u64 = 32 << 20;

/// What the ending of a packed copy is that lies beside a file.
const PACKED: &str = ".gz";

/// What is done with text on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
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
    /// What is sent, in the order of the paths, and of which file each is made.
    wanted: Vec<Wanted>,
    sources: Vec<Source>,
}

/// The file of which something that is sent is made; its SHA-256 stands with what is sent.
#[derive(Clone, Copy, Debug)]
struct Source {
    length: u64,
    /// Whether it is the packed copy that lies beside the file.
    is_copy: bool,
}

impl Site {
    /// Reads the list of what the last build wrote, and decides what is sent of each file to an address.
    pub fn open(mut built: Built, address: &Address, options: Options) -> Result<Site, WriteError> {
        let is_folder = matches!(address, Address::Folder(_));
        let packing = match (options.precompress, is_folder) {
            (false, _) => Packing::None,
            (true, true) => Packing::Beside,
            (true, false) => Packing::InPlace,
        };
        let mut shared: BTreeSet<Arc<Headers>> = BTreeSet::new();
        let mut share = |headers: Headers| match shared.get(&headers) {
            Some(there) => Arc::clone(there),
            None => {
                let headers = Arc::new(headers);
                shared.insert(Arc::clone(&headers));
                headers
            }
        };
        let mut all = Vec::with_capacity(usize::try_from(built.files).unwrap_or_default());
        while let Some(SiteFile { path, sum: Sum { sha256, length } }) = built.next_file()? {
            let is_packed = packing != Packing::None && is_packed(&path, length) && length <= PACKED_UP_TO;
            if is_packed && packing == Packing::Beside {
                let headers = share(Headers { encoding: Some(Encoding::Gzip), ..Headers::default() });
                let sent = Sent { sha256, headers };
                all.push((Wanted { path: format!("{path}{PACKED}").into(), sent }, Source { length, is_copy: true }));
            }
            let encoding = (is_packed && packing == Packing::InPlace).then_some(Encoding::Gzip);
            let headers = share(if is_folder { Headers::default() } else { headers(&path, encoding) });
            let sent = Sent { sha256, headers };
            all.push((Wanted { path: path.into(), sent }, Source { length, is_copy: false }));
        }
        all.sort_by(|(one, of_one), (other, of_other)| {
            one.path.cmp(&other.path).then(of_one.is_copy.cmp(&of_other.is_copy))
        });
        // Where the site has a packed file itself, that one is sent.
        all.dedup_by(|(later, _), (earlier, _)| later.path == earlier.path);
        let (wanted, sources) = all.into_iter().unzip();
        Ok(Site { built, wanted, sources })
    }

    /// Looks whether every file is as the build wrote it.
    pub fn verify(&self) -> Result<(), WriteError> {
        let changed: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let files = (0..self.wanted.len()).into_par_iter().filter(|at| !self.sources[*at].is_copy);
        files.try_for_each(|at| match self.file(at).check(self.folder()) {
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

    pub(super) fn wanted(&self) -> &[Wanted] {
        &self.wanted
    }

    /// How long the file is of which a path is made.
    pub(super) fn length(&self, path: &str) -> u64 {
        self.sources[self.at(path)].length
    }

    /// The bytes that are sent for a path; an error when the file is not as the build wrote it.
    pub(super) fn body(&self, path: &str, headers: &Headers) -> Result<Body, WriteError> {
        let file = self.file(self.at(path));
        match headers.encoding {
            Some(Encoding::Gzip) => Ok(Body::Bytes(gzip(&file.read(self.folder())?))),
            None if file.sum.length > LONG => Ok(Body::Long(file.open_long(self.folder())?, file)),
            None => Ok(Body::Bytes(file.read(self.folder())?)),
        }
    }

    fn at(&self, path: &str) -> usize {
        self.wanted.binary_search_by(|file| (*file.path).cmp(path)).expect("only what is wanted is sent")
    }

    fn file(&self, at: usize) -> SiteFile {
        let (Wanted { path, sent }, Source { length, is_copy }) = (&self.wanted[at], self.sources[at]);
        let path = if is_copy { path.strip_suffix(PACKED).unwrap_or(path) } else { path };
        SiteFile { path: path.to_owned(), sum: Sum { sha256: sent.sha256, length } }
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
