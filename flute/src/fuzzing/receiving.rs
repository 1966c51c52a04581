//! A receiver under a list of operations: datagrams put together from structured choices, time,
//! and what its caller may do.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use super::input::Input;
use crate::fdt::{self, Profile};
use crate::fec::{Oti, PayloadId, Scheme, no_code, raptorq};
use crate::ids::{Esi, FdtInstanceId, Sbn, Toi, Tsi};
use crate::lct::{ExtFdt, Extension, FLAGS_OFFSET, Header, Version, Widths};
use crate::receiver::{Config, Event, Limits, ObjectId, Session};
use crate::time::{Now, NtpSeconds};

/// Operations of one run.
const MAX_OPERATIONS: usize = 400;
/// Small enough to be reached.
const LIMITS: Limits = Limits {
    flows: 2,
    fdt_bytes: 16 << 10,
    fdt_instances: 2,
    entries: 8,
    objects: 3,
    object_bytes: 1 << 20,
    object_symbols: 4096,
    symbol_bytes: 64 << 10,
    early_bytes: 4 << 10,
    idle_ms: 20_000,
};

/// An operation list decoded from the octets, against one receiver.
pub fn receiver_session(data: &[u8]) {
    let mut input = Input::new(data);
    let flags = input.u8();
    let mut run = Run {
        session: Session::new(Config {
            source: (flags & 1 != 0).then(|| source(0)),
            tsi: (flags & 2 != 0).then_some(Tsi::from(0)),
            version: if flags & 4 == 0 {
                Version::V1
            } else {
                Version::V2
            },
            limits: LIMITS,
        }),
        now: Now {
            mono_ns: 0,
            unix_ms: 1_790_000_000_000,
        },
        objects: HashMap::new(),
        last: None,
    };
    for _ in 0..MAX_OPERATIONS {
        if input.is_empty() {
            break;
        }
        run.operation(&mut input);
    }
}

fn source(last: u8) -> IpAddr {
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, last))
}

/// What was given out of an object.
#[derive(Default)]
struct Given {
    length: u64,
    pieces: Vec<(u64, u64)>,
    complete: bool,
}

struct Run {
    session: Session,
    now: Now,
    objects: HashMap<ObjectId, Given>,
    last: Option<ObjectId>,
}

impl Run {
    fn operation(&mut self, input: &mut Input<'_>) {
        match input.u8() % 16 {
            0..=2 => {
                let xml = document(self.now, input);
                self.fdt(&xml, input);
            }
            3 => {
                let len = usize::from(input.u16());
                let xml = input.take(len);
                self.fdt(xml, input);
            }
            4..=9 => {
                let datagram = data_packet(input);
                self.hear(&datagram, input);
            }
            10 => {
                let len = usize::from(input.u8());
                let datagram = input.take(len);
                self.hear(datagram, input);
            }
            11 => {
                let len = usize::from(input.u16());
                let datagram = input.repeated(len);
                self.hear(&datagram, input);
            }
            12 => {
                let by_ms = u64::from(input.u16()) << (input.u8() % 8);
                self.now = self.now.plus(Duration::from_millis(by_ms));
                self.session.handle_timeout(self.now);
                self.drain();
            }
            13 => self.reject(),
            14 => self.missing(),
            _ => {
                let mut datagram = data_packet(input);
                datagram[FLAGS_OFFSET] |= input.u8() & 3;
                self.hear(&datagram, input);
            }
        }
    }

    fn hear(&mut self, datagram: &[u8], input: &mut Input<'_>) {
        let from = source(u8::from(input.u8() > 250));
        self.session.handle_datagram(self.now, from, datagram);
        self.drain();
    }

    /// A document in the packets of an instance, some of which may be lost.
    fn fdt(&mut self, xml: &[u8], input: &mut Input<'_>) {
        let id = FdtInstanceId::from_low_bits(u32::from(input.u8() % 8));
        let symbol_bytes = 1 + u16::from(input.u8()) * 8;
        let length = xml.len() as u64;
        let oti = match input.u8() % 4 {
            0 => raptorq::Oti::new(length, symbol_bytes, 1, 1, 1).map(Oti::RaptorQ),
            _ => no_code::Oti::new(length, symbol_bytes, 65_535).map(Oti::NoCode),
        };
        let Ok(oti) = oti else { return };
        let lost = input.u8();
        let fdt = Extension::Fdt(ExtFdt {
            version: 1,
            instance_id: id,
        });
        for (symbol, esi) in xml.chunks(usize::from(symbol_bytes)).zip(0u32..) {
            if lost > 128 && esi == u32::from(lost - 128) {
                continue;
            }
            let header = Header {
                tsi: Tsi::from(0),
                toi: Some(Toi::FDT),
                codepoint: oti.scheme().encoding_id(),
                close_session: false,
                close_object: false,
            };
            let datagram = packet(&header, &[fdt, Extension::Fti(&oti)], (0, esi), symbol);
            self.hear(&datagram, input);
        }
    }

    fn reject(&mut self) {
        if let Some(object) = self.last.take() {
            let known = self.session.reject(object);
            assert!(
                !known
                    || self
                        .objects
                        .get(&object)
                        .is_some_and(|given| given.complete)
            );
            assert!(!self.session.reject(object));
        }
    }

