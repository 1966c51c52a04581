//! What we send is what the published crate writes to its files.

use std::collections::HashMap;
use std::net::SocketAddrV4;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use pushcast_flute::content;
use pushcast_flute::fec::Oti;
use pushcast_flute::ids::{FdtInstanceId, Toi, Tsi};
use pushcast_flute::sender::{Carousel, Config, Object, ObjectKey, Rate, Repair, Session};
use pushcast_flute::{Now, fdt};

use super::peer::{Orders, Peer};
use super::{GROUP, LIMIT, RATE_BPS, speak};
use crate::pair::{self, Random};

const SIZES: [usize; 6] = [0, 1, 1399, 1400, 1401, 200_003];

/// Objects on their way, and what the network does to them.
struct Channel {
    session: Session,
    contents: HashMap<ObjectKey, (Oti, Vec<u8>)>,
    random: Random,
    loss_percent: u64,
    start: Instant,
}

impl Channel {
    fn new(tsi: Tsi, loss_percent: u64) -> Self {
        let mut session = Session::new(Config {
            rate: Some(Rate::bits_per_second(RATE_BPS)),
            ..Config::new(tsi)
        });
        session.grant_fdt_ids(FdtInstanceId::new(1).unwrap(), 1000);
        Self {
            session,
            contents: HashMap::new(),
            random: Random::new(7),
            loss_percent,
            start: Instant::now(),
        }
    }

    fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        Now {
            mono_ns: self.start.elapsed().as_nanos() as u64,
            unix_ms: unix.as_millis() as u64,
        }
    }

    fn add(&mut self, toi: Toi, sending: &Sending, file: &File) {
        let transport = if sending.gzip {
            content::gzip(&file.octets)
        } else {
            file.octets.clone()
        };
        let oti = (sending.oti)(transport.len());
        let key = ObjectKey(self.contents.len() as u64);
        let described = fdt::File {
            content_length: Some(file.octets.len() as u64),
            content_type: Some("application/octet-stream".to_owned()),
            content_encoding: sending.gzip.then(|| "gzip".to_owned()),
            content_md5: Some(content::md5(&file.octets)),
            ..fdt::File::new(toi, format!("http://interop.example/{}", file.name))
        };
        self.contents.insert(key, (oti, transport));
        let object = Object {
            key,
            toi,
            oti,
            file: described,
            carousel: Carousel {
                passes: Some(sending.passes),
                delay_ms: 20,
                ..Carousel::ONCE
            },
            repair: Repair {
                percent: 30,
                at_least: 5,
                source_passes: None,
                offset: 0,
            },
            priority: pushcast_flute::sender::Priority::Medium,
        };
        let now = self.now();
        self.session.add_object(now, object).unwrap();
    }

    /// Sends everything in real time.
    fn run(mut self, to: SocketAddrV4) {
        let socket = speak();
        let mut burst = Vec::new();
        while self.start.elapsed() < LIMIT {
            while let Some(job) = self.session.poll_encode() {
                let (oti, octets) = &self.contents[&job.object];
                let answer = pair::encoded(job, oti, octets);
                self.session.handle_encoded(answer);
            }
            let now = self.now();
            if let Some(transmit) = self.session.poll_transmit(now, 64, &mut burst) {
                for datagram in burst.chunks(transmit.segment_bytes) {
                    if self.random.below(100) >= self.loss_percent {
                        socket.send_to(datagram, to).unwrap();
                    }
                }
                continue;
            }
            if self.session.objects() == 0 {
                return;
            }
            let at_ns = self.session.poll_timeout().unwrap_or(now.mono_ns);
            let wait = at_ns.saturating_sub(now.mono_ns).min(1_000_000);
            std::thread::sleep(Duration::from_nanos(wait));
        }
        panic!("not sent within {LIMIT:?}");
    }
}

struct File {
    name: String,
    octets: Vec<u8>,
}

/// How objects are sent.
struct Sending {
    oti: fn(usize) -> Oti,
    gzip: bool,
    passes: u32,
    loss_percent: u64,
}

const NO_CODE: Sending = Sending {
    oti: pair::no_code,
    gzip: false,
    passes: 1,
    loss_percent: 0,
};

