use super::*;
use crate::area::Area;
use crate::capacity::RepetitionPeriod;
use crate::cbep::{Broadcasts, Category as BroadcastCategory};
use crate::message_id::MessageId;
use crate::serial::GeographicalScope;
use proptest::prelude::*;
use std::num::NonZeroU16;
use std::time::Duration;

const FLOOD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>flood-7</identifier>
  <sender>alerts@example.org</sender>
  <sent>2026-11-22T09:30:00-00:00</sent>
  <status>Actual</status>
  <msgType>Alert</msgType>
  <scope>Public</scope>
  <code>profile:v1</code>
  <info>
    <language>en-GB</language>
    <category>Met</category>
    <category>Safety</category>
    <event>Flood</event>
    <responseType>Evacuate</responseType>
    <urgency>Immediate</urgency>
    <severity>Extreme</severity>
    <certainty>Observed</certainty>
    <eventCode><valueName>SAME</valueName><value>FLW</value></eventCode>
    <effective>2026-11-22T09:30:00-00:00</effective>
    <onset>2026-11-22T12:00:00-00:00</onset>
    <expires>2026-11-22T13:30:00+01:00</expires>
    <headline>River Aln &amp; Till rise</headline>
    <description>Two metres.</description>
    <instruction>Go up the hill &#x2014; now.</instruction>
    <parameter><valueName>other</valueName><value/></parameter>
    <parameter><valueName>cbs:geo-scope</valueName><value>plmn</value></parameter>
    <resource><resourceDesc>map</resourceDesc><mimeType>image/png</mimeType><size>17</size></resource>
    <area>
      <areaDesc>Aln valley</areaDesc>
      <polygon>55.4,-1.7 55.4,-1.6 55.5,-1.6 55.4,-1.7</polygon>
      <circle>55.41,-1.71 2.5</circle>
      <geocode><valueName>NUTS</valueName><value>UKC2</value></geocode>
      <altitude>10</altitude><ceiling>300</ceiling>
    </area>
  </info>
  <info>
    <language>cy</language>
    <category>Met</category>
    <event>Llifogydd</event>
    <urgency>Immediate</urgency>
    <severity>Extreme</severity>
    <certainty>Observed</certainty>
  </info>
  <Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo/></Signature>
</alert>
"#;

fn flood() -> Alert {
    Alert::read(FLOOD.as_bytes()).unwrap()
}

fn with(from: &str, to: &str) -> Result<Alert, CapError> {
    assert!(FLOOD.contains(from), "{from}");
    Alert::read(FLOOD.replacen(from, to, 1).as_bytes())
}

#[test]
fn an_alert_is_read_and_comes_back() {
    let alert = flood();
    assert_eq!(alert.infos.len(), 2);
    assert_eq!(alert.extensions, ["Signature"]);
    let info = &alert.infos[0];
    assert_eq!(info.headline.as_deref(), Some("River Aln & Till rise"));
    assert_eq!(info.instruction.as_deref(), Some("Go up the hill — now."));
    assert_eq!(info.parameters[0].value, "");
    assert_eq!(info.resources[0].size, Some(17));
    let area = &info.areas[0];
    assert_eq!(area.polygons[0].vertices().len(), 3);
    assert_eq!(area.altitude.unwrap().ceiling_feet, Some(300.0));
    let written = alert.write().unwrap();
    let expected = Alert {
        extensions: Vec::new(),
        ..alert
    };
    assert_eq!(Alert::read(written.as_bytes()), Ok(expected));
}

#[test]
fn prefixes_and_marks_do_not_matter() {
    let unsigned = FLOOD.lines().filter(|line| !line.contains("Signature"));
    let prefixed = unsigned
        .collect::<String>()
        .replace("xmlns=\"urn:oasis", "xmlns:cap=\"urn:oasis")
        .replace('<', "<cap:")
        .replace("<cap:/", "</cap:")
        .replace("<cap:?", "<?");
    let marked = format!("\u{FEFF}{prefixed}");
    assert_eq!(Alert::read(marked.as_bytes()).unwrap().infos, flood().infos);
}

