//! A listener's connections: how many, from whom, and for how long they may say nothing.
//!
//! ```text
//!  a place is free ─▶ accept ─┬─ the address has its share ─▶ 503, closed
//!                             └─▶ TLS, if it is spoken here
//!                                  │  └─ not within HANDSHAKE_TIMEOUT ─▶ closed
//!                                  ▼
//!                                 HTTP/1 ─ request ─▶ front ─ answer ─▶
//!                                    │                  └─ not read for WRITE_TIMEOUT ─▶ closed
//!                                    └─ no whole header within HEADER_TIMEOUT ─▶ closed
//! ```
//!
//! As long as all places are taken nothing is accepted: the rest waits in the kernel's queue, which
//! is bounded, and costs nothing here. An address cannot take all places, and a place that is held
//! for nothing is free again after `HEADER_TIMEOUT`, so that the queue moves. The same time-out
//! ends connections that are idle between requests. A connection that shakes hands holds its place
//! like any other.
//!
//! The admin listener has the same doors with limits of its own. Not here: slow bodies, which the
//! endpoint cuts off, and certificates ([`tls`]).

mod places;

use std::convert::Infallible;
use std::future::Future;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tokio_rustls::TlsAcceptor;

use super::front::Front;
use super::peer::{Peer, Transport};
use super::tls::{self, Tls};
use crate::metrics::{Metrics, Rejection};

use self::places::{Place, Places};

/// Longest time from the first moment a request could come to the end of its header.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time for a TLS handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest time in which a peer takes nothing of what is written to it. Answers are short: they
/// wait only for a peer that does not read.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
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

/// What a connection has to pass.
#[derive(Debug, Clone)]
pub struct Doors {
    /// How many there may be.
    pub limits: ConnectionLimits,
    /// Certificates, where TLS is spoken.
    pub tls: Option<Arc<Tls>>,
}

/// Serves `front` until `stop` completes; then waits for requests under way. What its router
/// extracts as `ConnectInfo<SocketAddr>` is the peer's address, as `Extension<Peer>` the peer.
pub async fn serve(
    listener: TcpListener,
    front: impl Into<Front>,
    doors: Doors,
    metrics: Arc<Metrics>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let front = Arc::new(front.into());
    let places = Places::new(doors.limits);
    let (stopping, stopped) = watch::channel(false);
    let accepting = async {
        loop {
            let free = places.free().await;
            let (stream, address) = accept(&listener).await;
            match free.taken_by(address.ip()) {
                Some(place) => {
                    let connection = Connection {
                        address,
                        front: Arc::clone(&front),
                        metrics: Arc::clone(&metrics),
                        stopped: stopped.clone(),
                    };
                    let tls = doors.tls.as_ref().map(|tls| tls.server());
                    tokio::spawn(held(place, connection.run(stream, tls)));
                }
                None => {
                    metrics.rejected(Rejection::ConnectionsPerAddress);
                    refuse(stream, doors.tls.is_some());
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

/// Says why, if the socket takes it at once and the peer expects no handshake, and closes.
fn refuse(stream: TcpStream, speaks_tls: bool) {
    if speaks_tls {
        return;
    }
    if let Ok(mut stream) = stream.into_std() {
        // The peer may be gone; nobody waits for it.
        let _ = stream.write(REFUSAL);
    }
}

/// One connection, whatever its octets travel in.
struct Connection {
    address: SocketAddr,
    front: Arc<Front>,
    metrics: Arc<Metrics>,
    stopped: watch::Receiver<bool>,
}

impl Connection {
    /// Serves it to its end.
    async fn run(self, stream: TcpStream, tls: Option<Arc<rustls::ServerConfig>>) {
        let mut stream = Box::pin(TimeoutStream::new(stream));
        stream
            .as_mut()
            .set_write_timeout_pinned(Some(WRITE_TIMEOUT));
        let Some(config) = tls else {
            return self.serve(stream, Transport::Cleartext).await;
        };
        let shaking = TlsAcceptor::from(config).accept(stream);
        let shaken = tokio::select! {
            shaken = timeout(HANDSHAKE_TIMEOUT, shaking) => shaken,
            () = told(self.stopped.clone()) => return,
        };
        match shaken {
            Ok(Ok(stream)) => {
                let chain = stream.get_ref().1.peer_certificates();
                let certificate = chain.and_then(<[_]>::first).map(tls::fingerprint);
                self.serve(stream, Transport::Tls { certificate }).await;
            }
            Ok(Err(error)) => {
                self.metrics.rejected(Rejection::Handshake);
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "a TLS handshake failed"
                );
            }
            Err(_) => self.metrics.rejected(Rejection::Handshake),
        }
    }

    async fn serve<S>(self, stream: S, transport: Transport)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let Self {
            address,
            front,
            stopped,
            ..
        } = self;
        let peer = Peer { address, transport };
        let service = service_fn(move |request| {
            let front = Arc::clone(&front);
            async move { Ok::<_, Infallible>(front.answer(peer, request).await) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(MAX_AHEAD_BYTES)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        tokio::pin!(connection);
        let ended = tokio::select! {
            ended = &mut connection => ended,
            () = told(stopped) => {
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
}

/// Completes once connections are to end.
async fn told(mut stopped: watch::Receiver<bool>) {
    let _ = stopped.wait_for(|stopped| *stopped).await;
}

#[cfg(test)]
mod tests;
