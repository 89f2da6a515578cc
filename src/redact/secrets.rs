//! Every value that is withheld from readers, with where it comes from: what the leak scan looks for.
//!
//! What is gathered here leaves this module for [`leak`](crate::leak) only, and is shown to nobody.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};
use unicode_segmentation::UnicodeSegmentation;

use super::fate::{Fate, Reason, display_of, reason};
use super::shared::our_words;
use super::vocabulary::{FORMAL, is_ours};
use super::{Audience, Policy, PublicRecord, Redaction};
use crate::diagnostic::{Place, SourceText};
use crate::link::{Dossier, Number, Part, each_part};
use crate::model::{Actor, ActorKind, Fields, Kind};
use crate::parse::{Private, Record, Run, Slot, Step};
use crate::text::folded_words;

/// The fewest words of a sentence that is looked for, and its fewest bytes.
const SENTENCE: (usize, usize) = (5, 25);

/// The longest sentence that is looked for as a whole, in words; a longer one is looked for in parts of eight.
const WHOLE: usize = 12;

/// The fewest bytes of a number or date that is looked for.
const SHORTEST_CODE: usize = 6;

/// The fewest digits of a number in two groups that is looked for, such as that of a telephone.
const SHORTEST_NUMBER: usize = 5;

/// The fewest words of a text without a long sentence that is looked for as a whole.
const SHORTEST_SAYING: usize = 3;

/// The most words of what looks like the name of a person.
const MOST_OF_NAME: usize = 5;

/// How many words a part of a long sentence has.
const PART: usize = 8;

/// What is withheld from the readers of a dossier.
#[derive(Default)]
pub struct Secrets {
    values: Vec<Secret>,
    /// Names of actors that readers see.
    names: Vec<String>,
    /// Names of persons and places that readers see: a word of one of them is no name of somebody else.
    holding: Vec<String>,
    /// What the values are withheld from.
    sources: Vec<Arc<Held>>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} withheld values", self.values.len())
    }
}

/// What sort of value it is, which decides in which forms it is looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// The name of a person.
    Person,
    /// The name of anything else.
    Name,
    /// The family name of a person alone.
    Family,
    /// The headline of a record.
    Title,
    /// The id of a person.
    PersonId,
    /// The id of anything else.
    Id,
    /// An id in another collection.
    Code,
    /// An address.
    Address,
    /// Words of prose.
    Text,
}

/// A value that is withheld.
pub(crate) struct Secret {
    /// The value.
    pub(crate) value: String,
    /// What sort of value it is.
    pub(crate) sort: Sort,
    /// Where it comes from, by number.
    pub(crate) from: u32,
    /// What readers may see of the record all the same.
    pub(crate) shown: Arc<Shown>,
}

/// Words that readers may see, in their folded form.
#[derive(Default)]
pub(crate) struct Shown {
    /// What is shown in place of a name.
    pub(crate) display: String,
    /// What the record excepts.
    pub(crate) excepted: Vec<String>,
    /// The names of those whom readers see and of whom it is said that they are somebody else.
    pub(crate) apart: Vec<String>,
}

/// A field of a record that withholds a value.
pub(crate) struct Held {
    record: Arc<Record>,
    field: Field,
    /// Why readers do not see the record; `None` when it is the field that they do not see.
    reason: Option<Reason>,
}

/// A field, by where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    /// Under keys and numbers.
    At(Vec<Step<'static>>),
    /// The prose under the front matter.
    Body,
    /// The record itself, by the name of its file.
    File,
    /// A value that is withheld by itself, in the record or in an overlay.
    Private(Arc<Private>),
}

impl Held {
    /// How the field is called in a message.
    pub(crate) fn field(&self) -> String {
        match &self.field {
            Field::Body => "the prose".to_owned(),
            Field::File => "the id".to_owned(),
            Field::Private(private) => format!("`{}`", private.field),
            Field::At(steps) => {
                let keys = steps.iter().filter_map(|step| match step {
                    Step::Key(key) => Some(*key),
                    Step::Index(_) => None,
                });
                format!("`{}`", keys.collect::<Vec<_>>().join("."))
            }
        }
    }

    /// Why the value is withheld.
    pub(crate) fn why(&self) -> String {
        match self.reason {
            Some(reason) => format!("the record is {}", reason.word()),
            None => "the field is never published".to_owned(),
        }
    }

