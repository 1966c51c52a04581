//! The console as people at it meet it: whole pages over HTTP, and streams that stay open, from a
//! gateway with a history.
//!
//! Pages are asked for one after the other over one connection, as a signed-in person. What is
//! stored is as the gateway itself would have left it: pushes with their deliveries, transmissions,
//! notifications and Cell Broadcast messages, alerts, names, an audit.

mod browser;
mod fill;
mod history;
mod live;
mod pages;

pub(crate) use live::measure as live;
pub(crate) use pages::measure as pages;
