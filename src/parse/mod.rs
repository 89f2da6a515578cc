//! From a file's text to records, each file by itself and all of them in parallel.
//!
//! A file that is as it should be is read by serde straight into the structs of [`model`](crate::model). Only when
//! that fails is it read again as a tree with positions and checked against the schema made from the same structs, so
//! that every mistake of the file is found at once and each has its line and column.

mod front;
mod highlight;
mod minors;
mod open;
mod overlay;
mod problem;
mod prose;
mod record;
mod rewrite;
mod settings;
mod tree;
mod validate;

pub use highlight::class_names;
pub use open::Private;
pub(crate) use open::can_be_withheld;
pub use problem::Problem;
pub use prose::{
    Extent, Heading, Link, Mark, Moved, Outward, Prose, ProseProblem, Run, Shown, Swap, Target, read_outward,
    read_prose,
};
pub use record::{Origin, Parsed, Record, Records, Slot, Texts, parse, schema};
pub(crate) use record::{each_text, place_in};
pub use rewrite::{Plain, Unwritable, Written, write_fields};
pub use settings::{parse_mapping, parse_settings};
pub use tree::{Step, locate};
