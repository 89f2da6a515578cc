//! What an edition is beyond a bag: a manifest of files and fields, and a seal that stands for all of it.

use std::io::{self, BufReader};

use sha2::{Digest, Sha256};

use super::{Asked, Look, Refused, bagit, quoted, trust};
use crate::archive::removed::{self, Removal};
use crate::edition::manifest::{self, Root};
use crate::edition::{About, Entry, Header, MANIFEST, Oxum, README, SEAL, Seal, bag, info, readme};
use crate::edtf::Day;
use crate::packet::Held;
use crate::text::hexadecimal;

/// What it says to catalogues.
const METADATA: &str = "data/ro-crate-metadata.json";

/// What may stand in an edition beside its payload.
const TAGS: [&str; 8] = [README, bag::DECLARATION, bag::INFO, bag::SUMS, bag::TAG_SUMS, MANIFEST, SEAL, removed::FILE];

/// Checks an edition; gives its day, and `None` when it is none.
pub(super) fn check(look: &mut Look<'_>, asked: &Asked) -> io::Result<Option<Day>> {
    if !look.files.contains_key(SEAL) && !look.files.contains_key(MANIFEST) {
        return Ok(None);
    }
    look.checked.kind = "edition";
    let Some(text) = text_of(look, SEAL) else { return Ok(None) };
    let seal: Seal = match text.parse() {
        Ok(seal) => seal,
        Err(why) => {
            look.no("seal", Some(SEAL), &format!("it cannot be used: {why}"));
            return Ok(None);
        }
    };
    let subject = format!("edition {} of the dossier {} as it stood on {}", seal.edition, seal.title, seal.date);
    look.checked.subject = Some(crate::packet::shown(&subject));
    check_manifest(look, &seal)?;
    check_tags(look, &seal);
    check_previous(look, &seal, asked);
    check_beside(look, &text, asked);
    let day = removed::day(&seal.date);
    if day.is_none() {
        look.no("seal", Some(SEAL), &format!("its date is no day: {}", quoted(&seal.date)));
    }
    Ok(day)
}

fn text_of(look: &mut Look<'_>, path: &str) -> Option<String> {
    let text = look.kept.get(path).and_then(|bytes| String::from_utf8(bytes.clone()).ok());
    if text.is_none() {
        look.no("seal", Some(path), "it is missing, or is no text");
    }
    text
}

/// How many entries of a manifest there were.
#[derive(Default)]
struct Count {
    files: u64,
    fields: u64,
    removed: u64,
    notices: u64,
}

