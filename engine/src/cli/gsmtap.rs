//! `pushcast receive --gsmtap`: Cell Broadcast messages from GSMTAP, live or from a capture.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use pushcast_cbs::gsmtap::UDP_PORT;
use pushcast_cbs::pcap::Datagrams;
use tokio::net::UdpSocket;
use tokio::time::{Instant, timeout_at};

use crate::cbc::simulator::Shown;
use crate::client::gsmtap::Listener;

use super::{Ended, cbc, output, serve};

/// Longest datagram that is looked at; blocks have 39 octets.
const MAX_DATAGRAM_BYTES: usize = 2048;
/// Longest capture that is read, octets.
const MAX_CAPTURE_BYTES: u64 = 256 << 20;

/// What is waited for.
pub(super) struct Wanted {
    pub(super) count: Option<usize>,
    pub(super) timeout: Duration,
    pub(super) json: bool,
}

/// Listens at an address, or reads a file.
pub(super) async fn run(place: &str, wanted: &Wanted) -> anyhow::Result<Ended> {
    match place.parse::<SocketAddr>() {
        Ok(address) => live(address, wanted).await,
        Err(_) => capture(Path::new(place), wanted),
    }
}

async fn live(address: SocketAddr, wanted: &Wanted) -> anyhow::Result<Ended> {
    let socket = UdpSocket::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    let mut listener = Listener::default();
    let mut shown = 0;
    let mut buffer = [0; MAX_DATAGRAM_BYTES];
    let mut deadline = Instant::now() + wanted.timeout;
    loop {
        let received = tokio::select! {
            received = timeout_at(deadline, socket.recv(&mut buffer)) => received,
            () = serve::interrupted() => return Ok(Ended::Done),
        };
        let octets = match received {
            Ok(received) => buffer.get(..received?).unwrap_or_default(),
            Err(_) if wanted.count.is_some() || shown == 0 => return Ok(Ended::TimedOut),
            Err(_) => return Ok(Ended::Done),
        };
        if let Some(message) = listener.datagram(octets) {
            print(&message, wanted.json);
            shown += 1;
            deadline = Instant::now() + wanted.timeout;
            if wanted.count.is_some_and(|count| shown >= count) {
                return Ok(Ended::Done);
            }
        }
    }
}

fn capture(path: &Path, wanted: &Wanted) -> anyhow::Result<Ended> {
    let unreadable = || format!("cannot read {}", path.display());
    let bytes = std::fs::metadata(path).with_context(unreadable)?.len();
    anyhow::ensure!(bytes <= MAX_CAPTURE_BYTES, "{} is too long", path.display());
    let octets = std::fs::read(path).with_context(unreadable)?;
    let mut listener = Listener::default();
    let mut shown = 0;
    for datagram in Datagrams::new(&octets).with_context(unreadable)? {
        let datagram = datagram.with_context(unreadable)?;
        if datagram.port != UDP_PORT {
            continue;
        }
        if let Some(message) = listener.datagram(datagram.payload) {
            print(&message, wanted.json);
            shown += 1;
        }
    }
    Ok(match wanted.count {
        Some(count) if shown < count => Ended::TimedOut,
        _ if shown == 0 => Ended::Failed,
        _ => Ended::Done,
    })
}

fn print(message: &Shown, json: bool) {
    output::line(&match json {
        true => serde_json::to_string(message).unwrap_or_default(),
        false => cbc::described(message),
    });
}
