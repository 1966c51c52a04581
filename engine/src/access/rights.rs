//! What an initiator may ask for, beyond the names it may address.

use crate::model::{Bearer, Initiator, Priority};
use crate::pap::message::PushMessage;

/// Something that the initiator may not ask for (PAP 8.13, code 2001).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RightsError {
    /// A bearer demanded.
    #[error("bearer {bearer} is not open to this initiator")]
    Bearer {
        /// Which.
        bearer: Bearer,
    },
    /// A priority, or the one that counts where none is given.
    #[error("this initiator may ask for priority {most} at most", most = name(*most))]
    Priority {
        /// The most urgent it may ask for.
        most: Priority,
    },
}

const fn name(priority: Priority) -> &'static str {
    match priority {
        Priority::Low => "low",
        Priority::Medium => "medium",
        Priority::High => "high",
    }
}

/// Checks what a push asks for.
pub fn check(initiator: &Initiator, push: &PushMessage) -> Result<(), RightsError> {
    let wishes = push.quality_of_service.as_ref();
    let priority = wishes.map_or(Priority::default(), |wishes| wishes.priority);
    if let Some(most) = initiator.max_priority
        && !initiator.may_ask_for(priority)
    {
        return Err(RightsError::Priority { most });
    }
    let demanded = wishes
        .filter(|wishes| wishes.bearer_required)
        .and_then(|wishes| Bearer::from_pap(wishes.bearer.as_deref()?));
    match demanded {
        Some(bearer) if !initiator.may_use_bearer(bearer) => Err(RightsError::Bearer { bearer }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::QualityOfService;

    fn push(quality_of_service: Option<QualityOfService>) -> PushMessage {
        PushMessage {
            push_id: "p".parse().unwrap(),
            replaces: None,
            deliver_before_ms: None,
            deliver_after_ms: None,
            source_reference: None,
            notify_url: None,
            progress_notes: false,
            addresses: Vec::new(),
            quality_of_service,
        }
    }

    fn urgent(priority: Priority) -> PushMessage {
        push(Some(QualityOfService {
            priority,
            ..QualityOfService::default()
        }))
    }

    #[test]
    fn a_priority_has_a_top() {
        let all = Initiator::named("pi".parse().unwrap());
        assert_eq!(check(&all, &urgent(Priority::High)), Ok(()));
        let most = Priority::Low;
        let low = Initiator {
            max_priority: Some(most),
            ..all
        };
        assert_eq!(check(&low, &urgent(Priority::Low)), Ok(()));
        let refused = Err(RightsError::Priority { most });
        assert_eq!(check(&low, &urgent(Priority::Medium)), refused);
        assert_eq!(check(&low, &push(None)), refused, "medium is the default");
    }

    #[test]
    fn a_bearer_demanded_has_to_be_open() {
        let some = Initiator {
            bearers: Some(vec![Bearer::Mbms]),
            ..Initiator::named("pi".parse().unwrap())
        };
        let demands = |bearer: &str, bearer_required| {
            push(Some(QualityOfService {
                bearer: Some(bearer.to_owned()),
                bearer_required,
                ..QualityOfService::default()
            }))
        };
        assert_eq!(check(&some, &demands("mbms", true)), Ok(()));
        assert_eq!(check(&some, &demands("CBS", false)), Ok(()));
        let refused = Err(RightsError::Bearer {
            bearer: Bearer::Cbs,
        });
        assert_eq!(check(&some, &demands("CBS", true)), refused);
    }
}