    /// Whether readers do not see the record either.
    pub(crate) fn is_of_withheld_record(&self) -> bool {
        self.reason.is_some()
    }

    /// The kind of record, and the folder of its kind in which its file lies; folders within that may tell of it.
    pub(crate) fn record(&self) -> (&'static str, &str) {
        let (file, inner) = (&*self.record.origin.file, &*self.record.origin.inner);
        let first = inner.split('/').next().filter(|folder| Kind::of_folder(folder).is_some()).unwrap_or_default();
        let end = file.len().saturating_sub(inner.len()) + first.len();
        (self.record.kind().word(), file.get(..end).unwrap_or_default().trim_end_matches('/'))
    }

    /// Whether the value stands outside of the dossier, where the names of files are nobody's but the authors'.
    pub(crate) fn is_outside(&self) -> bool {
        match &self.field {
            Field::Private(private) => private.file != self.record.origin.file,
            Field::At(_) | Field::Body | Field::File => self.record.origin.is_outside,
        }
    }

    /// Where the field stands; an empty place at its beginning.
    pub(crate) fn place(&self, sources: &dyn SourceText) -> Place {
        if let Field::Private(private) = &self.field {
            return Place::new(&private.file, private.span.start..private.span.start);
        }
        let origin = &self.record.origin;
        let text = sources.text(&origin.file).unwrap_or_default();
        let span: Range<usize> = match &self.field {
            // What was read may have gone from the disk since, and its text with it.
            _ if text.len() < origin.yaml.end => 0..0,
            Field::At(steps) => origin.field(text, steps),
            Field::Body => origin.body.clone().unwrap_or_else(|| origin.field(text, &[Step::Key("body")])),
            Field::File | Field::Private(_) => origin.start(text),
        };
        Place::new(&origin.file, span.start..span.start)
    }
}

impl Secrets {
    /// The values.
    pub(crate) fn values(&self) -> &[Secret] {
        &self.values
    }

    /// Names of actors that readers see.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// Names of persons and places that readers see.
    pub(crate) fn holding(&self) -> &[String] {
        &self.holding
    }

    /// Where values come from, by their numbers.
    pub(crate) fn sources(&self) -> &[Arc<Held>] {
        &self.sources
    }
}

/// What is withheld from the readers for whom a dossier was redacted; nothing when that was for the authors, and is never written.
pub fn secrets(dossier: &Dossier, redaction: &Redaction) -> Secrets {
    let policy = redaction.policy();
    if policy.audience == Audience::Authors {
        return Secrets::default();
    }
    let (words, bylines) = public_words(dossier, policy);
    let mut gathered = Gathered { words, bylines, apart: told_apart(dossier, redaction), ..Gathered::default() };
    let holding: BTreeSet<Number> = redaction.unseen().chain(dossier.guarded.iter().copied()).collect();
    for number in holding {
        gathered.record(dossier, number, reason(dossier, number, policy));
    }
    if !gathered.secrets.values.is_empty() {
        let records = &redaction.public.records;
        gathered.secrets.names = records.iter().flat_map(|record| names_shown(record)).collect();
        let holding = records.iter().filter(|record| match &*record.fields {
            Fields::Actor(actor) => actor.kind == ActorKind::Person,
            fields => matches!(fields, Fields::Place(_)),
        });
        let places = |record: &PublicRecord| match &*record.fields {
            Fields::Place(place) => vec![place.name.as_str().to_owned()],
            _ => names_shown(record),
        };
        gathered.secrets.holding = holding.flat_map(|record| places(record)).collect();
    }
    gathered.secrets
}

/// For each record, the names of those whom readers see and of whom its authors say that they are not the same.
fn told_apart(dossier: &Dossier, redaction: &Redaction) -> BTreeMap<Number, Vec<String>> {
    let mut apart: BTreeMap<Number, Vec<String>> = BTreeMap::new();
    let mut add = |number: Number, other: Number| {
        if let Some(Fate::Public(public)) = redaction.fates.get(other as usize) {
            apart.entry(number).or_default().extend(names_shown(&redaction.public.records[*public as usize]));
        }
    };
    for (number, record) in (0..).zip(&dossier.records) {
        let Fields::Actor(actor) = &*record.fields else { continue };
        for other in actor.not_same_as.iter().filter_map(|id| dossier.index.ids.find(id.as_str())) {
            add(number, other);
            add(other, number);
        }
    }
    apart
}

