//! Statements over many rows, in a few fixed sizes so that the database prepares each once.

use std::sync::Arc;

use sqlx::any::{AnyArguments, AnyRow};
use sqlx::{Any, AnyConnection, Arguments as _, AssertSqlSafe, SqlSafeStr, SqlStr};

use super::dialect::Dialect;
use super::error::StoreError;

/// Rows per statement, the most first. 256 is also the largest batch of the writer. A connection
/// keeps a hundred statements prepared, so there cannot be many.
const SIZES: [usize; 10] = [256, 128, 64, 48, 32, 24, 16, 8, 4, 1];
/// Most rows that are given twice to spare a statement. On SQLite a statement costs two changes of
/// threads, as much as some rows.
const MAX_REPEATED: usize = 8;

/// A query with its arguments.
pub(super) type Query<'q> = sqlx::query::Query<'q, Any, AnyArguments>;

/// A statement that repeats one parenthesised row. A row given again must change nothing: the last
/// one is repeated where that fills the next size.
#[derive(Debug)]
pub(super) struct Bulk {
    statements: [(usize, SqlStr); SIZES.len()],
    arguments_of_row: usize,
}

impl Bulk {
    /// `row` is the text of one row in which `#` stands for the next argument.
    pub(super) fn new(dialect: Dialect, [head, row, tail]: [&'static str; 3]) -> Self {
        Self {
            statements: SIZES.map(|size| (size, statement(dialect, [head, row, tail], size))),
            arguments_of_row: row.matches('#').count(),
        }
    }

    /// Runs it over all items, in as few statements as the sizes allow. Returns how many rows that
    /// changed, which costs less than to be told each.
    pub(super) async fn execute<T>(
        &self,
        connection: &mut AnyConnection,
        mut items: &[T],
        bind: impl for<'q> Fn(Query<'q>, &T) -> Query<'q>,
    ) -> Result<u64, StoreError> {
        let mut changed = 0;
        while let Some((query, later)) = self.next(items, &bind) {
            changed += query.execute(&mut *connection).await?.rows_affected();
            items = later;
        }
        Ok(changed)
    }

    /// Runs an insert whose rows must all be new: a key that is taken is an error of the whole.
    pub(super) async fn insert<T>(
        &self,
        connection: &mut AnyConnection,
        items: &[T],
        bind: impl for<'q> Fn(Query<'q>, &T) -> Query<'q>,
    ) -> Result<(), StoreError> {
        let inserted = self.execute(connection, items, bind).await?;
        if inserted < items.len() as u64 {
            return Err(StoreError::KeyTaken);
        }
        Ok(())
    }

    /// As [`Bulk::execute`], but returns the rows that the statement gives back.
    pub(super) async fn run<T>(
        &self,
        connection: &mut AnyConnection,
        mut items: &[T],
        bind: impl for<'q> Fn(Query<'q>, &T) -> Query<'q>,
    ) -> Result<Vec<AnyRow>, StoreError> {
        let mut returned = Vec::new();
        while let Some((query, later)) = self.next(items, &bind) {
            returned.extend(query.fetch_all(&mut *connection).await?);
            items = later;
        }
        Ok(returned)
    }

    /// A query over the first of the items, and those that are left.
    fn next<'q, 'i, T>(
        &self,
        items: &'i [T],
        bind: &impl Fn(Query<'q>, &T) -> Query<'q>,
    ) -> Option<(Query<'q>, &'i [T])> {
        let last = items.last()?;
        let fits = |(size, _): &&(usize, SqlStr)| *size <= items.len() + MAX_REPEATED;
        let (size, sql) = self.statements.iter().find(fits)?;
        let (now, later) = items.split_at(items.len().min(*size));
        let mut arguments = AnyArguments::default();
        arguments.reserve(size * self.arguments_of_row, 0);
        let query = now
            .iter()
            .fold(sqlx::query_with(sql.clone(), arguments), bind);
        let query = (now.len()..*size).fold(query, |query, _| bind(query, last));
        Some((query, later))
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

/// One statement put together from parts that are all literals of this program; `#` in them stands
/// for the next argument.
pub(super) fn joined(dialect: Dialect, parts: &[&'static str]) -> SqlStr {
    let mut sql = String::new();
    let mut arguments = 0;
    for character in parts.iter().flat_map(|part| part.chars()) {
        if character == '#' {
            arguments += 1;
            sql.push_str(&dialect.placeholder(arguments));
        } else {
            sql.push(character);
        }
    }
    // Every part is a literal of this program; which of them stand there is all that varies.
    AssertSqlSafe(Arc::<str>::from(sql)).into_sql_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_statements_take_all_rows() {
        let bulk = Bulk::new(Dialect::Sqlite, ["VALUES ", "(#)", ""]);
        let sizes = |mut rows: usize| {
            let items = [0_u8; 600];
            let mut sizes = Vec::new();
            while let Some((_, later)) = bulk.next(&items[..rows], &|query, _| query) {
                sizes.push(rows - later.len());
                rows = later.len();
            }
            sizes
        };
        assert_eq!(sizes(0), Vec::<usize>::new());
        assert_eq!(sizes(1), [1]);
        assert_eq!(sizes(20), [20]);
        assert_eq!(sizes(40), [40]);
        assert_eq!(sizes(39), [32, 7]);
        assert_eq!(sizes(57), [57]);
        assert_eq!(sizes(90), [64, 26]);
        assert_eq!(sizes(600), [256, 256, 64, 24]);
    }

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
