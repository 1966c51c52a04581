use proptest::prelude::*;

use super::*;
use crate::model::alert::{Message, Start};

const NOW: u64 = 1_800_000_000_000;
const PEOPLE: [&str; 4] = ["anna", "ben", "cleo", "dora"];

fn name(name: &str) -> UserName {
    name.parse().unwrap()
}

fn content(text: &str) -> AlertContent {
    AlertContent {
        title: "Flood".to_owned(),
        messages: vec![Message {
            language: "en".parse().unwrap(),
            text: text.to_owned(),
            attachment: None,
        }],
        groups: vec!["lab".parse().unwrap()],
        start: Start::Now,
        duration_s: 3_600,
        ..AlertContent::default()
    }
}

fn live() -> ApprovalRules {
    ApprovalRules {
        second_person: true,
        two_above: Some(1_000),
        two_for_all_areas: false,
    }
}

fn drafted() -> Alert {
    let (id, workspace) = ("a".parse().unwrap(), "live".parse().unwrap());
    Alert::draft(id, workspace, content("one"), name("anna"), NOW)
}

fn seen(alert: &Alert) -> Seen {
    alert.proposal.as_ref().unwrap().seen()
}

fn reach(receivers: u64) -> Reach {
    Reach {
        receivers: Some(receivers),
        ..Reach::default()
    }
}

fn approve(alert: &Alert, receivers: u64) -> Act {
    Act::Approve {
        seen: seen(alert),
        reach: reach(receivers),
        acknowledged: true,
    }
}

/// Does it, which must be possible.
fn does(alert: &Alert, by: &str, act: Act) -> (Alert, Effect) {
    alert.act(act, &name(by), &live(), NOW).unwrap()
}

/// Is refused.
fn refused(alert: &Alert, by: &str, act: Act) -> Refusal {
    alert.act(act, &name(by), &live(), NOW).unwrap_err()
}

fn submitted(by: &str) -> Alert {
    let alert = drafted();
    let act = Act::Submit { seen: seen(&alert) };
    does(&alert, by, act).0
}

fn approved() -> Alert {
    let alert = submitted("anna");
    let (alert, effect) = does(&alert, "cleo", approve(&alert, 10));
    assert_eq!(effect, Effect::Broadcast { replaces: None });
    alert
}

fn folded(alert: &Alert, progress: Progress) -> Alert {
    does(alert, "nobody", Act::Fold(progress)).0
}

fn over(delivered: u32, cancelled: u32, failed: u32) -> Progress {
    Progress {
        submissions: 1,
        done: 1,
        delivered,
        cancelled,
        failed,
        ..Progress::default()
    }
}

#[test]
fn the_whole_way_of_an_alert_by_two_people() {
    let alert = drafted();
    assert_eq!(alert.state(), AlertState::Draft);
    let alert = submitted("anna");
    assert_eq!(alert.state(), AlertState::PendingApproval);
    let alert = approved();
    assert_eq!(alert.state(), AlertState::Scheduled);
    let on_air = Progress {
        submissions: 1,
        pending: 1,
        ..Progress::default()
    };
    let alert = folded(&alert, on_air);
    assert_eq!(alert.state(), AlertState::Broadcasting);
    let alert = folded(&alert, over(1, 0, 0));
    assert_eq!(alert.state(), AlertState::Completed);
    assert_eq!(alert.approved.unwrap().ended_ms, Some(NOW));
}

#[test]
fn nobody_approves_their_own_hand() {
    let alert = submitted("anna");
    assert_eq!(
        refused(&alert, "anna", approve(&alert, 1)),
        Refusal::OwnHand
    );
    // Written by anna, submitted by ben: neither may.
    let alert = submitted("ben");
    for hand in ["anna", "ben"] {
        assert_eq!(refused(&alert, hand, approve(&alert, 1)), Refusal::OwnHand);
    }
    let practice = ApprovalRules::default();
    let alone = alert.act(approve(&alert, 1), &name("anna"), &practice, NOW);
    assert!(alone.is_ok(), "a test workspace asks for no second person");
}

