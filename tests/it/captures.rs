//! Captures that other tools made, and what became of them in other hands: read as they are, or refused with a clear message.
//!
//! They lie in a folder with `expected.json`, which says what each file shows or why it is refused. The one in `tests/fixtures/captures` is
//! small; `tests/acceptance/captures.py` makes a large one, and names it in the environment (`CAPTURES`).

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use dossier::evidence::extract::{HEAD, Limits, detect, extract};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    file: String,
    /// Words that documents show, by their address.
    #[serde(default)]
    shows: Vec<Shown>,
    /// What the message says when the file is refused.
    fault: Option<String>,
    /// Whether it may be read as well, as a file may that was cut off between two records.
    #[serde(default)]
    or_read: bool,
    /// The most that may be unpacked, when that is less than usual.
    total: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shown {
    url: String,
    words: String,
    title: Option<String>,
}

#[test]
fn captures_of_other_tools_are_read_and_broken_ones_refused() {
    let folder = std::env::var_os("CAPTURES")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/captures"), PathBuf::from);
    let expected: Vec<Expected> = serde_json::from_reader(File::open(folder.join("expected.json")).unwrap()).unwrap();
    let wrong: Vec<String> = expected.iter().filter_map(|expected| fault(&folder, expected)).collect();
    assert!(wrong.is_empty() && !expected.is_empty(), "{}", wrong.join("\n"));
}

/// What is not as expected.
fn fault(folder: &std::path::Path, expected: &Expected) -> Option<String> {
    let mut head = Vec::new();
    let path = folder.join(&expected.file);
    File::open(&path).unwrap().take(HEAD as u64).read_to_end(&mut head).unwrap();
    let format = detect(&expected.file, &head);
    let limits = Limits { total: expected.total.unwrap_or(Limits::default().total), ..Limits::default() };
    let mut missing: Vec<&Shown> = expected.shows.iter().collect();
    let mut file = File::open(&path).unwrap();
    let read = extract(&mut file, &expected.file, format, &limits, &mut |document| {
        let url = document.part.as_ref().and_then(|part| part.url.clone()).unwrap_or_default();
        let shows = |shown: &&Shown| {
            let title = shown.title.as_ref().is_none_or(|title| document.title.as_ref() == Some(title));
            shown.url == url && document.text.contains(&shown.words) && title
        };
        missing.retain(|shown| !shows(shown));
    });
    let file = format!("{} ({})", expected.file, format.name());
    match (read, &expected.fault) {
        (Ok(()), None) => {
            missing.first().map(|shown| format!("{file} does not show `{}` of {}", shown.words, shown.url))
        }
        (Ok(()), Some(_)) if expected.or_read => None,
        (Ok(()), Some(fault)) => Some(format!("{file} is read and should be refused: {fault}")),
        (Err(found), Some(fault)) if found.to_string().contains(fault.as_str()) => None,
        (Err(found), fault) => {
            Some(format!("{file} is refused with `{found}`, not with `{}`", fault.as_deref().unwrap_or("nothing")))
        }
    }
}
