//! The rules of BagIt 1.0 (RFC 8493) and of the drafts before it, as the program of the Library of Congress follows them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufRead, BufReader, Read};

use encoding_rs::{Encoding, UTF_8};
use sha2::Digest;
use unicode_normalization::UnicodeNormalization;

use super::{Look, Refused, Visit};
use crate::packet::{Held, shown};
use crate::text::hexadecimal;

/// The longest line of a manifest, in bytes.
const LONGEST_LINE: u64 = 256 * 1024;

/// The longest manifest that is read as a whole, which is done when it is not in UTF-8.
const LONGEST: u64 = 64 << 20;

/// How many manifests are read: as many as there are bits to tell them apart.
const MOST_MANIFESTS: usize = 32;

const DECLARATION: &str = "bagit.txt";
const FETCH: &str = "fetch.txt";
pub(super) const PAYLOAD: &str = "data/";

/// The version of BagIt in which much became stricter.
const FIRST: (u32, u32) = (1, 0);

/// What a bag says of its form.
struct Declared {
    version: (u32, u32),
    encoding: &'static Encoding,
}

/// How sums are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Algorithm {
    Md5,
    Sha1,
    Sha224,
    Sha256,
    Sha384,
    Sha512,
}

impl Algorithm {
    fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().replace('-', "").as_str() {
            "md5" => Algorithm::Md5,
            "sha1" => Algorithm::Sha1,
            "sha224" => Algorithm::Sha224,
            "sha256" => Algorithm::Sha256,
            "sha384" => Algorithm::Sha384,
            "sha512" => Algorithm::Sha512,
            _ => return None,
        })
    }

    fn sum(self, from: &mut dyn Read) -> io::Result<String> {
        fn all(from: &mut dyn Read, mut update: impl FnMut(&[u8])) -> io::Result<()> {
            let mut chunk = vec![0; super::CHUNK];
            loop {
                match from.read(&mut chunk)? {
                    0 => return Ok(()),
                    read => update(&chunk[..read]),
                }
            }
        }
        fn by<D: Digest>(from: &mut dyn Read) -> io::Result<String> {
            let mut digest = D::new();
            all(from, |bytes| digest.update(bytes))?;
            Ok(hexadecimal(&digest.finalize()))
        }
        fn by_older<D: sha1::Digest>(from: &mut dyn Read) -> io::Result<String> {
            let mut digest = D::new();
            all(from, |bytes| digest.update(bytes))?;
            Ok(hexadecimal(&digest.finalize()))
        }
        match self {
            Algorithm::Md5 => by_older::<md5::Md5>(from),
            Algorithm::Sha1 => by_older::<sha1::Sha1>(from),
            Algorithm::Sha224 => by::<sha2::Sha224>(from),
            Algorithm::Sha256 => by::<sha2::Sha256>(from),
            Algorithm::Sha384 => by::<sha2::Sha384>(from),
            Algorithm::Sha512 => by::<sha2::Sha512>(from),
        }
    }
}

/// A list of sums.
struct Manifest {
    /// Its path in the bag.
    path: String,
    algorithm: Algorithm,
    /// Whether it lists the payload, and not what stands beside it.
    of_payload: bool,
}

