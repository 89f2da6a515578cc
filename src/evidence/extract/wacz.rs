//! WACZ 1.1.1: a zip file of WARC files, lists of pages, and `datapackage.json` with the digest of each.
//!
//! Nothing of it is read before all its digests were compared, and an archive that `datapackage.json` does not list is refused, since
//! nothing would show that it was changed. Of its pages the titles are taken; the index is not needed.

use std::collections::BTreeMap;
use std::io::{self, Read};

use serde::Deserialize;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::super::document::Document;
use super::digest::{Digest, Hasher};
use super::warc::{self, Spent};
use super::{Fault, Limits, ReadSeek, too_long};

const PACKAGE: &str = "datapackage.json";
const PACKAGE_DIGEST: &str = "datapackage-digest.json";

/// `datapackage.json`, as far as it matters here.
#[derive(Deserialize)]
struct Package {
    #[serde(default)]
    resources: Vec<Resource>,
}

/// A file in a WACZ and what is known of it.
#[derive(Deserialize)]
struct Resource {
    path: String,
    #[serde(default, alias = "digest")]
    hash: Option<String>,
    #[serde(default)]
    bytes: Option<u64>,
}

/// The digest of `datapackage.json`.
#[derive(Deserialize)]
struct PackageDigest {
    hash: String,
}

/// A line of a list of pages.
#[derive(Deserialize)]
struct Page {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    title: Option<String>,
}

/// Shows each document of a WACZ.
pub(super) fn read(file: &mut dyn ReadSeek, limits: &Limits, see: &mut dyn FnMut(Document)) -> Result<(), Fault> {
    let mut zip = ZipArchive::new(file).map_err(of_zip)?;
    if zip.len() > limits.parts {
        return Err(Fault::Refused(format!(
            "it holds more than {} files, which is the most for one capture",
            limits.parts
        )));
    }
    let names = names(&zip, limits)?;
    zip.validate_header_consistency().map_err(of_zip)?;
    check_digests(&mut zip, &names, limits)?;
    let titles = titles(&mut zip, &names, limits)?;
    let mut spent = Spent::default();
    for name in names.iter().filter(|name| is_archive(name)) {
        let entry = zip.by_name(name).map_err(of_zip)?;
        let mut titled = |mut document: Document| {
            let url = document.part.as_ref().and_then(|part| part.url.as_ref());
            document.title = document.title.or_else(|| titles.get(url?).cloned());
            see(document);
        };
        warc::read(entry, name, limits, &mut spent, &mut titled).map_err(|fault| within(name, fault))?;
    }
    Ok(())
}

fn is_archive(name: &str) -> bool {
    name.starts_with("archive/") && (name.ends_with(".warc") || name.ends_with(".warc.gz"))
}

