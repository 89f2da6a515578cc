//! Writing the site into a folder: only what changed, each file whole or not at all, nothing that is not ours.
//!
//! A build goes in two steps. First every page is rendered; what differs from the file that is there is written beside it
//! under a name of its own. Only when all of that has succeeded are the new files moved into place. So a template that
//! fails at the last page leaves the site as it was, and a build that is killed leaves of each file the old or the new one.
//! The same holds of a file that gives away what is withheld: each is looked through before it is written.
//! What the next build needs to know to clean up after a killed one stands in the [manifest](manifest::Manifest).
//! Who wants the site in one file has it [streamed](stream_site) in the order of its paths, by the same rules.

mod lock;
mod manifest;
mod stream;

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::leak::{Leak, Scan, Stage};
use crate::plan::Route;
use crate::redact::{Audience, Copied};
use crate::render::{Page, Renderer};
use lock::lock_of;
pub(crate) use manifest::is_inside;
pub use manifest::{Drafts, MANIFEST, Manifest, Sum};
pub use stream::{Built, Files, SiteFile, Unbuilt, stream_built, stream_site};

/// What a file that is being written is called until it is moved into place.
const PENDING: &str = ".dossier-tmp";

/// What a build did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Pages that people read.
    pub pages: u64,
    /// All files, pages included.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Files that are new or differ.
    pub written: u64,
    /// Files of an earlier build that are no longer part of the site.
    pub deleted: u64,
    /// How long processors looked for what is withheld.
    pub scanned: Duration,
}

impl Report {
    /// What two parts of a build come to.
    fn and(self, other: Report) -> Report {
        Report {
            pages: self.pages + other.pages,
            files: self.files + other.files,
            bytes: self.bytes + other.bytes,
            scanned: self.scanned + other.scanned,
            ..self
        }
    }
}

/// Why nothing was written.
#[derive(Debug)]
pub enum WriteError {
    /// The disk or the system refused.
    Io {
        /// What was tried, with the path.
        attempt: String,
        /// What came of it.
        cause: io::Error,
    },
    /// Pages could not be rendered, or pictures not be read.
    Pages(Vec<Diagnostic>),
    /// Files would give away what is withheld.
    Leaks(Vec<Leak>),
    /// Files stand in the way that no build has written.
    Foreign(Vec<String>),
    /// Another build is writing to the same folder.
    Busy,
    /// Files that the last build wrote are not as it wrote them, by their paths.
    Changed(Vec<String>),
    /// The site is the one that authors see, which holds what readers may not.
    NotForReaders,
}

fn failed(attempt: &str, path: &Path) -> impl Fn(io::Error) -> WriteError {
    let attempt = format!("cannot {attempt} `{}`", path.display());
    move |cause| WriteError::Io { attempt: attempt.clone(), cause }
}

/// A site that is to be written, with what finds in it what must not be.
#[derive(Clone, Copy)]
struct Job<'a> {
    renderer: &'a Renderer,
    scan: &'a Scan,
    progress: &'a (dyn Fn() + Sync),
}

/// Writes the site to `out`, unless `scan` finds in it what is withheld; `progress` is told of each file that is rendered.
pub fn write_site(
    renderer: &Renderer,
    scan: &Scan,
    out: &Path,
    progress: &(dyn Fn() + Sync),
) -> Result<Report, WriteError> {
    let job = Job { renderer, scan, progress };
    let routes = job.routes()?;
    // A link to a folder elsewhere is the author's choice; what is beside that folder is meant from here on.
    let real = out.canonicalize();
    let out = real.as_deref().unwrap_or(out);
    let fresh = is_absent_or_empty(out)?;
    let leftover = staging_folder(out);
    if leftover.join(MANIFEST).is_file() {
        fs::remove_dir_all(&leftover).map_err(failed("remove what is left of an earlier build,", &leftover))?;
    }
    if fresh {
        remove_unbegun(&leftover)?;
        return write_fresh(job, &routes, out, &leftover);
    }
    let folder = lock_of(out).map_err(failed("open", out))?;
    // Where a folder cannot be locked, two builds at once are still safe file by file.
    if let Err(fs::TryLockError::WouldBlock) = folder.try_lock() {
        return Err(WriteError::Busy);
    }
    update(job, &routes, out)
}

