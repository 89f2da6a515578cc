//! What a publish writes down beside the site, under [`FOLDER`]: what stands there, what is about to, and who is at it.
//!
//! All three are JSON of what readers have anyway. They are read as if a stranger had written them: a path that would lead out of the site is
//! refused, and so is all else that is not as a publish writes it.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::headers::Headers;
use super::plan::{Change, Step};
use crate::output::is_inside;
use crate::text::{from_hexadecimal, hexadecimal};

/// The name under which all that is ours beside the site stands.
pub(super) const FOLDER: &str = ".dossier-publish";

/// What a finished publish put there.
pub(super) const PUBLISHED: &str = "published.json";
/// What the present publish will change.
pub(super) const PLAN: &str = "plan.json";
/// Who is publishing, and how far it has come.
pub(super) const CLAIM: &str = "claim.json";

/// How many bytes are written around a path, as a rule: the SHA-256 and a few signs.
const AROUND: usize = 90;

/// The form in which all of them are written.
const FORM: u32 = 1;

/// What was sent of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// The SHA-256 of the file as the build wrote it, before it was packed.
    pub(super) sha256: [u8; 32],
    pub(super) headers: Arc<Headers>,
}

/// What is known of a path where the site stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum There {
    /// These bytes, which are ours.
    Known(Sent),
    /// A file of ours; nobody knows which bytes it has.
    Unknown,
    /// These bytes, which are ours, and to which nothing leads yet.
    Hidden(Sent),
    /// A file of ours or none; nothing leads to it.
    Perhaps,
    /// No file of ours.
    Nothing,
}

/// What is known of all paths where the site stands.
pub(super) type Known = BTreeMap<Arc<str>, There>;

/// What a finished publish put there: each path once, in their order.
pub(super) type Published = Vec<(Arc<str>, Sent)>;

/// What a publish will change, and what it found that `published.json` does not say.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// What earlier publishes left that did not come to their end.
    pub(super) left: Known,
    /// What is changed, in this order.
    pub(super) steps: Vec<Step>,
}

/// Who is publishing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Claim {
    form: u32,
    /// Told apart from all others by this.
    pub(super) token: String,
    /// When it began, by its own clock: for people alone.
    pub(super) since: String,
    pub(super) stage: Stage,
    /// How often it says that it lives, in milliseconds.
    pub(super) every: u64,
    /// How often it has said so.
    pub(super) count: u64,
    /// The SHA-256 of the plan that it follows; none while it has not written one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) plan: Option<String>,
    /// All steps of the plan before this one are done.
    pub(super) done: usize,
    /// No step from this one on was begun.
    pub(super) open: usize,
}

/// How it stands with a publisher.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stage {
    /// It is at work, or was cut off.
    Working,
    /// It has stopped by itself before the end.
    Stopped,
    /// It came to its end, and left nothing undone.
    Finished,
}

/// That something is not as a publish writes it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unreadable;

impl Claim {
    pub(super) fn new(token: String, since: String, every: u64) -> Claim {
        Claim { form: FORM, token, since, stage: Stage::Working, every, count: 0, plan: None, done: 0, open: 0 }
    }

    pub(super) fn parse(bytes: &[u8]) -> Result<Claim, Unreadable> {
        serde_json::from_slice(bytes).ok().filter(|claim: &Claim| claim.form == FORM).ok_or(Unreadable)
    }

    pub(super) fn write(&self) -> Vec<u8> {
        to_json(self, 0)
    }
}

/// `published.json`. Files name their headers by their place in the list, since a site has few different ones.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PublishedForm<Files, Table> {
    form: u32,
    files: Files,
    headers: Table,
}

/// Path, SHA-256, place of the headers.
#[derive(Serialize, Deserialize)]
struct FileForm<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>, Digits, usize);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PlanForm<Left, Steps, Table> {
    form: u32,
    left: Left,
    steps: Steps,
    headers: Table,
}

/// Path, what is known of it, and the file where that is known.
#[derive(Serialize, Deserialize)]
struct LeftForm<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>, LeftKind, Option<(Digits, usize)>);

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum LeftKind {
    Known,
    Unknown,
    Hidden,
    Perhaps,
    Nothing,
}

/// What is done to a path, and the file that is put there.
#[derive(Serialize, Deserialize)]
struct StepForm<'a>(StepKind, #[serde(borrow)] std::borrow::Cow<'a, str>, Option<(Digits, usize)>);

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum StepKind {
    New,
    Again,
    Changed,
    Deleted,
}

/// A SHA-256 in hexadecimal digits.
#[derive(Clone, Copy)]
struct Digits([u8; 32]);

impl Serialize for Digits {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hexadecimal(&self.0))
    }
}

