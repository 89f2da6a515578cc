//! `dossier archive`.

mod kept;
mod pending;
mod sealed;

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Seek, Write};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value};

use super::build::{Volume, cannot_write, progress_bar, real_path, size};
use super::session::{DossierArgs, Session, Typed, policy};
use super::terminal::{Shown, is_watched, print_findings, result, say};
use super::{CannotRun, Outcome};
use crate::config::Settings;
use crate::diagnostic::{SourceText, has_errors};
use crate::edition::{self, About, Archive, For, Form, Header, Part, Unwritten, Written};
use crate::edtf::Day;
use crate::leak::{Leak, Reader, Scan};
use crate::output::{Built, Files, MANIFEST, Unbuilt, WriteError, stream_built, stream_site};
use crate::packet;
use crate::redact::{Audience, PublicDossier};
use crate::text;
use crate::workspace::SettingsAlone;
use kept::Kept;
use pending::Pending;
use sealed::Source;

/// The records as readers have them, field by field, in the site.
const RECORDS: &str = "data/records.jsonl";

/// The longest name of an edition.
const LONGEST: usize = 80;

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
    /// The edition before this one: its archive, or what is kept of it in `editions/`
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    /// The file of the secret from which salts are made; else `edition.salt` beside the settings, which is made when it is not there
    #[arg(long, value_name = "FILE")]
    salt: Option<PathBuf>,
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
    let form = form(args)?;
    if args.built && args.audience == AudienceArg::Sealed {
        return Err(CannotRun::new("`--built` takes the site alone, and a sealed edition takes the records too")
            .hint("leave `--built` out"));
    }
    let day = policy(args.date.as_deref(), Audience::Readers)?.today;
    if args.built { from_folder(args, form, day) } else { from_dossier(args, form, day) }
}

/// Which file is made, by its name and by what was asked for.
fn form(args: &ArchiveArgs) -> Result<Form, CannotRun> {
    let name = args.out.file_name().map(|name| name.to_string_lossy().to_ascii_lowercase()).unwrap_or_default();
    let endings = [(".zip", Form::Zip), (".tar.zst", Form::TarZst)];
    let found = endings.into_iter().find(|(ending, _)| name.ends_with(ending) && name.len() > ending.len());
    match found {
        Some((_, form)) => Ok(form),
        None => Err(CannotRun::new(format!("the ending of `{}` does not tell what to make", args.out.display()))
            .hint("name a file that ends in `.zip` or `.tar.zst`, such as `--out edition.zip`")),
    }
}

