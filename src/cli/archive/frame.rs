//! What an edition is made with, and writing it, whole or not at all.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use rayon::prelude::*;
use serde_json::{Map, Value};
use url::Url;

use super::kept::{self, Kept};
use super::pending::Pending;
use super::sealed::{self, Source};
use super::{ArchiveArgs, AudienceArg, Made};
use crate::archive::beside_path;
use crate::cli::build::{real_path, size};
use crate::cli::keys::{Key, check_places, signatures};
use crate::cli::terminal::{result, say};
use crate::cli::{CannotRun, Outcome};
use crate::config::Settings;
use crate::edition::{self, About, Archive, For, Form, Header, Part, PayloadFile, Seal, Unwritten, Wacz, Written};
use crate::edtf::Day;
use crate::leak::{Leak, Scan, Stage};
use crate::output::{Files, Report, SiteFile, Sum, WriteError};
use crate::text;

/// How many records are looked at once.
const RECORDS: usize = 512;

/// The longest name of an edition.
const LONGEST: usize = 80;

/// Why no edition was made.
pub(super) enum Unmade {
    /// The site could not be had.
    Site(WriteError),
    /// Something else.
    CannotRun(CannotRun),
}

impl From<WriteError> for Unmade {
    fn from(error: WriteError) -> Self {
        Unmade::Site(error)
    }
}

impl From<CannotRun> for Unmade {
    fn from(error: CannotRun) -> Self {
        Unmade::CannotRun(error)
    }
}

/// What hands over the files of the site.
pub(super) type Stream<'a> =
    dyn FnMut(&mut (dyn FnMut(Files) -> Result<(), WriteError> + Send)) -> Result<Report, WriteError> + 'a;

/// What an edition is made with.
pub(super) struct Frame<'a> {
    args: &'a ArchiveArgs,
    about: About,
    kind: Kind,
    keys: Vec<Key>,
}

/// What is made, with what it takes.
enum Kind {
    Bag(Form, Kept),
    /// The address at which the site stands.
    Wacz(Url),
}

/// What was made.
pub(super) struct Done {
    /// The SHA-256 of the seal.
    seal: Option<String>,
    files: u64,
    /// The bytes of the payload, and of the file.
    bytes: Option<u64>,
    length: u64,
    record: Option<PathBuf>,
}

impl<'a> Frame<'a> {
    pub(super) fn new(
        args: &'a ArchiveArgs,
        made: Made,
        root: &Path,
        settings: &Settings,
        day: Day,
    ) -> Result<Self, CannotRun> {
        check_out(args, root, settings)?;
        let secret = args.sign.iter().chain(&args.password.password_file).map(PathBuf::as_path);
        check_places(&secret.collect::<Vec<_>>(), root)?;
        let keys = Key::read_all(&args.sign, &args.password)?;
        let audience = match args.audience {
            AudienceArg::Public => For::Public,
            AudienceArg::Sealed => For::Sealed,
        };
        let edition = match (&args.edition, audience) {
            (Some(name), _) => named(name)?,
            (None, For::Public) => day.to_string(),
            (None, For::Sealed) => format!("{day}-sealed"),
        };
        let title = settings.title.to_string();
        let mut header = Header { title, edition, date: day.to_string(), audience, previous: None, seal: None };
        header.previous = args.previous.as_deref().map(|file| kept::previous(file, &header)).transpose()?;
        let kind = match made {
            Made::Bag(form) => Kind::Bag(form, Kept::new(root, settings, args.salt.as_deref())?),
            Made::Wacz => Kind::Wacz(address(settings)?),
        };
        let about = About {
            header,
            day,
            lang: settings.lang().to_owned(),
            licence: settings.licence.as_ref().map(ToString::to_string),
            publisher: settings.publisher.as_ref().map(ToString::to_string),
            base_url: settings.base_url(),
        };
        Ok(Frame { args, about, kind, keys })
    }

