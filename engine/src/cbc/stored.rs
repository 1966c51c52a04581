//! From rows back to messages: for a link after a start, and to know what the earlier one was.

use std::time::Duration;

use pushcast_cbs::cap::{Status, Timestamp};
use pushcast_cbs::capacity::{Load, PAGE_AIR_TIME};
use pushcast_cbs::cbep::{Broadcast, Broadcasts, Payload, Reference, Stamp};
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::serial::SerialNumber;

use crate::model::channel::AirTime;
use crate::model::{CbsChannel, CbsMessage, CbsState, SubmissionId};
use crate::store::{Store, StoreError};

use super::link::Message;
use super::messages::DraftError;
use super::record::Record;

/// A message as its link needs it, from its row and that of the one whose place it takes.
pub(crate) fn for_link(
    row: &CbsMessage,
    earlier: Option<&CbsMessage>,
) -> Result<Message, DraftError> {
    let broadcast = broadcast(row)?;
    let earlier = earlier.map(reference).transpose()?;
    let pages = match &broadcast.payload {
        Payload::Pages { contents, .. } => contents.count(),
        Payload::EtwsPrimary { .. } => 1,
    };
    let on_air = match (&broadcast.payload, broadcast.broadcasts) {
        (Payload::EtwsPrimary { .. }, _) => {
            Duration::from_secs(broadcast.warning_period_s.unwrap_or(0).into())
        }
        (_, Broadcasts::Count(count)) => {
            broadcast.period.duration() * u32::from(count.get() - 1)
                + PAGE_AIR_TIME * u32::from(pages)
        }
        (_, Broadcasts::UntilKilled) => {
            Duration::from_millis(row.until_ms.saturating_sub(row.planned_ms))
        }
    };
    Ok(Message {
        id: row.id.clone(),
        broadcast,
        stamps: stamps(row)?,
        earlier: row.earlier.clone().zip(earlier),
        state: row.state,
        taken_ms: row.taken_ms,
        killed_ms: row.killed_ms,
        until_ms: row.until_ms,
        on_air,
    })
}

/// What a stored message takes of its centre.
pub(crate) fn load(row: &CbsMessage, channel: Option<&CbsChannel>) -> Option<Load> {
    let is_counted = channel.is_none_or(|channel| channel.air_time == AirTime::Gsm);
    match (broadcast(row).ok()?, is_counted) {
        (
            Broadcast {
                payload: Payload::Pages { contents, .. },
                period,
                ..
            },
            true,
        ) => Some(Load {
            pages: contents.count(),
            period,
        }),
        _ => None,
    }
}

/// The request that a row stands for.
pub(crate) fn broadcast(row: &CbsMessage) -> Result<Broadcast, DraftError> {
    let record: Record = serde_json::from_str(&row.broadcast)
        .map_err(|_| DraftError::Value("the stored request"))?;
    Broadcast::try_from(record).map_err(|error| DraftError::Value(error.field))
}

fn stamps(row: &CbsMessage) -> Result<Vec<Stamp>, DraftError> {
    let wrong = || DraftError::Value("the identity of the request");
    row.stamps
        .iter()
        .map(|(identifier, seconds)| {
            Ok(Stamp {
                identifier: identifier.parse().map_err(|_| wrong())?,
                sent: Timestamp::of_unix(*seconds).map_err(|_| wrong())?,
            })
        })
        .collect()
}

fn reference(row: &CbsMessage) -> Result<Reference, DraftError> {
    Ok(Reference {
        message_id: MessageId(row.message_id),
        serial: SerialNumber(row.serial),
        stamps: stamps(row)?,
        status: broadcast(row)?
            .notice
            .map_or(Status::Actual, |notice| notice.status),
    })
}

/// Those of some messages that are still to be asked for or on the air, on one channel.
pub(crate) async fn open_messages(
    store: &Store,
    submission: &SubmissionId,
    channel: &CbsChannel,
) -> Result<Vec<CbsMessage>, StoreError> {
    let mut messages = store.cbs_messages_of(submission).await?;
    messages.retain(|message| {
        message.channel == channel.name
            && !message.state.is_over()
            && message.state != CbsState::Killing
    });
    Ok(messages)
}
