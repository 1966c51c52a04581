//! Objects go through whatever the network does to them.

use std::time::Duration;

use pushcast_flute::fec::{Oti, Scheme};
use pushcast_flute::receiver;
use pushcast_flute::sender::{EndReason, Event, ObjectKey, Priority, Repair, Withdrawal};

use crate::pair::{Impairment, Pair, Random, carousel, config, no_code, object, raptor_q};

const MINUTE: Duration = Duration::from_secs(60);

fn goes_through(scheme: Scheme, len: usize, passes: u32, impairment: Impairment) -> Pair {
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
fn every_pass_brings_other_repair_symbols() {
    let pair = goes_through(Scheme::RaptorQ, 140_000, 3, Impairment::default());
    let mut repair: Vec<&[u8]> = pair
        .sent
        .iter()
        .filter(|(_, datagram)| datagram[3] == 6 && datagram[12..16] >= [0, 0, 0, 100][..])
        .map(|(_, datagram)| &datagram[12..16])
        .collect();
    assert_eq!(repair.len(), 60);
    repair.sort_unstable();
    repair.dedup();
    assert_eq!(repair.len(), 60);
}

#[test]
fn an_urgent_object_overtakes_a_running_pass() {
    let large = Random::new(1).octets(5_000_000);
    let small = Random::new(2).octets(20_000);
    let mut pair = Pair::new(config(), Impairment::default(), 1);
    pair.send(object(1, no_code(large.len()), carousel(1)), &large);
    pair.run(Duration::from_millis(500));
    let before = pair.sent.len();
    pair.send(
        pushcast_flute::sender::Object {
            priority: Priority::High,
            ..object(2, no_code(small.len()), carousel(1))
        },
        &small,
    );
    pair.run(MINUTE);
    let other = pair.sent[before..]
        .iter()
        .position(|(_, datagram)| datagram[10..12] == [0, 2])
        .unwrap();
    assert!(
        other <= 3,
        "the urgent object came after {other} other packets"
    );
    let last_small = pair
        .sent
        .iter()
        .rposition(|(_, datagram)| datagram[10..12] == [0, 2])
        .unwrap();
    let between = pair.sent[before + other..last_small]
        .iter()
        .filter(|(_, d)| d[10..12] == [0, 1])
        .count();
    assert_eq!(between, 0);
    assert_eq!(pair.received.len(), 2);
}

#[test]
fn objects_of_one_class_share_the_channel() {
    let mut pair = Pair::new(
        config(),
        Impairment {
            loss: 5,
            ..Impairment::default()
        },
        9,
    );
    let contents: Vec<Vec<u8>> = (1..=40)
        .map(|toi| Random::new(toi).octets(5_000 * toi as usize))
        .collect();
    for (toi, octets) in (1..).zip(&contents) {
        let oti = if toi % 2 == 0 {
            no_code(octets.len())
        } else {
            raptor_q(octets.len())
        };
        pair.send(object(toi, oti, carousel(6)), octets);
    }
    pair.run(10 * MINUTE);
    for (toi, octets) in (1..).zip(&contents) {
        assert_eq!(
            pair.received.get(&toi).map(|received| &received.octets),
            Some(octets),
            "TOI {toi}"
        );
    }
}

#[test]
fn pacing_holds_the_rate_on_the_wire() {
    let octets = Random::new(3).octets(10_000_000);
    let mut pair = Pair::new(config(), Impairment::default(), 3);
    pair.send(object(1, no_code(octets.len()), carousel(1)), &octets);
    pair.run(Duration::from_secs(2));
    let bits: usize = pair
        .sent
        .iter()
        .map(|(_, datagram)| (datagram.len() + 28) * 8)
        .sum();
    assert!(
        bits.abs_diff(40_000_000) < 400_000,
        "{bits} bits in two seconds at 20 Mbit/s"
    );
}

#[test]
fn pauses_between_passes_are_no_lateness() {
    let octets = Random::new(11).octets(3_000);
    let mut pair = Pair::new(config(), Impairment::default(), 11);
    let patient = pushcast_flute::sender::Carousel {
        delay_ms: 5_000,
        ..carousel(4)
    };
    pair.send(object(1, no_code(octets.len()), patient), &octets);
    pair.run(MINUTE);
    assert_eq!(pair.sender.stats().late_ns, 0);
}

#[test]
fn an_object_is_withdrawn_before_its_first_packet_only() {
    let octets = Random::new(4).octets(100_000);
    let mut pair = Pair::new(config(), Impairment::default(), 4);
    pair.send(object(1, no_code(octets.len()), carousel(9)), &octets);
    assert_eq!(
        pair.sender.withdraw(ObjectKey(1)),
        Some(Withdrawal::Withdrawn)
    );
    pair.run(MINUTE);
    assert!(pair.sent.is_empty());
    pair.send(object(2, no_code(octets.len()), carousel(9)), &octets);
    pair.run(Duration::from_millis(10));
    assert_eq!(
        pair.sender.withdraw(ObjectKey(2)),
        Some(Withdrawal::AlreadySent)
    );
    assert_eq!(pair.sender.withdraw(ObjectKey(3)), None);
}

#[test]
fn a_stopped_carousel_ends_with_its_next_packet() {
    let octets = Random::new(5).octets(100_000);
    let mut pair = Pair::new(config(), Impairment::default(), 5);
    pair.send(object(1, no_code(octets.len()), carousel(1000)), &octets);
    pair.run(Duration::from_secs(3));
    assert!(pair.sender.stop(ObjectKey(1)));
    let before = pair.sent.len();
    pair.run(MINUTE);
    let after = &pair.sent[before..];
    assert!(after.len() <= 3, "{} packets after the stop", after.len());
    assert_eq!(after.last().unwrap().1[1] & 1, 1);
    assert_eq!(
        pair.sender_events.last(),
        Some(&Event::Ended {
            object: ObjectKey(1),
            reason: EndReason::Stopped
        })
    );
    assert_eq!(pair.sender.poll_timeout(), None);
}

#[test]
fn nothing_is_sent_at_or_after_the_end_time() {
    let octets = Random::new(6).octets(2_000_000);
    let mut pair = Pair::new(config(), Impairment::default(), 6);
    let until_unix_ms = pair.now.unix_ms + 2_500;
    let endless = pushcast_flute::sender::Carousel {
        passes: None,
        until_unix_ms,
        ..carousel(1)
    };
    pair.send(object(1, no_code(octets.len()), endless), &octets);
    pair.run(MINUTE);
    assert!(pair.sent.iter().all(|(now, _)| now.unix_ms < until_unix_ms));
    assert!(matches!(
        pair.sender_events.last(),
        Some(Event::Ended {
            object: ObjectKey(1),
            ..
        })
    ));
    // Two passes of 0.82 s fit, with B on the last packet because a third would not.
    assert_eq!(pair.sent.last().unwrap().1[1] & 1, 1);
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

#[test]
fn a_session_that_takes_over_sends_other_repair_symbols() {
    let len = 70_000;
    let octets = Random::new(10).octets(len);
    let esis = |offset: u32, passes_done: u32| {
        let mut pair = Pair::new(config(), Impairment::default(), 10);
        let resumed = pushcast_flute::sender::Carousel {
            passes_done,
            ..carousel(passes_done + 1)
        };
        let repair = Repair {
            offset,
            ..Repair::default()
        };
        pair.send(
            pushcast_flute::sender::Object {
                repair,
                ..object(1, raptor_q(len), resumed)
            },
            &octets,
        );
        pair.run(MINUTE);
        let esi = |datagram: &[u8]| u32::from_be_bytes(datagram[12..16].try_into().unwrap());
        let repair = pair
            .sent
            .iter()
            .filter(|(_, datagram)| datagram[3] == 6)
            .map(|(_, datagram)| esi(datagram));
        repair.filter(|esi| *esi >= 50).collect::<Vec<_>>()
    };
    assert_eq!(esis(0, 0), (50..60).collect::<Vec<_>>());
    assert_eq!(esis(0, 1), (60..70).collect::<Vec<_>>());
    assert_eq!(esis(1 << 16, 0), (65_586..65_596).collect::<Vec<_>>());
    assert!(matches!(raptor_q(len), Oti::RaptorQ(_)));
}
