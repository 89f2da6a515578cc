//! `dossier takedown`.
//!
//! The record's front matter is changed byte by byte and read again before it is written: nothing but what was meant may have
//! come to mean something else.

mod editions;

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde_json::{Value, json};

use super::catalogue::Catalogue;
use super::rewriting::{Rewritten, print_diff, write};
use super::session::{DossierArgs, Session, Typed, policy};
use super::show::not_shown;
use super::terminal::{Shown, plural, print_findings, result, say};
use super::{CannotRun, Outcome};
use crate::compile::{Compiled, compile};
use crate::config::Settings;
use crate::diagnostic::Diagnostic;
use crate::edtf::Day;
use crate::link::Number;
use crate::model::{Actor, ActorKind, Display, Fields, Line, Takedown, TakedownAs, TakedownReason, Visibility};
use crate::parse::{Plain, Record, Written, parse, write_fields};
use crate::read::{EDITIONS, SourceFile, Sources};
use crate::redact::{Audience, Called, Naming};
use editions::Editions;

/// How many places are listed in which a name still stands.
const SHOWN: usize = 20;

/// Take a record down: anonymise, pseudonymise, deindex, annotate or withdraw it
///
/// The record's front matter is changed, and nothing else: comments, order and prose stay. A correction is added that says when
/// and why, and never what stood there. The address keeps answering: a page there says that something was withdrawn, on which
/// day and for which class of reason. Nothing is published by this: build the site again.
///
/// Ends with 0 when the record was taken down, with 1 when it already was or cannot be read, and with 2 when it could not be.
#[derive(Debug, Args)]
pub(super) struct TakedownArgs {
    #[command(flatten)]
    dossier: DossierArgs,
    /// The record's id, or an old one
    id: String,
    /// What is done
    #[arg(long = "as", value_name = "WHAT", value_parser = ways())]
    done: TakedownAs,
    /// The class of reason, which readers are told
    #[arg(long, value_name = "CLASS", value_parser = reasons())]
    reason: TakedownReason,
    /// Why, in words for readers that do not repeat what is taken down; else a sentence about the class of reason
    #[arg(long, value_name = "TEXT")]
    why: Option<Line>,
    /// With `--as pseudonymise`: the name that stands in place of the real one
    #[arg(long, value_name = "NAME")]
    pseudonym: Option<Line>,
    /// No page answers at the address, since the address itself tells what is taken down
    #[arg(long)]
    silent: bool,
    /// Also list the files below this folder of past editions that still hold something of the record; else below `editions` beside the settings
    #[arg(long, value_name = "DIR")]
    editions: Option<PathBuf>,
    /// The day on which it is done; else SOURCE_DATE_EPOCH, else today in universal time
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<String>,
    /// Show what would change, and write nothing
    #[arg(long)]
    dry_run: bool,
}

fn ways() -> impl TypedValueParser<Value = TakedownAs> {
    let words = TakedownAs::ALL.iter().map(|way| way.word());
    PossibleValuesParser::new(words).try_map(|word| {
        let known = TakedownAs::ALL.iter().find(|way| way.word() == word);
        known.copied().ok_or("there is no such way")
    })
}

/// The classes of reason, as they are typed.
pub(super) fn reasons() -> impl TypedValueParser<Value = TakedownReason> {
    let words = TakedownReason::ALL.iter().map(|reason| reason.word());
    PossibleValuesParser::new(words).try_map(|word| {
        let known = TakedownReason::ALL.iter().find(|reason| reason.word() == word);
        known.copied().ok_or("there is no such reason")
    })
}

