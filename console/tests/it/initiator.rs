//! What a PI submits: octets to the group `all`.

use pushcast_engine::model::Address;
use pushcast_engine::pap::message::PushMessage;
use pushcast_engine::pap::mime::Entity;

pub(crate) fn push(push_id: &str, notify_url: Option<&str>) -> PushMessage {
    PushMessage {
        push_id: push_id.parse().unwrap(),
        replaces: None,
        deliver_before_ms: None,
        deliver_after_ms: None,
        source_reference: None,
        notify_url: notify_url.map(str::to_owned),
        progress_notes: false,
        addresses: vec![
            Address::group(&"all".parse().unwrap(), "ppg")
                .unwrap()
                .into(),
        ],
        quality_of_service: None,
    }
}

pub(crate) fn octets(body: Vec<u8>) -> Entity {
    Entity {
        content_type: "application/octet-stream".to_owned(),
        headers: Vec::new(),
        body,
    }
}
