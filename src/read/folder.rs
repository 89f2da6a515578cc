//! The folder of records: one walk over it, and later looks at single paths of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::{self, Metadata};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::attachment::{Attachment, look_at as look_at_attachment};
use super::file::{Found, Read, read_file};
use super::{Failure, Form, SourceFile, Sources, in_words};
use crate::diagnostic::{Code, Diagnostic};
use crate::text;

/// A file that was changed this shortly before it was read may have been changed again without a new time: where times have
/// parts of seconds, and where they have none.
const RACY: Duration = Duration::from_millis(50);
const RACY_IN_SECONDS: Duration = Duration::from_secs(2);

/// Where the records lie, and what must be known of them to look at single paths later.
#[derive(Debug)]
pub struct Folder {
    /// The folder itself, free of symbolic links.
    root: PathBuf,
    /// How it is named in messages.
    name: String,
    /// What is wrong with single files, by their path in the folder.
    findings: BTreeMap<String, Diagnostic>,
    /// How each file looked to the system when it was looked at.
    stamps: HashMap<Arc<str>, Stamp>,
    /// Whether a symbolic link was met. Then one file can be found at two paths, and only a look at all of them is right.
    has_links: bool,
}

/// What changed on the disk since the last look, as far as it makes a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether a file of records differs, came or went.
    pub records: bool,
    /// The attachments that came or may differ. They are not read, and so one that was only touched is among them.
    pub attachments: Vec<Attachment>,
    /// Whether an attachment came or went, or carries something else.
    pub attachment_list: bool,
    /// Whether the settings, the theme or what stands over it differ.
    pub look: bool,
    /// Whether a capture may differ, or what is locked of them.
    pub captures: bool,
}

impl Changes {
    /// Whether nothing differs.
    pub fn is_empty(&self) -> bool {
        *self == Changes::default()
    }

    /// What changed in this look or in another.
    #[must_use]
    pub fn and(mut self, other: Changes) -> Changes {
        self.records |= other.records;
        self.attachment_list |= other.attachment_list;
        self.look |= other.look;
        self.captures |= other.captures;
        self.attachments.extend(other.attachments);
        self
    }
}

/// How a file looks to the system; the same look means the same bytes, unless it changed just before it was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    length: u64,
    modified: Option<SystemTime>,
    /// Which file it is, and when that was said of it; where the system tells.
    identity: Option<Identity>,
    is_settled: bool,
}

impl Stamp {
    pub(super) fn of(metadata: &Metadata) -> Stamp {
        let modified = metadata.modified().ok();
        let is_settled = modified.is_some_and(|modified| {
            let has_parts = modified.duration_since(UNIX_EPOCH).is_ok_and(|since| since.subsec_nanos() != 0);
            let racy = if has_parts { RACY } else { RACY_IN_SECONDS };
            SystemTime::now().duration_since(modified).is_ok_and(|age| age > racy)
        });
        Stamp { length: metadata.len(), modified, identity: identity(metadata), is_settled }
    }

    /// Whether a file that looks like this now holds what it held then.
    pub fn is_still(&self, then: &Stamp) -> bool {
        then.is_settled && (self.length, self.modified, self.identity) == (then.length, then.modified, then.identity)
    }
}

/// A file's number, and when something was last done to it, in seconds and their parts.
pub type Identity = (u64, i64, i64);

/// Which file it is and when something was last done to it, where the system tells: other bytes have another one.
pub fn identity(metadata: &Metadata) -> Option<Identity> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        Some((metadata.ino(), metadata.ctime(), metadata.ctime_nsec()))
    }
    #[cfg(not(unix))]
    {
        let _ = metadata;
        None
    }
}

impl Folder {
    /// Reads the folder of records `content`, which is named `name` in messages.
    pub fn read(content: &Path, name: &str) -> Result<(Folder, Sources), Failure> {
        let root = content.canonicalize().map_err(|error| no_records(&content.display().to_string(), error))?;
        if !root.is_dir() {
            return Err(no_records(&content.display().to_string(), io::Error::from(io::ErrorKind::NotADirectory)));
        }
        let mut folder =
            Folder { root, name: name.to_owned(), findings: BTreeMap::new(), stamps: HashMap::new(), has_links: false };
        let mut sources = Sources::default();
        folder.look(&mut sources, &[""], &BTreeSet::new());
        Ok((folder, sources))
    }

