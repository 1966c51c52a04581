//! The `pushcast` binary as its users run it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![allow(clippy::print_stdout, reason = "seeds and counts are printed")]

mod air;
mod attacks;
mod bodies;
mod gateway;
mod initiator;
mod kills;
mod memory;
mod network;
mod notified;
mod process;
mod random;
mod status;
mod traced;
