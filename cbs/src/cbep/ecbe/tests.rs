use super::*;
use crate::area::Area;
use crate::capacity::RepetitionPeriod;
use crate::cbep::{Category, Doubt};
use crate::dcs::Dcs;
use crate::etws::{Disaster, WarningType};
use crate::message_id::MessageId;
use crate::serial::SerialNumber;
use crate::text;
use server::{Call, Content, Create, Refused, Reply};
use std::num::NonZeroU16;

/// One recorded exchange: method, path, body; status, body.
struct Exchange {
    method: Option<Method>,
    path: String,
    sent: Vec<u8>,
    status: u16,
    answered: Vec<u8>,
}

fn recorded(name: &str) -> Exchange {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/samples/ecbe/");
    let read = |kind: &str| std::fs::read(format!("{folder}{name}.http-{kind}")).unwrap();
    let split = |http: Vec<u8>| {
        let end = http
            .windows(4)
            .position(|four| four == b"\r\n\r\n")
            .unwrap();
        let head = String::from_utf8(http[..end].to_vec()).unwrap();
        let mut words = head.split(' ').map(str::to_owned);
        let (first, second) = (words.next().unwrap(), words.next().unwrap());
        (first, second, http[end + 4..].to_vec())
    };
    let (method, path, sent) = split(read("request"));
    let (_, status, answered) = split(read("response"));
    Exchange {
        method: match method.as_str() {
            "POST" => Some(Method::Post),
            "DELETE" => Some(Method::Delete),
            _ => None,
        },
        path,
        sent,
        status: status.parse().unwrap(),
        answered,
    }
}

fn call(exchange: &Exchange) -> Result<Call, Refused> {
    Call::read(exchange.method, &exchange.path, &exchange.sent)
}

fn create(name: &str) -> Create {
    match call(&recorded(name)).unwrap() {
        Call::Create(create) => *create,
        Call::Delete(_) => panic!("{name}"),
    }
}

const CREATED: [&str; 14] = [
    "01-post-decoded-gsm7-1page",
    "02-post-encoded-gsm7-3pages",
    "03-post-encoded-ucs2-2pages",
    "04-post-encoded-8bit-udh-dcs95",
    "05-post-encoded-8bit-dcs44",
    "06-post-encoded-ucs2-lang-dcs11",
    "07-post-encoded-gsm7-lang-dcs10",
    "08-post-encoded-short-page",
    "11-post-serial-encoded",
    "12-post-etws",
    "22-post-after-delete-update1",
    "23-post-overload-period2",
    "24-post-no-bsc-connected",
    "25-post-duplicate-id-409",
];

fn stamp() -> Stamp {
    Stamp {
        identifier: "a7".parse().unwrap(),
        sent: "2026-11-22T09:30:00-00:00".parse().unwrap(),
    }
}

fn broadcast(create: &Create) -> Broadcast {
    Broadcast {
        areas: vec![Area::PlmnWide],
        broadcasts: Broadcasts::Count(NonZeroU16::new(create.broadcasts.max(1)).unwrap()),
        category: create.category,
        message_id: create.message_id,
        notice: None,
        payload: match create.payload.clone() {
            Content::EtwsPrimary {
                security,
                warning_type,
            } => Payload::EtwsPrimary {
                security,
                warning_type,
            },
            Content::Pages { contents, dcs } => Payload::Pages { contents, dcs },
            Content::Text { .. } => panic!("a client sends no such thing"),
        },
        period: RepetitionPeriod::from_slots(create.period_slots.into()).unwrap(),
        serial: create.serial,
        warning_period_s: create.warning_period_s,
    }
}

#[test]
fn recorded_bodies_are_written_octet_by_octet() {
    for name in CREATED {
        let exchange = recorded(name);
        let body: wire::Body = serde_json::from_slice(&exchange.sent).unwrap();
        assert_eq!(serde_json::to_vec(&body).unwrap(), exchange.sent, "{name}");
    }
}

#[test]
fn our_requests_are_the_recorded_ones() {
    let ecbe = Ecbe::new("pushcast").unwrap();
    for name in CREATED {
        let create = create(name);
        if matches!(create.payload, Content::Text { .. }) {
            continue;
        }
        let request = ecbe.submit(&broadcast(&create), &stamp()).unwrap();
        assert_eq!(request.method, Method::Post);
        let again = Call::read(Some(request.method), &request.path, &request.body);
        let expected = Create {
            broadcasts: create.broadcasts.max(1),
            payload: match create.payload.clone() {
                // Short pages are sent whole.
                Content::Pages { contents, dcs } => Content::Pages {
                    contents: crate::page::Contents::new(
                        contents
                            .pages()
                            .iter()
                            .map(|page| crate::page::PageContent::full(*page.octets()))
                            .collect(),
                    )
                    .unwrap(),
                    dcs,
                },
                other => other,
            },
            ..create.clone()
        };
        assert_eq!(again, Ok(Call::Create(Box::new(expected))), "{name}");
    }
    // Sample 11 as it was, but for the number of broadcasts, which is never 0.
    let sent = recorded("11-post-serial-encoded").sent;
    let counted = String::from_utf8(sent)
        .unwrap()
        .replace("\"num_of_bcast\":0", "\"num_of_bcast\":65535");
    let request = ecbe.submit(
        &Broadcast {
            broadcasts: Broadcasts::UntilKilled,
            ..broadcast(&create("11-post-serial-encoded"))
        },
        &stamp(),
    );
    assert_eq!(String::from_utf8(request.unwrap().body).unwrap(), counted);
}

