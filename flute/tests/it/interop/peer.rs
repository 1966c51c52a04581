//! The other side: the published crate in a process of its own.
//!
//! The test binary starts itself again with [`serve`] as the only test and its orders in the
//! environment, so that no other program has to be built first. Answers come on standard error.

use std::cell::Cell;
use std::fmt::Write as _;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::rc::Rc;
use std::str::FromStr;
use std::time::{Duration, Instant, SystemTime};

use flute::core::lct::Cenc;
use flute::core::{Oti, UDPEndpoint};
use flute::receiver::writer::{
    ObjectMetadata, ObjectWriter, ObjectWriterBuilder, ObjectWriterBuilderResult,
    ObjectWriterFSBuilder,
};
use flute::receiver::{Config as ReceiverConfig, MultiReceiver};
use flute::sender::{
    Config, FdtXmlProfile, ObjectDesc, PriorityQueue, Profile, Sender, TransferConfig,
};

use super::{GROUP, LIMIT, RATE_BPS, collect, listen, next, speak};

const ORDERS: &str = "PUSHCAST_TEST_PEER";

/// What the peer is to do, as `name=value` lines.
#[derive(Clone, Default)]
pub struct Orders(String);

impl Orders {
    pub fn with(mut self, name: &str, value: impl std::fmt::Display) -> Self {
        writeln!(self.0, "{name}={value}").unwrap();
        self
    }

    fn find(&self, name: &str) -> Option<&str> {
        let pairs = self.0.lines().filter_map(|line| line.split_once('='));
        pairs
            .filter(|(key, _)| *key == name)
            .map(|(_, value)| value)
            .next_back()
    }

    fn value<T: FromStr>(&self, name: &str, otherwise: T) -> T {
        self.find(name)
            .map_or(otherwise, |value| value.parse().ok().unwrap())
    }
}

/// A running peer; it ends with this value.
pub struct Peer {
    child: Child,
    answers: BufReader<ChildStderr>,
}

