//! The parts that fields are made of: citations, participants, roles and the like, in short and long forms.

use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::de::{self, Deserializer, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::scalars::{Digest, Id, Lang, Line, Markdown, Sha256, Word};
use super::vocabulary::{CorrectionKind, Outcome, StatusWord, TakedownAs, TakedownReason};
use crate::edtf::Edtf;

/// A list in which one value may stand alone: `tags: court` is `tags: [court]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Many<T>(Vec<T>);

impl<T> Many<T> {
    /// Whether nothing was written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<T> Default for Many<T> {
    fn default() -> Self {
        Many(Vec::new())
    }
}

impl<T> std::ops::Deref for Many<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> std::ops::DerefMut for Many<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T> FromIterator<T> for Many<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        Many(values.into_iter().collect())
    }
}

impl<'a, T> IntoIterator for &'a Many<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Many<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct OneOrMany<T>(PhantomData<T>);
        impl<'de, T: Deserialize<'de>> Visitor<'de> for OneOrMany<T> {
            type Value = Many<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one value or a list")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut values: A) -> Result<Many<T>, A::Error> {
                let mut many = Vec::with_capacity(values.size_hint().unwrap_or(1).min(64));
                while let Some(value) = values.next_element()? {
                    many.push(value);
                }
                many.shrink_to_fit();
                Ok(Many(many))
            }

            fn visit_unit<E: de::Error>(self) -> Result<Many<T>, E> {
                Ok(Many(Vec::new()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Many<T>, A::Error> {
                T::deserialize(MapAccessDeserializer::new(map)).map(|one| Many(vec![one]))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Many<T>, E> {
                T::deserialize(text.into_deserializer()).map(|one| Many(vec![one]))
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Many<T>, E> {
                T::deserialize(number.into_deserializer()).map(|one| Many(vec![one]))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Many<T>, E> {
                T::deserialize(number.into_deserializer()).map(|one| Many(vec![one]))
            }

            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Many<T>, E> {
                T::deserialize(number.into_deserializer()).map(|one| Many(vec![one]))
            }

            fn visit_bool<E: de::Error>(self, truth: bool) -> Result<Many<T>, E> {
                T::deserialize(truth.into_deserializer()).map(|one| Many(vec![one]))
            }
        }
        deserializer.deserialize_any(OneOrMany(PhantomData))
    }
}

impl<T: Serialize> Serialize for Many<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(&self.0)
    }
}

impl<T: JsonSchema> JsonSchema for Many<T> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("ManyOf{}", T::schema_name()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one }, { "type": "null" }] })
    }
}

/// The words of a quotation: one text, or a list of parts where somebody else's words stand between, as in "We did not,"
/// he said, "open it".
///
/// It is the Markdown of all parts, each a passage of its own, so that whatever reads Markdown reads it as it reads any other;
/// [`Words::BETWEEN`] stands where another speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Words(Markdown);

impl Words {
    /// What stands between two parts: a paragraph of one character that means nothing and that nobody writes.
    pub const BETWEEN: &str = "\n\n\u{fdd0}\n\n";

    /// The Markdown of all parts.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The same, to be changed.
    pub fn markdown_mut(&mut self) -> &mut Markdown {
        &mut self.0
    }

    /// The Markdown of each part; there is at least one.
    pub fn parts(&self) -> impl Iterator<Item = &str> {
        self.as_str().split(Words::BETWEEN)
    }

    /// Whether somebody else's words stand between.
    pub fn are_several(&self) -> bool {
        self.as_str().contains(Words::BETWEEN)
    }

    /// The Markdown of the parts in a row, as if nothing stood between, for comparing words.
    pub fn in_a_row(&self) -> String {
        self.as_str().replace(Words::BETWEEN, " ")
    }
}

impl<'de> Deserialize<'de> for Words {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let parts = Many::<Markdown>::deserialize(deserializer)?;
        let parts: Vec<&str> = parts.iter().map(Markdown::as_str).collect();
        parts.join(Words::BETWEEN).parse().map(Words).map_err(de::Error::custom)
    }
}

impl Serialize for Words {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.are_several() { serializer.collect_seq(self.parts()) } else { serializer.serialize_str(self.as_str()) }
    }
}

impl JsonSchema for Words {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Words".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<Markdown>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
}

