//! Counters, gauges and histograms, read by `/metrics` in the Prometheus text format.

mod counted;
mod now;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{Method, StatusCode};
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::http::auth::AuthError;
use crate::pap::Response;
use crate::store::StoreError;

pub use now::Parts;

/// From half a millisecond to ten seconds.
const ACCEPT_BUCKETS: [f64; 14] = [
    0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0,
];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelValue)]
enum Operation {
    Bad,
    Cancel,
    Ccq,
    Push,
    Status,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct PapLabels {
    operation: Operation,
    /// First digit of the status code.
    class: u16,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct ReasonLabel {
    reason: &'static str,
}

/// Why input was turned away before it was understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rejection {
    /// A request body is longer than its initiator may send.
    BodyBytes,
    /// A request body comes too slowly.
    BodyRate,
    /// An address has as many connections as it may have.
    ConnectionsPerAddress,
    /// A password in the address of a request.
    CredentialsInUrl,
    /// A TLS handshake failed or took too long.
    Handshake,
    /// More long request bodies than are read at a time.
    LongBodies,
    /// A request body that is no PAP.
    Malformed,
}

impl Rejection {
    /// As a label and in the audit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BodyBytes => "body_bytes",
            Self::BodyRate => "body_rate",
            Self::ConnectionsPerAddress => "connections_per_address",
            Self::CredentialsInUrl => "credentials_in_url",
            Self::Handshake => "tls_handshake",
            Self::LongBodies => "long_bodies",
            Self::Malformed => "malformed",
        }
    }
}

/// What an initiator has sent too much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuotaRefusal {
    /// Addresses in a day.
    Addresses,
    /// Requests at a time.
    Concurrent,
    /// Requests over time.
    Rate,
    /// Submissions in a day.
    Submissions,
}

impl QuotaRefusal {
    /// As a label and in the audit.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Addresses => "daily_addresses",
            Self::Concurrent => "concurrent",
            Self::Rate => "rate",
            Self::Submissions => "daily_quota",
        }
    }
}

/// A request that was answered on the main listener.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct HttpLabels {
    http_request_method: &'static str,
    /// Template of the path; empty where no route is.
    http_route: String,
    http_response_status_code: u16,
}

/// What is counted as it happens.
pub struct Metrics {
    registry: Registry,
    messages: Family<PapLabels, Counter>,
    accept: Histogram,
    rejected: Family<ReasonLabel, Counter>,
    not_authenticated: Family<ReasonLabel, Counter>,
    beyond_quota: Family<ReasonLabel, Counter>,
    requests: Family<HttpLabels, Histogram>,
}

impl fmt::Debug for Metrics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

impl Metrics {
    /// Everything at zero.
    pub fn new() -> Arc<Self> {
        let mut registry = Registry::with_prefix("pushcast");
        let messages = Family::<PapLabels, Counter>::default();
        registry.register("pap_messages", "PAP messages answered", messages.clone());
        let accept = Histogram::new(ACCEPT_BUCKETS);
        registry.register_with_unit(
            "pap_accept_duration",
            "Time from the first octet of a request to its answer",
            Unit::Seconds,
            accept.clone(),
        );
        let rejected = Family::<ReasonLabel, Counter>::default();
        registry.register(
            "rejected_input",
            "Connections and requests turned away before they were understood",
            rejected.clone(),
        );
        let not_authenticated = Family::<ReasonLabel, Counter>::default();
        registry.register(
            "auth_failures",
            "Requests that were not let in",
            not_authenticated.clone(),
        );
        let beyond_quota = Family::<ReasonLabel, Counter>::default();
        registry.register(
            "quota_refusals",
            "Requests beyond what their initiator may send",
            beyond_quota.clone(),
        );
        let requests = Family::<HttpLabels, Histogram>::new_with_constructor(|| {
            Histogram::new(ACCEPT_BUCKETS)
        });
        registry.register_with_unit(
            "http_server_request_duration",
            "Time from a request's header to its answer",
            Unit::Seconds,
            requests.clone(),
        );
        Arc::new(Self {
            registry,
            messages,
            accept,
            rejected,
            not_authenticated,
            beyond_quota,
            requests,
        })
    }

    /// Input was turned away.
    pub fn rejected(&self, rejection: Rejection) {
        let reason = rejection.as_str();
        self.rejected.get_or_create(&ReasonLabel { reason }).inc();
    }

    /// Inputs turned away for that reason.
    pub fn rejections(&self, rejection: Rejection) -> u64 {
        let reason = rejection.as_str();
        self.rejected.get_or_create(&ReasonLabel { reason }).get()
    }

    /// A request was not let in.
    pub fn not_authenticated(&self, error: AuthError) {
        let reason = error.as_str();
        self.not_authenticated
            .get_or_create(&ReasonLabel { reason })
            .inc();
    }

    /// A request was more than its initiator may send.
    pub fn beyond_quota(&self, refusal: QuotaRefusal) {
        let reason = refusal.as_str();
        self.beyond_quota
            .get_or_create(&ReasonLabel { reason })
            .inc();
    }

    /// A request on the main listener was answered. `route` is the template of a path, never a
    /// path.
    pub fn request(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let labels = HttpLabels {
            http_request_method: known_method(method),
            http_route: route.to_owned(),
            http_response_status_code: status.as_u16(),
        };
        self.requests
            .get_or_create(&labels)
            .observe(took.as_secs_f64());
    }

    /// A PAP message was answered.
    pub fn answered(&self, response: &Response, took: Duration) {
        let (operation, code) = match response {
            Response::BadMessage(bad) => (Operation::Bad, Some(bad.code)),
            Response::Cancel(cancel) => (
                Operation::Cancel,
                cancel.results.first().map(|result| result.code),
            ),
            Response::Ccq(ccq) => (Operation::Ccq, Some(ccq.code)),
            Response::Push(push) => (Operation::Push, Some(push.code)),
            Response::ResultNotification(answer) => (Operation::Bad, Some(answer.code)),
            Response::StatusQuery(status) => (
                Operation::Status,
                status.results.first().map(|result| result.code),
            ),
        };
        let class = code.map_or(0, |code| code.number() / 1000);
        self.messages
            .get_or_create(&PapLabels { operation, class })
            .inc();
        self.accept.observe(took.as_secs_f64());
    }

    /// The text of `/metrics`: what was counted, and what the parts of the gateway say now.
    pub async fn text(&self, parts: &Parts<'_>) -> Result<String, StoreError> {
        let now = parts.registry().await?;
        let mut text = String::new();
        // Writing to a String does not fail.
        let _ = encode(&mut text, &self.registry);
        // One end marker closes both parts.
        if let Some(end) = text.rfind("# EOF") {
            text.truncate(end);
        }
        let _ = encode(&mut text, &now);
        Ok(text)
    }
}

/// Methods that have a meaning here; a peer can make up others without end.
fn known_method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::OPTIONS => "OPTIONS",
        Method::POST => "POST",
        _ => "_OTHER",
    }
}
