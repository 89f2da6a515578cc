//! What a dossier must hold before it is ready for readers: level `public`.

use super::references::{are_held_back_alike, is_held_back};
use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::Number;
use crate::model::{ActorKind, Fields, Kind};
use crate::parse::Step;

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::NoPrivacyClass], person_has_a_privacy_class).at_public(),
    Rule::record(&[Code::NoSource], quote_and_event_have_a_source).at_public(),
    Rule::whole(&[Code::MissingPage], &[Kind::Page], are_held_back_alike, readers_can_know_how_it_was_made).at_public(),
];

fn person_has_a_privacy_class(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Actor(actor) = &*record.fields else { return };
    if actor.kind == ActorKind::Person && actor.privacy.is_none() {
        let message = format!("nothing says how much of `{}` may be shown", record.id);
        found.push(
            scope
                .finding(Code::NoPrivacyClass, record, &[Step::Key("name")], message)
                .hint("write `privacy: public-figure`, `limited`, `private`, `minor`, `victim` or `protected-source`"),
        );
    }
}

fn quote_and_event_have_a_source(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let what = match &*record.fields {
        Fields::Quote(_) => "quote",
        Fields::Event(_) => "event",
        Fields::Actor(_) | Fields::Source(_) | Fields::Place(_) | Fields::Page(_) => return,
    };
    if record.fields.common().sources.is_empty() {
        let message = format!("the {what} `{}` has no source", record.id);
        found.push(
            scope
                .finding(Code::NoSource, record, &[Step::Key("date")], message)
                .hint("write `source:` with the id of the source that it rests on"),
        );
    }
}

/// Pages that readers of any dossier look for: what they say, and the ids under which they are known.
const PAGES: &[(&str, &[&str])] = &[
    ("how the dossier was made", &["methodology", "method", "about"]),
    ("how mistakes are corrected", &["corrections-policy"]),
    ("how to reach whoever publishes it", &["contact"]),
];

fn readers_can_know_how_it_was_made(scope: &Scope<'_>, found: &mut Vec<Diagnostic>) {
    let ids = &scope.dossier.index.ids;
    let is_page = |id: &&&str| {
        let record = ids.find(id).map(|number| scope.record(number));
        record.is_some_and(|record| record.kind() == Kind::Page && !is_held_back(scope, record))
    };
    for (what, names) in PAGES {
        // An address in the settings stands at the foot of every page.
        let is_said = names.contains(&"contact") && scope.dossier.settings.contact.is_some();
        if names.iter().find(is_page).is_none() && !is_said {
            found.push(
                Diagnostic::new(Code::MissingPage, format!("no page says {what}"))
                    .hint(format!("write it with `dossier new page {}`", names[0])),
            );
        }
    }
}
