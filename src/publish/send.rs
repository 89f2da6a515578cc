//! Following a plan: phase after phase, within one as many files at a time as the place takes.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use super::claim::Holder;
use super::headers::Encoding;
use super::plan::{Plan, Run, Step};
use super::site::{LONG, Site};
use super::state::Change;
use super::store::{Put, Store, StoreError};
use super::{PublishError, Told};

/// How many bytes of files may be in memory at a time.
const IN_MEMORY: u64 = 8 << 20;

/// What sends files.
pub(super) struct Sender<'a> {
    pub(super) site: &'a Site,
    pub(super) store: &'a Store,
    pub(super) holder: &'a Holder<'a>,
    pub(super) adopt: bool,
    pub(super) tell: &'a (dyn Fn(Told) + Sync),
}

impl Sender<'_> {
    /// Does the steps of some phases of a plan.
    pub(super) fn follow(&self, plan: &mut Plan, runs: &[Run]) -> Result<(), PublishError> {
        for run in runs {
            // Nobody may begin a phase before it is written down that the one before it is over.
            self.holder.renew(|claim| (claim.done, claim.open) = (run.from, run.end))?;
            self.phase(plan, *run)?;
        }
        if let Some(Run { end, .. }) = runs.last() {
            self.holder.renew(|claim| (claim.done, claim.open) = (*end, *end))?;
        }
        Ok(())
    }

    fn phase(&self, plan: &mut Plan, run: Run) -> Result<(), PublishError> {
        let steps = Mutex::new((run.from..run.end).zip(plan.steps(run)?));
        let is_over = AtomicBool::new(false);
        let failure: Mutex<Option<PublishError>> = Mutex::new(None);
        let memory = Memory { free: Mutex::new(IN_MEMORY), changed: Condvar::new() };
        let fail = |error: PublishError| {
            is_over.store(true, Ordering::Relaxed);
            failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        };
        let work = || {
            while !is_over.load(Ordering::Relaxed) {
                let next = steps.lock().unwrap_or_else(PoisonError::into_inner).next();
                let Some((at, step)) = next else { return };
                match step.map_err(PublishError::from).and_then(|step| self.step(&step, &memory)) {
                    Ok(()) => {
                        self.holder.mark.done(at);
                        (self.tell)(Told::Done);
                    }
                    Err(error) => return fail(error),
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.store.at_once().min(run.end - run.from) {
                scope.spawn(work);
            }
        });
        failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
    }

    fn step(&self, Step { path, change }: &Step, memory: &Memory) -> Result<(), PublishError> {
        let lease = &self.holder.lease;
        lease.wait()?;
        let (sent, put) = match change {
            Change::Deleted => return Ok(self.store.delete(path, lease)?),
            Change::New(sent) if !self.adopt => (sent, Put::New),
            Change::New(sent) | Change::Again(sent) | Change::Changed(sent) => (sent, Put::Over),
        };
        // Of a long file a part is in memory; of one that is packed, both forms.
        let room = memory.take(match sent.headers.encoding {
            None => sent.sum.length.min(LONG),
            Some(Encoding::Gzip) => (2 * sent.sum.length).min(IN_MEMORY),
        });
        let body = self.site.body(path, sent)?;
        let done = self.store.put(path, body, &sent.headers, put, lease);
        drop(room);
        done.map_err(|error| match error {
            StoreError::Exists => PublishError::Foreign(vec![path.clone()]),
            other => other.into(),
        })
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
