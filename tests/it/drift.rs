//! The live pages of quoted sources against a host of this machine: what is the same, what was edited, what is gone, and what nobody
//! knows.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use dossier::check::settle_asked;
use dossier::compile::{Compiled, compile};
use dossier::diagnostic::Diagnostic;
use dossier::edtf::Day;
use dossier::external::drift::{self, Drift, Looked, Target};
use dossier::external::{Networks, Options};
use dossier::redact::{Audience, Policy};
use dossier::workspace::{Overrides, Workspace};
use expect_test::expect;
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::input::{Dossier, Folder, lines};

/// What the copy has, paragraph by paragraph.
const ARTICLE: [&str; 6] = [
    "Keeper denies",
    "Jane Doe spoke on Wednesday in front of the harbour office, where some forty people had come to hear her.",
    "“We did not open the gate before six,” she said, “and nobody asked us to open it earlier than that.”",
    "The authority said that it would look into the matter, and that the log of the gate would be read by somebody from outside.",
    "On Thursday the harbour was open as on any other day, and the boats of the night had all come back.",
    "The log of the gate is kept in the office of the harbour master, who did not want to say anything.",
];

/// Words of the third and of the last paragraph.
const EARLY: &str = "We did not open the gate before six";
const LATE: &str = "The log of the gate is kept in the office of the harbour master";

/// A host that sends what it was given, by path.
struct Host {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Host {
    fn start(pages: &[(&str, Vec<u8>)]) -> Host {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked: Arc<Mutex<Vec<String>>> = Arc::default();
        let pages: BTreeMap<String, Vec<u8>> =
            pages.iter().map(|(path, sent)| ((*path).to_owned(), sent.clone())).collect();
        let pages = Arc::new(pages);
        let noted = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (pages, noted) = (Arc::clone(&pages), Arc::clone(&noted));
                std::thread::spawn(move || drop(serve(stream, &pages, &noted)));
            }
        });
        Host { port, asked }
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The requests for pages, in their order.
    fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| *asked != "GET /robots.txt").cloned().collect()
    }
}

fn serve(mut stream: TcpStream, pages: &BTreeMap<String, Vec<u8>>, asked: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    loop {
        let mut field = String::new();
        if reader.read_line(&mut field)? == 0 || field.trim().is_empty() {
            break;
        }
    }
    let request = line.rsplit_once(' ').unwrap_or_default().0.to_owned();
    let path = request.split_once(' ').unwrap_or_default().1.to_owned();
    asked.lock().unwrap().push(request);
    match pages.get(&path) {
        // Until the other side has had enough.
        Some(sent) if sent.is_empty() => stream.read_to_end(&mut Vec::new()).map(drop),
        Some(sent) => stream.write_all(sent),
        None => stream.write_all(&answer("404 Not Found", "", b"no")),
    }
}

fn answer(status: &str, fields: &str, body: &[u8]) -> Vec<u8> {
    let length = body.len();
    let mut sent =
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{fields}\r\n").into_bytes();
    sent.extend(body);
    sent
}

fn page(body: &str) -> Vec<u8> {
    answer("200 OK", "Content-Type: text/html; charset=utf-8\r\n", body.as_bytes())
}

fn text(body: &str) -> Vec<u8> {
    answer("200 OK", "Content-Type: text/plain; charset=utf-8\r\n", body.as_bytes())
}

fn redirect(to: &str) -> Vec<u8> {
    answer("302 Found", &format!("Location: {to}\r\n"), b"")
}

/// A web page with paragraphs.
fn html(head: &str, paragraphs: &[&str]) -> String {
    let paragraphs: String = paragraphs.iter().map(|paragraph| format!("<p>{paragraph}</p>\n\n")).collect();
    format!(
        "<!doctype html><html lang=en><head><title>Daily</title>{head}</head><body>\n\n{paragraphs}</body></html>\n"
    )
}

fn article() -> String {
    ARTICLE.join("\n\n")
}

