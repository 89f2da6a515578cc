//! `dossier build`.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::session::{DossierArgs, Session, Typed, policy};
use super::terminal::{Shown, is_watched, open_in_browser, print_findings, result, say};
use super::{CannotRun, Outcome};
use crate::config::Settings;
use crate::diagnostic::has_errors;
use crate::evidence::Evidence;
use crate::evidence::lock::FILE;
use crate::leak::Reader;
use crate::output::{MANIFEST, Report, Unbuilt, WriteError, rehearse, write_site};
use crate::redact::Audience;

/// Write the site into `public/`
///
/// Only files whose bytes differ are written, and only files that a build has written are ever replaced or deleted.
/// While an error stands nothing is written and the site stays as it was.
#[derive(Debug, Args)]
pub(super) struct BuildArgs {
    #[command(flatten)]
    site: SiteArgs,
    /// Show unfinished records too
    #[arg(long)]
    drafts: bool,
    /// The edition that will be made of it, which is not among its past ones even when what it says is kept already
    #[arg(long, value_name = "NAME")]
    edition: Option<String>,
    /// Render everything and say what would change, and write nothing
    #[arg(long, conflicts_with = "open")]
    dry_run: bool,
    /// Open the home page in a browser when done
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    volume: VolumeArgs,
}

/// Which site is made.
#[derive(Debug, Args)]
pub(super) struct SiteArgs {
    #[command(flatten)]
    pub(super) dossier: DossierArgs,
    /// The folder of the site, in place of the one in the settings
    #[arg(long, short, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// The address at which the site will stand
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// The theme to use
    #[arg(long, value_name = "NAME")]
    theme: Option<String>,
    /// The day of the build, for embargoes; else SOURCE_DATE_EPOCH, else today in universal time
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
}

/// How much is printed, as it is typed.
#[derive(Debug, Args)]
pub(super) struct VolumeArgs {
    /// Print errors only
    #[arg(long, short, conflicts_with = "verbose")]
    quiet: bool,
    /// Print notes too, and where everything was read and written
    #[arg(long, short)]
    verbose: bool,
}

impl VolumeArgs {
    pub(super) fn volume(&self) -> Volume {
        match (self.quiet, self.verbose) {
            (true, _) => Volume::Quiet,
            (false, false) => Volume::Normal,
            (false, true) => Volume::Verbose,
        }
    }
}

/// How much is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Volume {
    Quiet,
    Normal,
    Verbose,
}

pub(super) fn run(args: &BuildArgs) -> Result<Outcome, CannotRun> {
    let order = Order {
        site: &args.site,
        edition: args.edition.as_deref(),
        audience: if args.drafts { Audience::ReadersOfDrafts } else { Audience::Readers },
        volume: args.volume.volume(),
    };
    let Some(out) = build(&order, args.dry_run)? else { return Ok(Outcome::Findings) };
    if args.open {
        let page = out.join("index.html");
        open_in_browser(&page.canonicalize().unwrap_or(page));
    }
    Ok(Outcome::Fine)
}

/// What is built.
pub(super) struct Order<'a> {
    pub(super) site: &'a SiteArgs,
    /// The edition that will be made of it.
    pub(super) edition: Option<&'a str>,
    pub(super) audience: Audience,
    pub(super) volume: Volume,
}