/// Checks a bag by its rules.
pub(super) fn check(look: &mut Look<'_>) -> io::Result<()> {
    let Some(declared) = declared(look) else { return Ok(()) };
    check_info(look, &declared);
    let fetched = fetched(look, &declared);
    let manifests = manifests(look);
    if !manifests.iter().any(|manifest| manifest.of_payload) {
        look.no("bag", None, "it has no manifest of its payload that can be used, and nothing of that can be compared");
    }
    let is_payload = |path: &String| path.starts_with(PAYLOAD);
    let has_payload = look.files.keys().any(is_payload) || look.folders.iter().any(is_payload);
    if !has_payload && look.damages.is_empty() {
        look.no("bag", Some("data"), "the folder of the payload is missing");
    }
    let mut lists = Lists { fetched, normal: BTreeMap::new(), others: BTreeMap::new(), differing: BTreeSet::new() };
    let uncommon = look.files.keys().filter(|path| !path.is_ascii());
    lists.normal = uncommon.map(|path| (path.nfc().collect(), path.clone())).collect();
    if manifests.len() > MOST_MANIFESTS {
        let says = format!("it has more than {MOST_MANIFESTS} lists of sums, and not all of them were compared");
        look.no("bag", None, &says);
    }
    for (number, manifest) in manifests.iter().enumerate().take(MOST_MANIFESTS) {
        lists.read(look, &declared, manifest, 1 << number)?;
    }
    lists.compare_others(look)?;
    // What a list does not say that could not be read to its end is not known.
    let of_payload: Vec<(u32, &Manifest)> = manifests
        .iter()
        .take(MOST_MANIFESTS)
        .enumerate()
        .filter(|(_, manifest)| manifest.of_payload && look.is_whole(&manifest.path))
        .map(|(number, manifest)| (1_u32 << number, manifest))
        .collect();
    if of_payload.is_empty() {
        return Ok(());
    }
    let (mut all, mut same, mut unlisted) = (0_u64, 0_u64, Vec::new());
    for (path, found) in look.files.iter().filter(|(path, _)| path.starts_with(PAYLOAD)) {
        all += 1;
        if of_payload.iter().all(|(bit, _)| found.listed & bit == 0) {
            unlisted.push((path.clone(), "it was added: no manifest lists it".to_owned()));
        } else if let Some((_, manifest)) = of_payload.iter().find(|(bit, _)| found.listed & bit == 0)
            && declared.version >= FIRST
        {
            unlisted.push((path.clone(), format!("`{}` does not list it, and another manifest does", manifest.path)));
        } else if !lists.differing.contains(path) {
            same += 1;
        }
    }
    for (path, says) in &unlisted {
        look.no("files", Some(path), says);
    }
    let held = if same == all && look.broken == 0 { Held::Yes } else { Held::No };
    let lists = of_payload.iter().map(|(_, manifest)| format!("`{}`", manifest.path)).collect::<Vec<_>>().join(", ");
    look.say("files", held, None, &format!("{same} of {all} files of the payload are there as {lists} says"));
    Ok(())
}

/// What the bag declares.
fn declared(look: &mut Look<'_>) -> Option<Declared> {
    let Some(bytes) = look.kept.get(DECLARATION).cloned() else {
        if !look.files.contains_key(DECLARATION) {
            let says = look.missing(DECLARATION, "each bag has it");
            look.no("bag", Some(DECLARATION), &says);
        } else if look.is_whole(DECLARATION) {
            look.no("bag", Some(DECLARATION), "it is longer than such a file is, and was not looked at");
        }
        // Where only this was lost, the others can be compared as nearly every bag is written.
        let is_lost = look.files.contains_key(DECLARATION) && !look.is_whole(DECLARATION);
        return is_lost.then_some(Declared { version: FIRST, encoding: UTF_8 });
    };
    let found = declaration(&bytes);
    match found {
        Ok(declared) => {
            let (major, minor) = declared.version;
            look.say("bag", Held::Yes, None, &format!("it is a bag by BagIt {major}.{minor}"));
            Some(declared)
        }
        Err(why) => {
            look.no("bag", Some(DECLARATION), &why);
            None
        }
    }
}

fn declaration(bytes: &[u8]) -> Result<Declared, String> {
    if bytes.starts_with(b"\xef\xbb\xbf") {
        return Err("it begins with a byte-order mark, which it must not".to_owned());
    }
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let value = |at: usize, label: &str| {
        let line = lines.get(at).copied().unwrap_or_default();
        let (found, value) = line.split_once(':').filter(|(found, _)| found.trim() == label)?;
        Some((found == label && value.starts_with(' ') && value.trim() == &value[1..], value.trim()))
    };
    let missing = |label: &str| format!("it does not say `{label}: …` where it should");
    let (version_strict, version) = value(0, "BagIt-Version").ok_or_else(|| missing("BagIt-Version"))?;
    let (encoding_strict, encoding) =
        value(1, "Tag-File-Character-Encoding").ok_or_else(|| missing("Tag-File-Character-Encoding"))?;
    let is_number = |text: &str| !text.is_empty() && text.len() < 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    let parsed = version.split_once('.').filter(|(major, minor)| is_number(major) && is_number(minor));
    let parsed = parsed.and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    let Some(version) = parsed.filter(|version| *version >= (0, 93) && *version < (2, 0)) else {
        return Err(format!("`{}` is no version of BagIt that is known here", shown(version)));
    };
    if version >= FIRST && (!version_strict || !encoding_strict || lines.len() != 2) {
        return Err("it is not written as BagIt 1.0 asks: two lines, a label, a colon and a space".to_owned());
    }
    let encoding = Encoding::for_label(encoding.as_bytes())
        .ok_or_else(|| format!("its tag files are in `{}`, which is not known here", shown(encoding)))?;
    Ok(Declared { version, encoding })
}