/// Renders the whole site and says what [`write_site`] would do to `out`, which stays as it is.
pub fn rehearse(
    renderer: &Renderer,
    scan: &Scan,
    out: &Path,
    progress: &(dyn Fn() + Sync),
) -> Result<Report, WriteError> {
    let job = Job { renderer, scan, progress };
    let routes = job.routes()?;
    let old = if is_absent_or_empty(out)? { BTreeSet::new() } else { Manifest::read(out)?.paths() };
    let paths: BTreeSet<String> = routes.iter().map(|(path, _)| (*path).clone()).collect();
    let foreign = foreign_files(out, &paths, &old)?;
    if !foreign.is_empty() {
        return Err(WriteError::Foreign(foreign));
    }
    let written = AtomicU64::new(0);
    let report = job.render_all(&routes, &|path, bytes| {
        if !(old.contains(path) && is_same(&out.join(path), bytes)?) {
            written.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    })?;
    let deleted = old.difference(&paths).filter(|path| out.join(path).exists()).count() as u64;
    Ok(Report { written: written.into_inner(), deleted, ..report })
}

fn is_absent_or_empty(out: &Path) -> Result<bool, WriteError> {
    match fs::read_dir(out) {
        Ok(mut entries) => Ok(entries.next().is_none()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(failed("read the folder", out)(error)),
    }
}

/// The folder beside `out` in which a first build grows.
fn staging_folder(out: &Path) -> PathBuf {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(PENDING);
    out.with_file_name(name)
}

/// Removes the folder of a build that was killed before it wrote its manifest; one that holds anything else is not ours.
fn remove_unbegun(staging: &Path) -> Result<(), WriteError> {
    remove(&pending_path(&staging.join(MANIFEST)))?;
    match fs::remove_dir(staging) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(failed("make way for the new site at", staging)(error))
        }
        _ => Ok(()),
    }
}

/// Writes a site where there is none: into a folder beside it, which is then renamed as a whole.
fn write_fresh(job: Job<'_>, routes: &[(&String, &Route)], out: &Path, staging: &Path) -> Result<Report, WriteError> {
    let paths: BTreeSet<String> = routes.iter().map(|(path, _)| (*path).clone()).collect();
    fs::create_dir_all(staging).map_err(failed("make the folder", staging))?;
    // The manifest goes first, so that whatever lies in a folder of this name without one is somebody else's.
    Manifest::Unfinished(paths.clone()).write(staging)?;
    make_folders(staging, paths.iter())?;
    let sums = Sums::default();
    let result = job.render_all(routes, &|path, bytes| {
        sums.add(path, bytes);
        let path = staging.join(path);
        fs::write(&path, bytes).map_err(failed("write", &path))
    });
    let result = result.and_then(|report| job.finished(sums).write(staging).map(|()| report));
    match result {
        Ok(mut report) => {
            report.written = report.files;
            match fs::remove_dir(out) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => {
                    return Err(failed("replace the empty folder", out)(error));
                }
                _ => {}
            }
            fs::rename(staging, out).map_err(failed("move the finished site to", out))?;
            Ok(report)
        }
        Err(error) => {
            // The error that led here matters more than one of the clean-up, which the next build repeats.
            drop(fs::remove_dir_all(staging));
            Err(error)
        }
    }
}

