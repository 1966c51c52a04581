//! One session of one sender: its FDT entries and the objects being collected.

mod collecting;

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;

use crate::alc::{Data, Packet};
use crate::fdt;
use crate::fec::Oti;
use crate::ids::{Toi, Tsi};
use crate::time::Now;

use super::collect::{Collector, Output, Taken, held_symbol_bytes};
use super::early::Early;
use super::fdt_cache::{Arrival, CLOCK_SKEW_MS, FdtCache};
use super::{
    AbandonReason, Config, Description, Event, Limits, Missing, ObjectId, Reception, Stats,
};

/// Texts of one entry, octets: the longest Content-Location, the other attributes and some groups.
const MAX_ENTRY_BYTES: usize = 8 << 10;

/// What an FDT says of an object.
#[derive(Debug)]
struct Entry {
    file: fdt::File,
    expires_unix_ms: u64,
    state: State,
}

/// What became of the object.
#[derive(Debug)]
enum State {
    /// No packet of it came yet, or its place was taken.
    Announced,
    /// Symbols are being collected.
    Collecting(Box<Collecting>),
    /// All of it was given out.
    Completed(ObjectId),
}

/// An object on its way.
#[derive(Debug)]
struct Collecting {
    id: ObjectId,
    oti: Oti,
    collector: Collector,
    received: u64,
    last_unix_ms: u64,
    closed: bool,
}

impl Collecting {
    fn reception(&self) -> Reception {
        Reception {
            symbols_received: self.received,
            symbols_needed: self.oti.source_symbols(),
        }
    }
}

/// What all flows of a receiver share while a packet is handled.
pub(super) struct Context<'a> {
    pub(super) now: Now,
    pub(super) config: &'a Config,
    pub(super) stats: &'a mut Stats,
    pub(super) events: &'a mut VecDeque<Event>,
    pub(super) next_object: &'a mut u64,
}

/// One session of one sender.
#[derive(Debug)]
pub(super) struct Flow {
    source: IpAddr,
    tsi: Tsi,
    fdts: FdtCache,
    entries: HashMap<Toi, Entry>,
    collecting: usize,
    held_bytes: usize,
    early: Early,
    closed: bool,
    pub(super) last_unix_ms: u64,
}

impl Flow {
    pub(super) fn new(source: IpAddr, tsi: Tsi) -> Self {
        Self {
            source,
            tsi,
            fdts: FdtCache::default(),
            entries: HashMap::new(),
            collecting: 0,
            held_bytes: 0,
            early: Early::default(),
            closed: false,
            last_unix_ms: 0,
        }
    }

    pub(super) fn packet(
        &mut self,
        context: &mut Context<'_>,
        packet: &Packet<'_>,
        datagram: &[u8],
    ) {
        self.last_unix_ms = context.now.unix_ms;
        if let Some(data) = &packet.data {
            if data.toi == Toi::FDT {
                self.fdt_packet(context, packet, data);
            } else {
                self.data_packet(context, packet, data, datagram);
            }
        }
        if packet.header.close_object
            && let Some(toi) = packet.header.toi
        {
            self.close_object(context, toi);
        }
        if packet.header.close_session {
            self.close_session(context);
        }
    }

    fn fdt_packet(&mut self, context: &mut Context<'_>, packet: &Packet<'_>, data: &Data<'_>) {
        context.stats.fdt_packets += 1;
        let limits = &context.config.limits;
        let arrival = Arrival {
            now: context.now,
            extensions: &packet.extensions,
            data,
        };
        let read = self.fdts.packet(arrival, limits, context.stats);
        let Some(read) = read else { return };
        for file in read.fdt.files {
            let expires_unix_ms = file.expires.map_or(read.expires_unix_ms, |own| {
                own.to_unix_ms(context.now.unix_ms)
                    .saturating_add(CLOCK_SKEW_MS)
                    .min(read.expires_unix_ms)
            });
            let toi = file.toi;
            self.describe(context, file, expires_unix_ms);
            self.replay_early(context, toi);
        }
    }

