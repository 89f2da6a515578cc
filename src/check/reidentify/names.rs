//! Names of protected people where nothing can stand in their place: in ids, tags and names of files, which are addresses, and in the
//! authors and publishers of sources, which are written as they are.
//!
//! All names are looked for at once. A part of a name counts only in a record that refers to the person.

use std::collections::{BTreeMap, BTreeSet};

use aho_corasick::AhoCorasick;

use super::super::{Rule, Scope};
use super::{named, nameless, stays_hidden};
use crate::config::Level;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::link::{LinkTo, Number, Role};
use crate::model::{Actor, ActorKind, Display, Fields, Kind};
use crate::parse::{Record, Slot, Step, Target};
use crate::text;
use crate::text::names::{LineBreaks, Reading};

pub(super) const RULE: Rule =
    Rule::whole(&[Code::ProtectedName], &Kind::ALL, are_addressed_alike, no_address_says_a_protected_name);

/// Words by which somebody is called whose name is not said, or that stand in many names.
const COMMON: &[&str] = &[
    "a",
    "an",
    "the",
    "of",
    "and",
    "al",
    "el",
    "la",
    "de",
    "der",
    "del",
    "di",
    "da",
    "van",
    "von",
    "bin",
    "ibn",
    "abu",
    "mr",
    "mrs",
    "ms",
    "dr",
    "shri",
    "smt",
    "person",
    "people",
    "man",
    "woman",
    "boy",
    "girl",
    "child",
    "children",
    "minor",
    "victim",
    "victims",
    "witness",
    "witnesses",
    "source",
    "sources",
    "informant",
    "neighbour",
    "neighbor",
    "resident",
    "relative",
    "relatives",
    "family",
    "mother",
    "father",
    "parent",
    "parents",
    "son",
    "daughter",
    "brother",
    "sister",
    "wife",
    "husband",
    "official",
    "employee",
    "worker",
    "guard",
    "student",
    "teacher",
    "nurse",
    "doctor",
    "driver",
    "user",
    "users",
    "unnamed",
    "unknown",
    "anonymous",
    "protected",
    "withheld",
];

/// Where a text stands that readers would see as it is.
struct Spot<'a> {
    record: &'a Record,
    number: Number,
    text: String,
    what: What,
    /// Where it stands, for fields.
    field: Vec<Step<'static>>,
}

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Id,
    OldId,
    Tag,
    Picture,
    File(Slot, usize),
    Author,
    Publisher,
}

fn are_addressed_alike(one: &Record, other: &Record) -> bool {
    let of = |record: &Record| {
        let common = record.fields.common();
        let tags: Vec<String> = common.tags.iter().map(|tag| tag.as_str().to_owned()).collect();
        (common.visibility, common.aliases.to_vec(), tags, record.origin.file.clone())
    };
    let are_files_alike = std::sync::Arc::ptr_eq(&one.texts, &other.texts) || (!has_files(one) && !has_files(other));
    let are_fields_alike = match (&*one.fields, &*other.fields) {
        (Fields::Actor(a), Fields::Actor(b)) => {
            (&a.name, &a.names, &a.sort_name, &a.role, &a.pseudonym, &a.image, a.privacy, a.display, a.kind)
                == (&b.name, &b.names, &b.sort_name, &b.role, &b.pseudonym, &b.image, b.privacy, b.display, b.kind)
        }
        (Fields::Place(a), Fields::Place(b)) => a.name == b.name,
        (Fields::Source(a), Fields::Source(b)) => (&a.authors, &a.publisher) == (&b.authors, &b.publisher),
        _ => one.kind() == other.kind(),
    };
    are_files_alike && are_fields_alike && of(one) == of(other)
}

fn has_files(record: &Record) -> bool {
    record.texts.iter().any(|(_, prose)| prose.links.iter().any(|link| matches!(link.target, Target::File { .. })))
}

/// The names of those who are not named, as slugs between hyphens, and whose each is.
struct Names {
    automaton: AhoCorasick,
    owners: Vec<Number>,
}

/// A name that was found.
#[derive(Clone)]
struct Held {
    name: String,
    owner: Number,
}

impl Names {
    /// `None` when there is nobody whose name is not shown.
    fn new(scope: &Scope<'_>) -> Option<Names> {
        let mut owned: BTreeMap<String, Number> = BTreeMap::new();
        for (number, record) in (0..).zip(&scope.dossier.records) {
            let Some(actor) = nameless(record).filter(|actor| is_somebody(record, actor)) else { continue };
            for name in names_of(record, actor) {
                owned.entry(format!("-{name}-")).or_insert(number);
            }
        }
        if owned.is_empty() {
            return None;
        }
        let automaton = AhoCorasick::new(owned.keys()).ok()?;
        Some(Names { automaton, owners: owned.into_values().collect() })
    }

