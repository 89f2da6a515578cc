//! What a dossier keeps of its past editions: the manifests in `editions/`.
//!
//! They are read in two passes: the first lines, which tell the order, and then one edition after the other, of which only the last is kept as a
//! whole. Not for archives, which nobody needs beside them.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Failure, Form, SourceFile, Stamp, in_words};
use crate::diagnostic::{Code, Diagnostic, SourceText};
use crate::edition::{Break, Header, ManifestError, Past, Snapshot, manifest, order};
use crate::text;

/// The folder beside the settings in which they lie.
pub const EDITIONS: &str = "editions";

/// How the name of a sealed edition ends when none is given.
const SEALED: &str = "-sealed";

/// How many manifests are held at once while they are read.
const AT_ONCE: usize = 4;

/// What is kept of past editions.
#[derive(Debug, Default)]
pub struct Editions {
    /// The editions in their order.
    pub past: Arc<Past>,
    /// What is wrong with them.
    pub findings: Vec<Diagnostic>,
    /// The beginnings of files of which something is wrong, by their names: enough to tell the line.
    files: BTreeMap<Arc<str>, Arc<SourceFile>>,
    /// How the files looked to the system.
    stamps: BTreeMap<PathBuf, Stamp>,
}

impl SourceText for Editions {
    fn text(&self, file: &str) -> Option<&str> {
        self.files.get(file).map(|file| file.text.as_str())
    }
}

/// What is kept of the edition `until` itself and of those after it, by the headers; nothing where nothing is kept of it.
pub fn not_past(root: &Path, until: &str) -> Vec<Header> {
    let entries = fs::read_dir(root.join(EDITIONS)).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    paths.sort();
    // What cannot be read is no edition that a build would list.
    let header = |path: &PathBuf| Some(manifest::Reader::new(BufReader::new(File::open(path).ok()?)).ok()?.header);
    let headers: Vec<Header> = paths.iter().filter_map(header).collect();
    let (order, _) = order(&headers);
    let is_past = |at: &&usize| state(&headers[**at].edition) != state(until);
    order.iter().skip_while(is_past).map(|at| headers[*at].clone()).collect()
}

/// What was made for readers and for the makers on one day is one state of the dossier.
fn state(name: &str) -> &str {
    name.trim_end_matches(SEALED)
}

/// How a manifest is opened, as often as it is needed.
type Open<'a> = dyn Fn() -> io::Result<Box<dyn BufRead>> + Sync + 'a;

