use super::*;
use proptest::prelude::*;

fn example() -> Session {
    Session {
        origin: Origin {
            username: "pushcast".to_owned(),
            session_id: 3_997_250_000,
            session_version: 1,
            address: [192, 0, 2, 10].into(),
        },
        name: "Area alerts".to_owned(),
        start: Some(NtpSeconds(3_997_252_800)),
        stop: Some(NtpSeconds(3_997_256_400)),
        source: Some([192, 0, 2, 10].into()),
        group: [233, 252, 0, 7].into(),
        ttl: Some(16),
        port: 5000,
        tsi: Tsi::from(7),
        fec_encoding_id: 6,
        bandwidth_kbps: Some(2000),
        lang: Some("en".to_owned()),
        mbms_mode: None,
    }
}

fn example_v6() -> Session {
    let source = "2001:db8::10".parse().unwrap();
    Session {
        origin: Origin {
            address: source,
            ..example().origin
        },
        start: None,
        stop: None,
        source: Some(source),
        group: "ff3e::8000:7".parse().unwrap(),
        ttl: None,
        fec_encoding_id: 0,
        bandwidth_kbps: None,
        lang: None,
        mbms_mode: Some(MbmsMode::Broadcast {
            tmgi: Tmgi::new(123_869_108_302_929).unwrap(),
            counting: false,
        }),
        ..example()
    }
}