pub(super) fn run(args: &TakedownArgs) -> Result<Outcome, CannotRun> {
    let policy = policy(args.date.as_deref(), Audience::Readers)?;
    let session = Session::read(&args.dossier, &Typed::default())?;
    let Some(inputs) = session.inputs() else {
        print_findings(&session.findings(), session.sources(), Shown::Warnings);
        return Ok(Outcome::Findings);
    };
    let Compiled { findings: before, stages, .. } = compile(inputs, session.findings(), policy, None, &mut |_| {});
    let catalogue = Catalogue::new(&stages, &before, session.sources(), policy);
    let Some(number) = stages.dossier.index.ids.find(&args.id) else { return not_shown(&catalogue, &args.id) };
    let record = &stages.dossier.records[number as usize];
    // What is kept of past editions is looked through without being asked for.
    let kept = Some(session.workspace.root().join(EDITIONS)).filter(|folder| folder.is_dir());
    let folder = args.editions.clone().or(kept);
    let editions = folder.as_deref().map(|folder| editions::look(folder, record)).transpose()?;
    if let Some(there) = record.fields.common().takedown.filter(|there| there.done >= args.done) {
        say(&already(record, there, args.done));
        if let Some(editions) = &editions {
            print_editions(editions);
        }
        return Ok(Outcome::Findings);
    }
    let order = Order::new(args, &catalogue, number, policy.today)?;
    let file = session.sources().files.iter().find(|file| file.path == record.origin.file);
    let file = file.ok_or_else(|| CannotRun::new(format!("`{}` is not there any more", record.origin.file)))?;
    let text = order.written(file, record)?;
    if args.dry_run {
        print_diff(session.workspace.root(), file, &text);
    } else if let Rewritten::MayOnlyBeRead(path) = write(session.workspace.root(), file, &text)? {
        return Err(CannotRun::new(format!("`{}` may only be read, and was left as it is", path.display()))
            .hint("let yourself write to it, and run the command again"));
    }
    let mut inputs = inputs.clone();
    let changed = inputs.sources.files.iter_mut().find(|other| other.path == file.path);
    if let Some(changed) = changed {
        *changed = Arc::new(SourceFile { text, ..(**file).clone() });
    }
    let after = compile(&inputs, session.findings(), policy, None, &mut |_| {});
    // A finding has the places of before; what is new is told by what it says.
    let is_new =
        |finding: &&Diagnostic| !before.iter().any(|old| (old.code, &old.message) == (finding.code, &finding.message));
    let new: Vec<Diagnostic> = after.findings.iter().filter(is_new).cloned().collect();
    print_findings(&new, &inputs.sources, Shown::Warnings);
    order.report(args.dry_run);
    if args.done.takes_the_page() {
        print_names(&named_in(&catalogue, number));
    }
    if let Some(editions) = &editions {
        print_editions(editions);
    }
    Ok(Outcome::Fine)
}

fn already(record: &Record, there: &Takedown, wanted: TakedownAs) -> String {
    let (is, on) = (there.done.word(), &there.on);
    if there.done == wanted {
        return format!("`{}` is taken down already: `as: {is}` since {on}; nothing was changed", record.id);
    }
    format!(
        "`{}` is taken down already: `as: {is}` since {on}, which goes further than `{}`; nothing was changed\nhint: take `takedown` out of {} by hand to undo it",
        record.id,
        wanted.word(),
        record.origin.file
    )
}

/// What is to be done to a record.
struct Order<'a> {
    done: TakedownAs,
    record: &'a Record,
    fields: Vec<(&'static str, Written)>,
    /// What readers see in place of a person's name; empty when nothing tells one from another.
    display: Option<String>,
    /// The addresses that will say that something was withdrawn.
    addresses: Vec<String>,
    /// Why no page will answer at the address.
    why_silent: Option<&'static str>,
}

impl<'a> Order<'a> {
    fn new(args: &TakedownArgs, catalogue: &Catalogue<'a>, number: Number, today: Day) -> Result<Self, CannotRun> {
        let record = catalogue.record(number);
        let common = record.fields.common();
        let mut fields = Vec::new();
        let display = match (args.done, &*record.fields) {
            (TakedownAs::Anonymise | TakedownAs::Pseudonymise, Fields::Actor(actor)) => {
                let pseudonym = args.pseudonym.as_ref().filter(|_| args.done == TakedownAs::Pseudonymise);
                Some(protect(args.done, record, actor, pseudonym, &mut fields)?)
            }
            (TakedownAs::Anonymise | TakedownAs::Pseudonymise, _) => {
                let way = args.done.word();
                let message =
                    format!("`--as {way}` is for actors, and `{}` is of the kind `{}`", record.id, record.kind());
                return Err(
                    CannotRun::new(message).hint("name the actor, or take this record down with `--as withdraw`")
                );
            }
            (TakedownAs::Annotate | TakedownAs::Deindex | TakedownAs::Withdraw, _) => None,
        };
        if args.pseudonym.is_some() && args.done != TakedownAs::Pseudonymise {
            return Err(CannotRun::new("`--pseudonym` goes with `--as pseudonymise`"));
        }
        if args.silent && !args.done.takes_the_page() {
            return Err(CannotRun::new(format!(
                "with `--as {}` the page stays, so it cannot be silent",
                args.done.word()
            )));
        }
        if args.done == TakedownAs::Deindex && common.visibility == Visibility::Public {
            fields.push(("visibility", Written::Text("unlisted".to_owned())));
        }
        let why = why(args, &catalogue.dossier.settings, record)?;
        let mut entry = vec![("on", Plain::from(today.to_string()))];
        entry.push(("kind", kind_of_correction(args.done, args.reason).into()));
        entry.push(("why", why.as_str().into()));
        fields.push(("corrections", Written::Item(entry)));
        let mut takedown = vec![("as", Plain::from(args.done.word()))];
        takedown.push(("on", today.to_string().into()));
        takedown.push(("reason", args.reason.word().into()));
        if let (TakedownAs::Annotate, Some(note)) = (args.done, &args.why) {
            takedown.push(("note", note.as_str().into()));
        }
        let why_silent = why_silent(args, catalogue, number);
        if why_silent.is_some() {
            takedown.push(("silent", Plain::True));
        }
        fields.push(("takedown", Written::Map(takedown)));
        let ids = std::iter::once(&record.id).chain(common.aliases);
        let has_tombstone = args.done.takes_the_page() && why_silent.is_none();
        let addresses = ids.filter(|_| has_tombstone).map(|id| crate::plan::path_of_id(record.kind(), id)).collect();
        Ok(Order { done: args.done, record, fields, display, addresses, why_silent })
    }

