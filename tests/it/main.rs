//! The integration tests, one binary. Cases that a person can read in a folder lie in `tests/cases/`.

// A test that cannot go on has failed; an unwrap says where.
#![allow(clippy::unwrap_used)]

mod html;
mod http;
mod input;

mod architecture;
mod archive;
mod capture;
mod captures;
mod cases;
mod checking;
mod codes;
mod commands;
mod comparing;
mod drift;
mod editing;
mod editions;
mod evidence;
mod example;
mod explaining;
mod external;
mod hands;
mod hostile;
mod hosting;
mod kill;
mod leaks;
mod linking;
mod listing;
mod mending;
mod mentions;
mod noninterference;
mod output;
mod overlay;
mod packet;
mod pictures;
mod preview;
mod privacy;
mod proof;
mod publish;
mod reading;
mod records_data;
mod reidentifying;
mod redact_edition;
mod reproducible;
mod schema;
mod schema_accepts;
mod shared_log;
mod signatures;
mod shown_evidence;
mod sign;
mod strictest;
mod takedown;
mod timestamps;
mod translation;
mod verbatim;
mod verify_edition;
mod withheld;
mod words;
mod workflows;
mod yaml;
