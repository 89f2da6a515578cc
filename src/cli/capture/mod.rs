//! `dossier capture`.
//!
//! The JSON is an object. Its keys are a promise; each is always there, null where there is nothing to say.
//!
//! | key | value |
//! |---|---|
//! | `source` | the id of the source |
//! | `record` | its file |
//! | `dry_run` | whether nothing was written |
//! | `items` | what the folders that were named hold: the keys at the end |
//! | `captures` | the captures that were recorded or looked at, in the order of the files that were named, or of the record: the keys below |
//! | `diff` | what would change in the record, with `--dry-run`; null when nothing would |
//!
//! | key of a capture | value |
//! |---|---|
//! | `file` | as the record names it |
//! | `state` | of one that was recorded: `recorded`, `completed`, `replaced`, or `unchanged`; of one that was looked at: `as-recorded`, `changed`, `missing`, `hash-not-recorded`, or `unreadable` |
//! | `path` | where it lies; null when it is missing |
//! | `copied` | whether it was copied there |
//! | `sha256`, `bytes` | of the file that lies there |
//! | `recorded_sha256`, `recorded_bytes` | what the record said of it before |
//! | `media_type`, `method`, `at`, `by` | what the record says of it now |
//! | `stated_hash` | the hash that the page of its item states of it, such as `SHA-256:…` |
//! | `is_as_stated` | true where that is its hash; null where it could not be compared |
//! | `changes` | what was written into the record: `key`, `before` and `after` |
//! | `why` | why it cannot be read |
//!
//! | key of an item | value |
//! |---|---|
//! | `folder` | the folder, as it was named |
//! | `page` | the name of the page about it |
//! | `url` | the address that was archived |
//! | `at` | the day on which it was archived |
//! | `is_of_source` | whether that is the address of the source, or one of its archived copies; null when the source has none |
//! | `left_out` | what the page lists and was not recorded: `file` and `why` |
//! | `not_listed` | the names of what else lies in the folder |
//!
//! The record's front matter is changed byte by byte and read again before it is written: nothing but its captures may have come to
//! mean something else.

mod copy;
mod entry;
mod item;
mod media_type;
mod state;

use std::fs;
use std::io::{Seek, SeekFrom};
use std::path::{MAIN_SEPARATOR, Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::catalogue::Catalogue;
use super::rewriting::{Rewritten, diff, print_diff, write};
use super::session::{DossierArgs, Session, Typed, policy};
use super::show::not_shown;
use super::terminal::{Shown, print_findings, result, say};
use super::{CannotRun, Outcome};
use crate::compile::{Compiled, compile};
use crate::diagnostic::Diagnostic;
use crate::edtf::Edtf;
use crate::model::{Capture, Fields, Line, Sha256, Source, Word};
use crate::parse::{Plain, Record};
use crate::read::{CapturePlace, Captures, Form, FoundCapture, SourceFile, folder_of, hash, in_words};
use crate::redact::Audience;
use crate::text::{excerpt, safe_file_name};
use entry::{Change, Others, Seen, Told, blank, changes, completed, written};
use item::{Item, Stated};
use state::{State, look};

/// Record files as captures of a source, or check those that it has
///
/// A capture is a copy of a source that is kept as evidence, so that quotations can be compared with it. A file is copied into the
/// folder of captures (`captures:` in the settings, or `--captures DIR`), else into the folder of the source's id beside its record;
/// one that lies in such a place stays where it is. Its hash, size and type are written into the record's front matter, and nothing
/// else in it changes. When and by whom a copy was made is not guessed: say it with `--at` and `--by`.
///
/// A folder that Bellingcat's auto-archiver made of one address is recorded file by file: its page and each file that the page lists and
/// that lies beside it, with the day on which it was archived. Hashes that the page states are compared.
///
/// Without a file, the captures that the record names are compared with what it says of them.
///
/// Captures are private: no build copies them. Readers are told hash, date, maker and method.
///
/// Ends with 0 when all files are recorded, or all captures are as recorded; with 1 when a capture has changed, is missing or cannot
/// be read, or when a folder lacks a file that its page lists; and with 2 when a file could not be recorded.
#[derive(Debug, Args)]
pub(super) struct CaptureArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// The source's id, or an old one
    source: String,
    /// The files to record, or a folder of auto-archiver
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The name of the page that is meant, where a folder of auto-archiver holds several
    #[arg(long, value_name = "PAGE")]
    item: Option<String>,
    /// The name that one file gets; else its own
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// When the copy was made: a day, a time or any other date of EDTF
    #[arg(long, value_name = "DATE")]
    at: Option<Edtf>,
    /// Who made it: the id of an actor, or a name
    #[arg(long, value_name = "WHO")]
    by: Option<Line>,
    /// How it was made; else `auto-archiver`, or what its type tells, such as `text`, `html`, `pdf`, `warc`, `wacz` or `transcript`
    #[arg(long, value_name = "METHOD")]
    method: Option<Word>,
    /// Record new values in the place of those that are recorded, and say what was replaced
    #[arg(long)]
    replace: bool,
    /// Show what would change in the record, and write and copy nothing
    #[arg(long)]
    dry_run: bool,
    /// The form in which the result is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For scripts: an object
    Json,
}

