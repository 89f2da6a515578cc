//! A bell: by it the preview knows that it has heard of all that happened so far.
//!
//! Only where the system tells of what happens in one order, as Linux does.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use std::{fs, io};

use notify::event::{ModifyKind, RenameMode};
use notify::{Event, EventKind};

/// A file of our own that is watched with the rest. The system tells of what happens in the order in which it happens; so when
/// the sign of a change to this file has come, the signs of all that happened before it have.
pub(super) struct Bell {
    /// How often it was rung.
    rung: u64,
    heard: Arc<Heard>,
}

/// What was last heard of a bell.
pub(super) struct Heard {
    /// Where the bell hangs, free of symbolic links.
    folder: PathBuf,
    /// The number of its last sign; signs that were lost count as all of them.
    last: Mutex<u64>,
    came: Condvar,
}

/// How long the sign of a bell is waited for. It comes within a fraction of a millisecond.
const PATIENCE: Duration = Duration::from_secs(2);

impl Bell {
    /// Hangs up a bell in a folder of its own.
    pub(super) fn hang() -> io::Result<Bell> {
        static HUNG: AtomicU32 = AtomicU32::new(0);
        let number = HUNG.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("dossier-preview-{}-{number}", std::process::id()));
        fs::create_dir(&folder)?;
        let folder = folder.canonicalize()?;
        fs::write(folder.join("0"), "")?;
        Ok(Bell { rung: 0, heard: Arc::new(Heard { folder, last: Mutex::default(), came: Condvar::new() }) })
    }

    /// The folder to watch.
    pub(super) fn folder(&self) -> &Path {
        &self.heard.folder
    }

    /// Where its signs are to be told.
    pub(super) fn heard(&self) -> Arc<Heard> {
        Arc::clone(&self.heard)
    }

    /// Rings, and waits until that is heard; says whether it was. It cannot be rung any more when somebody took it away.
    pub(super) fn ring(&mut self) -> io::Result<bool> {
        let before = self.folder().join(self.rung.to_string());
        self.rung += 1;
        // A new name each time: what looks like the sign before it would be told once for both.
        fs::rename(before, self.folder().join(self.rung.to_string()))?;
        let last = self.heard.last.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.heard.came.wait_timeout_while(last, PATIENCE, |last| *last < self.rung);
        Ok(waited.is_ok_and(|(last, _)| *last >= self.rung))
    }
}

impl Drop for Bell {
    fn drop(&mut self) {
        // Nothing but what is ours.
        drop(fs::remove_file(self.folder().join(self.rung.to_string())));
        drop(fs::remove_dir(self.folder()));
    }
}

impl Heard {
    /// Takes note of a sign; `None` when it is that of the bell and of nothing else.
    pub(super) fn take(&self, event: notify::Result<Event>) -> Option<notify::Result<Event>> {
        let Ok(signs) = &event else { return Some(event) };
        if signs.need_rescan() {
            self.note(u64::MAX);
            return Some(event);
        }
        if !signs.paths.iter().any(|path| path.starts_with(&self.folder)) {
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

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {

    use std::collections::BTreeSet;
    use std::fs;
    use std::sync::mpsc;

    use crate::serve::watch::Watch;
    use crate::workspace::Watched;

    #[test]
    fn what_happened_before_the_bell_has_been_told_when_it_is_heard() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().canonicalize().unwrap();
        let (tell, told) = mpsc::channel();
        let watched = BTreeSet::from([Watched { path: path.clone(), whole: true }]);
        let mut watch = Watch::start(watched, move |event| tell.send(event).unwrap()).unwrap();
        for number in 0..200 {
            let file = path.join(number.to_string());
            fs::write(&file, "").unwrap();
            assert!(watch.hear_all());
            let signs: Vec<_> = told.try_iter().map(Result::unwrap).collect();
            assert!(signs.iter().any(|sign| sign.paths.contains(&file)), "{number}: {signs:?}");
            assert!(
                !signs.iter().any(|sign| sign.paths.iter().any(|path| !path.starts_with(folder.path()))),
                "{signs:?}"
            );
        }
    }

    #[test]
    fn a_bell_that_was_taken_away_is_missed_once() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().canonicalize().unwrap();
        let mut watch = Watch::start(BTreeSet::from([Watched { path, whole: true }]), |_| {}).unwrap();
        let hung = watch.bell_folder().unwrap();
        fs::remove_dir_all(&hung).unwrap();
        assert!(!watch.hear_all());
        assert!(watch.hear_all());
        drop(watch);
        assert!(!hung.exists());
    }
}
