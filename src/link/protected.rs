//! Those who are protected, by what they are known, and which records say so.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::{Index, Number};
use crate::config::Level;
use crate::model::{Actor, ActorKind, Display, Fields, Line, Visibility};
use crate::parse::{Prose, Record, Target};
use crate::text::names::{LineBreaks, Meaning, Names, Reading, forms_of, parts_of};

/// The names of those who are protected, and where they stand.
#[derive(Clone, Debug, Default)]
pub struct Mentions {
    /// The names; `None` when nobody is protected, and then nothing is looked for.
    names: Option<Arc<Names>>,
    /// What the names were made from.
    known: Arc<BTreeMap<String, Meaning>>,
    /// For each record, whether it may say one of them.
    records: Vec<bool>,
}

impl Mentions {
    /// Takes over what was found `before`, in a dossier of the same `level`.
    pub(super) fn new(
        records: &[Arc<Record>],
        index: &Index,
        level: Level,
        before: Option<(&Mentions, &[Arc<Record>])>,
    ) -> Self {
        let is_same = |at: usize| before.is_some_and(|(_, old)| Arc::ptr_eq(&old[at], &records[at]));
        let bears = |at: usize| matches!(&*records[at].fields, Fields::Actor(_) | Fields::Place(_));
        let stands =
            before.filter(|_| (0..records.len()).all(|at| is_same(at) || !bears(at))).map(|(mentions, _)| mentions);
        let (names, known) = match stands {
            Some(mentions) => (mentions.names.clone(), Arc::clone(&mentions.known)),
            None => {
                let known = all_names(records, index, level);
                match before.filter(|(mentions, _)| *mentions.known == known) {
                    Some((mentions, _)) => (mentions.names.clone(), Arc::clone(&mentions.known)),
                    None => (Names::new(known.clone()).map(Arc::new), Arc::new(known)),
                }
            }
        };
        let Some(names) = names else { return Mentions { names, known, records: Vec::new() } };
        let kept = before.filter(|(mentions, _)| Arc::ptr_eq(&mentions.known, &known));
        let may_say = |at: usize| match kept.filter(|_| is_same(at)) {
            Some((mentions, _)) => mentions.records[at],
            None => may_say(&names, &records[at]),
        };
        let said = (0..records.len()).into_par_iter().map(may_say).collect();
        Mentions { names: Some(names), known, records: said }
    }

    /// The names, when somebody is protected.
    pub fn names(&self) -> Option<&Names> {
        self.names.as_deref()
    }

    /// The names, when a record may say one of them.
    pub fn of(&self, number: Number) -> Option<&Names> {
        self.names().filter(|_| self.records.get(number as usize).is_none_or(|says| *says))
    }

    /// Whether the same names are looked for as before.
    pub fn has_names_of(&self, before: &Mentions) -> bool {
        Arc::ptr_eq(&self.known, &before.known)
    }
}

/// The text in place of an actor's name; `None` when the name itself may be shown, and empty when nothing may tell the
/// actor from others.
pub fn display_text(actor: &Actor) -> Option<String> {
    if !actor.is_protected() {
        return None;
    }
    let text = |line: &Option<Line>| line.as_ref().map(|line| line.as_str().to_owned()).unwrap_or_default();
    Some(match actor.display {
        None | Some(Display::Full | Display::Omit) => String::new(),
        Some(Display::Initials) => initials(actor.name.as_str()),
        Some(Display::Pseudonym) => text(&actor.pseudonym),
        Some(Display::RoleOnly) => text(&actor.role),
    })
}

/// The initials of a name; nothing where they would say the name or most of it: in scripts that write words or syllables
/// as one sign, and in names of single letters.
fn initials(name: &str) -> String {
    let is_sign = |c: char| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{2e80}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}');
    let is_telling = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count() < 2;
    if name.chars().any(is_sign) || name.split([' ', '-']).any(is_telling) {
        return String::new();
    }
    let letters: Vec<String> = name
        .split([' ', '-'])
        .filter_map(|word| word.chars().find(|c| c.is_alphabetic()))
        .map(|c| format!("{c}."))
        .collect();
    letters.join(" ")
}

