//! The sending half of a FLUTE session.
//!
//! ```text
//!  add_object ─▶ waiting ─▶ in a pass ─▶ between passes ─┐      FDT instances, repeated
//!                  ▲                                     │      inside every pass
//!                  └─────────────────────────────────────┘
//!        poll_encode ─▶ a worker reads or encodes ─▶ handle_encoded
//!        poll_transmit ─▶ one burst of equal datagrams, paced
//! ```
//!
//! A [`Session`] never holds an object: it asks for short runs of symbols ([`EncodeJob`]) a
//! little ahead of need and forgets them once sent, so an object of 1 GiB costs no more memory
//! than one of 1 MiB. Source symbols never wait for repair symbols; where only repair is missing,
//! other objects use the time.
//!
//! TOIs come with the objects and FDT Instance IDs from blocks that the caller reserved
//! ([`Session::grant_fdt_ids`]), so that no number ever carries two contents, whoever sends.

mod describe;
mod fdt_table;
mod instance;
mod object;
mod pacer;
mod packet_header;
mod session;
mod timers;

use std::ops::Range;

use bytes::Bytes;

use crate::fdt;
use crate::fec::{Oti, Scheme};
use crate::ids::{Esi, Sbn, Toi, Tsi};

pub use describe::{MAX_PLANNED_MS, entry};
pub use pacer::Rate;
pub use session::{AddError, Session, Stats, Withdrawal};

/// Objects that one session keeps at a time; beyond it the caller waits. Each costs about 1 KiB.
pub const MAX_OBJECTS: usize = 4096;
/// Datagrams in one burst: what the kernel takes as one segmented message.
pub const MAX_BURST_SEGMENTS: usize = 64;
/// Octets in one burst: the largest UDP payload over IPv4.
pub const MAX_BURST_BYTES: usize = 65_507;

/// What the caller calls an object; unique within a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectKey(pub u64);

/// Who goes first. A higher class is served before the rest of a running pass of a lower one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub enum Priority {
    /// When nothing else waits.
    Low,
    /// The usual class.
    #[default]
    Medium,
    /// Urgent.
    High,
}

impl Priority {
    /// Number of classes.
    const COUNT: usize = 3;
    /// From urgent to patient.
    const DESCENDING: [Self; Self::COUNT] = [Self::High, Self::Medium, Self::Low];
}

/// How often an object is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carousel {
    /// Passes in all, those already done included; `None` while only the end time counts.
    pub passes: Option<u32>,
    /// Passes complete before this session took over.
    pub passes_done: u32,
    /// Pause between the end of a pass and the start of the next, ms.
    pub delay_ms: u64,
    /// Time between starts of passes, ms, where that is later than the pause allows.
    pub interval_ms: Option<u64>,
    /// No packet at or after this Unix time.
    pub until_unix_ms: u64,
}

impl Carousel {
    /// One pass and no end time.
    pub const ONCE: Self = Self {
        passes: Some(1),
        passes_done: 0,
        delay_ms: 0,
        interval_ms: None,
        until_unix_ms: u64::MAX,
    };
}

/// Repair symbols sent with each pass, where the scheme has any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repair {
    /// Percent of a block's source symbols.
    pub percent: u16,
    /// At least so many for each block, unless `percent` is 0: a few percent of a short block
    /// would be none at all.
    pub at_least: u32,
    /// Passes that carry the source symbols too; the later ones are repair alone, which helps
    /// every receiver that lacks something whatever it lacks. `None` sends them in all passes.
    pub source_passes: Option<u32>,
    /// Where this session starts in the space of repair ESIs, so that one that takes over sends
    /// other symbols than its predecessor.
    pub offset: u32,
}

impl Default for Repair {
    fn default() -> Self {
        Self {
            percent: 20,
            at_least: 3,
            source_passes: None,
            offset: 0,
        }
    }
}

impl Repair {
    /// Repair symbols of one pass over a block of `symbols`.
    pub(crate) fn count(&self, scheme: Scheme, symbols: u32) -> u32 {
        if !scheme.has_repair() || self.percent == 0 {
            return 0;
        }
        let share = u64::from(symbols) * u64::from(self.percent);
        u32::try_from(share.div_ceil(100))
            .unwrap_or(u32::MAX)
            .max(self.at_least)
    }
}