/// Brings a site that is there up to date.
fn update(job: Job<'_>, routes: &[(&String, &Route)], out: &Path) -> Result<Report, WriteError> {
    let is_first = !out.join(MANIFEST).exists();
    let old = Manifest::read(out)?;
    let old_paths = old.paths();
    if matches!(old, Manifest::Unfinished(_)) {
        remove_pending(out, &old_paths)?;
    }
    let paths: BTreeSet<String> = routes.iter().map(|(path, _)| (*path).clone()).collect();
    let foreign = foreign_files(out, &paths, &old_paths)?;
    if !foreign.is_empty() {
        return Err(WriteError::Foreign(foreign));
    }
    make_folders(out, paths.iter())?;
    // While files are moved, both the old and the new ones are ours; the next build finds that here if this one is killed.
    Manifest::Unfinished(old_paths.union(&paths).cloned().collect()).write(out)?;
    let staged: Mutex<Vec<&str>> = Mutex::new(Vec::new());
    let sums = Sums::default();
    let result = job.render_all(routes, &|path, bytes| {
        sums.add(path, bytes);
        let target = out.join(path);
        if old_paths.contains(path) && is_same(&target, bytes)? {
            return Ok(());
        }
        let pending = pending_path(&target);
        // Named first, so that what is left of a write that fails is cleaned up with the rest.
        staged.lock().unwrap_or_else(PoisonError::into_inner).push(path);
        write_new(&pending, bytes)?;
        Ok(())
    });
    let staged = staged.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut report = match result {
        Ok(report) => report,
        Err(error) => {
            for path in &staged {
                drop(fs::remove_file(pending_path(&out.join(path))));
            }
            if is_first {
                remove(&out.join(MANIFEST))?;
            } else {
                old.write(out)?;
            }
            return Err(error);
        }
    };
    staged.par_iter().try_for_each(|path| {
        let target = out.join(path);
        fs::rename(pending_path(&target), &target).map_err(failed("replace", &target))
    })?;
    report.written = staged.len() as u64;
    report.deleted = delete_stale(out, old_paths.difference(&paths))?;
    job.finished(sums).write(out)?;
    Ok(report)
}

/// The sums of what has been rendered so far.
#[derive(Default)]
struct Sums<'a>(Mutex<Vec<(&'a str, Sum)>>);

impl<'a> Sums<'a> {
    fn add(&self, path: &'a str, bytes: &[u8]) {
        let sum = Sum::of(bytes);
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((path, sum));
    }
}

/// What is done with the bytes of a path.
type Keep<'a, 'k> = dyn Fn(&'a str, &[u8]) -> Result<(), WriteError> + Sync + 'k;

impl Job<'_> {
    /// The manifest of a build that came to its end.
    fn finished(&self, sums: Sums<'_>) -> Manifest {
        let drafts = match self.renderer.site().dossier.audience {
            Audience::ReadersOfDrafts => Drafts::Shown,
            Audience::Readers | Audience::Authors => Drafts::Hidden,
        };
        let sums = sums.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        Manifest::Finished(sums.into_iter().map(|(path, sum)| (path.to_owned(), sum)).collect(), drafts)
    }

    /// What is to be written, once it is sure that no path gives anything away.
    fn routes(&self) -> Result<Vec<(&String, &Route)>, WriteError> {
        let site = self.renderer.site();
        if site.dossier.audience == Audience::Authors {
            return Err(WriteError::NotForReaders);
        }
        // The address of what was taken down is the one thing that stays of it.
        let told = |(_, route): &(&String, &Route)| !matches!(route, Route::Tombstone(..) | Route::Gone(_));
        let leaks = self.scan.paths(site.plan.routes.iter().filter(told).map(|(path, _)| path.as_str()));
        if !leaks.is_empty() {
            return Err(WriteError::Leaks(leaks));
        }
        // An address of the past that says by itself what is withheld now does not answer any more.
        let telling = self.scan.old_paths(site.plan.gone.iter().map(|gone| gone.path.as_str()));
        let is_quiet =
            |(path, route): &(&String, &Route)| !matches!(route, Route::Gone(_)) || !telling.contains(path.as_str());
        Ok(site.plan.routes.iter().filter(is_quiet).collect())
    }

    /// Renders every route, looks through its bytes and hands them over; stops at the first failure of the disk, and collects
    /// all of templates, and all that is given away.
    fn render_all<'a>(&self, routes: &[(&'a String, &Route)], keep: &Keep<'a, '_>) -> Result<Report, WriteError> {
        let refused = Refused::default();
        let report = routes
            .par_iter()
            .with_max_len(256)
            .map(|(path, route)| {
                let Some((bytes, report)) = self.file(path, route, &refused)? else { return Ok(Report::default()) };
                keep(path, &bytes)?;
                (self.progress)();
                Ok(report)
            })
            .try_reduce(Report::default, |a, b| Ok(a.and(b)))?;
        refused.end(report)
    }

    /// The bytes of a route, which give nothing away; `None` when they are refused.
    fn file(&self, path: &str, route: &Route, refused: &Refused) -> Result<Option<(Vec<u8>, Report)>, WriteError> {
        let bytes = match self.renderer.render(path, route) {
            Ok(Page::Bytes(bytes)) => Ok(bytes),
            Ok(Page::Copy(at)) => copy(self.renderer, at)?,
            Err(finding) => Err(finding),
        };
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(finding) => {
                refused.broken.lock().unwrap_or_else(PoisonError::into_inner).push(*finding);
                return Ok(None);
            }
        };
        let began = Instant::now();
        let found = self.scan.bytes(path, stage(route), &self.renderer.looked_through(route, &bytes));
        let scanned = began.elapsed();
        if !found.is_empty() {
            refused.leaks.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
            return Ok(None);
        }
        let pages = u64::from(route.is_page());
        let report = Report { pages, files: 1, bytes: bytes.len() as u64, scanned, ..Report::default() };
        Ok(Some((bytes, report)))
    }
}

