use super::*;
use crate::cap::{Category, Certainty as Sure, Mapping, Severity, Status, Timestamp, Urgency};
use crate::capacity::RepetitionPeriod;
use crate::cbep::{Broadcasts, Category as Precedence};
use crate::dcs::Dcs;
use crate::etws::WarningType;
use crate::message_id::MessageId;
use crate::serial::SerialNumber;
use std::num::NonZeroU16;

const TEXT: &str = "Leave the valley & go up <now>.";

fn client() -> Cap {
    Cap::new("alerts@example.org".parse().unwrap(), "/cap")
}

fn sent() -> Timestamp {
    "2026-11-22T09:30:00-00:00".parse().unwrap()
}

fn stamp(identifier: &str) -> Stamp {
    Stamp {
        identifier: identifier.parse().unwrap(),
        sent: sent(),
    }
}

fn notice() -> Notice {
    Notice {
        area_description: "Aln valley".to_owned(),
        categories: vec![Category::Met],
        certainty: Sure::Observed,
        event: "Flood".to_owned(),
        expires: None,
        headline: None,
        language: "en".to_owned(),
        onset: None,
        sender_name: None,
        severity: Severity::Extreme,
        status: Status::Actual,
        urgency: Urgency::Immediate,
    }
}

fn broadcast(areas: &[&str]) -> Broadcast {
    let encoded = text::encode(TEXT, &text::Options::default()).unwrap();
    Broadcast {
        areas: areas.iter().map(|area| area.parse().unwrap()).collect(),
        broadcasts: Broadcasts::Count(NonZeroU16::new(120).unwrap()),
        category: Precedence::HighPriority,
        message_id: MessageId(4371),
        notice: Some(notice()),
        payload: Payload::Pages {
            contents: encoded.contents,
            dcs: encoded.dcs,
        },
        period: RepetitionPeriod::from_slots(16).unwrap(),
        serial: SerialNumber(0x4010),
        warning_period_s: None,
    }
}

fn alert(request: &Request) -> Alert {
    assert_eq!(
        (request.method, request.path.as_str()),
        (Method::Post, "/cap")
    );
    Alert::read(&request.body).unwrap()
}

#[test]
fn the_centre_reads_what_was_to_be_broadcast() {
    let broadcast = broadcast(&["circle:55.4,-1.7 2", "geocode:NUTS=UKC2"]);
    let alert = alert(&client().submit(&broadcast, &stamp("a1")).unwrap());
    let policy = cap::Policy::default();
    let mapping = Mapping::new(&alert, 0, DEFAULT_PREFIX).unwrap();
    assert_eq!(mapping.text().unwrap(), TEXT);
    assert_eq!(mapping.message_id(&policy), Ok(MessageId(4371)));
    assert_eq!(mapping.areas(), Ok(broadcast.areas));
    assert_eq!(mapping.hints().scope, Some(broadcast.serial.scope()));
    let schedule = mapping.schedule(MessageId(4371), 1, sent().unix_seconds(), &policy);
    let schedule = schedule.unwrap();
    assert_eq!(schedule.period, broadcast.period);
    assert_eq!(schedule.broadcasts, broadcast.broadcasts);
    assert_eq!(schedule.category, broadcast.category);
}

#[test]
fn everywhere_is_a_parameter() {
    let request = client()
        .submit(&broadcast(&["plmn"]), &stamp("a1"))
        .unwrap();
    let alert = alert(&request);
    let mapping = Mapping::new(&alert, 0, DEFAULT_PREFIX).unwrap();
    assert_eq!(mapping.areas(), Ok(vec![Area::PlmnWide]));
}

#[test]
fn updates_and_cancels_name_all_earlier_alerts() {
    let client = client();
    let earlier = Reference {
        message_id: MessageId(4371),
        serial: SerialNumber(0x4010),
        stamps: vec![stamp("a1")],
        status: Status::Actual,
    };
    let earlier = broadcast(&["plmn"]).reference_after(earlier, stamp("a2"));
    let steps = client
        .update(&earlier, &broadcast(&["plmn"]), &stamp("a3"))
        .unwrap();
    let [step] = &steps[..] else { panic!() };
    assert_eq!(step.operation, Operation::Update);
    let update = alert(&step.request);
    assert_eq!(update.msg_type, MsgType::Update);
    let names: Vec<_> = update
        .references
        .iter()
        .map(|one| one.identifier.as_str())
        .collect();
    assert_eq!(names, ["a1", "a2"]);
    assert_eq!(cap::update_number(&update).value(), 2);
    let cancel = alert(&client.cancel(&earlier, &stamp("a4")).unwrap());
    assert_eq!(cancel.msg_type, MsgType::Cancel);
    assert_eq!(cancel.references, update.references);
    assert!(cancel.infos.is_empty());
    let never = Reference {
        stamps: Vec::new(),
        ..earlier
    };
    assert_eq!(client.cancel(&never, &stamp("a4")), Err(CbepError::NoStamp));
}