/// A tag file as text.
fn decoded<'a>(bytes: &'a [u8], declared: &Declared) -> Option<Cow<'a, str>> {
    let (text, _, is_broken) = declared.encoding.decode(bytes);
    (!is_broken).then_some(text)
}

/// Labels with their values, of which one may go on over several lines.
pub(super) fn labels(text: &str) -> Result<Vec<(String, String)>, String> {
    let mut labels: Vec<(String, String)> = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        if let Some((_, value)) = labels.last_mut().filter(|_| line.starts_with(char::is_whitespace)) {
            value.push(' ');
            value.push_str(line.trim());
            continue;
        }
        let (label, value) =
            line.split_once(':').ok_or_else(|| format!("`{}` has no label with a colon", shown(line)))?;
        labels.push((label.trim().to_owned(), value.trim().to_owned()));
    }
    Ok(labels)
}

/// What is known of the bag; most of it is for people.
fn check_info(look: &mut Look<'_>, declared: &Declared) {
    let name = if declared.version < (0, 96) { "package-info.txt" } else { "bag-info.txt" };
    let Some(bytes) = look.kept.get(name).cloned() else { return };
    let Some(text) = decoded(&bytes, declared) else {
        return look.no("bag", Some(name), "it is not in the encoding that the bag declares");
    };
    let labels = match labels(&text) {
        Ok(labels) => labels,
        Err(why) => return look.no("bag", Some(name), &why),
    };
    let Some((_, oxum)) = labels.iter().find(|(label, _)| label == "Payload-Oxum") else { return };
    let parsed = oxum.split_once('.').and_then(|(bytes, files)| Some((bytes.parse().ok()?, files.parse().ok()?)));
    let Some((bytes, files)) = parsed else {
        return look.no("bag", Some(name), &format!("its Payload-Oxum is none: `{}`", shown(oxum)));
    };
    let payload = look.files.iter().filter(|(path, _)| path.starts_with(PAYLOAD));
    let found: (u64, u64) = payload.fold((0, 0), |(bytes, files), (_, found)| (bytes + found.length, files + 1));
    if found != (bytes, files) && look.damages.is_empty() {
        let says = format!(
            "it says that the payload has {bytes} bytes in {files} files, and it has {} in {}",
            found.0, found.1
        );
        look.no("bag", Some(name), &says);
    }
}

/// The files that are to be fetched from elsewhere, with the addresses.
fn fetched(look: &mut Look<'_>, declared: &Declared) -> BTreeMap<String, String> {
    let mut fetched = BTreeMap::new();
    let Some(bytes) = look.kept.get(FETCH).cloned() else { return fetched };
    let Some(text) = decoded(&bytes, declared) else {
        look.no("bag", Some(FETCH), "it is not in the encoding that the bag declares");
        return fetched;
    };
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut parts = line.splitn(2, char::is_whitespace);
        let address = parts.next().unwrap_or_default();
        let mut parts = parts.next().unwrap_or_default().trim_start().splitn(2, char::is_whitespace);
        let length = parts.next().unwrap_or_default();
        let path = parts.next().unwrap_or_default().trim_start();
        if path.is_empty() || length != "-" && length.parse::<u64>().is_err() {
            look.no("bag", Some(FETCH), &format!("`{}` is no address, length and path", shown(line)));
            continue;
        }
        if url::Url::parse(address).is_err() {
            look.no("bag", Some(FETCH), &format!("`{}` is no address", shown(address)));
        }
        match inside(path, declared) {
            Ok(path) if path.starts_with(PAYLOAD) => drop(fetched.insert(path, address.to_owned())),
            Ok(path) => look.no("bag", Some(FETCH), &format!("`{}` does not lie in the payload", shown(&path))),
            Err(why) => look.no("bag", Some(FETCH), &format!("`{}` would do harm: {why}", shown(path))),
        }
    }
    fetched
}

