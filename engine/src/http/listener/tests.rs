use std::net::Ipv4Addr;

use axum::Router;
use axum::extract::ConnectInfo;
use axum::routing::get;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};

use super::*;

const REQUEST: &[u8] = b"GET /peer HTTP/1.1\r\nHost: a\r\n\r\n";
/// For what happens at once unless something is wrong.
const SOON: Duration = Duration::from_secs(5);

struct Server {
    address: SocketAddr,
    metrics: Arc<Metrics>,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
}

async fn server(all: u32, per_address: u32) -> Server {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let peer = |ConnectInfo(peer): ConnectInfo<SocketAddr>| async move { peer.to_string() };
    let router = Router::new().route("/peer", get(peer));
    let (stop, stopped) = oneshot::channel::<()>();
    let metrics = Metrics::new();
    let serving = tokio::spawn(serve(
        listener,
        router,
        Doors {
            limits: ConnectionLimits { all, per_address },
            tls: None,
        },
        Arc::clone(&metrics),
        async {
            let _ = stopped.await;
        },
    ));
    Server {
        address,
        metrics,
        stop,
        serving,
    }
}

impl Server {
    async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }
}

/// Asks and reads the first octets of the answer.
async fn ask(stream: &mut TcpStream) -> String {
    let _ = stream.write_all(REQUEST).await;
    let mut answer = vec![0; 1024];
    let octets = stream.read(&mut answer).await.unwrap_or(0);
    String::from_utf8_lossy(&answer[..octets]).into_owned()
}

#[tokio::test]
async fn the_router_knows_the_peer() {
    let server = server(9, 9).await;
    let mut stream = server.connect().await;
    let own = stream.local_addr().unwrap().to_string();
    for _ in 0..2 {
        let answer = ask(&mut stream).await;
        assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with(&own));
    }
}

#[tokio::test]
async fn the_surplus_waits_for_a_free_place() {
    let server = server(2, 2).await;
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    assert!(ask(&mut first).await.starts_with("HTTP/1.1 200"));
    assert!(ask(&mut second).await.starts_with("HTTP/1.1 200"));
    let mut third = server.connect().await;
    let waiting = timeout(Duration::from_millis(100), ask(&mut third)).await;
    assert!(waiting.is_err());
    drop(first);
    let mut answer = [0; 12];
    timeout(SOON, third.read_exact(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(&answer, b"HTTP/1.1 200");
}

#[tokio::test]
async fn an_address_with_its_share_is_refused() {
    let server = server(9, 2).await;
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    assert!(ask(&mut first).await.starts_with("HTTP/1.1 200"));
    assert!(ask(&mut second).await.starts_with("HTTP/1.1 200"));
    let mut third = server.connect().await;
    let mut refusal = Vec::new();
    timeout(SOON, third.read_to_end(&mut refusal))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(refusal, REFUSAL);
    let refused = || server.metrics.rejections(Rejection::ConnectionsPerAddress);
    assert_eq!(refused(), 1);
    drop((first, second));
    let again = async {
        loop {
            if ask(&mut server.connect().await)
                .await
                .starts_with("HTTP/1.1 200")
            {
                break;
            }
        }
    };
    timeout(SOON, again).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn slow_headers_and_idle_connections_are_cut_off() {
    let server = server(9, 9).await;
    for sent in [&b""[..], b"GET /peer HTTP/1.1\r\nHos", REQUEST] {
        let mut stream = server.connect().await;
        let began = Instant::now();
        stream.write_all(sent).await.unwrap();
        let mut rest = Vec::new();
        let _ = stream.read_to_end(&mut rest).await;
        assert_eq!(rest.starts_with(b"HTTP/1.1 200"), sent == REQUEST);
        assert!((HEADER_TIMEOUT..2 * HEADER_TIMEOUT).contains(&began.elapsed()));
    }
}

#[tokio::test]
async fn a_good_client_is_answered_beside_slow_ones() {
    let server = server(1000, 250).await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = server.connect().await;
        stream.write_all(b"GET /peer HTTP/1.1\r\nX-").await.unwrap();
        slow.push(stream);
    }
    let mut good = server.connect().await;
    let answer = timeout(SOON, ask(&mut good)).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn stopping_ends_idle_connections() {
    let server = server(9, 9).await;
    let mut idle = server.connect().await;
    assert!(ask(&mut idle).await.starts_with("HTTP/1.1 200"));
    server.stop.send(()).unwrap();
    timeout(SOON, server.serving)
        .await
        .unwrap()
        .unwrap()
        .unwrap();
    assert_eq!(idle.read(&mut [0; 9]).await.unwrap(), 0);
}

#[tokio::test(start_paused = true)]
async fn who_does_not_read_is_cut_off() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    // More than sockets hold.
    let router = Router::new().route("/", get(|| async { vec![b'x'; 64 << 20] }));
    let doors = Doors {
        limits: ConnectionLimits {
            all: 1,
            per_address: 1,
        },
        tls: None,
    };
    let (_stop, stopped) = oneshot::channel::<()>();
    tokio::spawn(serve(listener, router, doors, Metrics::new(), async {
        let _ = stopped.await;
    }));
    let mut deaf = TcpStream::connect(address).await.unwrap();
    deaf.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    // The only place is free once the first connection is over.
    let mut next = TcpStream::connect(address).await.unwrap();
    let answer = ask(&mut next).await;
    assert!(answer.starts_with("HTTP/1.1 404"), "{answer}");
    let mut rest = Vec::new();
    let read = deaf.read_to_end(&mut rest).await;
    assert!(read.is_err() || rest.len() < 64 << 20);
}
