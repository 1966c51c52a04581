//! The peer: the published `flute` crate over an ordinary socket.

use std::net::UdpSocket;
use std::time::{Duration, Instant, SystemTime};

use anyhow::Context as _;
use bytes::Bytes;
use flute::core::{Oti, UDPEndpoint};
use flute::sender::{
    Config, ObjectDesc, PriorityQueue, Profile, Sender, TargetAcquisition, TransferConfig,
};

use crate::ours::{BLOCK_SYMBOLS, REPAIR_PERCENT, Route, SYMBOL_BYTES, TSI};

/// How it is called in the table.
pub(crate) const NAME: &str = "flute crate";

/// Without repair.
pub(crate) fn no_code() -> Oti {
    Oti::new_no_code(SYMBOL_BYTES, BLOCK_SYMBOLS as u16)
}

/// RaptorQ with so many symbols in a block.
pub(crate) fn raptorq(block_symbols: u32) -> anyhow::Result<Oti> {
    let parity = (block_symbols * u32::from(REPAIR_PERCENT)).div_ceil(100) as u16;
    Oti::new_raptorq(SYMBOL_BYTES, block_symbols as u16, parity, 1, 4)
        .map_err(|error| anyhow::anyhow!("{error:?}"))
}

/// A sender with one object.
pub(crate) struct Peer {
    sender: Sender,
}

impl Peer {
    pub(crate) fn new(oti: &Oti, octets: &Bytes, passes: u32) -> anyhow::Result<Self> {
        Self::with(oti, octets, passes, None)
    }

    /// A sender that is to need so long for its object.
    pub(crate) fn within(oti: &Oti, octets: &Bytes, time: Duration) -> anyhow::Result<Self> {
        Self::with(
            oti,
            octets,
            1,
            Some(TargetAcquisition::WithinDuration(time)),
        )
    }

    fn with(
        oti: &Oti,
        octets: &Bytes,
        passes: u32,
        target: Option<TargetAcquisition>,
    ) -> anyhow::Result<Self> {
        let endpoint = UDPEndpoint::new(None, "239.255.60.250".to_owned(), 5060);
        let config = Config {
            profile: Profile::RFC3926,
            toi_initial_value: Some(1),
            ..Config::default()
        };
        let mut sender = Sender::new(endpoint, u64::from(TSI), oti, &config);
        let mut transfer = TransferConfig {
            max_transfer_count: passes,
            ..TransferConfig::default()
        };
        transfer.target_acquisition = target;
        let location = url::Url::parse("http://bench.example/peer")?;
        let object = ObjectDesc::create_from_buffer(
            octets.to_vec(),
            "application/octet-stream",
            &location,
            true,
            transfer,
        );
        let object = object.map_err(|error| anyhow::anyhow!("{error:?}"))?;
        let queue = PriorityQueue::HIGHEST;
        sender
            .add_object(queue, object)
            .map_err(|error| anyhow::anyhow!("{error:?}"))?;
        sender
            .publish(SystemTime::now())
            .map_err(|error| anyhow::anyhow!("{error:?}"))?;
        Ok(Self { sender })
    }

    /// The next datagram, if one is due.
    pub(crate) fn read(&mut self) -> Option<Vec<u8>> {
        self.sender.read(SystemTime::now())
    }

    /// Everything was read.
    pub(crate) fn is_done(&self) -> bool {
        self.sender.nb_objects() == 0
    }

    /// Reads all datagrams as fast as they come; how many.
    pub(crate) fn drain(
        mut self,
        mut sink: impl FnMut(&[u8]) -> anyhow::Result<()>,
    ) -> anyhow::Result<u64> {
        let mut packets = 0;
        while !self.is_done() {
            if let Some(datagram) = self.read() {
                sink(&datagram)?;
                packets += 1;
            }
        }
        Ok(packets)
    }

    /// Sends all datagrams as fast as they come; how many.
    pub(crate) fn send(self, route: &Route) -> anyhow::Result<u64> {
        let socket = socket(route)?;
        self.drain(|datagram| {
            socket.send_to(datagram, route.group)?;
            Ok(())
        })
    }

    /// Sends datagrams when they are due, at most at this rate where one is given.
    pub(crate) fn send_paced(mut self, route: &Route, rate_bps: Option<u64>) -> anyhow::Result<()> {
        let socket = socket(route)?;
        let start = Instant::now();
        let mut octets = 0;
        while !self.is_done() {
            let Some(datagram) = self.read() else {
                std::thread::sleep(Duration::from_micros(200));
                continue;
            };
            socket.send_to(&datagram, route.group)?;
            octets += datagram.len() as u64 + 28;
            let Some(rate_bps) = rate_bps else { continue };
            let due = Duration::from_nanos(octets * 8_000_000_000 / rate_bps);
            // Sleeping is coarse: only what is worth it.
            let ahead = due.saturating_sub(start.elapsed());
            if ahead > Duration::from_millis(1) {
                std::thread::sleep(ahead);
            }
        }
        Ok(())
    }
}

fn socket(route: &Route) -> anyhow::Result<UdpSocket> {
    pushcast_engine::ota::socket::sender(&route.egress()).context("the peer's socket")
}
