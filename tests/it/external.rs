//! External links against a host of this machine that behaves as badly as hosts do.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use dossier::check::settle_asked;
use dossier::diagnostic::{Diagnostic, Severity};
use dossier::external::{self, Cache, Link, Networks, Options, Outcome};
use dossier::link::link;
use dossier::parse::{parse, parse_settings};

use crate::input::{Dossier, Folder, lines};

/// A host that answers by path, and notes what it was asked.
struct Host {
    port: u16,
    seen: Arc<Seen>,
}

#[derive(Default)]
struct Seen {
    /// Method and path of each request, and `User-Agent`.
    asked: Mutex<Vec<(String, String)>>,
    /// How many requests are open, by the name of the host.
    at_work: Mutex<BTreeMap<String, usize>>,
    /// How many of one name were open at one time, at most.
    most: AtomicUsize,
}

impl Host {
    fn start() -> Self {
        Host::with_robots("User-agent: *\nDisallow: /forbidden\n")
    }

    fn with_robots(robots: &'static str) -> Self {
        Host::noting(robots, Arc::default())
    }

    /// The same on a port of its own, with one book for all that is asked.
    fn noting(robots: &'static str, seen: Arc<Seen>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let noted = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let seen = Arc::clone(&noted);
                std::thread::spawn(move || drop(serve(stream, &seen, robots)));
            }
        });
        Host { port, seen }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The requests for pages, in their order.
    fn asked(&self) -> Vec<String> {
        let asked = self.seen.asked.lock().unwrap();
        asked.iter().map(|(asked, _)| asked.clone()).filter(|asked| asked != "GET /robots.txt").collect()
    }

    /// What comes of one address.
    #[track_caller]
    fn check(&self, path: &str) -> Outcome {
        let links = vec![Link { address: self.url(path), places: Vec::new() }];
        let checked = external::check(links, &options(), &mut Cache::default(), now(), &mut |_, _| {});
        checked[0].outcome.clone()
    }
}

fn serve(mut stream: TcpStream, seen: &Seen, robots: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let (mut agent, mut name) = (String::new(), String::new());
    loop {
        let mut field = String::new();
        reader.read_line(&mut field)?;
        if let Some(value) = field.to_ascii_lowercase().strip_prefix("user-agent: ") {
            agent = value.trim().to_owned();
        }
        if let Some(value) = field.to_ascii_lowercase().strip_prefix("host: ") {
            name = value.split(':').next().unwrap_or_default().to_owned();
        }
        if field.trim().is_empty() {
            break;
        }
    }
    let asked = line.rsplit_once(' ').unwrap_or_default().0.to_owned();
    let nth = {
        let mut all = seen.asked.lock().unwrap();
        all.push((asked.clone(), agent));
        all.iter().filter(|(other, _)| *other == asked).count()
    };
    let at_work = {
        let mut at_work = seen.at_work.lock().unwrap();
        let at_work = at_work.entry(name.clone()).or_default();
        *at_work += 1;
        *at_work
    };
    seen.most.fetch_max(at_work, Ordering::SeqCst);
    // Nothing comes; another request would, if it did not wait for this one.
    stream.set_read_timeout(Some(Duration::from_millis(5)))?;
    drop(stream.peek(&mut [0]));
    stream.set_read_timeout(None)?;
    // Before the answer, since the next request may begin with its last byte.
    *seen.at_work.lock().unwrap().entry(name).or_default() -= 1;
    answer(&mut stream, &asked, nth, robots)
}

