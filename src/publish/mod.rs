//! Publishing a site that was built: to a folder or to the storage of a service, so that no reader ever meets half of it.
//!
//! One path for all. The [site](Site) is what the last build wrote, file by file with its SHA-256, and nothing is sent that is not as the
//! build wrote it. What stands at the other end is known from what publishers wrote down there beside the site, never from times or lists. The
//! `plan` is made of both and nothing else, and says which change comes when and why no reader meets a missing part. It is written down
//! before the first change, and how far it was followed is written down again and again, so that whoever comes after a cut knows what
//! is there and what may be. Of two publishers one has the `claim`.
//!
//! All three are lists on disk, which are read line by line: memory holds the files that are under way, whose number is bounded, and nothing for all others.

pub mod address;
#[cfg(feature = "cloud")]
mod bucket;
mod claim;
mod folder;
pub mod headers;
mod lease;
mod list;
mod plan;
mod send;
mod site;
mod state;
mod store;

use std::time::Duration;

pub use address::{Address, AddressError, Service};
pub use site::Site;
pub use store::StoreError;

use crate::output::WriteError;
use crate::text::hexadecimal;
use claim::{Found, Holder, Name};
use folder::Folder;
use plan::{Plan, Step};
use state::{Change, Claim, Stage};
use store::{Store, random};

/// How a site is published.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Whether files are replaced that stand in the way and are not ours.
    pub adopt: bool,
    /// Whether text is packed.
    pub precompress: bool,
    /// For how long a claim of another publisher must be the same until it is taken for one that was cut off.
    pub patience: Duration,
}

/// What is told on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Another publisher began then and may be at work; it is watched for so long.
    Watching {
        /// When it began, as it says.
        since: String,
        /// For how long it is watched.
        patience: Duration,
    },
    /// What another publisher began is completed.
    TakingOver,
    /// This many steps will be done.
    Begun(usize),
    /// A step was done.
    Done,
}

/// What a publish did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many files the site has there.
    pub files: usize,
    /// Files that were sent.
    pub sent: usize,
    /// The bytes of these before packing.
    pub bytes: u64,
    /// Files that were deleted.
    pub deleted: usize,
}

/// What would be done.
#[derive(Debug)]
pub struct Outlook {
    plan: Plan,
    /// What it would come to.
    pub report: Report,
    /// What stands in the way and is not ours.
    pub foreign: Vec<String>,
    /// Whether another publisher is at work or was cut off.
    pub is_unfinished: bool,
}

/// What is done to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// It is new.
    New,
    /// It changes.
    Changed,
    /// It is deleted.
    Deleted,
}

/// Why a site was not published, or not to the end.
#[derive(Debug)]
pub enum PublishError {
    /// Of the place.
    Store(StoreError),
    /// Of the files that are sent.
    Site(WriteError),
    /// Somebody else is publishing there, since when they say.
    Busy(Option<String>),
    /// Somebody else took over meanwhile.
    Lost,
    /// Files stand in the way that are not ours.
    Foreign(Vec<String>),
    /// Something of ours there is not as a publish writes it, by its name.
    Disordered(String),
    /// The place does not heed conditions, without which two publishers could mix their sites.
    Unconditional,
    /// This program was made without the storage of services.
    WithoutStorage,
    /// A path of the site cannot stand there.
    Path(String),
    /// The site would be published into itself.
    Itself,
}

impl From<StoreError> for PublishError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy(since) => PublishError::Busy(since),
            StoreError::Lost => PublishError::Lost,
            StoreError::Disordered(name) => PublishError::Disordered(name),
            StoreError::NotAsBuilt(path) => PublishError::Site(WriteError::Changed(vec![path])),
            other => PublishError::Store(other),
        }
    }
}

impl From<WriteError> for PublishError {
    fn from(error: WriteError) -> Self {
        PublishError::Site(error)
    }
}

/// Says what publishing would do, and changes nothing.
pub fn outlook(site: &mut Site, address: &Address, options: Options) -> Result<Outlook, PublishError> {
    let store = open(site, address)?;
    let (claim, mut plan) = loop {
        let claim = claim::claim(&store)?;
        let plan = Found::under(&store, claim.as_ref()).and_then(|mut found| found.plan(&mut site.wanted));
        let lists = |claim: Option<&Claim>| claim.map(|claim| (claim.published, claim.plan));
        match plan {
            // Who has just come to the end has deleted what nobody needs any more.
            Err(StoreError::Disordered(_)) if lists(claim::claim(&store)?.as_ref()) != lists(claim.as_ref()) => {}
            plan => break (claim, plan?),
        }
    };
    let foreign = if options.adopt { Vec::new() } else { store.taken(&mut plan)? };
    let is_unfinished = claim.is_some_and(|claim| claim.stage != Stage::Finished);
    Ok(Outlook { report: report(site, &plan), plan, foreign, is_unfinished })
}

