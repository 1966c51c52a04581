//! The gateway as PIs meet it: whole processes, HTTP, a database on a real disk.
//!
//! Everything here runs in a network namespace of its own, because Kannel's port binds every
//! interface. Requests come from one thread of this process, which shares the cores with whoever
//! answers; it costs both sides the same.

mod admin;
mod gateway;
mod kannel;
mod load;
mod request;

mod submissions;

pub(crate) use submissions::measure as submissions;
