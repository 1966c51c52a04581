use std::net::Ipv4Addr;

use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Address {
    text.parse().unwrap()
}

fn refused(text: &str) -> AddressError {
    text.parse::<Address>().unwrap_err()
}

fn multicast(group: &str, port: Option<u16>) -> Target {
    Target::Multicast {
        group: group.parse().unwrap(),
        port,
    }
}

#[test]
fn groups_and_areas_are_users() {
    let group = read("WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net");
    assert_eq!(group.target(), &Target::Group("flood-aln".parse().unwrap()));
    assert_eq!(
        group.raw(),
        "WAPPUSH=group%2Fflood-aln/TYPE=USER@ppg.example.net"
    );
    assert_eq!(group.key(), group.raw());
    let area = read("wappush=area%2fK%c3%bcste_1/type=user@PPG");
    assert_eq!(area.target(), &Target::Area("Küste_1".parse().unwrap()));
    assert_eq!(area.key(), "WAPPUSH=area%2FK%C3%BCste%5F1/TYPE=USER@ppg");
}

#[test]
fn other_users_are_somebody_elses() {
    for text in [
        "WAPPUSH=flood-alert/TYPE=USER@ppg.example",
        "WAPPUSH=john%40doe/TYPE=USER@ppg",
        "WAPPUSH=Group%2Fflood/TYPE=USER@ppg",
        "WAPPUSH=group%2F/TYPE=USER@ppg",
        "WAPPUSH=group%2Fa%2Fb/TYPE=USER@ppg",
        "WAPPUSH=group%2Fa%00/TYPE=USER@ppg",
        "WAPPUSH=group%2F%FF/TYPE=USER@ppg",
    ] {
        assert_eq!(read(text).target(), &Target::Other, "{text}");
    }
}

#[test]
fn every_type_is_read() {
    for (text, target) in [
        (
            "WAPPUSH=239.192.7.20/TYPE=IPv4@ppg",
            multicast("239.192.7.20", None),
        ),
        (
            "WAPPUSH=239.192.007.020/PORT=5000/TYPE=IPv4@ppg",
            multicast("239.192.7.20", Some(5000)),
        ),
        (
            "WAPPUSH=239.192.7.20/x-a=b@c d/port=1/TYPE=ipv4/@ppg",
            multicast("239.192.7.20", Some(1)),
        ),
        ("WAPPUSH=127.0.0.1/TYPE=IPv4@ppg.example", Target::Other),
        (
            "WAPPUSH=FF15:0000:0000:0000:0000:0000:0000:0001/TYPE=IPv6@ppg",
            multicast("ff15::1", None),
        ),
        (
            "WAPPUSH=2001:0db8:0000:0000:0000:0000:0000:0001/TYPE=IPv6@ppg",
            Target::Other,
        ),
        (
            "/WAPPUSH=+1-555.1999-0730/TYPE=PLMN@ppg.carrier.com",
            Target::Other,
        ),
        ("WAPPUSH=12345678/TYPE=MAN@ppg", Target::Other),
        (
            "WAPPUSH=\"sip%3Abob%40atlanta.com\"/TYPE=URI@ppg.carrier.com",
            Target::Other,
        ),
        ("WAPPUSH=0102/TYPE=GSM_MSISDN@1.2.3.4", Target::Other),
    ] {
        assert_eq!(read(text).target(), &target, "{text}");
        assert_eq!(read(text).raw(), text);
    }
}