    /// The file of the secret, where there is one.
    pub(super) fn salt_file(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Bag(_, kept) => Some(&kept.salt_file),
            Kind::Wacz(_) => None,
        }
    }

    /// Writes it, whole or not at all.
    pub(super) fn write(
        &self,
        scan: Option<&Scan>,
        sources: &[Source],
        stream: &mut Stream<'_>,
    ) -> Result<Done, Unmade> {
        match &self.kind {
            Kind::Bag(form, kept) => self.write_bag(*form, kept, scan, sources, stream),
            Kind::Wacz(url) => self.write_wacz(url, stream),
        }
    }

    fn write_bag(
        &self,
        form: Form,
        kept: &Kept,
        scan: Option<&Scan>,
        sources: &[Source],
        stream: &mut Stream<'_>,
    ) -> Result<Done, Unmade> {
        let failed = |cause| self.failed(cause);
        let mut pending = Pending::new(&self.args.out);
        let to = BufWriter::with_capacity(1 << 18, pending.file("").map_err(failed)?);
        let mut scratch = |suffix| pending.file(suffix).map_err(failed);
        let mut records = Records { parts: BTreeMap::new(), kept: scratch("-records")? };
        let scratch = [scratch("-directory")?, scratch("-manifest")?, scratch("-sums")?];
        let mut archive = Archive::new(form, &self.about, &kept.salt, to, scratch).map_err(failed)?;
        for source in sources {
            source.write(&mut archive)?;
        }
        let parts: Vec<Part> = sealed::parts(sources).into_iter().chain(edition::SITE).collect();
        let metadata = edition::ro_crate(&self.about, &parts).into_bytes();
        let mut leaks: Vec<Leak> = Vec::new();
        let mut look = |path: &str, content: &mut dyn Read| {
            let found = scan.map(|scan| scan.file(path, Stage::Machine, content)).transpose()?.unwrap_or_default();
            let is_clean = found.is_empty();
            leaks.extend(found);
            Ok(is_clean)
        };
        let is_clean = look(edition::CRATE, &mut metadata.as_slice()).map_err(failed)?;
        let file = PayloadFile::of(edition::CRATE.to_owned(), &metadata);
        archive.files(vec![(file, metadata)]).map_err(failed)?;
        stream(&mut |files| take(files, &mut archive, &mut records).map_err(failed))?;
        records.each_field(&mut archive).map_err(failed)?;
        let mut sign = |seal: &Seal| signatures(&self.keys, seal, seal.to_text().as_bytes()).map_err(io::Error::other);
        let Written { to, seal, manifest, oxum } = match archive.finish(&mut sign, &mut look) {
            Ok(written) if is_clean => written,
            Ok(_) | Err(Unwritten::Refused) => return Err(WriteError::Leaks(leaks).into()),
            Err(Unwritten::Io(cause)) => return Err(failed(cause).into()),
        };
        let length = whole(to).map_err(failed)?;
        let record = match self.args.no_record {
            true => None,
            false => kept.record(&self.about.header, manifest, &seal, self.args.force)?,
        };
        pending.finish().map_err(failed)?;
        let record = record.map(kept::Record::finish).transpose()?;
        Ok(Done { seal: Some(seal.sha256()), files: oxum.files, bytes: Some(oxum.bytes), length, record })
    }

    fn write_wacz(&self, url: &Url, stream: &mut Stream<'_>) -> Result<Done, Unmade> {
        let failed = |cause| self.failed(cause);
        let mut pending = Pending::new(&self.args.out);
        let to = BufWriter::with_capacity(1 << 18, pending.file("").map_err(failed)?);
        let mut scratch = |suffix| pending.file(suffix).map_err(failed);
        let scratch =
            [scratch("-warc")?, scratch("-lines")?, scratch("-pages")?, scratch("-index")?, scratch("-directory")?];
        let mut wacz = Wacz::new(&self.about, url.clone(), to, scratch).map_err(failed)?;
        stream(&mut |files| {
            match files {
                Files::Some(files) => wacz.files(payload("", files)),
                Files::Long(file, mut from) => wacz.stream(&payload_file("", file), &mut from),
            }
            .map_err(failed)
        })?;
        let (to, files) = wacz.finish().map_err(failed)?;
        let length = whole(to).map_err(failed)?;
        pending.finish().map_err(failed)?;
        Ok(Done { seal: None, files, bytes: None, length, record: None })
    }

    fn failed(&self, cause: io::Error) -> WriteError {
        WriteError::Io { attempt: format!("cannot write `{}`", self.args.out.display()), cause }
    }

    /// Says what was made.
    pub(super) fn tell(&self, done: &Done) -> Outcome {
        if self.args.quiet {
            return Outcome::Fine;
        }
        let header = &self.about.header;
        let payload = done.bytes.map(|bytes| format!(" of {}", size(bytes))).unwrap_or_default();
        result(&format!(
            "{}: edition `{}`, {} files{payload} in {}",
            self.args.out.display(),
            header.edition,
            done.files,
            size(done.length),
        ));
        if let Some(seal) = &done.seal {
            result(&format!("the SHA-256 of its seal is {seal}"));
        }
        let mut endings: Vec<&str> = self.keys.iter().map(Key::ending).collect();
        endings.dedup();
        endings.iter().for_each(|ending| say(&format!("signed: `{}`", beside_path(None, ending))));
        if let Some(record) = &done.record {
            say(&format!("`{}` keeps what it says; keep it with the dossier", record.display()));
        }
        if header.audience == For::Sealed {
            say("warning: it holds what readers do not see, and must not be published");
        }
        if let (Kind::Bag(_, kept), None) = (&self.kind, &header.previous) {
            kept.hint_at_previous(header);
        }
        Outcome::Fine
    }
}

