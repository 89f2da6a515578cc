//! Drift: whether the live pages of sources still have the words that were found in their captured copies.
//!
//! [`targets`] says which pages are meant and what is looked for, [`look`] asks for them and compares, [`findings`] says what is to be
//! done, and [`report`] is what is kept. Whether a quotation is true is decided by its copy alone; a page of today says only what is on
//! it today, and to a program.

mod findings;
mod page;
mod paywall;
mod report;
mod target;
mod whole;

use std::collections::BTreeMap;
use std::time::SystemTime;

use jiff::Timestamp;
use url::Url;

use super::ask::{self, Asker, NO_HOST};
use super::{Hosts, Options, Outcome, each_host};
use crate::evidence::verbatim::Edit;
use crate::read::{Captures, hash};
use page::Reading;

pub use findings::findings;
pub use report::report;
pub use target::{Passage, Target, targets};
pub use whole::Paragraphs;

/// What came of looking at the page of a source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looked {
    /// When its host was asked, or it was decided not to.
    pub asked: Timestamp,
    /// The address that was asked for last, and what its host answered; `None` when nothing came.
    pub answer: Option<Answer>,
    /// Whether that is the address of another page than the one that was asked for first.
    pub is_elsewhere: bool,
    /// What the page itself shows of being for subscribers.
    pub paywall: Option<String>,
    /// How much of the page as a whole is as it was captured, when the copy is at hand.
    pub paragraphs: Option<Paragraphs>,
    /// What came of each passage, in the order of the target's.
    pub passages: Vec<Standing>,
}

/// What a host answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The address that was asked for last.
    pub url: String,
    /// The status.
    pub status: u16,
    /// The SHA-256 of what it sent, unpacked, and the length of that in bytes.
    pub sent: Option<(String, u64)>,
}

/// How it stands with a passage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The words as the copy has them where that is at hand, and else as the quotation has them.
    pub words: String,
    /// What came.
    pub drift: Drift,
}

/// What came of looking for a passage in a live page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Drift {
    /// It stands there word for word.
    Same,
    /// Words much like it stand there, and not it.
    Edited {
        /// These words.
        nearest: String,
        /// How they differ from those of the passage.
        edits: Vec<Edit>,
    },
    /// It is not there, since the page is not, or has nothing like it.
    Gone {
        /// How that is known, as a part of a sentence.
        why: String,
    },
    /// Only some may see it.
    Paywalled {
        /// On what that rests, as a part of a sentence.
        why: String,
    },
    /// Nobody knows.
    Unknown {
        /// Why, as a part of a sentence.
        why: String,
    },
}

impl Drift {
    /// The word for it.
    pub fn word(&self) -> &'static str {
        match self {
            Drift::Same => "same",
            Drift::Edited { .. } => "edited",
            Drift::Gone { .. } => "gone",
            Drift::Paywalled { .. } => "paywalled",
            Drift::Unknown { .. } => "unknown",
        }
    }

    /// What it rests on, when it is not what the page itself shows.
    pub fn why(&self) -> Option<&str> {
        match self {
            Drift::Same | Drift::Edited { .. } => None,
            Drift::Gone { why } | Drift::Paywalled { why } | Drift::Unknown { why } => Some(why),
        }
    }
}

/// One page, and the targets that it is the page of, by their places in the list.
struct OfPage {
    url: Url,
    targets: Vec<usize>,
}

