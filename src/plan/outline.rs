//! What a plan knows of a record. Nothing else of a record is named in this stage, so two records of one outline have the
//! same place in the same plan.

use crate::edtf::Edtf;
use crate::model::{Attribution, Correction, CorrectionKind, Fields, Id, Kind, Line, StatusWord};
use crate::redact::PublicRecord;

/// What a plan knows of a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Outline<'a> {
    pub(super) id: &'a Id,
    pub(super) kind: Kind,
    pub(super) listed: bool,
    pub(super) date: Option<&'a Edtf>,
    pub(super) aliases: &'a [Id],
    pub(super) tags: &'a [Line],
    /// What an actor or place is sorted by.
    pub(super) sort_name: &'a str,
    /// The place that a free page asks for.
    pub(super) order: Option<i64>,
    pub(super) status: Option<StatusWord>,
    pub(super) attribution: Option<Attribution>,
    /// Its corrections.
    pub(super) corrections: Vec<Corrected<'a>>,
    pub(super) speaker: Option<&'a Id>,
    /// To whom an actor is tied, and how.
    pub(super) relations: Vec<(&'a Id, &'a str)>,
    pub(super) has_code: bool,
}

impl<'a> Outline<'a> {
    pub(super) fn of(record: &'a PublicRecord) -> Self {
        let common = record.fields.common();
        let mut outline = Outline {
            id: &record.id,
            kind: record.kind(),
            listed: record.listed,
            date: record.fields.date(),
            aliases: common.aliases,
            tags: common.tags,
            sort_name: "",
            order: None,
            status: common.status.map(|status| status.is),
            attribution: None,
            corrections: common.corrections.iter().map(Corrected::of).collect(),
            speaker: None,
            relations: Vec::new(),
            has_code: record.texts.iter().any(|(_, prose)| prose.has_code),
        };
        match &*record.fields {
            Fields::Actor(actor) => {
                outline.sort_name = actor.sort_name.as_ref().unwrap_or(&actor.name).as_str();
                let relations = actor.relations.iter();
                outline.relations = relations.map(|relation| (&relation.to, relation.kind.as_str())).collect();
            }
            Fields::Place(place) => outline.sort_name = place.name.as_str(),
            Fields::Page(page) => outline.order = page.order,
            Fields::Quote(quote) => {
                outline.speaker = quote.speaker.actor();
                outline.attribution = quote.attribution;
            }
            Fields::Event(_) | Fields::Source(_) => {}
        }
        outline
    }
}

/// What a plan knows of a correction.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Corrected<'a> {
    /// The day on which it was made.
    pub(super) on: &'a Edtf,
    /// Whether it changed nothing that anybody could rely on.
    pub(super) is_minor: bool,
}

impl<'a> Corrected<'a> {
    fn of(correction: &'a Correction) -> Self {
        Corrected { on: &correction.on, is_minor: correction.kind == Some(CorrectionKind::Minor) }
    }
}
