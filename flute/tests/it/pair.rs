//! A sender and a receiver joined by a seeded, lossy, simulated network.

use std::collections::{BTreeMap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use bytes::Bytes;
use pushcast_flute::fec::raptorq::Encoder;
use pushcast_flute::fec::{Oti, no_code, raptorq};
use pushcast_flute::ids::{FdtInstanceId, Toi, Tsi};
use pushcast_flute::sender::{
    self, Carousel, EncodeJob, Encoded, Object, ObjectKey, Rate, Repair, Work,
};
use pushcast_flute::{Now, fdt, receiver};

/// A small generator with a full period; good enough to lose packets with.
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    pub fn octets(&mut self, len: usize) -> Vec<u8> {
        (0..len).map(|_| self.below(256) as u8).collect()
    }
}

/// What the network does to datagrams.
#[derive(Clone, Copy, Default)]
pub struct Impairment {
    /// Random loss, percent.
    pub loss: u64,
    /// Every so many datagrams a burst of `burst_len` is lost; 0 for none.
    pub burst_every: u64,
    pub burst_len: u64,
    /// Datagrams that come twice, percent.
    pub duplicates: u64,
    /// Datagrams that are overtaken by up to `overtakers` later ones, percent.
    pub reordered: u64,
    pub overtakers: u64,
    /// The first so many datagrams never come: a receiver that joins late.
    pub late_join: u64,
    /// The first so many FDT packets never come.
    pub fdt_lost: u64,
}

/// A file as a receiver gave it out.
pub struct Received {
    pub octets: Vec<u8>,
    pub reception: receiver::Reception,
}

pub struct Pair {
    pub now: Now,
    pub sender: sender::Session,
    pub receiver: receiver::Session,
    pub sender_events: Vec<sender::Event>,
    pub receiver_events: Vec<receiver::Event>,
    /// Complete objects by TOI.
    pub received: BTreeMap<u128, Received>,
    /// Datagrams as they left, with the time.
    pub sent: Vec<(Now, Vec<u8>)>,
    contents: HashMap<ObjectKey, (Oti, Vec<u8>)>,
    collecting: HashMap<receiver::ObjectId, (u128, Vec<u8>)>,
    impairment: Impairment,
    random: Random,
    held: Vec<(u64, Vec<u8>)>,
    count: u64,
    fdt_count: u64,
}

pub const SOURCE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 10));

pub fn config() -> sender::Config {
    sender::Config {
        rate: Some(Rate::bits_per_second(20_000_000)),
        ..sender::Config::new(Tsi::from(7))
    }
}

pub fn no_code(len: usize) -> Oti {
    Oti::NoCode(no_code::Oti::new(len as u64, 1400, 64).unwrap())
}

pub fn raptor_q(len: usize) -> Oti {
    Oti::RaptorQ(raptorq::Oti::for_object(len as u64, 1400, 256).unwrap())
}

pub fn carousel(passes: u32) -> Carousel {
    Carousel {
        passes: Some(passes),
        delay_ms: 100,
        ..Carousel::ONCE
    }
}

pub fn object(toi: u32, oti: Oti, carousel: Carousel) -> Object {
    Object {
        key: ObjectKey(u64::from(toi)),
        toi: Toi::from(toi),
        oti,
        file: fdt::File::new(Toi::from(toi), format!("urn:test:{toi}")),
        priority: sender::Priority::Medium,
        carousel,
        repair: Repair::default(),
    }
}

/// What a worker answers to a job of an object.
pub fn encoded(job: EncodeJob, oti: &Oti, octets: &[u8]) -> Encoded {
    let symbols = match job.work {
        Work::Read(range) => {
            Bytes::copy_from_slice(&octets[range.start as usize..range.end as usize])
        }
        Work::Repair(range) => {
            let Oti::RaptorQ(oti) = oti else {
                panic!("No-Code has no repair symbols")
            };
            let block = &octets[range.start as usize..range.end as usize];
            let mut out = Vec::new();
            Encoder::new(oti, job.sbn, block)
                .unwrap()
                .repair(job.first, job.count, &mut out)
                .unwrap();
            Bytes::from(out)
        }
    };
    Encoded {
        object: job.object,
        sbn: job.sbn,
        first: job.first,
        count: job.count,
        symbols: Some(symbols),
    }
}