/// An object to be sent.
#[derive(Debug, Clone)]
pub struct Object {
    /// The caller's name for it.
    pub key: ObjectKey,
    /// Its number on the wire, not [`Toi::FDT`].
    pub toi: Toi,
    /// How it is cut and encoded.
    pub oti: Oti,
    /// Its entry in the FDT. TOI, Transfer-Length and FEC attributes are filled in here.
    pub file: fdt::File,
    /// Who goes first.
    pub priority: Priority,
    /// How often.
    pub carousel: Carousel,
    /// How much protection.
    pub repair: Repair,
}

/// Parameters of a session; constant while it lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Config {
    /// Session identifier.
    pub tsi: Tsi,
    /// Wire rate; `None` sends as fast as the caller polls.
    pub rate: Option<Rate>,
    /// Octets that IP and UDP add to each datagram; they count for the rate.
    pub overhead_bytes: u16,
    /// FDT Instances are repeated at least this often while an object of theirs lives, ms.
    pub fdt_repeat_ms: u64,
    /// Symbol length of FDT packets, octets.
    pub fdt_symbol_bytes: u16,
    /// FDT Instances expire this long after the end that is planned for their objects, ms.
    pub expiry_guard_ms: u64,
    /// Wire profile.
    pub profile: fdt::Profile,
}

impl Config {
    /// Defaults for a session over IPv4 with 1400-octet symbols.
    pub const fn new(tsi: Tsi) -> Self {
        Self {
            tsi,
            rate: None,
            overhead_bytes: 28,
            fdt_repeat_ms: 1000,
            fdt_symbol_bytes: 1400,
            expiry_guard_ms: 60_000,
            profile: fdt::Profile::GeneralV1,
        }
    }
}

/// A burst that was written to the caller's buffer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transmit {
    /// Length of each datagram, octets; only the last may be shorter.
    pub segment_bytes: usize,
    /// Datagrams.
    pub segments: usize,
    /// What they carry.
    pub kind: PacketKind,
    /// The object they belong to; `None` for an FDT Instance.
    pub object: Option<ObjectKey>,
}

/// What a burst carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PacketKind {
    /// An FDT Instance.
    Fdt,
    /// Repair symbols.
    Repair,
    /// Source symbols.
    Source,
}

/// A run of symbols that the session will need soon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodeJob {
    /// Of which object.
    pub object: ObjectKey,
    /// Of which block.
    pub sbn: Sbn,
    /// The first symbol wanted.
    pub first: Esi,
    /// Symbols wanted, at least 1.
    pub count: u32,
    /// What has to be done.
    pub work: Work,
    /// Class of the object.
    pub priority: Priority,
}

/// What a worker does for an [`EncodeJob`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Work {
    /// Read these octets of the object; they are the symbols.
    Read(Range<u64>),
    /// Read this block of the object and make repair symbols of it.
    Repair(Range<u64>),
}

/// The answer to an [`EncodeJob`].
#[derive(Debug, Clone)]
pub struct Encoded {
    /// As in the job.
    pub object: ObjectKey,
    /// As in the job.
    pub sbn: Sbn,
    /// As in the job.
    pub first: Esi,
    /// As in the job.
    pub count: u32,
    /// `count` symbols one after the other; the last source symbol of an object may be short.
    /// `None` when they cannot be had: the object is given up.
    pub symbols: Option<Bytes>,
}

/// What happened to an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// Its first packet was handed out.
    FirstPacket {
        /// Which object.
        object: ObjectKey,
    },
    /// Every source symbol and the planned repair of a pass were handed out.
    PassDone {
        /// Which object.
        object: ObjectKey,
        /// Passes complete, earlier sessions included.
        passes_done: u32,
    },
    /// Nothing more will be sent of it; the session has forgotten it.
    Ended {
        /// Which object.
        object: ObjectKey,
        /// Why.
        reason: EndReason,
    },
    /// FDT Instance IDs run out: grant more.
    FdtIdsLow {
        /// IDs left.
        remaining: u32,
    },
}

/// Why an object ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndReason {
    /// All passes are done.
    Complete,
    /// Its end time came.
    Expired,
    /// Its symbols could not be had, or the caller could not send them.
    Failed,
    /// The caller stopped it.
    Stopped,
}

#[cfg(test)]
mod tests;