#[test]
fn equal_meanings_have_equal_keys() {
    for (left, right) in [
        (
            "wappush=47397547589/type=user@carrier.com",
            "WAPPUSH=47397547589/TYPE=USER@Carrier.com",
        ),
        (
            "WAPPUSH=group%2Fa%5Fb/TYPE=USER@p",
            "/WAPPUSH=%67roup%2fa_b/TYPE=USER/@p",
        ),
        ("WAPPUSH=+1-555/TYPE=PLMN@p", "WAPPUSH=+1555/TYPE=PLMN@p"),
        ("WAPPUSH=\"a%3Ab\"/TYPE=URI@p", "WAPPUSH=a%3ab/type=uri@P"),
        (
            "WAPPUSH=239.001.002.003/port=9/TYPE=IPv4@p",
            "WAPPUSH=239.1.2.3/PORT=9/TYPE=IPV4@p",
        ),
    ] {
        assert_eq!(read(left).key(), read(right).key());
        assert_eq!(read(read(left).key()).key(), read(left).key());
    }
    assert_ne!(
        read("WAPPUSH=A/TYPE=USER@p").key(),
        read("WAPPUSH=a/TYPE=USER@p").key()
    );
    assert_ne!(
        read("WAPPUSH=a+b/TYPE=USER@p").key(),
        read("WAPPUSH=a%20b/TYPE=USER@p").key()
    );
}

#[test]
fn malformed_frames_are_told_apart() {
    for (text, error) in [
        ("", AddressError::NoScheme),
        ("push_all", AddressError::NoScheme),
        ("2100000A%3A100", AddressError::NoScheme),
        ("WAPPUS\u{e9}=a/TYPE=USER@p", AddressError::NoScheme),
        ("WAPPUSH=a/TYPE=USER", AddressError::NoPpg),
        ("WAPPUSH=a/TYPE=USER@", AddressError::NoPpg),
        (
            "WAPPUSH=a/TYPE=USER@-p",
            AddressError::Ppg { ppg: "-p".into() },
        ),
        (
            "WAPPUSH=a/TYPE=USER@p..q",
            AddressError::Ppg { ppg: "p..q".into() },
        ),
        (
            "WAPPUSH=a/TYPE=USER@p_q",
            AddressError::Ppg { ppg: "p_q".into() },
        ),
        ("WAPPUSH=a@p", AddressError::NoType),
        ("WAPPUSH=239.1.1.1/TYPE=IPv4/PORT=5@p", AddressError::NoType),
        ("WAPPUSH=a/TYPE=X/TYPE=USER@p", AddressError::NoType),
        (
            "WAPPUSH=a/TYPE=U-R@p",
            AddressError::Type { kind: "U-R".into() },
        ),
        (
            "WAPPUSH=a//TYPE=USER@p",
            AddressError::Qualifier {
                qualifier: String::new(),
            },
        ),
        (
            "WAPPUSH=a/x=/TYPE=USER@p",
            AddressError::Qualifier {
                qualifier: "x=".into(),
            },
        ),
        (
            "WAPPUSH=a/x=\n/TYPE=USER@p",
            AddressError::Qualifier {
                qualifier: "x=\n".into(),
            },
        ),
    ] {
        assert_eq!(refused(text), error, "{text}");
    }
}

