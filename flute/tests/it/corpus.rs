//! The committed corpora of the fuzz targets: replayed by every run of the tests, written anew by
//! `cargo test -p pushcast-flute --test it -- --ignored corpus::write`.
//!
//! Files that a fuzzer found stay beside those written here, under names that say what they did.

use std::path::{Path, PathBuf};
use std::time::Duration;

use pushcast_flute::{content, fuzzing};

use crate::packets::{E, Lct, ext_fdt, ext_fti, fdt, fdt_xml, no_code, raptor_q, source_packets};
use crate::pair::{Impairment, Pair, Random, carousel, config, object};

type Target = (&'static str, fn(&[u8]));
/// Names and octets.
type Files = Vec<(&'static str, Vec<u8>)>;

const TARGETS: [Target; 7] = [
    ("alc", fuzzing::alc),
    ("fdt_xml", fuzzing::fdt_xml),
    ("gzip_object", fuzzing::gzip_object),
    ("lct", fuzzing::lct),
    ("raptorq_guard", fuzzing::raptorq_guard),
    ("receiver_session", fuzzing::receiver_session),
    ("sdp", fuzzing::sdp),
];

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target)
}

#[test]
fn every_file_passes_its_target() {
    for (name, target) in TARGETS {
        let files = std::fs::read_dir(folder(name)).unwrap();
        let mut count = 0;
        for file in files {
            target(&std::fs::read(file.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count >= 6, "{name}: {count} files");
    }
}

/// Random octets, with few different values so that operation lists get somewhere.
#[test]
fn random_octets_pass_every_target() {
    for (_, target) in TARGETS {
        for seed in 0..300 {
            let mut random = Random::new(seed);
            let len = random.below(2000) as usize;
            let mask = [0xFF, 0x0F, 0x1F, 0x07][seed as usize % 4];
            let octets = random.octets(len);
            target(&octets.iter().map(|octet| octet & mask).collect::<Vec<_>>());
        }
    }
}

#[test]
#[ignore = "writes the corpora"]
fn write() {
    let sets: [(&str, Files); 7] = [
        ("alc", packets()),
        ("fdt_xml", documents()),
        ("gzip_object", encoded()),
        ("lct", packets()),
        ("raptorq_guard", parameters()),
        ("receiver_session", operations()),
        ("sdp", descriptions()),
    ];
    for (target, files) in sets {
        let folder = folder(target);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, octets) in files {
            std::fs::write(folder.join(name), octets).unwrap();
        }
    }
}

fn packets() -> Files {
    let plain = Lct::new(1, 0);
    let wide = |bytes| Lct {
        tsi_bytes: bytes,
        toi_bytes: bytes,
        ..Lct::new(9, 6)
    };
    let fti = ext_fti(&no_code(200_003, E, 64));
    let time = [2, 3, 0xC0, 0, 0xEA, 0, 0, 0, 0x80, 0, 0, 0];
    vec![
        ("fdt", fdt(1, &fdt_xml("", ""))),
        ("data", plain.packet(2, 5, b"symbol")),
        ("raptorq", Lct::new(1, 6).packet(1, 75, b"symbol")),
        ("wide_32", wide(4).packet(0, 0, b"symbol")),
        ("wide_48", wide(6).packet(0, 0, b"symbol")),
        (
            "fti_raptorq",
            Lct::new(1, 6)
                .with(&ext_fti(&raptor_q(5000, 2, 3)))
                .packet(0, 0, b"x"),
        ),
        ("fti_no_code", plain.clone().with(&fti).packet(0, 0, b"x")),
        (
            "time_and_unknown",
            plain
                .clone()
                .with(&time)
                .with(&[200, 0, 0, 0])
                .packet(0, 0, b"x"),
        ),
        (
            "cenc",
            Lct::new(0, 0)
                .with(&ext_fdt(2, 7))
                .with(&[193, 3, 0, 0])
                .with(&fti)
                .packet(0, 0, b"x"),
        ),
        (
            "obsolete_times",
            Lct {
                times: [Some(1), Some(2)],
                ..plain.clone()
            }
            .packet(0, 0, b"x"),
        ),
        ("bare_close", vec![0x10, 0x82, 3, 0, 0, 0, 0, 0, 0, 0, 0, 7]),
        (
            "no_extension_length",
            plain.with(&[64, 0, 0, 0]).packet(0, 0, b"x"),
        ),
    ]
}

fn documents() -> Files {
    let file = r#"<File TOI="1" Content-Location="urn:f" Content-Length="9" FEC-OTI-FEC-Encoding-ID="6" FEC-OTI-Encoding-Symbol-Length="1400" FEC-OTI-Scheme-Specific-Info="AQABBA=="/>"#;
    let full = r#"<File TOI="2" Content-Location="http://x/a?b=1&amp;c" Content-Length="200" Transfer-Length="90" Content-Type="text/xml" Content-Encoding="gzip" Content-MD5="XrY7u+Ae7tCTyyK7j1rNww=="><m:Cache-Control xmlns:m="urn:3GPP:metadata:2007:MBMS:FLUTE:FDT"><m:Expires>3997260000</m:Expires></m:Cache-Control><Group>one</Group></File><Group>all</Group>"#;
    let mut pair = Pair::new(config(), Impairment::default(), 1);
    pair.send(object(1, crate::pair::no_code(100), carousel(1)), &[7; 100]);
    pair.run(Duration::from_secs(5));
    vec![
        ("own", pair.sent[0].1[36..].to_vec()),
        ("empty", fdt_xml("", "").into_bytes()),
        ("raptorq", fdt_xml("Complete=\"true\"", file).into_bytes()),
        ("full", fdt_xml("FullFDT=\"1\"", full).into_bytes()),
        ("no_namespace", b"<FDT-Instance Expires='1'><File TOI='1' Content-Location='a'/></FDT-Instance>".to_vec()),
        ("prefixed", b"<f:FDT-Instance xmlns:f='u' Expires='1'><f:File TOI='1' Content-Location='a'><f:Group>g</f:Group></f:File></f:FDT-Instance>".to_vec()),
        ("doctype", b"<!DOCTYPE x [<!ENTITY a 'b'>]><FDT-Instance Expires='&a;'/>".to_vec()),
        ("deep", "<a>".repeat(40).into_bytes()),
        ("references", b"<FDT-Instance Expires='1'><File TOI='1' Content-Location='&#x9;&#10;&lt;&quot;'/></FDT-Instance>".to_vec()),
        ("2022", br#"<FDT-Instance xmlns="urn:3GPP:metadata:2022:FLUTE:FDT" Expires="1"><File TOI="1" Content-Location="a" Expires="2"><Cache-Control><no-cache>true</no-cache></Cache-Control></File><schemaVersion>2</schemaVersion></FDT-Instance>"#.to_vec()),
    ]
}

fn encoded() -> Files {
    let with = |head: &[u8], transport: &[u8]| [head, transport].concat();
    let gzip = content::gzip(b"the river rises");
    let flate = |bare: bool| {
        use std::io::Write as _;
        let level = flate2::Compression::default();
        if bare {
            let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), level);
            encoder.write_all(b"the river rises").unwrap();
            encoder.finish().unwrap()
        } else {
            let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), level);
            encoder.write_all(b"the river rises").unwrap();
            encoder.finish().unwrap()
        }
    };
    vec![
        ("gzip", with(&[1, 200, 3], &gzip)),
        ("gzip_of_length", with(&[0x11, 0, 15, 200, 1], &gzip)),
        ("two_members", with(&[1, 200, 50], &gzip.repeat(2))),
        (
            "padded",
            with(&[1, 200, 7], &[&gzip[..], &[0; 20]].concat()),
        ),
        ("zlib", with(&[0, 200, 2], &flate(false))),
        ("deflate", with(&[0, 200, 2], &flate(true))),
        ("identity", with(&[2, 200, 2], b"the river rises")),
        (
            "bomb",
            with(&[1, 10, 255], &content::gzip(&vec![0; 2 << 20])),
        ),
        ("digest", with(&[0x21, 7, 200, 2], &gzip)),
    ]
}