    /// Learns of an object, or more of one that is known.
    fn describe(&mut self, context: &mut Context<'_>, file: fdt::File, expires_unix_ms: u64) {
        let toi = file.toi;
        if text_bytes(&file) > MAX_ENTRY_BYTES {
            context.stats.entries_refused += 1;
            return;
        }
        if let Some(entry) = self.entries.get_mut(&toi) {
            if is_same_object(&entry.file, &file) {
                entry.expires_unix_ms = entry.expires_unix_ms.max(expires_unix_ms);
                if matches!(entry.state, State::Announced) {
                    add_missing(&mut entry.file, file);
                }
                return;
            }
            if entry.expires_unix_ms > context.now.unix_ms {
                context.stats.entries_refused += 1;
                return;
            }
            self.abandon(context, toi, AbandonReason::Expired);
        }
        if self.entries.len() >= context.config.limits.entries {
            self.make_room(context);
        }
        let is_empty = file.transport_length() == Some(0);
        self.entries.insert(
            toi,
            Entry {
                file,
                expires_unix_ms,
                state: State::Announced,
            },
        );
        if is_empty && let Ok(oti) = crate::fec::no_code::Oti::new(0, 1, 1) {
            // Nothing will be sent of an object without octets that a receiver would have to wait for.
            self.start(context, toi, Oti::NoCode(oti));
            self.complete(context, toi, Vec::new());
        }
    }

    /// Drops the entries that matter least: expired ones, then finished ones, then all idle ones.
    fn make_room(&mut self, context: &mut Context<'_>) {
        let now_ms = context.now.unix_ms;
        self.entries.retain(|_, entry| {
            matches!(entry.state, State::Collecting(_)) || entry.expires_unix_ms > now_ms
        });
        let max = context.config.limits.entries;
        if self.entries.len() >= max {
            self.entries
                .retain(|_, entry| matches!(entry.state, State::Collecting(_) | State::Announced));
        }
        if self.entries.len() >= max {
            self.entries
                .retain(|_, entry| matches!(entry.state, State::Collecting(_)));
        }
        if self.entries.len() >= max
            && let Some(oldest) = self.oldest_collecting(None)
        {
            self.abandon(context, oldest, AbandonReason::Displaced);
            self.entries.remove(&oldest);
        }
    }

    fn replay_early(&mut self, context: &mut Context<'_>, toi: Toi) {
        for datagram in self.early.take(toi) {
            if let Ok(packet) = Packet::decode(&datagram, context.config.version)
                && let Some(data) = &packet.data
            {
                self.data_packet(context, &packet, data, &datagram);
                if packet.header.close_object {
                    self.close_object(context, toi);
                }
            }
        }
    }

    fn abandon(&mut self, context: &mut Context<'_>, toi: Toi, reason: AbandonReason) {
        let Some(entry) = self.entries.get_mut(&toi) else {
            return;
        };
        if let State::Collecting(collecting) = &entry.state {
            self.held_bytes -= collecting.collector.held_bytes();
            self.collecting -= 1;
            let (object, reception) = (collecting.id, collecting.reception());
            context.events.push_back(Event::Abandoned {
                object,
                reason,
                reception,
            });
        }
        entry.state = State::Announced;
    }

    fn close_object(&mut self, context: &mut Context<'_>, toi: Toi) {
        if let Some(Entry {
            state: State::Collecting(collecting),
            ..
        }) = self.entries.get_mut(&toi)
            && !collecting.closed
        {
            collecting.closed = true;
            context.events.push_back(Event::NoMoreSymbols {
                object: collecting.id,
            });
        }
    }

    fn close_session(&mut self, context: &mut Context<'_>) {
        if self.closed {
            return;
        }
        self.closed = true;
        let tois: Vec<Toi> = self.entries.keys().copied().collect();
        for toi in tois {
            self.close_object(context, toi);
        }
        context.events.push_back(Event::SessionClosed {
            source: self.source,
            tsi: self.tsi,
        });
    }

