//! The push proxy gateway behind `pushcast`.
//!
//! ```text
//!  PI ──POST /pap──▶ pap ──Submission──▶ store ──due──▶ scheduler ──▶ routing ──plan──▶ ota ──▶ lanes ──▶ multicast
//!                     ◀──202 after commit                                                        │
//!  PI ◀──result notification── outbox ◀── store ◀── report::fold ◀──────── lane events ──────────┘
//! ```
//!
//! Data flows one way. [`model`] is plain data without dependencies on the rest and is all that
//! is left without the `server` feature, so that the browser can share it.

pub mod model;

#[cfg(feature = "server")]
pub mod access;
#[cfg(feature = "server")]
pub mod audit;
#[cfg(feature = "server")]
pub mod cbc;
#[cfg(feature = "server")]
pub mod cli;
#[cfg(feature = "server")]
pub mod client;
#[cfg(feature = "server")]
pub mod clock;
#[cfg(feature = "server")]
pub mod config;
#[cfg(feature = "server")]
pub mod content;
#[cfg(all(test, feature = "server"))]
mod corpus;
#[cfg(feature = "server")]
pub mod gateway;
#[cfg(feature = "server")]
mod geojson;
#[cfg(feature = "server")]
pub mod histogram;
#[cfg(feature = "server")]
pub mod http;
#[cfg(feature = "server")]
pub mod metrics;
#[cfg(feature = "server")]
pub mod ota;
#[cfg(feature = "server")]
pub mod pap;
#[cfg(feature = "server")]
pub mod report;
#[cfg(feature = "server")]
pub mod routing;
#[cfg(feature = "server")]
pub mod scheduler;
#[cfg(feature = "server")]
pub mod serve;
#[cfg(feature = "server")]
pub mod store;
#[cfg(feature = "server")]
mod table;
#[cfg(feature = "server")]
pub mod telemetry;
