//! Reading rows into model types.

use std::str::FromStr;

use serde::de::DeserializeOwned;
use sqlx::Row as _;
use sqlx::any::AnyRow;

use super::error::StoreError;
use crate::model::{Priority, Sha256};

/// One row of a table, read with the names needed to say what is wrong with it.
pub(super) struct Columns<'r> {
    row: &'r AnyRow,
    table: &'static str,
    key: &'static str,
}

type Value<'r, T> = Result<T, sqlx::Error>;

impl<'r> Columns<'r> {
    /// A row whose key column is `id`.
    pub(super) const fn new(row: &'r AnyRow, table: &'static str) -> Self {
        Self::keyed(row, table, "id")
    }

    /// A row with another key column.
    pub(super) const fn keyed(row: &'r AnyRow, table: &'static str, key: &'static str) -> Self {
        Self { row, table, key }
    }

    /// The error that names a column of this row.
    pub(super) fn corrupt(&self, column: &'static str) -> StoreError {
        StoreError::Corrupt {
            table: self.table,
            column,
            id: self.row.try_get(self.key).unwrap_or_default(),
        }
    }

    fn checked<T>(&self, column: &'static str, value: Value<'r, T>) -> Result<T, StoreError> {
        value.map_err(|_| self.corrupt(column))
    }

    pub(super) fn text(&self, column: &'static str) -> Result<String, StoreError> {
        self.checked(column, self.row.try_get(column))
    }

    pub(super) fn text_or_null(&self, column: &'static str) -> Result<Option<String>, StoreError> {
        self.checked(column, self.row.try_get(column))
    }

    pub(super) fn octets(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.checked(column, self.row.try_get(column))
    }

    pub(super) fn octets_or_null(
        &self,
        column: &'static str,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.checked(column, self.row.try_get(column))
    }

    pub(super) fn number<T: TryFrom<i64>>(&self, column: &'static str) -> Result<T, StoreError> {
        self.number_or_null(column)?
            .ok_or_else(|| self.corrupt(column))
    }

    pub(super) fn number_or_null<T: TryFrom<i64>>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        let number: Option<i64> = self.checked(column, self.row.try_get(column))?;
        number
            .map(|number| T::try_from(number).map_err(|_| self.corrupt(column)))
            .transpose()
    }

    pub(super) fn flag(&self, column: &'static str) -> Result<bool, StoreError> {
        match self.number::<i64>(column)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(self.corrupt(column)),
        }
    }

    pub(super) fn parsed<T: FromStr>(&self, column: &'static str) -> Result<T, StoreError> {
        self.text(column)?.parse().map_err(|_| self.corrupt(column))
    }

    /// A text that `read` knows.
    pub(super) fn known<T>(
        &self,
        column: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, StoreError> {
        read(&self.text(column)?).ok_or_else(|| self.corrupt(column))
    }

    pub(super) fn known_or_null<T>(
        &self,
        column: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, StoreError> {
        self.text_or_null(column)?
            .map(|text| read(&text).ok_or_else(|| self.corrupt(column)))
            .transpose()
    }

    pub(super) fn json<T: DeserializeOwned>(&self, column: &'static str) -> Result<T, StoreError> {
        self.known(column, |text| serde_json::from_str(text).ok())
    }

    pub(super) fn json_or_null<T: DeserializeOwned>(
        &self,
        column: &'static str,
    ) -> Result<Option<T>, StoreError> {
        self.known_or_null(column, |text| serde_json::from_str(text).ok())
    }

    pub(super) fn digest(&self, column: &'static str) -> Result<Sha256, StoreError> {
        self.known(column, Sha256::from_hex)
    }

    pub(super) fn priority(&self, column: &'static str) -> Result<Priority, StoreError> {
        match self.number::<i64>(column)? {
            0 => Ok(Priority::Low),
            1 => Ok(Priority::Medium),
            2 => Ok(Priority::High),
            _ => Err(self.corrupt(column)),
        }
    }
}

/// Priorities from the most urgent down, as the scheduler asks for them.
pub(super) const PRIORITIES: [Priority; 3] = [Priority::High, Priority::Medium, Priority::Low];

/// A priority as stored: greater is more urgent.
pub(super) const fn rank(priority: Priority) -> i64 {
    match priority {
        Priority::Low => 0,
        Priority::Medium => 1,
        Priority::High => 2,
    }
}

/// A time or count as stored. No date or file of ours comes near the limit.
pub(super) fn bigint(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// The same for a value that may be absent.
pub(super) fn bigint_or_null(value: Option<u64>) -> Option<i64> {
    value.map(bigint)
}
