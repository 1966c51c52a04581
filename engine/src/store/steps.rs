//! Several statements with what they demand, and their rows of the audit, in one transaction.

use sqlx::any::AnyRow;

use super::Store;
use super::audit::{self, AuditEntry};
use super::error::StoreError;
use super::operation::{Operation, Tx};
#[cfg(test)]
use super::row::Columns;
use super::row::{bigint, bigint_or_null};
use super::statement::{Query, joined};

/// A value for a placeholder.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Number(Option<i64>),
    Text(Option<String>),
}

impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Self::Number(Some(bigint(number)))
    }
}

impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Self::Number(Some(i64::from(number)))
    }
}

impl From<bool> for Value {
    fn from(flag: bool) -> Self {
        Self::Number(Some(i64::from(flag)))
    }
}

impl From<Option<u64>> for Value {
    fn from(number: Option<u64>) -> Self {
        Self::Number(bigint_or_null(number))
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(Some(text.to_owned()))
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(Some(text))
    }
}

impl From<Option<&str>> for Value {
    fn from(text: Option<&str>) -> Self {
        Self::Text(text.map(str::to_owned))
    }
}

impl From<Option<String>> for Value {
    fn from(text: Option<String>) -> Self {
        Self::Text(text)
    }
}

/// How many rows a statement has to change.
#[derive(Debug, Clone, Copy)]
enum Demand {
    /// Any number.
    Any,
    /// At least one; otherwise what is named is stale and nothing of the whole is done.
    Some(&'static str),
}

#[derive(Debug, Clone)]
struct Step {
    sql: &'static str,
    values: Vec<Value>,
    demand: Demand,
}

/// Statements and audit rows to be done together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Steps {
    steps: Vec<Step>,
    audit: Vec<AuditEntry>,
}

/// The values of a statement.
macro_rules! values {
    ($($value:expr),* $(,)?) => { vec![$($crate::store::steps::Value::from($value)),*] };
}
pub(super) use values;

impl Steps {
    /// Adds a row of the audit.
    #[must_use]
    pub fn audited(mut self, entry: AuditEntry) -> Self {
        self.audit.push(entry);
        self
    }

    /// Does what others do as well, after this.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.steps.extend(other.steps);
        self.audit.extend(other.audit);
        self
    }

    /// A statement that may change nothing.
    #[must_use]
    pub(super) fn run(mut self, sql: &'static str, values: Vec<Value>) -> Self {
        self.steps.push(Step {
            sql,
            values,
            demand: Demand::Any,
        });
        self
    }

    /// A statement that has to change something; `what` names what is stale otherwise.
    #[must_use]
    pub(super) fn must(
        mut self,
        what: &'static str,
        sql: &'static str,
        values: Vec<Value>,
    ) -> Self {
        self.steps.push(Step {
            sql,
            values,
            demand: Demand::Some(what),
        });
        self
    }

    /// Does it all.
    pub(super) async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for step in &self.steps {
            let query = step
                .values
                .iter()
                .cloned()
                .fold(sqlx::query(step.sql), bind);
            let changed = tx.run(query).await?;
            if let (0, Demand::Some(what)) = (changed, step.demand) {
                return Err(StoreError::Stale { what });
            }
        }
        audit::append(tx, &self.audit).await
    }
}

/// A question put together from literals, with the values of its placeholders, each `#`.
#[derive(Debug, Default)]
pub(super) struct Ask {
    parts: Vec<&'static str>,
    values: Vec<Value>,
}

impl Ask {
    /// Adds a part with as many values as it has placeholders.
    #[must_use]
    pub(super) fn with(mut self, part: &'static str, values: Vec<Value>) -> Self {
        self.parts.push(part);
        self.values.extend(values);
        self
    }

    /// Adds a part where there is a value for its one placeholder.
    #[must_use]
    pub(super) fn given<T>(self, part: &'static str, value: Option<T>) -> Self
    where
        Value: From<T>,
    {
        match value {
            Some(value) => self.with(part, vec![Value::from(value)]),
            None => self,
        }
    }
}

impl Store {
    /// All rows of an answer.
    pub(super) async fn ask(&self, ask: Ask) -> Result<Vec<AnyRow>, StoreError> {
        let sql = joined(self.dialect(), &ask.parts);
        let query = ask.values.into_iter().fold(sqlx::query(sql), bind);
        self.rows(query).await
    }

    /// How SQLite would find the answer, a line for each table.
    #[cfg(test)]
    pub(super) async fn explain(&self, mut ask: Ask) -> Vec<String> {
        ask.parts.insert(0, "EXPLAIN QUERY PLAN ");
        let rows = self.ask(ask).await.unwrap();
        let detail = |row| Columns::keyed(row, "plan", "detail").text("detail");
        rows.iter().map(|row| detail(row).unwrap()).collect()
    }
}

/// Binds a value of either kind.
pub(super) fn bind<'q>(query: Query<'q>, value: Value) -> Query<'q> {
    match value {
        Value::Number(number) => query.bind(number),
        Value::Text(text) => query.bind(text),
    }
}

impl Operation for Steps {
    type Answer = ();

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        Self::apply(self, tx).await
    }
}

impl Store {
    /// Does all of it in one transaction, or nothing: [`StoreError::Stale`] where something was not
    /// as the caller knew it.
    pub async fn commit(&self, steps: Steps) -> Result<(), StoreError> {
        self.write(steps).await
    }
}
