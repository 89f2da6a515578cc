//! The border: what an audience may see, computed once, before anything is planned or rendered.
//!
//! The stages after this one take a [`PublicDossier`] and cannot name the full one. A record that is withheld is not in
//! it; a person who is protected is a display text without id or name; internal notes are gone. When in doubt, closed.
//! What the authors see beside that, in the preview, is decided here too and by the same rules; it is never written.

mod fate;
mod fields;
mod secrets;
mod shared;
mod withheld;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;
use rayon::prelude::*;

use crate::config::Settings;
use crate::edtf::Day;
use crate::link::{Dossier, Index, LinkTargets, LinkTo, each_reference};
use crate::model::{Fields, Id, Kind, Visibility};
use crate::parse::Record;
use crate::read::Sources;
use fate::{Fate, Verdict};

// What the later stages need of the earlier ones comes to them through this border and by no other way.
pub use crate::link::{Edge, EdgePlace, Number, Role};
pub use crate::parse::{Mark, Prose, Run, Slot, Texts};
pub use crate::read::Attachment;

pub use fate::Reason;
pub(crate) use secrets::{Held, Secret, Sort};
pub use secrets::{Secrets, secrets};
pub use shared::{for_shared_log, for_shared_log_without_settings};
pub use withheld::{Withheld, withheld_from_readers};

/// For whom a site is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audience {
    /// Readers.
    Readers,
    /// Readers of a look at what will be: unfinished records too.
    ReadersOfDrafts,
    /// The authors, in the preview: unfinished, embargoed and internal records too, each marked. Never written to a folder.
    Authors,
}

/// What decides beside the records themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// The day of the build; a record with a later `publish_at` is withheld.
    pub today: Day,
    /// For whom the site is.
    pub audience: Audience,
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
    /// Why readers do not see it; in what is made for readers there is no such record.
    pub mark: Option<Reason>,
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

/// The dossier as its audience may see it: all that the later stages know.
#[derive(Clone, Debug)]
pub struct PublicDossier {
    /// For whom it is.
    pub audience: Audience,
    /// The settings.
    pub settings: Settings,
    /// The summary of the settings, and what its links lead to.
    pub summary: Option<(Prose, Vec<PublicLink>)>,
    /// The public records, in path order.
    pub records: Vec<Arc<PublicRecord>>,
    /// Who refers to whom, among listed records, sorted by the record that is referred to.
    pub edges: Arc<Vec<Edge>>,
    /// The attachments that public records use.
    pub attachments: Arc<Vec<Attachment>>,
    protected: Vec<Protected>,
    by_id: Arc<HashMap<Id, Number>>,
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

/// What redacting came to, with what the next one needs to know to take over what is the same.
#[derive(Clone, Debug)]
pub struct Redaction {
    /// The dossier as its audience may see it.
    pub public: Arc<PublicDossier>,
    policy: Policy,
    settings: Arc<Settings>,
    index: Arc<Index>,
    verdicts: Vec<Verdict>,
    fates: Vec<Fate>,
    /// Which attachments each record shows; most show none.
    uses: BTreeMap<Number, BTreeSet<u32>>,
    /// The attachments of the public dossier: their places among all, and among those.
    kept: BTreeMap<u32, u32>,
}

impl Redaction {
    /// What it was decided by, beside the records.
    pub(crate) fn policy(&self) -> Policy {
        self.policy
    }
}

/// Decides what an audience may see. Records that are the same as `before` are taken over, as long as what they refer to is
/// known by the same ids and has the same fate.
pub fn redact(
    dossier: &Dossier,
    sources: &Sources,
    policy: Policy,
    before: Option<(&Dossier, &Redaction)>,
) -> Redaction {
    // How much of the last time stands: where ids lead where they led; where the rules are the same too; where every record
    // has the fate that it had; and where attachments have their places too.
    let named = before
        .filter(|(_, redaction)| Arc::ptr_eq(&redaction.index, &dossier.index))
        .map(|(old, redaction)| Before { old, redaction, new: dossier });
    let ruled = named.filter(|before| {
        before.redaction.policy == policy && Arc::ptr_eq(&before.redaction.settings, &dossier.settings)
    });
    let verdicts = fate::verdicts(dossier, policy, |number| {
        ruled.filter(|before| before.has(number)).map(|before| before.redaction.verdicts[number])
    });
    let (fates, protected) = fate::number(dossier, &verdicts);
    let decided =
        named.filter(|before| before.redaction.fates == fates && before.redaction.public.protected == protected);
    let border = Border { dossier, verdicts: &verdicts, fates: &fates, protected: &protected };
    let texts = border.texts(decided);
    let uses = border.uses(sources, &texts, decided);
    let kept: BTreeMap<u32, u32> =
        uses.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
    let placed = decided.filter(|before| before.redaction.kept == kept).and(ruled);
    let records = border.records(texts, &kept, placed);
    let by_id = match decided {
        Some(before) => Arc::clone(&before.redaction.public.by_id),
        None => {
            Arc::new((0..).zip(&records).map(|(number, record): (Number, _)| (record.id.clone(), number)).collect())
        }
    };
    let edges = border.edges(&records, decided);
    let (settings, summary) = border.settings(&records, &kept);
    let attachments = Arc::new(kept.keys().map(|at| sources.attachments[*at as usize].clone()).collect());
    let audience = policy.audience;
    let public = PublicDossier { audience, settings, summary, records, edges, attachments, protected, by_id };
    Redaction {
        public: Arc::new(public),
        policy,
        settings: Arc::clone(&dossier.settings),
        index: Arc::clone(&dossier.index),
        verdicts,
        fates,
        uses,
        kept,
    }
}

/// What was redacted before, beside what is to be redacted now; records have the same numbers in both.
#[derive(Clone, Copy)]
struct Before<'a> {
    old: &'a Dossier,
    redaction: &'a Redaction,
    new: &'a Dossier,
}

