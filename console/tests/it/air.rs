//! What is on the air: every packet of a group, checked against everything heard before.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::IoSliceMut;
use std::net::{IpAddr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use nix::sys::socket::sockopt::ReceiveTimestampns;
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt};
use nix::sys::time::TimeSpec;
use pushcast_engine::clock::Clock;
use pushcast_engine::content::message;
use pushcast_engine::ota::Interface;
use pushcast_engine::ota::socket::{self, Ingress};
use pushcast_flute::content::{Decoder, Limits};
use pushcast_flute::receiver::{Config, Description, Event, ObjectId, Session};

/// LCT header with 16-bit TSI and TOI.
const TOI_AT: usize = 10;
/// EXT_FDT of a TOI 0 packet.
const EXT_FDT_AT: usize = 12;

/// What was heard.
#[derive(Default)]
pub(crate) struct Heard {
    /// Bodies by push-id.
    pub(crate) bodies: HashMap<String, Vec<u8>>,
    /// A TOI, or an FDT Instance ID, that had two contents.
    pub(crate) conflicts: Vec<String>,
    /// TOIs by push-id: one each, whoever sent it.
    pub(crate) tois: HashMap<String, u128>,
    /// Content-Locations by push-id.
    pub(crate) locations: HashMap<String, String>,
    /// Push-Flags by push-id, of those that have one.
    pub(crate) flags: HashMap<String, String>,
    /// Revisions by push-id.
    pub(crate) revisions: HashMap<String, String>,
    /// Objects heard completely, those heard again under another TOI included.
    pub(crate) objects: u64,
    pub(crate) packets: u64,
    /// When the first and the last packet came by the kernel's stamps, ms.
    pub(crate) span_ms: Option<(u64, u64)>,
    symbols: HashMap<(u32, [u8; 4]), u64>,
}

impl Heard {
    /// The same symbol must always have the same octets; B may differ.
    fn compare(&mut self, datagram: &[u8], at_ms: u64) {
        self.packets += 1;
        let (first_ms, _) = self.span_ms.unwrap_or((at_ms, at_ms));
        self.span_ms = Some((first_ms, at_ms));
        let toi = u16::from_be_bytes([datagram[TOI_AT], datagram[TOI_AT + 1]]);
        let header_bytes = 4 * usize::from(datagram[2]);
        let number = match toi {
            // FDT Instances are told apart by their ID; the bit keeps them apart from TOIs.
            0 => {
                u32::from_be_bytes(datagram[EXT_FDT_AT..EXT_FDT_AT + 4].try_into().unwrap())
                    | 1 << 31
            }
            toi => u32::from(toi),
        };
        let payload_id: [u8; 4] = datagram[header_bytes..header_bytes + 4].try_into().unwrap();
        let mut hasher = DefaultHasher::new();
        datagram[header_bytes + 4..].hash(&mut hasher);
        let hash = hasher.finish();
        if *self.symbols.entry((number, payload_id)).or_insert(hash) != hash {
            self.conflicts.push(format!(
                "TOI {toi}, number {number:#x}, symbol {payload_id:?}"
            ));
        }
    }

    fn complete(&mut self, description: &Description, transport: &[u8]) {
        self.objects += 1;
        let file = &description.file;
        let mut decoder = Decoder::new(
            file.encoding().unwrap(),
            file.content_length,
            file.content_md5,
            Limits::default(),
        );
        let mut plain = Vec::new();
        decoder
            .write(transport, |octets| plain.extend_from_slice(octets))
            .unwrap();
        decoder.finish().unwrap();
        let head_len = message::head_len(&plain).unwrap().unwrap();
        let headers = message::read_head(&plain[..head_len]).unwrap();
        let header = |wanted: &str| {
            let (_, value) = headers.iter().find(|(name, _)| name == wanted).unwrap();
            value.clone()
        };
        let push_id = header("X-Pushcast-Push-Id");
        let flag = headers.iter().find(|(name, _)| name == "Push-Flag");
        if let Some((_, flag)) = flag {
            self.flags.insert(push_id.clone(), flag.clone());
        }
        self.revisions
            .insert(push_id.clone(), header("X-Pushcast-Revision"));
        self.locations
            .insert(push_id.clone(), file.content_location.clone());
        let toi = description.toi.value();
        if *self.tois.entry(push_id.clone()).or_insert(toi) != toi {
            self.conflicts
                .push(format!("{push_id} went out under two TOIs"));
        }
        self.bodies.insert(push_id, plain[head_len..].to_vec());
    }
}

