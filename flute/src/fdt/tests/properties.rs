//! What another sender writes, and whatever a generator does.

use super::*;
use proptest::prelude::*;

/// What the published FLUTE crate says about one gzip file over RaptorQ.
fn fdt_of_peer(profile: flute::sender::FdtXmlProfile) -> Instance {
    use flute::core::{Oti, UDPEndpoint, lct::Cenc};
    use flute::sender::{Config, ObjectDesc, Sender, TransferConfig};
    let config = Config {
        fdt_xml_profile: profile,
        groups: Some(vec!["all".to_owned()]),
        ..Config::default()
    };
    let endpoint = UDPEndpoint::new(None, "233.252.0.7".to_owned(), 5000);
    let oti = Oti::new_raptorq(1400, 64, 10, 1, 4).unwrap();
    let transfer = TransferConfig {
        cenc: Cenc::Gzip,
        ..TransferConfig::default()
    };
    let content = "content ".repeat(1000).into_bytes();
    let location = "file:///a%20b?c&d".parse().unwrap();
    let object =
        ObjectDesc::create_from_buffer(content, "text/plain", &location, true, transfer).unwrap();
    let mut sender = Sender::new(endpoint, 7, &oti, &config);
    sender.add_object(0, object).unwrap();
    let now = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_788_264_000);
    sender.publish(now).unwrap();
    Instance::read(&sender.fdt_xml_data(now).unwrap()).unwrap()
}

#[test]
fn an_fdt_of_the_published_crate_is_read() {
    use flute::sender::FdtXmlProfile::{Extended, Ts26346L6};
    for profile in [Extended, Ts26346L6] {
        let instance = fdt_of_peer(profile);
        assert_eq!(instance.expires, NtpSeconds(3_997_256_400));
        let [file] = &instance.files[..] else {
            panic!("one file")
        };
        assert_eq!(file.content_location, "file:///a%20b?c&d");
        assert_eq!(file.encoding(), Ok(Encoding::Gzip));
        assert_eq!(file.content_length, Some(8000));
        let content = "content ".repeat(1000);
        assert_eq!(file.content_md5, Some(md5(content.as_bytes())));
        let length = file.transport_length().unwrap();
        let oti = raptorq::Oti::new(length, 1400, 1, 1, 4).unwrap();
        assert_eq!(file.oti(None), Ok(fec::Oti::RaptorQ(oti)));
        if profile == Extended {
            assert!(instance.full_fdt);
            assert_eq!(instance.groups, ["all"]);
        }
    }
}

/// Text as the reader keeps it: without surrounding white space, with characters XML can carry.
fn any_text() -> impl Strategy<Value = String> {
    "[ -~\t\n\r\u{A0}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]{0,30}"
        .prop_map(|text| text.trim().to_owned())
}

fn any_oti() -> impl Strategy<Value = OtiAttributes> {
    (
        any::<Option<u8>>(),
        any::<[Option<u64>; 4]>(),
        proptest::option::of(proptest::collection::vec(any::<u8>(), 0..20)),
    )
        .prop_map(
            |(encoding_id, [a, b, c, d], scheme_specific)| OtiAttributes {
                encoding_id,
                instance_id: a,
                max_source_block_length: b,
                encoding_symbol_length: c,
                max_number_of_encoding_symbols: d,
                scheme_specific,
            },
        )
}

fn any_file() -> impl Strategy<Value = File> {
    let cache_control = prop_oneof![
        Just(CacheControl::NoCache),
        Just(CacheControl::MaxStale),
        any::<u32>().prop_map(|at| CacheControl::Expires(NtpSeconds(at))),
    ];
    (
        (1u128..1 << 112, any_text(), any::<[Option<u64>; 2]>()),
        proptest::option::of(any_text()),
        proptest::option::of(any_text()),
        (any::<Option<[u8; 16]>>(), any_oti()),
        proptest::option::of(cache_control),
        proptest::option::of(any_text()),
        proptest::collection::vec(any_text(), 0..3),
    )
        .prop_map(
            |(
                (toi, location, [content_length, transfer_length]),
                content_type,
                content_encoding,
                (content_md5, oti),
                cache_control,
                etag,
                groups,
            )| File {
                content_length,
                transfer_length,
                content_type,
                content_encoding,
                content_md5,
                oti,
                cache_control,
                etag,
                groups,
                ..File::new(Toi::new(toi).unwrap(), format!("x{location}"))
            },
        )
}

proptest! {
    #[test]
    fn what_was_written_is_read(
        files in proptest::collection::vec(any_file(), 0..8),
        expires in any::<u32>(),
        (complete, full_fdt) in any::<(bool, bool)>(),
        groups in proptest::collection::vec(any_text(), 0..3),
    ) {
        let mut instance = Instance {
            complete, full_fdt, files, groups, ..Instance::new(NtpSeconds(expires))
        };
        instance.files.sort_by_key(|file| file.toi);
        instance.files.dedup_by_key(|file| file.toi);
        let xml = instance.write(Profile::GeneralV1);
        prop_assert_eq!(read(&xml), Ok(instance));
    }

    #[test]
    fn octets_of_an_object_are_described_and_found_again(
        length in 0u64..1 << 40, quarter in 1u16..4000, target in 1u32..60_000,
    ) {
        let symbol = quarter * 4;
        let raptorq = raptorq::Oti::for_object(length, symbol, target).map(fec::Oti::RaptorQ);
        let no_code = no_code::Oti::new(length, symbol, target).map(fec::Oti::NoCode);
        for oti in [raptorq, no_code].into_iter().flatten() {
            let mut file = File {
                transfer_length: Some(length),
                oti: OtiAttributes::from(&oti),
                ..File::new(Toi::from(1), "a")
            };
            prop_assert_eq!(file.oti(None), Ok(oti));
            // The sender's choice of Z makes the block length alone sufficient.
            file.oti.scheme_specific = None;
            prop_assert_eq!(file.oti(None), Ok(oti));
        }
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..500)) {
        let _ = Instance::read(&octets);
        for code in 0..=4 {
            let _ = decode_cenc(code, &octets);
        }
    }

    #[test]
    fn any_damage_is_read_or_refused(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut xml = example().write(Profile::GeneralV1).into_bytes();
        for (at, octet) in edits {
            let at = at.index(xml.len());
            xml[at] = octet;
        }
        let _ = Instance::read(&xml);
        let _ = Instance::read(&xml[..cut.index(xml.len())]);
    }

    #[test]
    fn any_markup_is_read_or_refused(
        parts in proptest::collection::vec(
            "<FDT-Instance Expires='1'>|<File TOI='1' Content-Location='a'>|</File>|<Group>|</Group>\
             |<Cache-Control>|<!\\[CDATA\\[|\\]\\]>|<!--|-->|&#x[0-9A-F]{1,6};|&[a-z]{0,4};|<[?!/]|[ -~]{0,4}",
            0..40,
        ),
    ) {
        let _ = read(&parts.concat());
        let _ = read(&format!("<FDT-Instance Expires='1'>{}", parts.concat()));
    }
}