pub(super) fn run(args: &CaptureArgs) -> Result<Outcome, CannotRun> {
    check_options(args)?;
    let policy = policy(None, Audience::Readers)?;
    let session = Session::read(&args.dossier, &Typed::default())?;
    let Some(inputs) = session.inputs() else {
        print_findings(&session.findings(), session.sources(), Shown::Warnings);
        return Ok(Outcome::Findings);
    };
    let Compiled { findings: before, stages, .. } = compile(inputs, session.findings(), policy, None, &mut |_| {});
    let catalogue = Catalogue::new(&stages, &before, session.sources(), policy);
    let ids = &stages.dossier.index.ids;
    let Some(number) = ids.find(&args.source) else { return not_shown(&catalogue, &args.source) };
    let record = catalogue.record(number);
    let Fields::Source(source) = &*record.fields else {
        let article = if record.kind().word().starts_with(['a', 'e']) { "an" } else { "a" };
        let message = format!("`{}` is {article} {}, not a source", record.id, record.kind());
        return Err(
            CannotRun::new(message).hint("captures are copies of sources; `dossier list source` shows their ids")
        );
    };
    if ids.is_old(&args.source) {
        say(&format!("`{}` is an old id of `{}`", args.source, record.id));
    }
    let folders = Folders::new(args, &session, record)?;
    if args.files.is_empty() {
        let states: Vec<State> = source.captures.iter().map(|capture| look(&folders, capture)).collect();
        return state::report(args.format == Format::Json, &folders, &states);
    }
    let file = session.sources().files.iter().find(|file| file.path == record.origin.file);
    let file = file.filter(|_| !record.origin.is_outside).ok_or_else(|| {
        CannotRun::new(format!("`{}` lies outside of the dossier", record.origin.file))
            .hint("record the capture there by hand")
    })?;
    let order = Order::new(args, &folders, source)?;
    let text = if order.is_idle() { file.text.clone() } else { written(file, record, &order.captures)? };
    if !args.dry_run {
        order.copy(&folders)?;
        if text != file.text
            && let Rewritten::MayOnlyBeRead(path) = write(session.workspace.root(), file, &text)?
        {
            return Err(CannotRun::new(format!("`{}` may only be read, and was left as it is", path.display()))
                .hint("let yourself write to it, and run the command again"));
        }
    }
    let mut inputs = inputs.clone();
    if let Some(changed) = inputs.sources.files.iter_mut().find(|other| other.path == file.path) {
        *changed = Arc::new(SourceFile { text: text.clone(), ..(**file).clone() });
    }
    let after = compile(&inputs, session.findings(), policy, None, &mut |_| {});
    // A finding has the places of before; what is new is told by what it says.
    let is_new =
        |finding: &&Diagnostic| !before.iter().any(|old| (old.code, &old.message) == (finding.code, &finding.message));
    let new: Vec<Diagnostic> = after.findings.iter().filter(is_new).cloned().collect();
    print_findings(&new, &inputs.sources, Shown::Warnings);
    order.report(args, &session, &folders, file, &text)?;
    let is_whole = order.items.iter().all(|item| item.left_out.is_empty());
    if args.format == Format::Text {
        order.items.iter().flat_map(|item| item.remarks(record.id.as_str(), source)).for_each(|remark| say(&remark));
    }
    Ok(if is_whole { Outcome::Fine } else { Outcome::Findings })
}

