//! The one thread that looks at the disk and compiles. All that can happen to it is an [`Event`], and they come one by one.
//!
//! Whoever asks is answered with the dossier as it is when the question is asked. What is being written at that moment is
//! waited for, but not for long. Nobody asks twice for the same work: questions that wait are answered together.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::snapshot::{Snapshot, trouble};
use super::watch::{MARK_PATIENCE, Sign, Watch, sign};
use super::{Tell, Told, Watching};
use crate::compile::compile;
use crate::read::Changes;
use crate::redact::Policy;
use crate::workspace::Workspace;

/// How long the disk must be quiet until files that were written whole are read.
const QUIET: Duration = Duration::from_millis(3);

/// How long it must be quiet until a file is read that somebody may still be writing.
const QUIET_WHILE_WRITING: Duration = Duration::from_millis(20);

/// How long changes that do not stop are let pile up.
const LONGEST: Duration = Duration::from_millis(30);

/// When a new folder is looked at again: what was put into it before it was watched has come by then.
const SECOND_LOOK: Duration = Duration::from_millis(150);

/// How often everything is looked at where no signs come and nothing else was asked for.
const EVERY: Duration = Duration::from_secs(1);

/// What can happen to the engine.
pub(super) enum Event {
    /// The watcher said something.
    Disk(notify::Result<notify::Event>),
    /// Somebody wants to know how the dossier stands now.
    Ask(oneshot::Sender<Arc<Snapshot>>),
    /// The preview ends.
    Stop,
}

/// What the engine is started with.
pub(super) struct Start {
    pub(super) workspace: Workspace,
    pub(super) policy: Policy,
    pub(super) watching: Watching,
    /// The settings file.
    pub(super) config: PathBuf,
    pub(super) events: (Sender<Event>, Receiver<Event>),
    /// Where each new moment of the dossier is published.
    pub(super) published: watch::Sender<Arc<Snapshot>>,
    pub(super) tell: Tell,
}

/// Runs until it is stopped.
pub(super) fn run(start: Start) {
    let Start { workspace, policy, watching, config, events: (sender, receiver), published, tell } = start;
    let (watch, look_every) = watch(&workspace, watching, &config, sender, &tell);
    let mut engine = Engine {
        watch,
        look_every,
        looked: Instant::now(),
        workspace,
        policy,
        published,
        tell,
        pending: Pending::default(),
        folders: Vec::new(),
        asking: Vec::new(),
        asking_next: Vec::new(),
        mark: None,
    };
    // What changed between reading and watching is found by looking once more.
    engine.pending.everything = true;
    engine.catch_up();
    engine.looked = Instant::now();
    // The first mark is made for nobody: it shows whether signs come here at all.
    engine.make_mark();
    engine.listen(&receiver);
}

/// Watches by signs; where they cannot be had, the engine looks by itself.
fn watch(
    workspace: &Workspace,
    watching: Watching,
    config: &Path,
    sender: Sender<Event>,
    tell: &Tell,
) -> (Option<Watch>, Option<Duration>) {
    if let Watching::Looking(every) = watching {
        return (None, Some(every));
    }
    // When nobody listens any more, the preview is at its end.
    let hear = move |event| drop(sender.send(Event::Disk(event)));
    match Watch::start(workspace.watched(), config, hear) {
        Ok(watch) => (Some(watch), None),
        Err(error) => {
            tell(Told::Say(format!("cannot watch the folder: {error}; looking every second instead")));
            (None, Some(EVERY))
        }
    }
}

struct Engine {
    workspace: Workspace,
    policy: Policy,
    watch: Option<Watch>,
    /// How often everything is looked at where nothing is watched.
    look_every: Option<Duration>,
    /// When that was done last.
    looked: Instant,
    published: watch::Sender<Arc<Snapshot>>,
    tell: Tell,
    pending: Pending,
    /// New folders, and when they are looked at again.
    folders: Vec<(Instant, PathBuf)>,
    /// Who waits for the mark that is under way.
    asking: Vec<oneshot::Sender<Arc<Snapshot>>>,
    /// Who asked after that mark was made, and needs the next one.
    asking_next: Vec<oneshot::Sender<Arc<Snapshot>>>,
    /// Until when the mark is waited for.
    mark: Option<Instant>,
}

/// Paths that may have changed and have not been looked at.
#[derive(Default)]
struct Pending {
    paths: BTreeSet<PathBuf>,
    everything: bool,
    /// Those of the paths that somebody may be writing to.
    open: BTreeSet<PathBuf>,
    /// When the first and the last sign came.
    signs: Option<(Instant, Instant)>,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.paths.is_empty() && !self.everything
    }

    fn note(&mut self, now: Instant) {
        self.signs = Some((self.signs.map_or(now, |(first, _)| first), now));
    }

    /// When it is time to look.
    fn due(&self) -> Option<Instant> {
        let (first, last) = self.signs?;
        let quiet = if self.open.is_empty() { QUIET } else { QUIET_WHILE_WRITING };
        Some((last + quiet).min(first + LONGEST))
    }
}

