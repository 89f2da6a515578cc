//! What happens on the disk, as the library that watches it tells: which paths may have changed, and when that is certain.
//!
//! Not for reading what changed; whoever hears of it reads the paths and compares. Not for folders that give no signs, on a
//! network: there the engine looks by itself, since the library compares times by the second and only forward.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind, RenameMode};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use crate::workspace::Watched;

/// What the watcher said, in our words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sign {
    /// Something at these paths changed, and may be changing still.
    Changing(Vec<PathBuf>),
    /// These paths are what they are now: a file was closed after writing, moved into place, or deleted.
    Changed(Vec<PathBuf>),
    /// A folder came; what was put into it before it was watched can only be found by looking.
    Folder(PathBuf),
    /// Some signs were lost, so anything may have changed, and new folders may not be watched.
    Lost,
    /// Not all can be watched.
    Blind(String),
}

/// Puts what the watcher says into our words; `None` when it means nothing to us, as when a file was read.
pub(super) fn sign(event: notify::Result<Event>) -> Option<Sign> {
    let event = match event {
        Ok(event) if event.need_rescan() => return Some(Sign::Lost),
        Ok(event) => event,
        Err(error) => return Some(Sign::Blind(error.to_string())),
    };
    match event.kind {
        EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Remove(_) => {
            Some(Sign::Changed(event.paths))
        }
        EventKind::Create(CreateKind::Folder) => event.paths.into_iter().next().map(Sign::Folder),
        EventKind::Modify(ModifyKind::Name(_)) => match event.paths.iter().find(|path| path.is_dir()) {
            Some(folder) => Some(Sign::Folder(folder.clone())),
            None => Some(Sign::Changed(event.paths)),
        },
        EventKind::Modify(ModifyKind::Metadata(_)) => Some(Sign::Changed(event.paths)),
        EventKind::Create(_) | EventKind::Modify(_) | EventKind::Any => Some(Sign::Changing(event.paths)),
        EventKind::Access(_) | EventKind::Other => None,
    }
}

/// The watcher and what it watches.
pub(super) struct Watch {
    watcher: RecommendedWatcher,
    watched: BTreeSet<Watched>,
    /// Where there is none, what has happened so far is heard as well as the library lets us know.
    bell: Option<Bell>,
}

/// A file of our own that is watched with the rest. The system tells of what happens in the order in which it happens; so when
/// the sign of a change to this file has come, the signs of all that happened before it have.
struct Bell {
    folder: PathBuf,
    /// How often it was rung.
    rung: u64,
    heard: Arc<Heard>,
}

/// What was last heard of a bell.
#[derive(Default)]
struct Heard {
    /// The number of its last sign; signs that were lost count as all of them.
    last: Mutex<u64>,
    came: Condvar,
}

/// How the folders of bells are called, before the number of the process.
const BELL: &str = "dossier-preview-";

/// How long the sign of a bell is waited for. It comes within a fraction of a millisecond.
const PATIENCE: Duration = Duration::from_secs(2);

impl Bell {
    /// Hangs up a bell in a folder of its own.
    fn hang() -> io::Result<Bell> {
        static HUNG: AtomicU32 = AtomicU32::new(0);
        let number = HUNG.fetch_add(1, Ordering::Relaxed);
        Bell::take_down_abandoned();
        let folder = std::env::temp_dir().join(format!("{BELL}{}-{number}", std::process::id()));
        fs::create_dir(&folder)?;
        let folder = folder.canonicalize()?;
        fs::write(folder.join("0"), "")?;
        Ok(Bell { folder, rung: 0, heard: Arc::default() })
    }

    /// Removes the bells of previews that were killed.
    fn take_down_abandoned() {
        for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let process =
                name.to_str().and_then(|name| name.strip_prefix(BELL)?.split('-').next()?.parse::<u32>().ok());
            if process.is_some_and(|process| !Path::new("/proc").join(process.to_string()).exists()) {
                drop(fs::remove_dir_all(entry.path()));
            }
        }
    }

    /// Rings, and waits until that is heard; says whether it was.
    fn ring(&mut self) -> bool {
        let before = self.folder.join(self.rung.to_string());
        self.rung += 1;
        // A new name each time: what looks like the sign before it would be told once for both.
        if fs::rename(before, self.folder.join(self.rung.to_string())).is_err() {
            return false;
        }
        let last = self.heard.last.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.heard.came.wait_timeout_while(last, PATIENCE, |last| *last < self.rung);
        waited.is_ok_and(|(last, _)| *last >= self.rung)
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.folder));
    }
}