fn answer(stream: &mut TcpStream, asked: &str, nth: usize, robots: &str) -> std::io::Result<()> {
    let (method, path) = asked.split_once(' ').unwrap_or_default();
    let port = stream.local_addr()?.port();
    let mut send = |status: &str, fields: &str, body: &str| {
        let length = body.len();
        let body = if method == "HEAD" { "" } else { body };
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nContent-Type: text/html\r\nConnection: close\r\n{fields}\r\n{body}"
        )
    };
    let page = path.split('?').next().unwrap_or_default();
    match page {
        "/robots.txt" => send("200 OK", "", robots),
        "/moved" => send("301 Moved", "Location: /moved-again\r\n", ""),
        "/moved-again" => send("308 Moved", "Location: /page\r\n", ""),
        "/moved-to-nothing" => send("301 Moved", "Location: /gone\r\n", ""),
        "/for-now" => send("302 Found", "Location: /moved\r\n", ""),
        "/circle" => send("302 Found", "Location: /circle-on\r\n", ""),
        "/circle-on" => send("302 Found", "Location: /circle\r\n", ""),
        "/on" => {
            let number: usize = path.rsplit('=').next().and_then(|number| number.parse().ok()).unwrap_or(0);
            send("302 Found", &format!("Location: /on?n={}\r\n", number + 1), "")
        }
        "/to-ip" => send("302 Found", &format!("Location: http://127.0.0.1:{port}/page\r\n"), ""),
        "/to-forbidden" => send("302 Found", "Location: /forbidden\r\n", ""),
        "/not-found" => send("404 Not Found", "", "no"),
        "/gone" => send("410 Gone", "", "no"),
        "/no-head" if method == "HEAD" => send("403 Forbidden", "", ""),
        "/drops-head" if method == "HEAD" => Ok(()),
        "/people-only" => send("403 Forbidden", "", ""),
        "/bad-day" if nth <= 2 => send("500 Oh", "", ""),
        "/broken" => send("500 Oh", "", ""),
        "/busy" if nth == 1 => send("429 Busy", "Retry-After: 0\r\n", ""),
        "/very-busy" => send("429 Busy", "Retry-After: 86400\r\n", ""),
        "/huge" => {
            write!(stream, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n")?;
            // Until nobody listens any more.
            while stream.write_all(&[b' '; 65536]).is_ok() {}
            Ok(())
        }
        "/dropped" => Ok(()),
        // Until the other side has had enough.
        "/never" => stream.read_to_end(&mut Vec::new()).map(drop),
        "/slow" => {
            stream.set_read_timeout(Some(Duration::from_millis(10)))?;
            for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n".iter().cycle() {
                stream.write_all(&[*byte])?;
                // Nothing comes; it only takes its time.
                if matches!(stream.read(&mut [0]), Ok(0)) {
                    break;
                }
            }
            Ok(())
        }
        _ => send("200 OK", "", "<h2 id=\"gates\">Gates</h2><a name=old></a>"),
    }
}

/// Without pauses, and quick to give up.
fn options() -> Options {
    Options {
        pause: Duration::ZERO,
        retry_pause: Duration::ZERO,
        connect: Duration::from_secs(5),
        whole: Duration::from_secs(5),
        networks: Networks::Any,
        ..Options::default()
    }
}

fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000)
}

/// The external links of a dossier in memory, what came of them, and the findings as lines.
fn findings(dossier: &Dossier, options: &Options) -> (Vec<Diagnostic>, String) {
    let sources = dossier.sources();
    let (settings, _) = parse_settings(sources.settings.as_ref().unwrap());
    let records = parse(&sources, None).records();
    let (linked, _) = link(Arc::new(settings.unwrap()), records, &sources, None);
    let links = external::links(&linked, &sources);
    let checked = external::check(links, options, &mut Cache::default(), now(), &mut |_, _| {});
    let findings = settle_asked(external::findings(&checked), &linked);
    let said = lines(&findings, &sources);
    (findings, said)
}

fn source(url: &str) -> Dossier {
    Dossier::new().record("sources/daily.md", format!("---\ntitle: Daily\nurl: {url}\n---\n"))
}

fn say(path: &str) -> String {
    let host = Host::start();
    findings(&source(&host.url(path)), &options()).1.replace(&host.port.to_string(), "PORT")
}

pub(crate) fn say_of_a_dead_link() -> String {
    say("/not-found")
}

pub(crate) fn say_of_a_moved_link() -> String {
    say("/moved")
}

pub(crate) fn say_of_an_unreachable_link() -> String {
    say("/dropped")
}

pub(crate) fn say_of_a_dead_anchor() -> String {
    say("/page#locks")
}

pub(crate) fn say_of_an_unchecked_link() -> String {
    say("/forbidden/page")
}

#[test]
fn findings_stand_where_the_address_stands() {
    assert_eq!(
        say_of_a_dead_link(),
        "content/sources/daily.md:3:6 dead-link `http://127.0.0.1:PORT/not-found` is not there any more; the host answers 404\n"
    );
    assert_eq!(
        say_of_a_dead_anchor(),
        "content/sources/daily.md:3:6 dead-link-anchor the page has no part `#locks` any more\n"
    );
    assert_eq!(
        say_of_an_unchecked_link(),
        "content/sources/daily.md:3:6 unchecked-link `http://127.0.0.1:PORT/forbidden/page` was not checked: its host forbids programs to ask for it, in `robots.txt`\n"
    );
}

