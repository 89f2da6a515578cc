//! `dossier archive`.

mod frame;
pub(super) mod kept;
pub(super) mod pending;
mod sealed;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use memchr::memmem;

use super::build::{Volume, cannot_write, not_built, progress_bar};
use super::keys::PasswordArgs;
use super::memory::in_small_pages;
use super::session::{DossierArgs, Session, Typed, policy};
use super::terminal::{Shown, is_watched, print_findings, say};
use super::{CannotRun, Outcome};
use crate::diagnostic::{Diagnostic, SourceText, has_errors};
use crate::edition::Form;
use crate::edtf::Day;
use crate::leak::{Leak, Reader, Scan};
use crate::output::{Built, WriteError, stream_built, stream_site};
use crate::read::{in_words, not_past};
use crate::redact::Audience;
use crate::text::excerpt;
use crate::workspace::SettingsAlone;
use frame::{Frame, Unmade};

/// The page of a site on which its past editions stand, the newest first, and how much of it is read.
const LIST: &str = "editions.html";
const LONGEST_LIST: u64 = 16 << 20;

/// Write an edition into one file that anybody can check
///
/// An edition is what the dossier says on a day: the site as it is built, in a bag (BagIt, RFC 8493) with the SHA-256 of every file and of
/// every field of every record, and a seal that stands for all of it. A page inside tells how to check it with ordinary tools. The
/// same dossier gives the same file, byte for byte.
///
/// Nothing is written while an error stands, or when something withheld would be given away. What the edition says is kept in
/// `editions/` beside the settings, so that the next ones can be compared with it.
#[derive(Debug, Args)]
pub(super) struct ArchiveArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// Write this file; it ends in `.zip`, `.tar.zst` or `.wacz`
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// What is made: a bag, or a WACZ of the site for replay in ReplayWeb.page; else the ending of the file tells
    #[arg(long, value_enum)]
    format: Option<FormatArg>,
    /// The name of the edition; else its day
    #[arg(long, value_name = "NAME")]
    edition: Option<String>,
    /// The day of the edition, also for embargoes; else SOURCE_DATE_EPOCH, else today in universal time
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
    /// For whom it is: `sealed` takes the records and captures too, and is not for publication
    #[arg(long, value_enum, default_value_t = AudienceArg::Public)]
    audience: AudienceArg,
    /// The edition before this one: its archive, what is kept of it in `editions/`, or that folder, for the last one in it
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// The file of the secret from which salts are made; else `edition.salt` beside the settings, which is made when it is not there
    #[arg(long, value_name = "FILE")]
    salt: Option<PathBuf>,
    /// Sign it with this key: a private key of SSH (Ed25519), or a secret key of minisign
    #[arg(long, value_name = "KEY")]
    sign: Vec<PathBuf>,
    #[command(flatten)]
    password: PasswordArgs,
    /// Take the site that the last build wrote, instead of making it anew
    #[arg(long, conflicts_with = "theme")]
    built: bool,
    /// The address at which the site stands
    #[arg(long, visible_alias = "url", value_name = "URL")]
    base_url: Option<String>,
    /// The theme to use
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// Keep nothing of what the edition says in `editions/`
    #[arg(long)]
    no_record: bool,
    /// Replace the file that is there, and what is kept of another edition of this name
    #[arg(long)]
    force: bool,
    /// Print errors only
    #[arg(long, short)]
    quiet: bool,
}

/// What is made, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum FormatArg {
    /// A bag of the edition, in a zip or a tar.zst
    Bagit,
    /// A web archive of the site
    Wacz,
}

/// For whom an edition is, as it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum AudienceArg {
    /// Everybody: the site as readers have it
    Public,
    /// Those who keep the dossier: its records and captures too
    Sealed,
}

pub(super) fn run(args: &ArchiveArgs) -> Result<Outcome, CannotRun> {
    let made = made(args)?;
    if args.built && args.audience == AudienceArg::Sealed {
        return Err(CannotRun::new("`--built` takes the site alone, and a sealed edition takes the records too")
            .hint("leave `--built` out"));
    }
    let day = policy(args.date.as_deref(), Audience::Readers)?.today;
    if args.built { from_folder(args, made, day) } else { from_dossier(args, made, day) }
}

