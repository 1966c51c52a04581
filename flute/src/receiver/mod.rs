//! The receiving half of FLUTE sessions.
//!
//! ```text
//!  handle_datagram ─▶ filter ─▶ flow (source, TSI) ─┬─ TOI 0 ─▶ FDT instances ─▶ entries
//!                                                   ├─ known TOI ─▶ collect ─▶ Data, Completed
//!                                                   └─ unknown TOI ─▶ bounded cache
//! ```
//!
//! Packets may come in any order, twice, late, before their FDT or not at all. Octets are given
//! out as soon as they are certain ([`Event::Data`] with their offset), so an object is never held
//! in memory: No-Code symbols pass straight through, RaptorQ blocks are held until decoded.
//!
//! Everything here was sent by strangers. [`Limits`] bounds all of it, [`Stats`] counts what was
//! refused and why, and nothing panics.

mod collect;
mod early;
mod fdt_cache;
mod flow;
mod session;

use std::net::IpAddr;
use std::ops::Range;

use bytes::Bytes;

use crate::fdt;
use crate::fec::Oti;
use crate::ids::{Sbn, Toi, Tsi};
use crate::lct::Version;

pub use session::Session;

/// What a session listens to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Config {
    /// Only this sender; `None` takes any.
    pub source: Option<IpAddr>,
    /// Only this session; `None` takes any.
    pub tsi: Option<Tsi>,
    /// Which FLUTE is spoken.
    pub version: Version,
    /// Bounds.
    pub limits: Limits,
}

/// Bounds on what senders can make a receiver hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Pairs of source and TSI followed at a time.
    pub flows: usize,
    /// One FDT Instance, octets.
    pub fdt_bytes: usize,
    /// FDT Instances being collected at a time, per flow.
    pub fdt_instances: usize,
    /// Entries of FDT Instances remembered, per flow.
    pub entries: usize,
    /// Objects being collected at a time, per flow.
    pub objects: usize,
    /// One object on the wire, octets.
    pub object_bytes: u64,
    /// Source symbols of one object: an eighth of this is held in octets.
    pub object_symbols: u64,
    /// Symbols held for decoding, octets, per flow.
    pub symbol_bytes: usize,
    /// Packets held that came before their FDT Instance, octets, per flow.
    pub early_bytes: usize,
    /// An object of which nothing came for so long is given up, ms.
    pub idle_ms: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            flows: 8,
            fdt_bytes: 1 << 20,
            fdt_instances: 10,
            entries: 8192,
            objects: 128,
            object_bytes: 16 << 30,
            object_symbols: 1 << 22,
            symbol_bytes: 96 << 20,
            early_bytes: 8 << 20,
            idle_ms: 3_600_000,
        }
    }
}

/// An object of this receiver; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u64);

/// What is known of an object when its first octets come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description {
    /// The sender.
    pub source: IpAddr,
    /// Its session.
    pub tsi: Tsi,
    /// The object's number there.
    pub toi: Toi,
    /// Its FDT entry.
    pub file: fdt::File,
    /// How it is cut and encoded.
    pub oti: Oti,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An object is being collected from here on.
    Started {
        /// Which object.
        object: ObjectId,
        /// What it is.
        description: Box<Description>,
    },
    /// Octets of the transport object.
    Data {
        /// Which object.
        object: ObjectId,
        /// Where they belong, octets from its start.
        offset: u64,
        /// The octets.
        octets: Bytes,
    },
    /// Every octet was given out.
    Completed {
        /// Which object.
        object: ObjectId,
        /// What it took.
        reception: Reception,
    },
    /// The sender will send no more of an object that is still incomplete (flag B or A).
    NoMoreSymbols {
        /// Which object.
        object: ObjectId,
    },
    /// The object is given up and forgotten.
    Abandoned {
        /// Which object.
        object: ObjectId,
        /// Why.
        reason: AbandonReason,
        /// How far it came.
        reception: Reception,
    },
    /// A sender closed its session (flag A).
    SessionClosed {
        /// The sender.
        source: IpAddr,
        /// Its session.
        tsi: Tsi,
    },
}

/// How much of an object came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reception {
    /// Different symbols received before it was complete.
    pub symbols_received: u64,
    /// Source symbols of the object: no receiver needs fewer.
    pub symbols_needed: u64,
}

/// Why an object was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AbandonReason {
    /// Its FDT entry expired.
    Expired,
    /// Nothing came of it for too long.
    Idle,
    /// Its place was needed for a newer one.
    Displaced,
}

/// Symbols that would complete a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Missing {
    /// The block.
    pub sbn: Sbn,
    /// Symbols needed at least. With RaptorQ any that are new will do.
    pub needed: u32,
    /// Source symbols that did not come, as ranges of ESIs.
    pub source: Vec<Range<u32>>,
}

/// Packets by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Everything that was handed in.
    pub datagrams: u64,
    /// From another source than the one wanted.
    pub foreign_source: u64,
    /// Of another session than the one wanted.
    pub foreign_tsi: u64,
    /// No ALC packet.
    pub malformed: u64,
    /// Beyond the number of flows.
    pub too_many_flows: u64,
    /// Packets of FDT Instances.
    pub fdt_packets: u64,
    /// FDT Instances read.
    pub fdt_instances: u64,
    /// FDT Instances that could not be read, or were too large.
    pub fdt_refused: u64,
    /// FDT Instances that had expired.
    pub fdt_expired: u64,
    /// Entries that contradict what is known, or whose parameters are impossible.
    pub entries_refused: u64,
    /// Symbols taken.
    pub symbols: u64,
    /// Symbols that were there already.
    pub duplicates: u64,
    /// Symbols of objects that are complete.
    pub of_completed: u64,
    /// Symbols with a number outside their block or object.
    pub out_of_range: u64,
    /// Symbols of a wrong length.
    pub wrong_length: u64,
    /// Packets dropped because too many came before their FDT Instance.
    pub early_dropped: u64,
    /// Blocks whose symbols were dropped to stay within bounds.
    pub blocks_dropped: u64,
    /// Objects that could not be taken for lack of room.
    pub objects_refused: u64,
}

#[cfg(test)]
mod tests;
