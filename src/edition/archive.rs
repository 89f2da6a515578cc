//! An edition in one file: the order of all that goes into it.
//!
//! The payload comes first, sorted by path; what is said of each file goes into scratch files. Then come the fields of the records, and at
//! last the tag files, which can only be made when all else is known. So memory does not grow with the site, and the same input gives
//! the same bytes. While some files are written, the next are packed.

use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::bag::{self, Oxum};
use super::container::{Container, Form, Packed, Packer};
use super::{Entry, For, Header, ManifestError, Salt, Seal, manifest, readme};
use crate::edtf::Day;
use crate::text::{hexadecimal, slug};

/// The manifest of an edition, in its bag.
pub const MANIFEST: &str = "edition/manifest.jsonl";

/// The seal of an edition, in its bag.
pub const SEAL: &str = "edition/seal.txt";

/// The page that tells how to check an edition without this program.
pub const README: &str = "README.txt";

/// The longest title that is part of the name of a folder, in bytes.
const LONGEST: usize = 60;

/// What made an edition.
pub(crate) const PROGRAM: &str = concat!("dossier ", env!("CARGO_PKG_VERSION"));

/// What an edition says of itself.
#[derive(Clone, Debug)]
pub struct About {
    /// What stands in its manifest.
    pub header: Header,
    /// Its day.
    pub day: Day,
    /// The language of the site.
    pub lang: String,
    /// The licence of the dossier's own words.
    pub licence: Option<String>,
    /// Who publishes the dossier.
    pub publisher: Option<String>,
    /// The address at which the site stands.
    pub base_url: Option<String>,
}

impl About {
    /// The folder that the archive unpacks to.
    pub fn folder(&self) -> String {
        let mut title = slug(&self.header.title).unwrap_or_else(|| "dossier".to_owned());
        if title.len() > LONGEST {
            let end = title[..LONGEST].rfind('-').unwrap_or(LONGEST);
            title.truncate(end);
        }
        format!("{title}-{}", self.header.edition)
    }
}

/// An edition while it is written.
pub struct Archive<'a, W: Write + Seek, S: Read + Write + Seek> {
    about: &'a About,
    form: Form,
    folder: String,
    /// Files that come next, packed; they are written while those after them are packed.
    ready: Vec<Ready>,
    out: Out<'a, W, S>,
}

/// An edition that was written.
#[derive(Debug)]
pub struct Written<W, S> {
    /// Where it was written.
    pub to: W,
    /// Its seal.
    pub seal: Seal,
    /// Its manifest.
    pub manifest: S,
    /// How much its payload is.
    pub oxum: Oxum,
}

/// A file beside the payload: its path in the bag, and its bytes.
pub type TagFile = (String, Vec<u8>);

/// Why there is no edition.
#[derive(Debug)]
pub enum Unwritten {
    /// The system refused.
    Io(io::Error),
    /// Something that was made for it was looked at and refused.
    Refused,
}

impl From<io::Error> for Unwritten {
    fn from(error: io::Error) -> Self {
        Unwritten::Io(error)
    }
}

/// A file that goes into an edition, and which bytes it has.
#[derive(Clone, Debug)]
pub struct PayloadFile {
    /// Its path in the payload; of a web archive, in the site.
    pub path: String,
    /// How many bytes it has.
    pub length: u64,
    /// Their SHA-256.
    pub sha256: [u8; 32],
}

impl PayloadFile {
    /// A file with these bytes.
    pub fn of(path: String, bytes: &[u8]) -> Self {
        PayloadFile { path, length: bytes.len() as u64, sha256: Sha256::digest(bytes).into() }
    }

    /// An error unless what was read of it, by its SHA-256, is what it was told to be.
    pub(super) fn check(&self, found: &str) -> io::Result<()> {
        match hexadecimal(&self.sha256) == found {
            true => Ok(()),
            false => Err(io::Error::other("it changed while it was read")),
        }
    }
}

/// A file of the payload that is ready to be written.
struct Ready {
    path: String,
    length: u64,
    sha256: String,
    packed: Packed,
}

/// Where all that an edition holds is written and noted.
struct Out<'a, W: Write + Seek, S: Read + Write + Seek> {
    container: Container<W, S>,
    manifest: manifest::Writer<'a, BufWriter<S>>,
    sums: BufWriter<S>,
    oxum: Oxum,
}

impl<W: Write + Seek, S: Read + Write + Seek + Send> Out<'_, W, S> {
    /// Writes files that are ready.
    fn write(&mut self, files: &[Ready]) -> io::Result<()> {
        for file in files {
            self.container.put(&file.packed)?;
        }
        self.note(&files.iter().map(|file| (&*file.path, file.length, &*file.sha256)).collect::<Vec<_>>())
    }

    /// Notes files that were written: of each its path, its length, its SHA-256.
    fn note(&mut self, files: &[(&str, u64, &str)]) -> io::Result<()> {
        for (path, length, sha256) in files {
            self.oxum.bytes += length;
            self.oxum.files += 1;
            self.sums.write_all(bag::sum_line(sha256, path).as_bytes())?;
        }
        self.manifest.files(files)
    }
}

