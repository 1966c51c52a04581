//! How service areas lie, and who uses names.

use std::collections::BTreeMap;

use crate::model::outline::Outline;
use crate::model::{AliasGroup, AreaName, GroupName, Sha256, WorkspaceName};
use crate::store::definitions::escaped;
use crate::store::row::Columns;
use crate::store::steps::{Ask, Steps, values};
use crate::store::{Store, StoreError};

/// Users of a name that are told; a person needs no more to find the rest.
const MAX_USERS: u64 = 20;
/// Names of one question.
const NAMES_AT_ONCE: usize = 64;

impl Steps {
    /// How an area lies.
    pub fn set_outline(self, area: &AreaName, outline: &Outline) -> Result<Self, StoreError> {
        let json = serde_json::to_string(outline).map_err(|source| StoreError::Unencodable {
            table: "area_outline",
            source,
        })?;
        Ok(self.run(
            "INSERT INTO area_outline (area, outline) VALUES ($1, $2) \
             ON CONFLICT (area) DO UPDATE SET outline = excluded.outline",
            values![area.as_str(), json],
        ))
    }

    /// An area is gone.
    #[must_use]
    pub fn delete_outline(self, area: &AreaName) -> Self {
        self.run(
            "DELETE FROM area_outline WHERE area = $1",
            values![area.as_str()],
        )
    }

    /// A file that alerts of a workspace may name.
    #[must_use]
    pub fn add_attachment(
        self,
        sha256: Sha256,
        workspace: &WorkspaceName,
        bytes: u64,
        at_ms: u64,
    ) -> Self {
        self.run(
            "INSERT INTO attachment (sha256, workspace, bytes, created_ms) \
             VALUES ($1, $2, $3, $4) ON CONFLICT (sha256, workspace) \
             DO UPDATE SET created_ms = excluded.created_ms",
            values![sha256.to_hex(), workspace.as_str(), bytes, at_ms],
        )
    }
}

impl Store {
    /// How areas lie, by name.
    pub async fn outlines(&self) -> Result<BTreeMap<String, Outline>, StoreError> {
        let query = sqlx::query("SELECT area, outline FROM area_outline");
        let read = |row| {
            let row = Columns::keyed(row, "area_outline", "area");
            Ok((row.text("area")?, row.json("outline")?))
        };
        self.rows(query).await?.iter().map(read).collect()
    }

    /// How some areas lie, by name; those that nobody has drawn are not there.
    pub async fn outlines_of(
        &self,
        names: &[String],
    ) -> Result<BTreeMap<String, Outline>, StoreError> {
        let mut outlines = BTreeMap::new();
        for some in names.chunks(NAMES_AT_ONCE) {
            let first = "SELECT area, outline FROM area_outline WHERE area IN (#";
            let mut ask = Ask::default().with(first, values![some[0].as_str()]);
            // As many each time, so that there is one statement.
            for place in 1..NAMES_AT_ONCE {
                let name = some.get(place).map_or("", String::as_str);
                ask = ask.with(", #", values![name]);
            }
            for row in &self.ask(ask.with(")", Vec::new())).await? {
                let row = Columns::keyed(row, "area_outline", "area");
                outlines.insert(row.text("area")?, row.json("outline")?);
            }
        }
        Ok(outlines)
    }

    /// Groups that are scoped to an area.
    pub async fn groups_scoped_to(&self, area: &AreaName) -> Result<Vec<GroupName>, StoreError> {
        let member = serde_json::Value::String(area.to_string());
        let ask = Ask::default().with(
            "SELECT name, definition FROM alias_group WHERE definition LIKE # ESCAPE '!' \
             ORDER BY name",
            values![format!("%{}%", escaped(&member.to_string()))],
        );
        let mut scoped = Vec::new();
        for row in &self.ask(ask).await? {
            let row = Columns::keyed(row, "alias_group", "name");
            // The text may stand elsewhere: the list itself decides.
            let group: AliasGroup = row.json("definition")?;
            if group.areas.contains(area) {
                scoped.push(group.name);
            }
        }
        Ok(scoped)
    }

    /// How an area lies; nothing if nobody has drawn it.
    pub async fn outline(&self, area: &str) -> Result<Outline, StoreError> {
        let query = sqlx::query("SELECT area, outline FROM area_outline WHERE area = $1");
        match self.row(query.bind(area.to_owned())).await? {
            Some(row) => Columns::keyed(&row, "area_outline", "area").json("outline"),
            None => Ok(Outline::default()),
        }
    }

    /// Length of a file that alerts of a workspace may name, octets.
    pub async fn attachment_bytes(
        &self,
        sha256: Sha256,
        workspace: &WorkspaceName,
    ) -> Result<Option<u64>, StoreError> {
        let query = sqlx::query(
            "SELECT sha256, bytes FROM attachment WHERE sha256 = $1 AND workspace = $2",
        );
        let query = query.bind(sha256.to_hex()).bind(workspace.to_string());
        let row = self.row(query).await?;
        row.map(|row| Columns::keyed(&row, "attachment", "sha256").number("bytes"))
            .transpose()
    }

    /// Alerts that are not over and templates that have a name in a list, `groups` or `areas`.
    pub async fn naming(&self, list: &str, name: &str) -> Result<Vec<String>, StoreError> {
        let member = serde_json::Value::String(name.to_owned());
        let pattern = format!("%{}%", escaped(&member.to_string()));
        let ask = Ask::default()
            .with(
                "SELECT 'alert “' || title || '” in ' || workspace AS what, document AS text \
                 FROM alert WHERE state IN ('draft', 'pending_approval', 'returned', \
                 'scheduled', 'broadcasting') AND document LIKE # ESCAPE '!'",
                values![pattern.as_str()],
            )
            .with(
                " UNION ALL SELECT 'template “' || name || '” in ' || workspace, definition \
                 FROM template WHERE definition LIKE # ESCAPE '!' LIMIT #",
                values![pattern.as_str(), MAX_USERS],
            );
        let mut users = Vec::new();
        for row in &self.ask(ask).await? {
            let row = Columns::keyed(row, "alert", "what");
            // The text may stand elsewhere: the list itself decides.
            if names(&row.json("text")?, list, &member) {
                users.push(row.text("what")?);
            }
        }
        Ok(users)
    }
}

/// Whether a list of that name anywhere in a document has the member.
fn names(value: &serde_json::Value, list: &str, member: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::Array(items) => items.iter().any(|item| names(item, list, member)),
        serde_json::Value::Object(fields) => fields.iter().any(|(key, value)| {
            let has = |items: &Vec<serde_json::Value>| items.contains(member);
            (key == list && value.as_array().is_some_and(has)) || names(value, list, member)
        }),
        _ => false,
    }
}
