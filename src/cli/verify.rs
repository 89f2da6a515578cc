//! `dossier verify`.
//!
//! The JSON is an object. Its keys are a promise; each is always there, null where there is nothing to say.
//!
//! | key | value |
//! |---|---|
//! | `file` | the file, as it was named |
//! | `kind` | what it is: `evidence-packet` |
//! | `subject` | what it says that it is about |
//! | `verified` | whether nothing differs |
//! | `checks` | what was checked: `about` (`container`, `files`, `frame`, `statement`, `captures` or `words`), `held` (`yes`, `no`, or `open` for what could not be looked at), `says`, and the `file` in it |

use std::fs::File;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;

use super::terminal::{plural, result, say};
use super::{CannotRun, Outcome};
use crate::packet::{Checked, Held, verify};
use crate::read::in_words;

/// Check that an evidence packet is whole and unchanged
///
/// It needs no dossier and no network. It looks whether the zip is safe to unpack, compares each file with its SHA-256, names what is
/// missing, added or changed, and looks for the quoted words again in the copies that are in the packet.
///
/// Ends with 0 when nothing differs, with 1 when something does, and with 2 when the file cannot be read or is no packet.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// The packet, as `dossier evidence` writes it
    file: PathBuf,
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

pub(super) fn run(args: &VerifyArgs) -> Result<Outcome, CannotRun> {
    let checked = check(&args.file)?;
    match args.format {
        Format::Text => print(&args.file, &checked),
        Format::Json => {
            let value = json!({
                "file": args.file.display().to_string(),
                "kind": checked.kind,
                "subject": checked.subject,
                "verified": checked.holds(),
                "checks": checked.checks,
            });
            let text = serde_json::to_string_pretty(&value);
            result(&text.map_err(|error| CannotRun::new(format!("cannot write JSON: {error}")))?);
        }
    }
    Ok(if checked.holds() { Outcome::Fine } else { Outcome::Findings })
}

/// Asks each kind of file that can be verified whether it is one.
fn check(file: &Path) -> Result<Checked, CannotRun> {
    let shown = file.display();
    if file.is_dir() {
        return Err(
            CannotRun::new(format!("`{shown}` is a folder")).hint("name the zip that `dossier evidence` has written")
        );
    }
    let checked = verify(&|| File::open(file));
    let checked = checked.map_err(|error| CannotRun::new(format!("cannot read `{shown}`: {}", in_words(&error))))?;
    checked.ok_or_else(|| {
        CannotRun::new(format!("`{shown}` is no evidence packet"))
            .hint("name the zip that `dossier evidence` has written")
    })
}

fn print(file: &Path, checked: &Checked) {
    let subject = checked.subject.as_ref().map(|subject| format!(" for the {subject}")).unwrap_or_default();
    result(&format!("{}: an evidence packet{subject}", file.display()));
    for check in &checked.checks {
        let held = match check.held {
            Held::Yes => "ok      ",
            Held::No => "DIFFERS ",
            Held::Open => "open    ",
        };
        let file = check.file.as_ref().map(|file| format!("`{file}`: ")).unwrap_or_default();
        result(&format!("{held}{file}{}", check.says));
    }
    let differing = checked.checks.iter().filter(|check| check.held == Held::No).count();
    if differing == 0 {
        result("verified: nothing differs");
        say("it is as it was made; whether what it says is true is another question");
    } else {
        result(&format!("NOT VERIFIED: {} found", plural(differing, "difference")));
    }
}