/// A recorder on its thread.
pub(crate) struct Air {
    heard: Arc<Mutex<Heard>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Air {
    /// Listens to a group on loopback.
    pub(crate) fn listen(group: IpAddr, port: u16) -> Self {
        Self::listen_on("lo", group, port)
    }

    /// Listens to a group on an interface.
    pub(crate) fn listen_on(interface: &str, group: IpAddr, port: u16) -> Self {
        let interface = Interface::find(interface).unwrap();
        let socket = socket::receiver(&Ingress {
            group,
            port,
            source: None,
            interface,
        })
        .unwrap();
        socket
            .set_read_timeout(Some(Duration::from_millis(100)))
            .unwrap();
        setsockopt(&socket, ReceiveTimestampns, &true).unwrap();
        let heard = Arc::<Mutex<Heard>>::default();
        let stop = Arc::<AtomicBool>::default();
        let (shared, stopped) = (Arc::clone(&heard), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let clock = Clock::system();
            let mut session = Session::new(Config::default());
            let mut objects: HashMap<ObjectId, (Box<Description>, Vec<u8>)> = HashMap::new();
            let mut buffer = vec![0; 65_536];
            while !stopped.load(Ordering::Relaxed) {
                let Some((len, source, at_ms)) = receive(&socket, &mut buffer) else {
                    continue;
                };
                let mut heard = shared.lock().unwrap();
                heard.compare(&buffer[..len], at_ms);
                session.handle_datagram(clock.now(), source, &buffer[..len]);
                while let Some(event) = session.poll_event() {
                    match event {
                        Event::Started {
                            object,
                            description,
                        } => {
                            let octets = vec![0; description.oti.transfer_length() as usize];
                            objects.insert(object, (description, octets));
                        }
                        Event::Data {
                            object,
                            offset,
                            octets,
                        } => {
                            let (_, target) = objects.get_mut(&object).unwrap();
                            target[offset as usize..offset as usize + octets.len()]
                                .copy_from_slice(&octets);
                        }
                        Event::Completed { object, .. } => {
                            let (description, octets) = objects.remove(&object).unwrap();
                            heard.complete(&description, &octets);
                        }
                        _ => {}
                    }
                }
            }
        });
        Self {
            heard,
            stop,
            thread: Some(thread),
        }
    }

    /// Looks at what was heard so far.
    pub(crate) fn with<T>(&self, look: impl FnOnce(&Heard) -> T) -> T {
        look(&self.heard.lock().unwrap())
    }
}

/// A datagram: its length, its sender, and when the kernel had it, ms. `None` after a while
/// without.
fn receive(socket: &UdpSocket, buffer: &mut [u8]) -> Option<(usize, IpAddr, u64)> {
    let mut parts = [IoSliceMut::new(buffer)];
    let mut control = nix::cmsg_space!(TimeSpec);
    let flags = MsgFlags::empty();
    let fd = socket.as_raw_fd();
    let received = recvmsg::<SockaddrStorage>(fd, &mut parts, Some(&mut control), flags).ok()?;
    let stamp = received.cmsgs().unwrap().find_map(|message| match message {
        ControlMessageOwned::ScmTimestampns(at) => Some(Duration::from(at)),
        _ => None,
    });
    let address = received.address?;
    let v4 = address.as_sockaddr_in().map(|v4| IpAddr::V4(v4.ip()));
    let v6 = || address.as_sockaddr_in6().map(|v6| IpAddr::V6(v6.ip()));
    let at_ms = stamp.expect("the kernel stamps datagrams").as_millis() as u64;
    Some((received.bytes, v4.or_else(v6)?, at_ms))
}

impl Drop for Air {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
