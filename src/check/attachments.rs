//! What files carry that are published with a record: reading has looked, here it is told where the file is used. And which of them
//! are captures, which are kept and not published.

use std::collections::BTreeSet;
use std::ops::Range;

use super::references::{are_held_back_alike, is_held_back};
use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::{LinkTo, Number};
use crate::model::{Fields, Kind};
use crate::parse::{Record, Step, Target};

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::UnreadablePicture, Code::MetadataKept], files_carry_nothing_but_what_they_show),
    Rule::whole(&[Code::PublishedCapture], &Kind::ALL, have_the_same_files, no_link_publishes_a_capture),
];

fn files_carry_nothing_but_what_they_show(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let attachments = scope.dossier.index.attachments();
    if attachments.is_empty() {
        return;
    }
    let record = scope.record(number);
    let outgoing = &scope.dossier.outgoing[number as usize];
    // Once for each file, where the record first uses it.
    let mut told: BTreeSet<u32> = BTreeSet::new();
    let mut tell = |at: u32, place: &dyn Fn() -> Range<usize>| {
        let attachment = &attachments[at as usize];
        if told.insert(at) {
            let path = format!("{}/{}", scope.dossier.settings.content(), attachment.inner);
            found.extend(attachment.look.finding(&path).map(|finding| finding.at(&record.origin.file, place())));
        }
    };
    if let Some(at) = outgoing.image {
        tell(at, &|| scope.place(record, &[Step::Key("image")]));
    }
    for (slot, links) in &outgoing.targets {
        for (index, link) in (0..).zip(links) {
            if let LinkTo::Attachment(at) = link {
                tell(*at, &|| scope.link_place(record, *slot, index));
            }
        }
    }
}

fn no_link_publishes_a_capture(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let index = &scope.dossier.index;
    if index.attachments().is_empty() {
        return;
    }
    let captured = scope.dossier.captured();
    for (number, record) in (0..).zip(&scope.dossier.records) {
        let outgoing = &scope.dossier.outgoing[number as usize];
        let mut tell = |at: u32, place: &dyn Fn() -> Range<usize>| {
            let Some(path) = index.attachment(at) else { return };
            let Some(of) = captured.of(path).first().copied() else { return };
            // What readers do not see publishes nothing.
            if is_held_back(scope, record) {
                return;
            }
            let of = scope.record(of);
            let message = format!(
                "`{}/{path}` is a capture of `{}`, and this link publishes it",
                scope.dossier.settings.content(),
                of.id
            );
            found.push(Diagnostic::new(Code::PublishedCapture, message).at(&record.origin.file, place()).hint(format!(
                "link to the source with `[[{}]]`; when readers may have the copy, say why: `allow: [{{code: published-capture, why: …}}]`",
                of.id
            )));
        };
        if let Some(at) = outgoing.image {
            tell(at, &|| scope.place(record, &[Step::Key("image")]));
        }
        for (slot, links) in &outgoing.targets {
            for (index, link) in (0..).zip(links) {
                if let LinkTo::Attachment(at) = link {
                    tell(*at, &|| scope.link_place(record, *slot, index));
                }
            }
        }
    }
}

/// Whether two states of a record name the same captures, and link to the same files.
fn have_the_same_files(one: &Record, other: &Record) -> bool {
    let captures = |record: &'_ Record| match &*record.fields {
        Fields::Source(source) => source.captures.iter().map(|capture| capture.file.clone()).collect(),
        _ => Vec::new(),
    };
    let image = |record: &'_ Record| match &*record.fields {
        Fields::Actor(actor) => actor.image.clone(),
        _ => None,
    };
    fn files(record: &Record) -> Vec<&str> {
        let links = record.texts.iter().flat_map(|(_, prose)| &prose.links);
        let file = links.filter_map(|link| match &link.target {
            Target::File { path, .. } => Some(&**path),
            Target::Wiki { .. } | Target::Anchor(_) => None,
        });
        file.collect()
    }
    are_held_back_alike(one, other)
        && captures(one) == captures(other)
        && image(one) == image(other)
        && files(one) == files(other)
}
