//! Sums of pushes that are over, so that a report over many need not read each.
//!
//! ```text
//!  pushes, every row of theirs settled ──sum_up──▶ report_sum, report_wait: by hour, kind and name
//!  a push is forgotten, or a cell says more of it ──take_out──▶ the same figures, subtracted
//!  report = sums of whole hours + pushes at the edges of its period + pushes not counted yet
//! ```
//! So a report says at any moment what counting each push would say. Only what cells report may
//! still come in after everything has ended: whoever writes that takes the push out first, and it
//! is counted again.

use crate::model::SubmissionId;
use crate::store::operation::{Operation, Tx};
use crate::store::row::bigint;
use crate::store::{Store, StoreError};

/// A push rests so long after its end before it is counted, ms: nothing of it is under way then.
const REST_MS: u64 = 60_000;

/// What a statement does with what it finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Add,
    Subtract,
}

const COLUMNS: &str = "INSERT INTO report_sum (kind, name, hour, workspace, initiator, \
     submissions, delivered, cancelled, expired, failed, notified, not_notified, \
     transmissions, transmissions_failed, passes, octets, cells, cells_asked, first_id, last_id) ";

macro_rules! added {
    ($($column:literal),*) => {
        concat!(
            " ON CONFLICT (kind, name, hour, workspace, initiator) DO UPDATE SET ",
            $($column, " = report_sum.", $column, " + excluded.", $column, ", ",)*
            "first_id = CASE WHEN excluded.first_id < report_sum.first_id \
             THEN excluded.first_id ELSE report_sum.first_id END, \
             last_id = CASE WHEN excluded.last_id > report_sum.last_id \
             THEN excluded.last_id ELSE report_sum.last_id END"
        )
    };
}

const ADDED: &str = added!(
    "submissions",
    "delivered",
    "cancelled",
    "expired",
    "failed",
    "notified",
    "not_notified",
    "transmissions",
    "transmissions_failed",
    "passes",
    "octets",
    "cells",
    "cells_asked"
);

/// Each delivery under everything that it is counted under, once.
const DELIVERIES: &str = "WITH k AS (\
     SELECT s.id AS sid, d.id AS did, 'all' AS kind, '' AS name FROM submission s \
     JOIN delivery d ON d.submission_id = s.id WHERE s.summed = 2 \
     UNION SELECT s.id, d.id, 'to', d.address_key FROM submission s \
     JOIN delivery d ON d.submission_id = s.id WHERE s.summed = 2 \
     UNION SELECT s.id, d.id, 'channel', t.channel FROM submission s \
     JOIN delivery d ON d.submission_id = s.id \
     JOIN transmission t ON t.delivery_id = d.id WHERE s.summed = 2 \
     UNION SELECT s.id, d.id, 'bearer', t.bearer FROM submission s \
     JOIN delivery d ON d.submission_id = s.id \
     JOIN transmission t ON t.delivery_id = d.id WHERE s.summed = 2) ";

/// Each transmission under everything that it is counted under.
const TRANSMISSIONS: &str = "WITH k AS (\
     SELECT t.id AS tid, 'all' AS kind, '' AS name FROM submission s \
     JOIN transmission t ON t.submission_id = s.id WHERE s.summed = 2 \
     UNION ALL SELECT t.id, 'to', d.address_key FROM submission s \
     JOIN transmission t ON t.submission_id = s.id \
     JOIN delivery d ON d.id = t.delivery_id WHERE s.summed = 2 \
     UNION ALL SELECT t.id, 'channel', t.channel FROM submission s \
     JOIN transmission t ON t.submission_id = s.id WHERE s.summed = 2 \
     UNION ALL SELECT t.id, 'bearer', t.bearer FROM submission s \
     JOIN transmission t ON t.submission_id = s.id WHERE s.summed = 2) ";

macro_rules! outcomes {
    ($sign:literal) => {
        concat!(
            "SELECT k.kind, k.name, s.received_ms / 3600000, COALESCE(c.workspace, ''), \
             s.initiator, ",
            $sign,
            "COUNT(DISTINCT s.id), ",
            $sign,
            "SUM(CASE WHEN d.state = 'delivered' THEN 1 ELSE 0 END), ",
            $sign,
            "SUM(CASE WHEN d.state = 'cancelled' THEN 1 ELSE 0 END), ",
            $sign,
            "SUM(CASE WHEN d.state = 'expired' THEN 1 ELSE 0 END), ",
            $sign,
            "SUM(CASE WHEN d.state IN ('delivered', 'cancelled', 'expired') THEN 0 ELSE 1 END), ",
            $sign,
            "SUM(CASE WHEN o.state = 'done' THEN 1 ELSE 0 END), ",
            $sign,
            "SUM(CASE WHEN o.state IS NULL OR o.state = 'done' THEN 0 ELSE 1 END), \
             0, 0, 0, 0, 0, 0, MIN(s.id), MAX(s.id) FROM k \
             JOIN submission s ON s.id = k.sid JOIN delivery d ON d.id = k.did \
             LEFT JOIN console_submission c ON c.submission_id = s.id \
             LEFT JOIN outbox o ON o.delivery_id = d.id WHERE 1 = 1 GROUP BY 1, 2, 3, 4, 5"
        )
    };
}

