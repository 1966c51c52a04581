//! Initiators, alias groups, service areas and channels: names with a definition each.
//!
//! Seeding inserts names that are absent and never changes or deletes one.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::Store;
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::row::{Columns, bigint};
use crate::model::{AliasGroup, Channel, Initiator, ServiceArea};

/// A name that the store knows with another definition than the one given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference<T> {
    /// What was given.
    pub seeded: T,
    /// What is stored, and stays.
    pub stored: T,
}

/// A kind of definition and its table.
trait Definition: Clone + PartialEq + Serialize + DeserializeOwned + Send + Sync + 'static {
    const TABLE: &'static str;
    const INSERT: &'static str;
    const BY_NAME: &'static str;
    const LIST: &'static str;

    fn name(&self) -> &str;
}

macro_rules! definition {
    ($kind:ty, $table:literal, $name:expr) => {
        impl Definition for $kind {
            const TABLE: &'static str = $table;
            const INSERT: &'static str = concat!(
                "INSERT INTO ",
                $table,
                " (name, definition, changed_ms) VALUES ($1, $2, $3) \
                 ON CONFLICT (name) DO NOTHING"
            );
            const BY_NAME: &'static str =
                concat!("SELECT name, definition FROM ", $table, " WHERE name = $1");
            const LIST: &'static str =
                concat!("SELECT name, definition FROM ", $table, " ORDER BY name");

            fn name(&self) -> &str {
                let name: fn(&Self) -> &str = $name;
                name(self)
            }
        }
    };
}

definition!(AliasGroup, "alias_group", |group| group.name.as_str());
definition!(Channel, "channel", |channel| channel.name().as_str());
definition!(Initiator, "initiator", |initiator| initiator.name.as_str());
definition!(ServiceArea, "service_area", |area| area.name.as_str());

struct Seed<T> {
    definitions: Arc<[(T, String)]>,
    now_ms: i64,
}

impl<T: Definition> Operation for Seed<T> {
    type Answer = Vec<Difference<T>>;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<Vec<Difference<T>>, StoreError> {
        let mut differences = Vec::new();
        for (seeded, json) in self.definitions.iter() {
            let insert = sqlx::query(T::INSERT)
                .bind(seeded.name())
                .bind(json.as_str())
                .bind(self.now_ms);
            if tx.run(insert).await? > 0 {
                continue;
            }
            let query = sqlx::query(T::BY_NAME).bind(seeded.name());
            let row = tx.row(query).await?.ok_or(sqlx::Error::RowNotFound)?;
            let stored: T = Columns::keyed(&row, T::TABLE, "name").json("definition")?;
            if stored != *seeded {
                differences.push(Difference {
                    seeded: seeded.clone(),
                    stored,
                });
            }
        }
        Ok(differences)
    }
}

macro_rules! definitions {
    ($kind:ty, $list:ident, $seed:ident, $what:literal) => {
        #[doc = concat!("All ", $what, ", by name.")]
        pub async fn $list(&self) -> Result<Vec<$kind>, StoreError> {
            self.list().await
        }

        #[doc = concat!("Inserts ", $what, " that are absent; returns those that differ.")]
        pub async fn $seed(
            &self,
            definitions: &[$kind],
            now_ms: u64,
        ) -> Result<Vec<Difference<$kind>>, StoreError> {
            self.seed(definitions, now_ms).await
        }
    };
}

impl Store {
    definitions!(AliasGroup, groups, seed_groups, "alias groups");
    definitions!(Channel, channels, seed_channels, "channels");
    definitions!(Initiator, initiators, seed_initiators, "initiators");
    definitions!(ServiceArea, areas, seed_areas, "service areas");

    async fn list<T: Definition>(&self) -> Result<Vec<T>, StoreError> {
        self.rows(sqlx::query(T::LIST))
            .await?
            .iter()
            .map(|row| Columns::keyed(row, T::TABLE, "name").json("definition"))
            .collect()
    }

    async fn seed<T: Definition>(
        &self,
        definitions: &[T],
        now_ms: u64,
    ) -> Result<Vec<Difference<T>>, StoreError> {
        let definitions = definitions
            .iter()
            .map(|definition| Ok((definition.clone(), serde_json::to_string(definition)?)))
            .collect::<Result<_, _>>()
            .map_err(|source| StoreError::Unencodable {
                table: T::TABLE,
                source,
            })?;
        self.write(Seed {
            definitions,
            now_ms: bigint(now_ms),
        })
        .await
    }
}