/// Refuses options that do not go together.
fn check_options(args: &CaptureArgs) -> Result<(), CannotRun> {
    if args.name.is_some() && args.files.len() > 1 {
        return Err(CannotRun::new("`--name` is for one file").hint("record the files one by one"));
    }
    let folders: Vec<&PathBuf> = args.files.iter().filter(|file| file.is_dir()).collect();
    if args.name.is_some() && !folders.is_empty() {
        return Err(
            CannotRun::new("`--name` is for one file, not for a folder").hint("the files in it keep their names")
        );
    }
    if args.item.is_some() && !args.files.is_empty() && folders.len() != 1 {
        return Err(CannotRun::new("`--item` is for one folder of auto-archiver")
            .hint("name the folder, or record the folders one by one"));
    }
    let asked = [
        ("--item", args.item.is_some()),
        ("--name", args.name.is_some()),
        ("--at", args.at.is_some()),
        ("--by", args.by.is_some()),
        ("--method", args.method.is_some()),
        ("--replace", args.replace),
        ("--dry-run", args.dry_run),
    ];
    match asked.iter().find(|(_, is_given)| *is_given && args.files.is_empty()) {
        Some((option, _)) => Err(CannotRun::new(format!("`{option}` goes with a file that is to be recorded"))
            .hint(format!("`dossier capture {} FILE`", excerpt(&args.source, 60)))),
        None => Ok(()),
    }
}

/// Where the captures of a source lie.
struct Folders<'a> {
    captures: Captures,
    /// The folder of records, free of symbolic links, and how it is called.
    content: PathBuf,
    content_name: &'a str,
    /// The folder of captures likewise, where there is one on this machine.
    outside: Option<(PathBuf, String)>,
    record: &'a Record,
}

impl<'a> Folders<'a> {
    fn new(args: &'a CaptureArgs, session: &'a Session, record: &'a Record) -> Result<Self, CannotRun> {
        let root = session.workspace.root();
        let settings = session.inputs().map(|inputs| &inputs.settings);
        let content_name = settings.map_or("content", |settings| settings.content());
        let content = root.join(content_name);
        let content = content
            .canonicalize()
            .map_err(|error| CannotRun::new(format!("cannot read `{}`: {}", content.display(), in_words(&error))))?;
        let set = settings.and_then(|settings| settings.captures.as_ref());
        let (wanted, name) = match (&args.dossier.captures, set) {
            (Some(typed), _) => (Some(typed.clone()), typed.display().to_string()),
            (None, Some(set)) => (Some(root.join(set.as_str())), set.to_string()),
            (None, None) => (None, String::new()),
        };
        let captures = Captures::new(&content, wanted.as_deref());
        let outside = match (&wanted, captures.outside()) {
            (Some(_), Some(real)) if real.is_dir() => {
                published(root, settings.map_or("public", |settings| settings.out()), real, &name)?;
                Some((real.to_owned(), name))
            }
            (Some(_), Some(_)) => {
                return Err(CannotRun::new(format!("the folder of captures `{name}` is no folder"))
                    .hint("name a folder with `--captures DIR`"));
            }
            // What is beside the record can be looked at all the same.
            (Some(_), None) if args.files.is_empty() && args.dossier.captures.is_none() => {
                say(&format!("the folder of captures `{name}` is not on this machine"));
                None
            }
            (Some(_), None) => {
                return Err(CannotRun::new(format!("the folder of captures `{name}` is not there"))
                    .hint("make the folder, or name another one with `--captures DIR`"));
            }
            (None, _) => None,
        };
        Ok(Folders { captures, content, content_name, outside, record })
    }

