//! Archives that came from anybody: checking them, and taking out of an edition what has to go by law.
//!
//! [`verify`] reads bags, be they editions or not, and web archives, and trusts nothing in them. Nothing here touches the disk: files are
//! handed in, and are opened by whoever asks.
//!
//! Not for writing editions; that is [`edition`](crate::edition)'s part.

mod packed;
mod removal;
mod removed;
mod verify;

pub use removal::{NotRemoved, Removing, TakenOut, remove};
pub use verify::{
    Asked, Bag, Beside, Refused, Trusted, Visit, add_beside, beside, beside_path, check_beside, is_beside_name, verify,
    verify_folder,
};
