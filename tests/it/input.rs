//! A dossier as tests write it: files by path, compiled in memory or laid on the disk for the program to run on.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, LazyLock};

use dossier::compile::{Compiled, Inputs, Look, compile};
use dossier::diagnostic::{Diagnostic, SourceText, line_column};
use dossier::edtf::Day;
use dossier::leak::Scan;
use dossier::media::{self, Window};
use dossier::parse::{parse_mapping, parse_settings};
use dossier::read::{Attachment, Captures, Editions, Form, SourceFile, Sources, read_theme};
use dossier::redact::{Audience, Policy};
use dossier::render::{Page, Renderer};
use dossier::theme::{ThemeFiles, ThemeManifest};
use flate2::write::ZlibEncoder;
use flate2::{Compression, Crc};
use tempfile::TempDir;

/// The files of a site by their paths.
pub(crate) type Files = BTreeMap<String, Vec<u8>>;

/// What came of a dossier in memory.
pub(crate) struct Made {
    pub(crate) renderer: Option<Arc<Renderer>>,
    pub(crate) findings: Vec<Diagnostic>,
    /// What looks for all that is withheld.
    pub(crate) scan: Option<Scan>,
}

type ThemeChain = Vec<(ThemeFiles, ThemeManifest)>;

/// The files of a dossier by their paths from its folder, and the day on which it is built.
#[derive(Clone, Debug)]
pub(crate) struct Dossier {
    files: Files,
    today: Day,
}

impl Dossier {
    /// A dossier with a title and nothing else, in the plain theme.
    pub(crate) fn new() -> Self {
        let today = Day::new(2025, 6, 1).unwrap();
        Dossier { files: BTreeMap::new(), today }.settings("title: A dossier\ntheme: plain\n")
    }

    /// A made-up incident with a record of each kind, linked to each other.
    pub(crate) fn small() -> Self {
        Dossier::new()
            .record(
                "actors/jane-doe.md",
                "---\nname: Jane Doe\nkind: person\nprivacy: public-figure\nrole: Keeper\nrelations: {kind: works-for, to: authority}\n---\nShe works for the [[authority]].\n",
            )
            .record("actors/authority.md", "---\nname: Harbour Authority\nkind: organisation\n---\n")
            .record(
                "events/gate-opened.md",
                "---\ntitle: The gate is opened\ndate: 2023-06-21\nplace: harbour\nactors: [jane-doe, {actor: authority, role: in-charge, alleged: true}]\nsource: daily\ntags: gates\n---\nSee [her words](../quotes/not-before-six.md).\n",
            )
            .record(
                "quotes/not-before-six.md",
                "---\nspeaker: jane-doe\ndate: 2023-06-21\ntext: We did not open the gate before six.\nabout: gate-opened\nevent: gate-opened\nto: authority\nsource: {source: daily, locator: p. 3}\n---\n",
            )
            .record("sources/daily.md", "---\ntitle: Keeper denies\nkind: article\npublished: 2023-06-22\n---\n")
            .record("places/harbour.md", "---\nname: East Harbour\ncountry: NL\n---\n")
            .record("pages/methodology.md", "---\ntitle: Method\n---\n## How\n\nBy hand.\n")
    }

    /// Puts a file anywhere in the dossier.
    pub(crate) fn file(mut self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.files.insert(path.to_owned(), bytes.as_ref().to_vec());
        self
    }

    /// Puts a file into the folder of records.
    pub(crate) fn record(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.file(&format!("content/{path}"), bytes)
    }

    /// Puts a file into an overlay, in memory only.
    pub(crate) fn sealed(self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.file(&format!("../sealed/{path}"), bytes)
    }

    /// Takes a file away.
    pub(crate) fn without(mut self, path: &str) -> Self {
        self.files.remove(path);
        self
    }

    /// The bytes of a file.
    pub(crate) fn bytes(&self, path: &str) -> Vec<u8> {
        self.files[path].clone()
    }

    /// Replaces `dossier.yaml`.
    pub(crate) fn settings(self, yaml: &str) -> Self {
        self.file("dossier.yaml", yaml)
    }