/// What is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Made {
    Bag(Form),
    Wacz,
}

/// What is made, by the name of the file and by what was asked for.
fn made(args: &ArchiveArgs) -> Result<Made, CannotRun> {
    let name = args.out.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let endings = [(".zip", Made::Bag(Form::Zip)), (".tar.zst", Made::Bag(Form::TarZst)), (".wacz", Made::Wacz)];
    let found = endings.into_iter().find(|(ending, _)| name.ends_with(ending) && name.len() > ending.len());
    let Some((ending, made)) = found else {
        return Err(CannotRun::new(format!("the ending of `{}` does not tell what to make", args.out.display()))
            .hint("name a file that ends in `.zip`, `.tar.zst` or `.wacz`, such as `--out edition.zip`"));
    };
    let is_wacz = made == Made::Wacz;
    if args.format.is_some_and(|format| (format == FormatArg::Wacz) != is_wacz) {
        let other = if is_wacz { "`.zip` or `.tar.zst`" } else { "`.wacz`" };
        return Err(CannotRun::new(format!("what `--format` asks for does not end in `{ending}`"))
            .hint(format!("name a file that ends in {other}")));
    }
    let of_bags = [
        ("--audience sealed", args.audience == AudienceArg::Sealed),
        ("--previous", args.previous.is_some()),
        ("--salt", args.salt.is_some()),
        ("--sign", !args.sign.is_empty()),
    ];
    match of_bags.iter().find(|(_, is_typed)| is_wacz && *is_typed) {
        Some((option, _)) => {
            Err(CannotRun::new(format!("a WACZ is the site alone, and `{option}` has no meaning for it"))
                .hint("leave it out, or make a bag with `--out edition.zip`"))
        }
        None => Ok(made),
    }
}

/// Compiles the dossier as a build does, and writes an edition of it.
fn from_dossier(args: &ArchiveArgs, made: Made, day: Day) -> Result<Outcome, CannotRun> {
    let (volume, shown) = match args.quiet {
        true => (Volume::Quiet, Shown::Errors),
        false => (Volume::Normal, Shown::Warnings),
    };
    // An edition does not list itself, so that it is the same when it is made again.
    let edition = args.edition.clone().unwrap_or_else(|| day.to_string());
    let typed = Typed {
        base_url: args.base_url.as_deref(),
        theme: args.theme.as_deref(),
        edition: Some(&edition),
        ..Typed::default()
    };
    let mut session = Session::read(&args.dossier, &typed)?;
    let policy = policy(args.date.as_deref(), Audience::Readers)?;
    let Some(compiled) = session.compile(policy) else {
        print_findings(&session.findings(), session.sources(), shown);
        say("no edition was made");
        return Ok(Outcome::Findings);
    };
    print_findings(&compiled.findings, session.sources(), shown);
    let Some(renderer) = compiled.renderer.as_ref().filter(|_| !has_errors(&compiled.findings)) else {
        say("no edition was made, since the dossier has errors");
        return Ok(Outcome::Findings);
    };
    let scan = compiled.stages.scan();
    let site = renderer.site();
    let inputs = session.inputs().expect("what was compiled has inputs");
    let frame = Frame::new(args, made, session.workspace.root(), &site.dossier.settings, day)?;
    let parts = match args.audience {
        AudienceArg::Public => Vec::new(),
        AudienceArg::Sealed => {
            sealed::sources(&args.dossier.config, inputs, &compiled.stages.dossier, frame.salt_file())?
        }
    };
    let bar = progress_bar(site.plan.routes.len() as u64, volume);
    // Of a sealed edition only the site is for readers, and that is looked through on its way.
    let for_readers = (args.audience == AudienceArg::Public).then_some(&scan);
    let written = frame.write(for_readers, &parts, &mut |take| stream_site(renderer, &scan, &|| bar.inc(1), take));
    bar.finish_and_clear();
    match written {
        Ok(done) => Ok(frame.tell(&done)),
        Err(Unmade::Site(WriteError::Pages(findings))) => {
            print_findings(&findings, session.sources(), shown);
            say("no edition was made");
            Ok(Outcome::Findings)
        }
        Err(Unmade::Site(WriteError::Leaks(leaks))) => Ok(gives_away(&leaks, &scan, &session, shown)),
        Err(Unmade::Site(error)) => Err(cannot_write(error, &args.out)),
        Err(Unmade::CannotRun(error)) => Err(error),
    }
}