/// Objects are counted once, however many transmissions share one. Every message of an object goes
/// to the same cells: those that have broadcast all of them count.
macro_rules! objects {
    ($sign:literal) => {
        concat!(
            "SELECT x.kind, x.name, x.hour, x.workspace, x.initiator, 0, 0, 0, 0, 0, 0, 0, ",
            $sign,
            "SUM(x.number), ",
            $sign,
            "SUM(x.failed), ",
            $sign,
            "SUM(x.passes), ",
            $sign,
            "SUM(x.passes * x.octets), ",
            $sign,
            "SUM(COALESCE((SELECT MIN(m.cells_installed) FROM cbs_message m \
             WHERE m.channel = x.channel AND m.toi = x.toi \
             AND m.submission_id = x.submission_id), 0)), ",
            $sign,
            "SUM(COALESCE((SELECT MAX(m.cells_installed + m.cells_failed) FROM cbs_message m \
             WHERE m.channel = x.channel AND m.toi = x.toi \
             AND m.submission_id = x.submission_id), 0)), \
             MIN(x.submission_id), MAX(x.submission_id) FROM (\
             SELECT k.kind, k.name, s.received_ms / 3600000 AS hour, \
             COALESCE(c.workspace, '') AS workspace, s.initiator, t.submission_id, t.channel, \
             t.toi, COUNT(*) AS number, \
             SUM(CASE WHEN t.state = 'failed' THEN 1 ELSE 0 END) AS failed, \
             MAX(t.passes_done) AS passes, MAX(t.transfer_bytes) AS octets FROM k \
             JOIN transmission t ON t.id = k.tid JOIN submission s ON s.id = t.submission_id \
             LEFT JOIN console_submission c ON c.submission_id = s.id \
             GROUP BY 1, 2, 3, 4, 5, 6, 7, 8) x WHERE 1 = 1 GROUP BY 1, 2, 3, 4, 5"
        )
    };
}

/// ms from when it might be sent to the first packet, of submission `s` and transmission `t`.
macro_rules! wait_ms {
    () => {
        "CASE WHEN t.first_packet_ms > s.due_ms AND s.due_ms > s.received_ms \
         THEN t.first_packet_ms - s.due_ms \
         WHEN t.first_packet_ms > s.received_ms AND s.due_ms <= s.received_ms \
         THEN t.first_packet_ms - s.received_ms ELSE 0 END"
    };
}
/// A wait `w` in steps of a percent.
macro_rules! wait_step {
    () => {
        "CASE WHEN w < 1000 THEN w WHEN w < 10000 THEN w / 10 * 10 \
         WHEN w < 100000 THEN w / 100 * 100 ELSE w / 1000 * 1000 END"
    };
}
pub(super) use {wait_ms, wait_step};

macro_rules! waits {
    ($sign:literal) => {
        concat!(
            "INSERT INTO report_wait (kind, hours, name, slot, workspace, initiator, step, \
             transmissions) SELECT x.kind, h.hours, x.name, x.hour / h.hours, x.workspace, \
             x.initiator, ",
            wait_step!(),
            ", ",
            $sign,
            "COUNT(*) FROM (SELECT k.kind, k.name, s.received_ms / 3600000 AS hour, \
             COALESCE(c.workspace, '') AS workspace, s.initiator, ",
            wait_ms!(),
            " AS w FROM k JOIN transmission t ON t.id = k.tid \
             JOIN submission s ON s.id = t.submission_id \
             LEFT JOIN console_submission c ON c.submission_id = s.id \
             WHERE t.first_packet_ms IS NOT NULL) x \
             CROSS JOIN (SELECT 1 AS hours UNION ALL SELECT 24) h \
             WHERE 1 = 1 GROUP BY 1, 2, 3, 4, 5, 6, 7 \
             ON CONFLICT (kind, hours, name, slot, workspace, initiator, step) DO UPDATE SET \
             transmissions = report_wait.transmissions + excluded.transmissions"
        )
    };
}

