//! Captures of other programs read by us, and ours read by tshark.

use std::net::{Ipv4Addr, SocketAddrV4};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use pushcast_cbs::cbch::{self, Assembler, NULL_BLOCK};
use pushcast_cbs::dcs::Charset;
use pushcast_cbs::gsmtap::{Packet, UDP_PORT};
use pushcast_cbs::message::Message;
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::page::Page;
use pushcast_cbs::pcap::{Datagrams, Writer};
use pushcast_cbs::reassembly::{Reassembler, Reception};
use pushcast_cbs::serial::SerialNumber;
use pushcast_cbs::{cb_data, text};

use crate::samples::{self, vectors};
use crate::vectors::message;

const HERE: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, UDP_PORT);

fn pages(capture: &[u8]) -> Vec<Page> {
    let mut assembler = Assembler::default();
    let datagrams = Datagrams::new(capture).unwrap();
    datagrams
        .filter_map(|datagram| {
            let packet = Packet::decode(datagram.unwrap().payload).unwrap();
            assembler.handle_block(&packet.block).unwrap()
        })
        .collect()
}

fn messages(pages: &[Page]) -> Vec<Message> {
    let mut reassembler = Reassembler::default();
    let receptions = pages.iter().map(|page| reassembler.handle_page(page));
    receptions
        .filter_map(|reception| match reception.unwrap() {
            Reception::Complete(message) => Some(message),
            Reception::Incomplete { .. } | Reception::Repeat => None,
        })
        .collect()
}

#[test]
fn what_a_base_station_broadcast_is_read() {
    let pages = pages(&samples::read("air-cbch.pcap"));
    assert_eq!(pages.len(), 23);
    let found: Vec<_> = messages(&pages)
        .iter()
        .map(|message| {
            let text = match message.dcs.coding().charset {
                Charset::EightBit => "octets".to_owned(),
                _ => text::decode(message.dcs, &message.contents).unwrap().text,
            };
            (message.message_id.0, message.serial.0, text)
        })
        .collect();
    let words = (0..30).map(|number| format!("word{number:02} "));
    let three = format!(
        "Pushcast sample two [three pages]. {}end {{of}} text ~ 5€",
        words.collect::<String>()
    );
    let two = "Пример Pushcast: кириллица, две страницы. Вторая страница здесь.";
    let expected = [
        (4381, 0x7010, "Exercise: pushcast drill"),
        (926, 0x4090, "short page"),
        (920, 0x4020, &three),
        (921, 0x4030, two),
        (1000, 0x4040, "octets"),
        (1001, 0x4050, "octets"),
        (924, 0x4070, "Проба с языком."),
        (925, 0x4080, "Probe mit Sprachkennung: äöüß"),
        (919, 0x4011, "Replacement text, update number one."),
    ];
    assert_eq!(
        found,
        expected.map(|(id, serial, text)| (id, serial, text.to_owned()))
    );
}

#[test]
fn vectors_on_the_air_are_read() {
    let pages = pages(&samples::read("vectors.pcap"));
    let mut rest = &pages[..];
    for vector in vectors() {
        let (these, others) = rest.split_at(vector.pages.len());
        rest = others;
        // One serial number for all vectors: each is collected on its own.
        let [message] = &messages(these)[..] else {
            panic!("{}", vector.name);
        };
        let decoded = text::decode(message.dcs, &message.contents).unwrap();
        assert_eq!(decoded.text, vector.text);
    }
    assert!(rest.is_empty());
}

/// CB data of two pages stands in the capture of an S1AP request.
#[test]
fn cb_data_of_lte_is_read() {
    let capture = samples::read("lte-write-replace-warning.pcap");
    let octets = 1 + 2 * 83;
    let contents = capture
        .windows(octets)
        .filter_map(|window| cb_data::decode(window).ok())
        .find(|contents| contents.count() == 2)
        .unwrap();
    let decoded = text::decode(pushcast_cbs::dcs::Dcs::GSM7, &contents).unwrap();
    assert!(
        decoded
            .text
            .starts_with("LTE vector: one CB-Data of two pages. 000")
    );
    assert!(decoded.text.ends_with("026 027"));
    assert_eq!(cb_data::encode(&contents).len(), octets);
}

fn capture(messages: &[Message]) -> Vec<u8> {
    let mut writer = Writer::default();
    let pages = messages.iter().flat_map(Message::pages);
    let blocks = pages.flat_map(|page| cbch::blocks(&page).into_iter().chain([NULL_BLOCK]));
    for (number, block) in (0..).zip(blocks) {
        let packet = Packet {
            arfcn: 871,
            block,
            frame: number * 51,
            timeslot: 0,
        };
        let at = Duration::from_micros(u64::from(number) * 235_400);
        writer.datagram(at, HERE, HERE, &packet.encode()).unwrap();
    }
    writer.finish()
}