fn parameters() -> Files {
    let oti = |length: u32, symbol: u16, z: u8, n: u16, al: u8, rest: &[u8]| {
        let mut out = length.to_be_bytes().to_vec();
        out.push(1);
        out.extend_from_slice(&symbol.to_be_bytes());
        out.push(z);
        out.extend_from_slice(&n.to_be_bytes());
        out.push(al);
        out.extend_from_slice(rest);
        out
    };
    let some = [0, 1, 2, 3, 4, 0, 0, 0, 9, 0, 1, 2, 3, 4, 0, 0, 0, 1, 0, 1];
    vec![
        ("one_block", oti(5003, 100, 1, 1, 4, &some)),
        ("three_blocks", oti(5003, 100, 3, 1, 4, &some)),
        ("sub_blocks", oti(5003, 100, 2, 3, 4, &some)),
        ("one_octet", oti(1, 4, 1, 1, 4, &some)),
        ("tiny_symbols", oti(300, 1, 1, 1, 1, &some)),
        ("no_symbol_length", oti(5003, 0, 1, 1, 4, &some)),
        ("no_alignment", oti(5003, 100, 1, 1, 0, &some)),
        ("no_blocks", oti(5003, 100, 0, 1, 4, &some)),
        (
            "huge",
            [&[0xFF; 4][..], &[0, 0xFF, 5, 120, 1, 0, 1, 4]].concat(),
        ),
    ]
}

