//! The site as a stream: its files in the order of their paths, a few at a time, so that memory does not grow with it.
//!
//! It comes from the renderer, by the same rules as a build, or from the folder that the last build wrote.

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Seek};
use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::lock::lock_of;
use super::manifest::{State, file};
use super::{Drafts, Job, MANIFEST, Refused, Report, Sum, WriteError, failed};
use crate::leak::Scan;
use crate::plan::Route;
use crate::render::Renderer;

/// How much is handed over at once: pages, of which an attachment counts for some.
const AT_ONCE: usize = 256;
const ATTACHMENT: usize = 32;

/// How many files of a built site are handed over at once, and about how many bytes.
const FILES_AT_ONCE: usize = 128;
const BYTES_AT_ONCE: u64 = 1 << 20;

/// A file of a built site that is longer is handed over by itself.
const LONG: u64 = 1 << 20;

/// Files of a site.
#[derive(Debug)]
pub enum Files {
    /// Some of them, each with its bytes.
    Some(Vec<(SiteFile, Vec<u8>)>),
    /// A long one, open at its beginning.
    Long(SiteFile, File),
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
type Rendered = (Vec<(SiteFile, Vec<u8>)>, Report);

fn render(job: Job<'_>, routes: &[(&String, &Route)], refused: &Refused) -> Result<Rendered, WriteError> {
    let render = |(path, route): &(&String, &Route)| {
        let file = job.file(path, route, refused)?;
        (job.progress)();
        Ok(file.map(|(bytes, report)| {
            let file = SiteFile { path: (*path).clone(), sum: Sum::of(&bytes) };
            ((file, bytes), report)
        }))
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
    /// The build was of a program that did not write down which bytes its files have.
    WithoutSums,
    /// It shows what is unfinished.
    WithDrafts,
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
        let lock = match lock_of(folder) {
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
        match State::of(next(&mut paths).map_err(&unreadable)?.as_deref()) {
            State::Finished(Drafts::Hidden) => {}
            State::Finished(Drafts::Shown) => return Err(Unbuilt::WithDrafts),
            State::WithoutSums => return Err(Unbuilt::WithoutSums),
            State::Unfinished => return Err(Unbuilt::Unfinished),
        }
        let start = paths.stream_position().map_err(&unreadable)?;
        let (mut files, mut last) = (0, String::new());
        while let Some(line) = next(&mut paths).map_err(&unreadable)? {
            let Some((path, _)) = file(&line) else { return Err(Unbuilt::Disordered) };
            if files > 0 && path <= last.as_str() {
                return Err(Unbuilt::Disordered);
            }
            (files, last) = (files + 1, path.to_owned());
        }
        paths.seek(io::SeekFrom::Start(start)).map_err(unreadable)?;
        Ok(Built { folder: folder.to_owned(), lock, paths, files })
    }

    /// Where the files lie.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The next file, in the order of their paths.
    pub fn next_file(&mut self) -> Result<Option<SiteFile>, WriteError> {
        let manifest = self.folder.join(MANIFEST);
        let unreadable = failed("read", &manifest);
        let Some(line) = next(&mut self.paths).map_err(&unreadable)? else { return Ok(None) };
        match file(&line) {
            Some((path, sum)) => Ok(Some(SiteFile { path: path.to_owned(), sum })),
            None => Err(unreadable(io::Error::new(io::ErrorKind::InvalidData, "it changed while it was read"))),
        }
    }

    /// The next files that are handed over at once.
    fn at_once(&mut self) -> Result<Vec<SiteFile>, WriteError> {
        let mut some: Vec<SiteFile> = Vec::new();
        let mut bytes = 0;
        while some.len() < FILES_AT_ONCE && bytes < BYTES_AT_ONCE {
            let Some(next) = self.next_file()? else { break };
            bytes += next.sum.length;
            some.push(next);
        }
        Ok(some)
    }
}

/// A file of a site, as the renderer made it or the build wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SiteFile {
    /// Its path from the root of the site.
    pub path: String,
    /// Which bytes it has.
    pub sum: Sum,
}

impl SiteFile {
    /// Opens it; `None` when it is no plain file of its length any more.
    fn open(&self, folder: &Path) -> Result<Option<File>, WriteError> {
        let on_disk = folder.join(&self.path);
        let unreadable = failed("read what the last build wrote,", &on_disk);
        match fs::symlink_metadata(&on_disk) {
            Ok(metadata) if metadata.is_file() && metadata.len() == self.sum.length => {
                File::open(&on_disk).map(Some).map_err(unreadable)
            }
            Ok(_) => Ok(None),
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => Ok(None),
            Err(error) => Err(unreadable(error)),
        }
    }

    /// Its bytes; an error when they are not those that the build looked through.
    pub fn read(&self, folder: &Path) -> Result<Vec<u8>, WriteError> {
        let Some(file) = self.open(folder)? else { return Err(self.changed()) };
        let mut bytes = Vec::with_capacity(usize::try_from(self.sum.length).unwrap_or_default());
        let limit = self.sum.length.saturating_add(1);
        file.take(limit).read_to_end(&mut bytes).map_err(failed("read", &folder.join(&self.path)))?;
        if Sum::of(&bytes) == self.sum { Ok(bytes) } else { Err(self.changed()) }
    }

    /// Looks whether its bytes are those that the build looked through.
    pub fn check(&self, folder: &Path) -> Result<(), WriteError> {
        let Some(file) = self.open(folder)? else { return Err(self.changed()) };
        let sum = Sum::of_file(file).map_err(failed("read", &folder.join(&self.path)))?;
        if sum == self.sum { Ok(()) } else { Err(self.changed()) }
    }

    /// The same as reading it for a long file, which is open at its beginning.
    pub fn open_long(&self, folder: &Path) -> Result<File, WriteError> {
        let Some(mut file) = self.open(folder)? else { return Err(self.changed()) };
        let on_disk = folder.join(&self.path);
        let unreadable = failed("read", &on_disk);
        if Sum::of_file(&mut file).map_err(&unreadable)? != self.sum {
            return Err(self.changed());
        }
        file.rewind().map_err(unreadable)?;
        Ok(file)
    }

    fn changed(&self) -> WriteError {
        WriteError::Changed(vec![self.path.clone()])
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

fn read(built: &Built, some: Vec<SiteFile>, progress: &(dyn Fn() + Sync)) -> Result<(Vec<Files>, Report), WriteError> {
    let mut report = Report::default();
    for file in &some {
        let is_page = file.path.ends_with(".html");
        let bytes = file.sum.length;
        report = report.and(Report { pages: u64::from(is_page), files: 1, bytes, ..Report::default() });
    }
    let read = |file: SiteFile| {
        let bytes = if file.sum.length > LONG { None } else { Some(file.read(&built.folder)?) };
        progress();
        Ok((file, bytes))
    };
    let read: Vec<_> = some.into_par_iter().map(read).collect::<Result<_, WriteError>>()?;
    let mut files = Vec::new();
    let mut short = Vec::new();
    for (file, bytes) in read {
        match bytes {
            Some(bytes) => short.push((file, bytes)),
            None => {
                files.push(Files::Some(std::mem::take(&mut short)));
                let long = file.open_long(&built.folder)?;
                files.push(Files::Long(file, long));
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
