//! Reading what is compared: an archive, a manifest, or a folder.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::cli::CannotRun;
use crate::cli::archive::kept::{FOLDER, last_in};
use crate::edition::{MANIFEST, NotAnEdition, Snapshot, snapshot};
use crate::read::{hash, in_words};

/// The longest line of a file of records that is read.
const LONGEST: usize = 64 << 20;

/// Reads an edition or a built site.
pub(super) fn open(path: &Path) -> Result<Snapshot, CannotRun> {
    let shown = path.display();
    let unreadable = |error: &io::Error| CannotRun::new(format!("cannot read `{shown}`: {}", in_words(error)));
    let unfit = |why: &str| {
        CannotRun::new(format!("cannot compare `{shown}`: {why}")).hint(
            "name an archive that `dossier archive` wrote, the manifest that is kept of it in `editions/`, or the folder of a built site",
        )
    };
    let said = |error: NotAnEdition| match error {
        NotAnEdition::Io(error) => unreadable(&error),
        NotAnEdition::Unfit(why) => unfit(&why),
    };
    if path.is_dir() && !keeps_editions(path) {
        return folder(path).map_err(said);
    }
    let last = if path.is_dir() { last_in(path, None)? } else { path.to_owned() };
    let file = File::open(last).map_err(|error| unreadable(&error))?;
    snapshot(file).map_err(said)
}

/// Whether this is an edition that somebody may have changed since it was sealed, and of which `dossier verify` tells.
pub(super) fn can_be_verified(path: &Path) -> bool {
    let is_kept = path.extension().is_some_and(|ending| ending == "jsonl");
    path.is_file() && !is_kept || path.join(MANIFEST).is_file()
}

/// Whether a folder is the one in which a dossier keeps what its editions said.
fn keeps_editions(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name == FOLDER) && !path.join("data").exists()
}

/// Reads a folder: an archive that was unpacked, or a built site.
fn folder(path: &Path) -> Result<Snapshot, NotAnEdition> {
    match File::open(path.join(MANIFEST)) {
        Ok(file) => return snapshot(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error.into()),
    }
    let mut snapshot = Snapshot::default();
    for part in 1.. {
        let name = if part == 1 { "records.jsonl".to_owned() } else { format!("records-{part}.jsonl") };
        match fs::read_to_string(path.join("data").join(&name)) {
            Ok(text) => records(&mut snapshot, &name, &text)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound && part > 1 => break,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(NotAnEdition::Unfit(format!("there is neither `data/{name}` nor `{MANIFEST}` in it")));
            }
            Err(error) => return Err(error.into()),
        }
    }
    let files = files(path)?;
    let hashed: Vec<(String, String)> = files
        .into_par_iter()
        .map(|(name, path)| Ok((name, hash(&mut File::open(path)?)?.0)))
        .collect::<io::Result<_>>()?;
    snapshot.files = hashed.into_iter().collect();
    Ok(snapshot)
}

fn records(snapshot: &mut Snapshot, name: &str, text: &str) -> Result<(), NotAnEdition> {
    for (number, line) in text.lines().enumerate() {
        if line.len() > LONGEST || !snapshot.add_line(line) {
            return Err(NotAnEdition::Unfit(format!("line {} of its `data/{name}` is no record", number + 1)));
        }
    }
    Ok(())
}

/// The files of a built site. What begins with a dot is the build's own.
fn files(root: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut files = Vec::new();
    let walk = WalkDir::new(root).into_iter();
    let is_shown =
        |entry: &walkdir::DirEntry| entry.depth() == 0 || !entry.file_name().to_string_lossy().starts_with('.');
    for entry in walk.filter_entry(is_shown) {
        let entry = entry?;
        if entry.file_type().is_file()
            && let Ok(inner) = entry.path().strip_prefix(root)
        {
            files.push((inner.to_string_lossy().replace('\\', "/"), entry.path().to_owned()));
        }
    }
    Ok(files)
}
