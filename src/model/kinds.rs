//! The six kinds of record and the fields that each may have.

use std::fmt;
use std::str::FromStr;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::parts::{
    Allowance, Capture, Citation, Correction, Count, Exception, Many, Name, Original, Participant, Relation, Reply,
    Role, Speaker, Status, Takedown, Translation, Update, Via, Words,
};
use super::scalars::{Country, Id, Lang, Line, Markdown, Time, Url, Word};
use super::vocabulary::{ActorKind, Attribution, Display, Mode, Privacy, SourceKind, TakedownAs, Visibility};
use crate::edtf::{Day, Edtf, Precision};

/// The kind of a record, which decides its fields, its folder and its pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A person or body.
    Actor,
    /// Something that happened.
    Event,
    /// Words that somebody said.
    Quote,
    /// What the others rest on.
    Source,
    /// Where something happened.
    Place,
    /// Free prose.
    Page,
}

impl Kind {
    /// All kinds, in the order in which a reader meets them.
    pub const ALL: [Kind; 6] = [Kind::Actor, Kind::Event, Kind::Quote, Kind::Source, Kind::Place, Kind::Page];

    /// The word for one record, as under `type:`.
    pub fn word(self) -> &'static str {
        match self {
            Kind::Actor => "actor",
            Kind::Event => "event",
            Kind::Quote => "quote",
            Kind::Source => "source",
            Kind::Place => "place",
            Kind::Page => "page",
        }
    }

    /// The folder under `content/` and, but for pages, in the site.
    pub fn folder(self) -> &'static str {
        match self {
            Kind::Actor => "actors",
            Kind::Event => "events",
            Kind::Quote => "quotes",
            Kind::Source => "sources",
            Kind::Place => "places",
            Kind::Page => "pages",
        }
    }

    /// The kind whose folder has this name.
    pub fn of_folder(folder: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|kind| kind.folder() == folder)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for Kind {
    type Err = String;

    /// Reads the word of a kind or the name of its folder.
    fn from_str(word: &str) -> Result<Self, String> {
        Kind::ALL
            .into_iter()
            .find(|kind| kind.word() == word || kind.folder() == word)
            .ok_or_else(|| "there are these kinds: actor, event, quote, source, place, page".to_owned())
    }
}

/// The fields that every kind of record has.
#[derive(Clone, Copy, Debug)]
pub struct Common<'a> {
    /// The id, when it is written and not the file's name.
    pub id: Option<&'a Id>,
    /// The kind, when it is written and not the folder's.
    pub kind: Option<&'a Word>,
    /// Old ids.
    pub aliases: &'a [Id],
    /// One or two sentences.
    pub summary: Option<&'a Line>,
    /// Subjects.
    pub tags: &'a [Line],
    /// The language of the record's text.
    pub lang: Option<&'a Lang>,
    /// Who may see it.
    pub visibility: Visibility,
    /// Whether it is unfinished.
    pub draft: bool,
    /// The first day on which it may be shown.
    pub publish_at: Option<&'a Edtf>,
    /// Whether it is true.
    pub status: Option<&'a Status>,
    /// What it rests on.
    pub sources: &'a [Citation],
    /// What was changed after publication.
    pub corrections: &'a [Correction],
    /// What was done when somebody asked to have it taken down.
    pub takedown: Option<&'a Takedown>,
    /// Who was asked for a reply.
    pub replies: &'a [Reply],
    /// What a reader should be warned of or a maker be careful with.
    pub sensitivity: &'a [Word],
    /// Findings that are known and are right as they are.
    pub allow: &'a [Allowance],
    /// Withheld words that are common ones too.
    pub not_secret: &'a [Exception],
    /// For the makers of the dossier only.
    pub notes_internal: Option<&'a Markdown>,
    /// The prose, in a record file.
    pub body: Option<&'a Markdown>,
}

/// Why its author holds a record back from readers, whatever it says of anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hold {
    /// It is sealed.
    Sealed,
    /// It is for the authors.
    Internal,
    /// It was withdrawn after it had been published.
    Withdrawn,
    /// It is unfinished.
    Draft,
    /// Its day has not come.
    Embargoed,
}

