//! Publishing a site that was built: to a folder or to the storage of a service, so that no reader ever meets half of it.
//!
//! One path for all. The [site](Site) is what the last build wrote, file by file with its SHA-256, and nothing is sent that is not as the
//! build wrote it. What stands at the other end is known from what publishers wrote down there beside the site, never from times or lists. The
//! `plan` is made of both and nothing else, and says which change comes when and why no reader meets a missing part. It is written down
//! before the first change, and how far it was followed is written down again and again, so that whoever comes after a cut knows what
//! is there and what may be. Of two publishers one has the `claim`.
//!
//! Memory holds a path, a hash and a few words for each file, and a bounded number of files that are under way.

pub mod address;
#[cfg(feature = "cloud")]
mod bucket;
mod claim;
mod folder;
pub mod headers;
mod lease;
mod plan;
mod send;
mod site;
mod state;
mod store;

use std::io;
use std::time::Duration;

pub use address::{Address, AddressError, Service};
pub use site::Site;
pub use store::StoreError;

use crate::output::WriteError;
use claim::{Found, Holder, Name};
use folder::Folder;
use plan::{Change, Steps, steps};
use state::{Plan, Stage, is_of_site};
use store::Store;

/// The longest path that all services take, with what the address puts before it, in bytes.
const LONGEST: usize = 1024;

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
#[derive(Clone, Debug, Default)]
pub struct Outlook {
    /// What would be done to each path, in this order.
    pub steps: Vec<(Deed, String)>,
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
    Disordered(&'static str),
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
pub fn outlook(site: &Site, address: &Address, options: Options) -> Result<Outlook, PublishError> {
    let store = open(site, address)?;
    let mut found = Found::read(&store)?;
    let steps = steps(site.wanted(), &found.known());
    let foreign = foreign(&store, &steps, options)?;
    let report = report(site, &steps);
    let told = |step: plan::Step| {
        let deed = match step.change {
            Change::New(_) | Change::Again(_) => Deed::New,
            Change::Changed(_) => Deed::Changed,
            Change::Deleted => Deed::Deleted,
        };
        (deed, step.path.to_string())
    };
    let is_unfinished = found.is_unfinished();
    Ok(Outlook { steps: steps.steps.into_iter().map(told).collect(), report, foreign, is_unfinished })
}

/// Publishes a site.
pub fn publish(
    site: &Site,
    address: &Address,
    options: Options,
    tell: &(dyn Fn(Told) + Sync),
) -> Result<Report, PublishError> {
    let store = open(site, address)?;
    let found = Found::read(&store)?;
    if !found.is_unfinished() && found.claim.is_some() && found.is_published(site.wanted()) {
        return Ok(report(site, &Steps::default()));
    }
    drop(found);
    let store = match store {
        Store::Folder(folder) => Store::Folder(folder.lock()?),
        #[cfg(feature = "cloud")]
        other => other,
    };
    let holder = Holder::take(&store, &name()?, options.patience, tell)?;
    match holder.while_alive(|| follow(site, &store, &holder, options, tell)) {
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
    site: &Site,
    store: &Store,
    holder: &Holder<'_>,
    options: Options,
    tell: &(dyn Fn(Told) + Sync),
) -> Result<Report, PublishError> {
    let mut found = Found::under(store, Some(holder.claim()))?;
    if !found.left.is_empty() {
        tell(Told::TakingOver);
    }
    let is_published = found.is_published(site.wanted());
    let steps = steps(site.wanted(), &found.known());
    let foreign = foreign(store, &steps, options)?;
    if !foreign.is_empty() {
        return Err(PublishError::Foreign(foreign));
    }
    let report = report(site, &steps);
    let Steps { steps, phases, sending } = steps;
    let plan = Plan { left: std::mem::take(&mut found.left), steps };
    holder.follow(&plan, &mut found)?;
    tell(Told::Begun(plan.steps.len()));
    let sender = send::Sender { site, store, holder, adopt: options.adopt, tell };
    let (before, after): (Vec<usize>, Vec<usize>) = phases.iter().copied().partition(|end| *end <= sending);
    sender.follow(&plan.steps, 0, &before)?;
    if !is_published {
        holder.publish(site.wanted(), &mut found)?;
    }
    sender.follow(&plan.steps, sending, &after)?;
    Ok(report)
}

/// The place, if all of the site can stand there.
fn open(site: &Site, address: &Address) -> Result<Store, PublishError> {
    let store = match address {
        Address::Folder(path) => Store::Folder(Folder::look(path)?),
        #[cfg(feature = "cloud")]
        Address::Bucket { service, bucket, prefix } => Store::Bucket(bucket::Bucket::open(*service, bucket, prefix)?),
        #[cfg(not(feature = "cloud"))]
        Address::Bucket { .. } => return Err(PublishError::WithoutStorage),
    };
    let before = match &store {
        Store::Folder(folder) => {
            let target = folder.root();
            let from = site.folder().canonicalize().unwrap_or_else(|_| site.folder().to_owned());
            if from.starts_with(target) || target.starts_with(&from) {
                return Err(PublishError::Itself);
            }
            0
        }
        #[cfg(feature = "cloud")]
        Store::Bucket(bucket) => bucket.before(),
    };
    let cannot_stand = |path: &str| path.len() + before > LONGEST || !is_of_site(path);
    match site.wanted().iter().find(|file| cannot_stand(&file.path)) {
        Some(file) => Err(PublishError::Path(file.path.to_string())),
        None => Ok(store),
    }
}

/// What stands where new files belong and is not ours.
fn foreign(store: &Store, steps: &Steps, options: Options) -> Result<Vec<String>, PublishError> {
    if options.adopt {
        return Ok(Vec::new());
    }
    let is_new = |step: &&plan::Step| matches!(step.change, Change::New(_));
    let new: Vec<&str> = steps.steps.iter().filter(is_new).map(|step| &*step.path).collect();
    Ok(if new.is_empty() { Vec::new() } else { store.taken(&new)? })
}

fn report(site: &Site, steps: &Steps) -> Report {
    let sent = &steps.steps[..steps.sending];
    Report {
        files: site.wanted().len(),
        sent: sent.len(),
        bytes: sent.iter().map(|step| site.length(&step.path)).sum(),
        deleted: steps.steps.len() - sent.len(),
    }
}

/// A name that no other publisher has.
fn name() -> Result<Name, PublishError> {
    let mut token = [0; 16];
    getrandom::fill(&mut token).map_err(|error| StoreError::Io {
        attempt: "cannot get random numbers from the system".to_owned(),
        cause: io::Error::other(error.to_string()),
    })?;
    let since = jiff::Timestamp::now().round(jiff::Unit::Second).unwrap_or_default().to_string();
    Ok(Name { token: crate::text::hexadecimal(&token), since })
}
