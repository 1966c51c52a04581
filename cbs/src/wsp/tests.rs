use super::*;
use proptest::prelude::*;

fn sample(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/wsp/");
    std::fs::read(format!("{folder}{name}")).unwrap()
}

#[test]
fn a_datagram_of_kannel_is_read_and_written_the_same() {
    let octets = sample("kannel-wsp-push-si.bin");
    let push = Push::decode(&octets).unwrap();
    assert_eq!(push.tid, 0);
    assert_eq!(
        push.content_type,
        ContentType::new("application/vnd.wap.sic")
    );
    assert_eq!(
        push.headers,
        [
            Header::ApplicationId(ApplicationId::Number(2)),
            Header::ContentLength(100),
            Header::EncodingVersion { major: 1, minor: 3 },
        ]
    );
    assert_eq!(push.data.len(), 100);
    assert_eq!(push.encode(), octets);
}

#[test]
fn other_samples_are_read_and_written_the_same() {
    for name in ["kannel-wsp-push-sl.bin", "wsp-push-sia-v1.bin"] {
        let octets = sample(name);
        assert_eq!(Push::decode(&octets).unwrap().encode(), octets, "{name}");
    }
}

#[test]
fn every_header_of_the_full_sample() {
    let octets = sample("wsp-push-si-all-headers.bin");
    let push = Push::decode(&octets).unwrap();
    assert_eq!(
        push.content_type.to_string(),
        "application/vnd.wap.sic; charset=utf-8"
    );
    let text = |text: &str| text.to_owned();
    assert_eq!(
        push.headers,
        [
            Header::ApplicationId(ApplicationId::Number(2)),
            Header::Date(1_795_339_800),
            Header::Expires(1_795_348_800),
            Header::ContentLanguage(text("en")),
            Header::ContentUri(text("http://alerts.example.org/a/7")),
            Header::InitiatorUri(text("http://pi.example/")),
            Header::PushFlag(7),
        ]
    );
    assert_eq!(push.encode(), octets);
}

fn all_headers() -> Vec<Header> {
    let text = |text: &str| text.to_owned();
    vec![
        Header::AcceptApplication(None),
        Header::AcceptApplication(Some(ApplicationId::Number(0x9023))),
        Header::Age(128),
        Header::ApplicationId(ApplicationId::Uri(text("x-wap-application:wml.ua"))),
        Header::BearerIndication(3),
        Header::CacheControl(CacheDirective::MaxAge(3600)),
        Header::CacheControl(CacheDirective::MustRevalidate),
        Header::CacheControl(CacheDirective::NoCache),
        Header::CacheControl(CacheDirective::NoStore),
        Header::CacheControl(CacheDirective::NoTransform),
        Header::CacheControl(CacheDirective::Private),
        Header::CacheControl(CacheDirective::Public),
        Header::ContentEncoding(text("gzip")),
        Header::ContentEncoding(text("br")),
        Header::ContentLanguage(text("sl")),
        Header::ContentLength(u32::MAX),
        Header::ContentLocation(text("a/b")),
        Header::ContentMd5([7; 16]),
        Header::Etag(text("é")),
        Header::LastModified(0),
        Header::Other {
            code: 0x45,
            value: vec![0x81],
        },
        Header::Text {
            name: text("Content-Disposition"),
            value: text("attachment"),
        },
    ]
}

#[test]
fn every_kind_of_header_comes_back() {
    let content_type = ContentType {
        media: Media::Name("application/vnd.oma.push".to_owned()),
        parameters: vec![
            Parameter::Charset(106),
            Parameter::Text {
                name: "type".to_owned(),
                value: "x".to_owned(),
            },
        ],
    };
    let push = Push {
        tid: 9,
        content_type,
        headers: all_headers(),
        data: vec![0, 1, 2],
    };
    assert_eq!(Push::decode(&push.encode()), Ok(push.clone()));
    for header in &push.headers {
        assert!(!header.name().is_empty() || matches!(header, Header::Other { .. }));
    }
}

