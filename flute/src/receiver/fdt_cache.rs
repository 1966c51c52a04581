//! FDT Instances of one flow: collecting their packets, and remembering which were read.

use std::collections::{HashMap, VecDeque};

use crate::alc::Data;
use crate::fdt;
use crate::fec::Oti;
use crate::ids::FdtInstanceId;
use crate::lct::Extensions;
use crate::time::{Now, NtpSeconds};

use super::collect::Collector;
use super::{Limits, Stats};

/// Instances that were read and are not collected again while they are valid.
const MAX_READ: usize = 1024;
/// Clocks of sender and receiver may differ by so much, ms.
pub(super) const CLOCK_SKEW_MS: u64 = 5_000;
/// No instance is believed for longer, ms: one with an extreme Expires must not pin memory.
const MAX_VALID_MS: u64 = 30 * 24 * 3_600_000;

/// Symbols of one instance: the largest in symbols of 128 octets. Symbols cost more than their
/// octets while they are held.
const MAX_SYMBOLS: u64 = 8192;

/// An instance on its way.
#[derive(Debug)]
struct Pending {
    id: FdtInstanceId,
    oti: Oti,
    collector: Collector,
    octets: Vec<u8>,
    cenc: u8,
}

/// An instance that was read.
#[derive(Debug)]
pub(super) struct Read {
    pub(super) fdt: fdt::Instance,
    /// When it stops being valid, by the receiver's clock.
    pub(super) expires_unix_ms: u64,
}

/// A packet of TOI 0.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival<'a> {
    pub(super) now: Now,
    pub(super) extensions: &'a Extensions<'a>,
    pub(super) data: &'a Data<'a>,
}

/// The instances of one flow.
#[derive(Debug, Default)]
pub(super) struct FdtCache {
    pending: VecDeque<Pending>,
    read: HashMap<FdtInstanceId, u64>,
}

impl FdtCache {
    /// Takes a packet of TOI 0; returns the instance that it completed.
    pub(super) fn packet(
        &mut self,
        arrival: Arrival<'_>,
        limits: &Limits,
        stats: &mut Stats,
    ) -> Option<Read> {
        let Arrival {
            now,
            data,
            extensions,
        } = arrival;
        let id = extensions.fdt?.instance_id;
        if self
            .read
            .get(&id)
            .is_some_and(|expires_ms| *expires_ms > now.unix_ms)
        {
            return None;
        }
        let index = match self.pending.iter().position(|pending| pending.id == id) {
            Some(index) => index,
            None => self.begin(id, &arrival, limits, stats)?,
        };
        let pending = &mut self.pending[index];
        let mut output = Vec::new();
        let symbol_bytes = usize::from(pending.oti.symbol_bytes());
        let mut payload_id = data.payload_id;
        for symbol in data.symbols.chunks(symbol_bytes) {
            pending.collector.symbol(payload_id, symbol, &mut output);
            payload_id.esi.0 = payload_id.esi.0.saturating_add(1);
        }
        let complete = pending.collector.is_complete();
        if complete {
            pending.collector.flush(&mut output);
        }
        for (offset, octets) in output {
            let start = offset as usize;
            pending.octets[start..start + octets.len()].copy_from_slice(&octets);
        }
        if !complete {
            return None;
        }
        let pending = self.pending.remove(index)?;
        self.finish(now, extensions, &pending, stats)
    }

    fn begin(
        &mut self,
        id: FdtInstanceId,
        arrival: &Arrival<'_>,
        limits: &Limits,
        stats: &mut Stats,
    ) -> Option<usize> {
        let Arrival {
            extensions, data, ..
        } = arrival;
        let oti = extensions
            .fti
            .and_then(|fti| Oti::decode_ext_fti(data.scheme, fti).ok());
        let oti = oti.filter(|oti| {
            (1..=limits.fdt_bytes as u64).contains(&oti.transfer_length())
                && oti.source_symbols() <= MAX_SYMBOLS
        });
        let Some(oti) = oti else {
            stats.fdt_refused += 1;
            return None;
        };
        while self.pending.len() >= limits.fdt_instances.max(1) {
            self.pending.pop_front();
        }
        self.pending.push_back(Pending {
            id,
            oti,
            collector: Collector::new(oti),
            octets: vec![0; oti.transfer_length() as usize],
            cenc: extensions.cenc.unwrap_or(0),
        });
        Some(self.pending.len() - 1)
    }

    fn finish(
        &mut self,
        now: Now,
        extensions: &Extensions<'_>,
        pending: &Pending,
        stats: &mut Stats,
    ) -> Option<Read> {
        let xml = fdt::decode_cenc(pending.cenc, &pending.octets).ok();
        let fdt = xml.and_then(|xml| fdt::Instance::read(&xml).ok());
        let Some(fdt) = fdt else {
            stats.fdt_refused += 1;
            return None;
        };
        let expires_unix_ms = self.expiry(now, extensions, fdt.expires);
        if expires_unix_ms <= now.unix_ms {
            stats.fdt_expired += 1;
            return None;
        }
        if self.read.len() >= MAX_READ {
            self.read.retain(|_, expires_ms| *expires_ms > now.unix_ms);
        }
        if self.read.len() >= MAX_READ {
            self.read.clear();
        }
        self.read.insert(pending.id, expires_unix_ms);
        stats.fdt_instances += 1;
        Some(Read {
            fdt,
            expires_unix_ms,
        })
    }

    /// The expiry by the receiver's clock, with [`CLOCK_SKEW_MS`] to spare; where the sender told
    /// its own time, by difference.
    fn expiry(&self, now: Now, extensions: &Extensions<'_>, expires: NtpSeconds) -> u64 {
        let own = expires.to_unix_ms(now.unix_ms);
        let sender_time = extensions.time.and_then(|time| time.sender_time);
        let expires_ms = sender_time.map_or(own, |sender_time| {
            let sender_ms = sender_time.to_unix_ms(now.unix_ms);
            now.unix_ms.saturating_add(own.saturating_sub(sender_ms))
        });
        expires_ms
            .min(now.unix_ms.saturating_add(MAX_VALID_MS))
            .saturating_add(CLOCK_SKEW_MS)
    }
}