impl Outlook {
    /// Tells what would be done to each path, in this order.
    pub fn tell(&mut self, tell: &mut dyn FnMut(Deed, &str)) -> Result<(), PublishError> {
        for run in self.plan.tally.runs() {
            for step in self.plan.steps(run)? {
                let Step { path, change } = step?;
                let deed = match change {
                    Change::New(_) | Change::Again(_) => Deed::New,
                    Change::Changed(_) => Deed::Changed,
                    Change::Deleted => Deed::Deleted,
                };
                tell(deed, &path);
            }
        }
        Ok(())
    }
}

/// Publishes a site.
pub fn publish(
    site: &mut Site,
    address: &Address,
    options: Options,
    tell: &(dyn Fn(Told) + Sync),
) -> Result<Report, PublishError> {
    let store = open(site, address)?;
    if let Some(claim) = claim::claim(&store)?
        && claim.stage == Stage::Finished
        && is_published(&claim, site)
    {
        return Ok(Report { files: site.wanted.paths, ..Report::default() });
    }
    let store = match store {
        Store::Folder(folder) => Store::Folder(folder.lock()?),
        #[cfg(feature = "cloud")]
        other => other,
    };
    let holder = Holder::take(&store, &name()?, options.patience, tell)?;
    let done = holder.while_alive(|| follow(site, &store, &holder, options, tell)).map_err(|error| match error {
        // Whoever takes over puts its own files there, and clears away the lists that it does not need.
        PublishError::Foreign(_) | PublishError::Disordered(_) => holder.unless_lost(error),
        other => other,
    });
    match done {
        Ok(report) => {
            holder.end(Stage::Finished)?;
            Ok(report)
        }
        Err(PublishError::Lost) => Err(PublishError::Lost),
        Err(error) => {
            // Whoever comes next need not watch us; what led here matters more than whether that could be said.
            let is_begun = holder.claim().plan.is_some();
            drop(holder.end(if is_begun { Stage::Stopped } else { Stage::Finished }));
            Err(error)
        }
    }
}

/// Makes the plan and follows it.
fn follow(
    site: &mut Site,
    store: &Store,
    holder: &Holder<'_>,
    options: Options,
    tell: &(dyn Fn(Told) + Sync),
) -> Result<Report, PublishError> {
    let mut plan = Found::under(store, Some(&holder.claim()))?.plan(&mut site.wanted)?;
    if plan.tally.left > 0 {
        tell(Told::TakingOver);
    }
    let foreign = if options.adopt { Vec::new() } else { store.taken(&mut plan)? };
    if !foreign.is_empty() {
        return Err(PublishError::Foreign(foreign));
    }
    holder.follow(&mut plan)?;
    tell(Told::Begun(plan.tally.all()));
    let (before, after): (Vec<_>, Vec<_>) =
        plan.tally.runs().into_iter().partition(|run| run.end <= plan.tally.sending());
    send::Sender { site, store, holder, adopt: options.adopt, tell }.follow(&mut plan, &before)?;
    if !is_published(&holder.claim(), site) {
        holder.publish(&mut site.wanted)?;
    }
    send::Sender { site, store, holder, adopt: options.adopt, tell }.follow(&mut plan, &after)?;
    holder.tidy()?;
    Ok(report(site, &plan))
}

/// Whether the last publish that came to its end put this site there.
fn is_published(claim: &Claim, site: &Site) -> bool {
    claim.published.is_some_and(|list| list.sha256 == site.wanted.sum().sha256)
}

/// The place.
fn open(site: &Site, address: &Address) -> Result<Store, PublishError> {
    match address {
        Address::Folder(path) => {
            let folder = Folder::look(path)?;
            let target = folder.root();
            let from = site.folder().canonicalize().unwrap_or_else(|_| site.folder().to_owned());
            if from.starts_with(target) || target.starts_with(&from) {
                return Err(PublishError::Itself);
            }
            Ok(Store::Folder(folder))
        }
        #[cfg(feature = "cloud")]
        Address::Bucket { service, bucket, prefix } => {
            Ok(Store::Bucket(bucket::Bucket::open(*service, bucket, prefix)?))
        }
        #[cfg(not(feature = "cloud"))]
        Address::Bucket { .. } => Err(PublishError::WithoutStorage),
    }
}

fn report(site: &Site, plan: &Plan) -> Report {
    let tally = &plan.tally;
    let sent = tally.sending();
    Report { files: site.wanted.paths, sent, bytes: tally.bytes, deleted: tally.all() - sent }
}

/// A name that no other publisher has.
fn name() -> Result<Name, PublishError> {
    let since = jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string();
    Ok(Name { token: hexadecimal(&random::<16>()?), since })
}