    /// Finds what a record names.
    fn find(&self, file: &str) -> std::io::Result<Option<FoundCapture>> {
        self.captures.find(&self.record.origin.inner, self.record.id.as_str(), file)
    }

    /// Where a capture lies, as it is shown.
    fn shown(&self, place: CapturePlace, inner: &str) -> String {
        match (place, &self.outside) {
            (CapturePlace::Outside, Some((_, name))) => {
                format!("{}/{inner}", name.trim_end_matches(['/', MAIN_SEPARATOR]))
            }
            _ => format!("{}/{inner}", self.content_name),
        }
    }

    /// The folder of the record in the folder of records.
    fn beside(&self) -> &str {
        folder_of(&self.record.origin.inner)
    }

    /// The names that the record may have for a file by the place where it lies; none when that is no place for captures.
    fn names_of(&self, real: &Path) -> Vec<String> {
        let (beside, id) = (self.beside(), self.record.id.as_str());
        let inner = |root: &Path| Some(real.strip_prefix(root).ok()?.to_str()?.replace(MAIN_SEPARATOR, "/"));
        let mut names = Vec::new();
        if let Some(inner) = inner(&self.content) {
            let prefixes = [format!("{beside}{id}/"), beside.to_owned()];
            names.extend(prefixes.iter().filter_map(|prefix| inner.strip_prefix(prefix.as_str())).map(str::to_owned));
        }
        if let Some(inner) = self.outside.as_ref().and_then(|(root, _)| inner(root)) {
            names.extend(inner.strip_prefix(&format!("{id}/")).map(str::to_owned));
            names.push(inner);
        }
        names
    }
}

/// Refuses a folder of captures of which files would become part of a site.
fn published(root: &Path, out: &str, folder: &Path, name: &str) -> Result<(), CannotRun> {
    let is_in = |part: &str| root.join(part).canonicalize().is_ok_and(|part| folder.starts_with(part));
    match ["static", "themes", out].into_iter().find(|part| is_in(part)) {
        Some(part) => {
            Err(CannotRun::new(format!("the folder of captures `{name}` lies in `{part}`, which is published"))
                .hint("move it to a folder that is not part of the site"))
        }
        None => Ok(()),
    }
}

/// What is to be recorded.
struct Order {
    /// The captures of the source, as they will be.
    captures: Vec<Capture>,
    parts: Vec<Part>,
    /// What the folders that were named hold.
    items: Vec<Item>,
}

/// A file that is to be recorded.
struct Part {
    /// Which of the captures it is.
    at: usize,
    from: PathBuf,
    lies: Lies,
    seen: Seen,
    /// What the page of its item states of it; `None` when it was named by itself.
    stated: Option<Stated>,
    /// What the record said of it before.
    before: Option<Capture>,
    changes: Vec<Change>,
    notes: Vec<String>,
}

/// Where a capture lies.
enum Lies {
    /// It is there already: how that is shown.
    There(CapturePlace, String),
    /// It is to be copied there, into a folder that it must not leave.
    Copied { place: CapturePlace, to: PathBuf, root: PathBuf, shown: String },
}

impl Lies {
    fn place(&self) -> CapturePlace {
        match self {
            Lies::There(place, _) | Lies::Copied { place, .. } => *place,
        }
    }
}

impl Order {
    fn new(args: &CaptureArgs, folders: &Folders<'_>, source: &Source) -> Result<Order, CannotRun> {
        let mut order = Order { captures: source.captures.to_vec(), parts: Vec::new(), items: Vec::new() };
        let told = Told { at: args.at.clone(), by: args.by.clone(), method: args.method.clone() };
        for from in &args.files {
            if !from.is_dir() {
                let part = order.part(args, folders, from, seen(from)?, &told)?;
                order.parts.push(part);
                continue;
            }
            let item = item::read(from, args.item.as_deref(), folders.record.id.as_str(), source)?;
            for file in &item.files {
                let part = order.listed(args, folders, &item, file, &told)?;
                order.parts.push(part);
            }
            order.items.push(item);
        }
        Ok(order)
    }

