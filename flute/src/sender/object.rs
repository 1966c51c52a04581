//! One object in a session: where it stands in its carousel and which symbols lie ready.

mod orders;

use std::collections::VecDeque;

use bytes::Bytes;

use crate::fec::{PayloadId, Scheme, raptorq};
use crate::ids::{Esi, Sbn, Tsi};
use crate::lct::{CLOSE_OBJECT_FLAG, FLAGS_OFFSET, Header, Widths};

use super::packet_header::PacketHeader;
use super::{Encoded, MAX_BURST_BYTES, MAX_BURST_SEGMENTS, Object, PacketKind, Transmit};

/// Symbols that lie ready to be sent.
#[derive(Debug)]
struct Run {
    sbn: Sbn,
    next: u32,
    end: u32,
    symbols: Bytes,
    kind: PacketKind,
}

/// The next run to be asked for.
#[derive(Debug, Clone, Copy)]
struct Cursor {
    sbn: u32,
    esi: u32,
}

/// A pass under way.
#[derive(Debug)]
struct Pass {
    source: Cursor,
    /// `esi` counts the repair symbols of the block that were asked for.
    repair: Cursor,
    ready: VecDeque<Run>,
    source_ordered: usize,
    repair_ordered: usize,
    /// Packets of this pass not yet written.
    remaining: u64,
}

/// An object and its progress.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) object: Object,
    pass: Option<Pass>,
    header: PacketHeader,
    pub(super) passes_done: u32,
    pub(super) first_packet_sent: bool,
    /// The carousel ends with the next packet.
    pub(super) stopping: bool,
    /// There is no time for another pass.
    pub(super) last_by_time: bool,
    pub(super) pass_started_ns: u64,
    pub(super) pass_at_ns: Option<u64>,
    pub(super) end_at_ns: Option<u64>,
    /// The instance that describes it, once there is one.
    pub(super) instance: Option<usize>,
    /// How often that instance had been sent before.
    pub(super) instance_sent_before: u64,
}

impl Sending {
    pub(super) fn new(object: Object, tsi: Tsi) -> Self {
        let mut header = Vec::with_capacity(PacketHeader::MAX_BYTES);
        let lct = Header {
            tsi,
            toi: Some(object.toi),
            codepoint: object.oti.scheme().encoding_id(),
            close_session: false,
            close_object: false,
        };
        lct.encode(Widths::fitting(tsi, object.toi), &[], &mut header);
        let passes_done = object.carousel.passes_done;
        Self {
            object,
            pass: None,
            header: PacketHeader::new(&header),
            passes_done,
            first_packet_sent: false,
            stopping: false,
            last_by_time: false,
            pass_started_ns: 0,
            pass_at_ns: None,
            end_at_ns: None,
            instance: None,
            instance_sent_before: 0,
        }
    }

    /// Length of a full packet, octets.
    pub(super) fn packet_bytes(&self) -> usize {
        self.header.bytes() + usize::from(self.object.oti.symbol_bytes())
    }

    fn scheme(&self) -> Scheme {
        self.object.oti.scheme()
    }

    /// Packets of the present pass, or the next.
    pub(super) fn packets_per_pass(&self) -> u64 {
        let oti = &self.object.oti;
        let repair: u64 = (0..oti.blocks())
            .map(|sbn| u64::from(self.repair_count(Sbn(sbn))))
            .sum();
        let source = if self.has_source() {
            oti.source_symbols()
        } else {
            0
        };
        (source + repair).max(1)
    }

    /// The present pass, or the next, carries source symbols.
    fn has_source(&self) -> bool {
        let repair = &self.object.repair;
        // A pass without any symbol would say that an object is sent which is not.
        let has_repair = self.scheme().has_repair() && repair.percent > 0;
        !has_repair
            || repair
                .source_passes
                .is_none_or(|passes| self.passes_done < passes)
    }

    fn repair_count(&self, sbn: Sbn) -> u32 {
        let symbols = self.object.oti.block(sbn).map_or(0, |block| block.symbols);
        // A pass never needs more repair symbols than the ESI field has room for.
        self.object
            .repair
            .count(self.scheme(), symbols)
            .min(repair_space(symbols))
    }

    /// ESI of the `index`th repair symbol of the present pass: every pass continues where the
    /// last one ended, and the space is used round and round.
    fn repair_esi(&self, symbols: u32, per_pass: u32, index: u32) -> u32 {
        let space = u64::from(repair_space(symbols));
        let before = u64::from(self.object.repair.offset)
            + u64::from(self.passes_done) * u64::from(per_pass);
        symbols + ((before + u64::from(index)) % space) as u32
    }

