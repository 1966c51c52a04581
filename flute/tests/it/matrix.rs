//! What senders are known to send, packet by packet, and what the receiver makes of it: a file of
//! 200 003 octets in symbols of 1400.

mod gzip;
mod repair;

use pushcast_flute::content;
use pushcast_flute::fec::raptorq::Encoder;
use pushcast_flute::fec::{Oti, Scheme};
use pushcast_flute::ids::{Esi, Sbn};
use pushcast_flute::lct::Version;
use pushcast_flute::receiver::{Config, Event};

use crate::listener::Listener;
use crate::packets::{
    E, Lct, expires, ext_fti, fdt, fdt_packets, fdt_xml, no_code, raptor_q, source_packets,
};
use crate::pair::Random;

const LEN: usize = 200_003;
const NO_CODE: &str = r#"FEC-OTI-FEC-Encoding-ID="0" FEC-OTI-Maximum-Source-Block-Length="64" FEC-OTI-Encoding-Symbol-Length="1400""#;

fn octets() -> Vec<u8> {
    Random::new(18).octets(LEN)
}

/// A file that compresses to a part of its length.
fn text() -> Vec<u8> {
    let line = |at: usize| format!("{at} the river rises by {} cm\n", at * at % 997);
    let mut text = (0..).flat_map(|at| line(at).into_bytes());
    text.by_ref().take(LEN).collect()
}

