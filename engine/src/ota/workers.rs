//! Threads that read and encode symbols ahead of the lanes' need.
//!
//! One queue, ordered by priority, feeds all workers. Encoded blocks (intermediate symbols) are
//! kept in a bounded cache until their object ends, so that its later carousel passes only draw
//! fresh repair symbols. Buffers of what was sent return to a bounded pool.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicU64, Ordering as Atomic};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;

use bytes::Bytes;
use pushcast_flute::fec::Oti;
use pushcast_flute::fec::raptorq::Encoder;
use pushcast_flute::sender::{EncodeJob, Encoded, Work};

use super::channel::Delivered;

mod cache;
mod pool;

use cache::EncoderCache;
use pool::BufferPool;

/// Jobs waiting for a worker; a lane keeps the rest to itself until there is room.
const MAX_JOBS: usize = 1024;

/// Added to the nice value of workers, so that lanes have the greater share of a core that both
/// want. It does not shorten a lane's wait for the end of a worker's time slice.
const NICENESS: i32 = 10;

/// Identity of a source within this process.
static NEXT_SOURCE: AtomicU64 = AtomicU64::new(0);

/// Where the octets of a transport object are.
#[derive(Debug)]
enum Octets {
    File(File),
    Memory(Bytes),
}

/// A transport object that workers can read.
#[derive(Debug)]
pub struct Source {
    id: u64,
    oti: Oti,
    octets: Octets,
}

impl Source {
    /// An object in an open file, which must not change while it is sent.
    pub fn file(oti: Oti, file: File) -> Arc<Self> {
        Self::new(oti, Octets::File(file))
    }

    /// An object in memory.
    pub fn memory(oti: Oti, octets: Bytes) -> Arc<Self> {
        Self::new(oti, Octets::Memory(octets))
    }

    fn new(oti: Oti, octets: Octets) -> Arc<Self> {
        Arc::new(Self {
            id: NEXT_SOURCE.fetch_add(1, Atomic::Relaxed),
            oti,
            octets,
        })
    }

    /// Octets that need no reading.
    pub(super) fn in_memory(&self, range: &Range<u64>) -> Option<Bytes> {
        match &self.octets {
            Octets::File(_) => None,
            Octets::Memory(octets) => {
                let (start, end) = (
                    usize::try_from(range.start).ok()?,
                    usize::try_from(range.end).ok()?,
                );
                (end <= octets.len()).then(|| octets.slice(start..end))
            }
        }
    }

    fn read(&self, range: &Range<u64>, pool: &Arc<BufferPool>) -> io::Result<Bytes> {
        if let Some(octets) = self.in_memory(range) {
            return Ok(octets);
        }
        let Octets::File(file) = &self.octets else {
            return Err(io::Error::from(io::ErrorKind::UnexpectedEof));
        };
        let mut buffer = pool.take((range.end - range.start) as usize);
        file.read_exact_at(buffer.octets_mut(), range.start)?;
        Ok(buffer.freeze())
    }
}

/// A job on its way to a worker.
pub(super) struct Order {
    pub(super) job: EncodeJob,
    pub(super) source: Arc<Source>,
    pub(super) reply: Delivered,
    /// Orders of one priority are served as they came.
    sequence: u64,
}

impl Order {
    pub(super) const fn new(job: EncodeJob, source: Arc<Source>, reply: Delivered) -> Self {
        Self {
            job,
            source,
            reply,
            sequence: 0,
        }
    }

    fn rank(&self) -> (pushcast_flute::sender::Priority, std::cmp::Reverse<u64>) {
        (self.job.priority, std::cmp::Reverse(self.sequence))
    }
}