/// Operation lists in the encoding of `fuzzing::receiver_session`.
fn operations() -> Files {
    // An FDT with TOI 1 of 64 octets in No-Code symbols of 16, blocks of 2; then its packets.
    let no_code_fdt = [0, 255, 0, 0, 1, 64, 0, 8, 0, 1, 15, 1, 1, 200, 1, 0];
    let raptorq_fdt = [0, 255, 0, 0, 1, 64, 0, 8, 0, 5, 15, 0, 0, 1, 200, 1, 0];
    let data = |choice: u8, sbn: u8, esi: u8| [4, choice, 1, sbn, esi, 15, 1, 2, 3, 4, 0, 0, 0];
    let blocks = [data(0, 0, 0), data(0, 0, 1), data(0, 1, 0), data(0, 1, 1)].concat();
    let raptorq: Vec<u8> = (0..8).flat_map(|esi| data(1, 0, esi * 3)).collect();
    let mut random = Random::new(5);
    let noise: Vec<u8> = random
        .octets(300)
        .iter()
        .map(|octet| octet & 0x1F)
        .collect();
    vec![
        (
            "no_code",
            [&[0][..], &no_code_fdt, &blocks, &[13, 14]].concat(),
        ),
        (
            "no_code_early",
            [&[0][..], &blocks, &no_code_fdt, &[14]].concat(),
        ),
        (
            "raptorq",
            [&[0][..], &raptorq_fdt, &raptorq, &[13], &raptorq].concat(),
        ),
        (
            "expiry",
            [
                &[0][..],
                &no_code_fdt,
                &data(0, 0, 0),
                &[12, 255, 255, 7, 14],
                &blocks,
            ]
            .concat(),
        ),
        (
            "closing",
            [&[0][..], &no_code_fdt, &data(14, 0, 0), &[14], &blocks].concat(),
        ),
        ("filters", [&[3][..], &no_code_fdt, &blocks].concat()),
        ("version_2", [&[4][..], &no_code_fdt, &blocks].concat()),
        ("noise", noise),
    ]
}

fn descriptions() -> Files {
    let own = "v=0\r\no=pushcast 3997250000 1 IN IP4 192.0.2.10\r\ns=Area alerts\r\nt=3997252800 3997256400\r\na=source-filter: incl IN IP4 * 192.0.2.10\r\na=flute-tsi:7\r\na=FEC-declaration:0 encoding-id=6\r\nm=application 5000 FLUTE/UDP 0\r\nc=IN IP4 233.252.0.7/16\r\nb=AS:2000\r\na=lang:en\r\na=FEC:0\r\n";
    let mbms = own.replace(
        "a=flute-tsi",
        "a=mbms-mode:broadcast 123869108302929 1\r\na=flute-tsi",
    );
    let ipv6 = own
        .replace("IP4", "IP6")
        .replace("192.0.2.10", "2001:db8::10")
        .replace("233.252.0.7/16", "ff3e::7");
    let sample = "v=0\no=- 0 0 IN IP4 host.example\ns=-\nt=0 0\nc=IN IP4 239.1.2.3/1\na=flute-tsi:0\na=flute-ch:1\nm=application 4001 FLUTE/UDP 0\nb=64\n";
    vec![
        ("own", own.into()),
        ("line_feeds", own.replace('\r', "").into()),
        ("mbms", mbms.into()),
        ("ipv6", ipv6.into()),
        ("sample", sample.into()),
        (
            "two_channels",
            own.replace("a=lang:en", "a=flute-ch:2").into(),
        ),
        ("no_tsi", own.replace("a=flute-tsi:7\r\n", "").into()),
    ]
}

/// Whole sessions as the sender makes them are packets of both targets.
#[test]
fn own_packets_pass() {
    let octets = Random::new(3).octets(5000);
    let packets = source_packets(&Lct::new(1, 0), &no_code(5000, E, 64), &octets);
    for packet in packets {
        fuzzing::lct(&packet);
        fuzzing::alc(&packet);
    }
}
