use super::*;
use crate::fec::{no_code, raptorq};
use crate::ids::FdtInstanceId;
use crate::time::Now;

const NOW: Now = Now {
    mono_ns: 0,
    unix_ms: 1_790_000_000_000,
};

fn object(toi: u32, oti: Oti) -> Object {
    Object {
        key: ObjectKey(u64::from(toi)),
        toi: Toi::from(toi),
        oti,
        file: fdt::File::new(Toi::from(toi), "urn:test"),
        priority: Priority::Medium,
        carousel: Carousel::ONCE,
        repair: Repair::default(),
    }
}

fn session() -> Session {
    let mut session = Session::new(Config::new(Tsi::from(7)));
    session.grant_fdt_ids(FdtInstanceId::new(1).unwrap(), 100);
    session
}

fn no_code(len: u64) -> Oti {
    Oti::NoCode(no_code::Oti::new(len, 1400, 1024).unwrap())
}

#[test]
fn a_number_in_use_is_refused() {
    let mut session = session();
    assert_eq!(
        session.add_object(NOW, object(0, no_code(10))),
        Err(AddError::FdtToi)
    );
    assert_eq!(session.add_object(NOW, object(1, no_code(10))), Ok(()));
    assert_eq!(
        session.add_object(NOW, object(1, no_code(10))),
        Err(AddError::Duplicate(Toi::from(1)))
    );
    let same_toi = Object {
        key: ObjectKey(99),
        ..object(1, no_code(10))
    };
    assert_eq!(
        session.add_object(NOW, same_toi),
        Err(AddError::Duplicate(Toi::from(1)))
    );
}

#[test]
fn objects_wait_for_fdt_instance_ids() {
    let mut session = Session::new(Config::new(Tsi::from(7)));
    session.add_object(NOW, object(1, no_code(10))).unwrap();
    let mut buf = Vec::new();
    assert_eq!(session.poll_transmit(NOW, 64, &mut buf), None);
    assert_eq!(
        session.poll_event(),
        Some(Event::FdtIdsLow { remaining: 0 })
    );
    assert_eq!(session.poll_encode(), None);
    session.grant_fdt_ids(FdtInstanceId::new(9).unwrap(), 100);
    let transmit = session.poll_transmit(NOW, 64, &mut buf).unwrap();
    assert_eq!(transmit.kind, PacketKind::Fdt);
    assert_eq!(buf[12..16], [0xC0, 0x10, 0x00, 0x09]);
}

#[test]
fn symbols_that_cannot_be_had_end_the_object() {
    for symbols in [None, Some(Bytes::from_static(&[1, 2, 3]))] {
        let mut session = session();
        session.add_object(NOW, object(1, no_code(10_000))).unwrap();
        session.handle_timeout(NOW);
        let job = session.poll_encode().unwrap();
        assert_eq!(job.work, Work::Read(0..10_000));
        let (object, sbn, first, count) = (job.object, job.sbn, job.first, job.count);
        session.handle_encoded(Encoded {
            object,
            sbn,
            first,
            count,
            symbols,
        });
        assert_eq!(
            session.poll_event(),
            Some(Event::Ended {
                object,
                reason: EndReason::Failed
            })
        );
        assert_eq!(session.objects(), 0);
    }
}

#[test]
fn orders_stay_a_little_ahead_of_need() {
    let mut session = session();
    let oti = Oti::RaptorQ(raptorq::Oti::for_object(100_000_000, 1400, 1024).unwrap());
    session.add_object(NOW, object(1, oti)).unwrap();
    session.handle_timeout(NOW);
    let jobs: Vec<EncodeJob> = std::iter::from_fn(|| session.poll_encode()).collect();
    let octets: u64 = jobs.iter().map(|job| u64::from(job.count) * 1400).sum();
    assert!(octets < 1_000_000, "{octets} octets on order");
    assert!(jobs.iter().any(|job| matches!(job.work, Work::Repair(_))));
}

#[test]
fn an_idle_session_is_small_and_silent() {
    let mut session = session();
    let late = Carousel {
        passes: Some(3),
        delay_ms: 3_600_000,
        ..Carousel::ONCE
    };
    session
        .add_object(
            NOW,
            Object {
                carousel: late,
                ..object(1, no_code(2000))
            },
        )
        .unwrap();
    let mut buf = Vec::new();
    let mut packets = 0;
    for _ in 0..20 {
        while let Some(job) = session.poll_encode() {
            let symbols = Some(Bytes::from(vec![7; 2000]));
            let (object, sbn, first, count) = (job.object, job.sbn, job.first, job.count);
            session.handle_encoded(Encoded {
                object,
                sbn,
                first,
                count,
                symbols,
            });
        }
        packets += session
            .poll_transmit(NOW, 64, &mut buf)
            .map_or(0, |transmit| transmit.segments);
    }
    assert_eq!(packets, 3, "an FDT Instance and two symbols");
    assert_eq!(
        session.poll_timeout(),
        Some(1_000_000_000),
        "only the repetition of the FDT is due"
    );
}

#[test]
fn the_instance_that_is_shown_is_the_one_on_the_air() {
    let mut session = session();
    assert_eq!(session.instance_of(Toi::from(5)), None);
    session.add_object(NOW, object(5, no_code(10))).unwrap();
    let mut buf = Vec::new();
    let transmit = session.poll_transmit(NOW, 64, &mut buf).unwrap();
    assert_eq!((transmit.kind, transmit.segments), (PacketKind::Fdt, 1));
    let (id, document) = session.instance_of(Toi::from(5)).unwrap();
    assert_eq!(id, FdtInstanceId::new(1).unwrap());
    assert!(buf.ends_with(document));
    assert!(document.starts_with(b"<?xml"));
    assert_eq!(session.instance_of(Toi::from(6)), None);
}
