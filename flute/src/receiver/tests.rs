use std::net::Ipv4Addr;

use super::*;
use crate::time::Now;
use proptest::prelude::*;

const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));

#[test]
fn every_refusal_is_counted() {
    let mut session = Session::new(Config {
        tsi: Some(Tsi::from(7)),
        ..Config::default()
    });
    let now = Now {
        mono_ns: 0,
        unix_ms: 0,
    };
    session.handle_datagram(now, SOURCE, &[]);
    session.handle_datagram(
        now,
        SOURCE,
        &[0x10, 0x10, 3, 0, 0, 0, 0, 0, 0, 8, 0, 1, 0, 0, 0, 0, 1],
    );
    assert_eq!(session.stats().malformed, 1);
    assert_eq!(session.stats().foreign_tsi, 1);
}

#[test]
fn a_toi_0_packet_without_ext_fdt_only_closes() {
    let mut session = Session::new(Config::default());
    let now = Now {
        mono_ns: 0,
        unix_ms: 0,
    };
    session.handle_datagram(
        now,
        SOURCE,
        &[0x10, 0x12, 3, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0],
    );
    assert_eq!(
        session.poll_event(),
        Some(Event::SessionClosed {
            source: SOURCE,
            tsi: Tsi::from(7)
        })
    );
    assert_eq!(session.poll_event(), None);
}

proptest! {
    #[test]
    fn any_datagrams_do_no_harm(datagrams in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..120), 0..30)) {
        let mut session = Session::new(Config::default());
        let mut now = Now { mono_ns: 0, unix_ms: 1_790_000_000_000 };
        for datagram in datagrams {
            session.handle_datagram(now, SOURCE, &datagram);
            now = now.plus(std::time::Duration::from_millis(700));
            session.handle_timeout(now);
            while session.poll_event().is_some() {}
        }
    }
}
