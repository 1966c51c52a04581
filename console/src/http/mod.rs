//! The console over HTTP: which path leads where and who may go there, sessions, forms, headers,
//! files for the browser, live events.
//!
//! ```text
//!  request ─▶ guard (headers, origin) ─▶ session ─▶ access of the route ─▶ form, token ─▶ handler
//! ```
//!
//! A route cannot be served without a line in [`routes::ROUTES`] that says who may use it.

pub mod assets;
pub mod call;
mod cookies;
mod failure;
mod fields;
mod guard;
mod live;
mod render;
pub mod routes;
mod upload;

pub use call::{App, Call, Person};
pub use failure::{Failure, Problem};
pub use fields::Fields;
pub use render::{html, see_other};
