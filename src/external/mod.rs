//! External links: whether the pages to which a dossier leads are still there. Hosts that a dossier names are asked only here, and only
//! when an author wants it.
//!
//! [`links`] collects the addresses of a dossier, [`check`] asks for them, [`findings`] says what is wrong. Of a dossier
//! nothing is sent but the addresses. A host is asked one thing at a time, with a pause after each, as its `robots.txt`
//! allows. What pages say is looked at only by [`drift`], which asks for those of quoted sources.

mod ask;
mod cache;
mod collect;
pub mod drift;
mod findings;
mod hosts;
mod html;
mod robots;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};

use crate::diagnostic::Place;
use ask::Asker;
#[cfg(feature = "cloud")]
pub(crate) use ask::tls;

pub use cache::Cache;
pub use collect::links;
pub use findings::findings;

/// An address, and where it stands in the dossier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The address as it was written.
    pub address: String,
    /// All places, in their order.
    pub places: Vec<Place>,
}

/// How hosts are asked.
#[derive(Clone, Debug)]
pub struct Options {
    /// How many hosts are asked at a time.
    pub hosts: usize,
    /// How long a host is left alone after each answer.
    pub pause: Duration,
    /// How long connecting may take.
    pub connect: Duration,
    /// How long one answer may take in all.
    pub whole: Duration,
    /// How often a request that failed is made again.
    pub retries: u32,
    /// The pause before the first of these; it doubles each time.
    pub retry_pause: Duration,
    /// The longest wait that a host may ask for, in `Crawl-delay` or `Retry-After`.
    pub patience: Duration,
    /// How much of a page is read in search of an anchor, in bytes.
    pub page: u64,
    /// The longest page of which the words are read, in bytes.
    pub body: u64,
    /// For how long a good answer is not asked for again.
    pub fresh_good: Duration,
    /// For how long any other is not.
    pub fresh_bad: Duration,
    /// Whether machines of the own network may be asked.
    pub networks: Networks,
}

/// Which machines may be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Networks {
    /// Those of the public internet.
    Public,
    /// This machine and those of private networks too.
    Any,
}

impl Default for Options {
    fn default() -> Self {
        const DAY: u64 = 24 * 60 * 60;
        Options {
            hosts: 8,
            pause: Duration::from_secs(1),
            connect: Duration::from_secs(10),
            whole: Duration::from_secs(20),
            retries: 2,
            retry_pause: Duration::from_secs(2),
            patience: Duration::from_secs(30),
            page: 4 * 1024 * 1024,
            body: 16 * 1024 * 1024,
            fresh_good: Duration::from_secs(7 * DAY),
            fresh_bad: Duration::from_secs(DAY),
            networks: Networks::Public,
        }
    }
}

/// What came of asking for an address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The page is there.
    Good,
    /// The page is there, at another address for good.
    Moved {
        /// The other address.
        to: String,
    },
    /// The host says that the page is not there, with 404 or 410.
    Dead {
        /// The status.
        status: u16,
    },
    /// The page is there and has no such anchor.
    NoAnchor {
        /// The anchor, as it stands in the address.
        anchor: String,
    },
    /// The host could not be reached, or failed.
    Unreachable {
        /// What happened, as a part of a sentence.
        why: String,
    },
    /// The host does not show the page to programs.
    Unchecked {
        /// Why, as a part of a sentence.
        why: String,
    },
    /// The page was not asked for this time; another time it may be.
    NotAsked {
        /// Why, as a part of a sentence.
        why: String,
    },
}

/// A link, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The link.
    pub link: Link,
    /// What came.
    pub outcome: Outcome,
}

/// How far checking has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// How many addresses are done.
    pub done: usize,
    /// Out of how many.
    pub of: usize,
    /// The address that was done last; none at the beginning, when what the cache knows has been counted.
    pub last: Option<String>,
}

/// One page and its links, which differ in the anchor alone.
struct Page {
    url: url::Url,
    /// The places of the links in the list that is checked, with their anchors.
    links: Vec<(usize, Option<String>)>,
}