impl Common<'_> {
    /// Why the record is held back on a day, the gravest reason first.
    pub fn holds(&self, today: Day) -> impl Iterator<Item = Hold> + use<> {
        let visibility = match self.visibility {
            Visibility::Sealed => Some(Hold::Sealed),
            Visibility::Internal => Some(Hold::Internal),
            Visibility::Public | Visibility::Unlisted => None,
        };
        let is_embargoed = self.publish_at.is_some_and(|date| end_of_embargo(date).is_none_or(|day| day > today));
        let is_withdrawn = self.takedown.is_some_and(|takedown| takedown.done == TakedownAs::Withdraw);
        let others = [
            is_withdrawn.then_some(Hold::Withdrawn),
            self.draft.then_some(Hold::Draft),
            is_embargoed.then_some(Hold::Embargoed),
        ];
        [visibility].into_iter().chain(others).flatten()
    }

    /// Whether readers find it in lists; what does not stand there has a page all the same.
    pub fn is_listed(&self) -> bool {
        let is_deindexed = self.takedown.is_some_and(|takedown| takedown.done == TakedownAs::Deindex);
        self.visibility != Visibility::Unlisted && !is_deindexed
    }
}

/// The first day on which a record may be shown of which its author says so much: the last one that the date can mean. A date that is
/// marked as doubtful means no day for certain, and nor does a choice of several; so nothing ends then.
pub fn end_of_embargo(date: &Edtf) -> Option<Day> {
    let is_doubtful = date.is_uncertain() || date.is_approximate();
    let is_one = !matches!(date.precision(), Precision::Interval | Precision::Set);
    date.latest().filter(|_| is_one && !is_doubtful)
}

