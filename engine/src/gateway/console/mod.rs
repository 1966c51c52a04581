//! What the console asks of the gateway.
//!
//! ```text
//!  token of a cookie ──session──▶ Actor: a person, in a workspace, from an address
//!  Actor + request ──may they? is it theirs?──▶ store, in one transaction with its audit row
//! ```
//!
//! Every method takes the [`Actor`] first and decides by itself whether they may: pages may leave
//! out what somebody may not do, but do not decide it. What belongs to another workspace is not
//! there ([`ConsoleError::NotFound`]); what a role does not allow is refused and recorded
//! ([`ConsoleError::Forbidden`]). What changes something is recorded in the same transaction, with
//! what stood there before and after.
//!
//! What two people do at the same moment: forms quote the edit that they show ([`Seen`], a
//! revision, or a time of change), and the second is told ([`ConsoleError::Conflict`]).
//!
//! [`Seen`]: crate::model::alert::Seen

mod account;
mod alert_pages;
mod alerts;
mod approval;
mod area_tables;
mod areas;
mod attachments;
mod audit;
mod backdrop;
mod channel_definitions;
mod channels;
mod details;
mod error;
mod events;
mod factor;
mod follow;
mod group_tables;
mod groups;
mod links;
mod lists;
mod previews;
mod proficiency;
mod pushes;
mod raw;
mod reports;
mod set_up;
mod sheets;
mod sign_in;
mod starters;
mod state;
mod templates;
mod users;
mod workspaces;

use std::net::IpAddr;

use crate::model::{Action, SessionId, User, UserName, Workspace};

pub use alert_pages::{AlertView, Duty, Edit, HistoryEntry};
pub use alerts::NewAlert;
pub use area_tables::CellsUpload;
pub use areas::{AreaForm, AreaRow};
pub use attachments::Upload;
pub use channel_definitions::{ChannelChoices, ChannelForm};
pub use channels::{ChannelDetail, Test, TestOutcome};
pub use error::{ConsoleError, FieldError};
pub use events::Subscription;
pub use factor::{Code, CodeTicket, FactorView, NewFactor, SignIn};
pub use groups::{GroupDetail, GroupForm, GroupRow};
pub use previews::{Preview, RouteView, TargetView};
pub use set_up::SetUp;
pub use sign_in::{Credentials, MIN_PASSWORD_CHARS, SignedIn, Token};
pub use starters::Starting;
pub use state::{Console, FileDefinitions};
pub use users::{GrantChange, NewUser, UserView, add_from_command_line};
pub use workspaces::{FileDifference, InitiatorSettings, WorkspaceForm};

/// A person at work.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who.
    pub user: User,
    /// Where.
    pub workspace: Workspace,
    /// In which session.
    pub session: SessionId,
    /// The address of their browser.
    pub from: IpAddr,
    /// What every form of this session has to carry: whoever only has the cookie does not know it.
    pub form_token: String,
    /// When the session ends unless it is used before, Unix ms.
    pub idle_until_ms: u64,
    /// When the session ends in any case, Unix ms.
    pub ends_ms: u64,
    /// The workspace wants a second factor and they have none.
    pub lacks_factor: bool,
    /// Writing and approving rest here: months that they have had no successful test for.
    pub rests: Option<u32>,
}

impl Actor {
    /// Who.
    pub const fn name(&self) -> &UserName {
        &self.user.name
    }

    /// Whether they may do something where they are.
    pub fn may(&self, action: Action) -> bool {
        if self.needs_factor(action) {
            return false;
        }
        match action {
            // People, workspaces and initiators belong to no workspace.
            Action::ManageInitiators | Action::ManageUsers | Action::ManageWorkspaces => {
                self.user.is_administrator()
            }
            _ => self.user.may(action, &self.workspace.name) && self.resting(action).is_none(),
        }
    }
}
