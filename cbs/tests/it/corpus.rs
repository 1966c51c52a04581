//! The committed corpora of the fuzz targets: replayed by every run of the tests, written anew by
//! `cargo test -p pushcast-cbs --test it -- --ignored corpus::write`.
//!
//! Files that a fuzzer found stay beside those written here, under names that say what they did.

use std::path::{Path, PathBuf};

use pushcast_cbs::message::Message;
use pushcast_cbs::page::{Contents, PageContent};
use pushcast_cbs::wac::{Shape, WarningArea};
use pushcast_cbs::{cb_data, fuzzing};

use crate::samples::{self, vectors};
use crate::vectors::message;

type Target = (&'static str, fn(&[u8]));
/// Names and octets.
type Files = Vec<(String, Vec<u8>)>;

const TARGETS: [Target; 5] = [
    ("cap", fuzzing::cap),
    ("ecbe", fuzzing::ecbe),
    ("gsmtap", fuzzing::gsmtap),
    ("page_reassembly", fuzzing::page_reassembly),
    ("wsp_push", fuzzing::wsp_push),
];

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target)
}

#[test]
fn every_file_passes_its_target() {
    for (name, target) in TARGETS {
        let mut count = 0;
        for file in std::fs::read_dir(folder(name)).unwrap() {
            target(&std::fs::read(file.unwrap().path()).unwrap());
            count += 1;
        }
        assert!(count >= 6, "{name}: {count} files");
    }
}

/// Octets cut off and changed, of every file.
#[test]
fn damaged_files_pass_their_targets() {
    for (name, target) in TARGETS {
        for file in std::fs::read_dir(folder(name)).unwrap() {
            let octets = std::fs::read(file.unwrap().path()).unwrap();
            let step = 1 + octets.len() / 60;
            for at in (0..octets.len()).step_by(step) {
                target(&octets[..at]);
                let mut changed = octets.clone();
                changed[at] ^= 1 << (at % 8);
                target(&changed);
                changed[at] = 0xFF;
                target(&changed);
            }
        }
    }
}

#[test]
#[ignore = "writes the corpora"]
fn write() {
    let sets: [(&str, Files); 5] = [
        ("cap", alerts()),
        ("ecbe", requests()),
        ("gsmtap", captures()),
        ("page_reassembly", pages()),
        ("wsp_push", pushes()),
    ];
    for (target, files) in sets {
        let folder = folder(target);
        std::fs::create_dir_all(&folder).unwrap();
        for (name, octets) in files {
            std::fs::write(folder.join(name), octets).unwrap();
        }
    }
}

fn named<const N: usize>(files: [(&str, Vec<u8>); N]) -> Files {
    files
        .map(|(name, octets)| (name.to_owned(), octets))
        .to_vec()
}

fn alerts() -> Files {
    let alert = |middle: &str| {
        format!(
            "<alert xmlns=\"urn:oasis:names:tc:emergency:cap:1.2\"><identifier>i</identifier>\
             <sender>s</sender><sent>2026-11-22T09:30:00-00:00</sent><status>Actual</status>{middle}</alert>"
        )
        .into_bytes()
    };
    let info = |rest: &str| {
        alert(&format!(
            "<msgType>Alert</msgType><scope>Public</scope><info><language>en</language>\
             <category>Met</category><event>e</event><urgency>Immediate</urgency>\
             <severity>Extreme</severity><certainty>Observed</certainty>{rest}</info>"
        ))
    };
    named([
        (
            "info",
            info("<expires>2026-11-22T13:30:00+01:00</expires><headline>h</headline>"),
        ),
        (
            "area",
            info(
                "<area><areaDesc>a</areaDesc><polygon>0,0 0,1 1,1 0,0</polygon><circle>1,2 3</circle><geocode><valueName>n</valueName><value>v</value></geocode><altitude>1</altitude><ceiling>2</ceiling></area>",
            ),
        ),
        (
            "hints",
            info(
                "<instruction>go</instruction><parameter><valueName>cbs:message-id</valueName><value>4370</value></parameter><parameter><valueName>cbs:repetition-period-s</valueName><value>30</value></parameter><parameter><valueName>cbs:service-area</valueName><value>plmn</value></parameter>",
            ),
        ),
        (
            "resource",
            info(
                "<resource><resourceDesc>d</resourceDesc><mimeType>image/png</mimeType><size>1</size></resource>",
            ),
        ),
        (
            "cancel",
            alert(
                "<msgType>Cancel</msgType><scope>Private</scope><addresses>a \"b c\"</addresses><references>s,i,2026-11-22T09:30:00-00:00</references>",
            ),
        ),
        (
            "ack",
            alert(
                "<msgType>Ack</msgType><scope>Restricted</scope><restriction>r</restriction><code>cbs:not-found</code><note>&amp;&#13;</note><references>a@b,a1,2026-11-22T09:30:00-00:00</references>",
            ),
        ),
        (
            "dtd",
            b"<!DOCTYPE a [<!ENTITY b \"c\">]><alert>&b;</alert>".to_vec(),
        ),
        ("deep", "<a>".repeat(20).into_bytes()),
        (
            "signed",
            alert("<msgType>Alert</msgType><scope>Public</scope><s:S xmlns:s=\"x\"><s:T/></s:S>"),
        ),
    ])
}

