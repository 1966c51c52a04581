//! What links report.

use pushcast_flute::sender::ObjectKey;

use crate::model::CbsProgress;

/// How an alert ended at a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// Every broadcast is over.
    Done,
    /// Its window closed and the centre was never asked, or did nothing.
    Expired,
    /// It was taken off the air.
    Killed,
    /// The centre did nothing: somebody else has a message under the identifier.
    Occupied(u16),
    /// The centre, or every cell, refused it.
    Refused(String),
    /// A newer version has taken its place.
    Replaced,
    /// Its window closed and nobody knows what the centre did.
    Unknown,
}

/// What links report of alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// The first request is on its way.
    Asked {
        /// Which alert.
        alert: ObjectKey,
        /// When, Unix ms.
        at_ms: u64,
    },
    /// Nothing is left to do for it.
    Ended {
        /// Which alert.
        alert: ObjectKey,
        /// How.
        how: Ending,
        /// When, Unix ms.
        at_ms: u64,
    },
    /// One of its messages came further.
    Progress(CbsProgress),
    /// Every message of it has been broadcast so often.
    Repeated {
        /// Which alert.
        alert: ObjectKey,
        /// How often, by cell, at least two.
        times: u32,
        /// When, Unix ms.
        at_ms: u64,
    },
    /// More is known of where it is broadcast.
    Told {
        /// Which alert.
        alert: ObjectKey,
        /// One sentence for people.
        what: String,
        /// When, Unix ms.
        at_ms: u64,
    },
    /// Something else keeps it from the air, or nothing any more.
    Waits {
        /// Which alert.
        alert: ObjectKey,
        /// One sentence for people; empty where nothing is in the way.
        why: String,
        /// When, Unix ms.
        at_ms: u64,
    },
    /// The centre has taken every message of it.
    Taken {
        /// Which alert.
        alert: ObjectKey,
        /// When, Unix ms.
        at_ms: u64,
    },
}