impl Pair {
    pub fn new(config: sender::Config, impairment: Impairment, seed: u64) -> Self {
        let mut sender = sender::Session::new(config);
        sender.grant_fdt_ids(FdtInstanceId::new(1).unwrap(), 1000);
        let listen = receiver::Config {
            source: Some(SOURCE),
            tsi: Some(config.tsi),
            ..receiver::Config::default()
        };
        Self {
            now: Now {
                mono_ns: 0,
                unix_ms: 1_790_000_000_000,
            },
            sender,
            receiver: receiver::Session::new(listen),
            sender_events: Vec::new(),
            receiver_events: Vec::new(),
            received: BTreeMap::new(),
            sent: Vec::new(),
            contents: HashMap::new(),
            collecting: HashMap::new(),
            impairment,
            random: Random::new(seed),
            held: Vec::new(),
            count: 0,
            fdt_count: 0,
        }
    }

    pub fn send(&mut self, object: Object, octets: &[u8]) {
        self.contents
            .insert(object.key, (object.oti, octets.to_vec()));
        self.sender.add_object(self.now, object).unwrap();
    }

    /// Runs until nothing is left to be sent, or for `limit` of simulated time.
    pub fn run(&mut self, limit: Duration) {
        let end_ns = self.now.mono_ns + limit.as_nanos() as u64;
        let mut buf = Vec::new();
        loop {
            self.work();
            if let Some(transmit) = self.sender.poll_transmit(self.now, 64, &mut buf) {
                assert_eq!(
                    buf.len().div_ceil(transmit.segment_bytes),
                    transmit.segments
                );
                for datagram in buf.chunks(transmit.segment_bytes) {
                    self.sent.push((self.now, datagram.to_vec()));
                    self.network(datagram.to_vec());
                }
                continue;
            }
            self.drain_sender();
            if self.work() {
                continue;
            }
            match self.sender.poll_timeout() {
                Some(at_ns) if at_ns <= end_ns => {
                    let by = at_ns.saturating_sub(self.now.mono_ns).max(1);
                    self.now = self.now.plus(Duration::from_nanos(by));
                }
                _ => break,
            }
        }
        for (_, datagram) in std::mem::take(&mut self.held) {
            self.arrive(&datagram);
        }
    }

    /// Answers what the sender asks of its workers.
    fn work(&mut self) -> bool {
        let mut worked = false;
        while let Some(job) = self.sender.poll_encode() {
            worked = true;
            let (oti, octets) = &self.contents[&job.object];
            let answer = encoded(job, oti, octets);
            self.sender.handle_encoded(answer);
        }
        worked
    }

    fn drain_sender(&mut self) {
        while let Some(event) = self.sender.poll_event() {
            self.sender_events.push(event);
        }
    }

    fn network(&mut self, datagram: Vec<u8>) {
        self.count += 1;
        let Impairment {
            loss,
            burst_every,
            burst_len,
            duplicates,
            reordered,
            overtakers,
            late_join,
            fdt_lost,
        } = self.impairment;
        let is_fdt = datagram[10..12] == [0, 0];
        self.fdt_count += u64::from(is_fdt);
        let lost = self.count <= late_join
            || (is_fdt && self.fdt_count <= fdt_lost)
            || self.random.below(100) < loss
            || (burst_every > 0 && self.count % burst_every < burst_len);
        let due: Vec<_> = self
            .held
            .extract_if(.., |(at, _)| *at <= self.count)
            .collect();
        if !lost {
            if self.random.below(100) < reordered {
                let after = self.count + 1 + self.random.below(overtakers.max(1));
                self.held.push((after, datagram.clone()));
            } else {
                self.arrive(&datagram);
            }
            if self.random.below(100) < duplicates {
                self.arrive(&datagram);
            }
        }
        for (_, datagram) in due {
            self.arrive(&datagram);
        }
    }

    pub fn arrive(&mut self, datagram: &[u8]) {
        self.receiver.handle_datagram(self.now, SOURCE, datagram);
        self.receiver.handle_timeout(self.now);
        self.drain_receiver();
    }

    pub fn drain_receiver(&mut self) {
        while let Some(event) = self.receiver.poll_event() {
            match &event {
                receiver::Event::Started {
                    object,
                    description,
                } => {
                    let octets = vec![0; description.oti.transfer_length() as usize];
                    let toi = description.toi.value();
                    self.collecting.insert(*object, (toi, octets));
                }
                receiver::Event::Data {
                    object,
                    offset,
                    octets,
                } => {
                    let (_, target) = self.collecting.get_mut(object).unwrap();
                    target[*offset as usize..*offset as usize + octets.len()]
                        .copy_from_slice(octets);
                }
                receiver::Event::Completed { object, reception } => {
                    let (toi, octets) = self.collecting.remove(object).unwrap();
                    self.received.insert(
                        toi,
                        Received {
                            octets,
                            reception: *reception,
                        },
                    );
                }
                _ => {}
            }
            self.receiver_events.push(event);
        }
    }
}
