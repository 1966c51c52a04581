//! Cell Broadcast messages and the numbers that they have.
//!
//! A serial number belongs to one text at one CBC: from the commit before the first request until
//! it has rested after the message ended. An index over the rows that are not released keeps that
//! rule against everything, this code included.

use sqlx::any::AnyRow;

use super::Store;
use super::console;
use super::error::StoreError;
use super::operation::{Operation, Tx};
use super::row::{Columns, bigint, bigint_or_null};
use super::statement::Query;
use crate::model::{
    CbsMessage, CbsProgress, CbsState, CellCount, ChannelName, LinkName, SubmissionId,
};

/// The columns of a message, before the rest of a query.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, submission_id, channel, link, toi, position, message_id, serial, epoch, \
             pages_sha256, broadcast, earlier, stamps, state, planned_ms, until_ms, taken_ms, \
             killed_ms, ended_ms, cells_installed, cells_failed, broadcasts_done, description \
             FROM cbs_message ",
            $rest
        )
    };
}

/// Stores the messages of plans. A serial number that is taken is an error of the whole plan.
pub(super) async fn insert(
    tx: &mut Tx<'_>,
    messages: impl Iterator<Item = &CbsMessage>,
) -> Result<(), StoreError> {
    let mut epochs: Vec<(&LinkName, i64)> = Vec::new();
    for message in messages {
        if !epochs.contains(&(&message.link, message.epoch)) {
            refuse_old_epoch(tx, &message.link, message.epoch).await?;
            epochs.push((&message.link, message.epoch));
        }
        let query = sqlx::query(
            "INSERT INTO cbs_message (id, submission_id, channel, link, toi, position, \
             message_id, serial, epoch, pages_sha256, broadcast, earlier, stamps, state, \
             planned_ms, until_ms, description, released) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, '', 0)",
        );
        tx.run(bind(query, message)?).await?;
    }
    Ok(())
}

async fn refuse_old_epoch(tx: &mut Tx<'_>, link: &LinkName, epoch: i64) -> Result<(), StoreError> {
    let query = sqlx::query("SELECT link FROM cbs_session WHERE link = $1 AND epoch > $2 LIMIT 1");
    match tx.row(query.bind(link.as_str()).bind(epoch)).await? {
        Some(_) => Err(StoreError::Fenced {
            name: link.to_string(),
            epoch,
        }),
        None => Ok(()),
    }
}

fn bind<'q>(query: Query<'q>, message: &CbsMessage) -> Result<Query<'q>, StoreError> {
    let stamps =
        serde_json::to_string(&message.stamps).map_err(|source| StoreError::Unencodable {
            table: "cbs_message",
            source,
        })?;
    Ok(query
        .bind(message.id.clone())
        .bind(message.submission_id.to_string())
        .bind(message.channel.to_string())
        .bind(message.link.to_string())
        .bind(i64::from(message.toi))
        .bind(i64::from(message.position))
        .bind(i64::from(message.message_id))
        .bind(i64::from(message.serial))
        .bind(message.epoch)
        .bind(message.pages_sha256.to_hex())
        .bind(message.broadcast.clone())
        .bind(message.earlier.clone())
        .bind(stamps)
        .bind(message.state.as_str())
        .bind(bigint(message.planned_ms))
        .bind(bigint(message.until_ms)))
}

