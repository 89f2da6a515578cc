//! What readers do not see of a record, for its authors: a report, never a part of the site.

use std::collections::{BTreeMap, BTreeSet};

use super::fate::{Reason, display_of, is_protected, reason};
use super::{Attachment, Audience, Policy, Prose, Role, Slot};
use crate::evidence::Evidence;
use crate::link::{Dossier, LinkTo, Number, Path, each_reference};
use crate::model::end_of_embargo;
use crate::read::Sources;

/// Something of a record that readers do not see.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Withheld {
    /// The record itself.
    Record(Reason),
    /// Its internal notes.
    Notes,
    /// A record that it refers to; with its id when those who are told see that record.
    Reference(Option<String>, Reason),
}

/// What readers do not see of a record, whoever sees more.
pub fn withheld_from_readers(dossier: &Dossier, number: Number, policy: Policy) -> Vec<Withheld> {
    let readers = match policy.audience {
        Audience::Authors => Policy { audience: Audience::Readers, ..policy },
        Audience::Readers | Audience::ReadersOfDrafts => policy,
    };
    let record = &dossier.records[number as usize];
    let mut withheld: Vec<Withheld> = reason(dossier, number, readers).map(Withheld::Record).into_iter().collect();
    withheld.extend(record.fields.common().notes_internal.map(|_| Withheld::Notes));
    let mut references = BTreeSet::new();
    each_reference(&record.fields, &mut |reference| references.extend(dossier.index.ids.find(reference.id)));
    for (_, links) in &dossier.outgoing[number as usize].targets {
        references.extend(links.iter().filter_map(|link| match link {
            LinkTo::Record(to, _) => Some(*to),
            LinkTo::Here(_) | LinkTo::Attachment(_) | LinkTo::Nothing => None,
        }));
    }
    withheld.extend(references.into_iter().filter(|to| *to != number).filter_map(|to| {
        let reason = reason(dossier, to, readers)?;
        let is_told = policy.audience == Audience::Authors && reason.is_shown_to_authors();
        Some(Withheld::Reference(is_told.then(|| dossier.records[to as usize].id.to_string()), reason))
    }));
    withheld
}

/// All that a site for readers leaves out of a dossier, and why: a report for its authors.
#[derive(Clone, Debug, Default)]
pub struct LeftOut {
    /// The records, by reason: what is embargoed first, the soonest before the others; then in path order.
    pub records: Vec<LeftOutRecord>,
    /// The references of what readers see to what they do not, in path order.
    pub references: Vec<Fallen>,
    /// The files beside the records that are not copied, in path order.
    pub files: Vec<LeftOutFile>,
}

/// A record that readers do not see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutRecord {
    /// Its number.
    pub number: Number,
    /// Why, the gravest reason first.
    pub reasons: Vec<Reason>,
    /// What stands in place of the name of somebody protected; empty when nothing does.
    pub display: Option<String>,
}

/// A reference that readers do not see as such.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fallen {
    /// The record that refers; `None` for the settings.
    pub from: Option<Number>,
    /// Where in it.
    pub place: FallenPlace,
    /// The record that is referred to.
    pub to: Number,
    /// Why readers do not see it.
    pub reason: Reason,
    /// What stands there instead.
    pub instead: Instead,
}

/// Where a reference stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FallenPlace {
    /// In a field.
    Field(Path, Role),
    /// A link of prose, by its number.
    Link(Slot, u32),
    /// Under a key of the settings.
    Setting(&'static str),
}

/// What readers find in place of a reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Instead {
    /// Nothing.
    Nothing,
    /// A text in place of the name of somebody protected; when it is empty, the word for what is withheld.
    Display(String),
    /// The words of the link, without the link.
    Label,
    /// An ellipsis.
    Ellipsis,
}

/// A file beside the records that is not copied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOutFile {
    /// Its path below the folder of records.
    pub inner: String,
    /// The records that use it, all of them withheld, or in texts that readers see otherwise.
    pub used_by: Vec<Number>,
    /// The sources that have it as a capture.
    pub captured_by: Vec<Number>,
}

/// What a site for readers leaves out.
pub fn left_out(dossier: &Dossier, sources: &Sources, policy: Policy) -> LeftOut {
    let policy = Policy { audience: Audience::Readers, ..policy };
    let whys: Vec<Option<Reason>> =
        (0..dossier.records.len() as Number).map(|number| reason(dossier, number, policy)).collect();
    LeftOut {
        records: left_out_records(dossier, policy, &whys),
        references: fallen(dossier, &whys),
        files: left_out_files(dossier, sources, policy),
    }
}