/// Where the site lies in the payload.
const SITE: &str = "site/";

/// Where an edition is written.
pub(super) type ToFile<'a> = Archive<'a, BufWriter<File>, File>;

/// Writes files of the site, and keeps aside what it says of records.
fn take(files: Files, archive: &mut ToFile<'_>, records: &mut Records) -> io::Result<()> {
    match files {
        Files::Some(files) => {
            files.iter().try_for_each(|(file, bytes)| records.see(&file.path, &mut bytes.as_slice()))?;
            archive.files(payload(SITE, files))
        }
        Files::Long(file, mut from) => {
            records.see(&file.path, &mut from)?;
            from.rewind()?;
            archive.stream_known(&payload_file(SITE, file), &mut from)
        }
    }
}

/// Files of the site as an edition takes them, in a folder of the payload.
fn payload(folder: &str, files: Vec<(SiteFile, Vec<u8>)>) -> Vec<(PayloadFile, Vec<u8>)> {
    files.into_iter().map(|(file, bytes)| (payload_file(folder, file), bytes)).collect()
}

fn payload_file(folder: &str, file: SiteFile) -> PayloadFile {
    let SiteFile { path, sum: Sum { sha256, length } } = file;
    PayloadFile { path: format!("{folder}{path}"), length, sha256 }
}

/// The records as readers have them, which the site has as data in one file or in some, kept aside until all files are written.
struct Records {
    /// Where each file begins, and its length, by its number.
    parts: BTreeMap<u64, (u64, u64)>,
    kept: File,
}

impl Records {
    /// Keeps a file of the site, if it is one of records.
    fn see(&mut self, path: &str, from: &mut dyn Read) -> io::Result<()> {
        let Some(part) = part(path) else { return Ok(()) };
        let begin = self.kept.stream_position()?;
        let length = io::copy(from, &mut self.kept)?;
        self.parts.insert(part, (begin, length));
        Ok(())
    }

    /// Notes each field of each record in the edition, in the order in which the site has them.
    fn each_field(mut self, archive: &mut ToFile<'_>) -> io::Result<()> {
        for (begin, length) in self.parts.values() {
            self.kept.seek(SeekFrom::Start(*begin))?;
            let mut lines = BufReader::new((&self.kept).take(*length)).lines();
            let mut records = some(&mut lines)?;
            while !records.is_empty() {
                let (noted, next) = rayon::join(|| note(&records, archive), || some(&mut lines));
                noted?;
                records = next?;
            }
        }
        Ok(())
    }
}

/// The next records.
fn some(lines: &mut (impl Iterator<Item = io::Result<String>> + Send)) -> io::Result<Vec<Record>> {
    let some: Vec<String> = lines.take(RECORDS).collect::<io::Result<_>>()?;
    Ok(some.par_iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?)
}

