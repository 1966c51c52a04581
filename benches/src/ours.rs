//! Our own side: a FLUTE session driven by hand, and a lane with its workers.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::{Context as _, bail};
use bytes::Bytes;
use pushcast_engine::clock::Clock;
use pushcast_engine::model::ChannelName;
use pushcast_engine::ota::lane::LaneChannelConfig;
use pushcast_engine::ota::socket::Egress;
use pushcast_engine::ota::{Backend, Command, Event, Interface, Lane, LaneConfig, Source, Workers};
use pushcast_flute::fec::raptorq::Encoder;
use pushcast_flute::fec::{Oti, no_code, raptorq};
use pushcast_flute::ids::{FdtInstanceId, Toi, Tsi};
use pushcast_flute::sender::{
    self, Carousel, EncodeJob, Encoded, EndReason, Object, ObjectKey, Priority, Rate, Repair,
    Session, Transmit, Work,
};
use pushcast_flute::{Now, fdt};
use tokio::sync::{mpsc, oneshot};

/// Length of a symbol in every question, octets.
pub(crate) const SYMBOL_BYTES: u16 = 1400;
/// LCT header and FEC payload ID in front of a symbol, octets.
pub(crate) const HEADER_BYTES: usize = 16;
/// Symbols of a source block.
pub(crate) const BLOCK_SYMBOLS: u32 = 1024;
/// Repair, percent.
pub(crate) const REPAIR_PERCENT: u16 = 20;
/// Session identifier.
pub(crate) const TSI: u16 = 7;

/// Parameters of an object without repair.
pub(crate) fn no_code(bytes: usize) -> anyhow::Result<Oti> {
    Ok(Oti::NoCode(no_code::Oti::new(
        bytes as u64,
        SYMBOL_BYTES,
        BLOCK_SYMBOLS,
    )?))
}

/// Parameters of an object with RaptorQ.
pub(crate) fn raptorq(bytes: usize) -> anyhow::Result<Oti> {
    Ok(Oti::RaptorQ(raptorq::Oti::for_object(
        bytes as u64,
        SYMBOL_BYTES,
        BLOCK_SYMBOLS,
    )?))
}

/// An object of the benches.
pub(crate) fn object(toi: u16, oti: Oti, passes: u32, repair: Repair) -> Object {
    let toi_number = Toi::from(u32::from(toi));
    Object {
        key: ObjectKey(u64::from(toi)),
        toi: toi_number,
        oti,
        file: fdt::File {
            content_length: Some(oti.transfer_length()),
            content_type: Some("application/octet-stream".to_owned()),
            ..fdt::File::new(toi_number, format!("http://bench.example/{toi}"))
        },
        priority: Priority::Medium,
        carousel: Carousel {
            passes: Some(passes),
            ..Carousel::ONCE
        },
        repair,
    }
}

/// A session with FDT Instance IDs.
pub(crate) fn session(rate: Option<Rate>) -> anyhow::Result<Session> {
    let mut session = Session::new(sender::Config {
        rate,
        ..sender::Config::new(Tsi::from(TSI))
    });
    session.grant_fdt_ids(FdtInstanceId::new(1).context("an ID of 20 bits")?, 1000);
    Ok(session)
}

/// Answers a job at once from memory.
pub(crate) fn encode(job: EncodeJob, oti: &Oti, octets: &Bytes) -> anyhow::Result<Encoded> {
    let symbols = match &job.work {
        Work::Read(range) => octets.slice(range.start as usize..range.end as usize),
        Work::Repair(block) => {
            let Oti::RaptorQ(oti) = oti else {
                bail!("only RaptorQ has repair symbols")
            };
            let block = &octets[block.start as usize..block.end as usize];
            let mut symbols = Vec::new();
            Encoder::new(oti, job.sbn, block)?.repair(job.first, job.count, &mut symbols)?;
            symbols.into()
        }
    };
    Ok(Encoded {
        object: job.object,
        sbn: job.sbn,
        first: job.first,
        count: job.count,
        symbols: Some(symbols),
    })
}

/// Drives a session without a socket until all of its objects are sent.
pub(crate) fn drain(
    session: &mut Session,
    oti: &Oti,
    octets: &Bytes,
    mut sink: impl FnMut(&Transmit, &[u8]),
) -> anyhow::Result<()> {
    let now = Now {
        mono_ns: 0,
        unix_ms: 1_790_000_000_000,
    };
    let mut burst = Vec::with_capacity(sender::MAX_BURST_BYTES);
    loop {
        session.handle_timeout(now);
        while let Some(job) = session.poll_encode() {
            session.handle_encoded(encode(job, oti, octets)?);
        }
        match session.poll_transmit(now, sender::MAX_BURST_SEGMENTS, &mut burst) {
            Some(transmit) => sink(&transmit, &burst),
            None if session.objects() == 0 => return Ok(()),
            None => bail!("the session stands still with objects to send"),
        }
        while session.poll_event().is_some() {}
    }
}

/// Where a lane sends.
#[derive(Debug, Clone)]
pub(crate) struct Route {
    pub(crate) interface: Interface,
    pub(crate) source: Ipv4Addr,
    pub(crate) group: SocketAddr,
}

impl Route {
    /// Over loopback; the last octet keeps questions apart.
    pub(crate) fn loopback(last: u8) -> anyhow::Result<Self> {
        Self::over("lo", Ipv4Addr::LOCALHOST, last)
    }

    /// Over any interface.
    pub(crate) fn over(interface: &str, source: Ipv4Addr, last: u8) -> anyhow::Result<Self> {
        Ok(Self {
            interface: Interface::find(interface)?,
            source,
            group: SocketAddr::new(IpAddr::V4(Ipv4Addr::new(239, 255, 60, last)), 5060),
        })
    }

