//! What is recorded of a capture in the front matter of its source.

use std::sync::Arc;

use serde_json::json;

use super::super::CannotRun;
use crate::edtf::Edtf;
use crate::model::{Capture, Fields, Line, Sha256, Word};
use crate::parse::{Origin, Plain, Record, Written, parse, write_fields};
use crate::read::{SourceFile, Sources};

/// Why a change is not made that cannot be told from others by its result.
const SAYS_MORE: &str = "it would come to say something else as well";

/// What a file tells of itself.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) sha256: Sha256,
    pub(super) bytes: u64,
    pub(super) media_type: Line,
    /// The method that goes with its media type, or by which its item was made.
    pub(super) method: Option<Word>,
    /// When its item was made.
    pub(super) at: Option<Edtf>,
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
        (None, None) => new.at.clone_from(&seen.at),
        (Some(_), None) => {}
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
            let why = if text == file.text { "it cannot be read by itself" } else { SAYS_MORE };
            return Err(refused(file, wanted, why));
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
    if is_same { Ok(text) } else { Err(refused(file, wanted, SAYS_MORE)) }
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

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use proptest::prelude::*;

    use super::*;
    use crate::read::Form;

    const HASH: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

    fn source_file(text: &str) -> Arc<SourceFile> {
        let (path, inner) = ("content/sources/a.md".into(), "sources/a.md".to_owned());
        Arc::new(SourceFile { path, inner, form: Form::Markdown, text: text.to_owned(), usable: true })
    }

    fn entry(file: &str) -> Capture {
        Capture { sha256: Sha256::from_str(HASH).ok(), bytes: Some(5), ..blank(Line::from_str(file).unwrap()) }
    }

    /// Records one more file, and completes the first one that is recorded.
    fn recorded(text: &str, new: &str) -> (Vec<Capture>, Result<String, CannotRun>) {
        let file = source_file(text);
        let records = read(&file, text);
        let record = records.first().unwrap_or_else(|| panic!("no record in {text:?}"));
        let mut wanted = captures_of(record).unwrap().to_vec();
        if let Some(first) = wanted.first_mut() {
            first.at = Edtf::from_str("2024-05-01").ok();
        }
        wanted.push(entry(new));
        let written = written(&file, record, &wanted);
        (wanted, written)
    }

    /// The lines before `captures:`, as an author may write them.
    fn head() -> impl Strategy<Value = String> {
        let line = prop::sample::select(vec![
            "# a remark",
            "kind: article",
            "summary: >-\n  Two lines\n  of text # not a remark",
            "lang:   en   # in English",
            "authors: [ 'A',\"B\" ]",
            "tags:\n- one # 1\n- two",
            "",
        ]);
        // Each key may stand once.
        prop::collection::btree_set(line, 0..5).prop_map(|lines| {
            let lines: Vec<&str> = std::iter::once("title: \"A\" # the title").chain(lines).collect();
            lines.join("\n") + "\n"
        })
    }

    /// What may stand under `captures`, with the key.
    fn captures() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "captures:\n  - file: a.txt # one\n    # a remark\n    by: 'Somebody'\n",
            "captures: # all\n- {file: \"a.txt\", by: B} # one\n- file:   b.txt\n  bytes: 0x10\n",
            "captures:\n    -   file: a.txt\n        method: text\n\n    - by: B\n      file: >\n        b.txt\n",
            "captures: [{file: a.txt}]  # one\n",
            "captures: [ {file: a.txt, by: 'B'}, # one\n  {file: b.txt}, ]\n",
            "captures: {file: a.txt} # one\n",
            "captures:\n  file: a.txt # one\n\n  # a remark\n  by: B\n",
            "\"captures\" :\n  - \"file\" : a.txt\n",
        ])
    }

    fn tail() -> impl Strategy<Value = &'static str> {
        prop::sample::select(vec![
            "",
            "publisher: P # p\n",
            "# the end\n",
            "\naccess: open\n\n# the end\n",
            "x_own: {a: [1, 2]}\n",
        ])
    }

    proptest! {
        #[test]
        fn nothing_outside_of_the_captures_changes(
            head in head(), captures in captures(), tail in tail(), body in "[a-z\n]{0,9}", has_cr in any::<bool>()
        ) {
            let ends = |text: &str| if has_cr { text.replace('\n', "\r\n") } else { text.to_owned() };
            let (before, after) = (ends(&format!("---\n{head}")), ends(&format!("{tail}---\n{body}")));
            let text = format!("{before}{}{after}", ends(captures));
            let (wanted, written) = recorded(&text, "new file.txt");
            let written = written.unwrap_or_else(|error| panic!("{error:?} in\n{text}"));
            prop_assert!(written.starts_with(&before) && written.ends_with(&after), "{text}\nbecame\n{written}");
            let inner = &written[before.len()..written.len() - after.len()];
            let remarks = ["# one", "# a remark", "# all"].into_iter().filter(|remark| captures.contains(remark));
            for remark in remarks {
                prop_assert!(inner.contains(remark), "{inner}");
            }
            prop_assert_eq!(inner.matches("\r\n").count(), if has_cr { inner.matches('\n').count() } else { 0 });
            let again = read(&source_file(&written), &written);
            prop_assert_eq!(captures_of(&again[0]), Some(wanted.as_slice()));
        }

        #[test]
        fn where_there_is_no_key_lines_are_added_and_no_other_byte(head in head(), tail in tail(), body in "[a-z\n]{0,9}") {
            let text = format!("---\n{head}{tail}---\n{body}");
            let (wanted, written) = recorded(&text, "new.txt");
            let written = written.unwrap_or_else(|error| panic!("{error:?} in\n{text}"));
            let lines = format!("captures:\n  - file: new.txt\n    sha256: {HASH}\n    bytes: 5\n");
            prop_assert_eq!(written.replacen(&lines, "", 1), text);
            let again = read(&source_file(&written), &written);
            prop_assert_eq!(captures_of(&again[0]), Some(wanted.as_slice()));
        }
    }

    #[test]
    fn what_would_come_to_say_something_else_is_left_to_the_author() {
        let check = |captures: &str, expected: &str| {
            let text = format!("---\ntitle: A\n{captures}---\n");
            let (_, written) = recorded(&text, "b.txt");
            let CannotRun { message, hint } = written.unwrap_err();
            assert!(message.ends_with(expected), "{message}");
            assert!(hint.unwrap().contains("{file: b.txt, sha256: 2cf2"));
        };
        check("x_a: &a [{file: a.txt}]\ncaptures: *a\n", "`captures` is an alias of another value");
        check("captures:\n  - &a {file: a.txt}\n  - *a\n", "it would come to say something else as well");
        check(
            "captures: {value: {file: a.txt}, visibility: internal}\n",
            "it would come to say something else as well",
        );
    }

    #[test]
    fn a_recorded_value_is_never_changed_without_being_asked() {
        let seen = Seen {
            sha256: Sha256::from_str(HASH).unwrap(),
            bytes: 5,
            media_type: Line::from_str("text/plain").unwrap(),
            method: Word::from_str("text").ok(),
            at: None,
        };
        let old = Capture {
            method: Word::from_str("scan").ok(),
            media_type: Line::from_str("text/markdown").ok(),
            bytes: None,
            ..entry("a.txt")
        };
        let new = completed(&old, &seen, &Told::default(), Others::Refuse).unwrap();
        let change = Change { key: "bytes", before: None, after: Plain::Number(5) };
        assert_eq!(changes(&old, &new), [change]);
        let other = Capture { sha256: Sha256::from_str(&"0".repeat(64)).ok(), ..old.clone() };
        assert!(completed(&other, &seen, &Told::default(), Others::Refuse).unwrap_err().message.contains(HASH));
        let new = completed(&other, &seen, &Told::default(), Others::Replace).unwrap();
        let keys: Vec<_> = changes(&other, &new).iter().map(|change| change.key).collect();
        assert_eq!(keys, ["sha256", "bytes", "media_type"]);
        let longer = Capture { bytes: Some(6), ..old };
        assert!(completed(&longer, &seen, &Told::default(), Others::Refuse).is_err());
    }
}
