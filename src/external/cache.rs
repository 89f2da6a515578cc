//! What came of asking, kept in a file so that nobody is asked twice in a week.
//!
//! A file that cannot be read, or is somebody else's, is started afresh. It is written whole or not at all.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

use super::Outcome;
use crate::read::{Failure, in_words};

/// The first field of the file.
const FORMAT: &str = "dossier external links 1";
/// A file that is larger is not ours.
const LIMIT: u64 = 64 * 1024 * 1024;
/// What was not asked for since is forgotten.
const KEPT: Duration = Duration::from_secs(90 * 24 * 60 * 60);

/// What is known of addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cache {
    entries: BTreeMap<String, Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// When the host was asked, in seconds since 1970.
    asked: u64,
    came: Outcome,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    format: String,
    links: BTreeMap<String, Entry>,
}

impl Cache {
    /// Reads a cache. When the file is there and cannot be used, it begins empty and says why.
    pub fn read(path: &Path) -> (Cache, Option<String>) {
        let afresh =
            |why: String| (Cache::default(), Some(format!("the cache `{}` is started afresh: {why}", path.display())));
        let text = match fs::metadata(path) {
            // What is no file may keep us waiting for ever.
            Ok(found) if !found.is_file() => return afresh("it is no file".to_owned()),
            Ok(found) if found.len() > LIMIT => return afresh("it is too large to be one".to_owned()),
            Ok(_) => fs::read(path),
            Err(error) => Err(error),
        };
        match text {
            Ok(text) => match serde_json::from_slice::<Stored>(&text) {
                Ok(stored) if stored.format == FORMAT => (Cache { entries: stored.links }, None),
                Ok(_) => afresh("it is of another version".to_owned()),
                Err(_) => afresh("it is broken, or not a cache of external links".to_owned()),
            },
            Err(error) if error.kind() == io::ErrorKind::NotFound => (Cache::default(), None),
            Err(error) => afresh(format!("it cannot be read: {}", in_words(&error))),
        }
    }

    /// Writes the cache, and the folders that it lies in. What is old at this moment is left out.
    pub fn write(&self, path: &Path, now: SystemTime) -> Result<(), Failure> {
        let failed = |error| Failure::new(format!("cannot write the cache `{}`", path.display()), error);
        let is_kept = |entry: &Entry| age(entry, now).is_some_and(|age| age < KEPT);
        let links = self.entries.iter().filter(|(_, entry)| is_kept(entry));
        let links = links.map(|(address, entry)| (address.clone(), entry.clone())).collect();
        let stored = Stored { format: FORMAT.to_owned(), links };
        let mut bytes = serde_json::to_vec_pretty(&stored).map_err(io::Error::from).map_err(failed)?;
        bytes.push(b'\n');
        write_whole(path, &bytes).map_err(failed)
    }

    /// What came the last time, unless that is too long ago.
    pub(super) fn get(&self, address: &str, now: SystemTime, good: Duration, bad: Duration) -> Option<&Outcome> {
        let entry = self.entries.get(address)?;
        let fresh = if matches!(entry.came, Outcome::Good | Outcome::Moved { .. }) { good } else { bad };
        age(entry, now).filter(|age| *age < fresh).map(|_| &entry.came)
    }

    pub(super) fn put(&mut self, address: String, now: SystemTime, came: Outcome) {
        let asked = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        self.entries.insert(address, Entry { asked, came });
    }
}

/// How long ago; none when it is said to have been in the future.
fn age(entry: &Entry, now: SystemTime) -> Option<Duration> {
    let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs();
    now.checked_sub(entry.asked).map(Duration::from_secs)
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let mut pending = path.as_os_str().to_owned();
    pending.push(format!(".{}~", std::process::id()));
    let written = File::create(&pending).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    let moved = written.and_then(|()| fs::rename(&pending, path));
    if moved.is_err() {
        // The first failure is the one to tell.
        drop(fs::remove_file(&pending));
    }
    moved
}
