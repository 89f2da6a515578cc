//! What a dossier keeps of its editions: the secret that their salts are made from, and what each of them said.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use zeroize::Zeroizing;

use super::pending::Pending;
use crate::cli::CannotRun;
use crate::cli::terminal::say;
use crate::config::Settings;
use crate::edition::{self, For, Header, Previous, Salt, Seal};
use crate::read::{hash, in_words};

/// The folder of what past editions said.
pub(in crate::cli) const FOLDER: &str = "editions";

/// The file of the secret.
const SALT: &str = "edition.salt";

/// The longest file of a secret that is read.
const LONGEST: u64 = 4096;

/// The secret, and where the dossier keeps what editions said.
pub(super) struct Kept {
    /// The secret.
    pub(super) salt: Salt,
    /// Where it lies.
    pub(super) salt_file: PathBuf,
    folder: PathBuf,
}

impl Kept {
    /// Reads the secret, or makes one.
    pub(super) fn new(root: &Path, settings: &Settings, typed: Option<&Path>) -> Result<Self, CannotRun> {
        let beside = if root == Path::new(".") { Path::new("") } else { root };
        let path = typed.map_or_else(|| beside.join(SALT), Path::to_owned);
        check_place(&path, root, settings)?;
        let cannot = |attempt: &str, error: &io::Error| {
            CannotRun::new(format!("cannot {attempt} `{}`: {}", path.display(), in_words(error)))
        };
        let salt = match read_salt(&path) {
            Ok(Ok(salt)) => salt,
            Ok(Err(why)) => {
                return Err(CannotRun::new(format!("`{}` holds no secret for salts: {why}", path.display()))
                    .hint("take the one with which earlier editions were made; an empty file cannot stand for it"));
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound && typed.is_none() => {
                let salt = make_salt(&path).map_err(|error| cannot("write", &error))?;
                say(&format!(
                    "made `{}`, a secret from which the salts of editions are made: keep it, do not publish it, and give it to whoever is to \
                     make the same edition; `--salt FILE` names it elsewhere",
                    path.display()
                ));
                salt
            }
            Err(error) => return Err(cannot("read", &error)),
        };
        Ok(Kept { salt, salt_file: path, folder: beside.join(FOLDER) })
    }

    /// Makes ready what is kept of an edition; `None` when it is kept already.
    pub(super) fn record(
        &self,
        header: &Header,
        manifest: File,
        seal: &Seal,
        force: bool,
    ) -> Result<Option<Record>, CannotRun> {
        let path = self.folder.join(format!("{}.jsonl", header.edition));
        let cannot =
            |error: io::Error| CannotRun::new(format!("cannot write `{}`: {}", path.display(), in_words(&error)));
        fs::create_dir_all(&self.folder).map_err(cannot)?;
        let mut pending = Pending::new(&path);
        let file = pending.file("").map_err(cannot)?;
        let file = edition::keep(manifest, seal, file)
            .map_err(|error| CannotRun::new(format!("cannot write `{}`: {error}", path.display())))?;
        match File::open(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(cannot(error)),
            Ok(there) if is_same(&there, &file).map_err(cannot)? => return Ok(None),
            Ok(_) if force => {}
            Ok(_) => {
                return Err(CannotRun::new(format!(
                    "`{}` keeps what another edition of this name said, and an edition is never changed",
                    path.display()
                ))
                .hint("name this one with `--edition NAME`; `--force` gives the other up, if it was never published"));
            }
        }
        Ok(Some(Record { pending, path }))
    }

    /// Tells of past editions when none was named.
    pub(super) fn hint_at_previous(&self, header: &Header) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let own = format!("{}.jsonl", header.edition);
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(entry.ok()?.file_name().to_string_lossy().into_owned()))
            .filter(|name| name.ends_with(".jsonl") && *name != own)
            .collect();
        names.sort();
        if let Some(last) = names.last() {
            let last = self.folder.join(last);
            say(&format!("it names no edition before it; `--previous {}` would link it to that one", last.display()));
        }
    }
}

/// What is kept of an edition, written and not yet in its place.
pub(super) struct Record {
    pending: Pending,
    path: PathBuf,
}

impl Record {
    pub(super) fn finish(self) -> Result<PathBuf, CannotRun> {
        let path = self.path;
        self.pending
            .finish()
            .map_err(|error| CannotRun::new(format!("cannot write `{}`: {}", path.display(), in_words(&error))))
    }
}