impl Editions {
    /// Reads what lies in the folder of a dossier, up to the edition `until` if there is such a one; what was read `before` is taken over when no
    /// file is another one.
    pub fn read(root: &Path, until: Option<&str>, before: Option<&Arc<Editions>>) -> Result<Arc<Editions>, Failure> {
        let folder = root.join(EDITIONS);
        let failed = |error| Failure::new(format!("cannot read the folder `{}`", folder.display()), error);
        let entries = match fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                let none = before.filter(|before| before.stamps.is_empty() && before.past.is_empty());
                return Ok(none.cloned().unwrap_or_default());
            }
            Err(error) => return Err(failed(error)),
        };
        let mut stamps = BTreeMap::new();
        for entry in entries {
            let path = entry.map_err(failed)?.path();
            let is_manifest = path.extension().is_some_and(|ending| ending == "jsonl");
            // What cannot be looked at is told of when it is opened.
            let Some(metadata) = fs::metadata(&path).ok().filter(|_| is_manifest) else { continue };
            if metadata.is_file() {
                stamps.insert(path, Stamp::of(&metadata));
            }
        }
        let is_still = |before: &&Arc<Editions>| {
            before.stamps.len() == stamps.len()
                && stamps.iter().all(|(path, stamp)| before.stamps.get(path).is_some_and(|then| stamp.is_still(then)))
        };
        if let Some(before) = before.filter(is_still) {
            return Ok(Arc::clone(before));
        }
        let open = |path: &Path| -> io::Result<Box<dyn BufRead>> {
            Ok(Box::new(BufReader::with_capacity(1 << 16, File::open(path)?)))
        };
        let named: Vec<(Arc<str>, Box<Open<'_>>)> = stamps
            .keys()
            .map(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let opens: Box<Open<'_>> = Box::new(move || open(path));
                (format!("{EDITIONS}/{name}").into(), opens)
            })
            .collect();
        let editions = Editions::of(&named, until);
        drop(named);
        Ok(Arc::new(Editions { stamps, ..editions }))
    }

    /// The same of texts that are at hand, by the names of their files.
    pub fn of_texts(texts: &[(Arc<str>, String)]) -> Editions {
        let open = |text: &str| -> io::Result<Box<dyn BufRead>> { Ok(Box::new(io::Cursor::new(text.to_owned()))) };
        let named: Vec<(Arc<str>, Box<Open<'_>>)> = texts
            .iter()
            .map(|(name, text)| {
                let opens: Box<Open<'_>> = Box::new(move || open(text));
                (Arc::clone(name), opens)
            })
            .collect();
        Editions::of(&named, None)
    }

    fn of(files: &[(Arc<str>, Box<Open<'_>>)], until: Option<&str>) -> Editions {
        let mut editions = Editions::default();
        let mut usable = Vec::new();
        let mut headers = Vec::new();
        for (name, open) in files {
            match open().map_err(ManifestError::Io).and_then(manifest::Reader::new) {
                Ok(reader) => {
                    usable.push((name, open));
                    headers.push(reader.header);
                }
                Err(error) => editions.cannot_use(name, &error),
            }
        }
        let (order, breaks) = order(&headers);
        for (at, is_broken) in &breaks {
            editions.tell(usable[*at].0, &headers, *at, is_broken, |other| usable[other].0);
        }
        // One that is there twice counts once.
        let is_twice =
            |at: &&usize| breaks.iter().any(|(other, broken)| other == *at && matches!(broken, Break::Twice(_)));
        let until = until.map(state);
        let is_past = |at: &&usize| until.is_none_or(|until| state(&headers[**at].edition) != until);
        let order: Vec<usize> = order.iter().take_while(is_past).filter(|at| !is_twice(at)).copied().collect();
        let mut past = Past::default();
        for some in order.chunks(AT_ONCE) {
            let read = |at: &usize| {
                usable[*at].1()
                    .map_err(ManifestError::Io)
                    .and_then(manifest::Reader::new)
                    .and_then(Snapshot::from_manifest)
            };
            let snapshots: Vec<Result<Snapshot, ManifestError>> = some.par_iter().map(read).collect();
            for (at, snapshot) in some.iter().zip(snapshots) {
                match snapshot {
                    Ok(snapshot) => past.add(Arc::clone(usable[*at].0), headers[*at].clone(), snapshot),
                    Err(error) => editions.cannot_use(usable[*at].0, &error),
                }
            }
        }
        editions.past = Arc::new(past);
        editions
    }

    fn cannot_use(&mut self, name: &Arc<str>, error: &ManifestError) {
        let (line, why) = match error {
            ManifestError::Io(error) => (1, in_words(error)),
            ManifestError::Line { line, why } => (*line, format!("line {line} {why}")),
        };
        let finding = Diagnostic::new(Code::BadEdition, format!("`{name}` cannot be used: {why}"))
            .hint("take the file back as `dossier archive` has written it; an edition is never changed");
        self.at(name, line, finding);
    }

    fn tell<'a>(
        &mut self,
        name: &Arc<str>,
        headers: &[Header],
        at: usize,
        is_broken: &Break,
        name_of: impl Fn(usize) -> &'a Arc<str>,
    ) {
        let edition = |header: &Header| text::excerpt(&header.edition, 60);
        let this = edition(&headers[at]);
        let (message, hint) = match is_broken {
            Break::Missing(previous) => (
                format!(
                    "the edition `{this}` comes after `{}`, which is not there",
                    text::excerpt(&previous.edition, 60)
                ),
                "put what is kept of that one back beside it".to_owned(),
            ),
            Break::Fork(other) => (
                format!("the editions `{}` and `{this}` both come after the same one", edition(&headers[*other])),
                format!("keep the one that was published; the other is `{}`", name_of(*other)),
            ),
            Break::Loop => (
                format!("the edition `{this}` comes after itself, by the ones that each edition names"),
                "take the files back as `dossier archive` has written them".to_owned(),
            ),
            Break::Twice(other) => (
                format!("the edition `{this}` is there twice"),
                format!("take one of the two away; the other is `{}`", name_of(*other)),
            ),
            Break::SameName(other) => (
                format!("two editions are called `{this}`, so nobody can say which is meant"),
                format!("keep the one that was published; the other is `{}`", name_of(*other)),
            ),
            Break::NoSeal => (
                format!("nothing tells the seal of the edition `{this}`"),
                "take the manifest that `dossier archive` kept in `editions/`, and not the one out of an archive"
                    .to_owned(),
            ),
        };
        self.at(name, 1, Diagnostic::new(Code::BrokenChain, message).hint(hint));
    }

    /// Puts a finding at a line. What stands there may be withheld by now, so only the place is shown.
    fn at(&mut self, name: &Arc<str>, line: u64, finding: Diagnostic) {
        let lines = usize::try_from(line.saturating_sub(1)).unwrap_or_default();
        let file = SourceFile {
            path: Arc::clone(name),
            inner: name.to_string(),
            form: Form::Yaml,
            text: "\n".repeat(lines),
            usable: false,
        };
        self.files.insert(Arc::clone(name), Arc::new(file));
        self.findings.push(finding.at(name, lines..lines));
    }
}
