use super::*;

fn lab() -> FluteChannel {
    FluteChannel::lab("lab".parse().unwrap())
}

#[test]
fn impossible_channels_are_named() {
    let unicast = FluteChannel {
        group: "192.0.2.1".parse().unwrap(),
        ..lab()
    };
    assert!(matches!(
        unicast.validated(),
        Err(ChannelError::Group { .. })
    ));
    let mixed = FluteChannel {
        source: Some("::1".parse().unwrap()),
        ..lab()
    };
    assert!(matches!(
        mixed.validated(),
        Err(ChannelError::Family { .. })
    ));
    let odd = FluteChannel {
        symbol_bytes: 1401,
        ..lab()
    };
    assert!(matches!(
        odd.validated(),
        Err(ChannelError::Range {
            key: "symbol_bytes",
            ..
        })
    ));
    assert!(lab().validated().is_ok());
}

#[test]
fn passes_follow_scheme_and_plan() {
    assert_eq!(lab().passes(), Some(2));
    assert_eq!(
        FluteChannel {
            fec: Fec::NoCode,
            ..lab()
        }
        .passes(),
        Some(3)
    );
    let until = Carousel {
        until: Some(Until::Expiry),
        ..Carousel::default()
    };
    assert_eq!(
        FluteChannel {
            carousel: until,
            ..lab()
        }
        .passes(),
        None
    );
}

#[test]
fn bearer_names_ignore_case() {
    assert_eq!(Bearer::from_pap("mbms"), Some(Bearer::Mbms));
    assert_eq!(Bearer::from_pap("SMS"), None);
}

#[test]
fn capabilities_are_checked() {
    let with = |capabilities| FluteChannel {
        capabilities: Some(capabilities),
        ..lab()
    };
    let accept = |text: &str| {
        with(ChannelCapabilities {
            accept: vec![text.to_owned()],
            ..ChannelCapabilities::default()
        })
        .validated()
    };
    for text in ["application/vnd.wap.sic", "text/*", "*/*"] {
        assert!(accept(text).is_ok(), "{text}");
    }
    for text in [
        "",
        "text",
        "*/text",
        "text/",
        "a b/c",
        "text/plain; charset=utf-8",
    ] {
        let refused = accept(text);
        assert!(
            matches!(&refused, Err(ChannelError::Capability { error, .. }) if error.key() == "capabilities.accept"),
            "{text}: {refused:?}"
        );
    }
    let application = with(ChannelCapabilities {
        applications: vec!["2".to_owned(), "wml.ua".to_owned()],
        ..ChannelCapabilities::default()
    });
    let refused = application.validated().unwrap_err();
    assert!(matches!(
        refused,
        ChannelError::Capability { error: CapabilityError::Application { text, .. }, .. } if text == "wml.ua"
    ));
    let many = with(ChannelCapabilities {
        accept: vec!["a/b".to_owned(); MAX_CAPABILITIES + 1],
        ..ChannelCapabilities::default()
    });
    assert!(many.validated().is_err());
}
