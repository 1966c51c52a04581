//! What happens on the wire: random loss, its counters, and the packets that are left.

use std::collections::HashSet;
use std::net::IpAddr;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use pushcast_engine::ota::Interface;
use pushcast_engine::ota::socket::{self, Ingress};
use pushcast_flute::fec::no_code;
use pushcast_flute::ids::Sbn;
use serde_json::Value;

use super::link::PORT;
use super::{DEVICE, Namespace};
use crate::process::Process;

/// LCT header with 16-bit TSI and TOI, and a FEC Payload ID of No-Code.
const TOI_AT: usize = 10;
const SBN_AT: usize = 12;
const ESI_AT: usize = 14;
/// A recorder that was told to stop does so after a silence of this length.
const QUIET: Duration = Duration::from_millis(200);

/// Rules at the receiving end.
pub(super) struct Rules<'a>(&'a Namespace);

impl<'a> Rules<'a> {
    /// Drops one in ten of the packets that arrive for the channels, at random.
    pub(super) fn lose(namespace: &'a Namespace) -> Self {
        Self::add(
            namespace,
            &format!(
                "udp dport {PORT} counter name arrived
                udp dport {PORT} numgen random mod 100 < 10 counter name lost drop"
            ),
        )
    }

    /// Counts packets that arrive for the channels, and those with another hop limit.
    pub(super) fn count_hop_limit(namespace: &'a Namespace, hop_limit: u8) -> Self {
        Self::add(
            namespace,
            &format!(
                "udp dport {PORT} counter name arrived
                udp dport {PORT} ip6 hoplimit != {hop_limit} counter name other"
            ),
        )
    }

    fn add(namespace: &'a Namespace, rules: &str) -> Self {
        let text = format!(
            "table inet wire {{
            counter arrived {{}}
            counter lost {{}}
            counter other {{}}
            chain arriving {{
                type filter hook prerouting priority raw; policy accept;
                {rules}
            }}
            }}"
        );
        let mut command = namespace.command("nft");
        command.args(["-f", "-"]).stdin(Stdio::piped());
        let mut nft = Process::start(&mut command);
        let mut stdin = nft.child().stdin.take().unwrap();
        std::io::Write::write_all(&mut stdin, text.as_bytes()).unwrap();
        drop(stdin);
        assert!(
            nft.ended("nft", Duration::from_secs(10)).success(),
            "{text}"
        );
        Self(namespace)
    }

    /// Packets of a counter so far.
    pub(super) fn packets(&self, counter: &str) -> u64 {
        let text = self.0.run("nft -j list counters").unwrap();
        let listed: Value = serde_json::from_str(&text).unwrap();
        let counters = listed["nftables"].as_array().unwrap().iter();
        let found = counters
            .map(|entry| &entry["counter"])
            .find(|found| found["name"] == counter);
        found
            .and_then(|found| found["packets"].as_u64())
            .unwrap_or_else(|| panic!("{text}"))
    }
}

/// A symbol of a No-Code object.
type Symbol = (u32, u32);

/// Hears what the rules let through.
pub(super) struct Recorder {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<HashSet<Symbol>>,
}

impl Recorder {
    /// Joins a group at this end.
    pub(super) fn listen(namespace: &Namespace, group: IpAddr) -> Self {
        let socket = namespace.enter(|| {
            let interface = Interface::find(DEVICE).unwrap();
            socket::receiver(&Ingress {
                group,
                port: PORT,
                source: None,
                interface,
            })
            .unwrap()
        });
        socket.set_read_timeout(Some(QUIET)).unwrap();
        let stop = Arc::<AtomicBool>::default();
        let stopped = Arc::clone(&stop);
        let thread = std::thread::spawn(move || {
            let mut heard = HashSet::new();
            let mut buffer = vec![0; 65_536];
            loop {
                match socket.recv(&mut buffer) {
                    Ok(len) => heard.extend(symbol(&buffer[..len])),
                    Err(_) if stopped.load(Ordering::Relaxed) => return heard,
                    Err(_) => {}
                }
            }
        });
        Self { stop, thread }
    }

    /// Ends, and tells which symbols of the one object were heard.
    pub(super) fn heard(self) -> HashSet<Symbol> {
        self.stop.store(true, Ordering::Relaxed);
        self.thread.join().unwrap()
    }
}

/// The symbol that a packet carries; an FDT Instance has none.
fn symbol(datagram: &[u8]) -> Option<Symbol> {
    let number = |at| u16::from_be_bytes([datagram[at], datagram[at + 1]]);
    let of_object = (u32::from(number(SBN_AT)), u32::from(number(ESI_AT)));
    (number(TOI_AT) != 0).then_some(of_object)
}

/// What was lost of one pass.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) sent: usize,
    pub(super) packets: usize,
    /// Unbroken rows of lost packets.
    pub(super) runs: usize,
}

impl Lost {
    /// Compares what was heard with a pass over the object. The lane may swap chunks of it, not
    /// symbols within.
    pub(super) fn of(oti: &no_code::Oti, heard: &HashSet<Symbol>) -> Self {
        let mut lost = Self {
            sent: 0,
            packets: 0,
            runs: 0,
        };
        let mut in_run = false;
        for sbn in 0..oti.blocks() {
            for esi in 0..oti.block(Sbn(sbn)).unwrap().symbols {
                let is_lost = !heard.contains(&(sbn, esi));
                lost.sent += 1;
                lost.packets += usize::from(is_lost);
                lost.runs += usize::from(is_lost && !in_run);
                in_run = is_lost;
            }
        }
        lost
    }

    pub(super) fn percent(&self) -> f64 {
        100.0 * self.packets as f64 / self.sent as f64
    }

    /// Packets.
    pub(super) fn mean_run(&self) -> f64 {
        self.packets as f64 / self.runs as f64
    }
}
