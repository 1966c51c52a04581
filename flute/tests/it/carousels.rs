//! What a session sends when: passes, turns, pacing, and how objects end.

use std::time::Duration;

use pushcast_flute::fec::{Oti, Scheme};
use pushcast_flute::sender::{EndReason, Event, ObjectKey, Priority, Rate, Repair, Withdrawal};

use crate::pair::{Impairment, Pair, Random, carousel, config, no_code, object, raptor_q};
use crate::scenarios::{MINUTE, goes_through};

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

/// A channel that carries less than is asked of it.
fn slow() -> pushcast_flute::sender::Config {
    pushcast_flute::sender::Config {
        rate: Some(Rate::bits_per_second(1_000_000)),
        ..config()
    }
}

#[test]
fn more_objects_than_airtime_all_get_through() {
    let mut pair = Pair::new(slow(), Impairment::default(), 4);
    let content = |toi: u32| Random::new(toi.into()).octets(300);
    for toi in 1..=1000 {
        let octets = content(toi);
        pair.send(object(toi, no_code(octets.len()), carousel(1)), &octets);
    }
    pair.run(Duration::from_secs(25));
    for toi in 1..=1000 {
        let received = pair.received.get(&toi.into());
        let octets = received.map(|received| &received.octets);
        assert_eq!(octets, Some(&content(toi)), "TOI {toi}");
    }
}

#[test]
fn an_urgent_object_does_not_wait_for_repeated_descriptions() {
    let mut pair = Pair::new(slow(), Impairment::default(), 5);
    let octets = Random::new(1).octets(100);
    let patient = pushcast_flute::sender::Carousel {
        delay_ms: 60_000,
        ..carousel(4)
    };
    for toi in 1..=400 {
        pair.send(object(toi, no_code(octets.len()), patient), &octets);
    }
    // All are between their passes: their instances alone are more than the channel carries.
    pair.run(Duration::from_secs(20));
    let before = pair.sent.len();
    pair.send(
        pushcast_flute::sender::Object {
            priority: Priority::High,
            ..object(401, no_code(octets.len()), carousel(1))
        },
        &octets,
    );
    pair.run(Duration::from_secs(1));
    let other = pair.sent[before..]
        .iter()
        .position(|(_, datagram)| datagram[10..12] == [1, 0x91])
        .unwrap();
    assert!(other <= 4, "{other} packets came before the urgent one");
    let repeated = pair.sent[..before].iter().rev().take(50);
    let repeated = repeated.filter(|(_, datagram)| datagram[10..12] == [0, 0]);
    assert!(repeated.count() > 40, "nothing was repeated");
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

#[test]
fn passes_of_repair_alone_complete_whoever_lacks_something() {
    let len = 500_000;
    let octets = Random::new(11).octets(len);
    let impairment = Impairment {
        loss: 30,
        ..Impairment::default()
    };
    let mut pair = Pair::new(config(), impairment, 12);
    let repair = Repair {
        percent: 20,
        source_passes: Some(1),
        ..Repair::default()
    };
    pair.send(
        pushcast_flute::sender::Object {
            repair,
            ..object(1, raptor_q(len), carousel(6))
        },
        &octets,
    );
    pair.run(20 * MINUTE);
    assert_eq!(pair.received[&1].octets, octets);
    let source_symbols = len.div_ceil(1400);
    let of_file = |(_, datagram): &&(_, Vec<u8>)| datagram[3] == 6;
    let esi =
        |datagram: &[u8]| u32::from_be_bytes(datagram[12..16].try_into().unwrap()) & 0xFF_FFFF;
    let blocks = raptor_q(len).blocks() as usize;
    let longest = raptor_q(len).max_block_symbols();
    let sent: Vec<_> = pair.sent.iter().filter(of_file).collect();
    let source = sent
        .iter()
        .filter(|(_, datagram)| esi(datagram) < longest - 1);
    assert!(
        source.count() <= source_symbols,
        "source symbols went out again"
    );
    let repair_per_pass = (sent.len() - source_symbols) / 6;
    assert!(
        repair_per_pass >= source_symbols / 5 - blocks,
        "{repair_per_pass}"
    );
}
