//! `dossier completions`.

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
    clap_complete::generate(args.shell, &mut command(), "dossier", &mut std::io::stdout());
    Ok(Outcome::Fine)
}