    pub(super) fn begin_pass(&mut self, now_ns: u64) {
        self.pass_started_ns = now_ns;
        self.pass_at_ns = None;
        let start = Cursor { sbn: 0, esi: 0 };
        let source = if self.has_source() {
            start
        } else {
            Cursor {
                sbn: self.object.oti.blocks(),
                esi: 0,
            }
        };
        let mut pass = Pass {
            source,
            repair: start,
            ready: VecDeque::new(),
            source_ordered: 0,
            repair_ordered: 0,
            remaining: self.packets_per_pass(),
        };
        if self.object.oti.blocks() == 0 {
            // An object of no octets still needs a packet to tell receivers that it is there.
            pass.ready.push_back(Run {
                sbn: Sbn(0),
                next: 0,
                end: 1,
                symbols: Bytes::new(),
                kind: PacketKind::Source,
            });
        }
        self.pass = Some(pass);
    }

    pub(super) const fn in_pass(&self) -> bool {
        self.pass.is_some()
    }

    /// Symbols lie ready.
    pub(super) fn is_ready(&self) -> bool {
        self.pass
            .as_ref()
            .is_some_and(|pass| !pass.ready.is_empty())
    }

    /// This pass, or the next packet when stopping, is the last.
    pub(super) fn is_last_pass(&self) -> bool {
        self.stopping
            || self.last_by_time
            || self
                .object
                .carousel
                .passes
                .is_some_and(|passes| self.passes_done + 1 >= passes)
    }

    /// Takes ordered symbols. False when they do not have the length that was asked for.
    pub(super) fn accept(&mut self, encoded: Encoded) -> bool {
        let Some(symbols) = encoded.symbols else {
            return false;
        };
        let symbol_bytes = usize::from(self.object.oti.symbol_bytes());
        let block_symbols = self
            .object
            .oti
            .block(encoded.sbn)
            .map_or(0, |block| block.symbols);
        let Some(pass) = self.pass.as_mut() else {
            return true;
        };
        let kind = if encoded.first.0 < block_symbols {
            PacketKind::Source
        } else {
            PacketKind::Repair
        };
        match kind {
            PacketKind::Repair => pass.repair_ordered = pass.repair_ordered.saturating_sub(1),
            _ => pass.source_ordered = pass.source_ordered.saturating_sub(1),
        }
        if symbols.len().div_ceil(symbol_bytes) != encoded.count as usize {
            return false;
        }
        let first = encoded.first.0;
        pass.ready.push_back(Run {
            sbn: encoded.sbn,
            next: first,
            end: first + encoded.count,
            symbols,
            kind,
        });
        true
    }

    /// Packets that the next burst would hold.
    pub(super) fn next_burst_len(&self, max_segments: usize) -> usize {
        let Some(run) = self.pass.as_ref().and_then(|pass| pass.ready.front()) else {
            return 0;
        };
        if self.stopping {
            return 1;
        }
        let left = (run.end - run.next) as usize;
        left.min(max_segments)
            .clamp(1, MAX_BURST_SEGMENTS)
            .min((MAX_BURST_BYTES / self.packet_bytes()).max(1))
    }

    /// The next burst would end the pass.
    pub(super) fn would_end_pass(&self, segments: usize) -> bool {
        self.stopping
            || self
                .pass
                .as_ref()
                .is_some_and(|pass| pass.remaining <= segments as u64)
    }

    /// Writes `segments` packets; true once the pass is over.
    pub(super) fn write_burst(
        &mut self,
        segments: usize,
        buf: &mut Vec<u8>,
    ) -> Option<(Transmit, bool)> {
        let segment_bytes = self.packet_bytes();
        let symbol_bytes = usize::from(self.object.oti.symbol_bytes());
        let scheme = self.scheme();
        let ends_pass = self.would_end_pass(segments);
        let ends_object = ends_pass && self.is_last_pass();
        let pass = self.pass.as_mut()?;
        let run = pass.ready.front_mut()?;
        buf.clear();
        let octets = segments * symbol_bytes;
        let burst = run.symbols.split_to(octets.min(run.symbols.len()));
        let first = PayloadId {
            sbn: run.sbn,
            esi: Esi(run.next),
        };
        self.header
            .write_packets(first.encode(scheme), &burst, symbol_bytes, buf);
        run.next += segments as u32;
        if scheme == Scheme::RaptorQ {
            // The codec knows full symbols only.
            buf.resize(segments * segment_bytes, 0);
        }
        if ends_object {
            let last = (segments - 1) * segment_bytes;
            buf[last + FLAGS_OFFSET] |= CLOSE_OBJECT_FLAG;
        }
        let kind = run.kind;
        if run.next == run.end {
            pass.ready.pop_front();
        }
        pass.remaining = pass.remaining.saturating_sub(segments as u64);
        if ends_pass {
            self.pass = None;
            if !self.stopping {
                self.passes_done += 1;
            }
        }
        let segment_bytes = segment_bytes.min(buf.len());
        let object = Some(self.object.key);
        Some((
            Transmit {
                segment_bytes,
                segments,
                kind,
                object,
            },
            ends_pass,
        ))
    }
}

/// Repair ESIs of a block of so many source symbols.
const fn repair_space(symbols: u32) -> u32 {
    raptorq::ESI_END - symbols
}
