//! What became of pushes, and telling it.
//!
//! ```text
//!  lane events, CBC answers ─▶ store ─▶ outbox ─▶ POST to the PI
//! ```
//!
//! Outcomes and their notifications are committed together, so that [`outbox`] finds in the store
//! everything that still has to be told.

pub mod outbox;
