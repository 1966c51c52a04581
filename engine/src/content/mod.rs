//! What is inside a push: the message as it goes on the air, and how it comes apart again.
//!
//! ```text
//!  content entity ──outgoing──▶ headers + body ──message──▶ application/vnd.oma.push
//!                      │
//!                      └─ wbxml: SI, SL and CO as text become binary
//! ```
//!
//! Everything here is pure: octets and values in, octets and values out. The gateway asks whether
//! content can be taken in, the preparation of transport objects what goes on the air, the Push
//! Client what arrived.

pub mod charset;
pub mod fuzzing;
pub mod media_type;
pub mod message;
pub mod outgoing;
pub mod tree;
pub mod uaprof;
pub mod wbxml;
pub mod xml_read;

pub use outgoing::{Outgoing, Source, TransformError, check, transform};
