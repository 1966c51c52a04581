//! Taking a push off the air whatever has been sent of it.
//!
//! | delivery | becomes |
//! |---|---|
//! | pending, nothing sent | `cancelled`, its objects taken back |
//! | pending, a packet sent | `cancelled`, its carousels end with their next packet |
//! | delivered, carousel running | stays `delivered`, its carousels end with their next packet |
//! | any of these, on Cell Broadcast | the same, and its pages are killed |
//! | over | stays as it is |

use std::sync::Arc;

use crate::model::{Bearer, DeliveryId, MessageState, Outcome, StatusCode, SubmissionId};
use crate::store::{Change, StoreError};

use super::desk::LiveObject;
use super::runner::Core;
use super::taken_back::Standing;
use super::withdrawal::spawned;

/// What a stop came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stopped {
    /// Deliveries that this cancelled.
    pub cancelled: usize,
    /// A packet of some delivery had left.
    pub was_sent: bool,
}

impl Core {
    /// Takes a push off the air, at once and for good. `desc` is told to the initiator.
    pub async fn stop(
        self: Arc<Self>,
        submission: SubmissionId,
        desc: String,
    ) -> Result<Stopped, StoreError> {
        // A caller that gives up must not leave the work half done.
        spawned(async move {
            let _held = self.exclusive.hold(&submission).await;
            let deliveries = self.store.deliveries(&submission).await?;
            let is_over = |state: MessageState| state != MessageState::Pending;
            let sent_before = deliveries
                .iter()
                .any(|delivery| delivery.state == MessageState::Delivered);
            let pending: Vec<DeliveryId> = deliveries
                .into_iter()
                .filter(|delivery| !is_over(delivery.state))
                .map(|delivery| delivery.id)
                .collect();
            let outcome = Outcome {
                state: MessageState::Cancelled,
                code: StatusCode::Ok,
                desc,
                event_ms: self.clock.unix_ms(),
                bearer: None,
            };
            let standings = self.withdraw_held(&submission, &pending, &outcome).await?;
            let free = |standing: &Standing| *standing == Standing::Free;
            let kept: Vec<&DeliveryId> = pending
                .iter()
                .filter(|delivery| !standings.get(*delivery).is_some_and(free))
                .collect();
            let changes = kept.iter().map(|delivery| Change::Deliver {
                delivery: (*delivery).clone(),
                outcome: outcome.clone(),
            });
            // The outcome first: a lane that ends the first pass now must not deliver it.
            self.store.conclude(changes.collect()).await?;
            let objects = {
                let mut desk = self.desk();
                kept.iter()
                    .for_each(|delivery| desk.withdrawn(delivery, &[]));
                desk.of_submission(&submission)
            };
            self.end(&objects).await?;
            self.signals.outcome.notify_one();
            Ok(Stopped {
                cancelled: pending.len(),
                was_sent: sent_before || !kept.is_empty() || !objects.is_empty(),
            })
        })
        .await
    }

    /// Ends carousels with their next packet, and takes Cell Broadcast off the air. Returns how
    /// many objects that were, without those that are ending already; these are told once more.
    pub(super) async fn end(&self, objects: &[LiveObject]) -> Result<u64, StoreError> {
        let told = self.desk().ending(objects);
        let (cells, lanes): (Vec<&LiveObject>, Vec<&LiveObject>) = objects
            .iter()
            .partition(|object| object.bearer == Bearer::Cbs);
        for object in lanes {
            self.fleet.stop(&object.channel, object.key).await;
        }
        self.kill(&cells).await?;
        Ok(told)
    }
}
