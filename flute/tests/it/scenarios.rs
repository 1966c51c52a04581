//! Objects go through whatever the network does to them.

use std::time::Duration;

use pushcast_flute::fec::Scheme;
use pushcast_flute::receiver;
use pushcast_flute::sender::{EndReason, Event, ObjectKey};

use crate::pair::{Impairment, Pair, Random, carousel, config, no_code, object, raptor_q};

pub const MINUTE: Duration = Duration::from_secs(60);

pub fn goes_through(scheme: Scheme, len: usize, passes: u32, impairment: Impairment) -> Pair {
    let octets = Random::new(len as u64 + 1).octets(len);
    let oti = if scheme == Scheme::NoCode {
        no_code(len)
    } else {
        raptor_q(len)
    };
    let mut pair = Pair::new(config(), impairment, 42);
    pair.send(object(1, oti, carousel(passes)), &octets);
    pair.run(20 * MINUTE);
    let received = pair
        .received
        .get(&1)
        .unwrap_or_else(|| panic!("{len} octets: {:?}", pair.receiver.stats()));
    assert_eq!(received.octets, octets, "{len} octets");
    pair
}

#[test]
fn objects_of_every_size_arrive_over_a_perfect_network() {
    for len in [0, 1, 1399, 1400, 1401, 200_003, 3_000_000] {
        for scheme in [Scheme::NoCode, Scheme::RaptorQ] {
            let pair = goes_through(scheme, len, 1, Impairment::default());
            assert_eq!(pair.receiver.stats().malformed, 0);
            assert_eq!(
                pair.sender_events.last(),
                Some(&Event::Ended {
                    object: ObjectKey(1),
                    reason: EndReason::Complete
                })
            );
        }
    }
}

#[test]
fn raptorq_fills_a_fifth_lost_with_fresh_repair_symbols() {
    let impairment = Impairment {
        loss: 20,
        ..Impairment::default()
    };
    let pair = goes_through(Scheme::RaptorQ, 500_000, 2, impairment);
    let reception = pair.received[&1].reception;
    assert!(
        reception.symbols_received <= reception.symbols_needed + 6,
        "{reception:?}"
    );
}

#[test]
fn no_code_fills_a_tenth_lost_with_its_carousel() {
    goes_through(
        Scheme::NoCode,
        200_003,
        8,
        Impairment {
            loss: 10,
            ..Impairment::default()
        },
    );
}

#[test]
fn bursts_reordering_and_duplicates_do_no_harm() {
    let impairment = Impairment {
        burst_every: 500,
        burst_len: 40,
        duplicates: 5,
        reordered: 5,
        overtakers: 100,
        ..Impairment::default()
    };
    let pair = goes_through(Scheme::RaptorQ, 1_000_000, 1, impairment);
    assert!(pair.receiver.stats().duplicates + pair.receiver.stats().of_completed > 10);
    goes_through(Scheme::NoCode, 1_000_000, 4, impairment);
}

#[test]
fn a_late_receiver_completes_in_a_later_pass() {
    goes_through(
        Scheme::NoCode,
        200_003,
        2,
        Impairment {
            late_join: 100,
            ..Impairment::default()
        },
    );
    goes_through(
        Scheme::RaptorQ,
        200_003,
        2,
        Impairment {
            late_join: 100,
            ..Impairment::default()
        },
    );
}

#[test]
fn symbols_that_come_before_the_fdt_are_not_lost() {
    let pair = goes_through(
        Scheme::NoCode,
        200_003,
        1,
        Impairment {
            fdt_lost: 2,
            ..Impairment::default()
        },
    );
    assert_eq!(
        pair.sent
            .iter()
            .filter(|(_, datagram)| datagram[10..12] == [0, 0])
            .count(),
        3
    );
}

#[test]
fn the_last_packet_and_no_other_closes_the_object() {
    for scheme in [Scheme::NoCode, Scheme::RaptorQ] {
        let pair = goes_through(scheme, 30_000, 3, Impairment::default());
        let closing = pair
            .sent
            .iter()
            .rposition(|(_, datagram)| datagram[1] & 1 == 1);
        assert_eq!(closing, Some(pair.sent.len() - 1));
        assert_eq!(
            pair.sent
                .iter()
                .filter(|(_, datagram)| datagram[1] & 1 == 1)
                .count(),
            1
        );
        assert!(
            pair.sent.iter().all(|(_, datagram)| datagram[1] & 2 == 0),
            "A belongs to the end of a session"
        );
    }
}

#[test]
fn an_expiring_instance_is_renewed_under_another_id() {
    let octets = Random::new(7).octets(10_000);
    let mut pair = Pair::new(config(), Impairment::default(), 7);
    let slow = pushcast_flute::sender::Carousel {
        delay_ms: 60_000,
        ..carousel(200)
    };
    pair.send(object(1, no_code(octets.len()), slow), &octets);
    pair.run(Duration::from_secs(3 * 3600));
    let fdts = pair
        .sent
        .iter()
        .filter(|(_, datagram)| datagram[10..12] == [0, 0]);
    let mut contents = std::collections::BTreeMap::new();
    for (_, datagram) in fdts {
        let id = u32::from_be_bytes(datagram[12..16].try_into().unwrap()) & 0xF_FFFF;
        let known = contents.entry(id).or_insert_with(|| datagram.clone());
        assert_eq!(known, datagram, "FDT Instance {id} changed");
    }
    assert!(
        contents.len() >= 3,
        "{} instances in three hours",
        contents.len()
    );
}

#[test]
fn a_receiver_says_what_is_missing() {
    let octets = Random::new(8).octets(140_000);
    let mut pair = Pair::new(
        config(),
        Impairment {
            burst_every: 1000,
            burst_len: 21,
            ..Impairment::default()
        },
        8,
    );
    pair.send(object(1, no_code(octets.len()), carousel(1)), &octets);
    pair.run(MINUTE);
    assert!(pair.received.is_empty());
    let Some(receiver::Event::NoMoreSymbols { object }) = pair.receiver_events.last().cloned()
    else {
        panic!("{:?}", pair.receiver_events.last())
    };
    let missing = pair.receiver.missing(object).unwrap();
    assert_eq!(missing.len(), 1);
    assert_eq!(
        missing[0].needed,
        missing[0]
            .source
            .iter()
            .map(|range| range.end - range.start)
            .sum::<u32>()
    );
    assert_eq!(missing[0].source[0].start, 0);
}

#[test]
fn foreign_sources_and_sessions_are_not_heard() {
    let octets = Random::new(9).octets(10_000);
    let mut pair = Pair::new(
        config(),
        Impairment {
            loss: 100,
            ..Impairment::default()
        },
        9,
    );
    pair.send(object(1, no_code(octets.len()), carousel(1)), &octets);
    pair.run(MINUTE);
    let sent = std::mem::take(&mut pair.sent);
    for (now, mut datagram) in sent {
        pair.receiver
            .handle_datagram(now, "192.0.2.66".parse().unwrap(), &datagram);
        datagram[9] = 8;
        pair.receiver
            .handle_datagram(now, crate::pair::SOURCE, &datagram);
    }
    let stats = pair.receiver.stats();
    assert_eq!(stats.foreign_source * 2, stats.datagrams);
    assert_eq!(stats.foreign_tsi * 2, stats.datagrams);
    assert!(pair.receiver.poll_event().is_none());
}
