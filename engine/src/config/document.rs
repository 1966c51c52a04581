//! A TOML document of which every part knows its line.

use std::ops::Range;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue, Error, ValueDeserializer};

use super::error::{ConfigError, Problem};

/// Where the lines of a text begin.
#[derive(Debug)]
pub(super) struct Lines(Vec<usize>);

impl Lines {
    pub(super) fn of(text: &str) -> Self {
        let ends = text.match_indices('\n').map(|(offset, _)| offset + 1);
        Self(std::iter::once(0).chain(ends).collect())
    }

    /// The line of an octet, the first line being 1.
    pub(super) fn at(&self, offset: usize) -> usize {
        self.0.partition_point(|start| *start <= offset)
    }
}

/// The errors found so far.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<ConfigError>);

impl Findings {
    pub(super) fn add(&mut self, line: impl Into<Option<usize>>, what: impl Into<Problem>) {
        self.0.push(ConfigError {
            line: line.into(),
            what: what.into(),
        });
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of the file; what belongs to no line comes first.
    pub(super) fn sorted(mut self) -> Vec<ConfigError> {
        self.0.sort_by_key(|error| error.line);
        self.0
    }
}

/// One table of the document.
#[derive(Debug)]
pub(super) struct Section<'a> {
    span: Range<usize>,
    table: DeTable<'a>,
    lines: &'a Lines,
}

impl<'a> Section<'a> {
    /// `None` if the value is something else.
    pub(super) fn new(value: Spanned<DeValue<'a>>, lines: &'a Lines) -> Option<Self> {
        let span = value.span();
        match value.into_inner() {
            DeValue::Table(table) => Some(Self { span, table, lines }),
            _ => None,
        }
    }

    /// Line of its header.
    pub(super) fn line(&self) -> usize {
        self.lines.at(self.span.start)
    }

    /// Line of a key, such as `ttl` or `carousel.passes`; of the header if it is not there.
    pub(super) fn line_of(&self, path: &str) -> usize {
        let mut table = Some(&self.table);
        let mut line = self.line();
        for key in path.split('.') {
            let Some((key, value)) = table.and_then(|table| table.get_key_value(key)) else {
                break;
            };
            line = self.lines.at(key.span().start);
            table = value.get_ref().as_table();
        }
        line
    }

    /// The same table without a key.
    pub(super) fn without(&self, key: &str) -> Self {
        let mut table = self.table.clone();
        table.remove(key);
        Self {
            span: self.span.clone(),
            table,
            lines: self.lines,
        }
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    /// The text under a key, if it is one.
    pub(super) fn text(&self, key: &str) -> Option<&str> {
        self.table.get(key)?.get_ref().as_str()
    }

    /// Line of an item of an array.
    pub(super) fn line_of_item(&self, key: &str, position: usize) -> usize {
        let array = self
            .table
            .get(key)
            .and_then(|value| value.as_ref().as_array());
        match array.and_then(|array| array.get(position)) {
            Some(item) => self.lines.at(item.span().start),
            None => self.line_of(key),
        }
    }

    /// Reads it as a `T` that has the keys `required` and possibly others. Finds every error, not
    /// only the first: what cannot be read is taken out and the rest read again.
    pub(super) fn read<T: DeserializeOwned>(
        &self,
        required: &[&'static str],
        findings: &mut Findings,
    ) -> Option<T> {
        let mut sound = true;
        for key in required
            .iter()
            .filter(|key| !self.table.contains_key(**key))
        {
            findings.add(self.line(), Problem::Missing { key });
            sound = false;
        }
        let mut rest = self.table.clone();
        loop {
            let error = match self.attempt::<T>(rest.clone()) {
                Ok(value) => return sound.then_some(value),
                Err(error) => error,
            };
            let start = error.span().map(|span| span.start);
            let start = start.map(|start| self.wrong_item::<T>(&rest, start).unwrap_or(start));
            let culprit = start.filter(|start| remove(&mut rest, *start));
            // An error of the whole table is a missing key: of those that were missing before, or
            // that were taken out.
            if culprit.is_some() || sound {
                let line = culprit.map_or(self.line(), |start| self.lines.at(start));
                findings.add(line, Problem::of(&error));
            }
            culprit?;
            sound = false;
        }
    }

    fn attempt<T: DeserializeOwned>(&self, table: DeTable<'_>) -> Result<T, Error> {
        let value = Spanned::new(self.span.clone(), DeValue::Table(table));
        T::deserialize(ValueDeserializer::from(value))
    }

    /// An item that cannot be read is reported as an error of its array. The item is the first
    /// that cannot be read alone either.
    fn wrong_item<T: DeserializeOwned>(&self, table: &DeTable<'_>, start: usize) -> Option<usize> {
        let (key, array) = table
            .iter()
            .filter(|(_, value)| value.span().start == start)
            .find_map(|(key, value)| Some((key.get_ref(), value.get_ref().as_array()?)))?;
        let wrong = array.iter().find(|item| {
            let mut alone = DeArray::new();
            alone.push((*item).clone());
            let mut table = table.clone();
            if let Some(value) = table.get_mut(key.as_ref()) {
                *value.get_mut() = DeValue::Array(alone);
            }
            let error = self
                .attempt::<T>(table)
                .err()
                .and_then(|error| error.span());
            error.is_some_and(|span| span.start == start)
        });
        wrong.map(|item| item.span().start)
    }
}

/// Takes the smallest part out that holds an octet. A table's own span may be its header alone,
/// so its parts are looked at one by one.
fn remove(table: &mut DeTable<'_>, offset: usize) -> bool {
    if table
        .iter_mut()
        .any(|(_, value)| remove_within(value, offset))
    {
        return true;
    }
    let found = table
        .iter()
        .find(|(key, value)| key.span().contains(&offset) || value.span().contains(&offset));
    match found.map(|(key, _)| key.get_ref().clone().into_owned()) {
        Some(key) => table.remove(key.as_str()).is_some(),
        None => false,
    }
}

fn remove_within(value: &mut Spanned<DeValue<'_>>, offset: usize) -> bool {
    match value.get_mut() {
        DeValue::Array(array) => {
            if array.iter_mut().any(|item| remove_within(item, offset)) {
                return true;
            }
            let Some(position) = array.iter().position(|item| item.span().contains(&offset)) else {
                return false;
            };
            let items = std::mem::replace(array, DeArray::new())
                .into_iter()
                .enumerate();
            for (_, item) in items.filter(|(other, _)| *other != position) {
                array.push(item);
            }
            true
        }
        DeValue::Table(table) => remove(table, offset),
        _ => false,
    }
}

impl Problem {
    /// What the reader of the text found.
    pub(super) fn of(error: &Error) -> Self {
        Self::Text {
            message: error.message().to_owned(),
        }
    }
}
