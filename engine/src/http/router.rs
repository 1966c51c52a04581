//! Which path leads where.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Path, Request, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use pushcast_flute::Tsi;
use pushcast_flute::fec::Scheme;
use pushcast_flute::sdp::{Origin, Session};
use serde::Serialize;

use super::front::PAP;
use crate::gateway::Gateway;
use crate::http::reports::reports;
use crate::metrics::{Metrics, Parts};
use crate::model::channel::Fec;
use crate::model::{Channel, ChannelName};
use crate::ota::{Interface, LaneSpec};
use crate::pap::endpoint::{self, Endpoint};
use crate::report::outbox::OutboxStats;
use crate::routing::Directory;
use crate::scheduler::Core;

/// The main listener's own routes; the console's are merged by the caller.
pub fn main(endpoint: Arc<Endpoint>, gateway: Gateway, sources: Arc<Sources>) -> Router {
    Router::new()
        .route(PAP, post(endpoint::post).with_state(endpoint))
        .route(
            "/sessions/{file}",
            get(session).with_state((gateway.clone(), sources)),
        )
        .route("/api/reports", get(reports).with_state(gateway))
}

/// Counts every request of a listener with the time it took, under the template of its path.
pub fn measured(router: Router, metrics: Arc<Metrics>) -> Router {
    router.layer(middleware::from_fn_with_state(metrics, measure))
}

async fn measure(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().cloned();
    let response = next.run(request).await;
    let route = route.as_ref().map_or("", MatchedPath::as_str);
    metrics.request(&method, route, response.status(), began.elapsed());
    response
}

/// Sender address of each channel, which session descriptions name.
#[derive(Debug, Default)]
pub struct Sources(pub std::collections::HashMap<ChannelName, IpAddr>);

impl Sources {
    /// The configured source, else the address of the lane's interface.
    pub fn of(directory: &Directory, lanes: &[LaneSpec]) -> Self {
        let source = |channel: &Channel| {
            let lane = lanes
                .iter()
                .find(|lane| channel.lane.as_ref().is_none_or(|name| *name == lane.name))?;
            let own = || {
                Interface::find(&lane.interface)
                    .ok()?
                    .address(channel.group)
                    .ok()
            };
            Some((channel.name.clone(), channel.source.or_else(own)?))
        };
        Self(directory.channels().filter_map(source).collect())
    }
}

async fn session(
    State((gateway, sources)): State<(Gateway, Arc<Sources>)>,
    Path(file): Path<String>,
) -> Response {
    let name = file
        .strip_suffix(".sdp")
        .and_then(|name| name.parse::<ChannelName>().ok());
    let channel = name
        .as_ref()
        .and_then(|name| gateway.directory().channel(name));
    match channel {
        Some(channel) => {
            let source = sources.0.get(&channel.name).copied();
            (
                [(CONTENT_TYPE, "application/sdp")],
                description(channel, source).to_string(),
            )
                .into_response()
        }
        None => (StatusCode::NOT_FOUND, "no such session\n").into_response(),
    }
}

/// The session description of a channel (TS 26.346 7.3).
fn description(channel: &Channel, source: Option<IpAddr>) -> Session {
    let scheme = match channel.fec {
        Fec::NoCode => Scheme::NoCode,
        Fec::RaptorQ => Scheme::RaptorQ,
    };
    Session {
        origin: Origin {
            username: "pushcast".to_owned(),
            session_id: u64::from(channel.tsi),
            session_version: 1,
            address: source.unwrap_or_else(|| crate::ota::socket::any(channel.group)),
        },
        name: channel.name.to_string(),
        start: None,
        stop: None,
        source,
        group: channel.group,
        ttl: channel.group.is_ipv4().then_some(channel.ttl),
        port: channel.port,
        tsi: Tsi::from(channel.tsi),
        fec_encoding_id: scheme.encoding_id(),
        bandwidth_kbps: Some(channel.rate_bps.div_ceil(1000)),
        lang: None,
        mbms_mode: None,
    }
}

/// What the admin listener shows.
#[derive(Clone)]
pub struct Admin {
    /// Counters.
    pub metrics: Arc<Metrics>,
    /// The store and the names.
    pub gateway: Gateway,
    /// The lanes.
    pub core: Arc<Core>,
    /// What became of notifications.
    pub outbox: Arc<OutboxStats>,
}

/// Health and metrics.
pub fn admin(admin: Admin) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(admin)
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    /// Why not, or what is missing all the same.
    reasons: Vec<String>,
}

async fn ready(State(admin): State<Admin>) -> Response {
    let mut reasons = Vec::new();
    if let Err(error) = admin.gateway.store().next_due().await {
        reasons.push(format!("the database cannot be read: {error}"));
    }
    let mut ready = reasons.is_empty();
    let channels = admin.gateway.directory().channels();
    let (up, down): (Vec<&Channel>, Vec<&Channel>) =
        channels.partition(|channel| admin.core.fleet().is_up(&channel.name));
    if !down.is_empty() {
        // One that is up is enough: the others' pushes are told as undeliverable.
        ready &= !up.is_empty();
        let names: Vec<&str> = down.iter().map(|channel| channel.name.as_str()).collect();
        reasons.push(format!("channels down: {}", names.join(", ")));
    }
    let status = if ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(Readiness { ready, reasons })).into_response()
}

async fn metrics(State(admin): State<Admin>) -> Response {
    let parts = Parts {
        store: admin.gateway.store(),
        files: admin.gateway.files(),
        directory: admin.gateway.directory(),
        fleet: admin.core.fleet(),
        air_times: &admin.core.air_times(),
        outbox: &admin.outbox,
        now_ms: admin.gateway.clock().unix_ms(),
    };
    match admin.metrics.text(&parts).await {
        Ok(text) => (
            [(
                CONTENT_TYPE,
                "application/openmetrics-text; version=1.0.0; charset=utf-8",
            )],
            text,
        )
            .into_response(),
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, format!("{error}\n")).into_response(),
    }
}
