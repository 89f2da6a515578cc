//! What is read of an edition without verifying it, from its archive or from the manifest that was kept of it: what the next one has to
//! know of it, and what it is compared by.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufReader, Read, Seek};

use super::archive::{MANIFEST, SEAL};
use super::{LONGEST_SEAL, ManifestError, Previous, Seal, Snapshot, manifest};

/// An edition that came before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Before {
    /// What the next one says of it.
    pub previous: Previous,
    /// The title of its dossier.
    pub title: String,
    /// Its day.
    pub date: String,
    /// Whether it was read from what is kept of the edition, which only tells of a seal.
    pub is_kept: bool,
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

impl From<ManifestError> for NotAnEdition {
    fn from(error: ManifestError) -> Self {
        match error {
            ManifestError::Io(error) => NotAnEdition::Io(error),
            error @ ManifestError::Line { .. } => unfit(format!("its manifest cannot be used: {error}")),
        }
    }
}

fn unfit(why: impl fmt::Display) -> NotAnEdition {
    NotAnEdition::Unfit(why.to_string())
}

/// Reads what stands of an edition in its archive or in a manifest. It is not verified here.
pub fn before(file: impl Read + Seek) -> Result<Before, NotAnEdition> {
    open(file, SEAL, &mut |file| match file {
        Opened::Inner(from) => of_seal(&text(from)?),
        Opened::Manifest(from) => of_manifest(from),
    })
}

/// Reads an edition for comparing, from its archive or from a manifest. It is not verified here.
pub fn snapshot(file: impl Read + Seek) -> Result<Snapshot, NotAnEdition> {
    open(file, MANIFEST, &mut |file| {
        let (Opened::Inner(from) | Opened::Manifest(from)) = file;
        Ok(Snapshot::from_manifest(manifest::Reader::new(BufReader::with_capacity(1 << 16, from))?)?)
    })
}

/// What was found where an edition was looked for.
enum Opened<'a> {
    /// A file of its archive.
    Inner(&'a mut dyn Read),
    /// Its manifest by itself.
    Manifest(&'a mut dyn Read),
}

/// Opens a file of an archive by its path in the bag, or a manifest that lies by itself.
fn open<T>(
    mut file: impl Read + Seek,
    inner: &str,
    take: &mut dyn FnMut(Opened<'_>) -> Result<T, NotAnEdition>,
) -> Result<T, NotAnEdition> {
    let mut head = Vec::new();
    file.by_ref().take(4).read_to_end(&mut head)?;
    file.rewind()?;
    // An archive has one folder, and in it is the bag.
    let is_meant = |path: &str| path.split_once('/').is_some_and(|(_, below)| below == inner);
    let damaged = |error: zip::result::ZipError| unfit(format!("it is no zip that can be read: {error}"));
    let absent = || unfit(format!("there is no `{inner}` in it"));
    match head.as_slice() {
        b"PK\x03\x04" => {
            let mut archive = zip::ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
            let path = archive.file_names().flatten().find(|path| is_meant(path)).map(Cow::into_owned);
            let mut found = archive.by_name(&path.ok_or_else(absent)?).map_err(damaged)?;
            take(Opened::Inner(&mut found))
        }
        [0x28, 0xb5, 0x2f, 0xfd] => {
            let mut archive = tar::Archive::new(zstd::Decoder::new(file)?);
            for entry in archive.entries()? {
                let mut entry = entry?;
                if std::str::from_utf8(&entry.path_bytes()).is_ok_and(is_meant) {
                    return take(Opened::Inner(&mut entry));
                }
            }
            Err(absent())
        }
        [b'{', ..] => take(Opened::Manifest(&mut file)),
        _ => Err(unfit("it is neither the archive of an edition nor the manifest of one")),
    }
}

fn of_seal(seal: &str) -> Result<Before, NotAnEdition> {
    let seal: Seal = seal.parse().map_err(|error| unfit(format!("its seal cannot be used: {error}")))?;
    Ok(Before { previous: seal.as_previous(), title: seal.title, date: seal.date, is_kept: false })
}

fn of_manifest(file: impl Read) -> Result<Before, NotAnEdition> {
    let header = manifest::Reader::new(BufReader::new(file))?.header;
    let Some(seal) = header.seal else {
        return Err(unfit(
            "it is a manifest that does not name its seal; take the archive, or what is kept in `editions/`",
        ));
    };
    let previous = Previous { edition: header.edition, seal };
    Ok(Before { previous, title: header.title, date: header.date, is_kept: true })
}

fn text(from: impl Read) -> Result<String, NotAnEdition> {
    let mut text = String::new();
    from.take(LONGEST_SEAL).read_to_string(&mut text)?;
    Ok(text)
}
