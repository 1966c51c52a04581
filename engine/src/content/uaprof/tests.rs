use proptest::prelude::*;

use super::*;
use crate::content::Source;
use crate::model::{FluteChannel, StatusCode, Transform};

const PROFILE: &str = r##"<?xml version="1.0"?>
<!DOCTYPE rdf:RDF [<!-- nothing -->]>
<RDF xmlns="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
     xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
     xmlns:prf="http://www.wapforum.org/profiles/UAPROF/ccppschema-20010430#">
  <rdf:Description ID="MyDeviceProfile">
    <prf:component><rdf:Description ID="SoftwarePlatform">
      <rdf:type rdf:resource="http://www.wapforum.org/profiles/UAPROF/ccppschema-20010430#SoftwarePlatform"/>
      <prf:CcppAccept><rdf:Bag>
        <rdf:li>text/vnd.wap.wml</rdf:li>
        <rdf:li> image/png </rdf:li>
        <rdf:li></rdf:li>
      </rdf:Bag></prf:CcppAccept>
      <prf:CcppAccept-Charset><rdf:Seq><rdf:li>UTF-8</rdf:li></rdf:Seq></prf:CcppAccept-Charset>
      <prf:ColorCapable>Yes</prf:ColorCapable>
    </rdf:Description></prf:component>
    <prf:component><rdf:Description ID="WapCharacteristics" prf:WapVersion="2.0"/></prf:component>
    <prf:component><rdf:Description ID="PushCharacteristics">
      <prf:defaults><rdf:Description>
        <prf:Push-MsgSize>1400</prf:Push-MsgSize>
        <prf:Push-Accept><rdf:Bag><rdf:li>application/vnd.wap.slc</rdf:li></rdf:Bag></prf:Push-Accept>
      </rdf:Description></prf:defaults>
      <prf:Push-Accept>
        <rdf:Bag><rdf:li>application/vnd.wap.sic;q=0.9</rdf:li></rdf:Bag>
      </prf:Push-Accept>
      <prf:Push-Accept-AppID>x-wap-application:wml.ua</prf:Push-Accept-AppID>
    </rdf:Description></prf:component>
  </rdf:Description>
</RDF>"##;

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn channel(name: &str, capabilities: Option<ChannelCapabilities>) -> Channel {
    flute(name, capabilities).into()
}

fn flute(name: &str, capabilities: Option<ChannelCapabilities>) -> FluteChannel {
    FluteChannel {
        capabilities,
        ..FluteChannel::lab(name.parse().unwrap())
    }
}

fn declared(
    accept: &[&str],
    applications: &[&str],
    message_bytes: Option<u64>,
) -> Option<ChannelCapabilities> {
    Some(ChannelCapabilities {
        accept: texts(accept),
        applications: texts(applications),
        message_bytes,
    })
}

#[test]
fn what_bears_on_a_push_is_read() {
    assert_eq!(
        read(PROFILE.as_bytes()),
        Ok(Capabilities {
            applications: texts(&["x-wap-application:wml.ua"]),
            accept: texts(&["text/vnd.wap.wml", "image/png"]),
            accept_charset: texts(&["UTF-8"]),
            message_bytes: Some(1400),
            push_accept: texts(&["application/vnd.wap.sic;q=0.9"]),
            wap_version: Some("2.0".to_owned()),
            ..Capabilities::default()
        })
    );
    let empty = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>";
    assert_eq!(read(empty.as_bytes()), Ok(Capabilities::default()));
}

#[test]
fn what_is_no_profile_is_refused() {
    let many = format!(
        "<RDF><Push-Accept><Bag>{}</Bag></Push-Accept></RDF>",
        "<li>a/b</li>".repeat(MAX_VALUES + 1)
    );
    for (text, error) in [
        ("<profile/>", "the root element is \"profile\", not RDF"),
        (
            "<RDF>",
            "line 1: not well-formed: the document ends too early",
        ),
        (
            "<RDF><Push-MsgSize>-1</Push-MsgSize></RDF>",
            "Push-MsgSize is \"-1\", not a number of octets",
        ),
        (&many, "Push-Accept has more than 512 values"),
    ] {
        assert_eq!(read(text.as_bytes()).unwrap_err().to_string(), error);
    }
}