/// Builds the site, and prints what came of it. Tells into which folder; `None` when there are findings, and nothing was written.
pub(super) fn build(order: &Order<'_>, is_rehearsal: bool) -> Result<Option<PathBuf>, CannotRun> {
    let (site, volume) = (order.site, order.volume);
    let shown = match volume {
        Volume::Quiet => Shown::Errors,
        Volume::Normal => Shown::Warnings,
        Volume::Verbose => Shown::Notes,
    };
    let policy = policy(site.date.as_deref(), order.audience)?;
    let typed = Typed {
        base_url: site.base_url.as_deref(),
        out: site.out.as_deref(),
        theme: site.theme.as_deref(),
        edition: order.edition,
        ..Typed::default()
    };
    let mut session = Session::read(&site.dossier, &typed)?;
    let Some(compiled) = session.compile(policy) else {
        print_findings(&session.findings(), session.sources(), shown);
        say("nothing was written");
        return Ok(None);
    };
    print_findings(&compiled.findings, session.sources(), shown);
    let Some(renderer) = compiled.renderer.filter(|_| !has_errors(&compiled.findings)) else {
        say("nothing was written");
        return Ok(None);
    };
    let scan = compiled.stages.scan();
    session.times.lap("scan");
    let out = out_folder(session.workspace.root(), &renderer.site().dossier.settings, site.out.as_deref())?;
    let bar = progress_bar(renderer.site().plan.routes.len() as u64, volume);
    let written = if is_rehearsal {
        rehearse(&renderer, &scan, &out, &|| bar.inc(1))
    } else {
        write_site(&renderer, &scan, &out, &|| bar.inc(1))
    };
    bar.finish_and_clear();
    session.times.lap(if is_rehearsal { "render" } else { "render and write" });
    let report = match written {
        Ok(report) => report,
        Err(WriteError::Pages(findings)) => {
            print_findings(&findings, session.sources(), shown);
            say("nothing was written");
            return Ok(None);
        }
        Err(WriteError::Leaks(leaks)) => {
            // Who reads what is not printed on a terminal is not known.
            let reader = if is_watched() { Reader::Author } else { Reader::Anybody };
            print_findings(&scan.findings(&leaks, reader, session.sources()), session.sources(), shown);
            say("nothing was written");
            return Ok(None);
        }
        Err(error) => return Err(cannot_write(error, &out)),
    };
    if is_rehearsal {
        result(&format!("would write {} and delete {} of {} files", report.written, report.deleted, report.files));
    }
    if volume != Volume::Quiet {
        print_report(&report, &session.times.stages, &out);
        if let Some(line) = by_lock(&compiled.stages.evidence) {
            result(&line);
        }
    }
    if volume == Volume::Verbose {
        say(&format!("read {} files of records", session.sources().files.len()));
        if !is_rehearsal {
            say(&format!("wrote {} files, deleted {}", report.written, report.deleted));
        }
    }
    // What will not be needed again need not be taken apart piece by piece; the process ends soon.
    std::mem::forget(renderer);
    std::mem::forget(scan);
    std::mem::forget(compiled.stages);
    std::mem::forget(session);
    Ok(Some(out))
}

/// The folder of the site, which must not be one that is read from.
pub(super) fn out_folder(root: &Path, settings: &Settings, typed: Option<&Path>) -> Result<PathBuf, CannotRun> {
    // What was typed is meant from where it was typed, what is set from where it is set.
    let out = typed.map_or_else(|| root.join(settings.out()), Path::to_owned);
    let Some(real) = real_path(&out) else { return Ok(out) };
    let is_dossier = root.canonicalize().is_ok_and(|root| root.starts_with(&real));
    let inputs = [settings.content(), "themes", "templates", "static", "i18n"];
    let is_input =
        inputs.iter().any(|input| root.join(input).canonicalize().is_ok_and(|input| real.starts_with(input)));
    if is_dossier || is_input {
        return Err(CannotRun::new(format!(
            "the site cannot be written into `{}`, since the dossier is read from there",
            out.display()
        ))
        .hint("choose a folder of its own, such as `--out public`"));
    }
    Ok(out)
}

/// Where a folder lies, or will lie once it is made: below the nearest one that is there.
pub(super) fn real_path(path: &Path) -> Option<PathBuf> {
    path.ancestors().find_map(|there| {
        let real = if there.as_os_str().is_empty() { Path::new(".").canonicalize() } else { there.canonicalize() };
        Some(real.ok()?.join(path.strip_prefix(there).ok()?))
    })
}

/// A bar for so many files, which is seen when they take longer than a second.
pub(super) fn progress_bar(files: u64, volume: Volume) -> ProgressBar {
    if volume == Volume::Quiet || !is_watched() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::with_draw_target(Some(files), ProgressDrawTarget::hidden());
    if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} files, {eta} left") {
        bar.set_style(style);
    }
    let shown = bar.clone();
    // A bar that comes and goes within a second tells nobody anything.
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        if !shown.is_finished() {
            shown.set_draw_target(ProgressDrawTarget::stderr());
        }
    });
    bar
}

