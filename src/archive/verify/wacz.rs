//! The digests that a web archive (WACZ 1.1.1) has of its own files.

use std::collections::BTreeSet;
use std::io;

use serde_json::Value;

use super::Look;
use crate::archive::removed;
use crate::edition::PROGRAM;
use crate::edtf::Day;
use crate::packet::{Held, shown};
use crate::text::hexadecimal;

const PACKAGE: &str = "datapackage.json";
const DIGEST: &str = "datapackage-digest.json";

/// Checks a web archive; gives its day where this program has made it.
pub(super) fn check(look: &mut Look<'_>) -> io::Result<Option<Day>> {
    look.checked.kind = "web-archive";
    let read = |look: &Look<'_>, path: &str| -> Option<Value> {
        look.kept.get(path).and_then(|bytes| serde_json::from_slice(bytes).ok())
    };
    let Some(package) = read(look, PACKAGE) else {
        look.no("files", Some(PACKAGE), "it cannot be used");
        return Ok(None);
    };
    if let Some(title) = package["title"].as_str() {
        look.checked.subject = Some(shown(title));
    }
    let has = |look: &Look<'_>, path: &str| {
        look.files.get(path).map(|found| format!("sha256:{}", hexadecimal(&found.sha256)))
    };
    match read(look, DIGEST) {
        None => look.say("files", Held::Open, Some(PACKAGE), "no sum of it is listed"),
        Some(digest) => {
            if digest["hash"].as_str() != has(look, PACKAGE).as_deref() {
                look.no("files", Some(PACKAGE), &format!("it was changed: it has not the sum that `{DIGEST}` lists"));
            }
        }
    }
    let mut listed = BTreeSet::from([PACKAGE.to_owned(), DIGEST.to_owned()]);
    let (mut all, mut same) = (0, 0);
    for resource in package["resources"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let Some(path) = resource["path"].as_str() else { continue };
        all += 1;
        listed.insert(path.to_owned());
        match has(look, path) {
            None => look.no("files", Some(path), "it is missing"),
            Some(sum) if resource["hash"].as_str() == Some(&sum) => same += 1,
            Some(_) if look.files.get(path).is_some_and(|found| found.is_broken) => {}
            Some(sum) => {
                let stated = resource["hash"].as_str().map(shown).unwrap_or_default();
                look.no("files", Some(path), &format!("it was changed: listed is {stated}, and it has {sum}"));
            }
        }
    }
    let added: Vec<String> = look.files.keys().filter(|path| !listed.contains(*path)).cloned().collect();
    for path in added {
        look.no("files", Some(&path), &format!("it was added: `{PACKAGE}` does not list it"));
    }
    let held = if all == same { Held::Yes } else { Held::No };
    look.say("files", held, None, &format!("{same} of {all} listed files are there with the sum that is listed"));
    let is_ours = package["software"].as_str() == Some(PROGRAM);
    let created = package["created"].as_str().and_then(|created| created.split('T').next());
    Ok(created.filter(|_| is_ours).and_then(removed::day))
}
