use super::*;
use crate::model::transmission::{CarouselPlan, StoredObject};
use crate::model::{Priority, Sha256};

fn transmission(id: &str, required: bool) -> Transmission {
    Transmission {
        id: id.parse().unwrap(),
        delivery_id: "d".parse().unwrap(),
        channel: format!("channel-{id}").parse().unwrap(),
        bearer: Bearer::Mbms,
        required,
        priority: Priority::Medium,
        toi: 1,
        epoch: 1,
        object: StoredObject {
            sha256: Sha256([0; 32]),
            transfer_bytes: 1,
            content_bytes: 1,
            gzip: false,
            content_md5: [0; 16],
            fec_encoding_id: 0,
            oti: Vec::new(),
            content_location: String::new(),
            content_type: String::new(),
            octets: None,
        },
        plan: CarouselPlan {
            passes: Some(2),
            delay_ms: 0,
            interval_ms: None,
            until_ms: 9,
            repair_percent: 0,
        },
        state: TransmissionState::OnAir,
        passes_done: 0,
        planned_ms: 0,
        first_packet_ms: None,
        transmitted_ms: None,
        ended_ms: None,
        desc: String::new(),
    }
}

struct Story {
    watch: Watch,
    changes: Vec<Change>,
}

impl Story {
    fn new(one_of: bool, parts: &[(&str, bool)]) -> Self {
        let mut watch = Watch::new("d".parse().unwrap(), one_of);
        for (id, required) in parts {
            watch.add(&transmission(id, *required));
        }
        Self {
            watch,
            changes: Vec::new(),
        }
    }

    fn then(&mut self, id: &str, happened: Happened) -> FollowUp {
        self.watch
            .fold(&id.parse().unwrap(), &happened, 7, &mut self.changes)
    }

    fn outcomes(&self) -> Vec<(MessageState, StatusCode)> {
        let outcome = |change: &Change| match change {
            Change::Deliver { outcome, .. } => Some((outcome.state, outcome.code)),
            _ => None,
        };
        self.changes.iter().filter_map(outcome).collect()
    }
}

#[test]
fn the_first_pass_delivers_and_later_ones_do_not() {
    let mut story = Story::new(true, &[("a", true)]);
    story.then("a", Happened::FirstPacket);
    assert!(story.outcomes().is_empty());
    story.then("a", Happened::PassDone(1));
    story.then("a", Happened::PassDone(2));
    story.then("a", Happened::Complete);
    assert_eq!(
        story.outcomes(),
        [(MessageState::Delivered, StatusCode::Ok)]
    );
    assert!(story.watch.is_over());
    assert_eq!(story.then("a", Happened::PassDone(3)), FollowUp::None);
    assert_eq!(story.changes.len(), 6);
}

#[test]
fn every_demanded_channel_counts_and_no_other() {
    let mut story = Story::new(false, &[("a", true), ("b", true), ("c", false)]);
    story.then("a", Happened::PassDone(1));
    story.then("c", Happened::Failed);
    assert!(story.outcomes().is_empty());
    story.then("b", Happened::PassDone(1));
    let Some(Change::Deliver { outcome, .. }) = story.changes.last() else {
        panic!("{:?}", story.changes)
    };
    assert_eq!(outcome.desc, "Transmitted on MBMS; not on channel-c");
}

#[test]
fn an_identifier_of_somebody_else_begins_the_push_anew_where_nothing_was_sent() {
    let mut alone = Story::new(false, &[("a", true)]);
    alone.then("a", Happened::FirstPacket);
    assert_eq!(alone.then("a", Happened::Occupied(919)), FollowUp::Replan);
    assert!(alone.outcomes().is_empty());
    let Some(Change::Ended { state, .. }) = alone.changes.last() else {
        panic!("{:?}", alone.changes)
    };
    assert_eq!(*state, TransmissionState::Withdrawn);
    // What another channel has sent is not sent again.
    let mut beside = Story::new(false, &[("a", true), ("b", true)]);
    beside.then("b", Happened::PassDone(1));
    assert_eq!(beside.then("a", Happened::Occupied(919)), FollowUp::None);
    let Some(Change::Deliver { outcome, .. }) = beside.changes.last() else {
        panic!("{:?}", beside.changes)
    };
    assert_eq!(outcome.state, MessageState::Undeliverable);
    assert_eq!(
        outcome.desc,
        "channel-a: message identifier 919 is in use at the centre by somebody else; \
         sent on channel-b; not sent on channel-a"
    );
}