/// Compares each entry of the manifest with the files, and the root with the seal.
fn check_manifest(look: &mut Look<'_>, seal: &Seal) -> io::Result<()> {
    let full = look.full(MANIFEST);
    let (mut root, mut count, mut header) = (Root::default(), Count::default(), None);
    let mut wrong: Vec<(Option<String>, String)> = Vec::new();
    let mut untold = 0;
    let mut is_metadata_open = false;
    let notices = Notices::of(look, seal);
    let bag = look.bag;
    let before = look.checked.checks.len();
    let result = bag.one(&full, &mut |from| {
        let reader = match manifest::Reader::new(BufReader::with_capacity(super::CHUNK, from)) {
            Ok(reader) => reader,
            Err(manifest::ManifestError::Io(error)) => return Err(error),
            Err(why) => {
                wrong.push((None, format!("it cannot be used: {why}")));
                return Ok(());
            }
        };
        header = Some(reader.header.clone());
        for line in reader {
            let line = match line {
                Ok(line) => line,
                Err(manifest::ManifestError::Io(error)) => return Err(error),
                Err(why) => {
                    wrong.push((None, format!("it cannot be used: {why}")));
                    return Ok(());
                }
            };
            if !line.salted {
                wrong.push((None, format!("line {} has no salt", line.line)));
            }
            if count.notices > 0 && line.commitment().is_some() {
                wrong.push((None, format!("line {} stands behind the notices", line.line)));
            }
            root.add(&line);
            untold += wrong.len().saturating_sub(super::MOST_TOLD) as u64;
            wrong.truncate(super::MOST_TOLD);
            match line.entry {
                Entry::Field { .. } => count.fields += 1,
                Entry::Removed { .. } => count.removed += 1,
                Entry::File { path, bytes, sha256 } => {
                    count.files += 1;
                    wrong.extend(compare(look, &path, bytes, &sha256).map(|says| (Some(path), says)));
                }
                Entry::Notice { path, bytes, sha256 } => {
                    count.notices += 1;
                    let says = compare(look, &path, bytes, &sha256);
                    let says = says.or_else(|| notices.refuse(look, &path, &sha256));
                    match says {
                        // How that was written changed more than once.
                        Some(_) if path == METADATA && !look.is_by_this_version() => is_metadata_open = true,
                        says => wrong.extend(says.map(|says| (Some(path), says))),
                    }
                }
            }
        }
        Ok(())
    });
    match result {
        Ok(()) => {}
        Err(Refused::Io(error)) => return Err(error),
        Err(Refused::Unsafe(_, why)) => wrong.push((None, why)),
    }
    if header.is_none() && wrong.is_empty() {
        wrong.push((None, "it is missing, and each edition has it".to_owned()));
    }
    look.untold += untold;
    for (path, says) in &wrong {
        look.no("seal", Some(path.as_deref().unwrap_or(MANIFEST)), says);
    }
    let unsealed: Vec<String> = look
        .files
        .iter()
        .filter(|(path, found)| path.starts_with(bagit::PAYLOAD) && !found.is_sealed)
        .map(|(path, _)| path.clone())
        .collect();
    let is_read = header.is_some() && look.is_whole(MANIFEST);
    for path in unsealed.iter().filter(|_| is_read) {
        look.no("seal", Some(path), &format!("it was added: `{MANIFEST}` does not list it"));
    }
    let (entries, root) = root.finish();
    let as_sealed = header.as_ref().map(|header| Seal::new(header, entries, root.clone()));
    match &as_sealed {
        Some(found) if found == seal => {}
        Some(found) if found.root == seal.root && found.entries == seal.entries => {
            look.no("seal", Some(MANIFEST), &format!("its first line does not say what `{SEAL}` says"));
        }
        Some(_) => {
            let says = format!(
                "it is not the one that was sealed: `{SEAL}` says {} entries with the root {}, and it has {entries} with {root}",
                seal.entries, seal.root
            );
            look.no("seal", Some(MANIFEST), &says);
        }
        None => {}
    }
    if look.checked.checks.len() == before {
        let Count { files, fields, removed, .. } = count;
        let open =
            if removed == 0 { String::new() } else { format!(", and the numbers of {removed} that were taken out") };
        let says = format!(
            "{files} files and {fields} fields of records are as they were sealed{open}; the root is {}",
            seal.root
        );
        look.say("seal", Held::Yes, None, &says);
        look.say("seal", Held::Yes, Some(SEAL), &format!("the SHA-256 of the seal is {}", seal.sha256()));
    }
    if is_metadata_open {
        let says = "it was written anew when something was taken out, by another version of the program or by somebody else; no seal \
                    holds it, and nobody should rely on it";
        look.say("seal", Held::Open, Some(METADATA), says);
    }
    check_removals(look, &count);
    Ok(())
}

/// Compares an entry with its file; tells what differs.
fn compare(look: &mut Look<'_>, path: &str, bytes: u64, sha256: &str) -> Option<String> {
    if !path.starts_with(bagit::PAYLOAD) {
        return Some(format!("`{MANIFEST}` lists it, and it is not of the payload"));
    }
    let Some(found) = look.files.get_mut(path) else {
        let says = look.missing(path, &format!("`{MANIFEST}` lists it"));
        if let Some(lost) = look.files.get_mut(path) {
            lost.is_sealed = true;
        }
        return Some(says);
    };
    if std::mem::replace(&mut found.is_sealed, true) {
        return Some(format!("`{MANIFEST}` lists it twice"));
    }
    let has = hexadecimal(&found.sha256);
    (!found.is_broken && (has != sha256 || found.length != bytes))
        .then(|| format!("it was changed: `{MANIFEST}` lists the SHA-256 {sha256}, and it has {has}"))
}

/// What may stand in place of what was taken out. It is not sealed, and so it must say nothing else.
#[derive(Default)]
struct Notices {
    removals: Vec<Removal>,
    /// What an edition says to catalogues, when it is one of them.
    metadata: Option<String>,
}

