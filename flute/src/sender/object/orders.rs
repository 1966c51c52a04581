//! Which symbols of an object are wanted next.

use crate::ids::{Esi, Sbn};

use super::super::{EncodeJob, MAX_BURST_BYTES, MAX_BURST_SEGMENTS, PacketKind, Work};
use super::{Cursor, Sending};

/// Source symbols asked for at a time, octets: two bursts, small enough to stay in the cache
/// between the worker that reads them and the lane that copies them.
const CHUNK_BYTES: usize = 2 * MAX_BURST_BYTES;
/// Repair symbols asked for at a time.
const MAX_REPAIR_RUN: u32 = 256;
/// Runs of source symbols on order or lying ready.
const SOURCE_AHEAD: usize = 3;
/// Runs of repair symbols on order or lying ready.
const REPAIR_AHEAD: usize = 2;

impl Sending {
    /// What to order next, if anything is wanted now.
    pub(in crate::sender) fn next_job(&mut self) -> Option<EncodeJob> {
        let pass = self.pass.as_ref()?;
        let source_ready = pass
            .ready
            .iter()
            .filter(|run| run.kind == PacketKind::Source)
            .count();
        let repair_ready = pass.ready.len() - source_ready;
        if pass.source_ordered + source_ready < SOURCE_AHEAD
            && let Some(job) = self.next_source_job()
        {
            return Some(job);
        }
        let pass = self.pass.as_ref()?;
        if pass.repair_ordered + repair_ready < REPAIR_AHEAD {
            return self.next_repair_job();
        }
        None
    }

    fn job(&self, sbn: Sbn, first: u32, count: u32, work: Work) -> EncodeJob {
        EncodeJob {
            object: self.object.key,
            sbn,
            first: Esi(first),
            count,
            work,
            priority: self.object.priority,
        }
    }

    fn next_source_job(&mut self) -> Option<EncodeJob> {
        let oti = self.object.oti;
        let symbol_bytes = u64::from(oti.symbol_bytes());
        let packet_bytes = self.packet_bytes();
        let pass = self.pass.as_mut()?;
        let at = pass.source;
        let block = oti.block(Sbn(at.sbn))?;
        let run = (CHUNK_BYTES / packet_bytes).clamp(1, 2 * MAX_BURST_SEGMENTS) as u32;
        let count = run.min(block.symbols - at.esi);
        let start = block.range.start + u64::from(at.esi) * symbol_bytes;
        let end = block.range.end.min(start + u64::from(count) * symbol_bytes);
        pass.source.esi += count;
        if pass.source.esi == block.symbols {
            pass.source = Cursor {
                sbn: at.sbn + 1,
                esi: 0,
            };
        }
        pass.source_ordered += 1;
        Some(self.job(Sbn(at.sbn), at.esi, count, Work::Read(start..end)))
    }

    fn next_repair_job(&mut self) -> Option<EncodeJob> {
        let at = self.pass.as_ref()?.repair;
        let source = self.pass.as_ref()?.source;
        let block = self.object.oti.block(Sbn(at.sbn))?;
        let per_pass = self.repair_count(Sbn(at.sbn));
        // Encoding a block starts once its source symbols are under way.
        if per_pass == 0 || (source.sbn, source.esi) <= (at.sbn, 0) {
            return None;
        }
        let first = self.repair_esi(block.symbols, per_pass, at.esi);
        let room = self.object.oti.esi_end() - first;
        let count = (per_pass - at.esi).min(MAX_REPAIR_RUN).min(room);
        let pass = self.pass.as_mut()?;
        pass.repair.esi += count;
        if pass.repair.esi == per_pass {
            pass.repair = Cursor {
                sbn: at.sbn + 1,
                esi: 0,
            };
        }
        pass.repair_ordered += 1;
        Some(self.job(Sbn(at.sbn), first, count, Work::Repair(block.range)))
    }
}