#[test]
fn octets_of_numbers() {
    let mut out = Vec::new();
    value::put_uintvar(&mut out, 0);
    value::put_uintvar(&mut out, 0x7F);
    value::put_uintvar(&mut out, 0x80);
    value::put_uintvar(&mut out, u32::MAX);
    assert_eq!(out, [0, 0x7F, 0x81, 0, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F]);
    let mut out = Vec::new();
    Header::ApplicationId(ApplicationId::Number(0x9023)).encode(&mut out);
    Header::Date(0).encode(&mut out);
    assert_eq!(out, [0xAF, 2, 0x90, 0x23, 0x92, 1, 0]);
    let over = [0x90, 0x80, 0x80, 0x80, 0];
    assert_eq!(
        value::uintvar(&mut Reader::new(&over)),
        Err(WspError::Uintvar { offset: 0 })
    );
    let endless = [0x80; 6];
    assert!(value::uintvar(&mut Reader::new(&endless)).is_err());
}

#[test]
fn words_that_have_codes_are_compared_without_case() {
    for (octets, header) in [
        (&b"\x8CES\0"[..], Header::ContentLanguage("es".to_owned())),
        (b"\x8CSL\0", Header::ContentLanguage("SL".to_owned())),
        (b"\x8BGZip\0", Header::ContentEncoding("gzip".to_owned())),
    ] {
        assert_eq!(Header::decode(&mut Reader::new(octets)), Ok(header));
    }
}

#[test]
fn headers_with_codes_are_read_as_text_too() {
    for (octets, header) in [
        (&b"content-length\x00100\0"[..], Header::ContentLength(100)),
        (b"Push-Flag\x00101\0", Header::PushFlag(5)),
        (b"Etag\0x\0", Header::Etag("x".to_owned())),
        (
            b"Content-Length\0many\0",
            Header::Text {
                name: "Content-Length".to_owned(),
                value: "many".to_owned(),
            },
        ),
    ] {
        assert_eq!(Header::decode(&mut Reader::new(octets)), Ok(header));
    }
}

#[test]
fn application_zero_is_every_application_in_either_form() {
    for value in [&[0x80][..], &[1, 0], &[2, 0, 0]] {
        let octets = [&[0, 6, 2 + value.len() as u8, 0x83, 0xB2][..], value].concat();
        let push = Push::decode(&octets).unwrap();
        assert_eq!(push.headers, [Header::AcceptApplication(None)]);
        assert_eq!(Push::decode(&push.encode()), Ok(push));
    }
}

#[test]
fn what_is_no_push() {
    let decode = Push::decode;
    assert!(matches!(decode(&[]), Err(WspError::Truncated(_))));
    assert_eq!(
        decode(&[0, 7, 1, 0x83]),
        Err(WspError::PduType { pdu_type: 7 })
    );
    assert!(matches!(
        decode(&[0, 6, 2, 0x83]),
        Err(WspError::Truncated(_))
    ));
    assert!(matches!(
        decode(&[0, 6, 2, b'a', b'b']),
        Err(WspError::Text { offset: 0 })
    ));
    assert_eq!(
        decode(&[0, 6, 2, 0x83, 1]),
        Err(WspError::FieldName {
            octet: 1,
            offset: 1
        })
    );
    let many = [&[0, 6, 0x82, 0x40][..], &[0x83], &[0xB4, 0x80].repeat(200)].concat();
    assert!(matches!(decode(&many), Err(WspError::Limit { .. })));
    let long = [0, 6, 0xFF, 0x7F];
    assert!(matches!(decode(&long), Err(WspError::Limit { .. })));
    // A content type whose code needs more than one octet.
    let push = Push::decode(&[0, 6, 4, 3, 2, 0x12, 0x34]).unwrap();
    assert_eq!(push.content_type.media, Media::Code(0x1234));
    assert_eq!(Push::decode(&push.encode()), Ok(push));
}

proptest! {
    #[test]
    fn any_octets_are_read_or_refused(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
        let whole = [&[1, 6][..], &octets].concat();
        if let Ok(push) = Push::decode(&whole) {
            prop_assert_eq!(Push::decode(&push.encode()), Ok(push));
        }
    }
}
