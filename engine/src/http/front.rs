//! Where a request of a listener goes.
//!
//! ```text
//!  POST /pap ─▶ endpoint
//!  the rest  ─▶ router ─▶ session descriptions, console, health; other methods of /pap
//! ```
//!
//! Nearly all requests of a busy gateway are submissions, and a router with layers boxes each one
//! again and again before it calls the handler. The answer is the same either way.

use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Method, Request, Response};
use hyper::body::Incoming;
use tower::Service as _;

use super::peer::Peer;
use crate::metrics::Metrics;
use crate::pap::endpoint::{self, Endpoint};

/// Path that PIs post to.
pub const PAP: &str = "/pap";

/// What a listener answers from.
#[derive(Clone)]
pub struct Front {
    router: Router,
    pap: Option<(Arc<Endpoint>, Arc<Metrics>)>,
}

impl From<Router> for Front {
    /// Everything through the router.
    fn from(router: Router) -> Self {
        Self { router, pap: None }
    }
}

impl Front {
    /// Submissions to `endpoint`, counted as the router counts them.
    pub const fn new(router: Router, endpoint: Arc<Endpoint>, metrics: Arc<Metrics>) -> Self {
        Self {
            router,
            pap: Some((endpoint, metrics)),
        }
    }

    pub(super) async fn answer(&self, peer: Peer, request: Request<Incoming>) -> Response<Body> {
        if let Some((endpoint, metrics)) = &self.pap
            && request.method() == Method::POST
            && request.uri().path() == PAP
        {
            let began = Instant::now();
            let response = endpoint::answer(endpoint, peer, request.map(Body::new)).await;
            metrics.request(&Method::POST, PAP, response.status(), began.elapsed());
            return response;
        }
        self.routed(peer, request).await
    }

    async fn routed(&self, peer: Peer, mut request: Request<Incoming>) -> Response<Body> {
        let extensions = request.extensions_mut();
        extensions.insert(ConnectInfo(peer.address));
        extensions.insert(peer);
        // A router is always ready and never fails.
        match self.router.clone().call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        }
    }
}
