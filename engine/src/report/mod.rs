//! What became of pushes, and telling it.
//!
//! ```text
//!  lane events ─▶ fold ─▶ store ─▶ outbox ─▶ POST to the PI
//! ```
//!
//! [`fold`] decides what an event means for a delivery. Outcomes and their notifications are committed together, so that [`outbox`] finds in the store
//! everything that still has to be told. [`delivery`] makes reports for people from sums of the store.

pub mod delivery;
pub mod fold;
pub mod outbox;
