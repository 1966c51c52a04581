//! People and their roles.

use std::collections::HashMap;

use sqlx::any::AnyRow;

use crate::model::role::Role;
use crate::model::user::{Grant, Scope, Theme};
use crate::model::{User, UserName};
use crate::store::definitions::escaped;
use crate::store::row::Columns;
use crate::store::steps::{Ask, Steps, values};
use crate::store::{Store, StoreError};

macro_rules! user_columns {
    () => {
        "name, full_name, password_hash, created_ms, signed_in_ms, tested_ms, disabled_ms, theme, \
         workspace"
    };
}

const PAGE: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM console_user WHERE (CAST($1 AS TEXT) IS NULL OR name_key LIKE $1 ESCAPE '!' \
     OR LOWER(full_name) LIKE $1 ESCAPE '!') AND (CAST($2 AS TEXT) IS NULL OR name_key > $2) \
     ORDER BY name_key LIMIT $3"
);
const GRANTS_OF: &str = "SELECT user_name, role, scope, given_by, given_ms, waiting \
     FROM user_grant WHERE user_name IN (#";
/// Names of one question.
const NAMES_AT_ONCE: usize = 64;
/// Waiting roles that are told; whoever has agreed to some is told the others.
const MAX_WAITING: i64 = 200;
const BY_KEY: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM console_user WHERE name_key = $1"
);

/// A person with what only checks a password.
#[derive(Debug, Clone)]
pub struct UserSecret {
    /// Who.
    pub user: User,
    /// argon2 hash in PHC form.
    pub password_hash: Option<String>,
}

impl Steps {
    /// Adds a person; the name must be free, in whatever letters.
    #[must_use]
    pub fn add_user(self, user: &User, password_hash: Option<&str>) -> Self {
        let steps = self.must(
            "this name",
            "INSERT INTO console_user (name, name_key, full_name, password_hash, created_ms, \
             theme, workspace) VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            values![
                user.name.as_str(),
                key(user.name.as_str()),
                user.full_name.as_str(),
                password_hash,
                user.created_ms,
                user.theme.as_str(),
                user.workspace.as_ref().map(|name| name.as_str()),
            ],
        );
        let give = |steps: Self, grant| steps.give_role(&user.name, grant);
        user.grants.iter().fold(steps, give)
    }

    /// Gives a role; one that is there already stays as it is.
    #[must_use]
    pub fn give_role(self, user: &UserName, grant: &Grant) -> Self {
        self.run(
            "INSERT INTO user_grant (user_name, role, scope, given_by, given_ms, waiting) \
             VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_name, role, scope) DO NOTHING",
            values![
                user.as_str(),
                grant.role.as_str(),
                grant.scope.as_str(),
                grant.given_by.as_ref().map(|name| name.as_str()),
                grant.given_ms,
                grant.waiting,
            ],
        )
    }

    /// A role that waits is given anew by somebody whose word is enough.
    #[must_use]
    pub fn forget_waiting(self, user: &UserName, grant: &Grant) -> Self {
        self.run(
            "DELETE FROM user_grant WHERE user_name = $1 AND role = $2 AND scope = $3 \
             AND waiting = 1",
            values![user.as_str(), grant.role.as_str(), grant.scope.as_str()],
        )
    }

    /// A role counts from now on; it must be waiting, and given by somebody else.
    #[must_use]
    pub fn agree_to_role(self, user: &UserName, role: Role, scope: &Scope, by: &UserName) -> Self {
        self.must(
            "the role",
            "UPDATE user_grant SET waiting = 0 WHERE user_name = $1 AND role = $2 \
             AND scope = $3 AND waiting = 1 AND given_by <> $4",
            values![user.as_str(), role.as_str(), scope.as_str(), by.as_str()],
        )
    }

    /// Takes a role; of the administrators one stays, who can sign in.
    #[must_use]
    pub fn take_role(self, user: &UserName, role: Role, scope: &Scope) -> Self {
        self.must(
            "the role",
            "DELETE FROM user_grant WHERE user_name = $1 AND role = $2 AND scope = $3",
            values![user.as_str(), role.as_str(), scope.as_str()],
        )
        .an_administrator_stays()
    }

    /// Refuses the whole if nobody would be left to give roles.
    #[must_use]
    pub fn an_administrator_stays(self) -> Self {
        self.must(
            "the last administrator",
            "UPDATE console_user SET theme = theme WHERE name IN (SELECT u.name \
             FROM console_user u JOIN user_grant g ON g.user_name = u.name \
             WHERE g.role = 'administrator' AND g.scope = '*' AND g.waiting = 0 \
             AND u.disabled_ms IS NULL)",
            Vec::new(),
        )
    }

    /// A password; `None` for none, so that only a link lets them in.
    #[must_use]
    pub fn set_password(self, user: &UserName, password_hash: Option<&str>) -> Self {
        self.must(
            "the user",
            "UPDATE console_user SET password_hash = $2 WHERE name = $1",
            values![user.as_str(), password_hash],
        )
    }

    /// What they are called and how pages look.
    #[must_use]
    pub fn set_account(self, user: &UserName, full_name: &str, theme: Theme) -> Self {
        self.must(
            "the user",
            "UPDATE console_user SET full_name = $2, theme = $3 WHERE name = $1",
            values![user.as_str(), full_name, theme.as_str()],
        )
    }

    /// They have signed in.
    #[must_use]
    pub fn signed_in(self, user: &UserName, at_ms: u64) -> Self {
        self.must(
            "the user",
            "UPDATE console_user SET signed_in_ms = $2 WHERE name = $1 AND disabled_ms IS NULL",
            values![user.as_str(), at_ms],
        )
    }

    /// A test alert of theirs was completed.
    #[must_use]
    pub fn tested(self, user: &str, at_ms: u64) -> Self {
        self.run(
            "UPDATE console_user SET tested_ms = $2 WHERE name = $1 \
             AND (tested_ms IS NULL OR tested_ms < $2)",
            values![user, at_ms],
        )
    }

    /// Since when they may not sign in; `None` lets them in again.
    #[must_use]
    pub fn set_disabled(self, user: &UserName, disabled_ms: Option<u64>) -> Self {
        self.must(
            "the user",
            "UPDATE console_user SET disabled_ms = $2 WHERE name = $1",
            values![user.as_str(), disabled_ms],
        )
    }
}

