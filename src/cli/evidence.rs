//! `dossier evidence`.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek};
use std::path::{Path, PathBuf};

use clap::Args;

use super::catalogue::Catalogue;
use super::session::{DossierArgs, Session, Typed, policy};
use super::show::not_shown;
use super::terminal::{Shown, is_watched, plural, print_findings, result, say};
use super::{CannotRun, Outcome};
use crate::compile::Compiled;
use crate::config::Settings;
use crate::diagnostic::{Diagnostic, Severity};
use crate::evidence::extract::{self, Fault, Format, Limits};
use crate::leak::{Leak, Reader, Scan, Stage};
use crate::link::Dossier;
use crate::packet::{self, Content, Copy, Measured, Packet, Passed, Passing, Unfit};
use crate::read::{Captures, FoundCapture, hash, in_words};
use crate::redact::{Audience, Policy, Reason};

/// How many bytes tell of what format a file is.
const HEAD: u64 = 4096;

/// Make a packet that shows on what a quotation or an event rests
///
/// The packet is a zip that anybody can check without this program: the record as readers have it, its sources, what came of looking for
/// the words in the copies of the sources and where they stand, the SHA-256 of everything, and a page that tells how to check it with
/// ordinary tools. A copy of a source is in it when the source's `licence` lets everybody pass it on; else its hash and the passage.
/// The same dossier gives the same packet, byte for byte.
///
/// Ends with 0 when the packet is written, with 1 when the dossier has errors or something withheld would be given away, and with 2 when
/// there is no such record or no packet can be made of it.
#[derive(Debug, Args)]
pub(super) struct EvidenceArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// The id of the quotation or event, or an old one
    id: String,
    /// Write the packet to this file; else `evidence-ID.zip` in this folder
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Pass on copies whatever their licences say, as for a court; the packet says that it is not for publication
    #[arg(long)]
    with_captures: bool,
    /// Pass on no copies, whatever their licences say
    #[arg(long, conflicts_with = "with_captures")]
    without_captures: bool,
    /// Make a packet of a record that readers do not see; it is marked INTERNAL
    #[arg(long)]
    internal: bool,
    /// Replace the file that is there
    #[arg(long)]
    force: bool,
    /// The day for embargoes; else SOURCE_DATE_EPOCH, else today in universal time
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

pub(super) fn run(args: &EvidenceArgs) -> Result<Outcome, CannotRun> {
    let for_readers = policy(args.date.as_deref(), Audience::Readers)?;
    let audience = if args.internal { Audience::Authors } else { Audience::Readers };
    let mut session = Session::read(&args.dossier, &Typed::default())?;
    let Some(compiled) = session.compile(Policy { audience, ..for_readers }) else {
        print_findings(&session.findings(), session.sources(), Shown::Errors);
        say("no packet was made");
        return Ok(Outcome::Findings);
    };
    let dossier = &compiled.stages.dossier;
    let catalogue = Catalogue::new(&compiled.stages, &compiled.findings, session.sources(), for_readers);
    let Some(number) = dossier.index.ids.find(&args.id) else { return not_shown(&catalogue, &args.id) };
    let id = dossier.records[number as usize].id.as_str();
    if id != args.id {
        say(&format!("`{}` is an old id of `{id}`", args.id));
    }
    if let Some(reason) = catalogue.withheld(number).filter(|_| !args.internal) {
        return Err(withheld(id, reason));
    }
    print_findings(&compiled.findings, session.sources(), Shown::Errors);
    let Some(renderer) = &compiled.renderer else {
        say("no packet was made, since the dossier has errors");
        return Ok(Outcome::Findings);
    };
    let public = &renderer.site().dossier;
    let Some(subject) = public.find_text(id) else {
        return Err(CannotRun::new(format!("`{id}` is not shown to authors either, and no packet is made of it"))
            .hint("what is sealed, or a protected person, stays out of packets"));
    };
    packet::is_fit(&public.records[subject as usize]).map_err(|unfit| cannot_make(id, unfit))?;
    let passing = match (args.with_captures, args.without_captures) {
        (true, _) => Passing::All,
        (false, true) => Passing::Nothing,
        (false, false) => Passing::AsLicensed,
    };
    let inputs = session.inputs().expect("what was compiled has inputs");
    let copies = packet::copies(public, subject, passing);
    let files = copies.iter().map(|copy| find(&inputs.captures, dossier, copy)).collect::<Result<Vec<_>, _>>()?;
    let measured = files.iter().map(|file| file.as_ref().map(measure).transpose());
    let measured = measured.collect::<Result<Vec<_>, _>>()?;
    let packet = packet::make(public, subject, &copies, &measured).map_err(|unfit| cannot_make(id, unfit))?;
    let scan = compiled.stages.scan();
    let leaks = leaks(&packet, &copies, &files, &scan)?;
    if gives_away(&leaks, &scan, &session, &compiled) {
        return Ok(Outcome::Findings);
    }
    let out = out_file(args, id, session.workspace.root(), &public.settings)?;
    write(&packet, &files, &out)?;
    tell(args, &packet, &copies, &out)?;
    Ok(Outcome::Fine)
}