    /// The longest name that a slug holds, with whose it is.
    fn find(&self, slug: &str) -> Option<Held> {
        let text = format!("-{slug}-");
        let found = self.automaton.find_overlapping_iter(&text).max_by_key(|found| found.len())?;
        let name = text[found.range()].trim_matches('-').to_owned();
        Some(Held { name, owner: self.owners[found.pattern().as_usize()] })
    }
}

/// Whether an actor is one whose name could be told: not an organisation that its authors are not ready to show.
fn is_somebody(record: &Record, actor: &Actor) -> bool {
    actor.is_protected() || matches!(actor.kind, ActorKind::Person | ActorKind::Unnamed) && stays_hidden(record)
}

/// What somebody is known by, as slugs.
fn names_of(record: &Record, actor: &Actor) -> BTreeSet<String> {
    let shown = shown_words(record, actor);
    // A handle made of words that say nothing, or that are shown anyway, is no name.
    let tells = |slug: &String| {
        slug.split('-').any(|word| {
            word.len() > 1
                && !word.bytes().all(|byte| byte.is_ascii_digit())
                && !COMMON.contains(&word)
                && !shown.contains(word)
        })
    };
    let ids = [&record.id].into_iter().chain(record.fields.common().aliases).map(|id| id.as_str().to_owned());
    let mut names: BTreeSet<String> = ids.collect();
    for name in names_written(actor).filter_map(text::slug) {
        let words: Vec<&str> = name.split('-').collect();
        let turned: Vec<&str> = words.iter().rev().copied().collect();
        names.insert(turned.join("-"));
        if let [first, .., last] = words.as_slice()
            && words.len() > 2
        {
            names.insert(format!("{first}-{last}"));
        }
        names.insert(name);
    }
    names.retain(tells);
    names
}

/// The names of an actor, unless it is somebody whose identity is not given: then they are descriptions.
fn names_written(actor: &Actor) -> impl Iterator<Item = &str> {
    let is_named = actor.kind != ActorKind::Unnamed;
    actor.known_as().filter(move |_| is_named)
}

/// The words that readers see in place of a name.
fn shown_words(record: &Record, actor: &Actor) -> BTreeSet<String> {
    let display = match actor.display {
        Some(Display::RoleOnly) => actor.role.as_ref(),
        Some(Display::Pseudonym) => actor.pseudonym.as_ref(),
        Some(Display::Full | Display::Initials | Display::Omit) | None => None,
    };
    let slug = display.filter(|_| !stays_hidden(record)).and_then(|display| text::slug(display.as_str()));
    slug.map(|slug| slug.split('-').map(str::to_owned).collect()).unwrap_or_default()
}

fn no_address_says_a_protected_name(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let Some(names) = Names::new(scope) else { return };
    let mut told = BTreeSet::new();
    // Many records share a tag, and one id is looked at faster than it is compared.
    let mut tags: BTreeMap<&str, Option<Held>> = BTreeMap::new();
    for (number, record) in (0..).zip(&scope.dossier.records) {
        if stays_hidden(record) || nameless(record).is_some() {
            continue;
        }
        for (index, tag) in record.fields.common().tags.iter().enumerate() {
            let known = tags.entry(tag.as_str());
            let held = known.or_insert_with(|| text::slug(tag.as_str()).and_then(|slug| names.find(&slug)));
            let spot = || Spot {
                record,
                number,
                text: tag.as_str().to_owned(),
                what: What::Tag,
                field: vec![Step::Key("tags"), Step::Index(index)],
            };
            found.extend(held.as_ref().and_then(|held| whole_name(scope, &spot(), held)));
        }
        each_spot(scope, number, record, &mut |slug, spot| {
            let finding = names.find(slug).and_then(|held| whole_name(scope, &spot(), &held));
            if finding.is_some() {
                told.insert(number);
            }
            found.extend(finding);
        });
    }
    parts_of_names(scope, &told, found);
}

