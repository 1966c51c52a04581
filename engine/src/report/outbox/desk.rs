//! Tells one outcome: reads it, posts it, stores how that went.

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tracing::{debug, error, info, warn};

use crate::clock::Clock;
use crate::model::Delivery;
use crate::pap::notify::{Failure, Notifier, NotifyUrl, Posted, check_url};
use crate::store::{Notification, Store, StoreError, Summary};

use super::hosts::{Contact, Job};
use super::schedule::{millis, next_attempt};
use super::{NotifyHosts, OutboxStats, Sender, message, random};

/// From the end of a post until its outcome is stored.
pub(super) const STORE_TIME: Duration = Duration::from_secs(5);
/// Characters of an error that are stored.
const MAX_ERROR_CHARS: usize = 300;

/// What all posts share.
pub(super) struct Desk {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) notifier: Notifier,
    pub(super) sender: Sender,
    pub(super) notify_hosts: NotifyHosts,
    pub(super) stats: Arc<OutboxStats>,
}

impl Desk {
    /// Posts a notification and stores how that went.
    pub(super) async fn tell(&self, job: &Job) -> Contact {
        let notification = &job.notification;
        let needed_ms = millis(self.notifier.timeout() + STORE_TIME);
        if self.clock.unix_ms() + needed_ms > job.claimed_until_ms {
            // Somebody else may have it before the answer comes. It will be claimed again.
            return Contact::Fine;
        }
        let (url, document) = match self.compose(notification).await {
            Ok(Some(letter)) => letter,
            Ok(None) => return Contact::Fine,
            Err(error) => {
                error!(
                    delivery.id = %notification.delivery,
                    error = &error as &dyn Error,
                    "the delivery of a notification cannot be read"
                );
                if matches!(error, StoreError::Corrupt { .. }) {
                    self.fail(notification, &error).await;
                }
                return Contact::Fine;
            }
        };
        let posted = self.notifier.post(&url, document).await;
        match &posted {
            Posted::Delivered { code } => {
                match code {
                    Some(code) if code.is_success() => debug!(
                        delivery.id = %notification.delivery, "result notification taken"
                    ),
                    Some(code) => warn!(
                        delivery.id = %notification.delivery, pap.code = code.number(),
                        "result notification taken, but the PI does not like it"
                    ),
                    None => info!(
                        delivery.id = %notification.delivery,
                        "result notification taken, with an answer that cannot be read"
                    ),
                }
                let stored = self.store.notification_done(&notification.delivery).await;
                self.stored(notification, stored);
                self.stats.delivered.fetch_add(1, Ordering::Relaxed);
            }
            Posted::GiveUp(failure) => self.fail(notification, failure).await,
            Posted::Retry(failure) => self.retry(notification, failure).await,
        }
        match posted {
            Posted::Retry(Failure::Timeout { .. } | Failure::Transport(_)) => Contact::Unreachable,
            Posted::Delivered { .. } | Posted::GiveUp(_) | Posted::Retry(_) => Contact::Fine,
        }
    }

    /// Where to post what; nothing if it has come to nothing, which is stored.
    async fn compose(
        &self,
        notification: &Notification,
    ) -> Result<Option<(NotifyUrl, String)>, StoreError> {
        let Some((submission, delivery)) = self.read(notification).await? else {
            self.fail(notification, &Forgotten).await;
            return Ok(None);
        };
        // Once more: the operator may have changed the hosts since the submission.
        let allowed = (self.notify_hosts)(&submission.initiator);
        match check_url(&notification.url, &allowed) {
            Ok(url) => {
                let document = message::document(&self.sender, &submission, &delivery);
                Ok(Some((url, document)))
            }
            Err(refused) => {
                self.fail(notification, &refused).await;
                Ok(None)
            }
        }
    }

    async fn read(
        &self,
        notification: &Notification,
    ) -> Result<Option<(Summary, Delivery)>, StoreError> {
        let Some(delivery) = self.store.delivery(&notification.delivery).await? else {
            return Ok(None);
        };
        let submission = self.store.summary(&delivery.submission_id).await?;
        Ok(submission.map(|submission| (submission, delivery)))
    }

    async fn retry(&self, notification: &Notification, failure: &Failure) {
        let now_ms = self.clock.unix_ms();
        let age_ms = now_ms.saturating_sub(notification.created_ms);
        let Some(wait_ms) = next_attempt(notification.attempt, age_ms, random()) else {
            return self.fail(notification, failure).await;
        };
        let reason = reason(failure);
        info!(
            delivery.id = %notification.delivery, wait_ms, error = %reason,
            "result notification not taken, next attempt in {} s", wait_ms / 1000
        );
        let stored = self
            .store
            .notification_retry(&notification.delivery, now_ms + wait_ms, &reason)
            .await;
        self.stored(notification, stored);
        self.stats.retried.fetch_add(1, Ordering::Relaxed);
    }

    async fn fail(&self, notification: &Notification, why: &(dyn Error + Sync)) {
        let reason = reason(why);
        warn!(
            delivery.id = %notification.delivery, error = %reason,
            "result notification given up"
        );
        let stored = self
            .store
            .notification_failed(&notification.delivery, &reason)
            .await;
        self.stored(notification, stored);
        self.stats.failed.fetch_add(1, Ordering::Relaxed);
    }

    /// What could not be stored happens again when the claim has run out.
    pub(super) fn stored(&self, notification: &Notification, stored: Result<(), StoreError>) {
        if let Err(error) = stored {
            error!(
                delivery.id = %notification.delivery,
                error = &error as &dyn Error,
                "what became of a notification cannot be stored"
            );
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the delivery is no longer here")]
struct Forgotten;

/// An error and its causes in one line.
fn reason(error: &(dyn Error + Sync)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text.chars().take(MAX_ERROR_CHARS).collect()
}