#[test]
fn what_has_been_changed_is_not_approved() {
    let alert = submitted("anna");
    let old = approve(&alert, 1);
    let take_back = Act::TakeBack { seen: seen(&alert) };
    let (alert, _) = does(&alert, "anna", take_back);
    let edit = Act::Edit {
        seen: seen(&alert),
        content: Box::new(content("two")),
    };
    let (alert, _) = does(&alert, "anna", edit);
    let submit = Act::Submit { seen: seen(&alert) };
    let (alert, _) = does(&alert, "anna", submit);
    let (seen, now) = (
        Seen {
            version: 1,
            revision: 1,
        },
        Seen {
            version: 1,
            revision: 2,
        },
    );
    assert_eq!(refused(&alert, "cleo", old), Refusal::Changed { seen, now });
}

#[test]
fn whoever_returned_it_does_not_write_it() {
    let alert = submitted("anna");
    let nothing = Act::Return {
        seen: seen(&alert),
        reason: " ".to_owned(),
    };
    assert_eq!(refused(&alert, "cleo", nothing), Refusal::NoReason);
    let back = Act::Return {
        seen: seen(&alert),
        reason: "wrong river".to_owned(),
    };
    let (alert, _) = does(&alert, "cleo", back);
    assert_eq!(alert.state(), AlertState::Returned);
    let edit = || Act::Edit {
        seen: seen(&alert),
        content: Box::new(content("two")),
    };
    assert_eq!(refused(&alert, "cleo", edit()), Refusal::ReturnedIt);
    let (alert, _) = does(&alert, "ben", edit());
    assert_eq!(alert.state(), AlertState::Draft);
}

#[test]
fn wide_alerts_need_two_different_people() {
    let alert = submitted("anna");
    let (alert, effect) = does(&alert, "cleo", approve(&alert, 5_000));
    assert_eq!(
        (alert.state(), effect),
        (AlertState::PendingApproval, Effect::None)
    );
    let again = approve(&alert, 5_000);
    assert_eq!(refused(&alert, "cleo", again), Refusal::AlreadyApproved);
    let (alert, effect) = does(&alert, "dora", approve(&alert, 5_000));
    assert_eq!(alert.state(), AlertState::Scheduled);
    assert_eq!(effect, Effect::Broadcast { replaces: None });
    assert_eq!(alert.approved.unwrap().approvals.len(), 2);
}

#[test]
fn the_reach_has_to_be_confirmed() {
    let alert = submitted("anna");
    let unread = Act::Approve {
        seen: seen(&alert),
        reach: reach(1),
        acknowledged: false,
    };
    assert_eq!(refused(&alert, "cleo", unread), Refusal::NotAcknowledged);
}

#[test]
fn one_person_stops_it_and_it_ends_cancelled() {
    let alert = approved();
    let stop = || Act::Stop {
        reason: String::new(),
    };
    let (alert, effect) = does(&alert, "anna", stop());
    assert_eq!(effect, Effect::Withdraw);
    assert_eq!(refused(&alert, "anna", stop()), Refusal::Stopped);
    assert_eq!(refused(&alert, "anna", Act::Revise), Refusal::Stopped);
    // What was delivered before stays so; the alert was stopped all the same.
    let alert = folded(&alert, over(1, 0, 0));
    assert_eq!(alert.state(), AlertState::Cancelled);
    assert_eq!(
        refused(&alert, "anna", stop()),
        Refusal::State { label: "Cancelled" }
    );
}

#[test]
fn an_update_takes_the_place_of_what_is_on_the_air() {
    let (alert, _) = does(&approved(), "ben", Act::Revise);
    assert_eq!(alert.state(), AlertState::Scheduled, "version 1 counts");
    assert_eq!(
        seen(&alert),
        Seen {
            version: 2,
            revision: 1
        }
    );
    assert_eq!(
        refused(&alert, "anna", Act::Revise),
        Refusal::UpdateExists { version: 2 }
    );
    let (alert, _) = does(&alert, "ben", Act::Submit { seen: seen(&alert) });
    assert!(alert.is_waiting());
    // Anna had a hand in version 1 alone.
    let (alert, effect) = does(&alert, "anna", approve(&alert, 1));
    assert_eq!(effect, Effect::Broadcast { replaces: Some(1) });
    assert_eq!(alert.approved.as_ref().unwrap().version, 2);
    assert_eq!(alert.proposal, None);
}