    /// The folder itself, free of symbolic links.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is wrong with single files.
    pub fn findings(&self) -> impl Iterator<Item = &Diagnostic> {
        self.findings.values()
    }

    /// Looks at paths that may have changed, and at all below them; what is there then is what [`read`](Self::read)
    /// would give. Paths that do not lie in the folder are passed over.
    pub fn update(&mut self, sources: &mut Sources, paths: &BTreeSet<PathBuf>) -> Result<Changes, Failure> {
        let inner: BTreeSet<String> = paths
            .iter()
            // With a folder in which this one lies, this one has come anew.
            .filter_map(|path| {
                if self.root.starts_with(path) { Some(Path::new("")) } else { path.strip_prefix(&self.root).ok() }
            })
            // A name that is not UTF-8 is told of by the walk; what it is called cannot be said here.
            .map(|path| path.to_str().unwrap_or_default().replace(std::path::MAIN_SEPARATOR, "/"))
            // What is hidden is nobody's record, but a link may lead to it.
            .filter(|path| self.has_links || !path.split('/').any(is_hidden))
            .collect();
        if inner.is_empty() {
            return Ok(Changes::default());
        }
        if inner.contains("") || self.has_links {
            return self.rescan(sources, &inner);
        }
        // What lies below another path of the list is looked at with it.
        let is_inside = |path: &str| path.match_indices('/').any(|(at, _)| inner.contains(&path[..at]));
        let outermost: Vec<&str> = inner.iter().map(String::as_str).filter(|path| !is_inside(path)).collect();
        let changes = self.look(sources, &outermost, &inner);
        // A link that has come may show again what was found elsewhere already.
        if self.has_links { Ok(changes.and(self.rescan(sources, &inner)?)) } else { Ok(changes) }
    }

    /// Looks at everything. Files that look the same to the system are not read again, except those in `changed`.
    pub fn rescan(&mut self, sources: &mut Sources, changed: &BTreeSet<String>) -> Result<Changes, Failure> {
        if !self.root.is_dir() {
            return Err(no_records(&self.name, io::Error::from(io::ErrorKind::NotFound)));
        }
        self.has_links = false;
        Ok(self.look(sources, &[""], changed))
    }

    /// Replaces what is known at and below some paths by what is there now.
    fn look(&mut self, sources: &mut Sources, paths: &[&str], changed: &BTreeSet<String>) -> Changes {
        let mut changes = Changes::default();
        let mut walked = Walk::default();
        for path in paths {
            walked.walk(&self.root, &self.root.join(path), &self.name);
        }
        self.has_links |= walked.has_links;
        walked.records.sort_unstable_by(|a, b| a.path.cmp(&b.path));
        walked.attachments.sort_unstable_by(|a, b| a.inner.cmp(&b.inner));
        let known = &*sources.files;
        let looks: Vec<Look> = walked
            .records
            .into_par_iter()
            .map(|found| {
                let before = known.binary_search_by(|file| file.path.cmp(&found.path)).ok().map(|at| &known[at]);
                look_at(found, before, &self.stamps, changed)
            })
            .collect();
        let findings = self.replace_files(&mut sources.files, paths, looks, &mut changes);
        self.replace_attachments(&mut sources.attachments, paths, walked.attachments, changed, &mut changes);
        let before = self.findings.len();
        let had: Vec<Diagnostic> = self.findings.values().cloned().collect();
        self.findings.retain(|path, _| !paths.iter().any(|outer| is_at_or_below(path, outer)));
        self.findings.extend(walked.findings);
        self.findings.extend(findings);
        changes.records |= before != self.findings.len() || !self.findings.values().eq(&had);
        changes
    }