/// A dossier with a source whose copy has the article, and two quotations of it.
fn dossier(url: &str) -> Dossier {
    let quote = |text: &str| format!("---\nspeaker: unknown\ndate: 2023-06-21\ntext: {text}\nsource: daily\n---\n");
    Dossier::new()
        .record(
            "sources/daily.md",
            format!("---\ntitle: Keeper denies\nkind: article\nurl: {url}\ncaptures: {{file: daily.txt}}\n---\n"),
        )
        .record("sources/daily/daily.txt", article())
        .record("quotes/early.md", quote(EARLY))
        .record("quotes/late.md", quote(LATE))
}

fn options() -> Options {
    Options {
        pause: Duration::ZERO,
        retry_pause: Duration::ZERO,
        retries: 0,
        connect: Duration::from_secs(5),
        whole: Duration::from_secs(5),
        networks: Networks::Any,
        ..Options::default()
    }
}

/// What came of looking at the pages of a dossier.
struct Came {
    targets: Vec<Target>,
    looked: Vec<Looked>,
    findings: Vec<Diagnostic>,
    said: String,
}

impl Came {
    fn of(folder: &Folder, options: &Options) -> Came {
        let workspace = Workspace::open(&folder.path("dossier.yaml"), Overrides::default()).unwrap();
        let policy = Policy { today: Day::new(2025, 6, 1).unwrap(), audience: Audience::Readers };
        let inputs = workspace.inputs().unwrap();
        let Compiled { stages, .. } = compile(inputs, workspace.findings(), policy, None, &mut |_| {});
        let targets = drift::targets(&stages.dossier, &stages.evidence, workspace.sources());
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_750_000_000);
        let looked = drift::look(&targets, &inputs.captures, options, now, &mut |_, _| {});
        let findings = settle_asked(drift::findings(&targets, &looked), &stages.dossier);
        let said = lines(&findings, workspace.sources());
        Came { targets, looked, findings, said }
    }

    /// The result of each quotation of the one source.
    fn results(&self) -> Vec<&str> {
        self.looked[0].passages.iter().map(|standing| standing.drift.word()).collect()
    }

    fn why(&self) -> &str {
        self.looked[0].passages[0].drift.why().unwrap_or_default()
    }
}

/// What comes of a page.
fn look(sent: Vec<u8>) -> Came {
    let host = Host::start(&[("/page", sent)]);
    Came::of(&dossier(&host.url("/page")).on_disk(), &options())
}

fn say(sent: Vec<u8>) -> String {
    let host = Host::start(&[("/page", sent), ("/other", page(&html("", &ARTICLE)))]);
    Came::of(&dossier(&host.url("/page")).on_disk(), &options()).said.replace(&host.port.to_string(), "PORT")
}

pub(crate) fn say_of_edited_words() -> String {
    say(page(&html(
        "",
        &ARTICLE.map(|paragraph| paragraph.replace("before six", "before seven")).each_ref().map(String::as_str),
    )))
}

pub(crate) fn say_of_a_page_that_is_gone() -> String {
    say(answer("410 Gone", "", b"no"))
}

pub(crate) fn say_of_a_page_that_moved() -> String {
    say(redirect("/other"))
}

pub(crate) fn say_of_a_paywall() -> String {
    say(answer("402 Payment Required", "", b"no"))
}

pub(crate) fn say_of_what_nobody_knows() -> String {
    say(answer("500 Oh", "", b"no"))
}

#[test]
fn a_page_that_has_the_words_is_the_same() {
    let came = look(page(&html("", &ARTICLE)));
    assert_eq!(came.results(), ["same", "same"]);
    assert_eq!(came.findings, []);
    let came = look(text(&article()));
    assert_eq!(came.results(), ["same", "same"]);
    let paragraphs = came.looked[0].paragraphs.as_ref().unwrap();
    assert_eq!((paragraphs.captured, paragraphs.same, paragraphs.new), (6, 6, 0));
}

#[test]
fn edited_words_are_told_with_what_changed() {
    let host = Host::start(&[("/page", text(&article().replace("before six", "before seven")))]);
    let came = Came::of(&dossier(&host.url("/page")).on_disk(), &options());
    assert_eq!(came.results(), ["edited", "same"]);
    assert_eq!(
        came.said,
        "content/quotes/early.md:4:7 drifted-quotation the page of `daily` has other words now than those quoted in `early`\n"
    );
    assert!(came.findings[0].label.contains("[-six"), "{}", came.findings[0].label);
    assert!(came.findings[0].label.contains("[+seven"), "{}", came.findings[0].label);
}

