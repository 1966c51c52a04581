//! An FDT Instance on the air: immutable octets under one ID, repeated while any of its objects
//! lives.

use crate::fdt;
use crate::fec::{Oti, PayloadId, Scheme, no_code};
use crate::ids::{Esi, FdtInstanceId, Sbn, Toi};
use crate::lct::{ExtFdt, Extension, Header, Widths};

use super::fdt_table::Queued;
use super::{Config, MAX_BURST_SEGMENTS, PacketKind, Transmit};

/// Objects described by one instance: keeps it within a few packets.
pub(super) const MAX_FILES: usize = 16;
/// Source blocks of an FDT are one block wherever possible, which the simplest receivers need.
const BLOCK_SYMBOLS: u32 = no_code::MAX_BLOCK_SYMBOLS;
/// FLUTE version in EXT_FDT for every profile that can be sent.
const FLUTE_VERSION: u8 = 1;

/// An instance and how often it was sent.
#[derive(Debug)]
pub(super) struct Instance {
    id: FdtInstanceId,
    xml: Vec<u8>,
    oti: Oti,
    /// LCT header with EXT_FDT and EXT_FTI, the same on every packet.
    header: Vec<u8>,
    /// Complete transmissions.
    pub(super) sent: u64,
    pub(super) last_sent_ns: Option<u64>,
    pub(super) expires_unix_ms: u64,
    /// Objects of it that are still sent.
    pub(super) members: usize,
    /// Class of its objects.
    pub(super) class: usize,
    pub(super) queued: Queued,
    pub(super) repeat_at_ns: Option<u64>,
    next_symbol: u32,
}

/// Where a burst is written, and how many datagrams it may have.
pub(super) struct Burst<'a> {
    pub(super) max_segments: usize,
    pub(super) buf: &'a mut Vec<u8>,
}

/// An FDT Instance that cannot be put into packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TooLong;

impl Instance {
    pub(super) fn new(
        config: &Config,
        (id, class): (FdtInstanceId, usize),
        fdt: &fdt::Instance,
        expires_unix_ms: u64,
    ) -> Result<Self, TooLong> {
        let xml = fdt.write(config.profile).into_bytes();
        let oti = no_code::Oti::new(xml.len() as u64, config.fdt_symbol_bytes, BLOCK_SYMBOLS);
        let oti = Oti::NoCode(oti.map_err(|_| TooLong)?);
        let mut header = Vec::with_capacity(32);
        let lct = Header {
            tsi: config.tsi,
            toi: Some(Toi::FDT),
            codepoint: Scheme::NoCode.encoding_id(),
            close_session: false,
            close_object: false,
        };
        let ext_fdt = Extension::Fdt(ExtFdt {
            version: FLUTE_VERSION,
            instance_id: id,
        });
        lct.encode(
            Widths::fitting(config.tsi, Toi::FDT),
            &[ext_fdt, Extension::Fti(&oti)],
            &mut header,
        );
        Ok(Self {
            id,
            xml,
            oti,
            header,
            sent: 0,
            last_sent_ns: None,
            expires_unix_ms,
            members: fdt.files.len(),
            class,
            queued: Queued::No,
            repeat_at_ns: None,
            next_symbol: 0,
        })
    }

    /// Its ID, and the document that is sent under it.
    pub(super) fn document(&self) -> (FdtInstanceId, &[u8]) {
        (self.id, &self.xml)
    }

    /// Length of a full packet, octets.
    fn packet_bytes(&self) -> usize {
        self.header.len() + PayloadId::BYTES + usize::from(self.oti.symbol_bytes())
    }

    /// Writes the next packets; true once the whole instance has been written.
    pub(super) fn write_burst(&mut self, burst: Burst<'_>) -> (Transmit, bool) {
        let Burst { max_segments, buf } = burst;
        let symbols = self.oti.source_symbols() as u32;
        let symbol_bytes = usize::from(self.oti.symbol_bytes());
        let left = (symbols - self.next_symbol) as usize;
        let segments = left.min(max_segments).clamp(1, MAX_BURST_SEGMENTS);
        buf.clear();
        for esi in self.next_symbol..self.next_symbol + segments as u32 {
            buf.extend_from_slice(&self.header);
            buf.extend_from_slice(
                &PayloadId {
                    sbn: Sbn(0),
                    esi: Esi(esi),
                }
                .encode(Scheme::NoCode),
            );
            let start = esi as usize * symbol_bytes;
            let end = self.xml.len().min(start + symbol_bytes);
            buf.extend_from_slice(&self.xml[start..end]);
        }
        self.next_symbol += segments as u32;
        let complete = self.next_symbol == symbols;
        if complete {
            self.next_symbol = 0;
        }
        let segment_bytes = self.packet_bytes().min(buf.len());
        (
            Transmit {
                segment_bytes,
                segments,
                kind: PacketKind::Fdt,
                object: None,
            },
            complete,
        )
    }
}
