//! What answers each path, one file a resource: read the form, ask the gateway, show the page.
//! They decide nothing that the gateway does not decide again.

pub(crate) mod account;
pub(crate) mod alerts;
pub(crate) mod approvals;
pub(crate) mod area_tables;
pub(crate) mod areas;
pub(crate) mod attachments;
pub(crate) mod audit;
pub(crate) mod backdrop;
pub(crate) mod channels;
pub(crate) mod compose;
mod csv;
pub(crate) mod entry;
pub(crate) mod factor;
pub(crate) mod groups;
pub(crate) mod links;
pub(crate) mod new_channel;
pub(crate) mod overview;
pub(crate) mod reports;
pub(crate) mod submissions;
pub(crate) mod templates;
pub(crate) mod tour;
pub(crate) mod users;
pub(crate) mod workspaces;