#[test]
fn what_the_quotation_left_out_is_no_difference() {
    let host = Host::start(&[("/page", text(&article().replace("before six", "before seven")))]);
    let quote = "---\nspeaker: unknown\ndate: 2023\ntext: We did not open the gate before six [...] and nobody asked us\nsource: daily\n---\n";
    let folder = dossier(&host.url("/page")).record("quotes/early.md", quote).on_disk();
    let came = Came::of(&folder, &options());
    assert_eq!(came.findings[0].label, "… the gate before [-six-] [+seven+] ,” she said, …");
}

#[test]
fn a_quotation_in_parts_is_looked_for_part_by_part() {
    let quote = "---\nspeaker: unknown\ndate: 2023\ntext: [We did not open the gate before six, and nobody asked us]\nsource: daily\n---\n";
    let drift = |page: String| {
        let host = Host::start(&[("/page", text(&page))]);
        let came = Came::of(&dossier(&host.url("/page")).record("quotes/early.md", quote).on_disk(), &options());
        came.results()[0].to_owned()
    };
    assert_eq!(drift(article()), "same");
    assert_eq!(drift(article().replace("nobody asked", "somebody asked")), "edited");
}

#[test]
fn an_edit_elsewhere_is_counted_in_paragraphs() {
    let edited = article().replace("some forty people", "some people") + "\n\nThis article was corrected on Friday.";
    let came = look(text(&edited));
    assert_eq!(came.results(), ["same", "same"]);
    let paragraphs = came.looked[0].paragraphs.as_ref().unwrap();
    assert_eq!((paragraphs.captured, paragraphs.same, paragraphs.new), (6, 5, 2));
}

#[test]
fn a_page_that_is_not_there_is_gone() {
    for status in ["404 Not Found", "410 Gone"] {
        let came = look(answer(status, "", b"no"));
        assert_eq!(came.results(), ["gone", "gone"]);
        assert_eq!(came.why(), format!("its host answers {}", &status[..3]));
    }
    assert_eq!(
        say_of_a_page_that_is_gone(),
        "content/quotes/early.md:4:7 gone-quotation the words of `early` are not on the page of `daily` any more: its host answers 410\n\
         content/quotes/late.md:4:7 gone-quotation the words of `late` are not on the page of `daily` any more: its host answers 410\n"
    );
}

#[test]
fn a_page_with_nothing_like_the_words_is_gone() {
    let other =
        "Weather for the weekend: rain in the west, and some sun on Sunday afternoon over the hills. ".repeat(20);
    let came = look(text(&other));
    assert_eq!(came.results(), ["gone", "gone"]);
    assert_eq!(came.why(), "nothing like them stands on it");
}

#[test]
fn a_page_that_shows_programs_next_to_nothing_is_not_known() {
    let came = look(page(&html("", &["Please enable JavaScript to read on."])));
    assert_eq!(came.results(), ["unknown", "unknown"]);
    assert!(came.why().starts_with("the page shows programs no more than "), "{}", came.why());
    let came = look(page(""));
    assert_eq!(came.results(), ["unknown", "unknown"]);
}

#[test]
fn words_that_only_a_script_has_are_not_known() {
    let script = format!("<script>show({:?})</script>", ARTICLE.join(" "));
    let other =
        "Weather for the weekend: rain in the west, and some sun on Sunday afternoon over the hills. ".repeat(20);
    let came = look(page(&html(&script, &[&other])));
    assert_eq!(came.results(), ["unknown", "unknown"]);
    assert_eq!(came.why(), "the words are in a part of the page that is shown only by a script, if at all");
}