#[test]
fn what_cap_cannot_carry() {
    let submit = |broadcast: &Broadcast| client().submit(broadcast, &stamp("a1"));
    assert!(matches!(
        submit(&broadcast(&["plmn", "lac:1"])),
        Err(CbepError::Area(_))
    ));
    let good = broadcast(&["plmn"]);
    let Payload::Pages { contents, .. } = good.payload.clone() else {
        panic!();
    };
    let octets = Broadcast {
        payload: Payload::Pages {
            contents,
            dcs: Dcs::EIGHT_BIT,
        },
        ..good.clone()
    };
    assert!(matches!(submit(&octets), Err(CbepError::Charset { .. })));
    let etws = Broadcast {
        payload: Payload::EtwsPrimary {
            security: None,
            warning_type: WarningType::of_bits(0),
        },
        ..good.clone()
    };
    assert!(matches!(submit(&etws), Err(CbepError::EtwsPrimary { .. })));
    let silent = Broadcast {
        notice: None,
        ..good
    };
    assert!(matches!(submit(&silent), Err(CbepError::NoNotice { .. })));
    let exercise = Broadcast {
        notice: Some(Notice {
            status: Status::Exercise,
            ..notice()
        }),
        ..broadcast(&["plmn"])
    };
    assert!(matches!(submit(&exercise), Err(CbepError::Mixed { .. })));
    let exercise = Broadcast {
        message_id: MessageId::EXERCISE,
        ..exercise
    };
    assert!(submit(&exercise).is_ok());
    let reference = exercise.reference(stamp("a1"));
    let cancel = client().cancel(&reference, &stamp("a2")).unwrap();
    assert_eq!(alert(&cancel).status, Status::Exercise);
}

#[test]
fn answers_count_only_if_they_are_about_us() {
    let client = client();
    let sent_alert = alert(&client.submit(&broadcast(&["plmn"]), &stamp("a1")).unwrap());
    let name = |text: &str| text.parse::<Name>().unwrap();
    let outcome = |status, body: &[u8]| {
        let answer = Answer { body, status };
        client.outcome(Operation::Submit, &stamp("a1"), answer)
    };
    let accepted = Outcome::Accepted {
        certainty: Certainty::Taken,
    };
    let doubt = Outcome::Unknown {
        doubt: Doubt::Answer,
    };
    let ack = sent_alert
        .ack(name("k1"), name("cbc"), sent())
        .write()
        .unwrap();
    assert_eq!(outcome(200, ack.as_bytes()), accepted);
    assert_eq!(outcome(202, b"\r\n"), accepted);
    assert_eq!(outcome(200, b""), doubt);
    assert_eq!(outcome(200, b"<html/>"), doubt);
    let other = Alert {
        identifier: name("a9"),
        ..sent_alert.clone()
    };
    let other = other.ack(name("k1"), name("cbc"), sent()).write().unwrap();
    assert_eq!(outcome(200, other.as_bytes()), doubt);

    let error = |code: Option<&str>, status| {
        let mut error = sent_alert.error(name("e1"), name("cbc"), sent(), "area not known");
        error.codes.extend(code.map(str::to_owned));
        outcome(status, error.write().unwrap().as_bytes())
    };
    let reason = Refusal {
        kind: RefusalKind::Content,
        text: "area not known".to_owned(),
    };
    assert_eq!(
        error(None, 200),
        Outcome::Refused {
            reason: reason.clone()
        }
    );
    assert_eq!(error(None, 400), Outcome::Refused { reason });
    assert_eq!(error(Some(cap::NOT_FOUND), 200), Outcome::NotFound);
    assert_eq!(error(Some(cap::ALREADY_THERE), 409), Outcome::AlreadyThere);
    assert!(matches!(outcome(503, b""), Outcome::Unknown { .. }));
    assert!(matches!(outcome(403, b"no"), Outcome::Refused { .. }));
}