/// Asks for each link that the cache does not know, and says after each how far it has come and what is known by then, so
/// that it can be kept before all is done. Never fails: what goes wrong is an [`Outcome`].
pub fn check(
    links: Vec<Link>,
    options: &Options,
    cache: &mut Cache,
    now: SystemTime,
    tell: &mut dyn FnMut(&Progress, &Cache),
) -> Vec<Checked> {
    let mut outcomes: Vec<Option<Outcome>> = Vec::with_capacity(links.len());
    let mut hosts: Hosts<Page> = BTreeMap::new();
    for (at, link) in links.iter().enumerate() {
        if let Some(known) = cache.get(&link.address, now, options.fresh_good, options.fresh_bad) {
            outcomes.push(Some(known.clone()));
            continue;
        }
        match ask::target(&link.address) {
            Ok((url, anchor)) => {
                outcomes.push(None);
                let pages = hosts.entry(ask::host(&url)).or_default();
                let page = pages.entry(url.to_string()).or_insert_with(|| Page { url, links: Vec::new() });
                page.links.push((at, anchor));
            }
            Err(why) => outcomes.push(Some(Outcome::NotAsked { why })),
        }
    }
    let mut progress = Progress { done: outcomes.iter().flatten().count(), of: links.len(), last: None };
    tell(&progress, cache);
    let asker = Asker::new(options, now);
    each_host(options, hosts, &|page| ask_for(&asker, page), &mut |done| {
        for (at, outcome) in done {
            if !matches!(outcome, Outcome::NotAsked { .. }) {
                cache.put(links[at].address.clone(), now, outcome.clone());
            }
            outcomes[at] = Some(outcome);
            progress.done += 1;
            progress.last = Some(links[at].address.clone());
            tell(&progress, cache);
        }
    });
    let outcomes = outcomes.into_iter().map(|outcome| outcome.expect("each link was known, refused, or asked for"));
    links.into_iter().zip(outcomes).map(|(link, outcome)| Checked { link, outcome }).collect()
}

/// Pages by their addresses, and these by their hosts.
type Hosts<P> = BTreeMap<String, BTreeMap<String, P>>;

/// Does something with each page: with those of one host one after the other, and with so many hosts at a time as may be asked.
/// What came of each is told in the thread that calls.
fn each_host<P: Send, T: Send>(
    options: &Options,
    hosts: Hosts<P>,
    work: &(dyn Fn(P) -> T + Sync),
    tell: &mut dyn FnMut(T),
) {
    let workers = options.hosts.clamp(1, hosts.len().max(1));
    let queue: Mutex<VecDeque<BTreeMap<String, P>>> = Mutex::new(hosts.into_values().collect());
    let next = || queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(pages) = next() {
                    for page in pages.into_values() {
                        // Whoever listens stays until all is said.
                        drop(sender.send(work(page)));
                    }
                }
            });
        }
        drop(sender);
        receiver.into_iter().for_each(tell);
    });
}

/// Asks for a page once for all links to it.
fn ask_for(asker: &Asker<'_>, page: Page) -> Vec<(usize, Outcome)> {
    let wanted: BTreeSet<String> = page.links.iter().filter_map(|(_, anchor)| anchor.clone()).collect();
    let (outcome, missing) = asker.ask(&page.url, &wanted);
    let links = page.links.into_iter().map(|(at, anchor)| match anchor {
        Some(anchor) if missing.contains(&anchor) => (at, Outcome::NoAnchor { anchor }),
        Some(anchor) => (at, with_anchor(outcome.clone(), &anchor)),
        None => (at, outcome.clone()),
    });
    links.collect()
}

/// A page that has moved has its anchors with it.
fn with_anchor(outcome: Outcome, anchor: &str) -> Outcome {
    match outcome {
        Outcome::Moved { to } => match url::Url::parse(&to) {
            Ok(mut url) if url.fragment().is_none() => {
                url.set_fragment(Some(anchor));
                Outcome::Moved { to: url.into() }
            }
            _ => Outcome::Moved { to },
        },
        other => other,
    }
}