#[test]
fn another_address_is_told_beside_what_came() {
    let host = Host::start(&[("/old", redirect("/new")), ("/new", page(&html("", &ARTICLE)))]);
    let came = Came::of(&dossier(&host.url("/old")).on_disk(), &options());
    assert_eq!(came.results(), ["same", "same"]);
    assert!(came.looked[0].is_elsewhere);
    assert_eq!(
        came.said,
        "content/sources/daily.md:4:6 moved-source the address of `daily` leads to another page now\n"
    );
    let hint = came.findings[0].hint.as_deref().unwrap();
    assert_eq!(hint, format!("open `{}`; if it is the same page, write that address", host.url("/new")));
    let other =
        "Weather for the weekend: rain in the west, and some sun on Sunday afternoon over the hills. ".repeat(20);
    let home = Host::start(&[("/old", redirect("/")), ("/", text(&other))]);
    let came = Came::of(&dossier(&home.url("/old")).on_disk(), &options());
    assert_eq!(came.why(), "the address leads to another page, and nothing like them stands on it");
    let slash = Host::start(&[("/old", redirect("/old/")), ("/old/", page(&html("", &ARTICLE)))]);
    let came = Came::of(&dossier(&slash.url("/old")).on_disk(), &options());
    assert_eq!((came.looked[0].is_elsewhere, came.said.as_str()), (false, ""));
}

#[test]
fn a_redirect_to_what_is_not_there_is_gone_and_not_moved() {
    let came = look(redirect("/nowhere"));
    assert_eq!(came.results(), ["gone", "gone"]);
    assert!(!came.said.contains("moved-source"), "{}", came.said);
}

#[test]
fn a_paywall_is_told_with_what_it_rests_on() {
    for status in ["401 No", "402 Pay", "403 No"] {
        let came = look(answer(status, "", b"no"));
        assert_eq!(came.results(), ["paywalled", "paywalled"]);
        assert!(came.why().starts_with(&format!("its host answers {}", &status[..3])), "{}", came.why());
    }
    let declared = "<script type=\"application/ld+json\">{\"isAccessibleForFree\": false}</script>";
    let came = look(page(&html(declared, &["Subscribe to read on."])));
    assert_eq!(came.results(), ["paywalled", "paywalled"]);
    assert_eq!(came.why(), "the page says of itself that it is not free to read (`isAccessibleForFree`)");
    assert_eq!(came.findings.len(), 1, "{}", came.said);
    let came = look(page(&html(declared, &ARTICLE)));
    assert_eq!((came.results(), came.said.as_str()), (vec!["same", "same"], ""), "the words are there all the same");
}

#[test]
fn a_page_with_the_beginning_alone_is_for_subscribers() {
    let came = look(text(&ARTICLE[..3].join("\n\n").replace("harbour office", "office")));
    assert_eq!(came.results()[0], "same");
    assert_ne!(came.results()[1], "paywalled", "its first paragraph is another one");
    let came = look(text(&ARTICLE[..3].join("\n\n")));
    assert_eq!(came.results(), ["same", "paywalled"]);
    assert!(
        came.said.contains("`late` could not be looked for: the page shows programs 42 words where the copy has "),
        "{}",
        came.said
    );
}

