//! Where captures lie, and how they are opened and hashed: the one place that knows.
//!
//! What a record names is looked for beside the record, then in the folder of the source's id beside it, then in the folder of
//! captures, which may lie outside of the dossier, and in the folder of the id there. Nothing is found outside of these, also
//! not by a symbolic link. Not for what is in a capture; that is [`evidence`](crate::evidence).

use std::collections::BTreeMap;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use walkdir::WalkDir;

use super::folder::Stamp;
use super::{Form, open_within};
use crate::text::{self, hexadecimal};

/// How much of a file is read at a time.
const CHUNK: usize = 128 * 1024;

/// Where captures may lie.
#[derive(Clone, Debug)]
pub struct Captures {
    /// The folder of records, free of symbolic links; `None` when it is not there.
    content: Option<PathBuf>,
    /// The folder of captures, likewise.
    outside: Option<PathBuf>,
}

/// Which of these places a capture lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CapturePlace {
    /// The folder of the record.
    Beside,
    /// The folder of the source's id beside the record.
    OwnFolder,
    /// The folder of captures.
    Outside,
}

/// A capture that is there.
#[derive(Clone, Debug)]
pub struct FoundCapture {
    /// Where it lies on the disk.
    pub path: PathBuf,
    /// Which of the places that is.
    pub place: CapturePlace,
    /// Its path in the folder of records, or in the folder of captures.
    pub inner: String,
    /// Its length in bytes.
    pub length: u64,
    /// How it looks to the system: a capture that looks the same later holds the same bytes.
    pub stamp: Stamp,
    /// The folder that it must not leave.
    root: PathBuf,
}

impl Captures {
    /// The captures of a folder of records, and of a folder outside of it.
    pub fn new(content: &Path, outside: Option<&Path>) -> Captures {
        Captures {
            content: content.canonicalize().ok(),
            outside: outside.and_then(|folder| folder.canonicalize().ok()),
        }
    }

    /// What lies in the folder of captures, and how it looks to the system. What cannot be looked at is told of when it is opened.
    pub fn listing(&self) -> BTreeMap<PathBuf, Stamp> {
        let files = self.outside.iter().flat_map(|folder| WalkDir::new(folder).follow_links(true));
        let files = files.filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
        let stamped = files.filter_map(|entry| Some((entry.path().to_owned(), Stamp::of(&entry.metadata().ok()?))));
        stamped.collect()
    }

    /// The folder of captures, when it is on this machine.
    pub fn outside(&self) -> Option<&Path> {
        self.outside.as_deref()
    }

    /// Finds what a source names; `None` when it lies nowhere.
    ///
    /// `record` is the path of the source's file in the folder of records. An error tells why a name is none that a capture can
    /// have, or why what lies there cannot be one.
    pub fn find(&self, record: &str, id: &str, file: &str) -> io::Result<Option<FoundCapture>> {
        check_name(file)?;
        let beside = folder_of(record);
        let candidates = [
            (CapturePlace::Beside, &self.content, format!("{beside}{file}")),
            (CapturePlace::OwnFolder, &self.content, format!("{beside}{id}/{file}")),
            (CapturePlace::Outside, &self.outside, file.to_owned()),
            (CapturePlace::Outside, &self.outside, format!("{id}/{file}")),
        ];
        let mut refused = None;
        for (place, root, inner) in candidates {
            let Some(root) = root else { continue };
            match look(root, place, inner) {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                // What cannot be a capture hides none that lies in a later place, unless it leads out of where captures may lie.
                Err(error) if error.kind() == io::ErrorKind::IsADirectory => refused = Some(error),
                Err(error) => return Err(error),
            }
        }
        refused.map_or(Ok(None), Err)
    }
}

impl FoundCapture {
    /// The file, open at its beginning, and what the system says of it. It is the one that lies in the folder of records or of
    /// captures, also when it was replaced by a link meanwhile.
    pub fn open(&self) -> io::Result<(File, Metadata)> {
        open_within(&self.root, &self.path)
    }
}