    /// The text of the record's file when this is done, which must not differ in anything else.
    fn written(&self, file: &Arc<SourceFile>, record: &Record) -> Result<String, CannotRun> {
        let refused = |why: &str| {
            CannotRun::new(format!("`{}` cannot be changed by itself: {why}", file.path))
                .hint(format!("write these fields by hand: {}", self.by_hand()))
        };
        let text = write_fields(&file.text, &record.origin, &self.fields).map_err(|why| refused(&why.to_string()))?;
        let read = |text: &str| {
            let file = Arc::new(SourceFile { text: text.to_owned(), ..(**file).clone() });
            parse(&Sources { files: vec![file], ..Sources::default() }, None).records()
        };
        let (before, after) = (read(&file.text), read(&text));
        let is_same = before.whole.len() == after.whole.len()
            && before.broken == after.broken
            && before.whole.iter().zip(&after.whole).all(|(old, new)| match old.id == record.id {
                true => self.is_done(old, new),
                false => old.id == new.id && json!(&*old.fields) == json!(&*new.fields),
            });
        if is_same { Ok(text) } else { Err(refused("it would come to say something else as well")) }
    }

    /// Whether a record is the other one with this done and nothing else.
    fn is_done(&self, old: &Record, new: &Record) -> bool {
        let (mut old_fields, mut new_fields) = (json!(&*old.fields), json!(&*new.fields));
        for (key, written) in &self.fields {
            let (Some(old), Some(new)) = (old_fields.get_mut(key), new_fields.get_mut(key)) else { return false };
            let (old, new) = (old.take(), new.take());
            let is_written = match written {
                Written::Text(text) => new == *text,
                Written::Map(fields) => has(&new, fields),
                // A takedown changes nothing within an item.
                Written::Within(..) => false,
                Written::Item(fields) => {
                    let (Value::Array(old), Value::Array(mut new)) = (old, new) else { return false };
                    let at = new.iter().position(|item| !old.contains(item) && has(item, fields));
                    let at = at.or_else(|| new.iter().rposition(|item| has(item, fields)));
                    at.is_some_and(|at| {
                        new.remove(at);
                        new == old
                    })
                }
            };
            if !is_written {
                return false;
            }
        }
        old.id == new.id && old_fields == new_fields && old.extra == new.extra
    }

