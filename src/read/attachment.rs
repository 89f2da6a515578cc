//! Files beside the records: what a look at them tells, and what is copied of them.

use std::fs::{File, Metadata};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::open_within;
use crate::media::{self, Fault, Look, Window};

/// Files up to this length are looked at from end to end.
const WHOLE: u64 = 1024 * 1024;

/// How much of longer files is looked at: of the beginning, and of the end.
const HEAD: u64 = 256 * 1024;
const TAIL: u64 = 128 * 1024;

/// A file beside the records: a picture, a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Path relative to the folder of records.
    pub inner: String,
    /// Where it lies on the disk.
    pub on_disk: PathBuf,
    /// What it carries beside what it shows.
    pub look: Look,
}

/// What a site has of an attachment.
#[derive(Debug)]
pub enum Copied {
    /// A picture, without what it carries beside what it shows.
    Picture(Vec<u8>),
    /// Nothing: it is a picture that cannot be read.
    Refused(Fault),
    /// The file as it is, open at its beginning, and what the system says of it.
    File(File, Metadata),
}

impl Attachment {
    /// The file as it is, open for reading, and what the system says of it. A link that has come to lead out of the folder of records
    /// since it was found is refused, also when it comes while this is looked at. A site has [copies](Self::copied).
    pub fn open(&self) -> io::Result<(File, Metadata)> {
        let depth = self.inner.split('/').count();
        let root = self.on_disk.ancestors().nth(depth).ok_or(io::ErrorKind::InvalidInput)?.canonicalize()?;
        open_within(&root, &self.on_disk)
    }

    /// What a site has of it: the one way by which a build and the preview come to its bytes.
    pub fn copied(&self) -> io::Result<Copied> {
        let (mut file, metadata) = self.open()?;
        let mut bytes = Vec::new();
        (&mut file).take(12).read_to_end(&mut bytes)?;
        if !media::is_picture(&self.inner, &bytes) {
            file.rewind()?;
            return Ok(Copied::File(file, metadata));
        }
        file.read_to_end(&mut bytes)?;
        Ok(match media::strip(&self.inner, &bytes) {
            Ok(Some(picture)) => Copied::Picture(picture),
            Err(fault) => Copied::Refused(fault),
            Ok(None) => {
                file.rewind()?;
                Copied::File(file, metadata)
            }
        })
    }
}

/// Looks at a file. One that cannot be read now is told of when it is copied.
pub(super) fn look_at(path: &Path) -> Look {
    look(path).unwrap_or_default()
}

fn look(path: &Path) -> io::Result<Look> {
    let mut file = File::open(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let length = file.metadata()?.len();
    let (mut head, mut tail) = (Vec::new(), Vec::new());
    if length <= WHOLE {
        // It may have become longer meanwhile.
        (&mut file).take(WHOLE).read_to_end(&mut head)?;
        return Ok(media::look(&name, Window::whole(&head)));
    }
    (&mut file).take(HEAD).read_to_end(&mut head)?;
    file.seek(SeekFrom::Start(length - TAIL))?;
    file.take(TAIL).read_to_end(&mut tail)?;
    Ok(media::look(&name, Window { head: &head, tail: &tail, is_whole: false }))
}