impl Notices {
    fn of(look: &Look<'_>, seal: &Seal) -> Self {
        let text = |path: &str| look.kept.get(path).and_then(|bytes| std::str::from_utf8(bytes).ok());
        let metadata = || {
            let before = text(METADATA)?;
            let about = removed::without_names(about(look, seal)?);
            is_language(&about.lang).then(|| removed::metadata(&about, before))
        };
        Notices { removals: text(removed::FILE).and_then(removed::read).unwrap_or_default(), metadata: metadata() }
    }

    /// Why a file says more than that something was taken out.
    fn refuse(&self, look: &Look<'_>, path: &str, sha256: &str) -> Option<String> {
        let is_notice = || {
            let mut notices =
                self.removals.iter().filter_map(|removal| removed::notice(path, &removal.on, removal.reason));
            notices.any(|notice| hexadecimal(&Sha256::digest(notice)) == sha256)
        };
        let is_metadata = || {
            let found = look.kept.get(path).filter(|_| path == METADATA);
            found.is_some_and(|found| self.metadata.as_ref().is_some_and(|metadata| metadata.as_bytes() == *found))
        };
        (!is_notice() && !is_metadata()).then(|| {
            "it says something else than that something was taken out: it was changed or added after the seal was made"
                .to_owned()
        })
    }
}

