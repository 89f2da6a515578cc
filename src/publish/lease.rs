//! Until when a publisher may send: as long as others must believe that it lives.
//!
//! Whoever cannot say in time that it lives sends nothing more until it can. If somebody else has taken over by then, it stops.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::store::StoreError;

/// Until when a publisher may send.
#[derive(Debug)]
pub(super) struct Lease {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// As long as the process lives.
    Open,
    /// Until then, unless it is said again that the publisher lives.
    Until(Instant),
    /// No more.
    Lost,
}

impl Lease {
    pub(super) fn open() -> Lease {
        Lease { state: Mutex::new(State::Open), changed: Condvar::new() }
    }

    pub(super) fn until(end: Instant) -> Lease {
        Lease { state: Mutex::new(State::Until(end)), changed: Condvar::new() }
    }

    pub(super) fn extend(&self, end: Instant) {
        let mut state = self.state();
        if let State::Until(_) = *state {
            *state = State::Until(end);
            self.changed.notify_all();
        }
    }

    pub(super) fn lose(&self) {
        *self.state() = State::Lost;
        self.changed.notify_all();
    }

    /// How long is left; waits while nothing is, and until it is lost.
    pub(super) fn wait(&self) -> Result<Option<Duration>, StoreError> {
        let mut state = self.state();
        loop {
            match *state {
                State::Open => return Ok(None),
                State::Lost => return Err(StoreError::Lost),
                State::Until(end) => {
                    let left = end.saturating_duration_since(Instant::now());
                    if !left.is_zero() {
                        return Ok(Some(left));
                    }
                    state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Whether something may be sent at this moment.
    #[cfg(feature = "cloud")]
    pub(super) fn is_good(&self) -> bool {
        match *self.state() {
            State::Open => true,
            State::Lost => false,
            State::Until(end) => Instant::now() < end,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