/// What could not be rendered, and what would give something away.
#[derive(Default)]
struct Refused {
    broken: Mutex<Vec<Diagnostic>>,
    leaks: Mutex<Vec<Leak>>,
}

impl Refused {
    fn is_empty(&self) -> bool {
        let broken = self.broken.lock().unwrap_or_else(PoisonError::into_inner);
        broken.is_empty() && self.leaks.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// What a build comes to of which this was refused.
    fn end(self, report: Report) -> Result<Report, WriteError> {
        let leaks = self.leaks.into_inner().unwrap_or_else(PoisonError::into_inner);
        if !leaks.is_empty() {
            return Err(WriteError::Leaks(leaks));
        }
        let mut broken = self.broken.into_inner().unwrap_or_else(PoisonError::into_inner);
        if broken.is_empty() {
            return Ok(report);
        }
        broken.sort();
        Err(WriteError::Pages(broken))
    }
}

/// Where in the making of a site the bytes of a route come from.
pub(crate) fn stage(route: &Route) -> Stage {
    match route {
        Route::Asset(_) => Stage::Asset,
        Route::Attachment(_) => Stage::Attachment,
        route if route.is_page() => Stage::Page,
        _ => Stage::Machine,
    }
}

/// The bytes of an attachment as they are published; the finding about a picture that cannot be.
fn copy(renderer: &Renderer, at: u32) -> Result<Result<Vec<u8>, Box<Diagnostic>>, WriteError> {
    let dossier = &renderer.site().dossier;
    let attachment = &dossier.attachments[at as usize];
    let unreadable = failed("read", &attachment.on_disk);
    match attachment.copied().map_err(&unreadable)? {
        Copied::Picture(bytes) => Ok(Ok(bytes)),
        Copied::File(mut file, _) => {
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).map_err(unreadable)?;
            Ok(Ok(bytes))
        }
        Copied::Refused(fault) => {
            let path: Arc<str> = format!("{}/{}", dossier.settings.content(), attachment.inner).into();
            Ok(Err(Box::new(fault.finding(&path).at(&path, 0..0))))
        }
    }
}

fn pending_path(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(PENDING);
    PathBuf::from(name)
}

