//! `dossier publish`.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::ProgressBar;

use super::build::{
    Order, SiteArgs, Volume, VolumeArgs, build, cannot_write, not_built, out_folder, progress_bar, size,
};
use super::memory::in_small_pages;
use super::session::Typed;
use super::terminal::{Shown, plural, print_findings, result, say};
use super::{CannotRun, Outcome};
use crate::diagnostic::has_errors;
use crate::output::{Built, WriteError};
use crate::publish::{Address, Deed, Options, Outlook, PublishError, Report, Site, StoreError, Told, outlook, publish};
use crate::redact::Audience;
use crate::workspace::SettingsAlone;

/// Publish the site to a folder or to the storage of a service
///
/// The site is built as `dossier build` does it; while an error stands, nothing is sent. Then what changed is sent, by its bytes and not by
/// its time, in an order in which no reader meets a page whose parts are missing. What was cut off is completed by the next run. Nothing is
/// replaced or deleted that a publish did not put there.
///
/// URL is `file:///folder`, `s3://bucket/prefix`, `gs://bucket/prefix` or `az://container/prefix`. Credentials, region and endpoint come from the
/// environment, as the tools of the service read them.
#[derive(Debug, Args)]
pub(super) struct PublishArgs {
    /// Where the site shall stand
    #[arg(value_name = "URL")]
    url: String,
    #[command(flatten)]
    site: SiteArgs,
    /// Take the site that the last build wrote, instead of making it anew
    #[arg(long, conflicts_with_all = ["theme", "base_url", "date"])]
    built: bool,
    /// Say what would be sent and deleted, and change nothing there
    #[arg(long)]
    dry_run: bool,
    /// Replace files that stand there and are not ours
    #[arg(long)]
    adopt: bool,
    /// Pack text with gzip: in its place in storage, beside it in a folder
    #[arg(long)]
    precompress: bool,
    /// For how long another publisher is watched that may have been cut off
    #[arg(long, value_name = "SECONDS", default_value = "15", value_parser = clap::value_parser!(u16).range(1..=3600))]
    patience: u16,
    /// What is unfinished is not published: this says so
    #[arg(long, hide = true)]
    drafts: bool,
    #[command(flatten)]
    volume: VolumeArgs,
}

pub(super) fn run(args: &PublishArgs) -> Result<Outcome, CannotRun> {
    // What was typed may hold a secret, and is not repeated.
    let address = Address::parse(&args.url).map_err(|error| CannotRun::new(error.to_string()).hint(error.hint()))?;
    if !address.is_supported() {
        return Err(without_storage());
    }
    if args.drafts {
        return Err(CannotRun::new("what is unfinished is not published")
            .hint("leave `--drafts` out; `dossier serve` shows drafts to authors"));
    }
    let volume = args.volume.volume();
    let order = Order { site: &args.site, edition: None, audience: Audience::Readers, volume };
    let folder = if args.built { built_folder(args)? } else { build(&order, false)? };
    let Some(folder) = folder else {
        say("nothing was sent");
        return Ok(Outcome::Findings);
    };
    in_small_pages();
    let began = Instant::now();
    let options = Options {
        adopt: args.adopt,
        precompress: args.precompress,
        patience: Duration::from_secs(args.patience.into()),
    };
    let cannot_publish = |error| cannot_publish(error, &address, &folder);
    let built = Built::open(&folder).map_err(|why| not_built(why, &folder))?;
    let mut site = Site::open(built, &address, options).map_err(cannot_publish)?;
    if args.built {
        site.verify().map_err(cannot_publish)?;
    }
    if args.dry_run {
        let mut outlook = outlook(&mut site, &address, options).map_err(cannot_publish)?;
        outlook.tell(&mut print_deed).map_err(cannot_publish)?;
        return print_outlook(&outlook, &address);
    }
    let bar: OnceLock<ProgressBar> = OnceLock::new();
    let tell = |told| tell(told, volume, &bar);
    let done = publish(&mut site, &address, options, &tell);
    if let Some(bar) = bar.get() {
        bar.finish_and_clear();
    }
    let report = done.map_err(cannot_publish)?;
    if volume != Volume::Quiet {
        print_report(&report, &address, began.elapsed());
    }
    Ok(Outcome::Fine)
}

/// The folder of the last build. Of the dossier, only the settings are read, and none when the folder is typed.
fn built_folder(args: &PublishArgs) -> Result<Option<PathBuf>, CannotRun> {
    if let Some(out) = &args.site.out {
        return Ok(Some(out.clone()));
    }
    let config = &args.site.dossier.config;
    let SettingsAlone { settings, findings, sources } = SettingsAlone::read(config, &Typed::default().overrides()?)?;
    match settings.filter(|_| !has_errors(&findings)) {
        Some(settings) => out_folder(config.parent().unwrap_or(Path::new("")), &settings, None).map(Some),
        None => {
            print_findings(&findings, &sources, Shown::Errors);
            Ok(None)
        }
    }
}

