//! What lies under the areas on every map.

use crate::model::backdrop::Backdrop;
use crate::store::row::Columns;
use crate::store::steps::{Steps, values};
use crate::store::{Store, StoreError};

impl Steps {
    /// Puts a backdrop in the place of the one that is there.
    pub fn set_backdrop(self, backdrop: &Backdrop) -> Result<Self, StoreError> {
        let json = serde_json::to_string(backdrop).map_err(|source| StoreError::Unencodable {
            table: "map_backdrop",
            source,
        })?;
        Ok(self.run(
            "INSERT INTO map_backdrop (one, definition, changed_ms) VALUES (1, $1, $2) \
             ON CONFLICT (one) DO UPDATE \
             SET definition = excluded.definition, changed_ms = excluded.changed_ms",
            values![json, backdrop.at_ms],
        ))
    }

    /// There is none any more.
    #[must_use]
    pub fn delete_backdrop(self) -> Self {
        self.run("DELETE FROM map_backdrop WHERE one = $1", values![1_u64])
    }
}

impl Store {
    /// The backdrop, if there is one.
    pub async fn backdrop(&self) -> Result<Option<Backdrop>, StoreError> {
        let query = sqlx::query("SELECT one, definition FROM map_backdrop");
        let row = self.row(query).await?;
        row.map(|row| Columns::keyed(&row, "map_backdrop", "definition").json("definition"))
            .transpose()
    }

    /// When the backdrop was changed last, Unix ms; `None` if there is none.
    pub async fn backdrop_changed_ms(&self) -> Result<Option<u64>, StoreError> {
        let query = sqlx::query("SELECT changed_ms FROM map_backdrop");
        let row = self.row(query).await?;
        row.map(|row| Columns::keyed(&row, "map_backdrop", "changed_ms").number("changed_ms"))
            .transpose()
    }
}
