//! Asking for one page: its `robots.txt` first, then redirects, retries and limits.
//!
//! Whether a page is there and what it has are asked for by the same function, [`Asker::follow`].
//!
//! Each request passes the gate of its host, also when a redirect of another host leads to it. So a host has one request of
//! ours at a time, and a pause after each. No proxy is used: it would look up names where we cannot see what they lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use jiff::Timestamp;
use jiff::fmt::rfc2822;
use ureq::http::{Response, header};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Body};
use url::Url;

use super::hosts::{PrivateHost, PublicHosts, is_public};
use super::html::Anchors;
use super::robots::Robots;
use super::{Networks, Options, Outcome};
use crate::text;

/// How the program names itself to hosts, and in `robots.txt`.
const PROGRAM: &str = "dossier";
/// The same with its version, and what it is.
const USER_AGENT: &str = concat!("dossier/", env!("CARGO_PKG_VERSION"), " (link check)");
/// How often a page may send us on.
const REDIRECTS: usize = 10;
/// After so many requests in a row that came to nothing, a host is not asked any more: three pages, each with its retries.
const FAILURES: u32 = 12;
/// Why a host cannot be reached that nobody knows by that name.
pub(super) const NO_HOST: &str = "no host of that name is known";
/// Why one cannot be reached whose name could not be looked up.
const NO_NAMES: &str = "names of hosts cannot be looked up at this moment";
/// How much of a `robots.txt` is read; RFC 9309 asks for at least 500 KiB.
const ROBOTS: u64 = 512 * 1024;

/// Asks hosts for pages.
pub(super) struct Asker<'a> {
    options: &'a Options,
    now: SystemTime,
    agent: Agent,
    gates: Mutex<BTreeMap<String, Arc<Mutex<Gate>>>>,
    robots: Mutex<BTreeMap<String, Arc<Mutex<Option<Rules>>>>>,
}

/// How it stands with a host.
#[derive(Default)]
struct Gate {
    /// When its last answer came.
    last: Option<Instant>,
    /// Until when it wants to be left alone.
    until: Option<Instant>,
    /// How many requests in a row came to nothing.
    failures: u32,
    /// Why it is not asked any more.
    closed: Option<&'static str>,
}

/// What `robots.txt` says, or why nobody can know.
type Rules = Result<Arc<Robots>, Outcome>;

/// What is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Head,
    Get,
}

/// What came.
struct Answer {
    status: u16,
    location: Option<String>,
    /// How long the host asks us to wait.
    wait: Option<Duration>,
    is_html: bool,
    /// What the host says that the page is: its media type, with the character encoding.
    media_type: Option<String>,
    /// How the page is packed still, when that is a way that was not asked for.
    packed: Option<String>,
    kept: Kept,
}

/// Where following an address ended.
struct Arrival {
    /// The address that was asked for last.
    url: Url,
    /// Where the page has moved to for good, as far as all redirects say so.
    moved: Option<String>,
    came: Result<Answer, Outcome>,
}

/// What came of asking for a page with all that it has.
#[derive(Debug)]
pub(super) struct Fetched {
    /// The address that was asked for last.
    pub(super) url: Url,
    /// What its host answered, when it did.
    pub(super) status: Option<u16>,
    /// The page, or why there is none.
    pub(super) page: Result<Page, Outcome>,
}

/// A page as its host sent it, unpacked.
#[derive(Debug)]
pub(super) struct Page {
    /// What the host says that it is: its media type, with the character encoding.
    pub(super) media_type: Option<String>,
    pub(super) bytes: Vec<u8>,
}

/// What was read of a page.
enum Kept {
    Nothing,
    Text(Vec<u8>),
    Anchors {
        missing: BTreeSet<String>,
        whole: bool,
    },
    /// The page, or its beginning when it is longer than what is read.
    Page {
        bytes: Vec<u8>,
        whole: bool,
    },
}

/// What to do with the body of an answer.
#[derive(Clone, Copy)]
enum Want<'a> {
    Nothing,
    Text,
    Anchors(&'a BTreeSet<String>),
    Page,
}

/// The page of an address, and its anchor; or why it is not asked for.
pub(super) fn target(address: &str) -> Result<(Url, Option<String>), String> {
    let mut url = Url::parse(address).map_err(|error| format!("it cannot be read as an address ({error})"))?;
    if has_login(&url) {
        return Err("it has a name or a password in it".to_owned());
    }
    let anchor = url.fragment().and_then(anchor);
    url.set_fragment(None);
    Ok((url, anchor))
}