fn print_report(report: &Report, stages: &[(&'static str, Duration)], out: &Path) {
    let total: Duration = stages.iter().map(|(_, time)| *time).sum();
    result(&format!(
        "{} pages, {} files, {} in {} ms: {}",
        report.pages,
        report.files,
        size(report.bytes),
        total.as_millis(),
        out.join("index.html").display(),
    ));
    let times: Vec<String> = stages.iter().map(|(stage, time)| format!("{stage} {} ms", time.as_millis())).collect();
    let scanned = report.scanned.as_millis();
    result(&format!("{}; {scanned} ms of processor time went into looking for what is withheld", times.join(", ")));
}

/// How many quotations were not compared here, since no copy of their source is at hand.
fn by_lock(evidence: &Evidence) -> Option<String> {
    let count = evidence.by_lock();
    (count > 0).then(|| {
        let noun = if count == 1 { "quotation" } else { "quotations" };
        format!("{count} {noun} told of by `{FILE}`, since the copies of their sources are not on this machine")
    })
}

/// A number of bytes as people read it, in decimal units.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.1} GB", bytes as f64 / 1e9),
    }
}

/// Why nothing was written, for whoever wanted it.
pub(super) fn cannot_write(error: WriteError, out: &Path) -> CannotRun {
    match error {
        WriteError::Io { attempt, cause } => CannotRun::new(format!("{attempt}: {cause}")),
        WriteError::NotForReaders => CannotRun::new("what authors see is never written into a folder"),
        WriteError::Busy => CannotRun::new(format!("another build is writing to `{}`", out.display()))
            .hint("wait until it is done, or choose another folder with `--out`"),
        WriteError::Changed(paths) => {
            let some: Vec<String> =
                paths.iter().take(5).map(|path| format!("`{}`", out.join(path).display())).collect();
            let more = paths.len().saturating_sub(5);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            CannotRun::new(format!("{}{more} changed since the build looked through it", some.join(", ")))
                .hint("run `dossier build` again, which writes it anew")
        }
        WriteError::Foreign(paths) => {
            let some: Vec<String> =
                paths.iter().take(5).map(|path| format!("`{}`", out.join(path).display())).collect();
            let more = paths.len().saturating_sub(5);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            CannotRun::new(format!(
                "no build has written {}{more}, and pages of the site belong there",
                some.join(", ")
            ))
            .hint("move them away, or choose another folder with `--out`; nothing was written")
        }
        WriteError::Pages(_) => CannotRun::new("pages cannot be rendered"),
        WriteError::Leaks(_) => CannotRun::new("files would give away what is withheld"),
    }
}

/// Why what the last build wrote cannot be taken, for whoever wanted it.
pub(super) fn not_built(why: Unbuilt, folder: &Path) -> CannotRun {
    let shown = folder.display();
    match why {
        Unbuilt::Write(WriteError::Busy) => {
            CannotRun::new(format!("a build is writing to `{shown}`")).hint("wait until it is done")
        }
        Unbuilt::Write(error) => cannot_write(error, folder),
        Unbuilt::NoBuild => CannotRun::new(format!("no build has written `{shown}`"))
            .hint("run `dossier build` first, or leave `--built` out; a build with errors writes nothing"),
        Unbuilt::Unfinished => CannotRun::new(format!("the last build of `{shown}` did not come to its end"))
            .hint("run `dossier build` again"),
        Unbuilt::WithoutSums => CannotRun::new(format!("`{shown}` does not say which bytes the build looked through"))
            .hint("run `dossier build` again; an earlier program wrote it"),
        Unbuilt::WithDrafts => CannotRun::new(format!("`{shown}` shows what is unfinished, and is not for readers"))
            .hint("run `dossier build` again, without `--drafts`"),
        Unbuilt::Disordered => {
            CannotRun::new(format!("`{}` is not as a build writes it", folder.join(MANIFEST).display()))
                .hint("run `dossier build` again")
        }
    }
}