/// The folder of a file in the folder of records, with a `/` at its end unless it is that folder itself.
pub fn folder_of(inner: &str) -> &str {
    &inner[..inner.rfind('/').map_or(0, |at| at + 1)]
}

/// The SHA-256 of what is read, in hexadecimal digits of lower case, and its length.
pub fn hash(from: &mut impl Read) -> io::Result<(String, u64)> {
    let mut digest = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    let mut length = 0;
    loop {
        match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(read) => {
                digest.update(&chunk[..read]);
                length += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((hexadecimal(&digest.finalize()), length))
}

/// What lies at one of the places.
fn look(root: &Path, place: CapturePlace, inner: String) -> io::Result<Option<FoundCapture>> {
    let path = root.join(&inner);
    let metadata = match fs::metadata(&path) {
        Ok(metadata) => metadata,
        // A link that leads nowhere is not there either.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    let real = path.canonicalize()?;
    if !real.starts_with(root) {
        return Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "it is a symbolic link out of the folder that captures may lie in",
        ));
    }
    if metadata.is_dir() {
        return Err(io::Error::from(io::ErrorKind::IsADirectory));
    }
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file that could be read again"));
    }
    if place != CapturePlace::Outside && [&path, &real].iter().any(|path| Form::of(path).is_some()) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "files that end in `.md` or `.yaml` in the folder of records are records",
        ));
    }
    let (length, stamp) = (metadata.len(), Stamp::of(&metadata));
    Ok(Some(FoundCapture { path, place, inner, length, stamp, root: root.to_owned() }))
}

