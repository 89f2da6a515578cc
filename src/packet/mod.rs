//! Evidence packets: what shows to somebody who has neither this program nor the dossier on what a quotation or an event rests, and how to
//! check it with ordinary tools.
//!
//! [`make`] gathers a [`Packet`] from what readers have; its bytes are the same wherever and whenever it is written. [`verify()`] reads one and
//! needs nothing else. Neither touches the disk: files are handed in, and are opened by whoever asks.
//!
//! Not for deciding what readers have; that is [`redact`](crate::redact)'s part.

mod against;
mod container;
mod contents;
mod licence;
mod readme;
mod record;
mod statement;
mod sums;
mod verify;

pub(crate) use against::Against;
pub(crate) use container::{is_of_content, shown, unsafe_name};
pub use contents::{Content, Copy, Measured, Packet, Passing, Unfit, copies, is_fit, make};
pub use licence::lets_pass_on;
pub use statement::{Passed, Statement};
pub use verify::{Check, Checked, Held, verify};

/// The page that tells a person how to check a packet.
const README: &str = "README.txt";

/// What was looked for and found, for programs.
const STATEMENT: &str = "evidence.json";

/// The record, for people.
const RECORD: &str = "record.md";

/// The record, for programs.
const RECORD_DATA: &str = "record.json";

/// The fingerprints of all other files.
const SUMS: &str = "SHA256SUMS";

/// The folder of the captures that are passed on.
const CAPTURES: &str = "captures/";

/// The folder of the passages of captures that are not.
const EXCERPTS: &str = "excerpts/";
