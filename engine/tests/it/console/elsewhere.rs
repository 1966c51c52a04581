//! What other gateways on the same database change.

use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

use pushcast_engine::gateway::Intake;
use pushcast_engine::model::submission::{Authentication, PapVersion};
use pushcast_engine::model::{Address, Initiator, PushId, Role, Sha256};
use pushcast_engine::pap::Response;
use pushcast_engine::pap::message::PushMessage;
use pushcast_engine::pap::mime::Entity;
use pushcast_engine::pap::version::Envelope;
use pushcast_engine::store::Steps;

use super::desk::{Desk, HERE};
use crate::store::place::Place;

crate::store::stories!(that_an_initiator_has_to_wait_reaches_every_gateway,);

async fn that_an_initiator_has_to_wait_reaches_every_gateway(place: &Place) {
    let desk = Desk::open(place).await;
    let cleo = desk.person("cleo", &[Role::Approver], "lab").await;
    pushed(&desk, 0).await;
    assert!(desk.gateway.approvals(&cleo).await.unwrap().is_empty());
    let (pi, lab) = ("pi".parse().unwrap(), "lab".parse().unwrap());
    let elsewhere = Steps::default().set_initiator(&pi, Some(&lab), true);
    desk.store.commit(elsewhere).await.unwrap();
    let waiting = async {
        for number in 1.. {
            pushed(&desk, number).await;
            if !desk.gateway.approvals(&cleo).await.unwrap().is_empty() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), waiting).await;
    assert!(waited.is_ok(), "no push has to wait");
}

/// Takes a push of the initiator `pi` in, as the endpoint does.
async fn pushed(desk: &Desk, number: u8) {
    let mut body = desk.gateway.spool();
    body.write_all(b"text").unwrap();
    let push_id: PushId = format!("push-{number}").parse().unwrap();
    let address = Address::group(&"lab".parse().unwrap(), "ppg").unwrap();
    let intake = Intake {
        initiator: Arc::new(Initiator {
            groups: vec!["*".to_owned()],
            ..Initiator::named("pi".parse().unwrap())
        }),
        authentication: Authentication::Network,
        from: HERE,
        envelope: Envelope::OWN,
        version: PapVersion::V2_0,
        push: PushMessage {
            push_id,
            replaces: None,
            deliver_before_ms: None,
            deliver_after_ms: None,
            source_reference: None,
            notify_url: None,
            progress_notes: false,
            addresses: vec![address.into()],
            quality_of_service: None,
        },
        content: Some(Entity {
            content_type: "text/plain".to_owned(),
            headers: Vec::new(),
            body,
        }),
        capabilities: None,
        request_sha256: Sha256([number; 32]),
    };
    let answer = desk.gateway.submit(intake).await.unwrap();
    assert!(matches!(answer, Response::Push(answer) if answer.code.is_success()));
}