/// The names of the files in a zip file that may be read, sorted.
fn names(zip: &ZipArchive<&mut dyn ReadSeek>, limits: &Limits) -> Result<Vec<String>, Fault> {
    if zip.has_duplicate_names() {
        return Err(Fault::Refused(
            "two files in it have the same name, so it is not known which of them counts".to_owned(),
        ));
    }
    let mut names = Vec::new();
    let mut size = 0_u64;
    for number in 0..zip.len() {
        let entry = zip.by_index_data(number).map_err(of_zip)?;
        let name = std::str::from_utf8(entry.name_raw())
            .map_err(|_| Fault::Malformed(format!("the name of its file {} is not UTF-8", number + 1)))?;
        if let Some(why) = unsafe_name(name) {
            return Err(Fault::Refused(format!("the name of its file `{}` {why}", name.escape_debug())));
        }
        if entry.is_symlink() {
            return Err(Fault::Refused(format!("`{name}` in it is a link to another file")));
        }
        if entry.encrypted() {
            return Err(Fault::Refused(format!("`{name}` in it is encrypted")));
        }
        if !matches!(entry.compression(), CompressionMethod::Stored | CompressionMethod::Deflated) {
            return Err(Fault::Malformed(format!(
                "`{name}` in it is compressed by {}, which WACZ does not allow",
                entry.compression()
            )));
        }
        size = size.saturating_add(entry.size());
        if size > limits.total {
            return Err(Fault::Refused(format!(
                "it holds more than {} bytes when it is unpacked, which is the most for one capture",
                limits.total
            )));
        }
        if !entry.is_dir() {
            names.push(name.to_owned());
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Why a name could lead out of the zip file.
fn unsafe_name(name: &str) -> Option<&'static str> {
    let begins_with_drive = name.as_bytes().get(1) == Some(&b':');
    if name.starts_with('/') || begins_with_drive {
        return Some("is a place on the whole disk");
    }
    if name.contains('\\') || name.chars().any(char::is_control) {
        return Some("has characters that no name may have");
    }
    name.split('/').any(|step| step == ".." || step == ".").then_some("leads out of it")
}

/// Compares the digests of all files that are listed, and refuses archives that are not.
fn check_digests(zip: &mut ZipArchive<&mut dyn ReadSeek>, names: &[String], limits: &Limits) -> Result<(), Fault> {
    let package = whole(zip, PACKAGE, limits)?
        .ok_or_else(|| Fault::Malformed(format!("it has no `{PACKAGE}`, so it is no WACZ")))?;
    if let Some(digest) = whole(zip, PACKAGE_DIGEST, limits)? {
        let digest: PackageDigest = json(PACKAGE_DIGEST, &digest)?;
        let digest = parsed(PACKAGE, &digest.hash)?;
        if let Some(found) = digest.differs(&package) {
            return Err(changed(PACKAGE, &digest, &found));
        }
    }
    let package: Package = json(PACKAGE, &package)?;
    let mut spent = Spent::default();
    for resource in &package.resources {
        let Some(hash) = &resource.hash else {
            return Err(Fault::Malformed(format!("`{PACKAGE}` has no digest of `{}`", resource.path)));
        };
        let digest = parsed(&resource.path, hash)?;
        let Ok(mut entry) = zip.by_name(&resource.path) else {
            return Err(Fault::Malformed(format!("`{PACKAGE}` lists `{}`, which is not in it", resource.path)));
        };
        let size = entry.size();
        let (length, hasher) =
            hashed(&mut entry, &digest, limits, &mut spent).map_err(|fault| within(&resource.path, fault))?;
        if let Some(found) = digest.differs_from(hasher) {
            return Err(changed(&resource.path, &digest, &found));
        }
        if size != length {
            return Err(Fault::Malformed(format!(
                "`{}` has {length} bytes, and the zip file says {size}",
                resource.path
            )));
        }
        if let Some(bytes) = resource.bytes.filter(|bytes| *bytes != length) {
            return Err(Fault::Malformed(format!(
                "`{}` has {length} bytes, and `{PACKAGE}` says {bytes}",
                resource.path
            )));
        }
    }
    let is_listed = |name: &str| package.resources.iter().any(|resource| resource.path == name);
    match names.iter().find(|name| is_archive(name) && !is_listed(name)) {
        Some(name) => Err(Fault::Malformed(format!(
            "`{name}` is not listed in `{PACKAGE}`, so nothing shows that it was not changed"
        ))),
        None if !names.iter().any(|name| is_archive(name)) => {
            Err(Fault::Malformed("it holds no archive (`archive/….warc.gz`)".to_owned()))
        }
        None => Ok(()),
    }
}

fn parsed(path: &str, hash: &str) -> Result<Digest, Fault> {
    match Digest::parse(hash) {
        Some(Ok(digest)) => Ok(digest),
        Some(Err(())) | None => Err(Fault::Malformed(format!(
            "the digest of `{path}` is written as `{hash}`, which is none that is known here"
        ))),
    }
}

fn changed(path: &str, digest: &Digest, found: &str) -> Fault {
    Fault::Malformed(format!(
        "`{path}` in it was changed: its digest is written as `{}` and is `{found}`",
        digest.written()
    ))
}

/// The length of a file and a hasher that all of it went into.
fn hashed(entry: &mut dyn Read, digest: &Digest, limits: &Limits, spent: &mut Spent) -> Result<(u64, Hasher), Fault> {
    let mut hasher = digest.hasher();
    let mut buffer = vec![0; 64 << 10];
    let mut length = 0;
    loop {
        let read = entry.read(&mut buffer).map_err(of_entry)?;
        if read == 0 {
            return Ok((length, hasher));
        }
        hasher.update(&buffer[..read]);
        length += read as u64;
        spent.bytes(read, limits)?;
    }
}

/// The titles of pages by their address, as the lists of pages have them.
fn titles(
    zip: &mut ZipArchive<&mut dyn ReadSeek>,
    names: &[String],
    limits: &Limits,
) -> Result<BTreeMap<String, String>, Fault> {
    let mut titles = BTreeMap::new();
    for name in names.iter().filter(|name| name.starts_with("pages/") && name.ends_with(".jsonl")) {
        let Some(lines) = whole(zip, name, limits)? else { continue };
        for (number, line) in
            lines.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.trim_ascii().is_empty())
        {
            let page: Page = serde_json::from_slice(line).map_err(|error| {
                Fault::Malformed(format!("line {} of `{name}` is no JSON object: {error}", number + 1))
            })?;
            if let (Some(url), Some(title)) = (page.url, page.title) {
                titles.entry(url).or_insert(title);
            }
        }
    }
    titles.retain(|_, title| !title.trim().is_empty());
    Ok(titles)
}

/// A small file in a zip file, whole.
fn whole(zip: &mut ZipArchive<&mut dyn ReadSeek>, name: &str, limits: &Limits) -> Result<Option<Vec<u8>>, Fault> {
    let entry = match zip.by_name(name) {
        Ok(entry) => entry,
        Err(ZipError::FileNotFound) => return Ok(None),
        Err(error) => return Err(within(name, of_zip(error))),
    };
    let mut bytes = Vec::new();
    entry
        .take(limits.document.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|error| within(name, of_entry(error)))?;
    if bytes.len() as u64 > limits.document {
        return Err(within(name, too_long(limits.document)));
    }
    Ok(Some(bytes))
}

fn json<'a, T: Deserialize<'a>>(name: &str, bytes: &'a [u8]) -> Result<T, Fault> {
    serde_json::from_slice(bytes).map_err(|error| Fault::Malformed(format!("`{name}` is not as it should be: {error}")))
}

/// A fault of a file in a zip file.
fn within(name: &str, fault: Fault) -> Fault {
    match fault {
        Fault::Io(error) => Fault::Io(error),
        Fault::Malformed(what) => Fault::Malformed(format!("in `{name}`: {what}")),
        Fault::Refused(what) => Fault::Refused(format!("in `{name}`: {what}")),
    }
}

fn of_zip(error: ZipError) -> Fault {
    match error {
        ZipError::Io(error) if !is_of_content(&error) => Fault::Io(error),
        ZipError::InvalidArchive(what) => Fault::Malformed(format!("it is no whole zip file: {what}")),
        error => Fault::Malformed(format!("it is no whole zip file: {error}")),
    }
}

fn of_entry(error: io::Error) -> Fault {
    if is_of_content(&error) { Fault::Malformed(format!("it is damaged: {error}")) } else { Fault::Io(error) }
}

/// Whether an error tells of what is in a file rather than of the system that reads it.
fn is_of_content(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::UnexpectedEof | io::ErrorKind::Other
    )
}