const RAPTOR_Q: Sending = Sending {
    oti: pair::raptor_q,
    ..NO_CODE
};

fn files(sizes: &[usize]) -> Vec<File> {
    let file = |&len: &usize| File {
        name: format!("of-{len}.bin"),
        octets: Random::new(len as u64 + 1).octets(len),
    };
    sizes.iter().map(file).collect()
}

/// Octets that compress to a third or so.
fn text(len: usize) -> Vec<u8> {
    let mut random = Random::new(len as u64);
    let words = ["alert ", "flood ", "river ", "level ", "rising\n"];
    let mut octets = Vec::with_capacity(len + 8);
    while octets.len() < len {
        octets.extend_from_slice(words[random.below(5) as usize].as_bytes());
    }
    octets.truncate(len);
    octets
}

/// Sends files in one session, with TOIs from `first` on, and compares what was written.
fn arrives_from(tsi: Tsi, first: Toi, sending: &Sending, files: &[File]) {
    let folder = tempfile::tempdir().unwrap();
    let orders = Orders::default()
        .with("mode", "receive")
        .with("tsi", tsi)
        .with("files", files.len())
        .with("dir", folder.path().display());
    let mut peer = Peer::start(&orders);
    let to = SocketAddrV4::new(GROUP, peer.port());
    let mut channel = Channel::new(tsi, sending.loss_percent);
    for (file, toi) in files.iter().zip(first.value()..) {
        channel.add(Toi::new(toi).unwrap(), sending, file);
    }
    channel.run(to);
    let said = peer.finish();
    for File { name, octets } in files {
        let written = std::fs::read(folder.path().join(name));
        let written = written.unwrap_or_else(|error| panic!("{name}: {error}; {said}"));
        assert!(written == *octets, "{name} differs; {said}");
    }
}

fn arrive(sending: &Sending, files: &[File]) {
    arrives_from(Tsi::from(1), Toi::from(1), sending, files);
}

#[test]
fn no_code_objects_of_every_size() {
    arrive(&NO_CODE, &files(&SIZES));
}

#[test]
fn no_code_objects_with_a_tenth_lost() {
    let sending = Sending {
        passes: 8,
        loss_percent: 10,
        ..NO_CODE
    };
    arrive(&sending, &files(&SIZES[1..]));
}

#[test]
fn raptorq_objects_of_every_size() {
    arrive(&RAPTOR_Q, &files(&SIZES));
}

#[test]
fn raptorq_objects_with_a_tenth_lost() {
    let sending = Sending {
        passes: 2,
        loss_percent: 10,
        ..RAPTOR_Q
    };
    arrive(&sending, &files(&SIZES[1..]));
}

#[test]
fn gzip_objects() {
    let file = |len: usize| File {
        name: format!("text-{len}.txt"),
        octets: text(len),
    };
    let files: Vec<_> = [1, 1400, 200_003].map(file).into();
    for scheme in [NO_CODE, RAPTOR_Q] {
        let sending = Sending {
            gzip: true,
            ..scheme
        };
        arrive(&sending, &files);
    }
}

#[test]
fn eight_mebibytes_by_no_code() {
    let sending = Sending {
        passes: 3,
        ..NO_CODE
    };
    arrive(&sending, &files(&[8 << 20]));
}

#[test]
fn eight_mebibytes_by_raptorq_with_a_tenth_lost() {
    let sending = Sending {
        loss_percent: 10,
        ..RAPTOR_Q
    };
    arrive(&sending, &files(&[8 << 20]));
}

#[test]
fn session_and_object_numbers_of_every_width() {
    let cases: [(u64, u128); 6] = [
        (1, 1),
        (65_535, 65_535),
        (65_535, 70_000),
        (1 << 33 | 5, 1),
        (1, 1 << 40 | 9),
        (1 << 33 | 5, 1 << 70 | 3),
    ];
    for (tsi, toi) in cases {
        let toi = Toi::new(toi).unwrap();
        let tsi = Tsi::new(tsi).unwrap();
        arrives_from(tsi, toi, &NO_CODE, &files(&[1401]));
        arrives_from(tsi, toi, &RAPTOR_Q, &files(&[1401]));
    }
}
