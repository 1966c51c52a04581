//! Which symbols of an object reach the far side.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::thread::JoinHandle;
use std::time::Duration;

use pushcast_engine::ota::Interface;
use pushcast_engine::ota::socket::{self, Ingress};
use pushcast_flute::fec::no_code::Oti;
use pushcast_flute::ids::Sbn;

use super::PORT;
use super::namespaces::{Namespaces, Side};

/// Silence after which nothing more is expected.
const SILENCE: Duration = Duration::from_secs(3);
/// The first packet must come so soon.
const PATIENCE: Duration = Duration::from_secs(60);
/// LCT header with 16-bit TSI and TOI, and FEC Payload ID.
const HEADER_BYTES: usize = 16;

/// Symbols heard of the first object, by number.
#[derive(Debug, Default)]
pub(super) struct Heard(BTreeSet<u64>);

impl Heard {
    /// Symbols up to the last one heard.
    fn expected(&self) -> u64 {
        self.0.last().map_or(0, |last| last + 1)
    }

    pub(super) fn lost_percent(&self) -> f64 {
        let expected = self.expected();
        (expected - self.0.len() as u64) as f64 * 100.0 / expected as f64
    }

    /// How many symbols in a row are lost, on the average of all losses.
    pub(super) fn mean_loss_run(&self) -> f64 {
        let mut runs = 0;
        let mut lost = 0;
        let mut next = 0;
        for symbol in &self.0 {
            lost += symbol - next;
            runs += u64::from(*symbol > next);
            next = symbol + 1;
        }
        lost as f64 / runs as f64
    }
}

/// Listens on the far side until the channel falls silent; `oti` is that of the object.
pub(super) fn record(namespaces: &Namespaces, group: Ipv4Addr, oti: Oti) -> JoinHandle<Heard> {
    let (ready, joined) = std::sync::mpsc::channel();
    let thread = namespaces.inside(Side::Far, move || {
        let ingress = Ingress {
            group: group.into(),
            port: PORT,
            source: None,
            interface: Interface::find(Side::Far.interface()).unwrap(),
        };
        let socket = socket::receiver(&ingress).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        ready.send(()).unwrap();
        let mut heard = Heard::default();
        let mut datagram = [0; 2048];
        while let Ok(len) = socket.recv(&mut datagram) {
            socket.set_read_timeout(Some(SILENCE)).unwrap();
            heard.0.extend(symbol(&datagram[..len], &oti));
        }
        heard
    });
    joined.recv().unwrap();
    thread
}

/// Number of the symbol within its object; `None` for an FDT Instance.
fn symbol(datagram: &[u8], oti: &Oti) -> Option<u64> {
    let header: &[u8; HEADER_BYTES] = datagram.first_chunk().unwrap();
    if header[10..12] == [0, 0] {
        return None;
    }
    let sbn = u32::from(u16::from_be_bytes([header[12], header[13]]));
    let esi = u64::from(u16::from_be_bytes([header[14], header[15]]));
    let block = oti.block(Sbn(sbn)).unwrap();
    Some(block.range.start / u64::from(oti.symbol_bytes()) + esi)
}
