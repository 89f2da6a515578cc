//! `dossier completions`.

use std::io::Write;

use clap::Args;
use clap_complete::Shell;

use super::{CannotRun, Outcome, command};

/// Print completions for a shell
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    /// The shell
    shell: Shell,
}

pub(super) fn run(args: &CompletionsArgs) -> Result<Outcome, CannotRun> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command(), "dossier", &mut script);
    // A reader that has gone away is no error.
    drop(std::io::stdout().write_all(&script));
    Ok(Outcome::Fine)
}
