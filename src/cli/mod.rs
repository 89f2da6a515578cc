//! The command line: what was typed, what it means, and what is printed.
//!
//! This is the only module that prints, knows exit codes, and reads the clock and the environment. One file per command.

mod archive;
mod build;
mod capture;
mod catalogue;
mod check;
mod completions;
mod diff;
mod drift;
mod evidence;
mod explain;
mod init;
mod keys;
mod list;
mod man;
mod memory;
mod new;
mod publish;
mod redact_edition;
mod rewriting;
mod schema;
mod serve;
mod session;
mod show;
mod sign;
mod table;
mod takedown;
mod terminal;
mod timestamp;
mod trust;
mod verify;
mod withheld;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use terminal::{fail, lost};

/// Turns a folder of records about an incident into a cross-linked website.
///
/// A dossier is a folder with a `dossier.yaml` and records in `content/`: actors, events, quotes, sources, places and
/// pages, each a Markdown file with YAML front matter. `dossier init DIR` makes one that builds.
#[derive(Debug, Parser)]
#[command(name = "dossier", version, propagate_version = true, max_term_width = 100)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::InitArgs),
    New(new::NewArgs),
    Build(build::BuildArgs),
    Serve(serve::ServeArgs),
    Check(check::CheckArgs),
    Explain(explain::ExplainArgs),
    List(list::ListArgs),
    Schema(schema::SchemaArgs),
    Show(show::ShowArgs),
    Capture(capture::CaptureArgs),
    Evidence(evidence::EvidenceArgs),
    Publish(publish::PublishArgs),
    Archive(archive::ArchiveArgs),
    Sign(sign::SignArgs),
    Timestamp(timestamp::TimestampArgs),
    Verify(verify::VerifyArgs),
    RedactEdition(redact_edition::RedactEditionArgs),
    Diff(diff::DiffArgs),
    Withheld(withheld::WithheldArgs),
    Takedown(takedown::TakedownArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// How a command ended, as its exit code says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    /// All is well.
    Fine,
    /// The dossier has errors.
    Findings,
    /// The command could not do its work.
    CouldNotRun,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> ExitCode {
        ExitCode::from(match outcome {
            Outcome::Fine => 0,
            Outcome::Findings => 1,
            Outcome::CouldNotRun => 2,
        })
    }
}

/// Why a command could not do its work, and what to do about it.
#[derive(Debug)]
struct CannotRun {
    message: String,
    hint: Option<String>,
}

impl CannotRun {
    fn new(message: impl Into<String>) -> Self {
        CannotRun { message: message.into(), hint: None }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        CannotRun { hint: Some(hint.into()), ..self }
    }
}

impl From<crate::read::Failure> for CannotRun {
    fn from(failure: crate::read::Failure) -> Self {
        CannotRun { message: failure.to_string(), hint: failure.hint }
    }
}

/// Runs the program with the arguments of the process. Wrong arguments end it with 2, as clap does.
pub fn run() -> ExitCode {
    let result = match Args::parse().command {
        Command::Init(args) => init::run(&args),
        Command::New(args) => new::run(&args),
        Command::Build(args) => build::run(&args),
        Command::Serve(args) => serve::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::List(args) => list::run(&args),
        Command::Schema(args) => schema::run(&args),
        Command::Show(args) => show::run(&args),
        Command::Capture(args) => capture::run(&args),
        Command::Evidence(args) => evidence::run(&args),
        Command::Publish(args) => publish::run(&args),
        Command::Archive(args) => archive::run(&args),
        Command::Sign(args) => sign::run(&args),
        Command::Timestamp(args) => timestamp::run(&args),
        Command::Verify(args) => verify::run(&args),
        Command::RedactEdition(args) => redact_edition::run(&args),
        Command::Diff(args) => diff::run(&args),
        Command::Withheld(args) => withheld::run(&args),
        Command::Takedown(args) => takedown::run(&args),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    let lost = || lost().map(|why| CannotRun::new(format!("cannot print the result: {why}")));
    match result.and_then(|outcome| lost().map_or(Ok(outcome), Err)) {
        Ok(outcome) => outcome.into(),
        Err(error) => {
            fail(&error.message, error.hint.as_deref());
            Outcome::CouldNotRun.into()
        }
    }
}

/// The definition of the command line, from which help, man pages and completions are made.
pub fn command() -> clap::Command {
    Args::command()
}
