//! Whom and what a reader trusts, as it is typed: for checking signatures and timestamps.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::Timestamp;

use super::CannotRun;
use super::terminal::say;
use crate::archive::Trusted;
use crate::edition::signature::{minisign, ssh};
use crate::edition::timestamp::{ots, tsp};
use crate::read::in_words;
use crate::text::{excerpt, from_hexadecimal};

/// The longest file of what is trusted, in bytes.
const LONGEST: u64 = 4 << 20;

/// Whom and what a reader trusts.
#[derive(Debug, Default, Args)]
pub(super) struct TrustArgs {
    /// Whose SSH keys count: a list as `ssh-keygen` has it, with a line such as `editor@example.org ssh-ed25519 AAAA…`
    #[arg(long, value_name = "ALLOWED_SIGNERS")]
    signers: Option<PathBuf>,
    /// A public key of minisign that counts: its file, or its text, `RW…`
    #[arg(long, value_name = "KEY")]
    minisign_key: Vec<String>,
    /// Root certificates of timestamp authorities that count, in PEM
    #[arg(long, value_name = "PEM")]
    tsa_roots: Option<PathBuf>,
    /// The header of a block of Bitcoin, from a source that you trust: 160 hexadecimal digits
    #[arg(long, value_name = "HEIGHT=HEX")]
    bitcoin_header: Vec<String>,
}

impl TrustArgs {
    /// Some keys of minisign alone.
    pub(super) fn minisign(keys: &[String]) -> Self {
        TrustArgs { minisign_key: keys.to_vec(), ..TrustArgs::default() }
    }

    /// Which of the options were typed.
    pub(super) fn typed(&self) -> Option<&'static str> {
        let options = [
            ("--signers", self.signers.is_some()),
            ("--minisign-key", !self.minisign_key.is_empty()),
            ("--tsa-roots", self.tsa_roots.is_some()),
            ("--bitcoin-header", !self.bitcoin_header.is_empty()),
        ];
        options.into_iter().find(|(_, is_typed)| *is_typed).map(|(option, _)| option)
    }

    /// Reads all of it.
    pub(super) fn read(&self) -> Result<Trusted, CannotRun> {
        let signers = self.signers.as_deref().map(signers).transpose()?;
        let minisign = self.minisign_key.iter().map(|typed| minisign_key(typed)).collect::<Result<_, _>>()?;
        let roots = match &self.tsa_roots {
            None => Vec::new(),
            Some(path) => tsp::roots(&text(path)?).map_err(|why| told(&format!("`{}`: {why}", path.display())))?,
        };
        let headers = self.bitcoin_header.iter().map(|typed| header(typed)).collect::<Result<_, _>>()?;
        Ok(Trusted { at: Timestamp::now(), signers, minisign, roots, headers })
    }
}

fn signers(path: &Path) -> Result<ssh::AllowedSigners, CannotRun> {
    let signers = ssh::AllowedSigners::read(&text(path)?);
    let shown = path.display();
    if signers.is_empty() {
        let why = signers.faults().first().map(|fault| format!("; {fault}")).unwrap_or_default();
        return Err(CannotRun::new(format!("`{shown}` names nobody whose signatures count{why}")).hint(
            "each line is a name, the kind of a key and the key, as in `editor@example.org ssh-ed25519 AAAA…`; `man ssh-keygen` has more under ALLOWED SIGNERS",
        ));
    }
    for fault in signers.faults() {
        say(&format!("warning: `{shown}`: {fault}"));
    }
    Ok(signers)
}

fn minisign_key(typed: &str) -> Result<minisign::PublicKey, CannotRun> {
    if typed.starts_with("RW") && typed.len() == 56 && !Path::new(typed).exists() {
        return minisign::PublicKey::read("--minisign-key", typed)
            .map_err(|why| told(&format!("`--minisign-key`: {why}")));
    }
    let path = Path::new(typed);
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    minisign::PublicKey::read(&name, &text(path)?).map_err(|why| told(&format!("`{}`: {why}", path.display())))
}

fn header(typed: &str) -> Result<(u64, [u8; ots::HEADER]), CannotRun> {
    let read = || {
        let (height, digits) = typed.split_once('=')?;
        Some((height.parse().ok()?, from_hexadecimal(digits)?))
    };
    read().ok_or_else(|| {
        CannotRun::new(format!("`--bitcoin-header`: `{}` is no header of a block", excerpt(typed, 40)))
            .hint("write the number of the block, `=`, and its header in 160 hexadecimal digits")
    })
}

fn text(path: &Path) -> Result<String, CannotRun> {
    String::from_utf8(bytes(path)?).map_err(|_| CannotRun::new(format!("`{}` is no text", path.display())))
}

/// Reads a short file.
pub(super) fn bytes(path: &Path) -> Result<Vec<u8>, CannotRun> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
        .map_err(|error| CannotRun::new(format!("cannot read `{}`: {}", path.display(), in_words(&error))))?;
    match bytes.len() as u64 > LONGEST {
        true => Err(CannotRun::new(format!("`{}` is longer than such files are", path.display()))),
        false => Ok(bytes),
    }
}

/// What went wrong, of which the way out may be a part.
pub(super) fn told(why: &str) -> CannotRun {
    match why.split_once("; hint: ") {
        Some((why, hint)) => CannotRun::new(why).hint(hint),
        None => CannotRun::new(why),
    }
}
