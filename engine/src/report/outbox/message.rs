//! What a result notification says (PAP 8.6).

use crate::model::submission::DeliveryMethod;
use crate::model::{Bearer, Delivery, QualityOfService};
use crate::pap::message::{Operation, ResultNotification};
use crate::pap::version::Envelope;
use crate::store::Summary;

use super::Sender;

/// The document about a delivery, in the version of its submission (PAP 9).
pub(super) fn document(sender: &Sender, submission: &Summary, delivery: &Delivery) -> String {
    let notification = ResultNotification {
        push_id: submission.push_id.clone(),
        sender_address: sender.address.clone(),
        sender_name: sender.name.clone(),
        received_ms: Some(submission.received_ms),
        event_ms: Some(delivery.event_ms),
        state: delivery.state,
        code: delivery.code.into(),
        desc: Some(delivery.desc.clone()).filter(|desc| !desc.is_empty()),
        address: delivery.address.raw().to_owned(),
        quality_of_service: quality_of_service(
            submission.quality_of_service.as_ref(),
            delivery.bearer,
        ),
    };
    Operation::ResultNotification(notification).to_xml(Envelope::about(
        submission.pap_version,
        submission.pi_lists_versions,
    ))
}

/// What was used (PAP 8.2.2): there where the PI asked for something or a bearer was used. Nothing
/// that is sent point to multipoint is ever confirmed.
pub fn quality_of_service(
    asked: Option<&QualityOfService>,
    used: Option<Bearer>,
) -> Option<QualityOfService> {
    if asked.is_none() && used.is_none() {
        return None;
    }
    Some(QualityOfService {
        priority: asked.map(|asked| asked.priority).unwrap_or_default(),
        delivery_method: DeliveryMethod::Unconfirmed,
        bearer: used.map(|bearer| bearer.as_str().to_owned()),
        ..QualityOfService::default()
    })
}