#[test]
fn documents_that_are_refused() {
    let dtd = format!("<!DOCTYPE alert [<!ENTITY x \"y\">]>{}", &FLOOD[39..]);
    assert_eq!(Alert::read(dtd.as_bytes()), Err(CapError::Dtd));
    assert_eq!(with("Two metres.", "&xxe;"), Err(CapError::Entity));
    assert_eq!(with("Two metres.", "&#0;"), Err(CapError::Entity));
    assert_eq!(with("UTF-8", "ISO-8859-1"), Err(CapError::Encoding));
    assert_eq!(Alert::read(b"\xFF\xFE"), Err(CapError::Encoding));
    assert_eq!(with("cap:1.2", "cap:1.1"), Err(CapError::Root));
    assert!(matches!(
        with("</alert>", ""),
        Err(CapError::Malformed { .. })
    ));
    assert!(matches!(
        with("</alert>", "</alert>x"),
        Err(CapError::Malformed { .. })
    ));
    assert!(matches!(
        with("</alert>", "</alert><a/>"),
        Err(CapError::Malformed { .. })
    ));
    assert_eq!(Alert::read(b""), Err(CapError::Root));
    let limit = |document: String| match Alert::read(document.as_bytes()) {
        Err(CapError::Limit { of, .. }) => of,
        other => panic!("{other:?}"),
    };
    assert_eq!(limit(FLOOD.repeat(100)), "octets");
    assert_eq!(limit("<a>".repeat(17)), "nested elements");
    assert_eq!(limit(format!("<a>{}</a>", "<b/>".repeat(5000))), "elements");
    let attributes: String = (0..40).map(|index| format!(" a{index}=''")).collect();
    assert_eq!(limit(format!("<a{attributes}/>")), "attributes");
}

#[test]
fn order_and_values_are_those_of_the_schema() {
    let swapped = "<event>Flood</event>\n    <responseType>Evacuate</responseType>";
    let other = "<responseType>Evacuate</responseType>\n    <event>Flood</event>";
    assert!(matches!(
        with(swapped, other),
        Err(CapError::Missing {
            element: "event",
            ..
        })
    ));
    let missing = |from: &str| match with(from, "") {
        Err(CapError::Missing { element, .. }) => element,
        other => panic!("{other:?}"),
    };
    assert_eq!(missing("<identifier>flood-7</identifier>"), "identifier");
    assert_eq!(missing("<scope>Public</scope>"), "scope");
    assert_eq!(missing("<severity>Extreme</severity>"), "severity");
    assert_eq!(missing("<areaDesc>Aln valley</areaDesc>"), "areaDesc");
    assert_eq!(missing("<altitude>10</altitude>"), "altitude");
    let value = |from: &str, to: &str| match with(from, to) {
        Err(CapError::Value { element }) => element,
        other => panic!("{other:?}"),
    };
    assert_eq!(value("flood-7", "flood 7"), "identifier");
    assert_eq!(value("flood-7", "flood,7"), "identifier");
    assert_eq!(value("09:30:00-00:00", "09:30:00Z"), "sent");
    assert_eq!(value("Actual", "actual"), "status");
    assert_eq!(value(">Met<", ">Weather<"), "category");
    assert_eq!(value(">17<", ">many<"), "size");
    assert_eq!(value(">300<", ">inf<"), "ceiling");
    assert_eq!(value("Public", "Secret"), "scope");
    let geometry = |from: &str, to: &str| matches!(with(from, to), Err(CapError::Geometry { .. }));
    assert!(geometry(" 55.4,-1.7<", "<"));
    assert!(geometry("55.41,-1.71 2.5", "55.41,-1.71 -2.5"));
    assert!(with("55.41,-1.71 2.5", "55.41,-1.71 0").is_ok());
    let unexpected = with("<code>", "<x/><code>");
    assert!(matches!(
        unexpected,
        Err(CapError::Unexpected {
            parent: "alert",
            ..
        })
    ));
}

#[test]
fn scopes_have_their_companions() {
    let scope = |xml: &str| with("<scope>Public</scope>", xml).map(|alert| alert.scope);
    assert!(scope("<scope>Restricted</scope>").is_err());
    assert_eq!(
        scope("<scope>Restricted</scope><restriction>staff</restriction>"),
        Ok(Scope::Restricted {
            restriction: "staff".to_owned()
        })
    );
    assert!(scope("<scope>Private</scope>").is_err());
    let private = scope("<scope>Private</scope><addresses> a \"b c\"  d </addresses>").unwrap();
    let addresses = ["a", "b c", "d"].map(str::to_owned).to_vec();
    assert_eq!(private, Scope::Private { addresses });
    let alert = Alert {
        scope: private,
        extensions: Vec::new(),
        ..flood()
    };
    assert_eq!(Alert::read(alert.write().unwrap().as_bytes()), Ok(alert));
}