/// The manifests that there are and that can be compared.
fn manifests(look: &mut Look<'_>) -> Vec<Manifest> {
    let mut manifests = Vec::new();
    let mut unknown = Vec::new();
    for path in look.files.keys() {
        let Some(name) = path.strip_suffix(".txt").filter(|name| !name.contains('/')) else { continue };
        let (of_payload, algorithm) = match (name.strip_prefix("manifest-"), name.strip_prefix("tagmanifest-")) {
            (Some(algorithm), _) => (true, algorithm),
            (_, Some(algorithm)) => (false, algorithm),
            _ => continue,
        };
        match Algorithm::named(algorithm) {
            Some(algorithm) => manifests.push(Manifest { path: path.clone(), algorithm, of_payload }),
            None => unknown.push((path.clone(), algorithm.to_owned())),
        }
    }
    for (path, algorithm) in unknown {
        let says = format!("sums of the kind `{}` are not known here, and were not compared", shown(&algorithm));
        look.say("files", Held::Open, Some(&path), &says);
    }
    manifests
}

/// A path as a manifest lists it, made plain; the error says why it must not be followed.
fn inside(written: &str, declared: &Declared) -> Result<String, &'static str> {
    let bytes = written.as_bytes();
    let has_drive = bytes.len() > 1 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    if written.starts_with(['/', '\\']) || has_drive {
        return Err("it does not begin in the bag");
    }
    if written.starts_with('~') {
        return Err("it begins in somebody's own folder");
    }
    if written.split(['/', '\\']).any(|part| part == "..") {
        return Err("it leads out of the bag");
    }
    if written.starts_with('%') {
        return Err("it begins in a folder that only some systems have");
    }
    let parts: Vec<&str> = written.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    Ok(unescaped(&parts.join("/"), declared))
}

/// Line breaks, and since 1.0 percent signs, are written as their numbers.
fn unescaped(path: &str, declared: &Declared) -> String {
    if !path.contains('%') {
        return path.to_owned();
    }
    let path = path.replace("%0D", "\r").replace("%0d", "\r").replace("%0A", "\n").replace("%0a", "\n");
    if declared.version >= FIRST { path.replace("%25", "%") } else { path }
}

/// What is known while manifests are read.
struct Lists {
    fetched: BTreeMap<String, String>,
    /// Paths with accents, in the form in which they are the same.
    normal: BTreeMap<String, String>,
    /// Sums that are no SHA-256, by file: the manifest, how it is made, the sum.
    others: BTreeMap<String, Vec<(String, Algorithm, String)>>,
    /// Files that differ from a manifest.
    differing: BTreeSet<String>,
}

impl Lists {
    fn read(&mut self, look: &mut Look<'_>, declared: &Declared, manifest: &Manifest, bit: u32) -> io::Result<()> {
        let mut missing = BTreeMap::new();
        let (bag, full) = (look.bag, look.full(&manifest.path));
        let mut wrong = None;
        let result = bag.one(&full, &mut |from| {
            let mut number = 0;
            wrong = each_line(from, declared.encoding, &mut |line| {
                number += 1;
                self.line(look, declared, (manifest, bit), (number, line), &mut missing);
            })?;
            Ok(())
        });
        match result {
            Ok(()) => {}
            Err(Refused::Io(error)) => return Err(error),
            // It was told when it was read first.
            Err(Refused::Unsafe(..)) => return Ok(()),
        }
        if let Some(why) = wrong {
            look.no("files", Some(&manifest.path), &format!("it cannot be used: {why}"));
        }
        for path in missing.keys() {
            match self.fetched.get(path) {
                Some(address) => {
                    let says =
                        format!("it is not there yet: `{FETCH}` says that it is to be had from {}", shown(address));
                    look.no("files", Some(path), &says);
                }
                None => {
                    let says = look.missing(path, &format!("`{}` lists it", manifest.path));
                    self.differing.insert(path.clone());
                    if let Some(found) = look.files.get_mut(path) {
                        found.listed |= bit;
                    }
                    look.no("files", Some(path), &says);
                }
            }
        }
        for path in self.fetched.keys().filter(|_| manifest.of_payload && declared.version >= FIRST) {
            let is_listed =
                missing.contains_key(path) || look.files.get(path).is_some_and(|found| found.listed & bit != 0);
            if !is_listed {
                let says = format!("`{FETCH}` names it, and `{}` does not list it", manifest.path);
                look.checked.say("files", Held::No, Some(path), says);
            }
        }
        Ok(())
    }