impl Peer {
    pub fn start(orders: &Orders) -> Self {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "interop::peer::serve"])
            .args(["--ignored", "--nocapture", "--test-threads=1"])
            .env(ORDERS, &orders.0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let answers = BufReader::new(child.stderr.take().unwrap());
        Self { child, answers }
    }

    /// The port a receiving peer listens to.
    pub fn port(&mut self) -> u16 {
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let port = line.trim().strip_prefix("port ");
        port.unwrap_or_else(|| panic!("the peer says {line:?}"))
            .parse()
            .unwrap()
    }

    /// Waits for the end of the process, which bounds its own time, and returns what it said.
    pub fn finish(mut self) -> String {
        let mut said = String::new();
        self.answers.read_to_string(&mut said).unwrap();
        self.child.wait().unwrap();
        said
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test by itself: without orders it does nothing.
#[test]
#[ignore = "the peer of the interop tests"]
fn serve() {
    let Ok(orders) = std::env::var(ORDERS) else {
        return;
    };
    let orders = Orders(orders);
    match orders.find("mode") {
        Some("receive") => receive(&orders),
        Some("send") => send(&orders),
        mode => panic!("no such mode: {mode:?}"),
    }
}

fn receive(orders: &Orders) {
    let files = orders.value("files", 1);
    let tsi = orders.value("tsi", 1);
    let (socket, address) = listen();
    eprintln!("port {}", address.port());
    let endpoint = UDPEndpoint::new(None, GROUP.to_string(), address.port());
    let written = Rc::new(Written {
        files: ObjectWriterFSBuilder::new(Path::new(orders.find("dir").unwrap()), true).unwrap(),
        tally: Rc::default(),
    });
    let config = ReceiverConfig {
        object_timeout: None,
        ..ReceiverConfig::default()
    };
    let mut receiver = MultiReceiver::new(written.clone(), Some(config), true);
    receiver.add_listen_tsi(endpoint.clone(), tsi);
    let datagrams = collect(socket);
    let deadline = Instant::now() + LIMIT;
    let (mut received, mut refused) = (0, 0);
    while written.tally.completed.get() < files {
        let Some(datagram) = next(&datagrams, deadline) else {
            break;
        };
        received += 1;
        let pushed = receiver.push(&endpoint, &datagram, SystemTime::now());
        refused += u32::from(pushed.is_err());
        receiver.cleanup(SystemTime::now());
    }
    let (completed, failed) = (written.tally.completed.get(), written.tally.failed.get());
    eprintln!("completed {completed} failed {failed} datagrams {received} refused {refused}");
}

/// Counts what the file writers of the crate finish.
struct Written {
    files: ObjectWriterFSBuilder,
    tally: Rc<Tally>,
}

#[derive(Default)]
struct Tally {
    completed: Cell<u32>,
    failed: Cell<u32>,
}

impl ObjectWriterBuilder for Written {
    fn new_object_writer(
        &self,
        endpoint: &UDPEndpoint,
        tsi: &u64,
        toi: &u128,
        meta: &ObjectMetadata,
        now: SystemTime,
    ) -> ObjectWriterBuilderResult {
        match self.files.new_object_writer(endpoint, tsi, toi, meta, now) {
            ObjectWriterBuilderResult::StoreObject(file) => {
                let tally = self.tally.clone();
                ObjectWriterBuilderResult::StoreObject(Box::new(Counted { file, tally }))
            }
            other => other,
        }
    }

    fn update_cache_control(
        &self,
        _: &UDPEndpoint,
        _: &u64,
        _: &u128,
        _: &ObjectMetadata,
        _: SystemTime,
    ) {
    }

    fn fdt_received(
        &self,
        _: &UDPEndpoint,
        _: &u64,
        _: &str,
        _: SystemTime,
        _: &ObjectMetadata,
        _: Duration,
        _: SystemTime,
        _: Option<SystemTime>,
    ) {
    }
}

struct Counted {
    file: Box<dyn ObjectWriter>,
    tally: Rc<Tally>,
}

impl ObjectWriter for Counted {
    fn open(&self, now: SystemTime) -> flute::error::Result<()> {
        self.file.open(now)
    }

    fn write(&self, sbn: u32, data: &[u8], now: SystemTime) -> flute::error::Result<()> {
        self.file.write(sbn, data, now)
    }

    fn complete(&self, now: SystemTime) {
        self.file.complete(now);
        self.tally.completed.set(self.tally.completed.get() + 1);
    }

    fn error(&self, now: SystemTime) {
        self.file.error(now);
        self.tally.failed.set(self.tally.failed.get() + 1);
    }

    fn interrupted(&self, now: SystemTime) {
        self.file.interrupted(now);
    }

    fn enable_md5_check(&self) -> bool {
        self.file.enable_md5_check()
    }
}

fn send(orders: &Orders) {
    let port = orders.value("port", 0);
    let endpoint = UDPEndpoint::new(None, GROUP.to_string(), port);
    let mut sender = Sender::new(
        endpoint,
        orders.value("tsi", 1),
        &oti(orders),
        &config(orders),
    );
    let folder = std::fs::read_dir(orders.find("dir").unwrap()).unwrap();
    let mut paths: Vec<_> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        let transfer = TransferConfig::builder()
            .max_transfer_count(orders.value("passes", 1))
            .cenc(cenc(orders.find("cenc")))
            .inband_cenc(orders.value("inband_cenc", false))
            .build();
        let object = ObjectDesc::create_from_file(
            &path,
            None,
            "application/octet-stream",
            true,
            orders.value("md5", true),
            transfer,
        );
        sender
            .add_object(PriorityQueue::HIGHEST, object.unwrap())
            .unwrap();
    }
    sender.publish(SystemTime::now()).unwrap();
    let socket = speak();
    let mut pace = Pace {
        start: Instant::now(),
        octets: 0,
    };
    while sender.nb_objects() > 0 && pace.start.elapsed() < LIMIT {
        let Some(datagram) = sender.read(SystemTime::now()) else {
            std::thread::sleep(Duration::from_millis(1));
            continue;
        };
        socket.send_to(&datagram, (GROUP, port)).unwrap();
        pace.spend(datagram.len());
    }
    let close = sender.read_close_session(SystemTime::now());
    socket.send_to(&close, (GROUP, port)).unwrap();
}

/// Keeps a sender without a clock of its own to the rate.
struct Pace {
    start: Instant,
    octets: u64,
}

impl Pace {
    fn spend(&mut self, octets: usize) {
        self.octets += octets as u64;
        let due = Duration::from_nanos(self.octets * 8 * 1_000_000_000 / RATE_BPS);
        let ahead = due.saturating_sub(self.start.elapsed());
        if ahead > Duration::from_millis(1) {
            std::thread::sleep(ahead);
        }
    }
}

fn oti(orders: &Orders) -> Oti {
    let mut oti = match orders.find("fec") {
        Some("raptorq") => {
            let sub_blocks = orders.value("sub_blocks", 1);
            Oti::new_raptorq(1400, 256, orders.value("parity", 10), sub_blocks, 4).unwrap()
        }
        _ => Oti::new_no_code(1400, 64),
    };
    oti.inband_fti = orders.value("inband_fti", true);
    oti
}

fn config(orders: &Orders) -> Config {
    Config {
        fdt_cenc: cenc(orders.find("fdt_cenc")),
        fdt_inband_sct: orders.value("sct", true),
        fdt_xml_profile: match orders.find("xml") {
            Some("l6") => FdtXmlProfile::Ts26346L6,
            _ => FdtXmlProfile::Extended,
        },
        profile: match orders.find("profile") {
            Some("rfc3926") => Profile::RFC3926,
            _ => Profile::RFC6726,
        },
        toi_initial_value: Some(orders.value("toi", 1)),
        ..Config::default()
    }
}

fn cenc(name: Option<&str>) -> Cenc {
    match name {
        None | Some("null") => Cenc::Null,
        Some("deflate") => Cenc::Deflate,
        Some("gzip") => Cenc::Gzip,
        Some("zlib") => Cenc::Zlib,
        Some(name) => panic!("no such encoding: {name}"),
    }
}
