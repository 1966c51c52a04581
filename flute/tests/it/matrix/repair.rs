//! Files in RaptorQ, with repair symbols.

use super::*;

fn raptorq_file(oti: &Oti, others: &str) -> String {
    let Some([z, high, low, al]) = oti.scheme_specific() else {
        panic!("RaptorQ has scheme-specific information")
    };
    use base64::Engine as _;
    let info = base64::engine::general_purpose::STANDARD.encode([z, high, low, al]);
    let fec = format!(
        r#"FEC-OTI-FEC-Encoding-ID="6" FEC-OTI-Encoding-Symbol-Length="1400" FEC-OTI-Scheme-Specific-Info="{info}""#
    );
    file(&format!(r#"Content-Length="{LEN}" {fec} {others}"#))
}

/// Padded source packets with every ninth replaced by a repair packet of its block.
fn with_repair(oti: &Oti, lct: &Lct, octets: &[u8]) -> Vec<Vec<u8>> {
    let Oti::RaptorQ(raptorq) = oti else {
        panic!("{oti:?}")
    };
    let mut packets = Vec::new();
    for sbn in (0..oti.blocks()).map(Sbn) {
        let block = oti.block(sbn).unwrap();
        let data = &octets[block.range.start as usize..block.range.end as usize];
        let encoder = Encoder::new(raptorq, sbn, data).unwrap();
        let repair = block.symbols.div_ceil(9) + 2;
        let mut symbols = Vec::new();
        encoder
            .repair(Esi(block.symbols), repair, &mut symbols)
            .unwrap();
        let source = data.chunks(E).zip(0..).filter(|(_, esi)| esi % 9 != 0);
        for (symbol, esi) in source {
            let padded = [symbol, &vec![0; E - symbol.len()]].concat();
            packets.push(lct.packet(sbn.0, esi, &padded));
        }
        let symbols = symbols.chunks(E).zip(block.symbols..);
        packets.extend(symbols.map(|(symbol, esi)| lct.packet(sbn.0, esi, symbol)));
    }
    packets
}

#[test]
fn raptorq_with_a_ninth_lost() {
    let octets = octets();
    let lct = Lct::new(1, Scheme::RaptorQ.encoding_id());
    for (blocks, msbl) in [(1, 143), (2, 72), (1, 56_403), (2, 56_403), (2, 0), (4, 36)] {
        let oti = raptor_q(LEN, blocks, 1);
        let others = format!(r#"FEC-OTI-Maximum-Source-Block-Length="{msbl}""#);
        let xml = fdt_xml("", &raptorq_file(&oti, &others));
        succeeds(&xml, &with_repair(&oti, &lct, &octets), &octets);
        // Z alone is what the scheme defines.
        let xml = fdt_xml("", &raptorq_file(&oti, ""));
        succeeds(&xml, &with_repair(&oti, &lct, &octets), &octets);
    }
}

/// Blocks by Z, where those by the longest block would be others: never wrong octets.
#[test]
fn raptorq_where_both_partitions_disagree() {
    let octets = octets();
    let lct = Lct::new(1, Scheme::RaptorQ.encoding_id());
    let oti = raptor_q(LEN, 100, 1);
    let others = r#"FEC-OTI-Maximum-Source-Block-Length="2""#;
    let xml = fdt_xml("", &raptorq_file(&oti, others));
    succeeds(&xml, &with_repair(&oti, &lct, &octets), &octets);
}

#[test]
fn raptorq_with_parameters_on_the_packets() {
    let octets = octets();
    let oti = raptor_q(LEN, 2, 1);
    let lct = Lct::new(1, 6).with(&ext_fti(&oti));
    let xml = fdt_xml("", &file(&format!(r#"Content-Length="{LEN}""#)));
    succeeds(&xml, &with_repair(&oti, &lct, &octets), &octets);
}

#[test]
fn raptorq_with_a_short_last_symbol() {
    let octets = octets();
    let oti = raptor_q(LEN, 2, 1);
    let packets = source_packets(&Lct::new(1, 6), &oti, &octets);
    succeeds(&fdt_xml("", &raptorq_file(&oti, "")), &packets, &octets);
}

/// Symbols of three sub-blocks, as the codec itself makes them.
#[test]
fn raptorq_in_sub_blocks() {
    let octets = octets();
    let oti = raptor_q(LEN, 2, 3);
    let codec = raptorq::ObjectTransmissionInformation::new(LEN as u64, E as u16, 2, 3, 4);
    let packets = raptorq::Encoder::new(&octets, codec).get_encoded_packets(8);
    let lct = Lct::new(1, 6);
    let packet = |packet: &raptorq::EncodingPacket| {
        let id = packet.payload_id();
        lct.packet(
            u32::from(id.source_block_number()),
            id.encoding_symbol_id(),
            packet.data(),
        )
    };
    let all: Vec<_> = packets.iter().map(packet).collect();
    let xml = fdt_xml("", &raptorq_file(&oti, ""));
    succeeds(&xml, &all, &octets);
    let some: Vec<_> = all.chunks(20).flat_map(|run| run[1..].to_vec()).collect();
    succeeds(&xml, &some, &octets);
}
