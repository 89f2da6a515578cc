//! Who is publishing: taking the place over, saying that one lives, and letting it go.
//!
//! Nobody compares clocks. Who finds a claim of another looks whether it changes; one that does not for long enough is of a publisher that was
//! cut off, and is replaced by a write that succeeds only if it is still the same. A publisher that lives all the same finds out when it wants to say so.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::lease::Lease;
use super::plan::left_after;
use super::state::{
    CLAIM, Claim, Known, PLAN, PUBLISHED, Plan, Published, Stage, Unreadable, parse_published, write_published,
};
use super::store::{Expected, Store, StoreError, Version};
use super::{PublishError, Told};
use crate::output::Sum;
use crate::text::hexadecimal;

/// How often a publisher says that it lives, at most.
const EVERY: Duration = Duration::from_secs(3);
/// How often in the time that others watch.
const TIMES: u32 = 5;
/// For how many such times a claim must be the same until it is taken for one of somebody who was cut off. A publisher sends nothing more after
/// two without an answer.
const MISSED: u32 = 3;
/// How often a claim is looked at while it is watched, in such a time.
const LOOKS: u32 = 2;

/// What stands there, as all publishers together have written it down.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) published: Published,
    published_version: Option<Version>,
    /// What differs from that.
    pub(super) left: Known,
    plan_version: Option<Version>,
    pub(super) claim: Option<(Claim, Version)>,
}

impl Found {
    /// Reads what stands there.
    pub(super) fn read(store: &Store) -> Result<Found, PublishError> {
        let claim = read_claim(store)?;
        Found::after(store, claim)
    }

    /// Reads what stands there under a claim that was read before.
    fn after(store: &Store, claim: Option<(Claim, Version)>) -> Result<Found, PublishError> {
        let (published, published_version) = match store.read_own(PUBLISHED)? {
            Some((bytes, version)) => (parse_published(&bytes).map_err(disordered(PUBLISHED))?, Some(version)),
            None => (Published::new(), None),
        };
        let plan = store.read_own(PLAN)?;
        let plan_version = plan.as_ref().map(|(_, version)| version.clone());
        let mut left = Known::new();
        if let Some((Claim { plan: Some(followed), done, open, .. }, _)) = &claim {
            let (bytes, _) = plan.ok_or(PublishError::Disordered(PLAN))?;
            let is_followed = hexadecimal(&Sum::of(&bytes).sha256) == *followed;
            let plan = Plan::parse(&bytes).map_err(disordered(PLAN))?;
            // A plan that the claim does not name was written by somebody who was cut off before the first step of it.
            left = if is_followed { left_after(plan, *done, *open) } else { left_after(plan, 0, 0) };
        }
        Ok(Found { published, published_version, left, plan_version, claim })
    }

    /// Whether a publisher was cut off, or is at work.
    pub(super) fn is_unfinished(&self) -> bool {
        self.claim.as_ref().is_some_and(|(claim, _)| claim.stage != Stage::Finished)
    }

    /// What is known of all paths.
    pub(super) fn known(&self) -> Known {
        let published =
            self.published.iter().map(|(path, sent)| (path.clone(), super::state::There::Known(sent.clone())));
        let mut known: Known = published.collect();
        known.extend(self.left.iter().map(|(path, there)| (path.clone(), there.clone())));
        known
    }
}

fn disordered(name: &'static str) -> impl Fn(Unreadable) -> PublishError {
    move |_| PublishError::Disordered(name)
}

fn read_claim(store: &Store) -> Result<Option<(Claim, Version)>, PublishError> {
    let Some((bytes, version)) = store.read_own(CLAIM)? else { return Ok(None) };
    Ok(Some((Claim::parse(&bytes).map_err(disordered(CLAIM))?, version)))
}

/// The claim of this publisher.
#[derive(Debug)]
pub(super) struct Holder<'a> {
    store: &'a Store,
    held: Mutex<Held>,
    pub(super) lease: Lease,
    pub(super) every: Duration,
}

#[derive(Debug)]
struct Held {
    claim: Claim,
    version: Version,
}

/// Who this publisher is.
#[derive(Clone, Debug)]
pub(super) struct Name {
    pub(super) token: String,
    pub(super) since: String,
}