impl Before<'_> {
    /// Whether a record is the one that it was.
    fn has(&self, number: usize) -> bool {
        Arc::ptr_eq(&self.old.records[number], &self.new.records[number])
    }
}

/// A dossier and what was decided about its records.
struct Border<'a> {
    dossier: &'a Dossier,
    verdicts: &'a [Verdict],
    fates: &'a [Fate],
    protected: &'a [Protected],
}

impl Border<'_> {
    /// The texts of the records that are shown.
    fn texts(&self, decided: Option<Before<'_>>) -> Vec<Option<Arc<Texts>>> {
        let text = |number: usize| {
            let Fate::Public(public) = self.fates[number] else { return None };
            Some(match decided.filter(|before| before.has(number)) {
                Some(before) => Arc::clone(&before.redaction.public.records[public as usize].texts),
                None => {
                    let (record, targets) = (&self.dossier.records[number], &self.dossier.outgoing[number].targets);
                    public_texts(record, targets, self.fates, self.protected)
                }
            })
        };
        (0..self.dossier.records.len()).into_par_iter().map(text).collect()
    }

    /// The attachments that each record shows, of those that show any.
    fn uses(
        &self,
        sources: &Sources,
        texts: &[Option<Arc<Texts>>],
        decided: Option<Before<'_>>,
    ) -> BTreeMap<Number, BTreeSet<u32>> {
        let mut uses = decided.map(|before| before.redaction.uses.clone()).unwrap_or_default();
        // Nearly all dossiers have few attachments, and many have none.
        let looked_at = if sources.attachments.is_empty() { 0 } else { texts.len() };
        for (number, texts) in texts.iter().enumerate().take(looked_at) {
            if decided.is_some_and(|before| before.has(number)) {
                continue;
            }
            uses.remove(&(number as Number));
            let outgoing = &self.dossier.outgoing[number];
            let used = texts.as_ref().map(|texts| used_attachments(outgoing, texts)).unwrap_or_default();
            if !used.is_empty() {
                uses.insert(number as Number, used);
            }
        }
        uses
    }

    fn records(
        &self,
        texts: Vec<Option<Arc<Texts>>>,
        kept: &BTreeMap<u32, u32>,
        placed: Option<Before<'_>>,
    ) -> Vec<Arc<PublicRecord>> {
        let lens = fields::Lens { dossier: self.dossier, fates: self.fates };
        let record = |(number, texts): (usize, Option<Arc<Texts>>)| {
            let (Some(texts), Fate::Public(public)) = (texts, self.fates[number]) else { return None };
            if let Some(before) = placed.filter(|before| before.has(number)) {
                return Some(Arc::clone(&before.redaction.public.records[public as usize]));
            }
            let (record, outgoing) = (&self.dossier.records[number], &self.dossier.outgoing[number]);
            Some(Arc::new(PublicRecord {
                id: record.id.clone(),
                fields: public_fields(record, &lens),
                extra: record.extra.clone(),
                texts,
                links: public_links(&outgoing.targets, self.fates, kept),
                listed: record.fields.common().visibility != Visibility::Unlisted,
                image: outgoing.image.and_then(|at| kept.get(&at).copied()),
                mark: self.verdicts[number].mark(),
            }))
        };
        texts.into_par_iter().enumerate().filter_map(record).collect()
    }

    fn edges(&self, records: &[Arc<PublicRecord>], decided: Option<Before<'_>>) -> Arc<Vec<Edge>> {
        let is_same = |before: &Before<'_>| {
            let old = &before.redaction.public.records;
            let is_listed_alike = |(old, new): (&Arc<PublicRecord>, &Arc<PublicRecord>)| {
                Arc::ptr_eq(old, new) || old.listed == new.listed
            };
            Arc::ptr_eq(&before.old.edges, &self.dossier.edges) && old.iter().zip(records).all(is_listed_alike)
        };
        match decided.filter(is_same) {
            Some(before) => Arc::clone(&before.redaction.public.edges),
            None => Arc::new(public_edges(self.dossier, self.fates, records)),
        }
    }

    /// The settings without what is withheld, and their summary.
    fn settings(
        &self,
        records: &[Arc<PublicRecord>],
        kept: &BTreeMap<u32, u32>,
    ) -> (Settings, Option<(Prose, Vec<PublicLink>)>) {
        let is_listed = |id: &Id| match self.dossier.index.ids.find(id.as_str()).map(|at| self.fates[at as usize]) {
            Some(Fate::Public(number)) => records[number as usize].listed,
            Some(Fate::Protected(_) | Fate::Hidden) | None => false,
        };
        let mut settings = (*self.dossier.settings).clone();
        settings.key_actors = settings.key_actors.iter().filter(|id| is_listed(id)).cloned().collect();
        settings.key_events = settings.key_events.iter().filter(|id| is_listed(id)).cloned().collect();
        settings.summary = None;
        let summary = self.dossier.summary.as_ref().map(|(prose, links)| {
            let label = |number: u32| hidden_label(prose, links, number, self.fates, self.protected);
            (relabel(prose, &label), links.iter().map(|to| public_link(to, self.fates, kept)).collect())
        });
        (settings, summary)
    }
}

