//! Reading what is compared: an archive, a manifest, or a folder.

use std::fs::{self, File};
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use rayon::prelude::*;
use walkdir::WalkDir;

use crate::cli::CannotRun;
use crate::edition::{ManifestError, Snapshot, manifest};
use crate::read::{hash, in_words};

/// Where the manifest stands in an archive, below its one folder.
const MANIFEST: &str = "edition/manifest.jsonl";

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
    let said = |error: Problem| match error {
        Problem::Io(error) => unreadable(&error),
        Problem::Unfit(why) => unfit(&why),
    };
    if path.is_dir() {
        return folder(path).map_err(said);
    }
    let mut file = File::open(path).map_err(|error| unreadable(&error))?;
    let mut head = Vec::new();
    file.by_ref().take(4).read_to_end(&mut head).map_err(|error| unreadable(&error))?;
    let file = File::open(path).map_err(|error| unreadable(&error))?;
    let snapshot = match head.as_slice() {
        b"PK\x03\x04" => of_zip(file),
        [0x28, 0xb5, 0x2f, 0xfd] => of_tar(file),
        [b'{', ..] => of_manifest(file),
        _ => Err(Problem::Unfit("it is neither an archive of an edition nor a manifest".to_owned())),
    };
    snapshot.map_err(said)
}

enum Problem {
    Io(io::Error),
    Unfit(String),
}

impl From<io::Error> for Problem {
    fn from(error: io::Error) -> Self {
        Problem::Io(error)
    }
}

impl From<ManifestError> for Problem {
    fn from(error: ManifestError) -> Self {
        match error {
            ManifestError::Io(error) => Problem::Io(error),
            error @ ManifestError::Line { .. } => Problem::Unfit(format!("its manifest cannot be used: {error}")),
        }
    }
}

fn of_manifest(from: impl Read) -> Result<Snapshot, Problem> {
    Ok(Snapshot::from_manifest(manifest::Reader::new(BufReader::with_capacity(1 << 16, from))?)?)
}

/// Whether a path in an archive is that of its manifest.
fn is_manifest(path: &str) -> bool {
    path.split_once('/').is_some_and(|(_, inner)| inner == MANIFEST)
}

fn no_manifest() -> Problem {
    Problem::Unfit(format!("there is no `{MANIFEST}` in it"))
}

fn of_zip(file: File) -> Result<Snapshot, Problem> {
    let broken = |error: &zip::result::ZipError| Problem::Unfit(format!("it is no zip that can be read: {error}"));
    let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(|error| broken(&error))?;
    let found = archive.file_names().flatten().find(|name| is_manifest(name)).map(std::borrow::Cow::into_owned);
    let entry = archive.by_name(&found.ok_or_else(no_manifest)?).map_err(|error| broken(&error))?;
    of_manifest(entry)
}

fn of_tar(file: File) -> Result<Snapshot, Problem> {
    let mut archive = tar::Archive::new(zstd::Decoder::new(file)?);
    for entry in archive.entries()? {
        let entry = entry?;
        if std::str::from_utf8(&entry.path_bytes()).is_ok_and(is_manifest) {
            return of_manifest(entry);
        }
    }
    Err(no_manifest())
}

/// Reads a folder: an archive that was unpacked, or a built site.
fn folder(path: &Path) -> Result<Snapshot, Problem> {
    match File::open(path.join(MANIFEST)) {
        Ok(file) => return of_manifest(file),
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
                return Err(Problem::Unfit(format!("there is neither `data/{name}` nor `{MANIFEST}` in it")));
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

fn records(snapshot: &mut Snapshot, name: &str, text: &str) -> Result<(), Problem> {
    for (number, line) in text.lines().enumerate() {
        if line.len() > LONGEST || !snapshot.add_line(line) {
            return Err(Problem::Unfit(format!("line {} of its `data/{name}` is no record", number + 1)));
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