    fn missing(&self) {
        for (object, given) in &self.objects {
            let Some(missing) = self.session.missing(*object) else {
                continue;
            };
            assert!(!given.complete && !missing.is_empty());
            for block in missing {
                assert!(block.needed > 0);
                assert!(block.source.iter().all(|range| range.start < range.end));
            }
        }
    }

    fn drain(&mut self) {
        while let Some(event) = self.session.poll_event() {
            match event {
                Event::Started {
                    object,
                    description,
                } => {
                    let given = Given {
                        length: description.oti.transfer_length(),
                        ..Given::default()
                    };
                    assert!(given.length <= LIMITS.object_bytes);
                    assert!(self.objects.insert(object, given).is_none());
                }
                Event::Data {
                    object,
                    offset,
                    octets,
                } => self
                    .given(object)
                    .pieces
                    .push((offset, offset + octets.len() as u64)),
                Event::Completed { object, .. } => {
                    self.last = Some(object);
                    self.given(object).complete();
                }
                Event::Abandoned { object, .. } => {
                    self.objects.remove(&object);
                }
                Event::NoMoreSymbols { object } => {
                    self.given(object);
                }
                Event::SessionClosed { .. } => {}
            }
        }
    }

    /// Events are only of objects that were started and neither completed nor abandoned.
    fn given(&mut self, object: ObjectId) -> &mut Given {
        match self.objects.get_mut(&object) {
            Some(given) if !given.complete => given,
            _ => panic!("{object:?} is not being collected"),
        }
    }
}

impl Given {
    /// Every octet was given out once.
    fn complete(&mut self) {
        self.pieces.sort_unstable();
        let mut end = 0;
        for (from, to) in self.pieces.drain(..) {
            assert!(from == end && to >= from, "{end} {from} {to}");
            end = to;
        }
        assert_eq!(end, self.length);
        self.complete = true;
    }
}

/// An FDT Instance that can be read.
fn document(now: Now, input: &mut Input<'_>) -> Vec<u8> {
    let after_ms = u64::from(input.u8()) << 10;
    let expires = NtpSeconds::from_unix_ms((now.unix_ms + after_ms).saturating_sub(20_000));
    let mut instance = fdt::Instance::new(expires);
    for _ in 0..=input.u8() % 4 {
        let toi = Toi::from(1 + u32::from(input.u8() % 12));
        let location = format!("urn:{}", input.u8() % 32);
        let length = u64::from(input.u16()) >> (input.u8() % 16);
        let mut file = fdt::File::new(toi, location);
        file.transfer_length = (input.u8() < 224).then_some(length);
        if let Some(oti) = parameters(length, input) {
            file.oti = fdt::OtiAttributes::from(&oti);
        }
        instance.files.push(file);
    }
    instance.write(Profile::GeneralV1).into_bytes()
}

fn parameters(length: u64, input: &mut Input<'_>) -> Option<Oti> {
    let choice = input.u8();
    let symbol_bytes = 1 + u16::from(input.u8());
    match choice % 8 {
        0 => None,
        1..=4 => {
            let block = 1 + u32::from(input.u8() % 64);
            let oti = no_code::Oti::new(length, symbol_bytes, block);
            oti.ok().map(Oti::NoCode)
        }
        _ => {
            let (blocks, sub_blocks) = (1 + input.u8() % 4, 1 + u16::from(input.u8() % 3));
            let oti = raptorq::Oti::new(length, symbol_bytes, blocks, sub_blocks, 1);
            oti.ok().map(Oti::RaptorQ)
        }
    }
}

/// A packet of a file: mostly plausible numbers, sometimes EXT_FTI, sometimes several symbols.
fn data_packet(input: &mut Input<'_>) -> Vec<u8> {
    let choice = input.u8();
    let scheme = if choice & 1 == 0 {
        Scheme::NoCode
    } else {
        Scheme::RaptorQ
    };
    let header = Header {
        tsi: Tsi::from(u16::from(choice & 0x70 == 0x70)),
        toi: Some(Toi::from(u32::from(input.u8() % 14))),
        codepoint: scheme.encoding_id(),
        close_session: false,
        close_object: choice & 0x0E == 0x0E,
    };
    let (sbn, esi) = (u32::from(input.u8() % 8), u32::from(input.u8()));
    let esi = if choice & 0x80 == 0 { esi } else { esi << 12 };
    let (len, count) = (1 + usize::from(input.u8()), 1 + input.u8() % 8);
    let symbols = input.repeated(len * usize::from(count));
    let length = u64::from(input.u8());
    let oti = (choice & 6 == 6)
        .then(|| parameters(length, input))
        .flatten();
    let extensions = oti.as_ref().map(Extension::Fti);
    packet(&header, extensions.as_slice(), (sbn, esi), &symbols)
}

fn packet(
    header: &Header,
    extensions: &[Extension<'_>],
    (sbn, esi): (u32, u32),
    symbols: &[u8],
) -> Vec<u8> {
    let mut out = Vec::new();
    let toi = header.toi.unwrap_or(Toi::FDT);
    header.encode(Widths::fitting(header.tsi, toi), extensions, &mut out);
    let scheme = Scheme::try_from(header.codepoint).unwrap_or(Scheme::NoCode);
    let id = PayloadId {
        sbn: Sbn(sbn),
        esi: Esi(esi),
    };
    out.extend_from_slice(&id.encode(scheme));
    out.extend_from_slice(symbols);
    out
}