fn tell(told: Told, volume: Volume, bar: &OnceLock<ProgressBar>) {
    match told {
        Told::Watching { since, patience } if volume != Volume::Quiet => {
            say(&format!(
                "a publisher that began at {since} may be at work; watching it for {} s",
                patience.as_secs_f64().ceil()
            ));
        }
        Told::TakingOver if volume != Volume::Quiet => say("completing what an earlier publisher began"),
        Told::Begun(steps) => drop(bar.set(progress_bar(steps as u64, volume))),
        Told::Done => {
            if let Some(bar) = bar.get() {
                bar.inc(1);
            }
        }
        Told::Watching { .. } | Told::TakingOver => {}
    }
}

fn print_deed(deed: Deed, path: &str) {
    let deed = match deed {
        Deed::New => "new    ",
        Deed::Changed => "changed",
        Deed::Deleted => "deleted",
    };
    result(&format!("{deed} {path}"));
}

fn print_outlook(outlook: &Outlook, address: &Address) -> Result<Outcome, CannotRun> {
    let Report { files, sent, bytes, deleted } = outlook.report;
    result(&format!(
        "would send {}, {}, and delete {deleted}; the site has {files}",
        plural(sent, "file"),
        size(bytes)
    ));
    if outlook.is_unfinished {
        say("another publisher is at work there, or was cut off");
    }
    if outlook.foreign.is_empty() { Ok(Outcome::Fine) } else { Err(foreign(&outlook.foreign, address)) }
}

fn print_report(report: &Report, address: &Address, took: Duration) {
    let Report { files, sent, bytes, deleted } = *report;
    let took = took.as_millis();
    if sent == 0 && deleted == 0 {
        result(&format!("nothing to do in {took} ms: {} at {address} are as they were built", plural(files, "file")));
    } else {
        result(&format!(
            "sent {}, {}, and deleted {deleted} in {took} ms: {} at {address}",
            plural(sent, "file"),
            size(bytes),
            plural(files, "file")
        ));
    }
}

fn foreign(paths: &[String], address: &Address) -> CannotRun {
    let some: Vec<String> = paths.iter().take(5).map(|path| format!("`{path}`")).collect();
    let more = paths.len().saturating_sub(5);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    CannotRun::new(format!(
        "no publish has put {}{more} at {address}, and files of the site belong there",
        some.join(", ")
    ))
    .hint("choose another place, or replace them with `--adopt`")
}

fn without_storage() -> CannotRun {
    CannotRun::new("this program was made without the storage of services")
        .hint("take one of the released programs, or make one with `cargo install --path . --features cloud`")
}

/// Why a site was not published, for people.
fn cannot_publish(error: PublishError, address: &Address, folder: &Path) -> CannotRun {
    match error {
        PublishError::Store(StoreError::Refused { message, hint }) => CannotRun::new(message).hint(hint),
        PublishError::Store(StoreError::Io { attempt, cause }) => {
            let error = CannotRun::new(format!("{attempt}: {cause}"));
            match cause.kind() {
                std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                    error.hint("make room there and publish again; readers have whole files only, and what is missing is sent then")
                }
                std::io::ErrorKind::NotFound => error.hint("make that folder, or name another"),
                _ => error,
            }
        }
        PublishError::Store(_) => CannotRun::new(format!("what stands at {address} changed meanwhile"))
            .hint("publish again; what was sent is not sent again"),
        PublishError::Site(WriteError::Changed(paths)) => cannot_write(WriteError::Changed(paths), folder),
        PublishError::Site(error) => cannot_write(error, folder),
        PublishError::Busy(since) => {
            let since = since.map(|since| format!(" since {since}")).unwrap_or_default();
            CannotRun::new(format!("another publisher is at work at {address}{since}"))
                .hint("wait until it is done, and publish again; nothing was sent")
        }
        PublishError::Lost => CannotRun::new(format!("another publisher has taken over at {address}"))
            .hint("it could not see that this one was still at work; it completes its own site"),
        PublishError::Foreign(paths) => foreign(&paths, address),
        PublishError::Disordered(name) => {
            CannotRun::new(format!("`.dossier-publish/{name}` at {address} is missing, or not as a publish writes it"))
                .hint("another version of this program may have written it; else delete the folder `.dossier-publish` there, and publish with `--adopt`")
        }
        PublishError::Unconditional => {
            CannotRun::new(format!("the storage at {address} does not heed conditional writes"))
                .hint("without them two publishers could mix their sites; docs/publishing.md names storage that has them")
        }
        PublishError::WithoutStorage => without_storage(),
        PublishError::Path(path) => CannotRun::new(format!("`{path}` cannot stand at {address}"))
            .hint("shorten its name or the address; 1,024 bytes are the most that storage takes"),
        PublishError::Itself => {
            CannotRun::new("the site would be published into the folder that it is built into")
                .hint("name another folder; `dossier build` alone writes that one")
        }
    }
}
