//! The statements that work on many rows at once.
//!
//! Lists of values stand as a table `v`, whose types are those of the arguments: one text serves
//! both databases. Statements that change rows return none, and lists of ids come as one text: on
//! SQLite every row that is returned wakes a thread, which costs more than to change it.

use super::dialect::{Dialect, locking, or_fail};
use super::statement::Bulk;

/// After the list of (id, time) of deliveries and transmissions: `s`, the submissions they belong to.
macro_rules! touched {
    () => {
        "), s(id, at) AS (SELECT submission_id, MAX(at) FROM (SELECT d.submission_id, v.at \
         FROM v JOIN delivery d ON d.id = v.id UNION ALL SELECT t.submission_id, v.at \
         FROM v JOIN transmission t ON t.id = v.id) x GROUP BY submission_id) "
    };
}

macro_rules! submission_columns {
    () => {
        "id, initiator, push_id, replaces, origin_push_id, revision, request_sha256, pap_version, \
         pi_lists_versions, received_ms, due_ms, deliver_after_ms, deliver_before_ms, \
         deliver_before_given, source_reference, notify_url, progress_notes, quality_of_service, \
         priority, content_type, headers, body, body_sha256, body_bytes, authentication, next_ms, \
         state, attempts, claimed_by"
    };
}

/// Each prepared once for each size.
pub(super) struct Statements {
    pub(super) intake: Intake,
    pub(super) planning: Planning,
    pub(super) progress: Progress,
}

impl Statements {
    pub(super) fn new(dialect: Dialect) -> Self {
        Self {
            intake: Intake::new(dialect),
            planning: Planning::new(dialect),
            progress: Progress::new(dialect),
        }
    }
}

/// Taking submissions in.
pub(super) struct Intake {
    /// Inserts submissions whose push-ids are new, those of pushes that are gone included.
    pub(super) submission: Bulk,
    /// Which of some submissions, by (id, initiator, push-id), are stored.
    pub(super) stored: Bulk,
    /// Inserts deliveries.
    pub(super) delivery: Bulk,
}

impl Intake {
    fn new(dialect: Dialect) -> Self {
        let bulk = |head, row, tail| Bulk::new(dialect, [head, row, tail]);
        Self {
            submission: bulk(
                or_fail!(
                    dialect,
                    " INTO submission (",
                    submission_columns!(),
                    ") WITH v(",
                    submission_columns!(),
                    ") AS (VALUES "
                ),
                "(#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#)",
                ") SELECT * FROM v WHERE NOT EXISTS (SELECT 1 FROM used_push_id u \
                 WHERE u.initiator = v.initiator AND u.push_id = v.push_id) \
                 ON CONFLICT DO NOTHING",
            ),
            stored: bulk(
                "WITH v(id, initiator, push_id) AS (VALUES ",
                "(#,#,#)",
                ") SELECT s.id FROM v JOIN submission s ON s.id = v.id \
                 AND s.initiator = v.initiator AND s.push_id = v.push_id",
            ),
            delivery: bulk(
                "INSERT INTO delivery (id, submission_id, position, address_raw, address_key, \
                 state, code, description, event_ms, bearer) VALUES ",
                "(#,#,#,#,#,#,#,#,#,#)",
                " ON CONFLICT DO NOTHING",
            ),
        }
    }
}

/// Plans.
pub(super) struct Planning {
    /// Takes claimed submissions, by (id, attempt), for planning.
    pub(super) take: Bulk,
    /// Pending deliveries of some submissions.
    pub(super) pending: Bulk,
    /// Inserts transmissions.
    pub(super) transmission: Bulk,
}

impl Planning {
    fn new(dialect: Dialect) -> Self {
        let bulk = |head, row, tail| Bulk::new(dialect, [head, row, tail]);
        Self {
            take: bulk(
                "WITH v(id, attempts) AS (VALUES ",
                "(#,#)",
                ") UPDATE submission SET state = 'planned', claimed_by = NULL FROM v \
                 WHERE submission.id = v.id AND submission.state = 'queued' \
                 AND submission.attempts = v.attempts",
            ),
            pending: bulk(
                "SELECT string_agg(id, ' ') AS ids FROM \
                 (SELECT id FROM delivery WHERE submission_id IN (",
                "#",
                locking!(dialect, " FOR UPDATE", ") AND state = 'pending'", ") p"),
            ),
            transmission: bulk(
                concat!(
                    "INSERT INTO transmission (",
                    super::transmissions::transmission_columns!(),
                    ", submission_id) VALUES "
                ),
                "(#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#,#)",
                " ON CONFLICT DO NOTHING",
            ),
        }
    }
}

/// What lanes and planners report.
pub(super) struct Progress {
    /// Moves transmissions on, by (transmission, first packet, passes so far, end of the first
    /// pass, state at the end, description, end): what is null or was known before stays.
    pub(super) advance: Bulk,
    /// Which of some deliveries are pending.
    pub(super) open: Bulk,
    /// Outcomes, by (delivery, state, code, description, time, bearer).
    pub(super) outcome: Bulk,
    /// Queues notifications, by (delivery, time).
    pub(super) notification: Bulk,
    /// Locks the submissions of deliveries and transmissions, by (id, time), where that is needed.
    pub(super) lock: Option<Bulk>,
    /// Marks the submissions of deliveries and transmissions done, by (id, time), of which nothing
    /// is open.
    pub(super) close: Bulk,
}