/// Whether an address would tell its host a name or a password.
fn has_login(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

/// The id that a fragment names. Text to mark is none, nor is what a page's script makes of it, nor the top.
fn anchor(fragment: &str) -> Option<String> {
    let id = fragment.split(":~:").next().unwrap_or_default();
    if id.is_empty() || id.eq_ignore_ascii_case("top") || id.starts_with(['/', '!']) || id.contains('=') {
        return None;
    }
    Some(percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned())
}

/// The host of an address, without its port: both ports of a machine are one host.
pub(super) fn host(url: &Url) -> String {
    url.host_str().unwrap_or_default().trim_end_matches('.').to_ascii_lowercase()
}

/// How other hosts are spoken with: by the certificates that this machine trusts.
pub(crate) fn tls() -> TlsConfig {
    TlsConfig::builder()
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .root_certs(RootCerts::PlatformVerifier)
        .build()
}

impl<'a> Asker<'a> {
    pub(super) fn new(options: &'a Options, now: SystemTime) -> Self {
        let config = Agent::config_builder()
            .tls_config(tls())
            .proxy(None)
            .user_agent(USER_AGENT)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_resolve(Some(options.connect))
            .timeout_connect(Some(options.connect))
            .timeout_global(Some(options.whole))
            .build();
        let agent = match options.networks {
            Networks::Public => Agent::with_parts(config, DefaultConnector::default(), PublicHosts::default()),
            Networks::Any => Agent::with_parts(config, DefaultConnector::default(), DefaultResolver::default()),
        };
        Asker { options, now, agent, gates: Mutex::default(), robots: Mutex::default() }
    }

    /// What came of asking for a page, and which of the wanted anchors it does not have.
    pub(super) fn ask(&self, page: &Url, wanted: &BTreeSet<String>) -> (Outcome, BTreeSet<String>) {
        let want = if wanted.is_empty() { Want::Nothing } else { Want::Anchors(wanted) };
        let Arrival { moved, came, .. } = self.follow(page, want);
        let here = moved.map_or(Outcome::Good, |to| Outcome::Moved { to });
        match came {
            Ok(answer) => judged(answer.status, answer.wait, answer.kept, here),
            Err(outcome) => (outcome, BTreeSet::new()),
        }
    }

    /// Asks for a page with all that it has.
    pub(super) fn fetch(&self, page: &Url) -> Fetched {
        let Arrival { url, came, .. } = self.follow(page, Want::Page);
        let answer = match came {
            Ok(answer) => answer,
            Err(outcome) => return Fetched { url, status: None, page: Err(outcome) },
        };
        let page = match answer.kept {
            Kept::Page { .. } if answer.packed.is_some() => {
                let packed = text::excerpt(&answer.packed.unwrap_or_default(), 40);
                Err(unchecked(&format!("its host sends the page packed in a way that was not asked for (`{packed}`)")))
            }
            Kept::Page { bytes, whole: true } => Ok(Page { media_type: answer.media_type, bytes }),
            Kept::Page { whole: false, .. } => {
                Err(unchecked(&format!("the page is longer than {} MiB", self.options.body / (1024 * 1024))))
            }
            kept => Err(match judged(answer.status, answer.wait, kept, Outcome::Good).0 {
                Outcome::Good => unchecked(&format!("its host answers {} and sends no page", answer.status)),
                other => other,
            }),
        };
        Fetched { url, status: Some(answer.status), page }
    }

    /// Goes where an address leads, over all redirects.
    fn follow(&self, page: &Url, want: Want<'_>) -> Arrival {
        let mut url = page.clone();
        let mut seen = BTreeSet::from([url.to_string()]);
        let (mut moved, mut is_for_good) = (None, true);
        for _ in 0..=REDIRECTS {
            let answer = match self.ask_once(&url, want) {
                Ok(answer) => answer,
                Err(outcome) => return Arrival { url, moved, came: Err(outcome) },
            };
            let location = answer.location.as_ref().filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308));
            let Some(location) = location else { return Arrival { url, moved, came: Ok(answer) } };
            let mut next = match url.join(location) {
                Ok(next) if matches!(next.scheme(), "http" | "https") => next,
                _ => {
                    let came = Err(unreachable("it leads on to what is no address of a page"));
                    return Arrival { url, moved, came };
                }
            };
            is_for_good &= matches!(answer.status, 301 | 308);
            if is_for_good {
                moved = Some(next.to_string());
            }
            next.set_fragment(None);
            if has_login(&next) {
                let came = Err(unchecked("it leads on to an address with a name or a password in it"));
                return Arrival { url, moved, came };
            }
            url = next;
            if !seen.insert(url.to_string()) {
                return Arrival { url, moved, came: Err(unreachable("it leads on in a circle")) };
            }
        }
        Arrival { url, moved, came: Err(unreachable("it leads on more than ten times")) }
    }

    /// Asks for one address as its host allows.
    fn ask_once(&self, url: &Url, want: Want<'_>) -> Result<Answer, Outcome> {
        let robots = self.robots(url)?;
        let path = &url[url::Position::BeforePath..url::Position::AfterQuery];
        if !robots.allows(path) {
            return Err(unchecked("its host forbids programs to ask for it, in `robots.txt`"));
        }
        let pause = robots.delay.map_or(self.options.pause, |delay| delay.max(self.options.pause));
        if pause > self.options.patience.max(self.options.pause) {
            return Err(not_asked("its host wants longer pauses between two requests than this takes"));
        }
        if matches!(want, Want::Nothing) {
            // Many hosts treat HEAD as a mistake, or do not know it at all.
            match self.with_retries(url, Method::Head, Want::Nothing, pause) {
                Ok(answer) if answer.status < 400 || answer.status == 429 => return Ok(answer),
                Err(Outcome::Unreachable { .. }) | Ok(_) => {}
                Err(other) => return Err(other),
            }
        }
        self.with_retries(url, Method::Get, want, pause)
    }

    /// The rules of a page's host; asked for once.
    fn robots(&self, url: &Url) -> Rules {
        let origin = url.origin().ascii_serialization();
        let slot = {
            let mut known = self.robots.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(origin).or_default())
        };
        let mut slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
        slot.get_or_insert_with(|| self.fetch_robots(url)).clone()
    }

    fn fetch_robots(&self, url: &Url) -> Rules {
        let mut url = url.join("/robots.txt").map_err(|_| unreachable("its host has no address"))?;
        // RFC 9309 asks for five.
        for _ in 0..=5 {
            let answer = self.with_retries(&url, Method::Get, Want::Text, self.options.pause)?;
            match (answer.status, answer.location, answer.kept) {
                (200..=299, _, Kept::Text(text)) => {
                    return Ok(Arc::new(Robots::read(&String::from_utf8_lossy(&text), PROGRAM)));
                }
                (300..=399, Some(location), _) => match url.join(&location) {
                    Ok(next) if matches!(next.scheme(), "http" | "https") && !has_login(&next) => url = next,
                    _ => break,
                },
                (429, ..) => return Err(not_asked("its host wants to be left alone for now")),
                (status @ 500.., ..) => {
                    return Err(unreachable(&format!("its host answers {status} to the question for `robots.txt`")));
                }
                _ => break,
            }
        }
        // A host without such a file has no such wishes.
        Ok(Arc::default())
    }

    /// Asks again, later and later, when a host fails.
    fn with_retries(&self, url: &Url, method: Method, want: Want<'_>, pause: Duration) -> Result<Answer, Outcome> {
        let mut wait = self.options.retry_pause;
        let mut tries = 0;
        loop {
            let came = self.through_gate(url, method, want, pause);
            let is_last = tries == self.options.retries;
            let asked_to_wait = match &came {
                // After HEAD comes GET, and that decides.
                Ok(answer) if method == Method::Head && answer.status != 429 => None,
                Err(_) if method == Method::Head => None,
                Ok(answer) if answer.status == 429 || answer.status >= 500 => Some(answer.wait),
                Ok(_) => None,
                Err(Outcome::Unreachable { .. }) => Some(None),
                Err(_) => None,
            };
            let Some(asked) = asked_to_wait.filter(|_| !is_last) else { return came };
            if asked.is_some_and(|asked| asked > self.options.patience) {
                return came;
            }
            // What the host asks for, its gate waits for.
            if asked.is_none() {
                std::thread::sleep(wait);
            }
            wait = (wait * 2).min(self.options.patience);
            tries += 1;
        }
    }

    /// Asks when it is our turn.
    fn through_gate(&self, url: &Url, method: Method, want: Want<'_>, pause: Duration) -> Result<Answer, Outcome> {
        let literal = match url.host() {
            Some(url::Host::Ipv4(address)) => Some(address.into()),
            Some(url::Host::Ipv6(address)) => Some(address.into()),
            _ => None,
        };
        if self.options.networks == Networks::Public && literal.is_some_and(|address| !is_public(address)) {
            return Err(private());
        }
        let gate = {
            let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(gates.entry(host(url)).or_default())
        };
        let mut gate = gate.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = gate.closed {
            return Err(not_asked(why));
        }
        gate.wait(pause);
        let came = self.request(url, method, want).map_err(|error| failure(&error));
        gate.note(&came, self.options.patience);
        came
    }

    fn request(&self, url: &Url, method: Method, want: Want<'_>) -> Result<Answer, ureq::Error> {
        let response = match method {
            Method::Head => self.agent.head(url.as_str()).call(),
            Method::Get => self.agent.get(url.as_str()).call(),
        }?;
        let mut answer = Answer {
            status: response.status().as_u16(),
            location: field(&response, header::LOCATION),
            wait: field(&response, header::RETRY_AFTER).and_then(|written| wait(&written, self.now)),
            is_html: response.body().mime_type().is_none_or(|kind| kind.contains("html")),
            media_type: field(&response, header::CONTENT_TYPE),
            packed: field(&response, header::CONTENT_ENCODING)
                .filter(|way| !way.trim().eq_ignore_ascii_case("identity")),
            kept: Kept::Nothing,
        };
        let is_read = answer.status == 200;
        answer.kept = match want {
            Want::Text if is_read => Kept::Text(read_text(response)?),
            Want::Anchors(wanted) if is_read && answer.is_html => self.read_anchors(response, wanted)?,
            Want::Page if is_read => self.read_page(response)?,
            Want::Nothing | Want::Text | Want::Anchors(_) | Want::Page => Kept::Nothing,
        };
        Ok(answer)
    }

    fn read_page(&self, response: Response<Body>) -> Result<Kept, ureq::Error> {
        let mut bytes = Vec::new();
        response.into_body().into_reader().take(self.options.body + 1).read_to_end(&mut bytes)?;
        let whole = bytes.len() as u64 <= self.options.body;
        Ok(Kept::Page { bytes, whole })
    }

    fn read_anchors(&self, response: Response<Body>, wanted: &BTreeSet<String>) -> Result<Kept, ureq::Error> {
        let mut reader = response.into_body().into_reader();
        let mut anchors = Anchors::new(wanted.clone());
        let mut buffer = [0; 16 * 1024];
        let mut left = self.options.page;
        while left > 0 && !anchors.are_found() {
            let length = reader.read(&mut buffer)?;
            if length == 0 {
                return Ok(Kept::Anchors { missing: anchors.missing(), whole: true });
            }
            anchors.read(&buffer[..length]);
            left = left.saturating_sub(length as u64);
        }
        Ok(Kept::Anchors { missing: anchors.missing(), whole: false })
    }
}

