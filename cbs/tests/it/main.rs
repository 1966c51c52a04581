//! The crate as its users see it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod captures;
mod corpus;
mod samples;
mod speed;
mod texts;
mod vectors;
