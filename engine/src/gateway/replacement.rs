//! Replacement (PAP 8.2 `replace-push-id`, `replace-method`).
//!
//! | old delivery | method `all` | method `pending-only` |
//! |---|---|---|
//! | pending, nothing sent | cancelled, replaced | cancelled, replaced |
//! | on the air, or on a lane when the last process ended | stands until the new one is on the air, then its carousel ends | stands; the new one is `rejected` 2008 there |
//! | over, or none | the new one is sent | stands; the new one is `rejected` 2008 there |
//!
//! With `pending-only` an unknown push-id is answered 2004, and 2008 if nothing could be cancelled;
//! then the new push is not taken in.

use crate::model::submission::Lineage;
use crate::model::{Delivery, DeliveryId, Initiator, StatusCode, Submission};
use crate::pap::message::{ReplaceMethod, Replacement};
use crate::store::{Replaced, Replacing, Summary};

use super::verdict::Verdict;
use super::{Gateway, GatewayError};

/// The push to be replaced, found.
pub(super) struct Old {
    summary: Summary,
    deliveries: Vec<Delivery>,
    only_pending: bool,
}

impl Old {
    /// Where the new push stands in the chain.
    pub(super) fn successor(&self) -> Lineage {
        self.summary.lineage.successor(self.summary.id.clone())
    }

    /// The delivery of the old push for an address of the new one.
    fn of(&self, delivery: &Delivery) -> Option<DeliveryId> {
        let same = |old: &&Delivery| old.address.key() == delivery.address.key();
        self.deliveries.iter().find(same).map(|old| old.id.clone())
    }
}

impl Gateway {
    /// The push that is to be replaced; `None` where the new one goes out without. The error is
    /// the answer.
    pub(super) async fn old(
        &self,
        initiator: &Initiator,
        replacement: &Replacement,
    ) -> Result<Result<Option<Old>, Verdict>, GatewayError> {
        let found = self
            .inner
            .store
            .deliveries_by_push_id(&initiator.name, &replacement.push_id)
            .await?;
        let only_pending = replacement.method == ReplaceMethod::PendingOnly;
        Ok(match found {
            Some((summary, deliveries)) => Ok(Some(Old {
                summary,
                deliveries,
                only_pending,
            })),
            None if only_pending => Err(Verdict {
                code: StatusCode::PushIdNotFound,
                desc: format!("no push {} that could be replaced", replacement.push_id),
                cancelled: None,
            }),
            None => Ok(None),
        })
    }

    /// Stores a push in the place of another.
    pub(super) async fn store_replacement(
        &self,
        old: Old,
        submission: Submission,
        deliveries: Vec<Delivery>,
    ) -> Result<Verdict, GatewayError> {
        let deliveries = deliveries
            .into_iter()
            .map(|delivery| {
                let replaced = old.of(&delivery);
                (delivery, replaced)
            })
            .collect();
        let replacing = Replacing {
            at_ms: submission.received_ms,
            submission,
            deliveries,
            withdrawn: Vec::new(),
            only_pending: old.only_pending,
        };
        let core = self.inner.core.clone();
        let replaced = core.replace(old.summary.id.clone(), replacing).await?;
        Ok(match replaced {
            Replaced::Stored { cancelled } => {
                self.inner.signals.due.notify_one();
                Verdict {
                    cancelled: Some(cancelled.len()),
                    ..Verdict::accepted()
                }
            }
            Replaced::NothingPending => Verdict {
                code: StatusCode::CancellationNotPossible,
                desc: format!("nothing of {} could be cancelled", old.summary.push_id),
                cancelled: None,
            },
            Replaced::Duplicate {
                received_ms,
                same_request,
            } => Verdict::duplicate(received_ms, same_request),
        })
    }
}
