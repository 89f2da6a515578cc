//! `dossier man`.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;

use super::{CannotRun, Outcome, command};
use crate::read::in_words;

/// Print the manual page, or write those of all commands into a folder
#[derive(Debug, Args)]
pub(super) struct ManArgs {
    /// Write `dossier.1`, `dossier-build.1` and so on into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &ManArgs) -> Result<Outcome, CannotRun> {
    let failed = |error: std::io::Error| CannotRun::new(format!("cannot write the manual page: {}", in_words(&error)));
    match &args.out {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(failed)?;
            clap_mangen::generate_to(command(), folder).map_err(failed)?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(command()).render(&mut page).map_err(failed)?;
            drop(std::io::stdout().write_all(&page));
        }
    }
    Ok(Outcome::Fine)
}
