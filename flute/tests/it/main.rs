//! The crate as its users see it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod carousels;
mod corpus;
mod hostile;
mod interop;
mod listener;
mod matrix;
mod packets;
mod pair;
mod scenarios;
