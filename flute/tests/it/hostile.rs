//! What nobody should send: nothing of it is delivered, everything of it is counted.

mod lying;

use std::net::IpAddr;
use std::time::Duration;

use pushcast_flute::content::{self, ContentError, Decoder, Encoding};
use pushcast_flute::fec::Oti;
use pushcast_flute::ids::Tsi;
use pushcast_flute::receiver::{Config, Event, Limits, Stats};

use crate::listener::{Listener, SOURCE};
use crate::packets::{
    E, Lct, expires, ext_fdt, ext_fti, fdt, fdt_packets, fdt_xml, no_code, raptor_q, source_packets,
};
use crate::pair::Random;

const LEN: usize = 20_003;
const NO_CODE: &str = r#"FEC-OTI-FEC-Encoding-ID="0" FEC-OTI-Maximum-Source-Block-Length="64" FEC-OTI-Encoding-Symbol-Length="1400""#;
const RAPTOR_Q: &str = r#"FEC-OTI-FEC-Encoding-ID="6" FEC-OTI-Scheme-Specific-Info="AQABBA==" FEC-OTI-Encoding-Symbol-Length="1400""#;

fn listener() -> Listener {
    Listener::new(Config {
        source: Some(SOURCE),
        tsi: Some(Tsi::from(7)),
        ..Config::default()
    })
}

fn octets() -> Vec<u8> {
    Random::new(99).octets(LEN)
}

fn md5(octets: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(content::md5(octets))
}

fn file(toi: u32, fec: &str) -> String {
    let digest = md5(&octets());
    format!(
        r#"<File TOI="{toi}" Content-Location="urn:{toi}" Content-Length="{LEN}" Content-MD5="{digest}" {fec}/>"#
    )
}

fn decode(
    encoding: Encoding,
    length: Option<u64>,
    transport: &[u8],
) -> (Result<(), ContentError>, usize) {
    let mut decoder = Decoder::new(encoding, length, None, content::Limits::default());
    let mut decoded = 0;
    let written = decoder.write(transport, |piece| decoded += piece.len());
    (written.and_then(|()| decoder.finish().map(drop)), decoded)
}

// Row 18: gzip bombs.

#[test]
fn a_gzip_bomb_stops_at_the_announced_length() {
    let bomb = content::gzip(&vec![0; 64 << 20]);
    let (result, decoded) = decode(Encoding::Gzip, Some(1000), &bomb);
    assert!(matches!(
        result,
        Err(ContentError::ContentLength {
            expected_bytes: 1000,
            ..
        })
    ));
    assert_eq!(decoded, 0);
}

#[test]
fn a_gzip_bomb_with_a_true_length_stops_at_the_ratio() {
    let bomb = content::gzip(&vec![0; 64 << 20]);
    for length in [None, Some(64 << 20)] {
        let (result, decoded) = decode(Encoding::Gzip, length, &bomb);
        assert!(matches!(result, Err(ContentError::Ratio { .. })));
        let cap = content::DEFAULT_MAX_RATIO as usize * bomb.len();
        assert!(decoded <= cap, "{decoded} of {}", bomb.len());
    }
}

#[test]
fn a_bomb_inside_gzip_is_only_a_file() {
    let bomb = content::gzip(&vec![0; 64 << 20]);
    let (result, decoded) = decode(Encoding::Gzip, None, &content::gzip(&bomb));
    assert_eq!(result, Ok(()));
    assert_eq!(decoded, bomb.len());
}

#[test]
fn damaged_gzip_is_no_file() {
    let good = content::gzip(&octets());
    let with = |change: fn(&mut Vec<u8>)| {
        let mut bad = good.clone();
        change(&mut bad);
        decode(Encoding::Gzip, Some(LEN as u64), &bad).0
    };
    let isize_off = with(|bad| *bad.last_mut().unwrap() ^= 1);
    assert!(matches!(isize_off, Err(ContentError::Corrupt { .. })));
    let crc_off = with(|bad| *bad.iter_mut().nth_back(7).unwrap() ^= 1);
    assert!(matches!(crc_off, Err(ContentError::Corrupt { .. })));
    let trailing = with(|bad| bad.extend_from_slice(b"junk"));
    assert!(matches!(trailing, Err(ContentError::TrailingData { .. })));
    let truncated = with(|bad| bad.truncate(bad.len() - 4));
    assert!(matches!(truncated, Err(ContentError::Truncated { .. })));
}

#[test]
fn an_fdt_bomb_is_refused() {
    let bomb = content::gzip(&vec![b' '; 64 << 20]);
    let lct = Lct::new(0, 0).with(&[193, 3, 0, 0]);
    let mut listener = listener();
    listener.hear_all(&fdt_packets(&lct, 1, &bomb, E));
    assert_eq!(listener.session.stats().fdt_refused, 1);
    assert_eq!(listener.session.stats().fdt_instances, 0);
}

