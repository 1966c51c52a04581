//! The `pushcast` binary as its users run it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![allow(clippy::print_stdout, reason = "seeds and counts are printed")]

mod air;
mod answers;
mod attacks;
mod bearers;
mod bodies;
mod cells;
mod console;
mod content;
mod counted;
mod flags;
mod followed;
mod gateway;
mod initiator;
mod interop;
mod kills;
mod lab;
mod memory;
mod network;
mod notified;
mod operations;
mod power;
mod process;
mod programs;
mod random;
mod replaced;
mod restarts;
mod shared;
mod status;
mod traced;
mod versions;
mod windows;
mod wishes;
