//! Who is publishing: taking the place over, saying that one lives, and letting it go.
//!
//! Nobody compares clocks. Who finds a claim of another looks whether it changes; one that does not for long enough is of a publisher that was
//! cut off, and is replaced by a write that succeeds only if it is still the same. A publisher that lives all the same finds out when it wants to say so.

use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::lease::Lease;
use super::list::List;
use super::plan::Plan;
use super::state::{CLAIM, Claim, Stage, Unreadable};
use super::store::{Expected, Store, StoreError, Version};
use super::{PublishError, Told};

/// How often a publisher says that it lives, at most.
const EVERY: Duration = Duration::from_secs(3);
/// And at least.
const LEAST: Duration = Duration::from_millis(100);
/// How often in the time that others watch.
const TIMES: u32 = 5;
/// For how many such times a claim must be the same until it is taken for one of somebody who was cut off. A publisher sends nothing more after
/// two without an answer.
const MISSED: u32 = 3;
/// How often a claim is looked at while it is watched, in such a time.
const LOOKS: u32 = 2;

/// What stands there, as all publishers together have written it down.
#[derive(Debug)]
pub(super) struct Found {
    published: Option<List>,
    /// The plan that somebody did not follow to its end, and how far they came.
    left: Option<(Plan, usize, usize)>,
}

impl Found {
    /// Reads what a claim names.
    pub(super) fn under(store: &Store, claim: Option<&Claim>) -> Result<Found, StoreError> {
        let Some(Claim { published, plan, done, open, .. }) = claim else {
            return Ok(Found { published: None, left: None });
        };
        let published = published.map(|published| store.read_list(published)).transpose()?;
        let plan = plan.map(|plan| store.read_list(plan).and_then(Plan::of)).transpose()?;
        Ok(Found { published, left: plan.map(|plan| (plan, *done, *open)) })
    }

    /// What leads from there to what is wanted.
    pub(super) fn plan(&mut self, wanted: &mut List) -> Result<Plan, StoreError> {
        let published = self.published.as_mut().map(List::entries).transpose()?;
        let left = self.left.as_mut().map(|(plan, done, open)| plan.left_after(*done, *open)).transpose()?;
        Plan::make(wanted.entries()?, published.into_iter().flatten(), left.into_iter().flatten())
    }
}

/// What the claim says that lies there.
pub(super) fn claim(store: &Store) -> Result<Option<Claim>, StoreError> {
    Ok(read_claim(store)?.map(|(claim, _)| claim))
}

fn read_claim(store: &Store) -> Result<Option<(Claim, Version)>, StoreError> {
    let Some((bytes, version)) = store.read_own(CLAIM)? else { return Ok(None) };
    let claim = Claim::parse(&bytes).map_err(|Unreadable| StoreError::Disordered(CLAIM.to_owned()))?;
    Ok(Some((claim, version)))
}

