mod mapping;

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