fn left_out_records(dossier: &Dossier, policy: Policy, whys: &[Option<Reason>]) -> Vec<LeftOutRecord> {
    let mut records = Vec::new();
    for (number, why) in (0..).zip(whys) {
        let Some(why) = why else { continue };
        let record = &dossier.records[number as usize];
        let mut reasons = vec![*why];
        let holds = record.fields.common().holds(policy.today).map(Reason::from);
        reasons.extend(holds.chain(is_protected(record).then_some(Reason::Protected)));
        let mut seen = BTreeSet::new();
        reasons.retain(|reason| seen.insert(*reason));
        let display = (*why == Reason::Protected).then(|| display_of(record));
        records.push(LeftOutRecord { number, reasons, display });
    }
    let embargo = |left: &LeftOutRecord| {
        let publish_at = dossier.records[left.number as usize].fields.common().publish_at;
        let day = publish_at.and_then(end_of_embargo);
        (day.is_none(), day)
    };
    let place = |left: &LeftOutRecord| match left.reasons[0] {
        Reason::Embargoed => None,
        other => Some(other),
    };
    records.sort_by_key(|left| (place(left), (place(left).is_none()).then(|| embargo(left)), left.number));
    records
}

fn fallen(dossier: &Dossier, whys: &[Option<Reason>]) -> Vec<Fallen> {
    let mut fallen = Vec::new();
    let display = |to: Number| Instead::Display(display_of(&dossier.records[to as usize]));
    let in_prose = |prose: Option<&Prose>, index: usize, to: Number, reason: Reason| match reason {
        Reason::Protected => display(to),
        _ if prose.and_then(|prose| prose.links.get(index)).is_some_and(|link| link.labelled) => Instead::Label,
        _ => Instead::Ellipsis,
    };
    for (number, record) in (0..).zip(&dossier.records) {
        if whys[number as usize].is_some() {
            continue;
        }
        each_reference(&record.fields, &mut |reference| {
            let Some(to) = dossier.index.ids.find(reference.id) else { return };
            let Some(reason) = whys[to as usize] else { return };
            let instead = match reason {
                // Who spoke is said to be withheld, where there is not even a display text.
                _ if reference.role == Role::Spoke && reason != Reason::Protected => Instead::Display(String::new()),
                // A text that could have been anything else is left out, and so is that somebody has a similar name.
                Reason::Protected if reference.role != Role::NotSame && !reference.optional => display(to),
                _ => Instead::Nothing,
            };
            let place = FallenPlace::Field(reference.path, reference.role);
            fallen.push(Fallen { from: Some(number), place, to, reason, instead });
        });
        for (slot, links) in &dossier.outgoing[number as usize].targets {
            for (index, link) in links.iter().enumerate() {
                let LinkTo::Record(to, _) = link else { continue };
                let Some(reason) = whys[*to as usize] else { continue };
                let instead = in_prose(record.texts.get(*slot), index, *to, reason);
                let place = FallenPlace::Link(*slot, index as u32);
                fallen.push(Fallen { from: Some(number), place, to: *to, reason, instead });
            }
        }
    }
    let settings = &dossier.settings;
    for (key, ids) in [("key_actors", &settings.key_actors), ("key_events", &settings.key_events)] {
        for to in ids.iter().filter_map(|id| dossier.index.ids.find(id.as_str())) {
            let Some(reason) = whys[to as usize] else { continue };
            let place = FallenPlace::Setting(key);
            fallen.push(Fallen { from: None, place, to, reason, instead: Instead::Nothing });
        }
    }
    if let Some((prose, links)) = &dossier.summary {
        for (index, link) in links.iter().enumerate() {
            let LinkTo::Record(to, _) = link else { continue };
            let Some(reason) = whys[*to as usize] else { continue };
            let instead = in_prose(Some(prose), index, *to, reason);
            fallen.push(Fallen { from: None, place: FallenPlace::Setting("summary"), to: *to, reason, instead });
        }
    }
    fallen
}

fn left_out_files(dossier: &Dossier, sources: &Sources, policy: Policy) -> Vec<LeftOutFile> {
    if sources.attachments.is_empty() {
        return Vec::new();
    }
    let public = super::redact(dossier, sources, &Evidence::default(), policy, None).public;
    let copied: BTreeSet<&str> = public.attachments.iter().map(|attachment| attachment.inner.as_str()).collect();
    let mut used: BTreeMap<u32, BTreeSet<Number>> = BTreeMap::new();
    let captured = dossier.captured();
    for (number, outgoing) in (0..).zip(&dossier.outgoing) {
        for at in
            outgoing.image.into_iter().chain(outgoing.targets.iter().flat_map(|(_, links)| links).filter_map(|link| {
                match link {
                    LinkTo::Attachment(at) => Some(*at),
                    LinkTo::Record(..) | LinkTo::Here(_) | LinkTo::Nothing => None,
                }
            }))
        {
            used.entry(at).or_default().insert(number);
        }
    }
    let of = |(at, attachment): (u32, &Attachment)| LeftOutFile {
        inner: attachment.inner.clone(),
        used_by: used.get(&at).into_iter().flatten().copied().collect(),
        captured_by: captured.of(&attachment.inner).into_iter().collect(),
    };
    let left = (0..).zip(sources.attachments.iter()).filter(|(_, file)| !copied.contains(file.inner.as_str()));
    left.map(of).collect()
}
