//! `dossier sign`.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;

use super::archive::pending::Pending;
use super::keys::{Key, PasswordArgs, check_no_dossier, signatures};
use super::terminal::{result, say};
use super::trust::{TrustArgs, bytes};
use super::{CannotRun, Outcome};
use crate::archive::{Asked, Beside, Refused, Trusted, add_beside, beside, beside_path, is_beside_name, verify};
use crate::edition::Form;
use crate::edition::signature::{self, minisign, ssh};
use crate::packet::{Held, shown};
use crate::read::in_words;

/// Sign an edition that exists
///
/// The signature is over its seal, which stands for all of it, and lies beside the seal. The archive is checked first, and is written again
/// with the signature in it, whole or not at all. A key on another machine signs `edition/seal.txt` there, and `--add` takes what it made.
///
/// Ends with 0 when it was signed, with 1 when the edition or a signature that was to be added is wrong, and with 2 when it could not be
/// done.
#[derive(Debug, Args)]
pub(super) struct SignArgs {
    /// The edition: a zip or a tar.zst
    archive: PathBuf,
    /// Sign with this key: a private key of SSH (Ed25519), or a secret key of minisign
    #[arg(long, value_name = "KEY", required_unless_present = "add")]
    key: Vec<PathBuf>,
    #[command(flatten)]
    password: PasswordArgs,
    /// Add a signature that was made elsewhere, by `ssh-keygen -Y sign -n dossier` or `minisign -S`; it has to be over this seal
    #[arg(long, value_name = "FILE")]
    add: Vec<PathBuf>,
    /// The public key of minisign by which a signature that is added is checked: its file, or its text, `RW…`
    #[arg(long, value_name = "KEY")]
    minisign_key: Vec<String>,
    /// Name the signature, `seal.txt.NAME.sig`, where there is one already
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    #[command(flatten)]
    out: OutArgs,
}

/// Where an edition is written to which something was added.
#[derive(Debug, Args)]
pub(super) struct OutArgs {
    /// Write this file, and leave the one that is there as it is
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace what is there by the name given with `--out`
    #[arg(long, requires = "out")]
    force: bool,
}

pub(super) fn run(args: &SignArgs) -> Result<Outcome, CannotRun> {
    let mut edition = Edition::open(&args.archive, args.name.as_deref(), &args.out)?;
    let trusted = TrustArgs::minisign(&args.minisign_key).read()?;
    let held: Vec<&Path> = args.key.iter().chain(&args.password.password_file).map(PathBuf::as_path).collect();
    check_no_dossier(&held)?;
    let keys = Key::read_all(&args.key, &args.password)?;
    if !edition.is_whole()? {
        return Ok(Outcome::Findings);
    }
    let Beside { seal, text, .. } = &edition.beside;
    let mut added = signatures(&keys, seal, text).map_err(CannotRun::new)?;
    for path in &args.add {
        match made_elsewhere(path, text, &trusted)? {
            Ok((ending, content)) => added.push((beside_path(None, ending), content)),
            Err(why) => {
                say(&format!("`{}`: {why}", path.display()));
                say("nothing was added");
                return Ok(Outcome::Findings);
            }
        }
    }
    for (path, content) in added {
        let path = edition.named(&path, args.name.as_deref());
        edition.add(path, content)?;
    }
    edition.write()
}

