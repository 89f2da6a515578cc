//! Every field that names another record: one walk, used wherever references matter.

use std::fmt;

use crate::model::{Citation, Common, Fields, Kind, Speaker};
use crate::parse::Step;

/// As what one record refers to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// The speaker of a quote.
    Spoke,
    /// What a quote is about.
    About,
    /// To whom a quote was said.
    To,
    /// Who took part in an event.
    TookPart,
    /// Who passed a quote on.
    Relayed,
    /// A source that is cited.
    Cited,
    /// Where something happened.
    Place,
    /// The larger event.
    PartOf,
    /// The event before.
    Follows,
    /// The quote that is answered.
    Answers,
    /// The event of a quote.
    AtEvent,
    /// Another actor.
    Relation,
    /// Where an office is held.
    OfficeAt,
    /// An actor of a similar name.
    NotSame,
    /// Who was asked for a reply.
    Asked,
    /// The quote with the reply.
    ReplyQuote,
    /// Who published a source.
    Published,
    /// Who wrote a source.
    Wrote,
    /// The source that is repeated.
    Repeats,
    /// Who gave a number.
    Counted,
    /// Who verified a record, translated a quote or captured a source.
    Checked,
    /// A link in prose.
    Mentioned,
}

impl Role {
    /// The word for it, as the theme API has it too: what became of a record in the one that refers to it.
    pub fn word(self) -> &'static str {
        match self {
            Role::Spoke => "spoke",
            Role::About => "about",
            Role::To => "to",
            Role::TookPart => "took-part",
            Role::Relayed => "relayed",
            Role::Cited => "cited",
            Role::Place => "place",
            Role::PartOf => "part-of",
            Role::Follows => "follows",
            Role::Answers => "answers",
            Role::AtEvent => "event",
            Role::Relation => "relation",
            Role::OfficeAt => "office-at",
            Role::NotSame => "not-same",
            Role::Asked => "asked",
            Role::ReplyQuote => "reply",
            Role::Published => "published",
            Role::Wrote => "wrote",
            Role::Repeats => "repeats",
            Role::Counted => "counted",
            Role::Checked => "checked",
            Role::Mentioned => "mentioned",
        }
    }
}

/// The keys and numbers that lead to a field.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Path {
    steps: [Option<Step<'static>>; 4],
}

impl Path {
    fn new(steps: &[Step<'static>]) -> Self {
        let mut path = Path::default();
        for (slot, step) in path.steps.iter_mut().zip(steps) {
            *slot = Some(*step);
        }
        path
    }

    /// The steps.
    pub fn steps(&self) -> Vec<Step<'static>> {
        self.steps.iter().flatten().copied().collect()
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for step in self.steps.iter().flatten() {
            if let Step::Key(key) = step {
                write!(f, "{}{key}", if first { "" } else { "." })?;
                first = false;
            }
        }
        Ok(())
    }
}

/// A field's value that names a record.
#[derive(Clone, Copy, Debug)]
pub struct Reference<'a> {
    /// The id as it is written.
    pub id: &'a str,
    /// As what.
    pub role: Role,
    /// Where it stands in the record.
    pub path: Path,
    /// The kinds of record that it may name.
    pub kinds: &'a [Kind],
    /// Its number in its list.
    pub index: u32,
    /// Whether it may also be plain text that names no record.
    pub optional: bool,
}

const ACTOR: &[Kind] = &[Kind::Actor];
const EVENT: &[Kind] = &[Kind::Event];
const QUOTE: &[Kind] = &[Kind::Quote];
const SOURCE: &[Kind] = &[Kind::Source];
const PLACE: &[Kind] = &[Kind::Place];
const SUBJECT: &[Kind] = &[Kind::Actor, Kind::Event, Kind::Quote, Kind::Place, Kind::Source];