    /// Puts what was found in the place of what stood at and below some paths; returns what is wrong with the files.
    fn replace_files(
        &mut self,
        files: &mut Vec<Arc<SourceFile>>,
        paths: &[&str],
        looks: Vec<Look>,
        changes: &mut Changes,
    ) -> BTreeMap<String, Diagnostic> {
        let mut findings = BTreeMap::new();
        let mut fresh: BTreeMap<Arc<str>, Arc<SourceFile>> = BTreeMap::new();
        for Look { path, inner, stamp, outcome } in looks {
            match stamp {
                Some(stamp) => self.stamps.insert(Arc::clone(&path), stamp),
                None => self.stamps.remove(&path),
            };
            match outcome {
                Outcome::Same(file) => {
                    // The finding of a file that was not read again still stands.
                    findings.extend(self.findings.get(&inner).map(|finding| (inner.clone(), finding.clone())));
                    fresh.insert(path, file);
                }
                Outcome::Read(file, finding) => {
                    findings.extend(finding.map(|finding| (inner, *finding)));
                    fresh.insert(path, file);
                }
                Outcome::Nothing(finding) => {
                    findings.insert(inner, finding);
                }
            }
        }
        for path in paths {
            for range in at_and_below(files, path, |file| &file.inner) {
                let gone = files[range.clone()].iter().filter(|file| !fresh.contains_key(&file.path));
                let gone: Vec<Arc<str>> = gone.map(|file| Arc::clone(&file.path)).collect();
                if gone.is_empty() {
                    continue;
                }
                changes.records = true;
                for path in &gone {
                    self.stamps.remove(path);
                }
                let kept: Vec<_> =
                    files[range.clone()].iter().filter(|file| fresh.contains_key(&file.path)).cloned().collect();
                files.splice(range, kept);
            }
        }
        if files.is_empty() {
            changes.records |= !fresh.is_empty();
            files.extend(fresh.into_values());
            return findings;
        }
        for (path, file) in fresh {
            match files.binary_search_by(|other| other.path.cmp(&path)) {
                Ok(at) => {
                    changes.records |= !Arc::ptr_eq(&files[at], &file);
                    files[at] = file;
                }
                Err(at) => {
                    changes.records = true;
                    files.insert(at, file);
                }
            }
        }
        findings
    }

    /// Puts the attachments that were found in the place of those at and below some paths.
    fn replace_attachments(
        &mut self,
        attachments: &mut Arc<Vec<Attachment>>,
        paths: &[&str],
        fresh: Vec<Attachment>,
        changed: &BTreeSet<String>,
        changes: &mut Changes,
    ) {
        let ranges = || paths.iter().flat_map(|path| at_and_below(attachments, path, |attachment| &attachment.inner));
        let fresh = self.looked_at(fresh, attachments, changed, changes);
        let before: BTreeSet<String> =
            ranges().flat_map(|range| &attachments[range]).map(|attachment| attachment.inner.clone()).collect();
        let after: BTreeSet<&str> = fresh.iter().map(|attachment| attachment.inner.as_str()).collect();
        changes.attachment_list |= !before.iter().map(String::as_str).eq(after.iter().copied());
        for gone in before.iter().filter(|inner| !after.contains(inner.as_str())) {
            self.stamps.remove(&self.key(gone));
        }
        if changes.attachment_list {
            let mut all: Vec<Attachment> =
                attachments.iter().filter(|attachment| !before.contains(&attachment.inner)).cloned().collect();
            all.extend(fresh);
            all.sort_unstable_by(|a, b| a.inner.cmp(&b.inner));
            *attachments = Arc::new(all);
        }
    }