fn gives_away(leaks: &[Leak], scan: &Scan, session: &Session, shown: Shown) -> Outcome {
    // Who reads what is not printed on a terminal is not known.
    let reader = if is_watched() { Reader::Author } else { Reader::Anybody };
    print_findings(&scan.findings(leaks, reader, session.sources()), session.sources(), shown);
    say("no edition was made");
    Outcome::Findings
}

/// Writes an edition of the site that the last build wrote. Of the dossier, only the settings are read.
fn from_folder(args: &ArchiveArgs, made: Made, day: Day) -> Result<Outcome, CannotRun> {
    let volume = if args.quiet { Volume::Quiet } else { Volume::Normal };
    let config = &args.dossier.config;
    let typed = Typed { base_url: args.base_url.as_deref(), ..Typed::default() };
    let SettingsAlone { settings, findings, sources } = SettingsAlone::read(config, &typed.overrides()?)?;
    let settings = match settings.filter(|_| !has_errors(&findings)) {
        Some(settings) => settings,
        None => {
            print_settings(&findings, &sources);
            return Ok(Outcome::Findings);
        }
    };
    let root = config.parent().unwrap_or(Path::new(""));
    let folder = root.join(settings.out());
    in_small_pages();
    let built = Built::open(&folder).map_err(|why| not_built(why, &folder))?;
    let edition = args.edition.clone().unwrap_or_else(|| day.to_string());
    check_list(&folder, root, &edition)?;
    let frame = Frame::new(args, made, root, &settings, day)?;
    let bar = progress_bar(built.files, volume);
    let mut built = Some(built);
    let written = frame.write(None, &[], &mut |take| {
        let built = built.take().expect("a site is streamed once");
        stream_built(built, &|| bar.inc(1), take)
    });
    bar.finish_and_clear();
    match written {
        Ok(done) => Ok(frame.tell(&done)),
        Err(Unmade::Site(error)) => Err(cannot_write(error, &folder)),
        Err(Unmade::CannotRun(error)) => Err(error),
    }
}

/// Refuses a site that lists the edition itself, or one after it: an edition never does, and this would not be the one that it was.
fn check_list(built: &Path, root: &Path, edition: &str) -> Result<(), CannotRun> {
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let mut list = Vec::new();
    // Where there is no list, none stands on it; the newest stand on its first page.
    if let Ok(file) = File::open(built.join(LIST)) {
        let read = file.take(LONGEST_LIST).read_to_end(&mut list);
        read.map_err(|error| CannotRun::new(format!("cannot read `{LIST}` of the site: {}", in_words(&error))))?;
    }
    let is_listed = |seal: &str| memmem::find(&list, seal.get(..16).unwrap_or(seal).as_bytes()).is_some();
    let listed = not_past(root, edition).into_iter().find(|header| header.seal.as_deref().is_some_and(is_listed));
    let Some(listed) = listed else { return Ok(()) };
    Err(CannotRun::new(format!(
        "the site that was built lists the edition `{}`, which is not past when the edition `{}` is made",
        excerpt(&listed.edition, 80),
        excerpt(edition, 80)
    ))
    .hint(format!("build it with `dossier build --edition {}`, or leave `--built` out", excerpt(edition, 80))))
}

fn print_settings(findings: &[Diagnostic], sources: &impl SourceText) {
    print_findings(findings, sources, Shown::Errors);
    say("no edition was made");
}
