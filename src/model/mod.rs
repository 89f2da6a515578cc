//! What an author can say: the record kinds, their fields and their closed vocabularies.
//!
//! Each kind is one struct whose fields carry their documentation. serde reads it, and the JSON Schema made from it
//! drives "did you mean", `dossier new` and the reference of fields, so that these cannot drift apart. The structs
//! carry no positions: where a field stands in its file is looked up when a finding needs it.
//!
//! Nothing here reads files or knows of other records; a reference is an [`Id`] until the link stage resolves it.

mod countries;
mod kinds;
mod parts;
mod scalars;
mod shape;
mod vocabulary;

pub use kinds::{Actor, Common, Event, Fields, Hold, Kind, Page, Place, Quote, Source, end_of_embargo};
pub use parts::{
    Allowance, Capture, Citation, Correction, Count, Exception, Many, Name, Original, Participant, Relation, Reply,
    Role, Speaker, Status, Takedown, Translation, Update, Via, Words,
};
pub use scalars::{Country, Digest, Id, Lang, Line, Markdown, ScalarError, Sha256, Time, Url, Word, check_format};
pub use shape::{Shape, shape};
pub use vocabulary::{
    ActorKind, Attribution, CorrectionKind, Display, Mode, Outcome, Privacy, SourceKind, StatusWord, TakedownAs,
    TakedownReason, Visibility,
};