/// Refuses names that would lead elsewhere, here or on another system.
fn check_name(file: &str) -> io::Result<()> {
    let bytes = file.as_bytes();
    let has_drive = bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    let why = if file.is_empty() {
        "the name is empty"
    } else if file.contains(char::is_control) {
        "the name has a character in it that cannot be seen"
    } else if file.contains('\\') {
        "folders are separated by `/`, not by a backslash"
    } else if file.starts_with('/') || has_drive || (cfg!(windows) && file.contains(':')) {
        "the path must begin in one of the folders that captures may lie in"
    } else if file.split('/').any(|part| matches!(part, "." | "..")) {
        "the path has `.` or `..` in it"
    } else if file.split('/').any(str::is_empty) {
        "the path names a folder, not a file"
    } else if file.split('/').any(text::is_device_name) {
        "some systems keep this name for a device"
    } else {
        return Ok(());
    };
    Err(io::Error::new(io::ErrorKind::InvalidInput, why))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folders {
        folder: tempfile::TempDir,
    }

    impl Folders {
        fn new(files: &[&str]) -> Folders {
            let folders = Folders { folder: tempfile::tempdir().unwrap() };
            for folder in ["content/sources", "outside"] {
                fs::create_dir_all(folders.path(folder)).unwrap();
            }
            for file in files {
                let path = folders.path(file);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, file).unwrap();
            }
            folders
        }

        fn path(&self, inner: &str) -> PathBuf {
            self.folder.path().join(inner)
        }

        fn find(&self, file: &str) -> io::Result<Option<FoundCapture>> {
            Captures::new(&self.path("content"), Some(&self.path("outside"))).find("sources/daily.md", "daily", file)
        }

        /// What is in the file that is found, which is its own path.
        #[track_caller]
        fn check(&self, file: &str, expected: &str) {
            let found = match self.find(file) {
                Ok(Some(found)) => io::read_to_string(found.open().unwrap().0).unwrap(),
                Ok(None) => "nowhere".to_owned(),
                Err(error) => crate::read::in_words(&error),
            };
            assert_eq!(found, expected, "{file:?}");
        }
    }

    #[test]
    fn a_capture_is_looked_for_beside_the_record_then_in_its_folder_then_outside() {
        let all = ["content/sources/a.txt", "content/sources/daily/a.txt", "outside/a.txt", "outside/daily/a.txt"];
        for at in 0..all.len() {
            Folders::new(&all[at..]).check("a.txt", all[at]);
        }
        Folders::new(&all).check("daily/a.txt", all[1]);
        Folders::new(&all[2..]).check("daily/a.txt", all[3]);
        Folders::new(&[]).check("a.txt", "nowhere");
        Folders::new(&["content/sources/a.txt"]).check("a.txt/b", "nowhere");
    }

    #[test]
    fn a_record_at_the_top_has_captures_at_the_top() {
        let folders = Folders::new(&["content/a.txt", "content/daily/b.txt"]);
        let captures = Captures::new(&folders.path("content"), None);
        assert_eq!(captures.find("daily.md", "daily", "a.txt").unwrap().unwrap().inner, "a.txt");
        let found = captures.find("daily.md", "daily", "b.txt").unwrap().unwrap();
        assert_eq!((found.inner.as_str(), found.place), ("daily/b.txt", CapturePlace::OwnFolder));
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        let folders = Folders::new(&["secret.txt", "content/secret.txt"]);
        folders.check("../secret.txt", "the path has `.` or `..` in it");
        folders.check("a/../../secret.txt", "the path has `.` or `..` in it");
        folders.check("./secret.txt", "the path has `.` or `..` in it");
        folders.check("/etc/hostname", "the path must begin in one of the folders that captures may lie in");
        folders.check("C:/a.txt", "the path must begin in one of the folders that captures may lie in");
        folders.check("..\\secret.txt", "folders are separated by `/`, not by a backslash");
        folders.check("a\0b", "the name has a character in it that cannot be seen");
        folders.check("", "the name is empty");
        folders.check("a//b", "the path names a folder, not a file");
        folders.check("a/", "the path names a folder, not a file");
        folders.check("NUL.txt", "some systems keep this name for a device");
        folders.check("a/com1/b.txt", "some systems keep this name for a device");
    }

    #[test]
    fn records_and_folders_are_no_captures() {
        let folders = Folders::new(&["content/sources/other.md", "content/sources/x/y.txt", "outside/notes.md"]);
        folders.check("other.md", "files that end in `.md` or `.yaml` in the folder of records are records");
        folders.check("x", "it is a folder");
        folders.check("notes.md", "outside/notes.md");
        fs::write(folders.path("outside/x"), "outside/x").unwrap();
        folders.check("x", "outside/x");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_within_its_folder_and_never_out_of_it() {
        use std::os::unix::fs::symlink;
        let folders = Folders::new(&["secret.txt", "content/sources/a.txt", "outside/a.txt"]);
        symlink(folders.path("secret.txt"), folders.path("content/sources/b.txt")).unwrap();
        symlink("a.txt", folders.path("content/sources/c.txt")).unwrap();
        symlink("nowhere.txt", folders.path("content/sources/d.txt")).unwrap();
        symlink(folders.path("outside"), folders.path("content/sources/e")).unwrap();
        folders.check("b.txt", "it is a symbolic link out of the folder that captures may lie in");
        folders.check("c.txt", "content/sources/a.txt");
        folders.check("d.txt", "nowhere");
        folders.check("e/a.txt", "it is a symbolic link out of the folder that captures may lie in");
        let found = folders.find("a.txt").unwrap().unwrap();
        fs::remove_file(&found.path).unwrap();
        symlink(folders.path("secret.txt"), &found.path).unwrap();
        assert_eq!(found.open().unwrap_err().kind(), io::ErrorKind::PermissionDenied);
    }

    #[test]
    fn the_hash_is_that_of_all_bytes() {
        let (empty, length) = hash(&mut io::empty()).unwrap();
        assert_eq!((&*empty, length), ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", 0));
        let (abc, length) = hash(&mut &b"abc"[..]).unwrap();
        assert_eq!((&*abc, length), ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", 3));
        let long = vec![b'a'; 1_000_000];
        let (long, length) = hash(&mut long.as_slice()).unwrap();
        assert_eq!((&*long, length), ("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", 1_000_000));
    }
}