impl Heard {
    /// Takes note of a sign; `None` when it is that of the bell and of nothing else.
    fn take(&self, folder: &Path, event: notify::Result<Event>) -> Option<notify::Result<Event>> {
        let Ok(signs) = &event else { return Some(event) };
        if signs.need_rescan() {
            self.note(u64::MAX);
            return Some(event);
        }
        if !signs.paths.iter().any(|path| path.starts_with(folder)) {
            return Some(event);
        }
        if let EventKind::Modify(ModifyKind::Name(RenameMode::To | RenameMode::Both)) = signs.kind {
            let numbers = signs.paths.iter().filter_map(|path| path.file_name()?.to_str()?.parse().ok());
            self.note(numbers.max().unwrap_or(0));
        }
        None
    }

    fn note(&self, number: u64) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // What was lost once may be heard again the next time.
        *last = if *last == u64::MAX { number } else { number.max(*last) };
        self.came.notify_all();
    }
}

impl Watch {
    /// Starts to watch; `hear` is called with each event, on a thread of the watcher's own.
    pub(super) fn start(
        watched: BTreeSet<Watched>,
        hear: impl Fn(notify::Result<Event>) + Send + 'static,
    ) -> notify::Result<Self> {
        // Elsewhere signs come in bundles, and in no certain order.
        let bell = if cfg!(target_os = "linux") { Bell::hang().ok() } else { None };
        let known = bell.as_ref().map(|bell| (bell.folder.clone(), Arc::clone(&bell.heard)));
        let hear = move |event| {
            let left = match &known {
                Some((folder, heard)) => heard.take(folder, event),
                None => Some(event),
            };
            left.into_iter().for_each(&hear);
        };
        // Links within the tree lead to what is watched anyway, and those out of it are not followed by the reader.
        let mut watcher = RecommendedWatcher::new(hear, Config::default().with_follow_symlinks(false))?;
        if let Some(bell) = &bell {
            watcher.watch(&bell.folder, RecursiveMode::NonRecursive)?;
        }
        let mut watch = Watch { watcher, watched: BTreeSet::new(), bell };
        watch.set(watched)?;
        Ok(watch)
    }

    /// Watches these and nothing else. Gives what is watched only from now on, with what has come anew at a path that was
    /// watched; nothing tells of what happened there before.
    pub(super) fn set(&mut self, watched: BTreeSet<Watched>) -> notify::Result<Vec<PathBuf>> {
        for gone in self.watched.difference(&watched) {
            // What was deleted is no longer watched, which is what is wanted.
            drop(self.watcher.unwatch(&gone.path));
        }
        let mut failed = None;
        let mut fresh = Vec::new();
        let mut now = BTreeSet::new();
        for this in watched {
            let mode = if this.whole { RecursiveMode::Recursive } else { RecursiveMode::NonRecursive };
            let is_new = !self.watched.contains(&this);
            match if is_new { self.watcher.watch(&this.path, mode) } else { Ok(()) } {
                Ok(()) => {
                    fresh.extend(is_new.then(|| this.path.clone()));
                    now.insert(this);
                }
                // It has gone since it was looked for, and is watched when it comes again.
                Err(_) if !this.path.exists() => {}
                Err(error) => failed = Some(error),
            }
        }
        self.watched = now;
        failed.map_or(Ok(fresh), Err)
    }

    /// Forgets that a folder and what lies in it is watched, since another may have come in its place.
    pub(super) fn renew(&mut self, folder: &Path) {
        self.watched.retain(|watched| !watched.path.starts_with(folder));
    }

    /// Forgets all that is watched, so that all of it is watched anew.
    pub(super) fn renew_all(&mut self) {
        self.watched.clear();
    }

    /// Waits until every sign of what has happened so far has been heard, and every new folder that it told of is watched.
    /// Says whether that is certain.
    ///
    /// The watcher's thread takes what the system tells and what it is asked in turns, and watches new folders, and forgets
    /// those that went, at the end of a turn. So when a question is answered that was asked after the bell was heard, that has
    /// been done.
    pub(super) fn hear_all(&mut self) -> bool {
        let is_heard = self.bell.as_mut().is_none_or(Bell::ring);
        // Without a bell, the answer to a first question may come in the middle of a turn.
        for _ in 0..if self.bell.is_some() { 1 } else { 2 } {
            // The configuration cannot be changed; what counts is that there is an answer.
            drop(self.watcher.configure(Config::default()));
        }
        is_heard
    }
}
