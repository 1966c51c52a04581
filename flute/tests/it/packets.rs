//! Packets put together by hand, as other senders form them and as nobody should.

use pushcast_flute::fec::{Oti, PayloadId, Scheme, no_code, raptorq};
use pushcast_flute::ids::{Esi, Sbn};
use pushcast_flute::time::NtpSeconds;

use crate::listener::START;

pub const E: usize = 1400;

/// An LCT header; widths and flags are free.
#[derive(Clone)]
pub struct Lct {
    pub version: u8,
    pub tsi: u64,
    pub tsi_bytes: usize,
    pub toi: u128,
    pub toi_bytes: usize,
    pub close_session: bool,
    pub close_object: bool,
    /// SCT and ERT words of RFC 3451.
    pub times: [Option<u32>; 2],
    pub codepoint: u8,
    pub extensions: Vec<u8>,
}

impl Lct {
    pub fn new(toi: u128, codepoint: u8) -> Self {
        Self {
            version: 1,
            tsi: 7,
            tsi_bytes: 2,
            toi,
            toi_bytes: 2,
            close_session: false,
            close_object: false,
            times: [None, None],
            codepoint,
            extensions: Vec::new(),
        }
    }

    pub fn with(mut self, extension: &[u8]) -> Self {
        self.extensions.extend_from_slice(extension);
        self
    }

    pub fn header(&self) -> Vec<u8> {
        let flags = u8::from(self.close_session) << 1
            | u8::from(self.close_object)
            | u8::from(self.times[0].is_some()) << 3
            | u8::from(self.times[1].is_some()) << 2
            | ((self.tsi_bytes / 4) as u8) << 7
            | ((self.toi_bytes / 4) as u8) << 5
            | ((self.tsi_bytes % 4 / 2) as u8) << 4;
        let mut out = vec![self.version << 4, flags, 0, self.codepoint, 0, 0, 0, 0];
        out.extend_from_slice(&self.tsi.to_be_bytes()[8 - self.tsi_bytes..]);
        out.extend_from_slice(&self.toi.to_be_bytes()[16 - self.toi_bytes..]);
        for word in self.times.into_iter().flatten() {
            out.extend_from_slice(&word.to_be_bytes());
        }
        out.extend_from_slice(&self.extensions);
        out[2] = (out.len() / 4) as u8;
        out
    }

    pub fn packet(&self, sbn: u32, esi: u32, symbols: &[u8]) -> Vec<u8> {
        let scheme = Scheme::try_from(self.codepoint).unwrap_or(Scheme::NoCode);
        let id = PayloadId {
            sbn: Sbn(sbn),
            esi: Esi(esi),
        };
        let mut out = self.header();
        out.extend_from_slice(&id.encode(scheme));
        out.extend_from_slice(symbols);
        out
    }
}

pub fn ext_fdt(version: u8, id: u32) -> [u8; 4] {
    (192 << 24 | u32::from(version) << 20 | id).to_be_bytes()
}

pub fn ext_fti(oti: &Oti) -> Vec<u8> {
    let mut out = vec![64, 4];
    oti.encode_ext_fti(&mut out);
    out
}

pub fn no_code(len: usize, symbol: usize, block: u32) -> Oti {
    Oti::NoCode(no_code::Oti::new(len as u64, symbol as u16, block).unwrap())
}

pub fn raptor_q(len: usize, blocks: u8, sub_blocks: u16) -> Oti {
    Oti::RaptorQ(raptorq::Oti::new(len as u64, E as u16, blocks, sub_blocks, 4).unwrap())
}

/// Some seconds after [`START`], as an FDT writes it.
pub fn expires(after_seconds: i64) -> String {
    let unix_ms = START.unix_ms.saturating_add_signed(1000 * after_seconds);
    NtpSeconds::from_unix_ms(unix_ms).0.to_string()
}

/// An FDT of one instance with attributes and children of `FDT-Instance` as given.
pub fn fdt_xml(attributes: &str, files: &str) -> String {
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?><FDT-Instance xmlns="urn:IETF:metadata:2005:FLUTE:FDT" Expires="{}" {attributes}>{files}</FDT-Instance>"#,
        expires(3600)
    )
}

/// The packets of an FDT Instance, by No-Code in one block.
pub fn fdt_packets(lct: &Lct, id: u32, document: &[u8], symbol: usize) -> Vec<Vec<u8>> {
    let oti = no_code(document.len(), symbol, 65_535);
    let lct = Lct {
        toi: 0,
        codepoint: 0,
        extensions: [&ext_fdt(1, id)[..], &ext_fti(&oti), &lct.extensions].concat(),
        ..lct.clone()
    };
    let symbols = document.chunks(symbol).zip(0..);
    symbols
        .map(|(symbol, esi)| lct.packet(0, esi, symbol))
        .collect()
}

/// An FDT Instance in one packet.
pub fn fdt(id: u32, xml: &str) -> Vec<u8> {
    let symbol = xml.len().min(60_000);
    fdt_packets(&Lct::new(0, 0), id, xml.as_bytes(), symbol).remove(0)
}

/// The source symbols of an object, each with its packet; what `octets` lacks at the end of the
/// last symbol stays away.
pub fn source_packets(lct: &Lct, oti: &Oti, octets: &[u8]) -> Vec<Vec<u8>> {
    let symbol = usize::from(oti.symbol_bytes());
    let mut out = Vec::new();
    for sbn in 0..oti.blocks() {
        let block = oti.block(Sbn(sbn)).unwrap();
        let range = block.range.start as usize..octets.len().min(block.range.end as usize);
        let symbols = octets[range].chunks(symbol).zip(0..);
        out.extend(symbols.map(|(symbol, esi)| lct.packet(sbn, esi, symbol)));
    }
    out
}
