//! Collecting the symbols of one object.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use bytes::{Bytes, BytesMut};

use crate::fec::raptorq::{Decoder, ESI_END};
use crate::fec::{Block, Oti, PayloadId};
use crate::ids::{Esi, Sbn};

use super::Missing;

/// Consecutive No-Code symbols are given out together up to so many octets.
const RUN_BYTES: usize = 64 << 10;
/// A block that K + this many symbols did not decode is started afresh: they were chosen not to.
/// A power of two.
const MAX_EXTRA_SYMBOLS: usize = 64;
/// What a held symbol costs besides its octets: its place in a vector that doubles, the smallest
/// piece of heap, its number among those seen.
const SYMBOL_OVERHEAD_BYTES: usize = 128;

/// Memory that a held symbol takes, octets.
pub(super) fn held_symbol_bytes(oti: &Oti) -> usize {
    usize::from(oti.symbol_bytes()) + SYMBOL_OVERHEAD_BYTES
}

/// What became of a symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    /// It was there already.
    Duplicate,
    /// It is new.
    New,
    /// No such block or symbol.
    OutOfRange,
    /// It does not have the length that it should.
    WrongLength,
}

/// Octets that are certain.
pub(super) type Output = Vec<(u64, Bytes)>;

/// An object's symbols.
#[derive(Debug)]
pub(super) enum Collector {
    NoCode(NoCode),
    RaptorQ(RaptorQ),
}

impl Collector {
    pub(super) fn new(oti: Oti) -> Self {
        match oti {
            Oti::NoCode(_) => Self::NoCode(NoCode::new(oti)),
            Oti::RaptorQ(_) => Self::RaptorQ(RaptorQ::new(oti)),
        }
    }

    /// Takes one symbol; what became certain by it is appended to `output`.
    pub(super) fn symbol(&mut self, id: PayloadId, symbol: &[u8], output: &mut Output) -> Taken {
        match self {
            Self::NoCode(collector) => collector.symbol(id, symbol, output),
            Self::RaptorQ(collector) => collector.symbol(id, symbol, output),
        }
    }

    pub(super) fn is_complete(&self) -> bool {
        match self {
            Self::NoCode(collector) => collector.missing == 0,
            Self::RaptorQ(collector) => collector.blocks_left == 0,
        }
    }

    /// Gives out what is still held back; for objects that are complete.
    pub(super) fn flush(&mut self, output: &mut Output) {
        if let Self::NoCode(collector) = self {
            collector.flush(output);
        }
    }

    /// Memory that grows with what was received, octets.
    pub(super) fn held_bytes(&self) -> usize {
        match self {
            Self::NoCode(_) => 0,
            Self::RaptorQ(collector) => collector.held_bytes,
        }
    }

    /// Drops the symbols held for decoding; returns how many blocks lost some.
    pub(super) fn drop_held(&mut self) -> u64 {
        match self {
            Self::NoCode(_) => 0,
            Self::RaptorQ(collector) => collector.drop_held(),
        }
    }

    pub(super) fn missing(&self) -> Vec<Missing> {
        match self {
            Self::NoCode(collector) => collector.missing_blocks(),
            Self::RaptorQ(collector) => collector.missing_blocks(),
        }
    }
}

/// Compact No-Code: a bit for each symbol, octets pass through.
#[derive(Debug)]
pub(super) struct NoCode {
    oti: Oti,
    seen: Vec<u64>,
    missing: u64,
    /// The block of the last symbol, which is mostly that of the next.
    block: Option<(Sbn, Block)>,
    run_offset: u64,
    run: BytesMut,
}

impl NoCode {
    fn new(oti: Oti) -> Self {
        let symbols = oti.source_symbols();
        let words = usize::try_from(symbols.div_ceil(64)).unwrap_or(0);
        Self {
            oti,
            seen: vec![0; words],
            missing: symbols,
            block: None,
            run_offset: 0,
            run: BytesMut::new(),
        }
    }

    fn block(&mut self, sbn: Sbn) -> Option<Block> {
        if let Some((cached, block)) = &self.block
            && *cached == sbn
        {
            return Some(block.clone());
        }
        let block = self.oti.block(sbn)?;
        self.block = Some((sbn, block.clone()));
        Some(block)
    }

