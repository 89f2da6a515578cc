//! The list of what a build has written, kept in the folder of the site.
//!
//! Only what stands here is ever replaced or deleted. The list goes first and last: before files are moved it names the
//! old and the new ones, after that the new ones only.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path};

use super::{WriteError, failed};

/// The name of the manifest in the folder of the site.
pub const MANIFEST: &str = ".dossier-manifest";

/// The first line of a manifest whose build came to its end.
pub(super) const FINISHED: &str = "dossier manifest 1: finished";
const UNFINISHED: &str = "dossier manifest 1: unfinished";

/// Whether the build that wrote the manifest came to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The listed files are the site.
    Finished,
    /// A build was at work; what is listed may be there or not.
    Unfinished,
}

/// What a build has written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Manifest {
    /// Whether it came to its end.
    pub state: State,
    /// The files, by their paths from the root of the site.
    pub paths: BTreeSet<String>,
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
        let state = if lines.next() == Some(UNFINISHED) { State::Unfinished } else { State::Finished };
        Manifest { state, paths: lines.filter(|path| is_inside(path)).map(str::to_owned).collect() }
    }

    /// Writes the manifest whole or not at all.
    pub(super) fn write(&self, out: &Path) -> Result<(), WriteError> {
        let mut text = String::from(match self.state {
            State::Finished => FINISHED,
            State::Unfinished => UNFINISHED,
        });
        for path in &self.paths {
            text.push('\n');
            text.push_str(path);
        }
        text.push('\n');
        let path = out.join(MANIFEST);
        let pending = super::pending_path(&path);
        super::write_new(&pending, text.as_bytes())?;
        fs::rename(&pending, &path).map_err(failed("replace", &path))
    }
}

/// Whether a path stays in its folder.
pub(super) fn is_inside(path: &str) -> bool {
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
        let manifest = Manifest::parse(
            "dossier manifest 1: unfinished\nindex.html\n../secret\n/etc/passwd\na/../../b\nactors/a.html\n\n./x\n",
        );
        assert_eq!(manifest.state, State::Unfinished);
        assert_eq!(manifest.paths.into_iter().collect::<Vec<_>>(), ["actors/a.html", "index.html"]);
    }
}