    /// A file of an item, whose page tells when and how it was archived.
    fn listed(
        &mut self,
        args: &CaptureArgs,
        folders: &Folders<'_>,
        item: &Item,
        file: &item::Listed,
        told: &Told,
    ) -> Result<Part, CannotRun> {
        let mut seen = seen(&file.path)?;
        if let Stated::Sha256(stated) = &file.stated
            && *stated != seen.sha256
        {
            return Err(item::changed(&file.path, &item.page, stated, &seen.sha256));
        }
        let mut told = told.clone();
        let (at, method) = (item.at(), Word::from_str("auto-archiver").expect("it is a word"));
        if args.replace {
            told.at = told.at.or_else(|| at.clone());
            told.method.get_or_insert(method);
        } else {
            seen.at.clone_from(&at);
            seen.method = Some(method);
        }
        let mut part = self.part(args, folders, &file.path, seen, &told)?;
        if let (Some(other), Some(at)) = (&self.captures[part.at].at, at)
            && *other != at
        {
            part.notes.push(format!("`at` is `{other}`, and its page says that it was archived on {at}"));
        }
        part.stated = Some(file.stated.clone());
        Ok(part)
    }

    fn part(
        &mut self,
        args: &CaptureArgs,
        folders: &Folders<'_>,
        from: &Path,
        seen: Seen,
        told: &Told,
    ) -> Result<Part, CannotRun> {
        let others = if args.replace { Others::Replace } else { Others::Refuse };
        let mut notes = Vec::new();
        let (lies, name) = self.place(args, folders, from, &seen, &mut notes)?;
        let at = self.known(folders, &name, &lies);
        let (at, before) = match at {
            Some(at) => (at, Some(self.captures[at].clone())),
            None => {
                self.captures.push(blank(name));
                (self.captures.len() - 1, None)
            }
        };
        let new = completed(&self.captures[at], &seen, told, others)?;
        let changes = changes(&before.clone().unwrap_or_else(|| blank(new.file.clone())), &new);
        if let Some(before) = &before {
            notes.extend(stays(before, &new, &changes));
        }
        self.captures[at] = new;
        Ok(Part { at, from: from.to_owned(), lies, seen, stated: None, before, changes, notes })
    }

    /// Where a file is to lie, and what the record calls it there.
    fn place(
        &self,
        args: &CaptureArgs,
        folders: &Folders<'_>,
        from: &Path,
        seen: &Seen,
        notes: &mut Vec<String>,
    ) -> Result<(Lies, Line), CannotRun> {
        let real = from.canonicalize().map_err(|error| unreadable(from, &error))?;
        let own = real.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let names = folders.names_of(&real);
        let is_renamed = args.name.as_ref().is_some_and(|name| *name != own);
        if !names.is_empty() && !is_renamed {
            return there(folders, from, &real, &names);
        }
        // The same bytes under another name are the same copy, unless another name is asked for.
        if args.name.is_none()
            && let Some(known) = self.captures.iter().find(|known| known.sha256.as_ref() == Some(&seen.sha256))
            && let Ok(Some(found)) = folders.find(known.file.as_str())
            && sha256_of(&found).is_ok_and(|sha256| sha256 == seen.sha256.as_str())
        {
            return Ok((Lies::There(found.place, folders.shown(found.place, &found.inner)), known.file.clone()));
        }
        let asked = args.name.clone().unwrap_or(own);
        let (place, root, folder) = match &folders.outside {
            Some((root, _)) => (CapturePlace::Outside, root, format!("{}/", folders.record.id)),
            None => (CapturePlace::OwnFolder, &folders.content, format!("{}{}/", folders.beside(), folders.record.id)),
        };
        let is_in_content = root.join(&folder).starts_with(&folders.content);
        let name = safe_file_name(&asked).map(|name| match Form::of(Path::new(&name)) {
            // In the folder of records it would be read as one.
            Some(_) if is_in_content => format!("{name}.txt"),
            _ => name,
        });
        let name = name.and_then(|name| Line::from_str(&name).ok()).ok_or_else(|| {
            CannotRun::new(format!("`{}` is no name that a file can have on every system", excerpt(&asked, 60)))
                .hint("choose one with `--name NAME`")
        })?;
        if name.as_str() != asked {
            notes.push(format!(
                "it is called `{name}`, since not every system or place can have `{}`",
                excerpt(&asked, 60)
            ));
        }
        match folders.find(name.as_str()) {
            Ok(Some(found)) => {
                let shown = folders.shown(found.place, &found.inner);
                let there = sha256_of(&found).map_err(|error| unreadable(&found.path, &error))?;
                if there != seen.sha256.as_str() {
                    return Err(taken(&shown, &there, from, seen));
                }
                Ok((Lies::There(found.place, shown), name))
            }
            Ok(None) => {
                let to = root.join(&folder).join(name.as_str());
                if let Some(other) =
                    self.parts.iter().find(|part| matches!(&part.lies, Lies::Copied { to: other, .. } if *other == to))
                    && other.seen.sha256 != seen.sha256
                {
                    return Err(taken(&other.from.display().to_string(), other.seen.sha256.as_str(), from, seen));
                }
                let shown = folders.shown(place, &format!("{folder}{name}"));
                Ok((Lies::Copied { place, to, root: root.clone(), shown }, name))
            }
            Err(error) => Err(CannotRun::new(format!("`{name}` cannot be recorded: {}", in_words(&error)))
                .hint("choose another name with `--name NAME`")),
        }
    }