/// Whether two files hold the same bytes.
fn is_same(mut one: &File, mut other: &File) -> io::Result<bool> {
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    other.rewind()?;
    Ok(hash(&mut one)? == hash(&mut other)?)
}

/// The last edition for readers of which a folder keeps what it said, by the chain in which they name each other; of those
/// before the edition `until`, where it is one of them.
pub(in crate::cli) fn last_in(folder: &Path, until: Option<&str>) -> Result<PathBuf, CannotRun> {
    let cannot = |path: &Path, why: &str| CannotRun::new(format!("cannot read `{}`: {why}", path.display()));
    let entries = fs::read_dir(folder).map_err(|error| cannot(folder, &in_words(&error)))?;
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    paths.sort();
    let header = |path: &PathBuf| {
        let file = File::open(path).map_err(|error| cannot(path, &in_words(&error)))?;
        let reader = edition::manifest::Reader::new(BufReader::new(file));
        reader.map(|reader| reader.header).map_err(|error| cannot(path, &error.to_string()))
    };
    let headers = paths.iter().map(header).collect::<Result<Vec<_>, _>>()?;
    let before = edition::order(&headers).0.into_iter().take_while(|at| until != Some(&*headers[*at].edition));
    before.filter(|at| headers[*at].audience == For::Public).last().map(|at| paths[at].clone()).ok_or_else(|| {
        CannotRun::new(format!("no edition for readers is kept in `{}`", folder.display()))
            .hint("`dossier archive` keeps what each edition says there")
    })
}

/// The edition before this one. Of a folder it is the last one that is kept there.
pub(super) fn previous(path: &Path, header: &Header) -> Result<Previous, CannotRun> {
    if path.is_dir() {
        return previous(&last_in(path, Some(&header.edition))?, header);
    }
    let shown = path.display();
    let file =
        File::open(path).map_err(|error| CannotRun::new(format!("cannot read `{shown}`: {}", in_words(&error))))?;
    let before = edition::before(BufReader::new(file)).map_err(|why| {
        let why = match &why {
            edition::NotAnEdition::Io(error) => in_words(error),
            edition::NotAnEdition::Unfit(why) => why.clone(),
        };
        CannotRun::new(format!("`{shown}` does not tell of an edition: {why}"))
            .hint("name the archive of the edition before, or what is kept of it in `editions/`")
    })?;
    if before.previous.edition == header.edition {
        return Err(CannotRun::new(format!("`{shown}` is of an edition `{}` too", header.edition))
            .hint("name this one with `--edition NAME`"));
    }
    if before.date > header.date {
        return Err(CannotRun::new(format!(
            "`{shown}` is of {}, which is after the day of this edition, {}",
            before.date, header.date
        ))
        .hint("name the edition before this one, or the right day with `--date`"));
    }
    if before.title != header.title {
        say(&format!("the edition before is of a dossier `{}`, as it was called then", before.title));
    }
    Ok(before.previous)
}

/// Refuses a secret that lies where it would be published.
fn check_place(path: &Path, root: &Path, settings: &Settings) -> Result<(), CannotRun> {
    let Ok(real) = path.canonicalize() else { return Ok(()) };
    let inner = [settings.out(), settings.content(), "static", "themes"];
    let is_in =
        |name: &&&str| **name != "." && root.join(name).canonicalize().is_ok_and(|inner| real.starts_with(inner));
    match inner.iter().find(is_in) {
        Some(name) => {
            Err(CannotRun::new(format!("the secret `{}` lies in `{name}`, and could be published", path.display()))
                .hint("move it beside the settings, or out of the dossier, and make a new one if it was published"))
        }
        None => Ok(()),
    }
}

/// Reads the secret; the inner error says what is wrong with it and nothing of what it is.
fn read_salt(path: &Path) -> io::Result<Result<Salt, &'static str>> {
    let mut text = Zeroizing::new(String::new());
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(Salt::from_str(&text))
}

/// Makes a secret that nobody else on this machine can read.
fn make_salt(path: &Path) -> io::Result<Salt> {
    let mut random = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *random).map_err(|error| io::Error::other(error.to_string()))?;
    let salt = Salt::new(*random);
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(path)?;
    file.write_all(salt.to_line().as_bytes())?;
    file.sync_all()?;
    Ok(salt)
}
