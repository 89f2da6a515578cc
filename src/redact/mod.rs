//! The border: what the public may see, computed once, before anything is planned or rendered.
//!
//! The stages after this one take a [`PublicDossier`] and cannot name the full one. A record that is withheld is not in
//! it; a person who is protected is a display text without id or name; internal notes are gone. When in doubt, closed.

mod fields;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;

use crate::config::{Level, Settings};
use crate::edtf::Day;
use crate::link::{Dossier, LinkTargets, LinkTo, each_reference};
use crate::model::{Actor, ActorKind, Display, Fields, Id, Kind, Visibility};
use crate::parse::Record;
use crate::read::Sources;

// What the later stages need of the earlier ones comes to them through this border and by no other way.
pub use crate::link::{Edge, EdgePlace, Number, Role};
pub use crate::parse::{Mark, Prose, Run, Slot, Texts};
pub use crate::read::Attachment;

/// Whether unfinished records are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drafts {
    /// They are withheld.
    Withhold,
    /// They are shown, for a look at what will be.
    Show,
}

/// What decides beside the records themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The day of the build; a record with a later `publish_at` is withheld.
    pub today: Day,
    /// Whether unfinished records are shown.
    pub drafts: Drafts,
}

/// What a public link of prose leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PublicLink {
    /// A record, at a heading or at its beginning.
    Record(Number, Box<str>),
    /// A heading of the same record.
    Here(Box<str>),
    /// An attachment of the public dossier.
    Attachment(u32),
    /// Nothing: the words stand there without a link.
    Nothing,
    /// Somebody protected: a display text stands there.
    Protected,
}

/// A record as the public may see it.
#[derive(Clone, Debug)]
pub struct PublicRecord {
    /// Its id.
    pub id: Id,
    /// Its fields, without what is withheld.
    pub fields: Arc<Fields>,
    /// The keys that begin with `x_`.
    pub extra: IndexMap<String, serde_json::Value>,
    /// Its prose, without what is withheld.
    pub texts: Arc<Texts>,
    /// What the links of its prose lead to.
    links: Vec<(Slot, Vec<PublicLink>)>,
    /// Whether it stands in lists; an unlisted record has a page and is named nowhere but where it is linked.
    pub listed: bool,
    /// Its picture, an attachment of the public dossier.
    pub image: Option<u32>,
}

impl PublicRecord {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.fields.kind()
    }

    /// What the links of one of its texts lead to.
    pub fn links(&self, slot: Slot) -> &[PublicLink] {
        self.links.iter().find(|(other, _)| *other == slot).map(|(_, links)| links.as_slice()).unwrap_or_default()
    }
}

/// What is shown in place of a protected person; empty when nothing may tell them from others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    /// The display text.
    pub display: String,
}

/// What a reference of a public record leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found<'a> {
    /// A public record.
    Record(Number),
    /// Somebody protected.
    Protected(&'a Protected),
    /// Nothing; the reference is plain text.
    Nothing,
}

/// The dossier as the public may see it: all that the later stages know.
#[derive(Clone, Debug)]
pub struct PublicDossier {
    /// The settings.
    pub settings: Settings,
    /// The summary of the settings, and what its links lead to.
    pub summary: Option<(Prose, Vec<PublicLink>)>,
    /// The public records, in path order.
    pub records: Vec<PublicRecord>,
    /// Who refers to whom, among listed records, sorted by the record that is referred to.
    pub edges: Vec<Edge>,
    /// The attachments that public records use.
    pub attachments: Vec<Attachment>,
    protected: Vec<Protected>,
    by_id: HashMap<Id, Number>,
}

impl PublicDossier {
    /// What an id in a field leads to.
    pub fn find(&self, id: &Id) -> Found<'_> {
        if let Some(protected) = id.placeholder_number().and_then(|number| self.protected.get(number)) {
            return Found::Protected(protected);
        }
        self.by_id.get(id).map_or(Found::Nothing, |number| Found::Record(*number))
    }

    /// The record that a text names, when it is an id.
    pub fn find_text(&self, text: &str) -> Option<Number> {
        self.by_id.get(text).copied()
    }

    /// The edges that lead to a record.
    pub fn edges_to(&self, number: Number) -> &[Edge] {
        crate::link::slice_to(&self.edges, number)
    }
}

/// What becomes of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Public(Number),
    Protected(usize),
    Hidden,
}