impl<'a, W: Write + Seek + Send, S: Read + Write + Seek + Send> Archive<'a, W, S> {
    /// Begins an edition; the scratch files are empty.
    pub fn new(form: Form, about: &'a About, salt: &'a Salt, to: W, scratch: [S; 3]) -> io::Result<Self> {
        let [directory, manifest, sums] = scratch;
        let header = Header { seal: None, ..about.header.clone() };
        Ok(Archive {
            about,
            form,
            folder: about.folder(),
            ready: Vec::new(),
            out: Out {
                container: Container::new(form, to, directory, about.day),
                manifest: manifest::Writer::new(BufWriter::new(manifest), header, Some(salt))?,
                sums: BufWriter::new(sums),
                oxum: Oxum::default(),
            },
        })
    }

    /// Writes files of the payload, by their paths in it; all paths come in the order of their bytes.
    pub fn files(&mut self, files: Vec<(PayloadFile, Vec<u8>)>) -> io::Result<()> {
        let Archive { form, folder, ready: before, out, .. } = self;
        let pack = |packer: &mut Packer, (file, bytes): (PayloadFile, Vec<u8>)| {
            let path = format!("{}{}", bag::PAYLOAD, file.path);
            let packed = form.pack(packer, format!("{folder}/{path}"), bytes)?;
            Ok(Ready { path, length: file.length, sha256: hexadecimal(&file.sha256), packed })
        };
        let pack = || files.into_par_iter().map_init(Packer::new, pack).collect::<io::Result<_>>();
        let (written, ready) = rayon::join(|| out.write(before), pack);
        written?;
        self.ready = ready?;
        Ok(())
    }

    /// Writes a file of the payload while it is read, for those that are long; returns its SHA-256.
    pub fn stream(&mut self, path: &str, length: u64, from: &mut dyn Read) -> io::Result<String> {
        self.flush()?;
        let path = format!("{}{path}", bag::PAYLOAD);
        let mut hashed = Hashed::new(from);
        self.out.container.stream(&format!("{}/{path}", self.folder), length, &mut hashed)?;
        let sha256 = hashed.sha256();
        self.out.note(&[(&path, length, &sha256)])?;
        Ok(sha256)
    }

    /// The same for a file of which it is known which bytes it has; an error when it has others by now.
    pub fn stream_known(&mut self, file: &PayloadFile, from: &mut dyn Read) -> io::Result<()> {
        file.check(&self.stream(&file.path, file.length, from)?)
    }

    /// Notes fields of records, after all files; records and fields come in their order. Of each: the kind and the id of its record, the
    /// field, and what it holds.
    pub fn fields(&mut self, fields: &[(&str, &str, &str, &Value)]) -> io::Result<()> {
        self.flush()?;
        self.out.manifest.fields(fields)
    }

    /// Writes what is ready.
    fn flush(&mut self) -> io::Result<()> {
        self.out.write(&std::mem::take(&mut self.ready))
    }

    /// Ends the edition. `sign` makes of the seal what lies beside it, by paths in the bag. All that is made here is shown to `look`
    /// before it is written, which says whether it may be.
    pub fn finish(
        mut self,
        sign: &mut dyn FnMut(&Seal) -> io::Result<Vec<TagFile>>,
        look: &mut dyn FnMut(&str, &mut dyn Read) -> io::Result<bool>,
    ) -> Result<Written<W, S>, Unwritten> {
        self.flush()?;
        let Out { mut container, manifest, sums, oxum } = self.out;
        let (manifest, seal) = manifest.finish()?;
        let (mut manifest, mut sums) = (inner(manifest)?, inner(sums)?);
        let text = seal.to_text();
        let mut made = vec![
            (README.to_owned(), readme::page(self.about).into_bytes()),
            (bag::INFO.to_owned(), info(self.about, oxum).into_bytes()),
            (bag::DECLARATION.to_owned(), bag::DECLARED.as_bytes().to_vec()),
            (SEAL.to_owned(), text.into_bytes()),
        ];
        made.extend(sign(&seal)?);
        made.sort();
        manifest.rewind()?;
        let mut may_be = look(MANIFEST, &mut manifest)?;
        for (path, bytes) in &made {
            may_be &= look(path, &mut bytes.as_slice())?;
        }
        if !may_be {
            return Err(Unwritten::Refused);
        }
        let mut tags = Tags { folder: &self.folder, form: self.form, container: &mut container, sums: String::new() };
        let after = made.partition_point(|(path, _)| path.as_str() < MANIFEST);
        for (path, bytes) in made.drain(..after) {
            tags.made(&path, bytes)?;
        }
        tags.stream(MANIFEST, &mut manifest)?;
        let after = made.partition_point(|(path, _)| path.as_str() < bag::SUMS);
        for (path, bytes) in made.drain(..after) {
            tags.made(&path, bytes)?;
        }
        tags.stream(bag::SUMS, &mut sums)?;
        for (path, bytes) in made {
            tags.made(&path, bytes)?;
        }
        let sums = std::mem::take(&mut tags.sums);
        tags.made(bag::TAG_SUMS, sums.into_bytes())?;
        manifest.rewind()?;
        Ok(Written { to: container.finish()?, seal, manifest, oxum })
    }
}