/// Asks for the page of each target and looks there for its passages; says after each how many are done, and its address. What came
/// stands in the order of the targets. Never fails: what goes wrong is a [`Drift`].
pub fn look(
    targets: &[Target],
    captures: &Captures,
    options: &Options,
    now: SystemTime,
    tell: &mut dyn FnMut(usize, &str),
) -> Vec<Looked> {
    let mut looked: Vec<Option<Looked>> = Vec::with_capacity(targets.len());
    let mut hosts: Hosts<OfPage> = BTreeMap::new();
    for (at, target) in targets.iter().enumerate() {
        match ask::target(&target.url) {
            Ok((url, _)) => {
                looked.push(None);
                let pages = hosts.entry(ask::host(&url)).or_default();
                let page = pages.entry(url.to_string()).or_insert_with(|| OfPage { url, targets: Vec::new() });
                page.targets.push(at);
            }
            Err(why) => looked.push(Some(without_page(target, None, &Drift::Unknown { why }))),
        }
    }
    let asker = Asker::new(options, now);
    let work = |page: OfPage| {
        let arrived = arrive(&asker, &page.url);
        let of_target = |at: usize| (at, judge(&targets[at], &arrived, captures));
        page.targets.into_iter().map(of_target).collect::<Vec<_>>()
    };
    let mut done = looked.iter().flatten().count();
    each_host(options, hosts, &work, &mut |of_page| {
        for (at, of_target) in of_page {
            looked[at] = Some(of_target);
            done += 1;
            tell(done, &targets[at].url);
        }
    });
    let mut looked: Vec<Looked> =
        looked.into_iter().map(|one| one.expect("each page was refused or asked for")).collect();
    doubt_unknown_hosts(&mut looked);
    looked
}

/// A page that was asked for.
struct Arrived {
    at: Timestamp,
    answer: Option<Answer>,
    is_elsewhere: bool,
    /// What it has, or what that is known to be of each passage.
    page: Result<Reading, Drift>,
}

fn arrive(asker: &Asker<'_>, url: &Url) -> Arrived {
    let fetched = asker.fetch(url);
    let at = Timestamp::now();
    let sent = fetched.page.as_ref().ok().map(|page| hash(&mut page.bytes.as_slice()).expect("memory can be read"));
    let answer = fetched.status.map(|status| Answer { url: fetched.url.to_string(), status, sent });
    let page = match fetched.page {
        Ok(page) => Reading::new(&page, &fetched.url).map_err(|why| Drift::Unknown { why }),
        Err(outcome) => Err(without_body(&outcome, fetched.status)),
    };
    // What leads to nothing has not moved.
    let is_there = fetched.status.is_some_and(|status| status < 300) || matches!(page, Err(Drift::Paywalled { .. }));
    Arrived { at, answer, is_elsewhere: is_there && is_other_page(url, &fetched.url), page }
}

/// What came of the page of one target.
fn judge(target: &Target, arrived: &Arrived, captures: &Captures) -> Looked {
    let reading = match &arrived.page {
        Ok(reading) => reading,
        Err(drift) => {
            let looked = without_page(target, arrived.answer.clone(), drift);
            return Looked { asked: arrived.at, is_elsewhere: arrived.is_elsewhere, ..looked };
        }
    };
    let last = arrived.answer.as_ref().map_or("", |answer| &answer.url);
    let captured = target.captured(captures, &[&target.url, last]);
    let mut seen = reading.look(target, captured.as_ref());
    if arrived.is_elsewhere {
        for standing in &mut seen.passages {
            if let Drift::Gone { why } = &mut standing.drift {
                *why = format!("the address leads to another page, and {why}");
            }
        }
    }
    Looked {
        asked: arrived.at,
        answer: arrived.answer.clone(),
        is_elsewhere: arrived.is_elsewhere,
        paywall: seen.paywall,
        paragraphs: captured.and_then(|captured| whole::compare(&captured, reading)),
        passages: seen.passages,
    }
}

fn without_page(target: &Target, answer: Option<Answer>, drift: &Drift) -> Looked {
    let passages =
        target.passages.iter().map(|passage| Standing { words: passage.words.clone(), drift: drift.clone() });
    Looked {
        asked: Timestamp::now(),
        answer,
        is_elsewhere: false,
        paywall: None,
        paragraphs: None,
        passages: passages.collect(),
    }
}