/// Moves a message on; one that is over stays as it is, but for what cells said.
pub(super) async fn advance(tx: &mut Tx<'_>, progress: &CbsProgress) -> Result<(), StoreError> {
    let CbsProgress {
        id,
        state,
        at_ms,
        cells,
        desc,
    } = progress;
    if cells.is_some() {
        console::take_out_message(tx, id).await?;
    }
    let query = sqlx::query(
        "UPDATE cbs_message SET \
         cells_installed = COALESCE($5, cells_installed), \
         cells_failed = COALESCE($6, cells_failed), \
         broadcasts_done = COALESCE($7, broadcasts_done), \
         description = COALESCE($8, description), \
         state = CASE WHEN ended_ms IS NULL AND (state <> 'killing' OR $4 = 1) \
         THEN $2 ELSE state END, \
         taken_ms = CASE WHEN taken_ms IS NULL AND $9 = 1 THEN $3 ELSE taken_ms END, \
         killed_ms = CASE WHEN killed_ms IS NULL AND $10 = 1 THEN $3 ELSE killed_ms END, \
         ended_ms = CASE WHEN ended_ms IS NULL AND $4 = 1 THEN $3 ELSE ended_ms END \
         WHERE id = $1",
    );
    let count = |of: fn(&CellCount) -> u64| bigint_or_null(cells.as_ref().map(of));
    let query = query
        .bind(id.clone())
        .bind(state.as_str())
        .bind(bigint(*at_ms))
        .bind(i64::from(state.is_over()))
        .bind(count(|cells| cells.installed.into()))
        .bind(count(|cells| cells.failed.into()))
        .bind(count(|cells| cells.broadcasts))
        .bind(desc.clone())
        .bind(i64::from(*state == CbsState::OnAir))
        .bind(i64::from(*state == CbsState::Killing));
    tx.run(query).await?;
    Ok(())
}

/// Writes down that messages are to be taken off the air, before anybody is asked to do so.
pub(super) async fn kill(
    tx: &mut Tx<'_>,
    channel: &ChannelName,
    toi: u32,
    at_ms: u64,
) -> Result<(), StoreError> {
    let query = sqlx::query(
        "UPDATE cbs_message SET state = 'killing', killed_ms = COALESCE(killed_ms, $3) \
         WHERE channel = $1 AND toi = $2 AND ended_ms IS NULL",
    );
    let query = query
        .bind(channel.as_str())
        .bind(i64::from(toi))
        .bind(bigint(at_ms));
    tx.run(query).await?;
    Ok(())
}

struct Kill {
    objects: Vec<(ChannelName, u32)>,
    at_ms: u64,
}

impl Operation for Kill {
    type Answer = ();

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<(), StoreError> {
        for (channel, toi) in &self.objects {
            kill(tx, channel, *toi, self.at_ms).await?;
        }
        Ok(())
    }
}

/// Ends messages of which no transmission is left: their withdrawal was stored and its end was not.
struct EndOrphans {
    at_ms: u64,
}

impl Operation for EndOrphans {
    type Answer = u64;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "UPDATE cbs_message SET state = 'killed', ended_ms = $1 WHERE ended_ms IS NULL \
             AND NOT EXISTS (SELECT 1 FROM transmission t WHERE t.channel = cbs_message.channel \
             AND t.toi = cbs_message.toi AND t.ended_ms IS NULL)",
        );
        tx.run(query.bind(bigint(self.at_ms))).await
    }
}

/// Lets the serial numbers of a channel go that have rested.
struct Release {
    channel: ChannelName,
    ended_before_ms: u64,
}

impl Operation for Release {
    type Answer = u64;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        let query = sqlx::query(
            "UPDATE cbs_message SET released = 1 WHERE channel = $1 AND released = 0 \
             AND ended_ms <= $2",
        );
        let query = query
            .bind(self.channel.as_str())
            .bind(bigint(self.ended_before_ms));
        tx.run(query).await
    }
}

/// Forgets messages whose serial numbers have rested.
pub(super) async fn forget(tx: &mut Tx<'_>, before_ms: u64) -> Result<(), StoreError> {
    let query = sqlx::query(
        "DELETE FROM cbs_message WHERE released = 1 AND ended_ms <= $1 \
         AND NOT EXISTS (SELECT 1 FROM submission s WHERE s.id = cbs_message.submission_id)",
    );
    tx.run(query.bind(bigint(before_ms))).await?;
    Ok(())
}