    /// The fields as an author would write them.
    fn by_hand(&self) -> String {
        let fields = |fields: &[(&str, Plain)]| {
            fields.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", ")
        };
        let field = |(key, written): &(&str, Written)| match written {
            Written::Text(text) => format!("`{key}: {}`", Plain::from(text.as_str())),
            Written::Map(map) => format!("`{key}: {{{}}}`", fields(map)),
            Written::Item(item) => format!("one more of `{key}`: `{{{}}}`", fields(item)),
            Written::Within(_, item) => format!("in an item of `{key}`: `{}`", fields(item)),
        };
        self.fields.iter().map(field).collect::<Vec<_>>().join(", ")
    }

    /// Says what was done, and what it comes to.
    fn report(&self, is_dry: bool) {
        let (would, file, id) = (if is_dry { "would be " } else { "" }, &self.record.origin.file, &self.record.id);
        let done = match self.done {
            TakedownAs::Annotate => "annotated",
            TakedownAs::Deindex => "deindexed",
            TakedownAs::Pseudonymise => "pseudonymised",
            TakedownAs::Anonymise => "anonymised",
            TakedownAs::Withdraw => "withdrawn",
        };
        say(&format!("`{id}` {would}{done}: {file}"));
        match &self.display {
            Some(display) if display.is_empty() => say("readers see nothing that tells this person from others"),
            Some(display) => say(&format!(
                "readers see `{display}` in place of the name; see to it that this does not say who it is"
            )),
            None => {}
        }
        for address in &self.addresses {
            say(&format!(
                "{address} will say that something was withdrawn, on which day and for which class of reason"
            ));
        }
        if !self.addresses.is_empty() {
            say(
                "note: an address has the id in it, and so has the list of the files of a build; where the id tells who or what it was, write `silent: true` under `takedown`, as `--silent` does",
            );
        }
        if let Some(why) = self.why_silent {
            say(&format!("no page will answer at the address: {why}"));
        }
        if !is_dry {
            say("build the site and publish it; what others have copied of it stays where they keep it");
        }
    }
}

/// Whether a value has these fields and no others that say anything.
fn has(value: &Value, fields: &[(&str, Plain)]) -> bool {
    let Value::Object(map) = value else { return false };
    let is_set = |(key, wanted): &(&str, Plain)| match wanted {
        Plain::Text(text) => map.get(*key) == Some(&json!(text)),
        Plain::Number(number) => map.get(*key) == Some(&json!(number)),
        Plain::True => map.get(*key) == Some(&json!(true)),
    };
    let is_idle = |(key, value): (&String, &Value)| {
        fields.iter().any(|(wanted, _)| wanted == key) || value.is_null() || *value == json!(false)
    };
    fields.iter().all(is_set) && map.iter().all(is_idle)
}

/// The fields that protect a person; also what readers see in place of the name.
fn protect(
    done: TakedownAs,
    record: &Record,
    actor: &Actor,
    pseudonym: Option<&Line>,
    fields: &mut Vec<(&'static str, Written)>,
) -> Result<String, CannotRun> {
    if !actor.privacy.is_some_and(|privacy| privacy.is_protected()) {
        fields.push(("privacy", Written::Text("private".to_owned())));
    }
    let (display, shown) = match (done, &actor.role) {
        (TakedownAs::Pseudonymise, _) => {
            let name = pseudonym.or(actor.pseudonym.as_ref()).ok_or_else(|| {
                CannotRun::new("`--as pseudonymise` needs a name that stands in place of the real one")
                    .hint("add `--pseudonym NAME`; a name that nobody takes for the real one, nor for somebody else's")
            })?;
            if says_name(record, name.as_str()) {
                return Err(CannotRun::new("`--pseudonym` says the name of the person, or a part of it")
                    .hint("choose another one"));
            }
            if actor.pseudonym.as_ref() != Some(name) {
                fields.push(("pseudonym", Written::Text(name.to_string())));
            }
            (Display::Pseudonym, name.to_string())
        }
        (_, Some(role)) if actor.display != Some(Display::Omit) && !says_name(record, role.as_str()) => {
            (Display::RoleOnly, role.to_string())
        }
        _ => (Display::Omit, String::new()),
    };
    if actor.display != Some(display) {
        fields.push(("display", Written::Text(display.word().to_owned())));
    }
    Ok(shown)
}

/// Why it was done, as readers are told.
fn why(args: &TakedownArgs, settings: &Settings, record: &Record) -> Result<String, CannotRun> {
    if let Some(why) = &args.why {
        if args.done.takes_the_page() && says_name(record, why.as_str()) {
            return Err(CannotRun::new(
                "`--why` says what the record is called, or a part of it, which would repeat what is taken down",
            )
            .hint("say the reason without it"));
        }
        return Ok(why.to_string());
    }
    if settings.lang().split('-').next() != Some("en") {
        return Err(CannotRun::new(format!(
            "the dossier is in `{}`, and there is a sentence in English only",
            settings.lang()
        ))
        .hint("say why in the language of the dossier with `--why TEXT`"));
    }
    let sentence = match args.reason {
        TakedownReason::Legal => "A legal obligation required it.",
        TakedownReason::Safety => "Somebody’s safety required it.",
        TakedownReason::Consent => "Consent was not given, or was taken back.",
        TakedownReason::Error => "It should not have been published as it was.",
        TakedownReason::Privacy => "Somebody’s privacy required it.",
    };
    Ok(sentence.to_owned())
}

fn kind_of_correction(done: TakedownAs, reason: TakedownReason) -> &'static str {
    match (done, reason) {
        (TakedownAs::Annotate, _) => "addition",
        (TakedownAs::Withdraw, TakedownReason::Error) => "retraction",
        _ => "removal",
    }
}

