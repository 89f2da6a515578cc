//! The site as a stream: its files in the order of their paths, a few at a time, so that memory does not grow with it.
//!
//! It comes from the renderer, by the same rules as a build, or from the folder that the last build wrote.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::manifest::{FINISHED, is_inside};
use super::{Job, MANIFEST, Refused, Report, WriteError, failed};
use crate::leak::Scan;
use crate::plan::Route;
use crate::render::Renderer;

/// How much is handed over at once: pages, of which an attachment counts for some.
const AT_ONCE: usize = 256;
const ATTACHMENT: usize = 32;

/// How many bytes of a built site are handed over at once.
const BYTES_AT_ONCE: u64 = 4 << 20;

/// A file of a built site that is longer is handed over by itself.
const LONG: u64 = 2 << 20;

/// Files of a site.
#[derive(Debug)]
pub enum Files {
    /// Some of them, each with its bytes.
    Some(Vec<(String, Vec<u8>)>),
    /// A long one, open at its beginning, and its length.
    Long(String, File, u64),
}

/// What is done with files as they come.
type Take<'a> = dyn FnMut(Files) -> Result<(), WriteError> + Send + 'a;

/// Renders the whole site and hands its files over in the order of their paths, unless `scan` finds in them what is withheld.
/// When it fails, what was handed over does not count.
pub fn stream_site(
    renderer: &Renderer,
    scan: &Scan,
    progress: &(dyn Fn() + Sync),
    take: &mut Take<'_>,
) -> Result<Report, WriteError> {
    let job = Job { renderer, scan, progress };
    let routes = job.routes()?;
    let mut rest = routes.as_slice();
    let refused = Refused::default();
    let mut report = Report::default();
    let mut before = Vec::new();
    loop {
        let some = at_once(rest);
        rest = &rest[some.len()..];
        let take_before = || match before.is_empty() || !refused.is_empty() {
            true => Ok(()),
            false => take(Files::Some(before)),
        };
        let (taken, rendered) = rayon::join(take_before, || render(job, some, &refused));
        taken?;
        let (files, of_these) = rendered?;
        report = report.and(of_these);
        before = files;
        if some.is_empty() {
            return refused.end(report);
        }
    }
}

/// As many of the next routes as are handed over at once.
fn at_once<'r, 'a>(routes: &'r [(&'a String, &'a Route)]) -> &'r [(&'a String, &'a Route)] {
    let mut weight = 0;
    let end = routes.iter().position(|(_, route)| {
        weight += if matches!(route, Route::Attachment(_)) { ATTACHMENT } else { 1 };
        weight > AT_ONCE
    });
    &routes[..end.unwrap_or(routes.len())]
}

/// What was rendered, and what it comes to.
type Rendered = (Vec<(String, Vec<u8>)>, Report);

fn render(job: Job<'_>, routes: &[(&String, &Route)], refused: &Refused) -> Result<Rendered, WriteError> {
    let render = |(path, route): &(&String, &Route)| {
        let file = job.file(path, route, refused)?;
        (job.progress)();
        Ok(file.map(|(bytes, report)| (((*path).clone(), bytes), report)))
    };
    let rendered: Vec<_> = routes.par_iter().map(render).collect::<Result<_, WriteError>>()?;
    let mut report = Report::default();
    let files = rendered.into_iter().flatten().map(|(file, of_file)| {
        report = report.and(of_file);
        file
    });
    Ok((files.collect(), report))
}

/// A site that the last build wrote, as its folder has it.
#[derive(Debug)]
pub struct Built {
    folder: PathBuf,
    /// The folder itself, which no build may write to meanwhile.
    lock: File,
    paths: BufReader<File>,
    /// How many files it has.
    pub files: u64,
}

/// Why a folder is no built site.
#[derive(Debug)]
pub enum Unbuilt {
    /// The system refused.
    Write(WriteError),
    /// No build has written it.
    NoBuild,
    /// The last build did not come to its end.
    Unfinished,
    /// Its list is not as builds write it.
    Disordered,
}

impl From<WriteError> for Unbuilt {
    fn from(error: WriteError) -> Self {
        Unbuilt::Write(error)
    }
}

impl Built {
    /// Opens the folder of a built site.
    pub fn open(folder: &Path) -> Result<Built, Unbuilt> {
        let lock = match File::open(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unbuilt::NoBuild),
            other => other.map_err(failed("open", folder))?,
        };
        // Where a folder cannot be locked, a file that changes while it is read is still found out.
        if let Err(fs::TryLockError::WouldBlock) = lock.try_lock_shared() {
            return Err(WriteError::Busy.into());
        }
        let path = folder.join(MANIFEST);
        let unreadable = failed("read", &path);
        let mut paths = match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Unbuilt::NoBuild),
            other => BufReader::new(other.map_err(&unreadable)?),
        };
        if next(&mut paths).map_err(&unreadable)?.as_deref() != Some(FINISHED) {
            return Err(Unbuilt::Unfinished);
        }
        let start = paths.stream_position().map_err(&unreadable)?;
        let (mut files, mut last) = (0, String::new());
        while let Some(path) = next(&mut paths).map_err(&unreadable)? {
            if !is_inside(&path) || (files > 0 && path <= last) {
                return Err(Unbuilt::Disordered);
            }
            (files, last) = (files + 1, path);
        }
        paths.seek(io::SeekFrom::Start(start)).map_err(unreadable)?;
        Ok(Built { folder: folder.to_owned(), lock, paths, files })
    }

    /// The next files that are handed over at once, with their lengths.
    fn at_once(&mut self) -> Result<Vec<(String, u64)>, WriteError> {
        let mut some: Vec<(String, u64)> = Vec::new();
        let mut bytes = 0;
        while some.len() < AT_ONCE && bytes < BYTES_AT_ONCE {
            let path = next(&mut self.paths).map_err(failed("read", &self.folder.join(MANIFEST)))?;
            let Some(path) = path else { break };
            let on_disk = self.folder.join(&path);
            let metadata =
                fs::symlink_metadata(&on_disk).map_err(failed("read what the last build wrote,", &on_disk))?;
            if !metadata.is_file() {
                let cause = io::Error::new(io::ErrorKind::InvalidInput, "it is no plain file any more");
                return Err(failed("read what the last build wrote,", &on_disk)(cause));
            }
            bytes += metadata.len();
            some.push((path, metadata.len()));
        }
        Ok(some)
    }

    fn read(&self, path: &str, length: u64) -> Result<Vec<u8>, WriteError> {
        let on_disk = self.folder.join(path);
        let read = || {
            let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
            File::open(&on_disk)?.take(length.saturating_add(1)).read_to_end(&mut bytes)?;
            match bytes.len() as u64 == length {
                true => Ok(bytes),
                false => Err(io::Error::other("it changed its length while it was read")),
            }
        };
        read().map_err(failed("read", &on_disk))
    }
}