fn is_same(target: &Path, bytes: &[u8]) -> Result<bool, WriteError> {
    match fs::symlink_metadata(target) {
        Ok(metadata) if metadata.is_file() && metadata.len() == bytes.len() as u64 => {
            fs::read(target).map(|there| there == bytes).map_err(failed("read", target))
        }
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(failed("read", target)(error)),
    }
}

/// What stands where a new file belongs and was not written by a build.
fn foreign_files(out: &Path, new: &BTreeSet<String>, old: &BTreeSet<String>) -> Result<Vec<String>, WriteError> {
    let mut foreign = Vec::new();
    for folder in folders(new.iter()) {
        let path = out.join(&folder);
        match fs::symlink_metadata(&path) {
            // A link in place of a folder would lead the build out of the site.
            Ok(metadata) if !metadata.is_dir() => foreign.push(folder),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(failed("read", &path)(error)),
        }
    }
    for path in new.difference(old) {
        match fs::symlink_metadata(out.join(path)) {
            Ok(_) => foreign.push(path.clone()),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {}
            Err(error) => return Err(failed("read", &out.join(path))(error)),
        }
    }
    for path in new.intersection(old) {
        let target = out.join(path);
        if fs::symlink_metadata(&target).is_ok_and(|metadata| !metadata.is_file()) {
            foreign.push(path.clone());
        }
    }
    foreign.sort();
    foreign.dedup();
    Ok(foreign)
}

/// All folders that hold one of the paths, parents before what is in them.
fn folders<'a>(paths: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    let mut folders = BTreeSet::new();
    let mut last = "";
    for path in paths {
        let Some((folder, _)) = path.rsplit_once('/') else { continue };
        if folder == last {
            continue;
        }
        last = folder;
        for (at, _) in folder.match_indices('/') {
            folders.insert(folder[..at].to_owned());
        }
        folders.insert(folder.to_owned());
    }
    folders
}

fn make_folders<'a>(root: &Path, paths: impl Iterator<Item = &'a String>) -> Result<(), WriteError> {
    fs::create_dir_all(root).map_err(failed("make the folder", root))?;
    for folder in folders(paths) {
        let path = root.join(folder);
        match fs::create_dir(&path) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => {
                return Err(failed("make the folder", &path)(error));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Writes a file that is not there yet. What has its name goes first, or a link of that name would be written through.
fn write_new(path: &Path, bytes: &[u8]) -> Result<(), WriteError> {
    let mut file = match fs::File::create_new(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            remove(path)?;
            fs::File::create_new(path)
        }
        other => other,
    }
    .map_err(failed("write", path))?;
    file.write_all(bytes).map_err(failed("write", path))
}

/// Removes what a killed build left under pending names.
fn remove_pending(out: &Path, paths: &BTreeSet<String>) -> Result<(), WriteError> {
    for path in paths.iter().filter(|path| !is_through_link(out, path)) {
        remove(&pending_path(&out.join(path)))?;
    }
    Ok(())
}

/// Whether a link in place of a folder would lead out of the site on the way to a path.
fn is_through_link(out: &Path, path: &str) -> bool {
    path.match_indices('/').any(|(at, _)| out.join(&path[..at]).is_symlink())
}

fn remove(path: &Path) -> Result<bool, WriteError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(false),
        Err(error) => Err(failed("delete", path)(error)),
    }
}

/// Deletes files of an earlier build, and the folders that are empty without them.
fn delete_stale<'a>(out: &Path, stale: impl Iterator<Item = &'a String>) -> Result<u64, WriteError> {
    let mut deleted = 0;
    let mut emptied = BTreeSet::new();
    for path in stale.filter(|path| !is_through_link(out, path)) {
        deleted += u64::from(remove(&out.join(path))?);
        if let Some((folder, _)) = path.rsplit_once('/') {
            emptied.extend(folders([format!("{folder}/x")].iter()));
        }
    }
    // Inner folders first; one with something in it refuses to go, which is what is wanted.
    for folder in emptied.iter().rev() {
        drop(fs::remove_dir(out.join(folder)));
    }
    Ok(deleted)
}