#[test]
fn tshark_reads_our_pages() {
    let Ok(version) = Command::new("tshark").arg("--version").output() else {
        println!("SKIPPED: tshark is not installed");
        return;
    };
    println!(
        "{}",
        String::from_utf8_lossy(&version.stdout)
            .lines()
            .next()
            .unwrap()
    );
    let numbered = (1..).map(|code| SerialNumber(0x4000 | code << 4));
    let vectors = vectors();
    let messages: Vec<Message> = vectors
        .iter()
        .zip(numbered)
        .map(|(vector, serial)| Message {
            serial,
            ..message(vector)
        })
        .collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), capture(&messages)).unwrap();
    let mut lines = tshark_fields(file.path()).into_iter();
    for (vector, message) in vectors.iter().zip(&messages) {
        let mut text = String::new();
        for page in message.pages() {
            let line = lines.next().unwrap();
            let [serial, id, number, total, content] = &line[..] else {
                panic!("{line:?}");
            };
            assert_eq!(serial, &format!("0x{:04x}", page.serial.0));
            assert_eq!(id, &page.message_id.to_string());
            assert_eq!(number, &page.parameter.number().to_string());
            assert_eq!(total, &page.parameter.total().to_string());
            // It does not take the language off.
            let preamble = match vector.dcs {
                0x10 => format!("{}\\r", vector.language.as_deref().unwrap()),
                _ => String::new(),
            };
            text.push_str(content.strip_prefix(&preamble).unwrap());
        }
        if vector.tshark_matches {
            let escaped = vector.text.replace('\n', "\\n").replace('\u{0C}', "\\f");
            let doubled = escaped.replace('\\', "\\\\");
            assert!(
                text == escaped || text == doubled,
                "{}: {text}",
                vector.name
            );
        }
    }
    assert_eq!(lines.next(), None);
}

/// Texts of any length, of characters that tshark prints as they are.
fn any_texts() -> Vec<String> {
    let gsm7: Vec<char> = "@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !#¤%&'()*+,-./0123456789:;<=>?¡ABCXYZÄÖÑÜ§¿abcxyzäöñüà^{}[~]|€"
        .chars()
        .collect();
    let ucs2: Vec<char> = "абвгдежзийклмнопрстуфхцчшщъыьэюяçÁ中文字שלוםمرحبا 0123"
        .chars()
        .collect();
    let mut state = 1_u64;
    let mut below = |bound: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % bound
    };
    (0..60)
        .map(|number| {
            let (characters, most) = if number % 3 == 0 {
                (&ucs2, 600)
            } else {
                (&gsm7, 1100)
            };
            let count = 1 + below(most);
            let middle = (0..count).map(|_| characters[below(characters.len())]);
            // A letter at both ends: white space there would be trimmed from the line.
            ['x'].into_iter().chain(middle).chain(['x']).collect()
        })
        .collect()
}

#[test]
fn tshark_reads_any_texts() {
    if Command::new("tshark").arg("--version").output().is_err() {
        println!("SKIPPED: tshark is not installed");
        return;
    }
    let texts = any_texts();
    let messages: Vec<Message> = (1..)
        .zip(&texts)
        .map(|(code, written)| {
            let encoded = text::encode(written, &text::Options::default()).unwrap();
            Message {
                serial: SerialNumber(0x4000 | code << 4),
                message_id: MessageId(919),
                dcs: encoded.dcs,
                contents: encoded.contents,
            }
        })
        .collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), capture(&messages)).unwrap();
    let mut lines = tshark_fields(file.path()).into_iter();
    for (written, message) in texts.iter().zip(&messages) {
        let pages = lines.by_ref().take(usize::from(message.contents.count()));
        let shown: String = pages.map(|mut line| line.remove(4)).collect();
        assert_eq!(&shown, written);
    }
}

fn tshark_fields(file: &Path) -> Vec<Vec<String>> {
    let fields = [
        "serial_number",
        "message-identifier",
        "current_page",
        "total_pages",
        "page_content",
    ];
    let mut tshark = Command::new("tshark");
    tshark
        .args(["-Y", "gsm_cbs", "-T", "fields", "-r"])
        .arg(file);
    for field in fields {
        tshark.arg("-e").arg(format!("gsm_cbs.{field}"));
    }
    let output = tshark.output().unwrap();
    let lines = String::from_utf8(output.stdout).unwrap();
    let fields = |line: &str| line.split('\t').map(str::to_owned).collect();
    lines.lines().map(fields).collect()
}
