//! Who spoke about or to whom, and who is tied to whom: the rows behind the network page.

use std::collections::BTreeMap;

use super::outline::Outline;
use crate::model::Kind;
use crate::redact::{EdgePlace, Found, Number, PublicDossier, Role};

/// What ties two actors.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tie {
    /// The first spoke about the second.
    About,
    /// The first spoke to the second.
    To,
    /// A relation that the first one's record names.
    Relation(String),
}

/// One tie between two actors, with the quotes that show it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Who.
    pub from: Number,
    /// Whom.
    pub to: Number,
    /// What ties them.
    pub tie: Tie,
    /// The quotes, when words tie them.
    pub quotes: Vec<Number>,
}

/// The ties between listed actors, in the order of their index.
pub(super) fn rows(dossier: &PublicDossier, outlines: &[Outline<'_>], position: &[u32]) -> Vec<Row> {
    let mut ties: BTreeMap<(u32, u32, Tie), Row> = BTreeMap::new();
    for edge in super::planned(&dossier.edges) {
        let to = &outlines[edge.to as usize];
        if to.kind != Kind::Actor || !to.listed {
            continue;
        }
        let from = &outlines[edge.from as usize];
        let (tie, actor, quote) = match (edge.role, from.kind, edge.place) {
            (Role::About | Role::To, Kind::Quote, _) => {
                let Some(Found::Record(speaker)) = from.speaker.map(|id| dossier.find(id)) else { continue };
                let tie = if edge.role == Role::About { Tie::About } else { Tie::To };
                (tie, speaker, Some(edge.from))
            }
            (Role::Relation, Kind::Actor, EdgePlace::Field(_)) => {
                // Redaction may have shortened the list, so the tie is found by where it leads.
                for (_, kind) in
                    from.relations.iter().filter(|(other, _)| dossier.find(other) == Found::Record(edge.to))
                {
                    let tie = Tie::Relation((*kind).to_owned());
                    let key = (position[edge.from as usize], position[edge.to as usize], tie.clone());
                    ties.entry(key).or_insert_with(|| Row { from: edge.from, to: edge.to, tie, quotes: Vec::new() });
                }
                continue;
            }
            _ => continue,
        };
        if actor == edge.to || !outlines[actor as usize].listed {
            continue;
        }
        let key = (position[actor as usize], position[edge.to as usize], tie.clone());
        let row = ties.entry(key).or_insert_with(|| Row { from: actor, to: edge.to, tie, quotes: Vec::new() });
        row.quotes.extend(quote);
    }
    ties.into_values().collect()
}
