use super::*;
use crate::model::submission::{Authentication, Content, Lineage, PapVersion};

fn submission(body: Body) -> Submission {
    Submission {
        id: "s".parse().unwrap(),
        initiator: "pi".parse().unwrap(),
        authentication: Authentication::Network,
        push_id: "p@pi".parse().unwrap(),
        lineage: Lineage::first(&"p@pi".parse().unwrap()),
        request_sha256: Sha256([0; 32]),
        pap_version: PapVersion::V2_0,
        pi_lists_versions: false,
        received_ms: 1_795_339_800_000,
        deliver_after_ms: None,
        deliver_before_ms: 1_795_348_800_000,
        deliver_before_given: true,
        source_reference: None,
        notify_url: None,
        progress_notes: false,
        quality_of_service: None,
        addresses: Vec::new(),
        content: Content {
            content_type: "text/plain".to_owned(),
            headers: vec![(
                "X-Wap-Content-URI".to_owned(),
                "http://a.example/".to_owned(),
            )],
            body,
        },
    }
}

fn stored(files: &Files, encoded: &Encoded) -> Vec<u8> {
    if let Some(octets) = &encoded.octets {
        return octets.to_vec();
    }
    std::fs::read(files.path(encoded.sha256)).unwrap()
}

#[test]
fn headers_go_before_the_body() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(folder.path()).unwrap();
    let submission = submission(Body::Inline(vec![0, 13, 10, 255]));
    let encoded = encode(&files, &submission, Some("2"), Transform::Binary).unwrap();
    assert!(!encoded.gzip || encoded.transfer_bytes < encoded.content_bytes);
    let octets = stored(&files, &encoded);
    let plain = if encoded.gzip {
        let mut plain = Vec::new();
        flate2::read::GzDecoder::new(octets.as_slice())
            .read_to_end(&mut plain)
            .unwrap();
        plain
    } else {
        octets
    };
    let len = message::head_len(&plain).unwrap().unwrap();
    assert_eq!(plain[len..], [0, 13, 10, 255]);
    let head = String::from_utf8(plain[..len].to_vec()).unwrap();
    insta::assert_snapshot!(head.replace("\r\n", "\n"), @r"
    Content-Type: text/plain
    X-Wap-Content-URI: http://a.example/
    X-Wap-Application-Id: 2
    Date: Sun, 22 Nov 2026 09:30:00 GMT
    Expires: Sun, 22 Nov 2026 12:00:00 GMT
    X-Pushcast-Push-Id: p@pi
    X-Pushcast-Revision: 1
    ");
}

#[test]
fn the_same_push_is_the_same_octets() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(folder.path()).unwrap();
    for body in [vec![b'a'; 5000], vec![b'a'; 2 << 20]] {
        let submission = submission(Body::Inline(body));
        let once = encode(&files, &submission, None, Transform::Binary).unwrap();
        let again = encode(&files, &submission, None, Transform::Binary).unwrap();
        assert_eq!(once.sha256, again.sha256);
        assert!(once.gzip);
    }
}

#[test]
fn short_objects_need_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(folder.path()).unwrap();
    let short = submission(Body::Inline(vec![b'a'; 2 * INLINE_BYTES]));
    let encoded = encode(&files, &short, None, Transform::None).unwrap();
    assert_eq!(
        encoded.octets.as_ref().map(|octets| octets.len() as u64),
        Some(encoded.transfer_bytes)
    );
    assert!(files.open_file(encoded.sha256).is_err());
    let mut state = 1u64;
    let long = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u8
    });
    let long = submission(Body::Inline(long.take(2 * INLINE_BYTES).collect()));
    let encoded = encode(&files, &long, None, Transform::None).unwrap();
    assert_eq!(encoded.octets, None);
    assert!(files.open_file(encoded.sha256).is_ok());
}

#[test]
fn what_gzip_would_lengthen_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(folder.path()).unwrap();
    let mut state = 1u64;
    let noise = (0..1 << 20).map(|_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u8
    });
    let encoded = encode(
        &files,
        &submission(Body::Inline(noise.collect())),
        None,
        Transform::None,
    )
    .unwrap();
    assert!(!encoded.gzip);
    assert_eq!(encoded.transfer_bytes, encoded.content_bytes);
    assert_eq!(
        pushcast_flute::content::md5(&stored(&files, &encoded)),
        encoded.content_md5
    );
}

#[test]
fn the_stored_parameters_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(folder.path()).unwrap();
    let encoded = encode(
        &files,
        &submission(Body::Inline(vec![1; 3000])),
        None,
        Transform::None,
    )
    .unwrap();
    for fec in [Fec::NoCode, Fec::RaptorQ] {
        let channel = FluteChannel {
            fec,
            ..FluteChannel::lab("lab".parse().unwrap())
        };
        let object = encoded.for_channel(&channel, "urn:x".to_owned()).unwrap();
        let oti = stored_oti(&object).unwrap();
        assert_eq!(oti.transfer_length(), object.transfer_bytes);
        assert_eq!(oti.scheme().has_repair(), fec == Fec::RaptorQ);
    }
    let location = content_location("ppg", &submission(Body::Inline(Vec::new())));
    assert!(
        location.starts_with("urn:pushcast:ppg:") && location.len() == 17 + 32,
        "{location}"
    );
}

#[test]
fn a_service_indication_goes_out_in_binary() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(folder.path()).unwrap();
    let text = include_bytes!("../../../tests/samples/content/si.xml");
    let mut submission = submission(Body::Inline(text.to_vec()));
    submission.content.content_type = "text/vnd.wap.si".to_owned();
    for (transform, body, content_type) in [
        (
            Transform::Binary,
            &include_bytes!("../../../tests/samples/content/si.wbxml")[..],
            "application/vnd.wap.sic",
        ),
        (Transform::None, text, "text/vnd.wap.si"),
    ] {
        let encoded = encode(&files, &submission, None, transform).unwrap();
        let mut plain = Vec::new();
        let octets = stored(&files, &encoded);
        flate2::read::GzDecoder::new(octets.as_slice())
            .read_to_end(&mut plain)
            .unwrap();
        let len = message::head_len(&plain).unwrap().unwrap();
        assert_eq!(&plain[len..], body);
        let head = message::read_head(&plain[..len]).unwrap();
        assert_eq!(
            head[0],
            ("Content-Type".to_owned(), content_type.to_owned())
        );
    }
    submission.content.body = Body::Inline(b"<si>".to_vec());
    assert!(matches!(
        encode(&files, &submission, None, Transform::Binary),
        Err(PrepareError::Transform(_))
    ));
}