    /// Gives up what expired or went quiet.
    pub(super) fn handle_timeout(&mut self, context: &mut Context<'_>) {
        let now_ms = context.now.unix_ms;
        let idle_ms = context.config.limits.idle_ms;
        let over: Vec<(Toi, AbandonReason)> = self
            .entries
            .iter()
            .filter_map(|(toi, entry)| match &entry.state {
                State::Collecting(_) if entry.expires_unix_ms <= now_ms => {
                    Some((*toi, AbandonReason::Expired))
                }
                State::Collecting(collecting) if collecting.last_unix_ms + idle_ms <= now_ms => {
                    Some((*toi, AbandonReason::Idle))
                }
                _ => None,
            })
            .collect();
        for (toi, reason) in over {
            self.abandon(context, toi, reason);
        }
        // Finished entries stay while late packets of theirs may come.
        self.entries.retain(|_, entry| {
            matches!(entry.state, State::Collecting(_))
                || entry.expires_unix_ms.saturating_add(idle_ms) > now_ms
        });
    }

    pub(super) fn missing(&self, object: ObjectId) -> Option<Vec<Missing>> {
        self.entries.values().find_map(|entry| match &entry.state {
            State::Collecting(collecting) if collecting.id == object => {
                Some(collecting.collector.missing())
            }
            _ => None,
        })
    }

    /// Collects a completed object again from the next packet on.
    pub(super) fn reject(&mut self, object: ObjectId) -> bool {
        let entry = self
            .entries
            .values_mut()
            .find(|entry| matches!(entry.state, State::Completed(id) if id == object));
        entry.map(|entry| entry.state = State::Announced).is_some()
    }
}

/// What an entry takes besides its own size, octets.
fn text_bytes(file: &fdt::File) -> usize {
    let texts = [&file.content_type, &file.content_encoding, &file.etag];
    let texts = texts.into_iter().flatten().map(String::len).sum::<usize>();
    let groups: usize = file
        .groups
        .iter()
        .map(|group| group.len() + size_of::<String>())
        .sum();
    let scheme_specific = file.oti.scheme_specific.as_ref().map_or(0, Vec::len);
    file.content_location.len() + texts + groups + scheme_specific
}

/// A later instance may add to what an earlier one said (RFC 3926 3.2).
fn add_missing(known: &mut fdt::File, new: fdt::File) {
    known.content_length = known.content_length.or(new.content_length);
    known.transfer_length = known.transfer_length.or(new.transfer_length);
    known.content_md5 = known.content_md5.or(new.content_md5);
    known.content_type = known.content_type.take().or(new.content_type);
    known.content_encoding = known.content_encoding.take().or(new.content_encoding);
    if known.oti == fdt::OtiAttributes::default() {
        known.oti = new.oti;
    }
}

/// The parameters of an object: from the packet where it carries any that agree with the length in
/// the FDT, else from the FDT.
fn parameters(file: &fdt::File, packet: &Packet<'_>, data: &Data<'_>) -> Option<Oti> {
    let length = file.transport_length();
    packet
        .extensions
        .fti
        .and_then(|fti| Oti::decode_ext_fti(data.scheme, fti).ok())
        .filter(|oti| length.is_none_or(|length| length == oti.transfer_length()))
        .or_else(|| file.oti(Some(data.scheme.encoding_id())).ok())
}

/// Whether two entries can be of one object: nothing that identifies its octets differs.
fn is_same_object(known: &fdt::File, new: &fdt::File) -> bool {
    let agrees = |a: Option<u64>, b: Option<u64>| a.is_none() || b.is_none() || a == b;
    known.content_location == new.content_location
        && agrees(known.transport_length(), new.transport_length())
        && agrees(known.content_length, new.content_length)
        && (known.content_md5.is_none()
            || new.content_md5.is_none()
            || known.content_md5 == new.content_md5)
}