fn withheld(id: &str, reason: Reason) -> CannotRun {
    let error =
        CannotRun::new(format!("readers do not see `{id}`, which is {}; no packet is made of it", reason.word()));
    error.hint("`--internal` makes one that says on each page that it must not be passed on")
}

fn cannot_make(id: &str, unfit: Unfit) -> CannotRun {
    match unfit {
        Unfit::Kind(kind) => {
            let (article, kind) = (if matches!(kind.word(), "actor" | "event") { "an" } else { "a" }, kind.word());
            CannotRun::new(format!("`{id}` is {article} {kind}, and packets are made of quotes and events"))
                .hint("`dossier show` tells which quotes and events belong to it")
        }
        Unfit::Absent(source, name) => CannotRun::new(format!(
            "the copy `{name}` of `{source}` is to be passed on, and it is not on this machine"
        ))
        .hint("name the folder in which it lies with `--captures DIR`, or leave copies out with `--without-captures`"),
        Unfit::Changed(source, name, recorded, now) => CannotRun::new(format!(
            "the copy `{name}` of `{source}` has changed: recorded is {recorded}, and it is {now}"
        ))
        .hint("take the recorded file back; a new copy gets a name and an entry of its own"),
        Unfit::Alike(source, path) => {
            CannotRun::new(format!("two copies of `{source}` would both be `{path}`")).hint("rename one of them")
        }
    }
}

/// The file of a copy; `None` when it is not on this machine.
fn find(captures: &Captures, dossier: &Dossier, copy: &Copy) -> Result<Option<FoundCapture>, CannotRun> {
    let source = copy.source.as_str();
    let Some(number) = dossier.index.ids.find(source) else { return Ok(None) };
    let record = &dossier.records[number as usize];
    captures.find(&record.origin.inner, record.id.as_str(), &copy.name).map_err(|error| {
        CannotRun::new(format!("the copy `{}` of `{source}` cannot be used: {}", copy.name, in_words(&error)))
    })
}

fn measure(file: &FoundCapture) -> Result<Measured, CannotRun> {
    let measured = || {
        let (mut from, _) = file.open()?;
        let (sha256, bytes) = hash(&mut from)?;
        Ok(Measured { sha256, bytes, media_type: format(file)?.media_type() })
    };
    measured().map_err(|error: io::Error| cannot_read(file, &in_words(&error)))
}

fn cannot_read(file: &FoundCapture, why: &str) -> CannotRun {
    CannotRun::new(format!("cannot read `{}`: {why}", file.path.display()))
}

fn format(file: &FoundCapture) -> io::Result<Format> {
    let mut head = Vec::new();
    file.open()?.0.take(HEAD).read_to_end(&mut head)?;
    Ok(extract::detect(&file.inner, &head))
}

/// What of all that goes into a packet would give something withheld away.
struct Leaks {
    /// In what was made for it, and in copies that everybody may pass on.
    refused: Vec<Leak>,
    /// In copies that its author passes on knowingly.
    known: Vec<Leak>,
}

fn leaks(packet: &Packet, copies: &[Copy], files: &[Option<FoundCapture>], scan: &Scan) -> Result<Leaks, CannotRun> {
    let paths: Vec<&str> = packet.files().map(|(path, _)| path).collect();
    let mut leaks = Leaks { refused: scan.paths(paths.into_iter()), known: Vec::new() };
    for (path, content) in packet.files() {
        match content {
            Content::Made(bytes) => leaks.refused.extend(scan.bytes(path, Stage::Machine, bytes)),
            Content::Copy(at, _) => {
                let Some(file) = &files[*at] else { continue };
                let found =
                    leaks_of_copy(path, file, copies[*at].passed, scan).map_err(|why| cannot_read(file, &why))?;
                match copies[*at].passed {
                    Passed::ByAuthor => leaks.known.extend(found),
                    Passed::ByLicence | Passed::No => leaks.refused.extend(found),
                }
            }
        }
    }
    Ok(leaks)
}

/// What a copy gives away, in its bytes and in its text.
fn leaks_of_copy(path: &str, file: &FoundCapture, passed: Passed, scan: &Scan) -> Result<Vec<Leak>, String> {
    let io = |error: io::Error| in_words(&error);
    let (mut from, _) = file.open().map_err(io)?;
    let mut leaks = scan.file(path, Stage::Attachment, BufReader::new(&from)).map_err(io)?;
    from.rewind().map_err(io)?;
    let format = format(file).map_err(io)?;
    let read = extract::extract(&mut from, &file.inner, format, &Limits::default(), &mut |document| {
        leaks.extend(scan.bytes(path, Stage::Attachment, document.text.as_bytes()));
        leaks.extend(
            document.hidden.iter().flat_map(|hidden| scan.bytes(path, Stage::Attachment, hidden.text.as_bytes())),
        );
    });
    match read {
        Ok(()) => Ok(leaks),
        Err(Fault::Io(error)) => Err(in_words(&error)),
        // What cannot be read is passed on by whoever knows it, and by nobody else.
        Err(Fault::Malformed(_) | Fault::Refused(_)) if passed == Passed::ByAuthor => Ok(leaks),
        Err(Fault::Malformed(why) | Fault::Refused(why)) => Err(why),
    }
}