// Row 19: lies about sizes. What they allocate is measured in `memory.rs`.

#[test]
fn impossible_parameters_in_an_fdt_start_nothing() {
    for (scheme, attributes) in [
        (0, NO_CODE.replace("1400", "0")),
        (0, NO_CODE.replace("1400", "65536")),
        (0, NO_CODE.replace("\"64\"", "\"0\"")),
        (6, RAPTOR_Q.replace("AQABBA==", "AAABBA==")),
        (6, RAPTOR_Q.replace("AQABBA==", "AQABAw==")),
        (6, RAPTOR_Q.replace("AQABBA==", "AQABAA==")),
        (6, RAPTOR_Q.replace("AQABBA==", "AQAABA==")),
        (6, RAPTOR_Q.replace("AQABBA==", "AQAB")),
        (6, RAPTOR_Q.replace("1400", "0")),
        (9, NO_CODE.replace("ID=\"0\"", "ID=\"9\"")),
    ] {
        let mut listener = listener();
        listener.hear(&fdt(1, &fdt_xml("", &file(1, &attributes))));
        listener.hear(&Lct::new(1, scheme).packet(0, 0, &[0; E]));
        let stats = listener.session.stats();
        assert!(listener.events.is_empty(), "{attributes}");
        assert_eq!(stats.entries_refused + stats.malformed, 1, "{attributes}");
    }
    for length in [1u64 << 40, 1 << 48, u64::MAX] {
        let huge = file(1, NO_CODE).replace(&format!("\"{LEN}\""), &format!("\"{length}\""));
        let mut listener = listener();
        listener.hear(&fdt(1, &fdt_xml("", &huge)));
        listener.hear(&Lct::new(1, 0).packet(0, 0, &[0; E]));
        assert!(listener.events.is_empty(), "{length}");
        assert_eq!(listener.session.stats().entries_refused, 1, "{length}");
    }
}

#[test]
fn one_lying_packet_does_not_cost_the_object() {
    let octets = octets();
    let oti = no_code(LEN, E, 64);
    let lies = [
        Lct::new(1, 6).packet(0, 0, &[0; E]),
        Lct::new(1, 0)
            .with(&ext_fti(&no_code(1 << 40, 65_535, 65_535)))
            .packet(0, 0, &[0; 10]),
        Lct::new(1, 0)
            .with(&ext_fti(&no_code(10, E, 64)))
            .packet(0, 1, &[0; 10]),
        Lct::new(1, 6)
            .with(&ext_fti(&raptor_q(1 << 30, 100, 1)))
            .packet(0, 0, &[0; E]),
        Lct::new(1, 0)
            .with(&[64, 1, 0, 0])
            .packet(0, 60_000, &[0; E]),
    ];
    for lie in lies {
        let mut listener = listener();
        listener.hear(&fdt(1, &fdt_xml("", &file(1, NO_CODE))));
        listener.hear(&lie);
        listener.hear_all(&source_packets(&Lct::new(1, 0), &oti, &octets));
        assert!(listener.content(1) == Some(&octets), "{:?}", &lie[..32]);
    }
}

// Row 20: others on the same group.

#[test]
fn other_hosts_and_sessions_change_nothing() {
    let octets = octets();
    let packets = source_packets(&Lct::new(1, 0), &no_code(LEN, E, 64), &octets);
    let described = fdt(1, &fdt_xml("", &file(1, NO_CODE)));
    let mut listener = listener();
    let attacker: IpAddr = "192.0.2.66".parse().unwrap();
    for packet in std::iter::once(&described).chain(&packets) {
        let mut poisoned = packet.clone();
        *poisoned.last_mut().unwrap() ^= 0xFF;
        listener.source = attacker;
        listener.hear(&poisoned);
        listener.source = SOURCE;
        poisoned[9] = 8;
        listener.hear(&poisoned);
        listener.hear(packet);
    }
    let stats = *listener.session.stats();
    assert!(listener.content(1) == Some(&octets), "{stats:?}");
    let share = stats.datagrams / 3;
    assert_eq!((stats.foreign_source, stats.foreign_tsi), (share, share));
}

#[test]
fn without_a_filter_flows_are_limited() {
    let mut listener = Listener::new(Config::default());
    for tsi in 0..1000 {
        let lct = Lct {
            tsi,
            ..Lct::new(1, 0)
        };
        listener.hear(&lct.packet(0, 0, &[0; 10]));
    }
    let flows = Limits::default().flows as u64;
    assert_eq!(listener.session.stats().too_many_flows, 1000 - flows);
}

// Row 21: FDT floods.

