//! Definitions of the file on their way into the store, whose word counts.

use crate::config::Config;
use crate::gateway::console::Starting;
use crate::model::Named;
use crate::routing::Directory;
use crate::store::{Difference, Store, StoreError};

/// Seeds the store with what the file names and the store does not know; the store's word counts.
pub(super) async fn seeded(
    config: &Config,
    store: &Store,
    now_ms: u64,
) -> Result<Directory, StoreError> {
    let channels = store.seed_channels(config.channels(), now_ms).await?;
    differences("channel", &channels);
    differences(
        "alias group",
        &store.seed_groups(config.alias_groups(), now_ms).await?,
    );
    differences(
        "service area",
        &store.seed_areas(config.areas(), now_ms).await?,
    );
    differences(
        "initiator",
        &store.seed_initiators(config.initiators(), now_ms).await?,
    );
    workspaces(config, store, now_ms).await?;
    Ok(Directory::new(
        store.channels().await?,
        store.groups().await?,
        store.areas().await?,
    ))
}

/// Stores the workspaces that the store does not know, with what they begin with.
pub(crate) async fn workspaces(
    config: &Config,
    store: &Store,
    now_ms: u64,
) -> Result<(), StoreError> {
    let starting = Starting {
        workspaces: config.workspaces(),
        channels: config.channels(),
        groups: config.alias_groups(),
        areas: config.areas(),
    };
    starting.seed(store, now_ms).await
}

fn differences<T: Named>(what: &'static str, differences: &[Difference<T>]) {
    for difference in differences {
        let name = difference.stored.name();
        tracing::warn!(
            name,
            "{what} {name} differs between file and store; the store's definition is used"
        );
    }
}
