//! `pushcast`: the composition root of engine and console.

use std::process::ExitCode;

use axum::Router;
use pushcast_engine::gateway::Gateway;

/// Encoded blocks are of megabytes: an allocator that keeps them spares the kernel from clearing
/// the same pages again and again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// The console's routes.
fn routes(_gateway: Gateway) -> Router {
    Router::new()
}

fn main() -> ExitCode {
    pushcast_engine::cli::main(routes)
}