#[test]
fn a_hundred_thousand_instances_leave_the_receiver_working() {
    let octets = octets();
    let mut listener = listener();
    for id in 0..100_000u32 {
        let entry = format!(r#"<File TOI="{}" Content-Location="urn:x"/>"#, id + 2);
        listener.hear(&fdt(id, &fdt_xml("", &entry)));
    }
    listener.hear(&fdt(100_000, &fdt_xml("", &file(1, NO_CODE))));
    listener.hear_all(&source_packets(
        &Lct::new(1, 0),
        &no_code(LEN, E, 64),
        &octets,
    ));
    assert!(listener.content(1) == Some(&octets));
    assert_eq!(listener.session.stats().fdt_instances, 100_001);
}

#[test]
fn the_first_content_of_an_instance_wins() {
    let octets = octets();
    let mut listener = listener();
    listener.hear(&fdt(1, &fdt_xml("", &file(1, NO_CODE))));
    let other = file(1, NO_CODE).replace("urn:1", "urn:evil");
    listener.hear(&fdt(1, &fdt_xml("", &other)));
    // Under another ID it contradicts what is known.
    listener.hear(&fdt(2, &fdt_xml("", &other)));
    listener.hear_all(&source_packets(
        &Lct::new(1, 0),
        &no_code(LEN, E, 64),
        &octets,
    ));
    assert!(listener.content(1) == Some(&octets));
    assert_eq!(listener.heard[&1].file.content_location, "urn:1");
    assert_eq!(listener.session.stats().entries_refused, 1);
    assert_eq!(listener.session.stats().fdt_instances, 2);
}

#[test]
fn unfinished_instances_displace_each_other_and_no_more() {
    let octets = octets();
    let mut listener = listener();
    for id in 0..10_000 {
        let oti = no_code(1 << 20, 1000, 65_535);
        let lct = Lct::new(0, 0).with(&ext_fdt(1, id)).with(&ext_fti(&oti));
        listener.hear(&lct.packet(0, 0, &[b' '; 1000]));
    }
    listener.hear(&fdt(20_000, &fdt_xml("", &file(1, NO_CODE))));
    listener.hear_all(&source_packets(
        &Lct::new(1, 0),
        &no_code(LEN, E, 64),
        &octets,
    ));
    assert!(listener.content(1) == Some(&octets));
}

/// Ten minutes behind is expired, years ahead is believed for no more than a month.
#[test]
fn expiry_is_believed_within_reason() {
    let entry = file(1, NO_CODE);
    let document = |seconds| fdt_xml("", &entry).replace(&expires(3600), &expires(seconds));
    let mut late = listener();
    late.hear(&fdt(1, &document(-600)));
    assert_eq!(late.session.stats().fdt_expired, 1);
    let mut far = listener();
    far.hear(&fdt(1, &document(20 * 365 * 86_400)));
    far.hear(&Lct::new(1, 0).packet(0, 0, &[0; E]));
    assert!(matches!(far.events[..], [Event::Started { .. }]));
    far.now = far.now.plus(Duration::from_secs(31 * 86_400));
    far.hear(&Lct::new(1, 0).packet(0, 1, &[0; E]));
    assert!(matches!(far.events[..], [_, Event::Abandoned { .. }]));
}

#[test]
fn broken_documents_are_refused() {
    let good = fdt_xml("", &file(1, NO_CODE));
    for bad in [
        "<!DOCTYPE x [<!ENTITY a 'b'>]><FDT-Instance Expires='1'/>".to_owned(),
        good.replace("Expires", "Expire"),
        good.replace("</FDT-Instance>", ""),
        good.replace("FDT-Instance", "Instance"),
        fdt_xml("", &"<a>".repeat(100)),
        "\u{0}".repeat(100),
    ] {
        let mut listener = listener();
        listener.hear(&fdt(1, &bad));
        assert_eq!(listener.session.stats().fdt_instances, 0, "{bad:.60}");
        assert_eq!(listener.session.stats().fdt_refused, 1, "{bad:.60}");
    }
}

// Row 22: wrong octets under a right header.

/// The digest tells; the object is rejected and collected again.
#[test]
fn poisoned_objects_are_never_delivered_and_come_again() {
    let octets = octets();
    for (fec, oti) in [
        (NO_CODE, no_code(LEN, E, 64)),
        (RAPTOR_Q, raptor_q(LEN, 1, 1)),
    ] {
        let lct = Lct::new(1, oti.scheme().encoding_id());
        let packets = source_packets(&lct, &oti, &octets);
        let mut poison = packets[3].clone();
        poison[16..].fill(0xEE);
        let mut listener = listener();
        listener.hear(&fdt(1, &fdt_xml("", &file(1, fec))));
        listener.hear(&poison);
        listener.hear_all(&packets);
        assert_eq!(listener.heard[&1].content, Err(ContentError::Md5));
        let rejected = listener.heard[&1].object;
        assert!(listener.session.reject(rejected));
        assert!(!listener.session.reject(rejected));
        listener.hear_all(&packets);
        assert!(listener.content(1) == Some(&octets));
        assert_ne!(listener.heard[&1].object, rejected);
    }
}
