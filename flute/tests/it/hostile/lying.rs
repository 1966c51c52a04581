//! Packets that lie about what they carry.

use super::*;

#[test]
fn symbols_outside_their_object_are_counted() {
    let mut listener = listener();
    let both = [file(1, NO_CODE), file(2, RAPTOR_Q)].concat();
    listener.hear(&fdt(1, &fdt_xml("", &both)));
    let before = Lct::new(1, 0).packet(0, 0, &[0; E]);
    listener.hear(&before);
    listener.hear(&before);
    listener.hear(&Lct::new(2, 6).packet(0, 0, &[0; E]));
    for (codepoint, sbn, esi) in [(0, 0, 15), (0, 1, 0), (0, 65_535, 65_535), (6, 1, 0)] {
        let toi = if codepoint == 0 { 1 } else { 2 };
        listener.hear(&Lct::new(toi, codepoint).packet(sbn, esi, &[0; E]));
    }
    for (toi, codepoint, len) in [(1, 0, 1399), (1, 0, 1), (2, 6, 1399), (2, 6, 1)] {
        listener.hear(&Lct::new(toi, codepoint).packet(0, 1, &vec![0; len]));
    }
    let stats = listener.session.stats();
    let counted = [
        stats.symbols,
        stats.duplicates,
        stats.out_of_range,
        stats.wrong_length,
    ];
    assert_eq!(counted, [2, 1, 4, 4]);
}

/// More repair symbols than anyone needs, all of them wrong.
#[test]
fn a_block_is_not_collected_without_end() {
    let oti = raptor_q(LEN, 1, 1);
    let mut listener = listener();
    listener.hear(&fdt(1, &fdt_xml("", &file(1, RAPTOR_Q))));
    let lct = Lct::new(1, 6);
    for esi in 0..10_000 {
        listener.hear(&lct.packet(0, 1000 + esi, &[7; E]));
    }
    assert!(listener.session.stats().symbols < 100, "{:?}", oti);
    assert!(listener.heard[&1].content.is_err());
}

// Row 23: packets of any length and shape.

#[test]
fn packets_of_every_length_are_counted() {
    let mut listener = Listener::new(Config::default());
    listener.hear(&fdt(1, &fdt_xml("", &file(1, NO_CODE))));
    let mut random = Random::new(23);
    let lengths: Vec<usize> = (0..300)
        .chain((300..65_535).step_by(97))
        .chain([65_507, 65_534, 65_535])
        .collect();
    for &len in &lengths {
        listener.hear(&vec![0; len]);
        listener.hear(&vec![0xFF; len]);
        listener.hear(&random.octets(len));
        let mut plausible = Lct::new(1, 0).packet(0, len as u32 % 20, &vec![0; len]);
        listener.hear(&plausible);
        plausible.truncate(len);
        listener.hear(&plausible);
    }
    let stats = listener.session.stats();
    assert_eq!(stats.datagrams, 1 + 5 * lengths.len() as u64);
    assert!(stats.malformed > 2 * lengths.len() as u64);
    assert_eq!(stats.symbols, 15);
}

#[test]
fn extension_lengths_that_lie_are_malformed() {
    let mut listener = Listener::new(Config::default());
    let mut sent = 0;
    for het in [0, 1, 2, 64, 67, 127] {
        for hel in [0, 2, 3, 64, 255] {
            let lct = Lct::new(1, 0).with(&[het, hel, 0, 0]);
            listener.hear(&lct.packet(0, 0, &[0; E]));
            sent += 1;
        }
    }
    // HDR_LEN too short for its fields, and beyond the datagram.
    for hdr_len in [0, 1, 2, 4, 200, 255] {
        let mut packet = Lct::new(1, 0).packet(0, 0, &[]);
        packet[2] = hdr_len;
        listener.hear(&packet[..14]);
        sent += 1;
    }
    let stats = listener.session.stats();
    assert_eq!(
        *stats,
        Stats {
            datagrams: sent,
            malformed: sent,
            ..Stats::default()
        }
    );
}

/// Every octet of real packets changed to every value, one at a time.
#[test]
fn every_single_octet_error_is_survived() {
    let octets = octets();
    let oti = no_code(LEN, E, 64);
    let mut fti_packets = source_packets(&Lct::new(1, 0).with(&ext_fti(&oti)), &oti, &octets);
    let document = fdt(1, &fdt_xml("", &file(1, NO_CODE)));
    let data = fti_packets.remove(0);
    for (packet, header) in [(&document, 80), (&data, 40)] {
        for at in 0..header {
            let mut listener = Listener::new(Config::default());
            for value in 0..=255 {
                let mut bad = packet.clone();
                bad[at] = value;
                listener.session.handle_datagram(listener.now, SOURCE, &bad);
            }
            listener
                .session
                .handle_datagram(listener.now, SOURCE, &document);
            while listener.session.poll_event().is_some() {}
        }
    }
    assert!(matches!(oti, Oti::NoCode(_)));
}