    /// The attachments that were found, with what they carry. Those that look to the system as they did are not read again.
    fn looked_at(
        &mut self,
        found: Vec<Attachment>,
        known: &[Attachment],
        changed: &BTreeSet<String>,
        changes: &mut Changes,
    ) -> Vec<Attachment> {
        let stamps = &self.stamps;
        let look = |mut attachment: Attachment| {
            let key = self.key(&attachment.inner);
            let before = known.binary_search_by(|other| other.inner.cmp(&attachment.inner)).ok().map(|at| &known[at]);
            // Taken before the file is read: what changes in between is then seen at the next look.
            let stamp = fs::metadata(&attachment.on_disk).ok().as_ref().map(Stamp::of);
            let is_still = stamp.zip(stamps.get(&key)).is_some_and(|(now, then)| now.is_still(then));
            match before.filter(|_| is_still && !changed.contains(&attachment.inner)) {
                Some(before) => attachment.look = before.look,
                None => attachment.look = look_at_attachment(&attachment.on_disk),
            }
            let is_other = before.is_none_or(|before| before.look != attachment.look);
            (attachment, key, stamp, is_still, is_other)
        };
        let looked: Vec<_> = found.into_par_iter().map(look).collect();
        let mut all = Vec::with_capacity(looked.len());
        for (attachment, key, stamp, is_still, is_other) in looked {
            if let Some(stamp) = stamp {
                self.stamps.insert(key, stamp);
                if !is_still || changed.contains(&attachment.inner) {
                    changes.attachments.push(attachment.clone());
                }
            }
            changes.attachment_list |= is_other;
            all.push(attachment);
        }
        all
    }

    /// By what the stamp of an attachment is found.
    fn key(&self, inner: &str) -> Arc<str> {
        format!("{}/{inner}", self.name).into()
    }
}

/// Why there are no records, and what to do.
fn no_records(content: &str, error: io::Error) -> Failure {
    let failure = match error.kind() {
        io::ErrorKind::NotFound => {
            let cause = io::Error::new(io::ErrorKind::NotFound, format!("the folder `{content}` does not exist"));
            Failure::new("there are no records here", cause)
        }
        _ => Failure::new(format!("cannot read the folder of records `{content}`"), error),
    };
    failure.hint(
        "`content:` in the settings names the folder of records, which is `content` when it is not set; make that folder, or \
         begin a new dossier with `dossier init DIR`",
    )
}

/// A file of records that was looked at.
struct Look {
    path: Arc<str>,
    inner: String,
    stamp: Option<Stamp>,
    outcome: Outcome,
}

enum Outcome {
    /// It was not read, since it looks as it did.
    Same(Arc<SourceFile>),
    /// It was read; the pointer is the one before when it holds what it held.
    Read(Arc<SourceFile>, Option<Box<Diagnostic>>),
    /// It cannot be read.
    Nothing(Diagnostic),
}

fn look_at(
    found: Found,
    before: Option<&Arc<SourceFile>>,
    stamps: &HashMap<Arc<str>, Stamp>,
    changed: &BTreeSet<String>,
) -> Look {
    let path = Arc::clone(&found.path);
    let inner = found.inner.clone();
    // Taken before the file is read: what changes in between is then seen at the next look.
    let metadata = fs::metadata(&found.on_disk);
    let stamp = metadata.as_ref().ok().map(Stamp::of);
    if let (Some(before), Some(now), Some(then)) = (before, stamp, stamps.get(&path))
        && now.is_still(then)
        && !changed.contains(&inner)
    {
        return Look { path, inner, stamp: Some(*then), outcome: Outcome::Same(Arc::clone(before)) };
    }
    let outcome = match read_file(found, metadata) {
        Read::File(file, finding) => match before.filter(|before| ***before == file) {
            Some(before) => Outcome::Read(Arc::clone(before), finding),
            None => Outcome::Read(Arc::new(file), finding),
        },
        Read::Nothing(finding) => Outcome::Nothing(*finding),
    };
    Look { path, inner, stamp, outcome }
}

/// The places in a sorted list of what stands at a path and of what stands below it, the later ones first.
fn at_and_below<T>(list: &[T], path: &str, inner: impl Fn(&T) -> &str) -> [Range<usize>; 2] {
    if path.is_empty() {
        return [0..list.len(), 0..0];
    }
    let folder = format!("{path}/");
    let start = list.partition_point(|entry| inner(entry) < folder.as_str());
    let length = list[start..].partition_point(|entry| inner(entry).starts_with(&folder));
    let own = list.partition_point(|entry| inner(entry) < path);
    let is_there = list.get(own).is_some_and(|entry| inner(entry) == path);
    [start..start + length, own..own + usize::from(is_there)]
}

