//! What is recorded of a capture in the front matter of its source.

use std::sync::Arc;

use serde_json::json;

use super::super::CannotRun;
use crate::edtf::Edtf;
use crate::model::{Capture, Fields, Line, Sha256, Word};
use crate::parse::{Origin, Plain, Record, Written, parse, write_fields};
use crate::read::{SourceFile, Sources};

/// What a file tells of itself.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) sha256: Sha256,
    pub(super) bytes: u64,
    pub(super) media_type: Line,
    /// The method that goes with its media type.
    pub(super) method: Option<Word>,
}

/// What only the author knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) at: Option<Edtf>,
    pub(super) by: Option<Line>,
    pub(super) method: Option<Word>,
}

/// What is done about values that are recorded already and are others now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// Nothing is recorded: each of them is an error.
    Refuse,
    /// The new ones are recorded.
    Replace,
}

/// A value that is recorded already, or is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) key: &'static str,
    pub(super) before: Option<Plain>,
    pub(super) after: Plain,
}

/// An entry with what was not recorded in it yet.
pub(super) fn completed(old: &Capture, seen: &Seen, told: &Told, others: Others) -> Result<Capture, CannotRun> {
    let file = old.file.as_str();
    let refused = |key: &str, old: &str, new: &str| {
        CannotRun::new(format!("`{file}` is recorded with `{key}: {old}`, not `{new}`"))
            .hint("leave the option out, or record the new value with `--replace`")
    };
    if others == Others::Refuse {
        if old.sha256.as_ref().is_some_and(|sha256| *sha256 != seen.sha256) {
            return Err(changed(old, seen));
        }
        if let Some(bytes) = old.bytes.filter(|bytes| *bytes != seen.bytes) {
            return Err(CannotRun::new(format!(
                "`{file}` is recorded with {bytes} bytes, and the file has {}",
                seen.bytes
            ))
            .hint("find out which is right; `--replace` records what the file has now"));
        }
    }
    let mut new = old.clone();
    new.sha256 = Some(seen.sha256.clone());
    new.bytes = Some(seen.bytes);
    // What an author says that it is stands, as long as it is the same file.
    let is_other = old.sha256.as_ref().is_some_and(|sha256| *sha256 != seen.sha256);
    if old.media_type.is_none() || is_other {
        new.media_type = Some(seen.media_type.clone());
    }
    match (&old.at, &told.at) {
        (Some(old), Some(new)) if old != new && others == Others::Refuse => {
            return Err(refused("at", old.as_str(), new.as_str()));
        }
        (_, Some(at)) => new.at = Some(at.clone()),
        (_, None) => {}
    }
    match (&old.by, &told.by) {
        (Some(old), Some(new)) if old != new && others == Others::Refuse => {
            return Err(refused("by", old.as_str(), new.as_str()));
        }
        (_, Some(by)) => new.by = Some(by.clone()),
        (_, None) => {}
    }
    match (&old.method, &told.method) {
        (Some(old), Some(new)) if old != new && others == Others::Refuse => {
            return Err(refused("method", old.as_str(), new.as_str()));
        }
        (_, Some(method)) => new.method = Some(method.clone()),
        (None, None) => new.method.clone_from(&seen.method),
        (Some(_), None) => {}
    }
    Ok(new)
}

/// Why a file is not the one that is recorded.
fn changed(old: &Capture, seen: &Seen) -> CannotRun {
    let recorded = old.sha256.as_ref().map(Sha256::as_str).unwrap_or_default();
    CannotRun::new(format!(
        "`{}` is not what is recorded: a byte of it has changed\n  recorded  {recorded}\n  found     {}",
        old.file, seen.sha256
    ))
    .hint("bring back the file that was recorded; or record this one beside it with `--name NAME`, or in its place with `--replace`")
}

/// An entry of which nothing is recorded but the file.
pub(super) fn blank(file: Line) -> Capture {
    Capture { file, at: None, by: None, method: None, sha256: None, bytes: None, media_type: None }
}