#[test]
fn an_update_that_is_rejected_leaves_the_alert_alone() {
    let (alert, _) = does(&approved(), "ben", Act::Revise);
    let (alert, _) = does(&alert, "ben", Act::Submit { seen: seen(&alert) });
    let reject = Act::Reject {
        seen: seen(&alert),
        reason: "not needed".to_owned(),
    };
    let (alert, _) = does(&alert, "cleo", reject);
    assert_eq!(
        (alert.state(), alert.proposal),
        (AlertState::Scheduled, None)
    );
}

#[test]
fn ends_follow_from_the_deliveries() {
    let table = [
        (over(1, 0, 0), AlertState::Completed),
        (over(1, 1, 1), AlertState::Completed),
        (over(0, 1, 0), AlertState::Cancelled),
        (over(0, 1, 1), AlertState::Failed),
        (over(0, 0, 1), AlertState::Failed),
    ];
    for (progress, state) in table {
        assert_eq!(folded(&approved(), progress).state(), state, "{progress:?}");
    }
    let waiting = Progress {
        submissions: 2,
        queued: 2,
        pending: 2,
        ..Progress::default()
    };
    assert_eq!(folded(&approved(), waiting).state(), AlertState::Scheduled);
}

fn any_act() -> impl Strategy<Value = (u8, u64, bool, Progress)> {
    let progress =
        (0..3_u32, 0..3_u32, 0..3_u32, 0..3_u32).prop_map(|(queued, done, ok, bad)| Progress {
            submissions: 2,
            queued,
            done,
            delivered: ok,
            failed: bad,
            ..Progress::default()
        });
    (0..10_u8, 0..3_000_u64, any::<bool>(), progress)
}

fn built(alert: &Alert, (kind, number, flag, progress): (u8, u64, bool, Progress)) -> Act {
    let seen = match &alert.proposal {
        Some(proposal) if number > 100 => proposal.seen(),
        _ => Seen {
            version: 1,
            revision: 1,
        },
    };
    let reason = if flag { "because" } else { "" }.to_owned();
    match kind {
        0 => Act::Approve {
            seen,
            reach: reach(number),
            acknowledged: flag,
        },
        1 => Act::Discard { seen },
        2 => Act::Edit {
            seen,
            content: Box::new(content(&number.to_string())),
        },
        3 => Act::Fold(progress),
        4 => Act::Reject { seen, reason },
        5 => Act::Return { seen, reason },
        6 => Act::Revise,
        7 => Act::Stop { reason },
        8 => Act::Submit { seen },
        _ => Act::TakeBack { seen },
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever people do in whatever order: ends are never left, nothing leaves without those who
    /// have to agree, and what leaves is what they have read.
    #[test]
    fn the_rules_hold_on_every_way(acts in prop::collection::vec((0..4_usize, any_act()), 1..60)) {
        let rules = live();
        let mut alert = drafted();
        for (person, raw) in acts {
            let by = name(PEOPLE[person]);
            let act = built(&alert, raw);
            let before = alert.clone();
            let Ok((next, effect)) = alert.act(act.clone(), &by, &rules, NOW) else {
                prop_assert_eq!(&before, &alert);
                continue;
            };
            prop_assert_eq!(next.changes, before.changes + 1);
            if before.state().is_final() {
                prop_assert_eq!(before.state(), next.state());
                prop_assert_eq!(effect, Effect::None);
            }
            if let Effect::Broadcast { replaces } = effect {
                let read = before.proposal.as_ref().unwrap();
                let sent = next.approved.as_ref().unwrap();
                prop_assert_eq!(read.stage, Stage::Pending);
                prop_assert_eq!(&read.content, &sent.content);
                prop_assert_eq!(replaces, before.approved.as_ref().map(|old| old.version));
                prop_assert_eq!(sent.version, replaces.unwrap_or(0) + 1);
                let mut people: Vec<_> = sent.approvals.iter().map(|one| &one.by).collect();
                people.dedup();
                let Act::Approve { reach, .. } = act else { panic!("only an approval sends") };
                // Whoever agreed first may have had a wider reach before them.
                prop_assert!(people.len() as u32 >= rules.needed(&reach));
                prop_assert!(people.iter().all(|person| !read.hands.contains(*person)));
                prop_assert!(before.approved.as_ref().is_none_or(|old| old.stopped.is_none()));
            }
            alert = next;
        }
    }
}