/// Why no page is to answer at the address; none where one does.
fn why_silent(args: &TakedownArgs, catalogue: &Catalogue<'_>, number: Number) -> Option<&'static str> {
    if !args.done.takes_the_page() {
        return None;
    }
    let there = catalogue.record(number).fields.common().takedown;
    // What was taken down before has a page of that sort already, or has none on purpose.
    let is_taken_down = there.is_some_and(|there| there.done.takes_the_page());
    match there.is_some_and(|there| there.silent) || args.silent {
        true => Some("that was asked for"),
        false if !is_taken_down && catalogue.withheld(number).is_some() => Some(
            "readers do not see the record today, and a page there would be the first that they hear of it; if it was published once, take `silent` out",
        ),
        false => None,
    }
}

/// Whether some words say the name of a record, or a part of it.
fn says_name(record: &Record, words: &str) -> bool {
    Called::new(record, Naming::AnyPart).is_said_in(words)
}

/// The lines of other records that readers see and that say what a record is called: file, line and the id of the record.
fn named_in(catalogue: &Catalogue<'_>, number: Number) -> Vec<String> {
    let record = catalogue.record(number);
    // A person is known by the family name alone; a word of another title could be any word.
    let is_person = matches!(&*record.fields, Fields::Actor(actor) if actor.kind == ActorKind::Person);
    let called = Called::new(record, if is_person { Naming::AnyPart } else { Naming::Names });
    let mut places = Vec::new();
    for (other, reading) in (0..).zip(&catalogue.dossier.records) {
        if other == number || catalogue.withheld(other).is_some() {
            continue;
        }
        let (text, origin) = (catalogue.text(reading), &reading.origin);
        let end = origin.body.as_ref().map_or(origin.yaml.end, |body| body.end);
        let own = text.get(origin.yaml.start..end).unwrap_or_default();
        if !called.is_said_in(own) {
            continue;
        }
        let first = text[..origin.yaml.start].matches('\n').count() + 1;
        let says = |line: &str| called.is_said_in(&without_references(line, record));
        let lines = (first..).zip(own.lines()).filter(|(_, line)| says(line));
        places.extend(lines.map(|(line, _)| format!("{}:{line}", origin.file)));
    }
    places
}

/// A line of a record without its references to another one, which fall away with it; the words of a link stay.
fn without_references(line: &str, record: &Record) -> String {
    let aliases = record.fields.common().aliases;
    let goes_on = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut rest = line.to_owned();
    for id in std::iter::once(&record.id).chain(aliases).map(|id| id.as_str()) {
        let whole = |at: &usize| !rest[..*at].ends_with(goes_on) && !rest[at + id.len()..].starts_with(goes_on);
        let places: Vec<usize> = rest.match_indices(id).map(|(at, _)| at).filter(whole).collect();
        for at in places.into_iter().rev() {
            rest.replace_range(at..at + id.len(), "\u{b7}");
        }
    }
    rest
}

fn print_names(places: &[String]) {
    if places.is_empty() {
        return;
    }
    let places_of = plural(places.len(), "place");
    say(&format!("what it is called is written in {places_of} of other records; see what readers will find there:"));
    for place in places.iter().take(SHOWN) {
        say(&format!("  {place}"));
    }
    if places.len() > SHOWN {
        say(&format!("  and {} more", places.len() - SHOWN));
    }
}

fn print_editions(editions: &Editions) {
    for (path, holds) in &editions.holding {
        result(&format!("{path}: {holds}"));
    }
    for (path, why) in &editions.closed {
        say(&format!("not looked into: {path}: {why}"));
    }
    let (holding, files) = (editions.holding.len(), plural(editions.files, "file"));
    let hold = if holding == 1 { "holds" } else { "hold" };
    say(&format!("{holding} of {files} of past editions still {hold} something of it"));
}