/// Tells of what would be given away, and whether that forbids the packet.
fn gives_away(leaks: &Leaks, scan: &Scan, session: &Session, compiled: &Compiled) -> bool {
    let reader = if is_watched() { Reader::Author } else { Reader::Anybody };
    let mut findings: Vec<Diagnostic> = scan.findings(&leaks.refused, reader, session.sources());
    let is_refused = !findings.is_empty();
    let known = scan.findings(&leaks.known, reader, session.sources());
    findings.extend(known.into_iter().map(|finding| {
        Diagnostic { severity: Severity::Warning, ..finding }
            .hint("you pass this copy on with `--with-captures`, and it with the copy")
    }));
    print_findings(&findings, &compiled.stages, Shown::Warnings);
    if is_refused {
        say("no packet was made; if it is a copy that gives something away, `--without-captures` leaves copies out");
    }
    is_refused
}

/// The file of the packet, which is never one of the site.
fn out_file(args: &EvidenceArgs, id: &str, root: &Path, settings: &Settings) -> Result<PathBuf, CannotRun> {
    let mark = if args.internal { "-INTERNAL" } else { "" };
    let out = args.out.clone().unwrap_or_else(|| PathBuf::from(format!("evidence-{id}{mark}.zip")));
    let Some(name) = out.file_name().filter(|_| !out.is_dir()) else {
        return Err(CannotRun::new(format!("`{}` is a folder", out.display())).hint("name a file with `--out FILE`"));
    };
    let is_marked = name.to_string_lossy().contains("INTERNAL");
    if args.internal && !is_marked {
        return Err(CannotRun::new("the name of a packet that is not for readers says so")
            .hint(format!("name it as `--out evidence-{id}{mark}.zip`")));
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = folder.canonicalize().map_err(|error| {
        CannotRun::new(format!("cannot write into `{}`: {}", folder.display(), in_words(&error)))
            .hint("make the folder first")
    })?;
    if root.join(settings.out()).canonicalize().is_ok_and(|site| folder.starts_with(site)) {
        return Err(CannotRun::new(format!(
            "`{}` lies in the folder of the site, and would be published with it",
            out.display()
        ))
        .hint("choose another folder with `--out FILE`"));
    }
    if fs::symlink_metadata(&out).is_ok() && !args.force {
        return Err(CannotRun::new(format!("`{}` is there already", out.display()))
            .hint("`--force` replaces it; `--out FILE` names another"));
    }
    Ok(out)
}

/// Writes the packet, whole or not at all.
fn write(packet: &Packet, files: &[Option<FoundCapture>], out: &Path) -> Result<(), CannotRun> {
    let mut name = out.file_name().unwrap_or_default().to_owned();
    name.push(".pending");
    let pending = out.with_file_name(name);
    let mut open = |at: usize| -> io::Result<Box<dyn Read>> {
        let file = files[at].as_ref().ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(file.open()?.0))
    };
    let mut written = || {
        // What an interrupted run left goes first, or a link of that name would be written through.
        match fs::remove_file(&pending) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = packet.write(BufWriter::new(File::create_new(&pending)?), &mut open)?;
        file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
        fs::rename(&pending, out)
    };
    written().map_err(|error| {
        drop(fs::remove_file(&pending));
        CannotRun::new(format!("cannot write `{}`: {}", out.display(), in_words(&error)))
    })
}

fn tell(args: &EvidenceArgs, packet: &Packet, copies: &[Copy], out: &Path) -> Result<(), CannotRun> {
    let again = File::open(out).and_then(|mut file| hash(&mut file));
    let (sha256, bytes) = again
        .map_err(|error| CannotRun::new(format!("cannot read `{}` again: {}", out.display(), in_words(&error))))?;
    let files = plural(packet.files().count(), "file");
    result(&format!("{}: {files}, {bytes} bytes, SHA-256 {sha256}", out.display()));
    for quotation in &packet.statement.quotations {
        let results: Vec<String> =
            quotation.sources.iter().map(|cited| format!("{} in `{}`", cited.result.word(), cited.source)).collect();
        let results = if results.is_empty() { "no source".to_owned() } else { results.join(", ") };
        result(&format!("  {}: {results}", quotation.id));
    }
    for copy in copies {
        let why = match copy.passed {
            Passed::ByLicence => "is in it, as its licence lets everybody pass it on",
            Passed::ByAuthor => "is in it, as you asked: it is not for publication",
            Passed::No => "is not in it, only its hash",
        };
        say(&format!("the copy `{}` of `{}` {why}", copy.name, copy.source));
    }
    if args.internal {
        say("warning: the packet is INTERNAL: it holds what readers do not see, and must not be passed on");
    }
    Ok(())
}