/// Shows what else of a record is an address or is written as it is, with its slug.
fn each_spot<'a>(
    scope: &Scope<'a>,
    number: Number,
    record: &'a Record,
    see: &mut dyn FnMut(&str, &dyn Fn() -> Spot<'a>),
) {
    let spot =
        |text: &str, what: What, field: Vec<Step<'static>>| Spot { record, number, text: text.to_owned(), what, field };
    let id = record.id.as_str();
    see(id, &|| spot(id, What::Id, vec![Step::Key("id")]));
    for (index, alias) in record.fields.common().aliases.iter().enumerate() {
        see(alias.as_str(), &|| spot(alias.as_str(), What::OldId, vec![Step::Key("aliases"), Step::Index(index)]));
    }
    for (slot, links) in &scope.dossier.outgoing[number as usize].targets {
        let attachments = links.iter().enumerate().filter(|(_, link)| matches!(link, LinkTo::Attachment(_)));
        for (index, _) in attachments {
            let link = record.texts.get(*slot).and_then(|prose| prose.links.get(index));
            let Some(Target::File { path, .. }) = link.map(|link| &link.target) else { continue };
            see(&text::slug(path).unwrap_or_default(), &|| spot(path, What::File(*slot, index), Vec::new()));
        }
    }
    match &*record.fields {
        Fields::Actor(actor) => {
            if let Some(image) = &actor.image {
                let slug = text::slug(image.as_str()).unwrap_or_default();
                see(&slug, &|| spot(image.as_str(), What::Picture, vec![Step::Key("image")]));
            }
        }
        Fields::Source(source) => {
            // Whoever is named by an id is taken care of.
            let is_written = |name: &&str| scope.dossier.index.ids.find(name).is_none();
            for (index, author) in source.authors.iter().enumerate() {
                let Some(name) = Some(author.as_str()).filter(is_written) else { continue };
                let field = || vec![Step::Key("authors"), Step::Index(index)];
                see(&text::slug(name).unwrap_or_default(), &|| spot(name, What::Author, field()));
            }
            if let Some(name) = source.publisher.as_ref().map(|name| name.as_str()).filter(is_written) {
                let field = || vec![Step::Key("publisher")];
                see(&text::slug(name).unwrap_or_default(), &|| spot(name, What::Publisher, field()));
            }
        }
        Fields::Event(_) | Fields::Quote(_) | Fields::Place(_) | Fields::Page(_) => {}
    }
}

/// The finding about a whole name, unless it is the name of somebody else who is shown by it.
fn whole_name(scope: &Scope<'_>, spot: &Spot<'_>, held: &Held) -> Option<Diagnostic> {
    // What is a mention by the rules of prose is told of or replaced by them; here it is what they do not know for one.
    let is_mention =
        |names: &crate::text::names::Names| !names.mentions(&Reading::of(&spot.text, LineBreaks::AreSpaces)).is_empty();
    if scope.dossier.mentions.names().is_some_and(is_mention) {
        return None;
    }
    let person = scope.record(held.owner);
    // An id may be a family name alone.
    let is_shared = !held.name.contains('-') && is_anothers(scope, spot.number, &held.name);
    if is_shared || is_of_a_namesake(scope, spot, held.owner) {
        return None;
    }
    let text = text::excerpt(&spot.text, 60);
    let (message, hint) = match spot.what {
        What::Id => (
            format!(
                "the id `{text}` holds the name or id of `{}`, whose name is not shown; an id is an address",
                person.id
            ),
            "give it another one, and do not keep the old one under `aliases`, where it would stay an address",
        ),
        What::OldId => (
            format!(
                "the old id `{text}` holds the name or id of `{}`, whose name is not shown; it stays an address",
                person.id
            ),
            "take it out of `aliases`",
        ),
        What::Tag => (
            format!(
                "the tag `{text}` holds the name or id of `{}`, whose name is not shown; a tag has a page of its own",
                person.id
            ),
            "write a tag that names nobody",
        ),
        What::Picture | What::File(..) => (
            format!(
                "the name of the file `{text}` holds the name or id of `{}`, whose name is not shown; readers see it",
                person.id
            ),
            "give the file a name that says nothing of anybody",
        ),
        What::Author | What::Publisher => (
            format!("`{text}` is written out here, and the name of `{}` is not shown", person.id),
            "write the id of the record in place of the name, and readers see neither; or take the name out",
        ),
    };
    let place = match spot.what {
        What::File(slot, index) => scope.link_place(spot.record, slot, index),
        _ => scope.place(spot.record, &spot.field),
    };
    let finding = Diagnostic::new(Code::ProtectedName, message).at(&spot.record.origin.file, place);
    Some(settled(scope, finding, person, hint, Severity::Error))
}

