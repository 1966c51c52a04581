use super::*;
use crate::fec::{self, Oti};
use crate::ids::FdtInstanceId;
use crate::time::NtpSeconds;
use proptest::prelude::*;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text.bytes().filter(u8::is_ascii_hexdigit).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn data_header(codepoint: u8, close_object: bool) -> Header {
    Header {
        tsi: Tsi::from(7),
        toi: Some(Toi::from(1)),
        codepoint,
        close_session: false,
        close_object,
    }
}

#[test]
fn fdt_packet_header_equals_the_published_vector() {
    let oti = Oti::NoCode(fec::no_code::Oti::new(1234, 1400, 64).unwrap());
    let header = Header {
        toi: Some(Toi::FDT),
        ..data_header(0, false)
    };
    let fdt = ExtFdt {
        version: 1,
        instance_id: FdtInstanceId::new(1).unwrap(),
    };
    let mut out = Vec::new();
    header.encode(
        Widths::MBMS,
        &[Extension::Fdt(fdt), Extension::Fti(&oti)],
        &mut out,
    );
    assert_eq!(
        out,
        hex("10100800 00000000 00070000 C0100001 40040000 000004D2 00000578 00000040")
    );

    out.extend_from_slice(&[0; 4]);
    let (decoded, extensions, payload) = Header::decode(&out, Version::V1).unwrap();
    assert_eq!(decoded, header);
    assert_eq!(extensions.fdt, Some(fdt));
    assert_eq!(
        Oti::decode_ext_fti(fec::Scheme::NoCode, extensions.fti.unwrap()),
        Ok(oti)
    );
    assert_eq!(payload, [0; 4]);
}

#[test]
fn data_headers_equal_the_published_vectors() {
    for (header, expected) in [
        (data_header(0, false), "10100300 00000000 00070001"),
        (data_header(0, true), "10110300 00000000 00070001"),
        (data_header(6, false), "10100306 00000000 00070001"),
    ] {
        let mut out = Vec::new();
        header.encode(Widths::MBMS, &[], &mut out);
        assert_eq!(out, hex(expected));
    }
}

#[test]
fn a_bare_close_packet_has_no_object() {
    let packet = hex("10820300 00000000 00000007");
    let (header, _, payload) = Header::decode(&packet, Version::V1).unwrap();
    assert_eq!(header.toi, None);
    assert!(header.close_session);
    assert_eq!(header.tsi, Tsi::from(7));
    assert!(payload.is_empty());
}

#[test]
fn obsolete_time_words_are_skipped_in_version_1_only() {
    // T and R set, then two words, then EXT_FDT.
    let packet = hex("101C0600 00000000 00070000 00000001 00000002 C0100005");
    let (_, extensions, _) = Header::decode(&packet, Version::V1).unwrap();
    assert_eq!(extensions.fdt.unwrap().instance_id.value(), 5);
    assert!(matches!(
        Header::decode(&packet, Version::V2),
        Err(DecodeError::ExtensionLength { .. })
    ));
}

#[test]
fn sender_time_is_read_and_unknown_extensions_are_skipped() {
    let packet = hex(
        "10100B00 00000000 00070001 00010000 01020000 00000000 C8ABCDEF 0203C000 EA000000 80000000 C1030000",
    );
    let (_, extensions, _) = Header::decode(&packet, Version::V1).unwrap();
    assert_eq!(
        extensions.time.unwrap().sender_time,
        Some(NtpSeconds(0xEA00_0000))
    );
    assert_eq!(extensions.time.unwrap().residual_seconds, None);
    assert_eq!(extensions.cenc, Some(3));
}

#[test]
fn broken_headers_are_named() {
    let decode = |text| {
        Header::decode(&hex(text), Version::V1)
            .map(|_| ())
            .unwrap_err()
    };
    assert!(matches!(decode("1010"), DecodeError::Truncated(_)));
    assert_eq!(
        decode("20100300 00000000 00070001"),
        DecodeError::Version { version: 2 }
    );
    assert_eq!(decode("10000200 00000000"), DecodeError::NoTsi);
    assert!(matches!(
        decode("10100200 00000000 00070001"),
        DecodeError::HeaderLength { .. }
    ));
    assert!(matches!(
        decode("10100900 00000000 00070001"),
        DecodeError::Truncated(_)
    ));
    // HEL = 0 would loop for ever.
    assert!(matches!(
        decode("10100400 00000000 00070001 00000000"),
        DecodeError::ExtensionLength { .. }
    ));
    assert!(matches!(
        decode("10100400 00000000 00070001 40050000"),
        DecodeError::ExtensionLength { .. }
    ));
}

proptest! {
    #[test]
    fn every_width_comes_back(tsi in 0u64..1 << 48, toi in 0u128..1 << 112, codepoint: u8, a: bool, b: bool) {
        let header = Header {
            tsi: Tsi::new(tsi).unwrap(),
            toi: Some(Toi::new(toi).unwrap()),
            codepoint,
            close_session: a,
            close_object: b,
        };
        let mut out = Vec::new();
        header.encode(Widths::fitting(header.tsi, Toi::new(toi).unwrap()), &[], &mut out);
        out.push(0xEE);
        let (decoded, _, payload) = Header::decode(&out, Version::V1).unwrap();
        prop_assert_eq!(decoded, header);
        prop_assert_eq!(payload, [0xEE]);
    }

    #[test]
    fn any_octets_decode_or_fail(octets in proptest::collection::vec(any::<u8>(), 0..80)) {
        let _ = Header::decode(&octets, Version::V1);
        let _ = Header::decode(&octets, Version::V2);
    }
}