    fn symbol(&mut self, id: PayloadId, symbol: &[u8], output: &mut Output) -> Taken {
        let Some(block) = self.block(id.sbn).filter(|block| id.esi.0 < block.symbols) else {
            return Taken::OutOfRange;
        };
        let symbol_bytes = u64::from(self.oti.symbol_bytes());
        let offset = block.range.start + u64::from(id.esi.0) * symbol_bytes;
        let expected = (self.oti.transfer_length() - offset).min(symbol_bytes) as usize;
        // The last symbol may come padded to full length.
        if symbol.len() != expected && symbol.len() as u64 != symbol_bytes {
            return Taken::WrongLength;
        }
        let index = offset / symbol_bytes;
        let (Some(word), bit) = (self.seen.get_mut((index / 64) as usize), 1 << (index % 64))
        else {
            return Taken::OutOfRange;
        };
        if *word & bit != 0 {
            return Taken::Duplicate;
        }
        *word |= bit;
        self.missing -= 1;
        if self.run_offset + self.run.len() as u64 != offset || self.run.len() >= RUN_BYTES {
            self.flush(output);
            self.run_offset = offset;
        }
        if self.run.is_empty() {
            self.run.reserve(RUN_BYTES + expected);
        }
        self.run.extend_from_slice(&symbol[..expected]);
        Taken::New
    }

    fn flush(&mut self, output: &mut Output) {
        if !self.run.is_empty() {
            output.push((self.run_offset, self.run.split().freeze()));
        }
    }

    fn is_seen(&self, index: u64) -> bool {
        self.seen
            .get((index / 64) as usize)
            .is_some_and(|word| word >> (index % 64) & 1 == 1)
    }

    fn missing_blocks(&self) -> Vec<Missing> {
        let symbol_bytes = u64::from(self.oti.symbol_bytes());
        let blocks = (0..self.oti.blocks())
            .map(Sbn)
            .filter_map(|sbn| Some((sbn, self.oti.block(sbn)?)));
        blocks
            .filter_map(|(sbn, block)| {
                let first = block.range.start / symbol_bytes;
                let source = gaps(block.symbols, |esi| self.is_seen(first + u64::from(esi)));
                let needed = source.iter().map(|range| range.end - range.start).sum();
                (needed > 0).then_some(Missing {
                    sbn,
                    needed,
                    source,
                })
            })
            .collect()
    }
}

/// One RaptorQ block on its way.
#[derive(Debug, Default)]
struct Pending {
    seen: HashSet<u32>,
    source_seen: u32,
    symbols: Vec<(Esi, Vec<u8>)>,
    /// Exists from the first attempt on; then holds the symbols.
    decoder: Option<Decoder>,
}

/// RaptorQ: symbols are held until their block decodes.
#[derive(Debug)]
pub(super) struct RaptorQ {
    oti: Oti,
    done: Vec<bool>,
    blocks_left: usize,
    pending: BTreeMap<u32, Pending>,
    held_bytes: usize,
}

impl RaptorQ {
    fn new(oti: Oti) -> Self {
        let blocks = oti.blocks() as usize;
        Self {
            oti,
            done: vec![false; blocks],
            blocks_left: blocks,
            pending: BTreeMap::new(),
            held_bytes: 0,
        }
    }

    fn symbol(&mut self, id: PayloadId, symbol: &[u8], output: &mut Output) -> Taken {
        let sbn = id.sbn.0;
        let Some(is_done) = self.done.get(sbn as usize).copied() else {
            return Taken::OutOfRange;
        };
        if is_done {
            return Taken::Duplicate;
        }
        let Some(block) = self.oti.block(id.sbn).filter(|_| id.esi.0 < ESI_END) else {
            return Taken::OutOfRange;
        };
        let symbol_bytes = usize::from(self.oti.symbol_bytes());
        let Some(symbol) = padded(symbol, id.esi, &block, symbol_bytes) else {
            return Taken::WrongLength;
        };
        let pending = self.pending.entry(sbn).or_default();
        if !pending.seen.insert(id.esi.0) {
            return Taken::Duplicate;
        }
        pending.source_seen += u32::from(id.esi.0 < block.symbols);
        pending.symbols.push((id.esi, symbol));
        self.held_bytes += held_symbol_bytes(&self.oti);
        // Two more than K nearly always suffice. Symbols that never will are tried ever more
        // rarely, because every attempt costs as much as decoding the block.
        let extra = pending.seen.len().checked_sub(block.symbols as usize);
        if extra.is_some_and(|extra| extra == 0 || extra.is_power_of_two()) {
            self.try_decode(id.sbn, &block, output);
        }
        Taken::New
    }