#[test]
fn a_channel_that_fails_before_its_first_octet_hands_over() {
    let mut story = Story::new(true, &[("a", true)]);
    assert_eq!(story.then("a", Happened::Failed), FollowUp::Replan);
    assert!(story.outcomes().is_empty());
}

#[test]
fn a_channel_that_fails_later_fails_the_delivery() {
    let mut story = Story::new(true, &[("a", true)]);
    story.then("a", Happened::FirstPacket);
    assert_eq!(story.then("a", Happened::Failed), FollowUp::None);
    assert_eq!(
        story.outcomes(),
        [(MessageState::Undeliverable, StatusCode::ServiceFailure)]
    );
    let mut story = Story::new(false, &[("a", true), ("b", true)]);
    assert_eq!(story.then("b", Happened::Failed), FollowUp::None);
    story.then("a", Happened::PassDone(1));
    assert_eq!(
        story.outcomes(),
        [(MessageState::Undeliverable, StatusCode::ServiceFailure)]
    );
}

#[test]
fn a_window_that_closes_first_expires_the_delivery() {
    let mut story = Story::new(true, &[("a", true)]);
    story.then("a", Happened::FirstPacket);
    story.then("a", Happened::Expired);
    assert_eq!(
        story.outcomes(),
        [(MessageState::Expired, StatusCode::ServiceFailure)]
    );
}

#[test]
fn what_was_delivered_before_a_restart_stays_so() {
    let mut story = Story::new(true, &[("a", true)]);
    story.watch.conclude();
    story.then("a", Happened::PassDone(1));
    story.then("a", Happened::Failed);
    assert!(story.outcomes().is_empty());
}

fn last_outcome(story: &Story) -> &Outcome {
    match story.changes.last() {
        Some(Change::Deliver { outcome, .. }) => outcome,
        other => panic!("{other:?}"),
    }
}

fn down(channel: &str, required: bool) -> Planned {
    Planned {
        channel: channel.parse().unwrap(),
        required,
    }
}

#[test]
fn optional_channels_that_are_not_up_are_named() {
    let mut story = Story::new(false, &[("a", true)]);
    story.watch = story.watch.without(vec![down("far", false)]);
    story.then("a", Happened::PassDone(1));
    assert_eq!(last_outcome(&story).desc, "Transmitted on MBMS; not on far");
}

#[test]
fn a_demanded_channel_that_is_not_up_is_told_with_those_that_have_sent() {
    let mut story = Story::new(false, &[("a", true), ("b", false), ("c", true)]);
    story.watch = story.watch.without(vec![down("far", true)]);
    story.then("a", Happened::PassDone(1));
    story.then("b", Happened::Failed);
    assert!(story.outcomes().is_empty());
    story.then("c", Happened::PassDone(1));
    let outcome = last_outcome(&story);
    assert_eq!(outcome.code, StatusCode::RequiredBearerNotAvailable);
    assert_eq!(outcome.state, MessageState::Undeliverable);
    assert_eq!(outcome.bearer, Some(Bearer::Mbms));
    assert_eq!(
        outcome.desc,
        "required channel not up: far; sent on channel-a, channel-c; not sent on channel-b, far"
    );
}

#[test]
fn a_demanded_channel_that_fails_is_told_with_those_that_have_sent() {
    let mut story = Story::new(false, &[("a", true), ("b", true), ("c", true)]);
    story.then("a", Happened::PassDone(1));
    story.then("b", Happened::Failed);
    assert_eq!(
        last_outcome(&story).desc,
        "channel-b: the channel could not send it; sent on channel-a; begun on channel-c; \
         not sent on channel-b"
    );
}

#[test]
fn after_a_restart_everything_may_have_been_sent() {
    let mut story = Story::new(true, &[("a", true)]);
    assert!(!story.watch.was_sent());
    story.watch.resume();
    assert!(story.watch.was_sent());
}

fn broadcast(id: &str, required: bool) -> Transmission {
    Transmission {
        bearer: Bearer::Cbs,
        ..transmission(id, required)
    }
}

