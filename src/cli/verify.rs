//! `dossier verify`.
//!
//! The JSON is an object. Its keys are a promise; each is always there, null where there is nothing to say.
//!
//! | key | value |
//! |---|---|
//! | `file` | the file or folder, as it was named |
//! | `kind` | what it is: `evidence-packet`, `edition`, `bag` or `web-archive` |
//! | `subject` | what it says that it is about |
//! | `verified` | whether nothing differs |
//! | `checks` | what was checked: `about` (of a packet `container`, `files`, `frame`, `statement`, `captures` or `words`; of the others `container`, `bag`, `files`, `frame`, `seal`, `previous`, `removals`, `signature` or `timestamp`), `held` (`yes`, `no`, or `open` for what could not be looked at or shows nothing), `says`, and the `file` in it |

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::json;
use walkdir::WalkDir;

use super::memory::in_small_pages;
use super::terminal::{plural, result, say};
use super::trust::TrustArgs;
use super::{CannotRun, Outcome};
use crate::archive::{Asked, Bag, Refused, Visit, verify, verify_folder};
use crate::edition;
use crate::packet::{Check, Checked, Held};
use crate::read::{in_words, open_within};

/// Check that an edition, another bag, a web archive or an evidence packet is whole and unchanged
///
/// It needs no dossier and no network. It looks whether the archive is safe to unpack, compares each file with the sums that are listed,
/// and names what is missing, added or changed. Of an edition it looks whether it is what was sealed, and tells what was taken out
/// since; of a packet, whether the quoted words stand in the copies that are in it.
///
/// Ends with 0 when nothing differs, with 1 when something does, and with 2 when the file cannot be read or is nothing of these.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    /// A zip, a tar (also as `.tar.zst` or `.tar.gz`) or a WACZ; or the folder to which a bag was unpacked
    #[arg(value_name = "FILE|FOLDER")]
    file: PathBuf,
    /// The edition before: its archive, or what is kept of it in `editions/`
    #[arg(long, value_name = "FILE")]
    previous: Option<PathBuf>,
    #[command(flatten)]
    trust: TrustArgs,
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
    in_small_pages();
    let checked = check(args)?;
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

fn check(args: &VerifyArgs) -> Result<Checked, CannotRun> {
    let (file, shown) = (&args.file, args.file.display());
    let asked = Asked { previous: args.previous.as_deref().map(before).transpose()?, trusted: args.trust.read()? };
    let checked = match file.is_dir() {
        true => file.canonicalize().and_then(|root| verify_folder(&Folder(&root), &asked)),
        false => verify(&|| File::open(file), &asked),
    };
    let checked = checked.map_err(|error| CannotRun::new(format!("cannot read `{shown}`: {}", in_words(&error))))?;
    let checked = checked.ok_or_else(|| {
        CannotRun::new(format!("`{shown}` is neither an edition nor another bag, a web archive or an evidence packet"))
            .hint("name what `dossier archive` or `dossier evidence` has written, or the folder to which a bag was unpacked")
    })?;
    let typed = args.previous.is_some().then_some("--previous").or(args.trust.typed());
    if let Some(option) = typed.filter(|_| checked.kind != "edition") {
        return Err(CannotRun::new(format!("`{shown}` is no edition, and `{option}` has no meaning for it")));
    }
    Ok(checked)
}

/// What is known of the edition before.
fn before(path: &Path) -> Result<edition::Before, CannotRun> {
    let shown = path.display();
    let file =
        File::open(path).map_err(|error| CannotRun::new(format!("cannot read `{shown}`: {}", in_words(&error))))?;
    edition::before(BufReader::new(file)).map_err(|why| {
        let why = match &why {
            edition::NotAnEdition::Io(error) => in_words(error),
            edition::NotAnEdition::Unfit(why) => why.clone(),
        };
        CannotRun::new(format!("`{shown}` does not tell of an edition: {why}"))
            .hint("name the archive of the edition before, or what is kept of it in `editions/`")
    })
}