/// Reads what decides who sees a record. Whoever writes the key and nothing behind it meant to say something, and what it was is not
/// for us to guess.
fn said<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Declares a kind of record: its own fields, and after them those that all kinds have.
macro_rules! record {
    ($(#[$meta:meta])* pub struct $name:ident { $( $(#[$fmeta:meta])* pub $field:ident : $type:ty, )* }) => {
        #[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        $(#[$meta])*
        pub struct $name {
            $( $(#[$fmeta])* pub $field: $type, )*
            /// The record's stable id, when it is not the name of the file without its ending.
            #[serde(default)]
            pub id: Option<Id>,
            /// The kind of record, when it is not that of the folder: `actor`, `event`, `quote`, `source`, `place`
            /// or `page`.
            #[serde(default, rename = "type")]
            pub record_type: Option<Word>,
            /// Old ids of this record, which keep answering as redirects.
            #[serde(default)]
            pub aliases: Many<Id>,
            /// One or two sentences that say what this is.
            #[serde(default)]
            pub summary: Option<Line>,
            /// Subjects under which the record is listed.
            #[serde(default)]
            pub tags: Many<Line>,
            /// The language of the record's text, when it is not that of the dossier.
            #[serde(default)]
            pub lang: Option<Lang>,
            /// Who may see the record.
            #[serde(default, deserialize_with = "said")]
            #[schemars(with = "Visibility")]
            pub visibility: Option<Visibility>,
            /// Whether the record is unfinished and not to be published.
            #[serde(default)]
            pub draft: bool,
            /// The first day on which the record may be published.
            #[serde(default, deserialize_with = "said")]
            #[schemars(with = "Edtf")]
            pub publish_at: Option<Edtf>,
            /// Whether what the record says is true, as far as is known.
            #[serde(default)]
            pub status: Option<Status>,
            /// What the record rests on.
            #[serde(default, alias = "source")]
            pub sources: Many<Citation>,
            /// What was changed after publication.
            #[serde(default)]
            pub corrections: Many<Correction>,
            /// What was done when somebody asked to have the record taken down; `dossier takedown` writes it.
            #[serde(default, deserialize_with = "said")]
            pub takedown: Option<Takedown>,
            /// Who was asked for a reply, and what came of it.
            #[serde(default)]
            pub replies: Many<Reply>,
            /// What needs care: `graphic`, `minor`, `victim` and the like.
            #[serde(default)]
            pub sensitivity: Many<Word>,
            /// Findings of `dossier check` that are right as they are, each with the reason; never published.
            #[serde(default)]
            pub allow: Many<Allowance>,
            /// Withheld values that are common words too, each with the reason: a build does not look for them in what it
            /// writes; never published.
            #[serde(default)]
            pub not_secret: Many<Exception>,
            /// Notes for the makers of the dossier; never published.
            #[serde(default)]
            pub notes_internal: Option<Markdown>,
            /// The prose of a record that stands in a record file (`.yaml`), in Markdown. In a Markdown file the
            /// prose stands under the front matter.
            #[serde(default)]
            pub body: Option<Markdown>,
        }

        impl $name {
            /// The fields that every kind of record has.
            pub fn common(&self) -> Common<'_> {
                Common {
                    id: self.id.as_ref(),
                    kind: self.record_type.as_ref(),
                    aliases: &self.aliases,
                    summary: self.summary.as_ref(),
                    tags: &self.tags,
                    lang: self.lang.as_ref(),
                    visibility: self.visibility.unwrap_or(Visibility::Public),
                    draft: self.draft,
                    publish_at: self.publish_at.as_ref(),
                    status: self.status.as_ref(),
                    sources: &self.sources,
                    corrections: &self.corrections,
                    takedown: self.takedown.as_ref(),
                    replies: &self.replies,
                    sensitivity: &self.sensitivity,
                    allow: &self.allow,
                    not_secret: &self.not_secret,
                    notes_internal: self.notes_internal.as_ref(),
                    body: self.body.as_ref(),
                }
            }
        }
    };
}

record! {
    /// A person or body that plays a part in the incident.
    pub struct Actor {
        /// The name by which the actor is known.
        pub name: Line,
        /// What sort of actor it is.
        pub kind: ActorKind,
        /// Other names: former, short, in other languages and scripts.
        #[serde(default)]
        pub names: Many<Name>,
        /// The name as it is sorted in lists, such as `Doe, Jane`.
        #[serde(default)]
        pub sort_name: Option<Line>,
        /// What the actor is in this incident, in a few words.
        #[serde(default)]
        pub role: Option<Line>,
        /// Offices and positions.
        #[serde(default)]
        pub roles: Many<Role>,
        /// The country the actor belongs to or is.
        #[serde(default)]
        pub country: Option<Country>,
        /// Ids in other collections, such as `wikidata: Q42`.
        #[serde(default)]
        #[schemars(extend("propertyNames" = { "type": "string", "format": "word" }))]
        pub ids: IndexMap<Word, Line>,
        /// Date of birth or foundation.
        #[serde(default)]
        pub born: Option<Edtf>,
        /// Date of death or dissolution.
        #[serde(default)]
        pub died: Option<Edtf>,
        /// A picture: a file beside the record, relative to it.
        #[serde(default)]
        pub image: Option<Line>,
        /// Ties to other actors.
        #[serde(default)]
        pub relations: Many<Relation>,
        /// Actors of a similar name who are somebody else.
        #[serde(default)]
        pub not_same_as: Many<Id>,
        /// How much of a person may be shown.
        #[serde(default, deserialize_with = "said")]
        #[schemars(with = "Privacy")]
        pub privacy: Option<Privacy>,
        /// What stands in place of the name.
        #[serde(default, deserialize_with = "said")]
        #[schemars(with = "Display")]
        pub display: Option<Display>,
        /// The name that stands in place of the real one.
        #[serde(default)]
        pub pseudonym: Option<Line>,
    }
}

impl Actor {
    /// All names that are written of the actor: the name, other names, and the one that lists are sorted by.
    pub fn known_as(&self) -> impl Iterator<Item = &str> {
        let names = [&self.name].into_iter().chain(self.names.iter().map(|name| &name.text)).chain(&self.sort_name);
        names.map(Line::as_str)
    }

    /// Whether readers do not see the name, because of whose it is or of what is to stand in its place.
    pub fn is_protected(&self) -> bool {
        // Whoever was taken down stays so, whatever else the record has come to say.
        let is_taken_down = self
            .takedown
            .as_ref()
            .is_some_and(|takedown| matches!(takedown.done, TakedownAs::Anonymise | TakedownAs::Pseudonymise));
        is_taken_down
            || self.privacy.is_some_and(Privacy::is_protected)
            || !matches!(self.display, None | Some(Display::Full))
    }
}

record! {
    /// Something that happened.
    pub struct Event {
        /// What happened, as a headline.
        pub title: Line,
        /// When, as an EDTF date.
        pub date: Edtf,
        /// The time of day at the place, such as "18:05".
        #[serde(default)]
        pub time: Option<Time>,
        /// The time zone, such as `Asia/Kolkata`; it is shown and never used to shift a date.
        #[serde(default)]
        pub tz: Option<Line>,
        /// Where: a place's id.
        #[serde(default)]
        pub place: Option<Id>,
        /// Who took part.
        #[serde(default)]
        pub actors: Many<Participant>,
        /// What sort of event it was.
        #[serde(default)]
        pub category: Option<Word>,
        /// The larger event that this one belongs to.
        #[serde(default)]
        pub part_of: Option<Id>,
        /// The events that this one follows from.
        #[serde(default)]
        pub follows: Many<Id>,
        /// Numbers that were given.
        #[serde(default)]
        pub counts: Many<Count>,
        /// What became known later.
        #[serde(default)]
        pub updates: Many<Update>,
    }
}

record! {
    /// Words that somebody said or wrote.
    pub struct Quote {
        /// The words, in Markdown; `[...]` marks what is left out, `[words]` what was put in; a list of parts where somebody
        /// else's words stand between them, as `[We did not, open it]`.
        pub text: Words,
        /// Who said them: an actor's id, `unknown`, `unnamed` or `withheld`.
        pub speaker: Speaker,
        /// When they were said, as an EDTF date.
        pub date: Edtf,
        /// A headline for the quote, when the words themselves do not do.
        #[serde(default)]
        pub title: Option<Line>,
        /// The capacity in which the speaker spoke.
        #[serde(default, rename = "as")]
        pub capacity: Option<Line>,
        /// To whom it was said: actors' ids.
        #[serde(default)]
        pub to: Many<Id>,
        /// Whom or what it is about: ids of actors, events or places.
        #[serde(default)]
        pub about: Many<Id>,
        /// The event at which it was said or that it speaks of.
        #[serde(default)]
        pub event: Option<Id>,
        /// Where it was said: a place's id.
        #[serde(default)]
        pub place: Option<Id>,
        /// Through which medium, such as `post on X` or `press briefing`.
        #[serde(default)]
        pub medium: Option<Line>,
        /// How close the words are to what was said.
        #[serde(default)]
        pub mode: Option<Mode>,
        /// How the speaker stands to the subject, such as `supports` or `condemns`.
        #[serde(default)]
        pub stance: Option<Word>,
        /// Whether it was said by the speaker.
        #[serde(default)]
        pub attribution: Option<Attribution>,
        /// The hands through which the words went.
        #[serde(default)]
        pub via: Many<Via>,
        /// What came just before, in your own words.
        #[serde(default)]
        pub context_before: Option<Markdown>,
        /// What came just after, in your own words.
        #[serde(default)]
        pub context_after: Option<Markdown>,
        /// The quote that this one answers.
        #[serde(default)]
        pub in_reply_to: Option<Id>,
        /// How the words came into this language.
        #[serde(default)]
        pub translation: Option<Translation>,
        /// The words as they were said.
        #[serde(default)]
        pub original: Option<Original>,
    }
}

record! {
    /// What other records rest on.
    pub struct Source {
        /// The title as published, or a description when there is none.
        pub title: Line,
        /// What sort of source it is.
        #[serde(default)]
        pub kind: Option<SourceKind>,
        /// Where it is published.
        #[serde(default)]
        pub url: Option<Url>,
        /// Who published it: an actor's id, or plain text.
        #[serde(default)]
        pub publisher: Option<Line>,
        /// Who wrote it: actors' ids, or plain text.
        #[serde(default)]
        pub authors: Many<Line>,
        /// When it was published.
        #[serde(default)]
        pub published: Option<Edtf>,
        /// When it was last read.
        #[serde(default)]
        pub accessed: Option<Edtf>,
        /// Addresses of archived copies.
        #[serde(default)]
        pub archived: Many<Url>,
        /// The source that this one repeats.
        #[serde(default)]
        pub syndicated_from: Option<Id>,
        /// How it can be had, such as `open`, `paywall` or `on-request`.
        #[serde(default)]
        pub access: Option<Word>,
        /// The licence under which it was published.
        #[serde(default)]
        pub licence: Option<Line>,
        /// Copies kept as evidence.
        #[serde(default)]
        pub captures: Many<Capture>,
    }
}

record! {
    /// Where something happened.
    #[schemars(extend("dependentRequired" = { "lat": ["lon"], "lon": ["lat"] }))]
    pub struct Place {
        /// The name of the place.
        pub name: Line,
        /// The country it lies in.
        #[serde(default)]
        pub country: Option<Country>,
        /// Latitude in degrees, WGS 84, north positive.
        #[serde(default, deserialize_with = "latitude")]
        #[schemars(range(min = -90, max = 90))]
        pub lat: Option<f64>,
        /// Longitude in degrees, WGS 84, east positive.
        #[serde(default, deserialize_with = "longitude")]
        #[schemars(range(min = -180, max = 180))]
        pub lon: Option<f64>,
        /// How exact the position is, such as `building`, `city` or `country`.
        #[serde(default)]
        pub precision: Option<Word>,
        /// Whether the position is coarsened on purpose.
        #[serde(default)]
        pub obscured: bool,
    }
}

/// serde knows no limits of numbers; without them it would take what the schema refuses.
fn latitude<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    degrees(deserializer, 90.0)
}

fn longitude<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
    degrees(deserializer, 180.0)
}

