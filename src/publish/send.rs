//! Following a plan: phase after phase, within one as many files at a time as the place takes.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::claim::Holder;
use super::plan::{Change, Step};
use super::site::{LONG, Site};
use super::store::{Put, Store, StoreError};
use super::{PublishError, Told};

/// How many bytes of files may be in memory at a time.
const IN_MEMORY: u64 = 64 << 20;

/// What sends files.
pub(super) struct Sender<'a> {
    pub(super) site: &'a Site,
    pub(super) store: &'a Store,
    pub(super) holder: &'a Holder<'a>,
    pub(super) adopt: bool,
    pub(super) tell: &'a (dyn Fn(Told) + Sync),
}

impl Sender<'_> {
    /// Does the steps from one on, in phases that end there.
    pub(super) fn follow(&self, steps: &[Step], from: usize, ends: &[usize]) -> Result<(), PublishError> {
        let mut from = from;
        for end in ends {
            // Nobody may begin a phase before it is written down that the one before it is over.
            self.holder.renew(|claim| (claim.done, claim.open) = (from, *end))?;
            self.phase(steps, from, *end)?;
            from = *end;
        }
        if let Some(end) = ends.last() {
            self.holder.renew(|claim| (claim.done, claim.open) = (*end, *end))?;
        }
        Ok(())
    }

    fn phase(&self, steps: &[Step], from: usize, end: usize) -> Result<(), PublishError> {
        let mark = Mark { state: Mutex::new((from, BTreeSet::new())) };
        let next = AtomicUsize::new(from);
        let is_over = AtomicBool::new(false);
        let failure: Mutex<Option<PublishError>> = Mutex::new(None);
        let memory = Memory { free: Mutex::new(IN_MEMORY), changed: Condvar::new() };
        let fail = |error: PublishError| {
            is_over.store(true, Ordering::Relaxed);
            failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        };
        let work = || {
            while !is_over.load(Ordering::Relaxed) {
                let at = next.fetch_add(1, Ordering::Relaxed);
                if at >= end {
                    return;
                }
                match self.step(&steps[at], &memory) {
                    Ok(()) => {
                        mark.done(at);
                        (self.tell)(Told::Done);
                    }
                    Err(error) => return fail(error),
                }
            }
        };
        let bell = Bell::default();
        std::thread::scope(|scope| {
            let beat = scope.spawn(|| {
                while bell.wait(self.holder.every) {
                    let done = mark.low();
                    match self.holder.renew(|claim| claim.done = claim.done.max(done)) {
                        Err(StoreError::Lost) => return fail(PublishError::Lost),
                        // Nothing more is sent until it can be said; whoever sends finds out what is wrong.
                        Err(_) | Ok(()) => {}
                    }
                }
            });
            let workers: Vec<_> = (0..self.store.at_once().min(end - from)).map(|_| scope.spawn(work)).collect();
            for worker in workers {
                worker.join().expect("who sends does not panic");
            }
            bell.ring();
            beat.join().expect("who says that we live does not panic");
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn step(&self, step: &Step, memory: &Memory) -> Result<(), PublishError> {
        let lease = &self.holder.lease;
        lease.wait()?;
        let (sent, put) = match &step.change {
            Change::Deleted => return Ok(self.store.delete(&step.path, lease)?),
            Change::New(sent) if !self.adopt => (sent, Put::New),
            Change::New(sent) | Change::Again(sent) | Change::Changed(sent) => (sent, Put::Over),
        };
        // Of a long file, and of one that is packed, a part is in memory at a time, or two.
        let room = memory.take(self.site.source(&step.path).sum.length.min(2 * LONG));
        let body = self.site.body(&step.path, &sent.headers)?;
        let done = self.store.put(&step.path, body, &sent.headers, put, lease);
        drop(room);
        done.map_err(|error| match error {
            StoreError::Exists => PublishError::Foreign(vec![step.path.to_string()]),
            other => other.into(),
        })
    }
}

/// Up to where all steps are done, when they end in any order.
struct Mark {
    state: Mutex<(usize, BTreeSet<usize>)>,
}

impl Mark {
    fn done(&self, at: usize) {
        let mut state = self.state();
        let (low, beyond) = &mut *state;
        beyond.insert(at);
        while beyond.remove(low) {
            *low += 1;
        }
    }

    fn low(&self) -> usize {
        self.state().0
    }

    fn state(&self) -> MutexGuard<'_, (usize, BTreeSet<usize>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How much more may be in memory.
struct Memory {
    free: Mutex<u64>,
    changed: Condvar,
}

/// A share of the memory, until it is dropped.
struct Room<'a>(&'a Memory, u64);

impl Memory {
    fn take(&self, bytes: u64) -> Room<'_> {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        while *free < bytes {
            free = self.changed.wait(free).unwrap_or_else(PoisonError::into_inner);
        }
        *free -= bytes;
        Room(self, bytes)
    }
}

impl Drop for Room<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += self.1;
        self.0.changed.notify_all();
    }
}

/// Wakes who waits, once and for good.
#[derive(Default)]
struct Bell {
    is_rung: Mutex<bool>,
    rung: Condvar,
}

impl Bell {
    /// Waits for so long; whether the bell was not rung meanwhile.
    fn wait(&self, time: Duration) -> bool {
        let is_rung = self.is_rung.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.rung.wait_timeout_while(is_rung, time, |is_rung| !*is_rung);
        !*waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn ring(&self) {
        *self.is_rung.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.rung.notify_all();
    }
}
