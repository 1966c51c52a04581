//! What lanes report of transmissions, put together so that one statement stores it all.

use std::collections::BTreeMap;

use super::error::StoreError;
use super::operation::Tx;
use super::progress::{Change, Touched};
use super::row::bigint_or_null;
use crate::model::{TransmissionId, TransmissionState};

/// The end of a transmission.
struct End<'c> {
    state: TransmissionState,
    desc: &'c str,
    at_ms: u64,
}

/// What is new of one transmission.
#[derive(Default)]
struct Advance<'c> {
    first_packet_ms: Option<u64>,
    passes_done: Option<u32>,
    transmitted_ms: Option<u64>,
    /// What is said of it where its end says nothing.
    note: Option<&'c str>,
    end: Option<End<'c>>,
}

/// What a list of changes says of each transmission. Of two changes of one kind the first counts,
/// of passes the most; what comes after the end is late and changes nothing.
#[derive(Default)]
pub(super) struct Advances<'c>(BTreeMap<&'c TransmissionId, Advance<'c>>);

impl<'c> Advances<'c> {
    /// Puts changes together; what is no advance of a transmission is passed over.
    pub(super) fn of(changes: &'c [Change]) -> Result<Self, StoreError> {
        let mut advances = Self::default();
        for change in changes {
            advances.add(change)?;
        }
        Ok(advances)
    }

    fn add(&mut self, change: &'c Change) -> Result<(), StoreError> {
        let id = match change {
            Change::Cbs(_)
            | Change::Deliver { .. }
            | Change::Describe { .. }
            | Change::Replan { .. }
            | Change::Wait { .. } => return Ok(()),
            Change::Ended { transmission, .. }
            | Change::FirstPacket { transmission, .. }
            | Change::Noted { transmission, .. }
            | Change::PassDone { transmission, .. }
            | Change::Transmitted { transmission, .. } => transmission,
        };
        if let Change::Ended { state, .. } = change
            && !state.is_over()
        {
            return Err(StoreError::NotFinal {
                state: state.as_str(),
            });
        }
        let advance = self.0.entry(id).or_default();
        if advance.end.is_some() {
            return Ok(());
        }
        match change {
            Change::Cbs(_)
            | Change::Deliver { .. }
            | Change::Describe { .. }
            | Change::Replan { .. }
            | Change::Wait { .. } => {}
            Change::Ended {
                state, desc, at_ms, ..
            } => {
                advance.end = Some(End {
                    state: *state,
                    desc,
                    at_ms: *at_ms,
                });
            }
            Change::FirstPacket { at_ms, .. } => {
                advance.first_packet_ms.get_or_insert(*at_ms);
            }
            Change::Noted { desc, .. } => advance.note = Some(desc),
            Change::PassDone { passes_done, .. } => {
                advance.passes_done = advance.passes_done.max(Some(*passes_done));
            }
            Change::Transmitted { at_ms, .. } => {
                advance.transmitted_ms.get_or_insert(*at_ms);
            }
        }
        Ok(())
    }

    /// Stores it all.
    pub(super) async fn apply(
        self,
        tx: &mut Tx<'_>,
        touched: &mut Touched,
    ) -> Result<(), StoreError> {
        let statements = tx.statements;
        let all: Vec<_> = self.0.iter().collect();
        statements
            .progress
            .advance
            .execute(tx.connection, &all, |query, (id, advance)| {
                let end = advance.end.as_ref();
                let said = end.map(|end| end.desc).filter(|desc| !desc.is_empty());
                let said = said.or(advance.note);
                query
                    .bind(id.to_string())
                    .bind(bigint_or_null(advance.first_packet_ms))
                    .bind(advance.passes_done.map(i64::from))
                    .bind(bigint_or_null(advance.transmitted_ms))
                    .bind(end.map(|end| end.state.as_str()))
                    .bind(said.map(str::to_owned))
                    .bind(bigint_or_null(end.map(|end| end.at_ms)))
            })
            .await?;
        for (id, advance) in self.0 {
            if let Some(end) = advance.end {
                touched.add(id.as_str(), end.at_ms);
            }
        }
        Ok(())
    }
}

/// Moves one transmission on.
pub(super) async fn advance(
    tx: &mut Tx<'_>,
    change: &Change,
    touched: &mut Touched,
) -> Result<(), StoreError> {
    let changes = std::slice::from_ref(change);
    Advances::of(changes)?.apply(tx, touched).await
}
