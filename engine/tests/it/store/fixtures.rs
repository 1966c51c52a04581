//! Submissions, transmissions and outcomes to tell stories with.

use pushcast_engine::model::submission::{Authentication, PapVersion};
use pushcast_engine::model::transmission::{CarouselPlan, StoredObject};
use pushcast_engine::model::{
    Address, Bearer, Body, Content, Delivery, Lineage, MessageState, Outcome, Priority,
    QualityOfService, Sha256, StatusCode, Submission, Transmission, TransmissionState,
};
use pushcast_engine::store::{Claimed, Plan, Store, Submitted};

/// When the stories happen.
pub(crate) const NOW: u64 = 1_800_000_000_000;
pub(crate) const HOUR: u64 = 3_600_000;

/// A submission whose id and push-id follow from its name, to one address.
pub(crate) fn submission(name: &str) -> Submission {
    Submission {
        id: format!("s-{name}").parse().unwrap(),
        initiator: "pi".parse().unwrap(),
        authentication: Authentication::Digest,
        push_id: format!("push {name}").parse().unwrap(),
        lineage: Lineage::first(&format!("push {name}").parse().unwrap()),
        request_sha256: Sha256([1; 32]),
        pap_version: PapVersion { major: 2, minor: 1 },
        pi_lists_versions: true,
        received_ms: NOW,
        deliver_after_ms: None,
        deliver_before_ms: NOW + HOUR,
        deliver_before_given: true,
        source_reference: Some("Wetterdienst".to_owned()),
        notify_url: None,
        progress_notes: false,
        quality_of_service: None,
        addresses: vec![address(0)],
        content: Content {
            content_type: "text/plain; charset=utf-8".to_owned(),
            headers: vec![("X-Wap-Application-Id".to_owned(), "7".to_owned())],
            body: Body::Inline(b"Sturm\0".to_vec()),
        },
    }
}

pub(crate) fn urgent(name: &str, priority: Priority, due_ms: u64) -> Submission {
    Submission {
        quality_of_service: Some(QualityOfService {
            priority,
            ..QualityOfService::default()
        }),
        deliver_after_ms: Some(due_ms),
        ..submission(name)
    }
}

pub(crate) fn with_addresses(name: &str, count: usize) -> Submission {
    Submission {
        addresses: (0..count).map(address).collect(),
        notify_url: Some("http://pi.example/notify".to_owned()),
        ..submission(name)
    }
}

pub(crate) fn address(number: usize) -> Address {
    format!("WAPPUSH=group%2Flab{number}/TYPE=USER@ppg.example")
        .parse()
        .unwrap()
}

/// One pending delivery per address.
pub(crate) fn deliveries(submission: &Submission) -> Vec<Delivery> {
    (0..)
        .zip(&submission.addresses)
        .map(|(number, address): (usize, &Address)| Delivery {
            id: format!("d-{}-{number}", submission.id).parse().unwrap(),
            submission_id: submission.id.clone(),
            address: address.clone(),
            state: MessageState::Pending,
            code: StatusCode::Ok,
            desc: "queued".to_owned(),
            event_ms: submission.received_ms,
            bearer: None,
        })
        .collect()
}

pub(crate) async fn submit(store: &Store, submission: Submission) {
    let deliveries = deliveries(&submission);
    let answer = store.submit(submission, deliveries).await.unwrap();
    assert_eq!(answer, Submitted::Stored);
}

/// Claims everything that is due.
pub(crate) async fn claim_all(store: &Store, now_ms: u64) -> Vec<Claimed> {
    let due = store.claim_due(now_ms, 100, now_ms + HOUR).await.unwrap();
    assert!(due.unreadable.is_empty(), "{:?}", due.unreadable);
    due.claimed
}

pub(crate) fn transmission(delivery: &Delivery, toi: u32) -> Transmission {
    Transmission {
        id: format!("t-{}-{toi}", delivery.id).parse().unwrap(),
        delivery_id: delivery.id.clone(),
        channel: "lab".parse().unwrap(),
        bearer: Bearer::Mbms,
        required: true,
        priority: Priority::High,
        toi,
        epoch: 1,
        object: StoredObject {
            sha256: Sha256([2; 32]),
            transfer_bytes: 1234,
            content_bytes: 2345,
            gzip: true,
            content_md5: [3; 16],
            fec_encoding_id: 6,
            oti: (0..14).collect(),
            content_location: "cid:push".to_owned(),
            content_type: "application/vnd.oma.push".to_owned(),
            octets: Some(b"a short object\0".as_slice().into()),
        },
        plan: CarouselPlan {
            passes: Some(2),
            delay_ms: 2000,
            interval_ms: None,
            until_ms: NOW + HOUR,
            repair_percent: 20,
        },
        state: TransmissionState::OnAir,
        passes_done: 0,
        planned_ms: NOW,
        first_packet_ms: None,
        transmitted_ms: None,
        ended_ms: None,
        desc: String::new(),
    }
}

/// One transmission for every pending delivery, with TOIs from `toi` on.
pub(crate) fn plan(claimed: &Claimed, toi: u32) -> Plan {
    Plan {
        claim: claimed.claim.clone(),
        transmissions: (toi..)
            .zip(claimed.pending.iter())
            .map(|(toi, delivery)| transmission(delivery, toi))
            .collect(),
        messages: Vec::new(),
        outcomes: Vec::new(),
    }
}

/// Submits, claims and plans; returns what is on the air.
pub(crate) async fn on_air(store: &Store, submission: Submission, toi: u32) -> Vec<Transmission> {
    let now_ms = submission.due_ms();
    submit(store, submission).await;
    let claimed = claim_all(store, now_ms).await;
    assert_eq!(claimed.len(), 1);
    let plan = plan(&claimed[0], toi);
    let transmissions = plan.transmissions.clone();
    let stored = store.plan(plan).await.unwrap();
    assert_eq!(stored.len(), transmissions.len());
    transmissions
}

pub(crate) fn outcome(state: MessageState, event_ms: u64) -> Outcome {
    Outcome {
        state,
        code: match state {
            MessageState::Delivered => StatusCode::Ok,
            _ => StatusCode::ServiceFailure,
        },
        desc: state.as_str().to_owned(),
        event_ms,
        bearer: (state == MessageState::Delivered).then_some(Bearer::Mbms),
    }
}
