//! The console over HTTP: which path leads where and who may go there, sessions, forms, headers,
//! files for the browser, live events.
//!
//! ```text
//!  request ─▶ guard (headers, origin) ─▶ session ─▶ access of the route ─▶ form, token ─▶ handler
//! ```
//!
//! A route cannot be served without a line in [`routes::ROUTES`] that says who may use it.

pub mod assets;
pub(crate) mod boards;
pub mod call;
pub(crate) mod cookies;
pub mod failure;
pub mod fields;
mod guard;
mod live;
mod render;
pub mod routes;
mod shared;
pub(crate) mod upload;

pub use call::{App, Call, Person};
pub use failure::{Failure, Problem};
pub use fields::Fields;
pub use render::{download, html, see_other};