impl Store {
    /// Writes down that the messages of these objects are to be taken off the air.
    pub async fn kill_cbs(
        &self,
        objects: Vec<(ChannelName, u32)>,
        at_ms: u64,
    ) -> Result<(), StoreError> {
        self.write(Kill { objects, at_ms }).await
    }

    /// Lets the serial numbers of a channel go whose messages ended before a time: another text may
    /// have them. Returns how many.
    pub async fn release_serials(
        &self,
        channel: &ChannelName,
        ended_before_ms: u64,
    ) -> Result<u64, StoreError> {
        self.write(Release {
            channel: channel.clone(),
            ended_before_ms,
        })
        .await
    }

    /// Ends the messages that no transmission needs any more; returns how many.
    pub async fn end_cbs_orphans(&self, at_ms: u64) -> Result<u64, StoreError> {
        self.write(EndOrphans { at_ms }).await
    }

    /// The messages of a transmission, in their order.
    pub async fn cbs_messages(
        &self,
        channel: &ChannelName,
        toi: u32,
    ) -> Result<Vec<CbsMessage>, StoreError> {
        let query = sqlx::query(select!(
            "WHERE channel = $1 AND toi = $2 AND released = 0 ORDER BY position"
        ));
        let query = query.bind(channel.as_str()).bind(i64::from(toi));
        self.rows(query).await?.iter().map(message).collect()
    }

    /// One message.
    pub async fn cbs_message(&self, id: &str) -> Result<Option<CbsMessage>, StoreError> {
        let row = self
            .row(sqlx::query(select!("WHERE id = $1")).bind(id))
            .await?;
        row.as_ref().map(message).transpose()
    }

    /// A message has the serial number, or had it and it still rests.
    pub async fn is_serial_taken(
        &self,
        link: &LinkName,
        message_id: u16,
        serial: u16,
    ) -> Result<bool, StoreError> {
        let query = sqlx::query(
            "SELECT id FROM cbs_message WHERE link = $1 AND message_id = $2 AND serial = $3 \
             AND released = 0 LIMIT 1",
        );
        let query = query
            .bind(link.as_str())
            .bind(i64::from(message_id))
            .bind(i64::from(serial));
        Ok(self.row(query).await?.is_some())
    }

    /// The messages of a submission, in the order in which they were planned.
    pub async fn cbs_messages_of(
        &self,
        submission: &SubmissionId,
    ) -> Result<Vec<CbsMessage>, StoreError> {
        let query = sqlx::query(select!(
            "WHERE submission_id = $1 ORDER BY planned_ms, channel, position"
        ));
        let rows = self.rows(query.bind(submission.as_str())).await?;
        rows.iter().map(message).collect()
    }
}

fn message(row: &AnyRow) -> Result<CbsMessage, StoreError> {
    let row = Columns::new(row, "cbs_message");
    let cells = match row.number_or_null("cells_installed")? {
        Some(installed) => Some(CellCount {
            installed,
            failed: row.number_or_null("cells_failed")?.unwrap_or(0),
            broadcasts: row.number_or_null("broadcasts_done")?.unwrap_or(0),
        }),
        None => None,
    };
    Ok(CbsMessage {
        id: row.text("id")?,
        submission_id: row.parsed("submission_id")?,
        channel: row.parsed("channel")?,
        link: row.parsed("link")?,
        toi: row.number("toi")?,
        position: row.number("position")?,
        message_id: row.number("message_id")?,
        serial: row.number("serial")?,
        epoch: row.number("epoch")?,
        pages_sha256: row.digest("pages_sha256")?,
        broadcast: row.text("broadcast")?,
        earlier: row.text_or_null("earlier")?,
        stamps: row.json("stamps")?,
        state: row.known("state", CbsState::from_stored)?,
        planned_ms: row.number("planned_ms")?,
        until_ms: row.number("until_ms")?,
        taken_ms: row.number_or_null("taken_ms")?,
        killed_ms: row.number_or_null("killed_ms")?,
        ended_ms: row.number_or_null("ended_ms")?,
        cells,
        desc: row.text("description")?,
    })
}
