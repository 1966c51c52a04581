//! What the console keeps: people, workspaces, alerts, templates, settings.
//!
//! Changes are [`Steps`](super::Steps): each function here gives the statements of one change, and
//! the caller commits several of them with their rows of the audit in one transaction.

mod alerts;
mod approving;
mod areas;
mod backdrop;
mod channels;
mod entries;
mod factors;
mod held;
mod links;
mod lookups;
mod people;
mod report_names;
mod report_rows;
mod report_sums;
mod reports;
mod sessions;
mod sums;
mod templates;
mod workspaces;

pub use alerts::{AlertAct, AlertEdit};
pub use approving::{Approving, ConsolePart, Directive, Part};
pub use channels::ChannelModeRow;
pub use entries::EntryRow;
pub use factors::StoredFactor;
pub use links::LinkModeRow;
pub use people::UserSecret;
pub use reports::ReportPart;
pub use sessions::StoredSession;
pub(super) use sums::{take_out, take_out_message};
