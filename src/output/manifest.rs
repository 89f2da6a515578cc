//! The list of what a build has written, kept in the folder of the site.
//!
//! Only what stands here is ever replaced or deleted. The list goes first and last: before files are moved it names the
//! old and the new ones, after that the new ones only.
//!
//! While a build is at work the list has the first form, which holds paths alone. That of a finished build has the second, with the SHA-256 and
//! the length of each file: who sends the site on by it sends no byte that the build did not look through.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Component, Path};
use std::str::Lines;

use sha2::{Digest, Sha256};

use super::{WriteError, failed};
use crate::text::{from_hexadecimal, hexadecimal};

/// The name of the manifest in the folder of the site.
pub const MANIFEST: &str = ".dossier-manifest";

const UNFINISHED: &str = "dossier manifest 1: unfinished";
/// The first line of a manifest without sums whose build came to its end.
const FINISHED_1: &str = "dossier manifest 1: finished";
const FINISHED: &str = "dossier manifest 2: finished";
const WITH_DRAFTS: &str = "dossier manifest 2: finished, with drafts";

/// What the first line of a manifest says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// The listed files are the site.
    Finished(Drafts),
    /// The same, of a build that wrote no sums; or there is no manifest, and nothing is ours.
    WithoutSums,
    /// A build was at work; what is listed may be there or not.
    Unfinished,
}

/// Whether a site shows what is unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drafts {
    /// It does.
    Shown,
    /// It does not.
    Hidden,
}

impl State {
    /// What a first line says; a folder without one that we know has nothing of ours that could be unfinished.
    pub(super) fn of(line: Option<&str>) -> State {
        match line {
            Some(UNFINISHED) => State::Unfinished,
            Some(FINISHED) => State::Finished(Drafts::Hidden),
            Some(WITH_DRAFTS) => State::Finished(Drafts::Shown),
            _ => State::WithoutSums,
        }
    }
}

/// Which bytes a file has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sum {
    /// Their SHA-256.
    pub sha256: [u8; 32],
    /// How many there are.
    pub length: u64,
}

impl Sum {
    /// The sum of some bytes.
    pub fn of(bytes: &[u8]) -> Sum {
        Sum { sha256: Sha256::digest(bytes).into(), length: bytes.len() as u64 }
    }

    /// Reads to the end.
    pub fn of_file(mut from: impl io::Read) -> io::Result<Sum> {
        let mut digest = Sha256::new();
        let mut chunk = vec![0; 1 << 16];
        let mut length = 0;
        loop {
            let count = from.read(&mut chunk)?;
            if count == 0 {
                return Ok(Sum { sha256: digest.finalize().into(), length });
            }
            digest.update(&chunk[..count]);
            length += count as u64;
        }
    }
}

/// What a build has written, by the paths from the root of the site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Manifest {
    /// The files are the site.
    Finished(BTreeMap<String, Sum>, Drafts),
    /// The same, of a build that wrote no sums; without any, nothing is ours.
    WithoutSums(BTreeSet<String>),
    /// A build was at work; what is listed may be there or not.
    Unfinished(BTreeSet<String>),
}

impl Manifest {
    /// Reads the manifest of a folder; one without a manifest has nothing of ours.
    pub(super) fn read(out: &Path) -> Result<Manifest, WriteError> {
        let path = out.join(MANIFEST);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Manifest::parse(&text)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Manifest::parse("")),
            Err(error) => Err(failed("read", &path)(error)),
        }
    }

    /// Reads a manifest. A path that would lead out of the folder is nobody's, whoever wrote it there.
    fn parse(text: &str) -> Manifest {
        let mut lines = text.lines();
        let state = State::of(lines.next());
        let paths = |lines: Lines<'_>| lines.filter(|path| is_inside(path)).map(str::to_owned).collect();
        match state {
            State::Finished(drafts) => {
                Manifest::Finished(lines.filter_map(file).map(|(path, sum)| (path.to_owned(), sum)).collect(), drafts)
            }
            State::WithoutSums => Manifest::WithoutSums(paths(lines)),
            State::Unfinished => Manifest::Unfinished(paths(lines)),
        }
    }

    /// The files that are ours.
    pub(super) fn paths(&self) -> BTreeSet<String> {
        match self {
            Manifest::Finished(files, _) => files.keys().cloned().collect(),
            Manifest::WithoutSums(paths) | Manifest::Unfinished(paths) => paths.clone(),
        }
    }

    /// Writes the manifest whole or not at all.
    pub(super) fn write(&self, out: &Path) -> Result<(), WriteError> {
        let mut text = String::new();
        let mut line = |line: &str| {
            text.push_str(line);
            text.push('\n');
        };
        match self {
            Manifest::Finished(files, drafts) => {
                line(if *drafts == Drafts::Shown { WITH_DRAFTS } else { FINISHED });
                for (path, sum) in files {
                    line(&format!("{} {} {path}", hexadecimal(&sum.sha256), sum.length));
                }
            }
            Manifest::WithoutSums(paths) | Manifest::Unfinished(paths) => {
                line(if matches!(self, Manifest::Unfinished(_)) { UNFINISHED } else { FINISHED_1 });
                paths.iter().for_each(|path| line(path));
            }
        }
        let path = out.join(MANIFEST);
        let pending = super::pending_path(&path);
        super::write_new(&pending, text.as_bytes())?;
        fs::rename(&pending, &path).map_err(failed("replace", &path))
    }
}

/// A line of a manifest with sums; `None` when it is not as a build writes it.
pub(super) fn file(line: &str) -> Option<(&str, Sum)> {
    let (digits, rest) = line.split_once(' ')?;
    let (length, path) = rest.split_once(' ')?;
    let sum = Sum { sha256: from_hexadecimal(digits)?, length: length.parse().ok()? };
    is_inside(path).then_some((path, sum))
}

/// Whether a path stays in its folder.
pub(crate) fn is_inside(path: &str) -> bool {
    // A backslash or a colon may be part of a name, or lead elsewhere: that depends on the system.
    !path.contains('\0')
        && path.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
        && Path::new(path).components().all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_names_nothing_outside_of_its_folder() {
        let paths = |text: &str| Manifest::parse(text).paths().into_iter().collect::<Vec<_>>();
        let manifest =
            "dossier manifest 1: unfinished\nindex.html\n../secret\n/etc/passwd\na/../../b\nactors/a.html\n\n./x\n";
        assert!(matches!(Manifest::parse(manifest), Manifest::Unfinished(_)));
        assert_eq!(paths(manifest), ["actors/a.html", "index.html"]);
        let sum = "0".repeat(64);
        let manifest = format!(
            "dossier manifest 2: finished\n{sum} 3 a b.html\n{sum} 3 ../secret\nindex.html\n{sum} index.html\n"
        );
        assert_eq!(paths(&manifest), ["a b.html"]);
    }
}
