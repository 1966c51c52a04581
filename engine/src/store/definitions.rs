//! Initiators, alias groups, service areas and channels: names with a definition each.
//!
//! Seeding inserts names that are absent and never changes or deletes one.

use std::sync::Arc;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::any::AnyRow;

use super::Store;
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::row::{Columns, bigint};
use super::steps::{Steps, values};
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
    const PAGE: &'static str;
    const UPDATE: &'static str;
    const DELETE: &'static str;
    const WHAT: &'static str;

    fn name(&self) -> &str;
}

macro_rules! definition {
    ($kind:ty, $table:literal, $what:literal, $name:expr) => {
        impl Definition for $kind {
            const TABLE: &'static str = $table;
            const INSERT: &'static str = concat!(
                "INSERT INTO ",
                $table,
                " (name, definition, changed_ms) VALUES ($1, $2, $3) \
                 ON CONFLICT (name) DO NOTHING"
            );
            const BY_NAME: &'static str = concat!(
                "SELECT name, definition, changed_ms FROM ",
                $table,
                " WHERE name = $1"
            );
            const LIST: &'static str =
                concat!("SELECT name, definition FROM ", $table, " ORDER BY name");
            const PAGE: &'static str = concat!(
                "SELECT name, definition, changed_ms FROM ",
                $table,
                " WHERE (CAST($1 AS TEXT) IS NULL OR LOWER(name) LIKE $1 ESCAPE '!') \
                 AND (CAST($2 AS TEXT) IS NULL OR name > $2) ORDER BY name LIMIT $3"
            );
            const UPDATE: &'static str = concat!(
                "UPDATE ",
                $table,
                " SET definition = $2, changed_ms = $3 WHERE name = $1 AND changed_ms = $4"
            );
            const DELETE: &'static str = concat!("DELETE FROM ", $table, " WHERE name = $1");
            const WHAT: &'static str = $what;

            fn name(&self) -> &str {
                let name: fn(&Self) -> &str = $name;
                name(self)
            }
        }
    };
}

definition!(AliasGroup, "alias_group", "the alias group", |group| {
    group.name.as_str()
});
definition!(Channel, "channel", "the channel", |channel| {
    channel.name().as_str()
});
definition!(Initiator, "initiator", "the initiator", |initiator| {
    initiator.name.as_str()
});
definition!(ServiceArea, "service_area", "the service area", |area| {
    area.name.as_str()
});

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

/// A definition with when it was changed last, Unix ms.
pub type Dated<T> = (T, u64);

macro_rules! edits {
    ($kind:ty, $create:ident, $change:ident, $delete:ident, $what:literal) => {
        #[doc = concat!("Stores ", $what, " whose name must be free.")]
        pub fn $create(self, definition: &$kind, at_ms: u64) -> Result<Self, StoreError> {
            self.create(definition, at_ms)
        }

        #[doc = concat!("Changes ", $what, " that must not have been changed since `seen_ms`.")]
        pub fn $change(
            self,
            definition: &$kind,
            seen_ms: u64,
            at_ms: u64,
        ) -> Result<Self, StoreError> {
            self.change(definition, seen_ms, at_ms)
        }

        #[doc = concat!("Deletes ", $what, ".")]
        #[must_use]
        pub fn $delete(self, name: &str) -> Self {
            self.must(<$kind>::WHAT, <$kind>::DELETE, values![name])
        }
    };
}

impl Steps {
    edits!(
        AliasGroup,
        create_group,
        change_group,
        delete_group,
        "an alias group"
    );
    edits!(
        Channel,
        create_channel,
        change_channel,
        delete_channel,
        "a channel"
    );
    edits!(
        Initiator,
        create_initiator,
        change_initiator,
        delete_initiator,
        "an initiator"
    );
    edits!(
        ServiceArea,
        create_area,
        change_area,
        delete_area,
        "a service area"
    );

    fn create<T: Definition>(self, definition: &T, at_ms: u64) -> Result<Self, StoreError> {
        let values = values![definition.name(), json(definition)?, at_ms];
        Ok(self.must(T::WHAT, T::INSERT, values))
    }

    /// The time of change only grows, so that no two edits share one.
    fn change<T: Definition>(
        self,
        definition: &T,
        seen_ms: u64,
        at_ms: u64,
    ) -> Result<Self, StoreError> {
        let at_ms = at_ms.max(seen_ms + 1);
        let values = values![definition.name(), json(definition)?, at_ms, seen_ms];
        Ok(self.must(T::WHAT, T::UPDATE, values))
    }
}

fn json<T: Definition>(definition: &T) -> Result<String, StoreError> {
    serde_json::to_string(definition).map_err(|source| StoreError::Unencodable {
        table: T::TABLE,
        source,
    })
}

macro_rules! dated {
    ($kind:ty, $one:ident, $page:ident, $what:literal) => {
        #[doc = concat!($what, " by name.")]
        pub async fn $one(&self, name: &str) -> Result<Option<Dated<$kind>>, StoreError> {
            self.one(name).await
        }

        #[doc = concat!($what, "s by name, after one, those whose name contains a text.")]
        pub async fn $page(
            &self,
            text: Option<&str>,
            after: Option<&str>,
            limit: u32,
        ) -> Result<Vec<Dated<$kind>>, StoreError> {
            self.page(text, after, limit).await
        }
    };
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
    dated!(AliasGroup, group_dated, groups_page, "An alias group");
    dated!(Channel, channel_dated, channels_page, "A channel");
    dated!(Initiator, initiator_dated, initiators_page, "An initiator");
    dated!(ServiceArea, area_dated, areas_page, "A service area");

    async fn one<T: Definition>(&self, name: &str) -> Result<Option<Dated<T>>, StoreError> {
        let query = sqlx::query(T::BY_NAME).bind(name.to_owned());
        self.row(query).await?.as_ref().map(dated).transpose()
    }

    async fn page<T: Definition>(
        &self,
        text: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Dated<T>>, StoreError> {
        let pattern = text.map(|text| format!("%{}%", escaped(&text.to_lowercase())));
        let query = sqlx::query(T::PAGE)
            .bind(pattern)
            .bind(after.map(str::to_owned))
            .bind(i64::from(limit));
        self.rows(query).await?.iter().map(dated).collect()
    }

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

fn dated<T: Definition>(row: &AnyRow) -> Result<Dated<T>, StoreError> {
    let row = Columns::keyed(row, T::TABLE, "name");
    Ok((row.json("definition")?, row.number("changed_ms")?))
}

/// A text that LIKE with `ESCAPE '!'` takes as it stands.
pub(super) fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '%' | '_' | '!') {
            escaped.push('!');
        }
        escaped.push(character);
    }
    escaped
}