    /// Adds lines to `dossier.yaml`.
    pub(crate) fn set(mut self, yaml: &str) -> Self {
        let settings = self.files.entry("dossier.yaml".to_owned()).or_default();
        settings.extend(yaml.as_bytes());
        settings.push(b'\n');
        self
    }

    /// Sets the day of the build.
    pub(crate) fn on(mut self, year: i16, month: u8, day: u8) -> Self {
        self.today = Day::new(year, month, day).unwrap();
        self
    }

    /// The files as they would be read.
    pub(crate) fn sources(&self) -> Sources {
        let mut sources = Sources::default();
        let mut attachments = Vec::new();
        let mut editions = Vec::new();
        for (path, bytes) in &self.files {
            let text = || String::from_utf8(bytes.clone()).expect("in memory a dossier is UTF-8");
            let file = |inner: &str, form| {
                let (path, inner) = (path.as_str().into(), inner.to_owned());
                Arc::new(SourceFile { path, inner, form, text: text(), usable: true })
            };
            let Some(inner) = path.strip_prefix("content/") else {
                if let Some(inner) = path.strip_prefix("../sealed/") {
                    let form = if inner.ends_with(".md") { Form::Markdown } else { Form::Yaml };
                    sources.overlay.push(file(inner, form));
                } else if path.starts_with("editions/") {
                    editions.push((path.as_str().into(), text()));
                } else if path == "dossier.yaml" {
                    sources.settings = Some(file(path, Form::Yaml));
                }
                continue;
            };
            match inner.rsplit('.').next() {
                Some("md") => sources.files.push(file(inner, Form::Markdown)),
                Some("yaml") => sources.files.push(file(inner, Form::Yaml)),
                _ => {
                    let look = media::look(inner, Window::whole(bytes));
                    attachments.push(Attachment { inner: inner.to_owned(), on_disk: PathBuf::from(inner), look });
                }
            }
        }
        sources.attachments = Arc::new(attachments);
        sources.editions = Arc::new(Editions::of_texts(&editions));
        sources
    }

    /// Runs the stages up to a site that can render, without the disk.
    pub(crate) fn compile(&self) -> (Made, Sources) {
        self.compile_for(Audience::Readers)
    }

    /// The same for any audience.
    pub(crate) fn compile_for(&self, audience: Audience) -> (Made, Sources) {
        let sources = self.sources();
        let (settings, findings) = parse_settings(sources.settings.as_ref().expect("a dossier has settings"));
        let Some(settings) = settings else { return (Made { renderer: None, findings, scan: None }, sources) };
        let themes = themes(settings.theme());
        let inside = |path: &str| ["templates/", "static/", "i18n/"].iter().any(|folder| path.starts_with(folder));
        let own = self.files.iter().filter(|(path, _)| inside(path)).map(|(path, bytes)| (path.clone(), bytes.clone()));
        let overrides = ThemeFiles { name: String::new(), files: own.collect() };
        let look = Arc::new(Look { themes, overrides });
        // What is only in memory has no captures.
        let captures = Arc::new(Captures::new(Path::new(""), None));
        let inputs = Inputs { settings: Arc::new(settings), sources, look, captures };
        let policy = Policy { today: self.today, audience };
        let Compiled { renderer, findings, stages } = compile(&inputs, findings, policy, None, &mut |_| {});
        (Made { renderer, findings, scan: Some(stages.scan()) }, inputs.sources)
    }

    /// All findings, a line each: place, code and message.
    pub(crate) fn findings(&self) -> String {
        let (compiled, sources) = self.compile();
        lines(&compiled.findings, &sources)
    }

    /// All files of the site. Whoever asks for them wants a dossier without errors.
    pub(crate) fn site(&self) -> Files {
        let (compiled, sources) = self.compile();
        let Some(renderer) = compiled.renderer else {
            panic!("the dossier has errors:\n{}", lines(&compiled.findings, &sources))
        };
        render(&renderer)
    }

    /// One page of the site.
    pub(crate) fn page(&self, path: &str) -> String {
        let site = self.site();
        let Some(bytes) = site.get(path) else {
            let paths: Vec<_> = site.keys().collect();
            panic!("there is no `{path}` among {paths:?}")
        };
        String::from_utf8(bytes.clone()).unwrap()
    }

