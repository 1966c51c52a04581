//! `pushcast`: the composition root of engine and console.

use std::process::ExitCode;

use axum::Router;
use pushcast_engine::gateway::Gateway;

/// The console's routes.
fn routes(_gateway: Gateway) -> Router {
    Router::new()
}

fn main() -> ExitCode {
    pushcast_engine::cli::main(routes)
}