fn settled(scope: &Scope<'_>, finding: Diagnostic, person: &Record, hint: &str, at_public: Severity) -> Diagnostic {
    let severity = match (scope.level, at_public) {
        (Level::Public, severity) => severity,
        (Level::Internal, Severity::Error) => Severity::Warning,
        (Level::Internal, Severity::Warning | Severity::Note) => Severity::Note,
    };
    let start = person.origin.start(scope.text(person));
    let finding = finding.related(&person.origin.file, start, "whose name is not shown").hint(format!(
        "{hint}; or, when it means something else, say what: `allow: [{{code: protected-name, why: …}}]`"
    ));
    Diagnostic { severity, ..finding }
}

/// Whether a name is that of somebody who is shown by it: the record itself, or one that it refers to while it does not refer to the
/// protected one.
fn is_of_a_namesake(scope: &Scope<'_>, spot: &Spot<'_>, owner: Number) -> bool {
    let names = names_of(
        scope.record(owner),
        match &*scope.record(owner).fields {
            Fields::Actor(actor) => actor,
            _ => return false,
        },
    );
    let is_namesake = |record: &Record| {
        let Some(actor) = named(record).filter(|actor| actor.kind == ActorKind::Person) else { return false };
        names_written(actor).filter_map(text::slug).any(|name| names.contains(&name))
    };
    let edges = &scope.dossier.outgoing[spot.number as usize].edges;
    let tells_apart = |from: Number, to: Number| {
        let edges = &scope.dossier.outgoing[from as usize].edges;
        edges.iter().any(|edge| edge.to == to && edge.role == Role::NotSame)
    };
    tells_apart(spot.number, owner)
        || tells_apart(owner, spot.number)
        || is_namesake(spot.record)
        || !edges.iter().any(|edge| edge.to == owner) && edges.iter().any(|edge| is_namesake(scope.record(edge.to)))
}

/// Parts of names in the ids of records that refer to the person.
fn parts_of_names(scope: &Scope<'_>, told: &BTreeSet<Number>, found: &mut Vec<Diagnostic>) {
    let mut told = told.clone();
    for (number, person) in (0..).zip(&scope.dossier.records) {
        let Some(actor) = nameless(person).filter(|actor| is_somebody(person, actor)) else { continue };
        let shown = shown_words(person, actor);
        let slugs = names_written(actor).filter_map(text::slug);
        let parts: BTreeSet<String> =
            slugs.flat_map(|name| name.split('-').map(str::to_owned).collect::<Vec<_>>()).collect();
        let parts: BTreeSet<&str> = parts
            .iter()
            .map(String::as_str)
            .filter(|part| part.len() > 2 && !COMMON.contains(part) && !shown.contains(*part))
            .collect();
        for edge in scope.dossier.edges_to(number) {
            let record = scope.record(edge.from);
            if stays_hidden(record) || nameless(record).is_some() || told.contains(&edge.from) {
                continue;
            }
            let Some(part) = record.id.as_str().split('-').find(|word| parts.contains(word)) else { continue };
            if is_anothers(scope, edge.from, part) {
                continue;
            }
            told.insert(edge.from);
            let message = format!(
                "the id `{}` holds `{part}`, a part of the name of `{}`, whose name is not shown; an id is an address",
                record.id, person.id
            );
            let finding = scope.finding(Code::ProtectedName, record, &[Step::Key("id")], message);
            let hint =
                "give it another one, and do not keep the old one under `aliases`, where it would stay an address";
            found.push(settled(scope, finding, person, hint, Severity::Warning));
        }
    }
}

/// Whether a word is in the name of something that is shown: of the record, where it has one of its own, or of what it refers to.
fn is_anothers(scope: &Scope<'_>, number: Number, word: &str) -> bool {
    let has_it = |record: &Record| {
        let is_shown = !stays_hidden(record) && nameless(record).is_none();
        let title = record.fields.title().filter(|_| is_shown && has_own_name(record));
        title.and_then(|title| text::slug(title.as_str())).is_some_and(|slug| slug.split('-').any(|part| part == word))
    };
    let edges = &scope.dossier.outgoing[number as usize].edges;
    has_it(scope.record(number)) || edges.iter().any(|edge| has_it(scope.record(edge.to)))
}

/// Whether the title of a record is the name of something, not words about it.
fn has_own_name(record: &Record) -> bool {
    matches!(record.kind(), Kind::Actor | Kind::Place)
}