#[test]
fn records_and_settings_allow_and_deny_what_came_of_asking() {
    let host = Host::start();
    let source = |more: &str| {
        Dossier::new().record("sources/b.md", format!("---\ntitle: B\nurl: {}\n{more}---\n", host.url("/gone")))
    };
    let said = |dossier: &Dossier| findings(dossier, &options()).0;
    assert_eq!(said(&source("allow: [{code: dead-link, why: the paper has closed}]\n")), []);
    assert_eq!(said(&source("").set("allow: [dead-link]")), []);
    assert_eq!(said(&source(""))[0].severity, Severity::Warning);
    assert_eq!(said(&source("").set("deny: [dead-link]"))[0].severity, Severity::Error);
}

#[test]
fn a_moved_page_is_told_with_its_new_address_in_the_hint() {
    let host = Host::start();
    let (findings, _) = findings(&source(&host.url("/moved")), &options());
    let hint = findings[0].hint.as_deref().unwrap();
    assert_eq!(hint, format!("open `{}`; if it is the same page, write that address", host.url("/page")));
}

#[test]
fn addresses_of_fields_and_prose_are_found_in_their_places() {
    let host = Host::start();
    let gone = host.url("/gone");
    let dossier = source("https://user:pass@daily.example/")
        .record(
            "pages/a.md",
            format!("---\ntitle: A\ndraft: true\n---\nSee [it]({gone}), <{gone}> and <a href=\"{gone}\">it</a>, not `{gone}`.\n"),
        )
        .record(
            "quotes/q.md",
            format!("---\nspeaker: unknown\ndate: 2023\ntext: 'Words [here]({gone})'\nsource: b\n---\n"),
        )
        .record("sources/b.md", format!("---\ntitle: B\nurl: mailto:a@b.example\narchived: ['{gone}']\n---\n"))
        .set(&format!("summary: See [it]({gone})"));
    let (findings, said) = findings(&dossier, &options());
    let places: Vec<_> = said.lines().map(|line| line.split_once(" `").unwrap().0).collect();
    assert_eq!(
        places,
        [
            "content/pages/a.md:5:5 dead-link",
            &format!("content/pages/a.md:5:{} dead-link", 13 + gone.len()) as &str,
            &format!("content/pages/a.md:5:{} dead-link", 20 + 2 * gone.len()),
            "content/quotes/q.md:4:14 dead-link",
            "content/sources/b.md:4:12 dead-link",
            "content/sources/daily.md:3:6 unchecked-link",
            "dossier.yaml:3:10 dead-link",
        ]
    );
    assert_eq!(host.asked(), ["HEAD /gone", "GET /gone"], "one address is asked for once");
    assert_eq!(findings[0].related.len(), 3, "a few of the other places of the address are shown");
    assert_eq!(findings[5].related.len(), 0);
}

#[test]
fn a_page_that_is_there_is_asked_for_once_without_its_text() {
    let host = Host::start();
    assert_eq!(host.check("/page?a=b"), Outcome::Good);
    assert_eq!(host.asked(), ["HEAD /page?a=b"]);
    let asked = host.seen.asked.lock().unwrap();
    assert!(asked.iter().all(|(_, agent)| agent.starts_with(&format!("dossier/{}", env!("CARGO_PKG_VERSION")))));
}

#[test]
fn pages_that_are_gone_are_dead() {
    let host = Host::start();
    assert_eq!(host.check("/not-found"), Outcome::Dead { status: 404 });
    assert_eq!(host.check("/gone"), Outcome::Dead { status: 410 });
    assert_eq!(host.check("/moved-to-nothing"), Outcome::Dead { status: 410 });
}

#[test]
fn only_a_move_for_good_is_told() {
    let host = Host::start();
    assert_eq!(host.check("/moved"), Outcome::Moved { to: host.url("/page") });
    assert_eq!(host.check("/for-now"), Outcome::Good);
}

#[test]
fn a_moved_page_keeps_its_anchor() {
    let host = Host::start();
    assert_eq!(host.check("/moved#gates"), Outcome::Moved { to: host.url("/page#gates") });
    assert_eq!(host.check("/moved#locks"), Outcome::NoAnchor { anchor: "locks".to_owned() });
}