fn degrees<'de, D: Deserializer<'de>>(deserializer: D, most: f64) -> Result<Option<f64>, D::Error> {
    match Option::<f64>::deserialize(deserializer)? {
        // What is no number, as YAML knows it, lies nowhere.
        Some(degrees) if !(-most..=most).contains(&degrees) => {
            Err(de::Error::custom(format_args!("the degrees lie between -{most} and {most}")))
        }
        degrees => Ok(degrees),
    }
}

record! {
    /// Free prose: methodology, contact, corrections policy.
    pub struct Page {
        /// The title of the page.
        pub title: Line,
        /// Its place among the pages, lowest first; the first twelve stand in the navigation of every page.
        #[serde(default)]
        pub order: Option<i64>,
        /// A template of the theme for this page.
        #[serde(default)]
        pub template: Option<Word>,
    }
}

/// The front matter of a record, by kind. It is written in the long form, with every key of its kind, and reads as the same
/// record again.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Fields {
    /// Of an actor.
    Actor(Actor),
    /// Of an event.
    Event(Event),
    /// Of a quote.
    Quote(Quote),
    /// Of a source.
    Source(Source),
    /// Of a place.
    Place(Place),
    /// Of a page.
    Page(Page),
}

impl Fields {
    /// The kind that these fields make up.
    pub fn kind(&self) -> Kind {
        match self {
            Fields::Actor(_) => Kind::Actor,
            Fields::Event(_) => Kind::Event,
            Fields::Quote(_) => Kind::Quote,
            Fields::Source(_) => Kind::Source,
            Fields::Place(_) => Kind::Place,
            Fields::Page(_) => Kind::Page,
        }
    }