    /// The entry that the record has for a file.
    fn known(&self, folders: &Folders<'_>, name: &Line, lies: &Lies) -> Option<usize> {
        self.captures.iter().position(|known| {
            known.file == *name
                || match (lies, folders.find(known.file.as_str())) {
                    (Lies::There(_, shown), Ok(Some(found))) => folders.shown(found.place, &found.inner) == *shown,
                    _ => false,
                }
        })
    }

    /// Whether nothing is to be written into the record.
    fn is_idle(&self) -> bool {
        self.parts.iter().all(|part| part.changes.is_empty())
    }

    fn copy(&self, folders: &Folders<'_>) -> Result<(), CannotRun> {
        for part in &self.parts {
            let Lies::Copied { to, root, .. } = &part.lies else { continue };
            // Of two files with the same bytes one is enough.
            let is_there = folders.find(self.captures[part.at].file.as_str()).is_ok_and(|found| found.is_some());
            if !is_there {
                copy::copy(&part.from, to, root, part.seen.sha256.as_str())?;
            }
        }
        Ok(())
    }

    /// Says what was recorded, and where it lies.
    fn report(
        &self,
        args: &CaptureArgs,
        session: &Session,
        folders: &Folders<'_>,
        file: &SourceFile,
        text: &str,
    ) -> Result<(), CannotRun> {
        let root = session.workspace.root();
        if args.format == Format::Json {
            let diff = (args.dry_run && text != file.text).then(|| diff(root, file, text));
            let captures: Vec<Value> =
                self.parts.iter().map(|part| part.json(&self.captures[part.at], args.dry_run)).collect();
            return print_json(&json!({
                "source": folders.record.id,
                "record": &*folders.record.origin.file,
                "dry_run": args.dry_run,
                "items": self.items.iter().map(Item::json).collect::<Vec<_>>(),
                "captures": captures,
                "diff": diff,
            }));
        }
        if args.dry_run && text != file.text {
            print_diff(root, file, text);
        }
        // With a diff, the result is the diff.
        let print = if args.dry_run { say } else { result };
        for part in &self.parts {
            print(&part.text(&self.captures[part.at], args.dry_run, folders.record.id.as_str()));
        }
        if text != file.text {
            let was = if args.dry_run { "would be" } else { "was" };
            say(&format!("{} {was} changed", file.path));
            say("captures are private: no build copies them; readers are told hash, date, maker and method");
            if self.parts.iter().any(|part| part.lies.place() != CapturePlace::Outside) {
                say(&format!(
                    "note: what lies in `{}` goes wherever the dossier is shared; a folder elsewhere can be set with `captures:`",
                    folders.content_name
                ));
            }
        }
        Ok(())
    }
}