/// Decides what the public may see.
pub fn redact(dossier: &Dossier, sources: &Sources, policy: Policy) -> PublicDossier {
    let (fates, protected) = decide(dossier, policy);
    let lens = fields::Lens { dossier, fates: &fates };
    let mut attachments = Attachments { sources, kept: BTreeMap::new() };
    let texts: Vec<Option<Arc<Texts>>> = (0..)
        .zip(&dossier.records)
        .map(|(number, record): (usize, _)| {
            let is_public = matches!(fates[number], Fate::Public(_));
            is_public.then(|| public_texts(record, &dossier.links[number], &fates, &protected))
        })
        .collect();
    attachments.collect(dossier, &texts);
    let mut records = Vec::new();
    for (number, record) in dossier.records.iter().enumerate() {
        let Some(texts) = &texts[number] else { continue };
        let targets = &dossier.links[number];
        records.push(PublicRecord {
            id: record.id.clone(),
            fields: public_fields(record, &lens),
            extra: record.extra.clone(),
            texts: Arc::clone(texts),
            links: public_links(targets, &fates, &attachments.kept),
            listed: record.fields.common().visibility == Visibility::Public,
            image: dossier.images.get(&(number as Number)).and_then(|at| attachments.kept.get(at).copied()),
        });
    }
    let by_id = (0..).zip(&records).map(|(number, record): (Number, _)| (record.id.clone(), number)).collect();
    let edges = public_edges(dossier, &fates, &records);
    let mut settings = dossier.settings.clone();
    let is_listed = |id: &Id| match dossier.ids.find(id.as_str()).map(|number| fates[number as usize]) {
        Some(Fate::Public(number)) => records[number as usize].listed,
        Some(Fate::Protected(_) | Fate::Hidden) | None => false,
    };
    settings.key_actors = settings.key_actors.iter().filter(|id| is_listed(id)).cloned().collect();
    settings.key_events = settings.key_events.iter().filter(|id| is_listed(id)).cloned().collect();
    let summary = dossier.summary.as_ref().map(|(prose, links)| {
        let label = |number: u32| hidden_label(prose, links, number, &fates, &protected);
        (relabel(prose, &label), links.iter().map(|to| public_link(to, &fates, &attachments.kept)).collect())
    });
    settings.summary = None;
    PublicDossier { settings, summary, records, edges, attachments: attachments.finish(), protected, by_id }
}

fn decide(dossier: &Dossier, policy: Policy) -> (Vec<Fate>, Vec<Protected>) {
    let mut protected = Vec::new();
    let mut next = 0;
    let fates = dossier.records.iter().enumerate().map(|(number, record)| {
        // Of two records with one id only the first is anybody's.
        let is_first = dossier.ids.find(record.id.as_str()) == Some(number as Number);
        if !is_first || is_withheld(record, &dossier.settings, policy) {
            return Fate::Hidden;
        }
        if let Fields::Actor(actor) = &*record.fields
            && let Some(display) = display_text(actor)
        {
            protected.push(Protected { display });
            return Fate::Protected(protected.len() - 1);
        }
        next += 1;
        Fate::Public(next - 1)
    });
    let fates = fates.collect();
    (fates, protected)
}

fn is_withheld(record: &Record, settings: &Settings, policy: Policy) -> bool {
    let common = record.fields.common();
    let is_closed = matches!(common.visibility, Visibility::Internal | Visibility::Sealed);
    let is_draft = common.draft && policy.drafts == Drafts::Withhold;
    // A day that is not certain is not reached before its last possible moment.
    let is_embargoed = common.publish_at.is_some_and(|date| date.latest().is_none_or(|day| day > policy.today));
    let is_unclassified = match &*record.fields {
        Fields::Actor(actor) => {
            settings.level == Level::Public && actor.kind == ActorKind::Person && actor.privacy.is_none()
        }
        _ => false,
    };
    is_closed || is_draft || is_embargoed || is_unclassified
}