/// The attachments that a record's public texts still show; a picture in a label that was replaced is not among them.
fn used_attachments(outgoing: &crate::link::Outgoing, texts: &Texts) -> BTreeSet<u32> {
    let mut used: BTreeSet<u32> = outgoing.image.into_iter().collect();
    for (slot, prose) in texts.iter() {
        let Some((_, links)) = outgoing.targets.iter().find(|(other, _)| *other == slot) else { continue };
        for (_, mark) in &prose.html.marks {
            let (Mark::Open(index) | Mark::Address(index)) = mark else { continue };
            if let Some(LinkTo::Attachment(at)) = links.get(*index as usize) {
                used.insert(*at);
            }
        }
    }
    used
}

fn public_fields(record: &Record, lens: &fields::Lens<'_>) -> Arc<Fields> {
    let common = record.fields.common();
    let mut is_clean = common.notes_internal.is_none() && common.allow.is_empty() && common.not_secret.is_empty();
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
        Fate::Protected(person) => Some(protected[person as usize].display.clone()),
        // What the author wrote as the label stays; an id that nobody may know does not.
        Fate::Hidden => (!prose.links[number as usize].labelled).then(|| "…".to_owned()),
    }
}

fn relabel(prose: &Prose, label: &dyn Fn(u32) -> Option<String>) -> Prose {
    let escaped = |number: u32| label(number).map(|words| crate::text::escape_html(&words));
    let (html, _) = prose.html.relabel(&escaped);
    let (plain, moved) = prose.plain.relabel(label);
    let place = |old: usize| {
        // The places stand in their order.
        let next = moved.partition_point(|(from, _)| *from <= old);
        let (from, to) = next.checked_sub(1).map(|last| moved[last]).unwrap_or_default();
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

fn public_edges(dossier: &Dossier, fates: &[Fate], records: &[Arc<PublicRecord>]) -> Vec<Edge> {
    let public = |edge: &Edge| match (fates[edge.to as usize], fates[edge.from as usize]) {
        (Fate::Public(to), Fate::Public(from)) if records[from as usize].listed && edge.role != Role::NotSame => {
            Some(Edge { to, from, ..edge.clone() })
        }
        _ => None,
    };
    // The public numbers have the order of the full ones, so the list stays sorted.
    dossier.edges.par_iter().filter_map(public).collect()
}
