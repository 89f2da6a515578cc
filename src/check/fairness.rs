//! Fairness to those who are spoken of, and to those who speak: who was asked for a reply, and whose words a translation has.

use super::{Rule, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::link::Number;
use crate::model::{ActorKind, Fields, Id};
use crate::parse::{Record, Step};

pub(super) const RULES: &[Rule] = &[
    Rule::record(&[Code::NoReply], whoever_is_spoken_against_was_asked).at_public(),
    Rule::record(&[Code::UnsaidTranslation], a_translation_is_called_one).at_public(),
];

/// How words for a stance against somebody begin, in English and in languages near to it.
const ADVERSE: &[&str] = &[
    "abus",
    "accus",
    "acus",
    "advers",
    "against",
    "alleg",
    "attack",
    "blam",
    "condem",
    "condam",
    "contra",
    "critic",
    "critiq",
    "defam",
    "denounc",
    "denonc",
    "denunc",
    "dénonc",
    "disparag",
    "hostil",
    "insult",
    "mock",
    "negativ",
    "oppos",
    "opone",
    "reproach",
    "ridicul",
    "slander",
    "threat",
    "vilif",
    "आरोप",
    "निंदा",
    "विरोध",
    "اتهام",
    "إدانة",
    "انتقاد",
];

fn whoever_is_spoken_against_was_asked(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    match &*record.fields {
        Fields::Quote(quote) => {
            let Some(stance) = &quote.stance else { return };
            if !ADVERSE.iter().any(|start| stance.as_str().starts_with(start)) {
                return;
            }
            let others = quote.about.iter().enumerate().filter(|(_, id)| Some(*id) != quote.speaker.actor());
            for (index, id) in others {
                let what = format!("`{}` is spoken against (`stance: {stance}`)", scope.shown(id));
                was_asked(scope, record, id, &[Step::Key("about"), Step::Index(index)], &what, found);
            }
        }
        Fields::Event(event) => {
            for (index, participant) in event.actors.iter().enumerate().filter(|(_, participant)| participant.alleged) {
                let what = format!("it is alleged of `{}` to have taken part", scope.shown(&participant.actor));
                let path = [Step::Key("actors"), Step::Index(index), Step::Key("actor")];
                was_asked(scope, record, &participant.actor, &path, &what, found);
            }
        }
        Fields::Actor(_) | Fields::Source(_) | Fields::Place(_) | Fields::Page(_) => {}
    }
}

fn was_asked(scope: &Scope<'_>, record: &Record, id: &Id, path: &[Step<'_>], what: &str, found: &mut Vec<Diagnostic>) {
    let Some(to) = scope.dossier.index.ids.find(id.as_str()) else { return };
    let person = scope.record(to);
    let is_living_person =
        matches!(&*person.fields, Fields::Actor(actor) if actor.kind == ActorKind::Person && actor.died.is_none());
    let mut replies = record.fields.common().replies.iter();
    if !is_living_person || replies.any(|reply| scope.dossier.index.ids.find(reply.from.as_str()) == Some(to)) {
        return;
    }
    found.push(
        scope
            .finding(Code::NoReply, record, path, format!("{what}, and nothing says whether they were asked for a reply"))
            .related(&person.origin.file, person.origin.start(scope.text(person)), "this person")
            .hint(format!(
                "ask, and write `replies: [{{from: {}, asked_on: …, outcome: answered}}]` (or `declined`, or `none`); or say why they were not asked: `allow: [{{code: no-reply, why: …}}]`",
                person.id
            )),
    );
}

fn a_translation_is_called_one(scope: &Scope<'_>, number: Number, found: &mut Vec<Diagnostic>) {
    let record = scope.record(number);
    let Fields::Quote(quote) = &*record.fields else { return };
    if quote.translation.is_some() {
        return;
    }
    let hint = |from: &str| {
        format!(
            "write `translation: {{from: {from}, method: human, by: …}}`; `method` may be `machine` or `unknown` too"
        )
    };
    if let Some(original) = &quote.original {
        found.push(
            scope
                .finding(
                    Code::UnsaidTranslation,
                    record,
                    &[Step::Key("text")],
                    format!(
                        "`{}` has its words as they were said, and nothing says how they were translated",
                        record.id
                    ),
                )
                .related(
                    &record.origin.file,
                    scope.place(record, &[Step::Key("original"), Step::Key("text")]),
                    "as they were said",
                )
                .hint(hint(original.lang.as_str())),
        );
        return;
    }
    let sources = quote.sources.iter().filter_map(|citation| scope.dossier.index.ids.find(citation.source.as_str()));
    let lang = quote.lang.as_ref().map_or(scope.dossier.settings.lang(), |lang| lang.as_str());
    let mut first = None;
    for source in sources.map(|source| scope.record(source)) {
        // A source that does not say its language may be of any.
        match source.fields.common().lang {
            Some(other) if language(other.as_str()) != language(lang) => first = first.or(Some((source, other))),
            _ => return,
        }
    }
    let Some((source, other)) = first else { return };
    found.push(
        scope
            .finding(
                Code::UnsaidTranslation,
                record,
                &[Step::Key("text")],
                format!("`{}` has words in the language `{lang}` from a source in `{other}`, and nothing says who translated them", record.id),
            )
            .related(&source.origin.file, scope.place(source, &[Step::Key("lang")]), "the language of the source")
            .hint(format!("{}; or write the `lang` that the words are in", hint(other.as_str()))),
    );
}

/// The language without its country and script.
fn language(tag: &str) -> &str {
    tag.split('-').next().unwrap_or_default()
}
