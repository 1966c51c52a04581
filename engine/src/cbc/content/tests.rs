use pushcast_cbs::text::decode;

use super::*;
use crate::model::channel::MessageIds;

const SI: &[u8] = include_bytes!("../../../tests/samples/content/si.xml");
const SIC: &[u8] = include_bytes!("../../../tests/samples/content/si.wbxml");

fn channel(payload: CbsPayload) -> CbsChannel {
    let name = "cells".parse().unwrap();
    let ids = MessageIds::one(919).unwrap();
    CbsChannel {
        payload,
        ..CbsChannel::new(name, "one".parse().unwrap(), ids)
    }
}

fn source<'a>(
    content_type: &'a str,
    headers: &'a [(String, String)],
    octets: &'a [u8],
) -> Source<'a> {
    Source {
        content_type,
        headers,
        octets: Some(octets),
        bytes: octets.len() as u64,
    }
}

fn texts_of(
    channel: &CbsChannel,
    content_type: &str,
    octets: &[u8],
) -> Result<Vec<(Option<String>, String)>, Unsendable> {
    let parts = parts(channel, &source(content_type, &[], octets), None)?;
    let text = |part: Part| {
        let pages = part.pages.unwrap();
        let language = part.language.map(|language| language.to_string());
        (language, decode(pages.dcs, &pages.contents).unwrap().text)
    };
    Ok(parts.into_iter().map(text).collect())
}

fn plain(content_type: &str, octets: &[u8]) -> Result<String, Unsendable> {
    let mut texts = texts_of(&channel(CbsPayload::Text), content_type, octets)?;
    assert_eq!(texts.len(), 1);
    Ok(texts.remove(0).1)
}

#[test]
fn texts_are_read_in_their_charset() {
    assert_eq!(plain("text/plain", b"Flood\r\n").unwrap(), "Flood");
    let latin = plain("text/plain; charset=iso-8859-1", b"\xDCberlauf").unwrap();
    assert_eq!(latin, "Überlauf");
    assert!(matches!(
        plain("text/plain; charset=utf-8", b"\xDC"),
        Err(Unsendable::Charset { .. })
    ));
    for (charset, octets, text) in [
        ("koi8-r", &b"\xF7\xCF\xC4\xC1"[..], "Вода"),
        ("iso-8859-15", b"5 \xA4", "5 €"),
        ("windows-1252", b"\x80", "€"),
    ] {
        let read = plain(&format!("text/plain; charset={charset}"), octets);
        assert_eq!(read.as_deref(), Ok(text), "{charset}");
    }
    for (charset, octets) in [("klingon", &b"a"[..]), ("gb2312", b"\xFF")] {
        let refused = plain(&format!("text/plain; charset={charset}"), octets);
        assert!(
            matches!(refused, Err(Unsendable::Charset { .. })),
            "{charset}: {refused:?}"
        );
    }
    let part = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n\xDC\r\n--b--\r\n";
    let refused = texts_of(
        &channel(CbsPayload::Text),
        "multipart/alternative; boundary=b",
        part,
    );
    assert!(
        matches!(refused, Err(Unsendable::Charset { .. })),
        "{refused:?}"
    );
    assert!(matches!(
        plain("image/png", b"a"),
        Err(Unsendable::MediaType { media_type }) if media_type == "image/png"
    ));
}

#[test]
fn an_indication_comes_with_its_address_if_that_fits() {
    let expected = "Flood warning: river Aln http://www.alerts.example.org/a/7";
    assert_eq!(plain("text/vnd.wap.si", SI).unwrap(), expected);
    assert_eq!(plain("application/vnd.wap.sic", SIC).unwrap(), expected);
    let long = "x".repeat(1390);
    let text = String::from_utf8(SI.to_vec()).unwrap();
    let text = text.replace("Flood warning: river Aln", &long);
    assert_eq!(plain("text/vnd.wap.si", text.as_bytes()).unwrap(), long);
    let refused = plain("text/vnd.wap.si", b"<si/>").unwrap_err();
    assert!(
        matches!(refused, Unsendable::Indication { .. }),
        "{refused}"
    );
}