impl Gate {
    /// Waits until the host may be asked again.
    fn wait(&self, pause: Duration) {
        if let Some(last) = self.last {
            std::thread::sleep(pause.saturating_sub(last.elapsed()));
        }
        if let Some(until) = self.until {
            std::thread::sleep(until.saturating_duration_since(Instant::now()));
        }
    }

    /// Learns from what came what the host wants.
    fn note(&mut self, came: &Result<Answer, Outcome>, patience: Duration) {
        let now = Instant::now();
        self.last = Some(now);
        let asked =
            came.as_ref().ok().filter(|answer| matches!(answer.status, 429 | 503)).and_then(|answer| answer.wait);
        match asked {
            Some(wait) if wait > patience => self.closed = Some("its host wants to be left alone for now"),
            Some(wait) => self.until = Some(now + wait),
            None => {}
        }
        let has_failed = match came {
            Ok(answer) => answer.status == 429,
            Err(outcome) => matches!(outcome, Outcome::Unreachable { .. }),
        };
        self.failures = if has_failed { self.failures + 1 } else { 0 };
        if self.failures >= FAILURES {
            self.closed = Some("its host has not answered to what was asked before");
        }
    }
}

fn read_text(response: Response<Body>) -> Result<Vec<u8>, ureq::Error> {
    let mut text = Vec::new();
    response.into_body().into_reader().take(ROBOTS).read_to_end(&mut text)?;
    Ok(text)
}

