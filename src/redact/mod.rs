//! The border: what an audience may see, computed once, before anything is planned or rendered.
//!
//! The stages after this one take a [`PublicDossier`] and cannot name the full one. A record that is withheld is not in
//! it; a person who is protected is a display text without id or name; internal notes are gone. When in doubt, closed.
//! What the authors see beside that, in the preview, is decided here too and by the same rules; it is never written.

mod evidence;
mod fate;
mod fields;
mod known;
mod mentions;
mod naming;
mod origins;
mod secrets;
mod shared;
mod standing;
mod vocabulary;
mod withheld;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use indexmap::IndexMap;
use rayon::prelude::*;

use crate::config::Settings;
use crate::edtf::{Day, Edtf};
use crate::evidence::{Evidence, Examined};
use crate::link::{Dossier, Index, LinkTargets, LinkTo, each_reference};
use crate::model::{Digest, Fields, Id, Kind, Takedown, TakedownAs, TakedownReason};
use crate::parse::Record;
use crate::read::Sources;
use fate::{Fate, Verdict};
use mentions::Cover;

// What the later stages need of the earlier ones comes to them through this border and by no other way.
pub use crate::evidence::{
    Comparison, Examined as ExaminedQuotation, Normalisation, Omitted, Place as PlaceInCapture, Verdict as WordsVerdict,
};
pub use crate::link::{Edge, EdgePlace, Number, Role};
pub use crate::parse::{Mark, Prose, Run, Slot, Texts};
pub use crate::read::{Attachment, Copied};

pub use fate::Reason;
pub use naming::{Called, Naming};
pub use origins::RestsOn;
pub(crate) use secrets::{Held, Secret, Sort};
pub use secrets::{Secrets, secrets, secrets_of, secrets_of_published};
pub use shared::{for_shared_log, for_shared_log_without_settings};
pub use standing::Standing;
pub use withheld::{
    Fallen, FallenPlace, Instead, LeftOut, LeftOutFile, LeftOutRecord, Withheld, left_out, withheld_from_readers,
};

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
    /// The fields of which readers are told that they are withheld.
    pub withheld: Vec<Box<str>>,
    /// Whether its original was changed after it was translated.
    pub is_stale: bool,
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

/// A page in place of one that was taken down: when and for which class of reason, and nothing else of the record.
///
/// Its ids are the one thing of a withheld record that stands in a public dossier, as the addresses that keep answering. They
/// are for [`plan`](crate::plan) alone; no template sees them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tombstone {
    /// The kind of the record, which says where its page stood.
    pub kind: Kind,
    /// Its id and its old ids.
    pub ids: Vec<Id>,
    /// The day on which it was taken down.
    pub on: Edtf,
    /// For which class of reason.
    pub reason: TakedownReason,
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
    /// The pages in place of those that were taken down, in path order of their records. Their ids are declared: they may stand
    /// in the paths of files, and nowhere else.
    pub tombstones: Vec<Tombstone>,
    /// What came of looking for quotations in the copies of their sources, by number of record.
    evidence: BTreeMap<Number, Arc<Examined>>,
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

    /// Who is protected, when what stands in a field of references is a placeholder for somebody.
    pub fn protected(&self, written: &str) -> Option<&Protected> {
        let id: &Id = &Id::from_placeholder(written)?;
        id.placeholder_number().and_then(|number| self.protected.get(number))
    }

    /// The record that a text names, when it is an id.
    pub fn find_text(&self, text: &str) -> Option<Number> {
        self.by_id.get(text).copied()
    }

    /// What came of looking for the words of a quotation in the copies of its sources.
    pub fn evidence(&self, number: Number) -> Option<&Arc<Examined>> {
        self.evidence.get(&number)
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

    /// The records that readers do not see, by their numbers in the whole dossier too: what lies outside of it comes last there.
    fn unseen(&self) -> impl Iterator<Item = Number> {
        (0..).zip(&self.verdicts).filter(|(_, verdict)| **verdict != Verdict::Shown).map(|(number, _)| number)
    }
}

