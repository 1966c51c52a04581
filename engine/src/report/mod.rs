//! What became of pushes, and telling it.
//!
//! ```text
//!  lane events ─▶ fold ─▶ store ─▶ outbox ─▶ POST to the PI
//! ```
//!
//! [`fold`] decides what an event means for a delivery. Outcomes and their notifications are committed together, so that [`outbox`] finds in the store
//! everything that still has to be told.

pub mod fold;
pub mod outbox;