/// The claim of this publisher.
#[derive(Debug)]
pub(super) struct Holder<'a> {
    store: &'a Store,
    held: Mutex<Held>,
    pub(super) lease: Arc<Lease>,
    every: Duration,
    /// How far the plan was followed.
    pub(super) mark: Mark,
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
    /// Takes the place, if nobody else is at work there.
    pub(super) fn take(
        store: &'a Store,
        name: &Name,
        patience: Duration,
        tell: &(dyn Fn(Told) + Sync),
    ) -> Result<Holder<'a>, PublishError> {
        let every = EVERY.min(patience / TIMES).max(LEAST);
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
                    claim.published = other.published;
                    if other.stage != Stage::Finished {
                        // Until there is a plan of ours, what is known stands in that of the other.
                        (claim.plan, claim.done, claim.open) = (other.plan, other.done, other.open);
                    }
                    Expected::Version(version.clone())
                }
            };
            let began = Instant::now();
            match store.write_own(CLAIM, claim.write(), &expected) {
                Ok(version) => {
                    // Another one under the same condition must fail, or two publishers could not tell of each other.
                    claim.count += 1;
                    if !store.has_lock() && store.write_own(CLAIM, claim.write(), &expected).is_ok() {
                        return Err(PublishError::Unconditional);
                    }
                    let lease = store.lasts(every).map_or_else(Lease::open, |lasts| Lease::until(began + lasts));
                    let held = Mutex::new(Held { claim, version });
                    return Ok(Holder { store, held, lease: Arc::new(lease), every, mark: Mark::default() });
                }
                // Somebody else was faster.
                Err(StoreError::Changed | StoreError::Exists) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// Does something, and says all the while that this publisher lives. When that cannot be said, nothing more is sent.
    pub(super) fn while_alive<T>(&self, work: impl FnOnce() -> Result<T, PublishError>) -> Result<T, PublishError> {
        let bell = Bell::default();
        std::thread::scope(|scope| {
            let beat = scope.spawn(|| {
                while bell.wait(self.every) {
                    let done = self.mark.low();
                    if let Err(error) = self.renew(|claim| claim.done = claim.done.max(done)) {
                        self.lease.lose();
                        return Err(error);
                    }
                }
                Ok(())
            });
            let ringer = Ringer(&bell);
            let done = work();
            drop(ringer);
            match (done, beat.join().expect("who says that we live does not panic")) {
                // Why it could not be said is why nothing was sent.
                (Err(PublishError::Lost), Err(error)) => Err(error.into()),
                (done, _) => done,
            }
        })
    }

    /// What the claim says by now.
    pub(super) fn claim(&self) -> Claim {
        self.held().claim.clone()
    }

    /// Writes down what will be done. From here on whoever comes next knows of it.
    pub(super) fn follow(&self, plan: &mut Plan) -> Result<(), StoreError> {
        let list = self.store.put_list(&mut plan.list, &self.lease)?;
        self.renew(|claim| (claim.plan, claim.done, claim.open) = (Some(list), 0, 0))
    }

    /// Writes down what stands there by now.
    pub(super) fn publish(&self, wanted: &mut List) -> Result<(), StoreError> {
        let list = self.store.put_list(wanted, &self.lease)?;
        self.renew(|claim| claim.published = Some(list))
    }

    /// Writes down that the plan was followed to its end, and deletes the lists that nobody needs any more.
    pub(super) fn tidy(&self) -> Result<(), StoreError> {
        // Nobody else can have a use for what was there before it is known that the place is still ours. What cannot be listed or deleted does no harm, and
        // is tried again by the next that comes here.
        let lists = self.store.lists().unwrap_or_default();
        self.renew(|claim| (claim.plan, claim.done, claim.open) = (None, 0, 0))?;
        let needed = self.claim().published;
        for list in lists.into_iter().filter(|list| Some(*list) != needed) {
            match self.store.delete_list(list, &self.lease) {
                Err(StoreError::Lost) => return Err(StoreError::Lost),
                Err(_) => break,
                Ok(()) => {}
            }
        }
        Ok(())
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

    /// What it means that the place is not as this publisher knows it: somebody else has taken over meanwhile, or, if not, what it looks like.
    pub(super) fn unless_lost(&self, looks_like: PublishError) -> PublishError {
        match self.renew(|_| {}) {
            Err(error) => error.into(),
            Ok(()) => looks_like,
        }
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

/// Up to where all steps are done, when they end in any order.
#[derive(Debug, Default)]
pub(super) struct Mark(Mutex<(usize, BTreeSet<usize>)>);

impl Mark {
    pub(super) fn done(&self, at: usize) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (low, beyond) = &mut *state;
        beyond.insert(at);
        while beyond.remove(low) {
            *low += 1;
        }
    }

    fn low(&self) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
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

/// Rings a bell when it is dropped, however that comes.
struct Ringer<'a>(&'a Bell);

impl Drop for Ringer<'_> {
    fn drop(&mut self) {
        self.0.ring();
    }
}

/// Watches a claim of another for a while. Whether it is of somebody who was cut off; `false` when it has to be looked at anew.
fn watch(store: &Store, claim: &Claim, patience: Duration, tell: &(dyn Fn(Told) + Sync)) -> Result<bool, PublishError> {
    let every = Duration::from_millis(claim.every).clamp(LEAST, EVERY);
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

#[cfg(test)]
mod tests {
    use std::fs;

    use tempfile::TempDir;

    use super::super::folder::Folder;
    use super::super::list::Entry;
    use super::super::list::tests::{entry, list, sent};
    use super::super::state::{Change, There};
    use super::*;

    fn place() -> (TempDir, Store) {
        let temp = TempDir::new().unwrap();
        let folder = Folder::look(temp.path()).unwrap().lock().unwrap();
        (temp, Store::Folder(folder))
    }

    fn take<'a>(store: &'a Store, token: &str) -> Holder<'a> {
        let name = Name { token: token.to_owned(), since: "2026-11-26T20:00:00Z".to_owned() };
        Holder::take(store, &name, Duration::from_secs(15), &|_| {}).unwrap()
    }

    /// Writes a claim there as another process would.
    fn overwrite(temp: &TempDir, claim: &Claim) {
        fs::write(temp.path().join(".dossier-publish").join(CLAIM), claim.write()).unwrap();
    }

    #[test]
    fn whoever_was_taken_over_sends_nothing_more() {
        let (temp, store) = place();
        let holder = take(&store, "one");
        assert!(holder.lease.wait().is_ok());
        let mut other = holder.claim();
        other.token = "other".to_owned();
        overwrite(&temp, &other);
        assert!(matches!(holder.renew(|_| {}), Err(StoreError::Lost)));
        assert!(matches!(holder.lease.wait(), Err(StoreError::Lost)));
    }

    #[test]
    fn what_is_in_the_way_of_whoever_was_taken_over_is_no_file_of_a_stranger() {
        let (temp, store) = place();
        let holder = take(&store, "one");
        let in_the_way = || PublishError::Foreign(vec!["a.html".to_owned()]);
        assert!(matches!(holder.unless_lost(in_the_way()), PublishError::Foreign(paths) if paths == ["a.html"]));
        let mut other = holder.claim();
        other.token = "other".to_owned();
        overwrite(&temp, &other);
        assert!(matches!(holder.unless_lost(in_the_way()), PublishError::Lost));
    }

    #[test]
    fn a_renewal_whose_answer_was_lost_is_ours_all_the_same() {
        let (temp, store) = place();
        let holder = take(&store, "one");
        let mut ahead = holder.claim();
        ahead.count += 1;
        overwrite(&temp, &ahead);
        assert!(holder.renew(|_| {}).is_ok());
        assert!(holder.lease.wait().is_ok());
    }

    fn plan(entries: &[Entry]) -> Plan {
        Plan::of(list(entries)).unwrap()
    }

    /// What is known to whoever has the claim, beside what was published.
    fn left(store: &Store, holder: &Holder<'_>) -> Vec<Entry> {
        let Some((mut plan, done, open)) = Found::under(store, Some(&holder.claim())).unwrap().left else {
            return Vec::new();
        };
        plan.left_after(done, open).unwrap().collect::<Result<_, _>>().unwrap()
    }

    #[test]
    fn what_a_publisher_left_is_known_to_the_next_until_one_comes_to_its_end() {
        let (_temp, store) = place();
        let entries = [
            entry("index.html", None, Some(Change::Changed(sent("index.html", 1)))),
            entry("new.html", None, Some(Change::New(sent("new.html", 2)))),
        ];
        let first = take(&store, "one");
        first.publish(&mut list(&[entry("index.html", Some(There::Known(sent("index.html", 0))), None)])).unwrap();
        first.follow(&mut plan(&entries)).unwrap();
        first.renew(|claim| (claim.done, claim.open) = (1, 2)).unwrap();
        let expected = [
            entry("index.html", Some(There::Unknown), None),
            entry("new.html", Some(There::Known(sent("new.html", 2))), None),
        ];
        // The next one is cut off before it has a plan of its own.
        for token in ["two", "three"] {
            let holder = take(&store, token);
            assert_eq!(left(&store, &holder), expected);
            assert_eq!(holder.claim().published, first.claim().published);
        }
        let fourth = take(&store, "four");
        fourth.tidy().unwrap();
        fourth.end(Stage::Finished).unwrap();
        let fifth = take(&store, "five");
        assert!(left(&store, &fifth).is_empty());
        assert_eq!(fifth.claim().published, first.claim().published);
    }

    #[test]
    fn a_plan_that_no_claim_names_was_not_begun_and_goes_with_the_next_that_comes_to_its_end() {
        let (_temp, store) = place();
        let holder = take(&store, "one");
        let mut orphan = list(&[entry("old.html", Some(There::Perhaps), None)]);
        let name = store.put_list(&mut orphan, &holder.lease).unwrap();
        assert!(left(&store, &holder).is_empty());
        assert_eq!(store.lists().unwrap(), [name]);
        let mut wanted = list(&[entry("a.html", Some(There::Known(sent("a.html", 1))), None)]);
        holder.publish(&mut wanted).unwrap();
        holder.follow(&mut plan(&[entry("b.html", None, Some(Change::Deleted))])).unwrap();
        assert_eq!(store.lists().unwrap().len(), 3);
        holder.tidy().unwrap();
        let lists = store.lists().unwrap();
        assert_eq!(lists, holder.claim().published.into_iter().collect::<Vec<_>>());
        assert_eq!(lists[0].sha256, wanted.sum().sha256);
        assert!(matches!(store.read_list(name), Err(StoreError::Disordered(_))));
    }
}
