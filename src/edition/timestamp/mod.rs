//! Timestamps over the bytes of a seal: that these bytes existed at a certain time, as others confirm it.
//!
//! [`ots`] is OpenTimestamps, where the time is that of a block of Bitcoin; [`tsp`] is RFC 3161, where an authority signs it. Both make what
//! is sent and check what came back. Nothing here asks anybody: the network, the clock and chance belong to whoever calls.

pub mod ots;
pub mod tsp;