/// Counts the pushes that are marked with 2, or takes them out.
async fn count(tx: &mut Tx<'_>, sign: Sign) -> Result<(), StoreError> {
    let (outcomes, objects, waits) = match sign {
        Sign::Add => (outcomes!(""), objects!(""), waits!("")),
        Sign::Subtract => (outcomes!("-"), objects!("-"), waits!("-")),
    };
    let statements = [
        vec![DELIVERIES, COLUMNS, outcomes, ADDED],
        vec![TRANSMISSIONS, COLUMNS, objects, ADDED],
        vec![TRANSMISSIONS, waits],
    ];
    for parts in statements {
        let sql = crate::store::statement::joined(tx.dialect, &parts);
        tx.run(sqlx::query(sql)).await?;
    }
    if sign == Sign::Subtract {
        tx.run(sqlx::query("DELETE FROM report_sum WHERE submissions = 0"))
            .await?;
        tx.run(sqlx::query(
            "DELETE FROM report_wait WHERE transmissions = 0",
        ))
        .await?;
    }
    Ok(())
}

/// Takes pushes out of the sums, those of them that are there; they are counted as not summed until
/// they are counted again.
pub(in crate::store) async fn take_out(
    tx: &mut Tx<'_>,
    pushes: impl IntoIterator<Item = &str>,
) -> Result<(), StoreError> {
    let mut marked = 0;
    for id in pushes {
        let mark = sqlx::query("UPDATE submission SET summed = 2 WHERE id = $1 AND summed = 1");
        marked += tx.run(mark.bind(id.to_owned())).await?;
    }
    if marked > 0 {
        count(tx, Sign::Subtract).await?;
        let unmark = sqlx::query("UPDATE submission SET summed = 0 WHERE summed = 2");
        tx.run(unmark).await?;
    }
    Ok(())
}

/// The push of a Cell Broadcast message leaves the sums, because its cells say more.
pub(in crate::store) async fn take_out_message(
    tx: &mut Tx<'_>,
    message: &str,
) -> Result<(), StoreError> {
    let query = sqlx::query(
        "SELECT s.id FROM cbs_message m JOIN submission s ON s.id = m.submission_id \
         WHERE m.id = $1 AND s.summed = 1",
    );
    let row = tx.row(query.bind(message.to_owned())).await?;
    let Some(row) = row else {
        return Ok(());
    };
    let id: SubmissionId = crate::store::row::Columns::new(&row, "submission").parsed("id")?;
    take_out(tx, [id.as_str()]).await
}

struct SumUp {
    ended_before_ms: u64,
    limit: u32,
}

impl Operation for SumUp {
    type Answer = u64;

    async fn apply(&self, tx: &mut Tx<'_>) -> Result<u64, StoreError> {
        let mark = sqlx::query(
            "UPDATE submission SET summed = 2 WHERE id IN (SELECT s.id FROM submission s \
             WHERE s.summed = 0 AND s.closed_at_ms < $1 \
             AND NOT EXISTS (SELECT 1 FROM transmission t WHERE t.submission_id = s.id \
             AND t.ended_ms IS NULL) \
             AND NOT EXISTS (SELECT 1 FROM cbs_message m WHERE m.submission_id = s.id \
             AND m.ended_ms IS NULL) \
             AND NOT EXISTS (SELECT 1 FROM delivery d JOIN outbox o ON o.delivery_id = d.id \
             WHERE d.submission_id = s.id AND o.state = 'waiting') \
             ORDER BY s.closed_at_ms LIMIT $2)",
        );
        let mark = mark
            .bind(bigint(self.ended_before_ms))
            .bind(i64::from(self.limit));
        let marked = tx.run(mark).await?;
        if marked > 0 {
            count(tx, Sign::Add).await?;
            let done = sqlx::query("UPDATE submission SET summed = 1 WHERE summed = 2");
            tx.run(done).await?;
        }
        Ok(marked)
    }
}

impl Store {
    /// Counts up to `limit` pushes that were over a minute before `now_ms`, for reports. Returns
    /// how many; other writes wait meanwhile.
    pub async fn sum_up(&self, now_ms: u64, limit: u32) -> Result<u64, StoreError> {
        let ended_before_ms = now_ms.saturating_sub(REST_MS);
        let _nobody_reads = self.inner.summing.write().await;
        self.write(SumUp {
            ended_before_ms,
            limit,
        })
        .await
    }
}