#[test]
fn a_raptorq_session_over_ipv4() {
    let sdp = example().to_string();
    assert_eq!(sdp.matches("\r\n").count(), sdp.lines().count());
    insta::assert_snapshot!(sdp.replace('\r', ""), @r"
    v=0
    o=pushcast 3997250000 1 IN IP4 192.0.2.10
    s=Area alerts
    t=3997252800 3997256400
    a=source-filter: incl IN IP4 * 192.0.2.10
    a=flute-tsi:7
    a=FEC-declaration:0 encoding-id=6
    m=application 5000 FLUTE/UDP 0
    c=IN IP4 233.252.0.7/16
    b=AS:2000
    a=lang:en
    a=FEC:0
    ");
    assert_eq!(Session::read(&sdp), Ok(example()));
}

#[test]
fn a_permanent_mbms_session_over_ipv6() {
    let sdp = example_v6().to_string();
    insta::assert_snapshot!(sdp.replace('\r', ""), @r"
    v=0
    o=pushcast 3997250000 1 IN IP6 2001:db8::10
    s=Area alerts
    t=0 0
    a=mbms-mode:broadcast 123869108302929 0
    a=source-filter: incl IN IP6 * 2001:db8::10
    a=flute-tsi:7
    a=FEC-declaration:0 encoding-id=0
    m=application 5000 FLUTE/UDP 0
    c=IN IP6 ff3e::8000:7
    a=FEC:0
    ");
    assert_eq!(Session::read(&sdp), Ok(example_v6()));
}

#[test]
fn a_name_cannot_add_lines() {
    let session = Session {
        name: "x\r\na=flute-tsi:9".to_owned(),
        origin: Origin {
            username: " \n".to_owned(),
            ..example().origin
        },
        ..example()
    };
    let read = Session::read(&session.to_string()).unwrap();
    assert_eq!(read.tsi, Tsi::from(7));
    assert_eq!(read.name, "xa=flute-tsi:9");
    assert_eq!(read.origin.username, "-");
}

/// The smallest thing that describes a session.
const BARE: &str = "v=0\nm=application 4000 FLUTE/UDP 0\nc=IN IP4 239.1.1.1\na=flute-tsi:0\n";

#[test]
fn what_is_absent_has_a_default() {
    let read = Session::read(BARE).unwrap();
    assert_eq!(read.scheme(), Ok(Scheme::NoCode));
    assert_eq!((read.source, read.ttl), (None, None));
    assert_eq!((read.start, read.stop), (None, None));
    assert_eq!((read.bandwidth_kbps, read.lang), (None, None));
    assert_eq!((read.port, read.tsi), (4000, Tsi::from(0)));
}

#[test]
fn other_senders_are_understood() {
    // Session-level connection, channel count, malformed bandwidth, odd spaces, foreign lines and
    // lines that are no lines at all.
    let sdp = "\u{FEFF}v=0\n\
        a=flute-tsi:0\n\
        junk\n\
        c=IN IP4 239.1.1.1/127/1\n\
        e=nobody\n\
        t=3997252800 0\n\
        t=1 2\n\
        s= \n\
        a=FEC-declaration:0 encoding-id=0\n\
        a=FEC-declaration:1 encoding-id=6; instance-id=3\n\
        a=flute-ch:1\n\
        a=3GPP-QoE-Metrics: whatever\n\
        a=recvonly\n\
        o=- 1 2 IN IP4 host.example\n\
        m=application   4000  flute/udp  0 \n\
        b=64\n\
        b=TIAS:9\n\
        b=nonsense\n\
        a=FEC:1\n\
        a=FEC-redundancy-level:1 redundancy-level=20\n\
        a=Source-Filter:incl IN IP4 239.1.1.1 192.0.2.1\n\
        m=audio 5004 RTP/AVP 0\n";
    let read = Session::read(sdp).unwrap();
    assert_eq!(read.group, IpAddr::from([239, 1, 1, 1]));
    assert_eq!(read.ttl, Some(127));
    assert_eq!(read.start, Some(NtpSeconds(3_997_252_800)));
    assert_eq!(read.stop, None);
    assert_eq!(read.bandwidth_kbps, Some(64));
    assert_eq!(read.scheme(), Ok(Scheme::RaptorQ));
    assert_eq!(read.source, Some([192, 0, 2, 1].into()));
    assert_eq!(read.origin.address, IpAddr::from([192, 0, 2, 1]));
    assert_eq!(Session::read(&sdp.replace('\n', "\r\n")), Ok(read));
}

#[test]
fn a_source_of_a_product_sample_without_filter_is_understood() {
    let sdp = "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=x\r\nt=0 0\r\na=flute-tsi:0\r\na=flute-ch:1\r\n\
        m=application 6000 FLUTE/UDP *\r\nc=IN IP4 239.0.0.1/1\r\nb=AS:2000\r\n";
    let read = Session::read(sdp).unwrap();
    assert_eq!((read.source, read.bandwidth_kbps), (None, Some(2000)));
}

#[test]
fn an_unknown_scheme_is_kept_as_its_number() {
    let sdp = format!("{BARE}a=FEC-declaration:0 encoding-id=129\n");
    let read = Session::read(&sdp).unwrap();
    assert_eq!(read.fec_encoding_id, 129);
    assert_eq!(read.scheme(), Err(OtiError::Scheme { encoding_id: 129 }));
}

#[test]
fn an_mbms_mode_is_read_and_a_foreign_one_ignored() {
    let mode = |value: &str| {
        let sdp = format!("{BARE}a=mbms-mode:{value}\n");
        Session::read(&sdp).unwrap().mbms_mode
    };
    let tmgi = Tmgi::new(5).unwrap();
    assert_eq!(
        mode("broadcast 5 1"),
        Some(MbmsMode::Broadcast {
            tmgi,
            counting: true
        })
    );
    assert_eq!(
        mode("broadcast-mbsfn 5"),
        Some(MbmsMode::BroadcastMbsfn { tmgi })
    );
    assert_eq!(mode("multicast 5"), None);
    assert_eq!(mode("broadcast 99999999999999999 0"), None);
}

fn invalid(line: &'static str, value: &str) -> SdpError {
    SdpError::Value {
        line,
        value: value.to_owned(),
    }
}

/// Errors after a replacement in the smallest description; `None` is one of structure.
fn refused<const N: usize>(table: [(&str, &str, Option<SdpError>); N]) {
    for (from, to, expected) in table {
        let error = Session::read(&BARE.replace(from, to)).unwrap_err();
        match expected {
            Some(expected) => assert_eq!(error, expected),
            None => assert!(matches!(error, SdpError::Structure { .. }), "{error:?}"),
        }
    }
}

#[test]
fn a_channel_that_cannot_be_joined_is_refused() {
    refused([
        ("v=0", "v=1", None),
        ("v=0\n", "", None),
        (
            "m=application 4000 FLUTE/UDP 0",
            "m=audio 4000 RTP/AVP 0",
            Some(SdpError::Missing {
                line: "m= over FLUTE/UDP",
            }),
        ),
        (" 4000 ", " 0 ", Some(invalid("port", "0"))),
        (
            " 4000 ",
            " 4000/2 ",
            Some(SdpError::Channels { channels: 2 }),
        ),
        (
            "239.1.1.1",
            "239.1.1.1/1/3",
            Some(SdpError::Channels { channels: 3 }),
        ),
        (
            "239.1.1.1",
            "group.example",
            Some(invalid("c=", "group.example")),
        ),
        (
            "c=IN IP4 239.1.1.1\n",
            "",
            Some(SdpError::Missing { line: "c=" }),
        ),
    ]);
}

#[test]
fn an_attribute_without_meaning_is_refused() {
    refused([
        (
            "a=flute-tsi:0\n",
            "",
            Some(SdpError::Missing { line: "flute-tsi" }),
        ),
        ("tsi:0", "tsi:+7", Some(invalid("flute-tsi", "+7"))),
        ("tsi:0", "tsi:", Some(invalid("flute-tsi", ""))),
        (
            "tsi:0",
            "tsi:0000000000000001",
            Some(invalid("flute-tsi", "0000000000000001")),
        ),
        (
            "tsi:0",
            "tsi:999999999999999",
            Some(invalid("flute-tsi", "999999999999999")),
        ),
        (
            "tsi:0",
            "tsi:0\na=flute-ch:2",
            Some(SdpError::Channels { channels: 2 }),
        ),
        (
            "tsi:0",
            "tsi:0\na=source-filter: excl IN IP4 * 192.0.2.1",
            Some(invalid("source-filter", "excl IN IP4 * 192.0.2.1")),
        ),
        (
            "tsi:0",
            "tsi:0\na=source-filter: incl IN IP6 * 2001:db8::1",
            Some(SdpError::Family {
                source_address: "2001:db8::1".parse().unwrap(),
                group: [239, 1, 1, 1].into(),
            }),
        ),
        (
            "tsi:0",
            "tsi:0\na=FEC-declaration:0 encoding-id=256",
            Some(invalid("FEC-declaration", "encoding-id=256")),
        ),
    ]);
}

#[test]
fn length_and_lines_are_bounded() {
    let long = format!("{BARE}a=x:{}", "y".repeat(MAX_SDP_BYTES));
    let many = format!("{BARE}{}", "m=a\n".repeat(MAX_LINES));
    for sdp in [long, many] {
        assert!(matches!(Session::read(&sdp), Err(SdpError::Limit { .. })));
    }
}

fn any_session() -> impl Strategy<Value = Session> {
    let addresses = prop_oneof![
        (any::<[u8; 4]>(), any::<[u8; 4]>()).prop_map(|(a, b)| (IpAddr::from(a), IpAddr::from(b))),
        (any::<[u8; 16]>(), any::<[u8; 16]>())
            .prop_map(|(a, b)| (IpAddr::from(a), IpAddr::from(b))),
    ];
    let times = (
        proptest::option::of(any::<u32>().prop_map(NtpSeconds)),
        proptest::option::of(any::<u32>().prop_map(NtpSeconds)),
    );
    let mode = proptest::option::of((0u64..1 << 48, any::<Option<bool>>()).prop_map(
        |(tmgi, counting)| {
            let tmgi = Tmgi::new(tmgi).unwrap();
            match counting {
                Some(counting) => MbmsMode::Broadcast { tmgi, counting },
                None => MbmsMode::BroadcastMbsfn { tmgi },
            }
        },
    ));
    (
        (
            any::<u64>(),
            any::<u64>(),
            any::<bool>(),
            any::<Option<u8>>(),
        ),
        addresses,
        times,
        ("[^\\s\\pC]{1,20}", "[^\\s\\pC]([^\\pC]{0,20}[^\\s\\pC])?"),
        (1u16.., 0u64..1 << 48, any::<u8>(), any::<Option<u64>>()),
        (proptest::option::of("[a-z]{2}(-[A-Z]{2})?"), mode),
    )
        .prop_map(
            |(
                (session_id, session_version, filtered, ttl),
                (source, group),
                (start, stop),
                (username, name),
                (port, tsi, fec_encoding_id, bandwidth_kbps),
                (lang, mbms_mode),
            )| Session {
                origin: Origin {
                    username,
                    session_id,
                    session_version,
                    address: source,
                },
                name,
                start,
                stop,
                source: filtered.then_some(source),
                group,
                ttl: ttl.filter(|_| group.is_ipv4()),
                port,
                tsi: Tsi::new(tsi).unwrap(),
                fec_encoding_id,
                bandwidth_kbps,
                lang,
                mbms_mode,
            },
        )
}

proptest! {
    #[test]
    fn what_was_written_is_read(session in any_session()) {
        prop_assert_eq!(Session::read(&session.to_string()), Ok(session));
    }

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,300}") {
        let _ = Session::read(&text);
    }

    #[test]
    fn any_lines_are_read_or_refused(
        lines in proptest::collection::vec(
            "[vosctbam]=(IN IP4 |0 |flute-tsi:|source-filter: incl |FEC-declaration:|application 1 FLUTE/UDP )?[ -~]{0,12}",
            0..20,
        ),
        octets in proptest::collection::vec(any::<u8>(), 0..100),
    ) {
        let _ = Session::read(&format!("{BARE}{}", lines.join("\n")));
        let _ = Session::read(&format!("v=0\n{}\n{BARE}", lines.join("\n")));
        let _ = Session::read(&String::from_utf8_lossy(&octets));
    }
}
