//! Bodies of the fuzz targets in `flute/fuzz`: each takes any octets, and panics only where this
//! crate is wrong. A normal test replays the committed corpora through them.
//!
//! They check more than the absence of panics: what this crate wrote reads back the same, an object
//! that is complete was given out octet by octet once, and limits hold.

mod input;
mod receiving;

use crate::alc::Packet;
use crate::content::{self, Decoder, Encoding, Limits};
use crate::fdt::{self, Instance, Profile};
use crate::fec::raptorq;
use crate::ids::{Esi, Sbn};
use crate::lct::{Header, Version, Widths};
use crate::sdp;

use input::Input;

pub use receiving::receiver_session;

/// Longest object of [`raptorq_guard`], octets: what a run has time for.
const MAX_OBJECT_BYTES: u64 = 16 << 10;
/// Longest block that is encoded and decoded, symbols.
const MAX_ROUND_TRIP_SYMBOLS: u32 = 48;
/// Longest block that gets any symbols.
const MAX_BLOCK_SYMBOLS: u32 = 2048;
/// Most decoded octets of [`gzip_object`]: beyond where growth begins to matter.
const MAX_DECODED_BYTES: u64 = content::RATIO_FLOOR_BYTES + (1 << 18);

/// Any octets as an LCT header, in both versions; one that was read is written and read again.
pub fn lct(data: &[u8]) {
    for version in [Version::V1, Version::V2] {
        let Ok((header, _, payload)) = Header::decode(data, version) else {
            continue;
        };
        assert!(payload.len() <= data.len());
        let Some(toi) = header.toi else { continue };
        let mut written = Vec::new();
        header.encode(Widths::fitting(header.tsi, toi), &[], &mut written);
        let again = Header::decode(&written, version).map(|(header, ..)| header);
        assert_eq!(again, Ok(header));
    }
}

/// Any octets as an ALC packet.
pub fn alc(data: &[u8]) {
    for version in [Version::V1, Version::V2] {
        if let Ok(packet) = Packet::decode(data, version)
            && let Some(packet_data) = packet.data
        {
            assert!(packet_data.symbols.len() < data.len());
            let fti = packet.extensions.fti;
            let _ = fti.map(|fti| crate::fec::Oti::decode_ext_fti(packet_data.scheme, fti));
        }
    }
}

/// Any octets as an FDT Instance; one that was read is written and read again.
pub fn fdt_xml(data: &[u8]) {
    let Ok(mut instance) = Instance::read(data) else {
        return;
    };
    for file in &mut instance.files {
        let _ = (file.oti(Some(0)), file.oti(Some(6)), file.encoding());
        // The written form has no place for it.
        file.expires = None;
    }
    // Characters that XML cannot carry are replaced, which may make a text too long: the second
    // reading is the one that counts.
    match Instance::read(instance.write(Profile::GeneralV1).as_bytes()) {
        Ok(first) => {
            let first = Instance {
                skipped_files: 0,
                ..first
            };
            assert!(first.files.len() <= instance.files.len());
            let again = Instance::read(first.write(Profile::GeneralV1).as_bytes());
            assert_eq!(again, Ok(first));
        }
        // Namespaces, delimiters and defaults written into each file may make it too long.
        Err(error) => assert!(matches!(error, fdt::FdtError::Limit { .. }), "{error}"),
    }
}

/// The guard in front of the RaptorQ codec: any parameters, then any symbols. Valid ones encode
/// and decode.
pub fn raptorq_guard(data: &[u8]) {
    let mut input = Input::new(data);
    let length = u64::from(input.u32());
    let length = match input.u8() % 4 {
        0 => length << 8 | u64::from(input.u8()),
        _ => length % MAX_OBJECT_BYTES,
    };
    let (symbol_bytes, blocks) = (input.u16(), input.u8());
    let (sub_blocks, alignment) = (input.u16(), input.u8());
    let Ok(oti) = raptorq::Oti::new(length, symbol_bytes, blocks, sub_blocks, alignment) else {
        return;
    };
    for sbn in [0, oti.blocks().saturating_sub(1)] {
        let block = oti.block(Sbn(sbn));
        assert_eq!(block.is_some(), sbn < oti.blocks());
        assert!(block.is_none_or(|block| block.range.end <= length));
    }
    assert_eq!(oti.block(Sbn(oti.blocks())), None);
    if !(1..=MAX_OBJECT_BYTES).contains(&length) {
        return;
    }
    let sbn = Sbn(u32::from(input.u8()) % (oti.blocks() + 1));
    let Some(block) = oti.block(sbn) else {
        assert!(raptorq::Encoder::new(&oti, sbn, &[]).is_err());
        assert!(raptorq::Decoder::new(&oti, sbn).is_err());
        return;
    };
    if block.symbols <= MAX_ROUND_TRIP_SYMBOLS {
        round_trip(&oti, sbn, &block, &mut input);
    }
    if block.symbols <= MAX_BLOCK_SYMBOLS {
        any_symbols(&oti, sbn, &mut input);
    }
}

