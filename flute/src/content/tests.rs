use super::*;
use flate2::write::{DeflateEncoder, ZlibEncoder};
use flate2::{Compression, GzBuilder};
use proptest::prelude::*;
use std::io::Write as _;

fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn zlib(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn decode_by(step: usize, decoder: Decoder, transport: &[u8]) -> Result<Vec<u8>, ContentError> {
    let mut decoder = decoder;
    let mut decoded = Vec::new();
    for piece in transport.chunks(step) {
        decoder.write(piece, |octets| decoded.extend_from_slice(octets))?;
    }
    let finished = decoder.finish()?;
    assert_eq!(finished.bytes, decoded.len() as u64);
    Ok(decoded)
}

fn decode(encoding: Encoding, transport: &[u8]) -> Result<Vec<u8>, ContentError> {
    let decoder = Decoder::new(encoding, None, None, Limits::default());
    decode_by(usize::MAX, decoder, transport)
}

/// Compressible, but not without end.
fn text() -> Vec<u8> {
    (0..20_000u32)
        .flat_map(|line| format!("line {} of many\n", line * 7919 % 10_007).into_bytes())
        .collect()
}

#[test]
fn tokens_of_http_are_understood() {
    let table = [
        ("", Encoding::Identity),
        ("identity", Encoding::Identity),
        ("gzip", Encoding::Gzip),
        (" X-GZIP ", Encoding::Gzip),
        ("deflate", Encoding::Deflate),
        ("zlib", Encoding::Deflate),
    ];
    for (token, encoding) in table {
        assert_eq!(token.parse(), Ok(encoding), "{token:?}");
    }
    let unknown = "br".parse::<Encoding>().unwrap_err();
    assert_eq!(unknown.token, "br");
}

#[test]
fn every_format_is_told_from_the_data_whatever_the_label() {
    let data = text();
    for encoded in [gzip(&data), zlib(&data), deflate(&data)] {
        for label in [Encoding::Gzip, Encoding::Deflate] {
            assert_eq!(decode(label, &encoded).unwrap(), data);
        }
    }
}

#[test]
fn gzip_tells_neither_time_nor_place() {
    let encoded = gzip(b"same");
    assert_eq!(encoded, gzip(b"same"));
    assert_eq!(encoded[..10], [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255]);
}

#[test]
fn tables_that_served_before_give_the_same_octets() {
    let mut kept = Gzip::default();
    let noise: Vec<u8> = (0..200_000u64)
        .map(|i| (i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as u8)
        .collect();
    for data in [&text(), noise.as_slice(), b"", &text()] {
        let encoded = kept.compress(data);
        assert_eq!(encoded, gzip(data));
        assert_eq!(decode(Encoding::Gzip, &encoded).unwrap(), data);
        let mut theirs = GzBuilder::new()
            .operating_system(255)
            .write(Vec::new(), Compression::default());
        theirs.write_all(data).unwrap();
        assert_eq!(encoded, theirs.finish().unwrap());
    }
}

#[test]
fn a_gzip_header_with_every_option_is_read_octet_by_octet() {
    let mut encoder = GzBuilder::new()
        .filename("name")
        .comment("comment")
        .extra(vec![7; 300])
        .write(Vec::new(), Compression::default());
    encoder.write_all(b"content").unwrap();
    let encoded = encoder.finish().unwrap();
    let decoder = Decoder::new(Encoding::Gzip, Some(7), None, Limits::default());
    assert_eq!(decode_by(1, decoder, &encoded).unwrap(), b"content");
}

#[test]
fn several_members_are_one_file() {
    let encoded = [gzip(b"one "), gzip(b""), gzip(b"two")].concat();
    assert_eq!(decode(Encoding::Gzip, &encoded).unwrap(), b"one two");
}

#[test]
fn the_number_of_members_is_bounded() {
    let encoded = gzip(b"").repeat(MAX_MEMBERS as usize + 1);
    assert_eq!(
        decode(Encoding::Gzip, &encoded),
        Err(ContentError::Members { max: MAX_MEMBERS })
    );
}

#[test]
fn zero_padding_is_ignored_and_other_trailing_octets_are_not() {
    for encode in [gzip, zlib, deflate] {
        let mut encoded = encode(b"content");
        encoded.extend([0; 1400]);
        assert_eq!(decode(Encoding::Gzip, &encoded).unwrap(), b"content");
        let offset = encoded.len() as u64;
        encoded.push(b'x');
        assert_eq!(
            decode(Encoding::Gzip, &encoded),
            Err(ContentError::TrailingData { offset })
        );
    }
}

#[test]
fn every_truncation_is_noticed() {
    let encoded = gzip(b"some content that is long enough");
    for len in 0..encoded.len() {
        assert!(
            matches!(
                decode(Encoding::Gzip, &encoded[..len]),
                Err(ContentError::Truncated { transport_bytes }) if transport_bytes <= len as u64
            ),
            "after {len} octets"
        );
    }
}

#[test]
fn a_wrong_checksum_or_length_in_the_trailer_is_corrupt() {
    let encoded = gzip(b"content");
    for at in encoded.len() - 8..encoded.len() {
        let mut damaged = encoded.clone();
        damaged[at] ^= 1;
        assert!(matches!(
            decode(Encoding::Gzip, &damaged),
            Err(ContentError::Corrupt { .. })
        ));
    }
}

#[test]
fn an_empty_file_needs_no_encoded_octets() {
    let limits = Limits::default();
    let empty = |length| Decoder::new(Encoding::Gzip, length, None, limits).finish();
    assert_eq!(empty(Some(0)), Ok(Finished { bytes: 0 }));
    assert_eq!(
        empty(None),
        Err(ContentError::Truncated { transport_bytes: 0 })
    );
    let identity = Decoder::new(Encoding::Identity, None, None, limits).finish();
    assert_eq!(identity, Ok(Finished { bytes: 0 }));
}

#[test]
fn the_announced_length_is_held_to() {
    let limits = Limits::default();
    let content = vec![b'c'; 100];
    for (encoding, transport) in [
        (Encoding::Identity, content.clone()),
        (Encoding::Gzip, gzip(&content)),
    ] {
        for announced in [99, 101] {
            let decoder = Decoder::new(encoding, Some(announced), None, limits);
            assert_eq!(
                decode_by(usize::MAX, decoder, &transport),
                Err(ContentError::ContentLength {
                    expected_bytes: announced,
                    got_bytes: 100
                })
            );
        }
    }
}

#[test]
fn a_digest_of_either_form_is_accepted() {
    let content = text();
    let encoded = gzip(&content);
    let check = |encoding, digest, transport: &[u8]| {
        let decoder = Decoder::new(encoding, None, Some(digest), Limits::default());
        decode_by(1000, decoder, transport).map(|_| ())
    };
    assert_eq!(check(Encoding::Gzip, md5(&content), &encoded), Ok(()));
    assert_eq!(check(Encoding::Gzip, md5(&encoded), &encoded), Ok(()));
    assert_eq!(check(Encoding::Identity, md5(&content), &content), Ok(()));
    for encoding in [Encoding::Gzip, Encoding::Identity] {
        let transport = match encoding {
            Encoding::Identity => &content,
            Encoding::Deflate | Encoding::Gzip => &encoded,
        };
        let wrong = check(encoding, md5(b"other"), transport);
        assert_eq!(wrong, Err(ContentError::Md5));
    }
}

/// A gigabyte of zeros in a megabyte, made piecewise.
fn bomb() -> Vec<u8> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    let zeros = vec![0; 1 << 20];
    for _ in 0..1024 {
        encoder.write_all(&zeros).unwrap();
    }
    encoder.finish().unwrap()
}

#[test]
fn a_bomb_is_stopped_at_the_first_limit_it_meets() {
    let bomb = bomb();
    assert!(bomb.len() < 2 << 20);
    let generous = Limits {
        max_bytes: 10_000_000,
        max_ratio: u32::MAX,
    };
    let table = [
        (
            Some(5_000_000),
            generous,
            5_000_000,
            ContentError::ContentLength {
                expected_bytes: 5_000_000,
                got_bytes: 0,
            },
        ),
        (
            None,
            generous,
            10_000_000,
            ContentError::TooLong {
                max_bytes: 10_000_000,
            },
        ),
        (
            None,
            Limits::default(),
            RATIO_FLOOR_BYTES,
            ContentError::Ratio {
                max_ratio: DEFAULT_MAX_RATIO,
            },
        ),
    ];
    for (content_length, limits, most, expected) in table {
        let mut handed_on = 0;
        let mut decoder = Decoder::new(Encoding::Gzip, content_length, None, limits);
        let mut largest = 0;
        let mut count = |piece: &[u8]| {
            handed_on += piece.len() as u64;
            largest = largest.max(piece.len());
        };
        // In pieces, as symbols come: the ratio counts what has been consumed.
        let error = bomb
            .chunks(1400)
            .find_map(|symbol| decoder.write(symbol, &mut count).err())
            .unwrap();
        let error = match error {
            ContentError::ContentLength { expected_bytes, .. } => ContentError::ContentLength {
                expected_bytes,
                got_bytes: 0,
            },
            other => other,
        };
        assert_eq!(error, expected);
        assert!(handed_on <= most && largest <= BUFFER_BYTES);
        assert!(decoder.write(b"", |_| ()).is_err(), "an error is final");
        assert!(decoder.finish().is_err());
    }
}

#[test]
fn a_nested_bomb_is_only_unpacked_once() {
    let nested = gzip(&bomb());
    let decoded = decode(Encoding::Gzip, &nested).unwrap();
    assert!(decoded.len() < 2 << 20);
}

#[test]
fn a_small_file_of_equal_octets_is_no_bomb() {
    let zeros = vec![0; RATIO_FLOOR_BYTES as usize];
    assert_eq!(decode(Encoding::Gzip, &gzip(&zeros)).unwrap(), zeros);
}

proptest! {
    #[test]
    fn what_was_encoded_comes_back(
        data in proptest::collection::vec(any::<u8>(), 0..5000),
        step in 1usize..700,
        format in 0usize..3,
    ) {
        let transport = [gzip, zlib, deflate][format](&data);
        let digest = Some(md5(&data));
        let length = Some(data.len() as u64);
        let decoder = Decoder::new(Encoding::Deflate, length, digest, Limits::default());
        prop_assert_eq!(decode_by(step, decoder, &transport).unwrap(), data);
    }

    #[test]
    fn any_octets_are_decoded_or_refused(
        mut transport in proptest::collection::vec(any::<u8>(), 0..2000),
        prefix in 0usize..4,
        step in 1usize..700,
    ) {
        let start: &[u8] = [&[][..], &[0x1F, 0x8B, 8], &[0x78, 0x9C], &[0x1F, 0x8B, 8, 0]][prefix];
        transport.splice(..0, start.iter().copied());
        let limits = Limits { max_bytes: 100_000, max_ratio: 200 };
        let decoder = Decoder::new(Encoding::Gzip, None, None, limits);
        if let Ok(decoded) = decode_by(step, decoder, &transport) {
            prop_assert!(decoded.len() <= 100_000);
        }
    }

    #[test]
    fn a_damaged_stream_is_never_taken_for_the_file(at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let data = b"the quick brown fox jumps over the lazy dog, twice: the quick brown fox";
        let mut transport = gzip(data);
        let at = at.index(transport.len());
        transport[at] ^= 1 << bit;
        // Octets 4 to 9 of the header are only about time, effort and system.
        if !(4..10).contains(&at) {
            let decoded = decode(Encoding::Gzip, &transport);
            prop_assert!(decoded.is_err() || decoded.as_deref() == Ok(&data[..]));
        }
    }
}