/// Whether a word can be the name of a language.
fn is_language(word: &str) -> bool {
    word.len() <= 35 && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Tells what was taken out.
fn check_removals(look: &mut Look<'_>, count: &Count) {
    let Some(bytes) = look.kept.get(removed::FILE) else {
        if count.removed + count.notices > 0 {
            let says = format!("it is missing, and {} entries were taken out", count.removed);
            look.no("removals", Some(removed::FILE), &says);
        }
        return;
    };
    let told = std::str::from_utf8(bytes).ok().and_then(removed::read);
    let Some(told) = told else {
        return look.no("removals", Some(removed::FILE), "it is not as such a file is written");
    };
    let sum = told.iter().fold(0_u64, |sum, removal| sum.saturating_add(removal.files).saturating_add(removal.fields));
    if sum != count.removed {
        let says = format!(
            "it tells of {sum} entries that were taken out, and `{MANIFEST}` has the numbers of {}",
            count.removed
        );
        return look.no("removals", Some(removed::FILE), &says);
    }
    if told.iter().any(|removal| removal.files == 0 && removal.fields == 0) {
        return look.no("removals", Some(removed::FILE), "it tells of a removal by which nothing went");
    }
    if count.notices > told.iter().fold(0, |sum: u64, removal| sum.saturating_add(removal.files)) {
        return look.no("removals", Some(MANIFEST), "it has more notices than files that were taken out");
    }
    for Removal { on, reason, files, fields } in told {
        let says = format!(
            "TAKEN OUT: it says that {files} files and {fields} fields of records were taken out on {on}, for the reason `{}`. No seal or \
             signature stands for that: whoever has an edition can take out of it what they like. Ask its publisher whether they did; \
             what is left is as it was sealed",
            reason.word()
        );
        look.say("removals", Held::Open, Some(removed::FILE), &says);
    }
}

/// Looks at what stands beside the payload, which the seal does not hold together.
fn check_tags(look: &mut Look<'_>, seal: &Seal) {
    let mut added = Vec::new();
    let is_listed_known = look.is_whole(bag::TAG_SUMS);
    for (path, found) in look.files.iter().filter(|(path, _)| !path.starts_with(bagit::PAYLOAD)) {
        if !TAGS.contains(&path.as_str()) && trust::ending(path).is_none() {
            added.push((path.clone(), "it was added: no edition has such a file".to_owned()));
        } else if !found.is_broken && found.length > 0 && must_be_kept(path) && !look.kept.contains_key(path) {
            added.push((path.clone(), "it is longer than such a file is, and was not looked at".to_owned()));
        } else if found.listed == 0 && path != bag::TAG_SUMS && is_listed_known {
            added.push((path.clone(), format!("it was added: `{}` does not list it", bag::TAG_SUMS)));
        }
    }
    for (path, says) in added {
        look.no("files", Some(&path), &says);
    }
    for path in TAGS.iter().filter(|path| **path != removed::FILE) {
        if !look.files.contains_key(*path) {
            let says = look.missing(path, "each edition has it");
            look.no("files", Some(path), &says);
        }
    }
    let payload = look.files.iter().filter(|(path, _)| path.starts_with(bagit::PAYLOAD));
    let oxum = payload
        .fold(Oxum::default(), |oxum, (_, found)| Oxum { bytes: oxum.bytes + found.length, files: oxum.files + 1 });
    // What these say is in part taken from there.
    if !look.is_whole(METADATA) {
        return;
    }
    let Some(about) = about(look, seal) else { return };
    let expected =
        [(README, readme::page(&about)), (bag::INFO, info(&about, oxum)), (bag::DECLARATION, bag::DECLARED.to_owned())];
    for (path, expected) in expected {
        let found = look.kept.get(path);
        if !look.files.contains_key(path) || found.is_some_and(|found| *found == expected.as_bytes()) {
            continue;
        }
        // Where files are lost, what is said of how many there are cannot be compared.
        if path == bag::INFO && !look.damages.is_empty() {
            continue;
        }
        if found.is_none() || look.is_by_this_version() || path == bag::DECLARATION {
            look.no(
                "files",
                Some(path),
                "it is not as it is written for this edition; the seal does not hold this file",
            );
        } else {
            look.say(
                "files",
                Held::Open,
                Some(path),
                "it is not as this version of the program writes it. Either another version wrote it, as `bag-info.txt` says, or somebody \
                 changed it: the seal does not hold this file. Do not rely on what it says; the way to check is in the docs of the program",
            );
        }
    }
}

/// Whether a file is short in each edition, so that all of it is looked at.
fn must_be_kept(path: &str) -> bool {
    trust::ending(path).is_some() || [README, bag::DECLARATION, bag::INFO, removed::FILE].contains(&path)
}

/// What an edition says of itself, from its seal and from what it says to catalogues.
pub(in crate::archive) fn about_of(seal: &Seal, metadata: Option<&[u8]>) -> Option<About> {
    let metadata: serde_json::Value = metadata.and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
    let graph = metadata["@graph"].as_array().map(Vec::as_slice).unwrap_or_default();
    let entity = |id: &str| graph.iter().find(|entity| entity["@id"] == id);
    let text = |entity: Option<&serde_json::Value>, key: &str| Some(entity?[key].as_str()?.to_owned());
    let root = entity("./");
    Some(About {
        header: Header {
            title: seal.title.clone(),
            edition: seal.edition.clone(),
            date: seal.date.clone(),
            audience: seal.audience,
            previous: seal.previous.clone(),
            seal: None,
        },
        day: removed::day(&seal.date)?,
        lang: text(root, "inLanguage").unwrap_or_else(|| "en".to_owned()),
        licence: None,
        publisher: text(entity("#publisher"), "name"),
        base_url: text(root, "url"),
    })
}

fn about(look: &Look<'_>, seal: &Seal) -> Option<About> {
    about_of(seal, look.kept.get(METADATA).map(Vec::as_slice))
}

/// Checks the signatures and timestamps.
fn check_beside(look: &mut Look<'_>, seal: &str, asked: &Asked) {
    let checks = trust::check_beside(seal.as_bytes(), &look.kept, &asked.trusted);
    look.checked.checks.extend(checks);
}

/// Compares the edition before with the one that is named.
fn check_previous(look: &mut Look<'_>, seal: &Seal, asked: &Asked) {
    match (&seal.previous, &asked.previous) {
        (None, None) => look.say("previous", Held::Yes, None, "it names no edition before it"),
        (None, Some(_)) => look.no("previous", None, "it names no edition before it, and one was given"),
        (Some(named), None) => {
            let says = format!(
                "it follows the edition {}, whose seal has the SHA-256 {}; that one was not given, and was not compared",
                quoted(&named.edition),
                named.seal
            );
            look.say("previous", Held::Open, None, &says);
        }
        (Some(named), Some(before)) if *named == before.previous => {
            let given = match before.is_kept {
                true => {
                    "what is kept of it tells of the seal that it names; that was not compared with the edition itself"
                }
                false => {
                    "the one that was given has the seal that it names; whether that one is whole, `dossier verify` tells of it"
                }
            };
            let says = format!("it follows the edition {}, and {given}", quoted(&named.edition));
            look.say("previous", Held::Yes, None, &says);
        }
        (Some(named), Some(before)) => {
            let says = format!(
                "it follows the edition {} with the seal {}, and given was {} with the seal {}",
                quoted(&named.edition),
                named.seal,
                quoted(&before.previous.edition),
                before.previous.seal
            );
            look.no("previous", None, &says);
        }
    }
}
