//! Bodies of the fuzz targets in `cbs/fuzz`: each takes any octets, and panics only where this
//! crate is wrong. A normal test replays the committed corpora through them.
//!
//! They check more than the absence of panics: what was read is written and read back the same, a
//! message is given out once, and limits hold.

use crate::cap::{Alert, CapError, DEFAULT_PREFIX, Mapping, Policy};
use crate::cbch::{Assembler, BLOCK_OCTETS, blocks};
use crate::cbep::cap::Cap;
use crate::cbep::ecbe::server::{Call, Create};
use crate::cbep::ecbe::{Ecbe, vty};
use crate::cbep::{Adapter, Answer, Method, Operation, Outcome, Stamp};
use crate::dcs::Dcs;
use crate::gsmtap::Packet;
use crate::page::{GSM_PAGE_OCTETS, Page};
use crate::pcap::{Datagrams, PcapError};
use crate::push::{self, Form, PushError};
use crate::reassembly::{MAX_MESSAGES, Reassembler, Reception};
use crate::wac::{GeoFencingTrigger, WarningArea};
use crate::wsp::{Push, WspError};
use crate::{cb_data, text};

/// Any octets as pages, as blocks, as CB data and as warning area coordinates.
pub fn page_reassembly(data: &[u8]) {
    let mut reassembler = Reassembler::default();
    for octets in data.chunks(GSM_PAGE_OCTETS) {
        // Few identifiers, so that pages meet; what is missing of the last page is zeros.
        let mut octets = octets.to_vec();
        octets.resize(GSM_PAGE_OCTETS, 0);
        octets[0] &= 0x40;
        octets[1] &= 0x31;
        octets[2] = 0;
        octets[3] &= 0x03;
        let Ok(page) = Page::decode(&octets) else {
            panic!("88 octets are no page");
        };
        one_page(&mut reassembler, &page);
        // Any number of messages.
        let one = Page {
            message_id: crate::message_id::MessageId(u16::from(octets[87]) << 8 | 7),
            ..page
        };
        let _ = reassembler.handle_page(&one);
        assert!(reassembler.incomplete().count() <= MAX_MESSAGES);
    }
    let mut assembler = Assembler::default();
    for block in data.chunks_exact(BLOCK_OCTETS) {
        let mut fixed = [0; BLOCK_OCTETS];
        fixed.copy_from_slice(block);
        let _ = assembler.handle_block(&fixed);
    }
    other_forms(data);
}

fn one_page(reassembler: &mut Reassembler, page: &Page) {
    assert_eq!(Page::decode(&page.encode()), Ok(*page));
    let mut assembler = Assembler::default();
    let mut assembled = None;
    for block in blocks(page) {
        assembled = assembler.handle_block(&block).ok().flatten();
    }
    assert_eq!(assembled, Some(*page));
    if let Ok(Reception::Complete(message)) = reassembler.handle_page(page) {
        assert_eq!(message.contents.count(), page.parameter.total());
        let _ = text::decode(message.dcs, &message.contents);
        let octets = cb_data::encode(&message.contents);
        assert_eq!(cb_data::decode(&octets), Ok(message.contents.clone()));
        // The same page once more is no news.
        assert_eq!(reassembler.handle_page(page), Ok(Reception::Repeat));
    }
}

fn other_forms(data: &[u8]) {
    if let Ok(contents) = cb_data::decode(data) {
        assert_eq!(cb_data::encode(&contents), data);
    }
    let _ = cb_data::decode_bmc(data);
    if let Ok(area) = WarningArea::decode(data)
        && let Ok(written) = area.encode()
    {
        assert_eq!(WarningArea::decode(&written), Ok(area));
    }
    if let Ok(trigger) = GeoFencingTrigger::decode(data)
        && let Ok(page) = trigger.encode()
    {
        assert_eq!(GeoFencingTrigger::decode(page.octets()), Ok(trigger));
    }
    let _ = crate::etws::PrimaryNotification::decode(data);
}

