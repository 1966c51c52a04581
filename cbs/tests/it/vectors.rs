//! The thirteen encoder vectors, both ways.

use pushcast_cbs::cbch::{self, Assembler};
use pushcast_cbs::dcs::Dcs;
use pushcast_cbs::message::Message;
use pushcast_cbs::message_id::MessageId;
use pushcast_cbs::page::{Contents, Page, PageContent};
use pushcast_cbs::reassembly::{Reassembler, Reception};
use pushcast_cbs::serial::SerialNumber;
use pushcast_cbs::text::{self, CharsetChoice, Options, Supplementary};

use crate::samples::{Vector, vectors};

/// What the vector's scheme was made from.
pub fn options(vector: &Vector) -> Options {
    let named = Dcs(vector.dcs).coding().language;
    let preamble = vector
        .language
        .as_ref()
        .map(|language| language.parse().unwrap());
    Options {
        language: preamble.or(named),
        supplementary: Supplementary::Allow,
        ..Options::default()
    }
}

pub fn message(vector: &Vector) -> Message {
    let encoded = text::encode(&vector.text, &options(vector)).unwrap();
    Message {
        serial: SerialNumber(vector.serial),
        message_id: MessageId(vector.message_id),
        dcs: encoded.dcs,
        contents: encoded.contents,
    }
}

#[test]
fn texts_become_exactly_these_pages() {
    let vectors = vectors();
    assert_eq!(vectors.len(), 13);
    for vector in &vectors {
        let encoded = text::encode(&vector.text, &options(vector)).unwrap();
        assert_eq!(encoded.dcs, Dcs(vector.dcs), "{}", vector.name);
        let pages = encoded.contents.pages();
        let octets: Vec<_> = pages.iter().map(|page| page.octets().to_vec()).collect();
        assert_eq!(octets, vector.pages, "{}", vector.name);
        let used: Vec<_> = pages.iter().map(|page| usize::from(page.used())).collect();
        assert_eq!(used, vector.used, "{}", vector.name);
    }
}

#[test]
fn pages_give_the_texts_back() {
    for vector in vectors() {
        let page = |octets: &Vec<u8>| PageContent::full(octets.clone().try_into().unwrap());
        let full = Contents::new(vector.pages.iter().map(page).collect()).unwrap();
        let cut = text::encode(&vector.text, &options(&vector))
            .unwrap()
            .contents;
        for contents in [full, cut] {
            let decoded = text::decode(Dcs(vector.dcs), &contents).unwrap();
            assert_eq!(decoded.text, vector.text, "{}", vector.name);
            assert!(!decoded.lossy);
            assert_eq!(
                decoded.language,
                options(&vector).language,
                "{}",
                vector.name
            );
        }
    }
}

#[test]
fn counts_are_those_of_the_pages() {
    for vector in vectors() {
        let measure = text::measure(&vector.text, &options(&vector)).unwrap();
        assert_eq!(measure.pages, vector.pages.len(), "{}", vector.name);
        assert!(measure.fits());
        let is_gsm7 = vector.charset == "gsm7";
        assert_eq!(measure.forcing_ucs2.is_empty(), is_gsm7, "{}", vector.name);
        let preamble = if matches!(vector.dcs, 0x10 | 0x11) {
            3
        } else {
            0
        };
        if let Some(septets) = &vector.septets {
            let units = septets.iter().sum::<usize>() - preamble * septets.len();
            assert_eq!(measure.units, units, "{}", vector.name);
            let last = septets.last().unwrap();
            assert_eq!(measure.room_on_page, 93 - last, "{}", vector.name);
        }
    }
}

#[test]
fn a_demanded_charset_gives_the_same() {
    for vector in vectors() {
        let charset = match vector.charset.as_str() {
            "gsm7" => CharsetChoice::Gsm7,
            _ => CharsetChoice::Ucs2,
        };
        let automatic = text::encode(&vector.text, &options(&vector));
        let demanded = Options {
            charset,
            ..options(&vector)
        };
        assert_eq!(text::encode(&vector.text, &demanded), automatic);
    }
}

#[test]
fn blocks_of_the_air_interface_give_the_messages_back() {
    let (mut assembler, mut reassembler) = (Assembler::default(), Reassembler::default());
    for vector in vectors() {
        let message = message(&vector);
        let mut complete = Vec::new();
        for block in message.pages().flat_map(|page| cbch::blocks(&page)) {
            let Some(page) = assembler.handle_block(&block).unwrap() else {
                continue;
            };
            assert_eq!(Page::decode(&page.encode()), Ok(page));
            if let Ok(Reception::Complete(message)) = reassembler.handle_page(&page) {
                complete.push(message);
            }
        }
        // All vectors share one serial number, so only their texts tell them apart.
        reassembler.clear();
        let decoded = text::decode(complete[0].dcs, &complete[0].contents).unwrap();
        assert_eq!(decoded.text, vector.text);
        assert_eq!(complete.len(), 1);
    }
}