/// The text in place of an actor's name; `None` when the name itself may be shown.
fn display_text(actor: &Actor) -> Option<String> {
    let is_protected = actor.privacy.is_some_and(|privacy| privacy.is_protected());
    let text =
        |line: &Option<crate::model::Line>| line.as_ref().map(|line| line.as_str().to_owned()).unwrap_or_default();
    match (actor.display, is_protected) {
        (None | Some(Display::Full), false) => None,
        (None | Some(Display::Full | Display::Omit), _) => Some(String::new()),
        (Some(Display::Initials), _) => Some(initials(actor.name.as_str())),
        (Some(Display::Pseudonym), _) => Some(text(&actor.pseudonym)),
        (Some(Display::RoleOnly), _) => Some(text(&actor.role)),
    }
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

fn public_fields(record: &Record, lens: &fields::Lens<'_>) -> Arc<Fields> {
    let mut is_clean = record.fields.common().notes_internal.is_none();
    each_reference(&record.fields, &mut |reference| is_clean &= lens.is_public(reference.id));
    if is_clean { Arc::clone(&record.fields) } else { Arc::new(fields::redact(&record.fields, lens)) }
}

/// Puts display texts in place of protected persons' labels, and nothing in place of ids that are withheld.
fn public_texts(record: &Record, targets: &LinkTargets, fates: &[Fate], protected: &[Protected]) -> Arc<Texts> {
    let is_shown =
        |to: &LinkTo| !matches!(to, LinkTo::Record(number, _) if !matches!(fates[*number as usize], Fate::Public(_)));
    if targets.iter().all(|(_, links)| links.iter().all(is_shown)) {
        return Arc::clone(&record.texts);
    }
    let texts = record.texts.iter().map(|(slot, prose)| {
        let links =
            targets.iter().find(|(other, _)| *other == slot).map(|(_, links)| links.as_slice()).unwrap_or_default();
        (slot, relabel(prose, &|number| hidden_label(prose, links, number, fates, protected)))
    });
    Arc::new(texts.collect())
}

/// The words in place of a link's label when what it leads to is withheld; `None` when the label may stand.
fn hidden_label(
    prose: &Prose,
    links: &[LinkTo],
    number: u32,
    fates: &[Fate],
    protected: &[Protected],
) -> Option<String> {
    let LinkTo::Record(to, _) = links.get(number as usize)? else { return None };
    match fates[*to as usize] {
        Fate::Public(_) => None,
        Fate::Protected(person) => Some(protected[person].display.clone()),
        // What the author wrote as the label stays; an id that nobody may know does not.
        Fate::Hidden => (!prose.links[number as usize].labelled).then(|| "…".to_owned()),
    }
}

fn relabel(prose: &Prose, label: &dyn Fn(u32) -> Option<String>) -> Prose {
    let escaped = |number: u32| label(number).map(|words| crate::text::escape_html(&words));
    let (html, _) = prose.html.relabel(&escaped);
    let (plain, moved) = prose.plain.relabel(label);
    let place = |old: usize| {
        let (from, to) = moved.iter().rev().find(|(from, _)| *from <= old).copied().unwrap_or_default();
        plain.text.floor_char_boundary((to + (old - from)).min(plain.text.len()))
    };
    let mut links = prose.links.clone();
    for (number, link) in (0..).zip(&mut links) {
        link.sentence = place(link.sentence.start)..place(link.sentence.end).max(place(link.sentence.start));
        if label(number).is_some() {
            link.target = crate::parse::Target::Anchor("".into());
            link.labelled = true;
        }
    }
    Prose { html, plain, links, headings: prose.headings.clone(), has_code: prose.has_code }
}

fn public_links(
    targets: &LinkTargets,
    fates: &[Fate],
    attachments: &BTreeMap<u32, u32>,
) -> Vec<(Slot, Vec<PublicLink>)> {
    let public = |links: &[LinkTo]| links.iter().map(|to| public_link(to, fates, attachments)).collect();
    targets.iter().map(|(slot, links)| (*slot, public(links))).collect()
}

fn public_link(to: &LinkTo, fates: &[Fate], attachments: &BTreeMap<u32, u32>) -> PublicLink {
    match to {
        LinkTo::Record(number, anchor) => match fates[*number as usize] {
            Fate::Public(number) => PublicLink::Record(number, anchor.clone()),
            Fate::Protected(_) => PublicLink::Protected,
            Fate::Hidden => PublicLink::Nothing,
        },
        LinkTo::Here(anchor) => PublicLink::Here(anchor.clone()),
        LinkTo::Attachment(at) => attachments.get(at).map_or(PublicLink::Nothing, |at| PublicLink::Attachment(*at)),
        LinkTo::Nothing => PublicLink::Nothing,
    }
}

fn public_edges(dossier: &Dossier, fates: &[Fate], records: &[PublicRecord]) -> Vec<Edge> {
    let mut edges: Vec<Edge> = dossier
        .edges
        .iter()
        .filter_map(|edge| match (fates[edge.to as usize], fates[edge.from as usize]) {
            (Fate::Public(to), Fate::Public(from)) if records[from as usize].listed && edge.role != Role::NotSame => {
                Some(Edge { to, from, ..edge.clone() })
            }
            _ => None,
        })
        .collect();
    edges.sort_unstable();
    edges
}

/// The attachments that public records use, renumbered.
struct Attachments<'a> {
    sources: &'a Sources,
    kept: BTreeMap<u32, u32>,
}

impl Attachments<'_> {
    /// Collects what the public texts still show; a picture in a label that was replaced is not among it.
    fn collect(&mut self, dossier: &Dossier, texts: &[Option<Arc<Texts>>]) {
        let mut used = BTreeSet::new();
        for (number, texts) in texts.iter().enumerate() {
            let Some(texts) = texts else { continue };
            used.extend(dossier.images.get(&(number as Number)));
            for (slot, prose) in texts.iter() {
                let Some((_, links)) = dossier.links[number].iter().find(|(other, _)| *other == slot) else { continue };
                for (_, mark) in &prose.html.marks {
                    let (Mark::Open(index) | Mark::Address(index)) = mark else { continue };
                    if let Some(LinkTo::Attachment(at)) = links.get(*index as usize) {
                        used.insert(*at);
                    }
                }
            }
        }
        self.kept = used.into_iter().zip(0..).collect();
    }

    fn finish(self) -> Vec<Attachment> {
        self.kept.keys().map(|at| self.sources.attachments[*at as usize].clone()).collect()
    }
}
