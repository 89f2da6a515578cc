//! The one thread that looks at the disk and compiles. All that can happen to it is an [`Event`], and they come one by one.
//!
//! Whoever asks is answered with the dossier as it is when the question is asked: before a question is answered, all signs
//! of what happened before it are heard, and what they tell of is looked at. What is being written at that moment is waited
//! for, but not for long. Questions that wait are answered together.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use tokio::sync::{oneshot, watch};

use super::sent::Sent;
use super::snapshot::Snapshot;
use super::watch::{Sign, Watch, sign};
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
    pub(super) events: (Sender<Event>, Receiver<Event>),
    /// Where each new moment of the dossier is published.
    pub(super) published: watch::Sender<Arc<Snapshot>>,
    pub(super) sent: Arc<Sent>,
    pub(super) tell: Tell,
}

/// Runs until it is stopped.
pub(super) fn run(start: Start) {
    let Start { workspace, policy, watching, events: (sender, receiver), published, sent, tell } = start;
    let (watch, look_every) = watch(&workspace, watching, sender, &tell);
    let mut engine = Engine {
        watch,
        look_every,
        looked: Instant::now(),
        workspace,
        policy,
        published,
        sent,
        tell,
        pending: Pending::default(),
        asking: Vec::new(),
        waiting: Vec::new(),
    };
    // What changed between reading and watching is found by looking once more.
    engine.pending.everything = true;
    engine.catch_up();
    engine.looked = Instant::now();
    engine.listen(&receiver);
}

