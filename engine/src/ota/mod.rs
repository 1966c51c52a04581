//! Over the air: lanes that carry FLUTE sessions to multicast groups.
//!
//! ```text
//!  engine ──Command──▶ ┌─────────────── lane thread ───────────────┐ ──bursts──▶ multicast
//!                      │ channels: FLUTE session, socket, objects  │
//!  engine ◀──Event──── │ transmitter: io_uring, GSO or plain       │
//!                      └──EncodeJob──▶ workers ──symbols──────────▶┘
//! ```
//!
//! A lane serves one interface and many channels on one OS thread, which owns its sockets,
//! sessions and buffers. It never reads the store, never encodes and never waits for anything but
//! time and its inbox. [`workers`] read and encode ahead.

mod channel;
mod fallback;
pub mod fleet;
pub mod flute;
pub mod interface;
pub mod lane;
pub mod links;
pub mod socket;
pub mod transmitter;
mod uring;
pub mod workers;

pub use fleet::{Fleet, FleetError, LaneSpec};
pub use interface::{Interface, InterfaceError};
pub use lane::{Command, Event, Lane, LaneConfig, LaneError, Refusal};
pub use transmitter::Backend;
pub use workers::{Source, Workers};

#[cfg(test)]
mod tests;