fn is_at_or_below(path: &str, outer: &str) -> bool {
    outer.is_empty() || path.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// What one or more walks found.
#[derive(Default)]
struct Walk {
    records: Vec<Found>,
    attachments: Vec<Attachment>,
    findings: BTreeMap<String, Diagnostic>,
    has_links: bool,
}

impl Walk {
    /// Walks what is at and below `start`, which lies in `root`.
    fn walk(&mut self, root: &Path, start: &Path, name: &str) {
        if start != root && fs::symlink_metadata(start).is_err() {
            return;
        }
        let mut outside = Vec::new();
        let mut has_links = false;
        let entries = WalkDir::new(start).follow_links(true).sort_by_file_name().into_iter().filter_entry(|entry| {
            if entry.path() == root {
                return true;
            }
            if is_hidden(&entry.file_name().to_string_lossy()) {
                return false;
            }
            has_links |= entry.path_is_symlink();
            let leaves = entry.path_is_symlink() && leaves_folder(entry.path(), root);
            if leaves {
                outside.push(entry.path().to_owned());
            }
            !leaves
        });
        for entry in entries {
            match entry {
                Ok(entry) if entry.file_type().is_file() => self.take(&entry, root, name),
                Ok(_) => {}
                Err(error) => {
                    let (inner, finding) = walk_error(&error, root, name);
                    // Editors lock a file by a hidden link that leads nowhere.
                    if !inner.split('/').any(is_hidden) {
                        self.findings.insert(inner, finding);
                    }
                }
            }
        }
        // A link that leads nowhere is reported as an error and never reaches the filter.
        self.has_links |= has_links || !self.findings.is_empty();
        for path in outside {
            let inner = inner_path(&path, root);
            let shown: Arc<str> = format!("{name}/{inner}").into();
            self.findings.insert(
                inner,
                Diagnostic::new(
                    Code::LinkLeavesFolder,
                    format!("`{shown}` is a symbolic link out of the folder of records"),
                )
                .at(&shown, 0..0)
                .hint("copy the file into the folder, or remove the link; it was not read"),
            );
        }
    }

    fn take(&mut self, entry: &DirEntry, root: &Path, name: &str) {
        let inner = inner_path(entry.path(), root);
        let path: Arc<str> = format!("{name}/{inner}").into();
        if entry.path().to_str().is_none() {
            self.findings.insert(
                inner,
                Diagnostic::new(Code::BadId, format!("the name of `{}` is not UTF-8", text::excerpt(&path, 200)))
                    .at(&path, 0..0)
                    .hint("rename the file with letters that every system can show"),
            );
            return;
        }
        let Some(form) = Form::of(entry.path()) else {
            // What it carries is looked at where it is not known yet.
            let look = Default::default();
            self.attachments.push(Attachment { inner, on_disk: entry.path().to_owned(), look });
            return;
        };
        self.records.push(Found { path, inner, form, on_disk: entry.path().to_owned() });
    }
}

/// Hidden files and the leavings of editors are nobody's records.
pub(super) fn is_hidden(name: &str) -> bool {
    name.starts_with('.') || name.ends_with('~') || (name.starts_with('#') && name.ends_with('#'))
}

fn leaves_folder(link: &Path, root: &Path) -> bool {
    // A link that cannot be resolved leads nowhere and is reported by the walk itself.
    link.canonicalize().is_ok_and(|target| !target.starts_with(root))
}

pub(super) fn inner_path(path: &Path, root: &Path) -> String {
    let inner = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<_> = inner.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn walk_error(error: &walkdir::Error, root: &Path, name: &str) -> (String, Diagnostic) {
    let path = error.path().map(|path| inner_path(path, root)).unwrap_or_default();
    let shown: Arc<str> = if path.is_empty() { name.into() } else { format!("{name}/{path}").into() };
    let finding = if error.loop_ancestor().is_some() {
        Diagnostic::new(Code::UnreadableFile, format!("`{shown}` is a symbolic link to a folder that it lies in"))
            .hint("remove the link")
    } else {
        let cause = error.io_error().map_or_else(|| error.to_string(), in_words);
        Diagnostic::new(Code::UnreadableFile, format!("cannot read `{shown}`: {cause}"))
            .hint("check that the file is there and that you may read it")
    };
    (path, finding.at(&shown, 0..0))
}
