//! Private keys: reading them, and signing a seal. Nothing of them is ever printed or written.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use clap::Args;
use zeroize::Zeroizing;

use super::CannotRun;
use super::terminal::ask_secret;
use super::trust::told;
use crate::archive::beside_path;
use crate::edition::Seal;
use crate::edition::signature::{minisign, ssh};
use crate::read::in_words;
use crate::text::excerpt;

/// What lies in the folder of a dossier, as it is named where nobody named it otherwise.
const SETTINGS: &str = "dossier.yaml";

/// The longest file of a key or a password that is read, in bytes.
const LONGEST: usize = 64 << 10;

/// Where the password of a key comes from.
#[derive(Debug, Args)]
pub(super) struct PasswordArgs {
    /// The file whose first line is the password of the minisign key; else it is asked on the terminal
    #[arg(long, value_name = "FILE")]
    pub(super) password_file: Option<PathBuf>,
}

/// A private key.
pub(super) enum Key {
    Ssh(ssh::SigningKey),
    Minisign(minisign::SigningKey),
}

impl Key {
    /// Reads keys, and asks for the passwords that they take.
    pub(super) fn read_all(paths: &[PathBuf], password: &PasswordArgs) -> Result<Vec<Key>, CannotRun> {
        paths.iter().map(|path| Key::read(path, password.password_file.as_deref())).collect()
    }

    fn read(path: &Path, password: Option<&Path>) -> Result<Key, CannotRun> {
        let shown = path.display();
        let text = secret(path)?;
        let unfit = |why: String| told(&format!("`{shown}`: {why}"));
        if text.contains("PRIVATE KEY-----") {
            return ssh::SigningKey::read(&text).map(Key::Ssh).map_err(unfit);
        }
        if ["ssh-", "ecdsa-", "sk-"].iter().any(|kind| text.starts_with(kind)) || text.starts_with("RW") {
            return Err(CannotRun::new(format!("`{shown}` is a public key, and signing takes the private one"))
                .hint("name the file of the private key, which lies beside it without `.pub`"));
        }
        if !text.starts_with("untrusted comment:") {
            return Err(CannotRun::new(format!(
                "`{shown}` is neither a private key of SSH nor a secret key of minisign"
            )));
        }
        if !minisign::is_locked(&text) {
            return minisign::SigningKey::read(&text, None).map(Key::Minisign).map_err(unfit);
        }
        let password = match password {
            Some(file) => Zeroizing::new(secret(file)?.lines().next().unwrap_or_default().to_owned()),
            None => ask_secret(&format!("password of `{shown}`: ")).ok_or_else(|| {
                CannotRun::new(format!("`{shown}` is locked with a password, and there is no terminal to ask for it"))
                    .hint("`--password-file FILE` names a file whose first line is the password")
            })?,
        };
        minisign::SigningKey::read(&text, Some(password.as_bytes())).map(Key::Minisign).map_err(unfit)
    }

    /// The ending of the signatures that it makes.
    pub(super) fn ending(&self) -> &'static str {
        match self {
            Key::Ssh(_) => "sig",
            Key::Minisign(_) => "minisig",
        }
    }

    /// Signs a seal, of which the bytes are given too.
    pub(super) fn sign(&self, seal: &Seal, text: &[u8]) -> Result<Vec<u8>, String> {
        match self {
            Key::Ssh(key) => Ok(ssh::sign(key, text).into_bytes()),
            Key::Minisign(key) => {
                let comment = format!("edition {} of {}", excerpt(&seal.edition, 100), excerpt(&seal.title, 200));
                minisign::sign(key, text, &comment).map(String::into_bytes)
            }
        }
    }
}

/// Signatures of some keys over a seal, by their paths in the edition; the second of a kind is numbered.
pub(super) fn signatures(keys: &[Key], seal: &Seal, text: &[u8]) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut made: Vec<(String, Vec<u8>)> = Vec::new();
    for key in keys {
        let numbers = (2..).map(|number: u32| Some(number.to_string()));
        let path = std::iter::once(None)
            .chain(numbers)
            .map(|name| beside_path(name.as_deref(), key.ending()))
            .find(|path| made.iter().all(|(other, _)| other != path))
            .expect("numbers do not end");
        made.push((path, key.sign(seal, text)?));
    }
    Ok(made)
}

/// Refuses keys and passwords that lie in a dossier, from which they could get into an edition.
pub(super) fn check_places(paths: &[&Path], root: &Path) -> Result<(), CannotRun> {
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let Ok(root) = root.canonicalize() else { return Ok(()) };
    match paths.iter().find(|path| path.canonicalize().is_ok_and(|path| path.starts_with(&root))) {
        Some(path) => {
            Err(CannotRun::new(format!("`{}` lies in the folder of the dossier, where no key belongs", path.display()))
                .hint("keep it elsewhere, so that no build, edition or repository ever takes it in"))
        }
        None => Ok(()),
    }
}

/// Refuses keys and passwords that lie in the folder of any dossier.
pub(super) fn check_no_dossier(paths: &[&Path]) -> Result<(), CannotRun> {
    for path in paths {
        let Ok(full) = path.canonicalize() else { continue };
        if let Some(root) = full.ancestors().skip(1).find(|folder| folder.join(SETTINGS).is_file()) {
            check_places(&[path], root)?;
        }
    }
    Ok(())
}

/// Reads a short text of which no copy is left behind.
fn secret(path: &Path) -> Result<Zeroizing<String>, CannotRun> {
    let cannot = |why: String| CannotRun::new(format!("cannot read `{}`: {why}", path.display()));
    // With all its room from the beginning it is never moved.
    let mut bytes = Zeroizing::new(vec![0; LONGEST + 1]);
    let length = File::open(path).and_then(|file| fill(file, &mut bytes)).map_err(|error| cannot(in_words(&error)))?;
    if length > LONGEST {
        return Err(cannot("it is longer than keys are".to_owned()));
    }
    let text = std::str::from_utf8(&bytes[..length]).map_err(|_| cannot("it is no text".to_owned()))?;
    Ok(Zeroizing::new(text.to_owned()))
}

fn fill(mut file: File, bytes: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < bytes.len() {
        match file.read(&mut bytes[length..])? {
            0 => break,
            read => length += read,
        }
    }
    Ok(length)
}