impl<'a> Holder<'a> {
    /// Takes the place, if nobody else is at work there, and reads what stands there.
    pub(super) fn take(
        store: &'a Store,
        name: &Name,
        patience: Duration,
        tell: &(dyn Fn(Told) + Sync),
    ) -> Result<(Holder<'a>, Found), PublishError> {
        let every = EVERY.min(patience / TIMES).max(Duration::from_millis(100));
        let milliseconds = u64::try_from(every.as_millis()).unwrap_or(u64::MAX);
        loop {
            let there = read_claim(store)?;
            if let Some((claim, _)) = &there
                && claim.stage == Stage::Working
                && claim.token != name.token
                && !store.has_lock()
                && !watch(store, claim, patience, tell)?
            {
                continue;
            }
            let mut claim = Claim::new(name.token.clone(), name.since.clone(), milliseconds);
            let expected = match &there {
                None => Expected::Nothing,
                Some((other, version)) => {
                    if other.stage != Stage::Finished {
                        // Until there is a plan of ours, what is known stands in that of the other.
                        (claim.plan, claim.done, claim.open) = (other.plan.clone(), other.done, other.open);
                    }
                    Expected::Version(version.clone())
                }
            };
            let began = Instant::now();
            match store.write_own(CLAIM, claim.write(), &expected) {
                Ok(version) => {
                    // The same once more must fail, or two publishers could not tell of each other.
                    if !store.has_lock() && store.write_own(CLAIM, claim.write(), &expected).is_ok() {
                        return Err(PublishError::Unconditional);
                    }
                    let lease = store.lasts(every).map_or_else(Lease::open, |lasts| Lease::until(began + lasts));
                    let found = Found::after(store, Some((claim.clone(), version.clone())))?;
                    return Ok((Holder { store, held: Mutex::new(Held { claim, version }), lease, every }, found));
                }
                // Somebody else was faster.
                Err(StoreError::Changed | StoreError::Exists) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Writes down what will be done. From here on whoever comes next knows of it.
    pub(super) fn follow(&self, plan: &Plan, found: &mut Found) -> Result<(), PublishError> {
        let bytes = plan.write();
        let sum = hexadecimal(&Sum::of(&bytes).sha256);
        let version = self.write(PLAN, bytes, found.plan_version.as_ref())?;
        found.plan_version = Some(version);
        self.renew(|claim| {
            claim.plan = Some(sum.clone());
            (claim.done, claim.open) = (0, 0);
        })?;
        Ok(())
    }

    /// Writes down what stands there by now.
    pub(super) fn publish(&self, files: &Published, found: &mut Found) -> Result<(), PublishError> {
        let bytes = write_published(files.iter().map(|(path, sent)| (&**path, sent)));
        let version = self.write(PUBLISHED, bytes, found.published_version.as_ref())?;
        found.published_version = Some(version);
        Ok(())
    }

    fn write(&self, name: &'static str, bytes: Vec<u8>, version: Option<&Version>) -> Result<Version, PublishError> {
        self.lease.wait()?;
        let expected = version.map_or(Expected::Nothing, |version| Expected::Version(version.clone()));
        self.store.write_own(name, bytes, &expected).map_err(|error| match error {
            StoreError::Changed | StoreError::Exists => StoreError::Lost.into(),
            other => other.into(),
        })
    }

    /// Says that this publisher lives, and how far it has come.
    pub(super) fn renew(&self, change: impl Fn(&mut Claim)) -> Result<(), StoreError> {
        let mut held = self.held();
        let mut claim = held.claim.clone();
        claim.count += 1;
        change(&mut claim);
        let bytes = claim.write();
        // Once more when an answer was lost and what is there is ours after all.
        for _ in 0..2 {
            let began = Instant::now();
            match self.store.write_own(CLAIM, bytes.clone(), &Expected::Version(held.version.clone())) {
                Ok(version) => {
                    *held = Held { claim, version };
                    if let Some(lasts) = self.store.lasts(self.every) {
                        self.lease.extend(began + lasts);
                    }
                    return Ok(());
                }
                Err(StoreError::Changed | StoreError::Exists) => match self.store.read_own(CLAIM)? {
                    Some((there, version)) if Claim::parse(&there).is_ok_and(|there| there.token == claim.token) => {
                        held.version = version;
                    }
                    _ => break,
                },
                Err(error) => return Err(error),
            }
        }
        self.lease.lose();
        Err(StoreError::Lost)
    }

    /// Lets the place go.
    pub(super) fn end(&self, stage: Stage) -> Result<(), StoreError> {
        self.renew(|claim| {
            claim.stage = stage;
            if stage == Stage::Finished {
                (claim.plan, claim.done, claim.open) = (None, 0, 0);
            }
        })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Watches a claim of another for a while. Whether it is of somebody who was cut off; `false` when it has to be looked at anew.
fn watch(store: &Store, claim: &Claim, patience: Duration, tell: &(dyn Fn(Told) + Sync)) -> Result<bool, PublishError> {
    let every = Duration::from_millis(claim.every).min(EVERY);
    let patience = patience.max(every * MISSED);
    tell(Told::Watching { since: claim.since.clone(), patience });
    let began = Instant::now();
    while began.elapsed() < patience {
        std::thread::sleep((every / LOOKS).min(patience.saturating_sub(began.elapsed())));
        match read_claim(store)? {
            Some((now, _)) if now.token == claim.token && now.stage == Stage::Working => {
                if now.count != claim.count {
                    return Err(PublishError::Busy(Some(now.since)));
                }
            }
            Some((now, _)) if now.stage == Stage::Working => return Err(PublishError::Busy(Some(now.since))),
            _ => return Ok(false),
        }
    }
    Ok(true)
}