impl Progress {
    fn new(dialect: Dialect) -> Self {
        let bulk = |head, row, tail| Bulk::new(dialect, [head, row, tail]);
        Self {
            advance: bulk(
                "WITH v(id, first_packet_ms, passes_done, transmitted_ms, state, description, \
                 ended_ms) AS (VALUES ",
                "(#,#,#,#,#,#,#)",
                ") UPDATE transmission SET \
                 first_packet_ms = COALESCE(transmission.first_packet_ms, v.first_packet_ms), \
                 passes_done = CASE WHEN v.passes_done > transmission.passes_done \
                 THEN v.passes_done ELSE transmission.passes_done END, \
                 transmitted_ms = CASE WHEN transmission.state = 'onair' \
                 THEN COALESCE(v.transmitted_ms, transmission.transmitted_ms) \
                 ELSE transmission.transmitted_ms END, \
                 state = CASE WHEN transmission.ended_ms IS NOT NULL THEN transmission.state \
                 WHEN v.ended_ms IS NOT NULL THEN v.state \
                 WHEN v.transmitted_ms IS NOT NULL AND transmission.state = 'onair' \
                 THEN 'transmitted' ELSE transmission.state END, \
                 description = CASE WHEN transmission.ended_ms IS NULL \
                 THEN COALESCE(v.description, transmission.description) \
                 ELSE transmission.description END, \
                 ended_ms = COALESCE(transmission.ended_ms, v.ended_ms) \
                 FROM v WHERE transmission.id = v.id",
            ),
            open: bulk(
                "SELECT string_agg(id, ' ') AS ids FROM (SELECT id FROM delivery WHERE id IN (",
                "#",
                locking!(dialect, " FOR UPDATE", ") AND state = 'pending'", ") p"),
            ),
            outcome: bulk(
                "WITH v(id, state, code, description, at, bearer) AS (VALUES ",
                "(#,#,#,#,#,#)",
                ") UPDATE delivery SET state = v.state, code = v.code, \
                 description = v.description, event_ms = v.at, \
                 bearer = COALESCE(v.bearer, delivery.bearer) FROM v WHERE delivery.id = v.id",
            ),
            notification: bulk(
                "WITH v(id, at) AS (VALUES ",
                "(#,#)",
                ") INSERT INTO outbox (delivery_id, url, created_ms, attempts, next_ms, state) \
                 SELECT v.id, s.notify_url, v.at, 0, v.at, 'waiting' FROM v \
                 JOIN delivery d ON d.id = v.id JOIN submission s ON s.id = d.submission_id \
                 WHERE s.notify_url IS NOT NULL ON CONFLICT DO NOTHING",
            ),
            lock: dialect.locks_rows().then(|| {
                bulk(
                    "WITH v(id, at) AS (VALUES ",
                    "(#,#)",
                    concat!(
                        touched!(),
                        "SELECT id FROM submission WHERE id IN (SELECT id FROM s) \
                         ORDER BY id FOR UPDATE"
                    ),
                )
            }),
            close: bulk(
                "WITH v(id, at) AS (VALUES ",
                "(#,#)",
                concat!(
                    touched!(),
                    "UPDATE submission SET state = 'done', closed_at_ms = s.at, \
                     claimed_by = NULL FROM s \
                     WHERE submission.id = s.id AND submission.closed_at_ms IS NULL \
                     AND NOT EXISTS (SELECT 1 FROM delivery d \
                     WHERE d.submission_id = submission.id AND d.state = 'pending') \
                     AND NOT EXISTS (SELECT 1 FROM transmission t \
                     WHERE t.submission_id = submission.id AND t.ended_ms IS NULL)"
                ),
            ),
        }
    }
}

/// The statements that read many rows at once, for the connections of readers.
#[derive(Debug)]
pub(super) struct Reads {
    /// Whole submissions, by id.
    pub(super) submissions: Bulk,
    /// Deliveries of submissions, in the order of their addresses.
    pub(super) deliveries: Bulk,
    /// How many deliveries of submissions are in each state.
    pub(super) delivery_counts: Bulk,
    /// The first addresses of submissions.
    pub(super) first_addresses: Bulk,
    /// The bearers of submissions.
    pub(super) bearers: Bulk,
}

impl Reads {
    pub(super) fn new(dialect: Dialect) -> Self {
        let bulk = |head, tail| Bulk::new(dialect, [head, "#", tail]);
        Self {
            submissions: bulk(super::submissions::WHOLE, ")"),
            deliveries: bulk(
                super::deliveries::OF_SUBMISSIONS,
                ") ORDER BY d.submission_id, d.position",
            ),
            delivery_counts: bulk(
                "SELECT submission_id, state, COUNT(*) AS number FROM delivery \
                 WHERE submission_id IN (",
                ") GROUP BY submission_id, state",
            ),
            first_addresses: bulk(
                "SELECT submission_id, address_raw FROM delivery WHERE position < 4 \
                 AND submission_id IN (",
                ") ORDER BY submission_id, position",
            ),
            bearers: bulk(
                "SELECT DISTINCT submission_id, bearer FROM transmission \
                 WHERE submission_id IN (",
                ") ORDER BY submission_id, bearer",
            ),
        }
    }
}