/// Hands the files over that the last build wrote, in the order of their paths. Others that lie there are passed over.
pub fn stream_built(mut built: Built, progress: &(dyn Fn() + Sync), take: &mut Take<'_>) -> Result<Report, WriteError> {
    let mut report = Report::default();
    let mut before: Vec<Files> = Vec::new();
    loop {
        let some = built.at_once()?;
        let is_end = some.is_empty();
        let take_before = || before.into_iter().try_for_each(&mut *take);
        let (taken, read) = rayon::join(take_before, || read(&built, some, progress));
        taken?;
        let (files, of_these) = read?;
        report = report.and(of_these);
        before = files;
        if is_end {
            // Nobody wrote to the folder until here.
            drop(built.lock);
            return Ok(report);
        }
    }
}

fn read(
    built: &Built,
    some: Vec<(String, u64)>,
    progress: &(dyn Fn() + Sync),
) -> Result<(Vec<Files>, Report), WriteError> {
    let mut report = Report::default();
    for (path, length) in &some {
        let is_page = path.ends_with(".html");
        report = report.and(Report { pages: u64::from(is_page), files: 1, bytes: *length, ..Report::default() });
    }
    let read = |(path, length): (String, u64)| {
        let bytes = if length > LONG { None } else { Some(built.read(&path, length)?) };
        progress();
        Ok((path, length, bytes))
    };
    let read: Vec<_> = some.into_par_iter().map(read).collect::<Result<_, WriteError>>()?;
    let mut files = Vec::new();
    let mut short = Vec::new();
    for (path, length, bytes) in read {
        match bytes {
            Some(bytes) => short.push((path, bytes)),
            None => {
                files.push(Files::Some(std::mem::take(&mut short)));
                let on_disk = built.folder.join(&path);
                let file = File::open(&on_disk).map_err(failed("read", &on_disk))?;
                files.push(Files::Long(path, file, length));
            }
        }
    }
    files.push(Files::Some(short));
    Ok((files, report))
}

fn next(lines: &mut impl BufRead) -> io::Result<Option<String>> {
    let mut line = String::new();
    if lines.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    line.truncate(line.trim_end_matches(['\n', '\r']).len());
    Ok(Some(line))
}
