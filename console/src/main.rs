//! `pushcast`: the composition root of engine and console.

use std::process::ExitCode;

/// Encoded blocks are of megabytes: an allocator that keeps them spares the kernel from clearing
/// the same pages again and again.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pushcast_engine::cli::main(pushcast_console::http::routes::routes)
}