impl<'de> Deserialize<'de> for Digits {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let digits = <&str>::deserialize(deserializer)?;
        from_hexadecimal(digits).map(Digits).ok_or_else(|| serde::de::Error::custom("that is no SHA-256"))
    }
}

/// Headers as they are written: each once, in the order in which they came.
#[derive(Default)]
struct Table<'a> {
    places: BTreeMap<&'a Headers, usize>,
    list: Vec<&'a Headers>,
}

impl<'a> Table<'a> {
    fn of(files: impl Iterator<Item = &'a Sent>) -> Self {
        let mut table = Table::default();
        for Sent { headers, .. } in files {
            table.places.entry(headers).or_insert_with(|| {
                table.list.push(headers);
                table.list.len() - 1
            });
        }
        table
    }

    /// A file as it is written: its SHA-256 and the place of its headers, which are in the table.
    fn file(&self, sent: &Sent) -> (Digits, usize) {
        (Digits(sent.sha256), self.places[&*sent.headers])
    }
}

/// A list that is written while it is made.
struct Listed<I>(I);

impl<I: Iterator<Item: Serialize> + Clone> Serialize for Listed<I> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.clone())
    }
}

fn shared(headers: Vec<Headers>) -> Vec<Arc<Headers>> {
    headers.into_iter().map(Arc::new).collect()
}

fn sent(headers: &[Arc<Headers>], digits: Digits, place: usize) -> Result<Sent, Unreadable> {
    Ok(Sent { sha256: digits.0, headers: Arc::clone(headers.get(place).ok_or(Unreadable)?) })
}

/// A path that a publish may have put somewhere: one within the site.
fn path(written: std::borrow::Cow<'_, str>) -> Result<Arc<str>, Unreadable> {
    if is_of_site(&written) { Ok(written.into()) } else { Err(Unreadable) }
}

/// Whether a path lies within a site and is none of our own.
pub(super) fn is_of_site(path: &str) -> bool {
    is_inside(path) && path.split('/').next() != Some(FOLDER)
}

pub(super) fn parse_published(bytes: &[u8]) -> Result<Published, Unreadable> {
    let form: PublishedForm<Vec<FileForm<'_>>, Vec<Headers>> = serde_json::from_slice(bytes).map_err(|_| Unreadable)?;
    if form.form != FORM {
        return Err(Unreadable);
    }
    let headers = shared(form.headers);
    let file = |FileForm(written, digits, place)| Ok((path(written)?, sent(&headers, digits, place)?));
    form.files.into_iter().map(file).collect()
}

pub(super) fn write_published<'a>(files: impl Iterator<Item = (&'a str, &'a Sent)> + Clone) -> Vec<u8> {
    let table = Table::of(files.clone().map(|(_, sent)| sent));
    let room = room(files.clone().map(|(path, _)| path));
    let files = files.map(|(path, sent)| {
        let (digits, place) = table.file(sent);
        FileForm(path.into(), digits, place)
    });
    to_json(&PublishedForm { form: FORM, files: Listed(files), headers: &table.list }, room)
}

impl Plan {
    pub(super) fn parse(bytes: &[u8]) -> Result<Plan, Unreadable> {
        let form: PlanForm<Vec<LeftForm<'_>>, Vec<StepForm<'_>>, Vec<Headers>> =
            serde_json::from_slice(bytes).map_err(|_| Unreadable)?;
        if form.form != FORM {
            return Err(Unreadable);
        }
        let headers = shared(form.headers);
        let left = |LeftForm(written, kind, file)| {
            let there = match (kind, file) {
                (LeftKind::Known, Some((digits, place))) => There::Known(sent(&headers, digits, place)?),
                (LeftKind::Hidden, Some((digits, place))) => There::Hidden(sent(&headers, digits, place)?),
                (LeftKind::Unknown, None) => There::Unknown,
                (LeftKind::Perhaps, None) => There::Perhaps,
                (LeftKind::Nothing, None) => There::Nothing,
                _ => return Err(Unreadable),
            };
            Ok((path(written)?, there))
        };
        let step = |StepForm(kind, written, file)| {
            let change = match (kind, file) {
                (StepKind::New, Some((digits, place))) => Change::New(sent(&headers, digits, place)?),
                (StepKind::Again, Some((digits, place))) => Change::Again(sent(&headers, digits, place)?),
                (StepKind::Changed, Some((digits, place))) => Change::Changed(sent(&headers, digits, place)?),
                (StepKind::Deleted, None) => Change::Deleted,
                _ => return Err(Unreadable),
            };
            Ok(Step { path: path(written)?, change })
        };
        let left = form.left.into_iter().map(left).collect::<Result<_, _>>()?;
        let steps = form.steps.into_iter().map(step).collect::<Result<_, _>>()?;
        Ok(Plan { left, steps })
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let files =
            self.left.values().filter_map(There::sent).chain(self.steps.iter().filter_map(|step| step.change.sent()));
        let table = Table::of(files);
        let left = self.left.iter().map(|(path, there)| {
            let kind = match there {
                There::Known(_) => LeftKind::Known,
                There::Hidden(_) => LeftKind::Hidden,
                There::Unknown => LeftKind::Unknown,
                There::Perhaps => LeftKind::Perhaps,
                There::Nothing => LeftKind::Nothing,
            };
            LeftForm((&**path).into(), kind, there.sent().map(|sent| table.file(sent)))
        });
        let steps = self.steps.iter().map(|step| {
            let kind = match step.change {
                Change::New(_) => StepKind::New,
                Change::Again(_) => StepKind::Again,
                Change::Changed(_) => StepKind::Changed,
                Change::Deleted => StepKind::Deleted,
            };
            StepForm(kind, (&*step.path).into(), step.change.sent().map(|sent| table.file(sent)))
        });
        let paths = self.left.keys().chain(self.steps.iter().map(|step| &step.path));
        let room = room(paths.map(|path| &**path));
        to_json(&PlanForm { form: FORM, left: Listed(left), steps: Listed(steps), headers: &table.list }, room)
    }
}