impl PartialEq for Order {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Order {}

impl PartialOrd for Order {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Order {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank().cmp(&other.rank())
    }
}

#[derive(Default)]
struct Queue {
    orders: BinaryHeap<Order>,
    sequence: u64,
    closed: bool,
}

struct Shared {
    queue: Mutex<Queue>,
    ready: Condvar,
    encoders: Mutex<EncoderCache>,
    pool: Arc<BufferPool>,
}

/// The worker threads. They end when the last clone is dropped.
#[derive(Clone)]
pub struct Workers {
    shared: Arc<Shared>,
    _threads: Arc<Threads>,
}

struct Threads {
    shared: Arc<Shared>,
    handles: Vec<JoinHandle<()>>,
}

impl Workers {
    /// Starts `count` threads, at least one.
    pub fn start(count: usize) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            queue: Mutex::default(),
            ready: Condvar::new(),
            encoders: Mutex::default(),
            pool: Arc::default(),
        });
        let mut threads = Threads {
            shared: Arc::clone(&shared),
            handles: Vec::new(),
        };
        for index in 0..count.max(1) {
            let shared = Arc::clone(&shared);
            let builder = std::thread::Builder::new().name(format!("encode-{index}"));
            threads.handles.push(builder.spawn(move || shared.run())?);
        }
        Ok(Self {
            shared,
            _threads: Arc::new(threads),
        })
    }

    /// Hands an order over, or gives it back while the queue is full.
    pub(super) fn submit(&self, mut order: Order) -> Result<(), Box<Order>> {
        let mut queue = self
            .shared
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if queue.orders.len() >= MAX_JOBS {
            return Err(Box::new(order));
        }
        order.sequence = queue.sequence;
        queue.sequence += 1;
        queue.orders.push(order);
        drop(queue);
        self.shared.ready.notify_one();
        Ok(())
    }

    /// Drops what is kept of an object that is no longer sent.
    pub(super) fn forget(&self, source: &Source) {
        self.shared
            .encoders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .forget(source.id);
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .closed = true;
        self.shared.ready.notify_all();
        for handle in self.handles.drain(..) {
            let _ = handle.join();
        }
    }
}

impl Shared {
    fn run(&self) {
        // Of this thread alone. Whoever may not do this encodes all the same.
        if let Err(error) = rustix::process::nice(NICENESS) {
            tracing::debug!(%error, "an encoding thread keeps its priority");
        }
        while let Some(order) = self.next() {
            let Order {
                job, source, reply, ..
            } = order;
            let symbols = match self.symbols(&job, &source) {
                Ok(symbols) => Some(symbols),
                Err(error) => {
                    tracing::error!(%error, "the symbols of a transport object cannot be had");
                    None
                }
            };
            let EncodeJob {
                object,
                sbn,
                first,
                count,
                ..
            } = job;
            reply.send(Encoded {
                object,
                sbn,
                first,
                count,
                symbols,
            });
        }
    }

    fn next(&self) -> Option<Order> {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if queue.closed {
                return None;
            }
            if let Some(order) = queue.orders.pop() {
                return Some(order);
            }
            queue = self
                .ready
                .wait(queue)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn symbols(&self, job: &EncodeJob, source: &Source) -> io::Result<Bytes> {
        match &job.work {
            Work::Read(range) => source.read(range, &self.pool),
            Work::Repair(block) => {
                let encoder = self.encoder(job, source, block)?;
                let mut out = self.pool.take(0);
                encoder
                    .repair(job.first, job.count, out.vec_mut())
                    .map_err(io::Error::other)?;
                Ok(out.freeze())
            }
        }
    }

    fn encoder(
        &self,
        job: &EncodeJob,
        source: &Source,
        block: &Range<u64>,
    ) -> io::Result<Arc<Encoder>> {
        let key = (source.id, job.sbn);
        let cached = self
            .encoders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(key);
        if let Some(encoder) = cached {
            return Ok(encoder);
        }
        let Oti::RaptorQ(oti) = &source.oti else {
            return Err(io::Error::other("this scheme has no repair symbols"));
        };
        let octets = source.read(block, &self.pool)?;
        let encoder = Arc::new(Encoder::new(oti, job.sbn, &octets).map_err(io::Error::other)?);
        self.encoders
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(key, Arc::clone(&encoder));
        Ok(encoder)
    }
}