/// Shows every reference that stands in a field, in the order of the fields.
pub fn each_reference<'a>(fields: &'a Fields, see: &mut impl FnMut(Reference<'a>)) {
    match fields {
        Fields::Actor(actor) => {
            for (index, role) in actor.roles.iter().enumerate() {
                if let Some(at) = &role.at {
                    see(optional(
                        at.as_str(),
                        Role::OfficeAt,
                        &[Step::Key("roles"), Step::Index(index), Step::Key("at")],
                        ACTOR,
                        index,
                    ));
                }
            }
            for (index, relation) in actor.relations.iter().enumerate() {
                let step = Step::Index(index);
                see(required(
                    relation.to.as_str(),
                    Role::Relation,
                    &[Step::Key("relations"), step, Step::Key("to")],
                    ACTOR,
                    index,
                ));
                cited(&relation.sources, &[Step::Key("relations"), step, Step::Key("sources")], see);
            }
            for (index, other) in actor.not_same_as.iter().enumerate() {
                see(required(
                    other.as_str(),
                    Role::NotSame,
                    &[Step::Key("not_same_as"), Step::Index(index)],
                    ACTOR,
                    index,
                ));
            }
        }
        Fields::Event(event) => {
            if let Some(place) = &event.place {
                see(required(place.as_str(), Role::Place, &[Step::Key("place")], PLACE, 0));
            }
            for (index, participant) in event.actors.iter().enumerate() {
                let step = Step::Index(index);
                see(required(
                    participant.actor.as_str(),
                    Role::TookPart,
                    &[Step::Key("actors"), step, Step::Key("actor")],
                    ACTOR,
                    index,
                ));
                cited(&participant.sources, &[Step::Key("actors"), step, Step::Key("sources")], see);
            }
            if let Some(whole) = &event.part_of {
                see(required(whole.as_str(), Role::PartOf, &[Step::Key("part_of")], EVENT, 0));
            }
            for (index, before) in event.follows.iter().enumerate() {
                see(required(
                    before.as_str(),
                    Role::Follows,
                    &[Step::Key("follows"), Step::Index(index)],
                    EVENT,
                    index,
                ));
            }
            for (index, count) in event.counts.iter().enumerate() {
                if let Some(by) = &count.by {
                    see(optional(
                        by.as_str(),
                        Role::Counted,
                        &[Step::Key("counts"), Step::Index(index), Step::Key("by")],
                        SUBJECT,
                        index,
                    ));
                }
            }
        }
        Fields::Quote(quote) => {
            if let Speaker::Actor(speaker) = &quote.speaker {
                see(required(speaker.as_str(), Role::Spoke, &[Step::Key("speaker")], ACTOR, 0));
            }
            for (index, to) in quote.to.iter().enumerate() {
                see(required(to.as_str(), Role::To, &[Step::Key("to"), Step::Index(index)], ACTOR, index));
            }
            for (index, about) in quote.about.iter().enumerate() {
                see(required(about.as_str(), Role::About, &[Step::Key("about"), Step::Index(index)], SUBJECT, index));
            }
            if let Some(event) = &quote.event {
                see(required(event.as_str(), Role::AtEvent, &[Step::Key("event")], EVENT, 0));
            }
            if let Some(place) = &quote.place {
                see(required(place.as_str(), Role::Place, &[Step::Key("place")], PLACE, 0));
            }
            for (index, via) in quote.via.iter().enumerate() {
                let step = Step::Index(index);
                see(required(
                    via.actor.as_str(),
                    Role::Relayed,
                    &[Step::Key("via"), step, Step::Key("actor")],
                    ACTOR,
                    index,
                ));
                if let Some(source) = &via.source {
                    see(required(
                        source.as_str(),
                        Role::Cited,
                        &[Step::Key("via"), step, Step::Key("source")],
                        SOURCE,
                        index,
                    ));
                }
            }
            if let Some(by) = quote.translation.as_ref().and_then(|translation| translation.by.as_ref()) {
                see(optional(by.as_str(), Role::Checked, &[Step::Key("translation"), Step::Key("by")], ACTOR, 0));
            }
            if let Some(answered) = &quote.in_reply_to {
                see(required(answered.as_str(), Role::Answers, &[Step::Key("in_reply_to")], QUOTE, 0));
            }
        }
        Fields::Source(source) => {
            if let Some(publisher) = &source.publisher {
                see(optional(publisher.as_str(), Role::Published, &[Step::Key("publisher")], ACTOR, 0));
            }
            for (index, author) in source.authors.iter().enumerate() {
                see(optional(author.as_str(), Role::Wrote, &[Step::Key("authors"), Step::Index(index)], ACTOR, index));
            }
            for (index, capture) in source.captures.iter().enumerate() {
                if let Some(by) = &capture.by {
                    let path = [Step::Key("captures"), Step::Index(index), Step::Key("by")];
                    see(optional(by.as_str(), Role::Checked, &path, ACTOR, index));
                }
            }
            if let Some(first) = &source.syndicated_from {
                see(required(first.as_str(), Role::Repeats, &[Step::Key("syndicated_from")], SOURCE, 0));
            }
        }
        Fields::Place(_) | Fields::Page(_) => {}
    }
    common(fields.common(), see);
}

fn common<'a>(common: Common<'a>, see: &mut impl FnMut(Reference<'a>)) {
    cited(common.sources, &[Step::Key("sources")], see);
    if let Some(by) = common.status.and_then(|status| status.by.as_ref()) {
        see(optional(by.as_str(), Role::Checked, &[Step::Key("status"), Step::Key("by")], ACTOR, 0));
    }
    for (index, reply) in common.replies.iter().enumerate() {
        let step = Step::Index(index);
        see(required(reply.from.as_str(), Role::Asked, &[Step::Key("replies"), step, Step::Key("from")], ACTOR, index));
        if let Some(quote) = &reply.quote {
            see(required(
                quote.as_str(),
                Role::ReplyQuote,
                &[Step::Key("replies"), step, Step::Key("quote")],
                QUOTE,
                index,
            ));
        }
    }
}

fn cited<'a>(citations: &'a [Citation], field: &[Step<'static>], see: &mut impl FnMut(Reference<'a>)) {
    for (index, citation) in citations.iter().enumerate() {
        let mut steps = field.to_vec();
        steps.push(Step::Index(index));
        // A path has room for four steps; a citation within a list within a list is named by its list's value.
        if steps.len() < 4 {
            steps.push(Step::Key("source"));
        }
        see(required(citation.source.as_str(), Role::Cited, &steps, SOURCE, index));
    }
}

fn required<'a>(
    id: &'a str,
    role: Role,
    steps: &[Step<'static>],
    kinds: &'static [Kind],
    index: usize,
) -> Reference<'a> {
    Reference { id, role, path: Path::new(steps), kinds, index: index as u32, optional: false }
}

fn optional<'a>(
    id: &'a str,
    role: Role,
    steps: &[Step<'static>],
    kinds: &'static [Kind],
    index: usize,
) -> Reference<'a> {
    Reference { optional: true, ..required(id, role, steps, kinds, index) }
}
