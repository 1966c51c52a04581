//! Workspaces, and settings of initiators.

use crate::model::{InitiatorName, Workspace, WorkspaceName};
use crate::store::row::Columns;
use crate::store::steps::{Steps, values};
use crate::store::{Store, StoreError};

/// Workspaces with when each was changed last.
type Dated = (Workspace, u64);

impl Steps {
    /// Stores a workspace that must be new.
    pub fn create_workspace(self, workspace: &Workspace, at_ms: u64) -> Result<Self, StoreError> {
        let json = json(workspace)?;
        Ok(self.must(
            "this workspace",
            "INSERT INTO workspace (name, definition, changed_ms) VALUES ($1, $2, $3) \
             ON CONFLICT (name) DO NOTHING",
            values![workspace.name.as_str(), json, at_ms],
        ))
    }

    /// Changes a workspace.
    pub fn change_workspace(self, workspace: &Workspace, at_ms: u64) -> Result<Self, StoreError> {
        let json = json(workspace)?;
        Ok(self.must(
            "the workspace",
            "UPDATE workspace SET definition = $2, changed_ms = $3 WHERE name = $1",
            values![workspace.name.as_str(), json, at_ms],
        ))
    }

    /// Where an initiator's pushes belong, and whether they wait.
    #[must_use]
    pub fn set_initiator(
        self,
        initiator: &InitiatorName,
        workspace: Option<&WorkspaceName>,
        needs_approval: bool,
    ) -> Self {
        self.run(
            "INSERT INTO initiator_setting (initiator, workspace, needs_approval) \
             VALUES ($1, $2, $3) ON CONFLICT (initiator) DO UPDATE SET \
             workspace = excluded.workspace, needs_approval = excluded.needs_approval",
            values![
                initiator.as_str(),
                workspace.map(WorkspaceName::as_str),
                needs_approval,
            ],
        )
    }
}

impl Store {
    /// All workspaces, by name.
    pub async fn workspaces(&self) -> Result<Vec<Dated>, StoreError> {
        let query = sqlx::query("SELECT name, definition, changed_ms FROM workspace ORDER BY name");
        let read = |row| {
            let row = Columns::keyed(row, "workspace", "name");
            Ok((row.json("definition")?, row.number("changed_ms")?))
        };
        self.rows(query).await?.iter().map(read).collect()
    }

    /// Settings of initiators that have any: workspace, and whether their pushes wait.
    pub async fn initiator_settings(
        &self,
    ) -> Result<Vec<(InitiatorName, Option<WorkspaceName>, bool)>, StoreError> {
        let query = sqlx::query(
            "SELECT initiator, workspace, needs_approval FROM initiator_setting ORDER BY initiator",
        );
        let read = |row| {
            let row = Columns::keyed(row, "initiator_setting", "initiator");
            Ok((
                row.parsed("initiator")?,
                row.known_or_null("workspace", |text| text.parse().ok())?,
                row.flag("needs_approval")?,
            ))
        };
        self.rows(query).await?.iter().map(read).collect()
    }
}

fn json(workspace: &Workspace) -> Result<String, StoreError> {
    serde_json::to_string(workspace).map_err(|source| StoreError::Unencodable {
        table: "workspace",
        source,
    })
}
