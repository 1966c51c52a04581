//! The other end of our requests, for tests: a server on loopback that answers by a script.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Longest wait for something that has to happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// What the peer does with a request.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// Says nothing and keeps the connection.
    Hang,
    /// Sends this head, then zeros without an end in sight.
    Endless(&'static str),
    /// Sends this and closes.
    Text(String),
}

impl Answer {
    pub(crate) fn body(status: &str, body: &str) -> Self {
        let length = body.len();
        Self::Text(format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/xml\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n{body}"
        ))
    }
}

/// What the peer saw.
#[derive(Debug)]
pub(crate) struct Seen {
    /// Request line and header fields.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }
}

/// The server. It ends with the value.
pub(crate) struct Peer {
    address: SocketAddr,
    seen: mpsc::UnboundedReceiver<Seen>,
    taken: mpsc::UnboundedReceiver<usize>,
    task: JoinHandle<()>,
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Peer {
    /// Gives the answers in turn; the last one again and again.
    pub(crate) async fn start(answers: Vec<Answer>) -> Self {
        Self::listen(TcpListener::bind("127.0.0.1:0").await.unwrap(), answers)
    }

    /// Same on a socket of one's own.
    pub(crate) fn listen(listener: TcpListener, answers: Vec<Answer>) -> Self {
        let address = listener.local_addr().unwrap();
        let (saw, seen) = mpsc::unbounded_channel();
        let (took, taken) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            let last = answers.last().cloned().unwrap();
            let mut answers = answers.into_iter();
            while let Ok((stream, _)) = listener.accept().await {
                let answer = answers.next().unwrap_or_else(|| last.clone());
                tokio::spawn(converse(stream, answer, saw.clone(), took.clone()));
            }
        });
        Self {
            address,
            seen,
            taken,
            task,
        }
    }

    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    pub(crate) fn url(&self, host: &str) -> String {
        format!("http://{host}:{}/results", self.port())
    }

    /// The next request.
    pub(crate) async fn request(&mut self) -> Seen {
        tokio::time::timeout(PATIENCE, self.seen.recv())
            .await
            .expect("no request came")
            .unwrap()
    }

    /// Whether no request has come that nobody has looked at.
    pub(crate) fn is_quiet(&mut self) -> bool {
        self.seen.try_recv().is_err()
    }

    /// Closes the port.
    pub(crate) async fn stop(mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    /// Octets of an endless answer that were written before the client left.
    pub(crate) async fn taken(&mut self) -> usize {
        tokio::time::timeout(PATIENCE, self.taken.recv())
            .await
            .expect("the client did not leave")
            .unwrap()
    }
}

async fn converse(
    mut stream: TcpStream,
    answer: Answer,
    saw: mpsc::UnboundedSender<Seen>,
    took: mpsc::UnboundedSender<usize>,
) {
    let Some(request) = read(&mut stream).await else {
        return;
    };
    let _ = saw.send(request);
    match answer {
        Answer::Hang => std::future::pending().await,
        Answer::Endless(head) => {
            let _ = stream.write_all(head.as_bytes()).await;
            let zeros = vec![0; 1 << 16];
            let mut written = 0;
            while written < 1 << 30 && stream.write_all(&zeros).await.is_ok() {
                written += zeros.len();
            }
            let _ = took.send(written);
        }
        Answer::Text(text) => {
            let _ = stream.write_all(text.as_bytes()).await;
            let _ = stream.shutdown().await;
        }
    }
}

async fn read(stream: &mut TcpStream) -> Option<Seen> {
    let mut octets = Vec::new();
    let end = loop {
        if stream.read_buf(&mut octets).await.ok()? == 0 {
            return None;
        }
        if let Some(end) = octets.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let mut body = octets.split_off(end);
    let head = String::from_utf8(octets).unwrap();
    let length: usize = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map_or(0, |(_, value)| value.parse().unwrap());
    while body.len() < length {
        if stream.read_buf(&mut body).await.ok()? == 0 {
            return None;
        }
    }
    Some(Seen { head, body })
}
