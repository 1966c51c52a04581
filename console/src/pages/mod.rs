//! Pages, one a file: from data that a handler has fetched to what a browser shows.

pub(crate) mod account;
pub(crate) mod alert;
pub(crate) mod approvals;
pub(crate) mod area_tables;
pub(crate) mod areas;
pub(crate) mod audit;
pub(crate) mod backdrop;
pub(crate) mod channels;
pub(crate) mod compose;
pub(crate) mod content;
pub(crate) mod entry;
pub(crate) mod error;
pub(crate) mod factor;
pub(crate) mod groups;
pub(crate) mod links;
pub(crate) mod new_channel;
pub(crate) mod overview;
pub(crate) mod raw;
pub(crate) mod reports;
pub(crate) mod submission;
pub(crate) mod submissions;
pub(crate) mod templates;
pub(crate) mod tour;
pub(crate) mod users;
pub(crate) mod workspaces;
