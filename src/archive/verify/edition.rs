//! What an edition is beyond a bag: a manifest of files and fields, and a seal that stands for all of it.

use std::io::{self, BufReader};

use super::{Asked, Look, Refused, bagit, quoted, trust};
use crate::archive::removed;
use crate::edition::manifest::{self, Root};
use crate::edition::{About, Entry, Header, MANIFEST, Oxum, README, SEAL, Seal, bag, info, readme};
use crate::edtf::Day;
use crate::packet::Held;
use crate::text::hexadecimal;

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
            match line.entry {
                Entry::Field { .. } => count.fields += 1,
                Entry::Removed { .. } => count.removed += 1,
                Entry::File { path, bytes, sha256 } => {
                    count.files += 1;
                    wrong.extend(compare(look, &path, bytes, &sha256).map(|says| (Some(path), says)));
                }
                Entry::Notice { path, bytes, sha256 } => {
                    count.notices += 1;
                    wrong.extend(compare(look, &path, bytes, &sha256).map(|says| (Some(path), says)));
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
    for (path, says) in &wrong {
        look.no("seal", Some(path.as_deref().unwrap_or(MANIFEST)), says);
    }
    let unsealed: Vec<String> = look
        .files
        .iter()
        .filter(|(path, found)| path.starts_with(bagit::PAYLOAD) && !found.is_sealed)
        .map(|(path, _)| path.clone())
        .collect();
    for path in unsealed.iter().filter(|_| header.is_some()) {
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
    for removal in told {
        let says = format!(
            "TAKEN OUT BY LAW: {}; what is left is as it was sealed",
            removal.to_string().replacen("On", "on", 1)
        );
        look.say("removals", Held::Open, Some(removed::FILE), &says);
    }
}

/// Looks at what stands beside the payload, which the seal does not hold together.
fn check_tags(look: &mut Look<'_>, seal: &Seal) {
    let mut added = Vec::new();
    for (path, found) in look.files.iter().filter(|(path, _)| !path.starts_with(bagit::PAYLOAD)) {
        if !TAGS.contains(&path.as_str()) && trust::ending(path).is_none() {
            added.push((path.clone(), "it was added: no edition has such a file".to_owned()));
        } else if found.listed == 0 && path != bag::TAG_SUMS {
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
    let Some(about) = about(look, seal) else { return };
    let expected =
        [(README, readme::page(&about)), (bag::INFO, info(&about, oxum)), (bag::DECLARATION, bag::DECLARED.to_owned())];
    for (path, expected) in expected {
        if look.kept.get(path).is_none_or(|found| *found == expected.as_bytes()) {
            continue;
        }
        // Where files are lost, what is said of how many there are cannot be compared.
        if path == bag::INFO && !look.damages.is_empty() {
            continue;
        }
        if look.is_by_this_version() || path == bag::DECLARATION {
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
                "another version of the program wrote it, and the seal does not hold it",
            );
        }
    }
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
    about_of(seal, look.kept.get("data/ro-crate-metadata.json").map(Vec::as_slice))
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
            let says = format!(
                "it follows the edition {}, and the one that was given has the seal that it names",
                quoted(&named.edition)
            );
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
