//! Statements over many rows, in a few fixed sizes so that the database prepares each once.

use std::sync::Arc;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyConnection, AssertSqlSafe, SqlSafeStr, SqlStr};

use super::dialect::Dialect;
use super::error::StoreError;

/// Rows per statement. 256 is also the largest batch of the writer.
const SIZES: [usize; 5] = [256, 64, 16, 4, 1];

/// A query with its arguments.
pub(super) type Query<'q> = sqlx::query::Query<'q, Any, AnyArguments>;

/// A statement that repeats one parenthesised row.
pub(super) struct Bulk {
    statements: [(usize, SqlStr); SIZES.len()],
}

impl Bulk {
    /// `row` is the text of one row in which `#` stands for the next argument.
    pub(super) fn new(
        dialect: Dialect,
        head: &'static str,
        row: &'static str,
        tail: &'static str,
    ) -> Self {
        Self {
            statements: SIZES.map(|rows| (rows, statement(dialect, [head, row, tail], rows))),
        }
    }

    /// Runs it over all items, in as few statements as the sizes allow.
    pub(super) async fn run<T>(
        &self,
        connection: &mut AnyConnection,
        mut items: &[T],
        bind: impl for<'q> Fn(Query<'q>, &T) -> Query<'q>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let mut returned = Vec::new();
        for (rows, sql) in &self.statements {
            while let Some((now, later)) = items.split_at_checked(*rows) {
                let query = now.iter().fold(sqlx::query(sql.clone()), &bind);
                returned.extend(query.fetch_all(&mut *connection).await?);
                items = later;
            }
        }
        Ok(returned)
    }
}

fn statement(dialect: Dialect, [head, row, tail]: [&'static str; 3], rows: usize) -> SqlStr {
    let mut sql = head.to_owned();
    let mut arguments = 0;
    for number in 0..rows {
        if number > 0 {
            sql.push(',');
        }
        for character in row.chars() {
            if character == '#' {
                arguments += 1;
                sql.push_str(&dialect.placeholder(arguments));
            } else {
                sql.push(character);
            }
        }
    }
    sql.push_str(tail);
    // Every part is a literal of this program; the number of rows is all that varies.
    AssertSqlSafe(Arc::<str>::from(sql)).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_repeated_with_running_arguments() {
        let parts = ["INSERT INTO t VALUES ", "(#,0,#)", " RETURNING a"];
        assert_eq!(
            statement(Dialect::Postgres, parts, 2).as_str(),
            "INSERT INTO t VALUES ($1,0,$2),($3,0,$4) RETURNING a"
        );
        assert_eq!(
            statement(Dialect::Sqlite, parts, 1).as_str(),
            "INSERT INTO t VALUES (?,0,?) RETURNING a"
        );
    }
}
