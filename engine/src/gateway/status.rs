//! What became of pushes, as PAP tells it.

use std::collections::BTreeMap;

use crate::model::{Delivery, Initiator, MessageState, StatusCode};
use crate::pap::message::{Recipient, StatusQuery};
use crate::pap::response::{Response, StatusQueryResponse, StatusResult};
use crate::report::outbox::quality_of_service;
use crate::store::Summary;

use super::{Gateway, GatewayError};

impl Gateway {
    /// What became of a push (PAP 8.8 and 8.9).
    pub async fn status(
        &self,
        initiator: &Initiator,
        query: &StatusQuery,
    ) -> Result<Response, GatewayError> {
        let found = self
            .inner
            .store
            .deliveries_by_push_id(&initiator.name, &query.push_id)
            .await?;
        let mut results = Vec::new();
        match found {
            None => results.push(unknown(
                self.forgotten(initiator, &query.push_id).await?,
                query.addresses.iter().map(Recipient::raw),
            )),
            Some((summary, deliveries)) => {
                let (wanted, strangers) = select(&deliveries, &query.addresses);
                results.extend(grouped(&summary, &wanted));
                if !strangers.is_empty() {
                    results.push(unknown(StatusCode::AddressNotFound, strangers.into_iter()));
                }
            }
        }
        Ok(Response::StatusQuery(StatusQueryResponse {
            push_id: query.push_id.clone(),
            results,
        }))
    }
}

/// A result for what is not here.
fn unknown<'a>(code: StatusCode, addresses: impl Iterator<Item = &'a str>) -> StatusResult {
    StatusResult {
        event_ms: None,
        state: MessageState::Unknown,
        code: code.into(),
        desc: Some(code.phrase().to_owned()),
        addresses: addresses.map(str::to_owned).collect(),
        quality_of_service: None,
    }
}

/// The deliveries asked for, all if none is named, and the addresses that have none.
pub(super) fn select<'a>(
    deliveries: &'a [Delivery],
    wanted: &'a [Recipient],
) -> (Vec<&'a Delivery>, Vec<&'a str>) {
    if wanted.is_empty() {
        return (deliveries.iter().collect(), Vec::new());
    }
    let mut found = Vec::new();
    let mut strangers = Vec::new();
    for recipient in wanted {
        let same = |delivery: &&Delivery| match recipient.address() {
            Ok(address) => address.key() == delivery.address.key(),
            Err(_) => recipient.raw() == delivery.address.raw(),
        };
        match deliveries.iter().find(same) {
            Some(delivery) => found.push(delivery),
            None => strangers.push(recipient.raw()),
        }
    }
    (found, strangers)
}

/// One result for each distinct status, with its addresses in the order of the submission.
fn grouped(summary: &Summary, deliveries: &[&Delivery]) -> Vec<StatusResult> {
    let mut order: Vec<StatusResult> = Vec::new();
    let mut known: BTreeMap<(u16, &str, u64, &str, Option<&str>), usize> = BTreeMap::new();
    for delivery in deliveries {
        let bearer = delivery.bearer.map(crate::model::Bearer::as_str);
        let key = (
            delivery.code.code(),
            delivery.state.as_str(),
            delivery.event_ms,
            delivery.desc.as_str(),
            bearer,
        );
        let index = *known.entry(key).or_insert_with(|| {
            order.push(StatusResult {
                event_ms: Some(delivery.event_ms),
                state: delivery.state,
                code: delivery.code.into(),
                desc: Some(delivery.desc.clone()).filter(|desc| !desc.is_empty()),
                addresses: Vec::new(),
                quality_of_service: quality_of_service(
                    summary.quality_of_service.as_ref(),
                    delivery.bearer,
                ),
            });
            order.len() - 1
        });
        order[index]
            .addresses
            .push(delivery.address.raw().to_owned());
    }
    order
}