#[cfg(test)]
mod tests {
    use std::io::{Cursor, Write as _};

    use expect_test::{Expect, expect};
    use sha2::{Digest as _, Sha256};
    use zip::write::{SimpleFileOptions, ZipWriter};

    use super::*;

    const WARC: &[u8] =
        b"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Target-URI: https://a.example/\r\nContent-Type: text/plain\r\n\
        Content-Length: 5\r\n\r\nwords\r\n\r\n";

    fn hash(bytes: &[u8]) -> String {
        format!("sha256:{}", Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<String>())
    }

    /// A zip file of files with their names.
    fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
            zip.start_file(*name, options).expect("memory can be written");
            zip.write_all(bytes).expect("memory can be written");
        }
        zip.finish().expect("memory can be written").into_inner()
    }

    fn package(resources: &[(&str, &[u8])]) -> Vec<u8> {
        let resources: Vec<String> = resources
            .iter()
            .map(|(path, bytes)| {
                format!(r#"{{"path": "{path}", "hash": "{}", "bytes": {}}}"#, hash(bytes), bytes.len())
            })
            .collect();
        format!(r#"{{"profile": "data-package", "wacz_version": "1.1.1", "resources": [{}]}}"#, resources.join(", "))
            .into_bytes()
    }

    /// A WACZ of some files beside `datapackage.json`, which lists them all.
    fn wacz(files: &[(&str, &[u8])]) -> Vec<u8> {
        let package = package(files);
        zip(&[&[(PACKAGE, &*package)], files].concat())
    }

    fn shown(bytes: &[u8], limits: &Limits) -> String {
        let mut shown = String::new();
        let read = read(&mut Cursor::new(bytes), limits, &mut |document: Document| {
            let part = document.part.expect("each document of a WACZ is a part");
            let place = format!(
                "{} {} {}",
                part.name,
                part.offset.expect("a record has a place"),
                part.url.unwrap_or_default()
            );
            shown += &format!("{place} {:?} {:?}\n", document.title, document.text);
        });
        if let Err(fault) = read {
            shown += &format!("fault: {fault}\n");
        }
        shown
    }

    fn check(bytes: &[u8], expect: &Expect) {
        expect.assert_eq(&shown(bytes, &Limits::default()));
    }

    /// Bytes in which each place that is one thing is another of the same length.
    fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        let places: Vec<usize> = memchr::memmem::find_iter(&bytes, from).collect();
        assert!(!places.is_empty() && from.len() == to.len());
        for place in places {
            bytes[place..place + to.len()].copy_from_slice(to);
        }
        bytes
    }

    #[test]
    fn documents_have_the_titles_of_their_pages() {
        let pages = b"{\"format\": \"json-pages-1.0\", \"id\": \"pages\"}\n{\"url\": \"https://a.example/\", \"title\": \"A page\"}\n\n";
        check(
            &wacz(&[("archive/a.warc", WARC), ("pages/pages.jsonl", pages)]),
            &expect![[r#"
            archive/a.warc 0 https://a.example/ Some("A page") "words"
        "#]],
        );
    }

    #[test]
    fn digests_are_compared_before_anything_is_read() {
        let package = package(&[("archive/a.warc", b"other")]);
        check(
            &zip(&[(PACKAGE, &package), ("archive/a.warc", WARC)]),
            &expect![[r#"
            fault: `archive/a.warc` in it was changed: its digest is written as `sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa` and is `sha256:9c2d1edb37402eeb22d611d867723f4df0ff4e6ae88b65a7d7b9e3f33ab1392a`
        "#]],
        );
        let digest = format!(r#"{{"path": "datapackage.json", "hash": "{}"}}"#, hash(b"other"));
        check(
            &wacz(&[("archive/a.warc", WARC), (PACKAGE_DIGEST, digest.as_bytes())]),
            &expect![[r#"
            fault: `datapackage.json` in it was changed: its digest is written as `sha256:d9298a10d1b0735837dc4bd85dac641b0f3cef27a47e5d53a54f2f3f5b2fcffa` and is `sha256:7ae70ec6ee343af639b83c740cf5f0d8b64d88508999836e793e171c52c7b625`
        "#]],
        );
    }

    #[test]
    fn what_is_not_listed_or_not_there_is_refused() {
        check(
            &zip(&[("archive/a.warc", WARC)]),
            &expect![[r#"
            fault: it has no `datapackage.json`, so it is no WACZ
        "#]],
        );
        check(
            &zip(&[(PACKAGE, &package(&[])), ("archive/a.warc", WARC)]),
            &expect![[r#"
            fault: `archive/a.warc` is not listed in `datapackage.json`, so nothing shows that it was not changed
        "#]],
        );
        check(
            &zip(&[(PACKAGE, &package(&[("archive/a.warc", WARC)]))]),
            &expect![[r#"
            fault: `datapackage.json` lists `archive/a.warc`, which is not in it
        "#]],
        );
        check(
            &wacz(&[]),
            &expect![[r#"
            fault: it holds no archive (`archive/….warc.gz`)
        "#]],
        );
        check(
            &zip(&[(PACKAGE, br#"{"resources": [{"path": "archive/a.warc"}]}"#), ("archive/a.warc", WARC)]),
            &expect![[r#"
            fault: `datapackage.json` has no digest of `archive/a.warc`
        "#]],
        );
        check(
            &zip(&[(PACKAGE, b"[]")]),
            &expect![[r#"
            fault: it holds no archive (`archive/….warc.gz`)
        "#]],
        );
    }

    #[test]
    fn names_that_lead_out_of_the_file_are_refused() {
        for (name, expect) in [
            (
                "../a.warc",
                &expect![[r#"
                fault: the name of its file `../a.warc` leads out of it
            "#]],
            ),
            (
                "archive/../../a.warc",
                &expect![[r#"
                fault: the name of its file `archive/../../a.warc` leads out of it
            "#]],
            ),
            (
                "/etc/a.warc",
                &expect![[r#"
                fault: the name of its file `/etc/a.warc` is a place on the whole disk
            "#]],
            ),
            (
                "C:/a.warc",
                &expect![[r#"
                fault: the name of its file `C:/a.warc` is a place on the whole disk
            "#]],
            ),
            (
                "archive\\a.warc",
                &expect![[r#"
                fault: the name of its file `archive\\a.warc` has characters that no name may have
            "#]],
            ),
        ] {
            check(&wacz(&[("archive/a.warc", WARC), (name, b"x")]), expect);
        }
    }

    #[test]
    fn links_are_refused() {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        zip.add_symlink("archive/a.warc", "/etc/passwd", SimpleFileOptions::default()).expect("memory can be written");
        check(
            &zip.finish().expect("memory can be written").into_inner(),
            &expect![[r#"
            fault: `archive/a.warc` in it is a link to another file
        "#]],
        );
    }

    #[test]
    fn two_files_of_one_name_are_refused() {
        let twice = wacz(&[("archive/a.warc", WARC), ("archive/b.warc", WARC)]);
        check(
            &replaced(&twice, b"archive/b.warc", b"archive/a.warc"),
            &expect![[r#"
            fault: two files in it have the same name, so it is not known which of them counts
        "#]],
        );
    }

    #[test]
    fn headers_that_lie_are_refused() {
        let whole = wacz(&[("archive/a.warc", WARC)]);
        let length = u32::try_from(WARC.len()).expect("it is short").to_le_bytes();
        // In both headers, and in the one of the list alone.
        check(
            &replaced(&whole, &length, &0xffff_fffe_u32.to_le_bytes()),
            &expect![[r#"
            fault: `archive/a.warc` has 124 bytes, and the zip file says 4294967294
        "#]],
        );
        let mut listed = whole.clone();
        let place = memchr::memmem::rfind(&whole, &length).expect("the length is written");
        listed[place..place + 4].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
        check(
            &listed,
            &expect![[r#"
            fault: it is no whole zip file: header inconsistency detected: uncompressed size mismatch (does not match central directory)
        "#]],
        );
        // Another name before the data than in the list.
        let mut renamed = whole.clone();
        let place = memchr::memmem::find(&whole, b"archive/a.warc").expect("the name is written");
        renamed[place + 8] = b'b';
        check(
            &renamed,
            &expect![[r#"
            fault: it is no whole zip file: header inconsistency detected: Local file header filename mismatch (does not match central directory)
        "#]],
        );
    }

    #[test]
    fn files_that_share_bytes_are_refused() {
        let whole = wacz(&[("archive/a.warc", WARC), ("archive/b.warc", WARC)]);
        // The second one is said to begin where the first one does.
        let begins: Vec<usize> = memchr::memmem::find_iter(&whole, b"PK\x01\x02").collect();
        let mut shared = whole.clone();
        let first: [u8; 4] = whole[begins[1] + 42..begins[1] + 46].try_into().expect("four bytes");
        shared[begins[2] + 42..begins[2] + 46].copy_from_slice(&first);
        check(
            &shared,
            &expect![[r#"
            fault: it is no whole zip file: header inconsistency detected: Local file header filename mismatch (does not match central directory)
        "#]],
        );
    }

    #[test]
    fn a_file_that_is_cut_off_or_damaged_is_refused() {
        let whole = wacz(&[("archive/a.warc", WARC)]);
        for length in 0..whole.len() {
            assert!(shown(&whole[..length], &Limits::default()).starts_with("fault: "), "{length}");
        }
        check(
            &whole[..whole.len() - 30],
            &expect![[r#"
            fault: it is no whole zip file: Could not find EOCD
        "#]],
        );
        let mut damaged = whole.clone();
        let place = memchr::memmem::find(&whole, b"archive/a.warc").expect("the name is written") + 20;
        damaged[place] ^= 1;
        check(
            &damaged,
            &expect![[r#"
                fault: in `archive/a.warc`: it is damaged: Invalid checksum
            "#]],
        );
    }

    #[test]
    fn bombs_are_refused() {
        let tight = Limits { document: 10_000, text: 10_000, total: 100_000, parts: 3 };
        let zeros = vec![b' '; 1_000_000];
        expect![[r#"
            fault: it holds more than 100000 bytes when it is unpacked, which is the most for one capture
        "#]]
        .assert_eq(&shown(&wacz(&[("archive/a.warc", &zeros)]), &tight));
        let packed = {
            let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            packed.write_all(&zeros).expect("memory can be written");
            packed.finish().expect("memory can be written")
        };
        let head = b"WARC/1.1\r\nWARC-Type: resource\r\nContent-Length: 1000000\r\n\r\n";
        let mut record = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        record.write_all(&[head, &*zeros].concat()).expect("memory can be written");
        expect![[r#"
            fault: in `archive/a.warc.gz`: it holds more than 100000 bytes when it is unpacked, which is the most for one capture
        "#]].assert_eq(&shown(&wacz(&[("archive/a.warc.gz", &record.finish().expect("memory can be written"))]), &tight));
        expect![[r#"
            fault: it holds more than 3 files, which is the most for one capture
        "#]]
        .assert_eq(&shown(&wacz(&[("a", b""), ("b", b""), ("c", &packed)]), &tight));
    }
}
