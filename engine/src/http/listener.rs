//! The main listener's connections: how many, from whom, and for how long they may say nothing.
//!
//! ```text
//!  a place is free ─▶ accept ─┬─ the address has its share ─▶ 503, closed
//!                             └─▶ HTTP/1 ─ request ─▶ router
//!                                    └─ no whole header within HEADER_TIMEOUT ─▶ closed
//! ```
//!
//! As long as all places are taken nothing is accepted: the rest waits in the kernel's queue, which
//! is bounded, and costs nothing here. An address cannot take all places, and a place that is held
//! for nothing is free again after `HEADER_TIMEOUT`, so that the queue moves. The same time-out
//! ends connections that are idle between requests.
//!
//! Not here: slow bodies, which the endpoint cuts off, and TLS.

mod places;

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::Service as _;

use crate::metrics::{Metrics, Rejection};

use self::places::{Place, Places};

/// Longest time from the first moment a request could come to the end of its header.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Most octets read ahead on a connection, which is also the longest header. hyper's own limit of
/// 400 KiB would be four gigabytes on ten thousand connections.
const MAX_AHEAD_BYTES: usize = 64 << 10;
/// Pause after an accept that failed for want of descriptors or memory.
const ACCEPT_PAUSE: Duration = Duration::from_secs(1);
/// Said to an address that has its share of connections.
const REFUSAL: &[u8] =
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nContent-Length: 0\r\n\
    Connection: close\r\n\r\n";

/// How many connections at a time.
#[derive(Debug, Clone, Copy)]
pub struct ConnectionLimits {
    /// All together.
    pub all: u32,
    /// From one address; of IPv6 from one /64, which is what one subscriber has.
    pub per_address: u32,
}

/// Serves `router` until `stop` completes; then waits for requests under way. What the router
/// extracts as `ConnectInfo<SocketAddr>` is the peer.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    metrics: Arc<Metrics>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let places = Places::new(limits);
    let (stopping, stopped) = watch::channel(false);
    let accepting = async {
        loop {
            let free = places.free().await;
            let (stream, peer) = accept(&listener).await;
            match free.taken_by(peer.ip()) {
                Some(place) => {
                    let connection = connection(stream, peer, router.clone(), stopped.clone());
                    tokio::spawn(held(place, connection));
                }
                None => {
                    metrics.rejected(Rejection::ConnectionsPerAddress);
                    refuse(stream);
                }
            }
        }
    };
    tokio::select! {
        () = accepting => {}
        () = stop => {}
    }
    drop(listener);
    let _ = stopping.send(true);
    places.all_free().await;
    Ok(())
}

async fn held(place: Place, connection: impl Future<Output = ()>) {
    connection.await;
    drop(place);
}

/// The next connection. One that is gone again is nobody's fault; anything else gets better when
/// connections end.
async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
                ) => {}
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a connection could not be accepted"
                );
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Says why, if the socket takes it at once, and closes.
fn refuse(stream: TcpStream) {
    if let Ok(mut stream) = stream.into_std() {
        // The peer may be gone; nobody waits for it.
        let _ = stream.write(REFUSAL);
    }
}

/// One connection to its end.
async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    router: Router,
    mut stopped: watch::Receiver<bool>,
) {
    let service = service_fn(move |request| answer(router.clone(), peer, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_buf_size(MAX_AHEAD_BYTES)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let told = async move {
        let _ = stopped.wait_for(|stopped| *stopped).await;
    };
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = told => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "a connection broke"
        );
    }
}

async fn answer(
    mut router: Router,
    peer: SocketAddr,
    mut request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    request.extensions_mut().insert(ConnectInfo(peer));
    // A router is always ready.
    router.call(request).await
}

#[cfg(test)]
mod tests;