    fn line(
        &mut self,
        look: &mut Look<'_>,
        declared: &Declared,
        (manifest, bit): (&Manifest, u32),
        (number, line): (u64, &str),
        missing: &mut BTreeMap<String, String>,
    ) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        let own = manifest.path.as_str();
        let parts = line.split_once(char::is_whitespace);
        let Some((sum, written)) = parts.map(|(sum, path)| (sum, path.trim_start().trim_start_matches('*'))) else {
            return look.no("files", Some(own), &format!("line {number} is no sum with a path"));
        };
        let path = match inside(written, declared) {
            Ok(path) => path,
            Err(why) => {
                return look.no(
                    "files",
                    Some(own),
                    &format!("line {number}, `{}`, would do harm: {why}", shown(written)),
                );
            }
        };
        if manifest.of_payload && !path.starts_with(PAYLOAD) {
            return look.no("files", Some(own), &format!("line {number}, `{}`, is not of the payload", shown(&path)));
        }
        let sum = sum.to_ascii_lowercase();
        let normal: Option<&String> =
            if path.is_ascii() { None } else { self.normal.get(&path.nfc().collect::<String>()) };
        let known = [Some(&path), normal].into_iter().flatten().find(|path| look.files.contains_key(*path));
        let known = known.cloned().or_else(|| look.files.contains_key(written).then(|| written.to_owned()));
        let Some(path) = known else {
            if missing.len() >= super::MOST_TOLD {
                look.untold += 1;
                return;
            }
            if let Some(other) = missing.insert(path.clone(), sum.clone()) {
                self.twice(look, declared, own, &path, other == sum);
            }
            return;
        };
        let Some(found) = look.files.get_mut(&path) else { return };
        let is_again = found.listed & bit != 0;
        found.listed |= bit;
        if manifest.algorithm != Algorithm::Sha256 {
            let sums = self.others.entry(path.clone()).or_default();
            let other = sums.iter().find(|(list, ..)| list == own).map(|(.., other)| *other == sum);
            if let Some(is_same) = other {
                return self.twice(look, declared, own, &path, is_same);
            }
            sums.push((own.to_owned(), manifest.algorithm, sum));
            return;
        }
        let has = hexadecimal(&found.sha256);
        let is_broken = found.is_broken;
        if is_again {
            self.twice(look, declared, own, &path, has == sum);
        } else if has != sum {
            self.differing.insert(path.clone());
            if !is_broken {
                let says = format!("it was changed: `{own}` lists the SHA-256 {}, and it has {has}", shown(&sum));
                look.no("files", Some(&path), &says);
            }
        }
    }

    fn twice(&mut self, look: &mut Look<'_>, declared: &Declared, own: &str, path: &str, is_same: bool) {
        match (is_same, declared.version >= FIRST) {
            (false, _) => look.no("files", Some(path), &format!("`{own}` lists it twice, with different sums")),
            (true, true) => look.no("files", Some(path), &format!("`{own}` lists it twice")),
            (true, false) => {
                look.say("files", Held::Open, Some(path), &format!("`{own}` lists it twice, with the same sum"));
            }
        }
    }

    /// Comes to the sums that are no SHA-256.
    fn compare_others(&mut self, look: &mut Look<'_>) -> io::Result<()> {
        if self.others.is_empty() {
            return Ok(());
        }
        let kinds: BTreeSet<Algorithm> = self.others.values().flatten().map(|(_, kind, _)| *kind).collect();
        let mut found = Vec::new();
        // Nearly every bag has sums of one kind; for each other its files are read once more, so that none is ever held as a whole.
        for kind in kinds {
            let mut sums = Sums { top: look.top.clone(), kind, others: &self.others, found: Vec::new() };
            match look.bag.each(&mut sums) {
                Ok(()) | Err(Refused::Unsafe(..)) => {}
                Err(Refused::Io(error)) => return Err(error),
            }
            found.extend(sums.found);
        }
        for (path, says) in found {
            self.differing.insert(path.clone());
            look.no("files", Some(&path), &says);
        }
        Ok(())
    }
}

struct Sums<'a> {
    top: String,
    kind: Algorithm,
    others: &'a BTreeMap<String, Vec<(String, Algorithm, String)>>,
    found: Vec<(String, String)>,
}

