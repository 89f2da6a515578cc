//! What a dossier must hold before it is ready for readers: level `public`.

use super::references::{are_held_back_alike, is_held_back};
use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::edtf::{Day, Edtf};
use crate::link::Number;
use crate::model::{ActorKind, Citation, Display, Fields, Kind};
use crate::parse::Step;

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::NoPrivacyClass], person_has_a_privacy_class).at_public(),
    Rule::record(&[Code::NoSource], quote_and_event_have_a_source).at_public(),
    Rule::record(&[Code::ChildNamed], a_child_is_not_shown_in_full).at_public(),
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
    let sources = record.fields.common().sources;
    if sources.is_empty() {
        let message = format!("the {what} `{}` has no source", record.id);
        found.push(
            scope
                .finding(Code::NoSource, record, &[Step::Key("date")], message)
                .hint("write `source:` with the id of the source that it rests on"),
        );
        return;
    }
    // A reference that leads nowhere is told of by itself.
    let hidden = |citation: &Citation| {
        let source = scope.record(scope.dossier.index.ids.find(citation.source.as_str())?);
        is_held_back(scope, source).then_some(source)
    };
    if is_held_back(scope, record) || !sources.iter().all(|citation| hidden(citation).is_some()) {
        return;
    }
    let message = format!("the {what} `{}` has no source that readers see", record.id);
    let finding = scope.finding(Code::NoSource, record, &[Step::Key("sources")], message);
    let finding = sources.iter().filter_map(hidden).take(1).fold(finding, |finding, source| {
        finding.related(&source.origin.file, source.origin.start(scope.text(source)), "withheld")
    });
    found.push(finding.hint(
        "publish that source too, or cite another one; a source who must stay unknown can have a record that says so without saying who it is",
    ));
}

/// Of whom the law takes care in nearly all countries: those who are not yet of this age.
const OF_AGE: i16 = 18;

fn a_child_is_not_shown_in_full(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Actor(actor) = &*record.fields else { return };
    // Whoever has no privacy class is told of already.
    let is_named = actor.privacy.is_some_and(|privacy| !privacy.is_protected())
        && matches!(actor.display, None | Some(Display::Full));
    if actor.kind != ActorKind::Person || !is_named || is_held_back(scope, record) {
        return;
    }
    let is_said = actor.sensitivity.iter().position(|word| word.as_str() == "minor");
    let (field, why) = match (is_said, &actor.born) {
        (Some(_), _) => ("sensitivity", "is said to be under age"),
        (None, Some(born)) if is_under_age(born.earliest(), scope.today) => ("born", "is not yet 18 years old"),
        (None, Some(born)) if may_be_under_age(born, scope.today) => ("born", "is perhaps not yet 18 years old"),
        _ => return,
    };
    let message = format!("`{}` {why}, and is shown to readers with their name", record.id);
    found.push(
        scope
            .finding(Code::ChildNamed, record, &[Step::Key(field)], message)
            .hint("write `privacy: minor`, and under `display` what stands in place of the name; or say why readers must know it: `allow: [{code: child-named, why: …}]`"),
    );
}

/// Whether whoever was born in the year of a date may be under age on a day; a date of which nobody knows the year says nothing.
fn may_be_under_age(born: &Edtf, today: Day) -> bool {
    let year = |day: Option<Day>| day.map(Day::year);
    year(born.earliest()) == year(born.latest()) && is_under_age(born.latest(), today)
}

fn is_under_age(born: Option<Day>, today: Day) -> bool {
    born.is_some_and(|born| {
        (born.year().saturating_add(OF_AGE), born.month(), born.day()) > (today.year(), today.month(), today.day())
    })
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