/// Any octets as a push, and as pages that carry one.
pub fn wsp_push(data: &[u8]) {
    if let Ok(push) = Push::decode(data) {
        match Push::decode(&push.encode()) {
            Ok(again) => assert_eq!(again, push),
            // Marks that texts need may make the headers longer than allowed.
            Err(error) => assert!(matches!(error, WspError::Limit { .. }), "{error}"),
        }
        for form in [Form::Ports, Form::Raw, Form::Wap] {
            match push::encode(form, &push) {
                Ok(contents) => match push::decode(form, form.dcs(), &contents) {
                    Ok(received) => assert_eq!(received.push.data, push.data),
                    Err(error) => assert!(
                        matches!(error, PushError::Wsp(WspError::Limit { .. })),
                        "{error}"
                    ),
                },
                Err(error) => assert!(matches!(error, PushError::TooLong { .. }), "{error}"),
            }
        }
    }
    for form in [Form::Ports, Form::Raw, Form::Wap] {
        let Ok(contents) = push::pack(form, data) else {
            continue;
        };
        match push::unpack(form, form.dcs(), &contents) {
            Ok(octets) => assert_eq!(octets, data),
            Err(error) => panic!("{error}"),
        }
    }
    if let Ok(contents) = cb_data::decode(data) {
        for form in [Form::Ports, Form::Raw, Form::Wap] {
            let _ = push::decode(form, Dcs(0x95), &contents);
            let _ = push::decode(form, form.dcs(), &contents);
        }
    }
}

/// Any octets as a request to the ECBE server, as an answer from it, and as the text of its command
/// port.
pub fn ecbe(data: &[u8]) {
    if let Ok(create) = Create::read(data) {
        // Short pages are written whole: the second reading is the one that counts.
        let Ok(again) = Create::read(&create.to_json()) else {
            panic!("what was written cannot be read");
        };
        assert_eq!(Create::read(&again.to_json()), Ok(again));
    }
    let text = String::from_utf8_lossy(data);
    for method in [Method::Delete, Method::Post] {
        let _ = Call::read(Some(method), &text, data);
    }
    let _ = vty::Shown::read(&text);
    let (Ok(client), Some(stamp)) = (Ecbe::new("fuzz"), stamp()) else {
        return;
    };
    any_answers(&client, &stamp, data);
}

fn stamp() -> Option<Stamp> {
    Some(Stamp {
        identifier: "a1".parse().ok()?,
        sent: "2026-11-22T09:30:00-00:00".parse().ok()?,
    })
}

fn any_answers(client: &impl Adapter, stamp: &Stamp, data: &[u8]) {
    let Some((status, body)) = data.split_first_chunk() else {
        return;
    };
    let status = 100 + u16::from_be_bytes(*status) % 500;
    for operation in [Operation::Cancel, Operation::Submit, Operation::Update] {
        let outcome = client.outcome(operation, stamp, Answer { body, status });
        if let Outcome::Refused { reason } = outcome {
            assert!(reason.text.chars().count() <= crate::cbep::MAX_REASON_CHARS);
        }
    }
}

/// Any octets as a CAP alert: one that was read is written, read again and mapped.
pub fn cap(data: &[u8]) {
    if let (Ok(sender), Some(stamp)) = ("a@b".parse(), stamp()) {
        any_answers(&Cap::new(sender, "/"), &stamp, data);
    }
    let Ok(mut alert) = Alert::read(data) else {
        return;
    };
    alert.extensions.clear();
    match alert.write() {
        Ok(written) => assert_eq!(Alert::read(written.as_bytes()), Ok(alert.clone())),
        // Written out, references and numbers may be longer; quotes may stand inside addresses.
        Err(error) => assert!(
            matches!(
                error,
                CapError::Limit { .. } | CapError::Value { .. } | CapError::Character { .. }
            ),
            "{error}"
        ),
    }
    let policy = Policy::default();
    for index in 0..=alert.infos.len() {
        let Ok(mapping) = Mapping::new(&alert, index, DEFAULT_PREFIX) else {
            continue;
        };
        let _ = (mapping.text(), mapping.areas());
        if let Ok(id) = mapping.message_id(&policy) {
            let schedule = mapping.schedule(id, 15, 1_795_339_800, &policy);
            assert!(schedule.is_err() || schedule.is_ok_and(|one| one.period.slots() >= 15));
        }
    }
}

/// Any octets as a GSMTAP datagram and as a capture file.
pub fn gsmtap(data: &[u8]) {
    if let Ok(packet) = Packet::decode(data) {
        assert_eq!(Packet::decode(&packet.encode()), Ok(packet));
    }
    let Ok(datagrams) = Datagrams::new(data) else {
        return;
    };
    let mut assembler = Assembler::default();
    let mut errors = 0;
    for datagram in datagrams {
        assert!(errors == 0, "nothing follows an error");
        match datagram {
            Ok(datagram) => {
                assert!(datagram.payload.len() < data.len());
                if let Ok(packet) = Packet::decode(datagram.payload) {
                    let _ = assembler.handle_block(&packet.block);
                }
            }
            Err(PcapError::Magic { .. } | PcapError::LinkType { .. }) => panic!("said too late"),
            Err(_) => errors += 1,
        }
    }
}