/// Declares a struct that may also be written as one value, its first field.
macro_rules! short_form {
    ($(#[$meta:meta])* pub struct $name:ident { $(#[$smeta:meta])* pub $short:ident : $short_type:ty, $( $(#[$fmeta:meta])* pub $field:ident $(or $alias:literal)? : $type:ty, )* }) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, Serialize)]
        pub struct $name { $(#[$smeta])* pub $short: $short_type, $( $(#[$fmeta])* pub $field: $type, )* }

        const _: () = {
            // The long form, in which each field stands under its own key. Its schema takes the documentation of both.
            $(#[$meta])*
            #[derive(Deserialize, JsonSchema)]
            #[serde(deny_unknown_fields)]
            struct Long { $(#[$smeta])* $short: $short_type, $( $(#[$fmeta])* #[serde(default $(, alias = $alias)?)] $field: $type, )* }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    struct Form;
                    impl<'de> Visitor<'de> for Form {
                        type Value = $name;

                        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                            write!(f, "one value, or a mapping with `{}`", stringify!($short))
                        }

                        fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                            let short = <$short_type>::deserialize(text.into_deserializer())?;
                            Ok($name { $short: short, $( $field: Default::default(), )* })
                        }

                        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<$name, A::Error> {
                            let long = Long::deserialize(MapAccessDeserializer::new(map))?;
                            Ok($name { $short: long.$short, $( $field: long.$field, )* })
                        }
                    }
                    deserializer.deserialize_any(Form)
                }
            }

            impl JsonSchema for $name {
                fn schema_name() -> std::borrow::Cow<'static, str> {
                    stringify!($name).into()
                }

                fn json_schema(generator: &mut SchemaGenerator) -> Schema {
                    let short = generator.subschema_for::<$short_type>();
                    let long = Long::json_schema(generator);
                    json_schema!({ "anyOf": [short, long] })
                }
            }
        };
    };
}

short_form! {
    /// Where something is taken from: a source and the place in it.
    pub struct Citation {
        /// The id of the source.
        pub source: Id,
        /// Page, paragraph, timestamp or the like.
        pub locator: Option<Line>,
        /// The exact words in the source.
        pub exact: Option<Line>,
        /// Words just before the exact words.
        pub prefix: Option<Line>,
        /// Words just after the exact words.
        pub suffix: Option<Line>,
        /// The day on which the source was read.
        pub accessed: Option<Edtf>,
        /// Whether the source supports or contradicts.
        pub stance: Option<Word>,
        /// A remark on the citation.
        pub note: Option<Line>,
    }
}

short_form! {
    /// Who took part in an event, and as what.
    pub struct Participant {
        /// The id of the actor.
        pub actor: Id,
        /// As what they took part, such as `speaker` or `target`.
        pub role: Option<Word>,
        /// Whether taking part is an allegation.
        pub alleged: bool,
        /// What says that they took part.
        pub sources or "source": Many<Citation>,
    }
}

short_form! {
    /// Whether a record is true, as a word or with who verified it, when and how.
    pub struct Status {
        /// The word.
        pub is: StatusWord,
        /// Who verified it.
        pub by: Option<Line>,
        /// The day of the verification.
        pub on: Option<Edtf>,
        /// How it was verified.
        pub method: Option<Line>,
        /// The day by which it must be looked at again.
        pub review_by: Option<Edtf>,
    }
}

short_form! {
    /// Another form of a name.
    pub struct Name {
        /// The name.
        pub text: Line,
        /// Its language.
        pub lang: Option<Lang>,
        /// What sort of name it is, such as `former`, `birth` or `short`.
        pub kind: Option<Word>,
    }
}

short_form! {
    /// An office or position that an actor holds or held.
    pub struct Role {
        /// The title of the office.
        pub title: Line,
        /// Where: an actor's id, or plain text.
        pub at: Option<Line>,
        /// Since when.
        pub from: Option<Edtf>,
        /// Until when.
        pub until: Option<Edtf>,
    }
}

short_form! {
    /// A hand through which the words went before they reached the source.
    pub struct Via {
        /// The actor who passed the words on.
        pub actor: Id,
        /// How, such as `quoted` or `translated`.
        pub verb: Option<Word>,
        /// The source in which they did.
        pub source: Option<Id>,
        /// When they did.
        pub date: Option<Edtf>,
    }
}

/// A tie from this actor to another.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Relation {
    /// What ties them, such as `leads`, `member-of` or `owns`.
    pub kind: Word,
    /// The id of the other actor.
    pub to: Id,
    /// In which role.
    #[serde(default)]
    pub role: Option<Line>,
    /// Since when.
    #[serde(default)]
    pub from: Option<Edtf>,
    /// Until when.
    #[serde(default)]
    pub until: Option<Edtf>,
    /// What says so.
    #[serde(default, alias = "source")]
    pub sources: Many<Citation>,
}

/// A number that somebody gave for something countable.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// What was counted.
    pub what: Line,
    /// The lowest number given.
    #[serde(default)]
    pub low: Option<u64>,
    /// The best estimate.
    #[serde(default)]
    pub best: Option<u64>,
    /// The highest number given.
    #[serde(default)]
    pub high: Option<u64>,
    /// Who counted: a source's or an actor's id, or plain text.
    #[serde(default)]
    pub by: Option<Line>,
}