/// Decides what an audience may see. Records that are the same as `before` are taken over, as long as what they refer to is
/// known by the same ids and has the same fate.
pub fn redact(
    dossier: &Dossier,
    sources: &Sources,
    evidence: &Evidence,
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
    let (fates, mut protected) = fate::number(dossier, &verdicts);
    if let Some(names) = dossier.mentions.names() {
        mentions::silence(names, &mut protected);
    }
    let decided = named.filter(|before| {
        before.redaction.fates == fates
            && before.redaction.public.protected == protected
            && dossier.mentions.has_names_of(&before.old.mentions)
    });
    let border = Border { dossier, verdicts: &verdicts, fates: &fates, protected: &protected };
    let texts = border.texts(decided);
    let uses = border.uses(sources, &texts, decided);
    let kept: BTreeMap<u32, u32> =
        uses.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().zip(0..).collect();
    let placed = decided.filter(|before| before.redaction.kept == kept).and(ruled);
    let records = border.records(&texts, &kept, placed);
    let by_id = match decided {
        Some(before) => Arc::clone(&before.redaction.public.by_id),
        None => {
            Arc::new((0..).zip(&records).map(|(number, record): (Number, _)| (record.id.clone(), number)).collect())
        }
    };
    let edges = border.edges(&records, decided);
    let (settings, summary) = border.settings(&records, &texts, &kept);
    let attachments = Arc::new(kept.keys().map(|at| sources.attachments[*at as usize].clone()).collect());
    let audience = policy.audience;
    let tombstones = fate::tombstones(dossier, policy);
    let public = PublicDossier {
        audience,
        settings,
        summary,
        records,
        edges,
        attachments,
        tombstones,
        evidence: BTreeMap::new(),
        protected,
        by_id,
    };
    let mut redaction = Redaction {
        public: Arc::new(public),
        policy,
        settings: Arc::clone(&dossier.settings),
        index: Arc::clone(&dossier.index),
        verdicts,
        fates,
        uses,
        kept,
    };
    let told = evidence::public_evidence(dossier, evidence, &redaction);
    if let (false, Some(public)) = (told.is_empty(), Arc::get_mut(&mut redaction.public)) {
        public.evidence = told;
    }
    redaction
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
                    let texts = public_texts(record, targets, self.fates, self.protected);
                    match self.cover(self.dossier.mentions.of(number as Number)) {
                        Some(cover) => covered_texts(&texts, targets, &cover),
                        None => texts,
                    }
                }
            })
        };
        (0..self.dossier.records.len()).into_par_iter().map(text).collect()
    }

    /// What puts display texts in place of names, where there are any.
    fn cover<'n>(&'n self, names: Option<&'n crate::text::names::Names>) -> Option<Cover<'n>> {
        let Border { dossier, fates, protected, .. } = *self;
        names.map(|names| Cover { dossier, names, fates, protected })
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
        texts: &[Option<Arc<Texts>>],
        kept: &BTreeMap<u32, u32>,
        placed: Option<Before<'_>>,
    ) -> Vec<Arc<PublicRecord>> {
        let lens = fields::Lens { dossier: self.dossier, fates: self.fates };
        let links = Links { border: self, texts, attachments: kept };
        let record = |(number, own): (usize, &Option<Arc<Texts>>)| {
            let (Some(own), Fate::Public(public)) = (own, self.fates[number]) else { return None };
            if let Some(before) = placed.filter(|before| before.has(number)) {
                return Some(Arc::clone(&before.redaction.public.records[public as usize]));
            }
            let (record, outgoing) = (&self.dossier.records[number], &self.dossier.outgoing[number]);
            let cover = self.cover(self.dossier.mentions.of(number as Number));
            let mut extra = record.extra.clone();
            if let Some(cover) = &cover {
                extra.values_mut().for_each(|value| cover.value(value));
            }
            let fields = match &cover {
                Some(cover) => &Arc::new(cover.fields(number as Number, &record.fields)),
                None => &record.fields,
            };
            Some(Arc::new(PublicRecord {
                id: record.id.clone(),
                fields: public_fields(fields, &lens),
                extra,
                texts: Arc::clone(own),
                links: links.of_texts(number, &outgoing.targets, own),
                listed: record.fields.common().is_listed(),
                image: outgoing.image.and_then(|at| kept.get(&at).copied()),
                mark: self.verdicts[number].mark(),
                withheld: record.withheld.clone(),
                is_stale: is_stale(record, own),
            }))
        };
        texts.par_iter().enumerate().filter_map(record).collect()
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
        texts: &[Option<Arc<Texts>>],
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
        let cover = self.cover(self.dossier.mentions.names());
        if let Some(cover) = &cover {
            let lines = [&mut settings.publisher, &mut settings.contact, &mut settings.licence];
            for line in lines.into_iter().flatten().chain([&mut settings.title]) {
                if let Some(new) = cover.line(line.as_str()).and_then(|text| text.parse().ok()) {
                    *line = new;
                }
            }
        }
        let to = Links { border: self, texts, attachments: kept };
        let summary = self.dossier.summary.as_ref().map(|(prose, links)| {
            let label = |number: u32| hidden_label(prose, links, number, self.fates, self.protected);
            let relabelled = relabel(prose, &label, false);
            let prose = cover.as_ref().map_or(relabelled.clone(), |cover| cover.prose(&relabelled, links, false));
            let links = to.of_prose(None, links, &prose);
            (prose, links)
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

fn public_fields(fields: &Arc<Fields>, lens: &fields::Lens<'_>) -> Arc<Fields> {
    let common = fields.common();
    let mut is_clean = common.notes_internal.is_none()
        && common.allow.is_empty()
        && common.not_secret.is_empty()
        && !hides_takedown(common.takedown);
    is_clean &= pin(fields).is_none();
    each_reference(fields, &mut |reference| is_clean &= lens.is_public(reference.id));
    if is_clean { Arc::clone(fields) } else { Arc::new(fields::redact(fields, lens)) }
}

/// The digest of the words that a quote is translated from.
fn pin(fields: &Fields) -> Option<&Digest> {
    match fields {
        Fields::Quote(quote) => quote.translation.as_ref()?.of.as_ref(),
        _ => None,
    }
}

/// Whether the original of a record was changed after it was translated. Of words that readers do not see as they are, they are not
/// told either whether these have changed.
fn is_stale(record: &Record, shown: &Texts) -> bool {
    let Some(of) = pin(&record.fields) else { return false };
    shown.get(Slot::Original) == record.texts.get(Slot::Original)
        && record.original_digest().is_some_and(|now| !of.begins(&now))
}

/// What the links of a text lead to.
fn links_of(targets: &LinkTargets, slot: Slot) -> &[LinkTo] {
    targets.iter().find(|(other, _)| *other == slot).map(|(_, links)| links.as_slice()).unwrap_or_default()
}

/// Puts display texts in place of names that stand as bare text.
fn covered_texts(texts: &Texts, targets: &LinkTargets, cover: &Cover<'_>) -> Arc<Texts> {
    let covered = texts
        .iter()
        .map(|(slot, prose)| (slot, cover.prose(prose, links_of(targets, slot), mentions::is_quoted(slot))));
    Arc::new(covered.collect())
}

/// Whether what was done to a record is nothing that its page says.
fn hides_takedown(takedown: Option<&Takedown>) -> bool {
    takedown.is_some_and(|takedown| takedown.done != TakedownAs::Annotate)
}

/// Puts display texts in place of protected persons' labels, and nothing in place of ids that are withheld.
fn public_texts(record: &Record, targets: &LinkTargets, fates: &[Fate], protected: &[Protected]) -> Arc<Texts> {
    let is_shown =
        |to: &LinkTo| !matches!(to, LinkTo::Record(number, _) if !matches!(fates[*number as usize], Fate::Public(_)));
    if targets.iter().all(|(_, links)| links.iter().all(is_shown)) {
        return Arc::clone(&record.texts);
    }
    let texts = record.texts.iter().map(|(slot, prose)| {
        let links = links_of(targets, slot);
        let label = |number: u32| hidden_label(prose, links, number, fates, protected);
        (slot, relabel(prose, &label, mentions::is_quoted(slot)))
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

/// Replaces labels for good; in the words of others what is put in stands in brackets.
fn relabel(prose: &Prose, label: &dyn Fn(u32) -> Option<String>, is_quoted: bool) -> Prose {
    let begins = |run: &Run| -> BTreeMap<u32, usize> {
        let marks = run.marks.iter().filter(|_| is_quoted);
        marks.filter_map(|(at, mark)| if let Mark::Open(number) = mark { Some((*number, *at)) } else { None }).collect()
    };
    let (in_html, in_plain) = (begins(&prose.html), begins(&prose.plain));
    let escaped = |number: u32| {
        label(number).map(|words| match in_html.get(&number) {
            Some(at) => mentions::bracketed_html(&words, &prose.html, *at),
            None => crate::text::escape_html(&words),
        })
    };
    let (html, _) = prose.html.relabel(&escaped);
    let (plain, moved) = prose.plain.relabel(&|number| {
        label(number).map(|words| match in_plain.get(&number) {
            Some(at) => mentions::bracketed_plain(&words, &prose.plain, *at),
            None => words,
        })
    });
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
    let (headings, anchors) = (prose.headings.clone(), prose.anchors.clone());
    Prose { html, plain, links, headings, anchors, has_code: prose.has_code }
}

/// What links lead to when all that is shown is known.
struct Links<'a> {
    border: &'a Border<'a>,
    texts: &'a [Option<Arc<Texts>>],
    attachments: &'a BTreeMap<u32, u32>,
}

impl Links<'_> {
    fn of_texts(&self, number: usize, targets: &LinkTargets, texts: &Texts) -> Vec<(Slot, Vec<PublicLink>)> {
        let linked = texts.iter().filter(|(_, prose)| !prose.links.is_empty());
        linked
            .map(|(slot, prose)| (slot, self.of_prose(Some(number as Number), links_of(targets, slot), prose)))
            .collect()
    }

    /// What the links of some prose lead to; those that stand in place of names come last.
    fn of_prose(&self, own: Option<Number>, links: &[LinkTo], prose: &Prose) -> Vec<PublicLink> {
        let mut public: Vec<PublicLink> = links.iter().map(|to| self.public(own, to)).collect();
        public.resize(public.len().max(prose.links.len()), PublicLink::Protected);
        public
    }

    fn public(&self, own: Option<Number>, to: &LinkTo) -> PublicLink {
        match to {
            LinkTo::Record(to, anchor) => match self.border.fates[*to as usize] {
                Fate::Public(number) => PublicLink::Record(number, self.anchor(*to, anchor)),
                Fate::Protected(_) => PublicLink::Protected,
                Fate::Hidden => PublicLink::Nothing,
            },
            LinkTo::Here(anchor) => {
                PublicLink::Here(own.map_or_else(|| anchor.clone(), |number| self.anchor(number, anchor)))
            }
            LinkTo::Attachment(at) => {
                self.attachments.get(at).map_or(PublicLink::Nothing, |at| PublicLink::Attachment(*at))
            }
            LinkTo::Nothing => PublicLink::Nothing,
        }
    }

    /// The address of a heading, which is another one than it was when the heading named somebody.
    fn anchor(&self, number: Number, anchor: &str) -> Box<str> {
        let body = |texts: &Texts| texts.get(Slot::Body).map(|prose| prose.headings.clone()).unwrap_or_default();
        let record = &self.border.dossier.records[number as usize];
        let public = self.texts[number as usize].as_ref().filter(|public| !Arc::ptr_eq(public, &record.texts));
        let renamed = public.filter(|_| !anchor.is_empty()).and_then(|public| {
            let at = body(&record.texts).iter().position(|heading| heading.id == anchor)?;
            body(public).get(at).map(|heading| heading.id.as_str().into())
        });
        renamed.unwrap_or_else(|| anchor.into())
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
