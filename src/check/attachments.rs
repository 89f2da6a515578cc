//! What files carry that are published with a record: reading has looked, here it is told where the file is used.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::{LinkTo, Number};
use crate::parse::Step;

pub(super) const RULES: &[Rule] =
    &[Rule::record(&[Code::UnreadablePicture, Code::MetadataKept], files_carry_nothing_but_what_they_show)];

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