#[test]
fn malformed_identifiers_are_told_apart() {
    let kind = |kind: &str| AddressError::Identifier { kind: kind.into() };
    for (text, error) in [
        ("WAPPUSH=/TYPE=USER@p", AddressError::NoIdentifier),
        ("WAPPUSH=\"\"/TYPE=URI@p", AddressError::NoIdentifier),
        ("WAPPUSH=\"/TYPE=URI@p", AddressError::Quote),
        ("WAPPUSH=a\"/TYPE=URI@p", AddressError::Quote),
        (
            "WAPPUSH=\"a\"/TYPE=USER@p",
            AddressError::Character { character: '"' },
        ),
        (
            "WAPPUSH=a b/TYPE=USER@p",
            AddressError::Character { character: ' ' },
        ),
        (
            "WAPPUSH=\u{e9}/TYPE=USER@p",
            AddressError::Character {
                character: '\u{e9}',
            },
        ),
        (
            "WAPPUSH=a%2/TYPE=USER@p",
            AddressError::Escape { offset: 1 },
        ),
        (
            "WAPPUSH=%GG/TYPE=USER@p",
            AddressError::Escape { offset: 0 },
        ),
        ("WAPPUSH=239.1.1.1/PORT=0/TYPE=IPv4@p", AddressError::Port),
        ("WAPPUSH=239.1.1.1/PORT=+5/TYPE=IPv4@p", AddressError::Port),
        (
            "WAPPUSH=239.1.1.1/PORT=5/PORT=5/TYPE=IPv4@p",
            AddressError::Port,
        ),
        ("WAPPUSH=239.1.1/TYPE=IPv4@p", kind("IPV4")),
        ("WAPPUSH=239.1.1.256/TYPE=IPv4@p", kind("IPV4")),
        ("WAPPUSH=239.1.1.1.1/TYPE=IPv4@p", kind("IPV4")),
        ("WAPPUSH=ff15::1/TYPE=IPv6@p", kind("IPV6")),
        ("WAPPUSH=1234567/TYPE=MAN@p", kind("MAN")),
        ("WAPPUSH=555/TYPE=PLMN@p", kind("PLMN")),
        ("WAPPUSH=+-/TYPE=PLMN@p", kind("PLMN")),
    ] {
        assert_eq!(refused(text), error, "{text}");
    }
}

#[test]
fn length_is_bounded() {
    let tail = "/TYPE=USER@p";
    let fits = "x".repeat(MAX_ADDRESS_BYTES - SCHEME.len() - tail.len());
    assert!(format!("{SCHEME}{fits}{tail}").parse::<Address>().is_ok());
    assert_eq!(
        refused(&format!("{SCHEME}{fits}x{tail}")),
        AddressError::TooLong {
            bytes: MAX_ADDRESS_BYTES + 1
        }
    );
}

#[test]
fn our_own_addresses_need_a_gateway() {
    let name: GroupName = "lab".parse().unwrap();
    assert_eq!(
        Address::group(&name, "ppg.example").unwrap().raw(),
        "WAPPUSH=group%2Flab/TYPE=USER@ppg.example"
    );
    assert!(matches!(
        Address::group(&name, "a b"),
        Err(AddressError::Ppg { .. })
    ));
}

proptest! {
    #[test]
    fn names_survive_escaping(name in "[^/\\p{Cc}]{1,25}") {
        let group: GroupName = name.parse().unwrap();
        let area: AreaName = name.parse().unwrap();
        let address = Address::group(&group, "ppg.example").unwrap();
        prop_assert_eq!(address.target(), &Target::Group(group));
        let address = Address::area(&area, "ppg.example").unwrap();
        prop_assert_eq!(address.target(), &Target::Area(area));
    }

    #[test]
    fn multicast_survives(octets in any::<[u8; 3]>(), port in 1u16..) {
        let group = Ipv4Addr::new(224 + octets[0] % 16, octets[1], octets[2], octets[0]);
        let address = read(&format!("WAPPUSH={group}/PORT={port}/TYPE=IPv4@ppg"));
        prop_assert_eq!(address.target(), &Target::Multicast { group: group.into(), port: Some(port) });
    }

    #[test]
    fn nothing_panics(text in ".{0,80}") {
        let _ = text.parse::<Address>();
    }

    #[test]
    fn what_is_read_has_a_stable_key(
        text in "(?i)/?WAPPUSH=[-a-z0-9+.%\":/]{1,24}(/[a-z]{1,5}=[a-z@. ]{1,5}){0,2}/TYPE=(USER|PLMN|IPV4|IPV6|URI|MAN|X_1)/?@[a-z0-9.-]{1,8}",
    ) {
        if let Ok(address) = text.parse::<Address>() {
            prop_assert_eq!(address.raw(), &text);
            let again = read(address.key());
            prop_assert_eq!(again.key(), address.key());
            prop_assert_eq!(again.target(), address.target());
        }
    }
}