impl There {
    /// The file, where it is known which it is.
    fn sent(&self) -> Option<&Sent> {
        match self {
            There::Known(sent) | There::Hidden(sent) => Some(sent),
            There::Unknown | There::Perhaps | There::Nothing => None,
        }
    }
}

/// About how many bytes a list of paths takes as it is written.
fn room<'a>(paths: impl Iterator<Item = &'a str>) -> usize {
    paths.map(|path| path.len() + AROUND).sum()
}

fn to_json(value: &impl Serialize, room: usize) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(room + 4096);
    serde_json::to_writer(&mut bytes, value).expect("texts, numbers and lists of them can always be written");
    bytes.push(b'\n');
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::publish::headers::headers;

    fn sent(path: &str, byte: u8) -> Sent {
        Sent { sha256: [byte; 32], headers: Arc::new(headers(path, None)) }
    }

    fn step(path: &str, change: Change) -> Step {
        Step { path: path.into(), change }
    }

    fn plan() -> Plan {
        Plan {
            left: [
                ("a.html".into(), There::Known(sent("a.html", 1))),
                ("b.html".into(), There::Unknown),
                ("c.html".into(), There::Perhaps),
                ("e.html".into(), There::Hidden(sent("e.html", 4))),
                ("d.html".into(), There::Nothing),
            ]
            .into(),
            steps: vec![
                step("new.css", Change::New(sent("new.css", 2))),
                step("é \"#?%.html", Change::Changed(sent("x.html", 3))),
                step("c.html", Change::Deleted),
                step("old.html", Change::Deleted),
            ],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        assert_eq!(Plan::parse(&plan().write()), Ok(plan()));
        let published: Published =
            [("a/b c.html".into(), sent("x.html", 7)), ("x.css".into(), sent("x.css", 8))].into();
        let written = write_published(published.iter().map(|(path, sent)| (&**path, sent)));
        assert_eq!(parse_published(&written), Ok(published));
        let claim = Claim::new("abc".to_owned(), "2026-11-26T19:52:56Z".to_owned(), 3000);
        assert_eq!(Claim::parse(&claim.write()), Ok(claim));
    }

    #[test]
    fn what_a_publish_would_not_write_is_refused() {
        let good = write_published([("a.html", &sent("a.html", 1))].into_iter());
        let good = String::from_utf8(good).unwrap();
        assert!(parse_published(good.as_bytes()).is_ok());
        for (from, to) in [
            ("a.html", "../a.html"),
            ("a.html", "/etc/passwd"),
            ("a.html", ".dossier-publish/claim.json"),
            ("\"form\":1", "\"form\":2"),
            ("0101", "010"),
            (",0]", ",9]"),
            ("{", "["),
        ] {
            assert_eq!(parse_published(good.replacen(from, to, 1).as_bytes()), Err(Unreadable), "{to}");
        }
        let good = String::from_utf8(plan().write()).unwrap();
        for (from, to) in [("old.html", "../old.html"), ("\"unknown\"", "\"known\""), ("\"new\"", "\"deleted\"")] {
            assert_eq!(Plan::parse(good.replacen(from, to, 1).as_bytes()), Err(Unreadable), "{to}");
        }
        assert_eq!(Claim::parse(b"{}"), Err(Unreadable));
    }
}