#[test]
fn what_is_too_long_or_forbidden_is_told_to_a_person() {
    let fits = "я".repeat(615);
    assert_eq!(plain("text/plain", fits.as_bytes()).unwrap(), fits);
    let long = "я".repeat(616);
    let refused = plain("text/plain", long.as_bytes()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "the text takes 16 pages and 15 are possible: 1395 characters of the GSM alphabet or 615 \
         of any; 45 or 15 fewer where each page has to say its language"
    );
    let gsm = CbsChannel {
        charset: TextCharset::Gsm7,
        ..channel(CbsPayload::Text)
    };
    let refused = texts_of(&gsm, "text/plain", "Überlauf я".as_bytes()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "character 10 of the text, 'я', is not in the GSM alphabet, and the channel allows no other"
    );
    assert!(plain("text/plain", b"").is_err());
    let huge = Source {
        octets: None,
        bytes: 1 << 30,
        ..source("text/plain", &[], b"")
    };
    let refused = parts(&channel(CbsPayload::Text), &huge, None).unwrap_err();
    assert!(matches!(refused, Unsendable::TooLong { .. }));
}

#[test]
fn each_alternative_is_a_message_in_its_language() {
    let body = "--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Language: de-AT\r\n\r\n\
        Hochwasser\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Language: en\r\n\r\n\
        Flood\r\n--b--\r\n";
    let kind = "multipart/alternative; boundary=b";
    let texts = texts_of(&channel(CbsPayload::Text), kind, body.as_bytes()).unwrap();
    let text = |language: &str, text: &str| (Some(language.to_owned()), text.to_owned());
    assert_eq!(texts, [text("de", "Hochwasser"), text("en", "Flood")]);
    let many = "--b\r\nContent-Type: text/plain\r\n\r\na\r\n".repeat(9) + "--b--\r\n";
    let refused = texts_of(&channel(CbsPayload::Text), kind, many.as_bytes());
    assert_eq!(refused, Err(Unsendable::Multipart));
    let picture = "--b\r\nContent-Type: image/png\r\n\r\na\r\n--b--\r\n";
    assert!(texts_of(&channel(CbsPayload::Text), kind, picture.as_bytes()).is_err());
}

#[test]
fn the_language_of_the_push_beats_that_of_the_channel() {
    let dutch = CbsChannel {
        language: Some("nl".to_owned()),
        ..channel(CbsPayload::Text)
    };
    let headers = [("content-language".to_owned(), "fr".to_owned())];
    let language = |headers: &[(String, String)]| {
        let parts = parts(&dutch, &source("text/plain", headers, b"a"), None).unwrap();
        parts[0].language.map(|language| language.to_string())
    };
    assert_eq!(language(&headers).as_deref(), Some("fr"));
    assert_eq!(language(&[]).as_deref(), Some("nl"));
}

#[test]
fn a_service_indication_goes_as_a_wsp_push_in_binary() {
    for (payload, form) in [
        (CbsPayload::Ports, Form::Ports),
        (CbsPayload::Raw, Form::Raw),
        (CbsPayload::Wap, Form::Wap),
    ] {
        let parts = parts(
            &channel(payload),
            &source("text/vnd.wap.si", &[], SI),
            Some("x-wap-application:wml.ua"),
        )
        .unwrap();
        let pages = parts[0].pages.as_ref().unwrap();
        let received = push::decode(form, pages.dcs, &pages.contents).unwrap();
        assert_eq!(received.push.data, SIC, "{form:?}");
        let application = wsp::Header::ApplicationId(wsp::ApplicationId::Number(2));
        let is_there = received.push.headers.contains(&application);
        let as_uri = received.push.headers.iter().any(|header| {
            matches!(
                header,
                wsp::Header::ApplicationId(wsp::ApplicationId::Uri(_))
            )
        });
        assert!(is_there || as_uri, "{:?}", received.push.headers);
    }
    let long = vec![7; 1300];
    let refused = parts(
        &channel(CbsPayload::Ports),
        &source("a/b", &[], &long),
        None,
    );
    assert!(matches!(
        refused,
        Err(Unsendable::Push(PushError::TooLong { .. }))
    ));
    let etws = parts(&channel(CbsPayload::Etws), &source("a/b", &[], &long), None).unwrap();
    assert_eq!(etws[0].pages, None);
}