#[test]
fn a_host_that_speaks_no_tls_cannot_be_reached() {
    let host = Host::start();
    let options = Options { whole: Duration::from_millis(500), retries: 0, ..options() };
    let address = host.url("/page").replace("http:", "https:");
    let links = vec![Link { address, places: Vec::new() }];
    let checked = external::check(links, &options, &mut Cache::default(), now(), &mut |_, _| {});
    assert!(matches!(&checked[0].outcome, Outcome::Unreachable { .. }), "{:?}", checked[0].outcome);
}

#[test]
fn redirects_end() {
    let host = Host::start();
    assert_eq!(host.check("/circle"), Outcome::Unreachable { why: "it leads on in a circle".to_owned() });
    assert_eq!(host.check("/on?n=0"), Outcome::Unreachable { why: "it leads on more than ten times".to_owned() });
    assert_eq!(host.asked().iter().filter(|asked| asked.contains("/on")).count(), 11);
}

#[test]
fn get_decides_where_head_is_refused() {
    let host = Host::start();
    assert_eq!(host.check("/no-head"), Outcome::Good);
    assert_eq!(host.check("/drops-head"), Outcome::Good);
    assert_eq!(host.asked(), ["HEAD /no-head", "GET /no-head", "HEAD /drops-head", "GET /drops-head"]);
    assert_eq!(host.check("/people-only"), Outcome::Unchecked { why: "its host answers 403 to programs".to_owned() });
}

#[test]
fn a_host_with_a_bad_day_is_asked_again_and_no_more_than_that() {
    let host = Host::start();
    assert_eq!(host.check("/bad-day"), Outcome::Good);
    assert_eq!(host.check("/broken"), Outcome::Unreachable { why: "its host answers 500".to_owned() });
    let broken = host.asked().into_iter().filter(|asked| asked == "GET /broken").count();
    assert_eq!(broken, 3);
    assert_eq!(host.check("/dropped"), Outcome::Unreachable { why: "its host breaks the connection off".to_owned() });
}

#[test]
fn a_host_says_when_to_ask_again() {
    let host = Host::start();
    assert_eq!(host.check("/busy"), Outcome::Good);
    assert_eq!(
        host.check("/very-busy"),
        Outcome::NotAsked { why: "its host wants to be asked again in 86400 seconds".to_owned() }
    );
    assert_eq!(host.asked(), ["HEAD /busy", "HEAD /busy", "HEAD /very-busy"]);
}

#[test]
fn a_host_that_wants_to_be_left_alone_is() {
    let host = Host::start();
    let links = ["/very-busy", "/very-busy?b", "/z"].map(|path| Link { address: host.url(path), places: Vec::new() });
    let mut cache = Cache::default();
    let checked = external::check(links.to_vec(), &options(), &mut cache, now(), &mut |_, _| {});
    for checked in &checked[1..] {
        let why = "its host wants to be left alone for now".to_owned();
        assert_eq!(checked.outcome, Outcome::NotAsked { why }, "{}", checked.link.address);
    }
    assert_eq!(host.asked(), ["HEAD /very-busy"]);
    assert_eq!(cache, Cache::default(), "it is asked another time");
}

#[test]
fn a_host_that_never_answers_is_not_asked_for_all_its_pages() {
    let host = Host::start();
    let links: Vec<_> =
        (10..50).map(|at| Link { address: host.url(&format!("/dropped?{at}")), places: Vec::new() }).collect();
    let checked = external::check(links, &options(), &mut Cache::default(), now(), &mut |_, _| {});
    let why = "its host breaks the connection off".to_owned();
    assert_eq!(checked[0].outcome, Outcome::Unreachable { why });
    let why = "its host has not answered to what was asked before".to_owned();
    assert_eq!(checked[39].outcome, Outcome::NotAsked { why });
    assert_eq!(host.asked().len(), 12);
}

#[test]
fn silence_and_slowness_are_cut_off() {
    let host = Host::start();
    let options = Options { whole: Duration::from_millis(200), retries: 0, ..options() };
    let links = ["/never", "/slow", "/slow#gates"].map(|path| Link { address: host.url(path), places: Vec::new() });
    let began = Instant::now();
    let checked = external::check(links.to_vec(), &options, &mut Cache::default(), now(), &mut |_, _| {});
    for checked in checked {
        let why = "its host does not answer in time".to_owned();
        assert_eq!(checked.outcome, Outcome::Unreachable { why }, "{}", checked.link.address);
    }
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
}