/// What is known of passages when no page came.
fn without_body(outcome: &Outcome, status: Option<u16>) -> Drift {
    if let Some(status @ (401..=403)) = status {
        let why = format!("its host answers {status}, as hosts do where a page is for subscribers or for people alone");
        return Drift::Paywalled { why };
    }
    match outcome {
        Outcome::Dead { status } => Drift::Gone { why: format!("its host answers {status}") },
        Outcome::Unreachable { why } if why == NO_HOST => Drift::Gone { why: why.clone() },
        Outcome::Unreachable { why } | Outcome::Unchecked { why } | Outcome::NotAsked { why } => {
            Drift::Unknown { why: why.clone() }
        }
        Outcome::Good | Outcome::Moved { .. } | Outcome::NoAnchor { .. } => {
            Drift::Unknown { why: "its host sends no page".to_owned() }
        }
    }
}

/// A machine without a connection may be told of any name that nobody knows it. So, unless some host has answered, nothing is said to
/// be gone for want of one.
fn doubt_unknown_hosts(looked: &mut [Looked]) {
    if looked.iter().any(|looked| looked.answer.is_some()) {
        return;
    }
    for standing in looked.iter_mut().flat_map(|looked| &mut looked.passages) {
        if standing.drift.why() == Some(NO_HOST) {
            let why =
                format!("{NO_HOST}; since no other host has answered either, this machine may have no connection");
            standing.drift = Drift::Unknown { why };
        }
    }
}

/// Whether two addresses are not of one page. That a page is sent by a safer way, with or without `www.` or the last slash, makes no
/// other page of it.
fn is_other_page(one: &Url, other: &Url) -> bool {
    fn key(url: &Url) -> (&str, Option<u16>, &str, Option<&str>) {
        let host = url.host_str().unwrap_or_default().trim_end_matches('.');
        (host.strip_prefix("www.").unwrap_or(host), url.port(), url.path().trim_end_matches('/'), url.query())
    }
    key(one) != key(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_other_page(one: &str, other: &str, expected: bool) {
        let url = |address: &str| Url::parse(address).unwrap();
        assert_eq!(is_other_page(&url(one), &url(other)), expected, "{one} and {other}");
    }

    #[test]
    fn a_page_by_a_safer_way_or_a_shorter_address_is_no_other_page() {
        check_other_page("http://daily.example/a", "https://www.daily.example/a/", false);
        check_other_page("http://daily.example", "https://daily.example/", false);
        check_other_page("http://daily.example/a", "http://daily.example/", true);
        check_other_page("http://daily.example/a?id=1", "http://daily.example/a?id=2", true);
        check_other_page("http://daily.example/a", "http://daily.example:8080/a", true);
        check_other_page("http://daily.example/a", "http://m.daily.example/a", true);
    }

    fn of_unknown_host(answer: Option<Answer>) -> Looked {
        let drift = without_body(&Outcome::Unreachable { why: NO_HOST.to_owned() }, None);
        Looked {
            asked: Timestamp::UNIX_EPOCH,
            answer,
            is_elsewhere: false,
            paywall: None,
            paragraphs: None,
            passages: vec![Standing { words: "a".to_owned(), drift }],
        }
    }

    #[test]
    fn a_host_that_nobody_knows_is_gone_only_when_some_host_has_answered() {
        let mut alone = [of_unknown_host(None)];
        doubt_unknown_hosts(&mut alone);
        assert_eq!(alone[0].passages[0].drift.word(), "unknown");
        let other = Answer { url: "http://b.example/".to_owned(), status: 200, sent: None };
        let mut two = [of_unknown_host(None), of_unknown_host(Some(other))];
        doubt_unknown_hosts(&mut two);
        assert_eq!(two[0].passages[0].drift, Drift::Gone { why: NO_HOST.to_owned() });
    }

    #[test]
    fn without_a_page_the_answer_says_what_is_known() {
        let word = |outcome: Outcome, status| without_body(&outcome, status).word();
        let unchecked = || Outcome::Unchecked { why: "w".to_owned() };
        assert_eq!(word(Outcome::Dead { status: 410 }, Some(410)), "gone");
        assert_eq!(word(unchecked(), Some(402)), "paywalled");
        assert_eq!(word(unchecked(), Some(451)), "unknown");
        assert_eq!(word(Outcome::Unreachable { why: "its host answers 500".to_owned() }, Some(500)), "unknown");
    }
}