/// Compiles the dossier as a build does, and writes an edition of it.
fn from_dossier(args: &ArchiveArgs, form: Form, day: Day) -> Result<Outcome, CannotRun> {
    let (volume, shown) = match args.quiet {
        true => (Volume::Quiet, Shown::Errors),
        false => (Volume::Normal, Shown::Warnings),
    };
    let typed = Typed { base_url: args.base_url.as_deref(), theme: args.theme.as_deref(), ..Typed::default() };
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
    let frame = Frame::new(args, form, session.workspace.root(), &site.dossier.settings, day)?;
    let parts = match args.audience {
        AudienceArg::Public => Vec::new(),
        AudienceArg::Sealed => sealed::sources(&args.dossier.config, inputs, &compiled.stages.dossier, &frame.kept.salt_file)?,
    };
    let bar = progress_bar(site.plan.routes.len() as u64, volume);
    let written = frame.write(Some(&scan), &parts, &mut |take| {
        stream_site(renderer, &scan, &|| bar.inc(1), take)?;
        Ok(fields(&site.dossier))
    });
    bar.finish_and_clear();
    match written {
        Ok(written) => frame.tell(&written),
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
fn from_folder(args: &ArchiveArgs, form: Form, day: Day) -> Result<Outcome, CannotRun> {
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
    let root = config.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let folder = root.join(settings.out());
    let built = Built::open(&folder).map_err(|why| not_built(why, &folder))?;
    let frame = Frame::new(args, form, root, &settings, day)?;
    let bar = progress_bar(built.files, volume);
    let mut built = Some(built);
    let written = frame.write(None, &[], &mut |take| {
        let built = built.take().expect("a site is streamed once");
        stream_built(built, &|| bar.inc(1), take)?;
        Ok(Vec::new())
    });
    bar.finish_and_clear();
    match written {
        Ok(written) => frame.tell(&written),
        Err(Unmade::Site(error)) => Err(cannot_write(error, &args.out)),
        Err(Unmade::CannotRun(error)) => Err(error),
    }
}

fn print_settings(findings: &[crate::diagnostic::Diagnostic], sources: &impl SourceText) {
    print_findings(findings, sources, Shown::Errors);
    say("no edition was made");
}

fn not_built(why: Unbuilt, folder: &Path) -> CannotRun {
    let shown = folder.display();
    match why {
        Unbuilt::Write(WriteError::Busy) => {
            CannotRun::new(format!("a build is writing to `{shown}`")).hint("wait until it is done")
        }
        Unbuilt::Write(error) => cannot_write(error, folder),
        Unbuilt::NoBuild => CannotRun::new(format!("no build has written `{shown}`"))
            .hint("run `dossier build` first, or leave `--built` out"),
        Unbuilt::Unfinished => CannotRun::new(format!("the last build of `{shown}` did not come to its end"))
            .hint("run `dossier build` again"),
        Unbuilt::Disordered => CannotRun::new(format!("`{}` is not as a build writes it", folder.join(MANIFEST).display()))
            .hint("run `dossier build` again"),
    }
}

/// What readers have of the records, where the site does not tell it.
fn fields(dossier: &PublicDossier) -> Vec<Field> {
    packet::fields(dossier).map(|(kind, id, key, value)| (kind.to_owned(), id, key, value)).collect()
}

/// A field of a record: the kind and the id of the record, the field, and what it holds.
type Field = (String, String, String, Value);

/// Why no edition was made.
enum Unmade {
    /// The site could not be had.
    Site(WriteError),
    /// Something else.
    CannotRun(CannotRun),
}

impl From<WriteError> for Unmade {
    fn from(error: WriteError) -> Self {
        Unmade::Site(error)
    }
}

impl From<CannotRun> for Unmade {
    fn from(error: CannotRun) -> Self {
        Unmade::CannotRun(error)
    }
}

/// What hands over the files of the site, and then says what it knows of fields.
type Stream<'a> =
    dyn FnMut(&mut (dyn FnMut(Files) -> Result<(), WriteError> + Send)) -> Result<Vec<Field>, WriteError> + 'a;

/// What an edition is made with.
struct Frame<'a> {
    args: &'a ArchiveArgs,
    form: Form,
    about: About,
    kept: Kept,
}

impl<'a> Frame<'a> {
    fn new(
        args: &'a ArchiveArgs,
        form: Form,
        root: &Path,
        settings: &Settings,
        day: Day,
    ) -> Result<Self, CannotRun> {
        check_out(args, root, settings)?;
        let audience = match args.audience {
            AudienceArg::Public => For::Public,
            AudienceArg::Sealed => For::Sealed,
        };
        let edition = match (&args.edition, audience) {
            (Some(name), _) => named(name)?,
            (None, For::Public) => day.to_string(),
            (None, For::Sealed) => format!("{day}-sealed"),
        };
        let mut header = Header {
            title: settings.title.to_string(),
            edition,
            date: day.to_string(),
            audience,
            previous: None,
            seal: None,
        };
        header.previous = args.previous.as_deref().map(|file| kept::previous(file, &header)).transpose()?;
        let kept = Kept::new(root, settings, args.salt.as_deref())?;
        let about = About {
            header,
            day,
            lang: settings.lang().to_owned(),
            licence: settings.licence.as_ref().map(ToString::to_string),
            publisher: settings.publisher.as_ref().map(ToString::to_string),
            base_url: settings.base_url(),
        };
        Ok(Frame { args, form, about, kept })
    }

    /// Writes the edition, whole or not at all.
    fn write(&self, scan: Option<&Scan>, sources: &[Source], stream: &mut Stream<'_>) -> Result<Done, Unmade> {
        let out = &self.args.out;
        let mut pending = Pending::new(out);
        let failed = |cause: io::Error| WriteError::Io { attempt: format!("cannot write `{}`", out.display()), cause };
        let file = pending.file("").map_err(failed)?;
        let mut scratch = |suffix| pending.file(suffix).map_err(failed);
        let scratch = [scratch("-directory")?, scratch("-manifest")?, scratch("-sums")?];
        let mut records = pending.file("-records").map_err(failed)?;
        let to = BufWriter::with_capacity(1 << 18, file);
        let mut archive =
            Archive::new(self.form, &self.about, &self.kept.salt, scan, to, scratch).map_err(failed)?;
        let mut parts: Vec<Part> = sealed::parts(sources);
        for source in sources {
            source.write(&mut archive)?;
        }
        parts.extend(edition::SITE);
        archive.made(edition::CRATE, edition::metadata(&self.about, &parts)).map_err(failed)?;
        let fallback = stream(&mut |files| site(files, &mut archive, &mut records).map_err(failed))?;
        let count = records.stream_position().map_err(failed)?;
        if count == 0 {
            for (kind, id, key, value) in fallback {
                archive.field(&kind, &id, &key, &value).map_err(failed)?;
            }
        } else {
            records.rewind().map_err(failed)?;
            each_field(BufReader::new(records), &mut |kind, id, key, value| archive.field(kind, id, key, value))
                .map_err(failed)?;
        }
        let Written { to, seal, mut manifest, oxum } = match archive.finish(&mut |_| Ok(Vec::new())) {
            Ok(written) => written,
            Err(Unwritten::Io(cause)) => return Err(failed(cause).into()),
            Err(Unwritten::Leaks(leaks)) => return Err(WriteError::Leaks(leaks).into()),
        };
        let file = to.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        manifest.rewind().map_err(failed)?;
        let record = match self.args.no_record {
            true => None,
            false => self.kept.record(&self.about.header, manifest, &seal, self.args.force)?,
        };
        pending.finish().map_err(failed)?;
        let record = record.map(|record| record.finish()).transpose()?;
        Ok(Done { seal: seal.sha256(), files: oxum.files, bytes: oxum.bytes, length, record })
    }

    /// Says what was made.
    fn tell(&self, done: &Done) -> Result<Outcome, CannotRun> {
        if self.args.quiet {
            return Ok(Outcome::Fine);
        }
        result(&format!(
            "{}: edition `{}`, {} files of {} in {}",
            self.args.out.display(),
            self.about.header.edition,
            done.files,
            size(done.bytes),
            size(done.length),
        ));
        result(&format!("the SHA-256 of its seal is {}", done.seal));
        if let Some(record) = &done.record {
            say(&format!("`{}` keeps what it says; keep it with the dossier", record.display()));
        }
        if self.about.header.audience == For::Sealed {
            say("warning: it holds what readers do not see, and must not be published");
        }
        if self.about.header.previous.is_none() {
            self.kept.hint_at_previous(&self.about.header);
        }
        Ok(Outcome::Fine)
    }
}

/// What was made.
struct Done {
    seal: String,
    files: u64,
    bytes: u64,
    length: u64,
    record: Option<PathBuf>,
}

/// Where an edition is written.
type ToFile<'a> = Archive<'a, BufWriter<File>, File>;

/// Writes files of the site, and keeps aside what it says of records.
fn site(files: Files, archive: &mut ToFile<'_>, records: &mut File) -> io::Result<()> {
    match files {
        Files::Some(files) => {
            if let Some((_, bytes)) = files.iter().find(|(path, _)| path == RECORDS) {
                records.write_all(bytes)?;
            }
            archive.files(files.into_iter().map(|(path, bytes)| (format!("site/{path}"), bytes)).collect())
        }
        Files::Long(path, mut file, length) => {
            if path == RECORDS {
                io::copy(&mut file, records)?;
                file.rewind()?;
            }
            archive.stream(&format!("site/{path}"), length, &mut file).map(drop)
        }
    }
}

/// Takes the fields of records out of what the site says of them.
fn each_field(
    records: impl BufRead,
    take: &mut dyn FnMut(&str, &str, &str, &Value) -> io::Result<()>,
) -> io::Result<()> {
    #[derive(serde::Deserialize)]
    struct Record {
        kind: String,
        id: String,
        #[serde(default)]
        fields: Map<String, Value>,
        #[serde(flatten)]
        own: Map<String, Value>,
    }
    for line in records.lines() {
        let Record { kind, id, mut fields, own } = serde_json::from_str(&line?)?;
        fields.extend(own);
        fields.sort_keys();
        for (key, value) in &fields {
            take(&kind, &id, key, value)?;
        }
    }
    Ok(())
}

/// The name of an edition, which is also that of a file.
fn named(name: &str) -> Result<String, CannotRun> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_fit = !name.is_empty()
        && name.len() <= LONGEST
        && name.chars().all(is_plain)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !text::is_device_name(name);
    if is_fit {
        return Ok(name.to_owned());
    }
    Err(CannotRun::new(format!("`{}` cannot be the name of an edition", text::excerpt(name, 40)))
        .hint("take letters, digits, `-`, `_` and `.`, such as `2025-05-11` or `v2`"))
}

