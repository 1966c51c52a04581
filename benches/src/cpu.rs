//! Processor time.

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

/// Seconds that all threads of this process have used, in user space and in the kernel.
pub(crate) fn seconds() -> anyhow::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_SELF)?;
    let micros = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    Ok(micros as f64 / 1e6)
}

/// Runs something and returns the processor seconds that it took.
pub(crate) fn of<T>(run: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<(T, f64)> {
    let before = seconds()?;
    let result = run()?;
    Ok((result, seconds()? - before))
}
