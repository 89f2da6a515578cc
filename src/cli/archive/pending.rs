//! Files that are written under other names until they are whole.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A file that is not there yet, with the scratch files that it takes to make it. All of them go when it is dropped.
pub(in crate::cli) struct Pending {
    out: PathBuf,
    made: Vec<PathBuf>,
}

impl Pending {
    pub(in crate::cli) fn new(out: &Path) -> Self {
        Pending { out: out.to_owned(), made: Vec::new() }
    }

    /// Makes a file of its own: the pending one itself with an empty suffix, or a scratch file.
    pub(in crate::cli) fn file(&mut self, suffix: &str) -> io::Result<File> {
        let path = self.path(suffix);
        // What an interrupted run left goes first, or a link of that name would be written through.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = File::options().read(true).write(true).create_new(true).open(&path)?;
        self.made.push(path);
        Ok(file)
    }

    /// Gives the finished file its name.
    pub(in crate::cli) fn finish(self) -> io::Result<PathBuf> {
        fs::rename(self.path(""), &self.out)?;
        Ok(self.out.clone())
    }

    /// Where a pending file lies.
    pub(in crate::cli) fn path(&self, suffix: &str) -> PathBuf {
        let mut name = self.out.file_name().unwrap_or_default().to_owned();
        name.push(format!(".pending{suffix}"));
        self.out.with_file_name(name)
    }
}

impl Drop for Pending {
    fn drop(&mut self) {
        for path in &self.made {
            // One of them may have got its name already.
            drop(fs::remove_file(path));
        }
    }
}
