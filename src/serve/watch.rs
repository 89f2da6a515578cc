//! What happens on the disk, as the library that watches it tells: which paths may have changed, and when that is certain.
//!
//! Not for reading what changed; whoever hears of it reads the paths and compares. Not for folders that give no signs, on a
//! network: there the engine looks by itself, since the library compares times by the second and only forward.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use notify::event::{AccessKind, AccessMode, CreateKind, ModifyKind};
use notify::{Config, Event, EventKind, RecommendedWatcher, RecursiveMode, Watcher};

use super::bell::Bell;
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

impl Watch {
    /// Starts to watch; `hear` is called with each event, on a thread of the watcher's own.
    pub(super) fn start(
        watched: BTreeSet<Watched>,
        hear: impl Fn(notify::Result<Event>) + Send + 'static,
    ) -> notify::Result<Self> {
        // Elsewhere signs come in bundles, and in no certain order.
        let bell = if cfg!(target_os = "linux") { Bell::hang().ok() } else { None };
        let heard = bell.as_ref().map(Bell::heard);
        let hear = move |event| {
            let left = match &heard {
                Some(heard) => heard.take(event),
                None => Some(event),
            };
            left.into_iter().for_each(&hear);
        };
        // Links within the tree lead to what is watched anyway, and those out of it are not followed by the reader.
        let mut watcher = RecommendedWatcher::new(hear, Config::default().with_follow_symlinks(false))?;
        if let Some(bell) = &bell {
            watcher.watch(bell.folder(), RecursiveMode::NonRecursive)?;
        }
        let mut watch = Watch { watcher, watched: BTreeSet::new(), bell };
        watch.set(watched)?;
        Ok(watch)
    }

    #[cfg(test)]
    pub(super) fn bell_folder(&self) -> Option<PathBuf> {
        self.bell.as_ref().map(|bell| bell.folder().to_owned())
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
        let is_heard = match self.bell.as_mut().map(Bell::ring) {
            None => true,
            Some(Ok(is_heard)) => is_heard,
            // Temporary folders are tidied up by the system, too.
            Some(Err(_)) => {
                self.bell = None;
                false
            }
        };
        // Without a bell, the answer to a first question may come in the middle of a turn.
        for _ in 0..if self.bell.is_some() { 1 } else { 2 } {
            // The configuration cannot be changed; what counts is that there is an answer.
            drop(self.watcher.configure(Config::default()));
        }
        is_heard
    }
}
