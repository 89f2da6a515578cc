//! Copying a file to where captures lie: whole or not at all, and never over another file.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use super::super::CannotRun;
use crate::read::{hash, in_words};

/// Copies a file that has this SHA-256 to a place where nothing lies yet. `root` is the folder that it must not leave.
pub(super) fn copy(from: &Path, to: &Path, root: &Path, sha256: &str) -> Result<(), CannotRun> {
    let failed = |error: io::Error| CannotRun::new(format!("cannot write `{}`: {}", to.display(), in_words(&error)));
    let folder = to.parent().ok_or_else(|| failed(io::ErrorKind::InvalidInput.into()))?;
    fs::create_dir_all(folder).map_err(failed)?;
    if !folder.canonicalize().map_err(failed)?.starts_with(root) {
        return Err(CannotRun::new(format!("`{}` is a symbolic link out of `{}`", folder.display(), root.display()))
            .hint("make a folder of it"));
    }
    let temporary = temporary(to);
    let done = fill(from, &temporary, sha256).and_then(|is_same| {
        if is_same {
            put(&temporary, to)?;
        }
        Ok(is_same)
    });
    // What could not be finished is nobody's capture; after a hard link the name is not needed any more either.
    drop(fs::remove_file(&temporary));
    match done {
        Ok(true) => Ok(()),
        Ok(false) => Err(CannotRun::new(format!("`{}` changed while it was copied", from.display()))
            .hint("wait until it is complete, and run the command again; nothing was recorded")),
        Err(error) => Err(failed(error)),
    }
}

/// Writes the bytes of a file into a new one; tells whether they have the SHA-256.
fn fill(from: &Path, temporary: &Path, sha256: &str) -> io::Result<bool> {
    let mut to = File::create_new(temporary)?;
    let mut teed = Tee { from: File::open(from)?, to: &mut to };
    let (found, _) = hash(&mut teed)?;
    to.sync_all()?;
    Ok(found == sha256)
}

/// Gives a complete file its name, unless something has come to lie there.
fn put(temporary: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(temporary, to) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
        // Not all file systems have hard links.
        Err(_) if fs::symlink_metadata(to).is_ok() => return Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(temporary, to)?,
    }
    sync_folder(to);
    Ok(())
}

/// Asks the system to keep the name as well; not all can.
fn sync_folder(file: &Path) {
    #[cfg(unix)]
    if let Some(folder) = file.parent().and_then(|folder| File::open(folder).ok()) {
        drop(folder.sync_all());
    }
    #[cfg(not(unix))]
    let _ = file;
}

/// A name beside a file, under which it is filled. The dot keeps it from being taken for an attachment.
fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.dossier-tmp", std::process::id()))
}

/// Writes what is read.
struct Tee<'a> {
    from: File,
    to: &'a mut File,
}

impl Read for Tee<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(buffer)?;
        self.to.write_all(&buffer[..read])?;
        Ok(read)
    }
}
