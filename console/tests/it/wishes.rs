//! A quality of service that cannot be had is refused, one that can is reported (PAP 8.2.2).

use crate::gateway::{Gateway, PATIENCE, Setup, TRUSTED, control};
use crate::process::wait_for;

const ADDRESS: &str = "<address address-value=\"WAPPUSH=group%2Fall/TYPE=USER@ppg\"/>";

fn submit(gateway: &Gateway, push_id: &str, wishes: &str) -> String {
    let push = format!(
        "<push-message push-id=\"{push_id}\">{ADDRESS}<quality-of-service {wishes}/></push-message>"
    );
    gateway.push("", &control(&push))
}

#[test]
fn what_cannot_be_had_is_refused_with_its_code() {
    let gateway = Setup::new().with(TRUSTED).start();
    for (wishes, code) in [
        ("delivery-method=\"confirmed\"", 3007),
        ("network=\"TETRA\" network-required=\"true\"", 3009),
        ("bearer=\"CBS\" bearer-required=\"true\"", 3010),
        ("bearer=\"SMS\" bearer-required=\"true\"", 3010),
    ] {
        let answer = submit(&gateway, "refused@pi", wishes);
        assert!(
            answer.contains(&format!("code=\"{code}\"")),
            "{wishes}: {answer}"
        );
        let query = control("<statusquery-message push-id=\"refused@pi\"/>");
        let known = gateway.ask("", &query);
        assert!(known.contains("code=\"2004\""), "{wishes}: {known}");
    }
}

#[test]
fn what_was_used_is_reported() {
    let gateway = Setup::new().with(TRUSTED).start();
    for (number, wishes) in [
        "delivery-method=\"unconfirmed\"",
        "delivery-method=\"preferconfirmed\"",
        "delivery-method=\"notspecified\"",
        "network=\"3gpp\" network-required=\"true\"",
        "network=\"TETRA\"",
        "bearer=\"mbms\" bearer-required=\"true\"",
        "bearer=\"CBS\"",
        "bearer=\"Any\" bearer-required=\"true\"",
    ]
    .iter()
    .enumerate()
    {
        let push_id = format!("{number}@pi");
        let answer = submit(&gateway, &push_id, wishes);
        assert!(answer.contains("code=\"1001\""), "{wishes}: {answer}");
        let query = control(&format!("<statusquery-message push-id=\"{push_id}\"/>"));
        let told = wait_for(wishes, PATIENCE, || {
            let told = gateway.ask("", &query);
            told.contains("\"delivered\"").then_some(told)
        });
        let used = "delivery-method=\"unconfirmed\" bearer=\"MBMS\"/>";
        assert!(told.contains(used), "{wishes}: {told}");
    }
}