/// Refuses to write where it would be published or read again, or over what is there.
fn check_out(args: &ArchiveArgs, root: &Path, settings: &Settings) -> Result<(), CannotRun> {
    let out = &args.out;
    if out.is_dir() {
        return Err(CannotRun::new(format!("`{}` is a folder", out.display())).hint("name a file with `--out FILE`"));
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(CannotRun::new(format!("there is no folder `{}`", folder.display())).hint("make the folder first"));
    }
    let real = real_path(folder);
    let reserved = [settings.out(), settings.content(), "themes", "templates", "static", "i18n", kept::FOLDER];
    let is_in = |name: &&&str| {
        let inner = root.join(name).canonicalize();
        // A dossier whose records lie beside its settings has no other place.
        **name != "." && inner.is_ok_and(|inner| real.as_ref().is_some_and(|real| real.starts_with(inner)))
    };
    if let Some(name) = reserved.iter().find(is_in) {
        let why = match *name == settings.out() {
            true => "which is the folder of the site, and would be published with it",
            false => "from which the dossier is read",
        };
        return Err(CannotRun::new(format!("`{}` lies in `{name}`, {why}", out.display()))
            .hint("choose another folder with `--out FILE`"));
    }
    if std::fs::symlink_metadata(out).is_ok() && !args.force {
        return Err(CannotRun::new(format!("`{}` is there already", out.display()))
            .hint("`--force` replaces it; `--out FILE` names another"));
    }
    Ok(())
}
