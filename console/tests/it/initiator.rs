//! What a PI submits, octets to the group `all` unless a test says otherwise, and asks for.

use std::time::Duration;

use pushcast_engine::client::pap::PapClient;
use pushcast_engine::model::{Address, Priority, QualityOfService};
use pushcast_engine::pap::Response;
use pushcast_engine::pap::message::{PushMessage, Recipient, ReplaceMethod, Replacement};
use pushcast_engine::pap::mime::Entity;
use pushcast_engine::pap::response::{CancelResult, PushResponse};

use crate::random::Random;

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

pub(crate) fn group(name: &str) -> Recipient {
    Address::group(&name.parse().unwrap(), "ppg")
        .unwrap()
        .into()
}

pub(crate) fn to(push: PushMessage, addresses: &[Recipient]) -> PushMessage {
    PushMessage {
        addresses: addresses.to_vec(),
        ..push
    }
}

pub(crate) fn with(push: PushMessage, priority: Priority) -> PushMessage {
    PushMessage {
        quality_of_service: Some(QualityOfService {
            priority,
            ..QualityOfService::default()
        }),
        ..push
    }
}

pub(crate) fn replacing(push: PushMessage, old: &str, method: ReplaceMethod) -> PushMessage {
    PushMessage {
        replaces: Some(Replacement {
            push_id: old.parse().unwrap(),
            method,
        }),
        ..push
    }
}

/// In an hour.
pub(crate) fn later(push: PushMessage) -> PushMessage {
    let now = std::time::SystemTime::now();
    let since = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    let after_ms = (since + Duration::from_secs(3600)).as_secs() * 1000;
    PushMessage {
        deliver_after_ms: Some(after_ms),
        ..push
    }
}

pub(crate) async fn submit(client: &PapClient, push: PushMessage, bytes: usize) -> PushResponse {
    let seed = push.push_id.as_str().bytes().map(u64::from).sum();
    let body = Random::new(seed).octets(bytes);
    match client.submit(push, &octets(body)).await.unwrap() {
        Response::Push(answer) => answer,
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn accept(client: &PapClient, push: PushMessage, bytes: usize) {
    let answer = submit(client, push, bytes).await;
    assert_eq!(answer.code.number(), 1001, "{answer:?}");
}

pub(crate) async fn cancel(
    client: &PapClient,
    push_id: &str,
    addresses: &[Recipient],
) -> Vec<CancelResult> {
    let push_id = push_id.parse().unwrap();
    match client.cancel(push_id, addresses.to_vec()).await.unwrap() {
        Response::Cancel(answer) => answer.results,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn codes(results: &[CancelResult]) -> Vec<u16> {
    results.iter().map(|result| result.code.number()).collect()
}