#[test]
fn answers_name_what_they_answer() {
    let alert = flood();
    let name = |text: &str| text.parse::<Name>().unwrap();
    let sent: Timestamp = "2026-11-22T09:30:05-00:00".parse().unwrap();
    let ack = alert.ack(name("ack-1"), name("cbc@example.net"), sent);
    let read = Alert::read(ack.write().unwrap().as_bytes()).unwrap();
    assert_eq!(read, ack);
    assert!(read.answers(&alert.sender, &alert.identifier));
    assert!(!read.answers(&alert.sender, &name("flood-8")));
    assert!(!alert.answers(&alert.sender, &alert.identifier));
    let mut error = alert.error(name("e-1"), name("cbc@example.net"), sent, "no such area");
    error.codes.push(NOT_FOUND.to_owned());
    assert!(error.says_not_found() && !error.says_already_there());
    let references = "alerts@example.org,flood-7,2026-11-22T09:30:00-00:00";
    assert_eq!(error.references[0].to_string(), references);
    assert_eq!(references.parse(), Ok(alert.reference()));
    assert!("a,b".parse::<Reference>().is_err());
    assert!("a,b,c,d".parse::<Reference>().is_err());
}

#[test]
fn what_cannot_be_written() {
    let write = |change: fn(&mut Alert)| {
        let mut alert = flood();
        change(&mut alert);
        alert.write()
    };
    assert!(matches!(
        write(|alert| alert.note = Some("a\u{1}".to_owned())),
        Err(CapError::Character {
            element: "note",
            ..
        })
    ));
    assert!(matches!(
        write(|alert| alert.infos[0].categories.clear()),
        Err(CapError::Missing {
            element: "category",
            ..
        })
    ));
    assert!(write(|alert| alert.infos[0].event = " ".to_owned()).is_err());
    assert!(matches!(
        write(|alert| alert.infos[0].description = Some("x".repeat(70_000))),
        Err(CapError::Limit { .. })
    ));
}

fn mapped(alert: &Alert, index: usize) -> Result<Mapping<'_>, MapError> {
    Mapping::new(alert, index, DEFAULT_PREFIX)
}

fn changed(change: impl Fn(&mut Info)) -> Alert {
    let mut alert = flood();
    change(&mut alert.infos[0]);
    alert
}

/// The flood with parameters of ours in its first info.
fn hinted(hints: &Hints) -> Alert {
    changed(|info| info.parameters = hints.write(DEFAULT_PREFIX))
}

fn id(alert: &Alert, index: usize, policy: &Policy) -> Result<MessageId, MapError> {
    mapped(alert, index)?.message_id(policy)
}

#[test]
fn identifiers_by_status_and_severity() {
    let policy = Policy::default();
    let first = |alert: &Alert| id(alert, 0, &policy);
    let alert = flood();
    assert_eq!(first(&alert), Ok(MessageId(4371)));
    assert_eq!(id(&alert, 1, &policy), Ok(MessageId(4384)));
    assert_eq!(id(&alert, 2, &policy), Err(MapError::NoInfo));
    let with = |change: fn(&mut Info)| first(&changed(change));
    assert_eq!(
        with(|info| info.certainty = Certainty::Likely),
        Ok(MessageId(4372))
    );
    assert_eq!(
        with(|info| info.urgency = Urgency::Expected),
        Ok(MessageId(4373))
    );
    assert_eq!(
        with(|info| info.severity = Severity::Severe),
        Ok(MessageId(4375))
    );
    assert_eq!(
        with(|info| info.severity = Severity::Moderate),
        Err(MapError::NotBroadcast)
    );
    assert_eq!(
        with(|info| info.event_codes[0].value = "CAE".to_owned()),
        Ok(MessageId(4379))
    );
    let status = |status, index| id(&Alert { status, ..flood() }, index, &policy);
    assert_eq!(status(Status::Exercise, 0), Ok(MessageId(4381)));
    assert_eq!(status(Status::Exercise, 1), Ok(MessageId(4394)));
    assert_eq!(status(Status::Test, 0), Ok(MessageId(4380)));
    let draft = Status::Draft;
    assert_eq!(status(draft, 0), Err(MapError::Status { status: draft }));
    let cancel = Alert {
        msg_type: MsgType::Cancel,
        ..flood()
    };
    assert!(matches!(first(&cancel), Err(MapError::Type { .. })));
}