#[test]
fn recorded_messages_mean_what_they_say() {
    let text = |name: &str| match create(name).payload {
        Content::Pages { contents, dcs } => text::decode(dcs, &contents).unwrap().text,
        _ => panic!("{name}"),
    };
    assert_eq!(text("08-post-encoded-short-page"), "short page");
    assert_eq!(text("06-post-encoded-ucs2-lang-dcs11"), "Проба с языком.");
    assert_eq!(text("11-post-serial-encoded"), "Exercise: pushcast drill");
    let exercise = create("11-post-serial-encoded");
    assert_eq!(exercise.serial, SerialNumber(0x7010));
    assert_eq!(exercise.category, Category::HighPriority);
    let etws = create("12-post-etws");
    assert_eq!(etws.message_id, MessageId::ETWS_TEST);
    assert_eq!(etws.warning_period_s, Some(10));
    assert_eq!(etws.serial, SerialNumber(0x7000));
    let warning_type = WarningType {
        disaster: Disaster::Test,
        emergency_user_alert: true,
        popup: true,
    };
    assert_eq!(
        etws.payload,
        Content::EtwsPrimary {
            security: None,
            warning_type
        }
    );
}

#[test]
fn refused_requests_get_the_recorded_answers() {
    for (name, refused) in [
        ("09-post-encoded-88octets", Refused::Page),
        ("10-post-16-pages", Refused::Pages),
        ("13-post-bad-scope", Refused::Scope),
        ("14-post-bad-json", Refused::NoJson),
        ("15-post-no-repetition", Refused::NoPeriod),
        ("16-post-no-cbe-name", Refused::NoCbeName),
        ("17-post-bad-serial", Refused::UpdateNumber),
        ("18-get-collection", Refused::NoResource),
        ("21-delete-out-of-range", Refused::MessageId),
    ] {
        let exchange = recorded(name);
        assert_eq!(call(&exchange), Err(refused), "{name}");
        let Reply { status, body } = refused.answer();
        assert_eq!(status, exchange.status, "{name}");
        assert_eq!(body.as_bytes(), exchange.answered, "{name}");
    }
}

#[test]
fn answers_mean_what_they_are_worth() {
    let ecbe = Ecbe::new("pushcast").unwrap();
    let outcome = |name: &str, operation, reply: Reply| {
        let exchange = recorded(name);
        assert_eq!(
            (reply.status, reply.body.as_bytes()),
            (exchange.status, &exchange.answered[..])
        );
        let answer = Answer {
            body: &exchange.answered,
            status: exchange.status,
        };
        ecbe.outcome(operation, &stamp(), answer)
    };
    let accepted = |certainty| Outcome::Accepted { certainty };
    let submit = Operation::Submit;
    assert_eq!(
        outcome("02-post-encoded-gsm7-3pages", submit, Reply::CREATED),
        accepted(Certainty::Taken)
    );
    // The base station refused this one: 201 is no proof.
    assert_eq!(
        outcome("23-post-overload-period2", submit, Reply::CREATED),
        accepted(Certainty::Taken)
    );
    assert_eq!(
        outcome("24-post-no-bsc-connected", submit, Reply::NO_PEER),
        accepted(Certainty::NoPeer)
    );
    assert_eq!(
        outcome("25-post-duplicate-id-409", submit, Reply::CONFLICT),
        Outcome::AlreadyThere
    );
    assert_eq!(
        outcome("19-delete-existing", Operation::Cancel, Reply::DELETED),
        accepted(Certainty::Taken)
    );
    assert_eq!(
        outcome("20-delete-unknown", Operation::Cancel, Reply::UNKNOWN_ID),
        Outcome::NotFound
    );
    let refused = |name: &str, refused: Refused| match outcome(name, submit, refused.answer()) {
        Outcome::Refused { reason } => (reason.kind, reason.text),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        refused("13-post-bad-scope", Refused::Scope),
        (RefusalKind::Scope, words::SCOPE.to_owned())
    );
    assert_eq!(
        refused("15-post-no-repetition", Refused::NoPeriod).0,
        RefusalKind::Content
    );
    assert_eq!(
        refused("18-get-collection", Refused::NoResource).0,
        RefusalKind::NoSuchResource
    );
    let status = |status| {
        let answer = Answer { body: b"", status };
        ecbe.outcome(submit, &stamp(), answer)
    };
    for doubtful in [100, 302, 408, 500, 502, 504, 599] {
        let doubt = Doubt::Status(doubtful);
        assert_eq!(status(doubtful), Outcome::Unknown { doubt });
    }
}