fn requests() -> Files {
    let mut files = named([
        ("command_port", samples::read("ecbe/vty-show-messages.txt")),
        ("completed", b"Message ID 0399, Serial Number 4030, State: ACTIVE\n Peer: 'b', State: A\n  Number of Broadcasts Completed:\n   BSS (1/1)\n".to_vec()),
        ("unknown", b"Unknown Messsage ID 7\n".to_vec()),
        ("path", b"/api/ecbe/v1/message/919".to_vec()),
    ]);
    for number in ["01", "02", "08", "10", "11", "12", "13", "14", "17"] {
        let folder = samples::path("ecbe");
        let name = std::fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().file_name().into_string().unwrap())
            .find(|name| name.starts_with(number) && name.ends_with("request"))
            .unwrap();
        let http = samples::read(&format!("ecbe/{name}"));
        let body = http
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        files.push((format!("post_{number}"), http[body + 4..].to_vec()));
    }
    files
}

fn captures() -> Files {
    let air = samples::read("air-cbch.pcap");
    let ours = samples::read("vectors.pcap");
    let mut nanoseconds = ours[..500].to_vec();
    nanoseconds[..4].copy_from_slice(&0xA1B2_3C4D_u32.to_le_bytes());
    named([
        ("ethernet", air[..1200].to_vec()),
        ("raw", ours[..800].to_vec()),
        ("nanoseconds", nanoseconds),
        ("no_packets", ours[..24].to_vec()),
        ("datagram", air[24 + 16 + 42..][..39].to_vec()),
        (
            "long_header",
            [&[2, 5, 1, 0][..], &[0; 8], &[15], &[0; 30]].concat(),
        ),
    ])
}

fn pages() -> Files {
    let octets = |message: &Message| message.pages().flat_map(|page| page.encode()).collect();
    let of = |name: &str| {
        let vector = vectors().into_iter().find(|vector| vector.name == name);
        message(&vector.unwrap())
    };
    let long = of("max-15-pages");
    let mut backwards: Vec<_> = long.pages().collect();
    backwards.reverse();
    let area = WarningArea {
        maximum_wait: None,
        shapes: vec![
            Shape::Circle("1,2 3".parse().unwrap()),
            Shape::Polygon("0,0 0,1 1,1 0,0".parse().unwrap()),
        ],
    };
    named([
        ("one_page", octets(&of("one-char"))),
        ("three_pages", octets(&of("english-dcs01"))),
        ("language", octets(&of("lang-preamble-sl"))),
        ("ucs2_language", octets(&of("ucs2-lang-uk"))),
        (
            "backwards",
            backwards.iter().flat_map(|page| page.encode()).collect(),
        ),
        ("cb_data", cb_data::encode(&of("ucs2-42").contents)),
        ("bmc", cb_data::encode_bmc(&of("ucs2-42"))),
        ("coordinates", area.encode().unwrap()),
        (
            "trigger",
            vec![0x21, 0x40, 0x11, 0x12, 0x40, 0x10, 0x11, 0x13, 0x40, 0x10],
        ),
        (
            "blocks",
            of("one-char")
                .pages()
                .flat_map(|page| pushcast_cbs::cbch::blocks(&page).concat())
                .collect(),
        ),
    ])
}

fn pushes() -> Files {
    let page = |octets: &[u8]| {
        let page = PageContent::zero_filled(octets).unwrap();
        cb_data::encode(&Contents::new(vec![page]).unwrap())
    };
    named([
        ("si", samples::read("wsp/kannel-wsp-push-si.bin")),
        ("sl", samples::read("wsp/kannel-wsp-push-sl.bin")),
        (
            "all_headers",
            samples::read("wsp/wsp-push-si-all-headers.bin"),
        ),
        ("sia", samples::read("wsp/wsp-push-sia-v1.bin")),
        (
            "text_headers",
            b"\x01\x06\x0Ftext/x\0a\0b\0\x7F\xC3\xA9\0\0".to_vec(),
        ),
        ("general_type", vec![0, 6, 4, 3, 2, 0x12, 0x34, 1]),
        ("concatenated", page(&[5, 0, 3, 1, 1, 1, 0, 6, 1, 0x83])),
        (
            "ports",
            page(&[6, 5, 4, 0x0B, 0x84, 0x23, 0xF0, 0, 6, 1, 0x83, 1]),
        ),
        ("raw", page(&[0, 5, 0, 6, 1, 0x83, 1])),
    ])
}
