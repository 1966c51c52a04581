//! FLUTE file delivery over unidirectional transport, without any I/O.
//!
//! ```text
//!  sender::Session ──datagrams──▶ (your socket) ~~~ multicast ~~~ (your socket) ──▶ receiver::Session
//!  fdt, content      alc ▸ lct ▸ FEC payload ID ▸ symbol                          events, data, gaps
//! ```
//!
//! | layer | module | source |
//! |---|---|---|
//! | FLUTE v1 and v2: FDT instances | [`fdt`] | RFC 3926, RFC 6726, TS 26.346 7.2 |
//! | ALC packets | [`alc`] | RFC 3450, RFC 5775 |
//! | LCT header and extensions | [`lct`] | RFC 3451, RFC 5651 |
//! | FEC: Compact No-Code, RaptorQ | [`fec`] | RFC 5445 3, RFC 6330, RFC 5052 9.1 |
//! | content encoding, digest | [`content`] | RFC 1952, TS 26.346 7.2.10 |
//! | session description | [`sdp`] | TS 26.346 7.3 |
//!
//! # How a session is driven
//!
//! Nothing here asks for the time, opens a socket or starts a thread. Inputs are methods named
//! `handle_*`, outputs are `poll_transmit`, `poll_encode`, `poll_event`, and `poll_timeout` says
//! when to call again if nothing else happens. After every input drain all outputs until each
//! returns `None`. [`Now`] travels in with each call that needs it.
//!
//! # Limits
//!
//! Everything that an outside party can make grow has a named `MAX_` constant beside it, or a
//! field of [`receiver::Limits`]; reaching one is an error value or a counter, never a panic.
//!
//! Not implemented: Raptor (RFC 5053), Reed-Solomon, congestion control, EXT_AUTH verification.

pub mod alc;
pub mod content;
pub mod fdt;
pub mod fec;
pub mod fuzzing;
pub mod ids;
pub mod lct;
pub mod receiver;
pub mod sdp;
pub mod sender;
pub mod time;
pub mod wire;

pub use ids::{FdtInstanceId, Toi, Tsi};
pub use time::Now;
