//! The thread that empties the socket.

use std::io::{self, IoSliceMut};
use std::net::{IpAddr, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use quinn_udp::{RecvMeta, UdpSocketState};

/// One read from the kernel: at most this many octets of equal datagrams.
const READ_BYTES: usize = 64 << 10;
/// Reads waiting for the session, 64 MiB in all: what a decoder may lag behind.
const QUEUE_LEN: usize = 1024;
/// How often the thread looks whether it is to end.
const PATIENCE: Duration = Duration::from_millis(100);

/// Datagrams of one sender that the kernel gave out together.
pub(super) struct Batch {
    pub(super) source: IpAddr,
    octets: Vec<u8>,
    stride: usize,
}

impl Batch {
    pub(super) fn datagrams(&self) -> impl Iterator<Item = &[u8]> {
        // An empty datagram still is one, but says nothing.
        self.octets.chunks(self.stride.max(1))
    }
}

/// A running reader; it ends when dropped.
pub(super) struct Reader {
    pub(super) batches: Receiver<Batch>,
    stop: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Reader {
    pub(super) fn start(socket: &UdpSocket) -> io::Result<Self> {
        let socket = socket.try_clone()?;
        let state = UdpSocketState::new((&socket).into())?;
        socket.set_nonblocking(false)?;
        socket.set_read_timeout(Some(PATIENCE))?;
        let (sender, batches) = crossbeam_channel::bounded(QUEUE_LEN);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let builder = std::thread::Builder::new().name("receive".to_owned());
        let thread = builder.spawn(move || read(&socket, &state, &sender, &stopped))?;
        Ok(Self {
            batches,
            stop,
            thread: Some(thread),
        })
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        // A reader that waits for room in the queue must be let go first.
        while self
            .thread
            .as_ref()
            .is_some_and(|thread| !thread.is_finished())
        {
            let _ = self.batches.recv_timeout(Duration::from_millis(1));
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(socket: &UdpSocket, state: &UdpSocketState, batches: &Sender<Batch>, stop: &AtomicBool) {
    let mut buffer = vec![0; READ_BYTES];
    let mut meta = [RecvMeta::default()];
    while !stop.load(Ordering::Relaxed) {
        let received = state.recv(
            socket.into(),
            &mut [IoSliceMut::new(&mut buffer)],
            &mut meta,
        );
        match received {
            Ok(_) => {
                let [
                    RecvMeta {
                        addr, len, stride, ..
                    },
                ] = meta;
                let octets = buffer[..len.min(READ_BYTES)].to_vec();
                if batches
                    .send(Batch {
                        source: addr.ip(),
                        octets,
                        stride,
                    })
                    .is_err()
                {
                    return;
                }
            }
            Err(error) if is_quiet(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "reading from the multicast socket failed");
                std::thread::sleep(PATIENCE);
            }
        }
    }
}

fn is_quiet(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted
    )
}
