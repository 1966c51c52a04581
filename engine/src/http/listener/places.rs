//! Who holds which of the places for connections.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ConnectionLimits;
use crate::http::peer::owner;

/// All places. As many addresses at most are counted.
pub(super) struct Places {
    all: u32,
    free: Arc<Semaphore>,
    held: Arc<Held>,
}

/// Places held, by address.
struct Held {
    per_address: u32,
    counts: Mutex<HashMap<IpAddr, u32>>,
}

impl Held {
    fn counts(&self) -> MutexGuard<'_, HashMap<IpAddr, u32>> {
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Places {
    pub(super) fn new(limits: ConnectionLimits) -> Self {
        Self {
            all: limits.all,
            free: Arc::new(Semaphore::new(limits.all as usize)),
            held: Arc::new(Held {
                per_address: limits.per_address,
                counts: Mutex::default(),
            }),
        }
    }

    /// Awaits a free place.
    pub(super) async fn free(&self) -> Free {
        let permit = Arc::clone(&self.free).acquire_owned().await;
        Free {
            permit: permit.expect("the semaphore is never closed"),
            held: Arc::clone(&self.held),
        }
    }

    /// Awaits the end of all connections.
    pub(super) async fn all_free(&self) {
        // The semaphore is never closed.
        let _ = self.free.acquire_many(self.all).await;
    }
}

/// A place that nobody has yet.
pub(super) struct Free {
    permit: OwnedSemaphorePermit,
    held: Arc<Held>,
}

impl Free {
    /// Gives the place to an address, unless that one has its share.
    pub(super) fn taken_by(self, address: IpAddr) -> Option<Place> {
        let owner = owner(address);
        let mut counts = self.held.counts();
        let count = counts.entry(owner).or_default();
        if *count >= self.held.per_address {
            return None;
        }
        *count += 1;
        drop(counts);
        Some(Place {
            owner,
            held: self.held,
            _permit: self.permit,
        })
    }
}

/// A place held by a connection; free again when dropped.
pub(super) struct Place {
    owner: IpAddr,
    held: Arc<Held>,
    _permit: OwnedSemaphorePermit,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.held.counts();
        if let Some(count) = counts.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn addresses_have_their_share() {
        let places = Places::new(ConnectionLimits {
            all: 3,
            per_address: 1,
        });
        let take = async |address: &str| places.free().await.taken_by(address.parse().unwrap());
        let first = take("192.0.2.1").await.unwrap();
        assert!(take("::ffff:192.0.2.1").await.is_none());
        let _second = take("192.0.2.2").await.unwrap();
        let third = take("2001:db8::1").await.unwrap();
        assert_eq!(places.free.available_permits(), 0);
        drop(third);
        drop(first);
        let _first = take("192.0.2.1").await.unwrap();
        let _third = take("2001:db8::2").await.unwrap();
        assert_eq!(places.held.counts().len(), 3);
    }

    #[tokio::test]
    async fn the_end_of_all_is_awaited() {
        let places = Places::new(ConnectionLimits {
            all: 2,
            per_address: 2,
        });
        let place = places
            .free()
            .await
            .taken_by(IpAddr::V6(std::net::Ipv6Addr::LOCALHOST));
        assert!(place.is_some());
        tokio::join!(places.all_free(), async { drop(place) });
        assert!(places.held.counts().is_empty());
    }
}