/// What became known later.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Update {
    /// When it became known.
    pub date: Edtf,
    /// What became known, in Markdown.
    pub text: Markdown,
}

/// A change to what was published, as its readers should know it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The day of the change.
    pub on: Edtf,
    /// What sort of change it is.
    #[serde(default)]
    pub kind: Option<CorrectionKind>,
    /// The field that changed.
    #[serde(default)]
    pub field: Option<Line>,
    /// What stood there.
    #[serde(default)]
    pub was: Option<Line>,
    /// What stands there now.
    #[serde(default)]
    pub now: Option<Line>,
    /// Why it was changed.
    pub why: Line,
}

/// What was done to a record that somebody asked to have taken down; `dossier takedown` writes it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Takedown {
    /// What was done.
    #[serde(rename = "as")]
    pub done: TakedownAs,
    /// The day on which it was done.
    pub on: Edtf,
    /// For which class of reason.
    pub reason: TakedownReason,
    /// What readers are told on the page of a record that was annotated.
    #[serde(default)]
    pub note: Option<Line>,
    /// Whether no page answers at the old address, since the address itself tells what was taken down.
    #[serde(default)]
    pub silent: bool,
}

/// A right of reply: who was asked, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The id of the actor who was asked.
    pub from: Id,
    /// The day on which they were asked.
    #[serde(default)]
    pub asked_on: Option<Edtf>,
    /// The day until which they could answer.
    #[serde(default)]
    pub deadline: Option<Edtf>,
    /// What came of it.
    pub outcome: Outcome,
    /// The id of the quote with their answer.
    #[serde(default)]
    pub quote: Option<Id>,
}

/// A finding that is right as it is.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Allowance {
    /// The code of the finding, as `dossier check` prints it.
    pub code: Word,
    /// Why it is right as it is.
    pub why: Line,
}

/// A withheld value that a build does not look for in what it writes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exception {
    /// The value: a name, a part of one, an id or a sentence of the record.
    pub text: Line,
    /// Why it may stand in the site.
    pub why: Line,
}

/// How words came into the language in which they stand here.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Translation {
    /// The language in which they were said.
    pub from: Lang,
    /// The SHA-256 of the original's words that were translated, or its first digits; when theirs is another one, the translation
    /// is stale. `dossier check --fix` writes it.
    #[serde(default)]
    pub of: Option<Digest>,
    /// How they were translated, such as `human`, `machine` or `unknown`.
    #[serde(default)]
    pub method: Option<Word>,
    /// Who translated them.
    #[serde(default)]
    pub by: Option<Line>,
}

/// The words as they were said.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Original {
    /// Their language.
    pub lang: Lang,
    /// The words, in Markdown.
    pub text: Markdown,
}

/// A copy of a source that is kept as evidence.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Capture {
    /// The file: beside the record, in the folder of the source's id beside it, or in the folder of captures.
    pub file: Line,
    /// When it was made.
    #[serde(default)]
    pub at: Option<Edtf>,
    /// Who made it.
    #[serde(default)]
    pub by: Option<Line>,
    /// How it was made, such as `text`, `pdf` or `warc`.
    #[serde(default)]
    pub method: Option<Word>,
    /// Its SHA-256.
    #[serde(default)]
    pub sha256: Option<Sha256>,
    /// Its length in bytes.
    #[serde(default)]
    pub bytes: Option<u64>,
    /// Its media type, such as `text/html`.
    #[serde(default)]
    pub media_type: Option<Line>,
}

/// Who said the words. That nobody knows who, that the source does not say who, and that this dossier does not say
/// who are three different things.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// An actor of this dossier.
    Actor(Id),
    /// Nobody knows who said it.
    Unknown,
    /// The source does not name the speaker.
    Unnamed,
    /// The dossier knows the speaker and does not say.
    Withheld,
}

impl Speaker {
    /// The actor, when there is one.
    pub fn actor(&self) -> Option<&Id> {
        match self {
            Speaker::Actor(id) => Some(id),
            Speaker::Unknown | Speaker::Unnamed | Speaker::Withheld => None,
        }
    }
}

impl<'de> Deserialize<'de> for Speaker {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = Id::deserialize(deserializer)?;
        Ok(match id.as_str() {
            "unknown" => Speaker::Unknown,
            "unnamed" => Speaker::Unnamed,
            "withheld" => Speaker::Withheld,
            _ => Speaker::Actor(id),
        })
    }
}

impl Serialize for Speaker {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Speaker::Actor(id) => id.as_str(),
            Speaker::Unknown => "unknown",
            Speaker::Unnamed => "unnamed",
            Speaker::Withheld => "withheld",
        })
    }
}

impl JsonSchema for Speaker {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Speaker".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "format": "id",
            "description": "an actor's id, or `unknown`, `unnamed` or `withheld`"
        })
    }
}