/// The names of an actor that readers see.
fn names_shown(record: &PublicRecord) -> Vec<String> {
    match &*record.fields {
        Fields::Actor(actor) => actor.known_as().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// What of one record would be withheld if the record were, for whoever looks for it where it was published.
pub fn secrets_of(record: &Arc<Record>) -> Secrets {
    let mut gathered = Gathered::default();
    gathered.whole(record, Reason::Withdrawn);
    gathered.secrets
}

/// What a record says of itself where it was published: its kind and id, and its fields as readers have them. Of what is made of it, it can
/// be asked whether some bytes hold any of it, and not which field.
pub fn secrets_of_published(kind: &str, id: &str, fields: &Map<String, Value>) -> Secrets {
    let is_person = kind == Kind::Actor.word() && fields.get("kind").and_then(Value::as_str) == Some("person");
    let mut published = Published { is_person, secrets: Secrets::default() };
    published.push(if is_person { Sort::PersonId } else { Sort::Id }, id);
    for (key, value) in fields {
        published.field(key, value);
    }
    published.secrets
}

/// The values of a record that was published, as they are gathered.
struct Published {
    is_person: bool,
    secrets: Secrets,
}

impl Published {
    fn field(&mut self, key: &str, value: &Value) {
        let name = if self.is_person { Sort::Person } else { Sort::Name };
        match (key, value) {
            (_, Value::Array(values)) => values.iter().for_each(|value| self.field(key, value)),
            ("ids", Value::Object(entries)) => {
                entries.values().filter_map(Value::as_str).for_each(|code| self.push(Sort::Code, code));
            }
            ("names", Value::Object(entries)) => {
                entries.get("text").and_then(Value::as_str).into_iter().for_each(|text| self.push(name, text));
            }
            ("updates" | "original" | "corrections", Value::Object(entries)) => {
                for key in ["text", "was", "now", "why"] {
                    entries.get(key).and_then(Value::as_str).into_iter().for_each(|text| self.words(text));
                }
            }
            ("aliases", Value::String(alias)) => {
                self.push(if self.is_person { Sort::PersonId } else { Sort::Id }, alias)
            }
            ("name" | "names" | "pseudonym", Value::String(text)) => self.push(name, text),
            ("sort_name", Value::String(text)) => {
                self.push(name, text);
                if let Some((family, _)) = text.split_once(',').filter(|_| self.is_person) {
                    self.push(Sort::Family, family);
                }
            }
            ("title", Value::String(text)) => self.push(Sort::Title, text),
            ("url" | "archived", Value::String(address)) => self.push(Sort::Address, address),
            ("summary" | "role" | "text" | "body" | "context_before" | "context_after", Value::String(text)) => {
                self.words(text)
            }
            _ => {}
        }
    }

    /// Sentences that are long enough to be nobody else's; of a text that has none, the whole.
    fn words(&mut self, text: &str) {
        let sentences = sentences(text);
        if sentences.is_empty() && text.split_whitespace().count() >= SHORTEST_SAYING {
            self.push(Sort::Title, text);
        }
        sentences.iter().for_each(|sentence| self.push(Sort::Text, sentence));
    }

    fn push(&mut self, sort: Sort, value: &str) {
        self.secrets.values.push(Secret { value: value.to_owned(), sort, from: 0, shown: Arc::default() });
    }
}

/// The sentences of a text that are long enough to be nobody else's, folded; long ones in parts.
fn sentences(text: &str) -> Vec<String> {
    // What another has not said need not stand between the parts of a quotation to tell them.
    let parts = text.lines().flat_map(|line| line.split(Run::PARTED));
    let lines = parts.flat_map(|line| line.unicode_sentences());
    let mut found = Vec::new();
    for sentence in lines.filter(|sentence| sentence.len() >= SENTENCE.1) {
        let folded = folded_words(sentence);
        let words: Vec<&str> = folded.split(' ').collect();
        if words.len() < SENTENCE.0 || folded.len() < SENTENCE.1 {
            continue;
        }
        if words.len() <= WHOLE {
            found.push(folded);
            continue;
        }
        let parts = words.len() / PART;
        for part in 0..parts {
            let end = if part + 1 == parts { words.len() } else { (part + 1) * PART };
            found.push(words[part * PART..end].join(" "));
        }
    }
    found
}

/// The words that readers see as whole values: those of our vocabularies, and the tags, roles, names and the like of what they
/// see; and beside them those who are named as authors and the like. None where no single value is withheld.
fn public_words(dossier: &Dossier, policy: Policy) -> (BTreeSet<String>, BTreeSet<String>) {
    if dossier.guarded.iter().all(|number| dossier.records[*number as usize].private().is_empty()) {
        return Default::default();
    }
    let mut words: BTreeSet<String> = our_words().into_iter().map(str::to_owned).collect();
    let mut bylines = BTreeSet::new();
    for (number, record) in (0..dossier.records.len() as Number).zip(&dossier.records) {
        if reason(dossier, number, policy).is_some() {
            continue;
        }
        each_part(&mut (*record.open().fields).clone(), &mut |path, part| match part {
            Part::Fixed(word) => drop(words.insert(word.to_owned())),
            Part::Name(name) => drop(words.insert(name.to_string())),
            Part::Line(line) if path.iter().any(|step| matches!(step, Step::Key(key) if says_who(key))) => {
                bylines.insert(line.to_string());
            }
            Part::Line(line) if path.last().is_some_and(|step| matches!(step, Step::Key("role" | "as" | "medium"))) => {
                words.insert(line.to_string());
            }
            Part::Line(_) | Part::Quoted(_) | Part::Prose(_) => {}
        });
    }
    (words, bylines)
}

/// Whether a field names somebody who may have no record.
fn says_who(key: &str) -> bool {
    matches!(key, "authors" | "publisher" | "by")
}

/// Secrets as they are gathered, record by record.
#[derive(Default)]
struct Gathered {
    secrets: Secrets,
    /// The words that readers see as whole values.
    words: BTreeSet<String>,
    /// Those of whom readers see that they wrote, published or did something, where they have no record.
    bylines: BTreeSet<String>,
    /// The names of those whom readers see and who are told apart from a record.
    apart: BTreeMap<Number, Vec<String>>,
    /// Of the record that is being looked at.
    shown: Arc<Shown>,
}

impl Gathered {
    fn record(&mut self, dossier: &Dossier, number: Number, reason: Option<Reason>) {
        let record = &dossier.records[number as usize];
        let common = record.fields.common();
        let excepted = common.not_secret.iter().map(|exception| folded_words(exception.text.as_str())).collect();
        // What stands in place of a name is shown of those alone of whom it is shown.
        let display = if reason == Some(Reason::Protected) { folded_words(&display_of(record)) } else { String::new() };
        let apart = self.apart.remove(&number).unwrap_or_default();
        self.shown = Arc::new(Shown { display, excepted, apart });
        if let Some(notes) = common.notes_internal {
            self.text(record, None, &[Step::Key("notes_internal")], notes.as_str());
        }
        for (index, allowance) in common.allow.iter().enumerate() {
            let steps = [Step::Key("allow"), Step::Index(index), Step::Key("why")];
            self.text(record, None, &steps, allowance.why.as_str());
        }
        for (index, exception) in common.not_secret.iter().enumerate() {
            let steps = [Step::Key("not_secret"), Step::Index(index), Step::Key("why")];
            self.text(record, None, &steps, exception.why.as_str());
        }
        self.private_fields(dossier, record);
        if let Some(reason) = reason {
            self.whole(record, reason);
        }
    }

    /// Values that are withheld one by one. The id of a record that readers see is no secret; that it stood there is.
    fn private_fields(&mut self, dossier: &Dossier, record: &Arc<Record>) {
        let is_person = matches!(&*record.fields, Fields::Actor(actor) if actor.kind == ActorKind::Person);
        for private in record.private().iter().filter(|private| !FORMAL.contains(&&*private.field)) {
            let field = Field::Private(Arc::new(private.clone()));
            let is_alias = private.field.starts_with("aliases");
            let is_id = |value: &str| !is_alias && dossier.index.ids.find(value).is_some();
            for value in private.values.iter().filter(|value| !is_id(value)) {
                let own = private_sort(&private.field, value, is_person);
                let is_name = matches!(own, Sort::Person | Sort::Name);
                // A word by which others are sorted gives nothing away, and neither does the name of somebody whom readers see.
                let is_own_name = NAMES.iter().any(|name| private.field.starts_with(name));
                let is_said = self.words.contains(value);
                let is_said_of_others = is_said || !private.field.starts_with("x_") && self.bylines.contains(value);
                if own == Sort::Title && is_said || is_name && !is_own_name && is_said_of_others {
                    continue;
                }
                if let Some((family, _)) = value.split_once(',').filter(|_| is_person && private.field == "sort_name") {
                    self.value(record, None, field.clone(), Sort::Family, family);
                }
                let before = self.secrets.values.len();
                if !is_name && value.split_whitespace().count() >= SENTENCE.0 {
                    self.sentences(record, None, &field, value);
                }
                // What others show as well, such as a day on which something else happened, gives nothing away.
                let is_shown = || own == Sort::Code && dossier.records.iter().any(|other| says(other, value));
                // What has no sentence that is long enough is looked for as a whole.
                if self.secrets.values.len() == before && !is_shown() {
                    self.value(record, None, field.clone(), own, value);
                }
            }
        }
    }

    /// All that is told of a record that readers do not see.
    fn whole(&mut self, record: &Arc<Record>, reason: Reason) {
        let reason = Some(reason);
        let common = record.fields.common();
        let is_person = match &*record.fields {
            Fields::Actor(actor) => actor.kind == ActorKind::Person,
            _ => false,
        };
        let id = if is_person { Sort::PersonId } else { Sort::Id };
        let own = if common.id.is_some() { Field::At(vec![Step::Key("id")]) } else { Field::File };
        self.value(record, reason, own, id, record.id.as_str());
        for (index, alias) in common.aliases.iter().enumerate() {
            self.at(record, reason, &[Step::Key("aliases"), Step::Index(index)], id, alias.as_str());
        }
        match &*record.fields {
            Fields::Actor(actor) => self.actor(record, reason, actor),
            Fields::Place(place) => self.at(record, reason, &[Step::Key("name")], Sort::Name, place.name.as_str()),
            fields => {
                if let Some(title) = fields.title() {
                    self.at(record, reason, &[Step::Key("title")], Sort::Title, title.as_str());
                }
            }
        }
        if let Fields::Source(source) = &*record.fields {
            let url = source.url.iter().map(|url| (vec![Step::Key("url")], url));
            let archived =
                (0..).zip(&source.archived).map(|(index, url)| (vec![Step::Key("archived"), Step::Index(index)], url));
            for (steps, url) in url.chain(archived) {
                self.at(record, reason, &steps, Sort::Address, url.as_str());
            }
        }
        if let Some(summary) = common.summary {
            self.text(record, reason, &[Step::Key("summary")], summary.as_str());
        }
        for (index, correction) in common.corrections.iter().enumerate() {
            let steps = |key: &'static str| [Step::Key("corrections"), Step::Index(index), Step::Key(key)];
            let is_name = correction
                .field
                .as_ref()
                .is_some_and(|field| ["name", "names", "sort_name", "title"].contains(&field.as_str()));
            for (key, value) in [("was", &correction.was), ("now", &correction.now)] {
                let Some(value) = value else { continue };
                match (is_name, is_person) {
                    (true, true) => self.at(record, reason, &steps(key), Sort::Person, value.as_str()),
                    (true, false) => self.at(record, reason, &steps(key), Sort::Title, value.as_str()),
                    (false, _) => self.text(record, reason, &steps(key), value.as_str()),
                }
            }
            self.text(record, reason, &steps("why"), correction.why.as_str());
        }
        for (slot, prose) in record.texts.iter() {
            let field = match slot {
                Slot::Body => Field::Body,
                Slot::Text => Field::At(vec![Step::Key("text")]),
                Slot::Before => Field::At(vec![Step::Key("context_before")]),
                Slot::After => Field::At(vec![Step::Key("context_after")]),
                Slot::Original => Field::At(vec![Step::Key("original"), Step::Key("text")]),
                Slot::Update(number) => {
                    Field::At(vec![Step::Key("updates"), Step::Index(number as usize), Step::Key("text")])
                }
            };
            self.sentences(record, reason, &field, &prose.plain.text);
        }
    }

    fn actor(&mut self, record: &Arc<Record>, reason: Option<Reason>, actor: &Actor) {
        let is_person = actor.kind == ActorKind::Person;
        let sort = if is_person { Sort::Person } else { Sort::Name };
        for (steps, name) in names_of(actor) {
            self.at(record, reason, &steps, sort, name);
        }
        if let Some((family, _)) = actor.sort_name.as_ref().and_then(|name| name.as_str().split_once(','))
            && is_person
        {
            self.at(record, reason, &[Step::Key("sort_name")], Sort::Family, family);
        }
        // A pseudonym is a secret where something else is shown; where it is shown, it is not.
        if let Some(pseudonym) = &actor.pseudonym {
            self.at(record, reason, &[Step::Key("pseudonym")], Sort::Name, pseudonym.as_str());
        }
        for id in actor.ids.values() {
            self.at(record, reason, &[Step::Key("ids")], Sort::Code, id.as_str());
        }
        if let Some(role) = &actor.role {
            self.text(record, reason, &[Step::Key("role")], role.as_str());
        }
    }

    fn at(&mut self, record: &Arc<Record>, reason: Option<Reason>, steps: &[Step<'static>], sort: Sort, value: &str) {
        self.value(record, reason, Field::At(steps.to_vec()), sort, value);
    }

    fn text(&mut self, record: &Arc<Record>, reason: Option<Reason>, steps: &[Step<'static>], text: &str) {
        self.sentences(record, reason, &Field::At(steps.to_vec()), text);
    }

    /// The sentences of a text that are long enough to be nobody else's.
    fn sentences(&mut self, record: &Arc<Record>, reason: Option<Reason>, field: &Field, text: &str) {
        let found = sentences(text);
        if found.is_empty() {
            return;
        }
        let from = self.source(record, reason, field.clone());
        found.into_iter().for_each(|sentence| self.push(Sort::Text, from, sentence));
    }

    fn value(&mut self, record: &Arc<Record>, reason: Option<Reason>, field: Field, sort: Sort, value: &str) {
        let from = self.source(record, reason, field);
        self.push(sort, from, value.to_owned());
    }

    fn push(&mut self, sort: Sort, from: u32, value: String) {
        // What every site says cannot be told apart from what this one gives away.
        if matches!(sort, Sort::Id | Sort::Title) && is_ours(&value) {
            return;
        }
        self.secrets.values.push(Secret { value, sort, from, shown: Arc::clone(&self.shown) });
    }

    fn source(&mut self, record: &Arc<Record>, reason: Option<Reason>, field: Field) -> u32 {
        self.secrets.sources.push(Arc::new(Held { record: Arc::clone(record), field, reason }));
        self.secrets.sources.len() as u32 - 1
    }
}

/// The fields in which an actor or a place is named.
const NAMES: [&str; 4] = ["name", "names", "sort_name", "pseudonym"];

/// What sort of value it is that is withheld by itself.
fn private_sort(field: &str, value: &str, is_person: bool) -> Sort {
    let key = |text: &str| text.split('[').next().unwrap_or_default().to_owned();
    let first = key(field.split('.').next().unwrap_or_default());
    let last = key(field.rsplit('.').next().unwrap_or_default());
    let words = value.split_whitespace().count();
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    if NAMES.contains(&&*first) {
        return if is_person { Sort::Person } else { Sort::Name };
    }
    if value.starts_with("http://") || value.starts_with("https://") {
        return Sort::Address;
    }
    match &*first {
        "ids" => return Sort::Code,
        "aliases" => return if is_person { Sort::PersonId } else { Sort::Id },
        _ => {}
    }
    // Nothing says of what an author has called it himself that it is no name, number or address.
    let is_own = first.starts_with("x_");
    let is_number = words == 1 && digits > 0 || digits >= SHORTEST_NUMBER || is_own && digits > 0;
    if words <= 2 && is_number && value.len() >= SHORTEST_CODE {
        return Sort::Code;
    }
    let is_like_name = |word: &str| word.chars().next().is_some_and(|c| c.is_alphabetic() && !c.is_lowercase());
    let looks_like_name = (2..=MOST_OF_NAME).contains(&words) && value.split_whitespace().all(is_like_name);
    if (says_who(&first) || says_who(&last) || is_own) && looks_like_name { Sort::Person } else { Sort::Title }
}

/// Whether readers see a date of a record that is written like this.
fn says(record: &Arc<Record>, written: &str) -> bool {
    record.open().fields.date().is_some_and(|date| date.as_str().contains(written))
}

/// The names of an actor, with where they stand.
fn names_of(actor: &Actor) -> impl Iterator<Item = (Vec<Step<'static>>, &str)> {
    let others = actor
        .names
        .iter()
        .enumerate()
        .map(|(index, name)| (vec![Step::Key("names"), Step::Index(index), Step::Key("text")], name.text.as_str()));
    let sorted = actor.sort_name.iter().map(|name| (vec![Step::Key("sort_name")], name.as_str()));
    [(vec![Step::Key("name")], actor.name.as_str())].into_iter().chain(others).chain(sorted)
}