impl Engine {
    fn listen(&mut self, events: &Receiver<Event>) {
        loop {
            let now = Instant::now();
            if self.mark.is_some_and(|patience| patience <= now) {
                self.give_up_marks();
            }
            if self.look_due().is_some_and(|due| due <= now) {
                self.pending.everything = true;
                self.catch_up();
                // From the end of a look to the next, so that slow looks do not follow each other without a pause.
                self.looked = Instant::now();
            }
            if self.pending.due().is_some_and(|due| due <= now) {
                self.catch_up();
            }
            self.look_again(now);
            self.answer();
            let next = [self.mark, self.pending.due(), self.look_due(), self.folders.first().map(|(due, _)| *due)];
            let event = match next.into_iter().flatten().min() {
                Some(due) => events.recv_timeout(due.saturating_duration_since(Instant::now())),
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            match event {
                Ok(Event::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Ok(event) => {
                    self.take(event);
                    // All that has come is taken in before anything is done about it.
                    while let Ok(event) = events.try_recv() {
                        if matches!(event, Event::Stop) {
                            return;
                        }
                        self.take(event);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        }
    }

    fn look_due(&self) -> Option<Instant> {
        self.look_every.map(|every| self.looked + every)
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Disk(event) => {
                if let Some(sign) = sign(event) {
                    self.hear(sign);
                }
            }
            Event::Ask(asked) if self.mark.is_some() => self.asking_next.push(asked),
            Event::Ask(asked) => {
                self.asking.push(asked);
                self.make_mark();
            }
            Event::Stop => {}
        }
    }

    fn make_mark(&mut self) {
        let is_made = self.watch.as_ref().is_some_and(Watch::make_mark);
        self.mark = is_made.then(|| Instant::now() + MARK_PATIENCE);
    }

    /// Looks from time to time when signs do not come, as in many folders on a network.
    fn give_up_marks(&mut self) {
        self.mark = None;
        if let Some(watch) = &mut self.watch {
            watch.give_up_marks();
        }
        self.look_every = self.look_every.or(Some(EVERY));
        (self.tell)(Told::Say("this folder gives no signs of changes; looking every second".to_owned()));
    }

    fn hear(&mut self, sign: Sign) {
        let now = Instant::now();
        match sign {
            Sign::Opened(path) => {
                if self.watch.as_ref().is_some_and(|watch| watch.is_mark(&path)) {
                    self.mark = None;
                }
                return;
            }
            Sign::Changing(paths) => {
                self.pending.open.extend(paths.iter().cloned());
                self.pending.paths.extend(paths);
            }
            Sign::Changed(paths) => {
                for path in &paths {
                    self.pending.open.remove(path);
                }
                self.pending.paths.extend(paths);
            }
            Sign::Folder(path) => {
                if let Some(watch) = &mut self.watch {
                    watch.renew(&path);
                }
                self.folders.push((now + SECOND_LOOK, path.clone()));
                self.pending.paths.insert(path);
            }
            Sign::Lost => self.pending.everything = true,
        }
        self.pending.note(now);
    }

    /// Looks again at folders whose time has come.
    fn look_again(&mut self, now: Instant) {
        let due = self.folders.iter().take_while(|(due, _)| *due <= now).count();
        for (_, folder) in self.folders.drain(..due) {
            self.pending.paths.insert(folder);
            self.pending.note(now);
        }
    }

    /// Answers those whose mark has come, when nothing is left to look at.
    fn answer(&mut self) {
        if self.mark.is_some() || !self.pending.is_empty() {
            return;
        }
        if !self.asking.is_empty() {
            let snapshot = Arc::clone(&self.published.borrow());
            for asked in self.asking.drain(..) {
                // Whoever has gone away needs no answer.
                drop(asked.send(Arc::clone(&snapshot)));
            }
        }
        if !self.asking_next.is_empty() {
            self.asking = std::mem::take(&mut self.asking_next);
            self.make_mark();
            if self.mark.is_none() {
                self.answer();
            }
        }
    }

    /// Looks at what may have changed, and compiles when something did.
    fn catch_up(&mut self) {
        let began = Instant::now();
        let Pending { paths, everything, .. } = std::mem::take(&mut self.pending);
        let before = Arc::clone(&self.published.borrow());
        // What was not looked at because of a failure is looked at now.
        let looked = if everything || before.failure.is_some() { BTreeSet::new() } else { paths };
        let refreshed = self.workspace.refresh(&looked);
        self.watch_all();
        let snapshot = match refreshed {
            Ok(None) if before.revision > 0 && before.failure.is_none() => return,
            Ok(changes) => self.compile(&before, &changes.unwrap_or_default()),
            Err(failure) if before.failure.as_ref() == Some(&failure.to_string()) => return,
            Err(failure) => Snapshot::failed(&failure, &before),
        };
        match &snapshot.failure {
            Some(failure) => (self.tell)(Told::Say(format!("error: {failure}"))),
            None => {
                let (findings, sources) = (snapshot.findings.as_slice(), self.workspace.sources());
                (self.tell)(Told::Compiled { revision: snapshot.revision, findings, sources, took: began.elapsed() });
            }
        }
        // Nobody may be there to hear it; the value is kept for those who come.
        self.published.send_replace(Arc::new(snapshot));
    }

    /// Watches what the settings and themes of now ask for.
    fn watch_all(&mut self) {
        if let Some(watch) = &mut self.watch
            && let Err(error) = watch.set(self.workspace.watched())
        {
            (self.tell)(Told::Say(format!("cannot watch all of the dossier: {error}")));
        }
    }

    fn compile(&self, before: &Snapshot, changes: &Changes) -> Snapshot {
        let findings = self.workspace.findings();
        let Some(inputs) = self.workspace.inputs() else {
            let trouble = trouble(&findings, self.workspace.sources());
            return Snapshot::unreadable(findings, trouble, before);
        };
        let compiled = compile(inputs, findings, self.policy, before.stages.as_deref(), &mut |_| {});
        Snapshot::of(compiled, before, changes)
    }
}