/// The names of those who are protected, and those of others that hold one of them, in the forms in which they are looked for.
fn all_names(records: &[Arc<Record>], index: &Index, level: Level) -> BTreeMap<String, Meaning> {
    let mut names: BTreeMap<String, Meaning> = BTreeMap::new();
    // For each who is protected, of whom it is said that they are others.
    let mut apart: BTreeSet<(Number, Number)> = BTreeSet::new();
    for (number, record) in (0..).zip(records) {
        let Fields::Actor(actor) = &*record.fields else { continue };
        for other in actor.not_same_as.iter().filter_map(|id| index.ids.find(id.as_str())) {
            apart.extend([(number, other), (other, number)]);
        }
        if display_text(actor).is_none() {
            continue;
        }
        let parts = parts_of(actor.known_as());
        for words in known_by(record, actor) {
            let is_one_word = !words.contains(|c: char| !c.is_alphanumeric());
            let is_capital_word = is_one_word && words.chars().next().is_some_and(char::is_uppercase);
            for form in forms_of(words) {
                let meaning = names.entry(form).or_default();
                meaning.is_capital_word = is_capital_word && (meaning.is_capital_word || meaning.protected.is_empty());
                meaning.protected.insert(number);
                for (part, is_end) in &parts {
                    *meaning.parts.entry(part.clone()).or_default() |= is_end;
                }
            }
        }
    }
    let Some(protected) = Names::new(names.clone()) else { return names };
    for (number, record) in (0..).zip(records) {
        let others: Vec<&str> = match &*record.fields {
            Fields::Actor(actor) if display_text(actor).is_none() => known_by(record, actor).collect(),
            Fields::Place(place) => vec![place.name.as_str()],
            _ => continue,
        };
        let may_be_named = is_surely_seen(record, level) && !index.ids.is_second(number);
        for words in others {
            let reading = Reading::of(words, LineBreaks::AreSpaces);
            for mention in protected.mentions(&reading) {
                let is_apart =
                    may_be_named && mention.meaning.protected.iter().all(|one| apart.contains(&(number, *one)));
                let meaning = names.entry(reading.form().to_owned()).or_default();
                if is_apart { &mut meaning.told_apart } else { &mut meaning.others }.insert(number);
            }
        }
    }
    names
}

/// Whether readers see a record on any day; what is said of one that they may not see is no reason to show a name. Who is
/// protected is not asked here.
fn is_surely_seen(record: &Record, level: Level) -> bool {
    let common = record.fields.common();
    let is_open = matches!(common.visibility, Visibility::Public | Visibility::Unlisted);
    // The day of the build is not known here.
    let is_held = common.draft || common.publish_at.is_some();
    let is_taken_down = common.takedown.is_some_and(|takedown| takedown.done.takes_the_page());
    let is_unclassified = matches!(&*record.fields, Fields::Actor(actor) if level == Level::Public && actor.kind == ActorKind::Person && actor.privacy.is_none());
    is_open && !is_held && !is_taken_down && !is_unclassified
}

/// What an actor is known by, as it is written. A part of a name alone counts where the author has written it as a name.
fn known_by<'a>(record: &'a Record, actor: &'a Actor) -> impl Iterator<Item = &'a str> {
    let id = Some(record.id.as_str()).filter(|id| id.contains('-'));
    actor.known_as().chain(actor.aliases.iter().map(|alias| alias.as_str())).chain(id)
}

/// Whether anything of a record may say a name.
fn may_say(names: &Names, record: &Record) -> bool {
    let says = |text: &str| {
        let mut reading = Reading::default();
        reading.push(text, 0);
        names.may_stand_in(&reading)
    };
    // All fields at once, so that none can be forgotten; what cannot be written cannot be known not to say it.
    let says_in = |written: serde_json::Result<String>| match written {
        Ok(written) if written.contains('\\') => says(&written.replace("\\n", " ").replace("\\t", " ")),
        Ok(written) => says(&written),
        Err(_) => true,
    };
    says(record.id.as_str())
        || says_in(serde_json::to_string(&*record.fields))
        || (!record.extra.is_empty() && says_in(serde_json::to_string(&record.extra)))
        || says(&record.origin.inner)
        || record.texts.iter().any(|(_, prose)| {
            let mut files = prose.links.iter().filter_map(|link| match &link.target {
                Target::File { path, .. } => Some(path),
                Target::Wiki { .. } | Target::Anchor(_) => None,
            });
            may_say_in(names, prose) || files.any(|path| says(path))
        })
}

/// Whether prose may say a name.
fn may_say_in(names: &Names, prose: &Prose) -> bool {
    let shown = prose.html.shown(false);
    // An author may give a heading an id of its own, which none of its words says.
    let is_in_id = |id: &str| names.may_stand_in(&Reading::of(id, LineBreaks::AreSpaces));
    names.may_stand_in(&shown.words)
        || names.may_stand_in(&shown.fixed)
        || names.may_stand_in(&prose.plain.words())
        || prose.headings.iter().any(|heading| is_in_id(&heading.id))
}