/// Notes the fields of records.
fn note(records: &[Record], archive: &mut ToFile<'_>) -> io::Result<()> {
    let fields = records.iter().flat_map(|record| {
        let Record { kind, id, fields } = record;
        fields.iter().map(move |(key, value)| (kind.as_str(), id.as_str(), key.as_str(), value))
    });
    archive.fields(&fields.collect::<Vec<_>>())
}

/// A record, as the site has it as data.
#[derive(serde::Deserialize)]
struct Record {
    kind: String,
    id: String,
    fields: Map<String, Value>,
}

/// Which file of records a path is, counted from 1.
fn part(path: &str) -> Option<u64> {
    let name = path.strip_prefix("data/records")?.strip_suffix(".jsonl")?;
    if name.is_empty() { Some(1) } else { name.strip_prefix('-')?.parse().ok() }
}

/// The length of a file of which all is written.
fn whole(to: BufWriter<File>) -> io::Result<u64> {
    let file = to.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()?;
    Ok(file.metadata()?.len())
}

/// The address at which the site stands, without which there is no web archive of it.
fn address(settings: &Settings) -> Result<Url, CannotRun> {
    let Some(url) = settings.base_url() else {
        return Err(CannotRun::new(
            "a WACZ holds pages by their addresses, and the dossier does not say where it stands",
        )
        .hint("set `base_url` in the settings, or give it with `--url https://example.org/`"));
    };
    Url::from_str(&url).map_err(|error| CannotRun::new(format!("`{url}` cannot be the address of a site: {error}")))
}

/// The name of an edition, which is also that of a file.
fn named(name: &str) -> Result<String, CannotRun> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let is_fit = !name.is_empty()
        && name.len() <= LONGEST
        && name.chars().all(is_plain)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric())
        && !text::is_device_name(name);
    if is_fit {
        return Ok(name.to_owned());
    }
    Err(CannotRun::new(format!("`{}` cannot be the name of an edition", text::excerpt(name, 40)))
        .hint("take letters, digits, `-`, `_` and `.`, such as `2025-05-11` or `v2`"))
}

/// Refuses to write where it would be published or read again, or over what is there.
fn check_out(args: &ArchiveArgs, root: &Path, settings: &Settings) -> Result<(), CannotRun> {
    let out = &args.out;
    if out.is_dir() {
        return Err(CannotRun::new(format!("`{}` is a folder", out.display())).hint("name a file with `--out FILE`"));
    }
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(CannotRun::new(format!("there is no folder `{}`", folder.display())).hint("make the folder first"));
    }
    let real = real_path(folder);
    let reserved = [settings.out(), settings.content(), "themes", "templates", "static", "i18n", kept::FOLDER];
    let is_in = |name: &&&str| {
        let inner = root.join(name).canonicalize();
        // A dossier whose records lie beside its settings has no other place.
        **name != "." && inner.is_ok_and(|inner| real.as_ref().is_some_and(|real| real.starts_with(inner)))
    };
    if let Some(name) = reserved.iter().find(is_in) {
        let why = match *name == settings.out() {
            true => "which is the folder of the site, and would be published with it",
            false => "from which the dossier is read",
        };
        return Err(CannotRun::new(format!("`{}` lies in `{name}`, {why}", out.display()))
            .hint("choose another folder with `--out FILE`"));
    }
    if std::fs::symlink_metadata(out).is_ok() && !args.force {
        return Err(CannotRun::new(format!("`{}` is there already", out.display()))
            .hint("`--force` replaces it; `--out FILE` names another"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_records_are_known_by_their_names_and_counted() {
        assert_eq!(part("data/records.jsonl"), Some(1));
        assert_eq!(part("data/records-12.jsonl"), Some(12));
        for other in ["data/records-x.jsonl", "records.jsonl", "data/records.json", "data/recordsx.jsonl"] {
            assert_eq!(part(other), None, "{other}");
        }
    }

    #[test]
    fn a_name_of_an_edition_is_one_of_a_file() {
        for name in ["2025-05-11", "v2", "a_b.c"] {
            assert_eq!(named(name).ok().as_deref(), Some(name));
        }
        for name in ["", ".", "..", "a/b", "a b", "-a", "a-", ".a", "nul", "com1.txt", "ü", &"a".repeat(81)] {
            assert!(named(name).is_err(), "{name}");
        }
    }
}