impl Part {
    fn state(&self) -> &'static str {
        match &self.before {
            None => "recorded",
            Some(_) if self.changes.is_empty() => "unchanged",
            Some(_) if self.changes.iter().any(|change| change.before.is_some()) => "replaced",
            Some(_) => "completed",
        }
    }

    fn text(&self, now: &Capture, is_dry: bool, id: &str) -> String {
        let file = &now.file;
        let head = match (self.state(), is_dry) {
            ("recorded", false) => format!("`{id}`: recorded `{file}`"),
            ("recorded", true) => format!("`{id}`: `{file}` would be recorded"),
            ("completed", false) => format!("`{id}`: completed what is recorded of `{file}`"),
            ("completed", true) => format!("`{id}`: what is recorded of `{file}` would be completed"),
            ("replaced", false) => format!("`{id}`: replaced what was recorded of `{file}`"),
            ("replaced", true) => format!("`{id}`: what is recorded of `{file}` would be replaced"),
            _ => format!("`{id}`: `{file}` is recorded already"),
        };
        let lies = match &self.lies {
            Lies::There(_, shown) => shown.clone(),
            Lies::Copied { shown, .. } if is_dry => format!("{shown} (would be copied from {})", self.from.display()),
            Lies::Copied { shown, .. } => format!("{shown} (copied from {})", self.from.display()),
        };
        let mut lines = vec![head, line("lies at", &lies)];
        lines.push(line("sha256", self.seen.sha256.as_str()));
        lines.extend(self.stated.as_ref().map(|stated| line("stated", &stated.in_words())));
        lines.push(line("bytes", &self.seen.bytes.to_string()));
        lines.push(line("media_type", now.media_type.as_ref().map_or("", Line::as_str)));
        lines.push(line("method", now.method.as_ref().map_or("not said; say it with `--method`", Word::as_str)));
        lines.push(line("at", now.at.as_ref().map_or("not said; say it with `--at`", Edtf::as_str)));
        lines.push(line("by", now.by.as_ref().map_or("not said; say it with `--by`", Line::as_str)));
        for change in &self.changes {
            if let Some(before) = &change.before {
                lines.push(format!("  changed `{}`: {before} became {}", change.key, change.after));
            }
        }
        lines.extend(self.notes.iter().map(|note| format!("  note: {note}")));
        lines.join("\n")
    }

    fn json(&self, now: &Capture, is_dry: bool) -> Value {
        let (Lies::There(_, path) | Lies::Copied { shown: path, .. }) = &self.lies;
        let before = self.before.as_ref();
        let changes = self.changes.iter().map(|change| {
            json!({"key": change.key, "before": change.before.as_ref().map(plain), "after": plain(&change.after)})
        });
        json!({
            "file": now.file,
            "state": self.state(),
            "path": path,
            "copied": !is_dry && matches!(self.lies, Lies::Copied { .. }),
            "sha256": self.seen.sha256,
            "bytes": self.seen.bytes,
            "recorded_sha256": before.and_then(|before| before.sha256.as_ref()),
            "recorded_bytes": before.and_then(|before| before.bytes),
            "media_type": now.media_type,
            "method": now.method,
            "at": now.at,
            "by": now.by,
            "stated_hash": self.stated.as_ref().and_then(Stated::hash),
            "is_as_stated": matches!(self.stated, Some(Stated::Sha256(_))).then_some(true),
            "changes": changes.collect::<Vec<_>>(),
            "why": null,
        })
    }
}

/// A value as JSON has it.
fn plain(value: &Plain) -> Value {
    match value {
        Plain::Text(text) => json!(text),
        Plain::Number(number) => json!(number),
        Plain::True => json!(true),
    }
}

/// A value behind what it is called.
fn line(name: &str, value: &str) -> String {
    format!("  {name:<10}  {value}").trim_end().to_owned()
}

