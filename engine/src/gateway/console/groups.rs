//! Alias groups.

use super::{Actor, ConsoleError};
use crate::gateway::Gateway;
use crate::model::listing::Cursor;
use crate::model::listing::Page;
use crate::model::upload::UploadReport;
use crate::model::{AliasGroup, GroupName};

/// An alias group as a form has it.
pub type GroupForm = AliasGroup;

/// A group in the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupRow {
    /// The group.
    pub group: AliasGroup,
    /// The address that initiators write.
    pub address: String,
    /// When it was changed last, Unix ms.
    pub changed_ms: u64,
    /// When something was last sent to it, Unix ms.
    pub last_push_ms: Option<u64>,
}

/// A group with what is around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupDetail {
    /// Its row in the list.
    pub row: GroupRow,
    /// Drafts, templates and initiators that name it: it cannot be deleted or renamed while there
    /// are any.
    pub used_by: Vec<String>,
    /// Channels that are its own workspace's; the others do not carry what is sent from here.
    pub channels_here: Vec<crate::model::ChannelName>,
}

impl Gateway {
    /// Groups by name, those that contain `text` in any case. Needs `See`.
    pub async fn groups(
        &self,
        actor: &Actor,
        text: Option<&str>,
        after: Option<&Cursor>,
        rows: u32,
    ) -> Result<Page<GroupRow>, ConsoleError> {
        let _ = (actor, text, after, rows);
        Err(ConsoleError::NotYet)
    }

    /// One of them. Needs `See`.
    pub async fn group(
        &self,
        actor: &Actor,
        name: &GroupName,
    ) -> Result<GroupDetail, ConsoleError> {
        let _ = (actor, name);
        Err(ConsoleError::NotYet)
    }

    /// Creates one; it can be addressed from then on. Needs `EditGroups`.
    pub async fn create_group(&self, actor: &Actor, form: GroupForm) -> Result<(), ConsoleError> {
        let _ = (actor, form);
        Err(ConsoleError::NotYet)
    }

    /// Changes one, the order of its channels included. `seen_ms` is the time of change that the
    /// form showed. What is on the air goes on as it was planned. Needs `EditGroups`.
    pub async fn change_group(
        &self,
        actor: &Actor,
        form: GroupForm,
        seen_ms: u64,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, form, seen_ms);
        Err(ConsoleError::NotYet)
    }

    /// Gives one another name, while nothing uses it. Needs `EditGroups`.
    pub async fn rename_group(
        &self,
        actor: &Actor,
        name: &GroupName,
        new: &GroupName,
    ) -> Result<(), ConsoleError> {
        let _ = (actor, name, new);
        Err(ConsoleError::NotYet)
    }

    /// Deletes one, while nothing uses it. Needs `EditGroups`.
    pub async fn delete_group(&self, actor: &Actor, name: &GroupName) -> Result<(), ConsoleError> {
        let _ = (actor, name);
        Err(ConsoleError::NotYet)
    }

    /// Reads groups from CSV with the columns of [`Gateway::export_groups`], in any order, of which
    /// only `name` and `channels` have to be there. With `store` those that are new are stored;
    /// without, the answer says what would become of each line. Existing groups stay as they are.
    /// Needs `EditGroups`.
    pub async fn upload_groups(
        &self,
        actor: &Actor,
        csv: &[u8],
        store: bool,
    ) -> Result<UploadReport, ConsoleError> {
        let _ = (actor, csv, store);
        Err(ConsoleError::NotYet)
    }

    /// All groups as CSV: name, channels, deliver, required, areas, application_id,
    /// receivers_expected; lists are separated by spaces. Needs `See`.
    pub async fn export_groups(&self, actor: &Actor) -> Result<String, ConsoleError> {
        let _ = actor;
        Err(ConsoleError::NotYet)
    }
}
