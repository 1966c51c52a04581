//! A Cell Broadcast Centre to try things on: ECBE with its quirks, a network of cells behind it, and
//! the handset that a person would look at.
//!
//! ```text
//!  ECBE request ──Centre::call──▶ messages ──▶ cells: air time, refusals ──▶ handset: text, page by page
//!  command line ──Centre::show──▶ "show message id N"                   └──▶ GSMTAP for other tools
//! ```
//!
//! [`Centre`] is pure: time is passed in. The HTTP side is [`http::cbc`](crate::http::cbc), the
//! command port [`port`], the subcommand `pushcast cbc`. Quirks are what osmo-cbc 0.5.3 was seen to
//! do, each switched by itself.

mod air;
mod centre;
mod handset;
pub mod port;
mod quirks;

pub use air::{Network, Sent};
pub use centre::{Centre, Verdict};
pub use handset::{Handset, Shown, ShownPush};
pub use quirks::{Answering, Quirks};