    /// The fields that every kind has.
    pub fn common(&self) -> Common<'_> {
        match self {
            Fields::Actor(actor) => actor.common(),
            Fields::Event(event) => event.common(),
            Fields::Quote(quote) => quote.common(),
            Fields::Source(source) => source.common(),
            Fields::Place(place) => place.common(),
            Fields::Page(page) => page.common(),
        }
    }

    /// Withholds the record from everybody but its authors, whatever it says of itself.
    pub fn seal(&mut self) {
        let visibility = match self {
            Fields::Actor(actor) => &mut actor.visibility,
            Fields::Event(event) => &mut event.visibility,
            Fields::Quote(quote) => &mut quote.visibility,
            Fields::Source(source) => &mut source.visibility,
            Fields::Place(place) => &mut place.visibility,
            Fields::Page(page) => &mut page.visibility,
        };
        *visibility = Some(Visibility::Sealed);
    }

    /// The name or title that was written; a quote may have none.
    pub fn title(&self) -> Option<&Line> {
        match self {
            Fields::Actor(actor) => Some(&actor.name),
            Fields::Event(event) => Some(&event.title),
            Fields::Quote(quote) => quote.title.as_ref(),
            Fields::Source(source) => Some(&source.title),
            Fields::Place(place) => Some(&place.name),
            Fields::Page(page) => Some(&page.title),
        }
    }

    /// The date on which the record stands in time: of the event, of the words, of the publication.
    pub fn date(&self) -> Option<&Edtf> {
        match self {
            Fields::Event(event) => Some(&event.date),
            Fields::Quote(quote) => Some(&quote.date),
            Fields::Source(source) => source.published.as_ref(),
            Fields::Actor(_) | Fields::Place(_) | Fields::Page(_) => None,
        }
    }
}
