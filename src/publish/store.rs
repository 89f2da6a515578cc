//! Where a site stands, whatever keeps it: a folder, or the storage of a service.

use std::fs::File;
use std::io;
use std::sync::Arc;
use std::time::Duration;

#[cfg(feature = "cloud")]
use super::bucket::Bucket;
use super::folder::Folder;
use super::headers::Headers;
use super::lease::Lease;
use super::list::List;
use super::plan::Plan;
use super::state::{FOLDER, ListName};
use crate::output::SiteFile;

/// What keeps the site.
#[derive(Debug)]
pub(super) enum Store {
    Folder(Folder),
    #[cfg(feature = "cloud")]
    Bucket(Bucket),
}

/// Why something could not be done there.
#[derive(Debug)]
pub enum StoreError {
    /// Something stands there already.
    Exists,
    /// What is there is not as it was when it was read.
    Changed,
    /// Somebody else is publishing, since when they say.
    Busy(Option<String>),
    /// The claim is somebody else's by now.
    Lost,
    /// Something of ours is not as a publish writes it, by its name.
    Disordered(String),
    /// A file of the site is not as the build wrote it.
    NotAsBuilt(String),
    /// The disk or the system refused.
    Io {
        /// What was tried, with the path.
        attempt: String,
        /// What came of it.
        cause: io::Error,
    },
    /// The service refused, or could not be reached.
    Refused {
        /// What came of what.
        message: String,
        /// What to do about it.
        hint: String,
    },
}

/// Numbers that nobody else has.
pub(super) fn random<const LENGTH: usize>() -> Result<[u8; LENGTH], StoreError> {
    let mut bytes = [0; LENGTH];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Io {
        attempt: "cannot get random numbers from the system".to_owned(),
        cause: io::Error::other(error.to_string()),
    })?;
    Ok(bytes)
}

/// What of ours must be there for something to be written.
#[derive(Clone, Debug)]
pub(super) enum Expected {
    /// Nothing.
    Nothing,
    /// The version that was read.
    Version(Version),
}

/// By what a version of something of ours is told from others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) tag: Option<String>,
    pub(super) number: Option<String>,
}

/// The bytes of a file that is sent.
#[derive(Debug)]
pub(super) enum Body {
    Bytes(Vec<u8>),
    /// A long one, open at its beginning, and what the build wrote there.
    Long(File, SiteFile),
}

/// Whether something may stand where a file is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    /// Nothing may.
    New,
    /// It is replaced.
    Over,
}

impl Store {
    /// How many files are sent at a time.
    pub(super) fn at_once(&self) -> usize {
        match self {
            Store::Folder(_) => 4,
            #[cfg(feature = "cloud")]
            Store::Bucket(_) => super::bucket::AT_ONCE,
        }
    }

    /// Whether a claim that is found there can only be of somebody who has gone.
    pub(super) fn has_lock(&self) -> bool {
        match self {
            Store::Folder(_) => true,
            #[cfg(feature = "cloud")]
            Store::Bucket(_) => false,
        }
    }

    /// How long the claim on this place is good without being renewed; `None` where it ends with the process.
    pub(super) fn lasts(&self, every: Duration) -> Option<Duration> {
        if self.has_lock() { None } else { Some(every * 2) }
    }

    /// Something of ours, with its version.
    pub(super) fn read_own(&self, name: &str) -> Result<Option<(Vec<u8>, Version)>, StoreError> {
        match self {
            Store::Folder(folder) => folder.read_own(name),
            #[cfg(feature = "cloud")]
            Store::Bucket(bucket) => bucket.read_own(name),
        }
    }

    /// Writes something of ours, if what is there is what is expected.
    #[cfg_attr(not(feature = "cloud"), expect(clippy::needless_pass_by_value, reason = "a bucket keeps what it sends"))]
    pub(super) fn write_own(&self, name: &str, bytes: Vec<u8>, expected: &Expected) -> Result<Version, StoreError> {
        match self {
            Store::Folder(folder) => folder.write_own(name, &bytes, expected),
            #[cfg(feature = "cloud")]
            Store::Bucket(bucket) => bucket.write_own(name, bytes, expected),
        }
    }

    /// A list that lies there.
    pub(super) fn read_list(&self, name: ListName) -> Result<List, StoreError> {
        let file = match self {
            Store::Folder(folder) => folder.open_own(&name.to_string())?,
            #[cfg(feature = "cloud")]
            Store::Bucket(bucket) => bucket.fetch_own(&name.to_string())?,
        };
        let list = file.map(|file| List::read(file, name.sha256)).transpose()?;
        list.and_then(Result::ok).ok_or_else(|| StoreError::Disordered(name.to_string()))
    }

    /// Puts a list there.
    pub(super) fn put_list(&self, list: &mut List, lease: &Arc<Lease>) -> Result<ListName, StoreError> {
        let name = ListName { sha256: list.sum().sha256, number: random()? };
        let path = format!("{FOLDER}/{name}");
        let body = list.body(&path)?;
        self.put(&path, body, &Headers::of_own(), Put::Over, lease)?;
        Ok(name)
    }

    /// The names of all lists that lie there.
    pub(super) fn lists(&self) -> Result<Vec<ListName>, StoreError> {
        let names = match self {
            Store::Folder(folder) => folder.names_of_own()?,
            #[cfg(feature = "cloud")]
            Store::Bucket(bucket) => bucket.names_of_own()?,
        };
        Ok(names.iter().filter_map(|name| ListName::try_from(&**name).ok()).collect())
    }

    /// Deletes a list, if it is there.
    pub(super) fn delete_list(&self, name: ListName, lease: &Arc<Lease>) -> Result<(), StoreError> {
        lease.wait()?;
        self.delete(&format!("{FOLDER}/{name}"), lease)
    }

    /// At which of the paths that a plan takes for free something stands.
    pub(super) fn taken(&self, plan: &mut Plan) -> Result<Vec<String>, StoreError> {
        match self {
            _ if plan.tally.new == 0 => Ok(Vec::new()),
            Store::Folder(folder) => folder.taken(plan.new_paths()?),
            #[cfg(feature = "cloud")]
            Store::Bucket(bucket) => bucket.taken(plan),
        }
    }

    /// Puts a file there, whole or not at all.
    #[cfg_attr(
        not(feature = "cloud"),
        expect(unused_variables, reason = "a folder has no headers, and its lock ends with the process")
    )]
    pub(super) fn put(
        &self,
        path: &str,
        body: Body,
        headers: &Headers,
        put: Put,
        lease: &Arc<Lease>,
    ) -> Result<(), StoreError> {
        match self {
            Store::Folder(folder) => folder.put(path, body, put),
            #[cfg(feature = "cloud")]
            Store::Bucket(bucket) => bucket.put(path, body, headers, put, lease),
        }
    }

    /// Deletes a file, if it is there.
    #[cfg_attr(
        not(feature = "cloud"),
        expect(unused_variables, reason = "a folder has no headers, and its lock ends with the process")
    )]
    pub(super) fn delete(&self, path: &str, lease: &Arc<Lease>) -> Result<(), StoreError> {
        match self {
            Store::Folder(folder) => folder.delete(path),
            #[cfg(feature = "cloud")]
            Store::Bucket(bucket) => bucket.delete(path, lease),
        }
    }
}
