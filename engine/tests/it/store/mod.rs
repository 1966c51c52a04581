//! The stories of the store, each told on SQLite and, when `PUSHCAST_TEST_POSTGRES` holds the
//! address of a server, on PostgreSQL in a database of its own.

mod audit;
mod cbs;
mod claims;
mod definitions;
mod durability;
pub(crate) mod fixtures;
mod intake;
mod leases;
mod outbox;
pub(crate) mod place;
mod progress;
mod quota;
mod replacing;
mod retention;
mod sessions;
mod sums;

/// Makes every story a test on both databases.
macro_rules! stories {
    ($($name:ident),* $(,)?) => {
        mod sqlite {
            use crate::store::place::Place;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                super::$name(&Place::sqlite()).await;
            })*
        }

        mod postgres {
            use crate::store::place::Place;

            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $name() {
                if let Some(place) = Place::postgres().await {
                    super::$name(&place).await;
                    place.leave().await;
                }
            })*
        }
    };
}
pub(crate) use stories;