#[test]
fn a_profile_is_written_as_uaprof_has_it() {
    let capabilities = Capabilities {
        message_bytes: Some(65_536),
        push_accept: texts(&["application/vnd.wap.sic"]),
        applications: texts(&["urn:a&b"]),
        ..Capabilities::default()
    };
    insta::assert_snapshot!(write(&capabilities), @r##"
    <?xml version="1.0"?>
    <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:prf="http://www.openmobilealliance.org/tech/profiles/UAPROF/ccppschema-20021212#"><rdf:Description rdf:ID="Profile">
    <prf:component><rdf:Description rdf:ID="PushCharacteristics"><rdf:type rdf:resource="http://www.openmobilealliance.org/tech/profiles/UAPROF/ccppschema-20021212#PushCharacteristics"/><prf:Push-Accept><rdf:Bag><rdf:li>application/vnd.wap.sic</rdf:li></rdf:Bag></prf:Push-Accept><prf:Push-Accept-AppID><rdf:Bag><rdf:li>urn:a&amp;b</rdf:li></rdf:Bag></prf:Push-Accept-AppID><prf:Push-MsgSize>65536</prf:Push-MsgSize></rdf:Description></prf:component></rdf:Description></rdf:RDF>
    "##);
}

#[test]
fn channels_are_merged_to_what_all_of_them_take() {
    let channels = [
        channel(
            "a",
            declared(&["application/vnd.wap.sic", "text/*"], &["2", "4"], None),
        ),
        channel("b", None),
        channel(
            "c",
            declared(&["*/*"], &["x-wap-application:mms.ua"], Some(1000)),
        ),
        channel(
            "d",
            declared(&["TEXT/plain", "application/vnd.wap.sic"], &[], Some(2000)),
        ),
    ];
    let merged = Capabilities::merged(&channels).unwrap();
    assert_eq!(
        merged.push_accept,
        ["application/vnd.wap.sic", "TEXT/plain"]
    );
    assert_eq!(merged.applications, ["4", "x-wap-application:mms.ua"]);
    assert_eq!(merged.message_bytes, Some(1000));
    assert_eq!(Capabilities::merged(&channels[1..2]), None);
}

/// The code for an SI in text form of 250 octets or so.
fn compared(assumed: Option<&Capabilities>, channels: &[Channel]) -> Option<u16> {
    let si = include_bytes!("../../../tests/samples/content/si.xml");
    let content = Source {
        content_type: "text/vnd.wap.si",
        headers: &[],
        octets: Some(si),
        bytes: si.len() as u64,
    };
    let mismatch = compare(assumed, &content, None, channels).err();
    mismatch.map(|mismatch| StatusCode::from(&mismatch).code())
}

#[test]
fn content_has_to_fit_each_channel() {
    let silent = channel("silent", None);
    let fits = |capabilities| compared(None, &[silent.clone(), channel("a", capabilities)]);
    assert_eq!(fits(None), None);
    assert_eq!(
        fits(declared(&["application/vnd.wap.sic"], &["2"], Some(100))),
        None
    );
    assert_eq!(fits(declared(&["application/*"], &["0"], None)), None);
    assert_eq!(fits(declared(&["text/vnd.wap.si"], &[], None)), Some(2006));
    assert_eq!(fits(declared(&[], &[], Some(99))), Some(2006));
    assert_eq!(fits(declared(&[], &["4"], None)), Some(2006));
    let text = FluteChannel {
        transform: Transform::None,
        ..flute("text", declared(&["text/vnd.wap.si"], &[], None))
    };
    assert_eq!(compared(None, &[text.into()]), None);
}

#[test]
fn assumptions_may_not_go_beyond_what_is_declared() {
    let sic = || declared(&["application/vnd.wap.sic"], &["2"], Some(1000));
    let against = |assumed: Capabilities| compared(Some(&assumed), &[channel("a", sic())]);
    let assumed = Capabilities::default;
    assert_eq!(against(assumed()), None);
    assert_eq!(
        against(Capabilities {
            push_accept: texts(&["application/vnd.wap.sic"]),
            ..assumed()
        }),
        None
    );
    assert_eq!(
        against(Capabilities {
            push_accept: texts(&["text/vnd.wap.si"]),
            ..assumed()
        }),
        None
    );
    assert_eq!(
        against(Capabilities {
            accept: texts(&["image/png"]),
            ..assumed()
        }),
        Some(2005)
    );
    assert_eq!(
        against(Capabilities {
            applications: texts(&["x-wap-application:wml.ua"]),
            ..assumed()
        }),
        None
    );
    assert_eq!(
        against(Capabilities {
            applications: texts(&["4"]),
            ..assumed()
        }),
        Some(2005)
    );
    assert_eq!(
        against(Capabilities {
            message_bytes: Some(1000),
            ..assumed()
        }),
        None
    );
    assert_eq!(
        against(Capabilities {
            message_bytes: Some(1001),
            ..assumed()
        }),
        Some(2005)
    );
    assert_eq!(
        compared(Some(&assumed()), &[channel("a", None)]),
        Some(3004)
    );
    // What cannot be taken counts first.
    let other = declared(&["text/plain"], &[], None);
    let wrong = Capabilities {
        accept: texts(&["image/png"]),
        ..assumed()
    };
    assert_eq!(compared(Some(&wrong), &[channel("a", other)]), Some(2006));
}

fn values() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec("[!-~\u{a0}-\u{ff}]{1,12}", 0..4)
}

proptest! {
    #[test]
    fn profiles_come_back(
        lists in prop::array::uniform9(values()),
        message_bytes in any::<Option<u64>>(),
        wap_version in prop::option::of("[0-9.]{1,5}"),
    ) {
        let [applications, accept, charset, encoding, language, push, push_charset, push_encoding, push_language] = lists;
        let capabilities = Capabilities {
            applications,
            accept,
            accept_charset: charset,
            accept_encoding: encoding,
            accept_language: language,
            message_bytes,
            push_accept: push,
            push_accept_charset: push_charset,
            push_accept_encoding: push_encoding,
            push_accept_language: push_language,
            wap_version,
        };
        prop_assert_eq!(read(write(&capabilities).as_bytes()), Ok(capabilities));
    }
}
