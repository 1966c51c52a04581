//! What the store, the lanes and the outbox say at the moment of asking.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};

use crate::cbc::{Links, OUTCOMES};
use crate::model::{Bearer, Channel, LaneName};
use crate::ota::lane::ChannelStats;
use crate::ota::{Backend, Fleet};
use crate::report::outbox::OutboxStats;
use crate::routing::Directory;
use crate::scheduler::AirTimes;
use crate::store::{Dialect, Files, Store, StoreError};

use super::counted::{Counted, Labelled};

/// Of what the program was built; `unknown` unless whoever builds it says so.
const COMMIT: Option<&str> = option_env!("PUSHCAST_COMMIT");

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct StateLabel {
    state: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ChannelLabels {
    lane: String,
    channel: String,
    kind: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BackendLabels {
    lane: String,
    backend: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CbcLabel {
    cbc: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CbcLabels {
    cbc: String,
    outcome: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OutcomeLabel {
    outcome: &'static str,
}

/// Whom to ask.
pub struct Parts<'a> {
    /// The database.
    pub store: &'a Store,
    /// The files beside it.
    pub files: &'a Files,
    /// Names.
    pub directory: &'a Directory,
    /// The lanes.
    pub fleet: &'a Fleet,
    /// The links to Cell Broadcast Centres.
    pub links: &'a Links,
    /// How long pushes took to the air.
    pub air_times: &'a AirTimes,
    /// What became of notifications.
    pub outbox: &'a OutboxStats,
    /// Time of day, ms.
    pub now_ms: u64,
}

impl Parts<'_> {
    pub(super) async fn registry(&self) -> Result<Registry, StoreError> {
        let mut registry = Registry::with_prefix("pushcast");
        let build = Info::new([
            ("version", env!("CARGO_PKG_VERSION")),
            ("commit", COMMIT.unwrap_or("unknown")),
        ]);
        registry.register("build", "Which program this is", build);
        self.submissions(&mut registry).await?;
        self.outbox(&mut registry).await?;
        self.writes(&mut registry);
        self.disk(&mut registry).await;
        let bearers = Bearer::ALL.iter();
        let times = bearers.map(|bearer| {
            let labels = vec![("bearer", bearer.as_str())];
            Labelled::new(labels, self.air_times.of(*bearer))
        });
        registry.register_with_unit(
            "accept_to_air",
            "From the moment a push may be sent to its first packet",
            Unit::Seconds,
            Counted::new(times.collect(), 1e3),
        );
        self.lanes(&mut registry);
        self.centres(&mut registry);
        Ok(registry)
    }

    async fn submissions(&self, registry: &mut Registry) -> Result<(), StoreError> {
        let states = Family::<StateLabel, Gauge>::default();
        for (state, count) in self.store.counts_by_state().await? {
            let label = StateLabel {
                state: state.as_str().to_owned(),
            };
            states.get_or_create(&label).set(gauge(count));
        }
        registry.register("submissions", "Submissions stored, by state", states);
        Ok(())
    }

    async fn outbox(&self, registry: &mut Registry) -> Result<(), StoreError> {
        let outbox = self.store.outbox_depth().await?;
        let depth: Gauge = Gauge::default();
        depth.set(gauge(outbox.waiting));
        registry.register("outbox_depth", "Result notifications not yet posted", depth);
        let oldest_ms = outbox
            .oldest_ms
            .map_or(0, |oldest_ms| self.now_ms.saturating_sub(oldest_ms));
        let oldest = Gauge::<f64, AtomicU64>::default();
        oldest.set(Duration::from_millis(oldest_ms).as_secs_f64());
        registry.register_with_unit(
            "outbox_oldest",
            "Age of the oldest result notification not yet posted",
            Unit::Seconds,
            oldest,
        );
        let outcomes = Family::<OutcomeLabel, Counter>::default();
        let OutboxStats {
            delivered,
            failed,
            put_back,
            retried,
        } = self.outbox;
        for (outcome, count) in [
            ("delivered", delivered),
            ("failed", failed),
            ("put_back", put_back),
            ("retried", retried),
        ] {
            outcomes
                .get_or_create(&OutcomeLabel { outcome })
                .inc_by(count.load(Ordering::Relaxed));
        }
        registry.register(
            "notifications",
            "What became of result notifications: taken, given up, put back untried, to be tried again",
            outcomes,
        );
        Ok(())
    }

    fn writes(&self, registry: &mut Registry) {
        let stats = self.store.stats();
        let commits: Counter = Counter::default();
        commits.inc_by(stats.commits());
        registry.register("store_commits", "Transactions committed", commits);
        let writes: Counter = Counter::default();
        writes.inc_by(stats.operations());
        registry.register(
            "store_writes",
            "Operations committed, many to a transaction",
            writes,
        );
        let engine = match self.store.dialect() {
            Dialect::Postgres => "postgres",
            Dialect::Sqlite => "sqlite",
        };
        let labelled = |histogram| {
            Counted::new(
                vec![Labelled::new(vec![("engine", engine)], histogram)],
                1e9,
            )
        };
        registry.register_with_unit(
            "store_commit_duration",
            "Time from a commit until it was on stable storage",
            Unit::Seconds,
            labelled(stats.commit_durations()),
        );
        let sizes = Labelled::new(vec![("engine", engine)], stats.batch_sizes());
        registry.register(
            "store_batch_size",
            "Operations of a commit",
            Counted::new(vec![sizes], 1.0),
        );
    }

    async fn disk(&self, registry: &mut Registry) {
        let files = self.files.clone();
        let free = tokio::task::spawn_blocking(move || files.free_bytes()).await;
        // Nothing is said where nothing is known.
        let Ok(Ok(free)) = free else {
            return;
        };
        let bytes: Gauge = Gauge::default();
        bytes.set(gauge(free));
        registry.register_with_unit(
            "disk_free",
            "Room for files and, on SQLite, for the database",
            Unit::Bytes,
            bytes,
        );
    }

    fn lanes(&self, registry: &mut Registry) {
        let channels: Vec<(LaneName, ChannelStats)> = self.fleet.stats();
        let packets = Family::<ChannelLabels, Counter>::default();
        let bytes = Family::<ChannelLabels, Counter>::default();
        let objects = Family::<ChannelLabels, Gauge>::default();
        let failures = Family::<ChannelLabels, Counter>::default();
        let late = Family::<ChannelLabels, Gauge<f64, AtomicU64>>::default();
        let rates = Family::<ChannelLabels, Gauge>::default();
        for (lane, stats) in channels {
            let labels = |kind| ChannelLabels {
                lane: lane.to_string(),
                channel: stats.channel.to_string(),
                kind,
            };
            for (index, kind) in ["fdt", "repair", "data"].into_iter().enumerate() {
                packets
                    .get_or_create(&labels(kind))
                    .inc_by(stats.session.packets[index]);
                bytes
                    .get_or_create(&labels(kind))
                    .inc_by(stats.session.bytes[index]);
            }
            objects
                .get_or_create(&labels("all"))
                .set(gauge(stats.objects as u64));
            if let Some(channel) = self
                .directory
                .channel(&stats.channel)
                .and_then(Channel::as_flute)
            {
                rates
                    .get_or_create(&labels("all"))
                    .set(gauge(channel.rate_bps));
            }
            failures
                .get_or_create(&labels("all"))
                .inc_by(stats.send_failures);
            late.get_or_create(&labels("all"))
                .set(Duration::from_nanos(stats.session.late_ns).as_secs_f64());
        }
        registry.register("lane_packets", "Datagrams sent", packets);
        registry.register_with_unit("lane", "UDP payload sent", Unit::Bytes, bytes);
        registry.register("flute_objects", "Objects on the air", objects);
        registry.register(
            "lane_send_failures",
            "Bursts that the kernel refused",
            failures,
        );
        registry.register_with_unit(
            "lane_late",
            "Time by which channels fell behind their rate for good",
            Unit::Seconds,
            late,
        );
        registry.register(
            "lane_rate_bits_per_second",
            "The rate that a channel is held to",
            rates,
        );
        self.backends(registry);
    }

    fn centres(&self, registry: &mut Registry) {
        let up = Family::<CbcLabel, Gauge>::default();
        let alerts = Family::<CbcLabel, Gauge>::default();
        let unknown = Family::<CbcLabel, Gauge>::default();
        let requests = Family::<CbcLabels, Counter>::default();
        for (name, stats) in self.links.stats() {
            let label = CbcLabel {
                cbc: name.to_string(),
            };
            let is_up = stats.is_up() && !stats.is_paused();
            up.get_or_create(&label).set(i64::from(is_up));
            alerts.get_or_create(&label).set(gauge(stats.alerts()));
            unknown.get_or_create(&label).set(gauge(stats.unknown()));
            for (outcome, count) in OUTCOMES.into_iter().zip(stats.requests()) {
                let cbc = name.to_string();
                let labels = CbcLabels { cbc, outcome };
                requests.get_or_create(&labels).inc_by(count);
            }
        }
        registry.register(
            "cbc_link_up",
            "The CBC can be reached and is not held back",
            up,
        );
        registry.register("cbc_alerts", "Alerts that the link to a CBC holds", alerts);
        registry.register(
            "cbc_unknown",
            "Messages of which nobody knows whether the CBC took them",
            unknown,
        );
        registry.register("cbc_requests", "Requests to CBCs, by outcome", requests);
    }

    fn backends(&self, registry: &mut Registry) {
        let kinds = Family::<BackendLabels, Gauge>::default();
        for (lane, backend) in self.fleet.backends() {
            kinds
                .get_or_create(&BackendLabels {
                    lane: lane.to_string(),
                    backend: Backend::as_str(backend),
                })
                .set(1);
        }
        registry.register("lane_backend", "How a lane sends", kinds);
    }
}

/// A number as gauges have them.
fn gauge(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}