/// A signature that was made elsewhere, with its ending; or why it is none of this seal.
type Elsewhere = Result<(&'static str, Vec<u8>), String>;

fn made_elsewhere(path: &Path, seal: &[u8], trusted: &Trusted) -> Result<Elsewhere, CannotRun> {
    let content = bytes(path)?;
    let text = String::from_utf8_lossy(&content);
    if text.contains("PRIVATE KEY") {
        return Err(CannotRun::new(format!("`{}` is a private key and no signature", path.display()))
            .hint("sign with it by `--key`"));
    }
    if text.trim_start().starts_with("untrusted comment:") {
        let outcome = minisign::verify(&text, seal, &trusted.minisign);
        return match outcome {
            signature::Outcome::Good { .. } => Ok(Ok(("minisig", content))),
            signature::Outcome::NoKey { key } => Err(CannotRun::new(format!(
                "`{}` cannot be checked without the public key {key}, and nothing is added unchecked",
                path.display()
            ))
            .hint("name the public key with `--minisign-key KEY`")),
            other => Ok(Err(other.to_string())),
        };
    }
    // Whose key it is does not matter here: who signs an edition knows that.
    match ssh::verify(&text, seal, &ssh::AllowedSigners::default(), trusted.at) {
        signature::Outcome::Good { .. } | signature::Outcome::Stranger { .. } => Ok(Ok(("sig", content))),
        other => Ok(Err(other.to_string())),
    }
}

/// An edition to which something is added.
pub(super) struct Edition {
    archive: PathBuf,
    out: PathBuf,
    pub(super) beside: Beside,
    added: BTreeMap<String, Vec<u8>>,
}

impl Edition {
    /// Reads what lies beside the seal, and looks whether the result can be written.
    pub(super) fn open(archive: &Path, name: Option<&str>, out: &OutArgs) -> Result<Edition, CannotRun> {
        if let Some(name) = name.filter(|name| !is_beside_name(name)) {
            return Err(CannotRun::new(format!("`--name`: `{}` cannot be a name", crate::text::excerpt(name, 40)))
                .hint("take small letters, digits and `-`, such as `desk`"));
        }
        let beside = read(archive)?;
        let target = out.out.clone().unwrap_or_else(|| archive.to_owned());
        let ending = match beside.form {
            Form::Zip => ".zip",
            Form::TarZst => ".tar.zst",
        };
        if out.out.is_some() {
            if !target.to_string_lossy().to_ascii_lowercase().ends_with(ending) {
                return Err(CannotRun::new(format!(
                    "`{}` does not end in `{ending}`, as the edition does",
                    target.display()
                )));
            }
            if std::fs::symlink_metadata(&target).is_ok() && !out.force {
                return Err(CannotRun::new(format!("`{}` is there already", target.display()))
                    .hint("`--force` replaces it; `--out FILE` names another"));
            }
        }
        // A link stays one: what it leads to is replaced.
        let target = if target.is_symlink() { target.canonicalize().unwrap_or(target) } else { target };
        Ok(Edition { archive: archive.to_owned(), out: target, beside, added: BTreeMap::new() })
    }

    /// Whether the edition is what was sealed; what is not is told.
    pub(super) fn is_whole(&self) -> Result<bool, CannotRun> {
        let checked = verify(&|| File::open(&self.archive), &Asked::default())
            .map_err(|error| cannot_read(&self.archive, &in_words(&error)))?;
        let checks = checked.map(|checked| checked.checks).unwrap_or_default();
        // Who packed the files again has not changed them.
        let differs: Vec<_> = checks.iter().filter(|check| check.held == Held::No && check.about != "frame").collect();
        for check in &differs {
            let file = check.file.as_ref().map(|file| format!("`{file}`: ")).unwrap_or_default();
            say(&format!("{file}{}", check.says));
        }
        if !differs.is_empty() {
            say(&format!("`{}` is not as it was sealed, and nothing was added to it", self.archive.display()));
        }
        Ok(differs.is_empty())
    }

    /// The path of something with the name that was given.
    pub(super) fn named(&self, path: &str, name: Option<&str>) -> String {
        match (name, path.rsplit_once('.')) {
            (Some(name), Some((_, ending))) => beside_path(Some(name), ending),
            _ => path.to_owned(),
        }
    }

    /// Adds a file, unless one of the name is there.
    pub(super) fn add(&mut self, path: String, content: Vec<u8>) -> Result<(), CannotRun> {
        if self.beside.files.contains_key(&path) || self.added.contains_key(&path) {
            return Err(CannotRun::new(format!("the edition has `{path}` already"))
                .hint("`--name NAME` names this one, such as `--name desk`"));
        }
        self.added.insert(path, content);
        Ok(())
    }

    /// Puts a file into the place of another, or where there is none.
    pub(super) fn replace(&mut self, path: String, content: Vec<u8>) {
        self.added.insert(path, content);
    }

    /// Whether something of this path was added.
    pub(super) fn is_added(&self, path: &str) -> bool {
        self.added.contains_key(path)
    }

    /// Where it is written.
    pub(super) fn written(&self) -> &Path {
        &self.out
    }

    /// Writes it, whole or not at all, and tells what was added.
    pub(super) fn write(&self) -> Result<Outcome, CannotRun> {
        let shown = self.out.display();
        let cannot = |error: std::io::Error| CannotRun::new(format!("cannot write `{shown}`: {}", in_words(&error)));
        let mut pending = Pending::new(&self.out);
        let to = BufWriter::with_capacity(1 << 18, pending.file("").map_err(cannot)?);
        let scratch = pending.file("-directory").map_err(cannot)?;
        let written = add_beside(&|| File::open(&self.archive), &self.beside, &self.added, to, scratch);
        let to = written.map_err(|refused| match refused {
            // It was read whole a moment ago.
            Refused::Io(error) => cannot(error),
            refused => told_of(&self.archive, refused),
        })?;
        let file = to.into_inner().map_err(|error| cannot(error.into_error()))?;
        if let Ok(metadata) = std::fs::metadata(&self.archive) {
            file.set_permissions(metadata.permissions()).map_err(cannot)?;
        }
        file.sync_all().map_err(cannot)?;
        pending.finish().map_err(cannot)?;
        for path in self.added.keys() {
            result(&format!("{shown}: added `{path}`"));
        }
        Ok(Outcome::Fine)
    }
}

/// Reads the seal of an edition, and what lies beside it.
pub(super) fn read(archive: &Path) -> Result<Beside, CannotRun> {
    if archive.is_dir() {
        return Err(CannotRun::new(format!("`{}` is a folder", archive.display()))
            .hint("name the archive of the edition: a zip or a tar.zst"));
    }
    File::open(archive)
        .and_then(|mut file| file.read(&mut [0]))
        .map_err(|error| cannot_read(archive, &in_words(&error)))?;
    beside(&|| File::open(archive)).map_err(|refused| told_of(archive, refused))
}

fn told_of(archive: &Path, refused: Refused) -> CannotRun {
    match refused {
        Refused::Io(error) => cannot_read(archive, &in_words(&error)),
        Refused::Unsafe(None, why) => {
            CannotRun::new(format!("`{}`: {why}", archive.display())).hint("name what `dossier archive` has written")
        }
        Refused::Unsafe(Some(file), why) => {
            CannotRun::new(format!("`{}` cannot be used: `{}`: {why}", archive.display(), shown(&file)))
                .hint("`dossier verify` tells all that is wrong with it")
        }
    }
}

fn cannot_read(archive: &Path, why: &str) -> CannotRun {
    CannotRun::new(format!("cannot read `{}`: {why}", archive.display()))
}
