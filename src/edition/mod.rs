//! Sealed editions: what a reader must be able to cite, check and compare after years, without this program.

pub mod signature;
pub mod timestamp;