impl Store {
    /// People by name, after one, those whose name or full name contains a text in any case.
    pub async fn users_page(
        &self,
        text: Option<&str>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<User>, StoreError> {
        let pattern = text.map(|text| format!("%{}%", escaped(&text.to_lowercase())));
        let query = sqlx::query(PAGE)
            .bind(pattern)
            .bind(after.map(key))
            .bind(i64::from(limit));
        let rows = self.rows(query).await?;
        let mut users: Vec<User> = Vec::new();
        for row in &rows {
            users.push(user(row)?.user);
        }
        let names: Vec<&str> = users.iter().map(|user| user.name.as_str()).collect();
        let mut grants = self.grants_of(&names).await?;
        for user in &mut users {
            user.grants = grants.remove(user.name.as_str()).unwrap_or_default();
        }
        Ok(users)
    }

    /// Roles that wait until a second administrator agrees, and whose.
    pub async fn waiting_grants(&self) -> Result<Vec<(UserName, Grant)>, StoreError> {
        let query = sqlx::query(
            "SELECT user_name, role, scope, given_by, given_ms, waiting FROM user_grant \
             WHERE waiting = 1 ORDER BY user_name, role, scope LIMIT $1",
        );
        let read = |row| {
            let name = Columns::keyed(row, "user_grant", "user_name").parsed("user_name")?;
            Ok((name, grant(row)?))
        };
        let rows = self.rows(query.bind(MAX_WAITING)).await?;
        rows.iter().map(read).collect()
    }

    /// A person by name, in whatever letters it is written.
    pub async fn user(&self, name: &str) -> Result<Option<UserSecret>, StoreError> {
        let Some(row) = self.row(sqlx::query(BY_KEY).bind(key(name))).await? else {
            return Ok(None);
        };
        let mut read = user(&row)?;
        let query = sqlx::query(
            "SELECT user_name, role, scope, given_by, given_ms, waiting FROM user_grant \
             WHERE user_name = $1 ORDER BY role, scope",
        );
        let rows = self.rows(query.bind(read.user.name.to_string())).await?;
        read.user.grants = rows.iter().map(grant).collect::<Result<_, _>>()?;
        Ok(Some(read))
    }

    /// Whether there is anybody at all.
    pub async fn has_users(&self) -> Result<bool, StoreError> {
        let query = sqlx::query("SELECT name FROM console_user LIMIT 1");
        Ok(self.row(query).await?.is_some())
    }

    async fn grants_of(&self, names: &[&str]) -> Result<HashMap<String, Vec<Grant>>, StoreError> {
        let mut grants: HashMap<String, Vec<Grant>> = HashMap::new();
        for some in names.chunks(NAMES_AT_ONCE) {
            let mut ask = Ask::default().with(GRANTS_OF, values![some[0]]);
            // As many each time, so that there is one statement.
            for place in 1..NAMES_AT_ONCE {
                let name = some.get(place).copied().unwrap_or_default();
                ask = ask.with(", #", values![name]);
            }
            let ask = ask.with(") ORDER BY user_name, role, scope", Vec::new());
            for row in &self.ask(ask).await? {
                let name = Columns::keyed(row, "user_grant", "user_name").text("user_name")?;
                grants.entry(name).or_default().push(grant(row)?);
            }
        }
        Ok(grants)
    }
}

/// Names that differ in their letters' size alone are one.
fn key(name: &str) -> String {
    name.to_lowercase()
}

fn user(row: &AnyRow) -> Result<UserSecret, StoreError> {
    let row = Columns::keyed(row, "console_user", "name");
    let password_hash = row.text_or_null("password_hash")?;
    Ok(UserSecret {
        user: User {
            name: row.parsed("name")?,
            full_name: row.text("full_name")?,
            grants: Vec::new(),
            created_ms: row.number("created_ms")?,
            has_password: password_hash.is_some(),
            signed_in_ms: row.number_or_null("signed_in_ms")?,
            tested_ms: row.number_or_null("tested_ms")?,
            disabled_ms: row.number_or_null("disabled_ms")?,
            theme: row.known("theme", Theme::from_stored)?,
            workspace: row.known_or_null("workspace", |text| text.parse().ok())?,
        },
        password_hash,
    })
}

fn grant(row: &AnyRow) -> Result<Grant, StoreError> {
    let row = Columns::keyed(row, "user_grant", "user_name");
    Ok(Grant {
        role: row.parsed("role")?,
        scope: row.known("scope", Scope::from_stored)?,
        given_by: row.known_or_null("given_by", |text| text.parse().ok())?,
        given_ms: row.number("given_ms")?,
        waiting: row.flag("waiting")?,
    })
}