/// The fields of an entry that say something, in the order in which they are written.
pub(super) fn fields(capture: &Capture) -> Vec<(&'static str, Plain)> {
    let Capture { file, at, by, method, sha256, bytes, media_type } = capture;
    let text = |key, value: Option<&str>| value.map(|value| (key, Plain::from(value)));
    [
        text("file", Some(file.as_str())),
        text("at", at.as_ref().map(Edtf::as_str)),
        text("by", by.as_ref().map(Line::as_str)),
        text("method", method.as_ref().map(Word::as_str)),
        text("sha256", sha256.as_ref().map(Sha256::as_str)),
        bytes.map(|bytes| ("bytes", Plain::Number(bytes))),
        text("media_type", media_type.as_ref().map(Line::as_str)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// What differs between two states of an entry.
pub(super) fn changes(old: &Capture, new: &Capture) -> Vec<Change> {
    let before = fields(old);
    let was = |key: &str| before.iter().find(|(other, _)| *other == key).map(|(_, value)| value.clone());
    let changes = fields(new).into_iter().map(|(key, after)| Change { key, before: was(key), after });
    changes.filter(|change| change.before.as_ref() != Some(&change.after)).collect()
}

/// The text of a source's file when its captures are these: those that it has may say more, and others come after them. Nothing
/// else in it comes to mean something else.
pub(super) fn written(file: &Arc<SourceFile>, record: &Record, wanted: &[Capture]) -> Result<String, CannotRun> {
    let before = read(file, &file.text);
    let mut text = file.text.clone();
    for (at, capture) in wanted.iter().enumerate() {
        let now = read(file, &text);
        let Some((origin, captures)) = own(&now, record) else {
            return Err(refused(file, wanted, "it cannot be read by itself"));
        };
        let written = match captures.get(at) {
            None => Written::Item(fields(capture)),
            Some(old) => {
                let changes = changes(old, capture);
                if changes.is_empty() {
                    continue;
                }
                Written::Within(at, changes.into_iter().map(|change| (change.key, change.after)).collect())
            }
        };
        text = write_fields(&text, origin, &[("captures", written)])
            .map_err(|why| refused(file, wanted, &why.to_string()))?;
    }
    let after = read(file, &text);
    let is_same = before.len() == after.len()
        && before.iter().zip(&after).all(|(old, new)| {
            let (mut old_fields, mut new_fields) = (json!(&*old.fields), json!(&*new.fields));
            let is_own = old.origin.yaml.start == record.origin.yaml.start;
            if is_own {
                old_fields["captures"].take();
                new_fields["captures"].take();
            }
            let has_wanted = !is_own || captures_of(new).is_some_and(|captures| captures == wanted);
            // What readers do not see stays what they do not see.
            let is_as_closed = old.private().len() == new.private().len() && old.withheld == new.withheld;
            let has_same = old_fields == new_fields && old.extra == new.extra;
            old.id == new.id && has_same && is_as_closed && has_wanted
        });
    if is_same { Ok(text) } else { Err(refused(file, wanted, "it would come to say something else as well")) }
}

fn refused(file: &SourceFile, wanted: &[Capture], why: &str) -> CannotRun {
    let by_hand = |capture: &Capture| {
        let fields: Vec<String> = fields(capture).iter().map(|(key, value)| format!("{key}: {value}")).collect();
        format!("{{{}}}", fields.join(", "))
    };
    let entries: Vec<String> = wanted.iter().map(by_hand).collect();
    CannotRun::new(format!("`{}` cannot be changed by itself: {why}", file.path))
        .hint(format!("write this by hand: `captures: [{}]`", entries.join(", ")))
}

/// The records that can be read of a file that has this text.
fn read(file: &Arc<SourceFile>, text: &str) -> Vec<Arc<Record>> {
    let file = Arc::new(SourceFile { text: text.to_owned(), ..(**file).clone() });
    parse(&Sources { files: vec![file], ..Sources::default() }, None).records().whole
}

/// The place of a source in its file, and the captures that it has there. What is written comes behind its beginning.
fn own<'a>(records: &'a [Arc<Record>], record: &Record) -> Option<(&'a Origin, &'a [Capture])> {
    let own = records.iter().find(|other| other.origin.yaml.start == record.origin.yaml.start)?;
    Some((&own.origin, captures_of(own)?))
}

fn captures_of(record: &Record) -> Option<&[Capture]> {
    match &*record.fields {
        Fields::Source(source) => Some(&source.captures),
        _ => None,
    }
}
