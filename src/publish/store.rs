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

    /// The version of something of ours.
    pub(super) fn version_of_own(&self, name: &str) -> Result<Option<Version>, StoreError> {
        match self {
            Store::Folder(folder) => Ok(folder.read_own(name)?.map(|(_, version)| version)),
            #[cfg(feature = "cloud")]
            Store::Bucket(bucket) => bucket.version_of_own(name),
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

    /// Which of some paths something stands at.
    pub(super) fn taken(&self, paths: &[&str]) -> Result<Vec<String>, StoreError> {
        match self {
            Store::Folder(folder) => folder.taken(paths),
            #[cfg(feature = "cloud")]
            Store::Bucket(bucket) => bucket.taken(paths),
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
