#![doc = include_str!("ARCHITECTURE.md")]

// The modules in reading order. Each may use those before it, and none of those after it; a test holds that.
pub mod text;
pub mod edtf;
pub mod model;
pub mod theme;
pub mod config;
pub mod diagnostic;
pub mod media;
pub mod read;
pub mod parse;
pub mod schema;
pub mod link;
pub mod evidence;
pub mod check;
pub mod redact;
pub mod leak;
pub mod plan;
pub mod render;
pub mod compile;
pub mod packet;
pub mod edition;
pub mod workspace;
pub mod external;
pub mod output;
pub mod serve;
pub mod cli;