/// A block from repair symbols.
fn round_trip(oti: &raptorq::Oti, sbn: Sbn, block: &crate::fec::Block, input: &mut Input<'_>) {
    let octets = input.repeated(block.bytes() as usize);
    let Ok(encoder) = raptorq::Encoder::new(oti, sbn, &octets) else {
        panic!("a block of the right length is refused");
    };
    let first = block.symbols + input.u32() % 5000;
    let count = block.symbols + 8;
    let mut repair = Vec::new();
    assert_eq!(encoder.repair(Esi(first), count, &mut repair), Ok(()));
    let Ok(mut decoder) = raptorq::Decoder::new(oti, sbn) else {
        panic!("a block that encodes does not decode");
    };
    let symbols = repair
        .chunks(usize::from(oti.symbol_bytes()))
        .zip(first..)
        .map(|(symbol, esi)| (Esi(esi), symbol.to_vec()));
    // Eight more than K fail once in 256^9; what comes out is right in any case.
    if let Ok(Some(decoded)) = decoder.decode(symbols) {
        assert_eq!(decoded, octets);
    }
}

/// Symbols of any number and length.
fn any_symbols(oti: &raptorq::Oti, sbn: Sbn, input: &mut Input<'_>) {
    let Ok(mut decoder) = raptorq::Decoder::new(oti, sbn) else {
        return;
    };
    let mut left = 64;
    while !input.is_empty() && left > 0 {
        left -= 1;
        let esi = Esi(input.u32() >> (input.u8() % 32));
        let symbol_bytes = usize::from(oti.symbol_bytes());
        let len = match input.u8() % 4 {
            0 => usize::from(input.u8()),
            _ => symbol_bytes,
        };
        let octets = input.repeated(len);
        if let Ok(Some(block)) = decoder.decode([(esi, octets)]) {
            let expected = oti.block(sbn).map(|block| block.bytes());
            assert_eq!(Some(block.len() as u64), expected);
            return;
        }
    }
}

/// Any octets as an encoded file with any description; what comes out does not depend on how they
/// are cut and stays within the limits.
pub fn gzip_object(data: &[u8]) {
    let mut input = Input::new(data);
    let flags = input.u8();
    let encoding = match flags % 3 {
        0 => Encoding::Deflate,
        1 => Encoding::Gzip,
        _ => Encoding::Identity,
    };
    let content_length = (flags & 0x10 != 0).then(|| u64::from(input.u16()));
    let content_md5 = (flags & 0x20 != 0).then(|| [input.u8(); 16]);
    let limits = Limits {
        max_bytes: MAX_DECODED_BYTES,
        max_ratio: 1 + u32::from(input.u8()),
    };
    let step = usize::from(input.u8()).max(1);
    let transport = input.rest();
    let decode = |step: usize| {
        let mut content = Vec::new();
        let mut decoder = Decoder::new(encoding, content_length, content_md5, limits);
        let result = transport
            .chunks(step)
            .try_for_each(|piece| decoder.write(piece, |piece| content.extend_from_slice(piece)))
            .and_then(|()| decoder.finish());
        assert!(content.len() as u64 <= MAX_DECODED_BYTES);
        assert!(content_length.is_none_or(|length| content.len() as u64 <= length));
        (result, content)
    };
    let (pieces, whole) = (decode(step), decode(usize::MAX));
    // How much came out before an error may differ, and the ratio is judged piece by piece.
    if let (Ok(_), Ok(_)) = (pieces.0, whole.0) {
        assert_eq!(pieces, whole);
    }
    if let Ok(finished) = whole.0 {
        assert_eq!(finished.bytes, whole.1.len() as u64);
    }
}

/// Any octets as a session description; one that was read is written and read again.
pub fn sdp(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(mut session) = sdp::Session::read(text) else {
        return;
    };
    // A name of control characters is left out.
    "name".clone_into(&mut session.name);
    let written = session.to_string();
    let Ok(first) = sdp::Session::read(&written) else {
        panic!("what was written cannot be read: {written}");
    };
    assert_eq!(sdp::Session::read(&first.to_string()), Ok(first));
}