    /// How packets leave.
    pub(crate) fn egress(&self) -> Egress {
        Egress {
            source: self.source.into(),
            ttl: 1,
            interface: self.interface.clone(),
        }
    }

    /// Octets that the interface has sent so far, as the kernel counts them.
    pub(crate) fn octets_sent(&self) -> anyhow::Result<u64> {
        // Of the thread's own network namespace, unlike what lies in /sys.
        let table = std::fs::read_to_string("/proc/thread-self/net/dev")?;
        let name = format!("{}:", self.interface.name);
        table
            .lines()
            .find_map(|line| line.trim_start().strip_prefix(&name))
            .and_then(|counters| counters.split_whitespace().nth(8))
            .and_then(|octets| octets.parse().ok())
            .with_context(|| format!("the kernel counts nothing for {name}"))
    }
}

impl Route {
    /// Fails unless the kernel has seen every symbol of the object leave since `before`.
    pub(crate) fn has_sent(&self, before: u64, load: &Load) -> anyhow::Result<()> {
        let sent = self.octets_sent()? - before;
        let expected = load.packets() * u64::from(SYMBOL_BYTES);
        // The last symbol of the object may be short, once in every pass.
        let expected = expected - u64::from(load.passes) * u64::from(SYMBOL_BYTES);
        if sent < expected {
            bail!("{sent} octets left the interface, {expected} were to be sent");
        }
        Ok(())
    }
}

/// A lane with one channel.
pub(crate) struct OurLane {
    lane: Lane,
    events: mpsc::Receiver<Event>,
    next_toi: u16,
}

/// An object to be sent by a lane.
#[derive(Clone)]
pub(crate) struct Load {
    pub(crate) oti: Oti,
    pub(crate) octets: Bytes,
    pub(crate) passes: u32,
    pub(crate) repair: Repair,
}

impl Load {
    /// Packets of all passes.
    pub(crate) fn packets(&self) -> u64 {
        let percent = match self.oti {
            Oti::NoCode(_) => 0,
            Oti::RaptorQ(_) => self.repair.percent,
        };
        let all = packets(&self.oti, percent) * u64::from(self.passes);
        let with_source = self.repair.source_passes.unwrap_or(self.passes);
        all - u64::from(self.passes - with_source) * self.oti.source_symbols()
    }
}

impl OurLane {
    /// Starts a lane with one worker.
    pub(crate) fn start(
        route: &Route,
        backend: Option<Backend>,
        rate_bps: Option<u64>,
    ) -> anyhow::Result<Self> {
        let session = sender::Config {
            rate: rate_bps.map(Rate::bits_per_second),
            ..sender::Config::new(Tsi::from(TSI))
        };
        let channel = LaneChannelConfig {
            name: channel_name()?,
            group: route.group,
            egress: route.egress(),
            session,
        };
        let config = LaneConfig {
            name: "bench".parse()?,
            backend,
            channels: vec![channel],
        };
        let (sender, events) = mpsc::channel(1024);
        let lane = Lane::start(config, Clock::system(), Workers::start(1)?, sender)?;
        let grant = Command::GrantFdtIds {
            channel: channel_name()?,
            first: FdtInstanceId::new(1).context("an ID of 20 bits")?,
            count: 1 << 19,
        };
        if lane.command(grant).is_err() {
            bail!("the lane takes no commands");
        }
        Ok(Self {
            lane,
            events,
            next_toi: 0,
        })
    }

    /// Hands an object over.
    pub(crate) fn begin(&mut self, load: &Load) -> anyhow::Result<()> {
        self.next_toi += 1;
        let object = object(self.next_toi, load.oti, load.passes, load.repair);
        let (reply, answer) = oneshot::channel();
        let add = Command::Add {
            channel: channel_name()?,
            object: Box::new(object),
            source: Source::memory(load.oti, load.octets.clone()),
            reply,
        };
        if self.lane.command(add).is_err() {
            bail!("the lane takes no commands");
        }
        answer.blocking_recv()??;
        Ok(())
    }

    /// Waits until so many passes are done.
    pub(crate) fn wait_for_pass(&mut self, passes: u32) -> anyhow::Result<()> {
        while let Some(event) = self.events.blocking_recv() {
            match event {
                Event::PassDone { passes_done, .. } if passes_done >= passes => return Ok(()),
                Event::Ended { reason, .. } => bail!("the object ended early: {reason:?}"),
                _ => {}
            }
        }
        bail!("the lane has ended")
    }

    /// Waits until the object is complete.
    pub(crate) fn wait_for_end(&mut self) -> anyhow::Result<()> {
        while let Some(event) = self.events.blocking_recv() {
            match event {
                Event::Ended {
                    reason: EndReason::Complete,
                    ..
                } => return Ok(()),
                Event::Ended { reason, .. } => bail!("the object ended early: {reason:?}"),
                _ => {}
            }
        }
        bail!("the lane has ended")
    }

    /// Sends an object to its end and checks with the kernel that it left.
    pub(crate) fn send(&mut self, route: &Route, load: &Load) -> anyhow::Result<()> {
        let before = route.octets_sent()?;
        self.begin(load)?;
        self.wait_for_end()?;
        route.has_sent(before, load)
    }
}

fn channel_name() -> anyhow::Result<ChannelName> {
    Ok("bench".parse()?)
}

/// Packets of one pass.
pub(crate) fn packets(oti: &Oti, repair_percent: u16) -> u64 {
    let repair: u64 = (0..oti.blocks())
        .filter_map(|sbn| oti.block(pushcast_flute::ids::Sbn(sbn)))
        .map(|block| (u64::from(block.symbols) * u64::from(repair_percent)).div_ceil(100))
        .sum();
    oti.source_symbols() + repair
}
