//! Request bodies on their way from the connection to the reader of messages.
//!
//! ```text
//!  frames ─await─▶ batch ─┬─ all of a short body ─▶ Reader, here
//!                         └─ 64 KiB of a long one ─▶ Reader, on a thread that may block ─┐
//!                     ▲──────────────────── next batch ──────────────────────────────────┘
//! ```
//!
//! A body is short until more than [`SHORT_BYTES`] of it have come, announced or not. Its content
//! cannot be longer than it and so touches no file: no thread and no place in line is needed. Of a
//! long body a batch is gathered, then read where writing may block. Nothing is awaited there, so
//! that a slow sender keeps no thread, which a channel into one long-running reader would; and as
//! no frame is asked for meanwhile, TCP slows the sender down to the speed of the disk.
//!
//! The time that counts against a sender is that in which the gateway waits for it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use http_body_util::BodyExt as _;
use sha2::Digest as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

use crate::gateway::GatewayError;
use crate::model::{InitiatorName, Sha256};
use crate::pap::mime::{Message, Unreadable};
use crate::pap::mime_reader::Reader;
use crate::pap::mime_scan::Input;
use crate::store::{MAX_INLINE_BYTES, Spool};

use super::error::HttpError;

/// Longest body that is read where it arrives, and least size of a batch, octets. Transfer decoding
/// never adds octets, so that such a body stays in memory.
const SHORT_BYTES: usize = MAX_INLINE_BYTES;
/// Long bodies at a time: each has a file open and an unnamed file as long as itself on the disk.
/// Others wait in line.
const MAX_LONG_BODIES: usize = 64;
/// Of these, long bodies of one initiator: others find room whatever one does.
const MAX_OF_ONE: usize = MAX_LONG_BODIES / 4;
/// Longest wait in that line: those in it hold what has come of them in memory.
const MAX_IN_LINE: Duration = Duration::from_secs(30);
/// Least speed of a body on average, octets per second.
const MIN_RATE: u64 = 1024;
/// For so long a body may be slower.
const GRACE: Duration = Duration::from_secs(10);
/// Longest pause within a body: otherwise a fast 64 MiB would earn the right to 18 hours of nothing.
const MAX_PAUSE: Duration = Duration::from_secs(30);

/// A body that came to its end.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) message: Result<Message<Spool>, Unreadable>,
    /// Of the body as it came.
    pub(super) request_sha256: Sha256,
}

/// A body on its way.
pub(super) struct Incoming<'a> {
    /// Whose it is.
    pub(super) from: &'a InitiatorName,
    pub(super) content_type: &'a str,
    pub(super) max_bytes: u64,
    pub(super) body: Body,
}

/// Reads bodies, so many long ones at a time.
#[derive(Debug)]
pub(super) struct Bodies {
    places: Semaphore,
    /// Places of each initiator: as many entries at most as there are initiators.
    of_one: Mutex<HashMap<InitiatorName, Arc<Semaphore>>>,
}

/// A place of the gateway's and one of the initiator's, until dropped.
struct Place<'a> {
    _all: SemaphorePermit<'a>,
    _own: OwnedSemaphorePermit,
}

impl Bodies {
    pub(super) fn new() -> Self {
        Self {
            places: Semaphore::const_new(MAX_LONG_BODIES),
            of_one: Mutex::default(),
        }
    }

    /// Reads a body of at most so many octets; its content goes to `spool`.
    pub(super) async fn read(
        &self,
        incoming: Incoming<'_>,
        spool: Spool,
    ) -> Result<Arrived, HttpError> {
        let Incoming {
            from,
            content_type,
            max_bytes,
            body,
        } = incoming;
        let mut arriving = Arriving::new(body, max_bytes);
        let mut reading = Reading::new(content_type, spool);
        let mut batch = Vec::new();
        let mut input = arriving.fill(&mut batch).await?;
        if input == Input::Complete && batch.len() <= SHORT_BYTES {
            reading.push(&batch)?;
            return reading.finish();
        }
        let _place = self.place(from).await?;
        while input == Input::Partial {
            (reading, batch) = blocking(move || {
                reading.push(&batch)?;
                batch.clear();
                Ok((reading, batch))
            })
            .await?;
            input = arriving.fill(&mut batch).await?;
        }
        blocking(move || {
            reading.push(&batch)?;
            reading.finish()
        })
        .await
    }

    async fn place(&self, from: &InitiatorName) -> Result<Place<'_>, HttpError> {
        let own = self.own_places(from);
        let acquired = timeout(MAX_IN_LINE, async {
            let own = own.acquire_owned().await.ok()?;
            let all = self.places.acquire().await.ok()?;
            Some(Place {
                _all: all,
                _own: own,
            })
        });
        acquired.await.ok().flatten().ok_or(HttpError::Busy)
    }

    fn own_places(&self, from: &InitiatorName) -> Arc<Semaphore> {
        let mut of_one = self.of_one.lock().unwrap_or_else(PoisonError::into_inner);
        let own = of_one.entry(from.clone());
        Arc::clone(own.or_insert_with(|| Arc::new(Semaphore::new(MAX_OF_ONE))))
    }
}

/// Does work that may wait for a disk.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, HttpError> + Send + 'static,
) -> Result<T, HttpError> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_| GatewayError::Interrupted)?
}

/// The message and the digest so far.
struct Reading {
    reader: Reader<Spool>,
    hasher: sha2::Sha256,
}

impl Reading {
    fn new(content_type: &str, spool: Spool) -> Self {
        Self {
            reader: Reader::new(content_type, spool),
            hasher: sha2::Sha256::new(),
        }
    }

    fn push(&mut self, octets: &[u8]) -> Result<(), HttpError> {
        self.hasher.update(octets);
        self.reader.push(octets).map_err(GatewayError::Spool)?;
        Ok(())
    }

    fn finish(self) -> Result<Arrived, HttpError> {
        Ok(Arrived {
            message: self.reader.finish().map_err(GatewayError::Spool)?,
            request_sha256: Sha256(self.hasher.finalize().into()),
        })
    }
}

/// What is still on its way.
struct Arriving {
    body: Body,
    max_bytes: u64,
    bytes: u64,
    waited: Duration,
}

impl Arriving {
    const fn new(body: Body, max_bytes: u64) -> Self {
        Self {
            body,
            max_bytes,
            bytes: 0,
            waited: Duration::ZERO,
        }
    }

    /// Awaits octets until there are more than [`SHORT_BYTES`], or the end.
    async fn fill(&mut self, batch: &mut Vec<u8>) -> Result<Input, HttpError> {
        while batch.len() <= SHORT_BYTES {
            let began = Instant::now();
            let Ok(frame) = timeout(self.patience(), self.body.frame()).await else {
                return Err(HttpError::TooSlow);
            };
            self.waited += began.elapsed();
            let Some(frame) = frame else {
                return Ok(Input::Complete);
            };
            // Trailers say nothing to PAP.
            let Ok(octets) = frame.map_err(|_| HttpError::Interrupted)?.into_data() else {
                continue;
            };
            self.bytes += octets.len() as u64;
            if self.bytes > self.max_bytes {
                return Err(HttpError::TooLarge {
                    max_bytes: self.max_bytes,
                });
            }
            batch.extend_from_slice(&octets);
        }
        Ok(Input::Partial)
    }

    /// How long the next octets may take.
    fn patience(&self) -> Duration {
        let earned = Duration::from_millis(self.bytes.saturating_mul(1000) / MIN_RATE);
        earned.max(GRACE).saturating_sub(self.waited).min(MAX_PAUSE)
    }
}

#[cfg(test)]
mod tests;
