//! Pushes over a wire: two network namespaces joined by a veth, the gateway in one of them and
//! the receiver in the other.
//!
//! Needs root and the programs of iproute2, nftables and ethtool; where they are missing a test
//! says so and passes.

mod ipv6;
mod link;
mod loss;
mod pushes;
mod wire;

use std::ffi::OsStr;
use std::fs::File;
use std::process::Command;
use std::sync::atomic::{AtomicU32, Ordering};

use nix::sched::{CloneFlags, setns};

use crate::programs::{program, run};

/// Both ends of the wire have this name, each in its namespace.
const DEVICE: &str = "air0";
/// Addresses of the sending end; those of the receiving end are the next ones.
const SENDER_V4: &str = "10.77.0.1";
const SENDER_V6: &str = "fd77::1";

/// Who cuts a burst into datagrams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segmentation {
    /// The veth, so nobody does: a burst crosses the wire, and is lost, as a whole.
    Device,
    /// The kernel, before the veth.
    Kernel,
}

/// IPv6 addresses of the ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum V6 {
    Global,
    LinkLocal,
}

/// One end of the wire, removed when dropped.
pub(crate) struct Namespace {
    name: String,
}

impl Namespace {
    pub(crate) fn make(role: &str) -> Result<Self, String> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("pushcast-{}-{number}-{role}", std::process::id());
        run(program("ip").args(["netns", "add", &name]))?;
        Ok(Self { name })
    }

    /// A program that runs here.
    fn command(&self, name: impl AsRef<OsStr>) -> Command {
        let mut command = program("ip");
        command.args(["netns", "exec", &self.name]).arg(name);
        command
    }

    /// Runs a command line to its end.
    pub(crate) fn run(&self, line: &str) -> Result<String, String> {
        let mut words = line.split_whitespace();
        run(self.command(words.next().unwrap()).args(words))
    }

    /// Does something here.
    fn enter<T: Send>(&self, act: impl FnOnce() -> T + Send) -> T {
        std::thread::scope(|scope| {
            let inside = scope.spawn(|| {
                self.move_thread();
                act()
            });
            inside.join().unwrap()
        })
    }

    /// Moves the calling thread here.
    pub(crate) fn move_thread(&self) {
        let file = File::open(format!("/run/netns/{}", self.name)).unwrap();
        setns(file, CloneFlags::CLONE_NEWNET).unwrap();
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        if let Err(error) = run(program("ip").args(["netns", "delete", &self.name])) {
            println!("{error}");
        }
    }
}

/// The two ends.
struct Namespaces {
    sender: Namespace,
    receiver: Namespace,
}

impl Namespaces {
    /// `None`, after saying why, where this machine cannot.
    fn open(segmentation: Segmentation, v6: V6) -> Option<Self> {
        match Self::try_open(segmentation, v6) {
            Ok(namespaces) => Some(namespaces),
            Err(reason) => {
                println!("SKIPPED two machines on a wire: {reason}");
                None
            }
        }
    }

    fn try_open(segmentation: Segmentation, v6: V6) -> Result<Self, String> {
        let (sender, receiver) = (Namespace::make("sender")?, Namespace::make("receiver")?);
        let link = format!("link add {DEVICE} netns {} type veth peer", sender.name);
        let peer = format!("name {DEVICE} netns {}", receiver.name);
        run(program("ip").args(link.split(' ')).args(peer.split(' ')))?;
        for (end, host) in [(&sender, 1), (&receiver, 2)] {
            // An address would wait for a second in which nobody claims it.
            let no_wait = format!("/proc/sys/net/ipv6/conf/{DEVICE}/accept_dad");
            let refused = end.enter(|| std::fs::write(no_wait, "0").err());
            refused.map_or(Ok(()), |error| Err(format!("no IPv6: {error}")))?;
            end.run(&format!("ip address add 10.77.0.{host}/24 dev {DEVICE}"))?;
            if v6 == V6::Global {
                end.run(&format!("ip address add fd77::{host}/64 dev {DEVICE}"))?;
            }
            end.run("ip link set lo up")?;
            end.run(&format!("ip link set {DEVICE} up"))?;
        }
        let on = match segmentation {
            Segmentation::Device => "on",
            Segmentation::Kernel => "off",
        };
        sender.run(&format!("ethtool -K {DEVICE} tx-udp-segmentation {on}"))?;
        receiver.run("nft list tables")?;
        Ok(Self { sender, receiver })
    }
}
