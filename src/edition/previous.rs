//! What the next edition has to know of the one before: its name and its seal, from its archive or from the manifest that was kept of it.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufReader, Read, Seek};

use super::archive::SEAL;
use super::{LONGEST_SEAL, ManifestError, Previous, Seal, manifest};

/// An edition that came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// What the next one says of it.
    pub previous: Previous,
    /// The title of its dossier.
    pub title: String,
    /// Its day.
    pub date: String,
}

/// Why a file tells of no edition.
#[derive(Debug)]
pub enum NotAnEdition {
    /// The system could not read it.
    Io(io::Error),
    /// What is wrong with it.
    Unfit(String),
}

impl fmt::Display for NotAnEdition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NotAnEdition::Io(error) => error.fmt(formatter),
            NotAnEdition::Unfit(why) => formatter.write_str(why),
        }
    }
}

impl From<io::Error> for NotAnEdition {
    fn from(error: io::Error) -> Self {
        NotAnEdition::Io(error)
    }
}

fn unfit(why: impl fmt::Display) -> NotAnEdition {
    NotAnEdition::Unfit(why.to_string())
}

/// Reads what stands of an edition in its archive or in a manifest. It is not verified here.
pub fn before(mut file: impl Read + Seek) -> Result<Before, NotAnEdition> {
    let mut head = Vec::new();
    file.by_ref().take(4).read_to_end(&mut head)?;
    file.rewind()?;
    match head.as_slice() {
        b"PK\x03\x04" => of_seal(&seal_of_zip(file)?),
        [0x28, 0xb5, 0x2f, 0xfd] => of_seal(&seal_of_tar(file)?),
        [b'{', ..] => of_manifest(file),
        _ => Err(unfit("it is neither the archive of an edition nor the manifest of one")),
    }
}

fn of_seal(seal: &str) -> Result<Before, NotAnEdition> {
    let seal: Seal = seal.parse().map_err(|error| unfit(format!("its seal cannot be used: {error}")))?;
    Ok(Before { previous: seal.as_previous(), title: seal.title, date: seal.date })
}

fn of_manifest(file: impl Read) -> Result<Before, NotAnEdition> {
    let header = match manifest::Reader::new(BufReader::new(file)) {
        Ok(reader) => reader.header,
        Err(ManifestError::Io(error)) => return Err(error.into()),
        Err(error) => return Err(unfit(error)),
    };
    let Some(seal) = header.seal else {
        return Err(unfit(
            "it is a manifest that does not name its seal; take the archive, or what is kept in `editions/`",
        ));
    };
    Ok(Before { previous: Previous { edition: header.edition, seal }, title: header.title, date: header.date })
}

fn no_seal() -> NotAnEdition {
    unfit(format!("there is no `{SEAL}` in it"))
}

/// Whether a path in an archive is that of its seal: in its one folder.
fn is_seal(path: &str) -> bool {
    path.split_once('/').is_some_and(|(_, inner)| inner == SEAL)
}

fn seal_of_zip(file: impl Read + Seek) -> Result<String, NotAnEdition> {
    let mut archive = zip::ZipArchive::new(file).map_err(unfit)?;
    let path = archive.file_names().flatten().find(|path| is_seal(path)).map(Cow::into_owned).ok_or_else(no_seal)?;
    let found = archive.by_name(&path).map_err(unfit)?;
    text(found)
}

fn seal_of_tar(file: impl Read) -> Result<String, NotAnEdition> {
    let mut archive = tar::Archive::new(zstd::Decoder::new(file)?);
    for entry in archive.entries()? {
        let entry = entry?;
        if std::str::from_utf8(&entry.path_bytes()).is_ok_and(is_seal) {
            return text(entry);
        }
    }
    Err(no_seal())
}

fn text(from: impl Read) -> Result<String, NotAnEdition> {
    let mut text = String::new();
    from.take(LONGEST_SEAL).read_to_string(&mut text)?;
    Ok(text)
}
