//! What an edition for those who keep a dossier takes beside the site: its records, its settings, its captures. The overlay, which lies
//! outside of the dossier so that it stays there, is never taken, nor the secret of the salts.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::frame::ToFile;
use crate::cli::CannotRun;
use crate::compile::Inputs;
use crate::edition::{self, Part};
use crate::evidence::lock::FILE as LOCK;
use crate::link::Dossier;
use crate::model::{Capture, Fields};
use crate::parse::Record;
use crate::read::{CapturePlace, FoundCapture, in_words, open_within};

/// A file that is taken.
#[derive(Debug)]
pub(super) struct Source {
    /// Its path in the payload.
    path: String,
    place: Place,
    /// The SHA-256 that the record of a source tells of it.
    sha256: Option<String>,
}

/// Where a file lies.
#[derive(Debug)]
enum Place {
    /// In a folder that it must not lead out of, which is free of symbolic links.
    Within(PathBuf, PathBuf),
    /// Where captures lie.
    Captured(FoundCapture),
}

/// All that is taken, in the order of the paths. `salt` is the file of the secret.
pub(super) fn sources(
    config: &Path,
    inputs: &Inputs,
    dossier: &Dossier,
    salt: Option<&Path>,
) -> Result<Vec<Source>, CannotRun> {
    let root = config.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let real = |path: PathBuf| {
        path.canonicalize()
            .map_err(|error| CannotRun::new(format!("cannot read `{}`: {}", path.display(), in_words(&error))))
    };
    let content = real(root.join(inputs.settings.content()))?;
    let mut taken = BTreeMap::new();
    let mut take = |path: String, place: Place| {
        taken.insert(path.clone(), Source { path, place, sha256: None });
    };
    let records = inputs.sources.files.iter().map(|file| (&file.inner, content.join(&file.inner)));
    let attachments = inputs.sources.attachments.iter().map(|file| (&file.inner, file.on_disk.clone()));
    let salt = salt.and_then(|salt| salt.canonicalize().ok());
    for (inner, on_disk) in records.chain(attachments) {
        // Records may lie beside the settings, and then the secret lies among them.
        if salt.is_none() || on_disk.canonicalize().ok() != salt {
            take(format!("{}{inner}", edition::CONTENT.path), Place::Within(content.clone(), on_disk));
        }
    }
    // The settings may be a link to a file elsewhere.
    let alone = |path: PathBuf| {
        let path = real(path)?;
        let folder = path.parent().unwrap_or(Path::new("/")).to_owned();
        Ok::<_, CannotRun>(Place::Within(folder, path))
    };
    take(edition::SETTINGS.path.to_owned(), alone(config.to_owned())?);
    if inputs.sources.lock.is_some() {
        take(edition::LOCK.path.to_owned(), alone(root.join(LOCK))?);
    }
    for (record, capture) in captures(dossier) {
        let found = find(inputs, record, capture)?;
        let sha256 = capture.sha256.as_ref().map(|sha256| sha256.as_str().to_ascii_lowercase());
        match found.place {
            CapturePlace::Beside | CapturePlace::OwnFolder => {
                let path = format!("{}{}", edition::CONTENT.path, found.inner);
                if let Some(source) = taken.get_mut(&path) {
                    source.sha256 = sha256;
                }
            }
            CapturePlace::Outside => {
                let path = format!("{}{}", edition::CAPTURES.path, found.inner);
                taken.insert(path.clone(), Source { path, place: Place::Captured(found), sha256 });
            }
        }
    }
    Ok(taken.into_values().collect())
}

/// The captures that records of the dossier tell of. What is told of in the overlay stays there.
fn captures(dossier: &Dossier) -> impl Iterator<Item = (&Record, &Capture)> {
    let inside = dossier.records.iter().filter(|record| !record.origin.is_outside);
    inside.flat_map(|record| {
        let captures = match &*record.fields {
            Fields::Source(source) => &source.captures[..],
            _ => &[],
        };
        captures.iter().map(move |capture| (&**record, capture))
    })
}

fn find(inputs: &Inputs, record: &Record, capture: &Capture) -> Result<FoundCapture, CannotRun> {
    let (source, name) = (record.id.as_str(), capture.file.as_str());
    match inputs.captures.find(&record.origin.inner, source, name) {
        Ok(Some(found)) => Ok(found),
        Ok(None) => Err(CannotRun::new(format!(
            "the copy `{name}` of `{source}` belongs to a sealed edition, and it is not on this machine"
        ))
        .hint("name the folder in which it lies with `--captures DIR`")),
        Err(error) => {
            Err(CannotRun::new(format!("the copy `{name}` of `{source}` cannot be used: {}", in_words(&error))))
        }
    }
}

/// What an edition says of these files.
pub(super) fn parts(sources: &[Source]) -> Vec<Part> {
    let all = [edition::CAPTURES, edition::CONTENT, edition::SETTINGS, edition::LOCK];
    all.into_iter().filter(|part| sources.iter().any(|source| source.path.starts_with(part.path))).collect()
}

impl Source {
    /// Writes it into an edition; a capture must be the one that its record tells of.
    pub(super) fn write(&self, archive: &mut ToFile<'_>) -> Result<(), CannotRun> {
        let cannot = |error: io::Error| {
            CannotRun::new(format!("cannot take `{}` into the edition: {}", self.path, in_words(&error)))
        };
        let (mut file, length) = self.open().map_err(cannot)?;
        let found = archive.stream(&self.path, length, &mut file).map_err(cannot)?;
        match self.sha256.as_ref().filter(|recorded| **recorded != found) {
            None => Ok(()),
            Some(recorded) => Err(CannotRun::new(format!(
                "the copy `{}` has changed: recorded is {recorded}, and it is {found}",
                self.path
            ))
            .hint("take the recorded file back; a new copy gets a name and an entry of its own")),
        }
    }

    fn open(&self) -> io::Result<(File, u64)> {
        let (file, metadata) = match &self.place {
            Place::Within(root, path) => open_within(root, path)?,
            Place::Captured(capture) => capture.open()?,
        };
        Ok((file, metadata.len()))
    }
}