impl Visit for Sums<'_> {
    fn folder(&mut self, _: &str) {}

    fn file(&mut self, path: &str, _: u64, from: &mut dyn Read) -> io::Result<()> {
        let Some(path) = path.strip_prefix(&self.top) else { return Ok(()) };
        let Some(listed) = self.others.get(path) else { return Ok(()) };
        let mut listed = listed.iter().filter(|(_, kind, _)| *kind == self.kind).peekable();
        if listed.peek().is_none() {
            return Ok(());
        }
        let has = self.kind.sum(from)?;
        for (list, _, listed) in listed.filter(|(.., listed)| *listed != has) {
            let says = format!("it was changed: `{list}` lists the sum {}, and it has {has}", shown(listed));
            self.found.push((path.to_owned(), says));
        }
        Ok(())
    }

    fn broken(&mut self, _: &str, _: &str) {}
}

/// Each line of a manifest; tells why one cannot be read.
fn each_line(
    from: &mut dyn Read,
    encoding: &'static Encoding,
    see: &mut dyn FnMut(&str),
) -> io::Result<Option<String>> {
    if encoding != UTF_8 {
        let mut bytes = Vec::new();
        from.take(LONGEST).read_to_end(&mut bytes)?;
        let (text, _, is_broken) = encoding.decode(&bytes);
        if is_broken {
            return Ok(Some("it is not in the encoding that the bag declares".to_owned()));
        }
        text.split(['\r', '\n']).for_each(see);
        return Ok(None);
    }
    let mut from = BufReader::with_capacity(super::CHUNK, from);
    let mut line = Vec::new();
    let mut is_first = true;
    loop {
        line.clear();
        let read = from.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            return Ok(None);
        }
        if read as u64 == LONGEST_LINE {
            return Ok(Some("it has a line that is longer than any path".to_owned()));
        }
        let Ok(text) = std::str::from_utf8(&line) else { return Ok(Some("it is not UTF-8".to_owned())) };
        let text = if is_first { text.trim_start_matches('\u{feff}') } else { text };
        is_first = false;
        text.trim_end_matches(['\r', '\n']).split('\r').for_each(&mut *see);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(minor: (u32, u32)) -> Declared {
        Declared { version: minor, encoding: UTF_8 }
    }

    #[test]
    fn what_a_bag_declares_is_read_strictly_since_1_0() {
        let check = |text: &str, expected: Result<(u32, u32), &str>| {
            let found = declaration(text.as_bytes()).map(|declared| declared.version);
            assert_eq!(found.as_ref().map_err(String::as_str), expected.as_ref().map_err(|why| *why), "{text:?}");
        };
        let strict = "it is not written as BagIt 1.0 asks: two lines, a label, a colon and a space";
        check("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n", Ok((1, 0)));
        check("BagIt-Version: 1.0\r\nTag-File-Character-Encoding: UTF-8", Ok((1, 0)));
        check("BagIt-Version : 1.0\nTag-File-Character-Encoding : UTF-8\n", Err(strict));
        check("BagIt-Version : 0.97\nTag-File-Character-Encoding: UTF-8\n", Ok((0, 97)));
        check("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\nMore: x\n", Err(strict));
        check(
            "BagIt-Version: 3.0\nTag-File-Character-Encoding: UTF-8\n",
            Err("`3.0` is no version of BagIt that is known here"),
        );
        check("BagIt-Version: 1.0\n", Err("it does not say `Tag-File-Character-Encoding: …` where it should"));
        check("\u{feff}BagIt-Version: 1.0\n", Err("it begins with a byte-order mark, which it must not"));
    }

    #[test]
    fn a_listed_path_stays_in_the_bag() {
        for path in ["/etc/passwd", "../a", "data/../../a", "~/a", "~user/a", "C:\\a", "\\\\host\\a", "data\\..\\a"] {
            assert!(inside(path, &declared(FIRST)).is_err(), "{path}");
        }
        let check = |path, version, expected: &str| assert_eq!(inside(path, &declared(version)).unwrap(), expected);
        check("./data//a", FIRST, "data/a");
        check("data/100%25%0A", FIRST, "data/100%\n");
        check("data/100%25%0A", (0, 97), "data/100%25\n");
    }

    #[test]
    fn a_value_may_go_on_over_several_lines() {
        let found = labels("A: one\n  two\nB:three\n").unwrap();
        assert_eq!(found, [("A".to_owned(), "one two".to_owned()), ("B".to_owned(), "three".to_owned())]);
        assert!(labels("no label\n").is_err());
    }
}