/// What the last answer says of a page.
fn judged(status: u16, wait: Option<Duration>, read: Kept, here: Outcome) -> (Outcome, BTreeSet<String>) {
    let nothing = BTreeSet::new();
    match status {
        200..=299 => match read {
            Kept::Anchors { missing, whole: true } => (here, missing),
            Kept::Anchors { missing, whole: false } if !missing.is_empty() => {
                (unchecked("the page is too long to look for the part that the link names"), nothing)
            }
            _ => (here, nothing),
        },
        404 | 410 => (Outcome::Dead { status }, nothing),
        429 => match wait {
            Some(wait) => {
                (not_asked(&format!("its host wants to be asked again in {} seconds", wait.as_secs())), nothing)
            }
            None => (not_asked("its host wants to be left alone for now"), nothing),
        },
        500.. => (unreachable(&format!("its host answers {status}")), nothing),
        300..=399 => (unreachable(&format!("its host answers {status} and does not say where the page is")), nothing),
        _ => (unchecked(&format!("its host answers {status} to programs")), nothing),
    }
}

fn field(response: &Response<Body>, name: header::HeaderName) -> Option<String> {
    let value = response.headers().get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// What `Retry-After` asks for, in seconds or as a date.
fn wait(written: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = written.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then: Timestamp = rfc2822::parse(written.trim()).ok()?.timestamp();
    Some(SystemTime::from(then).duration_since(now).unwrap_or_default())
}

fn unreachable(why: &str) -> Outcome {
    Outcome::Unreachable { why: why.to_owned() }
}

fn unchecked(why: &str) -> Outcome {
    Outcome::Unchecked { why: why.to_owned() }
}

fn not_asked(why: &str) -> Outcome {
    Outcome::NotAsked { why: why.to_owned() }
}

fn private() -> Outcome {
    not_asked("it leads to this machine or into a private network")
}

/// What happened, in words for those who wrote the link.
fn failure(error: &ureq::Error) -> Outcome {
    let certificate = |error: &rustls::Error| {
        format!("its host has no valid certificate ({})", text::excerpt(&error.to_string(), 100))
    };
    let system = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::ConnectionRefused => "its host takes no connections".to_owned(),
        std::io::ErrorKind::TimedOut | std::io::ErrorKind::WouldBlock => "its host does not answer in time".to_owned(),
        std::io::ErrorKind::ConnectionReset
        | std::io::ErrorKind::ConnectionAborted
        | std::io::ErrorKind::UnexpectedEof
        | std::io::ErrorKind::BrokenPipe => "its host breaks the connection off".to_owned(),
        // Names that are not found are an error without a kind of its own; these are the words of the standard library.
        _ if error.to_string().starts_with("failed to lookup address") => {
            let is_asked_in_vain = error.to_string().contains("Temporary failure");
            if is_asked_in_vain { NO_NAMES.to_owned() } else { NO_HOST.to_owned() }
        }
        _ => format!("no connection to its host ({})", text::excerpt(&error.to_string(), 100)),
    };
    if let ureq::Error::Io(error) = error
        && let Some(error) = error.get_ref().and_then(|inner| inner.downcast_ref())
    {
        return unreachable(&certificate(error));
    }
    match error {
        ureq::Error::Other(other) if other.is::<PrivateHost>() => private(),
        ureq::Error::Timeout(_) => unreachable("its host does not answer in time"),
        ureq::Error::HostNotFound => unreachable(NO_HOST),
        ureq::Error::Decompress(..) => unreachable("its host sends what cannot be unpacked"),
        ureq::Error::Io(error) => unreachable(&system(error)),
        ureq::Error::Rustls(error) => unreachable(&certificate(error)),
        ureq::Error::ConnectionFailed => unreachable("its host takes no connections"),
        other => {
            unreachable(&format!("its host does not answer as it should ({})", text::excerpt(&other.to_string(), 100)))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[track_caller]
    fn check(error: &ureq::Error, expected: &str) {
        assert_eq!(failure(error), unreachable(expected));
    }

    #[test]
    fn failures_are_told_to_those_who_wrote_the_link() {
        let expired = rustls::Error::InvalidCertificate(rustls::CertificateError::Expired);
        let said = "its host has no valid certificate (invalid peer certificate: Expired)";
        check(&ureq::Error::Io(io::Error::new(io::ErrorKind::InvalidData, expired.clone())), said);
        check(&ureq::Error::Rustls(expired), said);
        let unknown = io::Error::other("failed to lookup address information: Name or service not known");
        check(&ureq::Error::Io(unknown), "no host of that name is known");
        let offline = io::Error::other("failed to lookup address information: Temporary failure in name resolution");
        check(&ureq::Error::Io(offline), "names of hosts cannot be looked up at this moment");
        let damaged = ureq::Error::Decompress("gzip", io::ErrorKind::InvalidInput.into());
        check(&damaged, "its host sends what cannot be unpacked");
        check(&ureq::Error::Io(io::ErrorKind::ConnectionRefused.into()), "its host takes no connections");
    }

    #[test]
    fn a_wait_is_seconds_or_a_date() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_445_412_480);
        assert_eq!(wait("120", now), Some(Duration::from_secs(120)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:28:30 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(wait("Wed, 21 Oct 2015 07:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(wait("soon", now), None);
    }
}
