//! From an alert to a broadcast.

use super::*;

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
