//! Cancellation (PAP 5.3, 8.4, 8.5).
//!
//! | state of the delivery | answer |
//! |---|---|
//! | pending, nothing sent | 1000, and it is `cancelled` |
//! | pending, first packet sent | 2008 |
//! | pending, on a lane when the last process ended | 2008: its first packet may have been sent |
//! | pending, one object with an address that is not cancelled | 2008 |
//! | pending, only Cell Broadcast asked for it | 1000, it is `cancelled` and its pages are killed |
//! | delivered over Cell Broadcast alone, on the air | 1000: the pages are killed; it stays `delivered` |
//! | delivered, carousel running | 2008 |
//! | delivered, off the air | 3003 |
//! | cancelled | 1000: asking twice does no harm |
//! | any other final state | 3003 |
//! | address not of this push | 2003 |
//! | push-id unknown, or another initiator's | 2004 |
//! | push-id known, the push forgotten | 3003 |

use std::collections::{HashMap, HashSet};

use crate::model::{Delivery, DeliveryId, Initiator, MessageState, StatusCode};
use crate::pap::message::{Cancel, Recipient};
use crate::pap::response::{CancelResponse, CancelResult, Response};
use crate::scheduler::Standing;

use super::status::select;
use super::{Gateway, GatewayError};

/// What is said of what was broadcast and is no more.
const OFF_AIR: &str = "It was broadcast and is being taken off the air";
/// What is said when the PI cancels.
const CANCELLED: &str = "cancelled by the initiator";

impl Gateway {
    /// Cancels a push, for all of its addresses or for some.
    pub async fn cancel(
        &self,
        initiator: &Initiator,
        cancel: &Cancel,
    ) -> Result<Response, GatewayError> {
        let found = self
            .inner
            .store
            .deliveries_by_push_id(&initiator.name, &cancel.push_id)
            .await?;
        let mut results = Results::default();
        let Some((summary, deliveries)) = found else {
            let code = self.forgotten(initiator, &cancel.push_id).await?;
            let addresses = cancel.addresses.iter().map(Recipient::raw);
            return Ok(response(cancel, Results::of(code, addresses)));
        };
        let (wanted, strangers) = select(&deliveries, &cancel.addresses);
        let pending: Vec<DeliveryId> = wanted
            .iter()
            .filter(|delivery| !delivery.state.is_final())
            .map(|delivery| delivery.id.clone())
            .collect();
        let standings = if pending.is_empty() {
            HashMap::new()
        } else {
            self.inner
                .core
                .clone()
                .cancel(summary.id.clone(), pending, CANCELLED.to_owned())
                .await?
        };
        // What went out over Cell Broadcast alone can be taken off again.
        let delivered: Vec<DeliveryId> = wanted
            .iter()
            .filter(|delivery| delivery.state == MessageState::Delivered)
            .map(|delivery| delivery.id.clone())
            .collect();
        let off = if delivered.is_empty() {
            HashSet::new()
        } else {
            let core = self.inner.core.clone();
            core.take_off_air(summary.id.clone(), delivered).await?
        };
        // What ended in the same moment is told as it ended.
        let now = self.inner.store.deliveries(&summary.id).await?;
        let on_air = self.inner.core.on_air(&summary.id);
        for delivery in wanted {
            let current = now
                .iter()
                .find(|current| current.id == delivery.id)
                .unwrap_or(delivery);
            let standing = standings.get(&delivery.id).copied();
            let (code, desc) = match off.contains(&delivery.id) {
                true => (StatusCode::Ok, OFF_AIR),
                false => verdict(current, standing, on_air.contains(&delivery.id)),
            };
            results.add(code, desc, delivery.address.raw());
        }
        for stranger in strangers {
            let code = StatusCode::AddressNotFound;
            results.add(code, code.phrase(), stranger);
        }
        Ok(response(cancel, results))
    }
}

/// The answer for one delivery, looked at after the attempt.
fn verdict(
    delivery: &Delivery,
    standing: Option<Standing>,
    on_air: bool,
) -> (StatusCode, &'static str) {
    let impossible = StatusCode::CancellationNotPossible;
    match delivery.state {
        MessageState::Cancelled => (StatusCode::Ok, "Cancelled"),
        MessageState::Pending => match standing {
            Some(Standing::Shared) => (
                impossible,
                "it goes out together with another address of this push",
            ),
            _ => (impossible, "its transmission has begun"),
        },
        MessageState::Delivered if on_air => (impossible, "it is on the air"),
        MessageState::Delivered => (StatusCode::NotPossible, "already delivered"),
        MessageState::Expired => (StatusCode::NotPossible, "already expired"),
        MessageState::Aborted
        | MessageState::Rejected
        | MessageState::Timeout
        | MessageState::Undeliverable
        | MessageState::Unknown => (StatusCode::NotPossible, "already ended undelivered"),
    }
}

fn response(cancel: &Cancel, results: Results) -> Response {
    Response::Cancel(CancelResponse {
        push_id: cancel.push_id.clone(),
        results: results.0,
    })
}

/// One result for each distinct verdict, in the order in which they came.
#[derive(Default)]
struct Results(Vec<CancelResult>);

impl Results {
    /// One verdict for all; no address means all of them.
    fn of<'a>(code: StatusCode, addresses: impl Iterator<Item = &'a str>) -> Self {
        Self(vec![CancelResult {
            code: code.into(),
            desc: Some(code.phrase().to_owned()),
            addresses: addresses.map(str::to_owned).collect(),
        }])
    }

    fn add(&mut self, code: StatusCode, desc: &str, address: &str) {
        let same = |result: &&mut CancelResult| {
            result.code == code.into() && result.desc.as_deref() == Some(desc)
        };
        match self.0.iter_mut().find(same) {
            Some(result) => result.addresses.push(address.to_owned()),
            None => self.0.push(CancelResult {
                code: code.into(),
                desc: Some(desc.to_owned()),
                addresses: vec![address.to_owned()],
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn delivery(state: MessageState) -> Delivery {
        Delivery {
            id: "d".parse().unwrap(),
            submission_id: "s".parse().unwrap(),
            address: "WAPPUSH=group%2Fa/TYPE=USER@ppg".parse().unwrap(),
            state,
            code: StatusCode::Ok,
            desc: String::new(),
            event_ms: 0,
            bearer: None,
        }
    }

    #[test]
    fn every_state_has_its_answer() {
        use MessageState as S;
        use Standing::{AlreadySent, Free, Shared};
        let table: &[(S, Option<Standing>, bool, u16)] = &[
            (S::Cancelled, Some(Free), false, 1000),
            (S::Cancelled, None, false, 1000),
            (S::Pending, Some(AlreadySent), true, 2008),
            (S::Pending, Some(Shared), true, 2008),
            (S::Delivered, None, true, 2008),
            (S::Delivered, Some(AlreadySent), true, 2008),
            (S::Delivered, None, false, 3003),
            (S::Expired, None, false, 3003),
            (S::Undeliverable, None, false, 3003),
            (S::Timeout, None, false, 3003),
            (S::Rejected, None, false, 3003),
            (S::Aborted, None, false, 3003),
        ];
        for (state, standing, on_air, code) in table {
            let (given, _) = verdict(&delivery(*state), *standing, *on_air);
            assert_eq!(given.code(), *code, "{state:?} {standing:?} {on_air}");
        }
    }
}
