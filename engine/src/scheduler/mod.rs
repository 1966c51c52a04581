//! From stored submissions to objects on the lanes, and back from lane events to outcomes.
//!
//! ```text
//!  store ──claim──▶ plan: route, encode, number ──commit "may be sent"──▶ lane
//!  store ◀──changes── fold ◀── desk: which transmission an object is ◀──event── lane
//! ```
//! Nothing is sent that was not committed first. After a restart [`Scheduler::start`] puts
//! everything that may have been sent back on its lane, under the same TOI and with the same octets.
//!
//! A planner that fails leaves its claim to run out, so every submission is looked at again until
//! it is planned or expired.

mod air_times;
mod approval;
mod at_once;
mod backlog;
mod broadcasts;
mod centres;
mod confinement;
mod desk;
mod earlier;
mod events;
mod exclusive;
mod forgetting;
mod modes;
mod numbers;
mod objects;
mod planning;
mod recovery;
mod runner;
mod stopping;
mod taken_back;
mod withdrawal;

pub use air_times::AirTimes;
pub use modes::Modes;
pub use runner::{Core, Fatal, Parts, Scheduler, Signals};
pub use stopping::Stopped;
pub use taken_back::Standing;
