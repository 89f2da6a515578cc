//! Closed vocabularies: the words a field may hold, each with its meaning.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares a closed vocabulary with the word that stands for each variant in front matter and on pages.
macro_rules! vocabulary {
    ($(#[$meta:meta])* pub enum $name:ident { $( $(#[$vmeta:meta])* $variant:ident = $word:literal, )+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize, JsonSchema)]
        pub enum $name { $( $(#[$vmeta])* #[serde(rename = $word)] $variant, )+ }

        impl $name {
            /// All of them, in the order of the reference.
            pub const ALL: &'static [$name] = &[$( $name::$variant, )+];

            /// The word as authors write it.
            pub fn word(self) -> &'static str {
                match self { $( $name::$variant => $word, )+ }
            }
        }
    };
}

vocabulary! {
    /// What sort of actor this is.
    pub enum ActorKind {
        /// A natural person.
        Person = "person",
        /// An association, company, agency or other body.
        Organisation = "organisation",
        /// A state or its government.
        Government = "government",
        /// A political party.
        Party = "party",
        /// A news organisation.
        Media = "media",
        /// An online platform.
        Platform = "platform",
        /// People who act together without an organisation.
        Group = "group",
        /// Somebody whose identity is not given.
        Unnamed = "unnamed",
    }
}

vocabulary! {
    /// How much of a person may be shown.
    pub enum Privacy {
        /// Known by public acts in a public role.
        PublicFigure = "public-figure",
        /// Named for one public act only.
        Limited = "limited",
        /// A private person: no page of their own.
        Private = "private",
        /// Under age: no page of their own.
        Minor = "minor",
        /// Harmed by the incident: no page of their own.
        Victim = "victim",
        /// A source who must not be recognised: no page of their own.
        ProtectedSource = "protected-source",
    }
}

impl Privacy {
    /// Whether the person has no page, no entry in any list and no name in any byte of the output.
    pub fn is_protected(self) -> bool {
        match self {
            Privacy::PublicFigure | Privacy::Limited => false,
            Privacy::Private | Privacy::Minor | Privacy::Victim | Privacy::ProtectedSource => true,
        }
    }
}

vocabulary! {
    /// What stands in place of a person's name.
    pub enum Display {
        /// The name as it is.
        Full = "full",
        /// The initials of the name.
        Initials = "initials",
        /// The words under `pseudonym`.
        Pseudonym = "pseudonym",
        /// The words under `role`.
        RoleOnly = "role-only",
        /// Nothing that tells one person from another.
        Omit = "omit",
    }
}

vocabulary! {
    /// Who may see a record.
    pub enum Visibility {
        /// Everybody.
        Public = "public",
        /// Whoever has the address: a page, but in no list, picture, feed or neighbour.
        Unlisted = "unlisted",
        /// The makers of the dossier only.
        Internal = "internal",
        /// Nobody but the keeper of the overlay.
        Sealed = "sealed",
    }
}

vocabulary! {
    /// Whether what a record says is true, as far as the dossier knows.
    pub enum StatusWord {
        /// Nobody has looked into it.
        Unverified = "unverified",
        /// One source says so; nobody else confirms it.
        Reported = "reported",
        /// Independent sources say the same.
        Corroborated = "corroborated",
        /// Checked by a stated method.
        Verified = "verified",
        /// Sources contradict each other.
        Disputed = "disputed",
        /// Shown to be false.
        Refuted = "refuted",
        /// Withdrawn by its own source.
        Retracted = "retracted",
    }
}

vocabulary! {
    /// Whether the words were said by the speaker, which is not whether they are true.
    pub enum Attribution {
        /// The cited source has the words from the speaker.
        Sourced = "sourced",
        /// Others say that the speaker said so.
        Attributed = "attributed",
        /// Whether the speaker said so is in dispute.
        Disputed = "disputed",
        /// Somebody else said it.
        Misattributed = "misattributed",
        /// The speaker denies it.
        Denied = "denied",
    }
}

vocabulary! {
    /// How close the words are to what was said.
    pub enum Mode {
        /// The words themselves.
        Direct = "direct",
        /// The words, with parts reported in other words.
        Mixed = "mixed",
        /// Reported speech that keeps to the words.
        Indirect = "indirect",
        /// The meaning in the words of another.
        Paraphrase = "paraphrase",
    }
}

vocabulary! {
    /// What sort of source this is.
    pub enum SourceKind {
        /// A published article.
        Article = "article",
        /// A post on a platform.
        Post = "post",
        /// A statement issued by a speaker.
        Statement = "statement",
        /// A court's record, ruling or filing.
        Court = "court",
        /// A report of an inquiry, an authority or an organisation.
        Report = "report",
        /// A broadcast on radio, television or as a stream.
        Broadcast = "broadcast",
        /// An interview held for this dossier or elsewhere.
        Interview = "interview",
        /// A set of records or measurements.
        Dataset = "dataset",
        /// Any other document.
        Document = "document",
        /// A book.
        Book = "book",
        /// A letter or message.
        Correspondence = "correspondence",
        /// A photograph.
        Photograph = "photograph",
        /// A video recording.
        Video = "video",
        /// A sound recording.
        Audio = "audio",
        /// A law, regulation or treaty.
        Legislation = "legislation",
        /// A web page that is none of the above.
        WebPage = "web-page",
    }
}

vocabulary! {
    /// What sort of correction was made.
    pub enum CorrectionKind {
        /// A statement was wrong.
        Correction = "correction",
        /// Something that was missing was added.
        Addition = "addition",
        /// The meaning was right but unclear.
        Clarification = "clarification",
        /// The statement was withdrawn.
        Retraction = "retraction",
        /// Something was taken out to protect a person.
        Removal = "removal",
        /// The meaning is the same: a typing error, a sign, a space. Readers find it on the record's own page, and not among the corrections.
        Minor = "minor",
    }
}

vocabulary! {
    /// What was done to a record that somebody asked to have taken down.
    pub enum TakedownAs {
        /// Its page says what was objected to or decided; nothing of it is taken away.
        Annotate = "annotate",
        /// It stands in no list, and search engines are asked to leave it out.
        Deindex = "deindex",
        /// The person is shown by another name, and has no page.
        Pseudonymise = "pseudonymise",
        /// The person is shown by their role or not at all, and has no page.
        Anonymise = "anonymise",
        /// The record is not part of the site; a page at its address says that it was withdrawn.
        Withdraw = "withdraw",
    }
}

impl TakedownAs {
    /// Whether the page of the record goes, and one that says no more than this stands at its address.
    pub fn takes_the_page(self) -> bool {
        match self {
            TakedownAs::Annotate | TakedownAs::Deindex => false,
            TakedownAs::Pseudonymise | TakedownAs::Anonymise | TakedownAs::Withdraw => true,
        }
    }
}

vocabulary! {
    /// The class of reason for which something was taken down, as readers are told.
    pub enum TakedownReason {
        /// A law, a court or an authority demands it.
        Legal = "legal",
        /// Somebody could come to harm.
        Safety = "safety",
        /// Whoever it rests on or is about has not agreed, or has taken that back.
        Consent = "consent",
        /// It should not have been published as it was.
        Error = "error",
        /// It concerns what is nobody else's.
        Privacy = "privacy",
    }
}

vocabulary! {
    /// What came of asking somebody for a reply.
    pub enum Outcome {
        /// They answered.
        Answered = "answered",
        /// They declined to answer.
        Declined = "declined",
        /// No answer came.
        None = "none",
    }
}
