//! The doors: what every HTTP request to the gateway passes before it reaches a resource.
//!
//! [`listener`] says how many connections there are at a time and how long they may be silent.
//! [`auth`] says which initiator a request comes from. What that initiator may then do is decided
//! where it is done: a PI that is known but not allowed is answered in PAP (2001, with HTTP 202),
//! one that is not known by HTTP alone (401, no PAP body; AD Push 2.3 6).
//!
//! Called by the endpoints and the router. Nothing here knows PAP or the store: accounts are handed
//! in, and handed in again when they change. Credentials are taken from the Authorization header
//! and from nowhere else; names and passwords of requests are never logged.

pub mod auth;
pub mod listener;
pub mod router;