/// Watches by signs; where they cannot be had, the engine looks by itself.
fn watch(
    workspace: &Workspace,
    watching: Watching,
    sender: Sender<Event>,
    tell: &Tell,
) -> (Option<Watch>, Option<Duration>) {
    if let Watching::Looking(every) = watching {
        return (None, Some(every));
    }
    // When nobody listens any more, the preview is at its end.
    let hear = move |event| drop(sender.send(Event::Disk(event)));
    match Watch::start(workspace.watched(), hear) {
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
    /// How often everything is looked at where not all is watched.
    look_every: Option<Duration>,
    /// When that was done last.
    looked: Instant,
    published: watch::Sender<Arc<Snapshot>>,
    sent: Arc<Sent>,
    tell: Tell,
    pending: Pending,
    /// Who asked, and has not been given the signs of what happened before.
    asking: Vec<oneshot::Sender<Arc<Snapshot>>>,
    /// Who waits until what those signs told of has been looked at.
    waiting: Vec<oneshot::Sender<Arc<Snapshot>>>,
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

/// Whether the engine goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    Goes,
    Ends,
}

impl Engine {
    fn listen(&mut self, events: &Receiver<Event>) {
        loop {
            let now = Instant::now();
            if self.look_due().is_some_and(|due| due <= now) {
                self.pending.everything = true;
                self.catch_up();
                // From the end of a look to the next, so that slow looks do not follow each other without a pause.
                self.looked = Instant::now();
            }
            if self.pending.due().is_some_and(|due| due <= now) {
                self.catch_up();
            }
            if !self.asking.is_empty() {
                if self.hear_all(events) == Flow::Ends {
                    return;
                }
                if self.pending.is_empty() {
                    self.answer();
                }
            }
            // Who asked meanwhile is not kept waiting for something to happen.
            let asked = (!self.asking.is_empty()).then_some(now);
            let next = [asked, self.pending.due(), self.look_due()];
            let event = match next.into_iter().flatten().min() {
                Some(due) => events.recv_timeout(due.saturating_duration_since(Instant::now())),
                None => events.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let flow = match event {
                Ok(event) => self.take(event),
                Err(RecvTimeoutError::Timeout) => Flow::Goes,
                Err(RecvTimeoutError::Disconnected) => Flow::Ends,
            };
            // All that has come is taken in before anything is done about it.
            if flow == Flow::Ends || self.take_all(events) == Flow::Ends {
                return;
            }
        }
    }

    fn take_all(&mut self, events: &Receiver<Event>) -> Flow {
        while let Ok(event) = events.try_recv() {
            if self.take(event) == Flow::Ends {
                return Flow::Ends;
            }
        }
        Flow::Goes
    }

    fn take(&mut self, event: Event) -> Flow {
        match event {
            Event::Disk(event) => {
                if let Some(sign) = sign(event) {
                    self.hear(sign);
                }
            }
            Event::Ask(asked) => self.asking.push(asked),
            Event::Stop => return Flow::Ends,
        }
        Flow::Goes
    }

    /// Hears all signs of what happened before the questions that were asked so far; from then on those wait only until what
    /// is pending has been looked at.
    fn hear_all(&mut self, events: &Receiver<Event>) -> Flow {
        let asked = std::mem::take(&mut self.asking);
        let is_heard = self.watch.as_mut().is_none_or(Watch::hear_all);
        self.waiting.extend(asked);
        let flow = self.take_all(events);
        if !is_heard {
            self.hear(Sign::Lost);
        }
        flow
    }

    fn answer(&mut self) {
        let snapshot = Arc::clone(&self.published.borrow());
        for asked in self.waiting.drain(..) {
            // Whoever has gone away needs no answer.
            drop(asked.send(Arc::clone(&snapshot)));
        }
    }

    fn look_due(&self) -> Option<Instant> {
        self.look_every.map(|every| self.looked + every)
    }

    fn hear(&mut self, sign: Sign) {
        match sign {
            Sign::Changing(paths) => {
                self.pending.open.extend(paths.iter().cloned());
                self.pending.paths.extend(paths);
            }
            Sign::Changed(paths) => {
                for path in &paths {
                    self.pending.open.remove(path);
                    // A folder that went may have another one in its place before we look.
                    if let Some(watch) = &mut self.watch {
                        watch.renew(path);
                    }
                }
                self.pending.paths.extend(paths);
            }
            Sign::Folder(path) => {
                if let Some(watch) = &mut self.watch {
                    watch.renew(&path);
                }
                self.pending.paths.insert(path);
            }
            Sign::Lost => {
                if let Some(watch) = &mut self.watch {
                    watch.renew_all();
                }
                self.pending.everything = true;
            }
            Sign::Blind(why) => {
                self.look_from_now_on(&why);
                self.pending.everything = true;
            }
        }
        self.pending.note(Instant::now());
    }

    /// Looks at everything from time to time, since not all of it can be watched.
    fn look_from_now_on(&mut self, why: &str) {
        if self.look_every.is_none() {
            (self.tell)(Told::Say(format!("cannot watch all of the dossier: {why}; looking every second as well")));
            self.look_every = Some(EVERY);
        }
    }

    /// Looks at what may have changed, compiles when something did, and answers those who waited for it.
    fn catch_up(&mut self) {
        let began = Instant::now();
        // What is put into a new folder from here on gives signs; what was put into it before is seen now.
        if !self.watch.as_mut().is_none_or(Watch::hear_all) {
            self.pending.everything = true;
        }
        let Pending { paths, everything, .. } = std::mem::take(&mut self.pending);
        let before = Arc::clone(&self.published.borrow());
        // What was not looked at because of a failure is looked at now.
        let looked = if everything || before.failure.is_some() { BTreeSet::new() } else { paths };
        let refreshed = self.workspace.refresh(&looked);
        self.watch_all();
        let snapshot = match refreshed {
            Ok(changes) => {
                let changes = self.seen(changes, &before);
                let is_old = changes.is_empty() && before.revision > 0 && before.failure.is_none();
                (!is_old).then(|| self.compile(&before, &changes))
            }
            Err(failure) if before.failure.as_ref() == Some(&failure.to_string()) => None,
            Err(failure) => Some(Snapshot::failed(&failure, &before)),
        };
        if let Some(snapshot) = snapshot.map(Arc::new) {
            // Nobody may be there to hear it; the value is kept for those who come.
            self.published.send_replace(Arc::clone(&snapshot));
            self.answer();
            match &snapshot.failure {
                Some(failure) => (self.tell)(Told::Say(format!("error: {failure}"))),
                None => {
                    let (findings, sources) = (snapshot.findings.as_slice(), self.workspace.sources());
                    (self.tell)(Told::Compiled {
                        revision: snapshot.revision,
                        findings,
                        sources,
                        took: began.elapsed(),
                    });
                }
            }
        }
        self.answer();
    }

    /// The changes without those of files that no page shows, or that browsers have as they are.
    fn seen(&self, mut changes: Changes, before: &Snapshot) -> Changes {
        if !changes.attachments.is_empty()
            && let Some(stages) = &before.stages
        {
            let captured = stages.dossier.captured();
            changes.captures |= changes.attachments.iter().any(|file| !captured.of(&file.inner).is_empty());
        }
        // A file that a page comes to show with this change needs no word: the page itself differs.
        let routes = before.site.as_ref().map(|good| &good.renderer.site().plan.routes);
        changes.attachments.retain(|attachment| {
            let path = format!("files/{}", attachment.inner);
            routes.is_some_and(|routes| routes.contains_key(&path)) && !self.sent.is_known(attachment)
        });
        changes
    }

    /// Watches what the settings and themes of now ask for.
    fn watch_all(&mut self) {
        let Some(watch) = &mut self.watch else { return };
        match watch.set(self.workspace.watched()) {
            Ok(fresh) if fresh.is_empty() => {}
            // What changed there since it was looked at gave no sign.
            Ok(fresh) => {
                self.pending.paths.extend(fresh);
                self.pending.note(Instant::now());
            }
            Err(error) => self.look_from_now_on(&error.to_string()),
        }
    }

    fn compile(&self, before: &Snapshot, changes: &Changes) -> Snapshot {
        let findings = self.workspace.findings();
        let Some(inputs) = self.workspace.inputs() else {
            return Snapshot::unreadable(findings, self.workspace.sources(), before);
        };
        let settings = inputs.sources.settings.clone();
        let compiled = compile(inputs, findings, self.policy, before.stages.as_deref(), &mut |_| {});
        Snapshot::of(compiled, settings, before, changes)
    }
}