#[test]
fn anchors_are_looked_for_in_one_answer() {
    let host = Host::start();
    let links = ["/page", "/page#gates", "/page#old", "/page#locks", "/page#:~:text=we", "/page#top", "/page#/a"];
    let links = links.map(|path| Link { address: host.url(path), places: Vec::new() });
    let checked = external::check(links.to_vec(), &options(), &mut Cache::default(), now(), &mut |_, _| {});
    let bad: Vec<_> = checked.into_iter().filter(|checked| checked.outcome != Outcome::Good).collect();
    assert_eq!(bad.len(), 1);
    assert_eq!(bad[0].outcome, Outcome::NoAnchor { anchor: "locks".to_owned() });
    assert_eq!(host.asked(), ["GET /page"]);
}

#[test]
fn no_more_than_a_part_of_a_huge_page_is_read() {
    let host = Host::start();
    let why = "the page is too long to look for the part that the link names".to_owned();
    assert_eq!(host.check("/huge#gates"), Outcome::Unchecked { why });
}

#[test]
fn what_robots_txt_forbids_is_not_asked_for_even_after_a_redirect() {
    let host = Host::start();
    let why = "its host forbids programs to ask for it, in `robots.txt`".to_owned();
    assert_eq!(host.check("/forbidden"), Outcome::Unchecked { why: why.clone() });
    assert_eq!(host.check("/to-forbidden"), Outcome::Unchecked { why });
    assert_eq!(host.asked(), ["HEAD /to-forbidden"]);
}

#[test]
fn a_host_that_wants_very_long_pauses_is_left_alone() {
    let host = Host::with_robots("User-agent: dossier\nCrawl-delay: 3600\n");
    let why = "its host wants longer pauses between two requests than this takes".to_owned();
    assert_eq!(host.check("/page"), Outcome::NotAsked { why });
    assert_eq!(host.asked(), [""; 0]);
}

#[test]
fn a_host_has_one_request_at_a_time_and_its_robots_txt_is_read_once() {
    let seen = Arc::new(Seen::default());
    let (host, other) = (Host::noting("", Arc::clone(&seen)), Host::noting("", Arc::clone(&seen)));
    let mut links = Vec::new();
    for at in 0..20 {
        // Both ports are of one host.
        links.push(Link { address: host.url(&format!("/page?{at}")), places: Vec::new() });
        links.push(Link { address: other.url(&format!("/on-other?{at}")), places: Vec::new() });
    }
    // A host of another name, which sends on to the first while that is asked.
    for at in 0..20 {
        let address = format!("http://localhost:{}/to-ip?{at}", host.port);
        links.push(Link { address, places: Vec::new() });
    }
    let mut told = Vec::new();
    let checked = external::check(links, &options(), &mut Cache::default(), now(), &mut |progress, _| {
        told.push(progress.done);
    });
    assert!(checked.iter().all(|checked| checked.outcome == Outcome::Good));
    assert_eq!(told, (0..=60).collect::<Vec<_>>());
    assert_eq!(seen.most.load(Ordering::SeqCst), 1);
    let asked = seen.asked.lock().unwrap();
    assert_eq!(asked.iter().filter(|(asked, _)| asked == "GET /robots.txt").count(), 3);
    assert_eq!(asked.len(), 3 + 20 + 20 + 20 + 20);
}

#[test]
fn a_host_is_left_alone_between_two_requests() {
    let host = Host::start();
    let options = Options { pause: Duration::from_millis(40), ..options() };
    let links = ["/a", "/b", "/c"].map(|path| Link { address: host.url(path), places: Vec::new() });
    let began = Instant::now();
    external::check(links.to_vec(), &options, &mut Cache::default(), now(), &mut |_, _| {});
    // Four requests, with that for `robots.txt`, have three pauses between them.
    assert!(began.elapsed() >= Duration::from_millis(120), "{:?}", began.elapsed());
}

#[test]
fn the_own_network_is_not_asked_unless_that_is_allowed() {
    let host = Host::start();
    let options = Options { networks: Networks::Public, ..options() };
    let name = format!("http://localhost:{}/page", host.port);
    let links = [host.url("/page"), name].map(|address| Link { address, places: Vec::new() });
    let mut cache = Cache::default();
    for checked in external::check(links.to_vec(), &options, &mut cache, now(), &mut |_, _| {}) {
        let why = "it leads to this machine or into a private network".to_owned();
        assert_eq!(checked.outcome, Outcome::NotAsked { why }, "{}", checked.link.address);
    }
    assert!(host.seen.asked.lock().unwrap().is_empty());
    assert_eq!(cache, Cache::default(), "who allows it later is not told what came before");
}