#[test]
fn exercises_and_real_alerts_do_not_mix() {
    let asked = |status, asked| {
        let hints = Hints {
            message_id: Some(MessageId(asked)),
            ..Hints::default()
        };
        let alert = Alert {
            status,
            ..hinted(&hints)
        };
        id(&alert, 0, &Policy::default())
    };
    let mixed = |status, id| matches!(asked(status, id), Err(MapError::Mixed { .. }));
    assert_eq!(asked(Status::Actual, 4370), Ok(MessageId(4370)));
    assert!(mixed(Status::Actual, 4381));
    assert!(mixed(Status::Actual, 4380));
    assert!(mixed(Status::Exercise, 4370));
    // Data for the SIM, and the trigger without a text.
    assert!(mixed(Status::Actual, 4096));
    assert!(mixed(Status::Actual, 4400));
    assert_eq!(asked(Status::Exercise, 919), Ok(MessageId(919)));
    assert_eq!(asked(Status::Test, 4398), Ok(MessageId(4398)));
}

#[test]
fn the_first_info_is_local_if_none_is_in_the_local_language() {
    let policy = Policy {
        local_language: "de".to_owned(),
        other: OtherAlerts::EuInfo,
        ..Policy::default()
    };
    let mut alert = flood();
    assert_eq!(id(&alert, 0, &policy), Ok(MessageId(4371)));
    assert_eq!(id(&alert, 1, &policy), Ok(MessageId(4384)));
    alert.infos[1].language = "DE-at".to_owned();
    assert_eq!(id(&alert, 0, &policy), Ok(MessageId(4384)));
    assert_eq!(id(&alert, 1, &policy), Ok(MessageId(4371)));
    alert.infos[0].severity = Severity::Minor;
    assert!(matches!(
        id(&alert, 0, &policy),
        Err(MapError::NoAdditionalLanguage { .. })
    ));
}

#[test]
fn texts_in_their_order() {
    let text = |change: fn(&mut Info)| {
        let alert = changed(change);
        mapped(&alert, 0).unwrap().text()
    };
    let said = |text: &str| Ok(text.to_owned());
    assert_eq!(text(|_| ()), said("Go up the hill — now."));
    let both = "River Aln & Till rise\nTwo metres.";
    assert_eq!(text(|info| info.instruction = None), said(both));
    let ours = Hints {
        text: Some("Ours".to_owned()),
        ..Hints::default()
    };
    let mut alert = hinted(&ours);
    assert_eq!(mapped(&alert, 0).unwrap().text(), said("Ours"));
    for (name, value) in [("CMAMtext", "Short"), ("CMAMlongtext", "Long")] {
        alert.infos[0].parameters.push(NamedValue {
            name: name.to_owned(),
            value: value.to_owned(),
        });
        assert_eq!(mapped(&alert, 0).unwrap().text(), said(value));
    }
    let silent = |info: &mut Info| {
        (info.instruction, info.headline, info.description) = (None, None, None);
    };
    assert_eq!(text(silent), Err(MapError::NoText));
}

#[test]
fn schedules_from_times_and_policy() {
    let now = 1_795_339_800;
    let schedule = |hints: &Hints, id, now| {
        let alert = hinted(hints);
        let policy = Policy::default();
        mapped(&alert, 0)?.schedule(MessageId(id), 3, now, &policy)
    };
    let level_2 = schedule(&Hints::default(), 4371, now).unwrap();
    let period = RepetitionPeriod::for_interval(Duration::from_secs(30), 3);
    assert_eq!(level_2.period, period);
    assert_eq!(level_2.category, BroadcastCategory::HighPriority);
    let end = now + 3 * 3600;
    assert_eq!(level_2.start_unix_s, now);
    assert_eq!(level_2.end_unix_s, end);
    let count = NonZeroU16::new(period.broadcasts(Duration::from_secs(3 * 3600))).unwrap();
    assert_eq!(level_2.broadcasts, Broadcasts::Count(count));
    let early = schedule(&Hints::default(), 4375, now - 60).unwrap();
    assert_eq!(early.start_unix_s, now);
    assert_eq!(
        schedule(&Hints::default(), 4371, end),
        Err(MapError::Expired)
    );
    let hints = Hints {
        broadcasts: Some(Broadcasts::UntilKilled),
        repetition: Some(Duration::from_secs(1)),
        ..Hints::default()
    };
    let short = schedule(&hints, 4375, now).unwrap();
    assert_eq!(short.broadcasts, Broadcasts::UntilKilled);
    // Shorter than three pages take.
    assert_eq!(short.period.slots(), 3);
}