fn print_json(value: &Value) -> Result<(), CannotRun> {
    let text = serde_json::to_string_pretty(value);
    result(&text.map_err(|error| CannotRun::new(format!("cannot write JSON: {error}")))?);
    Ok(())
}

/// What was said of the bytes before, and is not known of those that stand in their place.
fn stays(before: &Capture, new: &Capture, changes: &[Change]) -> Option<String> {
    let is_other = changes.iter().any(|change| change.key == "sha256" && change.before.is_some());
    let old = [
        ("at", before.at.as_ref() == new.at.as_ref() && new.at.is_some()),
        ("by", before.by == new.by && new.by.is_some()),
    ];
    let old: Vec<String> =
        old.iter().filter(|(_, stays)| is_other && *stays).map(|(key, _)| format!("`{key}`")).collect();
    let them = old.join(" and ");
    (!old.is_empty()).then(|| {
        format!("{them} was said of the bytes before; say it of these with `--at` and `--by` where it differs")
    })
}

/// Reads what a file tells of itself.
fn seen(path: &Path) -> Result<Seen, CannotRun> {
    let failed = |error: std::io::Error| unreadable(path, &error);
    let metadata = fs::metadata(path).map_err(failed)?;
    if !metadata.is_file() {
        return Err(CannotRun::new(format!("`{}` is no file that could be read again", path.display())));
    }
    let mut file = fs::File::open(path).map_err(failed)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let found = media_type::of_file(&name, &mut file).map_err(failed)?;
    file.seek(SeekFrom::Start(0)).map_err(failed)?;
    let (sha256, bytes) = hash(&mut file).map_err(failed)?;
    if bytes == 0 {
        return Err(CannotRun::new(format!("`{}` has nothing in it", path.display()))
            .hint("look why the copy failed, and make it again"));
    }
    Ok(Seen {
        sha256: Sha256::from_str(&sha256).expect("a digest has 64 hexadecimal digits"),
        bytes,
        media_type: Line::from_str(found.name).expect("a media type is a line of text"),
        method: found.method.map(|method| Word::from_str(method).expect("methods are words")),
        at: None,
    })
}

fn sha256_of(found: &FoundCapture) -> std::io::Result<String> {
    let (mut file, _) = found.open()?;
    Ok(hash(&mut file)?.0)
}

/// A file that lies where captures lie already.
fn there(folders: &Folders<'_>, from: &Path, real: &Path, names: &[String]) -> Result<(Lies, Line), CannotRun> {
    let mut why = "another file is found first under this name".to_owned();
    for name in names {
        match folders.find(name) {
            Ok(Some(found)) if found.path.canonicalize().is_ok_and(|path| path == real) => match Line::from_str(name) {
                Ok(line) if line.as_str() == name => {
                    return Ok((Lies::There(found.place, folders.shown(found.place, &found.inner)), line));
                }
                _ => why = "its name cannot be written in front matter".to_owned(),
            },
            Ok(_) => {}
            Err(error) => why = in_words(&error),
        }
    }
    let name = real.file_name().unwrap_or_default().to_string_lossy();
    Err(CannotRun::new(format!("`{}` cannot be recorded where it lies: {why}", from.display())).hint(format!(
        "rename it or move it elsewhere, or let it be copied under another name, such as `--name \"copy-of-{}\"`",
        safe_file_name(&name).unwrap_or_default()
    )))
}

/// Why a file cannot have its name: another one has it.
fn taken(there: &str, its_sha256: &str, from: &Path, seen: &Seen) -> CannotRun {
    CannotRun::new(format!(
        "`{there}` is there already and has other bytes\n  {its_sha256}  {there}\n  {}  {}",
        seen.sha256,
        from.display()
    ))
    .hint("a capture is never overwritten; give the new one a name of its own with `--name NAME`")
}

fn unreadable(path: &Path, error: &std::io::Error) -> CannotRun {
    CannotRun::new(format!("cannot read `{}`: {}", path.display(), in_words(error)))
}