#[test]
fn what_cells_say_stands_beside_the_outcome_and_changes_it_never() {
    let mut story = Story::new(false, &[("a", true)]);
    story.watch.add(&broadcast("b", true));
    story.then("a", Happened::PassDone(1));
    story.then("b", Happened::FirstPacket);
    story.then(
        "b",
        Happened::Told("broadcast in 40 of 42 cells".to_owned()),
    );
    assert!(story.outcomes().is_empty());
    story.then("b", Happened::PassDone(1));
    let told = "Transmitted on MBMS and CBS; channel-b: broadcast in 40 of 42 cells";
    let Some(Change::Deliver { outcome, .. }) = story.changes.last() else {
        panic!("{:?}", story.changes)
    };
    assert_eq!(
        (outcome.state, outcome.desc.as_str()),
        (MessageState::Delivered, told)
    );
    story.then(
        "b",
        Happened::Told("broadcast in 40 of 42 cells, 12 times".to_owned()),
    );
    let Some(Change::Describe { desc, .. }) = story.changes.last() else {
        panic!("{:?}", story.changes)
    };
    assert_eq!(*desc, format!("{told}, 12 times"));
    story.watch.say_no_more();
    story.then("b", Happened::Told("nowhere".to_owned()));
    assert!(matches!(story.changes.last(), Some(Change::Noted { .. })));
    assert_eq!(story.outcomes().len(), 1);
}

#[test]
fn refusals_and_doubts_of_a_centre_have_their_codes() {
    let refused = || Happened::Refused("no air time".to_owned());
    let alone = |one_of| {
        let mut story = Story::new(one_of, &[]);
        story.watch.add(&broadcast("b", true));
        story.then("b", Happened::FirstPacket);
        story
    };
    let mut story = alone(false);
    story.then("b", refused());
    let Some(Change::Deliver { outcome, .. }) = story.changes.last() else {
        panic!("{:?}", story.changes)
    };
    assert_eq!(outcome.desc, "channel-b: no air time");
    assert_eq!(
        story.outcomes(),
        [(MessageState::Undeliverable, StatusCode::ServiceFailure)]
    );
    // Where one channel is enough another one takes over: nothing of it is on the air.
    let mut story = alone(true);
    assert_eq!(story.then("b", refused()), FollowUp::Replan);
    let mut story = alone(true);
    story.then("b", Happened::Unknown);
    assert_eq!(
        story.outcomes(),
        [(MessageState::Timeout, StatusCode::ServiceFailure)]
    );
}

#[test]
fn a_demanded_channel_that_cannot_carry_it_is_told_with_its_code() {
    let mut story = Story::new(false, &[("a", true)]);
    let planned = Planned {
        channel: "cells".parse().unwrap(),
        required: true,
    };
    let full = (
        planned.clone(),
        StatusCode::ServiceFailure,
        "no air time".to_owned(),
    );
    story.watch = story.watch.unable(vec![full]);
    story.then("a", Happened::PassDone(1));
    let Some(Change::Deliver { outcome, .. }) = story.changes.last() else {
        panic!("{:?}", story.changes)
    };
    assert_eq!(outcome.code, StatusCode::ServiceFailure);
    assert_eq!(
        outcome.desc,
        "cells: no air time; sent on channel-a; not sent on cells"
    );
    let optional = Planned {
        required: false,
        ..planned
    };
    let mut story = Story::new(false, &[("a", true)]);
    let unable = (
        optional,
        StatusCode::TransformationFailure,
        "no text".to_owned(),
    );
    story.watch = story.watch.unable(vec![unable]);
    story.then("a", Happened::PassDone(1));
    assert_eq!(
        story.outcomes(),
        [(MessageState::Delivered, StatusCode::Ok)]
    );
}

#[test]
fn only_what_left_by_multicast_cannot_be_taken_off_again() {
    let mut story = Story::new(false, &[("a", true)]);
    story.watch.add(&broadcast("b", true));
    story.then("b", Happened::FirstPacket);
    assert!(story.watch.was_sent() && !story.watch.was_multicast());
    story.then("a", Happened::FirstPacket);
    assert!(story.watch.was_multicast());
    let mut resumed = Story::new(false, &[]);
    resumed.watch.add(&broadcast("b", true));
    resumed.watch.resume();
    assert!(resumed.watch.was_sent() && !resumed.watch.was_multicast());
}
