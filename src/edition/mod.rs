//! Sealed editions: what a dossier said on a day, so that anybody can cite it, compare it, and check that nothing was changed since.
//!
//! A [`Manifest`](manifest::Reader) names all files and all fields of an edition with what they are known by, and a [`Seal`] stands for all of
//! it in ten lines. The seal is what is signed. What has to be taken out by law leaves a commitment in the manifest, of which nobody
//! can tell what it stood for, and the seal stays as it was.
//!
//! [`signature`] and [`timestamp`] make and check what lies beside a seal: who signed it, and since when it has been there.
//!
//! Nothing here touches the disk or knows of the stages; files are handed in.

pub(crate) mod archive;
pub(crate) mod bag;
pub(crate) mod container;
mod diff;
pub mod manifest;
mod metadata;
mod opened;
mod past;
pub(crate) mod readme;
mod salt;
mod seal;
pub mod signature;
pub mod timestamp;
mod wacz;

pub use archive::{About, Archive, MANIFEST, PayloadFile, README, SEAL, TagFile, Unwritten, Written, keep};
pub(crate) use archive::{Hashed, PROGRAM, info};
pub use bag::Oxum;
pub use container::Form;
pub use diff::{Became, Diff, FieldChange, FileChanges, Piece, RecordChange, Renames, Snapshot, changed_fields, diff};
pub use manifest::{Entry, Header, ManifestError, Previous, Writer};
pub use metadata::{CAPTURES, CONTENT, FILE as CRATE, LOCK, Part, SETTINGS, SITE, ro_crate};
pub use opened::{Before, NotAnEdition, before, snapshot};
pub use past::{Break, Done, Past, PastEdition, order};
pub use salt::Salt;
pub use seal::{LONGEST_SEAL, Seal, SealError};
pub use wacz::Wacz;

/// For whom an edition is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum For {
    /// Everybody: the site as readers have it.
    Public,
    /// Those who keep the dossier: its content and captures too.
    Sealed,
}

impl For {
    /// The word for it in an edition.
    pub fn word(self) -> &'static str {
        match self {
            For::Public => "public",
            For::Sealed => "sealed",
        }
    }
}
