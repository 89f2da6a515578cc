//! Following a plan: phase after phase, within one as many files at a time as the place takes.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use super::claim::Holder;
use super::plan::{Change, Step};
use super::site::{LONG, Site};
use super::store::{Put, Store, StoreError};
use super::{PublishError, Told};

/// How many bytes of files may be in memory at a time.
const IN_MEMORY: u64 = 32 << 20;

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
                        self.holder.mark.done(at);
                        (self.tell)(Told::Done);
                    }
                    Err(error) => return fail(error),
                }
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..self.store.at_once().min(end - from) {
                scope.spawn(work);
            }
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
        let room = memory.take(self.site.length(&step.path).min(2 * LONG));
        let body = self.site.body(&step.path, &sent.headers)?;
        let done = self.store.put(&step.path, body, &sent.headers, put, lease);
        drop(room);
        done.map_err(|error| match error {
            StoreError::Exists => self.holder.in_the_way(&step.path),
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