    /// Its files.
    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// Lays the dossier into a temporary folder.
    pub(crate) fn on_disk(&self) -> Folder {
        let folder = Folder::empty();
        self.lay(&folder);
        folder
    }

    /// Lays the dossier into a folder that is there.
    pub(crate) fn lay(&self, folder: &Folder) {
        for (path, bytes) in &self.files {
            folder.write(path, bytes);
        }
    }
}

/// A picture, PNG: a row of grey points, one for each byte of some words.
pub(crate) fn png(words: &str) -> Vec<u8> {
    png_with(words, &[])
}

/// The same with more chunks, each a name and what is in it.
pub(crate) fn png_with(words: &str, more: &[(&[u8; 4], &[u8])]) -> Vec<u8> {
    let mut header = (words.len() as u32).to_be_bytes().to_vec();
    header.extend([0, 0, 0, 1, 8, 0, 0, 0, 0]);
    let mut row = ZlibEncoder::new(Vec::new(), Compression::best());
    row.write_all(&[&[0], words.as_bytes()].concat()).unwrap();
    let row = row.finish().unwrap();
    let mut chunks: Vec<(&[u8; 4], &[u8])> = vec![(b"IHDR", &header)];
    chunks.extend(more);
    chunks.extend([(b"IDAT", row.as_slice()), (b"IEND", &[])]);
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (name, body) in chunks {
        let mut crc = Crc::new();
        crc.update(name);
        crc.update(body);
        bytes.extend((body.len() as u32).to_be_bytes());
        bytes.extend([name.as_slice(), body, &crc.sum().to_be_bytes()].concat());
    }
    bytes
}

/// All files of a site.
pub(crate) fn render(renderer: &Renderer) -> Files {
    let render = |path: &str, route| match renderer.render(path, route) {
        Ok(Page::Bytes(bytes)) => bytes,
        Ok(Page::Copy(at)) => format!("a copy of attachment {at}").into_bytes(),
        Err(finding) => panic!("{}", finding.message),
    };
    renderer.site().plan.routes.iter().map(|(path, route)| (path.clone(), render(path, route))).collect()
}

/// Findings as lines: place, code and message.
pub(crate) fn lines(findings: &[Diagnostic], sources: &Sources) -> String {
    let mut text = String::new();
    for finding in findings {
        if let Some(place) = &finding.place {
            let (line, column) = line_column(sources.text(&place.file).unwrap_or_default(), place.span.start);
            text.push_str(&format!("{}:{line}:{column} ", place.file));
        }
        text.push_str(&format!("{} {}\n", finding.code, finding.message));
    }
    text
}

/// A theme of the program and those that it extends; the plain one is read once for all tests.
fn themes(name: &str) -> ThemeChain {
    static PLAIN: LazyLock<ThemeChain> = LazyLock::new(|| read_chain("plain"));
    static DEFAULT: LazyLock<ThemeChain> = LazyLock::new(|| read_chain("default"));
    match name {
        "plain" => PLAIN.clone(),
        "default" => DEFAULT.clone(),
        other => panic!("in memory there is no theme `{other}`"),
    }
}

fn read_chain(name: &str) -> ThemeChain {
    let mut chain = Vec::new();
    let mut wanted = Some(name.to_owned());
    while let Some(name) = wanted {
        let files = read_theme(Path::new("no-such-folder"), &name).unwrap().expect("the theme is part of the program");
        let path: Arc<str> = "theme.yaml".into();
        let yaml = String::from_utf8(files.files["theme.yaml"].clone()).unwrap();
        let manifest = parse_mapping::<ThemeManifest>(&path, &yaml).0.expect("the theme's manifest can be read");
        wanted = manifest.extends.clone();
        chain.push((files, manifest));
    }
    chain
}

/// A dossier on the disk, which goes when the test ends.
pub(crate) struct Folder {
    temp: TempDir,
}

impl Folder {
    pub(crate) fn empty() -> Self {
        Folder { temp: TempDir::new().unwrap() }
    }