fn file(attributes: &str) -> String {
    format!(r#"<File TOI="1" Content-Location="urn:f" {attributes}/>"#)
}

fn identity() -> String {
    file(&format!(r#"Content-Length="{LEN}" {NO_CODE}"#))
}

fn in_no_code() -> Oti {
    no_code(LEN, E, 64)
}

fn lct() -> Lct {
    Lct::new(1, 0)
}

fn listener() -> Listener {
    Listener::new(Config::default())
}

/// The receiver after it heard all of these.
fn heard<'a>(datagrams: impl IntoIterator<Item = &'a Vec<u8>>) -> Listener {
    let mut listener = listener();
    listener.hear_all(datagrams);
    listener
}

/// Whether the file of `octets` comes through an FDT as given and these packets.
fn succeeds(xml: &str, packets: &[Vec<u8>], octets: &[u8]) {
    let fdt = fdt(1, xml);
    let listener = heard(std::iter::once(&fdt).chain(packets));
    let stats = listener.session.stats();
    assert!(listener.content(1) == Some(octets), "{xml}: {stats:?}");
}

fn succeeds_plain(xml: &str) {
    let octets = octets();
    succeeds(
        xml,
        &source_packets(&lct(), &in_no_code(), &octets),
        &octets,
    );
}

#[test]
fn either_version_of_the_fdt_extension() {
    let octets = octets();
    for version in [1, 2] {
        let mut fdt = fdt(1, &fdt_xml("", &identity()));
        fdt[13] = version << 4;
        let packets = source_packets(&lct(), &in_no_code(), &octets);
        let listener = heard(std::iter::once(&fdt).chain(&packets));
        assert!(listener.content(1) == Some(&octets));
    }
}

#[test]
fn the_last_symbol_short_or_padded() {
    let octets = octets();
    succeeds_plain(&fdt_xml("", &identity()));
    let mut packets = source_packets(&lct(), &in_no_code(), &octets);
    packets.last_mut().unwrap().resize(16 + E, 0);
    succeeds(&fdt_xml("", &identity()), &packets, &octets);
}

#[test]
fn the_file_before_its_fdt() {
    let octets = octets();
    let mut packets = source_packets(&lct(), &in_no_code(), &octets);
    packets.push(fdt(1, &fdt_xml("", &identity())));
    assert!(heard(&packets).content(1) == Some(&octets));
}

#[test]
fn an_fdt_of_five_packets_backwards() {
    let xml = fdt_xml("", &identity());
    let mut packets = fdt_packets(&lct(), 1, xml.as_bytes(), xml.len().div_ceil(5));
    assert_eq!(packets.len(), 5);
    packets.reverse();
    let octets = octets();
    packets.extend(source_packets(&lct(), &in_no_code(), &octets));
    assert!(heard(&packets).content(1) == Some(&octets));
}

#[test]
fn every_namespace_and_prefix() {
    let known = "urn:IETF:metadata:2005:FLUTE:FDT";
    let xml = fdt_xml("", &identity());
    for other in [
        "http://www.example.com/flute",
        "urn:ietf:params:xml:ns:fdt",
        "urn:3GPP:metadata:2022:FLUTE:FDT",
        "urn:unknown",
    ] {
        succeeds_plain(&xml.replace(known, other));
    }
    succeeds_plain(&xml.replace(&format!(" xmlns=\"{known}\""), ""));
    let prefixed = xml
        .replace("xmlns=", "xmlns:f=")
        .replace("FDT-Instance", "f:FDT-Instance")
        .replace("<File", "<f:File");
    succeeds_plain(&prefixed);
}

#[test]
fn the_form_of_2022() {
    let children = "<Cache-Control><no-cache>true</no-cache></Cache-Control>";
    let expires = format!(r#"Expires="{}""#, expires(600));
    let file = identity().replace("/>", &format!(" {expires}>{children}</File>"));
    let xml = fdt_xml("", &format!("{file}<schemaVersion>2</schemaVersion>"));
    succeeds_plain(&xml.replace("2005:FLUTE", "2022:FLUTE"));
}

#[test]
fn a_gzip_fdt() {
    let octets = octets();
    let xml = content::gzip(fdt_xml("", &identity()).as_bytes());
    let cenc = lct().with(&[193, 3, 0, 0]);
    let mut packets = fdt_packets(&cenc, 1, &xml, 100);
    packets.extend(source_packets(&lct(), &in_no_code(), &octets));
    assert!(heard(&packets).content(1) == Some(&octets));
}

#[test]
fn extensions_on_file_packets() {
    let octets = octets();
    let lct = lct()
        .with(&[2, 3, 0xC0, 0, 0xEA, 0, 0, 0, 0x80, 0, 0, 0])
        .with(&[0, 1, 0, 0])
        .with(&[200, 1, 2, 3])
        .with(&[100, 2, 1, 2, 3, 4, 5, 6]);
    let packets = source_packets(&lct, &in_no_code(), &octets);
    succeeds(&fdt_xml("", &identity()), &packets, &octets);
}

#[test]
fn numbers_of_32_and_48_bits() {
    let octets = octets();
    for bytes in [4, 6] {
        let lct = Lct {
            tsi_bytes: bytes,
            toi_bytes: bytes,
            ..lct()
        };
        let xml = fdt_xml("", &identity());
        let mut packets = fdt_packets(&lct, 1, xml.as_bytes(), E);
        packets.extend(source_packets(&lct, &in_no_code(), &octets));
        assert!(heard(&packets).content(1) == Some(&octets));
    }
}

#[test]
fn parameters_on_the_instance() {
    let xml = fdt_xml(NO_CODE, &file(&format!(r#"Content-Length="{LEN}""#)));
    succeeds_plain(&xml);
}

#[test]
fn without_an_encoding_id_the_codepoint_tells() {
    let xml = fdt_xml("", &identity());
    succeeds_plain(&xml.replace(r#"FEC-OTI-FEC-Encoding-ID="0""#, ""));
}

#[test]
fn without_any_parameters_nothing_is_guessed() {
    let fdt = fdt(
        1,
        &fdt_xml("", &file(&format!(r#"Content-Length="{LEN}""#))),
    );
    let packets = source_packets(&lct(), &in_no_code(), &octets());
    let listener = heard(std::iter::once(&fdt).chain(&packets));
    assert_eq!(listener.events, []);
    assert!(listener.session.stats().entries_refused > 0);
}

#[test]
fn ext_fti_in_place_of_fdt_parameters() {
    let octets = octets();
    let xml = fdt_xml("", &file(&format!(r#"Content-Length="{LEN}""#)));
    let lct = lct().with(&ext_fti(&in_no_code()));
    succeeds(&xml, &source_packets(&lct, &in_no_code(), &octets), &octets);
}

#[test]
fn closing_flags_on_the_last_packet() {
    let octets = octets();
    for flag in [1, 2] {
        let mut packets = source_packets(&lct(), &in_no_code(), &octets);
        packets.last_mut().unwrap()[1] |= flag;
        succeeds(&fdt_xml("", &identity()), &packets, &octets);
    }
}

#[test]
fn closing_flags_on_every_packet_lose_nothing() {
    let octets = octets();
    for flag in [1, 2] {
        let mut packets = source_packets(&lct(), &in_no_code(), &octets);
        packets.iter_mut().for_each(|packet| packet[1] |= flag);
        succeeds(&fdt_xml("", &identity()), &packets, &octets);
    }
}

#[test]
fn a_bare_close_closes_and_no_more() {
    let octets = octets();
    let xml = fdt(1, &fdt_xml("", &identity()));
    let packets = source_packets(&lct(), &in_no_code(), &octets);
    let close = vec![0x10, 0x82, 3, 0, 0, 0, 0, 0, 0, 0, 0, 7];
    let datagrams = [&xml, &packets[0], &close].into_iter();
    let listener = heard(datagrams.chain(&packets[1..]));
    assert!(matches!(
        listener.events[1..3],
        [Event::NoMoreSymbols { .. }, Event::SessionClosed { .. }]
    ));
    assert!(listener.content(1) == Some(&octets));
}

#[test]
fn a_second_pass_fills_the_gaps() {
    let octets = octets();
    let packets = source_packets(&lct(), &in_no_code(), &octets);
    let kept = |pass: usize| {
        let numbered = packets.iter().enumerate();
        numbered.filter(move |(at, _)| at % 7 != pass)
    };
    let both: Vec<_> = kept(0).chain(kept(1)).map(|(_, p)| p.clone()).collect();
    succeeds(&fdt_xml("", &identity()), &both, &octets);
}

#[test]
fn several_symbols_in_a_packet() {
    let octets = octets();
    let oti = in_no_code();
    for symbols in [2, 3, 40] {
        let mut packets = Vec::new();
        for sbn in 0..oti.blocks() {
            let range = oti.block(Sbn(sbn)).unwrap().range;
            let block = &octets[range.start as usize..range.end as usize];
            let groups = block.chunks(symbols * E).enumerate();
            packets
                .extend(groups.map(|(at, group)| lct().packet(sbn, (at * symbols) as u32, group)));
        }
        succeeds(&fdt_xml("", &identity()), &packets, &octets);
    }
}

#[test]
fn obsolete_time_words_are_skipped_in_version_1() {
    let octets = octets();
    let times = |times| Lct { times, ..lct() };
    for lct in [
        times([Some(1000), None]),
        times([None, Some(0)]),
        times([Some(u32::MAX), Some(0x4004_0000)]),
    ] {
        let packets = source_packets(&lct, &in_no_code(), &octets);
        succeeds(&fdt_xml("", &identity()), &packets, &octets);
    }
}

#[test]
fn reserved_bits_mean_nothing_in_version_2() {
    let octets = octets();
    let mut listener = Listener::new(Config {
        version: Version::V2,
        ..Config::default()
    });
    listener.hear(&fdt(1, &fdt_xml("", &identity())));
    for mut packet in source_packets(&lct(), &in_no_code(), &octets) {
        packet[1] |= 0x0C;
        listener.hear(&packet);
    }
    assert!(listener.content(1) == Some(&octets));
}

#[test]
fn an_expired_fdt_describes_nothing() {
    let xml = fdt_xml("", &identity()).replace(&expires(3600), &expires(-60));
    let fdt = fdt(1, &xml);
    let packets = source_packets(&lct(), &in_no_code(), &octets());
    let listener = heard(std::iter::once(&fdt).chain(&packets));
    assert_eq!(listener.events, []);
    assert_eq!(listener.session.stats().fdt_expired, 1);
}

/// A receiver whose clock is two seconds ahead hears a file whose FDT lives for one more.
#[test]
fn small_differences_of_clocks_do_no_harm() {
    let xml = fdt_xml("", &identity()).replace(&expires(3600), &expires(-2));
    let octets = octets();
    let mut listener = listener();
    listener.hear(&fdt(1, &xml));
    for packet in source_packets(&lct(), &in_no_code(), &octets) {
        listener.now = listener.now.plus(std::time::Duration::from_millis(10));
        listener.hear(&packet);
    }
    assert!(listener.content(1) == Some(&octets));
}

/// Nothing new starts on the word of an instance that expired meanwhile.
#[test]
fn an_entry_that_expired_starts_nothing() {
    let mut listener = listener();
    let xml = fdt_xml("", &identity()).replace(&expires(3600), &expires(2));
    listener.hear(&fdt(1, &xml));
    for packet in source_packets(&lct(), &in_no_code(), &octets()) {
        listener.now = listener.now.plus(std::time::Duration::from_secs(20));
        listener.hear(&packet);
    }
    assert!(listener.events.is_empty());
}

/// RFC 3926 3.2: a later instance may add to what an earlier one said.
#[test]
fn a_later_instance_completes_an_entry() {
    let octets = octets();
    let mut listener = listener();
    let packets = source_packets(&lct(), &in_no_code(), &octets);
    let bare = file(&format!(r#"Content-Length="{LEN}""#));
    listener.hear(&fdt(1, &fdt_xml("", &bare)));
    listener.hear(&packets[0]);
    listener.hear(&fdt(2, &fdt_xml("", &identity())));
    listener.hear_all(&packets);
    assert!(listener.content(1) == Some(&octets));
}
