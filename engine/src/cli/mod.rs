//! The subcommands of `pushcast`.
//!
//! Results go to standard output: readable lines, or JSON with `--json`. Logs and progress go to
//! standard error, progress only on a terminal. Exit codes: 0 done, 1 failed, 2 usage or
//! configuration, 3 timed out.

mod access;
mod audit;
mod cancel;
mod capabilities;
mod cbc;
mod cbs;
mod check_config;
mod demo;
mod duration;
mod follow;
mod gsmtap;
mod hash_password;
pub(crate) mod output;
mod receive;
mod serve;
mod status;
mod submit;
mod user;

use std::process::ExitCode;

use axum::Router;
use clap::{Parser, Subcommand};

use crate::gateway::Gateway;
use crate::telemetry;

/// Usage or configuration is wrong.
const USAGE: u8 = 2;
/// What was waited for did not come in time.
const TIMED_OUT: u8 = 3;

/// How a subcommand ended, errors aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Done,
    Failed,
    Misused,
    TimedOut,
}

/// Threads for files and passwords: more would only wait for the same disk, each with its memory.
const MAX_BLOCKING_THREADS: usize = 96;

#[derive(Parser)]
#[command(
    name = "pushcast",
    version,
    about = "OMA Push gateway for multicast and cell broadcast"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print what was done and refused, or check that nobody has changed it since.
    Audit(audit::Arguments),
    /// Cancel a push, for all of its addresses or for some.
    Cancel(cancel::Arguments),
    /// Ask a gateway what the receivers behind an address can do.
    Capabilities(capabilities::Arguments),
    /// A Cell Broadcast Centre to try things on, with the handset behind it.
    Cbc(cbc::Arguments),
    /// Cell Broadcast by hand.
    Cbs(cbs::Arguments),
    /// Check a configuration file: exit 0, or 2 with every error and its line.
    CheckConfig(check_config::Arguments),
    /// Everything on this machine: gateway, receiver and one example push, shown arriving.
    Demo(demo::Arguments),
    /// Make the secret file of an initiator from its password.
    HashPassword(hash_password::Arguments),
    /// Join a multicast session and write what arrives.
    Receive(receive::Arguments),
    /// Run the gateway.
    Serve(serve::Arguments),
    /// Ask a gateway what became of a push.
    Status(status::Arguments),
    /// Submit a push to a gateway.
    Submit(Box<submit::Arguments>),
    /// Add people who work in the console.
    User(user::Arguments),
}

/// Reads the command line and runs the subcommand. `console` gives the console's routes.
pub fn main(console: fn(Gateway) -> Router) -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() {
                USAGE.into()
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let quiet = matches!(
        arguments.command,
        Command::Audit(_)
            | Command::Cancel(_)
            | Command::Capabilities(_)
            | Command::Cbc(_)
            | Command::Cbs(_)
            | Command::Demo(_)
            | Command::HashPassword(_)
            | Command::Receive(_)
            | Command::Status(_)
            | Command::Submit(_)
            | Command::User(_)
    );
    telemetry::start(quiet.then_some("warn"));
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output::error(&anyhow::Error::new(error).context("the runtime cannot be started"));
            return ExitCode::FAILURE;
        }
    };
    let ended = runtime.block_on(async {
        match arguments.command {
            Command::Audit(arguments) => audit::run(arguments).await,
            Command::Cancel(arguments) => cancel::run(arguments).await,
            Command::Capabilities(arguments) => capabilities::run(arguments).await,
            Command::Cbc(arguments) => cbc::run(arguments).await,
            Command::Cbs(arguments) => cbs::run(arguments),
            Command::CheckConfig(arguments) => Ok(check_config::run(&arguments)),
            Command::Demo(arguments) => demo::run(arguments, console).await,
            Command::HashPassword(arguments) => hash_password::run(&arguments),
            Command::Receive(arguments) => receive::run(arguments).await,
            Command::Serve(arguments) => serve::run(arguments, console).await,
            Command::Status(arguments) => status::run(arguments).await,
            Command::Submit(arguments) => submit::run(*arguments).await,
            Command::User(arguments) => user::run(arguments).await,
        }
    });
    match ended {
        Ok(Ended::Done) => ExitCode::SUCCESS,
        Ok(Ended::Failed) => ExitCode::FAILURE,
        Ok(Ended::Misused) => USAGE.into(),
        Ok(Ended::TimedOut) => TIMED_OUT.into(),
        Err(error) => {
            output::error(&error);
            ExitCode::FAILURE
        }
    }
}
