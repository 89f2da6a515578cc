//! The site as the last build wrote it, and what of it is sent.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use flate2::{Compression, GzBuilder};
use rayon::prelude::*;

use super::address::before;
use super::headers::{Encoding, Headers, headers, is_packed};
use super::list::{Entry, List, Writer};
use super::state::{Sent, There, is_of_site};
use super::store::Body;
use super::{Address, Options, PublishError};
use crate::output::{Built, SiteFile, Sum, WriteError};

/// A file that is longer is sent piece by piece.
pub(super) const LONG: u64 = 5 << 20;
/// A file that is longer is not packed, since that is done in memory.
const PACKED_UP_TO: u64 = 32 << 20;
/// The longest path that all services take, with what the address puts before it, in bytes.
const LONGEST: usize = 1024;

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
    packing: Packing,
    /// What shall stand there.
    pub(super) wanted: List,
}

impl Site {
    /// Reads the list of what the last build wrote, and decides what is sent of each file to an address.
    pub fn open(mut built: Built, address: &Address, options: Options) -> Result<Site, PublishError> {
        let (is_folder, before) = match address {
            Address::Folder(_) => (true, 0),
            Address::Bucket { prefix, .. } => (false, before(prefix)),
        };
        let packing = match (options.precompress, is_folder) {
            (false, _) => Packing::None,
            (true, true) => Packing::Beside,
            (true, false) => Packing::InPlace,
        };
        let mut shared = Shared::default();
        let mut writer = Writer::new()?;
        let mut add = |path: String, sum, headers| -> Result<(), PublishError> {
            if path.len() + before > LONGEST || !is_of_site(&path) {
                return Err(PublishError::Path(path));
            }
            let there = Some(There::Known(Sent { sum, headers: shared.share(headers) }));
            Ok(writer.add(&Entry { path, there, change: None })?)
        };
        let packed_copy = Headers { encoding: Some(Encoding::Gzip), ..Headers::default() };
        let mut copies: BTreeMap<String, Sum> = BTreeMap::new();
        while let Some(SiteFile { path, sum }) = built.next_file()? {
            // The packed copies that come before it. Where the site has a packed file itself, that one is sent.
            copies.remove(&path);
            while let Some(copy) = copies.first_entry().filter(|copy| *copy.key() < path) {
                let (path, sum) = copy.remove_entry();
                add(path, sum, packed_copy.clone())?;
            }
            let is_packed = packing != Packing::None && is_packed(&path, sum.length) && sum.length <= PACKED_UP_TO;
            if is_packed && packing == Packing::Beside {
                copies.insert(format!("{path}{PACKED}"), sum);
            }
            let encoding = (is_packed && packing == Packing::InPlace).then_some(Encoding::Gzip);
            let headers = if is_folder { Headers::default() } else { headers(&path, encoding) };
            add(path, sum, headers)?;
        }
        for (path, sum) in copies {
            add(path, sum, packed_copy.clone())?;
        }
        Ok(Site { built, packing, wanted: writer.end()? })
    }

    /// Looks whether every file is as the build wrote it.
    pub fn verify(&mut self) -> Result<(), PublishError> {
        let changed: Mutex<Vec<String>> = Mutex::new(Vec::new());
        let (built, packing) = (&self.built, self.packing);
        self.wanted.entries()?.par_bridge().try_for_each(|entry| {
            let Entry { path, there: Some(There::Known(sent)), .. } = entry? else { return Ok(()) };
            if is_copy(packing, &sent.headers) {
                return Ok(());
            }
            match (SiteFile { path, sum: sent.sum }).check(built.folder()) {
                Err(WriteError::Changed(paths)) => {
                    changed.lock().unwrap_or_else(PoisonError::into_inner).extend(paths);
                    Ok(())
                }
                other => other.map_err(PublishError::from),
            }
        })?;
        let mut changed = changed.into_inner().unwrap_or_else(PoisonError::into_inner);
        changed.sort();
        if changed.is_empty() { Ok(()) } else { Err(WriteError::Changed(changed).into()) }
    }

    /// Where its files lie.
    pub(super) fn folder(&self) -> &Path {
        self.built.folder()
    }

    /// The bytes that are sent for a path; an error when the file is not as the build wrote it.
    pub(super) fn body(&self, path: &str, sent: &Sent) -> Result<Body, WriteError> {
        let path = match is_copy(self.packing, &sent.headers) {
            true => path.strip_suffix(PACKED).unwrap_or(path),
            false => path,
        };
        let file = SiteFile { path: path.to_owned(), sum: sent.sum };
        match sent.headers.encoding {
            Some(Encoding::Gzip) => Ok(Body::Bytes(gzip(&file.read(self.folder())?))),
            None if file.sum.length > LONG => Ok(Body::Long(file.open_long(self.folder())?, file)),
            None => Ok(Body::Bytes(file.read(self.folder())?)),
        }
    }
}

/// Whether these are the headers of the packed copy that lies beside a file.
fn is_copy(packing: Packing, headers: &Headers) -> bool {
    packing == Packing::Beside && headers.encoding == Some(Encoding::Gzip)
}

/// Headers, of which a site has few different ones, each once.
#[derive(Default)]
struct Shared(BTreeSet<Arc<Headers>>);

impl Shared {
    fn share(&mut self, headers: Headers) -> Arc<Headers> {
        if let Some(there) = self.0.get(&headers) {
            return Arc::clone(there);
        }
        let headers = Arc::new(headers);
        self.0.insert(Arc::clone(&headers));
        headers
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
