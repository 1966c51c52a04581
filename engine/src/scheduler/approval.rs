//! An approved alert takes the place of its version before: what was not sent of that is taken back
//! from the lanes, and goes back to them where the approval cannot be stored.

use std::sync::Arc;

use crate::model::{DeliveryId, SubmissionId};
use crate::store::{Approving, StoreError};

use super::runner::Core;
use super::taken_back::{Broadcast, TakenBack};
use super::withdrawal::spawned;

impl Core {
    /// Stores an approval with its submissions, all of it or nothing.
    pub async fn approve(self: Arc<Self>, mut approving: Approving) -> Result<(), StoreError> {
        // A caller that gives up must not leave the work half done.
        spawned(async move {
            // In one order, so that two approvals cannot wait for each other.
            approving.replacing.sort_by(|(a, _), (b, _)| a.cmp(b));
            let mut held = Vec::new();
            let mut taken = Vec::new();
            for (old, replacing) in &mut approving.replacing {
                held.push(self.exclusive.hold(old).await);
                let wanted = replacing.deliveries.iter();
                let wanted: Vec<DeliveryId> = wanted.filter_map(|(_, old)| old.clone()).collect();
                let back = self.take_back(old, &wanted, Broadcast::Stands).await;
                replacing.withdrawn = back.transmissions();
                taken.push((old.clone(), back));
            }
            let stored = self.store.approve(approving).await;
            for (old, back) in &taken {
                match &stored {
                    Ok(_) => self.let_go(back),
                    Err(_) => self.put_back_all(old, back).await,
                }
            }
            drop(held);
            self.signals.due.notify_one();
            stored.map(|_| ())
        })
        .await
    }

    async fn put_back_all(&self, old: &SubmissionId, taken: &TakenBack) {
        self.put_back(old, &taken.objects).await;
    }
}
