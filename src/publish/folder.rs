//! A site in a folder of this machine: each file whole or not at all, nothing through a link.
//!
//! What is being written lies under a name of ours until it is moved into place. One publisher at a time has the lock, which the system frees when it
//! dies.

use std::fs::{self, File, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::state::{CLAIM, Claim, FOLDER};
use super::store::{Body, Expected, Put, StoreError, Version};
use crate::output::Sum;
use crate::text::hexadecimal;

/// What holds the lock.
const LOCK: &str = "lock";
/// Where files lie until they are whole.
const PENDING: &str = "pending";

/// A folder that a site is published to.
#[derive(Debug)]
pub(super) struct Folder {
    root: PathBuf,
    /// The lock, while somebody publishes and does not only look.
    lock: Option<File>,
    count: AtomicU64,
}

fn failed(attempt: &str, path: &Path) -> impl Fn(io::Error) -> StoreError {
    let attempt = format!("cannot {attempt} `{}`", path.display());
    move |cause| StoreError::Io { attempt: attempt.clone(), cause }
}

impl Folder {
    /// A folder to look at.
    pub(super) fn look(path: &Path) -> Result<Folder, StoreError> {
        // A folder that is yet to be made is where its parent really is.
        let made = || Some(path.parent()?.canonicalize().ok()?.join(path.file_name()?));
        let root = path.canonicalize().ok().or_else(made).unwrap_or_else(|| path.to_owned());
        match fs::metadata(&root) {
            Ok(metadata) if !metadata.is_dir() => {
                return Err(failed("publish to", &root)(io::Error::other("it is no folder")));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && root.parent().is_some_and(Path::is_dir) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let folder = root.parent().unwrap_or(&root);
                return Err(failed("publish into", folder)(io::Error::new(
                    io::ErrorKind::NotFound,
                    "there is no such folder",
                )));
            }
            Err(error) => return Err(failed("read", &root)(error)),
            Ok(_) => {}
        }
        let own = root.join(FOLDER);
        match fs::symlink_metadata(&own) {
            Ok(metadata) if !metadata.is_dir() => {
                return Err(failed("use", &own)(io::Error::other("it is no folder, or a link to one")));
            }
            _ => Ok(Folder { root, lock: None, count: AtomicU64::new(0) }),
        }
    }

    /// The same folder, with the lock of who publishes to it.
    pub(super) fn lock(mut self) -> Result<Folder, StoreError> {
        for folder in [self.root.clone(), self.root.join(FOLDER)] {
            make(&folder)?;
        }
        let path = self.own(LOCK);
        let file =
            File::options().create(true).truncate(false).write(true).open(&path).map_err(failed("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let claim = fs::read(self.own(CLAIM)).ok().and_then(|bytes| Claim::parse(&bytes).ok());
                return Err(StoreError::Busy(claim.map(|claim| claim.since)));
            }
            Err(TryLockError::Error(error)) => return Err(failed("lock", &path)(error)),
        }
        self.lock = Some(file);
        // What a publisher left that was cut off.
        let pending = self.own(PENDING);
        match fs::remove_dir_all(&pending) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("empty", &pending)(error)),
            _ => make(&pending)?,
        }
        Ok(self)
    }

    /// Where the site stands.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    fn own(&self, name: &str) -> PathBuf {
        self.root.join(FOLDER).join(name)
    }

    pub(super) fn read_own(&self, name: &str) -> Result<Option<(Vec<u8>, Version)>, StoreError> {
        let path = self.own(name);
        match fs::read(&path) {
            Ok(bytes) => {
                let version = version(&bytes);
                Ok(Some((bytes, version)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    pub(super) fn write_own(&self, name: &str, bytes: &[u8], expected: &Expected) -> Result<Version, StoreError> {
        let is_expected = match (self.read_own(name)?, expected) {
            (None, Expected::Nothing) => true,
            (Some((_, there)), Expected::Version(version)) => there == *version,
            _ => false,
        };
        if !is_expected {
            return Err(StoreError::Changed);
        }
        let path = self.own(name);
        let pending = self.pending();
        fs::write(&pending, bytes).and_then(|()| fs::rename(&pending, &path)).map_err(failed("write", &path))?;
        Ok(version(bytes))
    }

    pub(super) fn open_own(&self, name: &str) -> Result<Option<File>, StoreError> {
        let path = self.own(name);
        match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => File::open(&path).map(Some).map_err(failed("read", &path)),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    pub(super) fn names_of_own(&self) -> Result<Vec<String>, StoreError> {
        let path = self.root.join(FOLDER);
        let name =
            |entry: io::Result<fs::DirEntry>| entry.map(|entry| entry.file_name().into_string().ok()).transpose();
        fs::read_dir(&path).and_then(|entries| entries.filter_map(name).collect()).map_err(failed("read", &path))
    }

    pub(super) fn taken(
        &self,
        paths: impl Iterator<Item = Result<String, StoreError>>,
    ) -> Result<Vec<String>, StoreError> {
        let mut taken = Vec::new();
        for path in paths {
            let path = path?;
            if let Some(folder) = self.blocked(&path)? {
                taken.push(folder);
                continue;
            }
            let target = self.root.join(&path);
            match fs::symlink_metadata(&target) {
                Ok(_) => taken.push(path),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(failed("look at", &target)(error)),
            }
        }
        taken.dedup();
        Ok(taken)
    }

    /// What stands in place of a folder on the way to a path, if anything does: a file, or a link, which would lead elsewhere.
    fn blocked(&self, path: &str) -> Result<Option<String>, StoreError> {
        for (at, _) in path.match_indices('/') {
            let folder = self.root.join(&path[..at]);
            match fs::symlink_metadata(&folder) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => return Ok(Some(path[..at].to_owned())),
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
                Err(error) => return Err(failed("look at", &folder)(error)),
            }
        }
        Ok(None)
    }

    pub(super) fn put(&self, path: &str, body: Body, put: Put) -> Result<(), StoreError> {
        let target = self.root.join(path);
        if let Some(folder) = self.blocked(path)? {
            let way = self.root.join(folder);
            return Err(failed("write", &target)(io::Error::other(format!("`{}` is no folder", way.display()))));
        }
        for (at, _) in path.match_indices('/') {
            make(&self.root.join(&path[..at]))?;
        }
        let pending = self.pending();
        let written = write(&pending, body);
        let moved = written.map_err(|error| error.unwrap_or_else(failed("write", &target))).and_then(|()| {
            if put == Put::New && fs::symlink_metadata(&target).is_ok() {
                return Err(StoreError::Exists);
            }
            fs::rename(&pending, &target).map_err(failed("replace", &target))
        });
        if moved.is_err() {
            // The error that led here matters more than one of the clean-up, which the next publish repeats.
            drop(fs::remove_file(&pending));
        }
        moved
    }

    pub(super) fn delete(&self, path: &str) -> Result<(), StoreError> {
        if self.blocked(path)?.is_some() {
            return Ok(());
        }
        let target = self.root.join(path);
        match fs::remove_file(&target) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed("delete", &target)(error)),
            _ => {}
        }
        // A folder with something in it refuses to go, which is what is wanted.
        let mut folder = path;
        while let Some((parent, _)) = folder.rsplit_once('/') {
            if fs::remove_dir(self.root.join(parent)).is_err() {
                break;
            }
            folder = parent;
        }
        Ok(())
    }

    fn pending(&self) -> PathBuf {
        self.own(PENDING).join(self.count.fetch_add(1, Ordering::Relaxed).to_string())
    }
}

/// Why bytes could not be written: of the disk, or of where they came from.
enum Unwritten {
    Disk(io::Error),
    NotAsBuilt(String),
}

impl Unwritten {
    fn unwrap_or_else(self, of_disk: impl Fn(io::Error) -> StoreError) -> StoreError {
        match self {
            Unwritten::Disk(error) => of_disk(error),
            Unwritten::NotAsBuilt(path) => StoreError::NotAsBuilt(path),
        }
    }
}

fn write(path: &Path, body: Body) -> Result<(), Unwritten> {
    let mut file = File::create_new(path).map_err(Unwritten::Disk)?;
    match body {
        Body::Bytes(bytes) => file.write_all(&bytes).map_err(Unwritten::Disk),
        Body::Long(mut from, built) => {
            let mut both = Both { from: &mut from, to: &mut file };
            // It was read once before, and may have changed since.
            match Sum::of_file(&mut both).map_err(Unwritten::Disk)? == built.sum {
                true => Ok(()),
                false => Err(Unwritten::NotAsBuilt(built.path)),
            }
        }
    }
}

/// Writes what is read.
struct Both<'a> {
    from: &'a mut File,
    to: &'a mut File,
}

impl Read for Both<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(buffer)?;
        self.to.write_all(&buffer[..count])?;
        Ok(count)
    }
}

fn make(folder: &Path) -> Result<(), StoreError> {
    match fs::create_dir(folder) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed("make the folder", folder)(error)),
        _ => Ok(()),
    }
}

fn version(bytes: &[u8]) -> Version {
    Version { tag: Some(hexadecimal(&Sum::of(bytes).sha256)), number: None }
}