/// A folder to which a bag was unpacked. Links in it are not followed.
struct Folder<'a>(&'a Path);

impl Folder<'_> {
    fn read(&self, path: &str, see: &mut dyn FnMut(u64, &mut dyn Read) -> io::Result<()>) -> io::Result<()> {
        let (mut file, metadata) = open_within(self.0, &self.0.join(path))?;
        see(metadata.len(), &mut file)
    }
}

impl Bag for Folder<'_> {
    fn each(&self, visit: &mut dyn Visit) -> Result<(), Refused> {
        for entry in WalkDir::new(self.0).min_depth(1).sort_by_file_name() {
            let entry = entry.map_err(|error| {
                let path = error.path().map(|path| path.display().to_string());
                Refused::Unsafe(path, "it cannot be read".to_owned())
            })?;
            let path = entry.path().strip_prefix(self.0).unwrap_or(entry.path());
            let parts: Option<Vec<&str>> = path.iter().map(|part| part.to_str()).collect();
            let Some(path) = parts.map(|parts| parts.join("/")) else {
                return Err(Refused::Unsafe(Some(path.display().to_string()), "its name is not UTF-8".to_owned()));
            };
            if entry.file_type().is_dir() {
                visit.folder(&format!("{path}/"));
            } else if !entry.file_type().is_file() {
                let why = "it is a link or no plain file, and was not followed";
                return Err(Refused::Unsafe(Some(path), why.to_owned()));
            } else if let Err(error) = self.read(&path, &mut |length, from| visit.file(&path, length, from)) {
                visit.broken(&path, &format!("it cannot be read: {}", in_words(&error)));
            }
        }
        Ok(())
    }

    fn one(&self, path: &str, see: &mut dyn FnMut(&mut dyn Read) -> io::Result<()>) -> Result<(), Refused> {
        if !self.0.join(path).is_file() {
            return Ok(());
        }
        Ok(self.read(path, &mut |_, from| see(from))?)
    }
}

/// What a file is, for people.
fn noun(kind: &str) -> &'static str {
    match kind {
        "edition" => "an edition",
        "bag" => "a bag",
        "web-archive" => "a web archive",
        _ => "an evidence packet",
    }
}

/// Prints what was checked, one a line.
pub(super) fn print_checks(checks: &[Check]) {
    for check in checks {
        let held = match check.held {
            Held::Yes => "ok      ",
            Held::No => "DIFFERS ",
            Held::Open => "open    ",
        };
        let file = check.file.as_ref().map(|file| format!("`{file}`: ")).unwrap_or_default();
        result(&format!("{held}{file}{}", check.says));
    }
}

fn print(file: &Path, checked: &Checked) {
    let link = if checked.kind == "evidence-packet" { " for the " } else { ": " };
    let subject = checked.subject.as_ref().map(|subject| format!("{link}{subject}")).unwrap_or_default();
    result(&format!("{}: {}{subject}", file.display(), noun(checked.kind)));
    print_checks(&checked.checks);
    let differing = checked.checks.iter().filter(|check| check.held == Held::No).count();
    let is_redacted = checked.checks.iter().any(|check| check.about == "removals");
    if differing > 0 {
        result(&format!("NOT VERIFIED: {} found", plural(differing, "difference")));
    } else if is_redacted {
        result("verified: what is there is as it was sealed, and not all is there: something was TAKEN OUT");
    } else {
        result("verified: nothing differs");
    }
    let is_signed = checked.checks.iter().any(|check| check.about == "signature" && check.held == Held::Yes);
    if differing == 0 && checked.kind == "edition" && !is_signed {
        say(
            "it fits together; who made it is not shown, since no signature was checked: somebody may have made all of it anew, with the seal. \
             Compare the SHA-256 of the seal with the one that the publisher tells, or name those whom you trust with `--signers` or \
             `--minisign-key`",
        );
    } else if differing == 0 {
        say("it is as it was made; whether what it says is true is another question");
    }
}