    /// A path in the folder.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.temp.path().join(path)
    }

    /// Writes a file, and the folders that it lies in.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Writes a file as careful editors do: beside it, then into its place, so that nobody sees half of it.
    pub(crate) fn save(&self, path: &str, bytes: impl AsRef<[u8]>) {
        self.write(".saving~", bytes);
        fs::create_dir_all(self.path(path).parent().unwrap()).unwrap();
        fs::rename(self.path(".saving~"), self.path(path)).unwrap();
    }

    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.path(path)).unwrap();
    }

    /// The program in this folder with what was typed.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        program(self.temp.path(), args)
    }

    /// Runs the program in this folder.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        Run::of(self.command(args))
    }

    /// Builds, and expects that it goes well.
    pub(crate) fn build(&self) -> Run {
        let run = self.run(&["build"]);
        assert_eq!(run.code, 0, "the build fails:\n{}", run.stderr);
        run
    }

    /// All files of the built site, those that begin with a dot too.
    pub(crate) fn site(&self) -> Files {
        files_in(&self.path("public"))
    }
}

/// The program with what was typed, in an environment that does not depend on who runs the test.
pub(crate) fn program(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_dossier"));
    command.args(args).current_dir(folder).stdin(Stdio::null());
    for name in ["SOURCE_DATE_EPOCH", "CLICOLOR_FORCE", "RAYON_NUM_THREADS", "TZ", "LANG", "LC_ALL"] {
        command.env_remove(name);
    }
    command.env("NO_COLOR", "1");
    command
}

/// What came of running the program.
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    pub(crate) fn of(mut command: Command) -> Self {
        let Output { status, stdout, stderr } = command.output().unwrap();
        let code = status.code().expect("no signal ends the program");
        assert!(!stderr.windows(8).any(|some| some == b"panicked"), "{}", String::from_utf8_lossy(&stderr));
        Run { code, stdout: String::from_utf8(stdout).unwrap(), stderr: String::from_utf8(stderr).unwrap() }
    }
}

/// The files below a folder by their paths; a symbolic link is what its target's path says.
pub(crate) fn files_in(folder: &Path) -> Files {
    let mut files = Files::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.unwrap();
        let path = slashed(entry.path().strip_prefix(folder).unwrap());
        if entry.path_is_symlink() {
            files.insert(path, fs::read_link(entry.path()).unwrap().to_str().unwrap().as_bytes().to_vec());
        } else if entry.file_type().is_file() {
            files.insert(path, fs::read(entry.path()).unwrap());
        }
    }
    files
}

/// A path with the slashes of addresses, whatever this system parts its folders by.
pub(crate) fn slashed(path: &Path) -> String {
    path.to_str().unwrap().replace(std::path::MAIN_SEPARATOR, "/")
}

/// Asserts that two sites are the same to the byte, and names the files that differ.
#[track_caller]
pub(crate) fn assert_same(one: &Files, other: &Files) {
    let differences = differences(one, other);
    assert!(differences.is_empty(), "{} files differ:\n{}", differences.len(), differences.join("\n"));
}

/// The files of two sites that are not the same.
pub(crate) fn differences(one: &Files, other: &Files) -> Vec<String> {
    let paths: std::collections::BTreeSet<&String> = one.keys().chain(other.keys()).collect();
    let differing = paths.into_iter().filter(|path| one.get(*path) != other.get(*path));
    differing
        .map(|path| match (one.get(path), other.get(path)) {
            (Some(_), None) => format!("{path}: only in the first"),
            (None, Some(_)) => format!("{path}: only in the second"),
            (Some(one), Some(other)) => {
                let at = one.iter().zip(other).take_while(|(one, other)| one == other).count();
                let around = |bytes: &[u8]| {
                    String::from_utf8_lossy(&bytes[at.saturating_sub(30)..(at + 50).min(bytes.len())]).into_owned()
                };
                format!("{path}: from byte {at}, {:?} against {:?}", around(one), around(other))
            }
            (None, None) => unreachable!("the path comes from one of them"),
        })
        .collect()
}