#[test]
fn an_update_deletes_and_posts() {
    let ecbe = Ecbe::new("pushcast").unwrap();
    let create = create("22-post-after-delete-update1");
    let broadcast = broadcast(&create);
    let earlier = Reference {
        message_id: MessageId(919),
        serial: SerialNumber(0x4010),
        stamps: Vec::new(),
        status: crate::cap::Status::Actual,
    };
    let steps = ecbe.update(&earlier, &broadcast, &stamp()).unwrap();
    let [delete, post] = &steps[..] else {
        panic!();
    };
    assert_eq!(delete.operation, Operation::Cancel);
    assert_eq!(delete.request.path, "/api/ecbe/v1/message/919");
    assert_eq!(delete.request.method, Method::Delete);
    assert_eq!(post.operation, Operation::Submit);
    assert_eq!(ecbe.cancel(&earlier, &stamp()).unwrap(), delete.request);
    let command = ecbe.status_command(&earlier);
    assert_eq!(command.as_deref(), Some("show message id 919"));
}

#[test]
fn what_ecbe_cannot_carry() {
    let ecbe = Ecbe::new("pushcast").unwrap();
    let good = broadcast(&create("11-post-serial-encoded"));
    let submit = |broadcast: Broadcast| ecbe.submit(&broadcast, &stamp());
    let cell: Area = "cgi:001-01-1-6969".parse().unwrap();
    let error = submit(Broadcast {
        areas: vec![cell],
        ..good.clone()
    });
    assert_eq!(
        error.unwrap_err().to_string(),
        "ECBE cannot carry the area cgi:001-01-1-6969"
    );
    let error = submit(Broadcast {
        message_id: MessageId(u16::MAX),
        ..good.clone()
    });
    assert!(matches!(error, Err(CbepError::MessageId { .. })));
    let etws = broadcast(&create("12-post-etws"));
    let error = submit(Broadcast {
        message_id: MessageId(919),
        ..etws
    });
    assert!(matches!(error, Err(CbepError::MessageId { .. })));
    assert!(Ecbe::new("").is_err());
    assert!(Ecbe::new("a\nb").is_err());
}

#[test]
fn bodies_that_are_no_messages() {
    let read = |body: &str| Create::read(body.as_bytes());
    let sample = String::from_utf8(recorded("02-post-encoded-gsm7-3pages").sent).unwrap();
    let with = |from: &str, to: &str| {
        assert!(sample.contains(from));
        read(&sample.replace(from, to))
    };
    assert_eq!(with("\"normal\"", "\"urgent\""), Err(Refused::Malformed));
    assert_eq!(with(":30,", ":4096,"), Err(Refused::Malformed));
    assert_eq!(with(":30,", ":-1,"), Err(Refused::Malformed));
    assert_eq!(with(":920,", ":65536,"), Err(Refused::Malformed));
    assert_eq!(with("\"dcs\":1", "\"dcs\":256"), Err(Refused::Malformed));
    assert_eq!(with("\"d0fa", "\"d0f"), Err(Refused::Page));
    assert_eq!(with("\"d0fa", "\"\",\"d0fa"), Err(Refused::Page));
    assert_eq!(with("\"d0fa", "\"xxfa"), Err(Refused::Page));
    assert_eq!(read("[]"), Err(Refused::Malformed));
    assert_eq!(read("\u{FFFD}"), Err(Refused::NoJson));
    assert_eq!(read(&"[".repeat(100_000)), Err(Refused::BodyLength));
    assert_eq!(read(&"[".repeat(1000)), Err(Refused::Malformed));
    // Codes over ten bits are cut, as the server does.
    let cut = with("\"msg_code\":2", "\"msg_code\":1026").unwrap();
    assert_eq!(cut.serial.code().value(), 2);
    // A lone surrogate is no text.
    let lone = String::from_utf8(recorded("01-post-decoded-gsm7-1page").sent)
        .unwrap()
        .replace("5€", "\\ud83d");
    assert_eq!(read(&lone), Err(Refused::NoJson));
    let path = |path: &str| Call::read(Some(Method::Delete), path, b"");
    for wrong in ["", "/", "/x", "/-1", "/+1", "/1/2"] {
        let path = path(&format!("{COLLECTION}{wrong}"));
        assert!(path.is_err(), "{wrong}");
    }
}

#[test]
fn earthquake_and_tsunami_is_sent_as_a_number() {
    let ecbe = Ecbe::new("pushcast").unwrap();
    let both = Broadcast {
        message_id: MessageId(4354),
        payload: Payload::EtwsPrimary {
            security: Some([0xAB; 50]),
            warning_type: WarningType {
                disaster: Disaster::EarthquakeAndTsunami,
                emergency_user_alert: true,
                popup: false,
            },
        },
        ..broadcast(&create("12-post-etws"))
    };
    let request = ecbe.submit(&both, &stamp()).unwrap();
    let body = String::from_utf8(request.body.clone()).unwrap();
    assert!(body.contains("\"warning_type_encoded\":2"), "{body}");
    let again = Create::read(&request.body).unwrap();
    assert_eq!(broadcast(&again).payload, both.payload);
    assert_eq!(Dcs::GSM7.0, 15);
}
