//! From an address to channels: pure functions over a snapshot of the definitions.
//!
//! ```text
//!  address ──Directory::route──▶ Route: channels in order, policy, who decides
//!  Route + which channels are up ──plan──▶ DeliveryPlan, or why there is none
//! ```
//! Called when a submission is taken in (can it be routed at all?) and again when it is due (what
//! is up now?). Nothing here sends or stores.

mod directory;
mod planner;

pub use directory::{Directory, Route, RouteError};
pub use planner::{DeliveryPlan, PlanError, plan};
