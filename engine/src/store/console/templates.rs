//! Templates.

use sqlx::any::AnyRow;

use crate::model::{Template, TemplateId, WorkspaceName};
use crate::store::row::Columns;
use crate::store::steps::{Steps, values};
use crate::store::{Store, StoreError};

impl Steps {
    /// Stores a new template.
    pub fn create_template(self, template: &Template) -> Result<Self, StoreError> {
        let json = json(template)?;
        Ok(self.run(
            "INSERT INTO template (id, workspace, name, definition, revision) \
             VALUES ($1, $2, $3, $4, $5)",
            values![
                template.id.as_str(),
                template.workspace.as_str(),
                template.name.as_str(),
                json,
                template.revision,
            ],
        ))
    }

    /// Changes a template that must be at the revision before this one.
    pub fn change_template(self, template: &Template) -> Result<Self, StoreError> {
        let json = json(template)?;
        Ok(self.must(
            "the template",
            "UPDATE template SET name = $2, definition = $3, revision = $4 \
             WHERE id = $1 AND workspace = $5 AND revision = $6",
            values![
                template.id.as_str(),
                template.name.as_str(),
                json,
                template.revision,
                template.workspace.as_str(),
                template.revision.saturating_sub(1),
            ],
        ))
    }

    /// Deletes a template.
    #[must_use]
    pub fn delete_template(self, workspace: &WorkspaceName, id: &TemplateId) -> Self {
        self.must(
            "the template",
            "DELETE FROM template WHERE id = $1 AND workspace = $2",
            values![id.as_str(), workspace.as_str()],
        )
    }
}

impl Store {
    /// Templates of a workspace, by name.
    pub async fn templates(&self, workspace: &WorkspaceName) -> Result<Vec<Template>, StoreError> {
        let query = sqlx::query(
            "SELECT id, definition FROM template WHERE workspace = $1 ORDER BY name, id",
        );
        let rows = self.rows(query.bind(workspace.to_string())).await?;
        rows.iter().map(template).collect()
    }

    /// A template of a workspace.
    pub async fn template(
        &self,
        workspace: &WorkspaceName,
        id: &TemplateId,
    ) -> Result<Option<Template>, StoreError> {
        let query =
            sqlx::query("SELECT id, definition FROM template WHERE id = $1 AND workspace = $2");
        let query = query.bind(id.to_string()).bind(workspace.to_string());
        self.row(query).await?.as_ref().map(template).transpose()
    }
}

fn template(row: &AnyRow) -> Result<Template, StoreError> {
    Columns::new(row, "template").json("definition")
}

fn json(template: &Template) -> Result<String, StoreError> {
    serde_json::to_string(template).map_err(|source| StoreError::Unencodable {
        table: "template",
        source,
    })
}