#[test]
fn areas_are_named_or_missing() {
    let alert = flood();
    assert_eq!(mapped(&alert, 0).unwrap().areas().unwrap().len(), 3);
    assert_eq!(mapped(&alert, 1).unwrap().areas(), Err(MapError::NoArea));
    let everywhere = Hints {
        service_area: Some("plmn".to_owned()),
        ..Hints::default()
    };
    let alert = hinted(&everywhere);
    assert_eq!(mapped(&alert, 0).unwrap().areas(), Ok(vec![Area::PlmnWide]));
}

#[test]
fn cancels_name_earlier_alerts_or_their_own_identifier() {
    let mut cancel = Alert {
        msg_type: MsgType::Cancel,
        ..flood()
    };
    assert_eq!(cancel.earlier()[0].1.as_str(), "flood-7");
    let earlier = "a@b,first,2026-11-22T09:30:00-00:00";
    cancel.references = vec![earlier.parse().unwrap()];
    assert_eq!(cancel.earlier().len(), 1);
    assert_eq!(cancel.earlier()[0].1.as_str(), "first");
    assert!(flood().earlier().is_empty());
}

#[test]
fn versions_are_counted_by_references() {
    let mut update = Alert {
        msg_type: MsgType::Update,
        ..flood()
    };
    assert_eq!(update_number(&flood()).value(), 0);
    update.references = vec![flood().reference(); 17];
    assert_eq!(update_number(&update).value(), 1);
}

#[test]
fn parameters_of_ours_come_back() {
    let hints = Hints {
        broadcasts: Some(Broadcasts::UntilKilled),
        category: Some(BroadcastCategory::HighPriority),
        charset: Some(CharsetHint::Ucs2),
        emergency_user_alert: Some(true),
        message_id: Some(MessageId(4370)),
        popup: Some(false),
        repetition: Some(Duration::from_secs(7711)),
        scope: Some(GeographicalScope::CellImmediate),
        service_area: Some("Coast".to_owned()),
        text: Some("Leave".to_owned()),
    };
    let written = hints.write("x:");
    assert_eq!(written.len(), 10);
    assert_eq!(Hints::read(&written, "x:"), Ok(hints));
    assert_eq!(Hints::read(&written, DEFAULT_PREFIX), Ok(Hints::default()));
    for (name, value) in [
        ("message-id", "65535"),
        ("repetition-period-s", "0"),
        ("repetition-period-s", "7712"),
        ("num-broadcasts", "-1"),
        ("popup", "yes"),
        ("geo-scope", ""),
    ] {
        let wrong = NamedValue {
            name: format!("cbs:{name}"),
            value: value.to_owned(),
        };
        let error = Hints::read(&[wrong], DEFAULT_PREFIX).unwrap_err();
        assert_eq!(error.name, name);
    }
}

proptest! {
    #[test]
    fn any_text_is_an_alert_or_an_error(start in 0_usize..2000, cut in 0_usize..60, put in "[<>&;a-z/!\\[\\]\"' ]{0,12}") {
        let octets = FLOOD.as_bytes();
        let start = start.min(octets.len());
        let end = (start + cut).min(octets.len());
        let changed = [&octets[..start], put.as_bytes(), &octets[end..]].concat();
        if let Ok(alert) = Alert::read(&changed)
            && let Ok(written) = alert.write()
        {
            let expected = Alert { extensions: Vec::new(), ..alert };
            prop_assert_eq!(Alert::read(written.as_bytes()), Ok(expected));
        }
    }
}