/// What `bag-info.txt` says of an edition.
pub(crate) fn info(about: &About, oxum: Oxum) -> String {
    let Header { title, edition, date, audience, .. } = &about.header;
    let whom = match audience {
        For::Public => "as its readers have it",
        For::Sealed => "with the records and captures that it was made from; not for publication",
    };
    let description = format!("The dossier “{title}” as it stood on {date}, edition {edition}, {whom}");
    let (folder, oxum) = (about.folder(), format!("{}.{}", oxum.bytes, oxum.files));
    let mut info = vec![
        ("Bag-Software-Agent", PROGRAM),
        ("Bagging-Date", date.as_str()),
        ("External-Description", &description),
        ("External-Identifier", &folder),
        ("Payload-Oxum", &oxum),
    ];
    if let Some(publisher) = &about.publisher {
        info.push(("Source-Organization", publisher));
    }
    bag::info(&info)
}

/// Writes the manifest that a dossier keeps of an edition, for comparing: without salts, and with the seal.
pub fn keep<W: Write + Send>(manifest: impl Read, seal: &Seal, to: W) -> Result<W, ManifestError> {
    let reader = manifest::Reader::new(BufReader::new(manifest))?;
    let header = Header { seal: Some(seal.sha256()), ..reader.header.clone() };
    let mut writer = manifest::Writer::new(BufWriter::new(to), header, None)?;
    for line in reader {
        match line?.entry {
            Entry::File { path, bytes, sha256 } => writer.file(&path, bytes, &sha256)?,
            Entry::Field { kind, id, key, value } => writer.field(&kind, &id, &key, &value)?,
            Entry::Removed { .. } | Entry::Notice { .. } => {}
        }
    }
    Ok(inner(writer.finish()?.0)?)
}

/// Writes tag files, and notes their sums.
struct Tags<'a, W: Write + Seek, S: Read + Write + Seek> {
    folder: &'a str,
    form: Form,
    container: &'a mut Container<W, S>,
    sums: String,
}

impl<W: Write + Seek, S: Read + Write + Seek> Tags<'_, W, S> {
    fn made(&mut self, path: &str, bytes: Vec<u8>) -> io::Result<()> {
        self.sums.push_str(&bag::sum_line(&hexadecimal(&Sha256::digest(&bytes)), path));
        let file = self.form.pack(&mut Packer::new(), format!("{}/{path}", self.folder), bytes)?;
        self.container.put(&file)
    }

    fn stream(&mut self, path: &str, from: &mut S) -> io::Result<()> {
        let length = from.seek(io::SeekFrom::End(0))?;
        from.rewind()?;
        let mut hashed = Hashed::new(from);
        self.container.stream(&format!("{}/{path}", self.folder), length, &mut hashed)?;
        self.sums.push_str(&bag::sum_line(&hashed.sha256(), path));
        Ok(())
    }
}

pub(super) fn inner<W: Write>(buffer: BufWriter<W>) -> io::Result<W> {
    buffer.into_inner().map_err(io::IntoInnerError::into_error)
}

/// Hashes what is read.
pub(crate) struct Hashed<'a> {
    from: &'a mut dyn Read,
    digest: Sha256,
}

impl<'a> Hashed<'a> {
    pub(crate) fn new(from: &'a mut dyn Read) -> Self {
        Hashed { from, digest: Sha256::new() }
    }

    pub(crate) fn sha256(self) -> String {
        hexadecimal(&self.digest.finalize())
    }
}

impl Read for Hashed<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let read = self.from.read(bytes)?;
        self.digest.update(&bytes[..read]);
        Ok(read)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::edition) fn about() -> About {
        About {
            header: Header {
                title: "The gate".to_owned(),
                edition: "first".to_owned(),
                date: "2025-05-11".to_owned(),
                audience: For::Public,
                previous: None,
                seal: None,
            },
            day: Day::new(2025, 5, 11).unwrap(),
            lang: "en".to_owned(),
            licence: None,
            publisher: None,
            base_url: None,
        }
    }
}
