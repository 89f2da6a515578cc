#![doc = include_str!("ARCHITECTURE.md")]

// The modules in reading order. Each may use those before it, and none of those after it; a test holds that.
pub mod check;
pub mod cli;
pub mod compile;
pub mod config;
pub mod diagnostic;
pub mod edtf;
pub mod link;
pub mod model;
pub mod output;
pub mod parse;
pub mod plan;
pub mod read;
pub mod redact;
pub mod render;
pub mod text;
pub mod theme;
