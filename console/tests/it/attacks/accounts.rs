//! Attempts to be somebody else, or to do what only others may.

use crate::gateway::{Setup, TRUSTED, basic, control, status};

#[test]
fn row_08_brute_force() {
    let gateway = Setup::new()
        .with_password("weather", "sesame", "")
        .with_password("other", "secret", "")
        .start();
    let mut texts = Vec::new();
    for name in ["weather", "nobody"] {
        for number in 0..10 {
            let wrong = basic(name, &format!("wrong {number}"));
            let answer = gateway.submit(&wrong, "p", "all");
            assert_eq!(status(&answer), 401, "{answer}");
            let lines = answer.lines().filter(|line| !line.starts_with("date: "));
            texts.push(lines.map(str::to_owned).collect::<Vec<_>>());
        }
        // Even the right password has to wait now.
        let answer = gateway.submit(&basic(name, "sesame"), "p", "all");
        assert_eq!(status(&answer), 429, "{answer}");
        assert!(
            answer.to_ascii_lowercase().contains("\r\nretry-after: "),
            "{answer}"
        );
    }
    texts.dedup();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let answer = gateway.submit(&basic("other", "secret"), "p", "all");
    assert!(answer.contains("code=\"1001\""), "{answer}");
    let metrics = gateway.admin.metrics();
    let failures = |reason: &str| {
        metrics.value(&format!(
            "pushcast_auth_failures_total{{reason=\"{reason}\"}}"
        ))
    };
    assert_eq!((failures("wrong"), failures("attempts")), (20, 2));
    let stopped = gateway.stop();
    assert!(stopped.status.success());
    assert_eq!(stopped.refusals(Some("weather"), "wrong"), 10);
    assert_eq!(stopped.refusals(Some("weather"), "attempts"), 1);
    // Unknown names are recorded without the name: some type a password there.
    assert_eq!(stopped.refusals(None, "wrong"), 10);
}

#[test]
fn row_10_groups_that_are_not_open() {
    let gateway = Setup::new()
        .with_password(
            "calm",
            "calm",
            "max_priority = \"medium\"\nbearers = [\"CBS\"]",
        )
        .with(TRUSTED)
        .start();
    for group in ["closed", "unknown"] {
        let answer = gateway.submit("", "p", group);
        assert!(answer.contains("code=\"2001\""), "{answer}");
    }
    let push = |qualities: &str| {
        let document = control(&format!(
            "<push-message push-id=\"c\"><address \
             address-value=\"WAPPUSH=group%2Fall/TYPE=USER@p\"/>\
             <quality-of-service {qualities}/></push-message>"
        ));
        gateway.push(&basic("calm", "calm"), &document)
    };
    for qualities in [
        "priority=\"high\"",
        "bearer=\"MBMS\" bearer-required=\"true\"",
        "priority=\"low\"",
    ] {
        let answer = push(qualities);
        assert!(answer.contains("code=\"2001\""), "{qualities}: {answer}");
    }
    let stored = "pushcast_submissions{state=\"done\"}";
    assert_eq!(gateway.admin.metrics().value(stored), 0);
    let stopped = gateway.stop();
    assert_eq!(stopped.refusals(Some("pi"), "rights"), 2);
    assert_eq!(stopped.refusals(Some("calm"), "rights"), 3);
}

#[test]
fn row_11_a_captured_submission_again() {
    let gateway = Setup::new().with(TRUSTED).start();
    let first = gateway.submit("", "once", "all");
    assert!(first.contains("code=\"1001\""), "{first}");
    for _ in 0..3 {
        let again = gateway.submit("", "once", "all");
        assert!(again.contains("code=\"2007\""), "{again}");
    }
    let gateway = gateway.stop().start_again();
    let again = gateway.submit("", "once", "all");
    assert!(again.contains("code=\"2007\""), "{again}");
}

#[test]
fn row_12_somebody_elses_push() {
    let gateway = Setup::new()
        .with_password("one", "one", "")
        .with_password("two", "two", "")
        .start();
    let (one, two) = (basic("one", "one"), basic("two", "two"));
    let mine = gateway.submit(&one, "mine", "all");
    assert!(mine.contains("code=\"1001\""), "{mine}");
    let ask = |who: &str, element: &str, id: &str| {
        let answer = gateway.ask(who, &control(&format!("<{element} push-id=\"{id}\"/>")));
        let (_, document) = answer.split_once("\r\n\r\n").unwrap();
        document.replace(id, "ID")
    };
    let own = ask(&one, "statusquery-message", "mine");
    assert!(!own.contains("code=\"2004\""), "{own}");
    for element in ["statusquery-message", "cancel-message"] {
        let foreign = ask(&two, element, "mine");
        assert_eq!(foreign, ask(&two, element, "none"));
    }
    let foreign = ask(&two, "statusquery-message", "mine");
    assert!(foreign.contains("code=\"2004\""), "{foreign}");
    // The push-id is free for others.
    let theirs = gateway.submit(&two, "mine", "all");
    assert!(theirs.contains("code=\"1001\""), "{theirs}");
}