    fn try_decode(&mut self, sbn: Sbn, block: &Block, output: &mut Output) {
        let Some(pending) = self.pending.get_mut(&sbn.0) else {
            return;
        };
        let Oti::RaptorQ(oti) = self.oti else { return };
        // Sub-blocks are interleaved within the symbols; the codec takes them apart.
        let is_plain = oti.sub_blocks() == 1 && pending.decoder.is_none();
        let decoded = if is_plain && pending.source_seen == block.symbols {
            Some(assemble(&mut pending.symbols, block))
        } else {
            if pending.decoder.is_none() {
                pending.decoder = Decoder::new(&oti, sbn).ok();
            }
            let symbols = std::mem::take(&mut pending.symbols);
            pending
                .decoder
                .as_mut()
                .and_then(|decoder| decoder.decode(symbols).ok().flatten())
        };
        let failed =
            decoded.is_none() && pending.seen.len() >= block.symbols as usize + MAX_EXTRA_SYMBOLS;
        if decoded.is_none() && !failed {
            return;
        }
        self.held_bytes -= pending.seen.len() * held_symbol_bytes(&self.oti);
        self.pending.remove(&sbn.0);
        if let Some(octets) = decoded {
            self.done[sbn.0 as usize] = true;
            self.blocks_left -= 1;
            output.push((block.range.start, Bytes::from(octets)));
        }
    }

    fn drop_held(&mut self) -> u64 {
        let dropped = self.pending.len() as u64;
        self.pending.clear();
        self.held_bytes = 0;
        dropped
    }

    fn missing_blocks(&self) -> Vec<Missing> {
        let open = (0..self.oti.blocks()).filter(|sbn| !self.done[*sbn as usize]);
        open.filter_map(|sbn| {
            let block = self.oti.block(Sbn(sbn))?;
            let pending = self.pending.get(&sbn);
            let seen = |esi: u32| pending.is_some_and(|pending| pending.seen.contains(&esi));
            let received = pending.map_or(0, |pending| pending.seen.len() as u32);
            // A block with K symbols that did not decode needs one more.
            let needed = block.symbols.saturating_sub(received).max(1);
            Some(Missing {
                sbn: Sbn(sbn),
                needed,
                source: gaps(block.symbols, seen),
            })
        })
        .collect()
    }
}

/// A symbol of full length: the padding of an object's last source symbol may have been left out.
fn padded(symbol: &[u8], esi: Esi, block: &Block, symbol_bytes: usize) -> Option<Vec<u8>> {
    if symbol.len() == symbol_bytes {
        return Some(symbol.to_vec());
    }
    let before = u64::from(block.symbols - 1) * symbol_bytes as u64;
    let is_last = esi.0 == block.symbols - 1;
    if !is_last || symbol.len() as u64 != block.bytes() - before {
        return None;
    }
    let mut full = Vec::with_capacity(symbol_bytes);
    full.extend_from_slice(symbol);
    full.resize(symbol_bytes, 0);
    Some(full)
}

/// The block from all of its source symbols.
fn assemble(symbols: &mut Vec<(Esi, Vec<u8>)>, block: &Block) -> Vec<u8> {
    symbols.retain(|(esi, _)| esi.0 < block.symbols);
    symbols.sort_unstable_by_key(|(esi, _)| *esi);
    let mut octets =
        Vec::with_capacity(symbols.len() * symbols.first().map_or(0, |(_, symbol)| symbol.len()));
    for (_, symbol) in symbols.iter() {
        octets.extend_from_slice(symbol);
    }
    octets.truncate(block.bytes() as usize);
    octets
}

/// Ranges of `0..count` that were not seen.
fn gaps(count: u32, seen: impl Fn(u32) -> bool) -> Vec<Range<u32>> {
    let mut ranges: Vec<Range<u32>> = Vec::new();
    for esi in (0..count).filter(|esi| !seen(*esi)) {
        match ranges.last_mut() {
            Some(range) if range.end == esi => range.end += 1,
            _ => ranges.push(esi..esi + 1),
        }
    }
    ranges
}
