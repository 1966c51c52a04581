//! How much memory strangers can make a receiver hold. Each test counts the allocations of its own
//! thread: a session has no other.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where")]
#![allow(unsafe_code, reason = "a counting allocator cannot be written without")]

#[path = "it/packets.rs"]
#[allow(dead_code, reason = "shared with the other tests, not all used here")]
mod packets;

/// What [`packets`] needs of the other tests.
mod listener {
    use pushcast_flute::Now;

    pub const START: Now = Now {
        mono_ns: 0,
        unix_ms: 1_790_000_000_000,
    };
}

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr};

use listener::START;
use packets::{Lct, ext_fdt, fdt, fdt_xml};
use pushcast_flute::content::{self, Decoder, Encoding};
use pushcast_flute::receiver::{Config, Limits, Session};

const MIB: usize = 1 << 20;
const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
    static EVER: Cell<usize> = const { Cell::new(0) };
}

struct Counting;

fn count(bytes: isize) {
    let held = HELD.get() + bytes;
    HELD.set(held);
    PEAK.set(PEAK.get().max(held));
    EVER.set(EVER.get() + bytes.max(0) as usize);
}

// SAFETY: every call goes to the system allocator unchanged; the counters are plain cells that
// allocate nothing and have no destructor.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller's promises are those of the system allocator.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller's promises are those of the system allocator.
        unsafe { System.dealloc(at, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// The most octets that `run` held at one time beyond those it found.
fn peak(run: impl FnOnce()) -> usize {
    let before = HELD.get();
    PEAK.set(before);
    run();
    (PEAK.get() - before) as usize
}

fn hear(session: &mut Session, datagram: &[u8]) {
    session.handle_datagram(START, SOURCE, datagram);
    while session.poll_event().is_some() {}
}

fn session(limits: Limits) -> Session {
    Session::new(Config {
        limits,
        ..Config::default()
    })
}

/// RaptorQ parameters as EXT_FTI carries them, true or not.
fn raptorq_fti(length: u64, symbol: u16, z: u8, n: u16, al: u8) -> Vec<u8> {
    let mut out = vec![64, 4];
    out.extend_from_slice(&length.to_be_bytes()[3..]);
    out.push(0);
    out.extend_from_slice(&symbol.to_be_bytes());
    out.push(z);
    out.extend_from_slice(&n.to_be_bytes());
    out.extend_from_slice(&[al, 0, 0]);
    out
}

fn no_code_fti(length: u64, symbol: u16, block: u32) -> Vec<u8> {
    let mut out = vec![64, 4];
    out.extend_from_slice(&length.to_be_bytes()[2..]);
    out.extend_from_slice(&[0, 0]);
    out.extend_from_slice(&symbol.to_be_bytes());
    out.extend_from_slice(&block.to_be_bytes());
    out
}

fn entry(toi: u32, length: u64) -> String {
    format!(r#"<File TOI="{toi}" Content-Location="urn:{toi}" Content-Length="{length}"/>"#)
}

#[test]
fn lies_about_the_size_allocate_nothing() {
    let lies = [
        (6, raptorq_fti(1 << 39, 1400, 1, 1, 4)),
        (6, raptorq_fti((1 << 40) - 1, 1400, 255, 1, 4)),
        (6, raptorq_fti(1 << 30, 0, 1, 1, 4)),
        (6, raptorq_fti(1 << 30, 1400, 0, 1, 4)),
        (6, raptorq_fti(1 << 30, 1400, 1, 0, 4)),
        (6, raptorq_fti(1 << 30, 1401, 1, 1, 4)),
        (6, raptorq_fti(1 << 30, 1400, 1, 1, 0)),
        (6, raptorq_fti(56_404 * 4, 4, 1, 1, 4)),
        (0, no_code_fti((1 << 48) - 1, 1, 65_535)),
        (0, no_code_fti((1 << 48) - 1, 65_535, 65_535)),
        (0, no_code_fti(1 << 30, 0, 64)),
        (0, no_code_fti(1 << 30, 1400, 0)),
        (0, no_code_fti(1 << 33, 1, u32::MAX)),
    ];
    for (codepoint, fti) in lies {
        let datagram = Lct::new(1, codepoint).with(&fti).packet(0, 0, &[0; 1400]);
        let with_fdt = Lct::new(0, codepoint)
            .with(&ext_fdt(1, 9))
            .with(&fti)
            .packet(0, 0, &[0; 1400]);
        let described = fdt(
            1,
            &fdt_xml("", r#"<File TOI="1" Content-Location="urn:1"/>"#),
        );
        let mut session = session(Limits::default());
        let most = peak(|| {
            for datagram in [&with_fdt, &described, &datagram, &datagram] {
                hear(&mut session, datagram);
            }
        });
        assert!(most < MIB / 4, "{codepoint} {fti:?}: {most}");
        assert!(session.stats().fdt_refused > 0, "{codepoint} {fti:?}");
        assert!(session.stats().entries_refused > 0, "{codepoint} {fti:?}");
    }
}

/// The memory that symbols of one octet take counts, not their octet.
#[test]
fn tiny_symbols_stay_within_the_bound() {
    let limits = Limits {
        symbol_bytes: 8 * MIB,
        ..Limits::default()
    };
    let mut session = session(limits);
    let blocks = 255u8;
    let length = u64::from(blocks) * 8000;
    let files: String = (1..=20).map(|toi| entry(toi, length)).collect();
    hear(&mut session, &fdt(1, &fdt_xml("", &files)));
    let fti = raptorq_fti(length, 1, blocks, 1, 1);
    let most = peak(|| {
        for toi in 1..=3 {
            let lct = Lct::new(toi, 6).with(&fti);
            for sbn in 0..u32::from(blocks) / 3 {
                hear(&mut session, &lct.packet(sbn, 0, &[1; 7990]));
            }
        }
    });
    println!("tiny symbols: {most} octets");
    assert!(most < 2 * limits.symbol_bytes, "{most}");
}

#[test]
fn fdt_instances_of_tiny_symbols_stay_small() {
    let limits = Limits::default();
    let mut session = session(limits);
    let most = peak(|| {
        for (id, symbol, symbols) in
            (0..20).flat_map(|id| [(2 * id, 1, 4100), (2 * id + 1, 128, 32)])
        {
            let fti = raptorq_fti(1 << 20, symbol, 255, 1, 1);
            let lct = Lct::new(0, 6).with(&ext_fdt(1, id)).with(&fti);
            for sbn in 0..255 {
                let symbols = vec![1; symbols * usize::from(symbol)];
                hear(&mut session, &lct.packet(sbn, 0, &symbols));
            }
        }
    });
    println!("tiny FDT symbols: {most} octets");
    assert!(most < 3 * limits.fdt_instances * limits.fdt_bytes, "{most}");
}

#[test]
fn packets_before_their_fdt_stay_within_the_bound() {
    let limits = Limits {
        early_bytes: 4 * MIB,
        ..Limits::default()
    };
    for octets in [0, 1, 200, 1400] {
        let mut session = session(limits);
        let most = peak(|| {
            for toi in 1..=100_000 {
                let lct = Lct {
                    toi_bytes: 6,
                    ..Lct::new(toi, 0)
                };
                hear(&mut session, &lct.packet(0, 0, &vec![0; octets]));
            }
        });
        println!("early packets of {octets}: {most} octets");
        assert!(most < 2 * limits.early_bytes, "{octets}: {most}");
        assert!(session.stats().early_dropped > 0);
    }
}

#[test]
fn an_fdt_flood_stays_within_the_bound() {
    let limits = Limits::default();
    let mut session = session(limits);
    let most = peak(|| {
        for id in 0..100_000u32 {
            let xml = fdt_xml("", &entry(id + 1, 1000));
            hear(&mut session, &fdt(id, &xml));
        }
    });
    println!("FDT flood: {most} octets");
    assert!(most < 16 * MIB, "{most}");
    assert_eq!(session.stats().fdt_instances, 100_000);
}

/// The longest block there is, completed by repair symbols only: what the codec needs on top.
#[test]
fn the_longest_block_decodes_within_bounds() {
    const K: u32 = 56_403;
    let mut session = session(Limits::default());
    let length = u64::from(K) * 4;
    hear(&mut session, &fdt(1, &fdt_xml("", &entry(1, length))));
    let lct = Lct::new(1, 6).with(&raptorq_fti(length, 4, 1, 1, 4));
    let mut at = K;
    let most = peak(|| {
        while session.stats().of_completed == 0 && at < 2 * K {
            let symbols = if at + 10_000 < 2 * K { 10_000 } else { 1 };
            hear(&mut session, &lct.packet(0, at, &vec![7; symbols * 4]));
            at += symbols as u32;
        }
    });
    println!("longest block: {most} octets");
    // The codec works on a matrix of some thousand rows meanwhile; it does so once at a time.
    assert!(most < 256 * MIB, "{most}");
}

/// Symbols that fit two different blocks never decode, however many come. What the attempts cost
/// is told by what they allocate.
#[test]
fn a_block_that_never_decodes_costs_few_attempts() {
    const K: u32 = 5000;
    let oti = pushcast_flute::fec::raptorq::Oti::new(u64::from(K), 1, 1, 1, 1).unwrap();
    let block: Vec<u8> = (0..K).map(|at| (at * 31 + at / 7) as u8).collect();
    let encoder =
        pushcast_flute::fec::raptorq::Encoder::new(&oti, pushcast_flute::ids::Sbn(0), &block);
    let mut symbols = Vec::new();
    encoder
        .unwrap()
        .repair(pushcast_flute::ids::Esi(K), 300 * K, &mut symbols)
        .unwrap();
    // Of this block these symbols are 0, as they are of a block of zeros.
    let both: Vec<u32> = symbols
        .iter()
        .zip(K..)
        .filter(|(symbol, _)| **symbol == 0)
        .map(|(_, esi)| esi)
        .collect();
    assert!(both.len() > K as usize + 100);
    let mut session = session(Limits::default());
    hear(&mut session, &fdt(1, &fdt_xml("", &entry(1, u64::from(K)))));
    let lct = Lct::new(1, 6).with(&raptorq_fti(u64::from(K), 1, 1, 1, 1));
    let mut hear_some = |esis: &[u32]| {
        let before = EVER.get();
        for esi in esis {
            hear(&mut session, &lct.packet(0, *esi, &[0]));
        }
        assert_eq!(session.stats().of_completed, 0);
        EVER.get() - before
    };
    let (few, more) = both.split_at(K as usize);
    let first = hear_some(few);
    let others = hear_some(&more[..100]);
    println!("first attempt: {first} octets, all others: {others}");
    assert!(others < 16 * first, "{first} {others}");
}

/// The longest values that an entry may have, in all entries of a session.
#[test]
fn fat_entries_stay_within_the_bound() {
    let mut session = session(Limits::default());
    let groups: String = (0..64)
        .map(|_| format!("<Group>{}</Group>", "g".repeat(1000)))
        .collect();
    let most = peak(|| {
        for id in 0..100u32 {
            let files: String = (0..14)
                .map(|at| {
                    let toi = id * 14 + at + 1;
                    format!(r#"<File TOI="{toi}" Content-Location="urn:{toi}">{groups}</File>"#)
                })
                .collect();
            let packets =
                packets::fdt_packets(&Lct::new(0, 0), id, fdt_xml("", &files).as_bytes(), 60_000);
            for packet in packets {
                hear(&mut session, &packet);
            }
        }
    });
    println!("fat entries: {most} octets");
    assert!(most < 64 * MIB, "{most}");
}

#[test]
fn no_code_objects_cost_their_bitmap() {
    let limits = Limits::default();
    let mut session = session(limits);
    let length = 1 << 22;
    let files: String = (1..=1000).map(|toi| entry(toi, length)).collect();
    for packet in packets::fdt_packets(&Lct::new(0, 0), 1, fdt_xml("", &files).as_bytes(), 60_000) {
        hear(&mut session, &packet);
    }
    let most = peak(|| {
        for toi in 1..=1000 {
            let lct = Lct::new(toi, 0).with(&no_code_fti(length, 1, 65_535));
            hear(&mut session, &lct.packet(0, 0, &[1]));
        }
    });
    println!("No-Code bitmaps: {most} octets");
    let bitmaps = limits.objects * (limits.object_symbols as usize / 8);
    assert!(most < bitmaps + limits.objects * 128 * 1024 + MIB, "{most}");
}

#[test]
fn gzip_bombs_inflate_into_one_buffer() {
    let member = content::gzip(&vec![0; 16 * MIB]);
    let bomb = member.repeat(64);
    assert!(bomb.len() < 2 * MIB);
    let mut decoded = 0;
    let most = peak(|| {
        let limits = content::Limits::default();
        let mut decoder = Decoder::new(Encoding::Gzip, Some(1 << 30), None, limits);
        let written = decoder.write(&bomb, |piece| decoded += piece.len());
        assert!(written.is_err());
    });
    println!("gzip bomb: {most} octets held, {decoded} decoded");
    assert!(most < MIB / 4, "{most}");
    assert!(decoded <= MIB + content::BUFFER_BYTES, "{decoded}");
}