#[test]
fn what_the_cache_knows_is_not_asked_for_until_it_is_old() {
    let host = Host::start();
    let folder = Folder::empty();
    let path = folder.path("cache/links.json");
    let check = |days: u64| {
        let (mut cache, word) = Cache::read(&path);
        assert_eq!(word, None);
        let now = now() + Duration::from_secs(days * 24 * 60 * 60);
        let links = ["/page", "/gone"].map(|path| Link { address: host.url(path), places: Vec::new() });
        let checked = external::check(links.to_vec(), &options(), &mut cache, now, &mut |_, _| {});
        cache.write(&path, now).unwrap();
        assert_eq!(checked[0].outcome, Outcome::Good);
        assert_eq!(checked[1].outcome, Outcome::Dead { status: 410 });
        std::mem::take(&mut *host.seen.asked.lock().unwrap()).into_iter().map(|(asked, _)| asked).collect::<Vec<_>>()
    };
    assert_eq!(check(0), ["GET /robots.txt", "HEAD /gone", "GET /gone", "HEAD /page"]);
    assert_eq!(check(0), [""; 0]);
    assert_eq!(check(2), ["GET /robots.txt", "HEAD /gone", "GET /gone"]);
    assert_eq!(check(8), ["GET /robots.txt", "HEAD /gone", "GET /gone", "HEAD /page"]);
    assert_eq!(fs::read_dir(folder.path("cache")).unwrap().count(), 1, "nothing but the cache is left");
}

#[test]
fn each_answer_can_be_kept_before_all_are_there() {
    let host = Host::start();
    let folder = Folder::empty();
    let path = folder.path("links.json");
    let links = ["/a", "/b", "/c"].map(|path| Link { address: host.url(path), places: Vec::new() });
    let mut known = Vec::new();
    external::check(links.to_vec(), &options(), &mut Cache::default(), now(), &mut |_, cache| {
        cache.write(&path, now()).unwrap();
        known.push(fs::read_to_string(&path).unwrap().matches("\"asked\"").count());
    });
    assert_eq!(known, [0, 1, 2, 3]);
}

#[test]
fn a_cache_that_cannot_be_used_is_started_afresh_with_a_word() {
    let folder = Folder::empty();
    folder.write("broken.json", "{\"format\": \"dossier ext");
    folder.write("other.json", "{\"format\": \"dossier external links 9\", \"links\": {}}");
    folder.write("folder/some.txt", "");
    for (name, why) in [
        ("broken.json", "it is broken, or not a cache of external links"),
        ("other.json", "it is of another version"),
        ("folder", "it is no file"),
    ] {
        let path = folder.path(name);
        let (cache, word) = Cache::read(&path);
        assert_eq!(word, Some(format!("the cache `{}` is started afresh: {why}", path.display())));
        assert_eq!(cache, Cache::default());
    }
}

#[test]
fn an_allowance_of_an_external_finding_is_never_unneeded_to_a_check_that_asks_nobody() {
    let said = source("https://daily.example/\nallow: [{code: dead-link, why: it is known}]").findings();
    assert!(!said.contains("unneeded-allowance"), "{said}");
}

#[test]
fn the_command_asks_only_when_it_is_told_to() {
    let host = Host::start();
    let folder = source(&host.url("/gone")).on_disk();
    assert!(folder.run(&["check"]).stdout.contains("no findings"));
    assert_eq!(host.asked(), [""; 0]);
    let run = folder.run(&["check", "--external"]);
    assert_eq!((run.code, run.stderr.as_str()), (0, "1 external link\n"), "{}", run.stdout);
    assert!(run.stdout.contains("note[unchecked-link]"), "a host of the own network is not asked: {}", run.stdout);
    fs::remove_file(folder.path(".dossier/links.json")).unwrap();
    let run = folder.run(&["check", "--external", "--own-network"]);
    assert!(run.code == 0 && run.stdout.contains("warning[dead-link]"), "{}", run.stdout);
    assert!(folder.path(".dossier/links.json").exists());
    let asked = host.asked().len();
    let run = folder.run(&["check", "--external", "--own-network", "--deny", "dead-link"]);
    assert!(run.code == 1 && run.stdout.contains("error[dead-link]"), "{}", run.stdout);
    assert_eq!(host.asked().len(), asked, "what is known is not asked for again");
}