#[test]
fn a_page_that_is_packed_is_unpacked() {
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(html("", &ARTICLE).as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let fields = "Content-Type: text/html\r\nContent-Encoding: gzip\r\n";
    assert_eq!(look(answer("200 OK", fields, &packed)).results(), ["same", "same"]);
    let damaged = look(answer("200 OK", fields, b"no gzip"));
    assert_eq!((damaged.results()[0], damaged.why()), ("unknown", "its host sends what cannot be unpacked"));
    let other = look(answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: br\r\n", b"abc"));
    assert_eq!(other.why(), "its host sends the page packed in a way that was not asked for (`br`)");
}

#[test]
fn words_that_are_packed_to_be_many_are_not_unpacked_to_the_end() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..40 {
        bomb.write_all(&spaces).unwrap();
    }
    let sent = answer("200 OK", "Content-Type: text/html\r\nContent-Encoding: gzip\r\n", &bomb.finish().unwrap());
    assert_eq!(look(sent).why(), "the page is longer than 16 MiB");
}

#[test]
fn a_wrong_character_encoding_is_seen_through() {
    let dossier = |host: &Host| {
        dossier(&host.url("/page"))
            .record("sources/daily/daily.txt", "Le maire a dit : « Personne n’était à l’entrée du château »")
            .record(
                "quotes/early.md",
                "---\nspeaker: unknown\ndate: 2023\ntext: Personne n’était à l’entrée du château\nsource: daily\n---\n",
            )
    };
    let words = "<p>Le maire a dit : « Personne n’était à l’entrée du château »</p>";
    let latin: Vec<u8> =
        words.chars().map(|c| if c == '’' { 0x92 } else { u8::try_from(u32::from(c)).unwrap() }).collect();
    let sent =
        |charset: &str, body: &[u8]| answer("200 OK", &format!("Content-Type: text/html; charset={charset}\r\n"), body);
    for (charset, body) in [("windows-1252", latin.as_slice()), ("iso-8859-1", words.as_bytes())] {
        let host = Host::start(&[("/page", sent(charset, body))]);
        let came = Came::of(&dossier(&host).on_disk(), &options());
        assert_eq!(came.looked[0].passages[0].drift, Drift::Same, "{charset}");
    }
}

/// A PDF of one page, with each line of text below the one before.
fn pdf(lines: &[&str]) -> Vec<u8> {
    let mut drawn = "BT /F 12 Tf 14 TL 50 700 Td".to_owned();
    for line in lines {
        drawn.push_str(&format!(" ({line}) Tj T*"));
    }
    drawn.push_str(" ET");
    let objects = [
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>"
            .to_owned(),
        format!("<< /Length {} >>\nstream\n{drawn}\nendstream", drawn.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned(),
    ];
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(format!("{:010} 00000 n \n", file.len()));
        file.push_str(&format!("{} 0 obj\n{object}\nendobj\n", at + 1));
    }
    let table = file.len();
    file.push_str(&format!("xref\n0 6\n0000000000 65535 f \n{}", places.concat()));
    file.push_str(&format!("trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n"));
    file.into_bytes()
}

#[test]
fn a_pdf_is_read_as_a_captured_one_is() {
    let sent = pdf(&["Jane Doe spoke on Wednesday.", "We did not open the gate", "before six, she said."]);
    let came = look(answer("200 OK", "Content-Type: application/pdf\r\n", &sent));
    assert_eq!(came.results(), ["same", "gone"]);
    assert_eq!(came.looked[0].paragraphs, None, "its paragraphs are cut otherwise than those of a text");
    let came = look(answer("200 OK", "Content-Type: application/octet-stream\r\n", &sent));
    assert_eq!(came.results()[0], "same");
    let came = look(answer("200 OK", "Content-Type: application/pdf\r\n", &sent[..sent.len() / 4]));
    assert_eq!(came.results(), ["unknown", "unknown"], "{}", came.why());
}

#[test]
fn a_page_that_is_too_long_is_not_known() {
    let came = look(page(&"<p>word</p>".repeat(2_000_000)));
    assert_eq!((came.results()[0], came.why()), ("unknown", "the page is longer than 16 MiB"));
    assert_eq!(
        came.said,
        "content/sources/daily.md:4:6 undecided-drift nobody knows whether the page of `daily` still has `early` and `late`: the page is longer than 16 MiB\n"
    );
}

#[test]
fn a_slow_host_and_a_circle_are_not_known() {
    let host = Host::start(&[("/page", Vec::new())]);
    let options = Options { whole: Duration::from_millis(200), ..options() };
    let came = Came::of(&dossier(&host.url("/page")).on_disk(), &options);
    assert_eq!((came.results()[0], came.why()), ("unknown", "its host does not answer in time"));
    let came = look(redirect("/page"));
    assert_eq!((came.results()[0], came.why()), ("unknown", "it leads on in a circle"));
}

#[test]
fn what_robots_txt_forbids_is_not_asked_for() {
    let host =
        Host::start(&[("/robots.txt", text("User-agent: *\nDisallow: /page")), ("/page", page(&html("", &ARTICLE)))]);
    let came = Came::of(&dossier(&host.url("/page")).on_disk(), &options());
    assert_eq!(
        (came.results()[0], came.why()),
        ("unknown", "its host forbids programs to ask for it, in `robots.txt`")
    );
    assert_eq!(host.asked(), [""; 0]);
}

#[test]
fn the_own_network_is_not_asked_unless_that_is_allowed() {
    let host = Host::start(&[("/page", page(&html("", &ARTICLE)))]);
    let options = Options { networks: Networks::Public, ..options() };
    let came = Came::of(&dossier(&host.url("/page")).on_disk(), &options);
    assert_eq!((came.results()[0], came.why()), ("unknown", "it leads to this machine or into a private network"));
    assert!(host.asked.lock().unwrap().is_empty());
}

#[test]
fn a_page_is_asked_for_once_and_only_when_its_copy_has_quoted_words() {
    let host = Host::start(&[("/page", page(&html("", &ARTICLE)))]);
    let source = |title: &str, more: &str| {
        format!("---\ntitle: {title}\nkind: article\nurl: {}\n{more}---\n", host.url("/page#top"))
    };
    let quote =
        |text: &str, source: &str| format!("---\nspeaker: unknown\ndate: 2023\ntext: {text}\nsource: {source}\n---\n");
    let dossier = dossier(&host.url("/page"))
        .record("sources/again.md", source("Again", "captures: {file: daily/daily.txt}\n"))
        .record("quotes/said-again.md", quote(EARLY, "again"))
        .record("sources/no-copy.md", source("No copy", "").replace("/page#top", "/no-copy"))
        .record("quotes/said-without-copy.md", quote(EARLY, "no-copy"))
        .record(
            "sources/not-quoted.md",
            source("Not quoted", "captures: {file: daily/daily.txt}\n").replace("/page#top", "/not-quoted"),
        )
        .record("quotes/not-found.md", quote("Nobody had a key to that door", "not-quoted"));
    let came = Came::of(&dossier.on_disk(), &options());
    let sources: Vec<&str> = came.targets.iter().map(|target| target.source.as_str()).collect();
    assert_eq!(sources, ["again", "daily"]);
    assert_eq!(host.asked(), ["GET /page"]);
    assert_eq!(came.looked[0].passages.len() + came.looked[1].passages.len(), 3);
}

#[test]
fn withheld_sources_are_asked_for_as_external_links_are() {
    let host = Host::start(&[("/page", page(&html("", &ARTICLE)))]);
    let hidden = |record: &str| {
        format!(
            "---\ntitle: Daily\nkind: article\n{record}: true\nurl: {}\ncaptures: {{file: daily.txt}}\n---\n",
            host.url("/page")
        )
    };
    let folder = dossier(&host.url("/page")).record("sources/daily.md", hidden("draft")).on_disk();
    assert_eq!(Came::of(&folder, &options()).results(), ["same", "same"]);
}

#[test]
fn what_is_locked_is_enough_to_ask() {
    let host = Host::start(&[("/page", text(&article()))]);
    let folder = dossier(&host.url("/page")).on_disk();
    assert_eq!(folder.run(&["check", "--update-lock"]).code, 0);
    folder.remove("content/sources/daily/daily.txt");
    let came = Came::of(&folder, &options());
    assert_eq!(came.results(), ["same", "same"]);
    assert_eq!(came.looked[0].paragraphs, None, "without the copy nothing is said of the rest");
}

#[test]
fn records_and_settings_allow_what_came_of_asking() {
    let host = Host::start(&[]);
    let folder = dossier(&host.url("/page")).set("allow: [gone-quotation]").on_disk();
    assert_eq!(Came::of(&folder, &options()).said, "");
    assert!(!folder.run(&["check"]).stdout.contains("unneeded"));
}

#[test]
fn the_report_says_what_came_and_whom_it_is_for() {
    let host = Host::start(&[
        ("/page", text(&article().replace("kept in the office", "kept in a room"))),
        ("/gone", answer("410 Gone", "", b"")),
    ]);
    let came = Came::of(&dossier(&host.url("/page")).on_disk(), &options());
    let report = drift::report(&came.targets, &came.looked, jiff::Timestamp::UNIX_EPOCH);
    let json: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(json["format"], "dossier drift 1");
    assert_eq!(json["made"], "1970-01-01T00:00:00Z");
    assert!(json["about"].as_str().unwrap().contains("Do not publish it"));
    let source = &json["sources"][0];
    assert_eq!((source["id"].as_str(), source["status"].as_u64()), (Some("daily"), Some(200)));
    assert_eq!(source["url"], source["final_url"]);
    assert_eq!(source["redirected"], false);
    assert_eq!(source["paragraphs"]["captured"], 6);
    let quotations = &source["quotations"];
    assert_eq!((quotations[0]["id"].as_str(), quotations[0]["result"].as_str()), (Some("early"), Some("same")));
    assert_eq!(quotations[0]["passage"], EARLY);
    assert_eq!(quotations[0]["capture"], source["paragraphs"]["capture"]);
    assert_eq!(quotations[1]["result"], "edited");
    assert!(quotations[1]["nearest"].as_str().unwrap().contains("kept in a room"), "{quotations}");
    assert!(quotations[1]["diff"].as_array().unwrap().iter().any(|run| run[0] == "+"), "{quotations}");
}

#[test]
fn the_command_asks_only_when_it_is_told_to_and_keeps_each_report() {
    let host = Host::start(&[("/page", text(&article().replace("some forty people", "some people")))]);
    let folder = dossier(&host.url("/page")).on_disk();
    folder.run(&["check"]);
    folder.run(&["build"]);
    assert_eq!(host.asked(), [""; 0]);
    let first = folder.run(&["check", "--drift", "--own-network"]);
    let mut said = first.stderr.lines();
    assert_eq!(said.next(), Some("2 quotations of 1 page: 2 as captured"));
    assert_eq!(said.next(), Some("`daily`: 5 of 6 paragraphs as captured, 1 new"));
    assert!(said.next().unwrap().ends_with("it is for authors, do not publish it"), "{}", first.stderr);
    let second = folder.run(&["check", "--drift", "--own-network"]);
    assert_eq!((first.code, second.code), (0, 0), "{}", second.stdout);
    let names: Vec<String> = fs::read_dir(folder.path(".dossier/drift"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let reports: Vec<&String> = names.iter().filter(|name| name.ends_with(".json")).collect();
    assert_eq!(reports.len(), 2, "{names:?}");
    assert!(
        reports.iter().all(|name| name.starts_with("20") && name.contains('T') && name.contains('Z')),
        "{reports:?}"
    );
    assert!(names.iter().any(|name| name == ".gitignore"), "{names:?}");
    assert_eq!(host.asked(), ["GET /page", "GET /page"], "what a page has today is not known from yesterday");
}

#[test]
fn a_report_can_be_put_elsewhere_and_is_never_overwritten() {
    let host = Host::start(&[("/page", text(&article()))]);
    let folder = dossier(&host.url("/page")).on_disk();
    let args = ["check", "--drift", "--own-network", "--report", "drift.json"];
    assert_eq!(folder.run(&args).code, 0);
    assert!(!folder.path(".dossier").exists());
    let before = fs::read(folder.path("drift.json")).unwrap();
    let run = folder.run(&args);
    assert_eq!(run.code, 2);
    expect![[r#"
        error: `drift.json` is there already
        hint: a report is never overwritten; name another file
    "#]]
    .assert_eq(&run.stderr);
    assert_eq!(fs::read(folder.path("drift.json")).unwrap(), before);
    assert_eq!(host.asked(), ["GET /page"], "nobody is asked in vain");
}

#[test]
fn drift_goes_with_no_other_way_of_asking_or_writing() {
    let folder = dossier("http://127.0.0.1:9/page").on_disk();
    for other in ["--external", "--fix", "--update-lock"] {
        let run = folder.run(&["check", "--drift", other]);
        assert!(run.code == 2 && run.stderr.contains("cannot be used with"), "{other}: {}", run.stderr);
    }
    assert_eq!(folder.run(&["check", "--report", "a.json"]).code, 2);
    assert_eq!(folder.run(&["check", "--own-network"]).code, 2);
}

#[test]
fn a_dossier_without_copies_asks_nobody() {
    let run = Dossier::small().on_disk().run(&["check", "--drift"]);
    let first = run.stderr.lines().next();
    assert_eq!(first, Some("no source with an address has words of a quotation in its copy, so nobody was asked"));
}
