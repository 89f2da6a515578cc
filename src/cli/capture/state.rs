//! Whether the captures of a source are what its record says.

use serde_json::{Value, json};

use super::super::terminal::{plural, result, say};
use super::super::{CannotRun, Outcome};
use super::{Folders, line, print_json};
use crate::model::{Capture, Sha256};
use crate::read::{hash, in_words};

/// A capture that a record names, and what lies there.
pub(super) struct State<'a> {
    capture: &'a Capture,
    /// Where it lies.
    path: Option<String>,
    found: Found,
}

/// What lies where a capture is to lie.
enum Found {
    File {
        sha256: String,
        bytes: u64,
    },
    Nothing,
    /// Something that cannot be read, and why.
    Closed(String),
}

/// Looks at a capture.
pub(super) fn look<'a>(folders: &Folders<'_>, capture: &'a Capture) -> State<'a> {
    let found = match folders.find(capture.file.as_str()) {
        Ok(Some(found)) => found,
        Ok(None) => return State { capture, path: None, found: Found::Nothing },
        Err(error) => return State { capture, path: None, found: Found::Closed(in_words(&error)) },
    };
    let path = Some(folders.shown(found.place, &found.inner));
    let found = match found.open().and_then(|(mut file, _)| hash(&mut file)) {
        Ok((sha256, bytes)) => Found::File { sha256, bytes },
        Err(error) => Found::Closed(in_words(&error)),
    };
    State { capture, path, found }
}

/// Prints what was found.
pub(super) fn report(as_json: bool, folders: &Folders<'_>, states: &[State<'_>]) -> Result<Outcome, CannotRun> {
    let id = &folders.record.id;
    let is_fine = states.iter().all(|state| matches!(state.word(), "as-recorded" | "hash-not-recorded"));
    let outcome = if is_fine { Outcome::Fine } else { Outcome::Findings };
    if as_json {
        print_json(&json!({
            "source": id,
            "record": &*folders.record.origin.file,
            "dry_run": false,
            "items": [],
            "captures": states.iter().map(State::json).collect::<Vec<_>>(),
            "diff": null,
        }))?;
        return Ok(outcome);
    }
    for state in states {
        result(&state.text());
    }
    say(&match states.len() {
        0 => format!("`{id}` names no captures\nhint: record one with `dossier capture {id} FILE`"),
        count => format!("`{id}` names {}", plural(count, "capture")),
    });
    if folders.outside.is_none() && states.iter().any(|state| state.word() == "missing") {
        say("hint: where captures lie in a folder of their own, name it with `--captures DIR`");
    }
    if states.iter().any(|state| state.word() == "hash-not-recorded") {
        say(&format!("hint: record a hash with `dossier capture {id} FILE`, where FILE is the capture itself"));
    }
    Ok(outcome)
}

impl State<'_> {
    fn word(&self) -> &'static str {
        let Capture { sha256: recorded, bytes: length, .. } = self.capture;
        match &self.found {
            Found::Nothing => "missing",
            Found::Closed(_) => "unreadable",
            Found::File { sha256, bytes } => {
                let has_other_hash = recorded.as_ref().is_some_and(|recorded| recorded.as_str() != sha256);
                match (has_other_hash || length.is_some_and(|length| length != *bytes), recorded) {
                    (true, _) => "changed",
                    (false, Some(_)) => "as-recorded",
                    (false, None) => "hash-not-recorded",
                }
            }
        }
    }

    fn text(&self) -> String {
        let Capture { file, sha256: recorded, bytes: length, .. } = self.capture;
        let recorded = recorded.as_ref().map_or("no hash", Sha256::as_str);
        let mut lines = match (&self.found, self.word()) {
            (Found::Closed(why), _) => vec![format!("`{file}`: cannot be read: {why}")],
            (_, "missing") => vec![format!("`{file}`: missing"), line("recorded", recorded)],
            (_, "hash-not-recorded") => vec![format!("`{file}`: its hash is not recorded")],
            (_, "changed") => vec![format!("`{file}`: changed")],
            _ => vec![format!("`{file}`: as recorded")],
        };
        lines.extend(self.path.iter().map(|path| line("lies at", path)));
        if let Found::File { sha256, bytes } = &self.found {
            if self.word() == "changed" {
                let length = length.map(|length| format!(", {length} bytes")).unwrap_or_default();
                lines.push(line("recorded", &format!("{recorded}{length}")));
                lines.push(line("found", &format!("{sha256}, {bytes} bytes")));
            } else {
                lines.push(line("sha256", sha256));
                lines.push(line("bytes", &bytes.to_string()));
            }
        }
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let Capture { file, at, by, method, sha256: recorded, bytes: length, media_type } = self.capture;
        let (sha256, bytes, why) = match &self.found {
            Found::File { sha256, bytes } => (Some(sha256), Some(bytes), None),
            Found::Nothing => (None, None, None),
            Found::Closed(why) => (None, None, Some(why)),
        };
        json!({
            "file": file,
            "state": self.word(),
            "path": self.path,
            "copied": false,
            "sha256": sha256,
            "bytes": bytes,
            "recorded_sha256": recorded,
            "recorded_bytes": length,
            "media_type": media_type,
            "method": method,
            "at": at,
            "by": by,
            "stated_hash": null,
            "is_as_stated": null,
            "changes": [],
            "why": why,
        })
    }
}
