//! The broadcaster's console: pages from the server, a few islands in the browser.
//!
//! ```text
//!  browser ──GET──▶ handlers ─ session, permission, form ─▶ Gateway
//!     ▲                │                                      │
//!     └─ whole page ◀─ pages (components, islands) ◀─ data ◀──┘
//!     └─ live events ◀─ http::live ◀── change counter of the store
//! ```
//!
//! A handler knows everything that its page shows before the page is rendered, so that a page is
//! whole without script, has the right status, and can be given the form that was sent when
//! something in it is wrong. Islands only add comfort: no action needs one, and none fetches what
//! its page already holds.
//!
//! With feature `ssr` this is the server's half, with `hydrate` the browser's: [`islands`], what
//! they show ([`board`], [`handset`]) and what they compute ([`count`], [`outline`]). The two halves are
//! never built together.

// Views are types, and a page is a deep one.
#![recursion_limit = "256"]

pub mod board;
pub mod count;
pub mod handset;
pub mod islands;
pub mod outline;
pub mod tag;

#[cfg(feature = "ssr")]
mod components;
#[cfg(feature = "ssr")]
mod handlers;
#[cfg(feature = "ssr")]
pub mod http;
#[cfg(feature = "ssr")]
mod pages;
