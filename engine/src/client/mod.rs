//! The Push Client: sockets around a FLUTE receiver, and files for what arrives.
//!
//! ```text
//!  multicast ─▶ reader thread ─▶ bounded queue ─▶ session ─▶ part files ─▶ decoded, checked, named
//! ```
//!
//! Nothing from the wire names a file: see [`naming`].

pub mod files;
pub mod gsmtap;
pub mod naming;
pub mod pap;
mod reader;
pub mod receive;
pub mod shown;

pub use files::{Received, ReceivedFile};
pub use receive::{Listen, Notice, Outcome, Progress, Receive, ReceiveError};
pub use shown::Shown;
