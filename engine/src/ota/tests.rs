//! Objects over loopback multicast, through every back-end.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use pushcast_flute::fdt;
use pushcast_flute::fec::{Oti, no_code, raptorq};
use pushcast_flute::ids::{FdtInstanceId, Toi, Tsi};
use pushcast_flute::sender::{self, Carousel, Object, ObjectKey, Priority, Rate, Repair};
use tokio::sync::{mpsc, oneshot};

use super::lane::LaneChannelConfig;
use super::socket::{Egress, Ingress};
use super::*;
use crate::client::{Listen, Notice, Outcome, Receive};
use crate::clock::Clock;
use crate::model::ChannelName;

fn name(text: &str) -> ChannelName {
    text.parse().unwrap()
}

struct Lab {
    lane: Lane,
    events: mpsc::Receiver<Event>,
    group: SocketAddr,
}

/// A lane with one channel on loopback; the last octet of the group tells tests apart.
fn lab(backend: Option<Backend>, last: u8) -> Result<Lab, LaneError> {
    let interface = Interface::find("lo").unwrap();
    let group = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(239, 255, 43, last)), 5043);
    let rate = Some(Rate::bits_per_second(200_000_000));
    let session = sender::Config {
        rate,
        ..sender::Config::new(Tsi::from(9))
    };
    let egress = Egress {
        source: Ipv4Addr::LOCALHOST.into(),
        ttl: 1,
        interface,
    };
    let channel = LaneChannelConfig {
        name: name("lab"),
        group,
        egress,
        session,
    };
    let config = LaneConfig {
        name: "lane".parse().unwrap(),
        backend,
        channels: vec![channel],
    };
    let (sender, events) = mpsc::channel(1000);
    let lane = Lane::start(config, Clock::system(), Workers::start(1).unwrap(), sender)?;
    let first = FdtInstanceId::new(1).unwrap();
    assert!(
        lane.command(Command::GrantFdtIds {
            channel: name("lab"),
            first,
            count: 100
        })
        .is_ok()
    );
    Ok(Lab {
        lane,
        events,
        group,
    })
}

impl Lab {
    async fn add(&self, toi: u32, oti: Oti, source: Arc<Source>) {
        let object = Object {
            key: ObjectKey(u64::from(toi)),
            toi: Toi::from(toi),
            oti,
            file: fdt::File::new(Toi::from(toi), format!("http://lab.example/{toi}.bin")),
            priority: Priority::Medium,
            carousel: Carousel {
                passes: Some(4),
                delay_ms: 50,
                ..Carousel::ONCE
            },
            repair: Repair::default(),
        };
        let (reply, answer) = oneshot::channel();
        let command = Command::Add {
            channel: name("lab"),
            object: Box::new(object),
            source,
            reply,
        };
        assert!(self.lane.command(command).is_ok());
        assert_eq!(answer.await.unwrap(), Ok(()));
    }

    fn receive(
        &self,
        out: &std::path::Path,
        count: usize,
    ) -> std::thread::JoinHandle<(Outcome, usize)> {
        let ingress = Ingress {
            group: self.group.ip(),
            port: self.group.port(),
            source: Some(Ipv4Addr::LOCALHOST.into()),
            interface: Interface::find("lo").unwrap(),
        };
        let listen = Listen {
            ingress,
            tsi: Some(Tsi::from(9)),
        };
        let timeout = Some(Duration::from_secs(10));
        let receive = Receive {
            listen,
            out: out.to_owned(),
            count: Some(count),
            timeout,
        };
        std::thread::spawn(move || {
            let mut files = 0;
            let mut notify = |notice| files += usize::from(matches!(notice, Notice::File(..)));
            let outcome = receive.run(&Arc::default(), &mut notify).unwrap();
            (outcome, files)
        })
    }
}

#[tokio::test]
async fn objects_arrive_through_every_backend() {
    for (index, backend) in (0..).zip(Backend::ALL) {
        let lab = match lab(Some(backend), 1 + index) {
            Ok(lab) => lab,
            Err(error) => {
                println!("SKIPPED {backend}: {error}");
                continue;
            }
        };
        assert_eq!(lab.lane.backend(), backend);
        let out = tempfile::tempdir().unwrap();
        let receiver = lab.receive(out.path(), 2);
        let octets: Vec<u8> = (0..3_000_000u32).map(|i| (i ^ i >> 9) as u8).collect();
        let stored = out.path().join("stored");
        std::fs::write(&stored, &octets).unwrap();
        let oti = Oti::RaptorQ(raptorq::Oti::for_object(octets.len() as u64, 1400, 1024).unwrap());
        lab.add(
            1,
            oti,
            Source::file(oti, std::fs::File::open(&stored).unwrap()),
        )
        .await;
        let oti = Oti::NoCode(no_code::Oti::new(octets.len() as u64, 1400, 1024).unwrap());
        lab.add(2, oti, Source::memory(oti, Bytes::from(octets.clone())))
            .await;
        let (outcome, files) = receiver.join().unwrap();
        assert_eq!((outcome, files), (Outcome::Complete, 2), "{backend}");
        for file in ["1.bin", "2.bin"] {
            assert!(
                std::fs::read(out.path().join(file)).unwrap() == octets,
                "{backend} {file}"
            );
        }
    }
}

#[tokio::test]
async fn a_lane_reports_first_packet_passes_and_end() {
    let mut lab = lab(None, 100).unwrap();
    let oti = Oti::NoCode(no_code::Oti::new(5000, 1400, 1024).unwrap());
    lab.add(7, oti, Source::memory(oti, Bytes::from(vec![1; 5000])))
        .await;
    let object = ObjectKey(7);
    let mut passes = 0;
    assert!(
        matches!(lab.events.recv().await, Some(Event::FirstPacket { object: o, .. }) if o == object)
    );
    loop {
        match lab.events.recv().await.unwrap() {
            Event::PassDone { passes_done, .. } => {
                passes += 1;
                assert_eq!(passes_done, passes);
            }
            Event::Ended { reason, .. } => {
                assert_eq!((reason, passes), (sender::EndReason::Complete, 4));
                break;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_vanished_file_ends_its_object() {
    let mut lab = lab(None, 101).unwrap();
    let oti = Oti::NoCode(no_code::Oti::new(5000, 1400, 1024).unwrap());
    let empty = tempfile::tempfile().unwrap();
    lab.add(7, oti, Source::file(oti, empty)).await;
    let event = lab.events.recv().await.unwrap();
    assert!(
        matches!(
            event,
            Event::Ended {
                reason: sender::EndReason::Failed,
                ..
            }
        ),
        "{event:?}"
    );
}
